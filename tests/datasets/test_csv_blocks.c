// labels: property check
/* Cutting rows out of blocks against libcsv, fed one byte after another. */
#include "tests/support/test.h"

#include <csv.h>
#include <stdbool.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "datasets/csv_internal.h"

enum { TEXT = 600, MAX_ROWS = 700, SAID = 8000 };

/* Rows as "LINE:<cell><cell>;" one after another, then the fault, if any. */
typedef struct record {
  char text[SAID];
  size_t size;
} record;

static void put(record *r, const char *s, size_t n) {
  assert_true(r->size + n < SAID);
  memcpy(r->text + r->size, s, n);
  r->size += n;
  r->text[r->size] = '\0';
}

static void put_number(record *r, int64_t n) {
  char text[32];
  put(r, text, (size_t)snprintf(text, sizeof text, "%lld:", (long long)n));
}

static void put_cell(record *r, const char *s, size_t n) {
  put(r, "<", 1);
  put(r, s, n);
  put(r, ">", 1);
}

/* --- the oracle ------------------------------------------------------------ */

typedef struct oracle {
  record rows, row; /* those that are whole, and the one being read */
  int64_t line, row_line;
  int n_cells;
  const char *fault;
} oracle;

static void on_cell(void *s, size_t n, void *user) {
  oracle *o = user;
  if (o->fault) return;
  if (n && memchr(s, '\0', n))
    o->fault = "NUL byte";
  else if (!pfc_utf8_valid(s, n))
    o->fault = "the cell is not valid UTF-8";
  else {
    put_cell(&o->row, s ? s : "", n);
    o->n_cells++;
  }
}

static void on_row(int end, void *user) {
  oracle *o = user;
  (void)end;
  if (o->fault) return;
  put_number(&o->rows, o->row_line);
  put(&o->rows, o->row.text, o->row.size);
  put(&o->rows, ";", 1);
  o->row.size = 0;
  o->n_cells = 0;
}

static void read_bytes(oracle *o, const char *text, size_t size) {
  struct csv_parser p;
  assert_int_equal(csv_init(&p, CSV_STRICT | CSV_STRICT_FINI), 0);
  o->line = 1;
  for (size_t i = 0; i < size && !o->fault; i++) {
    if (p.pstate == 0) o->row_line = o->line;
    if (csv_parse(&p, text + i, 1, on_cell, on_row, o) != 1 && !o->fault)
      o->fault = p.quoted ? "text after a closing quote" : "quote inside an unquoted cell";
    const bool is_end = text[i] == '\r' || (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'));
    o->line += is_end && !o->fault;
  }
  if (!o->fault && csv_fini(&p, on_cell, on_row, o) != 0) {
    o->fault = "the quote of this cell is never closed";
    o->line = o->row_line;
  }
  csv_free(&p);
}

/* --- random texts ---------------------------------------------------------- */

/* Mostly cells as they should be, now and then anything. */
static size_t random_text(pfc_rng *rng, char text[TEXT + 64]) {
  static const char *const CELLS[] = {"a",          "bc",
                                      "",           " d ",
                                      "\t",         "\"\"",
                                      "\"e f\"",    "\"g,h\"",
                                      " \"i\" ",    "\"j\nk\"",
                                      "\"l\r\nm\"", "\"n\"\"o\"",
                                      "\xc3\xa9",   "\"\xe2\x82\xac\"",
                                      "2014-10-01", "12.5"};
  static const char *const ANYTHING[] = {"\"", "\"x", "y\"", "\"z\"w", "\xff", "\xe2\x82", "Z"};
  static const char *const ENDS[] = {"\n", "\n", "\r\n", "\r", "\n\n", "\n \t\n"};
  size_t size = 0;
  const size_t wanted = pfc_rng_below(rng, TEXT);
  const bool is_wild = pfc_rng_below(rng, 3) == 0;
  while (size < wanted) {
    const char *piece = CELLS[pfc_rng_below(rng, sizeof CELLS / sizeof *CELLS)];
    if (is_wild && pfc_rng_below(rng, 40) == 0)
      piece = ANYTHING[pfc_rng_below(rng, sizeof ANYTHING / sizeof *ANYTHING)];
    size += (size_t)snprintf(text + size, 32, "%s", piece);
    if (is_wild && pfc_rng_below(rng, 400) == 0) text[size++] = '\0';
    const char *end = pfc_rng_below(rng, 3) ? "," : ENDS[pfc_rng_below(rng, 6)];
    size += (size_t)snprintf(text + size, 32, "%s", end);
  }
  return pfc_rng_below(rng, 2) && size > 0 ? size - 1 : size;
}

/* --- the blocks ------------------------------------------------------------ */

static pfc_status read_blocks(record *rows, size_t block_size, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csv_settings settings;
  pfc_csv_defaults(&settings);
  pfc__csv *reader = NULL;
  pfc__csv_block b = {0};
  PFC_TRY(pfc__csv_open("t.csv", &settings, false, &reader, err));
  pfc__csv_set_block(reader, block_size);
  do {
    PFC_TRY(pfc__csv_next(reader, &b, err));
    for (size_t r = 0; r < b.n_rows; r++) {
      put_number(rows, b.line[r]);
      for (uint32_t c = b.first[r]; c < b.first[r + 1]; c++) {
        assert_int_equal(b.text[b.cell[c].start + b.cell[c].size], '\0');
        put_cell(rows, b.text + b.cell[c].start, b.cell[c].size);
      }
      put(rows, ";", 1);
    }
  } while (b.n_rows > 0);
done:
  pfc__csv_close(reader);
  pfc__csv_block_clear(&b);
  return st;
}

static void blocks_agree_with_bytes(void **state) {
  (void)state;
  static char text[TEXT + 64];
  static oracle o;
  static record rows;
  int n_faults = 0;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(23), "test.csv_blocks", 0);
  for (int round = 0; round < 1500; round++) {
    const size_t size = random_text(&rng, text);
    memset(&o, 0, sizeof o);
    read_bytes(&o, text, size);
    test_write_file("t.csv", text, size);
    n_faults += o.fault != NULL;
    for (int size_of = 0; size_of < 3; size_of++) { /* every border, some, none */
      const size_t block_size =
          size_of == 0 ? 1 : 1 + pfc_rng_below(&rng, 40u * size_of * size_of);
      pfc_error own = PFC_ERROR_INIT;
      char place[64];
      rows.size = 0;
      rows.text[0] = '\0';
      const pfc_status st = read_blocks(&rows, block_size, &own);
      (void)snprintf(place, sizeof place, "t.csv:%lld: column %d: ", (long long)o.line,
                     o.n_cells + 1);
      assert_int_equal(st, o.fault ? PFC_EDATA : PFC_OK);
      assert_string_equal(rows.text, o.rows.text);
      if (!o.fault) continue;
      assert_memory_equal(own.msg, place, strlen(place));
      assert_memory_equal(own.msg + strlen(place), o.fault, strlen(o.fault));
    }
  }
  assert_in_range(n_faults, 150, 750); /* both sides are seen */
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(blocks_agree_with_bytes)};
  return cmocka_run_group_tests_name("datasets/csv_blocks", tests, NULL, NULL);
}
