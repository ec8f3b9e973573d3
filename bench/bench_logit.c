/* logit_fit: a whole logistic fit on sparse one-hot rows, as the success model has them. */
#include "base/mem.h"
#include "base/rng.h"
#include "bench/bench_internal.h"
#include "bench/onehot_internal.h"
#include "models/logistic.h"
#include "trainer/logit.h"

enum { FIELDS = 20 };

typedef struct logit {
  pfc__onehot rows;
  float *y;
  double *w;
  pfc_newton_settings newton;
} logit;

static void teardown(void *self) {
  logit *l = self;
  if (!l) return;
  pfc__onehot_clear(&l->rows);
  pfc_free(l->y);
  pfc_free(l->w);
  pfc_free(l);
}

static pfc_status setup(pfc__env *env, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  logit *l = NULL;
  const uint64_t seed = env->settings->seed;
  PFC_NEW(l, 1);
  *self = l;
  const int32_t n = pfc__size(env, 2000, 200000);
  PFC_TRY(pfc__onehot_init(&l->rows, n, FIELDS, pfc__size(env, 100, 10000), seed, err));
  PFC_NEW(l->y, n);
  PFC_NEW(l->w, (size_t)l->rows.x.n_cols + 1);
  for (int32_t i = 0; i < n; i++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "bench.result", (uint64_t)i);
    l->y[i] = pfc_rng_uniform(&rng) < pfc_logistic(l->rows.eta[i]);
  }
  pfc_newton_defaults(&l->newton);
done:
  return st;
}

/* An evaluation with its gradient walks through X and X' as a product with the Hessian does;
 * there is one at the start and one a step at least. */
static pfc_status run(void *self, pfc__sample *sample, pfc_error *err) {
  pfc_status st = PFC_OK;
  logit *l = self;
  const pfc_logit_problem p = {.x = &l->rows.x,
                               .y = l->y,
                               .ridge = l->rows.ridge,
                               .field = l->rows.field,
                               .n_fields = FIELDS};
  pfc_newton_report report;
  for (int32_t j = 0; j <= p.x->n_cols; j++) l->w[j] = 0;
  const double from = pfc__now();
  PFC_TRY(pfc_logit_fit(&p, &l->newton, l->w, &report, err));
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = (double)p.x->n_rows;
  sample->work[PFC__BYTES] =
      pfc__onehot_bytes(&l->rows) * (double)(report.cg_iterations + report.steps + 1);
done:
  return st;
}

const pfc__bench pfc__bench_logit = {.name = "logit_fit",
                                     .of = "read_gbs",
                                     .limit = PFC__READ,
                                     .unit = PFC__BYTES,
                                     .setup = setup,
                                     .run = run,
                                     .teardown = teardown};
