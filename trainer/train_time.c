/* Training the time model: episodes, a clock and bins for each cause, hazards. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/episodes.h"
#include "trainer/train_spells.h"

enum { MAX_MILESTONES = 8 }; /* columns tried as clocks */

/* --- which clock? ------------------------------------------------------------------------ */

/* m holds this cause alone. */
static pfc_status holdout_loss(pfc__spells *d, int64_t from, pfc_cause cause,
                               const pfc_hazard *m, double *loss, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *each = NULL;
  PFC_NEW(each, d->n);
  PFC_TRY(pfc__spells_losses(d, from, cause, m, each, err));
  *loss = 0;
  for (int64_t i = from; i < d->n; i++) *loss += each[i];
done:
  pfc_free(each);
  return st;
}

/* First spell of the held-out share; spells of one day stay together. d->n when there is no
 * day to cut at. */
static int64_t cut_at(const pfc__spells *d, double share) {
  int64_t cut = (int64_t)((1 - share) * (double)d->n);
  if (d->n == 0 || d->spell[d->n - 1].start == PFC_NO_DATE) return d->n;
  const int32_t day = d->spell[cut < d->n ? cut : d->n - 1].start;
  while (cut > 0 && d->spell[cut - 1].start == day) cut--;
  return cut > 0 ? cut : d->n;
}

/* The clocks worth trying: days since the start, then the milestones in the catalogue. */
static int list_clocks(const pfc__spells *d, const char *column[MAX_MILESTONES + 1]) {
  const pfc_table *table = &d->t->view->tables[PFC_INTERVENTIONS];
  int n = 0;
  column[n++] = "";
  for (int c = 0; c < table->n_columns && n <= MAX_MILESTONES; c++) {
    if (strncmp(table->columns[c].name, "x_day_", 6) == 0) column[n++] = table->columns[c].name;
  }
  return n;
}

/* Proficiency runs on the clock under which held-out spells were likeliest. */
static pfc_status choose_clock(pfc__spells *d, const pfc_hazard *m, const char **chosen,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  const char *column[MAX_MILESTONES + 1];
  const int n_clocks = list_clocks(d, column);
  const int64_t cut = cut_at(d, d->t->settings->holdout);
  double best = INFINITY;
  pfc_hazard trial = *m; /* borrows everything but the cause it fits */
  *chosen = "";
  if (n_clocks == 1 || cut >= d->n ||
      pfc__spells_events(d, cut, PFC_PROFICIENT) < d->t->settings->time_min_events) {
    return PFC_OK;
  }
  for (int c = 0; c < n_clocks; c++) {
    double loss = INFINITY;
    pfc_newton_report report;
    st = pfc__spells_fit(d, cut, PFC_PROFICIENT, column[c], &trial, NULL, &report, err);
    if (st == PFC_OK) st = holdout_loss(d, cut, PFC_PROFICIENT, &trial, &loss, err);
    pfc__spells_drop(&trial, PFC_PROFICIENT);
    if (st != PFC_OK) return st;
    if (loss < best) {
      best = loss;
      *chosen = column[c];
    }
    st = pfc_progress_report(&d->t->settings->progress, "time clocks", c + 1, n_clocks, best,
                             err);
    if (st != PFC_OK) return st;
  }
  const int64_t n_held = d->n - cut;
  return pfc__record_metric(d->t->bundle, "time.holdout_nll", n_held, best / (double)n_held,
                            err);
}

/* --- all of it --------------------------------------------------------------------------- */

/* Proficiency comes last: where it is known to an interval only, its fit then knows what else
 * could have ended the spell. */
static const pfc_cause ORDER[PFC_N_CAUSES] = {PFC_DROPPED, PFC_LEFT, PFC_PROFICIENT};

static pfc_status fit_all_causes(pfc__spells *d, pfc_hazard *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char *clock = "";
  pfc_bundle *b = d->t->bundle;
  PFC_TRY(choose_clock(d, m, &clock, err));
  for (int i = 0; i < PFC_N_CAUSES; i++) {
    const pfc_cause cause = ORDER[i];
    char name[32];
    pfc_newton_report report;
    m->n_events[cause] = pfc__spells_events(d, d->n, cause);
    if (m->n_events[cause] < d->t->settings->time_min_events) continue;
    PFC_TRY(pfc__spells_fit(d, d->n, cause, cause == PFC_PROFICIENT ? clock : "", m,
                            &d->t->settings->progress, &report, err));
    PFC_TRY(pfc__spells_know(d, cause, m, err));
    snprintf(name, sizeof name, "time.%s", pfc_cause_name(cause));
    PFC_TRY(pfc__certify(b, name, d->n, report.steps, report.value, report.gradient,
                         report.converged, err));
  }
done:
  return st;
}

/* Where courses begin in cohorts nearly all are followed to one day. Where people begin all the
 * time, as in most organisations, one in twenty began a few weeks ago, and a horizon that waits
 * for them tells nothing: then half a year will do, as long as half are followed that far. */
static pfc_status choose_horizon(const pfc__spells *d, double *horizon, pfc_error *err) {
  static const double HALF_A_YEAR = 180, HALF = 0.5;
  pfc_status st = PFC_OK;
  double by_half;
  PFC_TRY(pfc_hazard_horizon(d->n, d->spell, d->t->settings->time_tail, horizon, err));
  PFC_TRY(pfc_hazard_horizon(d->n, d->spell, HALF, &by_half, err));
  *horizon = fmax(*horizon, fmin(by_half, HALF_A_YEAR));
done:
  return st;
}

pfc_status pfc__train_time(pfc__training *t, pfc_train_note *note, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_episodes *episodes = NULL;
  pfc__spells d = {.t = t, .stage = "time"};
  pfc_hazard *m = &t->bundle->time;
  char anyway[200] = "";
  PFC_TRY(pfc_episodes_create(t->view, t->history, &episodes, err));
  note->n_rows = episodes->n;
  if (pfc__time_refuses(t, episodes, note)) goto done;
  PFC_TRY(pfc__spells_prepare(&d, PFC_PLAN_TIME, episodes, m, err));
  PFC_TRY(choose_horizon(&d, &m->horizon_days, err));
  PFC_TRY(fit_all_causes(&d, m, err));
  PFC_TRY(pfc__spells_ledger(&d, pfc__spells_ripe(&d, m->horizon_days), true, &m->ledger, err));
  t->bundle->has_time = true;
  note->trained = 1;
  PFC_TRY(pfc__train_anyway(t, anyway, sizeof anyway, err));
  snprintf(note->text, sizeof note->text,
           "%lld proficient, %lld dropped, %lld left; horizon %g days; clock: %s; anyway: %s",
           (long long)m->n_events[PFC_PROFICIENT], (long long)m->n_events[PFC_DROPPED],
           (long long)m->n_events[PFC_LEFT], m->horizon_days,
           m->clock[PFC_PROFICIENT].column[0] ? m->clock[PFC_PROFICIENT].column
                                              : "days since the start",
           anyway);
done:
  pfc__spells_clear(&d);
  pfc_episodes_destroy(episodes);
  return st;
}
