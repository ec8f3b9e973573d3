#include "datasets/import_columns_internal.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/dict_internal.h"

/* --- groups --------------------------------------------------------------- */

static bool same_group(const pfc__typed_cell *a, const pfc__typed_cell *b) {
  return a->column->values.dict && a->column->values.dict == b->column->values.dict;
}

/* Moves the cells that belong with the first one behind it; returns how many there are. */
static int gather(pfc__typed_cell *cell, int n) {
  int n_group = 1;
  for (int i = 1; i < n; i++) {
    if (!same_group(&cell[0], &cell[i])) continue;
    const pfc__typed_cell moved = cell[i];
    memmove(cell + n_group + 1, cell + n_group, sizeof *cell * (size_t)(i - n_group));
    cell[n_group++] = moved;
  }
  return n_group;
}

pfc_status pfc__typing_init(pfc__typing *t, pfc__builder *b, const int *column, int n_cells,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  int n = 0;
  *t = (pfc__typing){.b = b, .n_cells = n_cells, .locale = uselocale((locale_t)0)};
  PFC_NEW(t->cell, n_cells);
  PFC_NEW(t->group, n_cells);
  for (int c = 0; c < n_cells; c++)
    if (column[c] >= 0)
      t->cell[n++] = (pfc__typed_cell){c, &b->columns[b->column_of[column[c]]], -1};
  for (int first = 0; first < n; first += t->group[t->n_groups++].n)
    t->group[t->n_groups] =
        (pfc__typed_group){.first = first, .n = gather(t->cell + first, n - first)};
done:
  return st;
}

void pfc__typing_clear(pfc__typing *t) {
  for (int g = 0; g < t->n_groups; g++) pfc_free(t->group[g].bad);
  pfc_free(t->group);
  pfc_free(t->cell);
  *t = (pfc__typing){0};
}

/* --- one column ----------------------------------------------------------- */

/* One column of a block on its way. */
typedef struct lane {
  pfc__typed_group *group;
  pfc__typed_cell *cell;
  const pfc_column_decl *decl;
  void *data; /* of the column, from the first row of the block on */
  bool is_required;
} lane;

static pfc_status mark_bad(lane *l, size_t row, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(l->group->bad, l->group->bad_capacity, l->group->n_bad + 1);
  l->group->bad[l->group->n_bad++] = (uint32_t)row;
done:
  return st;
}

static bool in_range(const pfc_column_decl *decl, double value) {
  return !decl || (value >= decl->min && value <= decl->max);
}

/* Not one of the quick forms. */
static bool read_cell(const lane *l, const char *text, pfc__cell *value) {
  char reason[PFC__REASON];
  return pfc__cell_parse(l->cell->column->values.type, l->decl, text, value, reason);
}

static bool real_cell(const lane *l, const char *text, size_t size, size_t i) {
  double *data = l->data;
  pfc__cell value;
  if (pfc__quick_number(text, size, &data[i])) return in_range(l->decl, data[i]);
  if (!read_cell(l, text, &value)) return false;
  data[i] = value.real;
  return true;
}

static bool int_cell(const lane *l, const char *text, size_t size, size_t i) {
  double number;
  pfc__cell value;
  if (pfc__quick_number(text, size, &number) && number == floor(number) &&
      fabs(number) <= INT32_MAX && in_range(l->decl, number))
    value.i32 = (int32_t)number;
  else if (!read_cell(l, text, &value))
    return false;
  ((int32_t *)l->data)[i] = value.i32;
  return true;
}

static bool date_cell(const lane *l, const char *text, size_t size, size_t i) {
  pfc__cell value;
  if (!pfc__quick_date(text, size, &value.i32) && !read_cell(l, text, &value)) return false;
  ((int32_t *)l->data)[i] = value.i32;
  return true;
}

static bool flag_cell(const lane *l, const char *text, size_t size, size_t i) {
  pfc__cell value;
  if (size == 1 && (text[0] == '0' || text[0] == '1'))
    value.flag = text[0] == '1';
  else if (!read_cell(l, text, &value))
    return false;
  ((int8_t *)l->data)[i] = value.flag;
  return true;
}

static bool time_cell(const lane *l, const char *text, size_t size, size_t i) {
  pfc__cell value;
  (void)size;
  if (!read_cell(l, text, &value)) return false;
  ((int64_t *)l->data)[i] = value.time;
  return true;
}

/* What is in the dictionary has been checked when it came there: columns that share one take
 * the same words. */
static pfc_status add_code(lane *l, const char *text, size_t size, size_t row, int32_t *code,
                           pfc_error *err) {
  pfc__cell unused;
  if (!read_cell(l, text, &unused)) return mark_bad(l, row, err);
  return pfc_dict_add(l->cell->column->values.dict, text, size, code, err);
}

/* The rows of a block that are as wide as the header. */
typedef struct walk {
  const pfc__csv_block *block;
  int n_cells;
  size_t from, next;
  size_t row, i; /* in the block, and counted from the first that is typed */
  const char *text;
  size_t size;
} walk;

static inline bool next_cell(walk *w, int cell) {
  const pfc__csv_block *b = w->block;
  while (w->next < b->n_rows && pfc__csv_n_cells(b, w->next) != w->n_cells) w->next++;
  if (w->next == b->n_rows) return false;
  w->row = w->next++;
  w->i = w->row - w->from;
  const pfc__csv_cell *at = &b->cell[b->first[w->row]] + cell;
  w->text = b->text + at->start;
  w->size = at->size;
  return true;
}

static pfc_status empty_cell(lane *l, const walk *w, pfc_error *err) {
  pfc_column at = l->cell->column->values;
  at.data = l->data;
  pfc_column_clear(&at, (int64_t)w->i, (int64_t)w->i + 1);
  return l->is_required ? mark_bad(l, w->row, err) : PFC_OK;
}

static pfc_status code_column(lane *l, walk *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *dict = l->cell->column->values.dict;
  int32_t *data = l->data, last = l->cell->last;
  while (next_cell(w, l->cell->cell)) {
    if (w->size == 0) {
      PFC_TRY(empty_cell(l, w, err));
      continue;
    }
    int32_t code = pfc__dict_find(dict, w->text, w->size, last);
    if (code < 0) PFC_TRY(add_code(l, w->text, w->size, w->row, &code, err));
    data[w->i] = code;
    last = code;
  }
  l->cell->last = last;
done:
  return st;
}

typedef bool (*cell_fn)(const lane *l, const char *text, size_t size, size_t i);

/* Inlined where it is called, and the function with it. */
static inline pfc_status each_cell(lane *l, walk *w, cell_fn read, pfc_error *err) {
  pfc_status st = PFC_OK;
  while (next_cell(w, l->cell->cell)) {
    if (w->size == 0)
      PFC_TRY(empty_cell(l, w, err));
    else if (!read(l, w->text, w->size, w->i))
      PFC_TRY(mark_bad(l, w->row, err));
  }
done:
  return st;
}

static pfc_status real_column(lane *l, walk *w, pfc_error *err) {
  return each_cell(l, w, real_cell, err);
}

static pfc_status int_column(lane *l, walk *w, pfc_error *err) {
  return each_cell(l, w, int_cell, err);
}

static pfc_status flag_column(lane *l, walk *w, pfc_error *err) {
  return each_cell(l, w, flag_cell, err);
}

static pfc_status date_column(lane *l, walk *w, pfc_error *err) {
  return each_cell(l, w, date_cell, err);
}

static pfc_status time_column(lane *l, walk *w, pfc_error *err) {
  return each_cell(l, w, time_cell, err);
}

static pfc_status (*const COLUMN_OF[])(lane *, walk *, pfc_error *) = {
    [PFC_CODE] = code_column, [PFC_REAL] = real_column, [PFC_INT] = int_column,
    [PFC_FLAG] = flag_column, [PFC_DATE] = date_column, [PFC_TIME] = time_column,
};

pfc_status pfc__typing_run(pfc__typing *t, int group, const pfc__csv_block *block, size_t from,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__typed_group *g = &t->group[group];
  const locale_t before = uselocale(t->locale);
  g->n_bad = 0;
  for (int c = g->first; c < g->first + g->n; c++) {
    pfc_column *values = &t->cell[c].column->values;
    const pfc_column_decl *decl = t->cell[c].column->decl;
    const size_t offset = (size_t)t->b->n_rows * pfc_type_size(values->type);
    lane l = {.group = g, .cell = &t->cell[c], .decl = decl};
    l.data = (char *)values->data + offset;
    l.is_required = decl && (decl->flags & (PFC_KEY | PFC_REQUIRED));
    walk w = {.block = block, .n_cells = t->n_cells, .from = from, .next = from};
    PFC_TRY(COLUMN_OF[values->type](&l, &w, err));
  }
done:
  (void)uselocale(before);
  return st;
}

pfc_status pfc__typing_keep(pfc__typing *t, const pfc__csv_block *block, size_t first,
                            int64_t base, size_t from, size_t to, pfc_error *err) {
  pfc__builder *b = t->b;
  const int64_t source = base + (int64_t)(from - first), n = (int64_t)(to - from);
  if (n == 0) return PFC_OK;
  if (block->line[to - 1] > UINT32_MAX) return pfc__build_too_many_lines(b, err);
  for (int c = 0; c < b->n_columns && source != b->n_rows; c++) {
    const pfc_column *values = &b->columns[c].values;
    const size_t size = pfc_type_size(values->type);
    memmove((char *)values->data + size * (size_t)b->n_rows,
            (char *)values->data + size * (size_t)source, size * (size_t)n);
  }
  for (int64_t i = 0; i < n; i++)
    b->line[b->n_rows + i] = (uint32_t)block->line[from + (size_t)i];
  b->n_rows += n;
  b->n_read += n;
  return PFC_OK;
}
