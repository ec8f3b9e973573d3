/* What of a gap map must not be told. Two passes of complementary suppression: groups of few
 * people are hidden whole; then, in groups that are told, how many are below where that says it
 * of each of them, or of a few.
 *
 * Units and roles are two tables over the same totals of competencies, hence one network of
 * requirements. Their people add up too, beside it: a row of `gaps --by unit` tells people, and
 * sums over competencies (levels, priority), or neither. How many requirements are asked is
 * told nowhere: people are no fewer than those of any competency, and with both more could be
 * worked out than sums alone give away. */
#include <math.h>

#include "base/mem.h"
#include "engine/gap_map_internal.h"
#include "engine/suppression.h"

#define ANY ((int64_t)1 << 52) /* no bound */

typedef enum pass { PEOPLE, BELOW } pass;

static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* Lines of the network: units, roles, then for each of the two tables its columns
 * (competencies, and people), and its totals. Cells: of units and roles each the table's own,
 * totals of rows, people of rows; then the common totals of columns, people in total, the
 * total. */
typedef struct sheet {
  pfc__tallies *t;
  int64_t cells[2], rows[2], people[2], columns, n; /* places of the first of each kind */
  int32_t first_line[2], first_column[2], totals[2], n_lines;
  pfc_count_cell *cell;
} sheet;

static const pfc__cross *table(const sheet *s, int k) {
  return k == 0 ? &s->t->units : &s->t->roles;
}

static pfc_status sheet_init(sheet *s, pfc__tallies *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  s->t = t;
  for (int k = 0; k < 2; k++) {
    const pfc__cross *x = table(s, k);
    s->cells[k] = s->n;
    s->rows[k] = s->cells[k] + x->n;
    s->people[k] = s->rows[k] + x->n_rows;
    s->n = s->people[k] + x->n_rows;
    s->first_line[k] = s->n_lines;
    s->first_column[k] = s->first_line[k] + x->n_rows;
    s->totals[k] = s->first_column[k] + x->n_columns + 1;
    s->n_lines = s->totals[k] + 1;
  }
  s->n_lines++; /* outside */
  s->columns = s->n;
  s->n += t->n_competencies + 2;
  PFC_NEW(s->cell, s->n);
done:
  return st;
}

/* --- one count -------------------------------------------------------------------------------
 */

/* Nobody at all is no secret; one to min_group - 1 are. */
static pfc_count_cell people_count(int64_t n, int64_t min_group) {
  pfc_count_cell c = {.count = n};
  if (n == 0) return c;
  c.least = c.near_least = 1;
  c.most = c.near_most = ANY;
  c.hidden = n < min_group;
  if (c.hidden) c.near_most = most(min_group - 1, 2);
  return c;
}

/* k of n are below. All but few: that much is told ("more than 90 %"), but no more. Few: not
 * told. None: told. */
static pfc_count_cell below_count(int64_t k, int64_t n, double expected, bool hidden,
                                  int64_t min_group) {
  pfc_count_cell c = {.count = k, .most = n, .near_most = n};
  const bool all = n - k<min_group, few = k> 0 && k < min_group;
  const bool nearly = (double)n - expected < (double)min_group;
  c.hidden = n > 0 && min_group > 1 && (hidden || all || few || nearly);
  if (!c.hidden || hidden) return c;
  if (all) c.near_least = n - min_group + 1;
  if (all && !few) c.least = c.near_least;
  if (few && !all) c.near_most = least(n, most(min_group - 1, 2));
  return c;
}

/* What sums up over competencies counts requirements. */
static pfc_count_cell count_of(const pfc__tally *t, pass what, int64_t m) {
  if (what == PEOPLE) return people_count(t->asked, m);
  return below_count(t->likely_below, t->asked, t->expected_below, t->hidden, m);
}

/* How many are below is told of people by competency alone. */
static pfc_count_cell row_people(const pfc__tally *t, pass what, int64_t m) {
  return what == PEOPLE ? people_count(t->people, m) : (pfc_count_cell){0};
}

/* --- a sheet ---------------------------------------------------------------------------------
 */

/* Totals tell more than others. */
enum { TOTALS_COST = 8 };

static void put(pfc_count_cell *cells, int64_t place, int32_t from, int32_t to,
                pfc_count_cell c) {
  c.from = from;
  c.to = to;
  cells[place] = c;
}

/* Units lead into their columns, those into the columns of roles, and those to the roles; from
 * there totals lead back. So all that goes in comes out again. */
static void put_between(sheet *s, int64_t place, int k, int32_t row, int32_t column,
                        pfc_count_cell c) {
  const int32_t a = s->first_line[k] + row, b = s->first_column[k] + column;
  put(s->cell, place, k == 0 ? a : b, k == 0 ? b : a, c);
}

/* Nobody counts twice among the people of a row, so no cell of it is greater. Where people are
 * hidden, a reader knows that they are at most what the rows that are told leave of everybody,
 * less one in each of the other hidden ones. */
static void bound_cells(sheet *s, int k) {
  const pfc__cross *x = table(s, k);
  int64_t left = 1;
  for (int32_t r = 0; r < x->n_rows; r++) {
    const pfc_count_cell *people = &s->cell[s->people[k] + r];
    if (people->hidden) left += people->count - 1;
  }
  for (int64_t i = 0; i < x->n; i++) {
    const pfc_count_cell *people = &s->cell[s->people[k] + x->cell[i].row];
    s->cell[s->cells[k] + i].most = people->hidden ? left : people->count;
  }
}

static void fill_table(sheet *s, int k, pass what, int64_t m) {
  const pfc__cross *x = table(s, k);
  for (int64_t i = 0; i < x->n; i++) {
    const pfc__tally_cell *c = &x->cell[i];
    put_between(s, s->cells[k] + i, k, c->row, c->column, count_of(&c->sums, what, m));
  }
  for (int32_t r = 0; r < x->n_rows; r++) {
    const int32_t line = s->first_line[k] + r, totals = s->totals[k];
    put(s->cell, s->rows[k] + r, k == 0 ? totals : line, k == 0 ? line : totals,
        count_of(&x->row[r], what, m));
    const int32_t outside = s->n_lines - 1, people = s->first_column[k] + x->n_columns;
    put(s->cell, s->people[k] + r, k == 0 ? outside : people, k == 0 ? people : outside,
        row_people(&x->row[r], what, m));
  }
}

/* How many people there are in all is known anyway, and told. */
static void fill(sheet *s, pass what, int64_t m) {
  const pfc__tallies *t = s->t;
  const int32_t n = t->n_competencies;
  for (int k = 0; k < 2; k++) fill_table(s, k, what, m);
  for (int32_t j = 0; j <= n; j++) {
    put(s->cell, s->columns + j, s->first_column[0] + j, s->first_column[1] + j,
        j < n ? count_of(&t->competency[j], what, m) : row_people(&t->total, what, m));
  }
  pfc_count_cell *everybody = &s->cell[s->n - 2];
  if (!everybody->hidden) {
    everybody->least = everybody->most = everybody->count;
    everybody->near_least = everybody->near_most;
  }
  put(s->cell, s->n - 1, s->totals[1], s->totals[0], count_of(&t->total, what, m));
  for (int64_t c = 0; c < s->n; c++) {
    const bool is_cell = c < s->rows[0] || (c >= s->cells[1] && c < s->rows[1]);
    s->cell[c].price = (1 + s->cell[c].count) * (is_cell ? 1 : TOTALS_COST);
  }
}

/* Hides both where one of them is. */
static bool tie(pfc_count_cell *a, pfc_count_cell *b) {
  const bool changed = a->hidden != b->hidden;
  a->hidden = b->hidden = a->hidden || b->hidden;
  return changed;
}

/* A row is told or not as a whole: were a cell of it told, it would say how many people there
 * are at least, and so how many there can be at most elsewhere. */
static bool tie_rows(sheet *s) {
  bool changed = tie(&s->cell[s->n - 2], &s->cell[s->n - 1]);
  for (int k = 0; k < 2; k++) {
    const pfc__cross *x = table(s, k);
    for (int32_t r = 0; r < x->n_rows; r++) {
      changed |= tie(&s->cell[s->rows[k] + r], &s->cell[s->people[k] + r]);
    }
    for (int64_t i = 0; i < x->n; i++) {
      pfc_count_cell *c = &s->cell[s->cells[k] + i];
      if (c->hidden || !s->cell[s->people[k] + x->cell[i].row].hidden) continue;
      c->hidden = changed = true;
    }
  }
  return changed;
}

/* --- what is told --------------------------------------------------------------------------
 */

static void note(pfc__tally *t, pass what, bool hidden) {
  if (what == PEOPLE) {
    t->hidden = hidden;
  } else {
    t->hidden_below = hidden;
  }
}

/* Should the lines leave no way out, as in an organisation of a handful, nothing is told. */
static void note_pass(const sheet *s, pass what, bool all) {
  pfc__tallies *t = s->t;
  for (int k = 0; k < 2; k++) {
    const pfc__cross *x = table(s, k);
    for (int64_t i = 0; i < x->n; i++) {
      note(&x->cell[i].sums, what, all || s->cell[s->cells[k] + i].hidden);
    }
    for (int32_t r = 0; r < x->n_rows; r++) {
      note(&x->row[r], what, all || s->cell[s->rows[k] + r].hidden);
    }
  }
  for (int32_t j = 0; j < t->n_competencies; j++) {
    note(&t->competency[j], what, all || s->cell[s->columns + j].hidden);
  }
  note(&t->total, what, all || s->cell[s->n - 1].hidden);
}

/* --- what else can be worked out -------------------------------------------------------------
 * People are no fewer than those of any competency: no network knows that. So what a patient
 * reader could make of it is made here, round by round. */

enum { ROUNDS = 30 };

typedef struct range {
  double lo, hi;
} range;

static void start_reading(const sheet *s, double many, range *at) {
  for (int64_t c = 0; c < s->n; c++) {
    const pfc_count_cell *cell = &s->cell[c];
    const double count = (double)cell->count;
    at[c] = cell->hidden ? (range){(double)cell->least, fmin((double)cell->most, many)}
                         : (range){count, count};
  }
  /* Sums of rows are of requirements, which are counted nowhere. */
  for (int k = 0; k < 2; k++) {
    for (int32_t r = 0; r < table(s, k)->n_rows; r++) at[s->rows[k] + r] = (range){0, many};
  }
  at[s->n - 1] = (range){0, many};
}

static void narrow(range *r, double lo, double hi) {
  r->lo = fmax(r->lo, lo);
  r->hi = fmin(r->hi, hi);
}

/* What comes into a line, less what goes out of it. */
static void read_lines(const sheet *s, range *line, range *at) {
  for (int32_t l = 0; l < s->n_lines; l++) line[l] = (range){0, 0};
  for (int64_t c = 0; c < s->n; c++) {
    range *to = &line[s->cell[c].to], *from = &line[s->cell[c].from];
    *to = (range){to->lo + at[c].lo, to->hi + at[c].hi};
    *from = (range){from->lo - at[c].hi, from->hi - at[c].lo};
  }
  for (int64_t c = 0; c < s->n; c++) {
    const range now = at[c], to = line[s->cell[c].to], from = line[s->cell[c].from];
    narrow(&at[c], now.hi - to.hi, now.lo - to.lo);
    narrow(&at[c], now.hi + from.lo, now.lo + from.hi);
  }
}

static void read_rows(const sheet *s, int k, range *at) {
  const pfc__cross *x = table(s, k);
  for (int64_t i = 0; i < x->n; i++) {
    range *people = &at[s->people[k] + x->cell[i].row], *cell = &at[s->cells[k] + i];
    narrow(people, cell->lo, people->hi);
    narrow(cell, cell->lo, people->hi);
  }
}

/* Is a hidden number no secret after all? */
static pfc_status find_pinned(const sheet *s, bool *found, pfc_error *err) {
  pfc_status st = PFC_OK;
  range *at = NULL, *line = NULL;
  PFC_NEW(at, s->n);
  PFC_NEW(line, s->n_lines);
  start_reading(s, 2.0 * (double)s->cell[s->n - 1].count + 10, at);
  for (int round = 0; round < ROUNDS; round++) {
    read_lines(s, line, at);
    for (int k = 0; k < 2; k++) read_rows(s, k, at);
  }
  for (int64_t c = 0; c < s->n; c++) {
    const pfc_count_cell *cell = &s->cell[c];
    if (cell->hidden && cell->near_least < cell->near_most && at[c].lo >= at[c].hi)
      *found = true;
  }
done:
  pfc_free(at);
  pfc_free(line);
  return st;
}

static pfc_status run_pass(sheet *s, pass what, int64_t m, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t exposed = 0;
  bool pinned = false;
  fill(s, what, m);
  if (what == PEOPLE) {
    (void)tie_rows(s);
    PFC_TRY(pfc_suppress(s->n_lines, s->n, s->cell, &exposed, err));
    /* Which rows are hidden bounds their cells, so all is looked at again with that. */
    do {
      (void)tie_rows(s);
      for (int k = 0; k < 2; k++) bound_cells(s, k);
      PFC_TRY(pfc_suppress(s->n_lines, s->n, s->cell, &exposed, err));
    } while (tie_rows(s));
    PFC_TRY(find_pinned(s, &pinned, err));
  } else {
    PFC_TRY(pfc_suppress(s->n_lines, s->n, s->cell, &exposed, err));
  }
  note_pass(s, what, exposed > 0 || pinned);
done:
  return st;
}

/* --- what is not covered ---------------------------------------------------------------------
 */

/* Into each competency comes its total, of which the other tables decide; out of it lead people
 * by level, and those who are covered, who are told nowhere, but are what the others leave of
 * the total. They add up to nothing else. */
static void fill_uncovered(const pfc__cross *x, const pfc__tallies *t, pass what, int64_t m,
                           pfc_count_cell *cell) {
  const int32_t outside = x->n_rows;
  for (int64_t k = 0; k < x->n; k++) {
    const pfc__tally *whole = &t->competency[x->cell[k].row];
    pfc_count_cell c = count_of(&x->cell[k].sums, what, m);
    c.hidden = c.hidden || (what == PEOPLE ? whole->hidden : whole->hidden_below);
    c.price = 1 + c.count;
    put(cell, k, x->cell[k].row, outside, c);
  }
  for (int32_t r = 0; r < x->n_rows; r++) {
    const pfc__tally *whole = &t->competency[r];
    const int64_t count = what == PEOPLE ? whole->asked : whole->likely_below;
    const bool hidden = what == PEOPLE ? whole->hidden : whole->hidden_below;
    pfc_count_cell c = count_of(&x->row[r], what, m);
    /* A reader does not know whether there are any. */
    c.least = 0;
    if (what == PEOPLE) c.most = ANY;
    c.near_least = c.hidden ? 0 : c.near_most;
    c.hidden = true;
    put(cell, x->n + r, r, outside, c);
    c = (pfc_count_cell){.count = count, .least = count, .most = count};
    if (hidden) c = (pfc_count_cell){.count = count, .most = ANY, .hidden = true};
    put(cell, x->n + x->n_rows + r, outside, r, c);
  }
}

static pfc_status hide_uncovered(pfc__tallies *t, pass what, int64_t m, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__cross *x = &t->uncovered;
  const int64_t n = x->n + 2 * (int64_t)x->n_rows;
  int64_t exposed = 0;
  pfc_count_cell *cell = NULL;
  PFC_NEW(cell, n);
  fill_uncovered(x, t, what, m, cell);
  PFC_TRY(pfc_suppress(x->n_rows + 1, n, cell, &exposed, err));
  for (int64_t k = 0; k < x->n; k++) {
    note(&x->cell[k].sums, what, exposed > 0 || cell[k].hidden);
  }
done:
  pfc_free(cell);
  return st;
}

pfc_status pfc__gap_hide(pfc__tallies *t, int64_t min_group, pfc_error *err) {
  pfc_status st = PFC_OK;
  sheet s = {0};
  PFC_TRY(sheet_init(&s, t, err));
  for (int what = PEOPLE; what <= BELOW; what++) {
    PFC_TRY(run_pass(&s, (pass)what, min_group, err));
    PFC_TRY(hide_uncovered(t, (pass)what, min_group, err));
  }
done:
  pfc_free(s.cell);
  return st;
}
