/* What lists are like, whatever was relevant on them: new, varied, drawn from many items. */
#include <math.h>

#include "trainer/metrics.h"

static int length(int k, int n_ranked) { return k < n_ranked ? k : n_ranked; }

double pfc_novelty_at(int k, int n_ranked, const int32_t *item, const int32_t *takers,
                      int32_t n_people) {
  const int n = length(k, n_ranked);
  double bits = 0;
  for (int j = 0; j < n; j++) bits += log2(n_people + 2.0) - log2(takers[item[j]] + 1.0);
  return n > 0 ? bits / n : NAN;
}

double pfc_diversity_at(int k, int n_ranked, const int32_t *item, pfc_similarity_fn similarity,
                        void *user) {
  const int n = length(k, n_ranked);
  double sum = 0;
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) sum += 1 - similarity(item[i], item[j], user);
  return n > 1 ? sum / (0.5 * n * (n - 1)) : NAN;
}

double pfc_jaccard(int32_t a, int32_t b, void *sets) {
  if (a == b) return 1;
  const pfc_item_sets *s = sets;
  int n_a = 0, n_b = 0, n_both = 0;
  for (int32_t i = s->first[b]; i < s->first[b + 1]; i++) n_b += s->member[i] >= 0;
  for (int32_t i = s->first[a]; i < s->first[a + 1]; i++) {
    if (s->member[i] < 0) continue;
    n_a++;
    for (int32_t j = s->first[b]; j < s->first[b + 1]; j++)
      n_both += s->member[j] == s->member[i];
  }
  const int n_either = n_a + n_b - n_both;
  return n_either > 0 ? (double)n_both / n_either : 0;
}

double pfc_coverage(int n, const double *exposure) {
  int n_shown = 0;
  for (int i = 0; i < n; i++) {
    if (!(exposure[i] >= 0)) return NAN;
    n_shown += exposure[i] > 0;
  }
  return n > 0 ? (double)n_shown / n : NAN;
}
