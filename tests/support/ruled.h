/* Small random organisations in which every rule has something to say. */
#ifndef PROFICIO_TESTS_SUPPORT_RULED_H
#define PROFICIO_TESTS_SUPPORT_RULED_H

#include "base/rng.h"
#include "engine/rules.h"
#include "tests/oracle/rules_oracle.h"

enum { RULED_PEOPLE = 9, RULED_ITEMS = 13, RULED_DAYS = 1100 };

/* People "p0" .., interventions "i0" .., days 0 .. RULED_DAYS - 1. Tables lack columns now and
 * then. Undated: enrolments, assessments and positions without days. Owned by the caller. */
pfc_dataset *ruled_organisation(pfc_rng *rng, int is_undated);

/* Settings with something to do. */
pfc_rule_settings ruled_settings(pfc_rng *rng);

/* An organisation on a day, and what is asked of it. */
typedef struct ruled_world {
  pfc_dataset *ds;
  pfc_history *h;
  pfc_catalogue *cat;
  pfc_bundle *bundle; /* NULL: no profile */
  pfc_gaps *gaps;
  pfc_person_gaps *known, *again; /* again: for the slow reading */
  int32_t n;
  int32_t candidate[RULED_ITEMS];
  pfc_rules *rules;
  pfc_ruling *ruling;
  rules_oracle oracle;
} ruled_world;

void ruled_open(ruled_world *w, pfc_rng *rng, int is_undated, int has_profile);
void ruled_close(ruled_world *w);

/* Cases, and how often each rule spoke. */
typedef struct ruled_tally {
  int64_t cases, against[PFC_N_RULES], allowed, forced, mandated, due;
} ruled_tally;

/* Fails the test where rules and slow reading differ in a bit, a must or the hours left. */
ruled_tally ruled_check(uint64_t seed, int worlds);

#endif
