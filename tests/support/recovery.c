#include "tests/support/recovery.h"

#include <math.h>

#include "base/mem.h"
#include "tests/support/figures.h"
#include "tests/support/near.h"
#include "tests/support/scoring.h"
#include "trainer/profile_fit.h"
#include "trainer/train.h"

static void add_dict(pfc_bundle *b, const pfc_dataset *ds, const char *name) {
  const pfc_dict *dict = pfc_dataset_find_dict(ds, name);
  if (pfc_bundle_dict(b, name)) return;
  void *more = pfc_resize_array(b->dicts, (size_t)b->n_dicts, (size_t)b->n_dicts + 1,
                                sizeof(pfc_dict *));
  assert_non_null(more);
  b->dicts = more;
  b->dicts[b->n_dicts++] = pfc_dict_copy(dict);
}

/* Of a small rank, for time: what the profile is like matters little here. */
static void give_profile(recovery_world *w) {
  pfc_profile_settings settings;
  pfc_profile_fit fit;
  if (w->bundle->has_profile) pfc_profile_clear(&w->bundle->profile);
  pfc_profile_settings_defaults(&settings);
  settings.rank = 1;
  settings.max_sweeps = 15;
  settings.min_ratings = 1;
  assert_ok(pfc_profile_fit_run(w->evidence, w->requirements, w->org.ds->split.date, &settings,
                                &w->bundle->profile, &fit, &err));
  w->bundle->has_profile = true;
  add_dict(w->bundle, w->org.ds, "competency");
  add_dict(w->bundle, w->org.ds, "role");
  add_dict(w->bundle, w->org.ds, "source");
  add_dict(w->bundle, w->org.ds, "rater");
  add_dict(w->bundle, w->org.ds, "intervention");
}

void recovery_open(recovery_world *w, int32_t n_people, int32_t n_interventions,
                   unsigned models, uint64_t seed) {
  *w = (recovery_world){.frame = test_frame()};
  const pfc_simulate_settings settings =
      test_simulate_settings(n_people, n_interventions, seed);
  w->org = test_simulate(w->frame, &settings);
  w->org.ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = w->org.truth->last_day - 300};
  w->bundle = models ? scoring_train(w->org.ds, models) : pfc_bundle_create();
  assert_non_null(w->bundle);
  assert_ok(pfc_history_create(w->org.ds, &w->history, &err));
  assert_ok(pfc_catalogue_create(w->org.ds, &w->cat, &err));
  assert_ok(pfc_judged_rows_create(w->org.ds, w->history, w->cat, &w->rows, &err));
  assert_ok(pfc_evidence_create(w->org.ds, w->history, &w->evidence, &err));
  assert_ok(pfc_requirements_create(w->org.ds, &w->requirements, &err));
  give_profile(w);
  pfc_recovery_defaults(&w->settings);
  w->settings.resamples = 50;
}

void recovery_close(recovery_world *w) {
  pfc_requirements_destroy(w->requirements);
  pfc_evidence_destroy(w->evidence);
  pfc_judged_rows_destroy(w->rows);
  pfc_catalogue_destroy(w->cat);
  pfc_history_destroy(w->history);
  pfc_bundle_destroy(w->bundle);
  test_organisation_clear(&w->org);
  pfc_dataset_destroy(w->frame);
}

cJSON *recovery_run(const recovery_world *w) {
  cJSON *json = NULL;
  assert_ok(pfc_recovery(w->bundle, w->org.ds, w->org.truth, &w->settings, &json, &err));
  return json;
}

void errors_add(errors *e, double error) {
  e->squares += error * error;
  e->sum += error;
  e->n++;
}

void errors_check(const cJSON *json, const char *path, const errors *e) {
  char name[100];
  assert_true(e->n > 30);
  (void)snprintf(name, sizeof name, "%s.rmse", path);
  assert_near(figure_value(json, name), sqrt(e->squares / (double)e->n), 1e-9);
  assert_near(figure_part(json, name, "n"), (double)e->n, 0);
  assert_true(figure_part(json, name, "lo") <= figure_value(json, name));
  assert_true(figure_part(json, name, "hi") >= figure_value(json, name));
  (void)snprintf(name, sizeof name, "%s.bias", path);
  assert_near(figure_value(json, name), e->sum / (double)e->n, 1e-9);
}
