#include "tests/support/test.h"

#include "base/mem.h"
#include "tests/support/oom.h"

static void arrays_are_zeroed_and_aligned(void **state) {
  (void)state;
  for (size_t n = 0; n < 300; n += 7) {
    unsigned char *p = pfc_alloc_array(n, 3);
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % 64, 0);
    for (size_t i = 0; i < 3 * n; i++) assert_int_equal(p[i], 0);
    memset(p, 0xff, 3 * n);
    pfc_free(p);
  }
}

static void overflowing_sizes_are_refused(void **state) {
  (void)state;
  const size_t sizes[][2] = {
      {SIZE_MAX, 2},
      {2, SIZE_MAX},
      {SIZE_MAX, 1},
      {1, SIZE_MAX - 62},
      {SIZE_MAX / 2, 1},
      {SIZE_MAX / 8 + 1, 8},
      {(size_t)1 << 33, (size_t)1 << 31},
  };
  char *kept = pfc_strdup("kept");
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    assert_null(pfc_alloc_array(sizes[i][0], sizes[i][1]));
    assert_null(pfc_resize_array(kept, 5, sizes[i][0], sizes[i][1]));
    assert_string_equal(kept, "kept");
  }
  pfc_free(kept);
}

static void resizing_keeps_what_fits(void **state) {
  (void)state;
  int32_t *p = pfc_resize_array(NULL, 0, 10, sizeof *p);
  for (int32_t i = 0; i < 10; i++) p[i] = i;
  p = pfc_resize_array(p, 10, 1000, sizeof *p);
  for (int32_t i = 0; i < 10; i++) assert_int_equal(p[i], i);
  p = pfc_resize_array(p, 1000, 4, sizeof *p);
  for (int32_t i = 0; i < 4; i++) assert_int_equal(p[i], i);
  pfc_free(p);
}

static pfc_status grow(int32_t **p, size_t *capacity, size_t need, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(*p, *capacity, need);
done:
  return st;
}

static void reserving_grows_and_survives_failure(void **state) {
  (void)state;
  int32_t *p = NULL;
  size_t capacity = 0;
  for (int32_t i = 0; i < 5000; i++) {
    assert_ok(grow(&p, &capacity, (size_t)i + 1, &err));
    p[i] = i;
  }
  const size_t before = capacity;
  oom_after(0);
  assert_fails(grow(&p, &capacity, before + 1, &err), PFC_ENOMEM, "out of memory");
  assert_true(oom_happened());
  assert_int_equal(capacity, before);
  for (int32_t i = 0; i < 5000; i++) assert_int_equal(p[i], i);
  pfc_free(p);
}

static pfc_status grow_bytes(char **p, int8_t *capacity, int need, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(*p, *capacity, need);
done:
  return st;
}

static void a_capacity_counts_what_it_says(void **state) {
  (void)state;
  char *p = NULL;
  int8_t capacity = 0;
  for (int n = 1; n <= INT8_MAX; n++) {
    assert_ok(grow_bytes(&p, &capacity, n, &err));
    assert_true(capacity >= n);
    p[n - 1] = (char)n;
  }
  for (int n = 1; n <= INT8_MAX; n++) assert_int_equal(p[n - 1], n);
  pfc_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arrays_are_zeroed_and_aligned),
      cmocka_unit_test(overflowing_sizes_are_refused),
      cmocka_unit_test(resizing_keeps_what_fits),
      cmocka_unit_test(reserving_grows_and_survives_failure),
      cmocka_unit_test(a_capacity_counts_what_it_says),
  };
  return cmocka_run_group_tests_name("base/mem", tests, NULL, NULL);
}
