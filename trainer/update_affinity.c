/* Updating affinity: sweeps from where the factors were, turned back to how they lay. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "trainer/update_internal.h"

/* One side of the factorization. */
typedef struct side {
  pfc_features *features; /* extended */
  pfc_csr rows;           /* attributes */
  float *prior;           /* what these predict, as far as the old model knew; 0 for the rest */
} side;

static void side_clear(side *s) {
  pfc_features_destroy(s->features);
  pfc_csr_clear(&s->rows);
  pfc_free(s->prior);
}

static pfc_status side_init(side *s, const pfc__training *t, pfc_scope scope, int32_t n,
                            const pfc_features *old, const float *prior, pfc_error *err) {
  pfc_status st = PFC_OK;
  const bool person = scope == PFC_SCOPE_PERSON;
  const size_t k = (size_t)t->settings->als.rank;
  pfc_decision *d = NULL;
  int32_t *from = NULL;
  PFC_NEW(d, n);
  for (int32_t i = 0; i < n; i++)
    d[i] = (pfc_decision){person ? i : -1, person ? -1 : i, -1, t->today, -1, -1};
  PFC_TRY(pfc_features_extend(old, t->lens, n, d, &s->features, &from, err));
  PFC_TRY(pfc__encode_rows(s->features, t->lens, 1U << scope, n, d, 0, NULL, &s->rows, err));
  PFC_NEW(s->prior, (size_t)s->features->n_columns * k);
  for (int32_t c = 0; c < s->features->n_columns; c++) {
    if (from[c] < 0) continue;
    memcpy(s->prior + (size_t)c * k, prior + (size_t)from[c] * k, k * sizeof *prior);
  }
done:
  pfc_free(d);
  pfc_free(from);
  return st;
}

/* New items begin where their attributes put them. */
static void place_items(const side *items, const pfc_affinity *old, int32_t n, float *out) {
  const int32_t k = old->rank;
  memcpy(out, old->items, (size_t)old->n_items * (size_t)k * sizeof *out);
  for (int32_t i = old->n_items; i < n; i++) {
    const int64_t at = items->rows.start[i];
    pfc_affinity_prior(k, items->prior, (int)(items->rows.start[i + 1] - at),
                       items->rows.col + at, items->rows.val + at, out + (ptrdiff_t)i * k);
  }
}

/* As many takers of each intervention as before, and nobody else there: the factors hold. */
static pfc_status has_changed(const pfc_csr *conf, const pfc_affinity *old, bool *changed,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *count = NULL;
  *changed = conf->n_rows != old->n_people || conf->n_cols != old->n_items;
  PFC_NEW(count, conf->n_cols);
  if (*changed) goto done;
  for (int64_t e = 0; e < conf->start[conf->n_rows]; e++) count[conf->col[e]]++;
  *changed = memcmp(count, old->item_count, (size_t)conf->n_cols * sizeof *count) != 0;
done:
  pfc_free(count);
  return st;
}

static pfc_status fit(const pfc__training *t, const pfc_csr *conf, const pfc_affinity *old,
                      pfc_affinity *m, pfc_als_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  side people = {0}, items = {0};
  float *begin = NULL;
  pfc_als_settings als = t->settings->als;
  als.progress = t->settings->progress;
  PFC_TRY(side_init(&people, t, PFC_SCOPE_PERSON, (int32_t)conf->n_rows, old->person_features,
                    old->person_prior, err));
  PFC_TRY(side_init(&items, t, PFC_SCOPE_TARGET, conf->n_cols, old->item_features,
                    old->item_prior, err));
  PFC_NEW(begin, (size_t)conf->n_cols * (size_t)old->rank);
  place_items(&items, old, conf->n_cols, begin);
  const pfc_als_start start = {begin, people.prior, items.prior};
  PFC_TRY(pfc_als_update(conf, &people.rows, &items.rows, &als, &start, m, report, err));
  m->weights = old->weights;
  m->accept_slope = old->accept_slope;
  m->accept_intercept = old->accept_intercept;
  m->accept_calibration = old->accept_calibration;
  m->person_features = people.features;
  m->item_features = items.features;
  people.features = items.features = NULL;
  PFC_TRY(pfc_als_align(m, old->n_items, old->items, old->item_count, err));
done:
  side_clear(&people);
  side_clear(&items);
  pfc_free(begin);
  return st;
}

pfc_status pfc__update_affinity(pfc__training *t, const pfc_bundle *old, pfc_train_note *note,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csr conf = {0};
  pfc_affinity *m = &t->bundle->affinity;
  pfc_als_report report;
  bool changed = false;
  PFC_TRY(pfc__affinity_rows(t, &conf, err));
  PFC_TRY(has_changed(&conf, &old->affinity, &changed, err));
  note->trained = 1;
  if (changed) {
    note->n_rows = conf.start[conf.n_rows];
    PFC_TRY(fit(t, &conf, &old->affinity, m, &report, err));
    PFC_TRY(pfc__certify(t->bundle, "affinity", note->n_rows, report.sweeps, report.objective,
                         report.change, report.converged, err));
    (void)snprintf(note->text, sizeof note->text,
                   "%d factors, %lld sweeps from where they were", (int)m->rank,
                   (long long)report.sweeps);
  } else {
    PFC_TRY(pfc_affinity_copy(&old->affinity, m, err));
    (void)snprintf(note->text, sizeof note->text, "as it was: nothing new");
  }
  t->bundle->has_affinity = true;
  PFC_TRY(pfc_fold_create(m, t->lens, t->history, t->cat, pfc_par_threads(), &t->fold, err));
done:
  pfc_csr_clear(&conf);
  return st;
}
