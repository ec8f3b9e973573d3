/* Judging the time model: test episodes, cause by cause, beside Aalen-Johansen of the
 * training rows. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/evaluate_internal.h"

enum {
  N_IBS = 10,     /* days of the integrated Brier score */
  MAX_GRID = 400, /* days of the baseline's curve */
  SPREAD = 7,     /* of them, over which the baseline spreads an event */
};

/* One judge of one cause: the model or the baseline, on the same rows. */
typedef struct judged {
  pfc_spells spells; /* event: 1 this cause, 0 censored, 2 another */
  double *risk;      /* linear predictor; constant for the baseline */
  double *by_day;    /* n_days x n: incidence at the asked days */
  float *ibs;        /* n x N_IBS: incidence at the days of the score */
  double *nll;       /* minus log likelihood of each row, time in days */
  double ibs_day[N_IBS];
  int day; /* which of the asked days; for figures by day */
  double asked;
  /* those who became proficient within the horizon */
  int64_t n_reached;
  double *lo, *hi, *took;
} judged;

typedef struct episodes_judge {
  const pfc__evaluation *e;
  int64_t n;
  pfc_episode *at; /* test episodes */
  int32_t *person;
  int32_t n_people;
  double *time, *entry;
  int8_t *event;
  pfc_episodes *training;
  int32_t *reached_person;
} episodes_judge;

static void judged_clear(judged *j) {
  pfc_free(j->risk);
  pfc_free(j->by_day);
  pfc_free(j->ibs);
  pfc_free(j->nll);
  pfc_free(j->lo);
  pfc_free(j->hi);
  pfc_free(j->took);
}

static pfc_status judged_init(judged *j, const episodes_judge *ej, pfc_error *err) {
  pfc_status st = PFC_OK;
  *j = (judged){.spells = {ej->n, ej->entry, ej->time, ej->event, NULL}};
  /* Where nobody is followed up there is nothing to compare with. */
  double end = 0;
  for (int64_t i = 0; i < ej->n; i++) end = fmax(end, ej->time[i]);
  end = fmin(end, ej->e->bundle->time.horizon_days);
  for (int d = 0; d < N_IBS; d++) j->ibs_day[d] = end * (d + 1) / N_IBS;
  PFC_NEW(j->risk, ej->n);
  PFC_NEW(j->by_day, ej->n * ej->e->settings->n_days);
  PFC_NEW(j->ibs, ej->n * N_IBS);
  PFC_NEW(j->nll, ej->n);
  PFC_NEW(j->lo, ej->n);
  PFC_NEW(j->hi, ej->n);
  PFC_NEW(j->took, ej->n);
done:
  return st;
}

/* --- figures ------------------------------------------------------------------------------ */

static pfc_status c_index(const double *w, void *user, double *value, pfc_error *err) {
  const judged *j = user;
  pfc_spells s = j->spells;
  s.weight = w;
  return pfc_concordance(&s, j->risk, value, err);
}

static pfc_status ibs(const double *w, void *user, double *value, pfc_error *err) {
  const judged *j = user;
  pfc_spells s = j->spells;
  s.weight = w;
  return pfc_integrated_brier(&s, N_IBS, j->ibs_day, j->ibs, value, err);
}

static pfc_status nll(const double *w, void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc__weighted_mean(j->spells.n, j->nll, w);
  return PFC_OK;
}

static pfc_status ece_by_day(const double *w, void *user, double *value, pfc_error *err) {
  const judged *j = user;
  pfc_spells s = j->spells;
  s.weight = w;
  return pfc_incidence_ece(&s, j->asked, j->by_day + j->day * s.n, 10, value, err);
}

static pfc_status interval_score(const double *w, void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  pfc_interval_score(j->n_reached, j->lo, j->hi, j->took, w, 0.2, value, NULL);
  return PFC_OK;
}

static pfc_status interval_coverage(const double *w, void *user, double *value,
                                    pfc_error *err) {
  (void)err;
  const judged *j = user;
  pfc_interval_score(j->n_reached, j->lo, j->hi, j->took, w, 0.2, NULL, value);
  return PFC_OK;
}

/* --- rows --------------------------------------------------------------------------------- */

/* Rows without a person stand for themselves in the bootstrap. */
static void number_people(episodes_judge *ej) {
  ej->n_people = ej->e->history->n_people;
  for (int64_t i = 0; i < ej->n; i++) {
    ej->person[i] = ej->at[i].person >= 0 ? ej->at[i].person : ej->n_people++;
  }
}

static pfc_status open_rows(episodes_judge *ej, pfc_error *err) {
  pfc_status st = PFC_OK;
  ej->n = ej->e->rows->n_episodes;
  ej->at = ej->e->rows->episode;
  PFC_NEW(ej->person, ej->n);
  PFC_NEW(ej->reached_person, ej->n);
  PFC_NEW(ej->time, ej->n);
  PFC_NEW(ej->entry, ej->n);
  PFC_NEW(ej->event, ej->n);
  number_people(ej);
  for (int64_t i = 0; i < ej->n; i++) {
    ej->time[i] = ej->at[i].duration_days;
    ej->entry[i] = ej->at[i].entry_days;
  }
  PFC_TRY(pfc_episodes_create(ej->e->training, ej->e->training_history, &ej->training, err));
done:
  return st;
}

static void close_rows(episodes_judge *ej) {
  pfc_free(ej->person);
  pfc_free(ej->reached_person);
  pfc_free(ej->time);
  pfc_free(ej->entry);
  pfc_free(ej->event);
  pfc_episodes_destroy(ej->training);
}

static int8_t event_code(pfc_cause event, pfc_cause cause) {
  if (event == PFC_CENSORED) return 0;
  return event == cause ? 1 : 2;
}

static bool is_reached(const episodes_judge *ej, int64_t i) {
  return ej->at[i].event == PFC_PROFICIENT &&
         ej->at[i].duration_days <= ej->e->bundle->time.horizon_days;
}

/* Probability of what happened: of the cause within the tick that ends at t, or of nothing
 * up to t; as a density a day. Time beyond the horizon counts as censored there. */
static double minus_log(double incidence_before, double incidence_at, double survival,
                        double days, bool happened) {
  const double p = happened ? (incidence_at - incidence_before) / days : survival;
  return -log(p > 1e-12 ? p : 1e-12);
}

/* --- the model's numbers -------------------------------------------------------------------
 */

typedef struct shifted {
  const pfc_hazard *m;
  const pfc_curve *curve;
  const double *levels;
  double shift[PFC_N_CAUSES];
} shifted;

/* What had come by a spell's late entry. Whoever enters late is judged given that nothing had,
 * as the observed side is (pfc_ipcw_brier). */
typedef struct entered {
  double incidence, survival;
} entered;

static double given(const entered *e, double incidence) {
  return e->survival > 0 ? fmin(fmax(incidence - e->incidence, 0) / e->survival, 1) : 0;
}

static entered at_entry(const shifted *s, pfc_cause cause, double day) {
  entered e = {0, 1};
  if (day > 0) {
    pfc_hazard_incidence(s->m, s->curve, s->levels, s->shift, cause, 1, &day, &e.incidence,
                         &e.survival);
  }
  return e;
}

static double row_nll(const shifted *s, const pfc_episode *at, pfc_cause cause,
                      const entered *e) {
  const double end = fmin(at->duration_days, s->m->horizon_days);
  const double tick = fmin(s->m->tick_days, end);
  const double days[2] = {end - tick, end};
  const bool happened = at->event == cause && at->duration_days <= s->m->horizon_days;
  double incidence[2], survival[2];
  pfc_hazard_incidence(s->m, s->curve, s->levels, s->shift, cause, 2, days, incidence,
                       survival);
  const double running = e->survival > 0 ? fmin(survival[1] / e->survival, 1) : 1;
  return minus_log(given(e, incidence[0]), given(e, incidence[1]), running, tick, happened);
}

static void judge_row(const episodes_judge *ej, const shifted *s, pfc_cause cause, int64_t i,
                      judged *j) {
  const pfc_evaluate_settings *settings = ej->e->settings;
  double incidence[PFC_MAX_CUTOFFS], at_ibs[N_IBS];
  const entered e = at_entry(s, cause, ej->entry[i]);
  j->risk[i] = s->shift[cause];
  pfc_hazard_incidence(s->m, s->curve, s->levels, s->shift, cause, settings->n_days,
                       settings->days, incidence, NULL);
  for (int d = 0; d < settings->n_days; d++) j->by_day[d * ej->n + i] = given(&e, incidence[d]);
  pfc_hazard_incidence(s->m, s->curve, s->levels, s->shift, cause, N_IBS, j->ibs_day, at_ibs,
                       NULL);
  for (int d = 0; d < N_IBS; d++) j->ibs[i * N_IBS + d] = (float)given(&e, at_ibs[d]);
  j->nll[i] = row_nll(s, &ej->at[i], cause, &e);
  if (cause == PFC_PROFICIENT && is_reached(ej, i)) {
    const double by[2] = {s->m->horizon_days / 2, s->m->horizon_days};
    pfc_outlook o;
    pfc_hazard_outlook(s->m, s->curve, s->levels, s->shift, by, &o);
    j->lo[j->n_reached] = o.quantile[0];
    j->hi[j->n_reached] = o.quantile[2];
    j->took[j->n_reached++] = ej->at[i].duration_days;
  }
}

/* A target outside the catalogue has the curve of an unknown one. */
typedef struct unknown_target {
  pfc_curve curve;
  double *levels;
} unknown_target;

static pfc_status unknown_init(unknown_target *u, const pfc_hazard *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  *u = (unknown_target){0};
  PFC_TRY(pfc_hazard_curve(m, -1, NULL, m->horizon_days, &u->curve, err));
  PFC_NEW(u->levels, (size_t)u->curve.n * PFC_N_CAUSES);
  pfc_hazard_levels(m, &u->curve, u->levels);
done:
  return st;
}

static pfc_status judge_model(episodes_judge *ej, pfc_cause cause, judged *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__evaluation *e = ej->e;
  const pfc_hazard *m = &e->bundle->time;
  const int entries = pfc_scratch_entries(m->features, e->lens);
  unknown_target unknown = {0};
  int32_t *col = NULL;
  float *val = NULL;
  PFC_TRY(unknown_init(&unknown, m, err));
  PFC_NEW(col, entries);
  PFC_NEW(val, entries);
  for (int64_t i = 0; i < ej->n; i++) {
    const pfc_episode *at = &ej->at[i];
    const pfc_decision d = {at->person, at->intervention,  at->competency,
                            at->start,  at->enrolment_row, at->row};
    const int32_t t = pfc_catalogue_target(e->cat, at->intervention, at->competency);
    shifted s = {m,
                 t < 0 ? &unknown.curve : &e->curves->curve[t],
                 t < 0 ? unknown.levels : e->curves->levels[t],
                 {0}};
    pfc_hazard_shift(m, e->lens, &d, col, val, s.shift);
    ej->event[i] = event_code(at->event, cause);
    if (cause == PFC_PROFICIENT && is_reached(ej, i)) {
      ej->reached_person[j->n_reached] = ej->person[i];
    }
    judge_row(ej, &s, cause, i, j);
  }
done:
  pfc_curve_clear(&unknown.curve);
  pfc_free(unknown.levels);
  pfc_free(col);
  pfc_free(val);
  return st;
}

/* --- the baseline's numbers ------------------------------------------------------------------
 */

/* Aalen-Johansen and Kaplan-Meier of the training rows on a grid up to the horizon, never
 * finer than the model's ticks, so that both spread an event over at least as long. */
typedef struct reference {
  int n;
  double day[MAX_GRID], incidence[MAX_GRID], survival[MAX_GRID];
} reference;

static pfc_status fit_reference(const episodes_judge *ej, pfc_cause cause, reference *b,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_episodes *at = ej->training;
  double *time = NULL, *entry = NULL;
  int8_t *event = NULL;
  PFC_NEW(time, at->n);
  PFC_NEW(entry, at->n);
  PFC_NEW(event, at->n);
  for (int64_t i = 0; i < at->n; i++) {
    time[i] = at->at[i].duration_days;
    entry[i] = at->at[i].entry_days;
    event[i] = event_code(at->at[i].event, cause);
  }
  const pfc_spells spells = {at->n, entry, time, event, NULL};
  const pfc_hazard *m = &ej->e->bundle->time;
  b->n = (int)fmin(fmax(floor(m->horizon_days / m->tick_days), 1), MAX_GRID);
  for (int g = 0; g < b->n; g++) b->day[g] = m->horizon_days * (g + 1) / b->n;
  PFC_TRY(pfc_aalen_johansen(&spells, b->n, b->day, b->incidence, err));
  PFC_TRY(pfc_kaplan_meier(&spells, 0, 0, b->n, b->day, b->survival, err));
done:
  pfc_free(time);
  pfc_free(entry);
  pfc_free(event);
  return st;
}

static int grid_at(const reference *b, double day) {
  int g = 0;
  while (g + 1 < b->n && b->day[g] < day) g++;
  return g;
}

static double reference_quantile(const reference *b, double q) {
  int g = 0;
  while (g + 1 < b->n && b->incidence[g] < q * b->incidence[b->n - 1]) g++;
  return b->day[g];
}

static void judge_baseline(const episodes_judge *ej, const reference *b, pfc_cause cause,
                           const judged *model, judged *j) {
  const double step = b->day[0], horizon = b->day[b->n - 1];
  j->n_reached = model->n_reached;
  for (int64_t r = 0; r < j->n_reached; r++) {
    j->lo[r] = reference_quantile(b, 0.1);
    j->hi[r] = reference_quantile(b, 0.9);
    j->took[r] = model->took[r];
  }
  for (int64_t i = 0; i < ej->n; i++) {
    const int in = grid_at(b, ej->entry[i]);
    const entered e =
        ej->entry[i] > 0 ? (entered){b->incidence[in], b->survival[in]} : (entered){0, 1};
    for (int d = 0; d < ej->e->settings->n_days; d++) {
      j->by_day[d * ej->n + i] = given(&e, b->incidence[grid_at(b, ej->e->settings->days[d])]);
    }
    for (int d = 0; d < N_IBS; d++) {
      j->ibs[i * N_IBS + d] = (float)given(&e, b->incidence[grid_at(b, j->ibs_day[d])]);
    }
    const int g = grid_at(b, fmin(ej->time[i], horizon));
    const bool happened = ej->at[i].event == cause && ej->time[i] <= horizon;
    const double running = e.survival > 0 ? fmin(b->survival[g] / e.survival, 1) : 1;
    /* An event is spread over SPREAD steps around its own: Aalen-Johansen stands still on days
     * without an event in training, and to call those impossible would flatter the model. */
    const int from = g - SPREAD / 2 - 1 < -1 ? -1 : g - SPREAD / 2 - 1;
    const int to = g + SPREAD / 2 > b->n - 1 ? b->n - 1 : g + SPREAD / 2;
    j->nll[i] = minus_log(given(&e, from < 0 ? 0 : b->incidence[from]),
                          given(&e, b->incidence[to]), running, step * (to - from), happened);
  }
}

/* --- all of it -------------------------------------------------------------------------------
 */

static pfc_status put_by_day(const episodes_judge *ej, cJSON *object, const pfc__rows *rows,
                             judged *model, judged *base, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evaluate_settings *s = ej->e->settings;
  cJSON *by_day = pfc__put_object(object, "ece_by_day");
  if (!by_day) return pfc_fail_memory(err, "figures");
  for (int d = 0; d < s->n_days; d++) {
    if (s->days[d] > ej->e->bundle->time.horizon_days) continue;
    char name[32];
    snprintf(name, sizeof name, "%g", s->days[d]);
    model->day = base->day = d;
    model->asked = base->asked = s->days[d];
    const pfc__baseline baseline = {"aalen_johansen", base};
    PFC_TRY(pfc__put_figure(ej->e, by_day, name, rows, ece_by_day, model, 1, &baseline, err));
  }
done:
  return st;
}

static pfc_status put_intervals(const episodes_judge *ej, cJSON *object, judged *model,
                                judged *base, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__rows rows = {model->n_reached, ej->reached_person, ej->n_people};
  const pfc__baseline baseline = {"aalen_johansen", base};
  PFC_TRY(pfc__put_figure(ej->e, object, "interval_coverage", &rows, interval_coverage, model,
                          1, &baseline, err));
  PFC_TRY(pfc__put_figure(ej->e, object, "interval_score", &rows, interval_score, model, 1,
                          &baseline, err));
done:
  return st;
}

static pfc_status evaluate_cause(episodes_judge *ej, pfc_cause cause, const char *name,
                                 cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  judged model = {0}, base = {0};
  reference *b = NULL;
  PFC_NEW(b, 1);
  PFC_TRY(judged_init(&model, ej, err));
  PFC_TRY(judged_init(&base, ej, err));
  PFC_TRY(judge_model(ej, cause, &model, err));
  PFC_TRY(fit_reference(ej, cause, b, err));
  judge_baseline(ej, b, cause, &model, &base);
  cJSON *object = pfc__put_object(json, name);
  if (!object) {
    st = pfc_fail_memory(err, "figures");
    goto done;
  }
  const pfc__rows rows = {ej->n, ej->person, ej->n_people};
  const pfc__baseline baseline = {"aalen_johansen", &base};
  PFC_TRY(pfc__put_figure(ej->e, object, "c_index", &rows, c_index, &model, 1, &baseline, err));
  PFC_TRY(pfc__put_figure(ej->e, object, "ibs", &rows, ibs, &model, 1, &baseline, err));
  PFC_TRY(pfc__put_figure(ej->e, object, "nll", &rows, nll, &model, 1, &baseline, err));
  PFC_TRY(put_by_day(ej, object, &rows, &model, &base, err));
  if (cause == PFC_PROFICIENT) PFC_TRY(put_intervals(ej, object, &model, &base, err));
done:
  pfc_free(b);
  judged_clear(&model);
  judged_clear(&base);
  return st;
}

pfc_status pfc__evaluate_time(const pfc__evaluation *e, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  static const char *const names[PFC_N_CAUSES] = {"time", "dropped", "left"};
  episodes_judge ej = {.e = e};
  PFC_TRY(open_rows(&ej, err));
  for (int r = 0; r < PFC_N_CAUSES && ej.n > 0; r++) {
    if (!e->bundle->time.baseline[r]) continue;
    PFC_TRY(evaluate_cause(&ej, (pfc_cause)r, names[r], json, err));
  }
done:
  close_rows(&ej);
  return st;
}
