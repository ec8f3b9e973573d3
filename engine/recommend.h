/* Ranked recommendations for many people, streamed in order. */
#ifndef PROFICIO_ENGINE_RECOMMEND_H
#define PROFICIO_ENGINE_RECOMMEND_H

#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "engine/choice.h"
#include "engine/scorer.h"

typedef struct pfc_recommend_settings {
  uint32_t struct_size;
  int32_t top;         /* list length, >= 1 [10] */
  pfc_rank_by rank_by; /* [value] */
  double min_value;    /* below it nothing is recommended [0] */
  pfc_progress progress;
} pfc_recommend_settings;
PFC_API void pfc_recommend_defaults(pfc_recommend_settings *s);

/* One person's list: n scores, best first; equal values in order of intervention code. The
 * list lives until the call returns. A status other than PFC_OK ends the run. */
typedef pfc_status (*pfc_list_fn)(int32_t person, int n, const pfc_score *list, void *user,
                                  pfc_error *err);

/* Scores n people in tiles, in parallel, and hands their lists to fn one after the other in
 * the order given (fn is called from one thread at a time). Memory is bounded by blocks of
 * tiles. Same output for any number of threads. PFC_EUSAGE for bad settings, PFC_ECANCELLED,
 * or what fn returned; the lists handed on until then are whole. */
PFC_API PFC_MUST_USE pfc_status pfc_recommend(const pfc_scorer *scorer, int64_t n,
                                              const int32_t *people,
                                              const pfc_recommend_settings *settings,
                                              pfc_list_fn fn, void *user, pfc_error *err);

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

#endif
