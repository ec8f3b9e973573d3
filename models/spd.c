#include "models/spd.h"

#include <math.h>

bool pfc_spd_factor(int n, int stride, double *a) {
  for (int i = 0; i < n; i++) {
    double *row = a + (ptrdiff_t)i * stride, rest = row[i];
    for (int j = 0; j < i; j++) {
      const double *above = a + (ptrdiff_t)j * stride;
      double sum = row[j];
      for (int k = 0; k < j; k++) sum -= row[k] * above[k];
      row[j] = sum * above[j];
      rest -= row[j] * row[j];
    }
    if (!(rest > 0) || isinf(rest)) return false;
    row[i] = 1 / sqrt(rest);
  }
  return true;
}

void pfc_spd_solve(int n, int stride, const double *factor, double *x) {
  for (int i = 0; i < n; i++) {
    const double *row = factor + (ptrdiff_t)i * stride;
    for (int j = 0; j < i; j++) x[i] -= row[j] * x[j];
    x[i] *= row[i];
  }
  for (int i = n - 1; i >= 0; i--) {
    const double *row = factor + (ptrdiff_t)i * stride;
    x[i] *= row[i];
    for (int j = 0; j < i; j++) x[j] -= row[j] * x[i];
  }
}

void pfc_spd_invert(int n, int stride, const double *factor, double *inverse) {
  for (int c = 0; c < n; c++) {
    double *x = inverse + (ptrdiff_t)c * n;
    for (int i = 0; i < n; i++) x[i] = i == c;
    pfc_spd_solve(n, stride, factor, x);
  }
  for (int i = 0; i < n; i++) /* the same to the last bit either way */
    for (int j = 0; j < i; j++) inverse[(ptrdiff_t)i * n + j] = inverse[(ptrdiff_t)j * n + i];
}
