#include "datasets/csv_split_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define NO_QUOTE 0xff /* a byte that valid UTF-8 never holds */

/* --- faults --------------------------------------------------------------- */

static size_t cells_of_row(const pfc__csv *r) {
  return r->n_cells - r->block->first[r->block->n_rows];
}

/* Records a fault at the cell being read. */
static pfc_status fault(pfc__csv *r, const char *what) {
  return pfc_fail(r->err, PFC_EDATA, "%s:%lld: column %zu: %s", r->path, (long long)r->line,
                  cells_of_row(r) + 1, what);
}

static pfc_status too_long(pfc__csv *r, const char *hint) {
  const size_t max = r->settings->max_cell, mib = (size_t)1 << 20;
  const bool is_round = max >= mib && max % mib == 0;
  char what[120];
  (void)snprintf(what, sizeof what, "the cell is longer than %zu %s%s",
                 is_round ? max / mib : max, is_round ? "MiB" : "bytes", hint);
  return fault(r, what);
}

/* What the cell would be in the encoding that such cells have most often. Where valid
 * characters beyond ASCII precede the fault, the file is UTF-8 and damaged. */
static pfc_status not_utf8(pfc__csv *r, const char *s, size_t size) {
  char what[400], shown[3 * PFC__TEXT_SHOWN + 1];
  size_t good = 0, n;
  bool is_ascii = true;
  for (; (n = pfc_utf8_length(s + good, size - good)) > 0; good += n) is_ascii &= n == 1;
  const size_t from = good > PFC__TEXT_SHOWN / 2 ? good - PFC__TEXT_SHOWN / 2 : 0;
  const size_t cut = size - from > PFC__TEXT_SHOWN ? PFC__TEXT_SHOWN : size - from;
  if (is_ascii && pfc__text_as_western(s + from, cut, shown, sizeof shown))
    (void)snprintf(
        what, sizeof what,
        "the cell is not valid UTF-8; as windows-1252 it would read '%s': if that is "
        "right, use --encoding windows-1252, or save the file as UTF-8",
        shown);
  else
    (void)snprintf(what, sizeof what,
                   "the cell is not valid UTF-8: byte 0x%02x at position %zu; save the file as "
                   "UTF-8",
                   (unsigned char)s[good], good + 1);
  return fault(r, what);
}

static pfc_status check_cell(pfc__csv *r, const char *s, size_t size) {
  if (size > r->settings->max_cell) return too_long(r, "");
  if (!r->is_dirty) return PFC_OK;
  if (memchr(s, '\0', size)) return fault(r, "NUL byte in the cell");
  return pfc_utf8_valid(s, size) ? PFC_OK : not_utf8(r, s, size);
}

/* libcsv found the cell against the rules; says which rule. */
static pfc_status parse_failure(pfc__csv *r) {
  if (csv_error(&r->parser) == CSV_ENOMEM) return pfc_fail_memory(r->err, "CSV cell");
  if (r->parser.quoted)
    return fault(r, "text after a closing quote; a quote inside a quoted cell is doubled");
  return fault(r, "quote inside an unquoted cell; quote the cell and double the quote");
}

/* --- marks ---------------------------------------------------------------- */

static bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/* Which of the 64 bytes are `a`, `b`, CR or LF, as bits. */
static uint64_t find_marks(const char *s, char a, char b) {
  uint64_t marks = 0;
#ifdef __SSE2__
  const __m128i va = _mm_set1_epi8(a), vb = _mm_set1_epi8(b);
  const __m128i cr = _mm_set1_epi8('\r'), lf = _mm_set1_epi8('\n');
  for (int i = 0; i < PFC__CSV_WINDOW / 16; i++) {
    const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + 16 * i));
    const __m128i hit =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, va), _mm_cmpeq_epi8(v, vb)),
                     _mm_or_si128(_mm_cmpeq_epi8(v, cr), _mm_cmpeq_epi8(v, lf)));
    marks |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << 16 * i;
  }
#else
  for (int i = 0; i < PFC__CSV_WINDOW; i++) {
    const bool hit = s[i] == a || s[i] == b || is_line_end(s[i]);
    marks |= (uint64_t)hit << i;
  }
#endif
  return marks;
}

/* --- cells and rows ------------------------------------------------------- */

static pfc_status check_width(pfc__csv *r) {
  if (cells_of_row(r) <= PFC__CSV_MAX_CELLS) return PFC_OK;
  return pfc_fail(r->err, PFC_EDATA,
                  "%s:%lld: the row has more than %d cells; does the file lack line ends?",
                  r->path, (long long)r->row_line, PFC__CSV_MAX_CELLS);
}

static pfc_status check_length(pfc__csv *r, size_t size) {
  if (size <= PFC__CSV_MAX_ROW) return PFC_OK;
  return pfc_fail(r->err, PFC_EDATA,
                  "%s:%lld: the row is longer than %zu MiB; is a quote not closed, or does the "
                  "file lack line ends?",
                  r->path, (long long)r->row_line, PFC__CSV_MAX_ROW >> 20);
}

/* Room for one cell more. */
static pfc_status reserve_cell(pfc__csv *r) {
  pfc_status st = PFC_OK;
  pfc_error *err = r->err;
  if (r->n_cells < r->block->cell_capacity) return st;
  PFC_TRY(check_width(r));
  PFC_RESERVE(r->block->cell, r->block->cell_capacity, r->n_cells + 1);
done:
  return st;
}

/* Room for one row more, and for what ends the last. */
pfc_status pfc__csv_reserve_row(pfc__csv_block *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  size_t capacity = b->row_capacity;
  if (b->n_rows + 2 <= capacity) return st;
  PFC_RESERVE(b->first, capacity, b->n_rows + 2);
  capacity = b->row_capacity;
  PFC_RESERVE(b->line, capacity, b->n_rows + 2);
  b->row_capacity = capacity;
done:
  return st;
}

static pfc_status end_row(pfc__csv *r) {
  pfc_status st = PFC_OK;
  pfc__csv_block *b = r->block;
  PFC_TRY(check_width(r));
  PFC_TRY(pfc__csv_reserve_row(b, r->err));
  b->line[b->n_rows] = r->row_line;
  b->first[++b->n_rows] = (uint32_t)r->n_cells;
done:
  return st;
}

/* --- rows that are parsed: libcsv --------------------------------------------- */

/* The cell goes over the raw text, of which it is never longer than what has been parsed. */
static pfc_status keep_cell(pfc__csv *r, const char *s, size_t size) {
  pfc_status st = PFC_OK;
  PFC_TRY(check_cell(r, s, size));
  if (!r->is_trial) {
    PFC_TRY(reserve_cell(r));
    char *to = r->block->text + r->put;
    if (size) memmove(to, s, size);
    to[size] = '\0';
    r->block->cell[r->n_cells] = (pfc__csv_cell){(uint32_t)r->put, (uint32_t)size};
    r->put += size + 1;
  }
  r->n_cells++;
done:
  return st;
}

static void on_cell(void *s, size_t size, void *user) {
  pfc__csv *r = user;
  if (r->st == PFC_OK) r->st = keep_cell(r, s ? s : "", size);
}

static void on_row(int terminator, void *user) {
  (void)terminator;
  pfc__csv *r = user;
  if (r->st == PFC_OK && !r->is_trial) r->st = end_row(r);
}

/* Bytes up to and including the end of the line, or all of them. */
static size_t line_length(const char *s, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (is_line_end(s[i])) return i + 1;
  return size;
}

/* Line by line: libcsv says where a cell ends, not where it stood. */
static pfc_status feed(pfc__csv *r, const char *s, size_t size) {
  bool after_return = false;
  while (size > 0) {
    if (after_return && *s == '\n') r->line--;
    const size_t n = line_length(s, size);
    const char last = s[n - 1]; /* before a cell is put over it */
    const size_t used = csv_parse(&r->parser, s, n, on_cell, on_row, r);
    if (r->st != PFC_OK) return r->st;
    if (used < n) return parse_failure(r);
    /* What may turn out to be its closing quote, or blanks behind it, is no part of it. */
    if (r->parser.entry_pos - r->parser.spaces > r->settings->max_cell + 1) {
      r->line = r->row_line;
      return too_long(r, "; is a quote not closed?");
    }
    after_return = last == '\r';
    r->line += is_line_end(last);
    s += n;
    size -= n;
  }
  return PFC_OK;
}

static pfc_status open_parser(pfc__csv *r) {
  const pfc_csv_settings *s = r->settings;
  if (r->has_parser) return PFC_OK;
  if (csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
    return pfc_fail_memory(r->err, "CSV parser");
  r->has_parser = true;
  csv_set_delim(&r->parser, (unsigned char)s->delimiter);
  csv_set_quote(&r->parser, s->quote ? (unsigned char)s->quote : NO_QUOTE);
  csv_set_blk_size(&r->parser, 4096);
  return PFC_OK;
}

pfc_status pfc__csv_try_part(pfc__csv *r, size_t from) {
  pfc_status st = PFC_OK;
  const size_t to = r->block->text_size;
  const int64_t line = r->line;
  const size_t n_cells = r->n_cells;
  PFC_TRY(open_parser(r));
  r->is_trial = true;
  r->row_line = r->line;
  PFC_TRY(feed(r, r->block->text + from, to - from));
  const int left = csv_fini(&r->parser, on_cell, on_row, r);
  PFC_TRY(r->st);
  r->line = r->row_line;
  if (r->at_end && left != 0) PFC_TRY(fault(r, "the quote of this cell is never closed"));
  PFC_TRY(check_length(r, to - from));
  csv_free(&r->parser);
  r->has_parser = false;
  r->line = line;
  r->n_cells = n_cells;
done:
  r->is_trial = false;
  return st;
}

/* Where the row that begins at `from` ends: behind the first line end outside quotes. Inside
 * quotes is what an odd number of them precedes, whether they open, close or stand for one
 * of their kind; where they break the rules, libcsv says so. 0 when the text ends before. */
static size_t find_row_end(const pfc__csv *r, size_t from) {
  const char *text = r->block->text;
  const char quote = r->settings->quote;
  bool is_quoted = false;
  for (size_t window = from; window < r->block->text_size; window += PFC__CSV_WINDOW) {
    for (uint64_t marks = find_marks(text + window, quote, quote); marks; marks &= marks - 1) {
      const size_t at = window + (size_t)__builtin_ctzll(marks);
      if (at >= r->block->text_size) return 0;
      if (text[at] == quote)
        is_quoted = !is_quoted;
      else if (!is_quoted)
        return at + 1;
    }
  }
  return 0;
}

/* A row with a quote; *to is where the next one begins, `from` again when it is not whole. */
static pfc_status split_quoted(pfc__csv *r, size_t from, size_t *to) {
  pfc_status st = PFC_OK;
  const size_t end = find_row_end(r, from);
  *to = from;
  r->n_cells = r->block->first[r->block->n_rows];
  if (end == 0) return st;
  PFC_TRY(open_parser(r));
  r->put = from;
  r->row_line = r->line;
  PFC_TRY(check_length(r, end - from));
  const bool ends_in_return = r->block->text[end - 1] == '\r';
  PFC_TRY(feed(r, r->block->text + from, end - from));
  r->after_return = ends_in_return;
  *to = end;
done:
  return st;
}

/* --- rows that are cut ----------------------------------------------------- */

static bool is_blank(const pfc__csv *r, char c) {
  return (c == ' ' || c == '\t') && c != r->settings->delimiter;
}

/* What stands between two delimiters, without the blanks around it. */
static pfc__csv_cell trimmed(const pfc__csv *r, size_t from, size_t to) {
  const char *text = r->block->text;
  while (from < to && is_blank(r, text[from])) from++;
  while (from < to && is_blank(r, text[to - 1])) to--;
  return (pfc__csv_cell){(uint32_t)from, (uint32_t)(to - from)};
}

/* The row has been cut into cells, and its end is known. A line of blanks is no row. Only now
 * is the text changed: before, libcsv might still have to read it. */
static pfc_status finish_plain(pfc__csv *r, bool is_blank_line) {
  pfc_status st = PFC_OK;
  pfc__csv_block *b = r->block;
  const size_t first = b->first[b->n_rows], n_cells = r->n_cells;
  for (size_t c = first; c < n_cells; c++) {
    b->text[b->cell[c].start + b->cell[c].size] = '\0';
    if (!r->is_dirty && b->cell[c].size <= r->settings->max_cell) continue;
    r->n_cells = c; /* what a fault counts */
    PFC_TRY(check_cell(r, b->text + b->cell[c].start, b->cell[c].size));
  }
  r->n_cells = n_cells;
  if (is_blank_line) {
    r->n_cells = first;
    return st;
  }
  r->row_line = r->line;
  PFC_TRY(end_row(r));
done:
  return st;
}

/* Where the splitter stands in the block. */
typedef struct cursor {
  size_t window;    /* begins here */
  uint64_t marks;   /* of the window, not yet dealt with */
  size_t row, cell; /* where they begin */
} cursor;

/* The next mark, false behind the last. The text is followed by PFC__CSV_WINDOW bytes of no
 * meaning. */
static inline bool next_mark(const pfc__csv *r, cursor *c, size_t *at) {
  const pfc_csv_settings *s = r->settings;
  while (c->marks == 0) {
    c->window += PFC__CSV_WINDOW;
    if (c->window >= r->block->text_size) return false;
    c->marks = find_marks(r->block->text + c->window, s->delimiter,
                          s->quote ? s->quote : s->delimiter);
  }
  *at = c->window + (size_t)__builtin_ctzll(c->marks);
  c->marks &= c->marks - 1;
  return *at < r->block->text_size;
}

/* To where a row begins. */
static void move_to(const pfc__csv *r, cursor *c, size_t row) {
  const pfc_csv_settings *s = r->settings;
  c->row = c->cell = c->window = row;
  c->marks = row < r->block->text_size ? find_marks(r->block->text + row, s->delimiter,
                                                    s->quote ? s->quote : s->delimiter)
                                       : 0;
}

static pfc_status push_cell(pfc__csv *r, pfc__csv_cell cell) {
  pfc_status st = PFC_OK;
  r->row_line = r->line;
  PFC_TRY(reserve_cell(r));
  r->block->cell[r->n_cells++] = cell;
done:
  return st;
}

static pfc_status end_line(pfc__csv *r, cursor *c, size_t at) {
  const pfc__csv_block *b = r->block;
  const size_t first = b->first[b->n_rows], row = c->row;
  const bool is_return = b->text[at] == '\r';
  const bool is_second = r->after_return && at == row && !is_return;
  r->after_return = is_return;
  c->row = c->cell = at + 1;
  if (is_second) { /* of CR LF */
    r->n_cells--;
    return PFC_OK;
  }
  const bool is_alone = r->n_cells == first + 1 && b->cell[first].size == 0;
  pfc_status st = check_length(r, at - row);
  if (st == PFC_OK) st = finish_plain(r, is_alone && b->text[row] != r->settings->quote);
  r->line++;
  return st;
}

/* A cell that is all between two quotes, with no third and no line end within. *at goes from
 * its first quote to the mark behind its last; false when the cell is of another kind, and
 * where it is the last thing in the text. */
static bool quoted_cell(const pfc__csv *r, cursor *c, size_t *at, pfc__csv_cell *cell) {
  const char *text = r->block->text;
  const size_t open = *at;
  if (open != c->cell) return false;
  do
    if (!next_mark(r, c, at) || is_line_end(text[*at])) return false;
  while (text[*at] == r->settings->delimiter);
  const size_t close = *at;
  *cell = (pfc__csv_cell){(uint32_t)open + 1, (uint32_t)(close - open - 1)};
  return next_mark(r, c, at) && *at == close + 1 && text[*at] != text[open];
}

pfc_status pfc__csv_split(pfc__csv *r, size_t *rest) {
  pfc_status st = PFC_OK;
  const char *text = r->block->text, delimiter = r->settings->delimiter;
  size_t at;
  cursor c;
  move_to(r, &c, 0);
  while (next_mark(r, &c, &at)) {
    const bool is_quote = text[at] != delimiter && !is_line_end(text[at]);
    pfc__csv_cell cell;
    if (is_quote && !quoted_cell(r, &c, &at, &cell)) {
      const size_t row = c.row;
      PFC_TRY(split_quoted(r, row, &at));
      move_to(r, &c, at);
      if (at == row) break;
      continue;
    }
    if (!is_quote) cell = trimmed(r, c.cell, at);
    PFC_TRY(push_cell(r, cell));
    c.cell = at + 1;
    if (text[at] != delimiter) PFC_TRY(end_line(r, &c, at));
  }
  *rest = c.row;
  r->n_cells = r->block->first[r->block->n_rows];
done:
  return st;
}
