#include "tests/support/mapped.h"

#include "base/rng.h"
#include "tests/support/profiled.h"
#include "tests/support/tables.h"
#include "tests/support/test.h"

enum { MOST_PEOPLE = 120 };

void mapped_open(mapped *w, const double *level) {
  pfc_gap_settings s;
  pfc_gap_defaults(&s);
  s.as_of = MAPPED_DAY;
  w->bundle = profiled_bundle(w->ds, MAPPED_SKILLS, level);
  assert_ok(pfc_history_create(w->ds, &w->h, &err));
  assert_ok(pfc_gaps_create(w->bundle, w->ds, w->h, &s, &w->gaps, &err));
  assert_ok(pfc_precedence_create(w->ds, &w->after, &err));
}

void mapped_close(mapped *w) {
  pfc_precedence_destroy(w->after);
  pfc_gaps_destroy(w->gaps);
  pfc_bundle_destroy(w->bundle);
  pfc_history_destroy(w->h);
  pfc_dataset_destroy(w->ds);
}

void mapped_number(pfc_dataset *ds, pfc_table_id t, int64_t row, const char *column,
                   const char *letter, int code) {
  char text[16];
  (void)snprintf(text, sizeof text, "%s%d", letter, code);
  test_cell(ds, t, row, column, text);
}

static void draw_people(pfc_dataset *ds, pfc_rng *rng, int n) {
  test_table(ds, PFC_PEOPLE, n, "person_id,role_id,unit_id,goal_role_id,hired_on,left_on");
  for (int p = 0; p < n; p++) {
    mapped_number(ds, PFC_PEOPLE, p, "person_id", "P", p);
    if (pfc_rng_below(rng, 20)) {
      mapped_number(ds, PFC_PEOPLE, p, "role_id", "R", (int)pfc_rng_below(rng, MAPPED_ROLES));
    }
    if (pfc_rng_below(rng, 12)) {
      /* Units of very different size. */
      const int most = 1 + (int)pfc_rng_below(rng, MAPPED_UNITS);
      mapped_number(ds, PFC_PEOPLE, p, "unit_id", "U", (int)pfc_rng_below(rng, (uint64_t)most));
    }
    if (pfc_rng_below(rng, 3) == 0) {
      mapped_number(ds, PFC_PEOPLE, p, "goal_role_id", "R",
                    (int)pfc_rng_below(rng, MAPPED_ROLES));
    }
    if (pfc_rng_below(rng, 10) == 0) test_number(ds, PFC_PEOPLE, p, "left_on", MAPPED_DAY - 5);
    if (pfc_rng_below(rng, 15) == 0) test_number(ds, PFC_PEOPLE, p, "hired_on", MAPPED_DAY + 5);
  }
}

static void draw_requirements(pfc_dataset *ds, pfc_rng *rng) {
  int64_t row = 0;
  test_table(ds, PFC_REQUIREMENTS, (int64_t)MAPPED_ROLES * MAPPED_SKILLS,
             "role_id,competency_id,level,importance,compliance");
  for (int r = 0; r < MAPPED_ROLES; r++) {
    for (int c = 0; c < MAPPED_SKILLS; c++, row++) {
      if (pfc_rng_below(rng, 4) == 0 && row > 0) continue;
      mapped_number(ds, PFC_REQUIREMENTS, row, "role_id", "R", r);
      mapped_number(ds, PFC_REQUIREMENTS, row, "competency_id", "C", c);
      test_number(ds, PFC_REQUIREMENTS, row, "level", 1 + (double)pfc_rng_below(rng, 9) / 2);
      test_number(ds, PFC_REQUIREMENTS, row, "importance", pfc_rng_uniform(rng));
      test_number(ds, PFC_REQUIREMENTS, row, "compliance", (double)pfc_rng_below(rng, 2));
    }
  }
}

static void draw_ratings(pfc_dataset *ds, pfc_rng *rng, int n_people) {
  const int n = 2 * n_people;
  test_table(ds, PFC_ASSESSMENTS, n, "person_id,competency_id,level,source,assessed_on");
  for (int k = 0; k < n; k++) {
    mapped_number(ds, PFC_ASSESSMENTS, k, "person_id", "P",
                  (int)pfc_rng_below(rng, (uint64_t)n_people));
    mapped_number(ds, PFC_ASSESSMENTS, k, "competency_id", "C",
                  (int)pfc_rng_below(rng, MAPPED_SKILLS));
    test_number(ds, PFC_ASSESSMENTS, k, "level", (double)pfc_rng_below(rng, 6));
    test_cell(ds, PFC_ASSESSMENTS, k, "source", "test");
    test_number(ds, PFC_ASSESSMENTS, k, "assessed_on", 10 + (double)k);
  }
}

mapped mapped_draw(uint64_t seed, uint64_t id) {
  pfc_rng rng;
  mapped w = {.ds = pfc_dataset_create()};
  double level[MAPPED_SKILLS];
  assert_non_null(w.ds);
  pfc_rng_init(&rng, seed, "organisation", id);
  const int n_people = 5 + (int)pfc_rng_below(&rng, MOST_PEOPLE - 5);
  test_rows(w.ds, PFC_ROLES, "role_id,criticality", "R0,0.2;R1,0.9;R2,");
  test_rows(w.ds, PFC_COMPETENCIES, "competency_id", "C0;C1;C2;C3");
  test_rows(w.ds, PFC_RELATIONS, "from_competency_id,to_competency_id,relation,weight",
            "C0,C1,precedes,0.5;C1,C2,precedes,0.8");
  test_rows(w.ds, PFC_INTERVENTIONS, "intervention_id,opens_on,closes_on",
            "I0,,;I1,,900;I2,2000,");
  test_rows(w.ds, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "I0,C0,3;I0,C1,;I1,C2,5;I2,C3,5");
  draw_people(w.ds, &rng, n_people);
  draw_requirements(w.ds, &rng);
  draw_ratings(w.ds, &rng, n_people);
  for (int c = 0; c < MAPPED_SKILLS; c++) level[c] = 1 + 3 * pfc_rng_uniform(&rng);
  mapped_open(&w, level);
  return w;
}

pfc_gap_map *mapped_of(const mapped *w, pfc_gap_by by, int min_group, int n_affected) {
  pfc_gap_map *map = NULL;
  pfc_gap_map_settings s;
  pfc_gap_map_defaults(&s);
  s.by = by;
  s.min_group = min_group;
  s.n_affected = n_affected;
  assert_ok(pfc_gap_map_create(w->gaps, w->after, w->ds, w->h, &s, &map, &err));
  return map;
}

/* What a group of these keys should be; -2: any. Row by row, asking each person anew. */
mapped_sums mapped_add_up(const mapped *w, int32_t unit, int32_t role, int32_t skill) {
  mapped_sums s = {0};
  pfc_person_gaps *p = NULL;
  const int32_t *left = pfc_dataset_dates(w->ds, PFC_PEOPLE, "left_on");
  const int32_t *hired = pfc_dataset_dates(w->ds, PFC_PEOPLE, "hired_on");
  const int32_t *units = pfc_dataset_codes(w->ds, PFC_PEOPLE, "unit_id");
  const int32_t *roles = pfc_dataset_codes(w->ds, PFC_PEOPLE, "role_id");
  assert_ok(pfc_person_gaps_create(w->gaps, &p, &err));
  for (int32_t i = 0; i < w->h->n_people; i++) {
    const int64_t row = w->h->people_row[i];
    double asked = 0, below = 0;
    if ((left[row] != PFC_NO_DATE && left[row] < MAPPED_DAY) || hired[row] > MAPPED_DAY)
      continue;
    if ((unit != -2 && units[row] != unit) || (role != -2 && roles[row] != role)) continue;
    assert_ok(pfc_gaps_of(w->gaps, i, PFC_NO_DATE, p, &err));
    for (int32_t k = 0; k < p->n; k++) {
      const pfc_gap *g = &p->at[k];
      if (g->role != roles[row] || (skill != -2 && g->competency != skill)) continue;
      asked++;
      below += g->p_gap > 0.5;
      s.expected += g->p_gap;
      s.shortfall += g->shortfall;
      s.priority += g->priority;
      s.compliance += g->is_compliance ? g->priority : 0;
    }
    s.people += asked > 0;
    s.asked += asked;
    s.likely_below += below;
  }
  pfc_person_gaps_destroy(p);
  return s;
}

mapped_sums mapped_sums_of(const mapped *w, pfc_gap_by by, const pfc_gap_group *g) {
  const bool units = by == PFC_GAPS_BY_UNIT || by == PFC_GAPS_BY_UNIT_COMPETENCY;
  const bool roles = by == PFC_GAPS_BY_ROLE || by == PFC_GAPS_BY_ROLE_COMPETENCY;
  return mapped_add_up(w, units ? g->unit : -2, roles ? g->role : -2,
                       by >= PFC_GAPS_BY_COMPETENCY ? g->competency : -2);
}
