/* Training the affinity model: confidences, attributes, factors, and the calibration that
 * makes a score a probability of being taken up. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/candidates.h"
#include "trainer/als.h"
#include "trainer/logit.h"
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

/* --- acceptance ---------------------------------------------------------------------- */

/* Starts on which acceptance is calibrated, about. */
enum { MAX_STARTS = 5000 };

typedef struct offers {
  pfc_csr score; /* one column: x.y of a person and an intervention open that day */
  float *taken;  /* 1: the one that was started */
  int64_t n_taken;
  int64_t capacity;
} offers;

/* What the engine would put before the person that day, and what the person took. */
static bool is_offer(const pfc__training *t, const pfc_decision *d, int32_t i) {
  if (i == d->intervention) return true;
  if (t->history->dated && !pfc_catalogue_is_open(t->cat, i, d->date)) return false;
  return !pfc_candidate_is_covered(t->history, t->cat, d, i);
}

/* The offers of the day on which a person started something, scored by what was known then. */
static pfc_status add_offers(const pfc__training *t, int32_t person, const pfc_attempt *start,
                             float *x, offers *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_affinity *m = &t->bundle->affinity;
  const pfc_decision d = {person, start->intervention, -1, start->start, start->row, -1};
  int64_t n_items = 0;
  PFC_TRY(pfc_fold_person(t->fold, 0, &d, x, &n_items, err));
  for (int32_t i = 0; i < t->cat->n_interventions; i++) {
    if (!is_offer(t, &d, i)) continue;
    const bool taken = i == start->intervention;
    const float *y = pfc_fold_item(t->fold, i);
    float score = 0;
    for (int32_t f = 0; f < m->rank; f++) score += x[f] * y[f];
    PFC_RESERVE(o->taken, o->capacity, o->score.n_rows + 1);
    o->taken[o->score.n_rows] = taken;
    o->n_taken += taken;
    const int32_t column = 0;
    PFC_TRY(pfc_csr_append(&o->score, 1, &column, &score, err));
  }
done:
  return st;
}

/* Every stride-th start, so that about MAX_STARTS of them cover all people alike. */
static pfc_status collect_offers(const pfc__training *t, offers *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  float *x = NULL;
  const pfc_history *h = t->history;
  const int64_t n = h->first_attempt[h->n_people];
  const int64_t stride = 1 + n / MAX_STARTS;
  PFC_NEW(x, t->bundle->affinity.rank);
  PFC_TRY(pfc_csr_init(&o->score, (1 + n / stride) * t->cat->n_interventions, 1, err));
  for (int32_t p = 0; p < h->n_people; p++) {
    for (int64_t a = h->first_attempt[p]; a < h->first_attempt[p + 1]; a++) {
      if (a % stride || !h->attempts[a].started) continue;
      PFC_TRY(add_offers(t, p, &h->attempts[a], x, o, err));
    }
  }
done:
  pfc_free(x);
  return st;
}

/* accept = logistic(slope * score + intercept), fitted on what was open when people
 * started something. Where they never had a choice, scores tell nothing: accept is then the
 * share taken, with half an offer added to either side. */
static pfc_status calibrate_acceptance(const pfc__training *t, pfc_affinity *m,
                                       pfc_error *err) {
  pfc_status st = PFC_OK;
  offers o = {0};
  const double ridge = 1e-3;
  double w[2] = {0};
  m->accept_calibration = PFC_BETA_IDENTITY;
  pfc_newton_settings newton;
  pfc_newton_report report;
  PFC_TRY(collect_offers(t, &o, err));
  if (o.n_taken == o.score.n_rows) {
    m->accept_slope = 0;
    m->accept_intercept = log(2 * (double)o.n_taken + 1);
    goto done;
  }
  pfc_newton_defaults(&newton);
  const pfc_logit_problem problem = {.x = &o.score, .y = o.taken, .ridge = &ridge};
  PFC_TRY(pfc_logit_fit(&problem, &newton, w, &report, err));
  m->accept_slope = w[0];
  m->accept_intercept = w[1];
  PFC_TRY(pfc__certify(t->bundle, "affinity.accept", o.score.n_rows, report.steps, report.value,
                       report.gradient, report.converged, err));
done:
  pfc_csr_clear(&o.score);
  pfc_free(o.taken);
  return st;
}

/* --- all of it ------------------------------------------------------------------------- */

static pfc_status fit_factors(pfc__training *t, const pfc_csr *conf, pfc_train_note *note,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csr person_rows = {0}, item_rows = {0};
  pfc_affinity *m = &t->bundle->affinity;
  pfc_als_settings als = t->settings->als;
  pfc_als_report report;
  als.seed = t->settings->seed;
  als.progress = t->settings->progress;
  PFC_TRY(attributes(t, PFC_PLAN_PERSON_ATTRIBUTES, PFC_SCOPE_PERSON, t->history->n_people,
                     &m->person_features, &person_rows, err));
  PFC_TRY(attributes(t, PFC_PLAN_ITEM_ATTRIBUTES, PFC_SCOPE_TARGET, t->cat->n_interventions,
                     &m->item_features, &item_rows, err));
  m->weights = t->settings->weights;
  PFC_TRY(pfc_als_fit(conf, &person_rows, &item_rows, &als, m, &report, err));
  PFC_TRY(pfc__certify(t->bundle, "affinity", conf->start[conf->n_rows], report.sweeps,
                       report.objective, report.change, report.converged, err));
  PFC_TRY(pfc_fold_create(m, t->lens, t->history, t->cat, pfc_par_threads(), &t->fold, err));
  PFC_TRY(calibrate_acceptance(t, m, err));
  note->trained = 1;
  t->bundle->has_affinity = true;
  snprintf(note->text, sizeof note->text, "%d factors, %lld sweeps", m->rank,
           (long long)report.sweeps);
done:
  pfc_csr_clear(&person_rows);
  pfc_csr_clear(&item_rows);
  return st;
}

pfc_status pfc__train_affinity(pfc__training *t, pfc_train_note *note, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csr conf = {0};
  PFC_TRY(pfc__affinity_rows(t, &conf, err));
  note->n_rows = conf.start[conf.n_rows];
  if (!pfc__affinity_refuses(t, note->n_rows, note)) PFC_TRY(fit_factors(t, &conf, note, err));
done:
  pfc_csr_clear(&conf);
  return st;
}
