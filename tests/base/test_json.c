#include "tests/support/test.h"

#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/oom.h"

static pfc_status parse(const char *text, cJSON **json, pfc_error *err) {
  return pfc_json_parse("f.json", text, strlen(text), json, err);
}

static void good_text_is_read(void **state) {
  (void)state;
  static const char *const good[] = {
      "0",
      "-0",
      "1.5e-3",
      "true",
      "false",
      "null",
      "\"\"",
      "[]",
      "{}",
      " [ ] ",
      "\t{\n}\r\n",
      "[1,2,3]",
      "{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]},\"b\":1}",
      "\"\\u00e9\\ud83d\\ude00\"",
      "\"\xc3\xa9\xf0\x9f\x98\x80\"",
      "[1e308,-1E+2,0.0]",
      "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
      "{\"\":0}",
      "1e-999",
      "[[[[[[[]]]]]]]",
      "[9007199254740992,-9007199254740992,1e17,17976931348623157e292]",
      "{\"a\":1,\"A\":2}",
      "[{\"a\":1},{\"a\":1}]",
  };
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    cJSON *json = NULL;
    pfc_error err = PFC_ERROR_INIT;
    if (parse(good[i], &json, &err) != PFC_OK) fail_msg("%s: %s", good[i], err.msg);
    cJSON_Delete(json);
  }
}

/* Text, and the line, column and fault that must be named. */
static void faults_are_named_where_they_stand(void **state) {
  (void)state;
  static const char *const bad[][2] = {
      {"", "1:1: expected a value, at the end of the text"},
      {"  ", "1:3: expected a value"},
      {"{", "1:2: expected a key"},
      {"[", "1:2: expected a value"},
      {"[1", "1:3: expected ',' or ']'"},
      {"[1,]", "1:4: expected a value, at ']'; the comma before it is one too many"},
      {"[,1]", "1:2: expected a value"},
      {"[1}", "1:3: expected ',' or ']'"},
      {"{\"a\":1,}", "1:8: expected a key"},
      {"{\"a\" 1}", "1:6: expected ':'"},
      {"{\"a\":}", "1:6: expected a value"},
      {"{\"a\":1]", "1:7: expected ',' or '}'"},
      {"{a:1}", "1:2: expected a key"},
      {"{1:1}", "1:2: expected a key"},
      {"{}\n{}", "2:1: expected the end"},
      {"1 2", "1:3: expected the end"},
      {"nul", "1:1: expected a value"},
      {"nulll", "1:5: expected the end"},
      {"True", "1:1: expected a value, at 'True'; write true"},
      {"'a'", "1:1: expected a value, at ''a''; texts and keys stand in double quotes"},
      {"// x\n1", "1:1: expected a value, at '// x'; JSON has no comments"},
      {"NaN", "1:1: expected a value, at 'NaN'; JSON has no such number: write null"},
      {"Infinity", "1:1: expected a value"},
      {"-", "1:1: malformed number"},
      {"-x", "1:1: malformed number"},
      {"+1", "1:1: expected a value"},
      {"01", "1:1: malformed number"},
      {"-01", "1:1: malformed number"},
      {"1.", "1:1: malformed number"},
      {".5", "1:1: expected a value"},
      {"1e", "1:1: malformed number"},
      {"1e+", "1:1: malformed number"},
      {"0x10", "1:2: expected the end"},
      {"[1e999]", "1:2: number is too large"},
      {"-1e999", "1:1: number is too large"},
      {"[17976931348623159e292]", "1:2: number is too large"},
      {"[9007199254740993]", "1:2: whole number beyond 2^53"},
      {"{\"seed\": -9007199254740993}", "1:10: whole number beyond 2^53"},
      {"{\"seed\": 18446744073709551616}", "at '18446744073709551616}'"},
      {"1111111111222222222233333333334444444444555555555566666666667777", "more than 63"},
      {"\"a", "1:3: text has no closing quote"},
      {"\"a\nb\"", "1:3: control character"},
      {"\"\x7f\x01\"", "1:3: control character"},
      {"\"\\x41\"", "1:2: unknown escape"},
      {"\"\\u12g4\"", "1:2: unknown escape"},
      {"\"\\u12", "1:2: unknown escape"},
      {"\"\\", "1:2: unknown escape"},
      {"\"ab\\u0000\"", "1:4: text holds a NUL"},
      {"\"\\ud800\"", "1:2: half of a surrogate"},
      {"\"\\ud800\\u0041\"", "1:2: half of a surrogate"},
      {"\"\\udc00\"", "1:2: half of a surrogate"},
      {"\"\xff\"", "1:2: text is not valid UTF-8"},
      {"\"\xc0\x80\"", "1:2: text is not valid UTF-8"},
      {"\"\xed\xa0\x80\"", "1:2: text is not valid UTF-8"},
      {"\"\xc3\xa9\xe2\x82\"", "1:3: text is not valid UTF-8"},
      {"\xef\xbb\xbf{}", "without byte-order mark"},
      {"{\"a\":1,\n \"b\":2,\n \"a\":3}", "3:2: duplicate key"},
      {"{\"a\":1,\"\\u0061\":3}", "1:8: duplicate key"},
      {"[{\"x\":{\"k\":1,\"j\":[{}],\"k\":0}},{\"y\":1,\"y\":2}]", "1:23: duplicate key"},
      {"{\"b\":1,\"b\":1,\"a\":1,\"a\":1}", "1:8: duplicate key"},
      {"{\"\":1,\"\":2}", "1:7: duplicate key"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    cJSON *json = NULL;
    char expected[160];
    (void)snprintf(expected, sizeof expected, "%s", bad[i][1]);
    assert_fails(parse(bad[i][0], &json, &err), PFC_EDATA, expected);
    assert_fails(parse(bad[i][0], &json, &err), PFC_EDATA, "f.json:");
    assert_null(json);
  }
  cJSON *json = NULL;
  assert_fails(pfc_json_parse("f", "[1]\0", 4, &json, &err), PFC_EDATA, "f:1:4: expected the");
  assert_fails(pfc_json_parse("f", "\"a\0b\"", 5, &json, &err), PFC_EDATA, "f:1:3: control");
}

static void depth_and_size_are_bounded(void **state) {
  (void)state;
  for (size_t depth = 60; depth <= 70; depth++) {
    /* [[...]] and {"":{"":...0}} */
    char lists[200] = "", objects[600] = "";
    for (size_t i = 0; i < depth; i++) {
      strcat(lists, "[");
      strcat(objects, "{\"\":");
    }
    strcat(objects, "0");
    for (size_t i = 0; i < depth; i++) {
      strcat(lists, "]");
      strcat(objects, "}");
    }
    const char *const texts[] = {lists, objects};
    for (int i = 0; i < 2; i++) {
      cJSON *json = NULL;
      if (depth > PFC_JSON_MAX_DEPTH) {
        assert_fails(parse(texts[i], &json, &err), PFC_EDATA, "nested too deeply");
      } else {
        assert_ok(parse(texts[i], &json, &err));
        cJSON_Delete(json);
      }
    }
  }
  cJSON *json = NULL;
  const size_t size = PFC_JSON_MAX_BYTES + 1;
  char *blank = malloc(size);
  memset(blank, ' ', size);
  blank[0] = '1';
  assert_fails(pfc_json_parse("f", blank, size, &json, &err), PFC_EDATA, "16777217 bytes");
  assert_ok(pfc_json_parse("f", blank, size - 1, &json, &err));
  cJSON_Delete(json);
  free(blank);
}

/* A document holding everything; every prefix and thousands of mutants of it. */
static const char sample[] =
    "{\"name\":\"caf\xc3\xa9 \\u00e9\\ud83d\\ude00\",\"n\":[0,-1.5e3,1e-7,{\"a\":null}],"
    "\"deep\":{\"a\":{\"b\":[[],{}]}},\"t\":true, \"f\" : false }";

static void every_prefix_is_refused(void **state) {
  (void)state;
  for (size_t n = 0; n < sizeof sample - 1; n++) {
    /* A copy of just that size, so that a sanitizer sees a read behind the end. */
    char *copy = malloc(n + 1);
    memcpy(copy, sample, n);
    char *exact = realloc(copy, n ? n : 1);
    cJSON *json = NULL;
    assert_int_equal(pfc_json_parse("f", exact, n, &json, NULL), PFC_EDATA);
    free(exact);
  }
}

/* What passes the scan must also pass cJSON, and print and parse to the same tree. */
static void mutants_are_refused_or_round_trip(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(1), "json", 0);
  static const char pool[] = "{}[]\",:\\u0123456789abcdefeE+-. \n\ttrunls\xc3\xa9\xff";
  int accepted = 0;
  for (int round = 0; round < 40000; round++) {
    size_t n = sizeof sample - 1;
    char *text = malloc(n);
    memcpy(text, sample, n);
    for (uint64_t k = 1 + pfc_rng_below(&rng, 3); k > 0; k--)
      text[pfc_rng_below(&rng, n)] = pool[pfc_rng_below(&rng, sizeof pool - 1)];
    cJSON *json = NULL, *again = NULL;
    const pfc_status st = pfc_json_parse("f", text, n, &json, NULL);
    if (st == PFC_OK) {
      accepted++;
      char *printed = cJSON_PrintUnformatted(json);
      assert_ok(parse(printed, &again, &err));
      assert_true(cJSON_Compare(json, again, true));
      cJSON_Delete(again);
      cJSON_free(printed);
    } else {
      assert_int_equal(st, PFC_EDATA);
      assert_null(json);
    }
    cJSON_Delete(json);
    free(text);
  }
  assert_true(accepted > 100);
}

static void many_keys_are_checked_fast(void **state) {
  (void)state;
  enum { N = 200000 };
  char *text = malloc((size_t)N * 16), *p = text;
  *p++ = '{';
  for (int i = 0; i < N; i++) p += sprintf(p, "\"k%d\":0,", i);
  p += sprintf(p, "\"k%d\":1}", N / 2);
  cJSON *json = NULL;
  assert_fails(pfc_json_parse("f", text, (size_t)(p - text), &json, &err), PFC_EDATA,
               "duplicate key");
  free(text);
}

static void short_memory_is_reported(void **state) {
  (void)state;
  cJSON *json = NULL;
  test_write_file("sample.json", sample, sizeof sample - 1);
  for (long n = 0;; n++) {
    oom_after(n);
    const pfc_status st = pfc_json_load("sample.json", &json, NULL);
    if (!oom_happened()) break;
    assert_int_equal(st, PFC_ENOMEM);
    assert_null(json);
  }
  oom_after(-1);
  assert_string_equal(cJSON_GetObjectItem(json, "name")->valuestring,
                      "caf\xc3\xa9 \xc3\xa9\xf0\x9f\x98\x80");
  cJSON_Delete(json);
  assert_fails(pfc_json_load("no.json", &json, &err), PFC_EIO, "'no.json'");
}

static void numbers_without_value_become_null(void **state) {
  (void)state;
  cJSON *object = cJSON_CreateObject();
  assert_ok(pfc_json_put_number(object, "a", 0.1, &err));
  assert_ok(pfc_json_put_number(object, "b", (double)NAN, &err));
  assert_ok(pfc_json_put_number(object, "c", -(double)INFINITY, &err));
  assert_ok(pfc_json_put_text(object, "d", "x\"y\n", &err));
  char *text = cJSON_PrintUnformatted(object);
  assert_string_equal(text, "{\"a\":0.1,\"b\":null,\"c\":null,\"d\":\"x\\\"y\\n\"}");
  cJSON_free(text);
  cJSON_Delete(object);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(good_text_is_read),
      cmocka_unit_test(faults_are_named_where_they_stand),
      cmocka_unit_test(depth_and_size_are_bounded),
      cmocka_unit_test(every_prefix_is_refused),
      cmocka_unit_test(mutants_are_refused_or_round_trip),
      cmocka_unit_test(many_keys_are_checked_fast),
      cmocka_unit_test(short_memory_is_reported),
      cmocka_unit_test(numbers_without_value_become_null),
  };
  return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
