// labels: property check
/* Predictions: random tables are read alike from CSV, JSON Lines and HDF5, and looked up as a
 * slow search through the rows says. */
#include "tests/support/test.h"

#include <math.h>

#include "base/h5.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/rng.h"
#include "datasets/predictions.h"
#include "tests/support/countdown.h"
#include "tests/support/predicted.h"
#include "tests/support/tables.h"

enum { N_TABLES = 60, MAX_ROWS = 40, N_DAYS = 3, PEOPLE = 6, ITEMS = 4, COMPETENCIES = 3 };

static const double DAYS[N_DAYS] = {30, 90.5, 180};
static const int32_t DATES[] = {PFC_NO_DATE, 16000, 16001};

/* --- a table of random predictions ------------------------------------------------------- */

/* Ids by their number in the text; -1 and NaN are missing. */
typedef struct told {
  int person, intervention, competency, date; /* date: index in DATES */
  double rank, score, p_success, by[N_DAYS], quantile[3];
} told;

enum { RANK = 1, SCORE = 2, SUCCESS = 4, BY = 8, QUANTILES = 16, COMPETENCY = 32, DATE = 64 };

typedef struct table {
  unsigned has;
  int n;
  told row[2 * MAX_ROWS];
} table;

static double maybe(pfc_rng *rng, double value) {
  return pfc_rng_below(rng, 4) == 0 ? (double)NAN : value;
}

/* Parts of 64 are the same number in float and in every text. */
static double part(pfc_rng *rng, double from, double to) {
  return from + (to - from) * (double)pfc_rng_below(rng, 65) / 64;
}

static told random_row(pfc_rng *rng, unsigned has) {
  told r = {.person = (int)pfc_rng_below(rng, PEOPLE),
            .intervention = (int)pfc_rng_below(rng, ITEMS),
            .competency = has & COMPETENCY ? (int)pfc_rng_below(rng, COMPETENCIES + 1) - 1 : -1,
            .date = has & DATE ? (int)pfc_rng_below(rng, 3) : 0,
            .rank = maybe(rng, 1 + (double)pfc_rng_below(rng, 9)),
            .score = maybe(rng, part(rng, -4, 4)),
            .p_success = maybe(rng, part(rng, 0, 1))};
  double by = 0, days = part(rng, 0, 64);
  const bool no_quantiles = pfc_rng_below(rng, 4) == 0;
  for (int d = 0; d < N_DAYS; d++) {
    by = part(rng, by, 1);
    r.by[d] = maybe(rng, (double)(float)by);
  }
  for (int q = 0; q < 3; q++) {
    r.quantile[q] = no_quantiles ? (double)NAN : days;
    days += part(rng, 0, 64);
  }
  return r;
}

static bool same_key(const told *a, const told *b) {
  return a->person == b->person && a->intervention == b->intervention &&
         a->competency == b->competency && a->date == b->date;
}

static table random_table(pfc_rng *rng) {
  table t = {.has = 1 + (unsigned)pfc_rng_below(rng, 127)};
  if (!(t.has & (RANK | SCORE | SUCCESS | BY | QUANTILES))) t.has |= SCORE;
  const int n = (int)pfc_rng_below(rng, MAX_ROWS) + 1;
  for (int i = 0; i < n; i++) {
    told r = random_row(rng, t.has);
    bool known = false;
    for (int k = 0; k < t.n; k++) known |= same_key(&t.row[k], &r);
    if (known) continue;
    if (i == 0) { /* whatever can be told is told once */
      r.p_success = 0.5;
      for (int d = 0; d < N_DAYS; d++) r.by[d] = 0.25;
      for (int q = 0; q < 3; q++) r.quantile[q] = 7;
    }
    t.row[t.n++] = r;
  }
  for (int k = t.n / 3; k > 0; k--) { /* some rows stand there twice */
    t.row[t.n] = t.row[pfc_rng_below(rng, (uint64_t)t.n)];
    t.n++;
  }
  return t;
}

/* --- its columns as texts ---------------------------------------------------------------- */

enum { MAX_COLUMNS = 16, CELL = 40 };

typedef struct column {
  char name[CELL];
  bool is_text;
  double number[2 * MAX_ROWS];
  char text[2 * MAX_ROWS][CELL];
} column;

typedef struct columns {
  int n;
  column at[MAX_COLUMNS];
} columns;

static column *add(columns *c, const char *name, bool is_text) {
  column *to = &c->at[c->n++];
  (void)snprintf(to->name, CELL, "%s", name);
  to->is_text = is_text;
  return to;
}

static void put_id(column *c, int row, char letter, int id) {
  c->text[row][0] = '\0';
  if (id >= 0) (void)snprintf(c->text[row], CELL, "%c%d", letter, id);
}

static void fill_ids(const table *t, columns *c) {
  column *person = add(c, "person_id", true), *item = add(c, "intervention_id", true);
  for (int r = 0; r < t->n; r++) {
    put_id(person, r, 'P', t->row[r].person);
    put_id(item, r, 'I', t->row[r].intervention);
  }
  if (t->has & COMPETENCY) {
    column *competency = add(c, t->has & RANK ? "competency" : "competency_id", true);
    for (int r = 0; r < t->n; r++) put_id(competency, r, 'C', t->row[r].competency);
  }
  if (t->has & DATE) {
    column *date = add(c, t->has & SCORE ? "started_on" : "date", true);
    for (int r = 0; r < t->n; r++) pfc_date_format(DATES[t->row[r].date], date->text[r]);
  }
}

static void fill_numbers(const table *t, columns *c, const char *name, size_t offset) {
  column *to = add(c, name, false);
  for (int r = 0; r < t->n; r++)
    memcpy(&to->number[r], (const char *)&t->row[r] + offset, sizeof(double));
}

static void shuffle(columns *c, pfc_rng *rng) {
  for (int i = c->n - 1; i > 0; i--) {
    const int j = (int)pfc_rng_below(rng, (uint64_t)i + 1);
    const column kept = c->at[i];
    c->at[i] = c->at[j];
    c->at[j] = kept;
  }
}

static void fill_columns(const table *t, columns *c, pfc_rng *rng) {
  static const char *const BY_NAMES[] = {"p_by_30d", "p_by_90.5d", "p_by_180d"};
  static const char *const QUANTILE_NAMES[] = {"p10_days", "p50_days", "p90_days"};
  c->n = 0;
  fill_ids(t, c);
  fill_numbers(t, c, "p_by_horizon", offsetof(told, p_success)); /* ignored */
  if (t->has & RANK) fill_numbers(t, c, "rank", offsetof(told, rank));
  if (t->has & SCORE) fill_numbers(t, c, "score", offsetof(told, score));
  if (t->has & SUCCESS) fill_numbers(t, c, "p_success", offsetof(told, p_success));
  for (int k = 0; k < 3; k++) {
    if (t->has & BY)
      fill_numbers(t, c, BY_NAMES[k], offsetof(told, by) + (size_t)k * sizeof(double));
    if (t->has & QUANTILES)
      fill_numbers(t, c, QUANTILE_NAMES[k],
                   offsetof(told, quantile) + (size_t)k * sizeof(double));
  }
  shuffle(c, rng);
}

static const char *number_text(double value, const char *missing, char text[PFC_NUMBER_TEXT]) {
  if (isnan(value)) return missing;
  pfc_number_format(value, text);
  return text;
}

/* --- its files --------------------------------------------------------------------------- */

static void write_csv(const columns *c, int n, const char *path) {
  FILE *file = fopen(path, "we");
  char text[PFC_NUMBER_TEXT];
  assert_non_null(file);
  for (int k = 0; k < c->n; k++) (void)fprintf(file, "%s%s", k ? "," : "", c->at[k].name);
  for (int r = 0; r < n; r++) {
    for (int k = 0; k < c->n; k++) {
      const column *at = &c->at[k];
      (void)fprintf(file, "%s%s", k ? "," : "\r\n",
                    at->is_text ? at->text[r] : number_text(at->number[r], "", text));
    }
  }
  assert_int_equal(fclose(file), 0);
}

static void write_jsonl(const columns *c, int n, const char *path) {
  FILE *file = fopen(path, "we");
  char text[PFC_NUMBER_TEXT];
  assert_non_null(file);
  for (int r = 0; r < n; r++) {
    for (int i = 0; i < c->n; i++) { /* the names in another order in each line */
      const column *at = &c->at[(i + r) % c->n];
      (void)fprintf(file, "%s\"%s\":", i ? "," : "{", at->name);
      if (at->is_text) {
        (void)fprintf(file, *at->text[r] ? "\"%s\"" : "null", at->text[r]);
      } else {
        (void)fputs(number_text(at->number[r], "null", text), file);
      }
    }
    (void)fputs(r + 1 < n ? "}\n" : "}", file);
  }
  assert_int_equal(fclose(file), 0);
}

static void write_hdf5(const columns *c, int n, const char *path) {
  hid_t file = -1;
  assert_ok(pfc_h5_create(path, &file, &err));
  for (int k = 0; k < c->n; k++) {
    const column *at = &c->at[k];
    const char *texts[2 * MAX_ROWS];
    for (int r = 0; r < n; r++) texts[r] = at->text[r];
    if (at->is_text) {
      assert_ok(pfc_h5_write_texts(file, at->name, n, texts, &err));
    } else {
      assert_ok(pfc_h5_write_1d(file, at->name, PFC_H5_F64, n, at->number, &err));
    }
  }
  assert_ok(pfc_h5_close(&file, &err));
}

/* --- what must be read ------------------------------------------------------------------- */

static int code(const pfc_dataset *ds, const char *dictionary, char letter, int id) {
  char text[16];
  if (id < 0) return -1;
  (void)snprintf(text, sizeof text, "%c%d", letter, id);
  return test_code(ds, dictionary, text);
}

static bool agree(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

/* Row i of the file stands in the table once, with all that it tells. */
static void check_row(const table *t, const told *r, const pfc_dataset *ds,
                      const pfc_predictions *p) {
  int found = 0;
  for (int64_t k = 0; k < p->n; k++) {
    if (p->person[k] != code(ds, "person", 'P', r->person) ||
        p->intervention[k] != code(ds, "intervention", 'I', r->intervention) ||
        p->competency[k] != code(ds, "competency", 'C', r->competency) ||
        p->date[k] != DATES[r->date])
      continue;
    found++;
    if (t->has & RANK) assert_true(agree(p->score[k], -r->rank));
    if ((t->has & (RANK | SCORE)) == SCORE) assert_true(agree(p->score[k], r->score));
    if (t->has & SUCCESS) assert_true(agree(p->p_success[k], r->p_success));
    for (int d = 0; d < N_DAYS && t->has & BY; d++)
      assert_true(agree((double)p->incidence[k * N_DAYS + d], r->by[d]));
    for (int q = 0; q < 3 && t->has & QUANTILES; q++)
      assert_true(agree(p->quantile_days[k * 3 + q], r->quantile[q]));
  }
  assert_int_equal(found, 1);
}

static void check_order(const pfc_predictions *p) {
  for (int64_t k = 1; k < p->n; k++) {
    const int32_t a[] = {p->person[k - 1], p->date[k - 1], p->intervention[k - 1],
                         p->competency[k - 1]};
    const int32_t b[] = {p->person[k], p->date[k], p->intervention[k], p->competency[k]};
    int first = 0;
    while (first < 4 && a[first] == b[first]) first++;
    assert_true(first < 4 && a[first] < b[first]);
  }
}

static unsigned kinds_of(const table *t) {
  return (t->has & (RANK | SCORE) ? PFC_PREDICTS_LISTS : 0U) |
         (t->has & SUCCESS ? PFC_PREDICTS_SUCCESS : 0U) |
         (t->has & BY ? PFC_PREDICTS_INCIDENCE : 0U) |
         (t->has & QUANTILES ? PFC_PREDICTS_QUANTILES : 0U);
}

/* A row that fits, searched for by the words of the header. */
static int64_t slow_find(const pfc_predictions *p, int32_t person, int32_t date, int32_t item,
                         int32_t competency) {
  const int32_t days[] = {date, PFC_NO_DATE};
  for (int d = 0; d < 2; d++) {
    for (int pass = 0; pass < 2; pass++) {
      for (int64_t k = 0; k < p->n; k++) {
        if (p->person[k] != person || p->intervention[k] != item || p->date[k] != days[d])
          continue;
        if (competency < 0 || p->competency[k] == (pass ? -1 : competency)) return k;
      }
    }
  }
  return -1;
}

static void check_lookups(const pfc_predictions *p) {
  static const int32_t ASKED[] = {PFC_NO_DATE, 15999, 16000, 16001, 16002};
  for (int32_t person = 0; person < PEOPLE; person++) {
    for (int d = 0; d < 5; d++) {
      int64_t from = 0, n_day = 0, n_any = 0;
      const int64_t to = pfc_predictions_of(p, person, ASKED[d], &from);
      for (int64_t k = 0; k < p->n; k++) {
        n_day += p->person[k] == person && p->date[k] == ASKED[d];
        n_any += p->person[k] == person && p->date[k] == PFC_NO_DATE;
      }
      assert_int_equal(to - from, n_day > 0 ? n_day : n_any);
      for (int64_t k = from; k < to; k++) {
        assert_int_equal(p->person[k], person);
        assert_int_equal(p->date[k], n_day > 0 ? ASKED[d] : PFC_NO_DATE);
      }
      for (int32_t i = 0; i < ITEMS; i++)
        for (int32_t c = -1; c < COMPETENCIES; c++)
          assert_int_equal(pfc_predictions_find(p, person, ASKED[d], i, c),
                           slow_find(p, person, ASKED[d], i, c));
    }
  }
}

static void check_file(const table *t, const pfc_dataset *ds, const char *path) {
  pfc_predictions *p = NULL;
  int n_distinct = 0;
  assert_ok(pfc_predictions_load(path, ds, &p, &err));
  for (int r = 0; r < t->n; r++) {
    bool is_first = true;
    for (int k = 0; k < r; k++) is_first &= !same_key(&t->row[k], &t->row[r]);
    n_distinct += is_first;
    check_row(t, &t->row[r], ds, p);
  }
  assert_int_equal(p->n, n_distinct);
  assert_int_equal(p->kinds, kinds_of(t));
  assert_int_equal(p->score != NULL, (t->has & (RANK | SCORE)) != 0);
  assert_int_equal(p->n_days, t->has & BY ? N_DAYS : 0);
  for (int d = 0; d < p->n_days; d++) assert_true(p->day[d] == DAYS[d]);
  check_order(p);
  check_lookups(p);
  pfc_predictions_destroy(p);
}

static void every_format_reads_the_same(void **state) {
  (void)state;
  static columns c;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(20), "test.predictions", 0);
  pfc_dataset *ds = predicted_world();
  for (int i = 0; i < N_TABLES; i++) {
    const table t = random_table(&rng);
    fill_columns(&t, &c, &rng);
    write_csv(&c, t.n, "p.csv");
    write_jsonl(&c, t.n, "p.jsonl");
    write_hdf5(&c, t.n, "p.h5");
    check_file(&t, ds, "p.csv");
    check_file(&t, ds, "p.jsonl");
    check_file(&t, ds, "p.h5");
  }
  pfc_dataset_destroy(ds);
}

static pfc_status load_counted(void *user) {
  static const char *const PATHS[] = {"p.csv", "p.jsonl", "p.h5"};
  const pfc_dataset *ds = user;
  for (int k = 0; k < 3; k++) {
    pfc_predictions *p = NULL;
    const pfc_status st = pfc_predictions_load(PATHS[k], ds, &p, NULL);
    pfc_predictions_destroy(p);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

static void short_memory_is_survived(void **state) {
  (void)state;
  static columns c;
  pfc_rng rng;
  pfc_rng_init(&rng, 1, "test.predictions", 1);
  pfc_dataset *ds = predicted_world();
  table t = random_table(&rng);
  t.has = 127 & ~(unsigned)SCORE;
  fill_columns(&t, &c, &rng);
  write_csv(&c, t.n, "p.csv");
  write_jsonl(&c, t.n, "p.jsonl");
  write_hdf5(&c, t.n, "p.h5");
  assert_true(count_down(load_counted, ds) > 20);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_format_reads_the_same),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
