// labels: fuzz check
/* Templates of explanations from any JSON: refused with the template's name, or every sentence
 * and number they make is a text that can be shown, cut where it has to be. */
#include <math.h>

#include "base/json.h"
#include "base/utf8.h"
#include "cli/explain_words.h"
#include "tests/fuzz/input.h"

enum { MAX_SLOTS = 16, NAME = 32 };

/* Long enough that templates which repeat it are cut. */
static const char VALUE[] = "Sch\xC3\xA4tzung \xE2\x82\xAC {title} \xF0\x9F\x98\x80";

/* Every slot that the sentence may name. */
static int fill(const char *slots, slot given[MAX_SLOTS], char names[MAX_SLOTS][NAME]) {
  int n = 0;
  for (const char *at = slots; *at && n < MAX_SLOTS;) {
    const size_t size = strcspn(at, ",");
    HOLDS(size < NAME);
    memcpy(names[n], at, size);
    names[n][size] = '\0';
    given[n] = (slot){names[n], VALUE};
    n++;
    at += size + (at[size] == ',');
  }
  return n;
}

static void holds_sentences(const words *w) {
  int n;
  const words_row *rows = words_table(&n);
  for (int k = 0; k < n; k++) {
    char text[SENTENCE], names[MAX_SLOTS][NAME];
    slot given[MAX_SLOTS];
    const int n_slots = fill(rows[k].slots, given, names);
    HOLDS(words_say(w, rows[k].key, n_slots, given, text) == text);
    HOLDS(strlen(text) < SENTENCE && pfc_utf8_valid(text, strlen(text)));
    /* What is not given stays empty: no template's brace is left. */
    (void)words_say(w, rows[k].key, 0, NULL, text);
    HOLDS(!strchr(text, '{'));
  }
}

static void holds_numbers(const words *w) {
  static const double NUMBERS[] = {0, -0.001, 1.5, -12345.678, 1e300, 0.004, (double)NAN};
  for (size_t k = 0; k < sizeof NUMBERS / sizeof *NUMBERS; k++) {
    char text[NUMBER_TEXT];
    const char *told = words_number(w, NUMBERS[k], (int)(k % 3), text);
    HOLDS(pfc_utf8_valid(told, strlen(told)));
    HOLDS(told != text || strlen(told) < NUMBER_TEXT);
    told = words_percent(w, NUMBERS[k], text);
    HOLDS(pfc_utf8_valid(told, strlen(told)));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  cJSON *json = NULL;
  words w = {0};
  pfc_error err = PFC_ERROR_INIT;
  if (pfc_json_parse("templates", (const char *)data, size, &json, NULL) != PFC_OK) return 0;
  const pfc_status st = words_take(&w, json, "templates", &err);
  holds_error(st, &err);
  HOLDS(st == PFC_OK || st == PFC_EDATA);
  if (st == PFC_OK) {
    holds_sentences(&w);
    holds_numbers(&w);
  }
  words_clear(&w);
  return 0;
}
