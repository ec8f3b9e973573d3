#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "datasets/import_build_internal.h"
#include "datasets/import_hint_internal.h"

static bool parse_decimal(const char *s, double *value) {
  return pfc_number_parse(s, strlen(s), value) && isfinite(*value);
}

static bool bad(char reason[PFC__REASON], const char *expected) {
  (void)snprintf(reason, PFC__REASON, "expected %s", expected);
  return false;
}

static bool in_range(const pfc_column_decl *decl, double value, char reason[PFC__REASON]) {
  if (!isfinite(value)) return bad(reason, "a finite number");
  if (!decl || (value >= decl->min && value <= decl->max)) return true;
  if (isinf(decl->max))
    (void)snprintf(reason, PFC__REASON, "expected a number of at least %.10g", decl->min);
  else
    (void)snprintf(reason, PFC__REASON, "expected a number from %.10g to %.10g", decl->min,
                   decl->max);
  return false;
}

static bool parse_code(const pfc_column_decl *decl, const char *text,
                       char reason[PFC__REASON]) {
  if (strlen(text) > PFC__MAX_TEXT) {
    (void)snprintf(reason, PFC__REASON, "expected a text of at most %d bytes", PFC__MAX_TEXT);
    return false;
  }
  if (!decl || pfc_column_has_word(decl, text)) return true;
  (void)snprintf(reason, PFC__REASON, "expected one of ");
  for (const char *word = decl->words; *word; word++) {
    const size_t n = strlen(reason);
    (void)snprintf(reason + n, PFC__REASON - n, "%s",
                   *word == '|' ? ", " : (const char[2]){*word, '\0'});
  }
  return false;
}

static bool parse_int(const pfc_column_decl *decl, const char *text, pfc__cell *cell,
                      char reason[PFC__REASON]) {
  double value;
  if (!parse_decimal(text, &value) || value != floor(value) || fabs(value) > INT32_MAX)
    return bad(reason, "a whole number like 12");
  if (!in_range(decl, value, reason)) return false;
  cell->i32 = (int32_t)value;
  return true;
}

static bool parse_flag(const char *text, pfc__cell *cell, char reason[PFC__REASON]) {
  const bool yes = strcmp(text, "1") == 0 || strcasecmp(text, "true") == 0;
  if (!yes && strcmp(text, "0") != 0 && strcasecmp(text, "false") != 0)
    return bad(reason, "0, 1, true or false");
  cell->flag = yes;
  return true;
}

/* "2014-10" is the first of that month where the column says so. */
static bool parse_date(const pfc_column_decl *decl, const char *text, pfc__cell *cell,
                       char reason[PFC__REASON]) {
  char first[16];
  if (decl && (decl->flags & PFC_MONTH)) {
    if (strlen(text) == 7) {
      (void)snprintf(first, sizeof first, "%s-01", text);
      text = first;
    }
    return pfc_date_parse(text, &cell->i32) || bad(reason, "a month like 2014-10");
  }
  return pfc_date_parse(text, &cell->i32) || bad(reason, "a date like 2014-10-01");
}

static bool parse(pfc_type type, const pfc_column_decl *decl, const char *text, pfc__cell *cell,
                  char reason[PFC__REASON]) {
  switch (type) {
    case PFC_CODE:
      return parse_code(decl, text, reason);
    case PFC_REAL:
      if (!parse_decimal(text, &cell->real)) return bad(reason, "a number like 3.5");
      return in_range(decl, cell->real, reason);
    case PFC_INT:
      return parse_int(decl, text, cell, reason);
    case PFC_FLAG:
      return parse_flag(text, cell, reason);
    case PFC_DATE:
      return parse_date(decl, text, cell, reason);
    case PFC_TIME:
      return pfc_time_parse(text, &cell->time) ||
             bad(reason, "a date-time like 2014-10-01T08:30:00Z");
  }
  return false;
}

bool pfc__cell_parse(pfc_type type, const pfc_column_decl *decl, const char *text,
                     pfc__cell *cell, char reason[PFC__REASON]) {
  char hint[PFC__HINT];
  if (parse(type, decl, text, cell, reason)) return true;
  if (pfc__hint(decl, type, text, hint)) {
    const size_t n = strlen(reason);
    (void)snprintf(reason + n, PFC__REASON - n, "; %s", hint);
  }
  return false;
}

bool pfc__cell_in_range(pfc_type type, const pfc_column_decl *decl, const pfc__cell *cell,
                        char reason[PFC__REASON]) {
  if (type == PFC_REAL) return in_range(decl, cell->real, reason);
  if (type == PFC_INT) return in_range(decl, cell->i32, reason);
  return true;
}

void pfc__cell_format(pfc_type type, const pfc__cell *cell, char text[PFC__CELL_TEXT]) {
  switch (type) {
    case PFC_CODE:
      text[0] = '\0';
      break;
    case PFC_REAL:
      (void)snprintf(text, PFC__CELL_TEXT, "%.17g", cell->real);
      break;
    case PFC_INT:
      (void)snprintf(text, PFC__CELL_TEXT, "%d", cell->i32);
      break;
    case PFC_FLAG:
      (void)snprintf(text, PFC__CELL_TEXT, "%d", cell->flag);
      break;
    case PFC_DATE:
      pfc_date_format(cell->i32, text);
      break;
    case PFC_TIME:
      pfc_time_format(cell->time, text);
      break;
  }
}

const char *pfc__cell_text(const pfc_column *column, int64_t row, char room[PFC__CELL_TEXT]) {
  pfc__cell cell = {0};
  if (pfc_column_missing(column, row)) return "";
  switch (column->type) {
    case PFC_CODE:
      return pfc_dict_text(column->dict, column->code[row]);
    case PFC_REAL:
      cell.real = column->real[row];
      break;
    case PFC_INT:
    case PFC_DATE:
      cell.i32 = column->i32[row];
      break;
    case PFC_FLAG:
      cell.flag = column->flag[row];
      break;
    case PFC_TIME:
      cell.time = column->time[row];
      break;
  }
  pfc__cell_format(column->type, &cell, room);
  return room;
}
