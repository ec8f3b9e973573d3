/* What comes anyway: of those who started in test rows and were below the target, the chance
 * the model gives them of reaching it by the horizon without, against whether they would have:
 * the truth knows, and without an intervention it leaves nothing to chance. Beside it one
 * chance for all, that of Kaplan and Meier for the controls of the training rows. */
#include <math.h>

#include "base/mem.h"
#include "datasets/controls.h"
#include "datasets/split.h"
#include "trainer/metrics.h"
#include "trainer/recovery_internal.h"

enum { BINS = 10 };

/* Told by the model, and by one number for all. */
typedef struct below {
  int64_t n;
  double *p[2];
  int8_t *y;
  double *reached; /* y */
  int32_t *person;
} below;

static pfc_status below_init(below *b, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < 2; k++) PFC_NEW(b->p[k], n);
  PFC_NEW(b->y, n);
  PFC_NEW(b->reached, n);
  PFC_NEW(b->person, n);
done:
  return st;
}

static void below_clear(below *b) {
  for (int k = 0; k < 2; k++) pfc_free(b->p[k]);
  pfc_free(b->y);
  pfc_free(b->reached);
  pfc_free(b->person);
}

/* --- one chance for all ---------------------------------------------------------------------
 */

static pfc_status share_of(const pfc_episodes *controls, double day, double *share,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  double *time = NULL, *entry = NULL, survival;
  int8_t *event = NULL;
  PFC_NEW(time, controls->n);
  PFC_NEW(entry, controls->n);
  PFC_NEW(event, controls->n);
  for (int64_t i = 0; i < controls->n; i++) {
    time[i] = controls->at[i].duration_days;
    event[i] = controls->at[i].event == PFC_PROFICIENT;
  }
  const pfc_spells spells = {controls->n, entry, time, event, NULL};
  PFC_TRY(pfc_kaplan_meier(&spells, 0, 0, 1, &day, &survival, err));
  *share = 1 - survival;
done:
  pfc_free(time);
  pfc_free(entry);
  pfc_free(event);
  return st;
}

static pfc_status kaplan_meier(const pfc__recovery *r, double *share, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset *view = NULL;
  pfc_history *history = NULL;
  pfc_catalogue *cat = NULL;
  pfc_episodes *controls = NULL;
  PFC_TRY(pfc_split_training_view(r->ds, &view, err));
  PFC_TRY(pfc_history_create(view, &history, err));
  PFC_TRY(pfc_catalogue_create(view, &cat, err));
  PFC_TRY(pfc_controls_create(view, history, cat, INT64_MAX, &controls, err));
  PFC_TRY(share_of(controls, r->bundle->anyway.horizon_days, share, err));
done:
  pfc_episodes_destroy(controls);
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(history);
  pfc_dataset_destroy(view);
  return st;
}

/* --- everybody ------------------------------------------------------------------------------
 */

static double told(const pfc__recovery *r, const pfc_target_curves *curves,
                   const pfc_episode *at, int32_t *col, float *val) {
  const pfc_hazard *m = &r->bundle->anyway;
  const pfc_decision d = {at->person, at->intervention,  at->competency,
                          at->start,  at->enrolment_row, at->row};
  const int32_t t = pfc_catalogue_target(r->cat, at->intervention, at->competency);
  const double by[2] = {m->horizon_days, m->horizon_days};
  double shift[PFC_N_CAUSES];
  pfc_outlook o;
  pfc_hazard_shift(m, r->lens, &d, col, val, shift);
  pfc_hazard_outlook(m, &curves->curve[t], curves->levels[t], shift, by, &o);
  return o.incidence[PFC_PROFICIENT];
}

static pfc_status look(const pfc__recovery *r, below *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_hazard *m = &r->bundle->anyway;
  const int entries = pfc_scratch_entries(m->features, r->lens);
  const int32_t days = (int32_t)fmin(fmax(floor(m->horizon_days), 1), PFC_TRUTH_DAYS);
  pfc_target_curves *curves = NULL;
  int32_t *col = NULL;
  float *val = NULL;
  double share = NAN;
  PFC_TRY(kaplan_meier(r, &share, err));
  PFC_TRY(pfc_target_curves_create(m, r->ds, r->lens, r->cat, &curves, err));
  PFC_NEW(col, entries);
  PFC_NEW(val, entries);
  for (int64_t i = 0; i < r->rows->n_episodes; i++) {
    const pfc_episode *at = &r->rows->episode[i];
    const int64_t target = pfc__true_target(r, at);
    if (target < 0) continue;
    const int32_t person = r->match.person[at->person];
    if (pfc_truth_level(r->truth, person, r->match.competency[at->competency], at->start) >=
        (double)r->truth->target_to[target])
      continue;
    b->p[0][b->n] = told(r, curves, at, col, val);
    b->p[1][b->n] = share;
    b->y[b->n] = pfc_truth_reach_without(r->truth, person, target, at->start, days) > 0.5;
    b->reached[b->n] = b->y[b->n];
    b->person[b->n++] = at->person;
  }
done:
  pfc_target_curves_destroy(curves);
  pfc_free(col);
  pfc_free(val);
  return st;
}

/* --- figures --------------------------------------------------------------------------------
 */

enum { REACHED, BIAS, BRIER, ECE, AUC, BIAS_ALL, BRIER_ALL, N_FIGURES };

static pfc_status figures(const double *w, void *user, double *value, pfc_error *err) {
  pfc_status st = PFC_OK;
  const below *b = user;
  value[BIAS] = pfc_mean_gap(b->n, b->p[0], b->y, w);
  value[BIAS_ALL] = pfc_mean_gap(b->n, b->p[1], b->y, w);
  value[BRIER] = pfc_brier(b->n, b->p[0], b->y, w);
  value[BRIER_ALL] = pfc_brier(b->n, b->p[1], b->y, w);
  /* The mean of y: what all being told 0 would miss. */
  value[REACHED] = (b->n > 0 ? b->p[1][0] : (double)NAN) - value[BIAS_ALL];
  PFC_TRY(pfc_ece(b->n, b->p[0], b->reached, w, BINS, &value[ECE], err));
  PFC_TRY(pfc_auc(b->n, b->p[0], b->y, w, &value[AUC], err));
done:
  return st;
}

pfc_status pfc__recover_anyway(const pfc__recovery *r, cJSON *object, pfc_error *err) {
  static const char *const NAMES[N_FIGURES] = {"reached", "bias", "brier", "ece",
                                               "auc",     "bias", "brier"};
  pfc_status st = PFC_OK;
  below b = {0};
  cJSON *baseline = NULL, *objects[N_FIGURES];
  PFC_TRY(below_init(&b, r->rows->n_episodes, err));
  PFC_TRY(look(r, &b, err));
  PFC_TRY(pfc__put_part(object, "kaplan_meier", &baseline, err));
  for (int k = 0; k < N_FIGURES; k++) objects[k] = k >= BIAS_ALL ? baseline : object;
  const pfc_owned rows = {b.n, b.person, r->history->n_people};
  PFC_TRY(pfc__put_figures(r, &rows, N_FIGURES, figures, &b, NAMES, objects, err));
done:
  below_clear(&b);
  return st;
}
