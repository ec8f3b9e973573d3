/* Responses, and what is seen of people meanwhile, as the organisation records them. */
#include <stdio.h>
#include <string.h>

#include "datasets/respond_internal.h"
#include "datasets/simulate_assess_internal.h"

static void put_int(int32_t *column, int64_t row, int32_t value) {
  if (column) column[row] = value;
}

static void put_real(double *column, int64_t row, double value) {
  if (column) column[row] = value;
}

/* --- enrolments --------------------------------------------------------------------------- */

static pfc_status tell_enrolments(pfc__respond *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t words[PFC__SIM_N_STATUS];
  int64_t n = 0, row = r->sim.ds->tables[PFC_ENROLMENTS].n_rows;
  for (int64_t k = 0; k < r->n; k++) n += r->responses[k].accepted;
  PFC_TRY(pfc__sim_status_words(&r->sim, words, err));
  PFC_TRY(pfc_dataset_extend(r->sim.ds, PFC_ENROLMENTS, n, err));
  int32_t *person = pfc__respond_ints(r, PFC_ENROLMENTS, "person_id");
  int32_t *intervention = pfc__respond_ints(r, PFC_ENROLMENTS, "intervention_id");
  int32_t *enrolled_on = pfc__respond_ints(r, PFC_ENROLMENTS, "enrolled_on");
  int32_t *started_on = pfc__respond_ints(r, PFC_ENROLMENTS, "started_on");
  int32_t *ended_on = pfc__respond_ints(r, PFC_ENROLMENTS, "ended_on");
  int32_t *status = pfc__respond_ints(r, PFC_ENROLMENTS, "status");
  double *score = pfc__respond_reals(r, PFC_ENROLMENTS, "score");
  double *rating = pfc__respond_reals(r, PFC_ENROLMENTS, "rating");
  for (int64_t k = 0; k < r->n; k++) {
    const pfc__response *x = &r->responses[k];
    if (!x->accepted) continue;
    person[row] = r->person_code[x->person];
    intervention[row] = r->intervention_code[x->intervention];
    enrolled_on[row] = r->day;
    if (x->start.status >= PFC__SIM_RUNNING) started_on[row] = x->start.started_on;
    if (x->start.status > PFC__SIM_RUNNING) ended_on[row] = x->start.until;
    status[row] = words[x->start.status];
    put_real(score, row, x->score);
    put_real(rating, row, x->rating);
    row++;
  }
done:
  return st;
}

/* --- feedback ----------------------------------------------------------------------------- */

enum { SHOWN, ACCEPTED, DECLINED, N_KINDS };
static const char *const KINDS[] = {"shown", "accepted", "declined"};
static const char *const ACTOR = "recommender";

/* Days have their own numbers, so that ids of earlier rounds stay their own. */
static pfc_status name_event(pfc_dict *events, int32_t day, int64_t k, int32_t *code,
                             pfc_error *err) {
  char date[PFC_DATE_TEXT], id[PFC_DATE_TEXT + 24];
  pfc_date_format(day, date);
  const int size = snprintf(id, sizeof id, "R%s-%06lld", date, (long long)k + 1);
  return pfc_dict_add(events, id, (size_t)size, code, err);
}

/* Two events: that it was shown, and the answer some minutes later. */
static pfc_status tell_feedback(pfc__respond *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t kinds[N_KINDS], by = -1;
  int64_t row = r->sim.ds->tables[PFC_FEEDBACK].n_rows;
  pfc_dict *events = pfc_dataset_dict(r->sim.ds, "feedback_event");
  if (!events) return pfc_fail_memory(err, "feedback events");
  PFC_TRY(pfc__sim_words(&r->sim, "feedback_kind", N_KINDS, KINDS, kinds, err));
  PFC_TRY(pfc__sim_words(&r->sim, "actor", 1, &ACTOR, &by, err));
  PFC_TRY(pfc_dataset_extend(r->sim.ds, PFC_FEEDBACK, 2 * r->n, err));
  int32_t *event = pfc__respond_ints(r, PFC_FEEDBACK, "event_id");
  int32_t *person = pfc__respond_ints(r, PFC_FEEDBACK, "person_id");
  int32_t *intervention = pfc__respond_ints(r, PFC_FEEDBACK, "intervention_id");
  int32_t *kind = pfc__respond_ints(r, PFC_FEEDBACK, "kind");
  int32_t *actor = pfc__respond_ints(r, PFC_FEEDBACK, "actor");
  int64_t *at = pfc_dataset_column(r->sim.ds, PFC_FEEDBACK, "at")->time;
  for (int64_t k = 0; k < 2 * r->n; k++, row++) {
    const pfc__response *x = &r->responses[k / 2];
    const int64_t shown = (int64_t)r->day * PFC_DAY_S + x->second;
    const bool is_answer = k % 2;
    PFC_TRY(name_event(events, r->day, k, &event[row], err));
    person[row] = r->person_code[x->person];
    intervention[row] = r->intervention_code[x->intervention];
    kind[row] = kinds[is_answer ? x->accepted ? ACCEPTED : DECLINED : SHOWN];
    at[row] = is_answer ? shown + 60 + shown % 3541 : shown;
    if (!is_answer) put_int(actor, row, by);
  }
done:
  return st;
}

pfc_status pfc__respond_tell(pfc__respond *r, pfc_error *err) {
  const pfc_status st = tell_enrolments(r, err);
  return st == PFC_OK ? tell_feedback(r, err) : st;
}

/* --- assessments -------------------------------------------------------------------------- */

typedef struct looks {
  const pfc__respond *r;
  pfc__taken taken;
  pfc__ratings *each; /* n_people */
} looks;

/* What belongs to one start, whenever it is asked: tests and second looks keep their days from
 * round to round. */
static pfc_rng stream_of_start(const pfc__respond *r, int32_t person, int32_t intervention,
                               int32_t started_on) {
  char id[48];
  (void)snprintf(id, sizeof id, "%d %d %d", (int)person, (int)intervention, (int)started_on);
  return pfc__sim_stream(&r->sim, "respond.looks", pfc_rng_id(id));
}

/* A year's looks are drawn whole, and those of these days kept: so there is one review a year
 * however long the rounds are. */
static pfc_status look_by_year(const pfc__respond *r, int32_t person, pfc__ratings *out,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__sim *s = &r->sim;
  const int32_t begins = s->truth->first_day, hired_on = s->hired_on[person];
  const int32_t left_on = s->truth->left_on[person];
  const int32_t last = left_on == PFC_NO_DATE ? INT32_MAX : left_on;
  int32_t first = hired_on > begins ? hired_on : begins;
  for (int32_t year = 0; first < r->end && first <= last; year++, first += PFC__SIM_YEAR) {
    const int32_t end = first + PFC__SIM_YEAR - 1 < last ? first + PFC__SIM_YEAR - 1 : last;
    if (end < r->day) continue;
    pfc_rng rng = pfc__respond_stream(r, "respond.year", person, year);
    PFC_TRY(pfc__sim_assess_year(s, person, first, end, &rng, out, err));
  }
done:
  return st;
}

static pfc_status look_at_finished(const looks *l, int32_t person, pfc__ratings *out,
                                   pfc_error *err) {
  const pfc__respond *r = l->r;
  const pfc__taken *t = &l->taken;
  for (int64_t k = t->start[person]; k < t->start[person + 1]; k++) {
    const int64_t row = t->row[k];
    const bool passed = t->status[row] == t->passed;
    const int32_t i = r->intervention_row[t->intervention[row]], ended_on = t->ended_on[row];
    if ((!passed && t->status[row] != t->failed) || i < 0 || ended_on == PFC_NO_DATE) continue;
    pfc_rng rng = stream_of_start(r, person, i, t->started_on[row]);
    const pfc_status st =
        pfc__sim_assess_finished(&r->sim, person, i, ended_on, passed, &rng, out, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

static pfc_status look(int32_t person, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  const looks *l = user;
  pfc__ratings *out = &l->each[person];
  int64_t n = 0;
  PFC_TRY(look_by_year(l->r, person, out, err));
  PFC_TRY(look_at_finished(l, person, out, err));
  for (int64_t k = 0; k < out->n; k++)
    if (out->row[k].day >= l->r->day && out->row[k].day < l->r->end)
      out->row[n++] = out->row[k];
  out->n = n;
  pfc__sim_sort_ratings(out);
done:
  return st;
}

static pfc_status rater_code(pfc__respond *r, int32_t person, int32_t *code, pfc_error *err) {
  pfc_dict *raters = pfc_dataset_dict(r->sim.ds, "rater");
  const char *id = pfc_dict_text(r->sim.truth->people, person);
  *code = -1;
  if (!raters) return pfc_fail_memory(err, "raters");
  return person < 0 ? PFC_OK : pfc_dict_add(raters, id, strlen(id), code, err);
}

static pfc_status tell_ratings(pfc__respond *r, const pfc__ratings *each, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t words[PFC__SIM_SOURCES];
  int64_t n = 0, row = r->sim.ds->tables[PFC_ASSESSMENTS].n_rows;
  for (int32_t p = 0; p < r->sim.truth->n_people; p++) n += each[p].n;
  PFC_TRY(pfc__sim_source_words(&r->sim, words, err));
  PFC_TRY(pfc_dataset_extend(r->sim.ds, PFC_ASSESSMENTS, n, err));
  int32_t *person = pfc__respond_ints(r, PFC_ASSESSMENTS, "person_id");
  int32_t *competency = pfc__respond_ints(r, PFC_ASSESSMENTS, "competency_id");
  int32_t *source = pfc__respond_ints(r, PFC_ASSESSMENTS, "source");
  int32_t *rater = pfc__respond_ints(r, PFC_ASSESSMENTS, "rater_id");
  int32_t *assessed_on = pfc__respond_ints(r, PFC_ASSESSMENTS, "assessed_on");
  int32_t *valid_until = pfc__respond_ints(r, PFC_ASSESSMENTS, "valid_until");
  double *level = pfc__respond_reals(r, PFC_ASSESSMENTS, "level");
  for (int32_t p = 0; p < r->sim.truth->n_people; p++) {
    for (int64_t k = 0; k < each[p].n; k++, row++) {
      const pfc__rating *x = &each[p].row[k];
      int32_t by;
      PFC_TRY(rater_code(r, x->rater, &by, err));
      person[row] = r->person_code[p];
      competency[row] = r->competency_code[x->competency];
      source[row] = words[x->source];
      assessed_on[row] = x->day;
      level[row] = (double)x->level;
      put_int(rater, row, by);
      put_int(valid_until, row, x->valid_until);
    }
  }
done:
  return st;
}

pfc_status pfc__respond_assess(pfc__respond *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  looks l = {.r = r};
  const int32_t n = r->sim.truth->n_people;
  PFC_NEW(l.each, n);
  PFC_TRY(pfc__taken_init(&l.taken, r, r->sim.ds, err));
  PFC_TRY(pfc__sim_each_person(&r->sim, look, &l, err));
  PFC_TRY(tell_ratings(r, l.each, err));
done:
  for (int32_t p = 0; l.each && p < n; p++) pfc_free(l.each[p].row);
  pfc_free(l.each);
  pfc__taken_clear(&l.taken);
  return st;
}
