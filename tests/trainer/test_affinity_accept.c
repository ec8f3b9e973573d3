// labels: property check
/* Acceptance where there is no feedback: the curve holds on starts that training has not seen,
 * and is fitted to the latest starts but those that are mandated. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/candidates.h"
#include "models/fold.h"
#include "tests/support/organisation.h"
#include "tests/support/tables.h"
#include "trainer/metrics.h"
#include "trainer/train.h"

static pfc_bundle *train_affinity(const pfc_dataset *ds) {
  pfc_bundle *bundle = NULL;
  pfc_train_settings s;
  pfc_train_report report;
  pfc_train_defaults(&s);
  s.models = PFC_TRAIN_AFFINITY;
  assert_ok(pfc_train(ds, &s, &bundle, &report, &err));
  return bundle;
}

/* --- starts after the split --------------------------------------------------------------- */

enum { SEEDS = 12, PEOPLE = 1000, INTERVENTIONS = 60, DAYS_AFTER = 300 };

typedef struct seen {
  int64_t n, capacity;
  double *p;
  int8_t *taken;
} seen;

typedef struct world {
  pfc_history *h;
  pfc_catalogue *cat;
  pfc_lens *lens;
  pfc_fold *fold;
  uint8_t *mandated; /* of somebody */
  float *x;
} world;

static world open_world(const pfc_dataset *ds, const pfc_bundle *b) {
  world w = {0};
  assert_ok(pfc_history_create(ds, &w.h, &err));
  assert_ok(pfc_catalogue_create(ds, &w.cat, &err));
  assert_ok(
      pfc_lens_create(ds, w.h, w.cat, (pfc_dict *const *)b->dicts, b->n_dicts, &w.lens, &err));
  assert_ok(pfc_fold_create(&b->affinity, w.lens, w.h, w.cat, 1, &w.fold, &err));
  w.x = pfc_alloc_array((size_t)b->affinity.rank, sizeof *w.x);
  w.mandated = pfc_alloc_array((size_t)w.cat->n_interventions, 1);
  memset(w.mandated, 0, (size_t)w.cat->n_interventions);
  const int32_t *required = pfc_dataset_codes(ds, PFC_MANDATES, "intervention_id");
  for (int64_t r = 0; required && r < ds->tables[PFC_MANDATES].n_rows; r++)
    w.mandated[required[r]] = 1;
  return w;
}

static void close_world(world *w) {
  pfc_free(w->x);
  pfc_free(w->mandated);
  pfc_fold_destroy(w->fold);
  pfc_lens_destroy(w->lens);
  pfc_catalogue_destroy(w->cat);
  pfc_history_destroy(w->h);
}

static void see(seen *s, double p, bool taken) {
  if (s->n == s->capacity) {
    const size_t from = (size_t)s->capacity, to = 2 * from + 1024;
    s->p = pfc_resize_array(s->p, from, to, sizeof *s->p);
    s->taken = pfc_resize_array(s->taken, from, to, sizeof *s->taken);
    assert_true(s->p && s->taken);
    s->capacity = (int64_t)to;
  }
  s->p[s->n] = p;
  s->taken[s->n++] = taken;
}

/* What was open and not covered when the person started that, and its chances. */
static void see_start(world *w, const pfc_affinity *m, int32_t person, const pfc_attempt *at,
                      seen *s) {
  const pfc_decision d = {person, at->intervention, -1, at->start, at->row, -1};
  int64_t n_items = 0;
  assert_ok(pfc_fold_person(w->fold, 0, &d, w->x, &n_items, &err));
  for (int32_t i = 0; i < w->cat->n_interventions; i++) {
    const bool taken = i == at->intervention;
    if (w->mandated[i]) continue;
    if (!taken && !pfc_catalogue_is_open(w->cat, i, at->start)) continue;
    if (!taken && pfc_candidate_is_covered(w->h, w->cat, &d, i)) continue;
    const float *y = pfc_fold_item(w->fold, i);
    double score = 0;
    for (int32_t f = 0; f < m->rank; f++) score += (double)w->x[f] * (double)y[f];
    see(s, pfc_affinity_accept(m, score), taken);
  }
}

/* Slope of what came of starts from the split on upon the logit of what was said of them. */
static double slope_after(const test_organisation *org, const pfc_bundle *b) {
  seen s = {0};
  world w = open_world(org->ds, b);
  double slope = NAN, intercept = NAN;
  for (int32_t p = 0; p < w.h->n_people; p++) {
    for (int64_t a = w.h->first_attempt[p]; a < w.h->first_attempt[p + 1]; a++) {
      const pfc_attempt *at = &w.h->attempts[a];
      if (!at->started || w.mandated[at->intervention] || at->start < org->ds->split.date)
        continue;
      see_start(&w, &b->affinity, p, at, &s);
    }
  }
  assert_ok(pfc_calibration(s.n, s.p, s.taken, NULL, &slope, &intercept, &err));
  close_world(&w);
  pfc_free(s.p);
  pfc_free(s.taken);
  return slope;
}

/* Over seeds 1 to 40 slopes have mean 0.99 and standard deviation 0.20: the mean of twelve lies
 * outside of what is asked for in one run of a hundred. Fitted on the starts that training saw,
 * the mean is 0.42 and the deviation 0.11. */
static void the_curve_holds_on_starts_not_seen(void **state) {
  (void)state;
  const uint64_t seed = test_seed(1);
  double sum = 0;
  pfc_dataset *frame = test_frame();
  for (uint64_t k = 0; k < SEEDS; k++) {
    const pfc_simulate_settings s = test_simulate_settings(PEOPLE, INTERVENTIONS, seed + k);
    test_organisation org = test_simulate(frame, &s);
    test_empty(org.ds, PFC_FEEDBACK);
    org.ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = org.truth->last_day - DAYS_AFTER};
    pfc_bundle *b = train_affinity(org.ds);
    const double slope = slope_after(&org, b);
    print_message("seed %d: slope %.3f\n", (int)(seed + k), slope);
    sum += slope / SEEDS;
    pfc_bundle_destroy(b);
    test_organisation_clear(&org);
  }
  pfc_dataset_destroy(frame);
  assert_true(sum > 0.85 && sum < 1.15);
}

/* --- which starts ------------------------------------------------------------------------- */

/* One start a person and day; every third one of i1, the others of i0. Only one may be had. */
static pfc_dataset *starts(int n, bool dated, bool mandate) {
  pfc_dataset *ds = pfc_dataset_create();
  test_table(ds, PFC_ENROLMENTS, n,
             dated ? "person_id,intervention_id,started_on,status"
                   : "person_id,intervention_id,status");
  for (int r = 0; r < n; r++) {
    char person[16];
    (void)snprintf(person, sizeof person, "p%d", r);
    test_cell(ds, PFC_ENROLMENTS, r, "person_id", person);
    test_cell(ds, PFC_ENROLMENTS, r, "intervention_id", mandate && r % 3 == 0 ? "i1" : "i0");
    test_cell(ds, PFC_ENROLMENTS, r, "status", "passed");
    if (dated) test_number(ds, PFC_ENROLMENTS, r, "started_on", 10 * r);
  }
  if (mandate) test_rows(ds, PFC_MANDATES, "intervention_id", "i1");
  return ds;
}

/* Where nobody had a choice, accept is the share taken with half an offer added to either
 * side: (n + 1/2) / (n + 1), of log odds log(2 n + 1). So it tells of how many starts it is. */
static void assert_starts(int n, bool dated, bool mandate, int n_told) {
  pfc_dataset *ds = starts(n, dated, mandate);
  pfc_bundle *b = train_affinity(ds);
  assert_true(b->has_affinity && b->affinity.accept_slope == 0);
  assert_float_equal(exp(b->affinity.accept_intercept), 2 * n_told + 1, 1e-6);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static void the_latest_fifth_tells(void **state) {
  (void)state;
  assert_starts(300, true, false, 60);
  assert_starts(250, true, false, 50);
}

static void few_starts_or_none_dated_all_tell(void **state) {
  (void)state;
  assert_starts(245, true, false, 245);
  assert_starts(300, false, false, 300);
}

/* Of the last 90 of 450 every third was required. */
static void what_is_mandated_does_not_tell(void **state) {
  (void)state;
  assert_starts(450, true, true, 60);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_curve_holds_on_starts_not_seen),
      cmocka_unit_test(the_latest_fifth_tells),
      cmocka_unit_test(few_starts_or_none_dated_all_tell),
      cmocka_unit_test(what_is_mandated_does_not_tell),
  };
  assert_ok(pfc_par_init(1, &err));
  return cmocka_run_group_tests(tests, NULL, NULL);
}
