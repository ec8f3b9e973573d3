/* The cells of the fit: read once through models/profile_cell.h, kept packed by chunks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "trainer/profile_fit_internal.h"
#include "trainer/source_links.h"

/* Smallest variance of anything, beside the ratings', and such that a bundle can hold it. */
static const double LEAST_SHARE = 1e-8, LEAST_VARIANCE = 1e-17;
static const float LONGEST_HALF_LIFE = 1e9F;

enum { MOST_CHUNKS = 64, LEAST_CHUNKS_OF_SAMPLE = 4 };

/* --- who stands where ------------------------------------------------------------------- */

typedef struct dealt {
  uint64_t hash;
  int32_t person;
} dealt;

static int by_hash(const void *a, const void *b) {
  const dealt *x = a, *y = b;
  if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
  return (x->person > y->person) - (x->person < y->person);
}

static bool is_seen(const pfc__pdata *d, const pfc_seen *seen) {
  return pfc_seen_before(d->evidence, seen, d->date);
}

static bool has_ratings(const pfc__pdata *d, int32_t person) {
  const pfc_evidence *e = d->evidence;
  for (int64_t i = e->first_seen[person]; i < e->first_seen[person + 1]; i++)
    if (is_seen(d, &e->seen[i])) return true;
  return false;
}

/* Chunks are small enough that a sample is several of them, and few enough that their sums
 * fit into memory; the data alone tell how many there are. */
static int32_t people_of_chunk(const pfc__pdata *d, int32_t sample_people) {
  const int32_t even = (d->n_people + MOST_CHUNKS - 1) / MOST_CHUNKS;
  const int32_t of_sample = sample_people / LEAST_CHUNKS_OF_SAMPLE;
  const int32_t fit = even < of_sample ? even : of_sample;
  return fit < 1 ? 1 : fit;
}

static pfc_status deal_people(pfc__pdata *d, const pfc_profile_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  dealt *order = NULL;
  PFC_NEW(order, d->evidence->n_people);
  d->n_people = 0;
  for (int32_t p = 0; p < d->evidence->n_people; p++) {
    if (!has_ratings(d, p)) continue;
    pfc_rng rng;
    pfc_rng_init(&rng, s->seed, "profile.people", (uint64_t)p);
    order[d->n_people++] = (dealt){pfc_rng_next(&rng), p};
  }
  qsort(order, (size_t)d->n_people, sizeof *order, by_hash);
  const int32_t size = people_of_chunk(d, s->sample_people);
  d->n_chunks = (d->n_people + size - 1) / size;
  PFC_NEW(d->chunk, d->n_chunks);
  for (int32_t i = 0; i < d->n_chunks; i++) {
    pfc__pchunk *k = &d->chunk[i];
    k->first_row = i * size;
    k->n_people = d->n_people - k->first_row < size ? d->n_people - k->first_row : size;
    PFC_NEW(k->person, k->n_people);
    PFC_NEW(k->first_cell, (size_t)k->n_people + 1);
    for (int32_t j = 0; j < k->n_people; j++) k->person[j] = order[k->first_row + j].person;
  }
done:
  pfc_free(order);
  return st;
}

/* --- sources and raters ----------------------------------------------------------------- */

static int by_key(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static int64_t sort_unique(int64_t *key, int64_t n) {
  qsort(key, (size_t)n, sizeof *key, by_key);
  int64_t kept = 0;
  for (int64_t i = 0; i < n; i++)
    if (kept == 0 || key[kept - 1] != key[i]) key[kept++] = key[i];
  return kept;
}

static int64_t pair_key(int32_t high, int32_t low) { return (int64_t)high << 32 | low; }

static pfc_status find_raters(pfc__pdata *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evidence *e = d->evidence;
  int64_t *key = NULL, n = 0, capacity = 0;
  for (int64_t i = 0; i < e->first_seen[e->n_people]; i++) {
    const pfc_seen *seen = &e->seen[i];
    if (seen->rater < 0 || seen->source < 0 || !is_seen(d, seen)) continue;
    const int64_t told = pair_key(seen->source, seen->rater);
    if (n > 0 && key[n - 1] == told) continue;
    PFC_RESERVE(key, capacity, n + 1);
    key[n++] = told;
  }
  if (n > 0) n = sort_unique(key, n);
  d->shape.n_raters = n;
  PFC_NEW(d->shape.rater_source, n);
  PFC_NEW(d->shape.rater_code, n);
  PFC_NEW(d->shape.rater, n);
  PFC_NEW(d->shape.rater_var, n);
  for (int64_t i = 0; i < n; i++) {
    d->shape.rater_source[i] = (int32_t)(key[i] >> 32);
    d->shape.rater_code[i] = (int32_t)(key[i] & INT32_MAX);
  }
done:
  pfc_free(key);
  return st;
}

/* Bias and slope are learned where an anchor is near: of others there is nothing to hold them
 * against. */
static pfc_status find_sources(pfc__pdata *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evidence *e = d->evidence;
  PFC_NEW(d->shape.source, e->n_sources);
  PFC_NEW(d->n_ratings, d->n_sources);
  PFC_NEW(d->fixed, d->n_sources);
  PFC_NEW(d->all_raters, d->n_sources);
  int8_t *linked = d->all_raters; /* this and n_ratings are free until they are counted */
  PFC_TRY(pfc_source_links(e, d->date, linked, d->n_ratings, err));
  memset(d->n_ratings, 0, sizeof *d->n_ratings * (size_t)d->n_sources);
  d->shape.relative = 1;
  for (int32_t s = 0; s < e->n_sources; s++) {
    d->shape.source[s].anchor = e->is_anchor[s] == 1;
    d->shape.source[s].linked = linked[s] == 1;
    d->fixed[s] = e->is_anchor[s] == 1 || !linked[s];
  }
  d->fixed[e->n_sources] = 1;
  for (int32_t s = 0; s < d->n_sources; s++) d->all_raters[s] = 1;
done:
  return st;
}

static pfc_status shape_init(pfc__pdata *d, const pfc_profile_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evidence *e = d->evidence;
  pfc_profile *p = &d->shape;
  p->n_competencies = e->n_competencies;
  p->n_roles = e->n_roles;
  p->n_sources = e->n_sources;
  p->n_interventions = e->n_interventions;
  p->scale_min = e->scale_min;
  p->scale_max = e->scale_max;
  p->newcomer_days = s->newcomer_days;
  p->teaching_days = s->teaching_days > 0 ? s->teaching_days : PFC__TEACHING_DAYS;
  p->half_life_days = s->half_life_days;
  PFC_NEW(p->half_life, p->n_competencies);
  PFC_NEW(p->competency, p->n_competencies);
  PFC_NEW(p->programme, p->n_interventions);
  PFC_NEW(p->programme_var, p->n_interventions);
  for (int32_t c = 0; c < p->n_competencies; c++)
    p->half_life[c] = e->half_life[c] > 0
                          ? fminf(fmaxf(e->half_life[c], 1e-6F), LONGEST_HALF_LIFE)
                          : (float)s->half_life_days;
  PFC_TRY(find_sources(d, err));
  PFC_TRY(find_raters(d, err));
done:
  return st;
}

/* --- packing ---------------------------------------------------------------------------- */

static double *put(double *at, const double *from, int n) {
  memcpy(at, from, sizeof *at * (size_t)n);
  return at + n;
}

static void pack_numbers(const pfc_cell *from, pfc__pchunk *k, pfc__pcell *cell) {
  double *at = put(pfc__pcell_y(k, cell), from->y, from->n);
  for (int i = 0; i < from->n; i++) at = put(at, from->x[i], PFC_PROFILE_FIXED);
  for (int i = 0; i < from->n; i++) at = put(at, from->weight[i], from->held.n);
  for (int i = 0; i < from->n; i++) at = put(at, from->decay[i], from->n);
  for (int i = 0; i < from->n; i++) at = put(at, from->arrived[i], from->n_lessons);
  for (int i = 0; i < from->n; i++) at = put(at, from->kept[i], from->n_lessons);
}

static void pack_codes(const pfc__pdata *d, const pfc_cell *from, int32_t *code) {
  for (int i = 0; i < from->n; i++) {
    code[i] = from->source[i] < 0 ? d->n_sources - 1 : from->source[i];
    code[from->n + i] = (int32_t)from->rater[i];
  }
  for (int l = 0; l < from->n_lessons; l++) code[2 * from->n + l] = from->intervention[l];
}

static pfc_status pack_cell(const pfc__pdata *d, const pfc_cell *from, int64_t seen,
                            pfc__pchunk *k, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int n = from->n, l = from->n_lessons;
  const int64_t numbers =
      (int64_t)n * (1 + PFC_PROFILE_FIXED + from->held.n + n + 2 * (int64_t)l) + 2 * l;
  PFC_RESERVE(k->cell, k->cell_capacity, k->n_cells + 1);
  PFC_RESERVE(k->number, k->number_capacity, k->n_numbers + numbers);
  PFC_RESERVE(k->codes, k->code_capacity, k->n_codes + 2 * n + l);
  pfc__pcell *cell = &k->cell[k->n_cells++];
  *cell = (pfc__pcell){.seen = seen,
                       .at = k->n_numbers,
                       .code = k->n_codes,
                       .competency = from->competency,
                       .n = (int16_t)n,
                       .n_roles = (int16_t)from->held.n,
                       .n_lessons = (int16_t)l};
  k->n_numbers += numbers;
  k->n_codes += 2 * (int64_t)n + l;
  for (int r = 0; r < from->held.n; r++) cell->effect[r] = from->held.role[r];
  pack_numbers(from, k, cell);
  for (int i = 0; i < l; i++) pfc__pcell_way(k, cell)[i] = pfc__pcell_square(k, cell)[i] = 0;
  pack_codes(d, from, k->codes + cell->code);
done:
  return st;
}

/* The end of the run of one competency that begins at `from`. */
static int64_t run_end(const pfc_evidence *e, int32_t person, int64_t from) {
  int64_t to = from + 1;
  while (to < e->first_seen[person + 1] && e->seen[to].competency == e->seen[from].competency)
    to++;
  return to;
}

static pfc_status pack_person(const pfc__pdata *d, int32_t person, pfc_cell *cell,
                              pfc__pchunk *k, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evidence *e = d->evidence;
  for (int64_t from = e->first_seen[person], to; from < e->first_seen[person + 1]; from = to) {
    to = run_end(e, person, from);
    pfc_cell_read(&d->shape, e, d->requirements, person, e->seen[from].competency, from, to,
                  d->date, cell);
    if (cell->n > 0) PFC_TRY(pack_cell(d, cell, from, k, err));
  }
done:
  return st;
}

/* Roles and competencies of the cells, each once. */
static pfc_status list_pairs(pfc__pchunk *k, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(k->pair, k->n_cells * PFC_CELL_ROLES);
  for (int64_t i = 0; i < k->n_cells; i++) {
    const pfc__pcell *c = &k->cell[i];
    for (int r = 0; r < c->n_roles; r++)
      if (c->effect[r] >= 0) k->pair[k->n_pairs++] = pair_key(c->effect[r], c->competency);
  }
  k->n_pairs = sort_unique(k->pair, k->n_pairs);
done:
  return st;
}

static pfc_status pack_chunk(int thread, int64_t i, void *user, pfc_error *err) {
  (void)thread;
  pfc_status st = PFC_OK;
  const pfc__pdata *d = user;
  pfc__pchunk *k = &d->chunk[i];
  pfc_cell *cell = NULL;
  PFC_NEW(cell, 1);
  for (int32_t p = 0; p < k->n_people; p++) {
    k->first_cell[p] = k->n_cells;
    PFC_TRY(pack_person(d, k->person[p], cell, k, err));
  }
  k->first_cell[k->n_people] = k->n_cells;
  PFC_TRY(list_pairs(k, err));
done:
  pfc_free(cell);
  return st;
}

/* --- effects of roles ------------------------------------------------------------------- */

static pfc_status join_pairs(pfc__pdata *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *key = NULL, n = 0;
  for (int32_t i = 0; i < d->n_chunks; i++) n += d->chunk[i].n_pairs;
  PFC_NEW(key, n);
  n = 0;
  for (int32_t i = 0; i < d->n_chunks; i++) {
    pfc__pchunk *k = &d->chunk[i];
    if (k->n_pairs > 0) memcpy(key + n, k->pair, sizeof *key * (size_t)k->n_pairs);
    n += k->n_pairs;
    pfc_free(k->pair);
    k->pair = NULL;
  }
  n = sort_unique(key, n);
  pfc_profile *p = &d->shape;
  p->n_role_effects = n;
  PFC_NEW(p->effect_role, n);
  PFC_NEW(p->effect_competency, n);
  PFC_NEW(p->effect, n);
  PFC_NEW(p->effect_var, n);
  for (int64_t i = 0; i < n; i++) {
    p->effect_role[i] = (int32_t)(key[i] >> 32);
    p->effect_competency[i] = (int32_t)(key[i] & INT32_MAX);
  }
done:
  pfc_free(key);
  return st;
}

static int32_t find_effect(const pfc_profile *p, int32_t role, int32_t competency) {
  int64_t low = 0, high = p->n_role_effects;
  while (low < high) {
    const int64_t at = (low + high) / 2;
    if (pair_key(p->effect_role[at], p->effect_competency[at]) < pair_key(role, competency))
      low = at + 1;
    else
      high = at;
  }
  return (int32_t)low;
}

static pfc_status place_effects(int thread, int64_t i, void *user, pfc_error *err) {
  (void)thread;
  (void)err;
  const pfc__pdata *d = user;
  const pfc__pchunk *k = &d->chunk[i];
  for (int64_t j = 0; j < k->n_cells; j++) {
    pfc__pcell *c = &k->cell[j];
    for (int r = 0; r < c->n_roles; r++)
      if (c->effect[r] >= 0) c->effect[r] = find_effect(&d->shape, c->effect[r], c->competency);
  }
  return PFC_OK;
}

/* --- what there is ---------------------------------------------------------------------- */

static void count_ratings(pfc__pdata *d) {
  double sum = 0, squares = 0;
  for (int32_t i = 0; i < d->n_chunks; i++) {
    const pfc__pchunk *k = &d->chunk[i];
    d->n_cells += k->n_cells;
    for (int64_t j = 0; j < k->n_cells; j++) {
      const pfc__pcell *c = &k->cell[j];
      const double *y = pfc__pcell_y(k, c);
      for (int r = 0; r < c->n; r++) {
        const int32_t source = k->codes[c->code + r];
        d->n_ratings[source]++;
        if (k->codes[c->code + c->n + r] < 0) d->all_raters[source] = 0;
        sum += y[r] - d->mid;
        squares += (y[r] - d->mid) * (y[r] - d->mid);
        d->n_all++;
      }
    }
  }
  const double n = (double)(d->n_all > 0 ? d->n_all : 1);
  d->mean = d->mid + sum / n;
  d->variance = squares / n - sum / n * (sum / n);
  d->least = fmax(LEAST_SHARE * d->variance, LEAST_VARIANCE);
  for (int32_t s = 0; s < d->shape.n_sources; s++) {
    d->shape.source[s].n_ratings = d->n_ratings[s];
    if (d->shape.source[s].anchor && d->n_ratings[s] > 0) d->shape.relative = 0;
  }
}

static pfc_status check_enough(const pfc__pdata *d, const pfc_profile_settings *s,
                               pfc_error *err) {
  if (d->n_all < s->min_ratings)
    return pfc_fail(err, PFC_EDATA, "profile: %lld ratings; at least %d are needed",
                    (long long)d->n_all, (int)s->min_ratings);
  if (!(d->variance > 1e-24 * d->span * d->span))
    return pfc_fail(err, PFC_EDATA,
                    "profile: all %lld ratings are the same (%g): nothing can be learned from "
                    "them",
                    (long long)d->n_all, d->mean);
  if (d->shape.n_raters > INT32_MAX || d->shape.n_role_effects > INT32_MAX)
    return pfc_fail(err, PFC_EDATA,
                    "profile: more than %d raters or pairs of role and "
                    "competency",
                    INT32_MAX);
  return PFC_OK;
}

pfc_status pfc__pdata_init(pfc__pdata *d, const pfc_evidence *e, const pfc_requirements *r,
                           int32_t date, const pfc_profile_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  *d = (pfc__pdata){.evidence = e,
                    .requirements = r,
                    .date = date,
                    .mid = (e->scale_min + e->scale_max) / 2,
                    .span = e->scale_max - e->scale_min,
                    .n_sources = e->n_sources + 1};
  const int many = pfc__worth_threads(e->first_seen[e->n_people]);
  PFC_TRY(shape_init(d, s, err));
  PFC_TRY(deal_people(d, s, err));
  PFC_TRY(pfc_par_each(d->n_chunks, 1, many, pack_chunk, d, err));
  PFC_TRY(join_pairs(d, err));
  PFC_TRY(pfc_par_each(d->n_chunks, 1, many, place_effects, d, err));
  count_ratings(d);
  PFC_TRY(check_enough(d, s, err));
done:
  return st;
}

void pfc__pdata_clear(pfc__pdata *d) {
  for (int32_t i = 0; d->chunk && i < d->n_chunks; i++) {
    pfc__pchunk *k = &d->chunk[i];
    pfc_free(k->person);
    pfc_free(k->first_cell);
    pfc_free(k->cell);
    pfc_free(k->number);
    pfc_free(k->codes);
    pfc_free(k->pair);
  }
  pfc_free(d->chunk);
  pfc_free(d->n_ratings);
  pfc_free(d->fixed);
  pfc_free(d->all_raters);
  pfc_profile_clear(&d->shape);
  *d = (pfc__pdata){0};
}
