/* Events of a store as rows of a dataset. */
#include "datasets/feedback_absorb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "datasets/feedback_internal.h"

/* Days within which a start or an end that is told twice is the same one. */
enum { SAME_DAYS = 30 };

/* Something that moves an enrolment. */
typedef struct step {
  int32_t person, intervention;
  int32_t day;
  int64_t number;     /* of the event */
  bool is_end;        /* completed, else started */
  const char *status; /* a constant */
} step;

typedef struct absorber {
  pfc_dataset *ds;
  pfc_absorbed *told;
  pfc_dict *corrected; /* ids of events that count no more */
  pfc_dict *people;
  const pfc_dict *interventions, *competencies;
  uint8_t *is_there; /* by code of an event's id: it has a row of table feedback */
  int32_t n_ids;     /* of these codes */
  int64_t n_steps, steps_room;
  step *step;
  int64_t ratings_from, feedback_from; /* rows there were */
} absorber;

static void absorber_clear(absorber *a) {
  pfc_dict_destroy(a->corrected);
  pfc_free(a->is_there);
  pfc_free(a->step);
}

/* --- tables --------------------------------------------------------------------------------
 */

/* The column, with every row missing where the table did not have it. */
static pfc_status need_column(absorber *a, pfc_table_id table, const char *name,
                              pfc_error *err) {
  pfc_column *made;
  const pfc_column_decl *decl = pfc_schema_column(pfc_schema(table), name);
  if (pfc_dataset_column(a->ds, table, name)) return PFC_OK;
  return pfc_dataset_add_column(a->ds, table, name, decl->type,
                                decl->type == PFC_CODE ? decl->dictionary : NULL,
                                a->ds->tables[table].n_rows, &made, err);
}

/* The column where it may be written; NULL where there is none. Its data are the dataset's own,
 * which the caller lent us to change. */
static pfc_column *column_of(const absorber *a, pfc_table_id table, const char *name) {
  pfc_table *t = &a->ds->tables[table];
  for (int c = 0; c < t->n_columns; c++)
    if (strcmp(t->columns[c].name, name) == 0) return &t->columns[c];
  return NULL;
}

static pfc_status put_text(const absorber *a, pfc_table_id table, const char *name, int64_t row,
                           const char *text, pfc_error *err) {
  pfc_column *c = column_of(a, table, name);
  if (!c || text[0] == '\0') return PFC_OK;
  return pfc_dict_add(c->dict, text, strlen(text), &c->code[row], err);
}

static void put_day(const absorber *a, pfc_table_id table, const char *name, int64_t row,
                    int32_t day) {
  pfc_column *c = column_of(a, table, name);
  if (c && day != PFC_NO_DATE) c->date[row] = day;
}

static int32_t day_of(const pfc_event *e) { return (int32_t)pfc_time_day(e->at); }

/* --- what counts ---------------------------------------------------------------------------
 */

static pfc_status note_corrected(const pfc_event *e, int64_t number, void *user,
                                 pfc_error *err) {
  absorber *a = user;
  int32_t code;
  (void)number;
  a->told->events++;
  if (e->corrects[0] == '\0' || pfc_dict_find(a->corrected, e->corrects) >= 0) return PFC_OK;
  a->told->corrected++;
  return pfc_dict_add(a->corrected, e->corrects, strlen(e->corrects), &code, err);
}

/* Ids of events that table feedback has already. */
static pfc_status note_those_there(absorber *a, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *id = pfc_dataset_codes(a->ds, PFC_FEEDBACK, "event_id");
  a->n_ids = pfc_dataset_count(a->ds, "feedback_event");
  PFC_NEW(a->is_there, a->n_ids);
  for (int64_t row = 0; id && row < a->ds->tables[PFC_FEEDBACK].n_rows; row++)
    if (id[row] >= 0) a->is_there[id[row]] = 1;
done:
  return st;
}

static bool is_there(const absorber *a, const char *event_id) {
  const pfc_dict *ids = pfc_dataset_find_dict(a->ds, "feedback_event");
  const int32_t code = ids ? pfc_dict_find(ids, event_id) : -1;
  return code >= 0 && code < a->n_ids && a->is_there[code];
}

/* --- rows ----------------------------------------------------------------------------------
 */

static pfc_status add_feedback(absorber *a, const pfc_event *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t row = a->feedback_from + a->told->feedback++;
  for (int k = 0; k < PFC__EVENT_FIELDS; k++) {
    const pfc__field *f = &pfc__event_fields[k];
    const void *value = pfc__event_at(e, f);
    pfc_column *c = column_of(a, PFC_FEEDBACK, f->name);
    if (f->type == PFC_CODE)
      PFC_TRY(put_text(a, PFC_FEEDBACK, f->name, row, *(const char *const *)value, err));
    if (f->type == PFC_REAL) c->real[row] = *(const double *)value;
    if (f->type == PFC_TIME) c->time[row] = *(const int64_t *)value;
    if (f->type == PFC_INT) c->i32[row] = *(const int32_t *)value;
  }
done:
  return st;
}

static pfc_status add_rating(absorber *a, const pfc_event *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t row = a->ratings_from + a->told->assessments++;
  PFC_TRY(put_text(a, PFC_ASSESSMENTS, "person_id", row, e->person_id, err));
  PFC_TRY(put_text(a, PFC_ASSESSMENTS, "competency_id", row, e->competency_id, err));
  PFC_TRY(put_text(a, PFC_ASSESSMENTS, "source", row, e->actor, err));
  put_day(a, PFC_ASSESSMENTS, "assessed_on", row, day_of(e));
  column_of(a, PFC_ASSESSMENTS, "level")->real[row] = e->value;
done:
  return st;
}

static pfc_status add_step(absorber *a, const pfc_event *e, int64_t number, int32_t person,
                           int32_t intervention, pfc_error *err) {
  pfc_status st = PFC_OK;
  const bool is_end = strcmp(e->kind, "completed") == 0;
  if (!is_end && strcmp(e->kind, "started") != 0) return PFC_OK;
  PFC_RESERVE(a->step, a->steps_room, a->n_steps + 1);
  a->step[a->n_steps++] = (step){.person = person,
                                 .intervention = intervention,
                                 .day = day_of(e),
                                 .number = number,
                                 .is_end = is_end,
                                 .status = !is_end           ? "in_progress"
                                           : isnan(e->value) ? "completed"
                                           : e->value == 1   ? "passed"
                                                             : "failed"};
done:
  return st;
}

static pfc_status take_event(const pfc_event *e, int64_t number, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  absorber *a = user;
  int32_t person;
  if (pfc_dict_find(a->corrected, e->event_id) >= 0) return PFC_OK;
  const int32_t intervention =
      a->interventions ? pfc_dict_find(a->interventions, e->intervention_id) : -1;
  const bool is_rating = strcmp(e->kind, "assessed") == 0;
  const bool is_strange =
      is_rating && (!a->competencies || pfc_dict_find(a->competencies, e->competency_id) < 0);
  if (intervention < 0 || is_strange) {
    a->told->strangers++;
    return PFC_OK;
  }
  if (is_there(a, e->event_id)) {
    a->told->known++;
    return PFC_OK;
  }
  PFC_TRY(pfc_dict_add(a->people, e->person_id, strlen(e->person_id), &person, err));
  PFC_TRY(add_feedback(a, e, err));
  if (is_rating) PFC_TRY(add_rating(a, e, err));
  PFC_TRY(add_step(a, e, number, person, intervention, err));
done:
  return st;
}

/* --- enrolments ----------------------------------------------------------------------------
 */

static int by_pair(const void *x, const void *y) {
  const step *a = x, *b = y;
  if (a->person != b->person) return a->person < b->person ? -1 : 1;
  if (a->intervention != b->intervention) return a->intervention < b->intervention ? -1 : 1;
  if (a->day != b->day) return a->day < b->day ? -1 : 1;
  return (a->number > b->number) - (a->number < b->number);
}

static bool is_same_pair(const step *a, const step *b) {
  return a->person == b->person && a->intervention == b->intervention;
}

/* The latest enrolment of a pair: of the data, or one of ours. */
typedef struct latest {
  int64_t row;            /* -1 none */
  bool is_ours;           /* the row is new */
  bool is_changed;        /* it is of the data, and was changed */
  int32_t started, ended; /* days; PFC_NO_DATE unknown */
  bool is_open;
} latest;

/* What tables of enrolments hold; NULL where they do not. */
typedef struct enrolments {
  const int32_t *person, *intervention, *enrolled_on, *started_on, *ended_on, *status;
  const pfc_dict *words;
} enrolments;

static enrolments enrolments_of(const pfc_dataset *ds) {
  const pfc_column *status = pfc_dataset_column(ds, PFC_ENROLMENTS, "status");
  return (enrolments){.person = pfc_dataset_codes(ds, PFC_ENROLMENTS, "person_id"),
                      .intervention = pfc_dataset_codes(ds, PFC_ENROLMENTS, "intervention_id"),
                      .enrolled_on = pfc_dataset_dates(ds, PFC_ENROLMENTS, "enrolled_on"),
                      .started_on = pfc_dataset_dates(ds, PFC_ENROLMENTS, "started_on"),
                      .ended_on = pfc_dataset_dates(ds, PFC_ENROLMENTS, "ended_on"),
                      .status = status ? status->code : NULL,
                      .words = status ? status->dict : NULL};
}

static bool has_ended(const enrolments *e, int64_t row) {
  static const char *const OPEN[] = {"", "enrolled", "in_progress"};
  if (e->ended_on && e->ended_on[row] != PFC_NO_DATE) return true;
  const char *word = e->status ? pfc_dict_text(e->words, e->status[row]) : "";
  for (size_t k = 0; k < sizeof OPEN / sizeof *OPEN; k++)
    if (strcmp(OPEN[k], word) == 0) return false;
  return true;
}

static int32_t begun(const enrolments *e, int64_t row) {
  const int32_t start = e->started_on ? e->started_on[row] : PFC_NO_DATE;
  return start == PFC_NO_DATE && e->enrolled_on ? e->enrolled_on[row] : start;
}

static void see_row(const enrolments *e, int64_t row, latest *l) {
  if (l->row >= 0 && begun(e, row) < begun(e, l->row)) return;
  *l = (latest){.row = row,
                .started = e->started_on ? e->started_on[row] : begun(e, row),
                .ended = e->ended_on ? e->ended_on[row] : PFC_NO_DATE,
                .is_open = !has_ended(e, row)};
}

/* at[k]: the latest enrolment of the pair of the k-th step, at the first step of each pair. */
static void find_latest(const absorber *a, latest *at) {
  const enrolments e = enrolments_of(a->ds);
  const int64_t n = a->ds->tables[PFC_ENROLMENTS].n_rows;
  for (int64_t k = 0; k < a->n_steps; k++) at[k] = (latest){.row = -1};
  for (int64_t row = 0; e.person && e.intervention && row < n; row++) {
    const step key = {.person = e.person[row],
                      .intervention = e.intervention[row],
                      .day = INT32_MIN,
                      .number = -1};
    int64_t lo = 0, hi = a->n_steps;
    while (lo < hi) {
      const int64_t mid = lo + (hi - lo) / 2;
      if (by_pair(&a->step[mid], &key) < 0) {
        lo = mid + 1;
      } else {
        hi = mid;
      }
    }
    if (lo < a->n_steps && is_same_pair(&a->step[lo], &key)) see_row(&e, row, &at[lo]);
  }
}

static bool is_near(int32_t a, int32_t b) {
  return a != PFC_NO_DATE && b != PFC_NO_DATE && labs((long)a - (long)b) <= SAME_DAYS;
}

/* The day on which it began goes where the table has room for it. */
static void put_start(const absorber *a, int64_t row, int32_t day) {
  const char *name = column_of(a, PFC_ENROLMENTS, "started_on") ? "started_on" : "enrolled_on";
  put_day(a, PFC_ENROLMENTS, name, row, day);
}

static void begin_row(absorber *a, const step *s, int64_t row, latest *l) {
  *l = (latest){.row = row, .is_ours = true, .started = PFC_NO_DATE, .ended = PFC_NO_DATE};
  column_of(a, PFC_ENROLMENTS, "person_id")->code[row] = s->person;
  column_of(a, PFC_ENROLMENTS, "intervention_id")->code[row] = s->intervention;
  a->told->enrolments++;
}

/* Writes the step into the latest enrolment. */
static pfc_status go_on(absorber *a, const step *s, latest *l, pfc_error *err) {
  if (!l->is_ours && !l->is_changed) a->told->changed++;
  l->is_changed = true;
  l->is_open = !s->is_end;
  if (s->is_end) {
    l->ended = s->day;
    put_day(a, PFC_ENROLMENTS, "ended_on", l->row, s->day);
  } else {
    l->started = s->day;
    put_start(a, l->row, s->day);
  }
  return put_text(a, PFC_ENROLMENTS, "status", l->row, s->status, err);
}

static pfc_status take_step(absorber *a, const step *s, int64_t *next_row, latest *l,
                            pfc_error *err) {
  const bool has_row = l->row >= 0;
  const bool is_told = has_row && (s->is_end ? !l->is_open && is_near(l->ended, s->day)
                                             : is_near(l->started, s->day));
  const bool goes_on = has_row && l->is_open && (s->is_end || l->started == PFC_NO_DATE);
  if (is_told) {
    a->told->known++;
    return PFC_OK;
  }
  if (!goes_on) begin_row(a, s, (*next_row)++, l);
  return go_on(a, s, l, err);
}

static pfc_status take_steps(absorber *a, pfc_error *err) {
  pfc_status st = PFC_OK;
  latest *at = NULL, *now = NULL;
  const int64_t from = a->ds->tables[PFC_ENROLMENTS].n_rows;
  int64_t next_row = from;
  if (a->n_steps == 0) return PFC_OK;
  qsort(a->step, (size_t)a->n_steps, sizeof *a->step, by_pair);
  PFC_NEW(at, a->n_steps);
  find_latest(a, at);
  PFC_TRY(pfc_dataset_extend(a->ds, PFC_ENROLMENTS, a->n_steps, err));
  for (int64_t k = 0; k < a->n_steps; k++) {
    if (k == 0 || !is_same_pair(&a->step[k], &a->step[k - 1])) now = &at[k];
    PFC_TRY(take_step(a, &a->step[k], &next_row, now, err));
  }
  a->ds->tables[PFC_ENROLMENTS].n_rows = next_row;
done:
  pfc_free(at);
  return st;
}

/* --- all of it -----------------------------------------------------------------------------
 */

/* A table that is missing gets what its rows need; one that is there keeps its columns, for
 * what it does not tell of others says how it is to be read. */
static pfc_status open_tables(absorber *a, int64_t n, pfc_error *err) {
  static const char *const ENROLMENTS[] = {"person_id", "intervention_id", "started_on",
                                           "ended_on", "status"};
  static const char *const RATINGS[] = {"person_id", "competency_id", "level", "source",
                                        "assessed_on"};
  pfc_status st = PFC_OK;
  for (int k = 0; k < PFC__EVENT_FIELDS; k++)
    PFC_TRY(need_column(a, PFC_FEEDBACK, pfc__event_fields[k].name, err));
  for (int k = 0; a->ds->tables[PFC_ENROLMENTS].n_rows == 0 && k < 5; k++)
    PFC_TRY(need_column(a, PFC_ENROLMENTS, ENROLMENTS[k], err));
  for (int k = 0; a->ds->tables[PFC_ASSESSMENTS].n_rows == 0 && k < 5; k++)
    PFC_TRY(need_column(a, PFC_ASSESSMENTS, RATINGS[k], err));
  a->feedback_from = a->ds->tables[PFC_FEEDBACK].n_rows;
  a->ratings_from = a->ds->tables[PFC_ASSESSMENTS].n_rows;
  PFC_TRY(pfc_dataset_extend(a->ds, PFC_FEEDBACK, n, err));
  PFC_TRY(pfc_dataset_extend(a->ds, PFC_ASSESSMENTS, n, err));
done:
  return st;
}

pfc_status pfc_feedback_absorb(pfc_dataset *ds, pfc_store *store, pfc_absorbed *told,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  absorber a = {.ds = ds, .told = told};
  *told = (pfc_absorbed){0};
  pfc_store_head(store, told->head);
  memcpy(ds->feedback_head, told->head, sizeof ds->feedback_head);
  if (pfc_store_size(store) == 0) return PFC_OK;
  a.corrected = pfc_dict_create("corrected");
  a.people = pfc_dataset_dict(ds, "person");
  if (!a.corrected || !a.people) {
    st = pfc_fail_memory(err, "feedback");
    goto done;
  }
  a.interventions = pfc_dataset_find_dict(ds, "intervention");
  a.competencies = pfc_dataset_find_dict(ds, "competency");
  PFC_TRY(note_those_there(&a, err));
  PFC_TRY(pfc_store_each(store, 0, note_corrected, &a, err));
  PFC_TRY(open_tables(&a, told->events, err));
  PFC_TRY(pfc_store_each(store, 0, take_event, &a, err));
  ds->tables[PFC_FEEDBACK].n_rows = a.feedback_from + told->feedback;
  ds->tables[PFC_ASSESSMENTS].n_rows = a.ratings_from + told->assessments;
  PFC_TRY(take_steps(&a, err));
done:
  absorber_clear(&a);
  return st;
}
