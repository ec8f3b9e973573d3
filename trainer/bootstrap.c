#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "trainer/metrics.h"

/* What the resamples share, and the scratch of each thread. */
typedef struct resampling {
  int64_t n;
  const int32_t *person;
  int32_t n_people;
  int32_t n_owners; /* people who own a row; the others are never drawn */
  int32_t *owner;   /* [n_people] 0..n_owners-1 */
  uint64_t seed;
  pfc_figure_fn fn;
  void *user;
  int n_threads;
  double *weight; /* [n_threads x n] */
  int32_t *drawn; /* [n_threads x n_owners] */
  double *value;  /* [n_resamples] */
  int failed;     /* lowest resample that failed, or n_resamples */
  pfc_status status;
} resampling;

static void resampling_clear(resampling *b) {
  pfc_free(b->owner);
  pfc_free(b->weight);
  pfc_free(b->drawn);
  pfc_free(b->value);
}

/* Numbers the people who own rows, in order of their ids. */
static pfc_status number_owners(resampling *b, pfc_error *err) {
  for (int64_t i = 0; i < b->n; i++) {
    if (b->person[i] < 0 || b->person[i] >= b->n_people)
      return pfc_fail(err, PFC_EDATA, "row %lld: person %d; allowed are 0 to %d", (long long)i,
                      b->person[i], b->n_people - 1);
    b->owner[b->person[i]] = 1;
  }
  for (int32_t p = 0; p < b->n_people; p++)
    if (b->owner[p]) b->owner[p] = b->n_owners++;
  return PFC_OK;
}

static pfc_status resampling_init(resampling *b, int n_resamples, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(b->owner, b->n_people);
  PFC_TRY(number_owners(b, err));
  PFC_NEW(b->weight, (size_t)b->n * (size_t)b->n_threads);
  PFC_NEW(b->drawn, (size_t)b->n_owners * (size_t)b->n_threads);
  PFC_NEW(b->value, n_resamples);
  b->failed = n_resamples;
done:
  return st;
}

static pfc_status resample(const resampling *b, int r, int thread, pfc_error *err) {
  double *weight = b->weight + b->n * thread;
  int32_t *drawn = b->drawn + (int64_t)b->n_owners * thread;
  for (int32_t p = 0; p < b->n_owners; p++) drawn[p] = 0;
  pfc_rng rng;
  pfc_rng_init(&rng, b->seed, "bootstrap", (uint64_t)r);
  for (int32_t p = 0; p < b->n_owners; p++) drawn[pfc_rng_below(&rng, (uint64_t)b->n_owners)]++;
  for (int64_t i = 0; i < b->n; i++) weight[i] = drawn[b->owner[b->person[i]]];
  return b->fn(weight, b->user, &b->value[r], err);
}

/* Every resample below the first that fails is run whatever the threads do, so the error
 * told is always the same one. */
static void run_all(resampling *b, int n_resamples, pfc_error *first) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(b->n_threads)
  for (int r = 0; r < n_resamples; r++) {
    int failed;
#pragma omp atomic read
    failed = b->failed;
    if (r > failed) continue;
    pfc_error own = PFC_ERROR_INIT;
    const pfc_status st = resample(b, r, omp_get_thread_num(), &own);
    if (st == PFC_OK) continue;
#pragma omp critical(pfc_bootstrap_failure)
    if (r < b->failed) {
#pragma omp atomic write
      b->failed = r;
      b->status = st;
      *first = own;
    }
  }
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Quantile q of m sorted values: the (m + 1) q-th, between its neighbours by interpolation
 * (Davison and Hinkley 1997, section 5.2.1, for percentile limits). */
static double quantile(int m, const double *sorted, double q) {
  if (m == 0) return NAN;
  const double place = fmin(fmax((m + 1) * q, 1), m);
  const int below = (int)place;
  const double above = sorted[below < m ? below : m - 1];
  return sorted[below - 1] + (place - below) * (above - sorted[below - 1]);
}

// NOLINTNEXTLINE(readability-function-size): ten parameters, each of another kind
pfc_status pfc_bootstrap(int64_t n, const int32_t *person, int32_t n_people, int n_resamples,
                         uint64_t seed, pfc_figure_fn fn, void *user, double *lo, double *hi,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  resampling b = {.n = n,
                  .person = person,
                  .n_people = n_people,
                  .seed = seed,
                  .fn = fn,
                  .user = user,
                  .n_threads = pfc_par_threads()};
  if (n_resamples < 1)
    return pfc_fail(err, PFC_EUSAGE, "number of resamples is %d; at least 1", n_resamples);
  PFC_TRY(resampling_init(&b, n_resamples, err));
  pfc_error first = PFC_ERROR_INIT;
  run_all(&b, n_resamples, &first);
  if (b.failed < n_resamples) {
    st = pfc_fail(err, b.status, "%s", first.msg);
    goto done;
  }
  int m = 0;
  for (int r = 0; r < n_resamples; r++)
    if (!isnan(b.value[r])) b.value[m++] = b.value[r];
  qsort(b.value, (size_t)m, sizeof *b.value, ascending);
  *lo = quantile(m, b.value, 0.025);
  *hi = quantile(m, b.value, 0.975);
done:
  resampling_clear(&b);
  return st;
}
