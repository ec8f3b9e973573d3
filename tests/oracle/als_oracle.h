/* The affinity model with dense arrays in float64, every pair visited. */
#ifndef PROFICIO_TESTS_ORACLE_ALS_ORACLE_H
#define PROFICIO_TESTS_ORACLE_ALS_ORACLE_H

/* People are side 0, items side 1. */
typedef struct oracle_als {
  int k, n[2], d[2];
  double *conf;                                     /* n[0] x n[1]; 0: not observed */
  double *F[2];                                     /* n x d attributes */
  double alpha0, lambda, nu, kappa[2], prior_ridge; /* kappa: people, items */
  double *X[2];                                     /* n x k factors */
  double *A[2];                                     /* d x k */
} oracle_als;

/* The objective, pair by pair. */
double oracle_als_objective(const oracle_als *m);

/* Solves one side's factors, or its regression on attributes, exactly. */
void oracle_als_solve_side(oracle_als *m, int side);
void oracle_als_regress_side(oracle_als *m, int side);

/* Rows without observations become A f. */
void oracle_als_place(oracle_als *m, int side);

#endif
