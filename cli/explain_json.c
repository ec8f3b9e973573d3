/* An explanation as an object: docs/FORMATS.md, "explain", names its keys. */
#include <math.h>

#include "base/json.h"
#include "cli/explain_report.h"
#include "models/logistic.h"

/* Text, or null where there is none. */
static pfc_status put_text(cJSON *json, const char *key, const char *text, pfc_error *err) {
  if (text[0]) return pfc_json_put_text(json, key, text, err);
  return cJSON_AddNullToObject(json, key) ? PFC_OK : pfc_fail_memory(err, "report");
}

static pfc_status put_flag(cJSON *json, const char *key, bool value, pfc_error *err) {
  return cJSON_AddBoolToObject(json, key, value) ? PFC_OK : pfc_fail_memory(err, "report");
}

static pfc_status put_date(cJSON *json, const char *key, int32_t day, pfc_error *err) {
  char text[PFC_DATE_TEXT];
  return put_text(json, key, explain_date(day, text), err);
}

static pfc_status put_intervention(const explain_view *v, cJSON *json, const char *key,
                                   int32_t i, pfc_error *err) {
  return put_text(json, key, explain_id(v, "intervention", i), err);
}

static pfc_status put_competency(const explain_view *v, cJSON *json, int32_t c,
                                 pfc_error *err) {
  return put_text(json, "competency_id", explain_id(v, "competency", c), err);
}

typedef struct figure {
  const char *key;
  double value;
} figure;

static pfc_status put_figures(cJSON *json, int n, const figure *figures, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < n; k++) {
    PFC_TRY(pfc_json_put_number(json, figures[k].key, figures[k].value, err));
  }
done:
  return st;
}
#define PUT(json, err, ...)                                                  \
  put_figures(json, (int)(sizeof((figure[]){__VA_ARGS__}) / sizeof(figure)), \
              (figure[]){__VA_ARGS__}, err)

/* Names the array and begins its next element: leaves through done when memory is short. */
#define NEW_ARRAY(array, json, key)                                      \
  do {                                                                   \
    if (!((array) = json_array(json, key, err))) return err_status(err); \
  } while (0)
#define NEW_ELEMENT(item, array)                                      \
  do {                                                                \
    if (!((item) = json_element(array, err))) return err_status(err); \
  } while (0)
static pfc_status err_status(pfc_error *err) { return pfc_fail_memory(err, "report"); }

/* --- the head -------------------------------------------------------------------------------
 */

static pfc_status put_score(const explain_view *v, cJSON *json, pfc_error *err) {
  const pfc_score *s = &v->x->score;
  return PUT(json, err, {"value", s->value}, {"accept", s->accept}, {"affinity", s->affinity},
             {"p_success", s->p_success}, {"incidence", s->incidence},
             {"p10_days", s->quantile_days[0]}, {"p50_days", s->quantile_days[1]},
             {"p90_days", s->quantile_days[2]}, {"horizon_days", v->s->horizon_days},
             {"discount", s->discount}, {"anyway", s->anyway}, {"teaches", s->teaches},
             {"gap", s->gap}, {"gap_closed", s->gap_closed}, {"price", s->price});
}

static pfc_status put_must(const explain_view *v, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_must *must = &v->x->must;
  if (!v->x->is_must) return put_text(json, "must", "", err);
  cJSON *object = json_object(json, "must", err);
  if (!object) return err_status(err);
  const bool is_forced = must->override_row >= 0;
  PFC_TRY(pfc_json_put_text(object, "why", is_forced ? "override" : "mandate", err));
  PFC_TRY(put_date(object, "due_on", must->due_on, err));
  PFC_TRY(put_text(object, "actor", explain_cell(v, PFC_OVERRIDES, "actor", must->override_row),
                   err));
  PFC_TRY(put_text(object, "reason",
                   explain_cell(v, PFC_OVERRIDES, "reason", must->override_row), err));
done:
  return st;
}

static pfc_status put_neighbour(const explain_view *v, cJSON *json, const char *key, int32_t i,
                                double value, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (i < 0) return put_text(json, key, "", err);
  cJSON *object = json_object(json, key, err);
  if (!object) return err_status(err);
  PFC_TRY(put_intervention(v, object, "intervention_id", i, err));
  PFC_TRY(pfc_json_put_number(object, "value", value, err));
done:
  return st;
}

static pfc_status put_head(const explain_view *v, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_explanation *x = v->x;
  PFC_TRY(pfc_json_put_text(json, "model", v->c->args[0], err));
  PFC_TRY(pfc_json_put_text(json, "model_version", v->s->bundle->version, err));
  PFC_TRY(pfc_json_put_text(json, "dataset", v->c->args[1], err));
  PFC_TRY(put_text(json, "as_of", v->as_of, err));
  PFC_TRY(pfc_json_put_text(json, "decision_id", v->id, err));
  PFC_TRY(pfc_json_put_text(json, "person_id", explain_id(v, "person", x->person), err));
  PFC_TRY(put_intervention(v, json, "intervention_id", x->intervention, err));
  PFC_TRY(pfc_json_put_text(json, "title", explain_intervention(v, x->intervention), err));
  PFC_TRY(put_flag(json, "allowed", x->is_allowed, err));
  PFC_TRY(put_must(v, json, err));
  PFC_TRY(
      PUT(json, err, {"rank", x->rank > 0 ? x->rank : (double)NAN}, {"ranked", x->n_ranked}));
  PFC_TRY(put_neighbour(v, json, "above", x->above, x->above_value, err));
  PFC_TRY(put_neighbour(v, json, "below", x->below, x->below_value, err));
  PFC_TRY(put_score(v, json, err));
  PFC_TRY(pfc_json_put_text(json, "cold_start", cold_text(x->score.cold), err));
done:
  return st;
}

/* --- value ----------------------------------------------------------------------------------
 */

static pfc_status put_term(const explain_view *v, cJSON *array, const pfc_term *term,
                           double accept, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_catalogue *cat = pfc_scorer_catalogue(v->s->scorer);
  cJSON *item;
  NEW_ELEMENT(item, array);
  PFC_TRY(pfc_json_put_text(item, "term", "target", err));
  PFC_TRY(put_competency(v, item, cat->competency[term->target], err));
  PFC_TRY(PUT(item, err, {"amount", accept * term->brings},
              {"to_level", cat->to_level[term->target]}, {"levels", term->levels},
              {"worth", term->worth}, {"success", term->success}, {"discount", term->discount},
              {"anyway", term->anyway}, {"brings", term->brings}));
done:
  return st;
}

static pfc_status put_price(cJSON *array, const char *term, double amount, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *item;
  if (amount == 0) return PFC_OK;
  NEW_ELEMENT(item, array);
  PFC_TRY(pfc_json_put_text(item, "term", term, err));
  PFC_TRY(pfc_json_put_number(item, "amount", amount, err));
done:
  return st;
}

/* They add up to the value. */
static pfc_status put_terms(const explain_view *v, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_explanation *x = v->x;
  const double accept = isnan(x->score.accept) ? 1 : x->score.accept;
  cJSON *array;
  NEW_ARRAY(array, json, "value_terms");
  for (int k = 0; k < x->n_terms; k++) PFC_TRY(put_term(v, array, &x->term[k], accept, err));
  PFC_TRY(put_price(array, "cost", -accept * x->price_of_cost, err));
  PFC_TRY(put_price(array, "hours", -accept * x->price_of_hours, err));
done:
  return st;
}

static pfc_status put_gap(const explain_view *v, cJSON *array, const pfc_gap *g,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *item;
  NEW_ELEMENT(item, array);
  PFC_TRY(put_competency(v, item, g->competency, err));
  PFC_TRY(put_text(item, "role_id", explain_id(v, "role", g->role), err));
  PFC_TRY(PUT(item, err, {"level", g->level}, {"level_sd", g->level_sd},
              {"required", g->required}, {"expected_shortfall", g->shortfall},
              {"p_gap", g->p_gap}, {"importance", g->importance},
              {"criticality", g->criticality}, {"demand", g->demand},
              {"compliance", g->compliance}, {"vacancies", g->vacancies}, {"goal", g->goal},
              {"weight", pfc_gap_weight(g)}, {"priority", g->priority}));
done:
  return st;
}

static pfc_status put_gaps(const explain_view *v, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_person_gaps *gaps = v->x->gaps;
  const pfc_catalogue *cat = pfc_scorer_catalogue(v->s->scorer);
  const int32_t i = v->x->intervention;
  cJSON *array;
  NEW_ARRAY(array, json, "gaps");
  for (int32_t k = 0; gaps && k < gaps->n; k++) {
    const int32_t t = pfc_catalogue_target(cat, i, gaps->at[k].competency);
    if (cat->competency[t] != gaps->at[k].competency) continue;
    PFC_TRY(put_gap(v, array, &gaps->at[k], err));
  }
done:
  return st;
}

/* --- models ---------------------------------------------------------------------------------
 */

static pfc_status put_part(const explain_view *v, cJSON *array, const pfc_breakdown *b,
                           const pfc_part *part, pfc_error *err) {
  static const char *const KINDS[] = {"intercept", "", "affinity", "calibration"};
  pfc_status st = PFC_OK;
  char column[256] = "";
  cJSON *item;
  NEW_ELEMENT(item, array);
  if (part->kind == PFC_PART_COLUMN) {
    pfc_features_column_name(b->features, v->s->bundle->dicts, v->s->bundle->n_dicts,
                             part->column, column);
  }
  PFC_TRY(pfc_json_put_text(item, "group", part->field ? part->field->group : KINDS[part->kind],
                            err));
  PFC_TRY(put_text(item, "name", column, err));
  PFC_TRY(pfc_json_put_number(item, "amount", part->amount, err));
done:
  return st;
}

static pfc_status put_breakdown(const explain_view *v, cJSON *array, const pfc_breakdown *b,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_catalogue *cat = pfc_scorer_catalogue(v->s->scorer);
  const bool is_chance = b->told == PFC_TOLD_ACCEPT || b->told == PFC_TOLD_SUCCESS;
  cJSON *item, *parts;
  NEW_ELEMENT(item, array);
  PFC_TRY(pfc_json_put_text(item, "model", pfc_told_name(b->told), err));
  PFC_TRY(put_competency(v, item, b->target < 0 ? -1 : cat->competency[b->target], err));
  PFC_TRY(PUT(item, err, {"log_odds", b->served}, {"sum", b->sum}, {"size", b->size},
              {"probability", is_chance ? pfc_logistic(b->served) : (double)NAN}));
  NEW_ARRAY(parts, item, "parts");
  for (int k = 0; k < b->n; k++) PFC_TRY(put_part(v, parts, b, &b->part[k], err));
done:
  return st;
}

static pfc_status put_models(const explain_view *v, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *array;
  NEW_ARRAY(array, json, "models");
  for (int k = 0; k < v->x->n_breakdowns; k++) {
    const pfc_breakdown *b = &v->x->breakdown[k];
    if (explain_shows(b)) PFC_TRY(put_breakdown(v, array, b, err));
  }
done:
  return st;
}

/* --- what if --------------------------------------------------------------------------------
 */

static pfc_status put_what_if(const explain_view *v, cJSON *array, const pfc_what_if *w,
                              pfc_error *err) {
  static const char *const NAMES[] = {"level", "rule", "rules", "hours", "accept"};
  pfc_status st = PFC_OK;
  cJSON *item;
  NEW_ELEMENT(item, array);
  PFC_TRY(pfc_json_put_text(item, "what", NAMES[w->what], err));
  PFC_TRY(put_competency(v, item, w->competency, err));
  PFC_TRY(put_text(item, "rule", w->what == PFC_IF_RULE ? pfc_rule_name(w->rule) : "", err));
  PFC_TRY(PUT(item, err, {"value", w->value}, {"rank", w->rank > 0 ? w->rank : (double)NAN}));
  PFC_TRY(put_intervention(v, item, "first", w->first, err));
done:
  return st;
}

static pfc_status put_what_ifs(const explain_view *v, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *array;
  NEW_ARRAY(array, json, "what_if");
  for (int k = 0; k < v->x->n_what_ifs; k++) {
    PFC_TRY(put_what_if(v, array, &v->x->what_if[k], err));
  }
done:
  return st;
}

/* --- evidence and rules ---------------------------------------------------------------------
 */

static pfc_status put_heard(const explain_view *v, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *array, *item;
  NEW_ARRAY(array, json, "assessments");
  for (int k = 0; k < v->x->n_heard; k++) {
    const pfc_heard *h = &v->x->heard[k];
    NEW_ELEMENT(item, array);
    PFC_TRY(put_competency(v, item, h->competency, err));
    PFC_TRY(put_text(item, "source", explain_id(v, "source", h->source), err));
    PFC_TRY(put_date(item, "on", h->day, err));
    PFC_TRY(PUT(item, err, {"level", h->level}, {"noise_sd", h->noise}));
  }
done:
  return st;
}

static pfc_status put_lessons(const explain_view *v, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *array, *item;
  NEW_ARRAY(array, json, "lessons");
  for (int k = 0; k < v->x->n_lessons; k++) {
    const pfc_lesson *l = &v->x->lesson[k];
    NEW_ELEMENT(item, array);
    PFC_TRY(put_competency(v, item, l->competency, err));
    PFC_TRY(put_intervention(v, item, "intervention_id", l->intervention, err));
    PFC_TRY(put_date(item, "started_on", l->start, err));
    PFC_TRY(put_date(item, "ended_on", l->end, err));
    PFC_TRY(pfc_json_put_number(item, "to_level", l->to_level, err));
  }
done:
  return st;
}

static pfc_status put_holdout(const explain_view *v, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *array, *item;
  NEW_ARRAY(array, json, "holdout");
  for (int32_t k = 0; k < v->s->bundle->n_metrics; k++) {
    const pfc_metric *m = &v->s->bundle->metrics[k];
    NEW_ELEMENT(item, array);
    PFC_TRY(pfc_json_put_text(item, "name", m->name, err));
    PFC_TRY(PUT(item, err, {"value", m->value}, {"rows", (double)m->n_rows}));
  }
done:
  return st;
}

static pfc_status put_evidence(const explain_view *v, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_explanation *x = v->x;
  cJSON *object = json_object(json, "evidence", err);
  if (!object) return err_status(err);
  PFC_TRY(PUT(object, err, {"starts", (double)x->starts}, {"results", (double)x->results},
              {"passes", (double)x->passes}, {"starts_alike", (double)x->starts_alike}));
  PFC_TRY(put_heard(v, object, err));
  PFC_TRY(put_lessons(v, object, err));
  PFC_TRY(put_holdout(v, object, err));
done:
  return st;
}

static pfc_status put_fact(const explain_view *v, cJSON *array, const pfc_rule_fact *f,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  const bool is_said = f->rule == PFC_RULE_BLOCKED || f->rule == PFC_RULE_DECLINED;
  const pfc_table_id table = f->rule == PFC_RULE_DECLINED ? PFC_FEEDBACK : PFC_OVERRIDES;
  cJSON *item;
  NEW_ELEMENT(item, array);
  PFC_TRY(pfc_json_put_text(item, "rule", pfc_rule_name(f->rule), err));
  PFC_TRY(pfc_json_put_number(item, "row", f->row >= 0 ? (double)f->row + 1 : NAN, err));
  PFC_TRY(put_intervention(v, item, "intervention_id", f->intervention, err));
  PFC_TRY(put_competency(v, item, f->competency, err));
  PFC_TRY(put_text(item, "role_id", explain_id(v, "role", f->role), err));
  PFC_TRY(put_text(item, "unit_id", explain_id(v, "unit", f->unit), err));
  PFC_TRY(put_date(item, "on", f->day, err));
  PFC_TRY(PUT(item, err, {"asked", f->asked}, {"have", f->have}));
  PFC_TRY(put_text(item, "actor", is_said ? explain_cell(v, table, "actor", f->row) : "", err));
  PFC_TRY(
      put_text(item, "reason", is_said ? explain_cell(v, table, "reason", f->row) : "", err));
done:
  return st;
}

static pfc_status put_rules(const explain_view *v, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *array;
  NEW_ARRAY(array, json, "rules");
  for (int k = 0; k < v->x->n_facts; k++) PFC_TRY(put_fact(v, array, &v->x->fact[k], err));
done:
  return st;
}

/* --- words ----------------------------------------------------------------------------------
 */

static pfc_status put_unused(const char *table, const char *column, void *user,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *item;
  NEW_ELEMENT(item, user);
  PFC_TRY(pfc_json_put_text(item, "table", table, err));
  PFC_TRY(put_text(item, "column", column ? column : "", err));
done:
  return st;
}

static pfc_status put_sentence(const char *section, const char *sentence, void *user,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *item;
  NEW_ELEMENT(item, user);
  PFC_TRY(pfc_json_put_text(item, "section", section + sizeof "section." - 1, err));
  PFC_TRY(pfc_json_put_text(item, "text", sentence, err));
done:
  return st;
}

pfc_status explain_put(const explain_view *v, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  char line[SENTENCE];
  cJSON *array;
  PFC_TRY(put_head(v, json, err));
  PFC_TRY(put_terms(v, json, err));
  PFC_TRY(put_gaps(v, json, err));
  PFC_TRY(put_models(v, json, err));
  PFC_TRY(put_what_ifs(v, json, err));
  PFC_TRY(put_evidence(v, json, err));
  PFC_TRY(put_rules(v, json, err));
  NEW_ARRAY(array, json, "not_used");
  PFC_TRY(explain_unused(v, put_unused, array, err));
  PFC_TRY(pfc_json_put_text(json, "line", explain_line(v, line), err));
  NEW_ARRAY(array, json, "sentences");
  PFC_TRY(explain_tell(v, put_sentence, array, err));
done:
  return st;
}
