// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "engine/gap_map.h"
#include "engine/gap_people.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/profiled.h"
#include "tests/support/tables.h"

enum { UNITS = 4, ROLES = 3, SKILLS = 4, STEPS = 6, MOST_PEOPLE = 120, DAY = 1000 };

/* --- organisations ------------------------------------------------------------------------ */

typedef struct world {
  pfc_dataset *ds;
  pfc_history *h;
  pfc_bundle *bundle;
  pfc_gaps *gaps;
  pfc_precedence *after;
} world;

static void open_world(world *w, const double *level) {
  pfc_gap_settings s;
  pfc_gap_defaults(&s);
  s.as_of = DAY;
  w->bundle = profiled_bundle(w->ds, SKILLS, level);
  assert_ok(pfc_history_create(w->ds, &w->h, &err));
  assert_ok(pfc_gaps_create(w->bundle, w->ds, w->h, &s, &w->gaps, &err));
  assert_ok(pfc_precedence_create(w->ds, &w->after, &err));
}

static void close_world(world *w) {
  pfc_precedence_destroy(w->after);
  pfc_gaps_destroy(w->gaps);
  pfc_bundle_destroy(w->bundle);
  pfc_history_destroy(w->h);
  pfc_dataset_destroy(w->ds);
}

static void number(pfc_dataset *ds, pfc_table_id t, int64_t row, const char *column,
                   const char *letter, int code) {
  char text[16];
  (void)snprintf(text, sizeof text, "%s%d", letter, code);
  test_cell(ds, t, row, column, text);
}

static void draw_people(pfc_dataset *ds, pfc_rng *rng, int n) {
  test_table(ds, PFC_PEOPLE, n, "person_id,role_id,unit_id,goal_role_id,hired_on,left_on");
  for (int p = 0; p < n; p++) {
    number(ds, PFC_PEOPLE, p, "person_id", "P", p);
    if (pfc_rng_below(rng, 20)) {
      number(ds, PFC_PEOPLE, p, "role_id", "R", (int)pfc_rng_below(rng, ROLES));
    }
    if (pfc_rng_below(rng, 12)) {
      /* Units of very different size. */
      const int most = 1 + (int)pfc_rng_below(rng, UNITS);
      number(ds, PFC_PEOPLE, p, "unit_id", "U", (int)pfc_rng_below(rng, (uint64_t)most));
    }
    if (pfc_rng_below(rng, 3) == 0) {
      number(ds, PFC_PEOPLE, p, "goal_role_id", "R", (int)pfc_rng_below(rng, ROLES));
    }
    if (pfc_rng_below(rng, 10) == 0) test_number(ds, PFC_PEOPLE, p, "left_on", DAY - 5);
    if (pfc_rng_below(rng, 15) == 0) test_number(ds, PFC_PEOPLE, p, "hired_on", DAY + 5);
  }
}

static void draw_requirements(pfc_dataset *ds, pfc_rng *rng) {
  int64_t row = 0;
  test_table(ds, PFC_REQUIREMENTS, (int64_t)ROLES * SKILLS,
             "role_id,competency_id,level,importance,compliance");
  for (int r = 0; r < ROLES; r++) {
    for (int c = 0; c < SKILLS; c++, row++) {
      if (pfc_rng_below(rng, 4) == 0 && row > 0) continue;
      number(ds, PFC_REQUIREMENTS, row, "role_id", "R", r);
      number(ds, PFC_REQUIREMENTS, row, "competency_id", "C", c);
      test_number(ds, PFC_REQUIREMENTS, row, "level", 1 + (double)pfc_rng_below(rng, 9) / 2);
      test_number(ds, PFC_REQUIREMENTS, row, "importance", pfc_rng_uniform(rng));
      test_number(ds, PFC_REQUIREMENTS, row, "compliance", (double)pfc_rng_below(rng, 2));
    }
  }
}

static void draw_ratings(pfc_dataset *ds, pfc_rng *rng, int n_people) {
  const int n = 2 * n_people;
  test_table(ds, PFC_ASSESSMENTS, n, "person_id,competency_id,level,source,assessed_on");
  for (int k = 0; k < n; k++) {
    number(ds, PFC_ASSESSMENTS, k, "person_id", "P",
           (int)pfc_rng_below(rng, (uint64_t)n_people));
    number(ds, PFC_ASSESSMENTS, k, "competency_id", "C", (int)pfc_rng_below(rng, SKILLS));
    test_number(ds, PFC_ASSESSMENTS, k, "level", (double)pfc_rng_below(rng, 6));
    test_cell(ds, PFC_ASSESSMENTS, k, "source", "test");
    test_number(ds, PFC_ASSESSMENTS, k, "assessed_on", 10 + (double)k);
  }
}

static world draw_world(uint64_t seed, uint64_t id) {
  pfc_rng rng;
  world w = {.ds = pfc_dataset_create()};
  double level[SKILLS];
  assert_non_null(w.ds);
  pfc_rng_init(&rng, seed, "organisation", id);
  const int n_people = 5 + (int)pfc_rng_below(&rng, MOST_PEOPLE - 5);
  test_rows(w.ds, PFC_ROLES, "role_id,criticality", "R0,0.2;R1,0.9;R2,");
  test_rows(w.ds, PFC_COMPETENCIES, "competency_id", "C0;C1;C2;C3");
  test_rows(w.ds, PFC_RELATIONS, "from_competency_id,to_competency_id,relation,weight",
            "C0,C1,precedes,0.5;C1,C2,precedes,0.8");
  test_rows(w.ds, PFC_INTERVENTIONS, "intervention_id,opens_on,closes_on",
            "I0,,;I1,,900;I2,2000,");
  test_rows(w.ds, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "I0,C0,3;I0,C1,;I1,C2,5;I2,C3,5");
  draw_people(w.ds, &rng, n_people);
  draw_requirements(w.ds, &rng);
  draw_ratings(w.ds, &rng, n_people);
  for (int c = 0; c < SKILLS; c++) level[c] = 1 + 3 * pfc_rng_uniform(&rng);
  open_world(&w, level);
  return w;
}

static pfc_gap_map *map_of(const world *w, pfc_gap_by by, int min_group, int n_affected) {
  pfc_gap_map *map = NULL;
  pfc_gap_map_settings s;
  pfc_gap_map_defaults(&s);
  s.by = by;
  s.min_group = min_group;
  s.n_affected = n_affected;
  assert_ok(pfc_gap_map_create(w->gaps, w->after, w->ds, w->h, &s, &map, &err));
  return map;
}

/* --- the same sums, slowly --------------------------------------------------------------- */

typedef struct sums {
  double people, asked, likely_below, expected, shortfall, priority, compliance;
} sums;

/* What a group of these keys should be; -2: any. Row by row, asking each person anew. */
static sums add_up(const world *w, int32_t unit, int32_t role, int32_t skill) {
  sums s = {0};
  pfc_person_gaps *p = NULL;
  const int32_t *left = pfc_dataset_dates(w->ds, PFC_PEOPLE, "left_on");
  const int32_t *hired = pfc_dataset_dates(w->ds, PFC_PEOPLE, "hired_on");
  const int32_t *units = pfc_dataset_codes(w->ds, PFC_PEOPLE, "unit_id");
  const int32_t *roles = pfc_dataset_codes(w->ds, PFC_PEOPLE, "role_id");
  assert_ok(pfc_person_gaps_create(w->gaps, &p, &err));
  for (int32_t i = 0; i < w->h->n_people; i++) {
    const int64_t row = w->h->people_row[i];
    double asked = 0, below = 0;
    if ((left[row] != PFC_NO_DATE && left[row] < DAY) || hired[row] > DAY) continue;
    if ((unit != -2 && units[row] != unit) || (role != -2 && roles[row] != role)) continue;
    assert_ok(pfc_gaps_of(w->gaps, i, PFC_NO_DATE, p, &err));
    for (int32_t k = 0; k < p->n; k++) {
      const pfc_gap *g = &p->at[k];
      if (g->role != roles[row] || (skill != -2 && g->competency != skill)) continue;
      asked++;
      below += g->p_gap > 0.5;
      s.expected += g->p_gap;
      s.shortfall += g->shortfall;
      s.priority += g->priority;
      s.compliance += g->is_compliance ? g->priority : 0;
    }
    s.people += asked > 0;
    s.asked += asked;
    s.likely_below += below;
  }
  pfc_person_gaps_destroy(p);
  return s;
}

static void check_group(const pfc_gap_group *g, const sums *s) {
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

static sums sums_of(const world *w, pfc_gap_by by, const pfc_gap_group *g) {
  const bool units = by == PFC_GAPS_BY_UNIT || by == PFC_GAPS_BY_UNIT_COMPETENCY;
  const bool roles = by == PFC_GAPS_BY_ROLE || by == PFC_GAPS_BY_ROLE_COMPETENCY;
  return add_up(w, units ? g->unit : -2, roles ? g->role : -2,
                by >= PFC_GAPS_BY_COMPETENCY ? g->competency : -2);
}

/* Told or not, all groups of people are there, and what is told is right. */
static void groups_are_the_sums_of_their_rows(void **state) {
  (void)state;
  const uint64_t seed = test_seed(21);
  for (uint64_t k = 0; k < 12; k++) {
    world w = draw_world(seed, k);
    for (int by = PFC_GAPS_BY_UNIT; by < PFC_GAPS_UNCOVERED; by++) {
      for (int min_group = 1; min_group <= 5; min_group += 4) {
        pfc_gap_map *map = map_of(&w, (pfc_gap_by)by, min_group, 0);
        double people = 0;
        for (int64_t i = 0; i < map->n_groups; i++) {
          const sums s = sums_of(&w, (pfc_gap_by)by, &map->group[i]);
          check_group(&map->group[i], &s);
          assert_true(s.people > 0);
          people += s.asked;
          if (i == 0 || map->group[i].hidden) continue;
          assert_true(map->group[i].priority <= map->group[i - 1].priority);
        }
        const sums all = add_up(&w, -2, -2, -2);
        assert_near(people, all.asked, 0);
        check_group(&map->total, &all);
        if (min_group == 1) assert_int_equal(map->n_hidden, 0);
        pfc_gap_map_destroy(map);
      }
    }
    close_world(&w);
  }
}

/* --- a reader of all tables ------------------------------------------------------------------
 */

typedef struct bounds {
  double lo, hi;
} bounds;

/* Of units, then roles: rows x (skills, and people or the sum of the row); the last row is the
 * total. */
enum { MOST_ROWS = UNITS + 2, PEOPLE = SKILLS, COLUMNS = SKILLS + 1 };
typedef struct published {
  int n_rows[2];
  bounds at[2][MOST_ROWS][COLUMNS];
  double truth[2][MOST_ROWS][COLUMNS];
  double group[2][MOST_ROWS][COLUMNS]; /* people in the cell */
  bool told[2][MOST_ROWS][COLUMNS];
} published;

static void publish(published *p, int t, int row, int column, const pfc_gap_group *g,
                    const sums *s, bool below) {
  const bool hidden = below ? g->hidden_below : g->hidden;
  const double n = below ? s->asked : s->people;
  const double truth = below ? s->likely_below : n;
  p->truth[t][row][column] = truth;
  p->group[t][row][column] = n;
  p->told[t][row][column] = !hidden;
  bounds *b = &p->at[t][row][column];
  *b = (bounds){truth, truth};
  if (!hidden) return;
  *b = below ? (bounds){0, g->hidden ? 1e9 : n} : (bounds){1, 1e9};
  /* "More than so much": of whom the share tells, those people. */
  if (below && g->share_above >= 0) b->lo = floor(g->share_above * n + 1e-9) + 1;
}

static void read_map(const world *w, int min_group, bool below, published *p) {
  static const struct {
    pfc_gap_by by;
    int table;
  } MAPS[] = {{PFC_GAPS_BY_UNIT, 0},
              {PFC_GAPS_BY_ROLE, 1},
              {PFC_GAPS_BY_UNIT_COMPETENCY, 0},
              {PFC_GAPS_BY_ROLE_COMPETENCY, 1},
              {PFC_GAPS_BY_COMPETENCY, 0}};
  *p = (published){
      .n_rows = {pfc_dataset_count(w->ds, "unit") + 2, pfc_dataset_count(w->ds, "role") + 2}};
  for (int m = 0; m < 5; m++) {
    pfc_gap_map *map = map_of(w, MAPS[m].by, min_group, 0);
    const int t = MAPS[m].table, last = p->n_rows[t] - 1;
    for (int64_t i = 0; i < map->n_groups; i++) {
      const pfc_gap_group *g = &map->group[i];
      const sums s = sums_of(w, MAPS[m].by, g);
      const int32_t code = t == 0 ? g->unit : g->role;
      const int row = MAPS[m].by == PFC_GAPS_BY_COMPETENCY ? last : code < 0 ? last - 1 : code;
      if (g->competency >= 0) {
        publish(p, t, row, g->competency, g, &s, below);
      } else {
        publish(p, t, row, PEOPLE, g, &s, below);
      }
    }
    const sums all = add_up(w, -2, -2, -2);
    publish(p, 0, p->n_rows[0] - 1, PEOPLE, &map->total, &all, below);
    pfc_gap_map_destroy(map);
  }
  const int last[2] = {p->n_rows[0] - 1, p->n_rows[1] - 1};
  memcpy(p->at[1][last[1]], p->at[0][last[0]], sizeof p->at[0][0]);
  memcpy(p->truth[1][last[1]], p->truth[0][last[0]], sizeof p->truth[0][0]);
  memcpy(p->group[1][last[1]], p->group[0][last[0]], sizeof p->group[0][0]);
  memcpy(p->told[1][last[1]], p->told[0][last[0]], sizeof p->told[0][0]);
}

static bool narrow(bounds *b, double lo, double hi) {
  const bounds was = *b;
  b->lo = fmax(b->lo, lo);
  b->hi = fmin(b->hi, hi);
  return b->lo > was.lo || b->hi < was.hi;
}

/* total = sum of n parts. */
static bool narrow_sum(bounds *total, bounds *const *part, int n) {
  double lo = 0, hi = 0;
  bool changed = false;
  for (int k = 0; k < n; k++) {
    lo += part[k]->lo;
    hi += part[k]->hi;
  }
  changed |= narrow(total, lo, hi);
  for (int k = 0; k < n; k++) {
    const double other_lo = lo - part[k]->lo, other_hi = hi - part[k]->hi;
    changed |= narrow(part[k], total->lo - other_hi, total->hi - other_lo);
    lo = other_lo + part[k]->lo;
    hi = other_hi + part[k]->hi;
  }
  return changed;
}

static bool narrow_table(published *p, int t, bool below) {
  bounds *part[MOST_ROWS + COLUMNS];
  const int last = p->n_rows[t] - 1;
  bool changed = false;
  for (int r = 0; r <= last; r++) {
    double all = 0;
    for (int j = 0; j < SKILLS; j++) part[j] = &p->at[t][r][j];
    if (below) {
      changed |= narrow_sum(&p->at[t][r][PEOPLE], part, SKILLS);
      continue;
    }
    for (int j = 0; j < SKILLS; j++) all += p->at[t][r][j].hi;
    changed |= narrow(&p->at[t][r][PEOPLE], 0, all);
    for (int j = 0; j < SKILLS; j++) {
      changed |= narrow(&p->at[t][r][PEOPLE], p->at[t][r][j].lo, 1e9);
      changed |= narrow(&p->at[t][r][j], 0, p->at[t][r][PEOPLE].hi);
    }
  }
  for (int j = 0; j < COLUMNS; j++) {
    for (int r = 0; r < last; r++) part[r] = &p->at[t][r][j];
    changed |= narrow_sum(&p->at[t][last][j], part, last);
  }
  return changed;
}

/* Whatever sums, and people who are no fewer than those of any competency, tell. */
static void read_between_the_lines(published *p, bool below) {
  bool changed = true;
  for (int round = 0; round < 200 && changed; round++) {
    changed = narrow_table(p, 0, below);
    changed |= narrow_table(p, 1, below);
    for (int j = 0; j < COLUMNS; j++) {
      bounds *a = &p->at[0][p->n_rows[0] - 1][j], *b = &p->at[1][p->n_rows[1] - 1][j];
      changed |= narrow(a, b->lo, b->hi);
      changed |= narrow(b, a->lo, a->hi);
    }
  }
}

static void no_table_tells_what_another_hides(void **state) {
  (void)state;
  const uint64_t seed = test_seed(22);
  const int min_group = 5;
  int n_hidden = 0, n_below = 0, n_told = 0;
  for (uint64_t k = 0; k < 60; k++) {
    world w = draw_world(seed, 100 + k);
    for (int below = 0; below < 2; below++) {
      published p;
      read_map(&w, min_group, below, &p);
      read_between_the_lines(&p, below);
      for (int t = 0; t < 2; t++) {
        for (int r = 0; r < p.n_rows[t]; r++) {
          for (int j = 0; j < COLUMNS; j++) {
            const double truth = p.truth[t][r][j], n = p.group[t][r][j];
            const bounds b = p.at[t][r][j];
            if (p.told[t][r][j]) {
              n_told++;
              /* No small number, nor what is left of the group. */
              if (truth > 0) assert_true(truth >= min_group);
              if (below && n > 0) assert_true(n - truth >= min_group);
              continue;
            }
            if (n == 0) continue;
            *(below ? &n_below : &n_hidden) += 1;
            if (!(b.lo <= truth && truth <= b.hi && b.lo < b.hi)) {
              fail_msg(
                  "seed %llu, organisation %d, %s, table %d, row %d, column %d: %g lies in "
                  "%g .. %g",
                  (unsigned long long)seed, (int)k, below ? "below" : "people", t, r, j, truth,
                  b.lo, b.hi);
            }
          }
        }
      }
    }
    close_world(&w);
  }
  printf("%d numbers told, %d of people hidden, %d of people below\n", n_told, n_hidden,
         n_below);
  assert_true(n_hidden > 500 && n_below > 500 && n_told > 500);
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
    world w = draw_world(seed, 200 + k);
    sums by_step[SKILLS][STEPS] = {{{0}}}, covered[SKILLS] = {{0}};
    pfc_person_gaps *p = NULL;
    const int32_t *roles = pfc_dataset_codes(w.ds, PFC_PEOPLE, "role_id");
    assert_ok(pfc_person_gaps_create(w.gaps, &p, &err));
    for (int32_t i = 0; i < w.h->n_people; i++) {
      if (!pfc_gap_person_is_there(w.ds, w.h, i, DAY)) continue;
      assert_ok(pfc_gaps_of(w.gaps, i, PFC_NO_DATE, p, &err));
      for (int32_t r = 0; r < p->n; r++) {
        const pfc_gap *g = &p->at[r];
        if (g->role != roles[w.h->people_row[i]]) continue;
        sums *s = is_covered(g) ? &covered[g->competency]
                                : &by_step[g->competency][(int)round(g->required)];
        s->people++;
        s->priority += g->priority;
      }
    }
    for (int min_group = 1; min_group <= 5; min_group += 4) {
      pfc_gap_map *map = map_of(&w, PFC_GAPS_UNCOVERED, min_group, 0);
      pfc_gap_map *whole = map_of(&w, PFC_GAPS_BY_COMPETENCY, min_group, 0);
      double left[SKILLS] = {0}, worth = 0;
      int n_hidden[SKILLS] = {0};
      for (int64_t i = 0; i < whole->n_groups; i++) {
        left[whole->group[i].competency] = (double)whole->group[i].people;
      }
      for (int64_t i = 0; i < map->n_groups; i++) {
        const pfc_gap_group *g = &map->group[i];
        sums *s = &by_step[g->competency][(int)g->required];
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
      for (int c = 0; c < SKILLS; c++) {
        if (left[c] < 0) continue;
        if (n_hidden[c] == 0) assert_true(left[c] == 0 || left[c] >= min_group);
        /* Nobody knows whether anybody is covered. */
        if (n_hidden[c] == 1) assert_true(left[c] > 1);
      }
      pfc_gap_map_destroy(whole);
      pfc_gap_map_destroy(map);
    }
    pfc_person_gaps_destroy(p);
    close_world(&w);
  }
  assert_true(n_told > 50);
}

/* --- by hand ---------------------------------------------------------------------------------
 */

static world little_world(void) {
  static const double LEVEL[] = {2, 2, 2, 2};
  world w = {.ds = pfc_dataset_create()};
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
  open_world(&w, LEVEL);
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
  world w = little_world();
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
  close_world(&w);
}

/* P3 is rated low, P2 high; P0 and P1 stand alike, and P6 has left. */
static void who_is_affected_most(void **state) {
  (void)state;
  world w = little_world();
  pfc_gap_map *map = map_of(&w, PFC_GAPS_BY_ROLE, 5, 3);
  assert_int_equal(map->n_groups, 2);
  assert_int_equal(map->group[1].role, 1);
  assert_true(map->group[1].hidden);
  assert_int_equal(map->group[1].n_affected, 0);
  pfc_gap_map_destroy(map);
  map = map_of(&w, PFC_GAPS_BY_UNIT_COMPETENCY, 1, 3);
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
  map = map_of(&w, PFC_GAPS_BY_UNIT, 1, 10);
  for (int64_t i = 0; i < map->n_groups; i++) {
    if (map->group[i].unit == 1) assert_int_equal(map->group[i].n_affected, 3);
  }
  pfc_gap_map_destroy(map);
  close_world(&w);
}

/* 20 people of one role and unit, none of whom can be expected to hold the level: that all are
 * below is not told, that three in four are is. */
static void nearly_all_is_told_as_more_than(void **state) {
  (void)state;
  static const double LEVEL[] = {0.5, 4.8, 2, 2};
  world w = {.ds = pfc_dataset_create()};
  assert_non_null(w.ds);
  test_rows(w.ds, PFC_ROLES, "role_id", "R");
  test_rows(w.ds, PFC_COMPETENCIES, "competency_id", "A;B;C;D");
  test_table(w.ds, PFC_PEOPLE, 20, "person_id,role_id,unit_id");
  for (int p = 0; p < 20; p++) {
    number(w.ds, PFC_PEOPLE, p, "person_id", "P", p);
    test_cell(w.ds, PFC_PEOPLE, p, "role_id", "R");
    test_cell(w.ds, PFC_PEOPLE, p, "unit_id", "U");
  }
  test_rows(w.ds, PFC_REQUIREMENTS, "role_id,competency_id,level", "R,A,5;R,B,1");
  open_world(&w, LEVEL);
  pfc_gap_map *map = map_of(&w, PFC_GAPS_BY_COMPETENCY, 5, 0);
  assert_int_equal(map->n_groups, 2);
  assert_int_equal(map->group[0].competency, 0);
  assert_int_equal(map->group[0].people, 20);
  assert_int_equal(map->group[0].likely_below, -1);
  assert_near(map->group[0].share_above, 0.75, 1e-12);
  assert_true(map->group[0].priority > 0);
  /* Nobody below the other: but with the total it would tell of the first. */
  assert_true(map->total.hidden_below || map->group[1].hidden_below);
  pfc_gap_map_destroy(map);
  close_world(&w);
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
  world w = draw_world(24, 1);
  pfc_gap_map *map[2];
  for (int k = 0; k < 2; k++) {
    assert_ok(pfc_par_init(k == 0 ? 1 : 3, &err));
    pfc_gaps_destroy(w.gaps);
    pfc_gap_settings s;
    pfc_gap_defaults(&s);
    s.as_of = DAY;
    assert_ok(pfc_gaps_create(w.bundle, w.ds, w.h, &s, &w.gaps, &err));
    map[k] = map_of(&w, PFC_GAPS_BY_UNIT_COMPETENCY, 1, 0);
  }
  assert_int_equal(map[0]->n_groups, map[1]->n_groups);
  for (int64_t i = 0; i < map[0]->n_groups; i++) {
    assert_memory_equal(&map[0]->group[i].shortfall, &map[1]->group[i].shortfall,
                        sizeof(double));
    assert_memory_equal(&map[0]->group[i].priority, &map[1]->group[i].priority, sizeof(double));
  }
  for (int k = 0; k < 2; k++) pfc_gap_map_destroy(map[k]);
  close_world(&w);
}

static pfc_status make(void *user) {
  const world *w = user;
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
  world w = little_world();
  assert_true(count_down(make, &w) > 20);
  close_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(groups_are_the_sums_of_their_rows),
      cmocka_unit_test(no_table_tells_what_another_hides),
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
