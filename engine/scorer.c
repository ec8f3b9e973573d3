#include "engine/scorer.h"

#include <limits.h>
#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/scorer_internal.h"

void pfc_scorer_defaults(pfc_scorer_settings *s) {
  *s = (pfc_scorer_settings){.struct_size = sizeof *s,
                             .as_of = PFC_NO_DATE,
                             .by_days = {90, 180},
                             .discount_per_day = 0.001,
                             .hour_price = 0.0005};
  pfc_gap_defaults(&s->gaps);
  pfc_rule_defaults(&s->rules);
}

pfc_status pfc_scorer_check(const pfc_scorer_settings *s, pfc_error *err) {
  if (s->struct_size != sizeof *s) {
    return pfc_fail(err, PFC_EUSAGE, "scorer settings: start from pfc_scorer_defaults()");
  }
  if (!(s->by_days[0] > 0 && s->by_days[1] > s->by_days[0])) {
    return pfc_fail(err, PFC_EUSAGE,
                    "by_days: two ascending days above 0 expected, not %g and %g",
                    s->by_days[0], s->by_days[1]);
  }
  if (!(s->discount_per_day >= 0 && s->discount_per_day < 1)) {
    return pfc_fail(err, PFC_EUSAGE, "discount_per_day: 0 up to 1 expected, not %g",
                    s->discount_per_day);
  }
  if (!(s->cost_weight >= 0 && isfinite(s->cost_weight))) {
    return pfc_fail(err, PFC_EUSAGE, "cost_weight: 0 or more expected, not %g", s->cost_weight);
  }
  if (!(s->hour_price >= 0 && isfinite(s->hour_price))) {
    return pfc_fail(err, PFC_EUSAGE, "hour_price: 0 or more expected, not %g", s->hour_price);
  }
  const pfc_status st = pfc_gap_check(&s->gaps, err);
  return st == PFC_OK ? pfc_rule_check(&s->rules, err) : st;
}

/* BLAS takes its dimensions as int: checked once, here. */
static pfc_status check_sizes(const pfc_scorer *s, pfc_error *err) {
  if ((int64_t)s->n_candidates * PFC_SCORER_TILE > INT_MAX) {
    return pfc_fail(err, PFC_EDATA,
                    "%d interventions are more than a tile of %d people can hold",
                    s->n_candidates, PFC_SCORER_TILE);
  }
  return PFC_OK;
}

pfc_status pfc_scorer_create(const pfc_bundle *bundle, const pfc_dataset *ds,
                             const pfc_scorer_settings *settings, pfc_scorer **out,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_scorer *s = NULL;
  PFC_TRY(pfc_scorer_check(settings, err));
  PFC_NEW(s, 1);
  s->bundle = bundle;
  s->ds = ds;
  s->settings = *settings;
  s->n_competencies = pfc_dataset_count(ds, "competency");
  PFC_TRY(pfc_history_create(ds, &s->history, err));
  PFC_TRY(pfc_catalogue_create(ds, &s->cat, err));
  if (s->cat->n_interventions == 0) {
    st = pfc_fail(err, PFC_EDATA,
                  "the dataset names no intervention, so there is nothing to score");
    goto done;
  }
  PFC_TRY(
      pfc_lens_create(ds, s->history, s->cat, bundle->dicts, bundle->n_dicts, &s->lens, err));
  s->as_of = pfc_decision_day(ds, s->history, settings->as_of);
  s->n_tiles = pfc_par_threads();
  PFC_TRY(pfc__scorer_list_candidates(s, err));
  PFC_TRY(check_sizes(s, err));
  PFC_TRY(pfc__scorer_build_models(s, err));
  const pfc_rules_world world = {ds, s->history, s->cat, s->gaps, s->as_of};
  PFC_TRY(pfc_rules_create(&world, s->n_candidates, s->candidate, &settings->rules, &s->rules,
                           err));
  PFC_NEW(s->tile, s->n_tiles);
  for (int t = 0; t < s->n_tiles; t++) PFC_TRY(pfc__tile_init(&s->tile[t], s, err));
  *out = s;
  s = NULL;
done:
  pfc_scorer_destroy(s);
  return st;
}

static void free_curves(pfc_target_curves *curves, double **discount) {
  for (int32_t t = 0; discount && t < curves->n; t++) pfc_free(discount[t]);
  pfc_free(discount);
  pfc_target_curves_destroy(curves);
}

void pfc_scorer_destroy(pfc_scorer *s) {
  if (!s) return;
  for (int t = 0; s->tile && t < s->n_tiles; t++) pfc__tile_clear(&s->tile[t]);
  pfc_free(s->tile);
  for (int m = 0; m < PFC__N_PREDICTORS; m++) pfc_free(s->predictor[m].item);
  pfc__held_clear(s);
  pfc_free(s->Y);
  pfc_free(s->cold);
  pfc_free(s->evidence);
  pfc_free(s->teaches);
  pfc_free(s->price);
  pfc_free(s->least_price);
  pfc__aims_clear(&s->aims);
  pfc_free(s->candidate);
  pfc_free(s->candidate_of);
  pfc_free(s->first_target);
  pfc_free(s->target);
  free_curves(s->curves, s->discount);
  free_curves(s->anyway, s->anyway_discount);
  pfc_rules_destroy(s->rules);
  pfc_gaps_destroy(s->gaps);
  pfc_latest_destroy(s->latest);
  pfc_ranker_destroy(s->ranker);
  pfc_fold_destroy(s->fold);
  pfc_lens_destroy(s->lens);
  pfc_catalogue_destroy(s->cat);
  pfc_history_destroy(s->history);
  pfc_free(s);
}

int32_t pfc_scorer_as_of(const pfc_scorer *s) { return s->as_of; }
bool pfc_scorer_has_affinity(const pfc_scorer *s) { return s->fold != NULL; }
int32_t pfc_scorer_n_candidates(const pfc_scorer *s) { return s->n_candidates; }
const int32_t *pfc_scorer_candidates(const pfc_scorer *s) { return s->candidate; }
const pfc_catalogue *pfc_scorer_catalogue(const pfc_scorer *s) { return s->cat; }
