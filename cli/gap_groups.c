/* Roll-ups of a gap map. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/gap_report.h"

typedef struct groups {
  const gap_report *r;
  const pfc_gap_map_settings *settings;
  pfc_gap_map *map;
  output *out;
  char *affected; /* of the group at hand */
  int64_t affected_size;
  int64_t n_rows;
} groups;

static bool has_unit(pfc_gap_by by) {
  return by == PFC_GAPS_BY_UNIT || by == PFC_GAPS_BY_UNIT_COMPETENCY;
}

static bool has_role(pfc_gap_by by) {
  return by == PFC_GAPS_BY_ROLE || by == PFC_GAPS_BY_ROLE_COMPETENCY;
}

static bool has_competency(pfc_gap_by by) { return by > PFC_GAPS_BY_ROLE; }

/* Ids joined by semicolons. */
static pfc_status join_affected(groups *s, const pfc_gap_group *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t at = 0;
  PFC_RESERVE(s->affected, s->affected_size, 1);
  s->affected[0] = '\0';
  for (int32_t i = 0; i < g->n_affected; i++) {
    const char *id = gap_id(s->r->people, g->affected[i]);
    const size_t size = strlen(id) + 1;
    PFC_RESERVE(s->affected, s->affected_size, at + (int64_t)size + 1);
    if (at) s->affected[at++] = ';';
    memcpy(s->affected + at, id, size);
    at += (int64_t)size - 1;
  }
done:
  return st;
}

static int64_t count_or_none(int64_t n) { return n < 0 ? NO_INT : n; }

/* --- every column ----------------------------------------------------------------------------
 */

enum { N_KEYS = 4, N_FIGURES = 15 };

/* The columns that the roll-up has, of all there are. */
typedef struct chosen_columns {
  int n;
  output_column column[N_KEYS + N_FIGURES];
  int from[N_KEYS + N_FIGURES]; /* place among all */
} chosen_columns;

static void choose_columns(const groups *s, chosen_columns *to) {
  const pfc_gap_by by = s->settings->by;
  const struct {
    const char *name;
    column_type type;
    bool is_there;
  } ALL[N_KEYS + N_FIGURES] = {
      {"unit_id", COLUMN_TEXT, has_unit(by)},
      {"role_id", COLUMN_TEXT, has_role(by)},
      {"competency_id", COLUMN_TEXT, has_competency(by)},
      {"required", COLUMN_REAL, by == PFC_GAPS_UNCOVERED},
      {"people", COLUMN_INT, true},
      {"likely_below", COLUMN_INT, true},
      {"expected_below", COLUMN_REAL, true},
      {"share_below", COLUMN_REAL, has_competency(by)},
      {"share_above", COLUMN_REAL, has_competency(by)},
      {"expected_shortfall", COLUMN_REAL, true},
      {"mean_shortfall", COLUMN_REAL, true},
      {"priority", COLUMN_REAL, true},
      {"compliance_share", COLUMN_REAL, true},
      {"behind", COLUMN_REAL, has_competency(by)},
      {"behind_n", COLUMN_INT, has_competency(by)},
      {"affected", COLUMN_TEXT, s->settings->n_affected > 0},
      {"suppressed", COLUMN_TEXT, true},
      {"min_group", COLUMN_INT, true},
      {"model_version", COLUMN_TEXT, true},
  };
  to->n = 0;
  for (int k = 0; k < N_KEYS + N_FIGURES; k++) {
    if (!ALL[k].is_there) continue;
    to->column[to->n] = (output_column){ALL[k].name, ALL[k].type, false};
    to->from[to->n++] = k;
  }
}

static pfc_status put_row(const groups *s, const chosen_columns *columns,
                          const pfc_gap_group *g, pfc_error *err) {
  const gap_report *r = s->r;
  const cell all[N_KEYS + N_FIGURES] = {
      cell_text(gap_id(r->units, g->unit)),
      cell_text(gap_id(r->roles, g->role)),
      cell_text(gap_id(r->competencies, g->competency)),
      cell_real(g->required),
      cell_int(count_or_none(g->people)),
      cell_int(count_or_none(g->likely_below)),
      cell_real(g->expected_below),
      cell_real(g->share_below),
      cell_real(g->share_above),
      cell_real(g->shortfall),
      cell_real(g->shortfall / (double)g->people),
      cell_real(g->priority),
      cell_real(g->compliance_share),
      cell_real(g->behind),
      cell_int(count_or_none(g->behind_n)),
      cell_text(s->affected),
      cell_text(g->hidden         ? "group"
                : g->hidden_below ? "below"
                                  : ""),
      cell_int(s->settings->min_group),
      cell_text(r->bundle->version),
  };
  cell row[N_KEYS + N_FIGURES];
  for (int k = 0; k < columns->n; k++) row[k] = all[columns->from[k]];
  return table_row(s->out, row, err);
}

/* --- to read ---------------------------------------------------------------------------------
 */

static const char *below_text(const pfc_gap_group *g, char text[64]) {
  if (!g->hidden_below && isnan(g->share_below)) {
    (void)snprintf(text, 64, "%lld", (long long)g->likely_below);
  } else if (!g->hidden_below) {
    (void)snprintf(text, 64, "%lld (%.0f %%)", (long long)g->likely_below,
                   100 * g->share_below);
  } else if (g->share_above >= 0) {
    (void)snprintf(text, 64, "> %.0f %%", 100 * g->share_above);
  } else {
    (void)snprintf(text, 64, "not told");
  }
  return text;
}

static void choose_words(const groups *s, chosen_columns *to) {
  const pfc_gap_by by = s->settings->by;
  const bool behind = has_competency(by) && s->map->total.behind_n != 0;
  const output_column columns[] = {
      {"unit", COLUMN_TEXT, !has_unit(by)},
      {"role", COLUMN_TEXT, !has_role(by)},
      {"competency", COLUMN_TEXT, !has_competency(by)},
      {"required", COLUMN_REAL, by != PFC_GAPS_UNCOVERED},
      {"people", COLUMN_INT, false},
      {has_competency(by) ? "likely below" : "likely missed", COLUMN_TEXT, false},
      {"levels short", COLUMN_REAL, false},
      {"priority", COLUMN_REAL, false},
      {"", COLUMN_TEXT, false},
      {"behind", COLUMN_REAL, !behind},
      {"most affected", COLUMN_TEXT, s->settings->n_affected == 0},
  };
  to->n = sizeof columns / sizeof *columns;
  memcpy(to->column, columns, sizeof columns);
}

static pfc_status put_words(const groups *s, const pfc_gap_group *g, pfc_error *err) {
  const gap_report *r = s->r;
  const bool no_unit = has_unit(s->settings->by) && g->unit < 0;
  char below[64], bar[GAP_BAR];
  const cell row[] = {
      cell_text(no_unit ? "(none)" : gap_id(r->units, g->unit)),
      cell_text(gap_role_name(r, g->role)),
      cell_text(gap_competency_name(r, g->competency)),
      cell_real(g->required),
      cell_int(g->people),
      cell_text(below_text(g, below)),
      cell_real(g->shortfall),
      cell_real(g->priority),
      cell_text(gap_bar(g->priority, s->map->group[0].priority, bar)),
      cell_real(g->behind),
      cell_text(s->affected),
  };
  return table_row(s->out, row, err);
}

static pfc_status put_groups(groups *s, const chosen_columns *columns, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_gap_map *m = s->map;
  for (int64_t k = 0; k < m->n_groups && (s->r->top == 0 || k < s->r->top); k++) {
    PFC_TRY(join_affected(s, &m->group[k], err));
    if (!s->r->to_read) {
      PFC_TRY(put_row(s, columns, &m->group[k], err));
    } else if (!m->group[k].hidden) {
      PFC_TRY(put_words(s, &m->group[k], err));
    } else {
      continue;
    }
    s->n_rows++;
  }
done:
  return st;
}

/* --- around ----------------------------------------------------------------------------------
 */

static void note_groups(const groups *s) {
  common *c = s->r->c;
  const pfc_gap_map *m = s->map;
  if (m->n_hidden > 0) {
    common_note(
        c,
        "%lld of %lld groups are not told: fewer than %d people, or needed so that such "
        "cannot be worked out",
        (long long)m->n_hidden, (long long)m->n_groups, s->settings->min_group);
  }
  if (s->settings->by != PFC_GAPS_UNCOVERED) return;
  if (m->n_groups == 0) {
    common_note(c, "something that is open addresses every requirement");
  } else {
    common_note(c, "interventions for all of these would be worth up to %.4g of priority",
                m->worth);
  }
}

static pfc_status put_total(cJSON *json, const pfc_gap_group *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *total = json_object(json, "total", err);
  if (!total) return PFC_ENOMEM;
  const struct {
    const char *name;
    double value;
  } FIGURES[] = {
      {"people", (double)g->people},
      {"likely_below", (double)g->likely_below},
      {"expected_below", g->expected_below},
      {"expected_shortfall", g->shortfall},
      {"priority", g->priority},
      {"compliance_share", g->compliance_share},
  };
  for (size_t k = 0; k < sizeof FIGURES / sizeof *FIGURES; k++) {
    const double value = FIGURES[k].value;
    PFC_TRY(pfc_json_put_number(total, FIGURES[k].name, value < 0 ? (double)NAN : value, err));
  }
done:
  return st;
}

static pfc_status print_summary(const groups *s, pfc_error *err) {
  static const char *const WORDS[] = {
      "unit", "role", "competency", "unit,competency", "role,competency", "uncovered"};
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  PFC_TRY(gap_object(s->r, &json, err));
  PFC_TRY(pfc_json_put_text(json, "by", WORDS[s->settings->by], err));
  PFC_TRY(pfc_json_put_number(json, "rows", (double)s->n_rows, err));
  PFC_TRY(pfc_json_put_number(json, "groups", (double)s->map->n_groups, err));
  PFC_TRY(pfc_json_put_number(json, "suppressed_groups", (double)s->map->n_hidden, err));
  PFC_TRY(pfc_json_put_number(json, "min_group", s->settings->min_group, err));
  PFC_TRY(pfc_json_put_number(json, "worth", s->map->worth, err));
  PFC_TRY(put_total(json, &s->map->total, err));
  PFC_TRY(common_print(s->r->c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

pfc_status gap_groups(const gap_report *r, const pfc_gap_map_settings *how, pfc_error *err) {
  pfc_status st = PFC_OK;
  groups s = {.r = r, .settings = how};
  chosen_columns columns = {0};
  PFC_TRY(pfc_gap_map_create(r->gaps, r->precedence, r->ds, r->history, how, &s.map, err));
  progress_end(&r->c->progress);
  if (r->to_read) {
    choose_words(&s, &columns);
  } else {
    choose_columns(&s, &columns);
  }
  PFC_TRY(common_table(r->c, columns.n, columns.column, &s.out, err));
  PFC_TRY(put_groups(&s, &columns, err));
  PFC_TRY(table_close(s.out, err));
  note_groups(&s);
  PFC_TRY(print_summary(&s, err));
done:
  output_destroy(s.out);
  pfc_gap_map_destroy(s.map);
  pfc_free(s.affected);
  return st;
}
