#include "cli/previous.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "datasets/csv.h"

enum { PERSON, ITEM, RANK, VALUE, N_COLUMNS };
static const char *const NAMES[N_COLUMNS] = {"person_id", "intervention_id", "rank", "value"};
enum { MOST_RANK = 1000000 };

typedef struct row {
  int32_t person;
  previous_place place;
} row;

typedef struct reading {
  const char *path;
  const pfc_dict *people, *items;
  bool has_header;
  int at[N_COLUMNS];
  int n_cells;
  row *rows;
  int64_t n, capacity;
  char *names;
  int64_t names_size, names_capacity;
  int64_t n_strangers;
} reading;

static pfc_status fail_cell(const reading *r, int64_t line, int column, const char *value,
                            const char *expected, pfc_error *err) {
  return pfc_fail(err, PFC_EDATA, "%s:%lld: column %s: '%.100s'; expected %s", r->path,
                  (long long)line, NAMES[column], value, expected);
}

static pfc_status name_item(reading *r, const char *id, int64_t *named, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t size = (int64_t)strlen(id) + 1;
  PFC_RESERVE(r->names, r->names_capacity, r->names_size + size);
  memcpy(r->names + r->names_size, id, (size_t)size);
  *named = r->names_size;
  r->names_size += size;
done:
  return st;
}

static pfc_status take_cells(reading *r, int64_t line, const char *const *cells,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  double rank, value = (double)NAN;
  for (int c = PERSON; c <= RANK; c++) {
    if (!*cells[c]) return fail_cell(r, line, c, "", "it to be filled", err);
  }
  if (!pfc_number_parse(cells[RANK], strlen(cells[RANK]), &rank) || rank != floor(rank) ||
      rank < 1 || rank > MOST_RANK) {
    return fail_cell(r, line, RANK, cells[RANK], "a place, a whole number from 1", err);
  }
  if (*cells[VALUE] && !pfc_number_parse(cells[VALUE], strlen(cells[VALUE]), &value)) {
    return fail_cell(r, line, VALUE, cells[VALUE], "a number, or nothing", err);
  }
  const int32_t person = pfc_dict_find(r->people, cells[PERSON]);
  r->n_strangers += person < 0;
  if (person < 0) return PFC_OK;
  PFC_RESERVE(r->rows, r->capacity, r->n + 1);
  row *to = &r->rows[r->n];
  *to = (row){person, {pfc_dict_find(r->items, cells[ITEM]), (int32_t)rank, value, -1}};
  if (to->place.item < 0) PFC_TRY(name_item(r, cells[ITEM], &to->place.named, err));
  r->n++;
done:
  return st;
}

/* --- CSV ---------------------------------------------------------------------------------- */

static pfc_status take_header(reading *r, const pfc_csv_row *csv, pfc_error *err) {
  for (int c = 0; c < N_COLUMNS; c++) {
    r->at[c] = -1;
    for (int i = 0; i < csv->n_cells; i++) {
      if (strcmp(csv->cell[i], NAMES[c]) == 0) r->at[c] = i;
    }
    if (r->at[c] < 0 && c != VALUE) {
      return pfc_fail(
          err, PFC_EDATA,
          "%s:%lld: no column %s; lists that `recommend` wrote as CSV or JSON Lines "
          "are expected",
          r->path, (long long)csv->line, NAMES[c]);
    }
  }
  r->n_cells = csv->n_cells;
  r->has_header = true;
  return PFC_OK;
}

static pfc_status take_csv(const pfc_csv_row *csv, void *user, pfc_error *err) {
  reading *r = user;
  const char *cells[N_COLUMNS];
  if (!r->has_header) return take_header(r, csv, err);
  if (csv->n_cells != r->n_cells) {
    return pfc_fail(err, PFC_EDATA, "%s:%lld: expected %d cells as in the header, found %d",
                    r->path, (long long)csv->line, r->n_cells, csv->n_cells);
  }
  for (int c = 0; c < N_COLUMNS; c++) cells[c] = r->at[c] < 0 ? "" : csv->cell[r->at[c]];
  return take_cells(r, csv->line, cells, err);
}

/* --- JSON Lines ------------------------------------------------------------------------------
 */

static pfc_status take_object(reading *r, int64_t line, const cJSON *json, pfc_error *err) {
  const char *cells[N_COLUMNS];
  char numbers[N_COLUMNS][PFC_NUMBER_TEXT];
  for (int c = 0; c < N_COLUMNS; c++) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, NAMES[c]);
    cells[c] = "";
    if (cJSON_IsNumber(item)) {
      (void)pfc_number_format(item->valuedouble, numbers[c]);
      cells[c] = numbers[c];
    } else if (cJSON_IsString(item)) {
      cells[c] = item->valuestring;
    }
  }
  return take_cells(r, line, cells, err);
}

static pfc_status take_jsonl(const pfc_csv_row *csv, void *user, pfc_error *err) {
  reading *r = user;
  cJSON *json = NULL;
  char place[512];
  (void)snprintf(place, sizeof place, "%.400s:%lld", r->path, (long long)csv->line);
  pfc_status st = pfc_json_parse(place, csv->cell[0], csv->size[0], &json, err);
  if (st == PFC_OK) st = take_object(r, csv->line, json, err);
  cJSON_Delete(json);
  return st;
}

static pfc_status see_first(const pfc_csv_row *csv, void *user, pfc_error *err) {
  (void)err;
  *(bool *)user = csv->cell[0][0] == '{';
  return PFC_OK;
}

/* A delimiter that no JSON text holds makes each line one cell. */
static pfc_status read_file(reading *r, pfc_error *err) {
  bool is_jsonl = false;
  pfc_csv_settings lines;
  pfc_csv_defaults(&lines);
  lines.delimiter = '\x01';
  lines.quote = 0;
  lines.max_rows = 1;
  const pfc_status st = pfc_csv_read(r->path, &lines, see_first, &is_jsonl, err);
  if (st != PFC_OK) return st;
  lines.max_rows = 0;
  return is_jsonl ? pfc_csv_read(r->path, &lines, take_jsonl, r, err)
                  : pfc_csv_read(r->path, NULL, take_csv, r, err);
}

/* --- by person -------------------------------------------------------------------------------
 */

/* Each one's places in order of rank; equal ranks stay as they came. */
static void sort_places(previous_place *place, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    const previous_place p = place[i];
    int64_t at = i;
    for (; at > 0 && place[at - 1].rank > p.rank; at--) place[at] = place[at - 1];
    place[at] = p;
  }
}

static pfc_status sort_rows(const reading *r, int32_t n_people, previous *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(p->start, (size_t)n_people + 2);
  PFC_NEW(p->place, r->n);
  for (int64_t i = 0; i < r->n; i++) p->start[r->rows[i].person + 2]++;
  for (int32_t k = 1; k <= n_people; k++) p->start[k + 1] += p->start[k];
  for (int64_t i = 0; i < r->n; i++) {
    p->place[p->start[r->rows[i].person + 1]++] = r->rows[i].place;
  }
  for (int32_t k = 0; k < n_people; k++)
    sort_places(p->place + p->start[k], p->start[k + 1] - p->start[k]);
done:
  return st;
}

/* Whoever edited the file may have named something twice: once is enough. */
static bool is_repeat(const previous *p, int64_t from, int64_t at) {
  for (int64_t i = from; i < at; i++)
    if (p->place[i].item == p->place[at].item) return true;
  return false;
}

static pfc_status keep_known(int32_t n_people, previous *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t n = 0;
  PFC_NEW(p->known.start, (size_t)n_people + 1);
  PFC_NEW(p->known.item, p->start[n_people]);
  for (int32_t k = 0; k < n_people; k++) {
    p->known.start[k] = n;
    for (int64_t i = p->start[k]; i < p->start[k + 1]; i++) {
      if (p->place[i].item >= 0 && !is_repeat(p, p->start[k], i))
        p->known.item[n++] = p->place[i].item;
    }
  }
  p->known.start[n_people] = n;
done:
  return st;
}

pfc_status previous_load(const char *path, const pfc_dataset *ds, previous *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_people = pfc_dataset_count(ds, "person");
  reading r = {.path = path,
               .people = pfc_dataset_find_dict(ds, "person"),
               .items = pfc_dataset_find_dict(ds, "intervention")};
  PFC_TRY(read_file(&r, err));
  PFC_TRY(sort_rows(&r, n_people, p, err));
  PFC_TRY(keep_known(n_people, p, err));
  p->names = r.names;
  p->n_strangers = r.n_strangers;
  r.names = NULL;
done:
  pfc_free(r.rows);
  pfc_free(r.names);
  return st;
}

void previous_clear(previous *p) {
  pfc_free(p->start);
  pfc_free(p->place);
  pfc_free(p->names);
  pfc_free(p->known.start);
  pfc_free(p->known.item);
  *p = (previous){0};
}
