// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "datasets/split.h"
#include "tests/oracle/features_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"
#include "tests/support/world.h"

/* --- against the definitions --------------------------------------------------------- */

static void expect_field(const oracle *o, const pfc_field *f, const pfc_decision *d,
                         int32_t competency, double weight, double *row) {
  if (f->kind == PFC_FIELD_ONEHOT) {
    const char *word = oracle_word(o, f, d, competency);
    const int32_t code = pfc_dict_find(pfc_dataset_find_dict(o->ds, f->dict), word);
    if (*word && f->column_of[code] >= 0) row[f->column_of[code]] += weight;
    return;
  }
  const double x = oracle_number(o, f, d, competency);
  const int is_sparse = f->scope == PFC_SCOPE_CELL || f->scope == PFC_SCOPE_PAIR;
  if (!isnan(x)) row[f->first] += weight * (x - f->mean) / f->sd;
  if (f->has_missing && is_sparse != (isnan(x) != 0)) row[f->first + 1] += weight;
}

static void expect_row(const oracle *o, const pfc_features *f, const pfc_decision *d,
                       double *row) {
  int32_t aims[16];
  const int n_aims = oracle_aims(o, d, aims);
  memset(row, 0, sizeof *row * (size_t)f->n_columns);
  for (int k = 0; k < f->n_fields; k++)
    for (int j = 0; j < n_aims; j++)
      expect_field(o, &f->fields[k], d, aims[j], 1.0 / n_aims, row);
}

static void compare_with_definitions(const world *w, const pfc_features *f, pfc_rng *rng) {
  const oracle o = {w->ds, w->h, w->cat};
  double *row = pfc_alloc_array((size_t)f->n_columns, sizeof *row);
  double *expected = pfc_alloc_array((size_t)f->n_columns, sizeof *expected);
  for (int64_t k = 0; k < w->n + 200; k++) {
    const pfc_decision d = k < w->n ? w->decisions[k] : world_imagine(w, rng);
    world_encode(f, w->lens, &d, row);
    expect_row(&o, f, &d, expected);
    world_compare(f, row, expected, k < w->n ? "enrolment" : "imagined decision");
  }
  pfc_free(row);
  pfc_free(expected);
}

static void rows_agree_with_the_definitions(void **state) {
  (void)state;
  const uint64_t seed = test_seed(51);
  for (uint64_t s = seed; s < seed + 4; s++) {
    world w;
    pfc_rng rng;
    world_open(&w, test_random_dataset(s, 12, s % 2 == 1), NULL);
    world_decide(&w);
    pfc_rng_init(&rng, s, "test.features", 0);
    for (int plan = PFC_PLAN_SUCCESS; plan <= PFC_PLAN_PERSON_ATTRIBUTES; plan++) {
      pfc_features *f = world_fit(&w, (pfc_feature_plan)plan);
      assert_true(f->n_columns > 10);
      compare_with_definitions(&w, f, &rng);
      pfc_features_destroy(f);
    }
    world_close(&w);
  }
}

/* Mean and deviation in two passes over what the training decisions say. */
static void check_scale(const world *w, const pfc_field *f) {
  const oracle o = {w->ds, w->h, w->cat};
  int32_t aims[16];
  double weight = 0, mean = 0, square = 0;
  int is_missing = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (int64_t k = 0; k < w->n; k++) {
      const int n = oracle_aims(&o, &w->decisions[k], aims);
      for (int j = 0; j < n; j++) {
        const double x = oracle_number(&o, f, &w->decisions[k], aims[j]);
        if (isnan(x)) {
          is_missing = 1;
        } else if (pass == 0) {
          weight += 1.0 / n;
          mean += x / n;
        } else {
          square += (x - mean) * (x - mean) / n;
        }
      }
    }
    if (pass == 0) mean /= weight;
  }
  const int is_count = f->what == PFC_WHAT_ATTEMPTS || f->what == PFC_WHAT_WINS;
  if (is_count && f->scope != PFC_SCOPE_PERSON) {
    assert_float_equal(f->mean, 0, 0);
    assert_float_equal(f->sd, sqrt(square / weight + mean * mean), 1e-9);
    assert_false(f->has_missing);
  } else {
    assert_float_equal(f->mean, mean, 1e-9);
    assert_float_equal(f->sd, sqrt(square / weight), 1e-9);
    assert_int_equal(f->has_missing, is_missing);
  }
}

static void numbers_are_standardized_over_training(void **state) {
  (void)state;
  world w;
  world_open(&w, test_random_dataset(61, 20, 0), NULL);
  world_decide(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  int n_numbers = 0;
  for (int k = 0; k < f->n_fields; k++) {
    if (f->fields[k].kind != PFC_FIELD_NUMBER) continue;
    check_scale(&w, &f->fields[k]);
    n_numbers++;
  }
  assert_int_equal(n_numbers, 15);
  pfc_features_destroy(f);
  world_close(&w);
}

static void stretch(pfc_dataset *ds, pfc_table_id t, const char *name, double factor) {
  const pfc_column *column = pfc_dataset_column(ds, t, name);
  for (int64_t r = 0; r < ds->tables[t].n_rows; r++) column->real[r] *= factor;
}

/* The same numbers in a unit so large that their squares are no doubles, or so small that they
 * are 0: a power of two, so that not one bit may change. */
static void the_unit_of_a_number_does_not_matter(void **state) {
  (void)state;
  const double units[] = {0x1p1000, 0x1p-1000};
  world w;
  world_open(&w, test_random_dataset(62, 20, 0), NULL);
  world_decide(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  for (int u = 0; u < 2; u++) {
    world v;
    pfc_dataset *ds = test_random_dataset(62, 20, 0);
    stretch(ds, PFC_PEOPLE, "x_age", units[u]);
    stretch(ds, PFC_INTERVENTIONS, "x_size", units[u]);
    stretch(ds, PFC_ENROLMENTS, "x_credits", units[u]);
    world_open(&v, ds, NULL);
    world_decide(&v);
    pfc_features *g = world_fit(&v, PFC_PLAN_SUCCESS);
    assert_int_equal(g->n_columns, f->n_columns);
    double *row = pfc_alloc_array((size_t)f->n_columns, sizeof *row);
    double *same = pfc_alloc_array((size_t)f->n_columns, sizeof *same);
    for (int64_t d = 0; d < w.n; d++) {
      world_encode(f, w.lens, &w.decisions[d], row);
      world_encode(g, v.lens, &v.decisions[d], same);
      assert_memory_equal(row, same, sizeof *row * (size_t)f->n_columns);
    }
    pfc_free(row);
    pfc_free(same);
    pfc_features_destroy(g);
    world_close(&v);
  }
  pfc_features_destroy(f);
  world_close(&w);
}

/* Somebody met after training, whose number no float holds once it is standardized. */
static void numbers_out_of_all_proportion_are_cut(void **state) {
  (void)state;
  const double met[] = {1e300, -1e300, 1.7e308};
  world w, v;
  world_open(&w, test_random_dataset(63, 20, 0), NULL);
  world_decide(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_PERSON_ATTRIBUTES);
  int k = 0;
  while (strcmp(f->fields[k].name, "people.x_age") != 0) k++;
  for (int m = 0; m < 3; m++) {
    pfc_dataset *ds = test_random_dataset(63, 20, 0);
    pfc_dataset_column(ds, PFC_PEOPLE, "x_age")->real[0] = met[m];
    world_open(&v, ds, &w);
    double *row = pfc_alloc_array((size_t)f->n_columns, sizeof *row);
    const pfc_decision d = {0, -1, -1, 50, -1, -1};
    world_encode(f, v.lens, &d, row);
    assert_float_equal(row[f->fields[k].first], met[m] > 0 ? 1e6 : -1e6, 0);
    pfc_free(row);
    world_close(&v);
  }
  pfc_features_destroy(f);
  world_close(&w);
}

/* --- time ---------------------------------------------------------------------------- */

static void scramble_enrolments(pfc_dataset *ds, int32_t t, pfc_rng *rng) {
  static const char *const results[] = {"in_progress", "completed", "passed", "failed"};
  const pfc_column *status = pfc_dataset_column(ds, PFC_ENROLMENTS, "status");
  const pfc_column *item = pfc_dataset_column(ds, PFC_ENROLMENTS, "intervention_id");
  const pfc_column *credits = pfc_dataset_column(ds, PFC_ENROLMENTS, "x_credits");
  const pfc_column *ended = pfc_dataset_column(ds, PFC_ENROLMENTS, "ended_on");
  pfc_history *h;
  assert_ok(pfc_history_create(ds, &h, &err));
  for (int64_t k = 0; k < h->first_attempt[h->n_people]; k++) {
    const pfc_attempt *a = &h->attempts[k];
    if (a->start >= t) {
      item->code[a->row] = (int32_t)pfc_rng_below(rng, 12);
      credits->real[a->row] = pfc_rng_normal(rng);
    }
    if (a->end != PFC_NO_DATE && a->end >= t && a->started && status->code[a->row] >= 0) {
      status->code[a->row] = pfc_dict_find(status->dict, results[pfc_rng_below(rng, 4)]);
      ended->date[a->row] += (int32_t)pfc_rng_below(rng, 4);
    }
  }
  pfc_history_destroy(h);
}

static void scramble_the_rest(pfc_dataset *ds, int32_t t, pfc_rng *rng) {
  const pfc_column *on = pfc_dataset_column(ds, PFC_ASSESSMENTS, "assessed_on");
  const pfc_column *level = pfc_dataset_column(ds, PFC_ASSESSMENTS, "level");
  const pfc_column *competency = pfc_dataset_column(ds, PFC_ASSESSMENTS, "competency_id");
  for (int64_t r = 0; r < ds->tables[PFC_ASSESSMENTS].n_rows; r++) {
    if (on->date[r] < t) continue;
    level->real[r] = 5 * pfc_rng_uniform(rng);
    competency->code[r] = (int32_t)pfc_rng_below(rng, 6);
  }
  const pfc_column *from = pfc_dataset_column(ds, PFC_POSITIONS, "from");
  const pfc_column *to = pfc_dataset_column(ds, PFC_POSITIONS, "to");
  const pfc_column *role = pfc_dataset_column(ds, PFC_POSITIONS, "role_id");
  for (int64_t r = 0; r < ds->tables[PFC_POSITIONS].n_rows; r++) {
    if (from->date[r] >= t) role->code[r] = (int32_t)pfc_rng_below(rng, 4);
    if (to->date[r] >= t) to->date[r] = pfc_rng_below(rng, 2) ? PFC_NO_DATE : to->date[r] + 5;
  }
  const pfc_column *left = pfc_dataset_column(ds, PFC_PEOPLE, "left_on");
  for (int64_t r = 0; r < ds->tables[PFC_PEOPLE].n_rows; r++)
    if (left->date[r] >= t) left->date[r] = PFC_NO_DATE;
}

/* The leak test: whatever happens from day t on, a decision on day t looks the same. */
static void no_decision_sees_its_own_day_or_later(void **state) {
  (void)state;
  const uint64_t seed = test_seed(71);
  for (uint64_t s = seed; s < seed + 4; s++) {
    world w;
    world_open(&w, test_random_dataset(s, 15, 0), NULL);
    world_decide(&w);
    pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
    double *before = pfc_alloc_array((size_t)f->n_columns, sizeof *before);
    double *after = pfc_alloc_array((size_t)f->n_columns, sizeof *after);
    for (int32_t t = 10; t < 100; t += 9) {
      world other;
      pfc_rng rng;
      pfc_rng_init(&rng, s, "test.scramble", (uint64_t)t);
      pfc_dataset *changed = test_random_dataset(s, 15, 0);
      scramble_enrolments(changed, t, &rng);
      scramble_the_rest(changed, t, &rng);
      world_open(&other, changed, NULL);
      for (int k = 0; k < 150; k++) {
        pfc_decision d = world_imagine(&w, &rng);
        d.date = t;
        world_encode(f, w.lens, &d, before);
        world_encode(f, other.lens, &d, after);
        world_compare(f, after, before, "after a change of the future");
      }
      world_close(&other);
    }
    pfc_free(before);
    pfc_free(after);
    pfc_features_destroy(f);
    world_close(&w);
  }
}

/* Training on the view and scoring on everything mean the same by a decision. */
static void the_training_view_encodes_the_same(void **state) {
  (void)state;
  const uint64_t seed = test_seed(81);
  for (uint64_t s = seed; s < seed + 3; s++) {
    const int32_t date = 60;
    pfc_dataset *ds = test_random_dataset(s, 15, 0), *all = NULL, *view = NULL;
    /* without positions, which the view puts into table people */
    uint8_t *none = pfc_alloc_array((size_t)ds->tables[PFC_POSITIONS].n_rows, 1);
    const uint8_t *keep[PFC_N_TABLES] = {[PFC_POSITIONS] = none};
    assert_ok(pfc_dataset_filter(ds, keep, &all, &err));
    all->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = date};
    assert_ok(pfc_split_training_view(all, &view, &err));
    world w, seen;
    world_open(&w, all, NULL);
    world_open(&seen, view, NULL);
    world_decide(&w);
    pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
    double *a = pfc_alloc_array((size_t)f->n_columns, sizeof *a);
    double *b = pfc_alloc_array((size_t)f->n_columns, sizeof *b);
    pfc_rng rng;
    pfc_rng_init(&rng, s, "test.view", 0);
    for (int k = 0; k < 400; k++) {
      pfc_decision d = world_imagine(&w, &rng);
      d.date = (int32_t)pfc_rng_below(&rng, (uint64_t)date + 1);
      world_encode(f, w.lens, &d, a);
      world_encode(f, seen.lens, &d, b);
      world_compare(f, b, a, "in the training view");
    }
    pfc_free(a);
    pfc_free(b);
    pfc_free(none);
    pfc_features_destroy(f);
    world_close(&seen);
    world_close(&w);
    pfc_dataset_destroy(ds);
  }
}

/* --- through another lens ------------------------------------------------------------ */

/* The same facts under other codes: every dictionary is filled from its end. */
static pfc_dataset *recoded(const pfc_dataset *ds) {
  pfc_dataset *out = pfc_dataset_create();
  out->scale_min = ds->scale_min;
  out->scale_max = ds->scale_max;
  int32_t code;
  for (int k = ds->n_dicts - 1; k >= 0; k--) {
    pfc_dict *to = pfc_dataset_dict(out, pfc_dict_name(ds->dicts[k]));
    assert_ok(pfc_dict_add(to, "a newcomer", 10, &code, &err));
    for (int32_t c = pfc_dict_size(ds->dicts[k]) - 1; c >= 0; c--) {
      const char *text = pfc_dict_text(ds->dicts[k], c);
      assert_ok(pfc_dict_add(to, text, strlen(text), &code, &err));
    }
  }
  for (int t = 0; t < PFC_N_TABLES; t++) {
    for (int k = 0; k < ds->tables[t].n_columns; k++) {
      const pfc_column *from = &ds->tables[t].columns[k];
      pfc_column *to;
      assert_ok(pfc_dataset_add_column(out, (pfc_table_id)t, from->name, from->type,
                                       from->dict ? pfc_dict_name(from->dict) : NULL,
                                       ds->tables[t].n_rows, &to, &err));
      memcpy(to->data, from->data, (size_t)ds->tables[t].n_rows * pfc_type_size(from->type));
      for (int64_t r = 0; from->type == PFC_CODE && r < ds->tables[t].n_rows; r++)
        if (from->code[r] >= 0)
          to->code[r] = pfc_dict_find(to->dict, pfc_dict_text(from->dict, from->code[r]));
    }
  }
  return out;
}

static int32_t translate(const world *from, const world *to, const char *dict, int32_t code) {
  return code < 0 ? -1
                  : test_code(to->ds, dict,
                              pfc_dict_text(pfc_dataset_find_dict(from->ds, dict), code));
}

static void a_lens_translates_codes(void **state) {
  (void)state;
  world w, other;
  pfc_rng rng;
  world_open(&w, test_random_dataset(91, 15, 0), NULL);
  world_decide(&w);
  world_open(&other, recoded(w.ds), &w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  double *a = pfc_alloc_array((size_t)f->n_columns, sizeof *a);
  double *b = pfc_alloc_array((size_t)f->n_columns, sizeof *b);
  pfc_rng_init(&rng, 91, "test.lens", 0);
  for (int64_t k = 0; k < w.n + 200; k++) {
    const pfc_decision d = k < w.n ? w.decisions[k] : world_imagine(&w, &rng);
    pfc_decision same = d;
    same.person = translate(&w, &other, "person", d.person);
    same.intervention = translate(&w, &other, "intervention", d.intervention);
    same.competency = translate(&w, &other, "competency", d.competency);
    assert_int_equal(pfc_lens_code(other.lens, "person", same.person), d.person);
    world_encode(f, w.lens, &d, a);
    world_encode(f, other.lens, &same, b);
    world_compare(f, b, a, "under other codes");
  }
  assert_int_equal(pfc_lens_code(other.lens, "person", 0), -1); /* the newcomer */
  assert_int_equal(pfc_lens_code(other.lens, "person", -1), -1);
  assert_int_equal(pfc_lens_code(other.lens, "no such dictionary", 0), -1);
  pfc_free(a);
  pfc_free(b);
  pfc_features_destroy(f);
  world_close(&other);
  world_close(&w);
}

/* A model that knows no dictionary sees numbers alone. */
static void unknown_categories_have_no_entry(void **state) {
  (void)state;
  world w;
  pfc_dict *no_dicts[1] = {NULL};
  world_open(&w, test_random_dataset(92, 10, 0), NULL);
  world_decide(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  pfc_lens *blind;
  assert_ok(pfc_lens_create(w.ds, w.h, w.cat, no_dicts, 0, &blind, &err));
  double *row = pfc_alloc_array((size_t)f->n_columns, sizeof *row);
  int n_numbers = 0;
  for (int64_t k = 0; k < w.n; k++) {
    world_encode(f, blind, &w.decisions[k], row);
    for (int j = 0; j < f->n_fields; j++) {
      const pfc_field *field = &f->fields[j];
      for (int32_t c = field->first; c < field->first + field->n_columns; c++) {
        if (field->kind == PFC_FIELD_ONEHOT) assert_float_equal(row[c], 0, 0);
        n_numbers += row[c] != 0;
      }
    }
  }
  assert_true(n_numbers > 100);
  pfc_free(row);
  pfc_lens_destroy(blind);
  pfc_features_destroy(f);
  world_close(&w);
}

static pfc_status create_lens(void *user) {
  const world *w = user;
  pfc_lens *lens;
  const pfc_status st =
      pfc_lens_create(w->ds, w->h, w->cat, w->ds->dicts, w->ds->n_dicts - 1, &lens, NULL);
  if (st != PFC_OK) assert_null(lens);
  pfc_lens_destroy(lens);
  return st;
}

static void a_lens_survives_short_memory(void **state) {
  (void)state;
  world w;
  world_open(&w, test_random_dataset(7, 5, 0), NULL);
  assert_true(count_down(create_lens, &w) >= 8);
  world_close(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_agree_with_the_definitions),
      cmocka_unit_test(numbers_are_standardized_over_training),
      cmocka_unit_test(the_unit_of_a_number_does_not_matter),
      cmocka_unit_test(numbers_out_of_all_proportion_are_cut),
      cmocka_unit_test(no_decision_sees_its_own_day_or_later),
      cmocka_unit_test(the_training_view_encodes_the_same),
      cmocka_unit_test(a_lens_translates_codes),
      cmocka_unit_test(unknown_categories_have_no_entry),
      cmocka_unit_test(a_lens_survives_short_memory),
  };
  return cmocka_run_group_tests_name("datasets/features", tests, NULL, NULL);
}
