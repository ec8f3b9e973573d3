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
  char text[PFC_NUMBER_TEXT];
  (void)pfc_number_format(1.0 / 3, text);
  assert_string_equal(text, "0.3333333333333333");
  (void)setlocale(LC_ALL, "C");
}

/* --- writing ---------------------------------------------------------------- */

static void numbers_are_short(void **state) {
  (void)state;
  static const struct {
    double value;
    const char *text;
  } CASES[] = {{0, "0"},
               {-0.0, "-0"},
               {1, "1"},
               {-3.25, "-3.25"},
               {0.0001, "0.0001"},
               {-0.5, "-0.5"},
               {0.1, "0.1"},
               {10, "10"},
               {123456, "123456"},
               {0.00001, "0.00001"},
               {0.000001, "1e-06"},
               {1.5e-7, "1.5e-07"},
               {1e16, "10000000000000000"},
               {1e17, "1e+17"},
               {-1.25e300, "-1.25e+300"},
               {1.0 / 3, "0.3333333333333333"},
               {0.1 + 0.2, "0.30000000000000004"},
               {123456789.123456789, "123456789.12345679"},
               {1.7976931348623157e308, "1.7976931348623157e+308"}};
  char text[PFC_NUMBER_TEXT];
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    assert_int_equal(pfc_number_format(CASES[i].value, text), strlen(CASES[i].text));
    assert_string_equal(text, CASES[i].text);
  }
  assert_int_equal(pfc_number_format((double)NAN, text), 0);
  assert_string_equal(text, "");
  assert_int_equal(pfc_number_format(-(double)INFINITY, text), 0);
}

static void what_was_written_is_read(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(8), "test.number", 1);
  for (int i = 0; i < 200000; i++) {
    char text[PFC_NUMBER_TEXT];
    double value, back;
    const uint64_t bits = pfc_rng_next(&rng);
    memcpy(&value, &bits, sizeof value);
    if (i % 3 == 1) value = (double)(int64_t)(bits >> 20) / 100;
    if (i % 3 == 2) value = pfc_rng_normal(&rng) * exp2((double)pfc_rng_below(&rng, 80) - 40);
    if (!isfinite(value)) continue;
    const size_t size = pfc_number_format(value, text);
    assert_true(size > 0 && size < sizeof text && text[size] == '\0');
    assert_true(pfc_number_parse(text, size, &back));
    if (memcmp(&value, &back, sizeof value) != 0) fail_msg("%.17g is written %s", value, text);
  }
}

static void assert_as_printf(double value) {
  char text[PFC_NUMBER_TEXT], expected[64];
  const size_t size = pfc_number_format6(value, text);
  (void)snprintf(expected, sizeof expected, "%.6g", value);
  if (strcmp(text, expected) != 0 || size != strlen(expected)) {
    fail_msg("%.17g is written %s, not %s", value, text, expected);
  }
}

/* printf is the oracle; ties, powers of ten and their neighbours are where one could differ. */
static void six_digits_are_those_of_printf(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(9), "test.number6", 1);
  for (int e = -30; e <= 30; e++) {
    const double power = pow(10, e);
    assert_as_printf(power);
    assert_as_printf(nextafter(power, 0));
    assert_as_printf(-nextafter(power, (double)INFINITY));
    assert_as_printf(power * 0.9999995);
    assert_as_printf(power * 0.99999949999999);
    assert_as_printf(power * 1.0000005);
  }
  for (int e = -1074; e < 1024; e += 7) assert_as_printf(ldexp(1.1, e));
  assert_as_printf(0.0);
  assert_as_printf(-0.0);
  for (int i = 0; i < 300000; i++) {
    const double normal = pfc_rng_normal(&rng);
    const double ten = pow(10, (double)pfc_rng_below(&rng, 45) - 20);
    assert_as_printf(normal * ten);
    assert_as_printf((double)pfc_rng_below(&rng, 20000000) / 20 * ten); /* many ties */
    assert_as_printf(round(normal * 100) / 100);
  }
  char text[PFC_NUMBER_TEXT];
  assert_int_equal(pfc_number_format6((double)NAN, text), 0);
  assert_int_equal(pfc_number_format6(-(double)INFINITY, text), 0);
  assert_string_equal(text, "");
}

static void assert_places_as_printf(double value) {
  char text[PFC_NUMBER_TEXT], expected[400];
  for (int places = 0; places <= 6; places++) {
    const size_t size = pfc_number_format_places(value, places, text);
    (void)snprintf(expected, sizeof expected, "%.*f", places, value);
    if (strcmp(text, expected) != 0 || size != strlen(expected))
      fail_msg("%.17g with %d places is written %s, not %s", value, places, text, expected);
  }
}

static void places_are_those_of_printf(void **state) {
  (void)state;
  char text[PFC_NUMBER_TEXT];
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(10), "test.places", 1);
  for (int i = 0; i < 60000; i++) {
    const double ten = pow(10, (double)pfc_rng_below(&rng, 24) - 8);
    assert_places_as_printf(pfc_rng_normal(&rng) * ten);
    assert_places_as_printf((double)pfc_rng_below(&rng, 2000000) / 16); /* many ties */
    assert_places_as_printf(round(pfc_rng_normal(&rng) * 1000) / 200);
  }
  static const double EDGES[] = {0.0,      -0.0,      0.5,   1.5,           2.5, -0.5,
                                 999999.5, 9.9999995, 1e-30, 99999999999.9, 9e19};
  for (size_t i = 0; i < sizeof EDGES / sizeof *EDGES; i++) {
    assert_places_as_printf(EDGES[i]);
    assert_places_as_printf(nextafter(EDGES[i], 0));
    assert_places_as_printf(nextafter(EDGES[i], 1e19));
  }
  assert_int_equal(pfc_number_format_places((double)NAN, 1, text), 0);
  assert_int_equal(pfc_number_format_places(1e20, 0, text), 0);
  assert_string_equal(text, "");
}

static void whole_numbers_are_those_of_printf(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(11), "test.whole", 1);
  for (int i = 0; i < 2000; i++) {
    static const int64_t EDGES[] = {0, 1, -1, 9, 10, -10, INT64_MAX, INT64_MIN};
    char text[PFC_NUMBER_TEXT], expected[32];
    const int64_t value =
        i < 8 ? EDGES[i] : (int64_t)(pfc_rng_next(&rng) >> pfc_rng_below(&rng, 64)) - 500;
    const size_t size = pfc_number_format_whole(value, text);
    (void)snprintf(expected, sizeof expected, "%lld", (long long)value);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_decimals_are_numbers),
      cmocka_unit_test(values_are_those_nearest),
      cmocka_unit_test(random_texts_agree_with_strtod),
      cmocka_unit_test(long_texts_are_rounded_by_their_last_digit),
      cmocka_unit_test(locales_change_nothing),
      cmocka_unit_test(numbers_are_short),
      cmocka_unit_test(what_was_written_is_read),
      cmocka_unit_test(six_digits_are_those_of_printf),
      cmocka_unit_test(places_are_those_of_printf),
      cmocka_unit_test(whole_numbers_are_those_of_printf),
  };
  return cmocka_run_group_tests_name("base/number", tests, NULL, NULL);
}
