#include "datasets/requirements.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/columns_internal.h"

typedef struct columns {
  int64_t n_rows;
  const int32_t *role, *competency;
  const pfc_column *level, *importance, *compliance;
} columns;

static columns open_columns(const pfc_dataset *ds) {
  const pfc_table_id t = PFC_REQUIREMENTS;
  return (columns){
      .n_rows = ds->tables[t].n_rows,
      .role = pfc_dataset_codes(ds, t, "role_id"),
      .competency = pfc_dataset_codes(ds, t, "competency_id"),
      .level = pfc_dataset_column(ds, t, "level"),
      .importance = pfc_dataset_column(ds, t, "importance"),
      .compliance = pfc_dataset_column(ds, t, "compliance"),
  };
}

static bool is_usable(const columns *c, int64_t row) {
  return pfc__code_at(c->role, row) >= 0 && pfc__code_at(c->competency, row) >= 0;
}

static pfc_requirement read_row(const columns *c, int64_t row) {
  const double importance = pfc__number_at(c->importance, row);
  return (pfc_requirement){
      .competency = c->competency[row],
      .level = pfc__number_at(c->level, row),
      .importance = isnan(importance) ? 1 : importance,
      .compliance = pfc__number_at(c->compliance, row) == 1,
  };
}

/* A row of the table and what it names. */
typedef struct entry {
  int32_t role, competency;
  int64_t row;
} entry;

static int compare_entries(const void *x, const void *y) {
  const entry *a = x, *b = y;
  if (a->role != b->role) return a->role < b->role ? -1 : 1;
  if (a->competency != b->competency) return a->competency < b->competency ? -1 : 1;
  return (a->row > b->row) - (a->row < b->row);
}

static pfc_status sort_rows(const columns *c, entry **entries, int64_t *n, pfc_error *err) {
  pfc_status st = PFC_OK;
  *n = 0;
  PFC_NEW(*entries, c->n_rows);
  for (int64_t r = 0; r < c->n_rows; r++)
    if (is_usable(c, r)) (*entries)[(*n)++] = (entry){c->role[r], c->competency[r], r};
  qsort(*entries, (size_t)*n, sizeof **entries, compare_entries);
done:
  return st;
}

/* Whether the next entry speaks of the same role and competency, later in the table. */
static bool is_replaced(const entry *entries, int64_t n, int64_t k) {
  return k + 1 < n && entries[k].role == entries[k + 1].role &&
         entries[k].competency == entries[k + 1].competency;
}

static pfc_status fill(pfc_requirements *r, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  entry *entries = NULL;
  int64_t n = 0, kept = 0;
  const columns c = open_columns(ds);
  PFC_TRY(sort_rows(&c, &entries, &n, err));
  PFC_NEW(r->first, (size_t)r->n_roles + 1);
  PFC_NEW(r->at, n);
  for (int64_t k = 0; k < n; k++) {
    if (is_replaced(entries, n, k)) continue;
    r->at[kept++] = read_row(&c, entries[k].row);
    r->first[entries[k].role + 1]++;
  }
  for (int32_t i = 0; i < r->n_roles; i++) r->first[i + 1] += r->first[i];
done:
  pfc_free(entries);
  return st;
}

pfc_status pfc_requirements_create(const pfc_dataset *ds, pfc_requirements **requirements,
                                   pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_requirements *r = NULL;
  *requirements = NULL;
  PFC_NEW(r, 1);
  r->n_roles = pfc_dataset_count(ds, "role");
  r->n_competencies = pfc_dataset_count(ds, "competency");
  PFC_TRY(fill(r, ds, err));
  *requirements = r;
  r = NULL;
done:
  pfc_requirements_destroy(r);
  return st;
}

void pfc_requirements_destroy(pfc_requirements *r) {
  if (!r) return;
  pfc_free(r->first);
  pfc_free(r->at);
  pfc_free(r);
}

const pfc_requirement *pfc_requirements_find(const pfc_requirements *r, int32_t role,
                                             int32_t competency) {
  if (role < 0 || role >= r->n_roles) return NULL;
  int64_t lo = r->first[role], hi = r->first[role + 1];
  while (lo < hi) {
    const int64_t mid = lo + (hi - lo) / 2;
    if (r->at[mid].competency == competency) return &r->at[mid];
    if (r->at[mid].competency < competency) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return NULL;
}
