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

/* The same without adding: PFC_EDATA names near ids when there is none. */
PFC_MUST_USE pfc_status known_person_code(const pfc_dataset *ds, const char *id, int32_t *code,
                                          pfc_error *err);

/* The intervention's code; PFC_EDATA names near ids when there is none. */
PFC_MUST_USE pfc_status intervention_code(const pfc_dataset *ds, const char *id, int32_t *code,
                                          pfc_error *err);

/* The competency's code, likewise. */
PFC_MUST_USE pfc_status competency_code(const pfc_dataset *ds, const char *id, int32_t *code,
                                        pfc_error *err);

/* The role's code, likewise. */
PFC_MUST_USE pfc_status role_code(const pfc_dataset *ds, const char *id, int32_t *code,
                                  pfc_error *err);

/* --- whom a command is about: --person ID, --all, --people FILE ------------------------------
 */

enum { MAX_PEOPLE = 256 }; /* on a command line */
enum { PEOPLE_PERSON = OWN_KEY, PEOPLE_ALL, PEOPLE_FILE, AFTER_PEOPLE };

typedef struct people_asked {
  const char *person[MAX_PEOPLE];
  int n_people;
  bool all;
  const char *file;
} people_asked;

/* Rows of a command's table of options. */
#define PEOPLE_OPTION_PERSON \
  { "person", PEOPLE_PERSON, "ID", 0, "for this person; may be repeated", 0 }
#define PEOPLE_OPTION_ALL \
  { "all", PEOPLE_ALL, NULL, 0, "for everyone in the dataset", 0 }
#define PEOPLE_OPTION_FILE \
  { "people", PEOPLE_FILE, "FILE", 0, "for those in column person_id of a CSV file", 0 }

/* Takes one of those options; leaves others alone. */
PFC_MUST_USE pfc_status people_take(people_asked *asked, int key, const char *arg,
                                    pfc_error *err);
/* How many of the three ways were taken. */
int people_ways(const people_asked *asked);
/* Their codes, each once. */
PFC_MUST_USE pfc_status people_choose(common *c, pfc_dataset *ds, const people_asked *asked,
                                      code_list *codes, pfc_error *err);

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
