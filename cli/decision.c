#include "cli/decision.h"

#include <string.h>

const char *decision_id(pfc_sha256 *digest, const char *model_version, const char *person,
                        const char *intervention, const char *as_of, char id[DECISION_ID]) {
  const char *const parts[] = {model_version, person, intervention, as_of};
  char hex[PFC_SHA256_HEX];
  for (int i = 0; i < 4; i++) {
    pfc_sha256_add(digest, parts[i], strlen(parts[i]));
    pfc_sha256_add(digest, "\n", 1);
  }
  pfc_sha256_hex(digest, hex);
  memcpy(id, hex, DECISION_ID - 1);
  id[DECISION_ID - 1] = '\0';
  return id;
}
