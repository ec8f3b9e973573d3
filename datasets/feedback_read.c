/* Feedback out of files: CSV and JSON Lines. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "datasets/feedback_read_internal.h"
#include "datasets/import_internal.h"
#include "datasets/text_source.h"

/* --- rows ----------------------------------------------------------------------------------
 */

pfc_status pfc__feedback_reject(pfc__feedback *r, const char *column, const char *value,
                                const char *reason, pfc_error *err) {
  r->is_bad = true;
  const pfc_reject reject = {
      .file = r->path, .line = r->line, .column = column, .value = value, .reason = reason};
  if (r->file->on_reject) return r->file->on_reject(&reject, r->file->reject_user, err);
  return pfc_fail(err, PFC_EDATA, "%s:%lld%s%s: %s%s%.200s%s", r->path, (long long)r->line,
                  column[0] ? ": " : "", column, reason, value[0] ? ", not '" : "", value,
                  value[0] ? "'" : "");
}

pfc_status pfc__feedback_cell(pfc__feedback *r, pfc_event *e, const char *field,
                              const char *column, const char *text, pfc_error *err) {
  char reason[PFC__REASON];
  if (pfc__event_set(e, pfc__event_field(field), text, reason)) return PFC_OK;
  return pfc__feedback_reject(r, column, text, reason, err);
}

pfc_status pfc__feedback_take(pfc__feedback *r, const pfc_event *e, pfc_error *err) {
  char reason[PFC__REASON], shown[PFC__EVENT_SHOWN];
  pfc_error why = PFC_ERROR_INIT;
  if (r->is_bad) return PFC_OK;
  const pfc__field *bad = pfc__event_fault(e, reason);
  if (bad) {
    pfc__event_show(e, bad, shown);
    return pfc__feedback_reject(r, bad->name, shown, reason, err);
  }
  const pfc_status st = r->fn(e, r->line, r->user, &why);
  if (st == PFC_EDATA) return pfc__feedback_reject(r, "", e->event_id, why.msg, err);
  return st == PFC_OK ? st : pfc_fail(err, st, "%s", why.msg);
}

static void begin_row(pfc__feedback *r, int64_t line) {
  r->line = line;
  r->is_bad = false;
  r->file->n_rows++;
}

static void end_row(pfc__feedback *r) { r->file->n_rejected += r->is_bad; }

/* --- CSV -----------------------------------------------------------------------------------
 */

typedef struct csv_reader {
  pfc__feedback r;
  bool is_begun, is_sheet;
  int n_cells;               /* of the header */
  int at[PFC__EVENT_FIELDS]; /* cell of each field; -1 none */
  pfc__sheet sheet;
} csv_reader;

static pfc_status begin_csv(csv_reader *c, const pfc_csv_row *header, pfc_error *err) {
  c->is_begun = true;
  c->n_cells = header->n_cells;
  c->is_sheet = pfc__sheet_is(header);
  if (c->is_sheet) return pfc__sheet_begin(c->r.path, header, &c->sheet, err);
  for (int k = 0; k < PFC__EVENT_FIELDS; k++) {
    c->at[k] = -1;
    for (int i = 0; i < header->n_cells; i++)
      if (strcmp(header->cell[i], pfc__event_fields[k].name) == 0) c->at[k] = i;
  }
  return pfc__check_header(pfc_schema(PFC_FEEDBACK), c->r.path, header, err);
}

static pfc_status read_fields(csv_reader *c, const pfc_csv_row *row, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_event e;
  pfc_event_init(&e);
  for (int k = 0; k < PFC__EVENT_FIELDS; k++) {
    const char *name = pfc__event_fields[k].name;
    if (c->at[k] < 0) continue;
    PFC_TRY(pfc__feedback_cell(&c->r, &e, name, name, row->cell[c->at[k]], err));
  }
  PFC_TRY(pfc__feedback_take(&c->r, &e, err));
done:
  return st;
}

static pfc_status take_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  csv_reader *c = user;
  pfc_status st;
  if (!c->is_begun) return begin_csv(c, row, err);
  begin_row(&c->r, row->line);
  if (row->n_cells != c->n_cells) {
    char reason[80];
    (void)snprintf(reason, sizeof reason, "expected %d cells as in the first line, not %d",
                   c->n_cells, row->n_cells);
    st = pfc__feedback_reject(&c->r, "", "", reason, err);
  } else if (c->is_sheet) {
    st = pfc__sheet_row(&c->sheet, row, &c->r, err);
  } else {
    st = read_fields(c, row, err);
  }
  end_row(&c->r);
  return st;
}

static pfc_status read_csv(const pfc__feedback *r, pfc_error *err) {
  csv_reader c = {.r = *r};
  pfc_csv_settings settings;
  pfc_csv_defaults(&settings);
  settings.encoding = r->file->encoding;
  const pfc_status st = pfc_csv_read(r->path, &settings, take_row, &c, err);
  if (st != PFC_OK || c.is_begun) return st;
  return pfc_fail(err, PFC_EDATA, "%s: empty; a first line with the names of columns expected",
                  r->path);
}

/* --- JSON Lines ----------------------------------------------------------------------------
 */

/* Longer lines are no events. */
enum { LONGEST_LINE = 1 << 20, CHUNK = 1 << 16 };

/* The value as the text of a cell; NULL: neither text, number nor null. A number with a
 * fraction is no id: 1.10 would become 1.1. */
static const char *cell_of(const cJSON *value, const pfc__field *f,
                           char room[PFC_NUMBER_TEXT]) {
  const double number = value->valuedouble;
  if (cJSON_IsNull(value)) return "";
  if (cJSON_IsString(value)) return value->valuestring;
  if (!cJSON_IsNumber(value)) return NULL;
  if (f->type == PFC_CODE && (number != floor(number) || fabs(number) > 9007199254740992.0))
    return NULL;
  (void)pfc_number_format(number, room);
  return room;
}

static pfc_status take_member(pfc__feedback *r, pfc_event *e, const cJSON *value,
                              char room[PFC_NUMBER_TEXT], pfc_error *err) {
  const char *name = value->string;
  const pfc__field *field = pfc__event_field(name);
  if (!field) {
    const char *near = pfc__nearest_name(pfc_schema(PFC_FEEDBACK), name);
    char reason[120];
    (void)snprintf(reason, sizeof reason, "no field of an event%s%s%s", near ? "; is '" : "",
                   near ? near : "", near ? "' meant?" : "");
    return pfc__feedback_reject(r, name, "", reason, err);
  }
  const char *text = cell_of(value, field, room);
  if (!text) {
    const char *expected = field->type == PFC_CODE ? "expected a text, a whole number or null"
                                                   : "expected a text, a number or null";
    return pfc__feedback_reject(r, name, "", expected, err);
  }
  return pfc__feedback_cell(r, e, name, name, text, err);
}

static pfc_status take_object(pfc__feedback *r, const cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_event e;
  char room[PFC__EVENT_FIELDS][PFC_NUMBER_TEXT];
  int n = 0;
  pfc_event_init(&e);
  if (!cJSON_IsObject(object))
    return pfc__feedback_reject(r, "", "", "expected an object like {\"event_id\": ...}", err);
  for (const cJSON *value = object->child; value; value = value->next) {
    if (strcmp(value->string, "number") == 0) continue; /* the place that `export` tells */
    if (n == PFC__EVENT_FIELDS)
      return pfc__feedback_reject(r, value->string, "", "more fields than an event has", err);
    PFC_TRY(take_member(r, &e, value, room[n++], err));
  }
  PFC_TRY(pfc__feedback_take(r, &e, err));
done:
  return st;
}

static bool is_blank(const char *text, size_t n) {
  for (size_t k = 0; k < n; k++)
    if (!strchr(" \t\r", text[k]) || text[k] == '\0') return false;
  return true;
}

static pfc_status take_line(pfc__feedback *r, const char *text, size_t n, pfc_error *err) {
  pfc_error why = PFC_ERROR_INIT;
  cJSON *json = NULL;
  pfc_status st;
  if (is_blank(text, n)) {
    r->line++;
    return PFC_OK;
  }
  begin_row(r, r->line + 1);
  st = pfc_json_parse("this line", text, n, &json, &why);
  if (st == PFC_EDATA) {
    st = pfc__feedback_reject(r, "", "", why.msg, err);
  } else if (st == PFC_OK) {
    st = take_object(r, json, err);
  } else {
    st = pfc_fail(err, st, "%s", why.msg);
  }
  cJSON_Delete(json);
  end_row(r);
  return st;
}

/* Hands on the whole lines of what has been read; keeps the rest for the next chunk. */
static pfc_status take_lines(pfc__feedback *r, char *text, size_t *n, bool is_end,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  size_t from = 0;
  for (const char *end; st == PFC_OK && (end = memchr(text + from, '\n', *n - from));) {
    const size_t to = (size_t)(end - text);
    st = take_line(r, text + from, to - from, err);
    from = to + 1;
  }
  if (st == PFC_OK && is_end && from < *n) {
    st = take_line(r, text + from, *n - from, err);
    from = *n;
  }
  memmove(text, text + from, *n - from);
  *n -= from;
  return st;
}

static pfc_status read_lines(pfc__feedback *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__text_source *source = NULL;
  char *text = NULL;
  size_t n = 0, got = 0;
  PFC_NEW(text, LONGEST_LINE + CHUNK);
  PFC_TRY(pfc__text_open(r->path, r->file->encoding, false, &source, err));
  do {
    PFC_TRY(pfc__text_read(source, text + n, CHUNK, &got, err));
    n += got;
    PFC_TRY(take_lines(r, text, &n, got == 0, err));
    if (n > LONGEST_LINE) {
      st = pfc_fail(err, PFC_EDATA, "%s:%lld: a line of more than %d bytes is no event",
                    r->path, (long long)r->line + 1, (int)LONGEST_LINE);
      goto done;
    }
  } while (got > 0);
  if (pfc__text_fault(source)) {
    st = pfc_fail(err, PFC_EDATA, "%s:%lld: %s", r->path, (long long)r->line + 1,
                  pfc__text_fault(source));
  }
done:
  pfc__text_close(source);
  pfc_free(text);
  return st;
}

static bool ends_in(const char *path, const char *end) {
  const size_t n = strlen(path), m = strlen(end);
  return n >= m && strcmp(path + n - m, end) == 0;
}

pfc_status pfc_feedback_read(const char *path, pfc_feedback_file *file, pfc_event_fn fn,
                             void *user, pfc_error *err) {
  pfc__feedback r = {.path = path, .file = file, .fn = fn, .user = user};
  file->n_rows = file->n_rejected = 0;
  if (ends_in(path, ".jsonl") || ends_in(path, ".jsonl.gz")) return read_lines(&r, err);
  return read_csv(&r, err);
}
