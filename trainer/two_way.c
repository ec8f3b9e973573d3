#include "trainer/two_way.h"

#include <math.h>
#include <stdbool.h>

#include "base/mem.h"

/* The variances converge slowly, by a factor a sweep; what a last sweep of these changes is far
 * below what figures are told to. */
enum { MOST_SWEEPS = 200 };
static const double TOLERANCE = 1e-7, LEAST_SHARE = 1e-9; /* of the variance of ratings */

/* Posteriors of one side's effects, given the other's. */
typedef struct side {
  int32_t n;
  double *effect, *var; /* n; 0 of those without ratings, who do not count */
  double *sum, *count;
} side;

typedef struct fit {
  const pfc_evidence *e;
  int32_t *person; /* of each rating */
  side people, competencies;
  pfc_two_way *t;
} fit;

static pfc_status side_init(side *s, int32_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  s->n = n;
  PFC_NEW(s->effect, n);
  PFC_NEW(s->var, n);
  PFC_NEW(s->sum, n);
  PFC_NEW(s->count, n);
done:
  return st;
}

static void side_clear(side *s) {
  pfc_free(s->effect);
  pfc_free(s->var);
  pfc_free(s->sum);
  pfc_free(s->count);
}

/* From sums of what the other side leaves; returns the variance of the effects. At the best fit
 * they add up to 0, which takes the sweeps long to find by themselves: what they have in common
 * goes to the mean. */
static double solve(side *s, double noise, double prior, double *mean) {
  double sum = 0, squares = 0, n = 0;
  for (int32_t k = 0; k < s->n; k++) {
    if (s->count[k] == 0) continue;
    s->var[k] = 1 / (s->count[k] / noise + 1 / prior);
    s->effect[k] = s->var[k] * s->sum[k] / noise;
    sum += s->effect[k];
    n++;
  }
  for (int32_t k = 0; k < s->n; k++) {
    if (s->count[k] == 0) continue;
    s->effect[k] -= sum / n;
    squares += s->effect[k] * s->effect[k] + s->var[k];
  }
  *mean += sum / n;
  return squares / n;
}

static void clear_sums(side *s) {
  for (int32_t k = 0; k < s->n; k++) s->sum[k] = s->count[k] = 0;
}

static void gather(fit *f, bool of_people) {
  const pfc_evidence *e = f->e;
  side *own = of_people ? &f->people : &f->competencies;
  const side *other = of_people ? &f->competencies : &f->people;
  clear_sums(own);
  for (int64_t k = 0; k < e->first_seen[e->n_people]; k++) {
    const int32_t p = f->person[k], c = e->seen[k].competency;
    const int32_t here = of_people ? p : c, there = of_people ? c : p;
    own->sum[here] += (double)e->seen[k].level - f->t->mean - other->effect[there];
    own->count[here]++;
  }
}

/* Mean and noise; returns the share by which the noise changed. */
static double settle(fit *f, double least) {
  const pfc_evidence *e = f->e;
  pfc_two_way *t = f->t;
  const int64_t n = e->first_seen[e->n_people];
  double sum = 0, squares = 0;
  for (int64_t k = 0; k < n; k++) {
    const int32_t p = f->person[k], c = e->seen[k].competency;
    const double rest =
        (double)e->seen[k].level - f->people.effect[p] - f->competencies.effect[c];
    sum += rest;
    squares += (rest - t->mean) * (rest - t->mean) + f->people.var[p] + f->competencies.var[c];
  }
  const double noise = fmax(squares / (double)n, least);
  const double change = fabs(noise / t->noise_var - 1);
  t->mean = sum / (double)n;
  t->noise_var = noise;
  return change;
}

static double total_variance(fit *f) {
  const pfc_evidence *e = f->e;
  const int64_t n = e->first_seen[e->n_people];
  double sum = 0, squares = 0;
  for (int32_t p = 0; p < e->n_people; p++) {
    for (int64_t k = e->first_seen[p]; k < e->first_seen[p + 1]; k++) {
      f->person[k] = p;
      sum += (double)e->seen[k].level;
    }
  }
  f->t->mean = sum / (double)n;
  for (int64_t k = 0; k < n; k++)
    squares +=
        ((double)e->seen[k].level - f->t->mean) * ((double)e->seen[k].level - f->t->mean);
  return squares / (double)n;
}

static void find_plain_means(fit *f) {
  const pfc_evidence *e = f->e;
  side *s = &f->competencies;
  clear_sums(s);
  for (int64_t k = 0; k < e->first_seen[e->n_people]; k++) {
    s->sum[e->seen[k].competency] += (double)e->seen[k].level;
    s->count[e->seen[k].competency]++;
  }
  for (int32_t c = 0; c < s->n; c++)
    f->t->plain[c] = s->count[c] > 0 ? s->sum[c] / s->count[c] : f->t->mean;
}

/* Mean-field: each side's effects given the other's, then variances; repeated. */
static void run(fit *f) {
  pfc_two_way *t = f->t;
  const double total = total_variance(f), least = fmax(LEAST_SHARE * total, 1e-12);
  find_plain_means(f);
  t->noise_var = t->person_var = t->competency_var = fmax(total / 2, least);
  for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    gather(f, false);
    t->competency_var =
        fmax(solve(&f->competencies, t->noise_var, t->competency_var, &t->mean), least);
    gather(f, true);
    t->person_var = fmax(solve(&f->people, t->noise_var, t->person_var, &t->mean), least);
    if (settle(f, least) < TOLERANCE) break;
  }
}

pfc_status pfc_two_way_fit(const pfc_evidence *e, pfc_two_way *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  fit f = {.e = e, .t = t};
  *t = (pfc_two_way){.n_competencies = e->n_competencies};
  PFC_NEW(t->competency, e->n_competencies);
  PFC_NEW(t->plain, e->n_competencies);
  PFC_NEW(f.person, e->first_seen[e->n_people]);
  PFC_TRY(side_init(&f.people, e->n_people, err));
  PFC_TRY(side_init(&f.competencies, e->n_competencies, err));
  if (e->first_seen[e->n_people] > 0) run(&f);
  for (int32_t c = 0; c < e->n_competencies; c++) t->competency[c] = f.competencies.effect[c];
done:
  if (st != PFC_OK) pfc_two_way_clear(t);
  pfc_free(f.person);
  side_clear(&f.people);
  side_clear(&f.competencies);
  return st;
}

void pfc_two_way_clear(pfc_two_way *t) {
  pfc_free(t->competency);
  pfc_free(t->plain);
  *t = (pfc_two_way){0};
}

double pfc_two_way_person(const pfc_two_way *t, const pfc_evidence *e, int32_t person,
                          int32_t date) {
  double sum = 0, n = 0;
  for (int64_t k = e->first_seen[person]; k < e->first_seen[person + 1]; k++) {
    const pfc_seen *at = &e->seen[k];
    if (!pfc_seen_before(e, at, date)) continue;
    sum += (double)at->level - t->mean - t->competency[at->competency];
    n++;
  }
  return n > 0 ? sum / (n + t->noise_var / t->person_var) : 0;
}
