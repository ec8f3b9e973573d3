/* What this machine can do, with the same compiler, BLAS and threads as everything else:
 * float32 products of matrices that stay in the caches, and reading of memory that does not
 * fit into them.
 *
 * All threads work side by side, but none waits for another: each times its own parts, of
 * about a millisecond, and stands for as much as the median of them says. So a thread that
 * other work on the machine interrupts now and then does not lower the limit; that would
 * make everything that is compared to it look better. */
#include <cblas.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/par.h"
#include "bench/bench_internal.h"

enum {
  PARTS = 16,    /* a thread and run */
  SIDE = 384,    /* of a matrix: three of 576 KiB a thread */
  SMALL_MIB = 4, /* of memory a part */
  FULL_MIB = 16,
};

typedef struct limit {
  int n_threads;
  double *seconds;  /* n_threads x PARTS */
  float *matrices;  /* SGEMM; a thread: A, B and C, SIDE x SIDE each */
  uint64_t *memory; /* reading; a thread and part: n_words */
  int64_t n_words;
  uint64_t *sum; /* n_threads; so that nothing is read in vain */
} limit;

static void teardown(void *self) {
  limit *l = self;
  if (!l) return;
  pfc_free(l->seconds);
  pfc_free(l->matrices);
  pfc_free(l->memory);
  pfc_free(l->sum);
  pfc_free(l);
}

static pfc_status setup(void **self, limit **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  limit *l = NULL;
  PFC_NEW(l, 1);
  *self = *out = l;
  l->n_threads = pfc_par_threads();
  PFC_NEW(l->seconds, (size_t)l->n_threads * PARTS);
done:
  return st;
}

static void time_parts(limit *l, void (*part)(limit *l, int thread, int part)) {
#pragma omp parallel for schedule(static, 1)
  for (int t = 0; t < l->n_threads; t++) {
    for (int p = 0; p < PARTS; p++) {
      const double from = pfc__now();
      part(l, t, p);
      l->seconds[t * PARTS + p] = pfc__now() - from;
    }
  }
}

/* The sample of a run whose parts are `work` each. */
static void sum_up(limit *l, double work, pfc__unit unit, pfc__sample *sample) {
  double parts_per_second = 0;
  for (int t = 0; t < l->n_threads; t++) {
    double *own = l->seconds + (ptrdiff_t)t * PARTS;
    qsort(own, PARTS, sizeof *own, pfc__ascending);
    parts_per_second += 1 / own[PARTS / 2];
  }
  const double n_parts = (double)l->n_threads * PARTS;
  sample->seconds = n_parts / parts_per_second;
  sample->work[unit] = n_parts * work;
}

/* --- SGEMM --------------------------------------------------------------------- */

static pfc_status sgemm_setup(pfc__env *env, void **self, pfc_error *err) {
  (void)env;
  pfc_status st = PFC_OK;
  limit *l;
  PFC_TRY(setup(self, &l, err));
  const size_t n = (size_t)l->n_threads * 3 * SIDE * SIDE;
  PFC_NEW(l->matrices, n);
  for (size_t i = 0; i < n; i++) l->matrices[i] = (float)(i % 17) / 16;
done:
  return st;
}

static void sgemm_part(limit *l, int thread, int part) {
  (void)part;
  const size_t size = (size_t)SIDE * SIDE;
  float *A = l->matrices + (size_t)thread * 3 * size;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, SIDE, SIDE, SIDE, 1, A, SIDE, A + size,
              SIDE, 0, A + 2 * size, SIDE);
}

static pfc_status sgemm_run(void *self, pfc__sample *sample, pfc_error *err) {
  (void)err;
  time_parts(self, sgemm_part);
  sum_up(self, 2.0 * SIDE * SIDE * SIDE, PFC__FLOPS, sample);
  return PFC_OK;
}

const pfc__bench pfc__bench_sgemm = {.name = "sgemm_gflops",
                                     .limit = PFC__SGEMM,
                                     .unit = PFC__FLOPS,
                                     .setup = sgemm_setup,
                                     .run = sgemm_run,
                                     .teardown = teardown};

/* --- memory ---------------------------------------------------------------------- */

static pfc_status memory_setup(pfc__env *env, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  limit *l;
  PFC_TRY(setup(self, &l, err));
  l->n_words = (int64_t)pfc__size(env, SMALL_MIB, FULL_MIB) << 17;
  PFC_NEW(l->memory, (int64_t)l->n_threads * PARTS * l->n_words);
  PFC_NEW(l->sum, l->n_threads);
done:
  return st;
}

static void memory_part(limit *l, int thread, int part) {
  const uint64_t *words = l->memory + ((int64_t)thread * PARTS + part) * l->n_words;
  uint64_t sum = 0;
  for (int64_t i = 0; i < l->n_words; i++) sum += words[i];
  l->sum[thread] += sum;
}

static pfc_status memory_run(void *self, pfc__sample *sample, pfc_error *err) {
  (void)err;
  limit *l = self;
  time_parts(l, memory_part);
  sum_up(l, (double)l->n_words * sizeof *l->memory, PFC__BYTES, sample);
  return PFC_OK;
}

const pfc__bench pfc__bench_read = {.name = "read_gbs",
                                    .limit = PFC__READ,
                                    .unit = PFC__BYTES,
                                    .setup = memory_setup,
                                    .run = memory_run,
                                    .teardown = teardown};
