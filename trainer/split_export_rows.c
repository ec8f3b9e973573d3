/* The files of an export, one function each. */
#include <errno.h>
#include <string.h>

#include "base/h5.h"
#include "base/mem.h"
#include "trainer/split_export_internal.h"

/* --- CSV --------------------------------------------------------------------------------- */

typedef struct table {
  pfc_csv_out out;
  int64_t n;
} table;

static pfc_status open_table(table *t, const char *path, const char *const *names,
                             const pfc__plain_columns *features, pfc_error *err) {
  *t = (table){.out = {.file = fopen(path, "we")}};
  if (!t->out.file) return pfc_fail(err, PFC_EIO, "%s", strerror(errno));
  for (; *names; names++) pfc_csv_out_text(&t->out, *names);
  if (features) pfc__plain_names(features, &t->out);
  pfc_csv_out_end(&t->out);
  return PFC_OK;
}

static void end_row(table *t) {
  pfc_csv_out_end(&t->out);
  t->n++;
}

/* st: how it went so far. */
static pfc_status close_table(table *t, pfc_status st, int64_t *n, pfc_error *err) {
  if (!t->out.file) return st;
  const bool failed = ferror(t->out.file) != 0;
  const int why = errno;
  *n = t->n;
  if ((fclose(t->out.file) != 0 || failed) && st == PFC_OK)
    return pfc_fail(err, PFC_EIO, "%s", strerror(failed ? why : errno));
  return st;
}

static void put_id(table *t, const pfc_dataset *ds, const char *dictionary, int32_t code) {
  const pfc_dict *dict = pfc_dataset_find_dict(ds, dictionary);
  pfc_csv_out_text(&t->out, code >= 0 && dict ? pfc_dict_text(dict, code) : NULL);
}

static void put_pair(table *t, const pfc_dataset *ds, const pfc_decision *d) {
  put_id(t, ds, "person", d->person);
  put_id(t, ds, "intervention", d->intervention);
}

/* --- interactions ------------------------------------------------------------------------ */

pfc_status pfc__export_interactions(const pfc__split_export *x, const char *path, int64_t *n,
                                    pfc_error *err) {
  static const char *const NAMES[] = {"user", "item", "time", NULL};
  const pfc_history *h = x->train.h;
  table t;
  const pfc_status st = open_table(&t, path, NAMES, NULL, err);
  for (int32_t p = 0; st == PFC_OK && p < h->n_people; p++) {
    for (int64_t a = h->first_attempt[p]; a < h->first_attempt[p + 1]; a++) {
      const pfc_attempt *at = &h->attempts[a];
      if (!at->started) continue;
      put_pair(&t, x->ds, &(pfc_decision){.person = p, .intervention = at->intervention});
      pfc_csv_out_date(&t.out, h->dated ? at->start : PFC_NO_DATE);
      end_row(&t);
    }
  }
  return close_table(&t, st, n, err);
}

/* --- the matrix -------------------------------------------------------------------------- */

/* Starts of each person, of each intervention. */
static pfc_status count_starts(const pfc_history *h, pfc_csr *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *item = NULL;
  float *one = NULL;
  int most = 0, capacity = 0;
  for (int32_t p = 0; p < h->n_people; p++) {
    most = 0;
    for (int64_t a = h->first_attempt[p]; a < h->first_attempt[p + 1]; a++) {
      if (!h->attempts[a].started) continue;
      int room = capacity;
      PFC_RESERVE(item, room, most + 1);
      PFC_RESERVE(one, capacity, most + 1);
      item[most] = h->attempts[a].intervention;
      one[most++] = 1;
    }
    PFC_TRY(pfc_csr_append(m, most, item, one, err));
  }
done:
  pfc_free(item);
  pfc_free(one);
  return st;
}

static pfc_status write_ids(hid_t file, const char *name, const pfc_dict *dict,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = dict ? pfc_dict_size(dict) : 0;
  const char **ids = NULL;
  PFC_NEW(ids, n);
  for (int32_t i = 0; i < n; i++) ids[i] = pfc_dict_text(dict, i);
  PFC_TRY(pfc_h5_write_texts(file, name, n, ids, err));
done:
  pfc_free(ids);
  return st;
}

static pfc_status write_matrix(const pfc_dataset *ds, const pfc_csr *m, const char *path,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = m->start[m->n_rows];
  hid_t file = -1;
  PFC_TRY(pfc_h5_create(path, &file, err));
  PFC_TRY(pfc_h5_put_text(file, "format", "proficio matrix", err));
  PFC_TRY(pfc_h5_write_1d(file, "indptr", PFC_H5_I64, m->n_rows + 1, m->start, err));
  PFC_TRY(pfc_h5_write_1d(file, "indices", PFC_H5_I32, n, m->col, err));
  PFC_TRY(pfc_h5_write_1d(file, "data", PFC_H5_F32, n, m->val, err));
  PFC_TRY(write_ids(file, "users", pfc_dataset_find_dict(ds, "person"), err));
  PFC_TRY(write_ids(file, "items", pfc_dataset_find_dict(ds, "intervention"), err));
  PFC_TRY(pfc_h5_close(&file, err));
done:
  PFC_H5_DROP(file);
  return st;
}

pfc_status pfc__export_matrix(const pfc__split_export *x, const char *path, int64_t *n,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = x->train.h;
  pfc_csr m = {0};
  PFC_TRY(pfc_csr_init(&m, h->n_people, x->train.cat->n_interventions, err));
  PFC_TRY(count_starts(h, &m, err));
  PFC_TRY(write_matrix(x->ds, &m, path, err));
  *n = m.start[m.n_rows];
done:
  pfc_csr_clear(&m);
  return st;
}

/* --- starts ------------------------------------------------------------------------------ */

pfc_status pfc__export_train_starts(const pfc__split_export *x, const char *path, int64_t *n,
                                    pfc_error *err) {
  static const char *const NAMES[] = {"person_id", "intervention_id", "date", "result", NULL};
  pfc_status st = PFC_OK;
  pfc__plain_columns features = {0};
  table t = {0};
  PFC_TRY(pfc__plain_list(x->ds, false, &features, err));
  PFC_TRY(open_table(&t, path, NAMES, &features, err));
  for (int64_t i = 0; i < x->labelled.n; i++) {
    const pfc_decision *d = &x->labelled.d[i];
    put_pair(&t, x->ds, d);
    pfc_csv_out_date(&t.out, d->date);
    pfc_csv_out_whole(&t.out, x->labelled.y[i] > 0);
    pfc__plain_cells(&features, &x->train, d, &t.out);
    end_row(&t);
  }
done:
  pfc_free(features.at);
  return close_table(&t, st, n, err);
}

pfc_status pfc__export_test_starts(const pfc__split_export *x, const char *path, int64_t *n,
                                   pfc_error *err) {
  static const char *const NAMES[] = {"person_id", "intervention_id", "date", NULL};
  pfc_status st = PFC_OK;
  pfc__plain_columns features = {0};
  table t = {0};
  PFC_TRY(pfc__plain_list(x->ds, false, &features, err));
  PFC_TRY(open_table(&t, path, NAMES, &features, err));
  for (int64_t i = 0; i < x->rows->n_starts; i++) {
    const pfc_decision *d = &x->rows->start[i].d;
    put_pair(&t, x->ds, d);
    pfc_csv_out_date(&t.out, d->date);
    pfc__plain_cells(&features, &x->test, d, &t.out);
    end_row(&t);
  }
done:
  pfc_free(features.at);
  return close_table(&t, st, n, err);
}

/* --- episodes ---------------------------------------------------------------------------- */

static void put_episode(table *t, const pfc_dataset *ds, const pfc_decision *d) {
  put_pair(t, ds, d);
  put_id(t, ds, "competency", d->competency);
  pfc_csv_out_date(&t->out, d->date);
}

static const char *event_word(pfc_cause event) {
  switch (event) {
    case PFC_PROFICIENT:
      return "proficient";
    case PFC_DROPPED:
      return "dropped";
    case PFC_LEFT:
      return "left";
    default:
      return "censored";
  }
}

pfc_status pfc__export_train_episodes(const pfc__split_export *x, const char *path, int64_t *n,
                                      pfc_error *err) {
  static const char *const NAMES[] = {
      "person_id",     "intervention_id", "competency_id", "date", "entry_days",
      "duration_days", "last_below_days", "event",         NULL};
  pfc_status st = PFC_OK;
  pfc__plain_columns features = {0};
  table t = {0};
  PFC_TRY(pfc__plain_list(x->ds, true, &features, err));
  PFC_TRY(open_table(&t, path, NAMES, &features, err));
  for (int64_t i = 0; i < x->episodes->n; i++) {
    const pfc_episode *at = &x->episodes->at[i];
    const pfc_decision d = pfc__episode_decision(at);
    put_episode(&t, x->ds, &d);
    pfc_csv_out_real(&t.out, at->entry_days);
    pfc_csv_out_real(&t.out, at->duration_days);
    pfc_csv_out_real(&t.out, at->last_below_days);
    pfc_csv_out_text(&t.out, event_word(at->event));
    pfc__plain_cells(&features, &x->train, &d, &t.out);
    end_row(&t);
  }
done:
  pfc_free(features.at);
  return close_table(&t, st, n, err);
}

pfc_status pfc__export_test_episodes(const pfc__split_export *x, const char *path, int64_t *n,
                                     pfc_error *err) {
  static const char *const NAMES[] = {"person_id", "intervention_id", "competency_id", "date",
                                      NULL};
  pfc_status st = PFC_OK;
  pfc__plain_columns features = {0};
  table t = {0};
  PFC_TRY(pfc__plain_list(x->ds, true, &features, err));
  PFC_TRY(open_table(&t, path, NAMES, &features, err));
  for (int64_t i = 0; i < x->rows->n_episodes; i++) {
    const pfc_decision d = pfc__episode_decision(&x->rows->episode[i]);
    put_episode(&t, x->ds, &d);
    pfc__plain_cells(&features, &x->test, &d, &t.out);
    end_row(&t);
  }
done:
  pfc_free(features.at);
  return close_table(&t, st, n, err);
}

/* --- queries ----------------------------------------------------------------------------- */

/* Queries of an undated table differ in nothing that predictions could be told apart by: the
 * first one, which has the most candidates, stands for all of the person. */
static bool is_repeat(const pfc_judged_rows *rows, int64_t q) {
  if (q == 0) return false;
  const pfc_decision *a = &rows->query[q - 1].d, *b = &rows->query[q].d;
  return a->person == b->person && a->date == b->date;
}

pfc_status pfc__export_queries(const pfc__split_export *x, const char *path, int64_t *n,
                               pfc_error *err) {
  static const char *const NAMES[] = {"person_id", "date", NULL};
  table t;
  const pfc_status st = open_table(&t, path, NAMES, NULL, err);
  for (int64_t q = 0; st == PFC_OK && q < x->rows->n_queries; q++) {
    if (is_repeat(x->rows, q)) continue;
    put_id(&t, x->ds, "person", x->rows->query[q].d.person);
    pfc_csv_out_date(&t.out, x->rows->query[q].d.date);
    end_row(&t);
  }
  return close_table(&t, st, n, err);
}

pfc_status pfc__export_candidates(const pfc__split_export *x, const char *path, int64_t *n,
                                  pfc_error *err) {
  static const char *const NAMES[] = {"person_id", "date", "intervention_id", NULL};
  pfc_status st = PFC_OK;
  int32_t *candidate = NULL;
  uint8_t *relevant = NULL;
  bool too_many = false;
  table t = {0};
  PFC_NEW(candidate, x->cat->n_interventions);
  PFC_NEW(relevant, x->cat->n_interventions);
  PFC_TRY(open_table(&t, path, NAMES, NULL, err));
  for (int64_t q = 0; q < x->rows->n_queries && !too_many; q++) {
    if (is_repeat(x->rows, q)) continue;
    const pfc_judged_query *query = &x->rows->query[q];
    const int32_t m = pfc_judged_candidates(x->rows, query, candidate, relevant);
    too_many = t.n + m > x->settings->max_candidates;
    for (int32_t c = 0; c < m && !too_many; c++) {
      put_id(&t, x->ds, "person", query->d.person);
      pfc_csv_out_date(&t.out, query->d.date);
      put_id(&t, x->ds, "intervention", candidate[c]);
      end_row(&t);
    }
  }
done:
  pfc_free(candidate);
  pfc_free(relevant);
  st = close_table(&t, st, n, err);
  if (too_many) *n = -1;
  return st;
}
