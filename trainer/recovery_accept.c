/* Chances that test offers are accepted against the true ones. */
#include "base/mem.h"
#include "trainer/metrics.h"
#include "trainer/offers.h"
#include "trainer/recovery_internal.h"

enum { ERROR = 0, N_COLUMNS = 2 };

typedef struct answers {
  int64_t n;
  pfc_decision *d;
  double *p[2]; /* by the model, and true */
  int8_t *y;
  int32_t *person;
  pfc_means means;
} answers;

static pfc_status answers_init(answers *s, const pfc__recovery *r, const pfc_offers *offers,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  s->n = offers->n;
  for (int k = 0; k < 2; k++) PFC_NEW(s->p[k], s->n);
  PFC_NEW(s->d, s->n);
  PFC_NEW(s->y, s->n);
  PFC_NEW(s->person, s->n);
  PFC_TRY(pfc_means_init(&s->means, r->history->n_people, N_COLUMNS, err));
  for (int64_t i = 0; i < s->n; i++) {
    s->d[i] = offers->at[i].d;
    s->y[i] = offers->at[i].accepted;
    s->person[i] = s->d[i].person;
  }
done:
  return st;
}

static void answers_clear(answers *s) {
  pfc_free(s->d);
  for (int k = 0; k < 2; k++) pfc_free(s->p[k]);
  pfc_free(s->y);
  pfc_free(s->person);
  pfc_means_clear(&s->means);
}

static pfc_status auc(const double *w, void *user, double *value, pfc_error *err) {
  pfc_status st = PFC_OK;
  const answers *s = user;
  for (int k = 0; k < 2; k++) PFC_TRY(pfc_auc(s->n, s->p[k], s->y, w, &value[k], err));
done:
  return st;
}

static void hold_against_truth(const pfc__recovery *r, answers *s) {
  for (int64_t i = 0; i < s->n; i++) {
    const pfc_decision *d = &s->d[i];
    s->p[1][i] = pfc_truth_accept(r->truth, r->match.person[d->person],
                                  r->match.intervention[d->intervention], d->date);
    pfc__add_error(&s->means, d->person, ERROR, s->p[0][i] - s->p[1][i]);
  }
}

pfc_status pfc__recover_accept(const pfc__recovery *r, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  answers s = {0};
  pfc_offers *offers = NULL;
  cJSON *at_truth = NULL;
  static const char *const NAMES[] = {"auc", "auc"};
  PFC_TRY(pfc_offers_judged(r->history, &offers, err));
  PFC_TRY(answers_init(&s, r, offers, err));
  PFC_TRY(pfc_chance_predict(&r->bundle->accept, r->lens, r->fold, s.n, s.d, s.p[0], err));
  hold_against_truth(r, &s);
  PFC_TRY(pfc_means_draw(&s.means, r->settings->resamples, r->settings->seed, err));
  PFC_TRY(pfc__put_error(&s.means, ERROR, object, err));
  PFC_TRY(pfc__put_part(object, "at_truth", &at_truth, err));
  const pfc_owned rows = {s.n, s.person, r->history->n_people};
  PFC_TRY(
      pfc__put_figures(r, &rows, 2, auc, &s, NAMES, (cJSON *const[]){object, at_truth}, err));
done:
  answers_clear(&s);
  pfc_offers_destroy(offers);
  return st;
}
