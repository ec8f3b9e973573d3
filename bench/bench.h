/* Speed, as ratios to what this machine can do, measured in the same run. */
#ifndef PROFICIO_BENCH_BENCH_H
#define PROFICIO_BENCH_BENCH_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"

typedef struct pfc_bench_settings {
  const char *only;    /* run the benches whose name contains this; NULL: all [NULL] */
  double seconds;      /* least time a bench is measured for, > 0 [0.5] */
  int small;           /* 1: small sizes, for a smoke test [0] */
  uint64_t seed;       /* [1] */
  const char *scratch; /* folder for the files that the import bench writes [/tmp] */
  pfc_progress progress;
} pfc_bench_settings;
void pfc_bench_defaults(pfc_bench_settings *s);

/* {"limits":{"sgemm_gflops":x,"read_gbs":x},"results":[{"name","seconds","ratio","of","bar",
 * "holds"}]}: median seconds, the ratio to the limit named in `of`; bar is null where none
 * is set. The tree is the caller's (cJSON_Delete). */
PFC_MUST_USE pfc_status pfc_bench_run(const pfc_bench_settings *settings, cJSON **json,
                                      pfc_error *err);

#endif
