// labels: property check
/* Predictions of rows by fits that saw nothing of their people. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"
#include "trainer/train_internal.h"

enum { PEOPLE = 60, EACH = 5, N = PEOPLE * EACH };

static pfc_dataset *ds;
static pfc__training t;
static pfc__ridges r;
static pfc_csr x;
static float y[N];
static int32_t person[N];
static double eta[N];

/* People with five rows of one number each. */
static int open_world(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(5), "test.cross_fit", 0);
  assert_ok(pfc_par_init(2, &err));
  ds = pfc_dataset_create();
  test_table(ds, PFC_ENROLMENTS, PEOPLE, "person_id,intervention_id,started_on");
  for (int p = 0; p < PEOPLE; p++) {
    char text[16];
    (void)snprintf(text, sizeof text, "p%d", p);
    test_cell(ds, PFC_ENROLMENTS, p, "person_id", text);
    test_cell(ds, PFC_ENROLMENTS, p, "intervention_id", "i");
    test_number(ds, PFC_ENROLMENTS, p, "started_on", 10);
  }
  assert_ok(pfc__world_init(&t, ds, &err));
  assert_ok(pfc_csr_init(&x, N, 1, &err));
  for (int i = 0; i < N; i++) {
    const int32_t column = 0;
    const float value = (float)pfc_rng_normal(&rng);
    person[i] = i / EACH;
    y[i] = pfc_rng_uniform(&rng) < 1 / (1 + exp(-(double)value));
    assert_ok(pfc_csr_append(&x, 1, &column, &value, &err));
  }
  r = (pfc__ridges){.stage = "test", .n_groups = 1, .strength = {1}, .n_columns = 1};
  r.n_fields = 1;
  r.group_of = pfc_alloc_array(1, sizeof *r.group_of);
  r.field_of = pfc_alloc_array(1, sizeof *r.field_of);
  return 0;
}

static int close_world(void **state) {
  (void)state;
  pfc__ridges_clear(&r);
  pfc_csr_clear(&x);
  pfc__world_clear(&t);
  pfc_dataset_destroy(ds);
  return 0;
}

static pfc_status run(int *told, pfc_error *error) {
  static const double begin[2];
  const pfc_logit_problem rows = {.x = &x, .y = y, .field = r.field_of, .n_fields = 1};
  return pfc__cross_fit(&t, &r, &rows, person, begin, eta, told, error);
}

/* What a person answers changes what is told of others, and not a bit of what is told of the
 * person. */
static void own_results_are_never_seen(void **state) {
  (void)state;
  double before[N];
  int told = 0, moved = 0;
  assert_ok(run(&told, &err));
  assert_int_equal(told, 1);
  memcpy(before, eta, sizeof eta);
  for (int p = 0; p < PEOPLE; p += 13) {
    for (int k = 0; k < EACH; k++) y[p * EACH + k] = 1 - y[p * EACH + k];
    assert_ok(run(&told, &err));
    for (int i = 0; i < N; i++) {
      if (person[i] == p) assert_memory_equal(&eta[i], &before[i], sizeof *eta);
      moved += eta[i] != before[i];
    }
    for (int k = 0; k < EACH; k++) y[p * EACH + k] = 1 - y[p * EACH + k];
  }
  assert_true(moved > N); /* of five times N, about four fifths */
}

static void one_who_alone_says_yes_is_told_of_nothing(void **state) {
  (void)state;
  float kept[N];
  int told = 1;
  memcpy(kept, y, sizeof y);
  for (int i = 0; i < N; i++) y[i] = i < 2;
  assert_ok(run(&told, &err));
  assert_int_equal(told, 0);
  memcpy(y, kept, sizeof y);
}

static pfc_status run_once(void *user) { return run(user, NULL); }

static void memory_may_run_out(void **state) {
  (void)state;
  int told;
  assert_true(count_down(run_once, &told) > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(own_results_are_never_seen),
      cmocka_unit_test(one_who_alone_says_yes_is_told_of_nothing),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests_name("trainer/cross_fit", tests, open_world, close_world);
}
