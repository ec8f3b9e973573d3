/* The JSON object of an evaluation with everything that may stand in one, as a text: two
 * contestants with names that want escaping, curves, comparisons, policies, recovery, rounds.
 */
#ifndef PROFICIO_TESTS_SUPPORT_JUDGED_H
#define PROFICIO_TESTS_SUPPORT_JUDGED_H

#include <cjson/cJSON.h>
#include <stdint.h>

extern const char JUDGED[];

/* A fresh tree, for cJSON_Delete. */
cJSON *judged(void);

/* Spoils values all over the tree, the same for the same seed: numbers become null, huge, tiny
 * or words, lists empty or short, objects something else, keys vanish. */
void judged_spoil(cJSON *json, uint64_t seed);

#endif
