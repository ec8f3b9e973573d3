/* What this machine can do, with the same compiler, BLAS and threads as everything else:
 * float32 products of matrices that stay in the caches, and reading of memory that does not
 * fit into them. */
#include <cblas.h>
#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "bench/bench_internal.h"

/* --- SGEMM --------------------------------------------------------------------- */

enum { SIDE = 384, REPEATS = 4 }; /* three matrices of 576 KiB a thread */

typedef struct sgemm {
  int n_threads;
  float *matrices; /* a thread: A, B and C, SIDE x SIDE each */
} sgemm;

static void sgemm_teardown(void *self) {
  sgemm *s = self;
  if (!s) return;
  pfc_free(s->matrices);
  pfc_free(s);
}

static pfc_status sgemm_setup(pfc__env *env, void **self, pfc_error *err) {
  (void)env;
  pfc_status st = PFC_OK;
  sgemm *s = NULL;
  PFC_NEW(s, 1);
  *self = s;
  s->n_threads = pfc_par_threads();
  const size_t n = (size_t)s->n_threads * 3 * SIDE * SIDE;
  PFC_NEW(s->matrices, n);
  for (size_t i = 0; i < n; i++) s->matrices[i] = (float)(i % 17) / 16;
done:
  return st;
}

static pfc_status sgemm_run(void *self, pfc__sample *sample, pfc_error *err) {
  (void)err;
  const sgemm *s = self;
  const size_t size = (size_t)SIDE * SIDE;
  const double from = pfc__now();
#pragma omp parallel for schedule(static, 1)
  for (int t = 0; t < s->n_threads; t++) {
    float *A = s->matrices + (size_t)t * 3 * size;
    for (int r = 0; r < REPEATS; r++) {
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, SIDE, SIDE, SIDE, 1, A, SIDE,
                  A + size, SIDE, 0, A + 2 * size, SIDE);
    }
  }
  sample->seconds = pfc__now() - from;
  sample->work[PFC__FLOPS] = 2.0 * SIDE * (double)size * REPEATS * s->n_threads;
  return PFC_OK;
}

const pfc__bench pfc__bench_sgemm = {.name = "sgemm_gflops",
                                     .limit = PFC__SGEMM,
                                     .unit = PFC__FLOPS,
                                     .setup = sgemm_setup,
                                     .run = sgemm_run,
                                     .teardown = sgemm_teardown};

/* --- memory ---------------------------------------------------------------------- */

typedef struct memory {
  int64_t n;
  uint64_t *words;
  volatile uint64_t sum; /* so that nobody reads less than all */
} memory;

static void memory_teardown(void *self) {
  memory *m = self;
  if (!m) return;
  pfc_free(m->words);
  pfc_free(m);
}

static pfc_status memory_setup(pfc__env *env, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  memory *m = NULL;
  PFC_NEW(m, 1);
  *self = m;
  m->n = (int64_t)pfc__size(env, 64, 256) << 17; /* MiB of words */
  PFC_NEW(m->words, m->n);
done:
  return st;
}

static pfc_status memory_run(void *self, pfc__sample *sample, pfc_error *err) {
  (void)err;
  memory *m = self;
  const uint64_t *words = m->words;
  uint64_t sum = 0;
  const double from = pfc__now();
#pragma omp parallel for simd schedule(static) reduction(+ : sum)
  for (int64_t i = 0; i < m->n; i++) sum += words[i];
  sample->seconds = pfc__now() - from;
  m->sum = sum;
  sample->work[PFC__BYTES] = (double)m->n * sizeof *words;
  return PFC_OK;
}

const pfc__bench pfc__bench_read = {.name = "read_gbs",
                                    .limit = PFC__READ,
                                    .unit = PFC__BYTES,
                                    .setup = memory_setup,
                                    .run = memory_run,
                                    .teardown = memory_teardown};
