#include <math.h>
#include <stdbool.h>

#include "base/mem.h"
#include "trainer/metrics_internal.h"

/* --- order ----------------------------------------------------------------- */

struct pfc_concordance_order {
  pfc_spells s; /* without weights */
  pfc__spell_keys keys;
  int64_t n_ranks;
  int64_t *rank; /* [rows] 1..n_ranks by risk, equal risks share one */
};

static pfc_status rank_risks(pfc_concordance_order *order, const double *risk, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__key *keys = NULL;
  int64_t n = 0;
  PFC_TRY(pfc__sort_rows(order->s.n, risk, NULL, "risk", &keys, &n, err));
  PFC_NEW(order->rank, n);
  for (int64_t j = 0; j < n; j++) {
    if (j == 0 || keys[j].value != keys[j - 1].value) order->n_ranks++;
    order->rank[keys[j].row] = order->n_ranks;
  }
done:
  pfc_free(keys);
  return st;
}

pfc_status pfc_concordance_order_create(const pfc_spells *s, const double *risk,
                                        pfc_concordance_order **order, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_concordance_order *o = NULL;
  PFC_NEW(o, 1);
  o->s = *s;
  o->s.weight = NULL;
  PFC_TRY(pfc__check_spells(&o->s, err));
  PFC_TRY(pfc__spell_keys_init(&o->keys, &o->s, err));
  PFC_TRY(rank_risks(o, risk, err));
  *order = o;
  o = NULL;
done:
  pfc_concordance_order_destroy(o);
  return st;
}

void pfc_concordance_order_destroy(pfc_concordance_order *order) {
  if (!order) return;
  pfc__spell_keys_clear(&order->keys);
  pfc_free(order->rank);
  pfc_free(order);
}

/* --- the spells at risk ---------------------------------------------------- */

/* Those at risk on one day, by rank of risk: a Fenwick tree, whose prefix sums and updates cost
 * log n (Fenwick, Software: Practice and Experience 24(3), 1994). */
typedef struct risk_set {
  const pfc_concordance_order *order;
  int64_t n_spells;
  double *mass; /* [rows] what a spell weighs in the set; 0: not there */
  double *lead; /* [rows] what its pairs weigh where it has the event; 0: it is no case */
  double *tree; /* [n_ranks + 1] */
} risk_set;

static void risk_set_clear(risk_set *set) {
  pfc_free(set->mass);
  pfc_free(set->lead);
  pfc_free(set->tree);
}

static pfc_status risk_set_init(risk_set *set, const pfc_concordance_order *order,
                                const double *weight, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = order->s.n;
  set->order = order;
  for (int64_t i = 0; i < n; i++) PFC_TRY(pfc__check_weight(weight, i, err));
  PFC_NEW(set->mass, n);
  PFC_NEW(set->lead, n);
  PFC_NEW(set->tree, order->n_ranks + 1);
  const double unit = pfc__weight_unit(n, weight);
  for (int64_t i = 0; i < n; i++) set->mass[i] = set->lead[i] = pfc__times(weight, i) / unit;
done:
  return st;
}

/* Lets the spell in (sign 1) or out (-1). */
static void risk_set_add(risk_set *set, int64_t row, int sign) {
  const double mass = sign * set->mass[row];
  if (mass == 0) return;
  const int64_t n_ranks = set->order->n_ranks;
  for (int64_t r = set->order->rank[row]; r <= n_ranks; r += r & -r) set->tree[r] += mass;
  set->n_spells += sign;
}

/* Mass of the spells of rank 1..rank. */
static double risk_set_up_to(const risk_set *set, int64_t rank) {
  double sum = 0;
  for (int64_t r = rank; r > 0; r -= r & -r) sum += set->tree[r];
  return sum;
}

/* Adds the spells ends[from..to) that ended by event 1 (events) or otherwise (!events). */
static void admit(risk_set *set, int64_t from, int64_t to, int events) {
  const pfc__key *ends = set->order->keys.ends;
  for (int64_t j = from; j < to; j++)
    if ((set->order->s.event[ends[j].row] == 1) == events) risk_set_add(set, ends[j].row, 1);
}

/* Share of concordant pairs. From the last day back: on each day its censored spells come
 * first, since they outlive its events; the events themselves last, since they are no pairs. */
static double share_of_pairs(risk_set *set) {
  const pfc_concordance_order *order = set->order;
  const pfc__key *ends = order->keys.ends, *entries = order->keys.entries;
  int64_t n = order->keys.n_ends, e = order->keys.n_entries;
  double wins = 0, pairs = 0;
  for (int64_t first; n > 0; n = first) {
    const double day = ends[n - 1].value;
    for (first = n; first > 0 && ends[first - 1].value == day;) first--;
    admit(set, first, n, 0);
    for (; e > 0 && entries[e - 1].value >= day; e--) risk_set_add(set, entries[e - 1].row, -1);

    const double everyone = set->n_spells > 0 ? risk_set_up_to(set, order->n_ranks) : 0;
    for (int64_t j = first; j < n && everyone > 0; j++) {
      const int64_t row = ends[j].row;
      if (order->s.event[row] != 1 || set->lead[row] == 0) continue;
      const double below = risk_set_up_to(set, order->rank[row] - 1);
      const double tied = risk_set_up_to(set, order->rank[row]) - below;
      wins += set->lead[row] * (below + tied / 2);
      pairs += set->lead[row] * everyone;
    }
    admit(set, first, n, 1);
  }
  return pairs > 0 ? wins / pairs : NAN;
}

/* --- Harrell's C ----------------------------------------------------------- */

pfc_status pfc_concordance_ordered(const pfc_concordance_order *order, const double *weight,
                                   double *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  risk_set set = {0};
  PFC_TRY(risk_set_init(&set, order, weight, err));
  *c = share_of_pairs(&set);
done:
  risk_set_clear(&set);
  return st;
}

pfc_status pfc_concordance(const pfc_spells *s, const double *risk, double *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_concordance_order *order = NULL;
  PFC_TRY(pfc__check_spells(s, err));
  PFC_TRY(pfc_concordance_order_create(s, risk, &order, err));
  PFC_TRY(pfc_concordance_ordered(order, s->weight, c, err));
done:
  pfc_concordance_order_destroy(order);
  return st;
}

/* --- Uno's C --------------------------------------------------------------- */

/* Both of a pair were followed to the day of its event with probability G(day-) / G(entry)
 * each. False when that is 0 for a case. */
static bool weigh_follow_up(risk_set *set, const pfc__follow_up *f, double tau) {
  const pfc_spells *s = &set->order->s;
  for (int64_t i = 0; i < s->n; i++) {
    set->mass[i] *= f->entered[i];
    const bool is_case = s->event[i] == 1 && s->time[i] <= tau && pfc__spell_times(s, i) > 0;
    if (is_case && set->lead[i] > 0 && !(f->ended[i] > 0)) return false;
    set->lead[i] = is_case ? set->mass[i] / f->ended[i] / f->ended[i] : 0;
  }
  return true;
}

pfc_status pfc_ipcw_concordance_ordered(const pfc_concordance_order *order,
                                        const double *weight, double tau, double *c,
                                        pfc_error *err) {
  pfc_status st = PFC_OK;
  risk_set set = {0};
  pfc__follow_up f = {0};
  pfc_spells s = order->s;
  s.weight = weight;
  PFC_TRY(pfc__check_days(1, &tau, err));
  PFC_TRY(risk_set_init(&set, order, weight, err));
  PFC_TRY(pfc__follow_up_init(&f, &s, &order->keys, err));
  *c = weigh_follow_up(&set, &f, tau) ? share_of_pairs(&set) : NAN;
done:
  pfc__follow_up_clear(&f);
  risk_set_clear(&set);
  return st;
}

pfc_status pfc_ipcw_concordance(const pfc_spells *s, const double *risk, double tau, double *c,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_concordance_order *order = NULL;
  PFC_TRY(pfc__check_spells(s, err));
  PFC_TRY(pfc_concordance_order_create(s, risk, &order, err));
  PFC_TRY(pfc_ipcw_concordance_ordered(order, s->weight, tau, c, err));
done:
  pfc_concordance_order_destroy(order);
  return st;
}
