#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/signals.h"

enum { BAR = 30 };
static const double REDRAW_SECONDS = 0.1; /* a reader sees no more than ten a second */
static const double WORTH_A_LINE = 0.5;   /* seconds: shorter stages end in silence */

double seconds_now(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void progress_init(progress_view *view, bool quiet, bool log_json) {
  *view = (progress_view){.quiet = quiet,
                          .log_json = log_json,
                          .is_terminal = isatty(STDERR_FILENO) != 0,
                          .objective = (double)NAN};
}

static void clear_bar(progress_view *view) {
  if (view->bar_shown) (void)fputs("\r\033[K", stderr);
  view->bar_shown = false;
}

void progress_end(progress_view *view) {
  const double seconds = seconds_now() - view->began;
  clear_bar(view);
  if (view->stage[0] && !view->log_json && seconds >= WORTH_A_LINE) {
    (void)fprintf(stderr, "%s: ", view->stage);
    if (view->is_counted) (void)fprintf(stderr, "%lld steps in ", (long long)view->done);
    (void)fprintf(stderr, "%.1f s", seconds);
    if (isfinite(view->objective)) (void)fprintf(stderr, ", objective %.6g", view->objective);
    (void)fputc('\n', stderr);
  }
  view->stage[0] = '\0';
}

void progress_abandon(progress_view *view) {
  clear_bar(view);
  view->stage[0] = '\0';
}

/* "1:05" minutes and seconds until the stage is done at its pace so far. */
static void put_eta(const progress_view *view, const pfc_progress_event *e, double now) {
  if (e->done <= 0 || e->done >= e->total) return;
  const double left = (now - view->began) / (double)e->done * (double)(e->total - e->done);
  const long seconds = left < 1e7 ? lround(left) : 0;
  (void)fprintf(stderr, "  ETA %ld:%02ld", seconds / 60, seconds % 60);
}

static void draw_bar(progress_view *view, const pfc_progress_event *e, double now) {
  (void)fprintf(stderr, "\r%s ", e->stage);
  if (e->total > 0) {
    const double share = (double)(e->done < e->total ? e->done : e->total) / (double)e->total;
    const int full = (int)(share * BAR);
    (void)fputc('[', stderr);
    for (int i = 0; i < BAR; i++) (void)fputc(i < full ? '#' : '.', stderr);
    (void)fprintf(stderr, "] %3.0f %%", 100 * share);
    put_eta(view, e, now);
  } else {
    (void)fprintf(stderr, "%lld", (long long)e->done);
  }
  if (isfinite(e->objective)) (void)fprintf(stderr, "  objective %.6g", e->objective);
  (void)fputs("\033[K", stderr);
  (void)fflush(stderr);
  view->bar_shown = true;
}

/* Stage names are the library's own words: nothing to escape. */
static void log_line(const pfc_progress_event *e) {
  (void)fprintf(stderr,
                "{\"stage\":\"%s\",\"done\":%lld,\"total\":%lld,\"objective\":", e->stage,
                (long long)e->done, (long long)e->total);
  if (isfinite(e->objective)) {
    (void)fprintf(stderr, "%.9g}\n", e->objective);
  } else {
    (void)fputs("null}\n", stderr);
  }
}

static void show(progress_view *view, const pfc_progress_event *e) {
  const double now = seconds_now();
  const bool is_new = strncmp(view->stage, e->stage, sizeof view->stage - 1) != 0;
  if (is_new) {
    progress_end(view);
    (void)snprintf(view->stage, sizeof view->stage, "%s", e->stage);
    view->began = now;
  }
  view->done = e->done;
  view->is_counted = e->total > 0;
  view->objective = e->objective;
  const bool is_due =
      is_new || now - view->drawn >= REDRAW_SECONDS || (e->total > 0 && e->done == e->total);
  if (!is_due) return;
  view->drawn = now;
  if (view->log_json) {
    log_line(e);
  } else if (view->is_terminal) {
    draw_bar(view, e, now);
  }
}

static int on_progress(const pfc_progress_event *event, void *user) {
  progress_view *view = user;
  if (!view->quiet) show(view, event);
  return signals_asked();
}

pfc_progress progress_of(progress_view *view) { return (pfc_progress){on_progress, view}; }
