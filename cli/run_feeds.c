/* Feeds that are too old or too small stop a run before anything is made of them. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/number.h"
#include "cli/run.h"
#include "datasets/quality.h"
#include "datasets/storage.h"

/* A limit as settings have it: "enrolments=7" or, of the assessments of one source,
 * "assessments.test=30". */
typedef struct limit {
  char feed[SETTING_TEXT]; /* "assessments.test" */
  int table;
  const char *word; /* "test"; NULL: the whole table */
  double value;
} limit;

static pfc_status parse(const char *where, char *text, limit *l, pfc_error *err) {
  char *equals = strchr(text, '='), *dot;
  if (!equals) goto bad;
  *equals = '\0';
  (void)snprintf(l->feed, sizeof l->feed, "%s", text);
  if ((dot = strchr(text, '.'))) *dot = '\0';
  l->word = dot ? strchr(l->feed, '.') + 1 : NULL;
  l->table = pfc_schema_find(text);
  if (l->table < 0 || !pfc_number_parse(equals + 1, strlen(equals + 1), &l->value) ||
      l->value < 0) {
    goto bad;
  }
  return PFC_OK;
bad:
  return pfc_fail(err, PFC_EUSAGE,
                  "%s: TABLE=NUMBER or TABLE.WORD=NUMBER, separated by commas, expected, not "
                  "'%.80s'",
                  where, text);
}

/* What a limit speaks of, as it is in the data. */
typedef struct feed {
  bool is_there;
  int64_t n_rows;
  int32_t latest;
} feed;

static feed find(const pfc_quality *q, const limit *l) {
  for (int k = 0; !l->word && k < q->n_tables; k++) {
    if ((int)q->tables[k].table == l->table)
      return (feed){true, q->tables[k].n_rows, q->tables[k].latest};
  }
  for (int k = 0; l->word && k < q->n_feeds; k++) {
    if ((int)q->feeds[k].table == l->table && strcmp(q->feeds[k].word, l->word) == 0)
      return (feed){true, q->feeds[k].n_rows, q->feeds[k].latest};
  }
  return (feed){.latest = PFC_NO_DATE};
}

static void say_old(const limit *l, const feed *f, int32_t today, char *text, size_t size) {
  char day[PFC_DATE_TEXT];
  pfc_date_format(f->latest, day);
  if (!f->is_there || f->latest == PFC_NO_DATE) {
    (void)snprintf(text, size, "%s tells no day", l->feed);
  } else if ((double)today - f->latest > l->value) {
    (void)snprintf(text, size, "%s ends on %s, %d days ago: %g allowed", l->feed, day,
                   today - f->latest, l->value);
  }
}

static void say_small(const limit *l, const feed *f, char *text, size_t size) {
  if ((double)f->n_rows < l->value)
    (void)snprintf(text, size, "%s has %lld rows: %g expected", l->feed, (long long)f->n_rows,
                   l->value);
}

/* Adds what a list of limits finds to all. */
static pfc_status look(const run_job *job, const pfc_quality *q, bool is_age, char *all,
                       size_t size, pfc_error *err) {
  const char *where = is_age ? "run.max_age" : "run.min_rows";
  char list[SETTING_TEXT], *rest = list;
  (void)snprintf(list, sizeof list, "%s",
                 is_age ? job->c->settings.run.max_age : job->c->settings.run.min_rows);
  for (char *item = strsep(&rest, ","); item && *list; item = strsep(&rest, ",")) {
    limit l;
    char text[2 * SETTING_TEXT] = "";
    const pfc_status st = parse(where, item, &l, err);
    if (st != PFC_OK) return st;
    const feed f = find(q, &l);
    if (is_age) {
      say_old(&l, &f, job->today, text, sizeof text);
    } else {
      say_small(&l, &f, text, sizeof text);
    }
    const size_t at = strlen(all);
    if (*text) (void)snprintf(all + at, size - at, "%s%s", at ? "; " : "", text);
  }
  return PFC_OK;
}

pfc_status run_feeds_check(const run_job *job, const char *data, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset *ds = NULL;
  pfc_quality *q = NULL;
  pfc_quality_settings s = job->c->settings.quality;
  char all[sizeof err->msg - 64] = "";
  s.as_of = job->today;
  PFC_TRY(pfc_dataset_load(data, &ds, err));
  PFC_TRY(pfc_quality_create(ds, &s, &q, err));
  PFC_TRY(look(job, q, true, all, sizeof all, err));
  PFC_TRY(look(job, q, false, all, sizeof all, err));
  if (*all) st = pfc_fail(err, PFC_EDATA, "feeds are not what they should be: %s", all);
done:
  pfc_quality_destroy(q);
  pfc_dataset_destroy(ds);
  return st;
}
