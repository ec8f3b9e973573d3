/* What roles ask for: table requirements, by role. */
#ifndef PROFICIO_DATASETS_REQUIREMENTS_H
#define PROFICIO_DATASETS_REQUIREMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"

typedef struct pfc_requirement {
  int32_t competency;
  double level;      /* on the framework's scale; NaN: required, and no level is given */
  double importance; /* 1 where the table does not tell */
  bool compliance;   /* the law or a contract asks for it */
} pfc_requirement;

typedef struct pfc_requirements {
  int32_t n_roles, n_competencies;
  int64_t *first;      /* n_roles + 1 */
  pfc_requirement *at; /* by role, then competency */
} pfc_requirements;

/* Rows without a role or a competency are left out; of two rows of the same role and competency
 * the later one counts. An absent table gives roles that ask for nothing. Codes are the
 * dataset's. Owned by the caller; read-only afterwards. */
PFC_API PFC_MUST_USE pfc_status pfc_requirements_create(const pfc_dataset *ds,
                                                        pfc_requirements **requirements,
                                                        pfc_error *err);
PFC_API void pfc_requirements_destroy(pfc_requirements *r); /* NULL is allowed */

/* NULL where the role (-1: none) does not ask for the competency. */
PFC_API const pfc_requirement *pfc_requirements_find(const pfc_requirements *r, int32_t role,
                                                     int32_t competency);

#endif
