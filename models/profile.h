/* The profile model: what level does a person hold in a competency, and how sure is that?
 *
 * Person p, competency c, day t; m is the middle of the framework's scale.
 *
 *   rating  y = m + bias_s + slope_s (L(p,c,t) - m) + leniency_{s,rater} + noise_s
 *   level   L(p,c,t) = M(t) + s_pc + w(t) + sum over lessons k of J_k
 *
 *   M(t)    what the roles held make likely. A role r alone:
 *             R(r,c) = x(r,c) . beta + b_c + e_rc,
 *             x = (1, listed, required level - m, listed exp(-(t - joined)/newcomer_days)),
 *           and after a change of role the mean moves from the old role's to the new one's with
 *           the competency's half-life
 *   s_pc    = a_p + u_p . v_c, which does not change
 *   w(t)    the cell's own: constant part of sd_cell, and an Ornstein-Uhlenbeck process of
 *           sd_moving whose correlation halves in half_life_c: ratings age, and what is not
 *           looked at drifts back to what is likely
 *   J_k     what lesson k brought: D (to_level - level before)+ A(t) kept(t),
 *           D ~ N(taught + programme_i, sd_taught^2), kept = 2^(-(t - start)/half_life_c), and
 * A(t) = 1 from the day on which it arrived, which is Erlang(2) after the start with mean
 *           sqrt(duration * teaching_days)
 *
 * Everything Gaussian but the day of arrival, of which mean and covariance are kept. Rows u_p,
 * v_c and all effects are posteriors N(m, S), not points. docs/METHODS.md derives it. */
#ifndef PROFICIO_MODELS_PROFILE_H
#define PROFICIO_MODELS_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "datasets/requirements.h"

enum {
  PFC_PROFILE_MOST_RANK = 32,
  PFC_PROFILE_FIXED = 4, /* regressors of the mean: 1, listed, required, newcomer */
  PFC_PROFILE_DICTS = 5, /* that its codes are of */
};

typedef struct pfc_profile_source {
  double bias;     /* levels, at the middle of the scale */
  double slope;    /* > 0 */
  double noise;    /* sd, levels */
  double leniency; /* sd between raters, levels; 0 where no rater is known */
  int32_t anchor;  /* 1: bias 0 and slope 1 by definition */
  int32_t linked;  /* 1: an anchor, or connected with one through shared cells */
  int64_t n_ratings;
} pfc_profile_source;

typedef struct pfc_profile {
  int32_t n_competencies, n_roles, n_sources; /* codes of its dictionaries */
  int32_t rank;                               /* K, 0..PFC_PROFILE_MOST_RANK */
  double scale_min, scale_max;
  int32_t relative; /* 1: no anchor; levels mean something beside each other alone */

  double beta[PFC_PROFILE_FIXED]; /* of 1, listed (0/1), required level - m (0 where not
                                     listed or without level), newcomer */
  double newcomer_days;
  double taught, sd_taught, teaching_days;
  double sd_programme; /* of what interventions teach around `taught`; 0: all teach alike */
  double sd_person, sd_competency, sd_role, sd_cell, sd_moving; /* > 0 */
  double half_life_days;                                        /* where none is told */

  float *half_life;      /* n_competencies, days > 0 */
  float *competency;     /* n_competencies: b_c */
  float *competency_var; /* n_competencies */
  float *factor;         /* n_competencies x rank: v_c, scaled so that u_p ~ N(0, I) */
  float *factor_cov;     /* n_competencies x rank x rank */
  float *factor_sd;      /* rank: prior of v_c */

  int64_t n_role_effects; /* e_rc of pairs that were rated, by role, then competency */
  int32_t *effect_role, *effect_competency;
  float *effect, *effect_var;

  int32_t n_interventions; /* codes of the dictionary "intervention"; 0: none is told apart */
  float *programme;        /* n_interventions: mean share it carries, less `taught` */
  float *programme_var;    /* n_interventions; sd_programme^2 of one that nothing tells of */

  pfc_profile_source *source; /* n_sources */
  pfc_profile_source unknown; /* of a source that was not there, or is not told */

  int64_t n_raters; /* raters of a source with ratings, by source, then rater */
  int32_t *rater_source, *rater_code;
  float *rater, *rater_var; /* leniency */
} pfc_profile;

PFC_API void pfc_profile_clear(pfc_profile *p); /* frees the arrays; {0} is allowed */

/* How much of a newcomer somebody is still, 1 to 0, so many days after joining (before: 1). */
PFC_API double pfc_profile_newcomer(const pfc_profile *p, double days);

/* Mean and variance of e_rc; 0 and sd_role^2 of a pair never rated, and of role -1. O(log n).
 */
PFC_API void pfc_profile_role_effect(const pfc_profile *p, int32_t role, int32_t competency,
                                     double *mean, double *var);

/* Place of a rater of a source in rater_*; -1 unknown. O(log n). */
PFC_API int64_t pfc_profile_find_rater(const pfc_profile *p, int32_t source, int32_t rater);

/* Share of the way to its targets that a lesson of this intervention carries: mean, and
 * variance of the mean; those of any one of intervention -1. */
PFC_API void pfc_profile_teaches(const pfc_profile *p, int32_t intervention, double *mean,
                                 double *var);

/* The profile in the codes of a dataset: what it does not know (a competency, a source, a
 * rater, a role, an intervention) gets the prior of its kind, with the prior's variance.
 * from_dict and ds's dictionaries are PFC_PROFILE_DICT_NAMES in this order; NULL: none.
 * Half-lives of the dataset come before those of the profile. *out is the caller's, to clear.
 */
PFC_API extern const char *const PFC_PROFILE_DICT_NAMES[PFC_PROFILE_DICTS];
PFC_API PFC_MUST_USE pfc_status
pfc_profile_align(const pfc_profile *p, const pfc_dict *const from_dict[PFC_PROFILE_DICTS],
                  const pfc_dataset *ds, pfc_profile *out, pfc_error *err);

#endif
