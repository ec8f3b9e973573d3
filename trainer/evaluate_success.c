/* Judging probabilities of success: test starts whose result is known. */
#include <math.h>

#include "base/date.h"
#include "base/mem.h"
#include "trainer/evaluate_internal.h"

/* What one judge said of the starts; the rows are the same for all. */
typedef struct judged {
  int64_t n;
  double *p;
  const int8_t *y;
} judged;

typedef struct starts {
  pfc__evaluation *e;
  int64_t n;
  int8_t *y;
  int32_t *person;
  judged said[PFC_MAX_CONTESTANTS];
  judged base;
} starts;

/* --- figures --------------------------------------------------------------------------- */

static pfc_status auc(const double *w, const void *user, double *value, pfc_error *err) {
  const judged *j = user;
  return pfc_auc(j->n, j->p, j->y, w, value, err);
}

static pfc_status log_loss(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc_log_loss(j->n, j->p, j->y, w);
  return PFC_OK;
}

static pfc_status brier(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc_brier(j->n, j->p, j->y, w);
  return PFC_OK;
}

static pfc_status mean_gap(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc_mean_gap(j->n, j->p, j->y, w);
  return PFC_OK;
}

static pfc_status calibration_slope(const double *w, const void *user, double *value,
                                    pfc_error *err) {
  const judged *j = user;
  double intercept;
  return pfc_calibration(j->n, j->p, j->y, w, value, &intercept, err);
}

static pfc_status calibration_intercept(const double *w, const void *user, double *value,
                                        pfc_error *err) {
  const judged *j = user;
  double slope;
  return pfc_calibration(j->n, j->p, j->y, w, &slope, value, err);
}

static pfc_status ece(const double *w, const void *user, double *value, pfc_error *err) {
  pfc_status st = PFC_OK;
  const judged *j = user;
  double *y = NULL;
  PFC_NEW(y, j->n);
  for (int64_t i = 0; i < j->n; i++) y[i] = j->y[i];
  PFC_TRY(pfc_ece(j->n, j->p, y, w, 10, value, err));
done:
  pfc_free(y);
  return st;
}

static const pfc__figure FIGURES[] = {
    {"auc", "higher", auc},
    {"log_loss", "lower", log_loss},
    {"brier", "lower", brier},
    {"calibration_slope", "nearer 1", calibration_slope},
    {"calibration_intercept", "nearer 0", calibration_intercept},
    {"mean_gap", "nearer 0", mean_gap},
    {"ece", "lower", ece}};
enum { N_FIGURES = sizeof FIGURES / sizeof *FIGURES };

/* --- what a bundle says ------------------------------------------------------------------ */

static pfc_status predict(const pfc__contender *c, const pfc_decision *d, float *x,
                          int32_t *col, float *val, double *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_success *m = &c->is->bundle->success;
  const float *y = NULL;
  if (m->rank) {
    int64_t n_items;
    PFC_TRY(pfc_fold_person(c->fold, 0, d, x, &n_items, err));
    y = pfc_fold_item(c->fold, d->intervention);
  }
  *p = pfc_success_probability(m, pfc_success_eta(m, c->lens, d, x, y, col, val));
done:
  return st;
}

static pfc_status ask_bundle(const starts *s, const pfc__contender *c, double *p,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_success *m = &c->is->bundle->success;
  const int entries = pfc_scratch_entries(m->features, c->lens);
  float *x = NULL, *val = NULL;
  int32_t *col = NULL;
  PFC_NEW(x, m->rank);
  PFC_NEW(col, entries);
  PFC_NEW(val, entries);
  for (int64_t i = 0; i < s->n; i++) {
    PFC_TRY(predict(c, &s->e->rows->start[i].d, x, col, val, &p[i], err));
  }
done:
  pfc_free(x);
  pfc_free(col);
  pfc_free(val);
  return st;
}

/* --- what a file says -------------------------------------------------------------------- */

/* Whatever the competency: a start succeeds or not as a whole. */
static double told_of(const pfc_predictions *p, const pfc_decision *d) {
  int64_t from = 0;
  const int64_t to = pfc_predictions_of(p, d->person, d->date, &from);
  for (int64_t r = from; r < to; r++) {
    if (p->intervention[r] == d->intervention && !isnan(p->p_success[r]))
      return p->p_success[r];
  }
  return NAN;
}

static pfc_status ask_predictions(const starts *s, const pfc_contestant *c, double *p,
                                  pfc_error *err) {
  int64_t missing = 0, first = -1;
  for (int64_t i = 0; i < s->n; i++) {
    p[i] = told_of(c->predictions, &s->e->rows->start[i].d);
    if (!isnan(p[i])) continue;
    if (missing++ == 0) first = i;
  }
  if (missing == 0) return PFC_OK;
  return pfc__fail_missing(s->e, c, "p_success", "starts", missing, s->n,
                           &s->e->rows->start[first].d, err);
}

/* --- all of it ---------------------------------------------------------------------------- */

static bool tells(const pfc_contestant *c) {
  return c->bundle ? c->bundle->has_success
                   : (c->predictions->kinds & PFC_PREDICTS_SUCCESS) != 0;
}

static pfc_status starts_init(starts *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(s->y, s->n);
  PFC_NEW(s->person, s->n);
  for (int64_t i = 0; i < s->n; i++) {
    s->y[i] = s->e->rows->start[i].result;
    s->person[i] = s->e->rows->start[i].d.person;
  }
done:
  return st;
}

static void starts_clear(starts *s) {
  pfc_free(s->y);
  pfc_free(s->person);
  pfc_free(s->base.p);
  for (int i = 0; i < PFC_MAX_CONTESTANTS; i++) pfc_free(s->said[i].p);
}

/* Labelled starts of the training rows that passed: what is known without any model. */
static double base_rate(const pfc__evaluation *e) {
  const pfc_history *h = e->training_history;
  const int32_t last = pfc_last_day(e->training, h),
                today = last == PFC_NO_DATE ? last : last + 1;
  double n = 0, passed = 0;
  for (int64_t i = 0; i < h->first_attempt[h->n_people]; i++) {
    const pfc_attempt *a = &h->attempts[i];
    const int32_t start = h->dated ? a->start : PFC_NO_DATE;
    if (!a->started || a->result < 0) continue;
    if (!pfc_catalogue_is_mature(e->cat, a->intervention, start, today)) continue;
    n++;
    passed += a->result;
  }
  return n > 0 ? passed / n : 0.5;
}

static pfc_status ask(starts *s, pfc__panel *panel, int who, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__contender *c = &s->e->at[who];
  judged *j = &s->said[panel->n];
  *j = (judged){.n = s->n, .y = s->y};
  PFC_NEW(j->p, s->n);
  PFC_TRY(c->is->bundle ? ask_bundle(s, c, j->p, err) : ask_predictions(s, c->is, j->p, err));
  panel->judged[panel->n] = j;
  panel->who[panel->n++] = who;
done:
  return st;
}

pfc_status pfc__evaluate_success(pfc__evaluation *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  starts s = {.e = e, .n = e->rows->n_starts};
  pfc__panel panel = {.section = "success", .baseline = "base_rate", .simple = &s.base};
  PFC_TRY(starts_init(&s, err));
  for (int i = 0; i < e->n; i++) {
    if (tells(e->at[i].is)) PFC_TRY(ask(&s, &panel, i, err));
  }
  if (panel.n == 0) goto done;
  s.base = (judged){.n = s.n, .y = s.y};
  PFC_NEW(s.base.p, s.n);
  const double rate = base_rate(e);
  for (int64_t i = 0; i < s.n; i++) s.base.p[i] = rate;
  panel.rows = (pfc_owned){s.n, s.person, e->history->n_people};
  PFC_TRY(pfc__panel_open(e, &panel, err));
  for (int f = 0; f < N_FIGURES; f++) PFC_TRY(pfc__put_figure(e, &panel, &FIGURES[f], err));
done:
  starts_clear(&s);
  return st;
}
