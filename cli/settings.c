#include "cli/settings.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/nearest.h"

/* A value on its way between text, JSON and the struct: numbers, or a name. */
typedef struct value {
  int n;
  bool is_percent; /* SETTING_LIMIT: the number is a share, of 100 */
  double number[PFC_MAX_CUTOFFS];
  char name[SETTING_TEXT];
} value;

static bool is_list(const setting *row) {
  return row->type == SETTING_INTS || row->type == SETTING_REALS || row->type == SETTING_PAIR;
}

static bool is_whole(const setting *row) {
  return row->type != SETTING_REAL && row->type != SETTING_REALS && row->type != SETTING_PAIR;
}

/* --- the struct ----------------------------------------------------------------------- */

static void load_limit(int64_t rows, double share, value *v) {
  v->is_percent = rows < 0;
  v->number[0] = v->is_percent ? 100 * share : (double)rows;
  v->n = !v->is_percent || !isnan(share);
}

/* Whole numbers stay below 2^53 by their rows' ranges, so a double carries them. */
static void load(const setting *row, const settings *s, value *v) {
  const char *at = (const char *)s + row->at;
  *v = (value){.n = 1};
  switch (row->type) {
    case SETTING_I32:
      v->number[0] = *(const int32_t *)(const void *)at;
      break;
    case SETTING_WORD:
      v->number[0] = *(const int *)(const void *)at;
      break;
    case SETTING_I64:
      v->number[0] = (double)*(const int64_t *)(const void *)at;
      break;
    case SETTING_U64:
      v->number[0] = (double)*(const uint64_t *)(const void *)at;
      break;
    case SETTING_REAL:
      v->number[0] = *(const double *)(const void *)at;
      v->n = !isnan(v->number[0]);
      break;
    case SETTING_NAME:
      (void)snprintf(v->name, sizeof v->name, "%s", at);
      break;
    case SETTING_PAIR:
      memcpy(v->number, at, 2 * sizeof *v->number);
      v->n = isnan(v->number[0]) ? 0 : 2;
      break;
    case SETTING_LIMIT:
      load_limit(*(const int64_t *)(const void *)at,
                 *(const double *)(const void *)((const char *)s + row->count), v);
      break;
    case SETTING_INTS:
    case SETTING_REALS:
      v->n = *(const int *)(const void *)((const char *)s + row->count);
      for (int i = 0; i < v->n; i++) {
        v->number[i] = row->type == SETTING_INTS ? ((const int *)(const void *)at)[i]
                                                 : ((const double *)(const void *)at)[i];
      }
      break;
  }
}

static void store(const setting *row, settings *s, const value *v) {
  char *at = (char *)s + row->at;
  switch (row->type) {
    case SETTING_I32:
      *(int32_t *)(void *)at = (int32_t)v->number[0];
      break;
    case SETTING_WORD:
      *(int *)(void *)at = (int)v->number[0];
      break;
    case SETTING_I64:
      *(int64_t *)(void *)at = (int64_t)v->number[0];
      break;
    case SETTING_U64:
      *(uint64_t *)(void *)at = (uint64_t)v->number[0];
      break;
    case SETTING_REAL:
      *(double *)(void *)at = v->number[0];
      break;
    case SETTING_NAME:
      memcpy(at, v->name, sizeof v->name);
      break;
    case SETTING_PAIR:
      memcpy(at, v->number, 2 * sizeof *v->number);
      break;
    case SETTING_LIMIT:
      *(int64_t *)(void *)at = v->is_percent ? -1 : (int64_t)v->number[0];
      *(double *)(void *)((char *)s + row->count) =
          v->is_percent ? v->number[0] / 100 : (double)NAN;
      break;
    case SETTING_INTS:
    case SETTING_REALS:
      *(int *)(void *)((char *)s + row->count) = v->n;
      for (int i = 0; i < v->n; i++) {
        if (row->type == SETTING_INTS) ((int *)(void *)at)[i] = (int)v->number[i];
        if (row->type == SETTING_REALS) ((double *)(void *)at)[i] = v->number[i];
      }
      break;
  }
}

/* --- what is allowed ------------------------------------------------------------------- */

const char *setting_range(const setting *row, char text[128]) {
  if (row->type == SETTING_WORD) {
    (void)snprintf(text, 128, "%s", row->words);
  } else if (row->type == SETTING_NAME) {
    (void)snprintf(text, 128, "a name");
  } else if (row->type == SETTING_LIMIT) {
    (void)snprintf(text, 128, "0 to %.16g, or 0%% to 100%%", row->max);
  } else {
    (void)snprintf(text, 128, "%.16g to %.16g", row->min, row->max);
  }
  return text;
}

static pfc_status refuse(const setting *row, const char *given, pfc_error *err) {
  char range[128], list[80];
  (void)snprintf(list, sizeof list, "ascending numbers, %d at most, separated by commas, from ",
                 PFC_MAX_CUTOFFS);
  const char *what = row->type == SETTING_WORD   ? ""
                     : row->type == SETTING_NAME ? ""
                     : row->type == SETTING_PAIR ? "two ascending numbers from "
                     : is_list(row)              ? list
                     : is_whole(row)             ? "a whole number from "
                                                 : "a number from ";
  return pfc_fail(err, PFC_EUSAGE, "%s: %s%s expected, not '%.80s'", row->name, what,
                  setting_range(row, range), given);
}

static bool is_valid(const setting *row, const value *v) {
  if (row->type == SETTING_NAME) return true;
  if (is_list(row) ? v->n < 1 : v->n != 1) return false;
  if (row->type == SETTING_PAIR && v->n != 2) return false;
  for (int i = 0; i < v->n; i++) {
    const double x = v->number[i];
    if (v->is_percent) return x >= 0 && x <= 100;
    if (!(x >= row->min && x <= row->max)) return false;
    if (is_whole(row) && x != floor(x)) return false;
    if (i > 0 && x <= v->number[i - 1]) return false;
  }
  return true;
}

static pfc_status put(settings *s, const setting *row, const value *v, const char *given,
                      pfc_error *err) {
  if (!is_valid(row, v)) return refuse(row, given, err);
  store(row, s, v);
  return PFC_OK;
}

/* Index of a word among "a|b|c"; -1 when it is not there. */
static int word_index(const char *words, const char *word) {
  const size_t size = strlen(word);
  int index = 0;
  for (const char *w = words; w; index++) {
    const char *bar = strchr(w, '|');
    const size_t n = bar ? (size_t)(bar - w) : strlen(w);
    if (n == size && memcmp(w, word, n) == 0) return index;
    w = bar ? bar + 1 : NULL;
  }
  return -1;
}

static const char *word_text(const setting *row, int index, char text[SETTING_TEXT]) {
  const char *w = row->words;
  for (int i = 0; i < index; i++) w = strchr(w, '|') + 1;
  (void)snprintf(text, SETTING_TEXT, "%.*s", (int)strcspn(w, "|"), w);
  return text;
}

static bool take_name(const setting *row, const char *text, value *v) {
  if (row->type == SETTING_WORD) {
    v->n = 1;
    v->number[0] = word_index(row->words, text);
    return v->number[0] >= 0;
  }
  (void)snprintf(v->name, sizeof v->name, "%s", text);
  return strlen(text) < sizeof v->name;
}

static bool is_named(const setting *row) {
  return row->type == SETTING_WORD || row->type == SETTING_NAME;
}

/* --- by name ---------------------------------------------------------------------------- */

static const setting *find(const char *name) {
  int n;
  const setting *table = settings_table(&n);
  for (int i = 0; i < n; i++) {
    if (strcmp(table[i].name, name) == 0) return &table[i];
  }
  return NULL;
}

static const char *last_part(const char *name) {
  const char *dot = strrchr(name, '.');
  return dot ? dot + 1 : name;
}

/* Offers every setting whose last part is at most that far from the last part of name. */
static void offer_last_parts(nearest *best, const char *name, int distance) {
  int n;
  const setting *table = settings_table(&n);
  for (int i = 0; i < n && best->n < N_NEAREST; i++) {
    if (edit_distance(last_part(name), last_part(table[i].name)) > distance) continue;
    best->name[best->n++] = table[i].name;
  }
}

/* Whoever writes "rank" or "train.rank" means train.affinity.rank. */
static pfc_status unknown(const char *file, const char *name, pfc_error *err) {
  int n;
  const setting *table = settings_table(&n);
  nearest best = {0};
  char text[256];
  offer_last_parts(&best, name, 0);
  if (best.n == 0) {
    for (int i = 0; i < n; i++) nearest_offer(&best, name, table[i].name);
  }
  if (best.n == 0) offer_last_parts(&best, name, 2);
  return pfc_fail(err, PFC_EUSAGE, "%s%sthere is no setting '%.80s'%s%s", file,
                  *file ? ": " : "", name, nearest_text(&best, text),
                  best.n ? "" : "; `proficio config` lists them all");
}

/* "1,2.5": false when a part is no number or there are too many. */
static bool parse_numbers(const char *text, value *v) {
  for (const char *at = text;; at++) {
    char *end = NULL;
    if (v->n == PFC_MAX_CUTOFFS || *at == '\0') return false;
    errno = 0;
    v->number[v->n++] = strtod(at, &end);
    if (end == at || errno == ERANGE) return false;
    if (*end == '\0') return true;
    if (*end != ',') return false;
    at = end;
  }
}

/* "20" or "2.5%". */
static bool parse_limit(const char *text, value *v) {
  char number[SETTING_TEXT];
  const size_t size = strlen(text);
  v->is_percent = size > 0 && text[size - 1] == '%';
  const size_t n = size - v->is_percent;
  if (n >= sizeof number) return false;
  memcpy(number, text, n);
  number[n] = '\0';
  return parse_numbers(number, v);
}

static bool parse(const setting *row, const char *text, value *v) {
  if (is_named(row)) return take_name(row, text, v);
  return row->type == SETTING_LIMIT ? parse_limit(text, v) : parse_numbers(text, v);
}

pfc_status settings_set(settings *s, const char *name, const char *text, pfc_error *err) {
  const setting *row = find(name);
  value v = {0};
  if (!row) return unknown("", name, err);
  return parse(row, text, &v) ? put(s, row, &v, text, err) : refuse(row, text, err);
}

/* --- JSON ----------------------------------------------------------------------------------
 */

static bool take_json(const setting *row, const cJSON *item, value *v) {
  if (is_named(row)) return cJSON_IsString(item) && take_name(row, item->valuestring, v);
  if (row->type == SETTING_LIMIT && cJSON_IsString(item))
    return parse_limit(item->valuestring, v);
  if (!is_list(row)) {
    v->n = 1;
    v->number[0] = item->valuedouble;
    return cJSON_IsNumber(item);
  }
  if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) > PFC_MAX_CUTOFFS) return false;
  const cJSON *part;
  cJSON_ArrayForEach(part, item) {
    if (!cJSON_IsNumber(part)) return false;
    v->number[v->n++] = part->valuedouble;
  }
  return true;
}

static pfc_status put_json(settings *s, const setting *row, const cJSON *item, const char *file,
                           pfc_error *err) {
  value v = {0};
  pfc_error inner = PFC_ERROR_INIT;
  if (cJSON_IsNull(item)) return PFC_OK;
  char *given = cJSON_PrintUnformatted(item);
  if (!given) return pfc_fail_memory(err, "settings");
  const pfc_status st =
      take_json(row, item, &v) ? put(s, row, &v, given, &inner) : refuse(row, given, &inner);
  cJSON_free(given);
  return st == PFC_OK ? st : pfc_fail(err, st, "%s: %s", file, inner.msg);
}

static bool is_group(const char *path) {
  int n;
  const setting *table = settings_table(&n);
  const size_t size = strlen(path);
  for (int i = 0; i < n; i++) {
    if (strncmp(table[i].name, path, size) == 0 && table[i].name[size] == '.') return true;
  }
  return false;
}

static pfc_status take_object(settings *s, const cJSON *object, const char *prefix,
                              const char *file, pfc_error *err) {
  const cJSON *item;
  cJSON_ArrayForEach(item, object) {
    if (strncmp(item->string, "//", 2) == 0) continue; /* a remark: JSON has no other */
    char path[160];
    pfc_status st = PFC_OK;
    (void)snprintf(path, sizeof path, "%s%s%.100s", prefix, *prefix ? "." : "", item->string);
    const setting *row = find(path);
    if (row) {
      st = put_json(s, row, item, file, err);
    } else if (!is_group(path)) {
      st = unknown(file, path, err);
    } else if (!cJSON_IsObject(item)) {
      st = pfc_fail(err, PFC_EUSAGE, "%s: %s: an object expected", file, path);
    } else {
      st = take_object(s, item, path, file, err);
    }
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

pfc_status settings_take(settings *s, const cJSON *json, const char *file, pfc_error *err) {
  if (!cJSON_IsObject(json)) return pfc_fail(err, PFC_EUSAGE, "%s: an object expected", file);
  return take_object(s, json, "", file, err);
}

const char *setting_value(const setting *row, const settings *s, char text[256]) {
  value v;
  size_t at = 0;
  char word[SETTING_TEXT];
  load(row, s, &v);
  text[0] = '\0';
  if (row->type == SETTING_NAME) return memcpy(text, v.name, sizeof v.name);
  if (row->type == SETTING_WORD) {
    (void)snprintf(text, 256, "%s", word_text(row, (int)v.number[0], word));
    return text;
  }
  for (int i = 0; i < v.n && at < 230; i++) {
    const int digits = is_whole(row) && !v.is_percent ? 17 : 15; /* a seed has 16 at most */
    at += (size_t)snprintf(text + at, 256 - at, "%s%.*g%s", i ? "," : "", digits, v.number[i],
                           v.is_percent ? "%" : "");
  }
  return text;
}

static cJSON *value_json(const setting *row, const settings *s) {
  value v;
  char word[SETTING_TEXT], text[256];
  load(row, s, &v);
  if (row->type == SETTING_NAME) return cJSON_CreateString(v.name);
  if (row->type == SETTING_WORD) {
    return cJSON_CreateString(word_text(row, (int)v.number[0], word));
  }
  if (v.n == 0) return cJSON_CreateNull();
  if (v.is_percent) return cJSON_CreateString(setting_value(row, s, text));
  /* cJSON prints 15 digits where that is nearly the number; a seed must be the same. */
  if (!is_list(row) && is_whole(row)) return cJSON_CreateRaw(setting_value(row, s, text));
  if (!is_list(row)) return cJSON_CreateNumber(v.number[0]);
  return cJSON_CreateDoubleArray(v.number, v.n);
}

/* Adds the value under its path, making the objects on the way; false without memory. */
static bool add_at_path(cJSON *root, const char *path, cJSON *item) {
  cJSON *object = root;
  char part[SETTING_TEXT];
  for (const char *dot; item && object && (dot = strchr(path, '.')); path = dot + 1) {
    (void)snprintf(part, sizeof part, "%.*s", (int)(dot - path), path);
    cJSON *next = cJSON_GetObjectItemCaseSensitive(object, part);
    object = next ? next : cJSON_AddObjectToObject(object, part);
  }
  if (item && object && cJSON_AddItemToObject(object, path, item)) return true;
  cJSON_Delete(item);
  return false;
}

cJSON *settings_json(const settings *s, const char *prefix) {
  int n;
  const setting *table = settings_table(&n);
  cJSON *json = cJSON_CreateObject();
  for (int i = 0; i < n && json; i++) {
    if (strncmp(table[i].name, prefix, strlen(prefix)) != 0) continue;
    if (!add_at_path(json, table[i].name, value_json(&table[i], s))) {
      cJSON_Delete(json);
      json = NULL;
    }
  }
  return json;
}
