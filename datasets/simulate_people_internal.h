/* What the parts of the simulator that draw people and their work share. */
#ifndef PROFICIO_DATASETS_SIMULATE_PEOPLE_INTERNAL_H
#define PROFICIO_DATASETS_SIMULATE_PEOPLE_INTERNAL_H

#include "datasets/simulate_internal.h"

/* Why a position begins: codes of the dictionary `position_reason`. */
typedef enum pfc__sim_reason {
  PFC__SIM_HIRE,
  PFC__SIM_PROMOTION,
  PFC__SIM_MOVE,
  PFC__SIM_MANAGER, /* role and unit stay, who manages them changes */
  PFC__SIM_N_REASONS,
} pfc__sim_reason;

/* --- who works where (simulate_careers.c) ----------------------------------------------- */

/* Nobody is promoted or moves within so many days of being hired, of the first day of the
 * history, or of the last time: there is room for an opening to be advertised before. */
enum { PFC__SIM_SETTLED_DAYS = 90 };

/* Units and careers, of which managers know nothing yet. */
typedef struct pfc__sim_careers {
  int32_t n_families, n_units;
  int32_t *family_role; /* n_families + 1: where the roles of a family begin in `role_order` */
  int32_t *family_unit; /* n_families + 1: where its units begin */
  int32_t *role_order;  /* n_roles, by family */
  int32_t *place;       /* n_roles: index of the role's family */
  double *role_weight;  /* n_roles + 1, in that order: share of people hired, added up */
  int64_t *start;       /* n_people + 1: careers of a person */
  int32_t *from, *role, *unit; /* of each */
  int8_t *reason;              /* of each, pfc__sim_reason */
} pfc__sim_careers;

/* Needs hired_on and left_on. Fills *c, which is freed by pfc__sim_careers_clear() in any
 * case, and the dictionary `unit`. */
pfc_status pfc__sim_careers_draw(const pfc__sim *s, pfc__sim_careers *c, pfc_error *err);
void pfc__sim_careers_clear(pfc__sim_careers *c);

/* --- who manages whom (simulate_managers.c) --------------------------------------------- */

/* Gives every position a manager, on every day, and fills the positions of the truth, `unit`,
 * `manager`, position_unit and position_manager, and table positions. */
pfc_status pfc__sim_managers(pfc__sim *s, const pfc__sim_careers *c, pfc_error *err);

/* --- exit (simulate_people.c) ------------------------------------------------------------ */

/* Probability that the person, still there the day before, leaves on a day of the first year
 * or of a later one. */
double pfc__sim_exit_hazard(const pfc_truth *t, int32_t person, bool first_year);

/* --- work (simulate_work.c) ------------------------------------------------------------- */

/* People to draw colleagues from: those whose first role was of a family. */
typedef struct pfc__sim_staff {
  int64_t start[PFC__SIM_FAMILIES + 1];
  int32_t *person; /* n_people, by family */
} pfc__sim_staff;

/* The position that the person holds on that day, a row of table positions; -1 none. */
int64_t pfc__sim_position(const pfc__sim *s, int32_t person, int32_t day);

/* Somebody at random who holds a role of that family on that day; -1: none was found in as
 * many draws as are worth it. */
int32_t pfc__sim_colleague(const pfc__sim *s, const pfc__sim_staff *staff, int32_t family,
                           int32_t day, pfc_rng *rng);

/* Tables openings and applications (simulate_openings.c). */
pfc_status pfc__sim_openings(pfc__sim *s, const pfc__sim_staff *staff, pfc_error *err);

/* Tables demand and scenarios (simulate_demand.c). */
pfc_status pfc__sim_demand(pfc__sim *s, pfc_error *err);
pfc_status pfc__sim_scenarios(pfc__sim *s, pfc_error *err);

/* --- tables ------------------------------------------------------------------------------ */

/* Adds a column as the schema declares it; *data (codes or dates; reals) is the dataset's,
 * filled with the missing value. */
pfc_status pfc__sim_ints(pfc__sim *s, pfc_table_id table, const char *name, int64_t n_rows,
                         int32_t **data, pfc_error *err);
pfc_status pfc__sim_reals(pfc__sim *s, pfc_table_id table, const char *name, int64_t n_rows,
                          double **data, pfc_error *err);

#endif
