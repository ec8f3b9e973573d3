// labels: unit check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "datasets/features.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"
#include "tests/support/world.h"

static const pfc_field *find_field(const pfc_features *f, const char *name) {
  for (int k = 0; k < f->n_fields; k++)
    if (strcmp(f->fields[k].name, name) == 0) return &f->fields[k];
  return NULL;
}

/* Columns are numbered without gaps, field after field, scope after scope. */
static void assert_layout(const pfc_features *f) {
  int32_t next = 0;
  for (int k = 0; k < f->n_fields; k++) {
    const pfc_field *field = &f->fields[k];
    assert_int_equal(field->first, next);
    assert_true(field->n_columns > 0);
    if (k > 0) assert_true(f->fields[k - 1].scope <= field->scope);
    int32_t n = 0;
    for (int32_t c = 0; c < field->n_codes; c++)
      if (field->column_of[c] >= 0) assert_int_equal(field->column_of[c], next + n++);
    if (field->kind == PFC_FIELD_ONEHOT) assert_int_equal(n, field->n_columns);
    if (field->kind == PFC_FIELD_NUMBER)
      assert_int_equal(field->n_columns, field->has_missing ? 2 : 1);
    next += field->n_columns;
  }
  assert_int_equal(next, f->n_columns);
}

static void each_plan_has_its_fields(void **state) {
  (void)state;
  static const struct {
    const char *name, *group;
    const char *plans; /* one letter for each plan that has it */
  } cases[] = {
      {"person", "person", "s"},
      {"role", "role", "stp"},
      {"unit", "unit", "stp"},
      {"roles.family", "category", "stp"},
      {"attempts total", "count", "st"},
      {"wins total", "count", "st"},
      {"people.x_age", "number", "stp"},
      {"people.c_region", "category", "stp"},
      {"roles.x_span", "number", "stp"},
      {"roles.c_band", "category", "stp"},
      {"enrolments.x_credits", "number", "stp"},
      {"enrolments.c_mode", "category", "stp"},
      {"intervention", "intervention", "st"},
      {"competency", "competency", "sti"},
      {"interventions.kind", "kind", "sti"},
      {"interventions.modality", "category", "sti"},
      {"interventions.provider", "category", "sti"},
      {"log interventions.hours", "attribute", "sti"},
      {"interventions.weeks", "attribute", "sti"},
      {"interventions.x_day_1", "attribute", "si"},
      {"interventions.x_size", "attribute", "sti"},
      {"interventions.c_topic", "category", "sti"},
      {"to_level", "level", "sti"},
      {"attempts competency", "count", "st"},
      {"wins competency", "count", "st"},
      {"level", "level", "st"},
      {"attempts item", "count", "st"},
      {"wins item", "count", "st"},
  };
  world w;
  world_open(&w, test_random_dataset(1, 20, 0), NULL);
  world_decide(&w);
  for (int plan = 0; plan < 4; plan++) {
    pfc_features *f = world_fit(&w, (pfc_feature_plan)plan);
    assert_layout(f);
    int n = 0;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
      const pfc_field *field = find_field(f, cases[k].name);
      const int wanted = strchr(cases[k].plans, "stip"[plan]) != NULL;
      if ((field != NULL) != wanted) fail_msg("plan %d: field \"%s\"", plan, cases[k].name);
      if (field) assert_string_equal(field->group, cases[k].group);
      n += wanted;
    }
    assert_int_equal(f->n_fields, n);
    pfc_features_destroy(f);
  }
  world_close(&w);
}

static void what_never_varies_is_left_out(void **state) {
  (void)state;
  world w;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_PEOPLE, "person_id,x_same,x_known,x_none,x_two,c_same,c_some,c_none",
            "p,5,5,,1,a,a,;q,5,,,2,a,,");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on", "p,i,1;q,i,1");
  world_open(&w, ds, NULL);
  world_decide(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  assert_layout(f);
  assert_int_equal(f->n_fields, 3);
  assert_non_null(find_field(f, "person"));
  assert_non_null(find_field(f, "people.x_two"));
  assert_int_equal(find_field(f, "people.c_some")->n_columns, 1);
  pfc_features_destroy(f);

  w.n = 0; /* nothing to learn from */
  f = world_fit(&w, PFC_PLAN_SUCCESS);
  assert_int_equal(f->n_columns, 0);
  pfc_features_destroy(f);
  world_close(&w);
}

static void no_history_means_no_entry(void **state) {
  (void)state;
  world w;
  world_open(&w, test_random_dataset(2, 20, 0), NULL);
  world_decide(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  int32_t col[64];
  float val[64];
  int n_filled = 0;
  for (int64_t k = 0; k < w.n; k++) {
    pfc_decision d = w.decisions[k];
    n_filled += pfc_features_encode(f, w.lens, PFC_SCOPE_CELL, &d, col, val) > 0;
    d.date = -1; /* before everything */
    assert_int_equal(pfc_features_encode(f, w.lens, PFC_SCOPE_CELL, &d, col, val), 0);
    assert_int_equal(pfc_features_encode(f, w.lens, PFC_SCOPE_PAIR, &d, col, val), 0);
  }
  assert_true(n_filled > 100);

  /* Who was assessed says so, beside the level. */
  const pfc_field *level = find_field(f, "level");
  assert_true(level->has_missing);
  assert_int_equal(level->scope, PFC_SCOPE_CELL);
  pfc_features_destroy(f);
  world_close(&w);
}

static double *row_of(const world *w, const pfc_features *f, const pfc_decision *d) {
  double *row = pfc_alloc_array((size_t)f->n_columns, sizeof *row);
  world_encode(f, w->lens, d, row);
  return row;
}

/* A decision at no competency in particular is the mean of those at each. */
static void several_targets_are_averaged(void **state) {
  (void)state;
  world w;
  pfc_rng rng;
  world_open(&w, test_random_dataset(3, 15, 0), NULL);
  world_decide(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  pfc_rng_init(&rng, 3, "test.average", 0);
  for (int k = 0; k < 300; k++) {
    pfc_decision d = world_imagine(&w, &rng);
    d.intervention = (int32_t)pfc_rng_below(&rng, 10); /* the first ten have two targets */
    d.competency = -1;
    double *whole = row_of(&w, f, &d);
    double *mean = pfc_alloc_array((size_t)f->n_columns, sizeof *mean);
    const int32_t first = w.cat->first[d.intervention];
    assert_int_equal(w.cat->first[d.intervention + 1] - first, 2);
    for (int t = 0; t < 2; t++) {
      d.competency = w.cat->competency[first + t];
      double *part = row_of(&w, f, &d);
      for (int32_t c = 0; c < f->n_columns; c++) mean[c] += part[c] / 2;
      pfc_free(part);
    }
    world_compare(f, whole, mean, "average");
    pfc_free(whole);
    pfc_free(mean);
  }
  pfc_features_destroy(f);
  world_close(&w);
}

/* Columns of enrolments: the decision's own row, else the latest one known before. */
static void enrolment_columns_are_carried_forward(void **state) {
  (void)state;
  world w;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,x_a",
            "p,i,30,3;p,i,10,1;p,i,20,;p,i,40,;q,i,15,9");
  test_rows(ds, PFC_EPISODES, "person_id,started_on,duration_days,event,x_b",
            "p,10,5,left,2;p,20,5,left,8;p,30,5,left,");
  world_open(&w, ds, NULL);
  world_decide(&w);
  for (int64_t k = 0; k < 3; k++) w.decisions[k].episode_row = k;
  pfc_features *f = world_fit(&w, PFC_PLAN_TIME);
  const pfc_field *a = find_field(f, "enrolments.x_a"), *b = find_field(f, "episodes.x_b");
  static const struct {
    int date;
    int64_t enrolment, episode;
    double a, b; /* NAN missing */
  } cases[] = {
      {10, -1, -1, NAN, NAN}, {11, -1, -1, 1, NAN}, {25, -1, -1, 1, NAN},
      {31, -1, -1, 3, NAN},   {50, -1, -1, 3, NAN}, {PFC_NO_DATE, -1, -1, 3, NAN},
      {20, 2, -1, NAN, NAN},  {30, 0, -1, 3, NAN},  {25, -1, 1, 1, 8},
      {10, 1, 0, 1, 2},       {30, 0, 2, 3, NAN},   {PFC_NO_DATE, -1, 0, NAN, 2},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const pfc_decision d = {0, 0, -1, cases[k].date, cases[k].enrolment, cases[k].episode};
    double *row = row_of(&w, f, &d);
    const double x = isnan(cases[k].a) ? 0 : (cases[k].a - a->mean) / a->sd;
    const double y = isnan(cases[k].b) ? 0 : (cases[k].b - b->mean) / b->sd;
    if (fabs(row[a->first] - x) > 1e-6 || row[a->first + 1] != isnan(cases[k].a) ||
        fabs(row[b->first] - y) > 1e-6 || row[b->first + 1] != isnan(cases[k].b))
      fail_msg("case %d: %g (%g), %g (%g)", (int)k, row[a->first], row[a->first + 1],
               row[b->first], row[b->first + 1]);
    pfc_free(row);
  }
  pfc_features_destroy(f);
  world_close(&w);
}

static void columns_have_names(void **state) {
  (void)state;
  world w;
  char text[256], others[256];
  world_open(&w, test_random_dataset(5, 15, 0), NULL);
  world_decide(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  for (int32_t c = 0; c < f->n_columns; c++) {
    pfc_features_column_name(f, w.ds->dicts, w.ds->n_dicts, c, text);
    assert_true(strlen(text) > 0);
    for (int32_t other = 0; other < c; other++) {
      pfc_features_column_name(f, w.ds->dicts, w.ds->n_dicts, other, others);
      assert_string_not_equal(text, others);
    }
  }
  const pfc_field *region = find_field(f, "people.c_region"), *level = find_field(f, "level");
  const int32_t g1 = test_code(w.ds, "c_region", "g1");
  pfc_features_column_name(f, w.ds->dicts, w.ds->n_dicts, region->column_of[g1], text);
  assert_string_equal(text, "people.c_region=g1");
  pfc_features_column_name(f, w.ds->dicts, w.ds->n_dicts, level->first + 1, text);
  assert_string_equal(text, "level known");
  pfc_features_column_name(f, w.ds->dicts, w.ds->n_dicts,
                           find_field(f, "people.x_age")->first + 1, text);
  assert_string_equal(text, "people.x_age missing");
  pfc_features_column_name(f, w.ds->dicts, w.ds->n_dicts, f->n_columns, text);
  assert_string_equal(text, "");
  pfc_features_destroy(f);
  world_close(&w);
}

/* A name too long for its room ends with a whole character. */
static void long_names_are_cut_between_characters(void **state) {
  (void)state;
  world w;
  char text[256], id[400];
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on", ",i,1;,i,1;,i,1");
  for (int row = 0; row < 3; row++) { /* one, two, three bytes out of step */
    memset(id, 'a', (size_t)row);
    for (int k = 0; k < 100; k++) memcpy(id + row + 3 * k, "\xe2\x82\xac", 3);
    id[row + 300] = '\0';
    test_cell(ds, PFC_ENROLMENTS, row, "person_id", id);
  }
  world_open(&w, ds, NULL);
  world_decide(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  assert_int_equal(f->n_columns, 3);
  for (int32_t c = 0; c < 3; c++) {
    pfc_features_column_name(f, ds->dicts, ds->n_dicts, c, text);
    const size_t n = strlen(text);
    assert_in_range(n, 253, 255);
    assert_memory_equal(text + n - 3, "\xe2\x82\xac", 3);
  }
  pfc_features_destroy(f);
  world_close(&w);
}

static void encoding_is_thread_safe_and_needs_no_memory(void **state) {
  (void)state;
  world w;
  world_open(&w, test_random_dataset(6, 20, 0), NULL);
  world_decide(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  double *serial = pfc_alloc_array((size_t)(w.n * f->n_columns), sizeof *serial);
  double *threads = pfc_alloc_array((size_t)(w.n * f->n_columns), sizeof *threads);
  oom_after(0);
  for (int64_t k = 0; k < w.n; k++)
    world_encode(f, w.lens, &w.decisions[k], serial + k * f->n_columns);
  assert_false(oom_happened());
  oom_after(-1);
#pragma omp parallel for schedule(dynamic, 1) num_threads(4)
  for (int64_t k = 0; k < w.n; k++) {
    int32_t col[64];
    float val[64];
    for (int scope = 0; scope < PFC_N_SCOPES; scope++) {
      const int n = pfc_features_encode(f, w.lens, (pfc_scope)scope, &w.decisions[k], col, val);
      for (int e = 0; e < n; e++) threads[k * f->n_columns + col[e]] += (double)val[e];
    }
  }
  assert_memory_equal(serial, threads, (size_t)(w.n * f->n_columns) * sizeof *serial);
  pfc_free(serial);
  pfc_free(threads);
  pfc_features_destroy(f);
  world_close(&w);
}

static pfc_status create_features(void *user) {
  const world *w = user;
  pfc_features *f;
  const pfc_status st =
      pfc_features_fit(w->lens, PFC_PLAN_SUCCESS, w->n, w->decisions, &f, NULL);
  if (st != PFC_OK) assert_null(f);
  pfc_features_destroy(f);
  return st;
}

static void short_memory_is_survived(void **state) {
  (void)state;
  world w;
  world_open(&w, test_random_dataset(7, 5, 0), NULL);
  world_decide(&w);
  assert_true(count_down(create_features, &w) > 100);
  world_close(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_plan_has_its_fields),
      cmocka_unit_test(what_never_varies_is_left_out),
      cmocka_unit_test(no_history_means_no_entry),
      cmocka_unit_test(several_targets_are_averaged),
      cmocka_unit_test(enrolment_columns_are_carried_forward),
      cmocka_unit_test(columns_have_names),
      cmocka_unit_test(long_names_are_cut_between_characters),
      cmocka_unit_test(encoding_is_thread_safe_and_needs_no_memory),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests_name("datasets/features_fields", tests, NULL, NULL);
}
