/* refit: an organisation of 200,000 people lives on until there is 1 % more to learn from, and
 * all models are brought up to date; against training them anew on the same data. */
#include <stdlib.h>

#include "base/mem.h"
#include "bench/bench_internal.h"
#include "bench/organisation_internal.h"
#include "trainer/update.h"

typedef struct refit {
  pfc_train_settings settings;
  pfc_dataset *ds;
  pfc_bundle *old;
  double n_rows; /* that training anew learns from */
} refit;

static void teardown(void *self) {
  refit *r = self;
  if (!r) return;
  pfc_bundle_destroy(r->old);
  pfc_dataset_destroy(r->ds);
  pfc_free(r);
}

/* The days before which all, and 99 %, of the starts lie. */
static pfc_status find_days(const pfc_dataset *ds, int32_t *last, int32_t *before,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = ds->tables[PFC_ENROLMENTS].n_rows;
  const int32_t *start = pfc_dataset_dates(ds, PFC_ENROLMENTS, "started_on");
  double *day = NULL;
  if (!start) return pfc_fail(err, PFC_EDATA, "refit: no starts");
  PFC_NEW(day, n);
  for (int64_t i = 0; i < n; i++) day[i] = start[i];
  qsort(day, (size_t)n, sizeof *day, pfc__ascending);
  *last = (int32_t)day[n - 1];
  *before = (int32_t)day[(int64_t)(0.99 * (double)n)];
done:
  pfc_free(day);
  return st;
}

/* Rows a second of training anew. */
static pfc_status measure_training(refit *r, pfc__env *env, pfc_error *err) {
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  const double from = pfc__now();
  const pfc_status st = pfc_train(r->ds, &r->settings, &bundle, &report, err);
  env->limit[PFC__TRAIN] = r->n_rows / (pfc__now() - from);
  pfc_bundle_destroy(bundle);
  return st;
}

static pfc_status setup(pfc__env *env, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  refit *r = NULL;
  pfc_train_report report;
  int32_t last, before;
  const pfc__organisation shape = {.n_people = pfc__size(env, 200, 200000),
                                   .n_interventions = pfc__size(env, 30, 1000),
                                   .n_competencies = pfc__size(env, 5, 100),
                                   .n_enrolments = pfc__size(env, 1200, 1000000),
                                   .n_roles = pfc__size(env, 4, 100),
                                   .n_ratings = 3,
                                   .seed = env->settings->seed};
  PFC_NEW(r, 1);
  *self = r;
  pfc_train_defaults(&r->settings);
  r->settings.models = PFC_TRAIN_ALL & ~PFC_TRAIN_ACCEPT; /* no feedback */
  PFC_TRY(pfc__organisation_create(&shape, &r->ds, err));
  r->n_rows = (double)r->ds->tables[PFC_ENROLMENTS].n_rows;
  PFC_TRY(find_days(r->ds, &last, &before, err));
  r->ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = before};
  PFC_TRY(pfc_train(r->ds, &r->settings, &r->old, &report, err));
  r->ds->split.date = last;
  PFC_TRY(measure_training(r, env, err));
done:
  return st;
}

static pfc_status run(void *self, pfc__sample *sample, pfc_error *err) {
  const refit *r = self;
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  const double from = pfc__now();
  const pfc_status st = pfc_update(r->ds, &r->settings, r->old, &bundle, &report, err);
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = r->n_rows;
  pfc_bundle_destroy(bundle);
  return st;
}

const pfc__bench pfc__bench_refit = {.name = "refit",
                                     .of = "train",
                                     .limit = PFC__TRAIN,
                                     .unit = PFC__ROWS,
                                     .long_run = true,
                                     .bar = 5,
                                     .setup = setup,
                                     .run = run,
                                     .teardown = teardown};
