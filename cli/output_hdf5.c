/* HDF5: one 1-D dataset a column, texts of fixed length. Arrays have their length and width
 * from the start, so rows wait in a file beside until all are known. */
#include <errno.h>
#include <string.h>

#include "base/h5.h"
#include "base/mem.h"
#include "cli/output_internal.h"
#include "cli/render.h"

enum { MOST_ROWS = 4096, SLAB_BYTES = 1 << 24 };

/* Where rows wait that come one by one. */
typedef struct waiting {
  pfc_newfile newfile;
  FILE *file;
  bytes row;
} waiting;

typedef struct column_set {
  hid_t id;
  pfc_h5_shape shape;
  char *data; /* of the rows in hand */
} column_set;

typedef struct writing {
  const output *out;
  int64_t n_rows;      /* of all */
  int64_t most;        /* rows in hand */
  int64_t first, n;    /* those in hand */
  column_set *columns; /* as many as the output has */
} writing;

/* --- rows one by one -------------------------------------------------------------------------
 */

static pfc_status hdf5_begin(output *out, pfc_error *err) {
  (void)out;
  (void)err;
  return PFC_OK;
}

/* Under a name of their own, so that what the killed left of one is not sought among the
 * other's. */
static pfc_status begin_waiting(output *out, pfc_error *err) {
  static const char ENDING[] = ".rows";
  pfc_status st = PFC_OK;
  waiting *w = NULL;
  char *name = NULL;
  const size_t n = strlen(out->newfile.path);
  PFC_NEW(w, 1);
  out->state = w;
  PFC_NEW(name, n + sizeof ENDING);
  memcpy(name, out->newfile.path, n);
  memcpy(name + n, ENDING, sizeof ENDING);
  PFC_TRY(pfc_newfile_begin(&w->newfile, name, 0600, err));
  if (!(w->file = fopen(w->newfile.temp, "w+e"))) {
    st = pfc_fail(err, PFC_EIO, "cannot write '%s': %s", out->newfile.path, strerror(errno));
  }
done:
  pfc_free(name);
  return st;
}

static pfc_status fail_waiting(const output *out, pfc_error *err) {
  return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", out->newfile.path, strerror(errno));
}

static pfc_status hdf5_row(output *out, const cell *cells, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (!out->state) PFC_TRY(begin_waiting(out, err));
  waiting *w = out->state;
  bytes_empty(&w->row);
  render_cells.row(out->n_columns, out->columns, cells, &w->row);
  PFC_TRY(bytes_status(&w->row, err));
  if (fwrite(w->row.at, 1, w->row.size, w->file) != w->row.size) st = fail_waiting(out, err);
done:
  return st;
}

/* --- columns ---------------------------------------------------------------------------------
 */

static pfc_status measure(const cell *cells, void *user, pfc_error *err) {
  (void)err;
  writing *w = user;
  for (int c = 0; c < w->out->n_columns; c++) {
    if (w->out->columns[c].type != COLUMN_TEXT) continue;
    const size_t n = strlen(cells[c].text);
    if (n > w->columns[c].shape.width) w->columns[c].shape.width = n;
  }
  w->n_rows++;
  return PFC_OK;
}

static pfc_h5_shape shape_of(column_type type) {
  if (type == COLUMN_TEXT) return (pfc_h5_shape){PFC_H5_TEXT, 1, {0, 1}, 1};
  return (pfc_h5_shape){
      type == COLUMN_REAL ? PFC_H5_F64 : PFC_H5_I64, 1, {0, 1}, sizeof(double)};
}

static pfc_status make_columns(writing *w, hid_t file, pfc_error *err) {
  pfc_status st = PFC_OK;
  size_t width = 1;
  for (int c = 0; c < w->out->n_columns; c++) width += w->columns[c].shape.width;
  w->most = SLAB_BYTES / (int64_t)width;
  if (w->most > MOST_ROWS) w->most = MOST_ROWS;
  if (w->most < 1) w->most = 1;
  for (int c = 0; c < w->out->n_columns; c++) {
    column_set *to = &w->columns[c];
    to->shape.dim[0] = w->n_rows;
    PFC_TRY(pfc_h5_write(file, w->out->columns[c].name, &to->shape, NULL, &to->id, err));
    if (!(to->data = pfc_alloc_array((size_t)w->most, to->shape.width))) {
      return pfc_fail_memory(err, "output");
    }
  }
done:
  return st;
}

static pfc_status flush(writing *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int c = 0; c < w->out->n_columns && w->n > 0; c++) {
    const column_set *from = &w->columns[c];
    PFC_TRY(pfc_h5_write_rows(from->id, &from->shape, w->first, w->n, from->data, err));
  }
  w->first += w->n;
  w->n = 0;
done:
  return st;
}

static pfc_status put_row(const cell *cells, void *user, pfc_error *err) {
  writing *w = user;
  for (int c = 0; c < w->out->n_columns; c++) {
    const size_t width = w->columns[c].shape.width;
    char *to = w->columns[c].data + (size_t)w->n * width;
    if (w->out->columns[c].type == COLUMN_TEXT) {
      const size_t n = strlen(cells[c].text);
      memcpy(to, cells[c].text, n);
      memset(to + n, 0, width - n);
    } else if (w->out->columns[c].type == COLUMN_REAL) {
      memcpy(to, &cells[c].real, sizeof cells[c].real);
    } else {
      memcpy(to, &cells[c].integer, sizeof cells[c].integer);
    }
  }
  return ++w->n == w->most ? flush(w, err) : PFC_OK;
}

static void drop_columns(writing *w) {
  for (int c = 0; w->columns && c < w->out->n_columns; c++) {
    PFC_H5_DROP(w->columns[c].id);
    pfc_free(w->columns[c].data);
    w->columns[c].data = NULL;
  }
}

static pfc_status write_file(writing *w, FILE *from, const char *name, pfc_error *err) {
  pfc_status st = PFC_OK;
  const output *out = w->out;
  hid_t file = -1;
  PFC_TRY(pfc_h5_create(out->newfile.temp, &file, err));
  PFC_TRY(pfc_h5_put_text(file, "format", "proficio output", err));
  PFC_TRY(pfc_h5_put_i64(file, "rows", w->n_rows, err));
  PFC_TRY(make_columns(w, file, err));
  if (from) PFC_TRY(render_each(from, name, out->n_columns, out->columns, put_row, w, err));
  PFC_TRY(flush(w, err));
  drop_columns(w);
  PFC_TRY(pfc_h5_close(&file, err));
done:
  drop_columns(w);
  PFC_H5_DROP(file);
  return st;
}

/* from NULL: no rows. */
static pfc_status hdf5_rows_from(output *out, FILE *from, const char *name, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_error why = PFC_ERROR_INIT;
  writing w = {.out = out};
  PFC_NEW(w.columns, out->n_columns);
  for (int c = 0; c < out->n_columns; c++) {
    w.columns[c].id = -1;
    w.columns[c].shape = shape_of(out->columns[c].type);
  }
  if (from) PFC_TRY(render_each(from, name, out->n_columns, out->columns, measure, &w, err));
  st = write_file(&w, from, name, &why);
  if (st != PFC_OK) st = pfc_newfile_fail(&out->newfile, st, &why, err);
done:
  pfc_free(w.columns);
  return st;
}

static pfc_status hdf5_take(output *out, FILE *from, const char *name, pfc_error *err) {
  const pfc_status st = hdf5_rows_from(out, from, name, err);
  out->is_whole = st == PFC_OK;
  return st;
}

static pfc_status hdf5_end(output *out, pfc_error *err) {
  waiting *w = out->state;
  if (out->is_whole) return PFC_OK;
  if (!w) return hdf5_rows_from(out, NULL, "", err);
  if (fflush(w->file) != 0) return fail_waiting(out, err);
  pfc_status st = hdf5_rows_from(out, w->file, w->newfile.temp, err);
  if (fclose(w->file) != 0 && st == PFC_OK) st = fail_waiting(out, err);
  w->file = NULL;
  return st;
}

static void hdf5_drop(output *out) {
  waiting *w = out->state;
  if (!w) return;
  if (w->file) (void)fclose(w->file);
  pfc_newfile_drop(&w->newfile);
  bytes_clear(&w->row);
  pfc_free(w);
}

const output_backend output_hdf5 = {hdf5_begin, hdf5_row, hdf5_end, hdf5_drop, hdf5_take};
