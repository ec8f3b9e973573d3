/* What the list of judged rows and its candidates share. */
#ifndef PROFICIO_TRAINER_JUDGED_ROWS_INTERNAL_H
#define PROFICIO_TRAINER_JUDGED_ROWS_INTERNAL_H

#include <stdbool.h>

#include "trainer/judged_rows.h"

/* Everything is borrowed; is_test is of table enrolments. */
PFC_MUST_USE pfc_status pfc__open_days_create(const pfc_history *h, const pfc_catalogue *cat,
                                              const uint8_t *is_test, pfc__open_days **days,
                                              pfc_error *err);
void pfc__open_days_destroy(pfc__open_days *days); /* NULL is allowed */

/* Makes the days on which queries are asked known. */
PFC_MUST_USE pfc_status pfc__open_days_add(pfc__open_days *days, int64_t n,
                                           const pfc_judged_query *query, pfc_error *err);

/* Is one of the attempts of the query both started in a test row and a candidate? */
bool pfc__query_has_relevant(const pfc__open_days *days, const pfc_judged_query *query);

#endif
