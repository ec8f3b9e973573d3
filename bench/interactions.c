#include "bench/interactions_internal.h"

#include <math.h>
#include <stdbool.h>

#include "base/mem.h"
#include "base/rng.h"

static const double ACTIVITY = 1.5, POPULARITY = 0.9, OFFSET = 10, TASTE = 0.5;
enum { CIRCLES = 32, FEWEST = 2, HIGHEST_COUNT = 4 };

static int degree(double activity, double scale, int32_t n_items) {
  return (int)fmin(fmax(floor(activity * scale), FEWEST), floor(n_items / 5.0));
}

/* The scale of activities at which everybody's degrees add up to n_pairs at most. */
static double find_scale(const double *activity, int32_t n_people, int32_t n_items,
                         int64_t n_pairs) {
  double low = 0, high = 1e4;
  for (int step = 0; step < 60; step++) {
    const double scale = (low + high) / 2;
    int64_t total = 0;
    for (int32_t p = 0; p < n_people; p++) total += degree(activity[p], scale, n_items);
    if (total <= n_pairs) {
      low = scale;
    } else {
      high = scale;
    }
  }
  return low;
}

/* A rank, 0 the most popular, by the inverse of the continuous Zipf-Mandelbrot law. */
static int32_t draw_rank(pfc_rng *rng, int32_t n_items) {
  const double low = pow(OFFSET, 1 - POPULARITY);
  const double high = pow(n_items + OFFSET, 1 - POPULARITY);
  const double rank =
      pow(low + (high - low) * pfc_rng_uniform(rng), 1 / (1 - POPULARITY)) - OFFSET;
  return (int32_t)fmin(fmax(rank, 0), n_items - 1);
}

/* A circle likes the same shape of items, beginning elsewhere. Of an item that the person
 * has already, the next free one is taken. */
static int32_t draw_item(pfc_rng *rng, int32_t n_items, int64_t shift, const int32_t *taken_by,
                         int32_t person) {
  const int64_t from = pfc_rng_uniform(rng) < TASTE ? shift : 0;
  int32_t item = (int32_t)((draw_rank(rng, n_items) + from) % n_items);
  while (taken_by[item] == person + 1) item = (item + 1) % n_items;
  return item;
}

pfc_status pfc__interactions(int32_t n_people, int32_t n_items, int64_t n_pairs, uint64_t seed,
                             pfc_csr *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *activity = NULL;
  int32_t *taken_by = NULL, *col = NULL; /* taken_by: last person to take an item, from 1 */
  float *val = NULL;
  pfc_rng rng;
  PFC_NEW(activity, n_people);
  PFC_NEW(taken_by, n_items);
  PFC_NEW(col, n_items);
  PFC_NEW(val, n_items);
  PFC_TRY(pfc_csr_init(out, n_people, n_items, err));
  for (int32_t p = 0; p < n_people; p++) {
    pfc_rng_init(&rng, seed, "bench.activity", (uint64_t)p);
    activity[p] = pow(1 - pfc_rng_uniform(&rng), -1 / ACTIVITY);
  }
  const double scale = find_scale(activity, n_people, n_items, n_pairs);
  for (int32_t p = 0; p < n_people; p++) {
    pfc_rng_init(&rng, seed, "bench.items", (uint64_t)p);
    const int n = degree(activity[p], scale, n_items);
    const int64_t shift = (int64_t)pfc_rng_below(&rng, CIRCLES) * n_items / CIRCLES;
    for (int j = 0; j < n; j++) {
      col[j] = draw_item(&rng, n_items, shift, taken_by, p);
      val[j] = (float)(1 + pfc_rng_below(&rng, HIGHEST_COUNT));
      taken_by[col[j]] = p + 1;
    }
    PFC_TRY(pfc_csr_append(out, n, col, val, err));
  }
done:
  pfc_free(activity);
  pfc_free(taken_by);
  pfc_free(col);
  pfc_free(val);
  return st;
}
