/* What the parts of training share: the world as training may see it. */
#ifndef PROFICIO_TRAINER_TRAIN_INTERNAL_H
#define PROFICIO_TRAINER_TRAIN_INTERNAL_H

#include <stdint.h>

#include "base/sparse.h"
#include "datasets/catalogue.h"
#include "datasets/episodes.h"
#include "datasets/evidence.h"
#include "datasets/features.h"
#include "datasets/history.h"
#include "models/bundle.h"
#include "models/fold.h"
#include "models/lent_levels.h"
#include "trainer/als.h"
#include "trainer/logit.h"
#include "trainer/train.h"

typedef struct pfc__training {
  const pfc_train_settings *settings;
  pfc_dataset *view;
  pfc_history *history;
  pfc_catalogue *cat;
  pfc_lens *lens;
  pfc_lent_levels *levels; /* lent to the lens; NULL until there is a profile */
  pfc_fold *fold;          /* NULL until there is an affinity model */
  int32_t today;           /* the day after the last one of the view; PFC_NO_DATE undated */
  pfc_bundle *bundle;
} pfc__training;

/* The training view of ds, and what is read out of it; settings and bundle are the caller's to
 * set. Cleared even when this failed. */
PFC_MUST_USE pfc_status pfc__world_init(pfc__training *t, const pfc_dataset *ds,
                                        pfc_error *err);
/* The same of a view that t has already. */
PFC_MUST_USE pfc_status pfc__world_read(pfc__training *t, pfc_error *err);
void pfc__world_clear(pfc__training *t);

/* Where the bundle's models come from: data, split, day, seed, dictionaries. When they are all
 * there. */
PFC_MUST_USE pfc_status pfc__keep_provenance(pfc__training *t, const pfc_dataset *ds,
                                             pfc_error *err);

/* Each trains one model into the bundle and sets bundle->has_...; when the data do not carry
 * it, returns PFC_OK with note->trained = 0 and the reason in note->text. */
PFC_MUST_USE pfc_status pfc__train_profile(pfc__training *t, pfc_train_note *note,
                                           pfc_error *err);
PFC_MUST_USE pfc_status pfc__train_affinity(pfc__training *t, pfc_train_note *note,
                                            pfc_error *err);
/* What makes its scores probabilities; after all models, as it asks which there are. */
PFC_MUST_USE pfc_status pfc__calibrate_affinity(const pfc__training *t, pfc_error *err);
PFC_MUST_USE pfc_status pfc__train_success(pfc__training *t, pfc_train_note *note,
                                           pfc_error *err);
PFC_MUST_USE pfc_status pfc__train_accept(pfc__training *t, pfc_train_note *note,
                                          pfc_error *err);
PFC_MUST_USE pfc_status pfc__train_time(pfc__training *t, pfc_train_note *note, pfc_error *err);
/* The kind that the settings name. */
PFC_MUST_USE pfc_status pfc__train_baseline(pfc__training *t, pfc_train_note *note,
                                            pfc_error *err);

/* --- what a model would be trained on -------------------------------------------------- */

/* All evidence of the view, and what its ratings are. */
typedef struct pfc__profile_rows {
  pfc_evidence *evidence;
  const pfc_dict *names; /* of sources; NULL: none is told */
  int64_t n_ratings, n_cells;
  int64_t n_old; /* ratings beyond the latest PFC_CELL_RATINGS of a cell, which do not count */
  int32_t n_people;             /* who have any */
  int32_t n_sources, n_anchors; /* with ratings */
  int64_t *by_source;           /* ratings of each source */
  int8_t *linked;               /* as of trainer/source_links.h */
  int64_t *shared;
  double least, most;  /* level */
  double sum, squares; /* of levels, from the middle of the scale */
} pfc__profile_rows;
/* To be cleared even when this failed. */
PFC_MUST_USE pfc_status pfc__profile_rows_init(const pfc__training *t, pfc__profile_rows *rows,
                                               pfc_error *err);
void pfc__profile_rows_clear(pfc__profile_rows *rows);
/* What levels can not be told for want of an anchor; "" where there is no doubt. */
void pfc__profile_doubts(const pfc__profile_rows *rows, char *text, size_t size);

/* Confidence of every person in every intervention, people by interventions. */
PFC_MUST_USE pfc_status pfc__affinity_rows(const pfc__training *t, pfc_csr *conf,
                                           pfc_error *err);

/* Attributes and factors of t->bundle->affinity from such rows. */
PFC_MUST_USE pfc_status pfc__affinity_fit(const pfc__training *t, const pfc_csr *conf,
                                          pfc_als_report *report, pfc_error *err);

/* Rows that came out as 1 or 0. */
typedef struct pfc__labelled {
  int64_t n, n_passed; /* of these 1 */
  pfc_decision *d;     /* by date, then row */
  float *y;
} pfc__labelled;
/* Mature starts whose result is known. */
PFC_MUST_USE pfc_status pfc__success_rows(const pfc__training *t, pfc__labelled *l,
                                          pfc_error *err);
struct pfc_offers;
/* Answered offers (trainer/offers.h); of undated enrolments none, as nobody can tell which of
 * them an offer had before it. counts: of all of them, its list empty; NULL is allowed. */
PFC_MUST_USE pfc_status pfc__accept_rows(const pfc__training *t, pfc__labelled *l,
                                         struct pfc_offers *counts, pfc_error *err);
void pfc__labelled_clear(pfc__labelled *l);

/* People seen below a level who started nothing that aims at it, and whom they stand for. */
typedef struct pfc__controls {
  pfc_episodes *list;
  int64_t n_events;  /* controls who reached the level */
  int64_t n_treated; /* targets of starts that were above what the person was found at */
  int64_t n_alike;   /* of these, where the person lacked as much as eight in ten controls do */
} pfc__controls;
/* The caller destroys the list. */
PFC_MUST_USE pfc_status pfc__controls_init(const pfc__training *t, pfc__controls *c,
                                           pfc_error *err);

/* How a chance is fitted. */
typedef struct pfc__chance_plan {
  const char *name; /* of the model */
  const char *unit; /* "starts passed": of the rows, for people */
  pfc_feature_plan features;
  bool cross_fitted;     /* strengths by likelihood, judged and calibrated by fits that saw
                            nothing of a row's person; else strengths by the latest rows */
  bool factors_on_trial; /* products of affinity factors only if rows held out want them */
  bool factors_apart;    /* and these from all but the row's person */
  int n_begin;
  const struct pfc__strength *begin;
} pfc__chance_plan;

/* Into the empty m; l has rows of both kinds. */
PFC_MUST_USE pfc_status pfc__train_chance(pfc__training *t, const pfc__chance_plan *plan,
                                          const pfc__labelled *l, pfc_chance *m,
                                          pfc_train_note *note, pfc_error *err);

/* An episode as a decision, for the encoder. */
static inline pfc_decision pfc__episode_decision(const pfc_episode *at) {
  return (pfc_decision){at->person, at->intervention,  at->competency,
                        at->start,  at->enrolment_row, at->row};
}

/* Do such rows not carry the model? Then note->text says why. The one place where this is
 * decided: training and the readiness report cannot disagree. */
bool pfc__profile_refuses(const pfc__training *t, const pfc__profile_rows *rows,
                          pfc_train_note *note);
bool pfc__affinity_refuses(const pfc__training *t, int64_t n_observed, pfc_train_note *note);
bool pfc__success_refuses(const pfc__training *t, const pfc__labelled *l, pfc_train_note *note);
bool pfc__accept_refuses(const pfc__training *t, const pfc__labelled *l, pfc_train_note *note);
bool pfc__time_refuses(const pfc__training *t, const pfc_episodes *episodes,
                       pfc_train_note *note);
bool pfc__anyway_refuses(const pfc__training *t, const pfc__controls *controls, char *text,
                         size_t size);

/* Adds a line to the bundle's record of fits. */
PFC_MUST_USE pfc_status pfc__certify(pfc_bundle *b, const char *model, int64_t n_rows,
                                     int64_t iterations, double objective, double gradient,
                                     int converged, pfc_error *err);

/* Adds a figure on held-out rows to the bundle. */
PFC_MUST_USE pfc_status pfc__record_metric(pfc_bundle *b, const char *name, int64_t n_rows,
                                           double value, pfc_error *err);

/* Affinity factors as they would be had a person not been among those they were fitted to
 * (trainer/factors_apart.c). */
typedef struct pfc__apart pfc__apart;
PFC_MUST_USE pfc_status pfc__apart_create(const pfc__training *t, pfc__apart **apart,
                                          pfc_error *err);
void pfc__apart_destroy(pfc__apart *apart); /* NULL is allowed */
/* z[rank]: x_f y_f of the decision's person and intervention, as known on its day. */
PFC_MUST_USE pfc_status pfc__apart_products(const pfc__apart *apart, int thread,
                                            const pfc_decision *d, float *z, pfc_error *err);

/* One row a decision: the encoded columns of the scopes named by a bit mask (1 << scope),
 * then `extra` dense columns taken from dense[row * extra ...] when it is not NULL. */
PFC_MUST_USE pfc_status pfc__encode_rows(const pfc_features *f, const pfc_lens *lens,
                                         unsigned scopes, int64_t n, const pfc_decision *d,
                                         int extra, const float *dense, pfc_csr *rows,
                                         pfc_error *err);

/* --- ridges ------------------------------------------------------------------ */

enum { PFC__MAX_GROUPS = 24 };

/* Columns of one group share one ridge strength. */
typedef struct pfc__ridges {
  const char *stage; /* of progress; for pfc__ridges_choose */
  int n_groups;
  const char *name[PFC__MAX_GROUPS];
  double strength[PFC__MAX_GROUPS];
  int32_t n_columns;
  int32_t *group_of; /* n_columns */
  int32_t *field_of; /* n_columns: field, for the preconditioner */
  int32_t n_fields;
} pfc__ridges;

/* Groups and fields of a feature plan and, after its columns, of `extra` columns that form
 * a group "interaction"; strengths at their defaults. */
PFC_MUST_USE pfc_status pfc__ridges_init(pfc__ridges *r, const pfc_features *f, int extra,
                                         pfc_error *err);
void pfc__ridges_clear(pfc__ridges *r);

/* Where the search for the strength of a group begins instead, in units of the summed log
 * likelihood. */
typedef struct pfc__strength {
  const char *group;
  double strength;
} pfc__strength;
void pfc__ridges_begin(pfc__ridges *r, int n, const pfc__strength *begin);
/* ridge[n_columns] from the strengths. */
void pfc__ridges_fill(const pfc__ridges *r, double *ridge);

/* Strengths by which rows themselves are likeliest (trainer/strengths.c): those a group begins
 * with count as a tenth of a coefficient of that size. Of rows, ridge is ignored;
 * w[x->n_cols + 1]: start values in, about the solution under these strengths out. */
PFC_MUST_USE pfc_status pfc__ridges_weigh(pfc__ridges *r, const pfc_logit_problem *rows,
                                          const pfc_progress *progress, double *w,
                                          pfc_error *err);

/* eta[n]: what fits with these strengths say of rows of whose people they saw nothing, in folds
 * of people; w: where they begin. *told: 0 where a fold leaves results of one kind only. */
PFC_MUST_USE pfc_status pfc__cross_fit(const pfc__training *t, const pfc__ridges *r,
                                       const pfc_logit_problem *rows, const int32_t *person,
                                       const double *w, double *eta, int *told, pfc_error *err);

/* Does `loss` beat `best` by more than the standard error of their mean difference? The rows
 * are the same, so that the difference is what counts. */
bool pfc__is_better(int64_t n, const double *loss, const double *best);

/* Loss of each held-out row under a fit with these strengths. */
typedef pfc_status (*pfc__holdout_fn)(const pfc__ridges *r, void *user, double *loss,
                                      pfc_error *err);
/* Improves the strengths, one group after the other, each once, on n_held held-out rows. */
PFC_MUST_USE pfc_status pfc__ridges_choose(pfc__ridges *r, int64_t n_held, pfc__holdout_fn fn,
                                           void *user, const pfc_progress *progress,
                                           pfc_error *err);

#endif
