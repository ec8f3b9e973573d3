/* Training the chance of accepting: offers and their answers, as known on the day. */
#include "base/mem.h"
#include "trainer/offers.h"
#include "trainer/train_chance.h"

pfc_status pfc__accept_rows(const pfc__training *t, pfc__labelled *l, pfc_offers *counts,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_offers *offers = NULL;
  pfc_rule_settings rules;
  const pfc_history *h = t->history;
  if (!h->dated && h->first_attempt[h->n_people] > 0) return PFC_OK;
  pfc_rule_defaults(&rules);
  PFC_TRY(pfc_offers_create(h, &offers, err));
  PFC_TRY(pfc_offers_bar(offers, h, t->bundle, &rules, err));
  PFC_NEW(l->d, offers->n);
  PFC_NEW(l->y, offers->n);
  for (int64_t i = 0; i < offers->n; i++) {
    l->d[i] = offers->at[i].d;
    l->y[i] = offers->at[i].accepted;
  }
  if (counts) {
    *counts = *offers;
    counts->at = NULL;
  }
  l->n = offers->n;
  l->n_passed = offers->n_accepted;
done:
  pfc_offers_destroy(offers);
  return st;
}

/* What is offered has an appeal of its own, and many answers tell it: its effect is held far
 * less than that on success. What a role or a unit adds to that has to show: some hundred small
 * effects that are noise would drown what tells one person's answer from another's. */
static const pfc__strength BEGIN[] = {
    {"intervention", 3}, {"attribute", 30}, {"role", 100}, {"unit", 100}};

const pfc__chance_plan PFC__ACCEPT = {
    .name = "accept",
    .unit = "offers accepted",
    .features = PFC_PLAN_ACCEPT,
    .cross_fitted = true,
    .factors_on_trial = true,
    .factors_apart = true,
    .n_begin = sizeof BEGIN / sizeof *BEGIN,
    .begin = BEGIN,
};

pfc_status pfc__train_accept(pfc__training *t, pfc_train_note *note, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__labelled l = {0};
  PFC_TRY(pfc__accept_rows(t, &l, NULL, err));
  note->n_rows = l.n;
  if (pfc__accept_refuses(t, &l, note)) goto done;
  PFC_TRY(pfc__train_chance(t, &PFC__ACCEPT, &l, &t->bundle->accept, note, err));
  t->bundle->has_accept = true;
done:
  pfc__labelled_clear(&l);
  return st;
}
