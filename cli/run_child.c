/* Commands of a run, each in a process of its own: what one takes, or loses, is not the next
 * one's. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/run.h"
#include "cli/signals.h"

enum { MOST_ALL = RUN_MOST_ARGS + 2 * MAX_OVERRIDES + 16, MOST_OUTPUT = 1 << 24 };

void run_command_text(const run_command *cmd, char *text, size_t size) {
  size_t at = (size_t)snprintf(text, size, "proficio");
  for (int i = 0; cmd->args[i] && at < size; i++)
    at += (size_t)snprintf(text + at, size - at, " %s", cmd->args[i]);
}

/* --- its command line ------------------------------------------------------------------------
 */

typedef struct line {
  int n;
  const char *arg[MOST_ALL];
  char set[MAX_OVERRIDES][2 * SETTING_TEXT], threads[32], seed[32];
} line;

static void put(line *l, const char *arg) { l->arg[l->n++] = arg; }

/* The run's own settings are those of its commands. */
static void fill(line *l, const common *c, const run_command *cmd) {
  l->n = 0;
  put(l, "proficio");
  for (int i = 0; cmd->args[i]; i++) put(l, cmd->args[i]);
  put(l, "--json");
  if (c->config) {
    put(l, "--config");
    put(l, c->config);
  }
  for (int i = 0; i < c->n_overrides; i++) {
    (void)snprintf(l->set[i], sizeof l->set[i], "%s=%s", c->override[i].name,
                   c->override[i].text);
    put(l, "--set");
    put(l, l->set[i]);
  }
  (void)snprintf(l->threads, sizeof l->threads, "%d", c->threads);
  (void)snprintf(l->seed, sizeof l->seed, "%llu", (unsigned long long)c->seed);
  put(l, "--threads");
  put(l, l->threads);
  if (c->seed != 1) { /* as it is without the option, which would stand above the settings */
    put(l, "--seed");
    put(l, l->seed);
  }
  if (c->quiet) put(l, "--quiet");
  if (c->log_json) put(l, "--log-json");
  l->arg[l->n] = NULL;
}

/* --- its life
 * ----------------------------------------------------------------------------------
 */

/* In the child: what it prints goes to `to`; it does not outlive the run. */
static void become(const line *l, int to) {
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) _exit(127);
  const int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(to, STDOUT_FILENO) < 0) _exit(127);
  execv("/proc/self/exe", (char *const *)(const void *)l->arg);
  _exit(127);
}

/* A signal that asked this process to stop asks its command, too: so it looks now and then, as
 * waiting for a process goes on after a signal. */
static int wait_for(pid_t child) {
  static const struct timespec A_WHILE = {.tv_nsec = 5000000};
  int status = 0;
  bool is_told = false;
  for (;;) {
    const pid_t got = waitpid(child, &status, WNOHANG);
    if (got == child) return status;
    if (got < 0 && errno != EINTR) return -1;
    if (signals_asked() && !is_told) {
      (void)kill(child, signals_asked());
      is_told = true;
    }
    (void)nanosleep(&A_WHILE, NULL);
  }
}

/* The last line that it printed, as JSON; nothing where there is none. */
static pfc_status read_output(const char *name_of, FILE *from, cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  char *text = NULL, name[64];
  const long size = fseek(from, 0, SEEK_END) == 0 ? ftell(from) : -1;
  if (size <= 0 || size > MOST_OUTPUT) return PFC_OK;
  rewind(from);
  text = malloc((size_t)size + 1);
  if (!text) return pfc_fail_memory(err, "output");
  const size_t n = fread(text, 1, (size_t)size, from);
  size_t end = n, begin;
  while (end > 0 && text[end - 1] == '\n') end--;
  for (begin = end; begin > 0 && text[begin - 1] != '\n';) begin--;
  (void)snprintf(name, sizeof name, "what %s printed", name_of);
  if (end > begin && text[begin] == '{')
    st = pfc_json_parse(name, text + begin, end - begin, json, err);
  free(text);
  return st;
}

static bool is_one_of(int code, const int *allowed) {
  for (; *allowed; allowed++)
    if (code == *allowed) return true;
  return code == EXIT_OKAY;
}

/* Status of an exit code that was not hoped for: the command has said why. */
static pfc_status status_of(int code) {
  switch (code) {
    case EXIT_USAGE:
      return PFC_EUSAGE;
    case EXIT_DATA:
      return PFC_EDATA;
    default:
      return PFC_EIO;
  }
}

pfc_status run_child(run_job *job, const run_command *cmd, const int *allowed, int *code,
                     cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  line l;
  char text[256];
  *json = NULL;
  run_command_text(cmd, text, sizeof text);
  fill(&l, job->c, cmd);
  progress_end(&job->c->progress);
  (void)fflush(NULL);
  FILE *to = tmpfile();
  if (!to) return pfc_fail(err, PFC_EIO, "temporary file: %s", strerror(errno));
  const pid_t child = fork();
  if (child == 0) become(&l, fileno(to));
  const int status = child < 0 ? -1 : wait_for(child);
  PFC_TRY(signals_check(err));
  if (status == -1) {
    st = pfc_fail(err, PFC_EIO, "cannot start `%s`: %s", text, strerror(errno));
    goto done;
  }
  *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (!is_one_of(*code, allowed)) {
    st = pfc_fail(err, status_of(*code), "`%s` ended with exit code %d", text, *code);
    goto done;
  }
  PFC_TRY(read_output(cmd->args[0], to, json, err));
done:
  (void)fclose(to);
  return st;
}
