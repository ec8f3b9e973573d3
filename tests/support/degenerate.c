/* The words that spoil a data set. */
#include "tests/support/degenerate.h"

#include "base/mem.h"
#include "tests/support/degenerate_base.h"
#include "tests/support/tables.h"
#include "tests/support/test.h"

enum { MAX_WORDS = 5, MAX_WORD = 160, MAX_EDIT = 400 };

/* One edit, cut into words. */
typedef struct edit {
  int n;
  char word[MAX_WORDS][MAX_WORD];
} edit;

static edit cut_words(const char *text) {
  edit e = {0};
  while (*text) {
    while (*text == ' ') text++;
    const size_t size = strcspn(text, " ");
    if (size == 0) break;
    assert_true(e.n < MAX_WORDS && size < MAX_WORD);
    memcpy(e.word[e.n], text, size);
    e.word[e.n++][size] = '\0';
    text += size;
  }
  return e;
}

static double number_of(const char *text) {
  char *end;
  const double x = strtod(text, &end);
  if (*end || !*text) fail_msg("'%s' is no number", text);
  return x;
}

static int is_verb(const edit *e, const char *verb, int n_words) {
  if (strcmp(e->word[0], verb) != 0) return 0;
  if (e->n != n_words) fail_msg("'%s' takes %d words", verb, n_words - 1);
  return 1;
}

/* --- columns ---------------------------------------------------------------------------- */

static pfc_table_id find_table(const char *name) {
  const int t = pfc_schema_find(name);
  if (t < 0) fail_msg("no table '%s'", name);
  return (pfc_table_id)t;
}

/* "table.column"; returns the column's name. */
static const char *find_column(pfc_dataset *ds, const char *path, pfc_table_id *table) {
  char name[MAX_WORD];
  const char *dot = strchr(path, '.');
  if (!dot) fail_msg("'%s' is no column of a table", path);
  (void)snprintf(name, sizeof name, "%.*s", (int)(dot - path), path);
  *table = find_table(name);
  if (!pfc_dataset_column(ds, *table, dot + 1))
    test_table(ds, *table, ds->tables[*table].n_rows, dot + 1);
  return dot + 1;
}

static int is_meant(const char *who, int64_t row, int64_t n_rows) {
  if (strcmp(who, "all") == 0) return 1;
  if (strcmp(who, "one") == 0) return row == 0;
  if (strcmp(who, "last") == 0) return row == n_rows - 1;
  if (strcmp(who, "most") == 0) return row > 0;
  if (strcmp(who, "half") == 0) return row % 2 == 0;
  if (strcmp(who, "rest") == 0) return row % 2 == 1;
  if (strcmp(who, "tenth") == 0) return row % 10 == 0;
  fail_msg("nobody is '%s'", who);
  return 0;
}

static void put_cell(pfc_dataset *ds, pfc_table_id t, int64_t row, const char *column,
                     const char *text) {
  const pfc_column *c = pfc_dataset_column(ds, t, column);
  pfc_column one = *c;
  pfc_column_clear(&one, row, row + 1);
  if (strcmp(text, "-") != 0) test_cell(ds, t, row, column, text);
}

static void set_cells(pfc_dataset *ds, const edit *e) {
  pfc_table_id t;
  const char *column = find_column(ds, e->word[1], &t);
  for (int64_t r = 0; r < ds->tables[t].n_rows; r++)
    if (is_meant(e->word[2], r, ds->tables[t].n_rows)) put_cell(ds, t, r, column, e->word[3]);
}

/* Every row gets prefix and number; for a column of codes a word. */
static void number_rows(pfc_dataset *ds, const char *path, const char *prefix, double step,
                        double swing) {
  char text[64];
  pfc_table_id t;
  const char *column = find_column(ds, path, &t);
  for (int64_t r = 0; r < ds->tables[t].n_rows; r++) {
    const double x = swing != 0 ? (r % 2 ? -swing : swing) : step * (double)r;
    (void)snprintf(text, sizeof text, "%s%.17g", prefix, x);
    put_cell(ds, t, r, column, text);
  }
}

static void copy_column(pfc_dataset *ds, const edit *e) {
  pfc_table_id t, same;
  const char *to = find_column(ds, e->word[1], &t), *from = find_column(ds, e->word[2], &same);
  assert_int_equal(t, same);
  const pfc_column *a = pfc_dataset_column(ds, t, to), *b = pfc_dataset_column(ds, t, from);
  assert_int_equal(a->type, b->type);
  memcpy(a->data, b->data, (size_t)ds->tables[t].n_rows * pfc_type_size(a->type));
}

/* The answer among the features. */
static void copy_result(pfc_dataset *ds, const char *path) {
  pfc_table_id t;
  const char *column = find_column(ds, path, &t);
  const pfc_column *status = pfc_dataset_column(ds, t, "status");
  for (int64_t r = 0; r < ds->tables[t].n_rows; r++)
    test_number(ds, t, r, column,
                strcmp(pfc_dict_text(status->dict, status->code[r]), "passed") == 0);
}

/* --- rows ------------------------------------------------------------------------------- */

static void keep_rows(pfc_dataset *ds, pfc_table_id t, int64_t n) {
  assert_true(n <= ds->tables[t].n_rows);
  ds->tables[t].n_rows = n;
}

static void add_rows(pfc_dataset *ds, pfc_table_id t, int64_t n) {
  assert_int_equal(ds->tables[t].n_rows + ds->tables[t].n_columns, 0);
  ds->tables[t].n_rows = n;
}

static void repeat_rows(pfc_dataset *ds, pfc_table_id t, int64_t times) {
  pfc_table *table = &ds->tables[t];
  for (int c = 0; c < table->n_columns; c++) {
    const size_t size = pfc_type_size(table->columns[c].type);
    const size_t bytes = (size_t)table->n_rows * size;
    char *many = pfc_alloc_array(bytes * (size_t)times, 1);
    assert_non_null(many);
    for (int64_t k = 0; k < times; k++)
      memcpy(many + (size_t)k * bytes, table->columns[c].data, bytes);
    pfc_free(table->columns[c].data);
    table->columns[c].data = many;
  }
  table->n_rows *= times;
}

static void forget_all_but(pfc_dataset *ds, const char *dictionary) {
  assert_non_null(pfc_dataset_find_dict(ds, dictionary));
  for (int t = 0; t < PFC_N_TABLES; t++) ds->tables[t].n_rows = 0;
}

/* --- settings --------------------------------------------------------------------------- */

static void set_training(pfc_train_settings *s, const char *field, double value) {
  const struct {
    const char *name;
    double *real;
    int32_t *whole;
  } fields[] = {
      {"registered", &s->weights.registered, NULL},
      {"started", &s->weights.started, NULL},
      {"passed", &s->weights.passed, NULL},
      {"half_life", &s->weights.half_life_days, NULL},
      {"rank", NULL, &s->als.rank},
      {"nu", &s->als.nu, NULL},
      {"lambda", &s->als.lambda, NULL},
      {"alpha0", &s->als.alpha0, NULL},
      {"kappa_people", &s->als.kappa_people, NULL},
      {"kappa_items", &s->als.kappa_items, NULL},
      {"prior_ridge", &s->als.prior_ridge, NULL},
      {"tail", &s->time_tail, NULL},
      {"bins", NULL, &s->time_bins},
      {"ridge", &s->time_ridge, NULL},
      {"holdout", &s->holdout, NULL},
      {"min_rows", NULL, &s->success_min_rows},
      {"min_offers", NULL, &s->accept_min_rows},
      {"min_events", NULL, &s->time_min_events},
      {"profile_rank", NULL, &s->profile.rank},
      {"profile_holdout", &s->profile.holdout, NULL},
      {"level_half_life", &s->profile.half_life_days, NULL},
      {"min_ratings", NULL, &s->profile.min_ratings},
  };
  for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
    if (strcmp(fields[f].name, field) != 0) continue;
    if (fields[f].real) *fields[f].real = value;
    if (fields[f].whole) *fields[f].whole = (int32_t)value;
    return;
  }
  fail_msg("no setting '%s'", field);
}

/* --- all of it -------------------------------------------------------------------------- */

static int is_size(const edit *e, degenerate_sizes *sizes) {
  const struct {
    const char *name;
    int *size;
  } fields[] = {{"people", &sizes->people},
                {"courses", &sizes->courses},
                {"starts", &sizes->starts},
                {"competencies", &sizes->competencies},
                {"pad", &sizes->pad}};
  for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
    if (!is_verb(e, fields[f].name, 2)) continue;
    *fields[f].size = (int)number_of(e->word[1]);
    return 1;
  }
  return 0;
}

static void run_edit(pfc_dataset *ds, const edit *e, pfc_train_settings *settings) {
  if (is_verb(e, "set", 4)) {
    set_cells(ds, e);
  } else if (is_verb(e, "ramp", 3)) {
    number_rows(ds, e->word[1], "", number_of(e->word[2]), 0);
  } else if (is_verb(e, "apart", 2)) {
    number_rows(ds, e->word[1], "w", 1, 0);
  } else if (is_verb(e, "swing", 3)) {
    number_rows(ds, e->word[1], "", 0, number_of(e->word[2]));
  } else if (is_verb(e, "as", 3)) {
    copy_column(ds, e);
  } else if (is_verb(e, "result", 2)) {
    copy_result(ds, e->word[1]);
  } else if (is_verb(e, "only", 3)) {
    keep_rows(ds, find_table(e->word[1]), (int64_t)number_of(e->word[2]));
  } else if (is_verb(e, "drop", 2)) {
    keep_rows(ds, find_table(e->word[1]), 0);
  } else if (is_verb(e, "add", 3)) {
    add_rows(ds, find_table(e->word[1]), (int64_t)number_of(e->word[2]));
  } else if (is_verb(e, "twice", 3)) {
    repeat_rows(ds, find_table(e->word[1]), (int64_t)number_of(e->word[2]));
  } else if (is_verb(e, "names", 2)) {
    forget_all_but(ds, e->word[1]);
  } else if (is_verb(e, "scale", 3)) {
    ds->scale_min = number_of(e->word[1]);
    ds->scale_max = number_of(e->word[2]);
  } else if (is_verb(e, "train", 3)) {
    set_training(settings, e->word[1], number_of(e->word[2]));
  } else {
    fail_msg("'%s' is no edit", e->word[0]);
  }
}

/* Calls for each edit: with sizes alone, or with what is left. */
static void each_edit(const char *edits, degenerate_sizes *sizes, pfc_dataset *ds,
                      pfc_train_settings *settings) {
  char text[MAX_EDIT];
  while (*edits) {
    const size_t size = strcspn(edits, ";");
    assert_true(size < sizeof text);
    memcpy(text, edits, size);
    text[size] = '\0';
    const edit e = cut_words(text);
    degenerate_sizes ignored = {0};
    const int of_size = e.n > 0 && is_size(&e, sizes ? sizes : &ignored);
    if (e.n > 0 && !of_size && ds) run_edit(ds, &e, settings);
    edits += size + (edits[size] == ';');
  }
}

pfc_dataset *degenerate_create(const char *base, const char *edits,
                               pfc_train_settings *settings) {
  degenerate_sizes sizes = {
      .people = 20, .courses = 6, .starts = 4, .competencies = 3, .pad = 0};
  each_edit(edits, &sizes, NULL, NULL);
  pfc_dataset *ds = degenerate_base(base, &sizes);
  each_edit(edits, NULL, ds, settings);
  return ds;
}
