#include "cli/render.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/number.h"
#include "cli/output_internal.h"
#include "datasets/csv_out.h"

/* false: missing. */
static bool put_number(bytes *to, column_type type, const cell *c) {
  char *text = bytes_room(to, PFC_NUMBER_TEXT);
  size_t n = 0;
  if (text && type == COLUMN_INT) {
    n = c->integer == NO_INT ? 0 : pfc_number_format_whole(c->integer, text);
  } else if (text) {
    n = pfc_number_format6(c->real + 0.0, text); /* makes a negative zero positive */
  }
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
  for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
    bytes_add(to, text, (size_t)(quote + 1 - text));
    bytes_char(to, '"');
  }
  bytes_text(to, text);
  bytes_char(to, '"');
}

static void csv_header(int n_columns, const output_column *columns, bytes *to) {
  for (int c = 0; c < n_columns; c++) {
    if (c) bytes_char(to, ',');
    put_csv(to, columns[c].name);
  }
  bytes_char(to, '\n');
}

static void csv_cell(int at, const output_column *column, const cell *value, bytes *to) {
  if (at > 0) bytes_char(to, ',');
  if (column->type != COLUMN_TEXT) {
    (void)put_number(to, column->type, value);
  } else if (value->text) {
    put_csv(to, value->text);
  }
}

static void csv_row(int n_columns, const output_column *columns, const cell *cells, bytes *to) {
  for (int c = 0; c < n_columns; c++) csv_cell(c, &columns[c], &cells[c], to);
  bytes_char(to, '\n');
}

const row_format render_csv = {csv_header, csv_row, csv_cell, "\n"};

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

static void jsonl_cell(int at, const output_column *column, const cell *value, bytes *to) {
  bytes_char(to, at > 0 ? ',' : '{');
  render_json_text(to, column->name);
  bytes_char(to, ':');
  if (column->type == COLUMN_TEXT) {
    render_json_text(to, value->text ? value->text : "");
  } else if (!put_number(to, column->type, value)) {
    bytes_text(to, "null");
  }
}

static void jsonl_row(int n_columns, const output_column *columns, const cell *cells,
                      bytes *to) {
  for (int c = 0; c < n_columns; c++) jsonl_cell(c, &columns[c], &cells[c], to);
  bytes_text(to, "}\n");
}

const row_format render_jsonl = {NULL, jsonl_row, jsonl_cell, "}\n"};

/* --- cells -----------------------------------------------------------------------------------
 */

/* A text is its length, which counts its NUL, and its bytes; a number its eight bytes. */
static void cells_cell(int at, const output_column *column, const cell *value, bytes *to) {
  (void)at;
  if (column->type == COLUMN_TEXT) {
    const char *text = value->text ? value->text : "";
    const uint32_t n = (uint32_t)strlen(text) + 1;
    bytes_add(to, &n, sizeof n);
    bytes_add(to, text, n);
  } else if (column->type == COLUMN_REAL) {
    bytes_add(to, &value->real, sizeof value->real);
  } else {
    bytes_add(to, &value->integer, sizeof value->integer);
  }
}

static void cells_row(int n_columns, const output_column *columns, const cell *cells,
                      bytes *to) {
  for (int c = 0; c < n_columns; c++) cells_cell(c, &columns[c], &cells[c], to);
}

const row_format render_cells = {NULL, cells_row, cells_cell, ""};

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
