// labels: property check
/* The profile within training: from tables to a bundle, and what is told of sources. What the
 * fit finds is tested in test_profile_*.c. */
#include "tests/support/test.h"

#include <math.h>

#include "base/par.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "datasets/quality.h"
#include "tests/support/company.h"
#include "tests/support/dataset.h"
#include "tests/support/near.h"
#include "tests/support/tables.h"
#include "trainer/source_links.h"
#include "trainer/train.h"

static uint64_t seed;

static int set_up(void **state) {
  (void)state;
  seed = test_seed(61);
  return pfc_par_init(1, NULL);
}

static pfc_train_settings profile_only(void) {
  pfc_train_settings s;
  pfc_train_defaults(&s);
  s.models = s.require = PFC_TRAIN_PROFILE;
  s.profile.rank = 1;
  return s;
}

static pfc_bundle *train(const pfc_dataset *ds, const pfc_train_settings *s,
                         pfc_train_report *report) {
  pfc_bundle *b = NULL;
  assert_ok(pfc_train(ds, s, &b, report, &err));
  assert_true(b->has_profile);
  assert_int_equal(report->n_notes, 1);
  assert_string_equal(report->notes[0].model, "profile");
  return b;
}

static void assert_told(const pfc_train_report *r, const char *words) {
  if (!strstr(r->notes[0].text, words))
    fail_msg("\"%s\" does not tell \"%s\"", r->notes[0].text, words);
}

static void assert_not_told(const pfc_train_report *r, const char *words) {
  if (strstr(r->notes[0].text, words)) fail_msg("\"%s\" tells \"%s\"", r->notes[0].text, words);
}

/* --- ratings with a truth ------------------------------------------------------------------
 */

enum { PEOPLE = 120, SKILLS = 6 };

typedef struct rated {
  const char *source;
  double bias;
  int from, to; /* of people, to not included; in every skill */
} rated;

/* Levels that differ between people and skills; each source adds its bias and noise of 0.2. */
static pfc_dataset *rate(const rated *r, int n) {
  pfc_dataset *ds = pfc_dataset_create();
  double level[PEOPLE][SKILLS];
  pfc_rng rng;
  int64_t row = 0, n_rows = 0;
  pfc_rng_init(&rng, seed, "test.rated", 0);
  for (int p = 0; p < PEOPLE; p++) {
    const double own = 0.4 * pfc_rng_normal(&rng);
    for (int c = 0; c < SKILLS; c++)
      level[p][c] = 2.5 + own + 0.3 * pfc_rng_normal(&rng) + 0.1 * c;
  }
  for (int k = 0; k < n; k++) n_rows += (int64_t)SKILLS * (r[k].to - r[k].from);
  test_table(ds, PFC_ASSESSMENTS, n_rows,
             "person_id,competency_id,level,source,rater_id,assessed_on");
  for (int k = 0; k < n; k++) {
    for (int p = r[k].from; p < r[k].to; p++) {
      for (int c = 0; c < SKILLS; c++, row++) {
        char id[16];
        const double y = level[p][c] + r[k].bias + 0.2 * pfc_rng_normal(&rng);
        (void)snprintf(id, sizeof id, "p%d", p);
        test_cell(ds, PFC_ASSESSMENTS, row, "person_id", id);
        (void)snprintf(id, sizeof id, "c%d", c);
        test_cell(ds, PFC_ASSESSMENTS, row, "competency_id", id);
        (void)snprintf(id, sizeof id, "r%d", p % 5);
        test_cell(ds, PFC_ASSESSMENTS, row, "rater_id", k == 0 ? "" : id);
        test_cell(ds, PFC_ASSESSMENTS, row, "source", r[k].source);
        test_number(ds, PFC_ASSESSMENTS, row, "level", fmin(fmax(y, 0), 5));
        test_number(ds, PFC_ASSESSMENTS, row, "assessed_on", 100);
      }
    }
  }
  return ds;
}

static const pfc_certificate *certificate_of(const pfc_bundle *b) {
  assert_int_equal(b->n_certificates, 1);
  assert_string_equal(b->certificates[0].model, "profile");
  return &b->certificates[0];
}

/* Some 500 ratings of the manager are compared with the test's: the bias is off by its standard
 * error of sqrt(2) 0.2 / sqrt(480) = 0.013; asked for 0.1, which 20 seeds all kept. */
static void sources_are_told_with_their_biases(void **state) {
  (void)state;
  static const rated R[] = {
      {"test", 0, 0, 80}, {"manager", 0.6, 0, 120}, {"self", -0.4, 80, 120}};
  pfc_dataset *ds = rate(R, 3);
  pfc_train_settings s = profile_only();
  pfc_train_report report;
  test_rows(ds, PFC_SOURCES, "source,scale_min,scale_max,anchor",
            "test,0,5,1;manager,0,5,0;self,0,5,;never,0,5,0");
  test_rows(ds, PFC_PEOPLE, "person_id,role_id", "p0,R1;p1,R2");
  pfc_bundle *b = train(ds, &s, &report);
  assert_int_equal(report.notes[0].n_rows, 6 * (80 + 120 + 40));
  assert_told(&report, "1440 ratings of 720 cells by 3 sources");
  assert_told(&report, "; anchor test; bias manager +0.");
  assert_told(&report, ", self -0.");
  assert_not_told(&report, "never");
  assert_not_told(&report, "shares no cell");
  const pfc_dict *sources = pfc_bundle_dict(b, "source");
  const pfc_profile_source *manager = &b->profile.source[pfc_dict_find(sources, "manager")];
  assert_near(manager->bias, 0.6, 0.1);
  assert_int_equal(manager->linked, 1);
  assert_true(b->profile.source[pfc_dict_find(sources, "test")].anchor == 1);
  assert_int_equal(b->profile.relative, 0);
  assert_int_equal(pfc_dict_size(pfc_bundle_dict(b, "competency")), SKILLS);
  assert_int_equal(pfc_dict_size(pfc_bundle_dict(b, "role")), 2);
  assert_int_equal(pfc_dict_size(pfc_bundle_dict(b, "rater")), 5);
  assert_int_equal(certificate_of(b)->n_rows, 1440);
  assert_int_equal(b->n_metrics, 0); /* the rank was given: nothing was chosen */
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static void a_chosen_rank_is_recorded(void **state) {
  (void)state;
  static const rated R[] = {{"test", 0, 0, 120}};
  pfc_dataset *ds = rate(R, 1);
  pfc_train_settings s = profile_only();
  pfc_train_report report;
  s.profile.rank = -1;
  pfc_bundle *b = train(ds, &s, &report);
  assert_int_equal(b->n_metrics, 1);
  assert_string_equal(b->metrics[0].name, "profile.holdout_nll");
  assert_true(isfinite(b->metrics[0].value));
  /* A tenth of 720 cells, one rating each. */
  assert_true(b->metrics[0].n_rows >= 36 && b->metrics[0].n_rows <= 108);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static void sources_on_their_own_are_told(void **state) {
  (void)state;
  static const rated R[] = {{"test", 0, 0, 60}, {"peer", 1, 60, 90}, {"self", -1, 90, 120}};
  pfc_dataset *ds = rate(R, 3);
  pfc_train_settings s = profile_only();
  pfc_train_report report;
  test_rows(ds, PFC_SOURCES, "source,scale_min,scale_max,anchor", "test,0,5,1");
  pfc_bundle *b = train(ds, &s, &report);
  assert_told(&report,
              "sources peer, self share no cell with an anchor: their bias is taken to be 0");
  assert_not_told(&report, "bias peer");
  const pfc_dict *sources = pfc_bundle_dict(b, "source");
  const pfc_profile_source *peer = &b->profile.source[pfc_dict_find(sources, "peer")];
  assert_near(peer->bias, 0, 0);
  assert_int_equal(peer->linked, 0);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static void without_an_anchor_levels_are_relative(void **state) {
  (void)state;
  static const rated R[] = {{"manager", 0.3, 0, 120}, {"self", 0, 0, 120}};
  pfc_dataset *ds = rate(R, 2);
  pfc_train_settings s = profile_only();
  pfc_train_report report;
  pfc_bundle *b = train(ds, &s, &report);
  assert_told(&report, "relative levels: no source with ratings is an anchor");
  assert_int_equal(b->profile.relative, 1);
  pfc_bundle_destroy(b);
  /* An anchor that never rated anybody anchors nothing. */
  test_rows(ds, PFC_SOURCES, "source,scale_min,scale_max,anchor", "test,0,5,1;self,0,5,0");
  b = train(ds, &s, &report);
  assert_told(&report, "relative levels");
  assert_int_equal(b->profile.relative, 1);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* A person, a competency, a level: as simple as a table can be. */
static void a_plain_table_trains(void **state) {
  (void)state;
  static const rated R[] = {{"", 0, 0, 120}};
  pfc_dataset *ds = rate(R, 1);
  for (int c = 3; c < 6; c++) { /* source, rater_id, assessed_on: as if they were not there */
    pfc_column *column = &ds->tables[PFC_ASSESSMENTS].columns[c];
    pfc_column_clear(column, 0, ds->tables[PFC_ASSESSMENTS].n_rows);
  }
  pfc_train_settings s = profile_only();
  pfc_train_report report;
  pfc_bundle *b = train(ds, &s, &report);
  assert_told(&report, "720 ratings of 720 cells; no source is named; relative levels");
  assert_int_equal(b->trained_as_of, PFC_NO_DATE);
  /* The noise and the cell's own level are one where nobody is rated twice; people differ. */
  assert_near(b->profile.sd_person, 0.4, 0.12);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static void names_of_any_length_make_valid_words(void **state) {
  (void)state;
  char name[8001];
  for (int k = 0; k < 4000; k++) memcpy(name + 2 * (size_t)k, "\xc3\xa9", 3);
  const rated R[] = {{"test", 0, 0, 60}, {name, 0.5, 0, 60}, {"peer", 0.2, 0, 60}};
  pfc_dataset *ds = rate(R, 3);
  pfc_train_settings s = profile_only();
  pfc_train_report report;
  test_rows(ds, PFC_SOURCES, "source,scale_min,scale_max,anchor", "test,0,5,1");
  pfc_bundle *b = train(ds, &s, &report);
  const char *text = report.notes[0].text;
  assert_told(&report, "... +0.");
  assert_told(&report, "peer +0.");
  assert_int_equal(pfc_utf8_cut(text, strlen(text)), strlen(text));
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* Ratings beyond the 24 that count of a cell. */
static void the_latest_of_a_cell_count(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  pfc_train_settings s = profile_only();
  pfc_train_report report;
  test_table(ds, PFC_ASSESSMENTS, 90, "person_id,competency_id,level,assessed_on");
  for (int r = 0; r < 90; r++) {
    test_cell(ds, PFC_ASSESSMENTS, r, "person_id", r % 3 == 0 ? "a" : r % 3 == 1 ? "b" : "c");
    test_cell(ds, PFC_ASSESSMENTS, r, "competency_id", "sql");
    test_number(ds, PFC_ASSESSMENTS, r, "level", r % 3 + 0.1 * (r % 7));
    test_number(ds, PFC_ASSESSMENTS, r, "assessed_on", r);
  }
  pfc_bundle *b = train(ds, &s, &report);
  assert_told(&report, "72 ratings of 3 cells, 18 older ones left out; no source is named");
  assert_int_equal(report.notes[0].n_rows, 72);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* The report on data quality counts shared cells too, in its own walk. */
static void quality_and_training_agree_on_links(void **state) {
  (void)state;
  for (uint64_t k = 0; k < 20; k++) {
    pfc_dataset *ds = company_create(seed + k, 0);
    pfc_history *h = NULL;
    pfc_evidence *e = NULL;
    pfc_quality *q = NULL;
    pfc_quality_settings s;
    int8_t linked[64];
    int64_t shared[64];
    pfc_quality_defaults(&s);
    assert_ok(pfc_history_create(ds, &h, &err));
    assert_ok(pfc_evidence_create(ds, h, &e, &err));
    assert_true(e->n_sources <= 64);
    assert_ok(pfc_source_links(e, PFC_NO_DATE, linked, shared, &err));
    assert_ok(pfc_quality_create(ds, &s, &q, &err));
    for (int i = 0; i < q->n_sources; i++) {
      const int32_t source = test_code(ds, "source", q->sources[i].source);
      if (source < 0) continue;
      assert_int_equal(q->sources[i].is_connected, linked[source]);
    }
    pfc_quality_destroy(q);
    pfc_evidence_destroy(e);
    pfc_history_destroy(h);
    pfc_dataset_destroy(ds);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sources_are_told_with_their_biases),
      cmocka_unit_test(a_chosen_rank_is_recorded),
      cmocka_unit_test(sources_on_their_own_are_told),
      cmocka_unit_test(without_an_anchor_levels_are_relative),
      cmocka_unit_test(a_plain_table_trains),
      cmocka_unit_test(names_of_any_length_make_valid_words),
      cmocka_unit_test(the_latest_of_a_cell_count),
      cmocka_unit_test(quality_and_training_agree_on_links),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
