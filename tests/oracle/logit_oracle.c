#include "tests/oracle/logit_oracle.h"

#include <math.h>
#include <stdlib.h>

#include "tests/oracle/dense_oracle.h"

static double eta_of(const oracle_logit *m, const double *w, int i) {
  double eta = w[m->d] + m->offset[i];
  for (int j = 0; j < m->d; j++) eta += m->x[i * m->d + j] * w[j];
  return eta;
}

double oracle_logit_loss(const double *w, void *user) {
  const oracle_logit *m = user;
  double sum = 0;
  for (int i = 0; i < m->n; i++) {
    const double eta = eta_of(m, w, i);
    const double log_p = eta > 0 ? -log1p(exp(-eta)) : eta - log1p(exp(eta));
    sum -= m->weight[i] * (m->y[i] * log_p + (1 - m->y[i]) * (log_p - eta));
  }
  for (int j = 0; j < m->d; j++) sum += m->ridge[j] * w[j] * w[j] / 2;
  return sum;
}

static double feature(const oracle_logit *m, int i, int j) {
  return j == m->d ? 1 : m->x[i * m->d + j];
}

void oracle_logit_fit(const oracle_logit *m, int steps, double *w) {
  const int n = m->d + 1;
  double *H = calloc((size_t)n * (size_t)n, sizeof *H), *g = calloc((size_t)n, sizeof *g);
  for (int step = 0; step < steps; step++) {
    for (int a = 0; a < n; a++) {
      g[a] = a < m->d ? m->ridge[a] * w[a] : 0;
      for (int b = 0; b < n; b++) H[a * n + b] = a == b && a < m->d ? m->ridge[a] : 0;
    }
    for (int i = 0; i < m->n; i++) {
      const double p = 1 / (1 + exp(-eta_of(m, w, i)));
      for (int a = 0; a < n; a++) {
        g[a] += m->weight[i] * (p - m->y[i]) * feature(m, i, a);
        for (int b = 0; b < n; b++)
          H[a * n + b] += m->weight[i] * p * (1 - p) * feature(m, i, a) * feature(m, i, b);
      }
    }
    oracle_solve(n, H, g);
    for (int a = 0; a < n; a++) w[a] -= g[a];
  }
  free(H);
  free(g);
}
