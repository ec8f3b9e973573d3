/* What every test file includes: cmocka (whose header wants these three before it)
 * and assertions on statuses that show the message. */
#ifndef PROFICIO_TESTS_SUPPORT_TEST_H
#define PROFICIO_TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* The expression, given &err, succeeds; else its message is shown. */
#define assert_ok(expr)                                                              \
  do {                                                                               \
    pfc_error err = PFC_ERROR_INIT;                                                  \
    if ((expr) != PFC_OK) fail_msg("%s: status %d, %s", #expr, err.status, err.msg); \
  } while (0)

/* The expression, given &err, fails with this status and says `text`. */
#define assert_fails(expr, code, text)                                                     \
  do {                                                                                     \
    pfc_error err = PFC_ERROR_INIT;                                                        \
    const pfc_status got_ = (expr);                                                        \
    if (got_ != (code) || err.status != (code) || !strstr(err.msg, (text)))                \
      fail_msg("%s: status %d (%d in err), message \"%s\"; expected %d and \"%s\"", #expr, \
               (int)got_, (int)err.status, err.msg, (int)(code), (text));                  \
  } while (0)

/* Writes size bytes to path, replacing what was there. */
void test_write_file(const char *path, const void *bytes, size_t size);

/* The seed of a property test: PFC_TEST_SEED from the environment, else `fallback`;
 * printed, so that a failure can be repeated. */
uint64_t test_seed(uint64_t fallback);

#endif
