#include "cli/gap_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

/* The 95th percentile of a standard normal. */
static const double Z95 = 1.6448536269514722;

const char *gap_id(const pfc_dict *dict, int32_t code) {
  return dict && code >= 0 ? pfc_dict_text(dict, code) : "";
}

/* Import gives row i of such a table the code i. */
static const char *name_of(const gap_report *r, pfc_table_id table, const char *id_column,
                           const char *name_column, int32_t code) {
  const int32_t *ids = pfc_dataset_codes(r->ds, table, id_column);
  const pfc_column *names = pfc_dataset_column(r->ds, table, name_column);
  const bool is_listed = ids && names && names->type == PFC_CODE && code >= 0 &&
                         code < r->ds->tables[table].n_rows && ids[code] == code &&
                         names->code[code] >= 0;
  return is_listed ? pfc_dict_text(names->dict, names->code[code]) : NULL;
}

const char *gap_competency_name(const gap_report *r, int32_t competency) {
  const char *name = name_of(r, PFC_COMPETENCIES, "competency_id", "name", competency);
  return name ? name : gap_id(r->competencies, competency);
}

const char *gap_role_name(const gap_report *r, int32_t role) {
  const char *name = name_of(r, PFC_ROLES, "role_id", "title", role);
  return name ? name : gap_id(r->roles, role);
}

const char *gap_bar(double value, double greatest, char text[GAP_BAR]) {
  static const char *const EIGHTHS[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double share = greatest > 0 && value > 0 ? fmin(value / greatest, 1) : 0;
  const int eighths = share > 0 ? (int)fmax(1, round(share * 64)) : 0;
  int at = 0;
  text[0] = '\0';
  for (int i = 0; i <= eighths / 8; i++) {
    const char *block = i < eighths / 8 ? "█" : EIGHTHS[eighths % 8];
    at += snprintf(text + at, GAP_BAR - (size_t)at, "%s", block);
  }
  return text;
}

static const char *chance(double p, char text[32]) {
  const int tenths = (int)lround(10 * p);
  if (tenths <= 0) return "hardly below";
  if (tenths >= 10) return "surely below";
  (void)snprintf(text, 32, "%d in 10 below", tenths);
  return text;
}

const char *gap_words(const gap_report *r, const pfc_gap *gap, char text[GAP_WORDS]) {
  char p[32];
  const double level = fmin(fmax(gap->level, r->ds->scale_min), r->ds->scale_max);
  int at = snprintf(text, GAP_WORDS, "%.1f of %.1f, sure to ±%.1f; %s", level, gap->required,
                    Z95 * gap->level_sd, chance(gap->p_gap, p));
  if (gap->is_compliance) at += snprintf(text + at, GAP_WORDS - (size_t)at, "; compliance");
  if (gap->urgency == PFC_GAP_URGENT) {
    at += snprintf(text + at, GAP_WORDS - (size_t)at, "; urgent");
  }
  if (gap->goal < 1) at += snprintf(text + at, GAP_WORDS - (size_t)at, "; goal role");
  if (gap->evidence_n == 0) {
    (void)snprintf(text + at, GAP_WORDS - (size_t)at, "; not rated");
  } else {
    (void)snprintf(text + at, GAP_WORDS - (size_t)at, "; %d rating%s", gap->evidence_n,
                   gap->evidence_n == 1 ? "" : "s");
  }
  return text;
}

static pfc_status put_inputs(const gap_report *r, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  const common *c = r->c;
  char date[PFC_DATE_TEXT];
  pfc_date_format(pfc_gaps_as_of(r->gaps), date);
  PFC_TRY(pfc_json_put_text(json, "model", c->args[0], err));
  PFC_TRY(pfc_json_put_text(json, "model_version", r->bundle->version, err));
  PFC_TRY(pfc_json_put_text(json, "dataset", c->args[1], err));
  PFC_TRY(pfc_json_put_text(json, "as_of", date, err));
  PFC_TRY(pfc_json_put_number(json, "ahead_days", c->settings.scorer.gaps.ahead_days, err));
  PFC_TRY(pfc_json_put_number(json, "unknown_people", (double)c->n_unknown_people, err));
  if (c->output) PFC_TRY(pfc_json_put_text(json, "output", c->output, err));
done:
  return st;
}

pfc_status gap_object(const gap_report *r, cJSON **json, pfc_error *err) {
  cJSON *object = NULL;
  pfc_status st = common_object(r->c, &object, err);
  if (st == PFC_OK) st = put_inputs(r, object, err);
  if (st == PFC_OK) {
    *json = object;
  } else {
    cJSON_Delete(object);
  }
  return st;
}
