/* The history as an organisation records it. */
#include <stdio.h>
#include <string.h>

#include "datasets/simulate_history_internal.h"

/* --- gains of the truth ----------------------------------------------------------------- */

pfc_status pfc__sim_pack_gains(pfc_truth *t, const pfc__sim_past *past, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(t->gain_start, (size_t)t->n_people + 1);
  for (int32_t p = 0; p < t->n_people; p++)
    t->gain_start[p + 1] = t->gain_start[p] + past[p].n_gains;
  const int64_t n = t->gain_start[t->n_people];
  PFC_NEW(t->gain_day, n);
  PFC_NEW(t->gain_competency, n);
  PFC_NEW(t->gain_intervention, n);
  PFC_NEW(t->gain, n);
  for (int32_t p = 0; p < t->n_people; p++) {
    const size_t many = (size_t)past[p].n_gains;
    const int64_t at = t->gain_start[p];
    if (many == 0) continue;
    memcpy(t->gain_day + at, past[p].gain_day, many * sizeof *t->gain_day);
    memcpy(t->gain_competency + at, past[p].gain_competency, many * sizeof *t->gain_competency);
    memcpy(t->gain_intervention + at, past[p].gain_intervention,
           many * sizeof *t->gain_intervention);
    memcpy(t->gain + at, past[p].gain, many * sizeof *t->gain);
  }
done:
  return st;
}

/* --- enrolments -----------------------------------------------------------------------------
 */

typedef struct enrolments {
  int64_t n;
  int32_t *person, *intervention, *enrolled_on, *started_on, *ended_on, *status;
  double *score, *rating;
} enrolments;

static pfc_status enrolments_init(enrolments *e, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  e->n = n;
  PFC_NEW(e->person, n);
  PFC_NEW(e->intervention, n);
  PFC_NEW(e->enrolled_on, n);
  PFC_NEW(e->started_on, n);
  PFC_NEW(e->ended_on, n);
  PFC_NEW(e->status, n);
  PFC_NEW(e->score, n);
  PFC_NEW(e->rating, n);
done:
  return st;
}

static void enrolments_clear(enrolments *e) {
  pfc_free(e->person);
  pfc_free(e->intervention);
  pfc_free(e->enrolled_on);
  pfc_free(e->started_on);
  pfc_free(e->ended_on);
  pfc_free(e->status);
  pfc_free(e->score);
  pfc_free(e->rating);
}

static double bounded(double x, double min, double max) { return fmin(fmax(x, min), max); }

/* Marks out of 100, 60 to pass; four in ten say what they thought of it, 1 to 5. */
void pfc__sim_marks(const pfc__sim_start *e, pfc_rng *rng, double *score, double *rating) {
  const double mark = pfc_rng_normal(rng), liking = pfc_rng_normal(rng);
  const bool is_judged = e->status == PFC__SIM_PASSED || e->status == PFC__SIM_FAILED;
  *score = *rating = (double)NAN;
  if (e->status == PFC__SIM_PASSED) *score = round(bounded(78 + 9 * mark, 60, 100));
  if (e->status == PFC__SIM_FAILED) *score = round(bounded(44 + 9 * mark, 0, 59));
  if (is_judged && pfc_rng_uniform(rng) < 0.4)
    *rating = round(bounded(3.6 + 0.9 * liking - (e->status == PFC__SIM_FAILED), 1, 5));
}

static void fill_enrolments(const pfc__sim *s, const pfc__sim_past *past, const int32_t *words,
                            enrolments *out) {
  int64_t row = 0;
  for (int32_t p = 0; p < s->truth->n_people; p++) {
    for (int32_t k = 0; k < past[p].n_starts; k++, row++) {
      const pfc__sim_start *e = &past[p].starts[k];
      const bool started = e->status >= PFC__SIM_RUNNING;
      const bool ended = e->status > PFC__SIM_RUNNING;
      out->person[row] = p;
      out->intervention[row] = e->intervention;
      out->enrolled_on[row] = e->enrolled_on;
      out->started_on[row] = started ? e->started_on : PFC_NO_DATE;
      out->ended_on[row] = ended ? e->until : PFC_NO_DATE;
      out->status[row] = words[e->status];
      const uint64_t id = (uint64_t)(uint32_t)p << 32 | (uint32_t)k;
      pfc_rng rng = pfc__sim_stream(s, "history.marks", id);
      pfc__sim_marks(e, &rng, &out->score[row], &out->rating[row]);
    }
  }
}

pfc_status pfc__sim_status_words(pfc__sim *s, int32_t *status, pfc_error *err) {
  static const char *const WORDS[PFC__SIM_N_STATUS] = {
      "enrolled", "enrolled", "enrolled", "in_progress", "passed", "failed", "dropped"};
  return pfc__sim_words(s, "status", PFC__SIM_N_STATUS, WORDS, status, err);
}

static pfc_status tell_enrolments(pfc__sim *s, const pfc__sim_past *past, pfc_error *err) {
  pfc_status st = PFC_OK;
  enrolments e = {0};
  int32_t words[PFC__SIM_N_STATUS];
  int64_t n = 0;
  for (int32_t p = 0; p < s->truth->n_people; p++) n += past[p].n_starts;
  PFC_TRY(enrolments_init(&e, n, err));
  PFC_TRY(pfc__sim_status_words(s, words, err));
  fill_enrolments(s, past, words, &e);
  PFC__SIM_TAKE(s, PFC_ENROLMENTS, "person_id", PFC_CODE, "person", n, e.person);
  PFC__SIM_TAKE(s, PFC_ENROLMENTS, "intervention_id", PFC_CODE, "intervention", n,
                e.intervention);
  PFC__SIM_TAKE(s, PFC_ENROLMENTS, "enrolled_on", PFC_DATE, NULL, n, e.enrolled_on);
  PFC__SIM_TAKE(s, PFC_ENROLMENTS, "started_on", PFC_DATE, NULL, n, e.started_on);
  PFC__SIM_TAKE(s, PFC_ENROLMENTS, "ended_on", PFC_DATE, NULL, n, e.ended_on);
  PFC__SIM_TAKE(s, PFC_ENROLMENTS, "status", PFC_CODE, "status", n, e.status);
  PFC__SIM_TAKE(s, PFC_ENROLMENTS, "score", PFC_REAL, NULL, n, e.score);
  PFC__SIM_TAKE(s, PFC_ENROLMENTS, "rating", PFC_REAL, NULL, n, e.rating);
done:
  enrolments_clear(&e);
  return st;
}

/* --- feedback --------------------------------------------------------------------------------
 */

typedef struct feedback {
  int64_t n;
  int32_t *event, *person, *intervention, *kind, *reason, *actor;
  int64_t *at;
  double *propensity;
} feedback;

static pfc_status feedback_init(feedback *f, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  f->n = n;
  PFC_NEW(f->event, n);
  PFC_NEW(f->person, n);
  PFC_NEW(f->intervention, n);
  PFC_NEW(f->kind, n);
  PFC_NEW(f->reason, n);
  PFC_NEW(f->actor, n);
  PFC_NEW(f->at, n);
  PFC_NEW(f->propensity, n);
done:
  return st;
}

static void feedback_clear(feedback *f) {
  pfc_free(f->event);
  pfc_free(f->person);
  pfc_free(f->intervention);
  pfc_free(f->kind);
  pfc_free(f->reason);
  pfc_free(f->actor);
  pfc_free(f->at);
  pfc_free(f->propensity);
}

static const char *const KINDS[] = {"shown", "accepted", "declined"};
static const char *const REASONS[] = {"", "", "prerequisite not met", "no time"};
static const char *const ACTORS[] = {"manager", "portal", "catalogue", "portal", "compliance"};
enum { SHOWN, ACCEPTED, DECLINED, N_KINDS };
enum {
  N_REASONS = sizeof REASONS / sizeof *REASONS,
  N_ACTORS = sizeof ACTORS / sizeof *ACTORS
};

/* Two events for every offer: that it was made, and the answer some minutes later. */
static void fill_offer(const pfc__sim_offer *offer, int32_t person, int64_t row,
                       const int32_t *kinds, const int32_t *reasons, const int32_t *actors,
                       feedback *out) {
  const int64_t at = (int64_t)offer->day * PFC_DAY_S + offer->second;
  const bool accepted = offer->answer == PFC__SIM_ACCEPTED;
  for (int64_t k = row; k < row + 2; k++) {
    out->event[k] = (int32_t)k;
    out->person[k] = person;
    out->intervention[k] = offer->intervention;
    out->reason[k] = -1;
  }
  out->kind[row] = kinds[SHOWN];
  out->kind[row + 1] = kinds[accepted ? ACCEPTED : DECLINED];
  out->at[row] = at;
  out->at[row + 1] = at + 60 + at % 3541; /* up to an hour later */
  out->actor[row] = actors[offer->channel];
  out->actor[row + 1] = -1;
  out->propensity[row] = (double)offer->propensity;
  out->propensity[row + 1] = (double)NAN;
  if (offer->answer == PFC__SIM_NOT_READY || offer->answer == PFC__SIM_NO_TIME)
    out->reason[row + 1] = reasons[offer->answer];
}

static pfc_status fill_feedback(pfc__sim *s, const pfc__sim_past *past, feedback *out,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t kinds[N_KINDS], reasons[N_REASONS] = {-1, -1}, actors[N_ACTORS];
  int64_t row = 0;
  PFC_TRY(pfc__sim_words(s, "feedback_kind", N_KINDS, KINDS, kinds, err));
  PFC_TRY(pfc__sim_words(s, "feedback_reason", N_REASONS - PFC__SIM_NOT_READY,
                         REASONS + PFC__SIM_NOT_READY, reasons + PFC__SIM_NOT_READY, err));
  PFC_TRY(pfc__sim_words(s, "actor", N_ACTORS, ACTORS, actors, err));
  for (int32_t p = 0; p < s->truth->n_people; p++) {
    for (int32_t k = 0; k < past[p].n_offers; k++, row += 2)
      fill_offer(&past[p].offers[k], p, row, kinds, reasons, actors, out);
  }
done:
  return st;
}

static pfc_status name_events(pfc__sim *s, int64_t n, pfc_error *err) {
  pfc_dict *dict = pfc_dataset_dict(s->ds, "feedback_event");
  if (!dict) return pfc_fail_memory(err, "feedback events");
  for (int64_t k = 0; k < n; k++) {
    char id[24];
    int32_t code;
    const int size = snprintf(id, sizeof id, "F%08lld", (long long)k + 1);
    const pfc_status st = pfc_dict_add(dict, id, (size_t)size, &code, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

static pfc_status tell_feedback(pfc__sim *s, const pfc__sim_past *past, pfc_error *err) {
  pfc_status st = PFC_OK;
  feedback f = {0};
  int64_t n = 0;
  for (int32_t p = 0; p < s->truth->n_people; p++) n += 2 * past[p].n_offers;
  PFC_TRY(feedback_init(&f, n, err));
  PFC_TRY(fill_feedback(s, past, &f, err));
  PFC_TRY(name_events(s, n, err));
  PFC__SIM_TAKE(s, PFC_FEEDBACK, "event_id", PFC_CODE, "feedback_event", n, f.event);
  PFC__SIM_TAKE(s, PFC_FEEDBACK, "person_id", PFC_CODE, "person", n, f.person);
  PFC__SIM_TAKE(s, PFC_FEEDBACK, "intervention_id", PFC_CODE, "intervention", n,
                f.intervention);
  PFC__SIM_TAKE(s, PFC_FEEDBACK, "at", PFC_TIME, NULL, n, f.at);
  PFC__SIM_TAKE(s, PFC_FEEDBACK, "kind", PFC_CODE, "feedback_kind", n, f.kind);
  PFC__SIM_TAKE(s, PFC_FEEDBACK, "propensity", PFC_REAL, NULL, n, f.propensity);
  PFC__SIM_TAKE(s, PFC_FEEDBACK, "reason", PFC_CODE, "feedback_reason", n, f.reason);
  PFC__SIM_TAKE(s, PFC_FEEDBACK, "actor", PFC_CODE, "actor", n, f.actor);
done:
  feedback_clear(&f);
  return st;
}

pfc_status pfc__sim_tell(pfc__sim *s, const pfc__sim_past *past, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__sim_pack_gains(s->truth, past, err));
  PFC_TRY(tell_enrolments(s, past, err));
  PFC_TRY(tell_feedback(s, past, err));
done:
  return st;
}
