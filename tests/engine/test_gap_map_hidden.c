// labels: property check
/* Small groups stay hidden to whoever reads all tables side by side. */
#include "tests/support/test.h"

#include <math.h>

#include "tests/support/mapped.h"

/* --- a reader of all tables ------------------------------------------------------------------
 */

typedef struct bounds {
  double lo, hi;
} bounds;

/* Of units, then roles: rows x (skills, and people or the sum of the row); the last row is the
 * total. */
enum { MOST_ROWS = MAPPED_UNITS + 2, PEOPLE = MAPPED_SKILLS, COLUMNS = MAPPED_SKILLS + 1 };
typedef struct published {
  int n_rows[2];
  bounds at[2][MOST_ROWS][COLUMNS];
  double truth[2][MOST_ROWS][COLUMNS];
  double group[2][MOST_ROWS][COLUMNS]; /* people in the cell */
  bool told[2][MOST_ROWS][COLUMNS];
} published;

static void publish(published *p, int t, int row, int column, const pfc_gap_group *g,
                    const mapped_sums *s, bool below) {
  const bool hidden = below ? g->hidden_below : g->hidden;
  const double n = below ? s->asked : s->people;
  const double truth = below ? s->likely_below : n;
  p->truth[t][row][column] = truth;
  p->group[t][row][column] = n;
  p->told[t][row][column] = !hidden;
  bounds *b = &p->at[t][row][column];
  *b = (bounds){truth, truth};
  if (!hidden) return;
  *b = below ? (bounds){0, g->hidden ? 1e9 : n} : (bounds){1, 1e9};
  /* "More than so much": of whom the share tells, those people. */
  if (below && g->share_above >= 0) b->lo = floor(g->share_above * n + 1e-9) + 1;
}

static void read_map(const mapped *w, int min_group, bool below, published *p) {
  static const struct {
    pfc_gap_by by;
    int table;
  } MAPS[] = {{PFC_GAPS_BY_UNIT, 0},
              {PFC_GAPS_BY_ROLE, 1},
              {PFC_GAPS_BY_UNIT_COMPETENCY, 0},
              {PFC_GAPS_BY_ROLE_COMPETENCY, 1},
              {PFC_GAPS_BY_COMPETENCY, 0}};
  *p = (published){
      .n_rows = {pfc_dataset_count(w->ds, "unit") + 2, pfc_dataset_count(w->ds, "role") + 2}};
  for (int m = 0; m < 5; m++) {
    pfc_gap_map *map = mapped_of(w, MAPS[m].by, min_group, 0);
    const int t = MAPS[m].table, last = p->n_rows[t] - 1;
    for (int64_t i = 0; i < map->n_groups; i++) {
      const pfc_gap_group *g = &map->group[i];
      const mapped_sums s = mapped_sums_of(w, MAPS[m].by, g);
      const int32_t code = t == 0 ? g->unit : g->role;
      const int row = MAPS[m].by == PFC_GAPS_BY_COMPETENCY ? last : code < 0 ? last - 1 : code;
      if (g->competency >= 0) {
        publish(p, t, row, g->competency, g, &s, below);
      } else {
        publish(p, t, row, PEOPLE, g, &s, below);
      }
    }
    const mapped_sums all = mapped_add_up(w, -2, -2, -2);
    publish(p, 0, p->n_rows[0] - 1, PEOPLE, &map->total, &all, below);
    pfc_gap_map_destroy(map);
  }
  const int last[2] = {p->n_rows[0] - 1, p->n_rows[1] - 1};
  memcpy(p->at[1][last[1]], p->at[0][last[0]], sizeof p->at[0][0]);
  memcpy(p->truth[1][last[1]], p->truth[0][last[0]], sizeof p->truth[0][0]);
  memcpy(p->group[1][last[1]], p->group[0][last[0]], sizeof p->group[0][0]);
  memcpy(p->told[1][last[1]], p->told[0][last[0]], sizeof p->told[0][0]);
}

static bool narrow(bounds *b, double lo, double hi) {
  const bounds was = *b;
  b->lo = fmax(b->lo, lo);
  b->hi = fmin(b->hi, hi);
  return b->lo > was.lo || b->hi < was.hi;
}

/* total = sum of n parts. */
static bool narrow_sum(bounds *total, bounds *const *part, int n) {
  double lo = 0, hi = 0;
  bool changed = false;
  for (int k = 0; k < n; k++) {
    lo += part[k]->lo;
    hi += part[k]->hi;
  }
  changed |= narrow(total, lo, hi);
  for (int k = 0; k < n; k++) {
    const double other_lo = lo - part[k]->lo, other_hi = hi - part[k]->hi;
    changed |= narrow(part[k], total->lo - other_hi, total->hi - other_lo);
    lo = other_lo + part[k]->lo;
    hi = other_hi + part[k]->hi;
  }
  return changed;
}

static bool narrow_table(published *p, int t, bool below) {
  bounds *part[MOST_ROWS + COLUMNS];
  const int last = p->n_rows[t] - 1;
  bool changed = false;
  for (int r = 0; r <= last; r++) {
    double all = 0;
    for (int j = 0; j < MAPPED_SKILLS; j++) part[j] = &p->at[t][r][j];
    if (below) {
      changed |= narrow_sum(&p->at[t][r][PEOPLE], part, MAPPED_SKILLS);
      continue;
    }
    for (int j = 0; j < MAPPED_SKILLS; j++) all += p->at[t][r][j].hi;
    changed |= narrow(&p->at[t][r][PEOPLE], 0, all);
    for (int j = 0; j < MAPPED_SKILLS; j++) {
      changed |= narrow(&p->at[t][r][PEOPLE], p->at[t][r][j].lo, 1e9);
      changed |= narrow(&p->at[t][r][j], 0, p->at[t][r][PEOPLE].hi);
    }
  }
  for (int j = 0; j < COLUMNS; j++) {
    for (int r = 0; r < last; r++) part[r] = &p->at[t][r][j];
    changed |= narrow_sum(&p->at[t][last][j], part, last);
  }
  return changed;
}

/* Whatever sums, and people who are no fewer than those of any competency, tell. */
static void read_between_the_lines(published *p, bool below) {
  bool changed = true;
  for (int round = 0; round < 200 && changed; round++) {
    changed = narrow_table(p, 0, below);
    changed |= narrow_table(p, 1, below);
    for (int j = 0; j < COLUMNS; j++) {
      bounds *a = &p->at[0][p->n_rows[0] - 1][j], *b = &p->at[1][p->n_rows[1] - 1][j];
      changed |= narrow(a, b->lo, b->hi);
      changed |= narrow(b, a->lo, a->hi);
    }
  }
}

static void no_table_tells_what_another_hides(void **state) {
  (void)state;
  const uint64_t seed = test_seed(22);
  const int min_group = 5;
  int n_hidden = 0, n_below = 0, n_told = 0;
  for (uint64_t k = 0; k < 60; k++) {
    mapped w = mapped_draw(seed, 100 + k);
    for (int below = 0; below < 2; below++) {
      published p;
      read_map(&w, min_group, below, &p);
      read_between_the_lines(&p, below);
      for (int t = 0; t < 2; t++) {
        for (int r = 0; r < p.n_rows[t]; r++) {
          for (int j = 0; j < COLUMNS; j++) {
            const double truth = p.truth[t][r][j], n = p.group[t][r][j];
            const bounds b = p.at[t][r][j];
            if (p.told[t][r][j]) {
              n_told++;
              /* No small number, nor what is left of the group. */
              if (truth > 0) assert_true(truth >= min_group);
              if (below && n > 0) assert_true(n - truth >= min_group);
              continue;
            }
            if (n == 0) continue;
            *(below ? &n_below : &n_hidden) += 1;
            if (!(b.lo <= truth && truth <= b.hi && b.lo < b.hi)) {
              fail_msg(
                  "seed %llu, organisation %d, %s, table %d, row %d, column %d: %g lies in "
                  "%g .. %g",
                  (unsigned long long)seed, (int)k, below ? "below" : "people", t, r, j, truth,
                  b.lo, b.hi);
            }
          }
        }
      }
    }
    mapped_close(&w);
  }
  printf("%d numbers told, %d of people hidden, %d of people below\n", n_told, n_hidden,
         n_below);
  assert_true(n_hidden > 500 && n_below > 500 && n_told > 500);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_table_tells_what_another_hides),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
