/* A dataset in the codes of dictionaries that were there before it. */
#include <string.h>

#include "base/mem.h"
#include "datasets/dataset.h"

/* The texts of `first`, then those of `then` that are not among them. */
static pfc_status join(const pfc_dict *first, const pfc_dict *then, pfc_dict **out,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dict *both = pfc_dict_copy(first);
  if (!both) return pfc_fail_memory(err, "dictionary");
  for (int32_t c = 0; c < pfc_dict_size(then); c++) {
    int32_t code;
    const char *text = pfc_dict_text(then, c);
    PFC_TRY(pfc_dict_add(both, text, strlen(text), &code, err));
  }
  *out = both;
  both = NULL;
done:
  pfc_dict_destroy(both);
  return st;
}

static void recode_column(pfc_column *column, const int32_t *map, int64_t n_rows) {
  for (int64_t i = 0; i < n_rows; i++)
    if (column->code[i] >= 0) column->code[i] = map[column->code[i]];
}

/* Columns of the dictionary `from` get codes of `to`. */
static pfc_status recode(pfc_dataset *ds, const pfc_dict *from, pfc_dict *to, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *map = NULL;
  PFC_NEW(map, pfc_dict_size(from));
  pfc_dict_map(from, to, map);
  for (int t = 0; t < PFC_N_TABLES; t++) {
    pfc_table *table = &ds->tables[t];
    for (int c = 0; c < table->n_columns; c++) {
      if (table->columns[c].dict != from) continue;
      recode_column(&table->columns[c], map, table->n_rows);
      table->columns[c].dict = to;
    }
  }
done:
  pfc_free(map);
  return st;
}

static pfc_status put_first(pfc_dataset *ds, const pfc_dict *dict, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dict *joined = NULL;
  const char *name = pfc_dict_name(dict);
  if (!pfc_dataset_dict(ds, name)) return pfc_fail_memory(err, "dictionary");
  int at = 0;
  while (strcmp(pfc_dict_name(ds->dicts[at]), name) != 0) at++;
  PFC_TRY(join(dict, ds->dicts[at], &joined, err));
  PFC_TRY(recode(ds, ds->dicts[at], joined, err));
  pfc_dict_destroy(ds->dicts[at]);
  ds->dicts[at] = joined;
  joined = NULL;
done:
  pfc_dict_destroy(joined);
  return st;
}

pfc_status pfc_dataset_recode(pfc_dataset *ds, int n, pfc_dict *const *dicts, pfc_error *err) {
  for (int k = 0; k < n; k++) {
    const pfc_status st = put_first(ds, dicts[k], err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}
