#include "cli/render.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/number.h"
#include "cli/output_internal.h"
#include "datasets/csv_out.h"

/* Whole numbers are mostly ranks and counts. */
static void put_whole(bytes *to, int64_t value) {
  char text[24];
  int at = sizeof text;
  uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do {
    text[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (value < 0) text[--at] = '-';
  bytes_add(to, text + at, sizeof text - (size_t)at);
}

/* false: missing. */
static bool put_number(bytes *to, column_type type, const cell *c) {
  if (type == COLUMN_INT) {
    if (c->integer == NO_INT) return false;
    put_whole(to, c->integer);
    return true;
  }
  char *text = bytes_room(to, PFC_NUMBER_TEXT);
  /* + 0.0 makes a negative zero positive. */
  const size_t n = text ? pfc_number_format6(c->real + 0.0, text) : 0;
  to->size += n;
  return n > 0;
}

/* --- CSV ---------------------------------------------------------------------------------- */

static void put_csv(bytes *to, const char *text) {
  const size_t n = strlen(text);
  if (!pfc_csv_needs_quotes(text, n)) {
    bytes_add(to, text, n);
    return;
  }
  bytes_char(to, '"');
  for (; *text; text++) {
    if (*text == '"') bytes_char(to, '"');
    bytes_char(to, *text);
  }
  bytes_char(to, '"');
}

static void csv_header(int n_columns, const output_column *columns, bytes *to) {
  for (int c = 0; c < n_columns; c++) {
    if (c) bytes_char(to, ',');
    put_csv(to, columns[c].name);
  }
  bytes_char(to, '\n');
}

static void csv_row(int n_columns, const output_column *columns, const cell *cells, bytes *to) {
  for (int c = 0; c < n_columns; c++) {
    if (c) bytes_char(to, ',');
    if (columns[c].type != COLUMN_TEXT) {
      (void)put_number(to, columns[c].type, &cells[c]);
    } else if (cells[c].text) {
      put_csv(to, cells[c].text);
    }
  }
  bytes_char(to, '\n');
}

const row_format render_csv = {csv_header, csv_row};

/* --- JSON Lines ------------------------------------------------------------------------------
 */

static void put_escaped(bytes *to, char c) {
  static const char HEX[] = "0123456789abcdef";
  if (c == '"' || c == '\\') {
    bytes_char(to, '\\');
    bytes_char(to, c);
    return;
  }
  const char code[] = {'\\', 'u', '0', '0', HEX[c >> 4], HEX[c & 15]};
  bytes_add(to, code, sizeof code);
}

void render_json_text(bytes *to, const char *text) {
  bytes_char(to, '"');
  while (*text) {
    size_t n = 0;
    while ((unsigned char)text[n] >= 0x20 && text[n] != '"' && text[n] != '\\') n++;
    bytes_add(to, text, n);
    text += n;
    if (*text) put_escaped(to, *text++);
  }
  bytes_char(to, '"');
}

static void jsonl_row(int n_columns, const output_column *columns, const cell *cells,
                      bytes *to) {
  for (int c = 0; c < n_columns; c++) {
    bytes_char(to, c ? ',' : '{');
    render_json_text(to, columns[c].name);
    bytes_char(to, ':');
    if (columns[c].type == COLUMN_TEXT) {
      render_json_text(to, cells[c].text ? cells[c].text : "");
    } else if (!put_number(to, columns[c].type, &cells[c])) {
      bytes_text(to, "null");
    }
  }
  bytes_text(to, "}\n");
}

const row_format render_jsonl = {NULL, jsonl_row};

/* --- cells -----------------------------------------------------------------------------------
 */

/* A text is its length, which counts its NUL, and its bytes; a number its eight bytes. */
static void cells_row(int n_columns, const output_column *columns, const cell *cells,
                      bytes *to) {
  for (int c = 0; c < n_columns; c++) {
    if (columns[c].type == COLUMN_TEXT) {
      const char *text = cells[c].text ? cells[c].text : "";
      const uint32_t n = (uint32_t)strlen(text) + 1;
      bytes_add(to, &n, sizeof n);
      bytes_add(to, text, n);
    } else if (columns[c].type == COLUMN_REAL) {
      bytes_add(to, &cells[c].real, sizeof cells[c].real);
    } else {
      bytes_add(to, &cells[c].integer, sizeof cells[c].integer);
    }
  }
}

const row_format render_cells = {NULL, cells_row};

const char *render_replay(int n_columns, const output_column *columns, const char *from,
                          cell *cells) {
  for (int c = 0; c < n_columns; c++) {
    if (columns[c].type == COLUMN_TEXT) {
      uint32_t n;
      memcpy(&n, from, sizeof n);
      cells[c].text = from + sizeof n;
      from += sizeof n + n;
    } else if (columns[c].type == COLUMN_REAL) {
      memcpy(&cells[c].real, from, sizeof cells[c].real);
      from += sizeof cells[c].real;
    } else {
      memcpy(&cells[c].integer, from, sizeof cells[c].integer);
      from += sizeof cells[c].integer;
    }
  }
  return from;
}

size_t render_length(int n_columns, const output_column *columns, const char *from,
                     const char *end) {
  const size_t room = (size_t)(end - from);
  size_t at = 0;
  for (int c = 0; c < n_columns; c++) {
    uint32_t n = sizeof(double);
    if (columns[c].type == COLUMN_TEXT) {
      if (room - at < sizeof n) return 0;
      memcpy(&n, from + at, sizeof n);
      at += sizeof n;
    }
    if (room - at < n) return 0;
    at += n;
  }
  return at;
}

enum { MOST_COLUMNS = 64, READ_SIZE = 1 << 20 };

pfc_status render_each_in(const char *from, size_t n, int n_columns,
                          const output_column *columns, render_row_fn fn, void *user,
                          const char **rest, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char *end = from + n;
  cell cells[MOST_COLUMNS];
  while (st == PFC_OK && render_length(n_columns, columns, from, end) > 0) {
    from = render_replay(n_columns, columns, from, cells);
    st = fn(cells, user, err);
  }
  *rest = from;
  return st;
}

pfc_status render_each(FILE *file, const char *name, int n_columns,
                       const output_column *columns, render_row_fn fn, void *user,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  bytes block = {0};
  size_t got;
  rewind(file);
  do {
    const char *rest;
    char *room = bytes_room(&block, READ_SIZE);
    PFC_TRY(bytes_status(&block, err));
    got = fread(room, 1, READ_SIZE, file);
    block.size += got;
    PFC_TRY(render_each_in(block.at, block.size, n_columns, columns, fn, user, &rest, err));
    block.size -= (size_t)(rest - block.at);
    memmove(block.at, rest, block.size);
  } while (got > 0);
  if (ferror(file)) {
    st = pfc_fail(err, PFC_EIO, "cannot read '%s': %s", name, strerror(errno));
  } else if (block.size > 0) {
    st = pfc_fail(err, PFC_EIO, "cannot read '%s': its last row is cut", name);
  }
done:
  bytes_clear(&block);
  return st;
}
