/* What codes are called, and what of the data has no say. */
#include <string.h>

#include "cli/explain_report.h"

const char *explain_intervention(const explain_view *v, int32_t intervention) {
  if (intervention < 0) return "";
  const char *title = intervention_text(v->s, intervention, "title");
  return title && title[0] ? title : pfc_dict_text(v->s->interventions, intervention);
}

const char *explain_competency(const explain_view *v, int32_t competency) {
  return competency < 0 ? "" : competency_text(v->s, competency);
}

const char *explain_id(const explain_view *v, const char *dictionary, int32_t code) {
  const pfc_dict *dict = pfc_dataset_find_dict(v->s->ds, dictionary);
  return dict && code >= 0 && code < pfc_dict_size(dict) ? pfc_dict_text(dict, code) : "";
}

const char *explain_cell(const explain_view *v, pfc_table_id table, const char *column,
                         int64_t row) {
  const pfc_column *c = pfc_dataset_column(v->s->ds, table, column);
  if (!c || c->type != PFC_CODE || row < 0 || c->code[row] < 0) return "";
  return pfc_dict_text(c->dict, c->code[row]);
}

const char *explain_role(const explain_view *v, int32_t role) {
  const int32_t *ids = pfc_dataset_codes(v->s->ds, PFC_ROLES, "role_id");
  const bool is_listed =
      ids && role >= 0 && role < v->s->ds->tables[PFC_ROLES].n_rows && ids[role] == role;
  const char *title = is_listed ? explain_cell(v, PFC_ROLES, "title", role) : "";
  return title[0] ? title : explain_id(v, "role", role);
}

const char *explain_date(int32_t day, char text[PFC_DATE_TEXT]) {
  pfc_date_format(day, text);
  return text;
}

bool explain_shows(const pfc_breakdown *b) { return b->told != PFC_TOLD_LEFT; }

/* --- what has no say ------------------------------------------------------------------------
 */

static bool uses(const pfc_features *f, int table, const char *column) {
  for (int k = 0; f && k < f->n_fields; k++) {
    if (f->fields[k].table == table && strcmp(f->fields[k].column, column) == 0) return true;
  }
  return false;
}

/* Is the column a field of any model, or the clock of a cause? */
static bool is_used(const pfc_bundle *b, int table, const char *column) {
  const pfc_features *const features[] = {
      b->has_accept ? b->accept.features : NULL,
      b->has_success ? b->success.features : NULL,
      b->has_time ? b->time.features : NULL,
      b->has_anyway ? b->anyway.features : NULL,
      b->has_affinity ? b->affinity.person_features : NULL,
      b->has_affinity ? b->affinity.item_features : NULL,
  };
  for (size_t k = 0; k < sizeof features / sizeof *features; k++) {
    if (uses(features[k], table, column)) return true;
  }
  for (int r = 0; b->has_time && table == PFC_INTERVENTIONS && r < PFC_N_CAUSES; r++) {
    const char *clock = b->time.clock[r].column;
    if (clock && strcmp(clock, column) == 0) return true;
  }
  return false;
}

static pfc_status unused_columns(const explain_view *v, pfc_table_id table, unused_fn fn,
                                 void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_table *of = &v->s->ds->tables[table];
  for (int k = 0; k < of->n_columns; k++) {
    const char *name = of->columns[k].name;
    const bool is_feature = strncmp(name, "x_", 2) == 0 || strncmp(name, "c_", 2) == 0;
    if (is_feature && !is_used(v->s->bundle, (int)table, name)) {
      PFC_TRY(fn(of->decl->name, name, user, err));
    }
  }
done:
  return st;
}

pfc_status explain_unused(const explain_view *v, unused_fn fn, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  static const pfc_table_id TABLES[] = {PFC_RELATIONS, PFC_PERFORMANCE,  PFC_PROJECTS,
                                        PFC_OPENINGS,  PFC_APPLICATIONS, PFC_FEEDBACK,
                                        PFC_SCENARIOS};
  static const pfc_table_id FEATURED[] = {PFC_PEOPLE, PFC_ROLES, PFC_INTERVENTIONS,
                                          PFC_ENROLMENTS, PFC_EPISODES};
  for (size_t k = 0; k < sizeof TABLES / sizeof *TABLES; k++) {
    const pfc_table *of = &v->s->ds->tables[TABLES[k]];
    const bool is_heard =
        (TABLES[k] == PFC_FEEDBACK &&
         (v->s->bundle->has_accept || v->c->settings.scorer.rules.declined_rest_days > 0)) ||
        (TABLES[k] == PFC_SCENARIOS && v->c->settings.scorer.gaps.ahead_days > 0);
    if (of->n_rows > 0 && !is_heard) PFC_TRY(fn(of->decl->name, NULL, user, err));
  }
  for (size_t k = 0; k < sizeof FEATURED / sizeof *FEATURED; k++) {
    PFC_TRY(unused_columns(v, FEATURED[k], fn, user, err));
  }
done:
  return st;
}
