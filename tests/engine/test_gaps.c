// labels: unit property check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "engine/gaps.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/profiled.h"
#include "tests/support/tables.h"

enum { DAY = 1000 };

/* A gap map of a dataset in which whoever was never rated holds these levels. */
typedef struct map {
  pfc_dataset *ds;
  pfc_history *h;
  pfc_bundle *bundle;
  pfc_gaps *gaps;
  pfc_person_gaps *p;
} map;

static pfc_gap_settings day(int32_t as_of) {
  pfc_gap_settings s;
  pfc_gap_defaults(&s);
  s.as_of = as_of;
  return s;
}

static void open_with(map *m, const pfc_gap_settings *s) {
  assert_ok(pfc_gaps_create(m->bundle, m->ds, m->h, s, &m->gaps, &err));
  assert_ok(pfc_person_gaps_create(m->gaps, &m->p, &err));
}

static void shut(map *m) {
  pfc_person_gaps_destroy(m->p);
  pfc_gaps_destroy(m->gaps);
  m->p = NULL;
  m->gaps = NULL;
}

static void reopen(map *m, const pfc_gap_settings *s) {
  shut(m);
  open_with(m, s);
}

/* Takes ds. */
static map map_of(pfc_dataset *ds, int32_t n, const double *level, const pfc_gap_settings *s) {
  map m = {.ds = ds, .bundle = profiled_bundle(ds, n, level)};
  assert_ok(pfc_history_create(ds, &m.h, &err));
  open_with(&m, s);
  return m;
}

static void close_map(map *m) {
  shut(m);
  pfc_bundle_destroy(m->bundle);
  pfc_history_destroy(m->h);
  pfc_dataset_destroy(m->ds);
}

static const pfc_person_gaps *look(map *m, const char *person) {
  assert_ok(pfc_gaps_of(m->gaps, test_code(m->ds, "person", person), PFC_NO_DATE, m->p, &err));
  return m->p;
}

/* The row of a competency that the role asks for. */
static const pfc_gap *row_of(map *m, const char *person, const char *role,
                             const char *competency) {
  const pfc_person_gaps *p = look(m, person);
  const int32_t r = test_code(m->ds, "role", role);
  const int32_t c = test_code(m->ds, "competency", competency);
  for (int32_t k = 0; k < p->n; k++)
    if (p->at[k].role == r && p->at[k].competency == c) return &p->at[k];
  fail_msg("%s asks %s for nothing in %s", role, person, competency);
  return NULL;
}

/* --- by hand ------------------------------------------------------------------------------ */

static double phi(double z) { return 0.5 * erfc(-z * sqrt(0.5)); }

/* E[(required - L)+], L normal and cut to 0..5: by Simpson's rule. */
static double shortfall(double mean, double sd, double required) {
  const int n = 20000;
  const double from = mean - 12 * sd, step = 24 * sd / n;
  double sum = 0;
  for (int k = 0; k <= n; k++) {
    const double x = from + k * step, z = (x - mean) / sd;
    const double missing = fmax(required - fmin(fmax(x, 0), 5), 0);
    const int weight = k == 0 || k == n ? 1 : k % 2 ? 4 : 2;
    sum += weight * missing * exp(-z * z / 2);
  }
  return sum * step / 3 / (sd * sqrt(2 * acos(-1)));
}

/* ann and bob hold R, cid S; dan holds R until day 900 and is gone since; eve has no role. */
static pfc_dataset *company(void) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_ROLES, "role_id,criticality,vacancies", "R,0.5,1;S,,;T,0.25,3");
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "A;B;C;D");
  test_rows(ds, PFC_PEOPLE, "person_id,role_id,left_on",
            "ann,R,;bob,R,;cid,S,;dan,R,900;eve,,");
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance,compliance",
            "R,A,4,0.5,0;R,B,3,,1;R,D,0,1,0;S,A,2,1,;T,A,5,0.75,1;T,B,2,1,0;T,C,3,0.5,0");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
            "cid,C,5,test,10");
  return ds;
}
static const double HELD[] = {2.5, 3.5, 1, 4};

static void gaps_are_what_the_formula_says(void **state) {
  (void)state;
  const pfc_gap_settings s = day(DAY);
  map m = map_of(company(), 4, HELD, &s);
  assert_int_equal(look(&m, "ann")->n, 3);
  const pfc_gap *a = row_of(&m, "ann", "R", "A");
  assert_near(a->level, 2.5, 1e-6);
  assert_near(a->level_sd, 1, 1e-6);
  assert_near(a->required, 4, 0);
  assert_nan(a->beyond);
  assert_near(a->p_gap, phi(1.5), 1e-6);
  assert_near(a->shortfall, shortfall(2.5, 1, 4), 1e-6);
  assert_near(a->importance, 0.5, 0);
  assert_near(a->criticality, 0.5, 0);
  assert_near(a->vacancies, 1 + 1 / 2.0, 0); /* ann and bob; dan has left */
  assert_near(a->demand, 1, 0);
  assert_near(a->compliance, 1, 0);
  assert_near(a->goal, 1, 0);
  assert_near(a->priority, a->shortfall * 0.5 * 0.5 * 1.5, 1e-12);
  assert_int_equal(a->evidence_n, 0);
  assert_int_equal(a->latest_day, PFC_NO_DATE);
  assert_false(a->is_compliance);
  const pfc_gap *b = row_of(&m, "ann", "R", "B");
  assert_near(b->p_gap, phi(-0.5), 1e-6);
  assert_near(b->importance, 1, 0);
  assert_near(b->compliance, 3, 0);
  assert_true(b->is_compliance);
  assert_near(b->priority, shortfall(3.5, 1, 3) * 0.5 * 1.5 * 3, 1e-6);
  /* What is asked at the bottom of the scale cannot be missed. */
  const pfc_gap *d = row_of(&m, "ann", "R", "D");
  assert_near(d->p_gap, 0, 0);
  assert_near(d->priority, 0, 0);
  /* A role without criticality or vacancies weighs 1. */
  const pfc_gap *c = row_of(&m, "cid", "S", "A");
  assert_near(c->criticality, 1, 0);
  assert_near(c->vacancies, 1, 0);
  assert_int_equal(look(&m, "eve")->n, 0);
  assert_int_equal(m.p->place[0], -1);
  close_map(&m);
}

static void settings_turn_factors(void **state) {
  (void)state;
  pfc_gap_settings s = day(DAY);
  s.criticality_weight = 0.4;
  s.vacancy_weight = 2;
  s.compliance_factor = 7;
  map m = map_of(company(), 4, HELD, &s);
  const pfc_gap *b = row_of(&m, "ann", "R", "B");
  assert_near(b->criticality, 0.6 + 0.4 * 0.5, 1e-15);
  assert_near(b->vacancies, 1 + 2 * 1 / 2.0, 1e-15);
  assert_near(b->compliance, 7, 0);
  close_map(&m);
}

/* What a target closes: up to its level, never more than is asked for. */
static void targets_close_what_they_reach(void **state) {
  (void)state;
  const pfc_gap_settings s = day(DAY);
  map m = map_of(company(), 4, HELD, &s);
  const pfc_gap *a = row_of(&m, "ann", "R", "A");
  const double weight = 0.5 * 0.5 * 1.5;
  assert_near(pfc_gap_weight(a), weight, 1e-15);
  assert_near(pfc_gap_closable(m.gaps, a, 3), shortfall(2.5, 1, 3), 1e-6);
  assert_near(pfc_gap_closable(m.gaps, a, 5), shortfall(2.5, 1, 4), 1e-6);
  assert_near(pfc_gap_closable(m.gaps, a, (double)NAN), shortfall(2.5, 1, 4), 1e-6);
  assert_near(pfc_gap_closable(m.gaps, a, 0), 0, 0);
  assert_near(pfc_gap_worth(m.gaps, a, 3), weight * shortfall(2.5, 1, 3), 1e-6);
  close_map(&m);
}

/* --- goal roles --------------------------------------------------------------------------- */

static void goals_count_beyond_the_role_held(void **state) {
  (void)state;
  const pfc_gap_settings s = day(DAY);
  pfc_dataset *ds = company();
  test_empty(ds, PFC_PEOPLE);
  test_rows(ds, PFC_PEOPLE, "person_id,role_id,goal_role_id",
            "ann,R,T;bob,R,R;cid,S,;dan,R,;eve,,T");
  map m = map_of(ds, 4, HELD, &s);
  /* R asks for A 4, B 3 and D; T for A 5, C 3, and for less in B. */
  const pfc_person_gaps *p = look(&m, "ann");
  assert_int_equal(p->n, 5);
  assert_int_equal(p->place[0], 0);
  assert_int_equal(p->at[1].competency, 0);
  assert_int_equal(p->place[1], 2);
  const pfc_gap held = *row_of(&m, "ann", "R", "A"), more = *row_of(&m, "ann", "T", "A");
  assert_near(held.priority, shortfall(2.5, 1, 4) * 0.5 * 0.5 * (1 + 1 / 3.0), 1e-6);
  assert_near(more.required, 5, 0);
  assert_near(more.beyond, 4, 0);
  assert_near(more.p_gap, phi(2.5), 1e-6);
  assert_near(more.shortfall, shortfall(2.5, 1, 5) - shortfall(2.5, 1, 4), 1e-6);
  assert_near(more.goal, 0.3, 0);
  assert_near(more.vacancies, 1 + 3, 0); /* nobody holds T */
  assert_near(more.priority, more.shortfall * 0.75 * 0.25 * 4 * 0.3, 1e-12);
  assert_int_equal(more.gap_class, PFC_GAP_STRATEGIC);
  /* The law asks those who hold a role. */
  assert_false(more.is_compliance);
  assert_near(more.compliance, 1, 0);
  assert_near(pfc_gap_closable(m.gaps, &more, 4), 0, 0);
  assert_near(pfc_gap_closable(m.gaps, &more, 4.5),
              shortfall(2.5, 1, 4.5) - shortfall(2.5, 1, 4), 1e-6);
  const pfc_gap alone = *row_of(&m, "ann", "T", "C");
  assert_nan(alone.beyond);
  assert_near(alone.shortfall, shortfall(1, 1, 3), 1e-6);
  assert_int_equal(look(&m, "bob")->n, 3);
  assert_int_equal(look(&m, "eve")->n, 3);
  close_map(&m);
}

/* --- requirements without a level --------------------------------------------------------- */

static void a_share_of_the_scale_counts_as_holding(void **state) {
  (void)state;
  pfc_gap_settings s = day(DAY);
  pfc_dataset *ds = company();
  test_empty(ds, PFC_REQUIREMENTS);
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance",
            "R,A,,1;R,B,,0.5;S,A,,1");
  ds->scale_min = 1;
  ds->scale_max = 6;
  map m = map_of(ds, 4, HELD, &s);
  assert_near(row_of(&m, "ann", "R", "A")->required, 1 + 0.6 * 5, 1e-12);
  s.held_share = 0.2;
  reopen(&m, &s);
  assert_near(row_of(&m, "ann", "R", "B")->required, 2, 1e-12);
  assert_near(row_of(&m, "ann", "R", "B")->p_gap, phi(2 - 3.5), 1e-6);
  close_map(&m);
}

/* --- demand ------------------------------------------------------------------------------- */

static double demand_with(const char *rows, const char *columns, double weight, int32_t as_of) {
  pfc_gap_settings s = day(as_of);
  s.demand_weight = weight;
  pfc_dataset *ds = company();
  test_rows(ds, PFC_DEMAND, columns, rows);
  map m = map_of(ds, 4, HELD, &s);
  const double factor = row_of(&m, "ann", "R", "A")->demand;
  assert_near(row_of(&m, "cid", "S", "A")->demand, factor,
              strstr(columns, "role_id") ? 1e9 : 0);
  close_map(&m);
  return factor;
}

/* Day 10957 is 2000-01-01; the last fact is of day 10. */
static void demand_is_the_growth_of_a_year(void **state) {
  (void)state;
  enum { Y2K = 10957 };
  const char *const own = "month,competency_id,index", *const role = "month,role_id,index",
                    *const both = "month,role_id,competency_id,index";
  const char *const plain = "1998-12-01,A,0.8;1999-12-01,A,1;1999-11-01,A,3;1999-12-01,B,9";
  assert_near(demand_with(plain, own, 1, Y2K), 1.25, 1e-12);
  assert_near(demand_with(plain, own, 2, Y2K), 1.25 * 1.25, 1e-12);
  assert_near(demand_with(plain, own, 0, Y2K), 1, 0);
  /* No factor goes beyond half or double. */
  assert_near(demand_with("1998-12-01,A,0.1;1999-12-01,A,1", own, 1, Y2K), 2, 0);
  assert_near(demand_with("1998-12-01,A,9;1999-12-01,A,1", own, 1, Y2K), 0.5, 0);
  assert_near(demand_with("1998-12-01,A,9;1999-12-01,A,0", own, 1, Y2K), 0.5, 0);
  assert_near(demand_with("1998-12-01,A,0;1999-12-01,A,0", own, 1, Y2K), 1, 0);
  /* Where no figure is a year apart, the nearest from half a year to one and a half. */
  assert_near(demand_with("1999-06-01,A,0.8;1999-12-01,A,1", own, 1, Y2K), 1.25 * 1.25, 1e-12);
  assert_near(demand_with("1999-07-01,A,0.8;1999-12-01,A,1", own, 1, Y2K), 1, 0);
  assert_near(demand_with("1998-06-01,A,0.64;1999-12-01,A,1", own, 1, Y2K),
              pow(1 / 0.64, 12 / 18.0), 1e-12);
  assert_near(demand_with("1998-05-01,A,0.64;1999-12-01,A,1", own, 1, Y2K), 1, 0);
  /* The role's where the competency has none of its own. */
  assert_near(demand_with("1998-12-01,R,0.8;1999-12-01,R,1", role, 1, Y2K), 1.25, 1e-12);
  assert_near(demand_with("1998-12-01,R,,0.8;1999-12-01,R,,1;1998-12-01,,A,1;1999-12-01,,A,1.1",
                          both, 1, Y2K),
              1.1, 1e-12);
  /* A forecast comes before what was. */
  const char *const forecast = "1998-12-01,A,0.8;1999-12-01,A,1;2000-12-01,A,1.5";
  assert_near(demand_with(forecast, own, 1, Y2K), 1.5, 1e-12);
  assert_near(demand_with("1999-12-01,A,1;2000-12-01,A,1.5", own, 1, Y2K), 1.5, 1e-12);
  /* On day 9 facts lie ahead, and so the table's later months do not count. */
  assert_near(demand_with("1968-12-01,A,0.8;1969-12-01,A,1;1970-12-01,A,1.5", own, 1, 9), 1.25,
              1e-12);
}

/* --- ahead -------------------------------------------------------------------------------- */

static void scenarios_move_all_roles_alike(void **state) {
  (void)state;
  pfc_gap_settings s = day(DAY);
  pfc_dataset *ds = company();
  /* A is asked for at 4, 2 and 5, on average 11/3; day 1000 is 1972-09-27. */
  test_rows(
      ds, PFC_SCENARIOS, "scenario,role_id,competency_id,month,headcount,required_level",
      "base,,A,1972-09-01,,1;base,,A,1972-12-01,,5;base,,A,1973-02-01,,4.6666666666666667;"
      "base,,A,1973-01-01,,5;boom,,A,1973-02-01,,5;base,,B,1974-01-01,,5;"
      "base,R,,1973-02-01,9,5;base,,C,1973-01-01,,");
  map m = map_of(ds, 4, HELD, &s);
  assert_near(row_of(&m, "ann", "R", "A")->required, 4, 0);
  s.ahead_days = 180;
  reopen(&m, &s);
  const pfc_gap a = *row_of(&m, "ann", "R", "A");
  assert_near(a.required, 5, 1e-12);
  assert_near(a.p_gap, phi(2.5), 1e-6);
  assert_near(row_of(&m, "cid", "S", "A")->required, 3, 1e-12);
  assert_near(row_of(&m, "ann", "R", "B")->required, 3, 0);
  s.ahead_days = 66; /* up to 1972-12-02 */
  reopen(&m, &s);
  assert_near(row_of(&m, "cid", "S", "A")->required, 2 + 5 - 11 / 3.0, 1e-12);
  assert_near(row_of(&m, "ann", "R", "A")->required, 5, 0); /* no more than the scale has */
  close_map(&m);
}

static void looking_ahead_needs_dates(void **state) {
  (void)state;
  pfc_gap_settings s = day(PFC_NO_DATE);
  pfc_dataset *ds = company();
  test_empty(ds, PFC_ASSESSMENTS);
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level", "cid,C,5");
  map m = map_of(ds, 4, HELD, &s);
  assert_near(row_of(&m, "ann", "R", "A")->p_gap, phi(1.5), 1e-6);
  s.ahead_days = 30;
  pfc_gaps *none = NULL;
  assert_fails(pfc_gaps_create(m.bundle, ds, m.h, &s, &none, &err), PFC_EDATA, "no dates");
  assert_null(none);
  close_map(&m);
}

/* --- classes and urgency ------------------------------------------------------------------ */

static void classes_tell_today_from_later(void **state) {
  (void)state;
  pfc_gap_settings s = day(10957);
  pfc_dataset *ds = company();
  test_rows(ds, PFC_DEMAND, "month,competency_id,index",
            "1998-12-01,A,1;1999-12-01,A,1.2;1998-12-01,B,1;1999-12-01,B,1.11");
  map m = map_of(ds, 4, HELD, &s);
  /* Missing today, however demand grows; held, but demand grows by 11 %; held and no growth. */
  assert_int_equal(row_of(&m, "ann", "R", "A")->gap_class, PFC_GAP_OPERATIONAL);
  assert_int_equal(row_of(&m, "ann", "R", "B")->gap_class, PFC_GAP_STRATEGIC);
  assert_int_equal(row_of(&m, "ann", "R", "D")->gap_class, PFC_GAP_OPERATIONAL);
  test_empty(ds, PFC_DEMAND);
  test_rows(ds, PFC_DEMAND, "month,competency_id,index",
            "1998-12-01,A,1;1999-12-01,A,1.2;1998-12-01,B,1;1999-12-01,B,1.1");
  reopen(&m, &s);
  assert_int_equal(row_of(&m, "ann", "R", "B")->gap_class, PFC_GAP_OPERATIONAL);
  /* B is held today (3.5 of 3) and will not be when 4 is asked for; A is missing anyway. */
  test_rows(ds, PFC_SCENARIOS, "scenario,competency_id,month,required_level",
            "base,B,2000-02-01,3.5;base,A,2000-02-01,4.6666666666666667");
  s.ahead_days = 60;
  reopen(&m, &s);
  const pfc_gap b = *row_of(&m, "ann", "R", "B");
  assert_near(b.required, 4, 1e-12);
  assert_int_equal(b.gap_class, PFC_GAP_STRATEGIC);
  assert_int_equal(row_of(&m, "ann", "R", "A")->gap_class, PFC_GAP_OPERATIONAL);
  close_map(&m);
}

/* Weights without compliance, of what can be missed: R 0.375 and 0.75; S 1; T 0.75, 1 and 0.5
 * (0.25 * (1 + 3) = 1 of the role). The heaviest quarter of six are two: from 1 on. */
static void urgent_is_what_is_likely_and_heavy(void **state) {
  (void)state;
  pfc_gap_settings s = day(DAY);
  const double held[] = {0.5, 3.5, 1, 4};
  map m = map_of(company(), 4, held, &s);
  /* 0.93, if cid had not done well in C. */
  const double likely = row_of(&m, "cid", "S", "A")->p_gap;
  assert_true(likely > 0.8 && likely < 0.93);
  assert_int_equal(row_of(&m, "cid", "S", "A")->urgency, PFC_GAP_URGENT);
  assert_int_equal(row_of(&m, "ann", "R", "A")->urgency, PFC_GAP_LATER); /* too light */
  assert_int_equal(row_of(&m, "ann", "R", "B")->urgency, PFC_GAP_LATER); /* likely held */
  s.urgent_p_gap = 0.95;
  reopen(&m, &s);
  assert_int_equal(row_of(&m, "cid", "S", "A")->urgency, PFC_GAP_LATER);
  close_map(&m);
  /* Compliance more likely than not missed is urgent, however light. */
  const double less[] = {0.5, 2.9, 1, 4};
  m = map_of(company(), 4, less, &s);
  assert_int_equal(row_of(&m, "ann", "R", "B")->urgency, PFC_GAP_URGENT);
  close_map(&m);
}

static void compliance_likely_missed_comes_first(void **state) {
  (void)state;
  pfc_gap rows[] = {{.priority = 1, .p_gap = 0.9},
                    {.priority = 5, .p_gap = 0.4, .is_compliance = true},
                    {.priority = 0.1, .p_gap = 0.5, .is_compliance = true},
                    {.priority = 5, .p_gap = 0.9},
                    {.priority = 0.2, .p_gap = 0.8, .is_compliance = true},
                    {.priority = 0, .p_gap = 0}};
  const int32_t want[] = {4, 2, 1, 3, 0, 5};
  int32_t order[6];
  pfc_person_gaps p = {.n = 6, .at = rows};
  pfc_gaps_order(&p, order);
  assert_memory_equal(order, want, sizeof want);
}

/* --- without a profile -------------------------------------------------------------------- */

static void without_a_profile_a_gap_counts_one(void **state) {
  (void)state;
  const pfc_gap_settings s = day(DAY);
  map m = map_of(company(), 4, HELD, &s);
  m.bundle->has_profile = false;
  reopen(&m, &s);
  assert_null(pfc_gaps_levels(m.gaps));
  assert_null(m.p->known);
  const pfc_gap *a = row_of(&m, "ann", "R", "A");
  assert_near(a->shortfall, 1, 0);
  assert_nan(a->level);
  assert_nan(a->p_gap);
  assert_near(a->priority, 0.5 * 0.5 * 1.5, 1e-15);
  assert_int_equal(a->urgency, PFC_GAP_LATER);
  assert_int_equal(a->gap_class, PFC_GAP_OPERATIONAL);
  assert_near(pfc_gap_worth(m.gaps, a, 1), a->priority, 0);
  assert_near(row_of(&m, "ann", "R", "D")->shortfall, 0, 0);
  m.bundle->has_profile = true;
  close_map(&m);
}

/* --- properties --------------------------------------------------------------------------- */

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
    sum += weight * phi((x - gap->level) / gap->level_sd);
  }
  return sum * (to - from) / n / 3;
}

static void rows_agree_with_levels(void **state) {
  (void)state;
  const pfc_gap_settings s = day(DAY);
  map m = map_of(drawn(test_seed(5), false), 0, NULL, &s);
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
      assert_near(gap->p_gap, phi((gap->required - level.mean) / level.sd), 1e-9);
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
  close_map(&m);
}

static void more_of_a_factor_is_never_less(void **state) {
  (void)state;
  pfc_gap_settings s = day(DAY);
  map m = map_of(drawn(test_seed(6), false), 0, NULL, &s);
  s.compliance_factor = 4;
  s.vacancy_weight = 1.5;
  s.goal_weight = 0.4;
  map more = map_of(drawn(test_seed(6), false), 0, NULL, &s);
  double *importance = NULL;
  importance = pfc_dataset_column(more.ds, PFC_REQUIREMENTS, "importance")->real;
  for (int64_t k = 0; k < more.ds->tables[PFC_REQUIREMENTS].n_rows; k++) importance[k] += 0.1;
  double *criticality = pfc_dataset_column(more.ds, PFC_ROLES, "criticality")->real;
  for (int r = 0; r < N_ROLES; r++) criticality[r] = fmin(criticality[r] + 0.1, 1);
  reopen(&more, &s);
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
  close_map(&m);
  close_map(&more);
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
  const pfc_gap_settings s = day(DAY);
  map m = map_of(drawn(test_seed(7), false), 0, NULL, &s);
  map more = map_of(drawn(test_seed(7), true), 0, NULL, &s);
  int32_t *role = pfc_dataset_column(more.ds, PFC_PEOPLE, "role_id")->code;
  for (int p = 0; p < N_PEOPLE; p += 2) role[p] = 0; /* of later: they hold positions */
  reopen(&more, &s);
  for (int32_t p = 0; p < N_PEOPLE; p++) {
    assert_ok(pfc_gaps_of(m.gaps, p, PFC_NO_DATE, m.p, &err));
    assert_ok(pfc_gaps_of(more.gaps, p, PFC_NO_DATE, more.p, &err));
    assert_same_rows(m.p, more.p);
    assert_ok(pfc_gaps_of(m.gaps, p, 700, m.p, &err));
    assert_ok(pfc_gaps_of(more.gaps, p, 700, more.p, &err));
    assert_same_rows(m.p, more.p);
  }
  close_map(&m);
  close_map(&more);
}

static void threads_change_nothing(void **state) {
  (void)state;
  const pfc_gap_settings s = day(DAY);
  map m = map_of(drawn(test_seed(8), false), 0, NULL, &s);
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
  close_map(&m);
}

/* --- what goes wrong -----------------------------------------------------------------------
 */

static void settings_are_checked(void **state) {
  (void)state;
  pfc_gap_settings s = {0};
  assert_fails(pfc_gap_check(&s, &err), PFC_EUSAGE, "pfc_gap_defaults");
#define REFUSED(field, x, text) \
  s = day(DAY);                 \
  s.field = (x);                \
  assert_fails(pfc_gap_check(&s, &err), PFC_EUSAGE, (text))
  REFUSED(ahead_days, -1, "ahead_days: 0 up to 3650 expected, not -1");
  REFUSED(ahead_days, 3651, "ahead_days");
  REFUSED(goal_weight, 1.1, "goal_weight");
  REFUSED(held_share, (double)NAN, "held_share");
  REFUSED(criticality_weight, -0.1, "criticality_weight");
  REFUSED(demand_weight, 11, "demand_weight");
  REFUSED(compliance_factor, 0.9, "compliance_factor: 1 up to 1000 expected");
  REFUSED(vacancy_weight, -1, "vacancy_weight");
  REFUSED(urgent_p_gap, 2, "urgent_p_gap");
}

static pfc_status create_once(void *user) {
  const map *m = user;
  pfc_gaps *gaps = NULL;
  pfc_person_gaps *p = NULL;
  pfc_gap_settings s = day(DAY);
  s.ahead_days = 30;
  pfc_status st = pfc_gaps_create(m->bundle, m->ds, m->h, &s, &gaps, NULL);
  if (st == PFC_OK) st = pfc_person_gaps_create(gaps, &p, NULL);
  pfc_person_gaps_destroy(p);
  pfc_gaps_destroy(gaps);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  const pfc_gap_settings s = day(DAY);
  pfc_dataset *ds = drawn(3, false);
  test_rows(ds, PFC_SCENARIOS, "scenario,competency_id,month,required_level",
            "base,c1,1972-10-01,3");
  map m = map_of(ds, 0, NULL, &s);
  assert_true(count_down(create_once, &m) >= 15);
  close_map(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gaps_are_what_the_formula_says),
      cmocka_unit_test(settings_turn_factors),
      cmocka_unit_test(targets_close_what_they_reach),
      cmocka_unit_test(goals_count_beyond_the_role_held),
      cmocka_unit_test(a_share_of_the_scale_counts_as_holding),
      cmocka_unit_test(demand_is_the_growth_of_a_year),
      cmocka_unit_test(scenarios_move_all_roles_alike),
      cmocka_unit_test(looking_ahead_needs_dates),
      cmocka_unit_test(classes_tell_today_from_later),
      cmocka_unit_test(urgent_is_what_is_likely_and_heavy),
      cmocka_unit_test(compliance_likely_missed_comes_first),
      cmocka_unit_test(without_a_profile_a_gap_counts_one),
      cmocka_unit_test(rows_agree_with_levels),
      cmocka_unit_test(more_of_a_factor_is_never_less),
      cmocka_unit_test(later_facts_change_nothing),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
