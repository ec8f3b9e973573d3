#include "engine/choice.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "engine/choice_internal.h"
#include "engine/scorer_internal.h"

void pfc_choice_defaults(pfc_choice_settings *s) {
  *s = (pfc_choice_settings){.struct_size = sizeof *s,
                             .top = 10,
                             .rank_by = PFC_RANK_VALUE,
                             .keep_unless_gain = (double)NAN,
                             .attention_hours = (double)NAN,
                             .seed = 1};
}

/* A share that may be all. */
static pfc_status check_share(const char *name, double share, pfc_error *err) {
  if (share >= 0 && share <= 1) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "%s: 0 to 1 expected, not %g", name, share);
}

pfc_status pfc_choice_check(const pfc_choice_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (s->struct_size != sizeof *s) {
    return pfc_fail(err, PFC_EUSAGE, "choice settings: start from pfc_choice_defaults()");
  }
  if (s->top < 1) {
    return pfc_fail(err, PFC_EUSAGE, "top: a list length of at least 1 expected, not %d",
                    s->top);
  }
  if (s->rank_by != PFC_RANK_VALUE && s->rank_by != PFC_RANK_AFFINITY) {
    return pfc_fail(err, PFC_EUSAGE, "rank_by: value or affinity expected, not %d",
                    (int)s->rank_by);
  }
  if (isnan(s->min_value)) return pfc_fail(err, PFC_EUSAGE, "min_value: a number expected");
  if (s->keep_unless_gain < 0) {
    return pfc_fail(err, PFC_EUSAGE, "keep_unless_gain: 0 or more expected, not %g",
                    s->keep_unless_gain);
  }
  if (s->attention_hours <= 0) {
    return pfc_fail(err, PFC_EUSAGE, "attention_hours: above 0 expected, not %g",
                    s->attention_hours);
  }
  PFC_TRY(check_share("diversity", s->diversity, err));
  PFC_TRY(check_share("explore", s->explore, err));
  if (s->explore > 0 && !isnan(s->keep_unless_gain)) {
    return pfc_fail(
        err, PFC_EUSAGE,
        "explore, keep_unless_gain: a list that is kept is not left to chance; one of "
        "the two alone is possible");
  }
done:
  return st;
}

/* --- room ----------------------------------------------------------------------------------
 */

static pfc_status read_words(const pfc_scorer *s, const char *column, int32_t **out,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *code = pfc_dataset_codes(s->ds, PFC_INTERVENTIONS, column);
  PFC_NEW(*out, s->cat->n_interventions);
  for (int32_t i = 0; i < s->cat->n_interventions; i++) {
    const int64_t row = s->cat->row[i];
    (*out)[i] = code && row >= 0 ? code[row] : -1;
  }
done:
  return st;
}

/* The fewest hours a week of any candidate. */
static double least_load(const pfc_chooser *c) {
  double least = (double)INFINITY;
  for (int32_t j = 0; j < c->n_candidates; j++)
    least = fmin(least, pfc__choice_load(c, c->scorer->candidate[j]));
  return least;
}

pfc_status pfc_chooser_create(const pfc_scorer *scorer, const pfc_choice_settings *settings,
                              pfc_chooser **chooser, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_chooser *c = NULL;
  PFC_TRY(pfc_choice_check(settings, err));
  PFC_NEW(c, 1);
  c->scorer = scorer;
  c->settings = *settings;
  c->n_candidates = pfc_scorer_n_candidates(scorer);
  if (c->settings.top > c->n_candidates) c->settings.top = c->n_candidates;
  PFC_TRY(read_words(scorer, "kind", &c->kind, err));
  PFC_TRY(read_words(scorer, "provider", &c->provider, err));
  PFC_NEW(c->entry_of, c->n_candidates);
  for (int32_t j = 0; j < c->n_candidates; j++) c->entry_of[j] = -1;
  PFC_NEW(c->spare, c->settings.top);
  c->least_load = least_load(c);
  *chooser = c;
  c = NULL;
done:
  pfc_chooser_destroy(c);
  return st;
}

void pfc_chooser_destroy(pfc_chooser *c) {
  if (!c) return;
  pfc_free(c->kind);
  pfc_free(c->provider);
  pfc_free(c->entry_of);
  pfc_free(c->entry);
  pfc_free(c->shortlist);
  pfc_free(c->pick);
  pfc_free(c->spare);
  pfc_free(c);
}

/* --- the best of what is left --------------------------------------------------------------
 */

static double in_scale(const pfc_chooser *c, double worth) {
  const double d = c->settings.diversity;
  return d > 0 ? (1 - d) * worth / c->scale : worth;
}

/* What candidates are chosen by; never more than it was with fewer of them chosen. */
static double key_of(const pfc_chooser *c, const pfc__entry *e) {
  const bool by_affinity = c->settings.rank_by == PFC_RANK_AFFINITY;
  return in_scale(c, by_affinity ? e->score.affinity : e->adds) -
         c->settings.diversity * e->likeness;
}

static bool is_enough(const pfc_chooser *c, double adds) {
  const double least = c->settings.min_value;
  return adds >= least && (adds > 0 || least < 0 || c->scorer->ranker);
}

/* May it still come? Brings what it adds up to date. */
static bool may_come(pfc_chooser *c, int thread, pfc__entry *e) {
  if (e->is_out || !pfc__list_has_time(c, e)) return false;
  pfc__entry_reckon(c, thread, e);
  e->is_out = !is_enough(c, e->adds);
  return !e->is_out;
}

static bool is_better(double key, const pfc__entry *e, double best, const pfc__entry *than) {
  return !than || key > best || (key == best && e->candidate < than->candidate);
}

/* Of the entries, the best one now; -1 none. What an entry was worth earlier bounds what it is
 * worth now, so that few are reckoned anew. */
static int32_t best_entry(pfc_chooser *c, int thread, double *best) {
  int32_t at = -1;
  for (int32_t k = 0; k < c->n_entries; k++) {
    pfc__entry *e = &c->entry[k];
    const pfc__entry *than = at < 0 ? NULL : &c->entry[at];
    if (!is_better(key_of(c, e), e, *best, than) || !may_come(c, thread, e)) continue;
    const double key = key_of(c, e);
    if (!is_better(key, e, *best, than)) continue;
    *best = key;
    at = k;
  }
  return at;
}

/* The best of all candidates: more are looked at for as long as one of them could be better, or
 * as good and of a lower code. */
static pfc_status best_of_all(pfc_chooser *c, int thread, int32_t *entry, pfc_error *err) {
  for (;;) {
    double best = -(double)INFINITY;
    *entry = best_entry(c, thread, &best);
    if (c->is_whole || (*entry >= 0 && best > in_scale(c, c->bound))) return PFC_OK;
    const pfc_status st = pfc__pool_extend(c, thread, 2 * c->n_short + 8, err);
    if (st != PFC_OK) return st;
  }
}

/* Is there attention left for anything at all? */
static bool has_time(const pfc_chooser *c) {
  return isnan(c->hours_left) || c->least_load <= c->hours_left + PFC__HOURS_SLACK;
}

static pfc_status fill_best(pfc_chooser *c, int thread, pfc_error *err) {
  pfc_status st = PFC_OK;
  static const pfc_choice AS = {
      .due_on = PFC_NO_DATE, .override_row = -1, .propensity = (double)NAN};
  while (c->n < c->settings.top && has_time(c)) {
    int32_t entry;
    PFC_TRY(best_of_all(c, thread, &entry, err));
    if (entry < 0) break;
    PFC_TRY(pfc__list_put(c, thread, entry, &AS, err));
  }
done:
  return st;
}

/* --- exploration ---------------------------------------------------------------------------
 */

/* Those that chance may choose from. */
typedef struct lot {
  int n;
  int32_t entry[PFC__SHORTLIST];
  double chance[PFC__SHORTLIST];
} lot;

static void fill_lot(pfc_chooser *c, int thread, lot *all) {
  all->n = 0;
  for (int32_t k = 0; k < c->n_short && all->n < PFC__SHORTLIST; k++) {
    const int32_t e = c->entry_of[c->scorer->candidate_of[c->shortlist[k].intervention]];
    if (!c->entry[e].is_out && may_come(c, thread, &c->entry[e])) all->entry[all->n++] = e;
  }
}

static double spread_of(const pfc_chooser *c, const lot *all) {
  double least = (double)INFINITY, most = -(double)INFINITY;
  for (int k = 0; k < all->n; k++) {
    const double key = key_of(c, &c->entry[all->entry[k]]);
    least = fmin(least, key);
    most = fmax(most, key);
  }
  return all->n > 0 ? most - least : 0;
}

/* Those of the lot that may come at this place, and with which chance: a softmax of their keys,
 * mixed with equal chances. */
static void weigh_lot(pfc_chooser *c, int thread, double temperature, const lot *all,
                      lot *left) {
  double most = -(double)INFINITY, sum = 0;
  left->n = 0;
  for (int k = 0; k < all->n; k++) {
    pfc__entry *e = &c->entry[all->entry[k]];
    if (!may_come(c, thread, e)) continue;
    left->entry[left->n++] = all->entry[k];
    most = fmax(most, key_of(c, e));
  }
  for (int k = 0; k < left->n; k++) {
    const double below = key_of(c, &c->entry[left->entry[k]]) - most;
    left->chance[k] = temperature > 0 ? exp(below / temperature) : 1;
    sum += left->chance[k];
  }
  const double eps = c->settings.explore;
  for (int k = 0; k < left->n; k++)
    left->chance[k] = (1 - eps) * left->chance[k] / sum + eps / left->n;
}

static int draw(const lot *left, double u) {
  int k = 0;
  for (; k < left->n - 1 && u >= left->chance[k]; k++) u -= left->chance[k];
  return k;
}

/* Plackett and Luce: place by place, in proportion to what is left. */
static pfc_status fill_by_chance(pfc_chooser *c, int thread, int32_t person, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_rng rng;
  lot all, left;
  const pfc_dict *people = pfc_dataset_find_dict(c->scorer->ds, "person");
  pfc_rng_init(&rng, c->settings.seed, "choice.explore",
               pfc_rng_id(pfc_dict_text(people, person)));
  PFC_TRY(pfc__pool_extend(c, thread, PFC__SHORTLIST + c->n, err));
  fill_lot(c, thread, &all);
  const double temperature = c->settings.explore * spread_of(c, &all);
  while (c->n < c->settings.top) {
    weigh_lot(c, thread, temperature, &all, &left);
    if (left.n == 0) break;
    const int k = draw(&left, pfc_rng_uniform(&rng));
    const pfc_choice as = {
        .due_on = PFC_NO_DATE, .override_row = -1, .propensity = left.chance[k]};
    PFC_TRY(pfc__list_put(c, thread, left.entry[k], &as, err));
  }
done:
  return st;
}

/* --- lists ---------------------------------------------------------------------------------
 */

static pfc_status put_musts(pfc_chooser *c, int thread, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_ruling *ruling = pfc_scorer_ruling(c->scorer, thread);
  for (int32_t k = 0; k < ruling->n_must && c->n < c->settings.top; k++) {
    const pfc_must *m = &ruling->must[k];
    int32_t entry;
    PFC_TRY(pfc__pool_entry(c, thread, m->candidate, &entry, err));
    pfc__entry_reckon(c, thread, &c->entry[entry]);
    const pfc_choice as = {
        .why = m->override_row >= 0 ? PFC_FOR_OVERRIDE : PFC_FOR_MANDATE,
        .due_on = m->due_on,
        .override_row = m->override_row,
        .propensity = c->settings.explore > 0 ? 1 : (double)NAN,
    };
    PFC_TRY(pfc__list_put(c, thread, entry, &as, err));
  }
done:
  return st;
}

static bool is_listed(const pfc_chooser *c, int32_t intervention) {
  for (int k = 0; k < c->n; k++)
    if (c->list[k].score.intervention == intervention) return true;
  return false;
}

/* Of yesterday's list, in its order, what may still be recommended. */
static pfc_status put_before(pfc_chooser *c, int thread, int32_t n, const int32_t *before,
                             int *n_put, pfc_error *err) {
  pfc_status st = PFC_OK;
  static const pfc_choice AS = {
      .due_on = PFC_NO_DATE, .override_row = -1, .propensity = (double)NAN};
  const pfc_ruling *ruling = pfc_scorer_ruling(c->scorer, thread);
  *n_put = 0;
  for (int32_t k = 0; k < n && c->n < c->settings.top; k++) {
    const int32_t j = before[k] < 0 ? -1 : c->scorer->candidate_of[before[k]];
    int32_t entry;
    if (is_listed(c, before[k])) *n_put += 1; /* it must be: it stays, further up */
    /* Only what is allowed may become an entry: any of them can come to be chosen. */
    if (j < 0 || is_listed(c, before[k]) || !pfc_bit(ruling->allowed, j)) continue;
    PFC_TRY(pfc__pool_entry(c, thread, j, &entry, err));
    if (!may_come(c, thread, &c->entry[entry])) continue;
    *n_put += 1;
    PFC_TRY(pfc__list_put(c, thread, entry, &AS, err));
  }
done:
  return st;
}

static double value_of(const pfc_choice *list, int n) {
  double value = 0;
  for (int k = 0; k < n; k++)
    if (!isnan(list[k].adds)) value += list[k].adds;
  return value;
}

static pfc_status make_list(pfc_chooser *c, int thread, int32_t person, pfc_choice *list,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__list_begin(c, list);
  PFC_TRY(put_musts(c, thread, err));
  if (c->settings.explore > 0) {
    PFC_TRY(fill_by_chance(c, thread, person, err));
  } else {
    PFC_TRY(fill_best(c, thread, err));
  }
done:
  return st;
}

/* The same greedily, whatever is alike or left to chance. */
static pfc_status value_undiverse(pfc_chooser *c, int thread, double *value, pfc_error *err) {
  pfc_status st = PFC_OK;
  const double diversity = c->settings.diversity;
  c->settings.diversity = 0;
  pfc__list_begin(c, c->spare);
  PFC_TRY(put_musts(c, thread, err));
  PFC_TRY(fill_best(c, thread, err));
  *value = value_of(c->spare, c->n);
done:
  c->settings.diversity = diversity;
  return st;
}

/* Yesterday's list takes the place of a new one that is not so much better. */
static pfc_status keep_if_good(pfc_chooser *c, int thread, int32_t n_before,
                               const int32_t *before, pfc_choice *list, int *n,
                               pfc_choice_note *note, pfc_error *err) {
  pfc_status st = PFC_OK;
  int n_put;
  pfc__list_begin(c, c->spare);
  PFC_TRY(put_musts(c, thread, err));
  PFC_TRY(put_before(c, thread, n_before, before, &n_put, err));
  if (n_put == 0) return PFC_OK;
  PFC_TRY(fill_best(c, thread, err));
  note->value_kept = value_of(c->spare, c->n);
  const double least_gain = c->settings.keep_unless_gain * fabs(note->value_kept);
  note->is_kept = !(note->value > note->value_kept + least_gain);
  if (!note->is_kept) return PFC_OK;
  *n = c->n;
  memcpy(list, c->spare, (size_t)c->n * sizeof *list);
  note->value = note->value_undiverse = note->value_kept;
done:
  return st;
}

pfc_status pfc_choose(pfc_chooser *c, int thread, int32_t person, int32_t n_before,
                      const int32_t *before, pfc_choice *list, int *n, pfc_choice_note *note,
                      pfc_error *err) {
  pfc_status st = PFC_OK;
  *n = 0;
  *note = (pfc_choice_note){.value_kept = (double)NAN};
  pfc__pool_clear(c);
  const int32_t n_must = pfc_scorer_ruling(c->scorer, thread)->n_must;
  PFC_TRY(pfc__pool_extend(c, thread, c->settings.top + 4 + n_must, err));
  PFC_TRY(make_list(c, thread, person, list, err));
  *n = c->n;
  note->value = note->value_undiverse = value_of(list, *n);
  if (c->settings.diversity > 0)
    PFC_TRY(value_undiverse(c, thread, &note->value_undiverse, err));
  if (!isnan(c->settings.keep_unless_gain) && n_before > 0)
    PFC_TRY(keep_if_good(c, thread, n_before, before, list, n, note, err));
done:
  return st;
}

pfc_status pfc_choose_law(pfc_chooser *c, int thread, int32_t n_before, const int32_t *before,
                          pfc_choice_law *law, pfc_error *err) {
  pfc_status st = PFC_OK;
  lot all, left;
  int n_put;
  if (!(c->settings.explore > 0))
    return pfc_fail(err, PFC_EUSAGE, "explore is 0: nothing is left to chance");
  const int32_t n_must = pfc_scorer_ruling(c->scorer, thread)->n_must;
  law->n = 0;
  pfc__pool_clear(c);
  pfc__list_begin(c, c->spare);
  PFC_TRY(pfc__pool_extend(c, thread, c->settings.top + 4 + n_must, err)); /* as pfc_choose */
  PFC_TRY(put_musts(c, thread, err));
  PFC_TRY(pfc__pool_extend(c, thread, PFC__SHORTLIST + c->n, err));
  fill_lot(c, thread, &all);
  const double temperature = c->settings.explore * spread_of(c, &all);
  PFC_TRY(put_before(c, thread, n_before, before, &n_put, err));
  if (c->n == c->settings.top) return PFC_OK;
  weigh_lot(c, thread, temperature, &all, &left);
  for (; law->n < left.n; law->n++) {
    law->intervention[law->n] = c->entry[left.entry[law->n]].score.intervention;
    law->chance[law->n] = left.chance[law->n];
  }
done:
  return st;
}
