/* Chances of test rows against the true ones, and what the figures of `evaluate` would be if a
 * model knew these: of starts that they succeed, of offers that they are accepted. */
#include "base/mem.h"
#include "trainer/metrics.h"
#include "trainer/offers.h"
#include "trainer/recovery_internal.h"

enum { ERROR = 0, LOSS = 2, LOSS_AT_TRUTH, N_COLUMNS };

typedef double true_chance(const pfc_truth *t, int32_t person, int32_t intervention,
                           int32_t day);

typedef struct chances {
  int64_t n;
  pfc_decision *d;
  double *p[2]; /* by the model, and true */
  int8_t *y;
  int32_t *person;
  pfc_means means;
} chances;

static pfc_status chances_init(chances *s, const pfc__recovery *r, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  s->n = n;
  for (int k = 0; k < 2; k++) PFC_NEW(s->p[k], n);
  PFC_NEW(s->d, n);
  PFC_NEW(s->y, n);
  PFC_NEW(s->person, n);
  PFC_TRY(pfc_means_init(&s->means, r->history->n_people, N_COLUMNS, err));
done:
  return st;
}

static void chances_clear(chances *s) {
  pfc_free(s->d);
  for (int k = 0; k < 2; k++) pfc_free(s->p[k]);
  pfc_free(s->y);
  pfc_free(s->person);
  pfc_means_clear(&s->means);
}

static double loss(double p, int8_t y) { return pfc_log_loss(1, &p, &y, NULL); }

static pfc_status auc(const double *w, void *user, double *value, pfc_error *err) {
  pfc_status st = PFC_OK;
  const chances *s = user;
  for (int k = 0; k < 2; k++) PFC_TRY(pfc_auc(s->n, s->p[k], s->y, w, &value[k], err));
done:
  return st;
}

static void hold_against_truth(const pfc__recovery *r, true_chance *truth, chances *s) {
  for (int64_t i = 0; i < s->n; i++) {
    const pfc_decision *d = &s->d[i];
    s->person[i] = d->person;
    s->p[1][i] = truth(r->truth, r->match.person[d->person],
                       r->match.intervention[d->intervention], d->date);
    pfc__add_error(&s->means, d->person, ERROR, s->p[0][i] - s->p[1][i]);
    pfc_means_add(&s->means, d->person, LOSS, loss(s->p[0][i], s->y[i]), 1);
    pfc_means_add(&s->means, d->person, LOSS_AT_TRUTH, loss(s->p[1][i], s->y[i]), 1);
  }
}

/* Of rows whose d and y are told. */
static pfc_status recover(const pfc__recovery *r, const pfc_chance *m, true_chance *truth,
                          chances *s, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *at_truth = NULL;
  static const char *const NAMES[] = {"auc", "auc"};
  PFC_TRY(pfc_chance_predict(m, r->lens, r->fold, s->n, s->d, s->p[0], err));
  hold_against_truth(r, truth, s);
  PFC_TRY(pfc_means_draw(&s->means, r->settings->resamples, r->settings->seed, err));
  PFC_TRY(pfc__put_error(&s->means, ERROR, object, err));
  PFC_TRY(pfc__put_part(object, "at_truth", &at_truth, err));
  const pfc_owned rows = {s->n, s->person, r->history->n_people};
  PFC_TRY(
      pfc__put_figures(r, &rows, 2, auc, s, NAMES, (cJSON *const[]){object, at_truth}, err));
  PFC_TRY(pfc_means_put(&s->means, LOSS, PFC_MEANS_PLAIN, "log_loss", object, err));
  PFC_TRY(pfc_means_put(&s->means, LOSS_AT_TRUTH, PFC_MEANS_PLAIN, "log_loss", at_truth, err));
done:
  return st;
}

pfc_status pfc__recover_success(const pfc__recovery *r, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  chances s = {0};
  PFC_TRY(chances_init(&s, r, r->rows->n_starts, err));
  for (int64_t i = 0; i < s.n; i++) {
    s.d[i] = r->rows->start[i].d;
    s.y[i] = r->rows->start[i].result;
  }
  PFC_TRY(recover(r, &r->bundle->success, pfc_truth_success, &s, object, err));
done:
  chances_clear(&s);
  return st;
}

pfc_status pfc__recover_accept(const pfc__recovery *r, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  chances s = {0};
  pfc_offers *offers = NULL;
  PFC_TRY(pfc_offers_judged(r->history, &offers, err));
  PFC_TRY(chances_init(&s, r, offers->n, err));
  for (int64_t i = 0; i < s.n; i++) {
    s.d[i] = offers->at[i].d;
    s.y[i] = offers->at[i].accepted;
  }
  PFC_TRY(recover(r, &r->bundle->accept, pfc_truth_accept, &s, object, err));
done:
  chances_clear(&s);
  pfc_offers_destroy(offers);
  return st;
}
