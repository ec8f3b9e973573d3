// labels: property check
/* Factors without a person, against the equations of everybody else, solved afresh. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "datasets/split.h"
#include "tests/oracle/dense_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/organisation.h"
#include "trainer/offers.h"
#include "trainer/train_internal.h"

enum { K = 6 };

static test_organisation org;
static pfc__training t;
static pfc_train_settings settings;
static pfc_offers *offers;

static int open_world(void **state) {
  (void)state;
  pfc_dataset *frame = test_frame();
  const pfc_simulate_settings s = test_simulate_settings(120, 40, test_seed(3));
  assert_ok(pfc_par_init(2, &err));
  org = test_simulate(frame, &s);
  pfc_dataset_destroy(frame);
  pfc_train_defaults(&settings);
  settings.models = PFC_TRAIN_AFFINITY;
  settings.als.rank = K;
  t.settings = &settings;
  pfc_train_report report;
  assert_ok(pfc_train(org.ds, &settings, &t.bundle, &report, &err));
  assert_ok(pfc__world_init(&t, org.ds, &err));
  assert_ok(pfc_fold_create(&t.bundle->affinity, t.lens, t.history, t.cat, 2, &t.fold, &err));
  assert_ok(pfc_offers_create(t.history, &offers, &err));
  return 0;
}

static int close_world(void **state) {
  (void)state;
  pfc_offers_destroy(offers);
  pfc__world_clear(&t);
  test_organisation_clear(&org);
  return 0;
}

/* y[K]: the item by the equations of all who took anything up but one. */
static void solve_without(const pfc_csr *conf, int32_t left_out, int32_t item, double *y) {
  const pfc_affinity *m = &t.bundle->affinity;
  const float *with = m->items + (ptrdiff_t)item * K;
  double A[K * K] = {0}, b[K] = {0}, whole[K * K] = {0};
  int64_t n_people = 0, n_takers = 0;
  for (int32_t p = 0; p < m->n_people; p++) {
    const float *x = m->people + (ptrdiff_t)p * K;
    double c = 0;
    if (conf->start[p] == conf->start[p + 1]) continue;
    n_people++;
    for (int64_t e = conf->start[p]; e < conf->start[p + 1]; e++)
      if (conf->col[e] == item) c = (double)conf->val[e];
    n_takers += c > 0;
    for (int f = 0; f < K; f++) {
      for (int g = 0; g < K; g++) {
        const double add = (m->alpha0 + c) * (double)x[f] * (double)x[g];
        whole[f * K + g] += add;
        if (p != left_out) A[f * K + g] += add;
      }
      if (p != left_out) b[f] += c * (double)x[f];
    }
  }
  /* The pull of attributes is what is left of the fitted row's own equations. */
  const double ridge =
      pfc_affinity_ridge(m, (double)n_takers, (double)n_people) + m->kappa_items;
  for (int f = 0; f < K; f++) {
    double pull = ridge * (double)with[f];
    for (int g = 0; g < K; g++) pull += whole[f * K + g] * (double)with[g];
    for (int32_t p = 0; p < m->n_people; p++)
      for (int64_t e = conf->start[p]; e < conf->start[p + 1]; e++)
        if (conf->col[e] == item)
          pull -= (double)conf->val[e] * (double)m->people[(ptrdiff_t)p * K + f];
    b[f] += pull;
    A[f * K + f] += ridge;
  }
  memcpy(y, b, sizeof b);
  oracle_solve(K, A, y);
}

/* z[K]: x_f y_f, the person folded in by such items on the day. */
static void slow_products(const pfc_csr *conf, const pfc_decision *d, double *z) {
  const pfc_affinity *m = &t.bundle->affinity;
  const float *gram = pfc_fold_gram(t.fold);
  double A[K * K], b[K], y[K];
  pfc_fold_past past;
  pfc_fold_recall(t.fold, 0, d, &past);
  for (int f = 0; f < K; f++) {
    b[f] = m->kappa_people * (double)past.prior[f];
    for (int g = 0; g < K; g++) A[f * K + g] = (double)gram[f * K + g];
    A[f * K + f] += past.lambda + m->kappa_people;
  }
  for (ptrdiff_t j = 0; j < past.n; j++) {
    solve_without(conf, d->person, past.items[j], y);
    for (int f = 0; f < K; f++) {
      b[f] += (double)past.conf[j] * y[f];
      for (int g = 0; g < K; g++) A[f * K + g] += (double)past.conf[j] * y[f] * y[g];
    }
  }
  if (past.n > 0) oracle_solve(K, A, b);
  for (int f = 0; f < K && past.n == 0; f++) b[f] = (double)past.prior[f];
  solve_without(conf, d->person, d->intervention, y);
  for (int f = 0; f < K; f++) z[f] = b[f] * y[f];
}

/* Within what float32 leaves of them; and somewhere they are others than with the person. */
static void products_are_those_of_all_others(void **state) {
  (void)state;
  pfc__apart *apart = NULL;
  pfc_csr conf = {0};
  double most = 0;
  int n = 0;
  assert_ok(pfc__affinity_rows(&t, &conf, &err));
  assert_ok(pfc__apart_create(&t, &apart, &err));
  for (int64_t i = 0; i < offers->n; i += 7) {
    const pfc_decision *d = &offers->at[i].d;
    float z[K], x[K];
    double slow[K];
    int64_t n_items;
    if (t.bundle->affinity.item_count[d->intervention] == 0) continue;
    assert_ok(pfc__apart_products(apart, (int)(i % 2), d, z, &err));
    assert_ok(pfc_fold_person(t.fold, 0, d, x, &n_items, &err));
    slow_products(&conf, d, slow);
    const float *y = pfc_fold_item(t.fold, d->intervention);
    for (int f = 0; f < K; f++) {
      assert_float_equal(z[f], slow[f], 2e-3 * (0.02 + fabs(slow[f])));
      most = fmax(most, fabs((double)(x[f] * y[f] - z[f])));
    }
    n++;
  }
  assert_true(n > 20 && most > 0.01);
  pfc__apart_destroy(apart);
  pfc_csr_clear(&conf);
}

static pfc_status make(void *user) {
  (void)user;
  pfc__apart *apart = NULL;
  const pfc_status st = pfc__apart_create(&t, &apart, NULL);
  pfc__apart_destroy(apart);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  assert_true(count_down(make, NULL) > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_are_those_of_all_others),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests_name("trainer/factors_apart", tests, open_world, close_world);
}
