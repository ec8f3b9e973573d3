// labels: unit check
#include "tests/support/test.h"

#include <stdbool.h>

#include "base/utf8.h"
#include "cli/explain_words.h"

/* --- the table ---------------------------------------------------------------------------- */

static bool uses(const char *text, const char *own, int n) {
  for (const char *at = strchr(text, '{'); at; at = strchr(at + 1, '{')) {
    if (strncmp(at + 1, own, (size_t)n) == 0 && at[1 + n] == '}') return true;
  }
  return false;
}

static void check_text(const words_row *row, const char *text) {
  assert_non_null(text);
  assert_true(pfc_utf8_valid(text, strlen(text)));
  assert_true(strlen(text) < SENTENCE / 2);
  for (const char *at = strchr(text, '{'); at; at = strchr(at + 1, '{')) {
    const int n = (int)strcspn(at + 1, "{}");
    if (at[1 + n] != '}') fail_msg("%s: a slot that does not end: %s", row->key, at);
    if (!words_has_slot(row->slots, at + 1, n))
      fail_msg("%s: {%.*s} is none of '%s'", row->key, n, at + 1, row->slots);
  }
  for (const char *at = row->slots; *at;) {
    const int n = (int)strcspn(at, ",");
    if (!uses(text, at, n)) fail_msg("%s lacks {%.*s}: %s", row->key, n, at, text);
    at += n + (at[n] == ',');
  }
}

/* In every language each sentence says all it can, and nothing that is never filled in. */
static void every_template_has_all_its_slots(void **state) {
  (void)state;
  int n;
  const words_row *rows = words_table(&n);
  assert_true(n > 50);
  for (int k = 0; k < n; k++) {
    for (int l = 0; l < N_WORDS_LANGS; l++) check_text(&rows[k], rows[k].text[l]);
    for (int j = 0; j < k; j++) assert_string_not_equal(rows[k].key, rows[j].key);
  }
}

static void languages_are_told_apart(void **state) {
  (void)state;
  words_lang lang = WORDS_EN;
  assert_true(words_lang_parse("de", &lang));
  assert_int_equal(lang, WORDS_DE);
  assert_true(words_lang_parse("en", &lang));
  assert_int_equal(lang, WORDS_EN);
  assert_false(words_lang_parse("fr", &lang));
  assert_false(words_lang_parse("", &lang));
}

/* --- filling in --------------------------------------------------------------------------- */

static void slots_are_filled(void **state) {
  (void)state;
  const words en = {.lang = WORDS_EN}, de = {.lang = WORDS_DE};
  char text[SENTENCE];
  const slot slots[] = {{"n", "7"}, {"rank", "2"}, {"unasked", "x"}};
  assert_string_equal(words_say(&en, "line.rank", 3, slots, text), "number 2 of 7");
  assert_string_equal(words_say(&de, "line.rank", 3, slots, text), "Nummer 2 von 7");
  assert_string_equal(words_say(&en, "line.rank", 1, slots, text), "number  of 7");
  assert_string_equal(words_say(&en, "no.such", 0, NULL, text), "no.such");
}

/* A value that looks like a slot is a value. */
static void values_are_not_read_as_templates(void **state) {
  (void)state;
  const words en = {.lang = WORDS_EN};
  char text[SENTENCE];
  const slot slots[] = {{"rank", "{n}"}, {"n", "}{"}};
  assert_string_equal(words_say(&en, "line.rank", 2, slots, text), "number {n} of }{");
}

static void long_values_are_cut_between_characters(void **state) {
  (void)state;
  const words en = {.lang = WORDS_EN};
  char text[SENTENCE], name[2 * SENTENCE];
  for (int k = 0; k + 1 < (int)sizeof name; k += 2) memcpy(name + k, "ü", 2);
  name[sizeof name - 2] = '\0';
  const slot slots[] = {{"rank", name}};
  words_say(&en, "line.rank", 1, slots, text);
  assert_true(strlen(text) < SENTENCE && strlen(text) > SENTENCE - 4);
  assert_true(pfc_utf8_valid(text, strlen(text)));
}

static void numbers_are_written_as_the_language_does(void **state) {
  (void)state;
  const words en = {.lang = WORDS_EN}, de = {.lang = WORDS_DE};
  char text[NUMBER_TEXT];
  assert_string_equal(words_number(&en, 1.25, 1, text), "1.2");
  assert_string_equal(words_number(&de, -1.25, 2, text), "-1,25");
  assert_string_equal(words_number(&en, -0.0001, 2, text), "0.00");
  assert_string_equal(words_number(&en, 0.0 / 0.0, 2, text), "unknown");
  assert_string_equal(words_percent(&en, 0.616, text), "62");
  assert_string_equal(words_percent(&de, 0.004, text), "0,4");
  assert_string_equal(words_percent(&en, 0, text), "0");
}

/* --- templates of one's own --------------------------------------------------------------- */

static pfc_status load(words *w, const char *json, pfc_error *err) {
  test_write_file("templates.json", json, strlen(json));
  const pfc_status st = words_load(w, "templates.json", err);
  (void)remove("templates.json");
  return st;
}

static void own_templates_come_first(void **state) {
  (void)state;
  words w = {.lang = WORDS_DE};
  char text[SENTENCE];
  const slot slots[] = {{"n", "7"}, {"rank", "2"}};
  assert_ok(load(&w, "{\"line.rank\": \"{rank}/{n}\", \"section.rank\": \"Rang\"}", &err));
  assert_string_equal(words_say(&w, "line.rank", 2, slots, text), "2/7");
  assert_string_equal(words_say(&w, "section.rank", 0, NULL, text), "Rang");
  /* Between whole and fraction stands a text, which may be no letter of ASCII. */
  words_clear(&w);
  assert_ok(load(&w, "{\"decimal\": \"\xD9\xAB\", \"line.rank\": \"{rank}/{n}\"}", &err));
  assert_string_equal(words_number(&w, -1.25, 2, text),
                      "-1\xD9\xAB"
                      "25");
  assert_string_equal(words_number(&w, 7, 0, text), "7");
  /* What is missing is English, whatever language was asked for. */
  assert_string_equal(words_say(&w, "line.mandate", 0, NULL, text), "mandatory");
  words_clear(&w);
}

#define REFUSED(json, says)                               \
  do {                                                    \
    words w_ = {0};                                       \
    assert_fails(load(&w_, json, &err), PFC_EDATA, says); \
    words_clear(&w_);                                     \
  } while (0)

static void wrong_templates_are_refused(void **state) {
  (void)state;
  REFUSED("{\"line.rnak\": \"x\"}", "no template 'line.rnak'; did you mean 'line.rank'");
  REFUSED("{\"line.rank\": \"{ranks}\"}", "'line.rank' has no slot {ranks}; there are: rank,n");
  REFUSED("{\"line.mandate\": \"{n}\"}", "it has none");
  REFUSED("{\"line.rank\": \"{rank\"}", "that no '}' follows");
  REFUSED("{\"line.rank\": \"{ra{n}\"}", "that no '}' follows");
  REFUSED("{\"line.rank\": 3}", "'line.rank': a text expected");
  REFUSED("[]", "an object of template names");
  REFUSED("{\"line.rank\": \"a\", \"line.rank\": \"b\"}", "line.rank");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_template_has_all_its_slots),
      cmocka_unit_test(languages_are_told_apart),
      cmocka_unit_test(slots_are_filled),
      cmocka_unit_test(values_are_not_read_as_templates),
      cmocka_unit_test(long_values_are_cut_between_characters),
      cmocka_unit_test(numbers_are_written_as_the_language_does),
      cmocka_unit_test(own_templates_come_first),
      cmocka_unit_test(wrong_templates_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
