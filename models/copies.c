/* Copies of models that stay as they were. */
#include <string.h>

#include "base/mem.h"
#include "models/bundle.h"

/* to = a copy of n elements; NULL stays NULL. Needs: pfc_status st; pfc_error *err; done. */
#define COPY(to, from, n)                                                     \
  do {                                                                        \
    (to) = NULL;                                                              \
    if (!(from)) break;                                                       \
    PFC_NEW(to, n);                                                           \
    memcpy((void *)(to), (const void *)(from), (size_t)(n) * sizeof *(from)); \
  } while (0)

pfc_status pfc_affinity_copy(const pfc_affinity *m, pfc_affinity *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_affinity to = *m;
  const size_t k = (size_t)m->rank;
  to.item_count = NULL;
  to.people = to.items = to.person_prior = to.item_prior = NULL;
  to.person_features = to.item_features = NULL;
  COPY(to.item_count, m->item_count, m->n_items);
  COPY(to.people, m->people, (size_t)m->n_people * k);
  COPY(to.items, m->items, (size_t)m->n_items * k);
  COPY(to.person_prior, m->person_prior, (size_t)m->person_features->n_columns * k);
  COPY(to.item_prior, m->item_prior, (size_t)m->item_features->n_columns * k);
  PFC_TRY(pfc_features_copy(m->person_features, &to.person_features, err));
  PFC_TRY(pfc_features_copy(m->item_features, &to.item_features, err));
  *out = to;
  to = (pfc_affinity){0};
done:
  pfc_affinity_clear(&to);
  return st;
}

static pfc_status copy_strengths(const pfc_strengths *s, pfc_strengths *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int32_t k = 0; k < s->n; k++)
    PFC_TRY(pfc_strengths_add(out, s->at[k].group, s->at[k].value, err));
done:
  return st;
}

pfc_status pfc_chance_copy(const pfc_chance *m, pfc_chance *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_chance to = *m;
  const pfc_ledger none = {0};
  to.features = NULL;
  to.coef = to.theta = NULL;
  to.posterior = (pfc_posterior){0};
  to.ledger = (pfc_ledger){0};
  to.strengths = (pfc_strengths){0};
  COPY(to.coef, m->coef, m->features->n_columns);
  COPY(to.theta, m->theta, m->rank);
  PFC_TRY(pfc_features_copy(m->features, &to.features, err));
  PFC_TRY(pfc_posterior_copy(&m->posterior, &to.posterior, err));
  PFC_TRY(pfc_ledger_join(&m->ledger, &none, &to.ledger, err));
  PFC_TRY(copy_strengths(&m->strengths, &to.strengths, err));
  *out = to;
  to = (pfc_chance){0};
done:
  pfc_chance_clear(&to);
  return st;
}

/* --- hazards ------------------------------------------------------------------------------ */

/* The same numbers and no array yet. */
static pfc_hazard without_arrays(const pfc_hazard *m) {
  pfc_hazard to = *m;
  to.features = NULL;
  to.group_of = NULL;
  to.strengths = (pfc_strengths){0};
  to.ledger = (pfc_ledger){0};
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    to.clock[r].column = NULL;
    to.clock[r].edge = to.baseline[r] = to.coef[r] = NULL;
    to.posterior[r] = (pfc_posterior){0};
  }
  return to;
}

static pfc_status copy_cause(const pfc_hazard *m, pfc_cause cause, pfc_hazard *to,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_clock *clock = &m->clock[cause];
  if (clock->column && !(to->clock[cause].column = pfc_strdup(clock->column)))
    return pfc_fail_memory(err, "clock");
  COPY(to->clock[cause].edge, clock->edge, clock->n_bins + 1);
  COPY(to->baseline[cause], m->baseline[cause], pfc_hazard_n_baseline(m, cause));
  COPY(to->coef[cause], m->coef[cause], m->features->n_columns);
  PFC_TRY(pfc_posterior_copy(&m->posterior[cause], &to->posterior[cause], err));
done:
  return st;
}

pfc_status pfc_hazard_copy(const pfc_hazard *m, pfc_hazard *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_hazard to = without_arrays(m);
  const pfc_ledger none = {0};
  COPY(to.group_of, m->group_of, m->n_competencies);
  PFC_TRY(pfc_features_copy(m->features, &to.features, err));
  for (int r = 0; r < PFC_N_CAUSES; r++) PFC_TRY(copy_cause(m, (pfc_cause)r, &to, err));
  PFC_TRY(copy_strengths(&m->strengths, &to.strengths, err));
  PFC_TRY(pfc_ledger_join(&m->ledger, &none, &to.ledger, err));
  *out = to;
  to = (pfc_hazard){0};
done:
  pfc_hazard_clear(&to);
  return st;
}
