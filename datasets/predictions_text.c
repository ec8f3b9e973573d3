/* Predictions from CSV, and from JSON Lines: both are rows of texts under names. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "datasets/csv.h"
#include "datasets/predictions_internal.h"
#include "datasets/text_source.h"

/* --- cells ------------------------------------------------------------------------------- */

static bool is_id(int what) { return what <= PFC__TOLD_COMPETENCY; }

static pfc_status set_text(pfc__prediction_table *t, int64_t r, pfc__told what,
                           const char *text, pfc_error *err) {
  double value;
  if (is_id((int)what)) return pfc__predictions_set_id(t, r, what, text, err);
  if (what == PFC__TOLD_DATE) return pfc__predictions_set_date(t, r, text, err);
  if (*text == '\0') return PFC_OK;
  if (!pfc_number_parse(text, strlen(text), &value))
    return pfc__predictions_fail(t, r, what, text, "a number, or nothing", err);
  return pfc__predictions_set_number(t, r, what, value, err);
}

/* --- CSV --------------------------------------------------------------------------------- */

typedef struct csv_reading {
  pfc__prediction_table *t;
  int n_cells; /* of the header; 0 before it */
} csv_reading;

static pfc_status take_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  csv_reading *r = user;
  pfc__prediction_table *t = r->t;
  if (r->n_cells == 0) {
    r->n_cells = row->n_cells;
    return pfc__predictions_columns(t, row->n_cells, row->cell, err);
  }
  if (row->n_cells != r->n_cells)
    return pfc_fail(err, PFC_EDATA,
                    "%s:%lld: expected %d cells as in the header, found %d; is a comma not "
                    "quoted?",
                    t->path, (long long)row->line, r->n_cells, row->n_cells);
  PFC_TRY(pfc__predictions_add_row(t, row->line, err));
  for (int what = 0; what < PFC__N_TOLD; what++) {
    const int at = t->column[what];
    if (at >= 0) PFC_TRY(set_text(t, t->p->n - 1, (pfc__told)what, row->cell[at], err));
  }
done:
  return st;
}

pfc_status pfc__predictions_read_csv(pfc__prediction_table *t, pfc_error *err) {
  csv_reading r = {.t = t};
  const pfc_status st = pfc_csv_read(t->path, NULL, take_row, &r, err);
  if (st != PFC_OK || r.n_cells > 0) return st;
  return pfc_fail(err, PFC_EDATA, "%s: empty; expected a first line with the names of columns",
                  t->path);
}

/* --- JSON Lines -------------------------------------------------------------------------- */

static pfc_status take_names(pfc__prediction_table *t, const cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char **names = NULL;
  int n = 0;
  PFC_NEW(names, cJSON_GetArraySize(object));
  for (const cJSON *item = object->child; item; item = item->next) names[n++] = item->string;
  PFC_TRY(pfc__predictions_columns(t, n, names, err));
done:
  pfc_free(names);
  return st;
}

/* A column that came up later would leave the rows before it untold. */
static pfc_status refuse_new_column(const pfc__prediction_table *t, int64_t line,
                                    const char *name, pfc_error *err) {
  double day;
  if (pfc__prediction_column(name, &day) == PFC__N_TOLD) return PFC_OK;
  return pfc_fail(err, PFC_EDATA,
                  "%s:%lld: the first line has no '%s'; expected the same names in every "
                  "line, null where nothing is told",
                  t->path, (long long)line, name);
}

/* What a name tells; PFC__N_TOLD of one that the first line does not have, or that another one
 * stands above. */
static pfc__told told_by(const pfc__prediction_table *t, const char *name) {
  double day;
  const pfc__told what = pfc__prediction_column(name, &day);
  if (what == PFC__N_TOLD) return what;
  if (what < PFC__TOLD_DAY)
    return t->column[what] >= 0 && strcmp(t->name[what], name) == 0 ? what : PFC__N_TOLD;
  for (int d = 0; d < t->p->n_days; d++)
    if (t->p->day[d] == day) return (pfc__told)(PFC__TOLD_DAY + d);
  return PFC__N_TOLD;
}

static bool is_above(const pfc__prediction_table *t, const char *name) {
  double day;
  const pfc__told what = pfc__prediction_column(name, &day);
  return what < PFC__TOLD_DAY && t->column[what] >= 0;
}

static pfc_status take_value(pfc__prediction_table *t, int64_t line, const cJSON *item,
                             pfc_error *err) {
  const int64_t r = t->p->n - 1;
  const pfc__told what = told_by(t, item->string);
  if (what == PFC__N_TOLD)
    return is_above(t, item->string) ? PFC_OK : refuse_new_column(t, line, item->string, err);
  if (cJSON_IsNull(item)) return PFC_OK;
  if (cJSON_IsString(item)) return set_text(t, r, what, item->valuestring, err);
  if (cJSON_IsNumber(item) && !is_id((int)what) && what != PFC__TOLD_DATE)
    return pfc__predictions_set_number(t, r, what, item->valuedouble, err);
  return pfc_fail(err, PFC_EDATA, "%s:%lld: \"%s\": %s expected, or null", t->path,
                  (long long)line, item->string,
                  is_id((int)what) || what == PFC__TOLD_DATE ? "text" : "a number");
}

/* Of one line of the file "line 1" is told, under this name. */
#define HERE "line"

static pfc_status take_line(pfc__prediction_table *t, int64_t line, const char *text,
                            size_t size, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_error why = PFC_ERROR_INIT;
  cJSON *object = NULL;
  if (strspn(text, " \t\r") == size) return PFC_OK;
  if ((st = pfc_json_parse(HERE, text, size, &object, &why)) != PFC_OK) {
    const bool has_column = strncmp(why.msg, HERE ":1:", strlen(HERE ":1:")) == 0;
    st = pfc_fail(err, st, "%s:%lld:%s%s", t->path, (long long)line, has_column ? "" : " ",
                  why.msg + (has_column ? strlen(HERE ":1:") : 0));
    goto done;
  }
  if (!cJSON_IsObject(object)) {
    st = pfc_fail(err, PFC_EDATA, "%s:%lld: expected an object, one a line", t->path,
                  (long long)line);
    goto done;
  }
  if (!t->line) PFC_TRY(take_names(t, object, err));
  PFC_TRY(pfc__predictions_add_row(t, line, err));
  for (const cJSON *item = object->child; item; item = item->next)
    PFC_TRY(take_value(t, line, item, err));
done:
  cJSON_Delete(object);
  return st;
}

/* Text that has been read and not been taken yet. */
typedef struct pending {
  char *text;
  size_t n, capacity;
  int64_t line;
} pending;

/* Takes whole lines; at the end also what no line feed follows. */
static pfc_status take_lines(pfc__prediction_table *t, pending *p, bool at_end,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  size_t from = 0;
  while (from < p->n) {
    char *end = memchr(p->text + from, '\n', p->n - from);
    if (!end && !at_end) break;
    const size_t to = end ? (size_t)(end - p->text) : p->n;
    p->text[to] = '\0';
    PFC_TRY(take_line(t, ++p->line, p->text + from, to - from, err));
    from = to < p->n ? to + 1 : to;
  }
  memmove(p->text, p->text + from, p->n - from);
  p->n -= from;
done:
  return st;
}

pfc_status pfc__predictions_read_jsonl(pfc__prediction_table *t, pfc_error *err) {
  enum { PIECE = 1 << 16 };
  pfc_status st = PFC_OK;
  pfc__text_source *source = NULL;
  pending p = {0};
  size_t got = 0;
  PFC_TRY(pfc__text_open(t->path, NULL, false, &source, err));
  do {
    PFC_RESERVE(p.text, p.capacity, p.n + PIECE + 1);
    PFC_TRY(pfc__text_read(source, p.text + p.n, PIECE, &got, err));
    p.n += got;
    PFC_TRY(take_lines(t, &p, got == 0, err));
    if (p.n > PFC_JSON_MAX_BYTES) {
      st = pfc_fail(err, PFC_EDATA, "%s:%lld: longer than %zu bytes", t->path,
                    (long long)p.line + 1, PFC_JSON_MAX_BYTES);
      goto done;
    }
  } while (got > 0);
  if (pfc__text_fault(source))
    st = pfc_fail(err, PFC_EDATA, "%s: %s", t->path, pfc__text_fault(source));
done:
  pfc__text_close(source);
  pfc_free(p.text);
  return st;
}
