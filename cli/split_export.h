/* `split --export DIR`: the split as plain files for other tools. */
#ifndef PROFICIO_CLI_SPLIT_EXPORT_H
#define PROFICIO_CLI_SPLIT_EXPORT_H

#include "cli/common.h"
#include "datasets/dataset.h"

/* Writes the files, and with them, unless save_to is NULL, the dataset: all of them or none.
 * *told: what --json says of it, the caller's. */
PFC_MUST_USE pfc_status split_export(common *c, const pfc_dataset *ds, const char *folder,
                                     const char *save_to, cJSON **told, pfc_error *err);

#endif
