/* The organisations that tests/support/degenerate.h begins with. */
#ifndef PROFICIO_TESTS_SUPPORT_DEGENERATE_BASE_H
#define PROFICIO_TESTS_SUPPORT_DEGENERATE_BASE_H

#include "datasets/dataset.h"

typedef struct degenerate_sizes {
  int people, courses, starts, competencies;
  int pad; /* characters of an id; 0: as long as it is */
} degenerate_sizes;

/* Owned by the caller; fails the test for an unknown name. */
pfc_dataset *degenerate_base(const char *name, const degenerate_sizes *sizes);

#endif
