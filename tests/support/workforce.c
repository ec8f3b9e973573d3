#include "tests/support/workforce.h"

#include <math.h>
#include <unistd.h>

#include "datasets/quality.h"
#include "datasets/storage.h"
#include "tests/support/tables.h"
#include "tests/support/test.h"

pfc_simulate_settings workforce_settings(uint64_t seed, int32_t n_people, bool hard) {
  pfc_simulate_settings s;
  assert_ok(pfc_simulate_preset(hard ? "hard" : "medium", &s, &err));
  s.seed = seed;
  s.n_people = n_people;
  return s;
}

static const int32_t FAMILIES[] = {15, 11, 43, 51};

static pfc_status name_all(pfc__sim *s, const char *dictionary, pfc_dict *truth,
                           const char *letter, int n, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < n; k++) {
    char id[16];
    int32_t code;
    const char *text = id;
    (void)snprintf(id, sizeof id, "%s%d", letter, k);
    PFC_TRY(pfc__sim_words(s, dictionary, 1, &text, &code, err));
    PFC_TRY(pfc_dict_add(truth, id, strlen(id), &code, err));
  }
done:
  return st;
}

static pfc_status own_table(pfc__sim *s, pfc_table_id table, const char *key, int n,
                            pfc_error *err) {
  pfc_column *column;
  pfc_type type;
  char dictionary[PFC_DICT_NAME];
  (void)pfc_schema_takes(pfc_schema(table), key, &type, dictionary);
  const pfc_status st =
      pfc_dataset_add_column(s->ds, table, key, type, dictionary, n, &column, err);
  for (int k = 0; st == PFC_OK && k < n; k++) column->code[k] = k;
  return st;
}

/* Required are all but every fifth; the most important first in `core`. */
static void fill_roles(pfc__sim *s) {
  const pfc_truth *t = s->truth;
  for (int r = 0; r < WORKFORCE_ROLES; r++) {
    s->role_family[r] = FAMILIES[r / 4];
    s->role_zone[r] = 2 + r % 4;
    int n = 0;
    for (int k = 0; k < PFC__SIM_CORE; k++) s->core[r * PFC__SIM_CORE + k] = -1;
    for (int c = 0; c < WORKFORCE_COMPETENCIES; c++) {
      const int at = r * WORKFORCE_COMPETENCIES + c;
      pfc_rng rng = pfc__sim_stream(s, "test.required", (uint64_t)at);
      const bool is_required = (r + c) % 5 != 0;
      t->required[at] = is_required ? (float)pfc__sim_between(&rng, 1.5, 5.5) : NAN;
      t->importance[at] = is_required ? (float)(1 - 0.05 * c) : NAN;
      if (is_required && n < PFC__SIM_CORE) s->core[r * PFC__SIM_CORE + n++] = c;
    }
  }
  for (int c = 0; c < WORKFORCE_COMPETENCIES; c++) t->half_life[c] = 1000;
}

static pfc_status fill_frame(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_truth *t = s->truth;
  enum { N_CELLS = WORKFORCE_ROLES * WORKFORCE_COMPETENCIES };
  t->n_roles = WORKFORCE_ROLES;
  t->n_competencies = WORKFORCE_COMPETENCIES;
  t->n_interventions = WORKFORCE_INTERVENTIONS;
  s->ds->scale_max = 7;
  PFC_TRY(name_all(s, "role", t->roles, "r", WORKFORCE_ROLES, err));
  PFC_TRY(name_all(s, "competency", t->competencies, "c", WORKFORCE_COMPETENCIES, err));
  PFC_TRY(name_all(s, "intervention", t->interventions, "i", WORKFORCE_INTERVENTIONS, err));
  PFC_TRY(own_table(s, PFC_ROLES, "role_id", WORKFORCE_ROLES, err));
  PFC_TRY(own_table(s, PFC_COMPETENCIES, "competency_id", WORKFORCE_COMPETENCIES, err));
  PFC_TRY(own_table(s, PFC_INTERVENTIONS, "intervention_id", WORKFORCE_INTERVENTIONS, err));
  PFC_NEW(t->required, N_CELLS);
  PFC_NEW(t->importance, N_CELLS);
  PFC_NEW(t->half_life, WORKFORCE_COMPETENCIES);
  PFC_NEW(s->role_family, WORKFORCE_ROLES);
  PFC_NEW(s->role_zone, WORKFORCE_ROLES);
  PFC_NEW(s->core, WORKFORCE_ROLES * PFC__SIM_CORE);
  PFC_NEW(s->only_family, WORKFORCE_INTERVENTIONS);
  fill_roles(s);
  for (int i = 0; i < WORKFORCE_INTERVENTIONS; i++) s->only_family[i] = i % 3 ? -1 : 15;
done:
  return st;
}

pfc_status workforce_begin(pfc__sim *s, const pfc_simulate_settings *settings, pfc_error *err) {
  *s = (pfc__sim){.settings = settings};
  s->ds = pfc_dataset_create();
  s->truth = pfc_truth_create();
  if (!s->ds || !s->truth) return pfc_fail_memory(err, "a simulated organisation");
  s->truth->seed = settings->seed;
  s->truth->hard = settings->hard;
  s->truth->bias = settings->bias;
  s->truth->drift_on = PFC_NO_DATE;
  s->truth->last_day = settings->last_day;
  s->truth->first_day = pfc__sim_month_day(s, 0);
  return fill_frame(s, err);
}

pfc_status workforce_people(pfc__sim *s, const pfc_simulate_settings *settings,
                            pfc_error *err) {
  const pfc_status st = workforce_begin(s, settings, err);
  return st == PFC_OK ? pfc__sim_people(s, err) : st;
}

pfc_status workforce_work(pfc__sim *s, const pfc_simulate_settings *settings, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(workforce_people(s, settings, err));
  PFC_NEW(s->truth->gain_start, settings->n_people + 1);
  PFC_NEW(s->truth->gain_day, 0);
  PFC_NEW(s->truth->gain_competency, 0);
  PFC_NEW(s->truth->gain, 0);
  PFC_TRY(pfc__sim_work(s, err));
done:
  return st;
}

void workforce_clear(pfc__sim *s) {
  pfc_dataset_destroy(s->ds);
  pfc_truth_destroy(s->truth);
  pfc__sim_clear(s);
}

void workforce_is_sound(const pfc__sim *s, const char *const *names) {
  static const char PATH[] = "workforce.h5";
  pfc_quality *q;
  pfc_quality_settings set;
  pfc_quality_defaults(&set);
  set.as_of = s->truth->last_day;
  assert_ok(pfc_quality_create(s->ds, &set, &q, &err));
  for (int k = 0; k < q->n_findings; k++) {
    const pfc_quality_finding *f = &q->findings[k];
    bool is_asked = false;
    for (int i = 0; names[i]; i++) is_asked |= strcmp(f->name, names[i]) == 0;
    if (f->n > 0 || (is_asked && (!f->is_checked || f->of == 0)))
      fail_msg("%s: %lld of %lld rows (%s%s)", f->name, (long long)f->n, (long long)f->of,
               f->n > 0 ? f->example[0].text : "", f->lacks);
  }
  pfc_quality_destroy(q);
  assert_ok(pfc_dataset_save(s->ds, PATH, &err));
  (void)unlink(PATH);
}

pfc__sim workforce_drawn(const pfc_simulate_settings *settings) {
  pfc__sim s;
  assert_ok(workforce_people(&s, settings, &err));
  return s;
}

void workforce_z(const char *what, double z) {
  if (!(fabs(z) < 4.9)) fail_msg("%s: z = %.2f", what, z);
}
