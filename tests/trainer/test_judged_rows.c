// labels: property check
/* Judged rows against a slow reading of their definition, one question at a time. */
#include "tests/support/test.h"

#include "base/mem.h"
#include "base/rng.h"
#include "datasets/split.h"
#include "engine/candidates.h"
#include "models/predict.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"
#include "trainer/judged_rows.h"

enum { N_WORLDS = 24, PEOPLE = 14 };

typedef struct place {
  pfc_dataset *ds;
  pfc_history *h;
  pfc_catalogue *cat;
  pfc_judged_rows *rows;
} place;

/* Windows in which some interventions are open, some of them again and again. */
static void add_windows(pfc_dataset *ds, pfc_rng *rng) {
  static const char *const NAMES[] = {"opens_on", "closes_on", "recurs_months"};
  const int64_t n = ds->tables[PFC_INTERVENTIONS].n_rows;
  for (int k = 0; k < 3; k++) {
    pfc_column *c = NULL;
    assert_ok(pfc_dataset_add_column(ds, PFC_INTERVENTIONS, NAMES[k],
                                     k < 2 ? PFC_DATE : PFC_INT, NULL, n, &c, &err));
    for (int64_t r = 0; r < n; r++) {
      if (pfc_rng_below(rng, 2)) continue;
      c->i32[r] = k < 2 ? (int32_t)pfc_rng_below(rng, 50) + 40 * k : 1;
    }
  }
}

static const char MANDATES[] = "i1,r0,;i2,,u1;i3,r1,u0;i0,r2,;i5,r0,u1";

static void open_place(place *p, uint64_t seed, int is_undated, int for_all) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.judged", 0);
  *p = (place){.ds = test_random_dataset(seed, PEOPLE, is_undated)};
  if (!is_undated) add_windows(p->ds, &rng);
  test_rows(p->ds, PFC_MANDATES, "intervention_id,role_id,unit_id",
            for_all ? "i4,," : MANDATES);
  p->ds->split = (pfc_split){.kind = PFC_SPLIT_RANDOM, .fraction = 0.4, .seed = seed};
  if (seed % 3 == 0 && !is_undated)
    p->ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 45};
  assert_ok(pfc_history_create(p->ds, &p->h, &err));
  assert_ok(pfc_catalogue_create(p->ds, &p->cat, &err));
  assert_ok(pfc_judged_rows_create(p->ds, p->h, p->cat, &p->rows, &err));
}

static void close_place(place *p) {
  pfc_judged_rows_destroy(p->rows);
  pfc_catalogue_destroy(p->cat);
  pfc_history_destroy(p->h);
  pfc_dataset_destroy(p->ds);
}

/* --- the definition, word by word ----------------------------------------------------------
 */

static bool same_query(const place *p, int64_t a, int64_t b) {
  return a == b || (p->h->dated && p->h->attempts[a].start == p->h->attempts[b].start);
}

static bool was_started(const place *p, const pfc_judged_query *q, int32_t i, bool in_test) {
  for (int64_t a = q->first; a < q->last; a++) {
    const pfc_attempt *at = &p->h->attempts[a];
    if (at->intervention == i && at->started && (!in_test || p->rows->is_test[at->row]))
      return true;
  }
  return false;
}

static bool slow_is_mandated(const place *p, const pfc_decision *d, int32_t i) {
  const int32_t *item = pfc_dataset_codes(p->ds, PFC_MANDATES, "intervention_id");
  const int32_t *role = pfc_dataset_codes(p->ds, PFC_MANDATES, "role_id");
  const int32_t *unit = pfc_dataset_codes(p->ds, PFC_MANDATES, "unit_id");
  const int32_t day = d->date == PFC_NO_DATE ? PFC_NO_DATE + 1 : d->date - 1;
  for (int64_t r = 0; r < p->ds->tables[PFC_MANDATES].n_rows; r++) {
    if (item[r] == i && (role[r] < 0 || role[r] == pfc_history_role(p->h, d->person, day)) &&
        (unit[r] < 0 || unit[r] == pfc_history_unit(p->h, d->person, day)))
      return true;
  }
  return false;
}

static bool is_candidate(const place *p, const pfc_judged_query *q, int32_t i) {
  if (!pfc_catalogue_is_open(p->cat, i, q->d.date) || slow_is_mandated(p, &q->d, i))
    return false;
  if (was_started(p, q, i, true)) return true;
  return !was_started(p, q, i, false) && !pfc_candidate_is_covered(p->h, p->cat, &q->d, i);
}

/* --- queries -------------------------------------------------------------------------------
 */

static void check_candidates(const place *p, const pfc_judged_query *q) {
  const int32_t n_items = p->cat->n_interventions;
  int32_t *candidate = pfc_alloc_array((size_t)n_items, sizeof *candidate), at = 0,
          n_wanted = 0;
  uint8_t *relevant = pfc_alloc_array((size_t)n_items, 1);
  const int32_t n = pfc_judged_candidates(p->rows, q, candidate, relevant);
  for (int32_t i = 0; i < n_items; i++) {
    if (!is_candidate(p, q, i)) continue;
    assert_true(at < n);
    assert_int_equal(candidate[at], i);
    assert_int_equal(relevant[at], was_started(p, q, i, true));
    n_wanted += relevant[at++];
  }
  assert_int_equal(at, n);
  assert_true(n_wanted > 0);
  pfc_free(candidate);
  pfc_free(relevant);
}

/* Each attempt with a test start that could have been recommended belongs to one query, and no
 * query is without one. */
static void check_queries(const place *p) {
  int64_t next = 0;
  for (int32_t person = 0; person < p->h->n_people; person++) {
    int64_t first = p->h->first_attempt[person], last;
    for (; first < p->h->first_attempt[person + 1]; first = last) {
      bool asked = false;
      for (last = first; last < p->h->first_attempt[person + 1]; last++)
        if (!same_query(p, first, last)) break;
      const pfc_attempt *a = &p->h->attempts[first];
      const pfc_judged_query q = {
          {person, -1, -1, p->h->dated ? a->start : PFC_NO_DATE, a->row, -1}, first, last};
      for (int32_t i = 0; i < p->cat->n_interventions; i++)
        asked |= was_started(p, &q, i, true) && is_candidate(p, &q, i);
      if (!asked) continue;
      assert_true(next < p->rows->n_queries);
      assert_memory_equal(&p->rows->query[next], &q, sizeof q);
      check_candidates(p, &p->rows->query[next++]);
    }
  }
  assert_int_equal(next, p->rows->n_queries);
}

/* --- starts and episodes -------------------------------------------------------------------
 */

static void check_starts(const place *p) {
  const int32_t last = pfc_last_day(p->ds, p->h);
  int64_t next = 0;
  for (int32_t person = 0; person < p->h->n_people; person++) {
    for (int64_t k = p->h->first_attempt[person]; k < p->h->first_attempt[person + 1]; k++) {
      const pfc_attempt *a = &p->h->attempts[k];
      const double weeks = p->cat->weeks[a->intervention];
      const bool known = a->result >= 0 && a->started && p->rows->is_test[a->row];
      const bool over = !p->h->dated || a->start == PFC_NO_DATE || !(weeks > 0) ||
                        a->start + 7 * weeks <= last + 1;
      if (!known || !over) continue;
      assert_true(next < p->rows->n_starts);
      const pfc_judged_start *s = &p->rows->start[next++];
      assert_int_equal(s->d.person, person);
      assert_int_equal(s->d.intervention, a->intervention);
      assert_int_equal(s->d.enrolment_row, a->row);
      assert_int_equal(s->d.date, p->h->dated ? a->start : PFC_NO_DATE);
      assert_int_equal(s->result, a->result);
    }
  }
  assert_int_equal(next, p->rows->n_starts);
}

/* In this world episodes are derived, each from an enrolment. */
static void check_episodes(const place *p) {
  pfc_episodes *all = NULL;
  int64_t next = 0;
  assert_ok(pfc_episodes_create(p->ds, p->h, &all, &err));
  for (int64_t i = 0; i < all->n; i++) {
    if (!p->rows->is_test[all->at[i].enrolment_row]) continue;
    assert_true(next < p->rows->n_episodes);
    assert_int_equal(p->rows->episode[next].enrolment_row, all->at[i].enrolment_row);
    assert_int_equal(p->rows->episode[next++].competency, all->at[i].competency);
  }
  assert_int_equal(next, p->rows->n_episodes);
  pfc_episodes_destroy(all);
}

static void rows_are_those_of_the_definition(void **state) {
  (void)state;
  const uint64_t seed = test_seed(40);
  int64_t n_queries = 0, n_starts = 0, n_episodes = 0;
  for (uint64_t k = 0; k < N_WORLDS; k++) {
    place p;
    open_place(&p, seed * N_WORLDS + k, k % 4 == 3, k % 8 == 0);
    check_queries(&p);
    check_starts(&p);
    check_episodes(&p);
    n_queries += p.rows->n_queries;
    n_starts += p.rows->n_starts;
    n_episodes += p.rows->n_episodes;
    close_place(&p);
  }
  assert_true(n_queries > 500 && n_starts > 300 && n_episodes > 50);
}

static void without_a_split_there_are_none(void **state) {
  (void)state;
  place p;
  open_place(&p, 2, 0, 0);
  pfc_judged_rows_destroy(p.rows);
  p.ds->split = (pfc_split){.kind = PFC_SPLIT_NONE};
  assert_ok(pfc_judged_rows_create(p.ds, p.h, p.cat, &p.rows, &err));
  assert_int_equal(p.rows->n_queries + p.rows->n_starts + p.rows->n_episodes, 0);
  close_place(&p);
}

/* Spells of table episodes are test by a mark of their own. */
static void episodes_of_the_table_have_marks_of_their_own(void **state) {
  (void)state;
  place p;
  open_place(&p, 2, 0, 0);
  test_rows(p.ds, PFC_EPISODES, "person_id,started_on,duration_days,event,split",
            "p1,3,4,proficient,test;p2,3,5,censored,train;p2,3,6,censored,test");
  pfc_judged_rows_destroy(p.rows);
  p.ds->split = (pfc_split){.kind = PFC_SPLIT_COLUMN};
  assert_ok(pfc_judged_rows_create(p.ds, p.h, p.cat, &p.rows, &err));
  assert_int_equal(p.rows->n_episodes, 2);
  assert_true(p.rows->episode[0].duration_days == 4 && p.rows->episode[1].duration_days == 6);
  close_place(&p);
}

static pfc_status create_counted(void *user) {
  const place *p = user;
  pfc_judged_rows *rows = NULL;
  const pfc_status st = pfc_judged_rows_create(p->ds, p->h, p->cat, &rows, NULL);
  pfc_judged_rows_destroy(rows);
  return st;
}

static void short_memory_is_survived(void **state) {
  (void)state;
  place p;
  open_place(&p, 4, 0, 0);
  assert_true(count_down(create_counted, &p) > 15);
  close_place(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_those_of_the_definition),
      cmocka_unit_test(without_a_split_there_are_none),
      cmocka_unit_test(episodes_of_the_table_have_marks_of_their_own),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
