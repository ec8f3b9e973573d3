/* From figures to JSON: intervals, simpler judges beside, comparisons. */
#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "trainer/evaluate_internal.h"

double pfc__weighted_mean(int64_t n, const double *value, const double *weight) {
  double sum = 0, mass = 0;
  for (int64_t i = 0; i < n; i++) {
    const double w = weight ? weight[i] : 1;
    sum += w * value[i];
    mass += w;
  }
  return mass > 0 ? sum / mass : (double)NAN;
}

cJSON *pfc__put_object(cJSON *json, const char *name) {
  cJSON *there = cJSON_GetObjectItemCaseSensitive(json, name);
  return there ? there : cJSON_AddObjectToObject(json, name);
}

pfc_status pfc__leave_out(const pfc__evaluation *e, const pfc__contender *c,
                          const char *section, const pfc__missing *m, pfc_error *err) {
  char day[PFC_DATE_TEXT];
  pfc_error why = PFC_ERROR_INIT;
  pfc_date_format(m->first.date, day);
  const pfc_dict *people = pfc_dataset_find_dict(e->ds, "person");
  const pfc_dict *items = pfc_dataset_find_dict(e->ds, "intervention");
  const pfc_dict *aims = pfc_dataset_find_dict(e->ds, "competency");
  const pfc_status st =
      pfc_fail(&why, PFC_EDATA,
               "%s is missing for %lld of the %lld %s that are judged; the first is of "
               "person_id '%s', intervention_id '%s', competency_id '%s', date '%s'",
               m->column, (long long)m->missing, (long long)m->n, m->rows,
               people ? pfc_dict_text(people, m->first.person) : "",
               items ? pfc_dict_text(items, m->first.intervention) : "",
               aims ? pfc_dict_text(aims, m->first.competency) : "", day);
  if (!(c->is->predictions->kinds & PFC_PREDICTS_LISTS)) {
    return pfc_fail(err, st, "%s: %s", c->is->name, why.msg);
  }
  cJSON *left_out = pfc__put_object(c->json, "left_out");
  if (!left_out) return pfc_fail_memory(err, "figures");
  if (cJSON_HasObjectItem(left_out, section)) return PFC_OK; /* the first reason is enough */
  return pfc_json_put_text(left_out, section, why.msg, err);
}

pfc_status pfc__panel_open(const pfc__evaluation *e, pfc__panel *panel, pfc_error *err) {
  for (int i = 0; i < panel->n; i++) {
    char text[64];
    (void)snprintf(text, sizeof text, "%s", panel->section);
    cJSON *at = e->at[panel->who[i]].json;
    char *save = NULL;
    for (char *name = strtok_r(text, ".", &save); name; name = strtok_r(NULL, ".", &save)) {
      if (!(at = pfc__put_object(at, name))) return pfc_fail_memory(err, "figures");
    }
    panel->object[i] = at;
  }
  return PFC_OK;
}

/* --- one figure --------------------------------------------------------------------------- */

static pfc_status interval_of(const pfc__evaluation *e, const pfc__told *told, int i,
                              double *lo, double *hi, pfc_error *err) {
  *lo = *hi = NAN;
  if (!told->resample || isnan(told->value[i])) return PFC_OK;
  return pfc_percentile_interval(e->settings->resamples, told->resample + i, told->stride, lo,
                                 hi, err);
}

static pfc_status put_figure(const pfc__evaluation *e, const pfc__panel *panel,
                             const pfc__told *told, int i, pfc_error *err) {
  pfc_status st = PFC_OK;
  double lo, hi;
  PFC_TRY(interval_of(e, told, i, &lo, &hi, err));
  cJSON *figure = pfc__put_object(panel->object[i], told->name);
  if (!figure) return pfc_fail_memory(err, "figures");
  PFC_TRY(pfc_json_put_number(figure, "value", told->value[i], err));
  PFC_TRY(pfc_json_put_number(figure, "lo", lo, err));
  PFC_TRY(pfc_json_put_number(figure, "hi", hi, err));
  PFC_TRY(pfc_json_put_number(figure, "n", (double)told->n[i], err));
  cJSON *simpler = pfc__put_object(figure, "baselines");
  if (!simpler) return pfc_fail_memory(err, "figures");
  if (panel->baseline) {
    PFC_TRY(pfc_json_put_number(simpler, panel->baseline, told->simple, err));
  }
done:
  return st;
}

/* --- comparisons -------------------------------------------------------------------------- */

/* By how much a is better than b. */
static double gain_of(const char *better, double a, double b) {
  static const char NEARER[] = "nearer ";
  if (strcmp(better, "higher") == 0) return a - b;
  if (strcmp(better, "lower") == 0) return b - a;
  if (strncmp(better, NEARER, sizeof NEARER - 1) != 0) return NAN;
  const double ideal = strtod(better + sizeof NEARER - 1, NULL);
  return fabs(b - ideal) - fabs(a - ideal);
}

/* Standard deviation of the values that are numbers; NaN below two of them. */
static double spread(int n, const double *value) {
  double sum = 0, squares = 0;
  int there = 0;
  for (int i = 0; i < n; i++) {
    if (isnan(value[i])) continue;
    sum += value[i];
    there++;
  }
  for (int i = 0; i < n; i++)
    if (!isnan(value[i])) squares += (value[i] - sum / there) * (value[i] - sum / there);
  return there < 2 ? (double)NAN : sqrt(squares / (there - 1));
}

static pfc_status compare(pfc__evaluation *e, const pfc__panel *panel, const pfc__told *told,
                          int i, double *difference, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int n = told->resample ? e->settings->resamples : 0;
  pfc__comparison c = {.better = told->better,
                       .against = panel->who[i],
                       .n = told->n[i] < told->n[0] ? told->n[i] : told->n[0],
                       .value = {told->value[0], told->value[i]},
                       .difference = told->value[0] - told->value[i],
                       .gain = gain_of(told->better, told->value[0], told->value[i])};
  (void)snprintf(c.figure, sizeof c.figure, "%s.%s", panel->section, told->name);
  for (int r = 0; r < n; r++) {
    const double *at = told->resample + (int64_t)r * told->stride;
    difference[r] = at[0] - at[i];
  }
  PFC_TRY(pfc_percentile_interval(n, difference, 1, &c.lo, &c.hi, err));
  c.p = pfc_bootstrap_p(n, difference);
  for (int r = 0; r < n; r++) {
    const double *at = told->resample + (int64_t)r * told->stride;
    difference[r] = gain_of(told->better, at[0], at[i]);
  }
  c.error = spread(n, difference);
  PFC_RESERVE(e->comparisons, e->capacity, e->n_comparisons + 1);
  e->comparisons[e->n_comparisons++] = c;
done:
  return st;
}

pfc_status pfc__tell_figure(pfc__evaluation *e, const pfc__panel *panel, const pfc__told *told,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  double *difference = NULL;
  for (int i = 0; i < panel->n; i++) PFC_TRY(put_figure(e, panel, told, i, err));
  if (panel->n < 2 || panel->who[0] != 0 || !told->better) goto done;
  PFC_NEW(difference, e->settings->resamples);
  for (int i = 1; i < panel->n; i++) PFC_TRY(compare(e, panel, told, i, difference, err));
done:
  pfc_free(difference);
  return st;
}

static pfc_status put_comparison(const pfc__evaluation *e, const pfc__comparison *c,
                                 double p_holm, cJSON *list, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *object = cJSON_CreateObject();
  if (!object || !cJSON_AddItemToArray(list, object)) {
    cJSON_Delete(object);
    return pfc_fail_memory(err, "comparisons");
  }
  PFC_TRY(pfc_json_put_text(object, "figure", c->figure, err));
  PFC_TRY(pfc_json_put_text(object, "model", e->at[0].is->name, err));
  PFC_TRY(pfc_json_put_text(object, "against", e->at[c->against].is->name, err));
  PFC_TRY(pfc_json_put_text(object, "better", c->better, err));
  PFC_TRY(pfc_json_put_number(object, "difference", c->difference, err));
  PFC_TRY(pfc_json_put_number(object, "lo", c->lo, err));
  PFC_TRY(pfc_json_put_number(object, "hi", c->hi, err));
  PFC_TRY(pfc_json_put_number(object, "p", c->p, err));
  PFC_TRY(pfc_json_put_number(object, "p_holm", p_holm, err));
  PFC_TRY(pfc_json_put_number(object, "n", (double)c->n, err));
done:
  return st;
}

pfc_status pfc__tell_comparisons(const pfc__evaluation *e, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *p = NULL, *holm = NULL;
  cJSON *list = cJSON_AddArrayToObject(json, "comparisons");
  if (!list) return pfc_fail_memory(err, "comparisons");
  PFC_NEW(p, e->n_comparisons);
  PFC_NEW(holm, e->n_comparisons);
  for (int64_t c = 0; c < e->n_comparisons; c++) p[c] = e->comparisons[c].p;
  PFC_TRY(pfc_holm((int)e->n_comparisons, p, holm, err));
  for (int64_t c = 0; c < e->n_comparisons; c++) {
    PFC_TRY(put_comparison(e, &e->comparisons[c], holm[c], list, err));
  }
done:
  pfc_free(p);
  pfc_free(holm);
  return st;
}

/* --- figures of rows ---------------------------------------------------------------------- */

typedef struct members {
  const pfc__panel *panel;
  pfc__figure_fn fn;
} members;

static pfc_status of_all(const double *weight, void *user, double *value, pfc_error *err) {
  const members *m = user;
  for (int i = 0; i < m->panel->n; i++) {
    const pfc_status st = m->fn(weight, m->panel->judged[i], &value[i], err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

static bool is_told(const pfc__panel *panel, const pfc__told *told) {
  for (int i = 0; i < panel->n; i++) {
    if (!isnan(told->value[i])) return true;
  }
  return false;
}

pfc_status pfc__put_figure(pfc__evaluation *e, const pfc__panel *panel,
                           const pfc__figure *figure, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evaluate_settings *s = e->settings;
  double *resample = NULL;
  members m = {panel, figure->fn};
  pfc__told told = {
      .name = figure->name, .better = figure->better, .simple = NAN, .stride = panel->n};
  for (int i = 0; i < panel->n; i++) told.n[i] = panel->rows.n;
  PFC_TRY(of_all(NULL, &m, told.value, err));
  if (panel->baseline) PFC_TRY(figure->fn(NULL, panel->simple, &told.simple, err));
  const bool wanted = !e->wants || e->wants(panel->section, figure->name);
  if (s->resamples > 0 && wanted && is_told(panel, &told)) {
    PFC_NEW(resample, (int64_t)s->resamples * panel->n);
    PFC_TRY(pfc_bootstrap(&panel->rows, panel->n, s->resamples, s->seed, of_all, &m, resample,
                          err));
    told.resample = resample;
  }
  PFC_TRY(pfc__tell_figure(e, panel, &told, err));
done:
  pfc_free(resample);
  return st;
}
