/* Ids given on the command line or in a file, as codes of a dataset. */
#ifndef PROFICIO_CLI_PEOPLE_H
#define PROFICIO_CLI_PEOPLE_H

#include "cli/common.h"
#include "datasets/dataset.h"

typedef struct code_list {
  int64_t n, capacity;
  int32_t *code;
} code_list;

void code_list_clear(code_list *list);
PFC_MUST_USE pfc_status code_list_add(code_list *list, int32_t code, pfc_error *err);

/* The person's code. Of someone the dataset does not know the id is added to it, so that
 * there is an answer for those without any history too; a note says so and names near ids. */
PFC_MUST_USE pfc_status person_code(common *c, pfc_dataset *ds, const char *id, int32_t *code,
                                    pfc_error *err);

/* The intervention's code; PFC_EDATA names near ids when there is none. */
PFC_MUST_USE pfc_status intervention_code(const pfc_dataset *ds, const char *id, int32_t *code,
                                          pfc_error *err);

/* The competency's code, likewise. */
PFC_MUST_USE pfc_status competency_code(const pfc_dataset *ds, const char *id, int32_t *code,
                                        pfc_error *err);

/* Calls fn for each row of a CSV file with the cells of the named columns. PFC_EDATA when a
 * column is missing or a cell of one is empty. */
typedef pfc_status (*ids_fn)(const char *const *ids, void *user, pfc_error *err);
PFC_MUST_USE pfc_status ids_read(const char *path, int n_columns, const char *const *columns,
                                 ids_fn fn, void *user, pfc_error *err);
/* The same; only the first n_needed columns must be there and be filled: fn gets "" for what is
 * not. */
PFC_MUST_USE pfc_status ids_read_some(const char *path, int n_columns, int n_needed,
                                      const char *const *columns, ids_fn fn, void *user,
                                      pfc_error *err);

#endif
