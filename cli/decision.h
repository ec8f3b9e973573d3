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

#endif
