/* The gap map: what roles ask for against what people hold, by the profile model, and what each
 * gap puts at risk.
 *
 *   priority = expected shortfall * importance * criticality * demand * compliance * vacancies,
 *
 * every factor shown (docs/METHODS.md has each one's rule). */
#ifndef PROFICIO_ENGINE_GAPS_H
#define PROFICIO_ENGINE_GAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "datasets/history.h"
#include "models/bundle.h"
#include "models/levels.h"

typedef struct pfc_gap_settings {
  uint32_t struct_size;
  int32_t as_of;      /* what is known: as in engine/scorer.h */
  int32_t ahead_days; /* levels and requirements so many days later, 0..3650 [0] */
  double goal_weight; /* of what the goal role asks for beyond the present one, 0..1 [0.3] */
  double held_share;  /* where a requirement has no level, this share of the scale counts
                         as holding it, 0..1 [0.6] */
  double criticality_weight; /* factor (1 - w) + w * criticality, 0..1 [1] */
  double demand_weight;      /* exponent of the growth of demand within a year, 0..10 [1] */
  double compliance_factor;  /* of requirements with compliance, 1..1000 [3] */
  double vacancy_weight;     /* factor 1 + w * vacancies / headcount of the role, 0..100 [1] */
  double urgent_p_gap;       /* likelier gaps may be urgent, 0..1 [0.8] */
} pfc_gap_settings;
PFC_API void pfc_gap_defaults(pfc_gap_settings *s);
PFC_API PFC_MUST_USE pfc_status pfc_gap_check(const pfc_gap_settings *s, pfc_error *err);

typedef enum pfc_gap_class { PFC_GAP_OPERATIONAL, PFC_GAP_STRATEGIC } pfc_gap_class;
typedef enum pfc_gap_urgency { PFC_GAP_URGENT, PFC_GAP_LATER } pfc_gap_urgency;

/* One requirement of one person, gap or not. */
typedef struct pfc_gap {
  int32_t competency, role; /* role: the one that asks; the goal role where it alone asks */
  double level, level_sd;   /* NaN without a profile */
  double required;
  double shortfall; /* E[(required - level)+]; without a profile 1 (nothing is known) */
  double p_gap;     /* P(level < required) */
  double importance, criticality, demand, compliance, vacancies; /* the factors */
  double goal; /* 1; goal_weight where the goal role alone asks (or for more) */
  double priority;
  pfc_gap_class gap_class;
  pfc_gap_urgency urgency;
  bool is_compliance;
  int32_t evidence_n; /* ratings of the cell */
  int32_t latest_day; /* of them */
} pfc_gap;

typedef struct pfc_gaps pfc_gaps;

/* bundle may lack a profile: levels are unknown then. All is borrowed and must outlive the
 * gaps. Read-only, hence thread-safe, once created. Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_gaps_create(const pfc_bundle *bundle, const pfc_dataset *ds,
                                                const pfc_history *h,
                                                const pfc_gap_settings *settings,
                                                pfc_gaps **gaps, pfc_error *err);
PFC_API void pfc_gaps_destroy(pfc_gaps *g); /* NULL is allowed */
/* NULL without a profile; for those who want levels alone. */
PFC_API const pfc_levels *pfc_gaps_levels(const pfc_gaps *g);

/* Scratch and answer of one person, one a thread. */
typedef struct pfc_person_gaps {
  int32_t n;
  pfc_gap *at;              /* n, by competency */
  int32_t *place;           /* n_competencies of the dataset: place in `at`, -1 nothing asked */
  pfc_levels_person *known; /* NULL without a profile */
} pfc_person_gaps;
PFC_API PFC_MUST_USE pfc_status pfc_person_gaps_create(const pfc_gaps *g, pfc_person_gaps **p,
                                                       pfc_error *err);
PFC_API void pfc_person_gaps_destroy(pfc_person_gaps *p); /* NULL is allowed */

/* What is asked of a person and held, as a decision on `date` may see it: by the role held on
 * the day before and evidence before the day (PFC_NO_DATE: as of the settings). n = 0 where
 * nothing is asked. */
PFC_API PFC_MUST_USE pfc_status pfc_gaps_of(const pfc_gaps *g, int32_t person, int32_t date,
                                            pfc_person_gaps *p, pfc_error *err);

/* G of docs/METHODS.md "Value": weight * E[(min(required, to_level) - level)+]; to_level NaN:
 * what is required. */
PFC_API double pfc_gap_worth(const pfc_gaps *g, const pfc_gap *gap, double to_level);

#endif
