#include "trainer/means.h"

#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "trainer/bootstrap.h"

pfc_status pfc_means_init(pfc_means *t, int32_t n_people, int m, pfc_error *err) {
  pfc_status st = PFC_OK;
  *t = (pfc_means){.n_people = n_people, .m = m};
  PFC_NEW(t->sum, (size_t)n_people * (size_t)m);
  PFC_NEW(t->count, (size_t)n_people * (size_t)m);
  PFC_NEW(t->n, m);
  PFC_NEW(t->value, m);
done:
  return st;
}

void pfc_means_clear(pfc_means *t) {
  pfc_free(t->sum);
  pfc_free(t->count);
  pfc_free(t->n);
  pfc_free(t->value);
  pfc_free(t->resampled);
  *t = (pfc_means){0};
}

void pfc_means_add(pfc_means *t, int32_t person, int k, double sum, double count) {
  const int64_t at = (int64_t)person * t->m + k;
  if (count == 0) return;
  t->sum[at] += sum;
  t->count[at] += count;
  t->n[k]++;
}

static void find_values(pfc_means *t) {
  for (int k = 0; k < t->m; k++) {
    double sum = 0, count = 0;
    for (int64_t p = 0; p < t->n_people; p++) {
      sum += t->sum[p * t->m + k];
      count += t->count[p * t->m + k];
    }
    t->value[k] = count > 0 ? sum / count : (double)NAN;
  }
}

pfc_status pfc_means_draw(pfc_means *t, int n_resamples, uint64_t seed, pfc_error *err) {
  pfc_status st = PFC_OK;
  find_values(t);
  if (n_resamples == 0 || t->n_people == 0) return PFC_OK;
  PFC_NEW(t->resampled, (size_t)n_resamples * (size_t)t->m);
  PFC_TRY(pfc_bootstrap_means(t->n_people, t->m, t->sum, t->count, n_resamples, seed,
                              t->resampled, err));
  t->n_resamples = n_resamples;
done:
  return st;
}

static double told(double mean, pfc_means_as as) {
  return as == PFC_MEANS_ROOT ? sqrt(mean) : mean;
}

pfc_status pfc_means_put(const pfc_means *t, int k, pfc_means_as as, const char *name,
                         cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  double lo = NAN, hi = NAN;
  cJSON *figure = cJSON_AddObjectToObject(object, name);
  if (!figure) return pfc_fail_memory(err, "figures");
  if (t->n_resamples > 0)
    PFC_TRY(pfc_percentile_interval(t->n_resamples, t->resampled + k, t->m, &lo, &hi, err));
  PFC_TRY(pfc_json_put_number(figure, "value", told(t->value[k], as), err));
  PFC_TRY(pfc_json_put_number(figure, "lo", told(lo, as), err));
  PFC_TRY(pfc_json_put_number(figure, "hi", told(hi, as), err));
  PFC_TRY(pfc_json_put_number(figure, "n", (double)t->n[k], err));
done:
  return st;
}
