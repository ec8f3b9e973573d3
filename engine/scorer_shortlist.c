/* The best few of a person's candidates: those of the highest bound are told one after the
 * other, until no bound reaches what the list holds already. What was told stays until the next
 * look, so that a longer list goes on from there. */
#include <math.h>
#include <string.h>

#include "engine/scorer_internal.h"

/* Restores the heap once the bound at a place has fallen. */
static void sink(pfc__tile *tile, int32_t at) {
  const pfc__open moved = tile->open[at];
  for (int32_t below; (below = 2 * at + 1) < tile->n_open; at = below) {
    if (below + 1 < tile->n_open && tile->open[below + 1].bound > tile->open[below].bound)
      below++;
    if (!(tile->open[below].bound > moved.bound)) break;
    tile->open[at] = tile->open[below];
  }
  tile->open[at] = moved;
}

static void drop_highest(pfc__tile *tile) {
  tile->open[0] = tile->open[--tile->n_open];
  if (tile->n_open > 0) sink(tile, 0);
}

static double key_of(const pfc_score *score, pfc__order order) {
  return pfc__is_by_affinity(order) ? score->affinity : score->value;
}

static bool comes_before(const pfc_score *a, const pfc_score *b, pfc__order order) {
  const double x = key_of(a, order), y = key_of(b, order);
  return x > y || (x == y && a->intervention < b->intervention);
}

/* Keeps those told in order. */
static void keep(pfc__tile *tile, const pfc_score *score) {
  if (isnan(key_of(score, tile->order))) return;
  int32_t at = tile->n_told;
  tile->told[tile->n_told++] = *score;
  for (; at > 0 && comes_before(score, &tile->told[tile->rank[at - 1]], tile->order); at--)
    tile->rank[at] = tile->rank[at - 1];
  tile->rank[at] = tile->n_told - 1;
}

static void begin_list(const pfc_scorer *s, int thread, pfc__order order) {
  pfc__tile *tile = &s->tile[thread];
  pfc__scorer_bound(s, thread, order);
  for (int32_t k = tile->n_open / 2; k-- > 0;) sink(tile, k);
  tile->order = order;
  tile->n_told = 0;
}

/* What models hold to be worth nothing is listed only where less than nothing is asked for. */
static bool is_worth_it(const pfc_scorer *s, double value, double least) {
  return value >= least && (value > 0 || least < 0 || s->ranker);
}

/* Places of the list that are taken by what is worth it; *last: the key of the last of them. */
static int count(const pfc_scorer *s, const pfc__tile *tile, int most, double least,
                 double *last) {
  int n = 0;
  for (int32_t k = 0; k < tile->n_told && n < most; k++) {
    const pfc_score *score = &tile->told[tile->rank[k]];
    if (!is_worth_it(s, score->value, least)) continue;
    *last = key_of(score, tile->order);
    n++;
  }
  return n;
}

/* A closer bound of the highest before all terms are worked out: with the chances as they are.
 */
static bool look_closer(const pfc_scorer *s, int thread) {
  pfc__tile *tile = &s->tile[thread];
  pfc__open *first = &tile->open[0];
  if (tile->order != PFC__BY_VALUE || s->ranker || first->is_close) return false;
  const double bound = pfc__scorer_bound_pair(s, thread, first->candidate);
  first->bound = (float)bound * (1 + 1e-6f);
  first->is_close = true;
  if (bound > 0) {
    sink(tile, 0);
  } else {
    drop_highest(tile);
  }
  return true;
}

static void extend(const pfc_scorer *s, int thread, int most, double least) {
  pfc__tile *tile = &s->tile[thread];
  while (tile->n_open > 0) {
    double last = INFINITY;
    const double bound = (double)tile->open[0].bound;
    if (!pfc__is_by_affinity(tile->order) && bound < least) return;
    if (count(s, tile, most, least, &last) == most && bound < last) return;
    if (look_closer(s, thread)) continue;
    pfc_score score;
    pfc_scorer_pair(s, thread, tile->open[0].candidate, &score);
    keep(tile, &score);
    drop_highest(tile);
  }
}

int pfc_scorer_shortlist(const pfc_scorer *s, int thread, int by_affinity, int most,
                         double least, pfc_score *list) {
  pfc__tile *tile = &s->tile[thread];
  const pfc__order order = least < 0 ? (by_affinity ? PFC__BY_ANY_AFFINITY : PFC__BY_ANY_VALUE)
                                     : (by_affinity ? PFC__BY_AFFINITY : PFC__BY_VALUE);
  int n = 0;
  if (by_affinity && !s->fold) return 0;
  if (tile->order != order) begin_list(s, thread, order);
  extend(s, thread, most, least);
  for (int32_t k = 0; k < tile->n_told && n < most; k++) {
    const pfc_score *score = &tile->told[tile->rank[k]];
    if (is_worth_it(s, score->value, least)) list[n++] = *score;
  }
  return n;
}
