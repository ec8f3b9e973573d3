/* Judging the affinity model: for each person and day on which test starts happened, a full
 * ranking of what was open that day and not yet passed, against what was started. People
 * with a history and people without are told apart. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/evaluate_internal.h"

enum { POPULARITY, AFFINITY, N_RANKERS };

/* Figures of one query by one ranker, then of all queries. */
enum { MRR, MAP, FIRST_AT_K };

typedef struct query_set {
  int64_t n;
  int n_figures;            /* FIRST_AT_K + 2 n_k: recall and NDCG by cut-off */
  int32_t *person;          /* capacity rows */
  double *value[N_RANKERS]; /* figure-major: value[ranker][figure * capacity + query] */
  int64_t capacity;
  double *exposure; /* times each intervention was in AFFINITY's first k_exposure */
} query_set;

typedef struct ranking_scratch {
  float *x;
  double *score[N_RANKERS]; /* of the candidates of one query */
  int32_t *candidate;
  uint8_t *relevant; /* of each candidate */
  int32_t *order;
  uint8_t *hit;
} ranking_scratch;

typedef struct judge {
  const pfc__evaluation *e;
  double *popularity; /* of each intervention */
  query_set set[2];   /* people with a history, people without */
  ranking_scratch s;
} judge;

/* Lists are judged for exposure at the longest cut-off up to ten. */
static int exposure_cut(const pfc_evaluate_settings *s) {
  int cut = 1;
  for (int i = 0; i < s->n_k; i++) {
    if (s->k[i] <= 10 && s->k[i] > cut) cut = s->k[i];
  }
  return cut;
}

/* --- popularity ------------------------------------------------------------------------ */

/* Starts in the training rows. What nobody has started yet gets the mean of the
 * interventions that share a competency with it. */
static pfc_status count_popularity(const pfc__evaluation *e, double *popularity,
                                   pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = e->training_history;
  const pfc_catalogue *cat = e->cat;
  const int32_t n_competencies = pfc_dataset_count(e->ds, "competency");
  double *sum = NULL, *members = NULL;
  PFC_NEW(sum, n_competencies);
  PFC_NEW(members, n_competencies);
  for (int64_t a = 0; a < h->first_attempt[h->n_people]; a++) {
    if (h->attempts[a].started) popularity[h->attempts[a].intervention]++;
  }
  for (int32_t t = 0; t < cat->n_targets; t++) {
    const double starts = popularity[cat->intervention[t]];
    if (cat->competency[t] < 0 || starts == 0) continue;
    sum[cat->competency[t]] += starts;
    members[cat->competency[t]]++;
  }
  for (int32_t i = 0; i < cat->n_interventions; i++) {
    if (popularity[i] > 0) continue;
    double total = 0, n = 0;
    for (int32_t t = cat->first[i]; t < cat->first[i + 1]; t++) {
      const int32_t c = cat->competency[t];
      if (c < 0 || members[c] == 0) continue;
      total += sum[c];
      n += members[c];
    }
    if (n > 0) popularity[i] = total / n;
  }
done:
  pfc_free(sum);
  pfc_free(members);
  return st;
}

/* --- one query --------------------------------------------------------------------------- */

typedef struct scored {
  double score;
  int32_t at;
} scored;

static int best_first(const void *a, const void *b) {
  const scored *x = a, *y = b;
  if (x->score != y->score) return x->score > y->score ? -1 : 1;
  return (x->at > y->at) - (x->at < y->at);
}

static pfc_status rank_candidates(int n, const double *score, int32_t *order, pfc_error *err) {
  pfc_status st = PFC_OK;
  scored *s = NULL;
  PFC_NEW(s, n);
  for (int i = 0; i < n; i++) s[i] = (scored){score[i], i};
  qsort(s, (size_t)n, sizeof *s, best_first);
  for (int i = 0; i < n; i++) order[i] = s[i].at;
done:
  pfc_free(s);
  return st;
}

static void score_candidates(const judge *j, int n) {
  const int32_t k = j->e->bundle->affinity.rank;
  for (int c = 0; c < n; c++) {
    const float *y = pfc_fold_item(j->e->fold, j->s.candidate[c]);
    double dot = 0;
    for (int32_t f = 0; f < k; f++) dot += (double)j->s.x[f] * (double)y[f];
    j->s.score[AFFINITY][c] = dot;
    j->s.score[POPULARITY][c] = j->popularity[j->s.candidate[c]];
  }
}

static void judge_list(const judge *j, query_set *set, int ranker, int n, int n_relevant) {
  const pfc_evaluate_settings *s = j->e->settings;
  for (int c = 0; c < n; c++) j->s.hit[c] = j->s.relevant[j->s.order[c]];
  double *value = set->value[ranker] + set->n;
  value[MRR * set->capacity] = pfc_reciprocal_rank(n, j->s.hit);
  value[MAP * set->capacity] = pfc_average_precision_at(n, n, j->s.hit, n_relevant);
  for (int i = 0; i < s->n_k; i++) {
    value[(FIRST_AT_K + 2 * i) * set->capacity] =
        pfc_recall_at(s->k[i], n, j->s.hit, n_relevant);
    value[(FIRST_AT_K + 2 * i + 1) * set->capacity] =
        pfc_ndcg_at(s->k[i], n, j->s.hit, n_relevant);
  }
  const int cut = exposure_cut(s);
  for (int c = 0; c < n && c < cut && ranker == AFFINITY; c++) {
    set->exposure[j->s.candidate[j->s.order[c]]]++;
  }
}

static pfc_status judge_query(judge *j, const pfc_judged_query *q, pfc_error *err) {
  pfc_status st = PFC_OK;
  int n_relevant = 0;
  const int n = pfc_judged_candidates(j->e->rows, q, j->s.candidate, j->s.relevant);
  for (int c = 0; c < n; c++) n_relevant += j->s.relevant[c];
  int64_t n_items = 0;
  PFC_TRY(pfc_fold_person(j->e->fold, 0, &q->d, j->s.x, &n_items, err));
  int64_t from = 0;
  const bool known = pfc_decision_attempts(j->e->history, &q->d, &from) > from;
  query_set *set = &j->set[known ? 0 : 1];
  score_candidates(j, n);
  set->person[set->n] = q->d.person;
  for (int r = 0; r < N_RANKERS; r++) {
    PFC_TRY(rank_candidates(n, j->s.score[r], j->s.order, err));
    judge_list(j, set, r, n, n_relevant);
  }
  set->n++;
done:
  return st;
}

/* --- figures -------------------------------------------------------------------------------
 */

typedef struct column {
  const query_set *set;
  const double *value;
} column;

static pfc_status mean(const double *weight, void *user, double *value, pfc_error *err) {
  (void)err;
  const column *c = user;
  *value = pfc__weighted_mean(c->set->n, c->value, weight);
  return PFC_OK;
}

static void figure_name(const pfc_evaluate_settings *s, int figure, char name[32]) {
  if (figure == MRR) {
    snprintf(name, 32, "mrr");
  } else if (figure == MAP) {
    snprintf(name, 32, "map");
  } else {
    const int i = (figure - FIRST_AT_K) / 2;
    snprintf(name, 32, (figure - FIRST_AT_K) % 2 ? "ndcg_at_%d" : "recall_at_%d", s->k[i]);
  }
}

/* How recommendations spread over the catalogue; plain values, without intervals. */
static pfc_status put_exposure(const judge *j, const query_set *set, cJSON *object,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__evaluation plain = *j->e;
  pfc_evaluate_settings settings = *j->e->settings;
  settings.resamples = 0;
  plain.settings = &settings;
  const int32_t n = j->e->cat->n_interventions;
  double shown = 0;
  for (int32_t i = 0; i < n; i++) shown += set->exposure[i] > 0;
  double coverage = n ? shown / n : (double)NAN, gini;
  PFC_TRY(pfc_gini(n, set->exposure, &gini, err));
  const query_set one = {.n = 1};
  const column figures[2] = {{&one, &coverage}, {&one, &gini}};
  static const char *const names[2] = {"coverage_at_%d", "gini_at_%d"};
  const pfc__rows rows = {set->n, set->person, j->e->history->n_people};
  for (int f = 0; f < 2; f++) {
    char name[32];
    snprintf(name, sizeof name, f ? names[1] : names[0], exposure_cut(j->e->settings));
    column figure = figures[f];
    PFC_TRY(pfc__put_figure(&plain, object, name, &rows, mean, &figure, 0, NULL, err));
  }
done:
  return st;
}

static pfc_status put_set(const judge *j, const query_set *set, const char *name, cJSON *json,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  if (set->n == 0) return PFC_OK;
  cJSON *object = pfc__put_object(json, name);
  if (!object) return pfc_fail_memory(err, "figures");
  const pfc__rows rows = {set->n, set->person, j->e->history->n_people};
  for (int f = 0; f < set->n_figures; f++) {
    char text[32];
    column of[N_RANKERS];
    for (int r = 0; r < N_RANKERS; r++) {
      of[r] = (column){set, set->value[r] + f * set->capacity};
    }
    const pfc__baseline baseline = {"popularity", &of[POPULARITY]};
    figure_name(j->e->settings, f, text);
    PFC_TRY(pfc__put_figure(j->e, object, text, &rows, mean, &of[AFFINITY], 1, &baseline, err));
  }
  PFC_TRY(put_exposure(j, set, object, err));
done:
  return st;
}

/* --- all of it --------------------------------------------------------------------------- */

static pfc_status query_set_init(query_set *set, int n_figures, int64_t capacity,
                                 int32_t n_items, pfc_error *err) {
  pfc_status st = PFC_OK;
  set->n_figures = n_figures;
  set->capacity = capacity;
  PFC_NEW(set->person, capacity);
  PFC_NEW(set->exposure, n_items);
  for (int r = 0; r < N_RANKERS; r++) PFC_NEW(set->value[r], capacity * n_figures);
done:
  return st;
}

static pfc_status judge_init(judge *j, const pfc__evaluation *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_items = e->cat->n_interventions;
  *j = (judge){.e = e};
  PFC_NEW(j->popularity, n_items);
  PFC_TRY(count_popularity(e, j->popularity, err));
  for (int s = 0; s < 2; s++) {
    const int n_figures = FIRST_AT_K + 2 * e->settings->n_k;
    PFC_TRY(query_set_init(&j->set[s], n_figures, e->rows->n_queries, n_items, err));
  }
  PFC_NEW(j->s.x, e->bundle->affinity.rank);
  for (int r = 0; r < N_RANKERS; r++) PFC_NEW(j->s.score[r], n_items);
  PFC_NEW(j->s.candidate, n_items);
  PFC_NEW(j->s.relevant, n_items);
  PFC_NEW(j->s.order, n_items);
  PFC_NEW(j->s.hit, n_items);
done:
  return st;
}

static void judge_clear(judge *j) {
  for (int s = 0; s < 2; s++) {
    pfc_free(j->set[s].person);
    pfc_free(j->set[s].exposure);
    for (int r = 0; r < N_RANKERS; r++) pfc_free(j->set[s].value[r]);
  }
  for (int r = 0; r < N_RANKERS; r++) pfc_free(j->s.score[r]);
  pfc_free(j->s.x);
  pfc_free(j->s.candidate);
  pfc_free(j->s.relevant);
  pfc_free(j->s.order);
  pfc_free(j->s.hit);
  pfc_free(j->popularity);
}

pfc_status pfc__evaluate_affinity(const pfc__evaluation *e, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  judge j;
  PFC_TRY(judge_init(&j, e, err));
  for (int64_t q = 0; q < e->rows->n_queries; q++) {
    PFC_TRY(judge_query(&j, &e->rows->query[q], err));
  }
  PFC_TRY(put_set(&j, &j.set[0], "affinity", json, err));
  PFC_TRY(put_set(&j, &j.set[1], "affinity_new_people", json, err));
done:
  judge_clear(&j);
  return st;
}
