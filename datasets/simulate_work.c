/* What people do besides learning: figures of performance, projects, and what humans decide
 * over the heads of models. Openings, demand and scenarios have files of their own. */
#include <stdio.h>

#include "datasets/simulate_people_internal.h"

enum { N_NEEDS = 10, N_TRIES = 16 };

/* --- who is where --------------------------------------------------------------------------
 */

int64_t pfc__sim_position(const pfc__sim *s, int32_t person, int32_t day) {
  const pfc_truth *t = s->truth;
  const int64_t first = t->position_start[person];
  if (t->left_on[person] != PFC_NO_DATE && day > t->left_on[person]) return -1;
  int64_t k = t->position_start[person + 1] - 1;
  while (k >= first && t->position_from[k] > day) k--;
  return k >= first ? k : -1;
}

static int32_t family_at(const pfc__sim *s, int32_t person, int32_t day) {
  const int64_t k = pfc__sim_position(s, person, day);
  return k < 0 ? -1 : s->role_family[s->truth->position_role[k]];
}

/* Few ever change their family, so that drawing from those who began in it finds somebody soon;
 * who came from elsewhere is found in the family where he began alone. */
int32_t pfc__sim_colleague(const pfc__sim *s, const pfc__sim_staff *staff, int32_t family,
                           int32_t day, pfc_rng *rng) {
  const int64_t first = staff->start[family], n = staff->start[family + 1] - first;
  for (int k = 0; n > 0 && k < N_TRIES; k++) {
    const int32_t p = staff->person[first + (int64_t)pfc_rng_below(rng, (uint64_t)n)];
    if (family_at(s, p, day) == family) return p;
  }
  return -1;
}

static pfc_status sort_staff(const pfc__sim *s, pfc__sim_staff *staff, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = s->truth;
  int64_t at[PFC__SIM_FAMILIES];
  PFC_NEW(staff->person, t->n_people);
  for (int32_t p = 0; p < t->n_people; p++)
    staff->start[s->role_family[t->position_role[t->position_start[p]]] + 1]++;
  for (int f = 0; f < PFC__SIM_FAMILIES; f++) {
    at[f] = staff->start[f];
    staff->start[f + 1] += staff->start[f];
  }
  for (int32_t p = 0; p < t->n_people; p++)
    staff->person[at[s->role_family[t->position_role[t->position_start[p]]]]++] = p;
done:
  return st;
}

/* --- performance ---------------------------------------------------------------------------
 */

/* Kinds of figures: every so many months, of those who have been there for so many days, with
 * the value  mean + slope (match + 0.5) + spread z,  kept within its range and rounded to its
 * step. Match is the mean of level - required over the ten competencies that matter most to
 * the role; -0.5 is what people reach on average. */
typedef struct figure {
  const char *name;
  int32_t months, settled_days;
  double mean, slope, spread, min, max, step;
} figure;

static const figure FIGURES[] = {
    {"delivery", 3, 30, 80, 10, 6, 0, 100, 0.1}, /* percent of what was agreed */
    {"rating", 12, 90, 3, 1.2, 0.5, 1, 5, 1},    /* the manager's, once a year */
};
enum { N_FIGURES = sizeof FIGURES / sizeof *FIGURES };

static double match_of(const pfc__sim *s, int32_t person, int32_t role, int32_t day) {
  const pfc_truth *t = s->truth;
  const int32_t *core = s->core + (int64_t)role * PFC__SIM_CORE;
  const float *required = t->required + (int64_t)role * t->n_competencies;
  double sum = 0;
  int n = 0;
  for (; n < N_NEEDS && core[n] >= 0; n++)
    sum += pfc_truth_level(t, person, core[n], day) - (double)required[core[n]];
  return n > 0 ? sum / n : 0;
}

typedef struct figure_columns {
  int32_t *person, *on, *kind;
  double *value;
} figure_columns;

static double draw_figure(const pfc__sim *s, const figure *f, int32_t person, int32_t role,
                          int32_t day, pfc_rng *rng) {
  const double match = match_of(s, person, role, day);
  const double x = f->mean + f->slope * (match + 0.5) + f->spread * pfc_rng_normal(rng);
  const double steps = round(fmin(fmax(x, f->min), f->max) / f->step);
  return f->step == 1 ? steps : steps / round(1 / f->step);
}

/* The figures of a person, one kind after another; only counted without columns. */
static int64_t draw_figures(const pfc__sim *s, int32_t p, const figure_columns *col,
                            int64_t at) {
  pfc_rng rng = pfc__sim_stream(s, "work.figures", (uint64_t)p);
  int64_t n = 0;
  for (int f = 0; f < N_FIGURES; f++) {
    for (int32_t m = FIGURES[f].months; m <= s->settings->n_months; m += FIGURES[f].months) {
      const int32_t day = pfc__sim_month_day(s, m) - 1;
      const int64_t position = pfc__sim_position(s, p, day);
      if (position < 0 || day - s->hired_on[p] < FIGURES[f].settled_days) continue;
      if (col) {
        const int32_t role = s->truth->position_role[position];
        col->person[at + n] = p;
        col->on[at + n] = day;
        col->kind[at + n] = f;
        col->value[at + n] = draw_figure(s, &FIGURES[f], p, role, day, &rng);
      }
      n++;
    }
  }
  return n;
}

static pfc_status write_performance(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = s->truth->n_people;
  figure_columns col = {0};
  int32_t code[N_FIGURES]; /* 0, 1: the dictionary is new */
  const char *name[N_FIGURES];
  int64_t *start = NULL;
  PFC_NEW(start, n + 1);
  for (int32_t p = 0; p < n; p++) start[p + 1] = start[p] + draw_figures(s, p, NULL, 0);
  PFC_TRY(pfc__sim_ints(s, PFC_PERFORMANCE, "person_id", start[n], &col.person, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PERFORMANCE, "on", start[n], &col.on, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PERFORMANCE, "kind", start[n], &col.kind, err));
  PFC_TRY(pfc__sim_reals(s, PFC_PERFORMANCE, "value", start[n], &col.value, err));
  for (int f = 0; f < N_FIGURES; f++) name[f] = FIGURES[f].name;
  PFC_TRY(pfc__sim_words(s, "performance_kind", N_FIGURES, name, code, err));
#pragma omp parallel for schedule(static)
  for (int32_t p = 0; p < n; p++) (void)draw_figures(s, p, &col, start[p]);
done:
  pfc_free(start);
  return st;
}

/* --- projects ------------------------------------------------------------------------------
 */

#define PEOPLE_A_PROJECT 6

typedef struct member {
  int32_t project, person, from, to, competency;
} member;

typedef struct projects {
  int32_t n;
  member *members;
  int64_t n_members, capacity;
} projects;

static bool is_member(const projects *x, int32_t person) {
  for (int64_t k = x->n_members - 1; k >= 0 && x->members[k].project == x->n; k--)
    if (x->members[k].person == person) return true;
  return false;
}

/* On it to its end, or until the person leaves; an end that lies ahead is not known. What is
 * used in it is something that matters to the role. */
static pfc_status add_member(const pfc__sim *s, projects *x, int32_t person, int32_t from,
                             int32_t to, pfc_rng *rng, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = s->truth;
  const int32_t role = t->position_role[pfc__sim_position(s, person, from)];
  const int32_t *core = s->core + (int64_t)role * PFC__SIM_CORE;
  const int32_t left = t->left_on[person];
  int n = 0;
  while (n < N_NEEDS && core[n] >= 0) n++;
  PFC_RESERVE(x->members, x->capacity, x->n_members + 1);
  if (left != PFC_NO_DATE && left < to) to = left;
  x->members[x->n_members++] =
      (member){.project = x->n,
               .person = person,
               .from = from,
               .to = to <= t->last_day ? to : PFC_NO_DATE,
               .competency = n > 0 ? core[pfc_rng_below(rng, (uint64_t)n)] : -1};
done:
  return st;
}

/* Two to nine months, for somebody and two to six colleagues of the same family. */
static pfc_status draw_project(const pfc__sim *s, const pfc__sim_staff *staff, int32_t k,
                               projects *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = s->truth;
  pfc_rng rng = pfc__sim_stream(s, "work.project", (uint64_t)k);
  const int32_t from =
      t->first_day + (int32_t)pfc_rng_below(&rng, (uint64_t)(t->last_day - t->first_day));
  const int32_t to = from + 60 + (int32_t)pfc_rng_below(&rng, 210);
  const int size = 2 + (int)pfc_rng_below(&rng, 5);
  int32_t first = -1, family = -1;
  for (int i = 0; i < N_TRIES && family < 0; i++) {
    first = (int32_t)pfc_rng_below(&rng, (uint64_t)t->n_people);
    family = family_at(s, first, from);
  }
  if (family < 0) return PFC_OK;
  PFC_TRY(add_member(s, x, first, from, to, &rng, err));
  for (int i = 0; i < size; i++) {
    const int32_t p = pfc__sim_colleague(s, staff, family, from, &rng);
    if (p >= 0 && !is_member(x, p)) PFC_TRY(add_member(s, x, p, from, to, &rng, err));
  }
  x->n++;
done:
  return st;
}

static pfc_status name_projects(pfc__sim *s, int32_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dict *dict = pfc_dataset_dict(s->ds, "project");
  if (!dict) return pfc_fail_memory(err, "projects");
  for (int32_t j = 0; j < n; j++) {
    char id[16];
    int32_t code;
    const int size = snprintf(id, sizeof id, "J%04d", j + 1);
    PFC_TRY(pfc_dict_add(dict, id, (size_t)size, &code, err));
  }
done:
  return st;
}

static pfc_status write_projects(pfc__sim *s, const pfc__sim_staff *staff, pfc_error *err) {
  pfc_status st = PFC_OK;
  projects x = {0};
  int32_t *person, *project, *from, *to, *competency;
  const int32_t n_drawn = 1 + s->truth->n_people / PEOPLE_A_PROJECT;
  for (int32_t k = 0; k < n_drawn; k++) PFC_TRY(draw_project(s, staff, k, &x, err));
  PFC_TRY(name_projects(s, x.n, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PROJECTS, "person_id", x.n_members, &person, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PROJECTS, "project_id", x.n_members, &project, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PROJECTS, "from", x.n_members, &from, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PROJECTS, "to", x.n_members, &to, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PROJECTS, "competency_id", x.n_members, &competency, err));
  for (int64_t k = 0; k < x.n_members; k++) {
    const member *m = &x.members[k];
    person[k] = m->person;
    project[k] = m->project;
    from[k] = m->from;
    to[k] = m->to;
    competency[k] = m->competency;
  }
done:
  pfc_free(x.members);
  return st;
}

/* --- overrides -----------------------------------------------------------------------------
 */

enum { BLOCK, FORCE, N_REASONS = 3, N_ACTORS = 3, MOST_OVERRIDES = 200 };

typedef struct override {
  int32_t person, unit, intervention, action, reason, actor, expires_on;
} override;

/* One in five blocks speaks of the unit; one in four never expires. A human forces only what
 * the person's role is let in to. */
static bool draw_override(const pfc__sim *s, int32_t k, override *x) {
  const pfc_truth *t = s->truth;
  pfc_rng rng = pfc__sim_stream(s, "work.override", (uint64_t)k);
  const int32_t person = (int32_t)pfc_rng_below(&rng, (uint64_t)t->n_people);
  const int64_t position = pfc__sim_position(s, person, t->last_day);
  x->intervention = (int32_t)pfc_rng_below(&rng, (uint64_t)t->n_interventions);
  x->action = pfc_rng_uniform(&rng) < 0.65 ? BLOCK : FORCE;
  x->reason = x->action * N_REASONS + (int32_t)pfc_rng_below(&rng, N_REASONS);
  x->actor = (int32_t)pfc_rng_below(&rng, N_ACTORS);
  x->expires_on = t->last_day + 30 + (int32_t)pfc_rng_below(&rng, 336);
  if (pfc_rng_below(&rng, 4) == 0) x->expires_on = PFC_NO_DATE;
  const bool of_unit = x->action == BLOCK && pfc_rng_below(&rng, 5) == 0;
  x->person = of_unit ? -1 : person;
  x->unit = of_unit ? s->unit[person] : -1;
  return position >= 0 && (x->action == BLOCK ||
                           pfc__sim_lets_in(s, x->intervention, t->position_role[position]));
}

/* Dictionaries are shared with other tables: codes are theirs. */
typedef struct override_words {
  int32_t action[2], reason[2 * N_REASONS], actor[N_ACTORS];
} override_words;

static pfc_status name_overrides(pfc__sim *s, override_words *w, pfc_error *err) {
  static const char *const ACTIONS[] = {"block", "force"};
  static const char *const REASONS[2 * N_REASONS] = {
      "learned it elsewhere", "on leave for the time being", "no budget this year",
      "finding of an audit",  "asked for by a client",       "back from leave"};
  static const char *const ACTORS[] = {"line manager", "personnel partner", "works council"};
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__sim_words(s, "action", 2, ACTIONS, w->action, err));
  PFC_TRY(pfc__sim_words(s, "override_reason", 2 * N_REASONS, REASONS, w->reason, err));
  PFC_TRY(pfc__sim_words(s, "actor", N_ACTORS, ACTORS, w->actor, err));
done:
  return st;
}

static pfc_status fill_overrides(pfc__sim *s, const override *x, int32_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *person, *unit, *intervention, *action, *reason, *actor, *expires;
  override_words w = {0};
  PFC_TRY(name_overrides(s, &w, err));
  PFC_TRY(pfc__sim_ints(s, PFC_OVERRIDES, "person_id", n, &person, err));
  PFC_TRY(pfc__sim_ints(s, PFC_OVERRIDES, "unit_id", n, &unit, err));
  PFC_TRY(pfc__sim_ints(s, PFC_OVERRIDES, "intervention_id", n, &intervention, err));
  PFC_TRY(pfc__sim_ints(s, PFC_OVERRIDES, "action", n, &action, err));
  PFC_TRY(pfc__sim_ints(s, PFC_OVERRIDES, "reason", n, &reason, err));
  PFC_TRY(pfc__sim_ints(s, PFC_OVERRIDES, "actor", n, &actor, err));
  PFC_TRY(pfc__sim_ints(s, PFC_OVERRIDES, "expires_on", n, &expires, err));
  for (int32_t k = 0; k < n; k++) {
    person[k] = x[k].person;
    unit[k] = x[k].unit;
    intervention[k] = x[k].intervention;
    action[k] = w.action[x[k].action];
    reason[k] = w.reason[x[k].reason];
    actor[k] = w.actor[x[k].actor];
    expires[k] = x[k].expires_on;
  }
done:
  return st;
}

static pfc_status write_overrides(pfc__sim *s, pfc_error *err) {
  override x[MOST_OVERRIDES] = {0};
  const int32_t asked = 3 + s->truth->n_people / 200;
  const int32_t wanted = asked < MOST_OVERRIDES ? asked : MOST_OVERRIDES;
  int32_t n = 0;
  if (s->truth->n_interventions == 0) return PFC_OK;
  for (int32_t k = 0; n < wanted && k < 8 * wanted; k++) n += draw_override(s, k, &x[n]);
  return fill_overrides(s, x, n, err);
}

pfc_status pfc__sim_work(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__sim_staff staff = {0};
  PFC_TRY(sort_staff(s, &staff, err));
  PFC_TRY(write_performance(s, err));
  PFC_TRY(write_projects(s, &staff, err));
  PFC_TRY(pfc__sim_openings(s, &staff, err));
  PFC_TRY(pfc__sim_demand(s, err));
  PFC_TRY(pfc__sim_scenarios(s, err));
  PFC_TRY(write_overrides(s, err));
done:
  pfc_free(staff.person);
  return st;
}
