#include "bench/program_internal.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "bench/bench_internal.h"

extern char **environ;

/* --- scratch ---------------------------------------------------------------------------------
 */

pfc_status pfc__scratch_create(const char *scratch, char **folder, pfc_error *err) {
  pfc_status st = PFC_OK;
  char *name = NULL;
  const size_t size = strlen(scratch) + 64;
  PFC_NEW(name, size);
  (void)snprintf(name, size, "%s/proficio-bench-XXXXXX", scratch);
  if (!mkdtemp(name)) {
    st = pfc_fail(err, PFC_EIO, "scratch folder %s: %s", scratch, strerror(errno));
    goto done;
  }
  *folder = name;
  name = NULL;
done:
  pfc_free(name);
  return st;
}

/* --- the program -----------------------------------------------------------------------------
 */

/* The most memory that a running process has had at a time; what was told before when it has
 * ended. (What wait4 tells counts the process that spawned it too.) */
static double peak_of(pid_t pid, double before) {
  char path[64], line[256];
  double kib = 0;
  (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  FILE *status = fopen(path, "re");
  if (!status) return before;
  while (fgets(line, sizeof line, status)) {
    if (strncmp(line, "VmHWM:", 6) == 0) kib = strtod(line + 6, NULL);
  }
  (void)fclose(status);
  return kib * 1024 > before ? kib * 1024 : before;
}

/* Looks at it every few milliseconds until it ends. */
static pfc_status await(pid_t pid, double *peak_bytes, pfc_error *err) {
  static const struct timespec PAUSE = {.tv_nsec = 5000000};
  int how = 0;
  for (;;) {
    *peak_bytes = peak_of(pid, *peak_bytes);
    const pid_t ended = waitpid(pid, &how, WNOHANG);
    if (ended == pid) break;
    if (ended < 0 && errno != EINTR)
      return pfc_fail(err, PFC_EIO, "cannot wait for the program: %s", strerror(errno));
    (void)nanosleep(&PAUSE, NULL);
  }
  if (WIFEXITED(how) && WEXITSTATUS(how) == 0) return PFC_OK;
  const int code = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
  const bool was_asked = code == 128 + SIGINT || code == 128 + SIGTERM;
  return pfc_fail(err, was_asked ? PFC_ECANCELLED : PFC_EIO,
                  "the program that is measured ended with exit code %d", code);
}

pfc_status pfc__run_program(const char *program, const char *const *args, double *seconds,
                            double *peak_bytes, pfc_error *err) {
  enum { MOST_ARGS = 15 };
  char *argv[MOST_ARGS + 2] = {NULL};
  pfc_status st = PFC_OK;
  pid_t pid;
  int n = 0;
  *peak_bytes = 0;
  if (!(argv[n++] = pfc_strdup(program))) st = pfc_fail_memory(err, "program");
  for (; st == PFC_OK && args[n - 1] && n <= MOST_ARGS; n++) {
    if (!(argv[n] = pfc_strdup(args[n - 1]))) st = pfc_fail_memory(err, "program");
  }
  PFC_TRY(st);
  const double from = pfc__now();
  const int failed = posix_spawn(&pid, program, NULL, NULL, argv, environ);
  if (failed) {
    st = pfc_fail(err, PFC_EIO, "cannot run '%s': %s", program, strerror(failed));
    goto done;
  }
  PFC_TRY(await(pid, peak_bytes, err));
  *seconds = pfc__now() - from;
done:
  for (int i = 0; i < n; i++) pfc_free(argv[i]);
  return st;
}
