/* Levels as the profile has them on the day, in the linear predictors. Everything else of a
 * cell is encoded without them, the same for all whose role asks for it alone; what they add is
 * linear in numbers that are there once the person's gaps are measured. */
#include <math.h>

#include "base/mem.h"
#include "engine/scorer_internal.h"

/* --- once --------------------------------------------------------------------------------- */

static const pfc_field **place_of(pfc__predictor *p, pfc_field_what what) {
  switch (what) {
    case PFC_WHAT_HELD:
      return &p->held;
    case PFC_WHAT_LACKING:
      return &p->lacking;
    case PFC_WHAT_SHORT:
      return &p->lack_to;
    default:
      return NULL;
  }
}

pfc_status pfc__held_split(pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int m = 0; m < PFC__N_PREDICTORS; m++) {
    pfc__predictor *p = &s->predictor[m];
    if (!p->features) continue;
    p->bare.n_columns = p->features->n_columns;
    PFC_NEW(p->bare.fields, p->features->n_fields);
    for (int k = 0; k < p->features->n_fields; k++) {
      const pfc_field *f = &p->features->fields[k];
      const pfc_field **place = place_of(p, f->what);
      if (place) {
        *place = f;
      } else {
        p->bare.fields[p->bare.n_fields++] = *f;
      }
    }
    if (p->held || p->lacking) s->told_level[s->n_told_level++] = m;
    s->wants_held = s->wants_held || p->held || p->lacking || p->lack_to;
    s->wants_lacking = s->wants_lacking || p->lacking;
  }
done:
  return st;
}

void pfc__held_clear(pfc_scorer *s) {
  for (int m = 0; m < PFC__N_PREDICTORS; m++) pfc_free(s->predictor[m].bare.fields);
}

/* --- one person --------------------------------------------------------------------------- */

static double part_of(const pfc__predictor *p, const pfc_field *f, double value) {
  int32_t col[2];
  float val[2];
  double eta = 0;
  const int n = f ? pfc_field_encode(f, value, col, val) : 0;
  for (int k = 0; k < n; k++) eta += p->coef[col[k]] * (double)val[k];
  return eta;
}

/* Gaps are of somebody else where a person is only asked for times: scored before, so that the
 * look succeeds again. */
static bool look(const pfc_scorer *s, pfc__tile *tile, int32_t person) {
  if (tile->measured == person) return true;
  tile->measured = -1;
  return pfc_levels_look(pfc_gaps_levels(s->gaps), person, s->as_of, tile->gaps->known, NULL) ==
         PFC_OK;
}

/* The row of the gaps that tells the level of today; NULL none does. */
static const pfc_gap *gap_of(const pfc_scorer *s, const pfc__tile *tile, int32_t competency) {
  if (tile->measured < 0 || s->settings.gaps.ahead_days > 0) return NULL;
  const int32_t place = tile->gaps->place[competency];
  return place < 0 ? NULL : &tile->gaps->at[place];
}

static pfc_level level_of(const pfc_scorer *s, pfc__tile *tile, const pfc_gap *gap,
                          int32_t competency) {
  pfc_level level;
  if (gap) return (pfc_level){.mean = gap->level, .sd = gap->level_sd};
  pfc_levels_tell(pfc_gaps_levels(s->gaps), tile->gaps->known, 1, &competency, s->as_of,
                  &level);
  return level;
}

/* The first row of a competency is that of the role held. */
static double lacking_of(const pfc_scorer *s, const pfc_gap *gap, const pfc_level *level,
                         const pfc_requirement *required) {
  const pfc_profile *scale = pfc_gaps_profile(s->gaps);
  if (!s->wants_lacking || !required || isnan(required->level)) return NAN;
  if (gap && gap->required == required->level) return gap->shortfall;
  return pfc_level_shortfall(level->mean, level->sd, required->level, scale->scale_min,
                             scale->scale_max);
}

static void add_to_cell(const pfc_scorer *s, pfc__tile *tile, int32_t c,
                        const pfc_requirement *required) {
  const pfc_gap *gap = gap_of(s, tile, c);
  const pfc_level level = level_of(s, tile, gap, c);
  const double lacking = lacking_of(s, gap, &level, required);
  tile->held[c] = level.mean;
  for (int k = 0; k < s->n_told_level; k++) {
    const pfc__predictor *p = &s->predictor[s->told_level[k]];
    tile->cell[c].eta[s->told_level[k]] +=
        part_of(p, p->held, level.mean) + part_of(p, p->lacking, lacking);
  }
}

void pfc__held_add(const pfc_scorer *s, pfc__tile *tile, int32_t person) {
  const pfc_decision d = {person, -1, -1, s->as_of, -1, -1};
  int64_t n_asked = 0;
  if (!s->wants_held || !s->gaps || !pfc_gaps_levels(s->gaps) || !look(s, tile, person)) return;
  const pfc_requirement *asked = pfc_decision_requirements(s->lens, &d, &n_asked);
  for (int64_t r = 0; r < n_asked; r++) tile->required[asked[r].competency] = &asked[r];
  for (int32_t k = 0; k < tile->n_touched; k++)
    add_to_cell(s, tile, tile->touched[k], tile->required[tile->touched[k]]);
  for (int64_t r = 0; r < n_asked; r++) tile->required[asked[r].competency] = NULL;
}

double pfc__held_to(const pfc_scorer *s, const pfc__tile *tile, int model, int32_t target) {
  const pfc__predictor *p = &s->predictor[model];
  const int32_t t = s->target[target], c = s->cat->competency[t];
  if (c < 0 || !tile->is_touched[c] || isnan(s->cat->to_level[t])) return 0;
  return part_of(p, p->lack_to, fmax(s->cat->to_level[t] - tile->held[c], 0));
}
