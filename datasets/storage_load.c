#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "datasets/storage.h"
#include "datasets/storage_internal.h"

/* --- attributes ----------------------------------------------------------- */

typedef struct attributes {
  int n;
  const char *names[8];
} attributes;

static const attributes ROOT_ATTRIBUTES = {
    5, {"format", "schema_version", "scale_min", "scale_max", "framework"}};
static const attributes TABLE_ATTRIBUTES = {
    6, {"rows", "source", "sha256", "rows_read", "rows_rejected", "freshness"}};
static const attributes COLUMN_ATTRIBUTES = {
    5, {"type", "dictionary", "missing", "meaning", "position"}};
static const attributes SPLIT_ATTRIBUTES = {
    6, {"kind", "date", "fraction", "folds", "fold", "seed"}};
static const attributes NO_ATTRIBUTES = {0, {NULL}};

static bool is_known(const char *name, void *user) {
  const attributes *known = *(const attributes **)user;
  for (int i = 0; i < known->n; i++)
    if (strcmp(known->names[i], name) == 0) return true;
  return false;
}

static pfc_status check_attributes(hid_t at, const attributes *known, pfc_error *err) {
  return pfc_h5_known_attributes(at, is_known, &known, err);
}

/* --- columns -------------------------------------------------------------- */

typedef struct found_column {
  char name[PFC_COLUMN_NAME + 1];
  int64_t position;
} found_column;

/* What is being read. */
typedef struct loader {
  pfc_dataset *ds;
  bool is_protected; /* the file beside a dataset, with that table alone */
  hid_t file, group; /* group: the table's */
  pfc_table *table;
  found_column *found;
  size_t n_found, capacity;
} loader;

static pfc_status get_position(hid_t group, const char *name, int64_t *position,
                               pfc_error *err) {
  const hid_t set = H5Dopen2(group, name, H5P_DEFAULT);
  if (set < 0) return pfc_h5_fail(err, PFC_EFORMAT, "cannot open column '%s'", name);
  pfc_status st = pfc_h5_get_i64(set, "position", position, err);
  if (st == PFC_OK) st = check_attributes(set, &COLUMN_ATTRIBUTES, err);
  (void)H5Idec_ref(set);
  return st;
}

static pfc_status find_column(const char *name, bool is_group, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  loader *l = user;
  pfc_type type;
  char dictionary[PFC_DICT_NAME];
  if (is_group || !pfc_schema_takes(l->table->decl, name, &type, dictionary))
    return pfc_fail(err, PFC_EFORMAT, "/tables/%s/%s is not a column of this table",
                    l->table->decl->name, name);
  PFC_RESERVE(l->found, l->capacity, l->n_found + 1);
  found_column *found = &l->found[l->n_found];
  (void)snprintf(found->name, sizeof found->name, "%s", name);
  PFC_TRY(get_position(l->group, name, &found->position, err));
  l->n_found++;
done:
  return st;
}

/* Puts the columns in the order of their positions, which must be 0, 1, 2 ... */
static pfc_status order_columns(loader *l, pfc_error *err) {
  pfc_status st = PFC_OK;
  found_column *ordered = NULL;
  PFC_NEW(ordered, l->n_found);
  for (size_t i = 0; i < l->n_found; i++) {
    const int64_t at = l->found[i].position;
    if (at < 0 || at >= (int64_t)l->n_found || ordered[at].name[0]) {
      st = pfc_fail(err, PFC_EFORMAT, "/tables/%s/%s: position %lld is not its own",
                    l->table->decl->name, l->found[i].name, (long long)at);
      goto done;
    }
    ordered[at] = l->found[i];
  }
  if (l->n_found) memcpy(l->found, ordered, l->n_found * sizeof *ordered);
done:
  pfc_free(ordered);
  return st;
}

static pfc_status load_column(loader *l, const char *name, int64_t n_rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  void *data = NULL;
  char path[PFC__PATH];
  pfc_type type;
  char dictionary[PFC_DICT_NAME];
  pfc_column *column;
  const pfc_table_decl *decl = l->table->decl;
  (void)pfc_schema_takes(decl, name, &type, dictionary);
  if (type == PFC_CODE && !pfc_dataset_find_dict(l->ds, dictionary))
    return pfc_fail(err, PFC_EFORMAT, "/dictionary/%s is missing", dictionary);
  (void)snprintf(path, sizeof path, "/tables/%s/%s", decl->name, name);
  PFC_TRY(pfc_h5_read_1d(l->file, path, pfc__stored_type(type), &n_rows, &data, err));
  PFC_TRY(pfc_dataset_add_column(l->ds, decl->id, name, type, dictionary, 0, &column, err));
  pfc_free(column->data);
  column->data = data;
  data = NULL;
done:
  pfc_free(data);
  return st;
}

/* --- tables --------------------------------------------------------------- */

static pfc_status load_provenance(loader *l, int64_t *n_rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_provenance *origin = &l->table->origin;
  PFC_TRY(pfc_h5_get_i64(l->group, "rows", n_rows, err));
  PFC_TRY(pfc_h5_get_text(l->group, "source", &origin->source, err));
  PFC_TRY(pfc_h5_get_text(l->group, "sha256", &origin->sha256, err));
  PFC_TRY(pfc_h5_get_i64(l->group, "rows_read", &origin->rows_read, err));
  PFC_TRY(pfc_h5_get_i64(l->group, "rows_rejected", &origin->rows_rejected, err));
  if (*n_rows < 0)
    st = pfc_fail(err, PFC_EFORMAT, "/tables/%s: a number of rows is negative",
                  l->table->decl->name);
done:
  return st;
}

static pfc_status load_table(const char *name, bool is_group, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  loader *l = user;
  const int t = pfc_schema_find(name);
  char path[PFC__PATH];
  int64_t n_rows = 0;
  if (!is_group || t < 0 || (t == PFC_PROTECTED) != l->is_protected)
    return pfc_fail(err, PFC_EFORMAT, "/tables/%s is not a table of a dataset", name);
  l->table = &l->ds->tables[t];
  l->n_found = 0;
  (void)snprintf(path, sizeof path, "/tables/%s", name);
  PFC_TRY(pfc_h5_open_group(l->file, path, &l->group, err));
  PFC_TRY(check_attributes(l->group, &TABLE_ATTRIBUTES, err));
  PFC_TRY(load_provenance(l, &n_rows, err));
  PFC_TRY(pfc_h5_each(l->group, find_column, l, err));
  if (l->n_found == 0) {
    st = pfc_fail(err, PFC_EFORMAT, "%s has no columns", path);
    goto done;
  }
  PFC_TRY(order_columns(l, err));
  /* Columns come without rows and take what was read, so that no room is made twice. */
  for (size_t i = 0; i < l->n_found; i++)
    PFC_TRY(load_column(l, l->found[i].name, n_rows, err));
  l->table->n_rows = n_rows;
done:
  PFC_H5_DROP(l->group);
  return st;
}

static pfc_status check_dict_attributes(hid_t file, const char *path, pfc_error *err) {
  const hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
  if (set < 0) return pfc_h5_fail(err, PFC_EFORMAT, "cannot open '%s'", path);
  const pfc_status st = check_attributes(set, &NO_ATTRIBUTES, err);
  (void)H5Idec_ref(set);
  return st;
}

static pfc_status load_dict(const char *name, bool is_group, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  loader *l = user;
  char path[PFC__PATH], **texts = NULL, *block = NULL;
  int64_t n = -1;
  if (is_group || strlen(name) >= PFC_DICT_NAME)
    return pfc_fail(err, PFC_EFORMAT, "/dictionary/%.100s is not a dictionary", name);
  pfc_dict *dict = pfc_dataset_dict(l->ds, name);
  if (!dict) return pfc_fail_memory(err, "dictionary");
  (void)snprintf(path, sizeof path, "/dictionary/%s", name);
  PFC_TRY(check_dict_attributes(l->file, path, err));
  PFC_TRY(pfc_h5_read_texts(l->file, path, &n, &texts, &block, err));
  for (int64_t i = 0; i < n; i++) {
    int32_t code;
    PFC_TRY(pfc_dict_add(dict, texts[i], strlen(texts[i]), &code, err));
    if (code == i) continue;
    st = pfc_fail(err, PFC_EFORMAT, "%s: entries %d and %lld are the same", path, code,
                  (long long)i);
    goto done;
  }
done:
  pfc_free(texts);
  pfc_free(block);
  return st;
}

/* --- the file ------------------------------------------------------------- */

static pfc_status check_child(const char *name, bool is_group, void *user, pfc_error *err) {
  (void)user;
  static const char *const CHILDREN[] = {"dictionary", "split", "tables"};
  for (size_t i = 0; is_group && i < sizeof CHILDREN / sizeof *CHILDREN; i++)
    if (strcmp(name, CHILDREN[i]) == 0) return PFC_OK;
  return pfc_fail(err, PFC_EFORMAT, "/%s has no place in a dataset", name);
}

static pfc_status load_frame(hid_t root, const char *format, pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_h5_check_kind(root, format, PFC__DATASET_SCHEMA, "import the data again", err));
  PFC_TRY(check_attributes(root, &ROOT_ATTRIBUTES, err));
  PFC_TRY(pfc_h5_each(root, check_child, NULL, err));
  PFC_TRY(pfc_h5_get_f64(root, "scale_min", &ds->scale_min, err));
  PFC_TRY(pfc_h5_get_f64(root, "scale_max", &ds->scale_max, err));
  PFC_TRY(pfc_h5_get_text(root, "framework", &ds->framework, err));
  if (!ds->framework[0]) {
    pfc_free(ds->framework);
    ds->framework = NULL;
  }
done:
  return st;
}

static pfc_split_kind split_kind(const char *word) {
  for (int k = PFC_SPLIT_AT; k <= PFC_SPLIT_COLUMN; k++)
    if (strcmp(PFC__SPLIT_KINDS[k], word) == 0) return (pfc_split_kind)k;
  return PFC_SPLIT_NONE;
}

static pfc_status refuse_child(const char *name, bool is_group, void *user, pfc_error *err) {
  (void)is_group;
  (void)user;
  return pfc_fail(err, PFC_EFORMAT, "/split/%s has no place in a dataset", name);
}

static pfc_status read_split(hid_t group, pfc_split *split, pfc_error *err) {
  pfc_status st = PFC_OK;
  char *kind = NULL, *date = NULL;
  int64_t folds = 0, fold = 0, seed = 0;
  PFC_TRY(check_attributes(group, &SPLIT_ATTRIBUTES, err));
  PFC_TRY(pfc_h5_each(group, refuse_child, NULL, err));
  PFC_TRY(pfc_h5_get_text(group, "kind", &kind, err));
  PFC_TRY(pfc_h5_get_text(group, "date", &date, err));
  PFC_TRY(pfc_h5_get_f64(group, "fraction", &split->fraction, err));
  PFC_TRY(pfc_h5_get_i64(group, "folds", &folds, err));
  PFC_TRY(pfc_h5_get_i64(group, "fold", &fold, err));
  PFC_TRY(pfc_h5_get_i64(group, "seed", &seed, err));
  split->kind = split_kind(kind);
  const bool has_date = pfc_date_parse(date, &split->date);
  const char *wrong = split->kind == PFC_SPLIT_NONE ? "kind"
                      : date[0] && !has_date        ? "date"
                                                    : NULL;
  if (wrong) {
    st = pfc_fail(err, PFC_EFORMAT, "/split: attribute '%s' has no meaning", wrong);
    goto done;
  }
  if (!has_date) split->date = PFC_NO_DATE;
  /* What does not fit is out of range, too. */
  split->folds = folds == (int32_t)folds ? (int32_t)folds : -1;
  split->fold = fold == (int32_t)fold ? (int32_t)fold : -1;
  split->seed = (uint64_t)seed;
done:
  pfc_free(kind);
  pfc_free(date);
  return st;
}

static pfc_status load_children(hid_t file, const char *path, pfc_h5_child_fn fn, loader *l,
                                pfc_error *err) {
  hid_t group = -1;
  pfc_status st = pfc_h5_open_group(file, path, &group, err);
  if (st == PFC_OK) st = check_attributes(group, &NO_ATTRIBUTES, err);
  if (st == PFC_OK) st = pfc_h5_each(group, fn, l, err);
  PFC_H5_DROP(group);
  return st;
}

static pfc_status read_file(loader *l, const char *format, pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t root = -1, split = -1;
  PFC_TRY(pfc_h5_open_group(l->file, "/", &root, err));
  PFC_TRY(load_frame(root, format, l->ds, err));
  PFC_TRY(load_children(l->file, "/dictionary", load_dict, l, err));
  PFC_TRY(load_children(l->file, "/tables", load_table, l, err));
  if (pfc_h5_has(l->file, "/split")) {
    PFC_TRY(pfc_h5_open_group(l->file, "/split", &split, err));
    PFC_TRY(read_split(split, &l->ds->split, err));
  }
  PFC_TRY(pfc_h5_check(err)); /* a split that could not be looked for is not "no split" */
  PFC_TRY(pfc__dataset_check(l->ds, PFC_EFORMAT, err));
done:
  PFC_H5_DROP(split);
  PFC_H5_DROP(root);
  pfc_free(l->found);
  return st;
}

pfc_status pfc__dataset_read(hid_t file, pfc_dataset *ds, pfc_error *err) {
  loader l = {.ds = ds, .file = file, .group = -1};
  return read_file(&l, PFC__DATASET_FORMAT, err);
}

static pfc_status read_dataset(hid_t file, void *into, pfc_error *err) {
  return pfc__dataset_read(file, into, err);
}

static pfc_status read_protected(hid_t file, void *into, pfc_error *err) {
  loader l = {.ds = into, .file = file, .group = -1, .is_protected = true};
  return read_file(&l, PFC__PROTECTED_FORMAT, err);
}

static pfc_status load(const char *path, pfc_status (*read)(hid_t, void *, pfc_error *),
                       pfc_dataset **ds, pfc_error *err) {
  pfc_dataset *new = pfc_dataset_create();
  if (!new) return pfc_fail_memory(err, "dataset");
  const pfc_status st = pfc_h5_load(path, read, new, new->sha256, err);
  if (st == PFC_OK) {
    *ds = new;
    new = NULL;
  }
  pfc_dataset_destroy(new);
  return st;
}

pfc_status pfc_dataset_load(const char *path, pfc_dataset **ds, pfc_error *err) {
  return load(path, read_dataset, ds, err);
}

pfc_status pfc_protected_load(const char *path, pfc_dataset **ds, pfc_error *err) {
  struct stat info;
  char *beside = pfc__protected_path(path);
  if (!beside) return pfc_fail_memory(err, "path");
  *ds = NULL;
  const pfc_status st =
      stat(beside, &info) == 0 ? load(beside, read_protected, ds, err) : PFC_OK;
  pfc_free(beside);
  return st;
}
