/* A store or a registry after a fault. It is no file to be compared byte by byte: salts, times
 * and logs differ from run to run. So the program itself is asked, in a run without faults:
 *   - each command of FAULTS_SOUND ends with 0: it verifies, it serves;
 *   - what FAULTS_VIEW prints is what it printed before the operation or after it, nothing in
 *     between; after it, where the operation said that it was done;
 *   - where it was not done it can be done now, and then nothing half done is left. Where it
 * was done and not said so, doing it again changes nothing, unless FAULTS_ONCE is set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/faults/walk.h"

enum { MAX_WORDS = 16, MAX_TEXT = 512 };

/* Runs commands, separated by bars; true when all end with 0. The last one's outcome stays. */
static bool run_commands(walk *w, const char *commands, outcome *o) {
  char text[MAX_TEXT], *rest = text, *more;
  (void)snprintf(text, sizeof text, "%s", commands);
  *o = (outcome){0};
  while ((more = strsep(&rest, "|"))) {
    char *words[MAX_WORDS + 1] = {w->argv[0]};
    int n = 1;
    for (char *word; n < MAX_WORDS && (word = strsep(&more, " "));)
      if (word[0]) words[n++] = word;
    outcome_drop(o);
    *o = walk_run(w, 0, n, words);
    if (!outcome_is(o, 0)) return false;
  }
  return true;
}

static const char *setting(const char *name) {
  const char *text = getenv(name);
  if (!text) abort();
  return text;
}

static bool look(walk *w, content *view) {
  outcome o;
  const bool is_good = run_commands(w, setting("FAULTS_VIEW"), &o);
  *view = o.out;
  content_drop(&o.err);
  return is_good;
}

static void restore(const walk *w) {
  char command[MAX_TEXT];
  const char *folder = w->state.folder;
  (void)snprintf(command, sizeof command, "rm -rf %s && cp -a %s.before %s", folder, folder,
                 folder);
  if (system(command) != 0) abort();
}

static bool has_leftovers(const walk *w) {
  char command[MAX_TEXT];
  (void)snprintf(command, sizeof command, "find %s -name '.*tmp-*' | grep -q .",
                 w->state.folder);
  return system(command) == 0;
}

bool state_begin(walk *w) {
  w->state.folder = getenv("FAULTS_STATE");
  if (!w->state.folder) return true;
  restore(w);
  const bool is_good = look(w, &w->state.before);
  restore(w);
  return is_good;
}

bool state_learn(walk *w) {
  if (!w->state.folder) return true;
  const bool is_good = look(w, &w->state.after);
  restore(w);
  return is_good && !content_same(&w->state.before, &w->state.after);
}

static void check_sound(walk *w, const outcome *o, const char *when) {
  outcome sound;
  if (!run_commands(w, setting("FAULTS_SOUND"), &sound))
    walk_complain(w, o, "%s it is not sound: %.300s", when, sound.err.bytes);
  outcome_drop(&sound);
}

/* The operation once more, which must lead to what it should have led to. */
static void check_again(walk *w, const outcome *o) {
  content view;
  outcome again = walk_run(w, 0, w->argc, w->argv);
  if (!outcome_is(&again, 0)) walk_complain(w, o, "again: %.300s", again.err.bytes);
  if (!look(w, &view) || !content_same(&view, &w->state.after))
    walk_complain(w, o, "done again it is not what it should be: %.300s", view.bytes);
  content_drop(&view);
  outcome_drop(&again);
  check_sound(w, o, "done again");
  if (has_leftovers(w)) walk_complain(w, o, "what was half done is left");
}

static void check_now(walk *w, const outcome *o) {
  content view;
  check_sound(w, o, "after the fault");
  const bool is_seen = look(w, &view);
  const bool is_old = content_same(&view, &w->state.before);
  const bool is_new = content_same(&view, &w->state.after);
  if (!is_seen || (!is_old && !is_new))
    walk_complain(w, o, "it is neither the old nor the new: %.300s", view.bytes);
  if (outcome_is(o, 0) && !is_new) walk_complain(w, o, "exit 0, but it is not done");
  content_drop(&view);
  if (is_old || !getenv("FAULTS_ONCE")) check_again(w, o);
}

void state_check(walk *w, const outcome *o) {
  if (!w->state.folder) return;
  check_now(w, o);
  restore(w);
}
