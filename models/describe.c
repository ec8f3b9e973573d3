#include "models/describe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

typedef struct number {
  const char *key;
  double value;
} number;

static pfc_status put_numbers(cJSON *object, const number *numbers, int n, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int i = 0; i < n; i++)
    PFC_TRY(pfc_json_put_number(object, numbers[i].key, numbers[i].value, err));
done:
  return st;
}

/* An empty object under key. */
static pfc_status put_object(cJSON *parent, const char *key, cJSON **object, pfc_error *err) {
  *object = cJSON_AddObjectToObject(parent, key);
  return *object ? PFC_OK : pfc_fail_memory(err, key);
}

/* An empty object at the end of an array. */
static pfc_status append_object(cJSON *array, cJSON **object, pfc_error *err) {
  *object = cJSON_CreateObject();
  if (*object && cJSON_AddItemToArray(array, *object)) return PFC_OK;
  cJSON_Delete(*object);
  return pfc_fail_memory(err, "JSON");
}

/* No text at all is "". */
static pfc_status put_text(cJSON *object, const char *key, const char *text, pfc_error *err) {
  return pfc_json_put_text(object, key, text ? text : "", err);
}

/* --- provenance ------------------------------------------------------------- */

/* A JSON number holds 53 bits; a seed beyond that is told as text, exactly. */
static pfc_status put_seed(cJSON *object, uint64_t seed, pfc_error *err) {
  char text[24];
  if (seed <= (uint64_t)1 << 53) return pfc_json_put_number(object, "seed", (double)seed, err);
  (void)snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
  return pfc_json_put_text(object, "seed", text, err);
}

/* The settings as the object they are; as text when they are not JSON. */
static pfc_status put_settings(cJSON *object, const char *settings, pfc_error *err) {
  cJSON *tree = NULL;
  const pfc_status st =
      settings ? pfc_json_parse("settings", settings, strlen(settings), &tree, NULL)
               : PFC_EDATA;
  if (st == PFC_EDATA) return put_text(object, "settings", settings, err);
  if (st == PFC_OK && cJSON_AddItemToObject(object, "settings", tree)) return PFC_OK;
  cJSON_Delete(tree);
  return pfc_fail_memory(err, "settings");
}

static pfc_status put_provenance(cJSON *json, const pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *object;
  char date[PFC_DATE_TEXT];
  pfc_date_format(b->trained_as_of, date);
  PFC_TRY(put_text(json, "format", "proficio model", err));
  PFC_TRY(pfc_json_put_number(json, "schema_version", PFC_BUNDLE_SCHEMA, err));
  PFC_TRY(put_text(json, "version", b->version, err));
  PFC_TRY(put_object(json, "provenance", &object, err));
  PFC_TRY(put_text(object, "build", b->build, err));
  PFC_TRY(put_text(object, "blas", b->blas, err));
  PFC_TRY(put_seed(object, b->seed, err));
  PFC_TRY(put_text(object, "data_sha256", b->data_sha256, err));
  PFC_TRY(put_text(object, "feedback_head", b->feedback_head, err));
  PFC_TRY(put_text(object, "split", b->split, err));
  PFC_TRY(put_text(object, "trained_as_of", date, err));
  PFC_TRY(put_settings(object, b->settings, err));
done:
  return st;
}

static pfc_status put_dictionaries(cJSON *json, const pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *object;
  PFC_TRY(put_object(json, "dictionaries", &object, err));
  for (int32_t i = 0; i < b->n_dicts; i++)
    PFC_TRY(pfc_json_put_number(object, pfc_dict_name(b->dicts[i]), pfc_dict_size(b->dicts[i]),
                                err));
done:
  return st;
}

/* --- coefficients ----------------------------------------------------------- */

/* The effect of one person says nothing of the model and too much of the person. */
static bool is_person_effect(const pfc_features *f, int32_t column) {
  for (int i = 0; i < f->n_fields; i++) {
    const pfc_field *field = &f->fields[i];
    if (column < field->first || column >= field->first + field->n_columns) continue;
    if (field->kind == PFC_FIELD_ONEHOT && strcmp(field->dict, "person") == 0) return true;
  }
  return false;
}

/* Columns of the largest by absolute value, that first; returns how many. Zeros are none. */
static int find_largest(const pfc_features *f, const double *coef,
                        int32_t at[PFC_DESCRIBE_COEFFICIENTS]) {
  int found = 0;
  for (int32_t i = 0; i < f->n_columns; i++) {
    int place = found;
    if (coef[i] == 0 || is_person_effect(f, i)) continue;
    while (place > 0 && fabs(coef[at[place - 1]]) < fabs(coef[i])) place--;
    if (place == PFC_DESCRIBE_COEFFICIENTS) continue;
    if (found < PFC_DESCRIBE_COEFFICIENTS) found++;
    memmove(at + place + 1, at + place, sizeof *at * (size_t)(found - 1 - place));
    at[place] = i;
  }
  return found;
}

static pfc_status put_coefficients(cJSON *object, const pfc_bundle *b, const pfc_features *f,
                                   const double *coef, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t at[PFC_DESCRIBE_COEFFICIENTS];
  const int n = find_largest(f, coef, at);
  cJSON *array = cJSON_AddArrayToObject(object, "largest_coefficients"), *entry;
  if (!array) return pfc_fail_memory(err, "JSON");
  for (int i = 0; i < n; i++) {
    char name[256];
    pfc_features_column_name(f, b->dicts, b->n_dicts, at[i], name);
    PFC_TRY(append_object(array, &entry, err));
    PFC_TRY(put_text(entry, "column", name, err));
    PFC_TRY(pfc_json_put_number(entry, "value", coef[at[i]], err));
  }
done:
  return st;
}

static pfc_status put_features(cJSON *parent, const char *key, const pfc_features *f,
                               pfc_error *err) {
  cJSON *object;
  const pfc_status st = put_object(parent, key, &object, err);
  const number numbers[] = {{"n_fields", f->n_fields}, {"n_columns", f->n_columns}};
  return st == PFC_OK ? put_numbers(object, numbers, COUNT(numbers), err) : st;
}

/* --- models ----------------------------------------------------------------- */

static int32_t n_observed(const pfc_affinity *m) {
  int32_t n = 0;
  for (int32_t i = 0; i < m->n_items; i++) n += m->item_count[i] > 0;
  return n;
}

static pfc_status put_affinity(cJSON *json, const pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_affinity *m = &b->affinity;
  cJSON *object;
  const number numbers[] = {
      {"rank", m->rank},
      {"n_people", m->n_people},
      {"n_items", m->n_items},
      {"n_items_observed", n_observed(m)},
      {"alpha0", m->alpha0},
      {"lambda", m->lambda},
      {"nu", m->nu},
      {"kappa_people", m->kappa_people},
      {"kappa_items", m->kappa_items},
      {"weight_registered", m->weights.registered},
      {"weight_started", m->weights.started},
      {"weight_passed", m->weights.passed},
      {"weight_half_life_days", m->weights.half_life_days},
      {"accept_slope", m->accept_slope},
      {"accept_intercept", m->accept_intercept},
      {"accept_calibration_a", m->accept_calibration.a},
      {"accept_calibration_b", m->accept_calibration.b},
      {"accept_calibration_c", m->accept_calibration.c},
  };
  PFC_TRY(put_object(json, "affinity", &object, err));
  PFC_TRY(put_numbers(object, numbers, COUNT(numbers), err));
  PFC_TRY(put_features(object, "person_features", m->person_features, err));
  PFC_TRY(put_features(object, "item_features", m->item_features, err));
done:
  return st;
}

static pfc_status put_chance(cJSON *object, const pfc_bundle *b, const pfc_chance *m,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const number numbers[] = {
      {"n_rows", (double)m->n_rows},
      {"base_rate", m->base_rate},
      {"rank", m->rank},
      {"intercept", m->intercept},
      {"calibration_a", m->calibration.a},
      {"calibration_b", m->calibration.b},
      {"calibration_c", m->calibration.c},
      {"n_absorbed", (double)m->ledger.n},
      {"n_precision_whole", m->posterior.n_full},
  };
  PFC_TRY(put_numbers(object, numbers, COUNT(numbers), err));
  PFC_TRY(put_features(object, "features", m->features, err));
  PFC_TRY(put_coefficients(object, b, m->features, m->coef, err));
done:
  return st;
}

static pfc_status put_success(cJSON *json, const pfc_bundle *b, pfc_error *err) {
  cJSON *object;
  const pfc_status st = put_object(json, "success", &object, err);
  return st == PFC_OK ? put_chance(object, b, &b->success, err) : st;
}

/* Where the chance of accepting comes from: a model of answers to offers, or calibrated
 * affinity. */
static pfc_status put_accept(cJSON *json, const pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *object;
  PFC_TRY(put_object(json, "accept", &object, err));
  PFC_TRY(put_text(object, "fitted_on", b->has_accept ? "feedback" : "starts", err));
  if (b->has_accept) PFC_TRY(put_chance(object, b, &b->accept, err));
done:
  return st;
}

static pfc_status put_cause(cJSON *causes, const pfc_bundle *b, const pfc_hazard *m, int cause,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_clock *clock = &m->clock[cause];
  cJSON *object;
  PFC_TRY(put_object(causes, pfc_cause_name((pfc_cause)cause), &object, err));
  PFC_TRY(pfc_json_put_number(object, "n_events", (double)m->n_events[cause], err));
  if (!cJSON_AddBoolToObject(object, "fitted", m->baseline[cause] != NULL))
    return pfc_fail_memory(err, "JSON");
  if (!m->baseline[cause]) goto done;
  PFC_TRY(put_text(object, "clock_column", clock->column, err));
  PFC_TRY(pfc_json_put_number(object, "clock_typical_day", clock->typical_day, err));
  PFC_TRY(pfc_json_put_number(object, "n_bins", clock->n_bins, err));
  PFC_TRY(pfc_json_put_number(object, "n_precision_whole", m->posterior[cause].n_full, err));
  PFC_TRY(put_coefficients(object, b, m->features, m->coef[cause], err));
done:
  return st;
}

static pfc_status put_hazard(cJSON *json, const char *name, const pfc_bundle *b,
                             const pfc_hazard *m, int n_causes, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *object, *causes;
  const number numbers[] = {
      {"n_rows", (double)m->n_rows},       {"tick_days", m->tick_days},
      {"horizon_days", m->horizon_days},   {"n_groups", m->n_groups},
      {"n_absorbed", (double)m->ledger.n},
  };
  PFC_TRY(put_object(json, name, &object, err));
  PFC_TRY(put_numbers(object, numbers, COUNT(numbers), err));
  PFC_TRY(put_features(object, "features", m->features, err));
  PFC_TRY(put_object(object, "causes", &causes, err));
  for (int cause = 0; cause < n_causes; cause++) PFC_TRY(put_cause(causes, b, m, cause, err));
done:
  return st;
}

static pfc_status put_source(cJSON *sources, const char *name, const pfc_profile_source *s,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *object;
  const number numbers[] = {{"bias", s->bias},
                            {"slope", s->slope},
                            {"noise", s->noise},
                            {"leniency", s->leniency},
                            {"n_ratings", (double)s->n_ratings}};
  PFC_TRY(put_object(sources, name, &object, err));
  PFC_TRY(put_numbers(object, numbers, COUNT(numbers), err));
  if (!cJSON_AddBoolToObject(object, "anchor", s->anchor) ||
      !cJSON_AddBoolToObject(object, "linked", s->linked))
    return pfc_fail_memory(err, "JSON");
done:
  return st;
}

static pfc_status put_sources(cJSON *json, const pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_profile *m = &b->profile;
  const pfc_dict *names = pfc_bundle_dict(b, "source");
  cJSON *sources;
  PFC_TRY(put_object(json, "sources", &sources, err));
  for (int32_t s = 0; names && s < m->n_sources; s++)
    PFC_TRY(put_source(sources, pfc_dict_text(names, s), &m->source[s], err));
  PFC_TRY(put_source(json, "unknown_source", &m->unknown, err));
done:
  return st;
}

static pfc_status put_profile(cJSON *json, const pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_profile *m = &b->profile;
  cJSON *object;
  const number numbers[] = {
      {"n_competencies", m->n_competencies},
      {"n_roles", m->n_roles},
      {"n_sources", m->n_sources},
      {"n_role_effects", (double)m->n_role_effects},
      {"n_raters", (double)m->n_raters},
      {"n_interventions", m->n_interventions},
      {"rank", m->rank},
      {"scale_min", m->scale_min},
      {"scale_max", m->scale_max},
      {"intercept", m->beta[0]},
      {"listed", m->beta[1]},
      {"required", m->beta[2]},
      {"newcomer", m->beta[3]},
      {"newcomer_days", m->newcomer_days},
      {"taught", m->taught},
      {"sd_taught", m->sd_taught},
      {"sd_programme", m->sd_programme},
      {"teaching_days", m->teaching_days},
      {"sd_person", m->sd_person},
      {"sd_competency", m->sd_competency},
      {"sd_role", m->sd_role},
      {"sd_cell", m->sd_cell},
      {"sd_moving", m->sd_moving},
      {"half_life_days", m->half_life_days},
  };
  PFC_TRY(put_object(json, "profile", &object, err));
  PFC_TRY(put_text(object, "levels", m->relative ? "relative levels" : "anchored", err));
  PFC_TRY(put_numbers(object, numbers, COUNT(numbers), err));
  PFC_TRY(put_sources(object, b, err));
done:
  return st;
}

static pfc_status put_baseline(cJSON *json, const pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_baseline *m = &b->baseline;
  const pfc_csr *near = &m->neighbours;
  cJSON *object;
  double take_ups = 0;
  int32_t n_taken = 0;
  for (int32_t i = 0; i < m->n_items; i++) {
    take_ups += m->count[i];
    n_taken += m->count[i] > 0;
  }
  const number numbers[] = {
      {"n_items", m->n_items},
      {"n_items_observed", n_taken},
      {"take_ups", take_ups},
      {"n_roles", (double)m->by_role.n_rows},
      {"n_people", (double)m->by_manager.n_rows},
      {"n_neighbours", near->start ? (double)near->start[near->n_rows] : 0},
      {"n_fitted", m->n_fitted},
      {"shrinkage", m->shrinkage},
      {"weight_registered", m->weights.registered},
      {"weight_started", m->weights.started},
      {"weight_passed", m->weights.passed},
      {"weight_half_life_days", m->weights.half_life_days},
  };
  PFC_TRY(put_object(json, "baseline", &object, err));
  PFC_TRY(put_text(object, "kind", pfc_baseline_name(m->kind), err));
  PFC_TRY(put_numbers(object, numbers, COUNT(numbers), err));
done:
  return st;
}

static pfc_status put_certificates(cJSON *json, const pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *array = cJSON_AddArrayToObject(json, "certificates"), *entry;
  if (!array) return pfc_fail_memory(err, "JSON");
  for (int32_t i = 0; i < b->n_certificates; i++) {
    const pfc_certificate *c = &b->certificates[i];
    const number numbers[] = {
        {"n_rows", (double)c->n_rows},
        {"iterations", (double)c->iterations},
        {"objective", c->objective},
        {"gradient", c->gradient},
    };
    PFC_TRY(append_object(array, &entry, err));
    PFC_TRY(put_text(entry, "model", c->model, err));
    PFC_TRY(put_numbers(entry, numbers, COUNT(numbers), err));
    if (!cJSON_AddBoolToObject(entry, "converged", c->converged))
      return pfc_fail_memory(err, "JSON");
  }
done:
  return st;
}

static pfc_status put_metrics(cJSON *json, const pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *metrics;
  PFC_TRY(put_object(json, "metrics", &metrics, err));
  for (int32_t i = 0; i < b->n_metrics; i++) {
    cJSON *entry;
    const number numbers[] = {{"n_rows", (double)b->metrics[i].n_rows},
                              {"value", b->metrics[i].value}};
    PFC_TRY(put_object(metrics, b->metrics[i].name, &entry, err));
    PFC_TRY(put_numbers(entry, numbers, COUNT(numbers), err));
  }
done:
  return st;
}

pfc_status pfc_bundle_describe(const pfc_bundle *b, cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *object = cJSON_CreateObject();
  if (!object) return pfc_fail_memory(err, "JSON");
  PFC_TRY(put_provenance(object, b, err));
  PFC_TRY(put_dictionaries(object, b, err));
  if (b->has_affinity) PFC_TRY(put_affinity(object, b, err));
  if (b->has_success) PFC_TRY(put_success(object, b, err));
  if (b->has_accept || b->has_affinity) PFC_TRY(put_accept(object, b, err));
  if (b->has_time) PFC_TRY(put_hazard(object, "time", b, &b->time, PFC_N_CAUSES, err));
  if (b->has_anyway)
    PFC_TRY(put_hazard(object, "anyway", b, &b->anyway, PFC_PROFICIENT + 1, err));
  if (b->has_profile) PFC_TRY(put_profile(object, b, err));
  if (b->has_baseline) PFC_TRY(put_baseline(object, b, err));
  PFC_TRY(put_certificates(object, b, err));
  PFC_TRY(put_metrics(object, b, err));
  *json = object;
  object = NULL;
done:
  cJSON_Delete(object);
  return st;
}
