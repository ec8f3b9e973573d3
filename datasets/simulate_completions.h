/* What a bare learning management system holds of an organisation. */
#ifndef PROFICIO_DATASETS_SIMULATE_COMPLETIONS_H
#define PROFICIO_DATASETS_SIMULATE_COMPLETIONS_H

#include "datasets/dataset.h"

/* A new dataset, owned by the caller: people (id, role), roles (id, title), interventions (id,
 * title, description, kind, hours), and of the enrolments those that were passed or completed,
 * with person, intervention, status `completed` and ended_on. Rows keep their order, people and
 * interventions their codes. */
PFC_API PFC_MUST_USE pfc_status pfc_simulate_completions(const pfc_dataset *ds,
                                                         pfc_dataset **out, pfc_error *err);

#endif
