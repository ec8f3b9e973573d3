#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "datasets/import_build_internal.h"

/* Columns that tell of what has happened. What is planned (a start, the end of what is in
 * progress, a day by which something is due) may lie in the future. */
typedef struct fact_rule {
  pfc_table_id table;
  const char *column;
  const char *statuses; /* of enrolments: those that make it a fact; NULL: always */
} fact_rule;

static const fact_rule FACTS[] = {
    {PFC_ASSESSMENTS, "assessed_on", NULL},
    {PFC_ENROLMENTS, "started_on", "completed|passed|failed"},
    {PFC_ENROLMENTS, "ended_on", "completed|passed|failed|dropped"},
    {PFC_PERFORMANCE, "on", NULL},
    {PFC_APPLICATIONS, "on", NULL},
    {PFC_FEEDBACK, "at", NULL},
};

enum { GRACE_DAYS = 1 }; /* it is tomorrow already in another time zone */

static pfc_status reject(pfc__builder *b, const pfc_column *column, int64_t row,
                         pfc_error *err) {
  char as_of[PFC_DATE_TEXT], room[PFC__CELL_TEXT], reason[PFC__REASON];
  pfc_date_format(b->run->settings->as_of, as_of);
  (void)snprintf(reason, sizeof reason,
                 "expected a day up to %s, since it tells of what has happened; mend the date, "
                 "or say --as-of DATE",
                 as_of);
  return pfc__build_take_back(b, row, PFC__BY_VALUE, column->name,
                              pfc__cell_text(column, row, room), reason, err);
}

static bool is_word_among(const pfc_column *column, int64_t row, const char *words) {
  const pfc_column_decl among = {.words = words};
  return column && column->code[row] >= 0 &&
         pfc_column_has_word(&among, pfc_dict_text(column->dict, column->code[row]));
}

static pfc_status check_fact(pfc__builder *b, const fact_rule *rule, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t last = (int64_t)b->run->settings->as_of + GRACE_DAYS;
  const pfc_column *column = pfc__build_find(b, rule->column);
  const pfc_column *status = pfc__build_find(b, "status");
  for (int64_t r = 0; column && r < b->n_rows; r++) {
    if (!b->keep[r] || pfc_column_missing(column, r)) continue;
    const int64_t day =
        column->type == PFC_TIME ? pfc_time_day(column->time[r]) : column->i32[r];
    if (day <= last) continue;
    if (rule->statuses && !is_word_among(status, r, rule->statuses)) continue;
    PFC_TRY(reject(b, column, r, err));
  }
done:
  return st;
}

/* A spell was observed up to its end, whatever the event. */
static pfc_status check_episodes(pfc__builder *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const double last = (double)b->run->settings->as_of + GRACE_DAYS;
  const pfc_column *start = pfc__build_find(b, "started_on");
  const pfc_column *duration = pfc__build_find(b, "duration_days");
  for (int64_t r = 0; start && r < b->n_rows; r++) {
    if (!b->keep[r] || pfc_column_missing(start, r)) continue;
    if (start->i32[r] > last)
      PFC_TRY(reject(b, start, r, err));
    else if (start->i32[r] + floor(duration->real[r]) > last)
      PFC_TRY(reject(b, duration, r, err));
  }
done:
  return st;
}

pfc_status pfc__check_future(pfc__import *run, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (run->settings->as_of == PFC_NO_DATE) return st;
  for (size_t i = 0; i < sizeof FACTS / sizeof *FACTS; i++) {
    pfc__builder *b = run->builders[FACTS[i].table];
    if (b) PFC_TRY(check_fact(b, &FACTS[i], err));
  }
  if (run->builders[PFC_EPISODES]) PFC_TRY(check_episodes(run->builders[PFC_EPISODES], err));
done:
  return st;
}
