/* Options of a bench that draws an organisation to measure on, as `simulate` has them. */
#ifndef PROFICIO_CLI_DRAWN_OPTIONS_H
#define PROFICIO_CLI_DRAWN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/common.h"
#include "cli/framework.h"
#include "datasets/simulate.h"

typedef struct drawn_options {
  const char *preset, *framework;        /* NULL: not given */
  int32_t people, interventions, months; /* -1: not given */
  bool random;
} drawn_options;

#define DRAWN_OPTIONS_NONE \
  { .people = -1, .interventions = -1, .months = -1 }

enum {
  KEY_DRAWN_PRESET = OWN_KEY,
  KEY_DRAWN_PEOPLE,
  KEY_DRAWN_INTERVENTIONS,
  KEY_DRAWN_MONTHS,
  KEY_DRAWN_POLICY,
  KEY_DRAWN_FRAMEWORK,
  KEY_DRAWN_NEXT, /* first key of the command's own */
};

#define DRAWN_OPTIONS_ROWS(preset, when)                                                      \
  {"preset", KEY_DRAWN_PRESET, "small|medium|large|hard", 0, "as of `simulate` [" preset "]", \
   0},                                                                                        \
      {"people", KEY_DRAWN_PEOPLE, "N", 0, "20 to 10,000,000 [the preset's]", 0},             \
      {"interventions", KEY_DRAWN_INTERVENTIONS, "N", 0, "20 to 100,000 [the preset's]", 0},  \
      {"months", KEY_DRAWN_MONTHS, "N", 0, "of history" when " [the preset's]", 0},           \
      {"policy",                                                                              \
       KEY_DRAWN_POLICY,                                                                      \
       "random|managers",                                                                     \
       0,                                                                                     \
       "who offered in that history [managers]",                                              \
       0},                                                                                    \
  {                                                                                           \
    "framework", KEY_DRAWN_FRAMEWORK, "DIR", 0, FRAMEWORK_DOC, 0                              \
  }

/* A whole number from 0 on. */
PFC_MUST_USE pfc_status drawn_take_count(const char *option, const char *arg, int32_t *value,
                                         pfc_error *err);
/* One of the keys above. */
PFC_MUST_USE pfc_status drawn_take(drawn_options *o, int key, const char *arg, pfc_error *err);
/* Where a number was given, it replaces the one there is. */
void drawn_set(int32_t *to, int32_t given);
/* The organisation that the options ask for. */
PFC_MUST_USE pfc_status drawn_settings(const drawn_options *o, const char *preset,
                                       uint64_t seed, pfc_simulate_settings *s, pfc_error *err);

/* The object of --json: "command", then preset, history and seed, then all that is in
 * `figures`, which is empty thereafter. *json is the caller's. */
PFC_MUST_USE pfc_status drawn_object(const common *c, const drawn_options *o,
                                     const char *preset, cJSON *figures, cJSON **json,
                                     pfc_error *err);

#endif
