/* evaluate_lists: everybody's list of the whole catalogue, judged; without resamples. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bench/bench_internal.h"
#include "bench/organisation_internal.h"
#include "trainer/evaluate.h"
#include "trainer/train.h"

enum { RANK = 64 };

typedef struct judging {
  pfc_dataset *ds;
  pfc_bundle *bundle;
} judging;

static void teardown(void *self) {
  judging *j = self;
  if (!j) return;
  pfc_bundle_destroy(j->bundle);
  pfc_dataset_destroy(j->ds);
  pfc_free(j);
}

static int by_day(const void *a, const void *b) {
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/* The last fifth of the starts is test. */
static pfc_status split(pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = ds->tables[PFC_ENROLMENTS].n_rows;
  const int32_t *start = pfc_dataset_dates(ds, PFC_ENROLMENTS, "started_on");
  int32_t *day = NULL;
  PFC_NEW(day, n);
  memcpy(day, start, sizeof *day * (size_t)n);
  qsort(day, (size_t)n, sizeof *day, by_day);
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = day[n * 4 / 5]};
done:
  pfc_free(day);
  return st;
}

static pfc_status setup(pfc__env *env, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  judging *j = NULL;
  pfc_train_settings settings;
  pfc_train_report report;
  const pfc__organisation shape = {.n_people = pfc__size(env, 130, 4000),
                                   .n_interventions = pfc__size(env, 30, 1000),
                                   .n_competencies = pfc__size(env, 5, 50),
                                   .n_enrolments = pfc__size(env, 600, 40000),
                                   .seed = env->settings->seed};
  PFC_NEW(j, 1);
  *self = j;
  PFC_TRY(pfc__organisation_create(&shape, &j->ds, err));
  PFC_TRY(split(j->ds, err));
  pfc_train_defaults(&settings);
  settings.models = settings.require = PFC_TRAIN_AFFINITY;
  settings.seed = settings.als.seed = shape.seed;
  settings.als.rank = RANK;
  settings.als.max_sweeps = 2; /* speed does not hang on how well it fits */
  PFC_TRY(pfc_train(j->ds, &settings, &j->bundle, &report, err));
done:
  return st;
}

static double n_queries(const cJSON *json) {
  static const char *const SECTIONS[] = {"affinity", "affinity_new_people"};
  double sum = 0;
  for (int s = 0; s < 2; s++) {
    const cJSON *section = cJSON_GetObjectItemCaseSensitive(json, SECTIONS[s]);
    const double n = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(section, "mrr"), "n"));
    if (!isnan(n)) sum += n;
  }
  return sum;
}

static pfc_status run(void *self, pfc__sample *sample, pfc_error *err) {
  pfc_status st = PFC_OK;
  const judging *j = self;
  const pfc_contestant one = {"model", j->bundle, NULL};
  pfc_evaluate_settings settings;
  cJSON *json = NULL;
  pfc_evaluate_defaults(&settings);
  settings.resamples = 0;
  const double from = pfc__now();
  PFC_TRY(pfc_evaluate(1, &one, j->ds, &settings, &json, err));
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = n_queries(json);
  sample->work[PFC__PAIRS] = sample->work[PFC__ROWS] * pfc_dataset_count(j->ds, "intervention");
  sample->work[PFC__FLOPS] = 2 * RANK * sample->work[PFC__PAIRS];
done:
  cJSON_Delete(json);
  return st;
}

const pfc__bench pfc__bench_evaluate = {.name = "evaluate_lists",
                                        .of = "sgemm_seconds",
                                        .limit = PFC__SGEMM,
                                        .unit = PFC__FLOPS,
                                        .inverse = true,
                                        .setup = setup,
                                        .run = run,
                                        .teardown = teardown};
