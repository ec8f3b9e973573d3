/* One intervention with half its hours: the models are asked again, in a world where table
 * interventions says so. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "engine/explain_internal.h"
#include "models/lent_levels.h"

static pfc_column *hours_of(pfc_table *table) {
  for (int k = 0; k < table->n_columns; k++) {
    pfc_column *c = &table->columns[k];
    if (strcmp(c->name, "hours") == 0 && c->type == PFC_REAL) return c;
  }
  return NULL;
}

pfc_status pfc__half_create(const pfc_scorer *s, pfc__half *half, pfc_error *err) {
  pfc_status st = PFC_OK;
  half->ds = *s->ds;
  pfc_table *table = &half->ds.tables[PFC_INTERVENTIONS];
  PFC_NEW(half->columns, table->n_columns);
  memcpy(half->columns, table->columns, (size_t)table->n_columns * sizeof *half->columns);
  table->columns = half->columns;
  pfc_column *column = hours_of(table);
  if (!column) return PFC_OK;
  PFC_NEW(half->hours, table->n_rows);
  memcpy(half->hours, column->real, (size_t)table->n_rows * sizeof *half->hours);
  column->real = half->hours;
  PFC_TRY(pfc_lens_create(&half->ds, s->history, s->cat, s->bundle->dicts, s->bundle->n_dicts,
                          &half->lens, err));
  if (s->bundle->has_profile)
    PFC_TRY(pfc_lend_levels(pfc_gaps_levels(s->gaps), half->lens, NULL, err));
done:
  return st;
}

void pfc__half_clear(pfc__half *half) {
  pfc_lens_destroy(half->lens);
  pfc_free(half->hours);
  pfc_free(half->columns);
}

/* Factors of the intervention: of one that the affinity model never saw its attributes alone
 * speak, the hours among them. */
static const float *factors_then(const pfc_explainer *e, const pfc_explanation *x) {
  const pfc_scorer *s = e->s;
  const pfc_affinity *m = &s->bundle->affinity;
  const int32_t code = pfc_lens_code(s->lens, "intervention", x->intervention);
  if (!s->fold || (code >= 0 && code < m->n_items)) {
    return s->fold ? pfc_fold_item(s->fold, x->intervention) : NULL;
  }
  const pfc_decision d = {-1, x->intervention, -1, PFC_NO_DATE, -1, -1};
  const int n =
      pfc_features_encode(m->item_features, e->half.lens, PFC_SCOPE_TARGET, &d, e->col, e->val);
  pfc_affinity_prior(m->rank, m->item_prior, n, e->col, e->val, e->y);
  return e->y;
}

static double chance_then(const pfc_explainer *e, const pfc_explanation *x, const pfc_chance *m,
                          const float *y) {
  const pfc_decision d = pfc__explain_decision(e, x->person, x->intervention);
  return pfc_chance_probability(
      m, pfc_chance_eta(m, e->half.lens, &d, e->x, m->rank ? y : NULL, e->col, e->val));
}

static double accept_then(const pfc_explainer *e, const pfc_explanation *x, const float *y) {
  const pfc_bundle *b = e->s->bundle;
  if (b->has_accept) return chance_then(e, x, &b->accept, y);
  if (!b->has_affinity) return 1;
  return pfc__explain_take_up(&b->affinity, e->x, y);
}

/* Incidence and discount of a target by a time model. */
static void time_then(const pfc_explainer *e, const pfc_explanation *x, const pfc_hazard *m,
                      const pfc_target_curves *curves, const double *discounts, int32_t target,
                      double *incidence, double *discount) {
  double shift[PFC_N_CAUSES];
  pfc_decision d = pfc__explain_decision(e, x->person, x->intervention);
  d.competency = e->s->cat->competency[target];
  pfc_hazard_shift(m, e->half.lens, &d, e->col, e->val, shift);
  pfc_hazard_worth(m, &curves->curve[target], curves->levels[target],
                   e->s->settings.discount_per_day, discounts, shift, incidence, discount);
}

static double bring(const pfc_explainer *e, const pfc_explanation *x, pfc_term term,
                    double p_success) {
  const pfc_scorer *s = e->s;
  double incidence, discount;
  if (s->curves) {
    time_then(e, x, &s->bundle->time, s->curves, s->discount[term.target], term.target,
              &incidence, &term.discount);
    term.success = incidence;
  }
  if (s->bundle->has_success) term.success = p_success;
  if (s->anyway && s->cat->competency[term.target] >= 0) {
    time_then(e, x, &s->bundle->anyway, s->anyway, s->anyway_discount[term.target], term.target,
              &incidence, &discount);
    term.anyway = incidence * discount;
  }
  return term.worth * term.success * term.discount * (1 - term.anyway);
}

double pfc__explain_half(pfc_explainer *e, const pfc_explanation *x) {
  const pfc_bundle *b = e->s->bundle;
  const int64_t row = e->s->cat->row[x->intervention];
  if (!e->half.lens || row < 0 || !(e->half.hours[row] > 0)) return NAN;
  const double hours = e->half.hours[row];
  double sum = -x->price_of_cost - x->price_of_hours / 2;
  e->half.hours[row] = hours / 2;
  const float *y = factors_then(e, x);
  const double p_success = b->has_success ? chance_then(e, x, &b->success, y) : 1;
  for (int t = 0; t < x->n_terms; t++) sum += bring(e, x, x->term[t], p_success);
  const double value = accept_then(e, x, y) * sum;
  e->half.hours[row] = hours;
  return value;
}
