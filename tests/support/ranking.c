#include "tests/support/ranking.h"

#include "tests/support/company.h"
#include "tests/support/tables.h"
#include "tests/support/test.h"

void eyes_open(eyes *e, pfc_dataset *ds, pfc_bundle *bundle) {
  *e = (eyes){.ds = ds, .bundle = bundle};
  assert_ok(pfc_history_create(ds, &e->h, &err));
  assert_ok(pfc_catalogue_create(ds, &e->cat, &err));
  assert_ok(pfc_lens_create(ds, e->h, e->cat, bundle->dicts, bundle->n_dicts, &e->lens, &err));
  e->world = (pfc_ranker_world){ds, e->h, e->cat, e->lens, COMPANY_SPLIT};
}

void eyes_close(eyes *e) {
  pfc_lens_destroy(e->lens);
  pfc_catalogue_destroy(e->cat);
  pfc_history_destroy(e->h);
  pfc_bundle_destroy(e->bundle);
  pfc_dataset_destroy(e->ds);
}

pfc_dataset *ranking_by_hand(void) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_PEOPLE, "person_id,role_id,manager_id",
            "p0,r0,p2;p1,r0,p3;p2,r0,;p3,r1,;p4,r1,p3;p5,r1,p2");
  test_rows(ds, PFC_POSITIONS, "person_id,from,to,role_id,manager_id",
            "p0,0,14,r0,p3;p0,15,,r0,p2");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id", "A;B;C;D;E");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "A,c0,3;B,c1,4;C,c0,;D,c0,2;D,c1,2");
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance",
            "r0,c0,4,0.5;r0,c1,3,");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
            "p0,c0,1.5,test,5;p0,c0,3.5,test,40;p0,c1,1,test,40");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,enrolled_on,started_on,status",
            "p0,A,10,10,completed;p0,B,20,20,completed;p1,A,10,10,completed;"
            "p2,A,10,10,completed;p2,C,30,30,completed;p4,B,20,20,completed;"
            "p4,C,45,,enrolled;p5,B,20,20,dropped;p5,B,50,50,completed;"
            "p5,A,40,40,completed");
  return ds;
}

pfc_bundle *ranking_train(const pfc_dataset *ds, pfc_baseline_settings how) {
  pfc_train_settings s;
  pfc_train_report report;
  pfc_bundle *b = NULL;
  pfc_train_defaults(&s);
  s.baseline = how;
  assert_ok(pfc_train(ds, &s, &b, &report, &err));
  assert_int_equal(report.n_notes, 1);
  assert_true(report.notes[0].trained);
  return b;
}

pfc_baseline_settings ranking_baseline(pfc_baseline_kind kind) {
  pfc_train_settings s;
  pfc_train_defaults(&s);
  s.baseline.kind = kind;
  return s.baseline;
}
