#include "trainer/judged_rows.h"

#include "base/mem.h"
#include "datasets/split.h"
#include "models/predict.h"
#include "trainer/judged_rows_internal.h"

/* --- queries ----------------------------------------------------------------------------- */

static bool is_together(const pfc_history *h, int64_t first, int64_t other) {
  return first == other || (h->dated && h->attempts[first].start == h->attempts[other].start);
}

static int32_t date_of(const pfc_history *h, const pfc_attempt *a) {
  return h->dated ? a->start : PFC_NO_DATE;
}

/* The next query of the person from attempt `first` on; its `last` where the one after begins.
 * False when no start in a test row is among its attempts. */
static bool next_query(const pfc_history *h, const uint8_t *is_test, int32_t person,
                       int64_t first, pfc_judged_query *q) {
  const pfc_attempt *a = &h->attempts[first];
  const int64_t end = h->first_attempt[person + 1];
  bool wanted = false;
  int64_t last = first;
  for (; last < end && is_together(h, first, last); last++) {
    wanted |= h->attempts[last].started && is_test[h->attempts[last].row];
  }
  *q = (pfc_judged_query){{person, -1, -1, date_of(h, a), a->row, -1}, first, last};
  return wanted;
}

static pfc_status list_queries(const pfc_history *h, pfc_judged_rows *rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t capacity = 0;
  pfc_judged_query q;
  for (int32_t p = 0; p < h->n_people; p++) {
    for (int64_t a = h->first_attempt[p]; a < h->first_attempt[p + 1]; a = q.last) {
      if (!next_query(h, rows->is_test, p, a, &q)) continue;
      if (!pfc__query_has_relevant(rows->days, &q)) continue;
      PFC_RESERVE(rows->query, capacity, rows->n_queries + 1);
      rows->query[rows->n_queries++] = q;
    }
  }
  PFC_TRY(pfc__open_days_add(rows->days, rows->n_queries, rows->query, err));
done:
  return st;
}

/* --- starts ------------------------------------------------------------------------------ */

static pfc_status list_starts(const pfc_dataset *ds, const pfc_history *h,
                              const pfc_catalogue *cat, pfc_judged_rows *rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t last = pfc_last_day(ds, h), today = last == PFC_NO_DATE ? last : last + 1;
  int64_t capacity = 0;
  for (int32_t p = 0; p < h->n_people; p++) {
    for (int64_t i = h->first_attempt[p]; i < h->first_attempt[p + 1]; i++) {
      const pfc_attempt *a = &h->attempts[i];
      const int32_t date = date_of(h, a);
      if (!rows->is_test[a->row] || !a->started || a->result < 0) continue;
      if (!pfc_catalogue_is_mature(cat, a->intervention, date, today)) continue;
      PFC_RESERVE(rows->start, capacity, rows->n_starts + 1);
      rows->start[rows->n_starts++] =
          (pfc_judged_start){{p, a->intervention, -1, date, a->row, -1}, a->result};
    }
  }
done:
  return st;
}

/* --- episodes ---------------------------------------------------------------------------- */

/* Those of table episodes by its own mark, derived ones by their enrolment's. */
static pfc_status list_episodes(const pfc_dataset *ds, const pfc_history *h,
                                pfc_judged_rows *rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_episodes *all = NULL;
  uint8_t *by_episode = NULL;
  PFC_NEW(by_episode, ds->tables[PFC_EPISODES].n_rows);
  PFC_TRY(pfc_split_mark(ds, PFC_EPISODES, by_episode, err));
  PFC_TRY(pfc_episodes_create(ds, h, &all, err));
  PFC_NEW(rows->episode, all->n);
  for (int64_t i = 0; i < all->n; i++) {
    const pfc_episode *at = &all->at[i];
    const bool test = at->row >= 0 ? by_episode[at->row]
                                   : at->enrolment_row >= 0 && rows->is_test[at->enrolment_row];
    if (test) rows->episode[rows->n_episodes++] = *at;
  }
done:
  pfc_free(by_episode);
  pfc_episodes_destroy(all);
  return st;
}

/* --- all of it --------------------------------------------------------------------------- */

pfc_status pfc_judged_rows_create(const pfc_dataset *ds, const pfc_history *h,
                                  const pfc_catalogue *cat, pfc_judged_rows **rows,
                                  pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_judged_rows *r = NULL;
  PFC_NEW(r, 1);
  PFC_NEW(r->is_test, ds->tables[PFC_ENROLMENTS].n_rows);
  PFC_TRY(pfc_split_mark(ds, PFC_ENROLMENTS, r->is_test, err));
  PFC_TRY(pfc__open_days_create(h, cat, r->is_test, &r->days, err));
  PFC_TRY(list_queries(h, r, err));
  PFC_TRY(list_starts(ds, h, cat, r, err));
  PFC_TRY(list_episodes(ds, h, r, err));
  *rows = r;
  r = NULL;
done:
  pfc_judged_rows_destroy(r);
  return st;
}

void pfc_judged_rows_destroy(pfc_judged_rows *rows) {
  if (!rows) return;
  pfc__open_days_destroy(rows->days);
  pfc_free(rows->is_test);
  pfc_free(rows->query);
  pfc_free(rows->start);
  pfc_free(rows->episode);
  pfc_free(rows);
}
