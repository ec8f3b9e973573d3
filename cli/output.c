#include "cli/output.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/number.h"
#include "cli/output_internal.h"
#include "cli/render.h"
#include "cli/signals.h"

static const struct {
  const char *name;
  const char *endings[2]; /* of file names */
  const output_backend *backend;
} FORMATS[] = {
    [OUTPUT_AUTO] = {"", {NULL, NULL}, NULL},
    [OUTPUT_CSV] = {"csv", {".csv", NULL}, &output_csv},
    [OUTPUT_JSONL] = {"jsonl", {".jsonl", ".ndjson"}, &output_jsonl},
    [OUTPUT_HDF5] = {"hdf5", {".h5", ".hdf5"}, &output_hdf5},
    [OUTPUT_TABLE] = {"table", {".txt", NULL}, &output_table},
};
enum { N_FORMATS = sizeof FORMATS / sizeof *FORMATS };

bool output_format_parse(const char *text, output_format *format) {
  for (int f = OUTPUT_CSV; f < N_FORMATS; f++) {
    if (strcmp(FORMATS[f].name, text) != 0) continue;
    *format = (output_format)f;
    return true;
  }
  return false;
}

static bool ends_with(const char *text, const char *ending) {
  const size_t n = strlen(text), m = ending ? strlen(ending) : 0;
  return m > 0 && n > m && strcmp(text + n - m, ending) == 0;
}

output_format output_format_resolve(output_format format, const char *path) {
  if (format != OUTPUT_AUTO) return format;
  if (!path) return isatty(STDOUT_FILENO) ? OUTPUT_TABLE : OUTPUT_CSV;
  for (int f = OUTPUT_CSV; f < N_FORMATS; f++) {
    if (ends_with(path, FORMATS[f].endings[0]) || ends_with(path, FORMATS[f].endings[1]))
      return (output_format)f;
  }
  return OUTPUT_CSV;
}

int terminal_width(void) {
  struct winsize size;
  if (!isatty(STDOUT_FILENO)) return 0;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

const char *number_text(column_type type, const cell *c, char text[NUMBER_TEXT]) {
  text[0] = '\0';
  if (type == COLUMN_INT && c->integer != NO_INT) {
    (void)snprintf(text, NUMBER_TEXT, "%lld", (long long)c->integer);
  } else if (type == COLUMN_REAL && isfinite(c->real)) {
    /* + 0.0 makes a negative zero positive. */
    (void)pfc_number_format6(c->real + 0.0, text);
  }
  return text;
}

static pfc_status open_file(output *out, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_newfile_begin(&out->newfile, path, 0644, err));
  if (out->backend == &output_hdf5) return PFC_OK;
  out->file = fopen(out->newfile.temp, "we");
  if (!out->file) {
    st = pfc_fail(err, PFC_EIO, "cannot write '%s': %s", path, strerror(errno));
  }
done:
  return st;
}

pfc_status output_open(const char *path, output_format format, int n_columns,
                       const output_column *columns, output **result, pfc_error *err) {
  pfc_status st = PFC_OK;
  output *out = NULL;
  format = output_format_resolve(format, path);
  if (format == OUTPUT_HDF5 && !path) {
    return pfc_fail(err, PFC_EUSAGE, "HDF5 cannot go to standard output: name a file with -o");
  }
  PFC_NEW(out, 1);
  out->backend = FORMATS[format].backend;
  out->n_columns = n_columns;
  PFC_NEW(out->columns, n_columns);
  memcpy(out->columns, columns, (size_t)n_columns * sizeof *columns);
  out->file = path ? NULL : stdout;
  if (path) PFC_TRY(open_file(out, path, err));
  PFC_TRY(out->backend->begin(out, err));
  *result = out;
  out = NULL;
done:
  output_destroy(out);
  return st;
}

/* stdio keeps quiet until asked. */
static pfc_status check_file(const output *out, pfc_error *err) {
  if (!out->file || !ferror(out->file)) return PFC_OK;
  return pfc_fail(err, PFC_EIO, "cannot write %s: %s",
                  out->newfile.path ? out->newfile.path : "to standard output",
                  strerror(errno));
}

pfc_status output_row(output *out, const cell *cells, pfc_error *err) {
  const pfc_status st = out->backend->row(out, cells, err);
  return st == PFC_OK ? check_file(out, err) : st;
}

static pfc_status take_row(const cell *cells, void *user, pfc_error *err) {
  return output_row(user, cells, err);
}

pfc_status output_rows_from(output *out, FILE *from, const char *name, pfc_error *err) {
  if (out->backend->rows_from) return out->backend->rows_from(out, from, name, err);
  return render_each(from, name, out->n_columns, out->columns, take_row, out, err);
}

pfc_status output_close(output *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(out->backend->end(out, err));
  if (out->file) (void)fflush(out->file);
  PFC_TRY(check_file(out, err));
  if (!out->newfile.temp) return PFC_OK;
  PFC_TRY(signals_check(err));
  if (out->file && fclose(out->file) != 0) {
    st = pfc_fail(err, PFC_EIO, "cannot write %s: %s", out->newfile.path, strerror(errno));
  }
  out->file = NULL;
  PFC_TRY(st);
  PFC_TRY(pfc_newfile_commit(&out->newfile, err));
done:
  return st;
}

void output_destroy(output *out) {
  if (!out) return;
  out->backend->drop(out);
  if (out->file && out->file != stdout) (void)fclose(out->file);
  pfc_newfile_drop(&out->newfile);
  pfc_free(out->columns);
  pfc_free(out);
}
