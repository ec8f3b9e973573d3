#include <math.h>
#include <string.h>

#include "trainer/profile_fit_internal.h"

bool pfc__cholesky(int n, double *A, double *log_det) {
  double log_sum = 0;
  for (int j = 0; j < n; j++) {
    double *row = A + (ptrdiff_t)j * n;
    for (int i = 0; i <= j; i++) {
      const double *other = A + (ptrdiff_t)i * n;
      double x = row[i];
      for (int k = 0; k < i; k++) x -= row[k] * other[k];
      if (i < j) {
        row[i] = x / other[i];
      } else {
        if (!(x > 0) || !isfinite(x)) return false;
        row[i] = sqrt(x);
        log_sum += log(x);
      }
    }
  }
  if (log_det) *log_det = log_sum;
  return true;
}

void pfc__cholesky_solve(int n, const double *L, double *x) {
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < i; k++) x[i] -= L[(ptrdiff_t)i * n + k] * x[k];
    x[i] /= L[(ptrdiff_t)i * n + i];
  }
  for (int i = n - 1; i >= 0; i--) {
    for (int k = i + 1; k < n; k++) x[i] -= L[(ptrdiff_t)k * n + i] * x[k];
    x[i] /= L[(ptrdiff_t)i * n + i];
  }
}

/* L^-1 column by column, then its Gram: half the work of n solves. */
void pfc__cholesky_invert(int n, const double *L, double *inverse) {
  double *M = inverse;
  memset(M, 0, (size_t)n * (size_t)n * sizeof *M);
  for (int j = 0; j < n; j++) {
    M[(ptrdiff_t)j * n + j] = 1 / L[(ptrdiff_t)j * n + j];
    for (int i = j + 1; i < n; i++) {
      double x = 0;
      for (int k = j; k < i; k++) x -= L[(ptrdiff_t)i * n + k] * M[(ptrdiff_t)k * n + j];
      M[(ptrdiff_t)i * n + j] = x / L[(ptrdiff_t)i * n + i];
    }
  }
  /* Row i of L^-1 is needed by rows <= i of the product alone, so it may be overwritten. */
  for (int i = 0; i < n; i++) {
    for (int j = 0; j <= i; j++) {
      double x = 0;
      for (int k = i; k < n; k++) x += M[(ptrdiff_t)k * n + i] * M[(ptrdiff_t)k * n + j];
      M[(ptrdiff_t)i * n + j] = x;
    }
  }
  for (int i = 0; i < n; i++) {
    for (int j = i + 1; j < n; j++) M[(ptrdiff_t)i * n + j] = M[(ptrdiff_t)j * n + i];
  }
}

bool pfc__packed_solve(int d, double *P, double *x, double *scratch, double *log_det) {
  double *L = scratch, *inverse = scratch + (ptrdiff_t)d * d;
  for (int i = 0; i < d; i++) {
    for (int j = 0; j <= i; j++) L[(ptrdiff_t)i * d + j] = P[PFC__TRIANGLE(i) + j];
  }
  if (!pfc__cholesky(d, L, log_det)) return false;
  pfc__cholesky_solve(d, L, x);
  pfc__cholesky_invert(d, L, inverse);
  for (int i = 0; i < d; i++) {
    for (int j = 0; j <= i; j++) P[PFC__TRIANGLE(i) + j] = inverse[(ptrdiff_t)i * d + j];
  }
  return true;
}

double pfc__packed_dot(int d, const double *A, const double *B) {
  double all = 0, diagonal = 0;
#pragma omp simd reduction(+ : all)
  for (ptrdiff_t i = 0; i < PFC__TRIANGLE(d); i++) all += A[i] * B[i];
  for (int i = 0; i < d; i++) diagonal += A[PFC__TRIANGLE(i) + i] * B[PFC__TRIANGLE(i) + i];
  return 2 * all - diagonal;
}

void pfc__row_moments(int d, const double *row, const double *cov, double *xx) {
  for (int i = 0; i < d; i++) {
    for (int j = 0; j <= i; j++) {
      const ptrdiff_t at = PFC__TRIANGLE(i) + j;
      xx[at] = row[i] * row[j] + cov[at];
    }
  }
}
