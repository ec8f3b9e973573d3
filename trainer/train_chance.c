/* Training a chance: rows with a result of 0 or 1 in the order of their days, encoded as known
 * on the day; ridge strengths chosen on the latest of them, or by likelihood and judged and
 * calibrated by folds of people. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/logistic.h"
#include "trainer/calibration.h"
#include "trainer/logit.h"
#include "trainer/train_chance.h"

/* --- factor interactions ----------------------------------------------------------- */

typedef struct interacting {
  const pfc__training *t;
  const pfc__apart *apart; /* NULL: the factors as they are */
  const pfc_decision *d;
  float *z;
} interacting;

static pfc_status interact(int thread, int64_t i, void *user, pfc_error *err) {
  const interacting *of = user;
  const int32_t k = of->t->bundle->affinity.rank;
  int64_t n_items = 0;
  float *row = of->z + i * k;
  if (of->apart) return pfc__apart_products(of->apart, thread, &of->d[i], row, err);
  const pfc_status st = pfc_fold_person(of->t->fold, thread, &of->d[i], row, &n_items, err);
  const float *y = pfc_fold_item(of->t->fold, of->d[i].intervention);
  for (int32_t f = 0; f < k; f++) row[f] *= y[f];
  return st;
}

pfc_status pfc__chance_products(const pfc__training *t, bool apart, int64_t n,
                                const pfc_decision *d, float *z, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__apart *factors = NULL;
  if (apart) PFC_TRY(pfc__apart_create(t, &factors, err));
  interacting of = {t, factors, d, z};
  PFC_TRY(pfc_par_each(n, 32, 1, interact, &of, err));
done:
  pfc__apart_destroy(factors);
  return st;
}

/* Products of factors are of the size of an affinity, which is 1 where something was taken up;
 * those that never come near it are noise, and stretched to the scale of the other columns
 * would drown whoever has a fresh history. */
static const double LEAST_PRODUCT = 1e-6;

void pfc__chance_scale(int64_t n, int32_t k, float *z, double *rms) {
  for (int32_t f = 0; f < k; f++) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (double)z[i * k + f] * (double)z[i * k + f];
    const double root = sqrt(sum / (double)n);
    const bool is_noise = root < LEAST_PRODUCT;
    rms[f] = is_noise ? 1 : root;
    for (int64_t i = 0; i < n; i++)
      z[i * k + f] = is_noise ? 0 : (float)((double)z[i * k + f] / rms[f]);
  }
}

/* --- choosing ridges ------------------------------------------------------------------ */

/* One way to fit the rows, and what held-out rows say of it. */
typedef struct attempt {
  const pfc__training *t;
  const pfc__chance_plan *plan;
  const pfc__labelled *l;
  int32_t rank;
  double *rms; /* of the products; rank */
  pfc_csr x;
  pfc__ridges r;
  int64_t n_held; /* 0: nothing could be held out */
  double *loss;   /* of these */
  double mean_loss;
  pfc_beta calibration;
} attempt;

static void attempt_clear(attempt *a) {
  pfc_free(a->rms);
  pfc_free(a->loss);
  pfc_csr_clear(&a->x);
  pfc__ridges_clear(&a->r);
  *a = (attempt){0};
}

typedef struct holdout {
  const char *stage;
  pfc_csr early; /* rows before the cut; a view into all rows */
  const pfc_csr *all;
  const float *y;
  int64_t stride;    /* these are every stride-th of the labelled rows */
  int64_t cut;       /* rows from here on are held out */
  double *ridge, *w; /* scratch; w is the last solution, the next start */
  double *eta;
} holdout;

static void holdout_clear(holdout *h) {
  pfc_free(h->ridge);
  pfc_free(h->w);
  pfc_free(h->eta);
}

static pfc_status fit(const char *stage, const pfc_csr *x, const float *y, const pfc__ridges *r,
                      double *ridge, const pfc_progress *progress, double *w,
                      pfc_newton_report *report, pfc_error *err) {
  pfc_newton_settings newton;
  pfc_newton_defaults(&newton);
  newton.stage = stage;
  newton.progress = progress;
  pfc__ridges_fill(r, ridge);
  const pfc_logit_problem problem = {
      .x = x, .y = y, .ridge = ridge, .field = r->field_of, .n_fields = r->n_fields};
  return pfc_logit_fit(&problem, &newton, w, report, err);
}

static pfc_status holdout_loss(const pfc__ridges *r, void *user, double *loss, pfc_error *err) {
  holdout *h = user;
  pfc_newton_report report;
  const pfc_status st = fit(h->stage, &h->early, h->y, r, h->ridge, NULL, h->w, &report, err);
  if (st != PFC_OK) return st;
  pfc_logit_predict(h->all, NULL, h->w, h->eta);
  for (int64_t i = h->cut; i < h->all->n_rows; i++) {
    loss[i - h->cut] = pfc_logistic_loss(h->eta[i], (double)h->y[i]);
  }
  return PFC_OK;
}

/* The first row of the held-out share: rows of one day stay together. Equal to n when there
 * is no day on which to cut. */
static int64_t cut_at(const pfc__labelled *l, double share) {
  int64_t cut = (int64_t)((1 - share) * (double)l->n);
  if (cut < 1 || l->d[0].date == PFC_NO_DATE) return cut;
  const int64_t wanted = cut;
  while (cut > 0 && l->d[cut - 1].date == l->d[wanted].date) cut--;
  if (cut > 0) return cut;
  for (cut = wanted; cut < l->n && l->d[cut].date == l->d[wanted].date;) cut++;
  return cut;
}

static bool has_both_classes(int64_t n, const float *y) {
  for (int64_t i = 1; i < n; i++) {
    if (y[i] != y[0]) return true;
  }
  return false;
}

/* Two dozen fits decide what a strength is good for to a third of a power of ten, and a
 * million rows tell that as well as twenty million. A strength is the precision of a prior: it
 * does not grow with the rows. */
static const int64_t MOST_SEARCH_ROWS = 1 << 20;

/* Every `stride`-th row, in the order of dates. */
static pfc_status thin(const pfc_csr *x, const float *y, int64_t stride, pfc_csr *thin_x,
                       float *thin_y, pfc_error *err) {
  for (int64_t i = 0; i < x->n_rows; i += stride) {
    const int64_t at = x->start[i];
    const pfc_status st =
        pfc_csr_append(thin_x, (int)(x->start[i + 1] - at), x->col + at, x->val + at, err);
    if (st != PFC_OK) return st;
    thin_y[i / stride] = y[i];
  }
  return PFC_OK;
}

static double mean_of(int64_t n, const double *value) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += value[i];
  return sum / (double)n;
}

/* Strengths by what the rows before the cut say of those behind it. */
static pfc_status hold_out_latest(attempt *a, holdout *h, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = h->all->n_rows;
  if (h->cut >= n || !has_both_classes(h->cut, h->y)) return PFC_OK;
  h->early = *h->all;
  h->early.n_rows = h->cut;
  a->n_held = n - h->cut;
  PFC_NEW(a->loss, a->n_held);
  PFC_TRY(
      pfc__ridges_choose(&a->r, a->n_held, holdout_loss, h, &a->t->settings->progress, err));
  PFC_TRY(holdout_loss(&a->r, h, a->loss, err));
  a->mean_loss = mean_of(a->n_held, a->loss);
done:
  return st;
}

/* How often people say yes drifts: of two results half a year apart the later counts twice. */
static const double HALF_LIFE_DAYS = 182;

double pfc__chance_recency(int32_t days) { return exp2(-days / HALF_LIFE_DAYS); }

static pfc_status calibrate(attempt *a, const holdout *h, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = h->all->n_rows;
  const pfc_decision *d = a->l->d;
  const int32_t last = d[(n - 1) * h->stride].date;
  float *weight = NULL;
  PFC_NEW(weight, n);
  for (int64_t i = 0; i < n; i++)
    weight[i] = (float)pfc__chance_recency(last - d[i * h->stride].date);
  PFC_TRY(pfc_calibration_fit(n, h->eta, h->y, weight, PFC_CALIBRATION_RIDGE, &a->calibration,
                              err));
done:
  pfc_free(weight);
  return st;
}

/* Strengths by the likelihood of all rows; what each row is worth by fits without its person.
 */
static pfc_status hold_out_people(attempt *a, holdout *h, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = h->all->n_rows;
  int32_t *person = NULL;
  int told = 0;
  const pfc_logit_problem rows = {
      .x = h->all, .y = h->y, .field = a->r.field_of, .n_fields = a->r.n_fields};
  if (!has_both_classes(n, h->y)) return PFC_OK;
  PFC_NEW(person, n);
  PFC_NEW(a->loss, n);
  for (int64_t i = 0; i < n; i++) person[i] = a->l->d[i * h->stride].person;
  PFC_TRY(pfc__ridges_weigh(&a->r, &rows, &a->t->settings->progress, h->w, err));
  PFC_TRY(pfc__cross_fit(a->t, &a->r, &rows, person, h->w, h->eta, &told, err));
  if (!told) goto done;
  a->n_held = n;
  for (int64_t i = 0; i < n; i++) a->loss[i] = pfc_logistic_loss(h->eta[i], (double)h->y[i]);
  a->mean_loss = mean_of(n, a->loss);
  PFC_TRY(calibrate(a, h, err));
done:
  pfc_free(person);
  return st;
}

static pfc_status hold_out(attempt *a, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__labelled *l = a->l;
  const int64_t stride =
      l->n <= MOST_SEARCH_ROWS ? 1 : (l->n + MOST_SEARCH_ROWS - 1) / MOST_SEARCH_ROWS;
  const int64_t n = (l->n + stride - 1) / stride;
  const int64_t cut = (cut_at(l, a->t->settings->holdout) + stride - 1) / stride;
  pfc_csr sample = {0};
  float *y = NULL;
  holdout h = {.stage = a->plan->name, .all = &a->x, .y = l->y, .stride = stride, .cut = cut};
  a->calibration = PFC_BETA_IDENTITY;
  if (stride > 1) {
    PFC_NEW(y, n);
    PFC_TRY(pfc_csr_init(&sample, n, a->x.n_cols, err));
    PFC_TRY(thin(&a->x, l->y, stride, &sample, y, err));
    h.all = &sample;
    h.y = y;
  }
  PFC_NEW(h.ridge, a->x.n_cols);
  PFC_NEW(h.w, (size_t)a->x.n_cols + 1);
  PFC_NEW(h.eta, n);
  PFC_TRY(a->plan->cross_fitted ? hold_out_people(a, &h, err) : hold_out_latest(a, &h, err));
done:
  pfc_csr_clear(&sample);
  pfc_free(y);
  holdout_clear(&h);
  return st;
}

static pfc_status attempt_init(attempt *a, const pfc__training *t, const pfc__chance_plan *plan,
                               const pfc__labelled *l, const pfc_features *features,
                               int32_t rank, pfc_error *err) {
  pfc_status st = PFC_OK;
  float *z = NULL;
  *a = (attempt){.t = t, .plan = plan, .l = l, .rank = rank};
  PFC_NEW(z, l->n * rank);
  PFC_NEW(a->rms, rank);
  if (rank) PFC_TRY(pfc__chance_products(t, plan->factors_apart, l->n, l->d, z, err));
  pfc__chance_scale(l->n, rank, z, a->rms);
  PFC_TRY(pfc__encode_rows(features, t->lens, (1U << PFC_N_SCOPES) - 1, l->n, l->d, rank, z,
                           &a->x, err));
  PFC_TRY(pfc__ridges_init(&a->r, features, rank, err));
  pfc__ridges_begin(&a->r, plan->n_begin, plan->begin);
  a->r.stage = plan->name;
  PFC_TRY(hold_out(a, err));
done:
  pfc_free(z);
  return st;
}

/* --- all of it -------------------------------------------------------------------------- */

static pfc_status keep(const attempt *a, const double *w, const double *ridge, pfc_chance *m,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  uint64_t *keys = NULL;
  PFC_NEW(keys, a->l->n);
  PFC_TRY(pfc__chance_keys(a->t, a->l->n, a->l->d, keys, err));
  m->rank = a->rank;
  m->calibration = a->calibration;
  m->base_rate = (double)a->l->n_passed / (double)a->l->n;
  m->n_rows = a->l->n;
  const pfc__chance_fit fit = {
      .x = &a->x, .w = w, .rms = a->rms, .ridge = ridge, .n = a->l->n, .keys = keys};
  PFC_TRY(pfc__chance_keep(&fit, m, err));
  for (int g = 0; g < a->r.n_groups; g++)
    PFC_TRY(pfc_strengths_add(&m->strengths, a->r.name[g], a->r.strength[g], err));
done:
  pfc_free(keys);
  return st;
}

/* Fits all rows with what the attempt has chosen. */
static pfc_status fit_all(const attempt *a, pfc_chance *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *w = NULL, *ridge = NULL;
  pfc_newton_report report;
  char metric[64];
  PFC_NEW(w, (size_t)a->x.n_cols + 1);
  PFC_NEW(ridge, (size_t)a->x.n_cols + 1);
  PFC_TRY(fit(a->plan->name, &a->x, a->l->y, &a->r, ridge, &a->t->settings->progress, w,
              &report, err));
  PFC_TRY(keep(a, w, ridge, m, err));
  PFC_TRY(pfc__certify(a->t->bundle, a->plan->name, a->l->n, report.steps, report.value,
                       report.gradient, report.converged, err));
  (void)snprintf(metric, sizeof metric, "%s.holdout_log_loss", a->plan->name);
  if (a->n_held > 0)
    PFC_TRY(pfc__record_metric(a->t->bundle, metric, a->n_held, a->mean_loss, err));
done:
  pfc_free(w);
  pfc_free(ridge);
  return st;
}

/* Products of factors, where the plan has them on trial, stay if held-out rows want them. */
static pfc_status try_factors(attempt *best, const pfc_features *features, pfc_error *err) {
  attempt with = {0};
  const int32_t rank = best->t->fold ? best->t->bundle->affinity.rank : 0;
  if (!best->plan->factors_on_trial || rank == 0 || best->n_held == 0) return PFC_OK;
  const pfc_status st = attempt_init(&with, best->t, best->plan, best->l, features, rank, err);
  if (st == PFC_OK && pfc__is_better(best->n_held, with.loss, best->loss)) {
    const attempt without = *best;
    *best = with;
    with = without;
  }
  attempt_clear(&with);
  return st;
}

pfc_status pfc__train_chance(pfc__training *t, const pfc__chance_plan *plan,
                             const pfc__labelled *l, pfc_chance *m, pfc_train_note *note,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  attempt a = {0};
  const int32_t rank = t->fold && !plan->factors_on_trial ? t->bundle->affinity.rank : 0;
  if (t->levels) PFC_TRY(pfc_lent_levels_expect(t->levels, t->cat, l->n, l->d, err));
  PFC_TRY(pfc_features_fit(t->lens, plan->features, l->n, l->d, &m->features, err));
  PFC_TRY(attempt_init(&a, t, plan, l, m->features, rank, err));
  PFC_TRY(try_factors(&a, m->features, err));
  PFC_TRY(fit_all(&a, m, err));
  note->trained = 1;
  (void)snprintf(note->text, sizeof note->text, "%d columns, %.1f %% of %lld %s", a.x.n_cols,
                 100 * m->base_rate, (long long)l->n, plan->unit);
done:
  attempt_clear(&a);
  return st;
}
