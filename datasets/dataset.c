#include "datasets/dataset.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

pfc_dataset *pfc_dataset_create(void) {
  pfc_dataset *ds = pfc_alloc_array(1, sizeof *ds);
  if (!ds) return NULL;
  for (int t = 0; t < PFC_N_TABLES; t++) ds->tables[t].decl = pfc_schema((pfc_table_id)t);
  ds->scale_max = 5;
  ds->split.date = PFC_NO_DATE;
  return ds;
}

static void clear_table(pfc_table *table) {
  for (int c = 0; c < table->n_columns; c++) {
    pfc_free(table->columns[c].name);
    pfc_free(table->columns[c].data);
  }
  pfc_free(table->columns);
  pfc_free(table->origin.source);
  pfc_free(table->origin.sha256);
}

void pfc_dataset_destroy(pfc_dataset *ds) {
  if (!ds) return;
  for (int t = 0; t < PFC_N_TABLES; t++) clear_table(&ds->tables[t]);
  for (int d = 0; d < ds->n_dicts; d++) pfc_dict_destroy(ds->dicts[d]);
  pfc_free(ds->dicts);
  pfc_free(ds->framework);
  pfc_free(ds);
}

/* Takes the dictionary; destroys it when there is no room for it. */
static pfc_dict *take_dict(pfc_dataset *ds, pfc_dict *dict) {
  const size_t n = (size_t)ds->n_dicts;
  pfc_dict **dicts = dict ? pfc_resize_array(ds->dicts, n, n + 1, sizeof(pfc_dict *)) : NULL;
  if (!dicts) {
    pfc_dict_destroy(dict);
    return NULL;
  }
  ds->dicts = dicts;
  dicts[ds->n_dicts++] = dict;
  return dict;
}

const pfc_dict *pfc_dataset_find_dict(const pfc_dataset *ds, const char *name) {
  for (int d = 0; d < ds->n_dicts; d++)
    if (strcmp(pfc_dict_name(ds->dicts[d]), name) == 0) return ds->dicts[d];
  return NULL;
}

pfc_dict *pfc_dataset_dict(pfc_dataset *ds, const char *name) {
  for (int d = 0; d < ds->n_dicts; d++)
    if (strcmp(pfc_dict_name(ds->dicts[d]), name) == 0) return ds->dicts[d];
  return take_dict(ds, pfc_dict_create(name));
}

int32_t pfc_dataset_count(const pfc_dataset *ds, const char *dictionary) {
  const pfc_dict *dict = pfc_dataset_find_dict(ds, dictionary);
  return dict ? pfc_dict_size(dict) : 0;
}

size_t pfc_type_size(pfc_type type) {
  static const size_t SIZES[] = {4, 8, 4, 1, 4, 8};
  return SIZES[type];
}

void pfc_column_clear(pfc_column *column, int64_t from, int64_t to) {
  for (int64_t r = from; r < to; r++) {
    switch (column->type) {
      case PFC_CODE:
        column->code[r] = -1;
        break;
      case PFC_REAL:
        column->real[r] = NAN;
        break;
      case PFC_INT:
        column->i32[r] = INT32_MIN;
        break;
      case PFC_FLAG:
        column->flag[r] = -1;
        break;
      case PFC_DATE:
        column->date[r] = PFC_NO_DATE;
        break;
      case PFC_TIME:
        column->time[r] = PFC_NO_TIME;
        break;
    }
  }
}

bool pfc_column_missing(const pfc_column *column, int64_t row) {
  switch (column->type) {
    case PFC_CODE:
      return column->code[row] < 0;
    case PFC_REAL:
      return isnan(column->real[row]);
    case PFC_INT:
      return column->i32[row] == INT32_MIN;
    case PFC_FLAG:
      return column->flag[row] < 0;
    case PFC_DATE:
      return column->date[row] == PFC_NO_DATE;
    case PFC_TIME:
      return column->time[row] == PFC_NO_TIME;
  }
  return true;
}

/* Room for one more column; the table's own count is the caller's to raise. */
static pfc_status grow_columns(pfc_table *table, pfc_error *err) {
  const size_t n = (size_t)table->n_columns;
  pfc_column *columns = pfc_resize_array(table->columns, n, n + 1, sizeof *columns);
  if (!columns) return pfc_fail_memory(err, "columns");
  table->columns = columns;
  return PFC_OK;
}

pfc_status pfc_dataset_take_column(pfc_dataset *ds, pfc_table_id id, const char *name,
                                   pfc_type type, const char *dict, int64_t n_rows, void *data,
                                   pfc_error *err) {
  pfc_table *table = &ds->tables[id];
  pfc_column new = {.type = type};
  pfc_status st = PFC_OK;
  if (n_rows < 0 || (table->n_columns > 0 && n_rows != table->n_rows))
    return pfc_fail(err, PFC_EUSAGE, "%s.%s has %lld rows, the table has %lld",
                    table->decl->name, name, (long long)n_rows, (long long)table->n_rows);
  if ((type == PFC_CODE) != (dict && dict[0]))
    return pfc_fail(err, PFC_EUSAGE, "%s.%s: codes, and only codes, have a dictionary",
                    table->decl->name, name);
  if (pfc_dataset_column(ds, id, name))
    return pfc_fail(err, PFC_EUSAGE, "%s.%s is there already", table->decl->name, name);
  if (type == PFC_CODE && !(new.dict = pfc_dataset_dict(ds, dict)))
    return pfc_fail_memory(err, "dictionary");
  if (!(new.name = pfc_strdup(name))) return pfc_fail_memory(err, name);
  PFC_TRY(grow_columns(table, err));
  new.data = data;
  table->columns[table->n_columns++] = new;
  table->n_rows = n_rows;
  return PFC_OK;
done:
  pfc_free(new.name);
  return st;
}

pfc_status pfc_dataset_add_column(pfc_dataset *ds, pfc_table_id id, const char *name,
                                  pfc_type type, const char *dict, int64_t n_rows,
                                  pfc_column **column, pfc_error *err) {
  pfc_table *table = &ds->tables[id];
  void *data = n_rows < 0 ? NULL : pfc_alloc_array((size_t)n_rows, pfc_type_size(type));
  if (n_rows >= 0 && !data) return pfc_fail_memory(err, name);
  const pfc_status st = pfc_dataset_take_column(ds, id, name, type, dict, n_rows, data, err);
  if (st != PFC_OK) {
    pfc_free(data);
    return st;
  }
  *column = &table->columns[table->n_columns - 1];
  pfc_column_clear(*column, 0, n_rows);
  return PFC_OK;
}

pfc_status pfc_dataset_extend(pfc_dataset *ds, pfc_table_id table, int64_t n, pfc_error *err) {
  pfc_table *t = &ds->tables[table];
  for (int c = 0; c < t->n_columns; c++) {
    pfc_column *column = &t->columns[c];
    void *data = pfc_resize_array(column->data, (size_t)t->n_rows, (size_t)(t->n_rows + n),
                                  pfc_type_size(column->type));
    if (!data) return pfc_fail_memory(err, column->name);
    column->data = data;
    pfc_column_clear(column, t->n_rows, t->n_rows + n);
  }
  t->n_rows += n;
  return PFC_OK;
}

const pfc_column *pfc_dataset_column(const pfc_dataset *ds, pfc_table_id table,
                                     const char *name) {
  const pfc_table *t = &ds->tables[table];
  for (int c = 0; c < t->n_columns; c++)
    if (strcmp(t->columns[c].name, name) == 0) return &t->columns[c];
  return NULL;
}

/* The data of a column of that name and type, else NULL. */
static const void *data_of(const pfc_dataset *ds, pfc_table_id table, const char *name,
                           pfc_type type) {
  const pfc_column *column = pfc_dataset_column(ds, table, name);
  return column && column->type == type ? column->data : NULL;
}

const int32_t *pfc_dataset_codes(const pfc_dataset *ds, pfc_table_id table, const char *name) {
  return data_of(ds, table, name, PFC_CODE);
}

const double *pfc_dataset_reals(const pfc_dataset *ds, pfc_table_id table, const char *name) {
  return data_of(ds, table, name, PFC_REAL);
}

const int32_t *pfc_dataset_dates(const pfc_dataset *ds, pfc_table_id table, const char *name) {
  return data_of(ds, table, name, PFC_DATE);
}

const int8_t *pfc_dataset_flags(const pfc_dataset *ds, pfc_table_id table, const char *name) {
  return data_of(ds, table, name, PFC_FLAG);
}

int64_t pfc_column_keep(pfc_column *to, const pfc_column *from, const uint8_t *keep,
                        int64_t n_rows) {
  const size_t size = pfc_type_size(from->type);
  char *out = to->data;
  const char *in = from->data;
  int64_t n = 0;
  for (int64_t r = 0; r < n_rows;) { /* run after run of kept rows */
    const int64_t first = r;
    while (r < n_rows && (!keep || keep[r])) r++;
    memmove(out + size * (size_t)n, in + size * (size_t)first, size * (size_t)(r - first));
    n += r - first;
    while (r < n_rows && !keep[r]) r++;
  }
  return n;
}

static int64_t count_kept(const uint8_t *keep, int64_t n_rows) {
  if (!keep) return n_rows;
  int64_t n = 0;
  for (int64_t r = 0; r < n_rows; r++) n += keep[r] != 0;
  return n;
}

/* The kept rows of one table into a dataset that has the same dictionaries. */
static pfc_status filter_table(pfc_dataset *out, const pfc_table *from, const uint8_t *keep,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_table *to = &out->tables[from->decl->id];
  const int64_t n_rows = count_kept(keep, from->n_rows);
  for (int c = 0; c < from->n_columns; c++) {
    const pfc_column *source = &from->columns[c];
    pfc_column *column;
    PFC_TRY(pfc_dataset_add_column(out, from->decl->id, source->name, source->type,
                                   source->dict ? pfc_dict_name(source->dict) : NULL, n_rows,
                                   &column, err));
    (void)pfc_column_keep(column, source, keep, from->n_rows);
  }
  to->origin.rows_read = from->origin.rows_read;
  to->origin.rows_rejected = from->origin.rows_rejected;
  if ((from->origin.source && !(to->origin.source = pfc_strdup(from->origin.source))) ||
      (from->origin.sha256 && !(to->origin.sha256 = pfc_strdup(from->origin.sha256))))
    st = pfc_fail_memory(err, "provenance");
done:
  return st;
}

/* What is not a table: dictionaries, scale, split, identity. */
static pfc_status copy_frame(pfc_dataset *out, const pfc_dataset *ds, pfc_error *err) {
  for (int d = 0; d < ds->n_dicts; d++)
    if (!take_dict(out, pfc_dict_copy(ds->dicts[d]))) return pfc_fail_memory(err, "dictionary");
  if (ds->framework && !(out->framework = pfc_strdup(ds->framework)))
    return pfc_fail_memory(err, "framework");
  out->scale_min = ds->scale_min;
  out->scale_max = ds->scale_max;
  out->split = ds->split;
  memcpy(out->sha256, ds->sha256, sizeof out->sha256);
  memcpy(out->feedback_head, ds->feedback_head, sizeof out->feedback_head);
  return PFC_OK;
}

pfc_status pfc_dataset_filter(const pfc_dataset *ds, const uint8_t *const keep[PFC_N_TABLES],
                              pfc_dataset **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset *new = pfc_dataset_create();
  if (!new) return pfc_fail_memory(err, "dataset");
  PFC_TRY(copy_frame(new, ds, err));
  for (int t = 0; t < PFC_N_TABLES; t++)
    PFC_TRY(filter_table(new, &ds->tables[t], keep ? keep[t] : NULL, err));
  *out = new;
  new = NULL;
done:
  pfc_dataset_destroy(new);
  return st;
}
