#include "base/par.h"

#include <cblas.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>

#define MAX_THREADS 1024

pfc_status pfc_par_init(int threads, pfc_error *err) {
  if (threads < 0 || threads > MAX_THREADS)
    return pfc_fail(err, PFC_EUSAGE, "threads is %d; allowed are 0 (all cores) to %d", threads,
                    MAX_THREADS);
  const int n = threads ? threads : omp_get_num_procs();
  if (n > 1 && openblas_get_parallel() == OPENBLAS_SEQUENTIAL)
    return pfc_fail(err, PFC_EIO,
                    "this OpenBLAS was built without locks and computes wrong results when "
                    "called from %d threads: install libopenblas0-pthread, or use 1 thread",
                    n);
  openblas_set_num_threads(1);
  omp_set_dynamic(0);
  omp_set_max_active_levels(1);
  omp_set_num_threads(n);
  return PFC_OK;
}

int pfc_par_threads(void) { return omp_get_max_threads(); }

pfc_status pfc_par_each(int64_t n, int chunk, int side_by_side, pfc_each_fn fn, void *user,
                        pfc_error *err) {
  int64_t lowest = n;
  pfc_status failed = PFC_OK;
  pfc_error why = PFC_ERROR_INIT;
#pragma omp parallel for schedule(dynamic, chunk) if (side_by_side)
  for (int64_t i = 0; i < n; i++) {
    int64_t bound;
#pragma omp atomic read
    bound = lowest;
    if (i > bound) continue;
    pfc_error own = PFC_ERROR_INIT;
    const pfc_status st = fn(omp_get_thread_num(), i, user, &own);
    if (st == PFC_OK) continue;
#pragma omp critical(pfc_each_failure)
    if (i < lowest) {
#pragma omp atomic write
      lowest = i;
      failed = st;
      why = own;
    }
  }
  return failed == PFC_OK ? PFC_OK : pfc_fail(err, failed, "%s", why.msg);
}

static char blas_name[96];

/* openblas_get_config says "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...". */
static void note_blas_name(void) {
  char library[32] = "OpenBLAS", version[32] = "";
  (void)sscanf(openblas_get_config(), "%31s %31s", library, version);
  (void)snprintf(blas_name, sizeof blas_name, "%s %s %s", library, version,
                 openblas_get_corename());
}

const char *pfc_par_blas(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  (void)pthread_once(&once, note_blas_name);
  return blas_name;
}
