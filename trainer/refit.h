/* A candidate for the champion's place, from all that is known by now (docs/METHODS.md,
 * "Refit"). */
#ifndef PROFICIO_TRAINER_REFIT_H
#define PROFICIO_TRAINER_REFIT_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "trainer/gate.h"
#include "trainer/train.h"

typedef enum pfc_refit_method {
  PFC_REFIT_AUTO, /* update, and full beside it where the share of new rows is at least
                     full_share: the better on the newest slice is the candidate */
  PFC_REFIT_UPDATE,
  PFC_REFIT_FULL,
} pfc_refit_method;

typedef struct pfc_refit_settings {
  uint32_t struct_size;
  pfc_train_settings train;
  pfc_gate_settings gate; /* trusted_share and trusted_seed are those of the refit; slice_from
                             and candidates do not count: they come of it */
  pfc_refit_method method;
  double full_share;  /* 0..1 [0.1] */
  int32_t slice_days; /* the newest ones, which judge and do not train, 7..720 [91] */
  int64_t min_new;    /* fewer new rows with a result: nothing to do, 1..1e9 [50] */
  pfc_progress progress;
} pfc_refit_settings;
PFC_API void pfc_refit_defaults(pfc_refit_settings *s);
PFC_API PFC_MUST_USE pfc_status pfc_refit_check(const pfc_refit_settings *s, pfc_error *err);

/* What came of it. */
typedef struct pfc_refit_report {
  int64_t
      n_new; /* rows with a result that would train and that the champion has not absorbed */
  double new_share; /* of all rows with a result that would train */
  int32_t slice_from;
  int n_candidates;
  const char *method;      /* of the candidate: "update", "full"; NULL: there is none */
  char why[200];           /* why there is none; "" where there is one */
  pfc_train_report models; /* of the candidate */
  cJSON *tried; /* array of {"method", "loss", "rows", "success", "accept", "time"}: on the
                   newest slice, nats; NULL where none was tried. pfc_refit_report_clear() */
} pfc_refit_report;
PFC_API void pfc_refit_report_clear(pfc_refit_report *r); /* safe on a zeroed struct */

/* First day of the newest slice of ds, as its own split shows it to training. PFC_EDATA:
 * nothing in it has a day. */
PFC_API PFC_MUST_USE pfc_status pfc_refit_slice(const pfc_dataset *ds,
                                                const pfc_refit_settings *s,
                                                int32_t *slice_from, pfc_error *err);

/* The training view of a refit: what ds's own split leaves to training, as of the day before
 * slice_from, without the trusted people. The dataset is the caller's; its split is "by person,
 * ..." of the trusted ones, who are gone from it already: what is trained on it says so. */
PFC_API PFC_MUST_USE pfc_status pfc_refit_view(const pfc_dataset *ds,
                                               const pfc_refit_settings *s, int32_t slice_from,
                                               pfc_dataset **view, pfc_error *err);

/* *candidate: the caller's; NULL where there is nothing to do (PFC_OK; report->why). champion
 * NULL: the first model, trained in full on the view up to the newest slice. PFC_EUSAGE: by
 * method, an update is asked for of a champion that cannot be updated (trainer/update.h; or the
 * trusted people may have trained it). */
PFC_API PFC_MUST_USE pfc_status pfc_refit(const pfc_dataset *ds, const pfc_bundle *champion,
                                          const pfc_refit_settings *settings,
                                          pfc_bundle **candidate, pfc_refit_report *report,
                                          pfc_error *err);

#endif
