/* A CSV file in memory, its cells found by row and by the name of the column. */
#ifndef PROFICIO_TESTS_SUPPORT_SHEET_H
#define PROFICIO_TESTS_SUPPORT_SHEET_H

#include <stdint.h>

typedef struct sheet {
  int64_t n, capacity; /* cells, those of the header first */
  int n_columns;
  char **cell;
} sheet;

/* Fails the test where the file cannot be read, or a row has another number of cells than the
 * header. Cleared by the caller. */
sheet sheet_read(const char *path);
void sheet_clear(sheet *s);

int64_t sheet_rows(const sheet *s); /* without the header */

/* Fails the test when there is no such column. */
const char *sheet_at(const sheet *s, int64_t row, const char *column);
/* The same as a number; NaN of an empty cell. */
double sheet_number(const sheet *s, int64_t row, const char *column);

#endif
