#include "tests/support/responses.h"

#include "base/rng.h"
#include "tests/support/test.h"

responses responses_draw(void) {
  responses r = {.frame = test_frame()};
  const pfc_simulate_settings s =
      test_simulate_settings(RESPONSES_PEOPLE, RESPONSES_ITEMS, test_seed(17));
  r.seed = s.seed;
  r.org = test_simulate(r.frame, &s);
  r.after_all = r.org.truth->last_day + 1;
  r.mid = r.org.truth->last_day - 200;
  return r;
}

void responses_drop(responses *r) {
  test_organisation_clear(&r->org);
  pfc_dataset_destroy(r->frame);
}

bool responses_is_there(const pfc_truth *t, int32_t p, int32_t day) {
  return pfc_truth_role(t, p, day) >= 0 &&
         (t->left_on[p] == PFC_NO_DATE || t->left_on[p] >= day);
}

int64_t responses_lead(const pfc_truth *t, int32_t day, uint64_t from, pfc_lead *leads) {
  int64_t n = 0;
  for (int32_t p = 0; p < t->n_people; p++) {
    pfc_rng rng;
    pfc_rng_init(&rng, from, "test.leads", (uint64_t)p);
    if (!responses_is_there(t, p, day)) continue;
    leads[n++] = (pfc_lead){p, (int32_t)pfc_rng_below(&rng, (uint64_t)t->n_interventions)};
  }
  return n;
}
test_organisation responses_after(const test_organisation *o, const pfc_round *round) {
  test_organisation next = {0};
  assert_ok(pfc_respond(o->ds, o->truth, round, &next.ds, &next.truth, &err));
  return next;
}
bool responses_has_start(const pfc_dataset *ds, int32_t person, int32_t item, int32_t before) {
  const int32_t *who = pfc_dataset_codes(ds, PFC_ENROLMENTS, "person_id");
  const int32_t *what = pfc_dataset_codes(ds, PFC_ENROLMENTS, "intervention_id");
  const int32_t *start = pfc_dataset_dates(ds, PFC_ENROLMENTS, "started_on");
  for (int64_t row = 0; row < ds->tables[PFC_ENROLMENTS].n_rows; row++)
    if (who[row] == person && what[row] == item && start[row] != PFC_NO_DATE &&
        start[row] < before)
      return true;
  return false;
}
