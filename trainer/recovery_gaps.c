/* Gaps as they are told against those there are: are probabilities of a gap right, and do the
 * gaps that put most at risk stand first on a person's list? */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/gaps.h"
#include "trainer/metrics.h"
#include "trainer/recovery_internal.h"

enum { BINS = 10, CUT = 10 };

/* Orders of a person's requirements, largest first. */
enum { PRIORITY, RISK, WEIGHTED_GAP, LARGEST_GAP, LATEST_GAP, N_ORDERS };
static const char *const ORDERS[N_ORDERS] = {"priority", "risk", "weighted_gap", "largest_gap",
                                             "latest_gap"};

/* Every requirement of everybody. */
typedef struct gaps {
  int64_t n;
  double *p;
  int8_t *y;
  double *real_y;
  int32_t *person;
  pfc_order *order;
} gaps;

/* One person's requirements. */
typedef struct list {
  int n;
  double *worth;           /* risk-weighted, true */
  double *score[N_ORDERS]; /* by which each order ranks */
  double *by_worth;        /* scratch */
} list;

typedef struct looker {
  const pfc__recovery *r;
  pfc_gaps *gaps;
  pfc_person_gaps *of;
  struct gaps all;
  list list;
  pfc_means means; /* NDCG of each order, then what it lacks to that of priority */
} looker;

/* --- one list -------------------------------------------------------------------------------
 */

static int descending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

static double discounted(int n, const double *gain) {
  double sum = 0;
  for (int k = 0; k < n && k < CUT; k++) sum += gain[k] / log2(k + 2.0);
  return sum;
}

/* Gains in the order of scores; equal ones by competency. */
static void arrange(const list *l, const double *score, double *gain) {
  for (int k = 0; k < l->n; k++) {
    int place = 0;
    for (int i = 0; i < l->n; i++)
      place += score[i] > score[k] || (score[i] == score[k] && i < k);
    gain[place] = l->worth[k];
  }
}

static void rank(looker *k, int32_t person) {
  list *l = &k->list;
  double ndcg[N_ORDERS];
  for (int i = 0; i < l->n; i++) l->by_worth[i] = l->worth[i];
  if (l->n > 0) qsort(l->by_worth, (size_t)l->n, sizeof *l->by_worth, descending);
  const double ideal = discounted(l->n, l->by_worth);
  if (!(ideal > 0)) return;
  for (int o = 0; o < N_ORDERS; o++) {
    arrange(l, l->score[o], l->by_worth);
    ndcg[o] = discounted(l->n, l->by_worth) / ideal;
    pfc_means_add(&k->means, person, o, ndcg[o], 1);
    pfc_means_add(&k->means, person, N_ORDERS + o, ndcg[PRIORITY] - ndcg[o], 1);
  }
}

/* --- one person -----------------------------------------------------------------------------
 */

static void note(looker *k, const pfc__cell *cell, const pfc_gap *gap) {
  const pfc__recovery *r = k->r;
  const double latest = cell->rule[PFC__LATEST_THREE];
  list *l = &k->list;
  const int i = l->n++;
  l->worth[i] =
      gap->importance * r->match.criticality[gap->role] * fmax(gap->required - cell->held, 0);
  l->score[PRIORITY][i] = gap->priority;
  l->score[RISK][i] = gap->importance * gap->shortfall;
  l->score[LARGEST_GAP][i] = gap->required - gap->level;
  l->score[WEIGHTED_GAP][i] = gap->importance * (gap->required - gap->level);
  l->score[LATEST_GAP][i] = isnan(latest) ? 1 : fmax(gap->required - latest, 0);
  struct gaps *all = &k->all;
  all->p[all->n] = gap->p_gap;
  all->real_y[all->n] = all->y[all->n] = cell->held < gap->required;
  all->person[all->n++] = cell->person;
}

/* What the role held asks for with a level; what it will ask for, and goals, have no truth. */
static pfc_status look_at(looker *k, int32_t person, pfc_error *err) {
  const pfc__recovery *r = k->r;
  int64_t at = r->cells.first[person];
  const int64_t end = r->cells.first[person + 1];
  if (at == end) return PFC_OK;
  const pfc_status st = pfc_gaps_of(k->gaps, person, r->day, k->of, err);
  if (st != PFC_OK) return st;
  k->list.n = 0;
  for (int32_t i = 0; i < k->of->n; i++) {
    const pfc_gap *gap = &k->of->at[i];
    while (at < end && r->cells.at[at].competency < gap->competency) at++;
    if (at < end && r->cells.at[at].competency == gap->competency && gap->goal == 1)
      note(k, &r->cells.at[at], gap);
  }
  rank(k, person);
  return PFC_OK;
}

/* --- figures --------------------------------------------------------------------------------
 */

static pfc_status of_probabilities(const double *w, void *user, double *value, pfc_error *err) {
  const struct gaps *g = user;
  value[1] = pfc_brier(g->n, g->p, g->y, w);
  return pfc_ece_ordered(g->order, g->real_y, w, BINS, &value[0], err);
}

static pfc_status put_probabilities(const pfc__recovery *r, struct gaps *g, cJSON *object,
                                    pfc_error *err) {
  static const char *const NAMES[] = {"ece", "brier"};
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_order_create(g->n, g->p, &g->order, err));
  const pfc_owned rows = {g->n, g->person, r->history->n_people};
  PFC_TRY(pfc__put_figures(r, &rows, 2, of_probabilities, g, NAMES,
                           (cJSON *const[]){object, object}, err));
done:
  return st;
}

static pfc_status put_orders(const pfc_means *t, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *orders = NULL, *order = NULL;
  PFC_TRY(pfc__put_part(object, "orders", &orders, err));
  for (int o = 0; o < N_ORDERS; o++) {
    PFC_TRY(pfc__put_part(orders, ORDERS[o], &order, err));
    PFC_TRY(pfc_means_put(t, o, PFC_MEANS_PLAIN, "ndcg_at_10", order, err));
    if (o == PRIORITY) continue;
    PFC_TRY(pfc_means_put(t, N_ORDERS + o, PFC_MEANS_PLAIN, "priority_more", order, err));
  }
done:
  return st;
}

/* --- all of it ------------------------------------------------------------------------------
 */

static pfc_status looker_init(looker *k, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__recovery *r = k->r;
  const int32_t n = r->evidence->n_competencies;
  pfc_gap_settings settings;
  pfc_gap_defaults(&settings);
  settings.as_of = r->day;
  PFC_TRY(pfc_gaps_create(r->bundle, r->ds, r->history, &settings, &k->gaps, err));
  PFC_TRY(pfc_person_gaps_create(k->gaps, &k->of, err));
  PFC_NEW(k->list.worth, n);
  PFC_NEW(k->list.by_worth, n);
  for (int o = 0; o < N_ORDERS; o++) PFC_NEW(k->list.score[o], n);
  PFC_NEW(k->all.p, r->cells.n);
  PFC_NEW(k->all.y, r->cells.n);
  PFC_NEW(k->all.real_y, r->cells.n);
  PFC_NEW(k->all.person, r->cells.n);
  PFC_TRY(pfc_means_init(&k->means, r->history->n_people, 2 * N_ORDERS, err));
done:
  return st;
}

static void looker_clear(looker *k) {
  pfc_gaps_destroy(k->gaps);
  pfc_person_gaps_destroy(k->of);
  pfc_free(k->list.worth);
  pfc_free(k->list.by_worth);
  for (int o = 0; o < N_ORDERS; o++) pfc_free(k->list.score[o]);
  pfc_free(k->all.p);
  pfc_free(k->all.y);
  pfc_free(k->all.real_y);
  pfc_free(k->all.person);
  pfc_order_destroy(k->all.order);
  pfc_means_clear(&k->means);
}

pfc_status pfc__recover_gaps(const pfc__recovery *r, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  looker k = {.r = r};
  PFC_TRY(looker_init(&k, err));
  for (int32_t p = 0; p < r->history->n_people; p++) PFC_TRY(look_at(&k, p, err));
  PFC_TRY(put_probabilities(r, &k.all, object, err));
  PFC_TRY(pfc_means_draw(&k.means, r->settings->resamples, r->settings->seed, err));
  PFC_TRY(put_orders(&k.means, object, err));
done:
  looker_clear(&k);
  return st;
}
