#include "tests/support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "tests/support/oom.h"

/* Each test has an empty folder "d" to itself. */
static int begin(void **state) {
  (void)state;
  return system("rm -rf d && mkdir d");
}

static int n_entries(const char *folder) {
  DIR *dir = opendir(folder);
  int n = 0;
  assert_non_null(dir);
  for (const struct dirent *e; (e = readdir(dir));)
    n += strspn(e->d_name, ".") < strlen(e->d_name);
  closedir(dir);
  return n;
}

static void put(const char *path, const char *text) {
  test_write_file(path, text, strlen(text));
}

static void assert_text(const char *path, const char *expected) {
  char *text;
  size_t size;
  assert_ok(pfc_file_read(path, 1000, &text, &size, &err));
  assert_string_equal(text, expected);
  assert_int_equal(size, strlen(expected));
  pfc_free(text);
}

static void the_old_stands_until_commit(void **state) {
  (void)state;
  pfc_newfile f;
  put("d/x", "old");
  assert_ok(pfc_newfile_begin(&f, "d/x", 0644, &err));
  put(f.temp, "new");
  assert_text("d/x", "old");
  assert_int_equal(strncmp(f.temp, "d/", 2), 0);
  assert_ok(pfc_newfile_commit(&f, &err));
  assert_text("d/x", "new");
  assert_int_equal(n_entries("d"), 1);
  pfc_newfile_drop(&f);
  pfc_newfile_drop(&f);
  assert_text("d/x", "new");
}

static void dropping_leaves_no_trace(void **state) {
  (void)state;
  pfc_newfile f;
  put("d/x", "old");
  assert_ok(pfc_newfile_begin(&f, "d/x", 0644, &err));
  put(f.temp, "half");
  pfc_newfile_drop(&f);
  assert_text("d/x", "old");
  assert_ok(pfc_newfile_begin(&f, "d/y", 0644, &err));
  pfc_newfile_drop(&f);
  assert_int_equal(n_entries("d"), 1);
  pfc_newfile zero = {0};
  pfc_newfile_drop(&zero);
  assert_fails(pfc_newfile_commit(&zero, &err), PFC_EUSAGE, "not begun");
}

static void a_failed_commit_keeps_the_old(void **state) {
  (void)state;
  pfc_newfile f;
  put("d/x", "old");
  assert_ok(pfc_newfile_begin(&f, "d/x", 0644, &err));
  assert_int_equal(unlink(f.temp), 0);
  assert_fails(pfc_newfile_commit(&f, &err), PFC_EIO, "'d/x'");
  assert_fails(pfc_newfile_commit(&f, &err), PFC_EUSAGE, "not begun");
  pfc_newfile_drop(&f);
  assert_text("d/x", "old");

  /* A folder has come to stand in the way: rename itself fails. */
  assert_ok(pfc_newfile_begin(&f, "d/y", 0644, &err));
  assert_int_equal(mkdir("d/y", 0755), 0);
  assert_fails(pfc_newfile_commit(&f, &err), PFC_EIO, "'d/y'");
  pfc_newfile_drop(&f);
  assert_int_equal(n_entries("d"), 2);
}

static void modes_are_as_asked_less_the_umask(void **state) {
  (void)state;
  static const unsigned modes[] = {0600, 0644, 0666, 0640};
  const mode_t before = umask(027);
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    pfc_newfile f;
    struct stat info;
    put("d/x", "old");
    assert_ok(pfc_newfile_begin(&f, "d/x", modes[i], &err));
    assert_ok(pfc_newfile_commit(&f, &err));
    assert_int_equal(stat("d/x", &info), 0);
    assert_int_equal(info.st_mode & 0777, modes[i] & ~027U);
    pfc_newfile_drop(&f);
  }
  umask(before);
}

static void places_that_cannot_be_replaced_are_refused(void **state) {
  (void)state;
  pfc_newfile f;
  assert_fails(pfc_newfile_begin(&f, "d", 0644, &err), PFC_EIO, "a folder");
  assert_fails(pfc_newfile_begin(&f, "/dev/null", 0644, &err), PFC_EIO, "not a regular file");
  assert_fails(pfc_newfile_begin(&f, "d/no/x", 0644, &err), PFC_EIO, "No such file");
  assert_fails(pfc_newfile_begin(&f, "", 0644, &err), PFC_EIO, "not the name");
  assert_fails(pfc_newfile_begin(&f, "d/", 0644, &err), PFC_EIO, "not the name");
  assert_null(f.path);
  assert_null(f.temp);
  char longest[256], path[300];
  memset(longest, 'n', 255);
  longest[255] = '\0';
  (void)snprintf(path, sizeof path, "d/%s", longest);
  assert_ok(pfc_newfile_begin(&f, path, 0644, &err));
  assert_ok(pfc_newfile_commit(&f, &err));
  pfc_newfile_drop(&f);
  assert_int_equal(n_entries("d"), 1);
}

static void links_are_followed(void **state) {
  (void)state;
  pfc_newfile f;
  put("d/real", "old");
  assert_int_equal(symlink("real", "d/link"), 0);
  assert_ok(pfc_newfile_begin(&f, "d/link", 0644, &err));
  put(f.temp, "new");
  assert_ok(pfc_newfile_commit(&f, &err));
  pfc_newfile_drop(&f);
  struct stat info;
  assert_int_equal(lstat("d/link", &info), 0);
  assert_true(S_ISLNK(info.st_mode));
  assert_text("d/real", "new");
  assert_int_equal(symlink("nowhere", "d/dangling"), 0);
  assert_fails(pfc_newfile_begin(&f, "d/dangling", 0644, &err), PFC_EIO, "No such file");
}

static void two_writers_of_one_name_do_not_meet(void **state) {
  (void)state;
  pfc_newfile a, b;
  assert_ok(pfc_newfile_begin(&a, "d/x", 0644, &err));
  assert_ok(pfc_newfile_begin(&b, "d/x", 0644, &err));
  assert_string_not_equal(a.temp, b.temp);
  put(a.temp, "a");
  put(b.temp, "b");
  assert_ok(pfc_newfile_commit(&a, &err));
  assert_text("d/x", "a");
  assert_ok(pfc_newfile_commit(&b, &err));
  assert_text("d/x", "b");
  pfc_newfile_drop(&a);
  pfc_newfile_drop(&b);
}

static void the_number_in_flight_is_bounded(void **state) {
  (void)state;
  pfc_newfile f[65];
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 64; i++) assert_ok(pfc_newfile_begin(&f[i], "d/x", 0644, &err));
    assert_fails(pfc_newfile_begin(&f[64], "d/x", 0644, &err), PFC_EIO, "64 files");
    assert_int_equal(n_entries("d"), 64);
    for (int i = 0; i < 64; i++) pfc_newfile_drop(&f[i]);
    assert_int_equal(n_entries("d"), 0);
  }
}

static void short_memory_leaves_nothing(void **state) {
  (void)state;
  pfc_newfile f;
  for (long n = 0;; n++) {
    oom_after(n);
    const pfc_status st = pfc_newfile_begin(&f, "d/x", 0644, NULL);
    if (!oom_happened()) break;
    assert_int_equal(st, PFC_ENOMEM);
    assert_int_equal(n_entries("d"), 0);
  }
  oom_after(-1);
  pfc_newfile_drop(&f);
}

/* A writer that is gone, as kill -9 leaves it: its file is there, its lock is not. */
static void what_dead_writers_left_is_removed(void **state) {
  (void)state;
  pfc_newfile living, f;
  assert_ok(pfc_newfile_begin(&living, "d/x", 0644, &err));
  put("d/.x.tmp-1-0", "half");
  put("d/.x.tmp-999999999-7", "half");
  put("d/.xy.tmp-1-0", "of another name");
  put("d/.x.tmp", "of nobody");
  assert_int_equal(symlink("../d/.xy.tmp-1-0", "d/.x.tmp-1-1"), 0);
  assert_int_equal(mkdir("d/.x.tmp-1-2", 0755), 0);
  assert_ok(pfc_newfile_begin(&f, "d/x", 0644, &err));
  assert_int_equal(access("d/.x.tmp-1-0", F_OK), -1);
  assert_int_equal(access("d/.x.tmp-999999999-7", F_OK), -1);
  assert_int_equal(access(living.temp, F_OK), 0);
  assert_int_equal(n_entries("d"), 6);
  put(living.temp, "living");
  assert_ok(pfc_newfile_commit(&living, &err));
  assert_text("d/x", "living");
  pfc_newfile_drop(&living);
  pfc_newfile_drop(&f);
}

/* A process that writes on while another begins the same name; then it is killed. */
static void the_living_of_another_process_are_kept(void **state) {
  (void)state;
  int ready[2];
  char byte;
  pfc_newfile f;
  assert_int_equal(pipe(ready), 0);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    if (pfc_newfile_begin(&f, "d/x", 0644, NULL) != PFC_OK) _exit(1);
    if (write(ready[1], "r", 1) != 1) _exit(2);
    for (;;) (void)pause();
  }
  assert_int_equal(read(ready[0], &byte, 1), 1);
  assert_ok(pfc_newfile_begin(&f, "d/x", 0644, &err));
  pfc_newfile_drop(&f);
  assert_int_equal(n_entries("d"), 1);
  assert_int_equal(kill(child, SIGKILL), 0);
  assert_int_equal(waitpid(child, NULL, 0), child);
  assert_ok(pfc_newfile_begin(&f, "d/x", 0644, &err));
  pfc_newfile_drop(&f);
  assert_int_equal(n_entries("d"), 0);
  (void)close(ready[0]);
  (void)close(ready[1]);
}

static void a_pair_appears_together(void **state) {
  (void)state;
  pfc_newfile a, b;
  put("d/a", "old");
  put("d/b", "old");
  assert_ok(pfc_newfile_begin(&a, "d/a", 0644, &err));
  assert_ok(pfc_newfile_begin(&b, "d/b", 0644, &err));
  put(a.temp, "new");
  put(b.temp, "new");
  assert_ok(pfc_newfile_commit_pair(&a, &b, &err));
  assert_text("d/a", "new");
  assert_text("d/b", "new");
  pfc_newfile_drop(&a);
  pfc_newfile_drop(&b);
  assert_int_equal(n_entries("d"), 2);
}

static void a_torn_pair_is_told(void **state) {
  (void)state;
  pfc_newfile a, b;
  put("d/a", "old");
  assert_ok(pfc_newfile_begin(&a, "d/a", 0644, &err));
  assert_ok(pfc_newfile_begin(&b, "d/b", 0644, &err));
  put(a.temp, "new");
  assert_int_equal(mkdir("d/b", 0755), 0); /* in the way of the second rename */
  assert_fails(pfc_newfile_commit_pair(&a, &b, &err), PFC_EIO, "but 'd/a' is new");
  assert_text("d/a", "new");
  pfc_newfile_drop(&a);
  pfc_newfile_drop(&b);
  assert_int_equal(n_entries("d"), 2);

  /* What fails before the first rename leaves both as they were. */
  assert_ok(pfc_newfile_begin(&a, "d/a", 0644, &err));
  b = (pfc_newfile){0};
  assert_fails(pfc_newfile_commit_pair(&a, &b, &err), PFC_EUSAGE, "not begun");
  pfc_newfile_drop(&a);
  assert_text("d/a", "new");
  assert_int_equal(n_entries("d"), 2);
}

static void on_signal(int signal_number) {
  (void)signal_number;
  pfc_newfile_drop_all();
  _exit(7);
}

/* A child begins and writes files without end and is killed at some moment: never is
 * anything left but the last file committed, whole. */
static void a_signal_leaves_nothing_half_written(void **state) {
  (void)state;
  for (int round = 0; round < 30; round++) {
    put("d/x", "complete");
    (void)signal(SIGTERM, on_signal); /* before the fork, so that no moment lacks it */
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      for (;;) {
        pfc_newfile f;
        if (pfc_newfile_begin(&f, "d/x", 0644, NULL) != PFC_OK) _exit(1);
        FILE *out = fopen(f.temp, "w");
        if (!out || fputs("complete", out) < 0 || fclose(out) != 0) _exit(2);
        if (pfc_newfile_commit(&f, NULL) != PFC_OK) _exit(3);
        pfc_newfile_drop(&f);
      }
    }
    (void)signal(SIGTERM, SIG_DFL);
    (void)usleep(3000 + 500 * (unsigned)round);
    assert_int_equal(kill(child, SIGTERM), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_int_equal(n_entries("d"), 1);
    assert_text("d/x", "complete");
  }
}

static void files_are_read_whole_or_refused(void **state) {
  (void)state;
  char *text = NULL;
  size_t size = 0;
  static char big[100000];
  memset(big, 'b', sizeof big);
  big[5] = '\0';
  test_write_file("d/x", big, sizeof big);
  assert_ok(pfc_file_read("d/x", sizeof big, &text, &size, &err));
  assert_int_equal(size, sizeof big);
  assert_memory_equal(text, big, sizeof big);
  assert_int_equal(text[size], 0);
  pfc_free(text);
  text = NULL;
  assert_fails(pfc_file_read("d/x", sizeof big - 1, &text, &size, &err), PFC_EDATA,
               "larger than the 99999 bytes");
  assert_fails(pfc_file_read("d/no", 10, &text, &size, &err), PFC_EIO, "'d/no': No such");
  assert_fails(pfc_file_read("d", 10, &text, &size, &err), PFC_EIO, "directory");
  assert_null(text);
  put("d/empty", "");
  assert_ok(pfc_file_read("d/empty", 0, &text, &size, &err));
  assert_string_equal(text, "");
  pfc_free(text);
}

static void a_folder_is_made_once(void **state) {
  (void)state;
  bool made = false;
  assert_ok(pfc_folder_make("d/new", &made, &err));
  assert_true(made);
  assert_ok(pfc_folder_make("d/new", &made, &err));
  assert_false(made);
  assert_fails(pfc_folder_make("d/no/such", &made, &err), PFC_EIO, "d/no/such");
  put("d/file", "text");
  assert_fails(pfc_folder_make("d/file", &made, &err), PFC_EIO, "d/file");
}

int main(void) {
#define IN_EMPTY_FOLDER(test) cmocka_unit_test_setup(test, begin)
  const struct CMUnitTest tests[] = {
      IN_EMPTY_FOLDER(the_old_stands_until_commit),
      IN_EMPTY_FOLDER(dropping_leaves_no_trace),
      IN_EMPTY_FOLDER(a_failed_commit_keeps_the_old),
      IN_EMPTY_FOLDER(modes_are_as_asked_less_the_umask),
      IN_EMPTY_FOLDER(places_that_cannot_be_replaced_are_refused),
      IN_EMPTY_FOLDER(links_are_followed),
      IN_EMPTY_FOLDER(two_writers_of_one_name_do_not_meet),
      IN_EMPTY_FOLDER(the_number_in_flight_is_bounded),
      IN_EMPTY_FOLDER(short_memory_leaves_nothing),
      IN_EMPTY_FOLDER(what_dead_writers_left_is_removed),
      IN_EMPTY_FOLDER(the_living_of_another_process_are_kept),
      IN_EMPTY_FOLDER(a_pair_appears_together),
      IN_EMPTY_FOLDER(a_torn_pair_is_told),
      IN_EMPTY_FOLDER(a_signal_leaves_nothing_half_written),
      IN_EMPTY_FOLDER(files_are_read_whole_or_refused),
      IN_EMPTY_FOLDER(a_folder_is_made_once),
  };
  return cmocka_run_group_tests_name("base/file", tests, NULL, NULL);
}
