#include "datasets/simulate_internal.h"

pfc_status pfc__sim_people(pfc__sim *s, pfc_error *err) {
  (void)s;
  (void)err;
  return PFC_OK;
}
