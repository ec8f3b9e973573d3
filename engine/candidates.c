#include "engine/candidates.h"

bool pfc_candidate_is_covered(const pfc_history *h, const pfc_catalogue *cat,
                              const pfc_decision *d, int32_t intervention) {
  int64_t from = 0;
  const int64_t to = pfc_decision_attempts(h, d, &from);
  for (int64_t a = from; a < to; a++) {
    const pfc_attempt *attempt = &h->attempts[a];
    if (pfc_attempt_result(attempt, d->date) == 1 &&
        pfc_catalogue_covers(cat, attempt->intervention, intervention)) {
      return true;
    }
  }
  return false;
}
