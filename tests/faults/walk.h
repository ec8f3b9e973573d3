/* What the parts of the walk share: walk.c runs and judges, state.c holds a folder against what
 * it was and should be. */
#ifndef PROFICIO_TESTS_FAULTS_WALK_H
#define PROFICIO_TESTS_FAULTS_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/faults/faults.h"

enum { MAX_FILES = 8 };

typedef int main_fn(int argc, char **argv, char **env);

/* What a file held, or what was printed. */
typedef struct content {
  bool is_there;
  size_t size;
  char *bytes;
  mode_t mode;
} content;
void content_drop(content *c);
bool content_same(const content *a, const content *b);

typedef struct watched {
  char *path;
  content before, after;
} watched;

/* A folder that the program changes: a store, a registry. */
typedef struct state {
  const char *folder;    /* NULL: there is none; restored from FOLDER.before */
  content before, after; /* what the view of it prints */
} state;

typedef struct walk {
  faults *f;
  main_fn *program;
  int argc;
  char **argv, **env;
  int n_files, n_faulty;
  watched file[MAX_FILES];
  state state;
  int out, err; /* the child's standard output and error */
  content said; /* standard output of the first run */
  long n_calls, n_live, n_crashed;
  long first, sample;
  const char *says;
} walk;

typedef struct outcome {
  long at;            /* the call that was to fail */
  const void *caller; /* of it; NULL: none failed */
  int status;         /* of wait */
  content out, err;
} outcome;

/* Runs the program in a child, the at-th call failing; 0: none. */
outcome walk_run(walk *w, long at, int argc, char **argv);
void outcome_drop(outcome *o);
/* Did it end, with that exit code? */
bool outcome_is(const outcome *o, int code);

__attribute__((format(printf, 3, 4))) void walk_complain(walk *w, const outcome *o,
                                                         const char *fmt, ...);

/* Learns what the view prints before the operation and after it. False where one fails. */
bool state_begin(walk *w);
bool state_learn(walk *w);

/* Holds the folder against that after a run that met its fault, runs the operation again, and
 * restores it. */
void state_check(walk *w, const outcome *o);

#endif
