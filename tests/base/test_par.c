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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_are_what_was_asked),
      cmocka_unit_test(impossible_numbers_are_refused),
      cmocka_unit_test(blas_has_a_name),
      cmocka_unit_test(tiles_cover_the_rows),
  };
  return cmocka_run_group_tests_name("base/par", tests, NULL, NULL);
}
