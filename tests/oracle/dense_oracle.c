#include "tests/oracle/dense_oracle.h"

#include <math.h>

#include "tests/support/test.h"

static void swap_rows(int n, double *A, double *b, int i, int j) {
  for (int c = 0; c < n; c++) {
    const double held = A[i * n + c];
    A[i * n + c] = A[j * n + c];
    A[j * n + c] = held;
  }
  const double held = b[i];
  b[i] = b[j];
  b[j] = held;
}

void oracle_solve(int n, double *A, double *b) {
  for (int p = 0; p < n; p++) {
    int best = p;
    for (int i = p + 1; i < n; i++) {
      if (fabs(A[i * n + p]) > fabs(A[best * n + p])) best = i;
    }
    if (A[best * n + p] == 0) fail_msg("oracle: singular system");
    swap_rows(n, A, b, p, best);
    for (int i = p + 1; i < n; i++) {
      const double f = A[i * n + p] / A[p * n + p];
      for (int c = p; c < n; c++) A[i * n + c] -= f * A[p * n + c];
      b[i] -= f * b[p];
    }
  }
  for (int i = n - 1; i >= 0; i--) {
    for (int c = i + 1; c < n; c++) b[i] -= A[i * n + c] * b[c];
    b[i] /= A[i * n + i];
  }
}

double oracle_slope(oracle_function f, void *user, double *w, int j, double step) {
  const double kept = w[j], h = step * fmax(1, fabs(kept));
  w[j] = kept + h;
  const double above = f(w, user);
  w[j] = kept - h;
  const double below = f(w, user);
  w[j] = kept;
  return (above - below) / (2 * h);
}
