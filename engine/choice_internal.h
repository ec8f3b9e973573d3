/* What a list is made of while it is being made: the candidates looked at so far, and what
 * those chosen leave of the gap (choice_pool.c), for choice.c to choose from. */
#ifndef PROFICIO_ENGINE_CHOICE_INTERNAL_H
#define PROFICIO_ENGINE_CHOICE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/choice.h"

/* One target of something chosen: what it leaves of the gaps in its competency. */
typedef struct pfc__pick {
  int32_t competency;
  double to;      /* level; INFINITY where none is told */
  double closes;  /* worth of closing all it could */
  double reached; /* probability, times the share of the way */
} pfc__pick;

/* A candidate that was looked at. */
typedef struct pfc__entry {
  pfc_score score;
  int32_t candidate;
  double adds;     /* as of the first `reckoned` places of the list */
  double likeness; /* the greatest to any of them */
  int reckoned;
  bool is_out; /* chosen, or never to be */
} pfc__entry;

/* Room of one thread, and the list of one person. */
struct pfc_chooser {
  const pfc_scorer *scorer;
  pfc_choice_settings settings;
  int32_t n_candidates;
  int32_t *kind, *provider; /* by intervention; -1 */
  double least_load;        /* of any candidate, hours a week */
  int32_t *entry_of;        /* by candidate; -1 */
  int32_t n_entries, entries_room;
  pfc__entry *entry;
  pfc_score *shortlist;
  int32_t n_short, short_room;
  bool is_whole; /* nothing stands behind the shortlist */
  double bound;  /* what is not an entry adds no more than this */
  double scale;  /* what the best is worth alone: likeness is weighed against it */

  /* the list in hand */
  pfc_choice *list;
  int n;
  pfc__pick *pick; /* by level, the highest first */
  int n_picks, picks_room;
  double hours_left; /* of attention; NaN no limit */
  pfc_choice *spare; /* top: another list */
};

enum { PFC__SHORTLIST = 20 }; /* exploration draws from so many at most */

#define PFC__HOURS_SLACK 1e-9 /* of sums of hours */

/* Hours a week of attention that an intervention takes; 0 where the catalogue does not tell. */
double pfc__choice_load(const pfc_chooser *c, int32_t intervention);

/* Forgets the person before. */
void pfc__pool_clear(pfc_chooser *c);

/* Looks at the best candidates until at least n of them are entries, or there are no more. */
PFC_MUST_USE pfc_status pfc__pool_extend(pfc_chooser *c, int thread, int32_t n, pfc_error *err);

/* The entry of a candidate, looked at now if it was not. */
PFC_MUST_USE pfc_status pfc__pool_entry(pfc_chooser *c, int thread, int32_t candidate,
                                        int32_t *entry, pfc_error *err);

/* Begins a list anew, with the same entries. */
void pfc__list_begin(pfc_chooser *c, pfc_choice *list);

/* Brings what an entry adds up to date with the list. */
void pfc__entry_reckon(pfc_chooser *c, int thread, pfc__entry *e);

/* Puts it on the list; what it adds is up to date. */
PFC_MUST_USE pfc_status pfc__list_put(pfc_chooser *c, int thread, int32_t entry,
                                      const pfc_choice *as, pfc_error *err);

/* Is there attention left for it? */
bool pfc__list_has_time(const pfc_chooser *c, const pfc__entry *e);

#endif
