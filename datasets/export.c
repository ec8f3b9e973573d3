#include "datasets/export.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/number.h"
#include "datasets/csv_out.h"
#include "datasets/storage_internal.h"

/* Rows are formatted in blocks, several blocks at a time, and written in order. */
enum { BLOCK_ROWS = 4096, N_BLOCKS = 32 };
enum { CELL = 48 }; /* room for any cell but a text, with the comma behind it */

typedef struct block {
  char *text;
  size_t n, capacity;
  bool failed; /* memory was short */
} block;

typedef struct exporter {
  const pfc_dataset *ds;
  const pfc_export_settings *settings;
  const char *folder;
  int64_t done, total; /* rows */
  block blocks[N_BLOCKS];
  pfc_newfile files[PFC_N_TABLES];
} exporter;

void pfc_export_defaults(pfc_export_settings *s) {
  *s = (pfc_export_settings){.struct_size = sizeof *s};
}

/* --- cells ---------------------------------------------------------------------------------
 */

/* Room for twice the text and two quotes is there. */
static char *put_text(char *to, const char *text, size_t n) {
  if (!pfc_csv_needs_quotes(text, n)) {
    memcpy(to, text, n);
    return to + n;
  }
  *to++ = '"';
  for (size_t i = 0; i < n; i++) {
    if (text[i] == '"') *to++ = '"';
    *to++ = text[i];
  }
  *to++ = '"';
  return to;
}

static char *put_int(char *to, int32_t value) {
  char digits[16];
  int n = 0;
  int64_t rest = value;
  if (rest < 0) {
    *to++ = '-';
    rest = -rest;
  }
  do {
    digits[n++] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  while (n > 0) *to++ = digits[--n];
  return to;
}

/* Any cell but a text, which is not missing. */
static char *put_cell(char *to, const pfc_column *column, int64_t row) {
  switch (column->type) {
    case PFC_CODE:
      break;
    case PFC_REAL:
      return to + pfc_number_format(column->real[row], to);
    case PFC_INT:
      return put_int(to, column->i32[row]);
    case PFC_FLAG:
      *to = column->flag[row] ? '1' : '0';
      return to + 1;
    case PFC_DATE:
      pfc_date_format(column->date[row], to);
      return to + strlen(to);
    case PFC_TIME:
      pfc_time_format(column->time[row], to);
      return to + strlen(to);
  }
  return to;
}

/* --- blocks --------------------------------------------------------------------------------
 */

static pfc_status add_text(block *b, const char *text, char end, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t n = strlen(text);
  PFC_RESERVE(b->text, b->capacity, b->n + 2 * n + 3);
  char *to = put_text(b->text + b->n, text, n);
  *to++ = end;
  b->n = (size_t)(to - b->text);
done:
  return st;
}

static pfc_status add_cell(block *b, const pfc_column *column, int64_t row, char end,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  if (column->type == PFC_CODE)
    return add_text(b, pfc_dict_text(column->dict, column->code[row]), end, err);
  PFC_RESERVE(b->text, b->capacity, b->n + CELL);
  char *to = b->text + b->n;
  if (!pfc_column_missing(column, row)) to = put_cell(to, column, row);
  *to++ = end;
  b->n = (size_t)(to - b->text);
done:
  return st;
}

static char end_of(const pfc_table *table, int c) {
  return c + 1 < table->n_columns ? ',' : '\n';
}

static pfc_status fill_header(const pfc_table *table, block *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  b->n = 0;
  for (int c = 0; c < table->n_columns; c++)
    PFC_TRY(add_text(b, table->columns[c].name, end_of(table, c), err));
done:
  return st;
}

/* Rows from .. to - 1. Runs in threads, hence without an error to write to. */
static void fill_block(const pfc_table *table, int64_t from, int64_t to, block *b) {
  b->n = 0;
  b->failed = false;
  for (int64_t r = from; r < to; r++) {
    for (int c = 0; c < table->n_columns; c++) {
      if (add_cell(b, &table->columns[c], r, end_of(table, c), NULL) == PFC_OK) continue;
      b->failed = true;
      return;
    }
  }
}

static pfc_status write_block(const block *b, FILE *file, pfc_error *err) {
  if (b->failed) return pfc_fail_memory(err, "rows as text");
  if (b->n == 0 || fwrite(b->text, 1, b->n, file) == b->n) return PFC_OK;
  return pfc_fail(err, PFC_EIO, "%s", strerror(errno));
}

/* The rows from `from` on that fill all blocks. */
static pfc_status write_rows(exporter *x, const pfc_table *table, int64_t from, FILE *file,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t left = (table->n_rows - from + BLOCK_ROWS - 1) / BLOCK_ROWS;
  const int n = left < N_BLOCKS ? (int)left : N_BLOCKS;
#pragma omp parallel for schedule(dynamic, 1) if (n > 1)
  for (int i = 0; i < n; i++) {
    const int64_t first = from + (int64_t)i * BLOCK_ROWS;
    const int64_t end = first + BLOCK_ROWS < table->n_rows ? first + BLOCK_ROWS : table->n_rows;
    fill_block(table, first, end, &x->blocks[i]);
  }
  for (int i = 0; i < n; i++) PFC_TRY(write_block(&x->blocks[i], file, err));
done:
  return st;
}

/* --- files ---------------------------------------------------------------------------------
 */

static pfc_status write_to(exporter *x, const pfc_table *table, FILE *file, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t step = (int64_t)BLOCK_ROWS * N_BLOCKS;
  PFC_TRY(fill_header(table, &x->blocks[0], err));
  x->blocks[0].failed = false;
  PFC_TRY(write_block(&x->blocks[0], file, err));
  for (int64_t from = 0; from < table->n_rows; from += step) {
    const int64_t n = table->n_rows - from < step ? table->n_rows - from : step;
    PFC_TRY(write_rows(x, table, from, file, err));
    x->done += n;
    PFC_TRY(pfc_progress_report(&x->settings->progress, "export", x->done, x->total,
                                (double)NAN, err));
  }
done:
  return st;
}

static pfc_status write_table(exporter *x, const pfc_table *table, const char *temp,
                              pfc_error *err) {
  FILE *file = fopen(temp, "we");
  if (!file) return pfc_fail(err, PFC_EIO, "%s", strerror(errno));
  pfc_status st = write_to(x, table, file, err);
  if (fclose(file) != 0 && st == PFC_OK) st = pfc_fail(err, PFC_EIO, "%s", strerror(errno));
  return st;
}

static pfc_status path_of(const char *folder, pfc_table_id table, const char *ending,
                          char path[PATH_MAX], pfc_error *err) {
  const int n = snprintf(path, PATH_MAX, "%s/%s%s", folder, pfc_schema(table)->name, ending);
  if (n >= 0 && n < PATH_MAX) return PFC_OK;
  return pfc_fail(err, PFC_EIO, "cannot write into '%s': %s", folder, strerror(ENAMETOOLONG));
}

/* Everything but the commit. */
static pfc_status write_beside(exporter *x, pfc_table_id t, pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[PATH_MAX];
  pfc_error why = PFC_ERROR_INIT;
  pfc_newfile *file = &x->files[t];
  PFC_TRY(path_of(x->folder, t, ".csv", path, err));
  PFC_TRY(pfc_newfile_begin(file, path, t == PFC_PROTECTED ? 0600 : 0644, err));
  st = write_table(x, &x->ds->tables[t], file->temp, &why);
  if (st == PFC_ECANCELLED) {
    st = pfc_fail(err, st, "%s", why.msg);
  } else if (st != PFC_OK) {
    st = pfc_newfile_fail(file, st, &why, err);
  }
done:
  return st;
}

/* --- the folder ----------------------------------------------------------------------------
 */

static const char *const ENDINGS[] = {".csv", ".csv.gz"}; /* that import reads */

pfc_status pfc_export_check(const char *folder, pfc_error *err) {
  pfc_status st = PFC_OK;
  struct stat info;
  char path[PATH_MAX];
  if (stat(folder, &info) == 0 && !S_ISDIR(info.st_mode))
    return pfc_fail(err, PFC_EIO, "cannot write into '%s': it is not a folder", folder);
  for (int t = 0; t < PFC_N_TABLES; t++) {
    for (int e = 0; e < 2; e++) {
      PFC_TRY(path_of(folder, (pfc_table_id)t, ENDINGS[e], path, err));
      if (lstat(path, &info) == 0)
        return pfc_fail(err, PFC_EUSAGE, "'%s' is there already: name an empty folder", path);
    }
  }
done:
  return st;
}

/* What an earlier dataset had there and this one has not would be read as part of it. */
static pfc_status remove_others(const exporter *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[PATH_MAX];
  for (int t = 0; t < PFC_N_TABLES; t++) {
    for (int e = x->ds->tables[t].n_rows > 0; e < 2; e++) {
      PFC_TRY(path_of(x->folder, (pfc_table_id)t, ENDINGS[e], path, err));
      if (unlink(path) != 0 && errno != ENOENT)
        return pfc_fail(err, PFC_EIO, "cannot remove '%s': %s", path, strerror(errno));
    }
  }
done:
  return st;
}

static pfc_status commit(exporter *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_export_settings *s = x->settings;
  if (s->before_commit) PFC_TRY(s->before_commit(s->user, err));
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (x->files[t].temp) PFC_TRY(pfc_newfile_commit(&x->files[t], err));
  if (s->replace) PFC_TRY(remove_others(x, err));
done:
  return st;
}

static void clear(exporter *x) {
  for (int t = 0; t < PFC_N_TABLES; t++) pfc_newfile_drop(&x->files[t]);
  for (int b = 0; b < N_BLOCKS; b++) pfc_free(x->blocks[b].text);
}

pfc_status pfc_export(const pfc_dataset *ds, const char *folder, const pfc_export_settings *s,
                      pfc_error *err) {
  pfc_status st = PFC_OK;
  exporter x = {.ds = ds, .settings = s, .folder = folder};
  bool made = false;
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "export settings: start from pfc_export_defaults()");
  PFC_TRY(pfc__dataset_check(ds, PFC_EUSAGE, err));
  if (!s->replace) PFC_TRY(pfc_export_check(folder, err));
  PFC_TRY(pfc_folder_make(folder, &made, err));
  for (int t = 0; t < PFC_N_TABLES; t++) x.total += ds->tables[t].n_rows;
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (ds->tables[t].n_rows > 0) PFC_TRY(write_beside(&x, (pfc_table_id)t, err));
  PFC_TRY(commit(&x, err));
done:
  clear(&x);
  if (st != PFC_OK && made) (void)rmdir(folder);
  return st;
}
