#include "trainer/off_policy_feedback.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/history.h"
#include "engine/choice.h"
#include "engine/scorer.h"
#include "trainer/offers.h"
#include "trainer/off_policy_internal.h"
#include "trainer/reward_model.h"

/* Places further down count as this one. */
enum { SLOTS = 10 };

/* --- what was shown ------------------------------------------------------------------------
 */

typedef struct shown {
  int32_t person, day, position, intervention;
  int64_t row;
} shown;

static int compare(int64_t a, int64_t b) { return (a > b) - (a < b); }

static int by_list(const void *a, const void *b) {
  const shown *x = a, *y = b;
  if (x->day != y->day) return compare(x->day, y->day);
  if (x->person != y->person) return compare(x->person, y->person);
  if (x->position != y->position) return compare(x->position, y->position);
  return compare(x->row, y->row);
}

static int32_t day_of(int64_t at) { return (int32_t)(at / PFC_DAY_S - (at % PFC_DAY_S < 0)); }

/* Lists as they were shown, by day, person, place. */
typedef struct lists {
  int64_t n;
  shown *at;
} lists;

static pfc_status read_lists(const pfc_dataset *ds, int32_t from_day, lists *l,
                             int64_t *n_overridden, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = ds->tables[PFC_FEEDBACK].n_rows;
  const int32_t *person = pfc_dataset_codes(ds, PFC_FEEDBACK, "person_id");
  const int32_t *item = pfc_dataset_codes(ds, PFC_FEEDBACK, "intervention_id");
  const pfc_column *kind = pfc_dataset_column(ds, PFC_FEEDBACK, "kind");
  const pfc_column *at = pfc_dataset_column(ds, PFC_FEEDBACK, "at");
  const pfc_column *place = pfc_dataset_column(ds, PFC_FEEDBACK, "position");
  PFC_NEW(l->at, n);
  if (!person || !item || !kind || !at) goto done;
  const int32_t is_shown = pfc_dict_find(kind->dict, "shown");
  const int32_t is_overridden = pfc_dict_find(kind->dict, "overridden");
  for (int64_t r = 0; r < n; r++) {
    if (at->time[r] == PFC_NO_TIME || kind->code[r] < 0 || day_of(at->time[r]) < from_day)
      continue;
    *n_overridden += kind->code[r] == is_overridden;
    if (kind->code[r] != is_shown || person[r] < 0 || item[r] < 0) continue;
    const int32_t position = place && place->i32[r] > 0 ? place->i32[r] : 1;
    l->at[l->n++] = (shown){person[r], day_of(at->time[r]), position, item[r], r};
  }
  qsort(l->at, (size_t)l->n, sizeof *l->at, by_list);
done:
  return st;
}

/* --- decisions -----------------------------------------------------------------------------
 */

/* Decisions by day, person, place; arrays of the log, and of both policies on it. */
typedef struct log_of_two {
  lists lists;
  int64_t n;
  int64_t *place; /* in lists */
  int32_t *person, *slot, *action;
  double *reward, *propensity;
  double *target[2], *expected_target[2], *expected;
  pfc_reward_model *model;
} log_of_two;

static void log_clear(log_of_two *l) {
  pfc_free(l->lists.at);
  pfc_free(l->place);
  pfc_free(l->person);
  pfc_free(l->slot);
  pfc_free(l->action);
  pfc_free(l->reward);
  pfc_free(l->propensity);
  pfc_free(l->expected);
  for (int k = 0; k < 2; k++) {
    pfc_free(l->target[k]);
    pfc_free(l->expected_target[k]);
  }
  pfc_reward_model_destroy(l->model);
}

static pfc_status log_room(log_of_two *l, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(l->place, n);
  PFC_NEW(l->person, n);
  PFC_NEW(l->slot, n);
  PFC_NEW(l->action, n);
  PFC_NEW(l->reward, n);
  PFC_NEW(l->propensity, n);
  PFC_NEW(l->expected, n);
  for (int k = 0; k < 2; k++) {
    PFC_NEW(l->target[k], n);
    PFC_NEW(l->expected_target[k], n);
  }
done:
  return st;
}

/* answer[row of table feedback]: 1 accepted, 0 not, -1 no offer that was answered. */
static void take_decisions(log_of_two *l, const int8_t *answer, const double *propensity,
                           int64_t *n_unknown) {
  for (int64_t k = 0; k < l->lists.n; k++) {
    const shown *s = &l->lists.at[k];
    const double p = propensity ? propensity[s->row] : (double)NAN;
    if (answer[s->row] < 0) continue;
    *n_unknown += isnan(p);
    if (!(p > 0 && p < 1)) continue;
    l->place[l->n] = k;
    l->person[l->n] = s->person;
    l->slot[l->n] = s->position < SLOTS ? s->position - 1 : SLOTS - 1;
    l->action[l->n] = s->intervention;
    l->reward[l->n] = answer[s->row];
    l->propensity[l->n++] = p;
  }
}

static pfc_status log_init(log_of_two *l, const pfc_dataset *ds, int32_t from_day,
                           pfc_off_policy_judged *told, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n_rows = ds->tables[PFC_FEEDBACK].n_rows;
  pfc_history *history = NULL;
  pfc_offers *offers = NULL;
  int8_t *answer = NULL;
  PFC_TRY(read_lists(ds, from_day, &l->lists, &told->n_overridden, err));
  PFC_TRY(pfc_history_create(ds, &history, err));
  PFC_TRY(pfc_offers_create(history, &offers, err));
  PFC_NEW(answer, n_rows);
  memset(answer, -1, (size_t)n_rows);
  for (int64_t k = 0; k < offers->n; k++) answer[offers->at[k].row] = offers->at[k].accepted;
  PFC_TRY(log_room(l, l->lists.n, err));
  take_decisions(l, answer, pfc_dataset_reals(ds, PFC_FEEDBACK, "propensity"),
                 &told->n_unknown);
  told->n_decisions = l->n;
done:
  pfc_free(answer);
  pfc_offers_destroy(offers);
  pfc_history_destroy(history);
  return st;
}

static pfc_status learn(log_of_two *l, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_rewarded log = {.n = l->n,
                            .cluster = l->person,
                            .slot = l->slot,
                            .n_slots = SLOTS,
                            .action = l->action,
                            .n_actions = pfc_dataset_count(ds, "intervention"),
                            .reward = l->reward};
  PFC_TRY(pfc_reward_model_fit(&log, &l->model, err));
  for (int64_t i = 0; i < l->n; i++)
    l->expected[i] = pfc_reward_model_expected(l->model, pfc_reward_model_fit_of(l->person[i]),
                                               l->slot[i], l->action[i]);
done:
  return st;
}

/* --- what a bundle would have done ---------------------------------------------------------
 */

/* One bundle on one day. */
typedef struct asked {
  pfc_scorer *scorer;
  pfc_chooser *chooser;
} asked;

static void asked_clear(asked *a) {
  pfc_chooser_destroy(a->chooser);
  pfc_scorer_destroy(a->scorer);
  *a = (asked){0};
}

static pfc_status asked_init(asked *a, const pfc_bundle *bundle, const pfc_dataset *ds,
                             int32_t day, double explore, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_scorer_settings scorer;
  pfc_choice_settings choice;
  pfc_scorer_defaults(&scorer);
  scorer.as_of = day;
  scorer.rules.declined_rest_days = 0; /* a no of that very day is what is asked about */
  pfc_choice_defaults(&choice);
  choice.explore = explore;
  PFC_TRY(pfc_scorer_create(bundle, ds, &scorer, &a->scorer, err));
  PFC_TRY(pfc_chooser_create(a->scorer, &choice, &a->chooser, err));
done:
  return st;
}

/* The interventions above it on its list; returns how many. */
static int32_t above(const log_of_two *l, int64_t i, int32_t *before, int32_t most) {
  const shown *s = &l->lists.at[l->place[i]];
  int64_t first = l->place[i];
  int32_t n = 0;
  while (first > 0 && l->lists.at[first - 1].day == s->day &&
         l->lists.at[first - 1].person == s->person)
    first--;
  for (; first < l->place[i] && n < most; first++)
    if (l->lists.at[first].position < s->position)
      before[n++] = l->lists.at[first].intervention;
  return n;
}

enum { MOST_ABOVE = 100 };

static pfc_status ask(log_of_two *l, asked *a, int64_t i, int which, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t before[MOST_ABOVE];
  pfc_choice_law law;
  const int32_t n = above(l, i, before, MOST_ABOVE);
  PFC_TRY(pfc_choose_law(a->chooser, 0, n, before, &law, err));
  const int fit = pfc_reward_model_fit_of(l->person[i]);
  for (int k = 0; k < law.n; k++) {
    if (law.intervention[k] == l->action[i]) l->target[which][i] = fmin(law.chance[k], 1);
    l->expected_target[which][i] +=
        law.chance[k] *
        pfc_reward_model_expected(l->model, fit, l->slot[i], law.intervention[k]);
  }
done:
  return st;
}

/* Decisions first .. last - 1 were made on one day. */
static pfc_status ask_day(log_of_two *l, const pfc_bundle *bundle, const pfc_dataset *ds,
                          double explore, int64_t first, int64_t last, int which,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  asked a = {0};
  PFC_TRY(asked_init(&a, bundle, ds, l->lists.at[l->place[first]].day, explore, err));
  for (int64_t i = first; i < last; i++) {
    if (i == first || l->person[i] != l->person[i - 1]) {
      PFC_TRY(pfc_scorer_begin(a.scorer, 0, 1, &l->person[i], err));
      PFC_TRY(pfc_scorer_look(a.scorer, 0, 0, err));
    }
    PFC_TRY(ask(l, &a, i, which, err));
  }
done:
  asked_clear(&a);
  return st;
}

static pfc_status ask_all(log_of_two *l, const pfc_bundle *const bundle[2],
                          const pfc_dataset *ds, double explore, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int64_t first = 0, last; first < l->n; first = last) {
    const int32_t day = l->lists.at[l->place[first]].day;
    last = first;
    while (last < l->n && l->lists.at[l->place[last]].day == day) last++;
    for (int which = 0; which < 2; which++)
      PFC_TRY(ask_day(l, bundle[which], ds, explore, first, last, which, err));
  }
done:
  return st;
}

/* --- all together --------------------------------------------------------------------------
 */

static void tell_nothing(pfc_off_policy_difference *d) {
  d->snips = d->dr = d->switch_dr = PFC__NOT_TOLD;
  pfc__off_policy_tell(&(pfc__sums){0}, &(pfc_off_policy_settings){0}, &d->a);
  d->b = d->a;
  snprintf(d->why, sizeof d->why, "nothing was shown by chance with its propensity told");
}

pfc_status pfc_off_policy_judge(const pfc_bundle *champion, const pfc_bundle *candidate,
                                const pfc_dataset *ds, int32_t from_day, double explore,
                                const pfc_off_policy_settings *settings,
                                pfc_off_policy_judged *told, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *const bundle[2] = {champion, candidate};
  log_of_two l = {0};
  *told = (pfc_off_policy_judged){0};
  if (!(explore > 0 && explore <= 1))
    return pfc_fail(err, PFC_EUSAGE, "explore is %g; above 0 and at most 1", explore);
  PFC_TRY(pfc_off_policy_check(settings, err));
  PFC_TRY(log_init(&l, ds, from_day, told, err));
  if (l.n == 0) {
    tell_nothing(&told->difference);
    goto done;
  }
  PFC_TRY(learn(&l, ds, err));
  PFC_TRY(ask_all(&l, bundle, ds, explore, err));
  const pfc_logged a = {.n = l.n,
                        .cluster = l.person,
                        .slot = l.slot,
                        .n_slots = SLOTS,
                        .reward = l.reward,
                        .propensity = l.propensity,
                        .target = l.target[0],
                        .expected = l.expected,
                        .expected_target = l.expected_target[0]};
  pfc_logged b = a;
  b.target = l.target[1];
  b.expected_target = l.expected_target[1];
  PFC_TRY(pfc_off_policy_compare(&a, &b, settings, &told->difference, err));
done:
  log_clear(&l);
  return st;
}
