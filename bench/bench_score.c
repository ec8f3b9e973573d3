/* score_batch: everybody against the whole catalogue, all models, lists of ten. */
#include "base/mem.h"
#include "bench/bench_internal.h"
#include "bench/organisation_internal.h"
#include "engine/recommend.h"
#include "trainer/train.h"

enum { RANK = 64 };

typedef struct score {
  pfc_dataset *ds;
  pfc_bundle *bundle;
  pfc_scorer *scorer;
  int32_t n_people;
  int32_t *people;
  double flops; /* of one run's matrix products */
} score;

static void teardown(void *self) {
  score *s = self;
  if (!s) return;
  pfc_scorer_destroy(s->scorer);
  pfc_bundle_destroy(s->bundle);
  pfc_dataset_destroy(s->ds);
  pfc_free(s->people);
  pfc_free(s);
}

/* Speed does not hang on how well the models fit: few sweeps will do. */
static pfc_status train(score *s, uint64_t seed, pfc_error *err) {
  pfc_train_settings settings;
  pfc_train_report report;
  pfc_train_defaults(&settings);
  settings.models = settings.require =
      PFC_TRAIN_ALL & ~PFC_TRAIN_PROFILE & ~PFC_TRAIN_ACCEPT; /* no ratings, no feedback */
  settings.seed = settings.als.seed = seed;
  settings.als.rank = RANK;
  settings.als.max_sweeps = 2;
  return pfc_train(s->ds, &settings, &s->bundle, &report, err);
}

/* Affinity and success take one product a pair, each cause of the time model one a target;
 * every product has two columns beside the factors but affinity's (engine/scorer.c). */
static double pair_flops(const pfc_bundle *b, double targets_per_pair) {
  double columns = b->affinity.rank + b->success.rank + 2;
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    if (b->time.coef[r]) columns += 2 * targets_per_pair;
  }
  return 2 * columns;
}

static pfc_status setup(pfc__env *env, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  score *s = NULL;
  pfc_scorer_settings settings;
  const pfc__organisation shape = {.n_people = pfc__size(env, 130, 1000),
                                   .n_interventions = pfc__size(env, 30, 500),
                                   .n_competencies = pfc__size(env, 5, 50),
                                   .n_enrolments = pfc__size(env, 600, 8000),
                                   .seed = env->settings->seed};
  PFC_NEW(s, 1);
  *self = s;
  PFC_TRY(pfc__organisation_create(&shape, &s->ds, err));
  PFC_TRY(train(s, shape.seed, err));
  pfc_scorer_defaults(&settings);
  PFC_TRY(pfc_scorer_create(s->bundle, s->ds, &settings, &s->scorer, err));
  s->n_people = shape.n_people;
  PFC_NEW(s->people, s->n_people);
  for (int32_t p = 0; p < s->n_people; p++) s->people[p] = p;
  const double n_candidates = pfc_scorer_n_candidates(s->scorer);
  const double n_targets = pfc_scorer_catalogue(s->scorer)->n_targets;
  s->flops = n_candidates * s->n_people * pair_flops(s->bundle, n_targets / n_candidates);
done:
  return st;
}

static pfc_status take_list(const pfc_list *list, void *user, pfc_error *err) {
  (void)err;
  *(int64_t *)user += list->n;
  return PFC_OK;
}

static pfc_status run(void *self, pfc__sample *sample, pfc_error *err) {
  pfc_status st = PFC_OK;
  score *s = self;
  pfc_recommend_settings settings;
  int64_t n_listed = 0;
  pfc_recommend_defaults(&settings);
  const double from = pfc__now();
  PFC_TRY(pfc_recommend(s->scorer, s->n_people, s->people, &settings, take_list, &n_listed,
                        NULL, err));
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = s->n_people;
  sample->work[PFC__PAIRS] = (double)s->n_people * pfc_scorer_n_candidates(s->scorer);
  sample->work[PFC__FLOPS] = s->flops;
done:
  return st;
}

const pfc__bench pfc__bench_score = {.name = "score_batch",
                                     .of = "sgemm_seconds",
                                     .limit = PFC__SGEMM,
                                     .unit = PFC__FLOPS,
                                     .inverse = true,
                                     .setup = setup,
                                     .run = run,
                                     .teardown = teardown};
