/* HDF5: one 1-D dataset a column, texts of fixed length. Arrays have their length from the
 * start, so rows are kept until the end; texts are kept once each. */
#include <stdlib.h>
#include <string.h>

#include "base/h5.h"
#include "base/mem.h"
#include "cli/output_internal.h"
#include "datasets/dict.h"

typedef struct column_data {
  pfc_dict *dict; /* COLUMN_TEXT */
  union {
    void *data;
    int32_t *code;
    double *real;
    int64_t *integer;
  };
} column_data;

typedef struct columns_held {
  int n_columns;
  int64_t n_rows, capacity;
  column_data *column;
} columns_held;

static size_t element_size(column_type type) {
  return type == COLUMN_TEXT ? sizeof(int32_t) : sizeof(double);
}

static pfc_status hdf5_begin(output *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  columns_held *h = NULL;
  PFC_NEW(h, 1);
  out->state = h;
  h->n_columns = out->n_columns;
  PFC_NEW(h->column, h->n_columns);
  for (int c = 0; c < h->n_columns; c++) {
    if (out->columns[c].type != COLUMN_TEXT) continue;
    if (!(h->column[c].dict = pfc_dict_create(out->columns[c].name))) {
      return pfc_fail_memory(err, "output");
    }
  }
done:
  return st;
}

static pfc_status grow(const output *out, columns_held *h, pfc_error *err) {
  const int64_t grown = h->capacity * 2 + 1024;
  for (int c = 0; c < h->n_columns; c++) {
    void *moved = pfc_resize_array(h->column[c].data, (size_t)h->capacity, (size_t)grown,
                                   element_size(out->columns[c].type));
    if (!moved) return pfc_fail_memory(err, "output");
    h->column[c].data = moved;
  }
  h->capacity = grown;
  return PFC_OK;
}

static pfc_status hdf5_row(output *out, const cell *cells, pfc_error *err) {
  pfc_status st = PFC_OK;
  columns_held *h = out->state;
  if (h->n_rows == h->capacity) PFC_TRY(grow(out, h, err));
  for (int c = 0; c < h->n_columns; c++) {
    column_data *to = &h->column[c];
    if (out->columns[c].type == COLUMN_TEXT) {
      const char *text = cells[c].text ? cells[c].text : "";
      PFC_TRY(pfc_dict_add(to->dict, text, strlen(text), &to->code[h->n_rows], err));
    } else if (out->columns[c].type == COLUMN_REAL) {
      to->real[h->n_rows] = cells[c].real;
    } else {
      to->integer[h->n_rows] = cells[c].integer;
    }
  }
  h->n_rows++;
done:
  return st;
}

static pfc_status write_texts(hid_t file, const char *name, const column_data *column,
                              int64_t n_rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char **texts = NULL;
  PFC_NEW(texts, n_rows);
  for (int64_t r = 0; r < n_rows; r++) texts[r] = pfc_dict_text(column->dict, column->code[r]);
  PFC_TRY(pfc_h5_write_texts(file, name, n_rows, texts, err));
done:
  pfc_free(texts);
  return st;
}

static pfc_status write_column(hid_t file, const output_column *decl, const column_data *column,
                               int64_t n_rows, pfc_error *err) {
  if (decl->type == COLUMN_TEXT) return write_texts(file, decl->name, column, n_rows, err);
  const pfc_h5_type type = decl->type == COLUMN_REAL ? PFC_H5_F64 : PFC_H5_I64;
  return pfc_h5_write_1d(file, decl->name, type, n_rows, column->data, err);
}

static pfc_status fill(const output *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  const columns_held *h = out->state;
  hid_t file = -1;
  PFC_TRY(pfc_h5_create(out->newfile.temp, &file, err));
  PFC_TRY(pfc_h5_put_text(file, "format", "proficio output", err));
  PFC_TRY(pfc_h5_put_i64(file, "rows", h->n_rows, err));
  for (int c = 0; c < h->n_columns; c++) {
    PFC_TRY(write_column(file, &out->columns[c], &h->column[c], h->n_rows, err));
  }
  PFC_TRY(pfc_h5_close(&file, err));
done:
  PFC_H5_DROP(file);
  return st;
}

static pfc_status hdf5_end(output *out, pfc_error *err) {
  pfc_error why = PFC_ERROR_INIT;
  const pfc_status st = fill(out, &why);
  return st == PFC_OK ? PFC_OK : pfc_newfile_fail(&out->newfile, st, &why, err);
}

static void hdf5_drop(output *out) {
  columns_held *h = out->state;
  if (!h) return;
  for (int c = 0; h->column && c < h->n_columns; c++) {
    pfc_dict_destroy(h->column[c].dict);
    pfc_free(h->column[c].data);
  }
  pfc_free(h->column);
  pfc_free(h);
}

const output_backend output_hdf5 = {hdf5_begin, hdf5_row, hdf5_end, hdf5_drop};
