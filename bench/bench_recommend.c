/* recommend: the command, from its start to its end, for everybody of a large organisation
 * against a large catalogue: model and data read, levels, gaps, rules, all terms of value,
 * choice, times, reasons, and rows written as CSV. The models are learned from a part of the
 * people. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/par.h"
#include "bench/bench_internal.h"
#include "bench/organisation_internal.h"
#include "bench/program_internal.h"
#include "datasets/storage.h"
#include "trainer/train.h"

/* The last two are what a run leaves that is stopped. */
enum { MODEL, DATA, LISTS, MANIFEST, PART, NOTE, N_FILES };
static const char *const NAMES[N_FILES] = {"model.h5",       "data.h5",
                                           "lists.csv",      "lists.csv.manifest.json",
                                           "lists.csv.part", "lists.csv.part.json"};

typedef struct recommend {
  const char *program;
  char *folder, *path[N_FILES];
  double n_people, n_pairs;
  double flops; /* of one run's products of pairs */
} recommend;

static void teardown(void *self) {
  recommend *s = self;
  if (!s) return;
  for (int f = 0; f < N_FILES; f++) {
    if (s->path[f]) (void)unlink(s->path[f]);
    pfc_free(s->path[f]);
  }
  if (s->folder) (void)rmdir(s->folder);
  pfc_free(s->folder);
  pfc_free(s);
}

static pfc_status name_files(recommend *s, const char *scratch, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__scratch_create(scratch, &s->folder, err));
  for (int f = 0; f < N_FILES; f++) {
    const size_t size = strlen(s->folder) + 64;
    PFC_NEW(s->path[f], size);
    (void)snprintf(s->path[f], size, "%s/%s", s->folder, NAMES[f]);
  }
done:
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

/* Speed does not hang on how well the models fit: few sweeps will do. */
static pfc_status make_model(const recommend *s, const pfc__organisation *shape, int rank,
                             double *flops_a_pair, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_train_settings settings;
  pfc_train_report report;
  pfc_dataset *part = NULL;
  pfc_bundle *bundle = NULL;
  pfc_train_defaults(&settings);
  settings.models = settings.require = PFC_TRAIN_ALL & ~PFC_TRAIN_ACCEPT; /* no feedback */
  settings.seed = settings.als.seed = shape->seed;
  settings.als.rank = rank;
  settings.als.max_sweeps = 2;
  PFC_TRY(pfc__organisation_create(shape, &part, err));
  PFC_TRY(pfc_train(part, &settings, &bundle, &report, err));
  PFC_TRY(pfc_bundle_save(bundle, s->path[MODEL], err));
  *flops_a_pair = pair_flops(bundle);
done:
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(part);
  return st;
}

static pfc_status make_data(const recommend *s, const pfc__organisation *shape,
                            pfc_error *err) {
  pfc_dataset *ds = NULL;
  pfc_status st = pfc__organisation_create(shape, &ds, err);
  if (st == PFC_OK) st = pfc_dataset_save(ds, s->path[DATA], err);
  pfc_dataset_destroy(ds);
  return st;
}

static pfc_status set_up(pfc__env *env, int rank, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  recommend *s = NULL;
  double flops_a_pair;
  pfc__organisation shape = {.n_people = pfc__size(env, 130, 5000),
                             .n_interventions = pfc__size(env, 30, 5000),
                             .n_competencies = pfc__size(env, 10, 200),
                             .n_enrolments = pfc__size(env, 800, 50000),
                             .n_targets = 3,
                             .n_roles = pfc__size(env, 4, 100),
                             .n_ratings = 10,
                             .seed = env->settings->seed};
  if (!env->settings->program) {
    return pfc_fail(err, PFC_EUSAGE,
                    "program: the path of proficio expected, to run `recommend`");
  }
  PFC_NEW(s, 1);
  *self = s;
  s->program = env->settings->program;
  PFC_TRY(name_files(s, env->settings->scratch, err));
  PFC_TRY(make_model(s, &shape, rank, &flops_a_pair, err));
  const int32_t times = pfc__size(env, 2, 40);
  shape.n_people *= times;
  shape.n_enrolments *= times;
  PFC_TRY(make_data(s, &shape, err));
  s->n_people = shape.n_people;
  s->n_pairs = s->n_people * shape.n_interventions;
  s->flops = s->n_pairs * flops_a_pair;
done:
  return st;
}

static pfc_status setup(pfc__env *env, void **self, pfc_error *err) {
  return set_up(env, 64, self, err);
}

static pfc_status setup_narrow(pfc__env *env, void **self, pfc_error *err) {
  return set_up(env, 16, self, err);
}

/* That there is a row at all, and that everybody was asked about. */
static pfc_status check_lists(const recommend *s, pfc_error *err) {
  cJSON *manifest = NULL;
  const pfc_status st = pfc_json_load(s->path[MANIFEST], &manifest, err);
  if (st != PFC_OK) return st;
  const double people =
                   cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(manifest, "people")),
               rows = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(manifest, "rows"));
  cJSON_Delete(manifest);
  if (people == s->n_people && rows > 0) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "bench recommend: %g rows for %g of %g people", rows, people,
                  s->n_people);
}

static pfc_status run(void *self, pfc__sample *sample, pfc_error *err) {
  pfc_status st = PFC_OK;
  const recommend *s = self;
  char threads[16];
  (void)snprintf(threads, sizeof threads, "%d", pfc_par_threads());
  const char *const args[] = {"recommend", s->path[MODEL], s->path[DATA], "--all",
                              "--format",  "csv",          "-o",          s->path[LISTS],
                              "--threads", threads,        "--quiet",     NULL};
  PFC_TRY(pfc__run_program(s->program, args, &sample->seconds, &sample->peak_bytes, err));
  PFC_TRY(check_lists(s, err));
  sample->work[PFC__ROWS] = s->n_people;
  sample->work[PFC__PAIRS] = s->n_pairs;
  sample->work[PFC__FLOPS] = s->flops;
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
                                         .memory_bar = 4,
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
