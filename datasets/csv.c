#include "datasets/csv.h"

#include <csv.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/utf8.h"

#define CHUNK 65536
#define NO_QUOTE 0xff /* a byte that valid UTF-8 never holds */

/* One file being read. libcsv says where a cell ends, not where it stood; so it is fed
 * line by line, and lines are counted here. */
typedef struct reader {
  const char *path;
  const pfc_csv_settings *settings;
  pfc_csv_row_fn fn;
  void *user;
  pfc_error *err;
  pfc_status st; /* the first failure; nothing is delivered after it */

  struct csv_parser parser;
  int64_t line;      /* now being fed */
  int64_t row_line;  /* on which the row began */
  int64_t n_rows;    /* delivered */
  bool after_return; /* the last byte was CR: an LF now belongs to it */

  char *text; /* cells of the row, each with its NUL */
  size_t text_size, text_capacity;
  size_t *offset; /* of a cell in text */
  size_t *size;
  size_t n_cells, offset_capacity, size_capacity;
  const char **cell; /* filled when the row is complete */
  size_t cell_capacity;
} reader;

void pfc_csv_defaults(pfc_csv_settings *s) {
  *s = (pfc_csv_settings){.delimiter = ',', .quote = '"', .max_cell = (size_t)1 << 20};
}

/* Records a fault at the cell being read. */
static pfc_status fault(reader *r, const char *what) {
  return pfc_fail(r->err, PFC_EDATA, "%s:%lld: column %zu: %s", r->path, (long long)r->line,
                  r->n_cells + 1, what);
}

static pfc_status add_cell(reader *r, const char *s, size_t size) {
  pfc_status st = PFC_OK;
  pfc_error *err = r->err;
  if (size > r->settings->max_cell) return fault(r, "the cell is too long");
  if (size && memchr(s, '\0', size)) return fault(r, "NUL byte in the cell");
  if (!pfc_utf8_valid(s, size))
    return fault(r, "the cell is not valid UTF-8; save the file as UTF-8");
  PFC_RESERVE(r->text, r->text_capacity, r->text_size + size + 1);
  PFC_RESERVE(r->offset, r->offset_capacity, r->n_cells + 1);
  PFC_RESERVE(r->size, r->size_capacity, r->n_cells + 1);
  if (size) memcpy(r->text + r->text_size, s, size);
  r->text[r->text_size + size] = '\0';
  r->offset[r->n_cells] = r->text_size;
  r->size[r->n_cells++] = size;
  r->text_size += size + 1;
done:
  return st;
}

static void on_cell(void *s, size_t size, void *user) {
  reader *r = user;
  if (r->st == PFC_OK) r->st = add_cell(r, s, size);
}

static bool is_full(const reader *r) {
  return r->settings->max_rows > 0 && r->n_rows >= r->settings->max_rows;
}

static pfc_status deliver(reader *r) {
  pfc_status st = PFC_OK;
  pfc_error *err = r->err;
  PFC_RESERVE(r->cell, r->cell_capacity, r->n_cells);
  for (size_t i = 0; i < r->n_cells; i++) r->cell[i] = r->text + r->offset[i];
  const pfc_csv_row row = {r->row_line, (int)r->n_cells, r->cell, r->size};
  r->n_rows++;
  st = r->fn(&row, r->user, err);
  r->n_cells = 0;
  r->text_size = 0;
done:
  return st;
}

static void on_row(int terminator, void *user) {
  (void)terminator;
  reader *r = user;
  if (r->st == PFC_OK && !is_full(r)) r->st = deliver(r);
}

/* libcsv found the cell against the rules; says which rule. */
static pfc_status parse_failure(reader *r) {
  if (csv_error(&r->parser) == CSV_ENOMEM) return pfc_fail_memory(r->err, "CSV cell");
  if (r->parser.quoted)
    return fault(r, "text after a closing quote; a quote inside a quoted cell is doubled");
  return fault(r, "quote inside an unquoted cell; quote the cell and double the quote");
}

/* Part of one line, at most CHUNK bytes. */
static pfc_status feed(reader *r, const char *s, size_t size) {
  if (r->parser.pstate == 0) r->row_line = r->line; /* between rows */
  const size_t used = csv_parse(&r->parser, s, size, on_cell, on_row, r);
  if (r->st != PFC_OK) return r->st;
  if (used < size) return parse_failure(r);
  if (r->parser.entry_pos > r->settings->max_cell) {
    r->line = r->row_line;
    return fault(r, "the cell is too long; is a quote not closed?");
  }
  return PFC_OK;
}

/* Bytes up to and including the end of the line, or all of them. */
static size_t line_length(const char *s, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (s[i] == '\n' || s[i] == '\r') return i + 1;
  return size;
}

static pfc_status feed_lines(reader *r, const char *s, size_t size) {
  while (size > 0 && !is_full(r)) {
    if (r->after_return && *s == '\n') r->line--;
    const size_t n = line_length(s, size);
    const pfc_status st = feed(r, s, n);
    if (st != PFC_OK) return st;
    r->after_return = s[n - 1] == '\r';
    if (s[n - 1] == '\n' || s[n - 1] == '\r') r->line++;
    s += n;
    size -= n;
  }
  return PFC_OK;
}

/* The last row may lack its line end; a quote left open is a fault where it opened. */
static pfc_status finish(reader *r) {
  if (csv_fini(&r->parser, on_cell, on_row, r) == 0) return r->st;
  if (csv_error(&r->parser) == CSV_ENOMEM) return pfc_fail_memory(r->err, "CSV cell");
  r->line = r->row_line;
  return fault(r, "the quote of this cell is never closed");
}

static pfc_status read_failure(const reader *r, gzFile gz) {
  int code = Z_OK;
  const char *text = gzerror(gz, &code);
  if (code == Z_ERRNO)
    return pfc_fail(r->err, PFC_EIO, "cannot read %s: %s", r->path, strerror(errno));
  if (code == Z_MEM_ERROR) return pfc_fail_memory(r->err, "gzip");
  return pfc_fail(r->err, PFC_EDATA, "%s:%lld: damaged gzip stream (%s)", r->path,
                  (long long)r->line, text);
}

/* A name that says gzip must be gzip: else a cut or mistaken file passes for text. */
static bool claims_gzip(const char *path) {
  const size_t size = strlen(path);
  return size > 3 && strcmp(path + size - 3, ".gz") == 0;
}

static pfc_status read_all(reader *r, gzFile gz) {
  static const char MARK[] = "\xef\xbb\xbf";
  pfc_status st = PFC_OK;
  pfc_error *err = r->err;
  char *chunk = NULL;
  PFC_NEW(chunk, CHUNK);
  for (bool first = true; !is_full(r); first = false) {
    const int n = gzread(gz, chunk, CHUNK);
    if (first && n >= 0 && claims_gzip(r->path) && gzdirect(gz)) {
      st = pfc_fail(err, PFC_EDATA, "%s is not a gzip file", r->path);
      goto done;
    }
    if (n < 0) PFC_TRY(read_failure(r, gz));
    if (n == 0) break;
    const size_t skip = first && n >= 3 && memcmp(chunk, MARK, 3) == 0 ? 3 : 0;
    PFC_TRY(feed_lines(r, chunk + skip, (size_t)n - skip));
  }
  int code = Z_OK;
  (void)gzerror(gz, &code);
  if (code != Z_OK && !is_full(r)) PFC_TRY(read_failure(r, gz)); /* the stream is cut */
  if (!is_full(r)) PFC_TRY(finish(r));
done:
  pfc_free(chunk);
  return st;
}

static pfc_status open_parser(reader *r) {
  const pfc_csv_settings *s = r->settings;
  if (csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
    return pfc_fail_memory(r->err, "CSV parser");
  csv_set_delim(&r->parser, (unsigned char)s->delimiter);
  csv_set_quote(&r->parser, s->quote ? (unsigned char)s->quote : NO_QUOTE);
  csv_set_blk_size(&r->parser, 4096);
  return PFC_OK;
}

pfc_status pfc_csv_read(const char *path, const pfc_csv_settings *settings, pfc_csv_row_fn fn,
                        void *user, pfc_error *err) {
  pfc_csv_settings defaults;
  pfc_csv_defaults(&defaults);
  reader r = {.path = path, .settings = settings ? settings : &defaults, .fn = fn};
  r.user = user;
  r.err = err;
  r.line = r.row_line = 1;
  errno = 0;
  gzFile gz = gzopen(path, "rb");
  if (!gz)
    return pfc_fail(err, PFC_EIO, "cannot open %s: %s", path,
                    errno ? strerror(errno) : "out of memory");
  pfc_status st = PFC_OK;
  (void)gzbuffer(gz, CHUNK);
  PFC_TRY(open_parser(&r));
  st = read_all(&r, gz);
  csv_free(&r.parser);
done:
  (void)gzclose_r(gz);
  pfc_free(r.text);
  pfc_free(r.offset);
  pfc_free(r.size);
  pfc_free(r.cell);
  return st;
}
