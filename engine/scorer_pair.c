/* Pairs: what a candidate is worth to the person looked at, term by term. */
#include <math.h>
#include <string.h>

#include "engine/scorer_internal.h"

/* --- predictors and links ------------------------------------------------------------------
 */

/* W of a candidate: the mean over its targets. */
static double mean_of_cells(const pfc_scorer *s, const pfc__tile *tile, int model,
                            int32_t candidate) {
  const int32_t from = s->first_target[candidate], to = s->first_target[candidate + 1];
  double sum = 0;
  if (tile->n_touched == 0) return 0;
  for (int32_t t = from; t < to; t++) {
    const int32_t c = s->cat->competency[s->target[t]];
    if (c >= 0) sum += tile->cell[c].eta[model];
  }
  return sum / (to - from);
}

float pfc__scorer_product(const pfc_scorer *s, const pfc__tile *tile, int which,
                          int32_t candidate) {
  if (!tile->P[which]) return 0;
  const ptrdiff_t k = s->bundle->affinity.rank;
  const float *p = tile->P[which] + tile->looked * k, *y = s->Y + candidate * k;
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (ptrdiff_t f = 0; f < k; f++) sum += p[f] * y[f];
  return sum;
}

double pfc__scorer_sums(const pfc_scorer *s, const pfc__tile *tile, int model,
                        int32_t candidate, int32_t column) {
  const pfc__predictor *m = &s->predictor[model];
  double eta = tile->own.eta[model] + m->item[column];
  if (model < PFC__N_HAZARDS) {
    const int32_t c = s->cat->competency[s->target[column]];
    if (c >= 0) eta += tile->cell[c].eta[model];
    if (m->lack_to) eta += pfc__held_to(s, tile, model, column);
  } else {
    eta += mean_of_cells(s, tile, model, candidate);
  }
  if (tile->met_at[candidate] >= 0) eta += tile->pair[tile->met_at[candidate]].eta[model];
  return eta;
}

double pfc__scorer_eta(const pfc_scorer *s, const pfc__tile *tile, int model, int32_t candidate,
                       int32_t column) {
  return pfc__scorer_sums(s, tile, model, candidate, column) +
         (double)pfc__scorer_product(s, tile, model, candidate);
}

static double chance_of(const pfc_scorer *s, const pfc__tile *tile, int model,
                        const pfc_chance *m, int32_t j) {
  return pfc_chance_probability(m, pfc__scorer_eta(s, tile, model, j, j));
}

static void shift_of(const pfc_scorer *s, const pfc__tile *tile, int32_t j, int32_t t,
                     double shift[PFC_N_CAUSES]) {
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    shift[r] = s->predictor[r].features ? pfc__scorer_eta(s, tile, r, j, t) : 0;
  }
}

/* Incidence and discount of one target; NaN and 1 without a time model. */
static void time_of(const pfc_scorer *s, const pfc__tile *tile, int32_t j, int32_t t,
                    double *incidence, double *discount) {
  double shift[PFC_N_CAUSES];
  *incidence = NAN;
  *discount = 1;
  if (!s->curves) return;
  const int32_t target = s->target[t];
  shift_of(s, tile, j, t, shift);
  pfc_hazard_worth(&s->bundle->time, &s->curves->curve[target], s->curves->levels[target],
                   s->settings.discount_per_day, s->discount[target], shift, incidence,
                   discount);
}

/* D0: the discounted chance of reaching the level without the intervention. */
static double anyway_of(const pfc_scorer *s, const pfc__tile *tile, int32_t j, int32_t t) {
  const int32_t target = s->target[t];
  if (!s->anyway || s->cat->competency[target] < 0) return 0;
  double shift[PFC_N_CAUSES] = {0}, incidence, discount;
  if (s->predictor[PFC__ANYWAY].features) {
    shift[PFC_PROFICIENT] = pfc__scorer_eta(s, tile, PFC__ANYWAY, j, t);
  }
  pfc_hazard_worth(&s->bundle->anyway, &s->anyway->curve[target], s->anyway->levels[target],
                   s->settings.discount_per_day, s->anyway_discount[target], shift, &incidence,
                   &discount);
  return incidence * discount;
}

/* --- what closing gaps is worth
 * ---------------------------------------------------------------
 */

/* Bounds of shortlists are floats. What is less than these can tell apart from nothing is
 * nothing: a level known to a thousandth leaves 1e-44 of a gap far above what is asked for. */
static const double LEAST_TOLD = 1e-30;

static double told(double worth) { return fabs(worth) < LEAST_TOLD ? 0 : worth; }

/* What a target closes of the gaps in its competency, and what that is worth. Of somebody of
 * whom nothing is required every target is a level, and counts alike. */
static double worth_of(const pfc_scorer *s, const pfc__tile *tile, int32_t j, int32_t t,
                       double *levels) {
  const pfc_person_gaps *gaps = tile->gaps;
  const int32_t competency = s->cat->competency[s->target[t]];
  *levels = gaps->n == 0 ? s->teaches[j] : 0;
  if (gaps->n == 0 || competency < 0 || gaps->place[competency] < 0) return *levels;
  double worth = 0;
  for (int32_t k = gaps->place[competency]; k < gaps->n && gaps->at[k].competency == competency;
       k++) {
    const double closed =
        pfc_gap_closable(s->gaps, &gaps->at[k], s->cat->to_level[s->target[t]], s->teaches[j]);
    *levels += closed;
    worth += pfc_gap_weight(&gaps->at[k]) * closed;
  }
  *levels = told(*levels);
  return told(worth);
}

/* A term but for its chances and times, and these. p_success: NaN of data without results,
 * whose success is the incidence. */
static pfc_term begin_term(const pfc_scorer *s, const pfc__tile *tile, int32_t j, int32_t t,
                           double p_success) {
  pfc_term term = {.target = s->target[t], .success = p_success};
  term.worth = worth_of(s, tile, j, t, &term.levels);
  return term;
}

static void end_term(const pfc_scorer *s, const pfc__tile *tile, int32_t j, int32_t t,
                     pfc_term *term, double *incidence) {
  time_of(s, tile, j, t, incidence, &term->discount);
  if (isnan(term->success)) term->success = isnan(*incidence) ? 1 : *incidence;
  term->anyway = anyway_of(s, tile, j, t);
  term->brings = term->worth * term->success * term->discount * (1 - term->anyway);
}

/* Adds up what the targets bring; the one that brings most is told as the main one. Curves of a
 * target that closes nothing are asked for only if it is that one. */
static double value_of_targets(const pfc_scorer *s, pfc__tile *tile, int32_t j,
                               pfc_score *score) {
  double total = 0, most = -INFINITY, incidence = NAN;
  pfc_term best = {0};
  int32_t unfinished = -1; /* the main target, where its term is */
  score->gap_closed = 0;
  for (int32_t t = s->first_target[j]; t < s->first_target[j + 1]; t++) {
    pfc_term term = begin_term(s, tile, j, t, score->p_success);
    const bool is_nothing = term.worth == 0 && term.levels == 0;
    double reached = NAN;
    if (!is_nothing) {
      end_term(s, tile, j, t, &term, &reached);
      score->gap_closed += term.levels * term.success;
    }
    tile->brings[t] = term.brings;
    total += term.brings;
    if (!(term.brings > most)) continue;
    most = term.brings;
    best = term;
    incidence = reached;
    unfinished = is_nothing ? t : -1;
  }
  if (unfinished >= 0) end_term(s, tile, j, unfinished, &best, &incidence);
  score->target = best.target;
  score->incidence = incidence;
  score->discount = best.discount;
  score->anyway = best.anyway;
  if (tile->gaps->n > 0) score->gap = best.levels;
  return total;
}

/* --- baselines -----------------------------------------------------------------------------
 */

/* What a baseline goes by; NULL where nothing is required of the person. */
static const pfc_need *need_of(const pfc__tile *tile, const pfc_catalogue *cat,
                               int32_t target) {
  static const pfc_need NOT_REQUIRED = {.required = NAN, .level = NAN, .importance = 1};
  if (!tile->has_needs) return NULL;
  const int32_t competency = cat->competency[target];
  return competency < 0 ? &NOT_REQUIRED : &tile->need[competency];
}

/* What a baseline alone tells; the main target is that of the largest gap. */
static void score_ranked(const pfc_scorer *s, const pfc__tile *tile, int32_t j,
                         pfc_score *score) {
  double most = -1;
  const ptrdiff_t row = (ptrdiff_t)tile->looked * s->cat->n_interventions;
  score->value = (double)tile->ranked[row + s->candidate[j]];
  score->gap_closed = score->p_success = score->discount = score->anyway = NAN;
  score->teaches = score->price = NAN;
  for (int32_t t = s->first_target[j]; t < s->first_target[j + 1]; t++) {
    const pfc_need *need = need_of(tile, s->cat, s->target[t]);
    const double gap = need ? pfc_latest_gap(need, s->cat->to_level[s->target[t]]) : 1;
    if (!(gap > most)) continue;
    most = gap;
    score->target = s->target[t];
    score->gap = need ? gap : (double)NAN;
  }
}

/* --- pairs ---------------------------------------------------------------------------------
 */

static pfc_score nothing_known(const pfc_scorer *s, const pfc__tile *tile, int32_t j) {
  pfc_score score = {.intervention = s->candidate[j],
                     .accept = NAN,
                     .affinity = NAN,
                     .p_success = NAN,
                     .p_by = {NAN, NAN},
                     .quantile_days = {NAN, NAN, NAN},
                     .incidence = NAN,
                     .gap = NAN,
                     .evidence_n = s->evidence[j],
                     .basis = {.like = -1}};
  if (tile->is_cold) score.cold |= PFC_COLD_PERSON;
  if (s->cold[j]) score.cold |= PFC_COLD_INTERVENTION;
  return score;
}

/* Acceptance as fitted on feedback; without any, of taking up. */
static void tell_accept(const pfc_scorer *s, const pfc__tile *tile, int32_t j,
                        pfc_score *score) {
  if (s->fold) {
    const pfc_affinity *m = &s->bundle->affinity;
    score->affinity = (double)pfc__scorer_product(s, tile, PFC__AFFINITY, j);
    score->accept = pfc_affinity_accept(m, score->affinity);
  }
  if (s->bundle->has_accept) {
    score->accept = chance_of(s, tile, PFC__ACCEPT, &s->bundle->accept, j);
  }
}

void pfc_scorer_pair(const pfc_scorer *s, int thread, int32_t j, pfc_score *score) {
  pfc__tile *tile = &s->tile[thread];
  *score = nothing_known(s, tile, j);
  if (s->ranker) {
    score_ranked(s, tile, j, score);
    return;
  }
  if (s->bundle->has_success) {
    score->p_success = chance_of(s, tile, PFC__SUCCESS, &s->bundle->success, j);
  }
  tell_accept(s, tile, j, score);
  score->teaches = s->teaches[j];
  score->price = s->price[j];
  const double gain = value_of_targets(s, tile, j, score) - score->price;
  score->value = (isnan(score->accept) ? 1 : score->accept) * gain;
}

/* In the terms of pfc_scorer_pair, but that nothing is discounted nor comes anyway. */
double pfc__scorer_bound_pair(const pfc_scorer *s, int thread, int32_t j) {
  const pfc__tile *tile = &s->tile[thread];
  pfc_score score = {.accept = 1, .p_success = 1};
  if (s->bundle->has_success) {
    score.p_success = chance_of(s, tile, PFC__SUCCESS, &s->bundle->success, j);
  }
  tell_accept(s, tile, j, &score);
  const double gain = (double)tile->worth[j] * score.p_success - s->price[j] * (1 - 1e-9);
  return score.accept * gain * (1 + 1e-9);
}

int pfc_scorer_terms(const pfc_scorer *s, int thread, const pfc_score *score, pfc_term *terms) {
  const pfc__tile *tile = &s->tile[thread];
  const int32_t j = s->candidate_of[score->intervention];
  int n = 0;
  for (int32_t t = s->first_target[j]; !s->ranker && t < s->first_target[j + 1]; t++) {
    double incidence;
    terms[n] = begin_term(s, tile, j, t, score->p_success);
    end_term(s, tile, j, t, &terms[n++], &incidence);
  }
  return n;
}

void pfc_scorer_tell_times(const pfc_scorer *s, int thread, int p, pfc_score *score) {
  double shift[PFC_N_CAUSES];
  pfc_outlook o;
  if (!s->curves) return;
  const pfc__tile *tile = &s->tile[thread];
  if (tile->looked != p) pfc__scorer_recall(s, thread, p);
  const int32_t j = s->candidate_of[score->intervention];
  int32_t t = s->first_target[j];
  while (s->target[t] != score->target) t++;
  shift_of(s, tile, j, t, shift);
  pfc_hazard_outlook(&s->bundle->time, &s->curves->curve[score->target],
                     s->curves->levels[score->target], shift, s->settings.by_days, &o);
  /* Beyond the horizon both are the same sum, rounded in another order. */
  for (int k = 0; k < 2; k++) score->p_by[k] = fmin(o.p_by[k], score->incidence);
  memcpy(score->quantile_days, o.quantile, sizeof score->quantile_days);
}

void pfc_scorer_tell_basis(const pfc_scorer *s, int thread, int32_t person, pfc_score *score) {
  const pfc_decision d = {person, -1, -1, s->as_of, -1, -1};
  if (s->ranker) pfc_ranker_basis(s->ranker, thread, &d, score->intervention, &score->basis);
}

pfc_status pfc_scorer_tile(const pfc_scorer *s, int thread, int n, const int32_t *people,
                           pfc_score *scores, uint8_t *allowed, pfc_error *err) {
  pfc_status st = pfc_scorer_begin(s, thread, n, people, err);
  for (int p = 0; p < n && st == PFC_OK; p++) {
    st = pfc_scorer_look(s, thread, p, err);
    if (st != PFC_OK) break;
    const pfc_ruling *ruling = pfc_scorer_ruling(s, thread);
    for (int32_t j = 0; j < s->n_candidates; j++) {
      const ptrdiff_t at = (ptrdiff_t)p * s->n_candidates + j;
      pfc_scorer_pair(s, thread, j, &scores[at]);
      allowed[at] = s->settings.include_closed || pfc_bit(ruling->allowed, j);
    }
  }
  return st;
}

pfc_status pfc_scorer_curve(const pfc_scorer *s, int32_t person, int32_t target, int n,
                            const double *days, double *incidence, pfc_error *err) {
  if (!s->curves) return pfc_fail(err, PFC_EDATA, "the model holds no time model: no curves");
  const pfc_decision d = {
      person, s->cat->intervention[target], s->cat->competency[target], s->as_of, -1, -1};
  double shift[PFC_N_CAUSES];
  pfc__tile *tile = &s->tile[0];
  pfc_hazard_shift(&s->bundle->time, s->lens, &d, tile->col, tile->val, shift);
  pfc_hazard_incidence(&s->bundle->time, &s->curves->curve[target], s->curves->levels[target],
                       shift, PFC_PROFICIENT, n, days, incidence, NULL);
  return PFC_OK;
}
