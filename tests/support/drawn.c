#include "tests/support/drawn.h"

#include <math.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/test.h"

const double RATED_SOURCE[RATED_SOURCES][4] = {
    {0, 1, 0.25, 0}, {0.2, 0.85, 0.4, 0.3}, {0.4, 0.7, 0.45, 0}};

static const double BETA[4] = {3, 0.5, 0.6, -0.5};
enum { HALF_LIFE = 1000, NEWCOMER = 730, TEACHING = 60, LAST_DAY = 2000, MOST = 16 };

typedef struct world {
  const rated_plan *plan;
  pfc_rng rng, catalogue;                          /* the latter of programmes alone */
  double *competency, *factor, *effect, *required; /* the latter two by role, competency */
  double leniency[RATED_RATERS];
  rated *out;
} world;

typedef struct person {
  int joined, changed; /* days; changed > LAST_DAY: never */
  int role, later;
  double a, u[MOST];
} person;

static void *array(int64_t n, size_t size) {
  void *p = pfc_alloc_array((size_t)n, size);
  assert_non_null(p);
  return p;
}

static double normal(world *w, double sd) { return sd * pfc_rng_normal(&w->rng); }
static int below(world *w, int n) { return (int)pfc_rng_below(&w->rng, (uint64_t)n); }
static bool likely(world *w, double p) { return pfc_rng_uniform(&w->rng) < p; }

static void draw_world(world *w) {
  const int C = w->plan->competencies, K = w->plan->rank;
  w->competency = array(C, sizeof(double));
  w->factor = array((int64_t)C * K, sizeof(double));
  w->effect = array((int64_t)RATED_ROLES * C, sizeof(double));
  w->required = array((int64_t)RATED_ROLES * C, sizeof(double));
  for (int c = 0; c < C; c++) {
    w->competency[c] = normal(w, RATED_COMPETENCY);
    for (int k = 0; k < K; k++) w->factor[c * K + k] = normal(w, RATED_FACTOR);
    for (int r = 0; r < RATED_ROLES; r++) {
      w->effect[r * C + c] = w->plan->roles ? normal(w, RATED_ROLE) : 0;
      w->required[r * C + c] = likely(w, 0.6) ? 2 + 3 * pfc_rng_uniform(&w->rng) : NAN;
    }
  }
  for (int i = 0; i < RATED_RATERS; i++) w->leniency[i] = normal(w, RATED_SOURCE[1][3]);
}

static void fill_requirements(world *w) {
  const int C = w->plan->competencies;
  pfc_requirements *r = w->out->requirements = array(1, sizeof *r);
  r->n_roles = RATED_ROLES;
  r->n_competencies = C;
  r->first = array(RATED_ROLES + 1, sizeof *r->first);
  r->at = array((int64_t)RATED_ROLES * C, sizeof *r->at);
  int64_t n = 0;
  for (int role = 0; role < RATED_ROLES; role++) {
    for (int c = 0; c < C && w->plan->roles; c++) {
      const double level = w->required[role * C + c];
      if (!isnan(level))
        r->at[n++] =
            (pfc_requirement){.competency = c, .level = level * w->plan->unit, .importance = 1};
    }
    r->first[role + 1] = n;
  }
}

static person draw_person(world *w) {
  person p = {
      .joined = -below(w, 1500), .changed = LAST_DAY + 1, .role = below(w, RATED_ROLES)};
  p.later = (p.role + 1) % RATED_ROLES;
  if (likely(w, 0.3)) p.changed = 200 + below(w, 1500);
  p.a = normal(w, RATED_PERSON);
  for (int k = 0; k < w->plan->rank; k++) p.u[k] = normal(w, 1);
  return p;
}

static double role_mean(const world *w, const person *p, int role, int c, double newcomer) {
  const int at = role * w->plan->competencies + c;
  (void)p;
  double mean = BETA[0] + w->competency[c] + w->effect[at];
  if (!isnan(w->required[at]))
    mean += BETA[1] + BETA[2] * (w->required[at] - 3.5) + BETA[3] * newcomer;
  return mean;
}

/* The mean on a day, without the person's own part. */
static double mean_on(const world *w, const person *p, int c, int day) {
  if (!w->plan->roles) return BETA[0] + w->competency[c];
  const double newcomer = w->plan->dates ? exp(-(double)(day - p->joined) / NEWCOMER) : 0;
  const double old = role_mean(w, p, p->role, c, newcomer);
  if (!w->plan->dates || day <= p->changed) return old;
  const double left = pow(0.5, (double)(day - p->changed) / HALF_LIFE);
  return role_mean(w, p, p->later, c, newcomer) * (1 - left) + old * left;
}

typedef struct lesson {
  bool is;
  int start, end;
  double arrival, gain;
} lesson;

static lesson draw_lesson(world *w, const person *p, int c, double part) {
  lesson l = {.is = w->plan->lessons && likely(w, 0.4)};
  if (!l.is) return l;
  l.start = below(w, 1500);
  l.end = l.start + 20 + below(w, 80);
  const double mean = sqrt((double)(l.end - l.start) * TEACHING);
  l.arrival =
      l.start -
      mean / 2 * (log(1 - pfc_rng_uniform(&w->rng)) + log(1 - pfc_rng_uniform(&w->rng)));
  const double way = fmax(5.5 - mean_on(w, p, c, l.start) - part, 0);
  const int programme = (int)pfc_rng_below(&w->catalogue, (uint64_t)w->plan->programmes);
  l.gain = way * (RATED_TAUGHT + w->out->programme[programme] + normal(w, RATED_SPREAD));
  pfc_evidence *e = w->out->evidence;
  const int64_t at = e->first_taught[e->n_people + 1]++;
  e->taught[at] = (pfc_taught){c, programme, l.start, l.end, (float)(5.5 * w->plan->unit)};
  return l;
}

static int by_day(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static void draw_rating(world *w, int c, int day, double level) {
  pfc_evidence *e = w->out->evidence;
  const int source = below(w, w->plan->sources);
  const double *s = RATED_SOURCE[source];
  const int rater = source == 1 && w->plan->raters ? below(w, RATED_RATERS) : -1;
  double y = 3.5 + s[0] + s[1] * (level - 3.5) + normal(w, s[2]);
  if (rater >= 0) y += w->leniency[rater];
  const int64_t at = e->first_seen[e->n_people + 1]++;
  e->seen[at] = (pfc_seen){c,     w->plan->dates ? day : PFC_NO_DATE, source,
                           rater, (float)(y * w->plan->unit),         at};
}

static void draw_cell(world *w, const person *p, int c) {
  int day[MOST];
  const int n = 1 + below(w, w->plan->most);
  double part = p->a;
  for (int k = 0; k < w->plan->rank; k++) part += p->u[k] * w->factor[c * w->plan->rank + k];
  const lesson l = draw_lesson(w, p, c, part);
  for (int i = 0; i < n; i++) day[i] = below(w, LAST_DAY);
  qsort(day, (size_t)n, sizeof *day, by_day);
  const double own = normal(w, RATED_CELL);
  double moving = normal(w, RATED_MOVING);
  for (int i = 0; i < n; i++) {
    if (i > 0 && w->plan->dates) {
      const double kept = pow(0.5, (double)(day[i] - day[i - 1]) / HALF_LIFE);
      moving = kept * moving + normal(w, RATED_MOVING * sqrt(1 - kept * kept));
    }
    double level = mean_on(w, p, c, day[i]) + part + own + moving;
    if (l.is && day[i] >= l.arrival)
      level += l.gain * pow(0.5, (double)(day[i] - l.start) / HALF_LIFE);
    draw_rating(w, c, day[i], level);
  }
}

static void hold(world *w, const person *p) {
  pfc_evidence *e = w->out->evidence;
  int64_t *n = &e->first_held[e->n_people + 1];
  const bool dates = w->plan->dates;
  if (!w->plan->roles) {
    e->held[(*n)++] = (pfc_held){PFC_NO_DATE, -1};
    return;
  }
  e->held[(*n)++] = (pfc_held){dates ? p->joined : PFC_NO_DATE, p->role};
  if (dates && p->changed <= LAST_DAY) e->held[(*n)++] = (pfc_held){p->changed, p->later};
}

static void fill_evidence(world *w) {
  const rated_plan *plan = w->plan;
  const int64_t cells = (int64_t)plan->people * plan->competencies;
  pfc_evidence *e = w->out->evidence = array(1, sizeof *e);
  *e = (pfc_evidence){.n_competencies = plan->competencies,
                      .n_roles = plan->roles ? RATED_ROLES : 0,
                      .n_sources = plan->sources,
                      .n_raters = RATED_RATERS,
                      .n_interventions = plan->programmes,
                      .scale_max = 7 * plan->unit,
                      .ratings_dated = plan->dates};
  e->first_seen = array(plan->people + 1, sizeof *e->first_seen);
  e->first_taught = array(plan->people + 1, sizeof *e->first_taught);
  e->first_held = array(plan->people + 1, sizeof *e->first_held);
  e->seen = array(cells * plan->most, sizeof *e->seen);
  e->taught = array(cells, sizeof *e->taught);
  e->held = array(2 * (int64_t)plan->people, sizeof *e->held);
  e->joined = array(plan->people, sizeof *e->joined);
  e->half_life = array(plan->competencies, sizeof *e->half_life);
  e->is_anchor = array(plan->sources, sizeof *e->is_anchor);
  e->is_anchor[0] = 1;
  for (int c = 0; c < plan->competencies; c++) e->half_life[c] = HALF_LIFE;
  for (int i = 0; i < plan->people; i++) {
    const person p = draw_person(w);
    e->n_people = i; /* whose entries are added to */
    e->first_seen[i + 1] = e->first_seen[i];
    e->first_taught[i + 1] = e->first_taught[i];
    e->first_held[i + 1] = e->first_held[i];
    e->joined[i] = plan->dates ? p.joined : PFC_NO_DATE;
    hold(w, &p);
    for (int c = 0; c < plan->competencies; c++)
      if (likely(w, plan->share)) draw_cell(w, &p, c);
  }
  e->n_people = plan->people;
}

void rated_draw(const rated_plan *plan, rated *r) {
  world w = {.plan = plan, .out = r};
  pfc_rng_init(&w.rng, plan->seed, "test.rated", 0);
  pfc_rng_init(&w.catalogue, plan->seed, "test.programmes", 0);
  draw_world(&w);
  for (int i = 0; i < plan->programmes; i++)
    r->programme[i] = RATED_PROGRAMME * pfc_rng_normal(&w.catalogue);
  fill_requirements(&w);
  fill_evidence(&w);
  pfc_free(w.competency);
  pfc_free(w.factor);
  pfc_free(w.effect);
  pfc_free(w.required);
}

void rated_clear(rated *r) {
  pfc_evidence_destroy(r->evidence);
  pfc_requirements_destroy(r->requirements);
}
