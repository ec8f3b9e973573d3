/* The log of one slot, summed by cluster. */
#include <math.h>

#include "base/mem.h"
#include "trainer/off_policy_internal.h"

/* --- what may stand in a log ---------------------------------------------------------------
 */

static pfc_status check_row(const pfc_logged *log, int64_t i, pfc_error *err) {
  const long long row = (long long)i;
  const double p = log->propensity[i], t = log->target[i];
  if (log->cluster && log->cluster[i] < 0)
    return pfc_fail(err, PFC_EUSAGE, "row %lld: cluster %d; 0 or more", row, log->cluster[i]);
  if (log->slot && (log->slot[i] < 0 || log->slot[i] >= log->n_slots))
    return pfc_fail(err, PFC_EUSAGE, "row %lld: slot %d; 0 to %d", row, log->slot[i],
                    log->n_slots - 1);
  if (!isfinite(log->reward[i]))
    return pfc_fail(err, PFC_EUSAGE, "row %lld: reward is not a finite number", row);
  if (!(p > 0 && p <= 1))
    return pfc_fail(err, PFC_EUSAGE, "row %lld: propensity %g; above 0 and at most 1", row, p);
  if (!(t >= 0 && t <= 1))
    return pfc_fail(err, PFC_EUSAGE, "row %lld: target %g; 0 to 1", row, t);
  if (log->expected && !(isfinite(log->expected[i]) && isfinite(log->expected_target[i])))
    return pfc_fail(err, PFC_EUSAGE, "row %lld: expected reward is not a finite number", row);
  if (log->unsupported && !(log->unsupported[i] >= 0 && log->unsupported[i] <= 1))
    return pfc_fail(err, PFC_EUSAGE, "row %lld: unsupported %g; 0 to 1", row,
                    log->unsupported[i]);
  return PFC_OK;
}

pfc_status pfc__logged_check(const pfc_logged *log, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (log->n < 1) return pfc_fail(err, PFC_EUSAGE, "no decisions were logged");
  if (log->n > INT32_MAX)
    return pfc_fail(err, PFC_EUSAGE, "%lld decisions; at most %d", (long long)log->n,
                    INT32_MAX);
  if (log->n_slots < 1) return pfc_fail(err, PFC_EUSAGE, "%d slots; at least 1", log->n_slots);
  if (!log->expected != !log->expected_target)
    return pfc_fail(err, PFC_EUSAGE, "expected, expected_target: both or neither");
  for (int64_t i = 0; i < log->n && st == PFC_OK; i++) st = check_row(log, i, err);
  return st;
}

/* --- sums ----------------------------------------------------------------------------------
 */

static bool is_in(const pfc_logged *log, int32_t slot, int64_t i) {
  return slot < 0 || (log->slot ? log->slot[i] : 0) == slot;
}

static int32_t last_cluster(const pfc_logged *log) {
  int32_t last = (int32_t)log->n - 1;
  if (!log->cluster) return last;
  last = 0;
  for (int64_t i = 0; i < log->n; i++)
    if (log->cluster[i] > last) last = log->cluster[i];
  return last;
}

/* number[c]: place of cluster c among those that have rows in the slot, from 1; 0: none. */
static void count_rows(pfc__sums *s, const pfc_logged *log, int32_t slot, int32_t *number) {
  for (int64_t i = 0; i < log->n; i++) {
    if (!is_in(log, slot, i)) continue;
    const int64_t c = log->cluster ? log->cluster[i] : i;
    if (number[c] == 0) number[c] = ++s->n;
    s->n_rows++;
  }
}

static void add_row(pfc__sums *s, const pfc_logged *log, int64_t i, int32_t p,
                    double switch_above) {
  const double r = log->reward[i], w = log->target[i] / log->propensity[i];
  s->rows[p] += 1;
  s->reward[p] += r;
  s->weight[p] += w;
  s->weighted[p] += w * r;
  s->weights += w;
  s->squares += w * w;
  s->second += w * r * r;
  s->unsupported += log->unsupported ? log->unsupported[i] : 0;
  if (r < 0 || r > 1) s->is_share = false;
  if (!log->expected) return;
  const double e = log->expected[i], by_model = log->expected_target[i], rest = w * (r - e);
  s->dr[p] += by_model + rest;
  s->switched[p] += by_model + (w <= switch_above ? rest : 0);
  s->left_out += w <= switch_above ? 0 : rest;
  s->modelled += w * w * fmax(e * (1 - e), 0);
}

pfc_status pfc__sums_init(pfc__sums *s, const pfc_logged *log, int32_t slot,
                          double switch_above, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *number = NULL;
  *s = (pfc__sums){.has_model = log->expected != NULL, .is_share = true};
  PFC_NEW(number, (size_t)last_cluster(log) + 1);
  count_rows(s, log, slot, number);
  PFC_NEW(s->rows, s->n);
  PFC_NEW(s->reward, s->n);
  PFC_NEW(s->weight, s->n);
  PFC_NEW(s->weighted, s->n);
  PFC_NEW(s->dr, s->n);
  PFC_NEW(s->switched, s->n);
  for (int64_t i = 0; i < log->n; i++) {
    if (!is_in(log, slot, i)) continue;
    add_row(s, log, i, number[log->cluster ? log->cluster[i] : i] - 1, switch_above);
  }
done:
  pfc_free(number);
  return st;
}

void pfc__sums_clear(pfc__sums *s) {
  pfc_free(s->rows);
  pfc_free(s->reward);
  pfc_free(s->weight);
  pfc_free(s->weighted);
  pfc_free(s->dr);
  pfc_free(s->switched);
  *s = (pfc__sums){0};
}
