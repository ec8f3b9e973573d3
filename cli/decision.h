/* The name of a decision: this intervention, put before this person by this model on this day.
 */
#ifndef PROFICIO_CLI_DECISION_H
#define PROFICIO_CLI_DECISION_H

#include "base/digest.h"

enum { DECISION_ID = 17 }; /* 16 hex digits and a NUL */

/* Ids of a decision, so that feedback can be tied to it: the same one, the same id. as_of: its
 * day as ISO 8601, "" undated. digest is scratch, begun anew before and after. */
const char *decision_id(pfc_sha256 *digest, const char *model_version, const char *person,
                        const char *intervention, const char *as_of, char id[DECISION_ID]);

/* What a line of a decision log (`recommend --log`) says of one. Texts are owned. */
typedef struct decision_logged {
  char *person, *intervention, *model_version;
  char *at;   /* its day, ISO 8601; "" undated */
  char *goal; /* the role that was everybody's goal; "": each one's own */
} decision_logged;

/* Finds a decision in a log: JSON Lines. PFC_EDATA where no line has that id, and for one that
 * has but does not say the rest. decision_logged_clear afterwards. */
PFC_MUST_USE pfc_status decision_find(const char *path, const char *id, decision_logged *found,
                                      pfc_error *err);
void decision_logged_clear(decision_logged *d); /* {0} is allowed */

#endif
