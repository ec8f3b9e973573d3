// labels: property check
/* Baselines in files: what was saved is what is loaded, whoever has none has the file of old,
 * and damaged or doctored ones are refused, with the path inside named. */
#include "tests/support/test.h"

#include <hdf5.h>

#include "base/h5.h"
#include "base/mem.h"
#include "models/bundle.h"
#include "tests/support/bundle.h"
#include "tests/support/countdown.h"
#include "tests/support/damage.h"
#include "tests/support/doctor.h"

enum { N_DAMAGES = 200, N_RESEALED = 60, SECONDS = 20 };

static pfc_status load(const char *path, pfc_error *err) {
  pfc_bundle *b = NULL;
  const pfc_status st = pfc_bundle_load(path, &b, err);
  pfc_bundle_destroy(b);
  return st;
}

static const pfc_baseline_kind KINDS[] = {
    PFC_BASELINE_POPULARITY, PFC_BASELINE_RECENT, PFC_BASELINE_MANAGER, PFC_BASELINE_ITEMKNN,
    PFC_BASELINE_EASE,       PFC_BASELINE_GAP,    PFC_BASELINE_RANDOM,
};
enum { N_KINDS = sizeof KINDS / sizeof *KINDS };

static void every_kind_comes_back(void **state) {
  (void)state;
  for (int k = 0; k < N_KINDS; k++) {
    pfc_bundle *b = test_baseline_bundle((uint64_t)k, KINDS[k]), *loaded = NULL;
    assert_ok(pfc_bundle_save(b, "baseline.h5", &err));
    assert_ok(pfc_bundle_load("baseline.h5", &loaded, &err));
    test_bundle_compare(b, loaded);
    pfc_bundle_destroy(loaded);
    pfc_bundle_destroy(b);
  }
}

/* Matrices without an entry, and items that nobody took up. */
static void what_is_empty_comes_back(void **state) {
  (void)state;
  pfc_bundle *b = test_baseline_bundle(1, PFC_BASELINE_MANAGER), *loaded = NULL;
  pfc_baseline *m = &b->baseline;
  pfc_csr_clear(&m->by_role);
  pfc_csr_clear(&m->by_manager);
  assert_ok(pfc_csr_init(&m->by_role, 0, m->n_items, &err));
  assert_ok(pfc_csr_init(&m->by_manager, 3, m->n_items, &err));
  for (int r = 0; r < 3; r++) assert_ok(pfc_csr_append(&m->by_manager, 0, NULL, NULL, &err));
  assert_ok(pfc_bundle_save(b, "baseline.h5", &err));
  assert_ok(pfc_bundle_load("baseline.h5", &loaded, &err));
  test_bundle_compare(b, loaded);
  pfc_bundle_destroy(loaded);
  pfc_bundle_destroy(b);
}

/* Beside models too, in one file. */
static void a_baseline_may_stand_beside_models(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(4, 30), *from = test_baseline_bundle(4, PFC_BASELINE_EASE);
  pfc_bundle *loaded = NULL;
  b->baseline = from->baseline;
  b->has_baseline = true;
  from->baseline = (pfc_baseline){0};
  assert_ok(pfc_bundle_save(b, "both.h5", &err));
  assert_ok(pfc_bundle_load("both.h5", &loaded, &err));
  test_bundle_compare(b, loaded);
  pfc_bundle_destroy(loaded);
  pfc_bundle_destroy(from);
  pfc_bundle_destroy(b);
}

/* The same objects and attributes as before there were baselines: read by programs of then. */
static void a_file_without_one_is_that_of_old(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(4, 30);
  assert_ok(pfc_bundle_save(b, "old.h5", &err));
  const hid_t file = H5Fopen("old.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
  assert_true(file >= 0);
  assert_int_equal(H5Aexists(file, "has_baseline"), 0);
  assert_int_equal(H5Lexists(file, "baseline", H5P_DEFAULT), 0);
  H5Fclose(file);
  pfc_bundle_destroy(b);
}

static void what_no_bundle_may_hold_is_not_saved(void **state) {
  (void)state;
  pfc_bundle *b = test_baseline_bundle(2, PFC_BASELINE_ITEMKNN);
  pfc_baseline *m = &b->baseline;
  m->count[3] = -1;
  assert_fails(pfc_bundle_save(b, "never.h5", &err), PFC_EUSAGE, "/baseline/count");
  m->count[3] = 0;
  m->neighbours.val[1] = -0.5f;
  assert_fails(pfc_bundle_save(b, "never.h5", &err), PFC_EUSAGE, "/baseline/neighbour_weight");
  m->neighbours.val[1] = 0.5f;
  m->neighbours.col[1] = m->neighbours.col[0];
  assert_fails(pfc_bundle_save(b, "never.h5", &err), PFC_EUSAGE, "/baseline/neighbour_item");
  m->kind = PFC_BASELINE_NONE;
  assert_fails(pfc_bundle_save(b, "never.h5", &err), PFC_EUSAGE, "'kind'");
  pfc_bundle_destroy(b);
}

/* --- doctored ---------------------------------------------------------------------- */

static bool is_baseline(const test_object *o) { return strncmp(o->path, "/baseline", 9) == 0; }

/* Each object gone, another thing in its place, more than should be there. */
static void doctored(void **state) {
  (void)state;
  static const pfc_baseline_kind kinds[] = {PFC_BASELINE_MANAGER, PFC_BASELINE_ITEMKNN,
                                            PFC_BASELINE_EASE};
  for (int k = 0; k < 3; k++) {
    test_patient *p = pfc_alloc_array(1, sizeof *p);
    assert_non_null(p);
    pfc_bundle *b = test_baseline_bundle(11, kinds[k]);
    assert_ok(pfc_bundle_save(b, "intact.h5", &err));
    pfc_bundle_destroy(b);
    test_patient_open(p, "intact.h5", load);
    for (int i = 0; i < p->n; i++) {
      if (!is_baseline(&p->objects[i])) continue;
      const hid_t file = test_patient_copy(p);
      assert_true(H5Ldelete(file, p->objects[i].path, H5P_DEFAULT) >= 0);
      test_patient_refused(p, file, p->objects[i].path);
    }
    test_doctor_objects(p, is_baseline);
    test_doctor_strangers(p, is_baseline);
    test_doctor_attributes(p, is_baseline);
    test_damage_refused(p, test_damage_count(N_DAMAGES), SECONDS);
    test_damage_survived(p, test_damage_count(N_RESEALED), SECONDS);
    test_patient_close(p);
    pfc_free(p);
  }
}

typedef struct number {
  pfc_baseline_kind kind;
  const char *path, *name; /* name NULL: element `at` of the array at path */
  size_t at;
  int64_t value;
  const char *message;
} number;

static void numbers_out_of_range(void **state) {
  (void)state;
  static const number cases[] = {
      {PFC_BASELINE_GAP, "/", "has_baseline", 0, 2, "has_baseline"},
      {PFC_BASELINE_GAP, "/", "has_baseline", 0, 0, "/baseline"},
      {PFC_BASELINE_GAP, "/baseline", "n_items", 0, 25, "/baseline/count"},
      {PFC_BASELINE_GAP, "/baseline", "n_items", 0, -1, "n_items"},
      {PFC_BASELINE_GAP, "/baseline", "n_roles", 0, 1, "n_roles"},
      {PFC_BASELINE_GAP, "/baseline", "n_fitted", 0, 1, "n_fitted"},
      {PFC_BASELINE_POPULARITY, "/baseline", "n_people", 0, 1, "n_people"},
      {PFC_BASELINE_POPULARITY, "/baseline", "n_roles", 0, 7, "/baseline/role_start"},
      {PFC_BASELINE_POPULARITY, "/baseline", "n_roles", 0, INT32_MAX, "/baseline/role_start"},
      {PFC_BASELINE_POPULARITY, "/baseline", "n_roles", 0, INT64_MAX, "n_roles"},
      {PFC_BASELINE_POPULARITY, "/baseline/role_start", NULL, 0, 1, "/baseline/role_start"},
      {PFC_BASELINE_POPULARITY, "/baseline/role_start", NULL, 0, -1, "/baseline/role_start"},
      {PFC_BASELINE_POPULARITY, "/baseline/role_start", NULL, 1, 25, "/baseline/role_start"},
      {PFC_BASELINE_POPULARITY, "/baseline/role_start", NULL, 6, 1, "/baseline/role_start"},
      {PFC_BASELINE_MANAGER, "/baseline/manager_start", NULL, 30, INT64_MAX,
       "/baseline/manager_start"},
      {PFC_BASELINE_MANAGER, "/baseline/manager_item", NULL, 0, 24, "/baseline/manager_item"},
      {PFC_BASELINE_MANAGER, "/baseline/manager_item", NULL, 1, -1, "/baseline/manager_item"},
      {PFC_BASELINE_EASE, "/baseline", "n_fitted", 0, 20001, "n_fitted"},
      {PFC_BASELINE_EASE, "/baseline", "n_fitted", 0, 9, "/baseline/ease_item"},
      {PFC_BASELINE_EASE, "/baseline/ease_item", NULL, 9, 24, "/baseline/ease_item"},
      {PFC_BASELINE_EASE, "/baseline/ease_item", NULL, 4, 7, "/baseline/ease_item"},
      {PFC_BASELINE_EASE, "/baseline/ease_item", NULL, 0, -1, "/baseline/ease_item"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const number *c = &cases[i];
    test_patient *p = pfc_alloc_array(1, sizeof *p);
    assert_non_null(p);
    pfc_bundle *b = test_baseline_bundle(11, c->kind);
    assert_ok(pfc_bundle_save(b, "intact.h5", &err));
    pfc_bundle_destroy(b);
    test_patient_open(p, "intact.h5", load);
    if (c->name) {
      test_doctor_number(p, c->path, c->name, c->value, c->message);
    } else {
      const hid_t file = test_patient_copy(p);
      test_doctor_poke(file, c->path, c->at, &c->value); /* the low half of it, of 32 bits */
      test_patient_refused(p, file, c->message);
    }
    test_patient_close(p);
    pfc_free(p);
  }
}

/* A word that is none, and a dictionary too short for its codes. */
static void codes_without_a_word(void **state) {
  (void)state;
  pfc_bundle *b = test_baseline_bundle(3, PFC_BASELINE_POPULARITY);
  pfc_dict_destroy(b->dicts[2]);
  b->n_dicts = 2;
  assert_fails(pfc_bundle_save(b, "never.h5", &err), PFC_EUSAGE, "'/dictionary/role'");
  pfc_bundle_destroy(b);
}

/* --- memory ------------------------------------------------------------------------ */

static pfc_status save_and_load(void *user) {
  pfc_status st = pfc_bundle_save(user, "short.h5", NULL);
  if (st == PFC_OK) st = load("short.h5", NULL);
  return st;
}

static void files_survive_lack_of_memory(void **state) {
  (void)state;
  static const pfc_baseline_kind kinds[] = {PFC_BASELINE_MANAGER, PFC_BASELINE_ITEMKNN,
                                            PFC_BASELINE_EASE};
  for (int k = 0; k < 3; k++) {
    pfc_bundle *b = test_baseline_bundle(5, kinds[k]);
    assert_true(count_down(save_and_load, b) > 40);
    pfc_bundle_destroy(b);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind_comes_back),
      cmocka_unit_test(what_is_empty_comes_back),
      cmocka_unit_test(a_baseline_may_stand_beside_models),
      cmocka_unit_test(a_file_without_one_is_that_of_old),
      cmocka_unit_test(what_no_bundle_may_hold_is_not_saved),
      cmocka_unit_test(doctored),
      cmocka_unit_test(numbers_out_of_range),
      cmocka_unit_test(codes_without_a_word),
      cmocka_unit_test(files_survive_lack_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
