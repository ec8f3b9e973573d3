/* Preconditioned conjugate gradients, and the few vector operations of the optimizers.
 * They are plain loops and not BLAS calls: sums run in one order whatever BLAS is there. */
#ifndef PROFICIO_TRAINER_CG_INTERNAL_H
#define PROFICIO_TRAINER_CG_INTERNAL_H

#include <math.h>
#include <stdint.h>

static inline double pfc__dot(int64_t n, const double *a, const double *b) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

static inline double pfc__norm(int64_t n, const double *a) { return sqrt(pfc__dot(n, a, a)); }

/* y += c x */
static inline void pfc__axpy(int64_t n, double c, const double *x, double *y) {
#pragma omp simd
  for (int64_t i = 0; i < n; i++) y[i] += c * x[i];
}

/* A symmetric positive definite system, known by what it does to vectors. */
typedef struct pfc__system {
  int64_t n;
  void *self;
  void (*product)(void *self, const double *v, double *out);      /* out = A v */
  void (*precondition)(void *self, const double *r, double *out); /* out = M^-1 r */
} pfc__system;

/* Doubles of scratch. */
#define PFC__CG_SCRATCH(n) (4 * (n))

/* x = A^-1 b, started from x, until |b - A x| <= tolerance or `most` products are spent;
 * returns the products made. Every iterate lowers 1/2 x'Ax - b'x. */
int64_t pfc__cg(const pfc__system *A, const double *b, double tolerance, int64_t most,
                double *scratch, double *x);

#endif
