#include "tests/support/test.h"

#include <ctype.h>
#include <math.h>

#include "datasets/schema.h"

#define EACH_COLUMN(t, c)                \
  for (int t = 0; t < PFC_N_TABLES; t++) \
    for (int c = 0; c < pfc_schema((pfc_table_id)t)->n_columns; c++)

static const pfc_column_decl *column_at(int t, int c) {
  return &pfc_schema((pfc_table_id)t)->columns[c];
}

static void tables_are_found_by_name_and_by_id(void **state) {
  (void)state;
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table_decl *table = pfc_schema((pfc_table_id)t);
    assert_int_equal(table->id, t);
    assert_int_equal(pfc_schema_find(table->name), t);
  }
  assert_int_equal(pfc_schema_find("enrollments"), -1);
  assert_int_equal(pfc_schema_find(""), -1);
}

/* What import, checks and storage take for granted of every declaration. */
static void declarations_are_consistent(void **state) {
  (void)state;
  EACH_COLUMN(t, c) {
    const pfc_column_decl *column = column_at(t, c);
    assert_ptr_equal(pfc_schema_column(pfc_schema((pfc_table_id)t), column->name), column);
    assert_true(strlen(column->name) <= 40);
    assert_true(strlen(column->meaning) > 0);
    assert_int_equal(column->dictionary != NULL, column->type == PFC_CODE);
    assert_true(column->min <= column->max);
    if (column->words) assert_int_equal(column->type, PFC_CODE);
    if (column->flags & PFC_KEY) assert_int_equal(column->type, PFC_CODE);
    if (column->flags & PFC_MONTH) assert_int_equal(column->type, PFC_DATE);
    if (column->flags & PFC_OPEN) assert_true(pfc_schema_owner(column->dictionary) >= 0);
    if (column->flags & PFC_LEVEL) assert_int_equal(column->type, PFC_REAL);
  }
}

/* Columns that share a dictionary share their words, or codes would mean two things. */
static void dictionaries_agree_on_their_words(void **state) {
  (void)state;
  EACH_COLUMN(t, c) EACH_COLUMN(u, d) {
    const pfc_column_decl *a = column_at(t, c), *b = column_at(u, d);
    if (!a->dictionary || !b->dictionary || strcmp(a->dictionary, b->dictionary) != 0) continue;
    assert_int_equal(a->words != NULL, b->words != NULL);
    if (a->words) assert_string_equal(a->words, b->words);
  }
}

static void owners_define_ids(void **state) {
  (void)state;
  static const struct {
    const char *dictionary;
    int owner;
  } cases[] = {
      {"person", PFC_PEOPLE},
      {"role", PFC_ROLES},
      {"competency", PFC_COMPETENCIES},
      {"source", PFC_SOURCES},
      {"intervention", PFC_INTERVENTIONS},
      {"opening", PFC_OPENINGS},
      {"feedback_event", PFC_FEEDBACK},
      {"unit", -1},
      {"kind", -1},
      {"status", -1},
      {"relation", -1},
      {"nonsense", -1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(pfc_schema_owner(cases[i].dictionary), cases[i].owner);
}

static void features_are_taken_where_declared(void **state) {
  (void)state;
  pfc_type type;
  char dictionary[PFC_DICT_NAME];
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table_decl *table = pfc_schema((pfc_table_id)t);
    const bool takes = pfc_schema_takes(table, "x_age", &type, dictionary);
    assert_int_equal(takes, table->features || table->open_columns);
    if (takes) assert_int_equal(type, table->features ? PFC_REAL : PFC_CODE);
    assert_int_equal(pfc_schema_takes(table, "c_site", &type, dictionary), takes);
    if (takes) assert_string_equal(dictionary, table->features ? "c_site" : "protected.c_site");
    assert_int_equal(pfc_schema_takes(table, "surprise", &type, dictionary),
                     table->open_columns);
  }
  assert_true(pfc_schema_takes(pfc_schema(PFC_PEOPLE), "manager_id", &type, dictionary));
  assert_int_equal(type, PFC_CODE);
  assert_string_equal(dictionary, "person");
}

static void names_that_would_break_a_path_are_refused(void **state) {
  (void)state;
  char longest[PFC_COLUMN_NAME + 2];
  char dictionary[PFC_DICT_NAME];
  pfc_type type;
  memset(longest, 'a', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  const pfc_table_decl *table = pfc_schema(PFC_PROTECTED);
  const char *const bad[] = {"", ".", "..", ".a", "a/b", "/", "a\nb", "a\x7f", longest};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(pfc_schema_takes(table, bad[i], &type, dictionary));
  longest[PFC_COLUMN_NAME] = '\0';
  assert_true(pfc_schema_takes(table, longest, &type, dictionary));
  assert_int_equal(strlen(dictionary), strlen("protected.") + PFC_COLUMN_NAME);
}

static void words_are_matched_whole(void **state) {
  (void)state;
  const pfc_column_decl *status = pfc_schema_column(pfc_schema(PFC_ENROLMENTS), "status");
  assert_true(pfc_column_has_word(status, "passed"));
  assert_true(pfc_column_has_word(status, "enrolled"));
  assert_true(pfc_column_has_word(status, "dropped"));
  const char *const bad[] = {"", "pass", "passed|", "passed|failed", "Passed", "ed", "|"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(pfc_column_has_word(status, bad[i]));
  const pfc_column_decl *title = pfc_schema_column(pfc_schema(PFC_ROLES), "title");
  assert_true(pfc_column_has_word(title, "whatever"));
}

/* --- the documentation is the declaration --------------------------------- */

static void range_text(const pfc_column_decl *column, char *text, size_t size) {
  text[0] = '\0';
  if (column->type != PFC_REAL && column->type != PFC_INT) return;
  if (column->flags & PFC_LEVEL) {
    (void)snprintf(text, size, "on the scale");
  } else if (isinf(column->min)) {
    (void)snprintf(text, size, "any");
  } else if (isinf(column->max)) {
    (void)snprintf(text, size, "from %g", column->min);
  } else {
    (void)snprintf(text, size, "%g to %.10g", column->min, column->max);
  }
}

/* The column's line in docs/FORMATS.md. */
static void document(const pfc_column_decl *column, char *line, size_t size) {
  char values[200];
  range_text(column, values, sizeof values);
  if (column->type == PFC_CODE) {
    (void)snprintf(values, sizeof values, "`%s`%s", column->dictionary,
                   column->words ? ": " : "");
    for (const char *w = column->words; w && *w; w++) {
      const size_t used = strlen(values);
      (void)snprintf(values + used, sizeof values - used, *w == '|' ? ", " : "%c", *w);
    }
  }
  const char *need = column->flags & PFC_KEY        ? "key"
                     : column->flags & PFC_REQUIRED ? "yes"
                                                    : "";
  (void)snprintf(line, size, "| `%s` | %s | %s | %s | %s |\n", column->name,
                 column->flags & PFC_MONTH ? "month" : pfc_type_name(column->type), need,
                 values, column->meaning);
}

/* Each table's section holds its columns, in order, and no others. Run with
 * PFC_TEST_PRINT set, the test prints what the sections must be. */
static void formats_document_every_column(void **state) {
  (void)state;
  char path[4096], line[800];
  static char text[1 << 20];
  (void)snprintf(path, sizeof path, "%s/docs/FORMATS.md", getenv("SRC") ? getenv("SRC") : ".");
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  assert_true(fread(text, 1, sizeof text - 1, f) > 0);
  assert_int_equal(fclose(f), 0);
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table_decl *table = pfc_schema((pfc_table_id)t);
    (void)snprintf(line, sizeof line, "### %s\n\n%c%s.", table->name,
                   toupper((unsigned char)table->meaning[0]), table->meaning + 1);
    if (getenv("PFC_TEST_PRINT")) printf("%s\n\n", line);
    const char *at = strstr(text, line);
    if (!at && !getenv("PFC_TEST_PRINT")) fail_msg("docs/FORMATS.md lacks \"%s\"", line);
    at = at ? strstr(at, "|---|---|---|---|---|\n") : NULL;
    if (at) at = strchr(at, '\n') + 1;
    for (int c = 0; c < table->n_columns; c++) {
      document(&table->columns[c], line, sizeof line);
      if (getenv("PFC_TEST_PRINT")) {
        printf("%s", line);
        continue;
      }
      if (!at || strncmp(at, line, strlen(line)) != 0)
        fail_msg("docs/FORMATS.md, table %s: expected %s", table->name, line);
      at += strlen(line);
    }
    if (!getenv("PFC_TEST_PRINT")) assert_true(*at != '|');
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tables_are_found_by_name_and_by_id),
      cmocka_unit_test(declarations_are_consistent),
      cmocka_unit_test(dictionaries_agree_on_their_words),
      cmocka_unit_test(owners_define_ids),
      cmocka_unit_test(features_are_taken_where_declared),
      cmocka_unit_test(names_that_would_break_a_path_are_refused),
      cmocka_unit_test(words_are_matched_whole),
      cmocka_unit_test(formats_document_every_column),
  };
  return cmocka_run_group_tests_name("datasets/schema", tests, NULL, NULL);
}
