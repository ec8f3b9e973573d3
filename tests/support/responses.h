/* Simulated people who are led somewhere, for tests of how they respond. */
#ifndef PROFICIO_TESTS_SUPPORT_RESPONSES_H
#define PROFICIO_TESTS_SUPPORT_RESPONSES_H

#include "datasets/respond.h"
#include "tests/support/organisation.h"

enum { RESPONSES_PEOPLE = 1500, RESPONSES_ITEMS = 100, RESPONSES_DAYS = 91 };

/* An organisation, the day after its history, and one in it. */
typedef struct responses {
  pfc_dataset *frame;
  test_organisation org;
  int32_t after_all, mid;
  uint64_t seed;
} responses;

/* Draws it from PFC_TEST_SEED, else 17. */
responses responses_draw(void);
void responses_drop(responses *r);

bool responses_is_there(const pfc_truth *t, int32_t person, int32_t day);

/* Everybody who is there is led somewhere, by chance from that seed; returns how many. */
int64_t responses_lead(const pfc_truth *t, int32_t day, uint64_t seed, pfc_lead *leads);

/* The organisation after a round, which must succeed. */
test_organisation responses_after(const test_organisation *o, const pfc_round *round);

/* Has the person a start of it before that day? */
bool responses_has_start(const pfc_dataset *ds, int32_t person, int32_t item, int32_t before);

#endif
