/* What `evaluate` found, as a table: a row a figure and a model. */
#ifndef PROFICIO_CLI_EVALUATE_TABLE_H
#define PROFICIO_CLI_EVALUATE_TABLE_H

#include <cjson/cJSON.h>

#include "cli/common.h"

/* json: of pfc_evaluate. Every object in it that has a "value" is a figure, however deep it
 * stands. With several models the figures of all stand side by side, with the paired difference
 * of the first to each other one. */
PFC_MUST_USE pfc_status evaluate_table(common *c, const cJSON *json, pfc_error *err);

#endif
