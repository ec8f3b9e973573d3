/* Levels as the profile tells them against those that are held: of everybody there on the day,
 * in all that their role asks for. */
#include <math.h>

#include "base/json.h"
#include "trainer/recovery_internal.h"

static const double Z90 = 1.6448536269514722;

/* Columns of a set of cells: of whoever tells levels two, error and its square, then whether
 * intervals of 0.9 hold the level. */
enum {
  MODEL = 0,
  TRUTH = 2,
  RULES = 4,
  INSIDE = RULES + 2 * PFC__N_RULES,
  TRUE_INSIDE,
  N_OF_SET
};
enum { ALL, RATED, UNRATED, N_SETS };

/* Cells by how many ratings there are: from .. the next one's from. */
typedef struct bin {
  const char *name;
  int32_t from;
} bin;
static const bin BINS[] = {{"0", 0},   {"1", 1},   {"2", 2},   {"3", 3},
                           {"4-5", 4}, {"6-9", 6}, {"10+", 10}};
enum { N_BINS = sizeof BINS / sizeof *BINS };

static const char *rule_name(int k) {
  return k == PFC__LATEST_THREE ? "latest_three" : pfc_crude_name((pfc_crude)k);
}

/* --- sets of cells --------------------------------------------------------------------------
 */

static void add_to(pfc_means *t, const pfc__cell *cell, int set) {
  const int first = set * N_OF_SET;
  const double error = cell->mean - cell->held, true_error = cell->true_mean - cell->held;
  pfc__add_error(t, cell->person, first + MODEL, error);
  pfc__add_error(t, cell->person, first + TRUTH, true_error);
  pfc_means_add(t, cell->person, first + INSIDE, fabs(error) <= Z90 * cell->sd, 1);
  pfc_means_add(t, cell->person, first + TRUE_INSIDE, fabs(true_error) <= Z90 * cell->true_sd,
                1);
  for (int k = 0; k < PFC__N_RULES; k++) {
    if (isnan(cell->rule[k])) continue;
    pfc__add_error(t, cell->person, first + RULES + 2 * k, cell->rule[k] - cell->held);
  }
}

static pfc_status put_rules(const pfc_means *t, int first, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < PFC__N_RULES; k++) {
    cJSON *rule = NULL;
    if (t->n[first + RULES + 2 * k] == 0) continue;
    PFC_TRY(pfc__put_part(object, rule_name(k), &rule, err));
    PFC_TRY(pfc__put_error(t, first + RULES + 2 * k, rule, err));
  }
done:
  return st;
}

static pfc_status put_set(const pfc_means *t, int set, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int first = set * N_OF_SET;
  cJSON *at_truth = NULL;
  PFC_TRY(pfc__put_error(t, first + MODEL, object, err));
  PFC_TRY(pfc_means_put(t, first + INSIDE, PFC_MEANS_PLAIN, "coverage90", object, err));
  if (set != ALL) PFC_TRY(put_rules(t, first, object, err));
  PFC_TRY(pfc__put_part(object, "at_truth", &at_truth, err));
  PFC_TRY(pfc__put_error(t, first + TRUTH, at_truth, err));
  PFC_TRY(pfc_means_put(t, first + TRUE_INSIDE, PFC_MEANS_PLAIN, "coverage90", at_truth, err));
  PFC_TRY(pfc__put_ratio(t, first + MODEL, first + TRUTH, PFC__RATIO, "ratio", at_truth, err));
done:
  return st;
}

/* The column of the rule that errs least on rated cells. */
static int best_rule(const pfc_means *t) {
  const int first = RATED * N_OF_SET + RULES;
  int best = 0;
  for (int k = 1; k < PFC__N_RULES; k++)
    if (t->value[first + 2 * k] < t->value[first + 2 * best]) best = k;
  return first + 2 * best;
}

/* --- by evidence ----------------------------------------------------------------------------
 */

static pfc_status put_bin(const pfc__cells *cells, int b, cJSON *list, pfc_error *err) {
  pfc_status st = PFC_OK;
  double n = 0, squares = 0, sd = 0, inside = 0;
  const int32_t to = b + 1 < N_BINS ? BINS[b + 1].from : INT32_MAX;
  for (int64_t i = 0; i < cells->n; i++) {
    const pfc__cell *cell = &cells->at[i];
    if (cell->n_ratings < BINS[b].from || cell->n_ratings >= to) continue;
    const double error = cell->mean - cell->held;
    n++;
    squares += error * error;
    sd += cell->sd;
    inside += fabs(error) <= Z90 * cell->sd;
  }
  if (n == 0) return PFC_OK;
  cJSON *object = cJSON_CreateObject();
  if (!object || !cJSON_AddItemToArray(list, object)) {
    cJSON_Delete(object);
    return pfc_fail_memory(err, "figures");
  }
  PFC_TRY(pfc_json_put_text(object, "ratings", BINS[b].name, err));
  PFC_TRY(pfc_json_put_number(object, "cells", n, err));
  PFC_TRY(pfc_json_put_number(object, "rmse", sqrt(squares / n), err));
  PFC_TRY(pfc_json_put_number(object, "sd", sd / n, err));
  PFC_TRY(pfc_json_put_number(object, "coverage", inside / n, err));
done:
  return st;
}

static pfc_status put_by_ratings(const pfc__cells *cells, cJSON *object, pfc_error *err) {
  cJSON *list = cJSON_AddArrayToObject(object, "by_ratings");
  pfc_status st = list ? PFC_OK : pfc_fail_memory(err, "figures");
  for (int b = 0; b < N_BINS && st == PFC_OK; b++) st = put_bin(cells, b, list, err);
  return st;
}

/* --- all of it ------------------------------------------------------------------------------
 */

pfc_status pfc__recover_levels(const pfc__recovery *r, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_means t = {0};
  cJSON *rated = NULL, *unrated = NULL;
  PFC_TRY(pfc_means_init(&t, r->history->n_people, N_SETS * N_OF_SET, err));
  for (int64_t i = 0; i < r->cells.n; i++) {
    const pfc__cell *cell = &r->cells.at[i];
    add_to(&t, cell, ALL);
    add_to(&t, cell, cell->n_ratings > 0 ? RATED : UNRATED);
  }
  PFC_TRY(pfc_means_draw(&t, r->settings->resamples, r->settings->seed, err));
  PFC_TRY(put_set(&t, ALL, object, err));
  PFC_TRY(pfc__put_part(object, "rated", &rated, err));
  PFC_TRY(put_set(&t, RATED, rated, err));
  PFC_TRY(pfc__put_ratio(&t, RATED * N_OF_SET + MODEL, best_rule(&t), PFC__IMPROVEMENT,
                         "improvement", rated, err));
  PFC_TRY(pfc__put_part(object, "unrated", &unrated, err));
  PFC_TRY(put_set(&t, UNRATED, unrated, err));
  PFC_TRY(put_by_ratings(&r->cells, object, err));
done:
  pfc_means_clear(&t);
  return st;
}
