/* Candidates under choice: what each adds to those chosen, and how like them it is. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "engine/choice_internal.h"
#include "engine/rules_internal.h"
#include "engine/scorer_internal.h"

/* --- entries -------------------------------------------------------------------------------
 */

void pfc__pool_clear(pfc_chooser *c) {
  for (int32_t k = 0; k < c->n_entries; k++) c->entry_of[c->entry[k].candidate] = -1;
  c->n_entries = 0;
  c->n_short = 0;
  c->is_whole = false;
  c->bound = (double)INFINITY;
  c->scale = 1;
}

static pfc_status add_entry(pfc_chooser *c, int32_t candidate, const pfc_score *score,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(c->entry, c->entries_room, c->n_entries + 1);
  c->entry[c->n_entries] =
      (pfc__entry){.score = *score, .candidate = candidate, .adds = score->value};
  c->entry_of[candidate] = c->n_entries++;
done:
  return st;
}

pfc_status pfc__pool_entry(pfc_chooser *c, int thread, int32_t candidate, int32_t *entry,
                           pfc_error *err) {
  pfc_score score;
  if (c->entry_of[candidate] < 0) {
    pfc_scorer_pair(c->scorer, thread, candidate, &score);
    const pfc_status st = add_entry(c, candidate, &score, err);
    if (st != PFC_OK) return st;
  }
  *entry = c->entry_of[candidate];
  return PFC_OK;
}

pfc_status pfc__pool_extend(pfc_chooser *c, int thread, int32_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  const bool by_affinity = c->settings.rank_by == PFC_RANK_AFFINITY;
  if (n > c->n_candidates) n = c->n_candidates;
  PFC_RESERVE(c->shortlist, c->short_room, n);
  const int32_t found = pfc_scorer_shortlist(c->scorer, thread, by_affinity, n,
                                             c->settings.min_value, c->shortlist);
  for (int32_t k = c->n_short; k < found; k++) {
    const pfc_score *s = &c->shortlist[k];
    const int32_t j = c->scorer->candidate_of[s->intervention];
    if (c->entry_of[j] < 0) PFC_TRY(add_entry(c, j, s, err));
  }
  c->n_short = found;
  c->is_whole = found < n || n == c->n_candidates;
  const double best = found == 0    ? 0
                      : by_affinity ? c->shortlist[0].affinity
                                    : c->shortlist[0].value;
  if (best > 0) c->scale = best;
  const pfc_score *last = found > 0 ? &c->shortlist[found - 1] : NULL;
  c->bound = c->is_whole || !last ? -(double)INFINITY
             : by_affinity        ? last->affinity
                                  : last->value;
done:
  return st;
}

/* --- what is left of a gap -----------------------------------------------------------------
 */

static double level_of(const pfc_chooser *c, int32_t target) {
  const double to = c->scorer->cat->to_level[target];
  return isnan(to) ? (double)INFINITY : to;
}

/* Worth of closing all that a target could: what it is worth, had it carried all the way. */
static double closes(const pfc_chooser *c, int thread, int32_t target) {
  const pfc_person_gaps *gaps = pfc_scorer_gaps_of(c->scorer, thread);
  const int32_t competency = c->scorer->cat->competency[target];
  if (!gaps || gaps->n == 0) return 1;
  if (competency < 0 || gaps->place[competency] < 0) return 0;
  double worth = 0;
  for (int32_t k = gaps->place[competency]; k < gaps->n && gaps->at[k].competency == competency;
       k++) {
    worth +=
        pfc_gap_weight(&gaps->at[k]) *
        pfc_gap_closable(c->scorer->gaps, &gaps->at[k], c->scorer->cat->to_level[target], 1);
  }
  return worth;
}

/* Share of a target's gap that those chosen are expected to leave: 1 - E[max over those reached
 * of what they close of it], each reached independently of the others. Picks come by level, so
 * that the first one reached closes most. */
static double share_left(const pfc_chooser *c, int thread, int32_t target) {
  const int32_t competency = c->scorer->cat->competency[target];
  const double to = level_of(c, target);
  double closable = (double)NAN, left = 1, none = 1;
  for (int k = 0; k < c->n_picks; k++) {
    const pfc__pick *p = &c->pick[k];
    if (p->competency != competency) continue;
    double share = 1;
    if (p->to < to) {
      if (isnan(closable)) closable = closes(c, thread, target);
      share = closable > 0 ? fmin(p->closes / closable, 1) : 0;
    }
    left -= none * p->reached * share;
    none *= 1 - p->reached;
  }
  return fmax(left, 0);
}

/* What does harm does so whatever was chosen: it is not made smaller. */
static double value_added(const pfc_chooser *c, int thread, const pfc__entry *e) {
  const pfc_scorer *s = c->scorer;
  const double *brings = s->tile[thread].brings;
  double lost = 0;
  for (int32_t t = s->first_target[e->candidate]; t < s->first_target[e->candidate + 1]; t++) {
    if (!(brings[t] > 0) || s->cat->competency[s->target[t]] < 0) continue;
    lost += brings[t] * (1 - share_left(c, thread, s->target[t]));
  }
  if (lost == 0) return e->score.value;
  const double accept = isnan(e->score.accept) ? 1 : e->score.accept;
  return e->score.value - accept * lost;
}

/* --- likeness ------------------------------------------------------------------------------
 */

/* Competencies that both aim at over those that either does. */
static double shared_competencies(const pfc_catalogue *cat, int32_t a, int32_t b) {
  int both = 0, n = 0;
  for (int32_t s = cat->first[a]; s < cat->first[a + 1]; s++) {
    if (cat->competency[s] < 0) continue;
    n++;
    for (int32_t t = cat->first[b]; t < cat->first[b + 1]; t++)
      both += cat->competency[t] == cat->competency[s];
  }
  for (int32_t t = cat->first[b]; t < cat->first[b + 1]; t++) n += cat->competency[t] >= 0;
  return n > both ? (double)both / (n - both) : 0;
}

static double likeness(const pfc_chooser *c, int32_t a, int32_t b) {
  const bool kind = c->kind[a] >= 0 && c->kind[a] == c->kind[b];
  const bool provider = c->provider[a] >= 0 && c->provider[a] == c->provider[b];
  return 0.5 * shared_competencies(c->scorer->cat, a, b) + 0.25 * kind + 0.25 * provider;
}

/* --- the list ------------------------------------------------------------------------------
 */

void pfc__list_begin(pfc_chooser *c, pfc_choice *list) {
  c->list = list;
  c->n = 0;
  c->n_picks = 0;
  c->hours_left = c->settings.attention_hours;
  for (int32_t k = 0; k < c->n_entries; k++) {
    pfc__entry *e = &c->entry[k];
    e->adds = e->score.value;
    e->likeness = 0;
    e->reckoned = 0;
    e->is_out = false;
  }
}

void pfc__entry_reckon(pfc_chooser *c, int thread, pfc__entry *e) {
  if (e->reckoned == c->n) return;
  e->adds = value_added(c, thread, e);
  for (int k = e->reckoned; c->settings.diversity > 0 && k < c->n; k++) {
    const double alike = likeness(c, e->score.intervention, c->list[k].score.intervention);
    if (alike > e->likeness) e->likeness = alike;
  }
  e->reckoned = c->n;
}

/* Picks stand by level, so that share_left() meets the highest first. */
static void add_pick(pfc_chooser *c, const pfc__pick *p) {
  int at = c->n_picks++;
  for (; at > 0 && c->pick[at - 1].to < p->to; at--) c->pick[at] = c->pick[at - 1];
  c->pick[at] = *p;
}

static pfc_status take_from_gaps(pfc_chooser *c, int thread, const pfc__entry *e,
                                 pfc_error *err) {
  pfc_status st = PFC_OK;
  const double accept = isnan(e->score.accept) ? 1 : e->score.accept;
  const pfc_scorer *s = c->scorer;
  const double *brings = s->tile[thread].brings;
  const int32_t from = s->first_target[e->candidate], to = s->first_target[e->candidate + 1];
  PFC_RESERVE(c->pick, c->picks_room, c->n_picks + to - from);
  for (int32_t t = from; t < to; t++) {
    if (!(brings[t] > 0) || s->cat->competency[s->target[t]] < 0) continue;
    pfc__pick p = {.competency = s->cat->competency[s->target[t]],
                   .to = level_of(c, s->target[t]),
                   .closes = closes(c, thread, s->target[t])};
    if (!(p.closes > 0)) continue;
    p.reached = fmin(accept * brings[t] / p.closes, 1);
    if (p.reached > 0) add_pick(c, &p);
  }
done:
  return st;
}

double pfc__choice_load(const pfc_chooser *c, int32_t intervention) {
  const double load = pfc__rules_load(c->scorer->cat, intervention);
  return isnan(load) ? 0 : load;
}

bool pfc__list_has_time(const pfc_chooser *c, const pfc__entry *e) {
  return isnan(c->hours_left) ||
         pfc__choice_load(c, e->score.intervention) <= c->hours_left + PFC__HOURS_SLACK;
}

pfc_status pfc__list_put(pfc_chooser *c, int thread, int32_t entry, const pfc_choice *as,
                         pfc_error *err) {
  pfc__entry *e = &c->entry[entry];
  pfc_choice *place = &c->list[c->n];
  *place = *as;
  place->score = e->score;
  place->adds = e->adds;
  e->is_out = true;
  c->n++;
  c->hours_left -= pfc__choice_load(c, e->score.intervention);
  return take_from_gaps(c, thread, e, err);
}
