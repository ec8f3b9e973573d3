/* Progress on standard error: a bar on a terminal, and one line for each finished stage that
 * took a while; JSON lines with --log-json; nothing with --quiet. */
#ifndef PROFICIO_CLI_PROGRESS_H
#define PROFICIO_CLI_PROGRESS_H

#include <stdbool.h>

#include "base/progress.h"

typedef struct progress_view {
  bool quiet, log_json;
  bool is_terminal;
  bool bar_shown; /* a bar stands on the current line */
  char stage[64]; /* "" before the first */
  int64_t done;
  bool is_counted; /* the stage knows its total */
  double objective;
  double began, drawn; /* seconds of the monotonic clock */
} progress_view;

void progress_init(progress_view *view, bool quiet, bool log_json);

/* For the settings of the library; asks it to stop once a signal did. */
pfc_progress progress_of(progress_view *view);

/* Ends the current stage: its line is written, the bar is gone. */
void progress_end(progress_view *view);

/* The bar is gone and the stage forgotten: something failed. */
void progress_abandon(progress_view *view);

/* Seconds of a clock that only goes forward. */
double seconds_now(void);

#endif
