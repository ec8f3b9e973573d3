/* The hot path of scoring: GEMMs for a tile of people, then an epilogue over its pairs. */
#include <cblas.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "engine/candidates.h"
#include "engine/scorer_internal.h"
#include "models/logistic.h"

static pfc_decision person_decision(const pfc_scorer *s, int32_t person) {
  return (pfc_decision){person, -1, -1, s->as_of, -1, -1};
}

/* Every tile runs the same shape of GEMM, full or not, so that a person's bits do not
 * depend on who else is in it. */
static void gemm(int n_columns, int width, const float *P, const float *Q, float *out) {
  if (n_columns == 0 || width == 0) return;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, PFC_SCORER_TILE, n_columns, width, 1, P,
              width, Q, width, 0, out, n_columns);
}

/* --- people ------------------------------------------------------------------ */

static pfc_status fold_people(const pfc_scorer *s, int thread, int n, const int32_t *people,
                              pfc_error *err) {
  pfc__tile *tile = &s->tile[thread];
  const int k = s->bundle->affinity.rank;
  memset(tile->X, 0, sizeof *tile->X * PFC_SCORER_TILE * (size_t)k);
  for (int p = 0; p < n; p++) {
    const pfc_decision d = person_decision(s, people[p]);
    int64_t n_items = 0;
    const pfc_status st =
        pfc_fold_person(s->fold, thread, &d, tile->X + (ptrdiff_t)p * k, &n_items, err);
    if (st != PFC_OK) return st;
  }
  gemm(s->n_candidates, k, tile->X, s->Y, tile->affinity);
  return PFC_OK;
}

static void fill_P(const pfc_scorer *s, const pfc__predictor *m, pfc__tile *tile, int n,
                   const int32_t *people) {
  memset(tile->P, 0, sizeof *tile->P * PFC_SCORER_TILE * (size_t)m->width);
  for (int p = 0; p < n; p++) {
    const pfc_decision d = person_decision(s, people[p]);
    float *row = tile->P + (ptrdiff_t)p * m->width;
    const float *x = m->rank ? tile->X + (ptrdiff_t)p * m->rank : NULL;
    for (int f = 0; f < m->rank; f++) row[f] = (float)m->theta[f] * x[f];
    row[m->rank] = (float)(m->intercept + pfc_scope_eta(m->features, s->lens, PFC_SCOPE_PERSON,
                                                        &d, m->coef, tile->col, tile->val));
    row[m->rank + 1] = 1;
  }
}

/* --- own history: W and S ----------------------------------------------------- */

static int touch(pfc__tile *tile, int n, int32_t competency) {
  if (competency < 0 || tile->is_touched[competency]) return n;
  tile->is_touched[competency] = 1;
  tile->touched[n] = competency;
  return n + 1;
}

/* The competencies of which anything is known: those of earlier starts, and those assessed. */
static int touched_competencies(const pfc_scorer *s, pfc__tile *tile, int32_t person) {
  const pfc_history *h = s->history;
  const pfc_catalogue *cat = s->cat;
  int n = 0;
  int64_t from = 0, to = pfc_history_attempts(h, person, s->as_of, &from);
  for (int64_t a = from; a < to; a++) {
    const int32_t i = h->attempts[a].intervention;
    for (int32_t t = cat->first[i]; t < cat->first[i + 1]; t++) {
      n = touch(tile, n, cat->competency[t]);
    }
  }
  to = pfc_history_ratings(h, person, s->as_of, &from);
  for (int64_t r = from; r < to; r++) n = touch(tile, n, h->ratings[r].competency);
  return n;
}

static void untouch(pfc__tile *tile, int n) {
  for (int j = 0; j < n; j++) {
    tile->cell[tile->touched[j]] = 0;
    tile->is_touched[tile->touched[j]] = 0;
  }
}

/* Adds W[p, c] to the row of one person: to each target its competency's, to an
 * intervention the mean over its targets. */
static void add_cells(const pfc_scorer *s, int which, const float *cell, float *row) {
  const int32_t *competency = s->cat->competency;
  if (which != PFC__SUCCESS) {
    for (int32_t t = 0; t < s->n_targets; t++) {
      const int32_t c = competency[s->target[t]];
      if (c >= 0) row[t] += cell[c];
    }
    return;
  }
  for (int32_t j = 0; j < s->n_candidates; j++) {
    const int32_t from = s->first_target[j], to = s->first_target[j + 1];
    float sum = 0;
    for (int32_t t = from; t < to; t++) {
      const int32_t c = competency[s->target[t]];
      if (c >= 0) sum += cell[c];
    }
    row[j] += sum / (float)(to - from);
  }
}

/* Adds S[p, i] for the interventions that the person has met before. */
static void add_pairs(const pfc_scorer *s, int which, pfc__tile *tile, int32_t person,
                      float *row) {
  const pfc__predictor *m = &s->predictor[which];
  int64_t from = 0;
  const int64_t to = pfc_history_attempts(s->history, person, s->as_of, &from);
  for (int64_t a = from; a < to; a++) {
    const int32_t i = s->history->attempts[a].intervention, j = s->candidate_of[i];
    bool seen = j < 0;
    for (int64_t b = from; b < a && !seen; b++)
      seen = s->history->attempts[b].intervention == i;
    if (seen) continue;
    pfc_decision d = person_decision(s, person);
    d.intervention = i;
    const float eta = (float)pfc_scope_eta(m->features, s->lens, PFC_SCOPE_PAIR, &d, m->coef,
                                           tile->col, tile->val);
    if (which == PFC__SUCCESS) {
      row[j] += eta;
    } else {
      for (int32_t t = s->first_target[j]; t < s->first_target[j + 1]; t++) row[t] += eta;
    }
  }
}

static void add_own_history(const pfc_scorer *s, int which, pfc__tile *tile, int32_t person,
                            float *row) {
  const pfc__predictor *m = &s->predictor[which];
  const int n = touched_competencies(s, tile, person);
  for (int j = 0; j < n; j++) {
    pfc_decision d = person_decision(s, person);
    d.competency = tile->touched[j];
    tile->cell[d.competency] = (float)pfc_scope_eta(m->features, s->lens, PFC_SCOPE_CELL, &d,
                                                    m->coef, tile->col, tile->val);
  }
  if (n > 0) add_cells(s, which, tile->cell, row);
  untouch(tile, n);
  add_pairs(s, which, tile, person, row);
}

static void run_predictor(const pfc_scorer *s, int which, pfc__tile *tile, int n,
                          const int32_t *people) {
  const pfc__predictor *m = &s->predictor[which];
  if (!m->features) return;
  fill_P(s, m, tile, n, people);
  gemm(m->n_columns, m->width, tile->P, m->Q, tile->eta[which]);
  for (int p = 0; p < n; p++) {
    add_own_history(s, which, tile, people[p], tile->eta[which] + (ptrdiff_t)p * m->n_columns);
  }
}

/* --- epilogue -------------------------------------------------------------------- */

static double probability_of_success(const pfc_scorer *s, const pfc__tile *tile, int p,
                                     int32_t candidate) {
  if (!s->bundle->has_success) return NAN;
  const float eta = tile->eta[PFC__SUCCESS][(ptrdiff_t)p * s->n_candidates + candidate];
  return pfc_chance_probability(&s->bundle->success, (double)eta);
}

static void shift_of(const pfc_scorer *s, const pfc__tile *tile, int p, int32_t target,
                     double shift[PFC_N_CAUSES]) {
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    shift[r] = tile->eta[r] ? (double)tile->eta[r][(ptrdiff_t)p * s->n_targets + target] : 0;
  }
}

void pfc_scorer_tell_times(const pfc_scorer *s, int thread, int p, pfc_score *score) {
  double shift[PFC_N_CAUSES];
  pfc_outlook o;
  if (!s->curves) return;
  int32_t target = s->first_target[s->candidate_of[score->intervention]];
  while (s->target[target] != score->target) target++;
  shift_of(s, &s->tile[thread], p, target, shift);
  pfc_hazard_outlook(&s->bundle->time, &s->curves->curve[score->target],
                     s->curves->levels[score->target], shift, s->settings.by_days, &o);
  /* Beyond the horizon both are the same sum, rounded in another order. */
  for (int k = 0; k < 2; k++) score->p_by[k] = fmin(o.p_by[k], score->incidence);
  memcpy(score->quantile_days, o.quantile, sizeof score->quantile_days);
}

/* Incidence and discount of one target; NaN and 1 without a time model. */
static void time_of(const pfc_scorer *s, const pfc__tile *tile, int p, int32_t target,
                    double *incidence, double *discounted) {
  double shift[PFC_N_CAUSES];
  *incidence = NAN;
  *discounted = 1;
  if (!s->curves) return;
  const int32_t t = s->target[target];
  shift_of(s, tile, p, target, shift);
  pfc_hazard_worth(&s->bundle->time, &s->curves->curve[t], s->curves->levels[t],
                   s->settings.discount_per_day, s->discount[t], shift, incidence, discounted);
}

/* What closing the gaps in a target's competency is worth, and how many levels that are: 1 of a
 * person of whom nothing is required, so that every target counts alike. */
static double worth_of_gap(const pfc_scorer *s, const pfc__tile *tile, int32_t target,
                           double *levels) {
  const pfc_person_gaps *gaps = tile->gaps;
  const int32_t competency = s->cat->competency[target];
  *levels = gaps->n == 0;
  if (gaps->n == 0 || competency < 0 || gaps->place[competency] < 0) return *levels;
  double worth = 0;
  for (int32_t k = gaps->place[competency]; k < gaps->n && gaps->at[k].competency == competency;
       k++) {
    const double closable = pfc_gap_closable(s->gaps, &gaps->at[k], s->cat->to_level[target]);
    *levels += closable;
    worth += pfc_gap_weight(&gaps->at[k]) * closable;
  }
  return worth;
}

/* Adds up what the targets bring; the one that brings most is told as the main one. */
static double value_of_targets(const pfc_scorer *s, const pfc__tile *tile, int p, int32_t j,
                               pfc_score *score) {
  double total = 0, most = -1;
  score->gap_closed = 0;
  for (int32_t t = s->first_target[j]; t < s->first_target[j + 1]; t++) {
    double levels, success = score->p_success, incidence, discount;
    const double worth = worth_of_gap(s, tile, s->target[t], &levels);
    time_of(s, tile, p, t, &incidence, &discount);
    if (isnan(success)) success = incidence;
    if (isnan(success)) success = 1;
    const double brings = worth * success * discount;
    total += brings;
    score->gap_closed += levels * success;
    if (brings > most) {
      most = brings;
      score->target = s->target[t];
      score->incidence = incidence;
      score->gap = tile->gaps->n > 0 ? levels : (double)NAN;
    }
  }
  return total;
}

/* What a baseline goes by; NULL where nothing is required of the person. */
static const pfc_need *need_of(const pfc__tile *tile, const pfc_catalogue *cat,
                               int32_t target) {
  static const pfc_need NOT_REQUIRED = {.required = NAN, .level = NAN, .importance = 1};
  if (!tile->has_needs) return NULL;
  const int32_t competency = cat->competency[target];
  return competency < 0 ? &NOT_REQUIRED : &tile->need[competency];
}

/* What a baseline alone tells; the main target is that of the largest gap. */
static void score_ranked(const pfc_scorer *s, const pfc__tile *tile, int p, int32_t j,
                         pfc_score *score) {
  double most = -1;
  const ptrdiff_t row = (ptrdiff_t)p * s->cat->n_interventions;
  score->value = (double)tile->ranked[row + s->candidate[j]];
  score->gap_closed = score->p_success = NAN;
  for (int32_t t = s->first_target[j]; t < s->first_target[j + 1]; t++) {
    const pfc_need *need = need_of(tile, s->cat, s->target[t]);
    const double gap = need ? pfc_latest_gap(need, s->cat->to_level[s->target[t]]) : 1;
    if (!(gap > most)) continue;
    most = gap;
    score->target = s->target[t];
    score->gap = need ? gap : (double)NAN;
  }
}

static void score_pair(const pfc_scorer *s, const pfc__tile *tile, int p, int32_t j,
                       pfc_score *score) {
  *score = (pfc_score){.intervention = s->candidate[j],
                       .accept = NAN,
                       .affinity = NAN,
                       .p_by = {NAN, NAN},
                       .quantile_days = {NAN, NAN, NAN},
                       .incidence = NAN,
                       .gap = NAN,
                       .evidence_n = s->evidence[j],
                       .basis = {.like = -1}};
  if (tile->cold[p]) score->cold |= PFC_COLD_PERSON;
  if (s->cold[j]) score->cold |= PFC_COLD_INTERVENTION;
  if (s->ranker) {
    score_ranked(s, tile, p, j, score);
    return;
  }
  score->p_success = probability_of_success(s, tile, p, j);
  double accept = 1;
  if (s->fold) {
    const pfc_affinity *m = &s->bundle->affinity;
    score->affinity = (double)tile->affinity[(ptrdiff_t)p * s->n_candidates + j];
    score->accept = pfc_logistic(m->accept_slope * score->affinity + m->accept_intercept);
    accept = score->accept;
  }
  const double cost = s->cat->cost[s->candidate[j]];
  const double price = isnan(cost) ? 0 : fmin(s->settings.cost_weight * cost, DBL_MAX);
  score->value = accept * (value_of_targets(s, tile, p, j, score) - price);
}

/* What is required of the person, before any of the pairs is scored. */
static pfc_status look_at_needs(const pfc_scorer *s, pfc__tile *tile, int32_t person,
                                pfc_error *err) {
  if (s->gaps) return pfc_gaps_of(s->gaps, person, PFC_NO_DATE, tile->gaps, err);
  tile->has_needs = pfc_latest_of(s->latest, person, tile->need);
  return PFC_OK;
}

static bool is_cold(const pfc_scorer *s, int32_t person) {
  int64_t from = 0;
  return pfc_history_attempts(s->history, person, s->as_of, &from) == from;
}

_Static_assert((int)PFC_RANKER_TILE == (int)PFC_SCORER_TILE,
               "a tile of people is one of decisions");

static pfc_status rank_people(const pfc_scorer *s, int thread, int n, const int32_t *people,
                              pfc_error *err) {
  pfc_decision d[PFC_SCORER_TILE];
  for (int p = 0; p < n; p++) d[p] = person_decision(s, people[p]);
  return pfc_ranker_score(s->ranker, thread, n, d, s->tile[thread].ranked, err);
}

void pfc_scorer_tell_basis(const pfc_scorer *s, int thread, int32_t person, pfc_score *score) {
  const pfc_decision d = person_decision(s, person);
  if (s->ranker) pfc_ranker_basis(s->ranker, thread, &d, score->intervention, &score->basis);
}

pfc_status pfc_scorer_tile(const pfc_scorer *s, int thread, int n, const int32_t *people,
                           pfc_score *scores, uint8_t *allowed, pfc_error *err) {
  pfc__tile *tile = &s->tile[thread];
  for (int p = 0; p < n; p++) tile->cold[p] = is_cold(s, people[p]);
  pfc_status st = PFC_OK;
  if (s->ranker) st = rank_people(s, thread, n, people, err);
  if (s->fold) st = fold_people(s, thread, n, people, err);
  if (st != PFC_OK) return st;
  for (int m = 0; m < PFC__N_PREDICTORS; m++) run_predictor(s, m, tile, n, people);
  for (int p = 0; p < n; p++) {
    const pfc_decision d = person_decision(s, people[p]);
    if ((st = look_at_needs(s, tile, people[p], err)) != PFC_OK) return st;
    for (int32_t j = 0; j < s->n_candidates; j++) {
      const ptrdiff_t at = (ptrdiff_t)p * s->n_candidates + j;
      score_pair(s, tile, p, j, &scores[at]);
      allowed[at] = s->settings.include_closed ||
                    !pfc_candidate_is_covered(s->history, s->cat, &d, s->candidate[j]);
    }
  }
  return PFC_OK;
}

pfc_status pfc_scorer_curve(const pfc_scorer *s, int32_t person, int32_t target, int n,
                            const double *days, double *incidence, pfc_error *err) {
  if (!s->curves) return pfc_fail(err, PFC_EDATA, "the model holds no time model: no curves");
  pfc_decision d = person_decision(s, person);
  d.intervention = s->cat->intervention[target];
  d.competency = s->cat->competency[target];
  double shift[PFC_N_CAUSES];
  pfc__tile *tile = &s->tile[0];
  pfc_hazard_shift(&s->bundle->time, s->lens, &d, tile->col, tile->val, shift);
  pfc_hazard_incidence(&s->bundle->time, &s->curves->curve[target], s->curves->levels[target],
                       shift, PFC_PROFICIENT, n, days, incidence, NULL);
  return PFC_OK;
}
