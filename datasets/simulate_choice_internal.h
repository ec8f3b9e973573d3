/* Which occupations of the framework become roles of the organisation. */
#ifndef PROFICIO_DATASETS_SIMULATE_CHOICE_INTERNAL_H
#define PROFICIO_DATASETS_SIMULATE_CHOICE_INTERNAL_H

#include "datasets/simulate_internal.h"

/* Number of a family as preset onet names it, "15"; -1 for any other text. */
int32_t pfc__sim_group(const char *family);

/* Job zone of a role of the framework, 1..5; 3 where it is unknown. */
int32_t pfc__sim_zone(const pfc_dataset *frame, int32_t role);

/* chosen[n_roles]: codes of the framework's roles, ascending, all of them with requirements:
 * of settings->families, or of families drawn. Families give the same number of roles, as far
 * as they have them, and at least two job zones if they have those: without them nobody could
 * be promoted. PFC_EUSAGE names the families there are; PFC_EDATA what the framework lacks. */
PFC_MUST_USE pfc_status pfc__sim_choose(const pfc__sim *s, int32_t *chosen, pfc_error *err);

#endif
