// labels: property check
/* A past counted once (pfc_past) encodes what walking the history for every field does. */
#include "tests/support/test.h"

#include <math.h>

#include "tests/support/countdown.h"
#include "tests/support/tables.h"
#include "tests/support/world.h"

/* Some interventions name a competency twice: an attempt counts once for it. */
static pfc_dataset *random_dataset(uint64_t seed) {
  pfc_dataset *ds = test_random_dataset(seed, 12, seed % 2 == 1);
  const int32_t *item = pfc_dataset_column(ds, PFC_TARGETS, "intervention_id")->code;
  int32_t *competency = pfc_dataset_column(ds, PFC_TARGETS, "competency_id")->code;
  for (int64_t r = 1; r < ds->tables[PFC_TARGETS].n_rows; r++)
    if (item[r] == item[r - 1] && r % 2) competency[r] = competency[r - 1];
  return ds;
}

static int compare_scope(const world *w, const pfc_features *f, const pfc_past *past,
                         pfc_scope scope, const pfc_decision *d) {
  int32_t col[512], counted_col[512];
  float val[512], counted_val[512];
  assert_true(pfc_features_max(f, scope, w->lens) <= 512);
  const int n = pfc_features_encode(f, w->lens, scope, d, col, val);
  assert_int_equal(pfc_features_encode_past(f, past, scope, d, counted_col, counted_val), n);
  assert_memory_equal(counted_col, col, (size_t)n * sizeof *col);
  assert_memory_equal(counted_val, val, (size_t)n * sizeof *val);
  return n;
}

/* Competencies outside of the list have nothing in their cells but what the role asks for. */
static void compare_cells(const world *w, const pfc_features *f, const pfc_past *past,
                          pfc_decision d) {
  int32_t n;
  const int32_t *known = pfc_past_competencies(past, &n);
  int32_t seen[64] = {0};
  for (int32_t k = 0; k < n; k++) assert_int_equal(seen[known[k]]++, 0);
  for (d.competency = 0; d.competency < pfc_dataset_count(w->ds, "competency");
       d.competency++) {
    const int entries = compare_scope(w, f, past, PFC_SCOPE_CELL, &d);
    assert_true(entries == 0 || seen[d.competency]);
  }
}

static void compare_past(const world *w, const pfc_features *f, pfc_past *past,
                         const pfc_decision *about) {
  pfc_decision d = *about;
  pfc_past_recall(past, about);
  d.intervention = d.competency = -1;
  compare_cells(w, f, past, d);
  for (int scope = 0; scope < PFC_N_SCOPES; scope++)
    compare_scope(w, f, past, (pfc_scope)scope, about);
  for (d.intervention = 0; d.intervention < w->cat->n_interventions; d.intervention++)
    compare_scope(w, f, past, PFC_SCOPE_PAIR, &d);
}

static void a_past_encodes_what_a_walk_does(void **state) {
  (void)state;
  const uint64_t seed = test_seed(81);
  for (uint64_t s = seed; s < seed + 4; s++) {
    world w;
    pfc_past *past;
    pfc_rng rng;
    world_open(&w, random_dataset(s), NULL);
    world_decide(&w);
    pfc_rng_init(&rng, s, "test.past", 0);
    assert_ok(pfc_past_create(w.lens, &past, &err));
    pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
    for (int64_t k = 0; k < w.n + 200; k++) {
      const pfc_decision d = k < w.n ? w.decisions[k] : world_imagine(&w, &rng);
      compare_past(&w, f, past, &d);
    }
    pfc_features_destroy(f);
    pfc_past_destroy(past);
    world_close(&w);
  }
}

/* More starts than there are logarithms at hand. */
static void many_starts_are_counted(void **state) {
  (void)state;
  world w;
  pfc_past *past;
  pfc_dataset *ds = random_dataset(5);
  int32_t *person = pfc_dataset_column(ds, PFC_ENROLMENTS, "person_id")->code;
  assert_true(ds->tables[PFC_ENROLMENTS].n_rows > 80);
  for (int64_t r = 0; r < 80; r++) person[r] = 0;
  world_open(&w, ds, NULL);
  world_decide(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  assert_ok(pfc_past_create(w.lens, &past, &err));
  const pfc_decision d = {0, 0, -1, PFC_NO_DATE, -1, -1};
  compare_past(&w, f, past, &d);
  pfc_past_destroy(past);
  pfc_features_destroy(f);
  world_close(&w);
}

static pfc_status create_past(void *user) {
  const world *w = user;
  pfc_past *past;
  const pfc_status st = pfc_past_create(w->lens, &past, NULL);
  if (st == PFC_OK) pfc_past_destroy(past);
  return st;
}

static void short_memory_is_survived(void **state) {
  (void)state;
  world w;
  pfc_past_destroy(NULL);
  world_open(&w, random_dataset(7), NULL);
  assert_true(count_down(create_past, &w) >= 5);
  world_close(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_past_encodes_what_a_walk_does),
      cmocka_unit_test(many_starts_are_counted),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests_name("datasets/features_past", tests, NULL, NULL);
}
