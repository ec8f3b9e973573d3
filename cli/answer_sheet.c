#include "cli/answer_sheet.h"

#include <stdio.h>

static const output_column COLUMNS[] = {
    {"person_id", COLUMN_TEXT, false},   {"rank", COLUMN_INT, false},
    {"title", COLUMN_TEXT, false},       {"because", COLUMN_TEXT, false},
    {"decision", COLUMN_TEXT, false},    {"reason", COLUMN_TEXT, false},
    {"answered_on", COLUMN_TEXT, false}, {"intervention_id", COLUMN_TEXT, false},
    {"as_of", COLUMN_TEXT, false},       {"value", COLUMN_REAL, false},
    {"propensity", COLUMN_REAL, false},  {"model_version", COLUMN_TEXT, false},
    {"decision_id", COLUMN_TEXT, false}};
enum { N_COLUMNS = sizeof COLUMNS / sizeof *COLUMNS, MARKED = 64 };

void answer_sheet_header(bytes *to) {
  bytes_text(to, "\xEF\xBB\xBF");
  render_csv.header(N_COLUMNS, COLUMNS, to);
}

void answer_sheet_put(const list_rows *r, const pfc_list *list, int place, const list_row *row,
                      bytes *to) {
  const scoring *s = r->s;
  const pfc_choice *choice = &list->at[place];
  const char *title = intervention_text(s, row->item, "title");
  char version[MARKED], decision[MARKED];
  /* Of hexadecimal digits some are a number to a spreadsheet, such as 12e45678. */
  (void)snprintf(version, sizeof version, "v-%s", s->bundle->version);
  (void)snprintf(decision, sizeof decision, "d-%s", row->decision);
  const cell cells[N_COLUMNS] = {
      cell_text(row->person),
      cell_int(place + 1),
      cell_text(title[0] ? title : row->intervention),
      cell_text(row->reason),
      cell_text(""),
      cell_text(""),
      cell_text(""),
      cell_text(row->intervention),
      cell_text(r->as_of),
      cell_real(choice->score.value),
      cell_real(choice->propensity),
      cell_text(version),
      cell_text(decision),
  };
  render_csv.row(N_COLUMNS, COLUMNS, cells, to);
}
