#include "trainer/crude_levels.h"

#include <math.h>
#include <string.h>

const char *pfc_crude_name(pfc_crude rule) {
  static const char *const NAMES[] = {"latest_rating", "highest_source", "mean_rating"};
  return NAMES[rule];
}

void pfc_crude_ranks(const pfc_dataset *ds, const pfc_evidence *e, int32_t *rank) {
  static const char *const WORDS[] = {"self",   NULL,     "peer", "manager",
                                      "report", "review", "test", "certificate"};
  enum { N = sizeof WORDS / sizeof *WORDS, OTHER = 1 };
  const pfc_dict *sources = pfc_dataset_find_dict(ds, "source");
  for (int32_t s = 0; s < e->n_sources; s++) {
    rank[s] = OTHER;
    for (int k = 0; k < N; k++)
      if (WORDS[k] && strcmp(pfc_dict_text(sources, s), WORDS[k]) == 0) rank[s] = k;
    if (e->is_anchor[s]) rank[s] += N;
  }
}

/* The first rating of the person in that competency, or where it would stand. */
static int64_t find(const pfc_evidence *e, int32_t person, int32_t competency) {
  int64_t lo = e->first_seen[person], hi = e->first_seen[person + 1];
  while (lo < hi) {
    const int64_t mid = lo + (hi - lo) / 2;
    if (e->seen[mid].competency < competency) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

bool pfc_crude_levels(const pfc_evidence *e, const int32_t *rank, int32_t person,
                      int32_t competency, int32_t date, double level[PFC_N_CRUDE]) {
  double sum = 0;
  int64_t n = 0;
  int32_t best = -1;
  for (int k = 0; k < PFC_N_CRUDE; k++) level[k] = NAN;
  const int64_t end = e->first_seen[person + 1];
  for (int64_t k = find(e, person, competency); k < end; k++) {
    const pfc_seen *at = &e->seen[k];
    if (at->competency != competency) break;
    if (!pfc_seen_before(e, at, date)) continue;
    const int32_t here = at->source < 0 ? 0 : rank[at->source];
    level[PFC_LATEST_RATING] = (double)at->level;
    if (here >= best) {
      level[PFC_HIGHEST_SOURCE] = (double)at->level;
      best = here;
    }
    sum += (double)at->level;
    n++;
  }
  if (n > 0) level[PFC_MEAN_RATING] = sum / (double)n;
  return n > 0;
}
