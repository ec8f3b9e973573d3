// labels: fuzz check
/* CSV: what is read does not depend on where blocks end, nor on gzip; cells are what the
 * contract says; and what was read, written with every cell quoted, reads the same.
 *
 * The first byte of an input chooses settings, the second the encoding and the size of the
 * blocks, the rest is the file. */
#define ZLIB_CONST
#include <stdbool.h>
#include <zlib.h>

#include "base/utf8.h"
#include "datasets/csv_internal.h"
#include "tests/fuzz/input.h"

enum {
  DELIMITER = 3,
  NO_QUOTES = 4,
  APOSTROPHE = 8,
  SHORT_CELLS = 16,
  TWO_ROWS = 32,
  PACKED = 128,
  ENCODING = 3,
  LARGEST = 1 << 16
};
static const char *const ENCODINGS[] = {NULL, "windows-1252", "UTF-16", "ISO-2022-JP"};

typedef struct reading {
  pfc_status st;
  pfc_error err;
  int64_t n_rows, last_line;
  fuzz_bytes rows;  /* lines, numbers of cells, cells with their NUL */
  fuzz_bytes again; /* as CSV */
  const pfc_csv_settings *settings;
} reading;

static void keep_row(reading *r, const pfc_csv_row *row) {
  HOLDS(row->n_cells > 0 && row->line > r->last_line);
  r->last_line = row->line;
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
}

/* As pfc_csv_read does, with blocks of any size. */
static pfc_status read_blocks(reading *r, const char *path, size_t block_size) {
  pfc_status st = PFC_OK;
  pfc__csv *csv = NULL;
  pfc__csv_block block = {0};
  pfc__csv_view view = {0};
  PFC_TRY(pfc__csv_open(path, r->settings, false, &csv, &r->err));
  pfc__csv_set_block(csv, block_size);
  do {
    PFC_TRY(pfc__csv_next(csv, &block, &r->err));
    for (size_t row = 0; row < block.n_rows; row++) {
      pfc_csv_row shown;
      PFC_TRY(pfc__csv_view_row(&view, &block, row, &shown, &r->err));
      keep_row(r, &shown);
      if (r->n_rows == r->settings->max_rows) goto done;
    }
  } while (block.n_rows > 0);
done:
  pfc__csv_close(csv);
  pfc__csv_block_clear(&block);
  pfc__csv_view_clear(&view);
  return st;
}

static reading read_bytes(const char *data, size_t size, size_t block_size,
                          const pfc_csv_settings *settings) {
  reading r = {.settings = settings};
  r.st = read_blocks(&r, fuzz_file(0, data, size), block_size);
  holds_error(r.st, &r.err);
  HOLDS(r.st == PFC_OK || r.st == PFC_EDATA);
  return r;
}

static void drop(reading *r) {
  free(r->rows.at);
  free(r->again.at);
}

static void holds_same(const reading *a, const reading *b) {
  HOLDS(a->st == b->st && a->n_rows == b->n_rows && a->rows.size == b->rows.size);
  HOLDS(a->rows.size == 0 || memcmp(a->rows.at, b->rows.at, a->rows.size) == 0);
  /* Of a row that is too long the beginning may be looked at first, and told of. */
  const bool may_be_too_long = a->settings->max_cell < LARGEST;
  HOLDS(may_be_too_long || strcmp(a->err.msg, b->err.msg) == 0);
}

static bool is_gzip(const char *data, size_t size) {
  return size >= 2 && memcmp(data, "\x1f\x8b", 2) == 0;
}

/* In two members, as `cat a.gz b.gz` makes them. */
static void gzip_is_the_same(const char *data, size_t size, size_t block_size,
                             const reading *plain) {
  static char packed[2 * LARGEST];
  size_t n = 0;
  if (is_gzip(data, size)) return;
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
  reading r = read_bytes(packed, n, block_size, plain->settings);
  holds_same(plain, &r);
  drop(&r);
}

static void quoting_is_the_same(const reading *plain, size_t block_size) {
  pfc_csv_settings s = *plain->settings;
  s.encoding = NULL;
  reading r = read_bytes(plain->again.at, plain->again.size, block_size, &s);
  HOLDS(r.st == PFC_OK && r.n_rows == plain->n_rows && r.again.size == plain->again.size);
  HOLDS(r.n_rows == 0 || memcmp(r.again.at, plain->again.at, r.again.size) == 0);
  drop(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  pfc_csv_settings s;
  if (size < 2 || size > LARGEST) return 0;
  pfc_csv_defaults(&s);
  s.delimiter = ",;\t|"[data[0] & DELIMITER];
  if (data[0] & APOSTROPHE) s.quote = '\'';
  if (data[0] & NO_QUOTES) s.quote = '\0';
  if (data[0] & SHORT_CELLS) s.max_cell = 16;
  if (data[0] & TWO_ROWS) s.max_rows = 2;
  s.encoding = ENCODINGS[data[1] & ENCODING];
  const size_t block_size = 1 + (data[1] >> 2);
  const char *text = (const char *)data + 2;
  reading r = read_bytes(text, size - 2, PFC__CSV_BLOCK, &s);
  reading by_blocks = read_bytes(text, size - 2, block_size, &s);
  holds_same(&r, &by_blocks);
  drop(&by_blocks);
  if (data[0] & PACKED) gzip_is_the_same(text, size - 2, block_size, &r);
  if (r.st == PFC_OK && s.quote) quoting_is_the_same(&r, block_size);
  drop(&r);
  return 0;
}
