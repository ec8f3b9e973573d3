/* The calibration that makes an affinity a probability of being taken up.
 *
 * Factors know the starts they were fitted to, and scores of these lie further apart than those
 * of starts to come. So the curve is fitted to the latest starts, scored by factors from before
 * them. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/candidates.h"
#include "trainer/judged_rows.h"
#include "trainer/logit.h"
#include "trainer/train_internal.h"

/* Starts on which acceptance is calibrated at most and behind a cut at least, and offers at
 * most where the catalogue is so long that fewer starts tell as much. */
enum { MAX_STARTS = 5000, LEAST_STARTS = 50, MAX_OFFERS = 1000000 };

typedef struct offers {
  pfc_csr score; /* one column: x.y of a person and an intervention open that day */
  float *taken;  /* 1: one that was started */
  int64_t n_taken;
  int64_t capacity;
} offers;

/* Every how manieth of n days is looked at, so that they cover all people alike. */
static int64_t stride_of(const pfc__training *t, int64_t n) {
  const int64_t n_items = t->cat->n_interventions > 0 ? t->cat->n_interventions : 1;
  int64_t most = MAX_OFFERS / n_items;
  if (most < LEAST_STARTS) most = LEAST_STARTS;
  if (most > MAX_STARTS) most = MAX_STARTS;
  return 1 + n / most;
}

/* Room for every stride-th of n days. */
static pfc_status offers_init(offers *o, const pfc__training *t, int64_t n, pfc_error *err) {
  return pfc_csr_init(&o->score, (1 + n / stride_of(t, n)) * t->cat->n_interventions, 1, err);
}

static void offers_clear(offers *o) {
  pfc_csr_clear(&o->score);
  pfc_free(o->taken);
  *o = (offers){0};
}

/* x: of the person. */
static pfc_status add_offer(const pfc_fold *fold, int32_t rank, const float *x, int32_t i,
                            bool taken, offers *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t column = 0;
  const float *y = pfc_fold_item(fold, i);
  float score = 0;
  for (int32_t f = 0; f < rank; f++) score += x[f] * y[f];
  PFC_RESERVE(o->taken, o->capacity, o->score.n_rows + 1);
  o->taken[o->score.n_rows] = taken;
  o->n_taken += taken;
  PFC_TRY(pfc_csr_append(&o->score, 1, &column, &score, err));
done:
  return st;
}

/* --- starts that the factors have not seen -------------------------------------------- */

static int by_day(const void *a, const void *b) {
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/* The day from which on the share `holdout` of all starts lie; PFC_NO_DATE without days. */
static pfc_status find_cut(const pfc__training *t, int32_t *cut, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = t->history;
  int32_t *day = NULL;
  int64_t n = 0;
  *cut = PFC_NO_DATE;
  PFC_NEW(day, h->first_attempt[h->n_people]);
  for (int64_t a = 0; h->dated && a < h->first_attempt[h->n_people]; a++) {
    const pfc_attempt *at = &h->attempts[a];
    if (at->started && at->start != PFC_NO_DATE) day[n++] = at->start;
  }
  qsort(day, (size_t)n, sizeof *day, by_day);
  if (n > 0) *cut = day[(int64_t)((1 - t->settings->holdout) * (double)n)];
done:
  pfc_free(day);
  return st;
}

/* Factors of the training view of ds, to be folded in for any day that t knows; early->fold
 * stays NULL where there is too little for them. */
static pfc_status fit_early(const pfc__training *t, const pfc_dataset *ds, pfc__training *early,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csr conf = {0};
  pfc_als_report report;
  pfc_train_note note = {0};
  PFC_TRY(pfc__world_init(early, ds, err));
  if (!(early->bundle = pfc_bundle_create())) return pfc_fail_memory(err, "bundle");
  PFC_TRY(pfc__affinity_rows(early, &conf, err));
  if (pfc__affinity_refuses(early, conf.start[conf.n_rows], &note)) goto done;
  PFC_TRY(pfc__affinity_fit(early, &conf, &report, err));
  PFC_TRY(pfc_fold_create(&early->bundle->affinity, t->lens, t->history, t->cat, 1,
                          &early->fold, err));
done:
  pfc_csr_clear(&conf);
  return st;
}

/* Every stride-th day on which somebody started something, with what judging would count as
 * candidates: what a mandate requires is not among them. */
static pfc_status add_days(const pfc__training *early, const pfc_judged_rows *rows,
                           int32_t n_items, offers *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t rank = early->bundle->affinity.rank;
  const int64_t stride = stride_of(early, rows->n_queries);
  float *x = NULL;
  int32_t *candidate = NULL;
  uint8_t *relevant = NULL;
  PFC_NEW(x, rank);
  PFC_NEW(candidate, n_items);
  PFC_NEW(relevant, n_items);
  for (int64_t q = 0; q < rows->n_queries; q += stride) {
    const int32_t n = pfc_judged_candidates(rows, &rows->query[q], candidate, relevant);
    int64_t n_past = 0;
    PFC_TRY(pfc_fold_person(early->fold, 0, &rows->query[q].d, x, &n_past, err));
    for (int32_t k = 0; k < n; k++)
      PFC_TRY(add_offer(early->fold, rank, x, candidate[k], relevant[k], o, err));
  }
done:
  pfc_free(x);
  pfc_free(candidate);
  pfc_free(relevant);
  return st;
}

/* No offers where days, starts behind the cut or what is before it do not suffice. */
static pfc_status collect_unseen(const pfc__training *t, offers *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset ds = *t->view; /* borrowed, with a split of its own */
  pfc__training early = {.settings = t->settings};
  pfc_judged_rows *rows = NULL;
  ds.split = (pfc_split){.kind = PFC_SPLIT_AT};
  PFC_TRY(find_cut(t, &ds.split.date, err));
  if (ds.split.date == PFC_NO_DATE) goto done;
  PFC_TRY(pfc_judged_rows_create(&ds, t->history, t->cat, &rows, err));
  if (rows->n_queries < LEAST_STARTS) goto done;
  PFC_TRY(fit_early(t, &ds, &early, err));
  if (!early.fold) goto done;
  PFC_TRY(offers_init(o, t, rows->n_queries, err));
  PFC_TRY(add_days(&early, rows, t->cat->n_interventions, o, err));
done:
  pfc_judged_rows_destroy(rows);
  pfc__world_clear(&early);
  return st;
}

/* --- starts that they were fitted to ---------------------------------------------------- */

/* What the engine would put before the person that day, and what the person took. */
static bool is_offer(const pfc__training *t, const pfc_decision *d, int32_t i) {
  if (i == d->intervention) return true;
  if (t->history->dated && !pfc_catalogue_is_open(t->cat, i, d->date)) return false;
  return !pfc_candidate_is_covered(t->history, t->cat, d, i);
}

/* The offers of the day on which a person started something, scored by what was known then. */
static pfc_status add_start(const pfc__training *t, int32_t person, const pfc_attempt *start,
                            float *x, offers *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_decision d = {person, start->intervention, -1, start->start, start->row, -1};
  int64_t n_items = 0;
  PFC_TRY(pfc_fold_person(t->fold, 0, &d, x, &n_items, err));
  for (int32_t i = 0; i < t->cat->n_interventions; i++) {
    if (!is_offer(t, &d, i)) continue;
    PFC_TRY(
        add_offer(t->fold, t->bundle->affinity.rank, x, i, i == start->intervention, o, err));
  }
done:
  return st;
}

static pfc_status collect_seen(const pfc__training *t, offers *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  float *x = NULL;
  const pfc_history *h = t->history;
  const int64_t n = h->first_attempt[h->n_people];
  const int64_t stride = stride_of(t, n);
  PFC_NEW(x, t->bundle->affinity.rank);
  PFC_TRY(offers_init(o, t, n, err));
  for (int32_t p = 0; p < h->n_people; p++) {
    for (int64_t a = h->first_attempt[p]; a < h->first_attempt[p + 1]; a++) {
      if (a % stride || !h->attempts[a].started) continue;
      PFC_TRY(add_start(t, p, &h->attempts[a], x, o, err));
    }
  }
done:
  pfc_free(x);
  return st;
}

/* --- the curve -------------------------------------------------------------------------- */

/* accept = logistic(slope * score + intercept), fitted on what was open when people
 * started something. Where they never had a choice, scores tell nothing: accept is then the
 * share taken, with half an offer added to either side. */
static pfc_status fit_curve(const offers *o, pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const double ridge = 1e-3;
  double w[2] = {0};
  pfc_newton_settings newton;
  pfc_newton_report report;
  b->affinity.accept_calibration = PFC_BETA_IDENTITY;
  if (o->n_taken == o->score.n_rows) {
    b->affinity.accept_slope = 0;
    b->affinity.accept_intercept = log(2 * (double)o->n_taken + 1);
    return PFC_OK;
  }
  pfc_newton_defaults(&newton);
  const pfc_logit_problem problem = {.x = &o->score, .y = o->taken, .ridge = &ridge};
  PFC_TRY(pfc_logit_fit(&problem, &newton, w, &report, err));
  b->affinity.accept_slope = w[0];
  b->affinity.accept_intercept = w[1];
  PFC_TRY(pfc__certify(b, "affinity.accept", o->score.n_rows, report.steps, report.value,
                       report.gradient, report.converged, err));
done:
  return st;
}

/* Under a model of answers nobody asks affinity, and one more fit of factors is not worth it.
 */
pfc_status pfc__calibrate_affinity(const pfc__training *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  offers o = {0};
  if (!t->bundle->has_accept) PFC_TRY(collect_unseen(t, &o, err));
  if (o.n_taken == 0) {
    offers_clear(&o);
    PFC_TRY(collect_seen(t, &o, err));
  }
  PFC_TRY(fit_curve(&o, t->bundle, err));
done:
  offers_clear(&o);
  return st;
}
