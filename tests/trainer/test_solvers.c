// labels: property check
/* Conjugate gradients, Newton, the coarse preconditioner and the logistic fit on random shapes,
 * against dense arithmetic in float64. Tolerances are multiples of 2^-53, the rounding of one
 * operation, by the operations in the longest sum. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "models/logistic.h"
#include "tests/oracle/dense_oracle.h"
#include "tests/support/near.h"
#include "trainer/cg_internal.h"
#include "trainer/logit.h"
#include "trainer/logit_internal.h"

enum { MOST = 40 };
#define EPS 0x1p-53

/* --- dense systems ----------------------------------------------------------------------- */

/* Symmetric positive definite: B'B + shift, times scale; and b in its range. */
typedef struct dense {
  int n;
  double A[MOST * MOST], b[MOST], x[MOST];
  double scale;
} dense;

static void draw_dense(dense *s, pfc_rng *rng, double least_shift) {
  static const double SCALES[] = {1, 1e100, 1e-100};
  double B[MOST * MOST];
  s->n = 1 + (int)pfc_rng_below(rng, MOST);
  s->scale = SCALES[pfc_rng_below(rng, 3)];
  const double shift = pow(least_shift, pfc_rng_uniform(rng));
  const int rank = 1 + (int)pfc_rng_below(rng, (uint64_t)s->n); /* of B: often singular */
  for (int e = 0; e < rank * s->n; e++) B[e] = pfc_rng_normal(rng);
  for (int i = 0; i < s->n; i++) {
    s->b[i] = s->scale * pfc_rng_normal(rng);
    for (int j = 0; j < s->n; j++) {
      double sum = i == j ? shift : 0;
      for (int r = 0; r < rank; r++) sum += B[r * s->n + i] * B[r * s->n + j];
      s->A[i * s->n + j] = s->scale * sum;
    }
  }
}

static void times_A(const dense *s, const double *v, double *out) {
  for (int i = 0; i < s->n; i++) out[i] = pfc__dot(s->n, s->A + i * s->n, v);
}

static void multiply(void *self, const double *v, double *out) { times_A(self, v, out); }

static void divide(void *self, const double *r, double *out) {
  const dense *s = self;
  for (int i = 0; i < s->n; i++) out[i] = r[i] / s->A[i * s->n + i];
}

/* What the sums in the energy may be off by: the operations in them, by the sizes added. */
static double energy_rounding(const dense *s, const double *x) {
  double size = 0;
  for (int i = 0; i < s->n; i++) {
    double terms = fabs(s->b[i]);
    for (int j = 0; j < s->n; j++) terms += fabs(s->A[i * s->n + j] * x[j]);
    size += fabs(x[i]) * terms;
  }
  return 2 * (s->n + 4) * EPS * size;
}

/* 1/2 x'Ax - b'x, what every iterate lowers. */
static double energy(const dense *s, const double *x) {
  double Ax[MOST], sum = 0;
  times_A(s, x, Ax);
  for (int i = 0; i < s->n; i++) sum += x[i] * (Ax[i] / 2 - s->b[i]);
  return sum;
}

static double residual(const dense *s, const double *x) {
  double Ax[MOST];
  times_A(s, x, Ax);
  for (int i = 0; i < s->n; i++) Ax[i] -= s->b[i];
  return pfc__norm(s->n, Ax);
}

static void conjugate_gradients_solve_or_get_closer(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(101), "test.solvers", 0);
  int n_solved = 0;
  for (int trial = 0; trial < 400; trial++) {
    static dense s;
    double scratch[PFC__CG_SCRATCH(MOST)], exact[MOST], A[MOST * MOST];
    draw_dense(&s, &rng, 1e-6);
    for (int i = 0; i < s.n; i++) s.x[i] = trial % 2 ? pfc_rng_normal(&rng) : 0;
    const pfc__system system = {s.n, &s, multiply, divide};
    const double tolerance = 1e-8 * pfc__norm(s.n, s.b);
    double before = energy(&s, s.x), slack = energy_rounding(&s, s.x);
    const int rounds = 1 + (int)pfc_rng_below(&rng, 4);
    for (int round = 0; round < rounds; round++) {
      const int64_t most = round + 1 < rounds ? 1 + round : (int64_t)100 * s.n;
      const int64_t made = pfc__cg(&system, s.b, tolerance, most, scratch, s.x);
      assert_true(made <= most || made == 1);
      slack += energy_rounding(&s, s.x);
      assert_true(energy(&s, s.x) <= before + slack);
      before = energy(&s, s.x);
    }
    if (residual(&s, s.x) > 2 * tolerance) continue;
    n_solved++;
    memcpy(A, s.A, sizeof A);
    memcpy(exact, s.b, sizeof exact);
    oracle_solve(s.n, A, exact);
    assert_true(before >= energy(&s, exact) - slack - energy_rounding(&s, exact));
  }
  assert_true(n_solved > 350); /* the others ran out of digits */
}

static void nothing_to_solve_is_solved(void **state) {
  (void)state;
  static dense s = {.n = 3, .A = {2, 0, 0, 0, 2, 0, 0, 0, 2}};
  double scratch[PFC__CG_SCRATCH(3)], x[3] = {0};
  const pfc__system system = {3, &s, multiply, divide}, none = {0, &s, multiply, divide};
  assert_int_equal(pfc__cg(&system, s.b, 0, 10, scratch, x), 0);
  assert_int_equal(pfc__cg(&none, s.b, 0, 10, scratch, x), 0);
  x[1] = 5; /* away from the solution 0 */
  assert_true(pfc__cg(&system, s.b, 1e-12, 10, scratch, x) <= 3);
  assert_near(x[1], 0, 1e-12);
}

static pfc_status quadratic(void *self, const double *w, double *value, double *gradient,
                            double *diagonal, pfc_error *err) {
  (void)err;
  const dense *s = self;
  *value = energy(s, w);
  multiply(self, w, gradient);
  for (int i = 0; i < s->n; i++) gradient[i] -= s->b[i];
  for (int i = 0; i < s->n; i++) diagonal[i] = s->A[i * s->n + i];
  return PFC_OK;
}

/* A quadratic of 0 to 40 variables, of values from 1e-100 to 1e100: in the end the gradient is
 * what was asked, or there were no more digits. */
static void newton_minimizes_any_quadratic(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(102), "test.solvers", 1);
  int n_converged = 0;
  for (int trial = 0; trial < 300; trial++) {
    static dense s;
    double w[MOST] = {0};
    pfc_newton_settings settings;
    pfc_newton_report report;
    draw_dense(&s, &rng, 1e-2);
    if (trial % 50 == 0) s.n = 0;
    const pfc_objective f = {s.n, &s, quadratic, multiply, NULL};
    pfc_newton_defaults(&settings);
    for (int i = 0; i < s.n && trial % 2; i++) w[i] = pfc_rng_normal(&rng);
    const double start = energy(&s, w), slack = energy_rounding(&s, w);
    assert_ok(pfc_newton_minimize(&f, &settings, w, &report, &err));
    assert_true(energy(&s, w) <= start + slack + energy_rounding(&s, w));
    n_converged += report.converged;
    if (report.converged)
      assert_true(residual(&s, w) <= 1e-6 * (1 + 1e-9) * pfc__norm(s.n, s.b));
  }
  assert_true(n_converged > 250);
}

/* --- logistic regression ------------------------------------------------------------------ */

enum { MOST_ROWS = 160, MOST_COLUMNS = 30 };

typedef struct sample {
  int n, d, n_fields;
  int decades; /* that the weights span; 0: 0, 1 and 2 */
  pfc_csr x;
  float y[MOST_ROWS], weight[MOST_ROWS];
  double offset[MOST_ROWS], ridge[MOST_COLUMNS], dense[MOST_ROWS * MOST_COLUMNS];
  int32_t field[MOST_COLUMNS];
  pfc_logit_problem p;
} sample;

/* Columns in runs: a run is a one-hot field, a column of one is a number. Some are constant,
 * some nobody has, one is a copy of another. */
static void draw_columns(sample *s, pfc_rng *rng) {
  s->n_fields = 0;
  for (int j = 0, run = 0; j < s->d; j++, run--) {
    if (run == 0) run = 1 + (int)pfc_rng_below(rng, 4);
    s->field[j] = pfc_rng_below(rng, 9) ? s->n_fields : -1;
    if (run == 1) s->n_fields++;
    s->ridge[j] = pow(10, 8 * pfc_rng_uniform(rng) - 5);
  }
  s->n_fields += s->d > 0;
}

static void draw_row(sample *s, pfc_rng *rng, int i) {
  int32_t col[MOST_COLUMNS];
  float val[MOST_COLUMNS];
  int n = 0;
  int32_t taken = -2;
  for (int32_t j = 0; j < s->d; j++) {
    const int is_number = j % 5 == 0;
    if (s->field[j] >= 0 && s->field[j] == taken) continue; /* one of a field a row */
    if (j % 7 == 6 || (!is_number && pfc_rng_below(rng, 3))) continue;
    taken = s->field[j];
    col[n] = j;
    val[n] = is_number ? (float)pfc_rng_normal(rng) : 1;
    if (j == 5 && n > 0 && col[0] == 0) val[n] = val[0];
    s->dense[i * s->d + j] = (double)val[n++];
  }
  assert_ok(pfc_csr_append(&s->x, n, col, val, &err));
}

static void draw_sample(sample *s, pfc_rng *rng) {
  memset(s, 0, sizeof *s);
  s->n = 2 + (int)pfc_rng_below(rng, pfc_rng_below(rng, 3) ? MOST_ROWS - 1 : 3);
  s->d = (int)pfc_rng_below(rng, MOST_COLUMNS + 1);
  const int kind = (int)pfc_rng_below(rng, 5), separable = pfc_rng_below(rng, 4) == 0;
  s->decades = kind == 2 ? 12 : kind == 4 ? 60 : 0;
  draw_columns(s, rng);
  assert_ok(pfc_csr_init(&s->x, s->n, s->d, &err));
  for (int i = 0; i < s->n; i++) {
    draw_row(s, rng, i);
    const double sign = s->d > 0 ? s->dense[(size_t)i * (size_t)s->d] : 0;
    s->y[i] = separable ? sign > 0 : (float)pfc_rng_below(rng, 2);
    if (pfc_rng_below(rng, 5) == 0) s->y[i] = (float)pfc_rng_uniform(rng);
    s->weight[i] = (float)pfc_rng_below(rng, 3);
    if (s->decades) s->weight[i] = (float)pow(10, s->decades * (pfc_rng_uniform(rng) - 0.5));
    s->offset[i] = kind == 3 ? 200 * pfc_rng_uniform(rng) - 100 : pfc_rng_normal(rng);
  }
  s->y[0] = 0;
  s->y[1] = 1;
  s->weight[0] = s->weight[1] = 1;
  s->p = (pfc_logit_problem){.x = &s->x,
                             .y = s->y,
                             .weight = kind ? s->weight : NULL,
                             .offset = kind == 1 ? NULL : s->offset,
                             .ridge = s->ridge,
                             .field = pfc_rng_below(rng, 2) ? s->field : NULL,
                             .n_fields = s->n_fields};
}

static double eta_of(const sample *s, const double *w, int i, double *size) {
  const double offset = s->p.offset ? s->offset[i] : 0;
  double eta = w[s->d] + offset;
  *size = fabs(w[s->d]) + fabs(offset);
  for (int j = 0; j < s->d; j++) {
    const double term = s->dense[i * s->d + j] * w[j];
    eta += term;
    *size += fabs(term);
  }
  return eta;
}

/* Loss and gradient by their definitions; *size[j]: the sum of the terms' sizes. */
static double loss_of(const sample *s, const double *w, double *g, double *size) {
  double loss = 0;
  for (int j = 0; j <= s->d; j++) g[j] = size[j] = j < s->d ? s->ridge[j] * w[j] : 0;
  for (int j = 0; j < s->d; j++) loss += s->ridge[j] * w[j] * w[j] / 2;
  for (int i = 0; i < s->n; i++) {
    double terms;
    const double eta = eta_of(s, w, i, &terms), y = (double)s->y[i];
    const double weight = s->p.weight ? (double)s->weight[i] : 1;
    const double far = eta > 0 ? (1 - y) * eta : -y * eta; /* log1p(exp(eta)) - y eta */
    loss += weight * (far + log1p(exp(-fabs(eta))));
    const double r = weight * ((1 - y) / (1 + exp(-eta)) - y / (1 + exp(eta)));
    for (int j = 0; j <= s->d; j++) {
      const double x = j < s->d ? s->dense[i * s->d + j] : 1;
      g[j] += r * x;
      /* The sigmoid is known to EPS of 1, and eta to EPS of its terms. */
      size[j] = fabs(size[j]) + weight * fabs(x) * (2 + terms);
    }
  }
  return loss;
}

/* Whatever the shape, weights and offsets: the loss is no higher than at 0, and where the fit
 * says that it has converged the gradient is as small as asked, but for the rounding of its
 * own sums. */
static void logistic_fits_end_where_the_gradient_is_small(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(103), "test.solvers", 2);
  static sample s;
  int n_converged = 0;
  for (int trial = 0; trial < 500; trial++) {
    double w[MOST_COLUMNS + 1] = {0}, g[MOST_COLUMNS + 1], size[MOST_COLUMNS + 1];
    pfc_newton_settings settings;
    pfc_newton_report report;
    pfc_newton_defaults(&settings);
    draw_sample(&s, &rng);
    const double start = loss_of(&s, w, g, size), scale = pfc__norm(s.d + 1, g);
    pfc_error err = PFC_ERROR_INIT;
    if (pfc_logit_fit(&s.p, &settings, w, &report, &err) != PFC_OK) {
      /* Beside 1e30 what weighs 1 is lost in every sum, and that is said. */
      const int is_said =
          strstr(err.msg, "all results are") || strstr(err.msg, "no step lowers");
      if (s.decades < 60 || !is_said) fail_msg("%s", err.msg);
      pfc_csr_clear(&s.x);
      continue;
    }
    const double loss = loss_of(&s, w, g, size);
    for (int j = 0; j <= s.d; j++) assert_true(isfinite(w[j]));
    assert_near(report.value, loss, 1e-12 * (fabs(loss) + pfc__norm(s.d + 1, size)));
    assert_true(loss <= start + 1e-12 * pfc__norm(s.d + 1, size));
    if (report.converged)
      assert_true(pfc__norm(s.d + 1, g) <=
                  1e-6 * scale + 4 * MOST_ROWS * EPS * pfc__norm(s.d + 1, size));
    n_converged += report.converged;
    double eta[MOST_ROWS];
    pfc_logit_predict(&s.x, s.p.offset, w, eta);
    for (int i = 0; i < s.n; i++) {
      double terms;
      const double expected = eta_of(&s, w, i, &terms);
      assert_near(eta[i], expected, 2 * MOST_COLUMNS * EPS * terms);
    }
    pfc_csr_clear(&s.x);
  }
  assert_true(n_converged > 400); /* the others ran out of digits, or of steps */
}

/* The field of each column, and the intercept's own: Z'HZ formed from the dense rows. */
static void coarse_matrix(const sample *s, const double *curvature, double *M) {
  const int n = s->n_fields + 1;
  memset(M, 0, sizeof *M * (size_t)n * (size_t)n);
  for (int i = 0; i < s->n; i++) {
    double z[MOST_COLUMNS + 2] = {0};
    for (int j = 0; j < s->d; j++)
      if (s->field[j] >= 0) z[s->field[j]] += s->dense[i * s->d + j];
    z[n - 1] = 1;
    for (int a = 0; a < n; a++)
      for (int b = 0; b < n; b++) M[a * n + b] += curvature[i] * z[a] * z[b];
  }
  for (int j = 0; j < s->d; j++)
    if (s->field[j] >= 0) M[s->field[j] * n + s->field[j]] += s->ridge[j];
  for (int a = 0; a < n; a++) {
    M[a * n + a] *= 1 + 1e-10;
    if (M[a * n + a] == 0) M[a * n + a] = 1;
  }
}

/* What is added to the columns of a field is one number, and those numbers solve the coarse
 * system: a Cholesky solve leaves a residual of n EPS of the sizes in it, however ill
 * conditioned. */
static void the_coarse_part_solves_its_system(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(104), "test.solvers", 3);
  static sample s;
  static double M[(MOST_COLUMNS + 2) * (MOST_COLUMNS + 2)];
  for (int trial = 0; trial < 300; trial++) {
    double curvature[MOST_ROWS], r[MOST_COLUMNS + 1], out[MOST_COLUMNS + 1] = {0};
    double rhs[MOST_COLUMNS + 2] = {0}, step[MOST_COLUMNS + 2] = {0};
    pfc__coarse c = {0};
    draw_sample(&s, &rng);
    s.p.field = s.field;
    for (int i = 0; i < s.n; i++) curvature[i] = trial % 9 ? pfc_rng_uniform(&rng) / 4 : 0;
    for (int j = 0; j <= s.d; j++) r[j] = pfc_rng_normal(&rng);
    assert_ok(pfc__coarse_init(&c, &s.p, &err));
    assert_int_equal(c.n, s.n_fields ? s.n_fields + 1 : 0);
    if (c.n > 0) {
      pfc__coarse_update(&c, &s.p, curvature);
      assert_true(c.current);
      pfc__coarse_add(&c, &s.p, r, out);
      coarse_matrix(&s, curvature, M);
      step[c.n - 1] = out[s.d];
      rhs[c.n - 1] = r[s.d];
      for (int j = 0; j < s.d; j++) {
        if (s.field[j] < 0) assert_near(out[j], 0, 0);
        if (s.field[j] < 0) continue;
        if (step[s.field[j]] != 0) assert_near(out[j], step[s.field[j]], 0);
        step[s.field[j]] = out[j];
        rhs[s.field[j]] += r[j];
      }
      for (int a = 0; a < c.n && c.usable; a++) {
        double sum = -rhs[a], size = fabs(rhs[a]);
        for (int b = 0; b < c.n; b++) {
          sum += M[a * c.n + b] * step[b];
          size += fabs(M[a * c.n + b] * step[b]);
        }
        assert_true(fabs(sum) <= 8 * (MOST_ROWS + c.n) * c.n * EPS * size + 1e-12);
      }
    }
    pfc__coarse_clear(&c);
    pfc_csr_clear(&s.x);
  }
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(1, &err));
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(conjugate_gradients_solve_or_get_closer),
      cmocka_unit_test(nothing_to_solve_is_solved),
      cmocka_unit_test(newton_minimizes_any_quadratic),
      cmocka_unit_test(logistic_fits_end_where_the_gradient_is_small),
      cmocka_unit_test(the_coarse_part_solves_its_system),
  };
  return cmocka_run_group_tests_name("trainer/solvers", tests, set_up, NULL);
}
