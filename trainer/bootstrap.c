#include "trainer/bootstrap.h"

#include <cblas.h>
#include <math.h>
#include <omp.h>
#include <stdbool.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"

/* --- people drawn ---------------------------------------------------------- */

static pfc_status check_size(int m, int n_resamples, pfc_error *err) {
  if (n_resamples < 1)
    return pfc_fail(err, PFC_EUSAGE, "number of resamples is %d; at least 1", n_resamples);
  if (m < 1) return pfc_fail(err, PFC_EUSAGE, "number of models is %d; at least 1", m);
  return PFC_OK;
}

/* owner[p] is not 0 for those who own rows, and becomes their number, in order of their ids.
 * Returns how many there are. */
static int32_t number_owners(int32_t n_people, int32_t *owner) {
  int32_t n_owners = 0;
  for (int32_t p = 0; p < n_people; p++)
    if (owner[p]) owner[p] = n_owners++;
  return n_owners;
}

/* drawn[n_owners]: how often resample r holds each of them. */
static void draw(uint64_t seed, int r, int32_t n_owners, int32_t *drawn) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "bootstrap", (uint64_t)r);
  for (int32_t p = 0; p < n_owners; p++) drawn[p] = 0;
  for (int32_t p = 0; p < n_owners; p++) drawn[pfc_rng_below(&rng, (uint64_t)n_owners)]++;
}

/* --- any figure ------------------------------------------------------------ */

/* What the resamples share, and the scratch of each thread. */
typedef struct resampling {
  const pfc_owned *rows;
  int m;
  uint64_t seed;
  pfc_figures_fn fn;
  void *user;
  int n_threads;
  int32_t n_owners; /* people who own a row; the others are never drawn */
  int32_t *owner;   /* [n_people] 0..n_owners-1 */
  double *weight;   /* [n_threads x n] */
  int32_t *drawn;   /* [n_threads x n_owners] */
  double *value;    /* [n_resamples x m] */
} resampling;

static void resampling_clear(resampling *b) {
  pfc_free(b->owner);
  pfc_free(b->weight);
  pfc_free(b->drawn);
}

static pfc_status mark_owners(const pfc_owned *rows, int32_t *owner, pfc_error *err) {
  for (int64_t i = 0; i < rows->n; i++) {
    if (rows->person[i] < 0 || rows->person[i] >= rows->n_people)
      return pfc_fail(err, PFC_EDATA, "row %lld: person %d; allowed are 0 to %d", (long long)i,
                      rows->person[i], rows->n_people - 1);
    owner[rows->person[i]] = 1;
  }
  return PFC_OK;
}

static pfc_status resampling_init(resampling *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(b->owner, b->rows->n_people);
  PFC_TRY(mark_owners(b->rows, b->owner, err));
  b->n_owners = number_owners(b->rows->n_people, b->owner);
  PFC_NEW(b->weight, (size_t)b->rows->n * (size_t)b->n_threads);
  PFC_NEW(b->drawn, (size_t)b->n_owners * (size_t)b->n_threads);
done:
  return st;
}

static pfc_status resample(int thread, int64_t r, void *user, pfc_error *err) {
  const resampling *b = user;
  const pfc_owned *rows = b->rows;
  double *weight = b->weight + rows->n * thread;
  int32_t *drawn = b->drawn + (int64_t)b->n_owners * thread;
  draw(b->seed, (int)r, b->n_owners, drawn);
  for (int64_t i = 0; i < rows->n; i++) weight[i] = drawn[b->owner[rows->person[i]]];
  return b->fn(weight, b->user, b->value + r * b->m, err);
}

pfc_status pfc_bootstrap(const pfc_owned *rows, int m, int n_resamples, uint64_t seed,
                         pfc_figures_fn fn, void *user, double *value, pfc_error *err) {
  pfc_status st = PFC_OK;
  resampling b = {.rows = rows,
                  .m = m,
                  .seed = seed,
                  .fn = fn,
                  .user = user,
                  .n_threads = pfc_par_threads(),
                  .value = value};
  PFC_TRY(check_size(m, n_resamples, err));
  PFC_TRY(resampling_init(&b, err));
  st =
      pfc_par_each(n_resamples, 1, PFC_WORTH_THREADS(rows->n * n_resamples), resample, &b, err);
  for (int64_t i = 0; st != PFC_OK && i < (int64_t)n_resamples * m; i++) value[i] = NAN;
done:
  resampling_clear(&b);
  return st;
}

/* --- means ----------------------------------------------------------------- */

/* Counts of drawn people stand in blocks of 8 to 64 resamples, about 16 MB of them, which one
 * product turns into all their sums. A block's size depends on nothing but the people: so do
 * then the bits of its sums. */
#define BLOCK_COUNTS ((int64_t)1 << 21)

typedef struct means {
  int m;
  uint64_t seed;
  int32_t n_owners;
  double *table; /* [n_owners x 2 m] sums, then counts */
  int n_threads;
  int block;       /* resamples */
  int32_t *drawn;  /* [n_threads x n_owners] */
  double *times;   /* [n_threads x block x n_owners] */
  double *product; /* [n_threads x block x 2 m] */
} means;

static void means_clear(means *b) {
  pfc_free(b->table);
  pfc_free(b->drawn);
  pfc_free(b->times);
  pfc_free(b->product);
}

/* Whether person p owns anything; PFC_EDATA on what is no sum or no count. */
static pfc_status owns(const double *sum, const double *count, int32_t p, int m, bool *any,
                       pfc_error *err) {
  *any = false;
  for (int j = 0; j < m; j++) {
    const double s = sum[(int64_t)p * m + j], c = count[(int64_t)p * m + j];
    if (!isfinite(s) || !isfinite(c) || c < 0)
      return pfc_fail(err, PFC_EDATA,
                      "person %d, mean %d: sum %g of count %g; sums must be finite, counts "
                      "finite and >= 0",
                      p, j, s, c);
    if (c > 0) *any = true;
  }
  return PFC_OK;
}

/* The table of those who own something. */
static pfc_status means_fill(means *b, int32_t n_people, const double *sum, const double *count,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const int m = b->m;
  PFC_NEW(b->table, (size_t)n_people * 2 * (size_t)m);
  for (int32_t p = 0; p < n_people; p++) {
    bool any;
    PFC_TRY(owns(sum, count, p, m, &any, err));
    if (!any) continue;
    double *row = b->table + (int64_t)b->n_owners++ * 2 * m;
    for (int j = 0; j < m; j++) {
      row[j] = sum[(int64_t)p * m + j];
      row[m + j] = count[(int64_t)p * m + j];
    }
  }
done:
  return st;
}

static pfc_status means_scratch(means *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t fits = BLOCK_COUNTS / (b->n_owners > 0 ? b->n_owners : 1);
  b->block = fits < 8 ? 8 : fits > 64 ? 64 : (int)fits;
  b->n_threads = pfc_par_threads();
  const size_t n_threads = (size_t)b->n_threads, n_owners = (size_t)b->n_owners;
  PFC_NEW(b->drawn, n_threads * n_owners);
  PFC_NEW(b->times, n_threads * n_owners * (size_t)b->block);
  PFC_NEW(b->product, n_threads * (size_t)b->block * 2 * (size_t)b->m);
done:
  return st;
}

/* value[n x m] of resamples first .. first + n - 1. */
static void block_of_means(const means *b, int first, int n, int thread, double *value) {
  const int m = b->m;
  int32_t *drawn = b->drawn + (int64_t)thread * b->n_owners;
  double *times = b->times + (int64_t)thread * b->block * b->n_owners;
  double *product = b->product + (int64_t)thread * b->block * 2 * m;
  for (int r = 0; r < n; r++) {
    draw(b->seed, first + r, b->n_owners, drawn);
    for (int32_t p = 0; p < b->n_owners; p++) times[(int64_t)r * b->n_owners + p] = drawn[p];
  }
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, 2 * m, b->n_owners, 1, times,
              b->n_owners, b->table, 2 * m, 0, product, 2 * m);
  for (int r = 0; r < n; r++) {
    for (int j = 0; j < m; j++) {
      const double *row = product + (int64_t)r * 2 * m;
      value[(int64_t)r * m + j] = row[m + j] > 0 ? row[j] / row[m + j] : (double)NAN;
    }
  }
}

static void run_blocks(const means *b, int n_resamples, double *value) {
  const int n_blocks = (n_resamples + b->block - 1) / b->block;
  const int64_t work = (int64_t)b->n_owners * b->m * n_resamples;
#pragma omp parallel for schedule(dynamic, 1) \
    num_threads(b->n_threads) if (PFC_WORTH_THREADS(work))
  for (int k = 0; k < n_blocks; k++) {
    const int first = k * b->block, left = n_resamples - first;
    block_of_means(b, first, left < b->block ? left : b->block, omp_get_thread_num(),
                   value + (int64_t)first * b->m);
  }
}

pfc_status pfc_bootstrap_means(int32_t n_people, int m, const double *sum, const double *count,
                               int n_resamples, uint64_t seed, double *value, pfc_error *err) {
  pfc_status st = PFC_OK;
  means b = {.m = m, .seed = seed};
  PFC_TRY(check_size(m, n_resamples, err));
  PFC_TRY(means_fill(&b, n_people, sum, count, err));
  PFC_TRY(means_scratch(&b, err));
  if (b.n_owners > 0)
    run_blocks(&b, n_resamples, value);
  else
    for (int64_t i = 0; i < (int64_t)n_resamples * m; i++) value[i] = NAN;
done:
  means_clear(&b);
  return st;
}
