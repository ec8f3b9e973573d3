/* explain: one person and one intervention, all terms and reasons, among a large catalogue. */
#include <string.h>

#include "base/mem.h"
#include "bench/bench_internal.h"
#include "bench/organisation_internal.h"
#include "engine/explain.h"
#include "trainer/train.h"

enum { RANK = 64, RATED = 6, EXPLAINED = 64, TODAY = 20000 };

typedef struct explain {
  pfc_dataset *ds;
  pfc_bundle *bundle;
  pfc_scorer *scorer;
  pfc_explainer *explainer;
  int32_t n_people, n_interventions;
  double flops; /* of one explanation's matrix products */
} explain;

static void teardown(void *self) {
  explain *x = self;
  if (!x) return;
  pfc_explainer_destroy(x->explainer);
  pfc_scorer_destroy(x->scorer);
  pfc_bundle_destroy(x->bundle);
  pfc_dataset_destroy(x->ds);
  pfc_free(x);
}

/* --- what is asked of people, and held ------------------------------------------------------
 */

static pfc_status add_word(pfc_dataset *ds, const char *dictionary, const char *word,
                           pfc_error *err) {
  int32_t code;
  pfc_dict *dict = pfc_dataset_dict(ds, dictionary);
  if (!dict) return pfc_fail_memory(err, dictionary);
  return pfc_dict_add(dict, word, strlen(word), &code, err);
}

static pfc_status add_columns(pfc_dataset *ds, pfc_table_id table, int n,
                              const char *const *name, int64_t n_rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *column;
  for (int k = 0; k < n; k++) {
    const pfc_column_decl *decl = pfc_schema_column(pfc_schema(table), name[k]);
    PFC_TRY(pfc_dataset_add_column(ds, table, decl->name, decl->type, decl->dictionary, n_rows,
                                   &column, err));
  }
done:
  return st;
}

/* Everybody holds one role, which asks for level 4 in every competency. */
static pfc_status add_role(pfc_dataset *ds, int32_t n_people, int32_t n_competencies,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  static const char *const WHO[] = {"person_id", "role_id"};
  static const char *const ASKS[] = {"role_id", "competency_id", "level"};
  PFC_TRY(add_word(ds, "role", "r", err));
  PFC_TRY(add_columns(ds, PFC_PEOPLE, 2, WHO, n_people, err));
  PFC_TRY(add_columns(ds, PFC_REQUIREMENTS, 3, ASKS, n_competencies, err));
  const pfc_column *who = ds->tables[PFC_PEOPLE].columns;
  const pfc_column *asks = ds->tables[PFC_REQUIREMENTS].columns;
  for (int32_t p = 0; p < n_people; p++) {
    who[0].code[p] = p;
    who[1].code[p] = 0;
  }
  for (int32_t c = 0; c < n_competencies; c++) {
    asks[0].code[c] = 0;
    asks[1].code[c] = c;
    asks[2].real[c] = 4;
  }
done:
  return st;
}

/* A few ratings a person, by one source. */
static pfc_status add_ratings(pfc_dataset *ds, int32_t n_people, int32_t n_competencies,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  static const char *const HEARD[] = {"person_id", "competency_id", "level", "source",
                                      "assessed_on"};
  const int64_t n = (int64_t)RATED * n_people;
  PFC_TRY(add_word(ds, "source", "test", err));
  PFC_TRY(add_columns(ds, PFC_ASSESSMENTS, 5, HEARD, n, err));
  const pfc_column *heard = ds->tables[PFC_ASSESSMENTS].columns;
  for (int64_t k = 0; k < n; k++) {
    heard[0].code[k] = (int32_t)(k / RATED);
    heard[1].code[k] = (int32_t)(k % n_competencies);
    heard[2].real[k] = 1 + (double)(k * 7 % 31) / 10;
    heard[3].code[k] = 0;
    heard[4].date[k] = TODAY - (int32_t)(k % 900);
  }
done:
  return st;
}

/* --- the bench ------------------------------------------------------------------------------
 */

/* Speed does not hang on how well the models fit: few sweeps will do. */
static pfc_status train(explain *x, uint64_t seed, pfc_error *err) {
  pfc_train_settings settings;
  pfc_train_report report;
  pfc_train_defaults(&settings);
  settings.models = settings.require = PFC_TRAIN_ALL & ~PFC_TRAIN_ACCEPT; /* no feedback */
  settings.seed = settings.als.seed = seed;
  settings.als.rank = RANK;
  settings.als.max_sweeps = 2;
  settings.profile.rank = 1;
  settings.profile.max_sweeps = 2;
  return pfc_train(x->ds, &settings, &x->bundle, &report, err);
}

static pfc_status setup(pfc__env *env, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  explain *x = NULL;
  pfc_scorer_settings settings;
  const pfc__organisation shape = {.n_people = pfc__size(env, 130, 2000),
                                   .n_interventions = pfc__size(env, 30, 5000),
                                   .n_competencies = pfc__size(env, 5, 50),
                                   .n_enrolments = pfc__size(env, 600, 20000),
                                   .seed = env->settings->seed};
  PFC_NEW(x, 1);
  *self = x;
  PFC_TRY(pfc__organisation_create(&shape, &x->ds, err));
  PFC_TRY(add_role(x->ds, shape.n_people, shape.n_competencies, err));
  PFC_TRY(add_ratings(x->ds, shape.n_people, shape.n_competencies, err));
  PFC_TRY(train(x, shape.seed, err));
  pfc_scorer_defaults(&settings);
  settings.include_closed = 1;
  PFC_TRY(pfc_scorer_create(x->bundle, x->ds, &settings, &x->scorer, err));
  PFC_TRY(pfc_explainer_create(x->scorer, &x->explainer, err));
  x->n_people = shape.n_people;
  x->n_interventions = shape.n_interventions;
  /* Products of affinity and success, of a whole tile. */
  x->flops = 2.0 * 2 * RANK * PFC_SCORER_TILE * shape.n_interventions;
done:
  return st;
}

static pfc_status run(void *self, pfc__sample *sample, pfc_error *err) {
  pfc_status st = PFC_OK;
  const explain *x = self;
  pfc_explanation out;
  const double from = pfc__now();
  for (int32_t k = 0; k < EXPLAINED; k++) {
    const int32_t intervention = (int32_t)((int64_t)k * 31 % x->n_interventions);
    PFC_TRY(pfc_explain(x->explainer, k % x->n_people, intervention, &out, err));
  }
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = EXPLAINED;
  sample->work[PFC__FLOPS] = EXPLAINED * x->flops;
done:
  return st;
}

/* Bar: 5 ms each on the machine of docs/BENCHMARKS.md. */
const pfc__bench pfc__bench_explain = {.name = "explain",
                                       .of = "sgemm_seconds",
                                       .limit = PFC__SGEMM,
                                       .unit = PFC__FLOPS,
                                       .inverse = true,
                                       .bar = 12,
                                       .setup = setup,
                                       .run = run,
                                       .teardown = teardown};
