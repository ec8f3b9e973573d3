/* What a scorer works out once: candidates, what is known of them, and the item side of every
 * model. */
#include <cblas.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/scorer_internal.h"
#include "models/lent_levels.h"

/* --- candidates ----------------------------------------------------------- */

static bool is_candidate(const pfc_scorer *s, int32_t i) {
  if (s->settings.include_closed || s->as_of == PFC_NO_DATE) return true;
  return pfc_catalogue_is_open(s->cat, i, s->as_of);
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

/* Beyond what a double holds a price says "never" all the same. */
static double priced(double weight, double units) {
  return isnan(units) ? 0 : fmin(weight * units, DBL_MAX / 4);
}

void pfc__scorer_price(const pfc_scorer *s, int32_t intervention, double *of_cost,
                       double *of_hours) {
  *of_cost = priced(s->settings.cost_weight, s->cat->cost[intervention]);
  *of_hours = priced(s->settings.hour_price, s->cat->hours[intervention]);
}

static pfc_status set_prices(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(s->price, s->n_candidates);
  PFC_NEW(s->least_price, s->n_candidates);
  for (int32_t j = 0; j < s->n_candidates; j++) {
    double of_cost, of_hours;
    pfc__scorer_price(s, s->candidate[j], &of_cost, &of_hours);
    s->price[j] = of_cost + of_hours;
    s->least_price[j] = (float)fmin(s->price[j] * (1 - 1e-4), FLT_MAX);
  }
done:
  return st;
}

pfc_status pfc__scorer_list_candidates(pfc_scorer *s, pfc_error *err) {
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
  PFC_TRY(count_evidence(s, err));
  PFC_TRY(set_prices(s, err));
done:
  return st;
}

/* --- predictors ----------------------------------------------------------- */

static bool is_of_targets(int which) { return which < PFC__N_HAZARDS; }

/* Which decision a column stands for: the whole intervention for a chance, one of its targets
 * for a hazard. */
static pfc_decision column_decision(const pfc_scorer *s, int which, int32_t column) {
  pfc_decision d = {-1, -1, -1, s->as_of, -1, -1};
  if (!is_of_targets(which)) {
    d.intervention = s->candidate[column];
  } else {
    d.intervention = s->cat->intervention[s->target[column]];
    d.competency = s->cat->competency[s->target[column]];
  }
  return d;
}

static pfc_status fill_items(pfc_scorer *s, int which, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *col = NULL;
  float *val = NULL;
  pfc__predictor *m = &s->predictor[which];
  const int entries = pfc_scratch_entries(m->features, s->lens);
  PFC_NEW(col, entries);
  PFC_NEW(val, entries);
  m->n_columns = is_of_targets(which) ? s->n_targets : s->n_candidates;
  PFC_NEW(m->item, m->n_columns);
  for (int32_t j = 0; j < m->n_columns; j++) {
    const pfc_decision d = column_decision(s, which, j);
    m->item[j] = pfc_scope_eta(m->features, s->lens, PFC_SCOPE_TARGET, &d, m->coef, col, val);
  }
done:
  pfc_free(col);
  pfc_free(val);
  return st;
}

static void set_chance(pfc_scorer *s, int which, const pfc_chance *m) {
  s->predictor[which] = (pfc__predictor){.features = m->features,
                                         .coef = m->coef,
                                         .intercept = m->intercept,
                                         .theta = m->theta,
                                         .rank = m->rank};
}

static void set_hazard(pfc_scorer *s, int which, const pfc_hazard *m, int cause) {
  if (!m->coef[cause]) return;
  s->predictor[which] = (pfc__predictor){.features = m->features, .coef = m->coef[cause]};
}

static pfc_status build_predictors(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = s->bundle;
  if (b->has_success) set_chance(s, PFC__SUCCESS, &b->success);
  if (b->has_accept) set_chance(s, PFC__ACCEPT, &b->accept);
  for (int r = 0; b->has_time && r < PFC_N_CAUSES; r++) set_hazard(s, r, &b->time, r);
  if (b->has_anyway) set_hazard(s, PFC__ANYWAY, &b->anyway, PFC_PROFICIENT);
  PFC_TRY(pfc__held_split(s, err));
  for (int m = 0; m < PFC__N_PREDICTORS; m++) {
    if (s->predictor[m].features) PFC_TRY(fill_items(s, m, err));
  }
done:
  return st;
}

static pfc_status copy_item_factors(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t k = (size_t)s->bundle->affinity.rank;
  PFC_NEW(s->Y, (size_t)s->n_candidates * k);
  for (int32_t j = 0; j < s->n_candidates; j++) {
    float *y = s->Y + (size_t)j * k;
    memcpy(y, pfc_fold_item(s->fold, s->candidate[j]), k * sizeof *y);
    s->longest = fmax(s->longest, (double)cblas_snrm2((int)k, y, 1));
  }
done:
  return st;
}

/* --- models ------------------------------------------------------------------ */

/* Curves of all targets, and what waiting along them costs. */
static pfc_status build_curves(const pfc_scorer *s, const pfc_hazard *m,
                               pfc_target_curves **out, double ***discount, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_target_curves_create(m, s->ds, s->lens, s->cat, out, err));
  PFC_NEW(*discount, (*out)->n);
  for (int32_t t = 0; t < (*out)->n; t++) {
    const pfc_curve *curve = &(*out)->curve[t];
    PFC_NEW((*discount)[t], curve->n + 1);
    pfc_hazard_discounts(curve, s->settings.discount_per_day, (*discount)[t]);
  }
done:
  return st;
}

static pfc_status find_what_they_teach(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(s->teaches, s->n_candidates);
  for (int32_t j = 0; j < s->n_candidates; j++) {
    double mean = 1, variance;
    const int32_t code = pfc_lens_code(s->lens, "intervention", s->candidate[j]);
    if (s->bundle->has_profile) {
      pfc_profile_teaches(&s->bundle->profile, code, &mean, &variance);
    }
    s->teaches[j] = fmin(fmax(mean, -1), 1); /* the way ends at the target */
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

static bool is_baseline(const pfc_bundle *b) {
  return b->has_baseline && !b->has_affinity && !b->has_success && !b->has_time;
}

pfc_status pfc__scorer_build_models(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = s->bundle;
  if (is_baseline(b)) return build_baseline(s, err);
  pfc_gap_settings gaps = s->settings.gaps;
  gaps.as_of = s->as_of;
  PFC_TRY(pfc_gaps_create(b, s->ds, s->history, &gaps, &s->gaps, err));
  if (b->has_profile) PFC_TRY(pfc_lend_levels(pfc_gaps_levels(s->gaps), s->lens, NULL, err));
  PFC_TRY(find_what_they_teach(s, err));
  if (b->has_affinity) {
    PFC_TRY(
        pfc_fold_create(&b->affinity, s->lens, s->history, s->cat, s->n_tiles, &s->fold, err));
    PFC_TRY(copy_item_factors(s, err));
  }
  if (b->has_time) PFC_TRY(build_curves(s, &b->time, &s->curves, &s->discount, err));
  if (b->has_anyway) PFC_TRY(build_curves(s, &b->anyway, &s->anyway, &s->anyway_discount, err));
  PFC_TRY(build_predictors(s, err));
  PFC_TRY(pfc__aims_create(s, err));
  pfc__scorer_tabulate(s);
done:
  return st;
}
