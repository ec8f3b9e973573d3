/* Ranked recommendations for many people, streamed in order. */
#ifndef PROFICIO_ENGINE_RECOMMEND_H
#define PROFICIO_ENGINE_RECOMMEND_H

#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "engine/choice.h"
#include "engine/scorer.h"

/* Yesterday's lists by person code: those of person p are item[start[p]] .. item[start[p + 1] -
 * 1], codes of the dictionary "intervention", best first. */
typedef struct pfc_before {
  int64_t *start; /* n_people + 1 */
  int32_t *item;
} pfc_before;

typedef struct pfc_recommend_settings {
  uint32_t struct_size;
  pfc_choice_settings choice; /* [pfc_choice_defaults] */
  const pfc_before *before;   /* yesterday's lists; NULL: there are none [NULL] */
  pfc_progress progress;
} pfc_recommend_settings;
PFC_API void pfc_recommend_defaults(pfc_recommend_settings *s);

/* One person's list. */
typedef struct pfc_list {
  int32_t person;       /* dataset code */
  int n;                /* places */
  const pfc_choice *at; /* n, best first */
  pfc_choice_note note;
  int32_t n_eligible; /* candidates that no rule speaks against */
  char eligible[17];  /* names the set of them: 16 hex digits, the sum modulo 2^64 of the first
                         64 bits, big end first, of the SHA-256 of each one's id */
  int32_t n_broken[PFC_N_RULES];  /* candidates that this one speaks against */
  int n_before;                   /* places of yesterday's list; 0 where none was given */
  const int32_t *before_item;     /* n_before: what stood there, dataset codes */
  const uint32_t *before_against; /* n_before: bits 1u << pfc_rule of what speaks against it
                                     now; 0: allowed; UINT32_MAX: no candidate today */
} pfc_list;

/* What a run amounts to; sums are over people in the order given. */
typedef struct pfc_recommend_totals {
  int64_t people, with_list, places;
  int64_t allowed;               /* pairs that no rule speaks against */
  int64_t broken[PFC_N_RULES];   /* pairs that this one speaks against */
  int64_t mandates, forced;      /* places */
  int64_t kept;                  /* people whose list of yesterday stays */
  double value, value_undiverse; /* see pfc_choice_note */
} pfc_recommend_totals;

/* What is done with lists. Neighbours come to one thread: it makes what is wanted of each of
 * them as soon as it has the list, beside other threads, and hands all of them on when those
 * before them are. A status other than PFC_OK ends the run. */
typedef struct pfc_list_work {
  /* One list; thread is 0 .. pfc_par_threads() - 1. NULL: nothing is made. */
  pfc_status (*make)(int thread, const pfc_list *list, void *user, pfc_error *err);
  /* The n next lists in the order of the people, which are all that this thread has made since
   * it was here last. One call at a time; the lists live until it returns. */
  pfc_status (*pass)(int thread, int n, const pfc_list *lists, void *user, pfc_error *err);
  void *user;
} pfc_list_work;

/* Scores n people in tiles, in parallel, a tile a thread at a time: memory hangs on the number
 * of threads and not on n. What is passed, and in which order, is the same for any number of
 * threads. totals: what is passed is added to it before. PFC_EUSAGE for bad settings,
 * PFC_ECANCELLED, or what the work returned, the first in the order of the people; what was
 * passed until then is whole. */
PFC_API PFC_MUST_USE pfc_status pfc_recommend_work(const pfc_scorer *scorer, int64_t n,
                                                   const int32_t *people,
                                                   const pfc_recommend_settings *settings,
                                                   const pfc_list_work *work,
                                                   pfc_recommend_totals *totals,
                                                   pfc_error *err);

/* A status other than PFC_OK ends the run. */
typedef pfc_status (*pfc_list_fn)(const pfc_list *list, void *user, pfc_error *err);

/* The same where lists are just received, one after the other in the order given (fn is called
 * from one thread at a time, not always the same). totals: NULL, not wanted; else filled with
 * what was handed on, also where the run fails. */
PFC_API PFC_MUST_USE pfc_status pfc_recommend(const pfc_scorer *scorer, int64_t n,
                                              const int32_t *people,
                                              const pfc_recommend_settings *settings,
                                              pfc_list_fn fn, void *user,
                                              pfc_recommend_totals *totals, pfc_error *err);

#endif
