/* recommend: everybody of a large organisation against a large catalogue, with everything:
 * levels, gaps, rules, all terms of value, choice, times and reasons. The models are learned
 * from a part of the people. */
#include "base/mem.h"
#include "bench/bench_internal.h"
#include "bench/organisation_internal.h"
#include "engine/reasons.h"
#include "engine/recommend.h"
#include "trainer/train.h"

typedef struct recommend {
  pfc_dataset *ds;
  pfc_bundle *bundle;
  pfc_scorer *scorer;
  int32_t n_people;
  int32_t *people;
  double flops; /* of one run's products of pairs */
  int64_t n_listed, n_letters;
} recommend;

static void teardown(void *self) {
  recommend *s = self;
  if (!s) return;
  pfc_scorer_destroy(s->scorer);
  pfc_bundle_destroy(s->bundle);
  pfc_dataset_destroy(s->ds);
  pfc_free(s->people);
  pfc_free(s);
}

/* Speed does not hang on how well the models fit: few sweeps will do. */
static pfc_status train(recommend *s, const pfc__organisation *shape, int rank,
                        pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_train_settings settings;
  pfc_train_report report;
  pfc_dataset *part = NULL;
  pfc_train_defaults(&settings);
  settings.models = settings.require = PFC_TRAIN_ALL & ~PFC_TRAIN_ACCEPT; /* no feedback */
  settings.seed = settings.als.seed = shape->seed;
  settings.als.rank = rank;
  settings.als.max_sweeps = 2;
  PFC_TRY(pfc__organisation_create(shape, &part, err));
  PFC_TRY(pfc_train(part, &settings, &s->bundle, &report, err));
done:
  pfc_dataset_destroy(part);
  return st;
}

/* What scoring every pair would multiply: the factors of affinity, and where chances have any,
 * of these. Hazards have none. The scorer does so for the few pairs alone that bounds leave
 * open: the ratio is to what is asked for, not to what is done. */
static double pair_flops(const pfc_bundle *b) {
  double columns = b->affinity.rank + b->success.rank;
  if (b->has_accept) columns += b->accept.rank;
  return 2 * columns;
}

static pfc_status set_up(pfc__env *env, int rank, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  recommend *s = NULL;
  pfc_scorer_settings settings;
  pfc__organisation shape = {.n_people = pfc__size(env, 130, 5000),
                             .n_interventions = pfc__size(env, 30, 5000),
                             .n_competencies = pfc__size(env, 10, 200),
                             .n_enrolments = pfc__size(env, 800, 50000),
                             .n_targets = 3,
                             .n_roles = pfc__size(env, 4, 100),
                             .n_ratings = 10,
                             .seed = env->settings->seed};
  PFC_NEW(s, 1);
  *self = s;
  PFC_TRY(train(s, &shape, rank, err));
  const int32_t times = pfc__size(env, 2, 40);
  shape.n_people *= times;
  shape.n_enrolments *= times;
  PFC_TRY(pfc__organisation_create(&shape, &s->ds, err));
  pfc_scorer_defaults(&settings);
  PFC_TRY(pfc_scorer_create(s->bundle, s->ds, &settings, &s->scorer, err));
  s->n_people = shape.n_people;
  PFC_NEW(s->people, s->n_people);
  for (int32_t p = 0; p < s->n_people; p++) s->people[p] = p;
  s->flops = (double)s->n_people * pfc_scorer_n_candidates(s->scorer) * pair_flops(s->bundle);
done:
  return st;
}

static pfc_status setup(pfc__env *env, void **self, pfc_error *err) {
  return set_up(env, 64, self, err);
}

static pfc_status setup_narrow(pfc__env *env, void **self, pfc_error *err) {
  return set_up(env, 16, self, err);
}

/* Words for each place. */
static pfc_status take_list(const pfc_list *list, void *user, pfc_error *err) {
  recommend *s = user;
  char text[256];
  (void)err;
  s->n_listed += list->n;
  for (int k = 0; k < list->n; k++) {
    pfc_score_reason(&list->at[k].score, "a competency", s->bundle->time.horizon_days, text);
    s->n_letters += text[0] != '\0';
  }
  return PFC_OK;
}

static pfc_status run(void *self, pfc__sample *sample, pfc_error *err) {
  pfc_status st = PFC_OK;
  recommend *s = self;
  pfc_recommend_settings settings;
  pfc_recommend_defaults(&settings);
  const double from = pfc__now();
  PFC_TRY(pfc_recommend(s->scorer, s->n_people, s->people, &settings, take_list, s, NULL, err));
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = s->n_people;
  sample->work[PFC__PAIRS] = (double)s->n_people * pfc_scorer_n_candidates(s->scorer);
  sample->work[PFC__FLOPS] = s->flops;
  if (s->n_listed == 0) st = pfc_fail(err, PFC_EDATA, "bench recommend: nobody got a list");
done:
  return st;
}

const pfc__bench pfc__bench_recommend = {.name = "recommend",
                                         .of = "sgemm_seconds",
                                         .limit = PFC__SGEMM,
                                         .unit = PFC__FLOPS,
                                         .inverse = true,
                                         .long_run = true,
                                         .bar = 6,
                                         .setup = setup,
                                         .run = run,
                                         .teardown = teardown};

/* The same with fewer products to hide behind: told without a bar. */
const pfc__bench pfc__bench_recommend_16 = {.name = "recommend_16",
                                            .of = "sgemm_seconds",
                                            .limit = PFC__SGEMM,
                                            .unit = PFC__FLOPS,
                                            .inverse = true,
                                            .long_run = true,
                                            .setup = setup_narrow,
                                            .run = run,
                                            .teardown = teardown};
