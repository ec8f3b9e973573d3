/* Walks through every allocation of a call and lets each fail once. */
#ifndef PROFICIO_TESTS_SUPPORT_COUNTDOWN_H
#define PROFICIO_TESTS_SUPPORT_COUNTDOWN_H

#include "tests/support/oom.h"
#include "tests/support/test.h"

/* fn must fail with PFC_ENOMEM whenever an allocation fails, leaving nothing behind, and
 * succeed in the end. Returns how many allocations it made. */
static inline long count_down(pfc_status (*fn)(void *user), void *user) {
  for (long after = 0;; after++) {
    oom_after(after);
    const pfc_status st = fn(user);
    const int happened = oom_happened();
    oom_after(-1);
    assert_int_equal(st, happened ? PFC_ENOMEM : PFC_OK);
    if (!happened) return after;
  }
}

#endif
