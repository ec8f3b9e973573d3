/* profile_fit, profile_map, profile_fold: the profile model of a large organisation, from
 * ratings drawn from the model itself. profile_fit learns it. profile_map tells everybody's
 * level in everything, what is missing and how likely. profile_fold folds people in and
 * tells their levels one after another, on one thread. */
#include "base/mem.h"
#include "base/par.h"
#include "bench/bench_internal.h"
#include "bench/ratings_internal.h"
#include "models/levels.h"
#include "trainer/profile_fit.h"

enum { CHUNK = 64, FOLDED = 2000 };

typedef struct profile {
  pfc__ratings drawn;
  pfc_levels *levels;
  int n_threads;
  pfc_levels_person **known;      /* one a thread */
  pfc_level *told;                /* threads x competencies */
  int32_t *competency;            /* 0, 1, 2 ... */
  double *missing;                /* a person: sum of what is missing, and how likely */
  double sweep_flops, look_flops; /* of everybody */
} profile;

static void teardown(void *self) {
  profile *b = self;
  if (!b) return;
  for (int t = 0; b->known && t < b->n_threads; t++) pfc_levels_person_destroy(b->known[t]);
  pfc_free(b->known);
  pfc_free(b->told);
  pfc_free(b->competency);
  pfc_free(b->missing);
  pfc_levels_destroy(b->levels);
  pfc__ratings_clear(&b->drawn);
  pfc_free(b);
}

/* Operations that look and sweep need at least. A cell of n ratings: its covariance factored
 * and two right sides solved, n^3 / 3 + 4 n^2, and its part of a row of k = 1 + rank entries,
 * k (k + 1) + 2 k, which a sweep wants twice: of the person, of the competency. A row: Cholesky
 * and two triangular solves. */
static void count_flops(profile *b) {
  const pfc_evidence *e = b->drawn.evidence;
  const double k = 1 + PFC__RATINGS_RANK, part = k * (k + 1) + 2 * k;
  const double row = k * k * k / 3 + 2 * k * k;
  for (int32_t p = 0; p < e->n_people; p++) {
    b->look_flops += row;
    for (int64_t i = e->first_seen[p], to; i < e->first_seen[p + 1]; i = to) {
      for (to = i + 1; to < e->first_seen[p + 1]; to++) {
        if (e->seen[to].competency != e->seen[i].competency) break;
      }
      const double n = (double)(to - i);
      b->look_flops += n * n * n / 3 + 4 * n * n + part;
      b->sweep_flops += part;
    }
  }
  b->sweep_flops += b->look_flops + e->n_competencies * row;
}

static pfc_status setup(pfc__env *env, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  profile *b = NULL;
  PFC_NEW(b, 1);
  *self = b;
  const int32_t n_people = pfc__size(env, 60, 200000);
  const int32_t n_competencies = pfc__size(env, 6, 70);
  PFC_TRY(pfc__ratings_draw(n_people, n_competencies, pfc__size(env, 6, 15),
                            env->settings->seed, &b->drawn, err));
  count_flops(b);
  PFC_TRY(pfc_levels_create(&b->drawn.truth, b->drawn.evidence, b->drawn.requirements,
                            &b->levels, err));
  b->n_threads = pfc_par_threads();
  PFC_NEW(b->known, b->n_threads);
  for (int t = 0; t < b->n_threads; t++)
    PFC_TRY(pfc_levels_person_create(b->levels, &b->known[t], err));
  PFC_NEW(b->told, (size_t)b->n_threads * (size_t)n_competencies);
  PFC_NEW(b->missing, n_people);
  PFC_NEW(b->competency, n_competencies);
  for (int32_t c = 0; c < n_competencies; c++) b->competency[c] = c;
done:
  return st;
}

/* --- fit ------------------------------------------------------------------------------------
 */

static pfc_status run_fit(void *self, pfc__sample *sample, pfc_error *err) {
  pfc_status st = PFC_OK;
  const profile *b = self;
  const pfc_evidence *e = b->drawn.evidence;
  pfc_profile fitted = {0};
  pfc_profile_fit report;
  pfc_profile_settings settings;
  pfc_profile_settings_defaults(&settings);
  const double from = pfc__now();
  PFC_TRY(pfc_profile_fit_run(e, b->drawn.requirements, PFC_NO_DATE, &settings, &fitted,
                              &report, err));
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = (double)e->first_seen[e->n_people];
  sample->work[PFC__FLOPS] = b->sweep_flops;
done:
  pfc_profile_clear(&fitted);
  return st;
}

/* --- levels ---------------------------------------------------------------------------------
 */

static pfc_status look_and_tell(const profile *b, int thread, int32_t person, pfc_error *err) {
  const int32_t n = b->drawn.evidence->n_competencies;
  const pfc_status st = pfc_levels_look(b->levels, person, PFC_NO_DATE, b->known[thread], err);
  if (st != PFC_OK) return st;
  pfc_levels_tell(b->levels, b->known[thread], n, b->competency, PFC_NO_DATE,
                  b->told + (ptrdiff_t)thread * n);
  return PFC_OK;
}

/* What the role held last asks for. */
static pfc_status map_person(int thread, int64_t i, void *user, pfc_error *err) {
  const profile *b = user;
  const pfc_evidence *e = b->drawn.evidence;
  const pfc_requirements *r = b->drawn.requirements;
  const pfc_status st = look_and_tell(b, thread, (int32_t)i, err);
  if (st != PFC_OK) return st;
  const int32_t role = e->held[e->first_held[i + 1] - 1].role;
  double missing = 0;
  for (int64_t q = r->first[role]; q < r->first[role + 1]; q++) {
    const pfc_level *l = b->told + (ptrdiff_t)thread * e->n_competencies + r->at[q].competency;
    missing += pfc_level_shortfall(l->mean, l->sd, r->at[q].level, e->scale_min, e->scale_max) +
               pfc_level_p_below(l->mean, l->sd, r->at[q].level, e->scale_min);
  }
  b->missing[i] = missing;
  return PFC_OK;
}

/* Levels told cost their part of the row's covariance each, k (k + 1). */
static double tell_flops(const profile *b) {
  const double k = 1 + PFC__RATINGS_RANK;
  return b->drawn.evidence->n_competencies * k * (k + 1);
}

static pfc_status run_map(void *self, pfc__sample *sample, pfc_error *err) {
  pfc_status st = PFC_OK;
  profile *b = self;
  const int32_t n = b->drawn.evidence->n_people;
  const double from = pfc__now();
  PFC_TRY(pfc_par_each(n, CHUNK, 1, map_person, b, err));
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = n;
  sample->work[PFC__FLOPS] = b->look_flops + n * tell_flops(b);
done:
  return st;
}

/* The first people there are, one after another. */
static pfc_status run_fold(void *self, pfc__sample *sample, pfc_error *err) {
  pfc_status st = PFC_OK;
  const profile *b = self;
  const int32_t n = b->drawn.evidence->n_people;
  const int32_t n_folded = n < FOLDED ? n : FOLDED;
  const double from = pfc__now();
  for (int32_t p = 0; p < n_folded; p++) PFC_TRY(look_and_tell(b, 0, p, err));
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = n_folded;
  sample->work[PFC__FLOPS] = n_folded * (b->look_flops / n + tell_flops(b));
done:
  return st;
}

/* Bars: 60 s, 5 s and 1 ms a person on the machine of docs/BENCHMARKS.md. */
const pfc__bench pfc__bench_profile_fit = {.name = "profile_fit",
                                           .of = "sgemm_seconds",
                                           .limit = PFC__SGEMM,
                                           .unit = PFC__FLOPS,
                                           .long_run = true,
                                           .inverse = true,
                                           .bar = 80000,
                                           .setup = setup,
                                           .run = run_fit,
                                           .teardown = teardown};
const pfc__bench pfc__bench_profile_map = {.name = "profile_map",
                                           .of = "sgemm_seconds",
                                           .limit = PFC__SGEMM,
                                           .unit = PFC__FLOPS,
                                           .long_run = true,
                                           .inverse = true,
                                           .bar = 2000,
                                           .setup = setup,
                                           .run = run_map,
                                           .teardown = teardown};
const pfc__bench pfc__bench_profile_fold = {.name = "profile_fold",
                                            .of = "sgemm_seconds",
                                            .limit = PFC__SGEMM,
                                            .unit = PFC__FLOPS,
                                            .long_run = true,
                                            .inverse = true,
                                            .bar = 80000,
                                            .setup = setup,
                                            .run = run_fold,
                                            .teardown = teardown};
