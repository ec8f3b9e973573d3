/* The assignment of greatest total worth, by auction. Limited interventions are what is bid
 * for, each a class of equal seats with one price; what is not limited, and leading somebody to
 * nothing, are what a person has without a seat.
 *
 * A round with a given epsilon: people without a seat bid for the one best to them, offering
 * what makes it as good as their second best, plus epsilon; of more bidders than seats the
 * lowest loses its seat, and the price is the lowest bid that holds one (Bertsekas and
 * Castanon, "The auction algorithm for the transportation problem", Annals of Operations
 * Research 20, 1989). Then interventions that are not full and still have a price from earlier
 * rounds lower it until somebody comes or it is nothing (Bertsekas, Castanon and Tsaknakis,
 * "Reverse auction and the solution of inequality constrained assignment problems", SIAM J.
 * Optimization 3, 1993). After each round nobody has anything better than what they hold by
 * more than epsilon; the next one begins with its prices and a smaller epsilon. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/policy.h"

/* The last epsilon is this share of the greatest gain; each is the one before by FINER. */
static const double LAST = 1e-10, FINER = 0.15;

/* What a seat brings a person more than what they have without one. */
typedef struct edge {
  int32_t at; /* the limited intervention; in lists of these, the person */
  double gain;
} edge;

typedef struct bid {
  double offer;
  int32_t person;
} bid;

typedef struct auction {
  const pfc_policy_problem *problem;
  int32_t n_people, n_items; /* limited interventions alone */
  int32_t *item;             /* n_items: columns of the problem */
  int32_t *free_item;        /* n_people: best column without a limit, -1 none */
  double *free_worth;        /* n_people: its worth, 0 without one */
  int64_t *first, *first_of; /* n_people + 1, n_items + 1 */
  edge *of_person, *of_item; /* gains above 0 */
  int32_t *seats, *held;     /* n_items */
  double *price;             /* n_items */
  int64_t *first_bid;        /* n_items + 1 */
  bid *bids;                 /* of each item's holders, a heap with the lowest first */
  int32_t *at;               /* n_people: limited intervention held, -1 none */
  double *gain;              /* n_people: of what is held */
  int32_t *waiting;          /* n_people: who is still to bid */
  double most;               /* the greatest gain */
  double epsilon;
} auction;

static bool is_useful(const pfc_policy_problem *problem, int32_t p, int32_t i) {
  const int64_t at = (int64_t)p * problem->n_items + i;
  return problem->allowed[at] && problem->worth[at] > 0;
}

static double worth_of(const pfc_policy_problem *problem, int32_t p, int32_t i) {
  return (double)problem->worth[(int64_t)p * problem->n_items + i];
}

/* --- what is bid for -----------------------------------------------------------------------
 */

/* Limited is what has fewer seats than people who could use one. limited[n_items of the
 * problem]: its place in the auction, -1. */
static pfc_status find_limited(auction *a, int32_t *limited, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_policy_problem *problem = a->problem;
  PFC_NEW(a->item, problem->n_items);
  PFC_NEW(a->seats, problem->n_items);
  for (int32_t i = 0; i < problem->n_items; i++) {
    int32_t n = 0;
    limited[i] = -1;
    for (int32_t p = 0; p < problem->n_people; p++) n += is_useful(problem, p, i);
    if (problem->seats[i] >= n) continue;
    limited[i] = a->n_items;
    a->item[a->n_items] = i;
    a->seats[a->n_items++] = problem->seats[i] > 0 ? problem->seats[i] : 0;
  }
done:
  return st;
}

static void find_free(auction *a, const int32_t *limited) {
  const pfc_policy_problem *problem = a->problem;
  for (int32_t p = 0; p < a->n_people; p++) {
    a->free_item[p] = -1;
    for (int32_t i = 0; i < problem->n_items; i++) {
      if (limited[i] >= 0 || !is_useful(problem, p, i)) continue;
      if (worth_of(problem, p, i) <= a->free_worth[p]) continue;
      a->free_item[p] = i;
      a->free_worth[p] = worth_of(problem, p, i);
    }
  }
}

/* Calls for every seat that would bring a person something: counts, then fills. */
static void list_edges(auction *a, bool fill) {
  for (int32_t p = 0; p < a->n_people; p++) {
    for (int32_t j = 0; j < a->n_items; j++) {
      if (a->seats[j] == 0 || !is_useful(a->problem, p, a->item[j])) continue;
      const double gain = worth_of(a->problem, p, a->item[j]) - a->free_worth[p];
      if (gain <= 0) continue;
      if (fill) {
        a->of_person[a->first[p]++] = (edge){j, gain};
        a->of_item[a->first_of[j]++] = (edge){p, gain};
        a->most = fmax(a->most, gain);
      } else {
        a->first[p + 1]++;
        a->first_of[j + 1]++;
      }
    }
  }
}

/* Counts become beginnings; after filling, each has moved on to the next one's. */
static void sum_up(int32_t n, int64_t *first) {
  for (int32_t k = 0; k < n; k++) first[k + 1] += first[k];
}

static void move_back(int32_t n, int64_t *first) {
  memmove(first + 1, first, (size_t)n * sizeof *first);
  first[0] = 0;
}

static pfc_status find_edges(auction *a, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(a->first, (size_t)a->n_people + 1);
  PFC_NEW(a->first_of, (size_t)a->n_items + 1);
  list_edges(a, false);
  sum_up(a->n_people, a->first);
  sum_up(a->n_items, a->first_of);
  PFC_NEW(a->of_person, a->first[a->n_people]);
  PFC_NEW(a->of_item, a->first[a->n_people]);
  list_edges(a, true);
  move_back(a->n_people, a->first);
  move_back(a->n_items, a->first_of);
done:
  return st;
}

static pfc_status open_auction(auction *a, const pfc_policy_problem *problem, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *limited = NULL;
  *a = (auction){.problem = problem, .n_people = problem->n_people};
  PFC_NEW(limited, problem->n_items);
  PFC_TRY(find_limited(a, limited, err));
  PFC_NEW(a->free_item, a->n_people);
  PFC_NEW(a->free_worth, a->n_people);
  find_free(a, limited);
  PFC_TRY(find_edges(a, err));
  PFC_NEW(a->held, a->n_items);
  PFC_NEW(a->price, a->n_items);
  PFC_NEW(a->first_bid, (size_t)a->n_items + 1);
  for (int32_t j = 0; j < a->n_items; j++) a->first_bid[j + 1] = a->first_bid[j] + a->seats[j];
  PFC_NEW(a->bids, a->first_bid[a->n_items]);
  PFC_NEW(a->at, a->n_people);
  PFC_NEW(a->gain, a->n_people);
  PFC_NEW(a->waiting, a->n_people);
done:
  pfc_free(limited);
  return st;
}

static void close_auction(auction *a) {
  pfc_free(a->item);
  pfc_free(a->free_item);
  pfc_free(a->free_worth);
  pfc_free(a->first);
  pfc_free(a->first_of);
  pfc_free(a->of_person);
  pfc_free(a->of_item);
  pfc_free(a->seats);
  pfc_free(a->held);
  pfc_free(a->price);
  pfc_free(a->first_bid);
  pfc_free(a->bids);
  pfc_free(a->at);
  pfc_free(a->gain);
  pfc_free(a->waiting);
}

/* --- bidding -------------------------------------------------------------------------------
 */

static bool is_lower(const bid *x, const bid *y) {
  return x->offer < y->offer || (x->offer == y->offer && x->person < y->person);
}

static void push(bid *heap, int32_t n, bid b) {
  int32_t at = n;
  for (; at > 0 && is_lower(&b, &heap[(at - 1) / 2]); at = (at - 1) / 2)
    heap[at] = heap[(at - 1) / 2];
  heap[at] = b;
}

/* Puts b where the lowest of n bids was. */
static void replace_lowest(bid *heap, int32_t n, bid b) {
  int32_t at = 0;
  for (;;) {
    int32_t low = 2 * at + 1;
    if (low + 1 < n && is_lower(&heap[low + 1], &heap[low])) low++;
    if (low >= n || !is_lower(&heap[low], &b)) break;
    heap[at] = heap[low];
    at = low;
  }
  heap[at] = b;
}

/* Gives j to the person; returns who lost it to them, -1 nobody. */
static int32_t take(auction *a, int32_t j, bid b) {
  bid *heap = a->bids + a->first_bid[j];
  int32_t loser = -1;
  if (a->held[j] < a->seats[j]) {
    push(heap, a->held[j]++, b);
  } else {
    loser = heap[0].person;
    replace_lowest(heap, a->held[j], b);
  }
  if (a->held[j] == a->seats[j]) a->price[j] = heap[0].offer;
  return loser;
}

/* The person bids, or does without; returns who has to bid again for it, -1 nobody. */
static int32_t make_bid(auction *a, int32_t p) {
  const edge *best = NULL;
  double most = 0, second = 0; /* doing without brings 0 */
  for (int64_t k = a->first[p]; k < a->first[p + 1]; k++) {
    const edge *e = &a->of_person[k];
    const double profit = e->gain - a->price[e->at];
    if (profit > most) {
      second = most;
      most = profit;
      best = e;
    } else if (profit > second) {
      second = profit;
    }
  }
  if (!best) return -1;
  const double offer = a->price[best->at] + (most - second) + a->epsilon;
  const int32_t loser = take(a, best->at, (bid){offer, p});
  a->at[p] = best->at;
  a->gain[p] = best->gain;
  if (loser >= 0) a->at[loser] = -1;
  return loser;
}

static void bid_all(auction *a) {
  int32_t n = 0;
  memset(a->held, 0, (size_t)a->n_items * sizeof *a->held);
  for (int32_t p = a->n_people - 1; p >= 0; p--) {
    a->at[p] = -1;
    a->waiting[n++] = p;
  }
  while (n > 0) {
    const int32_t loser = make_bid(a, a->waiting[--n]);
    if (loser >= 0) a->waiting[n++] = loser;
  }
}

/* --- lowering prices ------------------------------------------------------------------------
 */

static double profit_of(const auction *a, int32_t p) {
  return a->at[p] < 0 ? 0 : a->gain[p] - a->price[a->at[p]];
}

/* Until j is full, or its empty seats cost nothing. */
static void lower_price(auction *a, int32_t j) {
  while (a->held[j] < a->seats[j] && a->price[j] > 0) {
    const edge *best = NULL;
    double most = -INFINITY, second = -INFINITY; /* what people would pay at most */
    for (int64_t k = a->first_of[j]; k < a->first_of[j + 1]; k++) {
      const edge *e = &a->of_item[k];
      if (a->at[e->at] == j) continue;
      const double pays = e->gain - profit_of(a, e->at);
      if (pays > most) {
        second = most;
        most = pays;
        best = e;
      } else if (pays > second) {
        second = pays;
      }
    }
    if (!best || most <= a->epsilon) {
      a->price[j] = 0;
      return;
    }
    a->price[j] = fmin(a->price[j], fmax(0, second - a->epsilon));
    if (a->at[best->at] >= 0) a->held[a->at[best->at]]--;
    a->at[best->at] = j;
    a->gain[best->at] = best->gain;
    a->held[j]++;
  }
}

/* Whoever comes may leave a seat empty elsewhere. */
static void lower_all(auction *a) {
  bool any = true;
  while (any) {
    any = false;
    for (int32_t j = 0; j < a->n_items; j++) {
      if (a->held[j] == a->seats[j] || a->price[j] == 0) continue;
      lower_price(a, j);
      any = true;
    }
  }
}

/* --- all of it -------------------------------------------------------------------------------
 */

static double primal(const auction *a) {
  double sum = 0;
  for (int32_t p = 0; p < a->n_people; p++)
    sum += a->free_worth[p] + (a->at[p] >= 0 ? a->gain[p] : 0);
  return sum;
}

/* Any prices from 0 up bound what any assignment can be worth. */
static double dual(const auction *a) {
  double sum = 0;
  for (int32_t j = 0; j < a->n_items; j++) sum += a->price[j] * a->seats[j];
  for (int32_t p = 0; p < a->n_people; p++) {
    double most = 0;
    for (int64_t k = a->first[p]; k < a->first[p + 1]; k++)
      most = fmax(most, a->of_person[k].gain - a->price[a->of_person[k].at]);
    sum += a->free_worth[p] + most;
  }
  return sum;
}

pfc_status pfc_policy_oracle(const pfc_policy_problem *problem, int32_t *assigned,
                             double *slack, pfc_error *err) {
  pfc_status st = PFC_OK;
  auction a;
  PFC_TRY(open_auction(&a, problem, err));
  double share = 1;
  while (share > LAST) {
    share = fmax(LAST, share * FINER);
    a.epsilon = a.most * share;
    bid_all(&a);
    lower_all(&a);
  }
  for (int32_t p = 0; p < a.n_people; p++)
    assigned[p] = a.at[p] >= 0 ? a.item[a.at[p]] : a.free_item[p];
  *slack = fmax(0, dual(&a) - primal(&a));
done:
  close_auction(&a);
  return st;
}
