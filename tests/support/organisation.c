#include "tests/support/organisation.h"

#include "datasets/import.h"
#include "tests/support/test.h"

pfc_dataset *test_frame(void) {
  char folder[4096];
  const char *const sources[] = {folder}, *root = getenv("SRC");
  pfc_import_settings s;
  pfc_dataset *frame = NULL;
  (void)snprintf(folder, sizeof folder, "%s/datasets/samples/onet29", root ? root : ".");
  pfc_import_defaults(&s);
  s.preset = "onet";
  assert_ok(pfc_import(sources, 1, &s, &frame, &err));
  return frame;
}

test_organisation test_simulate(const pfc_dataset *frame, const pfc_simulate_settings *s) {
  test_organisation o = {0};
  assert_ok(pfc_simulate(frame, s, &o.ds, &o.truth, &err));
  return o;
}

void test_organisation_clear(test_organisation *o) {
  pfc_dataset_destroy(o->ds);
  pfc_truth_destroy(o->truth);
  *o = (test_organisation){0};
}

pfc_simulate_settings test_simulate_settings(int32_t n_people, int32_t n_interventions,
                                             uint64_t seed) {
  pfc_simulate_settings s;
  assert_ok(pfc_simulate_preset("small", &s, &err));
  s.n_people = n_people;
  s.n_interventions = n_interventions;
  s.seed = seed;
  return s;
}
