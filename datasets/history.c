#include "datasets/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/columns_internal.h"
#include "datasets/history_internal.h"

/* --- enrolments ---------------------------------------------------------------------- */

void pfc__enrolments_open(const pfc_dataset *ds, pfc__enrolments *e) {
  const pfc_table_id t = PFC_ENROLMENTS;
  const pfc_column *status = pfc_dataset_column(ds, t, "status");
  const pfc_dict *words = status ? status->dict : NULL;
  *e = (pfc__enrolments){
      .n_rows = ds->tables[t].n_rows,
      .person = pfc_dataset_codes(ds, t, "person_id"),
      .intervention = pfc_dataset_codes(ds, t, "intervention_id"),
      .enrolled_on = pfc_dataset_dates(ds, t, "enrolled_on"),
      .started_on = pfc_dataset_dates(ds, t, "started_on"),
      .ended_on = pfc_dataset_dates(ds, t, "ended_on"),
      .status = words ? status->code : NULL,
      .enrolled = words ? pfc_dict_find(words, "enrolled") : -1,
      .passed = words ? pfc_dict_find(words, "passed") : -1,
      .failed = words ? pfc_dict_find(words, "failed") : -1,
      .dropped = words ? pfc_dict_find(words, "dropped") : -1,
      .last_day = PFC_NO_DATE,
  };
  for (int64_t r = 0; r < e->n_rows; r++) {
    const int32_t day[] = {pfc__date_at(e->enrolled_on, r), pfc__date_at(e->started_on, r),
                           pfc__date_at(e->ended_on, r)};
    for (int k = 0; k < 3; k++)
      if (day[k] > e->last_day) e->last_day = day[k];
    if (day[0] != PFC_NO_DATE) e->has_dates = true;
    if (day[1] != PFC_NO_DATE) e->has_starts = true;
    if (day[2] != PFC_NO_DATE) e->has_ends = true;
  }
  e->has_dates = e->has_dates || e->has_starts || e->has_ends;
  const int32_t *assessed_on = pfc_dataset_dates(ds, PFC_ASSESSMENTS, "assessed_on");
  for (int64_t r = 0; r < ds->tables[PFC_ASSESSMENTS].n_rows; r++)
    if (pfc__date_at(assessed_on, r) > e->last_day) e->last_day = assessed_on[r];
}

/* Registered and no more: still on the list, or off it before a first day came. Where the
 * table tells no first day of anybody, a person who dropped out is taken to have begun. */
static bool never_started(const pfc__enrolments *e, int64_t row) {
  const int32_t status = pfc__code_at(e->status, row);
  if (status < 0 || pfc__date_at(e->started_on, row) != PFC_NO_DATE) return false;
  if (status == e->enrolled) return true;
  return status == e->dropped && e->has_starts;
}

static int8_t result_of(const pfc__enrolments *e, int64_t row) {
  const int32_t status = pfc__code_at(e->status, row);
  if (status < 0) return -1;
  if (status == e->passed) return 1;
  return status == e->failed || status == e->dropped ? 0 : -1;
}

/* From when on is the result known? See pfc_attempt.known. */
static int32_t known_day(const pfc__enrolments *e, const pfc_attempt *a) {
  if (a->end != PFC_NO_DATE || a->start == PFC_NO_DATE || a->result < 0) return a->end;
  return e->has_ends ? e->last_day : a->start;
}

void pfc__enrolments_attempt(const pfc__enrolments *e, int64_t row, pfc_attempt *a) {
  const int32_t enrolled = pfc__date_at(e->enrolled_on, row);
  const int32_t started = pfc__date_at(e->started_on, row);
  a->row = row;
  a->intervention = pfc__code_at(e->intervention, row);
  a->end = pfc__date_at(e->ended_on, row);
  a->start = started != PFC_NO_DATE ? started : enrolled != PFC_NO_DATE ? enrolled : a->end;
  a->registered = enrolled != PFC_NO_DATE ? enrolled : a->start;
  a->started = !never_started(e, row);
  a->result = (int8_t)(a->started ? result_of(e, row) : -1);
  a->known = known_day(e, a);
}

/* --- rows by person ------------------------------------------------------------------ */

/* first[p] .. first[p + 1] - 1 are the places of person p's rows; keep may be NULL. */
static pfc_status count_rows(int32_t n_people, const int32_t *person, int64_t n_rows,
                             const uint8_t *keep, int64_t **first, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(*first, (size_t)n_people + 1);
  for (int64_t r = 0; person && r < n_rows; r++)
    if (person[r] >= 0 && (!keep || keep[r])) (*first)[person[r] + 1]++;
  for (int32_t p = 0; p < n_people; p++) (*first)[p + 1] += (*first)[p];
done:
  return st;
}

/* After each first[p] has walked to the end of p's rows: back to their beginning. */
static void rewind_offsets(int32_t n_people, int64_t *first) {
  memmove(first + 1, first, (size_t)n_people * sizeof *first);
  first[0] = 0;
}

/* A missing day sorts behind every day: nobody knows that it was before. */
static int compare_days(int32_t a, int32_t b) {
  if (a == b) return 0;
  if (a == PFC_NO_DATE) return 1;
  if (b == PFC_NO_DATE) return -1;
  return a < b ? -1 : 1;
}

static int compare_rows(int64_t a, int64_t b) { return (a > b) - (a < b); }

static int compare_attempts(const void *x, const void *y) {
  const pfc_attempt *a = x, *b = y;
  const int by_day = compare_days(a->start, b->start);
  return by_day ? by_day : compare_rows(a->row, b->row);
}

static int compare_ratings(const void *x, const void *y) {
  const pfc_rating *a = x, *b = y;
  const int by_day = compare_days(a->date, b->date);
  return by_day ? by_day : compare_rows(a->row, b->row);
}

static int compare_positions(const void *x, const void *y, void *from) {
  const int64_t *a = x, *b = y;
  const int32_t *day = from;
  const int32_t by = day ? (day[*a] > day[*b]) - (day[*a] < day[*b]) : 0;
  return by ? by : compare_rows(*a, *b);
}

/* --- building ------------------------------------------------------------------------ */

/* Those that say who took what. */
static pfc_status usable_enrolments(const pfc__enrolments *e, uint8_t **keep, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(*keep, e->n_rows);
  for (int64_t r = 0; r < e->n_rows; r++)
    (*keep)[r] = pfc__code_at(e->person, r) >= 0 && pfc__code_at(e->intervention, r) >= 0;
done:
  return st;
}

static pfc_status build_attempts(pfc_history *h, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *keep = NULL;
  pfc__enrolments e;
  pfc__enrolments_open(h->ds, &e);
  h->dated = e.has_dates;
  h->last_day = e.last_day;
  PFC_TRY(usable_enrolments(&e, &keep, err));
  PFC_TRY(count_rows(h->n_people, e.person, e.n_rows, keep, &h->first_attempt, err));
  PFC_NEW(h->attempts, h->first_attempt[h->n_people]);
  for (int64_t r = 0; r < e.n_rows; r++)
    if (keep[r]) pfc__enrolments_attempt(&e, r, &h->attempts[h->first_attempt[e.person[r]]++]);
  rewind_offsets(h->n_people, h->first_attempt);
#pragma omp parallel for schedule(static)
  for (int32_t p = 0; p < h->n_people; p++)
    qsort(h->attempts + h->first_attempt[p],
          (size_t)(h->first_attempt[p + 1] - h->first_attempt[p]), sizeof *h->attempts,
          compare_attempts);
done:
  pfc_free(keep);
  return st;
}

/* A source's own scale; hi <= lo: it has none and gives levels on the framework's. */
typedef struct scale {
  double lo, hi;
} scale;

static pfc_status read_scales(const pfc_dataset *ds, scale **scales, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *source = pfc_dataset_codes(ds, PFC_SOURCES, "source");
  const pfc_column *min = pfc_dataset_column(ds, PFC_SOURCES, "scale_min");
  const pfc_column *max = pfc_dataset_column(ds, PFC_SOURCES, "scale_max");
  PFC_NEW(*scales, pfc_dataset_count(ds, "source"));
  for (int64_t r = 0; source && r < ds->tables[PFC_SOURCES].n_rows; r++)
    if (source[r] >= 0)
      (*scales)[source[r]] = (scale){pfc__number_at(min, r), pfc__number_at(max, r)};
done:
  return st;
}

/* Onto the framework's scale, by a straight line. */
static double rescale(const pfc_dataset *ds, scale s, double level) {
  if (!(s.hi > s.lo)) return level;
  /* Halves, so that no difference of two doubles is too large for one. */
  const double share = (level / 2 - s.lo / 2) / (s.hi / 2 - s.lo / 2);
  return ds->scale_min + share * (ds->scale_max - ds->scale_min);
}

typedef struct assessments {
  int64_t n_rows;
  const int32_t *person, *competency, *source, *assessed_on;
  const pfc_column *level;
  int32_t self; /* code of the source "self" */
} assessments;

static assessments open_assessments(const pfc_dataset *ds) {
  const pfc_table_id t = PFC_ASSESSMENTS;
  const pfc_dict *sources = pfc_dataset_find_dict(ds, "source");
  return (assessments){
      .n_rows = ds->tables[t].n_rows,
      .person = pfc_dataset_codes(ds, t, "person_id"),
      .competency = pfc_dataset_codes(ds, t, "competency_id"),
      .source = pfc_dataset_codes(ds, t, "source"),
      .assessed_on = pfc_dataset_dates(ds, t, "assessed_on"),
      .level = pfc_dataset_column(ds, t, "level"),
      .self = sources ? pfc_dict_find(sources, "self") : -1,
  };
}

static void read_rating(const pfc_dataset *ds, const assessments *a, const scale *scales,
                        int64_t row, pfc_rating *rating) {
  const int32_t source = pfc__code_at(a->source, row);
  const scale own = source >= 0 ? scales[source] : (scale){0, 0};
  *rating = (pfc_rating){
      .competency = a->competency[row],
      .date = pfc__date_at(a->assessed_on, row),
      .level = rescale(ds, own, pfc__number_at(a->level, row)),
      .source = source,
      .self = (int8_t)(source >= 0 && source == a->self),
      .row = row,
  };
}

/* Also notes whether any has a day. */
static pfc_status usable_assessments(pfc_history *h, const assessments *a, uint8_t **keep,
                                     pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(*keep, a->n_rows);
  for (int64_t r = 0; r < a->n_rows; r++) {
    if (pfc__date_at(a->assessed_on, r) != PFC_NO_DATE) h->ratings_dated = true;
    (*keep)[r] = pfc__code_at(a->person, r) >= 0 && pfc__code_at(a->competency, r) >= 0 &&
                 !isnan(pfc__number_at(a->level, r));
  }
done:
  return st;
}

static pfc_status build_ratings(pfc_history *h, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *keep = NULL;
  scale *scales = NULL;
  const assessments a = open_assessments(h->ds);
  PFC_TRY(read_scales(h->ds, &scales, err));
  PFC_TRY(usable_assessments(h, &a, &keep, err));
  PFC_TRY(count_rows(h->n_people, a.person, a.n_rows, keep, &h->first_rating, err));
  PFC_NEW(h->ratings, h->first_rating[h->n_people]);
  for (int64_t r = 0; r < a.n_rows; r++)
    if (keep[r]) read_rating(h->ds, &a, scales, r, &h->ratings[h->first_rating[a.person[r]]++]);
  rewind_offsets(h->n_people, h->first_rating);
#pragma omp parallel for schedule(static)
  for (int32_t p = 0; p < h->n_people; p++)
    qsort(h->ratings + h->first_rating[p],
          (size_t)(h->first_rating[p + 1] - h->first_rating[p]), sizeof *h->ratings,
          compare_ratings);
done:
  pfc_free(keep);
  pfc_free(scales);
  return st;
}

static pfc_status build_positions(pfc_history *h, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = h->ds->tables[PFC_POSITIONS].n_rows;
  const int32_t *person = pfc_dataset_codes(h->ds, PFC_POSITIONS, "person_id");
  const pfc_column *from = pfc_dataset_column(h->ds, PFC_POSITIONS, "from");
  PFC_TRY(count_rows(h->n_people, person, n, NULL, &h->first_position, err));
  PFC_NEW(h->position_rows, h->first_position[h->n_people]);
  for (int64_t r = 0; person && r < n; r++)
    if (person[r] >= 0) h->position_rows[h->first_position[person[r]]++] = r;
  rewind_offsets(h->n_people, h->first_position);
  for (int32_t p = 0; p < h->n_people; p++)
    qsort_r(h->position_rows + h->first_position[p],
            (size_t)(h->first_position[p + 1] - h->first_position[p]), sizeof *h->position_rows,
            compare_positions, from ? from->date : NULL);
done:
  return st;
}

static pfc_status find_people(pfc_history *h, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *id = pfc_dataset_codes(h->ds, PFC_PEOPLE, "person_id");
  PFC_NEW(h->people_row, h->n_people);
  for (int32_t p = 0; p < h->n_people; p++) h->people_row[p] = -1;
  for (int64_t r = 0; id && r < h->ds->tables[PFC_PEOPLE].n_rows; r++)
    if (id[r] >= 0) h->people_row[id[r]] = r;
done:
  return st;
}

pfc_status pfc_history_create(const pfc_dataset *ds, pfc_history **history, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_history *h = NULL;
  *history = NULL;
  PFC_NEW(h, 1);
  h->ds = ds;
  h->n_people = pfc_dataset_count(ds, "person");
  PFC_TRY(build_attempts(h, err));
  PFC_TRY(build_ratings(h, err));
  PFC_TRY(build_positions(h, err));
  PFC_TRY(find_people(h, err));
  *history = h;
  h = NULL;
done:
  pfc_history_destroy(h);
  return st;
}

void pfc_history_destroy(pfc_history *h) {
  if (!h) return;
  pfc_free(h->first_attempt);
  pfc_free(h->attempts);
  pfc_free(h->first_rating);
  pfc_free(h->ratings);
  pfc_free(h->first_position);
  pfc_free(h->position_rows);
  pfc_free(h->people_row);
  pfc_free(h);
}

/* --- looking back -------------------------------------------------------------------- */

int64_t pfc_history_most_attempts(const pfc_history *h) {
  int64_t most = 0;
  for (int32_t p = 0; p < h->n_people; p++) {
    const int64_t n = h->first_attempt[p + 1] - h->first_attempt[p];
    if (n > most) most = n;
  }
  return most;
}

static bool is_before(int32_t day, int32_t date) { return day != PFC_NO_DATE && day < date; }

int64_t pfc_history_attempts(const pfc_history *h, int32_t person, int32_t date,
                             int64_t *from) {
  int64_t lo = h->first_attempt[person], hi = h->first_attempt[person + 1];
  *from = lo;
  if (!h->dated || date == PFC_NO_DATE) return hi;
  while (lo < hi) {
    const int64_t mid = lo + (hi - lo) / 2;
    if (is_before(h->attempts[mid].start, date)) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

int64_t pfc_history_attempts_before_row(const pfc_history *h, int32_t person, int64_t row,
                                        int64_t *from) {
  int64_t lo = h->first_attempt[person], hi = h->first_attempt[person + 1];
  *from = lo;
  while (lo < hi) {
    const int64_t mid = lo + (hi - lo) / 2;
    if (h->attempts[mid].row < row) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

int64_t pfc_history_ratings(const pfc_history *h, int32_t person, int32_t date, int64_t *from) {
  int64_t lo = h->first_rating[person], hi = h->first_rating[person + 1];
  *from = lo;
  if (!h->ratings_dated || date == PFC_NO_DATE) return hi;
  while (lo < hi) {
    const int64_t mid = lo + (hi - lo) / 2;
    if (is_before(h->ratings[mid].date, date)) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

int pfc_attempt_result(const pfc_attempt *a, int32_t date) {
  if (a->start == PFC_NO_DATE || date == PFC_NO_DATE) return a->result;
  return is_before(a->known, date) ? a->result : -1;
}

int64_t pfc_history_position(const pfc_history *h, int32_t person, int32_t date) {
  const int32_t *from = pfc_dataset_dates(h->ds, PFC_POSITIONS, "from");
  for (int64_t k = h->first_position[person + 1] - 1; k >= h->first_position[person]; k--) {
    const int64_t row = h->position_rows[k];
    if (date == PFC_NO_DATE || pfc__date_at(from, row) <= date) return row;
  }
  return -1;
}

/* Does the person take up another position after that day? What table people says is then of
 * that later time. */
static bool moves_later(const pfc_history *h, int32_t person, int32_t date) {
  const int64_t end = h->first_position[person + 1];
  if (date == PFC_NO_DATE || end == h->first_position[person]) return false;
  const int32_t *from = pfc_dataset_dates(h->ds, PFC_POSITIONS, "from");
  return pfc__date_at(from, h->position_rows[end - 1]) > date;
}

/* A code of the position held on that day, else of the row in table people. */
static int32_t held(const pfc_history *h, int32_t person, int32_t date, const char *column) {
  const int64_t position = pfc_history_position(h, person, date);
  if (position >= 0) {
    const int32_t to = pfc__date_at(pfc_dataset_dates(h->ds, PFC_POSITIONS, "to"), position);
    const bool goes_on = to == PFC_NO_DATE || (date != PFC_NO_DATE && to >= date);
    const int32_t *codes = pfc_dataset_codes(h->ds, PFC_POSITIONS, column);
    if (goes_on && codes && codes[position] >= 0) return codes[position];
  }
  if (moves_later(h, person, date)) return -1;
  const int64_t row = h->people_row[person];
  return row < 0 ? -1 : pfc__code_at(pfc_dataset_codes(h->ds, PFC_PEOPLE, column), row);
}

int32_t pfc_history_role(const pfc_history *h, int32_t person, int32_t date) {
  return held(h, person, date, "role_id");
}

int32_t pfc_history_unit(const pfc_history *h, int32_t person, int32_t date) {
  return held(h, person, date, "unit_id");
}

int32_t pfc_history_manager(const pfc_history *h, int32_t person, int32_t date) {
  return held(h, person, date, "manager_id");
}
