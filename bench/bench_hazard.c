/* hazard_fit: one cause of the time model, half of its events known to an interval only. */
#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "bench/bench_internal.h"
#include "bench/onehot_internal.h"
#include "trainer/hazard_fit.h"

enum { FIELDS = 8, BINS = 16, HORIZON_DAYS = 320, MONTH_DAYS = 30 };

/* Mean days to each end, of a spell whose predictor is 0. */
static const double PROFICIENT_DAYS = 200, DROPPED_DAYS = 400;

typedef struct hazard {
  pfc__onehot rows;
  pfc_episode *spell;
  int32_t *curve_of;
  pfc_curve curve;
  int32_t (*link)[2];
  double *link_weight, *baseline_ridge, *baseline, *coef;
  double bytes; /* of one product with the Hessian */
  pfc_hazard_problem problem;
  pfc_hazard_fit_settings settings;
} hazard;

static void teardown(void *self) {
  hazard *h = self;
  if (!h) return;
  pfc__onehot_clear(&h->rows);
  pfc_free(h->spell);
  pfc_free(h->curve_of);
  pfc_curve_clear(&h->curve);
  pfc_free(h->link);
  pfc_free(h->link_weight);
  pfc_free(h->baseline_ridge);
  pfc_free(h->baseline);
  pfc_free(h->coef);
  pfc_free(h);
}

static double draw_days(pfc_rng *rng, double mean) {
  return ceil(-mean * log(1 - pfc_rng_uniform(rng)));
}

/* Followed up for half the horizon to all of it; one in two who become proficient was last
 * seen below the level up to a month before. */
static pfc_episode draw_spell(uint64_t seed, uint64_t id, double eta) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "bench.spell", id);
  const double proficient = draw_days(&rng, PROFICIENT_DAYS * exp(-eta));
  const double dropped = draw_days(&rng, DROPPED_DAYS);
  const double end = ceil(HORIZON_DAYS * (1 + pfc_rng_uniform(&rng)) / 2);
  const double days = fmax(1, fmin(end, fmin(proficient, dropped)));
  pfc_episode e = {.person = -1,
                   .intervention = -1,
                   .competency = -1,
                   .start = 0,
                   .last_below_days = (double)NAN,
                   .duration_days = days,
                   .event = PFC_CENSORED,
                   .row = -1,
                   .enrolment_row = -1};
  if (days >= proficient) {
    e.event = PFC_PROFICIENT;
  } else if (days >= dropped) {
    e.event = PFC_DROPPED;
  }
  if (e.event == PFC_PROFICIENT && pfc_rng_below(&rng, 2)) {
    e.last_below_days = fmax(0, days - (double)(1 + pfc_rng_below(&rng, MONTH_DAYS)));
  }
  return e;
}

/* Bins of equal length, one parameter each, neighbours linked. */
static pfc_status make_baseline(hazard *h, pfc_error *err) {
  pfc_status st = PFC_OK;
  const double width = (double)HORIZON_DAYS / BINS;
  pfc_curve *curve = &h->curve;
  PFC_NEW(curve->from, BINS);
  PFC_NEW(curve->to, BINS);
  PFC_NEW(curve->param, BINS);
  PFC_NEW(h->link, BINS - 1);
  PFC_NEW(h->link_weight, BINS - 1);
  PFC_NEW(h->baseline_ridge, BINS);
  PFC_NEW(h->baseline, BINS);
  curve->n = BINS;
  for (int32_t s = 0; s < BINS; s++) {
    curve->from[s] = s * width;
    curve->to[s] = (s + 1) * width;
    for (int r = 0; r < PFC_N_CAUSES; r++) {
      curve->param[s][r][0] = s;
      curve->param[s][r][1] = -1;
    }
    h->baseline_ridge[s] = 1e-3;
    if (s == 0) continue;
    h->link[s - 1][0] = s - 1;
    h->link[s - 1][1] = s;
    h->link_weight[s - 1] = 1;
  }
done:
  return st;
}

/* Beside the rows themselves, a product reads a curvature for each segment that a spell
 * crosses, and its place in the order of curves. */
static double product_bytes(const hazard *h) {
  const double width = (double)HORIZON_DAYS / BINS;
  double crossings = 0;
  for (int64_t i = 0; i < h->rows.x.n_rows; i++)
    crossings += ceil(h->spell[i].duration_days / width);
  return pfc__onehot_bytes(&h->rows) + crossings * sizeof(double) +
         (double)h->rows.x.n_rows * (2 * sizeof(int64_t) + sizeof(int32_t));
}

static pfc_status setup(pfc__env *env, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  hazard *h = NULL;
  const uint64_t seed = env->settings->seed;
  const int32_t n = pfc__size(env, 2000, 100000);
  PFC_NEW(h, 1);
  *self = h;
  PFC_TRY(pfc__onehot_init(&h->rows, n, FIELDS, pfc__size(env, 50, 1000), seed, err));
  PFC_NEW(h->coef, h->rows.x.n_cols);
  PFC_NEW(h->curve_of, n);
  PFC_NEW(h->spell, n);
  for (int32_t i = 0; i < n; i++) h->spell[i] = draw_spell(seed, (uint64_t)i, h->rows.eta[i]);
  PFC_TRY(make_baseline(h, err));
  h->bytes = product_bytes(h);
  pfc_hazard_fit_defaults(&h->settings);
  h->problem = (pfc_hazard_problem){.n = n,
                                    .spell = h->spell,
                                    .curve_of = h->curve_of,
                                    .n_curves = 1,
                                    .curves = &h->curve,
                                    .x = &h->rows.x,
                                    .ridge = h->rows.ridge,
                                    .tick_days = 1,
                                    .n_baseline = BINS,
                                    .baseline_ridge = h->baseline_ridge,
                                    .n_links = BINS - 1,
                                    .link = (const int32_t(*)[2])h->link,
                                    .link_weight = h->link_weight};
done:
  return st;
}

static pfc_status run(void *self, pfc__sample *sample, pfc_error *err) {
  pfc_status st = PFC_OK;
  hazard *h = self;
  pfc_newton_report report;
  for (int32_t s = 0; s < BINS; s++) h->baseline[s] = 0;
  for (int32_t j = 0; j < h->rows.x.n_cols; j++) h->coef[j] = 0;
  const double from = pfc__now();
  PFC_TRY(pfc_hazard_fit(&h->problem, PFC_PROFICIENT, &h->settings, h->baseline, h->coef,
                         &report, err));
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = (double)h->problem.n;
  sample->work[PFC__BYTES] = h->bytes * (double)(report.cg_iterations + report.steps + 1);
done:
  return st;
}

const pfc__bench pfc__bench_hazard = {.name = "hazard_fit",
                                      .of = "read_gbs",
                                      .limit = PFC__READ,
                                      .unit = PFC__BYTES,
                                      .setup = setup,
                                      .run = run,
                                      .teardown = teardown};
