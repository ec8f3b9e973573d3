/* The models of a bundle: what each holds and what must fit together. */
#include "models/bundle_internal.h"

#include <float.h>
#include <stdio.h>

#include "base/mem.h"

#define MAX_RANK 512
#define MAX_GROUPS 1000000 /* so that the length of a baseline fits 32 bits */

/* --- affinity -------------------------------------------------------------- */

static pfc_status visit_affinity_scalars(pfc__archive *a, pfc_affinity *m, pfc_error *err) {
  const pfc__scalar scalars[] = {
      {"rank", PFC_H5_I32, &m->rank, 1, MAX_RANK},
      {"n_people", PFC_H5_I32, &m->n_people, 0, INT32_MAX},
      {"n_items", PFC_H5_I32, &m->n_items, 0, INT32_MAX},
      {"alpha0", PFC_H5_F64, &m->alpha0, 0, DBL_MAX},
      {"lambda", PFC_H5_F64, &m->lambda, 0, DBL_MAX},
      {"nu", PFC_H5_F64, &m->nu, -DBL_MAX, DBL_MAX},
      {"kappa_people", PFC_H5_F64, &m->kappa_people, 0, DBL_MAX},
      {"kappa_items", PFC_H5_F64, &m->kappa_items, 0, DBL_MAX},
      {"weight_registered", PFC_H5_F64, &m->weights.registered, 0, DBL_MAX},
      {"weight_started", PFC_H5_F64, &m->weights.started, 0, DBL_MAX},
      {"weight_passed", PFC_H5_F64, &m->weights.passed, 0, DBL_MAX},
      {"weight_half_life_days", PFC_H5_F64, &m->weights.half_life_days, 0, DBL_MAX},
      {"accept_slope", PFC_H5_F64, &m->accept_slope, -DBL_MAX, DBL_MAX},
      {"accept_intercept", PFC_H5_F64, &m->accept_intercept, -DBL_MAX, DBL_MAX},
      {"accept_calibration_a", PFC_H5_F64, &m->accept_calibration.a, 0, DBL_MAX},
      {"accept_calibration_b", PFC_H5_F64, &m->accept_calibration.b, 0, DBL_MAX},
      {"accept_calibration_c", PFC_H5_F64, &m->accept_calibration.c, -DBL_MAX, DBL_MAX},
  };
  return pfc__visit_scalars(a, "/affinity", scalars, PFC__COUNT(scalars), err);
}

pfc_status pfc__visit_affinity(pfc__archive *a, pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_affinity *m = &b->affinity;
  PFC_TRY(visit_affinity_scalars(a, m, err));
  PFC_TRY(pfc__visit_features(a, b, "/affinity/person_features", &m->person_features, err));
  PFC_TRY(pfc__visit_features(a, b, "/affinity/item_features", &m->item_features, err));
  const int32_t k = m->rank;
  const pfc__array arrays[] = {
      {"item_count",
       PFC_H5_I32,
       1,
       {m->n_items, 1},
       &m->item_count,
       "people who took the intervention up"},
      {"people",
       PFC_H5_F32,
       2,
       {m->n_people, k},
       &m->people,
       "factors: a row a code of /dictionary/person"},
      {"items",
       PFC_H5_F32,
       2,
       {m->n_items, k},
       &m->items,
       "factors: a row a code of /dictionary/intervention"},
      {"person_prior",
       PFC_H5_F32,
       2,
       {m->person_features->n_columns, k},
       &m->person_prior,
       "factors that attributes predict: a row a column of person_features"},
      {"item_prior",
       PFC_H5_F32,
       2,
       {m->item_features->n_columns, k},
       &m->item_prior,
       "factors that attributes predict: a row a column of item_features"},
  };
  PFC_TRY(pfc__visit_arrays(a, "/affinity", arrays, PFC__COUNT(arrays), err));
  PFC_TRY(pfc__check_codes(a, b, "/affinity/people", "person", m->n_people, err));
  PFC_TRY(pfc__check_codes(a, b, "/affinity/items", "intervention", m->n_items, err));
  for (int32_t i = 0; i < m->n_items; i++)
    if (m->item_count[i] < 0)
      return pfc__fault(a, err, "'/affinity/item_count': element %d is negative", i);
done:
  return st;
}

/* --- success, accept ------------------------------------------------------- */

static pfc_status visit_chance(pfc__archive *a, const pfc_bundle *b, const char *group,
                               pfc_chance *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  char features[PFC__PATH];
  (void)snprintf(features, sizeof features, "%s/features", group);
  const pfc__scalar scalars[] = {
      {"intercept", PFC_H5_F64, &m->intercept, -DBL_MAX, DBL_MAX},
      {"rank", PFC_H5_I32, &m->rank, 0, MAX_RANK},
      {"calibration_a", PFC_H5_F64, &m->calibration.a, 0, DBL_MAX},
      {"calibration_b", PFC_H5_F64, &m->calibration.b, 0, DBL_MAX},
      {"calibration_c", PFC_H5_F64, &m->calibration.c, -DBL_MAX, DBL_MAX},
      {"base_rate", PFC_H5_F64, &m->base_rate, 0, 1},
      {"n_rows", PFC_H5_I64, &m->n_rows, 0, 0x1p62},
  };
  PFC_TRY(pfc__visit_scalars(a, group, scalars, PFC__COUNT(scalars), err));
  if (m->rank > 0 && (!b->has_affinity || m->rank != b->affinity.rank))
    return pfc__fault(a, err, "%s: rank %d needs affinity factors of that rank", group,
                      m->rank);
  PFC_TRY(pfc__visit_features(a, b, features, &m->features, err));
  const pfc__array arrays[] = {
      {"coefficients",
       PFC_H5_F64,
       1,
       {m->features->n_columns, 1},
       &m->coef,
       "log-odds a unit of the encoded column"},
      {"factor_weights",
       PFC_H5_F64,
       1,
       {m->rank, 1},
       &m->theta,
       "log-odds a unit of the product of both affinity factors"},
  };
  PFC_TRY(pfc__visit_arrays(a, group, arrays, PFC__COUNT(arrays), err));
  PFC_TRY(pfc__visit_strengths(a, group, &m->strengths, err));
  PFC_TRY(pfc__visit_posterior(a, group, (int64_t)m->features->n_columns + m->rank + 1,
                               &m->posterior, err));
  PFC_TRY(pfc__visit_ledger(a, group, &m->ledger, err));
done:
  return st;
}

pfc_status pfc__visit_success(pfc__archive *a, pfc_bundle *b, pfc_error *err) {
  return visit_chance(a, b, "/success", &b->success, err);
}

pfc_status pfc__visit_accept(pfc__archive *a, pfc_bundle *b, pfc_error *err) {
  return visit_chance(a, b, "/accept", &b->accept, err);
}

/* --- time, anyway ---------------------------------------------------------- */

static bool is_ascending(const double *x, int32_t n) {
  for (int32_t i = 1; i < n; i++)
    if (!(x[i] > x[i - 1])) return false;
  return true;
}

/* The clock of a cause: its bins and the milestone that they count from. */
static pfc_status visit_clock(pfc__archive *a, const char *group, pfc_clock *clock,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__scalar scalars[] = {
      {"clock_column", PFC_H5_TEXT, &clock->column, 0, 0},
      {"clock_typical_day", PFC_H5_F64, &clock->typical_day, -DBL_MAX, DBL_MAX},
      {"n_bins", PFC_H5_I32, &clock->n_bins, 1, PFC_CURVE_SEGMENTS},
  };
  PFC_TRY(pfc__visit_scalars(a, group, scalars, PFC__COUNT(scalars), err));
  const pfc__array edges = {
      "bin_edges_days",       PFC_H5_F64,   1,
      {clock->n_bins + 1, 1}, &clock->edge, "edges of the bins, days on the cause's clock"};
  PFC_TRY(pfc__visit_arrays(a, group, &edges, 1, err));
  if (!is_ascending(clock->edge, clock->n_bins + 1))
    st = pfc__fault(a, err, "'%s/bin_edges_days' do not ascend", group);
done:
  return st;
}

static pfc_status visit_cause(pfc__archive *a, const char *model, pfc_hazard *m, int cause,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  char group[64];
  (void)snprintf(group, sizeof group, "%s/%s", model, pfc_cause_name((pfc_cause)cause));
  int32_t fitted = m->baseline[cause] != NULL;
  const pfc__scalar scalars[] = {
      {"n_events", PFC_H5_I64, &m->n_events[cause], 0, 0x1p62},
      {"fitted", PFC_H5_I32, &fitted, 0, 1},
  };
  PFC_TRY(pfc__visit_scalars(a, group, scalars, PFC__COUNT(scalars), err));
  if (!fitted) goto done;
  PFC_TRY(visit_clock(a, group, &m->clock[cause], err));
  const int64_t n_baseline = (int64_t)m->clock[cause].n_bins * (1 + (int64_t)m->n_groups);
  const pfc__array arrays[] = {
      {"baseline",
       PFC_H5_F64,
       1,
       {n_baseline, 1},
       &m->baseline[cause],
       "log-odds a tick: bins, then the deviations of each group"},
      {"coefficients",
       PFC_H5_F64,
       1,
       {m->features->n_columns, 1},
       &m->coef[cause],
       "log-odds a unit of the encoded column"},
  };
  PFC_TRY(pfc__visit_arrays(a, group, arrays, PFC__COUNT(arrays), err));
  PFC_TRY(pfc__visit_posterior(a, group, n_baseline + m->features->n_columns,
                               &m->posterior[cause], err));
done:
  return st;
}

static pfc_status check_groups(const pfc__archive *a, const pfc_bundle *b, const char *model,
                               const pfc_hazard *m, pfc_error *err) {
  char path[64];
  (void)snprintf(path, sizeof path, "%s/group_of_competency", model);
  for (int32_t c = 0; c < m->n_competencies; c++)
    if (m->group_of[c] < -1 || m->group_of[c] >= m->n_groups)
      return pfc__fault(a, err, "'%s': element %d is no group", path, c);
  if (m->n_competencies == 0) return PFC_OK;
  return pfc__check_codes(a, b, path, "competency", m->n_competencies, err);
}

static pfc_status visit_hazard(pfc__archive *a, pfc_bundle *b, const char *model, pfc_hazard *m,
                               int n_causes, pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[64];
  const pfc__scalar scalars[] = {
      {"tick_days", PFC_H5_F64, &m->tick_days, DBL_MIN, DBL_MAX},
      {"horizon_days", PFC_H5_F64, &m->horizon_days, DBL_MIN, DBL_MAX},
      {"n_groups", PFC_H5_I32, &m->n_groups, 0, MAX_GROUPS},
      {"n_competencies", PFC_H5_I32, &m->n_competencies, 0, INT32_MAX},
      {"n_rows", PFC_H5_I64, &m->n_rows, 0, 0x1p62},
  };
  PFC_TRY(pfc__visit_scalars(a, model, scalars, PFC__COUNT(scalars), err));
  (void)snprintf(path, sizeof path, "%s/features", model);
  PFC_TRY(pfc__visit_features(a, b, path, &m->features, err));
  const pfc__array arrays[] = {
      {"group_of_competency",
       PFC_H5_I32,
       1,
       {m->n_competencies, 1},
       &m->group_of,
       "code of /dictionary/competency -> group with deviations of its own, -1 none"},
  };
  PFC_TRY(pfc__visit_arrays(a, model, arrays, PFC__COUNT(arrays), err));
  PFC_TRY(check_groups(a, b, model, m, err));
  for (int cause = 0; cause < n_causes; cause++) PFC_TRY(visit_cause(a, model, m, cause, err));
  PFC_TRY(pfc__visit_strengths(a, model, &m->strengths, err));
  PFC_TRY(pfc__visit_ledger(a, model, &m->ledger, err));
done:
  return st;
}

pfc_status pfc__visit_time(pfc__archive *a, pfc_bundle *b, pfc_error *err) {
  return visit_hazard(a, b, "/time", &b->time, PFC_N_CAUSES, err);
}

/* Proficiency is the first cause, and the only one. */
pfc_status pfc__visit_anyway(pfc__archive *a, pfc_bundle *b, pfc_error *err) {
  return visit_hazard(a, b, "/anyway", &b->anyway, PFC_PROFICIENT + 1, err);
}
