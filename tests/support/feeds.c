#include "tests/support/feeds.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/dataset.h"
#include "tests/support/tables.h"
#include "tests/support/test.h"

enum { WEEK = 7, UNITS = 5, ROLES = 4, ITEMS = 12, KINDS = 4, COMPETENCIES = 6 };
static const double STARTS = 0.085, RATINGS = 0.16; /* a person and week */

static int32_t name(pfc_dataset *ds, const char *dict, char letter, int32_t number) {
  char text[16];
  int32_t code;
  const int n = snprintf(text, sizeof text, "%c%04d", letter, (int)number);
  assert_ok(pfc_dict_add(pfc_dataset_dict(ds, dict), text, (size_t)n, &code, &err));
  return code;
}

static int32_t word(pfc_dataset *ds, const char *dict, const char *text) {
  int32_t code;
  assert_ok(pfc_dict_add(pfc_dataset_dict(ds, dict), text, strlen(text), &code, &err));
  return code;
}

static int32_t *codes(pfc_dataset *ds, pfc_table_id table, const char *column) {
  return test_dataset_column(ds, table, column)->code;
}

static void put_people(pfc_dataset *ds, const feeds *f) {
  test_table(ds, PFC_PEOPLE, f->n_people, "person_id,role_id,unit_id");
  for (int32_t p = 0; p < f->n_people; p++) {
    codes(ds, PFC_PEOPLE, "person_id")[p] = name(ds, "person", 'P', p);
    codes(ds, PFC_PEOPLE, "role_id")[p] = name(ds, "role", 'R', p % ROLES);
    codes(ds, PFC_PEOPLE, "unit_id")[p] = name(ds, "unit", 'U', p % UNITS);
  }
}

static void put_items(pfc_dataset *ds) {
  static const char *const kinds[KINDS] = {"course", "workshop", "coaching", "project"};
  test_table(ds, PFC_INTERVENTIONS, ITEMS, "intervention_id,kind,provider,weeks");
  for (int32_t i = 0; i < ITEMS; i++) {
    codes(ds, PFC_INTERVENTIONS, "intervention_id")[i] = name(ds, "intervention", 'I', i);
    pfc_column *kind = test_dataset_column(ds, PFC_INTERVENTIONS, "kind");
    kind->code[i] = word(ds, pfc_dict_name(kind->dict), kinds[i % KINDS]);
    pfc_column *provider = test_dataset_column(ds, PFC_INTERVENTIONS, "provider");
    provider->code[i] = name(ds, pfc_dict_name(provider->dict), 'V', i % 3);
    test_number(ds, PFC_INTERVENTIONS, i, "weeks", 2);
  }
}

typedef struct enrolled {
  int32_t person, item, start;
  bool passed;
} enrolled;

/* Draws all starts, or, with at NULL, counts them. */
static int64_t draw_starts(const feeds *f, enrolled *at) {
  int64_t n = 0;
  const int32_t n_all = f->n_days + f->n_newest;
  for (int32_t p = 0; p < f->n_people; p++) {
    pfc_rng rng;
    pfc_rng_init(&rng, f->seed, "feeds.starts", (uint64_t)p);
    const double eager = exp(0.5 * pfc_rng_normal(&rng) - 0.125), able = pfc_rng_normal(&rng);
    const int32_t favourite = (int32_t)pfc_rng_below(&rng, KINDS);
    for (int32_t week = 0; week < n_all / WEEK; week++) {
      const bool starts = pfc_rng_uniform(&rng) < STARTS * eager;
      const int32_t day = week * WEEK + (int32_t)pfc_rng_below(&rng, WEEK);
      const bool is_new = day >= f->n_days;
      int32_t kind = (int32_t)pfc_rng_below(&rng, KINDS);
      if (pfc_rng_uniform(&rng) < 0.5) kind = favourite;
      if (pfc_rng_uniform(&rng) < (is_new ? f->taste : 0)) kind = 0;
      const int32_t item = kind + KINDS * (int32_t)pfc_rng_below(&rng, ITEMS / KINDS);
      const double eta = 0.8 + able + (is_new ? f->odds : 0);
      const bool passed = pfc_rng_uniform(&rng) < 1 / (1 + exp(-eta));
      const bool again = pfc_rng_uniform(&rng) < (is_new ? f->twice : 0);
      for (int k = 0; starts && k < 1 + again; k++) {
        if (at) at[n] = (enrolled){p, item, FEEDS_FIRST + day, passed};
        n++;
      }
    }
  }
  return n;
}

static void put_starts(pfc_dataset *ds, const feeds *f) {
  const int64_t n = draw_starts(f, NULL);
  enrolled *at = pfc_alloc_array((size_t)n, sizeof *at);
  const int32_t last = FEEDS_FIRST + f->n_days + f->n_newest - 1;
  pfc_rng rng;
  assert_non_null(at);
  (void)draw_starts(f, at);
  pfc_rng_init(&rng, f->seed, "feeds.marks", 0);
  test_table(ds, PFC_ENROLMENTS, n,
             "person_id,intervention_id,started_on,ended_on,status,score");
  const char *const statuses =
      pfc_dict_name(test_dataset_column(ds, PFC_ENROLMENTS, "status")->dict);
  const int32_t passed = word(ds, statuses, "passed"), failed = word(ds, statuses, "failed");
  const int32_t running = word(ds, statuses, "in_progress");
  for (int64_t i = 0; i < n; i++) {
    const int32_t end = at[i].start + 2 * WEEK;
    const double mark = (at[i].passed ? 60 : 20) + 40 * pfc_rng_uniform(&rng);
    codes(ds, PFC_ENROLMENTS, "person_id")[i] = at[i].person;
    codes(ds, PFC_ENROLMENTS, "intervention_id")[i] = at[i].item;
    test_dataset_column(ds, PFC_ENROLMENTS, "started_on")->date[i] = at[i].start;
    codes(ds, PFC_ENROLMENTS, "status")[i] = end > last     ? running
                                             : at[i].passed ? passed
                                                            : failed;
    if (end > last) continue;
    test_dataset_column(ds, PFC_ENROLMENTS, "ended_on")->date[i] = end;
    test_dataset_column(ds, PFC_ENROLMENTS, "score")->real[i] = mark;
  }
  pfc_free(at);
}

typedef struct rated {
  int32_t person, competency, day;
  bool is_review;
  double level;
} rated;

static int64_t draw_ratings(const feeds *f, rated *at) {
  int64_t n = 0;
  for (int32_t p = 0; p < f->n_people; p++) {
    pfc_rng rng;
    pfc_rng_init(&rng, f->seed, "feeds.ratings", (uint64_t)p);
    const double good = sqrt(0.5) * pfc_rng_normal(&rng);
    for (int32_t week = 0; week < (f->n_days + f->n_newest) / WEEK; week++) {
      const bool comes = pfc_rng_uniform(&rng) < RATINGS;
      const int32_t day = week * WEEK + (int32_t)pfc_rng_below(&rng, WEEK);
      const rated r = {
          p, (int32_t)pfc_rng_below(&rng, COMPETENCIES), FEEDS_FIRST + day,
          pfc_rng_below(&rng, 3) > 0,
          50 + good + sqrt(0.5) * pfc_rng_normal(&rng) + (day >= f->n_days ? f->shift : 0)};
      if (comes && at) at[n] = r;
      n += comes;
    }
  }
  return n;
}

/* Levels have a standard deviation of 1, half of their variance between people. */
static void put_ratings(pfc_dataset *ds, const feeds *f) {
  const int64_t n = draw_ratings(f, NULL);
  rated *at = pfc_alloc_array((size_t)n, sizeof *at);
  assert_non_null(at);
  (void)draw_ratings(f, at);
  for (int32_t c = 0; c < COMPETENCIES; c++) (void)name(ds, "competency", 'C', c);
  test_table(ds, PFC_ASSESSMENTS, n, "person_id,competency_id,level,source,assessed_on");
  const int32_t review = word(ds, "source", "review"), self = word(ds, "source", "self");
  for (int64_t i = 0; i < n; i++) {
    codes(ds, PFC_ASSESSMENTS, "person_id")[i] = at[i].person;
    codes(ds, PFC_ASSESSMENTS, "competency_id")[i] = at[i].competency;
    codes(ds, PFC_ASSESSMENTS, "source")[i] = at[i].is_review ? review : self;
    test_dataset_column(ds, PFC_ASSESSMENTS, "level")->real[i] = at[i].level;
    test_dataset_column(ds, PFC_ASSESSMENTS, "assessed_on")->date[i] = at[i].day;
  }
  pfc_free(at);
}

pfc_dataset *feeds_draw(const feeds *f) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  put_people(ds, f);
  put_items(ds);
  put_starts(ds, f);
  put_ratings(ds, f);
  return ds;
}
