/* The best few of a person's candidates: those of the highest bound are told one after the
 * other, until no bound reaches what the list holds already. What was told stays until the next
 * look, so that a longer list goes on from there. */
#include <math.h>
#include <string.h>

#include "engine/scorer_internal.h"

/* Candidates in one block, whose highest bound is kept. */
enum { BLOCK = 64 };

static void measure_block(const pfc_scorer *s, pfc__tile *tile, int32_t b) {
  const int32_t from = b * BLOCK;
  const int32_t to = from + BLOCK < s->n_candidates ? from + BLOCK : s->n_candidates;
  float most = -INFINITY;
#pragma omp simd reduction(max : most)
  for (int32_t j = from; j < to; j++) most = tile->bound[j] > most ? tile->bound[j] : most;
  tile->block[b] = most;
}

static int32_t n_blocks(const pfc_scorer *s) { return (s->n_candidates + BLOCK - 1) / BLOCK; }

/* The candidate of the highest bound, of equal ones the first; -1: none is left. */
static int32_t highest(const pfc_scorer *s, const pfc__tile *tile) {
  int32_t at = 0;
  float most = -INFINITY;
  for (int32_t b = 0; b < n_blocks(s); b++) {
    if (tile->block[b] > most) {
      most = tile->block[b];
      at = b * BLOCK;
    }
  }
  if (!(most > -INFINITY)) return -1;
  while (tile->bound[at] != most) at++; /* it is one of the block */
  return at;
}

static void set_bound(const pfc_scorer *s, pfc__tile *tile, int32_t j, float bound) {
  tile->bound[j] = bound;
  measure_block(s, tile, j / BLOCK);
}

static double key_of(const pfc_score *score, pfc__order order) {
  return order == PFC__BY_AFFINITY ? score->affinity : score->value;
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
  tile->order = order;
  tile->n_told = 0;
  pfc__scorer_bound(s, thread, order);
  memset(tile->is_close, 0, sizeof *tile->is_close * (size_t)n_blocks(s));
  for (int32_t b = 0; b < n_blocks(s); b++) measure_block(s, tile, b);
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

/* A closer bound before all terms are worked out: with the chances as they are. */
static bool look_closer(const pfc_scorer *s, int thread, int32_t j) {
  pfc__tile *tile = &s->tile[thread];
  const uint64_t bit = (uint64_t)1 << (j % 64);
  if (tile->order != PFC__BY_VALUE || s->ranker || (tile->is_close[j / 64] & bit)) return false;
  tile->is_close[j / 64] |= bit;
  const double bound = pfc__scorer_bound_pair(s, thread, j);
  set_bound(s, tile, j, bound > 0 ? (float)bound * (1 + 1e-6f) : -INFINITY);
  return true;
}

static void extend(const pfc_scorer *s, int thread, int most, double least) {
  pfc__tile *tile = &s->tile[thread];
  for (;;) {
    double last = INFINITY;
    const int32_t j = highest(s, tile);
    if (j < 0) return;
    const double bound = (double)tile->bound[j];
    if (tile->order != PFC__BY_AFFINITY && bound < least) return;
    if (count(s, tile, most, least, &last) == most && bound < last) return;
    if (look_closer(s, thread, j)) continue;
    pfc_score score;
    pfc_scorer_pair(s, thread, j, &score);
    keep(tile, &score);
    set_bound(s, tile, j, -INFINITY);
  }
}

int pfc_scorer_shortlist(const pfc_scorer *s, int thread, int by_affinity, int most,
                         double least, pfc_score *list) {
  pfc__tile *tile = &s->tile[thread];
  const pfc__order order = by_affinity ? PFC__BY_AFFINITY
                           : least < 0 ? PFC__BY_ANY_VALUE
                                       : PFC__BY_VALUE;
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
