/* Baselines as rankers (models/baseline.h has their definitions). */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "engine/ranker_internal.h"

/* Of two interventions that a baseline holds for equal the more popular one comes first: its
 * share of the most popular one's take-ups, times this, is added to the score. Far below any
 * weight of a neighbour, the least of which is about 1e-8. */
static const double HINT = 1e-9;

/* --- codes ------------------------------------------------------------------------- */

static pfc_status map_items(pfc_ranker *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__ranker_baseline *b = &r->b;
  const pfc_baseline *m = &r->bundle->baseline;
  PFC_NEW(b->model_item, r->n);
  PFC_NEW(b->code, m->n_items);
  for (int32_t j = 0; j < m->n_items; j++) b->code[j] = -1;
  for (int32_t i = 0; i < r->n; i++) {
    const int32_t j = pfc_lens_code(r->world.lens, "intervention", i);
    b->model_item[i] = j < m->n_items ? j : -1;
    if (b->model_item[i] >= 0) b->code[j] = i;
  }
done:
  return st;
}

/* --- popularity -------------------------------------------------------------------- */

/* What nobody has taken up gets the mean of the interventions that share a competency with it,
 * one that shares two counted twice. */
static pfc_status count_like(pfc_ranker *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_catalogue *cat = r->world.cat;
  const int32_t n_competencies = pfc_dataset_count(r->world.ds, "competency");
  double *sum = NULL, *members = NULL, *count = r->b.count;
  PFC_NEW(sum, n_competencies);
  PFC_NEW(members, n_competencies);
  for (int32_t t = 0; t < cat->n_targets; t++) {
    const double n = count[cat->intervention[t]];
    if (cat->competency[t] < 0 || n == 0) continue;
    sum[cat->competency[t]] += n;
    members[cat->competency[t]]++;
  }
  for (int32_t i = 0; i < r->n; i++) {
    double total = 0, n = 0;
    if (count[i] > 0) continue;
    for (int32_t t = cat->first[i]; t < cat->first[i + 1]; t++) {
      if (cat->competency[t] < 0) continue;
      total += sum[cat->competency[t]];
      n += members[cat->competency[t]];
    }
    if (n > 0) count[i] = total / n;
  }
done:
  pfc_free(sum);
  pfc_free(members);
  return st;
}

static pfc_status count_items(pfc_ranker *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__ranker_baseline *b = &r->b;
  const pfc_baseline *m = &r->bundle->baseline;
  double total = 0, most = 0;
  PFC_NEW(b->count, r->n);
  PFC_NEW(b->share, r->n);
  PFC_NEW(b->hint, r->n);
  for (int32_t j = 0; j < m->n_items; j++) total += m->count[j];
  for (int32_t i = 0; i < r->n; i++) {
    if (b->model_item[i] >= 0) b->count[i] = m->count[b->model_item[i]];
  }
  PFC_TRY(count_like(r, err));
  for (int32_t i = 0; i < r->n; i++) most = fmax(most, b->count[i]);
  for (int32_t i = 0; i < r->n; i++) {
    b->share[i] = total > 0 ? b->count[i] / total : 0;
    b->hint[i] = most > 0 ? (float)(HINT * (b->count[i] / most)) : 0;
  }
done:
  return st;
}

static pfc_status add_up_rows(const pfc_csr *m, double **total, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(*total, m->n_rows);
  for (int64_t g = 0; g < m->n_rows; g++) {
    for (int64_t k = m->start[g]; k < m->start[g + 1]; k++) (*total)[g] += (double)m->val[k];
  }
done:
  return st;
}

/* Shares as a group sees them: its own take-ups, and `shrinkage` more as the level above has
 * them. */
static void see_as_group(const pfc_ranker *r, const pfc_csr *m, const double *total,
                         int32_t group, double *share) {
  if (group < 0 || group >= m->n_rows || !(total[group] > 0)) return;
  const double all = total[group] + r->bundle->baseline.shrinkage;
  const double above = r->bundle->baseline.shrinkage / all;
  for (int32_t i = 0; i < r->n; i++) share[i] *= above;
  for (int64_t k = m->start[group]; k < m->start[group + 1]; k++) {
    const int32_t i = r->b.code[m->col[k]];
    if (i >= 0) share[i] += (double)m->val[k] / all;
  }
}

/* Everything dated is seen as of the end of the day before. */
static int32_t day_before(const pfc_decision *d) {
  return d->date == PFC_NO_DATE ? PFC_NO_DATE : d->date - 1;
}

static int32_t role_of(const pfc_ranker *r, const pfc_decision *d) {
  const int32_t role = pfc_history_role(r->world.history, d->person, day_before(d));
  return pfc_lens_code(r->world.lens, "role", role);
}

static int32_t manager_of(const pfc_ranker *r, const pfc_decision *d) {
  const int32_t manager = pfc_history_manager(r->world.history, d->person, day_before(d));
  return pfc_lens_code(r->world.lens, "person", manager);
}

static void score_shares(const pfc_ranker *r, pfc__ranker_work *w, const pfc_decision *d,
                         float *score) {
  const pfc_baseline *m = &r->bundle->baseline;
  memcpy(w->share, r->b.share, (size_t)r->n * sizeof *w->share);
  see_as_group(r, &m->by_role, r->b.n_role, role_of(r, d), w->share);
  if (m->kind == PFC_BASELINE_MANAGER) {
    see_as_group(r, &m->by_manager, r->b.n_manager, manager_of(r, d), w->share);
  }
  for (int32_t i = 0; i < r->n; i++) score[i] = (float)w->share[i];
}

/* --- what was taken up speaks ------------------------------------------------------ */

/* The distinct items that the person had taken up, into w->taken; returns how many. */
static int list_taken(const pfc_ranker *r, pfc__ranker_work *w, const pfc_decision *d) {
  const pfc_baseline *m = &r->bundle->baseline;
  const pfc_history *h = r->world.history;
  int64_t from = 0;
  const int64_t to = pfc_decision_attempts(h, d, &from);
  int n = 0;
  for (int64_t a = from; a < to; a++) {
    const int32_t j = r->b.model_item[h->attempts[a].intervention];
    if (j < 0 || !w->is_new[j]) continue;
    if (!(pfc_affinity_confidence(&m->weights, &h->attempts[a], d->date) > 0)) continue;
    w->is_new[j] = 0;
    w->taken[n++] = j;
  }
  for (int k = 0; k < n; k++) w->is_new[w->taken[k]] = 1;
  return n;
}

/* Adds what having taken up item j says of each item of the model. */
static void add_neighbours(const pfc_csr *m, int32_t j, float *sum) {
  for (int64_t k = m->start[j]; k < m->start[j + 1]; k++) sum[m->col[k]] += m->val[k];
}

/* The same of each fitted item. */
static void add_ease(const pfc_ranker *r, int32_t j, float *sum) {
  const pfc_baseline *m = &r->bundle->baseline;
  if (r->b.ease_row[j] < 0) return;
  const float *row = m->ease + (ptrdiff_t)r->b.ease_row[j] * m->n_fitted;
  for (int32_t f = 0; f < m->n_fitted; f++) sum[f] += row[f];
}

static void score_by_taken(const pfc_ranker *r, pfc__ranker_work *w, const pfc_decision *d,
                           float *score) {
  const pfc_baseline *m = &r->bundle->baseline;
  const bool is_ease = m->kind == PFC_BASELINE_EASE;
  const int32_t n_sums = is_ease ? m->n_fitted : m->n_items;
  const int n = list_taken(r, w, d);
  memset(w->sum, 0, (size_t)n_sums * sizeof *w->sum);
  for (int k = 0; k < n; k++) {
    if (is_ease) {
      add_ease(r, w->taken[k], w->sum);
    } else {
      add_neighbours(&m->neighbours, w->taken[k], w->sum);
    }
  }
  memcpy(score, r->b.hint, (size_t)r->n * sizeof *score);
  for (int32_t f = 0; f < n_sums; f++) {
    const int32_t i = r->b.code[is_ease ? m->fitted[f] : f];
    if (i >= 0) score[i] += w->sum[f];
  }
}

/* What taking up `taken` says of `item`, both of the model. */
static float weight_of(const pfc_ranker *r, int32_t taken, int32_t item) {
  const pfc_baseline *m = &r->bundle->baseline;
  if (m->kind == PFC_BASELINE_EASE) {
    const int32_t row = r->b.ease_row[taken], column = r->b.ease_row[item];
    return row < 0 || column < 0 ? 0 : m->ease[(ptrdiff_t)row * m->n_fitted + column];
  }
  for (int64_t k = m->neighbours.start[taken]; k < m->neighbours.start[taken + 1]; k++) {
    if (m->neighbours.col[k] == item) return m->neighbours.val[k];
  }
  return 0;
}

/* The intervention taken up that says most for this one, -1 none. */
static int32_t like_of(const pfc_ranker *r, pfc__ranker_work *w, const pfc_decision *d,
                       int32_t intervention) {
  const int32_t item = r->b.model_item[intervention];
  int32_t like = -1;
  float most = 0;
  if (item < 0) return -1;
  const int n = list_taken(r, w, d);
  for (int k = 0; k < n; k++) {
    const float weight = weight_of(r, w->taken[k], item);
    if (!(weight > most)) continue;
    most = weight;
    like = r->b.code[w->taken[k]];
  }
  return like;
}

/* --- gaps, lots -------------------------------------------------------------------- */

static void score_gaps(const pfc_ranker *r, pfc__ranker_work *w, const pfc_decision *d,
                       float *score) {
  const pfc_catalogue *cat = r->world.cat;
  const bool has_needs = pfc_latest_at(r->b.gaps, d->person, d->date, w->need);
  for (int32_t i = 0; i < r->n; i++) {
    double sum = 0;
    for (int32_t t = cat->first[i]; t < cat->first[i + 1] && has_needs; t++) {
      if (cat->competency[t] < 0) continue;
      const pfc_need *need = &w->need[cat->competency[t]];
      sum += need->importance * pfc_latest_gap(need, cat->to_level[t]);
    }
    score[i] = (float)sum + r->b.hint[i];
  }
}

static pfc_status draw_lots(pfc_ranker *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *ids = pfc_dataset_find_dict(r->world.ds, "intervention");
  PFC_NEW(r->b.lot, r->n);
  for (int32_t i = 0; i < r->n; i++) r->b.lot[i] = pfc_rng_id(pfc_dict_text(ids, i));
done:
  return st;
}

/* By the ids of both, so that the order of no file counts. */
static void score_lots(const pfc_ranker *r, const pfc_decision *d, float *score) {
  const pfc_dict *people = pfc_dataset_find_dict(r->world.ds, "person");
  pfc_rng own;
  pfc_rng_init(&own, r->bundle->seed, "baseline.random",
               pfc_rng_id(pfc_dict_text(people, d->person)));
  const uint64_t seed = pfc_rng_next(&own);
  for (int32_t i = 0; i < r->n; i++) {
    pfc_rng lot;
    pfc_rng_init(&lot, seed, "intervention", r->b.lot[i]);
    score[i] = (float)pfc_rng_uniform(&lot);
  }
}

/* --- all kinds --------------------------------------------------------------------- */

static pfc_status find_ease_rows(pfc_ranker *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_baseline *m = &r->bundle->baseline;
  PFC_NEW(r->b.ease_row, m->n_items);
  for (int32_t j = 0; j < m->n_items; j++) r->b.ease_row[j] = -1;
  for (int32_t f = 0; f < m->n_fitted; f++) r->b.ease_row[m->fitted[f]] = f;
done:
  return st;
}

static pfc_status work_init(pfc__ranker_work *w, const pfc_ranker *r, int64_t longest,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_items = r->bundle->baseline.n_items;
  PFC_NEW(w->share, r->n);
  PFC_NEW(w->taken, longest);
  PFC_NEW(w->is_new, n_items);
  memset(w->is_new, 1, (size_t)n_items);
  PFC_NEW(w->sum, n_items);
  PFC_NEW(w->need, pfc_dataset_count(r->world.ds, "competency"));
done:
  return st;
}

pfc_status pfc__ranker_baseline_init(pfc_ranker *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_baseline *m = &r->bundle->baseline;
  const pfc_ranker_world *world = &r->world;
  const int64_t longest = pfc_history_most_attempts(world->history);
  PFC_TRY(map_items(r, err));
  PFC_TRY(count_items(r, err));
  PFC_TRY(add_up_rows(&m->by_role, &r->b.n_role, err));
  PFC_TRY(add_up_rows(&m->by_manager, &r->b.n_manager, err));
  PFC_TRY(find_ease_rows(r, err));
  PFC_TRY(draw_lots(r, err));
  if (m->kind == PFC_BASELINE_GAP) {
    PFC_TRY(pfc_latest_create(world->ds, world->history, world->as_of, &r->b.gaps, err));
  }
  for (int t = 0; t < r->n_threads; t++) PFC_TRY(work_init(&r->work[t], r, longest, err));
done:
  return st;
}

void pfc__ranker_baseline_clear(pfc_ranker *r) {
  pfc__ranker_baseline *b = &r->b;
  pfc_free(b->model_item);
  pfc_free(b->code);
  pfc_free(b->count);
  pfc_free(b->share);
  pfc_free(b->hint);
  pfc_free(b->n_role);
  pfc_free(b->n_manager);
  pfc_free(b->ease_row);
  pfc_free(b->lot);
  pfc_latest_destroy(b->gaps);
}

void pfc__ranker_baseline_score(const pfc_ranker *r, int thread, const pfc_decision *d,
                                float *score) {
  pfc__ranker_work *w = &r->work[thread];
  switch (r->bundle->baseline.kind) {
    case PFC_BASELINE_POPULARITY:
    case PFC_BASELINE_RECENT:
    case PFC_BASELINE_MANAGER:
      score_shares(r, w, d, score);
      break;
    case PFC_BASELINE_ITEMKNN:
    case PFC_BASELINE_EASE:
      score_by_taken(r, w, d, score);
      break;
    case PFC_BASELINE_GAP:
      score_gaps(r, w, d, score);
      break;
    default:
      score_lots(r, d, score);
  }
}

/* Entry of a row, 0 where there is none. */
static double entry(const pfc_csr *m, int32_t row, int32_t col) {
  if (row < 0 || row >= m->n_rows) return 0;
  for (int64_t k = m->start[row]; k < m->start[row + 1]; k++) {
    if (m->col[k] == col) return (double)m->val[k];
  }
  return 0;
}

void pfc_ranker_basis(const pfc_ranker *r, int thread, const pfc_decision *d,
                      int32_t intervention, pfc_basis *basis) {
  const pfc_baseline *m = &r->bundle->baseline;
  *basis = (pfc_basis){.like = -1};
  if (r->fold) return;
  basis->kind = m->kind;
  const int32_t item = r->b.model_item[intervention];
  if (m->kind == PFC_BASELINE_ITEMKNN || m->kind == PFC_BASELINE_EASE) {
    basis->like = like_of(r, &r->work[thread], d, intervention);
  }
  if (item >= 0) basis->n = m->count[item];
  if (basis->n == 0) {
    basis->n_like = r->b.count[intervention];
    return;
  }
  const double in_role = entry(&m->by_role, role_of(r, d), item);
  const double with_manager = entry(&m->by_manager, manager_of(r, d), item);
  if (in_role > 0) {
    basis->group = PFC_BASIS_ROLE;
    basis->n = in_role;
  }
  if (with_manager > 0) {
    basis->group = PFC_BASIS_MANAGER;
    basis->n = with_manager;
  }
}
