// labels: unit check
#include "tests/support/test.h"

#include <math.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/markup.h"
#include "cli/numeral.h"
#include "tests/support/countdown.h"

static void assert_words(const char *words, const char *expected) {
  markup m = {0};
  markup_text(&m, words);
  assert_ok(markup_status(&m, &err));
  assert_string_equal(m.text, expected);
  markup_clear(&m);
}

static void words_cannot_become_tags(void **state) {
  (void)state;
  assert_words("a<b>&\"c\"'", "a&lt;b&gt;&amp;&quot;c&quot;&#39;");
  assert_words("&amp;", "&amp;amp;");
  assert_words("\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80",
               "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80");
}

static void what_xml_has_no_place_for_is_replaced(void **state) {
  (void)state;
  assert_words(
      "a\x01\x1f"
      "b\tc\n",
      "a\xEF\xBF\xBD\xEF\xBF\xBD"
      "b\tc\n");
  /* Latin-1, a character cut short, a surrogate, and the two that are no characters. */
  assert_words("\xE4|\xE2\x82|", "\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD|");
  assert_words("\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  assert_words("\xEF\xBF\xBF\xEF\xBF\xBE", "\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void a_part_of_words(void **state) {
  (void)state;
  markup m = {0};
  markup_words(&m, "ab<cd", 3);
  markup_text(&m, NULL);
  assert_string_equal(m.text, "ab&lt;");
  markup_clear(&m);
}

static void long_texts_are_whole(void **state) {
  (void)state;
  markup m = {0};
  for (int i = 0; i < 5000; i++) markup_add(&m, "%04d,", i);
  assert_int_equal(m.size, 25000);
  assert_int_equal(strlen(m.text), 25000);
  assert_memory_equal(m.text + 5 * 4321, "4321,4322,", 10);
  markup_clear(&m);
}

static void a_file_appears_whole_or_not_at_all(void **state) {
  (void)state;
  char *text = NULL;
  size_t size = 0;
  markup m = {0};
  markup_add(&m, "<p>%d</p>", 7);
  (void)unlink("page.html");
  assert_ok(markup_write(&m, "page.html", &err));
  assert_ok(pfc_file_read("page.html", 100, &text, &size, &err));
  assert_string_equal(text, "<p>7</p>");
  pfc_free(text);
  assert_fails(markup_write(&m, "nowhere/page.html", &err), PFC_EIO, "nowhere/page.html");
  assert_fails(markup_write(&m, ".", &err), PFC_EIO, "folder");
  m.failed = true;
  assert_fails(markup_write(&m, "short.html", &err), PFC_ENOMEM, "memory");
  assert_int_not_equal(access("short.html", F_OK), 0);
  markup_clear(&m);
}

static pfc_status fill_and_write(void *user) {
  markup m = {0};
  (void)user;
  for (int i = 0; i < 400; i++) markup_add(&m, "<p>%d &amp; more</p>\n", i);
  markup_text(&m, "<end>");
  const pfc_status st = markup_write(&m, "counted.html", NULL);
  markup_clear(&m);
  return st;
}

static void short_memory_is_told(void **state) {
  (void)state;
  assert_true(count_down(fill_and_write, NULL) >= 3);
}

/* --- numbers -------------------------------------------------------------------------------
 */

#define THIN "\xE2\x80\xAF"
#define MINUS "\xE2\x88\x92"
#define DASH "\xE2\x80\x93"

static void numbers_are_written_for_people(void **state) {
  (void)state;
  char text[NUMERAL];
  assert_string_equal(numeral_fixed(1234567.891, 1, text), "1" THIN "234" THIN "567.9");
  assert_string_equal(numeral_fixed(-1234, 0, text), MINUS "1234");
  assert_string_equal(numeral_fixed(12345, 0, text), "12" THIN "345");
  assert_string_equal(numeral_fixed(-0.0004, 2, text), "0.00");
  assert_string_equal(numeral_fixed(NAN, 2, text), DASH);
  assert_string_equal(numeral_fixed(-INFINITY, 2, text), DASH);
  assert_string_equal(numeral_fixed(1.5e300, 2, text), "1.5e+300");
  assert_string_equal(numeral_short(0.38349, text), "0.383");
  assert_string_equal(numeral_short(12.345, text), "12.3");
  assert_string_equal(numeral_short(1.2345, text), "1.23");
  assert_string_equal(numeral_short(-812.5, text), MINUS "812");
  assert_string_equal(numeral_short(0.0052, text), "0.0052");
  assert_string_equal(numeral_short(0, text), "0");
  assert_string_equal(numeral_short(-3e-9, text), MINUS "3e-09");
  assert_string_equal(numeral_percent(0.03849, text), "3.8" THIN "%");
  assert_string_equal(numeral_percent(0.3849, text), "38" THIN "%");
  assert_string_equal(numeral_percent(1, text), "100" THIN "%");
  assert_string_equal(numeral_percent(NAN, text), DASH);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(words_cannot_become_tags),
      cmocka_unit_test(what_xml_has_no_place_for_is_replaced),
      cmocka_unit_test(a_part_of_words),
      cmocka_unit_test(long_texts_are_whole),
      cmocka_unit_test(a_file_appears_whole_or_not_at_all),
      cmocka_unit_test(short_memory_is_told),
      cmocka_unit_test(numbers_are_written_for_people),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
