/* The catalogue: what interventions are, aim at, cost and do. Rules about who may take them
 * stand in simulate_rules.c, texts in simulate_texts.c. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/simulate_catalogue_internal.h"
#include "datasets/simulate_columns_internal.h"

const pfc__sim_kind pfc__sim_kinds[] = {
    /* name, modality, share, hours, weeks, cost, seats, recurs, test, effect */
    {"course", "online", 0.28, 24, 8, 450, 0, 0, 0.8, 0.7},
    {"micro_learning", "online", 0.16, 4, 2, 60, 0, 0, 0.5, 0.5},
    {"workshop", "classroom", 0.15, 12, 2, 650, 16, 3, 0.3, 0.6},
    {"certification", "blended", 0.09, 60, 16, 1900, 25, 6, 1.0, 0.9},
    {"stretch_project", "on_the_job", 0.07, 60, 14, 0, 0, 0, 0.0, 0.9},
    {"mentorship", "one_to_one", 0.07, 20, 24, 150, 12, 6, 0.0, 0.8},
    {"coaching", "one_to_one", 0.06, 12, 12, 1600, 0, 0, 0.0, 0.8},
    {"rotation", "on_the_job", 0.04, 120, 26, 0, 6, 6, 0.0, 1.0},
    {"job_enlargement", "on_the_job", 0.04, 50, 16, 0, 0, 0, 0.0, 0.8},
    {"conference", "classroom", 0.04, 16, 1, 1300, 30, 12, 0.0, 0.5},
};
const int pfc__sim_n_kinds = sizeof pfc__sim_kinds / sizeof *pfc__sim_kinds;
static_assert(sizeof pfc__sim_kinds / sizeof *pfc__sim_kinds == PFC__SIM_N_KINDS,
              "a kind without a place");

/* What a kind is good for: weights of skills, knowledge and behaviour, and how many
 * competencies one of them aims at, at most. */
static const struct {
  double skill, knowledge, behaviour;
  int most_targets;
} FIT[PFC__SIM_N_KINDS] = {
    {1.0, 1.2, 0.5, 3}, {1.0, 1.2, 0.6, 2}, {1.2, 0.5, 1.0, 2}, {0.6, 2.0, 0.1, 3},
    {1.2, 0.6, 0.9, 3}, {0.8, 0.4, 1.4, 3}, {0.7, 0.1, 1.6, 2}, {1.0, 1.0, 0.7, 3},
    {1.0, 0.6, 1.0, 2}, {0.4, 2.0, 0.2, 2},
};

/* Mandated courses are about these, where the roles need them. */
static const char *const COMPLIANCE[] = {"Law and Government", "Public Safety and Security",
                                         "Integrity", "Quality Control Analysis",
                                         "Personnel and Human Resources"};

static const char *const PREFIX = "https://learning.example/";

/* --- kinds and mandates ------------------------------------------------------------------- */

static int32_t draw_kind(pfc_rng *rng) {
  double left = pfc_rng_uniform(rng);
  int32_t k = 0;
  while (k < PFC__SIM_N_KINDS - 1 && (left -= pfc__sim_kinds[k].share) >= 0) k++;
  return k;
}

/* One in fifty must be taken, but about six in a large catalogue, for a day has 24 hours there
 * too; and the first one always: a short course, for everybody or for a family, once or every
 * year. */
static void draw_mandate(pfc__sim *s, int32_t i) {
  pfc_rng rng = pfc__sim_stream(s, "catalogue.mandate", (uint64_t)i);
  const double share = fmin(0.02, 6.0 / s->truth->n_interventions);
  const bool is_mandated = pfc_rng_uniform(&rng) < share || i == 0;
  s->mandated_family[i] = -1;
  if (!is_mandated) return;
  const uint64_t role = pfc_rng_below(&rng, (uint64_t)s->truth->n_roles);
  s->kind[i] = PFC__SIM_MICRO_LEARNING;
  s->mandated_family[i] = pfc_rng_uniform(&rng) < 0.4 ? -2 : s->role_family[role];
  s->mandate_months[i] = pfc_rng_uniform(&rng) < 0.6 ? 12 : 0;
}

static void draw_kinds(pfc__sim *s) {
  for (int32_t i = 0; i < s->truth->n_interventions; i++) {
    pfc_rng rng = pfc__sim_stream(s, "catalogue.kind", (uint64_t)i);
    s->kind[i] = draw_kind(&rng);
    draw_mandate(s, i);
  }
}

/* --- targets ------------------------------------------------------------------------------ */

/* Of every competency, whatever the role: what a kind makes of it. */
typedef struct fit {
  double weight[PFC__SIM_N_KINDS];
  double compliance;
} fit;

static pfc_status find_fits(const pfc__sim *s, fit **fits, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *kind = pfc_dataset_column(s->ds, PFC_COMPETENCIES, "kind");
  const pfc_column *name = pfc_dataset_column(s->ds, PFC_COMPETENCIES, "name");
  PFC_NEW(*fits, s->truth->n_competencies);
  for (int32_t c = 0; c < s->truth->n_competencies; c++) {
    fit *f = &(*fits)[c];
    const char *is = kind ? pfc_dict_text(kind->dict, kind->code[c]) : "";
    for (int k = 0; k < PFC__SIM_N_KINDS; k++) {
      f->weight[k] = strcmp(is, "knowledge") == 0     ? FIT[k].knowledge
                     : strcmp(is, "behavioural") == 0 ? FIT[k].behaviour
                                                      : FIT[k].skill;
    }
    for (size_t k = 0; name && k < sizeof COMPLIANCE / sizeof *COMPLIANCE; k++)
      f->compliance += strcmp(pfc_dict_text(name->dict, name->code[c]), COMPLIANCE[k]) == 0;
  }
done:
  return st;
}

/* How much that role needs the competency: what is asked for at a level that somebody off the
 * street has weighs little. Squared, so that most of the catalogue serves what matters most. */
static double need_of(const pfc_truth *t, int32_t role, int32_t c) {
  const int64_t at = (int64_t)role * t->n_competencies + c;
  const double level = (double)t->required[at], importance = (double)t->importance[at];
  return (level >= 2 ? 1 : 1e-3) * (importance * importance + 1e-6);
}

/* A competency by weight, other than those that the intervention aims at already (from
 * target `first` on). Roles that need something of the kind at all are asked for that. */
static int32_t draw_competency(const pfc__sim *s, const fit *fits, int32_t i, int32_t role,
                               int64_t first, int64_t last, pfc_rng *rng) {
  const pfc_truth *t = s->truth;
  const bool is_mandated = s->mandated_family[i] != -1;
  double sum = 0;
  int32_t chosen = -1;
  for (int32_t c = 0; c < t->n_competencies; c++) {
    double weight = need_of(t, role, c) * fits[c].weight[s->kind[i]];
    if (is_mandated) weight *= fits[c].compliance > 0 ? 1 : 1e-6;
    for (int64_t k = first; k < last; k++)
      if (t->target_competency[k] == c) weight = 0;
    /* A reservoir of one: the k-th is taken with its weight over the sum so far. */
    sum += weight;
    if (pfc_rng_uniform(rng) * sum < weight) chosen = c;
  }
  return chosen;
}

static double clamp(double x, double min, double max) { return fmin(fmax(x, min), max); }

static double quarter(double x) { return round(4 * x) / 4; }

/* About the level that the role asks for, from a step or two below it. Levels go in quarters,
 * which a float holds exactly. */
static void draw_levels(const pfc__sim *s, int32_t i, int32_t role, int64_t k, pfc_rng *rng) {
  pfc_truth *t = s->truth;
  const double asked =
      (double)t->required[(int64_t)role * t->n_competencies + t->target_competency[k]];
  const double about = (isnan(asked) ? 2 : asked) + 0.6 * pfc_rng_normal(rng);
  const double highest = s->mandated_family[i] == -1 ? 6.5 : 4;
  const double to = clamp(quarter(about), 2, highest);
  t->target_to[k] = (float)to;
  t->target_from[k] = (float)fmax(to - quarter(pfc__sim_between(rng, 1, 2)), 0);
}

static int draw_n_targets(const pfc__sim *s, int32_t i, pfc_rng *rng) {
  const double u = pfc_rng_uniform(rng);
  const int n = u < 0.5 ? 1 : u < 0.82 ? 2 : 3;
  if (s->mandated_family[i] != -1) return 1;
  return n < FIT[s->kind[i]].most_targets ? n : FIT[s->kind[i]].most_targets;
}

static pfc_status draw_targets(pfc__sim *s, const pfc__sim_draft *drafts, pfc_error *err) {
  enum { MOST = 3 };
  pfc_status st = PFC_OK;
  pfc_truth *t = s->truth;
  fit *fits = NULL;
  int64_t n = 0;
  PFC_TRY(find_fits(s, &fits, err));
  PFC_NEW(t->target_start, t->n_interventions + 1);
  PFC_NEW(t->target_competency, (int64_t)t->n_interventions * MOST);
  PFC_NEW(t->target_from, (int64_t)t->n_interventions * MOST);
  PFC_NEW(t->target_to, (int64_t)t->n_interventions * MOST);
  for (int32_t i = 0; i < t->n_interventions; i++) {
    pfc_rng rng = pfc__sim_stream(s, "catalogue.targets", (uint64_t)i);
    const int32_t role = drafts[i].role;
    const int64_t first = n;
    for (int left = draw_n_targets(s, i, &rng); left > 0; left--) {
      const int32_t c = draw_competency(s, fits, i, role, first, n, &rng);
      if (c < 0) break; /* a framework of one or two competencies */
      t->target_competency[n] = c;
      draw_levels(s, i, role, n++, &rng);
    }
    t->target_start[i + 1] = n;
  }
done:
  pfc_free(fits);
  return st;
}

/* --- effort, cost, runs ------------------------------------------------------------------- */

static double round_to(double x, double step) { return step * round(x / step); }

static void draw_effort(pfc__sim *s, int32_t i, pfc__sim_draft *d) {
  const pfc__sim_kind *kind = &pfc__sim_kinds[s->kind[i]];
  pfc_rng rng = pfc__sim_stream(s, "catalogue.effort", (uint64_t)i);
  d->hours = fmax(round_to(pfc__sim_lognormal(&rng, kind->hours, 0.3), 0.5), 0.5);
  d->weeks = fmax(round(pfc__sim_lognormal(&rng, kind->weeks, 0.25)), 1);
  d->cost = round_to(pfc__sim_lognormal(&rng, kind->cost, 0.35), 10);
  if (s->mandated_family[i] != -1) d->weeks = 1;
  s->truth->days[i] = (float)(7 * d->weeks);
  s->truth->load[i] = (float)(d->hours / d->weeks);
}

/* The more people there are to an intervention, the larger a run of it. */
static int32_t draw_seats(const pfc__sim *s, int typical, pfc_rng *rng) {
  const double people = (double)s->settings->n_people / s->settings->n_interventions;
  if (typical == 0) return 0;
  const double seats = pfc__sim_lognormal(rng, typical, 0.3) * fmax(people / 4, 1);
  return (int32_t)fmin(fmax(round(seats), 2), 100000);
}

/* On demand, or for some days again and again since before the history began; a fifth of both
 * came later. */
static void draw_runs(pfc__sim *s, int32_t i) {
  const pfc__sim_kind *kind = &pfc__sim_kinds[s->kind[i]];
  const pfc_truth *t = s->truth;
  pfc_rng rng = pfc__sim_stream(s, "catalogue.runs", (uint64_t)i);
  const bool is_new = pfc_rng_uniform(&rng) < 0.2 && s->mandated_family[i] == -1;
  const uint64_t history = (uint64_t)(t->last_day - t->first_day);
  const int32_t new_on = t->first_day + 1 + (int32_t)pfc_rng_below(&rng, history);
  s->opens_on[i] = s->closes_on[i] = PFC_NO_DATE;
  s->recurs_months[i] = kind->recurs_months;
  s->seats[i] = draw_seats(s, kind->seats, &rng);
  if (is_new) s->opens_on[i] = new_on;
  if (kind->recurs_months == 0) return;
  const uint64_t cycle = 30 * (uint64_t)kind->recurs_months;
  if (!is_new) s->opens_on[i] = t->first_day - (int32_t)pfc_rng_below(&rng, cycle);
  s->closes_on[i] = s->opens_on[i] + 2 + (int32_t)pfc_rng_below(&rng, 9);
}

/* The window that opened last, or the next one: the same rule as pfc_catalogue_is_open. */
int32_t pfc__sim_next_start(const pfc__sim *s, int32_t intervention, int32_t day) {
  const int32_t opens = s->opens_on[intervention], closes = s->closes_on[intervention];
  const int64_t recurs = s->recurs_months[intervention];
  if (opens != PFC_NO_DATE && day < opens) return opens;
  if (closes == PFC_NO_DATE || day <= closes) return day;
  if (recurs == 0 || opens == PFC_NO_DATE) return recurs == 0 ? PFC_NO_DATE : day;
  int unused;
  const int64_t passed = pfc_date_month(day, &unused) - pfc_date_month(opens, &unused);
  int64_t runs = passed / recurs;
  if (pfc_date_add_months(opens, runs * recurs) > day) runs--;
  if (day <= pfc_date_add_months(closes, runs * recurs)) return day;
  const int32_t next = pfc_date_add_months(opens, (runs + 1) * recurs);
  return next == INT32_MAX ? PFC_NO_DATE : next;
}

/* --- what nobody sees ----------------------------------------------------------------------
 */

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* A Beta distribution on 0 .. 1.2 with that mean, a multiple of 0.1: the k-th smallest of n
 * uniform numbers is Beta(k, n + 1 - k), whose mean is k / (n + 1). */
static double draw_beta(pfc_rng *rng, double mean) {
  enum { N = 11 };
  double u[N];
  for (int k = 0; k < N; k++) u[k] = pfc_rng_uniform(rng);
  qsort(u, N, sizeof *u, by_value);
  return 1.2 * u[lround(10 * mean) - 1];
}

/* One in ten does nothing, three in a hundred do harm. */
static double draw_effect(const pfc__sim *s, int32_t i) {
  pfc_rng rng = pfc__sim_stream(s, "catalogue.effect", (uint64_t)i);
  const double u = pfc_rng_uniform(&rng);
  if (u < 0.10) return 0;
  if (u < 0.13) return -pfc__sim_between(&rng, 0.15, 0.45);
  return draw_beta(&rng, pfc__sim_kinds[s->kind[i]].effect);
}

static pfc_status draw_truth(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_truth *t = s->truth;
  double appeal[PFC__SIM_N_KINDS];
  const int32_t n = t->n_interventions;
  PFC_NEW(t->appeal, n);
  PFC_NEW(t->ease, n);
  PFC_NEW(t->effect, n);
  PFC_NEW(t->sway, n);
  PFC_NEW(t->pull, (int64_t)n * PFC_TRUTH_TASTES);
  for (int k = 0; k < PFC__SIM_N_KINDS; k++) {
    pfc_rng rng = pfc__sim_stream(s, "catalogue.appeal", (uint64_t)k);
    appeal[k] = -0.6 + 0.2 * pfc_rng_normal(&rng);
  }
  for (int32_t i = 0; i < n; i++) {
    pfc_rng rng = pfc__sim_stream(s, "catalogue.truth", (uint64_t)i);
    t->appeal[i] = (float)(appeal[s->kind[i]] + 0.5 * pfc_rng_normal(&rng));
    t->ease[i] = (float)(0.5 * pfc_rng_normal(&rng));
    t->sway[i] = (float)(0.4 * pfc_rng_normal(&rng));
    for (int f = 0; f < PFC_TRUTH_TASTES; f++)
      t->pull[(int64_t)i * PFC_TRUTH_TASTES + f] = (float)(0.5 * pfc_rng_normal(&rng));
    t->effect[i] = (float)draw_effect(s, i);
  }
done:
  return st;
}

/* --- table interventions ------------------------------------------------------------------ */

static pfc_status put_words(pfc__sim *s, const pfc__sim_draft *drafts, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *column = NULL;
  const int32_t n = s->truth->n_interventions;
  const pfc_table_id t = PFC_INTERVENTIONS;
  PFC_TRY(pfc__sim_column(s, t, "title", n, &column, err));
  for (int32_t i = 0; i < n; i++) {
    char text[PFC__SIM_TITLE];
    pfc__sim_title(s, i, &drafts[i], text);
    PFC_TRY(pfc__sim_word(column, i, text, err));
  }
  PFC_TRY(pfc__sim_column(s, t, "description", n, &column, err));
  for (int32_t i = 0; i < n; i++) {
    char text[PFC__SIM_DESCRIPTION];
    pfc__sim_description(s, i, &drafts[i], text);
    PFC_TRY(pfc__sim_word(column, i, text, err));
  }
  PFC_TRY(pfc__sim_column(s, t, "kind", n, &column, err));
  for (int32_t i = 0; i < n; i++)
    PFC_TRY(pfc__sim_word(column, i, pfc__sim_kinds[s->kind[i]].name, err));
  PFC_TRY(pfc__sim_column(s, t, "modality", n, &column, err));
  for (int32_t i = 0; i < n; i++)
    PFC_TRY(pfc__sim_word(column, i, pfc__sim_kinds[s->kind[i]].modality, err));
done:
  return st;
}

/* Work itself, and what is mandated, the organisation gives; of the others some are larger. */
static int32_t draw_provider(const pfc__sim *s, int32_t i) {
  enum { OWN = 3, OTHERS = PFC__SIM_N_PROVIDERS - OWN };
  const int32_t kind = s->kind[i];
  const bool is_own = kind == PFC__SIM_STRETCH_PROJECT || kind == PFC__SIM_MENTORSHIP ||
                      kind == PFC__SIM_ROTATION || kind == PFC__SIM_JOB_ENLARGEMENT;
  pfc_rng rng = pfc__sim_stream(s, "catalogue.provider", (uint64_t)i);
  if (is_own || s->mandated_family[i] != -1) return OTHERS + (int32_t)pfc_rng_below(&rng, OWN);
  const double u = pfc_rng_uniform(&rng);
  return (int32_t)(OTHERS * u * u);
}

static pfc_status put_providers(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *column = NULL;
  const int32_t n = s->truth->n_interventions;
  PFC_TRY(pfc__sim_column(s, PFC_INTERVENTIONS, "provider", n, &column, err));
  for (int32_t i = 0; i < n; i++) {
    const char *name = pfc__sim_providers[draw_provider(s, i)];
    PFC_TRY(pfc__sim_word(column, i, name, err));
    s->provider[i] = column->code[i];
  }
  PFC_TRY(pfc__sim_column(s, PFC_INTERVENTIONS, "url", n, &column, err));
  for (int32_t i = 0; i < n; i++) {
    char text[64];
    (void)snprintf(text, sizeof text, "%s%s", PREFIX,
                   pfc_dict_text(s->truth->interventions, i));
    PFC_TRY(pfc__sim_word(column, i, text, err));
  }
done:
  return st;
}

static pfc_status put_numbers(pfc__sim *s, const pfc__sim_draft *drafts, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *column = NULL;
  const int32_t n = s->truth->n_interventions;
  const pfc_table_id t = PFC_INTERVENTIONS;
  PFC_TRY(pfc__sim_column(s, t, "hours", n, &column, err));
  for (int32_t i = 0; i < n; i++) column->real[i] = drafts[i].hours;
  PFC_TRY(pfc__sim_column(s, t, "weeks", n, &column, err));
  for (int32_t i = 0; i < n; i++) column->real[i] = drafts[i].weeks;
  PFC_TRY(pfc__sim_column(s, t, "cost", n, &column, err));
  for (int32_t i = 0; i < n; i++) column->real[i] = drafts[i].cost;
  PFC_TRY(pfc__sim_column(s, t, "seats", n, &column, err));
  for (int32_t i = 0; i < n; i++)
    if (s->seats[i] > 0) column->i32[i] = s->seats[i];
  PFC_TRY(pfc__sim_column(s, t, "opens_on", n, &column, err));
  memcpy(column->date, s->opens_on, sizeof *column->date * (size_t)n);
  PFC_TRY(pfc__sim_column(s, t, "closes_on", n, &column, err));
  memcpy(column->date, s->closes_on, sizeof *column->date * (size_t)n);
  PFC_TRY(pfc__sim_column(s, t, "recurs_months", n, &column, err));
  memcpy(column->i32, s->recurs_months, sizeof *column->i32 * (size_t)n);
done:
  return st;
}

/* --- the whole -----------------------------------------------------------------------------
 */

static pfc_status begin(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *id = NULL;
  pfc_truth *t = s->truth;
  const int32_t n = t->n_interventions = s->settings->n_interventions;
  PFC_NEW(s->kind, n);
  PFC_NEW(s->provider, n);
  PFC_NEW(s->opens_on, n);
  PFC_NEW(s->closes_on, n);
  PFC_NEW(s->recurs_months, n);
  PFC_NEW(s->seats, n);
  PFC_NEW(s->requires_intervention, n);
  PFC_NEW(s->requires_competency, n);
  PFC_NEW(s->requires_level, n);
  PFC_NEW(s->only_family, n);
  PFC_NEW(s->mandated_family, n);
  PFC_NEW(s->mandate_months, n);
  PFC_NEW(t->days, n);
  PFC_NEW(t->load, n);
  PFC_TRY(pfc__sim_column(s, PFC_INTERVENTIONS, "intervention_id", n, &id, err));
  for (int32_t i = 0, code; i < n; i++) {
    char text[16];
    (void)snprintf(text, sizeof text, "I%04d", (int)i + 1);
    PFC_TRY(pfc_dict_add(t->interventions, text, strlen(text), &code, err));
    PFC_TRY(pfc__sim_word(id, i, text, err));
  }
done:
  return st;
}

pfc_status pfc__sim_catalogue(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__sim_draft *drafts = NULL;
  PFC_NEW(drafts, s->settings->n_interventions);
  PFC_TRY(begin(s, err));
  draw_kinds(s);
  pfc__sim_draw_audience(s, drafts);
  PFC_TRY(draw_targets(s, drafts, err));
  PFC_TRY(pfc__sim_draw_prerequisites(s, err));
  for (int32_t i = 0; i < s->truth->n_interventions; i++) {
    draw_effort(s, i, &drafts[i]);
    draw_runs(s, i);
  }
  PFC_TRY(draw_truth(s, err));
  PFC_TRY(put_words(s, drafts, err));
  PFC_TRY(put_providers(s, err));
  PFC_TRY(put_numbers(s, drafts, err));
  PFC_TRY(pfc__sim_put_rules(s, err));
done:
  pfc_free(drafts);
  return st;
}
