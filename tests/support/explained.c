#include "tests/support/explained.h"

#include "base/mem.h"
#include "tests/support/company.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "tests/support/test.h"
#include "trainer/train.h"

/* A company in which roles 0 to 2 ask for something, and rules of every kind hold. */
pfc_dataset *explained_company(uint64_t seed) {
  pfc_dataset *ds = company_create(seed, 0);
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance",
            "r0,c0,4,0.5;r0,c1,3,1;r1,c2,4,0.8;r1,c4,5,1;r2,c3,5,1;r2,c0,3,0.2;r2,c1,4,0.9");
  test_rows(ds, PFC_ELIGIBILITY, "intervention_id,role_id,allow", "i2,r1,1;i7,r2,0");
  test_rows(ds, PFC_PREREQUISITES,
            "intervention_id,requires_intervention_id,requires_competency_id,requires_level",
            "i4,i0,,;i6,,c1,3");
  test_rows(ds, PFC_OVERRIDES, "person_id,intervention_id,action,reason,actor,expires_on",
            "p1,i0,block,too soon,ann,450;p2,i0,block,old,ann,390;p3,i8,force,wish,bob,");
  return ds;
}

/* All models that there can be: what feedback and days without interventions would teach is
 * borrowed from the models of another company. */
pfc_bundle *explained_models(const pfc_dataset *ds) {
  pfc_bundle *b = scoring_train(ds, PFC_TRAIN_ALL), *other = scoring_train(ds, PFC_TRAIN_ALL);
  pfc_chance_clear(&b->accept);
  pfc_hazard_clear(&b->anyway);
  b->accept = other->success;
  b->anyway = other->time;
  b->has_accept = b->has_anyway = true;
  for (int r = PFC_DROPPED; r < PFC_N_CAUSES; r++) {
    pfc_free(b->anyway.coef[r]);
    pfc_free(b->anyway.baseline[r]);
    b->anyway.coef[r] = b->anyway.baseline[r] = NULL;
  }
  b->accept.intercept -= 0.7;
  b->accept.calibration = (pfc_beta){0.9, 1.2, 0.1};
  b->success.calibration = (pfc_beta){1.1, 0.8, -0.2};
  b->affinity.accept_calibration = (pfc_beta){0.8, 1.3, 0.2};
  other->success = (pfc_chance){0};
  other->time = (pfc_hazard){0};
  other->has_success = other->has_time = false;
  pfc_bundle_destroy(other);
  return b;
}

pfc_scorer_settings explained_settings(int include_closed) {
  pfc_scorer_settings s;
  pfc_scorer_defaults(&s);
  s.as_of = EXPLAINED_DAY;
  s.cost_weight = 0.0001;
  s.hour_price = 0.002;
  s.discount_per_day = 0.004;
  s.include_closed = include_closed;
  return s;
}

explained explained_open(const pfc_bundle *b, const pfc_dataset *ds,
                         const pfc_scorer_settings *settings) {
  explained t = {.ds = ds};
  assert_ok(pfc_scorer_create(b, ds, settings, &t.scorer, &err));
  assert_ok(pfc_explainer_create(t.scorer, &t.e, &err));
  return t;
}

void explained_close(explained *t) {
  pfc_explainer_destroy(t->e);
  pfc_scorer_destroy(t->scorer);
}

pfc_explanation explained_of(const explained *t, const char *person, const char *intervention) {
  pfc_explanation x;
  assert_ok(pfc_explain(t->e, test_code(t->ds, "person", person),
                        test_code(t->ds, "intervention", intervention), &x, &err));
  return x;
}

const pfc_what_if *explained_if(const pfc_explanation *x, pfc_if what, int32_t competency) {
  for (int k = 0; k < x->n_what_ifs; k++) {
    const pfc_what_if *w = &x->what_if[k];
    if (w->what == what && w->competency == competency) return w;
  }
  return NULL;
}
