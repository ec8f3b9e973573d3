/* How long lessons take to arrive, by the bound: no sweep moves it, since arrivals are packed
 * with the cells. */
#include <math.h>

#include "trainer/profile_fit_internal.h"

static const double STEP = 1.5, LEAST_DAYS = 5, MOST_DAYS = 800;
/* Before any data: likely within a factor of two of what it begins with. */
static const double LOG_SD = 0.7;
/* Sweeps that the rest of the model needs to follow, of which the bound is taken. */
enum { SWEEPS_A_VALUE = 4 };

static pfc_status bound_at(pfc__pdata *d, pfc__psweep *w, double days, double *bound,
                           const pfc_progress *progress, pfc_error *err) {
  pfc_status st = PFC_OK;
  const double off = log(days / PFC__TEACHING_DAYS) / LOG_SD;
  d->shape.teaching_days = days;
  PFC_TRY(pfc__update_ways(w, err));
  for (int i = 0; i < SWEEPS_A_VALUE; i++) {
    PFC_TRY(pfc__psweep_run(w, err));
    PFC_TRY(pfc_progress_report(progress, "profile", i + 1, SWEEPS_A_VALUE, -w->s->bound, err));
  }
  *bound = w->s->bound - 0.5 * off * off;
done:
  return st;
}

/* The top of the parabola through three bounds a step apart, in steps from the middle one. */
static double top(const double bound[3]) {
  const double bend = bound[0] - 2 * bound[1] + bound[2];
  return bend < 0 ? fmax(-1, fmin(1, 0.5 * (bound[0] - bound[2]) / bend)) : 0;
}

pfc_status pfc__teaching_search(pfc__pdata *d, pfc__pstate *s, const pfc_progress *progress,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__psweep w = {0};
  double bound[3]; /* below, at and above the best so far */
  double best = PFC__TEACHING_DAYS;
  PFC_TRY(pfc__psweep_init(&w, d, s, err));
  if (!pfc__psweep_has_lessons(&w)) goto done;
  PFC_TRY(bound_at(d, &w, best, &bound[1], progress, err));
  PFC_TRY(bound_at(d, &w, best * STEP, &bound[2], progress, err));
  PFC_TRY(bound_at(d, &w, best / STEP, &bound[0], progress, err));
  while (bound[2] > bound[1] && best * STEP * STEP < MOST_DAYS) {
    best *= STEP;
    bound[0] = bound[1];
    bound[1] = bound[2];
    PFC_TRY(bound_at(d, &w, best * STEP, &bound[2], progress, err));
  }
  while (bound[0] > bound[1] && best / (STEP * STEP) > LEAST_DAYS) {
    best /= STEP;
    bound[2] = bound[1];
    bound[1] = bound[0];
    PFC_TRY(bound_at(d, &w, best / STEP, &bound[0], progress, err));
  }
  d->shape.teaching_days = best * pow(STEP, top(bound));
  PFC_TRY(pfc__update_ways(&w, err));
done:
  pfc__psweep_clear(&w);
  return st;
}
