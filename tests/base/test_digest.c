#include "tests/support/test.h"

#include "base/digest.h"
#include "base/digest_internal.h"
#include "base/rng.h"
#include "tests/support/oom.h"

static void sha256_known_answers(void **state) {
  (void)state;
  static const struct {
    const char *text, *hex;
  } known[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
  };
  char hex[PFC_SHA256_HEX];
  pfc_sha256 *d = pfc_sha256_create();
  for (int i = 0; i < 3; i++) {
    for (const char *p = known[i].text; *p; p++) pfc_sha256_add(d, p, 1);
    pfc_sha256_hex(d, hex);
    assert_string_equal(hex, known[i].hex);
    test_write_file("known", known[i].text, strlen(known[i].text));
    assert_ok(pfc_sha256_file("known", hex, &err));
    assert_string_equal(hex, known[i].hex);
  }
  pfc_sha256_destroy(d);
  pfc_sha256_destroy(NULL);
}

static void a_file_of_many_blocks_is_read_whole(void **state) {
  (void)state;
  enum { N = 3 * 65536 + 17 };
  char *bytes = malloc(N), of_file[PFC_SHA256_HEX], of_bytes[PFC_SHA256_HEX];
  for (int i = 0; i < N; i++) bytes[i] = (char)(i * 31 + (i >> 8));
  test_write_file("blocks", bytes, N);
  pfc_sha256 *d = pfc_sha256_create();
  pfc_sha256_add(d, bytes, N);
  pfc_sha256_hex(d, of_bytes);
  pfc_sha256_destroy(d);
  assert_ok(pfc_sha256_file("blocks", of_file, &err));
  assert_string_equal(of_file, of_bytes);
  free(bytes);
}

static void unreadable_files_are_named(void **state) {
  (void)state;
  char hex[PFC_SHA256_HEX];
  assert_fails(pfc_sha256_file("no/such", hex, &err), PFC_EIO, "'no/such': No such file");
  assert_fails(pfc_sha256_file("/", hex, &err), PFC_EIO, "'/': Is a directory");
  for (long n = 0;; n++) {
    oom_after(n);
    const pfc_status st = pfc_sha256_file("known", hex, NULL);
    if (!oom_happened()) break;
    assert_int_equal(st, PFC_ENOMEM);
  }
  oom_after(-1);
}

/* RFC 3720, B.4, and the usual check value. */
static void crc32c_known_answers(void **state) {
  (void)state;
  unsigned char bytes[32] = {0};
  assert_int_equal(pfc_crc32c(0, bytes, 32), 0x8a9136aa);
  memset(bytes, 0xff, 32);
  assert_int_equal(pfc_crc32c(0, bytes, 32), 0x62a8ab43);
  for (unsigned i = 0; i < 32; i++) bytes[i] = (unsigned char)i;
  assert_int_equal(pfc_crc32c(0, bytes, 32), 0x46dd794e);
  assert_int_equal(pfc_crc32c(0, "123456789", 9), 0xe3069283);
  assert_int_equal(pfc_crc32c(7, NULL, 0), 7);
}

/* Any cut, any misalignment, with the CPU's instruction or without: one result. */
static void crc32c_is_one_function(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(1), "crc32c", 0);
  unsigned char bytes[400];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)pfc_rng_next(&rng);
  for (int round = 0; round < 5000; round++) {
    const size_t from = pfc_rng_below(&rng, 16), size = pfc_rng_below(&rng, 380);
    const size_t cut = pfc_rng_below(&rng, size + 1);
    const uint32_t start = (uint32_t)pfc_rng_next(&rng);
    const uint32_t whole = pfc_crc32c(start, bytes + from, size);
    assert_int_equal(whole, pfc__crc32c_table(start, bytes + from, size));
    const uint32_t first = pfc_crc32c(start, bytes + from, cut);
    assert_int_equal(whole, pfc_crc32c(first, bytes + from + cut, size - cut));
    if (size == 0) continue;
    const size_t at = from + pfc_rng_below(&rng, size);
    bytes[at] ^= (unsigned char)(1U << pfc_rng_below(&rng, 8));
    assert_int_not_equal(whole, pfc_crc32c(start, bytes + from, size));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sha256_known_answers),
      cmocka_unit_test(a_file_of_many_blocks_is_read_whole),
      cmocka_unit_test(unreadable_files_are_named),
      cmocka_unit_test(crc32c_known_answers),
      cmocka_unit_test(crc32c_is_one_function),
  };
  return cmocka_run_group_tests_name("base/digest", tests, NULL, NULL);
}
