#include <stdio.h>

#include "datasets/simulate_columns_internal.h"
#include "datasets/simulate_people_internal.h"

#define YEAR_DAYS 365
#define MONTH_DAYS (365.2425 / 12)

#define THERE 0.70         /* share of people who are there on the first day */
#define TENURE_YEARS 5.0   /* mean of their tenure then, were it not cut */
#define MOST_YEARS 15.0    /* at which it is cut */
#define GROUP 0.30         /* share of the protected group */
#define MOST_APTITUDE 3.5  /* half of the scale */
#define DEFICIT 1.6        /* of somebody without experience, in levels times |z| */
#define EXPERIENCE 10.0    /* years before the first position, at most */
#define NO_REQUIREMENT 0.5 /* level to which a role leads where none is published */
#define SHORT_OF 0.3       /* how far below what is published people settle */

enum { FACTORS = 3 };

/* --- tables ------------------------------------------------------------------------------ */

pfc_status pfc__sim_ints(pfc__sim *s, pfc_table_id table, const char *name, int64_t n_rows,
                         int32_t **data, pfc_error *err) {
  pfc_column *column;
  const pfc_status st = pfc__sim_column(s, table, name, n_rows, &column, err);
  if (st == PFC_OK) *data = column->i32;
  return st;
}

pfc_status pfc__sim_reals(pfc__sim *s, pfc_table_id table, const char *name, int64_t n_rows,
                          double **data, pfc_error *err) {
  pfc_column *column;
  const pfc_status st = pfc__sim_column(s, table, name, n_rows, &column, err);
  if (st == PFC_OK) *data = column->real;
  return st;
}

/* --- who they are ------------------------------------------------------------------------ */

static pfc_status allocate(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_truth *t = s->truth;
  const size_t n = (size_t)s->settings->n_people;
  t->n_people = s->settings->n_people;
  PFC_NEW(t->group, n);
  PFC_NEW(t->ability, n);
  PFC_NEW(t->diligence, n);
  PFC_NEW(t->motivation, n);
  PFC_NEW(t->growth, n);
  PFC_NEW(t->hours, n);
  PFC_NEW(t->offers, n);
  PFC_NEW(t->taste, n * PFC_TRUTH_TASTES);
  PFC_NEW(t->aptitude, n * (size_t)t->n_competencies);
  PFC_NEW(t->initial, n * (size_t)t->n_competencies);
  PFC_NEW(t->left_on, n);
  PFC_NEW(s->hired_on, n);
done:
  return st;
}

static pfc_status name_people(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dict *people = pfc_dataset_dict(s->ds, "person");
  if (!people) return pfc_fail_memory(err, "ids of people");
  for (int32_t p = 0; p < s->truth->n_people; p++) {
    char id[24];
    int32_t code;
    const int size = snprintf(id, sizeof id, "P%06d", p + 1);
    PFC_TRY(pfc_dict_add(people, id, (size_t)size, &code, err));
    PFC_TRY(pfc_dict_add(s->truth->people, id, (size_t)size, &code, err));
  }
done:
  return st;
}

/* Ability, diligence and motivation are independent standard normals. What else differs
 * between people is lognormal: growth around 0.35 a year (more with ability, and, in hard
 * laws, with motivation), hours around 2.5 a week, offers around 0.35 a month, with a spread
 * at which most people collect 16 starts or fewer in three years. */
static void draw_traits(pfc__sim *s, int32_t p) {
  pfc_truth *t = s->truth;
  pfc_rng rng = pfc__sim_stream(s, "people.traits", (uint64_t)p);
  const double ability = pfc_rng_normal(&rng);
  const double diligence = pfc_rng_normal(&rng);
  const double motivation = pfc_rng_normal(&rng);
  const double pace = 0.15 * ability + (t->hard ? 0.3 * motivation : 0);
  t->ability[p] = (float)ability;
  t->diligence[p] = (float)diligence;
  t->motivation[p] = (float)motivation;
  t->growth[p] = (float)(pfc__sim_lognormal(&rng, 0.35, 0.3) * exp(pace));
  t->hours[p] = (float)pfc__sim_lognormal(&rng, 2.5, 0.4);
  t->offers[p] = (float)pfc__sim_lognormal(&rng, 0.35, 0.9);
  rng = pfc__sim_stream(s, "people.taste", (uint64_t)p);
  for (int k = 0; k < PFC_TRUTH_TASTES; k++)
    t->taste[(int64_t)p * PFC_TRUTH_TASTES + k] = (float)(0.7 * pfc_rng_normal(&rng));
  rng = pfc__sim_stream(s, "people.group", (uint64_t)p);
  t->group[p] = pfc_rng_uniform(&rng) < GROUP;
}

/* --- when they come and go --------------------------------------------------------------- */

/* Those who are there on the first day came over the 15 years before, their tenure exponential
 * with a mean of five years, cut at fifteen; the others come evenly over the days after it. */
static int32_t draw_hire(const pfc__sim *s, int32_t p) {
  const pfc_truth *t = s->truth;
  pfc_rng rng = pfc__sim_stream(s, "people.hire", (uint64_t)p);
  if (pfc_rng_uniform(&rng) >= THERE)
    return t->first_day + 1 +
           (int32_t)pfc_rng_below(&rng, (uint64_t)(t->last_day - t->first_day));
  const double within = 1 - exp(-MOST_YEARS / TENURE_YEARS);
  const double years = -TENURE_YEARS * log(1 - within * pfc_rng_uniform(&rng));
  return t->first_day - (int32_t)(years * YEAR_DAYS);
}

/* logit(monthly) = -4.4 + 0.7 [tenure < 1 year] - 0.25 ability, and - 0.8 motivation in hard
 * laws: motivation drives learning too, so that who leaves early would have learned later.
 * A day's share of a month is 12 / 365.2425. */
double pfc__sim_exit_hazard(const pfc_truth *t, int32_t person, bool first_year) {
  double eta = -4.4 + (first_year ? 0.7 : 0) - 0.25 * t->ability[person];
  if (t->hard) eta -= 0.8 * t->motivation[person];
  /* log(1 - monthly) = -log(1 + exp(eta)) */
  return -expm1(-log1p(exp(eta)) / MONTH_DAYS);
}

/* Days until something comes that has probability q on each: 1, 2, ... */
static double draw_wait(pfc_rng *rng, double q) {
  return 1 + floor(log1p(-pfc_rng_uniform(rng)) / log1p(-q));
}

/* Nobody leaves before the first day, when those who have left are not in the data, nor on the
 * last, when it is not known yet. Within the first year and after it the hazard is constant,
 * so that one draw each tells the day. */
static int32_t draw_exit(const pfc__sim *s, int32_t p) {
  const pfc_truth *t = s->truth;
  pfc_rng rng = pfc__sim_stream(s, "people.exit", (uint64_t)p);
  const int32_t hired = s->hired_on[p], year = hired + YEAR_DAYS;
  const int32_t begin = hired > t->first_day ? hired : t->first_day;
  double day = begin + draw_wait(&rng, pfc__sim_exit_hazard(t, p, true));
  if (day >= year) {
    const int32_t since = begin > year - 1 ? begin : year - 1;
    day = since + draw_wait(&rng, pfc__sim_exit_hazard(t, p, false));
  }
  return day < t->last_day ? (int32_t)day : PFC_NO_DATE;
}

/* --- what they can ----------------------------------------------------------------------- */

static double clamp(double x, double min, double max) {
  return x < min ? min : x > max ? max : x;
}

/* What the competency draws on: FACTORS numbers of spread 0.6. */
static void draw_loadings(const pfc__sim *s, double *loading) {
  for (int32_t c = 0; c < s->truth->n_competencies; c++) {
    const uint64_t id = pfc_rng_id(pfc_dict_text(s->truth->competencies, c));
    pfc_rng rng = pfc__sim_stream(s, "people.loading", id);
    for (int k = 0; k < FACTORS; k++) loading[c * FACTORS + k] = 0.6 * pfc_rng_normal(&rng);
  }
}

/* Student's t with three degrees of freedom: heavier tails than the normal's. */
static double draw_student(pfc_rng *rng) {
  const double z = pfc_rng_normal(rng);
  double square = 0;
  for (int k = 0; k < 3; k++) {
    const double x = pfc_rng_normal(rng);
    square += x * x;
  }
  return z / sqrt(square / 3);
}

/* aptitude = u_p . v_c + e: u_p three numbers of spread 0.45, the first of them ability; e of
 * spread 0.35, normal or, in hard laws, Student's t with three degrees of freedom. */
static void draw_aptitude(pfc__sim *s, int32_t p, const double *loading) {
  pfc_truth *t = s->truth;
  pfc_rng rng = pfc__sim_stream(s, "people.aptitude", (uint64_t)p);
  double u[FACTORS] = {0.45 * t->ability[p]};
  float *aptitude = t->aptitude + (int64_t)p * t->n_competencies;
  for (int k = 1; k < FACTORS; k++) u[k] = 0.45 * pfc_rng_normal(&rng);
  for (int32_t c = 0; c < t->n_competencies; c++) {
    double sum = 0.35 * (t->hard ? draw_student(&rng) : pfc_rng_normal(&rng));
    for (int k = 0; k < FACTORS; k++) sum += u[k] * loading[c * FACTORS + k];
    aptitude[c] = (float)clamp(sum, -MOST_APTITUDE, MOST_APTITUDE);
  }
}

/* The level to which a role leads, A = required - 0.3 + aptitude, less a deficit that is
 * smaller with experience from elsewhere: 1.6 exp(-growth x years) |z|, |z| <= 2. */
static void draw_initial(pfc__sim *s, int32_t p, int32_t role) {
  pfc_truth *t = s->truth;
  pfc_rng rng = pfc__sim_stream(s, "people.initial", (uint64_t)p);
  const int64_t row = (int64_t)p * t->n_competencies;
  const float *required = t->required + (int64_t)role * t->n_competencies;
  const double years = EXPERIENCE * pfc_rng_uniform(&rng);
  const double deficit = DEFICIT * exp(-t->growth[p] * years);
  for (int32_t c = 0; c < t->n_competencies; c++) {
    const double asked = isnan(required[c]) ? NO_REQUIREMENT : required[c];
    const double level = clamp(asked - SHORT_OF + t->aptitude[row + c], 0, 7);
    const double lacks = deficit * fabs(pfc__sim_normal_within(&rng, 2));
    t->initial[row + c] = (float)clamp(level - lacks, 0, 7);
  }
}

/* --- tables people and protected ---------------------------------------------------------- */

/* A role of the same family that asks for more, -1 none. */
static int32_t draw_goal(const pfc__sim *s, int32_t role, pfc_rng *rng) {
  int32_t n = 0, goal = -1;
  for (int32_t r = 0; r < s->truth->n_roles; r++) {
    const bool is_higher =
        s->role_family[r] == s->role_family[role] && s->role_zone[r] > s->role_zone[role];
    /* Each of n candidates is kept with 1/n: all are as likely in the end. */
    if (is_higher && pfc_rng_below(rng, (uint64_t)++n) == 0) goal = r;
  }
  return goal;
}

static const char *const CONTRACTS[] = {"permanent", "fixed_term", "part_time"};

typedef struct people_columns {
  int32_t *person, *role, *unit, *manager, *hired, *left, *goal, *contract;
  double *hours, *commute;
} people_columns;

static pfc_status add_people(pfc__sim *s, people_columns *col, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t code[3]; /* 0, 1, 2: the dictionary is new */
  const int64_t n = s->truth->n_people;
  PFC_TRY(pfc__sim_ints(s, PFC_PEOPLE, "person_id", n, &col->person, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PEOPLE, "role_id", n, &col->role, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PEOPLE, "unit_id", n, &col->unit, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PEOPLE, "manager_id", n, &col->manager, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PEOPLE, "hired_on", n, &col->hired, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PEOPLE, "left_on", n, &col->left, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PEOPLE, "goal_role_id", n, &col->goal, err));
  PFC_TRY(pfc__sim_reals(s, PFC_PEOPLE, "hours_per_week", n, &col->hours, err));
  PFC_TRY(pfc__sim_reals(s, PFC_PEOPLE, "x_commute_km", n, &col->commute, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PEOPLE, "c_contract", n, &col->contract, err));
  PFC_TRY(pfc__sim_words(s, "c_contract", 3, CONTRACTS, code, err));
done:
  return st;
}

/* What people do all day and want; commute and contract are drawn from nothing and stand for
 * the columns of a personnel system that tell a model nothing. */
static pfc_status write_people(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = s->truth;
  people_columns col = {0};
  PFC_TRY(add_people(s, &col, err));
  for (int32_t p = 0; p < t->n_people; p++) {
    pfc_rng rng = pfc__sim_stream(s, "people.row", (uint64_t)p);
    const int32_t role = t->position_role[t->position_start[p + 1] - 1];
    const double contract = pfc_rng_uniform(&rng);
    col.person[p] = p;
    col.role[p] = role;
    col.unit[p] = s->unit[p];
    col.manager[p] = s->manager[p];
    col.hired[p] = s->hired_on[p];
    col.left[p] = t->left_on[p];
    col.hours[p] = fmax(0.5, round(2 * (double)t->hours[p]) / 2);
    col.contract[p] = contract < 0.8 ? 0 : contract < 0.9 ? 1 : 2;
    col.commute[p] = round(10 * pfc__sim_lognormal(&rng, 12, 0.6)) / 10;
    if (pfc_rng_below(&rng, 3) == 0) col.goal[p] = draw_goal(s, role, &rng);
  }
done:
  return st;
}

/* Gender and age are independent of the group and of everything else. */
static pfc_status write_protected(pfc__sim *s, pfc_error *err) {
  static const char *const GROUPS[] = {"a", "b"};
  static const char *const GENDERS[] = {"f", "m", "x"};
  static const char *const AGES[] = {"under_30", "30_to_39", "40_to_49", "50_and_over"};
  pfc_status st = PFC_OK;
  const int64_t n = s->truth->n_people;
  int32_t *person, *group, *gender, *age, code[4]; /* 0, 1 ...: the dictionaries are new */
  PFC_TRY(pfc__sim_ints(s, PFC_PROTECTED, "person_id", n, &person, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PROTECTED, "group", n, &group, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PROTECTED, "gender", n, &gender, err));
  PFC_TRY(pfc__sim_ints(s, PFC_PROTECTED, "age_band", n, &age, err));
  PFC_TRY(pfc__sim_words(s, "protected.group", 2, GROUPS, code, err));
  PFC_TRY(pfc__sim_words(s, "protected.gender", 3, GENDERS, code, err));
  PFC_TRY(pfc__sim_words(s, "protected.age_band", 4, AGES, code, err));
  for (int32_t p = 0; p < n; p++) {
    pfc_rng rng = pfc__sim_stream(s, "people.protected", (uint64_t)p);
    const double u = pfc_rng_uniform(&rng);
    person[p] = p;
    group[p] = s->truth->group[p] != 0;
    gender[p] = u < 0.49 ? 0 : u < 0.98 ? 1 : 2;
    age[p] = (int32_t)pfc_rng_below(&rng, 4);
  }
done:
  return st;
}

/* --- all of it --------------------------------------------------------------------------- */

static void draw_people(pfc__sim *s) {
#pragma omp parallel for schedule(static)
  for (int32_t p = 0; p < s->settings->n_people; p++) {
    draw_traits(s, p);
    s->hired_on[p] = draw_hire(s, p);
    s->truth->left_on[p] = draw_exit(s, p);
  }
}

static void draw_levels(pfc__sim *s, const pfc__sim_careers *careers, const double *loading) {
#pragma omp parallel for schedule(static)
  for (int32_t p = 0; p < s->settings->n_people; p++) {
    draw_aptitude(s, p, loading);
    draw_initial(s, p, careers->role[careers->start[p]]);
  }
}

pfc_status pfc__sim_people(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__sim_careers careers = {0};
  double *loading = NULL;
  PFC_NEW(loading, (size_t)s->truth->n_competencies * FACTORS);
  PFC_TRY(allocate(s, err));
  PFC_TRY(name_people(s, err));
  draw_people(s);
  PFC_TRY(pfc__sim_careers_draw(s, &careers, err));
  draw_loadings(s, loading);
  draw_levels(s, &careers, loading);
  PFC_TRY(pfc__sim_managers(s, &careers, err));
  PFC_TRY(write_people(s, err));
  PFC_TRY(write_protected(s, err));
done:
  pfc__sim_careers_clear(&careers);
  pfc_free(loading);
  return st;
}
