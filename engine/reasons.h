/* Why something is recommended, in words. */
#ifndef PROFICIO_ENGINE_REASONS_H
#define PROFICIO_ENGINE_REASONS_H

#include "engine/choice.h"
#include "engine/scorer.h"

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
