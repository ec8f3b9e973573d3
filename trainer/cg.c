#include "trainer/cg_internal.h"

#include <string.h>

/* r = b - A x; returns the products it took, none from x = 0. */
static int64_t residual(const pfc__system *A, const double *b, const double *x, double *r) {
  int64_t i = 0;
  while (i < A->n && x[i] == 0) i++;
  if (i == A->n) {
    memcpy(r, b, sizeof *r * (size_t)A->n);
    return 0;
  }
  A->product(A->self, x, r);
  for (i = 0; i < A->n; i++) r[i] = b[i] - r[i];
  return 1;
}

int64_t pfc__cg(const pfc__system *A, const double *b, double tolerance, int64_t most,
                double *scratch, double *x) {
  const int64_t n = A->n;
  double *r = scratch, *z = r + n, *p = z + n, *Ap = p + n;
  int64_t products = residual(A, b, x, r);
  double rz = 0;
  while (products < most && pfc__norm(n, r) > tolerance) {
    A->precondition(A->self, r, z);
    const double rz_before = rz;
    rz = pfc__dot(n, r, z);
    if (rz_before == 0) memset(p, 0, sizeof *p * (size_t)n); /* the first direction is z */
    const double beta = rz_before == 0 ? 0 : rz / rz_before;
    for (int64_t i = 0; i < n; i++) p[i] = z[i] + beta * p[i];
    A->product(A->self, p, Ap);
    products++;
    const double curvature = pfc__dot(n, p, Ap);
    if (!(curvature > 0)) break; /* rounding ate the direction: x is as good as it gets */
    pfc__axpy(n, rz / curvature, p, x);
    pfc__axpy(n, -rz / curvature, Ap, r);
  }
  return products;
}
