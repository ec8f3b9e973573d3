#include "tests/support/sheet.h"

#include <math.h>

#include "base/mem.h"
#include "base/number.h"
#include "datasets/csv.h"
#include "tests/support/test.h"

static pfc_status take_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  sheet *s = user;
  if (s->n_columns == 0) s->n_columns = row->n_cells;
  assert_int_equal(row->n_cells, s->n_columns);
  for (int c = 0; c < row->n_cells; c++) {
    PFC_RESERVE(s->cell, s->capacity, s->n + 1);
    s->cell[s->n++] = pfc_strdup(row->cell[c]);
  }
done:
  return st;
}

sheet sheet_read(const char *path) {
  sheet s = {0};
  assert_ok(pfc_csv_read(path, NULL, take_row, &s, &err));
  return s;
}

void sheet_clear(sheet *s) {
  for (int64_t i = 0; i < s->n; i++) pfc_free(s->cell[i]);
  pfc_free(s->cell);
}

int64_t sheet_rows(const sheet *s) { return s->n / s->n_columns - 1; }

const char *sheet_at(const sheet *s, int64_t row, const char *column) {
  for (int c = 0; c < s->n_columns; c++)
    if (strcmp(s->cell[c], column) == 0) return s->cell[(row + 1) * s->n_columns + c];
  fail_msg("no column %s", column);
  return NULL;
}

double sheet_number(const sheet *s, int64_t row, const char *column) {
  const char *text = sheet_at(s, row, column);
  double value = NAN;
  if (*text) assert_true(pfc_number_parse(text, strlen(text), &value));
  return value;
}
