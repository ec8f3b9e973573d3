#include "bench/ratings_internal.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "models/levels.h"

enum {
  TODAY = 20000,
  YEARS_OF_DAYS = 1500,
  PEOPLE_A_RATER = 12,
  MOST_RATINGS = 1024,
  PROGRAMMES = 200
};
enum { MANAGER = 1, PEER = 2, TEST = 4 };

static const double MIDDLE = 3.5, LENIENCY = 0.3, NO_END = 1e6;

/* Bias, slope, noise, share of all ratings. */
static const double SOURCE[PFC__RATINGS_SOURCES][4] = {
    {0.35, 0.75, 0.45, 0.25}, {0.15, 0.85, 0.40, 0.30}, {0.10, 0.80, 0.40, 0.15},
    {0.00, 0.95, 0.30, 0.15}, {0.00, 1.00, 0.25, 0.15},
};

void pfc__ratings_clear(pfc__ratings *r) {
  pfc_evidence_destroy(r->evidence);
  pfc_requirements_destroy(r->requirements);
  pfc_profile_clear(&r->truth);
  *r = (pfc__ratings){0};
}

/* --- the organisation --------------------------------------------------------------------- */

static int32_t listed(int32_t n_competencies) { return (n_competencies + 2) / 3; }

/* A run of competencies, another one for each role, all around. */
static bool is_listed(int32_t role, int32_t competency, int32_t n_competencies) {
  const int32_t from = role * 7 % n_competencies;
  return (competency - from + n_competencies) % n_competencies < listed(n_competencies);
}

static pfc_status make_requirements(int32_t n_competencies, uint64_t seed, pfc__ratings *out,
                                    pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_requirements *r = NULL;
  PFC_NEW(r, 1);
  out->requirements = r;
  r->n_roles = PFC__RATINGS_ROLES;
  r->n_competencies = n_competencies;
  PFC_NEW(r->first, PFC__RATINGS_ROLES + 1);
  PFC_NEW(r->at, (size_t)PFC__RATINGS_ROLES * (size_t)listed(n_competencies));
  for (int32_t role = 0; role < PFC__RATINGS_ROLES; role++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "bench.required", (uint64_t)role);
    int64_t at = r->first[role];
    for (int32_t c = 0; c < n_competencies; c++) {
      if (!is_listed(role, c, n_competencies)) continue;
      r->at[at++] = (pfc_requirement){c, 1.5 + 4 * pfc_rng_uniform(&rng), pfc_rng_uniform(&rng),
                                      pfc_rng_below(&rng, 50) == 0};
    }
    r->first[role + 1] = at;
  }
done:
  return st;
}

static pfc_status make_competencies(pfc_profile *p, uint64_t seed, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = p->n_competencies, k = p->rank;
  PFC_NEW(p->half_life, n);
  PFC_NEW(p->competency, n);
  PFC_NEW(p->competency_var, n);
  PFC_NEW(p->factor, (size_t)n * (size_t)k);
  PFC_NEW(p->factor_cov, (size_t)n * (size_t)k * (size_t)k);
  PFC_NEW(p->factor_sd, k);
  for (int32_t j = 0; j < k; j++) p->factor_sd[j] = 0.25F;
  for (int32_t c = 0; c < n; c++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "bench.competency", (uint64_t)c);
    p->half_life[c] = 730 * (float)(1 + pfc_rng_below(&rng, 4));
    p->competency[c] = (float)(p->sd_competency * pfc_rng_normal(&rng));
    for (int32_t j = 0; j < k; j++)
      p->factor[(ptrdiff_t)c * k + j] = p->factor_sd[j] * (float)pfc_rng_normal(&rng);
  }
done:
  return st;
}

static pfc_status make_role_effects(pfc_profile *p, uint64_t seed, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = p->n_role_effects = (int64_t)p->n_roles * p->n_competencies;
  PFC_NEW(p->effect_role, n);
  PFC_NEW(p->effect_competency, n);
  PFC_NEW(p->effect, n);
  PFC_NEW(p->effect_var, n);
  for (int64_t i = 0; i < n; i++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "bench.effect", (uint64_t)i);
    p->effect_role[i] = (int32_t)(i / p->n_competencies);
    p->effect_competency[i] = (int32_t)(i % p->n_competencies);
    p->effect[i] = (float)(p->sd_role * pfc_rng_normal(&rng));
  }
done:
  return st;
}

static int32_t n_raters(int32_t n_people) { return n_people / PEOPLE_A_RATER + 1; }

/* Managers and peers are the same people, who judge differently in either part. */
static pfc_status make_raters(pfc_profile *p, int32_t n_people, uint64_t seed, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = n_raters(n_people);
  p->n_raters = 2 * (int64_t)n;
  PFC_NEW(p->rater_source, p->n_raters);
  PFC_NEW(p->rater_code, p->n_raters);
  PFC_NEW(p->rater, p->n_raters);
  PFC_NEW(p->rater_var, p->n_raters);
  for (int64_t i = 0; i < p->n_raters; i++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "bench.rater", (uint64_t)i);
    p->rater_source[i] = i < n ? MANAGER : PEER;
    p->rater_code[i] = (int32_t)(i % n);
    p->rater[i] = (float)(LENIENCY * pfc_rng_normal(&rng));
  }
done:
  return st;
}

static pfc_status make_programmes(pfc_profile *p, uint64_t seed, pfc_error *err) {
  pfc_status st = PFC_OK;
  p->n_interventions = PROGRAMMES;
  PFC_NEW(p->programme, p->n_interventions);
  PFC_NEW(p->programme_var, p->n_interventions);
  for (int32_t i = 0; i < p->n_interventions; i++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "bench.programme", (uint64_t)i);
    p->programme[i] = (float)(p->sd_programme * pfc_rng_normal(&rng));
  }
done:
  return st;
}

static pfc_status make_sources(pfc_profile *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(p->source, PFC__RATINGS_SOURCES);
  for (int s = 0; s < PFC__RATINGS_SOURCES; s++) {
    p->source[s] = (pfc_profile_source){.bias = SOURCE[s][0],
                                        .slope = SOURCE[s][1],
                                        .noise = SOURCE[s][2],
                                        .leniency = s == MANAGER || s == PEER ? LENIENCY : 0,
                                        .anchor = s == TEST,
                                        .linked = 1};
  }
  p->unknown = (pfc_profile_source){.slope = 1, .noise = 0.4};
done:
  return st;
}

static pfc_status make_truth(int32_t n_people, int32_t n_competencies, uint64_t seed,
                             pfc__ratings *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_profile *p = &out->truth;
  *p = (pfc_profile){.n_competencies = n_competencies,
                     .n_roles = PFC__RATINGS_ROLES,
                     .n_sources = PFC__RATINGS_SOURCES,
                     .rank = PFC__RATINGS_RANK,
                     .scale_max = 2 * MIDDLE,
                     .beta = {1.5, 1.5, 0.9, -0.4},
                     .newcomer_days = 730,
                     .taught = 0.5,
                     .sd_taught = 0.2,
                     .teaching_days = 60,
                     .sd_programme = 0.25,
                     .sd_person = 0.3,
                     .sd_competency = 0.3,
                     .sd_role = 0.25,
                     .sd_cell = 0.25,
                     .sd_moving = 0.3,
                     .half_life_days = 1460};
  PFC_TRY(make_competencies(p, seed, err));
  PFC_TRY(make_role_effects(p, seed, err));
  PFC_TRY(make_raters(p, n_people, seed, err));
  PFC_TRY(make_programmes(p, seed, err));
  PFC_TRY(make_sources(p, err));
done:
  return st;
}

/* --- one person --------------------------------------------------------------------------- */

typedef struct drawn {
  pfc__ratings *r;
  pfc_rng rng;
  int32_t person, role, former; /* former: -1 none */
  int32_t moved, joined;        /* days */
  double a, u[PFC__RATINGS_RANK];
} drawn;

/* What a role alone makes likely, and whether it asks for the competency. */
static double role_mean(const pfc__ratings *r, int32_t role, int32_t competency,
                        bool *is_asked) {
  const pfc_profile *p = &r->truth;
  const pfc_requirement *asks = pfc_requirements_find(r->requirements, role, competency);
  double mean = p->beta[0] + p->competency[competency] +
                p->effect[(ptrdiff_t)role * p->n_competencies + competency];
  *is_asked = asks != NULL;
  if (asks) mean += p->beta[1] + p->beta[2] * (asks->level - MIDDLE);
  return mean;
}

/* All of the level that days and chance do not move: M and s. */
static double likely_level(const drawn *d, int32_t competency, int32_t day) {
  const pfc_profile *p = &d->r->truth;
  bool is_asked, was_asked = false;
  const double now = role_mean(d->r, d->role, competency, &is_asked);
  double mean = now, share = 0;
  if (d->former >= 0) {
    const double before = role_mean(d->r, d->former, competency, &was_asked);
    share = day < d->moved ? 1 : exp2((d->moved - day) / (double)p->half_life[competency]);
    mean += share * (before - now);
  }
  const double asked = share * was_asked + (1 - share) * is_asked;
  mean += p->beta[3] * asked * exp((d->joined - day) / p->newcomer_days) + d->a;
  for (int j = 0; j < p->rank; j++) mean += d->u[j] * p->factor[competency * p->rank + j];
  return mean;
}

static int draw_source(pfc_rng *rng) {
  double u = pfc_rng_uniform(rng);
  int s = 0;
  while (s < PFC__RATINGS_SOURCES - 1 && u >= SOURCE[s][3]) u -= SOURCE[s++][3];
  return s;
}

static pfc_seen draw_rating(drawn *d, int32_t competency, int32_t day, double level) {
  const pfc_profile *p = &d->r->truth;
  const int s = draw_source(&d->rng);
  const bool is_rated_by = s == MANAGER || s == PEER;
  const int32_t n = (int32_t)(p->n_raters / 2);
  const int32_t rater = (d->person / PEOPLE_A_RATER + (s == PEER ? 1 : 0)) % n;
  double y = MIDDLE + p->source[s].bias + p->source[s].slope * (level - MIDDLE) +
             p->source[s].noise * pfc_rng_normal(&d->rng);
  if (is_rated_by) y += p->rater[(s == PEER ? n : 0) + rater];
  return (pfc_seen){competency, day, s, is_rated_by ? rater : -1, (float)y, 0};
}

/* Erlang(2): the sum of two exponential waits. */
static int32_t draw_arrival(drawn *d, const pfc_taught *t) {
  const double mean = sqrt((t->end - t->start) * d->r->truth.teaching_days);
  const double u = (1 - pfc_rng_uniform(&d->rng)) * (1 - pfc_rng_uniform(&d->rng));
  return t->start + (int32_t)ceil(-mean / 2 * log(u));
}

/* A lesson within the last years, for one cell in ten. */
static bool draw_lesson(drawn *d, int32_t competency, pfc_taught *t, int32_t *arrival,
                        double *gain) {
  const pfc_profile *p = &d->r->truth;
  if (pfc_rng_below(&d->rng, 10) > 0) return false;
  const int32_t start = TODAY - 30 - (int32_t)pfc_rng_below(&d->rng, YEARS_OF_DAYS);
  const int32_t intervention = (int32_t)pfc_rng_below(&d->rng, (uint64_t)p->n_interventions);
  double share, doubt;
  pfc_profile_teaches(p, intervention, &share, &doubt);
  *t = (pfc_taught){competency, intervention, start,
                    start + 20 + (int32_t)pfc_rng_below(&d->rng, 100), 5};
  *arrival = draw_arrival(d, t);
  const double own = hypot(p->sd_cell, p->sd_moving);
  *gain = pfc_level_shortfall(likely_level(d, competency, start), own, t->to_level, -NO_END,
                              NO_END) *
          (share + p->sd_taught * pfc_rng_normal(&d->rng));
  return true;
}

static int by_day(const void *a, const void *b) {
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/* n ratings of one cell; where it was taught, a row of `taught` too. */
static void draw_cell(drawn *d, int32_t competency, int32_t n, pfc_seen *seen,
                      int64_t *n_taught) {
  const pfc_profile *p = &d->r->truth;
  pfc_evidence *e = d->r->evidence;
  int32_t day[MOST_RATINGS], arrival = 0;
  double gain = 0, moving = p->sd_moving * pfc_rng_normal(&d->rng);
  const double constant = p->sd_cell * pfc_rng_normal(&d->rng);
  const double half_life = p->half_life[competency];
  pfc_taught lesson;
  const bool was_taught = draw_lesson(d, competency, &lesson, &arrival, &gain);
  if (was_taught) e->taught[(*n_taught)++] = lesson;
  for (int i = 0; i < n; i++)
    day[i] = TODAY - 1 - (int32_t)pfc_rng_below(&d->rng, YEARS_OF_DAYS);
  qsort(day, (size_t)n, sizeof *day, by_day);
  for (int i = 0; i < n; i++) {
    if (i > 0) {
      const double kept = exp2((day[i - 1] - day[i]) / half_life);
      moving = kept * moving + p->sd_moving * sqrt(1 - kept * kept) * pfc_rng_normal(&d->rng);
    }
    double level = likely_level(d, competency, day[i]) + constant + moving;
    if (was_taught && day[i] >= arrival)
      level += gain * exp2((lesson.start - day[i]) / half_life);
    seen[i] = draw_rating(d, competency, day[i], level);
  }
}

static void draw_traits(drawn *d) {
  const pfc_profile *p = &d->r->truth;
  d->a = p->sd_person * pfc_rng_normal(&d->rng);
  for (int j = 0; j < p->rank; j++) d->u[j] = pfc_rng_normal(&d->rng);
  d->role = (int32_t)pfc_rng_below(&d->rng, PFC__RATINGS_ROLES);
  d->former = -1;
  d->joined = TODAY - YEARS_OF_DAYS - (int32_t)pfc_rng_below(&d->rng, 3000);
  d->moved = TODAY - (int32_t)pfc_rng_below(&d->rng, YEARS_OF_DAYS);
  if (pfc_rng_below(&d->rng, 4) == 0)
    d->former = (d->role + 1 + (int32_t)pfc_rng_below(&d->rng, PFC__RATINGS_ROLES - 1)) %
                PFC__RATINGS_ROLES;
}

/* Roles held, ratings and lessons; counts of ratings by competency in n_of, all 0 before and
 * after. */
static void draw_person(drawn *d, int32_t each, int32_t *n_of, int64_t *n_held,
                        int64_t *n_taught) {
  pfc_evidence *e = d->r->evidence;
  const int32_t n = e->n_competencies;
  int64_t at = e->first_seen[d->person];
  draw_traits(d);
  e->joined[d->person] = d->joined;
  if (d->former >= 0) e->held[(*n_held)++] = (pfc_held){d->joined, d->former};
  e->held[(*n_held)++] = (pfc_held){d->former >= 0 ? d->moved : d->joined, d->role};

  for (int32_t left = each, cell = 0, c = 0; left > 0; left--) {
    if (cell++ < each / 2) {
      const bool any = pfc_rng_below(&d->rng, 5) == 0;
      do c = (int32_t)pfc_rng_below(&d->rng, (uint64_t)n);
      while (!any && !is_listed(d->role, c, n));
    } else {
      do c = (c + 1) % n;
      while (n_of[c] == 0);
    }
    n_of[c]++;
  }
  for (int32_t c = 0; c < n; c++) {
    if (n_of[c] == 0) continue;
    draw_cell(d, c, n_of[c], e->seen + at, n_taught);
    at += n_of[c];
    n_of[c] = 0;
  }
  e->first_seen[d->person + 1] = at;
  e->first_held[d->person + 1] = *n_held;
  e->first_taught[d->person + 1] = *n_taught;
}

/* --- everybody ------------------------------------------------------------------------------
 */

static pfc_status make_evidence(int32_t n_people, int32_t n_competencies, int32_t each,
                                pfc__ratings *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_evidence *e = NULL;
  const size_t n = (size_t)n_people;
  PFC_NEW(e, 1);
  out->evidence = e;
  e->n_people = n_people;
  e->n_competencies = n_competencies;
  e->n_roles = PFC__RATINGS_ROLES;
  e->n_sources = PFC__RATINGS_SOURCES;
  e->n_interventions = PROGRAMMES;
  e->n_raters = n_raters(n_people);
  e->scale_max = out->truth.scale_max;
  e->ratings_dated = true;
  PFC_NEW(e->first_seen, n + 1);
  PFC_NEW(e->seen, n * (size_t)each);
  PFC_NEW(e->first_taught, n + 1);
  PFC_NEW(e->taught, n * (size_t)each); /* one a rated cell at most */
  PFC_NEW(e->first_held, n + 1);
  PFC_NEW(e->held, 2 * n);
  PFC_NEW(e->joined, n);
  PFC_NEW(e->half_life, n_competencies);
  PFC_NEW(e->is_anchor, PFC__RATINGS_SOURCES);
  e->is_anchor[TEST] = 1;
  for (int32_t c = 0; c < n_competencies; c++) e->half_life[c] = out->truth.half_life[c];
done:
  return st;
}

pfc_status pfc__ratings_draw(int32_t n_people, int32_t n_competencies, int32_t each,
                             uint64_t seed, pfc__ratings *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *n_of = NULL;
  int64_t n_held = 0, n_taught = 0;
  *out = (pfc__ratings){0};
  PFC_TRY(make_requirements(n_competencies, seed, out, err));
  PFC_TRY(make_truth(n_people, n_competencies, seed, out, err));
  PFC_TRY(make_evidence(n_people, n_competencies, each, out, err));
  PFC_NEW(n_of, n_competencies);
  for (int32_t person = 0; person < n_people; person++) {
    drawn d = {.r = out, .person = person};
    pfc_rng_init(&d.rng, seed, "bench.rated", (uint64_t)person);
    draw_person(&d, each, n_of, &n_held, &n_taught);
  }
  for (int64_t i = 0; i < out->evidence->first_seen[n_people]; i++)
    out->evidence->seen[i].row = i;
done:
  pfc_free(n_of);
  return st;
}
