#include "datasets/evidence.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "datasets/catalogue.h"
#include "datasets/columns_internal.h"

/* A missing day sorts behind every day, as in datasets/history.c. */
static int compare_days(int32_t a, int32_t b) {
  if (a == b) return 0;
  if (a == PFC_NO_DATE) return 1;
  if (b == PFC_NO_DATE) return -1;
  return a < b ? -1 : 1;
}

/* --- ratings --------------------------------------------------------------------------- */

static int compare_seen(const void *x, const void *y) {
  const pfc_seen *a = x, *b = y;
  if (a->competency != b->competency) return a->competency < b->competency ? -1 : 1;
  const int by_day = compare_days(a->day, b->day);
  return by_day ? by_day : (a->row > b->row) - (a->row < b->row);
}

/* Levels off any scale stay off it, as numbers. */
static float narrow(double level) { return (float)fmin(fmax(level, -FLT_MAX), FLT_MAX); }

static pfc_status build_seen(pfc_evidence *e, const pfc_dataset *ds, const pfc_history *h,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *rater = pfc_dataset_codes(ds, PFC_ASSESSMENTS, "rater_id");
  const int64_t n = h->first_rating[h->n_people];
  e->ratings_dated = h->ratings_dated;
  PFC_NEW(e->first_seen, (size_t)e->n_people + 1);
  PFC_NEW(e->seen, n);
  for (int32_t p = 0; p < e->n_people; p++) e->first_seen[p + 1] = h->first_rating[p + 1];
  for (int64_t k = 0; k < n; k++) {
    const pfc_rating *r = &h->ratings[k];
    e->seen[k] = (pfc_seen){.competency = r->competency,
                            .day = r->date,
                            .source = r->source,
                            .rater = pfc__code_at(rater, r->row),
                            .level = narrow(r->level),
                            .row = r->row};
  }
#pragma omp parallel for schedule(static)
  for (int32_t p = 0; p < e->n_people; p++)
    qsort(e->seen + e->first_seen[p], (size_t)(e->first_seen[p + 1] - e->first_seen[p]),
          sizeof *e->seen, compare_seen);
done:
  return st;
}

/* --- lessons --------------------------------------------------------------------------- */

static int compare_taught(const void *x, const void *y) {
  const pfc_taught *a = x, *b = y;
  if (a->competency != b->competency) return a->competency < b->competency ? -1 : 1;
  if (a->start != b->start) return a->start < b->start ? -1 : 1;
  if (a->end != b->end) return a->end < b->end ? -1 : 1;
  if (a->to_level != b->to_level) return a->to_level < b->to_level ? -1 : 1;
  return (a->intervention > b->intervention) - (a->intervention < b->intervention);
}

static bool teaches(const pfc_attempt *a) {
  return a->result == 1 && a->start != PFC_NO_DATE && a->known != PFC_NO_DATE;
}

/* What a pass taught, one a target with a competency and a level, from `out` on (NULL: counted
 * alone). A pass that the table has end before it began was known by the day it began. No
 * lesson leads off the scale. */
static int64_t read_lessons(const pfc_evidence *e, const pfc_catalogue *cat,
                            const pfc_attempt *a, pfc_taught *out) {
  int64_t n = 0;
  if (!teaches(a)) return 0;
  for (int32_t k = cat->first[a->intervention]; k < cat->first[a->intervention + 1]; k++) {
    if (cat->competency[k] < 0 || isnan(cat->to_level[k])) continue;
    if (out) {
      out[n] = (pfc_taught){
          .competency = cat->competency[k],
          .intervention = a->intervention,
          .start = a->start,
          .end = a->known > a->start ? a->known : a->start,
          .to_level = (float)fmin(fmax(cat->to_level[k], e->scale_min), e->scale_max)};
    }
    n++;
  }
  return n;
}

static pfc_status build_taught(pfc_evidence *e, const pfc_history *h, const pfc_catalogue *cat,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t n = 0;
  for (int64_t k = 0; k < h->first_attempt[h->n_people]; k++)
    n += read_lessons(e, cat, &h->attempts[k], NULL);
  PFC_NEW(e->first_taught, (size_t)e->n_people + 1);
  PFC_NEW(e->taught, n);
  n = 0;
  for (int32_t p = 0; p < e->n_people; p++) {
    for (int64_t k = h->first_attempt[p]; k < h->first_attempt[p + 1]; k++)
      n += read_lessons(e, cat, &h->attempts[k], e->taught + n);
    e->first_taught[p + 1] = n;
  }
#pragma omp parallel for schedule(static)
  for (int32_t p = 0; p < e->n_people; p++)
    qsort(e->taught + e->first_taught[p], (size_t)(e->first_taught[p + 1] - e->first_taught[p]),
          sizeof *e->taught, compare_taught);
done:
  return st;
}

/* --- roles ----------------------------------------------------------------------------- */

typedef struct positions {
  const int32_t *from, *to, *role, *now; /* now: role_id of table people */
} positions;

/* Whoever takes up the role they hold already goes on in it. */
static void take_up(pfc_evidence *e, int64_t begin, int64_t *n, int32_t from, int32_t role) {
  if (role < 0 || (*n > begin && e->held[*n - 1].role == role)) return;
  e->held[(*n)++] = (pfc_held){from, role};
}

/* Of positions in order of their first days, of two on one day the later row. Table people
 * speaks of the time after the last one, and of that one where it does not name its role. One
 * that ends before it begins was never held. */
static int64_t read_roles(pfc_evidence *e, const pfc_history *h, const positions *in,
                          int32_t person, int64_t n) {
  const int64_t begin = n;
  const int64_t row = h->people_row[person], end = h->first_position[person + 1];
  const int32_t now = row < 0 ? -1 : pfc__code_at(in->now, row);
  for (int64_t k = h->first_position[person]; k < end; k++) {
    const int64_t at = h->position_rows[k];
    const int32_t role = pfc__code_at(in->role, at);
    const int32_t from = pfc__date_at(in->from, at), to = pfc__date_at(in->to, at);
    const bool is_last = k + 1 == end, was_held = to == PFC_NO_DATE || to >= from;
    if (!is_last && pfc__date_at(in->from, h->position_rows[k + 1]) == from) continue;
    if (was_held) take_up(e, begin, &n, from, is_last && role < 0 ? now : role);
    if (is_last && to != PFC_NO_DATE) take_up(e, begin, &n, was_held ? to + 1 : from, now);
  }
  if (n == begin) e->held[n++] = (pfc_held){PFC_NO_DATE, now};
  return n;
}

static pfc_status build_held(pfc_evidence *e, const pfc_dataset *ds, const pfc_history *h,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t n = 0;
  const positions in = {.from = pfc_dataset_dates(ds, PFC_POSITIONS, "from"),
                        .to = pfc_dataset_dates(ds, PFC_POSITIONS, "to"),
                        .role = pfc_dataset_codes(ds, PFC_POSITIONS, "role_id"),
                        .now = pfc_dataset_codes(ds, PFC_PEOPLE, "role_id")};
  PFC_NEW(e->first_held, (size_t)e->n_people + 1);
  PFC_NEW(e->held, h->first_position[h->n_people] + e->n_people);
  for (int32_t p = 0; p < e->n_people; p++) {
    n = read_roles(e, h, &in, p, n);
    e->first_held[p + 1] = n;
  }
done:
  return st;
}

static pfc_status build_joined(pfc_evidence *e, const pfc_dataset *ds, const pfc_history *h,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *hired_on = pfc_dataset_dates(ds, PFC_PEOPLE, "hired_on");
  const int32_t *from = pfc_dataset_dates(ds, PFC_POSITIONS, "from");
  PFC_NEW(e->joined, e->n_people);
  for (int32_t p = 0; p < e->n_people; p++) {
    const int64_t row = h->people_row[p], first = h->first_position[p];
    e->joined[p] = row < 0 ? PFC_NO_DATE : pfc__date_at(hired_on, row);
    if (e->joined[p] == PFC_NO_DATE && first < h->first_position[p + 1])
      e->joined[p] = pfc__date_at(from, h->position_rows[first]);
  }
done:
  return st;
}

/* --- competencies and sources ------------------------------------------------------------ */

/* Longer than any calendar, and a number of ordinary size; NaN stays. */
static double cut_half_life(double days) { return days > 1e9 ? 1e9 : days; }

static pfc_status build_half_lives(pfc_evidence *e, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *competency = pfc_dataset_codes(ds, PFC_COMPETENCIES, "competency_id");
  const pfc_column *days = pfc_dataset_column(ds, PFC_COMPETENCIES, "half_life_days");
  PFC_NEW(e->half_life, e->n_competencies);
  for (int32_t c = 0; c < e->n_competencies; c++) e->half_life[c] = NAN;
  for (int64_t r = 0; r < ds->tables[PFC_COMPETENCIES].n_rows; r++)
    if (pfc__code_at(competency, r) >= 0)
      e->half_life[competency[r]] = (float)cut_half_life(pfc__number_at(days, r));
done:
  return st;
}

static pfc_status build_anchors(pfc_evidence *e, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *source = pfc_dataset_codes(ds, PFC_SOURCES, "source");
  const int8_t *anchor = pfc_dataset_flags(ds, PFC_SOURCES, "anchor");
  PFC_NEW(e->is_anchor, e->n_sources);
  for (int64_t r = 0; anchor && r < ds->tables[PFC_SOURCES].n_rows; r++)
    if (pfc__code_at(source, r) >= 0) e->is_anchor[source[r]] = anchor[r] == 1;
done:
  return st;
}

/* --- all of it --------------------------------------------------------------------------- */

pfc_status pfc_evidence_create(const pfc_dataset *ds, const pfc_history *h,
                               pfc_evidence **evidence, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_evidence *e = NULL;
  pfc_catalogue *cat = NULL;
  *evidence = NULL;
  PFC_NEW(e, 1);
  e->n_people = h->n_people;
  e->n_competencies = pfc_dataset_count(ds, "competency");
  e->n_roles = pfc_dataset_count(ds, "role");
  e->n_sources = pfc_dataset_count(ds, "source");
  e->n_raters = pfc_dataset_count(ds, "rater");
  e->n_interventions = pfc_dataset_count(ds, "intervention");
  e->scale_min = ds->scale_min;
  e->scale_max = ds->scale_max;
  PFC_TRY(pfc_catalogue_create(ds, &cat, err));
  PFC_TRY(build_seen(e, ds, h, err));
  PFC_TRY(build_taught(e, h, cat, err));
  PFC_TRY(build_held(e, ds, h, err));
  PFC_TRY(build_joined(e, ds, h, err));
  PFC_TRY(build_half_lives(e, ds, err));
  PFC_TRY(build_anchors(e, ds, err));
  *evidence = e;
  e = NULL;
done:
  pfc_catalogue_destroy(cat);
  pfc_evidence_destroy(e);
  return st;
}

void pfc_evidence_destroy(pfc_evidence *e) {
  if (!e) return;
  pfc_free(e->first_seen);
  pfc_free(e->seen);
  pfc_free(e->first_taught);
  pfc_free(e->taught);
  pfc_free(e->first_held);
  pfc_free(e->held);
  pfc_free(e->joined);
  pfc_free(e->half_life);
  pfc_free(e->is_anchor);
  pfc_free(e);
}
