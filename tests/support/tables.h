/* Tables in memory, written as a reader of CSV would see them. */
#ifndef PROFICIO_TESTS_SUPPORT_TABLES_H
#define PROFICIO_TESTS_SUPPORT_TABLES_H

#include <stdint.h>

#include "datasets/dataset.h"

/* Gives the table n_rows rows and the named columns (separated by commas), typed as the
 * schema says, all cells missing. */
void test_table(pfc_dataset *ds, pfc_table_id table, int64_t n_rows, const char *columns);

/* Sets one cell. A date is a number of days or ISO 8601, a
 * moment a number of seconds or a date; "" is missing. */
void test_cell(pfc_dataset *ds, pfc_table_id table, int64_t row, const char *column,
               const char *text);
void test_number(pfc_dataset *ds, pfc_table_id table, int64_t row, const char *column,
                 double x);

/* Both at once: rows are separated by ";", cells by ",". */
void test_rows(pfc_dataset *ds, pfc_table_id table, const char *columns, const char *rows);

/* Takes all columns and rows out of a table, for others to be put in. */
void test_empty(pfc_dataset *ds, pfc_table_id table);

/* Row of a table under its own code: the code of an id in a dictionary, -1 unknown. */
int32_t test_code(const pfc_dataset *ds, const char *dictionary, const char *id);

/* Makes a dataset of random facts about `n_people` people over days 0 .. 99, with every
 * table that history and features look at, cells missing here and there, several facts
 * on the same day, and repeated attempts. Undated: no table has a date. */
pfc_dataset *test_random_dataset(uint64_t seed, int n_people, int is_undated);

#endif
