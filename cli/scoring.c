#include "cli/scoring.h"

#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "cli/absorbed.h"

pfc_status scoring_load(common *c, scoring *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_bundle_load(c->args[0], &s->bundle, err));
  PFC_TRY(absorbed_load(c, c->args[1], &s->ds, err));
  s->by_days = c->settings.scorer.by_days;
  s->horizon_days = s->bundle->has_time ? s->bundle->time.horizon_days : (double)NAN;
done:
  return st;
}

/* A model of another organisation answers too, from what it knows of everybody: a slip that
 * nothing else would tell. */
static void note_strangers(common *c, const scoring *s) {
  const pfc_dict *known = pfc_bundle_dict(s->bundle, "intervention");
  const int32_t n = s->interventions ? pfc_dict_size(s->interventions) : 0;
  for (int32_t i = 0; i < n; i++) {
    if (!known || pfc_dict_find(known, pfc_dict_text(s->interventions, i)) >= 0) return;
  }
  if (n > 0) {
    common_note(
        c, "the model knows none of the interventions of %s: was it trained on other data?",
        c->args[1]);
  }
}

pfc_status scoring_begin(common *c, scoring *s, int include_closed, pfc_error *err) {
  pfc_scorer_settings *how = &c->settings.scorer;
  how->as_of = c->as_of;
  how->include_closed = include_closed;
  const pfc_status st = pfc_scorer_create(s->bundle, s->ds, how, &s->scorer, err);
  s->people = pfc_dataset_find_dict(s->ds, "person");
  s->interventions = pfc_dataset_find_dict(s->ds, "intervention");
  s->competencies = pfc_dataset_find_dict(s->ds, "competency");
  if (st == PFC_OK) note_strangers(c, s);
  return st;
}

void scoring_clear(scoring *s) {
  pfc_scorer_destroy(s->scorer);
  pfc_dataset_destroy(s->ds);
  pfc_bundle_destroy(s->bundle);
}

void by_name(double days, char text[BY_NAME]) {
  (void)snprintf(text, BY_NAME, "p_by_%.12gd", days);
}

const char *cold_text(int cold) {
  static const char *const WORDS[] = {"none", "person", "intervention", "both"};
  return WORDS[cold & (PFC_COLD_PERSON | PFC_COLD_INTERVENTION)];
}

const char *intervention_text(const scoring *s, int32_t intervention, const char *column) {
  const int64_t row = pfc_scorer_catalogue(s->scorer)->row[intervention];
  const pfc_column *texts = pfc_dataset_column(s->ds, PFC_INTERVENTIONS, column);
  if (row < 0 || !texts || texts->type != PFC_CODE) return "";
  return pfc_dict_text(texts->dict, texts->code[row]);
}

/* Import gives row i of table competencies the code i. */
const char *competency_text(const scoring *s, int32_t competency) {
  const int32_t *ids = pfc_dataset_codes(s->ds, PFC_COMPETENCIES, "competency_id");
  const pfc_column *names = pfc_dataset_column(s->ds, PFC_COMPETENCIES, "name");
  const bool is_listed = ids && names && names->type == PFC_CODE && competency >= 0 &&
                         competency < s->ds->tables[PFC_COMPETENCIES].n_rows &&
                         ids[competency] == competency && names->code[competency] >= 0;
  return is_listed ? pfc_dict_text(names->dict, names->code[competency])
                   : pfc_dict_text(s->competencies, competency);
}

pfc_status scoring_put(const common *c, const scoring *s, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  char date[PFC_DATE_TEXT];
  pfc_date_format(pfc_scorer_as_of(s->scorer), date);
  PFC_TRY(pfc_json_put_text(json, "model", c->args[0], err));
  PFC_TRY(pfc_json_put_text(json, "model_version", s->bundle->version, err));
  PFC_TRY(pfc_json_put_text(json, "dataset", c->args[1], err));
  PFC_TRY(pfc_json_put_text(json, "as_of", date, err));
  PFC_TRY(pfc_json_put_number(json, "candidates", pfc_scorer_n_candidates(s->scorer), err));
  PFC_TRY(pfc_json_put_number(json, "unknown_people", (double)c->n_unknown_people, err));
  if (c->output) PFC_TRY(pfc_json_put_text(json, "output", c->output, err));
done:
  return st;
}

pfc_status scoring_print(const common *c, const scoring *s, const char *asked, int64_t n_asked,
                         int64_t n_rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(scoring_put(c, s, json, err));
  PFC_TRY(pfc_json_put_number(json, asked, (double)n_asked, err));
  PFC_TRY(pfc_json_put_number(json, "rows", (double)n_rows, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}
