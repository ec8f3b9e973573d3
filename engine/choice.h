/* Choice: out of what is worth something to a person, a list. What must be comes first; then,
 * one by one, what is worth most once those before it are reckoned with: the gap that they
 * leave, the kinds and competencies already there, the hours left. */
#ifndef PROFICIO_ENGINE_CHOICE_H
#define PROFICIO_ENGINE_CHOICE_H

#include <stdint.h>

#include "base/error.h"
#include "engine/scorer.h"

typedef enum pfc_rank_by {
  PFC_RANK_VALUE,    /* the expected value */
  PFC_RANK_AFFINITY, /* what the person is most likely to take up */
} pfc_rank_by;

typedef struct pfc_choice_settings {
  uint32_t struct_size;
  int32_t top;             /* list length, >= 1 [10] */
  pfc_rank_by rank_by;     /* [value] */
  double min_value;        /* what adds less than this is not recommended [0] */
  double diversity;        /* 0..1: share of likeness in what the next one is chosen by (maximal
                              marginal relevance) [0] */
  double keep_unless_gain; /* yesterday's list stays unless the new one's value is higher by
                              more than this share, >= 0; NaN: no list is kept [NaN] */
  double attention_hours;  /* a week, for all that is listed, > 0; NaN: no limit [NaN] */
  double explore; /* epsilon, 0..1: share of chance in the choice of places, out of the best 20;
                     0: none; not with keep_unless_gain [0] */
  uint64_t seed;  /* of exploration [1] */
} pfc_choice_settings;
PFC_API void pfc_choice_defaults(pfc_choice_settings *s);
PFC_API PFC_MUST_USE pfc_status pfc_choice_check(const pfc_choice_settings *s, pfc_error *err);

typedef enum pfc_chosen_for {
  PFC_FOR_VALUE,
  PFC_FOR_OVERRIDE, /* forced by a human */
  PFC_FOR_MANDATE,
} pfc_chosen_for;

/* One place of a list. */
typedef struct pfc_choice {
  pfc_score score; /* alone, as if nothing stood before it */
  double adds;     /* value once those before it are reckoned with */
  pfc_chosen_for why;
  int32_t due_on;       /* of a mandate; PFC_NO_DATE */
  int64_t override_row; /* of table overrides, of what was forced; -1 */
  double propensity;    /* of this one at this place, given those before it; 1 of what must be
                           listed; NaN without exploration */
} pfc_choice;

/* What became of a person's list. */
typedef struct pfc_choice_note {
  double value;           /* sum of `adds`, where there is one */
  double value_undiverse; /* the same of the list without regard to diversity; `value` without
                             diversity, and of yesterday's list */
  double value_kept; /* of yesterday's list, what may no longer be recommended replaced; NaN: no
                        list of yesterday, or nothing is left of it */
  int is_kept;       /* 1: yesterday's list was kept */
} pfc_choice_note;

/* Room of one thread. */
typedef struct pfc_chooser pfc_chooser;
PFC_API PFC_MUST_USE pfc_status pfc_chooser_create(const pfc_scorer *scorer,
                                                   const pfc_choice_settings *settings,
                                                   pfc_chooser **chooser, pfc_error *err);
PFC_API void pfc_chooser_destroy(pfc_chooser *c); /* NULL is allowed */

/* The list of the person whom the thread's scorer looks at (pfc_scorer_look). before[n_before]:
 * yesterday's list, dataset codes, best first; looked at with keep_unless_gain alone.
 * list[top]; *n of it. Numbers of a score that its value does not need (pfc_scorer_tell_times)
 * are not told yet. docs/METHODS.md, "Choice", has the definitions. */
PFC_API PFC_MUST_USE pfc_status pfc_choose(pfc_chooser *c, int thread, int32_t person,
                                           int32_t n_before, const int32_t *before,
                                           pfc_choice *list, int *n, pfc_choice_note *note,
                                           pfc_error *err);

/* With which chance each of those that exploration may draw would come to stand behind others.
 */
typedef struct pfc_choice_law {
  int n;
  int32_t intervention[20]; /* dataset codes */
  double chance[20];        /* they sum to 1, if there are any */
} pfc_choice_law;

/* Of the person looked at, behind before[n_before] (dataset codes, as they stand on the list;
 * what must be listed comes first without being named, and what may not be recommended now is
 * passed over). PFC_EUSAGE of a chooser without exploration. */
PFC_API PFC_MUST_USE pfc_status pfc_choose_law(pfc_chooser *c, int thread, int32_t n_before,
                                               const int32_t *before, pfc_choice_law *law,
                                               pfc_error *err);

#endif
