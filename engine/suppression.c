#include "engine/suppression.h"

#include <stdlib.h>

#include "base/mem.h"

/* Searches after which cycles are looked for anew: what was hidden since protects others. */
enum { SEARCHES = 64 };

typedef struct candidate {
  int64_t cost;
  int32_t line;
} candidate;

typedef struct web {
  int32_t n_lines;
  int64_t n;
  pfc_count_cell *cell;
  int64_t *first; /* n_lines + 1 */
  int64_t *at;    /* cells that begin or end in a line */
  uint8_t *safe;  /* cells of which another value was found */
  /* Of a search: */
  int64_t *cost; /* of the way to a line; -1: not reached */
  int64_t *via;  /* cell by which it was reached */
  int32_t *reached;
  int32_t n_reached;
  candidate *heap;
  int64_t n_heap;
  /* Of the walk over cycles: */
  int64_t *next;           /* place in `at` where the walk goes on */
  int32_t *order, *lowest; /* when a line was reached; the first line it leads back to */
  int32_t *piece;          /* what hangs together */
} web;

static void web_clear(web *w) {
  pfc_free(w->first);
  pfc_free(w->at);
  pfc_free(w->safe);
  pfc_free(w->cost);
  pfc_free(w->via);
  pfc_free(w->reached);
  pfc_free(w->heap);
  pfc_free(w->next);
  pfc_free(w->order);
  pfc_free(w->lowest);
  pfc_free(w->piece);
}

static void arrange(web *w) {
  for (int64_t c = 0; c < w->n; c++) {
    w->first[w->cell[c].from + 1]++;
    w->first[w->cell[c].to + 1]++;
  }
  for (int32_t l = 0; l < w->n_lines; l++) w->first[l + 1] += w->first[l];
  for (int64_t c = 0; c < w->n; c++) {
    w->at[w->first[w->cell[c].from]++] = c;
    w->at[w->first[w->cell[c].to]++] = c;
  }
  for (int32_t l = w->n_lines; l > 0; l--) w->first[l] = w->first[l - 1];
  w->first[0] = 0;
}

static pfc_status web_init(web *w, int32_t n_lines, int64_t n, pfc_count_cell *cells,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  *w = (web){.n_lines = n_lines, .n = n, .cell = cells};
  PFC_NEW(w->first, n_lines + 1);
  PFC_NEW(w->at, 2 * n);
  PFC_NEW(w->safe, n);
  PFC_NEW(w->cost, n_lines);
  PFC_NEW(w->via, n_lines);
  PFC_NEW(w->reached, n_lines);
  PFC_NEW(w->heap, 2 * n + 1); /* a cell is walked once a direction at most */
  PFC_NEW(w->next, n_lines);
  PFC_NEW(w->order, n_lines);
  PFC_NEW(w->lowest, n_lines);
  PFC_NEW(w->piece, n_lines);
  arrange(w);
  for (int32_t l = 0; l < n_lines; l++) w->cost[l] = -1;
done:
  return st;
}

static bool can_move(const web *w, int64_t cell, int by) {
  const pfc_count_cell *c = &w->cell[cell];
  return c->count + by >= c->least && c->count + by <= c->most;
}

static bool stays_near(const web *w, int64_t cell, int by) {
  const pfc_count_cell *c = &w->cell[cell];
  return c->count + by >= c->near_least && c->count + by <= c->near_most &&
         can_move(w, cell, by);
}

static int32_t other_end(const web *w, int64_t cell, int32_t line) {
  return w->cell[cell].from == line ? w->cell[cell].to : w->cell[cell].from;
}

/* Walking along a cell adds one to it, against it takes one away. */
static int step(const web *w, int64_t cell, int32_t from) {
  return w->cell[cell].from == from ? 1 : -1;
}

/* --- all cycles at once ----------------------------------------------------------------------
 * Over the hidden cells that can move both ways: those that are no bridge lie on a cycle that
 * can be moved either way round (Tarjan's bridges); and whatever else leads from one place of a
 * piece to another closes a cycle with it. */

static bool is_free(const web *w, int64_t cell) {
  return w->cell[cell].hidden && can_move(w, cell, 1) && can_move(w, cell, -1);
}

static void mark_if_near(web *w, int64_t cell) {
  if (stays_near(w, cell, 1) || stays_near(w, cell, -1)) w->safe[cell] = 1;
}

/* Back from a line to the one it was reached from. */
static void step_back(web *w, int32_t line) {
  const int64_t via = w->via[line];
  const int32_t parent = other_end(w, via, line);
  if (w->lowest[line] < w->lowest[parent]) w->lowest[parent] = w->lowest[line];
  if (w->lowest[line] <= w->order[parent]) mark_if_near(w, via);
}

static void enter(web *w, int32_t line, int64_t via, int32_t order, int32_t piece) {
  w->order[line] = w->lowest[line] = order;
  w->piece[line] = piece;
  w->via[line] = via;
  w->next[line] = w->first[line];
}

/* Depth first; order 0: not reached yet. Returns the last order given. */
static int32_t walk_piece(web *w, int32_t start, int32_t order) {
  int32_t line = start;
  enter(w, start, -1, ++order, start);
  for (;;) {
    if (w->next[line] == w->first[line + 1]) {
      if (line == start) return order;
      step_back(w, line);
      line = other_end(w, w->via[line], line);
      continue;
    }
    const int64_t cell = w->at[w->next[line]++];
    const int32_t to = other_end(w, cell, line);
    if (cell == w->via[line] || !is_free(w, cell)) continue;
    if (w->order[to] == 0) {
      enter(w, to, cell, ++order, start);
      line = to;
    } else {
      if (w->order[to] < w->lowest[line]) w->lowest[line] = w->order[to];
      mark_if_near(w, cell);
    }
  }
}

static void mark_cycles(web *w) {
  int32_t order = 0;
  for (int32_t l = 0; l < w->n_lines; l++) w->order[l] = 0;
  for (int32_t l = 0; l < w->n_lines; l++) {
    if (w->order[l] == 0) order = walk_piece(w, l, order);
  }
  for (int64_t c = 0; c < w->n; c++) {
    const pfc_count_cell *cell = &w->cell[c];
    if (!cell->hidden || is_free(w, c)) continue;
    if (w->piece[cell->from] == w->piece[cell->to]) mark_if_near(w, c);
  }
}

/* --- cheapest cycles (Dijkstra) ------------------------------------------------------------
 */

static bool is_before(candidate a, candidate b) {
  return a.cost != b.cost ? a.cost < b.cost : a.line < b.line;
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

static void reach(web *w, int32_t line, int64_t cost, int64_t via) {
  if (w->cost[line] >= 0 && w->cost[line] <= cost) return;
  if (w->cost[line] < 0) w->reached[w->n_reached++] = line;
  w->cost[line] = cost;
  w->via[line] = via;
  push(w, (candidate){cost, line});
}

static void forget(web *w) {
  for (int32_t i = 0; i < w->n_reached; i++) w->cost[w->reached[i]] = -1;
  w->n_reached = 0;
  w->n_heap = 0;
}

static int32_t start_of(const web *w, int64_t e, int by) {
  return by > 0 ? w->cell[e].to : w->cell[e].from;
}

/* What it costs to bring a change of cell `e` back to where it began; -1: there is no way. */
static int64_t search(web *w, int64_t e, int by) {
  const int32_t start = start_of(w, e, by), target = other_end(w, e, start);
  forget(w);
  reach(w, start, 0, -1);
  while (w->n_heap > 0) {
    const candidate now = pop(w);
    if (now.cost > w->cost[now.line]) continue;
    if (now.line == target) return now.cost;
    for (int64_t k = w->first[now.line]; k < w->first[now.line + 1]; k++) {
      const int64_t c = w->at[k];
      if (c == e || !can_move(w, c, step(w, c, now.line))) continue;
      const int64_t price = w->cell[c].hidden ? 0 : w->cell[c].price;
      reach(w, other_end(w, c, now.line), now.cost + price, c);
    }
  }
  return -1;
}

/* The way that search found, hidden: all on it have another value now. */
static void hide_way(web *w, int64_t e, int by) {
  const int32_t start = start_of(w, e, by);
  int32_t line = other_end(w, e, start);
  if (stays_near(w, e, by)) w->safe[e] = 1;
  while (line != start) {
    const int64_t via = w->via[line];
    const int32_t before = other_end(w, via, line);
    w->cell[via].hidden = true;
    if (stays_near(w, via, step(w, via, before))) w->safe[via] = 1;
    line = before;
  }
}

/* Makes a cycle that changes the cell, by one of the two moves that are `wanted`. */
static bool protect(web *w, int64_t e, bool wanted(const web *w, int64_t cell, int by)) {
  const int64_t down = wanted(w, e, -1) ? search(w, e, -1) : -1;
  const int64_t up = wanted(w, e, 1) ? search(w, e, 1) : -1;
  if (down < 0 && up < 0) return false;
  const int by = down < 0 || (up >= 0 && up <= down) ? 1 : -1;
  (void)search(w, e, by);
  hide_way(w, e, by);
  return true;
}

pfc_status pfc_suppress(int32_t n_lines, int64_t n, pfc_count_cell *cells, int64_t *n_exposed,
                        pfc_error *err) {
  pfc_status st = PFC_OK;
  web w = {0};
  int64_t exposed = 0;
  int n_searches = 0;
  PFC_TRY(web_init(&w, n_lines, n, cells, err));
  mark_cycles(&w);
  for (int64_t c = 0; c < n; c++) {
    if (!cells[c].hidden || w.safe[c] || cells[c].near_least >= cells[c].near_most) continue;
    exposed += !protect(&w, c, stays_near) && !protect(&w, c, can_move);
    if (++n_searches % SEARCHES == 0) mark_cycles(&w);
  }
  *n_exposed = exposed;
done:
  web_clear(&w);
  return st;
}
