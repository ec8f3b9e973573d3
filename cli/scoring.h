/* What recommend and predict share: opening model and dataset, and the columns that tell
 * what a score says. */
#ifndef PROFICIO_CLI_SCORING_H
#define PROFICIO_CLI_SCORING_H

#include "cli/common.h"
#include "engine/scorer.h"

typedef struct scoring {
  pfc_bundle *bundle;
  pfc_dataset *ds;
  pfc_scorer *scorer; /* created once the people are known */
  const pfc_dict *people, *interventions, *competencies;
  const double *by_days;
  double horizon_days; /* NaN without a time model */
} scoring;

/* Loads both files, MODEL and DATA of the command line. */
PFC_MUST_USE pfc_status scoring_load(common *c, scoring *s, pfc_error *err);

/* Creates the scorer; people added before are known to it. */
PFC_MUST_USE pfc_status scoring_begin(common *c, scoring *s, int include_closed,
                                      pfc_error *err);

void scoring_clear(scoring *s);

/* "p_by_90d". */
enum { BY_NAME = 32 };
void by_name(double days, char text[BY_NAME]);

/* "none", "person", "intervention", "both". */
const char *cold_text(int cold);

/* Text of a code column of table interventions; "" when missing or unknown. */
const char *intervention_text(const scoring *s, int32_t intervention, const char *column);
/* Its name, its id where it has none. */
const char *competency_text(const scoring *s, int32_t competency);

/* What --json tells of any of them: model, dataset and day. */
PFC_MUST_USE pfc_status scoring_put(const common *c, const scoring *s, cJSON *json,
                                    pfc_error *err);

/* The object of --json: model, dataset and day, how many of what was asked for ("people",
 * "pairs"), and the rows that came of them. */
PFC_MUST_USE pfc_status scoring_print(const common *c, const scoring *s, const char *asked,
                                      int64_t n_asked, int64_t n_rows, pfc_error *err);

#endif
