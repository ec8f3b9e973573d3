/* What people are offered. By default managers assign what seems to be needed, and what is
 * popular becomes more so: who takes what depends on levels and tastes, and the history is
 * confounded. Under policy random everything open to a person is equally likely. */
#include <stdlib.h>
#include <string.h>

#include "datasets/simulate_history_internal.h"

enum { SOON = 45 }; /* days until a start that can be offered now */
static const double BY_MANAGER = 0.4, POPULAR = 0.3; /* shares of offers; the rest people find
                                                         themselves */
enum { LOOKED_AT = 8 };                              /* interventions */
static const double BLUR = 0.7;                      /* sd of what a manager sees of a level */
static const double FADING = 0.9;                    /* of popularity, a month */

static bool is_mandated(const pfc__sim *s, int32_t i) { return s->mandated_family[i] != -1; }

static pfc_status index_competencies(pfc__sim_market *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = m->s->truth;
  const int64_t n = t->target_start[t->n_interventions];
  PFC_NEW(m->by_competency_start, t->n_competencies + 1);
  PFC_NEW(m->by_competency, n);
  for (int64_t k = 0; k < n; k++) m->by_competency_start[t->target_competency[k] + 1]++;
  for (int32_t c = 0; c < t->n_competencies; c++)
    m->by_competency_start[c + 1] += m->by_competency_start[c];
  for (int64_t k = 0; k < n; k++)
    m->by_competency[m->by_competency_start[t->target_competency[k]]++] = k;
  memmove(m->by_competency_start + 1, m->by_competency_start,
          sizeof *m->by_competency_start * (size_t)t->n_competencies);
  m->by_competency_start[0] = 0;
done:
  return st;
}

pfc_status pfc__sim_market_init(pfc__sim_market *m, const pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = s->truth->n_interventions;
  *m = (pfc__sim_market){.s = s};
  PFC_NEW(m->open_start, PFC__SIM_FAMILIES + 1);
  PFC_NEW(m->cumulated, n);
  PFC_NEW(m->popularity, n);
  PFC_NEW(m->mandates, n);
  PFC_TRY(index_competencies(m, err));
  for (int32_t i = 0; i < n; i++) {
    if (is_mandated(s, i)) m->mandates[m->n_mandates++] = i;
  }
done:
  return st;
}

void pfc__sim_market_clear(pfc__sim_market *m) {
  pfc_free(m->open_start);
  pfc_free(m->open);
  pfc_free(m->cumulated);
  pfc_free(m->popularity);
  pfc_free(m->by_competency_start);
  pfc_free(m->by_competency);
  pfc_free(m->mandates);
  *m = (pfc__sim_market){0};
}

static bool is_on_offer(const pfc__sim *s, int32_t i, int32_t day) {
  const int32_t start = pfc__sim_next_start(s, i, day);
  return start != PFC_NO_DATE && start <= day + SOON && !is_mandated(s, i);
}

static bool has_family(const pfc__sim *s, int32_t family) {
  for (int32_t r = 0; r < s->truth->n_roles; r++) {
    if (s->role_family[r] == family) return true;
  }
  return false;
}

pfc_status pfc__sim_market_open(pfc__sim_market *m, int month, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__sim *s = m->s;
  const int32_t n = s->truth->n_interventions, day = pfc__sim_month_day(s, month);
  int64_t n_open = 0;
  for (int32_t family = 0; family < PFC__SIM_FAMILIES; family++) {
    m->open_start[family] = n_open;
    if (!has_family(s, family)) continue;
    PFC_RESERVE(m->open, m->open_capacity, n_open + n);
    for (int32_t i = 0; i < n; i++) {
      const bool lets_in = s->only_family[i] < 0 || s->only_family[i] == family;
      if (lets_in && is_on_offer(s, i, day)) m->open[n_open++] = i;
    }
  }
  m->open_start[PFC__SIM_FAMILIES] = n_open;
  double sum = 0;
  for (int32_t i = 0; i < n; i++) {
    m->popularity[i] *= FADING;
    m->cumulated[i] = sum += is_mandated(s, i) ? 0 : 1 + m->popularity[i];
  }
done:
  return st;
}

/* --- draws ----------------------------------------------------------------------------------
 */

static int32_t draw_even(const pfc__sim_market *m, int32_t family, pfc_rng *rng,
                         float *propensity) {
  const int64_t from = m->open_start[family], n = m->open_start[family + 1] - from;
  if (n == 0) return -1;
  *propensity = (float)(1.0 / (double)n);
  return m->open[from + (int64_t)pfc_rng_below(rng, (uint64_t)n)];
}

static int32_t draw_popular(const pfc__sim_market *m, pfc_rng *rng) {
  int32_t low = 0, high = m->s->truth->n_interventions - 1;
  const double at = m->cumulated[high] * pfc_rng_uniform(rng);
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (m->cumulated[middle] > at) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/* Who looks for themselves takes a look at some, and the one that suits their taste best. */
static int32_t draw_liked(const pfc__sim_market *m, int32_t person, int32_t family,
                          pfc_rng *rng) {
  int32_t best = -1;
  double most = 0;
  float unused;
  for (int k = 0; k < LOOKED_AT; k++) {
    const int32_t i = draw_even(m, family, rng, &unused);
    const double liked = i < 0 ? 0 : pfc__truth_taste(m->s->truth, person, i);
    if (i < 0 || (best >= 0 && liked <= most)) continue;
    best = i;
    most = liked;
  }
  return best;
}

/* The competency in which a manager sees the largest gap to what the role asks for. */
static int32_t perceived_need(const pfc__sim *s, const pfc__life *life, int32_t role,
                              int32_t day, pfc_rng *rng, double *seen) {
  const pfc_truth *t = s->truth;
  int32_t worst = -1;
  double largest = 0;
  for (int k = 0; k < PFC__SIM_CORE; k++) {
    const int32_t c = s->core[(int64_t)role * PFC__SIM_CORE + k];
    const double blur = BLUR * pfc_rng_normal(rng);
    if (c < 0) continue;
    const double level = pfc__life_level(life, c, day) + blur;
    const double gap = (double)t->required[(int64_t)role * t->n_competencies + c] - level;
    if (worst >= 0 && gap <= largest) continue;
    worst = c;
    largest = gap;
    *seen = level;
  }
  return worst;
}

/* One that leads a step or so up from there: the nearer its target to a level above what the
 * manager sees, and the more popular, the likelier. A reservoir of one: the k-th of weight w is
 * taken with probability w over the sum so far. */
static int32_t draw_assigned(const pfc__sim_market *m, const pfc__life *life, int32_t role,
                             int32_t day, pfc_rng *rng) {
  const pfc_truth *t = m->s->truth;
  double seen = 0, sum = 0;
  int32_t chosen = -1;
  const int32_t c = perceived_need(m->s, life, role, day, rng, &seen);
  if (c < 0) return -1;
  const int64_t from = m->by_competency_start[c], to = m->by_competency_start[c + 1];
  int32_t i = 0;
  for (int64_t e = from; e < to; e++) {
    const int64_t k = m->by_competency[e];
    while (t->target_start[i + 1] <= k) i++;
    if (is_mandated(m->s, i)) continue;
    const double off = fabs((double)t->target_to[k] - seen - 1);
    const double weight = exp(-1.5 * off) * (1 + log1p(m->popularity[i]));
    sum += weight;
    if (pfc_rng_uniform(rng) * sum < weight) chosen = i;
  }
  return chosen;
}

int32_t pfc__sim_market_draw(const pfc__sim_market *m, const pfc__life *life, int32_t day,
                             pfc_rng *rng, pfc__sim_offer *offer) {
  const pfc__sim *s = m->s;
  const int32_t role = pfc_truth_role(s->truth, life->person, day);
  const double u = pfc_rng_uniform(rng);
  int32_t i;
  offer->propensity = NAN;
  if (s->settings->random) {
    offer->channel = PFC__SIM_EVEN;
    return draw_even(m, s->role_family[role], rng, &offer->propensity);
  }
  if (u < BY_MANAGER) {
    offer->channel = PFC__SIM_MANAGER;
    i = draw_assigned(m, life, role, day, rng);
  } else if (u < BY_MANAGER + POPULAR) {
    offer->channel = PFC__SIM_POPULAR;
    i = draw_popular(m, rng);
  } else {
    offer->channel = PFC__SIM_BROWSED;
    i = draw_liked(m, life->person, s->role_family[role], rng);
  }
  if (i < 0 || !pfc__sim_lets_in(s, i, role) || !is_on_offer(s, i, day)) return -1;
  return i;
}
