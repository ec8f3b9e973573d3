#include "datasets/csv_out.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/number.h"

bool pfc_csv_needs_quotes(const char *text, size_t n) {
  if (n == 0) return false;
  if (text[0] == ' ' || text[0] == '\t' || text[n - 1] == ' ' || text[n - 1] == '\t')
    return true;
  return strcspn(text, ",\"\r\n") < n;
}

void pfc_csv_put(FILE *file, const char *text) {
  if (!pfc_csv_needs_quotes(text, strlen(text))) {
    (void)fputs(text, file);
    return;
  }
  (void)fputc('"', file);
  for (; *text; text++) {
    if (*text == '"') (void)fputc('"', file);
    (void)fputc(*text, file);
  }
  (void)fputc('"', file);
}

void pfc_csv_out_text(pfc_csv_out *out, const char *text) {
  if (out->in_row) (void)fputc(',', out->file);
  out->in_row = true;
  if (text) pfc_csv_put(out->file, text);
}

void pfc_csv_out_real(pfc_csv_out *out, double value) {
  char text[PFC_NUMBER_TEXT];
  pfc_number_format(value, text);
  pfc_csv_out_text(out, text);
}

void pfc_csv_out_whole(pfc_csv_out *out, int64_t value) {
  char text[24];
  (void)snprintf(text, sizeof text, "%" PRId64, value);
  pfc_csv_out_text(out, text);
}

void pfc_csv_out_date(pfc_csv_out *out, int32_t day) {
  char text[PFC_DATE_TEXT];
  pfc_date_format(day, text);
  pfc_csv_out_text(out, text);
}

void pfc_csv_out_cell(pfc_csv_out *out, const pfc_column *column, int64_t row) {
  char text[PFC_TIME_TEXT];
  if (pfc_column_missing(column, row)) {
    pfc_csv_out_text(out, NULL);
    return;
  }
  switch (column->type) {
    case PFC_CODE:
      pfc_csv_out_text(out, pfc_dict_text(column->dict, column->code[row]));
      return;
    case PFC_REAL:
      pfc_csv_out_real(out, column->real[row]);
      return;
    case PFC_INT:
      pfc_csv_out_whole(out, column->i32[row]);
      return;
    case PFC_FLAG:
      pfc_csv_out_whole(out, column->flag[row]);
      return;
    case PFC_DATE:
      pfc_csv_out_date(out, column->date[row]);
      return;
    case PFC_TIME:
      pfc_time_format(column->time[row], text);
      pfc_csv_out_text(out, text);
      return;
  }
}

void pfc_csv_out_end(pfc_csv_out *out) {
  (void)fputc('\n', out->file);
  out->in_row = false;
}
