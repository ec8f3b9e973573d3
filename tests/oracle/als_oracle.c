#include "tests/oracle/als_oracle.h"

#include <math.h>
#include <stdlib.h>

#include "tests/oracle/dense_oracle.h"

static double conf_of(const oracle_als *m, int side, int i, int j) {
  return side == 0 ? m->conf[i * m->n[1] + j] : m->conf[j * m->n[1] + i];
}

static int count_of(const oracle_als *m, int side, int i) {
  int n = 0;
  for (int j = 0; j < m->n[1 - side]; j++) n += conf_of(m, side, i, j) > 0;
  return n;
}

static int n_observed(const oracle_als *m, int side) {
  int n = 0;
  for (int i = 0; i < m->n[side]; i++) n += count_of(m, side, i) > 0;
  return n;
}

static double ridge_of(const oracle_als *m, int side, int i) {
  return m->lambda * pow(count_of(m, side, i) + m->alpha0 * n_observed(m, 1 - side), m->nu);
}

static double prior_of(const oracle_als *m, int side, int i, int f) {
  double sum = 0;
  for (int a = 0; a < m->d[side]; a++)
    sum += m->F[side][i * m->d[side] + a] * m->A[side][a * m->k + f];
  return sum;
}

static double pair_loss(const oracle_als *m, int p, int i) {
  double dot = 0;
  for (int f = 0; f < m->k; f++) dot += m->X[0][p * m->k + f] * m->X[1][i * m->k + f];
  return m->alpha0 * dot * dot + conf_of(m, 0, p, i) * (1 - dot) * (1 - dot);
}

static double side_penalty(const oracle_als *m, int side) {
  double sum = 0;
  for (int i = 0; i < m->n[side]; i++) {
    if (count_of(m, side, i) == 0) continue;
    for (int f = 0; f < m->k; f++) {
      const double x = m->X[side][i * m->k + f], off = x - prior_of(m, side, i, f);
      sum += ridge_of(m, side, i) * x * x + m->kappa[side] * off * off;
    }
  }
  for (int e = 0; e < m->d[side] * m->k; e++)
    sum += m->prior_ridge * m->A[side][e] * m->A[side][e];
  return sum;
}

double oracle_als_objective(const oracle_als *m) {
  double sum = side_penalty(m, 0) + side_penalty(m, 1);
  for (int p = 0; p < m->n[0]; p++) {
    for (int i = 0; i < m->n[1]; i++) {
      if (count_of(m, 0, p) > 0 && count_of(m, 1, i) > 0) sum += pair_loss(m, p, i);
    }
  }
  return sum;
}

static void solve_row(oracle_als *m, int side, int i, double *M) {
  const int k = m->k;
  double *x = m->X[side] + i * k;
  for (int f = 0; f < k; f++) {
    x[f] = m->kappa[side] * prior_of(m, side, i, f);
    for (int g = 0; g < k; g++)
      M[f * k + g] = f == g ? ridge_of(m, side, i) + m->kappa[side] : 0;
  }
  for (int j = 0; j < m->n[1 - side]; j++) {
    if (count_of(m, 1 - side, j) == 0) continue;
    const double *y = m->X[1 - side] + j * k, c = conf_of(m, side, i, j);
    for (int f = 0; f < k; f++) {
      x[f] += c * y[f];
      for (int g = 0; g < k; g++) M[f * k + g] += (m->alpha0 + c) * y[f] * y[g];
    }
  }
  oracle_solve(k, M, x);
}

void oracle_als_solve_side(oracle_als *m, int side) {
  double *M = calloc((size_t)m->k * (size_t)m->k, sizeof *M);
  for (int i = 0; i < m->n[side]; i++) {
    if (count_of(m, side, i) > 0) solve_row(m, side, i, M);
  }
  free(M);
}

static double observed_product(const oracle_als *m, int side, int a, int b) {
  double sum = 0;
  for (int i = 0; i < m->n[side]; i++) {
    const double *f = m->F[side] + i * m->d[side];
    if (count_of(m, side, i) > 0) sum += f[a] * f[b];
  }
  return sum;
}

void oracle_als_regress_side(oracle_als *m, int side) {
  const int d = m->d[side], k = m->k;
  double *M = calloc((size_t)d * (size_t)d + 1, sizeof *M),
         *b = calloc((size_t)d + 1, sizeof *b);
  for (int f = 0; f < k; f++) {
    for (int a = 0; a < d; a++) {
      b[a] = 0;
      for (int i = 0; i < m->n[side]; i++) {
        if (count_of(m, side, i) > 0)
          b[a] += m->kappa[side] * m->F[side][i * d + a] * m->X[side][i * k + f];
      }
      for (int c = 0; c < d; c++)
        M[a * d + c] =
            m->kappa[side] * observed_product(m, side, a, c) + (a == c ? m->prior_ridge : 0);
    }
    oracle_solve(d, M, b);
    for (int a = 0; a < d; a++) m->A[side][a * k + f] = b[a];
  }
  free(M);
  free(b);
}

void oracle_als_place(oracle_als *m, int side) {
  for (int i = 0; i < m->n[side]; i++) {
    if (count_of(m, side, i) > 0) continue;
    for (int f = 0; f < m->k; f++) m->X[side][i * m->k + f] = prior_of(m, side, i, f);
  }
}
