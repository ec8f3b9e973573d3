/* Offers that the rules would not have let through. */
#include <math.h>
#include <stdbool.h>

#include "base/mem.h"
#include "engine/gaps.h"
#include "trainer/offers.h"
#include "trainer/offers_internal.h"

typedef struct barring {
  const pfc_history *h;
  const pfc_rule_settings *settings;
  pfc__item_rows prerequisites;
  const int32_t *before, *competency;
  const double *level;
  pfc_gaps *gaps;           /* NULL without a profile */
  pfc_levels_person *known; /* likewise: of the person looked at last */
  double scale_min;
} barring;

static void barring_clear(barring *b) {
  pfc_levels_person_destroy(b->known);
  pfc_gaps_destroy(b->gaps);
  pfc__item_rows_clear(&b->prerequisites);
}

static pfc_status read_prerequisites(barring *b, pfc_error *err) {
  const pfc_dataset *ds = b->h->ds;
  b->before = pfc_dataset_codes(ds, PFC_PREREQUISITES, "requires_intervention_id");
  b->competency = pfc_dataset_codes(ds, PFC_PREREQUISITES, "requires_competency_id");
  b->level = pfc_dataset_reals(ds, PFC_PREREQUISITES, "requires_level");
  return pfc__item_rows_init(&b->prerequisites, ds, PFC_PREREQUISITES, err);
}

static pfc_status open_levels(barring *b, const pfc_bundle *bundle, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_gap_settings settings;
  if (!bundle || !bundle->has_profile || !b->level) return PFC_OK;
  pfc_gap_defaults(&settings);
  PFC_TRY(pfc_gaps_create(bundle, b->h->ds, b->h, &settings, &b->gaps, err));
  PFC_TRY(pfc_levels_person_create(pfc_gaps_levels(b->gaps), &b->known, err));
  b->scale_min = bundle->profile.scale_min;
done:
  return st;
}

/* --- one offer ------------------------------------------------------------------------------
 */

static bool has_passed(const barring *b, const pfc_decision *d, int32_t intervention) {
  int64_t from = 0;
  const int64_t to = pfc_decision_attempts(b->h, d, &from);
  for (int64_t a = from; a < to; a++) {
    const pfc_attempt *at = &b->h->attempts[a];
    if (at->intervention == intervention && pfc_attempt_result(at, d->date) == 1) return true;
  }
  return false;
}

/* Agreed before the day, and not over on it. */
static bool is_under_way(const pfc_attempt *a, int32_t day) {
  const bool is_known = a->registered != PFC_NO_DATE && a->registered < day;
  return is_known && a->started && (a->end == PFC_NO_DATE || a->end >= day);
}

static bool is_busy(const barring *b, const pfc_decision *d) {
  int32_t n = 0;
  for (int64_t a = b->h->first_attempt[d->person]; a < b->h->first_attempt[d->person + 1]; a++)
    n += is_under_way(&b->h->attempts[a], d->date);
  return n >= b->settings->most_under_way;
}

static double latest_rating(const barring *b, const pfc_decision *d, int32_t competency) {
  int64_t from = 0;
  const int64_t to = pfc_history_ratings(b->h, d->person, d->date, &from);
  for (int64_t k = to - 1; k >= from; k--) {
    const pfc_rating *r = &b->h->ratings[k];
    if (r->competency == competency && !r->self) return r->level;
  }
  return NAN;
}

static pfc_status holds(const barring *b, const pfc_decision *d, int64_t row, bool *held,
                        pfc_error *err) {
  const int32_t c = b->competency[row];
  const double level = b->level[row];
  if (!b->gaps) {
    *held = !(latest_rating(b, d, c) < level);
    return PFC_OK;
  }
  pfc_level told;
  const pfc_levels *levels = pfc_gaps_levels(b->gaps);
  const pfc_status st = pfc_levels_look(levels, d->person, d->date, b->known, err);
  if (st != PFC_OK) return st;
  pfc_levels_tell(levels, b->known, 1, &c, d->date, &told);
  const double below = pfc_level_p_below(told.mean, told.sd, level, b->scale_min);
  *held = 1 - below >= b->settings->prerequisite_p;
  return PFC_OK;
}

static pfc_status may_begin(const barring *b, const pfc_decision *d, bool *may,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  *may = !is_busy(b, d);
  const int64_t *first = b->prerequisites.first + d->intervention;
  for (int64_t k = first[0]; *may && k < first[1]; k++) {
    const int64_t row = b->prerequisites.row[k];
    if (b->before && b->before[row] >= 0) *may = has_passed(b, d, b->before[row]);
    if (!*may || !b->competency || b->competency[row] < 0 || !b->level) continue;
    if (!isnan(b->level[row])) PFC_TRY(holds(b, d, row, may, err));
  }
done:
  return st;
}

pfc_status pfc_offers_bar(pfc_offers *offers, const pfc_history *h, const pfc_bundle *bundle,
                          const pfc_rule_settings *settings, pfc_error *err) {
  pfc_status st = PFC_OK;
  barring b = {.h = h, .settings = settings};
  int64_t n = 0;
  PFC_TRY(pfc_rule_check(settings, err));
  PFC_TRY(read_prerequisites(&b, err));
  PFC_TRY(open_levels(&b, bundle, err));
  offers->n_accepted = 0;
  for (int64_t k = 0; k < offers->n; k++) {
    bool may = true;
    PFC_TRY(may_begin(&b, &offers->at[k].d, &may, err));
    if (!may) continue;
    offers->n_accepted += offers->at[k].accepted;
    offers->at[n++] = offers->at[k];
  }
  offers->n_barred = offers->n - n;
  offers->n = n;
done:
  barring_clear(&b);
  return st;
}
