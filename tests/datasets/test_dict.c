#include "tests/support/test.h"

#include "base/mem.h"
#include "base/rng.h"
#include "datasets/dict.h"
#include "tests/support/oom.h"

static int32_t add(pfc_dict *d, const char *text) {
  int32_t code = -2;
  assert_ok(pfc_dict_add(d, text, strlen(text), &code, &err));
  return code;
}

static void codes_are_dense_in_order_of_appearance(void **state) {
  (void)state;
  pfc_dict *d = pfc_dict_create("person");
  assert_string_equal(pfc_dict_name(d), "person");
  assert_int_equal(pfc_dict_size(d), 0);
  assert_int_equal(pfc_dict_find(d, "a"), -1);
  assert_int_equal(add(d, "b"), 0);
  assert_int_equal(add(d, "a"), 1);
  assert_int_equal(add(d, "b"), 0);
  assert_int_equal(add(d, ""), 2);
  assert_int_equal(add(d, ""), 2);
  assert_int_equal(pfc_dict_size(d), 3);
  assert_string_equal(pfc_dict_text(d, 0), "b");
  assert_string_equal(pfc_dict_text(d, 2), "");
  assert_string_equal(pfc_dict_text(d, -1), "");
  assert_int_equal(pfc_dict_find(d, "ab"), -1);
  pfc_dict_destroy(d);
  pfc_dict_destroy(NULL);
}

static void size_counts_not_the_nul(void **state) {
  (void)state;
  pfc_dict *d = pfc_dict_create("x");
  int32_t code;
  assert_ok(pfc_dict_add(d, "abcdef", 3, &code, &err));
  assert_int_equal(pfc_dict_find(d, "abc"), code);
  assert_int_equal(pfc_dict_find(d, "abcdef"), -1);
  assert_fails(pfc_dict_add(d, "a\0c", 3, &code, &err), PFC_EDATA, "NUL");
  assert_fails(pfc_dict_add(d, "abc\0", 4, &code, &err), PFC_EDATA, "NUL");
  assert_int_equal(pfc_dict_size(d), 1);
  pfc_dict_destroy(d);
}

/* Words over a small alphabet, so that many repeat and many share beginnings. */
static void random_word(pfc_rng *rng, char word[8]) {
  const uint64_t n = pfc_rng_below(rng, 7);
  for (uint64_t i = 0; i < n; i++) word[i] = "ab\xff"[pfc_rng_below(rng, 3)];
  word[n] = '\0';
}

static void agrees_with_a_list(void **state) {
  (void)state;
  static char list[2000][8];
  int32_t n = 0;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(7), "test.dict", 0);
  pfc_dict *d = pfc_dict_create("x");
  for (int step = 0; step < 5000; step++) {
    char word[8];
    random_word(&rng, word);
    int32_t at = 0;
    while (at < n && strcmp(list[at], word) != 0) at++;
    assert_int_equal(pfc_dict_find(d, word), at < n ? at : -1);
    assert_int_equal(add(d, word), at);
    if (at == n) memcpy(list[n++], word, sizeof word);
    assert_int_equal(pfc_dict_size(d), n);
  }
  for (int32_t i = 0; i < n; i++) assert_string_equal(pfc_dict_text(d, i), list[i]);
  pfc_dict_destroy(d);
}

static void many_ids_are_kept_apart(void **state) {
  (void)state;
  enum { N = 1000000 };
  pfc_dict *d = pfc_dict_create("person");
  char id[24];
  for (int32_t i = 0; i < N; i++) {
    (void)snprintf(id, sizeof id, "P%d", i);
    if (add(d, id) != i) fail_msg("%s is not new", id);
  }
  for (int32_t i = 0; i < N; i += 17) {
    (void)snprintf(id, sizeof id, "P%d", i);
    if (pfc_dict_find(d, id) != i) fail_msg("%s is lost", id);
  }
  assert_int_equal(pfc_dict_find(d, "P1000000"), -1);
  pfc_dict_destroy(d);
}

static void copies_live_on_their_own(void **state) {
  (void)state;
  pfc_dict *d = pfc_dict_create("x");
  pfc_dict *empty = pfc_dict_copy(d);
  for (int i = 0; i < 100; i++)
    add(d, (char[]){'a', (char)('0' + i % 10), (char)('0' + i / 10), 0});
  pfc_dict *copy = pfc_dict_copy(d);
  assert_string_equal(pfc_dict_name(copy), "x");
  assert_int_equal(add(copy, "only here"), 100);
  assert_int_equal(pfc_dict_find(d, "only here"), -1);
  assert_int_equal(add(d, "only there"), 100);
  pfc_dict_destroy(d);
  assert_string_equal(pfc_dict_text(copy, 100), "only here");
  assert_int_equal(pfc_dict_find(copy, "a42"), 24);
  assert_int_equal(pfc_dict_size(empty), 0);
  assert_int_equal(add(empty, "a"), 0);
  pfc_dict_destroy(empty);
  pfc_dict_destroy(copy);
}

static void mapping_goes_by_text(void **state) {
  (void)state;
  pfc_dict *from = pfc_dict_create("x"), *to = pfc_dict_create("x");
  add(from, "a"), add(from, "b"), add(from, "c");
  add(to, "c"), add(to, "a");
  int32_t map[3];
  pfc_dict_map(from, to, map);
  assert_int_equal(map[0], 1);
  assert_int_equal(map[1], -1);
  assert_int_equal(map[2], 0);
  pfc_dict_destroy(from);
  pfc_dict_destroy(to);
}

/* Adds 300 words; an allocation fails on the way. What is there stays whole. */
static void short_memory_leaves_the_dictionary_whole(void **state) {
  (void)state;
  for (long fail_at = 0;; fail_at++) {
    oom_after(-1);
    pfc_dict *d = pfc_dict_create("x");
    char word[16];
    int32_t i = 0;
    oom_after(fail_at);
    for (; i < 300; i++) {
      pfc_error err = PFC_ERROR_INIT;
      int32_t code = -1;
      (void)snprintf(word, sizeof word, "w%d", i);
      const pfc_status st = pfc_dict_add(d, word, strlen(word), &code, &err);
      assert_int_equal(st, err.status);
      if (st == PFC_OK) continue;
      assert_int_equal(st, PFC_ENOMEM);
      assert_int_equal(pfc_dict_size(d), i);
      assert_int_equal(add(d, word), i); /* the failure was for once */
    }
    const bool failed = oom_happened();
    oom_after(fail_at);
    pfc_dict *copy = pfc_dict_copy(d);
    const bool copy_failed = oom_happened();
    oom_after(-1);
    assert_int_equal(copy == NULL, copy_failed);
    for (int32_t w = 0; w < 300; w++) {
      (void)snprintf(word, sizeof word, "w%d", w);
      assert_int_equal(pfc_dict_find(d, word), w);
    }
    pfc_dict_destroy(copy);
    pfc_dict_destroy(d);
    if (!failed && !copy_failed) break;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(codes_are_dense_in_order_of_appearance),
      cmocka_unit_test(size_counts_not_the_nul),
      cmocka_unit_test(agrees_with_a_list),
      cmocka_unit_test(many_ids_are_kept_apart),
      cmocka_unit_test(copies_live_on_their_own),
      cmocka_unit_test(mapping_goes_by_text),
      cmocka_unit_test(short_memory_leaves_the_dictionary_whole),
  };
  return cmocka_run_group_tests_name("datasets/dict", tests, NULL, NULL);
}
