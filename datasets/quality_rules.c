/* The rules: each looks at one row, or at a mark that was made on it before, and says whether
 * it speaks of such a row and whether the row breaks it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "datasets/columns_internal.h"
#include "datasets/quality_internal.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static pfc__judgement verdict(bool is_broken) { return is_broken ? PFC__BROKEN : PFC__LEGAL; }

static int32_t date_at(const pfc__evidence *e, pfc_table_id table, const char *column,
                       int64_t row) {
  return pfc__day_at(pfc_dataset_column(e->ds, table, column), row);
}

static int32_t person_at(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  return pfc__code_at(pfc_dataset_codes(e->ds, table, "person_id"), row);
}

static void add_day(char text[PFC_QUALITY_TEXT], const char *what, int32_t day) {
  char date[PFC_DATE_TEXT];
  pfc_date_format(day, date);
  if (*date) pfc__quality_tell(text, what, date);
}

/* --- enrolments ------------------------------------------------------------------ */

static bool is_over(const pfc__evidence *e, int32_t status) {
  const pfc__enrolments *n = &e->enrolments;
  return status >= 0 && (status == n->passed || status == n->failed || status == n->dropped ||
                         status == e->completed);
}

/* Dropping out before the first day is no contradiction. */
static pfc__judgement judge_start(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const pfc__enrolments *n = &e->enrolments;
  const int32_t status = pfc__code_at(n->status, row);
  (void)table;
  if (!n->has_starts || status < 0 || status == n->enrolled || status == n->dropped)
    return PFC__NOT_ASKED;
  return verdict(pfc__date_at(n->started_on, row) == PFC_NO_DATE);
}

static pfc__judgement judge_end(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const pfc__enrolments *n = &e->enrolments;
  (void)table;
  if (!n->has_ends || !is_over(e, pfc__code_at(n->status, row))) return PFC__NOT_ASKED;
  const bool never_began = n->status[row] == n->dropped && n->has_starts &&
                           pfc__date_at(n->started_on, row) == PFC_NO_DATE;
  if (never_began) return PFC__NOT_ASKED;
  return verdict(pfc__date_at(n->ended_on, row) == PFC_NO_DATE);
}

/* A planned end lies ahead. */
static pfc__judgement judge_open_end(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const int32_t status = pfc__code_at(e->enrolments.status, row);
  const int32_t end = pfc__date_at(e->enrolments.ended_on, row);
  (void)table;
  if (status < 0 || end == PFC_NO_DATE || is_over(e, status)) return PFC__NOT_ASKED;
  return verdict(end < e->as_of);
}

static pfc__judgement judge_end_order(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const int32_t enrolled = pfc__date_at(e->enrolments.enrolled_on, row);
  const int32_t end = pfc__date_at(e->enrolments.ended_on, row);
  (void)table;
  if (enrolled == PFC_NO_DATE || end == PFC_NO_DATE) return PFC__NOT_ASKED;
  return verdict(end < enrolled);
}

static pfc__judgement judge_opening(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const int32_t i = pfc__code_at(e->enrolments.intervention, row);
  const int32_t start = pfc__date_at(e->enrolments.started_on, row);
  (void)table;
  if (i < 0 || start == PFC_NO_DATE || e->cat->opens_on[i] == PFC_NO_DATE)
    return PFC__NOT_ASKED;
  return verdict(start < e->cat->opens_on[i]);
}

/* Before the opening is another rule's. */
static pfc__judgement judge_closing(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const int32_t i = pfc__code_at(e->enrolments.intervention, row);
  const int32_t start = pfc__date_at(e->enrolments.started_on, row);
  (void)table;
  if (i < 0 || start == PFC_NO_DATE || e->cat->closes_on[i] == PFC_NO_DATE)
    return PFC__NOT_ASKED;
  if (start < e->cat->opens_on[i]) return PFC__NOT_ASKED;
  return verdict(!pfc_catalogue_is_open(e->cat, i, start));
}

static void explain_window(const pfc__evidence *e, pfc_table_id table, int64_t row,
                           char text[PFC_QUALITY_TEXT]) {
  (void)table;
  const int32_t i = e->enrolments.intervention[row];
  add_day(text, "opens_on", e->cat->opens_on[i]);
  add_day(text, "closes_on", e->cat->closes_on[i]);
}

/* --- employment
 * --------------------------------------------------------------------------------
 */

/* The day on which the row says that the person did something. */
static int32_t activity_day(const pfc__evidence *e, pfc_table_id table, int64_t row,
                            bool or_ended) {
  if (table == PFC_ASSESSMENTS) return date_at(e, table, "assessed_on", row);
  if (table == PFC_PERFORMANCE) return date_at(e, table, "on", row);
  const int32_t start = date_at(e, table, "started_on", row);
  if (start == PFC_NO_DATE && or_ended) return date_at(e, table, "ended_on", row);
  return start;
}

static pfc__judgement judge_hire(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const int32_t p = person_at(e, table, row);
  const int32_t day = activity_day(e, table, row, true);
  if (p < 0 || day == PFC_NO_DATE || e->employed_from[p] == PFC_NO_DATE) return PFC__NOT_ASKED;
  return verdict(day < e->employed_from[p]);
}

/* What began before may well end after. */
static pfc__judgement judge_leaving(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const int32_t p = person_at(e, table, row);
  const int32_t day = activity_day(e, table, row, false);
  if (p < 0 || day == PFC_NO_DATE || e->employed_to[p] == PFC_NO_DATE) return PFC__NOT_ASKED;
  return verdict(day > e->employed_to[p]);
}

static void explain_span(const pfc__evidence *e, pfc_table_id table, int64_t row,
                         char text[PFC_QUALITY_TEXT]) {
  const int32_t p = person_at(e, table, row);
  add_day(text, "employed from", e->employed_from[p]);
  add_day(text, "left_on", e->employed_to[p]);
}

/* --- people and positions -------------------------------------------------------- */

static pfc__judgement judge_person(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const int32_t hired = pfc__date_at(e->hired_on, row), left = pfc__date_at(e->left_on, row);
  (void)table;
  if (hired == PFC_NO_DATE || left == PFC_NO_DATE) return PFC__NOT_ASKED;
  return verdict(left < hired);
}

static pfc__judgement judge_position(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const int32_t p = person_at(e, PFC_POSITIONS, row);
  const int64_t at = p < 0 ? -1 : e->h->people_row[p];
  const int32_t left = at < 0 ? PFC_NO_DATE : pfc__date_at(e->left_on, at);
  (void)table;
  if (left == PFC_NO_DATE || pfc__date_at(e->hired_on, at) > left) return PFC__NOT_ASKED;
  return verdict(date_at(e, PFC_POSITIONS, "from", row) > left);
}

/* The row of the position that the person of a row of table people holds, -1 none. */
static int64_t position_held(const pfc__evidence *e, int64_t row) {
  const int32_t p = person_at(e, PFC_PEOPLE, row);
  const int64_t position = p < 0 ? -1 : pfc_history_position(e->h, p, e->as_of);
  if (position < 0) return -1;
  const int32_t to = date_at(e, PFC_POSITIONS, "to", position);
  return to == PFC_NO_DATE || to >= e->as_of ? position : -1;
}

static pfc__judgement judge_held(const pfc__evidence *e, const char *column, int64_t row) {
  const int64_t position = position_held(e, row);
  const int32_t now = pfc__code_at(pfc_dataset_codes(e->ds, PFC_PEOPLE, column), row);
  if (position < 0 || now < 0) return PFC__NOT_ASKED;
  const int32_t held = pfc__code_at(pfc_dataset_codes(e->ds, PFC_POSITIONS, column), position);
  return held < 0 ? PFC__NOT_ASKED : verdict(held != now);
}

static pfc__judgement judge_role(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  (void)table;
  return judge_held(e, "role_id", row);
}

static pfc__judgement judge_unit(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  (void)table;
  return judge_held(e, "unit_id", row);
}

static void explain_held(const pfc__evidence *e, const char *column, int64_t row,
                         char text[PFC_QUALITY_TEXT]) {
  const int64_t position = position_held(e, row);
  const pfc_column *held = pfc_dataset_column(e->ds, PFC_POSITIONS, column);
  pfc__quality_tell(text, "position says", pfc_dict_text(held->dict, held->code[position]));
  add_day(text, "from", date_at(e, PFC_POSITIONS, "from", position));
}

static void explain_role(const pfc__evidence *e, pfc_table_id table, int64_t row,
                         char text[PFC_QUALITY_TEXT]) {
  (void)table;
  explain_held(e, "role_id", row, text);
}

static void explain_unit(const pfc__evidence *e, pfc_table_id table, int64_t row,
                         char text[PFC_QUALITY_TEXT]) {
  (void)table;
  explain_held(e, "unit_id", row, text);
}

/* --- assessments
 * ------------------------------------------------------------------------------- */

static void explain_drop(const pfc__evidence *e, pfc_table_id table, int64_t row,
                         char text[PFC_QUALITY_TEXT]) {
  double before, after;
  int32_t day;
  char date[PFC_DATE_TEXT], fall[96];
  (void)table;
  if (!pfc__quality_fall(e, row, &before, &day, &after)) return;
  pfc_date_format(day, date);
  (void)snprintf(fall, sizeof fall, "%.4g on %s, %.4g now", before, date, after);
  pfc__quality_tell(text, "on the framework's scale", fall);
}

/* --- interventions
 * ------------------------------------------------------------------------------ */

static double number_at(const pfc__evidence *e, pfc_table_id table, const char *column,
                        int64_t row) {
  return pfc__number_at(pfc_dataset_column(e->ds, table, column), row);
}

static pfc__judgement judge_target(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const double from = number_at(e, PFC_TARGETS, "from_level", row);
  const double to = number_at(e, PFC_TARGETS, "to_level", row);
  (void)table;
  return isnan(from) || isnan(to) ? PFC__NOT_ASKED : verdict(to <= from);
}

/* The level to which the intervention of a prerequisite leads in what it requires; NaN when
 * it does not aim at that. */
static double leads_to(const pfc__evidence *e, int64_t row) {
  const pfc_table_id t = PFC_PREREQUISITES;
  const int32_t i = pfc__code_at(pfc_dataset_codes(e->ds, t, "intervention_id"), row);
  const int32_t c = pfc__code_at(pfc_dataset_codes(e->ds, t, "requires_competency_id"), row);
  const int32_t target = c < 0 ? -1 : pfc_catalogue_target(e->cat, i, c);
  return target < 0 || e->cat->competency[target] != c ? (double)NAN : e->cat->to_level[target];
}

static pfc__judgement judge_required(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const double level = number_at(e, PFC_PREREQUISITES, "requires_level", row);
  const double to = leads_to(e, row);
  (void)table;
  return isnan(level) || isnan(to) ? PFC__NOT_ASKED : verdict(level >= to);
}

static void explain_required(const pfc__evidence *e, pfc_table_id table, int64_t row,
                             char text[PFC_QUALITY_TEXT]) {
  (void)table;
  char number[32];
  (void)snprintf(number, sizeof number, "%.4g", leads_to(e, row));
  pfc__quality_tell(text, "leads to", number);
}

/* --- episodes
 * ----------------------------------------------------------------------------------- */

static bool ends_with(const pfc__evidence *e, int64_t row, int32_t word) {
  return word >= 0 &&
         pfc__code_at(pfc_dataset_codes(e->ds, PFC_EPISODES, "event"), row) == word;
}

/* Nothing happened within a day counts as half a day. */
static pfc__judgement judge_at_risk(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const double entry = number_at(e, PFC_EPISODES, "entry_days", row);
  const double duration = number_at(e, PFC_EPISODES, "duration_days", row);
  (void)table;
  if (isnan(entry) || isnan(duration)) return PFC__NOT_ASKED;
  return verdict(entry > 0 && entry >= duration);
}

static pfc__judgement judge_below(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const double below = number_at(e, PFC_EPISODES, "last_below_days", row);
  (void)table;
  if (isnan(below) || !ends_with(e, row, e->proficient)) return PFC__NOT_ASKED;
  return verdict(below >= number_at(e, PFC_EPISODES, "duration_days", row));
}

static pfc__judgement judge_left(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const int32_t p = person_at(e, PFC_EPISODES, row);
  const int64_t at = p < 0 ? -1 : e->h->people_row[p];
  (void)table;
  if (at < 0 || !ends_with(e, row, e->left)) return PFC__NOT_ASKED;
  return verdict(e->left_on[at] == PFC_NO_DATE);
}

/* The enrolment that an episode belongs to: same person, intervention and first day. */
static const pfc_attempt *attempt_of(const pfc__evidence *e, int64_t row) {
  const pfc_history *h = e->h;
  const int32_t p = person_at(e, PFC_EPISODES, row);
  const int32_t i =
      pfc__code_at(pfc_dataset_codes(e->ds, PFC_EPISODES, "intervention_id"), row);
  const int32_t start = date_at(e, PFC_EPISODES, "started_on", row);
  int64_t from;
  if (p < 0 || i < 0 || start == PFC_NO_DATE) return NULL;
  for (int64_t k = pfc_history_attempts(h, p, start, &from);
       k < h->first_attempt[p + 1] && h->attempts[k].start == start; k++)
    if (h->attempts[k].intervention == i) return &h->attempts[k];
  return NULL;
}

static pfc__judgement judge_outcome(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const pfc_attempt *a = attempt_of(e, row);
  (void)table;
  if (!a || a->result < 0) return PFC__NOT_ASKED;
  return verdict(ends_with(e, row, e->dropped) && a->result == 1);
}

static void explain_outcome(const pfc__evidence *e, pfc_table_id table, int64_t row,
                            char text[PFC_QUALITY_TEXT]) {
  (void)table;
  char number[32];
  const pfc_attempt *a = attempt_of(e, row);
  (void)snprintf(number, sizeof number, "%lld", a ? (long long)a->row : -1LL);
  pfc__quality_tell(text, "passed by enrolments row", number);
}

/* --- the future
 * ---------------------------------------------------------------------------------- */

/* Starts and ends may be planned; registrations, results and findings may not. */
static pfc__judgement judge_future(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  static const char *const RECORDED[] = {"enrolled_on", "assessed_on", "on", "at"};
  int32_t latest = PFC_NO_DATE;
  for (int k = 0; k < COUNT(RECORDED); k++) {
    const int32_t day = date_at(e, table, RECORDED[k], row);
    if (day > latest) latest = day;
  }
  if (table == PFC_EPISODES) latest = pfc__episode_end(e->ds, row);
  if (table == PFC_ENROLMENTS && is_over(e, pfc__code_at(e->enrolments.status, row))) {
    const int32_t end = pfc__date_at(e->enrolments.ended_on, row);
    if (end > latest) latest = end;
  }
  if (latest == PFC_NO_DATE) return PFC__NOT_ASKED;
  return verdict(latest > e->as_of);
}

/* --- the table of rules ---------------------------------------------------------- */

#define ENROLMENT "person_id,intervention_id,status,enrolled_on,started_on,ended_on"
#define ASSESSMENT "person_id,competency_id,level,source,assessed_on"
#define EPISODE "person_id,intervention_id,competency_id,started_on,duration_days,event"

/* One entry a rule: judged row by row, by a mark, or against the day of the report. */
#define ROW(name, table, needs, judge, shows, explain, meaning) \
  { name, table, -1, needs, judge, shows, explain, meaning, false }
#define MARK(name, table, needs, mark, shows, explain, meaning) \
  { name, table, mark, needs, NULL, shows, explain, meaning, false }
#define FUTURE(name, table, needs, shows)                            \
  {                                                                  \
    name, table, -1, needs, judge_future, shows, NULL,               \
        "dated after the day to which the data are said to go", true \
  }

/* --- proposals ----------------------------------------------------------------------- */

static pfc__judgement judge_proposal(const pfc__evidence *e, pfc_table_id table, int64_t row) {
  const pfc_column *status = pfc_dataset_column(e->ds, table, "status");
  if (status->code[row] < 0) return PFC__NOT_ASKED;
  const char *word = pfc_dict_text(status->dict, status->code[row]);
  return verdict(strcmp(word, "proposed") == 0);
}

static const pfc__rule RULES[] = {
    ROW("enrolment_without_start", PFC_ENROLMENTS, "enrolments.started_on,enrolments.status",
        judge_start, ENROLMENT, NULL,
        "in progress, completed, passed or failed, but no started_on"),
    ROW("enrolment_without_end", PFC_ENROLMENTS, "enrolments.ended_on,enrolments.status",
        judge_end, ENROLMENT, NULL, "completed, passed, failed or dropped, but no ended_on"),
    ROW("enrolment_open_after_end", PFC_ENROLMENTS, "enrolments.ended_on,enrolments.status",
        judge_open_end, ENROLMENT, NULL, "ended_on has passed, but the status is still open"),
    ROW("enrolment_ended_before_enrolled", PFC_ENROLMENTS,
        "enrolments.ended_on,enrolments.enrolled_on", judge_end_order, ENROLMENT, NULL,
        "ended before the day of registration"),
    ROW("enrolment_before_hire", PFC_ENROLMENTS, "people.hired_on", judge_hire, ENROLMENT,
        explain_span, "began, or ended, before the person was hired"),
    ROW("enrolment_after_leaving", PFC_ENROLMENTS, "people.left_on,enrolments.started_on",
        judge_leaving, ENROLMENT, explain_span, "began after the person had left"),
    ROW("enrolment_before_opening", PFC_ENROLMENTS,
        "enrolments.started_on,interventions.opens_on", judge_opening, ENROLMENT,
        explain_window, "began before the intervention opened"),
    ROW("enrolment_after_closing", PFC_ENROLMENTS,
        "enrolments.started_on,interventions.closes_on", judge_closing, ENROLMENT,
        explain_window, "began after the intervention had closed"),
    MARK("enrolment_started_twice", PFC_ENROLMENTS, "enrolments.person_id", PFC__STARTED_TWICE,
         ENROLMENT, NULL, "the same person began the same intervention on the same day"),
    FUTURE("enrolment_in_the_future", PFC_ENROLMENTS, "enrolments.person_id", ENROLMENT),
    ROW("assessment_before_hire", PFC_ASSESSMENTS, "people.hired_on,assessments.assessed_on",
        judge_hire, ASSESSMENT, explain_span, "assessed before the person was hired"),
    ROW("assessment_after_leaving", PFC_ASSESSMENTS, "people.left_on,assessments.assessed_on",
        judge_leaving, ASSESSMENT, explain_span, "assessed after the person had left"),
    MARK("assessment_two_levels", PFC_ASSESSMENTS, "assessments.assessed_on,assessments.source",
         PFC__TWO_LEVELS, ASSESSMENT ",rater_id", NULL,
         "the same rater gave another level on the same day"),
    MARK("assessment_level_drop", PFC_ASSESSMENTS, "assessments.assessed_on,assessments.source",
         PFC__LEVEL_DROP, ASSESSMENT, explain_drop,
         "the level fell far, and neither forgetting, expiry nor another source explains it"),
    FUTURE("assessment_in_the_future", PFC_ASSESSMENTS, "assessments.assessed_on", ASSESSMENT),
    MARK("position_two_roles", PFC_POSITIONS, "positions.role_id,positions.to", PFC__TWO_ROLES,
         "person_id,role_id,from,to", NULL, "began while the person held another role"),
    ROW("position_after_leaving", PFC_POSITIONS, "people.left_on", judge_position,
        "person_id,role_id,from,to", NULL, "began after the person had left"),
    ROW("person_left_before_hire", PFC_PEOPLE, "people.hired_on,people.left_on", judge_person,
        "person_id,hired_on,left_on", NULL, "left before being hired"),
    ROW("person_role_disagrees", PFC_PEOPLE, "people.role_id,positions.role_id", judge_role,
        "person_id,role_id", explain_role, "another role than that of the position held"),
    ROW("person_unit_disagrees", PFC_PEOPLE, "people.unit_id,positions.unit_id", judge_unit,
        "person_id,unit_id", explain_unit, "another unit than that of the position held"),
    ROW("target_not_upward", PFC_TARGETS, "targets.from_level,targets.to_level", judge_target,
        "intervention_id,competency_id,from_level,to_level", NULL,
        "leads to no higher level than it starts from"),
    ROW("target_not_accepted", PFC_TARGETS, "targets.status", judge_proposal,
        "intervention_id,competency_id,confidence,evidence", NULL,
        "proposals that nobody has accepted yet"),
    ROW("role_not_accepted", PFC_ROLES, "roles.status", judge_proposal,
        "role_id,framework_ref,confidence,evidence", NULL,
        "the occupation is a proposal that nobody has accepted yet"),
    ROW("requirement_not_accepted", PFC_REQUIREMENTS, "requirements.status", judge_proposal,
        "role_id,competency_id,confidence,evidence", NULL,
        "proposals that nobody has accepted yet"),
    ROW("prerequisite_above_target", PFC_PREREQUISITES,
        "prerequisites.requires_competency_id,prerequisites.requires_level,targets.to_level",
        judge_required, "intervention_id,requires_competency_id,requires_level",
        explain_required, "requires already the level that the intervention leads to"),
    MARK("prerequisite_never_met", PFC_PREREQUISITES, "prerequisites.requires_intervention_id",
         PFC__NEVER_OPEN, "intervention_id,requires_intervention_id", NULL,
         "waits for interventions that require each other in a circle: nobody can begin"),
    ROW("episode_before_hire", PFC_EPISODES, "people.hired_on,episodes.started_on", judge_hire,
        EPISODE, explain_span, "began before the person was hired"),
    ROW("episode_after_leaving", PFC_EPISODES, "people.left_on,episodes.started_on",
        judge_leaving, EPISODE, explain_span, "began after the person had left"),
    ROW("episode_left_but_there", PFC_EPISODES, "people.left_on,episodes.event", judge_left,
        EPISODE, NULL, "ended since the person left, but people has no left_on"),
    ROW("episode_dropped_but_passed", PFC_EPISODES, "episodes.event,enrolments.status",
        judge_outcome, EPISODE, explain_outcome, "dropped, but the enrolment was passed"),
    ROW("episode_without_time", PFC_EPISODES, "episodes.entry_days", judge_at_risk,
        EPISODE ",entry_days", NULL, "ended when it was first observed: it is left out"),
    ROW("episode_below_at_end", PFC_EPISODES, "episodes.last_below_days", judge_below,
        EPISODE ",last_below_days", NULL,
        "seen below the target on the very day of proficiency"),
    MARK("episode_twice", PFC_EPISODES, "episodes.person_id,episodes.started_on",
         PFC__EPISODE_TWICE, EPISODE, NULL, "the same episode once more"),
    FUTURE("episode_in_the_future", PFC_EPISODES, "episodes.started_on", EPISODE),
    ROW("performance_before_hire", PFC_PERFORMANCE, "people.hired_on", judge_hire,
        "person_id,on,kind,value", explain_span, "measured before the person was hired"),
    ROW("performance_after_leaving", PFC_PERFORMANCE, "people.left_on", judge_leaving,
        "person_id,on,kind,value", explain_span, "measured after the person had left"),
    FUTURE("performance_in_the_future", PFC_PERFORMANCE, "performance.on",
           "person_id,on,kind,value"),
    FUTURE("application_in_the_future", PFC_APPLICATIONS, "applications.on",
           "person_id,opening_id,on"),
    FUTURE("feedback_in_the_future", PFC_FEEDBACK, "feedback.at",
           "person_id,intervention_id,at,kind"),
};

const pfc__rule *pfc__quality_rule_table(int *n) {
  *n = COUNT(RULES);
  return RULES;
}
