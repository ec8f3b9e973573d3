#include "trainer/policy.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

typedef struct turn {
  uint64_t draw;
  int32_t person, row;
} turn;

static int earlier(const void *a, const void *b) {
  const turn *x = a, *y = b;
  if (x->draw != y->draw) return x->draw < y->draw ? -1 : 1;
  return (x->person > y->person) - (x->person < y->person);
}

static void draw_turns(const pfc_policy_problem *problem, uint64_t seed, turn *turns) {
  for (int32_t p = 0; p < problem->n_people; p++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "policy.turn", (uint64_t)problem->person[p]);
    turns[p] = (turn){pfc_rng_next(&rng), problem->person[p], p};
  }
  qsort(turns, (size_t)problem->n_people, sizeof *turns, earlier);
}

/* The best of what is allowed and has a seat left, -1 none. */
static int32_t choose(const pfc_policy_problem *problem, int32_t p, const float *score,
                      double least, const int32_t *left) {
  const uint8_t *allowed = problem->allowed + (int64_t)p * problem->n_items;
  int32_t best = -1;
  for (int32_t i = 0; i < problem->n_items; i++) {
    if (!allowed[i] || left[i] <= 0 || !((double)score[i] > least)) continue;
    if (best < 0 || score[i] > score[best]) best = i;
  }
  return best;
}

pfc_status pfc_policy_assign(const pfc_policy_problem *problem, const float *score,
                             double least, uint64_t seed, int32_t *assigned, pfc_error *err) {
  pfc_status st = PFC_OK;
  turn *turns = NULL;
  int32_t *left = NULL;
  PFC_NEW(turns, problem->n_people);
  PFC_NEW(left, problem->n_items);
  draw_turns(problem, seed, turns);
  for (int32_t i = 0; i < problem->n_items; i++) left[i] = problem->seats[i];
  for (int32_t k = 0; k < problem->n_people; k++) {
    const int32_t p = turns[k].row;
    assigned[p] = choose(problem, p, score + (int64_t)p * problem->n_items, least, left);
    if (assigned[p] >= 0) left[assigned[p]]--;
  }
done:
  pfc_free(turns);
  pfc_free(left);
  return st;
}
