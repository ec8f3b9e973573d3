/* The report as one table: a row a figure. */
#include <math.h>
#include <stdio.h>

#include "base/utf8.h"
#include "cli/check.h"

static const output_column COLUMNS[] = {
    {"section", COLUMN_TEXT, false}, {"table", COLUMN_TEXT, false},
    {"name", COLUMN_TEXT, false},    {"verdict", COLUMN_TEXT, false},
    {"n", COLUMN_INT, false},        {"of", COLUMN_INT, false},
    {"ratio", COLUMN_REAL, false},   {"latest_date", COLUMN_TEXT, false},
    {"age_days", COLUMN_INT, false}, {"text", COLUMN_TEXT, false},
};

/* A figure; n or of may be NO_INT. */
typedef struct figure {
  const char *section, *table, *name, *verdict;
  int64_t n, of;
  int32_t latest;
  const char *text;
} figure;

static pfc_status put(const check_report *r, output *out, const figure *f, pfc_error *err) {
  char date[PFC_DATE_TEXT];
  pfc_date_format(f->latest, date);
  const bool has_ratio = f->n != NO_INT && f->of != NO_INT && f->of > 0;
  const cell row[] = {
      cell_text(f->section),
      cell_text(f->table),
      cell_text(f->name),
      cell_text(f->verdict),
      cell_int(f->n),
      cell_int(f->of),
      cell_real(has_ratio ? (double)f->n / (double)f->of : (double)NAN),
      cell_text(date),
      cell_int(check_age(r, f->latest)),
      cell_text(f->text),
  };
  return table_row(out, row, err);
}

static pfc_status put_facts(const check_report *r, output *out, const pfc_ready_model *m,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  char name[128];
  for (int k = 0; k < m->n_facts; k++) {
    const pfc_ready_fact *f = &m->facts[k];
    (void)snprintf(name, sizeof name, "%s.%s", m->model, f->name);
    const figure fact = {"fact",      "", name, "", f->n, f->of > 0 ? f->of : NO_INT,
                         PFC_NO_DATE, ""};
    PFC_TRY(put(r, out, &fact, err));
  }
  const figure remark = {"remark", "", m->model, "", NO_INT, NO_INT, PFC_NO_DATE, m->remark};
  if (*m->remark) PFC_TRY(put(r, out, &remark, err));
done:
  return st;
}

static pfc_status put_model(const check_report *r, output *out, const pfc_ready_model *m,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  char name[64];
  figure f = {"model",   "",     m->model,    pfc_verdict_name(m->verdict),
              m->n_rows, NO_INT, PFC_NO_DATE, m->reason};
  PFC_TRY(put(r, out, &f, err));
  f.n = NO_INT;
  for (int k = 0; k < m->n_warnings; k++) {
    f.section = "warning";
    f.text = m->warning[k];
    PFC_TRY(put(r, out, &f, err));
  }
  f.section = "change";
  f.text = m->change;
  if (*m->change) PFC_TRY(put(r, out, &f, err));
  for (int k = 0; k < m->n_events; k++) {
    (void)snprintf(name, sizeof name, "%s.%s", m->model, m->events[k].name);
    const figure event = {"events",       "",          name,           "", m->events[k].n,
                          m->n_variables, PFC_NO_DATE, "of: variables"};
    PFC_TRY(put(r, out, &event, err));
  }
  PFC_TRY(put_facts(r, out, m, err));
done:
  return st;
}

static pfc_status put_findings(const check_report *r, output *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < r->quality->n_findings; k++) {
    const pfc_quality_finding *f = &r->quality->findings[k];
    const char *table = pfc_schema(f->table)->name;
    const figure whole = {"contradiction",
                          table,
                          f->name,
                          f->is_checked ? "" : "not checked",
                          f->is_checked ? f->n : NO_INT,
                          f->is_checked ? f->of : NO_INT,
                          PFC_NO_DATE,
                          f->is_checked ? f->meaning : f->lacks};
    PFC_TRY(put(r, out, &whole, err));
    for (int x = 0; x < f->n_examples; x++) {
      const figure one = {"example",         table,  f->name,     "",
                          f->example[x].row, NO_INT, PFC_NO_DATE, f->example[x].text};
      PFC_TRY(put(r, out, &one, err));
    }
  }
done:
  return st;
}

static pfc_status put_coverage(const check_report *r, output *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_quality_coverage *c = &r->quality->coverage;
  const struct {
    const char *name;
    int64_t n, of;
  } figures[] = {
      {"assessed_cells", c->n_assessed, c->n_cells},
      {"assessed_by_others", c->n_by_others, c->n_cells},
      {"people_without_assessment", c->n_people_none, c->n_people},
      {"competencies_assessed", c->n_comp_assessed, c->n_competencies},
      {"required_without_assessment", c->n_unassessed, c->n_required},
      {"required_without_target", c->n_untargeted, c->n_required},
  };
  for (size_t k = 0; k < sizeof figures / sizeof *figures; k++) {
    const figure f = {"coverage",   "requirements", figures[k].name, "",
                      figures[k].n, figures[k].of,  PFC_NO_DATE,     ""};
    PFC_TRY(put(r, out, &f, err));
  }
  for (int k = 0; k < r->quality->n_sources; k++) {
    const pfc_quality_source *s = &r->quality->sources[k];
    const figure f = {
        "source",    "assessments",
        s->source,   s->is_anchor ? "anchor" : s->is_connected ? "connected" : "relative",
        s->n_shared, s->n_cells,
        PFC_NO_DATE, "cells shared with an anchor"};
    PFC_TRY(put(r, out, &f, err));
  }
done:
  return st;
}

static pfc_status put_tables(const check_report *r, output *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_quality *q = r->quality;
  for (int k = 0; k < q->n_tables; k++) {
    const pfc_quality_table *t = &q->tables[k];
    const figure f = {"table",   pfc_schema(t->table)->name,
                      "rows",    "",
                      t->n_rows, t->rows_read,
                      t->latest, "of: rows read"};
    PFC_TRY(put(r, out, &f, err));
    const figure bad = {"table",          f.table,      "rows_rejected", "",
                        t->rows_rejected, t->rows_read, PFC_NO_DATE,     "of: rows read"};
    PFC_TRY(put(r, out, &bad, err));
  }
  for (int k = 0; k < q->n_feeds; k++) {
    char name[300];
    const pfc_quality_feed *feed = &q->feeds[k];
    (void)snprintf(name, sizeof name, "%s=%s", feed->by, feed->word);
    name[pfc_utf8_cut(name, sizeof name - 1)] = '\0';
    const figure f = {"feed",       pfc_schema(feed->table)->name,     name,         "",
                      feed->n_rows, r->ds->tables[feed->table].n_rows, feed->latest, ""};
    PFC_TRY(put(r, out, &f, err));
  }
  for (int k = 0; k < q->n_columns; k++) {
    const pfc_quality_column *column = &q->columns[k];
    const figure f = {"missing",         pfc_schema(column->table)->name,
                      column->name,      column->is_there ? "" : "not given",
                      column->n_missing, r->ds->tables[column->table].n_rows,
                      PFC_NO_DATE,       column->is_open ? "may be empty" : ""};
    PFC_TRY(put(r, out, &f, err));
  }
done:
  return st;
}

pfc_status check_rows(common *c, const check_report *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  output *out = NULL;
  PFC_TRY(common_table(c, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS, &out, err));
  for (int k = 0; k < r->readiness.n_models; k++)
    PFC_TRY(put_model(r, out, &r->readiness.models[k], err));
  PFC_TRY(put_findings(r, out, err));
  PFC_TRY(put_coverage(r, out, err));
  PFC_TRY(put_tables(r, out, err));
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}
