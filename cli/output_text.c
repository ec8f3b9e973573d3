/* CSV and JSON Lines, row by row. */
#include "base/mem.h"
#include "cli/output_internal.h"
#include "cli/render.h"

static pfc_status flush(output *out, pfc_error *err) {
  bytes *row = out->state;
  const pfc_status st = bytes_status(row, err);
  if (st == PFC_OK) (void)fwrite(row->at, 1, row->size, out->file);
  bytes_empty(row);
  return st;
}

static pfc_status begin(output *out, const row_format *format, pfc_error *err) {
  pfc_status st = PFC_OK;
  bytes *row = NULL;
  PFC_NEW(row, 1);
  out->state = row;
  if (!format->header) return PFC_OK;
  format->header(out->n_columns, out->columns, row);
  st = flush(out, err);
done:
  return st;
}

static pfc_status put(output *out, const row_format *format, const cell *cells,
                      pfc_error *err) {
  format->row(out->n_columns, out->columns, cells, out->state);
  return flush(out, err);
}

static pfc_status nothing(output *out, pfc_error *err) {
  (void)out;
  (void)err;
  return PFC_OK;
}

static void drop(output *out) {
  if (!out->state) return;
  bytes_clear(out->state);
  pfc_free(out->state);
}

static pfc_status csv_begin(output *out, pfc_error *err) {
  return begin(out, &render_csv, err);
}

static pfc_status csv_row(output *out, const cell *cells, pfc_error *err) {
  return put(out, &render_csv, cells, err);
}

static pfc_status jsonl_begin(output *out, pfc_error *err) {
  return begin(out, &render_jsonl, err);
}

static pfc_status jsonl_row(output *out, const cell *cells, pfc_error *err) {
  return put(out, &render_jsonl, cells, err);
}

const output_backend output_csv = {csv_begin, csv_row, nothing, drop, NULL};
const output_backend output_jsonl = {jsonl_begin, jsonl_row, nothing, drop, NULL};
