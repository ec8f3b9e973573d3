/* Judging lists, whatever made them: for each person and day on which test starts happened, a
 * full ranking of the candidates against what was started. People with a history and people
 * without are told apart. */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "trainer/evaluate_internal.h"

/* Figures of one list, of which the means are told. */
enum { MRR, MAP, NOVELTY, DIVERSITY, FIRST_AT_K };
enum { RECALL, NDCG, PRECISION, HIT_RATE, PER_K };

/* What is known of interventions beside their scores. */
typedef struct catalogue_facts {
  int32_t *takers;  /* people who started it in the training rows */
  int32_t n_people; /* who started anything there */
  pfc_item_sets aims;
} catalogue_facts;

/* Queries of one kind of people, and the sums of their figures. A column is a figure of a
 * ranker: figure * rankers + ranker. */
typedef struct query_set {
  int64_t n;
  int64_t *query;   /* n; ascending */
  int32_t n_owners; /* people */
  int64_t *first;   /* n_owners + 1: queries of owner o are query[first[o]] .. */
  int n_figures;
  int n_columns;
  double *sum, *count; /* n_owners x n_columns */
} query_set;

static void query_set_clear(query_set *set) {
  pfc_free(set->query);
  pfc_free(set->first);
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
static void judge_hits(const pfc_evaluate_settings *s, int n, const uint8_t *hit,
                       int n_relevant, double *value) {
  value[MRR] = pfc_reciprocal_rank(n, hit);
  value[MAP] = pfc_average_precision_at(n > 0 ? n : 1, n, hit, n_relevant);
  for (int i = 0; i < s->n_k; i++) {
    double *at = value + FIRST_AT_K + PER_K * i;
    at[RECALL] = pfc_recall_at(s->k[i], n, hit, n_relevant);
    at[NDCG] = pfc_ndcg_at(s->k[i], n, hit, n_relevant);
    at[PRECISION] = pfc_precision_at(s->k[i], n, hit, n_relevant);
    at[HIT_RATE] = pfc_hit_rate_at(s->k[i], n, hit, n_relevant);
  }
}

/* --- sums --------------------------------------------------------------------------------- */

static bool has_history(const pfc__evaluation *e, const pfc_decision *d) {
  int64_t from = 0;
  return pfc_decision_attempts(e->history, d, &from) > from;
}

static pfc_status choose(query_set *set, const pfc__evaluation *e, const pfc__lists *l,
                         bool known, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_judged_rows *rows = e->rows;
  int32_t before = -1;
  PFC_NEW(set->query, rows->n_queries);
  PFC_NEW(set->first, rows->n_queries + 1);
  for (int64_t q = 0; q < rows->n_queries; q++) {
    const pfc_decision *d = &rows->query[q].d;
    if (has_history(e, d) != known) continue;
    if (d->person != before) set->first[set->n_owners++] = set->n;
    before = d->person;
    set->query[set->n++] = q;
  }
  set->first[set->n_owners] = set->n;
  set->n_figures = FIRST_AT_K + PER_K * e->settings->n_k;
  set->n_columns = set->n_figures * l->n;
  PFC_NEW(set->sum, (int64_t)set->n_owners * set->n_columns);
  PFC_NEW(set->count, (int64_t)set->n_owners * set->n_columns);
done:
  return st;
}

/* What all sums are made from. */
typedef struct summing {
  const pfc__evaluation *e;
  const pfc__lists *lists;
  const catalogue_facts *facts;
  query_set *set;
} summing;

/* hit, value: scratch. */
static void add_list(const summing *s, int32_t owner, int64_t q, int r, uint8_t *hit,
                     double *value) {
  const pfc__lists *l = s->lists;
  const int64_t n_queries = s->e->rows->n_queries;
  const int32_t *top = l->top + (r * n_queries + q) * l->cut;
  int shown = 0;
  while (shown < l->cut && top[shown] >= 0) shown++;
  const int n = hits_of(l->place + r * l->slot[n_queries] + l->slot[q], l->n_relevant[q], hit);
  judge_hits(s->e->settings, n, hit, l->n_relevant[q], value);
  value[NOVELTY] = pfc_novelty_at(l->cut, shown, top, s->facts->takers, s->facts->n_people);
  pfc_item_sets aims = s->facts->aims;
  value[DIVERSITY] = pfc_diversity_at(l->cut, shown, top, pfc_jaccard, &aims);
  for (int f = 0; f < s->set->n_figures; f++) {
    const int64_t at = (int64_t)owner * s->set->n_columns + (ptrdiff_t)f * l->n + r;
    if (isnan(value[f])) continue;
    s->set->sum[at] += value[f];
    s->set->count[at]++;
  }
}

static pfc_status add_up(const summing *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_items = s->e->cat->n_interventions;
  const query_set *set = s->set;
  const int n_threads = pfc_par_threads();
  uint8_t *hit = NULL;
  double *value = NULL;
  PFC_NEW(hit, (int64_t)n_threads * n_items);
  PFC_NEW(value, n_threads * set->n_figures);
#pragma omp parallel for schedule(dynamic, 64) num_threads(n_threads)
  for (int32_t o = 0; o < set->n_owners; o++) {
    const ptrdiff_t thread = omp_get_thread_num();
    for (int64_t i = set->first[o]; i < set->first[o + 1]; i++) {
      for (int r = 0; r < s->lists->n; r++) {
        add_list(s, o, set->query[i], r, hit + thread * n_items,
                 value + thread * set->n_figures);
      }
    }
  }
done:
  pfc_free(hit);
  pfc_free(value);
  return st;
}

/* --- figures ------------------------------------------------------------------------------ */

/* Names, and whether more is better: novelty and diversity describe lists. */
static void name_figure(const pfc__evaluation *e, const pfc__lists *l, int figure,
                        char name[32], const char **better) {
  static const char *const AT_K[PER_K] = {"recall_at_%d", "ndcg_at_%d", "precision_at_%d",
                                          "hit_rate_at_%d"};
  *better = "higher";
  if (figure == MRR || figure == MAP) {
    snprintf(name, 32, "%s", figure == MRR ? "mrr" : "map");
  } else if (figure < FIRST_AT_K) {
    snprintf(name, 32, figure == NOVELTY ? "novelty_at_%d" : "diversity_at_%d", l->cut);
    *better = "neither";
  } else {
    snprintf(name, 32, AT_K[(figure - FIRST_AT_K) % PER_K],
             e->settings->k[(figure - FIRST_AT_K) / PER_K]);
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
    const char *better;
    int64_t n;
    name_figure(e, l, f, name, &better);
    pfc__told told = {.name = name,
                      .better = better,
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

/* How often each intervention is among the first of the set's lists. */
static void expose(const pfc__evaluation *e, const pfc__lists *l, const query_set *set, int r,
                   double *exposure) {
  memset(exposure, 0, sizeof *exposure * (size_t)e->cat->n_interventions);
  for (int64_t i = 0; i < set->n; i++) {
    const int32_t *top = l->top + (r * e->rows->n_queries + set->query[i]) * l->cut;
    for (int c = 0; c < l->cut && top[c] >= 0; c++) exposure[top[c]]++;
  }
}

/* How lists spread over the catalogue; plain values, without intervals. */
static pfc_status put_exposure(pfc__evaluation *e, const pfc__lists *l, const query_set *set,
                               const pfc__panel *panel, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = e->cat->n_interventions;
  double *exposure = NULL;
  char coverage_name[32], gini_name[32];
  snprintf(coverage_name, sizeof coverage_name, "coverage_at_%d", l->cut);
  snprintf(gini_name, sizeof gini_name, "gini_at_%d", l->cut);
  pfc__told coverage = {.name = coverage_name, .better = "neither"};
  pfc__told gini = {.name = gini_name, .better = "neither"};
  PFC_NEW(exposure, n);
  for (int i = 0; i < l->n; i++) {
    const bool is_member = i < panel->n;
    expose(e, l, set, i, exposure);
    *(is_member ? &coverage.value[i] : &coverage.simple) = pfc_coverage(n, exposure);
    PFC_TRY(pfc_gini(n, exposure, is_member ? &gini.value[i] : &gini.simple, err));
    if (is_member) coverage.n[i] = gini.n[i] = set->n;
  }
  PFC_TRY(pfc__tell_figure(e, panel, &coverage, err));
  PFC_TRY(pfc__tell_figure(e, panel, &gini, err));
done:
  pfc_free(exposure);
  return st;
}

static pfc_status put_curves(const pfc__evaluation *e, const pfc__lists *l,
                             const query_set *set, const pfc__panel *panel, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = e->cat->n_interventions;
  double *own = NULL, *simple = NULL;
  PFC_NEW(own, n);
  PFC_NEW(simple, n);
  expose(e, l, set, panel->n, simple);
  for (int i = 0; i < panel->n; i++) {
    cJSON *curves = pfc__put_object(panel->object[i], "curves");
    if (!curves) st = pfc_fail_memory(err, "curves");
    PFC_TRY(st);
    expose(e, l, set, i, own);
    PFC_TRY(pfc__put_lorenz(curves, "lorenz", n, own, err));
    PFC_TRY(pfc__put_lorenz(curves, "lorenz_popularity", n, simple, err));
  }
done:
  pfc_free(own);
  pfc_free(simple);
  return st;
}

static pfc_status judge_set(pfc__evaluation *e, const pfc__lists *l,
                            const catalogue_facts *facts, bool known, pfc_error *err) {
  pfc_status st = PFC_OK;
  query_set set = {0};
  pfc__panel panel = {.section = known ? "affinity" : "affinity_new_people",
                      .n = l->n - 1,
                      .baseline = "popularity"};
  memcpy(panel.who, l->who, sizeof panel.who);
  PFC_TRY(choose(&set, e, l, known, err));
  if (set.n == 0) goto done;
  PFC_TRY(pfc__panel_open(e, &panel, err));
  PFC_TRY(add_up(&(summing){e, l, facts, &set}, err));
  PFC_TRY(put_means(e, l, &set, &panel, err));
  PFC_TRY(put_exposure(e, l, &set, &panel, err));
  if (e->settings->curves) PFC_TRY(put_curves(e, l, &set, &panel, err));
done:
  query_set_clear(&set);
  return st;
}

/* Attempts stand by person, so that each person's are seen together. */
static pfc_status learn_facts(const pfc__evaluation *e, catalogue_facts *facts,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = e->training_history;
  int32_t *last = NULL; /* who was seen to take it up last */
  facts->aims = (pfc_item_sets){e->cat->first, e->cat->competency};
  PFC_NEW(facts->takers, e->cat->n_interventions);
  PFC_NEW(last, e->cat->n_interventions);
  for (int32_t p = 0; p < h->n_people; p++) {
    bool any = false;
    for (int64_t a = h->first_attempt[p]; a < h->first_attempt[p + 1]; a++) {
      const pfc_attempt *at = &h->attempts[a];
      if (!at->started) continue;
      any = true;
      if (last[at->intervention] == p + 1) continue;
      last[at->intervention] = p + 1;
      facts->takers[at->intervention]++;
    }
    facts->n_people += any;
  }
done:
  pfc_free(last);
  return st;
}

pfc_status pfc__evaluate_affinity(pfc__evaluation *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__lists lists = {0};
  catalogue_facts facts = {0};
  if (!e->settings->lists) return PFC_OK;
  PFC_TRY(pfc__rank(e, &lists, err));
  if (lists.n == 0) goto done;
  PFC_TRY(learn_facts(e, &facts, err));
  PFC_TRY(judge_set(e, &lists, &facts, true, err));
  PFC_TRY(judge_set(e, &lists, &facts, false, err));
done:
  pfc_free(facts.takers);
  pfc__lists_clear(&lists);
  return st;
}
