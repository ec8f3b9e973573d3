/* What the parts of test bundles share. */
#ifndef PROFICIO_TESTS_SUPPORT_BUNDLE_INTERNAL_H
#define PROFICIO_TESTS_SUPPORT_BUNDLE_INTERNAL_H

#include <stdint.h>

#include "base/rng.h"
#include "tests/support/bundle.h"
#include "tests/support/test.h"

void *test__array(int64_t n, size_t size); /* zeroed; fails the test without memory */
float *test__floats(pfc_rng *rng, int64_t n);
pfc_dict *test__dict(const char *name, int32_t n);
void test__fill_provenance(pfc_bundle *b, uint64_t seed);
void test__compare_profile(const pfc_profile *a, const pfc_profile *b);

/* n elements of two arrays are the same bytes. */
#define SAME(a, b, n)                                             \
  do {                                                            \
    const size_t bytes_ = (size_t)(n) * sizeof *(a);              \
    if (bytes_ && memcmp((a), (b), bytes_) != 0)                  \
      fail_msg("%s differs from %s (line %d)", #a, #b, __LINE__); \
  } while (0)

#define SAME_MEMBER(a, b, member) SAME(&(a)->member, &(b)->member, 1)

#endif
