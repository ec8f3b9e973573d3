// labels: property check
#include "tests/support/test.h"

#include <math.h>
#include <stdio.h>

#include "base/rng.h"
#include "datasets/controls.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"

typedef struct world {
  pfc_dataset *ds;
  pfc_history *h;
  pfc_catalogue *cat;
  pfc_episodes *list;
} world;

static void look_at(world *w, int64_t most) {
  assert_ok(pfc_history_create(w->ds, &w->h, &err));
  assert_ok(pfc_catalogue_create(w->ds, &w->cat, &err));
  assert_ok(pfc_controls_create(w->ds, w->h, w->cat, most, &w->list, &err));
}

static void forget(world *w) {
  pfc_episodes_destroy(w->list);
  pfc_catalogue_destroy(w->cat);
  pfc_history_destroy(w->h);
  pfc_dataset_destroy(w->ds);
  *w = (world){0};
}

static double level_of(const world *w, const pfc_episode *e) {
  return w->cat->to_level[pfc_catalogue_target(w->cat, e->intervention, e->competency)];
}

/* --- by hand ----------------------------------------------------------------------------- */

/* Somebody else's start makes level 3 in competency c one that people aim at. */
static pfc_dataset *one_cell(const char *looks, const char *own_starts) {
  char starts[256];
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_PEOPLE, "person_id", "p;other");
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "c;d");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id", "i;j");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level", "i,c,3;j,d,3");
  (void)snprintf(starts, sizeof starts, "other,i,5,passed%s", own_starts);
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,status", starts);
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,assessed_on,level,source", looks);
  return ds;
}

#define L(day, level) "p,c," #day "," #level ",test"

static void looks_and_starts_make_a_control(void **state) {
  (void)state;
  static const struct {
    const char *looks, *starts;
    int event; /* -2: no control */
    int start;
    double duration, last_below;
  } cases[] = {
      {L(10, 2) ";" L(20, 2) ";" L(30, 4) ";" L(40, 4), "", PFC_PROFICIENT, 21, 9, 0},
      {L(10, 2) ";" L(20, 2) ";" L(25, 1) ";" L(30, 3) ";" L(40, 3), "", PFC_PROFICIENT, 21, 9,
       4},
      /* never confirmed, or taken back */
      {L(10, 2) ";" L(20, 2) ";" L(30, 4), "", -2, 0, 0, 0},
      {L(10, 2) ";" L(20, 2) ";" L(26, 2) ";" L(30, 4), "", PFC_CENSORED, 21, 5, NAN},
      {L(10, 2) ";" L(20, 2) ";" L(30, 4) ";" L(40, 2), "", PFC_CENSORED, 21, 19, NAN},
      {L(10, 2) ";" L(20, 2) ";" L(30, 4) ";" L(40, 2) ";" L(50, 4) ";" L(60, 4), "",
       PFC_PROFICIENT, 21, 29, 19},
      /* one look below is no beginning, nor are two that are not in a row */
      {L(10, 2) ";" L(30, 4) ";" L(40, 4), "", -2, 0, 0, 0},
      {L(10, 2) ";" L(20, 3) ";" L(30, 2) ";" L(40, 3) ";" L(50, 3), "", -2, 0, 0, 0},
      {L(5, 3) ";" L(10, 2) ";" L(20, 2) ";" L(30, 2), "", PFC_CENSORED, 21, 9, NAN},
      /* on the day of the beginning, and before it */
      {L(10, 2) ";" L(20, 2) ";" L(21, 4) ";" L(21, 4), "", PFC_PROFICIENT, 21, 0.5, 0},
      {L(10, 2) ";" L(20, 2) ";" L(20, 4) ";" L(30, 2), "", PFC_CENSORED, 21, 9, NAN},
      /* below and above on one day */
      {L(10, 2) ";" L(20, 2) ";" L(30, 2) ";" L(30, 4) ";" L(40, 4), "", PFC_PROFICIENT, 21, 9,
       8},
      /* the person's own word, other competencies and no day tell nothing */
      {L(10, 2) ";" L(20, 2) ";p,c,30,4,self;p,d,31,4,test;p,c,,4,test;" L(40, 2), "",
       PFC_CENSORED, 21, 19, NAN},
      /* starts: of something else, never begun, of the thing, of a day nobody knows */
      {L(10, 2) ";" L(20, 2) ";" L(30, 4) ";" L(40, 4), ";p,j,15,passed", PFC_PROFICIENT, 21, 9,
       0},
      {L(10, 2) ";" L(20, 2) ";" L(30, 4) ";" L(40, 4), ";p,i,,enrolled", PFC_PROFICIENT, 21, 9,
       0},
      {L(10, 2) ";" L(20, 2) ";" L(30, 4) ";" L(40, 4), ";p,i,15,passed", -2, 0, 0, 0},
      {L(10, 2) ";" L(20, 2) ";" L(30, 4) ";" L(40, 4), ";p,i,40,failed", -2, 0, 0, 0},
      {L(10, 2) ";" L(20, 2) ";" L(30, 4) ";" L(40, 4), ";p,i,41,failed", PFC_PROFICIENT, 21, 9,
       0},
      {L(10, 2) ";" L(20, 2) ";" L(30, 4) ";" L(40, 4), ";p,i,,passed", -2, 0, 0, 0},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    world w = {.ds = one_cell(cases[k].looks, cases[k].starts)};
    look_at(&w, 1000);
    if (w.list->n != (cases[k].event != -2))
      fail_msg("case %d: %d controls", (int)k, (int)w.list->n);
    if (cases[k].event == -2) {
      forget(&w);
      continue;
    }
    const pfc_episode *e = w.list->at;
    if (e->event != cases[k].event || e->start != cases[k].start ||
        fabs(e->duration_days - cases[k].duration) > 0)
      fail_msg("case %d: event %d, from %d for %g days", (int)k, (int)e->event, e->start,
               e->duration_days);
    if (isnan(cases[k].last_below) ? !isnan(e->last_below_days)
                                   : e->last_below_days != cases[k].last_below)
      fail_msg("case %d: last below %g", (int)k, e->last_below_days);
    assert_int_equal(e->person, test_code(w.ds, "person", "p"));
    assert_int_equal(e->competency, test_code(w.ds, "competency", "c"));
    assert_float_equal(level_of(&w, e), 3, 0);
    assert_true(e->row == -1 && e->enrolment_row == -1 && e->entry_days == 0);
    forget(&w);
  }
}

/* Level 4 is aimed at three times as often as level 3; of 4,000 people about 3,000 stand for
 * it: within 4 standard errors of 27.4, missed by one in 16,000. Who was found at 3.5 can stand
 * for 4 alone. */
static void targets_are_drawn_as_often_as_they_are_aimed_at(void **state) {
  (void)state;
  enum { N = 4000 };
  char id[16];
  int64_t n_four = 0;
  world w = {.ds = pfc_dataset_create()};
  test_rows(w.ds, PFC_TARGETS, "intervention_id,competency_id,to_level", "i,c,3;j,c,4;k,c,5");
  test_rows(w.ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on",
            "x,i,1;x,j,1;y,j,1;z,j,1");
  test_table(w.ds, PFC_ASSESSMENTS, 3 * N, "person_id,competency_id,assessed_on,level,source");
  for (int r = 0; r < 3 * N; r++) {
    (void)snprintf(id, sizeof id, "p%d", r / 3);
    test_cell(w.ds, PFC_ASSESSMENTS, r, "person_id", id);
    test_cell(w.ds, PFC_ASSESSMENTS, r, "competency_id", "c");
    test_number(w.ds, PFC_ASSESSMENTS, r, "level", r / 3 % 2 && r % 3 == 0 ? 3.5 : 1);
    (void)snprintf(id, sizeof id, "%d", 10 * (1 + r % 3));
    test_cell(w.ds, PFC_ASSESSMENTS, r, "assessed_on", id);
    test_cell(w.ds, PFC_ASSESSMENTS, r, "source", "test");
  }
  look_at(&w, N);
  assert_int_equal(w.list->n, N);
  for (int64_t i = 0; i < N; i++) {
    const double level = level_of(&w, &w.list->at[i]);
    if (w.list->at[i].person % 2 == test_code(w.ds, "person", "p1") % 2) {
      assert_float_equal(level, 4, 0);
    } else {
      n_four += level == 4;
    }
  }
  assert_true(llabs(n_four - 3 * N / 8) < (long long)(4 * sqrt(0.5 * N * 0.75 * 0.25)));
  forget(&w);
}

/* --- against a scan ---------------------------------------------------------------------- */

/* Looks of a cell, by day and row, that a control may see. */
static int scan_looks(const world *w, int32_t person, int32_t c, const pfc_rating **look) {
  const int32_t *who = pfc_dataset_codes(w->ds, PFC_ENROLMENTS, "person_id");
  int32_t until = INT32_MAX;
  int n = 0;
  for (int64_t k = 0; k < w->h->first_attempt[w->h->n_people]; k++) {
    const pfc_attempt *a = &w->h->attempts[k];
    if (who[a->row] != person || !a->started) continue;
    for (int32_t t = 0; t < w->cat->n_targets; t++)
      if (w->cat->intervention[t] == a->intervention && w->cat->competency[t] == c &&
          a->start < until)
        until = a->start; /* PFC_NO_DATE is before everything */
  }
  for (int64_t k = w->h->first_rating[person]; k < w->h->first_rating[person + 1]; k++) {
    const pfc_rating *r = &w->h->ratings[k];
    if (r->competency == c && !r->self && r->date != PFC_NO_DATE && r->date < until)
      look[n++] = r;
  }
  return n;
}

static double highest_aim(const world *w, int32_t c) {
  double highest = -INFINITY;
  for (int64_t k = 0; k < w->h->first_attempt[w->h->n_people]; k++) {
    const pfc_attempt *a = &w->h->attempts[k];
    if (!a->started || a->start == PFC_NO_DATE) continue;
    for (int32_t t = w->cat->first[a->intervention]; t < w->cat->first[a->intervention + 1];
         t++)
      if (w->cat->competency[t] == c && w->cat->to_level[t] > highest)
        highest = w->cat->to_level[t];
  }
  return highest;
}

/* The two looks it begins with: place of the second, -1 none. */
static int scan_beginning(const pfc_rating **look, int n, double highest) {
  for (int k = 1; k < n; k++)
    if (look[k - 1]->level < highest - 1e-6 && look[k]->level < highest - 1e-6) return k;
  return -1;
}

/* The day on which the level was confirmed, PFC_NO_DATE never; *below: the last day before it,
 * or of all, on which a look was below, PFC_NO_DATE none. */
static int32_t scan_event(const pfc_rating **look, int n, int32_t start, double level,
                          int32_t *below) {
  *below = PFC_NO_DATE;
  for (int k = 0; k < n; k++) {
    if (look[k]->date < start) continue;
    const int is_above = look[k]->level >= level - 1e-6;
    if (is_above && k + 1 < n && look[k + 1]->level >= level - 1e-6) return look[k]->date;
    if (!is_above) *below = look[k]->date;
  }
  return PFC_NO_DATE;
}

static void check_control(const world *w, const pfc_episode *e, const pfc_rating **look, int n,
                          int k) {
  int32_t below;
  const double level = level_of(w, e);
  assert_int_equal(e->start, look[k]->date + 1);
  assert_true(level > look[k]->level && level > look[k - 1]->level);
  const int32_t day = scan_event(look, n, e->start, level, &below);
  const int32_t end = day != PFC_NO_DATE ? day : below;
  assert_int_equal(e->event, day != PFC_NO_DATE ? PFC_PROFICIENT : PFC_CENSORED);
  assert_float_equal(e->duration_days, end > e->start ? end - e->start : 0.5, 0);
  if (day == PFC_NO_DATE) {
    assert_true(isnan(e->last_below_days));
  } else if (below == PFC_NO_DATE) {
    assert_float_equal(e->last_below_days, 0, 0);
  } else {
    assert_float_equal(e->last_below_days, fmax(0, (below < day ? below : day - 1) - e->start),
                       0);
  }
}

/* Many looks at few cells, most of people who start nothing. */
static pfc_dataset *much_looked_at(uint64_t seed) {
  enum { N_PEOPLE = 150, N_LOOKS = 30 * N_PEOPLE };
  char text[16];
  pfc_rng rng;
  pfc_dataset *ds = test_random_dataset(seed, 40, 0);
  pfc_rng_init(&rng, seed, "test.controls", 0);
  test_empty(ds, PFC_ASSESSMENTS);
  test_table(ds, PFC_ASSESSMENTS, N_LOOKS, "person_id,competency_id,assessed_on,level,source");
  for (int r = 0; r < N_LOOKS; r++) {
    (void)snprintf(text, sizeof text, "p%d", (int)pfc_rng_below(&rng, N_PEOPLE));
    test_cell(ds, PFC_ASSESSMENTS, r, "person_id", text);
    (void)snprintf(text, sizeof text, "c%d", (int)pfc_rng_below(&rng, 3));
    test_cell(ds, PFC_ASSESSMENTS, r, "competency_id", text);
    test_number(ds, PFC_ASSESSMENTS, r, "level", 0.5 * (double)pfc_rng_below(&rng, 11));
    test_cell(ds, PFC_ASSESSMENTS, r, "source", pfc_rng_below(&rng, 6) ? "peer" : "self");
    if (pfc_rng_below(&rng, 12))
      test_number(ds, PFC_ASSESSMENTS, r, "assessed_on", (double)pfc_rng_below(&rng, 40));
  }
  return ds;
}

static void controls_agree_with_a_scan(void **state) {
  (void)state;
  const uint64_t seed = test_seed(51);
  int n_events = 0, n_censored = 0;
  for (uint64_t s = seed; s < seed + 4; s++) {
    world w = {.ds = much_looked_at(s)};
    look_at(&w, INT64_MAX);
    const pfc_rating **look =
        calloc((size_t)w.h->first_rating[w.h->n_people] + 1, sizeof(pfc_rating *));
    int64_t at = 0;
    for (int32_t p = 0; p < w.h->n_people; p++) {
      for (int32_t c = 0; c < pfc_dataset_count(w.ds, "competency"); c++) {
        const int n = scan_looks(&w, p, c, look);
        const int k = scan_beginning(look, n, highest_aim(&w, c));
        const pfc_episode *e = at < w.list->n ? &w.list->at[at] : NULL;
        if (!e || e->person != p || e->competency != c) {
          int32_t below; /* no beginning, or nothing to see from there on, of any target */
          if (k < 0) continue;
          assert_int_equal(scan_event(look, n, look[k]->date + 1, highest_aim(&w, c), &below),
                           PFC_NO_DATE);
          continue;
        }
        assert_true(k >= 1);
        check_control(&w, e, look, n, k);
        n_events += e->event == PFC_PROFICIENT;
        n_censored += e->event == PFC_CENSORED;
        at++;
      }
    }
    assert_int_equal(at, w.list->n);
    free(look);
    forget(&w);
  }
  if (n_events < 20 || n_censored < 20)
    fail_msg("%d events, %d censored", n_events, n_censored);
}

static void about_so_many_are_kept(void **state) {
  (void)state;
  world w = {.ds = test_random_dataset(5, 400, 0)},
        fewer = {.ds = test_random_dataset(5, 400, 0)};
  look_at(&w, INT64_MAX);
  const int64_t half = w.list->n / 2;
  look_at(&fewer, half);
  /* Five standard deviations of n fair coins. */
  assert_true(fabs((double)(fewer.list->n - half)) < 5 * sqrt((double)half / 2));
  for (int64_t i = 0, k = 0; i < fewer.list->n; i++, k++) {
    while (k < w.list->n && (w.list->at[k].person != fewer.list->at[i].person ||
                             w.list->at[k].competency != fewer.list->at[i].competency))
      k++;
    assert_true(k < w.list->n);
    assert_float_equal(w.list->at[k].duration_days, fewer.list->at[i].duration_days, 0);
  }
  forget(&fewer);
  forget(&w);
}

static void undated_tables_give_none(void **state) {
  (void)state;
  world w = {.ds = test_random_dataset(3, 50, 1)};
  look_at(&w, 1000);
  assert_int_equal(w.list->n, 0);
  forget(&w);
}

static pfc_status create(void *user) {
  const world *w = user;
  pfc_episodes *list;
  const pfc_status st = pfc_controls_create(w->ds, w->h, w->cat, 10, &list, NULL);
  if (st != PFC_OK) assert_null(list);
  pfc_episodes_destroy(list);
  return st;
}

static void short_memory_is_survived(void **state) {
  (void)state;
  world w = {.ds = test_random_dataset(4, 40, 0)};
  look_at(&w, 1000);
  assert_true(w.list->n > 0);
  assert_true(count_down(create, &w) >= 7);
  forget(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(looks_and_starts_make_a_control),
      cmocka_unit_test(targets_are_drawn_as_often_as_they_are_aimed_at),
      cmocka_unit_test(controls_agree_with_a_scan),
      cmocka_unit_test(about_so_many_are_kept),
      cmocka_unit_test(undated_tables_give_none),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests_name("datasets/controls", tests, NULL, NULL);
}
