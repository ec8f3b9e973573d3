// labels: property check
/* Profiles in files: what was saved is what is loaded, whoever has none has the file of old,
 * and damaged or doctored ones are refused, with the path inside named. */
#include "tests/support/test.h"

#include <hdf5.h>
#include <math.h>

#include "base/h5.h"
#include "base/mem.h"
#include "models/bundle.h"
#include "tests/support/bundle.h"
#include "tests/support/countdown.h"
#include "tests/support/damage.h"
#include "tests/support/doctor.h"

enum { N_DAMAGES = 60, N_RESEALED = 30, SECONDS = 20 };

static pfc_status load(const char *path, pfc_error *err) {
  pfc_bundle *b = NULL;
  const pfc_status st = pfc_bundle_load(path, &b, err);
  pfc_bundle_destroy(b);
  return st;
}

static void comes_back(pfc_bundle *b) {
  pfc_bundle *loaded = NULL;
  assert_ok(pfc_bundle_save(b, "profile.h5", &err));
  assert_ok(pfc_bundle_load("profile.h5", &loaded, &err));
  test_bundle_compare(b, loaded);
  pfc_bundle_destroy(loaded);
  pfc_bundle_destroy(b);
}

static void every_rank_comes_back(void **state) {
  (void)state;
  static const int32_t ranks[] = {0, 1, 3, PFC_PROFILE_MOST_RANK};
  for (int k = 0; k < 4; k++) comes_back(test_profile_bundle((uint64_t)k, ranks[k]));
}

/* A plain rating table: no role, no source, no rater, and arrays that nobody made room for. */
static void what_is_empty_comes_back(void **state) {
  (void)state;
  pfc_bundle *b = test_profile_bundle(5, 0);
  pfc_profile *m = &b->profile;
  void *arrays[] = {
      m->effect_role,  m->effect_competency, m->effect,    m->effect_var,   m->source,
      m->rater_source, m->rater_code,        m->rater,     m->rater_var,    m->factor,
      m->factor_cov,   m->factor_sd,         m->programme, m->programme_var};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) pfc_free(arrays[i]);
  m->effect_role = m->effect_competency = m->rater_source = m->rater_code = NULL;
  m->effect = m->effect_var = m->rater = m->rater_var = NULL;
  m->factor = m->factor_cov = m->factor_sd = NULL;
  m->programme = m->programme_var = NULL;
  m->source = NULL;
  m->n_roles = m->n_sources = m->n_interventions = 0;
  m->n_role_effects = m->n_raters = 0;
  for (int32_t d = 1; d < b->n_dicts; d++) pfc_dict_destroy(b->dicts[d]);
  b->n_dicts = 1;
  comes_back(b);
}

/* The same objects and attributes as before there were profiles: read by programs of then. */
static void a_file_without_one_is_that_of_old(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(4, 30);
  assert_ok(pfc_bundle_save(b, "old.h5", &err));
  const hid_t file = H5Fopen("old.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
  assert_true(file >= 0);
  assert_int_equal(H5Aexists(file, "has_profile"), 0);
  assert_int_equal(H5Lexists(file, "profile", H5P_DEFAULT), 0);
  H5Fclose(file);
  pfc_bundle_destroy(b);
}

/* --- what no bundle may hold -------------------------------------------------------------- */

typedef struct wrong_real {
  size_t offset; /* of a double in pfc_profile */
  double value;
  const char *message;
} wrong_real;

static void scalars_out_of_range_are_not_saved(void **state) {
  (void)state;
  static const wrong_real cases[] = {
      {offsetof(pfc_profile, sd_cell), 0, "sd_cell"},
      {offsetof(pfc_profile, sd_moving), -1, "sd_moving"},
      {offsetof(pfc_profile, sd_person), 0, "sd_person"},
      {offsetof(pfc_profile, sd_role), NAN, "sd_role"},
      {offsetof(pfc_profile, sd_competency), 0, "sd_competency"},
      {offsetof(pfc_profile, sd_taught), -0.1, "sd_taught"},
      {offsetof(pfc_profile, taught), INFINITY, "taught"},
      {offsetof(pfc_profile, teaching_days), 0, "teaching_days"},
      {offsetof(pfc_profile, sd_programme), -0.1, "sd_programme"},
      {offsetof(pfc_profile, newcomer_days), 0, "newcomer_days"},
      {offsetof(pfc_profile, half_life_days), 0, "half_life_days"},
      {offsetof(pfc_profile, scale_max), 0, "scale_max"},
      {offsetof(pfc_profile, beta[2]), NAN, "required"},
      {offsetof(pfc_profile, unknown.noise), 0, "unknown_noise"},
      {offsetof(pfc_profile, unknown.slope), -1, "unknown_slope"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pfc_bundle *b = test_profile_bundle(2, 2);
    memcpy((char *)&b->profile + cases[i].offset, &cases[i].value, sizeof(double));
    assert_fails(pfc_bundle_save(b, "never.h5", &err), PFC_EUSAGE, cases[i].message);
    pfc_bundle_destroy(b);
  }
}

/* Each line spoils one number, is refused, and mends it. */
#define REFUSED(slot, value, path)                                        \
  do {                                                                    \
    const __typeof__(slot) was_ = (slot);                                 \
    (slot) = (value);                                                     \
    assert_fails(pfc_bundle_save(b, "never.h5", &err), PFC_EUSAGE, path); \
    (slot) = was_;                                                        \
  } while (0)

static void numbers_that_do_not_fit_are_not_saved(void **state) {
  (void)state;
  pfc_bundle *b = test_profile_bundle(2, 2);
  pfc_profile *m = &b->profile;
  REFUSED(m->half_life[1], 0, "/profile/half_life");
  REFUSED(m->competency[1], 1e9f, "/profile/competency");
  REFUSED(m->competency_var[1], -1, "/profile/competency_var");
  REFUSED(m->factor[1], NAN, "/profile/factor");
  REFUSED(m->factor_sd[1], -1, "/profile/factor_sd");
  REFUSED(m->factor_cov[3], -0.5f, "/profile/factor_cov");
  REFUSED(m->factor_cov[1], 0.5f, "/profile/factor_cov");
  REFUSED(m->effect_var[0], -1, "/profile/effect_var");
  REFUSED(m->effect_role[0], -1, "/profile/effect_role");
  REFUSED(m->effect_role[0], 6, "/profile/effect_role");
  REFUSED(m->effect_role[m->n_role_effects - 1], 0, "/profile/effect_role");
  REFUSED(m->effect_competency[m->n_role_effects - 1], 5, "/profile/effect_competency");
  REFUSED(m->effect_competency[1], m->effect_competency[0], "/profile/effect_competency");
  REFUSED(m->rater_code[1], 1, "/profile/rater_code");
  REFUSED(m->rater_code[1], 4, "/dictionary/rater");
  REFUSED(m->rater_source[1], 3, "/profile/rater_source");
  REFUSED(m->rater_var[1], -1, "/profile/rater_var");
  REFUSED(m->source[1].slope, 0, "/profile/source/slope");
  REFUSED(m->source[1].noise, 0, "/profile/source/noise");
  REFUSED(m->source[1].leniency, -1, "/profile/source/leniency");
  REFUSED(m->source[1].bias, INFINITY, "/profile/source/bias");
  REFUSED(m->source[1].anchor, 2, "/profile/source/anchor");
  REFUSED(m->source[1].linked, -1, "/profile/source/linked");
  REFUSED(m->source[1].n_ratings, -1, "/profile/source/n_ratings");
  REFUSED(m->programme[2], NAN, "/profile/programme");
  REFUSED(m->programme_var[1], -1, "/profile/programme_var");
  REFUSED(m->n_interventions, 4, "/dictionary/intervention");
  REFUSED(m->n_roles, 7, "/dictionary/role");
  REFUSED(b->n_dicts, 4, "'/dictionary/rater'");
  REFUSED(b->n_dicts, 3, "'/dictionary/intervention'");
  assert_ok(pfc_bundle_save(b, "whole.h5", &err));
  pfc_bundle_destroy(b);
}

/* --- doctored and damaged ------------------------------------------------------------------
 */

static bool is_profile(const test_object *o) { return strncmp(o->path, "/profile", 8) == 0; }

/* Each object gone, another thing in its place, more than should be there. */
static void doctored(void **state) {
  (void)state;
  test_patient *p = pfc_alloc_array(1, sizeof *p);
  assert_non_null(p);
  pfc_bundle *b = test_profile_bundle(11, 3);
  assert_ok(pfc_bundle_save(b, "intact.h5", &err));
  pfc_bundle_destroy(b);
  test_patient_open(p, "intact.h5", load);
  int n = 0;
  for (int i = 0; i < p->n; i++) {
    if (!is_profile(&p->objects[i])) continue;
    const hid_t file = test_patient_copy(p);
    assert_true(H5Ldelete(file, p->objects[i].path, H5P_DEFAULT) >= 0);
    test_patient_refused(p, file, p->objects[i].path);
    n++;
  }
  assert_true(n >= 24); /* the group, that of sources, 16 and 7 arrays */
  test_doctor_objects(p, is_profile);
  test_doctor_strangers(p, is_profile);
  test_doctor_attributes(p, is_profile);
  test_doctor_number(p, "/", "has_profile", 0, "/profile");
  test_doctor_number(p, "/", "has_profile", 2, "has_profile");
  test_doctor_number(p, "/profile", "rank", 33, "rank");
  test_doctor_number(p, "/profile", "rank", 2, "/profile/factor");
  test_doctor_number(p, "/profile", "n_competencies", INT32_MAX, "/profile/half_life");
  test_doctor_number(p, "/profile", "n_sources", INT32_MAX, "/dictionary/source");
  test_doctor_number(p, "/profile", "n_roles", INT32_MAX, "/dictionary/role");
  test_doctor_number(p, "/profile", "n_interventions", INT32_MAX, "/dictionary/intervention");
  test_doctor_number(p, "/profile", "n_raters", INT64_MAX / 4, "/profile/rater_source");
  test_damage_refused(p, test_damage_count(N_DAMAGES), SECONDS);
  test_damage_survived(p, test_damage_count(N_RESEALED), SECONDS);
  test_patient_close(p);
  pfc_free(p);
}

/* --- memory ------------------------------------------------------------------------ */

static pfc_status save_and_load(void *user) {
  pfc_status st = pfc_bundle_save(user, "short.h5", NULL);
  if (st == PFC_OK) st = load("short.h5", NULL);
  return st;
}

static void files_survive_lack_of_memory(void **state) {
  (void)state;
  pfc_bundle *b = test_profile_bundle(5, 3);
  assert_true(count_down(save_and_load, b) > 40);
  pfc_bundle_destroy(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_rank_comes_back),
      cmocka_unit_test(what_is_empty_comes_back),
      cmocka_unit_test(a_file_without_one_is_that_of_old),
      cmocka_unit_test(scalars_out_of_range_are_not_saved),
      cmocka_unit_test(numbers_that_do_not_fit_are_not_saved),
      cmocka_unit_test(doctored),
      cmocka_unit_test(files_survive_lack_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
