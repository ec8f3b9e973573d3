/* Rows that are told twice. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/drift_internal.h"

/* So large a share of the newest rows more than of earlier ones says that a feed came twice;
 * people who do the same thing twice a day are fewer. */
static const double LIMIT = 0.02;

enum { MOST_WORDS = 5 };

/* What makes two facts of a person and a day the same one. */
static const struct {
  pfc_table_id table;
  const char *same[MOST_WORDS];
} SAME[] = {
    {PFC_ENROLMENTS, {"intervention_id"}},
    {PFC_ASSESSMENTS, {"competency_id", "source", "rater_id", "level"}},
    {PFC_FEEDBACK, {"intervention_id", "kind", "at", "competency_id", "value"}},
    {PFC_EPISODES, {"intervention_id", "competency_id"}},
};

typedef struct told {
  int64_t word[MOST_WORDS]; /* bits of the cells */
  int64_t i;                /* place among the facts */
  int32_t day, person;
} told;

static int by_words(const void *a, const void *b) {
  const told *x = a, *y = b;
  if (x->person != y->person) return x->person < y->person ? -1 : 1;
  if (x->day != y->day) return x->day < y->day ? -1 : 1;
  for (int k = 0; k < MOST_WORDS; k++)
    if (x->word[k] != y->word[k]) return x->word[k] < y->word[k] ? -1 : 1;
  return (x->i > y->i) - (x->i < y->i);
}

static bool is_same(const told *a, const told *b) {
  return a->person == b->person && a->day == b->day &&
         memcmp(a->word, b->word, sizeof a->word) == 0;
}

static int64_t bits_of(const pfc_column *c, int64_t row) {
  int64_t bits = 0;
  const size_t size = pfc_type_size(c->type);
  memcpy(&bits, (const char *)c->data + size * (size_t)row, size);
  return bits;
}

/* is_double[n]: of facts from `first` on, 1 where an earlier row tells the same. */
static pfc_status find(const pfc__drift *d, const pfc__facts *f, int64_t first,
                       uint8_t *is_double, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = f->n - first;
  const char *const *same = NULL;
  told *at = NULL;
  for (size_t k = 0; k < sizeof SAME / sizeof *SAME; k++)
    if (SAME[k].table == f->table) same = SAME[k].same;
  PFC_NEW(at, n);
  for (int64_t i = 0; i < n; i++)
    at[i] = (told){.i = first + i, .day = f->day[first + i], .person = f->person[first + i]};
  for (int k = 0; same && k < MOST_WORDS && same[k]; k++) {
    const pfc_column *c = pfc_dataset_column(d->ds, f->table, same[k]);
    for (int64_t i = 0; c && i < n; i++) at[i].word[k] = bits_of(c, f->row[at[i].i]);
  }
  qsort(at, (size_t)n, sizeof *at, by_words);
  for (int64_t i = 1; i < n; i++)
    if (is_same(&at[i - 1], &at[i])) is_double[at[i].i] = 1;
done:
  pfc_free(at);
  return st;
}

/* The share of doubles among facts first .. last - 1. */
static pfc__ratio share(int32_t n_people, const pfc__facts *f, int64_t first, int64_t last,
                        const uint8_t *is_double, double *sum, double *count) {
  memset(sum, 0, (size_t)n_people * sizeof *sum);
  memset(count, 0, (size_t)n_people * sizeof *count);
  for (int64_t i = first; i < last; i++) {
    sum[f->person[i]] += is_double[i];
    count[f->person[i]]++;
  }
  return pfc__people_ratio(n_people, sum, count);
}

static pfc_status tell(pfc__drift *d, const pfc__facts *f, const pfc__ratio *now,
                       const pfc__ratio *before, pfc_error *err) {
  const double usual = before->n_people > 0 ? before->value : 0;
  const double bound = usual + LIMIT;
  /* Where all rows came twice, people do not differ: then how much so many rows can. */
  const double least = sqrt(fmin(bound, 0.5) * (1 - fmin(bound, 0.5)) / now->count);
  const double se = fmax(hypot(now->se, before->n_people > 1 ? before->se : 0), least);
  pfc__drift_row *row = pfc__drift_add(d, "told_twice", PFC_DRIFT_FEED, err);
  if (!row) return PFC_ENOMEM;
  (void)snprintf(row->of, sizeof row->of, "%s", pfc_schema(f->table)->name);
  row->figure = now->value;
  row->limit = bound;
  row->p = pfc__student_tail((now->value - bound) / se, fmax(now->n_people - 1, 1));
  row->n = (int64_t)now->count;
  row->beyond = row->figure > row->limit;
  (void)snprintf(row->note, sizeof row->note,
                 "%.1f %% of the newest rows tell what another row tells; before %.1f %%",
                 100 * now->value, 100 * usual);
  return PFC_OK;
}

static pfc_status look(pfc__drift *d, const pfc__facts *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t first = pfc__facts_from(f, d->first), from = pfc__facts_from(f, d->from);
  double *sum = NULL, *count = NULL;
  uint8_t *is_double = NULL;
  if (from == f->n) return PFC_OK;
  PFC_NEW(is_double, f->n);
  PFC_NEW(sum, d->n_people);
  PFC_NEW(count, d->n_people);
  PFC_TRY(find(d, f, first, is_double, err));
  const pfc__ratio before = share(d->n_people, f, first, from, is_double, sum, count);
  const pfc__ratio now = share(d->n_people, f, from, f->n, is_double, sum, count);
  PFC_TRY(tell(d, f, &now, &before, err));
done:
  pfc_free(is_double);
  pfc_free(sum);
  pfc_free(count);
  return st;
}

pfc_status pfc__drift_doubled(pfc__drift *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < PFC__N_FACTS; k++) PFC_TRY(look(d, &d->facts[k], err));
done:
  return st;
}
