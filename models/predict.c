#include "models/predict.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"

double pfc_scope_eta(const pfc_features *features, const pfc_lens *lens, pfc_scope scope,
                     const pfc_decision *d, const double *coef, int32_t *col, float *val) {
  const int n = pfc_features_encode(features, lens, scope, d, col, val);
  double eta = 0;
  for (int j = 0; j < n; j++) eta += coef[col[j]] * (double)val[j];
  return eta;
}

static double all_scopes_eta(const pfc_features *features, const pfc_lens *lens,
                             const pfc_decision *d, const double *coef, int32_t *col,
                             float *val) {
  double eta = 0;
  for (int s = 0; s < PFC_N_SCOPES; s++) {
    eta += pfc_scope_eta(features, lens, (pfc_scope)s, d, coef, col, val);
  }
  return eta;
}

double pfc_chance_eta(const pfc_chance *m, const pfc_lens *lens, const pfc_decision *d,
                      const float *x, const float *y, int32_t *col, float *val) {
  double eta = m->intercept + all_scopes_eta(m->features, lens, d, m->coef, col, val);
  for (int32_t f = 0; f < m->rank; f++) eta += m->theta[f] * (double)x[f] * (double)y[f];
  return eta;
}

double pfc_chance_probability(const pfc_chance *m, double eta) {
  return pfc_beta_probability(&m->calibration, eta);
}

/* Room of one thread. */
typedef struct asking {
  float *x;
  int32_t *col;
  float *val;
} asking;

typedef struct asked {
  const pfc_chance *m;
  const pfc_lens *lens;
  const pfc_fold *fold;
  const pfc_decision *d;
  const asking *own; /* one a thread */
  double *p;
} asked;

static pfc_status asking_init(asking *a, const pfc_chance *m, const pfc_lens *lens,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const int entries = pfc_scratch_entries(m->features, lens);
  PFC_NEW(a->x, m->rank);
  PFC_NEW(a->col, entries);
  PFC_NEW(a->val, entries);
done:
  return st;
}

static pfc_status predict_one(int thread, int64_t i, void *user, pfc_error *err) {
  const asked *of = user;
  const pfc_decision *d = &of->d[i];
  const asking *own = &of->own[thread];
  const float *y = NULL;
  if (of->m->rank) {
    int64_t n_items;
    const pfc_status st = pfc_fold_person(of->fold, thread, d, own->x, &n_items, err);
    if (st != PFC_OK) return st;
    y = pfc_fold_item(of->fold, d->intervention);
  }
  const double eta = pfc_chance_eta(of->m, of->lens, d, own->x, y, own->col, own->val);
  of->p[i] = pfc_chance_probability(of->m, eta);
  return PFC_OK;
}

pfc_status pfc_chance_predict(const pfc_chance *m, const pfc_lens *lens, const pfc_fold *fold,
                              int64_t n, const pfc_decision *d, double *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int n_threads = pfc_par_threads();
  asking *own = NULL;
  PFC_NEW(own, n_threads);
  for (int t = 0; t < n_threads; t++) PFC_TRY(asking_init(&own[t], m, lens, err));
  asked of = {m, lens, fold, d, own, p};
  PFC_TRY(pfc_par_each(n, 256, 1, predict_one, &of, err));
done:
  for (int t = 0; own && t < n_threads; t++) {
    pfc_free(own[t].x);
    pfc_free(own[t].col);
    pfc_free(own[t].val);
  }
  pfc_free(own);
  return st;
}

void pfc_hazard_shift(const pfc_hazard *m, const pfc_lens *lens, const pfc_decision *d,
                      int32_t *col, float *val, double shift[PFC_N_CAUSES]) {
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    shift[r] = m->coef[r] ? all_scopes_eta(m->features, lens, d, m->coef[r], col, val) : 0;
  }
}

int32_t pfc_last_day(const pfc_dataset *ds, const pfc_history *h) {
  const int32_t *start = pfc_dataset_dates(ds, PFC_EPISODES, "started_on");
  int32_t last = h->last_day;
  for (int64_t i = 0; start && i < ds->tables[PFC_EPISODES].n_rows; i++) {
    if (start[i] > last) last = start[i];
  }
  return last;
}

/* Of feedback that came after the data were packed. What is packed with them stays the day it
 * was: its other tables tell when they end. */
static int32_t last_fed_back(const pfc_dataset *ds) {
  const pfc_column *at = pfc_dataset_column(ds, PFC_FEEDBACK, "at");
  int32_t last = PFC_NO_DATE;
  if (!ds->feedback_head[0] || !at || at->type != PFC_TIME) return last;
  for (int64_t k = 0; k < ds->tables[PFC_FEEDBACK].n_rows; k++) {
    const int64_t day = at->time[k] == PFC_NO_TIME ? PFC_NO_DATE : pfc_time_day(at->time[k]);
    if (day > last) last = (int32_t)day;
  }
  return last;
}

int32_t pfc_decision_day(const pfc_dataset *ds, const pfc_history *h, int32_t wished) {
  if (wished != PFC_NO_DATE) return wished;
  if (ds->split.kind == PFC_SPLIT_AT) return ds->split.date;
  const int32_t told = pfc_last_day(ds, h), fed_back = last_fed_back(ds);
  const int32_t last = fed_back > told ? fed_back : told;
  return last == PFC_NO_DATE ? PFC_NO_DATE : last + 1;
}

int pfc_scratch_entries(const pfc_features *features, const pfc_lens *lens) {
  int most = 1;
  for (int s = 0; s < PFC_N_SCOPES; s++) {
    const int n = pfc_features_max(features, (pfc_scope)s, lens);
    if (n > most) most = n;
  }
  return most;
}

/* The day on which each cause's clock starts for an intervention; NaN where it is not told. */
static void clock_days(const pfc_hazard *m, const pfc_dataset *ds, int64_t row,
                       double days[PFC_N_CAUSES]) {
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    const char *column = m->clock[r].column;
    const double *value =
        column && column[0] ? pfc_dataset_reals(ds, PFC_INTERVENTIONS, column) : NULL;
    days[r] = value && row >= 0 ? pfc_clock_day(value[row]) : (double)NAN;
  }
}

static int32_t deviation_group(const pfc_hazard *m, const pfc_lens *lens, int32_t competency) {
  const int32_t code = pfc_lens_code(lens, "competency", competency);
  return code >= 0 && code < m->n_competencies ? m->group_of[code] : -1;
}

pfc_status pfc_target_curves_create(const pfc_hazard *m, const pfc_dataset *ds,
                                    const pfc_lens *lens, const pfc_catalogue *cat,
                                    pfc_target_curves **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_target_curves *curves = NULL;
  double days[PFC_N_CAUSES];
  PFC_NEW(curves, 1);
  PFC_NEW(curves->curve, cat->n_targets);
  PFC_NEW(curves->levels, cat->n_targets);
  curves->n = cat->n_targets;
  for (int32_t t = 0; t < cat->n_targets; t++) {
    pfc_curve *curve = &curves->curve[t];
    clock_days(m, ds, cat->row[cat->intervention[t]], days);
    PFC_TRY(pfc_hazard_curve(m, deviation_group(m, lens, cat->competency[t]), days,
                             m->horizon_days, curve, err));
    PFC_NEW(curves->levels[t], (size_t)curve->n * PFC_N_CAUSES);
    pfc_hazard_levels(m, curve, curves->levels[t]);
  }
  *out = curves;
  curves = NULL;
done:
  pfc_target_curves_destroy(curves);
  return st;
}

void pfc_target_curves_destroy(pfc_target_curves *curves) {
  if (!curves) return;
  for (int32_t t = 0; t < curves->n; t++) {
    if (curves->curve) pfc_curve_clear(&curves->curve[t]);
    if (curves->levels) pfc_free(curves->levels[t]);
  }
  pfc_free(curves->curve);
  pfc_free(curves->levels);
  pfc_free(curves);
}
