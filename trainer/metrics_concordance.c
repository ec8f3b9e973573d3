#include <math.h>

#include "base/mem.h"
#include "trainer/metrics_internal.h"

/* The spells at risk on one day, by rank of risk: a Fenwick tree, whose prefix sums and
 * updates cost log n (Fenwick, Software: Practice and Experience 24(3), 1994). */
typedef struct risk_set {
  int64_t n_ranks, n_spells;
  double unit;   /* of the weights */
  int64_t *rank; /* [rows] 1..n_ranks, equal risks share one */
  double *tree;  /* [n_ranks + 1] */
} risk_set;

static void risk_set_clear(risk_set *set) {
  pfc_free(set->rank);
  pfc_free(set->tree);
}

static pfc_status risk_set_init(risk_set *set, const pfc_spells *s, const double *risk,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__key *keys = NULL;
  int64_t n = 0;
  PFC_TRY(pfc__sort_rows(s->n, risk, s->weight, "risk", &keys, &n, err));
  set->unit = pfc__weight_unit(s->n, s->weight);
  PFC_NEW(set->rank, s->n);
  for (int64_t j = 0; j < n; j++) {
    if (j == 0 || keys[j].value != keys[j - 1].value) set->n_ranks++;
    set->rank[keys[j].row] = set->n_ranks;
  }
  PFC_NEW(set->tree, set->n_ranks + 1);
done:
  pfc_free(keys);
  return st;
}

static double weight_in(const risk_set *set, const pfc_spells *s, int64_t row) {
  return pfc__times(s->weight, row) / set->unit;
}

/* Lets the spell in (sign 1) or out (-1). */
static void risk_set_add(risk_set *set, const pfc_spells *s, int64_t row, int sign) {
  const double weight = sign * weight_in(set, s, row);
  for (int64_t r = set->rank[row]; r <= set->n_ranks; r += r & -r) set->tree[r] += weight;
  set->n_spells += sign;
}

/* Weight of the spells of rank 1..rank. */
static double risk_set_up_to(const risk_set *set, int64_t rank) {
  double sum = 0;
  for (int64_t r = rank; r > 0; r -= r & -r) sum += set->tree[r];
  return sum;
}

/* Adds the spells keys[from..to) that ended by event 1 (events) or otherwise (!events). */
static void admit(risk_set *set, const pfc_spells *s, const pfc__key *keys, int64_t from,
                  int64_t to, int events) {
  for (int64_t j = from; j < to; j++)
    if ((s->event[keys[j].row] == 1) == events) risk_set_add(set, s, keys[j].row, 1);
}

pfc_status pfc_concordance(const pfc_spells *s, const double *risk, double *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  risk_set set = {0};
  pfc__key *ends = NULL, *entries = NULL;
  PFC_TRY(pfc__check_spells(s, err));
  PFC_TRY(risk_set_init(&set, s, risk, err));
  PFC_NEW(ends, s->n);
  PFC_NEW(entries, s->n);
  int64_t n = pfc__sort_by_time(s, ends), e = pfc__sort_by_entry(s, entries);

  /* From the last day back. On each day its censored spells come first, since they
   * outlive its events; the events themselves last, since they are no pairs. */
  double wins = 0, pairs = 0;
  for (int64_t first; n > 0; n = first) {
    const double day = ends[n - 1].value;
    for (first = n; first > 0 && ends[first - 1].value == day;) first--;
    admit(&set, s, ends, first, n, 0);
    for (; e > 0 && entries[e - 1].value >= day; e--)
      risk_set_add(&set, s, entries[e - 1].row, -1);

    const double everyone = set.n_spells > 0 ? risk_set_up_to(&set, set.n_ranks) : 0;
    for (int64_t j = first; j < n && everyone > 0; j++) {
      const int64_t row = ends[j].row;
      if (s->event[row] != 1) continue;
      const double below = risk_set_up_to(&set, set.rank[row] - 1);
      const double tied = risk_set_up_to(&set, set.rank[row]) - below;
      wins += weight_in(&set, s, row) * (below + tied / 2);
      pairs += weight_in(&set, s, row) * everyone;
    }
    admit(&set, s, ends, first, n, 1);
  }
  *c = pairs > 0 ? wins / pairs : NAN;
done:
  risk_set_clear(&set);
  pfc_free(ends);
  pfc_free(entries);
  return st;
}
