/* The strict scan that every text passes before cJSON, which lets much through, may
 * build a tree from it. */
#ifndef PROFICIO_BASE_JSON_INTERNAL_H
#define PROFICIO_BASE_JSON_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

typedef struct pfc__json_scan {
  const char *text;
  size_t size;
  size_t at;         /* where the scan stands; at the fault when there is one */
  const char *fault; /* what is wrong there, or NULL */
  size_t n_keys;     /* keys met so far */
  size_t stop_key;   /* the scan stops at the key of this number; SIZE_MAX: never */
  int depth;
  char open[PFC_JSON_MAX_DEPTH]; /* the brackets around `at` */
} pfc__json_scan;

/* True when the text is one JSON value (RFC 8259) within our bounds; else fault and at
 * are set. */
bool pfc__json_scan_text(pfc__json_scan *s);

#endif
