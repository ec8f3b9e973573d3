/* Judging lists, whatever made them: for each person and day on which test starts happened, a
 * full ranking of the candidates against what was started. People with a history and people
 * without are told apart. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/evaluate_internal.h"

/* Figures of one list, of which the means are told. */
enum { MRR, MAP, FIRST_AT_K };
enum { RECALL, NDCG, PER_K };

/* Queries of one kind of people, and the sums of their figures. A column is a figure of a
 * ranker: figure * rankers + ranker. */
typedef struct query_set {
  int64_t n;
  int64_t *query;   /* n; ascending */
  int32_t *owner;   /* n; 0..n_owners-1 */
  int32_t n_owners; /* people */
  int n_figures;
  int n_columns;
  double *sum, *count; /* n_owners x n_columns */
} query_set;

static void query_set_clear(query_set *set) {
  pfc_free(set->query);
  pfc_free(set->owner);
  pfc_free(set->sum);
  pfc_free(set->count);
}

/* --- one list ----------------------------------------------------------------------------- */

/* hit[] as far as the last relevant one on the list; returns how far that is. */
static int hits_of(const int32_t *place, int n_relevant, uint8_t *hit) {
  int last = 0;
  for (int r = 0; r < n_relevant; r++) last = place[r] > last ? place[r] : last;
  memset(hit, 0, (size_t)last);
  for (int r = 0; r < n_relevant; r++) {
    if (place[r] > 0) hit[place[r] - 1] = 1;
  }
  return last;
}

/* value[n_figures]. Places beyond the last hit change none of them. */
static void judge_list(const pfc_evaluate_settings *s, int n, const uint8_t *hit,
                       int n_relevant, double *value) {
  value[MRR] = pfc_reciprocal_rank(n, hit);
  value[MAP] = pfc_average_precision_at(n > 0 ? n : 1, n, hit, n_relevant);
  for (int i = 0; i < s->n_k; i++) {
    double *at = value + FIRST_AT_K + PER_K * i;
    at[RECALL] = pfc_recall_at(s->k[i], n, hit, n_relevant);
    at[NDCG] = pfc_ndcg_at(s->k[i], n, hit, n_relevant);
  }
}

/* --- sums --------------------------------------------------------------------------------- */

static pfc_status choose(query_set *set, const pfc__evaluation *e, const pfc__lists *l,
                         bool has_history, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_judged_rows *rows = e->rows;
  int32_t before = -1;
  PFC_NEW(set->query, rows->n_queries);
  PFC_NEW(set->owner, rows->n_queries);
  for (int64_t q = 0; q < rows->n_queries; q++) {
    const pfc_decision *d = &rows->query[q].d;
    int64_t from = 0;
    if ((pfc_decision_attempts(e->history, d, &from) > from) != has_history) continue;
    set->n_owners += d->person != before;
    before = d->person;
    set->owner[set->n] = set->n_owners - 1;
    set->query[set->n++] = q;
  }
  set->n_figures = FIRST_AT_K + PER_K * e->settings->n_k;
  set->n_columns = set->n_figures * l->n;
  PFC_NEW(set->sum, (int64_t)set->n_owners * set->n_columns);
  PFC_NEW(set->count, (int64_t)set->n_owners * set->n_columns);
done:
  return st;
}

static pfc_status add_up(query_set *set, const pfc__evaluation *e, const pfc__lists *l,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n_slots = l->slot[e->rows->n_queries];
  uint8_t *hit = NULL;
  double *value = NULL;
  PFC_NEW(hit, e->cat->n_interventions);
  PFC_NEW(value, set->n_figures);
  for (int64_t i = 0; i < set->n; i++) {
    const int64_t q = set->query[i];
    for (int r = 0; r < l->n; r++) {
      const int32_t *place = l->place + r * n_slots + l->slot[q];
      const int n = hits_of(place, l->n_relevant[q], hit);
      judge_list(e->settings, n, hit, l->n_relevant[q], value);
      for (int f = 0; f < set->n_figures; f++) {
        const int64_t at = (int64_t)set->owner[i] * set->n_columns + f * l->n + r;
        if (isnan(value[f])) continue;
        set->sum[at] += value[f];
        set->count[at]++;
      }
    }
  }
done:
  pfc_free(hit);
  pfc_free(value);
  return st;
}

/* --- figures ------------------------------------------------------------------------------ */

static void figure_name(const pfc_evaluate_settings *s, int figure, char name[32]) {
  static const char *const AT_K[PER_K] = {"recall_at_%d", "ndcg_at_%d"};
  if (figure == MRR || figure == MAP) {
    snprintf(name, 32, "%s", figure == MRR ? "mrr" : "map");
  } else {
    snprintf(name, 32, AT_K[(figure - FIRST_AT_K) % PER_K],
             s->k[(figure - FIRST_AT_K) / PER_K]);
  }
}

/* The mean of a column, and of how many lists. */
static double mean_of(const query_set *set, int column, int64_t *n) {
  double sum = 0, count = 0;
  for (int32_t p = 0; p < set->n_owners; p++) {
    sum += set->sum[(int64_t)p * set->n_columns + column];
    count += set->count[(int64_t)p * set->n_columns + column];
  }
  *n = (int64_t)count;
  return count > 0 ? sum / count : (double)NAN;
}

static pfc_status put_means(pfc__evaluation *e, const pfc__lists *l, const query_set *set,
                            const pfc__panel *panel, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evaluate_settings *s = e->settings;
  double *resample = NULL;
  if (s->resamples > 0) {
    PFC_NEW(resample, (int64_t)s->resamples * set->n_columns);
    PFC_TRY(pfc_bootstrap_means(set->n_owners, set->n_columns, set->sum, set->count,
                                s->resamples, s->seed, resample, err));
  }
  for (int f = 0; f < set->n_figures; f++) {
    char name[32];
    int64_t n;
    figure_name(s, f, name);
    pfc__told told = {.name = name,
                      .better = "higher",
                      .resample = resample ? resample + (ptrdiff_t)f * l->n : NULL,
                      .stride = set->n_columns};
    for (int i = 0; i < panel->n; i++) {
      told.value[i] = mean_of(set, f * l->n + i, &told.n[i]);
    }
    told.simple = mean_of(set, f * l->n + panel->n, &n);
    PFC_TRY(pfc__tell_figure(e, panel, &told, err));
  }
done:
  pfc_free(resample);
  return st;
}

/* How lists spread over the catalogue; plain values, without intervals. */
static pfc_status exposure_of(const pfc__evaluation *e, const pfc__lists *l,
                              const query_set *set, int r, double *coverage, double *gini,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = e->cat->n_interventions;
  double *exposure = NULL;
  int32_t shown = 0;
  PFC_NEW(exposure, n);
  for (int64_t i = 0; i < set->n; i++) {
    const int32_t *top = l->top + (r * e->rows->n_queries + set->query[i]) * l->cut;
    for (int c = 0; c < l->cut && top[c] >= 0; c++) exposure[top[c]]++;
  }
  for (int32_t i = 0; i < n; i++) shown += exposure[i] > 0;
  *coverage = n ? (double)shown / n : (double)NAN;
  PFC_TRY(pfc_gini(n, exposure, gini, err));
done:
  pfc_free(exposure);
  return st;
}

static pfc_status put_exposure(pfc__evaluation *e, const pfc__lists *l, const query_set *set,
                               const pfc__panel *panel, pfc_error *err) {
  pfc_status st = PFC_OK;
  char coverage_name[32], gini_name[32];
  snprintf(coverage_name, sizeof coverage_name, "coverage_at_%d", l->cut);
  snprintf(gini_name, sizeof gini_name, "gini_at_%d", l->cut);
  pfc__told coverage = {.name = coverage_name, .better = "neither"};
  pfc__told gini = {.name = gini_name, .better = "neither"};
  for (int i = 0; i < panel->n; i++) {
    coverage.n[i] = gini.n[i] = set->n;
    PFC_TRY(exposure_of(e, l, set, i, &coverage.value[i], &gini.value[i], err));
  }
  PFC_TRY(exposure_of(e, l, set, panel->n, &coverage.simple, &gini.simple, err));
  PFC_TRY(pfc__tell_figure(e, panel, &coverage, err));
  PFC_TRY(pfc__tell_figure(e, panel, &gini, err));
done:
  return st;
}

static pfc_status judge_set(pfc__evaluation *e, const pfc__lists *l, bool has_history,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  query_set set = {0};
  pfc__panel panel = {.section = has_history ? "affinity" : "affinity_new_people",
                      .n = l->n - 1,
                      .baseline = "popularity"};
  memcpy(panel.who, l->who, sizeof panel.who);
  PFC_TRY(choose(&set, e, l, has_history, err));
  if (set.n == 0) goto done;
  PFC_TRY(pfc__panel_open(e, &panel, err));
  PFC_TRY(add_up(&set, e, l, err));
  PFC_TRY(put_means(e, l, &set, &panel, err));
  PFC_TRY(put_exposure(e, l, &set, &panel, err));
done:
  query_set_clear(&set);
  return st;
}

pfc_status pfc__evaluate_affinity(pfc__evaluation *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__lists lists = {0};
  PFC_TRY(pfc__rank(e, &lists, err));
  if (lists.n == 0) goto done;
  PFC_TRY(judge_set(e, &lists, true, err));
  PFC_TRY(judge_set(e, &lists, false, err));
done:
  pfc__lists_clear(&lists);
  return st;
}
