#include "engine/gap_people.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"

/* People whose rows are held side by side, and how many a thread takes at once. */
enum { BLOCK = 512, CHUNK = 8 };

typedef struct held_rows {
  int32_t n, capacity;
  pfc_gap_row *at;
} held_rows;

typedef struct job {
  const pfc_gaps *gaps;
  const pfc_precedence *precedence;
  bool ordered;
  int64_t from;          /* first of the block */
  const int32_t *people; /* NULL: everybody's code is the place */
  int n_threads;
  pfc_person_gaps **scratch; /* one a thread */
  int32_t **order;
  held_rows *held; /* BLOCK */
} job;

static void job_clear(job *j) {
  for (int t = 0; t < j->n_threads; t++) {
    if (j->scratch) pfc_person_gaps_destroy(j->scratch[t]);
    if (j->order) pfc_free(j->order[t]);
  }
  for (int b = 0; j->held && b < BLOCK; b++) pfc_free(j->held[b].at);
  pfc_free(j->scratch);
  pfc_free(j->order);
  pfc_free(j->held);
}

static pfc_status job_init(job *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  j->n_threads = pfc_par_threads();
  PFC_NEW(j->scratch, j->n_threads);
  PFC_NEW(j->order, j->n_threads);
  PFC_NEW(j->held, BLOCK);
  for (int t = 0; t < j->n_threads; t++) {
    PFC_TRY(pfc_person_gaps_create(j->gaps, &j->scratch[t], err));
    PFC_NEW(j->order[t], pfc_gaps_most_rows(j->gaps));
  }
done:
  return st;
}

/* A competency may have two rows, next to each other: of the role held and of the goal role. */
static double priority_of(const pfc_person_gaps *p, int32_t competency) {
  double sum = 0;
  const int32_t first = p->place[competency];
  for (int32_t i = first; i >= 0 && i < p->n && p->at[i].competency == competency; i++) {
    sum += p->at[i].priority;
  }
  return sum;
}

static void look_behind(const pfc_precedence *after, const pfc_person_gaps *p,
                        pfc_gap_row *row) {
  const int32_t c = row->gap.competency;
  for (int64_t k = after->first[c]; k < after->first[c + 1]; k++) {
    const double priority = priority_of(p, after->to[k]);
    if (!(priority > 0)) continue;
    row->behind += after->weight[k] * priority;
    row->behind_n++;
  }
}

static int32_t person_at(const job *j, int64_t i) {
  return j->people ? j->people[j->from + i] : (int32_t)(j->from + i);
}

static pfc_status look(int thread, int64_t i, void *user, pfc_error *err) {
  const job *j = user;
  pfc_status st = PFC_OK;
  pfc_person_gaps *p = j->scratch[thread];
  int32_t *order = j->order[thread];
  held_rows *to = &j->held[i];
  to->n = 0;
  PFC_TRY(pfc_gaps_of(j->gaps, person_at(j, i), PFC_NO_DATE, p, err));
  PFC_RESERVE(to->at, to->capacity, p->n);
  if (j->ordered) pfc_gaps_order(p, order);
  for (int32_t r = 0; r < p->n; r++) {
    to->at[r] = (pfc_gap_row){.gap = p->at[j->ordered ? order[r] : r]};
    look_behind(j->precedence, p, &to->at[r]);
  }
  to->n = p->n;
done:
  return st;
}

pfc_status pfc_gap_people(const pfc_gaps *g, const pfc_precedence *precedence, int64_t n,
                          const int32_t *people, bool ordered, const pfc_progress *progress,
                          pfc_gap_rows_fn fn, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  job j = {.gaps = g, .precedence = precedence, .people = people, .ordered = ordered};
  PFC_TRY(job_init(&j, err));
  for (j.from = 0; j.from < n; j.from += BLOCK) {
    const int64_t m = n - j.from < BLOCK ? n - j.from : BLOCK;
    PFC_TRY(pfc_par_each(m, CHUNK, m > CHUNK, look, &j, err));
    for (int64_t i = 0; i < m; i++) {
      PFC_TRY(fn(person_at(&j, i), j.held[i].n, j.held[i].at, user, err));
    }
    PFC_TRY(pfc_progress_report(progress, "gaps", j.from + m, n, (double)NAN, err));
  }
done:
  job_clear(&j);
  return st;
}
