/* Levels over time. Between events a level moves towards where the person settles in the role
 * held, A = required - 0.3 + aptitude: up by learning on the job, down by forgetting,
 *
 *   L(t + s) = A + (L(t) - A) exp(-rate s),
 *   rate = growth of the person below A, log 2 / half life of the competency above.
 *
 * Events are changes of role, which move A, and gains, which move L at once. */
#include "datasets/truth.h"

#include <math.h>
#include <stdbool.h>

#include "datasets/truth_internal.h"

#define DAYS_A_YEAR 365.2425
#define LN_2 0.69314718055994530942
#define NOT_ASKED 0.5     /* level that a role asks for where nothing is published */
#define SHORT_OF_ROLE 0.3 /* how far people settle below what the role asks for, on average */
#define ABOVE_TARGET 0.2  /* a full effect carries this far beyond the target */
#define TOP 7.0           /* of the scale */

static double clamp(double x, double min, double max) {
  return x < min ? min : x > max ? max : x;
}

int32_t pfc_truth_role(const pfc_truth *t, int32_t person, int32_t day) {
  int32_t role = -1;
  for (int64_t k = t->position_start[person]; k < t->position_start[person + 1]; k++) {
    if (t->position_from[k] > day) break;
    role = t->position_role[k];
  }
  return role;
}

static double required(const pfc_truth *t, int32_t role, int32_t competency) {
  if (role < 0) return NOT_ASKED;
  const double level = (double)t->required[(int64_t)role * t->n_competencies + competency];
  return isnan(level) ? NOT_ASKED : level;
}

/* --- walks ----------------------------------------------------------------------------- */

/* A level on its way through days. */
typedef struct walk {
  const pfc__life *life;
  int32_t competency;
  int32_t day; /* reached */
  double level, highest;
  int64_t position;                   /* the next change of role */
  int64_t gain;                       /* the next gain, of whatever competency */
  double settles, growth, forgetting; /* rates a day */
} walk;

static void settle_in(walk *w, int32_t role) {
  const pfc_truth *t = w->life->t;
  const int64_t at = (int64_t)w->life->person * t->n_competencies + w->competency;
  w->settles =
      clamp(required(t, role, w->competency) - SHORT_OF_ROLE + (double)t->aptitude[at], 0, TOP);
}

/* Begins on `day` at `level`, with gains after that day ahead. */
static walk begin(const pfc__life *life, int32_t competency, int32_t day, double level) {
  const pfc_truth *t = life->t;
  const int32_t p = life->person;
  walk w = {
      .life = life, .competency = competency, .day = day, .level = level, .highest = level};
  w.position = t->position_start[p];
  int32_t role = -1;
  while (w.position < t->position_start[p + 1] && t->position_from[w.position] <= day)
    role = t->position_role[w.position++];
  while (w.gain < life->n_gains && life->gain_day[w.gain] <= day) w.gain++;
  w.growth = (double)t->growth[p] / DAYS_A_YEAR;
  w.forgetting = LN_2 / (double)t->half_life[competency];
  settle_in(&w, role);
  return w;
}

static void drift(walk *w, int32_t day) {
  const double rate = w->level < w->settles ? w->growth : w->forgetting;
  w->level = w->settles + (w->level - w->settles) * exp(-rate * (double)(day - w->day));
  w->highest = fmax(w->highest, w->level);
  w->day = day;
}

static void jump(walk *w, double by) {
  w->level = clamp(w->level + by, 0, TOP);
  w->highest = fmax(w->highest, w->level);
}

/* On to `day`, with the gains on the way up to that day where `gains` says so. */
static void go(walk *w, int32_t day, bool gains) {
  const pfc__life *life = w->life;
  const pfc_truth *t = life->t;
  const int64_t positions = t->position_start[life->person + 1];
  for (;;) {
    while (gains && w->gain < life->n_gains && life->gain_competency[w->gain] != w->competency)
      w->gain++;
    const int32_t moves = w->position < positions ? t->position_from[w->position] : INT32_MAX;
    const int32_t gained =
        gains && w->gain < life->n_gains ? life->gain_day[w->gain] : INT32_MAX;
    const int32_t next = moves < gained ? moves : gained;
    if (next > day) break;
    drift(w, next);
    if (moves == next) settle_in(w, t->position_role[w->position++]);
    if (gained == next) jump(w, (double)life->gain[w->gain++]);
  }
  drift(w, day);
}

double pfc__life_level(const pfc__life *life, int32_t competency, int32_t day) {
  const pfc_truth *t = life->t;
  const int64_t at = (int64_t)life->person * t->n_competencies + competency;
  const int64_t first = t->position_start[life->person];
  const double initial = (double)t->initial[at];
  if (first == t->position_start[life->person + 1] || day <= t->position_from[first])
    return initial;
  walk w = begin(life, competency, t->position_from[first], initial);
  go(&w, day, true);
  return w.level;
}

pfc__life pfc__life_of(const pfc_truth *t, int32_t person) {
  const int64_t from = t->gain_start[person];
  return (pfc__life){.t = t,
                     .person = person,
                     .n_gains = t->gain_start[person + 1] - from,
                     .gain_day = t->gain_day + from,
                     .gain_competency = t->gain_competency + from,
                     .gain = t->gain + from};
}

double pfc_truth_level(const pfc_truth *t, int32_t person, int32_t competency, int32_t day) {
  const pfc__life life = pfc__life_of(t, person);
  return pfc__life_level(&life, competency, day);
}

double pfc__truth_jump(const pfc_truth *t, int32_t intervention, int64_t target, double level) {
  const double effect = (double)t->effect[intervention];
  if (effect < 0) return effect;
  return effect * fmax(0, (double)t->target_to[target] + ABOVE_TARGET - level);
}

/* --- with and without ------------------------------------------------------------------ */

/* From the day of the start, without what begins later. */
static walk from_start(const pfc__life *life, int64_t target, int32_t day) {
  const int32_t competency = life->t->target_competency[target];
  return begin(life, competency, day, pfc__life_level(life, competency, day));
}

double pfc_truth_level_without(const pfc_truth *t, int32_t person, int64_t target, int32_t day,
                               int32_t horizon) {
  const pfc__life life = pfc__life_of(t, person);
  walk w = from_start(&life, target, day);
  go(&w, day + horizon, false);
  return w.level;
}

double pfc_truth_reach_without(const pfc_truth *t, int32_t person, int64_t target, int32_t day,
                               int32_t horizon) {
  const double to = (double)t->target_to[target];
  const pfc__life life = pfc__life_of(t, person);
  walk w = from_start(&life, target, day);
  go(&w, day + horizon, false);
  return isnan(to) ? (double)NAN : w.highest >= to;
}

/* Means over the day on which what was learned arrives: of the last level, and of having
 * reached the target. */
static void with_intervention(const pfc_truth *t, int32_t person, int32_t intervention,
                              int64_t target, int32_t day, int32_t horizon, double *level,
                              double *reach) {
  double hazard[PFC_TRUTH_DAYS];
  const double to = (double)t->target_to[target];
  const pfc__life life = pfc__life_of(t, person);
  walk w = from_start(&life, target, day);
  double waiting = pfc__life_success(&life, intervention, day); /* will pass, not yet there */
  double spent = waiting;
  pfc__life_hazard(&life, intervention, target, day, horizon, hazard);
  *level = *reach = 0;
  for (int32_t d = 1; d <= horizon; d++) {
    go(&w, day + d, false);
    walk learned = w;
    jump(&learned, pfc__truth_jump(t, intervention, target, w.level));
    go(&learned, day + horizon, false);
    const double here = waiting * hazard[d - 1];
    *level += here * learned.level;
    *reach += here * (learned.highest >= to);
    waiting -= here;
  }
  spent -= waiting;
  *level += (1 - spent) * w.level;
  *reach += (1 - spent) * (w.highest >= to);
}

double pfc_truth_level_with(const pfc_truth *t, int32_t person, int32_t intervention,
                            int64_t target, int32_t day, int32_t horizon) {
  double level, reach;
  with_intervention(t, person, intervention, target, day, horizon, &level, &reach);
  return level;
}

double pfc_truth_reach_with(const pfc_truth *t, int32_t person, int32_t intervention,
                            int64_t target, int32_t day, int32_t horizon) {
  double level, reach;
  with_intervention(t, person, intervention, target, day, horizon, &level, &reach);
  return isnan((double)t->target_to[target]) ? (double)NAN : reach;
}
