/* Folding histories in (models/fold.h), seen from the engine's side: factors are those that
 * minimize the objective of models/affinity.h over what a person had taken up before a day,
 * few items (a system of them) or many (a system of the factors). */
#include "tests/support/test.h"

#include <math.h>

#include "base/par.h"
#include "models/fold.h"
#include "tests/support/company.h"
#include "tests/support/near.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

enum { MOST_ITEMS = 64 };

static pfc_dataset *ds;
static pfc_bundle *bundle;
static pfc_history *h;
static pfc_catalogue *cat;
static pfc_lens *lens;
static pfc_fold *fold;

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  ds = company_create_split(test_seed(77), 1);
  bundle = scoring_train(ds, PFC_TRAIN_AFFINITY);
  bundle->affinity.weights = (pfc_affinity_weights){0.5, 1, 3, 90};
  bundle->affinity.item_count[test_code(ds, "intervention", "i2")] =
      0; /* taken up here, and unknown to the model */
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  assert_ok(pfc_lens_create(ds, h, cat, bundle->dicts, bundle->n_dicts, &lens, &err));
  assert_ok(pfc_fold_create(&bundle->affinity, lens, h, cat, 2, &fold, &err));
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pfc_fold_destroy(fold);
  pfc_lens_destroy(lens);
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(h);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
  return 0;
}

/* Confidence of each item (dataset code) from the attempts before the day; how many. */
static int64_t confidences(int32_t person, int32_t day, double *conf) {
  int64_t n = 0;
  memset(conf, 0, MOST_ITEMS * sizeof *conf);
  for (int64_t k = h->first_attempt[person]; k < h->first_attempt[person + 1]; k++) {
    const pfc_attempt *a = &h->attempts[k];
    if (a->start >= day || !pfc_fold_item_known(fold, a->intervention)) continue;
    const int passed = a->result == 1 && a->known < day;
    const double age = day - (a->started ? a->start : a->registered);
    n += conf[a->intervention] == 0;
    conf[a->intervention] += (!a->started ? 0.5 : passed ? 3 : 1) * exp2(-age / 90);
  }
  return n;
}

/* A f, f the person's attributes on the day. */
static void place_person(const pfc_decision *d, float *prior) {
  static int32_t col[4096];
  static float val[4096];
  const pfc_affinity *m = &bundle->affinity;
  const int n = pfc_features_encode(m->person_features, lens, PFC_SCOPE_PERSON, d, col, val);
  for (int32_t f = 0; f < m->rank; f++) {
    double sum = 0;
    for (int j = 0; j < n; j++)
      sum += (double)val[j] * (double)m->person_prior[col[j] * m->rank + f];
    prior[f] = (float)sum;
  }
}

static double dot(const float *x, const float *y) {
  double sum = 0;
  for (int32_t f = 0; f < bundle->affinity.rank; f++) sum += (double)x[f] * (double)y[f];
  return sum;
}

/* Half the objective's gradient in factor f, and the size of its terms. */
static double gradient(int32_t f, const float *x, const float *prior, const double *conf,
                       int64_t n, double *size) {
  const pfc_affinity *m = &bundle->affinity;
  int n_known = 0;
  double g = 0;
  *size = 0;
  for (int32_t i = 0; i < cat->n_interventions; i++) {
    if (!pfc_fold_item_known(fold, i)) continue;
    const float *y = pfc_fold_item(fold, i);
    const double term = m->alpha0 * dot(x, y) * y[f] - conf[i] * (1 - dot(x, y)) * y[f];
    g += term;
    *size += fabs(term);
    n_known++;
  }
  const double lambda = m->lambda * pow((double)n + m->alpha0 * n_known, m->nu);
  const double pull = m->kappa_people * ((double)x[f] - (double)prior[f]);
  *size +=
      fabs(lambda * x[f]) + fabs(m->kappa_people * x[f]) + fabs(m->kappa_people * prior[f]);
  return g + lambda * x[f] + pull;
}

static void folded_factors_minimize_the_objective(void **state) {
  (void)state;
  float x[64], prior[64];
  double conf[MOST_ITEMS];
  int repeated = 0, few = 0, many = 0;
  for (int32_t p = 0; p < h->n_people; p++) {
    for (int32_t day = 60; day <= COMPANY_DAYS; day += 60) {
      const pfc_decision d = {p, -1, -1, day, -1, -1};
      int64_t n_items;
      const int64_t n = confidences(p, day, conf);
      place_person(&d, prior);
      assert_ok(pfc_fold_person(fold, p % 2, &d, x, &n_items, &err));
      assert_int_equal(n_items, n);
      for (int32_t f = 0; f < bundle->affinity.rank && n == 0; f++)
        assert_near((double)x[f], (double)prior[f], 1e-6);
      for (int32_t f = 0; f < bundle->affinity.rank && n > 0; f++) {
        double size;
        const double g = gradient(f, x, prior, conf, n, &size);
        if (!(fabs(g) <= 2e-5 * size))
          fail_msg("p %d, day %d: gradient %g of %g", p, day, g, size);
      }
      int64_t from;
      repeated += pfc_history_attempts(h, p, day, &from) - from > n;
      few += n > 0 && n <= bundle->affinity.rank / 2;
      many += n > bundle->affinity.rank / 2;
    }
  }
  assert_true(few > 100 && many > 20 && repeated > 10);
}

/* What nobody has taken up in training stands where its attributes put it. */
static void items_are_fitted_rows_or_placed(void **state) {
  (void)state;
  const pfc_affinity *m = &bundle->affinity;
  int known = 0, unknown = 0;
  for (int32_t i = 0; i < cat->n_interventions; i++) {
    const int32_t code = pfc_lens_code(lens, "intervention", i);
    assert_true(code >= 0);
    assert_ptr_equal(pfc_fold_item(fold, i), m->items + (ptrdiff_t)code * m->rank);
    assert_int_equal(pfc_fold_item_known(fold, i), m->item_count[code] > 0);
    known += m->item_count[code] > 0;
    unknown += m->item_count[code] == 0;
  }
  assert_true(known > 10 && unknown >= 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(folded_factors_minimize_the_objective),
      cmocka_unit_test(items_are_fitted_rows_or_placed),
  };
  return cmocka_run_group_tests_name("engine/fold", tests, set_up, tear_down);
}
