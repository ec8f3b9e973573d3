/* The rules the slow way: one person and one intervention at a time, by reading the tables from
 * top to bottom, as docs/METHODS.md, "Rules", words them. Uses neither the engine nor history
 * or catalogue. */
#ifndef PROFICIO_TESTS_ORACLE_RULES_ORACLE_H
#define PROFICIO_TESTS_ORACLE_RULES_ORACLE_H

#include "engine/rules.h"

typedef struct rules_oracle {
  const pfc_dataset *ds;
  int32_t day;
  pfc_rule_settings settings;
  /* Probability that a person holds a level by the profile; NULL: there is none. */
  double (*p_held)(void *user, int32_t person, int32_t competency, double level);
  void *user;
  /* filled by rules_oracle_open: do enrolments tell any such day, and the last of all days */
  int has_enrolled, has_started, has_ended;
  int32_t last_day;
} rules_oracle;

/* Once ds is there. */
void rules_oracle_open(rules_oracle *o);

/* Bits 1u << pfc_rule of all that speaks against it. */
unsigned rules_oracle_against(const rules_oracle *o, int32_t person, int32_t intervention);

typedef struct rules_oracle_must {
  int32_t intervention, due_on;
  int64_t override_row;
} rules_oracle_must;

/* What must be listed, of n interventions in the order of their codes; returns how many.
 * must[n]. */
int rules_oracle_musts(const rules_oracle *o, int32_t person, int n,
                       const int32_t *interventions, rules_oracle_must *must);

/* Hours a week that the person has left; NaN unknown. */
double rules_oracle_hours(const rules_oracle *o, int32_t person);

#endif
