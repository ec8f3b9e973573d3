#include "tests/support/drifted.h"

#include <math.h>

#include "tests/support/test.h"

pfc_drift_settings drifted_settings(int32_t from, double alpha) {
  pfc_drift_settings s;
  pfc_drift_defaults(&s);
  s.from = from;
  s.alpha = alpha;
  s.resamples = 200;
  return s;
}

drifted drifted_judge(const pfc_dataset *ds, const pfc_drift_settings *settings) {
  drifted d = {0};
  assert_ok(pfc_drift_judge(ds, NULL, settings, &d.world, &d.feed, &d.json, &err));
  return d;
}

void drifted_clear(drifted *d) { cJSON_Delete(d->json); }

static const char *text_of(const cJSON *row, const char *key) {
  return cJSON_GetStringValue(cJSON_GetObjectItem(row, key));
}

const cJSON *drifted_row(const drifted *d, const char *name, const char *of) {
  const cJSON *row;
  cJSON_ArrayForEach(row, cJSON_GetObjectItem(d->json, "rows")) {
    if (strcmp(text_of(row, "name"), name) == 0 && (!of || strcmp(text_of(row, "of"), of) == 0))
      return row;
  }
  return NULL;
}

double drifted_number(const cJSON *row, const char *key) {
  return cJSON_GetNumberValue(cJSON_GetObjectItem(row, key));
}

bool drifted_alarm(const drifted *d, const char *name, const char *of) {
  const cJSON *row = drifted_row(d, name, of);
  return row && cJSON_IsTrue(cJSON_GetObjectItem(row, "alarm"));
}

double drifted_p(const pfc_dataset *ds, const pfc_drift_settings *settings, drifted_part part,
                 const char *of) {
  pfc__drift d = {.ds = ds, .settings = settings};
  double p = NAN;
  assert_ok(pfc__drift_open(&d, &err));
  assert_ok(part(&d, &err));
  for (int k = 0; k < d.n_rows; k++)
    if (strcmp(d.rows[k].of, of) == 0 && isnan(p)) p = d.rows[k].p;
  pfc__drift_close(&d);
  return p;
}

int drifted_most(int n, double p) {
  double above = 1, chance = pow(1 - p, n);
  int k = 0;
  for (above -= chance; above > 1e-4 && k < n; k++) {
    chance *= (n - k) / (k + 1.0) * p / (1 - p);
    above -= chance;
  }
  return k;
}
