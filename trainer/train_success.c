/* Training the success model: labelled starts, encoded as known on the day, ridge strengths
 * chosen on the latest of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/logistic.h"
#include "trainer/logit.h"
#include "trainer/train_internal.h"

void pfc__labelled_clear(pfc__labelled *l) {
  pfc_free(l->d);
  pfc_free(l->y);
}

typedef struct labelled_row {
  pfc_decision d;
  float y;
} labelled_row;

static int by_date(const void *a, const void *b) {
  const pfc_decision *x = &((const labelled_row *)a)->d, *y = &((const labelled_row *)b)->d;
  if (x->date != y->date) return x->date < y->date ? -1 : 1;
  return (x->enrolment_row > y->enrolment_row) - (x->enrolment_row < y->enrolment_row);
}

pfc_status pfc__success_rows(const pfc__training *t, pfc__labelled *l, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = t->history;
  const int64_t n = h->first_attempt[h->n_people];
  labelled_row *rows = NULL;
  PFC_NEW(rows, n);
  for (int32_t p = 0; p < h->n_people; p++) {
    for (int64_t a = h->first_attempt[p]; a < h->first_attempt[p + 1]; a++) {
      const pfc_attempt *at = &h->attempts[a];
      const int32_t date = h->dated ? at->start : PFC_NO_DATE;
      if (!at->started || at->result < 0) continue;
      if (!pfc_catalogue_is_mature(t->cat, at->intervention, date, t->today)) continue;
      rows[l->n].d = (pfc_decision){p, at->intervention, -1, date, at->row, -1};
      rows[l->n++].y = at->result;
      l->n_passed += at->result;
    }
  }
  qsort(rows, (size_t)l->n, sizeof *rows, by_date);
  PFC_NEW(l->d, l->n);
  PFC_NEW(l->y, l->n);
  for (int64_t i = 0; i < l->n; i++) {
    l->d[i] = rows[i].d;
    l->y[i] = rows[i].y;
  }
done:
  pfc_free(rows);
  return st;
}

/* --- factor interactions ----------------------------------------------------------- */

typedef struct interacting {
  const pfc__training *t;
  const pfc_decision *d;
  float *z;
} interacting;

static pfc_status interact(int thread, int64_t i, void *user, pfc_error *err) {
  const interacting *of = user;
  const int32_t k = of->t->bundle->affinity.rank;
  int64_t n_items = 0;
  float *row = of->z + i * k;
  const pfc_status st = pfc_fold_person(of->t->fold, thread, &of->d[i], row, &n_items, err);
  const float *y = pfc_fold_item(of->t->fold, of->d[i].intervention);
  for (int32_t f = 0; f < k; f++) row[f] *= y[f];
  return st;
}

/* z[n x rank]: x_f y_f with the person's factors as known before the start. */
static pfc_status interactions(const pfc__training *t, const pfc__labelled *l, float *z,
                               pfc_error *err) {
  interacting of = {t, l->d, z};
  return pfc_par_each(l->n, 32, 1, interact, &of, err);
}

/* Products of factors are of the size of an affinity, which is 1 where something was taken up;
 * those that never come near it are noise, and stretched to the scale of the other columns
 * would drown whoever has a fresh history. */
static const double LEAST_PRODUCT = 1e-6;

/* Root mean square of each product, to put them on the scale of the other columns. */
static void scale_interactions(int64_t n, int32_t k, float *z, double *rms) {
  for (int32_t f = 0; f < k; f++) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (double)z[i * k + f] * (double)z[i * k + f];
    const double root = sqrt(sum / (double)n);
    const bool is_noise = root < LEAST_PRODUCT;
    rms[f] = is_noise ? 1 : root;
    for (int64_t i = 0; i < n; i++)
      z[i * k + f] = is_noise ? 0 : (float)((double)z[i * k + f] / rms[f]);
  }
}

/* --- choosing ridges ------------------------------------------------------------------ */

typedef struct holdout {
  pfc_csr early; /* rows before the cut; a view into all rows */
  const pfc_csr *all;
  const float *y;
  int64_t cut;       /* rows from here on are held out */
  double *ridge, *w; /* scratch; w is the last solution, the next start */
  double *eta;
} holdout;

static pfc_status fit(const pfc_csr *x, const float *y, const pfc__ridges *r, double *ridge,
                      const pfc_progress *progress, double *w, pfc_newton_report *report,
                      pfc_error *err) {
  pfc_newton_settings newton;
  pfc_newton_defaults(&newton);
  newton.stage = "success";
  newton.progress = progress;
  pfc__ridges_fill(r, ridge);
  const pfc_logit_problem problem = {
      .x = x, .y = y, .ridge = ridge, .field = r->field_of, .n_fields = r->n_fields};
  return pfc_logit_fit(&problem, &newton, w, report, err);
}

static pfc_status holdout_loss(const pfc__ridges *r, void *user, double *loss, pfc_error *err) {
  holdout *h = user;
  pfc_newton_report report;
  const pfc_status st = fit(&h->early, h->y, r, h->ridge, NULL, h->w, &report, err);
  if (st != PFC_OK) return st;
  pfc_logit_predict(h->all, NULL, h->w, h->eta);
  for (int64_t i = h->cut; i < h->all->n_rows; i++) {
    loss[i - h->cut] = pfc_logistic_loss(h->eta[i], (double)h->y[i]);
  }
  return PFC_OK;
}

/* The first row of the held-out share: rows of one day stay together. Equal to n when there
 * is no day on which to cut. */
static int64_t cut_at(const pfc__labelled *l, double share) {
  int64_t cut = (int64_t)((1 - share) * (double)l->n);
  if (cut < 1 || l->d[0].date == PFC_NO_DATE) return cut;
  const int64_t wanted = cut;
  while (cut > 0 && l->d[cut - 1].date == l->d[wanted].date) cut--;
  if (cut > 0) return cut;
  for (cut = wanted; cut < l->n && l->d[cut].date == l->d[wanted].date;) cut++;
  return cut;
}

static bool has_both_classes(int64_t n, const float *y) {
  for (int64_t i = 1; i < n; i++) {
    if (y[i] != y[0]) return true;
  }
  return false;
}

/* Two dozen fits decide what a strength is good for to a third of a power of ten, and a
 * million rows tell that as well as twenty million. A strength is the precision of a prior: it
 * does not grow with the rows. */
static const int64_t MOST_SEARCH_ROWS = 1 << 20;

/* Every `stride`-th row, in the order of dates. */
static pfc_status thin(const pfc_csr *x, const float *y, int64_t stride, pfc_csr *thin_x,
                       float *thin_y, pfc_error *err) {
  for (int64_t i = 0; i < x->n_rows; i += stride) {
    const int64_t at = x->start[i];
    const pfc_status st =
        pfc_csr_append(thin_x, (int)(x->start[i + 1] - at), x->col + at, x->val + at, err);
    if (st != PFC_OK) return st;
    thin_y[i / stride] = y[i];
  }
  return PFC_OK;
}

static pfc_status choose_ridges(const pfc__training *t, const pfc__labelled *l,
                                const pfc_csr *x, pfc__ridges *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t stride =
      l->n <= MOST_SEARCH_ROWS ? 1 : (l->n + MOST_SEARCH_ROWS - 1) / MOST_SEARCH_ROWS;
  const int64_t n = (l->n + stride - 1) / stride;
  const int64_t cut = (cut_at(l, t->settings->holdout) + stride - 1) / stride;
  double mean_loss;
  pfc_csr sample = {0};
  float *y = NULL;
  holdout h = {.all = x, .y = l->y, .cut = cut};
  if (stride > 1) {
    PFC_NEW(y, n);
    PFC_TRY(pfc_csr_init(&sample, n, x->n_cols, err));
    PFC_TRY(thin(x, l->y, stride, &sample, y, err));
    h.all = &sample;
    h.y = y;
  }
  if (cut >= n || !has_both_classes(cut, h.y)) goto done;
  h.early = *h.all;
  h.early.n_rows = cut;
  PFC_NEW(h.ridge, x->n_cols);
  PFC_NEW(h.w, (size_t)x->n_cols + 1);
  PFC_NEW(h.eta, n);
  PFC_TRY(pfc__ridges_choose(r, n - cut, holdout_loss, &h, &t->settings->progress, &mean_loss,
                             err));
  PFC_TRY(pfc__record_metric(t->bundle, "success.holdout_log_loss", n - cut, mean_loss, err));
done:
  pfc_csr_clear(&sample);
  pfc_free(y);
  pfc_free(h.ridge);
  pfc_free(h.w);
  pfc_free(h.eta);
  return st;
}

/* --- all of it -------------------------------------------------------------------------- */

static pfc_status keep(pfc__training *t, const pfc__labelled *l, const double *w,
                       const double *rms, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_chance *m = &t->bundle->success;
  const int32_t d = m->features->n_columns;
  PFC_NEW(m->coef, d);
  PFC_NEW(m->theta, m->rank);
  memcpy(m->coef, w, (size_t)d * sizeof *w);
  for (int32_t f = 0; f < m->rank; f++) m->theta[f] = w[d + f] / rms[f];
  m->intercept = w[d + m->rank];
  m->calibration = PFC_BETA_IDENTITY;
  m->base_rate = (double)l->n_passed / (double)l->n;
  m->n_rows = l->n;
done:
  return st;
}

static pfc_status fit_success(pfc__training *t, const pfc__labelled *l, pfc_train_note *note,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_chance *m = &t->bundle->success;
  float *z = NULL;
  double *rms = NULL, *w = NULL, *ridge = NULL;
  pfc_csr x = {0};
  pfc__ridges r = {0};
  pfc_newton_report report;
  m->rank = t->fold ? t->bundle->affinity.rank : 0;
  PFC_NEW(z, l->n * m->rank);
  PFC_NEW(rms, m->rank);
  if (m->rank) PFC_TRY(interactions(t, l, z, err));
  scale_interactions(l->n, m->rank, z, rms);
  PFC_TRY(pfc_features_fit(t->lens, PFC_PLAN_SUCCESS, l->n, l->d, &m->features, err));
  PFC_TRY(pfc__encode_rows(m->features, t->lens, (1U << PFC_N_SCOPES) - 1, l->n, l->d, m->rank,
                           z, &x, err));
  PFC_TRY(pfc__ridges_init(&r, m->features, m->rank, err));
  PFC_TRY(choose_ridges(t, l, &x, &r, err));
  PFC_NEW(w, (size_t)x.n_cols + 1);
  PFC_NEW(ridge, x.n_cols);
  PFC_TRY(fit(&x, l->y, &r, ridge, &t->settings->progress, w, &report, err));
  PFC_TRY(keep(t, l, w, rms, err));
  PFC_TRY(pfc__certify(t->bundle, "success", l->n, report.steps, report.value, report.gradient,
                       report.converged, err));
  t->bundle->has_success = true;
  note->trained = 1;
  snprintf(note->text, sizeof note->text, "%d columns, %.1f %% of %lld starts passed", x.n_cols,
           100 * m->base_rate, (long long)l->n);
done:
  pfc_free(z);
  pfc_free(rms);
  pfc_free(w);
  pfc_free(ridge);
  pfc_csr_clear(&x);
  pfc__ridges_clear(&r);
  return st;
}

pfc_status pfc__train_success(pfc__training *t, pfc_train_note *note, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__labelled l = {0};
  PFC_TRY(pfc__success_rows(t, &l, err));
  note->n_rows = l.n;
  if (!pfc__success_refuses(t, &l, note)) {
    PFC_TRY(fit_success(t, &l, note, err));
  }
done:
  pfc__labelled_clear(&l);
  return st;
}
