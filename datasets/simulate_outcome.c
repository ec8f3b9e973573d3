/* How a start ends, by the laws of the truth. */
#include <string.h>

#include "datasets/simulate_history_internal.h"

/* The day on which what was learned arrives, drawn from its hazard; 0: not within
 * PFC_TRUTH_DAYS. */
static int32_t draw_day(const pfc__life *life, int32_t intervention, int64_t target,
                        int32_t day, pfc_rng *rng) {
  double hazard[PFC_TRUTH_DAYS];
  pfc__life_hazard(life, intervention, target, day, PFC_TRUTH_DAYS, hazard);
  /* The first d at which the share still waiting falls to u. */
  const double u = pfc_rng_uniform(rng);
  double waiting = 1;
  for (int32_t d = 1; d <= PFC_TRUTH_DAYS; d++) {
    waiting *= 1 - hazard[d - 1];
    if (waiting <= u) return d;
  }
  return 0;
}

/* Keeps the gains in the order of days. */
static pfc_status add_gain(pfc__sim_past *past, int32_t day, int32_t competency,
                           int32_t intervention, double gain, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = past->n_gains;
  PFC_RESERVE(past->gain_day, past->gain_day_capacity, n + 1);
  PFC_RESERVE(past->gain_competency, past->gain_competency_capacity, n + 1);
  PFC_RESERVE(past->gain_intervention, past->gain_intervention_capacity, n + 1);
  PFC_RESERVE(past->gain, past->gains_capacity, n + 1);
  int32_t at = n;
  while (at > 0 && past->gain_day[at - 1] > day) at--;
  const size_t later = (size_t)(n - at);
  memmove(past->gain_day + at + 1, past->gain_day + at, later * sizeof *past->gain_day);
  memmove(past->gain_competency + at + 1, past->gain_competency + at,
          later * sizeof *past->gain_competency);
  memmove(past->gain_intervention + at + 1, past->gain_intervention + at,
          later * sizeof *past->gain_intervention);
  memmove(past->gain + at + 1, past->gain + at, later * sizeof *past->gain);
  past->gain_day[at] = day;
  past->gain_competency[at] = competency;
  past->gain_intervention[at] = intervention;
  past->gain[at] = (float)gain;
  past->n_gains++;
done:
  return st;
}

/* A gain is worked out from the level that the gains known so far lead to. */
static pfc_status learn(const pfc__sim *s, int32_t person, pfc__sim_past *past,
                        const pfc__sim_start *start, pfc_rng *rng, pfc_error *err) {
  const pfc_truth *t = s->truth;
  const int32_t i = start->intervention;
  for (int64_t k = t->target_start[i]; k < t->target_start[i + 1]; k++) {
    const pfc__life life = pfc__sim_life(s, person, past);
    const int32_t d = draw_day(&life, i, k, start->started_on, rng);
    if (d == 0) continue;
    const int32_t day = start->started_on + d, c = t->target_competency[k];
    const double gain = pfc__truth_jump(t, i, k, pfc__life_level(&life, c, day));
    if (gain == 0) continue;
    const pfc_status st = add_gain(past, day, c, i, gain, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

/* More give up early than late: the density falls in a straight line to 0 at the planned
 * end. */
static int32_t draw_dropping(const pfc__sim_start *start, pfc_rng *rng) {
  const double days = (double)(start->until - start->started_on);
  return start->started_on + (int32_t)floor(days * (1 - sqrt(pfc_rng_uniform(rng))));
}

pfc_status pfc__sim_end(const pfc__sim *s, int32_t person, pfc__sim_past *past,
                        pfc__sim_start *start, pfc_rng *rng, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t left_on = s->truth->left_on[person];
  if (left_on != PFC_NO_DATE && left_on < start->started_on) {
    start->status = PFC__SIM_WAITING;
    return PFC_OK;
  }
  const pfc__life life = pfc__sim_life(s, person, past);
  const double success = pfc__life_success(&life, start->intervention, start->started_on);
  const double drop = pfc__life_drop(&life, start->intervention, start->started_on);
  const double u = pfc_rng_uniform(rng);
  if (u < success) {
    start->status = PFC__SIM_PASSED;
    PFC_TRY(learn(s, person, past, start, rng, err));
  } else if (u < success + drop) {
    start->status = PFC__SIM_DROPPED;
    start->until = draw_dropping(start, rng);
  } else {
    start->status = PFC__SIM_FAILED;
  }
  if (left_on != PFC_NO_DATE && left_on < start->until) start->status = PFC__SIM_RUNNING;
done:
  return st;
}

pfc_status pfc__sim_finish(const pfc__sim *s, int32_t person, pfc__sim_past *past, int32_t i,
                           pfc_error *err) {
  pfc__sim_start *start = &past->starts[i];
  const uint64_t id = (uint64_t)(uint32_t)person << 32 | (uint32_t)i;
  pfc_rng rng = pfc__sim_stream(s, "history.outcome", id);
  const pfc_status st = pfc__sim_end(s, person, past, start, &rng, err);
  const bool is_waiting = start->status == PFC__SIM_WAITING;
  if (!is_waiting && start->until > s->truth->last_day) start->status = PFC__SIM_RUNNING;
  return st;
}
