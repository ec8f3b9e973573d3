/* Ranking the candidates of every query: tiles of queries side by side, and of each list no
 * more than what figures ask for, the places of the relevant ones and its beginning. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/ranker.h"
#include "trainer/evaluate_internal.h"

enum { TILE = PFC_RANKER_TILE };
enum { MOST_SHOWN = 10 };

/* Not on the list. */
#define UNLISTED (-INFINITY)

/* Room of one thread. */
typedef struct workspace {
  pfc_decision decision[TILE];
  int32_t n_candidates[TILE];
  int32_t *candidate; /* TILE x interventions */
  uint8_t *relevant;  /* TILE x interventions; of each candidate */
  float *score;       /* TILE x interventions */
  float *own;         /* interventions; of the candidates of one query */
} workspace;

typedef struct ranking {
  pfc__evaluation *e;
  pfc__lists *lists;
  int32_t n_items;
  pfc_ranker *ranker[PFC_MAX_CONTESTANTS];
  float *popularity;
  int n_threads;
  workspace *work;
} ranking;

/* --- scores ------------------------------------------------------------------------------- */

typedef struct listed {
  double score;
  int32_t intervention;
} listed;

static int best_first(const void *a, const void *b) {
  const listed *x = a, *y = b;
  if (x->score != y->score) return x->score > y->score ? -1 : 1;
  return (x->intervention > y->intervention) - (x->intervention < y->intervention);
}

/* A list as scores: minus how many scores are better, which float32 holds exactly. An
 * intervention that is listed for several of its competencies stands where it stands best. */
static pfc_status score_list(const pfc_predictions *p, const pfc_decision *d, int32_t n_items,
                             float *score, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t from = 0;
  const int64_t to = pfc_predictions_of(p, d->person, d->date, &from);
  listed *list = NULL;
  int64_t n = 0;
  float better = 0;
  for (int32_t i = 0; i < n_items; i++) score[i] = UNLISTED;
  PFC_NEW(list, to > from ? to - from : 0);
  for (int64_t r = from; r < to; r++) {
    if (!isnan(p->score[r])) list[n++] = (listed){p->score[r], p->intervention[r]};
  }
  qsort(list, (size_t)n, sizeof *list, best_first);
  for (int64_t r = 0; r < n; r++) {
    if (r > 0 && list[r].score < list[r - 1].score) better++;
    float *at = &score[list[r].intervention];
    if (isinf(*at)) *at = -better;
  }
done:
  pfc_free(list);
  return st;
}

static pfc_status score_tile(const ranking *k, int r, int thread, int n, pfc_error *err) {
  workspace *w = &k->work[thread];
  if (r == k->lists->n - 1) {
    for (int q = 0; q < n; q++) {
      memcpy(w->score + (int64_t)q * k->n_items, k->popularity,
             sizeof *w->score * (size_t)k->n_items);
    }
    return PFC_OK;
  }
  if (k->ranker[r])
    return pfc_ranker_score(k->ranker[r], thread, n, w->decision, w->score, err);
  const pfc_predictions *p = k->e->at[k->lists->who[r]].is->predictions;
  pfc_status st = PFC_OK;
  for (int q = 0; q < n && st == PFC_OK; q++) {
    st = score_list(p, &w->decision[q], k->n_items, w->score + (int64_t)q * k->n_items, err);
  }
  return st;
}

/* --- one list ----------------------------------------------------------------------------- */

/* Equal scores stand in the order of the codes. */
static int32_t place_of(int32_t n, const float *score, int32_t at) {
  const float own = score[at];
  int32_t before = 0;
  if (own == UNLISTED) return 0;
#pragma omp simd reduction(+ : before)
  for (int32_t c = 0; c < at; c++) before += score[c] >= own;
#pragma omp simd reduction(+ : before)
  for (int32_t c = at + 1; c < n; c++) before += score[c] > own;
  return before + 1;
}

/* The first `cut` of a list, by insertion: few candidates are better than the worst of those.
 */
static void begin_of(int32_t n, const float *score, const int32_t *candidate, int cut,
                     int32_t *top) {
  float kept[MOST_SHOWN] = {0};
  int m = 0;
  for (int32_t c = 0; c < n; c++) {
    if (score[c] <= (m < cut ? UNLISTED : kept[cut - 1])) continue;
    int at = m < cut ? m++ : m - 1;
    for (; at > 0 && kept[at - 1] < score[c]; at--) {
      kept[at] = kept[at - 1];
      top[at] = top[at - 1];
    }
    kept[at] = score[c];
    top[at] = candidate[c];
  }
  for (; m < cut; m++) top[m] = -1;
}

/* The rows of that day which started the intervention. */
static void note_place(const ranking *k, int r, const pfc_judged_query *query,
                       int32_t intervention, int32_t place) {
  const pfc__evaluation *e = k->e;
  const int64_t n_rows = e->ds->tables[PFC_ENROLMENTS].n_rows;
  if (r == k->lists->n - 1) return;
  int32_t *of_row = e->place + k->lists->who[r] * n_rows;
  for (int64_t a = query->first; a < query->last; a++) {
    const pfc_attempt *at = &e->history->attempts[a];
    if (at->intervention == intervention) of_row[at->row] = place;
  }
}

static int by_place(const void *a, const void *b) {
  const uint32_t x = *(const uint32_t *)a - 1U, y = *(const uint32_t *)b - 1U;
  return (x > y) - (x < y); /* 0 becomes the greatest */
}

static void list_query(const ranking *k, int r, int64_t q, int at, workspace *w) {
  pfc__lists *l = k->lists;
  const pfc__evaluation *e = k->e;
  const int32_t n = w->n_candidates[at];
  const int32_t *candidate = w->candidate + (int64_t)at * k->n_items;
  const uint8_t *relevant = w->relevant + (int64_t)at * k->n_items;
  const float *score = w->score + (int64_t)at * k->n_items;
  int32_t *place = l->place + r * l->slot[e->rows->n_queries] + l->slot[q];
  int32_t n_relevant = 0;
  for (int32_t c = 0; c < n; c++) w->own[c] = score[candidate[c]];
  for (int32_t c = 0; c < n; c++) {
    if (!relevant[c]) continue;
    place[n_relevant] = place_of(n, w->own, c);
    note_place(k, r, &e->rows->query[q], candidate[c], place[n_relevant++]);
  }
  qsort(place, (size_t)n_relevant, sizeof *place, by_place);
  l->n_relevant[q] = n_relevant;
  begin_of(n, w->own, candidate, l->cut, l->top + (r * e->rows->n_queries + q) * l->cut);
}

/* --- tiles -------------------------------------------------------------------------------- */

static pfc_status rank_tile(int thread, int64_t tile, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  const ranking *k = user;
  const pfc_judged_rows *rows = k->e->rows;
  workspace *w = &k->work[thread];
  const int64_t first = tile * TILE, left = rows->n_queries - first;
  const int n = left < TILE ? (int)left : TILE;
  for (int q = 0; q < n; q++) {
    w->decision[q] = rows->query[first + q].d;
    w->n_candidates[q] = pfc_judged_candidates(rows, &rows->query[first + q],
                                               w->candidate + (int64_t)q * k->n_items,
                                               w->relevant + (int64_t)q * k->n_items);
  }
  for (int r = 0; r < k->lists->n; r++) {
    PFC_TRY(score_tile(k, r, thread, n, err));
    for (int q = 0; q < n; q++) list_query(k, r, first + q, q, w);
  }
done:
  return st;
}

/* --- all of it ---------------------------------------------------------------------------- */

static bool ranks(const pfc_contestant *c) {
  return c->bundle ? pfc_ranker_is_in(c->bundle)
                   : (c->predictions->kinds & PFC_PREDICTS_LISTS) != 0;
}

/* Lists of other people or days than those that are asked for would all count as empty: dates
 * that are read wrongly look like a bad model. */
static pfc_status check_asked(const pfc__evaluation *e, const pfc_contestant *c,
                              pfc_error *err) {
  char day[PFC_DATE_TEXT];
  const pfc_judged_rows *rows = e->rows;
  int64_t from = 0;
  if (!c->predictions || c->predictions->n == 0 || rows->n_queries == 0) return PFC_OK;
  for (int64_t q = 0; q < rows->n_queries; q++) {
    const pfc_decision *d = &rows->query[q].d;
    if (pfc_predictions_of(c->predictions, d->person, d->date, &from) > from) return PFC_OK;
  }
  pfc_date_format(rows->query[0].d.date, day);
  return pfc_fail(
      err, PFC_EDATA,
      "%s: none of its lists is of a person and day that a list is asked for; the "
      "first that is asked for is of person_id '%s', date '%s'",
      c->name, pfc_dict_text(pfc_dataset_find_dict(e->ds, "person"), rows->query[0].d.person),
      day);
}

/* Lists are judged for what they show at the longest cut-off up to MOST_SHOWN. */
static int shown_cut(const pfc_evaluate_settings *s) {
  int cut = 1;
  for (int i = 0; i < s->n_k; i++) {
    if (s->k[i] <= MOST_SHOWN && s->k[i] > cut) cut = s->k[i];
  }
  return cut;
}

static pfc_status lists_init(pfc__lists *l, pfc__evaluation *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = e->rows->n_queries;
  l->cut = shown_cut(e->settings);
  l->n++;
  PFC_NEW(l->n_relevant, n);
  PFC_NEW(l->slot, n + 1);
  for (int64_t q = 0; q < n; q++) {
    l->slot[q + 1] = l->slot[q] + e->rows->query[q].last - e->rows->query[q].first;
  }
  PFC_NEW(l->place, l->n * l->slot[n]);
  PFC_NEW(l->top, l->n * n * l->cut);
  PFC_NEW(e->place, e->n * e->ds->tables[PFC_ENROLMENTS].n_rows);
done:
  return st;
}

void pfc__lists_clear(pfc__lists *l) {
  pfc_free(l->n_relevant);
  pfc_free(l->slot);
  pfc_free(l->place);
  pfc_free(l->top);
}

static pfc_status popularity_init(ranking *k, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *popularity = NULL;
  PFC_NEW(popularity, k->n_items);
  PFC_NEW(k->popularity, k->n_items);
  PFC_TRY(pfc__popularity(k->e, popularity, err));
  for (int32_t i = 0; i < k->n_items; i++) k->popularity[i] = (float)popularity[i];
done:
  pfc_free(popularity);
  return st;
}

static pfc_status ranking_init(ranking *k, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__evaluation *e = k->e;
  const int64_t n = (int64_t)TILE * k->n_items;
  for (int r = 0; r < k->lists->n - 1; r++) {
    const pfc__contender *c = &e->at[k->lists->who[r]];
    const pfc_bundle *b = c->is->bundle;
    if (!b) continue;
    const pfc_ranker_world world = {e->ds, e->history, e->cat, c->lens, b->trained_as_of};
    PFC_TRY(pfc_ranker_create(b, &world, k->n_threads, &k->ranker[r], err));
  }
  PFC_TRY(popularity_init(k, err));
  PFC_NEW(k->work, k->n_threads);
  for (int t = 0; t < k->n_threads; t++) {
    workspace *w = &k->work[t];
    PFC_NEW(w->candidate, n);
    PFC_NEW(w->relevant, n);
    PFC_NEW(w->score, n);
    PFC_NEW(w->own, k->n_items);
  }
done:
  return st;
}

static void ranking_clear(ranking *k) {
  for (int t = 0; k->work && t < k->n_threads; t++) {
    workspace *w = &k->work[t];
    pfc_free(w->candidate);
    pfc_free(w->relevant);
    pfc_free(w->score);
    pfc_free(w->own);
  }
  pfc_free(k->work);
  pfc_free(k->popularity);
  for (int r = 0; r < PFC_MAX_CONTESTANTS; r++) pfc_ranker_destroy(k->ranker[r]);
}

pfc_status pfc__rank(pfc__evaluation *e, pfc__lists *lists, pfc_error *err) {
  pfc_status st = PFC_OK;
  ranking k = {.e = e,
               .lists = lists,
               .n_items = e->cat->n_interventions,
               .n_threads = pfc_par_threads()};
  for (int i = 0; i < e->n; i++) {
    if (!ranks(e->at[i].is)) continue;
    PFC_TRY(check_asked(e, e->at[i].is, err));
    lists->who[lists->n++] = i;
  }
  if (lists->n == 0) return PFC_OK;
  PFC_TRY(lists_init(lists, e, err));
  PFC_TRY(ranking_init(&k, err));
  PFC_TRY(pfc_par_each((e->rows->n_queries + TILE - 1) / TILE, 1, 1, rank_tile, &k, err));
done:
  ranking_clear(&k);
  return st;
}
