/* What the rules say of one person. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "engine/rules_internal.h"

/* A day that never comes: of a pass that stands for good. */
enum { NEVER = INT32_MAX };

/* The slack of sums of hours. */
static const double HOURS_SLACK = 1e-9;

/* A ruling, and what it takes to make one. */
typedef struct room {
  pfc_ruling ruling; /* first: its address is the room's */
  uint64_t *bits;    /* (2 + PFC_N_RULES) x n_words */
  /* by intervention; as it stood at the beginning once a person is done with */
  int32_t *months;    /* a pass stands so long; 0: for good */
  int32_t *passed_on; /* the latest; PFC_NO_DATE never, NEVER without a day */
  uint8_t *under_way;
  int32_t *override; /* by candidate: the row that decides; -1 none */
  int32_t *touched;  /* candidates with an override */
  pfc_level *told;   /* by competency that prerequisites ask for */
} room;

pfc_status pfc_ruling_create(const pfc_rules *r, pfc_ruling **ruling, pfc_error *err) {
  pfc_status st = PFC_OK;
  room *o = NULL;
  const int32_t n_items = r->cat->n_interventions;
  PFC_NEW(o, 1);
  PFC_NEW(o->bits, (2 + PFC_N_RULES) * (size_t)r->n_words);
  PFC_NEW(o->months, n_items);
  PFC_NEW(o->passed_on, n_items);
  PFC_NEW(o->under_way, n_items);
  PFC_NEW(o->override, r->n);
  PFC_NEW(o->touched, r->n);
  PFC_NEW(o->told, r->before.n_competencies);
  PFC_NEW(o->ruling.must, r->n);
  for (int32_t i = 0; i < n_items; i++) o->passed_on[i] = PFC_NO_DATE;
  for (int32_t j = 0; j < r->n; j++) o->override[j] = -1;
  o->ruling.n_words = r->n_words;
  o->ruling.allowed = o->bits;
  o->ruling.unpassed = o->bits + (ptrdiff_t)(1 + PFC_N_RULES) * r->n_words;
  for (int k = 0; k < PFC_N_RULES; k++)
    o->ruling.broken[k] = o->bits + (ptrdiff_t)(k + 1) * r->n_words;
  *ruling = &o->ruling;
  o = NULL;
done:
  pfc_ruling_destroy(o ? &o->ruling : NULL);
  return st;
}

void pfc_ruling_destroy(pfc_ruling *ruling) {
  room *o = (room *)ruling;
  if (!o) return;
  pfc_free(o->bits);
  pfc_free(o->months);
  pfc_free(o->passed_on);
  pfc_free(o->under_way);
  pfc_free(o->override);
  pfc_free(o->touched);
  pfc_free(o->told);
  pfc_free(o->ruling.must);
  pfc_free(o);
}

/* The person at hand. */
typedef struct who {
  const pfc_rules *r;
  room *o;
  int32_t person, unit;
  int n_keys;
  uint64_t key[4];
  int64_t from, to; /* attempts */
  int32_t n_under_way, last_start;
} who;

/* --- what lies behind them -----------------------------------------------------------------
 */

static int32_t months_of(const pfc_rules *r, int64_t mandate) {
  return r->months && r->months[mandate] > 0 ? r->months[mandate] : 0;
}

/* What a mandate asks for again and again is passed for so long alone. */
static void learn_months(const who *w, bool forget) {
  const pfc_rules *r = w->r;
  for (int k = 0; k < w->n_keys; k++) {
    for (int64_t m = pfc__spoken_find(&r->mandates, w->key[k]);
         m < r->mandates.n && r->mandates.at[m].key == w->key[k]; m++) {
      int32_t *months = &w->o->months[r->mandated[r->mandates.at[m].row]];
      const int32_t here = months_of(r, r->mandates.at[m].row);
      if (forget) {
        *months = 0;
      } else if (here > 0 && (*months == 0 || here < *months)) {
        *months = here;
      }
    }
  }
}

/* The first day on which a pass no longer stands. */
static int32_t lapse_of(int32_t passed_on, int32_t months) {
  return months == 0 || passed_on == NEVER ? NEVER : pfc_date_add_months(passed_on, months);
}

static bool stands(const who *w, int32_t intervention) {
  const int32_t passed_on = w->o->passed_on[intervention];
  if (passed_on == PFC_NO_DATE) return false;
  return w->r->as_of == PFC_NO_DATE ||
         w->r->as_of < lapse_of(passed_on, w->o->months[intervention]);
}

static void see_attempt(who *w, const pfc_attempt *a, bool has_begun) {
  const pfc_rules *r = w->r;
  if (has_begun && pfc_attempt_result(a, r->as_of) == 1) {
    const int32_t day = a->end != PFC_NO_DATE ? a->end : a->start;
    int32_t *last = &w->o->passed_on[a->intervention];
    if (day == PFC_NO_DATE) *last = NEVER;
    if (day > *last) *last = day;
  }
  if (has_begun && a->started && a->start > w->last_start) w->last_start = a->start;
  uint8_t *under_way = &w->o->under_way[a->intervention];
  if (*under_way || !pfc__rules_is_known(r, a) || !pfc__rules_is_under_way(r, a)) return;
  *under_way = 1;
  w->n_under_way++;
}

static void look_back(who *w) {
  const pfc_history *h = w->r->history;
  w->last_start = PFC_NO_DATE;
  const int64_t seen = pfc_history_attempts(h, w->person, w->r->as_of, &w->from);
  w->to = h->first_attempt[w->person + 1];
  for (int64_t a = w->from; a < w->to; a++) see_attempt(w, &h->attempts[a], a < seen);
}

static void forget(who *w) {
  for (int64_t a = w->from; a < w->to; a++) {
    const int32_t i = w->r->history->attempts[a].intervention;
    w->o->passed_on[i] = PFC_NO_DATE;
    w->o->under_way[i] = 0;
  }
  learn_months(w, true);
}

/* --- bitmaps -------------------------------------------------------------------------------
 */

static uint64_t *broken(const who *w, pfc_rule rule) { return w->o->ruling.broken[rule]; }

static void copy_bits(const who *w, pfc_rule rule, const uint64_t *from) {
  memcpy(broken(w, rule), from, (size_t)w->r->n_words * sizeof *from);
}

static const uint64_t *find_bits(const pfc_rules *r, const pfc__spoken_bits *b, uint64_t key) {
  int64_t lo = 0, hi = b->n;
  while (lo < hi) {
    const int64_t mid = lo + (hi - lo) / 2;
    if (b->key[mid] == key) return b->bits + mid * r->n_words;
    if (b->key[mid] < key) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return NULL;
}

static void judge_eligibility(const who *w) {
  const pfc_rules *r = w->r;
  uint64_t *out = broken(w, PFC_RULE_ELIGIBILITY);
  copy_bits(w, PFC_RULE_ELIGIBILITY, r->chosen);
  for (int k = 0; k < w->n_keys; k++) {
    const uint64_t *bits = find_bits(r, &r->allow, w->key[k]);
    for (int32_t x = 0; bits && x < r->n_words; x++) out[x] &= ~bits[x];
  }
  for (int k = 0; k < w->n_keys; k++) {
    const uint64_t *bits = find_bits(r, &r->deny, w->key[k]);
    for (int32_t x = 0; bits && x < r->n_words; x++) out[x] |= bits[x];
  }
}

static bool has_passed_all(const who *w, int32_t candidate) {
  const pfc__places *p = &w->r->before.passed;
  for (int64_t k = p->start[candidate]; k < p->start[candidate + 1]; k++)
    if (!stands(w, p->at[k])) return false;
  return true;
}

/* What the person has passed covers other candidates, and opens some. */
static void judge_passes(const who *w) {
  const pfc_rules *r = w->r;
  uint64_t *covered = broken(w, PFC_RULE_COVERED), *unready = broken(w, PFC_RULE_PREREQUISITE);
  copy_bits(w, PFC_RULE_PREREQUISITE, r->before.asks);
  for (int64_t a = w->from; a < w->to; a++) {
    const int32_t i = r->history->attempts[a].intervention;
    if (!stands(w, i)) continue;
    for (int64_t k = r->covers.start[i]; k < r->covers.start[i + 1]; k++)
      pfc__set_bit(covered, r->covers.at[k]);
    for (int64_t k = r->before.opens.start[i]; k < r->before.opens.start[i + 1]; k++)
      if (has_passed_all(w, r->before.opens.at[k]))
        pfc__clear_bit(unready, r->before.opens.at[k]);
  }
  memcpy(w->o->ruling.unpassed, unready, (size_t)r->n_words * sizeof *unready);
}

static void judge_work(const who *w) {
  const pfc_rules *r = w->r;
  const pfc_history *h = r->history;
  const int64_t row = h->people_row[w->person];
  double left = r->hours && row >= 0 ? r->hours[row] : (double)NAN;
  for (int64_t a = w->from; a < w->to; a++) {
    const int32_t i = h->attempts[a].intervention;
    if (w->o->under_way[i] != 1) continue;
    w->o->under_way[i] = 2; /* once is enough */
    if (r->candidate_of[i] >= 0)
      pfc__set_bit(broken(w, PFC_RULE_UNDER_WAY), r->candidate_of[i]);
    const double load = pfc__rules_load(r->cat, i);
    if (!isnan(load)) left -= load;
  }
  if (w->n_under_way >= r->settings.most_under_way) copy_bits(w, PFC_RULE_UNDER_WAY, r->all);
  w->o->ruling.hours_left = left;
  if (w->last_start != PFC_NO_DATE && r->as_of != PFC_NO_DATE &&
      r->as_of - w->last_start <= r->settings.cool_down_days && r->settings.cool_down_days > 0)
    copy_bits(w, PFC_RULE_COOL_DOWN, r->all);
}

/* Candidates heavier than what is left lie behind one place. */
static void judge_hours(const who *w) {
  const pfc__loads *l = &w->r->loads;
  const double left = w->o->ruling.hours_left + HOURS_SLACK;
  int32_t lo = 0, hi = l->n;
  if (isnan(left)) return;
  while (lo < hi) {
    const int32_t mid = lo + (hi - lo) / 2;
    if (l->load[mid] <= left) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  const int32_t whole = (lo + 63) / 64;
  if ((int64_t)whole * 64 < l->n)
    copy_bits(w, PFC_RULE_HOURS, l->heavy + (ptrdiff_t)whole * w->r->n_words);
  for (int32_t k = lo; k < l->n && k < whole * 64; k++)
    pfc__set_bit(broken(w, PFC_RULE_HOURS), l->at[k]);
}

/* --- levels --------------------------------------------------------------------------------
 */

static void judge_levels(const who *w, const pfc_person_gaps *known) {
  const pfc__prerequisites *b = &w->r->before;
  if (b->n_levels == 0) return;
  pfc__rules_read_levels(w->r, w->person, known, b->n_competencies, b->competency, w->o->told);
  for (int32_t k = 0; k < b->n_levels; k++) {
    const pfc_level *told = &w->o->told[b->level[k].place];
    if (pfc__rules_p_level(w->r, told, b->level[k].level) >= w->r->settings.prerequisite_p)
      continue;
    for (int64_t j = b->barred.start[k]; j < b->barred.start[k + 1]; j++)
      pfc__set_bit(broken(w, PFC_RULE_PREREQUISITE), b->barred.at[j]);
  }
}

/* --- overrides and mandates ----------------------------------------------------------------
 */

/* A person's row beats a unit's; of the same rank a block beats a force. */
static int rank_of(const pfc_rules *r, int64_t row) {
  const int32_t *person = pfc_dataset_codes(r->ds, PFC_OVERRIDES, "person_id");
  return 2 * (person && person[row] >= 0) + !r->forces[row];
}

static int32_t weigh_override(const who *w, int64_t row, int32_t n) {
  const pfc_rules *r = w->r;
  const int32_t j = r->candidate_of[r->overridden[row]];
  int32_t *decides = &w->o->override[j];
  if (*decides < 0) w->o->touched[n++] = j;
  if (*decides < 0 || rank_of(r, row) > rank_of(r, *decides)) *decides = (int32_t)row;
  return n;
}

/* Of rows that name person and unit, those of another unit do not speak. */
static int32_t find_overrides(const who *w) {
  const pfc_rules *r = w->r;
  const int32_t *unit = pfc_dataset_codes(r->ds, PFC_OVERRIDES, "unit_id");
  int32_t n = 0;
  for (int64_t k = r->by_person.start[w->person]; k < r->by_person.start[w->person + 1]; k++) {
    const int32_t row = r->by_person.at[k];
    if (!unit || unit[row] < 0 || unit[row] == w->unit) n = weigh_override(w, row, n);
  }
  for (int k = 0; k < w->n_keys; k++) {
    for (int64_t m = pfc__spoken_find(&r->by_unit, w->key[k]);
         m < r->by_unit.n && r->by_unit.at[m].key == w->key[k]; m++)
      n = weigh_override(w, r->by_unit.at[m].row, n);
  }
  return n;
}

static void judge_overrides(const who *w) {
  pfc_ruling *out = &w->o->ruling;
  const int32_t n = find_overrides(w);
  for (int32_t k = 0; k < n; k++) {
    const int32_t j = w->o->touched[k], row = w->o->override[j];
    w->o->override[j] = -1;
    if (!w->r->forces[row]) {
      pfc__set_bit(broken(w, PFC_RULE_BLOCKED), j);
    } else if (!pfc_bit(w->r->closed, j) && !w->o->under_way[w->r->overridden[row]]) {
      out->must[out->n_must++] = (pfc_must){j, PFC_NO_DATE, row};
    }
  }
}

static void judge_declined(const who *w) {
  const pfc__places *p = &w->r->declined;
  for (int64_t k = p->start[w->person]; k < p->start[w->person + 1]; k++)
    pfc__set_bit(broken(w, PFC_RULE_DECLINED), w->r->candidate_of[w->r->answered[p->at[k]]]);
}

/* When a mandate wants the person to have passed; false: it is met for good. */
static bool asks_for(const who *w, int64_t mandate, int32_t *due_on) {
  const pfc_rules *r = w->r;
  const int32_t passed_on = w->o->passed_on[r->mandated[mandate]];
  *due_on = r->due_on ? r->due_on[mandate] : PFC_NO_DATE;
  if (passed_on == PFC_NO_DATE) return true;
  const int32_t lapse = lapse_of(passed_on, months_of(r, mandate));
  if (lapse == NEVER) return false;
  if (lapse > *due_on) *due_on = lapse;
  return true;
}

static bool is_due(const pfc_rules *r, int32_t due_on) {
  if (due_on == PFC_NO_DATE || r->as_of == PFC_NO_DATE) return true;
  return (int64_t)r->as_of + r->settings.due_days >= due_on;
}

/* Days in their order; without one is last. */
static bool is_sooner(int32_t a, int32_t b) {
  return a != PFC_NO_DATE && (b == PFC_NO_DATE || a < b);
}

static void add_must(pfc_ruling *out, int32_t candidate, int32_t due_on) {
  for (int32_t k = 0; k < out->n_must; k++) {
    pfc_must *m = &out->must[k];
    if (m->candidate != candidate) continue;
    if (m->override_row < 0 && is_sooner(due_on, m->due_on)) m->due_on = due_on;
    return;
  }
  out->must[out->n_must++] = (pfc_must){candidate, due_on, -1};
}

static void judge_mandate(const who *w, int64_t mandate) {
  const pfc_rules *r = w->r;
  const int32_t i = r->mandated[mandate], j = r->candidate_of[i];
  int32_t due_on;
  if (j < 0 || w->o->under_way[i]) return;
  if (pfc_bit(r->closed, j) || pfc_bit(r->full, j)) return;
  if (pfc_bit(broken(w, PFC_RULE_BLOCKED), j)) return;
  if (asks_for(w, mandate, &due_on) && is_due(r, due_on)) add_must(&w->o->ruling, j, due_on);
}

static bool stands_before(const pfc_must *a, const pfc_must *b) {
  if ((a->override_row >= 0) != (b->override_row >= 0)) return a->override_row >= 0;
  if (a->due_on != b->due_on) return is_sooner(a->due_on, b->due_on);
  return a->candidate < b->candidate;
}

static void judge_mandates(const who *w) {
  const pfc__spoken_rows *rows = &w->r->mandates;
  pfc_ruling *out = &w->o->ruling;
  for (int k = 0; k < w->n_keys; k++) {
    for (int64_t m = pfc__spoken_find(rows, w->key[k]);
         m < rows->n && rows->at[m].key == w->key[k]; m++)
      judge_mandate(w, rows->at[m].row);
  }
  for (int32_t k = 1; k < out->n_must; k++) {
    const pfc_must m = out->must[k];
    int32_t at = k;
    for (; at > 0 && stands_before(&m, &out->must[at - 1]); at--)
      out->must[at] = out->must[at - 1];
    out->must[at] = m;
  }
}

/* --- all of it -----------------------------------------------------------------------------
 */

static void allow_the_rest(const who *w) {
  const pfc_ruling *out = &w->o->ruling;
  for (int32_t x = 0; x < out->n_words; x++) {
    uint64_t against = 0;
    for (int k = 0; k < PFC_N_RULES; k++) against |= out->broken[k][x];
    out->allowed[x] = w->r->all[x] & ~against;
  }
}

void pfc_rules_of(const pfc_rules *r, int32_t person, const pfc_person_gaps *known,
                  pfc_ruling *ruling) {
  who w = {.r = r, .o = (room *)ruling, .person = person};
  w.unit = pfc_history_unit(r->history, person, r->as_of);
  w.n_keys = pfc__rules_keys(pfc_history_role(r->history, person, r->as_of), w.unit, w.key);
  memset(w.o->bits, 0, (1 + PFC_N_RULES) * (size_t)r->n_words * sizeof *w.o->bits);
  ruling->n_must = 0;
  learn_months(&w, false);
  look_back(&w);
  copy_bits(&w, PFC_RULE_CLOSED, r->closed);
  copy_bits(&w, PFC_RULE_FULL, r->full);
  judge_eligibility(&w);
  judge_passes(&w);
  judge_levels(&w, known);
  judge_work(&w);
  judge_hours(&w);
  judge_declined(&w);
  judge_overrides(&w);
  judge_mandates(&w);
  allow_the_rest(&w);
  forget(&w);
}
