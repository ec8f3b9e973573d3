#include "tests/oracle/choice_oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/scorer_internal.h"
#include "tests/support/test.h"

enum { MOST = 64 };

/* One target of something chosen. */
typedef struct reached {
  int32_t competency;
  double to, p;
} reached;

/* Worth of bringing the person to a level; infinite: as far as anything is required. */
static double worth(const choice_oracle *o, int32_t competency, double to) {
  const pfc_person_gaps *known = pfc_scorer_gaps_of(o->scorer, 0);
  double sum = 0;
  if (known->n == 0) return 1;
  for (int32_t k = 0; k < known->n; k++) {
    const pfc_gap *gap = &known->at[k];
    if (gap->competency == competency)
      sum += pfc_gap_weight(gap) *
             pfc_gap_closable(o->scorer->gaps, gap, isinf(to) ? (double)NAN : to, 1);
  }
  return sum;
}

static double level(const pfc_catalogue *cat, int32_t target) {
  return isnan(cat->to_level[target]) ? (double)INFINITY : cat->to_level[target];
}

static int reached_by(const choice_oracle *o, const pfc_score *score, reached *out) {
  pfc_term term[MOST];
  int n = 0;
  const pfc_catalogue *cat = pfc_scorer_catalogue(o->scorer);
  const int n_terms = pfc_scorer_terms(o->scorer, 0, score, term);
  for (int t = 0; t < n_terms; t++) {
    const int32_t c = cat->competency[term[t].target];
    if (c < 0) continue;
    const double all = worth(o, c, level(cat, term[t].target));
    const double accept = isnan(score->accept) ? 1 : score->accept;
    if (!(all > 0)) continue;
    out[n++] = (reached){c, level(cat, term[t].target),
                         fmin(fmax(accept * term[t].brings / all, 0), 1)};
  }
  return n;
}

/* Chance that one of those reached has closed at least that much. */
static double p_at_least(const choice_oracle *o, int n, const reached *at, int32_t competency,
                         double to, double closed) {
  double none = 1;
  for (int k = 0; k < n; k++)
    if (at[k].competency == competency && worth(o, competency, fmin(at[k].to, to)) >= closed)
      none *= 1 - at[k].p;
  return 1 - none;
}

/* Share of what a target could close that is closed already, on average: the area under the
 * chances of what the best of them has closed. */
static double share_gone(const choice_oracle *o, int n, const reached *at, int32_t competency,
                         double to) {
  const double all = worth(o, competency, to);
  double sum = 0, from = 0;
  while (all > 0) {
    double next = INFINITY;
    for (int k = 0; k < n; k++) {
      const double closed =
          at[k].competency == competency ? worth(o, competency, fmin(at[k].to, to)) : 0;
      if (closed > from && closed < next) next = closed;
    }
    if (isinf(next)) break;
    sum += (next - from) * p_at_least(o, n, at, competency, to, next);
    from = next;
  }
  return all > 0 ? fmin(sum / all, 1) : 0;
}

double choice_oracle_adds(const choice_oracle *o, int n, const pfc_choice *list,
                          const pfc_score *score) {
  reached *at = malloc(sizeof *at * MOST * (size_t)(n + 1));
  pfc_term term[MOST];
  int n_at = 0;
  double adds = score->value;
  assert_non_null(at);
  const pfc_catalogue *cat = pfc_scorer_catalogue(o->scorer);
  const double accept = isnan(score->accept) ? 1 : score->accept;
  const int n_terms = o->scorer->gaps ? pfc_scorer_terms(o->scorer, 0, score, term) : 0;
  for (int k = 0; k < n && o->scorer->gaps; k++)
    n_at += reached_by(o, &list[k].score, at + n_at);
  for (int t = 0; t < n_terms; t++) {
    const int32_t c = cat->competency[term[t].target];
    if (c < 0 || term[t].brings <= 0) continue;
    adds -= accept * term[t].brings * share_gone(o, n_at, at, c, level(cat, term[t].target));
  }
  free(at);
  return adds;
}

/* --- lists ---------------------------------------------------------------------------------
 */

static double hours(const pfc_catalogue *cat, int32_t i) {
  return cat->weeks[i] > 0 && !isnan(cat->hours[i]) ? cat->hours[i] / cat->weeks[i] : 0;
}

static int aims_at(const pfc_catalogue *cat, int32_t i, int32_t competency) {
  for (int32_t t = cat->first[i]; t < cat->first[i + 1]; t++)
    if (cat->competency[t] == competency) return 1;
  return 0;
}

static int32_t word(const choice_oracle *o, const char *column, int32_t i) {
  const int32_t *codes = pfc_dataset_codes(o->scorer->ds, PFC_INTERVENTIONS, column);
  const int64_t row = o->scorer->cat->row[i];
  return codes && row >= 0 ? codes[row] : -1;
}

static double same(const choice_oracle *o, const char *column, int32_t a, int32_t b) {
  return word(o, column, a) >= 0 && word(o, column, a) == word(o, column, b) ? 0.25 : 0;
}

/* A half for competencies, a quarter each for kind and provider. */
static double likeness(const choice_oracle *o, int32_t a, int32_t b) {
  const pfc_catalogue *cat = pfc_scorer_catalogue(o->scorer);
  int both = 0, any = 0;
  for (int32_t c = 0; c < 50; c++) {
    both += aims_at(cat, a, c) && aims_at(cat, b, c);
    any += aims_at(cat, a, c) || aims_at(cat, b, c);
  }
  return (any ? 0.5 * both / any : 0) + same(o, "kind", a, b) + same(o, "provider", a, b);
}

static int is_listed(const pfc_choice *list, int n, int32_t intervention) {
  for (int k = 0; k < n; k++)
    if (list[k].score.intervention == intervention) return 1;
  return 0;
}

static int is_enough(const choice_oracle *o, double adds, double slack) {
  const double least = o->settings->min_value;
  return adds >= least - slack && (!o->scorer->gaps || least < 0 || adds > -slack);
}

static double worth_of(const choice_oracle *o, const pfc_choice *c) {
  return o->settings->rank_by == PFC_RANK_AFFINITY ? c->score.affinity : c->adds;
}

/* Of any at all that may be listed: what the best is worth alone. */
static double scale_of(const choice_oracle *o) {
  double best = 0;
  for (int32_t j = 0; j < pfc_scorer_n_candidates(o->scorer); j++) {
    pfc_choice c;
    if (!pfc_bit(pfc_scorer_ruling(o->scorer, 0)->allowed, j)) continue;
    pfc_scorer_pair(o->scorer, 0, j, &c.score);
    c.adds = c.score.value;
    if (is_enough(o, c.adds, 0)) best = fmax(best, worth_of(o, &c));
  }
  return best > 0 ? best : 1;
}

/* What a candidate is chosen by, after a list of n. */
static double key_of(const choice_oracle *o, double scale, int n, const pfc_choice *list,
                     const pfc_choice *c) {
  const double d = o->settings->diversity;
  double alike = 0;
  for (int k = 0; k < n; k++)
    alike = fmax(alike, likeness(o, c->score.intervention, list[k].score.intervention));
  return d > 0 ? (1 - d) * worth_of(o, c) / scale - d * alike : worth_of(o, c);
}

/* The best key of all that could come after a list of n; -INFINITY where nothing can, to be
 * sure of it by `slack`. */
static double best_after(const choice_oracle *o, double scale, int n, const pfc_choice *list,
                         double left, double slack) {
  double best = -(double)INFINITY;
  for (int32_t j = 0; j < pfc_scorer_n_candidates(o->scorer); j++) {
    pfc_choice c;
    if (!pfc_bit(pfc_scorer_ruling(o->scorer, 0)->allowed, j)) continue;
    pfc_scorer_pair(o->scorer, 0, j, &c.score);
    if (is_listed(list, n, c.score.intervention)) continue;
    if (hours(pfc_scorer_catalogue(o->scorer), c.score.intervention) > left + 1e-9) continue;
    c.adds = choice_oracle_adds(o, n, list, &c.score);
    if (is_enough(o, c.adds, -slack)) best = fmax(best, key_of(o, scale, n, list, &c));
  }
  return best;
}

static void check_must(const pfc_ruling *ruling, const choice_oracle *o, int k,
                       const pfc_choice *c) {
  const pfc_must *m = &ruling->must[k];
  assert_int_equal(c->score.intervention, pfc_scorer_candidates(o->scorer)[m->candidate]);
  assert_int_equal(c->due_on, m->due_on);
  assert_int_equal(c->override_row, m->override_row);
  assert_int_equal(c->why, m->override_row >= 0 ? PFC_FOR_OVERRIDE : PFC_FOR_MANDATE);
}

void choice_oracle_check(const choice_oracle *o, int n, const pfc_choice *list) {
  const pfc_ruling *ruling = pfc_scorer_ruling(o->scorer, 0);
  const double scale = scale_of(o), slack = 1e-9 * (1 + fabs(scale));
  double left = o->settings->attention_hours;
  assert_true(n <= o->settings->top);
  for (int k = 0; k < n; k++) {
    const double adds = choice_oracle_adds(o, k, list, &list[k].score);
    assert_true(isnan(adds) ? isnan(list[k].adds) : fabs(adds - list[k].adds) <= slack);
    if (k < ruling->n_must) {
      check_must(ruling, o, k, &list[k]);
    } else {
      assert_int_equal(list[k].why, PFC_FOR_VALUE);
      assert_false(is_listed(list, k, list[k].score.intervention));
      assert_true(is_enough(o, list[k].adds, slack));
      assert_true(hours(pfc_scorer_catalogue(o->scorer), list[k].score.intervention) <=
                      left + 2e-9 ||
                  isnan(left));
      const double best = best_after(o, scale, k, list, left, slack);
      assert_true(key_of(o, scale, k, list, &list[k]) >= best - 10 * slack);
    }
    left -= hours(pfc_scorer_catalogue(o->scorer), list[k].score.intervention);
  }
  if (n < o->settings->top) {
    assert_true(n >= ruling->n_must);
    assert_true(isinf(best_after(o, scale, n, list, left, slack)));
  }
}

void choice_oracle_check_of(const choice_oracle *o, int32_t person, int n,
                            const pfc_choice *list) {
  assert_ok(pfc_scorer_begin(o->scorer, 0, 1, &person, &err));
  assert_ok(pfc_scorer_look(o->scorer, 0, 0, &err));
  choice_oracle_check(o, n, list);
}

void choice_oracle_keep(choice_kept *kept, const pfc_list *list) {
  const size_t size = (size_t)list->n * sizeof *list->at;
  pfc_choice *places = malloc(size + 1);
  if (!places || kept->n >= (int)(sizeof kept->places / sizeof *kept->places)) abort();
  if (size > 0) memcpy(places, list->at, size);
  kept->places[kept->n] = places;
  kept->person[kept->n] = list->person;
  kept->length[kept->n++] = list->n;
}

void choice_oracle_check_kept(const choice_oracle *o, choice_kept *kept) {
  for (int k = 0; k < kept->n; k++) {
    choice_oracle_check_of(o, kept->person[k], kept->length[k], kept->places[k]);
    free(kept->places[k]);
  }
  kept->n = 0;
}
