#include "trainer/recovery.h"

#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/par.h"
#include "trainer/recovery_internal.h"

void pfc_recovery_defaults(pfc_recovery_settings *s) {
  *s = (pfc_recovery_settings){.struct_size = sizeof *s, .resamples = 500, .seed = 1};
}

static pfc_status check(const pfc_recovery_settings *s, const pfc_dataset *ds, pfc_error *err) {
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "recovery settings: start from pfc_recovery_defaults()");
  if (s->resamples < 0)
    return pfc_fail(err, PFC_EUSAGE, "resamples: 0 or more expected, not %d", s->resamples);
  if (ds->split.kind != PFC_SPLIT_AT)
    return pfc_fail(
        err, PFC_EUSAGE,
        "recovery looks at the day at which a dataset is split, and this one is not "
        "split at a day: run `proficio split DATA --at DATE` before training");
  return PFC_OK;
}

/* --- figures --------------------------------------------------------------------------------
 */

void pfc__add_error(pfc_means *t, int32_t person, int first, double error) {
  pfc_means_add(t, person, first, error * error, 1);
  pfc_means_add(t, person, first + 1, error, 1);
}

pfc_status pfc__put_error(const pfc_means *t, int first, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_means_put(t, first, PFC_MEANS_ROOT, "rmse", object, err));
  PFC_TRY(pfc_means_put(t, first + 1, PFC_MEANS_PLAIN, "bias", object, err));
done:
  return st;
}

static pfc_status put_one(const double *value, const double *resampled, int n_resamples,
                          int64_t n, const char *name, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  double lo = NAN, hi = NAN;
  cJSON *figure = cJSON_AddObjectToObject(object, name);
  if (!figure) return pfc_fail_memory(err, "figures");
  if (n_resamples > 0)
    PFC_TRY(pfc_percentile_interval(n_resamples, resampled, 2, &lo, &hi, err));
  PFC_TRY(pfc_json_put_number(figure, "value", *value, err));
  PFC_TRY(pfc_json_put_number(figure, "lo", lo, err));
  PFC_TRY(pfc_json_put_number(figure, "hi", hi, err));
  PFC_TRY(pfc_json_put_number(figure, "n", (double)n, err));
done:
  return st;
}

pfc_status pfc__put_beside(const pfc__recovery *r, const pfc_owned *rows, pfc_figures_fn fn,
                           void *user, const char *name, cJSON *object, cJSON *at_truth,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  const int n_resamples = rows->n > 0 ? r->settings->resamples : 0;
  double value[2], *resampled = NULL;
  PFC_NEW(resampled, (size_t)n_resamples * 2);
  PFC_TRY(fn(NULL, user, value, err));
  if (n_resamples > 0)
    PFC_TRY(pfc_bootstrap(rows, 2, n_resamples, r->settings->seed, fn, user, resampled, err));
  PFC_TRY(put_one(&value[0], resampled, n_resamples, rows->n, name, object, err));
  PFC_TRY(put_one(&value[1], resampled + 1, n_resamples, rows->n, name, at_truth, err));
done:
  pfc_free(resampled);
  return st;
}

/* --- all of it ------------------------------------------------------------------------------
 */

static pfc_status open_world(pfc__recovery *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = r->bundle;
  PFC_TRY(pfc_history_create(r->ds, &r->history, err));
  PFC_TRY(pfc_catalogue_create(r->ds, &r->cat, err));
  PFC_TRY(pfc_truth_match_init(&r->match, r->history, r->cat, r->truth, err));
  PFC_TRY(pfc_lens_create(r->ds, r->history, r->cat, b->dicts, b->n_dicts, &r->lens, err));
  if (b->has_affinity)
    PFC_TRY(pfc_fold_create(&b->affinity, r->lens, r->history, r->cat, pfc_par_threads(),
                            &r->fold, err));
  if (b->has_time)
    PFC_TRY(pfc_target_curves_create(&b->time, r->ds, r->lens, r->cat, &r->curves, err));
  PFC_TRY(pfc_judged_rows_create(r->ds, r->history, r->cat, &r->rows, err));
done:
  return st;
}

static void close_world(pfc__recovery *r) {
  pfc_judged_rows_destroy(r->rows);
  pfc_target_curves_destroy(r->curves);
  pfc_fold_destroy(r->fold);
  pfc_lens_destroy(r->lens);
  pfc_truth_match_clear(&r->match);
  pfc_catalogue_destroy(r->cat);
  pfc_history_destroy(r->history);
}

typedef pfc_status (*part_fn)(const pfc__recovery *r, cJSON *object, pfc_error *err);

/* null where there is nothing to recover with. */
static pfc_status put_part(const pfc__recovery *r, const char *name, part_fn fn, cJSON *json,
                           pfc_error *err) {
  cJSON *object = fn ? cJSON_AddObjectToObject(json, name) : cJSON_AddNullToObject(json, name);
  if (!object) return pfc_fail_memory(err, "figures");
  return fn ? fn(r, object, err) : PFC_OK;
}

pfc_status pfc_recovery(const pfc_bundle *bundle, const pfc_dataset *ds, const pfc_truth *truth,
                        const pfc_recovery_settings *settings, cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *out = NULL;
  pfc__recovery r = {.bundle = bundle, .ds = ds, .truth = truth, .settings = settings};
  PFC_TRY(check(settings, ds, err));
  r.day = ds->split.date;
  PFC_TRY(open_world(&r, err));
  if (!(out = cJSON_CreateObject())) {
    st = pfc_fail_memory(err, "figures");
    goto done;
  }
  PFC_TRY(put_part(&r, "level", pfc__recover_levels, out, err));
  PFC_TRY(put_part(&r, "success", bundle->has_success ? pfc__recover_success : NULL, out, err));
  PFC_TRY(put_part(&r, "time", bundle->has_time ? pfc__recover_time : NULL, out, err));
  PFC_TRY(put_part(&r, "sources", NULL, out, err));
  *json = out;
  out = NULL;
done:
  cJSON_Delete(out);
  close_world(&r);
  return st;
}
