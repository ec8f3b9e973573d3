#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "models/describe.h"
#include "tests/support/bundle.h"

static cJSON *describe(const pfc_bundle *b) {
  cJSON *json = NULL;
  assert_ok(pfc_bundle_describe(b, &json, &err));
  assert_non_null(json);
  return json;
}

/* The value at a path of keys, "success/features/n_columns". */
static const cJSON *at(const cJSON *json, const char *path) {
  char keys[200];
  (void)snprintf(keys, sizeof keys, "%s", path);
  char *rest = keys;
  for (const char *key; json && (key = strsep(&rest, "/"));)
    json = cJSON_GetObjectItemCaseSensitive(json, key);
  return json;
}

static double number_at(const cJSON *json, const char *path) {
  const cJSON *value = at(json, path);
  if (!cJSON_IsNumber(value)) fail_msg("no number at %s", path);
  return value->valuedouble;
}

static const char *text_at(const cJSON *json, const char *path) {
  const cJSON *value = at(json, path);
  if (!cJSON_IsString(value)) fail_msg("no text at %s", path);
  return value->valuestring;
}

static void every_model_is_told(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(1, 30);
  cJSON *json = describe(b);
  assert_string_equal(text_at(json, "format"), "proficio model");
  assert_string_equal(text_at(json, "provenance/split"), "at 2014-10-01");
  assert_memory_equal(text_at(json, "provenance/feedback_head"), "12-bbbb", 7);
  assert_string_equal(text_at(json, "provenance/trained_as_of"), "2014-09-30");
  assert_string_equal(text_at(json, "provenance/seed"), "18446744073709551614");
  assert_float_equal(number_at(json, "provenance/settings/rank"), 8, 0);
  assert_float_equal(number_at(json, "dictionaries/person"), 30, 0);
  assert_float_equal(number_at(json, "affinity/rank"), b->affinity.rank, 0);
  assert_float_equal(number_at(json, "success/n_rows"), 123456, 0);
  assert_float_equal(number_at(json, "success/features/n_columns"),
                     b->success.features->n_columns, 0);
  assert_float_equal(number_at(json, "time/horizon_days"), 180, 0);
  assert_float_equal(number_at(json, "time/causes/proficient/n_events"), 100, 0);
  assert_string_equal(text_at(json, "time/causes/dropped/clock_column"), "x_day_due_1");
  assert_true(cJSON_IsFalse(at(json, "time/causes/left/fitted")));
  assert_null(at(json, "time/causes/left/n_bins"));
  const cJSON *certificates = at(json, "certificates");
  assert_int_equal(cJSON_GetArraySize(certificates), 3);
  const cJSON *first = cJSON_GetArrayItem(certificates, 0);
  assert_string_equal(text_at(first, "model"), "affinity");
  assert_true(cJSON_IsFalse(at(first, "converged")));
  assert_float_equal(number_at(json, "metrics/time.holdout_nll/n_rows"), 201, 0);
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
}

static void a_baseline_is_told(void **state) {
  (void)state;
  pfc_bundle *b = test_baseline_bundle(1, PFC_BASELINE_EASE);
  for (int32_t i = 0; i < b->baseline.n_items; i++) b->baseline.count[i] = i < 3 ? 5 : 0;
  cJSON *json = describe(b);
  assert_string_equal(text_at(json, "baseline/kind"), "ease");
  assert_float_equal(number_at(json, "baseline/n_items_observed"), 3, 0);
  assert_float_equal(number_at(json, "baseline/take_ups"), 15, 0);
  assert_float_equal(number_at(json, "baseline/n_fitted"), b->baseline.n_fitted, 0);
  assert_float_equal(number_at(json, "baseline/shrinkage"), 7.5, 0);
  assert_float_equal(number_at(json, "baseline/weight_half_life_days"), 45, 0);
  assert_float_equal(number_at(json, "baseline/n_neighbours"), 0, 0);
  assert_null(at(json, "affinity"));
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
  b = test_baseline_bundle(1, PFC_BASELINE_ITEMKNN);
  json = describe(b);
  const pfc_csr *near = &b->baseline.neighbours;
  assert_float_equal(number_at(json, "baseline/n_neighbours"),
                     (double)near->start[near->n_rows], 0);
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
}

static void a_profile_is_told(void **state) {
  (void)state;
  pfc_bundle *b = test_profile_bundle(1, 3);
  char path[100];
  cJSON *json = describe(b);
  assert_string_equal(text_at(json, "profile/levels"), "anchored");
  assert_float_equal(number_at(json, "profile/rank"), 3, 0);
  assert_float_equal(number_at(json, "profile/required"), 0.5, 0);
  assert_float_equal(number_at(json, "profile/half_life_days"), 1460, 0);
  const char *name = pfc_dict_text(pfc_bundle_dict(b, "source"), 2);
  (void)snprintf(path, sizeof path, "profile/sources/%s/slope", name);
  assert_float_equal(number_at(json, path), 1, 0);
  (void)snprintf(path, sizeof path, "profile/sources/%s/anchor", name);
  assert_true(cJSON_IsTrue(at(json, path)));
  name = pfc_dict_text(pfc_bundle_dict(b, "source"), 1);
  (void)snprintf(path, sizeof path, "profile/sources/%s/noise", name);
  assert_float_equal(number_at(json, path), b->profile.source[1].noise, 0);
  (void)snprintf(path, sizeof path, "profile/sources/%s/linked", name);
  assert_true(cJSON_IsFalse(at(json, path)));
  assert_float_equal(number_at(json, "profile/unknown_source/n_ratings"), 7, 0);
  cJSON_Delete(json);
  b->profile.relative = 1;
  json = describe(b);
  assert_string_equal(text_at(json, "profile/levels"), "relative levels");
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
}

static void only_what_is_there_is_told(void **state) {
  (void)state;
  pfc_bundle *b = pfc_bundle_create();
  b->settings = pfc_strdup("not JSON");
  b->seed = 17;
  cJSON *json = describe(b);
  assert_null(at(json, "affinity"));
  assert_null(at(json, "success"));
  assert_null(at(json, "time"));
  assert_null(at(json, "baseline"));
  assert_null(at(json, "profile"));
  assert_string_equal(text_at(json, "provenance/settings"), "not JSON");
  assert_string_equal(text_at(json, "provenance/build"), "");
  assert_string_equal(text_at(json, "provenance/trained_as_of"), "");
  assert_float_equal(number_at(json, "provenance/seed"), 17, 0);
  assert_int_equal(cJSON_GetArraySize(at(json, "certificates")), 0);
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
}

/* Listed largest first; whatever is not listed is not larger than the last, or the effect
 * of a person. */
static void coefficients_are_the_largest(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 5; seed++) {
    pfc_bundle *b = test_bundle(seed, 40);
    const pfc_chance *m = &b->success;
    const int32_t n_listed = m->features->n_columns - m->features->fields[0].n_columns;
    m->coef[0] = 100;
    cJSON *json = describe(b);
    const cJSON *list = at(json, "success/largest_coefficients"), *entry;
    double last = INFINITY;
    int larger = 0, n = cJSON_GetArraySize(list);
    assert_int_equal(
        n, n_listed < PFC_DESCRIBE_COEFFICIENTS ? n_listed : PFC_DESCRIBE_COEFFICIENTS);
    cJSON_ArrayForEach(entry, list) {
      const double value = fabs(number_at(entry, "value"));
      assert_true(value <= last);
      assert_true(strlen(text_at(entry, "column")) > 0);
      assert_null(strstr(text_at(entry, "column"), "person="));
      last = value;
    }
    for (int32_t i = m->features->fields[0].n_columns; i < m->features->n_columns; i++)
      larger += fabs(m->coef[i]) > last;
    assert_int_equal(larger, n - 1);
    cJSON_Delete(json);
    pfc_bundle_destroy(b);
  }
}

static void columns_have_names(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(3, 30);
  const pfc_field *region = &b->success.features->fields[1];
  memset(b->success.coef, 0, sizeof *b->success.coef * (size_t)b->success.features->n_columns);
  b->success.coef[region->first] = -9;
  b->success.coef[b->success.features->fields[4].first] = 3;
  cJSON *json = describe(b);
  const cJSON *list = at(json, "success/largest_coefficients");
  assert_int_equal(cJSON_GetArraySize(list), 2);
  const char *name = text_at(cJSON_GetArrayItem(list, 0), "column");
  assert_non_null(strstr(name, "people.c_region"));
  assert_non_null(strstr(name, "=c_region "));
  assert_non_null(
      strstr(text_at(cJSON_GetArrayItem(list, 1), "column"), "interventions.hours"));
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
}

static int allocations_left = -1;

static void *limited_malloc(size_t size) {
  if (allocations_left == 0) return NULL;
  if (allocations_left > 0) allocations_left--;
  return malloc(size);
}

static void let_memory_run_out(pfc_bundle *b) {
  cJSON_Hooks hooks = {limited_malloc, free};
  cJSON *json = NULL;
  cJSON_InitHooks(&hooks);
  for (int n = 0; !json; n++) {
    pfc_error err = PFC_ERROR_INIT;
    allocations_left = n;
    const pfc_status st = pfc_bundle_describe(b, &json, &err);
    if (st != PFC_OK) assert_int_equal(st, PFC_ENOMEM);
    assert_int_equal(st == PFC_OK, json != NULL);
  }
  allocations_left = -1;
  cJSON_Delete(json);
  cJSON_InitHooks(NULL);
  pfc_bundle_destroy(b);
}

static void memory_may_run_out_anywhere(void **state) {
  (void)state;
  let_memory_run_out(test_bundle(4, 10));
  let_memory_run_out(test_profile_bundle(4, 2));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_model_is_told),
      cmocka_unit_test(a_baseline_is_told),
      cmocka_unit_test(a_profile_is_told),
      cmocka_unit_test(only_what_is_there_is_told),
      cmocka_unit_test(coefficients_are_the_largest),
      cmocka_unit_test(columns_have_names),
      cmocka_unit_test(memory_may_run_out_anywhere),
  };
  return cmocka_run_group_tests_name("models/describe", tests, NULL, NULL);
}
