// labels: quality check
/* The time model against Cox regression on simulated survival rows with known risk (DeepSurv,
 * Katzman et al. 2018, linear risk x0 + 2 x1): coefficients, and concordance on rows that
 * neither has seen. */
#include "tests/support/test.h"

#include <math.h>

#include "base/h5.h"
#include "base/mem.h"
#include "base/par.h"
#include "tests/support/figures.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

enum { N_X = 10, N_FIGURES = N_X + 1 };

/* --- rows -------------------------------------------------------------------------------- */

/* One group of the sample. */
typedef struct rows {
  int64_t n;
  float *t, *x; /* n; n x N_X */
  int32_t *e;
} rows;

static rows read_group(const char *group) {
  rows r = {.n = -1};
  hid_t file = -1;
  char path[4096];
  const char *src = getenv("SRC");
  (void)snprintf(path, sizeof path, "%s/datasets/samples/deepsurv_sim/linear_survival_data.h5",
                 src ? src : ".");
  assert_ok(pfc_h5_open(path, &file, &err));
  (void)snprintf(path, sizeof path, "/%s/t", group);
  assert_ok(pfc_h5_read_1d(file, path, PFC_H5_F32, &r.n, (void **)&r.t, &err));
  (void)snprintf(path, sizeof path, "/%s/e", group);
  assert_ok(pfc_h5_read_1d(file, path, PFC_H5_I32, &r.n, (void **)&r.e, &err));
  (void)snprintf(path, sizeof path, "/%s/x", group);
  pfc_h5_shape shape = {.type = PFC_H5_F32, .rank = 2, .dim = {r.n, N_X}};
  assert_ok(pfc_h5_read(file, path, &shape, (void **)&r.x, &err));
  assert_ok(pfc_h5_close(&file, &err));
  return r;
}

static void drop_rows(rows *r) {
  pfc_free(r->t);
  pfc_free(r->e);
  pfc_free(r->x);
}

static rows train, test;
static pfc_dataset *ds;

/* One person a row; the column `split` tells train from test. */
static void add_episodes(const rows *r, int64_t first, const char *split) {
  const pfc_table_id t = PFC_EPISODES;
  for (int64_t i = 0; i < r->n; i++) {
    char text[32];
    (void)snprintf(text, sizeof text, "p%d", (int)(first + i));
    test_cell(ds, t, first + i, "person_id", text);
    test_cell(ds, t, first + i, "event", r->e[i] ? "proficient" : "censored");
    test_cell(ds, t, first + i, "split", split);
    test_number(ds, t, first + i, "duration_days", (double)r->t[i]);
    for (int c = 0; c < N_X; c++) {
      (void)snprintf(text, sizeof text, "x_%d", c);
      test_number(ds, t, first + i, text, (double)r->x[i * N_X + c]);
    }
  }
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(0, &err));
  train = read_group("train");
  test = read_group("test");
  assert_int_equal(train.n, 4000);
  assert_int_equal(test.n, 1000);
  ds = pfc_dataset_create();
  assert_non_null(ds);
  test_table(ds, PFC_EPISODES, train.n + test.n,
             "person_id,duration_days,event,split,x_0,x_1,x_2,x_3,x_4,x_5,x_6,x_7,x_8,x_9");
  add_episodes(&train, 0, "train");
  add_episodes(&test, train.n, "test");
  ds->split.kind = PFC_SPLIT_COLUMN;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pfc_dataset_destroy(ds);
  drop_rows(&train);
  drop_rows(&test);
  return 0;
}

/* --- Cox --------------------------------------------------------------------------------- */

/* value[c] of xC, value[N_X] the concordance; fails unless all are there. */
static void read_cox(const char *path, double value[N_FIGURES]) {
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  char line[256];
  int n = 0;
  while (fgets(line, sizeof line, f)) {
    const char *comma = strchr(line, ',');
    if (!comma || line[0] == '#' || strncmp(line, "figure,", 7) == 0) continue;
    char expected[16];
    (void)snprintf(expected, sizeof expected, n < N_X ? "x%d," : "concordance,", n);
    assert_true(n < N_FIGURES && strncmp(line, expected, strlen(expected)) == 0);
    value[n++] = strtod(comma + 1, NULL);
  }
  (void)fclose(f);
  assert_int_equal(n, N_FIGURES);
}

static void read_stored(double value[N_FIGURES]) {
  char path[4096];
  const char *src = getenv("SRC");
  (void)snprintf(path, sizeof path, "%s/tests/quality/deepsurv_cox.csv", src ? src : ".");
  read_cox(path, value);
}

static void write_csv(const char *path, const rows *r) {
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  (void)fputs("t,e,x0,x1,x2,x3,x4,x5,x6,x7,x8,x9\n", f);
  for (int64_t i = 0; i < r->n; i++) {
    (void)fprintf(f, "%.9g,%d", (double)r->t[i], (int)r->e[i]);
    for (int c = 0; c < N_X; c++) (void)fprintf(f, ",%.9g", (double)r->x[i * N_X + c]);
    (void)fputc('\n', f);
  }
  assert_int_equal(fclose(f), 0);
}

/* The stored figures are what R says of these rows today. */
static void the_reference_is_cox_regression(void **state) {
  (void)state;
  if (system("Rscript -e 'library(survival)' >r.txt 2>&1") != 0) skip();
  double stored[N_FIGURES], now[N_FIGURES];
  write_csv("train.csv", &train);
  write_csv("test.csv", &test);
  assert_int_equal(system("Rscript \"${SRC:-.}/tests/quality/deepsurv_cox.R\" train.csv "
                          "test.csv >cox.csv 2>>r.txt"),
                   0);
  read_stored(stored);
  read_cox("cox.csv", now);
  for (int k = 0; k < N_FIGURES; k++) {
    if (!(fabs(stored[k] - now[k]) <= 2e-6))
      fail_msg("figure %d: %.6f is stored, R says %.6f", k, stored[k], now[k]);
  }
}

/* --- the model --------------------------------------------------------------------------- */

static pfc_bundle *fit(void) {
  pfc_train_settings settings;
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  pfc_train_defaults(&settings);
  settings.models = settings.require = PFC_TRAIN_TIME;
  assert_ok(pfc_train(ds, &settings, &bundle, &report, &err));
  return bundle;
}

/* Coefficient of episodes.x_C per unit of x. */
static double per_unit(const pfc_hazard *m, int column) {
  char name[32];
  (void)snprintf(name, sizeof name, "episodes.x_%d", column);
  for (int i = 0; i < m->features->n_fields; i++) {
    const pfc_field *f = &m->features->fields[i];
    if (strcmp(f->name, name) == 0) return m->coef[PFC_PROFICIENT][f->first] / f->sd;
  }
  fail_msg("no field %s", name);
  return NAN;
}

static double c_index(const pfc_bundle *bundle) {
  cJSON *json = figures_of(bundle, ds);
  const double value = figure_value(json, "time.c_index");
  assert_int_equal(figure_part(json, "time.c_index", "n"), test.n);
  cJSON_Delete(json);
  return value;
}

static void coefficients_and_concordance_are_those_of_cox(void **state) {
  (void)state;
  double cox[N_FIGURES];
  read_stored(cox);
  pfc_bundle *bundle = fit();
  for (int c = 0; c < N_X; c++) {
    const double ours = per_unit(&bundle->time, c);
    print_message("x%d: %9.6f, Cox %9.6f\n", c, ours, cox[c]);
    if (!(fabs(ours - cox[c]) <= 0.03))
      fail_msg("x%d: %.6f, Cox regression says %.6f", c, ours, cox[c]);
  }
  const double c = c_index(bundle);
  print_message("concordance: %.6f, Cox %.6f\n", c, cox[N_X]);
  if (!(c >= 0.775)) fail_msg("concordance %.6f on the test rows, at least 0.775 expected", c);
  pfc_bundle_destroy(bundle);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_reference_is_cox_regression),
      cmocka_unit_test(coefficients_and_concordance_are_those_of_cox),
  };
  return cmocka_run_group_tests_name("quality/deepsurv", tests, set_up, tear_down);
}
