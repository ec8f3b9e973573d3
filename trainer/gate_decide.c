/* From rows to a verdict. */
#include <math.h>

#include "base/mem.h"
#include "trainer/bootstrap.h"
#include "trainer/gate_internal.h"

static const double Z975 = 1.959963984540054; /* of a 95 % interval */
enum { FEWEST = 30 }; /* rows: with fewer, what resamples say of tails is not to be relied on */

/* Over all rounds together no more than alpha: the sum of 1 / k^2 is pi^2 / 6. */
double pfc__gate_spend(double alpha, int32_t round) {
  return alpha * 6 / (M_PI * M_PI * (double)round * (double)round);
}

static double lower_tail(double z) { return 0.5 * erfc(-z / M_SQRT2); }

/* Has the row a standard error to go by? */
static bool is_sampled(const pfc__gate_row *row) {
  return isfinite(row->figure) && isfinite(row->error) && row->n >= FEWEST;
}

/* Chance of so low a gain, or a lower one, where it is `at`. */
static double chance_below(const pfc__gate_row *row, double at) {
  if (row->error > 0) return lower_tail((row->figure - at) / row->error);
  return row->figure < at ? 0 : 1;
}

/* Chance of so high a gain, or a higher one, where it is `at`. */
static double chance_above(const pfc__gate_row *row, double at) {
  if (row->error > 0) return lower_tail((at - row->figure) / row->error);
  return row->figure >= at ? 0 : 1;
}

/* Rows that may refuse, Holm-corrected over all of them: worse is whose gain is below 0 beyond
 * chance, and below the limit as it stands. */
static pfc_status find_worse(pfc__gate *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *p = NULL, *holm = NULL;
  PFC_NEW(p, g->n);
  PFC_NEW(holm, g->n);
  for (int64_t i = 0; i < g->n; i++) {
    const pfc__gate_row *row = &g->rows[i];
    const bool counts = row->role != PFC__FOR_THE_RECORD && is_sampled(row);
    p[i] = counts ? chance_below(row, 0) : (double)NAN;
  }
  PFC_TRY(pfc_holm((int)g->n, p, holm, err));
  for (int64_t i = 0; i < g->n; i++) {
    pfc__gate_row *row = &g->rows[i];
    row->p = holm[i];
    const bool is_shown = holm[i] <= g->alpha && row->figure < row->limit;
    if (row->is_refused || is_shown) row->verdict = PFC__ROW_WORSE;
  }
done:
  pfc_free(p);
  pfc_free(holm);
  return st;
}

/* Does the gain stay above its limit? With resamples at the error rate of one decision, else
 * as it stands. */
static bool holds(const pfc__gate *g, const pfc__gate_row *row) {
  if (isnan(row->error)) return row->figure >= row->limit;
  return chance_above(row, row->limit) <= g->settings->alpha;
}

static pfc__row_verdict judge_row(const pfc__gate *g, const pfc__gate_row *row) {
  if (row->verdict == PFC__ROW_WORSE) return PFC__ROW_WORSE;
  if (row->role == PFC__FOR_THE_RECORD || isnan(row->figure)) return PFC__ROW_TOLD;
  if (isfinite(row->error) && row->n < FEWEST) return PFC__ROW_TOLD;
  /* The best of several is the luckiest of them, too: each gets its share of the error. */
  const double alpha = g->settings->alpha / g->settings->candidates;
  if (row->role == PFC__MAY_GAIN && isfinite(row->error) && row->figure > 0 &&
      chance_above(row, 0) <= alpha)
    return PFC__ROW_BETTER;
  return holds(g, row) ? PFC__ROW_HOLDS : PFC__ROW_UNCLEAR;
}

static void put_interval(pfc__gate_row *row) {
  const double half = Z975 * row->error;
  row->lo = row->figure - half;
  row->hi = row->figure + half;
}

pfc_status pfc__gate_decide(pfc__gate *g, pfc_gate_verdict *verdict, pfc_error *err) {
  pfc_status st = PFC_OK;
  bool is_better = false, all_hold = true, is_worse = false;
  PFC_TRY(find_worse(g, err));
  for (int64_t i = 0; i < g->n; i++) {
    pfc__gate_row *row = &g->rows[i];
    put_interval(row);
    row->verdict = judge_row(g, row);
    is_worse |= row->verdict == PFC__ROW_WORSE;
    is_better |= row->verdict == PFC__ROW_BETTER;
    all_hold &= row->role < PFC__MUST_HOLD || row->verdict != PFC__ROW_UNCLEAR;
  }
  *verdict = is_worse ? PFC_REJECT : is_better && all_hold ? PFC_PROMOTE : PFC_UNDECIDED;
done:
  return st;
}
