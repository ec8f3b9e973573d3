#include "tests/support/predicted.h"

#include "tests/support/tables.h"
#include "tests/support/test.h"

pfc_dataset *predicted_world(void) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_PEOPLE, "person_id", "P3;P0;P5;P1;P4;P2");
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "C1;C0;C2");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id", "I2;I0;I3;I1");
  return ds;
}
