#include "tests/support/poisoned.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/dataset.h"
#include "tests/support/test.h"

static const double FLIPPED = 0.2;
enum { LEAST_RATINGS = 30 };

static const char *const NAMES[TEST_N_POISONS] = {"labels", "doubled", "missing", "scale"};
const char *test_poison_name(test_poison how) { return NAMES[how]; }

/* Where the day of a row stands, in the tables that have one. */
static const struct {
  pfc_table_id table;
  const char *day[2];
} DATED[] = {
    {PFC_ENROLMENTS, {"started_on", "enrolled_on"}},
    {PFC_ASSESSMENTS, {"assessed_on", NULL}},
    {PFC_FEEDBACK, {"at", NULL}},
    {PFC_PERFORMANCE, {"on", NULL}},
    {PFC_PROJECTS, {"from", NULL}},
    {PFC_EPISODES, {"started_on", NULL}},
};
enum { N_DATED = sizeof DATED / sizeof *DATED, N_FEEDS = 3 };

static int32_t day_of(const pfc_dataset *ds, int k, int64_t row) {
  for (int c = 0; c < 2 && DATED[k].day[c]; c++) {
    const pfc_column *day = pfc_dataset_column(ds, DATED[k].table, DATED[k].day[c]);
    if (!day || pfc_column_missing(day, row)) continue;
    return day->type == PFC_TIME ? (int32_t)pfc_time_day(day->time[row]) : day->date[row];
  }
  return PFC_NO_DATE;
}

/* --- results ------------------------------------------------------------------------------ */

static void flip(pfc_dataset *ds, int32_t from, pfc_rng *rng) {
  pfc_column *status = test_dataset_column(ds, PFC_ENROLMENTS, "status");
  const int32_t *end = pfc_dataset_dates(ds, PFC_ENROLMENTS, "ended_on");
  const int32_t passed = pfc_dict_find(status->dict, "passed");
  const int32_t failed = pfc_dict_find(status->dict, "failed");
  const int32_t dropped = pfc_dict_find(status->dict, "dropped");
  int64_t n = 0;
  for (int64_t i = 0; i < ds->tables[PFC_ENROLMENTS].n_rows; i++) {
    const int32_t was = status->code[i];
    if (was < 0 || (was != passed && was != failed && was != dropped)) continue;
    if ((end ? end[i] : day_of(ds, 0, i)) < from || pfc_rng_uniform(rng) >= FLIPPED) continue;
    status->code[i] = was == passed ? failed : passed;
    n++;
  }
  assert_true(n > 0);
}

/* --- twice ----------------------------------------------------------------------------------
 */

/* A copied event has an id of its own, or it would be told apart by that. */
static void name_again(pfc_dataset *ds, int64_t row) {
  pfc_column *id = test_dataset_column(ds, PFC_FEEDBACK, "event_id");
  char text[256];
  (void)snprintf(text, sizeof text, "%s again", pfc_dict_text(id->dict, id->code[row]));
  assert_ok(pfc_dict_add(id->dict, text, strlen(text), &id->code[row], &err));
}

static void put_twice(pfc_dataset *ds, int32_t from, pfc_rng *rng) {
  int feeds[N_FEEDS], n_feeds = 0;
  for (int k = 0; k < N_FEEDS; k++) {
    int64_t n = 0;
    for (int64_t i = 0; i < ds->tables[DATED[k].table].n_rows; i++)
      n += day_of(ds, k, i) >= from;
    if (n > 0) feeds[n_feeds++] = k;
  }
  assert_true(n_feeds > 0);
  const int k = feeds[pfc_rng_below(rng, (uint64_t)n_feeds)];
  pfc_table *table = &ds->tables[DATED[k].table];
  const int64_t n_rows = table->n_rows;
  int64_t n = 0, to = n_rows;
  for (int64_t i = 0; i < n_rows; i++) n += day_of(ds, k, i) >= from;
  assert_ok(pfc_dataset_extend(ds, DATED[k].table, n, &err));
  for (int64_t i = 0; i < n_rows; i++) {
    if (day_of(ds, k, i) < from) continue;
    for (int c = 0; c < table->n_columns; c++) {
      const size_t size = pfc_type_size(table->columns[c].type);
      char *data = table->columns[c].data;
      memcpy(data + size * (size_t)to, data + size * (size_t)i, size);
    }
    if (DATED[k].table == PFC_FEEDBACK) name_again(ds, to);
    to++;
  }
}

/* --- missing --------------------------------------------------------------------------------
 */

/* A unit whose people told something before. */
static int32_t draw_unit(const pfc_dataset *ds, int32_t from, pfc_rng *rng) {
  const int32_t *person = pfc_dataset_codes(ds, PFC_ENROLMENTS, "person_id");
  const int32_t *who = pfc_dataset_codes(ds, PFC_PEOPLE, "person_id");
  const int32_t *unit = pfc_dataset_codes(ds, PFC_PEOPLE, "unit_id");
  assert_non_null(unit);
  for (int draw = 0; draw < 1000; draw++) {
    const int64_t i = (int64_t)pfc_rng_below(rng, (uint64_t)ds->tables[PFC_ENROLMENTS].n_rows);
    if (day_of(ds, 0, i) < from) continue;
    for (int64_t p = 0; p < ds->tables[PFC_PEOPLE].n_rows; p++)
      if (who[p] == person[i] && unit[p] >= 0) return unit[p];
  }
  fail_msg("no unit has rows of %d or later", from);
  return -1;
}

static pfc_dataset *leave_out(const pfc_dataset *ds, int32_t from, pfc_rng *rng) {
  pfc_dataset *out = NULL;
  uint8_t *keep[PFC_N_TABLES] = {NULL};
  const int32_t *who = pfc_dataset_codes(ds, PFC_PEOPLE, "person_id");
  const int32_t *unit = pfc_dataset_codes(ds, PFC_PEOPLE, "unit_id");
  const int32_t gone = draw_unit(ds, from, rng);
  const size_t n_people = (size_t)pfc_dataset_count(ds, "person");
  uint8_t *is_of = pfc_alloc_array(n_people, 1);
  assert_non_null(is_of);
  for (int64_t p = 0; p < ds->tables[PFC_PEOPLE].n_rows; p++) is_of[who[p]] = unit[p] == gone;
  for (int k = 0; k < N_DATED; k++) {
    const int64_t n = ds->tables[DATED[k].table].n_rows;
    const int32_t *person = pfc_dataset_codes(ds, DATED[k].table, "person_id");
    if (!person) continue;
    uint8_t *stays = keep[DATED[k].table] = pfc_alloc_array((size_t)n, 1);
    assert_non_null(stays);
    for (int64_t i = 0; i < n; i++)
      stays[i] = person[i] < 0 || !is_of[person[i]] || day_of(ds, k, i) < from;
  }
  assert_ok(pfc_dataset_filter(ds, (const uint8_t *const *)keep, &out, &err));
  for (int t = 0; t < PFC_N_TABLES; t++) pfc_free(keep[t]);
  pfc_free(is_of);
  return out;
}

/* --- scale ----------------------------------------------------------------------------------
 */

/* Ends of a source's own scale. */
static void ends_of(const pfc_dataset *ds, int32_t source, double *low, double *high) {
  const int32_t *code = pfc_dataset_codes(ds, PFC_SOURCES, "source");
  const double *from = pfc_dataset_reals(ds, PFC_SOURCES, "scale_min");
  const double *to = pfc_dataset_reals(ds, PFC_SOURCES, "scale_max");
  *low = ds->scale_min;
  *high = ds->scale_max;
  for (int64_t i = 0; code && from && to && i < ds->tables[PFC_SOURCES].n_rows; i++) {
    if (code[i] != source || !isfinite(from[i]) || !isfinite(to[i])) continue;
    *low = from[i];
    *high = to[i];
  }
}

static void rescale(pfc_dataset *ds, int32_t from, pfc_rng *rng) {
  pfc_column *level = test_dataset_column(ds, PFC_ASSESSMENTS, "level");
  const pfc_column *source = pfc_dataset_column(ds, PFC_ASSESSMENTS, "source");
  const int64_t n = ds->tables[PFC_ASSESSMENTS].n_rows;
  const int32_t n_sources = pfc_dict_size(source->dict);
  int32_t many[64], n_many = 0;
  double low, high;
  for (int32_t s = 0; s < n_sources && n_many < 64; s++) {
    int64_t rows = 0;
    for (int64_t i = 0; i < n; i++) rows += source->code[i] == s && day_of(ds, 1, i) >= from;
    if (rows >= LEAST_RATINGS) many[n_many++] = s;
  }
  assert_true(n_many > 0);
  const int32_t s = many[pfc_rng_below(rng, (uint64_t)n_many)];
  const bool is_half = pfc_rng_below(rng, 2) == 0;
  ends_of(ds, s, &low, &high);
  for (int64_t i = 0; i < n; i++) {
    if (source->code[i] != s || day_of(ds, 1, i) < from) continue;
    const double x = level->real[i];
    level->real[i] = is_half ? low + (x - low) / 2 : fmin(x + (high - low) / 3, high);
  }
}

pfc_dataset *test_poisoned(const pfc_dataset *ds, test_poison how, int32_t from,
                           uint64_t seed) {
  pfc_dataset *out = NULL;
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.poison", (uint64_t)how);
  if (how == TEST_POISON_MISSING) return leave_out(ds, from, &rng);
  assert_ok(pfc_dataset_filter(ds, NULL, &out, &err));
  if (how == TEST_POISON_LABELS) flip(out, from, &rng);
  if (how == TEST_POISON_DOUBLED) put_twice(out, from, &rng);
  if (how == TEST_POISON_SCALE) rescale(out, from, &rng);
  return out;
}
