#include "tests/support/gap_world.h"

#include <math.h>

#include "tests/support/profiled.h"
#include "tests/support/tables.h"
#include "tests/support/test.h"

pfc_gap_settings gap_day(int32_t as_of) {
  pfc_gap_settings s;
  pfc_gap_defaults(&s);
  s.as_of = as_of;
  return s;
}

static void open_with(gap_world *w, const pfc_gap_settings *s) {
  assert_ok(pfc_gaps_create(w->bundle, w->ds, w->h, s, &w->gaps, &err));
  assert_ok(pfc_person_gaps_create(w->gaps, &w->p, &err));
}

static void shut(gap_world *w) {
  pfc_person_gaps_destroy(w->p);
  pfc_gaps_destroy(w->gaps);
  w->p = NULL;
  w->gaps = NULL;
}

void gap_world_reopen(gap_world *w, const pfc_gap_settings *s) {
  shut(w);
  pfc_history_destroy(w->h);
  w->h = NULL;
  assert_ok(pfc_history_create(w->ds, &w->h, &err));
  open_with(w, s);
}

gap_world gap_world_open(pfc_dataset *ds, int32_t n, const double *level,
                         const pfc_gap_settings *s) {
  gap_world w = {.ds = ds, .bundle = profiled_bundle(ds, n, level)};
  gap_world_reopen(&w, s);
  return w;
}

void gap_world_close(gap_world *w) {
  shut(w);
  pfc_bundle_destroy(w->bundle);
  pfc_history_destroy(w->h);
  pfc_dataset_destroy(w->ds);
}

const pfc_person_gaps *gap_world_look(gap_world *w, const char *person) {
  assert_ok(pfc_gaps_of(w->gaps, test_code(w->ds, "person", person), PFC_NO_DATE, w->p, &err));
  return w->p;
}

const pfc_gap *gap_world_row(gap_world *w, const char *person, const char *role,
                             const char *competency) {
  const pfc_person_gaps *p = gap_world_look(w, person);
  const int32_t r = test_code(w->ds, "role", role);
  const int32_t c = test_code(w->ds, "competency", competency);
  for (int32_t k = 0; k < p->n; k++)
    if (p->at[k].role == r && p->at[k].competency == c) return &p->at[k];
  fail_msg("%s asks %s for nothing in %s", role, person, competency);
  return NULL;
}

double gap_phi(double z) { return 0.5 * erfc(-z * sqrt(0.5)); }

double gap_shortfall(double mean, double sd, double required) {
  const int n = 20000;
  const double from = mean - 12 * sd, step = 24 * sd / n;
  double sum = 0;
  for (int k = 0; k <= n; k++) {
    const double x = from + k * step, z = (x - mean) / sd;
    const double missing = fmax(required - fmin(fmax(x, 0), 5), 0);
    const int weight = k == 0 || k == n ? 1 : k % 2 ? 4 : 2;
    sum += weight * missing * exp(-z * z / 2);
  }
  return sum * step / 3 / (sd * sqrt(2 * acos(-1)));
}
