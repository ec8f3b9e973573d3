/* `predict --level`: what level people hold in competencies, now, on a day to come, or as it
 * was known on a day gone by. */
#ifndef PROFICIO_CLI_PREDICT_LEVELS_H
#define PROFICIO_CLI_PREDICT_LEVELS_H

#include "cli/common.h"

enum { LEVEL_NAMES = 256, LEVEL_DAYS = 366 }; /* on a command line */

/* Texts are borrowed. */
typedef struct level_question {
  const char *pairs; /* a file of person_id, competency_id and, where it has it, on; or NULL */
  int n_people, n_competencies, n_days;
  const char *person[LEVEL_NAMES];     /* none: everybody */
  const char *competency[LEVEL_NAMES]; /* none: all there are */
  int32_t day[LEVEL_DAYS];             /* none: the day of the decision */
} level_question;

/* Adds the days of a list such as "2024-01-01,2025-01-01". */
PFC_MUST_USE pfc_status level_question_on(level_question *q, const char *list, pfc_error *err);

PFC_MUST_USE pfc_status predict_levels(common *c, const level_question *q, pfc_error *err);

#endif
