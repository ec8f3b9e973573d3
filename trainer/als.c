#include "trainer/als.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "trainer/als_internal.h"

/* How far the objective may rise by float32 rounding of the factors. */
#define RISE_ALLOWED 1e-6

enum { PEOPLE, ITEMS };

void pfc_als_defaults(pfc_als_settings *s) {
  *s = (pfc_als_settings){
      .struct_size = sizeof *s,
      .rank = 16,
      .alpha0 = 0.03,
      .lambda = 0.1,
      .nu = 1,
      .kappa_people = 0.02,
      .kappa_items = 10,
      .prior_ridge = 1,
      .max_sweeps = 40,
      .update_sweeps = 3,
      .tolerance = 1e-5,
      .seed = 1,
  };
}

static pfc_status bad(pfc_error *err, const char *field, double value, const char *range) {
  return pfc_fail(err, PFC_EUSAGE, "affinity settings: %s is %g; allowed is %s", field, value,
                  range);
}

static int positive(double x) { return isfinite(x) && x > 0; }

pfc_status pfc_als_check(const pfc_als_settings *s, pfc_error *err) {
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "affinity settings: not made by pfc_als_defaults()");
  if (s->rank < 1 || s->rank > 512) return bad(err, "rank", s->rank, "1 to 512");
  if (!positive(s->alpha0)) return bad(err, "alpha0", s->alpha0, "above 0");
  if (!positive(s->lambda)) return bad(err, "lambda", s->lambda, "above 0");
  if (!(s->nu >= 0 && s->nu <= 1)) return bad(err, "nu", s->nu, "0 to 1");
  if (!(s->kappa_people >= 0) || !isfinite(s->kappa_people))
    return bad(err, "kappa_people", s->kappa_people, "0 or more");
  if (!(s->kappa_items >= 0) || !isfinite(s->kappa_items))
    return bad(err, "kappa_items", s->kappa_items, "0 or more");
  if (!positive(s->prior_ridge)) return bad(err, "prior_ridge", s->prior_ridge, "above 0");
  if (s->max_sweeps < 1 || s->max_sweeps > 10000)
    return bad(err, "max_sweeps", s->max_sweeps, "1 to 10000");
  if (s->update_sweeps < 1 || s->update_sweeps > 10000)
    return bad(err, "update_sweeps", s->update_sweeps, "1 to 10000");
  if (!(s->tolerance >= 0 && s->tolerance < 1))
    return bad(err, "tolerance", s->tolerance, "0 to 1, 1 excluded");
  return PFC_OK;
}

/* Everything a fit holds until it is handed over. */
typedef struct fit {
  pfc_affinity m; /* sizes and settings; its arrays are made here */
  const pfc_csr *conf;
  pfc_csr by_item; /* its transpose */
  pfc__side side[2];
  double prior_ridge;
  const pfc_als_start *start; /* NULL: drawn */
  pfc__als_terms terms;
  float *gram;    /* k x k */
  float *scratch; /* a thread: row solve, then one prior */
  ptrdiff_t scratch_size;
} fit;

static void fit_clear(fit *f) {
  for (int s = 0; s < 2; s++) {
    pfc_free(f->side[s].count);
    pfc_free(f->side[s].factors);
    pfc_free(f->side[s].prior);
    pfc_free(f->side[s].moments);
    pfc__regression_destroy(f->side[s].regression);
  }
  pfc_csr_clear(&f->by_item);
  pfc_free(f->gram);
  pfc_free(f->scratch);
}

static pfc_status check_pairs(const pfc_csr *conf, pfc_error *err) {
  if (conf->n_rows > INT32_MAX)
    return pfc_fail(err, PFC_EUSAGE, "affinity: %lld people; allowed are up to %d",
                    (long long)conf->n_rows, INT32_MAX);
  if (conf->n_rows == 0 || conf->start[conf->n_rows] == 0)
    return pfc_fail(err, PFC_EDATA, "affinity: nobody has taken up anything");
  for (int64_t p = 0; p < conf->n_rows; p++) {
    for (int64_t e = conf->start[p]; e < conf->start[p + 1]; e++) {
      if (positive((double)conf->val[e])) continue;
      return pfc_fail(err, PFC_EDATA,
                      "affinity: confidence of person %lld with item %d is %g; it must be "
                      "above 0",
                      (long long)p, (int)conf->col[e], (double)conf->val[e]);
    }
  }
  return PFC_OK;
}

static pfc_status check_attributes(const pfc__side *side, pfc_error *err) {
  const pfc_csr *F = side->attributes;
  if (!F) return PFC_OK;
  if (F->n_rows != side->n)
    return pfc_fail(err, PFC_EUSAGE, "affinity: attributes of %lld %s, but there are %d",
                    (long long)F->n_rows, side->name, (int)side->n);
  for (int64_t e = 0; e < F->start[F->n_rows]; e++) {
    if (!isfinite(F->val[e]))
      return pfc_fail(err, PFC_EDATA, "affinity: attribute %d of %s is not finite",
                      (int)F->col[e], side->name);
  }
  return PFC_OK;
}

static pfc_status side_init(pfc__side *side, const pfc_affinity *m, double prior_ridge,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t k = (size_t)m->rank;
  const size_t d = side->attributes ? (size_t)side->attributes->n_cols : 0;
  PFC_TRY(check_attributes(side, err));
  PFC_NEW(side->factors, (size_t)side->n * k);
  PFC_NEW(side->prior, d * k);
  PFC_NEW(side->moments, k * k);
  if (d > 0) {
    PFC_TRY(pfc__regression_create(side, m->rank, side->kappa, prior_ridge, &side->regression,
                                   err));
  }
done:
  return st;
}

/* Small draws, as in Rendle et al. 2022: sd 0.1 / sqrt(k), keyed by the item. */
static void draw_items(pfc__side *items, int32_t k, uint64_t seed) {
  const double sd = 0.1 / sqrt(k);
  for (int32_t i = 0; i < items->n; i++) {
    if (items->count[i] == 0) continue;
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "als.items", (uint64_t)i);
    for (int32_t f = 0; f < k; f++)
      items->factors[(ptrdiff_t)i * k + f] = (float)(sd * pfc_rng_normal(&rng));
  }
}

static void take_prior(pfc__side *side, int32_t k, const float *prior) {
  if (side->regression)
    memcpy(side->prior, prior, (size_t)side->attributes->n_cols * (size_t)k * sizeof *prior);
}

static void begin_there(fit *f) {
  const int32_t k = f->m.rank;
  pfc__side *items = &f->side[ITEMS];
  for (int32_t i = 0; i < items->n; i++) {
    if (items->count[i] > 0)
      memcpy(items->factors + (ptrdiff_t)i * k, f->start->items + (ptrdiff_t)i * k,
             (size_t)k * sizeof *items->factors);
  }
  take_prior(&f->side[PEOPLE], k, f->start->person_prior);
  take_prior(items, k, f->start->item_prior);
  for (int which = 0; which < 2; which++)
    if (f->side[which].regression)
      pfc__als_regression(&f->m, f->side, f->prior_ridge, which, &f->terms);
}

/* Brings the terms that hang on one side's factors up to date. */
static pfc_status update_factor_terms(fit *f, int which, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__side *own = &f->side[which];
  PFC_TRY(pfc_affinity_moments(f->m.rank, own->n, own->factors, own->moments, err));
  pfc__als_pairs(&f->m, f->side, &f->terms);
  PFC_TRY(pfc__als_observed(&f->m, f->conf, f->side, &f->terms, err));
  PFC_TRY(pfc__als_rows(&f->m, f->side, which, &f->terms, err));
done:
  return st;
}

static pfc_status fit_init(fit *f, const pfc_als_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t k = (size_t)s->rank;
  PFC_TRY(check_pairs(f->conf, err));
  PFC_TRY(pfc_csr_transpose(f->conf, &f->by_item, err));
  f->side[PEOPLE].n = f->m.n_people = (int32_t)f->conf->n_rows;
  f->side[ITEMS].n = f->m.n_items = f->conf->n_cols;
  PFC_TRY(pfc__sides_count(f->conf, f->side, err));
  for (int which = 0; which < 2; which++)
    PFC_TRY(side_init(&f->side[which], &f->m, s->prior_ridge, err));
  PFC_NEW(f->gram, k * k);
  f->scratch_size = PFC_AFFINITY_SCRATCH(s->rank) + s->rank;
  PFC_NEW(f->scratch, (size_t)pfc_par_threads() * (size_t)f->scratch_size);
  if (f->start)
    begin_there(f);
  else
    draw_items(&f->side[ITEMS], s->rank, s->seed);
  PFC_TRY(update_factor_terms(f, ITEMS, err));
  PFC_TRY(update_factor_terms(f, PEOPLE, err));
done:
  return st;
}

static pfc_status solve_row(fit *f, int which, int32_t i, float *scratch) {
  pfc__side *own = &f->side[which];
  const pfc__side *other = &f->side[1 - which];
  const pfc_csr *conf = own->conf;
  const int32_t k = f->m.rank;
  float *prior = scratch + PFC_AFFINITY_SCRATCH(k);
  const int64_t from = conf->start[i];
  pfc__side_prior(own, k, i, prior);
  const pfc_affinity_rows rows = {k, other->factors, f->gram, own->kappa};
  return pfc_affinity_row(&rows, own->count[i], conf->col + from, conf->val + from,
                          pfc_affinity_ridge(&f->m, own->count[i], other->n_observed), prior,
                          scratch, own->factors + (ptrdiff_t)i * k, NULL);
}

/* The lowest row that cannot be solved is named, whichever thread met it first. */
static pfc_status solve_side(fit *f, int which, pfc_error *err) {
  pfc__side *own = &f->side[which];
  const double *S = f->side[1 - which].moments;
  for (ptrdiff_t e = 0; e < (ptrdiff_t)f->m.rank * f->m.rank; e++)
    f->gram[e] = (float)(f->m.alpha0 * S[e]);

  int32_t failed = own->n;
  const int64_t work = (int64_t)own->n_observed * f->m.rank * f->m.rank;
#pragma omp parallel for schedule(dynamic, 32) \
    reduction(min                              \
              : failed) if (PFC_WORTH_THREADS(work))
  for (int32_t i = 0; i < own->n; i++) {
    if (own->count[i] == 0) continue;
    float *scratch = f->scratch + omp_get_thread_num() * f->scratch_size;
    if (solve_row(f, which, i, scratch) != PFC_OK && i < failed) failed = i;
  }
  if (failed < own->n)
    return pfc_fail(err, PFC_ENUMERIC,
                    "affinity: the equations of row %d of %s are not positive definite in "
                    "float32; lambda = %g may be too small",
                    (int)failed, own->name, f->m.lambda);
  return update_factor_terms(f, which, err);
}

static pfc_status regress_side(fit *f, int which, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__side *own = &f->side[which];
  if (!own->regression) return PFC_OK;
  PFC_TRY(pfc__regression_solve(own->regression, own->factors, own->prior, err));
  PFC_TRY(pfc__als_rows(&f->m, f->side, which, &f->terms, err));
  pfc__als_regression(&f->m, f->side, f->prior_ridge, which, &f->terms);
done:
  return st;
}

/* Each part-step minimizes exactly over its own unknowns, so none may raise the objective:
 * if one does, the arithmetic has failed and the fit must not pass for a good one. */
static pfc_status check_fall(const fit *f, double before, const char *what, int which,
                             pfc_error *err) {
  const double after = pfc__als_total(&f->terms);
  if (after <= before + RISE_ALLOWED * fabs(before)) return PFC_OK;
  return pfc_fail(err, PFC_ENUMERIC,
                  "affinity: the objective rose from %.9g to %.9g in the %s of %s", before,
                  after, what, f->side[which].name);
}

static pfc_status sweep(fit *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int which = 0; which < 2; which++) {
    double before = pfc__als_total(&f->terms);
    PFC_TRY(solve_side(f, which, err));
    PFC_TRY(check_fall(f, before, "row solves", which, err));
    before = pfc__als_total(&f->terms);
    PFC_TRY(regress_side(f, which, err));
    PFC_TRY(check_fall(f, before, "regression on attributes", which, err));
  }
done:
  return st;
}

/* A first sweep from no people, to which all is gain, says nothing about convergence. */
static pfc_status run_sweeps(fit *f, const pfc_als_settings *s, pfc_als_report *report,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t most = f->start ? s->update_sweeps : s->max_sweeps;
  double before = pfc__als_total(&f->terms);
  while (report->sweeps < most && !report->converged) {
    PFC_TRY(sweep(f, err));
    report->sweeps++;
    report->objective = pfc__als_total(&f->terms);
    report->change = (before - report->objective) / before;
    report->converged = report->sweeps > 1 && report->change < s->tolerance;
    before = report->objective;
    PFC_TRY(pfc_progress_report(&s->progress, "affinity", report->sweeps, most,
                                report->objective, err));
  }
done:
  return st;
}

/* Rows nobody observed stand where their attributes put them. */
static void place_unobserved(pfc__side *side, int32_t k) {
  for (int32_t i = 0; i < side->n; i++) {
    if (side->count[i] == 0) pfc__side_prior(side, k, i, side->factors + (ptrdiff_t)i * k);
  }
}

static void hand_over(fit *f, pfc_affinity *m) {
  pfc__side *people = &f->side[PEOPLE], *items = &f->side[ITEMS];
  pfc_free(m->people);
  pfc_free(m->items);
  pfc_free(m->person_prior);
  pfc_free(m->item_prior);
  pfc_free(m->item_count);
  *m = f->m;
  m->people = people->factors;
  m->items = items->factors;
  m->person_prior = people->prior;
  m->item_prior = items->prior;
  m->item_count = items->count;
  people->factors = people->prior = items->factors = items->prior = NULL;
  items->count = NULL;
}

pfc_status pfc_als_update(const pfc_csr *conf, const pfc_csr *person_attributes,
                          const pfc_csr *item_attributes, const pfc_als_settings *settings,
                          const pfc_als_start *start, pfc_affinity *m, pfc_als_report *report,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  fit f = {.m = *m, .conf = conf, .prior_ridge = settings->prior_ridge, .start = start};
  pfc_als_report done_so_far = {0};
  f.side[PEOPLE] = (pfc__side){.name = "people", .conf = conf, .attributes = person_attributes};
  f.side[ITEMS] =
      (pfc__side){.name = "items", .conf = &f.by_item, .attributes = item_attributes};
  PFC_TRY(pfc_als_check(settings, err));
  f.m.rank = settings->rank;
  f.m.alpha0 = settings->alpha0;
  f.m.lambda = settings->lambda;
  f.m.nu = settings->nu;
  f.m.kappa_people = f.side[PEOPLE].kappa = settings->kappa_people;
  f.m.kappa_items = f.side[ITEMS].kappa = settings->kappa_items;
  PFC_TRY(fit_init(&f, settings, err));
  PFC_TRY(run_sweeps(&f, settings, &done_so_far, err));
  for (int which = 0; which < 2; which++) place_unobserved(&f.side[which], f.m.rank);
  hand_over(&f, m);
  *report = done_so_far;
done:
  fit_clear(&f);
  return st;
}

pfc_status pfc_als_fit(const pfc_csr *conf, const pfc_csr *person_attributes,
                       const pfc_csr *item_attributes, const pfc_als_settings *settings,
                       pfc_affinity *m, pfc_als_report *report, pfc_error *err) {
  return pfc_als_update(conf, person_attributes, item_attributes, settings, NULL, m, report,
                        err);
}
