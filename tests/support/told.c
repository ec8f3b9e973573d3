#include "tests/support/told.h"

#include "tests/support/test.h"

static pfc_status listen(const pfc_reject *r, void *user, pfc_error *err) {
  (void)err;
  told *t = user;
  const char *slash = strrchr(r->file, '/');
  if (t->n < (int)(sizeof t->text / sizeof t->text[0]))
    (void)snprintf(t->text[t->n++], sizeof t->text[0], "%s:%d %s '%s' %s",
                   slash ? slash + 1 : r->file, (int)r->line, r->column, r->value, r->reason);
  return PFC_OK;
}

pfc_status told_import(told *t, const char *preset, const char *folder, int64_t max_bad,
                       pfc_dataset **ds, pfc_error *err) {
  pfc_import_settings s;
  pfc_import_defaults(&s);
  s.preset = preset;
  s.on_reject = listen;
  s.reject_user = t;
  s.max_bad = max_bad;
  return pfc_import(&folder, 1, &s, ds, err);
}

void told_assert(const told *t, const char *start) {
  for (int i = 0; i < t->n; i++)
    if (strncmp(t->text[i], start, strlen(start)) == 0) return;
  for (int i = 0; i < t->n; i++) print_message("told: %s\n", t->text[i]);
  fail_msg("nothing starts with \"%s\"", start);
}

const char *told_cell(const pfc_dataset *ds, pfc_table_id table, const char *column,
                      int64_t row) {
  const pfc_column *c = pfc_dataset_column(ds, table, column);
  if (!c) fail_msg("no column %s", column);
  return pfc_dict_text(c->dict, c->code[row]);
}

int64_t told_count(const pfc_dataset *ds, pfc_table_id table, const char *column,
                   const char *word) {
  int64_t n = 0;
  for (int64_t r = 0; r < ds->tables[table].n_rows; r++)
    n += strcmp(told_cell(ds, table, column, r), word) == 0;
  return n;
}
