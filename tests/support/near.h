/* Doubles compared in double precision, which cmocka 1.1.5 does in float only. */
#ifndef PROFICIO_TESTS_SUPPORT_NEAR_H
#define PROFICIO_TESTS_SUPPORT_NEAR_H

#include <math.h>

#include "tests/support/test.h"

/* |a - b| <= eps, or both NaN. */
#define assert_near(a, b, eps)                                                         \
  do {                                                                                 \
    const double a_ = (a), b_ = (b);                                                   \
    if (!(fabs(a_ - b_) <= (eps)) && !(isnan(a_) && isnan(b_)))                        \
      fail_msg("%s is %.17g, %s is %.17g: %.3g apart", #a, a_, #b, b_, fabs(a_ - b_)); \
  } while (0)

#define assert_nan(a) assert_true(isnan(a))

#endif
