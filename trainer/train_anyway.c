/* Training the hazard of reaching a level anyway: people who were seen below it and started
 * nothing that aims at it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "datasets/controls.h"
#include "trainer/train_spells.h"

static const int64_t MOST = 200000; /* controls: more tell nothing new and take longer */

/* --- do controls resemble those who start? --------------------------------------------------
 */

/* What the person lacked of a level by the last look of others before a day; NaN: no look. */
static double gap_before(const pfc_history *h, int32_t person, int32_t competency, double level,
                         int32_t day) {
  int64_t from;
  for (int64_t k = pfc_history_ratings(h, person, day, &from) - 1; k >= from; k--) {
    const pfc_rating *r = &h->ratings[k];
    if (r->competency == competency && !r->self && r->date != PFC_NO_DATE)
      return level - r->level;
  }
  return NAN;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The middle eight tenths of what controls lack. */
static pfc_status usual_gaps(const pfc__training *t, const pfc_episodes *controls,
                             double usual[2], pfc_error *err) {
  pfc_status st = PFC_OK;
  double *gap = NULL;
  const int64_t n = controls->n;
  usual[0] = usual[1] = NAN;
  PFC_NEW(gap, n);
  for (int64_t i = 0; i < n; i++) {
    const pfc_episode *at = &controls->at[i];
    const int32_t target = pfc_catalogue_target(t->cat, at->intervention, at->competency);
    gap[i] =
        gap_before(t->history, at->person, at->competency, t->cat->to_level[target], at->start);
  }
  qsort(gap, (size_t)n, sizeof *gap, ascending);
  if (n > 0) {
    usual[0] = gap[n / 10];
    usual[1] = gap[n - 1 - n / 10];
  }
done:
  pfc_free(gap);
  return st;
}

static pfc_status controls_init(const pfc__training *t, pfc__controls *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = t->history;
  const pfc_catalogue *cat = t->cat;
  double usual[2];
  *c = (pfc__controls){0};
  PFC_TRY(pfc_controls_create(t->view, h, cat, MOST, &c->list, err));
  for (int64_t i = 0; i < c->list->n; i++)
    c->n_events += c->list->at[i].event == PFC_PROFICIENT;
  PFC_TRY(usual_gaps(t, c->list, usual, err));
  for (int32_t p = 0; p < h->n_people; p++) {
    for (int64_t k = h->first_attempt[p]; k < h->first_attempt[p + 1]; k++) {
      const pfc_attempt *a = &h->attempts[k];
      if (!a->started || a->start == PFC_NO_DATE) continue;
      for (int32_t i = cat->first[a->intervention]; i < cat->first[a->intervention + 1]; i++) {
        const double gap = gap_before(h, p, cat->competency[i], cat->to_level[i], a->start);
        c->n_treated += gap > 0;
        c->n_alike += gap > 0 && gap >= usual[0] && gap <= usual[1];
      }
    }
  }
done:
  return st;
}

/* --- the fit --------------------------------------------------------------------------------
 */

pfc_status pfc__train_anyway(pfc__training *t, char *text, size_t size, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__controls controls = {0};
  pfc__spells d = {.t = t, .stage = "anyway"};
  pfc_hazard *m = &t->bundle->anyway;
  pfc_newton_report report;
  PFC_TRY(controls_init(t, &controls, err));
  if (pfc__anyway_refuses(t, &controls, text, size)) goto done;
  PFC_TRY(pfc__spells_prepare(&d, PFC_PLAN_ANYWAY, controls.list, m, err));
  /* It is held against what comes within the horizon of the time model. */
  m->horizon_days = fmin(t->bundle->time.horizon_days, d.span);
  m->n_events[PFC_PROFICIENT] = controls.n_events;
  PFC_TRY(
      pfc__spells_fit(&d, d.n, PFC_PROFICIENT, "", m, &t->settings->progress, &report, err));
  PFC_TRY(pfc__certify(t->bundle, "anyway", d.n, report.steps, report.value, report.gradient,
                       report.converged, err));
  t->bundle->has_anyway = true;
  (void)snprintf(text, size, "%lld of %lld controls reached the level",
                 (long long)controls.n_events, (long long)d.n);
done:
  pfc__spells_clear(&d);
  pfc_episodes_destroy(controls.list);
  return st;
}
