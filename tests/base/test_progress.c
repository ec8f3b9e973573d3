#include "tests/support/test.h"

#include <math.h>

#include "base/progress.h"

typedef struct seen {
  pfc_progress_event last;
  int calls, stop_at;
} seen;

static int watch(const pfc_progress_event *event, void *user) {
  seen *s = user;
  s->last = *event;
  return ++s->calls == s->stop_at;
}

static void numbers_arrive_and_a_refusal_cancels(void **state) {
  (void)state;
  seen s = {.stop_at = 2};
  const pfc_progress p = {.fn = watch, .user = &s};
  assert_ok(pfc_progress_report(&p, "affinity", 3, 10, 1.5, &err));
  assert_string_equal(s.last.stage, "affinity");
  assert_int_equal(s.last.done, 3);
  assert_int_equal(s.last.total, 10);
  assert_true(s.last.objective == 1.5);
  assert_fails(pfc_progress_report(&p, "success", 4, 10, (double)NAN, &err), PFC_ECANCELLED,
               "success");
}

static void silence_is_allowed(void **state) {
  (void)state;
  const pfc_progress silent = {0};
  assert_ok(pfc_progress_report(NULL, "x", 0, 0, 0, &err));
  assert_ok(pfc_progress_report(&silent, "x", 0, 0, 0, &err));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_arrive_and_a_refusal_cancels),
      cmocka_unit_test(silence_is_allowed),
  };
  return cmocka_run_group_tests_name("base/progress", tests, NULL, NULL);
}
