#include "engine/scorer.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/scorer_internal.h"

void pfc_scorer_defaults(pfc_scorer_settings *s) {
  *s = (pfc_scorer_settings){.struct_size = sizeof *s,
                             .as_of = PFC_NO_DATE,
                             .by_days = {90, 180},
                             .discount_per_day = 0.001};
  pfc_gap_defaults(&s->gaps);
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
  return pfc_gap_check(&s->gaps, err);
}

/* --- candidates ----------------------------------------------------------- */

static bool is_candidate(const pfc_scorer *s, int32_t i) {
  if (s->settings.include_closed || s->as_of == PFC_NO_DATE) return true;
  return pfc_catalogue_is_open(s->cat, i, s->as_of);
}

static pfc_status list_candidates(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_catalogue *cat = s->cat;
  PFC_NEW(s->candidate, cat->n_interventions);
  PFC_NEW(s->candidate_of, cat->n_interventions);
  PFC_NEW(s->first_target, (size_t)cat->n_interventions + 1);
  PFC_NEW(s->target, cat->n_targets);
  for (int32_t i = 0; i < cat->n_interventions; i++) {
    s->candidate_of[i] = -1;
    if (!is_candidate(s, i)) continue;
    s->candidate_of[i] = s->n_candidates;
    s->candidate[s->n_candidates] = i;
    s->first_target[s->n_candidates++] = s->n_targets;
    for (int32_t t = cat->first[i]; t < cat->first[i + 1]; t++) s->target[s->n_targets++] = t;
  }
  s->first_target[s->n_candidates] = s->n_targets;
done:
  return st;
}

/* Starts before the decision date, by intervention and by competency: what a candidate's
 * numbers rest on. */
static pfc_status count_evidence(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *starts = NULL, *by_competency = NULL;
  const pfc_catalogue *cat = s->cat;
  PFC_NEW(starts, cat->n_interventions);
  PFC_NEW(by_competency, s->n_competencies);
  PFC_NEW(s->evidence, s->n_candidates);
  PFC_NEW(s->cold, s->n_candidates);
  for (int32_t p = 0; p < s->history->n_people; p++) {
    int64_t from = 0;
    const int64_t to = pfc_history_attempts(s->history, p, s->as_of, &from);
    for (int64_t a = from; a < to; a++) {
      if (!s->history->attempts[a].started) continue;
      const int32_t i = s->history->attempts[a].intervention;
      starts[i]++;
      for (int32_t t = cat->first[i]; t < cat->first[i + 1]; t++) {
        if (cat->competency[t] >= 0) by_competency[cat->competency[t]]++;
      }
    }
  }
  for (int32_t j = 0; j < s->n_candidates; j++) {
    const int32_t i = s->candidate[j];
    s->cold[j] = starts[i] == 0;
    s->evidence[j] = starts[i];
    for (int32_t t = cat->first[i]; t < cat->first[i + 1]; t++) {
      const int32_t c = cat->competency[t];
      if (c >= 0 && by_competency[c] > s->evidence[j]) s->evidence[j] = by_competency[c];
    }
  }
done:
  pfc_free(starts);
  pfc_free(by_competency);
  return st;
}

/* --- predictors ----------------------------------------------------------- */

/* Which decision a column of Q stands for: the whole intervention for success, one of its
 * targets for a cause. */
static pfc_decision column_decision(const pfc_scorer *s, int which, int32_t column) {
  pfc_decision d = {-1, -1, -1, s->as_of, -1, -1};
  if (which == PFC__SUCCESS) {
    d.intervention = s->candidate[column];
  } else {
    d.intervention = s->cat->intervention[s->target[column]];
    d.competency = s->cat->competency[s->target[column]];
  }
  return d;
}

static pfc_status fill_Q(pfc_scorer *s, int which, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *col = NULL;
  float *val = NULL;
  pfc__predictor *m = &s->predictor[which];
  const int entries = pfc_scratch_entries(m->features, s->lens);
  PFC_NEW(col, entries);
  PFC_NEW(val, entries);
  m->width = m->rank + 2;
  m->n_columns = which == PFC__SUCCESS ? s->n_candidates : s->n_targets;
  PFC_NEW(m->Q, (size_t)m->n_columns * (size_t)m->width);
  for (int32_t j = 0; j < m->n_columns; j++) {
    const pfc_decision d = column_decision(s, which, j);
    float *q = m->Q + (ptrdiff_t)j * m->width;
    if (m->rank) memcpy(q, pfc_fold_item(s->fold, d.intervention), (size_t)m->rank * sizeof *q);
    q[m->rank] = 1;
    q[m->rank + 1] =
        (float)pfc_scope_eta(m->features, s->lens, PFC_SCOPE_TARGET, &d, m->coef, col, val);
  }
done:
  pfc_free(col);
  pfc_free(val);
  return st;
}

static pfc_status build_predictors(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = s->bundle;
  if (b->has_success) {
    s->predictor[PFC__SUCCESS] = (pfc__predictor){.features = b->success.features,
                                                  .coef = b->success.coef,
                                                  .intercept = b->success.intercept,
                                                  .theta = b->success.theta,
                                                  .rank = b->success.rank};
    PFC_TRY(fill_Q(s, PFC__SUCCESS, err));
  }
  for (int r = 0; b->has_time && r < PFC_N_CAUSES; r++) {
    if (!b->time.coef[r]) continue;
    s->predictor[r] = (pfc__predictor){.features = b->time.features, .coef = b->time.coef[r]};
    PFC_TRY(fill_Q(s, r, err));
  }
done:
  return st;
}

static pfc_status copy_item_factors(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t k = (size_t)s->bundle->affinity.rank;
  PFC_NEW(s->Y, (size_t)s->n_candidates * k);
  for (int32_t j = 0; j < s->n_candidates; j++) {
    memcpy(s->Y + (size_t)j * k, pfc_fold_item(s->fold, s->candidate[j]), k * sizeof *s->Y);
  }
done:
  return st;
}

/* --- tiles ------------------------------------------------------------------ */

static pfc_status tile_init(pfc__tile *tile, const pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t rows = PFC_SCORER_TILE;
  int entries = 1, widest = 2;
  for (int m = 0; m < PFC__N_PREDICTORS; m++) {
    const pfc__predictor *p = &s->predictor[m];
    if (!p->features) continue;
    const int n = pfc_scratch_entries(p->features, s->lens);
    if (n > entries) entries = n;
    if (p->width > widest) widest = p->width;
    PFC_NEW(tile->eta[m], rows * (size_t)p->n_columns);
  }
  if (s->fold) PFC_NEW(tile->X, rows * (size_t)s->bundle->affinity.rank);
  if (s->fold) PFC_NEW(tile->affinity, rows * (size_t)s->n_candidates);
  PFC_NEW(tile->P, rows * (size_t)widest);
  PFC_NEW(tile->cell, s->n_competencies);
  PFC_NEW(tile->touched, s->n_competencies);
  PFC_NEW(tile->is_touched, s->n_competencies);
  PFC_NEW(tile->col, entries);
  PFC_NEW(tile->val, entries);
  PFC_NEW(tile->cold, rows);
  if (s->gaps) PFC_TRY(pfc_person_gaps_create(s->gaps, &tile->gaps, err));
  if (s->ranker) PFC_NEW(tile->ranked, rows * (size_t)s->cat->n_interventions);
  if (s->ranker) PFC_NEW(tile->need, s->n_competencies);
done:
  return st;
}

static void tile_clear(pfc__tile *tile) {
  for (int m = 0; m < PFC__N_PREDICTORS; m++) pfc_free(tile->eta[m]);
  pfc_free(tile->X);
  pfc_free(tile->P);
  pfc_free(tile->affinity);
  pfc_free(tile->cell);
  pfc_free(tile->touched);
  pfc_free(tile->is_touched);
  pfc_person_gaps_destroy(tile->gaps);
  pfc_free(tile->col);
  pfc_free(tile->val);
  pfc_free(tile->cold);
  pfc_free(tile->ranked);
  pfc_free(tile->need);
}

/* BLAS takes its dimensions as int: checked once, here. */
static pfc_status check_sizes(const pfc_scorer *s, pfc_error *err) {
  if ((int64_t)s->n_targets * PFC_SCORER_TILE > INT_MAX) {
    return pfc_fail(err, PFC_EDATA, "%d targets are more than a tile of %d people can hold",
                    s->n_targets, PFC_SCORER_TILE);
  }
  return PFC_OK;
}

/* Curves of all targets, and what waiting along them costs. */
static pfc_status build_curves(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_target_curves_create(&s->bundle->time, s->ds, s->lens, s->cat, &s->curves, err));
  PFC_NEW(s->discount, s->curves->n);
  for (int32_t t = 0; t < s->curves->n; t++) {
    const pfc_curve *curve = &s->curves->curve[t];
    PFC_NEW(s->discount[t], curve->n + 1);
    pfc_hazard_discounts(curve, s->settings.discount_per_day, s->discount[t]);
  }
done:
  return st;
}

static pfc_status build_baseline(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_ranker_world world = {s->ds, s->history, s->cat, s->lens, s->as_of};
  PFC_TRY(pfc_latest_create(s->ds, s->history, s->as_of, &s->latest, err));
  PFC_TRY(pfc_ranker_create(s->bundle, &world, s->n_tiles, &s->ranker, err));
done:
  return st;
}

static pfc_status build_models(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = s->bundle;
  if (b->has_baseline && !b->has_affinity && !b->has_success && !b->has_time) {
    return build_baseline(s, err);
  }
  pfc_gap_settings gaps = s->settings.gaps;
  gaps.as_of = s->as_of;
  PFC_TRY(pfc_gaps_create(b, s->ds, s->history, &gaps, &s->gaps, err));
  if (b->has_affinity) {
    PFC_TRY(
        pfc_fold_create(&b->affinity, s->lens, s->history, s->cat, s->n_tiles, &s->fold, err));
    PFC_TRY(copy_item_factors(s, err));
  }
  if (b->has_time) PFC_TRY(build_curves(s, err));
  PFC_TRY(build_predictors(s, err));
done:
  return st;
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
  PFC_TRY(list_candidates(s, err));
  PFC_TRY(check_sizes(s, err));
  PFC_TRY(count_evidence(s, err));
  PFC_TRY(build_models(s, err));
  PFC_NEW(s->tile, s->n_tiles);
  for (int t = 0; t < s->n_tiles; t++) PFC_TRY(tile_init(&s->tile[t], s, err));
  *out = s;
  s = NULL;
done:
  pfc_scorer_destroy(s);
  return st;
}

void pfc_scorer_destroy(pfc_scorer *s) {
  if (!s) return;
  for (int t = 0; s->tile && t < s->n_tiles; t++) tile_clear(&s->tile[t]);
  pfc_free(s->tile);
  for (int m = 0; m < PFC__N_PREDICTORS; m++) pfc_free(s->predictor[m].Q);
  pfc_free(s->Y);
  pfc_free(s->cold);
  pfc_free(s->evidence);
  pfc_free(s->candidate);
  pfc_free(s->candidate_of);
  pfc_free(s->first_target);
  pfc_free(s->target);
  for (int32_t t = 0; s->discount && t < s->curves->n; t++) pfc_free(s->discount[t]);
  pfc_free(s->discount);
  pfc_target_curves_destroy(s->curves);
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
