/* Speed, as ratios to what this machine can do, measured in the same run. docs/BENCHMARKS.md
 * says what each bench does and what its ratio means. */
#ifndef PROFICIO_BENCH_BENCH_H
#define PROFICIO_BENCH_BENCH_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"

enum { PFC_BENCH_ONLY = 8 };

typedef struct pfc_bench_settings {
  const char *only[PFC_BENCH_ONLY]; /* run the benches whose name contains one of these; the
                          first NULL ends them; none: all but those that take minutes
                          (profile_...), with `small` all [NULL] */
  double seconds;                   /* least time a bench is measured for, > 0 [0.5] */
  int small;           /* 1: small sizes, and at most 0.05 s a bench, for a smoke test [0] */
  uint64_t seed;       /* of the data; same seed, same data [1] */
  const char *scratch; /* folder for the files of import and recommend [/tmp] */
  const char *program; /* path of `proficio`, whose commands are measured; where a bench is
                          wanted that runs one, it has to be told [NULL] */
  pfc_progress progress;
} pfc_bench_settings;
void pfc_bench_defaults(pfc_bench_settings *s);

/* {"limits":{"sgemm_gflops":x,"read_gbs":x},"results":[{"name","seconds","ratio","of","bar",
 * "holds","spread","per_second"}]}. The tree is the caller's (cJSON_Delete).
 *
 *   seconds     median time of one run, after one run that does not count
 *   ratio, of   `of` names the limit: "sgemm_gflops" and "read_gbs" (the rate reached over the
 *               limit's, 1 is best), "libcsv" (rows a second over those of the bare CSV
 *               parser on the same file), "train" (rows a second over those of training in
 * full), "sgemm_seconds" (the time taken over the time that the matrix products in it take at
 * the limit; 1 is best, more is worse), "gib" (the memory that it held at its most, in GiB;
 * less is better) bar, holds  what the ratio must keep to, null where none is set; false when
 * it does not spread      interquartile range of the runs' times over their median per_second
 * {"rows":x, ...}: what was worked through; "flops" and "bytes" are nominal, the least that the
 * algorithm needs
 *
 * Uses as many threads as pfc_par_init set. The limits are measured in every run, also when
 * `only` leaves out benches. PFC_EUSAGE names a setting without meaning, and the benches
 * there are where `only` fits none; PFC_EIO says that scratch cannot be written, or that the
 * program cannot be run. */
PFC_MUST_USE pfc_status pfc_bench_run(const pfc_bench_settings *settings, cJSON **json,
                                      pfc_error *err);

#endif
