// labels: unit check
#include "tests/support/test.h"

#include "datasets/requirements.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/tables.h"

static pfc_dataset *company(void) {
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ROLES, "role_id", "idle;R;S;T");
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "A;B;C");
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance,compliance",
            "S,C,4,0.5,1;R,B,3,,;S,A,2,0,0;R,A,,2,;,A,9,,;R,,9,,;R,B,1.5,3,1");
  return ds;
}

static const pfc_requirement *find(const pfc_dataset *ds, const pfc_requirements *r,
                                   const char *role, const char *competency) {
  return pfc_requirements_find(r, test_code(ds, "role", role),
                               test_code(ds, "competency", competency));
}

static void roles_ask_for_what_the_table_says(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  pfc_requirements *r = NULL;
  assert_ok(pfc_requirements_create(ds, &r, &err));
  assert_int_equal(r->n_roles, 4);
  assert_int_equal(r->n_competencies, 3);
  assert_int_equal(r->first[4], 4); /* two rows name nothing, one is said again */
  for (int32_t k = 0; k < 4; k++)
    for (int64_t i = r->first[k] + 1; i < r->first[k + 1]; i++)
      assert_true(r->at[i - 1].competency < r->at[i].competency);

  const pfc_requirement *at = find(ds, r, "S", "C");
  assert_near(at->level, 4, 0);
  assert_near(at->importance, 0.5, 0);
  assert_true(at->compliance);
  at = find(ds, r, "S", "A");
  assert_near(at->level, 2, 0);
  assert_near(at->importance, 0, 0);
  assert_false(at->compliance);
  at = find(ds, r, "R", "B"); /* the later of two rows */
  assert_near(at->level, 1.5, 0);
  assert_near(at->importance, 3, 0);
  assert_true(at->compliance);
  at = find(ds, r, "R", "A"); /* required, at no level */
  assert_nan(at->level);
  assert_near(at->importance, 2, 0);
  assert_false(at->compliance);

  assert_null(find(ds, r, "S", "B"));
  assert_null(find(ds, r, "R", "C"));
  assert_null(find(ds, r, "idle", "A"));
  assert_null(find(ds, r, "T", "A"));
  assert_null(find(ds, r, "unknown", "A")); /* -1 */
  assert_null(find(ds, r, "R", "unknown"));
  assert_null(pfc_requirements_find(r, 4, 0)); /* a role the table has not heard of */
  pfc_requirements_destroy(r);
  pfc_dataset_destroy(ds);
}

static void columns_may_be_missing(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  pfc_requirements *r = NULL;
  assert_ok(pfc_requirements_create(ds, &r, &err));
  assert_int_equal(r->first[0], 0);
  assert_null(pfc_requirements_find(r, 0, 0));
  pfc_requirements_destroy(r);
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id", "R,A");
  assert_ok(pfc_requirements_create(ds, &r, &err));
  const pfc_requirement *at = pfc_requirements_find(r, 0, 0);
  assert_nan(at->level);
  assert_near(at->importance, 1, 0);
  assert_false(at->compliance);
  pfc_requirements_destroy(r);
  pfc_requirements_destroy(NULL);
  pfc_dataset_destroy(ds);
}

static pfc_status create_once(void *user) {
  pfc_requirements *r = NULL;
  const pfc_status st = pfc_requirements_create(user, &r, NULL);
  assert_true((r != NULL) == (st == PFC_OK));
  pfc_requirements_destroy(r);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  assert_true(count_down(create_once, ds) >= 4);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(roles_ask_for_what_the_table_says),
      cmocka_unit_test(columns_may_be_missing),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
