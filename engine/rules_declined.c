/* What people have said no to of late. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "engine/rules_internal.h"

/* Something a person said to an intervention, or did about it. */
typedef struct word {
  int32_t person, intervention;
  int64_t at; /* seconds */
  int64_t row;
  bool is_no;
} word;

static int compare(int64_t a, int64_t b) { return (a > b) - (a < b); }

static int in_turn(const void *a, const void *b) {
  const word *x = a, *y = b;
  if (x->person != y->person) return compare(x->person, y->person);
  if (x->intervention != y->intervention) return compare(x->intervention, y->intervention);
  if (x->at != y->at) return compare(x->at, y->at);
  return compare(x->row, y->row);
}

/* The columns that are read. */
typedef struct answers {
  const int32_t *person, *intervention, *event, *corrects, *kind;
  const int64_t *at;
  int32_t no, yes[3]; /* codes of kinds */
} answers;

/* False where the table does not tell who answered what, and when. */
static bool read_answers(const pfc_dataset *ds, answers *a) {
  static const char *const YES[] = {"accepted", "started", "completed"};
  const pfc_dict *kinds = pfc_dataset_find_dict(ds, "feedback_kind");
  const pfc_column *at = pfc_dataset_column(ds, PFC_FEEDBACK, "at");
  *a = (answers){.person = pfc_dataset_codes(ds, PFC_FEEDBACK, "person_id"),
                 .intervention = pfc_dataset_codes(ds, PFC_FEEDBACK, "intervention_id"),
                 .event = pfc_dataset_codes(ds, PFC_FEEDBACK, "event_id"),
                 .corrects = pfc_dataset_codes(ds, PFC_FEEDBACK, "corrects"),
                 .kind = pfc_dataset_codes(ds, PFC_FEEDBACK, "kind"),
                 .at = at && at->type == PFC_TIME ? at->time : NULL};
  if (!kinds || !a->person || !a->intervention || !a->kind || !a->at) return false;
  a->no = pfc_dict_find(kinds, "declined");
  for (int k = 0; k < 3; k++) a->yes[k] = pfc_dict_find(kinds, YES[k]);
  return a->no >= 0;
}

static bool is_yes(const answers *a, int32_t kind) {
  return kind >= 0 && (kind == a->yes[0] || kind == a->yes[1] || kind == a->yes[2]);
}

/* Said by the day, and not so long before it that it no longer matters; of a candidate. */
static bool matters(const pfc_rules *r, const answers *a, int64_t row) {
  const int32_t i = a->intervention[row];
  if (a->person[row] < 0 || a->person[row] >= r->history->n_people) return false;
  if (i < 0 || r->candidate_of[i] < 0 || a->at[row] == PFC_NO_TIME) return false;
  const int64_t age = (int64_t)r->as_of - pfc_time_day(a->at[row]);
  return age >= 0 && age <= r->settings.declined_rest_days &&
         (a->kind[row] == a->no || is_yes(a, a->kind[row]));
}

/* 1 for every event that a later one corrects, by its code. NULL: none does. */
static pfc_status mark_corrected(const pfc_dataset *ds, const answers *a,
                                 uint8_t **is_corrected, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (!a->event || !a->corrects) return PFC_OK;
  PFC_NEW(*is_corrected, pfc_dataset_count(ds, "feedback_event"));
  for (int64_t row = 0; row < ds->tables[PFC_FEEDBACK].n_rows; row++)
    if (a->corrects[row] >= 0) (*is_corrected)[a->corrects[row]] = 1;
done:
  return st;
}

static pfc_status listen(const pfc_rules *r, const answers *a, word **words, int64_t *n,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *is_corrected = NULL;
  int64_t room = 0;
  PFC_TRY(mark_corrected(r->ds, a, &is_corrected, err));
  for (int64_t row = 0; row < r->ds->tables[PFC_FEEDBACK].n_rows; row++) {
    const bool is_void = is_corrected && a->event[row] >= 0 && is_corrected[a->event[row]];
    if (is_void || !matters(r, a, row)) continue;
    PFC_RESERVE(*words, room, *n + 1);
    (*words)[(*n)++] = (word){.person = a->person[row],
                              .intervention = a->intervention[row],
                              .at = a->at[row],
                              .row = row,
                              .is_no = a->kind[row] == a->no};
  }
  if (*n > 0) qsort(*words, (size_t)*n, sizeof **words, in_turn);
done:
  pfc_free(is_corrected);
  return st;
}

/* The last word of each pair counts. */
static pfc_status keep_refusals(pfc_rules *r, const word *words, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *person = NULL, *row = NULL;
  int64_t n_no = 0;
  PFC_NEW(person, n);
  PFC_NEW(row, n);
  for (int64_t k = 0; k < n; k++) {
    const word *w = &words[k];
    const bool is_last = k == n - 1 || words[k + 1].person != w->person ||
                         words[k + 1].intervention != w->intervention;
    if (!is_last || !w->is_no) continue;
    person[n_no] = w->person;
    row[n_no++] = (int32_t)w->row;
  }
  PFC_TRY(pfc__places_of(r->history->n_people, n_no, person, row, &r->declined, err));
done:
  pfc_free(person);
  pfc_free(row);
  return st;
}

pfc_status pfc__rules_declined(pfc_rules *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  word *words = NULL;
  int64_t n = 0;
  answers a;
  const int64_t n_rows = r->ds->tables[PFC_FEEDBACK].n_rows;
  if (n_rows > INT32_MAX)
    return pfc_fail(err, PFC_EDATA, "feedback: %lld rows are too many", (long long)n_rows);
  const bool rests = r->settings.declined_rest_days > 0 && r->as_of != PFC_NO_DATE;
  if (rests && read_answers(r->ds, &a)) PFC_TRY(listen(r, &a, &words, &n, err));
  r->answered = pfc_dataset_codes(r->ds, PFC_FEEDBACK, "intervention_id");
  PFC_TRY(keep_refusals(r, words, n, err));
done:
  pfc_free(words);
  return st;
}
