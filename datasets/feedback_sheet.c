/* Answer sheets: lists that people wrote their answers into. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasets/feedback_read_internal.h"
#include "datasets/import_internal.h"

enum {
  DECISION_ID,
  PERSON,
  INTERVENTION,
  AS_OF,
  RANK,
  VALUE,
  PROPENSITY,
  MODEL_VERSION,
  DECISION,
  REASON,
  ANSWERED_ON,
};

static const char *const COLUMNS[PFC__SHEET_COLUMNS] = {[DECISION_ID] = "decision_id",
                                                        [PERSON] = "person_id",
                                                        [INTERVENTION] = "intervention_id",
                                                        [AS_OF] = "as_of",
                                                        [RANK] = "?rank",
                                                        [VALUE] = "?value",
                                                        [PROPENSITY] = "?propensity",
                                                        [MODEL_VERSION] = "?model_version",
                                                        [DECISION] = "decision",
                                                        [REASON] = "?reason",
                                                        [ANSWERED_ON] = "?answered_on"};

static bool has(const pfc_csv_row *header, const char *name) {
  for (int k = 0; k < header->n_cells; k++)
    if (strcmp(header->cell[k], name) == 0) return true;
  return false;
}

bool pfc__sheet_is(const pfc_csv_row *header) {
  return has(header, "decision_id") && has(header, "decision");
}

/* A second column of a name would be read by nobody. */
static pfc_status check_twice(const char *path, const pfc_csv_row *header, const char *name,
                              pfc_error *err) {
  int first = -1;
  for (int k = 0; k < header->n_cells; k++) {
    if (strcmp(header->cell[k], name) != 0) continue;
    if (first >= 0)
      return pfc_fail(err, PFC_EDATA,
                      "%s:%lld: columns %d and %d are both named '%s'; remove or rename one",
                      path, (long long)header->line, first + 1, k + 1, name);
    first = k;
  }
  return PFC_OK;
}

/* The name of a column without the mark of those that need not be there. */
static const char *name_of(int column) { return COLUMNS[column] + (COLUMNS[column][0] == '?'); }

pfc_status pfc__sheet_begin(const char *path, const pfc_csv_row *header, pfc__sheet *sheet,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < PFC__SHEET_COLUMNS; k++)
    PFC_TRY(check_twice(path, header, name_of(k), err));
  PFC_TRY(pfc__header_find(path, header, COLUMNS, PFC__SHEET_COLUMNS, sheet->at, err));
done:
  return st;
}

static const char *cell(const pfc__sheet *s, const pfc_csv_row *row, int column) {
  return s->at[column] < 0 ? "" : row->cell[s->at[column]];
}

/* What `recommend` calls decisions and models, 16 hexadecimal digits, stands in its sheets
 * behind a mark ("d-", "v-"), or a spreadsheet would take some of them for numbers. */
static const char *without_mark(const char *text, char mark) {
  const bool is_marked = text[0] == mark && text[1] == '-' && strlen(text) == 18 &&
                         strspn(text + 2, "0123456789abcdef") == 16;
  return is_marked ? text + 2 : text;
}

/* Sets a field from a cell of the row. */
static pfc_status set(const pfc__sheet *s, const pfc_csv_row *row, pfc__feedback *r,
                      pfc_event *e, const char *field, int column, pfc_error *err) {
  const char *text = cell(s, row, column);
  if (column == MODEL_VERSION) text = without_mark(text, 'v');
  return pfc__feedback_cell(r, e, field, name_of(column), text, err);
}

static pfc_status begin_event(const pfc__sheet *s, const pfc_csv_row *row, pfc__feedback *r,
                              pfc_event *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_event_init(e);
  PFC_TRY(set(s, row, r, e, "person_id", PERSON, err));
  PFC_TRY(set(s, row, r, e, "intervention_id", INTERVENTION, err));
  PFC_TRY(set(s, row, r, e, "model_version", MODEL_VERSION, err));
  PFC_TRY(set(s, row, r, e, "at", AS_OF, err));
done:
  return st;
}

/* What the sheet calls by another name than events do is checked here, under its own. */
static pfc_status check_row(const pfc__sheet *s, const pfc_csv_row *row, pfc__feedback *r,
                            pfc_error *err) {
  const char *id = cell(s, row, DECISION_ID);
  const int most = PFC_EVENT_ID - (int)strlen("accepted-");
  char reason[40];
  (void)snprintf(reason, sizeof reason, "expected at most %d bytes", most);
  if (id[0] == '\0')
    return pfc__feedback_reject(r, name_of(DECISION_ID), "", "expected a value", err);
  if (strlen(id) > (size_t)most)
    return pfc__feedback_reject(r, name_of(DECISION_ID), id, reason, err);
  if (cell(s, row, AS_OF)[0] == '\0')
    return pfc__feedback_reject(r, name_of(AS_OF), "", "expected a value", err);
  return PFC_OK;
}

/* "shown-ID": a sheet that comes back twice tells the same. */
static const char *name_event(char id[PFC_EVENT_ID + 40], const char *kind, const char *of) {
  (void)snprintf(id, PFC_EVENT_ID + 40, "%s-%.*s", kind, PFC_EVENT_ID, of);
  return id;
}

static pfc_status tell_shown(const pfc__sheet *s, const pfc_csv_row *row, pfc__feedback *r,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_event e;
  char id[PFC_EVENT_ID + 40];
  PFC_TRY(begin_event(s, row, r, &e, err));
  e.event_id = name_event(id, "shown", without_mark(cell(s, row, DECISION_ID), 'd'));
  e.kind = "shown";
  PFC_TRY(set(s, row, r, &e, "position", RANK, err));
  PFC_TRY(set(s, row, r, &e, "propensity", PROPENSITY, err));
  PFC_TRY(set(s, row, r, &e, "value", VALUE, err));
  PFC_TRY(pfc__feedback_take(r, &e, err));
done:
  return st;
}

/* What people write who mean accepted or declined; NULL of anything else. */
static const char *kind_of(const char *decision) {
  static const struct {
    const char *word, *kind;
  } WORDS[] = {{"accepted", "accepted"}, {"accept", "accepted"},  {"yes", "accepted"},
               {"declined", "declined"}, {"decline", "declined"}, {"no", "declined"}};
  for (size_t k = 0; k < sizeof WORDS / sizeof *WORDS; k++)
    if (strcasecmp(WORDS[k].word, decision) == 0) return WORDS[k].kind;
  return NULL;
}

static pfc_status tell_answer(const pfc__sheet *s, const pfc_csv_row *row, pfc__feedback *r,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_event e;
  char id[PFC_EVENT_ID + 40];
  const char *decision = cell(s, row, DECISION), *kind = kind_of(decision);
  if (!kind)
    return pfc__feedback_reject(r, "decision", decision,
                                "expected accepted (yes), declined (no) or nothing", err);
  PFC_TRY(begin_event(s, row, r, &e, err));
  e.event_id = name_event(id, kind, without_mark(cell(s, row, DECISION_ID), 'd'));
  e.kind = kind;
  if (cell(s, row, ANSWERED_ON)[0]) PFC_TRY(set(s, row, r, &e, "at", ANSWERED_ON, err));
  PFC_TRY(set(s, row, r, &e, "reason", REASON, err));
  e.actor = e.person_id;
  PFC_TRY(pfc__feedback_take(r, &e, err));
done:
  return st;
}

pfc_status pfc__sheet_row(const pfc__sheet *sheet, const pfc_csv_row *row, pfc__feedback *r,
                          pfc_error *err) {
  pfc_status st = check_row(sheet, row, r, err);
  if (st == PFC_OK && !r->is_bad) st = tell_shown(sheet, row, r, err);
  if (st != PFC_OK || r->is_bad || cell(sheet, row, DECISION)[0] == '\0') return st;
  return tell_answer(sheet, row, r, err);
}
