/* What may be recommended to whom. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "engine/candidates.h"
#include "trainer/policy_internal.h"

enum { BUSY = 3 }; /* so many under way leave no time for another: the simulator's law */

/* --- tables by intervention ----------------------------------------------------------------
 */

static pfc_status rows_of(const pfc__policy_rules *r, pfc_table_id table, pfc__rows_of *of,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *intervention = pfc_dataset_codes(r->ds, table, "intervention_id");
  const int64_t n = intervention ? r->ds->tables[table].n_rows : 0;
  const size_t n_items = (size_t)r->cat->n_interventions;
  PFC_NEW(of->start, n_items + 1);
  PFC_NEW(of->row, n);
  for (int64_t k = 0; k < n; k++) of->start[intervention[k] + 1]++;
  for (size_t i = 0; i < n_items; i++) of->start[i + 1] += of->start[i];
  for (int64_t k = 0; k < n; k++) of->row[of->start[intervention[k]]++] = k;
  /* Each start has moved on to the next one's: move them back. */
  memmove(of->start + 1, of->start, n_items * sizeof *of->start);
  of->start[0] = 0;
done:
  return st;
}

pfc_status pfc__policy_rules_init(pfc__policy_rules *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(rows_of(r, PFC_ELIGIBILITY, &r->eligibility, err));
  PFC_TRY(rows_of(r, PFC_PREREQUISITES, &r->prerequisites, err));
  PFC_TRY(rows_of(r, PFC_MANDATES, &r->mandates, err));
done:
  return st;
}

void pfc__policy_rules_clear(pfc__policy_rules *r) {
  pfc__rows_of *of[] = {&r->eligibility, &r->prerequisites, &r->mandates};
  for (int t = 0; t < 3; t++) {
    pfc_free(of[t]->start);
    pfc_free(of[t]->row);
  }
}

/* --- who they are --------------------------------------------------------------------------
 */

/* One person on the day. */
typedef struct who {
  const pfc__policy_rules *r;
  int32_t person; /* dataset code */
  int32_t row;    /* of the truth */
  int32_t role, unit;
  pfc_decision decision;
} who;

/* Does a row of that table speak of the person? A missing role or unit means every one. */
static bool speaks_of(const who *w, pfc_table_id table, int64_t row) {
  const int32_t *role = pfc_dataset_codes(w->r->ds, table, "role_id");
  const int32_t *unit = pfc_dataset_codes(w->r->ds, table, "unit_id");
  return (!role || role[row] < 0 || role[row] == w->role) &&
         (!unit || unit[row] < 0 || unit[row] == w->unit);
}

/* Let in where nothing is said, by a row that allows, and not by one that forbids; where rows
 * allow some, nobody else. */
static bool is_let_in(const who *w, int32_t i) {
  const pfc__rows_of *of = &w->r->eligibility;
  const int8_t *allow = pfc_dataset_flags(w->r->ds, PFC_ELIGIBILITY, "allow");
  bool is_closed = false, is_named = false;
  for (int64_t k = of->start[i]; k < of->start[i + 1]; k++) {
    const bool allows = !allow || allow[of->row[k]] != 0;
    const bool speaks = speaks_of(w, PFC_ELIGIBILITY, of->row[k]);
    if (!allows && speaks) return false;
    is_closed |= allows;
    is_named |= allows && speaks;
  }
  return !is_closed || is_named;
}

static bool is_mandated(const who *w, int32_t i) {
  const pfc__rows_of *of = &w->r->mandates;
  for (int64_t k = of->start[i]; k < of->start[i + 1]; k++)
    if (speaks_of(w, PFC_MANDATES, of->row[k])) return true;
  return false;
}

/* --- what they have done --------------------------------------------------------------------
 */

static bool has_passed(const who *w, int32_t i) {
  int64_t from = 0;
  const int64_t to = pfc_decision_attempts(w->r->history, &w->decision, &from);
  for (int64_t a = from; a < to; a++) {
    const pfc_attempt *at = &w->r->history->attempts[a];
    if (at->intervention == i && pfc_attempt_result(at, w->r->day) == 1) return true;
  }
  return false;
}

static bool is_ready(const who *w, int32_t i) {
  const pfc__policy_rules *r = w->r;
  const pfc__rows_of *of = &r->prerequisites;
  const int32_t *before =
      pfc_dataset_codes(r->ds, PFC_PREREQUISITES, "requires_intervention_id");
  const int32_t *competency =
      pfc_dataset_codes(r->ds, PFC_PREREQUISITES, "requires_competency_id");
  const double *level = pfc_dataset_reals(r->ds, PFC_PREREQUISITES, "requires_level");
  for (int64_t k = of->start[i]; k < of->start[i + 1]; k++) {
    const int64_t row = of->row[k];
    if (before && before[row] >= 0 && !has_passed(w, before[row])) return false;
    if (!competency || competency[row] < 0 || !level || isnan(level[row])) continue;
    const int32_t c = r->match->competency[competency[row]];
    if (pfc_truth_level(r->truth, w->row, c, r->day) < level[row]) return false;
  }
  return true;
}

static bool is_under_way(const who *w, const pfc_attempt *a) {
  return a->started && (a->end == PFC_NO_DATE || a->end >= w->r->day);
}

/* Forbids what is under way; returns how many. */
static int forbid_under_way(const who *w, uint8_t *allowed) {
  int n = 0;
  int64_t from = 0;
  const int64_t to = pfc_decision_attempts(w->r->history, &w->decision, &from);
  for (int64_t a = from; a < to; a++) {
    if (!is_under_way(w, &w->r->history->attempts[a])) continue;
    allowed[w->r->history->attempts[a].intervention] = 0;
    n++;
  }
  return n;
}

static bool may_be_led(const who *w, int32_t i) {
  const pfc__policy_rules *r = w->r;
  const int32_t row = r->match->intervention[i];
  return pfc_catalogue_is_open(r->cat, i, r->day) &&
         r->truth->load[row] <= r->truth->hours[w->row] && is_let_in(w, i) &&
         !is_mandated(w, i) && is_ready(w, i) &&
         !pfc_candidate_is_covered(r->history, r->cat, &w->decision, i);
}

void pfc__policy_allow(const pfc__policy_rules *r, int32_t person, uint8_t *allowed) {
  const int32_t n = r->cat->n_interventions;
  const who w = {.r = r,
                 .person = person,
                 .row = r->match->person[person],
                 .role = pfc_history_role(r->history, person, r->day),
                 .unit = pfc_history_unit(r->history, person, r->day),
                 .decision = {person, -1, -1, r->day, -1, -1}};
  for (int32_t i = 0; i < n; i++) allowed[i] = may_be_led(&w, i);
  if (forbid_under_way(&w, allowed) >= BUSY) memset(allowed, 0, (size_t)n);
}
