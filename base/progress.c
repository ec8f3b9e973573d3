#include "base/progress.h"

#include <stddef.h>

pfc_status pfc_progress_report(const pfc_progress *p, const char *stage, int64_t done,
                               int64_t total, double objective, pfc_error *err) {
  if (!p || !p->fn) return PFC_OK;
  const pfc_progress_event event = {
      .stage = stage, .done = done, .total = total, .objective = objective};
  if (p->fn(&event, p->user) == 0) return PFC_OK;
  return pfc_fail(err, PFC_ECANCELLED, "cancelled during %s", stage);
}
