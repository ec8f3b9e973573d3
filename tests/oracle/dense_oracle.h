/* Small dense systems, the slow and obvious way. */
#ifndef PROFICIO_TESTS_ORACLE_DENSE_ORACLE_H
#define PROFICIO_TESTS_ORACLE_DENSE_ORACLE_H

/* Solves A x = b (n x n, row-major) by Gaussian elimination with row pivots; b becomes x.
 * A is destroyed. Fails the test when A is singular. */
void oracle_solve(int n, double *A, double *b);

/* df/dw_j by central differences, h = step * max(1, |w_j|); w is restored. */
typedef double (*oracle_function)(const double *w, void *user);
double oracle_slope(oracle_function f, void *user, double *w, int j, double step);

#endif
