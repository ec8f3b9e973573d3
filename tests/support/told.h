/* What an import told its user, kept line by line. */
#ifndef PROFICIO_TESTS_SUPPORT_TOLD_H
#define PROFICIO_TESTS_SUPPORT_TOLD_H

#include "datasets/import.h"

typedef struct told {
  int n;
  char text[64][512]; /* "FILE:LINE COLUMN 'VALUE' REASON"; no more than 64 are kept */
} told;

/* Imports the folder through a preset; max_bad as in the settings. */
PFC_MUST_USE pfc_status told_import(told *t, const char *preset, const char *folder,
                                    int64_t max_bad, pfc_dataset **ds, pfc_error *err);

/* One of the lines starts so; else all are shown. */
void told_assert(const told *t, const char *start);

/* Cell of a column of codes, "" when missing. */
const char *told_cell(const pfc_dataset *ds, pfc_table_id table, const char *column,
                      int64_t row);

/* Rows of a table where the column has that word. */
int64_t told_count(const pfc_dataset *ds, pfc_table_id table, const char *column,
                   const char *word);

#endif
