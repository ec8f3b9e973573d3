#include "tests/oracle/levels_oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "tests/oracle/dense_oracle.h"
#include "tests/support/test.h"

enum { MOST = 100, MOST_CODES = 32, MOST_D = 1 + PFC_PROFILE_MOST_RANK };

/* --- what roles make likely ----------------------------------------------------------------
 */

/* How much each role (1 + code) weighs: from spell to spell what was there before fades. */
static void role_weights(const pfc_evidence *e, int32_t person, int32_t date, int32_t day,
                         double half_life, double w[MOST_CODES]) {
  const pfc_held *held = e->held + e->first_held[person];
  const int64_t all = e->first_held[person + 1] - e->first_held[person];
  int64_t n = 0;
  while (n < all && held[n].from < date) n++;
  memset(w, 0, sizeof *w * MOST_CODES);
  w[n > 0 ? held[0].role + 1 : 0] = 1;
  for (int64_t h = 1; h < n && held[h].from < day; h++) {
    const int32_t until = h + 1 < n && held[h + 1].from < day ? held[h + 1].from : day;
    const double fade = pow(0.5, (until - held[h].from) / half_life);
    for (int r = 0; r < MOST_CODES; r++) w[r] *= fade;
    w[held[h].role + 1] += 1 - fade;
  }
}

static void regressors(const pfc_requirements *r, int32_t role, int32_t c, double middle,
                       double *listed, double *required) {
  *listed = *required = 0;
  if (role < 0) return;
  for (int64_t k = r->first[role]; k < r->first[role + 1]; k++) {
    if (r->at[k].competency != c) continue;
    *listed = 1;
    *required = isnan(r->at[k].level) ? 0 : r->at[k].level - middle;
  }
}

static void effect_of(const pfc_profile *p, int32_t role, int32_t c, double *mean,
                      double *var) {
  *mean = 0;
  *var = p->sd_role * p->sd_role;
  for (int64_t k = 0; k < p->n_role_effects; k++) {
    if (p->effect_role[k] != role || p->effect_competency[k] != c) continue;
    *mean = p->effect[k];
    *var = p->effect_var[k];
  }
}

typedef struct subject {
  const pfc_profile *p;
  const pfc_evidence *e;
  const pfc_requirements *r;
  int32_t person, date;
} subject;

static double likely(const subject *s, int32_t c, int32_t day, double *var) {
  const pfc_profile *p = s->p;
  double w[MOST_CODES], listed_sum = 0, mean = p->competency[c];
  *var = p->competency_var[c];
  role_weights(s->e, s->person, s->date, day, p->half_life[c], w);
  for (int32_t role = -1; role < p->n_roles; role++) {
    double listed, required, effect, effect_var;
    regressors(s->r, role, c, (p->scale_min + p->scale_max) / 2, &listed, &required);
    effect_of(p, role, c, &effect, &effect_var);
    const double R = p->beta[0] + p->beta[1] * listed + p->beta[2] * required + effect;
    mean += w[role + 1] * R;
    listed_sum += w[role + 1] * listed;
    *var += w[role + 1] * w[role + 1] * effect_var;
  }
  const int32_t joined = s->e->joined[s->person];
  if (joined != PFC_NO_DATE) {
    const double days = day > joined ? day - joined : 0;
    mean += p->beta[3] * listed_sum * exp(-days / p->newcomer_days);
  }
  return mean;
}

/* --- lessons -------------------------------------------------------------------------------
 */

/* An Erlang(2) with this mean has passed when two or more of a Poisson process, one every half
 * a mean, have come. */
static double arrived(double days, double mean) {
  if (days <= 0) return 0;
  const double x = 2 * days / mean;
  double sum = 0;
  if (x > 100) return 1;
  for (int k = 2; k < 400; k++) sum += exp(k * log(x) - x - lgamma(k + 1));
  return sum;
}

typedef struct lesson {
  int32_t start, intervention;
  double mean_days, way, share, share_var;
} lesson;

/* E[X+] = (E X + E|X|) / 2, and |X| is a folded normal. */
static double positive_part(double mean, double sd) {
  const double z = mean / sd;
  const double folded =
      sd * sqrt(2 / M_PI) * exp(-0.5 * z * z) + mean * (1 - erfc(z / sqrt(2)));
  return (mean + folded) / 2;
}

static int lessons_of(const subject *s, int32_t c, double part, lesson out[MOST]) {
  const double own = hypot(s->p->sd_cell, s->p->sd_moving);
  int n = 0;
  double var;
  for (int64_t k = s->e->first_taught[s->person]; k < s->e->first_taught[s->person + 1]; k++) {
    const pfc_taught *at = &s->e->taught[k];
    if (at->competency != c || at->end >= s->date) continue;
    const double days = at->end > at->start ? at->end - at->start : 1;
    const double before = likely(s, c, at->start, &var) + part;
    out[n++] = (lesson){at->start,
                        at->intervention,
                        sqrt(days * s->p->teaching_days),
                        positive_part(at->to_level - before, own),
                        s->p->taught + s->p->programme[at->intervention],
                        s->p->programme_var[at->intervention]};
  }
  return n;
}

static double lift(const subject *s, int32_t c, double part, int32_t day) {
  const double half_life = s->p->half_life[c];
  lesson at[MOST];
  double sum = 0;
  for (int k = 0, n = lessons_of(s, c, part, at); k < n; k++)
    sum += at[k].share * at[k].way * pow(0.5, (day - at[k].start) / half_life) *
           arrived(day - at[k].start, at[k].mean_days);
  return sum;
}

/* Covariance of the level in one cell on two days, the person's part given. */
static double cell_cov(const subject *s, int32_t c, double part, int32_t t, int32_t u) {
  const pfc_profile *p = s->p;
  const double h = p->half_life[c];
  lesson at[MOST];
  double sum =
      p->sd_cell * p->sd_cell + p->sd_moving * p->sd_moving * pow(0.5, fabs((double)t - u) / h);
  for (int k = 0, n = lessons_of(s, c, part, at); k < n; k++) {
    for (int m = 0; m < n; m++) { /* what is unknown of a programme, its lessons share */
      if (m == k || at[m].intervention != at[k].intervention) continue;
      sum += at[k].share_var * at[k].way * at[m].way *
             pow(0.5, ((double)t - at[k].start + u - at[m].start) / h) *
             arrived(t - at[k].start, at[k].mean_days) *
             arrived(u - at[m].start, at[m].mean_days);
    }
    const int32_t first = (t < u ? t : u) - at[k].start;
    if (first <= 0) continue;
    const double square = at[k].share * at[k].share;
    const double D2 = square + at[k].share_var + p->sd_taught * p->sd_taught;
    const double kept = pow(0.5, ((double)t - at[k].start + u - at[k].start) / h);
    const double both = arrived(first, at[k].mean_days);
    const double apart =
        arrived(t - at[k].start, at[k].mean_days) * arrived(u - at[k].start, at[k].mean_days);
    sum += kept * at[k].way * at[k].way * (D2 * both - square * apart);
  }
  return sum;
}

/* --- everything that was seen --------------------------------------------------------------
 */

typedef struct joint {
  int n, d;
  int32_t c[MOST], day[MOST];
  double slope[MOST], rest[MOST]; /* y less its mean */
  double own[MOST][MOST];         /* covariance given the row */
  double all[MOST][MOST];
  double prior[MOST_D][MOST_D]; /* of the row, with what v's doubt adds to its precision */
} joint;

static const pfc_profile_source *source_of(const pfc_profile *p, int32_t code) {
  return code < 0 ? &p->unknown : &p->source[code];
}

static void rater_of(const pfc_profile *p, const pfc_seen *seen, double *mean, double *var) {
  const double sd = source_of(p, seen->source)->leniency;
  *mean = 0;
  *var = sd * sd;
  for (int64_t k = 0; k < p->n_raters; k++) {
    if (p->rater_source[k] != seen->source || p->rater_code[k] != seen->rater) continue;
    *mean = p->rater[k];
    *var = p->rater_var[k];
  }
}

static void fill_seen(const subject *s, const double part[MOST_CODES], joint *j) {
  const pfc_profile *p = s->p;
  const double middle = (p->scale_min + p->scale_max) / 2;
  j->n = 0;
  for (int64_t k = s->e->first_seen[s->person]; k < s->e->first_seen[s->person + 1]; k++) {
    const pfc_seen *seen = &s->e->seen[k];
    if (seen->day >= s->date) continue;
    const pfc_profile_source *source = source_of(p, seen->source);
    const int i = j->n++;
    assert_true(i < MOST);
    double leniency, doubt, var;
    rater_of(p, seen, &leniency, &doubt);
    const double level = likely(s, seen->competency, seen->day, &var) +
                         lift(s, seen->competency, part[seen->competency], seen->day);
    j->c[i] = seen->competency;
    j->day[i] = seen->day;
    j->slope[i] = source->slope;
    j->rest[i] =
        seen->level - (middle + source->bias + source->slope * (level - middle) + leniency);
    for (int m = 0; m <= i; m++) {
      const double cov =
          j->c[m] != j->c[i] ? 0 : cell_cov(s, j->c[i], part[j->c[i]], j->day[m], j->day[i]);
      j->own[i][m] = j->own[m][i] = j->slope[i] * j->slope[m] * cov;
    }
    j->own[i][i] += source->noise * source->noise + doubt;
  }
}

static double loading(const pfc_profile *p, int32_t c, int q) {
  return q == 0 ? 1 : p->factor[(ptrdiff_t)c * p->rank + q - 1];
}

/* x = A^-1 x with A kept. */
static void solve(int n, const double *A, int stride, double *x) {
  double *copy = malloc(sizeof *copy * (size_t)n * (size_t)n);
  assert_non_null(copy);
  for (int i = 0; i < n; i++)
    memcpy(copy + (ptrdiff_t)i * n, A + (ptrdiff_t)i * stride, sizeof *copy * (size_t)n);
  if (n > 0) oracle_solve(n, copy, x);
  free(copy);
}

/* slope' C^-1 slope over the ratings of one cell. */
static double cell_precision(const joint *j, int32_t c) {
  double x[MOST], sum = 0;
  for (int i = 0; i < j->n; i++) x[i] = j->c[i] == c ? j->slope[i] : 0;
  solve(j->n, j->own[0], MOST, x); /* cells are blocks: others stay 0 */
  for (int i = 0; i < j->n; i++) sum += j->c[i] == c ? j->slope[i] * x[i] : 0;
  return sum;
}

static void fill_prior(const subject *s, joint *j) {
  const pfc_profile *p = s->p;
  const int k = p->rank;
  double precision[MOST_D][MOST_D] = {{0}};
  j->d = 1 + k;
  for (int q = 0; q < j->d; q++) precision[q][q] = q ? 1 : 1 / (p->sd_person * p->sd_person);
  for (int32_t c = 0; c < p->n_competencies; c++) {
    const double w = cell_precision(j, c);
    for (int a = 0; a < k; a++)
      for (int b = 0; b < k; b++)
        precision[1 + a][1 + b] += w * p->factor_cov[((ptrdiff_t)c * k + a) * k + b];
  }
  for (int q = 0; q < j->d; q++) {
    double unit[MOST_D] = {0};
    unit[q] = 1;
    solve(j->d, precision[0], MOST_D, unit);
    for (int r = 0; r < j->d; r++) j->prior[q][r] = unit[r];
  }
}

static double part_cov(const subject *s, const joint *j, int32_t c, int32_t e) {
  double sum = 0;
  for (int q = 0; q < j->d; q++)
    for (int r = 0; r < j->d; r++)
      sum += loading(s->p, c, q) * j->prior[q][r] * loading(s->p, e, r);
  return sum;
}

static void fill_joint(const subject *s, const double part[MOST_CODES], joint *j) {
  fill_seen(s, part, j);
  fill_prior(s, j);
  for (int i = 0; i < j->n; i++)
    for (int m = 0; m < j->n; m++)
      j->all[i][m] =
          j->own[i][m] + j->slope[i] * j->slope[m] * part_cov(s, j, j->c[i], j->c[m]);
}

/* Something Gaussian of prior mean 0, given its covariance with the ratings. */
static double given(const joint *j, const double cov[MOST], double *less) {
  double x[MOST], sum = 0;
  memcpy(x, cov, sizeof *x * (size_t)j->n);
  solve(j->n, j->all[0], MOST, x);
  *less = 0;
  for (int i = 0; i < j->n; i++) {
    sum += x[i] * j->rest[i];
    *less += x[i] * cov[i];
  }
  return sum;
}

static void find_parts(const subject *s, const joint *j, double part[MOST_CODES]) {
  for (int32_t c = 0; c < s->p->n_competencies; c++) {
    double cov[MOST], less;
    for (int i = 0; i < j->n; i++) cov[i] = j->slope[i] * part_cov(s, j, c, j->c[i]);
    part[c] = given(j, cov, &less);
  }
}

/* --- what is doubtful of the competency itself ---------------------------------------------
 */

static void row(const subject *s, const joint *j, double mean[MOST_D],
                double cov[MOST_D][MOST_D]) {
  double G[MOST_D][MOST] = {{0}}, less;
  for (int q = 0; q < j->d; q++)
    for (int i = 0; i < j->n; i++)
      for (int r = 0; r < j->d; r++)
        G[q][i] += j->slope[i] * j->prior[q][r] * loading(s->p, j->c[i], r);
  for (int q = 0; q < j->d; q++) mean[q] = given(j, G[q], &less);
  for (int q = 0; q < j->d; q++) {
    double x[MOST];
    memcpy(x, G[q], sizeof *x * (size_t)j->n);
    solve(j->n, j->all[0], MOST, x);
    for (int r = 0; r < j->d; r++) {
      cov[q][r] = j->prior[q][r];
      for (int i = 0; i < j->n; i++) cov[q][r] -= x[i] * G[r][i];
    }
  }
}

/* E[u' S_v u]. */
static double factor_doubt(const subject *s, const joint *j, int32_t c) {
  const int k = s->p->rank;
  double mean[MOST_D], cov[MOST_D][MOST_D], sum = 0;
  row(s, j, mean, cov);
  for (int a = 0; a < k; a++)
    for (int b = 0; b < k; b++)
      sum += s->p->factor_cov[((ptrdiff_t)c * k + a) * k + b] *
             (mean[1 + a] * mean[1 + b] + cov[1 + a][1 + b]);
  return sum;
}

/* 1 - k' C^-1 slope of the cell. */
static double through(const joint *j, int32_t c, const double own[MOST]) {
  double x[MOST], sum = 1;
  for (int i = 0; i < j->n; i++) x[i] = j->c[i] == c ? j->slope[i] : 0;
  solve(j->n, j->own[0], MOST, x);
  for (int i = 0; i < j->n; i++) sum -= x[i] * own[i];
  return sum;
}

static void tell(const subject *s, const joint *j, int32_t c, double part, int32_t day,
                 double *mean, double *sd) {
  double own[MOST], cov[MOST], less, doubt;
  for (int i = 0; i < j->n; i++) {
    own[i] = j->c[i] == c ? j->slope[i] * cell_cov(s, c, part, day, j->day[i]) : 0;
    cov[i] = own[i] + j->slope[i] * part_cov(s, j, c, j->c[i]);
  }
  *mean = likely(s, c, day, &doubt) + lift(s, c, part, day) + given(j, cov, &less);
  doubt += factor_doubt(s, j, c);
  const double t = through(j, c, own);
  *sd = sqrt(part_cov(s, j, c, c) + cell_cov(s, c, part, day, day) - less + t * t * doubt);
}

static bool has_rating(const joint *j, int32_t c) {
  for (int i = 0; i < j->n; i++)
    if (j->c[i] == c) return true;
  return false;
}

void levels_oracle(const pfc_profile *p, const pfc_evidence *e, const pfc_requirements *r,
                   int32_t person, int32_t date, int32_t day, double *mean, double *sd) {
  const subject s = {p, e, r, person, date};
  static joint j;
  double part[MOST_CODES] = {0}, last[MOST_CODES];
  assert_true(p->n_competencies <= MOST_CODES && p->n_roles < MOST_CODES);
  fill_joint(&s, part, &j); /* lessons led on from the likely level */
  find_parts(&s, &j, part);
  fill_joint(&s, part, &j); /* and from the person's */
  find_parts(&s, &j, last);
  for (int32_t c = 0; c < p->n_competencies; c++)
    tell(&s, &j, c, has_rating(&j, c) ? part[c] : last[c], day, &mean[c], &sd[c]);
}
