// labels: property check
#include "tests/support/test.h"

#include "base/mem.h"
#include "base/rng.h"
#include "engine/suppression.h"
#include "tests/support/countdown.h"

enum { MOST_ROWS = 4, MOST_COLUMNS = 4, MOST_CELLS = (MOST_ROWS + 1) * (MOST_COLUMNS + 1) };
enum { MIN_GROUP = 5, FREE = 1000000 };

/* Rows and columns count totals among them. */
typedef struct sheet {
  int n_rows, n_columns, n;
  int row[MOST_CELLS], column[MOST_CELLS];
  pfc_count_cell cell[MOST_CELLS];
} sheet;

/* The cell as part of a network: rows lead into columns, columns into a line of totals, that
 * into another, from which rows come. */
static pfc_count_cell in_network(int n_rows, int n_columns, int row, int column,
                                 int64_t count) {
  const bool of_column = row == n_rows, of_row = column == n_columns,
             is_small = count < MIN_GROUP;
  return (pfc_count_cell){.from = of_row      ? n_rows + n_columns + !of_column
                                  : of_column ? n_rows + column
                                              : row,
                          .to = of_row && of_column ? n_rows + n_columns + 1
                                : of_row            ? row
                                : of_column         ? n_rows + n_columns
                                                    : n_rows + column,
                          .count = count,
                          .least = 1,
                          .most = FREE,
                          .near_least = 1,
                          .near_most = is_small ? MIN_GROUP - 1 : FREE,
                          .price = (1 + count) * (of_row || of_column ? 8 : 1),
                          .hidden = is_small};
}

/* Counts of rows, then columns, with totals; those below MIN_GROUP are hidden. */
static void fill(sheet *s, int n_rows, int n_columns, const int *counts) {
  int full[MOST_ROWS + 1][MOST_COLUMNS + 1] = {{0}};
  *s = (sheet){.n_rows = n_rows, .n_columns = n_columns};
  for (int i = 0; i < n_rows; i++) {
    for (int j = 0; j < n_columns; j++) {
      const int count = counts[i * n_columns + j];
      full[i][j] += count;
      full[i][n_columns] += count;
      full[n_rows][j] += count;
      full[n_rows][n_columns] += count;
    }
  }
  for (int i = 0; i <= n_rows; i++) {
    for (int j = 0; j <= n_columns; j++) {
      if (full[i][j] == 0) continue;
      s->row[s->n] = i;
      s->column[s->n] = j;
      s->cell[s->n++] = in_network(n_rows, n_columns, i, j, full[i][j]);
    }
  }
}

/* --- a reader who tries everything --------------------------------------------------------
 */

typedef struct reader {
  const sheet *s;
  int order[MOST_CELLS]; /* hidden cells, by row, that of `e` first */
  int n, e;
  int row_left[MOST_ROWS + 1], column_left[MOST_COLUMNS + 1]; /* hidden cells not yet tried */
  int row_sum[MOST_ROWS + 1], column_sum[MOST_COLUMNS + 1];   /* of changes, with signs */
} reader;

/* Can the changes of the hidden cells from place k on be chosen so that every line still adds
 * up? Cell e changes within what it has to hide. */
static bool another_table(reader *r, int k) {
  if (k == r->n) return true;
  const int at = r->order[k];
  const pfc_count_cell *c = &r->s->cell[at];
  const int row = r->s->row[at], column = r->s->column[at];
  const int sign = (row == r->s->n_rows) != (column == r->s->n_columns) ? -1 : 1;
  bool found = false;
  r->row_left[row]--;
  r->column_left[column]--;
  for (int change = -1; change <= 1 && !found; change++) {
    const int64_t value = c->count + change;
    if (value < c->least || value > c->most) continue;
    if (at == r->e && (change == 0 || value < c->near_least || value > c->near_most)) continue;
    r->row_sum[row] += sign * change;
    r->column_sum[column] += sign * change;
    const bool adds_up = abs(r->row_sum[row]) <= r->row_left[row] &&
                         abs(r->column_sum[column]) <= r->column_left[column];
    found = adds_up && another_table(r, k + 1);
    r->row_sum[row] -= sign * change;
    r->column_sum[column] -= sign * change;
  }
  r->row_left[row]++;
  r->column_left[column]++;
  return found;
}

/* A hidden count is safe when the table could be another one, with another such count. */
static bool is_safe(const sheet *s, int e) {
  reader r = {.s = s, .e = e};
  const int first_row = s->row[e];
  for (int pass = 0; pass < 2; pass++) {
    for (int c = 0; c < s->n; c++) {
      if (s->cell[c].hidden && (s->row[c] == first_row) == (pass == 0)) r.order[r.n++] = c;
    }
  }
  for (int k = 0; k < r.n; k++) {
    r.row_left[s->row[r.order[k]]]++;
    r.column_left[s->column[r.order[k]]]++;
  }
  return another_table(&r, 0);
}

static int n_hidden(const sheet *s) {
  int n = 0;
  for (int c = 0; c < s->n; c++) n += s->cell[c].hidden;
  return n;
}

static const pfc_count_cell *at(const sheet *s, int row, int column) {
  for (int c = 0; c < s->n; c++) {
    if (s->row[c] == row && s->column[c] == column) return &s->cell[c];
  }
  return NULL;
}

static void suppress(sheet *s) {
  int64_t exposed = -1;
  assert_ok(pfc_suppress(s->n_rows + s->n_columns + 2, s->n, s->cell, &exposed, &err));
  assert_int_equal(exposed, 0);
}

/* The reader is no fool: one hidden cell is a subtraction, and so is the bridge between two
 * squares, though two cells are hidden in each of its lines. */
static void the_reader_can_subtract(void **state) {
  (void)state;
  sheet s;
  fill(&s, 3, 3, (int[]){3, 20, 30, 40, 50, 60, 70, 80, 90});
  assert_int_equal(n_hidden(&s), 1);
  assert_false(is_safe(&s, 0));
  fill(&s, 4, 4, (int[]){10, 11, 50, 60, 12, 13, 51, 61, 52, 70, 4, 14, 71, 72, 15, 16});
  const int squares[][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 2},
                            {2, 3}, {3, 2}, {3, 3}, {1, 2}};
  for (int k = 0; k < 9; k++) {
    for (int c = 0; c < s.n; c++) {
      if (s.row[c] == squares[k][0] && s.column[c] == squares[k][1]) {
        s.cell[c].hidden = true;
      }
    }
  }
  for (int c = 0; c < s.n; c++) {
    if (!s.cell[c].hidden) continue;
    assert_int_equal(is_safe(&s, c), !(s.row[c] == 1 && s.column[c] == 2));
  }
}

/* By hand: 3 stands beside 20 and above 40; of all squares with it that of 9, 8 and 7 loses
 * least. */
static void the_smallest_square_is_hidden(void **state) {
  (void)state;
  sheet s;
  fill(&s, 3, 3, (int[]){3, 20, 9, 40, 50, 60, 8, 80, 7});
  suppress(&s);
  assert_int_equal(n_hidden(&s), 4);
  assert_true(at(&s, 0, 0)->hidden && at(&s, 0, 2)->hidden);
  assert_true(at(&s, 2, 0)->hidden && at(&s, 2, 2)->hidden);
}

/* Two small cells in a row hide each other there, but not in their columns. */
static void columns_count_as_rows_do(void **state) {
  (void)state;
  sheet s;
  fill(&s, 3, 3, (int[]){3, 4, 90, 30, 31, 91, 20, 21, 92});
  suppress(&s);
  assert_int_equal(n_hidden(&s), 4);
  assert_true(at(&s, 2, 0)->hidden && at(&s, 2, 1)->hidden);
}

/* 4 and 1 in every line of a square: one more or less leaves 4 in the dark only as 3, where
 * the 1 beside it cannot give way; the reader would know it is 4, if not 5 or more. */
static void a_square_must_leave_room(void **state) {
  (void)state;
  sheet s;
  fill(&s, 2, 2, (int[]){4, 60, 60, 4});
  s.cell[0].near_most = 4;
  suppress(&s);
  for (int c = 0; c < s.n; c++) assert_true(!s.cell[c].hidden || is_safe(&s, c));
  fill(&s, 3, 3, (int[]){4, 9, 40, 9, 4, 50, 30, 31, 32});
  suppress(&s);
  for (int c = 0; c < s.n; c++) assert_true(!s.cell[c].hidden || is_safe(&s, c));
}

/* A single cell is its own total, thrice: nothing can be told. */
static void a_single_cell_hides_its_totals(void **state) {
  (void)state;
  sheet s;
  fill(&s, 1, 1, (int[]){2});
  suppress(&s);
  assert_int_equal(n_hidden(&s), 4);
  /* A row of one small cell: the total of the row is as small, and hides with it. */
  fill(&s, 2, 2, (int[]){2, 0, 30, 40});
  suppress(&s);
  assert_true(at(&s, 0, 2)->hidden);
  for (int c = 0; c < s.n; c++) assert_true(!s.cell[c].hidden || is_safe(&s, c));
}

static void nothing_small_hides_nothing(void **state) {
  (void)state;
  sheet s;
  fill(&s, 2, 3, (int[]){5, 6, 7, 0, 9, 10});
  suppress(&s);
  assert_int_equal(n_hidden(&s), 0);
}

static int draw(pfc_rng *rng) {
  const uint64_t kind = pfc_rng_below(rng, 10);
  if (kind < 2) return 0;
  if (kind < 5) return 1 + (int)pfc_rng_below(rng, MIN_GROUP - 1);
  return MIN_GROUP + (int)pfc_rng_below(rng, kind < 9 ? 20 : 200);
}

/* Half of the tables with tight bounds, as of those who are below among those who are asked. */
static void tighten(sheet *s, pfc_rng *rng) {
  for (int c = 0; c < s->n; c++) {
    pfc_count_cell *cell = &s->cell[c];
    cell->least = 0;
    cell->near_least = 0;
    if (s->row[c] == s->n_rows || s->column[c] == s->n_columns) continue;
    cell->most = cell->count + (int64_t)pfc_rng_below(rng, 3);
    if (cell->near_most > cell->most) cell->near_most = cell->most;
  }
}

/* Four cells of one or more make a total of four or more: no choice of cells leaves another
 * number below five. Then a greater one must be possible. */
static bool is_beyond_help(const sheet *s, int e) {
  sheet all = *s, wide = *s;
  for (int c = 0; c < all.n; c++) all.cell[c].hidden = true;
  wide.cell[e].near_least = 0;
  wide.cell[e].near_most = FREE;
  return !is_safe(&all, e) && is_safe(&wide, e);
}

/* 1,000 tables: nobody who tries all tables that add up finds a hidden count. */
static void no_hidden_count_can_be_found(void **state) {
  (void)state;
  const uint64_t seed = test_seed(6);
  int64_t n_primary = 0, n_added = 0;
  for (int t = 0; t < 1000; t++) {
    pfc_rng rng;
    sheet s;
    int counts[MOST_ROWS * MOST_COLUMNS];
    pfc_rng_init(&rng, seed, "tables", (uint64_t)t);
    const int n_rows = 1 + (int)pfc_rng_below(&rng, MOST_ROWS);
    const int n_columns = 1 + (int)pfc_rng_below(&rng, MOST_COLUMNS);
    for (int k = 0; k < n_rows * n_columns; k++) counts[k] = draw(&rng);
    fill(&s, n_rows, n_columns, counts);
    if (t % 2) tighten(&s, &rng);
    const int primary = n_hidden(&s);
    suppress(&s);
    n_primary += primary;
    n_added += n_hidden(&s) - primary;
    for (int c = 0; c < s.n; c++) {
      if (s.cell[c].hidden && s.cell[c].near_least < s.cell[c].near_most && !is_safe(&s, c) &&
          !is_beyond_help(&s, c)) {
        fail_msg("seed %llu, table %d: the count %lld in row %d, column %d can be had",
                 (unsigned long long)seed, t, (long long)s.cell[c].count, s.row[c],
                 s.column[c]);
      }
    }
  }
  printf("%lld small counts, %lld hidden for their sake\n", (long long)n_primary,
         (long long)n_added);
  assert_true(n_primary > 1000 && n_added > 500);
}

/* A large table costs little, and what it hides lies in squares. */
static void a_large_table(void **state) {
  (void)state;
  enum { ROWS = 400, COLUMNS = 100 };
  pfc_rng rng;
  pfc_count_cell *cells = pfc_alloc_array((ROWS + 1) * (COLUMNS + 1), sizeof *cells);
  int64_t *row_total = pfc_alloc_array(ROWS, sizeof *row_total);
  int64_t column_total[COLUMNS] = {0}, total = 0, n = 0, exposed = -1;
  assert_non_null(cells);
  assert_non_null(row_total);
  pfc_rng_init(&rng, 7, "large", 0);
  for (int i = 0; i < ROWS; i++) {
    for (int j = 0; j < COLUMNS; j++) {
      const int count = i % 50 == 0 ? draw(&rng) : 6 + (int)pfc_rng_below(&rng, 50);
      row_total[i] += count;
      column_total[j] += count;
      total += count;
      if (count > 0) cells[n++] = in_network(ROWS, COLUMNS, i, j, count);
    }
  }
  for (int i = 0; i < ROWS; i++)
    cells[n++] = in_network(ROWS, COLUMNS, i, COLUMNS, row_total[i]);
  for (int j = 0; j < COLUMNS; j++) {
    cells[n++] = in_network(ROWS, COLUMNS, ROWS, j, column_total[j]);
  }
  cells[n++] = in_network(ROWS, COLUMNS, ROWS, COLUMNS, total);
  assert_ok(pfc_suppress(ROWS + COLUMNS + 2, n, cells, &exposed, &err));
  assert_int_equal(exposed, 0);
  /* At least two in each line, or none. */
  int in_line[ROWS + COLUMNS + 2] = {0};
  for (int64_t c = 0; c < n; c++) {
    in_line[cells[c].from] += cells[c].hidden;
    in_line[cells[c].to] += cells[c].hidden;
  }
  for (int l = 0; l < ROWS + COLUMNS + 2; l++) assert_int_not_equal(in_line[l], 1);
  pfc_free(row_total);
  pfc_free(cells);
}

static pfc_status once(void *user) {
  sheet s;
  int64_t exposed;
  (void)user;
  fill(&s, 3, 3, (int[]){3, 20, 9, 40, 50, 60, 8, 80, 7});
  return pfc_suppress(s.n_rows + s.n_columns + 2, s.n, s.cell, &exposed, NULL);
}

static void memory_runs_short(void **state) {
  (void)state;
  assert_true(count_down(once, NULL) > 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_reader_can_subtract),
      cmocka_unit_test(the_smallest_square_is_hidden),
      cmocka_unit_test(columns_count_as_rows_do),
      cmocka_unit_test(a_square_must_leave_room),
      cmocka_unit_test(a_single_cell_hides_its_totals),
      cmocka_unit_test(nothing_small_hides_nothing),
      cmocka_unit_test(no_hidden_count_can_be_found),
      cmocka_unit_test(a_large_table),
      cmocka_unit_test(memory_runs_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
