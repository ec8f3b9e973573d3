/* CSV (RFC 4180, lines ending in LF) and JSON Lines. */
#include <math.h>
#include <string.h>

#include "cli/output_internal.h"
#include "datasets/csv_out.h"

static pfc_status nothing(output *out, pfc_error *err) {
  (void)out;
  (void)err;
  return PFC_OK;
}

static void drop_nothing(output *out) { (void)out; }

/* --- CSV ---------------------------------------------------------------------------------- */

static pfc_status csv_begin(output *out, pfc_error *err) {
  (void)err;
  for (int c = 0; c < out->n_columns; c++) {
    if (c) (void)fputc(',', out->file);
    pfc_csv_put(out->file, out->columns[c].name);
  }
  (void)fputc('\n', out->file);
  return PFC_OK;
}

static pfc_status csv_row(output *out, const cell *cells, pfc_error *err) {
  (void)err;
  char number[NUMBER_TEXT];
  for (int c = 0; c < out->n_columns; c++) {
    if (c) (void)fputc(',', out->file);
    if (out->columns[c].type == COLUMN_TEXT) {
      pfc_csv_put(out->file, cells[c].text ? cells[c].text : "");
    } else {
      (void)fputs(number_text(out->columns[c].type, &cells[c], number), out->file);
    }
  }
  (void)fputc('\n', out->file);
  return PFC_OK;
}

const output_backend output_csv = {csv_begin, csv_row, nothing, drop_nothing};

/* --- JSON Lines ------------------------------------------------------------------------------
 */

static void put_json(FILE *file, const char *text) {
  (void)fputc('"', file);
  for (; *text; text++) {
    const unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\') {
      (void)fprintf(file, "\\%c", c);
    } else if (c < 0x20) {
      (void)fprintf(file, "\\u%04x", c);
    } else {
      (void)fputc(c, file);
    }
  }
  (void)fputc('"', file);
}

static pfc_status jsonl_row(output *out, const cell *cells, pfc_error *err) {
  (void)err;
  char number[NUMBER_TEXT];
  for (int c = 0; c < out->n_columns; c++) {
    (void)fputc(c ? ',' : '{', out->file);
    put_json(out->file, out->columns[c].name);
    (void)fputc(':', out->file);
    if (out->columns[c].type == COLUMN_TEXT) {
      put_json(out->file, cells[c].text ? cells[c].text : "");
    } else {
      number_text(out->columns[c].type, &cells[c], number);
      (void)fputs(*number ? number : "null", out->file);
    }
  }
  (void)fputs("}\n", out->file);
  return PFC_OK;
}

const output_backend output_jsonl = {nothing, jsonl_row, nothing, drop_nothing};
