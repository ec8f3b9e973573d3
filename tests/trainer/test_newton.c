#include "tests/support/test.h"

#include <math.h>

#include "tests/oracle/dense_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "trainer/newton.h"

enum { N = 6 };

/* A problem of at most N variables, and what was asked of it. */
typedef struct problem {
  double H[N * N], b[N]; /* quadratics: 1/2 w'Hw - b'w */
  double w[N];           /* last evaluated */
  double lie;            /* what its gradient is multiplied with */
  int evaluations, preconditioned;
} problem;

static pfc_status quadratic(void *self, const double *w, double *value, double *gradient,
                            double *diagonal, pfc_error *err) {
  (void)err;
  problem *p = self;
  *value = 0;
  for (int i = 0; i < N; i++) {
    double Hw = 0;
    for (int j = 0; j < N; j++) Hw += p->H[i * N + j] * w[j];
    *value += w[i] * (Hw / 2 - p->b[i]);
    gradient[i] = p->lie * (Hw - p->b[i]);
    diagonal[i] = p->H[i * N + i];
  }
  p->evaluations++;
  return PFC_OK;
}

static void quadratic_product(void *self, const double *v, double *out) {
  const problem *p = self;
  for (int i = 0; i < N; i++) {
    out[i] = 0;
    for (int j = 0; j < N; j++) out[i] += p->H[i * N + j] * v[j];
  }
}

/* Condition number about 1e4, no structure that a diagonal preconditioner sees through. */
static problem ill_conditioned(void) {
  problem p = {.lie = 1};
  for (int i = 0; i < N; i++) {
    p.b[i] = i - 2.5;
    for (int j = 0; j < N; j++) p.H[i * N + j] = 1.0 / (i + j + 1) + (i == j ? 1e-4 : 0);
  }
  return p;
}

static pfc_objective quadratic_objective(problem *p) {
  return (pfc_objective){
      .n = N, .self = p, .evaluate = quadratic, .product = quadratic_product};
}

static pfc_newton_settings tight(void) {
  pfc_newton_settings s;
  pfc_newton_defaults(&s);
  s.tolerance = 1e-10;
  return s;
}

static void a_quadratic_is_solved(void **state) {
  (void)state;
  problem p = ill_conditioned();
  const pfc_objective f = quadratic_objective(&p);
  const pfc_newton_settings s = tight();
  pfc_newton_report report;
  double w[N] = {0}, x[N], A[N * N];
  assert_ok(pfc_newton_minimize(&f, &s, w, &report, &err));
  memcpy(x, p.b, sizeof x);
  memcpy(A, p.H, sizeof A);
  oracle_solve(N, A, x);
  for (int i = 0; i < N; i++) assert_near(w[i], x[i], 1e-6 * fabs(x[i]));
  assert_int_equal(report.converged, 1);
  assert_true(report.gradient <= 1e-10);
  assert_true(report.cg_iterations >= N - 1);
}

static void a_start_at_the_minimum_stays_there(void **state) {
  (void)state;
  problem p = ill_conditioned();
  const pfc_objective f = quadratic_objective(&p);
  const pfc_newton_settings s = tight();
  pfc_newton_report report;
  memset(p.b, 0, sizeof p.b);
  double w[N] = {0};
  assert_ok(pfc_newton_minimize(&f, &s, w, &report, &err));
  assert_int_equal(report.steps, 0);
  assert_int_equal(report.converged, 1);
  for (int i = 0; i < N; i++) assert_near(w[i], 0, 0);
}

/* The scale of the tolerance is the gradient at 0 wherever the fit begins: a good start
 * must not be asked for more digits than a bad one. */
static void a_good_start_needs_fewer_steps(void **state) {
  (void)state;
  problem p = ill_conditioned();
  const pfc_objective f = quadratic_objective(&p);
  pfc_newton_settings s;
  pfc_newton_defaults(&s);
  pfc_newton_report first, again;
  double w[N] = {0};
  assert_ok(pfc_newton_minimize(&f, &s, w, &first, &err));
  assert_true(first.steps > 0);
  assert_ok(pfc_newton_minimize(&f, &s, w, &again, &err));
  assert_int_equal(again.steps, 0);
  assert_near(again.gradient, first.gradient, 1e-3 * first.gradient);
}

/* sum sqrt(1 + (w - c)^2): full Newton steps diverge from |w - c| > 1. */
static pfc_status hyperbola(void *self, const double *w, double *value, double *gradient,
                            double *diagonal, pfc_error *err) {
  (void)err;
  problem *p = self;
  *value = 0;
  for (int i = 0; i < N; i++) {
    const double x = w[i] - 3 * i, root = sqrt(1 + x * x);
    *value += root;
    gradient[i] = x / root;
    diagonal[i] = 1 / (root * root * root);
    p->w[i] = diagonal[i];
  }
  p->evaluations++;
  return PFC_OK;
}

static void hyperbola_product(void *self, const double *v, double *out) {
  const problem *p = self;
  for (int i = 0; i < N; i++) out[i] = p->w[i] * v[i];
}

typedef struct trail {
  int n;
  double value[64];
  int stop_at;
} trail;

static int note(const pfc_progress_event *event, void *user) {
  trail *t = user;
  if (t->n < 64) t->value[t->n++] = event->objective;
  return t->n == t->stop_at;
}

static void steps_are_cut_until_the_objective_falls(void **state) {
  (void)state;
  problem p = {0};
  trail t = {0};
  const pfc_progress progress = {note, &t};
  const pfc_objective f = {
      .n = N, .self = &p, .evaluate = hyperbola, .product = hyperbola_product};
  pfc_newton_settings s = tight();
  s.progress = &progress;
  pfc_newton_report report;
  double w[N] = {0};
  assert_ok(pfc_newton_minimize(&f, &s, w, &report, &err));
  assert_int_equal(report.converged, 1);
  for (int i = 0; i < N; i++) assert_near(w[i], 3 * i, 1e-8);
  assert_true(p.evaluations > report.steps + 1); /* some steps were cut */
  assert_int_equal(t.n, report.steps + 1);
  for (int i = 1; i < t.n; i++) assert_true(t.value[i] <= t.value[i - 1]);
}

static void the_step_limit_is_no_failure(void **state) {
  (void)state;
  problem p = {0};
  const pfc_objective f = {
      .n = N, .self = &p, .evaluate = hyperbola, .product = hyperbola_product};
  pfc_newton_settings s = tight();
  s.max_steps = 2;
  pfc_newton_report report;
  double w[N] = {0};
  assert_ok(pfc_newton_minimize(&f, &s, w, &report, &err));
  assert_int_equal(report.steps, 2);
  assert_int_equal(report.converged, 0);
  assert_true(report.gradient > 1e-10);
}

static void progress_can_cancel(void **state) {
  (void)state;
  problem p = ill_conditioned();
  trail t = {.stop_at = 2};
  const pfc_progress progress = {note, &t};
  const pfc_objective f = quadratic_objective(&p);
  pfc_newton_settings s = tight();
  s.progress = &progress;
  pfc_newton_report report;
  double w[N] = {0};
  assert_fails(pfc_newton_minimize(&f, &s, w, &report, &err), PFC_ECANCELLED, "");
}

static void a_gradient_that_lies_is_found_out(void **state) {
  (void)state;
  problem p = ill_conditioned();
  p.lie = -1;
  const pfc_objective f = quadratic_objective(&p);
  const pfc_newton_settings s = tight();
  pfc_newton_report report;
  double w[N] = {0};
  assert_fails(pfc_newton_minimize(&f, &s, w, &report, &err), PFC_ENUMERIC,
               "no step lowers the objective");
}

static void a_start_without_value_is_refused(void **state) {
  (void)state;
  problem p = ill_conditioned();
  p.b[2] = NAN;
  const pfc_objective f = quadratic_objective(&p);
  const pfc_newton_settings s = tight();
  pfc_newton_report report;
  double w[N] = {0};
  assert_fails(pfc_newton_minimize(&f, &s, w, &report, &err), PFC_ENUMERIC, "not finite");
}

/* -log(1 - w) + w^2 per variable, not defined from 1 on: long steps are cut, not taken. */
static pfc_status barrier(void *self, const double *w, double *value, double *gradient,
                          double *diagonal, pfc_error *err) {
  (void)err;
  problem *p = self;
  *value = 0;
  for (int i = 0; i < N; i++) {
    const double c = 1 - w[i], pull = 50;
    *value += -log(c) - pull * w[i];
    gradient[i] = 1 / c - pull;
    diagonal[i] = p->w[i] = 1 / (c * c);
  }
  return PFC_OK;
}

static void steps_out_of_the_domain_are_cut(void **state) {
  (void)state;
  problem p = {0};
  const pfc_objective f = {
      .n = N, .self = &p, .evaluate = barrier, .product = hyperbola_product};
  const pfc_newton_settings s = tight();
  pfc_newton_report report;
  double w[N] = {0};
  assert_ok(pfc_newton_minimize(&f, &s, w, &report, &err));
  for (int i = 0; i < N; i++) assert_near(w[i], 1 - 1.0 / 50, 1e-9);
}

/* The exact inverse as preconditioner: one CG iteration a step. */
static void exact_inverse(void *self, const double *diagonal, const double *r, double *out) {
  (void)diagonal;
  problem *p = self;
  double A[N * N];
  memcpy(A, p->H, sizeof A);
  memcpy(out, r, sizeof *out * N);
  oracle_solve(N, A, out);
  p->preconditioned++;
}

static void a_good_preconditioner_is_worth_it(void **state) {
  (void)state;
  problem p = ill_conditioned();
  pfc_objective f = quadratic_objective(&p);
  f.precondition = exact_inverse;
  pfc_newton_settings s;
  pfc_newton_defaults(&s);
  pfc_newton_report report;
  double w[N] = {0};
  assert_ok(pfc_newton_minimize(&f, &s, w, &report, &err));
  assert_int_equal(report.converged, 1);
  assert_true(report.cg_iterations <= report.steps + 1);
  assert_int_equal(p.preconditioned, report.cg_iterations);
}

/* f is around 1e20, so that its digits end long before the gradient is small. */
static pfc_status drowned(void *self, const double *w, double *value, double *gradient,
                          double *diagonal, pfc_error *err) {
  const pfc_status st = quadratic(self, w, value, gradient, diagonal, err);
  *value += 1e20;
  return st;
}

static void digits_may_run_out_quietly(void **state) {
  (void)state;
  problem p = ill_conditioned();
  pfc_objective f = quadratic_objective(&p);
  f.evaluate = drowned;
  const pfc_newton_settings s = tight();
  pfc_newton_report report;
  double w[N] = {0};
  assert_ok(pfc_newton_minimize(&f, &s, w, &report, &err));
  assert_true(report.gradient < 1);
}

static pfc_status fit_once(void *user) {
  problem *p = user;
  const pfc_objective f = quadratic_objective(p);
  const pfc_newton_settings s = tight();
  pfc_newton_report report;
  double w[N] = {0};
  return pfc_newton_minimize(&f, &s, w, &report, NULL);
}

static void memory_may_run_out(void **state) {
  (void)state;
  problem p = ill_conditioned();
  assert_true(count_down(fit_once, &p) >= 8);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_quadratic_is_solved),
      cmocka_unit_test(a_start_at_the_minimum_stays_there),
      cmocka_unit_test(a_good_start_needs_fewer_steps),
      cmocka_unit_test(steps_are_cut_until_the_objective_falls),
      cmocka_unit_test(the_step_limit_is_no_failure),
      cmocka_unit_test(progress_can_cancel),
      cmocka_unit_test(a_gradient_that_lies_is_found_out),
      cmocka_unit_test(a_start_without_value_is_refused),
      cmocka_unit_test(steps_out_of_the_domain_are_cut),
      cmocka_unit_test(a_good_preconditioner_is_worth_it),
      cmocka_unit_test(digits_may_run_out_quietly),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests_name("trainer/newton", tests, NULL, NULL);
}
