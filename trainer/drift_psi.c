/* Shares of categories: the population stability index, with the distribution that it has when
 * shares did not change. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/bootstrap.h"
#include "trainer/drift_internal.h"

static const double LIMIT = 0.1;        /* beyond what chance brings */
static const double LEAST_SHARE = 0.01; /* of the reference: smaller categories count as one */
enum { BINS = 10, LEAST_ROWS = 30, MOST = 101 }; /* categories of a hundredth, and the rest */

/* Where the category of a fact is read. */
typedef enum reading {
  OWN,    /* a column of its table */
  ITEM,   /* one of its intervention */
  PERSON, /* one of its person: role, unit or the role's family, as held that day */
} reading;

static const struct {
  int facts; /* index of d->facts */
  reading of;
  const char *column, *by; /* by: a word; numbers of each are looked at apart */
} COLUMNS[] = {
    {0, PERSON, "role", NULL},   {0, PERSON, "unit", NULL},   {0, ITEM, "kind", NULL},
    {0, ITEM, "modality", NULL}, {0, ITEM, "provider", NULL}, {0, ITEM, "hours", NULL},
    {0, ITEM, "weeks", NULL},    {0, OWN, "score", NULL},     {1, OWN, "source", NULL},
    {1, OWN, "level", "source"}, {2, OWN, "kind", NULL},      {2, OWN, "actor", NULL},
};

/* The categories of the facts of one table, from d->first on. */
typedef struct categories {
  const pfc__facts *f;
  int64_t first, from; /* facts of the reference and the newest */
  int32_t n;
  int32_t *of; /* by place among the facts; -1: none */
} categories;

/* --- categories -----------------------------------------------------------------------------
 */

static int32_t item_row(const pfc__drift *d, const pfc__facts *f, int64_t i) {
  const int32_t *item = pfc_dataset_codes(d->ds, f->table, "intervention_id");
  const int32_t at = item ? item[f->row[i]] : -1;
  return at >= 0 ? (int32_t)d->cat->row[at] : -1;
}

static int32_t held(const pfc__drift *d, const char *what, int32_t person, int32_t day) {
  return *what == 'r' ? pfc_history_role(d->history, person, day)
                      : pfc_history_unit(d->history, person, day);
}

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Numbers by the deciles of the reference. */
static pfc_status cut(categories *c, const double *value, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *sorted = NULL, edge[BINS - 1];
  int64_t n = 0;
  PFC_NEW(sorted, c->f->n);
  for (int64_t i = c->first; i < c->from; i++)
    if (isfinite(value[i])) sorted[n++] = value[i];
  qsort(sorted, (size_t)n, sizeof *sorted, by_value);
  for (int k = 1; k < BINS; k++) edge[k - 1] = n > 0 ? sorted[n * k / BINS] : 0;
  c->n = BINS;
  for (int64_t i = c->first; i < c->f->n; i++) {
    if (!isfinite(value[i])) continue;
    c->of[i] = 0;
    for (int k = 0; k < BINS - 1; k++) c->of[i] += value[i] >= edge[k];
  }
done:
  pfc_free(sorted);
  return st;
}

/* word: code of the `by` column that is looked at; -1: all. */
static pfc_status read(const pfc__drift *d, int k, const int32_t *by, int32_t word,
                       categories *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__facts *f = c->f;
  const pfc_column *column = NULL;
  double *value = NULL;
  if (COLUMNS[k].of == OWN) column = pfc_dataset_column(d->ds, f->table, COLUMNS[k].column);
  if (COLUMNS[k].of == ITEM)
    column = pfc_dataset_column(d->ds, PFC_INTERVENTIONS, COLUMNS[k].column);
  for (int64_t i = 0; i < f->n; i++) c->of[i] = -1;
  if (COLUMNS[k].of == PERSON) {
    c->n = pfc_dataset_count(d->ds, COLUMNS[k].column);
    for (int64_t i = c->first; i < f->n; i++)
      c->of[i] = held(d, COLUMNS[k].column, f->person[i], f->day[i]);
    goto done;
  }
  if (!column || (column->type != PFC_CODE && column->type != PFC_REAL)) goto done;
  if (column->type == PFC_CODE) c->n = pfc_dict_size(column->dict);
  PFC_NEW(value, f->n);
  for (int64_t i = c->first; i < f->n; i++) {
    const int64_t row = COLUMNS[k].of == OWN ? f->row[i] : item_row(d, f, i);
    const bool is_in = row >= 0 && (!by || by[f->row[i]] == word);
    value[i] = is_in && column->type == PFC_REAL ? column->real[row] : (double)NAN;
    if (is_in && column->type == PFC_CODE) c->of[i] = column->code[row];
  }
  if (column->type == PFC_REAL) PFC_TRY(cut(c, value, err));
done:
  pfc_free(value);
  return st;
}

/* Makes one of all categories that are rare in the reference. */
static pfc_status join_rare(categories *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *rows = NULL, n = 0;
  int32_t *to = NULL, n_common = 0;
  PFC_NEW(rows, c->n);
  PFC_NEW(to, c->n);
  for (int64_t i = c->first; i < c->from; i++) {
    if (c->of[i] < 0) continue;
    rows[c->of[i]]++;
    n++;
  }
  for (int32_t j = 0; j < c->n; j++)
    to[j] = (double)rows[j] < LEAST_SHARE * (double)n ? -1 : n_common++;
  for (int64_t i = c->first; i < c->f->n; i++)
    if (c->of[i] >= 0) c->of[i] = to[c->of[i]] < 0 ? n_common : to[c->of[i]];
  c->n = n_common + 1;
done:
  pfc_free(rows);
  pfc_free(to);
  return st;
}

/* --- the index -------------------------------------------------------------------------------
 */

double pfc__psi(int n, const double *now, const double *then, double least) {
  double sum = 0;
  for (int j = 0; j < n; j++) {
    const double a = fmax(now[j], least), b = fmax(then[j], least);
    sum += (a - b) * log(a / b);
  }
  return sum;
}

/* Facts low .. high - 1 of each category, as shares in share[c->n]; returns how many. */
static int64_t shares(const categories *c, int64_t low, int64_t high, int64_t but_low,
                      int64_t but_high, double *share) {
  int64_t n = 0;
  memset(share, 0, (size_t)c->n * sizeof *share);
  for (int64_t i = low; i < high; i++) {
    if (c->of[i] < 0 || (i >= but_low && i < but_high)) continue;
    share[c->of[i]]++;
    n++;
  }
  for (int32_t j = 0; j < c->n && n > 0; j++) share[j] /= (double)n;
  return n;
}

/* What the index has been at most between a stretch of the reference and the rest of it. */
static double most_before(const pfc__drift *d, const categories *c, double *now, double *then) {
  double most = 0;
  for (int32_t to = d->from; to - d->window >= d->first; to -= d->window) {
    const int64_t low = pfc__facts_from(c->f, to - d->window), high = pfc__facts_from(c->f, to);
    const int64_t n = shares(c, low, high, 0, 0, now);
    const int64_t m = shares(c, c->first, c->from, low, high, then);
    if (n < LEAST_ROWS || m < LEAST_ROWS) continue;
    most = fmax(most, pfc__psi(c->n, now, then, 0.5 / (double)n));
  }
  return most;
}

/* Rows for the bootstrap: those that have a category. */
typedef struct drawn {
  int32_t n; /* categories */
  int64_t n_rows;
  int32_t *person, *of;
  uint8_t *is_new;
  double now[MOST], then[MOST]; /* shares */
  double least;
} drawn;

static void drawn_clear(drawn *w) {
  pfc_free(w->person);
  pfc_free(w->of);
  pfc_free(w->is_new);
}

static pfc_status drawn_init(drawn *w, const categories *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(w->person, c->f->n - c->first);
  PFC_NEW(w->of, c->f->n - c->first);
  PFC_NEW(w->is_new, c->f->n - c->first);
  w->n = c->n;
  for (int64_t i = c->first; i < c->f->n; i++) {
    if (c->of[i] < 0) continue;
    w->person[w->n_rows] = c->f->person[i];
    w->of[w->n_rows] = c->of[i];
    w->is_new[w->n_rows++] = i >= c->from;
  }
done:
  return st;
}

/* The index of resampled people, whose shares are moved so that those of both sides would be
 * alike had nobody been drawn: what chance alone makes of it. */
static pfc_status null_psi(const double *weight, void *user, double *value, pfc_error *err) {
  const drawn *w = user;
  double share[2][MOST] = {{0}}, all[2] = {0};
  (void)err;
  for (int64_t i = 0; i < w->n_rows; i++) {
    const double times = weight ? weight[i] : 1;
    share[w->is_new[i]][w->of[i]] += times;
    all[w->is_new[i]] += times;
  }
  for (int32_t j = 0; j < w->n; j++) {
    const double middle = (w->now[j] + w->then[j]) / 2;
    const double off = share[1][j] / all[1] - share[0][j] / all[0] - (w->now[j] - w->then[j]);
    share[1][j] = middle + off / 2;
    share[0][j] = middle - off / 2;
  }
  *value =
      all[0] > 0 && all[1] > 0 ? pfc__psi(w->n, share[1], share[0], w->least) : (double)NAN;
  return PFC_OK;
}

/* A scaled chi-squared of the mean and variance that resamples have (Satterthwaite 1946): with
 * some hundred of them tails are told that would take millions to count. False without any. */
static bool null_tail(int n, const double *value, double psi, double *mean, double *p) {
  double sum = 0, squares = 0, told = 0;
  for (int r = 0; r < n; r++) {
    if (isnan(value[r])) continue;
    told++;
    sum += value[r];
    squares += value[r] * value[r];
  }
  if (told < 2) return false;
  *mean = sum / told;
  const double variance = (squares - sum * *mean) / (told - 1);
  if (!(*mean > 0) || !(variance > 0)) return false;
  *p = pfc__chi2_tail(psi * 2 * *mean / variance, 2 * *mean * *mean / variance);
  return true;
}

static pfc_status tell(pfc__drift *d, const categories *c, const char *of, pfc_error *err) {
  pfc_status st = PFC_OK;
  drawn w = {0};
  double *value = NULL, mean, p;
  const int n_drawn = d->settings->resamples;
  const double most = most_before(d, c, w.now, w.then);
  const int64_t n = shares(c, c->from, c->f->n, 0, 0, w.now);
  if (n < LEAST_ROWS || shares(c, c->first, c->from, 0, 0, w.then) < LEAST_ROWS) return PFC_OK;
  PFC_TRY(drawn_init(&w, c, err));
  PFC_NEW(value, n_drawn);
  w.least = 0.5 / (double)n;
  const double psi = pfc__psi(c->n, w.now, w.then, w.least);
  const pfc_owned rows = {w.n_rows, w.person, d->n_people};
  PFC_TRY(pfc_bootstrap(&rows, 1, n_drawn, d->settings->seed, null_psi, &w, value, err));
  if (!null_tail(n_drawn, value, psi, &mean, &p)) goto done;
  pfc__drift_row *row = pfc__drift_add(d, "psi", PFC_DRIFT_WORLD, err);
  if (!row) {
    st = PFC_ENOMEM;
    goto done;
  }
  (void)snprintf(row->of, sizeof row->of, "%s", of);
  row->figure = psi;
  row->limit = fmax(mean + LIMIT, most);
  row->beyond = psi > row->limit;
  row->n = n;
  row->p = p;
  (void)snprintf(row->note, sizeof row->note,
                 "without drift %.3f on average; stretches before, up to %.3f", mean, most);
done:
  pfc_free(value);
  drawn_clear(&w);
  return st;
}

static pfc_status look(pfc__drift *d, int k, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__facts *f = &d->facts[COLUMNS[k].facts];
  const pfc_column *by =
      COLUMNS[k].by ? pfc_dataset_column(d->ds, f->table, COLUMNS[k].by) : NULL;
  categories c = {
      .f = f, .first = pfc__facts_from(f, d->first), .from = pfc__facts_from(f, d->from)};
  char of[PFC__DRIFT_OF];
  if (by && by->type != PFC_CODE) by = NULL;
  PFC_NEW(c.of, f->n);
  for (int32_t word = 0; word < (by ? pfc_dict_size(by->dict) : 1); word++) {
    c.n = 0;
    PFC_TRY(read(d, k, by ? by->code : NULL, word, &c, err));
    if (c.n == 0) break;
    PFC_TRY(join_rare(&c, err));
    (void)snprintf(of, sizeof of, "%s.%s%s%s",
                   COLUMNS[k].of == ITEM ? "interventions" : pfc_schema(f->table)->name,
                   COLUMNS[k].column, by ? " of " : "",
                   by ? pfc_dict_text(by->dict, word) : "");
    PFC_TRY(tell(d, &c, of, err));
  }
done:
  pfc_free(c.of);
  return st;
}

pfc_status pfc__drift_psi(pfc__drift *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (size_t k = 0; k < sizeof COLUMNS / sizeof *COLUMNS; k++) PFC_TRY(look(d, (int)k, err));
done:
  return st;
}
