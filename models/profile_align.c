/* A profile in the codes of a dataset. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/profile.h"

enum { COMPETENCY, ROLE, SOURCE, RATER, INTERVENTION };
const char *const PFC_PROFILE_DICT_NAMES[PFC_PROFILE_DICTS] = {"competency", "role", "source",
                                                               "rater", "intervention"};

/* Codes of one dictionary in either direction, -1 where the other side lacks the text. */
typedef struct codes {
  int32_t n_from, n_to;
  int32_t *to;   /* n_from: profile -> dataset */
  int32_t *from; /* n_to: dataset -> profile */
} codes;

static void codes_clear(codes *c) {
  pfc_free(c->to);
  pfc_free(c->from);
}

static pfc_status codes_init(codes *c, const pfc_dict *from, const pfc_dict *to,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  c->n_from = from ? pfc_dict_size(from) : 0;
  c->n_to = to ? pfc_dict_size(to) : 0;
  PFC_NEW(c->to, c->n_from);
  PFC_NEW(c->from, c->n_to);
  for (int32_t i = 0; i < c->n_from; i++) c->to[i] = -1;
  for (int32_t i = 0; i < c->n_to; i++) c->from[i] = -1;
  if (!from || !to) goto done;
  pfc_dict_map(from, to, c->to);
  pfc_dict_map(to, from, c->from);
done:
  return st;
}

/* --- competencies --------------------------------------------------------------------------
 */

static void take_half_lives(const pfc_dataset *ds, pfc_profile *out) {
  const int32_t *code = pfc_dataset_codes(ds, PFC_COMPETENCIES, "competency_id");
  const double *days = pfc_dataset_reals(ds, PFC_COMPETENCIES, "half_life_days");
  for (int64_t i = 0; code && days && i < ds->tables[PFC_COMPETENCIES].n_rows; i++) {
    const float told = (float)days[i];
    if (code[i] >= 0 && told > 0 && isfinite(told)) out->half_life[code[i]] = told;
  }
}

static void fill_competency(const pfc_profile *p, int32_t from, pfc_profile *out, int32_t to) {
  const size_t k = (size_t)p->rank, row = (size_t)to * k, old = (size_t)from * k;
  if (from >= 0) {
    out->half_life[to] = p->half_life[from];
    out->competency[to] = p->competency[from];
    out->competency_var[to] = p->competency_var[from];
    memcpy(out->factor + row, p->factor + old, sizeof *p->factor * k);
    memcpy(out->factor_cov + row * k, p->factor_cov + old * k, sizeof *p->factor_cov * k * k);
    return;
  }
  out->half_life[to] = (float)p->half_life_days;
  out->competency_var[to] = (float)(p->sd_competency * p->sd_competency);
  for (size_t f = 0; f < k; f++)
    out->factor_cov[row * k + f * k + f] = p->factor_sd[f] * p->factor_sd[f];
}

static pfc_status align_competencies(const pfc_profile *p, const codes *at,
                                     const pfc_dataset *ds, pfc_profile *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t n = (size_t)at->n_to, k = (size_t)p->rank;
  PFC_NEW(out->half_life, n);
  PFC_NEW(out->competency, n);
  PFC_NEW(out->competency_var, n);
  PFC_NEW(out->factor, n * k);
  PFC_NEW(out->factor_cov, n * k * k);
  PFC_NEW(out->factor_sd, k);
  out->n_competencies = at->n_to;
  memcpy(out->factor_sd, p->factor_sd, sizeof *p->factor_sd * k);
  for (int32_t c = 0; c < at->n_to; c++) fill_competency(p, at->from[c], out, c);
  take_half_lives(ds, out);
done:
  return st;
}

/* --- effects of pairs ----------------------------------------------------------------------
 */

/* Effects of role and competency, and leniencies of source and rater, are the same kind of
 * list: pairs of codes, in order, with mean and variance. */
typedef struct pairs {
  int64_t n;
  const int32_t *a, *b;
  const float *mean, *var;
} pairs;

typedef struct pair {
  int32_t a, b;
  float mean, var;
} pair;

static int compare_pairs(const void *x, const void *y) {
  const pair *p = x, *q = y;
  if (p->a != q->a) return p->a < q->a ? -1 : 1;
  return (p->b > q->b) - (p->b < q->b);
}

static pfc_status pairs_split(const pair *list, int64_t n, pfc_profile *out, bool raters,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t **const a = raters ? &out->rater_source : &out->effect_role;
  int32_t **const b = raters ? &out->rater_code : &out->effect_competency;
  float **const mean = raters ? &out->rater : &out->effect;
  float **const var = raters ? &out->rater_var : &out->effect_var;
  PFC_NEW(*a, n);
  PFC_NEW(*b, n);
  PFC_NEW(*mean, n);
  PFC_NEW(*var, n);
  *(raters ? &out->n_raters : &out->n_role_effects) = n;
  for (int64_t i = 0; i < n; i++) {
    (*a)[i] = list[i].a;
    (*b)[i] = list[i].b;
    (*mean)[i] = list[i].mean;
    (*var)[i] = list[i].var;
  }
done:
  return st;
}

/* Those of which the dataset has both codes. */
static pfc_status align_pairs(const pairs *in, const codes *a, const codes *b, pfc_profile *out,
                              bool raters, pfc_error *err) {
  pfc_status st = PFC_OK;
  pair *list = NULL;
  int64_t n = 0;
  PFC_NEW(list, in->n);
  for (int64_t i = 0; i < in->n; i++) {
    if (in->a[i] >= a->n_from || in->b[i] >= b->n_from) continue;
    const pair at = {a->to[in->a[i]], b->to[in->b[i]], in->mean[i], in->var[i]};
    if (at.a >= 0 && at.b >= 0) list[n++] = at;
  }
  qsort(list, (size_t)n, sizeof *list, compare_pairs);
  PFC_TRY(pairs_split(list, n, out, raters, err));
done:
  pfc_free(list);
  return st;
}

/* --- all of it -----------------------------------------------------------------------------
 */

static pfc_status align_sources(const pfc_profile *p, const codes *at, pfc_profile *out,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(out->source, at->n_to);
  out->n_sources = at->n_to;
  for (int32_t s = 0; s < at->n_to; s++)
    out->source[s] = at->from[s] < 0 ? p->unknown : p->source[at->from[s]];
done:
  return st;
}

/* Nothing is told apart where the profile tells nothing apart. */
static pfc_status align_programmes(const pfc_profile *p, const codes *at, pfc_profile *out,
                                   pfc_error *err) {
  pfc_status st = PFC_OK;
  out->n_interventions = p->n_interventions > 0 ? at->n_to : 0;
  PFC_NEW(out->programme, out->n_interventions);
  PFC_NEW(out->programme_var, out->n_interventions);
  for (int32_t i = 0; i < out->n_interventions; i++) {
    const int32_t from = at->from[i];
    const bool known = from >= 0 && from < p->n_interventions;
    out->programme[i] = known ? p->programme[from] : 0;
    out->programme_var[i] =
        known ? p->programme_var[from] : (float)(p->sd_programme * p->sd_programme);
  }
done:
  return st;
}

/* The same parameters and no array yet. */
static pfc_profile without_arrays(const pfc_profile *p) {
  pfc_profile out = *p;
  out.half_life = out.competency = out.competency_var = NULL;
  out.factor = out.factor_cov = out.factor_sd = NULL;
  out.effect_role = out.effect_competency = out.rater_source = out.rater_code = NULL;
  out.effect = out.effect_var = out.rater = out.rater_var = NULL;
  out.programme = out.programme_var = NULL;
  out.source = NULL;
  return out;
}

pfc_status pfc_profile_align(const pfc_profile *p,
                             const pfc_dict *const from_dict[PFC_PROFILE_DICTS],
                             const pfc_dataset *ds, pfc_profile *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  codes at[PFC_PROFILE_DICTS] = {{0}};
  pfc_profile made = without_arrays(p);
  const pairs effects = {p->n_role_effects, p->effect_role, p->effect_competency, p->effect,
                         p->effect_var};
  const pairs raters = {p->n_raters, p->rater_source, p->rater_code, p->rater, p->rater_var};
  if (ds->scale_min != p->scale_min || ds->scale_max != p->scale_max)
    return pfc_fail(err, PFC_EDATA,
                    "the profile was fitted to levels from %g to %g, and those of the data go "
                    "from %g to %g",
                    p->scale_min, p->scale_max, ds->scale_min, ds->scale_max);
  for (int k = 0; k < PFC_PROFILE_DICTS; k++)
    PFC_TRY(codes_init(&at[k], from_dict[k],
                       pfc_dataset_find_dict(ds, PFC_PROFILE_DICT_NAMES[k]), err));
  made.n_roles = at[ROLE].n_to;
  PFC_TRY(align_competencies(p, &at[COMPETENCY], ds, &made, err));
  PFC_TRY(align_sources(p, &at[SOURCE], &made, err));
  PFC_TRY(align_programmes(p, &at[INTERVENTION], &made, err));
  PFC_TRY(align_pairs(&effects, &at[ROLE], &at[COMPETENCY], &made, false, err));
  PFC_TRY(align_pairs(&raters, &at[SOURCE], &at[RATER], &made, true, err));
  *out = made;
  made = without_arrays(&made);
done:
  for (int k = 0; k < PFC_PROFILE_DICTS; k++) codes_clear(&at[k]);
  pfc_profile_clear(&made);
  return st;
}
