/* What is the same for everybody: factors of roles and competencies, read from the tables. */
#ifndef PROFICIO_ENGINE_GAPS_INTERNAL_H
#define PROFICIO_ENGINE_GAPS_INTERNAL_H

#include <math.h>

#include "datasets/requirements.h"
#include "engine/gaps.h"

/* Of a role or a competency. */
typedef struct pfc__demand {
  double growth; /* index within a year over index now; NaN: no table tells */
  double factor; /* of priority; 1 where growth is unknown */
} pfc__demand;

typedef struct pfc__gap_factors {
  double *criticality, *vacancies; /* n_roles: factors of priority */
  pfc__demand *role, *competency;
  double *rise; /* n_competencies: levels by which requirements are higher on the day ahead */
} pfc__gap_factors;

/* as_of: the day itself, not what the settings say of it. On failure the arrays are there to be
 * cleared. */
PFC_MUST_USE pfc_status pfc__gap_factors_read(const pfc_dataset *ds, const pfc_history *h,
                                              const pfc_requirements *requirements,
                                              const pfc_gap_settings *settings, int32_t as_of,
                                              pfc__gap_factors *f, pfc_error *err);
void pfc__gap_factors_clear(pfc__gap_factors *f);

/* What a role's demand for a competency is: the competency's own, else the role's. */
static inline const pfc__demand *pfc__demand_of(const pfc__gap_factors *f, int32_t role,
                                                int32_t competency) {
  const pfc__demand *own = &f->competency[competency];
  return isnan(own->growth) ? &f->role[role] : own;
}

/* The level that counts as asked for. */
static inline double pfc__required_level(const pfc_requirement *r, double scale_min,
                                         double scale_max, double held_share) {
  return isnan(r->level) ? scale_min + held_share * (scale_max - scale_min) : r->level;
}

#endif
