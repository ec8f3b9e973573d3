/* The profile of a bundle: what it holds and what must fit together. */
#include <stddef.h>
#include <stdio.h>

#include "base/mem.h"
#include "models/bundle_internal.h"

static const char GROUP[] = "/profile";
/* Scales lie within +-1e6 and are 1e-6 wide or more: what is learned on them has room here, and
 * squares, also as float32, neither overflow nor vanish. */
#define MOST_LEVELS 1e7
#define MOST_SQUARE 1e15
#define MOST_DAYS 1e12
#define LEAST 1e-12 /* of what must be above 0 */

/* --- scalars -------------------------------------------------------------------------------
 */

static pfc_status visit_sizes(pfc__archive *a, pfc_profile *m, pfc_error *err) {
  const pfc__scalar scalars[] = {
      {"rank", PFC_H5_I32, &m->rank, 0, PFC_PROFILE_MOST_RANK},
      {"n_competencies", PFC_H5_I32, &m->n_competencies, 0, INT32_MAX},
      {"n_roles", PFC_H5_I32, &m->n_roles, 0, INT32_MAX},
      {"n_sources", PFC_H5_I32, &m->n_sources, 0, INT32_MAX},
      {"n_role_effects", PFC_H5_I64, &m->n_role_effects, 0, 0x1p62},
      {"n_raters", PFC_H5_I64, &m->n_raters, 0, 0x1p62},
      {"n_interventions", PFC_H5_I32, &m->n_interventions, 0, INT32_MAX},
  };
  return pfc__visit_scalars(a, GROUP, scalars, PFC__COUNT(scalars), err);
}

static pfc_status visit_numbers(pfc__archive *a, pfc_profile *m, pfc_error *err) {
  const pfc__scalar scalars[] = {
      {"scale_min", PFC_H5_F64, &m->scale_min, -MOST_LEVELS, MOST_LEVELS},
      {"scale_max", PFC_H5_F64, &m->scale_max, -MOST_LEVELS, MOST_LEVELS},
      {"relative", PFC_H5_I32, &m->relative, 0, 1},
      {"intercept", PFC_H5_F64, &m->beta[0], -MOST_LEVELS, MOST_LEVELS},
      {"listed", PFC_H5_F64, &m->beta[1], -MOST_LEVELS, MOST_LEVELS},
      {"required", PFC_H5_F64, &m->beta[2], -MOST_LEVELS, MOST_LEVELS},
      {"newcomer", PFC_H5_F64, &m->beta[3], -MOST_LEVELS, MOST_LEVELS},
      {"newcomer_days", PFC_H5_F64, &m->newcomer_days, LEAST, MOST_DAYS},
      {"taught", PFC_H5_F64, &m->taught, -MOST_LEVELS, MOST_LEVELS},
      {"sd_taught", PFC_H5_F64, &m->sd_taught, 0, MOST_LEVELS},
      {"teaching_days", PFC_H5_F64, &m->teaching_days, LEAST, MOST_DAYS},
      {"sd_programme", PFC_H5_F64, &m->sd_programme, 0, MOST_LEVELS},
      {"sd_person", PFC_H5_F64, &m->sd_person, LEAST, MOST_LEVELS},
      {"sd_competency", PFC_H5_F64, &m->sd_competency, LEAST, MOST_LEVELS},
      {"sd_role", PFC_H5_F64, &m->sd_role, LEAST, MOST_LEVELS},
      {"sd_cell", PFC_H5_F64, &m->sd_cell, LEAST, MOST_LEVELS},
      {"sd_moving", PFC_H5_F64, &m->sd_moving, LEAST, MOST_LEVELS},
      {"half_life_days", PFC_H5_F64, &m->half_life_days, LEAST, MOST_DAYS},
      {"unknown_bias", PFC_H5_F64, &m->unknown.bias, -MOST_LEVELS, MOST_LEVELS},
      {"unknown_slope", PFC_H5_F64, &m->unknown.slope, LEAST, MOST_LEVELS},
      {"unknown_noise", PFC_H5_F64, &m->unknown.noise, LEAST, MOST_LEVELS},
      {"unknown_leniency", PFC_H5_F64, &m->unknown.leniency, 0, MOST_LEVELS},
      {"unknown_anchor", PFC_H5_I32, &m->unknown.anchor, 0, 1},
      {"unknown_linked", PFC_H5_I32, &m->unknown.linked, 0, 1},
      {"unknown_n_ratings", PFC_H5_I64, &m->unknown.n_ratings, 0, 0x1p62},
  };
  return pfc__visit_scalars(a, GROUP, scalars, PFC__COUNT(scalars), err);
}

/* --- arrays --------------------------------------------------------------------------------
 */

/* An array without elements may have no room for any. */
static pfc_status visit_array(pfc__archive *a, pfc__array array, pfc_error *err) {
  static int64_t nothing;
  void *none = &nothing;
  if (!a->loading && array.dim[0] * array.dim[1] == 0) array.slot = &none;
  return pfc__visit_arrays(a, GROUP, &array, 1, err);
}

static pfc_status visit_competencies(pfc__archive *a, pfc_profile *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = m->n_competencies, k = m->rank;
  const pfc__array arrays[] = {
      {"half_life", PFC_H5_F32, 1, {n, 1}, &m->half_life, "days"},
      {"competency", PFC_H5_F32, 1, {n, 1}, &m->competency, "effect, levels"},
      {"competency_var", PFC_H5_F32, 1, {n, 1}, &m->competency_var, "its posterior variance"},
      {"factor", PFC_H5_F32, 2, {n, k}, &m->factor, "levels a standard deviation of people's"},
      {"factor_cov",
       PFC_H5_F32,
       2,
       {n, k * k},
       &m->factor_cov,
       "posterior covariance of each row of factor, row by row"},
      {"factor_sd", PFC_H5_F32, 1, {k, 1}, &m->factor_sd, "prior of factor, levels"},
  };
  for (int i = 0; i < PFC__COUNT(arrays); i++) PFC_TRY(visit_array(a, arrays[i], err));
done:
  return st;
}

static pfc_status visit_programmes(pfc__archive *a, pfc_profile *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = m->n_interventions;
  const pfc__array arrays[] = {
      {"programme",
       PFC_H5_F32,
       1,
       {n, 1},
       &m->programme,
       "share of the way to its targets that it carries, less taught"},
      {"programme_var", PFC_H5_F32, 1, {n, 1}, &m->programme_var, "its posterior variance"},
  };
  for (int i = 0; i < PFC__COUNT(arrays); i++) PFC_TRY(visit_array(a, arrays[i], err));
done:
  return st;
}

static pfc_status visit_pairs(pfc__archive *a, pfc_profile *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = m->n_role_effects, r = m->n_raters;
  const pfc__array arrays[] = {
      {"effect_role", PFC_H5_I32, 1, {n, 1}, &m->effect_role, "codes of /dictionary/role"},
      {"effect_competency",
       PFC_H5_I32,
       1,
       {n, 1},
       &m->effect_competency,
       "codes of /dictionary/competency, ascending for each role"},
      {"effect", PFC_H5_F32, 1, {n, 1}, &m->effect, "of the role in the competency, levels"},
      {"effect_var", PFC_H5_F32, 1, {n, 1}, &m->effect_var, "its posterior variance"},
      {"rater_source", PFC_H5_I32, 1, {r, 1}, &m->rater_source, "codes of /dictionary/source"},
      {"rater_code",
       PFC_H5_I32,
       1,
       {r, 1},
       &m->rater_code,
       "codes of /dictionary/rater, ascending for each source"},
      {"rater", PFC_H5_F32, 1, {r, 1}, &m->rater, "leniency, levels"},
      {"rater_var", PFC_H5_F32, 1, {r, 1}, &m->rater_var, "its posterior variance"},
  };
  for (int i = 0; i < PFC__COUNT(arrays); i++) PFC_TRY(visit_array(a, arrays[i], err));
done:
  return st;
}

static const pfc__member SOURCE_MEMBERS[] = {
    {"source/bias", PFC_H5_F64, offsetof(pfc_profile_source, bias), NULL,
     "levels that ratings lie too high in the middle of the scale"},
    {"source/slope", PFC_H5_F64, offsetof(pfc_profile_source, slope), NULL,
     "levels that ratings rise with a level"},
    {"source/noise", PFC_H5_F64, offsetof(pfc_profile_source, noise), NULL,
     "standard deviation of ratings given level and rater, levels"},
    {"source/leniency", PFC_H5_F64, offsetof(pfc_profile_source, leniency), NULL,
     "standard deviation between raters, levels; 0 where none is known"},
    {"source/anchor", PFC_H5_I32, offsetof(pfc_profile_source, anchor), NULL,
     "1: bias 0 and slope 1 by definition"},
    {"source/linked", PFC_H5_I32, offsetof(pfc_profile_source, linked), NULL,
     "1: an anchor, or connected with one through shared cells"},
    {"source/n_ratings", PFC_H5_I64, offsetof(pfc_profile_source, n_ratings), NULL,
     "ratings it was fitted to"},
};

static pfc_status visit_sources(pfc__archive *a, pfc_profile *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (a->loading) PFC_NEW(m->source, m->n_sources);
  const pfc__records records = {GROUP, m->n_sources, m->source, sizeof *m->source};
  PFC_TRY(pfc__visit_members(a, &records, SOURCE_MEMBERS, PFC__COUNT(SOURCE_MEMBERS), err));
done:
  return st;
}

/* --- checks --------------------------------------------------------------------------------
 */

static pfc_status bad(const pfc__archive *a, const char *name, int64_t i, const char *what,
                      pfc_error *err) {
  return pfc__fault(a, err, "'%s/%s': element %lld is %s", GROUP, name, (long long)i, what);
}

static pfc_status check_at_least(const pfc__archive *a, const char *name, const float *x,
                                 int64_t n, float least, pfc_error *err) {
  for (int64_t i = 0; i < n; i++)
    if (!(x[i] >= least && x[i] <= MOST_SQUARE)) return bad(a, name, i, "out of range", err);
  return PFC_OK;
}

static pfc_status check_levels(const pfc__archive *a, const char *name, const float *x,
                               int64_t n, pfc_error *err) {
  for (int64_t i = 0; i < n; i++)
    if (!(x[i] >= -MOST_LEVELS && x[i] <= MOST_LEVELS))
      return bad(a, name, i, "out of range", err);
  return PFC_OK;
}

/* Symmetric, and no variance below 0. */
static pfc_status check_covariances(const pfc__archive *a, const pfc_profile *m,
                                    pfc_error *err) {
  const int64_t k = m->rank;
  for (int64_t e = 0; e < m->n_competencies * k * k; e++) {
    const int64_t i = e / k % k, j = e % k;
    const float x = m->factor_cov[e];
    if (!(x >= -MOST_SQUARE && x <= MOST_SQUARE) || (i == j && x < 0))
      return bad(a, "factor_cov", e, "out of range", err);
    if (x != m->factor_cov[e - i * k - j + j * k + i])
      return bad(a, "factor_cov", e, "not that on the other side of the diagonal", err);
  }
  return PFC_OK;
}

/* In order of both, none twice. */
static pfc_status check_order(const pfc__archive *a, const char *names[2], const int32_t *major,
                              int32_t n_major, const int32_t *minor, int64_t n,
                              pfc_error *err) {
  for (int64_t i = 0; i < n; i++) {
    if (major[i] < 0 || major[i] >= n_major) return bad(a, names[0], i, "out of range", err);
    if (i > 0 && major[i] < major[i - 1]) return bad(a, names[0], i, "out of order", err);
    if (minor[i] < 0) return bad(a, names[1], i, "out of range", err);
    if (i > 0 && major[i] == major[i - 1] && minor[i] <= minor[i - 1])
      return bad(a, names[1], i, "out of order", err);
  }
  return PFC_OK;
}

static pfc_status check_codes(const pfc__archive *a, const pfc_bundle *b, const char *name,
                              const char *dict, int64_t n, pfc_error *err) {
  char what[PFC__PATH];
  (void)snprintf(what, sizeof what, "%s/%s", GROUP, name);
  return n == 0 ? PFC_OK : pfc__check_codes(a, b, what, dict, n, err);
}

static int64_t n_codes(const int32_t *code, int64_t n) {
  int64_t most = 0;
  for (int64_t i = 0; i < n; i++)
    if (code[i] >= most) most = code[i] + 1LL;
  return most;
}

static pfc_status check_pairs(const pfc__archive *a, const pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_profile *m = &b->profile;
  const char *effects[] = {"effect_role", "effect_competency"};
  const char *raters[] = {"rater_source", "rater_code"};
  PFC_TRY(check_order(a, effects, m->effect_role, m->n_roles, m->effect_competency,
                      m->n_role_effects, err));
  PFC_TRY(
      check_order(a, raters, m->rater_source, m->n_sources, m->rater_code, m->n_raters, err));
  const int64_t used = n_codes(m->effect_competency, m->n_role_effects);
  if (used > m->n_competencies)
    return pfc__fault(a, err, "'%s/effect_competency' has %lld codes, there are %d", GROUP,
                      (long long)used, m->n_competencies);
  PFC_TRY(check_levels(a, "effect", m->effect, m->n_role_effects, err));
  PFC_TRY(check_levels(a, "rater", m->rater, m->n_raters, err));
  PFC_TRY(check_at_least(a, "effect_var", m->effect_var, m->n_role_effects, 0, err));
  PFC_TRY(check_at_least(a, "rater_var", m->rater_var, m->n_raters, 0, err));
  PFC_TRY(check_codes(a, b, "rater_code", "rater", n_codes(m->rater_code, m->n_raters), err));
done:
  return st;
}

static pfc_status check_sources(const pfc__archive *a, const pfc_profile *m, pfc_error *err) {
  for (int32_t s = 0; s < m->n_sources; s++) {
    const pfc_profile_source *at = &m->source[s];
    if (!(at->bias >= -MOST_LEVELS && at->bias <= MOST_LEVELS))
      return bad(a, "source/bias", s, "out of range", err);
    if (!(at->slope >= LEAST && at->slope <= MOST_LEVELS))
      return bad(a, "source/slope", s, "not above 0", err);
    if (!(at->noise >= LEAST && at->noise <= MOST_LEVELS))
      return bad(a, "source/noise", s, "not above 0", err);
    if (!(at->leniency >= 0 && at->leniency <= MOST_LEVELS))
      return bad(a, "source/leniency", s, "negative", err);
    if (at->anchor & ~1) return bad(a, "source/anchor", s, "not 0 or 1", err);
    if (at->linked & ~1) return bad(a, "source/linked", s, "not 0 or 1", err);
    if (at->n_ratings < 0) return bad(a, "source/n_ratings", s, "negative", err);
  }
  return PFC_OK;
}

static pfc_status check_competencies(const pfc__archive *a, const pfc_bundle *b,
                                     pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_profile *m = &b->profile;
  const int64_t n = m->n_competencies;
  PFC_TRY(check_codes(a, b, "competency", "competency", n, err));
  PFC_TRY(check_at_least(a, "half_life", m->half_life, n, (float)LEAST, err));
  PFC_TRY(check_levels(a, "competency", m->competency, n, err));
  PFC_TRY(check_at_least(a, "competency_var", m->competency_var, n, 0, err));
  PFC_TRY(check_levels(a, "factor", m->factor, n * m->rank, err));
  PFC_TRY(check_at_least(a, "factor_sd", m->factor_sd, m->rank, 0, err));
  PFC_TRY(check_covariances(a, m, err));
done:
  return st;
}

static pfc_status check_programmes(const pfc__archive *a, const pfc_profile *m,
                                   pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(check_levels(a, "programme", m->programme, m->n_interventions, err));
  PFC_TRY(check_at_least(a, "programme_var", m->programme_var, m->n_interventions, 0, err));
done:
  return st;
}

pfc_status pfc__visit_profile(pfc__archive *a, pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_profile *m = &b->profile;
  PFC_TRY(visit_sizes(a, m, err));
  PFC_TRY(visit_numbers(a, m, err));
  if (!(m->scale_min < m->scale_max))
    return pfc__fault(a, err, "%s: attribute 'scale_max' is not above scale_min", GROUP);
  PFC_TRY(visit_competencies(a, m, err));
  PFC_TRY(visit_pairs(a, m, err));
  /* Checked against the dictionary first: a size that nothing bounds is not allocated. */
  PFC_TRY(check_codes(a, b, "source", "source", m->n_sources, err));
  PFC_TRY(check_codes(a, b, "effect_role", "role", m->n_roles, err));
  PFC_TRY(check_codes(a, b, "programme", "intervention", m->n_interventions, err));
  PFC_TRY(visit_sources(a, m, err));
  PFC_TRY(visit_programmes(a, m, err));
  PFC_TRY(check_sources(a, m, err));
  PFC_TRY(check_competencies(a, b, err));
  PFC_TRY(check_pairs(a, b, err));
  PFC_TRY(check_programmes(a, m, err));
done:
  return st;
}

pfc_status pfc_bundle_align_profile(const pfc_bundle *b, const pfc_dataset *ds,
                                    pfc_profile *out, pfc_error *err) {
  const pfc_dict *dicts[PFC_PROFILE_DICTS];
  for (int k = 0; k < PFC_PROFILE_DICTS; k++)
    dicts[k] = pfc_bundle_dict(b, PFC_PROFILE_DICT_NAMES[k]);
  return pfc_profile_align(&b->profile, dicts, ds, out, err);
}
