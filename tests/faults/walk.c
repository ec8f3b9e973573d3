/* The walk: the program is run once as it is, to learn what its outputs are, then once for
 * each N with the N-th call failing. Each run is a fork of this process as it stands before
 * main, so that starting costs a millisecond. What is asked of a run that met its fault:
 *   - it exits 4, with a message that says of what; or it found another way, and then its
 *     outputs are those of the first run to the byte;
 *   - a signal, a sanitizer's report or another exit code is a defect; but HDF5 1.10.8 is
 *     known to crash when memory that it asks for itself is refused (H5F__new, H5CX_pop and
 *     H5P_init use the null pointer), and then a signal is allowed, and nothing else;
 *   - each output holds what it held before, or what the first run wrote, and nothing else;
 *   - no temporary file is left, and no block of the program's own. One that was killed leaves
 *     its temporary files; the run after it removes them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/faults/walk.h"

enum { SECONDS = 60, EXIT_SYSTEM = 4 };

static content get(int fd) {
  content c = {.is_there = fd >= 0};
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0) return (content){0};
  c.mode = info.st_mode & 0777;
  /* Not by malloc: a leak checker in the children would take it for theirs. */
  c.bytes = mmap(NULL, (size_t)info.st_size + 1, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (c.bytes == MAP_FAILED) abort();
  const ssize_t n = pread(fd, c.bytes, (size_t)info.st_size, 0);
  if (n != info.st_size) abort();
  c.size = (size_t)n;
  c.bytes[c.size] = '\0';
  return c;
}

void content_drop(content *c) {
  if (c->bytes) (void)munmap(c->bytes, c->size + 1);
  c->bytes = NULL;
}

static content get_file(const char *path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  const content c = get(fd);
  if (fd >= 0) (void)close(fd);
  return c;
}

static void put_file(const char *path, const content *c) {
  (void)unlink(path);
  if (!c->is_there) return;
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, c->mode);
  if (fd < 0 || write(fd, c->bytes, c->size) != (ssize_t)c->size || close(fd) != 0) abort();
}

bool content_same(const content *a, const content *b) {
  if (a->is_there != b->is_there) return false;
  return !a->is_there || (a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0);
}

/* --- one run ------------------------------------------------------------------------------ */

static int begin(const walk *w, int argc, char **argv) {
  faults_take_stdout();
  (void)alarm(SECONDS);
  the_faults->counting = true;
  return w->program(argc, argv, w->env);
}

outcome walk_run(walk *w, long at, int argc, char **argv) {
  outcome o = {.at = at};
  w->f->at = at;
  w->f->n_calls = 0;
  w->f->n_live = -1;
  w->f->happened = false;
  w->f->counting = false;
  w->f->caller = NULL;
  if (ftruncate(w->out, 0) != 0 || ftruncate(w->err, 0) != 0) abort();
  (void)lseek(w->out, 0, SEEK_SET);
  (void)lseek(w->err, 0, SEEK_SET);
  const pid_t child = fork();
  if (child < 0) abort();
  if (child == 0) {
    (void)dup2(w->out, STDOUT_FILENO);
    (void)dup2(w->err, STDERR_FILENO);
    exit(begin(w, argc, argv));
  }
  if (waitpid(child, &o.status, 0) != child) abort();
  w->f->counting = false; /* a child that was killed left it on */
  o.caller = w->f->caller;
  o.out = get(w->out);
  o.err = get(w->err);
  return o;
}

void outcome_drop(outcome *o) {
  content_drop(&o->out);
  content_drop(&o->err);
}

bool outcome_is(const outcome *o, int code) {
  return WIFEXITED(o->status) && WEXITSTATUS(o->status) == code;
}

__attribute__((destructor)) static void at_exit(void) {
  if (!the_faults || !the_faults->counting) return;
  the_faults->counting = false;
  faults_note_live();
}

static long number(const char *name, long fallback) {
  const char *text = getenv(name);
  return text ? strtol(text, NULL, 10) : fallback;
}

/* --- judging it --------------------------------------------------------------------------- */

void walk_complain(walk *w, const outcome *o, const char *fmt, ...) {
  va_list args;
  if (w->n_faulty++ >= number("FAULTS_SHOWN", 5)) return;
  (void)fprintf(stderr, "FAULTS_AT=%ld: ", o->at);
  va_start(args, fmt);
  (void)vfprintf(stderr, fmt, args);
  va_end(args);
  faults_tell_caller(o->caller);
  (void)fprintf(stderr, "\n  it said: %.600s\n", o->err.bytes);
}

/* The message of a failure names what failed: one of the texts asked for. HDF5 without memory
 * may not know itself. */
static bool says_why(const walk *w, bool frail, const char *message) {
  char text[256];
  if (frail && strstr(message, "proficio")) return true;
  for (const char *at = w->says; at && *at;) {
    const size_t n = strcspn(at, "|");
    (void)snprintf(text, sizeof text, "%.*s", (int)n, at);
    if (strstr(message, text)) return true;
    at += n + (at[n] == '|');
  }
  return false;
}

/* Names of temporary files in the folder; removes them. */
static void check_leftovers(walk *w, const outcome *o) {
  DIR *folder = opendir(".");
  for (const struct dirent *e; folder && (e = readdir(folder));) {
    if (!strstr(e->d_name, ".tmp-")) continue;
    walk_complain(w, o, "left behind: %s", e->d_name);
    (void)unlink(e->d_name);
  }
  if (folder) (void)closedir(folder);
}

/* What a run that was stopped may be taken up from (base/part.h): there is a note of how far it
 * is. */
static bool has_note(void) {
  bool found = false;
  DIR *folder = opendir(".");
  for (const struct dirent *e; folder && (e = readdir(folder));)
    found = found || strstr(e->d_name, ".part.json");
  if (folder) (void)closedir(folder);
  return found;
}

/* Removes parts, so that the next run begins at the beginning; true when there were any. */
static bool drop_parts(void) {
  bool found = false;
  DIR *folder = opendir(".");
  for (const struct dirent *e; folder && (e = readdir(folder));) {
    const char *end = strstr(e->d_name, ".part");
    if (!end || (strcmp(end, ".part") != 0 && strcmp(end, ".part.json") != 0)) continue;
    (void)unlink(e->d_name);
    found = true;
  }
  if (folder) (void)closedir(folder);
  return found;
}

static void check_files(walk *w, const outcome *o, bool done) {
  for (int i = 0; i < w->n_files; i++) {
    watched *file = &w->file[i];
    content now = get_file(file->path);
    const bool is_old = content_same(&now, &file->before),
               is_new = content_same(&now, &file->after);
    if (done && !is_new)
      walk_complain(w, o, "exit 0, but %s is not what it should be", file->path);
    if (!is_old && !is_new)
      walk_complain(w, o, "%s is neither the old nor the new", file->path);
    if (!is_old) put_file(file->path, &file->before);
    content_drop(&now);
  }
}

/* May nothing have come of it? Of what fails while writing, what was written is lost; but
 * SQLite has synced it before it closes a file. */
static bool may_be_harmless(const walk *w, const outcome *o) {
  const fault_kind kind = w->f->kind;
  return kind <= FAULT_READ || w->state.folder || (kind == FAULT_WRITE && w->f->cut) ||
         (kind == FAULT_CLOSE && faults_is_of(o->caller, "/libsqlite3"));
}

static void check_end(walk *w, const outcome *o) {
  const int code = WIFEXITED(o->status) ? WEXITSTATUS(o->status) : -1;
  const bool frail = faults_is_of(o->caller, "/libhdf5");
  if (w->f->kills && WIFSIGNALED(o->status) && WTERMSIG(o->status) == SIGKILL) {
    check_files(w, o, false);
    return; /* what it left is for the next run to remove */
  }
  if (frail && strstr(o->err.bytes, "AddressSanitizer")) {
    w->n_crashed++; /* where a sanitizer looks, it ends the process before it can tidy up */
    check_files(w, o, false);
    return;
  }
  if (WIFSIGNALED(o->status) && frail) {
    w->n_crashed++;
  } else if (WIFSIGNALED(o->status)) {
    walk_complain(w, o, "killed by signal %d", WTERMSIG(o->status));
  } else if (code == 0) {
    if (w->f->happened && !may_be_harmless(w, o)) walk_complain(w, o, "exit 0 all the same");
    if (!content_same(&o->out, &w->said))
      walk_complain(w, o, "exit 0, but another standard output");
  } else if (code != EXIT_SYSTEM) {
    walk_complain(w, o, "exit %d", code);
  } else if (!says_why(w, frail, o->err.bytes)) {
    walk_complain(w, o, "the message names nothing of what was expected");
  }
  if (strstr(o->err.bytes, "Sanitizer")) walk_complain(w, o, "a sanitizer spoke");
  if (w->f->n_live > w->n_live && !frail)
    walk_complain(w, o, "%ld blocks not freed", (long)w->f->n_live);
  check_leftovers(w, o);
  check_files(w, o, code == 0);
}

/* A run that was killed is taken up by one that is not, to the right end; parts that nobody can
 * take up are left by nobody who had the time to remove them: the next run begins them anew. A
 * library that ends the process without memory gives no more time than a signal does. */
static void take_up(walk *w, const outcome *o) {
  if (!has_note()) {
    const bool ended = WIFSIGNALED(o->status) || strstr(o->err.bytes, "a library gave up");
    if (drop_parts() && !ended) walk_complain(w, o, "a part is left behind");
    return;
  }
  outcome again = walk_run(w, 0, w->argc, w->argv);
  if (!outcome_is(&again, 0))
    walk_complain(w, &again, "what was stopped could not be taken up");
  check_leftovers(w, &again);
  check_files(w, &again, true);
  if (drop_parts()) walk_complain(w, &again, "a part is left at the end");
  outcome_drop(&again);
}

/* --- all of them -------------------------------------------------------------------------- */

static const struct {
  const char *name;
  fault_kind kind;
} KINDS[] = {{"alloc", FAULT_ALLOC}, {"open", FAULT_OPEN},   {"read", FAULT_READ},
             {"write", FAULT_WRITE}, {"fsync", FAULT_FSYNC}, {"rename", FAULT_RENAME},
             {"close", FAULT_CLOSE}, {"nothing", FAULT_NONE}};

static void prepare(walk *w) {
  w->f = mmap(NULL, sizeof *w->f, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (w->f == MAP_FAILED) abort();
  const char *kind = getenv("FAULTS");
  size_t k = 0;
  while (k < sizeof KINDS / sizeof *KINDS - 1 && strcmp(KINDS[k].name, kind) != 0) k++;
  w->f->kind = KINDS[k].kind;
  w->f->error = (int)number("FAULTS_ERRNO", w->f->kind == FAULT_ALLOC ? ENOMEM : EIO);
  w->f->stays = getenv("FAULTS_STAYS") != NULL;
  w->f->cut = getenv("FAULTS_CUT") != NULL;
  w->f->kills = getenv("FAULTS_KILL") != NULL;
  w->f->past = getenv("FAULTS_PAST");
  w->first = number("FAULTS_FIRST", -1);
  w->sample = number("FAULTS_SAMPLE", 0);
  w->says = getenv("FAULTS_SAYS");
  const char *files = getenv("FAULTS_FILES");
  char *list = strdup(files ? files : "");
  for (char *name = strtok(list, ":"); name && w->n_files < MAX_FILES; name = strtok(NULL, ":"))
    w->file[w->n_files++] = (watched){.path = name, .before = get_file(name)};
  w->out = memfd_create("out", MFD_CLOEXEC);
  w->err = memfd_create("err", MFD_CLOEXEC);
  if (w->out < 0 || w->err < 0) abort();
  the_faults = w->f;
}

static bool learn(walk *w, const outcome *o) {
  if (!outcome_is(o, 0)) {
    (void)fprintf(stderr, "without a fault: status %d, %s\n", o->status, o->err.bytes);
    return false;
  }
  w->n_calls = w->f->n_calls;
  w->n_live = w->f->n_live;
  w->said = o->out;
  for (int i = 0; i < w->n_files; i++) {
    w->file[i].after = get_file(w->file[i].path);
    put_file(w->file[i].path, &w->file[i].before);
  }
  return true;
}

/* The next N: all up to `first`, then one out of each of `sample` equal parts of the rest. */
static long next_at(const walk *w, long at, unsigned *seed) {
  if (w->first < 0 || at < w->first) return at + 1;
  if (w->n_calls - w->first <= w->sample) return at < w->n_calls ? at + 1 : 0;
  const double step = w->sample ? (double)(w->n_calls - w->first) / (double)w->sample : 0;
  for (long part = 0; part < w->sample && step >= 1; part++) {
    const long begin = w->first + (long)(step * (double)part);
    if (begin < at) continue;
    *seed = *seed * 1103515245U + 12345U;
    return begin + 1 + (long)((double)(*seed >> 8) / (1 << 24) * step);
  }
  return 0;
}

int faults_walk(main_fn *program, int argc, char **argv, char **env) {
  /* static, so that a leak checker in the children finds what it holds */
  static walk w;
  unsigned seed = 20240501;
  long n_runs = 0, n_failed = 0;
  w = (walk){.program = program, .argc = argc, .argv = argv, .env = env};
  (void)unsetenv("LD_PRELOAD");
  prepare(&w);
  if (getenv("FAULTS_AT")) {
    w.f->at = number("FAULTS_AT", 0);
    return begin(&w, argc, argv);
  }
  if (!state_begin(&w)) return 1;
  outcome o = walk_run(&w, 0, argc, argv);
  if (!learn(&w, &o) || !state_learn(&w)) return 1;
  content_drop(&o.err);
  for (long at = next_at(&w, 0, &seed); at > 0; at = next_at(&w, at, &seed)) {
    o = walk_run(&w, at, argc, argv);
    check_end(&w, &o);
    const bool happened = w.f->happened;
    if (happened) state_check(&w, &o);
    if (happened) take_up(&w, &o);
    n_runs++;
    n_failed += !outcome_is(&o, 0);
    outcome_drop(&o);
    if (!happened) break;
  }
  (void)printf("%ld calls, %ld runs, %ld failed, %ld of them crashed in HDF5, %d defects\n",
               w.n_calls, n_runs, n_failed, w.n_crashed, w.n_faulty);
  (void)fflush(stdout);
  /* What this process holds is not the program's: no sanitizer shall look at it. */
  _exit(w.n_faulty != 0 || w.n_calls == 0);
}
