/* One cell: all that is known of one person in one competency, as arrays on which the fit of
 * the profile model (trainer) and its posteriors (models/levels.h) do their algebra. The one
 * place where the model's dynamics are written down. */
#ifndef PROFICIO_MODELS_PROFILE_CELL_H
#define PROFICIO_MODELS_PROFILE_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "datasets/evidence.h"
#include "datasets/requirements.h"
#include "models/profile.h"

enum {
  PFC_CELL_RATINGS = 24, /* the latest ones of a cell; earlier ones are left out */
  PFC_CELL_LESSONS = 4,  /* likewise */
  PFC_CELL_ROLES = 4,    /* spells in roles that still weigh; the weight of earlier ones goes to
                            the first that is kept */
  PFC_CELL_ROWS = PFC_CELL_RATINGS + 1,
};

/* What a person did in roles, as known before a day: the same for all cells. */
typedef struct pfc_cell_roles {
  int n, n_spells;
  int32_t role[PFC_CELL_ROLES];  /* distinct; -1 unknown */
  int32_t from[PFC_CELL_ROLES];  /* of the spells, ascending; the first counts since ever */
  int32_t spell[PFC_CELL_ROLES]; /* place in role[] of each spell */
  int32_t joined;                /* PFC_NO_DATE unknown */
} pfc_cell_roles;

/* What does not depend on the parameters but half-lives, newcomer_days and teaching_days. Rows
 * 0 .. n-1 are ratings; row n is added for a day that is asked for (pfc_cell_ask). */
typedef struct pfc_cell {
  int32_t competency;
  int32_t now; /* day looked from: of ratings without a day; PFC_NO_DATE nothing is dated */
  int n, n_dated, n_lessons; /* ratings with a day come first, by day */
  pfc_cell_roles held;
  double role_x[PFC_CELL_ROLES][2]; /* listed, required level - m */
  int32_t intervention[PFC_CELL_LESSONS];
  float to_level[PFC_CELL_LESSONS];
  int32_t start[PFC_CELL_LESSONS];
  double until[PFC_CELL_LESSONS]; /* mean days from the start to its arrival */
  double before_x[PFC_CELL_LESSONS][PFC_PROFILE_FIXED]; /* as x, on the day of the start */
  double before_weight[PFC_CELL_LESSONS][PFC_CELL_ROLES];
  int32_t day[PFC_CELL_ROWS];
  int32_t source[PFC_CELL_ROWS]; /* -1 unknown */
  int64_t rater[PFC_CELL_ROWS];  /* place in profile.rater; -1 unknown */
  double y[PFC_CELL_ROWS];
  double x[PFC_CELL_ROWS][PFC_PROFILE_FIXED];      /* mixed over roles */
  double weight[PFC_CELL_ROWS][PFC_CELL_ROLES];    /* of held.role[], sum 1 */
  double decay[PFC_CELL_ROWS][PFC_CELL_ROWS];      /* correlation of the OU process */
  double arrived[PFC_CELL_ROWS][PFC_CELL_LESSONS]; /* P(arrived by then) */
  double kept[PFC_CELL_ROWS][PFC_CELL_LESSONS];    /* 2^(-days since the start / half-life) */
} pfc_cell;

/* The same under the parameters of a profile, given the part s of the level that does not
 * change:  y_i = offset_i + slope_i s + noise with covariance `c`. */
typedef struct pfc_cell_terms {
  double base[PFC_CELL_ROWS];   /* M: mean of the level without s and lessons */
  double way[PFC_CELL_LESSONS]; /* E[(to_level - level before)+], of a level of mean M
                                      on the day of the start + s and variance sd_cell^2 +
                                      sd_moving^2; what earlier lessons brought is not
                                      looked at */
  double lift[PFC_CELL_ROWS];   /* mean of what lessons brought */
  double offset[PFC_CELL_RATINGS];
  double slope[PFC_CELL_RATINGS];
  double k[PFC_CELL_ROWS][PFC_CELL_ROWS];       /* covariance of the level given s:
            sd_cell^2 + sd_moving^2 decay + lessons', which of one intervention hang together */
  double lesson[PFC_CELL_ROWS][PFC_CELL_ROWS];  /* d k / d sd_taught^2 */
  double c[PFC_CELL_RATINGS][PFC_CELL_RATINGS]; /* slope_i slope_j k_ij, + noise^2 and the
      variance of leniency on the diagonal: the posterior's of a rater who is known, the
      source's leniency^2 of any other */
} pfc_cell_terms;

/* Roles that a person (code of the evidence) held from a day before `date` on (PFC_NO_DATE:
 * any). At least one. */
PFC_API void pfc_cell_find_roles(const pfc_evidence *e, int32_t person, int32_t date,
                                 pfc_cell_roles *held);

/* How much each of held->role[] weighs in the mean on a day: where the mean moves from the old
 * role's to the new one's with this half-life, a spell weighs 2^(-days since the next one
 * began)
 * - 2^(-days since it began itself), in half-lives. PFC_NO_DATE: after all of them. */
PFC_API void pfc_cell_mix(const pfc_cell_roles *held, double half_life, int32_t day,
                          double weight[PFC_CELL_ROLES]);

/* Cells of a person are runs of evidence->seen with one competency; `from` .. `to` is such a
 * run (to: one past its end). Of ratings those count that a decision on `date` may see
 * (pfc_seen_before), of lessons those that ended before it (PFC_NO_DATE: all). Ratings without
 * a day are taken as of `date`; without that as of the latest day in the cell. Lessons and
 * roles are looked up in the evidence. n may be 0 (nobody rated): the cell then has lessons and
 * roles alone, and `competency` says which. */
PFC_API void pfc_cell_read(const pfc_profile *p, const pfc_evidence *e,
                           const pfc_requirements *requirements, int32_t person,
                           int32_t competency, int64_t from, int64_t to, int32_t date,
                           pfc_cell *cell);
/* Ratings without a day are as of this one. */
PFC_API void pfc_cell_as_of(const pfc_profile *p, int32_t day, pfc_cell *cell);
/* Sets row n: the same cell on a day (PFC_NO_DATE: cell->now). */
PFC_API void pfc_cell_ask(const pfc_profile *p, int32_t day, pfc_cell *cell);

/* s: the best guess of the person's part so far (0 at first), which `way` is reckoned from.
 * `asked`: row n is there. */
PFC_API void pfc_cell_weigh(const pfc_profile *p, const pfc_cell *cell, double s, bool asked,
                            pfc_cell_terms *terms);

#endif
