/* Training the affinity model: confidences, attributes, factors. */
#include <stdio.h>

#include "base/mem.h"
#include "base/par.h"
#include "trainer/als.h"
#include "trainer/train_internal.h"

/* --- confidences ----------------------------------------------------------------- */

/* Entries of one person's row; csr_append adds up those of the same intervention. */
static int observed_row(const pfc__training *t, int32_t person, int32_t *col, float *val) {
  const pfc_history *h = t->history;
  int n = 0;
  for (int64_t a = h->first_attempt[person]; a < h->first_attempt[person + 1]; a++) {
    const float conf =
        (float)pfc_affinity_confidence(&t->settings->weights, &h->attempts[a], t->today);
    if (conf <= 0) continue; /* no weight, or aged below what a float can tell from 0 */
    col[n] = h->attempts[a].intervention;
    val[n++] = conf;
  }
  return n;
}

pfc_status pfc__affinity_rows(const pfc__training *t, pfc_csr *conf, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *col = NULL;
  float *val = NULL;
  const pfc_history *h = t->history;
  const int64_t longest = pfc_history_most_attempts(h);
  PFC_NEW(col, longest);
  PFC_NEW(val, longest);
  PFC_TRY(pfc_csr_init(conf, h->n_people, t->cat->n_interventions, err));
  for (int32_t p = 0; p < h->n_people; p++) {
    PFC_TRY(pfc_csr_append(conf, observed_row(t, p, col, val), col, val, err));
  }
done:
  pfc_free(col);
  pfc_free(val);
  return st;
}

/* --- attributes ------------------------------------------------------------------- */

/* Fits the attribute fields of one side and encodes every member of it. */
static pfc_status attributes(const pfc__training *t, pfc_feature_plan plan, pfc_scope scope,
                             int32_t n, pfc_features **features, pfc_csr *rows,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_decision *d = NULL;
  PFC_NEW(d, n);
  for (int32_t i = 0; i < n; i++) {
    const bool person = scope == PFC_SCOPE_PERSON;
    d[i] = (pfc_decision){person ? i : -1, person ? -1 : i, -1, t->today, -1, -1};
  }
  PFC_TRY(pfc_features_fit(t->lens, plan, n, d, features, err));
  PFC_TRY(pfc__encode_rows(*features, t->lens, 1U << scope, n, d, 0, NULL, rows, err));
done:
  pfc_free(d);
  return st;
}

/* --- all of it ------------------------------------------------------------------------- */

pfc_status pfc__affinity_fit(const pfc__training *t, const pfc_csr *conf,
                             pfc_als_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csr person_rows = {0}, item_rows = {0};
  pfc_affinity *m = &t->bundle->affinity;
  pfc_als_settings als = t->settings->als;
  als.seed = t->settings->seed;
  als.progress = t->settings->progress;
  PFC_TRY(attributes(t, PFC_PLAN_PERSON_ATTRIBUTES, PFC_SCOPE_PERSON, t->history->n_people,
                     &m->person_features, &person_rows, err));
  PFC_TRY(attributes(t, PFC_PLAN_ITEM_ATTRIBUTES, PFC_SCOPE_TARGET, t->cat->n_interventions,
                     &m->item_features, &item_rows, err));
  m->weights = t->settings->weights;
  PFC_TRY(pfc_als_fit(conf, &person_rows, &item_rows, &als, m, report, err));
done:
  pfc_csr_clear(&person_rows);
  pfc_csr_clear(&item_rows);
  return st;
}

static pfc_status train(pfc__training *t, const pfc_csr *conf, pfc_train_note *note,
                        pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_affinity *m = &t->bundle->affinity;
  pfc_als_report report;
  PFC_TRY(pfc__affinity_fit(t, conf, &report, err));
  PFC_TRY(pfc__certify(t->bundle, "affinity", conf->start[conf->n_rows], report.sweeps,
                       report.objective, report.change, report.converged, err));
  PFC_TRY(pfc_fold_create(m, t->lens, t->history, t->cat, pfc_par_threads(), &t->fold, err));
  note->trained = 1;
  t->bundle->has_affinity = true;
  snprintf(note->text, sizeof note->text, "%d factors, %lld sweeps", m->rank,
           (long long)report.sweeps);
done:
  return st;
}

pfc_status pfc__train_affinity(pfc__training *t, pfc_train_note *note, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csr conf = {0};
  PFC_TRY(pfc__affinity_rows(t, &conf, err));
  note->n_rows = conf.start[conf.n_rows];
  if (!pfc__affinity_refuses(t, note->n_rows, note)) PFC_TRY(train(t, &conf, note, err));
done:
  pfc_csr_clear(&conf);
  return st;
}
