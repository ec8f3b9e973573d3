/* Why one intervention stands where it stands for one person: every number taken apart into
 * terms that add up to it, what would change its rank, what it rests on, and which rules speak
 * against it. Nothing here is a second model: terms come from the encoding and the coefficients
 * that score, and "what if" is answered by scoring again. docs/EXPLAIN.md tells how to read it.
 */
#ifndef PROFICIO_ENGINE_EXPLAIN_H
#define PROFICIO_ENGINE_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/scorer.h"

/* --- linear predictors ----------------------------------------------------------------------
 */

typedef enum pfc_told {
  PFC_TOLD_ACCEPT,
  PFC_TOLD_SUCCESS,
  PFC_TOLD_PROFICIENT, /* the three causes of the time model, in the order of pfc_cause */
  PFC_TOLD_DROPPED,
  PFC_TOLD_LEFT,
  PFC_TOLD_ANYWAY,
  PFC_N_TOLD,
} pfc_told;
/* "accept", "success", "proficient" ... */
PFC_API const char *pfc_told_name(pfc_told told);

typedef enum pfc_part_kind {
  PFC_PART_INTERCEPT,
  PFC_PART_COLUMN,      /* coefficient times value of one encoded column */
  PFC_PART_AFFINITY,    /* what person's and intervention's factors make of each other */
  PFC_PART_CALIBRATION, /* what calibration adds to the sum of all others */
} pfc_part_kind;

typedef struct pfc_part {
  pfc_part_kind kind;
  const pfc_field *field; /* of a column; NULL of others */
  int32_t column;         /* for pfc_features_column_name; -1 of others */
  double amount;          /* log-odds */
} pfc_part;

/* One model's linear predictor of one pair, in log-odds: of a chance after calibration, of a
 * cause what is added to the baseline of its hazard. */
typedef struct pfc_breakdown {
  pfc_told told;
  int32_t target;               /* in the catalogue; -1: of the intervention as a whole */
  const pfc_features *features; /* NULL where affinity alone speaks */
  int n;
  const pfc_part *part; /* largest amounts first */
  double sum;           /* of the parts, in float64 */
  double size;          /* sum of their absolute amounts */
  double served;        /* what the scorer went by; |sum - served| <= 1e-5 size, since factors
                           and products in scoring are float32 */
} pfc_breakdown;

/* --- what if --------------------------------------------------------------------------------
 */

typedef enum pfc_if {
  PFC_IF_LEVEL,  /* the person held a level more in `competency`, which may be asked for before
                    this or another one */
  PFC_IF_RULE,   /* `rule`, which speaks against it, did not */
  PFC_IF_RULES,  /* nor did any other */
  PFC_IF_HOURS,  /* it took half the hours */
  PFC_IF_ACCEPT, /* it were accepted as readily as by the average person */
} pfc_if;

/* Everything else stays as it is. */
typedef struct pfc_what_if {
  pfc_if what;
  int32_t competency; /* PFC_IF_LEVEL; else -1 */
  pfc_rule rule;      /* PFC_IF_RULE */
  double value;       /* of this intervention then */
  int rank;           /* among what may be recommended then; 0: not among it */
  int32_t first;      /* what would be worth most then, dataset code; -1 nothing */
} pfc_what_if;

/* --- evidence -------------------------------------------------------------------------------
 */

/* An assessment that the profile went by. */
typedef struct pfc_heard {
  int32_t competency;
  int32_t source; /* dataset code; -1 unknown */
  int32_t day;    /* PFC_NO_DATE undated */
  double level;
  double
      noise; /* sd of what this source says around the truth, levels: how far it is trusted */
} pfc_heard;

/* A lesson that the profile counted: something passed that teaches the competency. */
typedef struct pfc_lesson {
  int32_t competency, intervention; /* dataset codes */
  int32_t start, end;
  double to_level;
} pfc_lesson;

/* --- rules ----------------------------------------------------------------------------------
 */

/* Why a rule speaks against it. Which members count is for the rule to say; codes are the
 * dataset's, -1 none. */
typedef struct pfc_rule_fact {
  pfc_rule rule;
  int64_t row;          /* of the table that says so: eligibility, prerequisites, enrolments,
                           feedback or overrides; -1: none does */
  int32_t intervention; /* asked for before it, passed, or under way */
  int32_t competency;   /* asked for before it */
  int32_t role, unit;   /* of eligibility: whom the row is about; of an override: the unit */
  int32_t day;  /* PFC_NO_DATE. Closed: the next or last day; covered: passed on; under way,
                   cool-down: begun on; declined: on; blocked: expires on */
  double asked; /* level; hours a week; seats; days */
  double have;  /* P(level held); hours left; seats taken; days gone by */
} pfc_rule_fact;

/* --- all of it ------------------------------------------------------------------------------
 */

typedef struct pfc_explanation {
  int32_t person, intervention;
  pfc_score score; /* with times */
  int n_terms; /* value = accept * (sum of term[].brings - price_of_cost - price_of_hours) */
  const pfc_term *term;
  double price_of_cost, price_of_hours;
  int n_breakdowns;
  const pfc_breakdown *breakdown;
  const pfc_person_gaps *gaps; /* NULL with a baseline */
  bool is_allowed;
  bool is_must; /* forced, or a mandate */
  pfc_must must;
  int n_facts; /* why not; at least one of each rule that speaks against it */
  const pfc_rule_fact *fact;
  int rank; /* by value among what may be recommended and is worth more than nothing; of what
               may not: 0 */
  int n_ranked;  /* how many those are */
  int32_t above; /* the one ranked just above it (of what has no rank: the first), dataset code;
                    -1 none */
  int32_t below;
  double above_value, below_value; /* NaN none */
  int n_what_ifs;
  const pfc_what_if *what_if;
  int64_t starts, passes, results; /* of this intervention, by anybody: begun; passed, of those
                                      whose result is known */
  int64_t starts_alike; /* of what aims at one of its competencies, itself included */
  int n_heard;
  const pfc_heard *heard; /* in its competencies, latest first within one */
  int n_lessons;
  const pfc_lesson *lesson;
} pfc_explanation;

typedef struct pfc_explainer pfc_explainer;

/* scorer: made with include_closed, so that what is closed can be explained too; it must
 * outlive the explainer. Owned by the caller; of use to one thread at a time. */
PFC_API PFC_MUST_USE pfc_status pfc_explainer_create(const pfc_scorer *scorer,
                                                     pfc_explainer **explainer, pfc_error *err);
PFC_API void pfc_explainer_destroy(pfc_explainer *e); /* NULL is allowed */

/* Explains a pair of dataset codes. What *out points to is the explainer's, until the next
 * call. Uses thread 0 of the scorer. With a baseline there are no terms, breakdowns and gaps.
 */
PFC_API PFC_MUST_USE pfc_status pfc_explain(pfc_explainer *e, int32_t person,
                                            int32_t intervention, pfc_explanation *out,
                                            pfc_error *err);

#endif
