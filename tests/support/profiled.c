#include "tests/support/profiled.h"

#include <math.h>

#include "base/mem.h"
#include "tests/support/test.h"

static void *array(int64_t n, size_t size) {
  void *p = pfc_alloc_array((size_t)n, size);
  assert_non_null(p);
  return p;
}

/* Dictionaries that the profile refers to and the bundle has not yet. */
static void add_dicts(pfc_bundle *b, const pfc_dataset *ds) {
  static const char *const NAMES[] = {"competency", "role", "source", "rater"};
  pfc_dict **dicts = array(b->n_dicts + 4, sizeof(pfc_dict *));
  if (b->n_dicts) memcpy(dicts, b->dicts, (size_t)b->n_dicts * sizeof(pfc_dict *));
  pfc_free(b->dicts);
  b->dicts = dicts;
  for (int k = 0; k < 4; k++) {
    const pfc_dict *own = pfc_dataset_find_dict(ds, NAMES[k]);
    if (!own || pfc_bundle_dict(b, NAMES[k])) continue;
    assert_non_null(dicts[b->n_dicts++] = pfc_dict_copy(own));
  }
}

static pfc_profile_source plain_source(void) {
  return (pfc_profile_source){.slope = 1, .noise = PROFILED_NOISE, .linked = 1, .anchor = 1};
}

void profiled_put(pfc_bundle *b, const pfc_dataset *ds, int32_t n, const double *level) {
  const double middle = (ds->scale_min + ds->scale_max) / 2;
  const int32_t n_competencies = pfc_dataset_count(ds, "competency");
  add_dicts(b, ds);
  b->has_profile = true;
  /* 0.09 + 0.04 + 0.16 + 0.35 + 0.36 = 1 */
  b->profile = (pfc_profile){.n_competencies = n_competencies,
                             .n_roles = pfc_dataset_count(ds, "role"),
                             .n_sources = pfc_dataset_count(ds, "source"),
                             .scale_min = ds->scale_min,
                             .scale_max = ds->scale_max,
                             .newcomer_days = 730,
                             .taught = 0,
                             .sd_taught = 1e-6,
                             .teaching_days = 60,
                             .sd_person = 0.3,
                             .sd_competency = 1,
                             .sd_role = 0.4,
                             .sd_cell = sqrt(0.35),
                             .sd_moving = 0.6,
                             .half_life_days = 1e9,
                             .unknown = plain_source()};
  pfc_profile *p = &b->profile;
  p->half_life = array(n_competencies, sizeof(float));
  p->competency = array(n_competencies, sizeof(float));
  p->competency_var = array(n_competencies, sizeof(float));
  p->factor = array(0, sizeof(float));
  p->factor_cov = array(0, sizeof(float));
  p->factor_sd = array(0, sizeof(float));
  p->source = array(p->n_sources, sizeof *p->source);
  for (int32_t c = 0; c < n_competencies; c++) {
    p->half_life[c] = 1e9F;
    p->competency[c] = (float)(c < n ? level[c] : middle);
    p->competency_var[c] = 0.04F;
  }
  for (int32_t s = 0; s < p->n_sources; s++) p->source[s] = plain_source();
}

pfc_bundle *profiled_bundle(const pfc_dataset *ds, int32_t n, const double *level) {
  pfc_bundle *b = pfc_bundle_create();
  assert_non_null(b);
  profiled_put(b, ds, n, level);
  return b;
}
