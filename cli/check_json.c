/* The report as JSON: docs/FORMATS.md names every key. */
#include <math.h>

#include "base/json.h"
#include "cli/check.h"

static pfc_status put_bool(cJSON *object, const char *key, bool value, pfc_error *err) {
  return cJSON_AddBoolToObject(object, key, value) ? PFC_OK : pfc_fail_memory(err, "report");
}

static pfc_status put_count(cJSON *object, const char *key, int64_t n, pfc_error *err) {
  return pfc_json_put_number(object, key, n == NO_INT ? (double)NAN : (double)n, err);
}

/* Null without rows. */
static pfc_status put_share(cJSON *object, const char *key, int64_t n, int64_t of,
                            pfc_error *err) {
  return pfc_json_put_number(object, key, of > 0 ? (double)n / (double)of : (double)NAN, err);
}

static pfc_status put_latest(const check_report *r, cJSON *object, int32_t latest,
                             pfc_error *err) {
  char date[PFC_DATE_TEXT];
  pfc_date_format(latest, date);
  const pfc_status st = pfc_json_put_text(object, "latest_date", date, err);
  return st == PFC_OK ? put_count(object, "age_days", check_age(r, latest), err) : st;
}

static pfc_status put_columns(const check_report *r, pfc_table_id table, int64_t n_rows,
                              cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *columns = json_array(object, "columns", err);
  if (!columns) return PFC_ENOMEM;
  for (int k = 0; k < r->quality->n_columns; k++) {
    const pfc_quality_column *c = &r->quality->columns[k];
    if (c->table != table) continue;
    cJSON *item = json_element(columns, err);
    if (!item) return PFC_ENOMEM;
    PFC_TRY(pfc_json_put_text(item, "name", c->name, err));
    PFC_TRY(put_bool(item, "given", c->is_there, err));
    PFC_TRY(put_bool(item, "may_be_empty", c->is_open, err));
    PFC_TRY(put_count(item, "missing", c->n_missing, err));
    PFC_TRY(put_share(item, "missing_share", c->n_missing, n_rows, err));
  }
done:
  return st;
}

static pfc_status put_tables(const check_report *r, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *tables = json_array(json, "tables", err);
  if (!tables) return PFC_ENOMEM;
  for (int k = 0; k < r->quality->n_tables; k++) {
    const pfc_quality_table *t = &r->quality->tables[k];
    cJSON *item = json_element(tables, err);
    if (!item) return PFC_ENOMEM;
    PFC_TRY(pfc_json_put_text(item, "table", pfc_schema(t->table)->name, err));
    PFC_TRY(put_count(item, "rows", t->n_rows, err));
    PFC_TRY(put_count(item, "rows_read", t->rows_read, err));
    PFC_TRY(put_count(item, "rows_rejected", t->rows_rejected, err));
    PFC_TRY(put_latest(r, item, t->latest, err));
    PFC_TRY(put_columns(r, t->table, t->n_rows, item, err));
  }
done:
  return st;
}

static pfc_status put_feeds(const check_report *r, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *feeds = json_array(json, "feeds", err);
  if (!feeds) return PFC_ENOMEM;
  for (int k = 0; k < r->quality->n_feeds; k++) {
    const pfc_quality_feed *f = &r->quality->feeds[k];
    cJSON *item = json_element(feeds, err);
    if (!item) return PFC_ENOMEM;
    PFC_TRY(pfc_json_put_text(item, "table", pfc_schema(f->table)->name, err));
    PFC_TRY(pfc_json_put_text(item, "by", f->by, err));
    PFC_TRY(pfc_json_put_text(item, "value", f->word, err));
    PFC_TRY(put_count(item, "rows", f->n_rows, err));
    PFC_TRY(put_latest(r, item, f->latest, err));
  }
done:
  return st;
}

/* --- contradictions ------------------------------------------------------------------ */

static pfc_status put_examples(const pfc_quality_finding *f, cJSON *item, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *examples = json_array(item, "examples", err);
  if (!examples) return PFC_ENOMEM;
  for (int k = 0; k < f->n_examples; k++) {
    cJSON *example = json_element(examples, err);
    if (!example) return PFC_ENOMEM;
    PFC_TRY(put_count(example, "row", f->example[k].row, err));
    PFC_TRY(pfc_json_put_text(example, "text", f->example[k].text, err));
  }
done:
  return st;
}

static pfc_status put_findings(const check_report *r, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *findings = json_array(json, "contradictions", err);
  if (!findings) return PFC_ENOMEM;
  for (int k = 0; k < r->quality->n_findings; k++) {
    const pfc_quality_finding *f = &r->quality->findings[k];
    cJSON *item = json_element(findings, err);
    if (!item) return PFC_ENOMEM;
    PFC_TRY(pfc_json_put_text(item, "name", f->name, err));
    PFC_TRY(pfc_json_put_text(item, "table", pfc_schema(f->table)->name, err));
    PFC_TRY(pfc_json_put_text(item, "meaning", f->meaning, err));
    PFC_TRY(put_bool(item, "checked", f->is_checked, err));
    PFC_TRY(pfc_json_put_text(item, "lacks", f->lacks, err));
    PFC_TRY(put_count(item, "n", f->n, err));
    PFC_TRY(put_count(item, "of", f->of, err));
    PFC_TRY(put_share(item, "share", f->n, f->of, err));
    PFC_TRY(put_examples(f, item, err));
  }
done:
  return st;
}

/* --- coverage and sources ------------------------------------------------------------ */

static pfc_status put_coverage(const check_report *r, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_quality_coverage *c = &r->quality->coverage;
  cJSON *item = json_object(json, "coverage", err);
  if (!item) return PFC_ENOMEM;
  PFC_TRY(put_count(item, "people", c->n_people, err));
  PFC_TRY(put_count(item, "people_without_assessment", c->n_people_none, err));
  PFC_TRY(put_count(item, "required_cells", c->n_cells, err));
  PFC_TRY(put_count(item, "assessed_cells", c->n_assessed, err));
  PFC_TRY(put_share(item, "assessed_share", c->n_assessed, c->n_cells, err));
  PFC_TRY(put_count(item, "assessed_by_others", c->n_by_others, err));
  PFC_TRY(put_share(item, "assessed_by_others_share", c->n_by_others, c->n_cells, err));
  PFC_TRY(put_count(item, "competencies", c->n_competencies, err));
  PFC_TRY(put_count(item, "competencies_assessed", c->n_comp_assessed, err));
  PFC_TRY(put_count(item, "competencies_required", c->n_required, err));
  PFC_TRY(put_count(item, "required_without_assessment", c->n_unassessed, err));
  PFC_TRY(put_count(item, "required_without_target", c->n_untargeted, err));
  cJSON *examples = json_array(item, "examples_without_assessment", err);
  if (!examples) return PFC_ENOMEM;
  for (int k = 0; k < c->n_examples; k++) {
    if (!cJSON_AddItemToArray(examples, cJSON_CreateString(c->example[k])))
      return pfc_fail_memory(err, "report");
  }
done:
  return st;
}

static pfc_status put_sources(const check_report *r, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *sources = json_array(json, "sources", err);
  if (!sources) return PFC_ENOMEM;
  for (int k = 0; k < r->quality->n_sources; k++) {
    const pfc_quality_source *s = &r->quality->sources[k];
    cJSON *item = json_element(sources, err);
    if (!item) return PFC_ENOMEM;
    PFC_TRY(pfc_json_put_text(item, "source", s->source, err));
    PFC_TRY(put_bool(item, "anchor", s->is_anchor, err));
    PFC_TRY(put_bool(item, "connected", s->is_connected, err));
    PFC_TRY(put_count(item, "rows", s->n_rows, err));
    PFC_TRY(put_count(item, "cells", s->n_cells, err));
    PFC_TRY(put_count(item, "shared_with_anchor", s->n_shared, err));
  }
done:
  return st;
}

/* --- models -------------------------------------------------------------------------- */

static pfc_status put_events(const pfc_ready_model *m, cJSON *item, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *events = json_array(item, "events", err);
  if (!events) return PFC_ENOMEM;
  for (int k = 0; k < m->n_events; k++) {
    cJSON *event = json_element(events, err);
    if (!event) return PFC_ENOMEM;
    PFC_TRY(pfc_json_put_text(event, "name", m->events[k].name, err));
    PFC_TRY(put_count(event, "n", m->events[k].n, err));
    PFC_TRY(pfc_json_put_number(event, "per_variable", m->events[k].per_variable, err));
  }
done:
  return st;
}

static pfc_status put_facts(const pfc_ready_model *m, cJSON *item, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *facts = json_array(item, "facts", err);
  if (!facts) return PFC_ENOMEM;
  for (int k = 0; k < m->n_facts; k++) {
    const pfc_ready_fact *f = &m->facts[k];
    cJSON *fact = json_element(facts, err);
    if (!fact) return PFC_ENOMEM;
    PFC_TRY(pfc_json_put_text(fact, "name", f->name, err));
    PFC_TRY(put_count(fact, "n", f->n, err));
    PFC_TRY(put_count(fact, "of", f->of > 0 ? f->of : NO_INT, err));
    PFC_TRY(put_share(fact, "share", f->n, f->of, err));
  }
  PFC_TRY(pfc_json_put_text(item, "remark", m->remark, err));
done:
  return st;
}

static pfc_status put_model(const check_report *r, const pfc_ready_model *m, cJSON *item,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_json_put_text(item, "verdict", pfc_verdict_name(m->verdict), err));
  PFC_TRY(put_bool(item, "required", (r->required & m->bit) != 0, err));
  PFC_TRY(put_count(item, "rows", m->n_rows, err));
  PFC_TRY(pfc_json_put_text(item, "reason", m->reason, err));
  PFC_TRY(pfc_json_put_text(item, "change", m->change, err));
  cJSON *warnings = json_array(item, "warnings", err);
  if (!warnings) return PFC_ENOMEM;
  for (int k = 0; k < m->n_warnings; k++) {
    if (!cJSON_AddItemToArray(warnings, cJSON_CreateString(m->warning[k])))
      return pfc_fail_memory(err, "report");
  }
  PFC_TRY(put_events(m, item, err));
  PFC_TRY(put_facts(m, item, err));
  PFC_TRY(put_count(item, "columns", m->n_columns, err));
  PFC_TRY(put_count(item, "variables", m->n_variables, err));
done:
  return st;
}

static pfc_status put_models(const check_report *r, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  bool ready = true;
  cJSON *models = json_object(json, "models", err);
  if (!models) return PFC_ENOMEM;
  for (int k = 0; k < r->readiness.n_models; k++) {
    const pfc_ready_model *m = &r->readiness.models[k];
    cJSON *item = json_object(models, m->model, err);
    if (!item) return PFC_ENOMEM;
    PFC_TRY(put_model(r, m, item, err));
    ready = ready && !check_fails(r, m);
  }
  PFC_TRY(put_bool(json, "ready", ready, err));
done:
  return st;
}

pfc_status check_json(const check_report *r, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  char date[PFC_DATE_TEXT];
  pfc_date_format(r->quality->as_of, date);
  PFC_TRY(pfc_json_put_text(json, "file", r->file, err));
  PFC_TRY(pfc_json_put_text(json, "sha256", r->ds->sha256, err));
  PFC_TRY(pfc_json_put_text(json, "as_of", date, err));
  PFC_TRY(put_bool(json, "as_of_given", r->as_of_given, err));
  PFC_TRY(pfc_json_put_text(json, "training_rows", r->rows, err));
  PFC_TRY(put_models(r, json, err));
  PFC_TRY(put_findings(r, json, err));
  PFC_TRY(put_coverage(r, json, err));
  PFC_TRY(put_bool(json, "levels_absolute", r->quality->is_absolute, err));
  PFC_TRY(put_sources(r, json, err));
  PFC_TRY(put_tables(r, json, err));
  PFC_TRY(put_feeds(r, json, err));
done:
  return st;
}
