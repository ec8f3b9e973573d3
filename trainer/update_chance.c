/* Updating a chance: rows that the last fit had not seen, with what it knew as their prior. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/calibration.h"
#include "trainer/offers.h"
#include "trainer/update_internal.h"

/* Answers that a curve can be fitted to anew: three numbers learned from n rows cost 3 / 2n
 * nats a row, which is then little beside what a curve can gain. */
enum { LEAST_ANSWERS = 10000 };

typedef struct updating {
  const pfc__training *t;
  const pfc__chance_plan *plan;
  const pfc_chance *old;
  pfc__labelled *l; /* what is new of them */
  uint64_t *keys;
  pfc_chance *m;
  int32_t *from; /* of m's columns: those of old, -1 none */
  pfc_csr x;
  double *rms;         /* of products */
  double *mean, *w;    /* coefficients of x and intercept: of old, and of the fit */
  pfc_posterior prior; /* of these */
} updating;

static void updating_clear(updating *u) {
  pfc_free(u->keys);
  pfc_free(u->from);
  pfc_csr_clear(&u->x);
  pfc_free(u->rms);
  pfc_free(u->mean);
  pfc_free(u->w);
  pfc_posterior_clear(&u->prior);
}

/* --- rows --------------------------------------------------------------------------------- */

/* Leaves the rows that the ledger does not hold. */
static pfc_status drop_absorbed(updating *u, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__labelled *l = u->l;
  int64_t n = 0;
  PFC_NEW(u->keys, l->n);
  PFC_TRY(pfc__chance_keys(u->t, l->n, l->d, u->keys, err));
  l->n_passed = 0;
  for (int64_t i = 0; i < l->n; i++) {
    if (pfc_ledger_find(&u->old->ledger, u->keys[i]) >= 0) continue;
    l->d[n] = l->d[i];
    l->y[n] = l->y[i];
    l->n_passed += l->y[i] > 0;
    u->keys[n++] = u->keys[i];
  }
  l->n = n;
done:
  return st;
}

static pfc_status encode(updating *u, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__labelled *l = u->l;
  const int32_t rank = u->old->rank;
  float *z = NULL;
  if (u->t->levels) PFC_TRY(pfc_lent_levels_expect(u->t->levels, u->t->cat, l->n, l->d, err));
  PFC_TRY(pfc_features_extend(u->old->features, u->t->lens, l->n, l->d, &u->m->features,
                              &u->from, err));
  PFC_NEW(z, l->n * rank);
  PFC_NEW(u->rms, rank);
  if (rank) PFC_TRY(pfc__chance_products(u->t, u->plan->factors_apart, l->n, l->d, z, err));
  pfc__chance_scale(l->n, rank, z, u->rms);
  PFC_TRY(pfc__encode_rows(u->m->features, u->t->lens, (1U << PFC_N_SCOPES) - 1, l->n, l->d,
                           rank, z, &u->x, err));
done:
  pfc_free(z);
  return st;
}

/* --- what is known ------------------------------------------------------------------------ */

/* Precision of a column that is new: of its group, as every other one's was. */
static void fill_fresh(const updating *u, double *fresh) {
  static const double DEFAULT_STRENGTH = 10;
  const pfc_features *f = u->m->features;
  for (int k = 0; k < f->n_fields; k++) {
    const pfc_field *field = &f->fields[k];
    const double of = pfc_strengths_of(&u->old->strengths, field->group, DEFAULT_STRENGTH);
    for (int32_t c = 0; c < field->n_columns; c++) fresh[field->first + c] = of;
  }
}

/* Where each coefficient of x, and the intercept, was in old. */
static void fill_from(const updating *u, int32_t *from) {
  const int32_t d = u->m->features->n_columns, before = u->old->features->n_columns;
  memcpy(from, u->from, (size_t)d * sizeof *from);
  for (int32_t f = 0; f <= u->old->rank; f++) from[d + f] = before + f;
}

static void fill_mean(const updating *u) {
  const pfc_chance *old = u->old;
  const int32_t d = u->m->features->n_columns;
  for (int32_t c = 0; c < d; c++) u->mean[c] = u->from[c] >= 0 ? old->coef[u->from[c]] : 0;
  for (int32_t f = 0; f < old->rank; f++) u->mean[d + f] = old->theta[f] * u->rms[f];
  u->mean[d + old->rank] = old->intercept;
}

/* The old posterior in the columns of x. */
static pfc_status open_prior(updating *u, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t d = u->m->features->n_columns, rank = u->old->rank, n = d + rank + 1;
  int32_t *from = NULL;
  double *fresh = NULL, *unit = NULL;
  PFC_NEW(from, n);
  PFC_NEW(fresh, n);
  PFC_NEW(unit, rank);
  PFC_NEW(u->mean, n);
  PFC_NEW(u->w, n);
  fill_from(u, from);
  fill_fresh(u, fresh);
  fill_mean(u);
  PFC_TRY(pfc_posterior_remap(&u->old->posterior, n, from, fresh, &u->prior, err));
  for (int32_t f = 0; f < rank; f++) unit[f] = 1 / u->rms[f];
  pfc__posterior_rescale(&u->prior, d, rank, unit);
done:
  pfc_free(from);
  pfc_free(fresh);
  pfc_free(unit);
  return st;
}

/* --- the fit ------------------------------------------------------------------------------ */

static pfc_status fit(updating *u, pfc_newton_report *report, pfc_error *err) {
  pfc_newton_settings newton;
  pfc_newton_defaults(&newton);
  newton.stage = u->plan->name;
  newton.progress = &u->t->settings->progress;
  const pfc_logit_problem problem = {
      .x = &u->x, .y = u->l->y, .prior = &u->prior, .prior_mean = u->mean};
  memcpy(u->w, u->mean, (size_t)u->prior.n * sizeof *u->w);
  return pfc_logit_fit(&problem, &newton, u->w, report, err);
}

/* The old coefficients have not seen the new rows: what they say of them is what a curve can be
 * fitted to. */
static pfc_status calibrate(const updating *u, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__labelled *l = u->l;
  double *eta = NULL;
  float *weight = NULL;
  u->m->calibration = u->old->calibration;
  if (!u->plan->cross_fitted || l->n < LEAST_ANSWERS) return PFC_OK;
  PFC_NEW(eta, l->n);
  PFC_NEW(weight, l->n);
  pfc_logit_predict(&u->x, NULL, u->mean, eta);
  for (int64_t i = 0; i < l->n; i++)
    weight[i] = (float)pfc__chance_recency(l->d[l->n - 1].date - l->d[i].date);
  PFC_TRY(pfc_calibration_fit(l->n, eta, l->y, weight, PFC_CALIBRATION_RIDGE,
                              &u->m->calibration, err));
done:
  pfc_free(eta);
  pfc_free(weight);
  return st;
}

static pfc_status keep(const updating *u, const pfc_newton_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_chance *old = u->old;
  pfc_chance *m = u->m;
  const pfc__chance_fit done = {.x = &u->x,
                                .w = u->w,
                                .rms = u->rms,
                                .prior = &u->prior,
                                .earlier = &old->ledger,
                                .n = u->l->n,
                                .keys = u->keys};
  m->rank = old->rank;
  m->n_rows = old->n_rows + u->l->n;
  m->base_rate =
      (old->base_rate * (double)old->n_rows + (double)u->l->n_passed) / (double)m->n_rows;
  PFC_TRY(pfc__chance_keep(&done, m, err));
  for (int32_t g = 0; g < old->strengths.n; g++)
    PFC_TRY(pfc_strengths_add(&m->strengths, old->strengths.at[g].group,
                              old->strengths.at[g].value, err));
  PFC_TRY(pfc__certify(u->t->bundle, u->plan->name, m->n_rows, report->steps, report->value,
                       report->gradient, report->converged, err));
done:
  return st;
}

/* Of l, which it changes, into the empty m. */
static pfc_status update_chance(pfc__training *t, const pfc__chance_plan *plan,
                                pfc__labelled *l, const pfc_chance *old, pfc_chance *m,
                                pfc_train_note *note, pfc_error *err) {
  pfc_status st = PFC_OK;
  updating u = {.t = t, .plan = plan, .old = old, .l = l, .m = m};
  pfc_newton_report report;
  PFC_TRY(drop_absorbed(&u, err));
  note->n_rows = l->n;
  note->trained = 1;
  if (l->n == 0) {
    PFC_TRY(pfc_chance_copy(old, m, err));
    (void)snprintf(note->text, sizeof note->text, "as it was: nothing new");
    goto done;
  }
  PFC_TRY(encode(&u, err));
  PFC_TRY(open_prior(&u, err));
  PFC_TRY(fit(&u, &report, err));
  PFC_TRY(calibrate(&u, err));
  PFC_TRY(keep(&u, &report, err));
  (void)snprintf(note->text, sizeof note->text, "%lld rows added to %lld, %d new columns",
                 (long long)l->n, (long long)old->n_rows,
                 (int)(m->features->n_columns - old->features->n_columns));
done:
  updating_clear(&u);
  return st;
}

pfc_status pfc__update_success(pfc__training *t, const pfc_bundle *old, pfc_train_note *note,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__labelled l = {0};
  PFC_TRY(pfc__success_rows(t, &l, err));
  PFC_TRY(update_chance(t, &PFC__SUCCESS, &l, &old->success, &t->bundle->success, note, err));
  t->bundle->has_success = true;
done:
  pfc__labelled_clear(&l);
  return st;
}

pfc_status pfc__update_accept(pfc__training *t, const pfc_bundle *old, pfc_train_note *note,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__labelled l = {0};
  PFC_TRY(pfc__accept_rows(t, &l, NULL, err));
  PFC_TRY(update_chance(t, &PFC__ACCEPT, &l, &old->accept, &t->bundle->accept, note, err));
  t->bundle->has_accept = true;
done:
  pfc__labelled_clear(&l);
  return st;
}
