/* Roles, competencies and requirements of the organisation: occupations of the framework as
 * they are published, and what an organisation adds to them. */
#include <stdio.h>
#include <string.h>

#include "datasets/columns_internal.h"
#include "datasets/simulate_choice_internal.h"
#include "datasets/simulate_columns_internal.h"

#define SCALE_MIN 0.0
#define SCALE_MAX 7.0 /* the laws of datasets/truth.h are made for this scale */

/* Where rows of the framework went. */
typedef struct choice {
  int32_t *role; /* n_roles: role of the framework, by row of the new table */
  int32_t *competency;
  int32_t n_roles, n_competencies;
  int32_t *row_of_role, *row_of_competency; /* the inverse; -1 not taken */
} choice;

static void choice_clear(choice *c) {
  pfc_free(c->role);
  pfc_free(c->competency);
  pfc_free(c->row_of_role);
  pfc_free(c->row_of_competency);
}

static pfc_status check_frame(const pfc_dataset *frame, pfc_error *err) {
  static const struct {
    pfc_table_id table;
    const char *column;
  } NEEDED[] = {{PFC_ROLES, "role_id"},
                {PFC_ROLES, "family"},
                {PFC_COMPETENCIES, "competency_id"},
                {PFC_REQUIREMENTS, "role_id"},
                {PFC_REQUIREMENTS, "competency_id"},
                {PFC_REQUIREMENTS, "level"}};
  for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++)
    if (!pfc_dataset_column(frame, NEEDED[i].table, NEEDED[i].column))
      return pfc_fail(err, PFC_EDATA,
                      "the framework's table %s has no column %s; import one with preset onet",
                      pfc_schema(NEEDED[i].table)->name, NEEDED[i].column);
  if (frame->scale_min == SCALE_MIN && frame->scale_max == SCALE_MAX) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "the framework's levels go from %g to %g; expected %g to %g",
                  frame->scale_min, frame->scale_max, SCALE_MIN, SCALE_MAX);
}

/* --- choice ------------------------------------------------------------------------------ */

static void invert(const int32_t *taken, int32_t n, int32_t *row_of, int32_t n_codes) {
  for (int32_t k = 0; k < n_codes; k++) row_of[k] = -1;
  for (int32_t k = 0; k < n; k++) row_of[taken[k]] = k;
}

/* Every competency that the framework requires of some role, in its order: groups of
 * competencies are required of nobody. */
static void take_competencies(const pfc_dataset *frame, choice *c) {
  const int32_t *required = pfc_dataset_codes(frame, PFC_REQUIREMENTS, "competency_id");
  for (int64_t r = 0; r < frame->tables[PFC_REQUIREMENTS].n_rows; r++)
    c->row_of_competency[required[r]] = 1;
  for (int32_t k = 0; k < (int32_t)frame->tables[PFC_COMPETENCIES].n_rows; k++)
    if (c->row_of_competency[k]) c->competency[c->n_competencies++] = k;
}

static pfc_status choose(const pfc__sim *s, choice *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_roles = pfc_dataset_count(s->frame, "role");
  const int32_t n_competencies = pfc_dataset_count(s->frame, "competency");
  c->n_roles = s->settings->n_roles;
  PFC_NEW(c->role, c->n_roles);
  PFC_NEW(c->row_of_role, n_roles);
  PFC_NEW(c->competency, n_competencies);
  PFC_NEW(c->row_of_competency, n_competencies);
  PFC_TRY(pfc__sim_choose(s, c->role, err));
  take_competencies(s->frame, c);
  invert(c->role, c->n_roles, c->row_of_role, n_roles);
  invert(c->competency, c->n_competencies, c->row_of_competency, n_competencies);
done:
  return st;
}

/* --- tables ------------------------------------------------------------------------------ */

/* The framework's column of that name, of the rows taken; nothing where it has none. */
static pfc_status copy_words(const pfc__sim *s, pfc_table_id table, const char *name,
                             const int32_t *rows, int32_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *to = NULL;
  const pfc_column *from = pfc_dataset_column(s->frame, table, name);
  if (!from) return PFC_OK;
  PFC_TRY(pfc__sim_column(s, table, name, n, &to, err));
  for (int32_t k = 0; k < n; k++) {
    const int32_t code = from->code[rows[k]];
    if (code >= 0) PFC_TRY(pfc__sim_word(to, k, pfc_dict_text(from->dict, code), err));
  }
done:
  return st;
}

/* What an organisation knows of a role and the framework does not. */
typedef struct role_facts {
  double criticality, hire_cost, hire_days, ramp_days;
  int32_t vacancies;
} role_facts;

/* The higher the job zone, the dearer a hire and the longer until it pays. */
static role_facts draw_facts(const pfc__sim *s, int32_t row, const char *id) {
  const double zone = s->role_zone[row];
  const double people = (double)s->settings->n_people / s->settings->n_roles;
  pfc_rng rng = pfc__sim_stream(s, "frame.facts", pfc_rng_id(id));
  role_facts f;
  f.criticality = round(10 + 90 * pow(pfc_rng_uniform(&rng), 1.3)) / 100;
  f.vacancies = (int32_t)(people * 0.04 * -log(1 - pfc_rng_uniform(&rng)));
  f.hire_cost = 100 * round(pfc__sim_lognormal(&rng, 18 * pow(1.7, zone), 0.2));
  f.hire_days = round(pfc__sim_lognormal(&rng, 22 + 11 * zone, 0.15));
  f.ramp_days = round(pfc__sim_lognormal(&rng, 15 + 30 * zone, 0.15));
  return f;
}

static pfc_status add_facts(pfc__sim *s, pfc_error *err) {
  static const char *const NAMES[] = {"criticality", "hire_cost", "hire_days", "ramp_days",
                                      "x_job_zone"};
  enum { N = sizeof NAMES / sizeof *NAMES };
  pfc_status st = PFC_OK;
  double *real[N];
  pfc_column *column = NULL;
  const int32_t n = s->truth->n_roles;
  for (int k = 0; k < N; k++) {
    PFC_TRY(pfc__sim_column(s, PFC_ROLES, NAMES[k], n, &column, err));
    real[k] = column->real; /* stays where it is when columns are added */
  }
  PFC_TRY(pfc__sim_column(s, PFC_ROLES, "vacancies", n, &column, err));
  for (int32_t r = 0; r < n; r++) {
    const role_facts f = draw_facts(s, r, pfc_dict_text(s->truth->roles, r));
    const double facts[N] = {f.criticality, f.hire_cost, f.hire_days, f.ramp_days,
                             s->role_zone[r]};
    for (int k = 0; k < N; k++) real[k][r] = facts[k];
    column->i32[r] = f.vacancies;
  }
done:
  return st;
}

static pfc_status add_roles(pfc__sim *s, const choice *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *family = pfc_dataset_column(s->frame, PFC_ROLES, "family");
  PFC_NEW(s->role_family, c->n_roles);
  PFC_NEW(s->role_zone, c->n_roles);
  PFC_TRY(copy_words(s, PFC_ROLES, "role_id", c->role, c->n_roles, err));
  PFC_TRY(copy_words(s, PFC_ROLES, "title", c->role, c->n_roles, err));
  PFC_TRY(copy_words(s, PFC_ROLES, "family", c->role, c->n_roles, err));
  PFC_TRY(copy_words(s, PFC_ROLES, "framework_ref", c->role, c->n_roles, err));
  for (int32_t r = 0; r < c->n_roles; r++) {
    const int32_t role = c->role[r];
    s->role_family[r] = pfc__sim_group(pfc_dict_text(family->dict, family->code[role]));
    s->role_zone[r] = pfc__sim_zone(s->frame, role);
  }
  PFC_TRY(add_facts(s, err));
done:
  return st;
}

/* Knowledge is forgotten within a few years, conduct hardly ever. */
static double typical_half_life(const char *kind) {
  static const double YEAR = 365.2425;
  if (strcmp(kind, "knowledge") == 0) return 2 * YEAR;
  return strcmp(kind, "behavioural") == 0 ? 8 * YEAR : 4 * YEAR;
}

static pfc_status add_competencies(pfc__sim *s, const choice *c, pfc_error *err) {
  static const char *const WORDS[] = {"competency_id", "name", "kind", "description"};
  pfc_status st = PFC_OK;
  pfc_truth *t = s->truth;
  pfc_column *column = NULL;
  for (size_t k = 0; k < sizeof WORDS / sizeof *WORDS; k++)
    PFC_TRY(copy_words(s, PFC_COMPETENCIES, WORDS[k], c->competency, c->n_competencies, err));
  PFC_TRY(
      pfc__sim_column(s, PFC_COMPETENCIES, "half_life_days", c->n_competencies, &column, err));
  const pfc_column *kind = pfc_dataset_column(s->ds, PFC_COMPETENCIES, "kind");
  for (int32_t k = 0; k < c->n_competencies; k++) {
    const uint64_t id = pfc_rng_id(pfc_dict_text(t->competencies, k));
    const char *word = kind ? pfc_dict_text(kind->dict, kind->code[k]) : "";
    pfc_rng rng = pfc__sim_stream(s, "frame.half_life", id);
    column->real[k] = round(pfc__sim_lognormal(&rng, typical_half_life(word), 0.2));
    t->half_life[k] = (float)column->real[k];
  }
done:
  return st;
}

/* --- requirements ------------------------------------------------------------------------- */

/* A few of those that matter are demanded by law. */
static int8_t draw_compliance(const pfc__sim *s, const char *role, const char *competency,
                              double level, double importance) {
  char id[160];
  (void)snprintf(id, sizeof id, "%s %s", role, competency);
  pfc_rng rng = pfc__sim_stream(s, "frame.compliance", pfc_rng_id(id));
  return level >= 3 && importance >= 0.5 && pfc_rng_uniform(&rng) < 0.02;
}

/* Columns of a table of requirements, published or ours. */
typedef struct required {
  int32_t *role, *competency;
  double *level, *importance, *level_se;
  int8_t *compliance;
} required;

static pfc_status add_requirement_columns(pfc__sim *s, int64_t n, required *to,
                                          pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *column = NULL;
  const pfc_table_id t = PFC_REQUIREMENTS;
  PFC_TRY(pfc__sim_column(s, t, "role_id", n, &column, err));
  to->role = column->code;
  PFC_TRY(pfc__sim_column(s, t, "competency_id", n, &column, err));
  to->competency = column->code;
  PFC_TRY(pfc__sim_column(s, t, "level", n, &column, err));
  to->level = column->real;
  PFC_TRY(pfc__sim_column(s, t, "importance", n, &column, err));
  to->importance = column->real;
  PFC_TRY(pfc__sim_column(s, t, "level_se", n, &column, err));
  to->level_se = column->real;
  PFC_TRY(pfc__sim_column(s, t, "compliance", n, &column, err));
  to->compliance = column->flag;
done:
  return st;
}

/* As published, a level that is not relevant for the role included; importances that were left
 * out for their low precision count as none in the truth. */
static void put_requirement(pfc__sim *s, const required *to, int64_t n) {
  pfc_truth *t = s->truth;
  const int32_t r = to->role[n], c = to->competency[n];
  const double importance = isnan(to->importance[n]) ? 0 : to->importance[n];
  to->compliance[n] =
      draw_compliance(s, pfc_dict_text(t->roles, r), pfc_dict_text(t->competencies, c),
                      to->level[n], importance);
  t->required[(int64_t)r * t->n_competencies + c] = (float)to->level[n];
  t->importance[(int64_t)r * t->n_competencies + c] = (float)importance;
}

static pfc_status add_requirements(pfc__sim *s, const choice *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  required to;
  const pfc_dataset *frame = s->frame;
  const int32_t *role = pfc_dataset_codes(frame, PFC_REQUIREMENTS, "role_id");
  const int32_t *competency = pfc_dataset_codes(frame, PFC_REQUIREMENTS, "competency_id");
  const double *level = pfc_dataset_reals(frame, PFC_REQUIREMENTS, "level");
  const pfc_column *importance = pfc_dataset_column(frame, PFC_REQUIREMENTS, "importance");
  const pfc_column *level_se = pfc_dataset_column(frame, PFC_REQUIREMENTS, "level_se");
  const int64_t n_rows = frame->tables[PFC_REQUIREMENTS].n_rows;
  int64_t n = 0;
  for (int64_t q = 0; q < n_rows; q++) n += c->row_of_role[role[q]] >= 0;
  PFC_TRY(add_requirement_columns(s, n, &to, err));
  n = 0;
  for (int64_t q = 0; q < n_rows; q++) {
    if (c->row_of_role[role[q]] < 0) continue;
    to.role[n] = c->row_of_role[role[q]];
    to.competency[n] = c->row_of_competency[competency[q]];
    to.level[n] = level[q];
    to.importance[n] = pfc__number_at(importance, q);
    to.level_se[n] = pfc__number_at(level_se, q);
    put_requirement(s, &to, n++);
  }
done:
  return st;
}

/* --- the whole ---------------------------------------------------------------------------- */

/* Dictionaries of the truth, and room for what it knows of roles. */
static pfc_status begin_truth(pfc__sim *s, const choice *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_truth *t = s->truth;
  const pfc_dict *role = pfc_dataset_find_dict(s->frame, "role");
  const pfc_dict *competency = pfc_dataset_find_dict(s->frame, "competency");
  const int64_t n = (int64_t)c->n_roles * c->n_competencies;
  t->n_roles = c->n_roles;
  t->n_competencies = c->n_competencies;
  PFC_NEW(t->required, n);
  PFC_NEW(t->importance, n);
  PFC_NEW(t->half_life, c->n_competencies);
  for (int64_t k = 0; k < n; k++) t->required[k] = NAN;
  for (int32_t k = 0, code; k < c->n_roles; k++) {
    const char *id = pfc_dict_text(role, c->role[k]);
    PFC_TRY(pfc_dict_add(t->roles, id, strlen(id), &code, err));
  }
  for (int32_t k = 0, code; k < c->n_competencies; k++) {
    const char *id = pfc_dict_text(competency, c->competency[k]);
    PFC_TRY(pfc_dict_add(t->competencies, id, strlen(id), &code, err));
  }
done:
  return st;
}

pfc_status pfc__sim_frame(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  choice c = {0};
  PFC_TRY(check_frame(s->frame, err));
  s->ds->scale_min = s->frame->scale_min;
  s->ds->scale_max = s->frame->scale_max;
  if (s->frame->framework && !(s->ds->framework = pfc_strdup(s->frame->framework)))
    return pfc_fail_memory(err, "the framework's name");
  PFC_TRY(choose(s, &c, err));
  PFC_TRY(begin_truth(s, &c, err));
  PFC_TRY(add_roles(s, &c, err));
  PFC_TRY(add_competencies(s, &c, err));
  PFC_TRY(add_requirements(s, &c, err));
done:
  choice_clear(&c);
  return st;
}
