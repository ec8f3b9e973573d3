#include "trainer/truth_match.h"

#include <math.h>

#include "base/mem.h"

/* map[code] = row of the truth. Both must know the same ids: a truth with others says nothing
 * about this dataset. */
static pfc_status match_ids(const pfc_dataset *ds, const char *name, const pfc_dict *of_truth,
                            const char *noun, int32_t **map, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *dict = pfc_dataset_find_dict(ds, name);
  const int32_t n = dict ? pfc_dict_size(dict) : 0;
  PFC_NEW(*map, n);
  if (dict) pfc_dict_map(dict, of_truth, *map);
  for (int32_t code = 0; code < n; code++) {
    if ((*map)[code] >= 0) continue;
    return pfc_fail(err, PFC_EDATA,
                    "the truth is of another organisation: it knows no %s %.80s, which the "
                    "dataset has",
                    noun, pfc_dict_text(dict, code));
  }
  for (int32_t row = 0; row < pfc_dict_size(of_truth); row++) {
    const char *id = pfc_dict_text(of_truth, row);
    if (dict && pfc_dict_find(dict, id) >= 0) continue;
    return pfc_fail(err, PFC_EDATA,
                    "the truth is of another organisation: the dataset knows no %s %.80s, "
                    "which the truth has",
                    noun, id);
  }
done:
  return st;
}

bool pfc_truth_is_there(const pfc_truth *truth, int32_t person, int32_t day) {
  return pfc_truth_role(truth, person, day) >= 0 &&
         (truth->left_on[person] == PFC_NO_DATE || truth->left_on[person] > day);
}

int64_t pfc_truth_target(const pfc_truth *truth, int32_t intervention, int32_t competency) {
  for (int64_t k = truth->target_start[intervention]; k < truth->target_start[intervention + 1];
       k++)
    if (truth->target_competency[k] == competency) return k;
  return -1;
}

/* Ids of simulated organisations are numbers and prove little; levels of targets differ between
 * any two catalogues. */
static pfc_status match_targets(const pfc_truth_match *m, const pfc_catalogue *cat,
                                const pfc_truth *truth, pfc_error *err) {
  for (int32_t k = 0; k < cat->n_targets; k++) {
    const int32_t i = m->intervention[cat->intervention[k]];
    const int32_t c = cat->competency[k] < 0 ? -1 : m->competency[cat->competency[k]];
    const int64_t at = pfc_truth_target(truth, i, c);
    const double to = at < 0 ? (double)NAN : (double)truth->target_to[at];
    if (fabs(to - cat->to_level[k]) <= 1e-4 || (isnan(to) && at >= 0)) continue;
    return pfc_fail(err, PFC_EDATA,
                    "the truth is of another organisation: %.80s leads to level %g in its "
                    "target %d, in the truth to %g",
                    pfc_dict_text(truth->interventions, i), cat->to_level[k],
                    k - cat->first[cat->intervention[k]] + 1, to);
  }
  return PFC_OK;
}

/* Where the dataset tells of a last day, it is that of the truth. */
static pfc_status match_leaving(const pfc_truth_match *m, const pfc_history *h,
                                const pfc_truth *truth, pfc_error *err) {
  const int32_t *left_on = pfc_dataset_dates(h->ds, PFC_PEOPLE, "left_on");
  for (int32_t p = 0; left_on && p < h->n_people; p++) {
    const int32_t day = h->people_row[p] < 0 ? PFC_NO_DATE : left_on[h->people_row[p]];
    const int32_t row = m->person[p];
    if (day == PFC_NO_DATE || day == truth->left_on[row]) continue;
    return pfc_fail(err, PFC_EDATA,
                    "the truth is of another organisation: %.80s left on another day in the "
                    "dataset",
                    pfc_dict_text(truth->people, row));
  }
  return PFC_OK;
}

static bool has_begun(const pfc_truth_match *m, const pfc_history *h, int32_t person,
                      int32_t intervention) {
  for (int64_t a = h->first_attempt[person]; a < h->first_attempt[person + 1]; a++)
    if (m->intervention[h->attempts[a].intervention] == intervention) return true;
  return false;
}

/* The same people may have lived through another history, by other laws. */
static pfc_status match_gains(const pfc_truth_match *m, const pfc_history *h,
                              const pfc_truth *truth, pfc_error *err) {
  for (int32_t p = 0; p < h->n_people; p++) {
    const int32_t row = m->person[p];
    for (int64_t g = truth->gain_start[row]; g < truth->gain_start[row + 1]; g++) {
      if (has_begun(m, h, p, truth->gain_intervention[g])) continue;
      return pfc_fail(err, PFC_EDATA,
                      "the truth is of another organisation: in it %.80s learned from %.80s, "
                      "which the dataset says they never began",
                      pfc_dict_text(truth->people, row),
                      pfc_dict_text(truth->interventions, truth->gain_intervention[g]));
    }
  }
  return PFC_OK;
}

static pfc_status read_criticality(pfc_truth_match *m, const pfc_dataset *ds,
                                   const pfc_truth *truth, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *roles = pfc_dataset_find_dict(ds, "role");
  const int32_t *role = pfc_dataset_codes(ds, PFC_ROLES, "role_id");
  const double *criticality = pfc_dataset_reals(ds, PFC_ROLES, "criticality");
  PFC_NEW(m->criticality, truth->n_roles);
  for (int32_t r = 0; r < truth->n_roles; r++) m->criticality[r] = 1;
  if (!roles || !role || !criticality) return PFC_OK;
  for (int64_t k = 0; k < ds->tables[PFC_ROLES].n_rows; k++) {
    const int32_t r =
        role[k] < 0 ? -1 : pfc_dict_find(truth->roles, pfc_dict_text(roles, role[k]));
    if (r >= 0 && !isnan(criticality[k])) m->criticality[r] = criticality[k];
  }
done:
  return st;
}

pfc_status pfc_truth_match_init(pfc_truth_match *m, const pfc_history *history,
                                const pfc_catalogue *cat, const pfc_truth *truth,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dataset *ds = history->ds;
  *m = (pfc_truth_match){0};
  PFC_TRY(match_ids(ds, "person", truth->people, "person", &m->person, err));
  PFC_TRY(match_ids(ds, "intervention", truth->interventions, "intervention", &m->intervention,
                    err));
  PFC_TRY(match_ids(ds, "competency", truth->competencies, "competency", &m->competency, err));
  PFC_TRY(match_targets(m, cat, truth, err));
  PFC_TRY(match_leaving(m, history, truth, err));
  PFC_TRY(match_gains(m, history, truth, err));
  PFC_TRY(read_criticality(m, ds, truth, err));
done:
  if (st != PFC_OK) pfc_truth_match_clear(m);
  return st;
}

void pfc_truth_match_clear(pfc_truth_match *m) {
  pfc_free(m->person);
  pfc_free(m->intervention);
  pfc_free(m->competency);
  pfc_free(m->criticality);
  *m = (pfc_truth_match){0};
}
