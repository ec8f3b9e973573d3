/* What a field says of a decision, by its definition: every call scans whole tables. */
#ifndef PROFICIO_TESTS_ORACLE_FEATURES_ORACLE_H
#define PROFICIO_TESTS_ORACLE_FEATURES_ORACLE_H

#include "datasets/features.h"

typedef struct oracle {
  const pfc_dataset *ds;
  const pfc_history *h; /* what single rows mean: tested on its own */
  const pfc_catalogue *cat;
} oracle;

/* The category of a PFC_FIELD_ONEHOT as text, "" none; competency is the target's. */
const char *oracle_word(const oracle *o, const pfc_field *f, const pfc_decision *d,
                        int32_t competency);

/* The value of a PFC_FIELD_NUMBER, NaN missing. */
double oracle_number(const oracle *o, const pfc_field *f, const pfc_decision *d,
                     int32_t competency);

/* Writes the competencies a decision aims at (-1 none) and returns how many. */
int oracle_aims(const oracle *o, const pfc_decision *d, int32_t aims[16]);

#endif
