#include "engine/suppression.h"

#include <stdlib.h>

#include "base/mem.h"

/* Rows and columns are nodes, those of totals among them; cells are arcs between them. Totals
 * count with the opposite sign (their own total again with the same), so that all lines add up
 * to 0, and whatever moves must come back to where it started. */

enum { SQUARES_TRIED = 256, TOTAL_COSTS = 8 };

typedef struct candidate {
  int64_t cost;
  int32_t node;
} candidate;

typedef struct web {
  int32_t n_rows, n_columns; /* with totals */
  pfc_count_cell *cell;
  int64_t *row_first, *column_first;
  int64_t *by_row, *by_column; /* cells, in order of the other side */
  uint8_t *safe;               /* cells of which another value was found */
  /* Of a search: */
  int64_t *cost; /* of the way to a node; -1: not reached */
  int64_t *via;  /* cell by which it was reached */
  int32_t *reached;
  int32_t n_reached;
  candidate *heap;
  int64_t n_heap;
} web;

static void web_clear(web *w) {
  pfc_free(w->row_first);
  pfc_free(w->column_first);
  pfc_free(w->by_row);
  pfc_free(w->by_column);
  pfc_free(w->safe);
  pfc_free(w->cost);
  pfc_free(w->via);
  pfc_free(w->reached);
  pfc_free(w->heap);
}

/* Cells of a line: `key` is their row or column. */
static void arrange(int32_t n_lines, int64_t n, const int64_t *order,
                    const pfc_count_cell *cell, bool by_row, int64_t *first, int64_t *to) {
  for (int64_t k = 0; k < n; k++) first[(by_row ? cell[k].row : cell[k].column) + 1]++;
  for (int32_t l = 0; l < n_lines; l++) first[l + 1] += first[l];
  for (int64_t k = 0; k < n; k++) {
    const int64_t c = order ? order[k] : k;
    to[first[by_row ? cell[c].row : cell[c].column]++] = c;
  }
  for (int32_t l = n_lines; l > 0; l--) first[l] = first[l - 1];
  first[0] = 0;
}

static pfc_status web_init(web *w, int32_t n_rows, int32_t n_columns, int64_t n,
                           pfc_count_cell *cells, pfc_error *err) {
  pfc_status st = PFC_OK;
  *w = (web){.n_rows = n_rows + 1, .n_columns = n_columns + 1, .cell = cells};
  const int64_t n_nodes = (int64_t)w->n_rows + w->n_columns;
  PFC_NEW(w->row_first, w->n_rows + 1);
  PFC_NEW(w->column_first, w->n_columns + 1);
  PFC_NEW(w->by_row, n);
  PFC_NEW(w->by_column, n);
  PFC_NEW(w->safe, n);
  PFC_NEW(w->cost, n_nodes);
  PFC_NEW(w->via, n_nodes);
  PFC_NEW(w->reached, n_nodes);
  PFC_NEW(w->heap, 2 * n + 1); /* an arc is walked once a direction at most */
  /* By column, then from there by row: each row in order of columns, for find(). */
  arrange(w->n_columns, n, NULL, cells, false, w->column_first, w->by_column);
  arrange(w->n_rows, n, w->by_column, cells, true, w->row_first, w->by_row);
  for (int64_t v = 0; v < n_nodes; v++) w->cost[v] = -1;
done:
  return st;
}

static int sign(const web *w, const pfc_count_cell *c) {
  return (c->row == w->n_rows - 1) != (c->column == w->n_columns - 1) ? -1 : 1;
}

/* Can the count be changed so that it adds `by` to its lines? */
static bool can_move(const web *w, int64_t cell, int by) {
  const pfc_count_cell *c = &w->cell[cell];
  const int64_t to = c->count + by * sign(w, c);
  return to >= c->least && to <= c->most;
}

static bool stays_near(const web *w, int64_t cell, int by) {
  const pfc_count_cell *c = &w->cell[cell];
  const int64_t to = c->count + by * sign(w, c);
  return to >= c->near_least && to <= c->near_most && can_move(w, cell, by);
}

/* -1: no such cell. */
static int64_t find(const web *w, int32_t row, int32_t column) {
  int64_t from = w->row_first[row], to = w->row_first[row + 1];
  while (from < to) {
    const int64_t middle = from + (to - from) / 2;
    if (w->cell[w->by_row[middle]].column < column) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  const bool is_there =
      from < w->row_first[row + 1] && w->cell[w->by_row[from]].column == column;
  return is_there ? w->by_row[from] : -1;
}

/* A cell of a cycle that moves by `by` has another value. */
static void note_move(web *w, int64_t cell, int by) {
  if (stays_near(w, cell, by)) w->safe[cell] = 1;
}

/* --- cycles of four hidden cells: nearly always there is one --------------------------------
 */

/* The fourth corner of cell `e`, `beside` in its row and `above` in that one's column. */
static bool closes_square(web *w, int64_t e, int64_t beside, int64_t above, int by) {
  if (!w->cell[above].hidden || !can_move(w, above, by)) return false;
  const int64_t corner = find(w, w->cell[above].row, w->cell[e].column);
  if (corner < 0 || !w->cell[corner].hidden || !can_move(w, corner, -by)) return false;
  note_move(w, e, by);
  note_move(w, beside, -by);
  note_move(w, above, by);
  note_move(w, corner, -by);
  return true;
}

static bool find_square(web *w, int64_t e, int by) {
  const int32_t row = w->cell[e].row;
  int tried = 0;
  for (int64_t a = w->row_first[row]; a < w->row_first[row + 1]; a++) {
    const int64_t beside = w->by_row[a];
    if (beside == e || !w->cell[beside].hidden || !can_move(w, beside, -by)) continue;
    const int32_t column = w->cell[beside].column;
    for (int64_t b = w->column_first[column]; b < w->column_first[column + 1]; b++) {
      if (++tried > SQUARES_TRIED) return false;
      const int64_t above = w->by_column[b];
      if (above != beside && closes_square(w, e, beside, above, by)) return true;
    }
  }
  return false;
}

/* --- cheapest cycles (Dijkstra) ------------------------------------------------------------
 */

static bool is_before(candidate a, candidate b) {
  return a.cost != b.cost ? a.cost < b.cost : a.node < b.node;
}

static void push(web *w, candidate c) {
  int64_t at = w->n_heap++;
  for (; at > 0 && is_before(c, w->heap[(at - 1) / 2]); at = (at - 1) / 2) {
    w->heap[at] = w->heap[(at - 1) / 2];
  }
  w->heap[at] = c;
}

static candidate pop(web *w) {
  const candidate top = w->heap[0], last = w->heap[--w->n_heap];
  int64_t at = 0;
  for (int64_t child = 1; child < w->n_heap; child = 2 * at + 1) {
    if (child + 1 < w->n_heap && is_before(w->heap[child + 1], w->heap[child])) child++;
    if (!is_before(w->heap[child], last)) break;
    w->heap[at] = w->heap[child];
    at = child;
  }
  w->heap[at] = last;
  return top;
}

/* What is lost by hiding a cell. Totals tell more than others. */
static int64_t price(const web *w, const pfc_count_cell *c) {
  if (c->hidden) return 0;
  const bool is_total = c->row == w->n_rows - 1 || c->column == w->n_columns - 1;
  return (1 + c->count) * (is_total ? TOTAL_COSTS : 1);
}

static void reach(web *w, int32_t node, int64_t cost, int64_t via) {
  if (w->cost[node] >= 0 && w->cost[node] <= cost) return;
  if (w->cost[node] < 0) w->reached[w->n_reached++] = node;
  w->cost[node] = cost;
  w->via[node] = via;
  push(w, (candidate){cost, node});
}

/* All arcs of a node but `e`; those of rows move against `by`, those of columns with it. */
static void expand(web *w, int64_t e, int by, candidate from) {
  const bool is_row = from.node < w->n_rows;
  const int32_t line = is_row ? from.node : from.node - w->n_rows;
  const int64_t *first = is_row ? w->row_first : w->column_first;
  const int64_t *cells = is_row ? w->by_row : w->by_column;
  for (int64_t k = first[line]; k < first[line + 1]; k++) {
    const pfc_count_cell *c = &w->cell[cells[k]];
    if (cells[k] == e || !can_move(w, cells[k], is_row ? -by : by)) continue;
    reach(w, is_row ? w->n_rows + c->column : c->row, from.cost + price(w, c), cells[k]);
  }
}

static void forget(web *w) {
  for (int32_t i = 0; i < w->n_reached; i++) w->cost[w->reached[i]] = -1;
  w->n_reached = 0;
  w->n_heap = 0;
}

/* Cost of the cheapest way from the cell's row to its column, -1 without any. */
static int64_t search(web *w, int64_t e, int by) {
  const int32_t target = w->n_rows + w->cell[e].column;
  forget(w);
  reach(w, w->cell[e].row, 0, -1);
  while (w->n_heap > 0) {
    const candidate next = pop(w);
    if (next.cost > w->cost[next.node]) continue;
    if (next.node == target) return next.cost;
    expand(w, e, by, next);
  }
  return -1;
}

/* The way that search found, hidden. */
static void hide_way(web *w, int64_t e, int by) {
  int32_t node = w->n_rows + w->cell[e].column;
  note_move(w, e, by);
  while (node != w->cell[e].row) {
    const int64_t via = w->via[node];
    const bool to_column = node >= w->n_rows;
    w->cell[via].hidden = true;
    note_move(w, via, to_column ? -by : by);
    node = to_column ? w->cell[via].row : w->n_rows + w->cell[via].column;
  }
}

/* Finds or makes a cycle that changes the cell, by one of the two moves that are `wanted`. */
static bool protect(web *w, int64_t e, bool wanted(const web *w, int64_t cell, int by)) {
  int64_t cost[2] = {-1, -1}; /* of moving down, up */
  for (int up = 0; up < 2; up++) {
    const int by = up ? 1 : -1;
    if (wanted(w, e, by) && find_square(w, e, by)) return true;
  }
  for (int up = 0; up < 2; up++) {
    const int by = up ? 1 : -1;
    if (wanted(w, e, by)) cost[up] = search(w, e, by);
  }
  if (cost[0] < 0 && cost[1] < 0) return false;
  const int by = cost[0] < 0 || (cost[1] >= 0 && cost[1] <= cost[0]) ? 1 : -1;
  (void)search(w, e, by);
  hide_way(w, e, by);
  return true;
}

pfc_status pfc_suppress(int32_t n_rows, int32_t n_columns, int64_t n, pfc_count_cell *cells,
                        int64_t *n_exposed, pfc_error *err) {
  pfc_status st = PFC_OK;
  web w = {0};
  int64_t exposed = 0;
  PFC_TRY(web_init(&w, n_rows, n_columns, n, cells, err));
  for (int64_t c = 0; c < n; c++) {
    if (!cells[c].hidden || w.safe[c] || cells[c].near_least >= cells[c].near_most) continue;
    exposed += !protect(&w, c, stays_near) && !protect(&w, c, can_move);
  }
  /* Cells hidden on the way, behind the one that was looked at, were moved then. */
  *n_exposed = exposed;
done:
  web_clear(&w);
  return st;
}
