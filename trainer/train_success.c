/* Training the success model: labelled starts, encoded as known on the day. */
#include <stdlib.h>

#include "base/mem.h"
#include "trainer/train_chance.h"

void pfc__labelled_clear(pfc__labelled *l) {
  pfc_free(l->d);
  pfc_free(l->y);
}

typedef struct labelled_row {
  pfc_decision d;
  float y;
} labelled_row;

static int by_date(const void *a, const void *b) {
  const pfc_decision *x = &((const labelled_row *)a)->d, *y = &((const labelled_row *)b)->d;
  if (x->date != y->date) return x->date < y->date ? -1 : 1;
  return (x->enrolment_row > y->enrolment_row) - (x->enrolment_row < y->enrolment_row);
}

pfc_status pfc__success_rows(const pfc__training *t, pfc__labelled *l, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = t->history;
  const int64_t n = h->first_attempt[h->n_people];
  labelled_row *rows = NULL;
  PFC_NEW(rows, n);
  for (int32_t p = 0; p < h->n_people; p++) {
    for (int64_t a = h->first_attempt[p]; a < h->first_attempt[p + 1]; a++) {
      const pfc_attempt *at = &h->attempts[a];
      const int32_t date = h->dated ? at->start : PFC_NO_DATE;
      if (!at->started || at->result < 0) continue;
      if (!pfc_catalogue_is_mature(t->cat, at->intervention, date, t->today)) continue;
      rows[l->n].d = (pfc_decision){p, at->intervention, -1, date, at->row, -1};
      rows[l->n++].y = at->result;
      l->n_passed += at->result;
    }
  }
  qsort(rows, (size_t)l->n, sizeof *rows, by_date);
  PFC_NEW(l->d, l->n);
  PFC_NEW(l->y, l->n);
  for (int64_t i = 0; i < l->n; i++) {
    l->d[i] = rows[i].d;
    l->y[i] = rows[i].y;
  }
done:
  pfc_free(rows);
  return st;
}

const pfc__chance_plan PFC__SUCCESS = {
    .name = "success",
    .unit = "starts passed",
    .features = PFC_PLAN_SUCCESS,
};

pfc_status pfc__train_success(pfc__training *t, pfc_train_note *note, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__labelled l = {0};
  PFC_TRY(pfc__success_rows(t, &l, err));
  note->n_rows = l.n;
  if (pfc__success_refuses(t, &l, note)) goto done;
  PFC_TRY(pfc__train_chance(t, &PFC__SUCCESS, &l, &t->bundle->success, note, err));
  t->bundle->has_success = true;
done:
  pfc__labelled_clear(&l);
  return st;
}
