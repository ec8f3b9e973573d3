/* Judging chances: what success and acceptance have in common. */
#include "base/mem.h"
#include "trainer/evaluate_chance_internal.h"

enum { BINS = 10 }; /* of calibration error and the parts of the Brier score */

/* --- figures --------------------------------------------------------------------------- */

static pfc_status auc(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const pfc__said *j = user;
  *value = pfc_auc_ordered(j->order, j->y, w);
  return PFC_OK;
}

static pfc_status log_loss(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const pfc__said *j = user;
  *value = pfc_log_loss(j->n, j->p, j->y, w);
  return PFC_OK;
}

static pfc_status brier(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const pfc__said *j = user;
  *value = pfc_brier(j->n, j->p, j->y, w);
  return PFC_OK;
}

static pfc_status reliability(const double *w, const void *user, double *value,
                              pfc_error *err) {
  const pfc__said *j = user;
  pfc_brier_parts parts = {0};
  const pfc_status st = pfc_brier_decomposition_ordered(j->order, j->y, w, BINS, &parts, err);
  *value = parts.reliability;
  return st;
}

static pfc_status resolution(const double *w, const void *user, double *value, pfc_error *err) {
  const pfc__said *j = user;
  pfc_brier_parts parts = {0};
  const pfc_status st = pfc_brier_decomposition_ordered(j->order, j->y, w, BINS, &parts, err);
  *value = parts.resolution;
  return st;
}

static pfc_status uncertainty(const double *w, const void *user, double *value,
                              pfc_error *err) {
  const pfc__said *j = user;
  pfc_brier_parts parts = {0};
  const pfc_status st = pfc_brier_decomposition_ordered(j->order, j->y, w, BINS, &parts, err);
  *value = parts.uncertainty;
  return st;
}

static pfc_status mean_gap(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const pfc__said *j = user;
  *value = pfc_mean_gap(j->n, j->p, j->y, w);
  return PFC_OK;
}

static pfc_status calibration_slope(const double *w, const void *user, double *value,
                                    pfc_error *err) {
  const pfc__said *j = user;
  double intercept;
  return pfc_calibration(j->n, j->p, j->y, w, value, &intercept, err);
}

static pfc_status calibration_intercept(const double *w, const void *user, double *value,
                                        pfc_error *err) {
  const pfc__said *j = user;
  double slope;
  return pfc_calibration(j->n, j->p, j->y, w, &slope, value, err);
}

static pfc_status ece(const double *w, const void *user, double *value, pfc_error *err) {
  const pfc__said *j = user;
  return pfc_ece_ordered(j->order, j->real_y, w, BINS, value, err);
}

const pfc__figure PFC__CHANCE_FIGURES[PFC__N_CHANCE_FIGURES] = {
    {"auc", "higher", auc},
    {"log_loss", "lower", log_loss},
    {"brier", "lower", brier},
    {"brier_reliability", "lower", reliability},
    {"brier_resolution", "higher", resolution},
    {"brier_uncertainty", NULL, uncertainty},
    {"calibration_slope", "nearer 1", calibration_slope},
    {"calibration_intercept", "nearer 0", calibration_intercept},
    {"mean_gap", "nearer 0", mean_gap},
    {"ece", "lower", ece},
};

/* --- rows ---------------------------------------------------------------------------------
 */

void pfc__said_clear(pfc__said *j) {
  pfc_free(j->p);
  pfc_order_destroy(j->order);
  *j = (pfc__said){0};
}

pfc_status pfc__outcomes_init(pfc__outcomes *s, pfc__evaluation *e, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  *s = (pfc__outcomes){.e = e, .n = n};
  PFC_NEW(s->y, n);
  PFC_NEW(s->real_y, n);
  PFC_NEW(s->d, n);
  PFC_NEW(s->person, n);
done:
  return st;
}

void pfc__outcomes_put(pfc__outcomes *s, int64_t i, const pfc_decision *d, int8_t y) {
  s->real_y[i] = s->y[i] = y;
  s->d[i] = *d;
  s->person[i] = d->person;
}

void pfc__outcomes_clear(pfc__outcomes *s) {
  pfc_free(s->y);
  pfc_free(s->real_y);
  pfc_free(s->d);
  pfc_free(s->person);
  pfc__said_clear(&s->base);
  for (int i = 0; i < PFC_MAX_CONTESTANTS; i++) pfc__said_clear(&s->said[i]);
}

/* --- judges -------------------------------------------------------------------------------
 */

pfc_status pfc__outcomes_ask(pfc__outcomes *s, pfc__panel *panel, int who, pfc__ask_fn ask,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__said *j = &s->said[panel->n];
  bool left_out = false;
  *j = (pfc__said){.n = s->n, .y = s->y, .real_y = s->real_y};
  PFC_NEW(j->p, s->n);
  PFC_TRY(ask(s, &s->e->at[who], j->p, &left_out, err));
  if (left_out) {
    pfc__said_clear(j);
    return PFC_OK;
  }
  PFC_TRY(pfc_order_create(s->n, j->p, &j->order, err));
  panel->judged[panel->n] = j;
  panel->who[panel->n++] = who;
done:
  return st;
}

static pfc_status ask_base(pfc__outcomes *s, double rate, pfc_error *err) {
  pfc_status st = PFC_OK;
  s->base = (pfc__said){.n = s->n, .y = s->y, .real_y = s->real_y};
  PFC_NEW(s->base.p, s->n);
  for (int64_t i = 0; i < s->n; i++) s->base.p[i] = rate;
  PFC_TRY(pfc_order_create(s->n, s->base.p, &s->base.order, err));
done:
  return st;
}

static pfc_status put_curves(const pfc__outcomes *s, const pfc__panel *panel, pfc_error *err) {
  for (int i = 0; i < panel->n; i++) {
    cJSON *curves = pfc__put_object(panel->object[i], "curves");
    if (!curves) return pfc_fail_memory(err, "curves");
    const pfc_status st =
        pfc__put_reliability(s->e, curves, &panel->rows, s->said[i].p, s->y, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

static double loss_of(double p, int8_t y) { return pfc_log_loss(1, &p, &y, NULL); }

/* By person, for those who are compared. */
static pfc_status lose(const pfc__outcomes *s, const pfc__panel *panel, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *loss[2] = {NULL, NULL};
  if (!s->e->lost || panel->n != 2) return PFC_OK;
  for (int i = 0; i < 2; i++) {
    PFC_NEW(loss[i], s->n);
    for (int64_t r = 0; r < s->n; r++) loss[i][r] = loss_of(s->said[i].p[r], s->y[r]);
  }
  pfc__lose(s->e, s->n, s->person, (const double *const[2]){loss[0], loss[1]});
done:
  pfc_free(loss[0]);
  pfc_free(loss[1]);
  return st;
}

pfc_status pfc__outcomes_judge(pfc__outcomes *s, pfc__panel *panel, double rate,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(ask_base(s, rate, err));
  PFC_TRY(lose(s, panel, err));
  panel->baseline = "base_rate";
  panel->simple = &s->base;
  panel->rows = (pfc_owned){s->n, s->person, s->e->history->n_people};
  PFC_TRY(pfc__panel_open(s->e, panel, err));
  for (int f = 0; f < PFC__N_CHANCE_FIGURES; f++)
    PFC_TRY(pfc__put_figure(s->e, panel, &PFC__CHANCE_FIGURES[f], err));
  if (s->e->settings->curves) PFC_TRY(put_curves(s, panel, err));
done:
  return st;
}
