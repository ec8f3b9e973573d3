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
#include <string.h>

#include "base/mem.h"
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

/* --- outlooks -------------------------------------------------------------------------- */

struct pfc_truth_outlook {
  const pfc_truth *t;
  int32_t day, horizon;
  pfc__life life;
  int32_t role;         /* at the horizon */
  int32_t settled;      /* so many days after the day the last change of role has come */
  double *growing;      /* horizon + 1: what is left of a distance after so many days of it */
  double *forgetting;   /* n_competencies x (horizon + 1): the same */
  double *level;        /* n_competencies x (horizon + 1): each day's, without anything new */
  uint8_t *is_walked;   /* n_competencies: `level` is that of the person */
  double *hazard;       /* horizon */
  int32_t intervention; /* whose `success` it is; -1 none yet */
  double success;
};

pfc_status pfc_truth_outlook_create(const pfc_truth *t, int32_t day, int32_t horizon_days,
                                    pfc_truth_outlook **outlook, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_truth_outlook *o = NULL;
  const size_t days = (size_t)horizon_days + 1, n = (size_t)t->n_competencies;
  if (horizon_days < 1 || horizon_days > PFC_TRUTH_DAYS)
    return pfc_fail(err, PFC_EUSAGE, "horizon_days: 1 to %d expected, not %d", PFC_TRUTH_DAYS,
                    horizon_days);
  PFC_NEW(o, 1);
  *o = (pfc_truth_outlook){.t = t, .day = day, .horizon = horizon_days};
  PFC_NEW(o->growing, days);
  PFC_NEW(o->forgetting, n * days);
  PFC_NEW(o->level, n * days);
  PFC_NEW(o->is_walked, n);
  PFC_NEW(o->hazard, horizon_days);
  for (size_t c = 0; c < n; c++)
    for (size_t k = 0; k < days; k++)
      o->forgetting[c * days + k] = exp(-LN_2 / (double)t->half_life[c] * (double)k);
  *outlook = o;
  o = NULL;
done:
  pfc_truth_outlook_destroy(o);
  return st;
}

void pfc_truth_outlook_destroy(pfc_truth_outlook *o) {
  if (!o) return;
  pfc_free(o->growing);
  pfc_free(o->forgetting);
  pfc_free(o->level);
  pfc_free(o->is_walked);
  pfc_free(o->hazard);
  pfc_free(o);
}

void pfc_truth_outlook_of(pfc_truth_outlook *o, int32_t person) {
  const pfc_truth *t = o->t;
  const int32_t end = o->day + o->horizon;
  o->life = pfc__life_of(t, person);
  o->role = pfc_truth_role(t, person, end);
  o->settled = 0;
  for (int64_t k = t->position_start[person]; k < t->position_start[person + 1]; k++)
    if (t->position_from[k] > o->day && t->position_from[k] <= end)
      o->settled = t->position_from[k] - o->day;
  for (int32_t k = 0; k <= o->horizon; k++)
    o->growing[k] = exp(-(double)t->growth[person] / DAYS_A_YEAR * (double)k);
  memset(o->is_walked, 0, (size_t)t->n_competencies);
  o->intervention = -1;
}

int32_t pfc_truth_outlook_role(const pfc_truth_outlook *o) { return o->role; }

/* NaN: the role does not ask for it. */
static double asked(const pfc_truth_outlook *o, int32_t competency) {
  if (o->role < 0) return (double)NAN;
  return (double)o->t->required[(int64_t)o->role * o->t->n_competencies + competency];
}

static const double *levels(pfc_truth_outlook *o, int32_t competency) {
  double *level = o->level + (ptrdiff_t)competency * (o->horizon + 1);
  if (o->is_walked[competency]) return level;
  o->is_walked[competency] = 1;
  walk w = begin(&o->life, competency, o->day, pfc__life_level(&o->life, competency, o->day));
  for (int32_t d = 0; d <= o->horizon; d++) {
    go(&w, o->day + d, false);
    level[d] = w.level;
  }
  return level;
}

/* Level at the horizon of who holds `level` d days after the day, in the role of the end, in
 * which they settle at `settles`; where a change of role lies ahead, by a walk. */
static double last_level(const pfc_truth_outlook *o, int32_t competency, double settles,
                         int32_t d, double level) {
  if (d < o->settled) {
    walk w = begin(&o->life, competency, o->day + d, level);
    go(&w, o->day + o->horizon, false);
    return w.level;
  }
  const double *forgetting = o->forgetting + (ptrdiff_t)competency * (o->horizon + 1);
  const double left = level < settles ? o->growing[o->horizon - d] : forgetting[o->horizon - d];
  return settles + (level - settles) * left;
}

double pfc_truth_outlook_without(pfc_truth_outlook *o, int32_t competency) {
  const double required = asked(o, competency);
  return isnan(required) ? 0 : fmax(0, required - levels(o, competency)[o->horizon]);
}

double pfc_truth_outlook_with(pfc_truth_outlook *o, int32_t intervention, int64_t target) {
  const pfc_truth *t = o->t;
  const int32_t c = t->target_competency[target];
  const double required = asked(o, c), without = pfc_truth_outlook_without(o, c);
  if (isnan(required)) return 0;
  if (without == 0 && t->effect[intervention] >= 0) return 0; /* levels fall by law alone */
  if (o->intervention != intervention) {
    o->intervention = intervention;
    o->success = pfc__life_success(&o->life, intervention, o->day);
  }
  const double *level = levels(o, c);
  const walk end = begin(&o->life, c, o->day + o->horizon, 0);
  pfc__life_hazard(&o->life, intervention, target, o->day, o->horizon, o->hazard);
  double waiting = o->success, with = 0; /* who will pass and has not yet learned */
  for (int32_t d = 1; d <= o->horizon; d++) {
    const double up =
        clamp(level[d] + pfc__truth_jump(t, intervention, target, level[d]), 0, TOP);
    const double here = waiting * o->hazard[d - 1];
    with += here * fmax(0, required - last_level(o, c, end.settles, d, up));
    waiting -= here;
  }
  return with + (1 - (o->success - waiting)) * without;
}
