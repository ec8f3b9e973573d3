#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/h5.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/common.h"
#include "cli/summary.h"
#include "datasets/split.h"
#include "datasets/storage.h"
#include "models/describe.h"

/* --- telling files apart -------------------------------------------------------------------
 */

enum { FORMAT_TEXT = 64, HEAD = 512 };

/* The root attribute `format` of an HDF5 file; "" without. */
static pfc_status read_format(const char *path, char format[FORMAT_TEXT], pfc_error *err) {
  hid_t file = -1;
  char *text = NULL;
  format[0] = '\0';
  pfc_error why = PFC_ERROR_INIT;
  pfc_status st = pfc_h5_open(path, &file, err);
  if (st != PFC_OK) return st;
  st = pfc_h5_get_text(file, "format", &text, &why);
  if (st == PFC_OK) (void)snprintf(format, FORMAT_TEXT, "%s", text);
  pfc_free(text);
  PFC_H5_DROP(file);
  /* Not to have one is no failure; not to be able to look is. */
  return st == PFC_OK || st == PFC_EFORMAT ? PFC_OK
                                           : pfc_fail(err, st, "%s: %s", path, why.msg);
}

/* What a file that is not HDF5 looks like by its first bytes. */
static const char *looks_like(const unsigned char *head, size_t n) {
  if (n == 0) return "an empty file";
  if (n > 1 && head[0] == 0x1f && head[1] == 0x8b) return "gzip data, perhaps a .csv.gz";
  if (n > 3 && memcmp(head, "PK\003\004", 4) == 0) return "a zip archive";
  if (n > 5 && memcmp(head, "SQLite", 6) == 0) return "an SQLite database";
  if (memchr(head, 0, n)) return "binary data of an unknown kind";
  if (head[0] == '{' || head[0] == '[') return "JSON, or JSON Lines";
  const unsigned char *line = memchr(head, '\n', n);
  const bool has_comma = memchr(head, ',', line ? (size_t)(line - head) : n) != NULL;
  return has_comma ? "text, perhaps CSV: `proficio import` packs it" : "text";
}

typedef struct names {
  char text[600];
  size_t at;
} names;

static pfc_status list_name(const char *name, bool is_group, void *user, pfc_error *err) {
  names *list = user;
  (void)err;
  if (list->at < sizeof list->text - 1) {
    list->at += (size_t)snprintf(list->text + list->at, sizeof list->text - list->at, "%s%s%s",
                                 list->at ? ", " : "", name, is_group ? "/" : "");
  }
  return PFC_OK;
}

/* Names at the root of a foreign HDF5 file. */
static pfc_status list_root(const char *path, names *list, pfc_error *err) {
  hid_t file = -1, root = -1;
  pfc_status st = pfc_h5_open(path, &file, err);
  if (st == PFC_OK) st = pfc_h5_open_group(file, "/", &root, err);
  if (st == PFC_OK) st = pfc_h5_each(root, list_name, list, err);
  PFC_H5_DROP(root);
  PFC_H5_DROP(file);
  return st;
}

/* Is a file that does not open HDF5 or sealed all the same, and hence damaged? */
static bool should_open(const char *path) {
  unsigned char head[8] = {0};
  bool sealed = false;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  const bool is_hdf5 = fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head &&
                       memcmp(head, "\x89HDF\r\n\x1a\n", sizeof head) == 0;
  if (fd >= 0) (void)!pfc_seal_check(fd, path, &sealed, NULL, NULL);
  if (fd >= 0) (void)close(fd);
  return is_hdf5 || sealed;
}

static pfc_status describe_other(const char *path, bool is_hdf5, names *list, pfc_error *err) {
  unsigned char head[HEAD];
  if (is_hdf5) return list_root(path, list, err);
  FILE *file = fopen(path, "rbe");
  const size_t n = file ? fread(head, 1, sizeof head, file) : 0;
  if (file) (void)fclose(file);
  (void)snprintf(list->text, sizeof list->text, "%s", looks_like(head, n));
  return PFC_OK;
}

/* --- rows of a description -------------------------------------------------------------------
 */

static const output_column PAIR_COLUMNS[] = {{"what", COLUMN_TEXT, false},
                                             {"value", COLUMN_TEXT, false}};

static pfc_status put_pair(output *out, const char *what, const char *value, pfc_error *err) {
  const cell row[] = {cell_text(what), cell_text(value)};
  return table_row(out, row, err);
}

static pfc_status put_leaf(output *out, const char *path, const cJSON *item, pfc_error *err) {
  char text[32];
  if (cJSON_IsString(item)) return put_pair(out, path, item->valuestring, err);
  if (cJSON_IsBool(item)) return put_pair(out, path, cJSON_IsTrue(item) ? "yes" : "no", err);
  if (!cJSON_IsNumber(item)) return put_pair(out, path, "", err);
  (void)snprintf(text, sizeof text, "%.10g", item->valuedouble);
  return put_pair(out, path, text, err);
}

/* One row a leaf: "provenance.seed", "fits.0.model". */
static pfc_status put_tree(output *out, const char *path, const cJSON *json, pfc_error *err) {
  const cJSON *item;
  int index = 0;
  cJSON_ArrayForEach(item, json) {
    char name[200], place[16];
    (void)snprintf(place, sizeof place, "%d", index++);
    (void)snprintf(name, sizeof name, "%s%s%s", path, *path ? "." : "",
                   item->string ? item->string : place);
    const bool is_leaf = !cJSON_IsObject(item) && !cJSON_IsArray(item);
    const pfc_status st =
        is_leaf ? put_leaf(out, name, item, err) : put_tree(out, name, item, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

static pfc_status print_tree(common *c, const cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  output *out = NULL;
  PFC_TRY(common_table(c, 2, PAIR_COLUMNS, &out, err));
  PFC_TRY(put_tree(out, "", json, err));
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

/* --- the kinds
 * ---------------------------------------------------------------------------------- */

static pfc_status inspect_model(common *c, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_bundle *bundle = NULL;
  cJSON *told = NULL;
  PFC_TRY(pfc_bundle_load(c->args[0], &bundle, err));
  PFC_TRY(pfc_bundle_describe(bundle, &told, err));
  PFC_TRY(print_tree(c, told, err));
  if (!cJSON_AddItemToObject(json, "model", told)) {
    st = pfc_fail_memory(err, "report");
    goto done;
  }
  told = NULL;
done:
  cJSON_Delete(told);
  pfc_bundle_destroy(bundle);
  return st;
}

static pfc_status put_dataset(cJSON *json, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  char split[PFC_SPLIT_TEXT];
  pfc_split_describe(&ds->split, split);
  PFC_TRY(pfc_json_put_text(json, "sha256", ds->sha256, err));
  PFC_TRY(pfc_json_put_text(json, "framework", ds->framework ? ds->framework : "", err));
  PFC_TRY(pfc_json_put_number(json, "scale_min", ds->scale_min, err));
  PFC_TRY(pfc_json_put_number(json, "scale_max", ds->scale_max, err));
  PFC_TRY(pfc_json_put_text(json, "split", split, err));
  cJSON *sizes = json_object(json, "dictionaries", err);
  if (!sizes) return PFC_ENOMEM;
  for (int d = 0; d < ds->n_dicts; d++) {
    PFC_TRY(pfc_json_put_number(sizes, pfc_dict_name(ds->dicts[d]), pfc_dict_size(ds->dicts[d]),
                                err));
  }
done:
  return st;
}

static pfc_status inspect_dataset(common *c, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset *ds = NULL;
  char split[PFC_SPLIT_TEXT];
  PFC_TRY(pfc_dataset_load(c->args[0], &ds, err));
  pfc_split_describe(&ds->split, split);
  common_note(c, "dataset %.16s, split %s, levels %g to %g", ds->sha256, split, ds->scale_min,
              ds->scale_max);
  PFC_TRY(summary_table(c, ds, err));
  cJSON *told = json_object(json, "dataset", err);
  if (!told) {
    st = PFC_ENOMEM;
    goto done;
  }
  PFC_TRY(put_dataset(told, ds, err));
  PFC_TRY(summary_json(told, ds, err));
done:
  pfc_dataset_destroy(ds);
  return st;
}

static pfc_status inspect_other(common *c, const char *format, bool is_hdf5, cJSON *json,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  names list = {{0}, 0};
  cJSON *told = json_object(json, "other", err);
  if (!told) return PFC_ENOMEM;
  PFC_TRY(describe_other(c->args[0], is_hdf5, &list, err));
  if (is_hdf5) {
    PFC_TRY(pfc_json_put_text(told, "format", *format ? format : "HDF5 of someone else", err));
    PFC_TRY(pfc_json_put_text(told, "holds", list.text, err));
  } else {
    PFC_TRY(pfc_json_put_text(told, "format", list.text, err));
  }
  PFC_TRY(print_tree(c, told, err));
done:
  return st;
}

static pfc_status inspect(common *c, const char *format, bool is_hdf5, cJSON *json,
                          pfc_error *err) {
  const bool is_model = strcmp(format, "proficio model") == 0;
  const bool is_dataset = strcmp(format, "proficio dataset") == 0;
  const pfc_status st = pfc_json_put_text(json, "kind",
                                          is_model     ? "model"
                                          : is_dataset ? "dataset"
                                                       : "other",
                                          err);
  if (st != PFC_OK) return st;
  if (is_model) return inspect_model(c, json, err);
  if (is_dataset) return inspect_dataset(c, json, err);
  return inspect_other(c, format, is_hdf5, json, err);
}

static pfc_status run(common *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  char format[FORMAT_TEXT] = "";
  pfc_error why = PFC_ERROR_INIT;
  const pfc_status opened = read_format(c->args[0], format, &why);
  if (opened != PFC_OK && (opened != PFC_EFORMAT || should_open(c->args[0])))
    return pfc_fail(err, opened, "%s", why.msg);
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "file", c->args[0], err));
  PFC_TRY(inspect(c, format, opened == PFC_OK, json, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

static const command_spec SPEC = {
    .name = "inspect",
    .args = "FILE",
    .min_args = 1,
    .max_args = 1,
    .doc =
        "Tells what is in a file: a model bundle (models, settings, provenance, convergence), "
        "a "
        "dataset (tables, rows, sources, split), or what else it is.",
    .example =
        "  proficio inspect model.h5\n"
        "  proficio inspect data.h5 --json\n",
    .takes = TAKES_FORMAT | TABLE_TO_O,
    .output_doc = "the table [standard output]",
    .run = run,
};

int cmd_inspect(int argc, char **argv) { return common_main(&SPEC, argc, argv, NULL); }
