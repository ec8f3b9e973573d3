/* A library for LD_PRELOAD that makes the N-th call of one kind fail, in a program that
 * knows nothing of it, and walks N = 1, 2, 3 ... until the program runs through untouched.
 *
 *   FAULTS        the kind: alloc, open, read, write, fsync, rename or close; without it
 *                 the library does nothing
 *   FAULTS_ERRNO  what the call says: ENOMEM for alloc, else EIO, unless given by number
 *   FAULTS_STAYS  set: every later call of the kind fails too, as on a disk that is full
 *   FAULTS_CUT    set: the N-th read or write is cut short instead, which is allowed; later
 *                 writes fail
 *   FAULTS_KILL   set: the N-th call does not return at all: the program dies of SIGKILL
 *   FAULTS_PAST   calls made by the library whose file name holds this text do not count
 *   FAULTS_AT     only this N, in the process itself, for a look with a debugger
 * and for the walk:
 *   FAULTS_FILES  names of the program's outputs, separated by colons
 *   FAULTS_SAYS   texts, separated by bars, of which a failure's message must hold one
 *   FAULTS_STATE  a folder that the program changes (state.c tells of it, of FAULTS_VIEW,
 *                 FAULTS_SOUND and FAULTS_ONCE); its copy FOLDER.before stands beside it
 *   FAULTS_FIRST  walk every N up to this one ... [all]
 *   FAULTS_SAMPLE ... and so many of the others, drawn with a fixed seed [0]
 *
 * Calls are counted from main on, in every library but libc, whose own calls do not pass
 * here: stdio is therefore replaced by streams of ours, standard output too. */
#ifndef PROFICIO_TESTS_FAULTS_H
#define PROFICIO_TESTS_FAULTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum fault_kind {
  FAULT_NONE,
  FAULT_ALLOC,
  FAULT_OPEN,
  FAULT_READ,
  FAULT_WRITE,
  FAULT_FSYNC,
  FAULT_RENAME,
  FAULT_CLOSE,
} fault_kind;

/* The plan, and what came of it; shared by the walker and its child. */
typedef struct faults {
  fault_kind kind;
  int error;
  bool stays, cut, kills;
  const char *past; /* NULL: every call counts */
  long at;          /* the call that fails, from 1; 0: none */
  atomic_bool counting;
  atomic_long n_calls; /* of the kind */
  atomic_bool happened;
  const void *caller; /* return address of the first call that failed */
  atomic_long n_live; /* blocks that the program owns; -1: not known */
} faults;

extern faults *the_faults;

/* Counts a call; true when it is to fail, with errno set. */
bool faults_now(fault_kind kind, const void *caller);

/* Counts a read or write of `size` bytes: how many may be tried, or -1, with errno set. */
long faults_room(fault_kind kind, size_t size, const void *caller);

/* Prints which library, and where in it, made the call that failed. */
void faults_tell_caller(const void *caller);

/* The call was made by the library whose file name holds this text. */
bool faults_is_of(const void *caller, const char *library);

/* Notes how many blocks the program's own code still owns. */
void faults_note_live(void);

/* Puts a stream in the place of standard output whose writes are counted. */
void faults_take_stdout(void);

/* Runs `program` again and again; the exit code of the whole. */
int faults_walk(int (*program)(int, char **, char **), int argc, char **argv, char **env);

#endif
