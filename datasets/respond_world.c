/* An organisation that was simulated, read back as the simulator held it, and cut at a day. */
#include <string.h>

#include "datasets/catalogue.h"
#include "datasets/columns_internal.h"
#include "datasets/respond_internal.h"

/* --- codes and rows ----------------------------------------------------------------------- */

/* code[rows of the truth] and, where asked for, row[codes of the dataset]. */
static pfc_status map_ids(const pfc_dataset *ds, const char *dictionary, const pfc_dict *truth,
                          int32_t **code, int32_t **row, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *dict = pfc_dataset_find_dict(ds, dictionary);
  if (!dict)
    return pfc_fail(err, PFC_EDATA, "the dataset has no %s: one that was simulated expected",
                    dictionary);
  PFC_NEW(*code, pfc_dict_size(truth));
  pfc_dict_map(truth, dict, *code);
  for (int32_t k = 0; k < pfc_dict_size(truth); k++) {
    if ((*code)[k] >= 0) continue;
    return pfc_fail(err, PFC_EDATA,
                    "the truth is of another organisation: the dataset has no %s '%s'",
                    dictionary, pfc_dict_text(truth, k));
  }
  if (!row) return PFC_OK;
  PFC_NEW(*row, pfc_dict_size(dict));
  pfc_dict_map(dict, truth, *row);
done:
  return st;
}

/* Columns without which nothing can be read back or appended. */
static pfc_status check_columns(const pfc_dataset *ds, pfc_error *err) {
  static const struct {
    const char *column;
    pfc_table_id table;
    pfc_type type;
  } NEEDED[] = {{"person_id", PFC_PEOPLE, PFC_CODE},
                {"hired_on", PFC_PEOPLE, PFC_DATE},
                {"unit_id", PFC_PEOPLE, PFC_CODE},
                {"person_id", PFC_POSITIONS, PFC_CODE},
                {"from", PFC_POSITIONS, PFC_DATE},
                {"manager_id", PFC_POSITIONS, PFC_CODE},
                {"intervention_id", PFC_INTERVENTIONS, PFC_CODE},
                {"kind", PFC_INTERVENTIONS, PFC_CODE},
                {"person_id", PFC_ENROLMENTS, PFC_CODE},
                {"intervention_id", PFC_ENROLMENTS, PFC_CODE},
                {"enrolled_on", PFC_ENROLMENTS, PFC_DATE},
                {"started_on", PFC_ENROLMENTS, PFC_DATE},
                {"ended_on", PFC_ENROLMENTS, PFC_DATE},
                {"status", PFC_ENROLMENTS, PFC_CODE},
                {"person_id", PFC_ASSESSMENTS, PFC_CODE},
                {"competency_id", PFC_ASSESSMENTS, PFC_CODE},
                {"level", PFC_ASSESSMENTS, PFC_REAL},
                {"source", PFC_ASSESSMENTS, PFC_CODE},
                {"assessed_on", PFC_ASSESSMENTS, PFC_DATE},
                {"event_id", PFC_FEEDBACK, PFC_CODE},
                {"person_id", PFC_FEEDBACK, PFC_CODE},
                {"intervention_id", PFC_FEEDBACK, PFC_CODE},
                {"at", PFC_FEEDBACK, PFC_TIME},
                {"kind", PFC_FEEDBACK, PFC_CODE}};
  for (size_t k = 0; k < sizeof NEEDED / sizeof *NEEDED; k++) {
    const pfc_column *c = pfc_dataset_column(ds, NEEDED[k].table, NEEDED[k].column);
    if (c && c->type == NEEDED[k].type) continue;
    return pfc_fail(err, PFC_EDATA, "%s.%s is missing: a dataset that was simulated expected",
                    pfc_schema(NEEDED[k].table)->name, NEEDED[k].column);
  }
  return PFC_OK;
}

/* --- the simulator's own arrays -------------------------------------------------------------
 */

static pfc_status read_kind(pfc__sim *s, int32_t i, const char *name, pfc_error *err) {
  for (s->kind[i] = 0; s->kind[i] < pfc__sim_n_kinds; s->kind[i]++)
    if (strcmp(pfc__sim_kinds[s->kind[i]].name, name) == 0) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "intervention '%s' is of kind '%s', which is not simulated",
                  pfc_dict_text(s->truth->interventions, i), name);
}

static pfc_status read_catalogue(pfc__respond *r, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__sim *s = &r->sim;
  pfc_catalogue *cat = NULL;
  const int32_t n = s->truth->n_interventions;
  const int32_t *kind = pfc_dataset_codes(ds, PFC_INTERVENTIONS, "kind");
  const pfc_dict *kinds = pfc_dataset_find_dict(ds, "kind");
  PFC_TRY(pfc_catalogue_create(ds, &cat, err));
  PFC_NEW(s->kind, n);
  PFC_NEW(s->opens_on, n);
  PFC_NEW(s->closes_on, n);
  PFC_NEW(s->recurs_months, n);
  for (int32_t i = 0; i < n; i++) {
    const int32_t code = r->intervention_code[i];
    const int64_t row = cat->row[code];
    PFC_TRY(read_kind(s, i, pfc_dict_text(kinds, row < 0 ? -1 : kind[row]), err));
    s->opens_on[i] = cat->opens_on[code];
    s->closes_on[i] = cat->closes_on[code];
    s->recurs_months[i] = cat->recurs_months[code];
  }
done:
  pfc_catalogue_destroy(cat);
  return st;
}

static pfc_status read_people(pfc__respond *r, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__sim *s = &r->sim;
  const int32_t *person = pfc_dataset_codes(ds, PFC_PEOPLE, "person_id");
  const int32_t *hired_on = pfc_dataset_dates(ds, PFC_PEOPLE, "hired_on");
  const int32_t *unit = pfc_dataset_codes(ds, PFC_PEOPLE, "unit_id");
  PFC_NEW(s->hired_on, s->truth->n_people);
  PFC_NEW(s->unit, s->truth->n_people);
  for (int32_t p = 0; p < s->truth->n_people; p++) s->unit[p] = -1;
  for (int64_t row = 0; row < ds->tables[PFC_PEOPLE].n_rows; row++) {
    const int32_t p = person[row] < 0 ? -1 : r->person_row[person[row]];
    if (p < 0) continue;
    s->hired_on[p] = hired_on[row];
    s->unit[p] = unit[row];
  }
done:
  return st;
}

enum { NOT_READ = -2 };

/* The manager of each of the truth's positions, which are those of the table. */
static pfc_status read_managers(pfc__respond *r, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = r->sim.truth;
  const int32_t *person = pfc_dataset_codes(ds, PFC_POSITIONS, "person_id");
  const int32_t *from = pfc_dataset_dates(ds, PFC_POSITIONS, "from");
  const int32_t *manager = pfc_dataset_codes(ds, PFC_POSITIONS, "manager_id");
  const int64_t n = t->position_start[t->n_people];
  PFC_NEW(r->sim.position_manager, n);
  int32_t *of = r->sim.position_manager;
  for (int64_t k = 0; k < n; k++) of[k] = NOT_READ;
  for (int64_t row = 0; row < ds->tables[PFC_POSITIONS].n_rows; row++) {
    const int32_t p = person[row] < 0 ? -1 : r->person_row[person[row]];
    int64_t k = p < 0 ? 0 : t->position_start[p];
    const int64_t end = p < 0 ? 0 : t->position_start[p + 1];
    while (k < end && (of[k] != NOT_READ || t->position_from[k] != from[row])) k++;
    if (k < end) of[k] = manager[row] < 0 ? -1 : r->person_row[manager[row]];
  }
  for (int64_t k = 0; k < n; k++)
    if (of[k] == NOT_READ) of[k] = -1;
done:
  return st;
}

pfc_status pfc__respond_open(pfc__respond *r, const pfc_dataset *ds, const pfc_truth *truth,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  r->sim.settings = &r->settings;
  PFC_TRY(map_ids(ds, "person", truth->people, &r->person_code, &r->person_row, err));
  PFC_TRY(map_ids(ds, "intervention", truth->interventions, &r->intervention_code,
                  &r->intervention_row, err));
  PFC_TRY(map_ids(ds, "competency", truth->competencies, &r->competency_code, NULL, err));
  PFC_TRY(check_columns(ds, err));
  PFC_TRY(pfc__truth_copy(truth, &r->sim.truth, err));
  PFC_TRY(pfc__sim_core(&r->sim, err));
  PFC_TRY(read_catalogue(r, ds, err));
  PFC_TRY(read_people(r, ds, err));
  PFC_TRY(read_managers(r, ds, err));
done:
  return st;
}

void pfc__respond_close(pfc__respond *r) {
  pfc_dataset_destroy(r->sim.ds);
  pfc_truth_destroy(r->sim.truth);
  pfc__sim_clear(&r->sim);
  pfc_free(r->person_row);
  pfc_free(r->intervention_row);
  pfc_free(r->person_code);
  pfc_free(r->intervention_code);
  pfc_free(r->competency_code);
  pfc_free(r->responses);
}

/* --- what people took -------------------------------------------------------------------- */

pfc_status pfc__taken_init(pfc__taken *t, const pfc__respond *r, const pfc_dataset *ds,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_people = r->sim.truth->n_people;
  const int32_t *person = pfc_dataset_codes(ds, PFC_ENROLMENTS, "person_id");
  const pfc_dict *words = pfc_dataset_find_dict(ds, "status");
  const int64_t n = ds->tables[PFC_ENROLMENTS].n_rows;
  PFC_NEW(t->start, (size_t)n_people + 2);
  PFC_NEW(t->row, n);
  /* One place further than it will be: each is moved back while the rows are put in. */
  for (int64_t k = 0; k < n; k++)
    if (person[k] >= 0 && r->person_row[person[k]] >= 0)
      t->start[r->person_row[person[k]] + 2]++;
  for (int32_t p = 0; p < n_people; p++) t->start[p + 2] += t->start[p + 1];
  for (int64_t k = 0; k < n; k++)
    if (person[k] >= 0 && r->person_row[person[k]] >= 0)
      t->row[t->start[r->person_row[person[k]] + 1]++] = k;
  t->intervention = pfc_dataset_codes(ds, PFC_ENROLMENTS, "intervention_id");
  t->enrolled_on = pfc_dataset_dates(ds, PFC_ENROLMENTS, "enrolled_on");
  t->started_on = pfc_dataset_dates(ds, PFC_ENROLMENTS, "started_on");
  t->ended_on = pfc_dataset_dates(ds, PFC_ENROLMENTS, "ended_on");
  t->status = pfc_dataset_codes(ds, PFC_ENROLMENTS, "status");
  t->passed = pfc_dict_find(words, "passed");
  t->failed = pfc_dict_find(words, "failed");
  t->dropped = pfc_dict_find(words, "dropped");
done:
  return st;
}

void pfc__taken_clear(pfc__taken *t) {
  pfc_free(t->start);
  pfc_free(t->row);
}

/* Agreed on or after the day? */
static bool is_later(const pfc__taken *t, int64_t row, int32_t day) {
  const int32_t on =
      t->enrolled_on[row] != PFC_NO_DATE ? t->enrolled_on[row] : t->started_on[row];
  return on != PFC_NO_DATE && on >= day;
}

/* --- the cut ------------------------------------------------------------------------------ */

/* Was the gain brought by an enrolment that is gone? It came of the latest start before it that
 * may have been passed. */
static bool is_undone(const pfc__respond *r, const pfc__taken *t, int32_t person,
                      int64_t gain) {
  const pfc_truth *truth = r->sim.truth;
  const int32_t i = truth->gain_intervention[gain];
  int64_t latest = -1;
  if (i < 0 || truth->gain_day[gain] < r->day) return false;
  for (int64_t k = t->start[person]; k < t->start[person + 1]; k++) {
    const int64_t row = t->row[k];
    const int32_t on = t->started_on[row];
    const bool lost = t->status[row] == t->failed || t->status[row] == t->dropped;
    if (t->intervention[row] != r->intervention_code[i] || lost || on == PFC_NO_DATE) continue;
    if (on < truth->gain_day[gain] && (latest < 0 || on > t->started_on[latest])) latest = row;
  }
  return latest >= 0 && is_later(t, latest, r->day);
}

static void cut_gains(pfc__respond *r, const pfc__taken *taken) {
  pfc_truth *t = r->sim.truth;
  int64_t n = 0, from = t->gain_start[0];
  for (int32_t p = 0; p < t->n_people; p++) {
    const int64_t to = t->gain_start[p + 1];
    for (int64_t g = from; g < to; g++) {
      if (is_undone(r, taken, p, g)) continue;
      t->gain_day[n] = t->gain_day[g];
      t->gain_competency[n] = t->gain_competency[g];
      t->gain_intervention[n] = t->gain_intervention[g];
      t->gain[n++] = t->gain[g];
    }
    from = to;
    t->gain_start[p + 1] = n;
  }
}

/* Facts that recommendations move, and their days. */
static const struct {
  pfc_table_id table;
  const char *column;
} MOVED[] = {{PFC_ASSESSMENTS, "assessed_on"},
             {PFC_PERFORMANCE, "on"},
             {PFC_PROJECTS, "from"},
             {PFC_FEEDBACK, "at"}};

static bool is_on_or_after(const pfc_column *column, int64_t row, int32_t day) {
  if (pfc_column_missing(column, row)) return false;
  return (column->type == PFC_TIME ? pfc_time_day(column->time[row]) : column->date[row]) >=
         day;
}

typedef uint8_t *keeps[PFC_N_TABLES]; /* NULL: every row */

static pfc_status mark(const pfc__respond *r, const pfc_dataset *ds, const pfc__taken *taken,
                       keeps keep, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = ds->tables[PFC_ENROLMENTS].n_rows;
  PFC_NEW(keep[PFC_ENROLMENTS], n);
  for (int64_t row = 0; row < n; row++)
    keep[PFC_ENROLMENTS][row] = !is_later(taken, row, r->day);
  for (size_t k = 0; k < sizeof MOVED / sizeof *MOVED; k++) {
    const pfc_table_id t = MOVED[k].table;
    const pfc_column *column = pfc_dataset_column(ds, t, MOVED[k].column);
    if (!column) continue;
    PFC_NEW(keep[t], ds->tables[t].n_rows);
    for (int64_t row = 0; row < ds->tables[t].n_rows; row++)
      keep[t][row] = !is_on_or_after(column, row, r->day);
  }
done:
  return st;
}

/* Events are numbered by the rows that are left, as import would number them: ids of those that
 * are gone are nobody's. */
static pfc_status renumber_events(pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *event = pfc_dataset_column(ds, PFC_FEEDBACK, "event_id");
  int d = 0;
  while (ds->dicts[d] != event->dict) d++;
  pfc_dict *old = event->dict, *fresh = pfc_dict_create(pfc_dict_name(old));
  if (!fresh) return pfc_fail_memory(err, "feedback events");
  for (int64_t row = 0; row < ds->tables[PFC_FEEDBACK].n_rows; row++) {
    const char *id = pfc_dict_text(old, event->code[row]);
    PFC_TRY(pfc_dict_add(fresh, id, strlen(id), &event->code[row], err));
  }
  for (int c = 0; c < ds->tables[PFC_FEEDBACK].n_columns; c++) {
    pfc_column *column = &ds->tables[PFC_FEEDBACK].columns[c];
    if (column->dict == old) column->dict = fresh;
  }
  ds->dicts[d] = fresh;
  fresh = old;
done:
  pfc_dict_destroy(fresh);
  return st;
}

pfc_status pfc__respond_cut(pfc__respond *r, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  keeps keep = {NULL};
  pfc__taken taken = {0};
  PFC_TRY(pfc__taken_init(&taken, r, ds, err));
  PFC_TRY(mark(r, ds, &taken, keep, err));
  PFC_TRY(pfc_dataset_filter(ds, (const uint8_t *const *)keep, &r->sim.ds, err));
  PFC_TRY(renumber_events(r->sim.ds, err));
  cut_gains(r, &taken);
  r->sim.truth->last_day = r->end - 1;
done:
  for (int t = 0; t < PFC_N_TABLES; t++) pfc_free(keep[t]);
  pfc__taken_clear(&taken);
  return st;
}
