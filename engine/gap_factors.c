/* Factors of priority: criticality and vacancies of roles, demand, and what scenarios foresee.
 */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/gaps_internal.h"
#include "models/predict.h"

/* --- roles ---------------------------------------------------------------------------------
 */

static bool has_left(const pfc_history *h, const int32_t *left_on, int32_t person,
                     int32_t as_of) {
  const int64_t row = h->people_row[person];
  if (!left_on || row < 0 || left_on[row] == PFC_NO_DATE) return false;
  return as_of == PFC_NO_DATE || left_on[row] < as_of;
}

static void count_heads(const pfc_dataset *ds, const pfc_history *h, int32_t as_of,
                        int64_t *heads) {
  const int32_t *left_on = pfc_dataset_dates(ds, PFC_PEOPLE, "left_on");
  const int32_t day = as_of == PFC_NO_DATE ? as_of : as_of - 1;
  for (int32_t p = 0; p < h->n_people; p++) {
    const int32_t role = has_left(h, left_on, p, as_of) ? -1 : pfc_history_role(h, p, day);
    if (role >= 0) heads[role]++;
  }
}

static pfc_status read_roles(const pfc_dataset *ds, const pfc_history *h,
                             const pfc_gap_settings *s, int32_t as_of, pfc__gap_factors *f,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *heads = NULL;
  const int32_t n_roles = pfc_dataset_count(ds, "role");
  const int32_t *role = pfc_dataset_codes(ds, PFC_ROLES, "role_id");
  const double *criticality = pfc_dataset_reals(ds, PFC_ROLES, "criticality");
  const pfc_column *open = pfc_dataset_column(ds, PFC_ROLES, "vacancies");
  PFC_NEW(heads, n_roles);
  count_heads(ds, h, as_of, heads);
  for (int32_t r = 0; r < n_roles; r++) f->criticality[r] = f->vacancies[r] = 1;
  for (int64_t k = 0; role && k < ds->tables[PFC_ROLES].n_rows; k++) {
    const int32_t r = role[k];
    if (r < 0) continue;
    if (criticality && !isnan(criticality[k])) {
      f->criticality[r] = 1 - s->criticality_weight * (1 - criticality[k]);
    }
    if (open && !pfc_column_missing(open, k)) {
      /* Of a role that nobody holds, each vacancy counts as one of one. */
      const double n = heads[r] > 0 ? (double)heads[r] : 1;
      f->vacancies[r] = 1 + s->vacancy_weight * (double)open->i32[k] / n;
    }
  }
done:
  pfc_free(heads);
  return st;
}

/* --- demand --------------------------------------------------------------------------------
 */

/* Months that make a year's growth: a year apart, so that seasons do not count, or as near to
 * that as the table goes. */
enum { YEAR = 12, LEAST = 6, MOST = 18 };

/* One role's or competency's figures around the day: the last one known, and those nearest to a
 * year before and after. months is the distance, 0 none. */
typedef struct series {
  int64_t month;
  double now;
  bool is_known;
  int32_t months[2];
  double index[2];
} series;

typedef struct demand_table {
  int64_t n;
  const int32_t *day, *role, *competency;
  const double *index;
  int32_t n_roles;
  series *of; /* roles, then competencies */
} demand_table;

static series *series_of(const demand_table *d, int64_t row) {
  const int32_t role = d->role ? d->role[row] : -1;
  const int32_t competency = d->competency ? d->competency[row] : -1;
  if (d->day[row] == PFC_NO_DATE || (role < 0 && competency < 0)) return NULL;
  return &d->of[role >= 0 ? role : d->n_roles + competency];
}

/* Of two rows of one month the later one counts. */
static void find_now(const demand_table *d, int32_t as_of) {
  for (int64_t k = 0; k < d->n; k++) {
    series *s = series_of(d, k);
    int day;
    if (!s || (as_of != PFC_NO_DATE && d->day[k] >= as_of)) continue;
    const int64_t month = pfc_date_month(d->day[k], &day);
    if (s->is_known && month < s->month) continue;
    s->is_known = true;
    s->month = month;
    s->now = d->index[k];
  }
}

/* Nearer to a year, or as near and further from the day, which no order of rows decides. */
static bool is_nearer(int32_t months, int32_t than) {
  if (than == 0) return true;
  const int32_t a = abs(months - YEAR), b = abs(than - YEAR);
  return a < b || (a == b && months >= than);
}

static void find_neighbours(const demand_table *d, bool has_forecast) {
  for (int64_t k = 0; k < d->n; k++) {
    series *s = series_of(d, k);
    int day;
    if (!s || !s->is_known) continue;
    const int64_t months = pfc_date_month(d->day[k], &day) - s->month;
    const int side = months > 0;
    const int64_t apart = side ? months : -months;
    if ((side && !has_forecast) || apart < LEAST || apart > MOST) continue;
    if (!is_nearer((int32_t)apart, s->months[side])) continue;
    s->months[side] = (int32_t)apart;
    s->index[side] = d->index[k];
  }
}

/* A forecast, where there is one, before the growth of the year that has passed. */
static double growth_of(const series *s) {
  const int side = s->months[1] > 0;
  if (!s->is_known || s->months[side] == 0) return NAN;
  const double ratio = side ? s->index[1] / s->now : s->now / s->index[0];
  return pow(ratio, (double)YEAR / s->months[side]); /* NaN of 0 / 0 */
}

static pfc__demand demand_of(const series *s, double weight) {
  const double growth = growth_of(s);
  const double factor = isnan(growth) ? 1 : fmin(fmax(pow(growth, weight), 0.5), 2);
  return (pfc__demand){growth, factor};
}

/* What the table says of months after the day is a forecast where the day is today, and was not
 * known yet where facts go on after it. */
static bool is_today(const pfc_dataset *ds, const pfc_history *h, int32_t as_of) {
  return as_of != PFC_NO_DATE && as_of > pfc_last_day(ds, h);
}

static pfc_status read_demand(const pfc_dataset *ds, const pfc_history *h, double weight,
                              int32_t as_of, pfc__gap_factors *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_competencies = pfc_dataset_count(ds, "competency");
  demand_table d = {.day = pfc_dataset_dates(ds, PFC_DEMAND, "month"),
                    .role = pfc_dataset_codes(ds, PFC_DEMAND, "role_id"),
                    .competency = pfc_dataset_codes(ds, PFC_DEMAND, "competency_id"),
                    .index = pfc_dataset_reals(ds, PFC_DEMAND, "index"),
                    .n_roles = pfc_dataset_count(ds, "role")};
  PFC_NEW(d.of, (size_t)d.n_roles + (size_t)n_competencies);
  if (d.day && d.index) d.n = ds->tables[PFC_DEMAND].n_rows;
  find_now(&d, as_of);
  find_neighbours(&d, is_today(ds, h, as_of));
  for (int32_t r = 0; r < d.n_roles; r++) f->role[r] = demand_of(&d.of[r], weight);
  for (int32_t c = 0; c < n_competencies; c++)
    f->competency[c] = demand_of(&d.of[d.n_roles + c], weight);
done:
  pfc_free(d.of);
  return st;
}

/* --- scenarios ------------------------------------------------------------------------------
 */

/* What roles ask for on average, NaN where none gives a level. */
static pfc_status find_means(const pfc_requirements *r, double *mean, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *n = NULL;
  PFC_NEW(n, r->n_competencies);
  for (int64_t k = 0; k < r->first[r->n_roles]; k++) {
    const pfc_requirement *at = &r->at[k];
    if (isnan(at->level)) continue;
    mean[at->competency] += at->level;
    n[at->competency]++;
  }
  for (int32_t c = 0; c < r->n_competencies; c++)
    mean[c] = n[c] > 0 ? mean[c] / (double)n[c] : (double)NAN;
done:
  pfc_free(n);
  return st;
}

/* Scenario `base` gives one level for all roles together; roles that ask for more than others
 * today will do so then. So it moves them all by what it lies above their mean. The last month
 * that begins after the day and up to the one ahead counts. */
static pfc_status read_scenario(const pfc_dataset *ds, const pfc_requirements *requirements,
                                int32_t as_of, int32_t ahead, pfc__gap_factors *f,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  double *mean = NULL;
  int32_t *latest = NULL;
  const pfc_dict *names = pfc_dataset_find_dict(ds, "scenario");
  const int32_t *scenario = pfc_dataset_codes(ds, PFC_SCENARIOS, "scenario");
  const int32_t *competency = pfc_dataset_codes(ds, PFC_SCENARIOS, "competency_id");
  const int32_t *month = pfc_dataset_dates(ds, PFC_SCENARIOS, "month");
  const double *level = pfc_dataset_reals(ds, PFC_SCENARIOS, "required_level");
  const int32_t base = names ? pfc_dict_find(names, "base") : -1;
  if (ahead == 0 || base < 0 || !scenario || !competency || !month || !level) return PFC_OK;
  PFC_NEW(mean, requirements->n_competencies);
  PFC_NEW(latest, requirements->n_competencies);
  PFC_TRY(find_means(requirements, mean, err));
  for (int32_t c = 0; c < requirements->n_competencies; c++) latest[c] = as_of + 1;
  for (int64_t k = 0; k < ds->tables[PFC_SCENARIOS].n_rows; k++) {
    const int32_t c = competency[k], day = month[k];
    if (scenario[k] != base || c < 0 || isnan(level[k]) || isnan(mean[c])) continue;
    if (day > as_of + ahead || day < latest[c]) continue;
    latest[c] = day;
    f->rise[c] = level[k] - mean[c];
  }
done:
  pfc_free(mean);
  pfc_free(latest);
  return st;
}

/* --- all ------------------------------------------------------------------------------------
 */

pfc_status pfc__gap_factors_read(const pfc_dataset *ds, const pfc_history *h,
                                 const pfc_requirements *requirements,
                                 const pfc_gap_settings *settings, int32_t as_of,
                                 pfc__gap_factors *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_roles = pfc_dataset_count(ds, "role");
  const int32_t n_competencies = pfc_dataset_count(ds, "competency");
  PFC_NEW(f->criticality, n_roles);
  PFC_NEW(f->vacancies, n_roles);
  PFC_NEW(f->role, n_roles);
  PFC_NEW(f->competency, n_competencies);
  PFC_NEW(f->rise, n_competencies);
  PFC_TRY(read_roles(ds, h, settings, as_of, f, err));
  PFC_TRY(read_demand(ds, h, settings->demand_weight, as_of, f, err));
  PFC_TRY(read_scenario(ds, requirements, as_of, settings->ahead_days, f, err));
done:
  return st;
}

void pfc__gap_factors_clear(pfc__gap_factors *f) {
  pfc_free(f->criticality);
  pfc_free(f->vacancies);
  pfc_free(f->role);
  pfc_free(f->competency);
  pfc_free(f->rise);
  *f = (pfc__gap_factors){0};
}
