/* Are groups led to something of value as evenly as before? Selected is who can be led to more
 * than the middle of all people; the impact ratio of an attribute is the least share selected
 * of its groups over the greatest (29 CFR 1607.4 D, the four-fifths rule; for scores the rate
 * above the median, as in New York's 6 RCNY 5-301). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/scorer.h"
#include "trainer/bootstrap.h"
#include "trainer/gate_internal.h"

enum { LEAST_GROUP = 30, MOST_GROUPS = 64 };
static const double FOUR_FIFTHS = 0.8;

/* --- who is selected -----------------------------------------------------------------------
 */

typedef struct leading {
  const pfc_scorer *scorer;
  const int32_t *person;
  int32_t n;
  double *best;
} leading;

static pfc_status lead_tile(int thread, int64_t tile, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  const leading *l = user;
  const int32_t first = (int32_t)tile * PFC_SCORER_TILE, left = l->n - first;
  const int n = left < PFC_SCORER_TILE ? left : PFC_SCORER_TILE;
  PFC_TRY(pfc_scorer_begin(l->scorer, thread, n, l->person + first, err));
  for (int p = 0; p < n; p++) {
    pfc_score top;
    PFC_TRY(pfc_scorer_look(l->scorer, thread, p, err));
    l->best[first + p] = pfc_scorer_shortlist(l->scorer, thread, 0, 1, 0, &top) ? top.value : 0;
  }
done:
  return st;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* selected[n]: 1 of those whose best is above the median of all. */
static pfc_status select_half(const pfc__gate *g, const pfc_bundle *bundle,
                              const int32_t *person, int32_t n, double *selected,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_scorer *scorer = NULL;
  pfc_scorer_settings s;
  pfc_dataset today = *g->ds;
  double *sorted = NULL;
  today.split = (pfc_split){.kind = PFC_SPLIT_NONE};
  pfc_scorer_defaults(&s);
  PFC_NEW(sorted, n);
  PFC_TRY(pfc_scorer_create(bundle, &today, &s, &scorer, err));
  leading l = {scorer, person, n, selected};
  PFC_TRY(pfc_par_each((n + PFC_SCORER_TILE - 1) / PFC_SCORER_TILE, 1, 1, lead_tile, &l, err));
  for (int32_t p = 0; p < n; p++) sorted[p] = selected[p];
  qsort(sorted, (size_t)n, sizeof *sorted, ascending);
  const double middle = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  for (int32_t p = 0; p < n; p++) selected[p] = selected[p] > middle;
done:
  pfc_free(sorted);
  pfc_scorer_destroy(scorer);
  return st;
}

/* --- one attribute --------------------------------------------------------------------------
 */

/* Those whose attributes are known, by their codes in the dataset. */
typedef struct people {
  int32_t n;
  int32_t *person;
  int64_t *row; /* in table protected */
  double *selected[2];
} people;

static void people_clear(people *k) {
  pfc_free(k->person);
  pfc_free(k->row);
  pfc_free(k->selected[0]);
  pfc_free(k->selected[1]);
}

static double ratio_of(const double *rate, int n_groups) {
  double least = INFINITY, most = 0;
  for (int i = 0; i < n_groups; i++) {
    if (isnan(rate[i])) continue;
    least = fmin(least, rate[i]);
    most = fmax(most, rate[i]);
  }
  return most > 0 ? least / most : 1;
}

/* place[code]: of groups large enough to be told of, -1 of others; returns how many. */
static int find_groups(const people *k, const pfc_column *of, int32_t *place) {
  int n = 0;
  for (int32_t p = 0; p < k->n; p++)
    if (of->code[k->row[p]] >= 0) place[of->code[k->row[p]]]++;
  for (int32_t c = 0; c < pfc_dict_size(of->dict); c++)
    place[c] = place[c] >= LEAST_GROUP && n < MOST_GROUPS ? n++ : -1;
  return n;
}

/* Ratios of both models: as they are, and the standard error of their difference. */
static pfc_status find_ratios(const pfc__gate *g, const people *k, const pfc_column *of,
                              const int32_t *place, int n_groups, double ratio[2],
                              double *error, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int m = 2 * n_groups, n_resamples = g->settings->resamples;
  double *sum = NULL, *count = NULL, *drawn = NULL, rate[2 * MOST_GROUPS] = {0};
  double mean = 0, squares = 0, in[2 * MOST_GROUPS] = {0};
  PFC_NEW(sum, (size_t)k->n * (size_t)m);
  PFC_NEW(count, (size_t)k->n * (size_t)m);
  PFC_NEW(drawn, (size_t)n_resamples * (size_t)m);
  for (int32_t p = 0; p < k->n; p++) {
    const int32_t code = of->code[k->row[p]], at = code >= 0 ? place[code] : -1;
    for (int w = 0; at >= 0 && w < 2; w++) {
      const int j = w * n_groups + at;
      sum[(int64_t)p * m + j] = k->selected[w][p];
      count[(int64_t)p * m + j] = 1;
      rate[j] += k->selected[w][p];
      in[j]++;
    }
  }
  for (int j = 0; j < m; j++) rate[j] /= in[j];
  for (int w = 0; w < 2; w++) ratio[w] = ratio_of(rate + (ptrdiff_t)w * n_groups, n_groups);
  PFC_TRY(pfc_bootstrap_means(k->n, m, sum, count, n_resamples, g->settings->seed, drawn, err));
  for (int r = 0; r < n_resamples; r++) {
    const double *at = drawn + (int64_t)r * m;
    const double d = ratio_of(at + n_groups, n_groups) - ratio_of(at, n_groups);
    mean += d / n_resamples;
    squares += d * d / n_resamples;
  }
  *error = sqrt(fmax(squares - mean * mean, 0));
done:
  pfc_free(sum);
  pfc_free(count);
  pfc_free(drawn);
  return st;
}

/* Above four fifths it can refuse; below, it must not fall any further. */
static pfc_status judge_attribute(pfc__gate *g, const people *k, const pfc_column *of,
                                  pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *place = NULL;
  char name[64];
  double ratio[2], error;
  PFC_NEW(place, pfc_dict_size(of->dict));
  const int n_groups = find_groups(k, of, place);
  if (n_groups < 2) goto done;
  PFC_TRY(find_ratios(g, k, of, place, n_groups, ratio, &error, err));
  (void)snprintf(name, sizeof name, "parity.%s", of->name);
  pfc__gate_row *row = pfc__gate_add(g, name, "data", err);
  if (!row) {
    st = PFC_ENOMEM;
    goto done;
  }
  row->champion = ratio[0];
  row->candidate = ratio[1];
  row->figure = ratio[1] - ratio[0];
  row->error = error;
  row->n = k->n;
  row->limit = -g->settings->margin;
  row->role = ratio[1] < FOUR_FIFTHS ? PFC__MUST_HOLD : PFC__CAN_REFUSE;
done:
  pfc_free(place);
  return st;
}

/* --- all of it ------------------------------------------------------------------------------
 */

/* Persons are matched by id: the table comes from a file of its own. */
static pfc_status find_people(const pfc__gate *g, people *k, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dataset *from = g->settings->audited;
  const pfc_column *id = pfc_dataset_column(from, PFC_PROTECTED, "person_id");
  const pfc_dict *own = pfc_dataset_find_dict(g->ds, "person");
  const int64_t n_rows = id && own ? from->tables[PFC_PROTECTED].n_rows : 0;
  PFC_NEW(k->person, n_rows);
  PFC_NEW(k->row, n_rows);
  for (int64_t r = 0; r < n_rows; r++) {
    const int32_t code =
        id->code[r] >= 0 ? pfc_dict_find(own, pfc_dict_text(id->dict, id->code[r])) : -1;
    if (code < 0) continue;
    k->person[k->n] = code;
    k->row[k->n++] = r;
  }
  PFC_NEW(k->selected[0], k->n);
  PFC_NEW(k->selected[1], k->n);
done:
  return st;
}

pfc_status pfc__gate_parity(pfc__gate *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  people k = {0};
  if (!g->settings->audited) return PFC_OK;
  const pfc_table *table = &g->settings->audited->tables[PFC_PROTECTED];
  PFC_TRY(find_people(g, &k, err));
  if (k.n < 2 * LEAST_GROUP) goto done;
  PFC_TRY(select_half(g, g->champion, k.person, k.n, k.selected[0], err));
  PFC_TRY(select_half(g, g->candidate, k.person, k.n, k.selected[1], err));
  for (int c = 0; c < table->n_columns; c++) {
    const pfc_column *of = &table->columns[c];
    if (of->type != PFC_CODE ||
        of == pfc_dataset_column(g->settings->audited, PFC_PROTECTED, "person_id"))
      continue;
    PFC_TRY(judge_attribute(g, &k, of, err));
  }
done:
  people_clear(&k);
  return st;
}
