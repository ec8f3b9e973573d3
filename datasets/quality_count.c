/* Counting the rows that break a rule, with the first of them as examples. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "datasets/columns_internal.h"
#include "datasets/quality_internal.h"

void pfc__quality_tell(char text[PFC_QUALITY_TEXT], const char *what, const char *value) {
  const size_t at = strlen(text);
  (void)snprintf(text + at, PFC_QUALITY_TEXT - at, "%s%s %s", at ? ", " : "", what, value);
  text[pfc_utf8_cut(text, PFC_QUALITY_TEXT - 1)] = '\0';
}

/* The next of a list "a,b,c"; false at its end. */
static bool next_of(const char **list, char name[PFC_DICT_NAME]) {
  if (!**list) return false;
  const size_t n = strcspn(*list, ",");
  (void)snprintf(name, PFC_DICT_NAME, "%.*s", (int)n, *list);
  *list += (*list)[n] ? n + 1 : n;
  return true;
}

/* What the rule looks at and the dataset does not have; "" where nothing is missing. */
static void find_lack(const pfc__evidence *e, const pfc__rule *rule,
                      char lacks[PFC_QUALITY_LACKS]) {
  char name[PFC_DICT_NAME];
  lacks[0] = '\0';
  if (e->ds->tables[rule->table].n_rows == 0) {
    (void)snprintf(lacks, PFC_QUALITY_LACKS, "rows");
    return;
  }
  for (const char *list = rule->needs; next_of(&list, name);) {
    const char *dot = strchr(name, '.');
    char table[PFC_QUALITY_LACKS];
    (void)snprintf(table, sizeof table, "%.*s", (int)(dot - name), name);
    if (pfc_dataset_column(e->ds, (pfc_table_id)pfc_schema_find(table), dot + 1)) continue;
    (void)snprintf(lacks, PFC_QUALITY_LACKS, "%s", name);
    return;
  }
  if (rule->needs_as_of && !e->as_of_given) (void)snprintf(lacks, PFC_QUALITY_LACKS, "as_of");
}

static const char *cell_of(const pfc_column *column, int64_t row, char room[PFC_TIME_TEXT]) {
  room[0] = '\0';
  if (pfc_column_missing(column, row)) return room;
  if (column->type == PFC_CODE) return pfc_dict_text(column->dict, column->code[row]);
  if (column->type == PFC_DATE) {
    pfc_date_format(column->date[row], room);
  } else if (column->type == PFC_TIME) {
    pfc_time_format(column->time[row], room);
  } else {
    (void)snprintf(room, PFC_TIME_TEXT, "%.6g", pfc__number_at(column, row));
  }
  return room;
}

static void show(const pfc__evidence *e, const pfc__rule *rule, int64_t row,
                 pfc_quality_example *example) {
  char name[PFC_DICT_NAME], room[PFC_TIME_TEXT];
  example->row = row;
  example->text[0] = '\0';
  for (const char *list = rule->shows; next_of(&list, name);) {
    const pfc_column *column = pfc_dataset_column(e->ds, rule->table, name);
    const char *value = column ? cell_of(column, row, room) : "";
    if (*value) pfc__quality_tell(example->text, name, value);
  }
  if (rule->explain) rule->explain(e, rule->table, row, example->text);
}

static void count(const pfc__evidence *e, const pfc__rule *rule, pfc_quality_finding *f) {
  for (int64_t r = 0; r < e->ds->tables[rule->table].n_rows; r++) {
    const pfc__judgement said =
        rule->judge ? rule->judge(e, rule->table, r) : (pfc__judgement)e->mark[rule->mark][r];
    f->of += said != PFC__NOT_ASKED;
    if (said != PFC__BROKEN) continue;
    f->n++;
    if (f->n_examples < PFC_QUALITY_EXAMPLES) show(e, rule, r, &f->example[f->n_examples++]);
  }
}

pfc_status pfc__quality_rules(const pfc__evidence *e, pfc_quality *q, pfc_error *err) {
  pfc_status st = PFC_OK;
  int n_rules;
  const pfc__rule *rules = pfc__quality_rule_table(&n_rules);
  PFC_NEW(q->findings, n_rules);
  for (int k = 0; k < n_rules; k++) {
    pfc_quality_finding *f = &q->findings[q->n_findings++];
    *f = (pfc_quality_finding){
        .name = rules[k].name, .meaning = rules[k].meaning, .table = rules[k].table};
    find_lack(e, &rules[k], f->lacks);
    f->is_checked = !*f->lacks;
    if (f->is_checked) count(e, &rules[k], f);
  }
done:
  return st;
}
