#include "trainer/newton.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/cg_internal.h"

#define ARMIJO 1e-4 /* share of the predicted decrease a step must deliver */
#define HALVINGS 40
#define MAX_CUTS 86    /* of a step, down to 2^-1047 of it */
#define ROUNDING 1e-13 /* relative: differences of f below it are noise */

void pfc_newton_defaults(pfc_newton_settings *s) {
  *s = (pfc_newton_settings){
      .tolerance = 1e-6, .max_steps = 50, .max_cg = 250, .stage = "newton"};
}

typedef struct run {
  const pfc_objective *f;
  double value;     /* at w */
  double *gradient; /* at w */
  double *diagonal; /* at w */
  double *trial, *trial_gradient, *trial_diagonal;
  double *step, *minus_gradient, *cg_scratch;
} run;

static pfc_status run_init(run *r, const pfc_objective *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  r->f = f;
  PFC_NEW(r->gradient, f->n);
  PFC_NEW(r->diagonal, f->n);
  PFC_NEW(r->trial, f->n);
  PFC_NEW(r->trial_gradient, f->n);
  PFC_NEW(r->trial_diagonal, f->n);
  PFC_NEW(r->step, f->n);
  PFC_NEW(r->minus_gradient, f->n);
  PFC_NEW(r->cg_scratch, PFC__CG_SCRATCH(f->n));
done:
  return st;
}

static void run_clear(run *r) {
  pfc_free(r->gradient);
  pfc_free(r->diagonal);
  pfc_free(r->trial);
  pfc_free(r->trial_gradient);
  pfc_free(r->trial_diagonal);
  pfc_free(r->step);
  pfc_free(r->minus_gradient);
  pfc_free(r->cg_scratch);
}

static void product(void *self, const double *v, double *out) {
  const pfc_objective *f = ((run *)self)->f;
  f->product(f->self, v, out);
}

static void precondition(void *self, const double *residual, double *out) {
  const run *r = self;
  if (r->f->precondition) {
    r->f->precondition(r->f->self, r->diagonal, residual, out);
    return;
  }
  for (int64_t i = 0; i < r->f->n; i++) out[i] = residual[i] / r->diagonal[i];
}

/* f and its derivatives at w. */
static pfc_status evaluate_at(run *r, const double *w, pfc_error *err) {
  pfc_status st = r->f->evaluate(r->f->self, w, &r->value, r->gradient, r->diagonal, err);
  if (st == PFC_OK && !(isfinite(r->value) && isfinite(pfc__norm(r->f->n, r->gradient))))
    st =
        pfc_fail(err, PFC_ENUMERIC, "the objective or its gradient is not finite at the start");
  return st;
}

/* Begins at w; *scale = |g| at 0, or at w where 0 is the minimum. */
static pfc_status begin(run *r, const double *w, double *scale, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = r->f->n;
  PFC_TRY(evaluate_at(r, r->trial, err)); /* trial is still 0 */
  *scale = pfc__norm(n, r->gradient);
  if (pfc__dot(n, w, w) > 0) PFC_TRY(evaluate_at(r, w, err));
  if (*scale == 0) *scale = pfc__norm(n, r->gradient);
done:
  return st;
}

/* The step of H s = -g. CG need be no more exact than the quadratic model is good: the
 * tolerance tightens with the gradient, but not below what the end asks for. */
static int64_t find_step(run *r, double gradient, double relative,
                         const pfc_newton_settings *settings) {
  const int64_t n = r->f->n;
  double forcing = fmin(0.1, sqrt(relative));
  forcing = fmax(forcing, 0.3 * settings->tolerance / relative);
  for (int64_t i = 0; i < n; i++) r->minus_gradient[i] = -r->gradient[i];
  memset(r->step, 0, sizeof *r->step * (size_t)n);
  const pfc__system system = {n, r, product, precondition};
  return pfc__cg(&system, r->minus_gradient, forcing * gradient, settings->max_cg,
                 r->cg_scratch, r->step);
}

static void swap(double **a, double **b) {
  double *held = *a;
  *a = *b;
  *b = held;
}

/* Where f has run out of digits the sum of losses no longer tells steps apart; the gradient
 * still does (the idea of Hager and Zhang's approximate Wolfe conditions, SIAM J. Optim.
 * 2005). */
static int good_enough(const run *r, double value, double slope, double a) {
  if (value <= r->value + ARMIJO * a * slope) return 1;
  return value <= r->value + ROUNDING * fabs(r->value) &&
         pfc__norm(r->f->n, r->trial_gradient) < pfc__norm(r->f->n, r->gradient);
}

/* Halves 40 times, then by 2^2, 2^3 ... 2^32 at most: from where the objective is all but
 * straight a step may be too long by any power of two. */
static double cut_step(int cuts) {
  int exponent = cuts < HALVINGS ? cuts : HALVINGS;
  for (int c = 2; c <= cuts - HALVINGS + 1; c++) exponent += c < 32 ? c : 32;
  return ldexp(1, -exponent);
}

/* Moves w along the step, cutting it until it is good enough; *moved says whether any was. */
static pfc_status line_search(run *r, double *w, int *moved, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = r->f->n;
  const double slope = pfc__dot(n, r->gradient, r->step);
  *moved = 0;
  for (int cuts = 0; cuts < MAX_CUTS && slope < 0; cuts++) {
    const double a = cut_step(cuts);
    if (cuts > HALVINGS && -a * slope <= ROUNDING * fabs(r->value)) break;
    double value;
    memcpy(r->trial, w, sizeof *w * (size_t)n);
    pfc__axpy(n, a, r->step, r->trial);
    PFC_TRY(r->f->evaluate(r->f->self, r->trial, &value, r->trial_gradient, r->trial_diagonal,
                           err));
    if (!good_enough(r, value, slope, a)) continue;
    memcpy(w, r->trial, sizeof *w * (size_t)n);
    swap(&r->gradient, &r->trial_gradient);
    swap(&r->diagonal, &r->trial_diagonal);
    r->value = value;
    *moved = 1;
    break;
  }
done:
  return st;
}

/* No step lowers f: fine where the quadratic model promised nothing but noise. */
static pfc_status stuck(const run *r, double relative, pfc_error *err) {
  const double promised = -pfc__dot(r->f->n, r->gradient, r->step) / 2;
  if (promised <= 100 * ROUNDING * fabs(r->value)) return PFC_OK;
  return pfc_fail(err, PFC_ENUMERIC,
                  "no step lowers the objective %.9g, but its gradient is still %.3g of the "
                  "first one",
                  r->value, relative);
}

pfc_status pfc_newton_minimize(const pfc_objective *f, const pfc_newton_settings *settings,
                               double *w, pfc_newton_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  run r = {0};
  pfc_newton_report now = {0};
  double scale = 0;
  int moved = 1;
  PFC_TRY(run_init(&r, f, err));
  PFC_TRY(begin(&r, w, &scale, err));
  for (;;) {
    const double gradient = pfc__norm(f->n, r.gradient);
    now.value = r.value;
    now.gradient = scale > 0 ? gradient / scale : 0;
    now.converged = now.gradient <= settings->tolerance;
    PFC_TRY(pfc_progress_report(settings->progress, settings->stage, now.steps,
                                settings->max_steps, r.value, err));
    if (now.converged || now.steps >= settings->max_steps) break;
    now.cg_iterations += find_step(&r, gradient, now.gradient, settings);
    PFC_TRY(line_search(&r, w, &moved, err));
    if (!moved) {
      PFC_TRY(stuck(&r, now.gradient, err));
      break;
    }
    now.steps++;
  }
  *report = now;
done:
  run_clear(&r);
  return st;
}
