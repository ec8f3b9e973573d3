/* Threads and BLAS. OpenMP runs our loops, BLAS always runs on one thread inside
 * them (its own threading changes bits). Every parallel reduction goes over tiles
 * of fixed size whose partial sums are added in order, so results are the same
 * bytes for any number of threads. */
#ifndef PROFICIO_BASE_PAR_H
#define PROFICIO_BASE_PAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Call once before any fit or scoring. Sets the number of OpenMP threads
 * (0 = all cores) and holds BLAS at one. PFC_EUSAGE when threads is outside
 * 0..1024; PFC_EIO when more than one thread is asked of an OpenBLAS that was
 * built without locks and would compute wrong results. */
PFC_API PFC_MUST_USE pfc_status pfc_par_init(int threads, pfc_error *err);

/* Threads that the next parallel loop will use. */
PFC_API int pfc_par_threads(void);

/* fn(thread, i, user, err) for i = 0 .. n - 1: in parallel, `chunk` neighbours by one thread,
 * or all on the calling thread where `side_by_side` is 0; thread is 0 .. pfc_par_threads() - 1.
 * When a call fails, those of lower i run all the same and those of higher i need not: the
 * error told is that of the lowest i, whatever the threads do. */
typedef pfc_status (*pfc_each_fn)(int thread, int64_t i, void *user, pfc_error *err);
PFC_API PFC_MUST_USE pfc_status pfc_par_each(int64_t n, int chunk, int side_by_side,
                                             pfc_each_fn fn, void *user, pfc_error *err);

/* What BLAS runs here, e.g. "OpenBLAS 0.3.21 Zen"; static storage. */
PFC_API const char *pfc_par_blas(void);

/* Rows in one tile of a fixed-order reduction. */
#define PFC_TILE 1024

/* Number of tiles that cover n rows. */
static inline ptrdiff_t pfc_n_tiles(ptrdiff_t n) { return (n + PFC_TILE - 1) / PFC_TILE; }

/* A loop of fewer multiplications than this runs on the calling thread: about a millisecond,
 * below which waking the others and waiting for the slowest costs more than they bring, and
 * on a machine shared with others far more. For the `if` clause of parallel loops; results
 * are the same either way. */
#define PFC_WORTH_THREADS(work) ((int64_t)(work) >= (int64_t)1 << 20)

#endif
