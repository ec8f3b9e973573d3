/* Progress and log lines leave the library through callbacks, as numbers. */
#ifndef PROFICIO_BASE_PROGRESS_H
#define PROFICIO_BASE_PROGRESS_H

#include <stdint.h>

#include "base/error.h"

typedef struct pfc_progress_event {
  const char *stage; /* e.g. "affinity", "success", "import enrolments" */
  int64_t done;      /* steps done, 0..total */
  int64_t total;     /* 0 when unknown */
  double objective;  /* what a fit minimizes; NaN where there is none */
} pfc_progress_event;

/* Non-zero asks the running operation to stop with PFC_ECANCELLED. */
typedef int (*pfc_progress_fn)(const pfc_progress_event *event, void *user);

typedef struct pfc_progress {
  pfc_progress_fn fn; /* NULL: silent */
  void *user;
} pfc_progress;

/* Reports; returns PFC_ECANCELLED (recorded in err) when asked to stop.
 * p may be NULL. Only ever called from one thread at a time. */
PFC_API PFC_MUST_USE pfc_status pfc_progress_report(const pfc_progress *p, const char *stage,
                                                    int64_t done, int64_t total,
                                                    double objective, pfc_error *err);

#endif
