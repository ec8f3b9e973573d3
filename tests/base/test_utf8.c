#include "tests/support/test.h"

#include "base/utf8.h"

static size_t encode(uint32_t c, char s[4]) {
  if (c < 0x80) {
    s[0] = (char)c;
    return 1;
  }
  const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  static const unsigned lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t i = n - 1; i > 0; i--, c >>= 6) s[i] = (char)(0x80 | (c & 0x3f));
  s[0] = (char)(lead[n] | c);
  return n;
}

static void every_code_point_is_judged_rightly(void **state) {
  (void)state;
  for (uint32_t c = 0; c < 0x1fffff; c++) {
    char s[4];
    const size_t n = encode(c, s);
    const bool valid = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
    if (pfc_utf8_length(s, n) != (valid ? n : 0)) fail_msg("U+%04x", c);
    for (size_t cut = 0; cut < n; cut++) assert_int_equal(pfc_utf8_length(s, cut), 0);
  }
}

/* Whatever three bytes begin with a valid character are the ones that encode it. */
static void no_other_bytes_are_accepted(void **state) {
  (void)state;
  for (uint32_t w = 0; w < 0x1000000; w++) {
    const char s[3] = {(char)(w >> 16), (char)(w >> 8), (char)w};
    const size_t n = pfc_utf8_length(s, 3);
    if (n == 0) continue;
    uint32_t c = (unsigned char)s[0] & (n == 1 ? 0x7fU : n == 2 ? 0x1fU : 0x0fU);
    for (size_t i = 1; i < n; i++) c = c << 6 | ((unsigned char)s[i] & 0x3fU);
    char again[4];
    assert_int_equal(encode(c, again), n);
    assert_memory_equal(again, s, n);
  }
}

static void texts_are_valid_as_a_whole(void **state) {
  (void)state;
  assert_true(pfc_utf8_valid("", 0));
  assert_true(pfc_utf8_valid("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10));
  assert_false(pfc_utf8_valid("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9));
  assert_false(pfc_utf8_valid("ok\xff", 3));
}

static void cuts_leave_whole_characters(void **state) {
  (void)state;
  const char *s = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"; /* 1, 2, 3 and 4 bytes */
  const size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (size_t max = 0; max < sizeof whole / sizeof *whole; max++)
    assert_int_equal(pfc_utf8_cut(s, max), whole[max]);
  assert_int_equal(pfc_utf8_cut("ok\xff", 3), 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_code_point_is_judged_rightly),
      cmocka_unit_test(no_other_bytes_are_accepted),
      cmocka_unit_test(texts_are_valid_as_a_whole),
      cmocka_unit_test(cuts_leave_whole_characters),
  };
  return cmocka_run_group_tests_name("base/utf8", tests, NULL, NULL);
}
