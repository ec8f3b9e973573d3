#include <stdio.h>

#include "trainer/update_internal.h"

pfc_status pfc__update_time(pfc__training *t, const pfc_bundle *old, pfc_train_note *note,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_hazard_copy(&old->time, &t->bundle->time, err));
  t->bundle->has_time = true;
  if (old->has_anyway) {
    PFC_TRY(pfc_hazard_copy(&old->anyway, &t->bundle->anyway, err));
    t->bundle->has_anyway = true;
  }
  note->trained = 1;
  (void)snprintf(note->text, sizeof note->text, "as it was");
done:
  return st;
}
