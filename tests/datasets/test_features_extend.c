// labels: property check
/* Features fitted to some decisions and extended by others: what was known is encoded as it
 * was, every category of the new ones has a column, no column stands there for nothing. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "tests/oracle/features_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/tables.h"
#include "tests/support/world.h"

typedef struct extended {
  world w;
  int64_t n_old; /* decisions that the old features were fitted to */
  pfc_features *old, *f;
  int32_t *from;
} extended;

static void extended_open(extended *x, uint64_t seed, pfc_feature_plan plan) {
  *x = (extended){0};
  world_open(&x->w, test_random_dataset(seed, 30, 0), NULL);
  world_decide(&x->w);
  x->n_old = 12;
  assert_true(x->w.n > 2 * x->n_old);
  assert_ok(pfc_features_fit(x->w.lens, plan, x->n_old, x->w.decisions, &x->old, &err));
  assert_ok(pfc_features_extend(x->old, x->w.lens, x->w.n - x->n_old, x->w.decisions + x->n_old,
                                &x->f, &x->from, &err));
}

static void extended_close(extended *x) {
  pfc_features_destroy(x->old);
  pfc_features_destroy(x->f);
  pfc_free(x->from);
  world_close(&x->w);
}

/* Share of a decision's aims that tell a category of the field. */
static double told(const world *w, const pfc_field *f, const pfc_decision *d) {
  const oracle o = {w->ds, w->h, w->cat};
  int32_t aims[16];
  const int n = oracle_aims(&o, d, aims);
  double sum = 0;
  for (int j = 0; j < n; j++) sum += *oracle_word(&o, f, d, aims[j]) ? 1.0 / n : 0;
  return sum;
}

static void check_decision(const extended *x, int64_t i, double *was, double *is,
                           uint8_t *used) {
  const pfc_decision *d = &x->w.decisions[i];
  world_encode(x->old, x->w.lens, d, was);
  world_encode(x->f, x->w.lens, d, is);
  for (int32_t c = 0; c < x->f->n_columns; c++) {
    if (x->from[c] >= 0) assert_near(is[c], was[x->from[c]], 0);
    if (x->from[c] < 0 && i < x->n_old) assert_near(is[c], 0, 0);
    if (is[c] != 0) used[c] = 1;
  }
  for (int k = 0; k < x->f->n_fields && i >= x->n_old; k++) {
    const pfc_field *f = &x->f->fields[k];
    if (f->kind != PFC_FIELD_ONEHOT) continue;
    double sum = 0;
    for (int32_t c = f->first; c < f->first + f->n_columns; c++) sum += is[c];
    assert_near(sum, told(&x->w, f, d), 1e-6);
  }
}

static void what_was_known_stays_and_what_is_new_has_columns(void **state) {
  (void)state;
  const uint64_t seed = test_seed(91);
  for (uint64_t s = seed; s < seed + 20; s++) {
    for (int plan = PFC_PLAN_SUCCESS; plan <= PFC_PLAN_TIME; plan++) {
      extended x;
      extended_open(&x, s, (pfc_feature_plan)plan);
      assert_int_equal(x.f->n_fields, x.old->n_fields);
      assert_true(x.f->n_columns > x.old->n_columns);
      double *was = pfc_alloc_array((size_t)x.old->n_columns, sizeof *was);
      double *is = pfc_alloc_array((size_t)x.f->n_columns, sizeof *is);
      uint8_t *used = pfc_alloc_array((size_t)x.f->n_columns, 1);
      for (int64_t i = 0; i < x.w.n; i++) check_decision(&x, i, was, is, used);
      int32_t n_old = 0, last = -1;
      for (int32_t c = 0; c < x.f->n_columns; c++) {
        if (x.from[c] < 0) assert_true(used[c]);
        if (x.from[c] < 0) continue;
        assert_true(x.from[c] > last); /* all of them, in their order */
        last = x.from[c];
        n_old++;
      }
      assert_int_equal(n_old, x.old->n_columns);
      pfc_free(was);
      pfc_free(is);
      pfc_free(used);
      extended_close(&x);
    }
  }
}

static void of_nothing_new_they_are_the_same(void **state) {
  (void)state;
  extended x;
  pfc_features *same;
  int32_t *from;
  extended_open(&x, 92, PFC_PLAN_SUCCESS);
  assert_ok(pfc_features_extend(x.f, x.w.lens, x.w.n, x.w.decisions, &same, &from, &err));
  assert_int_equal(same->n_columns, x.f->n_columns);
  for (int32_t c = 0; c < same->n_columns; c++) assert_int_equal(from[c], c);
  for (int k = 0; k < same->n_fields; k++) {
    assert_string_equal(same->fields[k].name, x.f->fields[k].name);
    assert_near(same->fields[k].mean, x.f->fields[k].mean, 0);
    assert_near(same->fields[k].sd, x.f->fields[k].sd, 0);
  }
  pfc_features_destroy(same);
  pfc_free(from);
  extended_close(&x);
}

static pfc_status extend(void *user) {
  const extended *x = user;
  pfc_features *f;
  int32_t *from;
  pfc_error err = PFC_ERROR_INIT;
  const pfc_status st =
      pfc_features_extend(x->old, x->w.lens, x->w.n, x->w.decisions, &f, &from, &err);
  pfc_features_destroy(f);
  pfc_free(from);
  return st;
}

static void memory_may_fail_anywhere(void **state) {
  (void)state;
  extended x;
  extended_open(&x, 93, PFC_PLAN_SUCCESS);
  assert_true(count_down(extend, &x) > 50);
  extended_close(&x);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_known_stays_and_what_is_new_has_columns),
      cmocka_unit_test(of_nothing_new_they_are_the_same),
      cmocka_unit_test(memory_may_fail_anywhere),
  };
  return cmocka_run_group_tests_name("datasets/features_extend", tests, NULL, NULL);
}
