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
  pfc_free(p->programme);
  pfc_free(p->programme_var);
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

/* The first place in n pairs, in order of (major, minor), that is not before the pair. */
static int64_t bisect(const int32_t *major, const int32_t *minor, int64_t n, int32_t a,
                      int32_t b) {
  int64_t low = 0, high = n;
  while (low < high) {
    const int64_t at = (low + high) / 2;
    if (major[at] < a || (major[at] == a && minor[at] < b))
      low = at + 1;
    else
      high = at;
  }
  return low;
}

static int64_t find_pair(const int32_t *major, const int32_t *minor, int64_t n, int32_t a,
                         int32_t b) {
  const int64_t at = bisect(major, minor, n, a, b);
  return at < n && major[at] == a && minor[at] == b ? at : -1;
}

void pfc_profile_role_effect(const pfc_profile *p, int32_t role, int32_t competency,
                             double *mean, double *var) {
  const int64_t at =
      find_pair(p->effect_role, p->effect_competency, p->n_role_effects, role, competency);
  *mean = at < 0 ? 0 : p->effect[at];
  *var = at < 0 ? p->sd_role * p->sd_role : p->effect_var[at];
}

int64_t pfc_profile_find_rater(const pfc_profile *p, int32_t source, int32_t rater) {
  return rater < 0 ? -1 : find_pair(p->rater_source, p->rater_code, p->n_raters, source, rater);
}

void pfc_profile_teaches(const pfc_profile *p, int32_t intervention, double *mean,
                         double *var) {
  const bool told = intervention >= 0 && intervention < p->n_interventions;
  *mean = p->taught + (told ? p->programme[intervention] : 0);
  *var = told ? p->programme_var[intervention] : p->sd_programme * p->sd_programme;
}
