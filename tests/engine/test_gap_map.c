// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "engine/gap_map.h"
#include "engine/gap_people.h"
#include "tests/support/countdown.h"
#include "tests/support/mapped.h"
#include "tests/support/near.h"
#include "tests/support/profiled.h"
#include "tests/support/tables.h"

/* --- the same sums, slowly --------------------------------------------------------------- */

static void check_group(const pfc_gap_group *g, const mapped_sums *s) {
  assert_int_equal(g->people, g->hidden ? -1 : (int64_t)s->people);
  assert_int_equal(g->likely_below, g->hidden_below ? -1 : (int64_t)s->likely_below);
  if (g->hidden_below) {
    assert_nan(g->expected_below);
    assert_nan(g->share_below);
  } else {
    assert_near(g->expected_below, s->expected, 1e-9);
    if (g->competency >= 0) {
      assert_near(g->share_below, s->likely_below / s->people, 1e-12);
    } else {
      assert_nan(g->share_below);
    }
  }
  if (g->hidden) {
    assert_nan(g->shortfall);
    assert_nan(g->priority);
    assert_nan(g->behind);
    assert_nan(g->share_above);
    assert_int_equal(g->n_affected, 0);
    assert_true(g->hidden_below);
  } else {
    assert_near(g->shortfall, s->shortfall, 1e-9);
    assert_near(g->priority, s->priority, 1e-9);
    if (s->priority > 0) assert_near(g->compliance_share, s->compliance / s->priority, 1e-9);
  }
}

/* Told or not, all groups of people are there, and what is told is right. */
static void groups_are_the_sums_of_their_rows(void **state) {
  (void)state;
  const uint64_t seed = test_seed(21);
  for (uint64_t k = 0; k < 12; k++) {
    mapped w = mapped_draw(seed, k);
    for (int by = PFC_GAPS_BY_UNIT; by < PFC_GAPS_UNCOVERED; by++) {
      for (int min_group = 1; min_group <= 5; min_group += 4) {
        pfc_gap_map *map = mapped_of(&w, (pfc_gap_by)by, min_group, 0);
        double people = 0;
        for (int64_t i = 0; i < map->n_groups; i++) {
          const mapped_sums s = mapped_sums_of(&w, (pfc_gap_by)by, &map->group[i]);
          check_group(&map->group[i], &s);
          assert_true(s.people > 0);
          people += s.asked;
          if (i == 0 || map->group[i].hidden) continue;
          assert_true(map->group[i].priority <= map->group[i - 1].priority);
        }
        const mapped_sums all = mapped_add_up(&w, -2, -2, -2);
        assert_near(people, all.asked, 0);
        check_group(&map->total, &all);
        if (min_group == 1) assert_int_equal(map->n_hidden, 0);
        pfc_gap_map_destroy(map);
      }
    }
    mapped_close(&w);
  }
}

/* --- what nothing addresses ------------------------------------------------------------------
 */

/* Open on the day are I0 alone: to level 3 in C0, to any in C1. */
static bool is_covered(const pfc_gap *g) {
  return g->competency == 1 || (g->competency == 0 && g->level < 3);
}

static void uncovered_gaps_are_those_without_a_way(void **state) {
  (void)state;
  const uint64_t seed = test_seed(23);
  int n_told = 0;
  for (uint64_t k = 0; k < 30; k++) {
    mapped w = mapped_draw(seed, 200 + k);
    mapped_sums by_step[MAPPED_SKILLS][MAPPED_STEPS] = {{{0}}}, covered[MAPPED_SKILLS] = {{0}};
    pfc_person_gaps *p = NULL;
    const int32_t *roles = pfc_dataset_codes(w.ds, PFC_PEOPLE, "role_id");
    assert_ok(pfc_person_gaps_create(w.gaps, &p, &err));
    for (int32_t i = 0; i < w.h->n_people; i++) {
      if (!pfc_gap_person_is_there(w.ds, w.h, i, MAPPED_DAY)) continue;
      assert_ok(pfc_gaps_of(w.gaps, i, PFC_NO_DATE, p, &err));
      for (int32_t r = 0; r < p->n; r++) {
        const pfc_gap *g = &p->at[r];
        if (g->role != roles[w.h->people_row[i]]) continue;
        mapped_sums *s = is_covered(g) ? &covered[g->competency]
                                       : &by_step[g->competency][(int)round(g->required)];
        s->people++;
        s->priority += g->priority;
      }
    }
    for (int min_group = 1; min_group <= 5; min_group += 4) {
      pfc_gap_map *map = mapped_of(&w, PFC_GAPS_UNCOVERED, min_group, 0);
      pfc_gap_map *whole = mapped_of(&w, PFC_GAPS_BY_COMPETENCY, min_group, 0);
      double left[MAPPED_SKILLS] = {0}, worth = 0;
      int n_hidden[MAPPED_SKILLS] = {0};
      for (int64_t i = 0; i < whole->n_groups; i++) {
        left[whole->group[i].competency] = (double)whole->group[i].people;
      }
      for (int64_t i = 0; i < map->n_groups; i++) {
        const pfc_gap_group *g = &map->group[i];
        mapped_sums *s = &by_step[g->competency][(int)g->required];
        assert_true(s->people > 0);
        n_hidden[g->competency] += g->hidden;
        if (g->hidden) continue;
        assert_int_equal(g->people, (int64_t)s->people);
        assert_true(g->people >= min_group);
        assert_near(g->priority, s->priority, 1e-9);
        worth += s->priority;
        n_told += min_group > 1;
        left[g->competency] -= s->people;
      }
      assert_near(map->worth, worth, 1e-9);
      /* What is left of the competency's people is no small group either, unless several hide
       * in it. */
      for (int c = 0; c < MAPPED_SKILLS; c++) {
        if (left[c] < 0) continue;
        if (n_hidden[c] == 0) assert_true(left[c] == 0 || left[c] >= min_group);
        /* Nobody knows whether anybody is covered. */
        if (n_hidden[c] == 1) assert_true(left[c] > 1);
      }
      pfc_gap_map_destroy(whole);
      pfc_gap_map_destroy(map);
    }
    pfc_person_gaps_destroy(p);
    mapped_close(&w);
  }
  assert_true(n_told > 50);
}

/* --- by hand ---------------------------------------------------------------------------------
 */

static mapped little_world(void) {
  static const double LEVEL[] = {2, 2, 2, 2};
  mapped w = {.ds = pfc_dataset_create()};
  assert_non_null(w.ds);
  test_rows(w.ds, PFC_ROLES, "role_id", "R;S");
  test_rows(w.ds, PFC_COMPETENCIES, "competency_id", "A;B;C;D");
  test_rows(w.ds, PFC_PEOPLE, "person_id,role_id,unit_id,goal_role_id,left_on",
            "P0,R,U,,;P1,R,U,S,;P2,R,U,,;P3,R,U,,;P4,R,V,,;P5,R,V,,;P6,R,V,,999;P7,S,V,,");
  test_rows(w.ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance",
            "R,A,4,1;R,B,3,0.5;S,C,5,1");
  test_rows(w.ds, PFC_RELATIONS, "from_competency_id,to_competency_id,relation,weight",
            "A,B,precedes,0.25;B,C,precedes,1");
  test_rows(w.ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
            "P2,A,5,test,10;P2,A,5,test,11;P2,A,5,test,12;P3,A,0,test,20");
  mapped_open(&w, LEVEL);
  return w;
}

typedef struct seen_rows {
  int n;
  int32_t person[16];
  pfc_gap_row row[16];
} seen_rows;

static pfc_status see(int32_t person, int32_t n, const pfc_gap_row *rows, void *user,
                      pfc_error *err) {
  seen_rows *s = user;
  (void)err;
  for (int32_t i = 0; i < n; i++) {
    s->person[s->n] = person;
    s->row[s->n++] = rows[i];
  }
  return PFC_OK;
}

/* P1: A (priority a), B (b), and C, which the goal role asks for (c). Behind A fall a quarter
 * of b and of c, behind B all of c. */
static void what_falls_behind(void **state) {
  (void)state;
  mapped w = little_world();
  seen_rows s = {0};
  const int32_t people[] = {1, 0};
  assert_ok(pfc_gap_people(w.gaps, w.after, 2, people, true, NULL, see, &s, &err));
  assert_int_equal(s.n, 5);
  double priority[4] = {0};
  for (int i = 0; i < 3; i++) {
    assert_int_equal(s.person[i], 1);
    priority[s.row[i].gap.competency] = s.row[i].gap.priority;
    if (i > 0) assert_true(s.row[i].gap.priority <= s.row[i - 1].gap.priority);
  }
  assert_true(priority[0] > 0 && priority[1] > 0 && priority[2] > 0);
  for (int i = 0; i < 3; i++) {
    const pfc_gap_row *row = &s.row[i];
    const double behind[] = {0.25 * priority[1] + 0.25 * priority[2], priority[2], 0};
    const int n[] = {2, 1, 0};
    assert_near(row->behind, behind[row->gap.competency], 1e-12);
    assert_int_equal(row->behind_n, n[row->gap.competency]);
  }
  /* P0 has no goal: behind A falls B alone. */
  assert_int_equal(s.person[3], 0);
  assert_near(s.row[3].behind, 0.25 * s.row[4].gap.priority, 1e-12);
  mapped_close(&w);
}

/* P3 is rated low, P2 high; P0 and P1 stand alike, and P6 has left. */
static void who_is_affected_most(void **state) {
  (void)state;
  mapped w = little_world();
  pfc_gap_map *map = mapped_of(&w, PFC_GAPS_BY_ROLE, 5, 3);
  assert_int_equal(map->n_groups, 2);
  assert_int_equal(map->group[1].role, 1);
  assert_true(map->group[1].hidden);
  assert_int_equal(map->group[1].n_affected, 0);
  pfc_gap_map_destroy(map);
  map = mapped_of(&w, PFC_GAPS_BY_UNIT_COMPETENCY, 1, 3);
  for (int64_t i = 0; i < map->n_groups; i++) {
    const pfc_gap_group *g = &map->group[i];
    if (g->unit != 0 || g->competency != 0) continue;
    assert_int_equal(g->people, 4);
    assert_int_equal(g->n_affected, 3);
    assert_int_equal(g->affected[0], 3);
    assert_int_equal(g->affected[1], 0);
    assert_int_equal(g->affected[2], 1);
  }
  pfc_gap_map_destroy(map);
  map = mapped_of(&w, PFC_GAPS_BY_UNIT, 1, 10);
  for (int64_t i = 0; i < map->n_groups; i++) {
    if (map->group[i].unit == 1) assert_int_equal(map->group[i].n_affected, 3);
  }
  pfc_gap_map_destroy(map);
  mapped_close(&w);
}

/* 20 people of one role and unit, none of whom can be expected to hold the level: that all are
 * below is not told, that three in four are is. */
static void nearly_all_is_told_as_more_than(void **state) {
  (void)state;
  static const double LEVEL[] = {0.5, 4.8, 2, 2};
  mapped w = {.ds = pfc_dataset_create()};
  assert_non_null(w.ds);
  test_rows(w.ds, PFC_ROLES, "role_id", "R");
  test_rows(w.ds, PFC_COMPETENCIES, "competency_id", "A;B;C;D");
  test_table(w.ds, PFC_PEOPLE, 20, "person_id,role_id,unit_id");
  for (int p = 0; p < 20; p++) {
    mapped_number(w.ds, PFC_PEOPLE, p, "person_id", "P", p);
    test_cell(w.ds, PFC_PEOPLE, p, "role_id", "R");
    test_cell(w.ds, PFC_PEOPLE, p, "unit_id", "U");
  }
  test_rows(w.ds, PFC_REQUIREMENTS, "role_id,competency_id,level", "R,A,5;R,B,1");
  mapped_open(&w, LEVEL);
  pfc_gap_map *map = mapped_of(&w, PFC_GAPS_BY_COMPETENCY, 5, 0);
  assert_int_equal(map->n_groups, 2);
  assert_int_equal(map->group[0].competency, 0);
  assert_int_equal(map->group[0].people, 20);
  assert_int_equal(map->group[0].likely_below, -1);
  assert_near(map->group[0].share_above, 0.75, 1e-12);
  assert_true(map->group[0].priority > 0);
  /* Nobody below the other: but with the total it would tell of the first. */
  assert_true(map->total.hidden_below || map->group[1].hidden_below);
  pfc_gap_map_destroy(map);
  mapped_close(&w);
}

static void settings_are_checked(void **state) {
  (void)state;
  pfc_gap_map_settings s;
  pfc_gap_map_defaults(&s);
  assert_ok(pfc_gap_map_check(&s, &err));
  s.min_group = 0;
  assert_fails(pfc_gap_map_check(&s, &err), PFC_EUSAGE, "min_group");
  pfc_gap_map_defaults(&s);
  s.n_affected = -1;
  assert_fails(pfc_gap_map_check(&s, &err), PFC_EUSAGE, "n_affected");
  pfc_gap_map_defaults(&s);
  s.by = (pfc_gap_by)17;
  assert_fails(pfc_gap_map_check(&s, &err), PFC_EUSAGE, "by");
  s.struct_size = 0;
  assert_fails(pfc_gap_map_check(&s, &err), PFC_EUSAGE, "pfc_gap_map_defaults");
}

static void any_number_of_threads(void **state) {
  (void)state;
  mapped w = mapped_draw(24, 1);
  pfc_gap_map *map[2];
  for (int k = 0; k < 2; k++) {
    assert_ok(pfc_par_init(k == 0 ? 1 : 3, &err));
    pfc_gaps_destroy(w.gaps);
    pfc_gap_settings s;
    pfc_gap_defaults(&s);
    s.as_of = MAPPED_DAY;
    assert_ok(pfc_gaps_create(w.bundle, w.ds, w.h, &s, &w.gaps, &err));
    map[k] = mapped_of(&w, PFC_GAPS_BY_UNIT_COMPETENCY, 1, 0);
  }
  assert_int_equal(map[0]->n_groups, map[1]->n_groups);
  for (int64_t i = 0; i < map[0]->n_groups; i++) {
    assert_memory_equal(&map[0]->group[i].shortfall, &map[1]->group[i].shortfall,
                        sizeof(double));
    assert_memory_equal(&map[0]->group[i].priority, &map[1]->group[i].priority, sizeof(double));
  }
  for (int k = 0; k < 2; k++) pfc_gap_map_destroy(map[k]);
  mapped_close(&w);
}

static pfc_status make(void *user) {
  const mapped *w = user;
  pfc_gap_map *map = NULL;
  pfc_gap_map_settings s;
  pfc_gap_map_defaults(&s);
  s.by = PFC_GAPS_BY_UNIT_COMPETENCY;
  s.n_affected = 2;
  const pfc_status st = pfc_gap_map_create(w->gaps, w->after, w->ds, w->h, &s, &map, NULL);
  pfc_gap_map_destroy(map);
  return st;
}

static void memory_runs_short(void **state) {
  (void)state;
  assert_ok(pfc_par_init(1, &err));
  mapped w = little_world();
  assert_true(count_down(make, &w) > 20);
  mapped_close(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(groups_are_the_sums_of_their_rows),
      cmocka_unit_test(uncovered_gaps_are_those_without_a_way),
      cmocka_unit_test(what_falls_behind),
      cmocka_unit_test(who_is_affected_most),
      cmocka_unit_test(nearly_all_is_told_as_more_than),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(any_number_of_threads),
      cmocka_unit_test(memory_runs_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
