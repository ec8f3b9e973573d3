/* Bias, slope, noise and leniency of sources, as fitted and as they are. */
#include <math.h>

#include "base/json.h"
#include "trainer/recovery_internal.h"

enum { BIAS, SLOPE, NOISE, LENIENCY, N_TRAITS };

typedef struct traits {
  double of[N_TRAITS];
} traits;

static traits as_fitted(const pfc_profile_source *s) {
  return (traits){{s->bias, s->slope, s->noise, s->leniency}};
}

static traits as_true(const pfc_truth *t, int32_t source) {
  return (traits){{(double)t->source_bias[source], (double)t->source_slope[source],
                   pfc_truth_source_sd(t, source), pfc_truth_source_leniency_sd(t, source)}};
}

static pfc_status put_trait(cJSON *object, const char *name, double fitted, double held,
                            int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *figure = NULL;
  PFC_TRY(pfc__put_part(object, name, &figure, err));
  PFC_TRY(pfc_json_put_number(figure, "value", fitted, err));
  PFC_TRY(pfc_json_put_number(figure, "truth", held, err));
  PFC_TRY(pfc_json_put_number(figure, "difference", fitted - held, err));
  PFC_TRY(pfc_json_put_number(figure, "n", (double)n, err));
done:
  return st;
}

static pfc_status put_source(const pfc_profile_source *s, const traits *held, cJSON *object,
                             pfc_error *err) {
  static const char *const NAMES[N_TRAITS] = {"bias", "slope", "noise", "leniency"};
  const traits fitted = as_fitted(s);
  for (int k = 0; k < N_TRAITS; k++) {
    const pfc_status st =
        put_trait(object, NAMES[k], fitted.of[k], held->of[k], s->n_ratings, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

/* The largest of each kind of error, noise as a share of the true one. */
static void widen(const pfc_profile_source *s, const traits *held, traits *worst) {
  const traits fitted = as_fitted(s);
  for (int k = 0; k < N_TRAITS; k++) {
    const double error = fabs(fitted.of[k] - held->of[k]) / (k == NOISE ? held->of[k] : 1);
    worst->of[k] = fmax(worst->of[k], error);
  }
}

static pfc_status put_worst(const traits *worst, int32_t n, cJSON *object, pfc_error *err) {
  static const char *const NAMES[N_TRAITS] = {"max_bias_error", "max_slope_error",
                                              "max_noise_error", "max_leniency_error"};
  pfc_status st = PFC_OK;
  for (int k = 0; k < N_TRAITS; k++) {
    cJSON *figure = NULL;
    PFC_TRY(pfc__put_part(object, NAMES[k], &figure, err));
    PFC_TRY(pfc_json_put_number(figure, "value", n > 0 ? worst->of[k] : (double)NAN, err));
    PFC_TRY(pfc_json_put_number(figure, "n", n, err));
  }
done:
  return st;
}

pfc_status pfc__recover_sources(const pfc__recovery *r, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  traits worst = {{0}};
  int32_t n = 0;
  cJSON *all = NULL, *one = NULL;
  PFC_TRY(pfc__put_part(object, "by_source", &all, err));
  for (int32_t s = 0; s < r->profile.n_sources; s++) {
    const pfc_profile_source *source = &r->profile.source[s];
    const int32_t at = r->source_of[s];
    if (at < 0 || source->n_ratings == 0) continue;
    const traits held = as_true(r->truth, at);
    PFC_TRY(pfc__put_part(all, pfc_dict_text(r->truth->sources, at), &one, err));
    PFC_TRY(put_source(source, &held, one, err));
    widen(source, &held, &worst);
    n++;
  }
  PFC_TRY(put_worst(&worst, n, object, err));
done:
  return st;
}
