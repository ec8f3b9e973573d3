/* A table to read: aligned columns, numbers to the right, cut to the terminal. Widths are
 * taken from the first rows, so that a table of any length needs little memory. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/output_internal.h"

enum { SAMPLE = 500, GAP = 2, NARROWEST = 12, NARROWEST_LAST = 24, LAST_RESORT = 16 };

typedef struct table {
  int n_shown;
  int *shown; /* columns */
  int *width; /* n_shown; characters */
  bool wraps; /* a text in the last column goes on below instead of being cut */
  int n_held;
  char **held; /* SAMPLE x n_shown; NULL once widths are known */
} table;

static int characters(const char *text) {
  int n = 0;
  for (; *text; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
  return n;
}

/* Four digits are enough to read, but no thousands as 1.234e+04. */
static char *readable(column_type type, const cell *c) {
  char text[NUMBER_TEXT];
  if (type == COLUMN_TEXT) return pfc_strdup(c->text ? c->text : "");
  number_text(type, c, text);
  if (type == COLUMN_REAL && *text) {
    const double size = fabs(c->real);
    (void)snprintf(text, sizeof text, size >= 1000 && size < 1e15 ? "%.0f" : "%.4g",
                   c->real + 0.0);
  }
  return pfc_strdup(text);
}

static pfc_status table_begin(output *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  table *t = NULL;
  PFC_NEW(t, 1);
  out->state = t;
  PFC_NEW(t->shown, out->n_columns);
  PFC_NEW(t->width, out->n_columns);
  for (int c = 0; c < out->n_columns; c++) {
    if (out->columns[c].not_in_table) continue;
    t->width[t->n_shown] = characters(out->columns[c].name);
    t->shown[t->n_shown++] = c;
  }
  PFC_NEW(t->held, (size_t)SAMPLE * (size_t)t->n_shown);
done:
  return st;
}

/* Bytes of the first n characters. */
static int bytes_of(const char *text, int n) {
  int at = 0;
  for (; text[at] && n > 0; n--) {
    const size_t size = pfc_utf8_length(text + at, strlen(text + at));
    at += size ? (int)size : 1;
  }
  return at;
}

/* Line breaks inside a cell would tear the table apart. */
static void put_text(FILE *file, const char *text, int n_bytes) {
  for (int i = 0; i < n_bytes; i++) {
    (void)fputc((unsigned char)text[i] < 0x20 ? ' ' : text[i], file);
  }
}

static void put_cell(FILE *file, const char *text, int width, bool to_right, bool is_last) {
  const int n = characters(text);
  const bool cut = n > width;
  if (to_right && !cut) (void)fprintf(file, "%*s", width - n, "");
  put_text(file, text, cut ? bytes_of(text, width - 1) : (int)strlen(text));
  if (cut) (void)fputs("\xE2\x80\xA6", file);
  if (!to_right && !cut && !is_last) (void)fprintf(file, "%*s", width - n, "");
  if (!is_last) (void)fprintf(file, "%*s", GAP, "");
}

/* Bytes of text that fit into width characters, whole words where possible. */
static int bytes_of_words(const char *text, int width) {
  const int most = bytes_of(text, width);
  if (!text[most]) return most;
  for (int at = most; at > 0; at--) {
    if (text[at] == ' ') return at;
  }
  return most;
}

void output_put_padded(FILE *file, const char *text, int width, int gap) {
  const int n = characters(text);
  (void)fprintf(file, "%*s", gap, "");
  put_text(file, text, bytes_of(text, width));
  if (n < width) (void)fprintf(file, "%*s", width - n, "");
}

void output_wrap(FILE *file, const char *text, int width, int indent) {
  for (;;) {
    const int n = bytes_of_words(text, width);
    put_text(file, text, n);
    text += n;
    while (*text == ' ') text++;
    if (!*text) return;
    (void)fprintf(file, "\n%*s", indent, "");
  }
}

static void put_line(const output *out, const char *const *texts) {
  const table *t = out->state;
  int indent = 0;
  for (int i = 0; i < t->n_shown; i++) {
    const bool to_right = out->columns[t->shown[i]].type != COLUMN_TEXT;
    const bool is_last = i == t->n_shown - 1;
    if (is_last && t->wraps && !to_right) {
      output_wrap(out->file, texts[i], t->width[i], indent);
    } else {
      put_cell(out->file, texts[i], t->width[i], to_right, is_last);
    }
    indent += t->width[i] + GAP;
  }
  (void)fputc('\n', out->file);
}

static int total_width(const table *t) {
  int total = -GAP;
  for (int i = 0; i < t->n_shown; i++) total += t->width[i] + GAP;
  return total;
}

/* Takes a character from the last text, which loses nothing as it goes on below, else from
 * the widest; false when all are at their narrowest. */
static bool take_one(const output *out, table *t, int narrowest_last) {
  int widest = -1;
  for (int i = 0; i < t->n_shown; i++) {
    const bool is_last = i == t->n_shown - 1;
    if (out->columns[t->shown[i]].type != COLUMN_TEXT) continue;
    if (t->width[i] <= (is_last ? narrowest_last : NARROWEST)) continue;
    if (widest < 0 || is_last || t->width[i] > t->width[widest]) widest = i;
  }
  if (widest >= 0) t->width[widest]--;
  return widest >= 0;
}

/* A terminal too narrow for all of it breaks lines itself. */
static void fit_widths(const output *out, table *t) {
  const int room = out->file == stdout ? terminal_width() : 0;
  t->wraps = room > 0;
  while (room > 0 && total_width(t) > room) {
    if (!take_one(out, t, NARROWEST_LAST) && !take_one(out, t, LAST_RESORT)) return;
  }
}

static pfc_status put_header(const output *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  const table *t = out->state;
  const char **names = NULL;
  PFC_NEW(names, t->n_shown);
  for (int i = 0; i < t->n_shown; i++) names[i] = out->columns[t->shown[i]].name;
  put_line(out, names);
done:
  pfc_free(names);
  return st;
}

static void free_held(table *t) {
  /* All places: a row that was begun counts not yet. */
  for (int i = 0; t->held && i < SAMPLE * t->n_shown; i++) pfc_free(t->held[i]);
  pfc_free(t->held);
  t->held = NULL;
  t->n_held = 0;
}

/* Widths are known now: header and held rows go out. */
static pfc_status release(output *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  table *t = out->state;
  fit_widths(out, t);
  PFC_TRY(put_header(out, err));
  for (int r = 0; r < t->n_held; r++) {
    put_line(out, (const char *const *)(t->held + (ptrdiff_t)r * t->n_shown));
  }
  free_held(t);
done:
  return st;
}

static pfc_status hold(output *out, char **row, pfc_error *err) {
  table *t = out->state;
  for (int i = 0; i < t->n_shown; i++) {
    const int n = characters(row[i]);
    if (n > t->width[i]) t->width[i] = n;
  }
  t->n_held++;
  return t->n_held == SAMPLE ? release(out, err) : PFC_OK;
}

static pfc_status table_row(output *out, const cell *cells, pfc_error *err) {
  pfc_status st = PFC_OK;
  table *t = out->state;
  char **row = NULL, **own = NULL;
  if (!t->held) PFC_NEW(own, t->n_shown);
  row = own ? own : t->held + (ptrdiff_t)t->n_held * t->n_shown;
  for (int i = 0; i < t->n_shown; i++) {
    row[i] = readable(out->columns[t->shown[i]].type, &cells[t->shown[i]]);
    if (!row[i]) st = pfc_fail_memory(err, "table");
  }
  PFC_TRY(st);
  if (own) {
    put_line(out, (const char *const *)own);
  } else {
    st = hold(out, row, err);
  }
done:
  for (int i = 0; own && i < t->n_shown; i++) pfc_free(own[i]);
  pfc_free(own);
  return st;
}

static pfc_status table_end(output *out, pfc_error *err) {
  const table *t = out->state;
  return t->held ? release(out, err) : PFC_OK;
}

static void table_drop(output *out) {
  table *t = out->state;
  if (!t) return;
  free_held(t);
  pfc_free(t->shown);
  pfc_free(t->width);
  pfc_free(t);
}

const output_backend output_table = {table_begin, table_row, table_end, table_drop, NULL};
