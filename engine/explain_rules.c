/* The rows of tables for which a rule speaks against a pair. */
#include <math.h>

#include "base/date.h"
#include "base/mem.h"
#include "engine/explain_internal.h"
#include "engine/rules_internal.h"

/* Who is asked about, as of the day. */
typedef struct asking {
  pfc_explainer *e;
  pfc_explanation *x;
  int32_t role, unit;
} asking;

static pfc_rule_fact fact_of(pfc_rule rule) {
  return (pfc_rule_fact){.rule = rule,
                         .row = -1,
                         .intervention = -1,
                         .competency = -1,
                         .role = -1,
                         .unit = -1,
                         .day = PFC_NO_DATE,
                         .asked = (double)NAN,
                         .have = (double)NAN};
}

static pfc_status add_fact(const asking *q, const pfc_rule_fact *fact, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(q->e->fact, q->e->fact_size, q->x->n_facts + 1);
  q->e->fact[q->x->n_facts++] = *fact;
done:
  return st;
}

/* Code of a row in a column that may be missing. */
static int32_t code_at(const int32_t *column, int64_t row) { return column ? column[row] : -1; }

/* --- tables ---------------------------------------------------------------------------------
 */

/* Rows that forbid it to the person, and those for which it is for some alone. */
static pfc_status add_eligibility(const asking *q, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dataset *ds = q->e->s->ds;
  const int32_t *of = pfc_dataset_codes(ds, PFC_ELIGIBILITY, "intervention_id");
  const int32_t *role = pfc_dataset_codes(ds, PFC_ELIGIBILITY, "role_id");
  const int32_t *unit = pfc_dataset_codes(ds, PFC_ELIGIBILITY, "unit_id");
  const int8_t *allow = pfc_dataset_flags(ds, PFC_ELIGIBILITY, "allow");
  for (int64_t k = 0; of && k < ds->tables[PFC_ELIGIBILITY].n_rows; k++) {
    if (of[k] != q->x->intervention) continue;
    pfc_rule_fact fact = fact_of(PFC_RULE_ELIGIBILITY);
    fact.row = k;
    fact.role = code_at(role, k);
    fact.unit = code_at(unit, k);
    fact.have = !allow || allow[k] != 0;
    const bool speaks =
        (fact.role < 0 || fact.role == q->role) && (fact.unit < 0 || fact.unit == q->unit);
    if (speaks || fact.have == 1) PFC_TRY(add_fact(q, &fact, err));
  }
done:
  return st;
}

static bool has_passed(const asking *q, int32_t intervention) {
  const pfc_scorer *s = q->e->s;
  int64_t from = 0;
  const int64_t to = pfc_history_attempts(s->history, q->x->person, s->as_of, &from);
  for (int64_t a = from; a < to; a++) {
    const pfc_attempt *at = &s->history->attempts[a];
    if (at->intervention == intervention && pfc_attempt_result(at, s->as_of) == 1) return true;
  }
  return false;
}

static pfc_status add_prerequisites(const asking *q, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dataset *ds = q->e->s->ds;
  const int32_t *of = pfc_dataset_codes(ds, PFC_PREREQUISITES, "intervention_id");
  const int32_t *before = pfc_dataset_codes(ds, PFC_PREREQUISITES, "requires_intervention_id");
  const int32_t *competency =
      pfc_dataset_codes(ds, PFC_PREREQUISITES, "requires_competency_id");
  const double *level = pfc_dataset_reals(ds, PFC_PREREQUISITES, "requires_level");
  for (int64_t k = 0; of && k < ds->tables[PFC_PREREQUISITES].n_rows; k++) {
    if (of[k] != q->x->intervention) continue;
    pfc_rule_fact fact = fact_of(PFC_RULE_PREREQUISITE);
    fact.row = k;
    fact.intervention = code_at(before, k);
    if (fact.intervention >= 0 && !has_passed(q, fact.intervention)) {
      PFC_TRY(add_fact(q, &fact, err));
    }
    if (code_at(competency, k) < 0 || !level || isnan(level[k])) continue;
    fact.intervention = -1;
    fact.competency = competency[k];
    fact.asked = level[k];
    fact.have = pfc__rules_p_held(q->e->s->rules, q->x->person, q->x->gaps, fact.competency,
                                  fact.asked);
    if (!(fact.have >= q->e->s->settings.rules.prerequisite_p))
      PFC_TRY(add_fact(q, &fact, err));
  }
done:
  return st;
}

/* Does the override speak of the person? Of rows that name person and unit, those of another
 * unit do not. */
static bool overrides(const asking *q, int32_t person, int32_t unit) {
  if (person >= 0 && person != q->x->person) return false;
  if (unit >= 0 && unit != q->unit) return false;
  return person >= 0 || unit >= 0;
}

/* Those in force that block it. */
static pfc_status add_overrides(const asking *q, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dataset *ds = q->e->s->ds;
  const int32_t *of = pfc_dataset_codes(ds, PFC_OVERRIDES, "intervention_id");
  const int32_t *person = pfc_dataset_codes(ds, PFC_OVERRIDES, "person_id");
  const int32_t *unit = pfc_dataset_codes(ds, PFC_OVERRIDES, "unit_id");
  const int32_t *expires = pfc_dataset_dates(ds, PFC_OVERRIDES, "expires_on");
  const int32_t day = q->e->s->as_of;
  for (int64_t k = 0; of && k < ds->tables[PFC_OVERRIDES].n_rows; k++) {
    pfc_rule_fact fact = fact_of(PFC_RULE_BLOCKED);
    fact.row = k;
    fact.unit = code_at(unit, k);
    fact.day = expires ? expires[k] : PFC_NO_DATE;
    const bool is_over = fact.day != PFC_NO_DATE && day != PFC_NO_DATE && fact.day < day;
    if (of[k] != q->x->intervention || q->e->s->rules->forces[k] || is_over) continue;
    if (overrides(q, code_at(person, k), fact.unit)) PFC_TRY(add_fact(q, &fact, err));
  }
done:
  return st;
}

/* The person's own last word. */
static pfc_status add_refusal(const asking *q, pfc_error *err) {
  const pfc_scorer *s = q->e->s;
  const pfc__places *p = &s->rules->declined;
  const pfc_column *at = pfc_dataset_column(s->ds, PFC_FEEDBACK, "at");
  for (int64_t k = p->start[q->x->person]; k < p->start[q->x->person + 1]; k++) {
    if (s->rules->answered[p->at[k]] != q->x->intervention) continue;
    pfc_rule_fact fact = fact_of(PFC_RULE_DECLINED);
    fact.row = p->at[k];
    fact.day = (int32_t)pfc_time_day(at->time[fact.row]);
    fact.asked = s->settings.rules.declined_rest_days;
    fact.have = s->as_of - fact.day;
    return add_fact(q, &fact, err);
  }
  return PFC_OK;
}

/* --- own past -------------------------------------------------------------------------------
 */

static bool runs(const asking *q, const pfc_attempt *a) {
  return pfc__rules_is_known(q->e->s->rules, a) && pfc__rules_is_under_way(q->e->s->rules, a);
}

static bool covers(const asking *q, const pfc_attempt *a) {
  const pfc_scorer *s = q->e->s;
  return pfc_attempt_result(a, s->as_of) == 1 &&
         pfc_catalogue_covers(s->cat, a->intervention, q->x->intervention);
}

static bool is_recent(const asking *q, const pfc_attempt *a) {
  const pfc_scorer *s = q->e->s;
  return a->started && a->start != PFC_NO_DATE && a->start < s->as_of &&
         s->as_of - a->start <= s->settings.rules.cool_down_days;
}

/* The person's attempts for which the rule speaks; those of this very intervention alone where
 * there is one, since of others the rule speaks by their number. */
static pfc_status add_attempts(const asking *q, pfc_rule rule,
                               bool (*matters)(const asking *, const pfc_attempt *),
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_scorer *s = q->e->s;
  const pfc_attempt *at = s->history->attempts;
  const int64_t from = s->history->first_attempt[q->x->person];
  const int64_t to = s->history->first_attempt[q->x->person + 1];
  bool is_it = false;
  for (int64_t a = from; a < to; a++) {
    is_it |= at[a].intervention == q->x->intervention && matters(q, &at[a]);
  }
  for (int64_t a = from; a < to; a++) {
    if (!matters(q, &at[a]) || (is_it && at[a].intervention != q->x->intervention)) continue;
    pfc_rule_fact fact = fact_of(rule);
    fact.row = at[a].row;
    fact.intervention = at[a].intervention;
    fact.day = at[a].start != PFC_NO_DATE ? at[a].start : at[a].registered;
    if (rule == PFC_RULE_COVERED && at[a].end != PFC_NO_DATE) fact.day = at[a].end;
    if (rule == PFC_RULE_COOL_DOWN) {
      fact.asked = s->settings.rules.cool_down_days;
      fact.have = s->as_of - at[a].start;
    }
    PFC_TRY(add_fact(q, &fact, err));
  }
done:
  return st;
}

/* --- the catalogue --------------------------------------------------------------------------
 */

/* What the catalogue alone says: dates, seats, effort. */
static pfc_status add_plain(const asking *q, pfc_rule rule, pfc_error *err) {
  const pfc_catalogue *cat = q->e->s->cat;
  const int32_t i = q->x->intervention, day = q->e->s->as_of;
  pfc_rule_fact fact = fact_of(rule);
  if (rule == PFC_RULE_CLOSED && cat->recurs_months[i] == 0) {
    const bool is_early = cat->opens_on[i] != PFC_NO_DATE && day < cat->opens_on[i];
    fact.day = is_early ? cat->opens_on[i] : cat->closes_on[i];
  }
  if (rule == PFC_RULE_FULL) pfc__rules_seats(q->e->s->rules, i, &fact.asked, &fact.have);
  if (rule == PFC_RULE_HOURS) {
    fact.asked = pfc__rules_load(cat, i);
    fact.have = q->e->ruling->hours_left;
  }
  return add_fact(q, &fact, err);
}

static pfc_status add_rule(const asking *q, pfc_rule rule, pfc_error *err) {
  switch (rule) {
    case PFC_RULE_ELIGIBILITY:
      return add_eligibility(q, err);
    case PFC_RULE_PREREQUISITE:
      return add_prerequisites(q, err);
    case PFC_RULE_BLOCKED:
      return add_overrides(q, err);
    case PFC_RULE_DECLINED:
      return add_refusal(q, err);
    case PFC_RULE_COVERED:
      return add_attempts(q, rule, covers, err);
    case PFC_RULE_UNDER_WAY:
      return add_attempts(q, rule, runs, err);
    case PFC_RULE_COOL_DOWN:
      return add_attempts(q, rule, is_recent, err);
    default:
      return add_plain(q, rule, err);
  }
}

pfc_status pfc__explain_rules(pfc_explainer *e, pfc_explanation *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  const asking q = {e, x, pfc_history_role(e->s->history, x->person, e->s->as_of),
                    pfc_history_unit(e->s->history, x->person, e->s->as_of)};
  const int32_t own = e->s->candidate_of[x->intervention];
  for (int r = 0; r < PFC_N_RULES; r++) {
    const int before = x->n_facts;
    if (!pfc_bit(e->ruling->broken[r], own)) continue;
    PFC_TRY(add_rule(&q, (pfc_rule)r, err));
    /* The rule knows why, even where no row of a table can be named. */
    const pfc_rule_fact bare = fact_of((pfc_rule)r);
    if (x->n_facts == before) PFC_TRY(add_fact(&q, &bare, err));
  }
  x->fact = e->fact;
done:
  return st;
}
