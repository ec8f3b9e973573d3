/* Small random organisations in which every rule has something to say. */
#ifndef PROFICIO_TESTS_SUPPORT_RULED_H
#define PROFICIO_TESTS_SUPPORT_RULED_H

#include "base/rng.h"
#include "engine/rules.h"

enum { RULED_PEOPLE = 9, RULED_ITEMS = 13, RULED_DAYS = 1100 };

/* People "p0" .., interventions "i0" .., days 0 .. RULED_DAYS - 1. Tables lack columns now and
 * then. Undated: enrolments, assessments and positions without days. Owned by the caller. */
pfc_dataset *ruled_organisation(pfc_rng *rng, int is_undated);

/* Settings with something to do. */
pfc_rule_settings ruled_settings(pfc_rng *rng);

#endif
