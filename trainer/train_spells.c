/* Fitting hazards to spells: rows, groups, a clock and bins for each cause. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/train_spells.h"

/* Penalties of the baseline part, in units of the summed log likelihood: bins are free but
 * smooth, deviations of a competency are pulled towards none. */
static const double BIN_RIDGE = 1e-3, DEVIATION_RIDGE = 1, SMOOTHING = 1;
enum {
  MAX_GROUPS = 60, /* competencies with deviations of their own, the most frequent */
  MIN_GROUP_ROWS = 100,
};

void pfc__spells_clear(pfc__spells *d) {
  pfc_free(d->target);
  pfc_free(d->ridge);
  pfc_free(d->clock_day);
  pfc_csr_clear(&d->x);
}

/* --- rows -------------------------------------------------------------------------------- */

static int by_start(const void *a, const void *b) {
  const pfc_episode *x = a, *y = b;
  if (x->start != y->start) return x->start < y->start ? -1 : 1;
  if (x->row != y->row) return x->row < y->row ? -1 : 1;
  if (x->enrolment_row != y->enrolment_row) return x->enrolment_row < y->enrolment_row ? -1 : 1;
  return (x->competency > y->competency) - (x->competency < y->competency);
}

static pfc_status encode(pfc__spells *d, pfc_feature_plan plan, pfc_hazard *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_decision *decision = NULL;
  pfc__ridges r = {0};
  PFC_NEW(decision, d->n);
  for (int64_t i = 0; i < d->n; i++) decision[i] = pfc__episode_decision(&d->spell[i]);
  if (d->t->levels)
    PFC_TRY(pfc_lent_levels_expect(d->t->levels, d->t->cat, d->n, decision, err));
  PFC_TRY(pfc_features_fit(d->t->lens, plan, d->n, decision, &m->features, err));
  PFC_TRY(pfc__encode_rows(m->features, d->t->lens, (1U << PFC_N_SCOPES) - 1, d->n, decision, 0,
                           NULL, &d->x, err));
  PFC_TRY(pfc__ridges_init(&r, m->features, 0, err));
  for (int g = 0; g < r.n_groups; g++) {
    if (strcmp(r.name[g], "intervention") != 0) r.strength[g] = d->t->settings->time_ridge;
  }
  PFC_NEW(d->ridge, d->x.n_cols);
  pfc__ridges_fill(&r, d->ridge);
  for (int g = 0; g < r.n_groups; g++)
    PFC_TRY(pfc_strengths_add(&m->strengths, r.name[g], r.strength[g], err));
done:
  pfc_free(decision);
  pfc__ridges_clear(&r);
  return st;
}

/* --- groups ------------------------------------------------------------------------------- */

typedef struct tally {
  int64_t rows;
  int32_t competency;
} tally;

static int most_first(const void *a, const void *b) {
  const tally *x = a, *y = b;
  if (x->rows != y->rows) return x->rows > y->rows ? -1 : 1;
  return (x->competency > y->competency) - (x->competency < y->competency);
}

static pfc_status choose_groups(const pfc__spells *d, pfc_hazard *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  tally *count = NULL;
  m->n_competencies = pfc_dataset_count(d->t->view, "competency");
  PFC_NEW(m->group_of, m->n_competencies);
  PFC_NEW(count, m->n_competencies);
  for (int32_t c = 0; c < m->n_competencies; c++) {
    m->group_of[c] = -1;
    count[c].competency = c;
  }
  for (int64_t i = 0; i < d->n; i++) {
    if (d->spell[i].competency >= 0) count[d->spell[i].competency].rows++;
  }
  qsort(count, (size_t)m->n_competencies, sizeof *count, most_first);
  for (int32_t c = 0; c < m->n_competencies && m->n_groups < MAX_GROUPS; c++) {
    if (count[c].rows < MIN_GROUP_ROWS) break;
    m->group_of[count[c].competency] = m->n_groups++;
  }
done:
  pfc_free(count);
  return st;
}

/* --- clocks ------------------------------------------------------------------------------ */

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Median over the spells whose intervention tells its day. */
static pfc_status typical_day(const pfc__spells *d, double *typical, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *day = NULL;
  int64_t n = 0;
  *typical = 0;
  PFC_NEW(day, d->n);
  for (int64_t i = 0; i < d->n; i++) {
    const double at = d->clock_day[d->target[i]];
    if (!isnan(at)) day[n++] = at;
  }
  qsort(day, (size_t)n, sizeof *day, ascending);
  if (n > 0) *typical = day[n / 2];
done:
  pfc_free(day);
  return st;
}

/* What each target tells of a clock's column; NaN where it tells nothing. */
static void read_days(pfc__spells *d, const char *column) {
  const pfc_catalogue *cat = d->t->cat;
  const double *value =
      column[0] ? pfc_dataset_reals(d->t->view, PFC_INTERVENTIONS, column) : NULL;
  for (int32_t t = 0; t <= cat->n_targets; t++) {
    const int64_t row = t < cat->n_targets ? cat->row[cat->intervention[t]] : -1;
    d->clock_day[t] = value && row >= 0 ? pfc_clock_day(value[row]) : (double)NAN;
  }
}

static void take_typical_day(pfc__spells *d, double typical) {
  for (int32_t t = 0; t <= d->t->cat->n_targets; t++) {
    if (isnan(d->clock_day[t])) d->clock_day[t] = typical;
  }
}

void pfc__spells_set_clock(pfc__spells *d, const pfc_clock *clock) {
  read_days(d, clock->column);
  take_typical_day(d, clock->typical_day);
}

/* d->clock_day of every target on the clock of that column ("" for days since the start). */
static pfc_status read_clock(pfc__spells *d, const char *column, pfc_clock *clock,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  read_days(d, column);
  if (!(clock->column = pfc_strdup(column))) return pfc_fail_memory(err, "clock");
  PFC_TRY(typical_day(d, &clock->typical_day, err));
  take_typical_day(d, clock->typical_day);
done:
  return st;
}

/* Bins of a cause on its clock, from the events of the first n spells. */
static pfc_status make_bins(const pfc__spells *d, int64_t n, pfc_cause cause, pfc_clock *clock,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  double *event_day = NULL, first = INFINITY, last = -INFINITY;
  int64_t n_events = 0;
  PFC_NEW(event_day, n);
  for (int64_t i = 0; i < n; i++) {
    const double zero = d->clock_day[d->target[i]];
    first = fmin(first, d->spell[i].entry_days - zero);
    last = fmax(last, d->spell[i].duration_days - zero);
    if (d->spell[i].event == cause) event_day[n_events++] = d->spell[i].duration_days - zero;
  }
  PFC_TRY(pfc_hazard_bins(n_events, event_day, first, last, d->t->settings->time_bins,
                          &clock->edge, &clock->n_bins, err));
done:
  pfc_free(event_day);
  return st;
}

/* --- one cause --------------------------------------------------------------------------- */

/* Smoothing between neighbouring bins, of the whole and of each group's deviations. */
static pfc_status link_bins(const pfc_hazard *m, pfc_cause cause, int32_t (**link)[2],
                            double **weight, int64_t *n_links, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_bins = m->clock[cause].n_bins;
  PFC_NEW(*link, (size_t)(n_bins - 1) * (size_t)(1 + m->n_groups));
  PFC_NEW(*weight, (size_t)(n_bins - 1) * (size_t)(1 + m->n_groups));
  int64_t n = 0;
  for (int32_t g = 0; g <= m->n_groups; g++) {
    for (int32_t b = 1; b < n_bins; b++, n++) {
      (*link)[n][0] = g * n_bins + b - 1;
      (*link)[n][1] = g * n_bins + b;
      (*weight)[n] = SMOOTHING;
    }
  }
  *n_links = n;
done:
  return st;
}

pfc_status pfc__spells_curves(const pfc__spells *d, const pfc_hazard *m, pfc_cause cause,
                              pfc_curve *curves, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_catalogue *cat = d->t->cat;
  for (int32_t t = 0; t <= cat->n_targets; t++) {
    const int32_t c = t < cat->n_targets ? cat->competency[t] : -1;
    double day[PFC_N_CAUSES] = {NAN, NAN, NAN};
    day[cause] = d->clock_day[t];
    PFC_TRY(pfc_hazard_curve(m, c >= 0 ? m->group_of[c] : -1, day, d->span, &curves[t], err));
  }
done:
  return st;
}

void pfc__cause_fit_close(pfc__cause_fit *f) {
  for (int32_t c = 0; f->curves && c < f->n_curves; c++) pfc_curve_clear(&f->curves[c]);
  pfc_free(f->curves);
  pfc_free(f->link);
  pfc_free(f->link_weight);
  pfc_free(f->baseline_ridge);
}

pfc_status pfc__cause_fit_open(pfc__cause_fit *f, const pfc__spells *d, int64_t n,
                               pfc_cause cause, const pfc_hazard *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_bins = m->clock[cause].n_bins, n_baseline = pfc_hazard_n_baseline(m, cause);
  *f = (pfc__cause_fit){.x = d->x, .n_curves = d->t->cat->n_targets + 1};
  f->x.n_rows = n;
  PFC_NEW(f->curves, f->n_curves);
  PFC_NEW(f->baseline_ridge, n_baseline);
  for (int32_t b = 0; b < n_baseline; b++) {
    f->baseline_ridge[b] = b < n_bins ? BIN_RIDGE : DEVIATION_RIDGE;
  }
  PFC_TRY(pfc__spells_curves(d, m, cause, f->curves, err));
  f->problem = (pfc_hazard_problem){.n = n,
                                    .spell = d->spell,
                                    .curve_of = d->target,
                                    .n_curves = f->n_curves,
                                    .curves = f->curves,
                                    .x = &f->x,
                                    .ridge = d->ridge,
                                    .tick_days = m->tick_days,
                                    .n_baseline = n_baseline,
                                    .baseline_ridge = f->baseline_ridge};
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    f->problem.known_baseline[r] = r == (int)cause ? NULL : m->baseline[r];
    f->problem.known_coef[r] = r == (int)cause ? NULL : m->coef[r];
  }
  PFC_TRY(link_bins(m, cause, &f->link, &f->link_weight, &f->problem.n_links, err));
  f->problem.link = (const int32_t(*)[2])f->link;
  f->problem.link_weight = f->link_weight;
done:
  return st;
}

/* Fits a cause on the first n spells, on the clock that m->clock[cause] and d->clock_day
 * describe. */
static pfc_status fit_cause(pfc__spells *d, int64_t n, pfc_cause cause, pfc_hazard *m,
                            const pfc_progress *progress, pfc_newton_report *report,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__cause_fit f = {0};
  pfc_hazard_fit_settings settings;
  PFC_TRY(pfc__cause_fit_open(&f, d, n, cause, m, err));
  PFC_NEW(m->baseline[cause], f.problem.n_baseline);
  PFC_NEW(m->coef[cause], d->x.n_cols);
  pfc_hazard_fit_defaults(&settings);
  settings.newton.stage = d->stage;
  settings.newton.progress = progress;
  PFC_TRY(pfc_hazard_fit(&f.problem, cause, &settings, m->baseline[cause], m->coef[cause],
                         report, err));
done:
  pfc__cause_fit_close(&f);
  return st;
}

pfc_status pfc__spells_know(const pfc__spells *d, pfc_cause cause, pfc_hazard *m,
                            pfc_error *err) {
  pfc__cause_fit f = {0};
  pfc_status st =
      pfc__cause_fit_open(&f, d, pfc__spells_ripe(d, m->horizon_days), cause, m, err);
  if (st == PFC_OK)
    st = pfc_hazard_posterior(&f.problem, cause, m->baseline[cause], m->coef[cause],
                              &m->posterior[cause], err);
  pfc__cause_fit_close(&f);
  return st;
}

pfc_status pfc__spells_fit(pfc__spells *d, int64_t n, pfc_cause cause, const char *column,
                           pfc_hazard *m, const pfc_progress *progress,
                           pfc_newton_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(read_clock(d, column, &m->clock[cause], err));
  PFC_TRY(make_bins(d, n, cause, &m->clock[cause], err));
  PFC_TRY(fit_cause(d, n, cause, m, progress, report, err));
done:
  return st;
}

/* --- how likely it makes them --------------------------------------------------------------
 */

/* Minus log likelihood of a held-out spell under this cause alone, given that nothing had
 * happened by its entry; other exits censor. An event counts by its density a day over the
 * interval that it is known to lie in, a tick where that is exact. */
static double spell_loss(const pfc_hazard *m, const pfc_curve *curve, const double *levels,
                         pfc_cause cause, double shift, const pfc_episode *at) {
  double shifts[PFC_N_CAUSES] = {0}, incidence[3], survival[3];
  shifts[cause] = shift;
  const bool exact = isnan(at->last_below_days);
  const double before = exact ? at->duration_days - m->tick_days : at->last_below_days;
  const double from = fmax(before, at->entry_days);
  const double days[3] = {at->entry_days, from, at->duration_days};
  pfc_hazard_incidence(m, curve, levels, shifts, cause, 3, days, incidence, survival);
  const double p = at->event == cause
                       ? (incidence[2] - incidence[1]) / (at->duration_days - from)
                       : survival[2];
  return -log(fmax(p, 1e-12) / fmax(survival[0], 1e-12));
}

pfc_status pfc__spells_losses(const pfc__spells *d, int64_t from, pfc_cause cause,
                              const pfc_hazard *m, double *loss, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_curves = d->t->cat->n_targets + 1;
  pfc_curve *curves = NULL;
  double *levels = NULL;
  PFC_NEW(curves, n_curves);
  PFC_NEW(levels, PFC_CURVE_SEGMENTS * PFC_N_CAUSES);
  PFC_TRY(pfc__spells_curves(d, m, cause, curves, err));
  for (int64_t i = from; i < d->n; i++) {
    double shift = 0;
    for (int64_t e = d->x.start[i]; e < d->x.start[i + 1]; e++) {
      shift += (double)d->x.val[e] * m->coef[cause][d->x.col[e]];
    }
    const pfc_curve *curve = &curves[d->target[i]];
    pfc_hazard_levels(m, curve, levels);
    loss[i] = spell_loss(m, curve, levels, cause, shift, &d->spell[i]);
  }
done:
  for (int32_t c = 0; curves && c < n_curves; c++) pfc_curve_clear(&curves[c]);
  pfc_free(curves);
  pfc_free(levels);
  return st;
}

void pfc__spells_drop(pfc_hazard *m, pfc_cause cause) {
  pfc_free(m->clock[cause].column);
  pfc_free(m->clock[cause].edge);
  m->clock[cause] = (pfc_clock){0};
  pfc_free(m->baseline[cause]);
  pfc_free(m->coef[cause]);
  m->baseline[cause] = m->coef[cause] = NULL;
}

int64_t pfc__spells_events(const pfc__spells *d, int64_t n, pfc_cause cause) {
  int64_t events = 0;
  for (int64_t i = 0; i < n; i++) events += d->spell[i].event == cause;
  return events;
}

pfc_status pfc__spells_place(pfc__spells *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(d->target, d->n);
  PFC_NEW(d->clock_day, (size_t)d->t->cat->n_targets + 1);
  for (int64_t i = 0; i < d->n; i++) {
    const int32_t target =
        pfc_catalogue_target(d->t->cat, d->spell[i].intervention, d->spell[i].competency);
    d->target[i] = target >= 0 ? target : d->t->cat->n_targets;
    d->span = fmax(d->span, d->spell[i].duration_days);
  }
done:
  return st;
}

pfc_status pfc__spells_prepare(pfc__spells *d, pfc_feature_plan plan, pfc_episodes *episodes,
                               pfc_hazard *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  qsort(episodes->at, (size_t)episodes->n, sizeof *episodes->at, by_start);
  d->n = episodes->n;
  d->spell = episodes->at;
  PFC_TRY(pfc__spells_place(d, err));
  /* A tick is a day, or a thousandth of the span where episodes last only days. */
  m->tick_days = d->span >= 100 ? 1 : d->span / 1000;
  m->n_rows = d->n;
  PFC_TRY(encode(d, plan, m, err));
  PFC_TRY(choose_groups(d, m, err));
done:
  return st;
}
