/* The baseline of a bundle: what each kind holds and what must fit together. */
#include "models/bundle_internal.h"

#include <float.h>
#include <string.h>

#include "base/mem.h"

static const char GROUP[] = "/baseline";
#define MOST 0x1p62 /* take-ups of one intervention, pseudo-counts: their sums stay finite */

/* --- the kind ---------------------------------------------------------------------- */

static pfc_baseline_kind kind_of(const char *name) {
  for (int k = 1; k < PFC_N_BASELINES; k++) {
    if (strcmp(pfc_baseline_name((pfc_baseline_kind)k), name) == 0) return (pfc_baseline_kind)k;
  }
  return PFC_BASELINE_NONE;
}

static pfc_status visit_kind(pfc__archive *a, pfc_baseline *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char *word = a->loading ? NULL : pfc_baseline_name(m->kind);
  char *name = word ? pfc_strdup(word) : NULL;
  if (word && !name) return pfc_fail_memory(err, "kind");
  const pfc__scalar scalar = {"kind", PFC_H5_TEXT, &name, 0, 0};
  PFC_TRY(pfc__visit_scalars(a, GROUP, &scalar, 1, err));
  m->kind = name ? kind_of(name) : PFC_BASELINE_NONE;
  if (m->kind == PFC_BASELINE_NONE)
    st = pfc__fault(a, err, "%s: attribute 'kind' is no baseline", GROUP);
done:
  pfc_free(name);
  return st;
}

/* --- sparse matrices --------------------------------------------------------------- */

/* Where the three arrays of a matrix of items stand, and what a row of it is. */
typedef struct place {
  const char *start, *item, *value;
  const char *start_meaning, *value_meaning;
} place;

static const place ROLES = {
    "role_start", "role_item", "role_count",
    "code of /dictionary/role -> its first entry, and where the last one's end",
    "take-ups by people of the role"};
static const place MANAGERS = {
    "manager_start", "manager_item", "manager_count",
    "code of /dictionary/person -> first entry of a manager, and where the last one's end",
    "take-ups by people who report to the manager"};
static const place NEIGHBOURS = {
    "neighbour_start", "neighbour_item", "neighbour_weight",
    "code of /dictionary/intervention -> its first neighbour, and where the last one's end",
    "cosine of take-ups, shrunk: what having taken up the one says of the other"};

static pfc_status check_offsets(const pfc__archive *a, const char *name, const int64_t *start,
                                int64_t n_rows, int32_t n_cols, pfc_error *err) {
  bool holds = start[0] == 0;
  for (int64_t r = 0; r < n_rows && holds; r++)
    holds = start[r + 1] >= start[r] && start[r + 1] - start[r] <= n_cols;
  return holds ? PFC_OK : pfc__fault(a, err, "'%s/%s' does not ascend from 0", GROUP, name);
}

static pfc_status check_entries(const pfc__archive *a, const place *at, const pfc_csr *m,
                                pfc_error *err) {
  for (int64_t r = 0; r < m->n_rows; r++) {
    int32_t before = -1;
    for (int64_t k = m->start[r]; k < m->start[r + 1]; k++) {
      if (m->col[k] <= before || m->col[k] >= m->n_cols)
        return pfc__fault(a, err, "'%s/%s': element %lld is no item of its row", GROUP,
                          at->item, (long long)k);
      if (m->val[k] < 0)
        return pfc__fault(a, err, "'%s/%s': element %lld is negative", GROUP, at->value,
                          (long long)k);
      before = m->col[k];
    }
  }
  return PFC_OK;
}

/* m->n_rows is known. */
static pfc_status visit_matrix(pfc__archive *a, const place *at, int32_t n_items, pfc_csr *m,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  static int32_t no_item;
  static float no_value;
  /* A matrix without entries may have no room for any. */
  int32_t *col = m->col || a->loading ? m->col : &no_item;
  float *val = m->val || a->loading ? m->val : &no_value;
  m->n_cols = n_items;
  const pfc__array start = {at->start,          PFC_H5_I64, 1,
                            {m->n_rows + 1, 1}, &m->start,  at->start_meaning};
  PFC_TRY(pfc__visit_arrays(a, GROUP, &start, 1, err));
  PFC_TRY(check_offsets(a, at->start, m->start, m->n_rows, n_items, err));
  const int64_t n = m->start[m->n_rows];
  const pfc__array item = {at->item, PFC_H5_I32,
                           1,        {n, 1},
                           &col,     "codes of /dictionary/intervention, ascending in a row"};
  const pfc__array value = {at->value, PFC_H5_F32, 1, {n, 1}, &val, at->value_meaning};
  st = pfc__visit_arrays(a, GROUP, &item, 1, err);
  if (a->loading) m->col = col;
  if (st == PFC_OK) st = pfc__visit_arrays(a, GROUP, &value, 1, err);
  if (a->loading) {
    m->val = val;
    m->max_rows = m->n_rows;
    m->capacity = n;
  }
  if (st == PFC_OK) st = check_entries(a, at, m, err);
done:
  return st;
}

/* --- what the kinds hold ----------------------------------------------------------- */

static pfc_status visit_counts(pfc__archive *a, const pfc_bundle *b, pfc_baseline *m,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__array count = {"count",   PFC_H5_F64,
                            1,         {m->n_items, 1},
                            &m->count, "take-ups of each code of /dictionary/intervention"};
  PFC_TRY(pfc__visit_arrays(a, GROUP, &count, 1, err));
  PFC_TRY(pfc__check_codes(a, b, "/baseline/count", "intervention", m->n_items, err));
  for (int32_t i = 0; i < m->n_items; i++)
    if (!(m->count[i] >= 0 && m->count[i] <= MOST))
      return pfc__fault(a, err, "'/baseline/count': element %d is no count", i);
done:
  return st;
}

static pfc_status visit_groups(pfc__archive *a, const pfc_bundle *b, pfc_baseline *m,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  if (pfc_baseline_counts_roles(m->kind)) {
    PFC_TRY(visit_matrix(a, &ROLES, m->n_items, &m->by_role, err));
    if (m->by_role.n_rows > 0)
      PFC_TRY(pfc__check_codes(a, b, "/baseline/role_start", "role", m->by_role.n_rows, err));
  }
  if (m->kind == PFC_BASELINE_MANAGER) {
    PFC_TRY(visit_matrix(a, &MANAGERS, m->n_items, &m->by_manager, err));
    PFC_TRY(
        pfc__check_codes(a, b, "/baseline/manager_start", "person", m->by_manager.n_rows, err));
  }
done:
  return st;
}

static pfc_status visit_ease(pfc__archive *a, pfc_baseline *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__array arrays[] = {
      {"ease_item",
       PFC_H5_I32,
       1,
       {m->n_fitted, 1},
       &m->fitted,
       "codes of /dictionary/intervention, ascending: rows and columns of ease_weight"},
      {"ease_weight",
       PFC_H5_F32,
       2,
       {m->n_fitted, m->n_fitted},
       &m->ease,
       "what having taken up the item of the row says of that of the column"},
  };
  PFC_TRY(pfc__visit_arrays(a, GROUP, arrays, PFC__COUNT(arrays), err));
  for (int32_t j = 0; j < m->n_fitted; j++)
    if (m->fitted[j] < 0 || m->fitted[j] >= m->n_items ||
        (j > 0 && m->fitted[j] <= m->fitted[j - 1]))
      return pfc__fault(a, err, "'/baseline/ease_item': element %d is out of order", j);
done:
  return st;
}

pfc_status pfc__visit_baseline(pfc__archive *a, pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_baseline *m = &b->baseline;
  PFC_TRY(visit_kind(a, m, err));
  const bool roles = pfc_baseline_counts_roles(m->kind),
             managers = m->kind == PFC_BASELINE_MANAGER;
  const pfc__scalar scalars[] = {
      {"n_items", PFC_H5_I32, &m->n_items, 0, INT32_MAX},
      {"n_roles", PFC_H5_I64, &m->by_role.n_rows, 0, roles ? INT32_MAX : 0},
      {"n_people", PFC_H5_I64, &m->by_manager.n_rows, 0, managers ? INT32_MAX : 0},
      {"n_fitted", PFC_H5_I32, &m->n_fitted, 0,
       m->kind == PFC_BASELINE_EASE ? PFC_EASE_MOST_ITEMS : 0},
      {"shrinkage", PFC_H5_F64, &m->shrinkage, 0, MOST},
      {"weight_registered", PFC_H5_F64, &m->weights.registered, 0, DBL_MAX},
      {"weight_started", PFC_H5_F64, &m->weights.started, 0, DBL_MAX},
      {"weight_passed", PFC_H5_F64, &m->weights.passed, 0, DBL_MAX},
      {"weight_half_life_days", PFC_H5_F64, &m->weights.half_life_days, 0, DBL_MAX},
  };
  PFC_TRY(pfc__visit_scalars(a, GROUP, scalars, PFC__COUNT(scalars), err));
  PFC_TRY(visit_counts(a, b, m, err));
  PFC_TRY(visit_groups(a, b, m, err));
  if (m->kind == PFC_BASELINE_ITEMKNN) {
    m->neighbours.n_rows = m->n_items;
    PFC_TRY(visit_matrix(a, &NEIGHBOURS, m->n_items, &m->neighbours, err));
  }
  if (m->kind == PFC_BASELINE_EASE) PFC_TRY(visit_ease(a, m, err));
done:
  return st;
}
