// labels: property check
/* Each rule breaks exactly where it should: counted by hand, beside the legal neighbour of
 * every row that breaks it. */
#include "tests/support/test.h"

#include "datasets/quality.h"
#include "tests/support/tables.h"

typedef struct given {
  pfc_table_id table;
  const char *columns, *rows;
} given;

/* A rule that is broken n times, first in `row`, whose example holds `says`; or, with n = 0,
 * one that speaks of so many rows and is kept. */
typedef struct truth {
  const char *rule;
  int64_t n, of, row;
  const char *says;
} truth;

static pfc_quality *quality_of(const pfc_dataset *ds, int32_t as_of) {
  pfc_quality *q;
  pfc_quality_settings s;
  pfc_quality_defaults(&s);
  s.as_of = as_of;
  assert_ok(pfc_quality_create(ds, &s, &q, &err));
  return q;
}

static const pfc_quality_finding *finding(const pfc_quality *q, const char *rule) {
  for (int k = 0; k < q->n_findings; k++)
    if (strcmp(q->findings[k].name, rule) == 0) return &q->findings[k];
  fail_msg("there is no rule %s", rule);
  return NULL;
}

static void assert_truth(const pfc_quality *q, const truth *t) {
  const pfc_quality_finding *f = finding(q, t->rule);
  if (!f->is_checked || f->n != t->n || f->of != t->of)
    fail_msg("%s: %lld of %lld (lacks '%s'), expected %lld of %lld", t->rule, (long long)f->n,
             (long long)f->of, f->lacks, (long long)t->n, (long long)t->of);
  assert_int_equal(f->n_examples, t->n < PFC_QUALITY_EXAMPLES ? t->n : PFC_QUALITY_EXAMPLES);
  if (t->n == 0) return;
  assert_int_equal(f->example[0].row, t->row);
  if (!strstr(f->example[0].text, t->says))
    fail_msg("%s: '%s' is not in '%s'", t->rule, t->says, f->example[0].text);
}

/* Exactly these rules are broken. */
static void assert_rules(const given *g, int32_t as_of, const truth *truths) {
  pfc_dataset *ds = pfc_dataset_create();
  for (; g->columns; g++) test_rows(ds, g->table, g->columns, g->rows);
  pfc_quality *q = quality_of(ds, as_of);
  for (const truth *t = truths; t->rule; t++) assert_truth(q, t);
  for (int k = 0; k < q->n_findings; k++) {
    bool is_told = q->findings[k].n == 0;
    for (const truth *t = truths; t->rule && !is_told; t++)
      is_told = strcmp(t->rule, q->findings[k].name) == 0;
    if (!is_told)
      fail_msg("%s is broken too: %s", q->findings[k].name, q->findings[k].example[0].text);
  }
  pfc_quality_destroy(q);
  pfc_dataset_destroy(ds);
}

/* --- enrolments ----------------------------------------------------------------------- */

static void starts_and_ends_go_with_the_status(void **state) {
  (void)state;
  const given g[] = {
      {PFC_ENROLMENTS, "person_id,intervention_id,status,enrolled_on,started_on,ended_on",
       "p0,i,passed,0,1,20;"
       "p1,i,passed,0,,20;" /* 1: no start */
       "p2,i,dropped,0,,5;" /* never began: legal */
       "p3,i,enrolled,0,,;"
       "p4,i,in_progress,0,,;" /* 4: no start */
       "p5,i,failed,0,1,;"     /* 5: no end */
       "p6,i,dropped,0,1,;"    /* 6: no end */
       "p7,i,dropped,0,,;"     /* never began: legal */
       "p8,i,in_progress,0,1,;"
       "p9,i,completed,0,2,9;"
       "p10,i,in_progress,0,1,30;" /* ends on the last day there is: legal */
       "p11,i,enrolled,0,,29;"     /* 11: open, though the end has passed */
       "p12,i,passed,21,1,20;"     /* 12: registered after the end */
       "p13,i,passed,20,1,20;"
       "p14,i,,0,,"},
      {0}};
  const truth t[] = {{"enrolment_without_start", 2, 9, 1, "person_id p1"},
                     {"enrolment_without_end", 2, 7, 5, "status failed"},
                     {"enrolment_open_after_end", 1, 2, 11, "ended_on 1970-01-30"},
                     {"enrolment_ended_before_enrolled", 1, 8, 12, "enrolled_on 1970-01-22"},
                     {"enrolment_started_twice", 0, 11, 0, ""},
                     {0}};
  assert_rules(g, PFC_NO_DATE, t);
}

static void what_nobody_tells_is_not_missed(void **state) {
  (void)state;
  const given g[] = {{PFC_ENROLMENTS, "person_id,intervention_id,status,started_on,ended_on",
                      "p0,i,passed,,;p1,i,failed,,"},
                     {0}};
  const truth t[] = {
      {"enrolment_without_start", 0, 0, 0, ""}, {"enrolment_without_end", 0, 0, 0, ""}, {0}};
  assert_rules(g, PFC_NO_DATE, t);
}

static void starts_lie_within_the_window(void **state) {
  (void)state;
  const given g[] = {{PFC_INTERVENTIONS, "intervention_id,opens_on,closes_on,recurs_months",
                      "i0,100,120,;i1,,120,;i2,100,,;i3,0,9,12"},
                     {PFC_ENROLMENTS, "person_id,intervention_id,started_on",
                      "a,i0,100;a,i0,99;"                /* 1: a day early */
                      "a,i0,120;a,i0,121;"               /* 3: a day late */
                      "a,i1,5;a,i1,121;"                 /* 5: late */
                      "a,i2,500;b,i2,99;"                /* 7: early */
                      "a,i3,1971-01-01;a,i3,1971-01-11;" /* 9: between two openings */
                      "a,i9,50"},
                     {0}};
  const truth t[] = {{"enrolment_before_opening", 2, 8, 1, "opens_on 1970-04-11"},
                     {"enrolment_after_closing", 3, 7, 3, "closes_on 1970-05-01"},
                     {0}};
  assert_rules(g, PFC_NO_DATE, t);
}

static void a_start_counts_once(void **state) {
  (void)state;
  const given g[] = {{PFC_ENROLMENTS, "person_id,intervention_id,started_on",
                      "a,i0,10;a,i0,10;" /* 1: again */
                      "a,i0,11;a,i1,10;b,i0,10;"
                      "a,i0,10;" /* 5: and again */
                      "a,i0,;a,i0,"},
                     {0}};
  const truth t[] = {{"enrolment_started_twice", 2, 6, 1, "started_on 1970-01-11"}, {0}};
  assert_rules(g, PFC_NO_DATE, t);
}

/* --- employment ----------------------------------------------------------------------- */

static void learning_lies_within_employment(void **state) {
  (void)state;
  const given g[] = {{PFC_PEOPLE, "person_id,hired_on,left_on",
                      "a,100,200;b,100,;c,,;"
                      "d,150,120;" /* hired again, or mistyped */
                      "e,100,200;f,100,"},
                     {PFC_POSITIONS, "person_id,from,to,role_id",
                      "e,250,,R;" /* came back */
                      "f,50,,R"}, /* was there before */
                     {PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on",
                      "a,i0,100,;a,i1,99,;"                     /* 1: early */
                      "a,i2,200,;a,i3,201,;"                    /* 3: late */
                      "a,i4,,90;"                               /* 4: ended before */
                      "a,i5,190,260;b,i0,99,;"                  /* 6: early */
                      "c,i0,1,;d,i0,149,;"                      /* 8: early */
                      "d,i1,160,;e,i0,260,;f,i0,60,;f,i1,49,"}, /* 12: early */
                     {0}};
  const truth t[] = {{"enrolment_before_hire", 5, 12, 1, "employed from 1970-04-11"},
                     {"enrolment_after_leaving", 1, 5, 3, "left_on 1970-07-20"},
                     {"person_left_before_hire", 1, 3, 3, "person_id d"},
                     {"position_after_leaving", 1, 1, 0, "person_id e"},
                     {0}};
  assert_rules(g, PFC_NO_DATE, t);
}

static void other_facts_do_so_too(void **state) {
  (void)state;
  const given g[] = {
      {PFC_PEOPLE, "person_id,hired_on,left_on", "a,100,200;b,,"},
      {PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
       "a,c,3,x,99;a,c,3,x,100;a,c,3,x,200;a,c,3,x,201"},
      {PFC_PERFORMANCE, "person_id,on,kind,value", "a,100,k,1;a,99,k,1;a,201,k,1;b,5,k,1"},
      {PFC_EPISODES, "person_id,intervention_id,competency_id,started_on,duration_days,event",
       "a,i,c,99,5,censored;a,i,c,100,5,left;a,i,c,201,5,dropped;"
       "b,i,c,150,5,left;" /* 3: nobody knows that b left */
       "z,i,c,150,5,left"},
      {0}};
  const truth t[] = {{"assessment_before_hire", 1, 4, 0, "assessed_on 1970-04-10"},
                     {"assessment_after_leaving", 1, 4, 3, "left_on 1970-07-20"},
                     {"performance_before_hire", 1, 3, 1, "kind k"},
                     {"performance_after_leaving", 1, 3, 2, "value 1"},
                     {"episode_before_hire", 1, 3, 0, "event censored"},
                     {"episode_after_leaving", 1, 3, 2, "event dropped"},
                     {"episode_left_but_there", 1, 2, 3, "person_id b"},
                     {0}};
  assert_rules(g, PFC_NO_DATE, t);
}

/* --- positions ------------------------------------------------------------------------ */

static const char TWO_ROLES[] =
    "a,0,10,R1;a,10,20,R2;" /* takes over on the last day: legal */
    "a,19,30,R3;"           /* 2: R2 goes on until 20 */
    "b,0,,R1;b,50,60,R1;"   /* the same role: legal */
    "b,70,,R2;"             /* 5: R1 is still held */
    "c,0,5,R1;c,6,,R2;"
    "d,0,100,R1;d,10,20,R1;"
    "d,30,40,R2;" /* 10: R1 goes on, though its last row ended */
    "d,101,,R2;a,25,40,;"
    "e,5,5,R1;e,5,9,R2;" /* a single day, then another: legal */
    "f,5,8,R1;f,5,9,R2"; /* 15 and 16: side by side */

static void one_role_at_a_time(void **state) {
  (void)state;
  const given g[] = {{PFC_POSITIONS, "person_id,from,to,role_id", TWO_ROLES}, {0}};
  const truth t[] = {{"position_two_roles", 5, 16, 2, "role_id R3"}, {0}};
  assert_rules(g, PFC_NO_DATE, t);
  const given open[] = {{PFC_POSITIONS, "person_id,from,to,role_id", "a,0,,R1;a,9,,R2"}, {0}};
  const truth none[] = {{"position_two_roles", 0, 0, 0, ""}, {0}};
  assert_rules(open, PFC_NO_DATE, none);
}

static void people_hold_their_position(void **state) {
  (void)state;
  const given g[] = {{PFC_PEOPLE, "person_id,role_id,unit_id",
                      "a,R1,U1;b,R1,U1;c,R1,U1;d,R1,U1;e,R1,U1;f,,U1"},
                     {PFC_POSITIONS, "person_id,from,to,role_id,unit_id",
                      "a,0,,R1,U1;b,0,,R2,U2;" /* 1: both differ */
                      "c,0,99,R2,U2;"          /* ended the day before */
                      "d,0,100,R2,;"           /* 3: held on its last day */
                      "e,101,,R2,U2;"          /* not yet begun */
                      "f,0,,R2,U1"},
                     {0}};
  const truth t[] = {{"person_role_disagrees", 2, 3, 1, "position says R2, from 1970-01-01"},
                     {"person_unit_disagrees", 1, 3, 1, "position says U2"},
                     {0}};
  assert_rules(g, 100, t);
}

/* --- assessments ---------------------------------------------------------------------- */

static void one_hand_gives_one_level_a_day(void **state) {
  (void)state;
  const given g[] = {
      {PFC_ASSESSMENTS, "person_id,competency_id,level,source,rater_id,assessed_on",
       "a,c0,3,manager,m1,10;a,c0,4,manager,m1,10;" /* 1: another level */
       "a,c0,3,manager,m2,10;"                      /* another rater */
       "a,c0,2,test,,10;a,c0,4,test,,10;"           /* two tests */
       "a,c1,1,self,,10;a,c1,2,self,,10;"           /* 6: another level */
       "a,c1,3,self,,11;a,c2,3,manager,m1,10;a,c2,3,manager,m1,10;"
       "a,c3,3,manager,m1,;a,c3,4,manager,m1,"},
      {0}};
  const truth t[] = {{"assessment_two_levels", 2, 8, 1, "rater_id m1"},
                     {"assessment_level_drop", 0, 1, 0, ""},
                     {0}};
  assert_rules(g, PFC_NO_DATE, t);
}

/* On levels 0 to 5, a fall by more than 2 wants an explanation. */
static void falls_want_an_explanation(void **state) {
  (void)state;
  const given g[] = {
      {PFC_COMPETENCIES, "competency_id,half_life_days", "c0,;c1,100"},
      {PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on,valid_until",
       "a,c0,5,manager,0,;a,c0,2.9,manager,10,;"  /* 1: by 2.1 */
       "b,c0,5,manager,0,;b,c0,3,manager,10,;"    /* by 2 */
       "c,c1,5,manager,0,;c,c1,0.6,manager,100,;" /* 2.5 are left after a half-life: by 1.9 */
       "d,c1,5,manager,0,;d,c1,0.4,manager,100,;" /* 7: by 2.1 */
       "e,c0,5,cert,0,9;e,c0,1,cert,10,;"         /* the first had expired */
       "f,c0,5,cert,0,10;f,c0,1,cert,10,;"        /* 11: it counted on that day still */
       "g,c0,5,manager,0,;g,c0,1.5,peer,5,;g,c0,1,manager,10,;" /* a peer saw it too */
       "h,c0,5,manager,10,;h,c0,1,peer,10,;h,c0,1,manager,20,;" /* 17: not since then */
       "k,c0,5,manager,0,;k,c0,1,manager,10,;k,c0,2,peer,10,;"  /* seen on the same day */
       "l,c0,5,manager,0,;l,c0,4,peer,5,;l,c0,1,manager,10,;"   /* 23: the peer disagrees */
       "m,c0,5,manager,0,;m,c0,1,peer,10,;"                     /* two sources */
       "n,c0,5,peer,0,;n,c0,1,peer,10,;n,c0,5,peer,10,;"        /* peers on average: by 2 */
       "o,c0,5,,0,;o,c0,1,,10,;"                                /* who knows who said it */
       "q,c0,5,manager,,;q,c0,1,manager,10,"},                  /* nor when */
      {0}};
  const truth t[] = {{"assessment_level_drop", 5, 11, 1, "5 on 1970-01-01, 2.9 now"}, {0}};
  assert_rules(g, PFC_NO_DATE, t);
}

static void falls_are_measured_on_the_frameworks_scale(void **state) {
  (void)state;
  const given g[] = {{PFC_SOURCES, "source,scale_min,scale_max", "test,0,100"},
                     {PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
                      "a,c,100,test,0;a,c,59,test,10;" /* 1: 5 to 2.95 */
                      "b,c,100,test,0;b,c,60,test,10"},
                     {0}};
  const truth t[] = {{"assessment_level_drop", 1, 2, 1, "2.95 now"}, {0}};
  assert_rules(g, PFC_NO_DATE, t);
}

/* --- interventions -------------------------------------------------------------------- */

/* Whatever nobody has said yes to; rows without a status are no proposals. */
static void proposals_wait_for_people(void **state) {
  (void)state;
  const given g[] = {{PFC_ROLES, "role_id,framework_ref,confidence,status",
                      "a,1,0.5,accepted;b,2,0.4,proposed;c,,,rejected;d,,,"},
                     {PFC_TARGETS, "intervention_id,competency_id,confidence,status",
                      "i,c,,;j,c,0.9,accepted;k,c,0.9,proposed;l,c,0.1,proposed"},
                     {PFC_REQUIREMENTS, "role_id,competency_id,status", "a,c,;b,c,proposed"},
                     {0}};
  const truth t[] = {{"role_not_accepted", 1, 3, 1, "framework_ref 2"},
                     {"target_not_accepted", 2, 3, 2, "intervention_id k"},
                     {"requirement_not_accepted", 1, 1, 1, "role_id b"},
                     {0}};
  assert_rules(g, PFC_NO_DATE, t);
}

static void targets_lead_upward(void **state) {
  (void)state;
  const given g[] = {
      {PFC_TARGETS, "intervention_id,competency_id,from_level,to_level",
       "i0,c0,1,2;i0,c1,2,2;i1,c0,3,1;i1,c1,,3"},
      {PFC_PREREQUISITES,
       "intervention_id,requires_intervention_id,requires_competency_id,requires_level",
       "i0,,c0,1;i0,,c0,2;" /* 1: the level it leads to */
       "i0,,c9,4;i1,,c1,2.9;i1,,c1,;"
       "i2,i3,,;i3,i4,,;i4,i2,,;" /* 5 to 7: a circle */
       "i5,i4,,;"                 /* 8: behind it */
       "i6,i7,,;i9,i7,,;i9,i6,,;"
       "i8,i8,,"}, /* 12: itself */
      {0}};
  const truth t[] = {{"target_not_upward", 2, 3, 1, "to_level 2"},
                     {"prerequisite_above_target", 1, 3, 1, "leads to 2"},
                     {"prerequisite_never_met", 5, 8, 5, "requires_intervention_id i3"},
                     {0}};
  assert_rules(g, PFC_NO_DATE, t);
}

/* --- episodes ------------------------------------------------------------------------- */

static void episodes_agree_with_themselves(void **state) {
  (void)state;
  const given g[] = {
      {PFC_ENROLMENTS, "person_id,intervention_id,status,started_on,ended_on",
       "a,i0,passed,10,20;b,i0,failed,10,20;c,i0,dropped,10,20"},
      {PFC_EPISODES,
       "person_id,intervention_id,competency_id,started_on,entry_days,duration_days,"
       "last_below_days,event",
       "a,i0,c0,10,,5,,dropped;" /* 0: was passed */
       "b,i0,c0,10,,5,,dropped;"
       "c,i0,c0,10,,5,5,proficient;" /* 2: below on that very day */
       "a,i0,c0,11,,5,4,proficient;"
       "b,i0,c0,12,5,5,,censored;" /* 4: over when it began */
       "b,i0,c0,13,0,0,,censored;"
       "b,i0,c0,14,4,5,5,dropped;"
       "b,i0,c0,14,0,9,,censored;" /* 7: again */
       ",i0,c0,14,,9,,censored;"
       "b,i0,c1,14,,9,,censored"},
      {0}};
  const truth t[] = {{"episode_dropped_but_passed", 1, 3, 0, "passed by enrolments row 0"},
                     {"episode_below_at_end", 1, 2, 2, "last_below_days 5"},
                     {"episode_without_time", 1, 4, 4, "entry_days 5"},
                     {"episode_twice", 1, 9, 7, "duration_days 9"},
                     {0}};
  assert_rules(g, PFC_NO_DATE, t);
}

/* --- the future ----------------------------------------------------------------------- */

static const given AHEAD[] = {
    {PFC_ENROLMENTS, "person_id,intervention_id,status,enrolled_on,started_on,ended_on",
     "a,i,passed,0,10,51;"      /* 0: passed tomorrow */
     "b,i,in_progress,0,10,90;" /* a plan */
     "c,i,enrolled,51,,;"       /* 2: registered tomorrow */
     "d,i,enrolled,50,60,;"     /* a plan */
     "e,i,passed,0,10,50"},
    {PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
     "a,c,3,x,50;a,c,3,x,51"},
    {PFC_PERFORMANCE, "person_id,on,kind,value", "a,51,k,1;a,50,k,1"},
    {PFC_APPLICATIONS, "person_id,opening_id,on", "a,o,50;a,o,51;a,o,52"},
    {PFC_EPISODES, "person_id,intervention_id,started_on,duration_days,event",
     "a,i,40,10,censored;a,i,41,10,censored"},
    {0}};

static void nothing_has_happened_tomorrow(void **state) {
  (void)state;
  const truth t[] = {{"enrolment_in_the_future", 2, 5, 0, "ended_on 1970-02-21"},
                     {"assessment_in_the_future", 1, 2, 1, "assessed_on 1970-02-21"},
                     {"performance_in_the_future", 1, 2, 0, "on 1970-02-21"},
                     {"application_in_the_future", 2, 3, 1, "on 1970-02-21"},
                     {"episode_in_the_future", 1, 2, 1, "started_on 1970-02-11"},
                     {0}};
  assert_rules(AHEAD, 50, t);
}

/* The latest fact is the day of the report: nothing recorded can lie after it. */
static void without_a_day_the_data_go_to_their_end(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  for (const given *g = AHEAD; g->columns; g++) test_rows(ds, g->table, g->columns, g->rows);
  pfc_quality *q = quality_of(ds, PFC_NO_DATE);
  assert_int_equal(q->as_of, 90);
  assert_false(finding(q, "enrolment_in_the_future")->is_checked);
  assert_string_equal(finding(q, "enrolment_in_the_future")->lacks, "as_of");
  assert_string_equal(finding(q, "feedback_in_the_future")->lacks, "rows");
  assert_string_equal(finding(q, "assessment_before_hire")->lacks, "people.hired_on");
  pfc_quality_destroy(q);
  pfc_dataset_destroy(ds);
}

static void feedback_has_seconds(void **state) {
  (void)state;
  const given g[] = {{PFC_FEEDBACK, "event_id,person_id,intervention_id,at,kind",
                      "e0,a,i,4406399,shown;e1,a,i,4406400,shown"},
                     {0}};
  const truth t[] = {{"feedback_in_the_future", 1, 2, 1, "at 1970-02-21T00:00:00Z"}, {0}};
  assert_rules(g, 50, t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(starts_and_ends_go_with_the_status),
      cmocka_unit_test(what_nobody_tells_is_not_missed),
      cmocka_unit_test(starts_lie_within_the_window),
      cmocka_unit_test(a_start_counts_once),
      cmocka_unit_test(learning_lies_within_employment),
      cmocka_unit_test(other_facts_do_so_too),
      cmocka_unit_test(one_role_at_a_time),
      cmocka_unit_test(people_hold_their_position),
      cmocka_unit_test(one_hand_gives_one_level_a_day),
      cmocka_unit_test(falls_want_an_explanation),
      cmocka_unit_test(falls_are_measured_on_the_frameworks_scale),
      cmocka_unit_test(proposals_wait_for_people),
      cmocka_unit_test(targets_lead_upward),
      cmocka_unit_test(episodes_agree_with_themselves),
      cmocka_unit_test(nothing_has_happened_tomorrow),
      cmocka_unit_test(without_a_day_the_data_go_to_their_end),
      cmocka_unit_test(feedback_has_seconds),
  };
  return cmocka_run_group_tests_name("datasets/quality_rules", tests, NULL, NULL);
}
