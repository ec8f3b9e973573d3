#include "cli/explain_words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "cli/nearest.h"

bool words_lang_parse(const char *text, words_lang *lang) {
  static const char *const NAMES[N_WORDS_LANGS] = {"en", "de"};
  for (int k = 0; k < N_WORDS_LANGS; k++) {
    if (strcmp(text, NAMES[k]) != 0) continue;
    *lang = (words_lang)k;
    return true;
  }
  return false;
}

static const words_row *find_row(const char *key) {
  int n;
  const words_row *rows = words_table(&n);
  for (int k = 0; k < n; k++) {
    if (strcmp(rows[k].key, key) == 0) return &rows[k];
  }
  return NULL;
}

bool words_has_slot(const char *slots, const char *name, int n) {
  for (const char *at = slots; *at;) {
    const size_t length = strcspn(at, ",");
    if (length == (size_t)n && strncmp(at, name, length) == 0) return true;
    at += length + (at[length] == ',');
  }
  return false;
}

/* --- templates of one's own -----------------------------------------------------------------
 */

static pfc_status check_slots(const char *path, const words_row *row, const char *text,
                              pfc_error *err) {
  for (const char *at = strchr(text, '{'); at; at = strchr(at, '{')) {
    const size_t n = strcspn(++at, "{}");
    if (at[n] != '}') {
      return pfc_fail(err, PFC_EDATA, "%s: '%s': a '{' that no '}' follows: '%.60s'", path,
                      row->key, at - 1);
    }
    if (!words_has_slot(row->slots, at, (int)n)) {
      return pfc_fail(err, PFC_EDATA, "%s: '%s' has no slot {%.*s}; %s%s", path, row->key,
                      n < 60 ? (int)n : 60, at, *row->slots ? "there are: " : "it has none",
                      row->slots);
    }
  }
  return PFC_OK;
}

static pfc_status check_template(const char *path, const cJSON *item, pfc_error *err) {
  char near[256];
  nearest best = {0};
  int n;
  const words_row *rows = words_table(&n), *row = find_row(item->string);
  for (int k = 0; k < n; k++) nearest_offer(&best, item->string, rows[k].key);
  if (!row) {
    return pfc_fail(err, PFC_EDATA, "%s: there is no template '%.100s'%s", path, item->string,
                    nearest_text(&best, near));
  }
  if (!cJSON_IsString(item)) {
    return pfc_fail(err, PFC_EDATA, "%s: '%s': a text expected", path, row->key);
  }
  return check_slots(path, row, item->valuestring, err);
}

pfc_status words_take(words *w, cJSON *own, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  const cJSON *item;
  w->own = own;
  if (!cJSON_IsObject(w->own)) {
    return pfc_fail(err, PFC_EDATA, "%s: an object of template names and texts expected", path);
  }
  cJSON_ArrayForEach(item, w->own) PFC_TRY(check_template(path, item, err));
  w->lang = WORDS_EN;
done:
  return st;
}

pfc_status words_load(words *w, const char *path, pfc_error *err) {
  cJSON *own = NULL;
  const pfc_status st = pfc_json_load(path, &own, err);
  return st == PFC_OK ? words_take(w, own, path, err) : st;
}

void words_clear(words *w) {
  cJSON_Delete(w->own);
  w->own = NULL;
}

/* --- sentences ------------------------------------------------------------------------------
 */

const char *words_template(const words *w, const char *key) {
  const cJSON *own = w->own ? cJSON_GetObjectItemCaseSensitive(w->own, key) : NULL;
  if (own) return own->valuestring;
  const words_row *row = find_row(key);
  return row ? row->text[w->lang] : key;
}

static const char *slot_text(int n_slots, const slot *slots, const char *name, size_t n) {
  for (int k = 0; k < n_slots; k++) {
    if (strlen(slots[k].name) == n && strncmp(slots[k].name, name, n) == 0) {
      return slots[k].text ? slots[k].text : "";
    }
  }
  return "";
}

static size_t append(char text[SENTENCE], size_t at, const char *more, size_t n) {
  const size_t room = SENTENCE - 1 - at;
  const size_t taken = n < room ? n : room;
  memcpy(text + at, more, taken);
  text[at + taken] = '\0';
  return at + taken;
}

const char *words_say(const words *w, const char *key, int n_slots, const slot *slots,
                      char text[SENTENCE]) {
  const char *from = words_template(w, key);
  size_t at = 0;
  text[0] = '\0';
  while (*from) {
    const size_t plain = strcspn(from, "{");
    at = append(text, at, from, plain);
    from += plain;
    if (!*from) break;
    const size_t n = strcspn(from + 1, "}");
    const char *value = slot_text(n_slots, slots, from + 1, n);
    at = append(text, at, value, strlen(value));
    from += n + 2;
  }
  text[pfc_utf8_cut(text, SENTENCE - 1)] = '\0';
  return text;
}

const char *words_number(const words *w, double x, int decimals, char text[NUMBER_TEXT]) {
  char plain[NUMBER_TEXT];
  if (!isfinite(x)) return words_template(w, "unknown");
  (void)snprintf(plain, sizeof plain, "%.*f", decimals, x);
  /* A zero that is what rounding left of a little less. */
  const bool is_zero = plain[0] == '-' && strspn(plain + 1, "0.") == strlen(plain + 1);
  const char *from = plain + is_zero, *point = strchr(from, '.');
  const int whole = point ? (int)(point - from) : (int)strlen(from);
  (void)snprintf(text, NUMBER_TEXT, "%.*s%s%s", whole, from,
                 point ? words_template(w, "decimal") : "", point ? point + 1 : "");
  text[pfc_utf8_cut(text, NUMBER_TEXT - 1)] = '\0';
  return text;
}

const char *words_percent(const words *w, double p, char text[NUMBER_TEXT]) {
  return words_number(w, 100 * p, p > 0 && p < 0.0095 ? 1 : 0, text);
}
