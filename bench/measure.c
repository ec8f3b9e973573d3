/* Repeating a run until its time is known. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "bench/bench_internal.h"

enum { FEWEST_SAMPLES = 3 };

/* A smoke test asks whether benches work, not how fast they are. */
static const double SMALL_SECONDS = 0.05;

double pfc__now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct samples {
  double *seconds;
  int64_t n, capacity;
  double total;
} samples;

static pfc_status add(samples *s, double seconds, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(s->seconds, s->capacity, s->n + 1);
  s->seconds[s->n++] = seconds;
  s->total += seconds;
done:
  return st;
}

int pfc__ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Of sorted numbers, linear between neighbours. */
static double quantile(const samples *s, double q) {
  const double at = q * (double)(s->n - 1);
  const int64_t low = (int64_t)floor(at);
  const int64_t high = low + 1 < s->n ? low + 1 : low;
  return s->seconds[low] + (at - (double)low) * (s->seconds[high] - s->seconds[low]);
}

static void summarize(samples *s, pfc__measured *out) {
  qsort(s->seconds, (size_t)s->n, sizeof *s->seconds, pfc__ascending);
  out->median = quantile(s, 0.5);
  out->spread = (quantile(s, 0.75) - quantile(s, 0.25)) / out->median;
  out->fastest = s->seconds[0];
}

pfc_status pfc__measure(const pfc__env *env, const pfc__bench *bench, void *self,
                        pfc__measured *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bench_settings *settings = env->settings;
  const double wanted =
      settings->small ? fmin(settings->seconds, SMALL_SECONDS) : settings->seconds;
  samples all = {0};
  pfc__sample one = {0};
  const bool once = bench->long_run && !settings->small;
  if (!once) PFC_TRY(bench->run(self, &one, err));
  while (all.n < (once ? 1 : FEWEST_SAMPLES) || all.total < wanted) {
    one = (pfc__sample){0};
    PFC_TRY(bench->run(self, &one, err));
    PFC_TRY(add(&all, one.seconds, err));
    PFC_TRY(pfc_progress_report(&settings->progress, bench->name, all.n, 0, (double)NAN, err));
  }
  summarize(&all, out);
  memcpy(out->work, one.work, sizeof out->work);
  out->peak_bytes = one.peak_bytes;
done:
  pfc_free(all.seconds);
  return st;
}

pfc_status pfc__measure_all(pfc__env *env, const pfc__bench *bench, pfc__measured *out,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  void *self = NULL;
  PFC_TRY(pfc_progress_report(&env->settings->progress, bench->name, 0, 0, (double)NAN, err));
  PFC_TRY(bench->setup(env, &self, err));
  PFC_TRY(pfc__measure(env, bench, self, out, err));
done:
  bench->teardown(self);
  return st;
}
