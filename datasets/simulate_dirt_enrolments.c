/* Defects of enrolments. A row is taken only where its person began its intervention once, so
 * that no two defects meet. */
#include <string.h>

#include "datasets/columns_internal.h"
#include "datasets/simulate_dirt_internal.h"

typedef struct enrolments {
  pfc__dirt *d;
  int64_t n_rows;
  const int32_t *person, *intervention;
  int32_t *status, *enrolled_on, *started_on, *ended_on;
  const int32_t *opens_on, *closes_on; /* of interventions; may be NULL */
  const pfc_column *recurs_months;
  int32_t n_interventions;
  int32_t enrolled, in_progress, dropped; /* codes of status */
  int64_t *copies;                        /* rows that are to stand there twice */
  int64_t n_copies, capacity;
} enrolments;

static bool is_over(const enrolments *e, int64_t r) {
  return e->status[r] >= 0 && e->status[r] != e->enrolled && e->status[r] != e->in_progress;
}

/* Started and ended, with a result. */
static bool is_whole(const enrolments *e, int64_t r) {
  return is_over(e, r) && e->started_on[r] != PFC_NO_DATE && e->ended_on[r] != PFC_NO_DATE;
}

static void begin_earlier(enrolments *e, int64_t r, int32_t day) {
  e->started_on[r] = day;
  if (e->enrolled_on[r] > day) e->enrolled_on[r] = day;
}

/* Start and end, the same time apart, on later days; false when they are not over by then. */
static bool begin_later(enrolments *e, int64_t r, int32_t day) {
  const int32_t end =
      day == PFC_NO_DATE ? PFC_NO_DATE : day + e->ended_on[r] - e->started_on[r];
  if (end == PFC_NO_DATE || end > e->d->last_day) return false;
  e->started_on[r] = day;
  e->ended_on[r] = end;
  return true;
}

static int32_t opens_on(const enrolments *e, int64_t r) {
  return pfc__date_at(e->opens_on, e->intervention[r]);
}

static int32_t closes_on(const enrolments *e, int64_t r) {
  return pfc__date_at(e->closes_on, e->intervention[r]);
}

/* --- one defect each: false where the row is not fit for it ----------------------------- */

static bool lose_start(enrolments *e, int64_t r, pfc_rng *rng) {
  (void)rng;
  if (!is_whole(e, r) || e->status[r] == e->dropped) return false;
  e->started_on[r] = PFC_NO_DATE;
  return true;
}

static bool lose_end(enrolments *e, int64_t r, pfc_rng *rng) {
  (void)rng;
  if (!is_whole(e, r)) return false;
  e->ended_on[r] = PFC_NO_DATE;
  return true;
}

static bool stay_open(enrolments *e, int64_t r, pfc_rng *rng) {
  (void)rng;
  if (!is_whole(e, r) || e->in_progress < 0) return false;
  if (e->ended_on[r] > e->d->last_day - PFC__DIRT_BEYOND) return false;
  e->status[r] = e->in_progress;
  return true;
}

static bool enrol_after_end(enrolments *e, int64_t r, pfc_rng *rng) {
  if (!is_whole(e, r)) return false;
  const int32_t day = pfc__dirt_day_after(e->d, e->ended_on[r], rng);
  if (day == PFC_NO_DATE) return false;
  e->enrolled_on[r] = day;
  return true;
}

static bool begin_before_hire(enrolments *e, int64_t r, pfc_rng *rng) {
  const int32_t hired = e->d->employed_from[e->person[r]];
  if (!is_whole(e, r) || hired == PFC_NO_DATE || closes_on(e, r) != PFC_NO_DATE) return false;
  const int32_t day = hired - pfc__dirt_days(rng, PFC__DIRT_BEYOND);
  if (opens_on(e, r) > day) return false;
  begin_earlier(e, r, day);
  return true;
}

static bool begin_after_leaving(enrolments *e, int64_t r, pfc_rng *rng) {
  if (!is_whole(e, r) || closes_on(e, r) != PFC_NO_DATE) return false;
  const int32_t left = e->d->employed_to[e->person[r]];
  return begin_later(e, r, pfc__dirt_day_after(e->d, left, rng));
}

static bool begin_before_opening(enrolments *e, int64_t r, pfc_rng *rng) {
  const int32_t hired = e->d->employed_from[e->person[r]], opens = opens_on(e, r);
  if (!is_whole(e, r) || opens == PFC_NO_DATE) return false;
  const int32_t day = opens - pfc__dirt_days(rng, PFC__DIRT_BEYOND);
  if (day < hired) return false;
  begin_earlier(e, r, day);
  return true;
}

static bool begin_after_closing(enrolments *e, int64_t r, pfc_rng *rng) {
  const int32_t left = e->d->employed_to[e->person[r]];
  const double recurs = pfc__number_at(e->recurs_months, e->intervention[r]);
  if (!is_whole(e, r) || recurs > 0) return false;
  const int32_t day = pfc__dirt_day_after(e->d, closes_on(e, r), rng);
  if (left != PFC_NO_DATE && day > left) return false;
  return begin_later(e, r, day);
}

/* The row itself stays as it is: its copy comes last. */
static bool begin_twice(enrolments *e, int64_t r, pfc_rng *rng) {
  (void)rng;
  return is_whole(e, r);
}

static const struct {
  const char *rule;
  bool (*plant)(enrolments *e, int64_t row, pfc_rng *rng);
} DEFECTS[] = {
    {"enrolment_without_start", lose_start},
    {"enrolment_without_end", lose_end},
    {"enrolment_open_after_end", stay_open},
    {"enrolment_ended_before_enrolled", enrol_after_end},
    {"enrolment_before_hire", begin_before_hire},
    {"enrolment_after_leaving", begin_after_leaving},
    {"enrolment_before_opening", begin_before_opening},
    {"enrolment_after_closing", begin_after_closing},
    {"enrolment_started_twice", begin_twice},
};
enum { N_DEFECTS = sizeof DEFECTS / sizeof *DEFECTS };
_Static_assert(N_DEFECTS == 9, "strides have no divisor in common with it");

/* The first defect, from one drawn, that the row is fit for. */
static pfc_status plant(enrolments *e, int64_t r, pfc_rng *rng, pfc_error *err) {
  pfc_status st = PFC_OK;
  static const uint64_t STRIDES[] = {1, 2, 4, 5, 7, 8}; /* through all of them, in six orders */
  const uint64_t first = pfc_rng_below(rng, N_DEFECTS), stride = STRIDES[pfc_rng_below(rng, 6)];
  for (uint64_t tries = 0; tries < N_DEFECTS; tries++) {
    const uint64_t k = (first + tries * stride) % N_DEFECTS;
    if (!DEFECTS[k].plant(e, r, rng)) continue;
    if (DEFECTS[k].plant == begin_twice) {
      PFC_RESERVE(e->copies, e->capacity, e->n_copies + 1);
      e->copies[e->n_copies++] = r;
    }
    PFC_TRY(pfc__dirt_note(e->d, DEFECTS[k].rule, PFC_ENROLMENTS, e->person[r], err));
    break;
  }
done:
  return st;
}

/* --- which rows ------------------------------------------------------------------------- */

/* How often each person took each intervention: 0, 1, or 2 for more, for one person at a time;
 * rows of all people, by person. */
static pfc_status plant_rows(enrolments *e, const int64_t *first, const int64_t *rows,
                             uint8_t *taken, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int32_t p = 0; p < e->d->n_people; p++) {
    for (int64_t k = first[p]; k < first[p + 1]; k++)
      taken[e->intervention[rows[k]]] += taken[e->intervention[rows[k]]] < 2;
    for (int64_t k = first[p]; k < first[p + 1]; k++) {
      const int32_t i = e->intervention[rows[k]];
      const uint64_t id = (uint64_t)p * (uint64_t)e->n_interventions + (uint64_t)i;
      pfc_rng rng = pfc__dirt_stream(e->d, "dirt.enrolments", id);
      if (taken[i] > 1 || pfc_rng_uniform(&rng) >= e->d->rate) continue;
      PFC_TRY(plant(e, rows[k], &rng, err));
    }
    for (int64_t k = first[p]; k < first[p + 1]; k++) taken[e->intervention[rows[k]]] = 0;
  }
done:
  return st;
}

static pfc_status walk_rows(enrolments *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *first = NULL, *rows = NULL;
  uint8_t *taken = NULL;
  PFC_NEW(first, (size_t)e->d->n_people + 2);
  PFC_NEW(rows, e->n_rows);
  PFC_NEW(taken, e->n_interventions);
  /* One place further than it will be: each is moved back while the rows are put in. */
  for (int64_t r = 0; r < e->n_rows; r++) first[e->person[r] + 2]++;
  for (int32_t p = 0; p < e->d->n_people; p++) first[p + 2] += first[p + 1];
  for (int64_t r = 0; r < e->n_rows; r++) rows[first[e->person[r] + 1]++] = r;
  PFC_TRY(plant_rows(e, first, rows, taken, err));
done:
  pfc_free(first);
  pfc_free(rows);
  pfc_free(taken);
  return st;
}

static int32_t *data_of(pfc__dirt *d, const char *name) {
  const pfc_column *column = pfc__dirt_column(d, PFC_ENROLMENTS, name);
  return column ? column->code : NULL; /* dates are int32_t too */
}

static int32_t word(const pfc_dataset *ds, const char *text) {
  const pfc_dict *words = pfc_dataset_find_dict(ds, "status");
  return words ? pfc_dict_find(words, text) : -1;
}

pfc_status pfc__dirt_enrolments(pfc__dirt *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  enrolments e = {
      .d = d,
      .n_rows = d->ds->tables[PFC_ENROLMENTS].n_rows,
      .person = data_of(d, "person_id"),
      .intervention = data_of(d, "intervention_id"),
      .status = data_of(d, "status"),
      .enrolled_on = data_of(d, "enrolled_on"),
      .started_on = data_of(d, "started_on"),
      .ended_on = data_of(d, "ended_on"),
      .opens_on = pfc_dataset_dates(d->ds, PFC_INTERVENTIONS, "opens_on"),
      .closes_on = pfc_dataset_dates(d->ds, PFC_INTERVENTIONS, "closes_on"),
      .recurs_months = pfc_dataset_column(d->ds, PFC_INTERVENTIONS, "recurs_months"),
      .n_interventions = pfc_dataset_count(d->ds, "intervention"),
      .enrolled = word(d->ds, "enrolled"),
      .in_progress = word(d->ds, "in_progress"),
      .dropped = word(d->ds, "dropped")};
  if (!e.person || !e.intervention || !e.status || !e.enrolled_on || !e.started_on ||
      !e.ended_on)
    return PFC_OK;
  PFC_TRY(walk_rows(&e, err));
  if (e.n_copies > 0)
    PFC_TRY(pfc__dirt_rebuild(d, PFC_ENROLMENTS, NULL, e.copies, e.n_copies, err));
done:
  pfc_free(e.copies);
  return st;
}
