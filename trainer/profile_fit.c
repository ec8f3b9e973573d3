#include "trainer/profile_fit.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/profile_fit_internal.h"

void pfc_profile_settings_defaults(pfc_profile_settings *s) {
  *s = (pfc_profile_settings){
      .struct_size = sizeof *s,
      .rank = -1,
      .newcomer_days = 730,
      .half_life_days = 1460,
      .holdout = 0.1,
      .sample_people = 20000,
      .max_sweeps = 200,
      .tolerance = 1e-6,
      .min_ratings = 50,
      .seed = 1,
  };
}

static pfc_status check(const char *field, double value, double least, double most,
                        pfc_error *err) {
  if (value >= least && value <= most) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "profile settings: %s is %g; allowed is %g to %g", field,
                  value, least, most);
}

pfc_status pfc_profile_settings_check(const pfc_profile_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE,
                    "profile settings: not made by pfc_profile_settings_defaults()");
  PFC_TRY(check("rank", s->rank, -1, PFC_PROFILE_MOST_RANK, err));
  PFC_TRY(check("newcomer_days", s->newcomer_days, 1, 36500, err));
  if (s->teaching_days != 0) PFC_TRY(check("teaching_days", s->teaching_days, 1, 3650, err));
  PFC_TRY(check("half_life_days", s->half_life_days, 1, 36500, err));
  PFC_TRY(check("holdout", s->holdout, 0.01, 0.5, err));
  PFC_TRY(check("sample_people", s->sample_people, 1, INT32_MAX, err));
  PFC_TRY(check("max_sweeps", s->max_sweeps, 1, 10000, err));
  PFC_TRY(check("tolerance", s->tolerance, 0, 0.99, err));
  PFC_TRY(check("min_ratings", s->min_ratings, 1, INT32_MAX, err));
done:
  return st;
}

/* The first chunks, of at most so many people; at least one. */
static int32_t chunks_of_sample(const pfc__pdata *d, int32_t sample_people) {
  int64_t people = 0;
  int32_t n = 0;
  while (n < d->n_chunks && (n == 0 || people + d->chunk[n].n_people <= sample_people))
    people += d->chunk[n++].n_people;
  return n;
}

/* Sweeps after a fit of the sample: people are solved exactly given the rest, of which the
 * sample told nearly all. */
enum { SWEEPS_ON_ALL = 4 };

static pfc_status fit_people(const pfc__pdata *d, const pfc_profile_settings *settings,
                             int32_t most, pfc__pstate *s, pfc_profile_fit *fit,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__psweep w = {0};
  const pfc__pstop stop = {most, settings->tolerance, &settings->progress};
  PFC_TRY(pfc__psweep_init(&w, d, s, err));
  PFC_TRY(pfc__psweep_until(&w, &stop, fit, err));
done:
  pfc__psweep_clear(&w);
  return st;
}

static pfc_status fit_all(pfc__pdata *d, const pfc_profile_settings *settings, pfc__pstate *s,
                          pfc_profile_fit *fit, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__pstate sample = {0}, all = {0};
  const int32_t n_sample = chunks_of_sample(d, settings->sample_people);
  const int32_t most_rank = d->shape.n_competencies > 1 ? d->shape.n_competencies - 1 : 0;
  fit->holdout_nll = NAN;
  if (settings->rank < 0) {
    PFC_TRY(pfc__rank_search(d, settings, n_sample, &sample, fit, err));
  } else {
    const int32_t rank = settings->rank < most_rank ? settings->rank : most_rank;
    PFC_TRY(pfc__pstate_init(&sample, d, rank, n_sample, settings->seed, NULL, err));
  }
  PFC_TRY(fit_people(d, settings, settings->max_sweeps, &sample, fit, err));
  if (settings->teaching_days == 0) {
    PFC_TRY(pfc__teaching_search(d, &sample, &settings->progress, err));
    PFC_TRY(fit_people(d, settings, settings->max_sweeps, &sample, fit, err));
  }
  if (n_sample < d->n_chunks) {
    PFC_TRY(pfc__pstate_init(&all, d, sample.rank, d->n_chunks, settings->seed, &sample, err));
    pfc__pstate_clear(&sample);
    sample = all;
    all = (pfc__pstate){0};
    PFC_TRY(fit_people(d, settings, SWEEPS_ON_ALL, &sample, fit, err));
  }
  *s = sample;
  sample = (pfc__pstate){0};
done:
  pfc__pstate_clear(&sample);
  pfc__pstate_clear(&all);
  return st;
}

static pfc_status hand_over(pfc__pdata *d, const pfc__pstate *s, pfc_profile *profile,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_profile *p = &d->shape;
  const size_t C = (size_t)p->n_competencies, K = (size_t)s->rank;
  PFC_NEW(p->competency_var, C);
  PFC_NEW(p->factor, C * K);
  PFC_NEW(p->factor_cov, C * K * K);
  PFC_NEW(p->factor_sd, K);
  pfc__pstate_tell(d, s, p);
  *profile = *p;
  *p = (pfc_profile){0};
done:
  return st;
}

pfc_status pfc_profile_fit_run(const pfc_evidence *evidence,
                               const pfc_requirements *requirements, int32_t date,
                               const pfc_profile_settings *settings, pfc_profile *profile,
                               pfc_profile_fit *fit, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__pdata d = {0};
  pfc__pstate s = {0};
  pfc_profile_fit told = {0};
  PFC_TRY(pfc_profile_settings_check(settings, err));
  PFC_TRY(pfc__pdata_init(&d, evidence, requirements, date, settings, err));
  PFC_TRY(fit_all(&d, settings, &s, &told, err));
  told.n_ratings = d.n_all;
  told.n_cells = d.n_cells;
  PFC_TRY(hand_over(&d, &s, profile, err));
  *fit = told;
done:
  pfc__pstate_clear(&s);
  pfc__pdata_clear(&d);
  return st;
}
