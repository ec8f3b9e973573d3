#include "datasets/feedback.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "datasets/feedback_internal.h"
#include "datasets/import_build_internal.h"

const pfc__field pfc__event_fields[PFC__EVENT_FIELDS] = {
    {"event_id", PFC_CODE, 0, offsetof(pfc_event, event_id)},
    {"person_id", PFC_CODE, 1, offsetof(pfc_event, person_id)},
    {"intervention_id", PFC_CODE, 2, offsetof(pfc_event, intervention_id)},
    {"competency_id", PFC_CODE, 11, offsetof(pfc_event, competency_id)},
    {"at", PFC_TIME, 3, offsetof(pfc_event, at)},
    {"kind", PFC_CODE, 4, offsetof(pfc_event, kind)},
    {"position", PFC_INT, 5, offsetof(pfc_event, position)},
    {"propensity", PFC_REAL, 6, offsetof(pfc_event, propensity)},
    {"model_version", PFC_CODE, 7, offsetof(pfc_event, model_version)},
    {"value", PFC_REAL, 8, offsetof(pfc_event, value)},
    {"reason", PFC_CODE, 9, offsetof(pfc_event, reason)},
    {"actor", PFC_CODE, 10, offsetof(pfc_event, actor)},
    {"corrects", PFC_CODE, 12, offsetof(pfc_event, corrects)},
};

static const char *text_of(const pfc_event *e, const pfc__field *f) {
  return *(const char *const *)pfc__event_at(e, f);
}
static double real_of(const pfc_event *e, const pfc__field *f) {
  return *(const double *)pfc__event_at(e, f);
}
static int64_t whole_of(const pfc_event *e, const pfc__field *f) {
  return f->type == PFC_TIME ? *(const int64_t *)pfc__event_at(e, f)
                             : *(const int32_t *)pfc__event_at(e, f);
}

bool pfc__event_is_missing(const pfc_event *e, const pfc__field *f) {
  if (f->type == PFC_CODE) return text_of(e, f)[0] == '\0';
  if (f->type == PFC_REAL) return isnan(real_of(e, f));
  return whole_of(e, f) == (f->type == PFC_TIME ? PFC_NO_TIME : INT32_MIN);
}

static void clear(pfc_event *e, const pfc__field *f) {
  void *at = pfc__event_place(e, f);
  if (f->type == PFC_CODE) *(const char **)at = "";
  if (f->type == PFC_REAL) *(double *)at = (double)NAN;
  if (f->type == PFC_TIME) *(int64_t *)at = PFC_NO_TIME;
  if (f->type == PFC_INT) *(int32_t *)at = INT32_MIN;
}

void pfc_event_init(pfc_event *e) {
  for (int k = 0; k < PFC__EVENT_FIELDS; k++) clear(e, &pfc__event_fields[k]);
}

/* --- rules ---------------------------------------------------------------------------------
 */

static const pfc_column_decl *decl_of(const pfc__field *f) {
  return &pfc_schema(PFC_FEEDBACK)->columns[f->column];
}

bool pfc__event_set(pfc_event *e, const pfc__field *f, const char *text,
                    char reason[PFC__REASON]) {
  pfc__cell cell = {0};
  void *at = pfc__event_place(e, f);
  clear(e, f);
  if (text[0] == '\0') return true;
  if (!pfc__cell_parse(f->type, decl_of(f), text, &cell, reason)) return false;
  if (f->type == PFC_CODE) *(const char **)at = text;
  if (f->type == PFC_REAL) *(double *)at = cell.real;
  if (f->type == PFC_TIME) *(int64_t *)at = cell.time;
  if (f->type == PFC_INT) *(int32_t *)at = cell.i32;
  return true;
}

const pfc__field *pfc__event_field(const char *name) {
  for (int k = 0; k < PFC__EVENT_FIELDS; k++)
    if (strcmp(pfc__event_fields[k].name, name) == 0) return &pfc__event_fields[k];
  return NULL;
}

pfc_status pfc_event_set(pfc_event *e, const char *field, const char *text, pfc_error *err) {
  char reason[PFC__REASON];
  const pfc__field *f = pfc__event_field(field);
  if (!f) {
    const char *near = pfc__nearest_name(pfc_schema(PFC_FEEDBACK), field);
    return pfc_fail(err, PFC_EUSAGE, "an event has no %.60s%s%s%s", field, near ? "; is '" : "",
                    near ? near : "", near ? "' meant?" : "");
  }
  if (pfc__event_set(e, f, text, reason)) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "%s: %s, not '%.200s'", field, reason, text);
}

static bool has_control(const char *text) {
  for (; *text; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7f) return true;
  return false;
}

static bool bad(char reason[PFC__REASON], const char *expected) {
  (void)snprintf(reason, PFC__REASON, "expected %s", expected);
  return false;
}

static bool is_good_text(const pfc__field *f, const char *text, char reason[PFC__REASON]) {
  const pfc_column_decl *decl = decl_of(f);
  const bool is_prose = f->offset == offsetof(pfc_event, reason);
  const size_t n = strlen(text), most = is_prose ? PFC_EVENT_TEXT : PFC_EVENT_ID;
  if (n > most) {
    (void)snprintf(reason, PFC__REASON, "expected at most %zu bytes", most);
    return false;
  }
  if (!pfc_utf8_valid(text, n)) return bad(reason, "UTF-8");
  if (has_control(text)) return bad(reason, "one line without control characters");
  pfc__cell cell;
  return pfc__cell_parse(PFC_CODE, decl, text, &cell, reason);
}

static bool is_good(const pfc_event *e, const pfc__field *f, char reason[PFC__REASON]) {
  const pfc_column_decl *decl = decl_of(f);
  pfc__cell cell = {0};
  if (pfc__event_is_missing(e, f))
    return (decl->flags & (PFC_KEY | PFC_REQUIRED)) == 0 || bad(reason, "a value");
  if (f->type == PFC_CODE) return is_good_text(f, text_of(e, f), reason);
  if (f->type == PFC_REAL) cell.real = real_of(e, f);
  if (f->type == PFC_INT) cell.i32 = (int32_t)whole_of(e, f);
  return pfc__cell_in_range(f->type, decl, &cell, reason);
}

/* What a kind of event must tell besides. */
static const pfc__field *lacking(const pfc_event *e, char reason[PFC__REASON]) {
  static const int COMPETENCY = 3, VALUE = 9, CORRECTS = 12;
  const bool is_assessed = strcmp(e->kind, "assessed") == 0;
  if (is_assessed && (isnan(e->value) || e->competency_id[0] == '\0')) {
    (void)bad(reason, "a competency_id and the level as value, of an event 'assessed'");
    return &pfc__event_fields[isnan(e->value) ? VALUE : COMPETENCY];
  }
  if (strcmp(e->kind, "completed") == 0 && !isnan(e->value) && e->value != 0 && e->value != 1) {
    (void)bad(reason, "1 (passed), 0 (failed) or nothing as value of an event 'completed'");
    return &pfc__event_fields[VALUE];
  }
  if (e->corrects[0] && strcmp(e->corrects, e->event_id) == 0) {
    (void)bad(reason, "the id of another event");
    return &pfc__event_fields[CORRECTS];
  }
  return NULL;
}

const pfc__field *pfc__event_fault(const pfc_event *e, char reason[PFC__REASON]) {
  for (int k = 0; k < PFC__EVENT_FIELDS; k++)
    if (!is_good(e, &pfc__event_fields[k], reason)) return &pfc__event_fields[k];
  return lacking(e, reason);
}

void pfc__event_show(const pfc_event *e, const pfc__field *f, char text[PFC__EVENT_SHOWN]) {
  pfc__cell cell = {0};
  text[0] = '\0';
  if (pfc__event_is_missing(e, f)) return;
  if (f->type == PFC_CODE) {
    (void)snprintf(text, PFC__EVENT_SHOWN, "%.*s", (int)pfc_utf8_cut(text_of(e, f), 60),
                   text_of(e, f));
    return;
  }
  if (f->type == PFC_REAL) cell.real = real_of(e, f);
  if (f->type == PFC_INT) cell.i32 = (int32_t)whole_of(e, f);
  if (f->type == PFC_TIME) cell.time = whole_of(e, f);
  pfc__cell_format(f->type, &cell, text);
}

pfc_status pfc_event_check(const pfc_event *e, pfc_error *err) {
  char reason[PFC__REASON], shown[PFC__EVENT_SHOWN], id[PFC__EVENT_SHOWN];
  const pfc__field *f = pfc__event_fault(e, reason);
  if (!f) return PFC_OK;
  pfc__event_show(e, f, shown);
  pfc__event_show(e, &pfc__event_fields[0], id);
  return pfc_fail(err, PFC_EDATA, "event '%s', %s: %s, not '%s'", id, f->name, reason, shown);
}

/* --- the same? -----------------------------------------------------------------------------
 */

static bool is_same(const pfc_event *a, const pfc_event *b, const pfc__field *f) {
  if (f->type == PFC_CODE) return strcmp(text_of(a, f), text_of(b, f)) == 0;
  if (f->type == PFC_REAL)
    return memcmp(pfc__event_at(a, f), pfc__event_at(b, f), sizeof(double)) == 0 ||
           real_of(a, f) == real_of(b, f) || (isnan(real_of(a, f)) && isnan(real_of(b, f)));
  return whole_of(a, f) == whole_of(b, f);
}

const char *pfc_event_difference(const pfc_event *a, const pfc_event *b) {
  for (int k = 0; k < PFC__EVENT_FIELDS; k++)
    if (!is_same(a, b, &pfc__event_fields[k])) return pfc__event_fields[k].name;
  return NULL;
}

/* Fields on their way to a digest: it takes one long text much faster than thirty short ones.
 */
typedef struct staged {
  pfc_sha256 *to;
  size_t n;
  uint8_t bytes[1024];
} staged;

static void stage(staged *s, const void *data, size_t size) {
  if (size > sizeof s->bytes - s->n) {
    pfc_sha256_add(s->to, s->bytes, s->n);
    s->n = 0;
  }
  if (size > sizeof s->bytes) {
    pfc_sha256_add(s->to, data, size);
  } else {
    memcpy(s->bytes + s->n, data, size);
    s->n += size;
  }
}

static void stage_whole(staged *s, uint64_t value) {
  uint8_t bytes[8];
  for (int k = 0; k < 8; k++) bytes[k] = (uint8_t)(value >> (8 * k));
  stage(s, bytes, sizeof bytes);
}

/* Sizes in front keep one field's end from passing for the next one's beginning; a missing
 * value has size 0. Whole numbers of 64 bits, lowest byte first; -0 is 0. */
static void stage_field(staged *s, const pfc_event *e, const pfc__field *f) {
  uint64_t bits;
  if (pfc__event_is_missing(e, f)) {
    stage_whole(s, 0);
  } else if (f->type == PFC_CODE) {
    const size_t size = strlen(text_of(e, f));
    stage_whole(s, size);
    stage(s, text_of(e, f), size);
  } else if (f->type == PFC_REAL) {
    const double value = real_of(e, f) + 0.0;
    memcpy(&bits, &value, sizeof bits);
    stage_whole(s, sizeof bits);
    stage_whole(s, bits);
  } else {
    stage_whole(s, sizeof bits);
    stage_whole(s, (uint64_t)whole_of(e, f));
  }
}

void pfc__event_add(pfc_sha256 *d, const pfc_event *e) {
  staged s;
  s.to = d;
  s.n = 0;
  for (int k = 0; k < PFC__EVENT_FIELDS; k++) stage_field(&s, e, &pfc__event_fields[k]);
  pfc_sha256_add(d, s.bytes, s.n);
}
