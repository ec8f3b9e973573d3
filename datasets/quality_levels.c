/* What assessments tell: falls of a level that nothing explains, two levels from one hand on
 * one day, which sources share cells with an anchor, and what is covered. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/forest.h"
#include "base/mem.h"
#include "datasets/columns_internal.h"
#include "datasets/quality_internal.h"

/* Ratings of one person in one competency by one source on one day, put together. */
typedef struct day_level {
  int32_t source, date;
  int32_t valid_until; /* PFC_LAST_DAY: counts for ever */
  int64_t n, row;      /* the first of them */
  double level;        /* mean */
  /* The same source's last day before this one; prev_date is PFC_NO_DATE without. */
  int32_t prev_date, prev_valid;
  double prev_level;
} day_level;

/* A rating and who gave it. */
typedef struct graded {
  pfc_rating r;
  int32_t rater;
} graded;

/* What is kept while all people are walked over. Sources are codes; the last place stands
 * for assessments without one. */
typedef struct walk {
  pfc__evidence *e;
  pfc_quality *q;
  int32_t n_sources, n_competencies;
  const int32_t *rater, *valid_until;
  const pfc_column *half_life;
  int64_t *competency_row; /* in table competencies, -1 none */
  graded *ratings;         /* of the person at hand: by competency, source, day, rater */
  day_level *days;
  pfc_quality_source *sources;
  int32_t *parent; /* of each source, towards the root of its group */
  int32_t *seen;   /* by the person at hand (person + 1): competencies assessed ... */
  int32_t *seen_by_others;
  uint8_t *assessed;   /* competencies with any assessment */
  int64_t *first_need; /* requirements of role r: need[first_need[r]] .. */
  int32_t *need;       /* competencies */
  double slack;        /* levels closer than this are the same */
} walk;

static void walk_clear(walk *w) {
  pfc_free(w->competency_row);
  pfc_free(w->ratings);
  pfc_free(w->days);
  pfc_free(w->sources);
  pfc_free(w->parent);
  pfc_free(w->seen);
  pfc_free(w->seen_by_others);
  pfc_free(w->assessed);
  pfc_free(w->first_need);
  pfc_free(w->need);
}

/* --- order ----------------------------------------------------------------------- */

static int compare(int64_t a, int64_t b) { return (a > b) - (a < b); }

/* By competency, source, day (unknown ones first), rater, row. */
static int by_cell(const void *a, const void *b) {
  const graded *x = a, *y = b;
  int order = compare(x->r.competency, y->r.competency);
  if (!order) order = compare(x->r.source, y->r.source);
  if (!order) order = compare(x->r.date, y->r.date);
  if (!order) order = compare(x->rater, y->rater);
  return order ? order : compare(x->r.row, y->r.row);
}

static int by_day(const void *a, const void *b) {
  const day_level *x = a, *y = b;
  const int order = compare(x->date, y->date);
  return order ? order : compare(x->source, y->source);
}

/* --- two levels from one hand ---------------------------------------------------- */

/* One rater, or the person, says two things of the same cell on the same day: of the ratings
 * from .. to - 1, which agree in all but the level, every one but the first is one too many.
 * Several tests, or raters without a name, may well differ. */
static void mark_hand(walk *w, int64_t from, int64_t to) {
  uint8_t *mark = w->e->mark[PFC__TWO_LEVELS];
  double least = INFINITY, most = -INFINITY;
  const graded *first = &w->ratings[from];
  if (first->r.date == PFC_NO_DATE || (first->rater < 0 && !first->r.self)) return;
  for (int64_t k = from; k < to; k++) {
    least = fmin(least, w->ratings[k].r.level);
    most = fmax(most, w->ratings[k].r.level);
  }
  for (int64_t k = from; k < to; k++) {
    const bool broken = k > from && most - least > w->slack;
    mark[w->ratings[k].r.row] = broken ? PFC__BROKEN : PFC__LEGAL;
  }
}

static bool is_one_hand(const graded *a, const graded *b) {
  return a->r.competency == b->r.competency && a->r.source == b->r.source &&
         a->r.date == b->r.date && a->rater == b->rater;
}

static void mark_two_levels(walk *w, int64_t n) {
  for (int64_t k = 0, next; k < n; k = next) {
    for (next = k; next < n && is_one_hand(&w->ratings[k], &w->ratings[next]);) next++;
    mark_hand(w, k, next);
  }
}

/* --- falls ----------------------------------------------------------------------- */

/* Joins the dated ratings from .. to - 1 of a cell, in order, to days; returns how many. */
static int64_t join_days(walk *w, int64_t from, int64_t to) {
  int64_t n = 0;
  for (int64_t k = from; k < to; k++) {
    const pfc_rating *r = &w->ratings[k].r;
    const int32_t until = pfc__date_at(w->valid_until, r->row);
    const int32_t valid = until == PFC_NO_DATE ? PFC_LAST_DAY : until;
    if (r->date == PFC_NO_DATE) continue;
    day_level *last = n > 0 ? &w->days[n - 1] : NULL;
    if (last && last->source == r->source && last->date == r->date) {
      last->level += (r->level - last->level) / (double)++last->n;
      if (valid > last->valid_until) last->valid_until = valid;
      continue;
    }
    const bool goes_on = last && last->source == r->source && r->source >= 0;
    w->days[n++] = (day_level){.source = r->source,
                               .date = r->date,
                               .valid_until = valid,
                               .n = 1,
                               .row = r->row,
                               .level = r->level,
                               .prev_date = goes_on ? last->date : PFC_NO_DATE,
                               .prev_valid = goes_on ? last->valid_until : 0,
                               .prev_level = goes_on ? last->level : NAN};
  }
  return n;
}

/* What forgetting leaves of a level after some days: of what lies above the lowest, half
 * each half-life. */
static double remains(const walk *w, int32_t competency, double level, double days) {
  const int64_t row = w->competency_row[competency];
  const double half_life = row < 0 ? (double)NAN : pfc__number_at(w->half_life, row);
  const double lowest = w->e->ds->scale_min;
  if (isnan(half_life)) return level;
  return lowest + (level - lowest) * exp2(-days / half_life);
}

/* Does the level fall by more than forgetting and noise can tell, while the earlier one still
 * counts? */
static bool falls(const walk *w, int32_t competency, const day_level *at) {
  const double range = w->e->ds->scale_max - w->e->ds->scale_min;
  const double days = (double)at->date - at->prev_date;
  if (at->prev_valid < at->date) return false;
  return remains(w, competency, at->prev_level, days) - at->level >
         w->e->drop_share * range + w->slack;
}

/* Another source's last finding since then is nearer to the lower level than to the higher. */
static bool is_confirmed(const day_level *at, const day_level *other) {
  return other && other->date > at->prev_date &&
         other->level <= (at->level + at->prev_level) / 2;
}

/* The days of one cell, all sources. latest[0] is the last finding so far, latest[1] the last
 * one by another source than that; findings of one day know of each other. */
static void mark_falls(walk *w, int32_t competency, int64_t n) {
  const day_level *latest[2] = {NULL, NULL};
  uint8_t *mark = w->e->mark[PFC__LEVEL_DROP];
  qsort(w->days, (size_t)n, sizeof *w->days, by_day);
  for (int64_t k = 0, next; k < n; k = next) {
    for (next = k; next < n && w->days[next].date == w->days[k].date; next++) {
      if (latest[0] && latest[0]->source != w->days[next].source) latest[1] = latest[0];
      latest[0] = &w->days[next];
    }
    for (int64_t i = k; i < next; i++) {
      const day_level *at = &w->days[i];
      if (at->prev_date == PFC_NO_DATE) continue;
      const day_level *other = latest[latest[0]->source == at->source];
      const bool broken = falls(w, competency, at) && !is_confirmed(at, other);
      mark[at->row] = broken ? PFC__BROKEN : PFC__LEGAL;
    }
  }
}

/* Mean of what a source found of a person in a competency on a day. */
static double day_mean(const pfc_history *h, int32_t person, const pfc_rating *like,
                       int32_t day) {
  double sum = 0;
  int64_t n = 0;
  for (int64_t k = h->first_rating[person]; k < h->first_rating[person + 1]; k++) {
    const pfc_rating *r = &h->ratings[k];
    if (r->competency != like->competency || r->source != like->source || r->date != day)
      continue;
    sum += r->level;
    n++;
  }
  return sum / (double)n;
}

bool pfc__quality_fall(const pfc__evidence *e, int64_t row, double *before, int32_t *day,
                       double *after) {
  const int32_t *people = pfc_dataset_codes(e->ds, PFC_ASSESSMENTS, "person_id");
  const pfc_history *h = e->h;
  const int32_t p = pfc__code_at(people, row);
  const pfc_rating *now = NULL;
  *day = PFC_NO_DATE;
  if (p < 0) return false;
  for (int64_t k = h->first_rating[p]; k < h->first_rating[p + 1]; k++)
    if (h->ratings[k].row == row) now = &h->ratings[k];
  for (int64_t k = h->first_rating[p]; now && k < h->first_rating[p + 1]; k++) {
    const pfc_rating *r = &h->ratings[k];
    const bool alike = r->competency == now->competency && r->source == now->source;
    if (alike && r->date < now->date && r->date > *day) *day = r->date;
  }
  if (*day == PFC_NO_DATE) return false;
  *before = day_mean(h, p, now, *day);
  *after = day_mean(h, p, now, now->date);
  return true;
}

/* --- sources --------------------------------------------------------------------- */

static int32_t place_of(const walk *w, int32_t source) {
  return source < 0 ? w->n_sources : source;
}

/* The ratings from .. to - 1 are a cell: its sources belong together. */
static void join_sources(walk *w, int64_t from, int64_t to) {
  const int32_t first = place_of(w, w->ratings[from].r.source);
  int32_t n_anchors = 0;
  for (int64_t k = from; k < to; k++) {
    const int32_t s = place_of(w, w->ratings[k].r.source);
    const bool is_new = k == from || s != place_of(w, w->ratings[k - 1].r.source);
    w->sources[s].n_rows++;
    if (!is_new) continue;
    w->sources[s].n_cells++;
    n_anchors += w->sources[s].is_anchor;
    pfc_forest_join(w->parent, s, first);
  }
  for (int64_t k = from; k < to; k++) {
    const int32_t s = place_of(w, w->ratings[k].r.source);
    const bool is_new = k == from || s != place_of(w, w->ratings[k - 1].r.source);
    if (is_new && n_anchors > w->sources[s].is_anchor) w->sources[s].n_shared++;
  }
}

static int most_rows(const void *a, const void *b) {
  const pfc_quality_source *x = a, *y = b;
  if (x->n_rows != y->n_rows) return x->n_rows > y->n_rows ? -1 : 1;
  return strcmp(x->source, y->source);
}

static pfc_status keep_sources(walk *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_quality *q = w->q;
  uint8_t *has_anchor = NULL;
  PFC_NEW(has_anchor, (size_t)w->n_sources + 1);
  PFC_NEW(q->sources, (size_t)w->n_sources + 1);
  for (int32_t s = 0; s <= w->n_sources; s++)
    if (w->sources[s].is_anchor && w->sources[s].n_rows > 0)
      has_anchor[pfc_forest_root(w->parent, s)] = 1;
  q->is_absolute = true;
  for (int32_t s = 0; s <= w->n_sources; s++) {
    if (w->sources[s].n_rows == 0) continue;
    pfc_quality_source *kept = &q->sources[q->n_sources++];
    *kept = w->sources[s];
    kept->is_connected = has_anchor[pfc_forest_root(w->parent, s)];
    q->is_absolute = q->is_absolute && kept->is_connected;
  }
  q->is_absolute = q->is_absolute && q->n_sources > 0;
  qsort(q->sources, (size_t)q->n_sources, sizeof *q->sources, most_rows);
done:
  pfc_free(has_anchor);
  return st;
}

/* --- coverage -------------------------------------------------------------------- */

static void note_assessed(walk *w, int32_t person, const pfc_rating *r) {
  w->assessed[r->competency] = 1;
  w->seen[r->competency] = person + 1;
  if (!r->self) w->seen_by_others[r->competency] = person + 1;
}

/* The person's required cells; nobody who has left requires anything. */
static void cover_person(walk *w, int32_t person) {
  pfc_quality_coverage *c = &w->q->coverage;
  const int32_t left = w->e->employed_to[person];
  const int32_t role = pfc_history_role(w->e->h, person, w->e->as_of);
  if (role < 0 || (left != PFC_NO_DATE && left <= w->e->as_of)) return;
  int64_t n_assessed = 0;
  const int64_t from = w->first_need[role], to = w->first_need[role + 1];
  for (int64_t k = from; k < to; k++) {
    n_assessed += w->seen[w->need[k]] == person + 1;
    c->n_by_others += w->seen_by_others[w->need[k]] == person + 1;
  }
  c->n_cells += to - from;
  c->n_assessed += n_assessed;
  c->n_people += to > from;
  c->n_people_none += to > from && n_assessed == 0;
}

static pfc_status cover_competencies(walk *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *required = NULL, *targeted = NULL;
  pfc_quality_coverage *c = &w->q->coverage;
  const pfc_catalogue *cat = w->e->cat;
  const pfc_dict *names = pfc_dataset_find_dict(w->e->ds, "competency");
  PFC_NEW(required, w->n_competencies);
  PFC_NEW(targeted, w->n_competencies);
  for (int64_t k = 0; k < w->first_need[pfc_dataset_count(w->e->ds, "role")]; k++)
    required[w->need[k]] = 1;
  for (int32_t t = 0; t < cat->n_targets; t++)
    if (cat->competency[t] >= 0) targeted[cat->competency[t]] = 1;
  c->n_competencies = w->n_competencies;
  for (int32_t k = 0; k < w->n_competencies; k++) {
    const bool lacks = required[k] && !w->assessed[k];
    c->n_comp_assessed += w->assessed[k];
    c->n_required += required[k];
    c->n_untargeted += required[k] && !targeted[k];
    c->n_unassessed += lacks;
    if (lacks && c->n_examples < PFC_QUALITY_EXAMPLES)
      c->example[c->n_examples++] = pfc_dict_text(names, k);
  }
done:
  pfc_free(required);
  pfc_free(targeted);
  return st;
}

/* --- the walk
 * --------------------------------------------------------------------------------- */

static void walk_person(walk *w, int32_t person) {
  const pfc_history *h = w->e->h;
  const int64_t first = h->first_rating[person], n = h->first_rating[person + 1] - first;
  for (int64_t k = 0; k < n; k++) {
    const pfc_rating *r = &h->ratings[first + k];
    w->ratings[k] = (graded){*r, pfc__code_at(w->rater, r->row)};
    note_assessed(w, person, r);
  }
  qsort(w->ratings, (size_t)n, sizeof *w->ratings, by_cell);
  mark_two_levels(w, n);
  for (int64_t k = 0, next; k < n; k = next) {
    const int32_t competency = w->ratings[k].r.competency;
    for (next = k; next < n && w->ratings[next].r.competency == competency;) next++;
    join_sources(w, k, next);
    mark_falls(w, competency, join_days(w, k, next));
  }
  cover_person(w, person);
}

static pfc_status read_needs(walk *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = w->e->ds->tables[PFC_REQUIREMENTS].n_rows;
  const int32_t n_roles = pfc_dataset_count(w->e->ds, "role");
  const int32_t *role = pfc_dataset_codes(w->e->ds, PFC_REQUIREMENTS, "role_id");
  const int32_t *competency = pfc_dataset_codes(w->e->ds, PFC_REQUIREMENTS, "competency_id");
  PFC_NEW(w->first_need, (size_t)n_roles + 2);
  PFC_NEW(w->need, n);
  if (!role || !competency) return PFC_OK;
  /* One place further than it will be: each is moved back while the rows are put in. */
  for (int64_t r = 0; r < n; r++)
    if (role[r] >= 0 && competency[r] >= 0) w->first_need[role[r] + 2]++;
  for (int32_t k = 0; k < n_roles; k++) w->first_need[k + 2] += w->first_need[k + 1];
  for (int64_t r = 0; r < n; r++)
    if (role[r] >= 0 && competency[r] >= 0)
      w->need[w->first_need[role[r] + 1]++] = competency[r];
done:
  return st;
}

static pfc_status read_sources(walk *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *names = pfc_dataset_find_dict(w->e->ds, "source");
  const int32_t *source = pfc_dataset_codes(w->e->ds, PFC_SOURCES, "source");
  const int8_t *anchor = pfc_dataset_flags(w->e->ds, PFC_SOURCES, "anchor");
  w->n_sources = names ? pfc_dict_size(names) : 0;
  PFC_NEW(w->sources, (size_t)w->n_sources + 1);
  PFC_NEW(w->parent, (size_t)w->n_sources + 1);
  pfc_forest_init(w->n_sources + 1, w->parent);
  for (int32_t s = 0; s <= w->n_sources; s++) {
    w->sources[s].source = s < w->n_sources ? pfc_dict_text(names, s) : "";
  }
  for (int64_t r = 0; source && anchor && r < w->e->ds->tables[PFC_SOURCES].n_rows; r++)
    if (source[r] >= 0) w->sources[source[r]].is_anchor = anchor[r] == 1;
done:
  return st;
}

static pfc_status walk_open(walk *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dataset *ds = w->e->ds;
  const pfc_history *h = w->e->h;
  const int32_t *id = pfc_dataset_codes(ds, PFC_COMPETENCIES, "competency_id");
  int64_t most = 0;
  for (int32_t p = 0; p < h->n_people; p++)
    if (h->first_rating[p + 1] - h->first_rating[p] > most)
      most = h->first_rating[p + 1] - h->first_rating[p];
  w->n_competencies = pfc_dataset_count(ds, "competency");
  w->rater = pfc_dataset_codes(ds, PFC_ASSESSMENTS, "rater_id");
  w->valid_until = pfc_dataset_dates(ds, PFC_ASSESSMENTS, "valid_until");
  w->half_life = pfc_dataset_column(ds, PFC_COMPETENCIES, "half_life_days");
  w->slack = 1e-9 * fabs(ds->scale_max - ds->scale_min);
  PFC_NEW(w->ratings, most);
  PFC_NEW(w->days, most);
  PFC_NEW(w->seen, w->n_competencies);
  PFC_NEW(w->seen_by_others, w->n_competencies);
  PFC_NEW(w->assessed, w->n_competencies);
  PFC_NEW(w->competency_row, w->n_competencies);
  for (int32_t c = 0; c < w->n_competencies; c++) w->competency_row[c] = -1;
  for (int64_t r = 0; id && r < ds->tables[PFC_COMPETENCIES].n_rows; r++)
    if (id[r] >= 0) w->competency_row[id[r]] = r;
  PFC_NEW(w->e->mark[PFC__TWO_LEVELS], ds->tables[PFC_ASSESSMENTS].n_rows);
  PFC_NEW(w->e->mark[PFC__LEVEL_DROP], ds->tables[PFC_ASSESSMENTS].n_rows);
  PFC_TRY(read_needs(w, err));
  PFC_TRY(read_sources(w, err));
done:
  return st;
}

pfc_status pfc__quality_levels(pfc__evidence *e, pfc_quality *q, pfc_error *err) {
  pfc_status st = PFC_OK;
  walk w = {.e = e, .q = q};
  PFC_TRY(walk_open(&w, err));
  for (int32_t p = 0; p < e->h->n_people; p++) walk_person(&w, p);
  PFC_TRY(cover_competencies(&w, err));
  PFC_TRY(keep_sources(&w, err));
done:
  walk_clear(&w);
  return st;
}
