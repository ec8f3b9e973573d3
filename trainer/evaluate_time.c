/* Judging the time to proficiency: test episodes, cause by cause, beside Aalen-Johansen of the
 * training rows. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/evaluate_time_internal.h"

enum { BINS = 10 }; /* of calibration */

/* --- figures ------------------------------------------------------------------------------ */

static pfc_spells spells_of(const pfc__spell_rows *rows, const double *weight) {
  return (pfc_spells){rows->n, rows->entry, rows->time, rows->event, weight};
}

static pfc_status c_index(const double *w, const void *user, double *value, pfc_error *err) {
  const pfc__spells_said *j = user;
  return pfc_concordance_ordered(j->order, w, value, err);
}

static pfc_status c_ipcw(const double *w, const void *user, double *value, pfc_error *err) {
  const pfc__spells_said *j = user;
  return pfc_ipcw_concordance_ordered(j->order, w, j->rows->horizon, value, err);
}

static pfc_status ibs(const double *w, const void *user, double *value, pfc_error *err) {
  const pfc__spells_said *j = user;
  const pfc_spells s = spells_of(j->rows, w);
  return pfc_integrated_brier(&s, PFC__IBS_DAYS, j->rows->ibs_day, j->ibs, value, err);
}

static pfc_status nll(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const pfc__spells_said *j = user;
  *value = pfc__weighted_mean(j->rows->n, j->nll, w);
  return PFC_OK;
}

static pfc_status ece_by_day(const double *w, const void *user, double *value, pfc_error *err) {
  const pfc__spells_said *j = user;
  const pfc_spells s = spells_of(j->rows, w);
  return pfc_incidence_ece(&s, j->rows->e->settings->days[j->day], j->by_day + j->day * s.n,
                           BINS, value, err);
}

static pfc_status interval_score(const double *w, const void *user, double *value,
                                 pfc_error *err) {
  (void)err;
  const pfc__spells_said *j = user;
  pfc_interval_score(j->rows->n_reached, j->quantile[0], j->quantile[2], j->rows->took, w, 0.2,
                     value, NULL);
  return PFC_OK;
}

static pfc_status interval_coverage(const double *w, const void *user, double *value,
                                    pfc_error *err) {
  (void)err;
  const pfc__spells_said *j = user;
  pfc_interval_score(j->rows->n_reached, j->quantile[0], j->quantile[2], j->rows->took, w, 0.2,
                     NULL, value);
  return PFC_OK;
}

/* Mean over the three quantiles. */
static pfc_status interval_pinball(const double *w, const void *user, double *value,
                                   pfc_error *err) {
  static const double Q[3] = {0.1, 0.5, 0.9};
  (void)err;
  const pfc__spells_said *j = user;
  *value = 0;
  for (int q = 0; q < 3; q++) {
    *value += pfc_pinball(j->rows->n_reached, j->quantile[q], j->rows->took, w, Q[q]) / 3;
  }
  return PFC_OK;
}

/* What a judge must have told for a figure. */
typedef enum told_kind { CURVES, LIKELIHOOD, QUANTILES } told_kind;

static const struct {
  pfc__figure is;
  told_kind of;
} FIGURES[] = {
    {{"c_index", "higher", c_index}, CURVES},
    {{"c_ipcw", "higher", c_ipcw}, CURVES},
    {{"ibs", "lower", ibs}, CURVES},
    {{"nll", "lower", nll}, LIKELIHOOD},
    {{"interval_coverage", "nearer 0.8", interval_coverage}, QUANTILES},
    {{"interval_score", "lower", interval_score}, QUANTILES},
    {{"interval_pinball", "lower", interval_pinball}, QUANTILES},
};
enum { N_FIGURES = sizeof FIGURES / sizeof *FIGURES };

/* --- rows --------------------------------------------------------------------------------- */

int8_t pfc__event_code(pfc_cause event, pfc_cause cause) {
  if (event == PFC_CENSORED) return 0;
  return event == cause ? 1 : 2;
}

static void rows_clear(pfc__spell_rows *rows) {
  pfc_free(rows->person);
  pfc_free(rows->time);
  pfc_free(rows->entry);
  pfc_free(rows->event);
  pfc_free(rows->reached);
  pfc_free(rows->reached_person);
  pfc_free(rows->took);
  pfc_episodes_destroy(rows->training);
}

static pfc_status rows_init(pfc__spell_rows *rows, const pfc__evaluation *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  rows->e = e;
  rows->n = e->rows->n_episodes;
  rows->at = e->rows->episode;
  rows->n_people = e->history->n_people;
  PFC_NEW(rows->person, rows->n);
  PFC_NEW(rows->time, rows->n);
  PFC_NEW(rows->entry, rows->n);
  PFC_NEW(rows->event, rows->n);
  PFC_NEW(rows->reached, rows->n);
  PFC_NEW(rows->reached_person, rows->n);
  PFC_NEW(rows->took, rows->n);
  for (int64_t i = 0; i < rows->n; i++) {
    rows->person[i] = rows->at[i].person >= 0 ? rows->at[i].person : rows->n_people++;
    rows->entry[i] = rows->at[i].entry_days;
  }
  PFC_TRY(pfc__place_events(e->ds, rows->n, rows->at, rows->time, err));
  PFC_TRY(pfc_episodes_create(e->training, e->training_history, &rows->training, err));
done:
  return st;
}

/* Nobody is asked beyond the shortest horizon, nor told beyond the longest tick. */
static void choose_horizon(pfc__spell_rows *rows) {
  const pfc__evaluation *e = rows->e;
  rows->horizon = INFINITY;
  rows->tick = 0;
  for (int i = 0; i < e->n; i++) {
    const pfc_bundle *b = e->at[i].is->bundle;
    const pfc_predictions *p = e->at[i].is->predictions;
    if (b && b->has_time) {
      rows->horizon = fmin(rows->horizon, b->time.horizon_days);
      rows->tick = fmax(rows->tick, b->time.tick_days);
    } else if (e->at[i].tells_curves) {
      rows->horizon = fmin(rows->horizon, p->day[p->n_days - 1]);
    }
  }
  double longest = 0;
  for (int64_t i = 0; i < rows->n; i++) longest = fmax(longest, rows->time[i]);
  if (isinf(rows->horizon)) rows->horizon = longest; /* quantiles alone have none */
  if (rows->tick == 0) rows->tick = 1;
  /* Where nobody is followed up there is nothing to compare with. */
  const double end = fmin(longest, rows->horizon);
  for (int d = 0; d < PFC__IBS_DAYS; d++) rows->ibs_day[d] = end * (d + 1) / PFC__IBS_DAYS;
  for (int d = 0; d < PFC__CURVE_DAYS; d++) {
    rows->curve_day[d] = end * d / (PFC__CURVE_DAYS - 1);
  }
}

static void see_cause(pfc__spell_rows *rows, pfc_cause cause) {
  rows->cause = cause;
  rows->n_reached = 0;
  for (int64_t i = 0; i < rows->n; i++) {
    rows->event[i] = pfc__event_code(rows->at[i].event, cause);
    rows->reached[i] = -1;
    if (cause != PFC_PROFICIENT || rows->event[i] != 1 || rows->time[i] > rows->horizon)
      continue;
    rows->reached[i] = rows->n_reached;
    rows->reached_person[rows->n_reached] = rows->person[i];
    rows->took[rows->n_reached++] = rows->time[i];
  }
}

/* --- one cause ---------------------------------------------------------------------------- */

typedef struct cause_judge {
  pfc__evaluation *e;
  const pfc__spell_rows *rows;
  const char *name;
  int n;
  int who[PFC_MAX_CONTESTANTS];
  pfc__spells_said said[PFC_MAX_CONTESTANTS];
  pfc__spells_said training;
} cause_judge;

static bool tells(const pfc_contestant *c, pfc_cause cause) {
  if (c->bundle) return c->bundle->has_time && c->bundle->time.baseline[cause];
  return cause == PFC_PROFICIENT &&
         (c->predictions->kinds & (PFC_PREDICTS_INCIDENCE | PFC_PREDICTS_QUANTILES));
}

static pfc_status order_rows(pfc__spells_said *said, pfc_error *err) {
  const pfc_spells s = spells_of(said->rows, NULL);
  return pfc_concordance_order_create(&s, said->risk, &said->order, err);
}

static pfc_status ask(cause_judge *j, int who, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__contender *c = &j->e->at[who];
  pfc__spells_said *said = &j->said[j->n];
  j->who[j->n++] = who;
  PFC_TRY(pfc__spells_said_init(said, j->rows, err));
  PFC_TRY(c->is->bundle ? pfc__ask_hazard(c, said, err) : pfc__ask_predicted(c, said, err));
  if (said->curves) PFC_TRY(order_rows(said, err));
done:
  return st;
}

/* Those who have told what a figure needs. */
static void choose_panel(const cause_judge *j, told_kind kind, const char *section,
                         pfc__panel *panel) {
  const pfc__spell_rows *r = j->rows;
  *panel =
      (pfc__panel){.section = section, .baseline = "aalen_johansen", .simple = &j->training};
  panel->rows = kind == QUANTILES ? (pfc_owned){r->n_reached, r->reached_person, r->n_people}
                                  : (pfc_owned){r->n, r->person, r->n_people};
  for (int i = 0; i < j->n; i++) {
    const pfc__spells_said *s = &j->said[i];
    if (!(kind == CURVES ? s->curves : kind == LIKELIHOOD ? s->likelihood : s->quantiles))
      continue;
    panel->judged[panel->n] = s;
    panel->who[panel->n++] = j->who[i];
  }
}

static pfc_status put_by_day(cause_judge *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evaluate_settings *s = j->e->settings;
  char section[32], day[32];
  pfc__panel panel;
  (void)snprintf(section, sizeof section, "%s.ece_by_day", j->name);
  choose_panel(j, CURVES, section, &panel);
  PFC_TRY(pfc__panel_open(j->e, &panel, err));
  for (int d = 0; d < s->n_days; d++) {
    if (s->days[d] > j->rows->horizon) continue;
    (void)snprintf(day, sizeof day, "%g", s->days[d]);
    for (int i = 0; i < j->n; i++) j->said[i].day = d;
    j->training.day = d;
    PFC_TRY(pfc__put_figure(j->e, &panel, &(pfc__figure){day, "lower", ece_by_day}, err));
  }
done:
  return st;
}

/* The p value of the hypothesis that the curves are right. It has no interval, and a smaller
 * one is no worse model where there are more rows. */
static pfc_status d_calibration(const pfc__spells_said *said, double *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__spell_rows *rows = said->rows;
  int8_t *observed = NULL;
  PFC_NEW(observed, rows->n);
  for (int64_t i = 0; i < rows->n; i++) {
    observed[i] = rows->event[i] == 1 && rows->time[i] <= rows->horizon;
  }
  PFC_TRY(pfc_d_calibration(rows->n, said->lasting, observed, NULL, BINS, NULL, p, err));
done:
  pfc_free(observed);
  return st;
}

static pfc_status put_d_calibration(cause_judge *j, const pfc__panel *panel, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__told told = {.name = "d_calibration"};
  for (int i = 0; i < panel->n; i++) {
    told.n[i] = j->rows->n;
    PFC_TRY(d_calibration(panel->judged[i], &told.value[i], err));
  }
  PFC_TRY(d_calibration(&j->training, &told.simple, err));
  PFC_TRY(pfc__tell_figure(j->e, panel, &told, err));
done:
  return st;
}

/* What needs curves, or likelihoods, beside the table of figures. */
static pfc_status put_the_rest(cause_judge *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__panel panel;
  PFC_TRY(put_by_day(j, err));
  choose_panel(j, LIKELIHOOD, j->name, &panel);
  PFC_TRY(pfc__panel_open(j->e, &panel, err));
  if (panel.n > 0) PFC_TRY(put_d_calibration(j, &panel, err));
  if (!j->e->settings->curves) goto done;
  choose_panel(j, CURVES, j->name, &panel);
  PFC_TRY(pfc__panel_open(j->e, &panel, err));
  if (panel.n > 0) PFC_TRY(pfc__put_incidence(j->e, &panel, j->rows, err));
done:
  return st;
}

static pfc_status evaluate_cause(cause_judge *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_cause cause = j->rows->cause;
  for (int i = 0; i < j->e->n; i++) {
    if (tells(j->e->at[i].is, cause)) PFC_TRY(ask(j, i, err));
  }
  if (j->n == 0) goto done;
  PFC_TRY(pfc__spells_said_init(&j->training, j->rows, err));
  PFC_TRY(pfc__ask_training(&j->training, err));
  PFC_TRY(order_rows(&j->training, err));
  for (int f = 0; f < N_FIGURES; f++) {
    pfc__panel panel;
    if (FIGURES[f].of == QUANTILES && cause != PFC_PROFICIENT) continue;
    choose_panel(j, FIGURES[f].of, j->name, &panel);
    PFC_TRY(pfc__panel_open(j->e, &panel, err));
    if (panel.n > 0) PFC_TRY(pfc__put_figure(j->e, &panel, &FIGURES[f].is, err));
  }
  PFC_TRY(put_the_rest(j, err));
done:
  return st;
}

pfc_status pfc__evaluate_time(pfc__evaluation *e, pfc_error *err) {
  static const char *const NAMES[PFC_N_CAUSES] = {"time", "dropped", "left"};
  pfc_status st = PFC_OK;
  pfc__spell_rows rows = {0};
  cause_judge *j = NULL;
  if (e->rows->n_episodes == 0) return PFC_OK;
  PFC_NEW(j, 1);
  PFC_TRY(rows_init(&rows, e, err));
  for (int i = 0; i < e->n; i++) PFC_TRY(pfc__check_curves(&e->at[i], &rows, err));
  choose_horizon(&rows);
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    see_cause(&rows, (pfc_cause)r);
    *j = (cause_judge){.e = e, .rows = &rows, .name = NAMES[r]};
    st = evaluate_cause(j, err);
    for (int i = 0; i < j->n; i++) pfc__spells_said_clear(&j->said[i]);
    pfc__spells_said_clear(&j->training);
    if (st != PFC_OK) break;
  }
done:
  pfc_free(j);
  rows_clear(&rows);
  return st;
}
