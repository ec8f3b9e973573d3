// labels: unit check
#include "tests/support/test.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "cli/recommend_totals.h"
#include "cli/render.h"
#include "cli/shard.h"
#include "tests/support/countdown.h"

static const output_column COLUMNS[] = {
    {"id", COLUMN_TEXT, false}, {"x, y", COLUMN_REAL, false}, {"n", COLUMN_INT, false}};
enum { N = 3 };

static const cell ROWS[][N] = {
    {{.text = "a,\"b\""}, {.real = 0.1234567}, {.integer = -12}},
    {{.text = NULL}, {.real = NAN}, {.integer = NO_INT}},
    {{.text = "line\nend\\"}, {.real = -0.0}, {.integer = INT64_MAX}},
    {{.text = " x"}, {.real = -1e300}, {.integer = 0}},
};
enum { N_ROWS = sizeof ROWS / sizeof *ROWS };

static void assert_rendered(const row_format *format, const char *expected) {
  bytes text = {0};
  if (format->header) format->header(N, COLUMNS, &text);
  for (int r = 0; r < N_ROWS; r++) format->row(N, COLUMNS, ROWS[r], &text);
  bytes_char(&text, '\0');
  assert_ok(bytes_status(&text, &err));
  assert_string_equal(text.at, expected);
  bytes_clear(&text);
}

static void rows_are_csv(void **state) {
  (void)state;
  assert_rendered(&render_csv,
                  "id,\"x, y\",n\n"
                  "\"a,\"\"b\"\"\",0.123457,-12\n"
                  ",,\n"
                  "\"line\nend\\\",0,9223372036854775807\n"
                  "\" x\",-1e+300,0\n");
}

static void rows_are_json_lines(void **state) {
  (void)state;
  assert_rendered(&render_jsonl,
                  "{\"id\":\"a,\\\"b\\\"\",\"x, y\":0.123457,\"n\":-12}\n"
                  "{\"id\":\"\",\"x, y\":null,\"n\":null}\n"
                  "{\"id\":\"line\\u000aend\\\\\",\"x, y\":0,\"n\":9223372036854775807}\n"
                  "{\"id\":\" x\",\"x, y\":-1e+300,\"n\":0}\n");
}

/* Whatever the end cuts off is no row yet; what is whole is read as it was. */
static void cells_come_back(void **state) {
  (void)state;
  bytes text = {0};
  cell cells[N];
  for (int r = 0; r < N_ROWS; r++) render_cells.row(N, COLUMNS, ROWS[r], &text);
  assert_ok(bytes_status(&text, &err));
  const char *at = text.at;
  for (int r = 0; r < N_ROWS; r++) {
    const size_t n = render_length(N, COLUMNS, at, text.at + text.size);
    assert_true(n > 0);
    for (size_t cut = 0; cut < n; cut++)
      assert_int_equal(render_length(N, COLUMNS, at, at + cut), 0);
    assert_ptr_equal(render_replay(N, COLUMNS, at, cells), at + n);
    assert_string_equal(cells[0].text, ROWS[r][0].text ? ROWS[r][0].text : "");
    assert_memory_equal(&cells[1].real, &ROWS[r][1].real, sizeof(double));
    assert_true(cells[2].integer == ROWS[r][2].integer);
    at += n;
  }
  assert_ptr_equal(at, text.at + text.size);
  bytes_clear(&text);
}

/* 64 shares of 64,000 ids of four kinds: each count is binomial, of mean 1,000 and sd 31.4; six
 * sd on either side fail once in ten million such tests. */
static void shards_are_even(void **state) {
  (void)state;
  static const char *const KINDS[] = {"P%06d", "%d", "user-%d@example.org", "%d/a"};
  for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++) {
    int count[65] = {0};
    for (int i = 0; i < 64000; i++) {
      char id[64];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      (void)snprintf(id, sizeof id, KINDS[k], i);
#pragma GCC diagnostic pop
      const int32_t s = shard_of(id, 64);
      assert_in_range(s, 1, 64);
      count[s]++;
    }
    for (int s = 1; s <= 64; s++) assert_in_range(count[s], 1000 - 188, 1000 + 188);
  }
}

static pfc_recommend_totals drawn(uint64_t seed) {
  pfc_recommend_totals t = {0};
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.totals", 0);
  int64_t *const counts[] = {&t.people,   &t.with_list, &t.allowed,
                             &t.mandates, &t.forced,    &t.kept};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    *counts[i] = (int64_t)pfc_rng_below(&rng, (uint64_t)1 << 50);
  for (int r = 0; r < PFC_N_RULES; r++)
    t.broken[r] = (int64_t)pfc_rng_below(&rng, (uint64_t)1 << 50);
  t.value = pfc_rng_normal(&rng) * 1e3;
  t.value_undiverse = pfc_rng_normal(&rng) / 3;
  return t;
}

/* To the last bit: a run that went on ends with the same sums. */
static void totals_come_back(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 200; seed++) {
    const pfc_recommend_totals t = drawn(seed);
    pfc_recommend_totals back = {0};
    cJSON *json = cJSON_CreateObject();
    assert_ok(totals_put(json, &t, &err));
    char *text = cJSON_Print(json);
    cJSON *read = cJSON_Parse(text);
    assert_true(totals_take(read, &back));
    assert_memory_equal(&back, &t, sizeof t);
    cJSON_DeleteItemFromObject(read, "kept");
    assert_false(totals_take(read, &back));
    cJSON_Delete(read);
    cJSON_free(text);
    cJSON_Delete(json);
  }
}

static pfc_status render_all(void *unused) {
  (void)unused;
  bytes text = {0};
  for (int r = 0; r < 500; r++) render_csv.row(N, COLUMNS, ROWS[r % N_ROWS], &text);
  for (int r = 0; r < 500; r++) render_cells.row(N, COLUMNS, ROWS[r % N_ROWS], &text);
  const pfc_status st = bytes_status(&text, NULL);
  bytes_clear(&text);
  return st;
}

static void out_of_memory(void **state) {
  (void)state;
  assert_true(count_down(render_all, NULL) > 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_csv),     cmocka_unit_test(rows_are_json_lines),
      cmocka_unit_test(cells_come_back),  cmocka_unit_test(shards_are_even),
      cmocka_unit_test(totals_come_back), cmocka_unit_test(out_of_memory),
  };
  return cmocka_run_group_tests_name("cli/render", tests, NULL, NULL);
}
