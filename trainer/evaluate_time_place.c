/* Events of which only an interval is known, placed in it for judging. */
#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "trainer/evaluate_time_internal.h"

enum {
  CELLS = 1000, /* of the time from the start to the longest spell */
  ROUNDS = 100, /* of EM; what later ones add are spikes */
};

/* Turnbull's estimate with competing causes: chances of proficiency and of other exits in each
 * cell, and of neither. */
typedef struct turnbull {
  double width; /* of a cell, days */
  double p[CELLS], other[CELLS], never;
  /* Of the rows: exact ones in a cell; sums over intervals and over censored spells of one over
   * the chance of what is known of them. */
  double exact[CELLS], exact_other[CELLS], within[CELLS + 1], beyond[CELLS + 1];
} turnbull;

static int cell_of(const turnbull *t, double day) {
  const double cell = ceil(day / t->width) - 1;
  return (int)fmin(fmax(cell, 0), CELLS - 1);
}

/* Shorter than a cell is exact. */
static bool is_between(const turnbull *t, const pfc_episode *at) {
  return at->event == PFC_PROFICIENT && at->duration_days - at->last_below_days > t->width;
}

static int first_cell(const turnbull *t, const pfc_episode *at) {
  return (int)fmin(at->last_below_days / t->width, cell_of(t, at->duration_days));
}

/* before[j]: sum of x up to cell j, without it. */
static void add_up(const double *x, double *before) {
  before[0] = 0;
  for (int j = 0; j < CELLS; j++) before[j + 1] = before[j] + x[j];
}

static void look_at_rows(turnbull *t, int64_t n, const pfc_episode *at) {
  double p[CELLS + 1], other[CELLS + 1];
  add_up(t->p, p);
  add_up(t->other, other);
  for (int j = 0; j <= CELLS; j++) t->within[j] = t->beyond[j] = 0;
  for (int64_t i = 0; i < n; i++) {
    const int to = cell_of(t, at[i].duration_days) + 1;
    if (is_between(t, &at[i])) {
      const int from = first_cell(t, &at[i]);
      const double chance = fmax(p[to] - p[from], 1e-12);
      t->within[from] += 1 / chance;
      t->within[to] -= 1 / chance;
    } else if (at[i].event == PFC_CENSORED) {
      const double chance = p[CELLS] - p[to] + other[CELLS] - other[to] + t->never;
      t->beyond[to] += 1 / fmax(chance, 1e-12);
    }
  }
}

static void count_exact(turnbull *t, int64_t n, const pfc_episode *at) {
  for (int64_t i = 0; i < n; i++) {
    if (at[i].event == PFC_CENSORED || is_between(t, &at[i])) continue;
    double *of = at[i].event == PFC_PROFICIENT ? t->exact : t->exact_other;
    of[cell_of(t, at[i].duration_days)]++;
  }
}

static void estimate(turnbull *t, int64_t n, const pfc_episode *at) {
  double longest = 0;
  for (int64_t i = 0; i < n; i++) longest = fmax(longest, at[i].duration_days);
  *t = (turnbull){.width = longest / CELLS, .never = 1.0 / (2 * CELLS + 1)};
  for (int j = 0; j < CELLS; j++) t->p[j] = t->other[j] = 1.0 / (2 * CELLS + 1);
  count_exact(t, n, at);
  for (int round = 0; round < ROUNDS; round++) {
    double within = 0, beyond = 0;
    look_at_rows(t, n, at);
    for (int j = 0; j < CELLS; j++) {
      within += t->within[j];
      beyond += t->beyond[j];
      t->p[j] = (t->exact[j] + t->p[j] * (within + beyond)) / (double)n;
      t->other[j] = (t->exact_other[j] + t->other[j] * beyond) / (double)n;
    }
    t->never *= (beyond + t->beyond[CELLS]) / (double)n;
  }
}

/* Keyed by what the episode is of, not by where it stands. */
static double draw(const pfc_dataset *ds, const pfc_episode *at) {
  static const char *const DICTS[] = {"person", "intervention", "competency"};
  const int32_t code[] = {at->person, at->intervention, at->competency};
  uint64_t id = (uint64_t)(int64_t)at->start;
  for (int k = 0; k < 3; k++) {
    const pfc_dict *dict = code[k] >= 0 ? pfc_dataset_find_dict(ds, DICTS[k]) : NULL;
    id = id * 0x9e3779b97f4a7c15U + (dict ? pfc_rng_id(pfc_dict_text(dict, code[k])) : 0);
  }
  pfc_rng rng;
  pfc_rng_init(&rng, 0, "evaluate.place", id);
  return pfc_rng_uniform(&rng);
}

/* A cell's part of the interval. */
static double begins_in(const turnbull *t, const pfc_episode *at, int j) {
  return fmax(at->last_below_days, j * t->width);
}

static double ends_in(const turnbull *t, const pfc_episode *at, int j) {
  return fmin(at->duration_days, (j + 1) * t->width);
}

/* A little everywhere, so that what none of many rows told of stays possible. */
static double chance_in(const turnbull *t, const pfc_episode *at, int j) {
  return (t->p[j] + 1e-9) * fmax(ends_in(t, at, j) - begins_in(t, at, j), 0);
}

/* The day by which the share u of what lies in the interval has come. */
static double place(const turnbull *t, const pfc_episode *at, double u) {
  const int to = cell_of(t, at->duration_days);
  int j = first_cell(t, at);
  double all = 0;
  for (int k = j; k <= to; k++) all += chance_in(t, at, k);
  double left = u * all;
  for (; j < to && left >= chance_in(t, at, j); j++) left -= chance_in(t, at, j);
  const double begins = begins_in(t, at, j), share = left / chance_in(t, at, j);
  const double day = begins + fmin(share, 1) * (ends_in(t, at, j) - begins);
  /* After the last look below, which is not yet the event. */
  return fmin(fmax(day, at->last_below_days + 1e-6 * t->width), at->duration_days);
}

pfc_status pfc__place_events(const pfc_dataset *ds, int64_t n, const pfc_episode *at,
                             double *time, pfc_error *err) {
  pfc_status st = PFC_OK;
  turnbull *t = NULL;
  PFC_NEW(t, 1);
  if (n > 0) estimate(t, n, at);
  for (int64_t i = 0; i < n; i++) {
    time[i] = is_between(t, &at[i]) ? place(t, &at[i], draw(ds, &at[i])) : at[i].duration_days;
  }
done:
  pfc_free(t);
  return st;
}
