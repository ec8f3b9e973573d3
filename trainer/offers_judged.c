/* Offers that models are judged on, and those they could have learned from. */
#include "base/mem.h"
#include "datasets/split.h"
#include "trainer/offers.h"

/* What the rules would have let through; nothing where starts have no days, so that nobody
 * knows what preceded an offer. */
static pfc_status lawful(const pfc_history *h, pfc_offers **offers, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_rule_settings rules;
  pfc_offers *o = NULL;
  pfc_rule_defaults(&rules);
  PFC_TRY(pfc_offers_create(h, &o, err));
  if (!h->dated && h->first_attempt[h->n_people] > 0) o->n = o->n_accepted = 0;
  PFC_TRY(pfc_offers_bar(o, h, NULL, &rules, err));
  *offers = o;
  o = NULL;
done:
  pfc_offers_destroy(o);
  return st;
}

static void keep(pfc_offers *o, const uint8_t *is_test) {
  int64_t n = 0;
  o->n_accepted = 0;
  for (int64_t k = 0; k < o->n; k++) {
    if (!is_test[o->at[k].row]) continue;
    o->n_accepted += o->at[k].accepted;
    o->at[n++] = o->at[k];
  }
  o->n = n;
}

pfc_status pfc_offers_judged(const pfc_history *h, pfc_offers **offers, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_offers *o = NULL;
  uint8_t *is_test = NULL;
  PFC_NEW(is_test, h->ds->tables[PFC_FEEDBACK].n_rows);
  PFC_TRY(pfc_split_mark(h->ds, PFC_FEEDBACK, is_test, err));
  PFC_TRY(lawful(h, &o, err));
  keep(o, is_test);
  *offers = o;
done:
  pfc_free(is_test);
  return st;
}

pfc_status pfc_offers_rate(const pfc_history *h, double *rate, pfc_error *err) {
  pfc_offers *o = NULL;
  const pfc_status st = lawful(h, &o, err);
  if (st == PFC_OK) *rate = o->n > 0 ? (double)o->n_accepted / (double)o->n : 0.5;
  pfc_offers_destroy(o);
  return st;
}
