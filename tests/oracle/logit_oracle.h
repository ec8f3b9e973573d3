/* Logistic regression on dense rows, term by term. */
#ifndef PROFICIO_TESTS_ORACLE_LOGIT_ORACLE_H
#define PROFICIO_TESTS_ORACLE_LOGIT_ORACLE_H

typedef struct oracle_logit {
  int n, d;
  const double *x;                   /* n x d */
  const double *y, *weight, *offset; /* n */
  const double *ridge;               /* d */
} oracle_logit;

/* The penalized loss at w[d + 1], the intercept last. user: oracle_logit. */
double oracle_logit_loss(const double *w, void *user);

/* Newton with a dense Hessian from w on; its own arithmetic throughout. */
void oracle_logit_fit(const oracle_logit *m, int steps, double *w);

#endif
