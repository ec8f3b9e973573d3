#include "tests/support/test.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "base/number.h"
#include "base/rng.h"

static void only_decimals_are_numbers(void **state) {
  (void)state;
  static const char *const BAD[] = {"",    "-",    "+",    ".",    "e5",    "1e",   "1e+",
                                    "0x1", "inf",  "nan",  "1,5",  "1.2.3", " 1",   "1 ",
                                    "--1", "1e1.", "1e5 ", "-.e1", "1_000", "1e5e", "\xef"};
  for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
    double value;
    if (pfc_number_parse(BAD[i], strlen(BAD[i]), &value)) fail_msg("'%s' is taken", BAD[i]);
  }
}

/* glibc's strtod rounds correctly; here it is read in the C locale. */
static void values_are_those_nearest(void **state) {
  (void)state;
  static const char *const GOOD[] = {"0",
                                     "-0",
                                     "+5",
                                     ".5",
                                     "5.",
                                     "007",
                                     "1e22",
                                     "1e23",
                                     "123456789012345e22",
                                     "0.1",
                                     "1e-22",
                                     "9007199254740993",
                                     "9007199254740992.99999999999999999999",
                                     "1.7976931348623157e308",
                                     "1.7976931348623159e308",
                                     "1e999",
                                     "-1e999",
                                     "4.9e-324",
                                     "2.4e-324",
                                     "2.5e-324",
                                     "1e-999",
                                     "0e999999999999",
                                     "1e-999999999999",
                                     "0.000000000000000000000000000001e30",
                                     "2.2250738585072011e-308",
                                     "179769313486231580793e289"};
  for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
    double value = NAN;
    assert_true(pfc_number_parse(GOOD[i], strlen(GOOD[i]), &value));
    const double expected = strtod(GOOD[i], NULL);
    if (memcmp(&value, &expected, sizeof value) != 0)
      fail_msg("%s: %.17g, not %.17g", GOOD[i], value, expected);
  }
}

static void random_texts_agree_with_strtod(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(1), "number", 0);
  for (int round = 0; round < 100000; round++) {
    char text[64];
    const int n = 1 + (int)pfc_rng_below(&rng, 22), point = (int)pfc_rng_below(&rng, 24);
    int at = 0;
    for (int i = 0; i < n; i++) {
      if (i == point) text[at++] = '.';
      text[at++] = (char)('0' + pfc_rng_below(&rng, 10));
    }
    (void)snprintf(text + at, sizeof text - (size_t)at, "e%d",
                   (int)pfc_rng_below(&rng, 700) - 350);
    double value = NAN;
    assert_true(pfc_number_parse(text, strlen(text), &value));
    const double expected = strtod(text, NULL);
    if (memcmp(&value, &expected, sizeof value) != 0)
      fail_msg("%s: %.17g, not %.17g", text, value, expected);
  }
}

/* The double half-way between two others is decided by digits far behind. */
static void long_texts_are_rounded_by_their_last_digit(void **state) {
  (void)state;
  char text[2000] = "9007199254740993."; /* half-way: to even, which is ...992 */
  double value;
  memset(text + 17, '0', 1500);
  text[1517] = '\0';
  assert_true(pfc_number_parse(text, strlen(text), &value));
  assert_true(value == 9007199254740992.0);
  text[1516] = '1';
  assert_true(pfc_number_parse(text, strlen(text), &value));
  assert_true(value == 9007199254740994.0);
}

/* Where there is a language that writes 1,5, it changes nothing. */
static void locales_change_nothing(void **state) {
  (void)state;
  static const char *const NAMES[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
    if (setlocale(LC_ALL, NAMES[i])) break;
  double value = 0;
  assert_true(pfc_number_parse("1.5", 3, &value) && value == 1.5);
  assert_true(pfc_number_parse("1234567890123456789.5e3", 23, &value) &&
              value == 1234567890123456789.5e3);
  assert_false(pfc_number_parse("1,5", 3, &value));
  (void)setlocale(LC_ALL, "C");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_decimals_are_numbers),
      cmocka_unit_test(values_are_those_nearest),
      cmocka_unit_test(random_texts_agree_with_strtod),
      cmocka_unit_test(long_texts_are_rounded_by_their_last_digit),
      cmocka_unit_test(locales_change_nothing),
  };
  return cmocka_run_group_tests_name("base/number", tests, NULL, NULL);
}
