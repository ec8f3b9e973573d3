/* The report of `proficio check`, and its three forms: to read, as rows, as JSON. */
#ifndef PROFICIO_CLI_CHECK_H
#define PROFICIO_CLI_CHECK_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "cli/common.h"
#include "datasets/quality.h"
#include "datasets/split.h"
#include "trainer/readiness.h"

typedef struct check_report {
  const char *file;
  const pfc_dataset *ds;
  pfc_quality *quality;
  pfc_readiness readiness;
  bool as_of_given;
  unsigned required;         /* PFC_TRAIN_...; of --require */
  char rows[PFC_SPLIT_TEXT]; /* which rows train: the split, or "all" */
} check_report;

/* Days from a day to that of the report; NO_INT without one. */
int64_t check_age(const check_report *r, int32_t latest);

/* Is this model required, and cannot be trained? */
bool check_fails(const check_report *r, const pfc_ready_model *m);

/* To read: sections of aligned lines, wrapped at `width` characters. */
void check_text(const check_report *r, FILE *to, int width);

/* One row a figure, to -o FILE or standard output. */
PFC_MUST_USE pfc_status check_rows(common *c, const check_report *r, pfc_error *err);

/* What `check --drift` was asked. */
typedef struct check_drift_options {
  bool is_asked;
  const char *model; /* NULL: none */
  int32_t from;      /* PFC_NO_DATE: not given */
} check_drift_options;

/* Prints rows of drift, or its object; sets the exit code, and PFC_EDATA where a feed is
 * broken.
 */
PFC_MUST_USE pfc_status check_drift(common *c, const check_drift_options *options,
                                    pfc_error *err);

/* Adds everything to the object of --json. */
PFC_MUST_USE pfc_status check_json(const check_report *r, cJSON *json, pfc_error *err);

#endif
