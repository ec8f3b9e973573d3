/* Judging chances of acceptance: test offers whose answer is known. */
#include "trainer/evaluate_chance_internal.h"
#include "trainer/offers.h"

static pfc_status ask(const pfc__outcomes *s, const pfc__contender *c, double *p,
                      bool *left_out, pfc_error *err) {
  *left_out = false;
  return pfc_chance_predict(&c->is->bundle->accept, c->lens, c->fold, s->n, s->d, p, err);
}

static bool tells(const pfc_contestant *c) { return c->bundle && c->bundle->has_accept; }

static bool anybody_tells(const pfc__evaluation *e) {
  for (int i = 0; i < e->n; i++)
    if (tells(e->at[i].is)) return true;
  return false;
}

static pfc_status judge(pfc__evaluation *e, const pfc_offers *offers, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__outcomes s;
  pfc__panel panel = {.section = "accept"};
  double rate;
  PFC_TRY(pfc__outcomes_init(&s, e, offers->n, err));
  for (int64_t i = 0; i < s.n; i++)
    pfc__outcomes_put(&s, i, &offers->at[i].d, offers->at[i].accepted);
  for (int i = 0; i < e->n; i++)
    if (tells(e->at[i].is)) PFC_TRY(pfc__outcomes_ask(&s, &panel, i, ask, err));
  PFC_TRY(pfc_offers_rate(e->training_history, &rate, err));
  PFC_TRY(pfc__outcomes_judge(&s, &panel, rate, err));
done:
  pfc__outcomes_clear(&s);
  return st;
}

pfc_status pfc__evaluate_accept(pfc__evaluation *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_offers *offers = NULL;
  if (!anybody_tells(e)) return PFC_OK;
  PFC_TRY(pfc_offers_judged(e->history, &offers, err));
  if (offers->n > 0) PFC_TRY(judge(e, offers, err));
done:
  pfc_offers_destroy(offers);
  return st;
}
