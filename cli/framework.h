/* The framework that organisations are drawn on: O*NET tables in a folder. */
#ifndef PROFICIO_CLI_FRAMEWORK_H
#define PROFICIO_CLI_FRAMEWORK_H

#include "cli/common.h"
#include "datasets/dataset.h"

/* Where it lies: in the sources, or where it was installed. */
#define FRAMEWORK_SAMPLE "datasets/samples/onet29"
#ifndef PFC_FRAMEWORK
#define PFC_FRAMEWORK FRAMEWORK_SAMPLE
#endif

/* Of the option --framework, for its help. */
#define FRAMEWORK_DOC "the O*NET tables [" FRAMEWORK_SAMPLE ", else " PFC_FRAMEWORK "]"

/* That folder; NULL: whichever of those two is there. */
const char *framework_folder(const char *folder);

/* The tables of that folder, imported; NULL: of one of those two. *frame is the caller's. */
PFC_MUST_USE pfc_status framework_load(common *c, const char *folder, pfc_dataset **frame,
                                       pfc_error *err);

#endif
