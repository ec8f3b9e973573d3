#include "engine/gaps.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/gaps_internal.h"
#include "models/predict.h"

/* Demand that grows by more than this within a year makes a strategic matter of what people
 * still hold. */
static const double FAST_GROWTH = 1.10;

struct pfc_gaps {
  pfc_gap_settings settings;
  int32_t as_of;
  double scale_min, scale_max;
  const pfc_history *history;
  int32_t n_competencies;
  int32_t most_rows;
  const int32_t *goal_role; /* by row of table people; NULL: no such column */
  pfc_requirements *requirements;
  pfc_gap *rows; /* of each requirement, before anybody is looked at */
  pfc__gap_factors factors;
  double heavy;        /* weight of which the heaviest quarter of requirements has no less */
  pfc_profile profile; /* in the dataset's codes */
  pfc_evidence *evidence;
  pfc_levels *levels; /* NULL without a profile */
};

/* --- one requirement -----------------------------------------------------------------------
 */

double pfc_gap_weight(const pfc_gap *gap) {
  return gap->importance * gap->criticality * gap->demand * gap->compliance * gap->vacancies *
         gap->goal;
}

/* What one role asks for, with its factors; nothing of the person yet. */
static pfc_gap requirement_of(const pfc_gaps *g, int32_t role, const pfc_requirement *r) {
  const double level =
      pfc__required_level(r, g->scale_min, g->scale_max, g->settings.held_share);
  const double then = level + g->factors.rise[r->competency];
  return (pfc_gap){.competency = r->competency,
                   .role = role,
                   .level = (double)NAN,
                   .level_sd = (double)NAN,
                   .required = fmin(fmax(then, g->scale_min), g->scale_max),
                   .beyond = (double)NAN,
                   .importance = r->importance,
                   .criticality = g->factors.criticality[role],
                   .demand = pfc__demand_of(&g->factors, role, r->competency)->factor,
                   .compliance = r->compliance ? g->settings.compliance_factor : 1,
                   .vacancies = g->factors.vacancies[role],
                   .goal = 1,
                   .is_compliance = r->compliance,
                   .latest_day = PFC_NO_DATE};
}

static pfc_status fill_rows(pfc_gaps *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_requirements *r = g->requirements;
  PFC_NEW(g->rows, r->first[r->n_roles]);
  for (int32_t role = 0; role < r->n_roles; role++)
    for (int64_t k = r->first[role]; k < r->first[role + 1]; k++)
      g->rows[k] = requirement_of(g, role, &r->at[k]);
done:
  return st;
}

/* The law asks nothing of those who do not hold the role yet. */
static pfc_gap goal_of(const pfc_gaps *g, int64_t requirement) {
  pfc_gap gap = g->rows[requirement];
  gap.compliance = 1;
  gap.is_compliance = false;
  gap.goal = g->settings.goal_role >= 0 ? 1 : g->settings.goal_weight;
  gap.gap_class = PFC_GAP_STRATEGIC;
  return gap;
}

static double shortfall_to(const pfc_gaps *g, const pfc_gap *gap, double required) {
  return pfc_level_shortfall(gap->level, gap->level_sd, required, g->scale_min, g->scale_max);
}

double pfc_gap_closable(const pfc_gaps *g, const pfc_gap *gap, double to_level, double share) {
  const double to = isnan(to_level) ? gap->required : to_level;
  if (isnan(gap->level)) return to <= gap->beyond ? 0 : fmin(share, 1) * gap->shortfall;
  double closed = pfc_level_closed(gap->level, gap->level_sd, gap->required, to, share,
                                   g->scale_min, g->scale_max);
  if (!isnan(gap->beyond)) {
    closed -= pfc_level_closed(gap->level, gap->level_sd, gap->beyond, to, share, g->scale_min,
                               g->scale_max);
  }
  return share > 0 ? fmax(closed, 0) : fmin(closed, 0);
}

/* --- classes and urgency -------------------------------------------------------------------
 */

static bool grows_fast(const pfc_gaps *g, const pfc_gap *gap) {
  return pfc__demand_of(&g->factors, gap->role, gap->competency)->growth > FAST_GROWTH;
}

static bool is_likely(double p) { return p >= 0.5; } /* false of NaN */

/* p_today: of today's level and requirement. */
static pfc_gap_class class_of(const pfc_gaps *g, const pfc_gap *gap, double p_today) {
  if (gap->gap_class == PFC_GAP_STRATEGIC) return PFC_GAP_STRATEGIC;
  const bool suffices = p_today < 0.5;
  return suffices && (is_likely(gap->p_gap) || grows_fast(g, gap)) ? PFC_GAP_STRATEGIC
                                                                   : PFC_GAP_OPERATIONAL;
}

static pfc_gap_urgency urgency_of(const pfc_gaps *g, const pfc_gap *gap) {
  if (gap->is_compliance && is_likely(gap->p_gap)) return PFC_GAP_URGENT;
  const double weight = pfc_gap_weight(gap) / gap->compliance;
  return gap->p_gap >= g->settings.urgent_p_gap && weight >= g->heavy ? PFC_GAP_URGENT
                                                                      : PFC_GAP_LATER;
}

static int by_weight(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* What can be missed at all: a level at the bottom of the scale cannot. */
static pfc_status find_heavy(pfc_gaps *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *weight = NULL;
  int64_t n = 0;
  const pfc_requirements *r = g->requirements;
  PFC_NEW(weight, r->first[r->n_roles]);
  for (int64_t k = 0; k < r->first[r->n_roles]; k++) {
    const pfc_gap *gap = &g->rows[k];
    if (gap->required > g->scale_min) weight[n++] = pfc_gap_weight(gap) / gap->compliance;
  }
  qsort(weight, (size_t)n, sizeof *weight, by_weight);
  g->heavy = n > 0 ? weight[n - (n + 3) / 4] : (double)INFINITY;
done:
  pfc_free(weight);
  return st;
}

/* --- create --------------------------------------------------------------------------------
 */

static pfc_status read_levels(pfc_gaps *g, const pfc_bundle *bundle, const pfc_dataset *ds,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_bundle_align_profile(bundle, ds, &g->profile, err));
  PFC_TRY(pfc_evidence_create(ds, g->history, &g->evidence, err));
  PFC_TRY(pfc_levels_create(&g->profile, g->evidence, g->requirements, &g->levels, err));
done:
  return st;
}

/* The present role's, and in each of them perhaps more by the goal role. */
static int32_t count_most_rows(const pfc_requirements *r) {
  int64_t most = 0;
  for (int32_t role = 0; role < r->n_roles; role++) {
    const int64_t n = r->first[role + 1] - r->first[role];
    if (n > most) most = n;
  }
  return (int32_t)(2 * most);
}

pfc_status pfc_gaps_create(const pfc_bundle *bundle, const pfc_dataset *ds,
                           const pfc_history *h, const pfc_gap_settings *settings,
                           pfc_gaps **gaps, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_gaps *g = NULL;
  PFC_TRY(pfc_gap_check(settings, err));
  PFC_NEW(g, 1);
  g->settings = *settings;
  g->as_of = pfc_decision_day(ds, h, settings->as_of);
  if (settings->ahead_days > 0 && g->as_of == PFC_NO_DATE) {
    st = pfc_fail(err, PFC_EDATA, "ahead_days: the data have no dates to look ahead from");
    goto done;
  }
  if (settings->goal_role < -1 || settings->goal_role >= pfc_dataset_count(ds, "role")) {
    st = pfc_fail(err, PFC_EUSAGE, "goal_role: -1 or a role of the dataset expected, not %d",
                  settings->goal_role);
    goto done;
  }
  g->scale_min = ds->scale_min;
  g->scale_max = ds->scale_max;
  g->history = h;
  g->n_competencies = pfc_dataset_count(ds, "competency");
  g->goal_role = pfc_dataset_codes(ds, PFC_PEOPLE, "goal_role_id");
  PFC_TRY(pfc_requirements_create(ds, &g->requirements, err));
  g->most_rows = count_most_rows(g->requirements);
  PFC_TRY(pfc__gap_factors_read(ds, h, g->requirements, settings, g->as_of, &g->factors, err));
  PFC_TRY(fill_rows(g, err));
  PFC_TRY(find_heavy(g, err));
  if (bundle->has_profile) PFC_TRY(read_levels(g, bundle, ds, err));
  *gaps = g;
  g = NULL;
done:
  pfc_gaps_destroy(g);
  return st;
}

void pfc_gaps_destroy(pfc_gaps *g) {
  if (!g) return;
  pfc_levels_destroy(g->levels);
  pfc_evidence_destroy(g->evidence);
  pfc_profile_clear(&g->profile);
  pfc__gap_factors_clear(&g->factors);
  pfc_free(g->rows);
  pfc_requirements_destroy(g->requirements);
  pfc_free(g);
}

const pfc_levels *pfc_gaps_levels(const pfc_gaps *g) { return g->levels; }
const pfc_evidence *pfc_gaps_evidence(const pfc_gaps *g) { return g->evidence; }
const pfc_profile *pfc_gaps_profile(const pfc_gaps *g) {
  return g->levels ? &g->profile : NULL;
}
int32_t pfc_gaps_as_of(const pfc_gaps *g) { return g->as_of; }
int32_t pfc_gaps_most_rows(const pfc_gaps *g) { return g->most_rows; }

/* --- one person ----------------------------------------------------------------------------
 */

pfc_status pfc_person_gaps_create(const pfc_gaps *g, pfc_person_gaps **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_person_gaps *p = NULL;
  PFC_NEW(p, 1);
  PFC_NEW(p->at, g->most_rows);
  PFC_NEW(p->place, g->n_competencies);
  PFC_NEW(p->asked, g->most_rows);
  PFC_NEW(p->told, g->most_rows);
  PFC_NEW(p->missing, g->most_rows);
  if (g->levels) PFC_TRY(pfc_levels_person_create(g->levels, &p->known, err));
  for (int32_t c = 0; c < g->n_competencies; c++) p->place[c] = -1;
  *out = p;
  p = NULL;
done:
  pfc_person_gaps_destroy(p);
  return st;
}

void pfc_person_gaps_destroy(pfc_person_gaps *p) {
  if (!p) return;
  pfc_levels_person_destroy(p->known);
  pfc_free(p->at);
  pfc_free(p->place);
  pfc_free(p->asked);
  pfc_free(p->told);
  pfc_free(p->missing);
  pfc_free(p);
}

/* Requirements of a role; none of -1. */
static int64_t run_of(const pfc_requirements *r, int32_t role, int64_t *to) {
  *to = role < 0 ? 0 : r->first[role + 1];
  return role < 0 ? 0 : r->first[role];
}

static void add_row(pfc_person_gaps *p, const pfc_gap *gap) {
  if (p->place[gap->competency] < 0) p->place[gap->competency] = p->n;
  p->at[p->n++] = *gap;
}

/* What two roles ask for, competency by competency. */
static void list_rows(const pfc_gaps *g, int32_t role, int32_t goal, pfc_person_gaps *p) {
  const pfc_requirements *r = g->requirements;
  int64_t to, goal_to;
  int64_t k = run_of(r, role, &to), j = run_of(r, goal, &goal_to);
  while (k < to || j < goal_to) {
    const int32_t held = k < to ? r->at[k].competency : INT32_MAX;
    const int32_t wished = j < goal_to ? r->at[j].competency : INT32_MAX;
    double present = (double)NAN;
    if (held <= wished) {
      const pfc_gap *gap = &g->rows[k++];
      present = gap->required;
      add_row(p, gap);
    }
    if (wished <= held) {
      pfc_gap gap = goal_of(g, j++);
      gap.beyond = present;
      if (!(gap.required <= present)) add_row(p, &gap);
    }
  }
}

static void clear_rows(pfc_person_gaps *p) {
  for (int32_t k = 0; k < p->n; k++) p->place[p->at[k].competency] = -1;
  p->n = 0;
}

static void measure_row(const pfc_gaps *g, pfc_gap *gap, const pfc_level *level,
                        const pfc_level_gap *missing) {
  gap->level = level->mean;
  gap->level_sd = level->sd;
  gap->evidence_n = level->n_ratings;
  gap->latest_day = level->latest_day;
  gap->p_gap = missing->p_below;
  gap->shortfall = missing->shortfall;
  if (!isnan(gap->beyond)) {
    gap->shortfall = fmax(gap->shortfall - shortfall_to(g, gap, gap->beyond), 0);
  }
}

/* P(level < required) of today, for a row that was measured on a later day. */
static double p_gap_today(const pfc_gaps *g, const pfc_gap *gap, const pfc_level *today) {
  const pfc_requirement *r = pfc_requirements_find(g->requirements, gap->role, gap->competency);
  const double asked =
      pfc__required_level(r, g->scale_min, g->scale_max, g->settings.held_share);
  return pfc_level_p_below(today->mean, today->sd, asked, g->scale_min);
}

static void rank_row(const pfc_gaps *g, pfc_gap *gap, double p_today) {
  gap->priority = pfc_gap_weight(gap) * gap->shortfall;
  gap->gap_class = class_of(g, gap, p_today);
  gap->urgency = urgency_of(g, gap);
}

static void measure(const pfc_gaps *g, int32_t date, pfc_person_gaps *p) {
  const int32_t ahead = g->settings.ahead_days;
  for (int32_t k = 0; k < p->n; k++) p->asked[k] = p->at[k].competency;
  pfc_levels_tell(g->levels, p->known, p->n, p->asked,
                  date == PFC_NO_DATE ? date : date + ahead, p->told);
  for (int32_t k = 0; k < p->n; k++) p->missing[k].required = p->at[k].required;
  pfc_level_gaps(p->n, p->told, g->scale_min, g->scale_max, p->missing);
  for (int32_t k = 0; k < p->n; k++) measure_row(g, &p->at[k], &p->told[k], &p->missing[k]);
  if (ahead > 0) pfc_levels_tell(g->levels, p->known, p->n, p->asked, date, p->told);
  for (int32_t k = 0; k < p->n; k++) {
    pfc_gap *gap = &p->at[k];
    rank_row(g, gap, ahead > 0 ? p_gap_today(g, gap, &p->told[k]) : gap->p_gap);
  }
}

/* Nothing is known of anybody: where something is asked for, a gap counts 1. */
static void assume(const pfc_gaps *g, pfc_person_gaps *p) {
  for (int32_t k = 0; k < p->n; k++) {
    p->at[k].shortfall = p->at[k].required > g->scale_min ? 1 : 0;
    p->at[k].p_gap = (double)NAN;
    rank_row(g, &p->at[k], (double)NAN);
  }
}

static int32_t goal_role_of(const pfc_gaps *g, int32_t person) {
  if (g->settings.goal_role >= 0) return g->settings.goal_role;
  const int64_t row = g->history->people_row[person];
  return g->goal_role && row >= 0 ? g->goal_role[row] : -1;
}

pfc_status pfc_gaps_of(const pfc_gaps *g, int32_t person, int32_t date, pfc_person_gaps *p,
                       pfc_error *err) {
  const int32_t day = date == PFC_NO_DATE ? g->as_of : date;
  const int32_t day_before = day == PFC_NO_DATE ? day : day - 1;
  clear_rows(p);
  list_rows(g, pfc_history_role(g->history, person, day_before), goal_role_of(g, person), p);
  if (p->n == 0) return PFC_OK;
  if (!g->levels) {
    assume(g, p);
    return PFC_OK;
  }
  const pfc_status st = pfc_levels_look(g->levels, person, day, p->known, err);
  if (st == PFC_OK) measure(g, day, p);
  return st;
}

void pfc_gaps_suppose(const pfc_gaps *g, pfc_person_gaps *p, int32_t competency, double more) {
  if (!g->levels || p->place[competency] < 0) return;
  for (int32_t k = p->place[competency]; k < p->n && p->at[k].competency == competency; k++) {
    pfc_gap *gap = &p->at[k];
    const pfc_level level = {gap->level + more, gap->level_sd, gap->evidence_n,
                             gap->latest_day};
    pfc_level_gap missing = {.required = gap->required};
    pfc_level_gaps(1, &level, g->scale_min, g->scale_max, &missing);
    measure_row(g, gap, &level, &missing);
    rank_row(g, gap, gap->p_gap);
  }
}

/* --- order ---------------------------------------------------------------------------------
 */

static bool comes_before(const pfc_person_gaps *p, int32_t a, int32_t b) {
  const pfc_gap *x = &p->at[a], *y = &p->at[b];
  const bool x_first = x->is_compliance && is_likely(x->p_gap);
  const bool y_first = y->is_compliance && is_likely(y->p_gap);
  if (x_first != y_first) return x_first;
  if (x->priority != y->priority) return x->priority > y->priority;
  return a < b;
}

/* Shell's sort: no memory, and the order is total, so any sort gives the same. */
void pfc_gaps_order(const pfc_person_gaps *p, int32_t *order) {
  static const int32_t GAPS[] = {701, 301, 132, 57, 23, 10, 4, 1}; /* Ciura 2001 */
  for (int32_t k = 0; k < p->n; k++) order[k] = k;
  for (size_t s = 0; s < sizeof GAPS / sizeof *GAPS; s++) {
    const int32_t step = GAPS[s];
    for (int32_t k = step; k < p->n; k++) {
      const int32_t row = order[k];
      int32_t at = k;
      for (; at >= step && comes_before(p, row, order[at - step]); at -= step)
        order[at] = order[at - step];
      order[at] = row;
    }
  }
}
