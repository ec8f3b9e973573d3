/* What `evaluate --plots` and `--report` write, and where its figures are from. */
#ifndef PROFICIO_CLI_EVALUATE_PAGES_H
#define PROFICIO_CLI_EVALUATE_PAGES_H

#include "cli/common.h"
#include "datasets/dataset.h"
#include "trainer/evaluate.h"

/* NULL: not asked for. */
typedef struct evaluate_pages {
  const char *plots;  /* folder */
  const char *report; /* file */
} evaluate_pages;

/* PFC_EUSAGE when the report would take the place of what is read, or of the table. */
PFC_MUST_USE pfc_status evaluate_pages_check(const common *c, const evaluate_pages *pages,
                                             const char *input, pfc_error *err);

/* Adds "provenance" of every bundle, the first at the top and the others where they stand under
 * "against", and "test": the data, their split and the settings they were judged by. */
PFC_MUST_USE pfc_status evaluate_provenance(const common *c, int n,
                                            const pfc_contestant *contestants,
                                            const pfc_dataset *ds, cJSON *json, pfc_error *err);

/* Writes what was asked for from the finished object. */
PFC_MUST_USE pfc_status evaluate_pages_write(common *c, const evaluate_pages *pages,
                                             const cJSON *json, pfc_error *err);

#endif
