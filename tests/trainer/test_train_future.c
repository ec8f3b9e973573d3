// labels: property check
/* What training may depend on: nothing that happened on or after the date of the split, and
 * not the number of threads. */
#include "tests/support/test.h"

#include <math.h>

#include "base/date.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "tests/support/company.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

static uint64_t seed;

static int set_up(void **state) {
  (void)state;
  seed = test_seed(74);
  return pfc_par_init(2, NULL);
}

/* --- bundles as bytes -------------------------------------------------------------------- */

static unsigned char *file_bytes(const pfc_bundle *bundle, size_t *size) {
  char *text = NULL;
  assert_ok(pfc_bundle_save(bundle, "bundle.h5", &err));
  assert_ok(pfc_file_read("bundle.h5", (size_t)1 << 28, &text, size, &err));
  return (unsigned char *)text;
}

/* Of the models, or of a baseline. */
static pfc_baseline_kind baseline;

static unsigned char *trained_bytes(const pfc_dataset *ds, size_t *size) {
  pfc_train_settings s;
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  pfc_train_defaults(&s);
  s.als.rank = 4;
  s.als.max_sweeps = 8;
  s.require =
      ds->tables[PFC_FEEDBACK].n_rows > 0 ? PFC_TRAIN_ALL : PFC_TRAIN_ALL & ~PFC_TRAIN_ACCEPT;
  s.baseline.kind = baseline;
  assert_ok(pfc_train(ds, &s, &bundle, &report, &err));
  unsigned char *bytes = file_bytes(bundle, size);
  pfc_bundle_destroy(bundle);
  return bytes;
}

static void assert_same_training(const pfc_dataset *a, const pfc_dataset *b) {
  size_t sizes[2];
  unsigned char *x = trained_bytes(a, &sizes[0]), *y = trained_bytes(b, &sizes[1]);
  assert_int_equal(sizes[0], sizes[1]);
  assert_memory_equal(x, y, sizes[0]);
  pfc_free(x);
  pfc_free(y);
}

/* --- another future ---------------------------------------------------------------------- */

static int32_t *dates(const pfc_dataset *ds, pfc_table_id t, const char *column) {
  const pfc_column *c = pfc_dataset_column(ds, t, column);
  return c ? c->date : NULL;
}

static int32_t random_word(pfc_rng *rng, const pfc_column *c) {
  return (int32_t)pfc_rng_below(rng, (uint64_t)pfc_dict_size(c->dict));
}

/* Another value of the same type; codes stay within the dictionary. */
static void scramble(pfc_rng *rng, pfc_column *c, int64_t row, int32_t split) {
  const int missing = pfc_rng_below(rng, 5) == 0;
  switch (c->type) {
    case PFC_CODE:
      c->code[row] = random_word(rng, c);
      break;
    case PFC_REAL:
      c->real[row] = missing ? NAN : 5 * pfc_rng_uniform(rng);
      break;
    case PFC_DATE:
      c->date[row] = split + (int32_t)pfc_rng_below(rng, 300);
      break;
    default:
      break;
  }
}

static void scramble_row(pfc_rng *rng, pfc_dataset *ds, pfc_table_id t, int64_t row,
                         int32_t split) {
  for (int c = 0; c < ds->tables[t].n_columns; c++) {
    pfc_column *column = &ds->tables[t].columns[c];
    /* Who has positions at all tells how table people is meant. */
    if (t == PFC_POSITIONS && strcmp(column->name, "person_id") == 0) continue;
    scramble(rng, column, row, split);
  }
}

static void scramble_late_rows(pfc_rng *rng, pfc_dataset *ds, pfc_table_id t,
                               const char *column, int32_t split) {
  const int32_t *day = dates(ds, t, column);
  for (int64_t r = 0; day && r < ds->tables[t].n_rows; r++)
    if (day[r] >= split) scramble_row(rng, ds, t, r, split);
}

/* Days that were late are late still, or are not known. */
static void move_late_days(pfc_rng *rng, pfc_dataset *ds, pfc_table_id t, const char *column,
                           int32_t split) {
  int32_t *day = dates(ds, t, column);
  for (int64_t r = 0; day && r < ds->tables[t].n_rows; r++) {
    if (day[r] < split) continue;
    day[r] = pfc_rng_below(rng, 3) ? split + (int32_t)pfc_rng_below(rng, 300) : PFC_NO_DATE;
  }
}

/* What was not over by then ends otherwise. */
static void change_results(pfc_rng *rng, pfc_dataset *ds, int32_t split) {
  static const char *const RESULTS[] = {"passed", "failed", "completed", "dropped",
                                        "in_progress"};
  const pfc_table_id t = PFC_ENROLMENTS;
  int32_t *ended = dates(ds, t, "ended_on");
  const int32_t *started = dates(ds, t, "started_on");
  for (int64_t r = 0; r < ds->tables[t].n_rows; r++) {
    if (ended[r] != PFC_NO_DATE && ended[r] < split) continue;
    const int is_moved = pfc_rng_below(rng, 4) != 0;
    ended[r] = is_moved ? split + (int32_t)pfc_rng_below(rng, 300) : PFC_NO_DATE;
    if (started[r] == PFC_NO_DATE) continue; /* a registration stays one */
    test_cell(ds, t, r, "status", RESULTS[pfc_rng_below(rng, 5)]);
    for (int k = 0; k < 2; k++) {
      const pfc_column *c = pfc_dataset_column(ds, t, k ? "rating" : "score");
      if (c) c->real[r] = 5 * pfc_rng_uniform(rng);
    }
  }
}

/* Other answers, of other people, to other offers, later. */
static void scramble_late_feedback(pfc_rng *rng, pfc_dataset *ds, int32_t split) {
  const pfc_column *at = pfc_dataset_column(ds, PFC_FEEDBACK, "at");
  for (int64_t r = 0; at && r < ds->tables[PFC_FEEDBACK].n_rows; r++) {
    if (at->time[r] < (int64_t)split * PFC_DAY_S) continue;
    scramble_row(rng, ds, PFC_FEEDBACK, r, split);
    at->time[r] = (split + (int64_t)pfc_rng_below(rng, 300)) * PFC_DAY_S + 7;
  }
}

/* Everything that happened on or after the split, otherwise. */
static void change_the_future(pfc_dataset *ds, uint64_t which) {
  pfc_rng rng;
  const int32_t split = ds->split.date;
  pfc_rng_init(&rng, seed, "test.future", which);
  const int32_t *start = dates(ds, PFC_ENROLMENTS, "started_on");
  const int32_t *registered = dates(ds, PFC_ENROLMENTS, "enrolled_on");
  for (int64_t r = 0; r < ds->tables[PFC_ENROLMENTS].n_rows; r++) {
    const int32_t day = start[r] != PFC_NO_DATE ? start[r] : registered[r];
    if (day >= split) scramble_row(&rng, ds, PFC_ENROLMENTS, r, split);
  }
  scramble_late_rows(&rng, ds, PFC_ASSESSMENTS, "assessed_on", split);
  scramble_late_rows(&rng, ds, PFC_POSITIONS, "from", split);
  scramble_late_feedback(&rng, ds, split);
  move_late_days(&rng, ds, PFC_POSITIONS, "to", split);
  move_late_days(&rng, ds, PFC_PEOPLE, "left_on", split);
  change_results(&rng, ds, split);
}

/* Those words are in the dictionary from the start: it is stored whole. */
static void know_all_words(pfc_dataset *ds) {
  static const char *const WORDS[] = {"passed",  "failed",      "completed",
                                      "dropped", "in_progress", "enrolled"};
  const pfc_column *status = pfc_dataset_column(ds, PFC_ENROLMENTS, "status");
  for (int w = 0; w < 6; w++) {
    int32_t code;
    assert_ok(pfc_dict_add(status->dict, WORDS[w], strlen(WORDS[w]), &code, &err));
  }
}

static pfc_dataset *random_split(void) {
  pfc_dataset *ds = test_random_dataset(seed, 60, 0);
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 60};
  return ds;
}

static pfc_dataset *company_split(void) { return company_create_split(seed, 0); }

static void the_future_changes_no_byte(void **state) {
  (void)state;
  pfc_dataset *(*const make[])(void) = {company_split, random_split};
  for (int m = 0; m < 2; m++) {
    pfc_dataset *now = make[m](), *other = make[m]();
    know_all_words(now);
    know_all_words(other);
    change_the_future(other, (uint64_t)m);
    assert_same_training(now, other);
    pfc_dataset_destroy(now);
    pfc_dataset_destroy(other);
  }
}

static void the_future_changes_no_byte_of_a_baseline(void **state) {
  static const pfc_baseline_kind kinds[] = {PFC_BASELINE_POPULARITY, PFC_BASELINE_RECENT,
                                            PFC_BASELINE_ITEMKNN, PFC_BASELINE_EASE};
  for (int k = 0; k < 4; k++) {
    baseline = kinds[k];
    the_future_changes_no_byte(state);
  }
  baseline = PFC_BASELINE_NONE;
}

/* The comparison above would see a difference: a single result before the split. */
static void the_past_does(void **state) {
  (void)state;
  pfc_dataset *now = company_split(), *other = company_split();
  const int32_t *ended = dates(other, PFC_ENROLMENTS, "ended_on");
  int64_t r = 0;
  while (ended[r] == PFC_NO_DATE || ended[r] >= COMPANY_SPLIT - 1) r++;
  const pfc_column *status = pfc_dataset_column(other, PFC_ENROLMENTS, "status");
  const int was_passed = status->code[r] == pfc_dict_find(status->dict, "passed");
  test_cell(other, PFC_ENROLMENTS, r, "status", was_passed ? "failed" : "passed");
  size_t sizes[2];
  unsigned char *x = trained_bytes(now, &sizes[0]), *y = trained_bytes(other, &sizes[1]);
  assert_true(sizes[0] != sizes[1] || memcmp(x, y, sizes[0]) != 0);
  pfc_free(x);
  pfc_free(y);
  pfc_dataset_destroy(now);
  pfc_dataset_destroy(other);
}

static void the_number_of_threads_changes_no_byte(void **state) {
  (void)state;
  pfc_dataset *ds = company_create(seed, 1);
  unsigned char *bytes[3];
  size_t sizes[3];
  for (int t = 0; t < 3; t++) {
    assert_ok(pfc_par_init(t + 1, &err));
    bytes[t] = trained_bytes(ds, &sizes[t]);
  }
  assert_ok(pfc_par_init(2, &err));
  for (int t = 1; t < 3; t++) {
    assert_int_equal(sizes[t], sizes[0]);
    assert_memory_equal(bytes[t], bytes[0], sizes[0]);
  }
  for (int t = 0; t < 3; t++) pfc_free(bytes[t]);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_future_changes_no_byte),
      cmocka_unit_test(the_future_changes_no_byte_of_a_baseline),
      cmocka_unit_test(the_past_does),
      cmocka_unit_test(the_number_of_threads_changes_no_byte),
  };
  return cmocka_run_group_tests_name("trainer/train_future", tests, set_up, NULL);
}
