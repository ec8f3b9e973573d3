// labels: property check
/* Export of a split: the rows are those that are judged, features are what a slow look at the
 * tables finds, and nothing that came after the split gets into what may be learned from. */
#include "tests/support/test.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/h5.h"
#include "base/mem.h"
#include "base/rng.h"
#include "datasets/split.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/dataset.h"
#include "tests/support/sheet.h"
#include "tests/support/tables.h"
#include "trainer/judged_rows.h"
#include "trainer/split_export.h"

#define OUT "exported"

static pfc_split_export_settings settings(void) {
  pfc_split_export_settings s;
  pfc_split_export_defaults(&s);
  return s;
}

static void export_to(const pfc_dataset *ds, const char *folder,
                      int64_t n_rows[PFC_N_SPLIT_FILES]) {
  const pfc_split_export_settings s = settings();
  assert_ok(pfc_split_export(ds, folder, &s, n_rows, &err));
}

static const char *path_in(const char *folder, pfc_split_file file) {
  static char path[2][128];
  static int turn;
  turn = !turn;
  (void)snprintf(path[turn], sizeof path[turn], "%s/%s", folder, pfc_split_file_name(file));
  return path[turn];
}

static void remove_folder(const char *folder) {
  for (int f = 0; f < PFC_N_SPLIT_FILES; f++) (void)unlink(path_in(folder, (pfc_split_file)f));
  (void)rmdir(folder);
}

static sheet read_sheet(const char *folder, pfc_split_file file) {
  return sheet_read(path_in(folder, file));
}

static bool agree(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

/* --- what is to be exported ----------------------------------------------------------------
 */

typedef struct place {
  pfc_dataset *ds, *view;
  pfc_history *h, *view_h;
  pfc_catalogue *cat;
  pfc_judged_rows *rows;
  int64_t n_rows[PFC_N_SPLIT_FILES];
} place;

static void open_place(place *p, pfc_dataset *ds) {
  *p = (place){.ds = ds};
  assert_ok(pfc_split_training_view(ds, &p->view, &err));
  assert_ok(pfc_history_create(p->ds, &p->h, &err));
  assert_ok(pfc_history_create(p->view, &p->view_h, &err));
  assert_ok(pfc_catalogue_create(p->ds, &p->cat, &err));
  assert_ok(pfc_judged_rows_create(p->ds, p->h, p->cat, &p->rows, &err));
  export_to(ds, OUT, p->n_rows);
}

static void close_place(place *p) {
  pfc_judged_rows_destroy(p->rows);
  pfc_catalogue_destroy(p->cat);
  pfc_history_destroy(p->view_h);
  pfc_history_destroy(p->h);
  pfc_dataset_destroy(p->view);
  pfc_dataset_destroy(p->ds);
  remove_folder(OUT);
}

static const char *id(const pfc_dataset *ds, const char *dictionary, int32_t code) {
  return code < 0 ? "" : pfc_dict_text(pfc_dataset_find_dict(ds, dictionary), code);
}

static void check_key(const place *p, const sheet *s, int64_t row, const pfc_decision *d) {
  char day[PFC_DATE_TEXT];
  pfc_date_format(d->date, day);
  assert_string_equal(sheet_at(s, row, "person_id"), id(p->ds, "person", d->person));
  assert_string_equal(sheet_at(s, row, "date"), day);
  if (d->intervention >= 0)
    assert_string_equal(sheet_at(s, row, "intervention_id"),
                        id(p->ds, "intervention", d->intervention));
  if (d->competency >= 0)
    assert_string_equal(sheet_at(s, row, "competency_id"),
                        id(p->ds, "competency", d->competency));
}

/* --- features, slowly ----------------------------------------------------------------------
 */

static double slow_count(const pfc_history *h, const pfc_decision *d, bool wins, bool of_item) {
  double n = 0;
  for (int64_t a = h->first_attempt[d->person]; a < h->first_attempt[d->person + 1]; a++) {
    const pfc_attempt *t = &h->attempts[a];
    if (!t->started || t->start >= d->date || (of_item && t->intervention != d->intervention))
      continue;
    n += !wins || (t->result == 1 && t->known < d->date);
  }
  return n;
}

/* Assessments of the person in the competency, through the table. */
static double slow_level(const pfc_dataset *ds, const pfc_history *h, const pfc_decision *d,
                         int32_t competency) {
  double level = NAN;
  int32_t latest = PFC_NO_DATE;
  for (int64_t k = h->first_rating[d->person]; k < h->first_rating[d->person + 1]; k++) {
    const pfc_rating *r = &h->ratings[k];
    const int32_t *source = pfc_dataset_codes(ds, PFC_ASSESSMENTS, "source");
    const bool self =
        source && source[r->row] >= 0 && strcmp(id(ds, "source", source[r->row]), "self") == 0;
    if (r->competency != competency || self || r->date == PFC_NO_DATE || r->date >= d->date ||
        r->date < latest)
      continue;
    latest = r->date;
    level = r->level;
  }
  return level;
}

static double slow_mean(const place *p, const pfc_dataset *ds, const pfc_history *h,
                        const pfc_decision *d, bool of_aim) {
  double sum = 0, n = 0;
  for (int32_t t = p->cat->first[d->intervention]; t < p->cat->first[d->intervention + 1];
       t++) {
    const int32_t c = p->cat->competency[t];
    if (d->competency >= 0 && c != d->competency) continue;
    const double value = of_aim   ? p->cat->to_level[t]
                         : c >= 0 ? slow_level(ds, h, d, c)
                                  : (double)NAN;
    if (!isnan(value)) {
      sum += value;
      n++;
    }
  }
  return n > 0 ? sum / n : (double)NAN;
}

static void check_column(const sheet *s, int64_t row, const pfc_dataset *ds, pfc_table_id table,
                         int64_t table_row) {
  for (int c = 0; c < ds->tables[table].n_columns; c++) {
    const pfc_column *column = &ds->tables[table].columns[c];
    char name[160];
    if (strncmp(column->name, "x_", 2) != 0 && strncmp(column->name, "c_", 2) != 0) continue;
    (void)snprintf(name, sizeof name, "%s.%s", pfc_schema(table)->name, column->name);
    if (table_row < 0) {
      assert_string_equal(sheet_at(s, row, name), "");
    } else if (column->type == PFC_REAL) {
      assert_true(agree(sheet_number(s, row, name), column->real[table_row]));
    } else {
      assert_string_equal(sheet_at(s, row, name),
                          column->code[table_row] < 0
                              ? ""
                              : pfc_dict_text(column->dict, column->code[table_row]));
    }
  }
}

static void check_features(const place *p, bool of_training, const sheet *s, int64_t row,
                           const pfc_decision *d) {
  const pfc_dataset *ds = of_training ? p->view : p->ds;
  const pfc_history *h = of_training ? p->view_h : p->h;
  assert_true(sheet_number(s, row, "attempts") == slow_count(h, d, false, false));
  assert_true(sheet_number(s, row, "wins") == slow_count(h, d, true, false));
  assert_true(sheet_number(s, row, "attempts_item") == slow_count(h, d, false, true));
  assert_true(sheet_number(s, row, "wins_item") == slow_count(h, d, true, true));
  assert_true(agree(sheet_number(s, row, "to_level"), slow_mean(p, ds, h, d, true)));
  assert_true(agree(sheet_number(s, row, "level"), slow_mean(p, ds, h, d, false)));
  assert_string_equal(sheet_at(s, row, "role_id"),
                      id(ds, "role", pfc_history_role(h, d->person, d->date - 1)));
  check_column(s, row, ds, PFC_PEOPLE, h->people_row[d->person]);
  check_column(s, row, ds, PFC_INTERVENTIONS, p->cat->row[d->intervention]);
  check_column(s, row, ds, PFC_ENROLMENTS, d->enrolment_row);
}

/* --- the tests -----------------------------------------------------------------------------
 */

static void check_starts(const place *p) {
  sheet s = read_sheet(OUT, PFC_TEST_STARTS);
  assert_int_equal(sheet_rows(&s), p->rows->n_starts);
  for (int64_t i = 0; i < p->rows->n_starts; i++) {
    check_key(p, &s, i, &p->rows->start[i].d);
    check_features(p, false, &s, i, &p->rows->start[i].d);
  }
  sheet_clear(&s);
}

static void check_episodes(const place *p) {
  sheet s = read_sheet(OUT, PFC_TEST_EPISODES);
  assert_int_equal(sheet_rows(&s), p->rows->n_episodes);
  for (int64_t i = 0; i < p->rows->n_episodes; i++) {
    const pfc_episode *e = &p->rows->episode[i];
    const pfc_decision d = {e->person, e->intervention,  e->competency,
                            e->start,  e->enrolment_row, e->row};
    check_key(p, &s, i, &d);
    check_features(p, false, &s, i, &d);
  }
  sheet_clear(&s);
}

static void check_lists(const place *p) {
  sheet queries = read_sheet(OUT, PFC_TEST_QUERIES);
  sheet candidates = read_sheet(OUT, PFC_TEST_CANDIDATES);
  int32_t *candidate = pfc_alloc_array((size_t)p->cat->n_interventions, sizeof *candidate);
  uint8_t *relevant = pfc_alloc_array((size_t)p->cat->n_interventions, 1);
  int64_t row = 0;
  assert_int_equal(sheet_rows(&queries), p->rows->n_queries);
  for (int64_t q = 0; q < p->rows->n_queries; q++) {
    check_key(p, &queries, q, &p->rows->query[q].d);
    const int32_t n = pfc_judged_candidates(p->rows, &p->rows->query[q], candidate, relevant);
    for (int32_t c = 0; c < n; c++) {
      pfc_decision d = p->rows->query[q].d;
      d.intervention = candidate[c];
      check_key(p, &candidates, row++, &d);
    }
  }
  assert_int_equal(sheet_rows(&candidates), row);
  pfc_free(candidate);
  pfc_free(relevant);
  sheet_clear(&queries);
  sheet_clear(&candidates);
}

static int by_date(const void *a, const void *b) {
  const pfc_attempt *const *x = a, *const *y = b;
  if ((*x)->start != (*y)->start) return (*x)->start < (*y)->start ? -1 : 1;
  return ((*x)->row > (*y)->row) - ((*x)->row < (*y)->row);
}

/* Each labelled start of the view that is old enough, by date and row. */
static void check_train_starts(const place *p) {
  sheet s = read_sheet(OUT, PFC_TRAIN_STARTS);
  const pfc_history *h = p->view_h;
  const pfc_attempt **kept =
      pfc_alloc_array((size_t)h->first_attempt[h->n_people], sizeof *kept);
  const int32_t *person = pfc_dataset_codes(p->view, PFC_ENROLMENTS, "person_id");
  int64_t n = 0;
  for (int64_t a = 0; a < h->first_attempt[h->n_people]; a++) {
    const pfc_attempt *t = &h->attempts[a];
    if (t->started && t->result >= 0 &&
        pfc_catalogue_is_mature(p->cat, t->intervention, t->start, COMPANY_SPLIT))
      kept[n++] = t;
  }
  qsort(kept, (size_t)n, sizeof *kept, by_date);
  assert_int_equal(sheet_rows(&s), n);
  for (int64_t i = 0; i < n; i++) {
    const pfc_decision d = {person[kept[i]->row], kept[i]->intervention, -1,
                            kept[i]->start,       kept[i]->row,          -1};
    check_key(p, &s, i, &d);
    check_features(p, true, &s, i, &d);
    assert_true(sheet_number(&s, i, "result") == kept[i]->result);
  }
  pfc_free(kept);
  sheet_clear(&s);
}

static void check_matrix(const place *p) {
  sheet s = read_sheet(OUT, PFC_TRAIN_INTERACTIONS);
  hid_t file = -1;
  int64_t n_start = -1, n = -1, n_users = -1, n_items = -1, filled = 0;
  int64_t *start = NULL;
  int32_t *col = NULL;
  float *val = NULL;
  char **users = NULL, **items = NULL, *user_block = NULL, *item_block = NULL;
  assert_ok(pfc_h5_open(path_in(OUT, PFC_TRAIN_MATRIX), &file, &err));
  assert_ok(pfc_h5_read_1d(file, "indptr", PFC_H5_I64, &n_start, (void **)&start, &err));
  assert_ok(pfc_h5_read_1d(file, "indices", PFC_H5_I32, &n, (void **)&col, &err));
  assert_ok(pfc_h5_read_1d(file, "data", PFC_H5_F32, &n, (void **)&val, &err));
  assert_ok(pfc_h5_read_texts(file, "users", &n_users, &users, &user_block, &err));
  assert_ok(pfc_h5_read_texts(file, "items", &n_items, &items, &item_block, &err));
  assert_int_equal(n_start, n_users + 1);
  assert_int_equal(n_users, pfc_dataset_count(p->ds, "person"));
  for (int64_t u = 0; u < n_users; u++) {
    for (int64_t k = start[u]; k < start[u + 1]; k++) {
      int64_t starts = 0;
      for (int64_t r = 0; r < sheet_rows(&s); r++)
        starts += strcmp(sheet_at(&s, r, "user"), users[u]) == 0 &&
                  strcmp(sheet_at(&s, r, "item"), items[col[k]]) == 0;
      assert_true((int64_t)val[k] == starts);
      filled += starts;
    }
  }
  assert_int_equal(filled, sheet_rows(&s));
  assert_ok(pfc_h5_close(&file, &err));
  pfc_free(start);
  pfc_free(col);
  pfc_free(val);
  pfc_free(users);
  pfc_free(items);
  pfc_free(user_block);
  pfc_free(item_block);
  sheet_clear(&s);
}

static void the_rows_are_those_that_are_judged(void **state) {
  (void)state;
  place p;
  open_place(&p, company_create_split(test_seed(31), 0));
  assert_true(p.rows->n_starts > 50 && p.rows->n_episodes > 50 && p.rows->n_queries > 50);
  check_starts(&p);
  check_episodes(&p);
  check_lists(&p);
  check_train_starts(&p);
  check_matrix(&p);
  close_place(&p);
}

/* Whoever takes up a position on the day of a start decided in the one before. */
static void positions_count_from_the_day_after(void **state) {
  (void)state;
  int64_t n_that_day = 0;
  for (uint64_t seed = 0; seed < 6; seed++) {
    place p;
    pfc_dataset *ds = test_random_dataset(seed, 14, 0);
    ds->split = (pfc_split){.kind = PFC_SPLIT_RANDOM, .fraction = 0.4, .seed = 1};
    open_place(&p, ds);
    sheet s = read_sheet(OUT, PFC_TEST_STARTS);
    for (int64_t i = 0; i < p.rows->n_starts; i++) {
      const pfc_decision *d = &p.rows->start[i].d;
      if (d->date == PFC_NO_DATE) continue;
      const int32_t before = pfc_history_role(p.h, d->person, d->date - 1);
      n_that_day += before != pfc_history_role(p.h, d->person, d->date);
      assert_string_equal(sheet_at(&s, i, "role_id"), id(ds, "role", before));
    }
    sheet_clear(&s);
    close_place(&p);
  }
  assert_true(n_that_day > 0);
}

/* Outcomes of the test rows are dealt anew, and levels found later. */
static void change_what_came_later(pfc_dataset *ds) {
  pfc_rng rng;
  pfc_rng_init(&rng, 3, "test.split_export", 0);
  const int32_t *start = pfc_dataset_dates(ds, PFC_ENROLMENTS, "started_on");
  const int32_t *day = pfc_dataset_dates(ds, PFC_ASSESSMENTS, "assessed_on");
  pfc_column *status = test_dataset_column(ds, PFC_ENROLMENTS, "status");
  pfc_column *level = test_dataset_column(ds, PFC_ASSESSMENTS, "level");
  const int32_t words[] = {test_code(ds, "status", "passed"),
                           test_code(ds, "status", "failed")};
  int64_t n = 0;
  for (int64_t r = 0; r < ds->tables[PFC_ENROLMENTS].n_rows; r++) {
    if (start[r] < COMPANY_SPLIT) continue;
    status->code[r] = words[pfc_rng_below(&rng, 2)];
    n++;
  }
  for (int64_t r = 0; r < ds->tables[PFC_ASSESSMENTS].n_rows; r++)
    if (day[r] >= COMPANY_SPLIT) level->real[r] = (double)pfc_rng_below(&rng, 6);
  assert_true(n > 50);
}

static bool same_bytes(const char *a, const char *b) {
  char *text[2];
  size_t size[2];
  assert_ok(pfc_file_read(a, (size_t)1 << 26, &text[0], &size[0], &err));
  assert_ok(pfc_file_read(b, (size_t)1 << 26, &text[1], &size[1], &err));
  const bool same = size[0] == size[1] && memcmp(text[0], text[1], size[0]) == 0;
  pfc_free(text[0]);
  pfc_free(text[1]);
  return same;
}

static void what_may_be_learned_from_knows_nothing_of_the_test(void **state) {
  (void)state;
  int64_t n_rows[PFC_N_SPLIT_FILES];
  pfc_dataset *ds = company_create_split(test_seed(32), 0);
  export_to(ds, OUT, n_rows);
  change_what_came_later(ds);
  export_to(ds, OUT "2", n_rows);
  for (int f = PFC_TRAIN_INTERACTIONS; f <= PFC_TRAIN_EPISODES; f++) {
    const char *a = path_in(OUT, (pfc_split_file)f);
    assert_true(same_bytes(a, path_in(OUT "2", (pfc_split_file)f)));
  }
  const char *episodes = path_in(OUT, PFC_TEST_EPISODES);
  assert_false(same_bytes(episodes, path_in(OUT "2", PFC_TEST_EPISODES)));
  pfc_dataset_destroy(ds);
  remove_folder(OUT);
  remove_folder(OUT "2");
}

static void too_many_candidates_are_left_out(void **state) {
  (void)state;
  int64_t n_rows[PFC_N_SPLIT_FILES];
  pfc_split_export_settings s = settings();
  struct stat info;
  pfc_dataset *ds = company_create_split(1, 0);
  export_to(ds, OUT, n_rows);
  assert_true(n_rows[PFC_TEST_CANDIDATES] > 0);
  s.max_candidates = n_rows[PFC_TEST_CANDIDATES];
  assert_ok(pfc_split_export(ds, OUT, &s, n_rows, &err));
  assert_int_equal(n_rows[PFC_TEST_CANDIDATES], s.max_candidates);
  s.max_candidates--;
  assert_ok(pfc_split_export(ds, OUT, &s, n_rows, &err));
  assert_int_equal(n_rows[PFC_TEST_CANDIDATES], -1);
  assert_int_not_equal(stat(path_in(OUT, PFC_TEST_CANDIDATES), &info), 0);
  pfc_dataset_destroy(ds);
  remove_folder(OUT);
}

/* Without days queries of a person cannot be told apart. */
static void a_person_without_days_is_asked_once(void **state) {
  (void)state;
  int64_t n_rows[PFC_N_SPLIT_FILES];
  pfc_dataset *ds = test_random_dataset(5, 14, 1);
  ds->split = (pfc_split){.kind = PFC_SPLIT_RANDOM, .fraction = 0.4, .seed = 1};
  export_to(ds, OUT, n_rows);
  sheet s = read_sheet(OUT, PFC_TEST_QUERIES);
  assert_true(sheet_rows(&s) > 5);
  for (int64_t i = 0; i < sheet_rows(&s); i++) {
    assert_string_equal(sheet_at(&s, i, "date"), "");
    if (i > 0)
      assert_string_not_equal(sheet_at(&s, i, "person_id"), sheet_at(&s, i - 1, "person_id"));
  }
  sheet_clear(&s);
  pfc_dataset_destroy(ds);
  remove_folder(OUT);
}

static pfc_status refuse(void *user, pfc_error *err) {
  return pfc_fail(err, PFC_EIO, "%s", (const char *)user);
}

static void all_or_nothing(void **state) {
  (void)state;
  int64_t n_rows[PFC_N_SPLIT_FILES];
  char why[] = "not now";
  pfc_split_export_settings s = settings();
  struct stat info;
  pfc_dataset *ds = company_create_split(1, 0);
  s.before_commit = refuse;
  s.user = why;
  assert_fails(pfc_split_export(ds, OUT, &s, n_rows, &err), PFC_EIO, "not now");
  assert_int_not_equal(stat(OUT, &info), 0);
  assert_fails(pfc_split_export(ds, "no/such", &s, n_rows, &err), PFC_EIO, "no/such");
  test_write_file("plain", "x", 1);
  assert_fails(pfc_split_export(ds, "plain", &s, n_rows, &err), PFC_EIO, "plain");
  ds->split = (pfc_split){.kind = PFC_SPLIT_NONE};
  assert_fails(pfc_split_export(ds, OUT, &s, n_rows, &err), PFC_EUSAGE, "no split");
  s.struct_size = 0;
  assert_fails(pfc_split_export(ds, OUT, &s, n_rows, &err), PFC_EUSAGE, "defaults");
  pfc_dataset_destroy(ds);
}

static pfc_status export_counted(void *user) {
  const pfc_split_export_settings s = settings();
  int64_t n_rows[PFC_N_SPLIT_FILES];
  return pfc_split_export(user, OUT, &s, n_rows, NULL);
}

static void short_memory_is_survived(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(4, 8, 0);
  ds->split = (pfc_split){.kind = PFC_SPLIT_RANDOM, .fraction = 0.4, .seed = 1};
  assert_true(count_down(export_counted, ds) > 100);
  pfc_dataset_destroy(ds);
  remove_folder(OUT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_rows_are_those_that_are_judged),
      cmocka_unit_test(positions_count_from_the_day_after),
      cmocka_unit_test(what_may_be_learned_from_knows_nothing_of_the_test),
      cmocka_unit_test(too_many_candidates_are_left_out),
      cmocka_unit_test(a_person_without_days_is_asked_once),
      cmocka_unit_test(all_or_nothing),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
