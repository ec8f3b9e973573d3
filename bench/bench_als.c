/* als_sweep: one sweep of alternating least squares over people and items. */
#include "base/mem.h"
#include "bench/bench_internal.h"
#include "bench/interactions_internal.h"
#include "trainer/als.h"

enum { RANK = 64, SWEEPS = 3 };

typedef struct als {
  pfc_csr conf;
  pfc_als_settings settings;
  double flops;       /* of a sweep */
  double first, last; /* when the first and the last sweep ended */
} als;

static void teardown(void *self) {
  als *a = self;
  if (!a) return;
  pfc_csr_clear(&a->conf);
  pfc_free(a);
}

/* The watch starts at the end of the first sweep: what the fit prepares once stays out. */
static int on_sweep(const pfc_progress_event *event, void *user) {
  als *a = user;
  a->last = pfc__now();
  if (event->done == 1) a->first = a->last;
  return 0;
}

/* One side of a sweep, solved as models/affinity.h writes it: for n observed columns a rank
 * update n k (k + 1), its right side 2 n k, Cholesky k^3 / 3 and two triangular solves
 * 2 k^2; and the Gram matrix of the side, k (k + 1) a row. */
static double side_flops(const pfc_csr *conf) {
  const double k = RANK;
  double flops = 0;
  for (int64_t i = 0; i < conf->n_rows; i++) {
    const double n = (double)(conf->start[i + 1] - conf->start[i]);
    if (n > 0) flops += n * (k * (k + 1) + 2 * k) + k * k * k / 3 + 2 * k * k + k * (k + 1);
  }
  return flops;
}

static pfc_status setup(pfc__env *env, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  als *a = NULL;
  pfc_csr by_item = {0};
  PFC_NEW(a, 1);
  *self = a;
  pfc_als_defaults(&a->settings);
  a->settings.rank = RANK;
  a->settings.max_sweeps = SWEEPS;
  a->settings.tolerance = 0;
  a->settings.seed = env->settings->seed;
  a->settings.progress = (pfc_progress){on_sweep, a};
  PFC_TRY(pfc__interactions(pfc__size(env, 300, 10000), pfc__size(env, 60, 1000),
                            pfc__size(env, 3000, 200000), env->settings->seed, &a->conf, err));
  PFC_TRY(pfc_csr_transpose(&a->conf, &by_item, err));
  a->flops = side_flops(&a->conf) + side_flops(&by_item);
done:
  pfc_csr_clear(&by_item);
  return st;
}

static pfc_status run(void *self, pfc__sample *sample, pfc_error *err) {
  pfc_status st = PFC_OK;
  als *a = self;
  pfc_affinity m = {0};
  pfc_als_report report;
  PFC_TRY(pfc_als_fit(&a->conf, NULL, NULL, &a->settings, &m, &report, err));
  sample->seconds = (a->last - a->first) / (SWEEPS - 1);
  sample->work[PFC__FLOPS] = a->flops;
  sample->work[PFC__PAIRS] = (double)a->conf.start[a->conf.n_rows];
done:
  pfc_affinity_clear(&m);
  return st;
}

const pfc__bench pfc__bench_als = {.name = "als_sweep",
                                   .of = "sgemm_gflops",
                                   .limit = PFC__SGEMM,
                                   .unit = PFC__FLOPS,
                                   .setup = setup,
                                   .run = run,
                                   .teardown = teardown};
