/* What data do not carry a model, and the words for it. */
#include <math.h>
#include <stdio.h>

#include "models/profile_cell.h"
#include "trainer/train_internal.h"

/* Standard deviation of the ratings. */
static double scatter_of(const pfc__profile_rows *rows) {
  const double n = (double)rows->n_ratings, mean = rows->sum / n;
  return sqrt(fmax(rows->squares / n - mean * mean, 0));
}

bool pfc__profile_refuses(const pfc__training *t, const pfc__profile_rows *rows,
                          pfc_train_note *note) {
  const double min = t->view->scale_min, max = t->view->scale_max, width = max - min;
  const double slack = 1e-6 * width; /* levels were rounded to float */
  if (rows->n_ratings < t->settings->profile.min_ratings) {
    (void)snprintf(note->text, sizeof note->text,
                   "%lld ratings (assessments of a person in a competency, with a level; at "
                   "most %d count of each), at least %d needed",
                   (long long)rows->n_ratings, PFC_CELL_RATINGS,
                   t->settings->profile.min_ratings);
  } else if (!(width >= 1e-6 && min >= -1e6 && max <= 1e6)) {
    (void)snprintf(
        note->text, sizeof note->text,
        "the scale of levels goes from %g to %g: expected one within -1e6 to 1e6, at "
        "least 1e-6 wide",
        min, max);
  } else if (rows->least < min - slack || rows->most > max + slack) {
    (void)snprintf(note->text, sizeof note->text,
                   "levels go from %g to %g, the scale from %g to %g: give assessments on "
                   "the scale, or another --scale to import",
                   rows->least, rows->most, min, max);
  } else if (scatter_of(rows) <= 1e-5 * width) {
    (void)snprintf(
        note->text, sizeof note->text,
        "all %lld ratings are of one level, %g, on a scale from %g to %g: nothing tells "
        "people apart",
        (long long)rows->n_ratings, rows->most, min, max);
  } else {
    return false;
  }
  return true;
}

bool pfc__affinity_refuses(const pfc__training *t, int64_t n_observed, pfc_train_note *note) {
  const int64_t n = t->history->first_attempt[t->history->n_people];
  const pfc_affinity_weights *w = &t->settings->weights;
  if (n_observed > 0) return false;
  if (n == 0) {
    (void)snprintf(note->text, sizeof note->text,
                   "no enrolments among the training rows: nobody has taken anything up yet");
  } else {
    (void)snprintf(
        note->text, sizeof note->text,
        "none of %lld enrolments counts: their weights (registered %g, started %g, passed "
        "%g, half_life_days %g) are 0 or too small; give larger ones",
        (long long)n, w->registered, w->started, w->passed, w->half_life_days);
  }
  return true;
}

bool pfc__success_refuses(const pfc__training *t, const pfc__labelled *l,
                          pfc_train_note *note) {
  if (l->n < t->settings->success_min_rows) {
    (void)snprintf(
        note->text, sizeof note->text,
        "%lld starts with a known result (passed, failed or dropped), at least %d needed",
        (long long)l->n, t->settings->success_min_rows);
  } else if (l->n_passed == l->n) {
    (void)snprintf(
        note->text, sizeof note->text,
        "no negatives: nobody failed or dropped out, the feed holds completions only");
  } else if (l->n_passed == 0) {
    (void)snprintf(note->text, sizeof note->text, "no positives: nobody passed");
  } else {
    return false;
  }
  return true;
}

bool pfc__accept_refuses(const pfc__training *t, const pfc__labelled *l, pfc_train_note *note) {
  static const char instead[] = "; until then accepting is calibrated affinity";
  const int32_t needed = t->settings->accept_min_rows;
  if (t->view->tables[PFC_FEEDBACK].n_rows > 0 && !t->history->dated &&
      t->history->first_attempt[t->history->n_people] > 0) {
    (void)snprintf(note->text, sizeof note->text,
                   "enrolments have no dates, so that nobody can tell what was before an "
                   "offer%s",
                   instead);
  } else if (l->n < needed) {
    (void)snprintf(note->text, sizeof note->text,
                   "%lld offers with an answer (table feedback: shown, then accepted or "
                   "declined), at least %d needed%s",
                   (long long)l->n, needed, instead);
  } else if (l->n_passed == l->n || l->n_passed == 0) {
    (void)snprintf(note->text, sizeof note->text, "all %lld answers to offers are the same%s",
                   (long long)l->n, instead);
  } else {
    return false;
  }
  return true;
}

bool pfc__time_refuses(const pfc__training *t, const pfc_episodes *episodes,
                       pfc_train_note *note) {
  int64_t n_proficient = 0;
  for (int64_t i = 0; i < episodes->n; i++) {
    const pfc_episode *at = &episodes->at[i];
    n_proficient += at->event == PFC_PROFICIENT;
    if (at->duration_days <= PFC_HAZARD_MAX_DAYS) continue;
    (void)snprintf(
        note->text, sizeof note->text,
        "table episodes: a duration_days is %g, longer than the calendar: give at most %d",
        at->duration_days, PFC_HAZARD_MAX_DAYS);
    return true;
  }
  if (n_proficient >= t->settings->time_min_events) return false;
  (void)snprintf(
      note->text, sizeof note->text,
      "%lld episodes end in proficiency, at least %d needed: give table episodes, or "
      "targets and assessments to derive them from",
      (long long)n_proficient, t->settings->time_min_events);
  return true;
}

bool pfc__anyway_refuses(const pfc__training *t, const pfc__controls *c, char *text,
                         size_t size) {
  if (c->n_events < t->settings->time_min_events) {
    (void)snprintf(text, size,
                   "%lld of %lld controls reached the level, at least %d needed, so nobody is "
                   "taken to get there without an intervention",
                   (long long)c->n_events, (long long)c->list->n, t->settings->time_min_events);
  } else if (2 * c->n_alike < c->n_treated) {
    (void)snprintf(text, size,
                   "only %lld of %lld who started lacked as much of the level as most controls "
                   "do, half needed, so nobody is taken to get there without an intervention",
                   (long long)c->n_alike, (long long)c->n_treated);
  } else {
    return false;
  }
  return true;
}
