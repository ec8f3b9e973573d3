#include "datasets/quality.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/columns_internal.h"
#include "datasets/quality_internal.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

void pfc_quality_defaults(pfc_quality_settings *s) {
  *s =
      (pfc_quality_settings){.struct_size = sizeof *s, .as_of = PFC_NO_DATE, .drop_share = 0.4};
}

pfc_status pfc_quality_check(const pfc_quality_settings *s, pfc_error *err) {
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "quality settings: start from pfc_quality_defaults()");
  if (!(s->drop_share >= 0.01 && s->drop_share <= 1))
    return pfc_fail(err, PFC_EUSAGE, "drop_share: 0.01 to 1 expected, not %g", s->drop_share);
  return PFC_OK;
}

/* --- when something last happened ------------------------------------------------ */

/* Days of facts. Plans (closes_on, valid_until, due_on, the months of a scenario ...) may lie
 * ahead and tell nothing of how fresh a table is. What is recorded once it has happened says
 * how far the data go. */
static const struct {
  pfc_table_id table;
  bool is_recorded;
  const char *column;
} FACTS[] = {
    {PFC_PEOPLE, false, "hired_on"},
    {PFC_PEOPLE, false, "left_on"},
    {PFC_POSITIONS, false, "from"},
    {PFC_ASSESSMENTS, true, "assessed_on"},
    {PFC_ENROLMENTS, true, "enrolled_on"},
    {PFC_ENROLMENTS, true, "started_on"},
    {PFC_ENROLMENTS, true, "ended_on"},
    {PFC_EPISODES, true, "started_on"},
    {PFC_PERFORMANCE, true, "on"},
    {PFC_PROJECTS, false, "from"},
    {PFC_OPENINGS, false, "opens_on"},
    {PFC_APPLICATIONS, true, "on"},
    {PFC_FEEDBACK, true, "at"},
    {PFC_DEMAND, false, "month"},
};

static int32_t fact_day(const pfc_dataset *ds, pfc_table_id table, const pfc_column *column,
                        int64_t row) {
  const int32_t day = pfc__day_at(column, row);
  const int32_t end = table == PFC_EPISODES ? pfc__episode_end(ds, row) : PFC_NO_DATE;
  return end > day ? end : day;
}

static int32_t latest_in(const pfc_dataset *ds, int fact) {
  int32_t latest = PFC_NO_DATE;
  const pfc_table_id table = FACTS[fact].table;
  const pfc_column *column = pfc_dataset_column(ds, table, FACTS[fact].column);
  for (int64_t r = 0; column && r < ds->tables[table].n_rows; r++) {
    const int32_t day = fact_day(ds, table, column, r);
    if (day > latest) latest = day;
  }
  return latest;
}

static int32_t latest_of_table(const pfc_dataset *ds, pfc_table_id table) {
  int32_t latest = PFC_NO_DATE;
  for (int k = 0; k < COUNT(FACTS); k++) {
    if (FACTS[k].table != table) continue;
    const int32_t day = latest_in(ds, k);
    if (day > latest) latest = day;
  }
  return latest;
}

static bool has_facts(pfc_table_id table) {
  for (int k = 0; k < COUNT(FACTS); k++)
    if (FACTS[k].table == table) return true;
  return false;
}

static int32_t latest_of_all(const pfc_dataset *ds) {
  int32_t recorded = PFC_NO_DATE, any = PFC_NO_DATE;
  for (int k = 0; k < COUNT(FACTS); k++) {
    const int32_t day = latest_in(ds, k);
    if (day > any) any = day;
    if (FACTS[k].is_recorded && day > recorded) recorded = day;
  }
  return recorded != PFC_NO_DATE ? recorded : any;
}

/* --- tables and columns ---------------------------------------------------------- */

static bool is_there(const pfc_table *table) {
  return table->n_columns > 0 || table->origin.rows_read > 0;
}

/* An empty cell of these says something by itself. */
static const struct {
  pfc_table_id table;
  const char *column;
} OPEN[] = {
    {PFC_PEOPLE, "left_on"},
    {PFC_PEOPLE, "manager_id"},
    {PFC_PEOPLE, "goal_role_id"},
    {PFC_POSITIONS, "to"},
    {PFC_POSITIONS, "manager_id"},
    {PFC_COMPETENCIES, "parent_id"},
    {PFC_ASSESSMENTS, "valid_until"},
    {PFC_INTERVENTIONS, "closes_on"},
    {PFC_INTERVENTIONS, "opens_on"},
    {PFC_INTERVENTIONS, "recurs_months"},
    {PFC_ELIGIBILITY, "role_id"},
    {PFC_ELIGIBILITY, "unit_id"},
    {PFC_MANDATES, "role_id"},
    {PFC_MANDATES, "unit_id"},
    {PFC_MANDATES, "recurs_months"},
    {PFC_OVERRIDES, "person_id"},
    {PFC_OVERRIDES, "unit_id"},
    {PFC_OVERRIDES, "expires_on"},
    {PFC_ENROLMENTS, "ended_on"},
    {PFC_ENROLMENTS, "started_on"},
    {PFC_EPISODES, "last_below_days"},
    {PFC_PROJECTS, "to"},
    {PFC_PREREQUISITES, "requires_intervention_id"},
    {PFC_PREREQUISITES, "requires_competency_id"},
    {PFC_PREREQUISITES, "requires_level"},
    {PFC_DEMAND, "role_id"},
    {PFC_DEMAND, "competency_id"},
    {PFC_SCENARIOS, "role_id"},
    {PFC_SCENARIOS, "competency_id"},
};

static bool is_open(pfc_table_id table, const char *column) {
  for (int k = 0; k < COUNT(OPEN); k++)
    if (OPEN[k].table == table && strcmp(OPEN[k].column, column) == 0) return true;
  return false;
}

/* Columns of proposals: whoever has none lacks nothing. */
static bool is_of_proposals(pfc_table_id table, const char *column) {
  if (table != PFC_ROLES && table != PFC_REQUIREMENTS && table != PFC_TARGETS) return false;
  return strcmp(column, "confidence") == 0 || strcmp(column, "status") == 0 ||
         strcmp(column, "evidence") == 0;
}

static int64_t count_missing(const pfc_column *column, int64_t n_rows) {
  int64_t n = 0;
  for (int64_t r = 0; r < n_rows; r++) n += pfc_column_missing(column, r);
  return n;
}

/* The declared columns in their order, then the table's own; `split` is ours. */
static void read_columns(const pfc_table *table, pfc_quality *q) {
  for (int c = 0; c < table->decl->n_columns; c++) {
    const char *name = table->decl->columns[c].name;
    const pfc_column *column = NULL;
    for (int k = 0; k < table->n_columns && !column; k++)
      if (strcmp(table->columns[k].name, name) == 0) column = &table->columns[k];
    const bool proposes = is_of_proposals(table->decl->id, name);
    if (strcmp(name, "split") == 0 || (proposes && !column)) continue;
    q->columns[q->n_columns++] = (pfc_quality_column){
        table->decl->id, name, column != NULL, proposes || is_open(table->decl->id, name),
        column ? count_missing(column, table->n_rows) : table->n_rows};
  }
  for (int k = 0; k < table->n_columns; k++) {
    const pfc_column *column = &table->columns[k];
    if (pfc_schema_column(table->decl, column->name)) continue;
    q->columns[q->n_columns++] = (pfc_quality_column){
        table->decl->id, column->name, true, false, count_missing(column, table->n_rows)};
  }
}

static pfc_status read_tables(const pfc_dataset *ds, pfc_quality *q, pfc_error *err) {
  pfc_status st = PFC_OK;
  int most = 0;
  for (int t = 0; t < PFC_N_TABLES; t++)
    most += pfc_schema((pfc_table_id)t)->n_columns + ds->tables[t].n_columns;
  PFC_NEW(q->tables, PFC_N_TABLES);
  PFC_NEW(q->columns, most);
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table *table = &ds->tables[t];
    if (!is_there(table) || t == PFC_PROTECTED) continue;
    q->tables[q->n_tables++] =
        (pfc_quality_table){.table = (pfc_table_id)t,
                            .n_rows = table->n_rows,
                            .rows_read = table->origin.rows_read,
                            .rows_rejected = table->origin.rows_rejected,
                            .has_facts = has_facts((pfc_table_id)t),
                            .latest = latest_of_table(ds, (pfc_table_id)t)};
    read_columns(table, q);
  }
done:
  return st;
}

/* --- feeds ----------------------------------------------------------------------- */

/* Rows are told apart by a column of their own, or of their intervention. */
static const struct {
  pfc_table_id table;
  bool of_intervention;
  const char *by;
} FEEDS[] = {
    {PFC_ASSESSMENTS, false, "source"}, {PFC_ENROLMENTS, false, "status"},
    {PFC_ENROLMENTS, true, "kind"},     {PFC_ENROLMENTS, true, "provider"},
    {PFC_PERFORMANCE, false, "kind"},   {PFC_FEEDBACK, false, "kind"},
};

static int by_rows(const void *a, const void *b) {
  const pfc_quality_feed *x = a, *y = b;
  if (x->n_rows != y->n_rows) return x->n_rows > y->n_rows ? -1 : 1;
  return strcmp(x->word, y->word);
}

static int32_t word_of(const pfc_dataset *ds, const pfc_catalogue *cat, int feed,
                       const pfc_column *by, int64_t row) {
  if (!FEEDS[feed].of_intervention) return by->code[row];
  const int32_t i =
      pfc__code_at(pfc_dataset_codes(ds, FEEDS[feed].table, "intervention_id"), row);
  return i >= 0 && cat->row[i] >= 0 ? by->code[cat->row[i]] : -1;
}

/* Rows and the latest fact of each word; the last place is for rows without one. */
static void tally_feed(const pfc_dataset *ds, const pfc_catalogue *cat, int feed,
                       const pfc_column *by, pfc_quality_feed *tally) {
  const pfc_table_id t = FEEDS[feed].table;
  const int32_t n_words = pfc_dict_size(by->dict);
  const pfc_column *day[4];
  int n_days = 0;
  for (int k = 0; k < COUNT(FACTS) && n_days < 4; k++) {
    const pfc_column *column = pfc_dataset_column(ds, t, FACTS[k].column);
    if (FACTS[k].table == t && column) day[n_days++] = column;
  }
  for (int64_t r = 0; r < ds->tables[t].n_rows; r++) {
    const int32_t word = word_of(ds, cat, feed, by, r);
    pfc_quality_feed *at = &tally[word < 0 ? n_words : word];
    at->n_rows++;
    for (int k = 0; k < n_days; k++) {
      const int32_t on = fact_day(ds, t, day[k], r);
      if (on > at->latest) at->latest = on;
    }
  }
}

static pfc_status read_feed(const pfc_dataset *ds, const pfc_catalogue *cat, int feed,
                            pfc_quality *q, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_quality_feed *tally = NULL;
  const pfc_table_id home = FEEDS[feed].of_intervention ? PFC_INTERVENTIONS : FEEDS[feed].table;
  const pfc_column *by = pfc_dataset_column(ds, home, FEEDS[feed].by);
  if (!by || by->type != PFC_CODE || ds->tables[FEEDS[feed].table].n_rows == 0) return PFC_OK;
  const int32_t n_words = pfc_dict_size(by->dict);
  PFC_NEW(tally, (size_t)n_words + 1);
  for (int32_t w = 0; w <= n_words; w++)
    tally[w] =
        (pfc_quality_feed){FEEDS[feed].table, FEEDS[feed].by,
                           pfc_dict_text(by->dict, w < n_words ? w : -1), 0, PFC_NO_DATE};
  tally_feed(ds, cat, feed, by, tally);
  qsort(tally, (size_t)n_words + 1, sizeof *tally, by_rows);
  int32_t n = 0;
  while (n <= n_words && tally[n].n_rows > 0) n++;
  pfc_quality_feed *grown = pfc_resize_array(q->feeds, (size_t)q->n_feeds,
                                             (size_t)q->n_feeds + (size_t)n, sizeof *grown);
  if (!grown) {
    st = pfc_fail_memory(err, "feeds");
    goto done;
  }
  q->feeds = grown;
  memcpy(q->feeds + q->n_feeds, tally, (size_t)n * sizeof *tally);
  q->n_feeds += n;
done:
  pfc_free(tally);
  return st;
}

/* --- evidence -------------------------------------------------------------------- */

/* From and to when each person is known to have been with the organisation. Somebody with a
 * position from before the day of hiring was there before; who was hired again, or took up a
 * position after leaving, is there. */
static pfc_status read_employment(pfc__evidence *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *from = pfc_dataset_dates(e->ds, PFC_POSITIONS, "from");
  e->hired_on = pfc_dataset_dates(e->ds, PFC_PEOPLE, "hired_on");
  e->left_on = pfc_dataset_dates(e->ds, PFC_PEOPLE, "left_on");
  PFC_NEW(e->employed_from, e->h->n_people);
  PFC_NEW(e->employed_to, e->h->n_people);
  for (int32_t p = 0; p < e->h->n_people; p++) {
    const int64_t row = e->h->people_row[p];
    const int64_t first = e->h->first_position[p], end = e->h->first_position[p + 1];
    int32_t hired = row < 0 ? PFC_NO_DATE : pfc__date_at(e->hired_on, row);
    int32_t left = row < 0 ? PFC_NO_DATE : pfc__date_at(e->left_on, row);
    if (left != PFC_NO_DATE && hired > left) left = PFC_NO_DATE;
    if (from && end > first) {
      const int32_t begin = from[e->h->position_rows[first]];
      if (hired != PFC_NO_DATE && begin < hired) hired = begin;
      if (from[e->h->position_rows[end - 1]] > left) left = PFC_NO_DATE;
    }
    e->employed_from[p] = hired;
    e->employed_to[p] = left;
  }
done:
  return st;
}

static int32_t find_word(const pfc_dataset *ds, const char *dictionary, const char *word) {
  const pfc_dict *dict = pfc_dataset_find_dict(ds, dictionary);
  return dict ? pfc_dict_find(dict, word) : -1;
}

static pfc_status gather(const pfc_dataset *ds, pfc__evidence *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_history_create(ds, &e->h, err));
  PFC_TRY(pfc_catalogue_create(ds, &e->cat, err));
  pfc__enrolments_open(ds, &e->enrolments);
  e->in_progress = find_word(ds, "status", "in_progress");
  e->completed = find_word(ds, "status", "completed");
  e->proficient = find_word(ds, "event", "proficient");
  e->dropped = find_word(ds, "event", "dropped");
  e->left = find_word(ds, "event", "left");
  PFC_TRY(read_employment(e, err));
done:
  return st;
}

static void evidence_clear(pfc__evidence *e) {
  for (int m = 0; m < PFC__N_MARKS; m++) pfc_free(e->mark[m]);
  pfc_free(e->employed_from);
  pfc_free(e->employed_to);
  pfc_catalogue_destroy(e->cat);
  pfc_history_destroy(e->h);
}

/* --- all of it
 * -------------------------------------------------------------------------------- */

pfc_status pfc_quality_create(const pfc_dataset *ds, const pfc_quality_settings *s,
                              pfc_quality **quality, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_quality *q = NULL;
  pfc__evidence e = {.ds = ds,
                     .as_of = s->as_of,
                     .as_of_given = s->as_of != PFC_NO_DATE,
                     .drop_share = s->drop_share};
  *quality = NULL;
  PFC_TRY(pfc_quality_check(s, err));
  PFC_NEW(q, 1);
  if (!e.as_of_given) e.as_of = latest_of_all(ds);
  q->as_of = e.as_of;
  PFC_TRY(gather(ds, &e, err));
  PFC_TRY(read_tables(ds, q, err));
  for (int k = 0; k < COUNT(FEEDS); k++) PFC_TRY(read_feed(ds, e.cat, k, q, err));
  PFC_TRY(pfc__quality_order(&e, err));
  PFC_TRY(pfc__quality_levels(&e, q, err));
  PFC_TRY(pfc__quality_rules(&e, q, err));
  *quality = q;
  q = NULL;
done:
  evidence_clear(&e);
  pfc_quality_destroy(q);
  return st;
}

void pfc_quality_destroy(pfc_quality *q) {
  if (!q) return;
  pfc_free(q->tables);
  pfc_free(q->columns);
  pfc_free(q->feeds);
  pfc_free(q->findings);
  pfc_free(q->sources);
  pfc_free(q);
}
