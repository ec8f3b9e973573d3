#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "datasets/map_internal.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))
#define KEY_SHOWN 60 /* bytes of a key in messages */

/* Where in the mapping we are, for messages. */
typedef struct place {
  const char *file;
  char at[400]; /* "tables.people.columns"; "" at the top */
} place;

static place inside(const place *p, const char *key) {
  place in = {.file = p->file};
  (void)snprintf(in.at, sizeof in.at, "%s%s%.*s", p->at, p->at[0] ? "." : "",
                 (int)pfc_utf8_cut(key, KEY_SHOWN), key);
  return in;
}

static pfc_status fault(const place *p, pfc_error *err, const char *fmt, ...) PFC_PRINTF(3, 4);
static pfc_status fault(const place *p, pfc_error *err, const char *fmt, ...) {
  char text[PFC__REASON + 200];
  va_list args;
  va_start(args, fmt);
  (void)vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  return pfc_fail(err, PFC_EDATA, "%s: %s%s%s", p->file, p->at, p->at[0] ? ": " : "", text);
}

/* An object none of whose keys is unknown. */
static pfc_status check_keys(const place *p, const cJSON *object, const char *const *known,
                             int n_known, pfc_error *err) {
  const cJSON *item;
  char list[300] = "";
  if (!cJSON_IsObject(object)) return fault(p, err, "expected an object, {...}");
  for (int i = 0; i < n_known; i++) pfc__list_name(list, sizeof list, known[i]);
  cJSON_ArrayForEach(item, object) {
    bool is_known = false;
    for (int i = 0; i < n_known; i++) is_known |= strcmp(item->string, known[i]) == 0;
    if (is_known) continue;
    const char *near = pfc__nearest_of(known, n_known, item->string);
    const place in = inside(p, item->string);
    return fault(&in, err, "unknown key; %s%s%sthere are %s", near ? "did you mean '" : "",
                 near ? near : "", near ? "'? " : "", list);
  }
  return PFC_OK;
}

static const cJSON *member(const cJSON *object, const char *key) {
  return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* A list that holds at least one text, and texts alone. */
static pfc_status check_texts(const place *p, const cJSON *list, pfc_error *err) {
  const cJSON *item;
  bool bad = !cJSON_IsArray(list) || cJSON_GetArraySize(list) == 0;
  cJSON_ArrayForEach(item, list) bad |= !cJSON_IsString(item);
  return bad ? fault(p, err, "expected a list of texts, [\"...\"]") : PFC_OK;
}

bool pfc__map_lists(const cJSON *list, const char *text) {
  const cJSON *item;
  cJSON_ArrayForEach(item, list) {
    if (strcmp(item->valuestring, text) == 0) return true;
  }
  return false;
}

/* --- formats ---------------------------------------------------------------- */

#define FORMAT_KEYS "encoding", "delimiter", "quote", "decimal", "thousands", "date", "missing"

/* A key whose value is one of these characters; `may_lack`: or "", which is 0. */
static pfc_status take_character(const place *p, const cJSON *object, const char *key,
                                 const char *allowed, bool may_lack, char *to, pfc_error *err) {
  const cJSON *item = member(object, key);
  const place in = inside(p, key);
  if (!item) return PFC_OK;
  const char *text = cJSON_IsString(item) ? item->valuestring : NULL;
  const bool is_one = text && text[0] && !text[1] && strchr(allowed, text[0]);
  if (!is_one && !(may_lack && text && !text[0]))
    return fault(&in, err, "expected one character of  %s%s", allowed,
                 may_lack ? "  or \"\" for none" : "");
  *to = text[0];
  return PFC_OK;
}

static pfc_status take_date(const place *p, const cJSON *object, pfc__date_format *to,
                            pfc_error *err) {
  char reason[PFC__REASON];
  const cJSON *item = member(object, "date");
  const place in = inside(p, "date");
  if (!item) return PFC_OK;
  if (!cJSON_IsString(item)) return fault(&in, err, "expected a text like \"DD.MM.YYYY\"");
  if (!pfc__date_format_parse(item->valuestring, to, reason))
    return fault(&in, err, "%s", reason);
  return PFC_OK;
}

static pfc_status take_encoding(const place *p, const cJSON *object, const char **to,
                                pfc_error *err) {
  const cJSON *item = member(object, "encoding");
  const place in = inside(p, "encoding");
  if (!item) return PFC_OK;
  if (!cJSON_IsString(item)) return fault(&in, err, "expected a text like \"windows-1252\"");
  *to = item->valuestring;
  return PFC_OK;
}

static pfc_status take_missing(const place *p, const cJSON *object, const cJSON **to,
                               pfc_error *err) {
  const cJSON *item = member(object, "missing");
  const place in = inside(p, "missing");
  if (!item) return PFC_OK;
  *to = item;
  return check_texts(&in, item, err);
}

/* The keys of an object that say how a file is written; others stay as they are in f. */
static pfc_status take_format(const place *p, const cJSON *object, pfc__map_format *f,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(take_encoding(p, object, &f->encoding, err));
  PFC_TRY(take_character(p, object, "delimiter", ",;\t|:", false, &f->delimiter, err));
  PFC_TRY(take_character(p, object, "quote", "\"'", true, &f->quote, err));
  PFC_TRY(take_character(p, object, "decimal", ".,", false, &f->decimal, err));
  PFC_TRY(take_character(p, object, "thousands", ".,' ", true, &f->thousands, err));
  PFC_TRY(take_date(p, object, &f->date, err));
  PFC_TRY(take_missing(p, object, &f->missing, err));
  if (f->thousands == f->decimal)
    return fault(p, err, "thousands and decimal are both '%c'", f->decimal);
done:
  return st;
}

/* --- columns ---------------------------------------------------------------- */

/* Text, number or flag as the text of a canonical cell: PFC_EDATA for anything else, and
 * for what the column would refuse. *to is the caller's. */
static pfc_status take_cell(const place *p, const cJSON *item, const pfc__map_column *c,
                            char **to, pfc_error *err) {
  char number[40], reason[PFC__REASON];
  pfc__cell cell;
  const char *text = number;
  (void)snprintf(number, sizeof number, "%.17g", item->valuedouble);
  if (cJSON_IsString(item))
    text = item->valuestring;
  else if (cJSON_IsBool(item))
    text = cJSON_IsTrue(item) ? "1" : "0";
  else if (!cJSON_IsNumber(item))
    return fault(p, err, "expected a text or a number");
  if (!text[0]) return fault(p, err, "expected a text that is not empty");
  if (!pfc__cell_parse(c->type, c->decl, text, &cell, reason))
    return fault(p, err, "'%.*s': %s", (int)pfc_utf8_cut(text, KEY_SHOWN), text, reason);
  *to = pfc_strdup(text);
  return *to ? PFC_OK : pfc_fail_memory(err, "mapping");
}

static pfc_status take_word(const place *p, const cJSON *item, pfc__map_column *c,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t code;
  const place in = inside(p, item->string);
  if (!item->string[0])
    return fault(p, err, "the empty text is no word; say \"default\" for empty cells");
  PFC_TRY(pfc_dict_add(c->words, item->string, strlen(item->string), &code, err));
  c->n_words = code + 1; /* no key repeats in an object */
  if (!cJSON_IsNull(item)) PFC_TRY(take_cell(&in, item, c, &c->word[code], err));
done:
  return st;
}

static pfc_status take_words(const place *p, const cJSON *object, pfc__map_column *c,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const cJSON *words = member(object, "words"), *item;
  const place in = inside(p, "words");
  if (!words) return st;
  if (c->type != PFC_CODE && c->type != PFC_FLAG)
    return fault(&in, err, "'%s' is a %s; words are for codes and flags", c->name,
                 pfc_type_name(c->type));
  if (!cJSON_IsObject(words) || !words->child)
    return fault(&in, err, "expected an object, {\"word of the source\": \"word here\"}");
  PFC_NEW(c->word, cJSON_GetArraySize(words));
  if (!(c->words = pfc_dict_create("words"))) PFC_TRY(pfc_fail_memory(err, "words"));
  cJSON_ArrayForEach(item, words) PFC_TRY(take_word(&in, item, c, err));
done:
  return st;
}

static pfc_status take_number(const place *p, const cJSON *object, const char *key,
                              pfc__map_column *c, double *to, pfc_error *err) {
  const cJSON *item = member(object, key);
  const place in = inside(p, key);
  if (!item) return PFC_OK;
  if (!cJSON_IsNumber(item)) return fault(&in, err, "expected a number");
  if (c->type != PFC_REAL && c->type != PFC_INT)
    return fault(&in, err, "'%s' is a %s; %s is for numbers", c->name, pfc_type_name(c->type),
                 key);
  c->is_scaled = true;
  *to = item->valuedouble;
  return PFC_OK;
}

/* {"value": ...}: the same in every row. */
static pfc_status take_constant(const place *p, const cJSON *object, pfc__map_column *c,
                                pfc_error *err) {
  const place in = inside(p, "value");
  if (cJSON_GetArraySize(object) > 1)
    return fault(&in, err, "a constant stands alone, without from and other keys");
  return take_cell(&in, member(object, "value"), c, &c->fallback, err);
}

static pfc_status take_from(const place *p, const cJSON *from, pfc__map_column *c,
                            pfc_error *err) {
  if (!cJSON_IsString(from) || !from->valuestring[0])
    return fault(p, err,
                 "expected the name of a column of the source, or {\"from\": NAME}, "
                 "or {\"value\": CONSTANT}");
  c->from = from->valuestring;
  return PFC_OK;
}

static pfc_status take_rules(const place *p, const cJSON *object, pfc__map_column *c,
                             pfc_error *err) {
  static const char *const KEYS[] = {"from",  "value",  "words", "default",
                                     "scale", "offset", "date",  "missing"};
  pfc_status st = PFC_OK;
  const cJSON *fallback = member(object, "default");
  const place in = inside(p, "default");
  PFC_TRY(check_keys(p, object, KEYS, COUNT(KEYS), err));
  if (member(object, "value")) return take_constant(p, object, c, err);
  PFC_TRY(take_from(p, member(object, "from"), c, err));
  PFC_TRY(take_words(p, object, c, err));
  PFC_TRY(take_number(p, object, "scale", c, &c->scale, err));
  PFC_TRY(take_number(p, object, "offset", c, &c->offset, err));
  PFC_TRY(take_date(p, object, &c->date, err));
  PFC_TRY(take_missing(p, object, &c->missing, err));
  if (fallback) PFC_TRY(take_cell(&in, fallback, c, &c->fallback, err));
done:
  return st;
}

/* A format without a day is for months; one that a column does not use is none of its. */
static pfc_status check_date(const place *p, const cJSON *item, const pfc__map_column *c,
                             pfc_error *err) {
  const bool is_date = c->type == PFC_DATE || c->type == PFC_TIME;
  const bool is_month = c->decl && (c->decl->flags & PFC_MONTH);
  if (!is_date && cJSON_IsObject(item) && member(item, "date"))
    return fault(p, err, "'%s' is a %s; date is for dates", c->name, pfc_type_name(c->type));
  if (is_date && c->from && c->date.n_tokens > 0 && !is_month &&
      !pfc__date_format_has(&c->date, PFC__DAY))
    return fault(p, err, "the date format '%.40s' has no day", c->date.text);
  return PFC_OK;
}

static pfc_status take_column(const place *p, const cJSON *item, const pfc__map_source *s,
                              pfc__map_column *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  char dictionary[PFC_DICT_NAME];
  const pfc_table_decl *table = pfc_schema(s->table);
  const char *near = pfc__nearest_name(table, item->string);
  const place in = inside(p, item->string);
  *c = (pfc__map_column){.name = item->string,
                         .decl = pfc_schema_column(table, item->string),
                         .scale = 1,
                         .date = s->format.date,
                         .missing = s->format.missing};
  if (!pfc_schema_takes(table, item->string, &c->type, dictionary))
    return fault(&in, err, "table %s has no such column%s%s%s%s", table->name,
                 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "",
                 !near && table->features ? "; features are named x_... or c_..." : "");
  PFC_TRY(cJSON_IsObject(item) ? take_rules(&in, item, c, err) : take_from(&in, item, c, err));
  PFC_TRY(check_date(&in, item, c, err));
done:
  return st;
}

static pfc_status check_needed(const place *p, const cJSON *columns, pfc_table_id id,
                               pfc_error *err) {
  char lacking[300] = "";
  const pfc_table_decl *table = pfc_schema(id);
  for (int c = 0; c < table->n_columns; c++)
    if ((table->columns[c].flags & (PFC_KEY | PFC_REQUIRED)) &&
        !member(columns, table->columns[c].name))
      pfc__list_name(lacking, sizeof lacking, table->columns[c].name);
  return lacking[0] ? fault(p, err, "table %s needs %s too", table->name, lacking) : PFC_OK;
}

static pfc_status take_columns(const place *p, const cJSON *columns, pfc__map_source *s,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  const cJSON *item;
  if (!cJSON_IsObject(columns))
    return fault(p, err, "expected an object, {\"column\": \"column of the source\"}");
  PFC_NEW(s->columns, cJSON_GetArraySize(columns));
  cJSON_ArrayForEach(item, columns)
      PFC_TRY(take_column(p, item, s, &s->columns[s->n_columns++], err));
  PFC_TRY(check_needed(p, columns, s->table, err));
done:
  return st;
}

/* --- sources ---------------------------------------------------------------- */

static pfc_status take_files(const place *p, const cJSON *files, pfc__map_source *s,
                             pfc_error *err) {
  const cJSON *item;
  int n = 0;
  s->files = files;
  if (!files) return fault(p, err, "expected the name of a file, or a list of names");
  if (!cJSON_IsString(files)) {
    const pfc_status st = check_texts(p, files, err);
    if (st != PFC_OK) return st;
  }
  cJSON_ArrayForEach(item, files) {
    for (int i = 0; i < n; i++)
      if (strcmp(cJSON_GetArrayItem(files, i)->valuestring, item->valuestring) == 0)
        return fault(p, err, "'%s' is listed twice", item->valuestring);
    n++;
  }
  return PFC_OK;
}

static pfc_status take_skip(const place *p, const cJSON *skip, pfc__map_source *s,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  const cJSON *item;
  s->skip = skip;
  if (!skip) return st;
  if (!cJSON_IsObject(skip))
    return fault(p, err, "expected an object, {\"column of the source\": [\"text\"]}");
  cJSON_ArrayForEach(item, skip) {
    const place in = inside(p, item->string);
    PFC_TRY(check_texts(&in, item, err));
  }
done:
  return st;
}

static pfc_status take_source(const place *p, const cJSON *object,
                              const pfc__map_format *format, pfc_table_id table,
                              pfc__map_source *s, pfc_error *err) {
  static const char *const KEYS[] = {"file", "columns", "skip", FORMAT_KEYS};
  pfc_status st = PFC_OK;
  const place files = inside(p, "file"), columns = inside(p, "columns");
  const place skip = inside(p, "skip");
  *s = (pfc__map_source){.table = table, .format = *format};
  PFC_TRY(check_keys(p, object, KEYS, COUNT(KEYS), err));
  PFC_TRY(take_format(p, object, &s->format, err));
  PFC_TRY(take_files(&files, member(object, "file"), s, err));
  PFC_TRY(take_columns(&columns, member(object, "columns"), s, err));
  PFC_TRY(take_skip(&skip, member(object, "skip"), s, err));
done:
  return st;
}

/* One source, or a list of them. */
static pfc_status take_table(const place *p, const cJSON *item, const pfc__map_format *format,
                             pfc__map *map, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int table = pfc_schema_find(item->string);
  const place in = inside(p, item->string);
  const bool is_list = cJSON_IsArray(item);
  const int n = is_list ? cJSON_GetArraySize(item) : 1;
  int capacity = map->n_sources;
  if (n == 0) return fault(&in, err, "expected a source, {\"file\": ..., \"columns\": ...}");
  PFC_RESERVE(map->sources, capacity, map->n_sources + n);
  for (int i = 0; i < n; i++) {
    char number[16];
    (void)snprintf(number, sizeof number, "%d", i + 1);
    const place nth = is_list ? inside(&in, number) : in;
    PFC_TRY(take_source(&nth, is_list ? cJSON_GetArrayItem(item, i) : item, format,
                        (pfc_table_id)table, &map->sources[map->n_sources++], err));
  }
done:
  return st;
}

static pfc_status take_tables(const place *p, const cJSON *tables,
                              const pfc__map_format *format, pfc__map *map, pfc_error *err) {
  pfc_status st = PFC_OK;
  const cJSON *item;
  if (!cJSON_IsObject(tables) || !tables->child)
    return fault(p, err, "expected an object of tables, {\"enrolments\": {...}}");
  cJSON_ArrayForEach(item, tables) {
    const char *near = pfc__nearest_name(NULL, item->string);
    const place in = inside(p, item->string);
    if (pfc_schema_find(item->string) < 0)
      return fault(&in, err, "no table has this name%s%s%s", near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
  }
  for (int t = 0; t < PFC_N_TABLES; t++) {
    item = member(tables, pfc_schema((pfc_table_id)t)->name);
    if (item) PFC_TRY(take_table(p, item, format, map, err));
  }
done:
  return st;
}

pfc_status pfc__map_load(const char *path, pfc__map *map, pfc_error *err) {
  static const char *const KEYS[] = {"tables", FORMAT_KEYS};
  pfc_status st = PFC_OK;
  pfc__map_format format = {.delimiter = ',', .quote = '"', .decimal = '.'};
  const place top = {.file = path};
  const place tables = inside(&top, "tables");
  *map = (pfc__map){.path = path};
  PFC_TRY(pfc_json_load(path, &map->json, err));
  PFC_TRY(check_keys(&top, map->json, KEYS, COUNT(KEYS), err));
  PFC_TRY(take_format(&top, map->json, &format, err));
  PFC_TRY(take_tables(&tables, member(map->json, "tables"), &format, map, err));
done:
  return st;
}

static void clear_column(pfc__map_column *c) {
  for (int i = 0; i < c->n_words; i++) pfc_free(c->word[i]);
  pfc_free(c->word);
  pfc_dict_destroy(c->words);
  pfc_free(c->fallback);
}

void pfc__map_clear(pfc__map *map) {
  for (int s = 0; s < map->n_sources; s++) {
    for (int c = 0; c < map->sources[s].n_columns; c++)
      clear_column(&map->sources[s].columns[c]);
    pfc_free(map->sources[s].columns);
  }
  pfc_free(map->sources);
  cJSON_Delete(map->json);
  *map = (pfc__map){0};
}
