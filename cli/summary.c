#include "cli/summary.h"

#include "base/json.h"

static int64_t day_of(int64_t seconds) { return seconds / 86400 - (seconds % 86400 < 0); }

/* The latest day in a table; PFC_NO_DATE without dates. */
static int32_t latest_day(const pfc_table *table) {
  int32_t latest = PFC_NO_DATE;
  for (int c = 0; c < table->n_columns; c++) {
    const pfc_column *column = &table->columns[c];
    if (column->type != PFC_DATE && column->type != PFC_TIME) continue;
    for (int64_t r = 0; r < table->n_rows; r++) {
      if (pfc_column_missing(column, r)) continue;
      const int64_t day = column->type == PFC_DATE ? column->date[r] : day_of(column->time[r]);
      if (day > latest) latest = (int32_t)day;
    }
  }
  return latest;
}

static bool is_there(const pfc_table *table) {
  return table->n_columns > 0 || table->origin.rows_read > 0;
}

pfc_status summary_table(common *c, const pfc_dataset *ds, pfc_error *err) {
  static const output_column COLUMNS[] = {
      {"table", COLUMN_TEXT, false},  {"rows_read", COLUMN_INT, false},
      {"rows", COLUMN_INT, false},    {"rows_rejected", COLUMN_INT, false},
      {"columns", COLUMN_INT, false}, {"latest_date", COLUMN_TEXT, false},
      {"source", COLUMN_TEXT, false},
  };
  pfc_status st = PFC_OK;
  output *out = NULL;
  PFC_TRY(common_table(c, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS, &out, err));
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table *table = &ds->tables[t];
    char date[PFC_DATE_TEXT];
    if (!is_there(table)) continue;
    pfc_date_format(latest_day(table), date);
    const cell row[] = {cell_text(table->decl->name),   cell_int(table->origin.rows_read),
                        cell_int(table->n_rows),        cell_int(table->origin.rows_rejected),
                        cell_int(table->n_columns),     cell_text(date),
                        cell_text(table->origin.source)};
    PFC_TRY(table_row(out, row, err));
  }
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

static pfc_status table_json(cJSON *object, const pfc_table *table, pfc_error *err) {
  pfc_status st = PFC_OK;
  char date[PFC_DATE_TEXT];
  pfc_date_format(latest_day(table), date);
  PFC_TRY(pfc_json_put_text(object, "table", table->decl->name, err));
  PFC_TRY(pfc_json_put_number(object, "rows_read", (double)table->origin.rows_read, err));
  PFC_TRY(pfc_json_put_number(object, "rows", (double)table->n_rows, err));
  PFC_TRY(
      pfc_json_put_number(object, "rows_rejected", (double)table->origin.rows_rejected, err));
  PFC_TRY(pfc_json_put_text(object, "latest_date", date, err));
  PFC_TRY(pfc_json_put_text(object, "source", table->origin.source ? table->origin.source : "",
                            err));
  PFC_TRY(pfc_json_put_text(object, "sha256", table->origin.sha256 ? table->origin.sha256 : "",
                            err));
  cJSON *columns = json_array(object, "columns", err);
  if (!columns) return PFC_ENOMEM;
  for (int c = 0; c < table->n_columns; c++) {
    cJSON *column = json_element(columns, err);
    if (!column) return PFC_ENOMEM;
    PFC_TRY(pfc_json_put_text(column, "name", table->columns[c].name, err));
    PFC_TRY(pfc_json_put_text(column, "type", pfc_type_name(table->columns[c].type), err));
  }
done:
  return st;
}

pfc_status summary_json(cJSON *json, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *tables = json_array(json, "tables", err);
  if (!tables) return PFC_ENOMEM;
  for (int t = 0; t < PFC_N_TABLES && st == PFC_OK; t++) {
    if (!is_there(&ds->tables[t])) continue;
    cJSON *object = json_element(tables, err);
    st = object ? table_json(object, &ds->tables[t], err) : PFC_ENOMEM;
  }
  return st;
}
