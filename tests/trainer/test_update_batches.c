// labels: quality check
/* A year of updates, in an organisation that hires, adds interventions to its catalogue and
 * learns results late: against one fit of all rows with the same choices, and against training
 * once on all of it, which chooses anew. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/lent_levels.h"
#include "models/predict.h"
#include "tests/support/organisation.h"
#include "trainer/offers.h"
#include "trainer/update.h"

enum { N_BATCHES = 10, BATCH_DAYS = 30, TEST_DAYS = 150 };

static uint64_t seed;

static int set_up(void **state) {
  (void)state;
  seed = test_seed(7);
  return pfc_par_init(2, NULL);
}

/* Rows of a test, and what came of them. */
typedef struct judged {
  int64_t n;
  pfc_decision *d;
  double *y;
} judged;

static void judged_clear(judged *j) {
  pfc_free(j->d);
  pfc_free(j->y);
}

static judged judged_create(int64_t most) {
  judged j = {0};
  j.d = pfc_alloc_array((size_t)most, sizeof *j.d);
  j.y = pfc_alloc_array((size_t)most, sizeof *j.y);
  assert_true(j.d && j.y);
  return j;
}

static judged starts(const pfc_history *h, int32_t from) {
  judged j = judged_create(h->first_attempt[h->n_people]);
  for (int32_t p = 0; p < h->n_people; p++) {
    for (int64_t a = h->first_attempt[p]; a < h->first_attempt[p + 1]; a++) {
      const pfc_attempt *at = &h->attempts[a];
      if (!at->started || at->result < 0 || at->start < from) continue;
      j.d[j.n] = (pfc_decision){p, at->intervention, -1, at->start, at->row, -1};
      j.y[j.n++] = at->result;
    }
  }
  return j;
}

static judged answers(const pfc_history *h, int32_t from) {
  pfc_offers *offers = NULL;
  pfc_rule_settings rules;
  pfc_rule_defaults(&rules);
  assert_ok(pfc_offers_create(h, &offers, &err));
  assert_ok(pfc_offers_bar(offers, h, NULL, &rules, &err));
  judged j = judged_create(offers->n);
  for (int64_t i = 0; i < offers->n; i++) {
    if (offers->at[i].d.date < from) continue;
    j.d[j.n] = offers->at[i].d;
    j.y[j.n++] = offers->at[i].accepted;
  }
  pfc_offers_destroy(offers);
  return j;
}

static double log_loss(const pfc_chance *m, const pfc_lens *lens, const pfc_fold *fold,
                       const judged *j) {
  double *p = pfc_alloc_array((size_t)j->n, sizeof *p), sum = 0;
  assert_true(j->n > 50);
  assert_ok(pfc_chance_predict(m, lens, fold, j->n, j->d, p, &err));
  for (int64_t i = 0; i < j->n; i++) sum -= log(j->y[i] > 0 ? p[i] : 1 - p[i]);
  pfc_free(p);
  return sum / (double)j->n;
}

typedef struct losses {
  double success, accept;
} losses;

/* Of what came after the last day of training, each row as of its day. */
static losses judge(const pfc_bundle *b, const pfc_dataset *ds, int32_t from) {
  pfc_history *h = NULL;
  pfc_catalogue *cat = NULL;
  pfc_lens *lens = NULL;
  pfc_fold *fold = NULL;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  assert_ok(pfc_lens_create(ds, h, cat, b->dicts, b->n_dicts, &lens, &err));
  assert_ok(pfc_lend_bundle(b, ds, h, lens, &err));
  if (b->has_affinity)
    assert_ok(pfc_fold_create(&b->affinity, lens, h, cat, pfc_par_threads(), &fold, &err));
  judged s = starts(h, from), a = answers(h, from);
  const losses l = {log_loss(&b->success, lens, fold, &s),
                    log_loss(&b->accept, lens, fold, &a)};
  judged_clear(&s);
  judged_clear(&a);
  pfc_fold_destroy(fold);
  pfc_lens_destroy(lens);
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(h);
  return l;
}

static pfc_train_settings settings(unsigned models) {
  pfc_train_settings s;
  pfc_train_defaults(&s);
  s.models = s.require = models;
  return s;
}

/* The bundle after all batches up to the day. */
static pfc_bundle *live_a_year(pfc_dataset *ds, int32_t day, unsigned models) {
  const pfc_train_settings s = settings(models);
  pfc_train_report report;
  pfc_bundle *b = NULL;
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = day - N_BATCHES * BATCH_DAYS};
  assert_ok(pfc_train(ds, &s, &b, &report, &err));
  const int32_t columns = b->accept.features->n_columns;
  for (int k = 0; k < N_BATCHES; k++) {
    pfc_bundle *next = NULL;
    ds->split.date += BATCH_DAYS;
    assert_ok(pfc_update(ds, &s, b, &next, &report, &err));
    pfc_bundle_destroy(b);
    b = next;
  }
  assert_true(b->accept.features->n_columns > columns); /* there were new categories */
  return b;
}

/* --- against one fit of all rows ----------------------------------------------------------
 */

/* As if nobody had known anything of the coefficients but their strengths, and no row been
 * told: what is updated then is all of them at once, by the exact loss. */
static void forget(pfc_chance *m) {
  const pfc_features *f = m->features;
  const int32_t n = f->n_columns + 1;
  assert_int_equal(m->rank, 0);
  memset(m->coef, 0, sizeof *m->coef * (size_t)f->n_columns);
  m->intercept = 0;
  pfc_ledger_clear(&m->ledger);
  pfc_posterior_clear(&m->posterior);
  assert_ok(pfc_posterior_init(&m->posterior, n, 0, &err));
  for (int k = 0; k < f->n_fields; k++) {
    const double strength = pfc_strengths_of(&m->strengths, f->fields[k].group, -1);
    assert_true(strength > 0);
    for (int32_t c = 0; c < f->fields[k].n_columns; c++)
      m->posterior.diagonal[f->fields[k].first + c] = strength;
  }
  m->posterior.diagonal[n - 1] = 1e-8; /* no ridge on the intercept */
}

/* Who is booked and has not begun is on no earlier record: offers to people who were busy with
 * such bookings would be absorbed before they can be known for what they are. */
static void begin_when_booked(pfc_dataset *ds) {
  const pfc_column *started = pfc_dataset_column(ds, PFC_ENROLMENTS, "started_on");
  const int32_t *enrolled = pfc_dataset_dates(ds, PFC_ENROLMENTS, "enrolled_on");
  assert_true(started && enrolled);
  for (int64_t r = 0; r < ds->tables[PFC_ENROLMENTS].n_rows; r++)
    if (started->date[r] != PFC_NO_DATE) started->date[r] = enrolled[r];
}

/* Nats a row, to either side. At seeds 7, 8 and 10 success lay 1.6e-4, 1.7e-4 and 1.3e-4 away,
 * accept 0.1e-4, 0.2e-4 and 0.6e-4. What is lost is lost because few rows make no parabola:
 * with 500 people success lies up to 11e-4 away (ahead). */
static const double MOST_LOST = 2e-4;

static void ten_updates_are_one_fit_with_the_same_choices(void **state) {
  (void)state;
  pfc_dataset *frame = test_frame();
  const unsigned models = PFC_TRAIN_SUCCESS | PFC_TRAIN_ACCEPT;
  const pfc_simulate_settings larger = test_simulate_settings(1500, 60, seed);
  test_organisation o = test_simulate(frame, &larger);
  const pfc_train_settings s = settings(models);
  pfc_train_report report;
  pfc_bundle *exact = NULL;
  const int32_t day = o.truth->last_day - TEST_DAYS;
  begin_when_booked(o.ds);
  pfc_bundle *updated = live_a_year(o.ds, day, models);
  const losses by_updates = judge(updated, o.ds, day);
  const int64_t n_success = updated->success.ledger.n, n_accept = updated->accept.ledger.n;
  forget(&updated->success);
  forget(&updated->accept);
  assert_ok(pfc_update(o.ds, &s, updated, &exact, &report, &err));
  assert_int_equal(exact->success.ledger.n, n_success);
  assert_int_equal(exact->accept.ledger.n, n_accept);
  const losses at_once = judge(exact, o.ds, day);
  printf("success %.6f, one fit %.6f; accept %.6f, %.6f\n", by_updates.success, at_once.success,
         by_updates.accept, at_once.accept);
  assert_true(fabs(by_updates.success - at_once.success) < MOST_LOST);
  assert_true(fabs(by_updates.accept - at_once.accept) < MOST_LOST);
  pfc_bundle_destroy(updated);
  pfc_bundle_destroy(exact);
  test_organisation_clear(&o);
  pfc_dataset_destroy(frame);
}

/* --- against training once ----------------------------------------------------------------
 */

/* How far updates may be behind training once on everything, nats a row: strengths are then
 * chosen anew, by more than twice the rows of the first time, and the axes of affinity drawn
 * anew. At seeds 7, 8 and 10 success was 3.4e-3, 1.3e-3 and 1.8e-3 ahead, accept 4.8e-3 ahead,
 * 5.7e-3 and 1.5e-3 behind. The seed is fixed: nothing is left to chance. */
static const double MOST_BEHIND = 0.01;

static void a_year_of_updates_is_as_good_as_training_once(void **state) {
  (void)state;
  pfc_dataset *frame = test_frame();
  const pfc_simulate_settings small = test_simulate_settings(500, 60, seed);
  test_organisation o = test_simulate(frame, &small);
  const unsigned models = PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS | PFC_TRAIN_ACCEPT;
  const pfc_train_settings s = settings(models);
  pfc_train_report report;
  pfc_bundle *full = NULL;
  const int32_t day = o.truth->last_day - TEST_DAYS;
  pfc_bundle *updated = live_a_year(o.ds, day, models);
  assert_int_equal(o.ds->split.date, day);
  assert_ok(pfc_train(o.ds, &s, &full, &report, &err));
  /* Nothing is left out; an offer that was told stays, though later facts would bar it. */
  assert_true(updated->accept.ledger.n >= full->accept.ledger.n);
  assert_true(updated->success.ledger.n >= full->success.ledger.n);
  const losses by_updates = judge(updated, o.ds, day), at_once = judge(full, o.ds, day);
  printf("success %.4f, trained once %.4f; accept %.4f, %.4f\n", by_updates.success,
         at_once.success, by_updates.accept, at_once.accept);
  assert_true(by_updates.success < at_once.success + MOST_BEHIND);
  assert_true(by_updates.accept < at_once.accept + MOST_BEHIND);
  pfc_bundle_destroy(updated);
  pfc_bundle_destroy(full);
  test_organisation_clear(&o);
  pfc_dataset_destroy(frame);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ten_updates_are_one_fit_with_the_same_choices),
      cmocka_unit_test(a_year_of_updates_is_as_good_as_training_once),
  };
  return cmocka_run_group_tests_name("trainer/update_batches", tests, set_up, NULL);
}
