#include "tests/support/test.h"

#include <cblas.h>
#include <omp.h>

#include "base/par.h"

static void threads_are_what_was_asked(void **state) {
  (void)state;
  for (int n = 1; n <= 4; n++) {
    assert_ok(pfc_par_init(n, &err));
    assert_int_equal(pfc_par_threads(), n);
    int seen = 0;
#pragma omp parallel reduction(+ : seen)
    seen += 1;
    assert_int_equal(seen, n);
    assert_int_equal(openblas_get_num_threads(), 1);
  }
  assert_ok(pfc_par_init(0, &err));
  assert_int_equal(pfc_par_threads(), omp_get_num_procs());
}

static void impossible_numbers_are_refused(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  assert_fails(pfc_par_init(-1, &err), PFC_EUSAGE, "threads is -1");
  assert_fails(pfc_par_init(1025, &err), PFC_EUSAGE, "0 (all cores) to 1024");
  assert_int_equal(pfc_par_threads(), 2);
}

static void blas_has_a_name(void **state) {
  (void)state;
  int major = 0;
  assert_int_equal(sscanf(pfc_par_blas(), "OpenBLAS %d.", &major), 1);
  assert_ptr_equal(pfc_par_blas(), pfc_par_blas());
}

static void tiles_cover_the_rows(void **state) {
  (void)state;
  assert_int_equal(pfc_n_tiles(0), 0);
  assert_int_equal(pfc_n_tiles(1), 1);
  assert_int_equal(pfc_n_tiles(PFC_TILE), 1);
  assert_int_equal(pfc_n_tiles(PFC_TILE + 1), 2);
}

typedef struct calls {
  int64_t fails_from;
  int seen[2000];
} calls;

static pfc_status note_call(int thread, int64_t i, void *user, pfc_error *why) {
  calls *c = user;
  assert_in_range(thread, 0, pfc_par_threads() - 1);
#pragma omp atomic
  c->seen[i]++;
  if (i < c->fails_from) return PFC_OK;
  return pfc_fail(why, i % 2 ? PFC_EDATA : PFC_EUSAGE, "call %d", (int)i);
}

static void every_call_is_made_once(void **state) {
  (void)state;
  for (int n = 1; n <= 3; n++) {
    for (int side_by_side = 0; side_by_side < 2; side_by_side++) {
      calls c = {.fails_from = 2000};
      assert_ok(pfc_par_init(n, &err));
      assert_ok(pfc_par_each(2000, 7, side_by_side, note_call, &c, &err));
      for (int i = 0; i < 2000; i++) assert_int_equal(c.seen[i], 1);
    }
  }
  assert_ok(pfc_par_each(0, 1, 1, note_call, NULL, &err));
}

static void the_lowest_failure_is_told(void **state) {
  (void)state;
  for (int n = 1; n <= 3; n++) {
    calls c = {.fails_from = 901};
    assert_ok(pfc_par_init(n, &err));
    assert_fails(pfc_par_each(2000, 1, 1, note_call, &c, &err), PFC_EDATA, "call 901");
    for (int i = 0; i <= 901; i++) assert_int_equal(c.seen[i], 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_are_what_was_asked),
      cmocka_unit_test(impossible_numbers_are_refused),
      cmocka_unit_test(blas_has_a_name),
      cmocka_unit_test(tiles_cover_the_rows),
      cmocka_unit_test(every_call_is_made_once),
      cmocka_unit_test(the_lowest_failure_is_told),
  };
  return cmocka_run_group_tests_name("base/par", tests, NULL, NULL);
}
