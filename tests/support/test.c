#include "tests/support/test.h"

void test_write_file(const char *path, const void *bytes, size_t size) {
  FILE *f = fopen(path, "wb");
  if (!f) fail_msg("cannot write %s", path);
  const size_t written = size ? fwrite(bytes, 1, size, f) : 0;
  if (fclose(f) != 0 || written != size) fail_msg("cannot write %s", path);
}

uint64_t test_seed(uint64_t fallback) {
  const char *text = getenv("PFC_TEST_SEED");
  const uint64_t seed = text ? strtoull(text, NULL, 10) : fallback;
  print_message("seed %llu (PFC_TEST_SEED sets it)\n", (unsigned long long)seed);
  return seed;
}
