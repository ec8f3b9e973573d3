/* Who answers what, and what comes of it. */
#include "datasets/respond.h"

#include <string.h>

#include "datasets/respond_internal.h"

/* --- leads -------------------------------------------------------------------------------- */

static bool is_there(const pfc_truth *t, int32_t person, int32_t day) {
  const int32_t left_on = t->left_on[person];
  return pfc_truth_role(t, person, day) >= 0 && (left_on == PFC_NO_DATE || left_on >= day);
}

static pfc_status take_lead(const pfc__respond *r, const pfc_dataset *ds, const pfc_lead *lead,
                            uint8_t *is_led, pfc__response *out, pfc_error *err) {
  const int32_t p = lead->person, i = lead->intervention;
  if (p < 0 || p >= pfc_dataset_count(ds, "person") || r->person_row[p] < 0 || i < 0 ||
      i >= pfc_dataset_count(ds, "intervention") || r->intervention_row[i] < 0)
    return pfc_fail(err, PFC_EUSAGE,
                    "nobody can be led from %d to %d: codes of the dataset's "
                    "people and interventions expected",
                    (int)p, (int)i);
  const char *name = pfc_dict_text(pfc_dataset_find_dict(ds, "person"), p);
  *out = (pfc__response){.person = r->person_row[p], .intervention = r->intervention_row[i]};
  if (is_led[out->person])
    return pfc_fail(err, PFC_EUSAGE, "'%s' is led to two interventions: one at most expected",
                    name);
  if (!is_there(r->sim.truth, out->person, r->day)) {
    char day[PFC_DATE_TEXT];
    pfc_date_format(r->day, day);
    return pfc_fail(err, PFC_EUSAGE, "'%s' is not with the organisation on %s", name, day);
  }
  is_led[out->person] = 1;
  return PFC_OK;
}

static pfc_status take_leads(pfc__respond *r, const pfc_dataset *ds, int64_t n,
                             const pfc_lead *leads, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *is_led = NULL;
  PFC_NEW(is_led, r->sim.truth->n_people);
  PFC_NEW(r->responses, n);
  r->n = n;
  for (int64_t k = 0; k < n; k++)
    PFC_TRY(take_lead(r, ds, &leads[k], is_led, &r->responses[k], err));
done:
  pfc_free(is_led);
  return st;
}

/* --- answers ------------------------------------------------------------------------------ */

/* Starts on the day, or when it opens next; how that ends is drawn now, by the levels that all
 * gains known on the day lead to. */
static pfc_status start(const pfc__respond *r, pfc__response *x, pfc__sim_past *past,
                        pfc_error *err) {
  const int32_t on = pfc__sim_next_start(&r->sim, x->intervention, r->day);
  x->start = pfc__sim_booking(&r->sim, x->intervention, r->day, on);
  if (on == PFC_NO_DATE) return PFC_OK;
  pfc_rng rng = pfc__respond_stream(r, "respond.outcome", x->person, r->day);
  const pfc_status st = pfc__sim_end(&r->sim, x->person, past, &x->start, &rng, err);
  pfc_rng marks = pfc__respond_stream(r, "respond.marks", x->person, r->day);
  pfc__sim_marks(&x->start, &marks, &x->score, &x->rating);
  return st;
}

/* Booked or under way on the day? */
static bool has_it(const pfc__respond *r, const pfc__taken *t, const pfc__response *x) {
  for (int64_t k = t->start[x->person]; k < t->start[x->person + 1]; k++) {
    const int64_t row = t->row[k];
    if (t->intervention[row] != r->intervention_code[x->intervention]) continue;
    if (t->started_on[row] == PFC_NO_DATE) continue; /* waits for nothing, or left */
    if (t->ended_on[row] == PFC_NO_DATE || t->ended_on[row] >= r->day) return true;
  }
  return false;
}

static pfc_status answer(const pfc__respond *r, const pfc__taken *taken, pfc__response *x,
                         pfc__sim_past *past, pfc_error *err) {
  pfc_rng rng = pfc__respond_stream(r, "respond.answer", x->person, r->day);
  const pfc__life life = pfc__sim_life(&r->sim, x->person, past);
  const double likely = pfc__life_accept(&life, x->intervention, r->day);
  x->accepted = pfc_rng_uniform(&rng) < likely && !has_it(r, taken, x);
  x->second = 8 * 3600 + (int32_t)pfc_rng_below(&rng, 8 * 3600);
  x->score = x->rating = (double)NAN;
  return x->accepted ? start(r, x, past, err) : PFC_OK;
}

/* The gains that the truth has, as a past that can grow. */
static pfc_status remember(const pfc_truth *t, int32_t person, pfc__sim_past *past,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t from = t->gain_start[person];
  const size_t n = (size_t)(t->gain_start[person + 1] - from);
  PFC_RESERVE(past->gain_day, past->gain_day_capacity, (int32_t)n);
  PFC_RESERVE(past->gain_competency, past->gain_competency_capacity, (int32_t)n);
  PFC_RESERVE(past->gain_intervention, past->gain_intervention_capacity, (int32_t)n);
  PFC_RESERVE(past->gain, past->gains_capacity, (int32_t)n);
  if (n == 0) goto done;
  memcpy(past->gain_day, t->gain_day + from, n * sizeof *t->gain_day);
  memcpy(past->gain_competency, t->gain_competency + from, n * sizeof *t->gain_competency);
  memcpy(past->gain_intervention, t->gain_intervention + from,
         n * sizeof *t->gain_intervention);
  memcpy(past->gain, t->gain + from, n * sizeof *t->gain);
  past->n_gains = (int32_t)n;
done:
  return st;
}

typedef struct everybody {
  const pfc__respond *r;
  pfc__taken taken;
  pfc__response **of; /* n_people; NULL: was offered nothing */
  pfc__sim_past *past;
} everybody;

static pfc_status live(int32_t person, void *user, pfc_error *err) {
  const everybody *all = user;
  const pfc_status st = remember(all->r->sim.truth, person, &all->past[person], err);
  if (st != PFC_OK || !all->of[person]) return st;
  return answer(all->r, &all->taken, all->of[person], &all->past[person], err);
}

static void drop_gains(pfc_truth *t) {
  pfc_free(t->gain_start);
  pfc_free(t->gain_day);
  pfc_free(t->gain_competency);
  pfc_free(t->gain_intervention);
  pfc_free(t->gain);
  t->gain_start = NULL;
  t->gain_day = t->gain_competency = t->gain_intervention = NULL;
  t->gain = NULL;
}

static pfc_status answer_all(pfc__respond *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_truth *t = r->sim.truth;
  everybody all = {.r = r};
  PFC_NEW(all.of, t->n_people);
  PFC_NEW(all.past, t->n_people);
  for (int64_t k = 0; k < r->n; k++) all.of[r->responses[k].person] = &r->responses[k];
  PFC_TRY(pfc__taken_init(&all.taken, r, r->sim.ds, err));
  PFC_TRY(pfc__sim_each_person(&r->sim, live, &all, err));
  drop_gains(t);
  PFC_TRY(pfc__sim_pack_gains(t, all.past, err));
done:
  pfc__sim_pasts_free(t->n_people, all.past);
  pfc__taken_clear(&all.taken);
  pfc_free(all.of);
  return st;
}

/* --- all of it -----------------------------------------------------------------------------
 */

static pfc_status check_days(const pfc_truth *t, int32_t day, int32_t n_days, pfc_error *err) {
  char text[2][PFC_DATE_TEXT];
  if (n_days < 1 || n_days > PFC_TRUTH_DAYS)
    return pfc_fail(err, PFC_EUSAGE, "n_days is %d, allowed is 1 to %d", (int)n_days,
                    (int)PFC_TRUTH_DAYS);
  if (day > t->first_day && day <= t->last_day + 1) return PFC_OK;
  pfc_date_format(t->first_day + 1, text[0]);
  pfc_date_format(t->last_day + 1, text[1]);
  return pfc_fail(err, PFC_EUSAGE, "day %d lies outside the history, %s to %s", (int)day,
                  text[0], text[1]);
}

pfc_status pfc_respond(const pfc_dataset *ds, const pfc_truth *truth, const pfc_round *round,
                       pfc_dataset **after, pfc_truth **after_truth, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__respond r = {.day = round->day,
                    .end = round->day + round->n_days,
                    .settings = {.struct_size = sizeof r.settings,
                                 .seed = round->seed,
                                 .hard = truth->hard,
                                 .drift_on = truth->drift_on}};
  PFC_TRY(check_days(truth, round->day, round->n_days, err));
  PFC_TRY(pfc__respond_open(&r, ds, truth, err));
  PFC_TRY(pfc__respond_cut(&r, ds, err));
  PFC_TRY(take_leads(&r, ds, round->n, round->leads, err));
  PFC_TRY(answer_all(&r, err));
  PFC_TRY(pfc__respond_tell(&r, err));
  PFC_TRY(pfc__respond_assess(&r, err));
  r.sim.ds->sha256[0] = r.sim.ds->feedback_head[0] = '\0'; /* of no file */
  r.sim.ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = r.end};
  *after = r.sim.ds;
  *after_truth = r.sim.truth;
  r.sim.ds = NULL;
  r.sim.truth = NULL;
done:
  pfc__respond_close(&r);
  return st;
}
