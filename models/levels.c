#include "models/levels.h"

#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "models/profile_cell.h"
#include "models/spd.h"

/* Above so many pairs of role and competency their means are worked out when asked for. */
#define MOST_PAIRS (1 << 21)
#define MOST_ROW (1 + PFC_PROFILE_MOST_RANK)

/* Entries of a triangle of n x n, and of two of 1 + rank and rank. */
#define TRIANGLE(n) ((ptrdiff_t)(n) * ((n) + 1) / 2)
#define PACKED(rank) (TRIANGLE(1 + (rank)) + TRIANGLE(rank))

/* What holding a role makes likely in a competency, newcomers aside. */
typedef struct likely {
  double mean, var; /* var: of e_rc */
  double listed;
} likely;

struct pfc_levels {
  const pfc_profile *profile;
  const pfc_evidence *evidence;
  const pfc_requirements *requirements;
  int64_t most_cells; /* with ratings, of anybody */
  int32_t latest;     /* day of the evidence; PFC_NO_DATE nothing is dated */
  likely *pairs;      /* (role + 1) x competency; NULL when there would be too many */
  double *spread;     /* n_competencies x PACKED(rank): see static_var */
};

/* A cell with ratings or lessons. */
typedef struct known_cell {
  pfc_cell cell;
  double s; /* that its `way` is reckoned from */
  int32_t n_ratings, latest_day;
} known_cell;

/* Places of competencies without a cell that was read: nothing is known of them, or lessons
 * alone, which tell nothing of the person's row and are read once asked for. */
enum { UNKNOWN = -1, TAUGHT = -2 };

struct pfc_levels_person {
  int32_t person, date; /* as asked for */
  int32_t day;          /* looked from */
  pfc_cell_roles held;
  double mean[MOST_ROW];
  double cov[MOST_ROW * MOST_ROW];              /* dense, (1 + rank)^2 */
  double spread[PACKED(PFC_PROFILE_MOST_RANK)]; /* see static_var */
  double factor[MOST_ROW * MOST_ROW];
  pfc_cell_terms terms;
  int32_t n_cells;
  known_cell *cells;  /* with ratings, before the date or after */
  known_cell lessons; /* room for one without */
  int32_t n_placed;
  int32_t *placed; /* n_competencies: those with a place */
  int32_t *place;  /* n_competencies: in cells, or UNKNOWN, or TAUGHT */
};

/* --- what holds for everybody --------------------------------------------------------------
 */

static likely work_out(const pfc_levels *l, int32_t role, int32_t competency) {
  const pfc_profile *p = l->profile;
  const pfc_requirement *asks = pfc_requirements_find(l->requirements, role, competency);
  likely at = {0};
  pfc_profile_role_effect(p, role, competency, &at.mean, &at.var);
  at.mean += p->competency[competency] + p->beta[0];
  if (!asks) return at;
  at.listed = 1;
  at.mean += p->beta[1];
  if (!isnan(asks->level))
    at.mean += p->beta[2] * (asks->level - (p->scale_min + p->scale_max) / 2);
  return at;
}

static likely likely_of(const pfc_levels *l, int32_t role, int32_t competency) {
  if (!l->pairs) return work_out(l, role, competency);
  return l->pairs[((int64_t)role + 1) * l->profile->n_competencies + competency];
}

static pfc_status fill_pairs(pfc_levels *l, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n_competencies = l->profile->n_competencies, n_rows = l->profile->n_roles + 1LL;
  likely *pairs = NULL;
  if (n_rows * n_competencies > MOST_PAIRS) return PFC_OK;
  PFC_NEW(pairs, n_rows * n_competencies);
  for (int64_t r = 0; r < n_rows; r++)
    for (int64_t c = 0; c < n_competencies; c++)
      pairs[r * n_competencies + c] = work_out(l, (int32_t)r - 1, (int32_t)c);
  l->pairs = pairs;
done:
  return st;
}

/* The competency's side of static_var. */
static void spread_competency(const pfc_profile *p, int32_t competency, double *out) {
  const int k = p->rank;
  const float *v = p->factor + (ptrdiff_t)competency * k;
  const float *cov = p->factor_cov + (ptrdiff_t)competency * k * k;
  *out++ = 1;
  for (int i = 0; i < k; i++) {
    *out++ = (double)v[i];
    for (int j = 0; j <= i; j++)
      *out++ = (double)v[i] * (double)v[j] + (double)cov[(ptrdiff_t)i * k + j];
  }
  for (int i = 0; i < k; i++)
    for (int j = 0; j <= i; j++) *out++ = (double)cov[(ptrdiff_t)i * k + j];
}

static pfc_status fill_spread(pfc_levels *l, pfc_error *err) {
  pfc_status st = PFC_OK;
  const ptrdiff_t n = PACKED(l->profile->rank);
  PFC_NEW(l->spread, (size_t)l->profile->n_competencies * (size_t)n);
  for (int32_t c = 0; c < l->profile->n_competencies; c++)
    spread_competency(l->profile, c, l->spread + c * n);
done:
  return st;
}

static int32_t later(int32_t a, int32_t b) { return a > b ? a : b; /* PFC_NO_DATE is least */ }

static int32_t latest_day(const pfc_evidence *e) {
  int32_t day = PFC_NO_DATE;
  for (int64_t i = 0; i < e->first_seen[e->n_people]; i++) day = later(day, e->seen[i].day);
  for (int64_t i = 0; i < e->first_taught[e->n_people]; i++) day = later(day, e->taught[i].end);
  for (int64_t i = 0; i < e->first_held[e->n_people]; i++) day = later(day, e->held[i].from);
  return day;
}

/* The most that anybody has ratings in. */
static int64_t count_cells(const pfc_evidence *e) {
  int64_t most = 0;
  for (int32_t p = 0; p < e->n_people; p++) {
    int64_t n = 0;
    for (int64_t i = e->first_seen[p]; i < e->first_seen[p + 1]; i++)
      n += i == e->first_seen[p] || e->seen[i].competency != e->seen[i - 1].competency;
    most = n > most ? n : most;
  }
  return most;
}

pfc_status pfc_levels_create(const pfc_profile *profile, const pfc_evidence *evidence,
                             const pfc_requirements *requirements, pfc_levels **levels,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_levels *l = NULL;
  PFC_NEW(l, 1);
  l->profile = profile;
  l->evidence = evidence;
  l->requirements = requirements;
  l->most_cells = count_cells(evidence);
  l->latest = latest_day(evidence);
  PFC_TRY(fill_pairs(l, err));
  PFC_TRY(fill_spread(l, err));
  *levels = l;
  l = NULL;
done:
  pfc_levels_destroy(l);
  return st;
}

void pfc_levels_destroy(pfc_levels *l) {
  if (!l) return;
  pfc_free(l->pairs);
  pfc_free(l->spread);
  pfc_free(l);
}

const pfc_profile *pfc_levels_profile(const pfc_levels *l) { return l->profile; }

pfc_status pfc_levels_person_create(const pfc_levels *l, pfc_levels_person **person,
                                    pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_levels_person *known = NULL;
  PFC_NEW(known, 1);
  PFC_NEW(known->placed, l->profile->n_competencies);
  PFC_NEW(known->place, l->profile->n_competencies);
  PFC_NEW(known->cells, l->most_cells);
  for (int32_t c = 0; c < l->profile->n_competencies; c++) known->place[c] = UNKNOWN;
  *person = known;
  known = NULL;
done:
  pfc_levels_person_destroy(known);
  return st;
}

void pfc_levels_person_destroy(pfc_levels_person *person) {
  if (!person) return;
  pfc_free(person->cells);
  pfc_free(person->placed);
  pfc_free(person->place);
  pfc_free(person);
}

/* --- the cells of a person -----------------------------------------------------------------
 */

static void count_ratings(const pfc_evidence *e, int64_t from, int64_t to, int32_t date,
                          known_cell *at) {
  at->n_ratings = 0;
  at->latest_day = PFC_NO_DATE;
  for (int64_t i = from; i < to; i++) {
    if (!pfc_seen_before(e, &e->seen[i], date)) continue;
    at->n_ratings++;
    at->latest_day = later(at->latest_day, e->seen[i].day);
  }
}

static void set_place(pfc_levels_person *known, int32_t competency, int32_t place) {
  known->place[competency] = place;
  known->placed[known->n_placed++] = competency;
}

/* Reads a cell; `from` .. `to`: its ratings. False: before the date there is nothing in it. */
static bool read_cell(const pfc_levels *l, const pfc_levels_person *known, int32_t competency,
                      int64_t from, int64_t to, known_cell *at) {
  pfc_cell *cell = &at->cell;
  pfc_cell_read(l->profile, l->evidence, l->requirements, known->person, competency, from, to,
                known->date, cell);
  if (cell->n == 0 && cell->n_lessons == 0) return false;
  if (cell->n_dated < cell->n) pfc_cell_as_of(l->profile, known->day, cell);
  at->s = 0;
  count_ratings(l->evidence, from, to, known->date, at);
  return true;
}

static void add_cell(const pfc_levels *l, int32_t competency, int64_t from, int64_t to,
                     pfc_levels_person *known) {
  if (from == to) {
    set_place(known, competency, TAUGHT);
  } else if (read_cell(l, known, competency, from, to, &known->cells[known->n_cells])) {
    set_place(known, competency, known->n_cells++);
  }
}

/* Runs of what was seen and of what was taught, both by competency. */
static void find_cells(const pfc_levels *l, pfc_levels_person *known) {
  const pfc_evidence *e = l->evidence;
  int64_t seen = e->first_seen[known->person], taught = e->first_taught[known->person];
  const int64_t seen_end = e->first_seen[known->person + 1],
                taught_end = e->first_taught[known->person + 1];
  for (int32_t k = 0; k < known->n_placed; k++) known->place[known->placed[k]] = UNKNOWN;
  known->n_placed = known->n_cells = 0;
  while (seen < seen_end || taught < taught_end) {
    int32_t c = seen < seen_end ? e->seen[seen].competency : INT32_MAX;
    if (taught < taught_end && e->taught[taught].competency < c)
      c = e->taught[taught].competency;
    const int64_t from = seen;
    while (seen < seen_end && e->seen[seen].competency == c) seen++;
    while (taught < taught_end && e->taught[taught].competency == c) taught++;
    add_cell(l, c, from, seen, known);
  }
}

/* --- the person's row ----------------------------------------------------------------------
 */

/* E[s] of the row. */
static double static_mean(const pfc_profile *p, const pfc_levels_person *known,
                          int32_t competency) {
  const float *v = p->factor + (ptrdiff_t)competency * p->rank;
  double sum = known->mean[0];
  for (int k = 0; k < p->rank; k++) sum += known->mean[1 + k] * v[k];
  return sum;
}

/* (1, v_c), and the precision that a rated cell adds: w E[(1, v)(1, v)'], into the lower
 * triangle. */
static void add_precision(const pfc_profile *p, int32_t competency, double w,
                          const double v[MOST_ROW], double *precision) {
  const int k = p->rank;
  const float *cov = p->factor_cov + (ptrdiff_t)competency * k * k;
  for (int i = 0; i <= k; i++)
    for (int j = 0; j <= i; j++) precision[i * (1 + k) + j] += w * v[i] * v[j];
  for (int i = 0; i < k; i++)
    for (int j = 0; j <= i; j++)
      precision[(1 + i) * (1 + k) + 1 + j] += w * cov[(ptrdiff_t)i * k + j];
}

/* What the ratings of a cell say of s: `w` its precision, `g` w times their estimate of it. */
static bool sum_up(pfc_cell_terms *terms, int n, const double *y, double *w, double *g) {
  double pull[PFC_CELL_RATINGS];
  if (!pfc_spd_factor(n, PFC_CELL_RATINGS, terms->c[0])) return false;
  memcpy(pull, terms->slope, sizeof *pull * (size_t)n);
  pfc_spd_solve(n, PFC_CELL_RATINGS, terms->c[0], pull);
  *w = *g = 0;
  for (int i = 0; i < n; i++) {
    *w += terms->slope[i] * pull[i];
    *g += pull[i] * (y[i] - terms->offset[i]);
  }
  return true;
}

static bool add_rated(const pfc_profile *p, const known_cell *at, pfc_levels_person *known) {
  const pfc_cell *cell = &at->cell;
  double v[MOST_ROW], w, g;
  pfc_cell_weigh(p, cell, at->s, false, &known->terms);
  if (!sum_up(&known->terms, cell->n, cell->y, &w, &g)) return false;
  v[0] = 1;
  for (int k = 0; k < p->rank; k++)
    v[1 + k] = p->factor[(ptrdiff_t)cell->competency * p->rank + k];
  add_precision(p, cell->competency, w, v, known->factor);
  for (int k = 0; k <= p->rank; k++) known->mean[k] += g * v[k];
  return true;
}

static pfc_status solve_row(const pfc_profile *p, pfc_levels_person *known, pfc_error *err) {
  const int d = 1 + p->rank;
  memset(known->factor, 0, sizeof *known->factor * (size_t)(d * d));
  memset(known->mean, 0, sizeof *known->mean * (size_t)d);
  for (int i = 0; i < d; i++)
    known->factor[i * d + i] = i ? 1 : 1 / (p->sd_person * p->sd_person);
  bool is_solved = true;
  for (int32_t k = 0; k < known->n_cells && is_solved; k++)
    if (known->cells[k].cell.n > 0) is_solved = add_rated(p, &known->cells[k], known);
  if (!is_solved || !pfc_spd_factor(d, d, known->factor))
    return pfc_fail(err, PFC_ENUMERIC,
                    "profile: a person's ratings allow no solution (their covariance is not "
                    "positive definite)");
  pfc_spd_solve(d, d, known->factor, known->mean);
  pfc_spd_invert(d, d, known->factor, known->cov);
  return PFC_OK;
}

/* The person's side of static_var. */
static void spread_row(const pfc_profile *p, pfc_levels_person *known) {
  const int k = p->rank, d = 1 + k;
  const double *u = known->mean + 1;
  double *out = known->spread;
  for (int i = 0; i < d; i++)
    for (int j = 0; j <= i; j++) *out++ = (j < i ? 2 : 1) * known->cov[i * d + j];
  for (int i = 0; i < k; i++)
    for (int j = 0; j <= i; j++) *out++ = (j < i ? 2 : 1) * u[i] * u[j];
}

/* How far lessons led depends on the person's part: begun from the likely level of the role,
 * and once more from the row so found. */
static pfc_status settle(const pfc_profile *p, pfc_levels_person *known, pfc_error *err) {
  pfc_status st = PFC_OK;
  bool again = false;
  PFC_TRY(solve_row(p, known, err));
  for (int32_t k = 0; k < known->n_cells; k++) {
    known_cell *at = &known->cells[k];
    if (at->cell.n_lessons == 0) continue;
    at->s = static_mean(p, known, at->cell.competency);
    again = again || at->cell.n > 0;
  }
  if (!again) goto done;
  PFC_TRY(solve_row(p, known, err));
  for (int32_t k = 0; k < known->n_cells; k++) {
    known_cell *at = &known->cells[k];
    if (at->cell.n == 0) at->s = static_mean(p, known, at->cell.competency);
  }
done:
  return st;
}

pfc_status pfc_levels_look(const pfc_levels *l, int32_t person, int32_t date,
                           pfc_levels_person *known, pfc_error *err) {
  pfc_status st = PFC_OK;
  const bool is_open = date == PFC_NO_DATE && l->latest != PFC_NO_DATE;
  known->person = person;
  known->date = date;
  known->day = is_open ? l->latest + 1 : date;
  pfc_cell_find_roles(l->evidence, person, date, &known->held);
  find_cells(l, known);
  PFC_TRY(settle(l->profile, known, err));
  spread_row(l->profile, known);
done:
  return st;
}

/* --- levels --------------------------------------------------------------------------------
 */

/* Var(a + u . v) = tr(S E[(1, v)(1, v)']) + E[u]' S_v E[u], S the row's covariance: a product
 * of what is the competency's, the triangles of E[(1, v)(1, v)'] and S_v, and what is the
 * person's, those of S and E[u] E[u]', each entry beside the diagonal counting twice. */
static double static_var(const pfc_levels *l, const pfc_levels_person *known,
                         int32_t competency) {
  const ptrdiff_t n = PACKED(l->profile->rank);
  const double *spread = l->spread + competency * n;
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (ptrdiff_t e = 0; e < n; e++) sum += spread[e] * known->spread[e];
  return sum;
}

/* A day that is asked for, and how much of a newcomer the person is on it. */
typedef struct asked_day {
  int32_t day;
  double newcomer;
} asked_day;

static asked_day ask_day(const pfc_levels *l, const pfc_levels_person *known, int32_t day) {
  const int32_t on = day == PFC_NO_DATE ? known->day : day, joined = known->held.joined;
  const bool is_known = on != PFC_NO_DATE && joined != PFC_NO_DATE;
  return (asked_day){on, is_known ? pfc_profile_newcomer(l->profile, (double)on - joined) : 0};
}

/* Mean of the level without s and lessons, and the variance of the effects in it. */
static double likely_mean(const pfc_levels *l, const pfc_levels_person *known,
                          int32_t competency, const asked_day *on, double *var) {
  const pfc_profile *p = l->profile;
  const pfc_cell_roles *held = &known->held;
  double weight[PFC_CELL_ROLES], mean = 0, listed = 0;
  *var = p->competency_var[competency];
  pfc_cell_mix(held, p->half_life[competency], on->day, weight);
  for (int r = 0; r < held->n; r++) {
    const likely at = likely_of(l, held->role[r], competency);
    mean += weight[r] * at.mean;
    listed += weight[r] * at.listed;
    *var += weight[r] * weight[r] * at.var;
  }
  return mean + p->beta[3] * listed * on->newcomer;
}

/* The level on the day that row n asks for, given the ratings. Given s it is Gaussian, and its
 * mean moves by 1 - k'C^-1 slope with s, k the covariance with the ratings. */
static void condition(const pfc_cell *cell, pfc_cell_terms *terms, double s, double doubt,
                      pfc_level *level) {
  const int n = cell->n;
  double pull[PFC_CELL_RATINGS], through = 1;
  for (int i = 0; i < n; i++) pull[i] = terms->slope[i] * terms->k[n][i];
  level->mean = terms->base[n] + terms->lift[n] + s;
  double var = terms->k[n][n];
  if (pfc_spd_factor(n, PFC_CELL_RATINGS, terms->c[0])) /* it could for the row */
    pfc_spd_solve(n, PFC_CELL_RATINGS, terms->c[0], pull);
  for (int i = 0; i < n; i++) {
    var -= pull[i] * terms->slope[i] * terms->k[n][i];
    through -= pull[i] * terms->slope[i];
    level->mean += pull[i] * (cell->y[i] - terms->offset[i] - terms->slope[i] * s);
  }
  level->sd = sqrt(fmax(var, 0) + through * through * doubt);
}

static void tell_known(const pfc_levels *l, pfc_levels_person *known, known_cell *at,
                       const asked_day *on, pfc_level *level) {
  const pfc_profile *p = l->profile;
  const int32_t c = at->cell.competency;
  double doubt;
  (void)likely_mean(l, known, c, on, &doubt);
  pfc_cell_ask(p, on->day, &at->cell);
  pfc_cell_weigh(p, &at->cell, at->s, true, &known->terms);
  condition(&at->cell, &known->terms, static_mean(p, known, c), doubt + static_var(l, known, c),
            level);
  level->n_ratings = at->n_ratings;
  level->latest_day = at->latest_day;
}

static void tell_likely(const pfc_levels *l, const pfc_levels_person *known, int32_t competency,
                        const asked_day *on, pfc_level *level) {
  const pfc_profile *p = l->profile;
  double doubt;
  level->mean =
      likely_mean(l, known, competency, on, &doubt) + static_mean(p, known, competency);
  level->sd = sqrt(p->sd_cell * p->sd_cell + p->sd_moving * p->sd_moving + doubt +
                   static_var(l, known, competency));
  level->n_ratings = 0;
  level->latest_day = PFC_NO_DATE;
}

/* The cell that a competency's place stands for; NULL where nothing is known of it. */
static known_cell *find_cell(const pfc_levels *l, pfc_levels_person *known,
                             int32_t competency) {
  const int32_t place = known->place[competency];
  if (place >= 0) return &known->cells[place];
  if (place == UNKNOWN || !read_cell(l, known, competency, 0, 0, &known->lessons)) return NULL;
  known->lessons.s = static_mean(l->profile, known, competency);
  return &known->lessons;
}

void pfc_levels_tell(const pfc_levels *l, pfc_levels_person *known, int32_t n,
                     const int32_t *competency, int32_t day, pfc_level *level) {
  const asked_day on = ask_day(l, known, day);
  for (int32_t i = 0; i < n; i++) {
    known_cell *at = find_cell(l, known, competency[i]);
    if (at)
      tell_known(l, known, at, &on, &level[i]);
    else
      tell_likely(l, known, competency[i], &on, &level[i]);
  }
}
