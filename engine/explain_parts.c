/* Linear predictors, column by column. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/explain_internal.h"

const char *pfc_told_name(pfc_told told) {
  static const char *const NAMES[PFC_N_TOLD] = {"accept",  "success", "proficient",
                                                "dropped", "left",    "anyway"};
  return NAMES[told];
}

static pfc_status add_part(pfc_explainer *e, const pfc_part *part, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(e->part, e->parts_size, e->n_parts + 1);
  e->part[e->n_parts++] = *part;
done:
  return st;
}

static const pfc_field *field_of(const pfc_features *f, int32_t column) {
  for (int k = 0; k < f->n_fields; k++) {
    const pfc_field *field = &f->fields[k];
    if (column >= field->first && column < field->first + field->n_columns) return field;
  }
  return NULL;
}

/* Adds to the part of a column, if it has one since `from`. */
static bool adds_to(pfc_explainer *e, int64_t from, int32_t column, double amount) {
  for (int64_t k = from; k < e->n_parts; k++) {
    if (e->part[k].column != column) continue;
    e->part[k].amount += amount;
    return true;
  }
  return false;
}

static pfc_status add_columns(pfc_explainer *e, const pfc_features *f, const double *coef,
                              const pfc_decision *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int scope = 0; scope < PFC_N_SCOPES; scope++) {
    const int64_t from = e->n_parts;
    const int n = pfc_features_encode(f, e->s->lens, (pfc_scope)scope, d, e->col, e->val);
    for (int j = 0; j < n; j++) {
      const double amount = coef[e->col[j]] * (double)e->val[j];
      if (amount == 0 || adds_to(e, from, e->col[j], amount)) continue;
      const pfc_part part = {PFC_PART_COLUMN, field_of(f, e->col[j]), e->col[j], amount};
      PFC_TRY(add_part(e, &part, err));
    }
  }
done:
  return st;
}

static int by_size(const void *a, const void *b) {
  const pfc_part *x = a, *y = b;
  const double p = fabs(x->amount), q = fabs(y->amount);
  if (p != q) return p < q ? 1 : -1;
  if (x->kind != y->kind) return (int)x->kind - (int)y->kind;
  return (x->column > y->column) - (x->column < y->column);
}

static double sum_since(const pfc_explainer *e, int64_t from) {
  double sum = 0;
  for (int64_t k = from; k < e->n_parts; k++) sum += e->part[k].amount;
  return sum;
}

/* Closes the breakdown whose parts begin at `from`. */
static void close_breakdown(pfc_explainer *e, pfc_explanation *x, pfc_breakdown b,
                            int64_t from) {
  b.n = (int)(e->n_parts - from);
  b.sum = sum_since(e, from);
  for (int64_t k = from; k < e->n_parts; k++) b.size += fabs(e->part[k].amount);
  qsort(e->part + from, (size_t)b.n, sizeof *e->part, by_size);
  e->first_part[x->n_breakdowns] = from;
  e->breakdown[x->n_breakdowns++] = b;
}

static pfc_status add_simple(pfc_explainer *e, pfc_part_kind kind, double amount,
                             pfc_error *err) {
  const pfc_part part = {kind, NULL, -1, amount};
  return amount == 0 ? PFC_OK : add_part(e, &part, err);
}

/* --- chances --------------------------------------------------------------------------------
 */

static double interaction(const pfc_chance *m, const float *x, const float *y) {
  double sum = 0;
  for (int32_t f = 0; f < m->rank; f++) sum += m->theta[f] * (double)x[f] * (double)y[f];
  return sum;
}

static double dot(int32_t rank, const float *x, const float *y) {
  double sum = 0;
  for (int32_t f = 0; f < rank; f++) sum += (double)x[f] * (double)y[f];
  return sum;
}

static pfc_status add_chance(pfc_explainer *e, pfc_explanation *x, pfc_told told,
                             const pfc_chance *m, double served, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t from = e->n_parts;
  const pfc_decision d = pfc__explain_decision(e, x->person, x->intervention);
  PFC_TRY(add_simple(e, PFC_PART_INTERCEPT, m->intercept, err));
  PFC_TRY(add_columns(e, m->features, m->coef, &d, err));
  if (m->rank) {
    const float *y = pfc_fold_item(e->s->fold, x->intervention);
    PFC_TRY(add_simple(e, PFC_PART_AFFINITY, interaction(m, e->x, y), err));
  }
  const double eta = sum_since(e, from);
  PFC_TRY(add_simple(e, PFC_PART_CALIBRATION, pfc_beta_eta(&m->calibration, eta) - eta, err));
  close_breakdown(
      e, x,
      (pfc_breakdown){.told = told, .target = -1, .features = m->features, .served = served},
      from);
done:
  return st;
}

double pfc__explain_take_up(const pfc_affinity *m, const float *x, const float *y) {
  return pfc_affinity_accept(m, dot(m->rank, x, y));
}

static pfc_status add_affinity(pfc_explainer *e, pfc_explanation *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t from = e->n_parts;
  const pfc_affinity *m = &e->s->bundle->affinity;
  const double score = dot(m->rank, e->x, pfc_fold_item(e->s->fold, x->intervention));
  PFC_TRY(add_simple(e, PFC_PART_INTERCEPT, m->accept_intercept, err));
  PFC_TRY(add_simple(e, PFC_PART_AFFINITY, m->accept_slope * score, err));
  const double eta = sum_since(e, from);
  PFC_TRY(add_simple(e, PFC_PART_CALIBRATION, pfc_beta_eta(&m->accept_calibration, eta) - eta,
                     err));
  const double served = m->accept_slope * x->score.affinity + m->accept_intercept;
  close_breakdown(e, x,
                  (pfc_breakdown){.told = PFC_TOLD_ACCEPT,
                                  .target = -1,
                                  .served = pfc_beta_eta(&m->accept_calibration, served)},
                  from);
done:
  return st;
}

/* --- hazards --------------------------------------------------------------------------------
 */

static pfc_status add_hazard(pfc_explainer *e, pfc_explanation *x, pfc_told told,
                             const pfc_hazard *m, int32_t target, double served,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t from = e->n_parts;
  const pfc_cause cause = told == PFC_TOLD_ANYWAY
                              ? PFC_PROFICIENT
                              : (pfc_cause)((int)told - (int)PFC_TOLD_PROFICIENT);
  pfc_decision d = pfc__explain_decision(e, x->person, x->intervention);
  d.competency = e->s->cat->competency[target];
  PFC_TRY(add_columns(e, m->features, m->coef[cause], &d, err));
  close_breakdown(
      e, x,
      (pfc_breakdown){
          .told = told, .target = target, .features = m->features, .served = served},
      from);
done:
  return st;
}

/* What the scorer goes by: of a candidate, or of one of the targets. */
static double served_eta(const pfc_explainer *e, int which, int32_t candidate, int32_t column) {
  return pfc__scorer_eta(e->s, &e->s->tile[0], which, candidate, column);
}

static pfc_status add_chances(pfc_explainer *e, pfc_explanation *x, int32_t candidate,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = e->s->bundle;
  if (b->has_accept) {
    const double served =
        pfc_beta_eta(&b->accept.calibration, served_eta(e, PFC__ACCEPT, candidate, candidate));
    PFC_TRY(add_chance(e, x, PFC_TOLD_ACCEPT, &b->accept, served, err));
  } else if (b->has_affinity) {
    PFC_TRY(add_affinity(e, x, err));
  }
  if (b->has_success) {
    const double served = pfc_beta_eta(&b->success.calibration,
                                       served_eta(e, PFC__SUCCESS, candidate, candidate));
    PFC_TRY(add_chance(e, x, PFC_TOLD_SUCCESS, &b->success, served, err));
  }
done:
  return st;
}

static pfc_status add_hazards(pfc_explainer *e, pfc_explanation *x, int32_t candidate,
                              int32_t column, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = e->s->bundle;
  const int32_t target = e->s->target[column];
  for (int r = 0; b->has_time && r < PFC_N_CAUSES; r++) {
    if (!b->time.coef[r]) continue;
    PFC_TRY(add_hazard(e, x, (pfc_told)(PFC_TOLD_PROFICIENT + r), &b->time, target,
                       served_eta(e, r, candidate, column), err));
  }
  /* What aims at no level is not reached anyway. */
  if (e->s->predictor[PFC__ANYWAY].features && e->s->cat->competency[target] >= 0) {
    PFC_TRY(add_hazard(e, x, PFC_TOLD_ANYWAY, &b->anyway, target,
                       served_eta(e, PFC__ANYWAY, candidate, column), err));
  }
done:
  return st;
}

pfc_status pfc__explain_parts(pfc_explainer *e, pfc_explanation *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_scorer *s = e->s;
  const int32_t candidate = s->candidate_of[x->intervention];
  int64_t n_items;
  e->n_parts = 0;
  if (e->s->fold) {
    const pfc_decision d = pfc__explain_decision(e, x->person, -1);
    PFC_TRY(pfc_fold_person(e->s->fold, 0, &d, e->x, &n_items, err));
  }
  PFC_TRY(add_chances(e, x, candidate, err));
  for (int32_t t = s->first_target[candidate]; t < s->first_target[candidate + 1]; t++) {
    PFC_TRY(add_hazards(e, x, candidate, t, err));
  }
  for (int k = 0; k < x->n_breakdowns; k++) e->breakdown[k].part = e->part + e->first_part[k];
  x->breakdown = e->breakdown;
done:
  return st;
}

/* --- whoever has nothing of their own -------------------------------------------------------
 */

static bool is_common(const pfc_part *part) {
  if (part->kind != PFC_PART_COLUMN) return part->kind == PFC_PART_INTERCEPT;
  return part->field->scope == PFC_SCOPE_TARGET;
}

double pfc__explain_common_accept(const pfc_explainer *e, const pfc_explanation *x) {
  const pfc_bundle *b = e->s->bundle;
  double eta = 0;
  if (x->n_breakdowns == 0 || x->breakdown[0].told != PFC_TOLD_ACCEPT) return NAN;
  const pfc_breakdown *accept = &x->breakdown[0];
  for (int k = 0; k < accept->n; k++) {
    if (is_common(&accept->part[k])) eta += accept->part[k].amount;
  }
  const float *y = e->s->fold ? pfc_fold_item(e->s->fold, x->intervention) : NULL;
  if (b->has_accept) {
    if (y) eta += interaction(&b->accept, e->x_common, y);
    return pfc_beta_eta(&b->accept.calibration, eta);
  }
  if (y) eta += b->affinity.accept_slope * dot(b->affinity.rank, e->x_common, y);
  return pfc_beta_eta(&b->affinity.accept_calibration, eta);
}
