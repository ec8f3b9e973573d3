// labels: property check
/* Tables, feeds, missing cells, coverage and sources, counted by hand; and that the order of
 * rows counts for nothing. */
#include "tests/support/test.h"

#include "base/rng.h"
#include "datasets/quality.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/dataset.h"
#include "tests/support/tables.h"

static pfc_quality *quality_of(const pfc_dataset *ds, int32_t as_of) {
  pfc_quality *q;
  pfc_quality_settings s;
  pfc_quality_defaults(&s);
  s.as_of = as_of;
  assert_ok(pfc_quality_create(ds, &s, &q, &err));
  return q;
}

static void settings_are_checked(void **state) {
  (void)state;
  pfc_quality_settings s = {0};
  assert_fails(pfc_quality_check(&s, &err), PFC_EUSAGE, "pfc_quality_defaults");
  pfc_quality_defaults(&s);
  assert_ok(pfc_quality_check(&s, &err));
  s.drop_share = 1.5;
  assert_fails(pfc_quality_check(&s, &err), PFC_EUSAGE, "drop_share: 0.01 to 1 expected");
}

/* --- tables and columns ----------------------------------------------------------------- */

static const pfc_quality_table *table_of(const pfc_quality *q, pfc_table_id table) {
  for (int k = 0; k < q->n_tables; k++)
    if (q->tables[k].table == table) return &q->tables[k];
  return NULL;
}

static const pfc_quality_column *column_of(const pfc_quality *q, pfc_table_id table,
                                           const char *name) {
  for (int k = 0; k < q->n_columns; k++)
    if (q->columns[k].table == table && strcmp(q->columns[k].name, name) == 0)
      return &q->columns[k];
  return NULL;
}

static void assert_column(const pfc_quality *q, pfc_table_id table, const char *name,
                          bool is_there, bool is_open, int64_t n_missing) {
  const pfc_quality_column *c = column_of(q, table, name);
  assert_non_null(c);
  assert_int_equal(c->is_there, is_there);
  assert_int_equal(c->is_open, is_open);
  assert_int_equal(c->n_missing, n_missing);
}

static void rows_days_and_gaps_are_counted(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,enrolled_on,started_on,x_credits",
            "a,i,10,20,1;b,i,12,,;c,i,15,18,");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id,closes_on", "i,900");
  test_rows(ds, PFC_EPISODES, "person_id,started_on,duration_days,event",
            "a,20,7.5,left;b,,90,left;c,3,1,left");
  ds->tables[PFC_ENROLMENTS].origin.rows_read = 5;
  ds->tables[PFC_ENROLMENTS].origin.rows_rejected = 2;
  pfc_quality *q = quality_of(ds, PFC_NO_DATE);
  assert_int_equal(q->n_tables, 3);
  const pfc_quality_table *t = table_of(q, PFC_ENROLMENTS);
  assert_int_equal(t->n_rows, 3);
  assert_int_equal(t->rows_read, 5);
  assert_int_equal(t->rows_rejected, 2);
  assert_int_equal(t->latest, 20);
  assert_true(t->has_facts);
  /* That it closes on day 900 is a plan. */
  assert_int_equal(table_of(q, PFC_INTERVENTIONS)->latest, PFC_NO_DATE);
  assert_false(table_of(q, PFC_INTERVENTIONS)->has_facts);
  assert_int_equal(table_of(q, PFC_EPISODES)->latest, 27);
  assert_int_equal(q->as_of, 27);
  assert_column(q, PFC_ENROLMENTS, "enrolled_on", true, false, 0);
  assert_column(q, PFC_ENROLMENTS, "started_on", true, true, 1);
  assert_column(q, PFC_ENROLMENTS, "ended_on", false, true, 3);
  assert_column(q, PFC_ENROLMENTS, "status", false, false, 3);
  assert_column(q, PFC_ENROLMENTS, "x_credits", true, false, 2);
  assert_null(column_of(q, PFC_ENROLMENTS, "split"));
  assert_null(column_of(q, PFC_PEOPLE, "person_id"));
  pfc_quality_destroy(q);
  pfc_dataset_destroy(ds);
}

static void an_empty_dataset_is_no_error(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  pfc_quality *q = quality_of(ds, PFC_NO_DATE);
  assert_int_equal(q->n_tables, 0);
  assert_int_equal(q->n_feeds, 0);
  assert_int_equal(q->n_sources, 0);
  assert_int_equal(q->as_of, PFC_NO_DATE);
  assert_false(q->is_absolute);
  assert_true(q->n_findings > 20);
  for (int k = 0; k < q->n_findings; k++) assert_false(q->findings[k].is_checked);
  pfc_quality_destroy(q);
  pfc_quality_destroy(NULL);
  pfc_dataset_destroy(ds);
}

/* --- feeds ------------------------------------------------------------------------------- */

static void assert_feed(const pfc_quality *q, int k, pfc_table_id table, const char *by,
                        const char *word, int64_t n_rows, int32_t latest) {
  assert_true(k < q->n_feeds);
  const pfc_quality_feed *f = &q->feeds[k];
  assert_int_equal(f->table, table);
  assert_string_equal(f->by, by);
  assert_string_equal(f->word, word);
  assert_int_equal(f->n_rows, n_rows);
  assert_int_equal(f->latest, latest);
}

static void feeds_have_their_own_freshness(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id,kind,provider",
            "i0,course,X;i1,workshop,X;i2,course,");
  test_rows(ds, PFC_ENROLMENTS,
            "person_id,intervention_id,status,enrolled_on,started_on,ended_on",
            "a,i0,passed,1,2,30;b,i1,enrolled,50,,;c,i2,passed,3,9,;d,i0,,4,,");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
            "a,c,1,self,7;b,c,1,test,5;c,c,1,test,6;d,c,1,,8");
  pfc_quality *q = quality_of(ds, PFC_NO_DATE);
  int k = 0;
  assert_feed(q, k++, PFC_ASSESSMENTS, "source", "test", 2, 6);
  assert_feed(q, k++, PFC_ASSESSMENTS, "source", "", 1, 8);
  assert_feed(q, k++, PFC_ASSESSMENTS, "source", "self", 1, 7);
  assert_feed(q, k++, PFC_ENROLMENTS, "status", "passed", 2, 30);
  assert_feed(q, k++, PFC_ENROLMENTS, "status", "", 1, 4);
  assert_feed(q, k++, PFC_ENROLMENTS, "status", "enrolled", 1, 50);
  assert_feed(q, k++, PFC_ENROLMENTS, "kind", "course", 3, 30);
  assert_feed(q, k++, PFC_ENROLMENTS, "kind", "workshop", 1, 50);
  assert_feed(q, k++, PFC_ENROLMENTS, "provider", "X", 3, 50);
  assert_feed(q, k++, PFC_ENROLMENTS, "provider", "", 1, 9);
  assert_int_equal(q->n_feeds, k);
  pfc_quality_destroy(q);
  pfc_dataset_destroy(ds);
}

/* --- coverage ---------------------------------------------------------------------------- */

static void required_cells_are_covered_or_not(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_PEOPLE, "person_id,role_id,left_on", "a,R1,;b,R1,;c,R2,;d,R2,50;e,,;f,R3,");
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level",
            "R2,c2,3;R1,c0,3;R1,c1,3;R1,c2,3;R2,c3,3;R2,c4,3");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
            "a,c0,1,manager,5;a,c1,1,self,5;a,c9,1,manager,5;b,c3,1,manager,5;"
            "c,c2,1,self,5;d,c3,1,manager,5;a,c0,2,self,6");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id", "i0,c0;i1,c4;i1,c9");
  pfc_quality *q = quality_of(ds, 100);
  const pfc_quality_coverage *c = &q->coverage;
  assert_int_equal(c->n_people, 3); /* a, b, c: d has left */
  assert_int_equal(c->n_people_none, 1);
  assert_int_equal(c->n_cells, 9);
  assert_int_equal(c->n_assessed, 3); /* a: c0, c1; c: c2 */
  assert_int_equal(c->n_by_others, 1);
  assert_int_equal(c->n_competencies, 6);
  assert_int_equal(c->n_comp_assessed, 5);
  assert_int_equal(c->n_required, 5);
  assert_int_equal(c->n_unassessed, 1);
  assert_int_equal(c->n_untargeted, 3); /* c1, c2, c3 */
  assert_int_equal(c->n_examples, 1);
  assert_string_equal(c->example[0], "c4");
  pfc_quality_destroy(q);
  q = quality_of(ds, 40); /* d is there still */
  assert_int_equal(q->coverage.n_people, 4);
  assert_int_equal(q->coverage.n_assessed, 4);
  assert_int_equal(q->coverage.n_cells, 12);
  pfc_quality_destroy(q);
  pfc_dataset_destroy(ds);
}

/* --- sources ----------------------------------------------------------------------------- */

static void assert_source(const pfc_quality *q, const char *name, bool is_anchor,
                          bool is_connected, int64_t n_rows, int64_t n_cells,
                          int64_t n_shared) {
  for (int k = 0; k < q->n_sources; k++) {
    const pfc_quality_source *s = &q->sources[k];
    if (strcmp(s->source, name) != 0) continue;
    assert_int_equal(s->is_anchor, is_anchor);
    assert_int_equal(s->is_connected, is_connected);
    assert_int_equal(s->n_rows, n_rows);
    assert_int_equal(s->n_cells, n_cells);
    assert_int_equal(s->n_shared, n_shared);
    return;
  }
  fail_msg("there is no source %s", name);
}

static pfc_quality *sources_of(pfc_dataset *ds, const char *anchors, const char *rows) {
  test_rows(ds, PFC_SOURCES, "source,scale_min,scale_max,anchor", anchors);
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on", rows);
  return quality_of(ds, PFC_NO_DATE);
}

static void anchors_tie_sources_together(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  pfc_quality *q = sources_of(ds, "test,0,5,1;manager,0,5,0;never,0,5,1",
                              "a,c0,1,manager,1;a,c0,1,test,2;a,c1,1,manager,1;a,c1,1,self,1;"
                              "b,c0,1,report,1;b,c0,1,report,5;b,c1,1,,1");
  assert_int_equal(q->n_sources, 5); /* the one that never assessed anything is none */
  assert_source(q, "test", true, true, 1, 1, 0);
  assert_source(q, "manager", false, true, 2, 2, 1);
  assert_source(q, "self", false, true, 1, 1, 0); /* by way of the manager */
  assert_source(q, "report", false, false, 2, 1, 0);
  assert_source(q, "", false, false, 1, 1, 0);
  assert_false(q->is_absolute);
  pfc_quality_destroy(q);
  pfc_dataset_destroy(ds);

  ds = pfc_dataset_create(); /* another person's cell, or competency, ties nothing */
  q = sources_of(ds, "test,0,5,1", "a,c0,1,test,1;b,c0,1,self,1;a,c1,1,self,1");
  assert_source(q, "self", false, false, 2, 2, 0);
  assert_false(q->is_absolute);
  pfc_quality_destroy(q);
  pfc_dataset_destroy(ds);

  ds = pfc_dataset_create();
  q = sources_of(ds, "test,0,5,1;exam,0,5,1", "a,c0,1,test,1;a,c0,1,exam,1;b,c0,1,exam,1");
  assert_source(q, "test", true, true, 1, 1, 1);
  assert_source(q, "exam", true, true, 2, 2, 1);
  assert_true(q->is_absolute);
  pfc_quality_destroy(q);
  pfc_dataset_destroy(ds);

  ds = pfc_dataset_create();
  q = sources_of(ds, "test,0,5,0", "a,c0,1,test,1");
  assert_false(q->is_absolute);
  pfc_quality_destroy(q);
  pfc_dataset_destroy(ds);
}

/* --- whatever the order ------------------------------------------------------------------ */

/* Deals the rows of every table anew. */
static pfc_dataset *shuffled(const pfc_dataset *ds, pfc_rng *rng) {
  pfc_dataset *copy;
  assert_ok(pfc_dataset_filter(ds, NULL, &copy, &err));
  for (int t = 0; t < PFC_N_TABLES; t++) {
    pfc_table *table = &copy->tables[t];
    for (int64_t r = table->n_rows - 1; r > 0; r--) {
      const int64_t other = (int64_t)pfc_rng_below(rng, (uint64_t)r + 1);
      for (int c = 0; c < table->n_columns; c++) {
        const size_t size = pfc_type_size(table->columns[c].type);
        char *at = table->columns[c].data, keep[8];
        memcpy(keep, at + (size_t)r * size, size);
        memcpy(at + (size_t)r * size, at + (size_t)other * size, size);
        memcpy(at + (size_t)other * size, keep, size);
      }
    }
  }
  return copy;
}

/* Rows say which of two equal prerequisites, episodes or enrolments is the one too many, and
 * which level of a target counts where it has two; nothing else. */
static void order_counts_for_nothing(void **state) {
  (void)state;
  const uint64_t seed = test_seed(31);
  int n_broken = 0;
  for (uint64_t k = 0; k < 20; k++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "quality", k);
    pfc_dataset *ds = k < 10 ? test_random_dataset(seed + k, 12, 0) : company_create(seed, 0);
    pfc_dataset *other = shuffled(ds, &rng);
    pfc_quality *a = quality_of(ds, 50), *b = quality_of(other, 50);
    for (int i = 0; i < a->n_findings; i++) {
      assert_int_equal(a->findings[i].of, b->findings[i].of);
      if (a->findings[i].n != b->findings[i].n)
        fail_msg("%s: %lld, then %lld", a->findings[i].name, (long long)a->findings[i].n,
                 (long long)b->findings[i].n);
      n_broken += a->findings[i].n > 0;
    }
    assert_int_equal(a->n_feeds, b->n_feeds);
    assert_int_equal(a->n_sources, b->n_sources);
    for (int i = 0; i < a->n_sources; i++)
      assert_memory_equal(&a->sources[i].n_rows, &b->sources[i].n_rows, 3 * sizeof(int64_t));
    pfc_quality_destroy(a);
    pfc_quality_destroy(b);
    pfc_dataset_destroy(ds);
    pfc_dataset_destroy(other);
  }
  assert_true(n_broken > 20);
}

/* Any table, any column missing, any cell missing, values of every kind. */
static void any_dataset_gets_a_report(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(32), "quality", 1);
  for (int k = 0; k < 200; k++) {
    pfc_dataset *ds = test_dataset_random(&rng);
    pfc_quality *q = quality_of(ds, k % 2 ? PFC_NO_DATE : 10000);
    for (int i = 0; i < q->n_findings; i++) {
      const pfc_quality_finding *f = &q->findings[i];
      assert_true(f->n >= 0 && f->n <= f->of);
      assert_true(f->of <= ds->tables[f->table].n_rows);
      assert_true(f->is_checked == !*f->lacks);
      for (int x = 0; x < f->n_examples; x++) assert_true(*f->example[x].text != '\0');
    }
    assert_true(q->coverage.n_by_others <= q->coverage.n_assessed);
    assert_true(q->coverage.n_assessed <= q->coverage.n_cells);
    pfc_quality_destroy(q);
    pfc_dataset_destroy(ds);
  }
}

static pfc_status create(void *user) {
  pfc_quality *q;
  pfc_quality_settings s;
  pfc_quality_defaults(&s);
  const pfc_status st = pfc_quality_create(user, &s, &q, NULL);
  if (st != PFC_OK) assert_null(q);
  pfc_quality_destroy(q);
  return st;
}

static void short_memory_is_survived(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(4, 6, 0);
  assert_true(count_down(create, ds) > 40);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(rows_days_and_gaps_are_counted),
      cmocka_unit_test(an_empty_dataset_is_no_error),
      cmocka_unit_test(feeds_have_their_own_freshness),
      cmocka_unit_test(required_cells_are_covered_or_not),
      cmocka_unit_test(anchors_tie_sources_together),
      cmocka_unit_test(order_counts_for_nothing),
      cmocka_unit_test(any_dataset_gets_a_report),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests_name("datasets/quality", tests, NULL, NULL);
}
