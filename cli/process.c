#include "cli/process.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/command.h"
#include "cli/signals.h"

/* Writing to what is open for reading fails, and so does reading from the other way round. */
static void open_missing(int fd, int flags) {
  if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) (void)open("/dev/null", flags);
}

static bool is_ours(int code) {
  return (code >= EXIT_USAGE && code <= EXIT_REJECTED) || code == EXIT_NOTHING ||
         code == 128 + signals_asked();
}

static void at_exit(int code, void *unused) {
  (void)unused;
  if (code == EXIT_OKAY) {
    const int failed = ferror(stdout) | fflush(stdout);
    if (!failed) return;
    (void)fprintf(stderr, "proficio: cannot write to standard output: %s\n", strerror(errno));
    _exit(EXIT_SYSTEM);
  }
  if (is_ours(code)) return;
  pfc_newfile_drop_all();
  (void)fprintf(stderr,
                "proficio: a library gave up (exit %d), most likely for want of memory; no "
                "output was touched\n",
                code);
  _exit(EXIT_SYSTEM);
}

/* Async-signal-safe. The handler is gone when it returns, so that the fault is met again. */
static void on_crash(int number) {
  static const char TEXT[] =
      "proficio: crashed, a defect or want of memory; no output was touched\n";
  pfc_newfile_drop_all();
  if (write(STDERR_FILENO, TEXT, sizeof TEXT - 1) < 0) return;
  if (number == SIGABRT) (void)raise(number);
}

/* Sanitizers and debuggers have handlers of their own, which stay. */
static void handle_crash(int number) {
  struct sigaction old, action;
  if (sigaction(number, NULL, &old) != 0 || old.sa_handler != SIG_DFL) return;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_crash;
  action.sa_flags = (int)SA_RESETHAND | SA_ONSTACK;
  (void)sigaction(number, &action, NULL);
}

void process_begin(void) {
  open_missing(STDIN_FILENO, O_WRONLY);
  open_missing(STDOUT_FILENO, O_RDONLY);
  open_missing(STDERR_FILENO, O_RDONLY);
  static char room[1 << 16]; /* for a handler when the stack itself is used up */
  const stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
  static const int CRASHES[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
  (void)sigaltstack(&stack, NULL);
  for (size_t i = 0; i < sizeof CRASHES / sizeof *CRASHES; i++) handle_crash(CRASHES[i]);
  if (on_exit(at_exit, NULL) != 0 || H5dont_atexit() < 0 || H5open() < 0) {
    (void)fputs("proficio: cannot begin: out of memory\n", stderr);
    exit(EXIT_SYSTEM);
  }
}
