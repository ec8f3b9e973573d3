/* Other names that people give the occupations of a framework: "Alternate Titles.txt" of
 * O*NET. */
#ifndef PROFICIO_DATASETS_ALTERNATE_TITLES_H
#define PROFICIO_DATASETS_ALTERNATE_TITLES_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"

typedef struct pfc_alternate_title {
  int32_t role; /* code of the framework's dataset */
  char *title;
} pfc_alternate_title;

typedef struct pfc_alternate_titles {
  int32_t n, capacity;
  pfc_alternate_title *at; /* owned, with the texts */
} pfc_alternate_titles;

/* Those of the roles of `frame` (by role_id), from "Alternate Titles.txt" or
 * "Alternate Titles.txt.gz" in the folder; none where there is no such file. Rows of other
 * occupations are passed over. PFC_EDATA for a file without the columns "O*NET-SOC Code" and
 * "Alternate Title", or one that is damaged. Cleared by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_alternate_titles_read(const char *folder,
                                                          const pfc_dataset *frame,
                                                          pfc_alternate_titles *titles,
                                                          pfc_error *err);
PFC_API void pfc_alternate_titles_clear(pfc_alternate_titles *titles); /* {0} is allowed */

#endif
