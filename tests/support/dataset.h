/* Datasets for tests: random ones, and comparison cell by cell. */
#ifndef PROFICIO_TESTS_SUPPORT_DATASET_H
#define PROFICIO_TESTS_SUPPORT_DATASET_H

#include "base/rng.h"
#include "datasets/dataset.h"

/* Some tables with some columns of every type, values within what is declared, many
 * missing, tables without rows among them; a split; provenance. Owned by the caller. */
pfc_dataset *test_dataset_random(pfc_rng *rng);

/* Every table with every declared column and a few rows, and a split. */
pfc_dataset *test_dataset_full(pfc_rng *rng);

/* A column to write to; NULL when the table has none of that name. */
pfc_column *test_dataset_column(pfc_dataset *ds, pfc_table_id table, const char *name);

/* Fails the test unless the two agree: tables, columns in order, values, every
 * dictionary code by code, provenance, scale, split.
 * Table protected counts only when `with_protected`. */
void test_dataset_equal(const pfc_dataset *a, const pfc_dataset *b, bool with_protected);

#endif
