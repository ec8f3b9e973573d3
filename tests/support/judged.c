#include "tests/support/test.h"

#include "base/rng.h"
#include "tests/support/judged.h"

#define F(v, lo, hi) \
  "{\"value\":" #v ",\"lo\":" #lo ",\"hi\":" #hi ",\"n\":800,\"baselines\":{}}"
#define FB(v, lo, hi, name, b)                                                                \
  "{\"value\":" #v ",\"lo\":" #lo ",\"hi\":" #hi ",\"n\":800,\"baselines\":{\"" name "\":" #b \
  "}}"

#define AFFINITY(v) \
  "{\"mrr\":" FB(v, 0.2, 0.3, "popularity", 0.18) ",\"recall_at_5\":"                    \
  FB(0.3, 0.26, 0.34, "popularity", 0.3) ",\"recall_at_10\":"                            \
  FB(0.4, 0.35, 0.45, "popularity", 0.46) ",\"gini_at_10\":" F(0.7, null, null)          \
  ",\"curves\":{\"lorenz\":{\"items\":[0,0.5,1],\"exposure\":[0,0.125,1]},"              \
  "\"lorenz_popularity\":{\"items\":[0,0.9,1],\"exposure\":[0,0,1]}}}"

#define SUCCESS(slope) \
  "{\"auc\":" FB(0.62, 0.58, 0.66, "base_rate", 0.5) ",\"ece\":" F(0.05, 0.03, 0.07)       \
  ",\"calibration_slope\":" F(slope, 0.3, 0.8) ",\"mean_gap\":" F(0.01, -0.02, 0.04)       \
  ",\"recommended\":{\"mean_gap\":" F(0.09, 0.05, 0.13) "},\"curves\":{\"reliability\":["  \
  "{\"p\":0.25,\"observed\":0.3,\"lo\":0.2,\"hi\":0.4,\"n\":79},"                          \
  "{\"p\":0.5,\"observed\":0.45,\"lo\":0.35,\"hi\":0.55,\"n\":80},"                        \
  "{\"p\":0.75,\"observed\":0.8,\"lo\":0.7,\"hi\":0.9,\"n\":81}],\"lift\":["               \
  "{\"decile\":1,\"n\":80,\"mean_p\":0.7,\"observed\":0.75,\"lift\":1.5},"                 \
  "{\"decile\":2,\"n\":80,\"mean_p\":0.3,\"observed\":0.25,\"lift\":0.5}]}}"

#define ACCEPT \
  "{\"auc\":" FB(0.6, 0.57, 0.63, "base_rate", 0.5) ",\"curves\":{\"reliability\":["       \
  "{\"p\":0.3,\"observed\":0.2,\"lo\":0.15,\"hi\":0.25,\"n\":120},"                      \
  "{\"p\":0.6,\"observed\":0.7,\"lo\":0.65,\"hi\":0.75,\"n\":121}]}}"

#define CAUSE \
  "{\"c_index\":" FB(0.7, 0.66, 0.74, "aalen_johansen", 0.5)                          \
  ",\"ece_by_day\":{\"90\":" F(0.03, 0.02, 0.05) "},\"interval_coverage\":"           \
  FB(0.81, 0.7, 0.9, "aalen_johansen", 0.9) ",\"curves\":{\"incidence\":{"            \
  "\"days\":[0,30,60,90],\"predicted\":[0,0.1,0.2,0.3],\"observed\":[0,0.1,0.2,0.2]," \
  "\"lo\":[0,0.05,0.1,0.1],\"hi\":[0,0.2,0.3,0.3]}}}"

#define COMPARED(figure, better, d, lo, hi, p)                     \
  "{\"better\":\"" better "\",\"figure\":\"" figure                \
  "\",\"model\":\"in/<new> & \\\"b\\u00e4st\\\".h5\",\"against\":" \
  "\"in/old.h5\",\"difference\":" #d ",\"lo\":" #lo ",\"hi\":" #hi \
  ",\"p\":0.004,\"p_holm\":" #p ",\"n\":800}"

#define POLICY(gap, lo, hi, regret)                                                \
  "{\"gap_closed\":" F(gap, lo, hi) ",\"gap_closed_per_hour\":" F(                 \
      0.002, 0.001, 0.003) ",\"effect\":" F(0.1, 0.09,                             \
                                            0.11) ",\"regret\":" F(regret, regret, \
                                                                   regret) ",\"led\":0.9}"

#define ROUND(n, refit, frozen)                                                      \
  "{\"round\":" #n ",\"day\":\"2025-01-01\",\"policies\":{\"refit\":{\"regret\":" F( \
      refit, 0.01, 0.09) "},\"frozen\":{\"regret\":" F(frozen, 0.02, 0.1) "}}}"

const char JUDGED[] =
    "{\"command\":\"evaluate\",\"affinity\":" AFFINITY(0.25) ",\"affinity_new_people\":"
    AFFINITY(0.22) ",\"success\":" SUCCESS(0.5) ",\"accept\":" ACCEPT ",\"time\":" CAUSE ",\"dropped\":" CAUSE
    ",\"left\":" CAUSE ",\"model\":\"in/<new> & \\\"b\\u00e4st\\\".h5\",\"model_version\":\"12ab\","
    "\"dataset\":\"in/data & more.h5\",\"provenance\":{\"build\":\"proficio 0.1.0\",\"seed\":1,"
    "\"data_sha256\":\"00ff\",\"settings\":{\"train\":{\"affinity\":{\"rank\":16}},"
    "\"models\":[\"affinity\",\"success\"]}},"
    "\"against\":[{\"model\":\"in/old.h5\",\"model_version\":\"34cd\",\"affinity\":"
    AFFINITY(0.2) ",\"success\":" SUCCESS(0.9) ",\"time\":" CAUSE "}],\"comparisons\":["
    COMPARED("affinity.mrr", "higher", 0.05, 0.02, 0.08, 0.01) ","
    COMPARED("affinity.gini_at_10", "lower", 0.04, 0.01, 0.07, 0.02) ","
    COMPARED("affinity.recall_at_10", "higher", -0.01, -0.04, 0.02, 0.9) ","
    COMPARED("success.calibration_slope", "nearer 1", -0.4, -0.5, -0.3, 0.01) ","
    COMPARED("time.c_index", "higher", 0.01, 0.005, 0.015, 0.2) "],"
    "\"policy\":{\"day\":\"2025-01-01\",\"people\":500,\"horizon_days\":365,\"policies\":{"
    "\"random\":" POLICY(0.02, 0.01, 0.03, 0.08) ",\"value\":" POLICY(0.07, 0.06, 0.08, 0.03)
    ",\"oracle\":" POLICY(0.1, 0.09, 0.11, 0) "},\"comparisons\":[{\"policy\":\"value\","
    "\"against\":\"random\",\"difference\":0.05,\"lo\":0.04,\"hi\":0.06,\"p\":0.002,"
    "\"p_holm\":0.004}]},"
    "\"recovery\":{\"level\":{\"rmse\":" F(0.6, 0.5, 0.7) ",\"by_ratings\":["
    "{\"ratings\":\"0\",\"cells\":900,\"rmse\":0.4,\"sd\":0.5,\"coverage\":0.93},"
    "{\"ratings\":\"1\",\"cells\":50,\"rmse\":0.3,\"sd\":0.25,\"coverage\":0.85},"
    "{\"ratings\":\"2\",\"cells\":0,\"rmse\":null,\"sd\":null,\"coverage\":null}]},"
    "\"sources\":null},"
    "\"rounds\":[" ROUND(1, 0.06, 0.06) "," ROUND(2, 0.05, 0.07) "," ROUND(3, 0.04, 0.08) "]}";

cJSON *judged(void) {
  cJSON *json = cJSON_Parse(JUDGED);
  if (!json) fail_msg("JUDGED is no JSON at: %.60s", cJSON_GetErrorPtr());
  return json;
}

/* --- spoiling --------------------------------------------------------------------------------
 */

static cJSON *odd_value(pfc_rng *rng) {
  static const double NUMBERS[] = {0, -1, 1e300, -1e308, 1e-300, 0.5, 1e17, 3};
  switch (pfc_rng_below(rng, 6)) {
    case 0:
      return cJSON_CreateNull();
    case 1:
      return cJSON_CreateString("<&\"'\x01\xFF");
    case 2:
      return cJSON_CreateArray();
    case 3:
      return cJSON_CreateObject();
    case 4:
      return cJSON_CreateTrue();
    default:
      return cJSON_CreateNumber(NUMBERS[pfc_rng_below(rng, 8)]);
  }
}

void judged_spoil(cJSON *json, uint64_t seed) {
  pfc_rng rng;
  cJSON *queue[2000];
  int n = 0;
  pfc_rng_init(&rng, seed, "spoil", 0);
  const double share = 0.002 + 0.2 * pfc_rng_uniform(&rng) * pfc_rng_uniform(&rng);
  queue[n++] = json;
  for (int i = 0; i < n; i++) {
    for (cJSON *item = queue[i]->child, *next; item; item = next) {
      next = item->next;
      if (pfc_rng_uniform(&rng) >= share) {
        if (n < 2000) queue[n++] = item;
        continue;
      }
      if (pfc_rng_below(&rng, 4) == 0) {
        cJSON_Delete(cJSON_DetachItemViaPointer(queue[i], item));
      } else {
        cJSON *odd = odd_value(&rng);
        if (item->string) odd->string = strdup(item->string);
        assert_true(cJSON_ReplaceItemViaPointer(queue[i], item, odd));
      }
    }
  }
}
