/* Training baselines: take-ups are counted, or go to the fits of item neighbours and EASE. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/ease.h"
#include "trainer/item_neighbours.h"
#include "trainer/train_internal.h"

/* --- take-ups ---------------------------------------------------------------------- */

/* An intervention that a person took up, by the attempt that weighs most. */
typedef struct take_up {
  int32_t item;
  const pfc_attempt *attempt;
  double weight;
} take_up;

/* Room for those of one person. */
typedef struct take_ups {
  int n;
  take_up *at;    /* most attempts of anybody */
  int32_t *place; /* interventions: in `at`, -1 not there */
} take_ups;

static void take_ups_clear(take_ups *u) {
  pfc_free(u->at);
  pfc_free(u->place);
}

static pfc_status take_ups_init(take_ups *u, const pfc__training *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(u->at, pfc_history_most_attempts(t->history));
  PFC_NEW(u->place, t->cat->n_interventions);
  for (int32_t i = 0; i < t->cat->n_interventions; i++) u->place[i] = -1;
done:
  return st;
}

static void list_take_ups(const pfc__training *t, int32_t person, take_ups *u) {
  const pfc_history *h = t->history;
  const pfc_affinity_weights *weights = &t->bundle->baseline.weights;
  u->n = 0;
  for (int64_t a = h->first_attempt[person]; a < h->first_attempt[person + 1]; a++) {
    const pfc_attempt *attempt = &h->attempts[a];
    const double weight = pfc_affinity_confidence(weights, attempt, t->today);
    int32_t *place = &u->place[attempt->intervention];
    if (!(weight > 0) || (*place >= 0 && weight <= u->at[*place].weight)) continue;
    if (*place < 0) *place = u->n++;
    u->at[*place] = (take_up){attempt->intervention, attempt, weight};
  }
  for (int k = 0; k < u->n; k++) u->place[u->at[k].item] = -1;
}

/* --- counts by group --------------------------------------------------------------- */

/* A take-up by somebody of a group. */
typedef struct group_entry {
  int32_t group, item;
  float weight;
} group_entry;

/* In the order in which they were met. */
typedef struct grouped {
  int64_t n, capacity;
  group_entry *at;
} grouped;

static pfc_status add_grouped(grouped *g, int32_t group, const take_up *u, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (group < 0) return PFC_OK;
  PFC_RESERVE(g->at, g->capacity, g->n + 1);
  g->at[g->n++] = (group_entry){group, u->item, (float)u->weight};
done:
  return st;
}

/* Sums by group and item: a row a group. */
static pfc_status sum_grouped(const grouped *g, int32_t n_groups, int32_t n_items,
                              pfc_csr *sums, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *first = NULL;
  int32_t *col = NULL;
  float *val = NULL;
  PFC_NEW(first, (size_t)n_groups + 1);
  PFC_NEW(col, g->n);
  PFC_NEW(val, g->n);
  for (int64_t k = 0; k < g->n; k++) first[g->at[k].group + 1]++;
  for (int32_t r = 0; r < n_groups; r++) first[r + 1] += first[r];
  for (int64_t k = 0; k < g->n; k++) {
    const int64_t to = first[g->at[k].group]++;
    col[to] = g->at[k].item;
    val[to] = g->at[k].weight;
  }
  /* Each first has moved on to the next group's. */
  PFC_TRY(pfc_csr_init(sums, n_groups, n_items, err));
  for (int32_t r = 0; r < n_groups; r++) {
    const int64_t from = r > 0 ? first[r - 1] : 0;
    PFC_TRY(pfc_csr_append(sums, (int)(first[r] - from), col + from, val + from, err));
  }
done:
  pfc_free(first);
  pfc_free(col);
  pfc_free(val);
  return st;
}

/* Role and manager are those of the day before the start, as a decision on the day of the start
 * sees them. */
static pfc_status add_groups(const pfc__training *t, int32_t person, const take_up *u,
                             grouped *roles, grouped *managers, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t start = u->attempt->start;
  const int32_t day = start == PFC_NO_DATE ? PFC_NO_DATE : start - 1;
  PFC_TRY(add_grouped(roles, pfc_history_role(t->history, person, day), u, err));
  if (t->bundle->baseline.kind != PFC_BASELINE_MANAGER) goto done;
  PFC_TRY(add_grouped(managers, pfc_history_manager(t->history, person, day), u, err));
done:
  return st;
}

/* All take-ups: by group where the kind counts groups, and as rows of 1 where it fits items. */
typedef struct tally {
  take_ups u;
  grouped roles, managers;
  pfc_csr rows;
  int32_t *col;
  float *one;
} tally;

static void tally_clear(tally *y) {
  take_ups_clear(&y->u);
  pfc_free(y->roles.at);
  pfc_free(y->managers.at);
  pfc_csr_clear(&y->rows);
  pfc_free(y->col);
  pfc_free(y->one);
}

static pfc_status add_row(tally *y, pfc_error *err) {
  for (int k = 0; k < y->u.n; k++) {
    y->col[k] = y->u.at[k].item;
    y->one[k] = 1;
  }
  return pfc_csr_append(&y->rows, y->u.n, y->col, y->one, err);
}

/* *n: of them all. */
static pfc_status tally_people(const pfc__training *t, tally *y, int64_t *n, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_baseline *m = &t->bundle->baseline;
  const bool fits = m->kind == PFC_BASELINE_ITEMKNN || m->kind == PFC_BASELINE_EASE;
  PFC_TRY(take_ups_init(&y->u, t, err));
  PFC_NEW(y->col, t->cat->n_interventions);
  PFC_NEW(y->one, t->cat->n_interventions);
  PFC_TRY(pfc_csr_init(&y->rows, fits ? t->history->n_people : 0, m->n_items, err));
  for (int32_t p = 0; p < t->history->n_people; p++) {
    list_take_ups(t, p, &y->u);
    *n += y->u.n;
    for (int k = 0; k < y->u.n; k++) {
      m->count[y->u.at[k].item] += y->u.at[k].weight;
      if (pfc_baseline_counts_roles(m->kind))
        PFC_TRY(add_groups(t, p, &y->u.at[k], &y->roles, &y->managers, err));
    }
    if (fits) PFC_TRY(add_row(y, err));
  }
done:
  return st;
}

/* --- what the data do not carry ---------------------------------------------------- */

static bool refuses_table(const pfc__training *t, pfc_table_id table, const char *what,
                          pfc_train_note *note) {
  if (t->view->tables[table].n_rows > 0) return false;
  (void)snprintf(note->text, sizeof note->text, "table %s is empty: %s",
                 pfc_schema(table)->name, what);
  return true;
}

/* Frameworks that say what is required and not how much of it. */
static bool refuses_levels(const pfc__training *t, pfc_train_note *note) {
  const double *level = pfc_dataset_reals(t->view, PFC_REQUIREMENTS, "level");
  for (int64_t r = 0; level && r < t->view->tables[PFC_REQUIREMENTS].n_rows; r++)
    if (!isnan(level[r])) return false;
  (void)snprintf(note->text, sizeof note->text,
                 "no row of table requirements has a level: no gap is known");
  return true;
}

static bool refuses(const pfc__training *t, const tally *y, pfc_train_note *note) {
  const pfc_baseline_kind kind = t->bundle->baseline.kind;
  if (t->cat->n_interventions == 0) {
    (void)snprintf(note->text, sizeof note->text, "the dataset names no intervention to order");
    return true;
  }
  if (kind == PFC_BASELINE_RANDOM) return false;
  if (kind == PFC_BASELINE_GAP) {
    return refuses_table(t, PFC_REQUIREMENTS, "no gap is known", note) ||
           refuses_levels(t, note) ||
           refuses_table(t, PFC_TARGETS, "nothing is known to close a gap", note);
  }
  if (note->n_rows == 0) {
    (void)snprintf(note->text, sizeof note->text,
                   "nobody has taken anything up yet among the training rows");
  } else if (kind == PFC_BASELINE_RECENT && t->today == PFC_NO_DATE) {
    (void)snprintf(note->text, sizeof note->text,
                   "enrolments carry no dates, so none is more recent: train popularity");
  } else if (kind == PFC_BASELINE_MANAGER && y->managers.n == 0) {
    (void)snprintf(note->text, sizeof note->text,
                   "nobody who took anything up has a manager_id in positions or people");
  } else {
    return false;
  }
  return true;
}

/* --- all kinds --------------------------------------------------------------------- */

/* The age of a take-up counts in `recent` alone; where it is 1 or nothing, all weights above 0
 * are alike. */
static pfc_affinity_weights weights_of(const pfc_train_settings *s) {
  pfc_affinity_weights w = {.started = 1, .passed = 1};
  if (s->baseline.kind == PFC_BASELINE_RECENT) w.half_life_days = s->baseline.half_life_days;
  if (s->baseline.kind == PFC_BASELINE_ITEMKNN || s->baseline.kind == PFC_BASELINE_EASE) {
    w.registered = s->weights.registered > 0;
    w.started = s->weights.started > 0;
    w.passed = s->weights.passed > 0;
  }
  return w;
}

/* Of the items that anybody took up: the others say nothing, and nothing is said of them. */
static pfc_status fit_ease(pfc__training *t, pfc_csr *rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_baseline *m = &t->bundle->baseline;
  pfc_ease_report report;
  int32_t *fitted_of = NULL;
  PFC_NEW(fitted_of, m->n_items);
  PFC_NEW(m->fitted, m->n_items);
  for (int32_t i = 0; i < m->n_items; i++) {
    if (m->count[i] == 0) continue;
    fitted_of[i] = m->n_fitted;
    m->fitted[m->n_fitted++] = i;
  }
  for (int64_t k = 0; k < rows->start[rows->n_rows]; k++)
    rows->col[k] = fitted_of[rows->col[k]];
  rows->n_cols = m->n_fitted;
  PFC_TRY(pfc_ease_fit(rows, t->settings->baseline.ease_lambda, &m->ease, &report, err));
  PFC_TRY(pfc__certify(t->bundle, "baseline.ease", rows->start[rows->n_rows], 1,
                       report.objective, report.gradient, report.gradient < 1e-4, err));
done:
  pfc_free(fitted_of);
  return st;
}

static pfc_status fit(pfc__training *t, tally *y, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_baseline *m = &t->bundle->baseline;
  const pfc_baseline_settings *s = &t->settings->baseline;
  const int32_t n_roles = pfc_dataset_count(t->view, "role");
  if (pfc_baseline_counts_roles(m->kind)) {
    PFC_TRY(sum_grouped(&y->roles, n_roles, m->n_items, &m->by_role, err));
  }
  if (m->kind == PFC_BASELINE_MANAGER) {
    PFC_TRY(sum_grouped(&y->managers, t->history->n_people, m->n_items, &m->by_manager, err));
  }
  if (m->kind == PFC_BASELINE_ITEMKNN) {
    PFC_TRY(
        pfc_item_neighbours(&y->rows, s->neighbours, s->knn_shrinkage, &m->neighbours, err));
  }
  if (m->kind == PFC_BASELINE_EASE) PFC_TRY(fit_ease(t, &y->rows, err));
done:
  return st;
}

static int32_t n_taken(const pfc_baseline *m) {
  int32_t n = 0;
  for (int32_t i = 0; i < m->n_items; i++) n += m->count[i] > 0;
  return n;
}

pfc_status pfc__train_baseline(pfc__training *t, pfc_train_note *note, pfc_error *err) {
  pfc_status st = PFC_OK;
  tally y = {0};
  pfc_baseline *m = &t->bundle->baseline;
  const pfc_baseline_settings *s = &t->settings->baseline;
  m->kind = s->kind;
  m->n_items = t->cat->n_interventions;
  m->shrinkage = s->shrinkage;
  m->weights = weights_of(t->settings);
  PFC_NEW(m->count, m->n_items);
  PFC_TRY(tally_people(t, &y, &note->n_rows, err));
  if (refuses(t, &y, note)) goto done;
  PFC_TRY(fit(t, &y, err));
  t->bundle->has_baseline = true;
  note->trained = 1;
  (void)snprintf(note->text, sizeof note->text, "%s: %lld take-ups of %d interventions",
                 pfc_baseline_name(m->kind), (long long)note->n_rows, n_taken(m));
done:
  tally_clear(&y);
  return st;
}
