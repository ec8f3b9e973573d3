/* What the parts of the quality report share: the evidence that its rules look at. */
#ifndef PROFICIO_DATASETS_QUALITY_INTERNAL_H
#define PROFICIO_DATASETS_QUALITY_INTERNAL_H

#include "datasets/catalogue.h"
#include "datasets/columns_internal.h"
#include "datasets/history.h"
#include "datasets/history_internal.h"
#include "datasets/quality.h"

/* What a rule says of a row. */
typedef enum pfc__judgement {
  PFC__NOT_ASKED = 0, /* the rule does not speak of such a row */
  PFC__LEGAL,
  PFC__BROKEN,
} pfc__judgement;

/* Rules that compare rows with each other judge all rows at once, before the others. */
typedef enum pfc__mark {
  PFC__STARTED_TWICE,
  PFC__TWO_ROLES,
  PFC__NEVER_OPEN,
  PFC__EPISODE_TWICE,
  PFC__TWO_LEVELS,
  PFC__LEVEL_DROP,
  PFC__N_MARKS,
} pfc__mark;

typedef struct pfc__evidence {
  const pfc_dataset *ds;
  pfc_history *h;
  pfc_catalogue *cat;
  pfc__enrolments enrolments;
  int32_t in_progress, completed;       /* codes of `status`, beside those in enrolments */
  int32_t proficient, dropped, left;    /* codes of `event` */
  const int32_t *hired_on, *left_on;    /* table people */
  int32_t *employed_from, *employed_to; /* per person; PFC_NO_DATE: not known, not limited */
  uint8_t *mark[PFC__N_MARKS];          /* per row of the mark's table; pfc__judgement */
  int32_t as_of;
  bool as_of_given;
  double drop_share;
} pfc__evidence;

/* Fills the marks that need the order of enrolments, positions, prerequisites, episodes. */
PFC_MUST_USE pfc_status pfc__quality_order(pfc__evidence *e, pfc_error *err);

/* Walks over the ratings of each person once: the marks on assessments, sources, coverage. */
PFC_MUST_USE pfc_status pfc__quality_levels(pfc__evidence *e, pfc_quality *q, pfc_error *err);

/* The levels, on the framework's scale, that the source of a row of table assessments found on
 * its day and on the last day before. False when there is none before. */
bool pfc__quality_fall(const pfc__evidence *e, int64_t row, double *before, int32_t *day,
                       double *after);

/* --- rules ----------------------------------------------------------------------------- */

typedef struct pfc__rule {
  const char *name;
  pfc_table_id table;
  int mark;          /* pfc__mark; -1 none */
  const char *needs; /* "table.column,..."; without them the rule is not checked */
  /* NULL: the mark says it. */
  pfc__judgement (*judge)(const pfc__evidence *e, pfc_table_id table, int64_t row);
  const char *shows; /* columns of an example */
  /* Adds to an example what other rows tell; may be NULL. */
  void (*explain)(const pfc__evidence *e, pfc_table_id table, int64_t row,
                  char text[PFC_QUALITY_TEXT]);
  const char *meaning;
  bool needs_as_of; /* checked only where the day is given */
} pfc__rule;

/* The table; *n rows. */
const pfc__rule *pfc__quality_rule_table(int *n);

/* Adds "what value" to the text of an example, after a comma where there is text already;
 * what does not fit is cut off. */
void pfc__quality_tell(char text[PFC_QUALITY_TEXT], const char *what, const char *value);

/* Counts every rule. */
PFC_MUST_USE pfc_status pfc__quality_rules(const pfc__evidence *e, pfc_quality *q,
                                           pfc_error *err);

/* The day of a cell of a date or of a date-time; PFC_NO_DATE missing, or no day at all. */
static inline int32_t pfc__day_at(const pfc_column *column, int64_t row) {
  if (!column || pfc_column_missing(column, row)) return PFC_NO_DATE;
  if (column->type == PFC_DATE) return column->date[row];
  if (column->type != PFC_TIME) return PFC_NO_DATE;
  const int64_t day = pfc_time_day(column->time[row]);
  return day < PFC_FIRST_DAY || day > PFC_LAST_DAY ? PFC_NO_DATE : (int32_t)day;
}

/* The day to which an episode is known: its start and its duration. PFC_NO_DATE where either
 * is missing, or their sum is no day. */
static inline int32_t pfc__episode_end(const pfc_dataset *ds, int64_t row) {
  const int32_t start = pfc__day_at(pfc_dataset_column(ds, PFC_EPISODES, "started_on"), row);
  const double days =
      pfc__number_at(pfc_dataset_column(ds, PFC_EPISODES, "duration_days"), row);
  if (start == PFC_NO_DATE || !(start + days <= PFC_LAST_DAY)) return PFC_NO_DATE;
  return (int32_t)floor(start + days);
}

#endif
