/* Runs a fuzz target over the files of the folders named, each in a block of just its
 * size so that a sanitizer sees the first byte read behind it. Stands in for libFuzzer
 * where there is none, and keeps what fuzzing once found from coming back. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path) {
  char *text;
  size_t size;
  pfc_error err = PFC_ERROR_INIT;
  if (pfc_file_read(path, (size_t)1 << 26, &text, &size, &err) != PFC_OK) {
    (void)fprintf(stderr, "%s\n", err.msg);
    return 0;
  }
  uint8_t *exact = malloc(size ? size : 1);
  if (exact) {
    memcpy(exact, text, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
  }
  free(exact);
  pfc_free(text);
  return exact != NULL;
}

int main(int argc, char **argv) {
  int n = 0;
  for (int i = 1; i < argc; i++) {
    DIR *dir = opendir(argv[i]);
    for (const struct dirent *e; dir && (e = readdir(dir));) {
      char path[4096];
      (void)snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
      if (e->d_name[0] == '.') continue;
      if (!replay(path)) return 1;
      n++;
    }
    if (dir) (void)closedir(dir);
  }
  (void)printf("%d inputs\n", n);
  return n == 0;
}
