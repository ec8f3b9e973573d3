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

/* One person's list. It lives until the call that hands it over returns. */
typedef struct pfc_list {
  int32_t person;       /* dataset code */
  int n;                /* places */
  const pfc_choice *at; /* n, best first */
  pfc_choice_note note;
  int32_t n_eligible; /* candidates that no rule speaks against */
  char eligible[17];  /* names the set of them: 16 hex digits, the sum modulo 2^64 of the first
                         64 bits, big end first, of the SHA-256 of each one's id */
  int n_before;       /* places of yesterday's list; 0 where none was given */
  const int32_t *before_item;     /* n_before: what stood there, dataset codes */
  const uint32_t *before_against; /* n_before: bits 1u << pfc_rule of what speaks against it
                                     now; 0: allowed; UINT32_MAX: no candidate today */
} pfc_list;

/* A status other than PFC_OK ends the run. */
typedef pfc_status (*pfc_list_fn)(const pfc_list *list, void *user, pfc_error *err);

/* What a run amounts to; sums are over people in the order given. */
typedef struct pfc_recommend_totals {
  int64_t people, with_list, places;
  int64_t allowed;               /* pairs that no rule speaks against */
  int64_t broken[PFC_N_RULES];   /* pairs that this one speaks against */
  int64_t mandates, forced;      /* places */
  int64_t kept;                  /* people whose list of yesterday stays */
  double value, value_undiverse; /* see pfc_choice_note */
} pfc_recommend_totals;

/* Scores n people in tiles, in parallel, and hands their lists to fn one after the other in
 * the order given (fn is called from one thread at a time). Memory is bounded by blocks of
 * tiles. Same output for any number of threads. totals: NULL, not wanted; else filled with
 * what was handed on, also where the run fails. PFC_EUSAGE for bad settings, PFC_ECANCELLED,
 * or what fn returned; the lists handed on until then are whole. */
PFC_API PFC_MUST_USE pfc_status pfc_recommend(const pfc_scorer *scorer, int64_t n,
                                              const int32_t *people,
                                              const pfc_recommend_settings *settings,
                                              pfc_list_fn fn, void *user,
                                              pfc_recommend_totals *totals, pfc_error *err);

/* A sentence a person understands, e.g. "1.3 levels to gain in Programming; 72 % pass; 62 %
 * reach the level within 180 days, half of them by day 95; 5 % likely to be taken up; 3154
 * earlier starts". competency: name of the main target's, of which 80 bytes are told.
 * text[256]. */
PFC_API void pfc_score_reason(const pfc_score *score, const char *competency,
                              double horizon_days, char text[256]);

/* The same of what a baseline recommends: "taken up by 41 people of the same role", "closes 1.7
 * levels in Programming" ... like: name of the intervention that the basis names, of which 80
 * bytes are told; "" where it names none. */
PFC_API void pfc_basis_reason(const pfc_score *score, const char *competency, const char *like,
                              char text[256]);

/* Why something must be listed, put before what else speaks for it: "must be passed by
 * 2026-03-01; 1.3 levels to gain ...", "put here by works council: back from leave; ..."; text
 * is left as it is where it need not be. as_of: day of the decision. actor, why: of the
 * override,
 * "" where it does not tell, 60 bytes of each. text[256]. */
PFC_API void pfc_must_reason(const pfc_choice *choice, int32_t as_of, const char *actor,
                             const char *why, char text[256]);

#endif
