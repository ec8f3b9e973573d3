// labels: fuzz check
/* CSV: what is read does not depend on where blocks end, nor on gzip; cells are what the
 * contract says; and what was read, written with every cell quoted, reads the same.
 *
 * The first byte of an input chooses settings and what is tried, the rest is the file. */
#define ZLIB_CONST
#include <stdbool.h>
#include <zlib.h>

#include "base/utf8.h"
#include "datasets/csv.h"
#include "tests/fuzz/input.h"

enum {
  DELIMITER = 3,
  NO_QUOTES = 4,
  APOSTROPHE = 8,
  SHORT_CELLS = 16,
  TWO_ROWS = 32,
  MOVED = 64,
  PACKED = 128
};
enum { CHUNK = 65536 }; /* a block of the reader, or a multiple of it */

typedef struct reading {
  pfc_status st;
  pfc_error err;
  int64_t n_rows, last_line;
  int64_t shift;    /* lines that stand before the file */
  fuzz_bytes rows;  /* lines, numbers of cells, cells with their NUL */
  fuzz_bytes again; /* as CSV */
  const pfc_csv_settings *settings;
} reading;

static pfc_status keep_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  reading *r = user;
  (void)err;
  HOLDS(row->n_cells > 0 && row->line - r->shift > r->last_line);
  r->last_line = row->line - r->shift;
  r->n_rows++;
  fuzz_add(&r->rows, &r->last_line, sizeof r->last_line);
  fuzz_add(&r->rows, &row->n_cells, sizeof row->n_cells);
  for (int c = 0; c < row->n_cells; c++) {
    HOLDS(strlen(row->cell[c]) == row->size[c] && row->size[c] <= r->settings->max_cell);
    HOLDS(pfc_utf8_valid(row->cell[c], row->size[c]));
    fuzz_add(&r->rows, row->cell[c], row->size[c] + 1);
    if (c > 0) fuzz_add(&r->again, &r->settings->delimiter, 1);
    fuzz_add_quoted(&r->again, row->cell[c], r->settings->quote);
  }
  fuzz_add(&r->again, "\n", 1);
  return PFC_OK;
}

static reading read_bytes(const char *data, size_t size, int64_t shift,
                          const pfc_csv_settings *settings) {
  reading r = {.shift = shift, .settings = settings};
  r.st = pfc_csv_read(fuzz_file(0, data, size), settings, keep_row, &r, &r.err);
  holds_error(r.st, &r.err);
  HOLDS(r.st == PFC_OK || r.st == PFC_EDATA);
  HOLDS(settings->max_rows == 0 || r.n_rows <= settings->max_rows);
  return r;
}

static void drop(reading *r) {
  free(r->rows.at);
  free(r->again.at);
}

static void holds_same(const reading *a, const reading *b) {
  HOLDS(a->st == b->st && a->n_rows == b->n_rows && a->rows.size == b->rows.size);
  HOLDS(a->rows.size == 0 || memcmp(a->rows.at, b->rows.at, a->rows.size) == 0);
}

static bool is_gzip(const char *data, size_t size) {
  return size >= 2 && memcmp(data, "\x1f\x8b", 2) == 0;
}

/* In two members, as `cat a.gz b.gz` makes them. */
static void gzip_is_the_same(const char *data, size_t size, const reading *plain) {
  static char packed[2 * CHUNK];
  size_t n = 0;
  if (is_gzip(data, size) || size > CHUNK) return;
  for (int part = 0; part < 2; part++) {
    const size_t from = part ? size / 2 : 0, to = part ? size : size / 2;
    z_stream z = {.next_in = (const Bytef *)data + from, .avail_in = (uInt)(to - from)};
    HOLDS(deflateInit2(&z, 1, Z_DEFLATED, 9 + 16, 1, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_out = (Bytef *)packed + n;
    z.avail_out = (uInt)(sizeof packed - n);
    HOLDS(deflate(&z, Z_FINISH) == Z_STREAM_END);
    n += z.total_out;
    HOLDS(deflateEnd(&z) == Z_OK);
  }
  reading r = read_bytes(packed, n, 0, plain->settings);
  holds_same(plain, &r);
  HOLDS(strcmp(plain->err.msg, r.err.msg) == 0);
  drop(&r);
}

/* A blank line moves the file to where a block ends within it. */
static void blocks_are_the_same(const char *data, size_t size, const reading *plain) {
  static char moved[3 * CHUNK];
  const size_t mark = size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  const size_t n_blank = CHUNK - mark - (size - mark) / 2;
  if (is_gzip(data, size) || size > CHUNK) return;
  memcpy(moved, data, mark);
  memset(moved + mark, ' ', n_blank);
  moved[mark + n_blank - 1] = '\n';
  memcpy(moved + mark + n_blank, data + mark, size - mark);
  reading r = read_bytes(moved, size + n_blank, 1, plain->settings);
  holds_same(plain, &r);
  drop(&r);
}

static void quoting_is_the_same(const reading *plain) {
  reading r = read_bytes(plain->again.at, plain->again.size, 0, plain->settings);
  HOLDS(r.st == PFC_OK && r.n_rows == plain->n_rows && r.again.size == plain->again.size);
  HOLDS(r.n_rows == 0 || memcmp(r.again.at, plain->again.at, r.again.size) == 0);
  drop(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  pfc_csv_settings s;
  if (size == 0) return 0;
  pfc_csv_defaults(&s);
  s.delimiter = ",;\t|"[data[0] & DELIMITER];
  if (data[0] & APOSTROPHE) s.quote = '\'';
  if (data[0] & NO_QUOTES) s.quote = '\0';
  if (data[0] & SHORT_CELLS) s.max_cell = 16;
  if (data[0] & TWO_ROWS) s.max_rows = 2;
  const char *text = (const char *)data + 1;
  reading r = read_bytes(text, size - 1, 0, &s);
  if (data[0] & PACKED) gzip_is_the_same(text, size - 1, &r);
  if (data[0] & MOVED) blocks_are_the_same(text, size - 1, &r);
  if (r.st == PFC_OK && s.quote) quoting_is_the_same(&r);
  drop(&r);
  return 0;
}
