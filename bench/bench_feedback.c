/* feedback: durable events a second, one at a time and by the hundred, in multiples of how
 * often a second this disk can be made to keep something: a page appended to a file, and a
 * sync. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "bench/bench_internal.h"
#include "datasets/feedback_store.h"

enum { PAGE = 4096, SYNCS = 50 };

typedef struct feedback {
  char store[4096], page[4096];
  int fd; /* of the file that pages are appended to */
  pfc_store *s;
  int64_t n; /* events added so far */
  int64_t per_run, per_batch;
} feedback;

static void teardown(void *self) {
  static const char *const TAILS[] = {"", "-wal", "-shm", ".lock"};
  feedback *f = self;
  if (!f) return;
  pfc_store_close(f->s);
  if (f->fd >= 0) (void)close(f->fd);
  if (f->page[0]) (void)unlink(f->page);
  for (size_t k = 0; f->store[0] && k < sizeof TAILS / sizeof *TAILS; k++) {
    char name[sizeof f->store + 8];
    (void)snprintf(name, sizeof name, "%s%s", f->store, TAILS[k]);
    (void)unlink(name);
  }
  pfc_free(f);
}

/* --- the disk ------------------------------------------------------------------------------
 */

static pfc_status run_sync(void *self, pfc__sample *sample, pfc_error *err) {
  static const char ZEROS[PAGE];
  const feedback *f = self;
  const double from = pfc__now();
  for (int k = 0; k < SYNCS; k++) {
    if (write(f->fd, ZEROS, PAGE) != PAGE || fsync(f->fd) != 0)
      return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", f->page, strerror(errno));
  }
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = SYNCS;
  return PFC_OK;
}

static pfc_status measure_sync(pfc__env *env, feedback *f, pfc_error *err) {
  const pfc__bench sync = {.name = "fsync", .run = run_sync};
  pfc__measured measured;
  const pfc_status st = pfc__measure(env, &sync, f, &measured, err);
  if (st == PFC_OK) env->limit[PFC__FSYNC] = measured.work[PFC__ROWS] / measured.median;
  return st;
}

/* --- the store -----------------------------------------------------------------------------
 */

static pfc_status set_up(pfc__env *env, int64_t per_batch, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  feedback *f = NULL;
  PFC_NEW(f, 1);
  *self = f;
  f->fd = -1;
  f->per_batch = per_batch;
  f->per_run = per_batch * pfc__size(env, 2, 50);
  (void)snprintf(f->store, sizeof f->store, "%s/bench-%ld.db", env->settings->scratch,
                 (long)getpid());
  (void)snprintf(f->page, sizeof f->page, "%s/bench-%ld.pages", env->settings->scratch,
                 (long)getpid());
  f->fd = open(f->page, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (f->fd < 0) {
    st = pfc_fail(err, PFC_EIO, "cannot write '%s': %s", f->page, strerror(errno));
    goto done;
  }
  PFC_TRY(measure_sync(env, f, err));
  PFC_TRY(pfc_store_open(f->store, PFC_STORE_WRITE, &f->s, err));
done:
  return st;
}

static pfc_status setup_single(pfc__env *env, void **self, pfc_error *err) {
  return set_up(env, 1, self, err);
}

static pfc_status setup_batch(pfc__env *env, void **self, pfc_error *err) {
  return set_up(env, 100, self, err);
}

static pfc_status add_batch(feedback *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  bool is_new;
  PFC_TRY(pfc_store_begin(f->s, err));
  for (int64_t k = 0; k < f->per_batch; k++) {
    char id[40], person[40], item[40];
    pfc_event e;
    pfc_event_init(&e);
    (void)snprintf(id, sizeof id, "event-%lld", (long long)f->n++);
    (void)snprintf(person, sizeof person, "P%06lld", (long long)(f->n * 7919 % 100000));
    (void)snprintf(item, sizeof item, "I%05lld", (long long)(f->n % 5000));
    e.event_id = id;
    e.person_id = person;
    e.intervention_id = item;
    e.kind = "accepted";
    e.at = 1750000000 + f->n;
    e.model_version = "0123456789abcdef";
    PFC_TRY(pfc_store_add(f->s, &e, e.at, &is_new, err));
  }
  PFC_TRY(pfc_store_commit(f->s, err));
done:
  return st;
}

static pfc_status run(void *self, pfc__sample *sample, pfc_error *err) {
  feedback *f = self;
  const double from = pfc__now();
  for (int64_t k = 0; k < f->per_run; k += f->per_batch) {
    const pfc_status st = add_batch(f, err);
    if (st != PFC_OK) return st;
  }
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = (double)f->per_run;
  return PFC_OK;
}

const pfc__bench pfc__bench_feedback = {.name = "feedback",
                                        .of = "fsync",
                                        .limit = PFC__FSYNC,
                                        .unit = PFC__ROWS,
                                        .bar = 0.7,
                                        .setup = setup_single,
                                        .run = run,
                                        .supported = pfc_store_supported,
                                        .teardown = teardown};

const pfc__bench pfc__bench_feedback_100 = {.name = "feedback_100",
                                            .of = "fsync",
                                            .limit = PFC__FSYNC,
                                            .unit = PFC__ROWS,
                                            .bar = 30,
                                            .setup = setup_batch,
                                            .run = run,
                                            .supported = pfc_store_supported,
                                            .teardown = teardown};
