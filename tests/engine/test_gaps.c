// labels: unit check
#include "tests/support/test.h"

#include <math.h>

#include "tests/support/gap_world.h"
#include "tests/support/near.h"
#include "tests/support/tables.h"

enum { DAY = 1000 };

/* --- by hand ------------------------------------------------------------------------------ */

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
  const pfc_gap_settings s = gap_day(DAY);
  gap_world m = gap_world_open(company(), 4, HELD, &s);
  assert_int_equal(gap_world_look(&m, "ann")->n, 3);
  const pfc_gap *a = gap_world_row(&m, "ann", "R", "A");
  assert_near(a->level, 2.5, 1e-6);
  assert_near(a->level_sd, 1, 1e-6);
  assert_near(a->required, 4, 0);
  assert_nan(a->beyond);
  assert_near(a->p_gap, gap_phi(1.5), 1e-6);
  assert_near(a->shortfall, gap_shortfall(2.5, 1, 4), 1e-6);
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
  const pfc_gap *b = gap_world_row(&m, "ann", "R", "B");
  assert_near(b->p_gap, gap_phi(-0.5), 1e-6);
  assert_near(b->importance, 1, 0);
  assert_near(b->compliance, 3, 0);
  assert_true(b->is_compliance);
  assert_near(b->priority, gap_shortfall(3.5, 1, 3) * 0.5 * 1.5 * 3, 1e-6);
  /* What is asked at the bottom of the scale cannot be missed. */
  const pfc_gap *d = gap_world_row(&m, "ann", "R", "D");
  assert_near(d->p_gap, 0, 0);
  assert_near(d->priority, 0, 0);
  /* A role without criticality or vacancies weighs 1. */
  const pfc_gap *c = gap_world_row(&m, "cid", "S", "A");
  assert_near(c->criticality, 1, 0);
  assert_near(c->vacancies, 1, 0);
  assert_int_equal(gap_world_look(&m, "eve")->n, 0);
  assert_int_equal(m.p->place[0], -1);
  gap_world_close(&m);
}

static void settings_turn_factors(void **state) {
  (void)state;
  pfc_gap_settings s = gap_day(DAY);
  s.criticality_weight = 0.4;
  s.vacancy_weight = 2;
  s.compliance_factor = 7;
  gap_world m = gap_world_open(company(), 4, HELD, &s);
  const pfc_gap *b = gap_world_row(&m, "ann", "R", "B");
  assert_near(b->criticality, 0.6 + 0.4 * 0.5, 1e-15);
  assert_near(b->vacancies, 1 + 2 * 1 / 2.0, 1e-15);
  assert_near(b->compliance, 7, 0);
  gap_world_close(&m);
}

/* What a target closes: up to its level, never more than is asked for. */
static void targets_close_what_they_reach(void **state) {
  (void)state;
  const pfc_gap_settings s = gap_day(DAY);
  gap_world m = gap_world_open(company(), 4, HELD, &s);
  const pfc_gap *a = gap_world_row(&m, "ann", "R", "A");
  const double weight = 0.5 * 0.5 * 1.5;
  assert_near(pfc_gap_weight(a), weight, 1e-15);
  assert_near(pfc_gap_closable(m.gaps, a, 3, 1), gap_shortfall(2.5, 1, 3), 1e-6);
  assert_near(pfc_gap_closable(m.gaps, a, 5, 1), gap_shortfall(2.5, 1, 4), 1e-6);
  assert_near(pfc_gap_closable(m.gaps, a, (double)NAN, 1), gap_shortfall(2.5, 1, 4), 1e-6);
  assert_near(pfc_gap_closable(m.gaps, a, 0, 1), 0, 0);
  assert_near(pfc_gap_weight(a) * pfc_gap_closable(m.gaps, a, 3, 1),
              weight * gap_shortfall(2.5, 1, 3), 1e-6);
  gap_world_close(&m);
}

/* A level more than 2.5 is 3.5, and what was supposed of one competency says nothing of others.
 */
static void a_level_more_leaves_less_missing(void **state) {
  (void)state;
  const pfc_gap_settings s = gap_day(DAY);
  gap_world m = gap_world_open(company(), 4, HELD, &s);
  const pfc_gap *a = gap_world_row(&m, "ann", "R", "A"), *b = a + 1;
  const pfc_gap other = *b;
  pfc_gaps_suppose(m.gaps, m.p, a->competency, 1);
  assert_near(a->level, 3.5, 1e-6);
  assert_near(a->level_sd, 1, 1e-6);
  assert_near(a->p_gap, gap_phi(0.5), 1e-6);
  assert_near(a->shortfall, gap_shortfall(3.5, 1, 4), 1e-6);
  assert_near(a->priority, a->shortfall * 0.5 * 0.5 * 1.5, 1e-12);
  assert_near(pfc_gap_closable(m.gaps, a, 3, 1), gap_shortfall(3.5, 1, 3), 1e-6);
  assert_memory_equal(b, &other, sizeof other);
  /* ann's role asks nothing in C. */
  pfc_gaps_suppose(m.gaps, m.p, test_code(m.ds, "competency", "C"), 1);
  assert_int_equal(m.p->n, 3);
  gap_world_close(&m);
}

/* --- goal roles --------------------------------------------------------------------------- */

static void goals_count_beyond_the_role_held(void **state) {
  (void)state;
  const pfc_gap_settings s = gap_day(DAY);
  pfc_dataset *ds = company();
  test_empty(ds, PFC_PEOPLE);
  test_rows(ds, PFC_PEOPLE, "person_id,role_id,goal_role_id",
            "ann,R,T;bob,R,R;cid,S,;dan,R,;eve,,T");
  gap_world m = gap_world_open(ds, 4, HELD, &s);
  /* R asks for A 4, B 3 and D; T for A 5, C 3, and for less in B. */
  const pfc_person_gaps *p = gap_world_look(&m, "ann");
  assert_int_equal(p->n, 5);
  assert_int_equal(p->place[0], 0);
  assert_int_equal(p->at[1].competency, 0);
  assert_int_equal(p->place[1], 2);
  const pfc_gap held = *gap_world_row(&m, "ann", "R", "A"),
                more = *gap_world_row(&m, "ann", "T", "A");
  assert_near(held.priority, gap_shortfall(2.5, 1, 4) * 0.5 * 0.5 * (1 + 1 / 3.0), 1e-6);
  assert_near(more.required, 5, 0);
  assert_near(more.beyond, 4, 0);
  assert_near(more.p_gap, gap_phi(2.5), 1e-6);
  assert_near(more.shortfall, gap_shortfall(2.5, 1, 5) - gap_shortfall(2.5, 1, 4), 1e-6);
  assert_near(more.goal, 0.3, 0);
  assert_near(more.vacancies, 1 + 3, 0); /* nobody holds T */
  assert_near(more.priority, more.shortfall * 0.75 * 0.25 * 4 * 0.3, 1e-12);
  assert_int_equal(more.gap_class, PFC_GAP_STRATEGIC);
  /* The law asks those who hold a role. */
  assert_false(more.is_compliance);
  assert_near(more.compliance, 1, 0);
  assert_near(pfc_gap_closable(m.gaps, &more, 4, 1), 0, 0);
  assert_near(pfc_gap_closable(m.gaps, &more, 4.5, 1),
              gap_shortfall(2.5, 1, 4.5) - gap_shortfall(2.5, 1, 4), 1e-6);
  const pfc_gap alone = *gap_world_row(&m, "ann", "T", "C");
  assert_nan(alone.beyond);
  assert_near(alone.shortfall, gap_shortfall(1, 1, 3), 1e-6);
  assert_int_equal(gap_world_look(&m, "bob")->n, 3);
  assert_int_equal(gap_world_look(&m, "eve")->n, 3);
  gap_world_close(&m);
}

/* --- requirements without a level --------------------------------------------------------- */

/* Of everybody, in full; a role that is not there is refused. */
static void one_goal_for_all_counts_in_full(void **state) {
  (void)state;
  pfc_gap_settings s = gap_day(DAY);
  gap_world m = gap_world_open(company(), 4, HELD, &s);
  s.goal_role = test_code(m.ds, "role", "T");
  gap_world_reopen(&m, &s);
  assert_int_equal(gap_world_look(&m, "eve")->n, 3);
  assert_near(gap_world_row(&m, "eve", "T", "A")->goal, 1, 0);
  assert_int_equal(gap_world_look(&m, "ann")->n, 5); /* B is asked for by R already */
  const pfc_gap *beyond = gap_world_row(&m, "ann", "T", "A");
  assert_near(beyond->beyond, 4, 0);
  assert_near(beyond->goal, 1, 0);
  assert_near(beyond->shortfall, gap_shortfall(2.5, 1, 5) - gap_shortfall(2.5, 1, 4), 1e-6);
  pfc_gaps *none = NULL;
  s.goal_role = pfc_dataset_count(m.ds, "role");
  assert_fails(pfc_gaps_create(m.bundle, m.ds, m.h, &s, &none, &err), PFC_EUSAGE, "goal_role");
  gap_world_close(&m);
}

static void a_share_of_the_scale_counts_as_holding(void **state) {
  (void)state;
  pfc_gap_settings s = gap_day(DAY);
  pfc_dataset *ds = company();
  test_empty(ds, PFC_REQUIREMENTS);
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance",
            "R,A,,1;R,B,,0.5;S,A,,1");
  ds->scale_min = 1;
  ds->scale_max = 6;
  gap_world m = gap_world_open(ds, 4, HELD, &s);
  assert_near(gap_world_row(&m, "ann", "R", "A")->required, 1 + 0.6 * 5, 1e-12);
  s.held_share = 0.2;
  gap_world_reopen(&m, &s);
  assert_near(gap_world_row(&m, "ann", "R", "B")->required, 2, 1e-12);
  assert_near(gap_world_row(&m, "ann", "R", "B")->p_gap, gap_phi(2 - 3.5), 1e-6);
  gap_world_close(&m);
}

/* --- demand ------------------------------------------------------------------------------- */

static double demand_with(const char *rows, const char *columns, double weight, int32_t as_of) {
  pfc_gap_settings s = gap_day(as_of);
  s.demand_weight = weight;
  pfc_dataset *ds = company();
  test_rows(ds, PFC_DEMAND, columns, rows);
  gap_world m = gap_world_open(ds, 4, HELD, &s);
  const double factor = gap_world_row(&m, "ann", "R", "A")->demand;
  assert_near(gap_world_row(&m, "cid", "S", "A")->demand, factor,
              strstr(columns, "role_id") ? 1e9 : 0);
  gap_world_close(&m);
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
  pfc_gap_settings s = gap_day(DAY);
  pfc_dataset *ds = company();
  /* A is asked for at 4, 2 and 5, on average 11/3; day 1000 is 1972-09-27. */
  test_rows(ds, PFC_SCENARIOS, "scenario,role_id,competency_id,month,headcount,required_level",
            "base,,A,1972-09-01,,1;base,,B,1972-09-01,,5;base,,A,1972-12-01,,5;base,,A,1973-02-"
            "01,,4.6666666666666667;"
            "base,,A,1973-01-01,,5;boom,,A,1973-02-01,,5;base,,B,1974-01-01,,5;"
            "base,R,,1973-02-01,9,5;base,,C,1973-01-01,,");
  gap_world m = gap_world_open(ds, 4, HELD, &s);
  assert_near(gap_world_row(&m, "ann", "R", "A")->required, 4, 0);
  s.ahead_days = 180;
  gap_world_reopen(&m, &s);
  const pfc_gap a = *gap_world_row(&m, "ann", "R", "A");
  assert_near(a.required, 5, 1e-12);
  assert_near(a.p_gap, gap_phi(2.5), 1e-6);
  assert_near(gap_world_row(&m, "cid", "S", "A")->required, 3, 1e-12);
  assert_near(gap_world_row(&m, "ann", "R", "B")->required, 3, 0);
  s.ahead_days = 66; /* up to 1972-12-02 */
  gap_world_reopen(&m, &s);
  assert_near(gap_world_row(&m, "cid", "S", "A")->required, 2 + 5 - 11 / 3.0, 1e-12);
  assert_near(gap_world_row(&m, "ann", "R", "A")->required, 5,
              0); /* no more than the scale has */
  gap_world_close(&m);
}

static void looking_ahead_needs_dates(void **state) {
  (void)state;
  pfc_gap_settings s = gap_day(PFC_NO_DATE);
  pfc_dataset *ds = company();
  test_empty(ds, PFC_ASSESSMENTS);
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level", "cid,C,5");
  gap_world m = gap_world_open(ds, 4, HELD, &s);
  assert_near(gap_world_row(&m, "ann", "R", "A")->p_gap, gap_phi(1.5), 1e-6);
  s.ahead_days = 30;
  pfc_gaps *none = NULL;
  assert_fails(pfc_gaps_create(m.bundle, ds, m.h, &s, &none, &err), PFC_EDATA, "no dates");
  assert_null(none);
  gap_world_close(&m);
}

/* --- classes and urgency ------------------------------------------------------------------ */

static void classes_tell_today_from_later(void **state) {
  (void)state;
  pfc_gap_settings s = gap_day(10957);
  pfc_dataset *ds = company();
  test_rows(ds, PFC_DEMAND, "month,competency_id,index",
            "1998-12-01,A,1;1999-12-01,A,1.2;1998-12-01,B,1;1999-12-01,B,1.11");
  gap_world m = gap_world_open(ds, 4, HELD, &s);
  /* Missing today, however demand grows; held, but demand grows by 11 %; held and no growth. */
  assert_int_equal(gap_world_row(&m, "ann", "R", "A")->gap_class, PFC_GAP_OPERATIONAL);
  assert_int_equal(gap_world_row(&m, "ann", "R", "B")->gap_class, PFC_GAP_STRATEGIC);
  assert_int_equal(gap_world_row(&m, "ann", "R", "D")->gap_class, PFC_GAP_OPERATIONAL);
  test_empty(ds, PFC_DEMAND);
  test_rows(ds, PFC_DEMAND, "month,competency_id,index",
            "1998-12-01,A,1;1999-12-01,A,1.2;1998-12-01,B,1;1999-12-01,B,1.1");
  gap_world_reopen(&m, &s);
  assert_int_equal(gap_world_row(&m, "ann", "R", "B")->gap_class, PFC_GAP_OPERATIONAL);
  /* B is held today (3.5 of 3) and will not be when 4 is asked for; A is missing anyway. */
  test_rows(ds, PFC_SCENARIOS, "scenario,competency_id,month,required_level",
            "base,B,2000-02-01,3.5;base,A,2000-02-01,4.6666666666666667");
  s.ahead_days = 60;
  gap_world_reopen(&m, &s);
  const pfc_gap b = *gap_world_row(&m, "ann", "R", "B");
  assert_near(b.required, 4, 1e-12);
  assert_int_equal(b.gap_class, PFC_GAP_STRATEGIC);
  assert_int_equal(gap_world_row(&m, "ann", "R", "A")->gap_class, PFC_GAP_OPERATIONAL);
  gap_world_close(&m);
}

/* Rated high yesterday, ann holds A today; what is not looked at goes back to what is likely.
 */
static void what_will_have_faded_is_strategic(void **state) {
  (void)state;
  pfc_gap_settings s = gap_day(DAY);
  pfc_dataset *ds = company();
  test_empty(ds, PFC_ASSESSMENTS);
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
            "ann,A,4.9,test,999");
  gap_world m = gap_world_open(ds, 4, HELD, &s);
  m.bundle->profile.half_life[0] = 30;
  gap_world_reopen(&m, &s);
  const pfc_gap now = *gap_world_row(&m, "ann", "R", "A");
  assert_true(now.p_gap < 0.5);
  assert_int_equal(now.gap_class, PFC_GAP_OPERATIONAL);
  assert_int_equal(now.evidence_n, 1);
  assert_int_equal(now.latest_day, 999);
  s.ahead_days = 600;
  gap_world_reopen(&m, &s);
  const pfc_gap then = *gap_world_row(&m, "ann", "R", "A");
  assert_true(then.p_gap > 0.5 && then.level < now.level - 0.3);
  assert_int_equal(then.gap_class, PFC_GAP_STRATEGIC);
  gap_world_close(&m);
}

/* Who takes up a role on the day is asked for it from the day after on. */
static void the_role_is_that_of_the_day_before(void **state) {
  (void)state;
  const pfc_gap_settings s = gap_day(DAY);
  pfc_dataset *ds = company();
  test_rows(ds, PFC_POSITIONS, "person_id,from,role_id", "ann,0,S;ann,1000,R");
  gap_world m = gap_world_open(ds, 4, HELD, &s);
  assert_int_equal(gap_world_look(&m, "ann")->n, 1);
  assert_ok(pfc_gaps_of(m.gaps, test_code(ds, "person", "ann"), DAY + 1, m.p, &err));
  assert_int_equal(m.p->n, 3);
  gap_world_close(&m);
}

/* Weights without compliance, of what can be missed: R 0.375 and 0.75; S 0.9; T 0.75, 1 and 0.5
 * (0.25 * (1 + 3) = 1 of the role). The heaviest quarter of six are two: from 0.9 on. What is
 * asked at the bottom of the scale is not among them, however important. */
static void urgent_is_what_is_likely_and_heavy(void **state) {
  (void)state;
  pfc_gap_settings s = gap_day(DAY);
  const double held[] = {0.5, 3.5, 1, 4};
  pfc_dataset *ds = company();
  test_empty(ds, PFC_REQUIREMENTS);
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance,compliance",
            "R,A,4,0.5,0;R,B,3,,1;R,C,0,9,0;R,D,0,9,0;S,A,2,0.9,;T,A,5,0.75,1;T,B,2,1,0;"
            "T,C,3,0.5,0");
  gap_world m = gap_world_open(ds, 4, held, &s);
  /* 0.93, if cid had not done well in C. */
  const double likely = gap_world_row(&m, "cid", "S", "A")->p_gap;
  assert_true(likely > 0.8 && likely < 0.93);
  assert_int_equal(gap_world_row(&m, "cid", "S", "A")->urgency, PFC_GAP_URGENT);
  assert_int_equal(gap_world_row(&m, "ann", "R", "A")->urgency, PFC_GAP_LATER); /* too light */
  assert_int_equal(gap_world_row(&m, "ann", "R", "B")->urgency,
                   PFC_GAP_LATER); /* likely held */
  s.urgent_p_gap = 0.95;
  gap_world_reopen(&m, &s);
  assert_int_equal(gap_world_row(&m, "cid", "S", "A")->urgency, PFC_GAP_LATER);
  gap_world_close(&m);
  /* Compliance more likely than not missed is urgent, however light. */
  const double less[] = {0.5, 2.9, 1, 4};
  m = gap_world_open(company(), 4, less, &s);
  assert_int_equal(gap_world_row(&m, "ann", "R", "B")->urgency, PFC_GAP_URGENT);
  gap_world_close(&m);
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
  const pfc_gap_settings s = gap_day(DAY);
  gap_world m = gap_world_open(company(), 4, HELD, &s);
  m.bundle->has_profile = false;
  gap_world_reopen(&m, &s);
  assert_null(pfc_gaps_levels(m.gaps));
  assert_null(m.p->known);
  const pfc_gap *a = gap_world_row(&m, "ann", "R", "A");
  assert_near(a->shortfall, 1, 0);
  assert_nan(a->level);
  assert_nan(a->p_gap);
  assert_near(a->priority, 0.5 * 0.5 * 1.5, 1e-15);
  assert_int_equal(a->urgency, PFC_GAP_LATER);
  assert_int_equal(a->gap_class, PFC_GAP_OPERATIONAL);
  assert_near(pfc_gap_weight(a) * pfc_gap_closable(m.gaps, a, 1, 1), a->priority, 0);
  assert_near(gap_world_row(&m, "ann", "R", "D")->shortfall, 0, 0);
  m.bundle->has_profile = true;
  gap_world_close(&m);
}

/* --- what goes wrong -----------------------------------------------------------------------
 */

static void settings_are_checked(void **state) {
  (void)state;
  pfc_gap_settings s = {0};
  assert_fails(pfc_gap_check(&s, &err), PFC_EUSAGE, "pfc_gap_defaults");
#define REFUSED(field, x, text) \
  s = gap_day(DAY);             \
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gaps_are_what_the_formula_says),
      cmocka_unit_test(settings_turn_factors),
      cmocka_unit_test(targets_close_what_they_reach),
      cmocka_unit_test(a_level_more_leaves_less_missing),
      cmocka_unit_test(goals_count_beyond_the_role_held),
      cmocka_unit_test(one_goal_for_all_counts_in_full),
      cmocka_unit_test(a_share_of_the_scale_counts_as_holding),
      cmocka_unit_test(demand_is_the_growth_of_a_year),
      cmocka_unit_test(scenarios_move_all_roles_alike),
      cmocka_unit_test(looking_ahead_needs_dates),
      cmocka_unit_test(classes_tell_today_from_later),
      cmocka_unit_test(what_will_have_faded_is_strategic),
      cmocka_unit_test(the_role_is_that_of_the_day_before),
      cmocka_unit_test(urgent_is_what_is_likely_and_heavy),
      cmocka_unit_test(compliance_likely_missed_comes_first),
      cmocka_unit_test(without_a_profile_a_gap_counts_one),
      cmocka_unit_test(settings_are_checked),
  };
  return cmocka_run_group_tests_name("engine/gaps", tests, NULL, NULL);
}
