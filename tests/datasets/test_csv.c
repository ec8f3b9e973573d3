// labels: property check
#include "tests/support/test.h"

#include <stdbool.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "datasets/csv.h"
#include "tests/support/oom.h"

/* --- what was read -------------------------------------------------------- */

enum { MAX_ROWS = 400, MAX_CELLS = 6, MAX_CELL = 64 };

typedef struct sheet {
  int n_rows;
  int n_cells[MAX_ROWS];
  int64_t line[MAX_ROWS];
  char cell[MAX_ROWS][MAX_CELLS][MAX_CELL];
} sheet;

static pfc_status keep_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  (void)err;
  sheet *s = user;
  assert_true(s->n_rows < MAX_ROWS && row->n_cells <= MAX_CELLS);
  s->line[s->n_rows] = row->line;
  s->n_cells[s->n_rows] = row->n_cells;
  for (int c = 0; c < row->n_cells; c++) {
    assert_int_equal(strlen(row->cell[c]), row->size[c]);
    assert_true(row->size[c] < MAX_CELL);
    memcpy(s->cell[s->n_rows][c], row->cell[c], row->size[c] + 1);
  }
  s->n_rows++;
  return PFC_OK;
}

static sheet got, wanted;

static pfc_status read_file(const char *path, const pfc_csv_settings *settings,
                            pfc_error *err) {
  memset(&got, 0, sizeof got);
  return pfc_csv_read(path, settings, keep_row, &got, err);
}

static pfc_status read_text(const char *bytes, pfc_error *err) {
  test_write_file("t.csv", bytes, strlen(bytes));
  return read_file("t.csv", NULL, err);
}

static void row_is(int i_row, int64_t line, const char *const *cells, int n) {
  assert_true(i_row < got.n_rows);
  assert_int_equal(got.line[i_row], line);
  assert_int_equal(got.n_cells[i_row], n);
  for (int c = 0; c < n; c++) assert_string_equal(got.cell[i_row][c], cells[c]);
}

#define ROW_IS(i_row, line, ...)                          \
  row_is(i_row, line, (const char *const[]){__VA_ARGS__}, \
         (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)))

/* --- random sheets, written by the simplest of writers -------------------- */

typedef struct text {
  char *bytes;
  size_t size, capacity;
  int64_t line; /* being written */
  bool old_mac; /* lines end with a lone CR; never mixed, since CR LF is one end */
} text;

static pfc_status append(text *t, const char *s, size_t size, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(t->bytes, t->capacity, t->size + size + 1);
  memcpy(t->bytes + t->size, s, size);
  t->size += size;
done:
  return st;
}

static void put(text *t, const char *s) { assert_ok(append(t, s, strlen(s), &err)); }

static void put_line_end(text *t, pfc_rng *rng) {
  const char *unix_or_dos = pfc_rng_below(rng, 2) ? "\n" : "\r\n";
  put(t, t->old_mac ? "\r" : unix_or_dos);
  t->line++;
}

/* Pieces that a reader may trip over. */
static void random_cell(pfc_rng *rng, char cell[MAX_CELL]) {
  static const char *const PIECES[] = {
      "a",    ",",  "\"", "\n", " ",    "\xc3\xa9", "\t",
      "\"\"", ",,", ";",  "0",  "\r\n", "'",        "\xf0\x9f\x98\x80"};
  cell[0] = '\0';
  for (uint64_t n = pfc_rng_below(rng, 6); n > 0; n--)
    (void)strcat(cell, PIECES[pfc_rng_below(rng, sizeof PIECES / sizeof *PIECES)]);
}

static int line_ends(const char *s) {
  int n = 0;
  for (; *s; s++) n += *s == '\n';
  return n;
}

static bool needs_quotes(const char *cell, int n_cells) {
  const size_t size = strlen(cell);
  if (size == 0) return n_cells == 1; /* else the line is blank */
  if (strpbrk(cell, ",\"\n\r")) return true;
  return strchr(" \t", cell[0]) || strchr(" \t", cell[size - 1]);
}

static void put_cell(text *t, const char *cell, int n_cells, pfc_rng *rng) {
  if (!needs_quotes(cell, n_cells) && pfc_rng_below(rng, 3)) {
    put(t, cell);
    return;
  }
  put(t, "\"");
  for (const char *s = cell; *s; s++) {
    if (*s == '"') put(t, "\"");
    put(t, (char[]){*s, '\0'});
  }
  put(t, "\"");
  t->line += line_ends(cell);
}

/* Fills `wanted` and writes it. */
static void random_sheet(text *t, pfc_rng *rng) {
  memset(&wanted, 0, sizeof wanted);
  if (pfc_rng_below(rng, 2)) put(t, "\xef\xbb\xbf");
  wanted.n_rows = (int)pfc_rng_below(rng, MAX_ROWS);
  t->line = 1;
  t->old_mac = pfc_rng_below(rng, 4) == 0;
  for (int r = 0; r < wanted.n_rows; r++) {
    while (pfc_rng_below(rng, 8) == 0) put_line_end(t, rng); /* blank lines */
    wanted.line[r] = t->line;
    wanted.n_cells[r] = 1 + (int)pfc_rng_below(rng, MAX_CELLS);
    for (int c = 0; c < wanted.n_cells[r]; c++) {
      random_cell(rng, wanted.cell[r][c]);
      if (c) put(t, ",");
      put_cell(t, wanted.cell[r][c], wanted.n_cells[r], rng);
    }
    if (r + 1 < wanted.n_rows || pfc_rng_below(rng, 2)) put_line_end(t, rng);
  }
}

static void write_gzip(const char *path, const void *bytes, size_t size) {
  gzFile gz = gzopen(path, "wb");
  assert_non_null(gz);
  if (size) assert_int_equal(gzwrite(gz, bytes, (unsigned)size), size);
  assert_int_equal(gzclose(gz), Z_OK);
}

static void sheets_agree(void) {
  assert_int_equal(got.n_rows, wanted.n_rows);
  for (int r = 0; r < wanted.n_rows; r++) {
    assert_int_equal(got.line[r], wanted.line[r]);
    assert_int_equal(got.n_cells[r], wanted.n_cells[r]);
    for (int c = 0; c < wanted.n_cells[r]; c++)
      assert_string_equal(got.cell[r][c], wanted.cell[r][c]);
  }
}

static void what_was_written_is_read(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(11), "test.csv", 0);
  for (int round = 0; round < 200; round++) {
    text t = {0};
    random_sheet(&t, &rng);
    test_write_file("random.csv", t.bytes, t.size);
    assert_ok(read_file("random.csv", NULL, &err));
    sheets_agree();
    write_gzip("random.csv.gz", t.bytes, t.size);
    assert_ok(read_file("random.csv.gz", NULL, &err));
    sheets_agree();
    pfc_free(t.bytes);
  }
}

/* --- form ----------------------------------------------------------------- */

static void blanks_and_empty_cells(void **state) {
  (void)state;
  assert_ok(read_text("a, b ,\"c \"\n\n\n,,\n\"\"\n x\n", &err));
  assert_int_equal(got.n_rows, 4);
  ROW_IS(0, 1, "a", "b", "c ");
  ROW_IS(1, 4, "", "", "");
  ROW_IS(2, 5, "");
  ROW_IS(3, 6, "x");
  assert_ok(read_text("", &err));
  assert_int_equal(got.n_rows, 0);
  assert_ok(read_text("\xef\xbb\xbf", &err));
  assert_int_equal(got.n_rows, 0);
}

static void delimiter_and_quote_can_be_chosen(void **state) {
  (void)state;
  pfc_csv_settings s;
  pfc_csv_defaults(&s);
  s.delimiter = '\t';
  s.quote = 0;
  const char *tsv = "5\" pipe\t\"quoted\"\ta,b\n";
  test_write_file("t.tsv", tsv, strlen(tsv));
  assert_ok(read_file("t.tsv", &s, &err));
  ROW_IS(0, 1, "5\" pipe", "\"quoted\"", "a,b");
}

static void reading_stops_where_asked(void **state) {
  (void)state;
  pfc_csv_settings s;
  pfc_csv_defaults(&s);
  s.max_rows = 2;
  const char *bytes = "h\n1\n2\n\"never closed";
  test_write_file("t.csv", bytes, strlen(bytes));
  assert_ok(read_file("t.csv", &s, &err));
  assert_int_equal(got.n_rows, 2);
}

static pfc_status refuse_third(const pfc_csv_row *row, void *user, pfc_error *err) {
  int *n = user;
  (*n)++;
  if (row->line == 3) return pfc_fail(err, PFC_ECANCELLED, "enough");
  return PFC_OK;
}

static void the_callback_can_stop(void **state) {
  (void)state;
  int n = 0;
  test_write_file("t.csv", "a\nb\nc\nd\n", 8);
  assert_fails(pfc_csv_read("t.csv", NULL, refuse_third, &n, &err), PFC_ECANCELLED, "enough");
  assert_int_equal(n, 3);
}

/* --- faults --------------------------------------------------------------- */

static void faults_name_file_line_and_column(void **state) {
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"a,b\n1,\"2\n3,4\n", "t.csv:2: column 2: the quote of this cell is never closed"},
      {"a,b\n\"x\ny\",\"2\n", "t.csv:2: column 2: the quote of this cell is never closed"},
      {"a,b\n\n1,\"2\"x\n", "t.csv:3: column 2: text after a closing quote"},
      {"a,b\n\"1\n2\"x,3\n", "t.csv:3: column 1: text after a closing quote"},
      {"a,b\n1,2\"3\n", "t.csv:2: column 2: quote inside an unquoted cell"},
      {"a,b\n1,\xff\n", "t.csv:2: column 2: the cell is not valid UTF-8"},
      {"a,\xc3(\n", "t.csv:1: column 2: the cell is not valid UTF-8"},
      {"\xed\xa0\x80\n", "t.csv:1: column 1: the cell is not valid UTF-8"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_fails(read_text(cases[i].text, &err), PFC_EDATA, cases[i].message);
  test_write_file("t.csv", "a,b\n1,x\0y\n", 10);
  assert_fails(read_file("t.csv", NULL, &err), PFC_EDATA, "t.csv:2: column 2: NUL byte");
}

static pfc_status count_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  (void)row, (void)err;
  (*(int64_t *)user)++;
  return PFC_OK;
}

/* An open quote swallows the rest of a file; it is told before memory is gone. */
static void long_cells_are_refused(void **state) {
  (void)state;
  pfc_csv_settings s;
  pfc_csv_defaults(&s);
  s.max_cell = 1000;
  text t = {0};
  put(&t, "a,b\n1,");
  for (int i = 0; i < 1000; i++) put(&t, "x");
  put(&t, "\n");
  test_write_file("t.csv", t.bytes, t.size);
  int64_t n = 0;
  assert_ok(pfc_csv_read("t.csv", &s, count_row, &n, &err));
  assert_int_equal(n, 2);
  t.size -= 1;
  put(&t, "x\n");
  test_write_file("t.csv", t.bytes, t.size);
  assert_fails(pfc_csv_read("t.csv", &s, count_row, &n, &err), PFC_EDATA,
               "t.csv:2: column 2: the cell is longer than 1000 bytes");
  t.size = 0;
  put(&t, "a\n1\n\"open\n");
  for (int i = 0; i < 100000; i++) put(&t, "filler\n");
  test_write_file("t.csv", t.bytes, t.size);
  assert_fails(pfc_csv_read("t.csv", &s, count_row, &n, &err), PFC_EDATA,
               "t.csv:3: column 1: the cell is longer than 1000 bytes; is a quote not closed?");
  pfc_free(t.bytes);
}

static void damaged_gzip_is_refused(void **state) {
  (void)state;
  text t = {0};
  char *packed = NULL;
  pfc_rng rng;
  pfc_rng_init(&rng, 5, "test.csv.gzip", 0);
  for (int i = 0; i < 3000; i++) {
    char row[32];
    (void)snprintf(row, sizeof row, "%u,x\n", (unsigned)pfc_rng_next(&rng));
    put(&t, row);
  }
  write_gzip("whole.csv.gz", t.bytes, t.size);
  FILE *f = fopen("whole.csv.gz", "rb");
  packed = pfc_alloc_array(t.size, 1);
  const size_t size = fread(packed, 1, t.size, f);
  assert_int_equal(fclose(f), 0);
  int64_t n = 0;
  assert_ok(pfc_csv_read("whole.csv.gz", NULL, count_row, &n, &err));
  assert_int_equal(n, 3000);
  test_write_file("cut.csv.gz", packed, size / 2);
  assert_fails(pfc_csv_read("cut.csv.gz", NULL, count_row, &n, &err), PFC_EDATA,
               "damaged gzip stream");
  packed[size - 6] ^= 1; /* the checksum at the end */
  test_write_file("flip.csv.gz", packed, size);
  assert_fails(pfc_csv_read("flip.csv.gz", NULL, count_row, &n, &err), PFC_EDATA,
               "damaged gzip stream");
  test_write_file("text.csv.gz", "a,b\n", 4);
  assert_fails(pfc_csv_read("text.csv.gz", NULL, count_row, &n, &err), PFC_EDATA,
               "not a gzip file");
  test_write_file("none.csv.gz", "", 0);
  assert_fails(pfc_csv_read("none.csv.gz", NULL, count_row, &n, &err), PFC_EDATA,
               "not a gzip file");
  pfc_free(packed);
  pfc_free(t.bytes);
}

static void unreadable_files_say_why(void **state) {
  (void)state;
  int64_t n = 0;
  assert_fails(pfc_csv_read("absent.csv", NULL, count_row, &n, &err), PFC_EIO,
               "cannot open absent.csv: No such file");
  assert_fails(pfc_csv_read(".", NULL, count_row, &n, &err), PFC_EIO,
               "cannot read .: Is a dir");
}

static void short_memory_is_reported_and_leaks_nothing(void **state) {
  (void)state;
  test_write_file("t.csv", "a,b\n1,\"2\"\n", 10);
  for (long fail_at = 0;; fail_at++) {
    int64_t n = 0;
    oom_after(fail_at);
    const pfc_status st = pfc_csv_read("t.csv", NULL, count_row, &n, NULL);
    const bool failed = oom_happened();
    oom_after(-1);
    assert_int_equal(st, failed ? PFC_ENOMEM : PFC_OK);
    if (!failed) break;
    assert_true(n < 2);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_written_is_read),
      cmocka_unit_test(blanks_and_empty_cells),
      cmocka_unit_test(delimiter_and_quote_can_be_chosen),
      cmocka_unit_test(reading_stops_where_asked),
      cmocka_unit_test(the_callback_can_stop),
      cmocka_unit_test(faults_name_file_line_and_column),
      cmocka_unit_test(long_cells_are_refused),
      cmocka_unit_test(damaged_gzip_is_refused),
      cmocka_unit_test(unreadable_files_say_why),
      cmocka_unit_test(short_memory_is_reported_and_leaks_nothing),
  };
  return cmocka_run_group_tests_name("datasets/csv", tests, NULL, NULL);
}
