#include "tests/support/figures.h"

#include <math.h>

#include "tests/support/test.h"

pfc_evaluate_settings figures_settings(int resamples) {
  pfc_evaluate_settings s;
  pfc_evaluate_defaults(&s);
  s.resamples = resamples;
  s.n_days = 2;
  s.days[0] = 30;
  s.days[1] = 60;
  return s;
}

pfc_status figures_judge(const pfc_bundle *bundle, const pfc_dataset *ds,
                         const pfc_evaluate_settings *s, cJSON **json, pfc_error *error) {
  const pfc_contestant one = {"model", bundle, NULL};
  return pfc_evaluate(1, &one, ds, s, json, error);
}

cJSON *figures_of(const pfc_bundle *bundle, const pfc_dataset *ds) {
  const pfc_evaluate_settings s = figures_settings(0);
  cJSON *json = NULL;
  assert_ok(figures_judge(bundle, ds, &s, &json, &err));
  return json;
}

const cJSON *figure_at(const cJSON *json, const char *path) {
  char text[128];
  (void)snprintf(text, sizeof text, "%s", path);
  for (char *save = NULL, *name = strtok_r(text, ".", &save); name;
       name = strtok_r(NULL, ".", &save)) {
    json = cJSON_GetObjectItemCaseSensitive(json, name);
    if (!json) fail_msg("there is no figure %s", path);
  }
  return json;
}

double figure_part(const cJSON *json, const char *path, const char *part) {
  const cJSON *item = figure_at(figure_at(json, path), part);
  return cJSON_IsNull(item) ? NAN : cJSON_GetNumberValue(item);
}

double figure_value(const cJSON *json, const char *path) {
  return figure_part(json, path, "value");
}

double figure_baseline(const cJSON *json, const char *path, const char *name) {
  return cJSON_GetNumberValue(figure_at(figure_at(figure_at(json, path), "baselines"), name));
}
