/* Asking for drift, and reading what is told. */
#ifndef PROFICIO_TESTS_SUPPORT_DRIFTED_H
#define PROFICIO_TESTS_SUPPORT_DRIFTED_H

#include "tests/support/feeds.h"
#include "trainer/drift_internal.h"

typedef struct drifted {
  bool world, feed;
  cJSON *json;
} drifted;

pfc_drift_settings drifted_settings(int32_t from, double alpha);
/* Fails the test where it cannot be judged. */
drifted drifted_judge(const pfc_dataset *ds, const pfc_drift_settings *settings);
void drifted_clear(drifted *d);
/* The row of that name and `of` (NULL: the first of the name); NULL: there is none. */
const cJSON *drifted_row(const drifted *d, const char *name, const char *of);
double drifted_number(const cJSON *row, const char *key); /* NaN: null */
bool drifted_alarm(const drifted *d, const char *name, const char *of);

/* One part by itself, before probabilities are made to hold together: the p of the row of that
 * `of`. NaN without such a row. */
typedef pfc_status (*drifted_part)(pfc__drift *d, pfc_error *err);
double drifted_p(const pfc_dataset *ds, const pfc_drift_settings *settings, drifted_part part,
                 const char *of);

/* The most of n trials of chance p that come in all but one of 10,000 tests: a count above it
 * says that the chance is larger. */
int drifted_most(int n, double p);

#endif
