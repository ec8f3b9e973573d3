/* The gap map: what roles ask for against what people hold, by the profile model, and what each
 * gap puts at risk.
 *
 *   priority = expected shortfall * importance * criticality * demand * compliance * vacancies
 *              * goal,
 *
 * every factor shown (docs/METHODS.md, "Gaps", has each one's rule). */
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
  int32_t as_of;      /* what is known: facts before that day; PFC_NO_DATE: the date the dataset
                         is split at, else the day after the last one in the data */
  int32_t ahead_days; /* levels and requirements so many days later, 0..3650 [0] */
  int32_t goal_role;  /* dataset code of the goal role of everybody, whose requirements then
                         count in full; -1: each person's own [-1] */
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

/* Operational: asked by the role held, today. Strategic: asked by the goal role alone, or of a
 * person who today holds it more likely than not, but not on the day ahead, or not for long
 * since demand for it grows by more than a tenth a year. */
typedef enum pfc_gap_class { PFC_GAP_OPERATIONAL, PFC_GAP_STRATEGIC } pfc_gap_class;
/* Urgent: compliance that is more likely than not missed; or p_gap >= urgent_p_gap in what
 * weighs as much as the heaviest quarter of all that the organisation's roles ask for. */
typedef enum pfc_gap_urgency { PFC_GAP_URGENT, PFC_GAP_LATER } pfc_gap_urgency;

/* One requirement of one person, gap or not. */
typedef struct pfc_gap {
  int32_t competency, role; /* role: the one that asks */
  double level, level_sd;   /* NaN without a profile */
  double required;
  double beyond;    /* the goal role asks for more than the role held: what the latter asks for,
                       which a row of its own counts; else NaN */
  double shortfall; /* E[(required - level)+], less E[(beyond - level)+]; without a profile 1
                       (nothing is known) */
  double p_gap;     /* P(level < required); NaN without a profile */
  double importance, criticality, demand, compliance, vacancies; /* the factors */
  double goal; /* 1; goal_weight where the goal role asks */
  double priority;
  pfc_gap_class gap_class;
  pfc_gap_urgency urgency;
  bool is_compliance; /* of the role held */
  int32_t evidence_n; /* ratings of the cell */
  int32_t latest_day; /* of them */
} pfc_gap;

typedef struct pfc_gaps pfc_gaps;

/* bundle may lack a profile: levels are unknown then. All is borrowed and must outlive the
 * gaps. PFC_EDATA when days ahead are asked for of data without any date. Read-only, hence
 * thread-safe, once created. Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_gaps_create(const pfc_bundle *bundle, const pfc_dataset *ds,
                                                const pfc_history *h,
                                                const pfc_gap_settings *settings,
                                                pfc_gaps **gaps, pfc_error *err);
PFC_API void pfc_gaps_destroy(pfc_gaps *g); /* NULL is allowed */
/* NULL without a profile; for those who want levels alone. */
PFC_API const pfc_levels *pfc_gaps_levels(const pfc_gaps *g);
/* What they rest on, and how it is read, in codes of the dataset; NULL likewise. */
PFC_API const pfc_evidence *pfc_gaps_evidence(const pfc_gaps *g);
PFC_API const pfc_profile *pfc_gaps_profile(const pfc_gaps *g);
/* Day of the decision; PFC_NO_DATE where nothing is dated. */
PFC_API int32_t pfc_gaps_as_of(const pfc_gaps *g);
/* The most rows anybody can have. */
PFC_API int32_t pfc_gaps_most_rows(const pfc_gaps *g);

/* Scratch and answer of one person, one a thread. */
typedef struct pfc_person_gaps {
  int32_t n;
  pfc_gap *at;    /* n, by competency; what the role held asks for before what the goal role
                     asks for beyond it */
  int32_t *place; /* n_competencies of the dataset: first place in `at`, -1 nothing asked */
  pfc_levels_person *known; /* NULL without a profile */
  int32_t *asked;           /* scratch: competencies */
  pfc_level *told;          /* scratch: their levels, */
  pfc_level_gap *missing;   /* scratch: and what is missing of them */
} pfc_person_gaps;
PFC_API PFC_MUST_USE pfc_status pfc_person_gaps_create(const pfc_gaps *g, pfc_person_gaps **p,
                                                       pfc_error *err);
PFC_API void pfc_person_gaps_destroy(pfc_person_gaps *p); /* NULL is allowed */

/* What is asked of a person and held, as a decision on `date` may see it: by the role held on
 * the day before and evidence before the day (PFC_NO_DATE: as of the settings). What concerns
 * everybody (demand, vacancies, scenarios) is as of the settings. n = 0 where nothing is asked.
 */
PFC_API PFC_MUST_USE pfc_status pfc_gaps_of(const pfc_gaps *g, int32_t person, int32_t date,
                                            pfc_person_gaps *p, pfc_error *err);

/* What would be missing if the person held so many levels more in a competency: its rows as
 * pfc_gaps_of would tell them of a level so much higher, and as sure. Does nothing where
 * nothing is asked, or without a profile. */
PFC_API void pfc_gaps_suppose(const pfc_gaps *g, pfc_person_gaps *p, int32_t competency,
                              double more);

/* The order in which to look at them: compliance that is more likely than not missed comes
 * first, then priority decides; alike ones stay as they are. order[p->n]: places in p->at. */
PFC_API void pfc_gaps_order(const pfc_person_gaps *p, int32_t *order);

/* Product of all factors. */
PFC_API double pfc_gap_weight(const pfc_gap *gap);
/* Levels that a lesson closes which carries a share of the way to its target (pfc_level_closed;
 * less than 0 where it does harm), less what counts as beyond; to_level NaN: as far as what is
 * required. Without a profile that share of the shortfall. Times the weight it is G of
 * docs/METHODS.md, "Value". */
PFC_API double pfc_gap_closable(const pfc_gaps *g, const pfc_gap *gap, double to_level,
                                double share);

#endif
