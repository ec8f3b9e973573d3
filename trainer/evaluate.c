#include "trainer/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/par.h"
#include "datasets/split.h"
#include "trainer/evaluate_internal.h"

void pfc_evaluate_defaults(pfc_evaluate_settings *s) {
  *s = (pfc_evaluate_settings){.struct_size = sizeof *s,
                               .n_k = 5,
                               .k = {1, 2, 5, 10, 20},
                               .n_days = 4,
                               .days = {90, 120, 150, 180},
                               .resamples = 500,
                               .seed = 1};
}

static pfc_status check_settings(const pfc_evaluate_settings *s, pfc_error *err) {
  if (s->struct_size != sizeof *s) {
    return pfc_fail(err, PFC_EUSAGE, "evaluate settings: start from pfc_evaluate_defaults()");
  }
  if (s->n_k < 0 || s->n_k > PFC_MAX_CUTOFFS || s->n_days < 0 || s->n_days > PFC_MAX_CUTOFFS) {
    return pfc_fail(err, PFC_EUSAGE, "k, days: 0 to %d of each expected, not %d and %d",
                    PFC_MAX_CUTOFFS, s->n_k, s->n_days);
  }
  for (int i = 0; i < s->n_k; i++) {
    if (s->k[i] < 1) {
      return pfc_fail(err, PFC_EUSAGE, "k: cut-offs of 1 or more expected, not %d", s->k[i]);
    }
  }
  for (int i = 0; i < s->n_days; i++) {
    if (!(s->days[i] > (i ? s->days[i - 1] : 0) && isfinite(s->days[i]))) {
      return pfc_fail(err, PFC_EUSAGE, "days: ascending days above 0 expected, not %g",
                      s->days[i]);
    }
  }
  if (s->resamples < 0) {
    return pfc_fail(err, PFC_EUSAGE, "resamples: 0 or more expected, not %d", s->resamples);
  }
  return PFC_OK;
}

/* --- may this model be judged on these rows? ------------------------------------------ */

/* Test rows are unseen when the model was trained on this very dataset under this very
 * split, or when they all begin after the last day that the model knows. */
static pfc_status refuse_seen_rows(const pfc_bundle *b, const pfc_dataset *ds, pfc_error *err) {
  char split[PFC_SPLIT_TEXT];
  pfc_split_describe(&ds->split, split);
  if (ds->split.kind == PFC_SPLIT_NONE) {
    return pfc_fail(err, PFC_EUSAGE,
                    "the dataset has no split, so the model would be judged on rows it was "
                    "trained on: run `proficio split DATA --at DATE` before training");
  }
  const char *trained = b->split ? b->split : ""; /* a bundle made by hand may have none */
  if (strcmp(b->data_sha256, ds->sha256) == 0 && strcmp(trained, split) == 0) return PFC_OK;
  if (ds->split.kind == PFC_SPLIT_AT && b->trained_as_of != PFC_NO_DATE &&
      b->trained_as_of < ds->split.date) {
    return PFC_OK;
  }
  return pfc_fail(err, PFC_EUSAGE,
                  "the model may have been trained on the test rows: it was trained on dataset "
                  "%.12s with split \"%s\", this is dataset %.12s with split \"%s\"",
                  b->data_sha256, trained, ds->sha256, split);
}

/* --- figures ------------------------------------------------------------------------------ */

double pfc__weighted_mean(int64_t n, const double *value, const double *weight) {
  double sum = 0, mass = 0;
  for (int64_t i = 0; i < n; i++) {
    const double w = weight ? weight[i] : 1;
    sum += w * value[i];
    mass += w;
  }
  return mass > 0 ? sum / mass : (double)NAN;
}

cJSON *pfc__put_object(cJSON *json, const char *name) {
  return cJSON_AddObjectToObject(json, name);
}

static pfc_status put_baselines(cJSON *figure, pfc_figures_fn fn, int n,
                                const pfc__baseline *baselines, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *object = pfc__put_object(figure, "baselines");
  if (!object) return pfc_fail_memory(err, "figures");
  for (int b = 0; b < n; b++) {
    double value;
    PFC_TRY(fn(NULL, baselines[b].user, &value, err));
    PFC_TRY(pfc_json_put_number(object, baselines[b].name, value, err));
  }
done:
  return st;
}

static pfc_status resampled_limits(const pfc__evaluation *e, const pfc__rows *rows,
                                   pfc_figures_fn fn, void *user, double *lo, double *hi,
                                   pfc_error *err) {
  pfc_status st = PFC_OK;
  double *value = NULL;
  const int n = e->settings->resamples;
  PFC_NEW(value, n);
  const pfc_owned owned = {rows->n, rows->person, rows->n_people};
  PFC_TRY(pfc_bootstrap(&owned, 1, n, e->settings->seed, fn, user, value, err));
  PFC_TRY(pfc_percentile_interval(n, value, 1, lo, hi, err));
done:
  pfc_free(value);
  return st;
}

pfc_status pfc__put_figure(const pfc__evaluation *e, cJSON *object, const char *name,
                           const pfc__rows *rows, pfc_figures_fn fn, void *user,
                           int n_baselines, const pfc__baseline *baselines, pfc_error *err) {
  pfc_status st = PFC_OK;
  double value, lo = NAN, hi = NAN;
  PFC_TRY(fn(NULL, user, &value, err));
  if (e->settings->resamples > 0 && !isnan(value)) {
    PFC_TRY(resampled_limits(e, rows, fn, user, &lo, &hi, err));
  }
  cJSON *figure = pfc__put_object(object, name);
  if (!figure) return pfc_fail_memory(err, "figures");
  PFC_TRY(pfc_json_put_number(figure, "value", value, err));
  PFC_TRY(pfc_json_put_number(figure, "lo", lo, err));
  PFC_TRY(pfc_json_put_number(figure, "hi", hi, err));
  PFC_TRY(pfc_json_put_number(figure, "n", (double)rows->n, err));
  PFC_TRY(put_baselines(figure, fn, n_baselines, baselines, err));
done:
  return st;
}

/* --- all of it ------------------------------------------------------------------------------
 */

static pfc_status open_world(pfc__evaluation *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = e->bundle;
  PFC_TRY(pfc_history_create(e->ds, &e->history, err));
  PFC_TRY(pfc_catalogue_create(e->ds, &e->cat, err));
  PFC_TRY(pfc_lens_create(e->ds, e->history, e->cat, b->dicts, b->n_dicts, &e->lens, err));
  PFC_TRY(pfc_judged_rows_create(e->ds, e->history, e->cat, &e->rows, err));
  if (b->has_affinity) {
    PFC_TRY(pfc_fold_create(&b->affinity, e->lens, e->history, e->cat, pfc_par_threads(),
                            &e->fold, err));
  }
  if (b->has_time) {
    PFC_TRY(pfc_target_curves_create(&b->time, e->ds, e->lens, e->cat, &e->curves, err));
  }
  PFC_TRY(pfc_split_training_view(e->ds, &e->training, err));
  PFC_TRY(pfc_history_create(e->training, &e->training_history, err));
done:
  return st;
}

static void close_world(pfc__evaluation *e) {
  pfc_history_destroy(e->training_history);
  pfc_dataset_destroy(e->training);
  pfc_target_curves_destroy(e->curves);
  pfc_fold_destroy(e->fold);
  pfc_judged_rows_destroy(e->rows);
  pfc_lens_destroy(e->lens);
  pfc_catalogue_destroy(e->cat);
  pfc_history_destroy(e->history);
}

pfc_status pfc_evaluate(const pfc_bundle *bundle, const pfc_dataset *ds,
                        const pfc_evaluate_settings *settings, cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__evaluation e = {.bundle = bundle, .ds = ds, .settings = settings};
  cJSON *out = NULL;
  PFC_TRY(check_settings(settings, err));
  PFC_TRY(refuse_seen_rows(bundle, ds, err));
  if (!(out = cJSON_CreateObject())) return pfc_fail_memory(err, "figures");
  PFC_TRY(pfc_json_put_text(out, "command", "evaluate", err));
  PFC_TRY(open_world(&e, err));
  const pfc_progress *progress = &settings->progress;
  if (bundle->has_affinity) PFC_TRY(pfc__evaluate_affinity(&e, out, err));
  PFC_TRY(pfc_progress_report(progress, "evaluate", 1, 3, (double)NAN, err));
  if (bundle->has_success) PFC_TRY(pfc__evaluate_success(&e, out, err));
  PFC_TRY(pfc_progress_report(progress, "evaluate", 2, 3, (double)NAN, err));
  if (bundle->has_time) PFC_TRY(pfc__evaluate_time(&e, out, err));
  PFC_TRY(pfc_progress_report(progress, "evaluate", 3, 3, (double)NAN, err));
  *json = out;
  out = NULL;
done:
  cJSON_Delete(out);
  close_world(&e);
  return st;
}
