/* Probabilities of success of test starts against the true ones, and what the figures of
 * `evaluate` would be if a model knew these. */
#include <math.h>

#include "base/mem.h"
#include "trainer/metrics.h"
#include "trainer/recovery_internal.h"

enum { ERROR = 0, LOSS = 2, LOSS_AT_TRUTH, N_COLUMNS };

typedef struct starts {
  int64_t n;
  pfc_decision *d;
  double *p[2]; /* by the model, and true */
  int8_t *y;
  int32_t *person;
  pfc_means means;
} starts;

static pfc_status starts_init(starts *s, const pfc__recovery *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  *s = (starts){.n = r->rows->n_starts};
  for (int k = 0; k < 2; k++) PFC_NEW(s->p[k], s->n);
  PFC_NEW(s->d, s->n);
  for (int64_t i = 0; i < s->n; i++) s->d[i] = r->rows->start[i].d;
  PFC_NEW(s->y, s->n);
  PFC_NEW(s->person, s->n);
  PFC_TRY(pfc_means_init(&s->means, r->history->n_people, N_COLUMNS, err));
done:
  return st;
}

static void starts_clear(starts *s) {
  pfc_free(s->d);
  for (int k = 0; k < 2; k++) pfc_free(s->p[k]);
  pfc_free(s->y);
  pfc_free(s->person);
  pfc_means_clear(&s->means);
}

static double loss(double p, int8_t y) { return pfc_log_loss(1, &p, &y, NULL); }

static pfc_status auc(const double *w, void *user, double *value, pfc_error *err) {
  pfc_status st = PFC_OK;
  const starts *s = user;
  for (int k = 0; k < 2; k++) PFC_TRY(pfc_auc(s->n, s->p[k], s->y, w, &value[k], err));
done:
  return st;
}

static void hold_against_truth(const pfc__recovery *r, starts *s) {
  for (int64_t i = 0; i < s->n; i++) {
    const pfc_judged_start *at = &r->rows->start[i];
    const int32_t p = at->d.person;
    s->p[1][i] = pfc_truth_success(r->truth, r->match.person[p],
                                   r->match.intervention[at->d.intervention], at->d.date);
    s->y[i] = at->result;
    s->person[i] = p;
    pfc__add_error(&s->means, p, ERROR, s->p[0][i] - s->p[1][i]);
    pfc_means_add(&s->means, p, LOSS, loss(s->p[0][i], s->y[i]), 1);
    pfc_means_add(&s->means, p, LOSS_AT_TRUTH, loss(s->p[1][i], s->y[i]), 1);
  }
}

pfc_status pfc__recover_success(const pfc__recovery *r, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  starts s;
  PFC_TRY(starts_init(&s, r, err));
  PFC_TRY(pfc_chance_predict(&r->bundle->success, r->lens, r->fold, s.n, s.d, s.p[0], err));
  hold_against_truth(r, &s);
  PFC_TRY(pfc_means_draw(&s.means, r->settings->resamples, r->settings->seed, err));
  PFC_TRY(pfc__put_error(&s.means, ERROR, object, err));
  cJSON *at_truth = cJSON_AddObjectToObject(object, "at_truth");
  if (!at_truth) {
    st = pfc_fail_memory(err, "figures");
    goto done;
  }
  const pfc_owned rows = {s.n, s.person, r->history->n_people};
  static const char *const NAMES[] = {"auc", "auc"};
  PFC_TRY(
      pfc__put_figures(r, &rows, 2, auc, &s, NAMES, (cJSON *const[]){object, at_truth}, err));
  PFC_TRY(pfc_means_put(&s.means, LOSS, PFC_MEANS_PLAIN, "log_loss", object, err));
  PFC_TRY(pfc_means_put(&s.means, LOSS_AT_TRUTH, PFC_MEANS_PLAIN, "log_loss", at_truth, err));
done:
  starts_clear(&s);
  return st;
}
