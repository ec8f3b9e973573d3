/* One cell: all that is known of one person in one competency, as arrays on which the fit of
 * the profile model (trainer) and its posteriors (models/levels.h) do their algebra. The one
 * place where the model's dynamics are written down. */
#ifndef PROFICIO_MODELS_PROFILE_CELL_H
#define PROFICIO_MODELS_PROFILE_CELL_H

#include <stdint.h>

#include "datasets/evidence.h"
#include "datasets/requirements.h"
#include "models/profile.h"

enum {
  PFC_CELL_RATINGS = 24, /* the latest ones of a cell; earlier ones are left out */
  PFC_CELL_LESSONS = 4,  /* likewise */
  PFC_CELL_ROLES = 4,    /* roles that still weigh; the oldest ones' weight goes to the oldest
                            kept */
};

/* What does not depend on the parameters. Rows 0 .. n-1 are ratings; row n may be added for a
 * day that is asked for (pfc_cell_ask). Rows are `PFC_CELL_RATINGS + 1` long at most. */
typedef struct pfc_cell {
  int32_t competency;
  int n, n_roles, n_lessons;
  int32_t role[PFC_CELL_ROLES];
  float to_level[PFC_CELL_LESSONS];
  int32_t day[PFC_CELL_RATINGS + 1];    /* PFC_NO_DATE: as the day asked for */
  int32_t source[PFC_CELL_RATINGS + 1]; /* -1 unknown */
  int64_t rater[PFC_CELL_RATINGS + 1];  /* place in profile.rater; -1 unknown */
  double y[PFC_CELL_RATINGS + 1];
  double x[PFC_CELL_RATINGS + 1][PFC_PROFILE_FIXED];        /* mixed over roles */
  double weight[PFC_CELL_RATINGS + 1][PFC_CELL_ROLES];      /* of roles, sum 1 */
  double decay[PFC_CELL_RATINGS + 1][PFC_CELL_RATINGS + 1]; /* correlation of the OU process */
  double arrived[PFC_CELL_RATINGS + 1][PFC_CELL_LESSONS];   /* P(arrived by then) */
  double kept[PFC_CELL_RATINGS + 1][PFC_CELL_LESSONS];      /* 2^(-age / half-life) */
} pfc_cell;

/* The same under the parameters of a profile, given the part s of the level that does not
 * change:  y_i = offset_i + slope_i s + noise with covariance `c`. */
typedef struct pfc_cell_terms {
  double base[PFC_CELL_RATINGS + 1]; /* M: mean of the level without s and lessons */
  double way[PFC_CELL_LESSONS];      /* (to_level - level before)+ */
  double lift[PFC_CELL_RATINGS + 1]; /* mean of what lessons brought */
  double offset[PFC_CELL_RATINGS + 1];
  double slope[PFC_CELL_RATINGS + 1];
  double k[PFC_CELL_RATINGS + 1][PFC_CELL_RATINGS + 1];      /* covariance of the level given s:
           sd_cell^2 + sd_moving^2 decay + lessons' */
  double lesson[PFC_CELL_RATINGS + 1][PFC_CELL_RATINGS + 1]; /* d k / d sd_taught^2 */
  double c[PFC_CELL_RATINGS][PFC_CELL_RATINGS]; /* slope_i slope_j k_ij, + noise^2 and the
      variance of leniency on the diagonal */
} pfc_cell_terms;

/* Cells of a person are runs of evidence->seen with one competency; `from` .. `to` is such a
 * run. Only what is dated before `date` counts (PFC_NO_DATE: all). Lessons and roles are looked
 * up in the evidence. n may be 0 (nobody rated): the cell then has lessons and roles alone, and
 * `competency` says which. role_of_base may be any matrix-free lookup: x of a role comes from
 * `requirements`. */
PFC_API void pfc_cell_read(const pfc_profile *p, const pfc_evidence *e,
                           const pfc_requirements *requirements, int32_t person,
                           int32_t competency, int64_t from, int64_t to, int32_t date,
                           pfc_cell *cell);
/* Adds row n: the same cell on a day. */
PFC_API void pfc_cell_ask(const pfc_profile *p, const pfc_evidence *e,
                          const pfc_requirements *requirements, int32_t person, int32_t day,
                          pfc_cell *cell);

/* s: the best guess of the person's part so far (0 at first), which `way` is reckoned from.
 * `asked`: row n is there. role_effect(r, c) comes from pfc_profile_role_effect(). */
PFC_API void pfc_cell_weigh(const pfc_profile *p, const pfc_cell *cell, double s, bool asked,
                            pfc_cell_terms *terms);

/* Mean and variance of e_rc; 0 and sd_role^2 of a pair never rated. O(log n). */
PFC_API void pfc_profile_role_effect(const pfc_profile *p, int32_t role, int32_t competency,
                                     double *mean, double *var);

#endif
