#include "cli/signals.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

enum { PATIENCE_SECONDS = 2 };

static volatile sig_atomic_t asked;
static struct timespec asked_at;

static void end_now(int number) {
  pfc_newfile_drop_all();
  _exit(128 + number);
}

/* timeout(1) and some shells send one wish twice: to the program and to its group. */
static bool is_echo(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  const double seconds =
      (double)(now.tv_sec - asked_at.tv_sec) + (double)(now.tv_nsec - asked_at.tv_nsec) * 1e-9;
  return seconds < 0.2;
}

/* A callback may be long in coming: one step of a fit on tens of millions of rows. */
static void lose_patience(int number) {
  (void)number;
  end_now(asked);
}

static void ask(int number) {
  if (!asked) {
    (void)clock_gettime(CLOCK_MONOTONIC, &asked_at);
    asked = number;
    (void)alarm(PATIENCE_SECONDS);
  } else if (!is_echo()) {
    end_now(number);
  }
}

static void handle(int number, void (*handler)(int)) {
  struct sigaction old, action;
  if (sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN) return;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  (void)sigfillset(&action.sa_mask);
  (void)sigaction(number, &action, NULL);
}

void signals_install(void) {
  handle(SIGINT, ask);
  handle(SIGTERM, ask);
  handle(SIGHUP, ask);
  handle(SIGALRM, lose_patience);
  handle(SIGPIPE, end_now);
  handle(SIGXFSZ, SIG_IGN); /* the write fails then, and says why */
}

int signals_asked(void) { return asked; }

pfc_status signals_check(pfc_error *err) {
  return asked ? pfc_fail(err, PFC_ECANCELLED, "stopped on request") : PFC_OK;
}
