/* The gap map of an organisation: what its people miss of what their roles ask for, rolled up.
 *
 * Counted is what the role held asks for, of everybody who is there on the day; what goal roles
 * ask for beyond it concerns the person alone. A requirement is likely missed where p_gap is
 * above one half.
 *
 * No small group can be read off, in any of the tables nor by subtracting one from another:
 * docs/GAPS.md says what is not told and why. What is not told depends on the data and
 * min_group, never on which of the tables is asked for, so all of them may be handed on. */
#ifndef PROFICIO_ENGINE_GAP_MAP_H
#define PROFICIO_ENGINE_GAP_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/dataset.h"
#include "datasets/history.h"
#include "engine/gaps.h"
#include "engine/precedence.h"

typedef enum pfc_gap_by {
  PFC_GAPS_BY_UNIT,
  PFC_GAPS_BY_ROLE, /* held */
  PFC_GAPS_BY_COMPETENCY,
  PFC_GAPS_BY_UNIT_COMPETENCY,
  PFC_GAPS_BY_ROLE_COMPETENCY,
  PFC_GAPS_UNCOVERED, /* by competency and level required: of people whom nothing that can be
                         started on the day brings above the level they hold */
} pfc_gap_by;

typedef struct pfc_gap_map_settings {
  uint32_t struct_size;
  pfc_gap_by by;      /* [role] */
  int32_t min_group;  /* groups of fewer people are not told of, 1..1000000; 1: all are [5] */
  int32_t n_affected; /* of each group, the people with the greatest priority, 0..1000 [0] */
  pfc_progress progress;
} pfc_gap_map_settings;
PFC_API void pfc_gap_map_defaults(pfc_gap_map_settings *s);
PFC_API PFC_MUST_USE pfc_status pfc_gap_map_check(const pfc_gap_map_settings *s,
                                                  pfc_error *err);

/* What is not told is -1 or NaN. */
typedef struct pfc_gap_group {
  int32_t unit, role, competency; /* -1: not known of the people, or not what groups go by */
  double required;                /* uncovered: level, rounded to pfc_gap_map.level_step */
  bool hidden;                    /* nothing is told */
  bool hidden_below;              /* how many are below is not told */
  int64_t people;                 /* of whom something is asked */
  int64_t likely_below;  /* requirements likely missed; of one competency so many people */
  double expected_below; /* requirements missed: sum of p_gap */
  double share_below;    /* of one competency: likely_below / people; of several NaN */
  double share_above;    /* where that is not told as nearly all are below: it is above this */
  double shortfall;      /* sum, levels */
  double priority;       /* sum */
  double compliance_share; /* of the priority that comes from compliance; NaN of none */
  double behind;           /* sum of pfc_gap_row.behind */
  int64_t behind_n;
  int32_t n_affected;
  const int32_t *affected; /* people, the greatest priority first */
} pfc_gap_group;

typedef struct pfc_gap_map {
  int64_t n_groups;
  pfc_gap_group
      *group;          /* by priority, greatest first; hidden ones at the end, by their codes */
  pfc_gap_group total; /* of everybody; of PFC_GAPS_UNCOVERED too */
  double worth;        /* sum of the priorities that are told */
  int64_t n_hidden;
  double level_step;
  int32_t *affected; /* storage */
} pfc_gap_map;

/* ds and h are those of the gaps. Same map for any number of threads. PFC_EDATA without a
 * profile. Owned by the caller; borrows nothing. */
PFC_API PFC_MUST_USE pfc_status pfc_gap_map_create(const pfc_gaps *g,
                                                   const pfc_precedence *precedence,
                                                   const pfc_dataset *ds, const pfc_history *h,
                                                   const pfc_gap_map_settings *settings,
                                                   pfc_gap_map **map, pfc_error *err);
PFC_API void pfc_gap_map_destroy(pfc_gap_map *m); /* NULL is allowed */

/* Is the person there on the day: hired by then, and not gone? Where no day is known, yes. */
PFC_API bool pfc_gap_person_is_there(const pfc_dataset *ds, const pfc_history *h,
                                     int32_t person, int32_t day);

#endif
