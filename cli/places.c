#include "cli/places.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *name_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static bool same(const struct stat *a, const struct stat *b) {
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Of the folder that holds path. */
static bool stat_folder(const char *path, struct stat *info) {
  char folder[PATH_MAX];
  const int n = (int)(name_of(path) - path);
  const int size = snprintf(folder, sizeof folder, "%.*s.", n, path);
  return size > 0 && size < PATH_MAX && stat(folder, info) == 0;
}

bool is_same_place(const char *a, const char *b) {
  struct stat one, other;
  const bool has_a = stat(a, &one) == 0, has_b = stat(b, &other) == 0;
  if (has_a || has_b) return has_a && has_b && same(&one, &other);
  return strcmp(name_of(a), name_of(b)) == 0 && stat_folder(a, &one) &&
         stat_folder(b, &other) && same(&one, &other);
}

bool is_in_folder(const char *path, const char *folder) {
  struct stat holder, info;
  return stat(folder, &info) == 0 && S_ISDIR(info.st_mode) && stat_folder(path, &holder) &&
         same(&holder, &info);
}
