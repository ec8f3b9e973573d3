/* What no pair can exceed, cheaply, for all candidates of a person at once.
 *
 * value = accept (sum of worth success discount (1 - anyway) - price) is at most
 * accept (worth - price), where accept comes from a table of its link, rounded up, and worth
 * from the distinct aims (competency, to_level) of the catalogue instead of from every target.
 * What a share of the way closes of a gap is concave in the share wherever the way leads beyond
 * what is required, and proportional to it elsewhere: at most the smaller of the whole gap and
 * the share times the slope at 0. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/scorer_internal.h"
#include "models/logistic.h"

/* --- once ----------------------------------------------------------------------------------
 */

typedef struct aim {
  int32_t competency;
  double to_level;
  int32_t candidate;
} aim;

static int by_aim(const void *a, const void *b) {
  const aim *x = a, *y = b;
  if (x->competency != y->competency) return x->competency < y->competency ? -1 : 1;
  const bool x_open = isnan(x->to_level), y_open = isnan(y->to_level);
  if (x_open != y_open) return x_open ? 1 : -1;
  if (!x_open && x->to_level != y->to_level) return x->to_level < y->to_level ? -1 : 1;
  return (x->candidate > y->candidate) - (x->candidate < y->candidate);
}

static bool same_aim(const aim *a, const aim *b) {
  return a->competency == b->competency &&
         (a->to_level == b->to_level || (isnan(a->to_level) && isnan(b->to_level)));
}

static void index_aims(pfc__aims *out, int32_t n, const aim *all, const double *teaches) {
  for (int32_t k = 0; k < n; k++) {
    if (k == 0 || !same_aim(&all[k], &all[k - 1])) {
      out->to_level[out->n] = all[k].to_level;
      out->first_use[out->n++] = k;
      out->first[all[k].competency + 1] = out->n;
    }
    out->use[k] = all[k].candidate;
    out->share[k] = (float)teaches[all[k].candidate];
  }
  out->first_use[out->n] = n;
}

pfc_status pfc__aims_create(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  aim *all = NULL;
  int32_t n = 0;
  pfc__aims *out = &s->aims;
  PFC_NEW(all, s->n_targets);
  PFC_NEW(out->first, (size_t)s->n_competencies + 1);
  PFC_NEW(out->to_level, s->n_targets);
  PFC_NEW(out->first_use, (size_t)s->n_targets + 1);
  PFC_NEW(out->use, s->n_targets);
  PFC_NEW(out->share, s->n_targets);
  for (int32_t j = 0; j < s->n_candidates; j++) {
    for (int32_t t = s->first_target[j]; t < s->first_target[j + 1]; t++) {
      const int32_t c = s->cat->competency[s->target[t]];
      if (c >= 0 && s->teaches[j] > 0) all[n++] = (aim){c, s->cat->to_level[s->target[t]], j};
    }
  }
  if (n > 0) qsort(all, (size_t)n, sizeof *all, by_aim);
  index_aims(out, n, all, s->teaches);
  for (int32_t c = 0; c < s->n_competencies; c++)
    if (out->first[c + 1] < out->first[c]) out->first[c + 1] = out->first[c];
done:
  pfc_free(all);
  return st;
}

void pfc__aims_clear(pfc__aims *a) {
  pfc_free(a->first);
  pfc_free(a->to_level);
  pfc_free(a->first_use);
  pfc_free(a->use);
  pfc_free(a->share);
}

/* The link of accept, rounded up: cell k holds the most of it between eta(k) and eta(k + 1).
 * Rows of eta are float sums: what they may be off by is far below the slack. */
static double accept_at(const pfc_scorer *s, double eta) {
  const pfc_bundle *b = s->bundle;
  return b->has_accept ? pfc_chance_probability(&b->accept, eta)
                       : pfc_beta_probability(&b->affinity.accept_calibration, eta);
}

void pfc__scorer_tabulate(pfc_scorer *s) {
  for (int k = 0; k <= PFC__STEPS; k++) {
    const double z = (k - 0.5 * PFC__STEPS) / PFC__STEPS_AN_SD;
    s->missing[k] = pfc_level_shortfall(0, 1, z, -1000, 1000);
  }
  for (int k = 0; k < PFC__CELLS; k++) {
    const double eta = (k - 0.5 * PFC__CELLS) / PFC__CELLS_A_UNIT;
    const double most =
        fmax(accept_at(s, eta - 1e-4), accept_at(s, eta + 1e-4 + 1.0 / PFC__CELLS_A_UNIT));
    s->most_accept[k] = fmaxf((float)(most * (1 + 1e-6)), FLT_MIN);
  }
  s->most_accept[0] = fmaxf(s->most_accept[0], (float)accept_at(s, -1000));
  s->most_accept[PFC__CELLS - 1] =
      fmaxf(s->most_accept[PFC__CELLS - 1], (float)accept_at(s, 1000));
}

/* --- worth ---------------------------------------------------------------------------------
 */

/* Of one row of the gap and an aim: what a share closes is at most
 * min(whole, share slope) - share less. */
typedef struct ceiling {
  double whole, slope, less;
} ceiling;

static double shortfall_to(const pfc_scorer *s, const pfc_gap *gap, double required) {
  return pfc_level_shortfall(gap->level, gap->level_sd, required, s->ds->scale_min,
                             s->ds->scale_max);
}

/* E[(z - Z)+] by its chord in a cell, which is above it by no more than the cell's width^2 / 8
 * times the normal density. Of z below the table what it begins with, beyond it z and as much.
 */
static double missing(const pfc_scorer *s, double z) {
  const double at = z * PFC__STEPS_AN_SD + 0.5 * PFC__STEPS;
  const double cut = at > 0 ? at : 0;
  if (cut >= PFC__STEPS) return z + s->missing[0];
  const int k = (int)cut;
  return s->missing[k] + (cut - k) * (s->missing[k + 1] - s->missing[k]);
}

#define MOST_ABOVE (0.4 / 8 / PFC__STEPS_AN_SD / PFC__STEPS_AN_SD)

/* At least what is missing to a level, exponentials of which would take most of a bound. */
static double missing_to(const pfc_scorer *s, const pfc_gap *gap, double to) {
  const double low = s->ds->scale_min, within = fmin(to, s->ds->scale_max);
  const double sd = gap->level_sd;
  if (to <= low) return 0;
  if (!(sd > 0)) return shortfall_to(s, gap, to);
  const double sum =
      missing(s, (within - gap->level) / sd) - missing(s, (low - gap->level) / sd) + MOST_ABOVE;
  return fmin(sum * sd, within - low) + (to - within);
}

/* Beyond `required` the way is longer by (to - required) for whoever is below it. */
static ceiling ceiling_of(const pfc_scorer *s, const pfc_gap *gap, double to) {
  const bool is_goal = !isnan(gap->beyond);
  if (to <= gap->beyond) return (ceiling){0, 0, 0};
  if (isnan(gap->level)) return (ceiling){gap->shortfall, gap->shortfall, 0};
  const double less = is_goal ? shortfall_to(s, gap, gap->beyond) : 0;
  if (to < gap->required) {
    const double all = missing_to(s, gap, to);
    return (ceiling){all, all, less};
  }
  const double all = is_goal ? shortfall_to(s, gap, gap->required) : gap->shortfall;
  const double p = gap->required > s->ds->scale_max ? 1 : gap->p_gap;
  return (ceiling){all, isnan(to) ? all : all + (to - gap->required) * p, less};
}

/* Where nothing is taken off, nothing cancels: float is close enough for a bound. */
static void add_aim(const pfc_scorer *s, pfc__tile *tile, int32_t at, const ceiling *c) {
  const pfc__aims *aims = &s->aims;
  const int32_t from = aims->first_use[at], to = aims->first_use[at + 1];
  if (c->less == 0) {
    const float whole = (float)c->whole, slope = (float)c->slope;
    for (int32_t k = from; k < to; k++) {
      const float part = aims->share[k] * slope;
      tile->worth[aims->use[k]] += part < whole ? part : whole;
    }
    return;
  }
  for (int32_t k = from; k < to; k++) {
    const int32_t j = aims->use[k];
    const double share = s->teaches[j], part = share * c->slope;
    tile->worth[j] += (float)((part < c->whole ? part : c->whole) - share * c->less);
  }
}

static void add_competency(const pfc_scorer *s, pfc__tile *tile, int32_t from, int32_t to) {
  const pfc_gap *at = tile->gaps->at;
  const int32_t c = at[from].competency;
  for (int32_t a = s->aims.first[c]; a < s->aims.first[c + 1]; a++) {
    ceiling sum = {0, 0, 0};
    for (int32_t k = from; k < to; k++) {
      const double weight = pfc_gap_weight(&at[k]);
      const ceiling one = ceiling_of(s, &at[k], s->aims.to_level[a]);
      sum.whole += weight * one.whole;
      sum.slope += weight * one.slope;
      sum.less += weight * one.less;
    }
    if (sum.whole > 0) add_aim(s, tile, a, &sum);
  }
}

/* Puts what each candidate's targets are worth at most into tile->worth. */
static void bound_worth(const pfc_scorer *s, pfc__tile *tile) {
  const pfc_person_gaps *gaps = tile->gaps;
  if (gaps->n == 0) {
    for (int32_t j = 0; j < s->n_candidates; j++) {
      const int32_t n = s->first_target[j + 1] - s->first_target[j];
      tile->worth[j] = (float)(n * fmax(s->teaches[j], 0));
    }
    return;
  }
  memset(tile->worth, 0, sizeof *tile->worth * (size_t)s->n_candidates);
  for (int32_t k = 0, next; k < gaps->n; k = next) {
    for (next = k; next < gaps->n && gaps->at[next].competency == gaps->at[k].competency;)
      next++;
    add_competency(s, tile, k, next);
  }
}

/* --- the open candidates -------------------------------------------------------------------
 */

static void open_candidate(pfc__tile *tile, int32_t j, float bound) {
  if (bound > -INFINITY) tile->open[tile->n_open++] = (pfc__open){bound, j, false};
}

/* Opens what is left of the worth after the price, slack on both sides of the difference, which
 * may be small beside them. Few are: they are looked for 64 at a time. */
static void open_worthy(const pfc_scorer *s, pfc__tile *tile) {
  const float *worth = tile->worth, *price = s->least_price, more = 1 + 1e-4f;
  for (int32_t from = 0; from < s->n_candidates; from += 64) {
    const int32_t to = from + 64 < s->n_candidates ? from + 64 : s->n_candidates;
    float most = 0;
#pragma omp simd reduction(max : most)
    for (int32_t j = from; j < to; j++) {
      const float gain = worth[j] * more - price[j];
      most = gain > most ? gain : most;
    }
    for (uint64_t left = most > 0 ? tile->ruling->allowed[from / 64] : 0; left;
         left &= left - 1) {
      const int32_t j = from + __builtin_ctzll(left);
      const float gain = worth[j] * more - price[j];
      if (j < to && gain > 0) open_candidate(tile, j, gain);
    }
  }
}

static void open_all(const pfc_scorer *s, pfc__tile *tile, const float *ranked) {
  for (int32_t j = 0; j < s->n_candidates; j++) {
    if (!pfc_bit(tile->ruling->allowed, j)) continue;
    open_candidate(tile, j, ranked ? ranked[s->candidate[j]] : INFINITY);
  }
}

/* Products of all candidates where so many are open that one SGEMM takes less, and what these
 * may be off by; else NULL. */
static const float *multiply(const pfc_scorer *s, pfc__tile *tile, int which,
                             double *rounding) {
  const float *row =
      4 * tile->n_open > s->n_candidates ? pfc__scorer_multiply(s, tile, which) : NULL;
  *rounding = row ? pfc__scorer_rounding(s, tile, which) : 0;
  return row;
}

static float most_accept(const pfc_scorer *s, double eta) {
  const double at = eta * PFC__CELLS_A_UNIT + 0.5 * PFC__CELLS;
  const double above = at > 0 ? at : 0; /* NaN too */
  return s->most_accept[(int)(above < PFC__CELLS - 1 ? above : PFC__CELLS - 1)];
}

/* Bounds times the most that accept can be. */
static void bound_by_accept(const pfc_scorer *s, pfc__tile *tile) {
  const bool is_fitted = s->bundle->has_accept;
  const pfc_affinity *m = &s->bundle->affinity;
  const int which = is_fitted ? PFC__ACCEPT : PFC__AFFINITY;
  double rounding;
  const float *row = multiply(s, tile, which, &rounding);
  if (!is_fitted) rounding *= fabs(m->accept_slope);
  for (int32_t k = 0; k < tile->n_open; k++) {
    const int32_t j = tile->open[k].candidate;
    const double product = (double)(row ? row[j] : pfc__scorer_product(s, tile, which, j));
    const double eta = is_fitted ? pfc__scorer_sums(s, tile, which, j, j) + product
                                 : m->accept_slope * product + m->accept_intercept;
    const float low = most_accept(s, eta - rounding), high = most_accept(s, eta + rounding);
    tile->open[k].bound *= low > high ? low : high;
  }
}

/* Twice what products may be off by: one is rounded again. */
static void bound_by_affinity(const pfc_scorer *s, pfc__tile *tile) {
  double rounding;
  const float *row = multiply(s, tile, PFC__AFFINITY, &rounding);
  for (int32_t k = 0; k < tile->n_open; k++) {
    const int32_t j = tile->open[k].candidate;
    tile->open[k].bound = row ? (float)((double)row[j] + 2 * rounding)
                              : pfc__scorer_product(s, tile, PFC__AFFINITY, j);
  }
}

void pfc__scorer_bound(const pfc_scorer *s, int thread, pfc__order order) {
  pfc__tile *tile = &s->tile[thread];
  tile->order = PFC__NO_ORDER;
  tile->n_open = 0;
  if (s->ranker) {
    open_all(s, tile, tile->ranked + (ptrdiff_t)tile->looked * s->cat->n_interventions);
    return;
  }
  if (order == PFC__BY_VALUE || order == PFC__BY_AFFINITY) {
    bound_worth(s, tile);
    open_worthy(s, tile);
  } else {
    open_all(s, tile, NULL);
  }
  if (order == PFC__BY_VALUE && (s->fold || s->bundle->has_accept)) bound_by_accept(s, tile);
  if (pfc__is_by_affinity(order)) bound_by_affinity(s, tile);
}
