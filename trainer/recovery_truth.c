/* The profile model under the true parameters: what fits to ratings cannot better but by
 * chance.
 */
#include <math.h>

#include "base/mem.h"
#include "trainer/profile_fit.h"
#include "trainer/recovery_internal.h"

/* A copy of the evidence in which every rating tells the level held that day, and the first
 * source, which alone rates, is an anchor. Only what is replaced is owned. */
static pfc_status see_through(const pfc__recovery *r, pfc_evidence *true_evidence,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evidence *e = r->evidence;
  pfc_seen *seen = NULL;
  int8_t *is_anchor = NULL;
  PFC_NEW(seen, e->first_seen[e->n_people]);
  PFC_NEW(is_anchor, e->n_sources);
  if (e->n_sources > 0) is_anchor[0] = 1;
  for (int32_t p = 0; p < e->n_people; p++) {
    for (int64_t k = e->first_seen[p]; k < e->first_seen[p + 1]; k++) {
      const pfc_seen *at = &e->seen[k];
      seen[k] = *at;
      seen[k].source = 0;
      seen[k].rater = -1;
      seen[k].level = (float)pfc_truth_level(r->truth, r->match.person[p],
                                             r->match.competency[at->competency],
                                             at->day == PFC_NO_DATE ? r->day : at->day);
    }
  }
  *true_evidence = *e;
  true_evidence->seen = seen;
  true_evidence->is_anchor = is_anchor;
  return PFC_OK;
done:
  pfc_free(seen);
  pfc_free(is_anchor);
  return st;
}

/* What is known of raters is what the bundle's profile says of them: a leniency is no parameter
 * but something to be found out from ratings, under true parameters too. */
static pfc_status take_raters(const pfc_profile *from, pfc_profile *to, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = from->n_raters;
  pfc_free(to->rater_source);
  pfc_free(to->rater_code);
  pfc_free(to->rater);
  pfc_free(to->rater_var);
  to->rater_source = to->rater_code = NULL;
  to->rater = to->rater_var = NULL;
  to->n_raters = 0;
  PFC_NEW(to->rater_source, n);
  PFC_NEW(to->rater_code, n);
  PFC_NEW(to->rater, n);
  PFC_NEW(to->rater_var, n);
  for (int64_t k = 0; k < n; k++) {
    to->rater_source[k] = from->rater_source[k];
    to->rater_code[k] = from->rater_code[k];
    to->rater[k] = from->rater[k];
    to->rater_var[k] = from->rater_var[k];
  }
  to->n_raters = n;
done:
  return st;
}

static void take_sources(const pfc__recovery *r, pfc_profile *to) {
  for (int32_t s = 0; s < to->n_sources; s++) {
    const int32_t at = r->source_of[s];
    to->source[s] = r->profile.source[s];
    if (at < 0) continue;
    to->source[s].bias = (double)r->truth->source_bias[at];
    to->source[s].slope = (double)r->truth->source_slope[at];
    to->source[s].noise = pfc_truth_source_sd(r->truth, at);
    to->source[s].leniency = pfc_truth_source_leniency_sd(r->truth, at);
  }
  to->unknown = r->profile.unknown;
}

pfc_status pfc__true_profile(const pfc__recovery *r, pfc_profile *profile, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_evidence evidence = {0};
  pfc_profile_settings settings;
  pfc_profile_fit fit;
  pfc_profile_settings_defaults(&settings);
  settings.rank = r->profile.rank;
  settings.newcomer_days = r->profile.newcomer_days;
  settings.teaching_days = r->profile.teaching_days;
  settings.half_life_days = r->profile.half_life_days;
  settings.min_ratings = 1;
  PFC_TRY(see_through(r, &evidence, err));
  PFC_TRY(
      pfc_profile_fit_run(&evidence, r->requirements, r->day, &settings, profile, &fit, err));
  take_sources(r, profile);
  PFC_TRY(take_raters(&r->profile, profile, err));
done:
  pfc_free(evidence.seen);
  pfc_free(evidence.is_anchor);
  return st;
}
