#include "engine/choice.h"

#include <math.h>

void pfc_choice_defaults(pfc_choice_settings *s) {
  *s = (pfc_choice_settings){.struct_size = sizeof *s,
                             .top = 10,
                             .rank_by = PFC_RANK_VALUE,
                             .keep_unless_gain = (double)NAN,
                             .attention_hours = (double)NAN,
                             .seed = 1};
}

/* A share that may be all. */
static pfc_status check_share(const char *name, double share, pfc_error *err) {
  if (share >= 0 && share <= 1) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "%s: 0 to 1 expected, not %g", name, share);
}

pfc_status pfc_choice_check(const pfc_choice_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (s->struct_size != sizeof *s) {
    return pfc_fail(err, PFC_EUSAGE, "choice settings: start from pfc_choice_defaults()");
  }
  if (s->top < 1) {
    return pfc_fail(err, PFC_EUSAGE, "top: a list length of at least 1 expected, not %d",
                    s->top);
  }
  if (s->rank_by != PFC_RANK_VALUE && s->rank_by != PFC_RANK_AFFINITY) {
    return pfc_fail(err, PFC_EUSAGE, "rank_by: value or affinity expected, not %d",
                    (int)s->rank_by);
  }
  if (isnan(s->min_value)) return pfc_fail(err, PFC_EUSAGE, "min_value: a number expected");
  if (s->keep_unless_gain < 0) {
    return pfc_fail(err, PFC_EUSAGE, "keep_unless_gain: 0 or more expected, not %g",
                    s->keep_unless_gain);
  }
  if (s->attention_hours <= 0) {
    return pfc_fail(err, PFC_EUSAGE, "attention_hours: above 0 expected, not %g",
                    s->attention_hours);
  }
  PFC_TRY(check_share("diversity", s->diversity, err));
  PFC_TRY(check_share("explore", s->explore, err));
done:
  return st;
}
