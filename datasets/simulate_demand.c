/* Demand on the labour market, and futures to plan for.
 *
 * Demand, by role and by competency, for the calendar months that the history touches:
 *
 *   log index(m) = trend m + season(m) + shock(m), less what it is in the last month, so that
 *                  the index is 1 there;
 *   trend        normal, 0.4 % a month from series to series;
 *   season       0.10 cos(2 pi (month of the year - peak) / 12), the peak a month drawn for
 *                  each series: demand swings by a tenth either way;
 *   shock        0.7 times the one before + normal of 0.02. */
#include "datasets/simulate_people_internal.h"

#define TREND 0.004
#define SEASON 0.10
#define PERSISTENCE 0.7
#define SHOCK 0.02
#define TURN (2 * 3.14159265358979323846)

/* One series: its figures of n months from calendar month `first` on. */
static void draw_series(pfc_rng *rng, int64_t first, int32_t n, double *index) {
  const double trend = TREND * pfc_rng_normal(rng);
  const double peak = (double)pfc_rng_below(rng, 12);
  double shock = SHOCK / sqrt(1 - PERSISTENCE * PERSISTENCE) * pfc_rng_normal(rng);
  for (int32_t m = 0; m < n; m++) {
    const double season = SEASON * cos(TURN * ((double)((first + m) % 12) - peak) / 12);
    if (m > 0) shock = PERSISTENCE * shock + SHOCK * pfc_rng_normal(rng);
    index[m] = trend * m + season + shock;
  }
  const double last = index[n - 1];
  for (int32_t m = 0; m < n; m++) index[m] = round(1e4 * exp(index[m] - last)) / 1e4;
}

pfc_status pfc__sim_demand(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = s->truth;
  int32_t *month, *role, *competency;
  double *index;
  int day;
  const int64_t first = pfc_date_month(t->first_day, &day);
  const int32_t n = (int32_t)(pfc_date_month(t->last_day, &day) - first) + 1;
  const int32_t opens = pfc_date_add_months(t->last_day - day + 1, 1 - n);
  const int32_t n_series = t->n_roles + t->n_competencies;
  const int64_t n_rows = (int64_t)n_series * n;
  PFC_TRY(pfc__sim_ints(s, PFC_DEMAND, "month", n_rows, &month, err));
  PFC_TRY(pfc__sim_ints(s, PFC_DEMAND, "role_id", n_rows, &role, err));
  PFC_TRY(pfc__sim_ints(s, PFC_DEMAND, "competency_id", n_rows, &competency, err));
  PFC_TRY(pfc__sim_reals(s, PFC_DEMAND, "index", n_rows, &index, err));
  for (int32_t k = 0; k < n_series; k++) {
    const bool is_role = k < t->n_roles;
    const int32_t code = is_role ? k : k - t->n_roles;
    const char *id = pfc_dict_text(is_role ? t->roles : t->competencies, code);
    pfc_rng rng = pfc__sim_stream(s, "work.demand", pfc_rng_id(id));
    draw_series(&rng, first, n, index + (int64_t)k * n);
    for (int32_t m = 0; m < n; m++) {
      month[(int64_t)k * n + m] = pfc_date_add_months(opens, m);
      *(is_role ? &role[(int64_t)k * n + m] : &competency[(int64_t)k * n + m]) = code;
    }
  }
done:
  return st;
}

/* --- scenarios ------------------------------------------------------------------------------
 */

enum { N_MONTHS = 24, N_AFFECTED = 8 };

/* Growth of headcount a year, as a logarithm, by job zone; and levels a year by which what is
 * required of the affected competencies rises, drawn for each between the two. */
typedef struct scenario {
  const char *name;
  double growth[6], rise_min, rise_max;
} scenario;

static const scenario SCENARIOS[] = {
    {"base", {0, 0, 0, 0, 0, 0}, 0, 0},
    {"automation", {0, -0.20, -0.15, -0.05, 0.05, 0.08}, -0.1, 0.5},
    {"growth", {0, 0.10, 0.10, 0.10, 0.10, 0.10}, 0, 0.2},
};
enum { N_SCENARIOS = sizeof SCENARIOS / sizeof *SCENARIOS };

/* The competencies that roles need most, -1 no more; what is affected is the same in all
 * scenarios, so that they can be compared. */
static pfc_status find_affected(const pfc_truth *t, int32_t affected[N_AFFECTED],
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  double *need = NULL;
  PFC_NEW(need, t->n_competencies);
  for (int64_t k = 0; k < (int64_t)t->n_roles * t->n_competencies; k++)
    if (!isnan(t->required[k]) && !isnan(t->importance[k]))
      need[k % t->n_competencies] += (double)t->importance[k];
  for (int a = 0; a < N_AFFECTED; a++) {
    affected[a] = -1;
    for (int32_t c = 0; c < t->n_competencies; c++)
      if (need[c] > 0 && (affected[a] < 0 || need[c] > need[affected[a]])) affected[a] = c;
    if (affected[a] >= 0) need[affected[a]] = 0;
  }
done:
  pfc_free(need);
  return st;
}

/* What roles require on average today. */
static double mean_level(const pfc_truth *t, int32_t competency) {
  double sum = 0;
  int32_t n = 0;
  for (int32_t r = 0; r < t->n_roles; r++) {
    const double level = (double)t->required[(int64_t)r * t->n_competencies + competency];
    if (isnan(level)) continue;
    sum += level;
    n++;
  }
  return n > 0 ? sum / n : 0;
}

typedef struct scenario_columns {
  int32_t *scenario, *role, *competency, *month;
  double *headcount, *level;
} scenario_columns;

static pfc_status add_scenarios(pfc__sim *s, int64_t n, scenario_columns *col, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char *name[N_SCENARIOS];
  int32_t code[N_SCENARIOS]; /* 0, 1 ...: the dictionary is new */
  for (int k = 0; k < N_SCENARIOS; k++) name[k] = SCENARIOS[k].name;
  PFC_TRY(pfc__sim_words(s, "scenario", N_SCENARIOS, name, code, err));
  PFC_TRY(pfc__sim_ints(s, PFC_SCENARIOS, "scenario", n, &col->scenario, err));
  PFC_TRY(pfc__sim_ints(s, PFC_SCENARIOS, "role_id", n, &col->role, err));
  PFC_TRY(pfc__sim_ints(s, PFC_SCENARIOS, "competency_id", n, &col->competency, err));
  PFC_TRY(pfc__sim_ints(s, PFC_SCENARIOS, "month", n, &col->month, err));
  PFC_TRY(pfc__sim_reals(s, PFC_SCENARIOS, "headcount", n, &col->headcount, err));
  PFC_TRY(pfc__sim_reals(s, PFC_SCENARIOS, "required_level", n, &col->level, err));
done:
  return st;
}

/* Scenario and month of the rows of one role or competency, from row `at` on. */
static void write_months(const pfc__sim *s, const scenario_columns *col, int64_t at,
                         int32_t k) {
  int day;
  (void)pfc_date_month(s->truth->last_day, &day);
  for (int32_t m = 1; m <= N_MONTHS; m++) {
    col->scenario[at] = k;
    col->month[at++] = pfc_date_add_months(s->truth->last_day - day + 1, m);
  }
}

static void write_role(const pfc__sim *s, const scenario_columns *col, int64_t at, int32_t k,
                       int32_t role, int32_t headcount) {
  const uint64_t id = pfc_rng_id(SCENARIOS[k].name) + (uint64_t)role;
  pfc_rng rng = pfc__sim_stream(s, "work.headcount", id);
  /* Roles of a zone do not all grow alike, except where nothing changes. */
  const double own = k > 0 ? 0.02 * pfc_rng_normal(&rng) : 0;
  const double growth = SCENARIOS[k].growth[s->role_zone[role]] + own;
  write_months(s, col, at, k);
  for (int32_t m = 1; m <= N_MONTHS; m++, at++) {
    col->role[at] = role;
    col->headcount[at] = round(headcount * exp(growth * m / 12));
  }
}

static void write_competency(const pfc__sim *s, const scenario_columns *col, int64_t at,
                             int32_t k, int32_t competency) {
  const uint64_t id = pfc_rng_id(pfc_dict_text(s->truth->competencies, competency));
  pfc_rng rng = pfc__sim_stream(s, "work.rise", id + (uint64_t)k);
  const double rise = pfc__sim_between(&rng, SCENARIOS[k].rise_min, SCENARIOS[k].rise_max);
  const double today = mean_level(s->truth, competency);
  write_months(s, col, at, k);
  for (int32_t m = 1; m <= N_MONTHS; m++, at++) {
    const double level = fmin(fmax(today + rise * m / 12, 0), 7);
    col->competency[at] = competency;
    col->level[at] = round(100 * level) / 100;
  }
}

static void count_heads(const pfc__sim *s, int32_t *headcount) {
  const pfc_truth *t = s->truth;
  for (int32_t p = 0; p < t->n_people; p++) {
    const int64_t position = pfc__sim_position(s, p, t->last_day);
    if (position >= 0) headcount[t->position_role[position]]++;
  }
}

pfc_status pfc__sim_scenarios(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = s->truth;
  int32_t affected[N_AFFECTED], *headcount = NULL, n = 0;
  int64_t at = 0;
  scenario_columns col = {0};
  PFC_NEW(headcount, t->n_roles);
  count_heads(s, headcount);
  PFC_TRY(find_affected(t, affected, err));
  while (n < N_AFFECTED && affected[n] >= 0) n++;
  PFC_TRY(add_scenarios(s, (int64_t)N_SCENARIOS * (t->n_roles + n) * N_MONTHS, &col, err));
  for (int32_t k = 0; k < N_SCENARIOS; k++) {
    for (int32_t r = 0; r < t->n_roles; r++, at += N_MONTHS)
      write_role(s, &col, at, k, r, headcount[r]);
    for (int32_t a = 0; a < n; a++, at += N_MONTHS)
      write_competency(s, &col, at, k, affected[a]);
  }
done:
  pfc_free(headcount);
  return st;
}
