/* What a dataset holds, for `import` and `inspect`. */
#ifndef PROFICIO_CLI_SUMMARY_H
#define PROFICIO_CLI_SUMMARY_H

#include "cli/common.h"
#include "datasets/dataset.h"

/* The table of tables: table, rows read, kept, rejected, columns, latest date, source. */
PFC_MUST_USE pfc_status summary_table(common *c, const pfc_dataset *ds, pfc_error *err);

/* The same as "tables": [{...}]. */
PFC_MUST_USE pfc_status summary_json(cJSON *json, const pfc_dataset *ds, pfc_error *err);

#endif
