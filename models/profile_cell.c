#include "models/profile_cell.h"

#include <math.h>
#include <string.h>

#include "base/date.h"

static double share_left(double days, double half_life) {
  return days > 0 ? exp2(-days / half_life) : 1;
}

static int32_t later(int32_t a, int32_t b) { return a > b ? a : b; /* PFC_NO_DATE is least */ }

/* --- roles ---------------------------------------------------------------------------------
 */

static int place_of_role(pfc_cell_roles *held, int32_t role) {
  for (int r = 0; r < held->n; r++)
    if (held->role[r] == role) return r;
  held->role[held->n] = role;
  return held->n++;
}

void pfc_cell_find_roles(const pfc_evidence *e, int32_t person, int32_t date,
                         pfc_cell_roles *held) {
  int32_t role[PFC_CELL_ROLES];
  int n = 0;
  for (int64_t h = e->first_held[person]; h < e->first_held[person + 1]; h++) {
    const pfc_held *at = &e->held[h];
    if (date != PFC_NO_DATE && at->from >= date) break;
    if (n > 0 && role[n - 1] == at->role) continue;
    if (at->from == PFC_NO_DATE) n = 0;
    if (n == PFC_CELL_ROLES) {
      memmove(role, role + 1, sizeof *role * (PFC_CELL_ROLES - 1));
      memmove(held->from, held->from + 1, sizeof *held->from * (PFC_CELL_ROLES - 1));
      n--;
    }
    role[n] = at->role;
    held->from[n++] = at->from;
  }
  if (n == 0) {
    role[0] = -1;
    held->from[n++] = PFC_NO_DATE;
  }
  held->n = 0;
  held->n_spells = n;
  for (int s = 0; s < n; s++) held->spell[s] = place_of_role(held, role[s]);
  held->joined = e->joined[person];
}

/* Share of the mean on a day that dates from before a spell. */
static double older(const pfc_cell_roles *held, int spell, double half_life, int32_t day) {
  if (spell == 0 || day == PFC_NO_DATE) return 0;
  return share_left((double)day - held->from[spell], half_life);
}

void pfc_cell_mix(const pfc_cell_roles *held, double half_life, int32_t day,
                  double weight[PFC_CELL_ROLES]) {
  for (int r = 0; r < PFC_CELL_ROLES; r++) weight[r] = 0;
  double begun = 1;
  for (int s = held->n_spells - 1; s >= 0; s--) {
    const double before = older(held, s, half_life, day);
    weight[held->spell[s]] += begun - before;
    begun = before;
  }
}

/* --- rows ----------------------------------------------------------------------------------
 */

static void find_role_x(const pfc_profile *p, const pfc_requirements *requirements,
                        pfc_cell *cell) {
  const double middle = (p->scale_min + p->scale_max) / 2;
  for (int r = 0; r < cell->held.n; r++) {
    const pfc_requirement *asks =
        pfc_requirements_find(requirements, cell->held.role[r], cell->competency);
    cell->role_x[r][0] = asks != NULL;
    cell->role_x[r][1] = asks && !isnan(asks->level) ? asks->level - middle : 0;
  }
}

static void mix_row(const pfc_profile *p, const pfc_cell *cell, int32_t day,
                    double x[PFC_PROFILE_FIXED], double weight[PFC_CELL_ROLES]) {
  pfc_cell_mix(&cell->held, p->half_life[cell->competency], day, weight);
  x[0] = 1;
  x[1] = x[2] = x[3] = 0;
  for (int r = 0; r < cell->held.n; r++) {
    x[1] += weight[r] * cell->role_x[r][0];
    x[2] += weight[r] * cell->role_x[r][1];
  }
  if (day != PFC_NO_DATE && cell->held.joined != PFC_NO_DATE)
    x[3] = x[1] * pfc_profile_newcomer(p, (double)day - cell->held.joined);
}

/* Erlang(2) with this mean. */
static double arrived_by(double days, double mean) {
  const double t = 2 * days / mean;
  return days > 0 ? 1 - exp(-t) * (1 + t) : 0;
}

/* Correlation of the moving part on two days; the same day where one is not known. */
static double correlation(int32_t a, int32_t b, double half_life) {
  if (a == PFC_NO_DATE || b == PFC_NO_DATE) return 1;
  return share_left(fabs((double)a - b), half_life);
}

static void fill_row(const pfc_profile *p, int i, int32_t day, pfc_cell *cell) {
  const double half_life = p->half_life[cell->competency];
  cell->day[i] = day;
  mix_row(p, cell, day, cell->x[i], cell->weight[i]);
  for (int l = 0; l < cell->n_lessons; l++) {
    const double days = (double)day - cell->start[l];
    cell->arrived[i][l] = arrived_by(days, cell->until[l]);
    cell->kept[i][l] = share_left(days, half_life);
  }
  for (int j = 0; j < i; j++)
    cell->decay[i][j] = cell->decay[j][i] = correlation(day, cell->day[j], half_life);
  cell->decay[i][i] = 1;
}

/* --- what the evidence says of a cell ------------------------------------------------------
 */

/* First lesson of the person's that is not before the competency. */
static int64_t first_lesson(const pfc_evidence *e, int32_t person, int32_t competency) {
  int64_t low = e->first_taught[person], high = e->first_taught[person + 1];
  while (low < high) {
    const int64_t at = low + (high - low) / 2;
    if (e->taught[at].competency < competency)
      low = at + 1;
    else
      high = at;
  }
  return low;
}

static void find_lessons(const pfc_profile *p, const pfc_evidence *e, int32_t person,
                         int32_t date, pfc_cell *cell) {
  const pfc_taught *known[PFC_CELL_LESSONS];
  int n = 0;
  const int64_t end = e->first_taught[person + 1];
  for (int64_t k = first_lesson(e, person, cell->competency); k < end; k++) {
    const pfc_taught *at = &e->taught[k];
    if (at->competency != cell->competency) break;
    if (date != PFC_NO_DATE && at->end >= date) continue;
    if (n == PFC_CELL_LESSONS) {
      memmove(known, known + 1, sizeof *known * (PFC_CELL_LESSONS - 1));
      n--;
    }
    known[n++] = at;
  }
  cell->n_lessons = n;
  for (int l = 0; l < n; l++) {
    const double days = fmax((double)known[l]->end - known[l]->start, 1);
    cell->intervention[l] = known[l]->intervention;
    cell->to_level[l] = known[l]->to_level;
    cell->start[l] = known[l]->start;
    cell->until[l] = sqrt(days * p->teaching_days);
    mix_row(p, cell, known[l]->start, cell->before_x[l], cell->before_weight[l]);
    if (date == PFC_NO_DATE) cell->now = later(cell->now, known[l]->end);
  }
}

static void find_ratings(const pfc_profile *p, const pfc_evidence *e, int64_t from, int64_t to,
                         int32_t date, pfc_cell *cell) {
  const pfc_seen *seen = e->seen;
  int64_t at = to; /* the first that is kept */
  for (int kept = 0; at > from && kept < PFC_CELL_RATINGS; at--)
    kept += pfc_seen_before(e, &seen[at - 1], date);
  for (int64_t i = from; date == PFC_NO_DATE && i < to; i++)
    cell->now = later(cell->now, seen[i].day);
  cell->n = 0;
  for (; at < to; at++) {
    if (!pfc_seen_before(e, &seen[at], date)) continue;
    const int i = cell->n++;
    cell->y[i] = seen[at].level;
    cell->source[i] = seen[at].source;
    cell->rater[i] = pfc_profile_find_rater(p, seen[at].source, seen[at].rater);
    cell->day[i] = seen[at].day;
  }
}

void pfc_cell_read(const pfc_profile *p, const pfc_evidence *e,
                   const pfc_requirements *requirements, int32_t person, int32_t competency,
                   int64_t from, int64_t to, int32_t date, pfc_cell *cell) {
  cell->competency = competency;
  cell->now = date;
  pfc_cell_find_roles(e, person, date, &cell->held);
  find_role_x(p, requirements, cell);
  if (date == PFC_NO_DATE) cell->now = cell->held.from[cell->held.n_spells - 1];
  find_lessons(p, e, person, date, cell);
  find_ratings(p, e, from, to, date, cell);
  cell->n_dated = 0;
  while (cell->n_dated < cell->n && cell->day[cell->n_dated] != PFC_NO_DATE) cell->n_dated++;
  for (int i = 0; i < cell->n; i++)
    fill_row(p, i, i < cell->n_dated ? cell->day[i] : cell->now, cell);
}

void pfc_cell_as_of(const pfc_profile *p, int32_t day, pfc_cell *cell) {
  cell->now = day;
  for (int i = cell->n_dated; i < cell->n; i++) fill_row(p, i, day, cell);
}

void pfc_cell_ask(const pfc_profile *p, int32_t day, pfc_cell *cell) {
  fill_row(p, cell->n, day == PFC_NO_DATE ? cell->now : day, cell);
}

/* --- under the parameters ------------------------------------------------------------------
 */

static double mean_of(const pfc_profile *p, const double effect[PFC_CELL_ROLES],
                      const pfc_cell *cell, const double x[PFC_PROFILE_FIXED],
                      const double weight[PFC_CELL_ROLES]) {
  double sum = p->competency[cell->competency];
  for (int q = 0; q < PFC_PROFILE_FIXED; q++) sum += p->beta[q] * x[q];
  for (int r = 0; r < cell->held.n; r++) sum += weight[r] * effect[r];
  return sum;
}

/* E[(to_level - L)+], L being the mean and the cell's own part: also of those who are likely to
 * be there already some are not. */
static double way_ahead(const pfc_profile *p, double mean) {
  const double sd = sqrt(p->sd_cell * p->sd_cell + p->sd_moving * p->sd_moving);
  if (!(sd > 0)) return fmax(mean, 0);
  const double z = mean / sd;
  const double density = exp(-0.5 * z * z) * (M_2_SQRTPI * M_SQRT1_2 / 2);
  return fmax(mean * 0.5 * erfc(-z * M_SQRT1_2) + sd * density, 0);
}

/* `share`: that each lesson carries, on average. */
static void weigh_mean(const pfc_profile *p, const pfc_cell *cell, double s, int rows,
                       const double share[PFC_CELL_LESSONS], pfc_cell_terms *terms) {
  double effect[PFC_CELL_ROLES], var;
  for (int r = 0; r < cell->held.n; r++)
    pfc_profile_role_effect(p, cell->held.role[r], cell->competency, &effect[r], &var);
  for (int l = 0; l < cell->n_lessons; l++) {
    const double before =
        mean_of(p, effect, cell, cell->before_x[l], cell->before_weight[l]) + s;
    terms->way[l] = way_ahead(p, cell->to_level[l] - before);
  }
  for (int i = 0; i < rows; i++) {
    terms->base[i] = mean_of(p, effect, cell, cell->x[i], cell->weight[i]);
    terms->lift[i] = 0;
    for (int l = 0; l < cell->n_lessons; l++)
      terms->lift[i] += share[l] * terms->way[l] * cell->kept[i][l] * cell->arrived[i][l];
  }
}

/* Of the shares that a cell's lessons carry: mean, and what nobody knows of the intervention's
 * own. */
typedef struct shares {
  double mean[PFC_CELL_LESSONS], var[PFC_CELL_LESSONS];
} shares;

/* What two lessons of one intervention brought by two days hangs together: neither is known to
 * teach better or worse without the other. */
static double shared(const pfc_cell *cell, const shares *of, const pfc_cell_terms *terms, int i,
                     int j) {
  double sum = 0;
  for (int l = 0; l < cell->n_lessons; l++)
    for (int m = 0; m < cell->n_lessons; m++)
      if (m != l && cell->intervention[m] == cell->intervention[l])
        sum += of->var[l] * terms->way[l] * cell->kept[i][l] * cell->arrived[i][l] *
               terms->way[m] * cell->kept[j][m] * cell->arrived[j][m];
  return sum;
}

/* What lessons bring is kept D way A(t), D ~ N(mean, var + sd_taught^2) and A the day of
 * arrival passed or not: E[A(t) A(t')] = P(arrived by the earlier). */
static void weigh_pair(const pfc_profile *p, const pfc_cell *cell, const shares *of, int i,
                       int j, pfc_cell_terms *terms) {
  double lesson = 0, own = 0;
  for (int l = 0; l < cell->n_lessons; l++) {
    const double a = cell->arrived[i][l], b = cell->arrived[j][l];
    const double kept = terms->way[l] * terms->way[l] * cell->kept[i][l] * cell->kept[j][l];
    lesson += kept * fmin(a, b);
    own += kept * (of->var[l] * fmin(a, b) + of->mean[l] * of->mean[l] * (fmin(a, b) - a * b));
  }
  if (cell->n_lessons > 1) own += shared(cell, of, terms, i, j);
  terms->lesson[i][j] = terms->lesson[j][i] = lesson;
  terms->k[i][j] = terms->k[j][i] = p->sd_cell * p->sd_cell +
                                    p->sd_moving * p->sd_moving * cell->decay[i][j] +
                                    p->sd_taught * p->sd_taught * lesson + own;
}

static void weigh_rating(const pfc_profile *p, const pfc_cell *cell, int i,
                         pfc_cell_terms *terms) {
  const double middle = (p->scale_min + p->scale_max) / 2;
  const pfc_profile_source *source =
      cell->source[i] < 0 ? &p->unknown : &p->source[cell->source[i]];
  const int64_t rater = cell->rater[i];
  const double leniency = rater < 0 ? 0 : p->rater[rater];
  const double doubt = rater < 0 ? source->leniency * source->leniency : p->rater_var[rater];
  terms->slope[i] = source->slope;
  terms->offset[i] = middle + source->bias + leniency +
                     source->slope * (terms->base[i] + terms->lift[i] - middle);
  for (int j = 0; j < i; j++)
    terms->c[i][j] = terms->c[j][i] = terms->slope[i] * terms->slope[j] * terms->k[i][j];
  terms->c[i][i] =
      source->slope * source->slope * terms->k[i][i] + source->noise * source->noise + doubt;
}

void pfc_cell_weigh(const pfc_profile *p, const pfc_cell *cell, double s, bool asked,
                    pfc_cell_terms *terms) {
  const int rows = cell->n + asked;
  shares of;
  for (int l = 0; l < cell->n_lessons; l++)
    pfc_profile_teaches(p, cell->intervention[l], &of.mean[l], &of.var[l]);
  weigh_mean(p, cell, s, rows, of.mean, terms);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j <= i; j++) weigh_pair(p, cell, &of, i, j, terms);
  for (int i = 0; i < cell->n; i++) weigh_rating(p, cell, i, terms);
}
