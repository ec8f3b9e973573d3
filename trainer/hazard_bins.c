#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/hazard_fit.h"

/* No bin is longer than this share of the whole span: where events are rare, quantiles alone
 * would leave one hazard for a long time in which it surely changes. */
static const double LONGEST_BIN = 1.0 / 20;

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* Appends the edges up to `to`, in equal steps of at most `longest`. */
static int32_t add_edges(double *edge, int32_t n, double to, double longest) {
  const double from = edge[n - 1], gap = to - from;
  if (!(gap > 0)) return n;
  const int32_t steps = (int32_t)ceil(gap / longest - 1e-9);
  for (int32_t s = 1; s < steps; s++) edge[n++] = from + gap * s / steps;
  edge[n++] = to;
  return n;
}

pfc_status pfc_hazard_bins(int64_t n, const double *event_day, double first, double last,
                           int max_quantiles, double **edge, int32_t *n_bins, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *sorted = NULL, *made = NULL;
  if (n < 1 || max_quantiles < 1 || !(last > first)) {
    return pfc_fail(err, PFC_EUSAGE,
                    "time: bins need events (%lld), one quantile or more (%d) and a span "
                    "(%g to %g)",
                    (long long)n, max_quantiles, first, last);
  }
  const double longest = (last - first) * LONGEST_BIN;
  PFC_NEW(sorted, n);
  PFC_NEW(made, (size_t)max_quantiles + 2 + (size_t)(1 / LONGEST_BIN));
  memcpy(sorted, event_day, (size_t)n * sizeof *sorted);
  qsort(sorted, (size_t)n, sizeof *sorted, ascending);
  made[0] = first;
  int32_t m = 1;
  for (int j = 1; j < max_quantiles; j++) {
    const int64_t at = (int64_t)ceil((double)n * j / max_quantiles) - 1;
    if (sorted[at] < last) m = add_edges(made, m, sorted[at], longest);
  }
  m = add_edges(made, m, last, longest);
  *n_bins = m - 1;
  *edge = made;
  made = NULL;
done:
  pfc_free(sorted);
  pfc_free(made);
  return st;
}

/* --- horizon -------------------------------------------------------------------------- */

typedef struct exit_time {
  double day;
  int censored;
} exit_time;

static int by_day(const void *a, const void *b) {
  const exit_time *x = a, *y = b;
  if (x->day != y->day) return x->day < y->day ? -1 : 1;
  return x->censored - y->censored;
}

/* Kaplan-Meier of being censored, events ending the observation: the last day by which its
 * survival is still at least `followed`. */
static double last_followed(int64_t n, const exit_time *out, double followed) {
  double survival = 1;
  for (int64_t i = 0; i < n;) {
    const double day = out[i].day;
    const int64_t at_risk = n - i;
    int64_t gone = 0;
    for (; i < n && out[i].day == day; i++) gone += out[i].censored;
    survival *= 1 - (double)gone / (double)at_risk;
    if (survival < followed) return day;
  }
  return out[n - 1].day;
}

pfc_status pfc_hazard_horizon(int64_t n, const pfc_episode *spell, double tail, double *horizon,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  exit_time *out = NULL;
  if (n < 1 || !(tail >= 0 && tail < 1)) {
    return pfc_fail(err, PFC_EUSAGE,
                    "time: a horizon needs spells (%lld) and a tail in 0..1 (%g)", (long long)n,
                    tail);
  }
  PFC_NEW(out, n);
  for (int64_t i = 0; i < n; i++) {
    out[i] = (exit_time){spell[i].duration_days, spell[i].event == PFC_CENSORED};
  }
  qsort(out, (size_t)n, sizeof *out, by_day);
  const double day = last_followed(n, out, 1 - tail);
  *horizon = day > 60 ? 30 * floor(day / 30) : day;
done:
  pfc_free(out);
  return st;
}
