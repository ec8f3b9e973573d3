// labels: property check
// needs: PFC_SQLITE
#include "tests/support/test.h"

#include <dirent.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/par.h"
#include "bench/bench.h"
#include "bench/interactions_internal.h"
#include "bench/onehot_internal.h"
#include "bench/organisation_internal.h"
#include "tests/support/countdown.h"

#define SCRATCH "scratch"

static pfc_bench_settings small_settings(void) {
  pfc_bench_settings s;
  pfc_bench_defaults(&s);
  s.small = 1;
  s.seconds = 0.001;
  s.scratch = SCRATCH;
  s.program = getenv("PROFICIO");
  return s;
}

static int set_up(void **state) {
  (void)state;
  (void)mkdir(SCRATCH, 0700);
  assert_ok(pfc_par_init(0, &err));
  return 0;
}

static void assert_scratch_is_empty(void) {
  DIR *open = opendir(SCRATCH);
  assert_non_null(open);
  for (const struct dirent *entry; (entry = readdir(open));) {
    if (entry->d_name[0] != '.') fail_msg("left behind: %s", entry->d_name);
  }
  assert_int_equal(closedir(open), 0);
}

/* --- what a run says ---------------------------------------------------------- */

static double number(const cJSON *object, const char *key) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
  if (!cJSON_IsNumber(item)) fail_msg("%s is not a number", key);
  return item->valuedouble;
}

static void assert_result(const cJSON *result, const char *name, const char *of) {
  const cJSON *rate, *rates = cJSON_GetObjectItemCaseSensitive(result, "per_second");
  assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(result, "name")),
                      name);
  assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(result, "of")), of);
  assert_true(number(result, "seconds") > 0);
  assert_true(number(result, "ratio") > 0 && isfinite(number(result, "ratio")));
  assert_true(number(result, "spread") >= 0);
  const cJSON *bar = cJSON_GetObjectItemCaseSensitive(result, "bar");
  const cJSON *holds = cJSON_GetObjectItemCaseSensitive(result, "holds");
  const bool inverse = strcmp(of, "sgemm_seconds") == 0 || strcmp(of, "gib") == 0;
  assert_int_equal(cJSON_IsNumber(bar),
                   strcmp(name, "import") == 0 || strcmp(name, "explain") == 0 ||
                       strcmp(name, "recommend") == 0 || strcmp(of, "gib") == 0 ||
                       strcmp(of, "fsync") == 0 || strcmp(of, "train") == 0 ||
                       strstr(name, "profile"));
  assert_true(cJSON_IsNumber(bar) || cJSON_IsNull(bar));
  assert_true(cJSON_IsBool(holds)); /* how fast this machine is, is no test's business */
  assert_int_equal(
      cJSON_IsTrue(holds),
      cJSON_IsNull(bar) || (inverse ? number(result, "ratio") <= bar->valuedouble
                                    : number(result, "ratio") >= bar->valuedouble));
  assert_true(cJSON_GetArraySize(rates) > 0);
  cJSON_ArrayForEach(rate, rates) assert_true(rate->valuedouble > 0);
}

static void all_benches_run(void **state) {
  (void)state;
  static const char *const EXPECTED[][2] = {{"import", "libcsv"},
                                            {"feedback", "fsync"},
                                            {"feedback_100", "fsync"},
                                            {"als_sweep", "sgemm_gflops"},
                                            {"logit_fit", "read_gbs"},
                                            {"hazard_fit", "read_gbs"},
                                            {"score_batch", "sgemm_seconds"},
                                            {"explain", "sgemm_seconds"},
                                            {"evaluate_lists", "sgemm_seconds"},
                                            {"profile_fit", "sgemm_seconds"},
                                            {"profile_map", "sgemm_seconds"},
                                            {"profile_fold", "sgemm_seconds"},
                                            {"recommend", "sgemm_seconds"},
                                            {"recommend_memory", "gib"},
                                            {"recommend_16", "sgemm_seconds"},
                                            {"refit", "train"}};
  const int n = sizeof EXPECTED / sizeof *EXPECTED;
  const pfc_bench_settings s = small_settings();
  cJSON *json = NULL;
  assert_ok(pfc_bench_run(&s, &json, &err));
  const cJSON *limits = cJSON_GetObjectItemCaseSensitive(json, "limits");
  assert_true(number(limits, "sgemm_gflops") > 0);
  assert_true(number(limits, "read_gbs") > 0);
  const cJSON *results = cJSON_GetObjectItemCaseSensitive(json, "results");
  assert_int_equal(cJSON_GetArraySize(results), n);
  for (int i = 0; i < n; i++)
    assert_result(cJSON_GetArrayItem(results, i), EXPECTED[i][0], EXPECTED[i][1]);
  cJSON_Delete(json);
  assert_scratch_is_empty();
}

static void only_chooses_by_a_part_of_the_name(void **state) {
  (void)state;
  pfc_bench_settings s = small_settings();
  cJSON *json = NULL;
  s.only[0] = "_fit";
  assert_ok(pfc_bench_run(&s, &json, &err));
  const cJSON *results = cJSON_GetObjectItemCaseSensitive(json, "results");
  assert_int_equal(cJSON_GetArraySize(results), 3);
  assert_result(cJSON_GetArrayItem(results, 0), "logit_fit", "read_gbs");
  assert_result(cJSON_GetArrayItem(results, 1), "hazard_fit", "read_gbs");
  assert_result(cJSON_GetArrayItem(results, 2), "profile_fit", "sgemm_seconds");
  cJSON_Delete(json);
}

static void several_may_be_chosen(void **state) {
  (void)state;
  pfc_bench_settings s = small_settings();
  cJSON *json = NULL;
  s.only[0] = "hazard";
  s.only[1] = "logit";
  assert_ok(pfc_bench_run(&s, &json, &err));
  const cJSON *results = cJSON_GetObjectItemCaseSensitive(json, "results");
  assert_int_equal(cJSON_GetArraySize(results), 2);
  assert_result(cJSON_GetArrayItem(results, 0), "logit_fit", "read_gbs");
  assert_result(cJSON_GetArrayItem(results, 1), "hazard_fit", "read_gbs");
  cJSON_Delete(json);
}

/* --- what it refuses ------------------------------------------------------------- */

static void settings_without_meaning_are_refused(void **state) {
  (void)state;
  cJSON *json = NULL;
  pfc_bench_settings s = small_settings();
  s.only[0] = "serve";
  assert_fails(pfc_bench_run(&s, &json, &err), PFC_EUSAGE,
               "'serve'; there are import, feedback, feedback_100, als_sweep");
  s = small_settings();
  s.seconds = 0;
  assert_fails(pfc_bench_run(&s, &json, &err), PFC_EUSAGE, "seconds");
  s.seconds = (double)NAN;
  assert_fails(pfc_bench_run(&s, &json, &err), PFC_EUSAGE, "seconds");
  s = small_settings();
  s.scratch = NULL;
  assert_fails(pfc_bench_run(&s, &json, &err), PFC_EUSAGE, "scratch");
  s.only[0] = "recommend";
  s.program = NULL;
  s.scratch = SCRATCH;
  assert_fails(pfc_bench_run(&s, &json, &err), PFC_EUSAGE, "program");
  s.program = "no/such/program";
  assert_fails(pfc_bench_run(&s, &json, &err), PFC_EIO, "no/such/program");
  s.program = "/bin/false";
  assert_fails(pfc_bench_run(&s, &json, &err), PFC_EIO, "ended with exit code 1");
  assert_scratch_is_empty();
  s.only[0] = NULL;
  s.scratch = "no/such/folder";
  assert_fails(pfc_bench_run(&s, &json, &err), PFC_EIO, "no/such/folder");
  assert_null(json);
}

static int stop_at(const pfc_progress_event *event, void *stage) {
  return strcmp(event->stage, stage) == 0 && event->done > 0;
}

/* The file of the import bench goes away with the bench, however that ends. */
static void stops_when_asked(void **state) {
  (void)state;
  char libcsv[] = "libcsv", import[] = "import", als[] = "als_sweep";
  char *const stages[] = {libcsv, import, als};
  for (int i = 0; i < 3; i++) {
    cJSON *json = NULL;
    pfc_bench_settings s = small_settings();
    s.progress = (pfc_progress){stop_at, stages[i]};
    assert_fails(pfc_bench_run(&s, &json, &err), PFC_ECANCELLED, "");
    assert_null(json);
    assert_scratch_is_empty();
  }
}

/* --- data -------------------------------------------------------------------------- */

enum { PEOPLE = 500, ITEMS = 400, PAIRS = 5000 };

static void interactions(uint64_t seed, pfc_csr *m) {
  assert_ok(pfc__interactions(PEOPLE, ITEMS, PAIRS, seed, m, &err));
}

static void interactions_are_as_described(void **state) {
  (void)state;
  pfc_csr m = {0};
  int taken[ITEMS] = {0};
  interactions(1, &m);
  assert_in_range(m.start[PEOPLE], PAIRS * 9 / 10, PAIRS);
  for (int p = 0; p < PEOPLE; p++) {
    assert_in_range(m.start[p + 1] - m.start[p], 2, ITEMS / 5);
    for (int64_t e = m.start[p]; e < m.start[p + 1]; e++) {
      if (e > m.start[p]) assert_true(m.col[e] > m.col[e - 1]); /* no item twice */
      assert_true(m.val[e] >= 1 && m.val[e] <= 4);
      taken[m.col[e]]++;
    }
  }
  int most = 0;
  for (int i = 0; i < ITEMS; i++) most = taken[i] > most ? taken[i] : most;
  assert_true(most > 3 * PAIRS / ITEMS); /* some are far more popular than the mean */
  pfc_csr_clear(&m);
}

static void data_belong_to_the_seed(void **state) {
  (void)state;
  pfc_csr a = {0}, b = {0}, c = {0};
  interactions(1, &a);
  interactions(1, &b);
  interactions(2, &c);
  const size_t bytes = (size_t)a.start[PEOPLE] * sizeof *a.col;
  assert_int_equal(a.start[PEOPLE], b.start[PEOPLE]);
  assert_memory_equal(a.col, b.col, bytes);
  assert_true(a.start[PEOPLE] != c.start[PEOPLE] || memcmp(a.col, c.col, bytes) != 0);
  pfc_csr_clear(&a);
  pfc_csr_clear(&b);
  pfc_csr_clear(&c);
}

static void onehot_rows_have_one_entry_a_field(void **state) {
  (void)state;
  enum { ROWS = 300, FIELDS = 6 };
  pfc__onehot o;
  assert_ok(pfc__onehot_init(&o, ROWS, FIELDS, 40, 1, &err));
  assert_int_equal(o.x.n_rows, ROWS);
  assert_int_equal(o.field[o.x.n_cols - 1], FIELDS - 1);
  double sum = 0;
  for (int i = 0; i < ROWS; i++) {
    assert_int_equal(o.x.start[i + 1] - o.x.start[i], FIELDS);
    for (int f = 0; f < FIELDS; f++) {
      assert_int_equal(o.field[o.x.col[o.x.start[i] + f]], f);
      assert_true(o.x.val[o.x.start[i] + f] == 1);
    }
    sum += o.eta[i] * o.eta[i];
  }
  assert_true(sum > 0);
  pfc__onehot_clear(&o);
}

static pfc_status make_organisation(void *user) {
  (void)user;
  const pfc__organisation shape = {.n_people = 20,
                                   .n_interventions = 10,
                                   .n_competencies = 3,
                                   .n_enrolments = 60,
                                   .seed = 1};
  pfc_dataset *ds = NULL;
  const pfc_status st = pfc__organisation_create(&shape, &ds, NULL);
  assert_true((st == PFC_OK) == (ds != NULL));
  pfc_dataset_destroy(ds);
  return st;
}

static pfc_status make_onehot(void *user) {
  (void)user;
  pfc__onehot o;
  const pfc_status st = pfc__onehot_init(&o, 20, 3, 9, 1, NULL);
  pfc__onehot_clear(&o);
  return st;
}

static void short_memory_is_survived(void **state) {
  (void)state;
  assert_true(count_down(make_organisation, NULL) > 20);
  assert_true(count_down(make_onehot, NULL) > 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_benches_run),
      cmocka_unit_test(only_chooses_by_a_part_of_the_name),
      cmocka_unit_test(several_may_be_chosen),
      cmocka_unit_test(settings_without_meaning_are_refused),
      cmocka_unit_test(stops_when_asked),
      cmocka_unit_test(interactions_are_as_described),
      cmocka_unit_test(data_belong_to_the_seed),
      cmocka_unit_test(onehot_rows_have_one_entry_a_field),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
