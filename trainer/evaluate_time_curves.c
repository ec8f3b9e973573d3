/* Cumulative incidence as predicted, on average over the test rows, and as it came. */
#include "base/mem.h"
#include "trainer/evaluate_time_internal.h"

typedef struct observing {
  const pfc__spell_rows *rows;
} observing;

/* Aalen-Johansen of the test rows on the days of the curve. */
static pfc_status observed(const double *weight, void *user, double *value, pfc_error *err) {
  const pfc__spell_rows *rows = ((const observing *)user)->rows;
  const pfc_spells s = {rows->n, rows->entry, rows->time, rows->event, weight};
  return pfc_aalen_johansen(&s, PFC__CURVE_DAYS, rows->curve_day, value, err);
}

typedef struct band {
  double value[PFC__CURVE_DAYS], lo[PFC__CURVE_DAYS], hi[PFC__CURVE_DAYS];
} band;

static pfc_status bound(const pfc__evaluation *e, const pfc__panel *panel,
                        const pfc__spell_rows *rows, band *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evaluate_settings *s = e->settings;
  double *resample = NULL;
  observing user = {rows};
  PFC_TRY(observed(NULL, &user, b->value, err));
  if (s->resamples > 0) {
    PFC_NEW(resample, (int64_t)s->resamples * PFC__CURVE_DAYS);
    PFC_TRY(pfc_bootstrap(&panel->rows, PFC__CURVE_DAYS, s->resamples, s->seed, observed, &user,
                          resample, err));
  }
  for (int d = 0; d < PFC__CURVE_DAYS; d++) {
    PFC_TRY(pfc_percentile_interval(resample ? s->resamples : 0, resample ? resample + d : NULL,
                                    PFC__CURVE_DAYS, &b->lo[d], &b->hi[d], err));
  }
done:
  pfc_free(resample);
  return st;
}

static void average(const pfc__spells_said *said, double predicted[PFC__CURVE_DAYS]) {
  const int64_t n = said->rows->n;
  for (int d = 0; d < PFC__CURVE_DAYS; d++) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (double)said->curve[i * PFC__CURVE_DAYS + d];
    predicted[d] = sum / (double)n;
  }
}

static pfc_status put_curve(cJSON *object, const pfc__spell_rows *rows, const double *predicted,
                            const band *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *curves = pfc__put_object(object, "curves");
  cJSON *curve = curves ? pfc__put_object(curves, "incidence") : NULL;
  if (!curve) return pfc_fail_memory(err, "curves");
  PFC_TRY(pfc__put_numbers(curve, "days", PFC__CURVE_DAYS, rows->curve_day, 1, err));
  PFC_TRY(pfc__put_numbers(curve, "predicted", PFC__CURVE_DAYS, predicted, 1, err));
  PFC_TRY(pfc__put_numbers(curve, "observed", PFC__CURVE_DAYS, b->value, 1, err));
  PFC_TRY(pfc__put_numbers(curve, "lo", PFC__CURVE_DAYS, b->lo, 1, err));
  PFC_TRY(pfc__put_numbers(curve, "hi", PFC__CURVE_DAYS, b->hi, 1, err));
done:
  return st;
}

pfc_status pfc__put_incidence(const pfc__evaluation *e, const pfc__panel *panel,
                              const pfc__spell_rows *rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  double predicted[PFC__CURVE_DAYS];
  band b;
  PFC_TRY(bound(e, panel, rows, &b, err));
  for (int i = 0; i < panel->n; i++) {
    average(panel->judged[i], predicted);
    PFC_TRY(put_curve(panel->object[i], rows, predicted, &b, err));
  }
done:
  return st;
}
