// labels: property check
/* Strengths of ridges by marginal likelihood: that they are the precisions effects were drawn
 * with, and that what nothing tells of stays where it begins. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/countdown.h"
#include "trainer/train_internal.h"

/* Three one-hot fields of their own groups; the third has effects of none. */
enum { FIELDS = 3, SIZE = 150, D = FIELDS * SIZE, N = 24000 };
static const double SD[FIELDS] = {0.8, 0.25, 0};

static uint64_t seed;

typedef struct sample {
  pfc_csr x;
  float y[N];
  pfc__ridges r;
  double w[D + 1];
} sample;

static sample *draw(uint64_t which, int n) {
  sample *s = pfc_alloc_array(1, sizeof *s);
  static const char *const NAME[FIELDS] = {"wide", "narrow", "none"};
  double effect[D];
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.strengths", which);
  s->r = (pfc__ridges){.stage = "test", .n_groups = FIELDS, .n_columns = D, .n_fields = FIELDS};
  s->r.group_of = pfc_alloc_array(D, sizeof *s->r.group_of);
  s->r.field_of = pfc_alloc_array(D, sizeof *s->r.field_of);
  for (int f = 0; f < FIELDS; f++) {
    s->r.name[f] = NAME[f];
    s->r.strength[f] = 10;
  }
  for (int j = 0; j < D; j++) {
    s->r.group_of[j] = s->r.field_of[j] = j / SIZE;
    effect[j] = SD[j / SIZE] * pfc_rng_normal(&rng);
  }
  assert_ok(pfc_csr_init(&s->x, n, D, &err));
  for (int i = 0; i < n; i++) {
    int32_t col[FIELDS];
    const float val[FIELDS] = {1, 1, 1};
    double eta = -0.3;
    for (int f = 0; f < FIELDS; f++) {
      col[f] = f * SIZE + (int32_t)pfc_rng_below(&rng, SIZE);
      eta += effect[col[f]];
    }
    s->y[i] = pfc_rng_uniform(&rng) < 1 / (1 + exp(-eta));
    assert_ok(pfc_csr_append(&s->x, FIELDS, col, val, &err));
  }
  return s;
}

static void drop(sample *s) {
  pfc_csr_clear(&s->x);
  pfc__ridges_clear(&s->r);
  pfc_free(s);
}

static pfc_status weigh(void *user) {
  sample *s = user;
  const pfc_logit_problem rows = {
      .x = &s->x, .y = s->y, .field = s->r.field_of, .n_fields = FIELDS};
  for (int j = 0; j <= D; j++) s->w[j] = 0;
  for (int f = 0; f < FIELDS; f++) s->r.strength[f] = 10;
  return pfc__ridges_weigh(&s->r, &rows, NULL, s->w, NULL);
}

/* A variance of 150 effects has a standard error of 12 % of itself, and 16 % or so where rows
 * blur the effects; what is settled to a tenth adds that. */
static void strengths_are_the_precisions_of_effects(void **state) {
  (void)state;
  for (uint64_t k = 0; k < 3; k++) {
    sample *s = draw(k, N);
    assert_ok(weigh(s));
    for (int f = 0; f < 2; f++) {
      const double off = log(s->r.strength[f] * SD[f] * SD[f]);
      if (fabs(off) > 0.8) fail_msg("%s: %g", s->r.name[f], s->r.strength[f]);
    }
    assert_true(s->r.strength[2] > 4 * s->r.strength[1]); /* a sd below 0.125 */
    drop(s);
  }
}

/* Sixty rows tell three groups of 150 effects next to nothing, and none runs away. */
static void few_rows_move_little(void **state) {
  (void)state;
  sample *s = draw(9, 60);
  assert_ok(weigh(s));
  for (int f = 0; f < FIELDS; f++)
    assert_true(s->r.strength[f] > 0.2 && s->r.strength[f] < 500);
  drop(s);
}

static void memory_may_run_out(void **state) {
  (void)state;
  sample *s = draw(10, 60);
  assert_true(count_down(weigh, s) > 20);
  drop(s);
}

static int set_up(void **state) {
  (void)state;
  seed = test_seed(17);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(strengths_are_the_precisions_of_effects),
      cmocka_unit_test(few_rows_move_little),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests_name("trainer/strengths", tests, set_up, NULL);
}
