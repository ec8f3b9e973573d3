#include "tests/oracle/assignment_oracle.h"

#include <math.h>
#include <stdlib.h>

static double worth(const pfc_policy_problem *problem, int32_t p, int32_t i) {
  return (double)problem->worth[(int64_t)p * problem->n_items + i];
}

static int allowed(const pfc_policy_problem *problem, int32_t p, int32_t i) {
  return problem->allowed[(int64_t)p * problem->n_items + i];
}

static double best_from(const pfc_policy_problem *problem, int32_t p, int32_t *left) {
  if (p == problem->n_people) return 0;
  double best = best_from(problem, p + 1, left); /* to nothing */
  for (int32_t i = 0; i < problem->n_items; i++) {
    if (!allowed(problem, p, i) || left[i] == 0) continue;
    left[i]--;
    best = fmax(best, worth(problem, p, i) + best_from(problem, p + 1, left));
    left[i]++;
  }
  return best;
}

double oracle_assignment_enumerated(const pfc_policy_problem *problem) {
  int32_t *left = calloc((size_t)problem->n_items + 1, sizeof *left);
  for (int32_t i = 0; left && i < problem->n_items; i++) left[i] = problem->seats[i];
  const double best = left ? best_from(problem, 0, left) : (double)NAN;
  free(left);
  return best;
}

/* Nodes: people, then interventions. An edge person -> intervention costs -worth while unused;
 * the one that is used leads back at +worth. */
typedef struct flow {
  const pfc_policy_problem *problem;
  int32_t *at;   /* of each person: intervention, -1 */
  int32_t *held; /* of each intervention */
  double *cost;  /* of each node, from the people without anything */
  int32_t *via;  /* node before it on the way, -1 start */
} flow;

/* One round of Bellman and Ford; did anything get nearer? */
static int relax(flow *f) {
  int nearer = 0;
  const int32_t n = f->problem->n_people;
  for (int32_t p = 0; p < n; p++) {
    for (int32_t i = 0; i < f->problem->n_items; i++) {
      if (!allowed(f->problem, p, i)) continue;
      const double w = worth(f->problem, p, i);
      if (f->at[p] != i && f->cost[p] - w < f->cost[n + i] - 1e-12) {
        f->cost[n + i] = f->cost[p] - w;
        f->via[n + i] = p;
        nearer = 1;
      }
      if (f->at[p] == i && f->cost[n + i] + w < f->cost[p] - 1e-12) {
        f->cost[p] = f->cost[n + i] + w;
        f->via[p] = n + i;
        nearer = 1;
      }
    }
  }
  return nearer;
}

/* Ends of ways: a seat that is free, or a person who gives up theirs. Returns the node, -1 when
 * no way brings anything. */
static int32_t nearest_end(const flow *f) {
  const int32_t n = f->problem->n_people;
  int32_t best = -1;
  double least = -1e-12;
  for (int32_t i = 0; i < f->problem->n_items; i++) {
    if (f->held[i] >= f->problem->seats[i] || !(f->cost[n + i] < least)) continue;
    least = f->cost[n + i];
    best = n + i;
  }
  for (int32_t p = 0; p < n; p++) {
    if (f->at[p] < 0 || !(f->cost[p] < least)) continue;
    least = f->cost[p];
    best = p;
  }
  return best;
}

static int augment(flow *f) {
  const int32_t n = f->problem->n_people;
  for (int32_t v = 0; v < n + f->problem->n_items; v++) {
    f->cost[v] = v < n && f->at[v] < 0 ? 0 : (double)INFINITY;
    f->via[v] = -1;
  }
  while (relax(f)) continue;
  int32_t v = nearest_end(f);
  if (v < 0) return 0;
  if (v >= n) f->held[v - n]++;
  if (v < n) f->at[v] = -1;
  if (v < n) v = f->via[v]; /* the seat it leaves is taken by the one before */
  while (v >= 0) {
    const int32_t p = f->via[v], before = f->via[p];
    f->at[p] = v - n;
    v = before;
  }
  return 1;
}

double oracle_assignment_flow(const pfc_policy_problem *problem) {
  const size_t n = (size_t)problem->n_people, m = (size_t)problem->n_items;
  flow f = {problem, calloc(n + 1, sizeof *f.at), calloc(m + 1, sizeof *f.held),
            calloc(n + m + 1, sizeof *f.cost), calloc(n + m + 1, sizeof *f.via)};
  double sum = (double)NAN;
  if (f.at && f.held && f.cost && f.via) {
    for (size_t p = 0; p < n; p++) f.at[p] = -1;
    while (augment(&f)) continue;
    sum = 0;
    for (int32_t p = 0; p < problem->n_people; p++)
      if (f.at[p] >= 0) sum += worth(problem, p, f.at[p]);
  }
  free(f.at);
  free(f.held);
  free(f.cost);
  free(f.via);
  return sum;
}

double oracle_assignment_worth(const pfc_policy_problem *problem, const int32_t *assigned) {
  double sum = 0;
  for (int32_t p = 0; p < problem->n_people; p++)
    if (assigned[p] >= 0) sum += worth(problem, p, assigned[p]);
  return problem->n_people > 0 ? sum / (double)problem->n_people : 0;
}
