#include "tests/support/folder.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/oom.h"
#include "tests/support/test.h"

struct folder_rejects folder_rejects;

static void make_empty(const char *folder) {
  char path[512];
  (void)mkdir(folder, 0700);
  DIR *open = opendir(folder);
  assert_non_null(open);
  for (const struct dirent *entry; (entry = readdir(open));) {
    (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] != '.') assert_int_equal(unlink(path), 0);
  }
  assert_int_equal(closedir(open), 0);
}

int folder_begin(void **state) {
  (void)state;
  make_empty(FOLDER);
  make_empty(FOLDER "2");
  folder_rejects.n = 0;
  oom_after(-1); /* a test that failed may have left it on */
  return 0;
}

void folder_write(const char *name, const char *text) {
  char path[128];
  (void)snprintf(path, sizeof path, FOLDER "/%s", name);
  test_write_file(path, text, strlen(text));
}

static pfc_status note(const pfc_reject *reject, void *user, pfc_error *err) {
  (void)user;
  (void)err;
  assert_true(folder_rejects.n < FOLDER_MAX_SAID);
  folder_reject *s = &folder_rejects.at[folder_rejects.n++];
  const char *slash = strrchr(reject->file, '/');
  (void)snprintf(s->file, sizeof s->file, "%s", slash ? slash + 1 : reject->file);
  (void)snprintf(s->column, sizeof s->column, "%s", reject->column);
  (void)snprintf(s->value, sizeof s->value, "%s", reject->value);
  (void)snprintf(s->reason, sizeof s->reason, "%s", reject->reason);
  s->line = reject->line;
  return PFC_OK;
}

pfc_import_settings folder_tolerant(void) {
  pfc_import_settings s;
  pfc_import_defaults(&s);
  s.max_bad = 1000;
  s.on_reject = note;
  return s;
}

pfc_status folder_import(const pfc_import_settings *s, pfc_dataset **ds, pfc_error *err) {
  static const char *const SOURCES[] = {FOLDER};
  *ds = NULL;
  return pfc_import(SOURCES, 1, s, ds, err);
}

pfc_dataset *folder_import_all(void) {
  const pfc_import_settings s = folder_tolerant();
  pfc_dataset *ds = NULL;
  assert_ok(folder_import(&s, &ds, &err));
  return ds;
}

void folder_said(const char *file, int64_t line, const char *column, const char *value,
                 const char *reason) {
  int n = 0;
  for (int i = 0; i < folder_rejects.n; i++) {
    const folder_reject *s = &folder_rejects.at[i];
    n += s->line == line && strcmp(s->file, file) == 0 && strcmp(s->column, column) == 0 &&
         strcmp(s->value, value) == 0 && strstr(s->reason, reason) != NULL;
  }
  if (n == 1) return;
  for (int i = 0; i < folder_rejects.n; i++) {
    const folder_reject *s = &folder_rejects.at[i];
    print_message("said: %s:%lld [%s] '%s' %s\n", s->file, (long long)s->line, s->column,
                  s->value, s->reason);
  }
  fail_msg("%s:%lld [%s] '%s' \"%s\" was said %d times", file, (long long)line, column, value,
           reason, n);
}
