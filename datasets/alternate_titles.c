#include "datasets/alternate_titles.h"

#include "base/mem.h"
#include "datasets/import_internal.h"

enum { OCCUPATION, TITLE, N_CELLS };
static const char *const COLUMNS[N_CELLS] = {"O*NET-SOC Code", "Alternate Title"};

typedef struct reader {
  const char *path;
  const pfc_dict *roles;
  pfc_alternate_titles *to;
  int at[N_CELLS], n_cells; /* of the header; 0: not read yet */
} reader;

static pfc_status read_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  reader *r = user;
  pfc_alternate_titles *to = r->to;
  pfc_status st = PFC_OK;
  if (r->n_cells == 0) {
    r->n_cells = row->n_cells;
    return pfc__header_find(r->path, row, COLUMNS, N_CELLS, r->at, err);
  }
  if (row->n_cells != r->n_cells) {
    return pfc_fail(err, PFC_EDATA, "%s:%lld: %d cells; expected %d, as the header has",
                    r->path, (long long)row->line, row->n_cells, r->n_cells);
  }
  const int32_t role = pfc_dict_find(r->roles, row->cell[r->at[OCCUPATION]]);
  if (role < 0) return PFC_OK;
  PFC_RESERVE(to->at, to->capacity, to->n + 1);
  char *title = pfc_strdup(row->cell[r->at[TITLE]]);
  if (!title) PFC_TRY(pfc_fail_memory(err, "titles"));
  to->at[to->n++] = (pfc_alternate_title){role, title};
done:
  return st;
}

/* Tab-separated, where quotes are text like any other. */
static pfc_status read_file(reader *r, pfc_error *err) {
  pfc_csv_settings settings;
  pfc_csv_defaults(&settings);
  settings.delimiter = '\t';
  settings.quote = '\0';
  const pfc_status st = pfc_csv_read(r->path, &settings, read_row, r, err);
  if (st != PFC_OK || r->n_cells > 0) return st;
  return pfc_fail(err, PFC_EDATA, "%s is empty; expected a header row", r->path);
}

pfc_status pfc_alternate_titles_read(const char *folder, const pfc_dataset *frame,
                                     pfc_alternate_titles *titles, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_alternate_titles all = {0};
  char *path = NULL;
  reader r = {.roles = pfc_dataset_find_dict(frame, "role"), .to = &all};
  *titles = all;
  PFC_TRY(pfc__find_file(folder, "Alternate Titles.txt", &path, err));
  if (!path || !r.roles) goto done;
  r.path = path;
  PFC_TRY(read_file(&r, err));
  *titles = all;
  all = (pfc_alternate_titles){0};
done:
  pfc_alternate_titles_clear(&all);
  pfc_free(path);
  return st;
}

void pfc_alternate_titles_clear(pfc_alternate_titles *titles) {
  for (int32_t k = 0; k < titles->n; k++) pfc_free(titles->at[k].title);
  pfc_free(titles->at);
  *titles = (pfc_alternate_titles){0};
}
