#include "cli/recommend_rows.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "cli/render.h"
#include "engine/reasons.h"

/* --- what is the same for all ---------------------------------------------------------------
 */

/* Columns of the intervention alone, or the same in every row, as runs of neighbours: they are
 * rendered once. */
enum { ITEM = 2, HORIZON = 14, AIMS = 19, ABOUT = 29 };
static const struct {
  int first, end;
} RUNS[] = {{ITEM, ITEM + 3}, {HORIZON, HORIZON + 1}, {AIMS, AIMS + 3}, {ABOUT, ABOUT + 2}};
enum { N_RUNS = sizeof RUNS / sizeof *RUNS };

static bool has_titles(const scoring *s) {
  return pfc_dataset_column(s->ds, PFC_INTERVENTIONS, "title") != NULL;
}

/* The columns of a table are those a person wants, whom the reason tells chances and times in
 * words; every other format has them all. */
static void name_columns(list_rows *r, bool one_person) {
  const bool titles = has_titles(r->s);
  const output_column columns[] = {
      {"person_id", COLUMN_TEXT, one_person},
      {"rank", COLUMN_INT, false},
      {"intervention_id", COLUMN_TEXT, titles},
      {"title", COLUMN_TEXT, !titles},
      {"kind", COLUMN_TEXT, true},
      {"value", COLUMN_REAL, false},
      {"adds", COLUMN_REAL, true},
      {"accept", COLUMN_REAL, true},
      {"p_success", COLUMN_REAL, true},
      {r->by[0], COLUMN_REAL, true},
      {r->by[1], COLUMN_REAL, true},
      {"p10_days", COLUMN_REAL, true},
      {"p50_days", COLUMN_REAL, true},
      {"p90_days", COLUMN_REAL, true},
      {"horizon_days", COLUMN_REAL, true},
      {"discount", COLUMN_REAL, true},
      {"anyway", COLUMN_REAL, true},
      {"teaches", COLUMN_REAL, true},
      {"gap_closed", COLUMN_REAL, true},
      {"competencies", COLUMN_TEXT, true},
      {"cost", COLUMN_REAL, true},
      {"hours", COLUMN_REAL, true},
      {"price", COLUMN_REAL, true},
      {"why", COLUMN_TEXT, true},
      {"due_on", COLUMN_TEXT, true},
      {"propensity", COLUMN_REAL, true},
      {"cold_start", COLUMN_TEXT, true},
      {"evidence_n", COLUMN_INT, true},
      {"reason", COLUMN_TEXT, false},
      {"url", COLUMN_TEXT, true},
      {"model_version", COLUMN_TEXT, true},
      {"decision_id", COLUMN_TEXT, true},
  };
  _Static_assert(sizeof columns / sizeof *columns == LIST_COLUMNS, "every column has a cell");
  memcpy(r->columns, columns, sizeof columns);
  r->n_columns = LIST_COLUMNS;
}

static int32_t size_of(const pfc_dict *dict) { return dict ? pfc_dict_size(dict) : 0; }

pfc_status list_rows_init(list_rows *r, const scoring *s, const char *goal, bool one_person,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = size_of(s->competencies);
  *r = (list_rows){.s = s, .goal = goal ? goal : ""};
  pfc_date_format(pfc_scorer_as_of(s->scorer), r->as_of);
  by_name(s->by_days[0], r->by[0]);
  by_name(s->by_days[1], r->by[1]);
  name_columns(r, one_person);
  PFC_NEW(r->competency, n);
  for (int32_t c = 0; c < n; c++) r->competency[c] = competency_text(s, c);
done:
  return st;
}

/* Ids of the targets' competencies, joined by semicolons. */
static void join_competencies(const scoring *s, int32_t intervention, bytes *text) {
  const pfc_catalogue *cat = pfc_scorer_catalogue(s->scorer);
  bytes_empty(text);
  for (int32_t t = cat->first[intervention]; t < cat->first[intervention + 1]; t++) {
    if (cat->competency[t] < 0) continue;
    if (text->size > 0) bytes_char(text, ';');
    bytes_text(text, pfc_dict_text(s->competencies, cat->competency[t]));
  }
  bytes_char(text, '\0');
}

static void put_item(list_rows *r, int32_t i, const char *competencies) {
  const scoring *s = r->s;
  const pfc_catalogue *cat = pfc_scorer_catalogue(s->scorer);
  const cell runs[N_RUNS][3] = {
      {
          cell_text(pfc_dict_text(s->interventions, i)),
          cell_text(intervention_text(s, i, "title")),
          cell_text(intervention_text(s, i, "kind")),
      },
      {cell_real(s->horizon_days)},
      {
          cell_text(competencies),
          cell_real(cat->cost[i]),
          cell_real(cat->hours[i]),
      },
      {
          cell_text(intervention_text(s, i, "url")),
          cell_text(s->bundle->version),
      },
  };
  for (int k = 0; k < N_RUNS; k++) {
    r->item_from[(int64_t)i * N_RUNS + k] = (int64_t)r->items.size;
    for (int c = RUNS[k].first; c < RUNS[k].end; c++)
      r->format->cell(c, &r->columns[c], &runs[k][c - RUNS[k].first], &r->items);
  }
}

pfc_status list_rows_render(list_rows *r, const row_format *format, pfc_error *err) {
  pfc_status st = PFC_OK;
  bytes competencies = {0};
  const int32_t n = size_of(r->s->interventions);
  r->format = format;
  PFC_NEW(r->item_from, (int64_t)n * N_RUNS + 1);
  for (int32_t i = 0; i < n; i++) {
    join_competencies(r->s, i, &competencies);
    PFC_TRY(bytes_status(&competencies, err));
    put_item(r, i, competencies.at);
  }
  r->item_from[(int64_t)n * N_RUNS] = (int64_t)r->items.size;
  PFC_TRY(bytes_status(&r->items, err));
done:
  bytes_clear(&competencies);
  return st;
}

void list_rows_clear(list_rows *r) {
  bytes_clear(&r->items);
  pfc_free(r->item_from);
  pfc_free(r->competency);
  r->item_from = NULL;
  r->competency = NULL;
}

/* --- one place -------------------------------------------------------------------------------
 */

const char *chosen_for_text(pfc_chosen_for why) {
  static const char *const WORDS[] = {[PFC_FOR_VALUE] = "value",
                                      [PFC_FOR_OVERRIDE] = "override",
                                      [PFC_FOR_MANDATE] = "mandate"};
  return WORDS[why];
}

/* Title of an intervention, its id where it has none; "" of none. */
static const char *title_of(const scoring *s, int32_t intervention) {
  if (intervention < 0) return "";
  const char *title = intervention_text(s, intervention, "title");
  return title && title[0] ? title : pfc_dict_text(s->interventions, intervention);
}

static const char *override_text(const scoring *s, int64_t row, const char *column) {
  const pfc_column *c = row < 0 ? NULL : pfc_dataset_column(s->ds, PFC_OVERRIDES, column);
  return c && c->code[row] >= 0 ? pfc_dict_text(c->dict, c->code[row]) : "";
}

static void tell_reason(const list_rows *r, const pfc_choice *choice, char text[256]) {
  const scoring *s = r->s;
  const pfc_score *score = &choice->score;
  const pfc_catalogue *cat = pfc_scorer_catalogue(s->scorer);
  const int32_t main = cat->competency[score->target];
  const char *competency = main < 0 ? "" : r->competency[main];
  if (score->basis.kind == PFC_BASELINE_NONE) {
    pfc_score_reason(score, competency, s->horizon_days, text);
  } else {
    pfc_basis_reason(score, competency, title_of(s, score->basis.like), text);
  }
  pfc_must_reason(choice, pfc_scorer_as_of(s->scorer),
                  override_text(s, choice->override_row, "actor"),
                  override_text(s, choice->override_row, "reason"), text);
}

void list_row_fill(const list_rows *r, pfc_sha256 *digest, const pfc_list *list, int place,
                   list_row *row) {
  const scoring *s = r->s;
  const pfc_choice *choice = &list->at[place];
  const pfc_score *score = &choice->score;
  static const cell of_item = {0};
  row->item = score->intervention;
  row->person = pfc_dict_text(s->people, list->person);
  row->intervention = pfc_dict_text(s->interventions, row->item);
  pfc_date_format(choice->due_on, row->due_on);
  tell_reason(r, choice, row->reason);
  (void)decision_id(digest, s->bundle->version, row->person, row->intervention, r->as_of,
                    row->decision);
  const cell cells[] = {
      cell_text(row->person),
      cell_int(place + 1),
      of_item,
      of_item,
      of_item,
      cell_real(score->value),
      cell_real(choice->adds),
      cell_real(score->accept),
      cell_real(score->p_success),
      cell_real(score->p_by[0]),
      cell_real(score->p_by[1]),
      cell_real(score->quantile_days[0]),
      cell_real(score->quantile_days[1]),
      cell_real(score->quantile_days[2]),
      of_item,
      cell_real(score->discount),
      cell_real(score->anyway),
      cell_real(score->teaches),
      cell_real(score->gap_closed),
      of_item,
      of_item,
      of_item,
      cell_real(score->price),
      cell_text(chosen_for_text(choice->why)),
      cell_text(row->due_on),
      cell_real(choice->propensity),
      cell_text(cold_text(score->cold)),
      cell_int(score->evidence_n),
      cell_text(row->reason),
      of_item,
      of_item,
      cell_text(row->decision),
  };
  memcpy(row->cells, cells, sizeof cells);
}

void list_row_put(const list_rows *r, const list_row *row, bytes *to) {
  const int64_t *from = r->item_from + (int64_t)row->item * N_RUNS;
  int c = 0;
  for (int k = 0; k < N_RUNS; k++) {
    for (; c < RUNS[k].first; c++) r->format->cell(c, &r->columns[c], &row->cells[c], to);
    bytes_add(to, r->items.at + from[k], (size_t)(from[k + 1] - from[k]));
    c = RUNS[k].end;
  }
  for (; c < LIST_COLUMNS; c++) r->format->cell(c, &r->columns[c], &row->cells[c], to);
  bytes_text(to, r->format->end);
}

/* --- the log ---------------------------------------------------------------------------------
 */

static void log_key(bytes *to, const char *key) {
  const bool is_first = to->size > 0 && to->at[to->size - 1] == '{';
  bytes_text(to, is_first ? "\"" : ",\"");
  bytes_text(to, key);
  bytes_text(to, "\":");
}

static void log_text(bytes *to, const char *key, const char *text) {
  log_key(to, key);
  render_json_text(to, text);
}

static void log_number(bytes *to, const char *key, double value) {
  char text[PFC_NUMBER_TEXT];
  log_key(to, key);
  bytes_text(to, pfc_number_format6(value + 0.0, text) > 0 ? text : "null");
}

static void log_terms(const pfc_choice *c, bytes *to) {
  const pfc_score *s = &c->score;
  log_number(to, "value", s->value);
  log_number(to, "adds", c->adds);
  log_number(to, "accept", s->accept);
  log_number(to, "p_success", s->p_success);
  log_number(to, "discount", s->discount);
  log_number(to, "anyway", s->anyway);
  log_number(to, "teaches", s->teaches);
  log_number(to, "price", s->price);
  log_number(to, "gap_closed", s->gap_closed);
}

void list_row_log(const list_rows *r, const pfc_list *list, int place, const list_row *row,
                  bytes *to) {
  const pfc_choice *c = &list->at[place];
  bytes_char(to, '{');
  log_text(to, "decision_id", row->decision);
  log_text(to, "at", r->as_of);
  log_text(to, "person_id", row->person);
  log_text(to, "intervention_id", row->intervention);
  log_number(to, "rank", place + 1);
  log_text(to, "model_version", r->s->bundle->version);
  log_text(to, "eligible", list->eligible);
  log_number(to, "n_eligible", list->n_eligible);
  log_terms(c, to);
  log_number(to, "propensity", c->propensity);
  log_text(to, "why", chosen_for_text(c->why));
  log_key(to, "override");
  bytes_text(to, c->why == PFC_FOR_OVERRIDE ? "true" : "false");
  log_text(to, "due_on", row->due_on);
  log_text(to, "goal", r->goal);
  bytes_text(to, "}\n");
}
