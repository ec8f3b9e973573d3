/* Time to proficiency without a model: Aalen-Johansen and Kaplan-Meier of the training rows. */
#include <math.h>

#include "base/mem.h"
#include "trainer/evaluate_time_internal.h"

enum {
  MAX_GRID = 400, /* days of the curve */
  SPREAD = 7,     /* of them, over which an event is spread */
};

/* On a grid up to the horizon, never finer than the models' ticks, so that both spread an event
 * over at least as long. */
typedef struct reference {
  int n;
  double day[MAX_GRID], incidence[MAX_GRID], survival[MAX_GRID];
} reference;

static pfc_status fit_reference(const pfc__spell_rows *rows, reference *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_episodes *at = rows->training;
  double *time = NULL, *entry = NULL;
  int8_t *event = NULL;
  PFC_NEW(time, at->n);
  PFC_NEW(entry, at->n);
  PFC_NEW(event, at->n);
  PFC_TRY(pfc__place_events(rows->e->training, at->n, at->at, time, err));
  for (int64_t i = 0; i < at->n; i++) {
    entry[i] = at->at[i].entry_days;
    event[i] = pfc__event_code(at->at[i].event, rows->cause);
  }
  const pfc_spells spells = {at->n, entry, time, event, NULL};
  b->n = (int)fmin(fmax(floor(rows->horizon / rows->tick), 1), MAX_GRID);
  for (int g = 0; g < b->n; g++) b->day[g] = rows->horizon * (g + 1) / b->n;
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

static double quantile(const reference *b, double q) {
  int g = 0;
  while (g + 1 < b->n && b->incidence[g] < q * b->incidence[b->n - 1]) g++;
  return b->day[g];
}

static double row_nll(const reference *b, const pfc__entered *e, double time, bool happened) {
  const int g = grid_at(b, time);
  const double running = e->survival > 0 ? fmin(b->survival[g] / e->survival, 1) : 1;
  /* An event is spread over SPREAD steps around its own: Aalen-Johansen stands still on days
   * without an event in training, and to call those impossible would flatter the models. */
  const int from = g - SPREAD / 2 - 1 < -1 ? -1 : g - SPREAD / 2 - 1;
  const int to = g + SPREAD / 2 > b->n - 1 ? b->n - 1 : g + SPREAD / 2;
  return pfc__minus_log(pfc__given(e, from < 0 ? 0 : b->incidence[from]),
                        pfc__given(e, b->incidence[to]), running, b->day[0] * (to - from),
                        happened);
}

/* On the grid's own days from the entry to the end. */
static double row_lasting(const reference *b, const pfc__entered *e, double entry,
                          double time) {
  const int from = entry > 0 ? grid_at(b, entry) + 1 : 0, to = grid_at(b, time) + 1;
  return to > from ? pfc__lasting(e, to - from, b->incidence + from, b->survival + from) : 1;
}

static void say(const pfc__spell_rows *rows, const reference *b, pfc__spells_said *said) {
  static const double Q[3] = {0.1, 0.5, 0.9};
  const pfc_evaluate_settings *s = rows->e->settings;
  const double horizon = b->day[b->n - 1];
  for (int64_t r = 0; r < rows->n_reached; r++) {
    for (int q = 0; q < 3; q++) said->quantile[q][r] = quantile(b, Q[q]);
  }
  for (int64_t i = 0; i < rows->n; i++) {
    const int in = grid_at(b, rows->entry[i]);
    const pfc__entered e = rows->entry[i] > 0
                               ? (pfc__entered){b->incidence[in], b->survival[in]}
                               : (pfc__entered){0, 1};
    for (int d = 0; d < s->n_days; d++) {
      said->by_day[d * rows->n + i] = pfc__given(&e, b->incidence[grid_at(b, s->days[d])]);
    }
    for (int d = 0; d < PFC__IBS_DAYS; d++) {
      said->ibs[i * PFC__IBS_DAYS + d] =
          (float)pfc__given(&e, b->incidence[grid_at(b, rows->ibs_day[d])]);
    }
    const bool happened = rows->event[i] == 1 && rows->time[i] <= horizon;
    const double end = fmin(rows->time[i], horizon);
    said->nll[i] = row_nll(b, &e, end, happened);
    said->lasting[i] = row_lasting(b, &e, rows->entry[i], end);
  }
}

pfc_status pfc__ask_training(pfc__spells_said *said, pfc_error *err) {
  pfc_status st = PFC_OK;
  reference *b = NULL;
  PFC_NEW(b, 1);
  PFC_TRY(fit_reference(said->rows, b, err));
  say(said->rows, b, said);
  said->curves = said->likelihood = said->quantiles = true;
done:
  pfc_free(b);
  return st;
}
