// labels: unit check
#include "tests/support/test.h"

#include "datasets/words.h"

/* The stems of a text, parted by blanks; "|" before a word that opens. */
static void assert_words(const char *text, const char *expected) {
  char found[512] = "";
  pfc_word word = {0};
  const char *behind = text;
  while (pfc_word_next(&text, &word)) {
    (void)snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s%s",
                   *found ? " " : "", word.opens ? "|" : "", word.stem);
    assert_true(word.at >= behind && word.at + word.size <= text);
    behind = word.at + word.size;
  }
  assert_string_equal(found, expected);
}

static void words_are_runs_of_letters_and_digits(void **state) {
  (void)state;
  assert_words("", "");
  assert_words(" ,;- ", "");
  assert_words("Sales, and Marketing", "|sale and marketing");
  assert_words("Workshop: Steel (basic). Next", "|workshop |steel |basic |next");
  assert_words("level 4.75. From 2", "|level 4.75 |from 2");
  assert_words("C++ and C# on .NET", "|c++ and c# on |net");
  assert_words("the driver's seat, the people\xe2\x80\x99s choice",
               "|the driver seat the people choice");
  assert_words("d's'x 's", "|d x s");
}

static void plurals_become_singular(void **state) {
  (void)state;
  assert_words("Managers duties courses classes", "|manager duty course classe");
  assert_words("shoes goes business bus gas 1990s is", "|shoes goes business bus ga 1990s is");
  assert_words("Secretaries eies", "|secretary eie");
}

static void letters_of_all_kinds_are_folded(void **state) {
  (void)state;
  assert_words(
      "\xc3\x9c"
      "bersetzung \xc3\x84rzte",
      "|\xc3\xbc"
      "bersetzung \xc3\xa4rzte");
  assert_words("\xce\xa3\xce\x9f\xce\xa6\xce\x99\xce\x91",
               "|\xcf\x83\xce\xbf\xcf\x86\xce\xb9\xce\xb1");
  assert_words("\xd0\x9c\xd0\xb8\xd1\x80 \xd0\x81\xd0\xb6",
               "|\xd0\xbc\xd0\xb8\xd1\x80 \xd1\x91\xd0\xb6");
  assert_words(
      "\xc5\x81\xc3\xb3"
      "d\xc5\xba \xc5\xbb",
      "|\xc5\x82\xc3\xb3"
      "d\xc5\xba \xc5\xbc");
  assert_words("\xe5\xb7\xa5\xe3\x80\x81\xe5\xb8\xab", "|\xe5\xb7\xa5 \xe5\xb8\xab");
  assert_words(
      "a\xe2\x80\x94"
      "b \xf0\x9f\x98\x80",
      "|a b \xf0\x9f\x98\x80");
}

/* What is no UTF-8 parts words, and nothing is read behind the end. */
static void bytes_that_are_no_text_do_no_harm(void **state) {
  (void)state;
  assert_words(
      "ab\xff"
      "cd \xc3",
      "|ab cd");
  assert_words("\xe2\x80", "");
}

static void long_words_are_cut_at_a_character(void **state) {
  (void)state;
  char text[201] = "";
  for (int k = 0; k < 100; k++) (void)strcat(text, "\xc3\xa9");
  pfc_word word = {0};
  const char *at = text;
  assert_true(pfc_word_next(&at, &word));
  assert_int_equal(word.size, 200);
  assert_int_equal(strlen(word.stem), 46); /* 23 of two bytes: 47 is no whole character */
  assert_false(pfc_word_next(&at, &word));
}

static void common_words_are_known(void **state) {
  (void)state;
  for (const char *const *w = (const char *const[]){"a", "and", "of", "the", "with", NULL}; *w;
       w++)
    assert_true(pfc_word_is_common(*w));
  assert_false(pfc_word_is_common("steel"));
  assert_false(pfc_word_is_common(""));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(words_are_runs_of_letters_and_digits),
      cmocka_unit_test(plurals_become_singular),
      cmocka_unit_test(letters_of_all_kinds_are_folded),
      cmocka_unit_test(bytes_that_are_no_text_do_no_harm),
      cmocka_unit_test(long_words_are_cut_at_a_character),
      cmocka_unit_test(common_words_are_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
