/* Levels that recommendations rest on, against those that are held: of everybody there on the
 * day, in all that their role asks for. */
#include <math.h>

#include "base/mem.h"
#include "engine/latest_ratings.h"
#include "trainer/recovery_internal.h"

/* Which cells an error is of, two columns each. */
enum { ALL = 0, RATED = 2, UNRATED = 4, BY_TRUE_SOURCES = 6, N_COLUMNS = 8 };

enum { LATEST = 3 }; /* ratings that make a level, as in engine/gaps.c */

typedef struct looker {
  const pfc__recovery *r;
  pfc_latest *gaps;
  pfc_need *need;     /* n_competencies */
  double *sum[2];     /* n_competencies: ratings as the true sources would have them, by others
                         and by the person */
  int *n[2];          /* n_competencies */
  int32_t *source_of; /* code of a source -> row of the truth, -1 */
  int32_t n_competencies;
  pfc_means means;
} looker;

/* The level that a rating would tell were its source known and its noise nothing. */
static double seen_through(const pfc_truth *t, int32_t source, double level) {
  const double bias = (double)t->source_bias[source], slope = (double)t->source_slope[source];
  return (level - bias + 3.5 * (slope - 1)) / slope;
}

/* The latest ratings again, with the bias and the slope of their sources taken off. */
static void collect(const looker *l, int32_t person) {
  const pfc__recovery *r = l->r;
  int64_t from = 0;
  for (int who = 0; who < 2; who++) {
    for (int32_t c = 0; c < l->n_competencies; c++) {
      l->sum[who][c] = 0;
      l->n[who][c] = 0;
    }
  }
  const int64_t to = pfc_history_ratings(r->history, person, r->day, &from);
  for (int64_t k = to; k > from; k--) {
    const pfc_rating *at = &r->history->ratings[k - 1];
    const int32_t source = at->source < 0 ? -1 : l->source_of[at->source];
    if (source < 0 || l->n[at->self][at->competency] == LATEST) continue;
    l->sum[at->self][at->competency] += seen_through(r->truth, source, at->level);
    l->n[at->self][at->competency]++;
  }
}

static void look_at_cell(looker *l, int32_t person, int32_t c) {
  const pfc__recovery *r = l->r;
  const pfc_need *need = &l->need[c];
  if (isnan(need->required) || isnan(need->level)) return;
  const double level =
      pfc_truth_level(r->truth, r->match.person[person], r->match.competency[c], r->day);
  const bool is_rated = need->n[0] + need->n[1] > 0;
  pfc__add_error(&l->means, person, ALL, need->level - level);
  pfc__add_error(&l->means, person, is_rated ? RATED : UNRATED, need->level - level);
  const int who = l->n[0][c] == 0;
  if (is_rated && l->n[who][c] > 0)
    pfc__add_error(&l->means, person, BY_TRUE_SOURCES, l->sum[who][c] / l->n[who][c] - level);
}

static pfc_status looker_init(looker *l, const pfc__recovery *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *sources = pfc_dataset_find_dict(r->ds, "source");
  *l = (looker){.r = r, .n_competencies = pfc_dataset_count(r->ds, "competency")};
  PFC_TRY(pfc_latest_create(r->ds, r->history, r->day, &l->gaps, err));
  PFC_NEW(l->need, l->n_competencies);
  for (int who = 0; who < 2; who++) {
    PFC_NEW(l->sum[who], l->n_competencies);
    PFC_NEW(l->n[who], l->n_competencies);
  }
  PFC_NEW(l->source_of, pfc_dataset_count(r->ds, "source"));
  if (sources) pfc_dict_map(sources, r->truth->sources, l->source_of);
  PFC_TRY(pfc_means_init(&l->means, r->history->n_people, N_COLUMNS, err));
done:
  return st;
}

static void looker_clear(looker *l) {
  pfc_latest_destroy(l->gaps);
  pfc_free(l->need);
  for (int who = 0; who < 2; who++) {
    pfc_free(l->sum[who]);
    pfc_free(l->n[who]);
  }
  pfc_free(l->source_of);
  pfc_means_clear(&l->means);
}

static pfc_status put_set(const looker *l, int first, const char *name, cJSON *object,
                          pfc_error *err) {
  cJSON *set = cJSON_AddObjectToObject(object, name);
  if (!set) return pfc_fail_memory(err, "figures");
  return pfc__put_error(&l->means, first, set, err);
}

pfc_status pfc__recover_levels(const pfc__recovery *r, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  looker l;
  PFC_TRY(looker_init(&l, r, err));
  for (int32_t p = 0; p < r->history->n_people; p++) {
    if (!pfc_truth_is_there(r->truth, r->match.person[p], r->day)) continue;
    if (!pfc_latest_of(l.gaps, p, l.need)) continue;
    collect(&l, p);
    for (int32_t c = 0; c < l.n_competencies; c++) look_at_cell(&l, p, c);
  }
  PFC_TRY(pfc_means_draw(&l.means, r->settings->resamples, r->settings->seed, err));
  PFC_TRY(pfc__put_error(&l.means, ALL, object, err));
  PFC_TRY(put_set(&l, RATED, "rated", object, err));
  PFC_TRY(put_set(&l, UNRATED, "unrated", object, err));
  PFC_TRY(put_set(&l, BY_TRUE_SOURCES, "at_truth", object, err));
done:
  looker_clear(&l);
  return st;
}
