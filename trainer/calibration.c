#include "trainer/calibration.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "models/spd.h"

enum { N = 3, MOST_STEPS = 100, MOST_HALVINGS = 40 };

typedef struct problem {
  int64_t n;
  const double *eta;
  const float *y, *weight; /* weight: NULL for 1 */
  double ridge;
  bool fixed[N]; /* held at 0 */
} problem;

static const double IDENTITY[N] = {1, 1, 0};

/* ln p and -ln(1 - p), by which a and b are multiplied, and 1. */
static void terms(double eta, double x[N]) {
  x[0] = -pfc_softplus(-eta);
  x[1] = pfc_softplus(eta);
  x[2] = 1;
}

static double weight_of(const problem *p, int64_t i) {
  return p->weight ? (double)p->weight[i] : 1;
}

static double value_of(const problem *p, const double *w) {
  double sum = 0, x[N];
  for (int64_t i = 0; i < p->n; i++) {
    terms(p->eta[i], x);
    sum +=
        weight_of(p, i) * pfc_logistic_loss(w[0] * x[0] + w[1] * x[1] + w[2], (double)p->y[i]);
  }
  for (int j = 0; j < N; j++) sum += p->ridge / 2 * (w[j] - IDENTITY[j]) * (w[j] - IDENTITY[j]);
  return sum;
}

/* Gradient g and Hessian H (lower triangle) of what is free; the rest has g 0 and H the unit
 * matrix. */
static void derive(const problem *p, const double *w, double *g, double *H) {
  double x[N];
  memset(H, 0, sizeof *H * N * N);
  for (int j = 0; j < N; j++) {
    g[j] = p->ridge * (w[j] - IDENTITY[j]);
    H[j * N + j] = p->ridge;
  }
  for (int64_t i = 0; i < p->n; i++) {
    terms(p->eta[i], x);
    const double q = pfc_logistic(w[0] * x[0] + w[1] * x[1] + w[2]);
    const double u = weight_of(p, i);
    for (int j = 0; j < N; j++) {
      g[j] += u * (q - (double)p->y[i]) * x[j];
      for (int k = 0; k <= j; k++) H[j * N + k] += u * q * (1 - q) * x[j] * x[k];
    }
  }
  for (int j = 0; j < N; j++) {
    if (!p->fixed[j]) continue;
    g[j] = 0;
    for (int k = 0; k < N; k++) H[j * N + k] = H[k * N + j] = 0;
    H[j * N + j] = 1;
  }
}

/* The longest of the halved steps that lowers the value; false where none does. */
static bool step(const problem *p, const double *by, double slope, double *w, double *value) {
  double to[N];
  for (int k = 0; k < MOST_HALVINGS; k++) {
    const double length = ldexp(1, -k);
    for (int j = 0; j < N; j++) to[j] = w[j] - length * by[j];
    const double there = value_of(p, to);
    if (!(there <= *value - 1e-4 * length * slope)) continue;
    memcpy(w, to, sizeof to);
    *value = there;
    return true;
  }
  return false;
}

/* Newton's method from the identity; the promised decrease is half the slope. */
static pfc_status minimize(const problem *p, double *w, double *value, pfc_error *err) {
  double g[N], H[N * N], by[N];
  for (int j = 0; j < N; j++) w[j] = p->fixed[j] ? 0 : IDENTITY[j];
  *value = value_of(p, w);
  for (int s = 0; s < MOST_STEPS; s++) {
    double slope = 0;
    derive(p, w, g, H);
    memcpy(by, g, sizeof g);
    if (!pfc_spd_factor(N, N, H))
      return pfc_fail(err, PFC_ENUMERIC, "calibration: the Hessian is not positive definite");
    pfc_spd_solve(N, N, H, by);
    for (int j = 0; j < N; j++) slope += g[j] * by[j];
    if (slope <= 1e-12 * (1 + fabs(*value)) || !step(p, by, slope, w, value)) return PFC_OK;
  }
  return pfc_fail(err, PFC_ENUMERIC, "calibration: no minimum after %d steps", MOST_STEPS);
}

/* The minimum with two bounds is that without them, or one with a, b or both at 0: the best of
 * the four that keeps them. */
pfc_status pfc_calibration_fit(int64_t n, const double *eta, const float *y,
                               const float *weight, double ridge, pfc_beta *m, pfc_error *err) {
  double best = INFINITY;
  *m = PFC_BETA_IDENTITY;
  for (int held = 0; held < 4; held++) {
    const problem p = {n, eta, y, weight, ridge, {held & 1, (held & 2) != 0, false}};
    double w[N], value;
    const pfc_status st = minimize(&p, w, &value, err);
    if (st != PFC_OK) return st;
    if (w[0] < 0 || w[1] < 0 || !(value < best)) continue;
    best = value;
    *m = (pfc_beta){w[0], w[1], w[2]};
    if (held == 0) break;
  }
  return PFC_OK;
}
