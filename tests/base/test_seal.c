// labels: property check
#include "tests/support/test.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/seal.h"
#include "tests/support/damage.h"
#include "tests/support/oom.h"

/* A file of random bytes, sealed. */
static char *sealed_file(size_t n, size_t *size) {
  pfc_rng rng;
  char *bytes = malloc(n + 1), *all = NULL;
  pfc_rng_init(&rng, 5, "seal", n);
  for (size_t i = 0; i < n; i++) bytes[i] = (char)pfc_rng_below(&rng, 256);
  test_write_file("sealed", bytes, n);
  assert_ok(pfc_seal_put("sealed", &err));
  assert_ok(pfc_file_read("sealed", (size_t)1 << 28, &all, size, &err));
  assert_memory_equal(all, bytes, n);
  free(bytes);
  return all;
}

static pfc_status check(const char *path, bool *sealed, char sha256[PFC_SHA256_HEX],
                        pfc_error *err) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  assert_true(fd >= 0);
  const pfc_status st = pfc_seal_check(fd, path, sealed, sha256, err);
  (void)close(fd);
  return st;
}

static const size_t SIZES[] = {0,
                               1,
                               23,
                               24,
                               5000,
                               PFC_SEAL_BLOCK - 1,
                               PFC_SEAL_BLOCK,
                               PFC_SEAL_BLOCK + 1,
                               3 * PFC_SEAL_BLOCK + 7};

static void what_is_sealed_holds(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
    size_t size;
    bool sealed = false;
    char hex[PFC_SHA256_HEX], expected[PFC_SHA256_HEX];
    pfc_free(sealed_file(SIZES[i], &size));
    const size_t n_blocks = (SIZES[i] + PFC_SEAL_BLOCK - 1) / PFC_SEAL_BLOCK;
    assert_int_equal(size, SIZES[i] + 4 * n_blocks + 24);
    assert_ok(check("sealed", &sealed, hex, &err));
    assert_true(sealed);
    assert_ok(pfc_sha256_file("sealed", expected, &err));
    assert_string_equal(hex, expected);
    assert_ok(check("sealed", &sealed, NULL, &err));
  }
}

static void a_file_without_a_seal_is_none(void **state) {
  (void)state;
  static const char *const texts[] = {"", "pfc.seal", "short",
                                      "long enough for a footer, and no magic"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    bool sealed = true;
    test_write_file("plain", texts[i], strlen(texts[i]));
    assert_ok(check("plain", &sealed, NULL, &err));
    assert_false(sealed);
  }
}

/* Every byte counts, those of the seal too, and the message tells where. */
static void every_byte_counts(void **state) {
  (void)state;
  size_t size;
  char *bytes = sealed_file(300, &size);
  for (size_t at = 0; at < size; at++) {
    bool sealed = false;
    pfc_error err = PFC_ERROR_INIT;
    bytes[at] = (char)(bytes[at] ^ 1);
    test_write_file("damaged", bytes, size);
    bytes[at] = (char)(bytes[at] ^ 1);
    const pfc_status st = check("damaged", &sealed, NULL, &err);
    if (at >= size - 8) { /* the letters: there is no seal any more */
      assert_true(st == PFC_OK && !sealed);
    } else if (st != PFC_EFORMAT || !sealed || !strstr(err.msg, "damaged between bytes")) {
      fail_msg("byte %zu: status %d, '%s'", at, (int)st, err.msg);
    }
  }
  pfc_free(bytes);
}

static void damage_is_found_in_its_block(void **state) {
  (void)state;
  size_t size;
  bool sealed;
  char *bytes = sealed_file(3 * PFC_SEAL_BLOCK + 7, &size);
  static const struct {
    size_t at;
    const char *message;
  } cases[] = {{0, "between bytes 0 and 1048576:"},
               {2 * PFC_SEAL_BLOCK, "between bytes 2097152 and 3145728:"},
               {3 * PFC_SEAL_BLOCK + 6, "between bytes 3145728 and 3145735:"},
               {3 * PFC_SEAL_BLOCK + 8, "between bytes 3145735 and 3145775:"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    bytes[cases[i].at] = (char)(bytes[cases[i].at] ^ 64);
    test_write_file("damaged", bytes, size);
    bytes[cases[i].at] = (char)(bytes[cases[i].at] ^ 64);
    assert_fails(check("damaged", &sealed, NULL, &err), PFC_EFORMAT, cases[i].message);
    assert_fails(check("damaged", &sealed, NULL, &err), PFC_EFORMAT, "'damaged'");
  }
  pfc_free(bytes);
}

/* Whatever happens to a file, what holds is the file that was sealed. */
static void damage_never_passes(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(6), "seal damage", 0);
  for (int round = 0; round < 2000; round++) {
    size_t size, n_damaged;
    bool sealed = false;
    char what[TEST_DAMAGE_TEXT];
    char *bytes = sealed_file(1 + (size_t)pfc_rng_below(&rng, 4000), &size);
    char *damaged = test_damage(&rng, bytes, size, &n_damaged, what);
    test_write_file("damaged", damaged, n_damaged);
    const pfc_status st = check("damaged", &sealed, NULL, NULL);
    if (st != PFC_EFORMAT && (st != PFC_OK || sealed)) fail_msg("%d: %s", (int)st, what);
    free(damaged);
    pfc_free(bytes);
  }
}

static void what_cannot_be_sealed_is_told(void **state) {
  (void)state;
  assert_fails(pfc_seal_put("no/such/file", &err), PFC_EIO, "no/such/file");
  assert_fails(pfc_seal_put(".", &err), PFC_EIO, "'.'");
}

static void short_memory_is_told(void **state) {
  (void)state;
  size_t size;
  bool sealed;
  char hex[PFC_SHA256_HEX];
  pfc_free(sealed_file(5000, &size));
  for (long n = 0;; n++) {
    oom_after(n);
    const pfc_status st = check("sealed", &sealed, hex, NULL);
    if (!oom_happened()) break;
    assert_int_equal(st, PFC_ENOMEM);
  }
  for (long n = 0;; n++) {
    test_write_file("plain", "text", 4);
    oom_after(n);
    const pfc_status st = pfc_seal_put("plain", NULL);
    if (!oom_happened()) break;
    assert_int_equal(st, PFC_ENOMEM);
  }
  oom_after(-1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_sealed_holds), cmocka_unit_test(a_file_without_a_seal_is_none),
      cmocka_unit_test(every_byte_counts),    cmocka_unit_test(damage_is_found_in_its_block),
      cmocka_unit_test(damage_never_passes),  cmocka_unit_test(what_cannot_be_sealed_is_told),
      cmocka_unit_test(short_memory_is_told),
  };
  return cmocka_run_group_tests_name("base/seal", tests, NULL, NULL);
}
