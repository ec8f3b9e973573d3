/* Each person's requirements, the most pressing first. */
#include <math.h>

#include "base/json.h"
#include "cli/gap_report.h"

typedef struct lists {
  const gap_report *r;
  output *out;
  int64_t n_rows;
} lists;

static const char *class_text(pfc_gap_class c) {
  return c == PFC_GAP_OPERATIONAL ? "operational" : "strategic";
}

static const char *urgency_text(pfc_gap_urgency u) {
  return u == PFC_GAP_URGENT ? "urgent" : "later";
}

static pfc_status put_row(const lists *l, int32_t person, const pfc_gap_row *row,
                          pfc_error *err) {
  const gap_report *r = l->r;
  const pfc_gap *g = &row->gap;
  const cell cells[] = {
      cell_text(gap_id(r->people, person)),
      cell_text(gap_id(r->roles, g->role)),
      cell_text(gap_id(r->competencies, g->competency)),
      cell_real(g->level),
      cell_real(g->level_sd),
      cell_real(g->required),
      cell_real(g->shortfall),
      cell_real(g->p_gap),
      cell_real(g->importance),
      cell_real(g->criticality),
      cell_real(g->demand),
      cell_real(g->compliance),
      cell_real(g->vacancies),
      cell_real(g->goal),
      cell_real(g->priority),
      cell_text(class_text(g->gap_class)),
      cell_text(urgency_text(g->urgency)),
      cell_int(g->evidence_n),
      cell_real(row->behind),
      cell_int(row->behind_n),
      cell_text(r->bundle->version),
  };
  return table_row(l->out, cells, err);
}

/* `greatest`: the person's. */
static pfc_status put_words(const lists *l, int32_t person, const pfc_gap_row *row,
                            double greatest, pfc_error *err) {
  const gap_report *r = l->r;
  char bar[GAP_BAR], words[GAP_WORDS];
  const cell cells[] = {
      cell_text(gap_id(r->people, person)),
      cell_text(gap_competency_name(r, row->gap.competency)),
      cell_real(row->gap.priority),
      cell_text(gap_bar(row->gap.priority, greatest, bar)),
      cell_text(gap_words(r, &row->gap, words)),
  };
  return table_row(l->out, cells, err);
}

static double greatest_of(int32_t n, const pfc_gap_row *rows) {
  double greatest = 0;
  for (int32_t i = 0; i < n; i++) greatest = fmax(greatest, rows[i].gap.priority);
  return greatest;
}

static pfc_status put_list(int32_t person, int32_t n, const pfc_gap_row *rows, void *user,
                           pfc_error *err) {
  lists *l = user;
  pfc_status st = PFC_OK;
  const gap_report *r = l->r;
  const double greatest = greatest_of(n, rows);
  int32_t n_put = 0;
  for (int32_t i = 0; i < n && (r->top == 0 || n_put < r->top); i++) {
    if (rows[i].gap.p_gap < r->min_p_gap) continue;
    n_put++;
    if (r->to_read) {
      PFC_TRY(put_words(l, person, &rows[i], greatest, err));
    } else {
      PFC_TRY(put_row(l, person, &rows[i], err));
    }
  }
  l->n_rows += n_put;
done:
  return st;
}

static pfc_status open_lists(lists *l, bool one_person, pfc_error *err) {
  static const output_column ALL[] = {
      {"person_id", COLUMN_TEXT, false},
      {"role_id", COLUMN_TEXT, false},
      {"competency_id", COLUMN_TEXT, false},
      {"level", COLUMN_REAL, false},
      {"level_sd", COLUMN_REAL, false},
      {"required", COLUMN_REAL, false},
      {"expected_shortfall", COLUMN_REAL, false},
      {"p_gap", COLUMN_REAL, false},
      {"importance", COLUMN_REAL, false},
      {"criticality", COLUMN_REAL, false},
      {"demand", COLUMN_REAL, false},
      {"compliance", COLUMN_REAL, false},
      {"vacancies", COLUMN_REAL, false},
      {"goal", COLUMN_REAL, false},
      {"priority", COLUMN_REAL, false},
      {"class", COLUMN_TEXT, false},
      {"urgency", COLUMN_TEXT, false},
      {"evidence_n", COLUMN_INT, false},
      {"behind", COLUMN_REAL, false},
      {"behind_n", COLUMN_INT, false},
      {"model_version", COLUMN_TEXT, false},
  };
  const output_column words[] = {
      {"person_id", COLUMN_TEXT, one_person}, {"competency", COLUMN_TEXT, false},
      {"priority", COLUMN_REAL, false},       {"", COLUMN_TEXT, false},
      {"level held", COLUMN_TEXT, false},
  };
  if (l->r->to_read) {
    return common_table(l->r->c, sizeof words / sizeof *words, words, &l->out, err);
  }
  return common_table(l->r->c, sizeof ALL / sizeof *ALL, ALL, &l->out, err);
}

static pfc_status print_summary(const lists *l, int64_t n_people, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  PFC_TRY(gap_object(l->r, &json, err));
  PFC_TRY(pfc_json_put_number(json, "people", (double)n_people, err));
  PFC_TRY(pfc_json_put_number(json, "rows", (double)l->n_rows, err));
  PFC_TRY(common_print(l->r->c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

pfc_status gap_lists(const gap_report *r, const code_list *people, pfc_error *err) {
  pfc_status st = PFC_OK;
  lists l = {.r = r};
  const pfc_progress progress = progress_of(&r->c->progress);
  PFC_TRY(open_lists(&l, people->n == 1, err));
  PFC_TRY(pfc_gap_people(r->gaps, r->precedence, people->n, people->code, true, &progress,
                         put_list, &l, err));
  progress_end(&r->c->progress);
  PFC_TRY(table_close(l.out, err));
  if (l.n_rows == 0) common_note(r->c, "nothing is asked of them that could be missing");
  PFC_TRY(print_summary(&l, people->n, err));
done:
  output_destroy(l.out);
  return st;
}
