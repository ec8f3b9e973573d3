/* Posteriors and parameters: where they begin, and how they are told. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "trainer/profile_fit_internal.h"

/* Shares of the variance of the ratings that the parts begin with. Where the data tell no two
 * of them apart (one rating a cell: noise and the cell's own) they stay in this proportion. */
static const double NOISE = 0.15, CELL = 0.1, MOVING = 0.1, PERSON = 0.1, COMPETENCY = 0.1,
                    ROLE = 0.05, LENIENCY = 0.02, FACTORS = 0.1;
/* Of the way to the level that is taught. */
static const double TAUGHT = 0.3, TAUGHT2 = 0.05, PROGRAMME2 = 0.03;

static void begin_theta(const pfc__pdata *d, pfc__pstate *s) {
  const double v = d->variance;
  s->theta.beta[0] = d->mean;
  s->theta.taught = TAUGHT;
  s->theta.taught2 = TAUGHT2;
  s->theta.cell2 = CELL * v;
  s->theta.moving2 = MOVING * v;
  for (int32_t i = 0; i < d->n_sources; i++)
    s->theta.source[i] = (pfc__psource){.slope = 1, .noise2 = NOISE * v};
  for (int64_t i = 0; i < d->shape.n_raters; i++)
    s->theta.source[d->shape.rater_source[i]].leniency2 = LENIENCY * v;
  s->person2 = PERSON * v;
  s->competency2 = COMPETENCY * v;
  s->role2 = ROLE * v;
  s->programme2 = PROGRAMME2;
}

static void begin_effects(const pfc__pdata *d, pfc__pstate *s) {
  for (int32_t c = 0; c < d->shape.n_competencies; c++) s->b_var[c] = s->competency2;
  for (int64_t i = 0; i < d->shape.n_role_effects; i++) s->effect_var[i] = s->role2;
  for (int64_t i = 0; i < d->shape.n_raters; i++)
    s->rater_var[i] = s->theta.source[d->shape.rater_source[i]].leniency2;
  for (int32_t i = 0; i < d->shape.n_interventions; i++) s->programme_var[i] = s->programme2;
}

static void copy_effects(const pfc__pdata *d, pfc__pstate *s, const pfc__pstate *from) {
  const size_t C = (size_t)d->shape.n_competencies, E = (size_t)d->shape.n_role_effects,
               R = (size_t)d->shape.n_raters, I = (size_t)d->shape.n_interventions;
  memcpy(s->b, from->b, C * sizeof *s->b);
  memcpy(s->b_var, from->b_var, C * sizeof *s->b_var);
  memcpy(s->effect, from->effect, E * sizeof *s->effect);
  memcpy(s->effect_var, from->effect_var, E * sizeof *s->effect_var);
  memcpy(s->rater, from->rater, R * sizeof *s->rater);
  memcpy(s->rater_var, from->rater_var, R * sizeof *s->rater_var);
  memcpy(s->programme, from->programme, I * sizeof *s->programme);
  memcpy(s->programme_var, from->programme_var, I * sizeof *s->programme_var);
}

static void copy_theta(const pfc__pdata *d, pfc__pstate *s, const pfc__pstate *from) {
  pfc__psource *source = s->theta.source;
  s->theta = from->theta;
  s->theta.source = source;
  memcpy(source, from->theta.source, sizeof *source * (size_t)d->n_sources);
  s->person2 = from->person2;
  s->competency2 = from->competency2;
  s->role2 = from->role2;
  s->programme2 = from->programme2;
}

static void draw_factors(const pfc__pdata *d, pfc__pstate *s, uint64_t seed) {
  const int K = s->rank;
  const double each = FACTORS * d->variance / (K > 0 ? K : 1);
  for (int k = 0; k < K; k++) s->factor2[k] = each;
  for (int32_t c = 0; c < d->shape.n_competencies; c++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "profile.factors", (uint64_t)c);
    for (int k = 0; k < K; k++)
      s->z[(ptrdiff_t)c * s->d + 1 + k] = sqrt(each) * pfc_rng_normal(&rng);
    for (int k = 0; k < K; k++)
      s->factor_cov[c * PFC__TRIANGLE(K) + PFC__TRIANGLE(k) + k] = 0.01 * each;
  }
}

static void begin_rows(const pfc__pdata *d, pfc__pstate *s, uint64_t seed,
                       const pfc__pstate *from) {
  const ptrdiff_t C = d->shape.n_competencies, t = PFC__TRIANGLE(s->rank);
  if (from && from->rank == s->rank) {
    memcpy(s->z, from->z, sizeof *s->z * (size_t)(C * s->d));
    memcpy(s->factor_cov, from->factor_cov, sizeof *s->factor_cov * (size_t)(C * t));
    memcpy(s->factor2, from->factor2, sizeof s->factor2);
  } else {
    draw_factors(d, s, seed);
  }
  for (ptrdiff_t c = 0; c < C; c++) s->z[c * s->d] = 1;
  pfc__pstate_moments(d, s);
  for (int32_t p = 0; p < s->n_people; p++)
    for (int i = 0; i < s->d; i++)
      s->row_cov[p * PFC__TRIANGLE(s->d) + PFC__TRIANGLE(i) + i] = i == 0 ? s->person2 : 1;
}

pfc_status pfc__pstate_init(pfc__pstate *s, const pfc__pdata *d, int32_t rank, int32_t n_active,
                            uint64_t seed, const pfc__pstate *from, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t C = (size_t)d->shape.n_competencies, t = (size_t)PFC__TRIANGLE(1 + rank);
  *s = (pfc__pstate){.rank = rank, .d = 1 + rank, .n_active = n_active, .theta = {.kappa = 1}};
  for (int32_t i = 0; i < n_active; i++) s->n_people += d->chunk[i].n_people;
  PFC_NEW(s->theta.source, d->n_sources);
  PFC_NEW(s->row, (size_t)s->n_people * (size_t)s->d);
  PFC_NEW(s->row_cov, (size_t)s->n_people * t);
  PFC_NEW(s->row_log_det, s->n_people);
  PFC_NEW(s->z, C * (size_t)s->d);
  PFC_NEW(s->zz, C * t);
  PFC_NEW(s->factor_cov, C * (size_t)PFC__TRIANGLE(rank));
  PFC_NEW(s->b, C);
  PFC_NEW(s->b_var, C);
  PFC_NEW(s->has_competency, C);
  PFC_NEW(s->effect, d->shape.n_role_effects);
  PFC_NEW(s->effect_var, d->shape.n_role_effects);
  PFC_NEW(s->has_effect, d->shape.n_role_effects);
  PFC_NEW(s->rater, d->shape.n_raters);
  PFC_NEW(s->rater_var, d->shape.n_raters);
  PFC_NEW(s->has_rater, d->shape.n_raters);
  PFC_NEW(s->programme, d->shape.n_interventions);
  PFC_NEW(s->programme_var, d->shape.n_interventions);
  PFC_NEW(s->programme_told, d->shape.n_interventions);
  PFC_NEW(s->has_programme, d->shape.n_interventions);
  if (from) {
    copy_theta(d, s, from);
    copy_effects(d, s, from);
  } else {
    begin_theta(d, s);
    begin_effects(d, s);
  }
  begin_rows(d, s, seed, from);
done:
  return st;
}

void pfc__pstate_clear(pfc__pstate *s) {
  pfc_free(s->theta.source);
  pfc_free(s->row);
  pfc_free(s->row_cov);
  pfc_free(s->row_log_det);
  pfc_free(s->z);
  pfc_free(s->zz);
  pfc_free(s->factor_cov);
  pfc_free(s->b);
  pfc_free(s->b_var);
  pfc_free(s->has_competency);
  pfc_free(s->effect);
  pfc_free(s->effect_var);
  pfc_free(s->has_effect);
  pfc_free(s->rater);
  pfc_free(s->rater_var);
  pfc_free(s->has_rater);
  pfc_free(s->programme);
  pfc_free(s->programme_var);
  pfc_free(s->programme_told);
  pfc_free(s->has_programme);
  *s = (pfc__pstate){0};
}

void pfc__pstate_moments(const pfc__pdata *d, pfc__pstate *s) {
  const int D = s->d;
  for (ptrdiff_t c = 0; c < d->shape.n_competencies; c++) {
    const double *z = s->z + c * D, *cov = s->factor_cov + c * PFC__TRIANGLE(s->rank);
    double *zz = s->zz + c * PFC__TRIANGLE(D);
    for (int i = 0; i < D; i++) {
      for (int j = 0; j <= i; j++) {
        const double own = i > 0 && j > 0 ? cov[PFC__TRIANGLE(i - 1) + j - 1] : 0;
        zz[PFC__TRIANGLE(i) + j] = z[i] * z[j] + own;
      }
    }
  }
}

/* --- into a profile --------------------------------------------------------------------- */

static void tell_competency(const pfc__pstate *s, ptrdiff_t c, pfc_profile *p) {
  const int K = s->rank;
  const double *cov = s->factor_cov + c * PFC__TRIANGLE(K);
  p->competency[c] = s->has_competency[c] ? (float)s->b[c] : 0;
  p->competency_var[c] = (float)(s->has_competency[c] ? s->b_var[c] : s->competency2);
  for (int i = 0; i < K; i++) {
    p->factor[c * K + i] = s->has_competency[c] ? (float)s->z[c * s->d + 1 + i] : 0;
    for (int j = 0; j <= i; j++) {
      const double prior = i == j ? s->factor2[i] : 0;
      const double x = s->has_competency[c] ? cov[PFC__TRIANGLE(i) + j] : prior;
      p->factor_cov[(c * K + i) * K + j] = p->factor_cov[(c * K + j) * K + i] = (float)x;
    }
  }
}

/* A source without ratings is as noisy as they commonly are. */
static void tell_source(const pfc__pdata *d, const pfc__pstate *s, int32_t i,
                        pfc_profile_source *to) {
  const pfc__psource *from = &s->theta.source[i];
  to->bias = from->bias;
  to->slope = from->slope;
  to->noise = sqrt(d->n_ratings[i] > 0 ? from->noise2 : pfc__theta_common_noise2(d, &s->theta));
  to->leniency = sqrt(from->leniency2);
}

static void tell_effects(const pfc__pdata *d, const pfc__pstate *s, pfc_profile *p) {
  for (int64_t i = 0; i < d->shape.n_role_effects; i++) {
    p->effect[i] = s->has_effect[i] ? (float)s->effect[i] : 0;
    p->effect_var[i] = (float)(s->has_effect[i] ? s->effect_var[i] : s->role2);
  }
  for (int64_t i = 0; i < d->shape.n_raters; i++) {
    const double prior = s->theta.source[d->shape.rater_source[i]].leniency2;
    p->rater[i] = s->has_rater[i] ? (float)s->rater[i] : 0;
    p->rater_var[i] = (float)(s->has_rater[i] ? s->rater_var[i] : prior);
  }
  for (int32_t i = 0; i < p->n_interventions; i++) {
    p->programme[i] = s->has_programme[i] ? (float)s->programme[i] : 0;
    p->programme_var[i] = (float)(s->has_programme[i] ? s->programme_told[i] : s->programme2);
  }
}

void pfc__pstate_tell(const pfc__pdata *d, const pfc__pstate *s, pfc_profile *p) {
  p->rank = s->rank;
  memcpy(p->beta, s->theta.beta, sizeof p->beta);
  p->taught = s->theta.taught;
  p->sd_taught = sqrt(s->theta.taught2);
  p->sd_cell = sqrt(s->theta.cell2);
  p->sd_moving = sqrt(s->theta.moving2);
  p->sd_person = sqrt(s->person2);
  p->sd_competency = sqrt(s->competency2);
  p->sd_role = sqrt(s->role2);
  p->sd_programme = sqrt(s->programme2);
  for (int k = 0; k < s->rank; k++) p->factor_sd[k] = (float)sqrt(s->factor2[k]);
  for (int32_t c = 0; c < p->n_competencies; c++) tell_competency(s, c, p);
  for (int32_t i = 0; i < p->n_sources; i++) tell_source(d, s, i, &p->source[i]);
  tell_source(d, s, p->n_sources, &p->unknown);
  p->unknown.n_ratings = d->n_ratings[p->n_sources];
  tell_effects(d, s, p);
}
