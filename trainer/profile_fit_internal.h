/* What the files of the profile fit share: the cells of the data in the form in which they are
 * swept over, the posteriors and parameters, and the blocks that are updated in turn.
 *
 * People are dealt out to chunks by a hash, so that the first chunks are a random sample of
 * them: a fit of the sample sweeps over those, with the same numbering of everything else. */
#ifndef PROFICIO_TRAINER_PROFILE_FIT_INTERNAL_H
#define PROFICIO_TRAINER_PROFILE_FIT_INTERNAL_H

#include <stdbool.h>

#include "base/par.h"
#include "models/profile_cell.h"
#include "trainer/profile_fit.h"

/* Symmetric matrices of rows are packed: lower triangle, row after row. */
#define PFC__TRIANGLE(d) ((ptrdiff_t)(d) * ((d) + 1) / 2)

enum {
  PFC__ROW = PFC_PROFILE_MOST_RANK + 1, /* (a_p, u_p) at most */
  PFC__CELL = PFC_CELL_RATINGS,
  PFC__TEACHING_DAYS = 60, /* until they are learned */
};

/* --- small dense algebra ---------------------------------------------------------------- */

/* A = L L' in place (lower triangle, row-major n x n); false when not positive definite. */
bool pfc__cholesky(int n, double *A, double *log_det);
void pfc__cholesky_solve(int n, const double *L, double *x);
/* A^-1 of the full symmetric A, from L as above, into the full symmetric `inverse`. */
void pfc__cholesky_invert(int n, const double *L, double *inverse);
/* The packed P becomes P^-1, and x P^-1 x. scratch: 2 d^2. */
bool pfc__packed_solve(int d, double *P, double *x, double *scratch, double *log_det);
/* Sum over i, j of A_ij B_ij of two packed symmetric matrices. */
double pfc__packed_dot(int d, const double *A, const double *B);

/* --- data ------------------------------------------------------------------------------- */

typedef struct pfc__pcell {
  int64_t seen; /* its first rating in the evidence */
  int64_t at;   /* in the chunk's numbers: y[n], x[n][4], weight[n][n_roles], decay[n][n],
                   arrived[n][n_lessons], kept[n][n_lessons], way[n_lessons],
                   square[n_lessons] */
  int64_t code; /* in the chunk's codes: source[n], rater[n] (-1 unknown),
                   intervention[n_lessons] */
  int32_t competency;
  int32_t effect[PFC_CELL_ROLES]; /* place in effects; -1 of an unknown role */
  int16_t n, n_roles, n_lessons;
  bool held;        /* out */
  double w, target; /* of the person's part s, by the last solve: t - w s is its gradient */
} pfc__pcell;

typedef struct pfc__pchunk {
  int32_t n_people, person_capacity;
  int32_t first_row;   /* of its people in the posteriors */
  int32_t *person;     /* codes in the evidence */
  int64_t *first_cell; /* n_people + 1 */
  int64_t n_cells, cell_capacity, n_numbers, number_capacity, n_codes, code_capacity;
  pfc__pcell *cell;
  double *number;
  int32_t *codes;
  int64_t n_pairs; /* roles and competencies met, sorted: role << 32 | competency */
  int64_t *pair;
} pfc__pchunk;

typedef struct pfc__pdata {
  const pfc_evidence *evidence;
  const pfc_requirements *requirements;
  int32_t date;
  double mid, span;
  pfc_profile shape;  /* sizes, half-lives, raters, effects: what cells are read with */
  int32_t n_sources;  /* of the evidence, and one more for ratings that tell none */
  int64_t *n_ratings; /* n_sources */
  int8_t *fixed;      /* n_sources: bias 0 and slope 1 */
  int8_t *all_raters; /* n_sources: no rating without a rater */
  int32_t n_people;   /* with ratings */
  int64_t n_cells, n_all;
  double mean, variance; /* of the ratings */
  double least;          /* variance below which nothing is taken to be */
  int32_t n_chunks;
  pfc__pchunk *chunk;
} pfc__pdata;

pfc_status pfc__pdata_init(pfc__pdata *d, const pfc_evidence *e, const pfc_requirements *r,
                           int32_t date, const pfc_profile_settings *s, pfc_error *err);
void pfc__pdata_clear(pfc__pdata *d);

/* Slots of a cell. */
static inline double *pfc__pcell_y(const pfc__pchunk *k, const pfc__pcell *c) {
  return k->number + c->at;
}
static inline double *pfc__pcell_x(const pfc__pchunk *k, const pfc__pcell *c) {
  return pfc__pcell_y(k, c) + c->n;
}
static inline double *pfc__pcell_weight(const pfc__pchunk *k, const pfc__pcell *c) {
  return pfc__pcell_x(k, c) + (ptrdiff_t)c->n * PFC_PROFILE_FIXED;
}
static inline double *pfc__pcell_decay(const pfc__pchunk *k, const pfc__pcell *c) {
  return pfc__pcell_weight(k, c) + (ptrdiff_t)c->n * c->n_roles;
}
static inline double *pfc__pcell_arrived(const pfc__pchunk *k, const pfc__pcell *c) {
  return pfc__pcell_decay(k, c) + (ptrdiff_t)c->n * c->n;
}
static inline double *pfc__pcell_kept(const pfc__pchunk *k, const pfc__pcell *c) {
  return pfc__pcell_arrived(k, c) + (ptrdiff_t)c->n * c->n_lessons;
}
static inline double *pfc__pcell_way(const pfc__pchunk *k, const pfc__pcell *c) {
  return pfc__pcell_kept(k, c) + (ptrdiff_t)c->n * c->n_lessons;
}

/* Second moments of the shares that lessons carry on average. They weigh how much is unknown of
 * a rating while the day of arrival is, and are held with the ways. */
static inline double *pfc__pcell_square(const pfc__pchunk *k, const pfc__pcell *c) {
  return pfc__pcell_way(k, c) + c->n_lessons;
}
/* What lesson l would have brought by the day of rating i on average, had it carried all. */
static inline double pfc__pcell_load(const pfc__pchunk *k, const pfc__pcell *c, int i, int l) {
  const ptrdiff_t at = (ptrdiff_t)i * c->n_lessons + l;
  return pfc__pcell_way(k, c)[l] * pfc__pcell_kept(k, c)[at] * pfc__pcell_arrived(k, c)[at];
}

/* --- state ------------------------------------------------------------------------------ */

typedef struct pfc__psource {
  double bias, slope, noise2, leniency2;
} pfc__psource;

/* What the bound is maximized over besides the posteriors. */
typedef struct pfc__ptheta {
  double beta[PFC_PROFILE_FIXED];
  double taught, cell2, moving2, taught2; /* *2: variances */
  double kappa;         /* scale of s, b and e; 1 but in the midst of a step */
  pfc__psource *source; /* n_sources */
} pfc__ptheta;

typedef struct pfc__pstate {
  int32_t rank, d;  /* d = 1 + rank */
  int32_t n_active; /* chunks swept over */
  int32_t n_people; /* in them */
  pfc__ptheta theta;
  double person2, competency2, role2, programme2, factor2[PFC_PROFILE_MOST_RANK];
  double *row, *row_cov; /* n_people x d; packed */
  double *row_log_det;   /* n_people: log |S_p| */
  double *z, *zz;        /* n_competencies x d: (1, v_c); packed second moments of it */
  double *factor_cov;    /* n_competencies x packed rank */
  double *b, *b_var;     /* n_competencies */
  double *effect, *effect_var, *rater, *rater_var, *programme, *programme_var;
  double *programme_told; /* variances, with what people's rows leave unknown */
  int8_t *has_competency, *has_effect, *has_rater, *has_programme; /* some data tell of it */
  double bound, worst_fall; /* the latter: largest relative fall in a sweep so far */
} pfc__pstate;

/* Whose chunks are 0 .. n_active - 1; from: what to begin with, NULL: the data alone. Factors
 * are drawn anew unless `from` has the same rank. */
pfc_status pfc__pstate_init(pfc__pstate *s, const pfc__pdata *d, int32_t rank, int32_t n_active,
                            uint64_t seed, const pfc__pstate *from, pfc_error *err);
void pfc__pstate_clear(pfc__pstate *s);
/* zz from z and factor_cov. */
void pfc__pstate_moments(const pfc__pdata *d, pfc__pstate *s);
/* Into the arrays and numbers of a profile that has the shape of d->shape. */
void pfc__pstate_tell(const pfc__pdata *d, const pfc__pstate *s, pfc_profile *p);

/* --- one cell --------------------------------------------------------------------------- */

typedef struct pfc__work {
  int n, thread;
  const int32_t *source, *rater, *intervention;
  double a[PFC__CELL];                     /* slopes */
  double level[PFC__CELL];                 /* mean level - mid */
  double dev[PFC__CELL];                   /* s + b + e, mixed over roles */
  double lift[PFC__CELL];                  /* per unit of taught */
  double programme[PFC__CELL];             /* what programmes brought beside that */
  double noise2[PFC__CELL], lv[PFC__CELL]; /* the latter: doubt of leniency */
  double e[PFC__CELL], cie[PFC__CELL], cia[PFC__CELL];
  double k[PFC__CELL * PFC__CELL], kj[PFC__CELL * PFC__CELL], kt[PFC__CELL * PFC__CELL];
  double c[PFC__CELL * PFC__CELL], ci[PFC__CELL * PFC__CELL], u[PFC__CELL * PFC__CELL];
  double dev_u[PFC__CELL * PFC__CELL]; /* of u, the part of dev */
  double scratch[3][PFC__CELL * PFC__CELL];
  double log_det;
} pfc__work;

/* Residuals e at the person's part s, C, its inverse and C^-1 e, C^-1 a. PFC_ENUMERIC when C
 * is not positive definite. */
pfc_status pfc__pcell_solve(const pfc__pdata *d, const pfc__pstate *st, const pfc__pchunk *k,
                            const pfc__pcell *c, double s, pfc__work *w, pfc_error *err);
/* After it: fills u, the variance of the level that posteriors leave, with var(s) given; and
 * returns the cell's part of the bound. */
double pfc__pcell_bound(const pfc__pstate *st, const pfc__pchunk *k, const pfc__pcell *c,
                        double var_s, pfc__work *w);

/* Second moments of a person's row, packed, and mean of s. */
void pfc__row_moments(int d, const double *row, const double *cov, double *xx);
static inline double pfc__row_part(int d, const double *row, const double *z) {
  double s = 0;
  for (int i = 0; i < d; i++) s += row[i] * z[i];
  return s;
}

/* --- blocks ----------------------------------------------------------------------------- */

/* Everything a sweep needs besides data and state; one for a fit. */
typedef struct pfc__psweep {
  const pfc__pdata *d;
  pfc__pstate *s;
  int n_threads;
  pfc__work *work;    /* n_threads */
  double *sums;       /* chunks x n_sums */
  ptrdiff_t n_sums;   /* of the block under way */
  ptrdiff_t capacity; /* doubles in sums */
  double *total;      /* n_sums */
  double *step;       /* capacity: what a block keeps of them for its next pass */
  double *theta;      /* of the theta step: gradient, step, information, scratch */
  pfc__psource *old;  /* sources before it */
  pfc_cell *cell;     /* n_threads; of pfc__update_ways(), as are: */
  pfc_cell_terms *terms;
} pfc__psweep;

pfc_status pfc__psweep_init(pfc__psweep *w, const pfc__pdata *d, pfc__pstate *s,
                            pfc_error *err);
void pfc__psweep_clear(pfc__psweep *w);

/* Is a pass over so many ratings worth more than one thread? */
static inline bool pfc__worth_threads(int64_t n_ratings) {
  return PFC_WORTH_THREADS(256 * n_ratings);
}
/* fn adds what a chunk brings to `sum`, which is zero before; the sums of all active chunks,
 * added in order, are then in w->total. */
typedef pfc_status (*pfc__chunk_fn)(const pfc__psweep *w, pfc__pchunk *k, pfc__work *work,
                                    double *sum, void *user, pfc_error *err);
pfc_status pfc__psweep_chunks(pfc__psweep *w, ptrdiff_t n_sums, pfc__chunk_fn fn, void *user,
                              pfc_error *err);

/* Each maximizes the bound over its block, or steps up. */
pfc_status pfc__update_rows(pfc__psweep *w, pfc_error *err);       /* people, then factors */
pfc_status pfc__update_means(pfc__psweep *w, pfc_error *err);      /* beta, b, e */
pfc_status pfc__update_leniencies(pfc__psweep *w, pfc_error *err); /* raters */
pfc_status pfc__update_programmes(pfc__psweep *w, pfc_error *err); /* interventions */
pfc_status pfc__update_theta(pfc__psweep *w, pfc_error *err);      /* the rest; sets s->bound */
/* Lessons' ways, reckoned anew from where levels are now; and their arrivals, from
 * shape.teaching_days. */
pfc_status pfc__update_ways(pfc__psweep *w, pfc_error *err);

/* Effects of one kind, each taken for independent of the others: mean, var and what the data
 * say of it (their curvature), `stride` doubles apart. */
typedef struct pfc__pkind {
  int64_t n;
  const int8_t *has;
  const double *mean, *curvature;
  ptrdiff_t stride;
  double *var;
} pfc__pkind;
/* Fills var; the variance of their prior, begun from `prior`, no lower than `least`. */
double pfc__spread(const pfc__pkind *k, double prior, double least);

/* Of shares that lessons carry, below which no variance goes. */
#define PFC__LEAST_SHARE2 1e-8
/* The weak prior of `taught`: its precision, and gradient. */
double pfc__taught_precision(void);
double pfc__taught_pull(double taught);

/* Parameters of the theta step in order: 9 common ones, then 3 a source. */
enum {
  PFC__P_BETA = 0,
  PFC__P_TAUGHT = PFC_PROFILE_FIXED,
  PFC__P_KAPPA,
  PFC__P_CELL, /* logs of variances from here on */
  PFC__P_MOVING,
  PFC__P_TAUGHT2,
  PFC__P_SOURCES,
  PFC__P_BIAS = 0, /* of a source */
  PFC__P_SLOPE,
  PFC__P_NOISE,
  PFC__P_EACH,
};
static inline ptrdiff_t pfc__n_theta(const pfc__pdata *d) {
  return PFC__P_SOURCES + (ptrdiff_t)PFC__P_EACH * d->n_sources;
}
/* The bound, and its gradient (NULL: not wanted) and Fisher information, n x n. */
pfc_status pfc__theta_bound(pfc__psweep *w, double *bound, pfc_error *err);
pfc_status pfc__theta_gradient(pfc__psweep *w, double *bound, double *gradient, double *fisher,
                               pfc_error *err);
/* All of the bound that is not a sum over cells: minus KL of posteriors, and weak priors. */
double pfc__bound_of_posteriors(const pfc__pdata *d, const pfc__pstate *s);
/* The harmonic mean of the noise of the sources that rated: what their weak prior pulls to. */
double pfc__theta_common_noise2(const pfc__pdata *d, const pfc__ptheta *t);
/* The weak priors alone, and their gradient and curvature added where not NULL. */
double pfc__theta_prior(const pfc__pdata *d, const pfc__ptheta *t, double *gradient,
                        double *fisher);

/* One sweep over all blocks. */
pfc_status pfc__psweep_run(pfc__psweep *w, pfc_error *err);
/* Does any cell swept over have a lesson? */
bool pfc__psweep_has_lessons(const pfc__psweep *w);
/* Sweeps until the bound rises by less than `tolerance` of itself, or `most` are done. */
typedef struct pfc__pstop {
  int32_t most;
  double tolerance;
  const pfc_progress *progress;
} pfc__pstop;
pfc_status pfc__psweep_until(pfc__psweep *w, const pfc__pstop *stop, pfc_profile_fit *fit,
                             pfc_error *err);

/* Mean over held-out cells of -log density; NaN where there is none. */
pfc_status pfc__holdout_nll(pfc__psweep *w, double *nll, pfc_error *err);
/* The best shape.teaching_days by the bound, of a fit that has converged, which it sweeps on.
 */
pfc_status pfc__teaching_search(pfc__pdata *d, pfc__pstate *s, const pfc_progress *progress,
                                pfc_error *err);
/* The state of the best rank, converged loosely on the sample; *best is the caller's. */
pfc_status pfc__rank_search(pfc__pdata *d, const pfc_profile_settings *settings,
                            int32_t n_active, pfc__pstate *best, pfc_profile_fit *fit,
                            pfc_error *err);

#endif
