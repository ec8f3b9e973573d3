/* Candidates of the judged queries. What is open on a day, and what passing an intervention
 * covers, are found once: there are few days and few interventions beside the queries. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/judged_rows_internal.h"

enum { WORD = 64 };

/* What judging makes of an intervention on a day. */
enum { MAY, MAY_NOT, WANTED };

struct pfc__open_days {
  const pfc_history *h;
  const pfc_catalogue *cat;
  const uint8_t *is_test; /* of table enrolments */
  int64_t n_words;        /* of a day */
  int n_days;
  int32_t *day;   /* ascending */
  uint64_t *open; /* n_days x n_words, a bit an intervention */
  /* Interventions that passing i covers, itself included: covered[first_covered[i]] .. */
  int64_t *first_covered;
  int32_t *covered;
  /* Mandates by role; those of every role stand first, at role + 1 = 0. */
  int64_t *first_mandate; /* roles + 2 */
  int32_t *mandated, *mandate_unit;
};

/* --- what passing covers ----------------------------------------------------------------- */

/* Whatever i is covered by reaches its first competency, so that only interventions that aim
 * there first have to be looked at. */
typedef struct first_aims {
  int64_t *first; /* competencies + 1 */
  int32_t *intervention;
} first_aims;

static void first_aims_clear(first_aims *a) {
  pfc_free(a->first);
  pfc_free(a->intervention);
}

static pfc_status first_aims_init(first_aims *a, const pfc_catalogue *cat,
                                  int32_t n_competencies, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *next = NULL;
  PFC_NEW(a->first, n_competencies + 1);
  PFC_NEW(a->intervention, cat->n_interventions);
  PFC_NEW(next, n_competencies + 1);
  for (int32_t i = 0; i < cat->n_interventions; i++) {
    const int32_t c = cat->competency[cat->first[i]];
    if (c >= 0) a->first[c + 1]++;
  }
  for (int32_t c = 0; c < n_competencies; c++) a->first[c + 1] += a->first[c];
  memcpy(next, a->first, sizeof *next * (size_t)(n_competencies + 1));
  for (int32_t i = 0; i < cat->n_interventions; i++) {
    const int32_t c = cat->competency[cat->first[i]];
    if (c >= 0) a->intervention[next[c]++] = i;
  }
done:
  pfc_free(next);
  return st;
}

static pfc_status cover(pfc__open_days *days, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_catalogue *cat = days->cat;
  first_aims aims = {0};
  int64_t n = 0, capacity = 0;
  PFC_TRY(first_aims_init(&aims, cat, pfc_dataset_count(days->h->ds, "competency"), err));
  PFC_NEW(days->first_covered, cat->n_interventions + 1);
  for (int32_t done = 0; done < cat->n_interventions; done++) {
    PFC_RESERVE(days->covered, capacity, n + 1);
    days->covered[n++] = done;
    for (int32_t t = cat->first[done]; t < cat->first[done + 1]; t++) {
      const int32_t c = cat->competency[t];
      if (c < 0) continue;
      for (int64_t k = aims.first[c]; k < aims.first[c + 1]; k++) {
        const int32_t i = aims.intervention[k];
        if (i == done || !pfc_catalogue_covers(cat, done, i)) continue;
        PFC_RESERVE(days->covered, capacity, n + 1);
        days->covered[n++] = i;
      }
    }
    days->first_covered[done + 1] = n;
  }
done:
  first_aims_clear(&aims);
  return st;
}

/* --- mandates ---------------------------------------------------------------------------- */

static pfc_status read_mandates(pfc__open_days *days, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dataset *ds = days->h->ds;
  const int64_t n = ds->tables[PFC_MANDATES].n_rows;
  const int32_t n_roles = pfc_dataset_count(ds, "role");
  const int32_t *intervention = pfc_dataset_codes(ds, PFC_MANDATES, "intervention_id");
  const int32_t *role = pfc_dataset_codes(ds, PFC_MANDATES, "role_id");
  const int32_t *unit = pfc_dataset_codes(ds, PFC_MANDATES, "unit_id");
  int64_t *next = NULL;
  PFC_NEW(days->first_mandate, n_roles + 2);
  PFC_NEW(days->mandated, n);
  PFC_NEW(days->mandate_unit, n);
  PFC_NEW(next, n_roles + 2);
  for (int64_t r = 0; r < n; r++) days->first_mandate[(role ? role[r] : -1) + 2]++;
  for (int32_t k = 0; k <= n_roles; k++) days->first_mandate[k + 1] += days->first_mandate[k];
  memcpy(next, days->first_mandate, sizeof *next * (size_t)(n_roles + 2));
  for (int64_t r = 0; intervention && r < n; r++) {
    const int64_t at = next[(role ? role[r] : -1) + 1]++;
    days->mandated[at] = intervention[r];
    days->mandate_unit[at] = unit ? unit[r] : -1;
  }
done:
  pfc_free(next);
  return st;
}

/* Marks what is required of a role (-1: of every role) in a unit. */
static void mark_mandated(const pfc__open_days *days, int32_t role, int32_t unit,
                          uint8_t *mark) {
  for (int64_t m = days->first_mandate[role + 1]; m < days->first_mandate[role + 2]; m++) {
    if (days->mandate_unit[m] >= 0 && days->mandate_unit[m] != unit) continue;
    if (days->mandated[m] >= 0) mark[days->mandated[m]] = MAY_NOT;
  }
}

static bool is_mandated(const pfc__open_days *days, int32_t role, int32_t unit, int32_t i) {
  for (int64_t m = days->first_mandate[role + 1]; m < days->first_mandate[role + 2]; m++) {
    if (days->mandated[m] != i) continue;
    if (days->mandate_unit[m] < 0 || days->mandate_unit[m] == unit) return true;
  }
  return false;
}

/* Held at the end of the day before, or before all days where nobody knows when it was, as
 * features see it. */
static void position_of(const pfc__open_days *days, const pfc_decision *d, int32_t *role,
                        int32_t *unit) {
  const int32_t day = d->date == PFC_NO_DATE ? PFC_NO_DATE + 1 : d->date - 1;
  *role = pfc_history_role(days->h, d->person, day);
  *unit = pfc_history_unit(days->h, d->person, day);
}

/* --- days -------------------------------------------------------------------------------- */

pfc_status pfc__open_days_create(const pfc_history *h, const pfc_catalogue *cat,
                                 const uint8_t *is_test, pfc__open_days **days,
                                 pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__open_days *d = NULL;
  PFC_NEW(d, 1);
  *d = (pfc__open_days){.h = h, .cat = cat, .is_test = is_test};
  d->n_words = (cat->n_interventions + WORD - 1) / WORD;
  PFC_TRY(cover(d, err));
  PFC_TRY(read_mandates(d, err));
  *days = d;
  d = NULL;
done:
  pfc__open_days_destroy(d);
  return st;
}

void pfc__open_days_destroy(pfc__open_days *days) {
  if (!days) return;
  pfc_free(days->day);
  pfc_free(days->open);
  pfc_free(days->first_covered);
  pfc_free(days->covered);
  pfc_free(days->first_mandate);
  pfc_free(days->mandated);
  pfc_free(days->mandate_unit);
  pfc_free(days);
}

static int by_day(const void *a, const void *b) {
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

pfc_status pfc__open_days_add(pfc__open_days *days, int64_t n, const pfc_judged_query *query,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(days->day, n);
  for (int64_t q = 0; q < n; q++) days->day[q] = query[q].d.date;
  qsort(days->day, (size_t)n, sizeof *days->day, by_day);
  for (int64_t q = 0; q < n; q++) {
    if (q > 0 && days->day[q] == days->day[days->n_days - 1]) continue;
    days->day[days->n_days++] = days->day[q];
  }
  PFC_NEW(days->open, days->n_days * days->n_words);
  for (int k = 0; k < days->n_days; k++) {
    uint64_t *open = days->open + k * days->n_words;
    for (int32_t i = 0; i < days->cat->n_interventions; i++) {
      const bool is_open = pfc_catalogue_is_open(days->cat, i, days->day[k]);
      open[i / WORD] |= (uint64_t)is_open << (i % WORD);
    }
  }
done:
  return st;
}

static const uint64_t *open_on(const pfc__open_days *days, int32_t date) {
  const int32_t *at =
      bsearch(&date, days->day, (size_t)days->n_days, sizeof *days->day, by_day);
  return days->open + (at - days->day) * days->n_words;
}

/* --- one query --------------------------------------------------------------------------- */

bool pfc__query_has_relevant(const pfc__open_days *days, const pfc_judged_query *query) {
  const pfc_attempt *at = days->h->attempts;
  int32_t role, unit;
  position_of(days, &query->d, &role, &unit);
  for (int64_t a = query->first; a < query->last; a++) {
    const int32_t i = at[a].intervention;
    if (!at[a].started || !days->is_test[at[a].row]) continue;
    if (!pfc_catalogue_is_open(days->cat, i, query->d.date)) continue;
    if (is_mandated(days, -1, unit, i)) continue;
    if (role < 0 || !is_mandated(days, role, unit, i)) return true;
  }
  return false;
}

static void mark_covered(const pfc__open_days *days, const pfc_decision *d, uint8_t *mark) {
  int64_t from = 0;
  const int64_t to = pfc_decision_attempts(days->h, d, &from);
  for (int64_t a = from; a < to; a++) {
    const pfc_attempt *attempt = &days->h->attempts[a];
    const int32_t done = attempt->intervention;
    if (pfc_attempt_result(attempt, d->date) != 1) continue;
    for (int64_t k = days->first_covered[done]; k < days->first_covered[done + 1]; k++) {
      mark[days->covered[k]] = MAY_NOT;
    }
  }
}

/* Later marks stand above earlier ones: a start in a test row above all but a mandate. */
static void mark_all(const pfc__open_days *days, const pfc_judged_query *query, uint8_t *mark) {
  const pfc_attempt *at = days->h->attempts;
  int32_t role, unit;
  memset(mark, MAY, (size_t)days->cat->n_interventions);
  mark_covered(days, &query->d, mark);
  for (int wanted = 0; wanted < 2; wanted++) {
    for (int64_t a = query->first; a < query->last; a++) {
      if (!at[a].started || days->is_test[at[a].row] != wanted) continue;
      mark[at[a].intervention] = wanted ? WANTED : MAY_NOT;
    }
  }
  position_of(days, &query->d, &role, &unit);
  mark_mandated(days, -1, unit, mark);
  if (role >= 0) mark_mandated(days, role, unit, mark);
}

/* The marks become the answer in place: the n-th candidate is never before place n. */
int32_t pfc_judged_candidates(const pfc_judged_rows *rows, const pfc_judged_query *query,
                              int32_t *candidate, uint8_t *relevant) {
  const pfc__open_days *days = rows->days;
  const uint64_t *open = open_on(days, query->d.date);
  int32_t n = 0;
  mark_all(days, query, relevant);
  for (int64_t w = 0; w < days->n_words; w++) {
    for (uint64_t left = open[w]; left != 0; left &= left - 1) {
      const int32_t i = (int32_t)(w * WORD + __builtin_ctzll(left));
      const uint8_t mark = relevant[i];
      if (mark == MAY_NOT) continue;
      candidate[n] = i;
      relevant[n++] = mark == WANTED;
    }
  }
  return n;
}
