/* What benches are made of, and how one is measured. */
#ifndef PROFICIO_BENCH_BENCH_INTERNAL_H
#define PROFICIO_BENCH_BENCH_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "bench/bench.h"

typedef enum pfc__unit {
  PFC__FLOPS,
  PFC__BYTES,
  PFC__ROWS,  /* of a table; spells; people */
  PFC__PAIRS, /* of a person and an intervention */
  PFC__N_UNITS,
} pfc__unit;

typedef enum pfc__limit {
  PFC__SGEMM,  /* flops a second */
  PFC__READ,   /* bytes a second */
  PFC__LIBCSV, /* rows a second; on the file of the import bench, which measures it */
  PFC__FSYNC,  /* pages made durable a second; feedback's benches measure it */
  PFC__TRAIN,  /* rows a second of training in full; the bench of refitting measures it */
  PFC__N_LIMITS,
} pfc__limit;

typedef struct pfc__env {
  const pfc_bench_settings *settings;
  double limit[PFC__N_LIMITS]; /* 0: not measured yet */
} pfc__env;

/* One run: how long what is measured took, and how much was done. A bench keeps the watch
 * itself, so that what it has to prepare or tidy up each time stays out. */
typedef struct pfc__sample {
  double seconds;
  double work[PFC__N_UNITS]; /* 0: not counted in this unit */
  double peak_bytes;         /* memory at its most; 0: not looked at */
} pfc__sample;

typedef struct pfc__bench {
  const char *name;
  const char *of;    /* name of the limit */
  pfc__limit limit;  /* which one */
  pfc__unit unit;    /* that the limit is told in */
  bool long_run;     /* runs where `only` names it alone, and once, without a run to warm up */
  bool inverse;      /* the ratio is of times, not of rates: less is better */
  double bar;        /* worst ratio allowed; 0: no bar */
  double memory_bar; /* GiB at most: a result of its own, NAME_memory; 0: none */
  pfc_status (*supported)(pfc_error *err); /* PFC_EUSAGE: not in this build; NULL: always */
  /* What *self points to afterwards, also after a failure, is handed to teardown. */
  pfc_status (*setup)(pfc__env *env, void **self, pfc_error *err);
  pfc_status (*run)(void *self, pfc__sample *sample, pfc_error *err);
  void (*teardown)(void *self); /* NULL is allowed */
} pfc__bench;

/* The limits, in the order of pfc__limit, those that hold for every bench; their `name` is
 * that of the published figure, their `bar` unused. */
extern const pfc__bench pfc__bench_sgemm, pfc__bench_read;

extern const pfc__bench pfc__bench_import, pfc__bench_als, pfc__bench_logit, pfc__bench_hazard,
    pfc__bench_score, pfc__bench_explain, pfc__bench_evaluate, pfc__bench_profile_fit,
    pfc__bench_profile_map, pfc__bench_profile_fold, pfc__bench_recommend,
    pfc__bench_recommend_16, pfc__bench_feedback, pfc__bench_feedback_100, pfc__bench_refit;

/* Monotonic clock. */
double pfc__now(void);

/* Compares doubles, for qsort. */
int pfc__ascending(const void *a, const void *b);

typedef struct pfc__measured {
  double median, spread, fastest; /* seconds; spread over median */
  double work[PFC__N_UNITS];      /* of one run */
  double peak_bytes;              /* of the last run; 0: not looked at */
} pfc__measured;

/* One run to warm up, then runs until they have taken settings->seconds, three at least.
 * Reports progress after each. */
PFC_MUST_USE pfc_status pfc__measure(const pfc__env *env, const pfc__bench *bench, void *self,
                                     pfc__measured *out, pfc_error *err);

/* The same with setup and teardown. */
PFC_MUST_USE pfc_status pfc__measure_all(pfc__env *env, const pfc__bench *bench,
                                         pfc__measured *out, pfc_error *err);

/* Size of something: small or full. */
static inline int32_t pfc__size(const pfc__env *env, int32_t small, int32_t full) {
  return env->settings->small ? small : full;
}

#endif
