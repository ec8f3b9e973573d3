/* The laws of acceptance, success, dropping out and time. Their plain forms lie near the models
 * that are fitted; the hard ones deliberately do not. */
#include <math.h>
#include <stdbool.h>

#include "base/date.h"
#include "datasets/truth_internal.h"

/* What happens from drift_on on, in logits: fewer accept, fewer pass, and it takes longer. */
static const double DRIFT_ACCEPT = -0.5, DRIFT_SUCCESS = -0.7, DRIFT_HAZARD = -0.4;
/* What `bias` costs whoever belongs to the group. */
static const double BIAS_SUCCESS = -0.5, BIAS_HAZARD = -0.3;

static double logistic(double eta) { return 1 / (1 + exp(-eta)); }

/* The quantile function of the Cauchy distribution as link: its tails never get close to 0
 * or 1. */
static double cauchit(double eta) { return 0.5 + atan(eta) / acos(-1); }

static double clip(double x, double min, double max) { return fmin(fmax(x, min), max); }

static bool has_drifted(const pfc_truth *t, int32_t day) {
  return t->drift_on != PFC_NO_DATE && day >= t->drift_on;
}

double pfc__truth_taste(const pfc_truth *t, int32_t person, int32_t intervention) {
  double sum = 0;
  for (int f = 0; f < PFC_TRUTH_TASTES; f++)
    sum += (double)t->taste[(int64_t)person * PFC_TRUTH_TASTES + f] *
           (double)t->pull[(int64_t)intervention * PFC_TRUTH_TASTES + f];
  return sum;
}

/* Hours for learning against hours asked for, as a logarithm, -1.5 .. 1.5. */
static double leisure(const pfc_truth *t, int32_t person, int32_t intervention) {
  return clip(log((double)t->hours[person] / (double)t->load[intervention]), -1.5, 1.5);
}

/* How a person stands to the targets of an intervention, means over them. */
typedef struct standing {
  double need;     /* 0..3: below both the target and what the role asks for */
  double gap;      /* -1..4: target less level */
  double short_of; /* the worst: below what the intervention begins with */
} standing;

static standing stand(const pfc__life *life, int32_t intervention, int32_t day) {
  const pfc_truth *t = life->t;
  const int32_t role = pfc_truth_role(t, life->person, day);
  const int64_t from = t->target_start[intervention], to = t->target_start[intervention + 1];
  standing sum = {0};
  for (int64_t k = from; k < to; k++) {
    const int32_t c = t->target_competency[k];
    const double level = pfc__life_level(life, c, day);
    const double aim = (double)t->target_to[k];
    const double asked =
        role < 0 ? (double)NAN : (double)t->required[(int64_t)role * t->n_competencies + c];
    if (!isnan(asked)) sum.need += clip(fmin(aim, asked) - level, 0, 3);
    sum.gap += clip(aim - level, -1, 4);
    sum.short_of = fmax(sum.short_of, (double)t->target_from[k] - level);
  }
  const double n = to > from ? (double)(to - from) : 1;
  sum.need /= n;
  sum.gap /= n;
  return sum;
}

double pfc__life_accept(const pfc__life *life, int32_t intervention, int32_t day) {
  const pfc_truth *t = life->t;
  const int32_t p = life->person;
  double eta = (double)t->appeal[intervention] + pfc__truth_taste(t, p, intervention) +
               0.45 * stand(life, intervention, day).need + 0.3 * leisure(t, p, intervention);
  if (has_drifted(t, day)) eta += DRIFT_ACCEPT;
  if (t->hard) eta += 0.6 * (double)t->motivation[p];
  return logistic(eta);
}

double pfc__life_success(const pfc__life *life, int32_t intervention, int32_t day) {
  const pfc_truth *t = life->t;
  const int32_t p = life->person;
  const standing at = stand(life, intervention, day);
  double eta = 0.9 + (double)t->ease[intervention] + 0.7 * (double)t->ability[p] +
               0.4 * (double)t->diligence[p] - 0.5 * (at.gap - 1) +
               0.4 * pfc__truth_taste(t, p, intervention);
  if (t->group[p]) eta += BIAS_SUCCESS * t->bias;
  if (has_drifted(t, day)) eta += DRIFT_SUCCESS;
  if (!t->hard) return logistic(eta);
  eta += 0.5 * (double)t->motivation[p];
  eta += 0.3 * (double)t->ability[p] * (double)t->diligence[p];
  if (at.short_of > 0.5) eta -= 1.5; /* who lacks the basis fails, however able */
  return cauchit(eta);
}

double pfc__life_drop(const pfc__life *life, int32_t intervention, int32_t day) {
  const pfc_truth *t = life->t;
  const int32_t p = life->person;
  double eta = (double)t->sway[intervention] - 0.5 * (double)t->diligence[p] -
               0.3 * leisure(t, p, intervention);
  if (t->hard) eta -= 0.4 * (double)t->motivation[p];
  return (1 - pfc__life_success(life, intervention, day)) * logistic(eta);
}

/* Logits of a day's hazard, constant between these days. */
static const struct {
  int32_t to;
  double logit;
} BASELINE[] = {{14, -6.0},  {30, -4.8},  {60, -4.0},
                {90, -3.7},  {120, -3.6}, {180, -3.8},
                {270, -4.2}, {360, -4.6}, {PFC_TRUTH_DAYS, -5.2}};

void pfc__life_hazard(const pfc__life *life, int32_t intervention, int64_t target, int32_t day,
                      int32_t n_days, double *hazard) {
  const pfc_truth *t = life->t;
  const int32_t p = life->person;
  const double level = pfc__life_level(life, t->target_competency[target], day);
  const double gap = clip((double)t->target_to[target] - level, -1, 4) - 1;
  double eta =
      -0.9 * log((double)t->days[intervention] / 56) + 0.3 * leisure(t, p, intervention);
  if (t->group[p]) eta += BIAS_HAZARD * t->bias;
  if (has_drifted(t, day)) eta += DRIFT_HAZARD;
  int bin = 0;
  for (int32_t d = 1; d <= n_days; d++) {
    while (d > BASELINE[bin].to) bin++;
    const double early = t->hard ? 2 * exp(-d / 90.0) : 1; /* a head start that wears off */
    const double able = t->hard && d <= 60 ? 0 : 1;        /* and skill that shows late */
    hazard[d - 1] = logistic(BASELINE[bin].logit + eta - 0.45 * early * gap +
                             0.3 * able * (double)t->ability[p]);
  }
}

/* --- of what the truth holds -------------------------------------------------------------- */

double pfc_truth_accept(const pfc_truth *t, int32_t person, int32_t intervention, int32_t day) {
  const pfc__life life = pfc__life_of(t, person);
  return pfc__life_accept(&life, intervention, day);
}

double pfc_truth_success(const pfc_truth *t, int32_t person, int32_t intervention,
                         int32_t day) {
  const pfc__life life = pfc__life_of(t, person);
  return pfc__life_success(&life, intervention, day);
}

double pfc_truth_drop(const pfc_truth *t, int32_t person, int32_t intervention, int32_t day) {
  const pfc__life life = pfc__life_of(t, person);
  return pfc__life_drop(&life, intervention, day);
}

void pfc_truth_hazard(const pfc_truth *t, int32_t person, int32_t intervention, int64_t target,
                      int32_t day, int32_t n_days, double *hazard) {
  const pfc__life life = pfc__life_of(t, person);
  pfc__life_hazard(&life, intervention, target, day, n_days, hazard);
}
