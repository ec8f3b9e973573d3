#include "models/profile.h"

#include <math.h>

#include "base/mem.h"

void pfc_profile_clear(pfc_profile *p) {
  pfc_free(p->half_life);
  pfc_free(p->competency);
  pfc_free(p->competency_var);
  pfc_free(p->factor);
  pfc_free(p->factor_cov);
  pfc_free(p->factor_sd);
  pfc_free(p->effect_role);
  pfc_free(p->effect_competency);
  pfc_free(p->effect);
  pfc_free(p->effect_var);
  pfc_free(p->source);
  pfc_free(p->rater_source);
  pfc_free(p->rater_code);
  pfc_free(p->rater);
  pfc_free(p->rater_var);
  *p = (pfc_profile){0};
}

double pfc_profile_newcomer(const pfc_profile *p, double days) {
  return exp(-fmax(days, 0) / p->newcomer_days);
}

void pfc_profile_role_effect(const pfc_profile *p, int32_t role, int32_t competency,
                             double *mean, double *var) {
  int64_t low = 0, high = p->n_role_effects;
  while (low < high) {
    const int64_t at = (low + high) / 2;
    if (p->effect_role[at] < role ||
        (p->effect_role[at] == role && p->effect_competency[at] < competency))
      low = at + 1;
    else
      high = at;
  }
  const bool is_rated = low < p->n_role_effects && p->effect_role[low] == role &&
                        p->effect_competency[low] == competency;
  *mean = is_rated ? p->effect[low] : 0;
  *var = is_rated ? p->effect_var[low] : p->sd_role * p->sd_role;
}
