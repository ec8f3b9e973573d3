/* Chances against what came of them: calibration in the large, discrimination, CUSUM. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "models/fold.h"
#include "models/lent_levels.h"
#include "models/logistic.h"
#include "models/predict.h"
#include "trainer/drift_internal.h"
#include "trainer/offers.h"

/* What chances may be off, all of them, before it matters. */
static const double OFF = 0.03;
/* Of the discrimination that chances promise, so much must be there. */
static const double LEFT = 0.7;
/* CUSUM: a shift of twice this is what it finds soonest. */
static const double SLACK = 0.05;
static const double YEARS = 20; /* simulated for each expected to raise an alarm */
enum { LEAST_ROWS = 30, WEEK = 7, WEEKS = 52 };

/* Rows with chances and results; the reference first. */
typedef struct outcomes {
  int64_t n, n_before;
  pfc_decision *d;
  int32_t *day, *person; /* day: on which the result was known */
  int8_t *y;
  double *p;
} outcomes;

static void outcomes_clear(outcomes *o) {
  pfc_free(o->d);
  pfc_free(o->day);
  pfc_free(o->person);
  pfc_free(o->y);
  pfc_free(o->p);
}

static pfc_status outcomes_init(outcomes *o, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(o->d, n);
  PFC_NEW(o->day, n);
  PFC_NEW(o->person, n);
  PFC_NEW(o->y, n);
  PFC_NEW(o->p, n);
done:
  return st;
}

static void put(outcomes *o, const pfc_decision *d, int32_t day, int8_t y) {
  o->d[o->n] = *d;
  o->day[o->n] = day;
  o->person[o->n] = d->person;
  o->y[o->n++] = y;
}

/* --- rows ----------------------------------------------------------------------------------
 */

/* Results by the day they became known: a week's are all of that week, early and late ones. */
static pfc_status read_results(const pfc__drift *d, outcomes *o, pfc_error *err) {
  const pfc_history *h = d->history;
  const pfc_status st = outcomes_init(o, h->first_attempt[h->n_people], err);
  for (int is_new = 0; st == PFC_OK && is_new < 2; is_new++) {
    const int32_t from = is_new ? d->from : d->first, to = is_new ? d->last + 1 : d->from;
    if (is_new) o->n_before = o->n;
    for (int32_t p = 0; p < h->n_people; p++) {
      for (int64_t a = h->first_attempt[p]; a < h->first_attempt[p + 1]; a++) {
        const pfc_attempt *at = &h->attempts[a];
        if (!at->started || at->result < 0 || at->known == PFC_NO_DATE) continue;
        if (at->known < from || at->known >= to) continue;
        put(o, &(pfc_decision){p, at->intervention, -1, at->start, at->row, -1}, at->known,
            at->result);
      }
    }
  }
  return st;
}

/* Offers of the newest days. */
static pfc_status read_offers(const pfc__drift *d, outcomes *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_offers *offers = NULL;
  pfc_rule_settings rules;
  pfc_rule_defaults(&rules);
  PFC_TRY(pfc_offers_create(d->history, &offers, err));
  PFC_TRY(pfc_offers_bar(offers, d->history, d->bundle, &rules, err));
  PFC_TRY(outcomes_init(o, offers->n, err));
  for (int64_t i = 0; i < offers->n; i++)
    if (offers->at[i].d.date >= d->from)
      put(o, &offers->at[i].d, offers->at[i].d.date, offers->at[i].accepted);
done:
  pfc_offers_destroy(offers);
  return st;
}

/* What a chance of the bundle says of the newest rows. */
static pfc_status ask(const pfc__drift *d, const pfc_chance *m, outcomes *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = d->bundle;
  pfc_lens *lens = NULL;
  pfc_fold *fold = NULL;
  const int64_t k = o->n_before;
  PFC_TRY(pfc_lens_create(d->ds, d->history, d->cat, b->dicts, b->n_dicts, &lens, err));
  PFC_TRY(pfc_lend_bundle(b, d->ds, d->history, lens, err));
  if (m->rank > 0)
    PFC_TRY(
        pfc_fold_create(&b->affinity, lens, d->history, d->cat, pfc_par_threads(), &fold, err));
  PFC_TRY(pfc_chance_predict(m, lens, fold, o->n - k, o->d + k, o->p + k, err));
done:
  pfc_fold_destroy(fold);
  pfc_lens_destroy(lens);
  return st;
}

/* --- calibration in the large --------------------------------------------------------------
 */

static pfc_status tell_calibration(pfc__drift *d, const char *model, const outcomes *o,
                                   pfc_error *err) {
  pfc_status st = PFC_OK;
  double *sum = NULL, *count = NULL, promised = 0;
  PFC_NEW(sum, d->n_people);
  PFC_NEW(count, d->n_people);
  for (int64_t i = o->n_before; i < o->n; i++) {
    sum[o->person[i]] += o->y[i] - o->p[i];
    count[o->person[i]]++;
    promised += o->p[i];
  }
  const pfc__ratio r = pfc__people_ratio(d->n_people, sum, count);
  pfc__drift_row *row = pfc__drift_add(d, "calibration", PFC_DRIFT_WORLD, err);
  if (!row) {
    st = PFC_ENOMEM;
    goto done;
  }
  (void)snprintf(row->of, sizeof row->of, "%s", model);
  row->figure = r.value;
  row->limit = r.value < 0 ? -OFF : OFF;
  row->beyond = fabs(r.value) > OFF;
  row->p = fmin(1, 2 * pfc__student_tail((fabs(r.value) - OFF) / r.se, r.n_people - 1.0));
  row->n = o->n - o->n_before;
  (void)snprintf(row->note, sizeof row->note, "%.1f %% came true, %.1f %% were promised",
                 100 * (promised / r.count + r.value), 100 * promised / r.count);
done:
  pfc_free(sum);
  pfc_free(count);
  return st;
}

/* --- discrimination ------------------------------------------------------------------------
 */

/* The area that the chances promise, were they right but for a constant: that of n rows, each a
 * 1 by its chance and a 0 by the rest of it. */
typedef struct weighed {
  double p;
} weighed;

static int by_chance(const void *a, const void *b) {
  const double x = ((const weighed *)a)->p, y = ((const weighed *)b)->p;
  return (x > y) - (x < y);
}

/* Moves all log odds by one constant, so that as many are promised as came. */
static void shift_odds(int64_t n, weighed *at, double wanted) {
  double low = -20, high = 20;
  for (int step = 0; step < 60; step++) {
    const double by = (low + high) / 2;
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += pfc_logistic(log(at[i].p / (1 - at[i].p)) + by);
    if (sum < wanted)
      low = by;
    else
      high = by;
  }
  for (int64_t i = 0; i < n; i++)
    at[i].p = pfc_logistic(log(at[i].p / (1 - at[i].p)) + (low + high) / 2);
}

static pfc_status promised_area(const outcomes *o, double *area, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = o->n - o->n_before;
  weighed *at = NULL;
  double wanted = 0, ones = 0, zeros = 0, under = 0, above = 0;
  PFC_NEW(at, n);
  for (int64_t i = 0; i < n; i++) {
    at[i].p = fmin(fmax(o->p[o->n_before + i], 1e-9), 1 - 1e-9);
    wanted += o->y[o->n_before + i];
  }
  shift_odds(n, at, wanted);
  qsort(at, (size_t)n, sizeof *at, by_chance);
  for (int64_t i = 0, end; i < n; i = end) {
    double one = 0, zero = 0;
    for (end = i; end < n && at[end].p == at[i].p; end++) {
      one += at[end].p;
      zero += 1 - at[end].p;
    }
    above += one * (under + zero / 2);
    under += zero;
    ones += one;
    zeros += zero;
  }
  *area = above / (ones * zeros);
done:
  pfc_free(at);
  return st;
}

static pfc_status tell_discrimination(pfc__drift *d, const char *model, const outcomes *o,
                                      pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__area now;
  double promised;
  const int64_t k = o->n_before;
  PFC_TRY(pfc__people_auc(o->n - k, o->p + k, o->y + k, o->person + k, d->n_people, &now, err));
  if (isnan(now.value)) goto done;
  PFC_TRY(promised_area(o, &promised, err));
  pfc__drift_row *row = pfc__drift_add(d, "discrimination", PFC_DRIFT_FEED, err);
  if (!row) return PFC_ENOMEM;
  (void)snprintf(row->of, sizeof row->of, "%s", model);
  row->figure = now.value;
  row->limit = 0.5 + LEFT * (promised - 0.5);
  row->beyond = row->figure < row->limit;
  row->p = pfc__student_tail((row->limit - row->figure) / now.se, now.n_people - 1.0);
  row->n = o->n - k;
  (void)snprintf(row->note, sizeof row->note,
                 "chances tell results with an AUC of %.3f, and promise %.3f", now.value,
                 promised);
done:
  return st;
}

/* --- CUSUM ---------------------------------------------------------------------------------
 */

/* One step of both sums (Page, Biometrika 41, 1954): a week's surplus, beyond the slack of its
 * rows. Returns the larger one. */
static double step(double surplus, double n, double sum[2]) {
  sum[0] = fmax(0, sum[0] + surplus - SLACK * n);
  sum[1] = fmax(0, sum[1] - surplus - SLACK * n);
  return fmax(sum[0], sum[1]);
}

typedef struct weeks {
  int n, n_before; /* the reference first */
  double *rows, *surplus;
} weeks;

static pfc_status read_weeks(const pfc__drift *d, const outcomes *o, weeks *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int before = (d->from - d->first) / WEEK, after = (d->last - d->from) / WEEK + 1;
  PFC_NEW(w->rows, before + after);
  PFC_NEW(w->surplus, before + after);
  w->n = before + after;
  w->n_before = before;
  for (int64_t i = 0; i < o->n; i++) {
    const int32_t off = o->day[i] - (d->from - WEEK * before);
    if (off < 0) continue;
    w->rows[off / WEEK]++;
    w->surplus[off / WEEK] += o->y[i] - o->p[i];
  }
done:
  return st;
}

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The sum that a share alpha of years without drift passes: 52 weeks with the rows of weeks
 * drawn from those there were, and results as variable as `variance` a row. */
static pfc_status threshold(const pfc__drift *d, const weeks *w, double variance, double *h,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  double *most = NULL;
  const int n = (int)ceil(YEARS / d->settings->alpha);
  PFC_NEW(most, n);
  for (int year = 0; year < n; year++) {
    pfc_rng rng;
    double sum[2] = {0};
    pfc_rng_init(&rng, d->settings->seed, "drift.cusum", (uint64_t)year);
    for (int week = 0; week < WEEKS; week++) {
      const double rows = w->rows[pfc_rng_below(&rng, (uint64_t)w->n)];
      const double surplus = sqrt(rows * variance) * pfc_rng_normal(&rng);
      most[year] = fmax(most[year], step(surplus, rows, sum));
    }
  }
  qsort(most, (size_t)n, sizeof *most, by_value);
  *h = most[n - 1 - (int)(d->settings->alpha * n)];
done:
  pfc_free(most);
  return st;
}

/* Variance of a result, as rows of one person lean on each other in the reference. */
static pfc_status variance_of(const pfc__drift *d, const outcomes *o, double *variance,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  double *sum = NULL, *count = NULL;
  PFC_NEW(sum, d->n_people);
  PFC_NEW(count, d->n_people);
  for (int64_t i = 0; i < o->n_before; i++) {
    sum[o->person[i]] += o->y[i] - o->p[i];
    count[o->person[i]]++;
  }
  const pfc__ratio r = pfc__people_ratio(d->n_people, sum, count);
  *variance = r.se * r.se * r.count;
done:
  pfc_free(sum);
  pfc_free(count);
  return st;
}

static pfc_status tell_cusum(pfc__drift *d, outcomes *o, bool by_model, pfc_error *err) {
  pfc_status st = PFC_OK;
  weeks w = {0};
  double variance, h, sum[2] = {0}, most = 0, rate = 0;
  for (int64_t i = 0; i < o->n_before; i++) rate += o->y[i];
  rate /= (double)o->n_before;
  for (int64_t i = 0; i < o->n; i++)
    if (i < o->n_before || !by_model) o->p[i] = rate;
  PFC_TRY(variance_of(d, o, &variance, err));
  PFC_TRY(read_weeks(d, o, &w, err));
  PFC_TRY(threshold(d, &w, variance, &h, err));
  for (int k = w.n_before; k < w.n; k++) most = fmax(most, step(w.surplus[k], w.rows[k], sum));
  pfc__drift_row *row = pfc__drift_add(d, "cusum", PFC_DRIFT_WORLD, err);
  if (!row) {
    st = PFC_ENOMEM;
    goto done;
  }
  (void)snprintf(row->of, sizeof row->of, "pass rate by week");
  row->figure = most;
  row->limit = h;
  row->beyond = most > h;
  row->n = o->n - o->n_before;
  (void)snprintf(
      row->note, sizeof row->note,
      "results more than %s, summed over weeks; of years without drift %.3g %% pass the "
      "limit",
      by_model ? "promised" : "the rate before says", 100 * d->settings->alpha);
done:
  pfc_free(w.rows);
  pfc_free(w.surplus);
  return st;
}

/* --- all of it -----------------------------------------------------------------------------
 */

static pfc_status judge_results(pfc__drift *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  outcomes o = {0};
  const bool by_model = d->bundle && d->bundle->has_success;
  PFC_TRY(read_results(d, &o, err));
  if (o.n - o.n_before < LEAST_ROWS) goto done;
  if (by_model) {
    PFC_TRY(ask(d, &d->bundle->success, &o, err));
    PFC_TRY(tell_calibration(d, "success", &o, err));
    PFC_TRY(tell_discrimination(d, "success", &o, err));
  }
  if (o.n_before >= LEAST_ROWS) PFC_TRY(tell_cusum(d, &o, by_model, err));
done:
  outcomes_clear(&o);
  return st;
}

static pfc_status judge_offers(pfc__drift *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  outcomes o = {0};
  if (!d->bundle || !d->bundle->has_accept) return PFC_OK;
  if (!d->history->dated && d->history->first_attempt[d->history->n_people] > 0) return PFC_OK;
  PFC_TRY(read_offers(d, &o, err));
  if (o.n < LEAST_ROWS) goto done;
  PFC_TRY(ask(d, &d->bundle->accept, &o, err));
  PFC_TRY(tell_calibration(d, "accept", &o, err));
  PFC_TRY(tell_discrimination(d, "accept", &o, err));
done:
  outcomes_clear(&o);
  return st;
}

pfc_status pfc__drift_chances(pfc__drift *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(judge_results(d, err));
  PFC_TRY(judge_offers(d, err));
done:
  return st;
}
