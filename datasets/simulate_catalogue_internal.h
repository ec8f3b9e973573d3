/* What the files that draw the catalogue share. */
#ifndef PROFICIO_DATASETS_SIMULATE_CATALOGUE_INTERNAL_H
#define PROFICIO_DATASETS_SIMULATE_CATALOGUE_INTERNAL_H

#include "datasets/simulate_internal.h"

/* Places in pfc__sim_kinds. */
enum {
  PFC__SIM_COURSE,
  PFC__SIM_MICRO_LEARNING,
  PFC__SIM_WORKSHOP,
  PFC__SIM_CERTIFICATION,
  PFC__SIM_STRETCH_PROJECT,
  PFC__SIM_MENTORSHIP,
  PFC__SIM_COACHING,
  PFC__SIM_ROTATION,
  PFC__SIM_JOB_ENLARGEMENT,
  PFC__SIM_CONFERENCE,
  PFC__SIM_N_KINDS
};

enum { PFC__SIM_N_PROVIDERS = 12 };
/* The last three are of the organisation itself. */
extern const char *const pfc__sim_providers[PFC__SIM_N_PROVIDERS];

/* What is known of an intervention while it is drawn, and kept in no array of pfc__sim. */
typedef struct pfc__sim_draft {
  int32_t role; /* for whom it was thought of */
  double hours, weeks, cost;
} pfc__sim_draft;

/* The rules of the catalogue: fills only_family and requires_..., of interventions whose
 * targets are drawn (pfc__sim_draw_audience: before they are). */
void pfc__sim_draw_audience(pfc__sim *s, pfc__sim_draft *drafts);
PFC_MUST_USE pfc_status pfc__sim_draw_prerequisites(pfc__sim *s, pfc_error *err);

/* Tables targets, prerequisites, eligibility, mandates. */
PFC_MUST_USE pfc_status pfc__sim_put_rules(pfc__sim *s, pfc_error *err);

/* Texts of an intervention, in English; they name its competencies as the framework does. */
enum { PFC__SIM_TITLE = 512, PFC__SIM_DESCRIPTION = 1200 };
void pfc__sim_title(const pfc__sim *s, int32_t intervention, const pfc__sim_draft *draft,
                    char title[PFC__SIM_TITLE]);
void pfc__sim_description(const pfc__sim *s, int32_t intervention, const pfc__sim_draft *draft,
                          char description[PFC__SIM_DESCRIPTION]);

#endif
