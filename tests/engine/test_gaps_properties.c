// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/rng.h"
#include "tests/support/countdown.h"
#include "tests/support/gap_world.h"
#include "tests/support/near.h"
#include "tests/support/tables.h"

enum { DAY = 1000 };

enum { N_PEOPLE = 40, N_ROLES = 6, N_SKILLS = 9 };

/* People, roles, goals, requirements, ratings over days 0 .. 999 and demand, all drawn. Facts
 * of day DAY and later when `later`. */
typedef struct draw {
  pfc_dataset *ds;
  pfc_rng rng, later; /* two, so that what is later moves no draw of what is earlier */
  bool has_later;
  char rows[1 << 15];
} draw;

static void put(draw *d, const char *format, ...) PFC_PRINTF(2, 3);
static void put(draw *d, const char *format, ...) {
  va_list args;
  const size_t used = strlen(d->rows);
  if (used > 0) d->rows[used] = ';';
  va_start(args, format);
  (void)vsnprintf(d->rows + used + (used > 0), sizeof d->rows - used - 1, format, args);
  va_end(args);
}

static void put_table(draw *d, pfc_table_id table, const char *columns) {
  test_rows(d->ds, table, columns, d->rows);
  memset(d->rows, 0, sizeof d->rows);
}

static int one_of(pfc_rng *rng, int n) { return (int)pfc_rng_below(rng, (uint64_t)n); }

static void draw_roles(draw *d) {
  pfc_rng *rng = &d->rng;
  for (int r = 0; r < N_ROLES; r++)
    put(d, "r%d,%.2f,%d", r, pfc_rng_uniform(rng), one_of(rng, 4));
  put_table(d, PFC_ROLES, "role_id,criticality,vacancies");
  for (int c = 0; c < N_SKILLS; c++) put(d, "c%d", c);
  put_table(d, PFC_COMPETENCIES, "competency_id");
  for (int k = 0; k < N_ROLES * N_SKILLS; k++) {
    if (one_of(rng, 3) == 0) continue;
    put(d, "r%d,c%d,%.1f,%.2f,%d", k / N_SKILLS, k % N_SKILLS, 0.1 + 4.9 * pfc_rng_uniform(rng),
        pfc_rng_uniform(rng), one_of(rng, 5) == 0);
  }
  put_table(d, PFC_REQUIREMENTS, "role_id,competency_id,level,importance,compliance");
}

static void draw_people(draw *d) {
  pfc_rng *rng = &d->rng;
  for (int p = 0; p < N_PEOPLE; p++) {
    const int role = one_of(rng, N_ROLES), goal = one_of(rng, N_ROLES);
    if (p % 3) {
      put(d, "p%d,r%d,r%d", p, role, goal);
    } else {
      put(d, "p%d,r%d,", p, role);
    }
  }
  put_table(d, PFC_PEOPLE, "person_id,role_id,goal_role_id");
  for (int p = 0; p < N_PEOPLE; p += 2) {
    put(d, "p%d,%d,r%d", p, one_of(rng, 500), one_of(rng, N_ROLES));
    put(d, "p%d,%d,r%d", p, 500 + one_of(rng, 500), one_of(rng, N_ROLES));
    if (!d->has_later) continue;
    put(d, "p%d,%d,r%d", p, DAY + one_of(&d->later, 50), one_of(&d->later, N_ROLES));
  }
  put_table(d, PFC_POSITIONS, "person_id,from,role_id");
}

static void put_rating(draw *d, pfc_rng *rng, int from, int n) {
  put(d, "p%d,c%d,%.1f,test,%d", one_of(rng, N_PEOPLE), one_of(rng, N_SKILLS),
      5 * pfc_rng_uniform(rng), from + one_of(rng, n));
}

static void put_demand(draw *d, pfc_rng *rng, int month) {
  for (int c = 0; c < N_SKILLS; c++)
    put(d, "%d-%02d-01,c%d,%.2f", 1970 + month / 12, month % 12 + 1, c,
        0.5 + pfc_rng_uniform(rng));
}

static pfc_dataset *drawn(uint64_t seed, bool later) {
  static draw d;
  d = (draw){.ds = pfc_dataset_create(), .has_later = later};
  assert_non_null(d.ds);
  pfc_rng_init(&d.rng, seed, "gaps", 0);
  pfc_rng_init(&d.later, seed, "gaps", 1);
  draw_roles(&d);
  draw_people(&d);
  for (int k = 0; k < 300; k++) put_rating(&d, &d.rng, 0, DAY);
  for (int k = 0; later && k < 300; k++) put_rating(&d, &d.later, DAY, 50);
  put_table(&d, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on");
  /* Day 1000 is 1972-09-27. */
  for (int month = 0; month <= 32; month++) put_demand(&d, &d.rng, month);
  for (int month = 33; later && month <= 52; month++) put_demand(&d, &d.later, month);
  put_table(&d, PFC_DEMAND, "month,competency_id,index");
  return d.ds;
}

/* Shortfall is the integral of P(level < x) up to the level asked for: another way to both. */
static double integral(const pfc_gap *gap, double from, double to) {
  const int n = 400;
  double sum = 0;
  for (int k = 0; k <= n; k++) {
    const double x = from + (to - from) * k / n;
    const int weight = k == 0 || k == n ? 1 : k % 2 ? 4 : 2;
    sum += weight * gap_phi((x - gap->level) / gap->level_sd);
  }
  return sum * (to - from) / n / 3;
}

static void rows_agree_with_levels(void **state) {
  (void)state;
  const pfc_gap_settings s = gap_day(DAY);
  gap_world m = gap_world_open(drawn(test_seed(5), false), 0, NULL, &s);
  int n_rows = 0, n_beyond = 0, n_rated = 0;
  for (int32_t p = 0; p < N_PEOPLE; p++) {
    assert_ok(pfc_gaps_of(m.gaps, p, PFC_NO_DATE, m.p, &err));
    for (int32_t k = 0; k < m.p->n; k++) {
      const pfc_gap *gap = &m.p->at[k];
      pfc_level level;
      pfc_levels_tell(pfc_gaps_levels(m.gaps), m.p->known, 1, &gap->competency, DAY, &level);
      assert_near(gap->level, level.mean, 0);
      assert_near(gap->level_sd, level.sd, 0);
      assert_int_equal(gap->evidence_n, level.n_ratings);
      assert_near(gap->p_gap, gap_phi((gap->required - level.mean) / level.sd), 1e-9);
      const double from = isnan(gap->beyond) ? 0 : gap->beyond;
      assert_near(gap->shortfall, integral(gap, from, gap->required), 1e-7);
      assert_near(gap->priority, gap->shortfall * pfc_gap_weight(gap), 1e-12);
      assert_true(gap->required > from);
      n_rows++;
      n_beyond += !isnan(gap->beyond);
      n_rated += gap->evidence_n > 0;
    }
  }
  assert_true(n_rows > 5 * N_PEOPLE / 2 && n_beyond > 20 && n_rated > 50);
  gap_world_close(&m);
}

static void more_of_a_factor_is_never_less(void **state) {
  (void)state;
  pfc_gap_settings s = gap_day(DAY);
  gap_world m = gap_world_open(drawn(test_seed(6), false), 0, NULL, &s);
  s.compliance_factor = 4;
  s.vacancy_weight = 1.5;
  s.goal_weight = 0.4;
  gap_world more = gap_world_open(drawn(test_seed(6), false), 0, NULL, &s);
  double *importance = NULL;
  importance = pfc_dataset_column(more.ds, PFC_REQUIREMENTS, "importance")->real;
  for (int64_t k = 0; k < more.ds->tables[PFC_REQUIREMENTS].n_rows; k++) importance[k] += 0.1;
  double *criticality = pfc_dataset_column(more.ds, PFC_ROLES, "criticality")->real;
  for (int r = 0; r < N_ROLES; r++) criticality[r] = fmin(criticality[r] + 0.1, 1);
  gap_world_reopen(&more, &s);
  for (int32_t p = 0; p < N_PEOPLE; p++) {
    assert_ok(pfc_gaps_of(m.gaps, p, PFC_NO_DATE, m.p, &err));
    assert_ok(pfc_gaps_of(more.gaps, p, PFC_NO_DATE, more.p, &err));
    assert_int_equal(m.p->n, more.p->n);
    for (int32_t k = 0; k < m.p->n; k++) {
      const pfc_gap *a = &m.p->at[k], *b = &more.p->at[k];
      assert_true(b->priority >= a->priority);
      assert_true(a->shortfall < 1e-12 || b->priority > a->priority);
    }
  }
  gap_world_close(&m);
  gap_world_close(&more);
}

static void assert_same_rows(const pfc_person_gaps *a, const pfc_person_gaps *b) {
  assert_int_equal(a->n, b->n);
  for (int32_t k = 0; k < a->n; k++) {
    const pfc_gap *x = &a->at[k], *y = &b->at[k];
    assert_int_equal(x->competency, y->competency);
    assert_int_equal(x->role, y->role);
    assert_near(x->required, y->required, 0);
    assert_near(x->level, y->level, 0);
    assert_near(x->level_sd, y->level_sd, 0);
    assert_near(x->demand, y->demand, 0);
    assert_near(x->priority, y->priority, 0);
    assert_int_equal(x->gap_class, y->gap_class);
    assert_int_equal(x->urgency, y->urgency);
    assert_int_equal(x->evidence_n, y->evidence_n);
    assert_int_equal(x->latest_day, y->latest_day);
  }
}

/* Ratings, positions and demand of the day and later: of the map, and of a decision before it.
 */
static void later_facts_change_nothing(void **state) {
  (void)state;
  const pfc_gap_settings s = gap_day(DAY);
  gap_world m = gap_world_open(drawn(test_seed(7), false), 0, NULL, &s);
  gap_world more = gap_world_open(drawn(test_seed(7), true), 0, NULL, &s);
  int32_t *role = pfc_dataset_column(more.ds, PFC_PEOPLE, "role_id")->code;
  for (int p = 0; p < N_PEOPLE; p += 2) role[p] = 0; /* of later: they hold positions */
  gap_world_reopen(&more, &s);
  for (int32_t p = 0; p < N_PEOPLE; p++) {
    assert_ok(pfc_gaps_of(m.gaps, p, PFC_NO_DATE, m.p, &err));
    assert_ok(pfc_gaps_of(more.gaps, p, PFC_NO_DATE, more.p, &err));
    assert_same_rows(m.p, more.p);
    assert_ok(pfc_gaps_of(m.gaps, p, 700, m.p, &err));
    assert_ok(pfc_gaps_of(more.gaps, p, 700, more.p, &err));
    assert_same_rows(m.p, more.p);
  }
  gap_world_close(&m);
  gap_world_close(&more);
}

static void threads_change_nothing(void **state) {
  (void)state;
  const pfc_gap_settings s = gap_day(DAY);
  gap_world m = gap_world_open(drawn(test_seed(8), false), 0, NULL, &s);
  pfc_person_gaps *one[N_PEOPLE];
  int failed = 0;
  for (int p = 0; p < N_PEOPLE; p++) assert_ok(pfc_person_gaps_create(m.gaps, &one[p], &err));
#pragma omp parallel for num_threads(4) reduction(+ : failed)
  for (int p = 0; p < N_PEOPLE; p++)
    failed += pfc_gaps_of(m.gaps, p, PFC_NO_DATE, one[p], NULL) != PFC_OK;
  assert_int_equal(failed, 0);
  for (int p = 0; p < N_PEOPLE; p++) {
    assert_ok(pfc_gaps_of(m.gaps, p, PFC_NO_DATE, m.p, &err));
    assert_same_rows(one[p], m.p);
    pfc_person_gaps_destroy(one[p]);
  }
  gap_world_close(&m);
}

static pfc_status create_once(void *user) {
  const gap_world *m = user;
  pfc_gaps *gaps = NULL;
  pfc_person_gaps *p = NULL;
  pfc_gap_settings s = gap_day(DAY);
  s.ahead_days = 30;
  pfc_status st = pfc_gaps_create(m->bundle, m->ds, m->h, &s, &gaps, NULL);
  if (st == PFC_OK) st = pfc_person_gaps_create(gaps, &p, NULL);
  pfc_person_gaps_destroy(p);
  pfc_gaps_destroy(gaps);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  const pfc_gap_settings s = gap_day(DAY);
  pfc_dataset *ds = drawn(3, false);
  test_rows(ds, PFC_SCENARIOS, "scenario,competency_id,month,required_level",
            "base,c1,1972-10-01,3");
  gap_world m = gap_world_open(ds, 0, NULL, &s);
  assert_true(count_down(create_once, &m) >= 15);
  gap_world_close(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_agree_with_levels),
      cmocka_unit_test(more_of_a_factor_is_never_less),
      cmocka_unit_test(later_facts_change_nothing),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests_name("engine/gaps_properties", tests, NULL, NULL);
}
