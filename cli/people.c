#include "cli/people.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/nearest.h"
#include "datasets/csv.h"

enum { MAX_NOTES = 5 }; /* about unknown people: a wrong file must not flood the screen */

void code_list_clear(code_list *list) {
  pfc_free(list->code);
  *list = (code_list){0};
}

pfc_status code_list_add(code_list *list, int32_t code, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(list->code, list->capacity, list->n + 1);
  list->code[list->n++] = code;
done:
  return st;
}

static const char *near_ids(const pfc_dict *dict, const char *id, char text[256]) {
  nearest best = {0};
  for (int32_t code = 0; dict && code < pfc_dict_size(dict); code++) {
    nearest_offer(&best, id, pfc_dict_text(dict, code));
  }
  return nearest_text(&best, text);
}

pfc_status person_code(common *c, pfc_dataset *ds, const char *id, int32_t *code,
                       pfc_error *err) {
  char near[256];
  pfc_dict *people = pfc_dataset_dict(ds, "person");
  if (!*id) return pfc_fail(err, PFC_EUSAGE, "the id of a person is empty");
  if (!pfc_utf8_valid(id, strlen(id))) {
    return pfc_fail(err, PFC_EUSAGE, "the id of a person is not UTF-8: '%.100s'", id);
  }
  if (!people) return pfc_fail_memory(err, "people");
  *code = pfc_dict_find(people, id);
  if (*code >= 0) return PFC_OK;
  if (c->n_unknown_people++ < MAX_NOTES) {
    common_note(c,
                "the dataset does not know person '%.100s': taken as someone without history%s",
                id, near_ids(people, id, near));
  }
  return pfc_dict_add(people, id, strlen(id), code, err);
}

/* `what` is a kind of thing and the name of its dictionary. */
static pfc_status find_code(const pfc_dataset *ds, const char *what, const char *id,
                            int32_t *code, pfc_error *err) {
  char near[256];
  const pfc_dict *dict = pfc_dataset_find_dict(ds, what);
  *code = dict ? pfc_dict_find(dict, id) : -1;
  if (*code >= 0) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "the dataset does not know %s '%.100s'%s", what, id,
                  near_ids(dict, id, near));
}

pfc_status known_person_code(const pfc_dataset *ds, const char *id, int32_t *code,
                             pfc_error *err) {
  return find_code(ds, "person", id, code, err);
}

pfc_status intervention_code(const pfc_dataset *ds, const char *id, int32_t *code,
                             pfc_error *err) {
  return find_code(ds, "intervention", id, code, err);
}

pfc_status competency_code(const pfc_dataset *ds, const char *id, int32_t *code,
                           pfc_error *err) {
  return find_code(ds, "competency", id, code, err);
}

pfc_status role_code(const pfc_dataset *ds, const char *id, int32_t *code, pfc_error *err) {
  return find_code(ds, "role", id, code, err);
}

/* --- whom ------------------------------------------------------------------------------------
 */

pfc_status people_take(people_asked *asked, int key, const char *arg, pfc_error *err) {
  if (key == PEOPLE_ALL) asked->all = true;
  if (key == PEOPLE_FILE) asked->file = arg;
  if (key != PEOPLE_PERSON) return PFC_OK;
  if (asked->n_people == MAX_PEOPLE) {
    return pfc_fail(err, PFC_EUSAGE, "more than %d people on the command line: use --people",
                    MAX_PEOPLE);
  }
  asked->person[asked->n_people++] = arg;
  return PFC_OK;
}

int people_ways(const people_asked *asked) {
  return (asked->n_people > 0) + asked->all + (asked->file != NULL);
}

typedef struct choosing {
  common *c;
  pfc_dataset *ds;
  code_list *codes;
} choosing;

static pfc_status choose(const char *const *ids, void *user, pfc_error *err) {
  const choosing *to = user;
  int32_t code;
  pfc_status st = person_code(to->c, to->ds, ids[0], &code, err);
  if (st == PFC_OK) st = code_list_add(to->codes, code, err);
  return st;
}

/* Whoever is named twice gets one list. */
static pfc_status drop_repeats(const choosing *to, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *seen = NULL;
  int64_t n = 0;
  PFC_NEW(seen, pfc_dataset_count(to->ds, "person"));
  for (int64_t i = 0; i < to->codes->n; i++) {
    const int32_t code = to->codes->code[i];
    if (seen[code]) continue;
    seen[code] = 1;
    to->codes->code[n++] = code;
  }
  if (n < to->codes->n) {
    common_note(to->c, "%lld names repeat earlier ones: each person gets one list",
                (long long)(to->codes->n - n));
  }
  to->codes->n = n;
done:
  pfc_free(seen);
  return st;
}

pfc_status people_choose(common *c, pfc_dataset *ds, const people_asked *asked,
                         code_list *codes, pfc_error *err) {
  static const char *const COLUMN[] = {"person_id"};
  pfc_status st = PFC_OK;
  choosing to = {c, ds, codes};
  const int32_t n = asked->all ? pfc_dataset_count(ds, "person") : 0;
  for (int32_t p = 0; p < n; p++) PFC_TRY(code_list_add(codes, p, err));
  for (int p = 0; p < asked->n_people; p++) PFC_TRY(choose(&asked->person[p], &to, err));
  if (asked->file) PFC_TRY(ids_read(asked->file, 1, COLUMN, choose, &to, err));
  PFC_TRY(drop_repeats(&to, err));
done:
  return st;
}

/* --- files ----------------------------------------------------------------------------------
 */

enum { MAX_COLUMNS = 4 };

typedef struct reading {
  const char *path;
  int n_columns, n_needed;
  const char *const *columns;
  int at[MAX_COLUMNS]; /* position in the file; -1: not there */
  int n_cells;         /* of the header */
  bool has_header;
  ids_fn fn;
  void *user;
} reading;

static pfc_status fail_header(const reading *r, const pfc_csv_row *row, const char *column,
                              pfc_error *err) {
  char text[256];
  nearest best = {0};
  for (int i = 0; i < row->n_cells; i++) nearest_offer(&best, column, row->cell[i]);
  return pfc_fail(err, PFC_EDATA, "%s:%lld: the first line has no column %s%s", r->path,
                  (long long)row->line, column, nearest_text(&best, text));
}

static pfc_status take_header(reading *r, const pfc_csv_row *row, pfc_error *err) {
  for (int c = 0; c < r->n_columns; c++) {
    r->at[c] = -1;
    for (int i = 0; i < row->n_cells; i++) {
      if (strcmp(row->cell[i], r->columns[c]) != 0) continue;
      if (r->at[c] >= 0) {
        return pfc_fail(err, PFC_EDATA, "%s:%lld: columns %d and %d are both named '%s'",
                        r->path, (long long)row->line, r->at[c] + 1, i + 1, r->columns[c]);
      }
      r->at[c] = i;
    }
    if (r->at[c] < 0 && c < r->n_needed) return fail_header(r, row, r->columns[c], err);
  }
  r->n_cells = row->n_cells;
  r->has_header = true;
  return PFC_OK;
}

/* What is wrong with the ids of a row is told with the place of the row. */
static pfc_status hand_over(const reading *r, const char *const *ids, int64_t line,
                            pfc_error *err) {
  pfc_error inner = PFC_ERROR_INIT;
  const pfc_status st = r->fn(ids, r->user, &inner);
  if (st == PFC_OK) return st;
  return pfc_fail(err, st == PFC_EUSAGE ? PFC_EDATA : st, "%s:%lld: %s", r->path,
                  (long long)line, inner.msg);
}

static pfc_status take_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  reading *r = user;
  const char *ids[MAX_COLUMNS];
  if (!r->has_header) return take_header(r, row, err);
  if (row->n_cells != r->n_cells) {
    return pfc_fail(err, PFC_EDATA,
                    "%s:%lld: expected %d cells as in the header, found %d; is a comma not "
                    "quoted?",
                    r->path, (long long)row->line, r->n_cells, row->n_cells);
  }
  for (int c = 0; c < r->n_columns; c++) {
    ids[c] = r->at[c] < 0 ? "" : row->cell[r->at[c]];
    if (!*ids[c] && c < r->n_needed) {
      return pfc_fail(err, PFC_EDATA, "%s:%lld: %s is empty; expected an id", r->path,
                      (long long)row->line, r->columns[c]);
    }
  }
  return hand_over(r, ids, row->line, err);
}

pfc_status ids_read(const char *path, int n_columns, const char *const *columns, ids_fn fn,
                    void *user, pfc_error *err) {
  return ids_read_some(path, n_columns, n_columns, columns, fn, user, err);
}

pfc_status ids_read_some(const char *path, int n_columns, int n_needed,
                         const char *const *columns, ids_fn fn, void *user, pfc_error *err) {
  pfc_csv_settings csv;
  reading r = {.path = path,
               .n_columns = n_columns,
               .n_needed = n_needed,
               .columns = columns,
               .fn = fn,
               .user = user};
  pfc_csv_defaults(&csv);
  const pfc_status st = pfc_csv_read(path, &csv, take_row, &r, err);
  if (st != PFC_OK || r.has_header) return st;
  return pfc_fail(err, PFC_EDATA, "%s is empty: a first line with %s expected", path,
                  columns[0]);
}
