/* What is said of the time to proficiency: by a bundle, by a file. */
#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "trainer/evaluate_time_internal.h"

double pfc__minus_log(double incidence_before, double incidence_at, double survival,
                      double days, bool happened) {
  const double p = happened ? (incidence_at - incidence_before) / days : survival;
  return -log(p > 1e-12 ? p : 1e-12);
}

double pfc__lasting(const pfc__entered *e, int n, const double *incidence,
                    const double *survival) {
  double before = e->incidence, running = e->survival, hazard = 0;
  for (int k = 0; k < n && running > 0; k++) {
    const double came = fmax(incidence[k] - before, 0), left = fmax(survival[k], 1e-12);
    const double ended = running - left;
    /* Of all that ends in a step the cause has its share at every moment of it. */
    hazard += ended > 1e-9 * running ? came * log(running / left) / ended : came / running;
    before = incidence[k];
    running = left;
  }
  return exp(-hazard);
}

pfc_status pfc__spells_said_init(pfc__spells_said *s, const pfc__spell_rows *rows,
                                 pfc_error *err) {
  pfc_status st = PFC_OK;
  *s = (pfc__spells_said){.rows = rows};
  PFC_NEW(s->risk, rows->n);
  PFC_NEW(s->by_day, rows->n * rows->e->settings->n_days);
  PFC_NEW(s->ibs, rows->n * PFC__IBS_DAYS);
  PFC_NEW(s->nll, rows->n);
  PFC_NEW(s->lasting, rows->n);
  if (rows->e->settings->curves) PFC_NEW(s->curve, rows->n * PFC__CURVE_DAYS);
  for (int q = 0; q < 3; q++) PFC_NEW(s->quantile[q], rows->n_reached);
done:
  return st;
}

void pfc__spells_said_clear(pfc__spells_said *s) {
  pfc_free(s->risk);
  pfc_free(s->by_day);
  pfc_free(s->ibs);
  pfc_free(s->nll);
  pfc_free(s->lasting);
  pfc_free(s->curve);
  pfc_concordance_order_destroy(s->order);
  for (int q = 0; q < 3; q++) pfc_free(s->quantile[q]);
}

/* --- a bundle ----------------------------------------------------------------------------- */

/* A person's shifts and the curve they belong to. */
typedef struct shifted {
  const pfc_hazard *m;
  const pfc_curve *curve;
  const double *levels;
  double shift[PFC_N_CAUSES];
} shifted;

static pfc__entered at_entry(const shifted *s, pfc_cause cause, double day) {
  pfc__entered e = {0, 1};
  if (day > 0) {
    pfc_hazard_incidence(s->m, s->curve, s->levels, s->shift, cause, 1, &day, &e.incidence,
                         &e.survival);
  }
  return e;
}

static double row_nll(const shifted *s, double time, bool is_event, pfc_cause cause,
                      const pfc__entered *e) {
  const double end = fmin(time, s->m->horizon_days);
  const double tick = fmin(s->m->tick_days, end);
  const double days[2] = {end - tick, end};
  const bool happened = is_event && time <= s->m->horizon_days;
  double incidence[2], survival[2];
  pfc_hazard_incidence(s->m, s->curve, s->levels, s->shift, cause, 2, days, incidence,
                       survival);
  const double running = e->survival > 0 ? fmin(survival[1] / e->survival, 1) : 1;
  return pfc__minus_log(pfc__given(e, incidence[0]), pfc__given(e, incidence[1]), running, tick,
                        happened);
}

static double row_lasting(const shifted *s, double entry, double duration, pfc_cause cause,
                          const pfc__entered *e) {
  double day[PFC__STEPS], incidence[PFC__STEPS], survival[PFC__STEPS];
  const double end = fmin(duration, s->m->horizon_days);
  if (!(end > entry)) return 1;
  for (int k = 0; k < PFC__STEPS; k++) day[k] = entry + (end - entry) * (k + 1) / PFC__STEPS;
  pfc_hazard_incidence(s->m, s->curve, s->levels, s->shift, cause, PFC__STEPS, day, incidence,
                       survival);
  return pfc__lasting(e, PFC__STEPS, incidence, survival);
}

static void tell_curve(const shifted *s, int64_t i, pfc__spells_said *said) {
  double incidence[PFC__CURVE_DAYS];
  pfc_hazard_incidence(s->m, s->curve, s->levels, s->shift, said->rows->cause, PFC__CURVE_DAYS,
                       said->rows->curve_day, incidence, NULL);
  for (int d = 0; d < PFC__CURVE_DAYS; d++) {
    said->curve[i * PFC__CURVE_DAYS + d] = (float)incidence[d];
  }
}

static void judge_row(const shifted *s, int64_t i, pfc__spells_said *said) {
  const pfc__spell_rows *rows = said->rows;
  const pfc_evaluate_settings *settings = rows->e->settings;
  double incidence[PFC_MAX_CUTOFFS], at_ibs[PFC__IBS_DAYS];
  const pfc__entered e = at_entry(s, rows->cause, rows->entry[i]);
  said->risk[i] = s->shift[rows->cause];
  pfc_hazard_incidence(s->m, s->curve, s->levels, s->shift, rows->cause, settings->n_days,
                       settings->days, incidence, NULL);
  for (int d = 0; d < settings->n_days; d++) {
    said->by_day[d * rows->n + i] = pfc__given(&e, incidence[d]);
  }
  pfc_hazard_incidence(s->m, s->curve, s->levels, s->shift, rows->cause, PFC__IBS_DAYS,
                       rows->ibs_day, at_ibs, NULL);
  for (int d = 0; d < PFC__IBS_DAYS; d++) {
    said->ibs[i * PFC__IBS_DAYS + d] = (float)pfc__given(&e, at_ibs[d]);
  }
  said->nll[i] = row_nll(s, rows->time[i], rows->event[i] == 1, rows->cause, &e);
  said->lasting[i] = row_lasting(s, rows->entry[i], rows->time[i], rows->cause, &e);
  if (said->curve) tell_curve(s, i, said);
  if (rows->reached[i] < 0) return;
  const double by[2] = {s->m->horizon_days / 2, s->m->horizon_days};
  pfc_outlook o;
  pfc_hazard_outlook(s->m, s->curve, s->levels, s->shift, by, &o);
  for (int q = 0; q < 3; q++) said->quantile[q][rows->reached[i]] = o.quantile[q];
}

/* The curves of a bundle, up to the horizon at which all are judged. A target outside the
 * catalogue has the curve of an unknown one. */
typedef struct asked {
  pfc_hazard m; /* a copy that borrows everything */
  const pfc_lens *lens;
  const pfc_catalogue *cat;
  pfc_target_curves *known;
  pfc_curve unknown;
  double *unknown_levels;
  int entries;
  int32_t *col; /* threads x entries */
  float *val;
} asked;

static void asked_clear(asked *a) {
  pfc_target_curves_destroy(a->known);
  pfc_curve_clear(&a->unknown);
  pfc_free(a->unknown_levels);
  pfc_free(a->col);
  pfc_free(a->val);
}

static pfc_status asked_init(asked *a, const pfc__contender *c, const pfc__spell_rows *rows,
                             int n_threads, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__evaluation *e = rows->e;
  pfc_target_curves *known = NULL;
  *a = (asked){.m = c->is->bundle->time, .lens = c->lens, .cat = e->cat};
  a->m.horizon_days = rows->horizon;
  a->entries = pfc_scratch_entries(a->m.features, c->lens);
  PFC_TRY(pfc_target_curves_create(&a->m, e->ds, c->lens, e->cat, &known, err));
  a->known = known;
  PFC_TRY(pfc_hazard_curve(&a->m, -1, NULL, a->m.horizon_days, &a->unknown, err));
  PFC_NEW(a->unknown_levels, (size_t)a->unknown.n * PFC_N_CAUSES);
  pfc_hazard_levels(&a->m, &a->unknown, a->unknown_levels);
  PFC_NEW(a->col, n_threads * a->entries);
  PFC_NEW(a->val, n_threads * a->entries);
done:
  return st;
}

static void ask_row(const asked *a, int64_t i, int thread, pfc__spells_said *said) {
  const pfc_episode *at = &said->rows->at[i];
  const pfc_decision d = {at->person, at->intervention,  at->competency,
                          at->start,  at->enrolment_row, at->row};
  const int32_t t = pfc_catalogue_target(a->cat, at->intervention, at->competency);
  const ptrdiff_t own = (ptrdiff_t)thread * a->entries;
  shifted s = {&a->m,
               t < 0 ? &a->unknown : &a->known->curve[t],
               t < 0 ? a->unknown_levels : a->known->levels[t],
               {0}};
  pfc_hazard_shift(&a->m, a->lens, &d, a->col + own, a->val + own, s.shift);
  judge_row(&s, i, said);
}

pfc_status pfc__ask_hazard(const pfc__contender *c, pfc__spells_said *said, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__spell_rows *rows = said->rows;
  const int n_threads = pfc_par_threads();
  asked a;
  PFC_TRY(asked_init(&a, c, rows, n_threads, err));
#pragma omp parallel for schedule(static) num_threads(n_threads)
  for (int64_t i = 0; i < rows->n; i++) {
    ask_row(&a, i, omp_get_thread_num(), said);
  }
  said->curves = said->likelihood = said->quantiles = true;
done:
  asked_clear(&a);
  return st;
}

/* --- a file ------------------------------------------------------------------------------- */

/* A file tells no survival: what had not come of the cause by the entry stands for it. */
static pfc__entered told_at_entry(const pfc_predictions *p, int64_t r, double day) {
  const double incidence = day > 0 ? pfc_predictions_incidence(p, r, day) : 0;
  return (pfc__entered){incidence, 1 - incidence};
}

static void take_curve(const pfc_predictions *p, int64_t r, int64_t i, pfc__spells_said *said) {
  const pfc__spell_rows *rows = said->rows;
  const pfc_evaluate_settings *s = rows->e->settings;
  const pfc__entered e = told_at_entry(p, r, rows->entry[i]);
  said->risk[i] = pfc_predictions_incidence(p, r, rows->horizon);
  for (int d = 0; d < s->n_days; d++) {
    said->by_day[d * rows->n + i] = pfc__given(&e, pfc_predictions_incidence(p, r, s->days[d]));
  }
  for (int d = 0; d < PFC__IBS_DAYS; d++) {
    said->ibs[i * PFC__IBS_DAYS + d] =
        (float)pfc__given(&e, pfc_predictions_incidence(p, r, rows->ibs_day[d]));
  }
  for (int d = 0; d < PFC__CURVE_DAYS && said->curve; d++) {
    said->curve[i * PFC__CURVE_DAYS + d] =
        (float)pfc_predictions_incidence(p, r, rows->curve_day[d]);
  }
}

static bool lacks_curve(const pfc_predictions *p, int64_t r) {
  return r < 0 || isnan(p->incidence[r * p->n_days]);
}

static bool lacks_quantiles(const pfc_predictions *p, int64_t r) {
  if (r < 0) return true;
  const double *q = p->quantile_days + 3 * r;
  return isnan(q[0]) || isnan(q[1]) || isnan(q[2]);
}

static void note_missing(const pfc_episode *at, pfc__missing *m) {
  if (m->missing++ > 0) return;
  m->first = (pfc_decision){at->person, at->intervention, at->competency, at->start, -1, -1};
}

static int64_t row_of(const pfc_predictions *p, const pfc_episode *at) {
  return pfc_predictions_find(p, at->person, at->start, at->intervention, at->competency);
}

pfc_status pfc__check_curves(pfc__contender *c, const pfc__spell_rows *rows, pfc_error *err) {
  const pfc_predictions *p = c->is->predictions;
  pfc__missing m = {.column = "p_by", .rows = "episodes", .n = rows->n};
  if (!p || !(p->kinds & PFC_PREDICTS_INCIDENCE)) return PFC_OK;
  for (int64_t i = 0; i < rows->n; i++) {
    if (lacks_curve(p, row_of(p, &rows->at[i]))) note_missing(&rows->at[i], &m);
  }
  c->tells_curves = m.missing == 0;
  return c->tells_curves ? PFC_OK : pfc__leave_out(rows->e, c, "time", &m, err);
}

pfc_status pfc__ask_predicted(const pfc__contender *c, pfc__spells_said *said, pfc_error *err) {
  const pfc__spell_rows *rows = said->rows;
  const pfc_predictions *p = c->is->predictions;
  pfc__missing m = {.column = "p10_days, p50_days, p90_days",
                    .rows = "episodes that became proficient",
                    .n = rows->n_reached};
  said->curves = c->tells_curves;
  said->quantiles = p->kinds & PFC_PREDICTS_QUANTILES;
  for (int64_t i = 0; i < rows->n; i++) {
    const int64_t r = row_of(p, &rows->at[i]), k = rows->reached[i];
    if (said->curves) take_curve(p, r, i, said);
    if (!said->quantiles || k < 0) continue;
    if (lacks_quantiles(p, r)) note_missing(&rows->at[i], &m);
    for (int q = 0; q < 3 && r >= 0; q++) said->quantile[q][k] = p->quantile_days[3 * r + q];
  }
  if (m.missing == 0) return PFC_OK;
  said->quantiles = false;
  return pfc__leave_out(rows->e, c, "time", &m, err);
}
