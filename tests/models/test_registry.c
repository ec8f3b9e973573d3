// labels: unit check
/* The registry: versions that never change, aliases that move at once, and what is left half
 * done is cleared away. */
#include "tests/support/test.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "models/registry.h"
#include "tests/support/bundle.h"
#include "tests/support/countdown.h"

#define FOLDER "reg"

static const pfc_move MOVE = {1800000000, "me", "it is better"};

static int begin(void **state) {
  (void)state;
  return system("rm -rf " FOLDER);
}

static pfc_registry *open_registry(bool to_write) {
  pfc_registry *r = NULL;
  assert_ok(pfc_registry_open(FOLDER, to_write, &r, &err));
  return r;
}

/* n versions, told apart by their seeds 1, 2 ... */
static pfc_registry *with_versions(int32_t n) {
  pfc_registry *r = open_registry(true);
  for (int32_t k = 1; k <= n; k++) {
    int32_t number;
    pfc_bundle *b = test_baseline_bundle(1, PFC_BASELINE_POPULARITY);
    b->seed = (uint64_t)k;
    assert_ok(pfc_registry_publish(r, b, NULL, &number, &err));
    assert_int_equal(number, k);
    pfc_bundle_destroy(b);
  }
  return r;
}

static pfc_status load(const char *path, pfc_bundle **b, pfc_error *err) {
  char *file = NULL;
  pfc_status st = pfc_registry_resolve(path, &file, err);
  if (st == PFC_OK) st = pfc_bundle_load(file, b, err);
  pfc_free(file);
  return st;
}

static uint64_t seed_of(const char *path) {
  pfc_bundle *b = NULL;
  assert_ok(load(path, &b, &err));
  const uint64_t seed = b->seed;
  pfc_bundle_destroy(b);
  return seed;
}

static void versions_are_found_by_number_and_alias(void **state) {
  (void)state;
  pfc_registry *r = with_versions(3);
  assert_ok(pfc_registry_move(r, PFC_CHAMPION, 2, &MOVE, &err));
  assert_ok(pfc_registry_move(r, PFC_CHALLENGER, 3, &MOVE, &err));
  assert_int_equal(seed_of(FOLDER "/@champion"), 2);
  assert_int_equal(seed_of(FOLDER "/@challenger"), 3);
  assert_int_equal(seed_of(FOLDER "/@1"), 1);
  assert_int_equal(seed_of(FOLDER "/@000003"), 3);
  pfc_bundle *b = NULL;
  assert_fails(load(FOLDER "/versions/000001/model.h5", &b, &err), PFC_EUSAGE, "@champion");
  assert_fails(load(FOLDER "/@previous", &b, &err), PFC_EDATA, "no previous yet");
  assert_fails(load(FOLDER "/@4", &b, &err), PFC_EDATA, "the latest is 3");
  assert_fails(load(FOLDER "/@best", &b, &err), PFC_EDATA, "no '@best'");
  assert_fails(load("none/@champion", &b, &err), PFC_EFORMAT, "no registry");
  pfc_registry_close(r);
}

static void the_champion_moves_back_and_forth(void **state) {
  (void)state;
  pfc_registry *r = with_versions(3);
  assert_fails(pfc_registry_rollback(r, &MOVE, &err), PFC_EUSAGE, "no previous champion");
  assert_ok(pfc_registry_move(r, PFC_CHAMPION, 1, &MOVE, &err));
  assert_ok(pfc_registry_move(r, PFC_CHALLENGER, 2, &MOVE, &err));
  assert_ok(pfc_registry_move(r, PFC_CHAMPION, 2, &MOVE, &err));
  assert_int_equal(pfc_registry_alias(r, PFC_PREVIOUS), 1);
  assert_int_equal(pfc_registry_alias(r, PFC_CHALLENGER), 0); /* it is the champion now */
  assert_ok(pfc_registry_rollback(r, &MOVE, &err));
  assert_int_equal(pfc_registry_alias(r, PFC_CHAMPION), 1);
  assert_int_equal(pfc_registry_alias(r, PFC_PREVIOUS), 2);
  assert_fails(pfc_registry_move(r, PFC_PREVIOUS, 3, &MOVE, &err), PFC_EUSAGE, "rollback");
  assert_fails(pfc_registry_move(r, PFC_CHAMPION, 0, &MOVE, &err), PFC_EUSAGE, "not by none");
  assert_fails(pfc_registry_move(r, PFC_CHAMPION, 9, &MOVE, &err), PFC_EDATA, "no version 9");
  pfc_registry_close(r);
}

static void every_move_is_recorded(void **state) {
  (void)state;
  pfc_registry *r = with_versions(2);
  assert_ok(pfc_registry_move(r, PFC_CHAMPION, 1, &MOVE, &err));
  assert_ok(pfc_registry_move(r, PFC_CHAMPION, 1, &MOVE, &err)); /* no move */
  assert_ok(pfc_registry_move(r, PFC_CHAMPION, 2, &MOVE, &err));
  assert_ok(pfc_registry_rollback(r, &MOVE, &err));
  pfc_registry_close(r);
  r = open_registry(false);
  const cJSON *history = pfc_registry_history(r);
  static const int FROM[] = {0, 1, 2}, TO[] = {1, 2, 1};
  assert_int_equal(cJSON_GetArraySize(history), 3);
  for (int k = 0; k < 3; k++) {
    const cJSON *move = cJSON_GetArrayItem(history, k);
    assert_int_equal(cJSON_GetObjectItem(move, "from")->valueint, FROM[k]);
    assert_int_equal(cJSON_GetObjectItem(move, "to")->valueint, TO[k]);
    assert_string_equal(cJSON_GetObjectItem(move, "at")->valuestring, "2027-01-15T08:00:00Z");
    assert_string_equal(cJSON_GetObjectItem(move, "why")->valuestring, "it is better");
  }
  pfc_registry_close(r);
}

static void a_manifest_tells_what_it_is_told(void **state) {
  (void)state;
  int32_t number;
  pfc_registry *r = open_registry(true);
  pfc_bundle *b = test_baseline_bundle(1, PFC_BASELINE_POPULARITY);
  cJSON *about = cJSON_CreateObject(), *wrong = cJSON_CreateObject();
  assert_ok(pfc_json_put_text(about, "method", "full", &err));
  assert_ok(pfc_json_put_text(wrong, "sha256", "12", &err));
  assert_ok(pfc_registry_publish(r, b, about, &number, &err));
  const pfc_version *v = pfc_registry_at(r, 0);
  assert_string_equal(cJSON_GetObjectItem(v->manifest, "method")->valuestring, "full");
  assert_string_equal(cJSON_GetObjectItem(v->manifest, "feedback_head")->valuestring,
                      b->feedback_head);
  assert_int_equal(strlen(v->sha256), 64);
  assert_fails(pfc_registry_publish(r, b, wrong, &number, &err), PFC_EUSAGE, "'sha256'");
  assert_int_equal(number, 0);
  assert_int_equal(pfc_registry_size(r), 1);
  cJSON_Delete(about);
  cJSON_Delete(wrong);
  pfc_bundle_destroy(b);
  pfc_registry_close(r);
}

static void one_job_changes_others_look(void **state) {
  (void)state;
  int32_t number;
  pfc_registry *r = with_versions(1), *other = NULL;
  assert_fails(pfc_registry_open(FOLDER, true, &other, &err), PFC_EIO, "is at work on it");
  other = open_registry(false);
  assert_int_equal(pfc_registry_size(other), 1);
  assert_fails(pfc_registry_move(other, PFC_CHAMPION, 1, &MOVE, &err), PFC_EUSAGE,
               "open for reading");
  assert_fails(pfc_registry_collect(other, 1, &number, &err), PFC_EUSAGE, "open for reading");
  pfc_registry_close(other);
  pfc_registry_close(r);
}

static void damage_is_found_before_it_serves(void **state) {
  (void)state;
  pfc_bundle *b = NULL;
  pfc_registry *r = with_versions(2);
  assert_ok(pfc_registry_move(r, PFC_CHAMPION, 1, &MOVE, &err));
  assert_ok(pfc_registry_verify(r, &err));
  /* Another good bundle in its place. */
  assert_int_equal(
      system("cp " FOLDER "/versions/000001/model.h5 " FOLDER "/versions/000002/model.h5"), 0);
  assert_fails(pfc_registry_verify(r, &err), PFC_EFORMAT, "000002/model.h5 is not what");
  assert_fails(pfc_registry_move(r, PFC_CHAMPION, 2, &MOVE, &err), PFC_EFORMAT, "is not what");
  assert_int_equal(pfc_registry_alias(r, PFC_CHAMPION), 1);
  assert_fails(load(FOLDER "/@2", &b, &err), PFC_EFORMAT, "is not what");
  pfc_registry_close(r);
  assert_int_equal(system("rm -r " FOLDER "/versions/000001"), 0);
  r = open_registry(false);
  assert_fails(pfc_registry_verify(r, &err), PFC_EFORMAT, "000002/model.h5");
  pfc_registry_close(r);
  test_write_file(FOLDER "/aliases.json", "{\"champion\":1}", 14);
  assert_fails(pfc_registry_open(FOLDER, false, &r, &err), PFC_EFORMAT, "'history' is missing");
  test_write_file(FOLDER "/versions/000002/manifest.json", "{}", 2);
  assert_fails(pfc_registry_open(FOLDER, false, &r, &err), PFC_EFORMAT, "not the manifest");
}

static void what_a_killed_job_left_is_cleared_away(void **state) {
  (void)state;
  struct stat info;
  pfc_registry_close(with_versions(1));
  assert_int_equal(mkdir(FOLDER "/versions/.tmp-000002", 0755), 0);
  test_write_file(FOLDER "/versions/.tmp-000002/model.h5", "half", 4);
  pfc_registry *r = open_registry(false);
  assert_int_equal(pfc_registry_size(r), 1); /* nobody sees it */
  pfc_registry_close(r);
  r = with_versions(0);
  assert_int_not_equal(stat(FOLDER "/versions/.tmp-000002", &info), 0);
  pfc_registry_close(r);
}

static void old_versions_go_those_in_use_stay(void **state) {
  (void)state;
  int32_t removed;
  pfc_registry *r = with_versions(6);
  assert_ok(pfc_registry_move(r, PFC_CHAMPION, 1, &MOVE, &err));
  assert_ok(pfc_registry_move(r, PFC_CHAMPION, 3, &MOVE, &err));
  assert_fails(pfc_registry_collect(r, 0, &removed, &err), PFC_EUSAGE, "1 or more");
  assert_ok(pfc_registry_collect(r, 2, &removed, &err));
  assert_int_equal(removed, 2); /* 2 and 4; 1 is the previous one, 3 the champion */
  for (int pass = 0; pass < 2; pass++) {
    static const int LEFT[] = {1, 3, 5, 6};
    assert_int_equal(pfc_registry_size(r), 4);
    for (int k = 0; k < 4; k++) assert_int_equal(pfc_registry_at(r, k)->number, LEFT[k]);
    pfc_registry_close(r);
    r = open_registry(false);
  }
  pfc_registry_close(r);
}

/* --- memory --------------------------------------------------------------------------------
 */

static pfc_status walk_through(void *user) {
  pfc_registry *r = NULL;
  int32_t number = 0, removed;
  pfc_error err = PFC_ERROR_INIT;
  (void)system("rm -rf " FOLDER);
  pfc_status st = pfc_registry_open(FOLDER, true, &r, &err);
  if (st == PFC_OK) st = pfc_registry_publish(r, user, NULL, &number, &err);
  if (st == PFC_OK) st = pfc_registry_move(r, PFC_CHAMPION, number, &MOVE, &err);
  if (st == PFC_OK) st = pfc_registry_collect(r, 1, &removed, &err);
  pfc_registry_close(r);
  return st;
}

static void memory_may_run_out_anywhere(void **state) {
  (void)state;
  pfc_bundle *b = test_baseline_bundle(1, PFC_BASELINE_POPULARITY);
  assert_true(count_down(walk_through, b) > 5);
  pfc_bundle_destroy(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(versions_are_found_by_number_and_alias, begin),
      cmocka_unit_test_setup(the_champion_moves_back_and_forth, begin),
      cmocka_unit_test_setup(every_move_is_recorded, begin),
      cmocka_unit_test_setup(a_manifest_tells_what_it_is_told, begin),
      cmocka_unit_test_setup(one_job_changes_others_look, begin),
      cmocka_unit_test_setup(damage_is_found_before_it_serves, begin),
      cmocka_unit_test_setup(what_a_killed_job_left_is_cleared_away, begin),
      cmocka_unit_test_setup(old_versions_go_those_in_use_stay, begin),
      cmocka_unit_test_setup(memory_may_run_out_anywhere, begin),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
