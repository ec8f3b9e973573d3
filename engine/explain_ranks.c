/* Where a pair stands among all that may be recommended, and what would move it: each answer is
 * the scorer's own, asked again. */
#include <math.h>
#include <string.h>

#include "engine/explain_internal.h"
#include "engine/rules_internal.h"
#include "models/logistic.h"

/* --- ranks ----------------------------------------------------------------------------------
 */

static bool is_allowed(const pfc_explainer *e, int32_t j) {
  return pfc_bit(e->ruling->allowed, j);
}

static void read_value(pfc_explainer *e, int32_t j) {
  pfc_score score;
  pfc_scorer_pair(e->s, 0, j, &score);
  e->value[j] = score.value;
}

/* What rules keep out has no rank, nor has what cannot be worth more than nothing: neither is
 * worked out. */
static void read_values(pfc_explainer *e, int32_t own) {
  const pfc__tile *tile = &e->s->tile[0];
  pfc__scorer_bound(e->s, 0, PFC__BY_VALUE);
  for (int32_t j = 0; j < e->s->n_candidates; j++) e->value[j] = -INFINITY;
  for (int32_t k = 0; k < tile->n_open; k++) {
    const int32_t j = tile->open[k].candidate;
    if (e->s->ranker || pfc__scorer_bound_pair(e->s, 0, j) > 0) read_value(e, j);
  }
  read_value(e, own);
}

/* Ranked is what is worth more than nothing; equal ones by code. */
static bool comes_before(const double *value, int32_t a, int32_t b) {
  return value[a] > value[b] || (value[a] == value[b] && a < b);
}

/* Where `own` stands by these values among what may be recommended. */
typedef struct standing {
  int rank, n;
  int32_t above, below, first; /* candidates; -1 none */
} standing;

static standing stand(const pfc_explainer *e, const double *value, const uint64_t *may,
                      int32_t own) {
  standing at = {0, 0, -1, -1, -1};
  const bool counts = pfc_bit(may, own) && value[own] > 0;
  for (int32_t j = 0; j < e->s->n_candidates; j++) {
    if (!pfc_bit(may, j) || !(value[j] > 0)) continue;
    at.n++;
    if (at.first < 0 || comes_before(value, j, at.first)) at.first = j;
    if (j == own) continue;
    const bool before = comes_before(value, j, own);
    if (before) at.rank++;
    if (before && (at.above < 0 || comes_before(value, at.above, j))) at.above = j;
    if (!before && (at.below < 0 || comes_before(value, j, at.below))) at.below = j;
  }
  at.rank = counts ? at.rank + 1 : 0;
  return at;
}

static int32_t code_of(const pfc_explainer *e, int32_t candidate) {
  return candidate < 0 ? -1 : e->s->candidate[candidate];
}

static double value_of(const pfc_explainer *e, int32_t candidate) {
  return candidate < 0 ? (double)NAN : e->value[candidate];
}

static void tell_rank(pfc_explainer *e, int32_t own, pfc_explanation *x) {
  const standing at = stand(e, e->value, e->ruling->allowed, own);
  const int32_t above = at.rank == 0 ? at.first : at.above;
  x->rank = at.rank;
  x->n_ranked = at.n;
  x->above = code_of(e, above);
  x->above_value = value_of(e, above);
  x->below = at.rank == 0 ? -1 : code_of(e, at.below);
  x->below_value = at.rank == 0 ? (double)NAN : value_of(e, at.below);
}

/* --- what if --------------------------------------------------------------------------------
 */

static void add_what_if(pfc_explainer *e, pfc_explanation *x, pfc_what_if what,
                        const double *value, const uint64_t *may, int32_t own) {
  const standing at = stand(e, value, may, own);
  what.value = value[own];
  what.rank = at.rank;
  what.first = code_of(e, at.first);
  e->what_if[x->n_what_ifs++] = what;
}

/* By own value alone; others stay. */
static void add_with_value(pfc_explainer *e, pfc_explanation *x, pfc_if what, int32_t own,
                           double value) {
  if (isnan(value)) return;
  const double kept = e->value[own];
  e->value[own] = value;
  add_what_if(e, x, (pfc_what_if){.what = what, .competency = -1}, e->value, e->ruling->allowed,
              own);
  e->value[own] = kept;
}

static bool aims_at(const pfc_explainer *e, int32_t j, int32_t competency) {
  for (int32_t t = e->s->first_target[j]; t < e->s->first_target[j + 1]; t++) {
    if (e->s->cat->competency[e->s->target[t]] == competency) return true;
  }
  return false;
}

static void begin_may(pfc_explainer *e) {
  memcpy(e->may, e->ruling->allowed, (size_t)e->ruling->n_words * sizeof *e->may);
}

/* Is it what comes before it that keeps it out, and no other rule? */
static bool waits_alone(const pfc_explainer *e, int32_t j) {
  for (int r = 0; r < PFC_N_RULES; r++)
    if (pfc_bit(e->ruling->broken[r], j) != (r == PFC_RULE_PREREQUISITE)) return false;
  return true;
}

static bool asks_for_level(const pfc__prerequisites *b, int32_t k, int32_t j) {
  for (int64_t at = b->barred.start[k]; at < b->barred.start[k + 1]; at++)
    if (b->barred.at[at] == j) return true;
  return false;
}

/* Would all that it asks for be there, with a level more in the competency? */
static bool would_be_ready(const pfc_explainer *e, const pfc_explanation *x, int32_t j,
                           int32_t competency) {
  const pfc_rules *r = e->s->rules;
  const pfc__prerequisites *b = &r->before;
  if (pfc_bit(e->ruling->unpassed, j)) return false;
  for (int32_t k = 0; k < b->n_levels; k++) {
    const int32_t c = b->competency[b->level[k].place];
    if (!asks_for_level(b, k, j)) continue;
    pfc_level told;
    pfc__rules_read_levels(r, x->person, x->gaps, 1, &c, &told);
    if (c == competency) told.mean += 1;
    if (!(pfc__rules_p_level(r, &told, b->level[k].level) >= r->settings.prerequisite_p))
      return false;
  }
  return true;
}

/* What may be recommended with a level more in the competency: what waits for it as well. */
static void suppose_ready(pfc_explainer *e, const pfc_explanation *x, int32_t competency) {
  const pfc__prerequisites *b = &e->s->rules->before;
  begin_may(e);
  for (int32_t k = 0; k < b->n_levels; k++) {
    if (b->competency[b->level[k].place] != competency) continue;
    for (int64_t at = b->barred.start[k]; at < b->barred.start[k + 1]; at++) {
      const int32_t j = b->barred.at[at];
      if (waits_alone(e, j) && would_be_ready(e, x, j, competency)) pfc__set_bit(e->may, j);
    }
  }
}

/* A level more in the competency: what aims at it is worth something else then, and what asks
 * for it may be recommended. */
static void suppose_level(pfc_explainer *e, pfc_explanation *x, int32_t own,
                          int32_t competency) {
  const pfc_scorer *s = e->s;
  pfc_person_gaps *gaps = s->tile[0].gaps;
  suppose_ready(e, x, competency);
  memcpy(e->kept, gaps->at, (size_t)gaps->n * sizeof *e->kept);
  pfc_gaps_suppose(s->gaps, gaps, competency, 1);
  pfc__scorer_recall(s, 0, s->tile[0].looked);
  pfc__scorer_weigh(s, 0);
  for (int32_t j = 0; j < s->n_candidates; j++) {
    pfc_score score;
    const bool is_new = pfc_bit(e->may, j) && !is_allowed(e, j);
    e->then[j] = e->value[j];
    if (!is_new && !aims_at(e, j, competency)) continue;
    if (j != own && !pfc_bit(e->may, j)) continue;
    pfc_scorer_pair(s, 0, j, &score);
    e->then[j] = score.value;
  }
  memcpy(gaps->at, e->kept, (size_t)gaps->n * sizeof *e->kept);
  pfc__scorer_recall(s, 0, s->tile[0].looked);
  pfc__scorer_weigh(s, 0);
  add_what_if(e, x, (pfc_what_if){.what = PFC_IF_LEVEL, .competency = competency}, e->then,
              e->may, own);
}

static void suppose_levels(pfc_explainer *e, pfc_explanation *x, int32_t own) {
  const pfc_person_gaps *gaps = e->s->tile[0].gaps;
  for (int32_t t = e->s->first_target[own]; t < e->s->first_target[own + 1]; t++) {
    const int32_t c = e->s->cat->competency[e->s->target[t]];
    if (c < 0 || gaps->place[c] < 0 || isnan(gaps->at[gaps->place[c]].level)) continue;
    suppose_level(e, x, own, c);
  }
}

static void suppose_rules(pfc_explainer *e, pfc_explanation *x, int32_t own) {
  int n_broken = 0;
  for (int r = 0; r < PFC_N_RULES; r++) n_broken += pfc_bit(e->ruling->broken[r], own);
  for (int r = 0; r < PFC_N_RULES; r++) {
    const pfc_what_if what = {.what = PFC_IF_RULE, .competency = -1, .rule = (pfc_rule)r};
    if (!pfc_bit(e->ruling->broken[r], own)) continue;
    begin_may(e);
    if (n_broken == 1) pfc__set_bit(e->may, own);
    add_what_if(e, x, what, e->value, e->may, own);
  }
  if (n_broken > 1) {
    begin_may(e);
    pfc__set_bit(e->may, own);
    add_what_if(e, x, (pfc_what_if){.what = PFC_IF_RULES, .competency = -1}, e->value, e->may,
                own);
  }
}

/* What is inside the brackets of the value. */
static double before_accept(const pfc_explanation *x) {
  double sum = -x->price_of_cost - x->price_of_hours;
  for (int t = 0; t < x->n_terms; t++) sum += x->term[t].brings;
  return sum;
}

void pfc__explain_ranks(pfc_explainer *e, pfc_explanation *x) {
  const int32_t own = e->s->candidate_of[x->intervention];
  read_values(e, own);
  tell_rank(e, own, x);
  x->what_if = e->what_if;
  suppose_rules(e, x, own);
  if (e->s->ranker) return;
  suppose_levels(e, x, own);
  add_with_value(e, x, PFC_IF_HOURS, own, pfc__explain_half(e, x));
  add_with_value(e, x, PFC_IF_ACCEPT, own,
                 pfc_logistic(pfc__explain_common_accept(e, x)) * before_accept(x));
}
