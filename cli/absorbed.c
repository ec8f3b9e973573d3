#include "cli/absorbed.h"

#include <inttypes.h>

#include "datasets/feedback_absorb.h"
#include "datasets/storage.h"

static void tell(common *c, const char *store, const pfc_absorbed *a) {
  common_note(c,
              "%s: %" PRId64 " events; %" PRId64 " of them the data tell already, %" PRId64
              " corrected; %" PRId64 " enrolments and %" PRId64 " assessments more, %" PRId64
              " enrolments went on",
              store, a->events, a->known, a->corrected, a->enrolments, a->assessments,
              a->changed);
  if (a->strangers > 0)
    common_note(
        c,
        "%s: %" PRId64
        " events are about interventions or competencies that the data do not know, and "
        "were left out",
        store, a->strangers);
}

pfc_status absorbed_load(common *c, const char *path, pfc_dataset **ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_store *store = NULL;
  pfc_absorbed told;
  const char *name = c->settings.feedback_store;
  PFC_TRY(pfc_dataset_load(path, ds, err));
  if (!name[0]) return PFC_OK;
  PFC_TRY(pfc_store_open(name, PFC_STORE_READ, &store, err));
  PFC_TRY(pfc_feedback_absorb(*ds, store, &told, err));
  tell(c, name, &told);
done:
  pfc_store_close(store);
  return st;
}
