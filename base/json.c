#include "base/json.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json_internal.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { FOUND = 24 }; /* bytes of the text shown */

/* What stands at the fault, in quotes, up to the end of the line. */
static const char *found(const pfc__json_scan *s, char text[FOUND + 3]) {
  const char *at = s->text + s->at;
  size_t n = s->size - s->at;
  if (n == 0) return "the end of the text";
  if (n > FOUND) n = FOUND;
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)at[i] < 0x20 || at[i] == 0x7f) n = i;
  if (n == 0)
    return at[0] == '\n' || at[0] == '\r' ? "the end of the line" : "a control character";
  if (!pfc_utf8_length(at, n)) return "a byte that is no UTF-8";
  size_t whole = 0;
  for (size_t step; whole < n && (step = pfc_utf8_length(at + whole, n - whole)) > 0;)
    whole += step;
  (void)snprintf(text, FOUND + 3, "'%.*s'", (int)whole, at);
  return text;
}

/* A bracket closes behind a comma. */
static bool follows_comma(const pfc__json_scan *s) {
  size_t before = s->at;
  if (before == s->size || (s->text[before] != '}' && s->text[before] != ']')) return false;
  while (before > 0 && strchr(" \t\r\n", s->text[before - 1])) before--;
  return before > 0 && s->text[before - 1] == ',';
}

/* What people write who write JSON by hand, or print it from another language. */
static const char *hint(const pfc__json_scan *s) {
  static const struct {
    const char *text, *hint;
  } HINTS[] = {
      {"NaN", "; JSON has no such number: write null"},
      {"nan", "; JSON has no such number: write null"},
      {"Infinity", "; JSON has no such number: write null"},
      {"-Infinity", "; JSON has no such number: write null"},
      {"inf", "; JSON has no such number: write null"},
      {"-inf", "; JSON has no such number: write null"},
      {"True", "; write true"},
      {"False", "; write false"},
      {"None", "; write null"},
      {"'", "; texts and keys stand in double quotes"},
      {"//", "; JSON has no comments"},
      {"/*", "; JSON has no comments"},
      {"#", "; JSON has no comments"},
      {"+", "; a number begins with a digit or '-'"},
      {".", "; a number begins with a digit or '-'"},
      {"\xef\xbb\xbf", "; save the file as UTF-8 without byte-order mark"},
      {"\xff\xfe", "; save the file as UTF-8"},
      {"\xfe\xff", "; save the file as UTF-8"},
  };
  if (follows_comma(s)) return "; the comma before it is one too many";
  for (size_t i = 0; i < sizeof HINTS / sizeof *HINTS; i++) {
    const size_t n = strlen(HINTS[i].text);
    if (s->size - s->at >= n && memcmp(s->text + s->at, HINTS[i].text, n) == 0)
      return HINTS[i].hint;
  }
  return "";
}

/* Line and column, from 1; columns count characters, not bytes. */
static pfc_status fail_at(const char *name, const pfc__json_scan *s, pfc_error *err) {
  size_t line = 1, column = 1;
  char at[FOUND + 3];
  for (size_t i = 0; i < s->at; i++) {
    const unsigned char c = (unsigned char)s->text[i];
    if (c == '\n') {
      line++;
      column = 1;
    } else if ((c & 0xc0) != 0x80) {
      column++;
    }
  }
  return pfc_fail(err, PFC_EDATA, "%s:%zu:%zu: %s, at %s%s", name, line, column, s->fault,
                  found(s, at), hint(s));
}

typedef struct json_key {
  uintptr_t object; /* which object it stands in */
  const char *text;
  size_t number; /* in the order of the document */
} json_key;

static int compare_keys(const void *left, const void *right) {
  const json_key *a = left, *b = right;
  if (a->object != b->object) return a->object < b->object ? -1 : 1;
  const int order = strcmp(a->text, b->text);
  if (order != 0) return order;
  return a->number < b->number ? -1 : a->number > b->number;
}

/* Lists every key, walking the tree in the order of the document. */
static size_t list_keys(const cJSON *node, json_key *keys) {
  const cJSON *above[PFC_JSON_MAX_DEPTH + 1];
  int depth = 0;
  size_t n = 0;
  while (node) {
    const cJSON *parent = depth > 0 ? above[depth - 1] : NULL;
    if (parent && cJSON_IsObject(parent)) {
      keys[n] = (json_key){.object = (uintptr_t)parent, .text = node->string, .number = n};
      n++;
    }
    if (node->child) {
      above[depth++] = node;
      node = node->child;
      continue;
    }
    while (depth > 0 && !node->next) node = above[--depth];
    node = node->next;
  }
  return n;
}

/* Number of the first key that repeats one of its object; SIZE_MAX when none does. */
static size_t first_duplicate(json_key *keys, size_t n) {
  size_t first = SIZE_MAX;
  qsort(keys, n, sizeof *keys, compare_keys);
  for (size_t i = 1; i < n; i++) {
    const json_key *a = &keys[i - 1], *b = &keys[i];
    if (a->object == b->object && strcmp(a->text, b->text) == 0 && b->number < first)
      first = b->number;
  }
  return first;
}

static pfc_status check_duplicates(const char *name, const cJSON *tree, pfc__json_scan scan,
                                   pfc_error *err) {
  pfc_status st = PFC_OK;
  json_key *keys = NULL;
  PFC_NEW(keys, scan.n_keys);
  const size_t duplicate = first_duplicate(keys, list_keys(tree, keys));
  if (duplicate != SIZE_MAX) {
    /* Scanned once more, up to that key, to say where it stands. */
    scan.at = scan.n_keys = 0;
    scan.depth = 0;
    scan.stop_key = duplicate;
    (void)pfc__json_scan_text(&scan);
    st = fail_at(name, &scan, err);
  }
done:
  pfc_free(keys);
  return st;
}

pfc_status pfc_json_parse(const char *name, const char *text, size_t size, cJSON **json,
                          pfc_error *err) {
  if (size > PFC_JSON_MAX_BYTES)
    return pfc_fail(err, PFC_EDATA, "%s: %zu bytes of JSON; allowed are %zu", name, size,
                    PFC_JSON_MAX_BYTES);
  pfc__json_scan scan = {.text = text, .size = size, .stop_key = SIZE_MAX};
  if (!pfc__json_scan_text(&scan)) return fail_at(name, &scan, err);
  cJSON *tree = cJSON_ParseWithLength(text, size);
  if (!tree) return pfc_fail_memory(err, name);
  const pfc_status st = check_duplicates(name, tree, scan, err);
  if (st == PFC_OK) {
    *json = tree;
  } else {
    cJSON_Delete(tree);
  }
  return st;
}

pfc_status pfc_json_load(const char *path, cJSON **json, pfc_error *err) {
  char *text;
  size_t size;
  pfc_status st = pfc_file_read(path, PFC_JSON_MAX_BYTES, &text, &size, err);
  if (st != PFC_OK) return st;
  st = pfc_json_parse(path, text, size, json, err);
  pfc_free(text);
  return st;
}

pfc_status pfc_json_put_number(cJSON *object, const char *key, double value, pfc_error *err) {
  const cJSON *added = isfinite(value) ? cJSON_AddNumberToObject(object, key, value)
                                       : cJSON_AddNullToObject(object, key);
  return added ? PFC_OK : pfc_fail_memory(err, key);
}

pfc_status pfc_json_put_text(cJSON *object, const char *key, const char *value,
                             pfc_error *err) {
  return cJSON_AddStringToObject(object, key, value) ? PFC_OK : pfc_fail_memory(err, key);
}
