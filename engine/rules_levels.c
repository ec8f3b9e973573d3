/* Levels that prerequisites are held against. */
#include <math.h>

#include "engine/rules_internal.h"

/* Is there a profile to ask? Folds the person in where the gaps had no reason to. */
static bool has_profile(const pfc_rules *r, int32_t person, const pfc_person_gaps *known) {
  if (!r->gaps || !known || !known->known) return false;
  if (known->n > 0) return true;
  return pfc_levels_look(pfc_gaps_levels(r->gaps), person, r->as_of, known->known, NULL) ==
         PFC_OK;
}

/* Others' latest word, as long as it counts; NaN none. */
static double latest_rating(const pfc_rules *r, int32_t person, int32_t competency) {
  int64_t from;
  const int64_t to = pfc_history_ratings(r->history, person, r->as_of, &from);
  for (int64_t k = to; k > from; k--) {
    const pfc_rating *rating = &r->history->ratings[k - 1];
    const int32_t end = r->valid_until ? r->valid_until[rating->row] : PFC_NO_DATE;
    const bool is_over = end != PFC_NO_DATE && r->as_of != PFC_NO_DATE && end < r->as_of;
    if (rating->competency == competency && !rating->self && !is_over) return rating->level;
  }
  return (double)NAN;
}

void pfc__rules_read_levels(const pfc_rules *r, int32_t person, const pfc_person_gaps *known,
                            int32_t n, const int32_t *competency, pfc_level *told) {
  if (has_profile(r, person, known)) {
    pfc_levels_tell(pfc_gaps_levels(r->gaps), known->known, n, competency, PFC_NO_DATE, told);
    return;
  }
  for (int32_t k = 0; k < n; k++)
    told[k] = (pfc_level){.mean = latest_rating(r, person, competency[k]), .sd = (double)NAN};
}

double pfc__rules_p_level(const pfc_rules *r, const pfc_level *told, double level) {
  if (isnan(told->sd)) return told->mean >= level;
  return 1 - pfc_level_p_below(told->mean, told->sd, level, r->ds->scale_min);
}

double pfc__rules_p_held(const pfc_rules *r, int32_t person, const pfc_person_gaps *known,
                         int32_t competency, double level) {
  pfc_level told;
  pfc__rules_read_levels(r, person, known, 1, &competency, &told);
  return pfc__rules_p_level(r, &told, level);
}
