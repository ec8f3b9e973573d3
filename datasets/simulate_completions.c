#include "datasets/simulate_completions.h"

#include <string.h>

#include "base/mem.h"

static const struct {
  pfc_table_id table;
  const char *column;
} KEPT[] = {
    {PFC_PEOPLE, "person_id"},
    {PFC_PEOPLE, "role_id"},
    {PFC_ROLES, "role_id"},
    {PFC_ROLES, "title"},
    {PFC_INTERVENTIONS, "intervention_id"},
    {PFC_INTERVENTIONS, "title"},
    {PFC_INTERVENTIONS, "description"},
    {PFC_INTERVENTIONS, "kind"},
    {PFC_INTERVENTIONS, "hours"},
    {PFC_ENROLMENTS, "person_id"},
    {PFC_ENROLMENTS, "intervention_id"},
    {PFC_ENROLMENTS, "ended_on"},
};

static const char COMPLETED[] = "completed";

static pfc_status copy_texts(const pfc_dict *from, pfc_dict *to, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int32_t code = pfc_dict_size(to); code < pfc_dict_size(from); code++) {
    const char *text = pfc_dict_text(from, code);
    int32_t same;
    PFC_TRY(pfc_dict_add(to, text, strlen(text), &same, err));
  }
done:
  return st;
}

/* The n rows of it that are kept; all where keep is NULL. */
static pfc_status copy_column(const pfc_dataset *from, pfc_table_id table, const char *name,
                              const uint8_t *keep, int64_t n, pfc_dataset *to, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *copy;
  const pfc_column *column = pfc_dataset_column(from, table, name);
  if (!column) return PFC_OK;
  const char *dict = column->dict ? pfc_dict_name(column->dict) : NULL;
  PFC_TRY(pfc_dataset_add_column(to, table, name, column->type, dict, n, &copy, err));
  if (dict) PFC_TRY(copy_texts(column->dict, copy->dict, err));
  (void)pfc_column_keep(copy, column, keep, from->tables[table].n_rows);
done:
  return st;
}

static pfc_status add_status(pfc_dataset *to, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *status;
  int32_t completed;
  PFC_TRY(pfc_dataset_add_column(to, PFC_ENROLMENTS, "status", PFC_CODE, "status", n, &status,
                                 err));
  PFC_TRY(pfc_dict_add(status->dict, COMPLETED, strlen(COMPLETED), &completed, err));
  for (int64_t r = 0; r < n; r++) status->code[r] = completed;
done:
  return st;
}

/* Marks what was brought to a good end; returns how many. */
static int64_t mark_finished(const pfc_dataset *ds, uint8_t *keep) {
  int64_t n = 0;
  const int32_t *status = pfc_dataset_codes(ds, PFC_ENROLMENTS, "status");
  const int32_t *ended_on = pfc_dataset_dates(ds, PFC_ENROLMENTS, "ended_on");
  const pfc_dict *words = pfc_dataset_find_dict(ds, "status");
  if (!status || !ended_on || !words) return 0;
  const int32_t passed = pfc_dict_find(words, "passed"),
                completed = pfc_dict_find(words, COMPLETED);
  for (int64_t r = 0; r < ds->tables[PFC_ENROLMENTS].n_rows; r++) {
    keep[r] = status[r] >= 0 && (status[r] == passed || status[r] == completed) &&
              ended_on[r] != PFC_NO_DATE;
    n += keep[r];
  }
  return n;
}

pfc_status pfc_simulate_completions(const pfc_dataset *ds, pfc_dataset **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *keep = NULL;
  pfc_dataset *kept = pfc_dataset_create();
  if (!kept) return pfc_fail_memory(err, "dataset");
  PFC_NEW(keep, ds->tables[PFC_ENROLMENTS].n_rows);
  const int64_t n_finished = mark_finished(ds, keep);
  for (size_t k = 0; k < sizeof KEPT / sizeof *KEPT; k++) {
    const bool some = KEPT[k].table == PFC_ENROLMENTS;
    PFC_TRY(copy_column(ds, KEPT[k].table, KEPT[k].column, some ? keep : NULL,
                        some ? n_finished : ds->tables[KEPT[k].table].n_rows, kept, err));
  }
  PFC_TRY(add_status(kept, n_finished, err));
  *out = kept;
  kept = NULL;
done:
  pfc_free(keep);
  pfc_dataset_destroy(kept);
  return st;
}
