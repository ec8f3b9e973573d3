#include "engine/rules.h"

#include <math.h>

#include "base/mem.h"
#include "engine/rules_internal.h"

const char *pfc_rule_name(pfc_rule rule) {
  static const char *const NAMES[PFC_N_RULES] = {
      [PFC_RULE_CLOSED] = "closed",
      [PFC_RULE_FULL] = "full",
      [PFC_RULE_ELIGIBILITY] = "eligibility",
      [PFC_RULE_PREREQUISITE] = "prerequisite",
      [PFC_RULE_COVERED] = "covered",
      [PFC_RULE_UNDER_WAY] = "under_way",
      [PFC_RULE_HOURS] = "hours",
      [PFC_RULE_COOL_DOWN] = "cool_down",
      [PFC_RULE_DECLINED] = "declined",
      [PFC_RULE_BLOCKED] = "blocked",
  };
  return NAMES[rule];
}

void pfc_rule_defaults(pfc_rule_settings *s) {
  *s = (pfc_rule_settings){.struct_size = sizeof *s,
                           .prerequisite_p = 0.5,
                           .declined_rest_days = 90,
                           .most_under_way = 3,
                           .due_days = 90};
}

static pfc_status check_days(const char *name, int32_t days, pfc_error *err) {
  if (days >= 0 && days <= 3650) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "%s: 0 to 3650 expected, not %d", name, days);
}

pfc_status pfc_rule_check(const pfc_rule_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "rule settings: start from pfc_rule_defaults()");
  if (!(s->prerequisite_p >= 0 && s->prerequisite_p <= 1)) {
    return pfc_fail(err, PFC_EUSAGE, "prerequisite_p: 0 to 1 expected, not %g",
                    s->prerequisite_p);
  }
  if (s->most_under_way < 1 || s->most_under_way > 1000) {
    return pfc_fail(err, PFC_EUSAGE, "most_under_way: 1 to 1000 expected, not %d",
                    s->most_under_way);
  }
  PFC_TRY(check_days("cool_down_days", s->cool_down_days, err));
  PFC_TRY(check_days("declined_rest_days", s->declined_rest_days, err));
  PFC_TRY(check_days("due_days", s->due_days, err));
done:
  return st;
}

/* --- create --------------------------------------------------------------------------------
 */

static bool some_end(const pfc_history *h) {
  for (int64_t k = 0; k < h->first_attempt[h->n_people]; k++)
    if (h->attempts[k].end != PFC_NO_DATE) return true;
  return false;
}

static void read_columns(pfc_rules *r) {
  const pfc_dict *words = pfc_dataset_find_dict(r->ds, "status");
  r->status = pfc_dataset_codes(r->ds, PFC_ENROLMENTS, "status");
  r->completed = words ? pfc_dict_find(words, "completed") : -1;
  r->dropped = words ? pfc_dict_find(words, "dropped") : -1;
  r->has_ends = some_end(r->history);
  r->hours = pfc_dataset_reals(r->ds, PFC_PEOPLE, "hours_per_week");
  r->valid_until = pfc_dataset_dates(r->ds, PFC_ASSESSMENTS, "valid_until");
}

static pfc_status place_candidates(pfc_rules *r, const int32_t *candidates, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(r->candidate_of, r->cat->n_interventions);
  PFC_NEW(r->all, r->n_words);
  for (int32_t i = 0; i < r->cat->n_interventions; i++) r->candidate_of[i] = -1;
  for (int32_t j = 0; j < r->n; j++) {
    r->candidate_of[candidates[j]] = j;
    pfc__set_bit(r->all, j);
  }
done:
  return st;
}

static pfc_status build(pfc_rules *r, const int32_t *candidates, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(place_candidates(r, candidates, err));
  read_columns(r);
  PFC_TRY(pfc__rules_eligibility(r, err));
  PFC_TRY(pfc__rules_mandates(r, err));
  PFC_TRY(pfc__rules_overrides(r, err));
  PFC_TRY(pfc__rules_declined(r, err));
  PFC_TRY(pfc__rules_prerequisites(r, err));
  PFC_TRY(pfc__rules_covers(r, err));
  PFC_TRY(pfc__rules_runs(r, err));
  PFC_TRY(pfc__rules_loads(r, err));
done:
  return st;
}

pfc_status pfc_rules_create(const pfc_rules_world *world, int32_t n, const int32_t *candidates,
                            const pfc_rule_settings *settings, pfc_rules **rules,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_rules *r = NULL;
  PFC_TRY(pfc_rule_check(settings, err));
  PFC_NEW(r, 1);
  r->ds = world->ds;
  r->history = world->history;
  r->cat = world->cat;
  r->gaps = world->gaps;
  r->settings = *settings;
  r->as_of = world->as_of;
  r->n = n;
  r->n_words = (n + 63) / 64;
  r->n_competencies = pfc_dataset_count(r->ds, "competency");
  PFC_TRY(build(r, candidates, err));
  *rules = r;
  r = NULL;
done:
  pfc_rules_destroy(r);
  return st;
}

void pfc_rules_destroy(pfc_rules *r) {
  if (!r) return;
  pfc_free(r->candidate_of);
  pfc_free(r->all);
  pfc_free(r->closed);
  pfc_free(r->full);
  pfc_free(r->taken);
  pfc_free(r->chosen);
  pfc_free(r->allow.key);
  pfc_free(r->allow.bits);
  pfc_free(r->deny.key);
  pfc_free(r->deny.bits);
  pfc_free(r->mandates.at);
  pfc_free(r->by_unit.at);
  pfc_free(r->forces);
  pfc__places_clear(&r->by_person);
  pfc__places_clear(&r->declined);
  pfc_free(r->before.asks);
  pfc__places_clear(&r->before.passed);
  pfc__places_clear(&r->before.opens);
  pfc_free(r->before.level);
  pfc_free(r->before.competency);
  pfc__places_clear(&r->before.barred);
  pfc__places_clear(&r->covers);
  pfc_free(r->loads.load);
  pfc_free(r->loads.at);
  pfc_free(r->loads.heavy);
  pfc_free(r);
}
