#include <math.h>

#include "base/mem.h"
#include "trainer/metrics_internal.h"

#define P_CUT 1e-15 /* log loss and logits stay finite */
#define MAX_NEWTON 100

pfc_status pfc__check_label(const int8_t *y, int64_t i, pfc_error *err) {
  if (y[i] == 0 || y[i] == 1) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "row %lld: outcome is %d; allowed are 0 and 1", (long long)i,
                  y[i]);
}

static double cut(double p) {
  /* Written so that NaN passes through. */
  return p < P_CUT ? P_CUT : p > 1 - P_CUT ? 1 - P_CUT : p;
}

/* --- means ----------------------------------------------------------------- */

typedef double (*term_fn)(double p, int y);

static double log_term(double p, int y) { return y ? -log(cut(p)) : -log1p(-cut(p)); }
static double brier_term(double p, int y) { return (p - y) * (p - y); }
static double gap_term(double p, int y) { return p - y; }

static double mean_of(term_fn term, int64_t n, const double *p, const int8_t *y,
                      const double *weight) {
  double sum = 0, mass = 0;
  for (int64_t i = 0; i < n; i++) {
    const double w = pfc__times(weight, i);
    if (w == 0) continue;
    /* No error to report through: what is wrong must not look like a figure. */
    if (!(w > 0) || (y[i] != 0 && y[i] != 1)) return NAN;
    sum += w * term(p[i], y[i]);
    mass += w;
  }
  return mass > 0 ? sum / mass : NAN;
}

double pfc_log_loss(int64_t n, const double *p, const int8_t *y, const double *weight) {
  return mean_of(log_term, n, p, y, weight);
}

double pfc_brier(int64_t n, const double *p, const int8_t *y, const double *weight) {
  return mean_of(brier_term, n, p, y, weight);
}

double pfc_mean_gap(int64_t n, const double *p, const int8_t *y, const double *weight) {
  return mean_of(gap_term, n, p, y, weight);
}

/* --- calibration ----------------------------------------------------------- */

/* The rows that count, as a regression on one standardized column. */
typedef struct recalibration {
  int64_t n;
  double *x; /* logit(p), then standardized */
  double *w;
  int8_t *y;
} recalibration;

static void recalibration_clear(recalibration *r) {
  pfc_free(r->x);
  pfc_free(r->w);
  pfc_free(r->y);
}

static pfc_status recalibration_init(recalibration *r, int64_t n, const double *p,
                                     const int8_t *y, const double *weight, pfc_error *err) {
  pfc_status st = PFC_OK;
  const double unit = pfc__weight_unit(n, weight);
  PFC_NEW(r->x, n);
  PFC_NEW(r->w, n);
  PFC_NEW(r->y, n);
  for (int64_t i = 0; i < n; i++) {
    PFC_TRY(pfc__check_weight(weight, i, err));
    PFC_TRY(pfc__check_label(y, i, err));
    if (isnan(p[i])) {
      st = pfc_fail(err, PFC_EDATA, "row %lld: probability is not a number", (long long)i);
      goto done;
    }
    if (pfc__times(weight, i) == 0) continue;
    r->x[r->n] = log(cut(p[i])) - log1p(-cut(p[i]));
    r->w[r->n] = pfc__times(weight, i) / unit;
    r->y[r->n++] = y[i];
  }
done:
  return st;
}

/* A finite maximum of the likelihood exists if and only if the logits of the two classes
 * overlap by more than one shared end (Albert and Anderson 1984). */
static int classes_overlap(const recalibration *r) {
  double lo[2] = {INFINITY, INFINITY}, hi[2] = {-INFINITY, -INFINITY};
  for (int64_t i = 0; i < r->n; i++) {
    lo[r->y[i]] = fmin(lo[r->y[i]], r->x[i]);
    hi[r->y[i]] = fmax(hi[r->y[i]], r->x[i]);
  }
  return hi[0] > lo[1] && hi[1] > lo[0];
}

/* Mean 0 and variance 1, so that Newton's 2 x 2 system is well conditioned even when all
 * predictions are nearly alike. */
static void standardize(recalibration *r, double *mean, double *sd) {
  double mass = 0, sum = 0, squares = 0;
  for (int64_t i = 0; i < r->n; i++) {
    mass += r->w[i];
    sum += r->w[i] * r->x[i];
  }
  *mean = sum / mass;
  for (int64_t i = 0; i < r->n; i++) squares += r->w[i] * (r->x[i] - *mean) * (r->x[i] - *mean);
  *sd = sqrt(squares / mass);
  for (int64_t i = 0; i < r->n; i++) r->x[i] = (r->x[i] - *mean) / *sd;
}

/* Negative log likelihood at b; also its gradient and Hessian when g is not NULL. */
static double likelihood(const recalibration *r, const double b[2], double g[2], double h[3]) {
  double loss = 0;
  if (g) g[0] = g[1] = h[0] = h[1] = h[2] = 0;
  for (int64_t i = 0; i < r->n; i++) {
    const double eta = b[0] + b[1] * r->x[i];
    const double signed_eta = r->y[i] ? eta : -eta;
    loss += r->w[i] * (fmax(-signed_eta, 0) + log1p(exp(-fabs(eta))));
    if (!g) continue;
    const double q = 1 / (1 + exp(-eta));
    const double slope = r->w[i] * (q - r->y[i]), curve = r->w[i] * q * (1 - q);
    g[0] += slope;
    g[1] += slope * r->x[i];
    h[0] += curve;
    h[1] += curve * r->x[i];
    h[2] += curve * r->x[i] * r->x[i];
  }
  return loss;
}

/* Shortens the step until the loss does not rise; 0 when it always does. A rise within rounding
 * is let through: close to the optimum the full step is right and the loss can no longer tell.
 */
static int step_back(const recalibration *r, double b[2], const double step[2], double loss) {
  for (int halved = 0; halved < 30; halved++) {
    const double t = ldexp(1, -halved);
    const double trial[2] = {b[0] - t * step[0], b[1] - t * step[1]};
    if (!(likelihood(r, trial, NULL, NULL) <= loss * (1 + 1e-12))) continue;
    b[0] = trial[0];
    b[1] = trial[1];
    return 1;
  }
  return 0;
}

/* Newton's method from b; true when it settled. */
static int minimize(const recalibration *r, double b[2]) {
  for (int k = 0; k < MAX_NEWTON; k++) {
    double g[2], h[3];
    const double loss = likelihood(r, b, g, h);
    const double det = h[0] * h[2] - h[1] * h[1];
    const double step[2] = {(h[2] * g[0] - h[1] * g[1]) / det,
                            (h[0] * g[1] - h[1] * g[0]) / det};
    if (!isfinite(step[0]) || !isfinite(step[1])) return 0;
    if (!step_back(r, b, step, loss)) return 0;
    /* Twice the loss that was still to be won, to second order: once it is this small
     * the step just taken has squared a relative error of 1e-8. */
    if (step[0] * g[0] + step[1] * g[1] <= 1e-16 * loss) return 1;
  }
  return 0;
}

pfc_status pfc_calibration(int64_t n, const double *p, const int8_t *y, const double *weight,
                           double *slope, double *intercept, pfc_error *err) {
  pfc_status st = PFC_OK;
  recalibration r = {0};
  PFC_TRY(recalibration_init(&r, n, p, y, weight, err));
  *slope = *intercept = NAN;
  if (!classes_overlap(&r)) goto done;
  double mean, sd;
  standardize(&r, &mean, &sd);
  double b[2] = {0, 0}; /* where the curvature is greatest; that of slope 1 can be nothing */
  if (!minimize(&r, b)) goto done;
  *slope = b[1] / sd;
  *intercept = b[0] - *slope * mean;
done:
  recalibration_clear(&r);
  return st;
}
