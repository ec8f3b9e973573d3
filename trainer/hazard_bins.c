#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/hazard_fit.h"

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

typedef struct exit_time {
  double day;
  int event; /* 1: of any cause */
} exit_time;

static int by_day(const void *a, const void *b) {
  return ascending(&((const exit_time *)a)->day, &((const exit_time *)b)->day);
}

/* Walks the days on which spells end, in order. */
typedef struct walk {
  int64_t n;
  const exit_time *out; /* n, sorted */
  const double *in;     /* n, sorted: days of entry */
  int64_t left, entered;
  double day;
  int64_t at_risk, events; /* on that day */
} walk;

static int walk_next(walk *w) {
  if (w->left == w->n) return 0;
  w->day = w->out[w->left].day;
  while (w->entered < w->n && w->in[w->entered] < w->day) w->entered++;
  w->at_risk = w->entered - w->left;
  w->events = 0;
  for (; w->left < w->n && w->out[w->left].day == w->day; w->left++)
    w->events += w->out[w->left].event;
  return 1;
}

/* The last day with so many at risk, and the share of spells with an event by then. */
static void find_horizon(walk w, double needed, double *horizon, double *reached) {
  double survival = 1;
  *horizon = *reached = 0;
  while (walk_next(&w)) {
    survival *= 1 - (double)w.events / (double)w.at_risk;
    if ((double)w.at_risk < needed) continue;
    *horizon = w.day;
    *reached = 1 - survival;
  }
}

/* edge[j] = first day by which j / max_bins of those reached have had their event. */
static int32_t place_edges(walk w, int max_bins, double horizon, double reached, double *edge) {
  double survival = 1;
  int next = 1;
  int32_t n = 0;
  edge[0] = 0;
  while (next < max_bins && walk_next(&w) && w.day < horizon) {
    survival *= 1 - (double)w.events / (double)w.at_risk;
    if (1 - survival < reached * next / max_bins * (1 - 1e-12)) continue;
    edge[++n] = w.day;
    while (next < max_bins && 1 - survival >= reached * next / max_bins * (1 - 1e-12)) next++;
  }
  edge[++n] = horizon;
  return n;
}

pfc_status pfc_hazard_bins(int64_t n, const pfc_episode *spell, int max_bins, double tail,
                           double **edge, int32_t *n_bins, pfc_error *err) {
  pfc_status st = PFC_OK;
  exit_time *out = NULL;
  double *in = NULL, *made = NULL, horizon = 0, reached = 0;
  if (n < 1 || max_bins < 1 || !(tail >= 0 && tail <= 1))
    return pfc_fail(err, PFC_EUSAGE,
                    "time: %lld spells, %d bins, tail %g; bins need spells, "
                    "1 bin or more, and a tail of 0 to 1",
                    (long long)n, max_bins, tail);
  PFC_NEW(out, n);
  PFC_NEW(in, n);
  PFC_NEW(made, (size_t)max_bins + 1);
  for (int64_t i = 0; i < n; i++) {
    out[i] = (exit_time){spell[i].duration_days, spell[i].event != PFC_CENSORED};
    in[i] = spell[i].entry_days;
  }
  qsort(out, (size_t)n, sizeof *out, by_day);
  qsort(in, (size_t)n, sizeof *in, ascending);
  const walk start = {.n = n, .out = out, .in = in};
  find_horizon(start, tail * (double)n, &horizon, &reached);
  if (!(reached > 0)) {
    st = pfc_fail(err, PFC_EDATA,
                  "time: no event while a share of %g of the %lld spells is "
                  "still at risk",
                  tail, (long long)n);
    goto done;
  }
  *n_bins = place_edges(start, max_bins, horizon, reached, made);
  *edge = made;
  made = NULL;
done:
  pfc_free(out);
  pfc_free(in);
  pfc_free(made);
  return st;
}
