#include "trainer/recovery.h"

#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/par.h"
#include "models/lent_levels.h"
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

pfc_status pfc__put_part(cJSON *object, const char *name, cJSON **part, pfc_error *err) {
  *part = cJSON_AddObjectToObject(object, name);
  return *part ? PFC_OK : pfc_fail_memory(err, "figures");
}

/* `resampled` stands `stride` apart; limits are NaN without resamples. */
static pfc_status put_one(double value, const double *resampled, int stride, int n_resamples,
                          int64_t n, const char *name, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  double lo = NAN, hi = NAN;
  cJSON *figure = NULL;
  PFC_TRY(pfc__put_part(object, name, &figure, err));
  if (n_resamples > 0)
    PFC_TRY(pfc_percentile_interval(n_resamples, resampled, stride, &lo, &hi, err));
  PFC_TRY(pfc_json_put_number(figure, "value", value, err));
  PFC_TRY(pfc_json_put_number(figure, "lo", lo, err));
  PFC_TRY(pfc_json_put_number(figure, "hi", hi, err));
  PFC_TRY(pfc_json_put_number(figure, "n", (double)n, err));
done:
  return st;
}

pfc_status pfc__put_figures(const pfc__recovery *r, const pfc_owned *rows, int m,
                            pfc_figures_fn fn, void *user, const char *const *names,
                            cJSON *const *objects, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int n_resamples = rows->n > 0 ? r->settings->resamples : 0;
  double *value = NULL, *resampled = NULL;
  PFC_NEW(value, m);
  PFC_NEW(resampled, (size_t)n_resamples * (size_t)m);
  PFC_TRY(fn(NULL, user, value, err));
  if (n_resamples > 0)
    PFC_TRY(pfc_bootstrap(rows, m, n_resamples, r->settings->seed, fn, user, resampled, err));
  for (int k = 0; k < m; k++)
    PFC_TRY(
        put_one(value[k], resampled + k, m, n_resamples, rows->n, names[k], objects[k], err));
done:
  pfc_free(value);
  pfc_free(resampled);
  return st;
}

static double of_two(double square, double other, pfc__two as) {
  const double ratio = sqrt(square / other);
  return as == PFC__RATIO ? ratio : 1 - ratio;
}

pfc_status pfc__put_ratio(const pfc_means *t, int k, int other, pfc__two as, const char *name,
                          cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *ratio = NULL;
  PFC_NEW(ratio, t->n_resamples);
  for (int r = 0; r < t->n_resamples; r++) {
    const double *at = t->resampled + (int64_t)r * t->m;
    ratio[r] = of_two(at[k], at[other], as);
  }
  PFC_TRY(put_one(of_two(t->value[k], t->value[other], as), ratio, 1, t->n_resamples, t->n[k],
                  name, object, err));
done:
  pfc_free(ratio);
  return st;
}

/* --- all of it ------------------------------------------------------------------------------
 */

static pfc_status find_sources(pfc__recovery *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *sources = pfc_dataset_find_dict(r->ds, "source");
  PFC_NEW(r->source_of, pfc_dataset_count(r->ds, "source"));
  if (sources) pfc_dict_map(sources, r->truth->sources, r->source_of);
done:
  return st;
}

static pfc_status open_world(pfc__recovery *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = r->bundle;
  PFC_TRY(pfc_history_create(r->ds, &r->history, err));
  PFC_TRY(pfc_catalogue_create(r->ds, &r->cat, err));
  PFC_TRY(pfc_truth_match_init(&r->match, r->history, r->cat, r->truth, err));
  PFC_TRY(pfc_lens_create(r->ds, r->history, r->cat, b->dicts, b->n_dicts, &r->lens, err));
  PFC_TRY(pfc_lend_bundle(b, r->ds, r->history, r->lens, err));
  if (b->has_affinity)
    PFC_TRY(pfc_fold_create(&b->affinity, r->lens, r->history, r->cat, pfc_par_threads(),
                            &r->fold, err));
  if (b->has_time)
    PFC_TRY(pfc_target_curves_create(&b->time, r->ds, r->lens, r->cat, &r->curves, err));
  PFC_TRY(pfc_judged_rows_create(r->ds, r->history, r->cat, &r->rows, err));
  PFC_TRY(find_sources(r, err));
  if (b->has_profile) PFC_TRY(pfc__recovery_look(r, err));
done:
  return st;
}

static void close_world(pfc__recovery *r) {
  pfc__recovery_forget(r);
  pfc_free(r->source_of);
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
  cJSON *object = NULL;
  if (!fn) return cJSON_AddNullToObject(json, name) ? PFC_OK : pfc_fail_memory(err, "figures");
  const pfc_status st = pfc__put_part(json, name, &object, err);
  return st == PFC_OK ? fn(r, object, err) : st;
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
  const bool p = bundle->has_profile;
  PFC_TRY(put_part(&r, "level", p ? pfc__recover_levels : NULL, out, err));
  PFC_TRY(put_part(&r, "sources", p ? pfc__recover_sources : NULL, out, err));
  PFC_TRY(put_part(&r, "effects", p ? pfc__recover_effects : NULL, out, err));
  PFC_TRY(put_part(&r, "gaps", p ? pfc__recover_gaps : NULL, out, err));
  PFC_TRY(put_part(&r, "success", bundle->has_success ? pfc__recover_success : NULL, out, err));
  PFC_TRY(put_part(&r, "accept", bundle->has_accept ? pfc__recover_accept : NULL, out, err));
  PFC_TRY(put_part(&r, "time", bundle->has_time ? pfc__recover_time : NULL, out, err));
  PFC_TRY(put_part(&r, "anyway", bundle->has_anyway ? pfc__recover_anyway : NULL, out, err));
  const bool leads = bundle->has_affinity || bundle->has_success || bundle->has_time;
  PFC_TRY(put_part(&r, "recommended", leads ? pfc__recover_recommended : NULL, out, err));
  *json = out;
  out = NULL;
done:
  cJSON_Delete(out);
  close_world(&r);
  return st;
}
