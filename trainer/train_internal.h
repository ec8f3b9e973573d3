/* What the parts of training share: the world as training may see it. */
#ifndef PROFICIO_TRAINER_TRAIN_INTERNAL_H
#define PROFICIO_TRAINER_TRAIN_INTERNAL_H

#include <stdint.h>

#include "base/sparse.h"
#include "datasets/catalogue.h"
#include "datasets/features.h"
#include "datasets/history.h"
#include "models/bundle.h"
#include "models/fold.h"
#include "trainer/newton.h"
#include "trainer/train.h"

typedef struct pfc__training {
  const pfc_train_settings *settings;
  pfc_dataset *view;
  pfc_history *history;
  pfc_catalogue *cat;
  pfc_lens *lens;
  pfc_fold *fold; /* NULL until there is an affinity model */
  int32_t today;  /* the day after the last one of the view; PFC_NO_DATE undated */
  pfc_bundle *bundle;
} pfc__training;

/* Each trains one model into the bundle and sets bundle->has_...; when the data do not carry
 * it, returns PFC_OK with note->trained = 0 and the reason in note->text. */
PFC_MUST_USE pfc_status pfc__train_affinity(pfc__training *t, pfc_train_note *note,
                                            pfc_error *err);
PFC_MUST_USE pfc_status pfc__train_success(pfc__training *t, pfc_train_note *note,
                                           pfc_error *err);
PFC_MUST_USE pfc_status pfc__train_time(pfc__training *t, pfc_train_note *note, pfc_error *err);

/* Adds a line to the bundle's record of fits. */
PFC_MUST_USE pfc_status pfc__certify(pfc_bundle *b, const char *model, int64_t n_rows,
                                     int64_t iterations, double objective, double gradient,
                                     int converged, pfc_error *err);

/* Adds a figure on held-out rows to the bundle. */
PFC_MUST_USE pfc_status pfc__record_metric(pfc_bundle *b, const char *name, int64_t n_rows,
                                           double value, pfc_error *err);

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
/* ridge[n_columns] from the strengths. */
void pfc__ridges_fill(const pfc__ridges *r, double *ridge);

/* Loss of each held-out row under a fit with these strengths. */
typedef pfc_status (*pfc__holdout_fn)(const pfc__ridges *r, void *user, double *loss,
                                      pfc_error *err);
/* Improves the strengths, one group after the other, each once, on n_held held-out rows;
 * *mean_loss: what the chosen ones reach there. */
PFC_MUST_USE pfc_status pfc__ridges_choose(pfc__ridges *r, int64_t n_held, pfc__holdout_fn fn,
                                           void *user, const pfc_progress *progress,
                                           double *mean_loss, pfc_error *err);

#endif
