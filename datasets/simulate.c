#include "datasets/simulate.h"

#include <string.h>

#include "base/par.h"
#include "datasets/simulate_internal.h"

/* 31 December 2025: a history that ends on a day of its own, whenever it is drawn. */
#define LAST_DAY 20453
#define DAYS_A_MONTH (365.2425 / 12)

typedef struct preset {
  const char *name;
  int32_t n_people, n_interventions, n_months, n_roles;
  bool hard;
} preset;

static const preset PRESETS[] = {
    {"small", 500, 150, 24, 12, false},
    {"medium", 5000, 400, 36, 40, false},
    {"large", 200000, 5000, 36, 120, false},
    {"hard", 5000, 400, 36, 40, true},
};

pfc_status pfc_simulate_preset(const char *name, pfc_simulate_settings *s, pfc_error *err) {
  for (size_t i = 0; i < sizeof PRESETS / sizeof *PRESETS; i++) {
    const preset *p = &PRESETS[i];
    if (strcmp(p->name, name) != 0) continue;
    *s = (pfc_simulate_settings){.struct_size = sizeof *s,
                                 .seed = 1,
                                 .n_people = p->n_people,
                                 .n_interventions = p->n_interventions,
                                 .n_months = p->n_months,
                                 .n_roles = p->n_roles,
                                 .last_day = LAST_DAY,
                                 .hard = p->hard,
                                 .drift_on = PFC_NO_DATE};
    return PFC_OK;
  }
  return pfc_fail(err, PFC_EUSAGE,
                  "preset '%s' is not known: small, medium, large or hard expected", name);
}

static pfc_status check_range(const char *name, double value, double min, double max,
                              pfc_error *err) {
  if (value >= min && value <= max) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "%s is %.15g, allowed is %.15g to %.15g", name, value, min,
                  max);
}

pfc_status pfc_simulate_check(const pfc_simulate_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "simulate settings: begin with pfc_simulate_preset()");
  PFC_TRY(check_range("people", s->n_people, 20, 10000000, err));
  PFC_TRY(check_range("interventions", s->n_interventions, 20, 100000, err));
  PFC_TRY(check_range("months", s->n_months, 3, 240, err));
  PFC_TRY(check_range("roles", s->n_roles, 2, 800, err));
  PFC_TRY(check_range("bias", s->bias, 0, 3, err));
  PFC_TRY(check_range("dirty", s->dirty, 0, 0.2, err));
done:
  return st;
}

int32_t pfc__sim_month_day(const pfc__sim *s, int month) {
  const int left = s->settings->n_months - month;
  return s->settings->last_day + 1 - (int32_t)lround(left * DAYS_A_MONTH);
}

pfc_status pfc__sim_words(pfc__sim *s, const char *dictionary, int n, const char *const *words,
                          int32_t *code, pfc_error *err) {
  pfc_dict *dict = pfc_dataset_dict(s->ds, dictionary);
  if (!dict) return pfc_fail_memory(err, dictionary);
  for (int w = 0; w < n; w++) {
    const pfc_status st = pfc_dict_add(dict, words[w], strlen(words[w]), &code[w], err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

typedef struct each_person {
  pfc__sim_person_fn fn;
  void *user;
} each_person;

static pfc_status call_for(int thread, int64_t person, void *user, pfc_error *err) {
  (void)thread;
  const each_person *each = user;
  return each->fn((int32_t)person, each->user, err);
}

pfc_status pfc__sim_each_person(const pfc__sim *s, pfc__sim_person_fn fn, void *user,
                                pfc_error *err) {
  each_person each = {fn, user};
  return pfc_par_each(s->truth->n_people, 64, 1, call_for, &each, err);
}

static pfc_status begin(pfc__sim *s, pfc_error *err) {
  const pfc_simulate_settings *set = s->settings;
  pfc_truth *t = s->truth;
  t->seed = set->seed;
  t->hard = set->hard;
  t->random = set->random;
  t->bias = set->bias;
  t->drift_on = set->drift_on;
  t->last_day = set->last_day;
  t->first_day = pfc__sim_month_day(s, 0);
  if (set->drift_on == PFC_NO_DATE ||
      (set->drift_on > t->first_day && set->drift_on <= t->last_day))
    return PFC_OK;
  char from[PFC_DATE_TEXT], to[PFC_DATE_TEXT];
  pfc_date_format(t->first_day, from);
  pfc_date_format(t->last_day, to);
  return pfc_fail(err, PFC_EUSAGE, "drift lies outside the history, %s to %s", from, to);
}

/* Ties go to the competency that comes first. */
static void find_core(const pfc_truth *t, int32_t role, int32_t *core) {
  const float *required = t->required + (int64_t)role * t->n_competencies;
  const float *importance = t->importance + (int64_t)role * t->n_competencies;
  int n = 0;
  for (int32_t c = 0; c < t->n_competencies; c++) {
    if (isnan(required[c]) || isnan(importance[c])) continue;
    int at = n;
    while (at > 0 && importance[core[at - 1]] < importance[c]) at--;
    if (at == PFC__SIM_CORE) continue;
    if (n < PFC__SIM_CORE) n++;
    for (int k = n - 1; k > at; k--) core[k] = core[k - 1];
    core[at] = c;
  }
  while (n < PFC__SIM_CORE) core[n++] = -1;
}

pfc_status pfc__sim_core(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(s->core, s->truth->n_roles * PFC__SIM_CORE);
  for (int32_t r = 0; r < s->truth->n_roles; r++)
    find_core(s->truth, r, s->core + (ptrdiff_t)r * PFC__SIM_CORE);
done:
  return st;
}

static pfc_status roles_and_core(pfc__sim *s, pfc_error *err) {
  const pfc_status st = pfc__sim_frame(s, err);
  return st == PFC_OK ? pfc__sim_core(s, err) : st;
}

typedef struct part {
  const char *stage;
  pfc_status (*run)(pfc__sim *s, pfc_error *err);
} part;

static const part PARTS[] = {{"roles", roles_and_core},
                             {"catalogue", pfc__sim_catalogue},
                             {"people", pfc__sim_people},
                             {"history", pfc__sim_history},
                             {"assessments", pfc__sim_assessments},
                             {"work", pfc__sim_work},
                             {"defects", pfc__sim_dirt}};
enum { N_PARTS = sizeof PARTS / sizeof *PARTS };

pfc_status pfc_simulate(const pfc_dataset *frame, const pfc_simulate_settings *settings,
                        pfc_dataset **ds, pfc_truth **truth, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__sim s = {.settings = settings, .frame = frame};
  PFC_TRY(pfc_simulate_check(settings, err));
  s.ds = pfc_dataset_create();
  s.truth = pfc_truth_create();
  if (!s.ds || !s.truth) {
    st = pfc_fail_memory(err, "a simulated organisation");
    goto done;
  }
  PFC_TRY(begin(&s, err));
  for (int p = 0; p < N_PARTS; p++) {
    PFC_TRY(PARTS[p].run(&s, err));
    PFC_TRY(pfc_progress_report(&settings->progress, PARTS[p].stage, 1, 1, (double)NAN, err));
  }
  *ds = s.ds;
  *truth = s.truth;
  s.ds = NULL;
  s.truth = NULL;
done:
  pfc_dataset_destroy(s.ds);
  pfc_truth_destroy(s.truth);
  pfc__sim_clear(&s);
  return st;
}

void pfc__sim_clear(pfc__sim *s) {
  pfc_free(s->role_family);
  pfc_free(s->role_zone);
  pfc_free(s->core);
  pfc_free(s->kind);
  pfc_free(s->provider);
  pfc_free(s->opens_on);
  pfc_free(s->closes_on);
  pfc_free(s->recurs_months);
  pfc_free(s->seats);
  pfc_free(s->requires_intervention);
  pfc_free(s->requires_competency);
  pfc_free(s->requires_level);
  pfc_free(s->only_family);
  pfc_free(s->mandated_family);
  pfc_free(s->mandate_months);
  pfc_free(s->hired_on);
  pfc_free(s->unit);
  pfc_free(s->manager);
  pfc_free(s->position_unit);
  pfc_free(s->position_manager);
}
