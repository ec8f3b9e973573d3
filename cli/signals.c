#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

static volatile sig_atomic_t asked;

static void end_now(int number) {
  pfc_newfile_drop_all();
  _exit(128 + number);
}

static void ask(int number) {
  if (asked) end_now(number);
  asked = number;
}

static void handle(int number, void (*handler)(int)) {
  struct sigaction old, action;
  if (sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN) return;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  (void)sigemptyset(&action.sa_mask);
  (void)sigaction(number, &action, NULL);
}

void signals_install(void) {
  handle(SIGINT, ask);
  handle(SIGTERM, ask);
  handle(SIGHUP, ask);
  handle(SIGPIPE, end_now);
}

int signals_asked(void) { return asked; }

pfc_status signals_check(pfc_error *err) {
  return asked ? pfc_fail(err, PFC_ECANCELLED, "stopped on request") : PFC_OK;
}
