#include "tests/support/tables.h"

#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/test.h"

/* Calls fn for each piece of text between separators. */
typedef void (*piece_fn)(const char *piece, int64_t index, void *user);

static int64_t each_piece(const char *text, char separator, piece_fn fn, void *user) {
  int64_t n = 0;
  char piece[4096];
  for (;;) {
    const char *end = strchr(text, separator);
    const size_t size = end ? (size_t)(end - text) : strlen(text);
    assert_true(size < sizeof piece);
    memcpy(piece, text, size);
    piece[size] = '\0';
    if (fn) fn(piece, n, user);
    n++;
    if (!end) return n;
    text = end + 1;
  }
}

typedef struct target {
  pfc_dataset *ds;
  pfc_table_id table;
  int64_t n_rows, row;
  const char *columns;
} target;

static void add_column(const char *name, int64_t index, void *user) {
  (void)index;
  const target *t = user;
  pfc_type type;
  char dictionary[PFC_DICT_NAME];
  pfc_column *column;
  assert_true(pfc_schema_takes(pfc_schema(t->table), name, &type, dictionary));
  assert_ok(pfc_dataset_add_column(t->ds, t->table, name, type, dictionary, t->n_rows, &column,
                                   &err));
}

void test_table(pfc_dataset *ds, pfc_table_id table, int64_t n_rows, const char *columns) {
  target t = {ds, table, n_rows, 0, columns};
  each_piece(columns, ',', add_column, &t);
}

void test_empty(pfc_dataset *ds, pfc_table_id table) {
  pfc_table *t = &ds->tables[table];
  for (int c = 0; c < t->n_columns; c++) {
    pfc_free(t->columns[c].name);
    pfc_free(t->columns[c].data);
  }
  pfc_free(t->columns);
  t->columns = NULL;
  t->n_columns = 0;
  t->n_rows = 0;
}

static int32_t parse_day(const char *text) {
  char *end;
  int32_t day = (int32_t)strtol(text, &end, 10);
  if (*end) assert_true(pfc_date_parse(text, &day));
  return day;
}

static int64_t parse_moment(const char *text) {
  char *end;
  const int64_t seconds = strtoll(text, &end, 10);
  return *end ? (int64_t)parse_day(text) * PFC_DAY_S : seconds;
}

void test_cell(pfc_dataset *ds, pfc_table_id table, int64_t row, const char *column,
               const char *text) {
  const pfc_column *c = pfc_dataset_column(ds, table, column);
  assert_non_null(c);
  assert_true(row < ds->tables[table].n_rows);
  if (!*text) return;
  switch (c->type) {
    case PFC_CODE:
      assert_ok(pfc_dict_add(c->dict, text, strlen(text), &c->code[row], &err));
      break;
    case PFC_REAL:
      c->real[row] = strtod(text, NULL);
      break;
    case PFC_INT:
      c->i32[row] = (int32_t)strtol(text, NULL, 10);
      break;
    case PFC_FLAG:
      c->flag[row] = (int8_t)strtol(text, NULL, 10);
      break;
    case PFC_DATE:
      c->date[row] = parse_day(text);
      break;
    case PFC_TIME:
      c->time[row] = parse_moment(text);
      break;
  }
}

void test_number(pfc_dataset *ds, pfc_table_id table, int64_t row, const char *column,
                 double x) {
  char text[64];
  (void)snprintf(text, sizeof text, "%.17g", x);
  test_cell(ds, table, row, column, text);
}

/* A cell of a row in which the index-th column stands. */
typedef struct cell {
  const target *t;
  int64_t index;
  const char *text;
} cell;

static void set_if_column(const char *name, int64_t index, void *user) {
  const cell *c = user;
  if (index == c->index) test_cell(c->t->ds, c->t->table, c->t->row, name, c->text);
}

static void set_cell(const char *text, int64_t index, void *user) {
  cell c = {user, index, text};
  each_piece(c.t->columns, ',', set_if_column, &c);
}

static void set_row(const char *row, int64_t index, void *user) {
  target *t = user;
  t->row = index;
  assert_int_equal(each_piece(row, ',', set_cell, t), each_piece(t->columns, ',', NULL, NULL));
}

void test_rows(pfc_dataset *ds, pfc_table_id table, const char *columns, const char *rows) {
  target t = {ds, table, each_piece(rows, ';', NULL, NULL), 0, columns};
  test_table(ds, table, t.n_rows, columns);
  each_piece(rows, ';', set_row, &t);
}

int32_t test_code(const pfc_dataset *ds, const char *dictionary, const char *id) {
  const pfc_dict *dict = pfc_dataset_find_dict(ds, dictionary);
  return dict ? pfc_dict_find(dict, id) : -1;
}

/* --- random -------------------------------------------------------------------------- */

enum { N_ITEMS = 12, N_COMPETENCIES = 6, N_ROLES = 4, N_UNITS = 3, N_DAYS = 100 };

typedef struct dice {
  pfc_dataset *ds;
  pfc_rng rng;
  int n_people;
  int is_undated;
} dice;

static int roll(dice *d, int n) { return (int)pfc_rng_below(&d->rng, (uint64_t)n); }

/* An id such as "p7"; missing in one of `miss` cases, never for miss = 0. */
static void cast_id(dice *d, pfc_table_id t, int64_t row, const char *column, char letter,
                    int n, int miss) {
  char text[16];
  (void)snprintf(text, sizeof text, "%c%d", letter, roll(d, n));
  if (miss == 0 || roll(d, miss) > 0) test_cell(d->ds, t, row, column, text);
}

static void cast_real(dice *d, pfc_table_id t, int64_t row, const char *column, int miss) {
  if (roll(d, miss) > 0) test_number(d->ds, t, row, column, 5.0 * pfc_rng_uniform(&d->rng));
}

static void cast_people(dice *d) {
  char id[16];
  const pfc_table_id t = PFC_PEOPLE;
  test_table(d->ds, t, d->n_people,
             d->is_undated ? "person_id,role_id,unit_id,x_age,c_region"
                           : "person_id,role_id,unit_id,left_on,x_age,c_region");
  for (int p = 0; p < d->n_people; p++) {
    (void)snprintf(id, sizeof id, "p%d", p);
    test_cell(d->ds, t, p, "person_id", id);
    cast_id(d, t, p, "role_id", 'r', N_ROLES, 5);
    cast_id(d, t, p, "unit_id", 'u', N_UNITS, 5);
    cast_id(d, t, p, "c_region", 'g', 4, 6);
    cast_real(d, t, p, "x_age", 6);
    if (!d->is_undated && roll(d, 4) == 0)
      test_number(d->ds, t, p, "left_on", 50 + roll(d, 50));
  }
}

static void cast_roles(dice *d) {
  char id[16];
  test_table(d->ds, PFC_ROLES, N_ROLES - 1, "role_id,family,x_span,c_band");
  for (int r = 0; r < N_ROLES - 1; r++) { /* the last role has no row */
    (void)snprintf(id, sizeof id, "r%d", r);
    test_cell(d->ds, PFC_ROLES, r, "role_id", id);
    cast_id(d, PFC_ROLES, r, "family", 'f', 2, 0);
    cast_id(d, PFC_ROLES, r, "c_band", 'b', 3, 4);
    test_number(d->ds, PFC_ROLES, r, "x_span", r * r);
  }
}

static void cast_catalogue(dice *d) {
  char id[16];
  pfc_table_id t = PFC_INTERVENTIONS;
  test_table(d->ds, t, N_ITEMS - 1,
             "intervention_id,kind,modality,provider,hours,weeks,x_day_1,x_size,c_topic");
  for (int i = 0; i < N_ITEMS - 1; i++) { /* the last intervention has no row */
    (void)snprintf(id, sizeof id, "i%d", i);
    test_cell(d->ds, t, i, "intervention_id", id);
    cast_id(d, t, i, "kind", 'k', 3, 4);
    cast_id(d, t, i, "modality", 'm', 2, 4);
    cast_id(d, t, i, "provider", 'v', 3, 4);
    cast_id(d, t, i, "c_topic", 't', 3, 4);
    cast_real(d, t, i, "hours", 4);
    cast_real(d, t, i, "weeks", 4);
    cast_real(d, t, i, "x_day_1", 4);
    cast_real(d, t, i, "x_size", 4);
  }
  t = PFC_TARGETS;
  test_table(d->ds, t, 2 * (N_ITEMS - 2), "intervention_id,competency_id,to_level");
  for (int k = 0; k < 2 * (N_ITEMS - 2); k++) { /* the last two aim at nothing */
    const int i = k / 2, c = (i + k % 2 * (1 + i % 3)) % N_COMPETENCIES;
    (void)snprintf(id, sizeof id, "i%d", i);
    test_cell(d->ds, t, k, "intervention_id", id);
    (void)snprintf(id, sizeof id, "c%d", c);
    test_cell(d->ds, t, k, "competency_id", id);
    if (roll(d, 6) > 0) test_number(d->ds, t, k, "to_level", 1 + roll(d, 4));
  }
}

static void cast_assessments(dice *d) {
  const pfc_table_id t = PFC_ASSESSMENTS;
  const int n = 12 * d->n_people;
  test_rows(d->ds, PFC_SOURCES, "source,scale_min,scale_max", "s0,0,100;s1,1,5");
  test_table(d->ds, t, n,
             d->is_undated ? "person_id,competency_id,level,source"
                           : "person_id,competency_id,level,source,assessed_on");
  for (int r = 0; r < n; r++) {
    cast_id(d, t, r, "person_id", 'p', d->n_people, 0);
    cast_id(d, t, r, "competency_id", 'c', N_COMPETENCIES, 0);
    const int source = roll(d, 4);
    const double level = (source == 0 ? 20 : 1) * (1 + roll(d, 5));
    test_number(d->ds, t, r, "level", level);
    if (source < 3)
      test_cell(d->ds, t, r, "source", source == 0 ? "s0" : source == 1 ? "s1" : "self");
    if (!d->is_undated && roll(d, 8) > 0)
      test_number(d->ds, t, r, "assessed_on", roll(d, N_DAYS));
  }
}

static void cast_dates(dice *d, int64_t row) {
  const pfc_table_id t = PFC_ENROLMENTS;
  const int enrolled = roll(d, N_DAYS - 20), started = enrolled + roll(d, 10);
  if (roll(d, 8) > 0) test_number(d->ds, t, row, "enrolled_on", enrolled);
  if (roll(d, 4) > 0) test_number(d->ds, t, row, "started_on", started);
  if (roll(d, 4) > 0) test_number(d->ds, t, row, "ended_on", started + roll(d, 15));
}

static void cast_enrolments(dice *d) {
  static const char *const STATUS[] = {"enrolled", "in_progress", "completed", "passed",
                                       "passed",   "failed",      "dropped",   ""};
  const pfc_table_id t = PFC_ENROLMENTS;
  const int n = 15 * d->n_people;
  test_table(d->ds, t, n,
             d->is_undated ? "person_id,intervention_id,status,x_credits,c_mode"
                           : "person_id,intervention_id,enrolled_on,started_on,ended_on,"
                             "status,score,rating,x_credits,c_mode");
  for (int r = 0; r < n; r++) {
    cast_id(d, t, r, "person_id", 'p', d->n_people, 0);
    cast_id(d, t, r, "intervention_id", 'i', N_ITEMS, 0);
    test_cell(d->ds, t, r, "status", STATUS[roll(d, 8)]);
    cast_real(d, t, r, "x_credits", 3);
    cast_id(d, t, r, "c_mode", 'm', 3, 3);
    if (d->is_undated) continue;
    cast_dates(d, r);
    cast_real(d, t, r, "score", 2);
    cast_real(d, t, r, "rating", 2);
  }
}

static void cast_positions(dice *d) {
  const pfc_table_id t = PFC_POSITIONS;
  const int n = 2 * d->n_people;
  test_table(d->ds, t, n, "person_id,from,to,role_id,unit_id");
  for (int r = 0; r < n; r++) {
    const int from = roll(d, N_DAYS);
    cast_id(d, t, r, "person_id", 'p', d->n_people, 0);
    cast_id(d, t, r, "role_id", 'r', N_ROLES, 8);
    cast_id(d, t, r, "unit_id", 'u', N_UNITS, 8);
    test_number(d->ds, t, r, "from", from);
    if (roll(d, 3) == 0) test_number(d->ds, t, r, "to", from + roll(d, 40));
  }
}

pfc_dataset *test_random_dataset(uint64_t seed, int n_people, int is_undated) {
  dice d = {pfc_dataset_create(), {{0}}, n_people, is_undated};
  assert_non_null(d.ds);
  pfc_rng_init(&d.rng, seed, "test.tables", 0);
  cast_people(&d);
  cast_roles(&d);
  cast_catalogue(&d);
  cast_assessments(&d);
  cast_enrolments(&d);
  if (!is_undated) cast_positions(&d);
  return d.ds;
}
