/* One day's decisions, and what each would be worth. */
#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "trainer/policy_internal.h"

typedef struct builder {
  const pfc_dataset *ds;
  const pfc_truth *truth;
  pfc_history *history;
  pfc_catalogue *cat;
  pfc_truth_match match;
  pfc__policy_rules rules;
  pfc_policy_problem *problem;
  int n_outlooks;
  pfc_truth_outlook **outlook; /* one a thread */
} builder;

/* --- who decides ----------------------------------------------------------------------------
 */

typedef struct candidate {
  uint64_t draw;
  int32_t person;
} candidate;

static int by_draw(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  if (x->draw != y->draw) return x->draw < y->draw ? -1 : 1;
  return (x->person > y->person) - (x->person < y->person);
}

static int by_code(const void *a, const void *b) {
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/* The people of the problem, *n_there of whom at most are kept: those of the lowest draws. */
static pfc_status find_people(builder *b, int32_t max_people, uint64_t seed, int32_t *n_there,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  candidate *all = NULL;
  pfc_policy_problem *problem = b->problem;
  const pfc_dict *dict = pfc_dataset_find_dict(b->ds, "person");
  int32_t n = 0;
  PFC_NEW(all, b->history->n_people);
  for (int32_t p = 0; p < b->history->n_people; p++) {
    if (!pfc_truth_is_there(b->truth, b->match.person[p], problem->day)) continue;
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "policy.people", pfc_rng_id(pfc_dict_text(dict, p)));
    all[n++] = (candidate){pfc_rng_next(&rng), p};
  }
  *n_there = n;
  if (max_people > 0 && n > max_people) {
    qsort(all, (size_t)n, sizeof *all, by_draw);
    n = max_people;
  }
  PFC_NEW(problem->person, n);
  problem->n_people = n;
  for (int32_t p = 0; p < n; p++) problem->person[p] = all[p].person;
  qsort(problem->person, (size_t)n, sizeof *problem->person, by_code);
done:
  pfc_free(all);
  return st;
}

/* Of fewer people than there are, each intervention has as much fewer seats, and one at least.
 */
static pfc_status find_seats(builder *b, int32_t n_there, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_policy_problem *problem = b->problem;
  const pfc_column *seats = pfc_dataset_column(b->ds, PFC_INTERVENTIONS, "seats");
  const double share = n_there > 0 ? (double)problem->n_people / n_there : 1;
  PFC_NEW(problem->seats, problem->n_items);
  for (int32_t i = 0; i < problem->n_items; i++) {
    const int64_t row = b->cat->row[i];
    problem->seats[i] = INT32_MAX;
    if (!seats || seats->type != PFC_INT || row < 0 || seats->i32[row] <= 0) continue;
    const long cut = lround(share * seats->i32[row]);
    problem->seats[i] = cut > 0 ? (int32_t)cut : 1;
  }
done:
  return st;
}

/* --- what it is worth ------------------------------------------------------------------------
 */

/* What starting it closes, with and without the weights of risk. */
static void closes(const builder *b, pfc_truth_outlook *o, int32_t i, double *weighted,
                   double *levels) {
  const pfc_truth *t = b->truth;
  const int32_t role = pfc_truth_outlook_role(o);
  *weighted = *levels = 0;
  for (int64_t k = t->target_start[i]; role >= 0 && k < t->target_start[i + 1]; k++) {
    const int32_t c = t->target_competency[k];
    const double importance = (double)t->importance[(int64_t)role * t->n_competencies + c];
    const double less = pfc_truth_outlook_without(o, c) - pfc_truth_outlook_with(o, i, k);
    *levels += less;
    if (!isnan(importance)) *weighted += b->match.criticality[role] * importance * less;
  }
}

/* Hours it takes; where the catalogue does not tell, those of its weeks. */
static double hours_of(const builder *b, int32_t i) {
  const int32_t row = b->match.intervention[i];
  if (!isnan(b->cat->hours[i])) return b->cat->hours[i];
  return (double)b->truth->load[row] * (double)b->truth->days[row] / 7;
}

static void weigh_person(const builder *b, pfc_truth_outlook *o, int32_t p) {
  const pfc_policy_problem *problem = b->problem;
  const int64_t at = (int64_t)p * problem->n_items;
  const int32_t person = b->match.person[problem->person[p]];
  pfc__policy_allow(&b->rules, problem->person[p], problem->allowed + at);
  pfc_truth_outlook_of(o, person);
  for (int32_t i = 0; i < problem->n_items; i++) {
    if (!problem->allowed[at + i]) continue;
    const int32_t row = b->match.intervention[i];
    const double accept = pfc_truth_accept(b->truth, person, row, problem->day);
    double weighted, levels;
    closes(b, o, row, &weighted, &levels);
    problem->worth[at + i] = (float)(accept * weighted);
    problem->effect[at + i] = (float)levels;
    problem->hours[at + i] = (float)(accept * hours_of(b, i));
  }
}

static pfc_status weigh_all(builder *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_policy_problem *problem = b->problem;
  const size_t pairs = (size_t)problem->n_people * (size_t)problem->n_items;
  PFC_NEW(problem->allowed, pairs);
  PFC_NEW(problem->worth, pairs);
  PFC_NEW(problem->effect, pairs);
  PFC_NEW(problem->hours, pairs);
  b->n_outlooks = pfc_par_threads();
  PFC_NEW(b->outlook, b->n_outlooks);
  for (int k = 0; k < b->n_outlooks; k++)
    PFC_TRY(pfc_truth_outlook_create(b->truth, problem->day, problem->horizon_days,
                                     &b->outlook[k], err));
#pragma omp parallel for schedule(dynamic, 16)
  for (int32_t p = 0; p < problem->n_people; p++)
    weigh_person(b, b->outlook[omp_get_thread_num()], p);
done:
  return st;
}

/* --- all of it -------------------------------------------------------------------------------
 */

static pfc_status build(builder *b, int32_t max_people, uint64_t seed, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t n_there = 0;
  PFC_TRY(pfc_history_create(b->ds, &b->history, err));
  PFC_TRY(pfc_catalogue_create(b->ds, &b->cat, err));
  PFC_TRY(pfc_truth_match_init(&b->match, b->history, b->cat, b->truth, err));
  b->rules = (pfc__policy_rules){.ds = b->ds,
                                 .history = b->history,
                                 .cat = b->cat,
                                 .truth = b->truth,
                                 .match = &b->match,
                                 .day = b->problem->day};
  PFC_TRY(pfc__policy_rules_init(&b->rules, err));
  b->problem->n_items = b->cat->n_interventions;
  PFC_TRY(find_people(b, max_people, seed, &n_there, err));
  PFC_TRY(find_seats(b, n_there, err));
  PFC_TRY(weigh_all(b, err));
done:
  return st;
}

static void builder_clear(builder *b) {
  for (int k = 0; b->outlook && k < b->n_outlooks; k++)
    pfc_truth_outlook_destroy(b->outlook[k]);
  pfc_free(b->outlook);
  pfc__policy_rules_clear(&b->rules);
  pfc_truth_match_clear(&b->match);
  pfc_catalogue_destroy(b->cat);
  pfc_history_destroy(b->history);
}

pfc_status pfc_policy_problem_create(const pfc_dataset *ds, const pfc_truth *truth, int32_t day,
                                     int32_t horizon_days, int32_t max_people, uint64_t seed,
                                     pfc_policy_problem **problem, pfc_error *err) {
  pfc_status st = PFC_OK;
  builder b = {.ds = ds, .truth = truth};
  PFC_NEW(b.problem, 1);
  b.problem->day = day;
  b.problem->horizon_days = horizon_days;
  PFC_TRY(build(&b, max_people, seed, err));
  *problem = b.problem;
  b.problem = NULL;
done:
  pfc_policy_problem_destroy(b.problem);
  builder_clear(&b);
  return st;
}

void pfc_policy_problem_destroy(pfc_policy_problem *problem) {
  if (!problem) return;
  pfc_free(problem->person);
  pfc_free(problem->seats);
  pfc_free(problem->allowed);
  pfc_free(problem->worth);
  pfc_free(problem->effect);
  pfc_free(problem->hours);
  pfc_free(problem);
}
