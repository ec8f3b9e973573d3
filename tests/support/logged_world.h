/* Worlds in which what every policy is worth is known, and logs drawn from them. */
#ifndef PROFICIO_TESTS_SUPPORT_LOGGED_WORLD_H
#define PROFICIO_TESTS_SUPPORT_LOGGED_WORLD_H

#include <stdint.h>

#include "base/rng.h"
#include "trainer/off_policy.h"

enum { LOGGED_ACTIONS = 20 };

/* People come 1 to 5 times; each time one of 20 actions is drawn, with chances that are as
 * unequal as `skew`, and the reward is 1 with the chance logistic(appeal + the person's own).
 */
typedef struct logged_world {
  double chance[LOGGED_ACTIONS]; /* of the policy that logs */
  double appeal[LOGGED_ACTIONS];
  double reward[LOGGED_ACTIONS]; /* mean over people */
} logged_world;
void logged_world_draw(logged_world *w, pfc_rng *rng, double skew, double base);
double logged_world_value(const logged_world *w, const double *policy);

/* A log of the world, owned by the caller, with what two policies would do and a model of
 * reward: shrunken means of each action, each half of the people by those of the other. */
typedef struct drawn_log {
  pfc_logged a, b;
  int n_owned;
  void *owned[8];
} drawn_log;
void drawn_log_init(drawn_log *log, const logged_world *w, pfc_rng *rng, int32_t n_people,
                    const double *policy_a, const double *policy_b);
void drawn_log_clear(drawn_log *log);

/* Of what an interval is told: SNIPS, DR, Switch-DR; of a, of b, of b - a. */
enum { LOGGED_FIGURES = 9 };
extern const char *const LOGGED_FIGURE[LOGGED_FIGURES];

typedef struct logged_shape {
  double skew, base; /* of the world */
  int32_t n_people;
  double greed; /* policy a: equal chances; b: so much on what seems best, the rest as a */
} logged_shape;
/* From an effective sample of some hundred to one of thousands; from one reward in a hundred
 * decisions to one in four. */
enum { LOGGED_SHAPES = 8 };
extern const logged_shape LOGGED_SHAPE[LOGGED_SHAPES];

/* How often, of `runs` logs of a new world each, the truth stands in each interval. Those
 * without evidence enough promise nothing and are not counted. */
typedef struct logged_coverage {
  int runs, enough;
  int held[LOGGED_FIGURES];
  double ess; /* sum, of b */
} logged_coverage;
/* Adds to *told. */
void logged_coverage_count(const logged_shape *shape, int runs, uint64_t seed,
                           logged_coverage *told);

#endif
