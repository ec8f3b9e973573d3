/* Judging probabilities of success: test starts whose result is known. */
#include <math.h>

#include "base/date.h"
#include "base/mem.h"
#include "trainer/evaluate_internal.h"

enum {
  BINS = 10,        /* of calibration error and the parts of the Brier score */
  RECOMMENDED = 10, /* places of a list that count as recommended */
};

/* What one judge said of some starts. */
typedef struct judged {
  int64_t n;
  double *p;
  const int8_t *y;
  const double *real_y; /* the same */
  pfc_order *order;     /* by p */
} judged;

/* Starts, the same for all; and what everybody said of them. */
typedef struct starts {
  pfc__evaluation *e;
  int64_t n;
  pfc_decision *d;
  int8_t *y;
  double *real_y;
  int32_t *person;
  judged said[PFC_MAX_CONTESTANTS];
  judged base;
} starts;

/* --- figures --------------------------------------------------------------------------- */

static pfc_status auc(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc_auc_ordered(j->order, j->y, w);
  return PFC_OK;
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

static pfc_status reliability(const double *w, const void *user, double *value,
                              pfc_error *err) {
  const judged *j = user;
  pfc_brier_parts parts = {0};
  const pfc_status st = pfc_brier_decomposition_ordered(j->order, j->y, w, BINS, &parts, err);
  *value = parts.reliability;
  return st;
}

static pfc_status resolution(const double *w, const void *user, double *value, pfc_error *err) {
  const judged *j = user;
  pfc_brier_parts parts = {0};
  const pfc_status st = pfc_brier_decomposition_ordered(j->order, j->y, w, BINS, &parts, err);
  *value = parts.resolution;
  return st;
}

static pfc_status uncertainty(const double *w, const void *user, double *value,
                              pfc_error *err) {
  const judged *j = user;
  pfc_brier_parts parts = {0};
  const pfc_status st = pfc_brier_decomposition_ordered(j->order, j->y, w, BINS, &parts, err);
  *value = parts.uncertainty;
  return st;
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
  const judged *j = user;
  return pfc_ece_ordered(j->order, j->real_y, w, BINS, value, err);
}

static const pfc__figure FIGURES[] = {
    {"auc", "higher", auc},
    {"log_loss", "lower", log_loss},
    {"brier", "lower", brier},
    {"brier_reliability", "lower", reliability},
    {"brier_resolution", "higher", resolution},
    {"brier_uncertainty", NULL, uncertainty},
    {"calibration_slope", "nearer 1", calibration_slope},
    {"calibration_intercept", "nearer 0", calibration_intercept},
    {"mean_gap", "nearer 0", mean_gap},
    {"ece", "lower", ece},
};
enum { N_FIGURES = sizeof FIGURES / sizeof *FIGURES, FIRST_OF_CALIBRATION = 6 };

/* --- what a bundle says ------------------------------------------------------------------ */

static pfc_status ask_bundle(const starts *s, const pfc__contender *c, double *p,
                             pfc_error *err) {
  return pfc_chance_predict(&c->is->bundle->success, c->lens, c->fold, s->n, s->d, p, err);
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

/* *left_out: the file is one of lists, and does not tell all of them. */
static pfc_status ask_predictions(const starts *s, const pfc__contender *c, double *p,
                                  bool *left_out, pfc_error *err) {
  pfc__missing m = {.column = "p_success", .rows = "starts", .n = s->n};
  for (int64_t i = 0; i < s->n; i++) {
    p[i] = told_of(c->is->predictions, &s->e->rows->start[i].d);
    if (!isnan(p[i])) continue;
    if (m.missing++ == 0) m.first = s->e->rows->start[i].d;
  }
  *left_out = m.missing > 0;
  return *left_out ? pfc__leave_out(s->e, c, "success", &m, err) : PFC_OK;
}

/* --- everybody -------------------------------------------------------------------------- */

static bool tells(const pfc_contestant *c) {
  return c->bundle ? c->bundle->has_success
                   : (c->predictions->kinds & PFC_PREDICTS_SUCCESS) != 0;
}

static pfc_status starts_init(starts *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(s->y, s->n);
  PFC_NEW(s->real_y, s->n);
  PFC_NEW(s->d, s->n);
  PFC_NEW(s->person, s->n);
  for (int64_t i = 0; i < s->n; i++) {
    s->real_y[i] = s->y[i] = s->e->rows->start[i].result;
    s->d[i] = s->e->rows->start[i].d;
    s->person[i] = s->d[i].person;
  }
done:
  return st;
}

static void judged_clear(judged *j) {
  pfc_free(j->p);
  pfc_order_destroy(j->order);
}

static void starts_clear(starts *s) {
  pfc_free(s->y);
  pfc_free(s->real_y);
  pfc_free(s->d);
  pfc_free(s->person);
  judged_clear(&s->base);
  for (int i = 0; i < PFC_MAX_CONTESTANTS; i++) judged_clear(&s->said[i]);
}

/* Labelled starts of the training rows that passed: what is known without any model. */
static double base_rate(const pfc__evaluation *e) {
  const pfc_history *h = e->training_history;
  const int32_t last = pfc_last_day(e->training, h);
  const int32_t today = last == PFC_NO_DATE ? last : last + 1;
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
  *j = (judged){.n = s->n, .y = s->y, .real_y = s->real_y};
  PFC_NEW(j->p, s->n);
  bool left_out = false;
  PFC_TRY(c->is->bundle ? ask_bundle(s, c, j->p, err)
                        : ask_predictions(s, c, j->p, &left_out, err));
  if (left_out) {
    judged_clear(j);
    *j = (judged){0};
    return PFC_OK;
  }
  PFC_TRY(pfc_order_create(s->n, j->p, &j->order, err));
  panel->judged[panel->n] = j;
  panel->who[panel->n++] = who;
done:
  return st;
}

static pfc_status ask_base(starts *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const double rate = base_rate(s->e);
  s->base = (judged){.n = s->n, .y = s->y, .real_y = s->real_y};
  PFC_NEW(s->base.p, s->n);
  for (int64_t i = 0; i < s->n; i++) s->base.p[i] = rate;
  PFC_TRY(pfc_order_create(s->n, s->base.p, &s->base.order, err));
done:
  return st;
}

/* --- among the recommended ---------------------------------------------------------------- */

/* Starts that stood among the first of the judge's own list that day: where whoever overrates
 * has picked what they overrate. */
typedef struct picked {
  judged said;
  int8_t *y;
  double *real_y;
  int32_t *person;
} picked;

static void picked_clear(picked *k) {
  judged_clear(&k->said);
  pfc_free(k->y);
  pfc_free(k->real_y);
  pfc_free(k->person);
}

static pfc_status pick(picked *k, const starts *s, const judged *all, int who, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__evaluation *e = s->e;
  const int32_t *place = e->place + who * e->ds->tables[PFC_ENROLMENTS].n_rows;
  int64_t n = 0;
  PFC_NEW(k->said.p, s->n);
  PFC_NEW(k->y, s->n);
  PFC_NEW(k->real_y, s->n);
  PFC_NEW(k->person, s->n);
  for (int64_t i = 0; i < s->n; i++) {
    const int32_t at = place[e->rows->start[i].d.enrolment_row];
    if (at < 1 || at > RECOMMENDED) continue;
    k->said.p[n] = all->p[i];
    k->real_y[n] = k->y[n] = s->y[i];
    k->person[n++] = s->person[i];
  }
  k->said.n = n;
  k->said.y = k->y;
  k->said.real_y = k->real_y;
  PFC_TRY(pfc_order_create(n, k->said.p, &k->said.order, err));
done:
  return st;
}

/* Everyone's own rows, so that there is nothing to compare. */
static pfc_status judge_picked(starts *s, const pfc__panel *all, int i, pfc_error *err) {
  pfc_status st = PFC_OK;
  picked k = {0};
  PFC_TRY(pick(&k, s, &s->said[i], all->who[i], err));
  if (k.said.n == 0) goto done;
  pfc__panel own = {.section = "success.recommended",
                    .n = 1,
                    .who = {all->who[i]},
                    .judged = {&k.said},
                    .rows = {k.said.n, k.person, all->rows.n_people}};
  PFC_TRY(pfc__panel_open(s->e, &own, err));
  for (int f = FIRST_OF_CALIBRATION; f < N_FIGURES; f++) {
    PFC_TRY(pfc__put_figure(s->e, &own, &FIGURES[f], err));
  }
done:
  picked_clear(&k);
  return st;
}

/* --- all of it ---------------------------------------------------------------------------- */

static pfc_status put_curves(const starts *s, const pfc__panel *panel, pfc_error *err) {
  for (int i = 0; i < panel->n; i++) {
    cJSON *curves = pfc__put_object(panel->object[i], "curves");
    if (!curves) return pfc_fail_memory(err, "curves");
    const pfc_status st =
        pfc__put_reliability(s->e, curves, &panel->rows, s->said[i].p, s->y, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
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
  PFC_TRY(ask_base(&s, err));
  panel.rows = (pfc_owned){s.n, s.person, e->history->n_people};
  PFC_TRY(pfc__panel_open(e, &panel, err));
  for (int f = 0; f < N_FIGURES; f++) PFC_TRY(pfc__put_figure(e, &panel, &FIGURES[f], err));
  for (int i = 0; i < panel.n && e->place; i++) PFC_TRY(judge_picked(&s, &panel, i, err));
  if (e->settings->curves) PFC_TRY(put_curves(&s, &panel, err));
done:
  starts_clear(&s);
  return st;
}
