#include "datasets/controls.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

#define HALF_A_DAY 0.5       /* what happened within a day took about so long */
#define BEFORE_ALL INT32_MIN /* in place of a day */
#define AFTER_ALL INT32_MAX

/* A target, and how many dated starts aimed at it. */
typedef struct aim {
  int32_t competency, target;
  double level;
  int64_t n_starts;
} aim;

/* What others found on a day. */
typedef struct look {
  int32_t competency, day;
  int64_t place; /* among the ratings: those of one day keep their order */
  double level;
} look;

typedef struct deriving {
  const pfc_history *h;
  const pfc_catalogue *cat;
  const pfc_dict *people, *competencies;
  int32_t n_competencies;
  double slack;       /* levels closer than this are the same */
  int64_t *first_aim; /* n_competencies + 1 */
  aim *aims;          /* by competency, then level */
  int32_t *until;     /* n_competencies, of one person: looks from this day on do not count */
  look *looks;        /* room for those of any person */
  pfc_episodes *list;
  int64_t capacity;
} deriving;

/* --- what people aim at --------------------------------------------------------------------
 */

static int by_level(const void *a, const void *b) {
  const aim *x = a, *y = b;
  if (x->competency != y->competency) return x->competency < y->competency ? -1 : 1;
  if (x->level != y->level) return x->level < y->level ? -1 : 1;
  return (x->target > y->target) - (x->target < y->target);
}

static void count_starts(const pfc_history *h, const pfc_catalogue *cat, int64_t *n_starts) {
  for (int64_t k = 0; k < h->first_attempt[h->n_people]; k++) {
    const pfc_attempt *a = &h->attempts[k];
    if (!a->started || a->start == PFC_NO_DATE) continue;
    for (int32_t t = cat->first[a->intervention]; t < cat->first[a->intervention + 1]; t++)
      n_starts[t]++;
  }
}

static pfc_status list_aims(deriving *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_catalogue *cat = d->cat;
  int64_t *n_starts = NULL, n = 0;
  PFC_NEW(n_starts, cat->n_targets);
  PFC_NEW(d->aims, cat->n_targets);
  PFC_NEW(d->first_aim, (size_t)d->n_competencies + 1);
  count_starts(d->h, cat, n_starts);
  for (int32_t t = 0; t < cat->n_targets; t++) {
    const int32_t c = cat->competency[t];
    if (c < 0 || isnan(cat->to_level[t]) || n_starts[t] == 0) continue;
    d->aims[n++] = (aim){c, t, cat->to_level[t], n_starts[t]};
    d->first_aim[c + 1]++;
  }
  for (int32_t c = 0; c < d->n_competencies; c++) d->first_aim[c + 1] += d->first_aim[c];
  qsort(d->aims, (size_t)n, sizeof *d->aims, by_level);
done:
  pfc_free(n_starts);
  return st;
}

/* The target of a cell above a level, -1 none. */
static int32_t draw_target(const deriving *d, uint64_t id, int32_t competency, double above) {
  int64_t from = d->first_aim[competency], n_starts = 0;
  const int64_t to = d->first_aim[competency + 1];
  while (from < to && d->aims[from].level <= above + d->slack) from++;
  for (int64_t k = from; k < to; k++) n_starts += d->aims[k].n_starts;
  if (n_starts == 0) return -1;
  pfc_rng rng;
  pfc_rng_init(&rng, 0, "controls.target", id);
  int64_t left = (int64_t)pfc_rng_below(&rng, (uint64_t)n_starts);
  while (left >= d->aims[from].n_starts) left -= d->aims[from++].n_starts;
  return d->aims[from].target;
}

/* --- one cell ------------------------------------------------------------------------------
 */

/* How the looks at[from] .. at[n - 1] go on for who starts below the level; false without a
 * look that counts. */
static bool follow(const deriving *d, int64_t from, int64_t n, const look *at, double level,
                   pfc_episode *e) {
  int32_t below = BEFORE_ALL;
  double end = NAN;
  for (int64_t k = from; k < n && e->event == PFC_CENSORED; k++) {
    if (at[k].day < e->start) continue;
    if (at[k].level < level - d->slack) {
      below = at[k].day;
      end = (double)below - e->start;
    } else if (k + 1 < n && at[k + 1].level >= level - d->slack) {
      e->event = PFC_PROFICIENT;
      end = (double)at[k].day - e->start;
      /* Of two that contradict each other on one day the event lies within that day. */
      e->last_below_days = fmax(0, fmin((double)below - e->start, end - 1));
    }
  }
  e->duration_days = end > 0 ? end : HALF_A_DAY;
  return !isnan(end);
}

/* n looks at one cell, by day. */
static pfc_status derive_cell(deriving *d, int32_t person, int64_t n, const look *at,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t c = at->competency;
  const uint64_t id = pfc_rng_id(pfc_dict_text(d->people, person)) * 0x9e3779b97f4a7c15U +
                      pfc_rng_id(pfc_dict_text(d->competencies, c));
  while (n > 0 && at[n - 1].day >= d->until[c]) n--;
  for (int64_t k = 1; k < n; k++) {
    const int32_t target = draw_target(d, id, c, fmax(at[k - 1].level, at[k].level));
    if (target < 0) continue;
    pfc_episode e = {.person = person,
                     .intervention = d->cat->intervention[target],
                     .competency = c,
                     .start = at[k].day + 1,
                     .last_below_days = NAN,
                     .event = PFC_CENSORED,
                     .row = -1,
                     .enrolment_row = -1};
    if (follow(d, k + 1, n, at, d->cat->to_level[target], &e)) {
      PFC_RESERVE(d->list->at, d->capacity, d->list->n + 1);
      d->list->at[d->list->n++] = e;
    }
    break;
  }
done:
  return st;
}

/* --- everybody -----------------------------------------------------------------------------
 */

static int by_cell(const void *a, const void *b) {
  const look *x = a, *y = b;
  if (x->competency != y->competency) return x->competency < y->competency ? -1 : 1;
  return (x->place > y->place) - (x->place < y->place); /* ratings lie by day */
}

static int64_t list_looks(const deriving *d, int32_t person) {
  const pfc_history *h = d->h;
  int64_t n = 0;
  for (int64_t k = h->first_rating[person]; k < h->first_rating[person + 1]; k++) {
    const pfc_rating *r = &h->ratings[k];
    if (r->self || r->date == PFC_NO_DATE) continue;
    d->looks[n++] = (look){r->competency, r->date, k, r->level};
  }
  qsort(d->looks, (size_t)n, sizeof *d->looks, by_cell);
  return n;
}

/* Marks the first start that aims at each competency, or with `clear` takes the marks away. */
static void mark_starts(deriving *d, int32_t person, bool clear) {
  const pfc_history *h = d->h;
  for (int64_t k = h->first_attempt[person]; k < h->first_attempt[person + 1]; k++) {
    const pfc_attempt *a = &h->attempts[k];
    if (!a->started) continue;
    const int32_t day = a->start == PFC_NO_DATE ? BEFORE_ALL : a->start;
    for (int32_t t = d->cat->first[a->intervention]; t < d->cat->first[a->intervention + 1];
         t++) {
      const int32_t c = d->cat->competency[t];
      if (c >= 0 && (clear || day < d->until[c])) d->until[c] = clear ? AFTER_ALL : day;
    }
  }
}

static pfc_status derive_person(deriving *d, int32_t person, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = list_looks(d, person);
  mark_starts(d, person, false);
  for (int64_t from = 0, to; from < n; from = to) {
    for (to = from + 1; to < n && d->looks[to].competency == d->looks[from].competency;) to++;
    PFC_TRY(derive_cell(d, person, to - from, d->looks + from, err));
  }
done:
  mark_starts(d, person, true);
  return st;
}

/* --- all of them ---------------------------------------------------------------------------
 */

static bool is_kept(const deriving *d, const pfc_episode *e, double share) {
  pfc_rng rng;
  pfc_rng_init(&rng, 0, "controls.kept",
               pfc_rng_id(pfc_dict_text(d->people, e->person)) * 0x9e3779b97f4a7c15U +
                   pfc_rng_id(pfc_dict_text(d->competencies, e->competency)));
  return pfc_rng_uniform(&rng) < share;
}

static void thin(const deriving *d, int64_t most) {
  pfc_episodes *list = d->list;
  const double share = (double)most / (double)list->n;
  const int64_t n = list->n;
  if (n <= most) return;
  list->n = 0;
  for (int64_t i = 0; i < n; i++)
    if (is_kept(d, &list->at[i], share)) list->at[list->n++] = list->at[i];
}

static pfc_status open_world(deriving *d, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t most = 0;
  for (int32_t p = 0; p < d->h->n_people; p++) {
    const int64_t n = d->h->first_rating[p + 1] - d->h->first_rating[p];
    if (n > most) most = n;
  }
  d->people = pfc_dataset_find_dict(ds, "person");
  d->competencies = pfc_dataset_find_dict(ds, "competency");
  d->n_competencies = pfc_dataset_count(ds, "competency");
  d->slack = 1e-9 * fabs(ds->scale_max - ds->scale_min);
  PFC_NEW(d->looks, most);
  PFC_NEW(d->until, d->n_competencies);
  for (int32_t c = 0; c < d->n_competencies; c++) d->until[c] = AFTER_ALL;
  PFC_TRY(list_aims(d, err));
done:
  return st;
}

pfc_status pfc_controls_create(const pfc_dataset *ds, const pfc_history *h,
                               const pfc_catalogue *cat, int64_t most, pfc_episodes **controls,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  deriving d = {.h = h, .cat = cat};
  *controls = NULL;
  PFC_NEW(d.list, 1);
  PFC_TRY(open_world(&d, ds, err));
  for (int32_t p = 0; p < h->n_people; p++) PFC_TRY(derive_person(&d, p, err));
  thin(&d, most);
  *controls = d.list;
  d.list = NULL;
done:
  pfc_free(d.aims);
  pfc_free(d.first_aim);
  pfc_free(d.looks);
  pfc_free(d.until);
  pfc_episodes_destroy(d.list);
  return st;
}
