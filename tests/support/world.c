#include "tests/support/world.h"

#include <math.h>

#include "base/mem.h"
#include "tests/support/tables.h"
#include "tests/support/test.h"

void world_open(world *w, pfc_dataset *ds, const world *model) {
  *w = (world){.ds = ds};
  assert_ok(pfc_history_create(ds, &w->h, &err));
  assert_ok(pfc_catalogue_create(ds, &w->cat, &err));
  assert_ok(pfc_lens_create(ds, w->h, w->cat, model ? model->ds->dicts : NULL,
                            model ? model->ds->n_dicts : 0, &w->lens, &err));
}

void world_close(world *w) {
  pfc_lens_destroy(w->lens);
  pfc_catalogue_destroy(w->cat);
  pfc_history_destroy(w->h);
  pfc_dataset_destroy(w->ds);
  pfc_free(w->decisions);
}

/* Every enrolment is a decision on its day: those with an odd row at one competency. */
void world_decide(world *w) {
  const pfc_table_id t = PFC_ENROLMENTS;
  w->n = w->ds->tables[t].n_rows;
  w->decisions = pfc_alloc_array((size_t)w->n, sizeof *w->decisions);
  for (int32_t p = 0; p < w->h->n_people; p++) {
    for (int64_t k = w->h->first_attempt[p]; k < w->h->first_attempt[p + 1]; k++) {
      const pfc_attempt *a = &w->h->attempts[k];
      const int32_t c = w->cat->competency[w->cat->first[a->intervention]];
      w->decisions[a->row] =
          (pfc_decision){p, a->intervention, a->row % 2 ? c : -1, a->start, a->row, -1};
    }
  }
}

pfc_features *world_fit(const world *w, pfc_feature_plan plan) {
  pfc_features *f;
  assert_ok(pfc_features_fit(w->lens, plan, w->n, w->decisions, &f, &err));
  return f;
}

/* Random decisions that have not happened, some with nobody, nothing or no day in them. */
pfc_decision world_imagine(const world *w, pfc_rng *rng) {
  pfc_decision d = {.enrolment_row = -1, .episode_row = -1};
  d.person = (int32_t)pfc_rng_below(rng, (uint64_t)w->h->n_people + 1) - 1;
  d.intervention = (int32_t)pfc_rng_below(rng, (uint64_t)w->cat->n_interventions + 1) - 1;
  d.competency = (int32_t)pfc_rng_below(rng, 7) - 1;
  d.date = pfc_rng_below(rng, 5) ? (int32_t)pfc_rng_below(rng, 110) : PFC_NO_DATE;
  return d;
}

/* The four scopes, added up; each keeps to its own columns and to its largest size. */
void world_encode(const pfc_features *f, const pfc_lens *lens, const pfc_decision *d,
                  double *row) {
  int32_t col[512];
  float val[512];
  memset(row, 0, sizeof *row * (size_t)f->n_columns);
  for (int scope = 0; scope < PFC_N_SCOPES; scope++) {
    const int most = pfc_features_max(f, (pfc_scope)scope, lens);
    assert_true(most <= 512);
    const int n = pfc_features_encode(f, lens, (pfc_scope)scope, d, col, val);
    assert_true(n <= most);
    for (int e = 0; e < n; e++) {
      int at = 0;
      while (at < f->n_fields && col[e] >= f->fields[at].first + f->fields[at].n_columns) at++;
      assert_true(at < f->n_fields);
      assert_int_equal(f->fields[at].scope, scope);
      assert_true(isfinite(val[e]));
      row[col[e]] += (double)val[e];
    }
  }
}

void world_compare(const pfc_features *f, const double *a, const double *b, const char *what) {
  for (int32_t j = 0; j < f->n_columns; j++) {
    int k = 0;
    while (j >= f->fields[k].first + f->fields[k].n_columns) k++;
    if (!(fabs(a[j] - b[j]) <= 1e-5 * (1 + fabs(b[j]))))
      fail_msg("%s: column %d of field \"%s\" is %g, not %g", what, (int)j, f->fields[k].name,
               a[j], b[j]);
  }
}
