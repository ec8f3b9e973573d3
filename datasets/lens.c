#include "datasets/lens.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/features_internal.h"

static int compare_maps(const void *a, const void *b) {
  return strcmp(((const pfc__map *)a)->name, ((const pfc__map *)b)->name);
}

static int compare_columns(const void *a, const void *b) {
  const pfc__lens_column *x = a, *y = b;
  return strcmp(x->column->name, y->column->name);
}

static const pfc_dict *find_dict(pfc_dict *const *dicts, int n, const char *name) {
  for (int k = 0; k < n; k++)
    if (strcmp(pfc_dict_name(dicts[k]), name) == 0) return dicts[k];
  return NULL;
}

/* Dictionaries the model does not know (titles, descriptions ...) cost nothing. */
static pfc_status build_map(const pfc_dict *from, const pfc_dict *to, pfc__map *map,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  map->name = pfc_dict_name(from);
  map->size = pfc_dict_size(from);
  map->identity = from == to;
  map->model_size = to ? pfc_dict_size(to) : 0;
  if (!to || map->identity) return PFC_OK;
  PFC_NEW(map->to, map->size);
  pfc_dict_map(from, to, map->to);
done:
  return st;
}

static pfc_status build_maps(pfc_lens *lens, pfc_dict *const *model_dicts, int n_model_dicts,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dataset *ds = lens->ds;
  PFC_NEW(lens->maps, ds->n_dicts);
  lens->n_maps = ds->n_dicts;
  for (int k = 0; k < ds->n_dicts; k++) {
    const char *name = pfc_dict_name(ds->dicts[k]);
    const pfc_dict *to =
        model_dicts ? find_dict(model_dicts, n_model_dicts, name) : ds->dicts[k];
    PFC_TRY(build_map(ds->dicts[k], to, &lens->maps[k], err));
  }
  qsort(lens->maps, (size_t)lens->n_maps, sizeof *lens->maps, compare_maps);
done:
  return st;
}

const pfc__map *pfc__lens_map(const pfc_lens *lens, const char *dictionary) {
  const pfc__map key = {.name = dictionary};
  const pfc__map *map =
      bsearch(&key, lens->maps, (size_t)lens->n_maps, sizeof key, compare_maps);
  return map ? map : &lens->nothing;
}

static pfc_status build_columns(pfc_lens *lens, pfc_table_id t, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_table *table = &lens->ds->tables[t];
  PFC_NEW(lens->columns[t], table->n_columns);
  lens->n_columns[t] = table->n_columns;
  for (int k = 0; k < table->n_columns; k++) {
    const pfc_column *column = &table->columns[k];
    const bool coded = column->type == PFC_CODE && column->dict;
    lens->columns[t][k] = (pfc__lens_column){
        .column = column,
        .map = coded ? pfc__lens_map(lens, pfc_dict_name(column->dict)) : &lens->nothing,
    };
  }
  qsort(lens->columns[t], (size_t)table->n_columns, sizeof *lens->columns[t], compare_columns);
done:
  return st;
}

const pfc__lens_column *pfc__lens_column_find(const pfc_lens *lens, int table,
                                              const char *name) {
  const pfc__lens_column *columns = lens->columns[table];
  int lo = 0, hi = columns ? lens->n_columns[table] : 0;
  while (lo < hi) {
    const int mid = lo + (hi - lo) / 2;
    const int order = strcmp(columns[mid].column->name, name);
    if (order == 0) return &columns[mid];
    if (order < 0) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return NULL;
}

static pfc_status find_roles(pfc_lens *lens, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *role = pfc_dataset_codes(lens->ds, PFC_ROLES, "role_id");
  PFC_NEW(lens->role_row, lens->role->size);
  for (int32_t r = 0; r < lens->role->size; r++) lens->role_row[r] = -1;
  for (int64_t r = 0; role && r < lens->ds->tables[PFC_ROLES].n_rows; r++)
    if (role[r] >= 0) lens->role_row[role[r]] = r;
done:
  return st;
}

pfc_status pfc_lens_create(const pfc_dataset *ds, const pfc_history *h,
                           const pfc_catalogue *cat, pfc_dict *const *model_dicts,
                           int n_model_dicts, pfc_lens **lens, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_lens *l = NULL;
  *lens = NULL;
  PFC_NEW(l, 1);
  l->ds = ds;
  l->h = h;
  l->cat = cat;
  l->max_targets = 1;
  PFC_TRY(build_maps(l, model_dicts, n_model_dicts, err));
  l->person = pfc__lens_map(l, "person");
  l->role = pfc__lens_map(l, "role");
  l->unit = pfc__lens_map(l, "unit");
  l->intervention = pfc__lens_map(l, "intervention");
  l->competency = pfc__lens_map(l, "competency");
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (pfc_schema((pfc_table_id)t)->features) PFC_TRY(build_columns(l, (pfc_table_id)t, err));
  PFC_TRY(find_roles(l, err));
  PFC_TRY(pfc_requirements_create(ds, &l->requirements, err));
  for (int32_t i = 0; i < cat->n_interventions; i++)
    if (cat->first[i + 1] - cat->first[i] > l->max_targets)
      l->max_targets = cat->first[i + 1] - cat->first[i];
  *lens = l;
  l = NULL;
done:
  pfc_lens_destroy(l);
  return st;
}

void pfc_lens_destroy(pfc_lens *lens) {
  if (!lens) return;
  for (int k = 0; k < lens->n_maps; k++) pfc_free(lens->maps[k].to);
  pfc_free(lens->maps);
  for (int t = 0; t < PFC_N_TABLES; t++) pfc_free(lens->columns[t]);
  pfc_free(lens->role_row);
  pfc_requirements_destroy(lens->requirements);
  if (lens->levels.destroy) lens->levels.destroy(lens->levels.user);
  pfc_free(lens);
}

void pfc_lens_lend(pfc_lens *lens, const pfc_lens_levels *levels) { lens->levels = *levels; }

int32_t pfc_lens_code(const pfc_lens *lens, const char *dictionary, int32_t code) {
  return pfc__map_code(pfc__lens_map(lens, dictionary), code);
}

const pfc_requirements *pfc_lens_requirements(const pfc_lens *lens) {
  return lens->requirements;
}
