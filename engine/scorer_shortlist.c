/* The best few of a person's candidates. */
#include <math.h>
#include <string.h>

#include "engine/scorer_internal.h"

static double key_of(const pfc_score *score, int by_affinity) {
  return by_affinity ? score->affinity : score->value;
}

/* Inserts into a list kept best first. Candidates come in order of their codes, so that
 * "strictly better" keeps the lower code in front of equals. */
static int insert(pfc_score *list, int n, int most, const pfc_score *score, int by_affinity) {
  int at = n;
  while (at > 0 && key_of(score, by_affinity) > key_of(&list[at - 1], by_affinity)) at--;
  if (at >= most) return n;
  const int kept = n < most ? n : most - 1;
  memmove(list + at + 1, list + at, (size_t)(kept - at) * sizeof *list);
  list[at] = *score;
  return kept + 1;
}

/* What models hold to be worth nothing is listed only where less than nothing is asked for. */
static bool is_worth_it(const pfc_scorer *s, double value, double least) {
  return value >= least && (value > 0 || least < 0 || s->ranker);
}

int pfc_scorer_shortlist(const pfc_scorer *s, int thread, int by_affinity, int most,
                         double least, pfc_score *list) {
  const pfc_ruling *ruling = s->tile[thread].ruling;
  int n = 0;
  for (int32_t j = 0; j < s->n_candidates && most > 0; j++) {
    pfc_score score;
    if (!pfc_bit(ruling->allowed, j)) continue;
    pfc_scorer_pair(s, thread, j, &score);
    if (isnan(key_of(&score, by_affinity)) || !is_worth_it(s, score.value, least)) continue;
    n = insert(list, n, most, &score, by_affinity);
  }
  return n;
}
