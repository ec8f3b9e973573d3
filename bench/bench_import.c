/* import: one canonical table, from CSV to checked columns in memory. */
#include <csv.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/rng.h"
#include "bench/bench_internal.h"
#include "bench/interactions_internal.h"
#include "bench/program_internal.h"
#include "datasets/import.h"

enum { FIRST_DAY = 18262, DAYS = 1500, CHUNK = 1 << 16 }; /* from 2020-01-01 on */

typedef struct import {
  char *folder, *path; /* the table in its folder; "" until it is there */
  int64_t n_rows;
  double bytes;
  char *chunk; /* CHUNK bytes, of the bare parser */
} import;

/* --- the file -------------------------------------------------------------------- */

static void write_row(FILE *to, uint64_t seed, int64_t row, int64_t person, int32_t item) {
  static const char *const STATUS[] = {"passed", "passed", "passed", "failed", "dropped"};
  char day[3][PFC_DATE_TEXT];
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "bench.enrolment", (uint64_t)row);
  int32_t at = FIRST_DAY;
  for (int d = 0; d < 3; d++) {
    at += (int32_t)pfc_rng_below(&rng, d ? 100 : DAYS);
    pfc_date_format(at, day[d]);
  }
  (void)fprintf(to, "p%06lld,i%05d,%s,%s,%s,%s,%.1f\n", (long long)person, (int)item, day[0],
                day[1], day[2], STATUS[pfc_rng_below(&rng, 5)],
                (double)pfc_rng_below(&rng, 1000) / 10);
}

static pfc_status write_table(import *m, const pfc_csr *taken, uint64_t seed, pfc_error *err) {
  FILE *to = fopen(m->path, "w");
  if (!to) return pfc_fail(err, PFC_EIO, "%s: %s", m->path, strerror(errno));
  (void)fputs("person_id,intervention_id,enrolled_on,started_on,ended_on,status,score\n", to);
  for (int64_t p = 0; p < taken->n_rows; p++) {
    for (int64_t e = taken->start[p]; e < taken->start[p + 1]; e++)
      write_row(to, seed, e, p, taken->col[e]);
  }
  m->n_rows = taken->start[taken->n_rows];
  m->bytes = (double)ftello(to);
  const int failed = ferror(to);
  if (fclose(to) != 0 || failed) {
    return pfc_fail(err, PFC_EIO, "%s: cannot be written: %s", m->path, strerror(errno));
  }
  return PFC_OK;
}

static pfc_status make_folder(import *m, const char *scratch, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__scratch_create(scratch, &m->folder, err));
  const size_t size = strlen(m->folder) + 64;
  PFC_NEW(m->path, size);
  (void)snprintf(m->path, size, "%s/enrolments.csv", m->folder);
done:
  return st;
}

static void teardown(void *self) {
  import *m = self;
  if (!m) return;
  if (m->path && m->path[0]) (void)unlink(m->path);
  if (m->folder) (void)rmdir(m->folder);
  pfc_free(m->path);
  pfc_free(m->folder);
  pfc_free(m->chunk);
  pfc_free(m);
}

/* --- the bare parser: what reading with libcsv costs at least --------------------------- */

typedef struct tally {
  int64_t rows;
  size_t bytes; /* of cells, so that each is looked at */
} tally;

static void on_cell(void *cell, size_t size, void *user) {
  (void)cell;
  ((tally *)user)->bytes += size;
}

static void on_row(int ending, void *user) {
  (void)ending;
  ((tally *)user)->rows++;
}

static pfc_status parse(const import *m, tally *t, pfc_error *err) {
  struct csv_parser parser;
  FILE *from = fopen(m->path, "r");
  if (!from) return pfc_fail(err, PFC_EIO, "%s: %s", m->path, strerror(errno));
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
    (void)fclose(from);
    return pfc_fail_memory(err, "CSV parser");
  }
  size_t size, parsed = 0, read = 0;
  while ((size = fread(m->chunk, 1, CHUNK, from)) > 0) {
    read += size;
    parsed += csv_parse(&parser, m->chunk, size, on_cell, on_row, t);
  }
  const int failed = ferror(from) || csv_fini(&parser, on_cell, on_row, t) != 0;
  csv_free(&parser);
  (void)fclose(from);
  if (failed || parsed != read)
    return pfc_fail(err, PFC_EIO, "%s: cannot be read back", m->path);
  return PFC_OK;
}

static pfc_status run_libcsv(void *self, pfc__sample *sample, pfc_error *err) {
  tally t = {0};
  const double from = pfc__now();
  const pfc_status st = parse(self, &t, err);
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = (double)(t.rows - 1); /* without the header */
  return st;
}

static pfc_status measure_libcsv(pfc__env *env, import *m, pfc_error *err) {
  const pfc__bench libcsv = {.name = "libcsv", .run = run_libcsv};
  pfc__measured measured = {0};
  const pfc_status st = pfc__measure(env, &libcsv, m, &measured, err);
  if (st == PFC_OK) env->limit[PFC__LIBCSV] = measured.work[PFC__ROWS] / measured.fastest;
  return st;
}

/* --- the bench ------------------------------------------------------------------------- */

static pfc_status setup(pfc__env *env, void **self, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csr taken = {0};
  import *m = NULL;
  PFC_NEW(m, 1);
  *self = m;
  PFC_NEW(m->chunk, CHUNK);
  PFC_TRY(make_folder(m, env->settings->scratch, err));
  PFC_TRY(pfc__interactions(pfc__size(env, 200, 60000), pfc__size(env, 50, 1000),
                            pfc__size(env, 2000, 1000000), env->settings->seed, &taken, err));
  PFC_TRY(write_table(m, &taken, env->settings->seed, err));
  PFC_TRY(measure_libcsv(env, m, err));
done:
  pfc_csr_clear(&taken);
  return st;
}

static pfc_status run(void *self, pfc__sample *sample, pfc_error *err) {
  pfc_status st = PFC_OK;
  import *m = self;
  pfc_import_settings settings;
  pfc_dataset *ds = NULL;
  const char *const source = m->folder;
  pfc_import_defaults(&settings);
  const double from = pfc__now();
  PFC_TRY(pfc_import(&source, 1, &settings, &ds, err));
  sample->seconds = pfc__now() - from;
  sample->work[PFC__ROWS] = (double)m->n_rows;
  sample->work[PFC__BYTES] = m->bytes;
done:
  pfc_dataset_destroy(ds);
  return st;
}

const pfc__bench pfc__bench_import = {.name = "import",
                                      .of = "libcsv",
                                      .limit = PFC__LIBCSV,
                                      .unit = PFC__ROWS,
                                      .bar = 0.6,
                                      .setup = setup,
                                      .run = run,
                                      .teardown = teardown};
