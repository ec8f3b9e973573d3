#include "engine/gaps.h"

void pfc_gap_defaults(pfc_gap_settings *s) {
  *s = (pfc_gap_settings){.struct_size = sizeof *s,
                          .as_of = PFC_NO_DATE,
                          .goal_role = -1,
                          .goal_weight = 0.3,
                          .held_share = 0.6,
                          .criticality_weight = 1,
                          .demand_weight = 1,
                          .compliance_factor = 3,
                          .vacancy_weight = 1,
                          .urgent_p_gap = 0.8};
}

pfc_status pfc_gap_check(const pfc_gap_settings *s, pfc_error *err) {
  if (s->struct_size != sizeof *s) {
    return pfc_fail(err, PFC_EUSAGE, "gap settings: start from pfc_gap_defaults()");
  }
  const struct {
    const char *name;
    double value, min, max;
  } fields[] = {
      {"ahead_days", s->ahead_days, 0, 3650},
      {"goal_weight", s->goal_weight, 0, 1},
      {"held_share", s->held_share, 0, 1},
      {"criticality_weight", s->criticality_weight, 0, 1},
      {"demand_weight", s->demand_weight, 0, 10},
      {"compliance_factor", s->compliance_factor, 1, 1000},
      {"vacancy_weight", s->vacancy_weight, 0, 100},
      {"urgent_p_gap", s->urgent_p_gap, 0, 1},
  };
  for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
    if (fields[k].value >= fields[k].min && fields[k].value <= fields[k].max) continue;
    return pfc_fail(err, PFC_EUSAGE, "%s: %g up to %g expected, not %g", fields[k].name,
                    fields[k].min, fields[k].max, fields[k].value);
  }
  return PFC_OK;
}
