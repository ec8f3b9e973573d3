#include <math.h>

#include "base/mem.h"
#include "trainer/metrics_internal.h"

static int least(int a, int b) { return a < b ? a : b; }

static int hits(int n, const uint8_t *hit) {
  int n_hits = 0;
  for (int j = 0; j < n; j++) n_hits += hit[j] != 0;
  return n_hits;
}

double pfc_recall_at(int k, int n_ranked, const uint8_t *hit, int n_relevant) {
  if (k < 1 || n_relevant < 1) return NAN;
  return (double)hits(least(k, n_ranked), hit) / least(k, n_relevant);
}

double pfc_ndcg_at(int k, int n_ranked, const uint8_t *hit, int n_relevant) {
  if (k < 1 || n_relevant < 1) return NAN;
  double gain = 0, best = 0;
  for (int j = 0; j < least(k, n_ranked); j++)
    if (hit[j]) gain += 1 / log2(j + 2.0);
  for (int j = 0; j < least(k, n_relevant); j++) best += 1 / log2(j + 2.0);
  return gain / best;
}

double pfc_average_precision_at(int k, int n_ranked, const uint8_t *hit, int n_relevant) {
  if (k < 1 || n_relevant < 1) return NAN;
  double sum = 0;
  int n_hits = 0;
  for (int j = 0; j < least(k, n_ranked); j++) {
    if (!hit[j]) continue;
    n_hits++;
    sum += n_hits / (j + 1.0);
  }
  return sum / n_relevant;
}

double pfc_reciprocal_rank(int n_ranked, const uint8_t *hit) {
  for (int j = 0; j < n_ranked; j++)
    if (hit[j]) return 1 / (j + 1.0);
  return 0;
}

double pfc_precision_at(int k, int n_ranked, const uint8_t *hit, int n_relevant) {
  if (k < 1 || n_relevant < 1) return NAN;
  return (double)hits(least(k, n_ranked), hit) / k;
}

double pfc_hit_rate_at(int k, int n_ranked, const uint8_t *hit, int n_relevant) {
  if (k < 1 || n_relevant < 1) return NAN;
  return hits(least(k, n_ranked), hit) > 0;
}

/* With x ascending, sum_i sum_j |x_i - x_j| = 2 sum_i (2 i - n - 1) x_i, i from 1. */
pfc_status pfc_gini(int n, const double *exposure, double *gini, pfc_error *err) {
  pfc_error why = PFC_ERROR_INIT;
  pfc__key *keys = NULL;
  int64_t n_keys = 0;
  *gini = NAN;
  const pfc_status st = pfc__sort_rows(n, exposure, NULL, "exposure", &keys, &n_keys, &why);
  if (st == PFC_ENOMEM) return pfc_fail(err, st, "%s", why.msg);
  if (st != PFC_OK) return PFC_OK; /* an exposure is no number */
  double sum = 0, spread = 0;
  for (int i = 0; i < n; i++) {
    sum += keys[i].value;
    spread += (2.0 * (i + 1) - n - 1) * keys[i].value;
  }
  const double lowest = n > 0 ? keys[0].value : NAN;
  pfc_free(keys);
  if (lowest >= 0 && sum > 0) *gini = spread / (n * sum);
  return PFC_OK;
}
