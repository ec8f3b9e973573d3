// labels: property check
/* The blocks of the profile fit: each raises the bound; the bound is what it claims to be; its
 * gradient is its own. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/near.h"
#include "tests/support/drawn.h"
#include "trainer/profile_fit_internal.h"

typedef struct scene {
  rated r;
  pfc__pdata d;
  pfc__pstate s;
  pfc__psweep w;
} scene;

static scene *begin(const rated_plan *plan, int32_t rank) {
  scene *a = pfc_alloc_array(1, sizeof *a);
  pfc_profile_settings settings;
  pfc_profile_settings_defaults(&settings);
  settings.min_ratings = 1;
  rated_draw(plan, &a->r);
  assert_ok(
      pfc__pdata_init(&a->d, a->r.evidence, a->r.requirements, PFC_NO_DATE, &settings, &err));
  assert_ok(pfc__pstate_init(&a->s, &a->d, rank, a->d.n_chunks, 1, NULL, &err));
  assert_ok(pfc__psweep_init(&a->w, &a->d, &a->s, &err));
  return a;
}

static void end(scene *a) {
  pfc__psweep_clear(&a->w);
  pfc__pstate_clear(&a->s);
  pfc__pdata_clear(&a->d);
  rated_clear(&a->r);
  pfc_free(a);
}

static double bound_of(scene *a) {
  double bound = NAN;
  assert_ok(pfc__theta_bound(&a->w, &bound, &err));
  return bound;
}

/* --- gradient --------------------------------------------------------------------------- */

/* The parameter as the step counts it: logs of variances. */
static double *slot(scene *a, ptrdiff_t i, bool *is_log) {
  pfc__ptheta *t = &a->s.theta;
  double *common[] = {&t->beta[0], &t->beta[1], &t->beta[2], &t->beta[3], &t->taught,
                      &t->kappa,   &t->cell2,   &t->moving2, &t->taught2};
  *is_log = i >= PFC__P_CELL && i < PFC__P_SOURCES;
  if (i < PFC__P_SOURCES) return common[i];
  pfc__psource *s = &t->source[(i - PFC__P_SOURCES) / PFC__P_EACH];
  const ptrdiff_t what = (i - PFC__P_SOURCES) % PFC__P_EACH;
  *is_log = what == PFC__P_NOISE;
  return what == PFC__P_BIAS ? &s->bias : what == PFC__P_SLOPE ? &s->slope : &s->noise2;
}

static double bound_beside(scene *a, ptrdiff_t i, double step) {
  bool is_log;
  double *x = slot(a, i, &is_log);
  const double was = *x;
  *x = is_log ? was * exp(step) : was + step;
  const double bound = bound_of(a);
  *x = was;
  return bound;
}

static void gradient_is_the_bounds(void **state) {
  (void)state;
  rated_plan plan = RATED_PLAN;
  plan.people = 40;
  scene *a = begin(&plan, 2);
  const ptrdiff_t n = pfc__n_theta(&a->d);
  double *gradient = pfc_alloc_array((size_t)n, sizeof *gradient),
         *fisher = pfc_alloc_array((size_t)(n * n), sizeof *fisher), bound;
  assert_ok(pfc__psweep_run(&a->w, &err));
  assert_ok(pfc__update_ways(&a->w, &err));
  assert_ok(pfc__psweep_run(&a->w, &err));
  a->s.theta.taught += 0.1; /* away from any maximum */
  assert_ok(pfc__theta_gradient(&a->w, &bound, gradient, fisher, &err));
  assert_near(bound, bound_of(a), 1e-8 * fabs(bound));
  for (ptrdiff_t i = 0; i < n; i++) {
    const int32_t source = i < PFC__P_SOURCES ? 0 : (int32_t)(i - PFC__P_SOURCES) / PFC__P_EACH;
    if (a->d.n_ratings[source] == 0) continue; /* of ratings that tell no source: none here */
    const double h = 1e-4;
    const double slope = (bound_beside(a, i, h) - bound_beside(a, i, -h)) / (2 * h);
    if (fabs(slope - gradient[i]) > 1e-4 * (1 + fabs(slope) + sqrt(fisher[i * n + i])))
      fail_msg("parameter %d: gradient %.9g, differences %.9g", (int)i, gradient[i], slope);
  }
  pfc_free(gradient);
  pfc_free(fisher);
  end(a);
}

/* --- climbing --------------------------------------------------------------------------- */

typedef pfc_status (*block)(pfc__psweep *w, pfc_error *err);

static void every_block_climbs(void **state) {
  (void)state;
  static const block BLOCKS[] = {pfc__update_rows, pfc__update_means, pfc__update_leniencies,
                                 pfc__update_programmes, pfc__update_theta};
  enum { N = sizeof BLOCKS / sizeof *BLOCKS };
  for (int odd = 0; odd < 6; odd++) {
    rated_plan plan = RATED_PLAN;
    plan.seed = (uint64_t)odd + 1;
    plan.people = 120;
    plan.raters = odd != 1;
    plan.dates = plan.lessons = odd != 2;
    plan.roles = odd != 3;
    plan.most = odd == 4 ? 1 : 4;
    scene *a = begin(&plan, odd == 5 ? 0 : 3);
    assert_ok(pfc__psweep_run(&a->w, &err)); /* what there is data of is known from now on */
    assert_ok(pfc__update_ways(&a->w, &err));
    double bound = bound_of(a);
    const double first = bound;
    for (int i = 0; i < 12 * N; i++) {
      assert_ok(BLOCKS[i % N](&a->w, &err));
      const double now = bound_of(a);
      if (!(now >= bound - 1e-9 * fabs(bound)))
        fail_msg("case %d, sweep %d, block %d: %.12g after %.12g", odd, i / N, i % N, now,
                 bound);
      bound = now;
    }
    assert_true(bound > first);
    end(a);
  }
}

/* --- against the exact likelihood ------------------------------------------------------- */

/* log N(y; mean, C) of one person's only cell, dense, by elimination: nothing of the fit's. */
static double log_density(int n, const double *e, double *C) {
  double x[PFC__CELL], log_det = 0, sum = 0;
  memcpy(x, e, sizeof *x * (size_t)n);
  for (int k = 0; k < n; k++) { /* C is positive definite: pivots need no search */
    log_det += log(C[k * n + k]);
    for (int i = k + 1; i < n; i++) {
      const double f = C[i * n + k] / C[k * n + k];
      for (int j = k; j < n; j++) C[i * n + j] -= f * C[k * n + j];
      x[i] -= f * x[k];
    }
    sum += x[k] * x[k] / C[k * n + k];
  }
  return -0.5 * (n * log(2 * 3.14159265358979323846) + log_det + sum);
}

/* With one competency, no roles, raters or factors all that is random of a person is one
 * Gaussian: the likelihood in closed form, from the evidence itself. */
static double exact_log_likelihood(const scene *a) {
  const pfc_evidence *e = a->r.evidence;
  const pfc__ptheta *t = &a->s.theta;
  double sum = 0;
  for (int32_t p = 0; p < e->n_people; p++) {
    double C[PFC__CELL * PFC__CELL], d[PFC__CELL];
    const pfc_seen *seen = e->seen + e->first_seen[p];
    const int n = (int)(e->first_seen[p + 1] - e->first_seen[p]);
    for (int i = 0; i < n; i++) {
      const pfc__psource *si = &t->source[seen[i].source];
      d[i] = seen[i].level - 3.5 - si->bias - si->slope * (t->beta[0] + a->s.b[0] - 3.5);
      for (int j = 0; j < n; j++) {
        const double days = abs(seen[i].day - seen[j].day);
        C[i * n + j] = si->slope * t->source[seen[j].source].slope *
                       (a->s.person2 + t->cell2 + t->moving2 * pow(0.5, days / 1000));
      }
      C[i * n + i] += si->noise2;
    }
    sum += log_density(n, d, C);
  }
  return sum + pfc__theta_prior(&a->d, t, NULL, NULL);
}

static void bound_is_the_likelihood_where_it_can_be(void **state) {
  (void)state;
  rated_plan plan = RATED_PLAN;
  plan.people = 400;
  plan.competencies = 1;
  plan.share = 1;
  plan.rank = 0;
  plan.most = 4;
  plan.roles = plan.raters = plan.lessons = false;
  scene *a = begin(&plan, 0);
  for (int i = 0; i < 400; i++) assert_ok(pfc__psweep_run(&a->w, &err));
  /* The one b is a mean and no random effect: its prior shrinks to nothing, slowly, as
   * 1/sweeps, and what is left of it in the bound too. */
  const double exact = exact_log_likelihood(a);
  assert_near(a->s.bound, exact, 0.05);
  assert_true(a->s.bound <= exact + 1e-6);
  /* The maximum of the exact likelihood, by looking to both sides of everything. */
  double *const at[] = {&a->s.theta.beta[0],
                        &a->s.person2,
                        &a->s.theta.cell2,
                        &a->s.theta.moving2,
                        &a->s.theta.source[0].noise2,
                        &a->s.theta.source[1].noise2,
                        &a->s.theta.source[1].bias,
                        &a->s.theta.source[1].slope,
                        &a->s.theta.source[2].bias,
                        &a->s.theta.source[2].slope};
  for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
    for (int side = -1; side <= 1; side += 2) {
      const double was = *at[i];
      *at[i] = was + side * (0.02 * fabs(was) + 0.01);
      if (*at[i] > 0 || i == 6 || i == 8) assert_true(exact_log_likelihood(a) < exact + 0.01);
      *at[i] = was;
    }
  }
  end(a);
}

/* --- against models/profile_cell -------------------------------------------------------- */

/* The fit packs and sums in its own way: it must mean what those mean who read a profile. */
static void cells_are_those_of_the_model(void **state) {
  (void)state;
  rated_plan plan = RATED_PLAN;
  plan.people = 60;
  scene *a = begin(&plan, 2);
  for (int i = 0; i < 3; i++) { /* without ways no programme is known of */
    assert_ok(pfc__psweep_run(&a->w, &err));
    assert_ok(pfc__update_ways(&a->w, &err));
  }
  pfc_profile p = a->d.shape;
  const size_t C = (size_t)p.n_competencies;
  p.competency_var = pfc_alloc_array(C, sizeof(float));
  p.factor = pfc_alloc_array(C * 2, sizeof(float));
  p.factor_cov = pfc_alloc_array(C * 4, sizeof(float));
  p.factor_sd = pfc_alloc_array(2, sizeof(float));
  for (int32_t i = 0; i < plan.programmes; i++) { /* those of the bound, not those told */
    assert_true(a->s.programme[i] != 0 && a->s.programme_told[i] > a->s.programme_var[i]);
    a->s.programme_told[i] = a->s.programme_var[i];
  }
  pfc__pstate_tell(&a->d, &a->s, &p);
  pfc_cell *cell = pfc_alloc_array(1, sizeof *cell);
  pfc_cell_terms *terms = pfc_alloc_array(1, sizeof *terms);
  int64_t n_lessons = 0;
  for (int32_t k = 0; k < a->d.n_chunks; k++) {
    const pfc__pchunk *chunk = &a->d.chunk[k];
    for (int32_t i = 0; i < chunk->n_people; i++) {
      for (int64_t j = chunk->first_cell[i]; j < chunk->first_cell[i + 1]; j++) {
        const pfc__pcell *c = &chunk->cell[j];
        const double s = pfc__row_part(3, a->s.row + (chunk->first_row + i) * 3,
                                       a->s.z + (ptrdiff_t)c->competency * 3);
        pfc__work *w = a->w.work;
        assert_ok(pfc__pcell_solve(&a->d, &a->s, chunk, c, s, w, &err));
        (void)pfc__pcell_bound(&a->s, chunk, c, 0, w); /* what is unknown of programmes */
        pfc_cell_read(&p, a->r.evidence, a->r.requirements, chunk->person[i], c->competency,
                      c->seen, c->seen + c->n, PFC_NO_DATE, cell);
        pfc_cell_weigh(&p, cell, s, false, terms);
        assert_int_equal(c->n, cell->n);
        n_lessons += c->n_lessons;
        for (int r = 0; r < c->n; r++) {
          assert_near(w->e[r], cell->y[r] - terms->offset[r] - terms->slope[r] * s, 1e-5);
          for (int q = 0; q < c->n; q++) {
            const double noise = r == q ? w->noise2[r] + w->lv[r] : 0;
            const int at = r * c->n + q;
            const double known = w->k[at] + w->u[at] - w->dev_u[at];
            assert_near(w->a[r] * w->a[q] * known + noise, terms->c[r][q], 1e-5);
          }
        }
      }
    }
  }
  assert_true(n_lessons > 20);
  pfc_free(cell);
  pfc_free(terms);
  pfc_free(p.competency_var);
  pfc_free(p.factor);
  pfc_free(p.factor_cov);
  pfc_free(p.factor_sd);
  end(a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradient_is_the_bounds),
      cmocka_unit_test(every_block_climbs),
      cmocka_unit_test(bound_is_the_likelihood_where_it_can_be),
      cmocka_unit_test(cells_are_those_of_the_model),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
