/* A person's past, counted once. */
#include <math.h>

#include "base/mem.h"
#include "datasets/features_internal.h"

pfc_status pfc_past_create(const pfc_lens *lens, pfc_past **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_past *past = NULL;
  const int32_t n_competencies = pfc_dataset_count(lens->ds, "competency");
  PFC_NEW(past, 1);
  PFC_NEW(past->item, lens->cat->n_interventions);
  PFC_NEW(past->cell, n_competencies);
  PFC_NEW(past->level, n_competencies);
  PFC_NEW(past->touched, n_competencies);
  PFC_NEW(past->is_touched, n_competencies);
  for (int32_t c = 0; c < n_competencies; c++) past->level[c] = NAN;
  for (int n = 0; n < PFC__LOGS; n++) past->log[n] = log1p(n);
  past->d = (pfc_decision){-1, -1, -1, PFC_NO_DATE, -1, -1};
  past->m.lens = lens;
  *out = past;
  past = NULL;
done:
  pfc_past_destroy(past);
  return st;
}

void pfc_past_destroy(pfc_past *past) {
  if (!past) return;
  pfc_free(past->item);
  pfc_free(past->cell);
  pfc_free(past->level);
  pfc_free(past->touched);
  pfc_free(past->is_touched);
  pfc_free(past);
}

static void touch(pfc_past *past, int32_t competency) {
  if (competency < 0 || past->is_touched[competency]) return;
  past->is_touched[competency] = 1;
  past->touched[past->n_touched++] = competency;
}

static void forget(pfc_past *past) {
  const pfc_history *h = past->m.lens->h;
  for (int64_t k = past->m.from; k < past->m.to; k++)
    past->item[h->attempts[k].intervention] = (pfc__tally){0};
  for (int32_t k = 0; k < past->n_touched; k++) {
    const int32_t c = past->touched[k];
    past->cell[c] = (pfc__tally){0};
    past->level[c] = NAN;
    past->is_touched[c] = 0;
  }
  past->n_touched = 0;
  past->all = (pfc__tally){0};
}

static void add(pfc__tally *to, bool is_win) {
  to->starts++;
  to->wins += is_win;
}

/* Of targets that name a competency again the first counts. */
static void count_attempt(pfc_past *past, const pfc_attempt *a) {
  const pfc_catalogue *cat = past->m.lens->cat;
  const bool is_win = a->started && pfc_attempt_result(a, past->m.date) == 1;
  const int32_t from = cat->first[a->intervention], to = cat->first[a->intervention + 1];
  for (int32_t t = from; t < to; t++) {
    const int32_t c = cat->competency[t];
    touch(past, c);
    int32_t first = from;
    while (cat->competency[first] != c) first++;
    if (a->started && c >= 0 && first == t) add(&past->cell[c], is_win);
  }
  if (!a->started) return;
  add(&past->item[a->intervention], is_win);
  add(&past->all, is_win);
}

/* Where ratings are dated, one without a date is not the latest of anything. */
static void count_ratings(pfc_past *past) {
  const pfc_history *h = past->m.lens->h;
  int64_t from;
  const int64_t to = pfc_history_ratings(h, past->d.person, past->m.date, &from);
  for (int64_t k = from; k < to; k++) {
    const pfc_rating *r = &h->ratings[k];
    touch(past, r->competency);
    if (!r->self && (r->date != PFC_NO_DATE || !h->ratings_dated))
      past->level[r->competency] = r->level;
  }
}

void pfc_past_recall(pfc_past *past, const pfc_decision *d) {
  const pfc_lens *lens = past->m.lens;
  forget(past);
  past->d = *d;
  pfc__moment_look(lens, &past->d, true, &past->m);
  past->m.past = past;
  for (int64_t k = past->m.from; k < past->m.to; k++)
    count_attempt(past, &lens->h->attempts[k]);
  if (past->d.person >= 0 && past->m.sees_ratings) count_ratings(past);
}

const int32_t *pfc_past_competencies(const pfc_past *past, int32_t *n) {
  *n = past->n_touched;
  return past->touched;
}
