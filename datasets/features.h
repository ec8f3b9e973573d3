/* Feature encoding: what a model sees of a decision "person p starts intervention i
 * on day t, aiming at competency c". Fitted once on training rows, stored in the
 * bundle, applied by the same functions in training and scoring.
 *
 * Every column belongs to one scope, so that a linear predictor splits into
 *     person(p, t) + target(i, c) + cell(p, c, t) + pair(p, i, t)
 * and the engine can compute the first two once per person and per target. */
#ifndef PROFICIO_DATASETS_FEATURES_H
#define PROFICIO_DATASETS_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/catalogue.h"
#include "datasets/dataset.h"
#include "datasets/history.h"
#include "datasets/lens.h"
#include "datasets/requirements.h"

typedef enum pfc_scope {
  PFC_SCOPE_PERSON,
  PFC_SCOPE_TARGET,
  PFC_SCOPE_CELL,
  PFC_SCOPE_PAIR,
  PFC_N_SCOPES,
} pfc_scope;

/* How a field makes columns. */
typedef enum pfc_field_kind {
  PFC_FIELD_ONEHOT, /* one column a category of `dict`; a category unseen in training
                       has none and contributes 0 */
  PFC_FIELD_NUMBER, /* (x - mean) / sd in column `first`. Where training rows had missing
                       values (has_missing) column first + 1 tells so: 1 when missing, and
                       then 0 in the first. In the cell and pair scopes, where nearly
                       everything is missing, it is the other way round: 1 when known,
                       and no entry at all when missing */
} pfc_field_kind;

/* What the value is read from. */
typedef enum pfc_field_what {
  PFC_WHAT_ID,       /* the person, role, unit, intervention or competency itself */
  PFC_WHAT_COLUMN,   /* column `column` of table `table` */
  PFC_WHAT_LOG,      /* log(1 + that column) */
  PFC_WHAT_ATTEMPTS, /* log(1 + starts before t): of the item, the competency, in total */
  PFC_WHAT_WINS,     /* log(1 + passes known before t) */
  PFC_WHAT_LEVEL,    /* latest assessed level before t, by a source other than self */
  PFC_WHAT_TO_LEVEL, /* the target's level */
  PFC_WHAT_REQUIRED, /* level that the role held asks for in the competency */
  PFC_WHAT_MISSING,  /* what the latest assessed level lacks of it, 0 where nothing */
  PFC_WHAT_LOAD,     /* log(1 + hours / weeks) of the intervention */
  /* By the profile that is lent to the lens (pfc_lens_lend), of what the role held asks for,
   * was rated or tried: */
  PFC_WHAT_HELD,    /* level held on the day, as expected */
  PFC_WHAT_LACKING, /* what the role held asks for less that level, where above 0, as expected
                     */
  PFC_WHAT_SHORT,   /* to_level less the level held, where above 0 */
} pfc_field_what;

typedef struct pfc_field {
  char *name;  /* e.g. "person", "enrolments.x_credits", "attempts competency" */
  char *group; /* ridge group: person, role, unit, intervention, competency, kind,
                  category, number, attribute, count, level, held */
  pfc_scope scope;
  pfc_field_kind kind;
  pfc_field_what what;
  int table;     /* pfc_table_id for PFC_WHAT_COLUMN and PFC_WHAT_LOG, else -1 */
  char *column;  /* for PFC_WHAT_COLUMN and PFC_WHAT_LOG, else "" */
  char *dict;    /* PFC_FIELD_ONEHOT: dictionary of the categories, else "" */
  int32_t first; /* first column */
  int32_t n_columns;
  int32_t *column_of; /* PFC_FIELD_ONEHOT: model code -> column (first .. first +
                         n_columns - 1), -1 unseen in training; else NULL */
  int32_t n_codes;    /* entries of column_of */
  double mean, sd;  /* PFC_FIELD_NUMBER, cut at +-1e6 sd. Counts in the cell and pair scopes are
                       scaled  but not centred (mean 0), so that no history means no entry */
  bool has_missing; /* PFC_FIELD_NUMBER: the second column is there */
} pfc_field;

typedef struct pfc_features {
  int n_fields;
  pfc_field *fields; /* ordered by scope */
  int32_t n_columns;
} pfc_features;

/* One decision. A row index of -1 means that there is no such row; when both are -1, it
 * has not happened. The x_ and c_ columns of enrolments come from the decision's own
 * enrolment; without one, from the person's latest known value before the date. Those of
 * episodes come from the decision's own episode or are missing. Everything dated, the
 * role and unit held included, is seen as of the end of the day before. */
typedef struct pfc_decision {
  int32_t person, intervention, competency; /* dataset codes; -1 none */
  int32_t date; /* day. PFC_NO_DATE: if it has not happened, now, after all there is; if it
                   has, no dated fact is seen, and of undated enrolments the rows before */
  int64_t enrolment_row, episode_row;
} pfc_decision;

/* Attempts that a decision may see: attempts[*from] .. attempts[result-1] of the history. In
 * an undated table only its own row tells when a decision was made. */
PFC_API int64_t pfc_decision_attempts(const pfc_history *h, const pfc_decision *d,
                                      int64_t *from);

/* Which fields to build. */
typedef enum pfc_feature_plan {
  PFC_PLAN_SUCCESS,           /* everything but what is said to be of acceptance */
  PFC_PLAN_TIME,              /* everything but interventions.x_day_* (milestones can be
                                 a clock of their own) and the person effect */
  PFC_PLAN_ITEM_ATTRIBUTES,   /* target scope without the intervention's own id */
  PFC_PLAN_PERSON_ATTRIBUTES, /* person scope without the person's own id and counts */
  PFC_PLAN_ACCEPT, /* everything but the person effect; beside it the hours a week that people
                      have and interventions take, what the role held asks for, and what is
                      missing of it */
  PFC_PLAN_ANYWAY  /* role, competency, and by a profile what is missing of to_level. No level
                      that somebody rated: controls know one and lie below to_level, most who
                      are asked about neither; and no to_level alone, which without the level
                      held stands for what is missing of it */
} pfc_feature_plan;

/* Chooses fields and scales from n training decisions: every x_ and c_ column of the
 * tables at hand, ids, kind, modality, provider, hours, weeks, counts, levels; fields
 * that are constant over the decisions are left out. Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_features_fit(const pfc_lens *lens, pfc_feature_plan plan,
                                                 int64_t n, const pfc_decision *decisions,
                                                 pfc_features **features, pfc_error *err);
PFC_API void pfc_features_destroy(pfc_features *features);
/* A copy, owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_features_copy(const pfc_features *features,
                                                  pfc_features **out, pfc_error *err);

/* Old features made to hold new rows: categories of their fields that had no column and stand
 * in one of n new decisions get one, behind the others of their field. Fields, their order and
 * scales are as they were. The lens knows the old model codes by the same numbers, and may know
 * more. *from[(*features)->n_columns]: each column's old one, -1 new. Both are the caller's. */
PFC_API PFC_MUST_USE pfc_status pfc_features_extend(const pfc_features *old,
                                                    const pfc_lens *lens, int64_t n,
                                                    const pfc_decision *decisions,
                                                    pfc_features **features, int32_t **from,
                                                    pfc_error *err);

/* Most entries a row of this scope can have. A decision with competency -1 averages the
 * target and cell scopes over the intervention's targets. */
PFC_API int pfc_features_max(const pfc_features *f, pfc_scope scope, const pfc_lens *lens);

/* Writes the entries of one scope of a decision into col and val, which have room for
 * pfc_features_max() of that scope; returns how many. Columns may repeat (values then add).
 * Thread-safe. */
PFC_API int pfc_features_encode(const pfc_features *f, const pfc_lens *lens, pfc_scope scope,
                                const pfc_decision *d, int32_t *col, float *val);

/* What lies behind a person: starts, passes and levels by competency and intervention, counted
 * once, so that encoding many cells and pairs of one person walks the history no more. One a
 * thread; owned by the caller. */
typedef struct pfc_past pfc_past;
PFC_API PFC_MUST_USE pfc_status pfc_past_create(const pfc_lens *lens, pfc_past **past,
                                                pfc_error *err);
PFC_API void pfc_past_destroy(pfc_past *past); /* NULL is allowed */
/* Counts what a decision may see; whoever was there before is forgotten. */
PFC_API void pfc_past_recall(pfc_past *past, const pfc_decision *d);
/* Competencies that earlier starts aimed at or ratings are of: *n of them, each once. Borrowed,
 * until the next one is recalled. */
PFC_API const int32_t *pfc_past_competencies(const pfc_past *past, int32_t *n);
/* pfc_features_encode() of a decision that differs from the one recalled in intervention and
 * competency alone. */
PFC_API int pfc_features_encode_past(const pfc_features *f, const pfc_past *past,
                                     pfc_scope scope, const pfc_decision *d, int32_t *col,
                                     float *val);

/* What a number of a field is encoded as, with room for 2 entries: for those who know the value
 * without a lens. */
PFC_API int pfc_field_encode(const pfc_field *field, double value, int32_t col[2],
                             float val[2]);

/* What the role that the person holds on the day of the decision asks for: *n of them, by
 * competency. In these cells, and in those of earlier starts and ratings, the cell scope can
 * have entries; in all others it has none. Borrowed from the lens; NULL for none. */
PFC_API const pfc_requirement *pfc_decision_requirements(const pfc_lens *lens,
                                                         const pfc_decision *d, int64_t *n);

/* Name of a column for people, e.g. "enrolments.c_region=Scotland", cut at 255 bytes and never
 * within a character; "" for a column that is none. Categories are named by the model's
 * dictionaries. */
PFC_API void pfc_features_column_name(const pfc_features *f, pfc_dict *const *model_dicts,
                                      int n_model_dicts, int32_t column, char text[256]);

#endif
