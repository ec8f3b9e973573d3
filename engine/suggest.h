/* Proposals for people to edit: what an intervention teaches, by its title and description, and
 * which occupation of a public framework a role is, by its title. docs/SUGGEST.md tells how far
 * they can be trusted, and how the confidences were measured. */
#ifndef PROFICIO_ENGINE_SUGGEST_H
#define PROFICIO_ENGINE_SUGGEST_H

#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/alternate_titles.h"
#include "datasets/dataset.h"

enum { PFC_SUGGEST_TARGETS = 3, PFC_SUGGEST_ROLES = 5, PFC_SUGGEST_EVIDENCE = 256 };

typedef struct pfc_suggestion {
  int32_t item;      /* intervention or role, code of the dataset */
  int32_t answer;    /* competency or occupation (role), code of the framework */
  int rank;          /* from 1 */
  double confidence; /* share of such proposals that were right where it was measured */
  double from_level, to_level;         /* as the text tells them; NaN: it does not, or a role */
  char evidence[PFC_SUGGEST_EVIDENCE]; /* the words that speak for it */
} pfc_suggestion;

/* Told item by item in the order of codes, best first. */
typedef pfc_status (*pfc_suggestion_fn)(const pfc_suggestion *s, void *user, pfc_error *err);

typedef struct pfc_suggest_totals {
  int64_t items;      /* interventions without targets, roles without occupation */
  int64_t with_any;   /* of them, those that something was proposed for */
  int64_t n_proposed; /* proposals */
} pfc_suggest_totals;

/* At most PFC_SUGGEST_TARGETS competencies of `frame` (which may be ds itself) for every
 * intervention that has a title or a description and no row in table targets.
 *
 * A competency that the text names in full goes before one that it is only like in words
 * (engine/text_match.h). Titles of roles, of ds and of frame, are no names of competencies:
 * "Open to Sales Managers" is about nobody's sales. Groups (parents that no role requires, of
 * frames with requirements or where they have children) are not proposed. PFC_EDATA where there
 * are no interventions, or no competency with a name. */
PFC_API PFC_MUST_USE pfc_status pfc_suggest_targets(const pfc_dataset *ds,
                                                    const pfc_dataset *frame,
                                                    const pfc_progress *progress,
                                                    pfc_suggestion_fn fn, void *user,
                                                    pfc_suggest_totals *totals, pfc_error *err);

/* At most PFC_SUGGEST_ROLES occupations (roles of frame) for every role of ds that has a title,
 * no framework_ref and no requirements. `titles`: other names of the occupations, may be NULL.
 * PFC_EDATA where ds has no titles of roles, or frame has none. */
PFC_API PFC_MUST_USE pfc_status pfc_suggest_roles(const pfc_dataset *ds,
                                                  const pfc_dataset *frame,
                                                  const pfc_alternate_titles *titles,
                                                  const pfc_progress *progress,
                                                  pfc_suggestion_fn fn, void *user,
                                                  pfc_suggest_totals *totals, pfc_error *err);

#endif
