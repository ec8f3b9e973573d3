/* Rules that compare rows of one table with each other: the same start twice, two roles at
 * once, interventions that wait for each other, the same episode twice. */
#include <stdlib.h>

#include "base/mem.h"
#include "datasets/columns_internal.h"
#include "datasets/quality_internal.h"

/* --- the same start twice -------------------------------------------------------- */

typedef struct item_row {
  int32_t item;
  int64_t row;
} item_row;

static int by_item(const void *a, const void *b) {
  const item_row *x = a, *y = b;
  if (x->item != y->item) return x->item < y->item ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

/* Attempts from .. to - 1 of a person began on one day. */
static void mark_day(const pfc_history *h, int64_t from, int64_t to, item_row *scratch,
                     uint8_t *mark) {
  int64_t n = 0;
  for (int64_t a = from; a < to; a++) {
    const pfc_attempt *at = &h->attempts[a];
    if (!at->started || at->start == PFC_NO_DATE || at->intervention < 0) continue;
    scratch[n++] = (item_row){at->intervention, at->row};
  }
  qsort(scratch, (size_t)n, sizeof *scratch, by_item);
  for (int64_t i = 0; i < n; i++) {
    const bool again = i > 0 && scratch[i].item == scratch[i - 1].item;
    mark[scratch[i].row] = again ? PFC__BROKEN : PFC__LEGAL;
  }
}

static int64_t longest(int32_t n_people, const int64_t *first) {
  int64_t most = 0;
  for (int32_t p = 0; p < n_people; p++)
    if (first[p + 1] - first[p] > most) most = first[p + 1] - first[p];
  return most;
}

static pfc_status mark_starts(pfc__evidence *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  item_row *scratch = NULL;
  const pfc_history *h = e->h;
  uint8_t *mark = NULL;
  PFC_NEW(mark, e->enrolments.n_rows);
  e->mark[PFC__STARTED_TWICE] = mark;
  PFC_NEW(scratch, longest(h->n_people, h->first_attempt));
  for (int32_t p = 0; p < h->n_people; p++) {
    for (int64_t a = h->first_attempt[p], next; a < h->first_attempt[p + 1]; a = next) {
      for (next = a + 1; next < h->first_attempt[p + 1]; next++)
        if (h->attempts[next].start != h->attempts[a].start) break;
      mark_day(h, a, next, scratch, mark);
    }
  }
done:
  pfc_free(scratch);
  return st;
}

/* --- two roles at once ----------------------------------------------------------- */

typedef struct holding {
  int32_t role, to; /* to: PFC_LAST_DAY still held; role -1: none yet */
} holding;

/* Of positions seen so far, the one that ends last, and the one of another role that does. */
static void hold(holding held[2], int32_t role, int32_t to) {
  if (role == held[0].role) {
    if (to > held[0].to) held[0].to = to;
  } else if (held[0].role < 0 || to > held[0].to) {
    held[1] = held[0];
    held[0] = (holding){role, to};
  } else if (held[1].role < 0 || to > held[1].to) {
    held[1] = (holding){role, to};
  }
}

/* Is another role held, by what was seen so far, beyond the day? */
static bool holds_other(const holding held[2], int32_t role, int32_t day) {
  const holding *other = held[0].role != role ? &held[0] : &held[1];
  return other->role >= 0 && other->to > day;
}

typedef struct positions {
  const int32_t *role, *from, *to;
  uint8_t *mark;
} positions;

/* n rows of a person begin on one day. A position that ends on the day on which
 * another begins hands over to it: so one of a single day clashes with what began before
 * alone, and the others with what begins beside them too. */
static void mark_beginners(const positions *c, const int64_t *rows, int64_t n,
                           holding held[2]) {
  for (int pass = 0; pass < 2; pass++) {
    for (int64_t k = 0; k < n; k++) {
      const int64_t r = rows[k];
      const int32_t end = c->to[r] == PFC_NO_DATE ? PFC_LAST_DAY : c->to[r];
      const bool is_single = end <= c->from[r];
      if (c->role[r] < 0) continue;
      if (is_single == (pass == 0))
        c->mark[r] = holds_other(held, c->role[r], c->from[r]) ? PFC__BROKEN : PFC__LEGAL;
    }
    for (int64_t k = 0; k < n && pass == 0; k++) {
      const int32_t end = c->to[rows[k]] == PFC_NO_DATE ? PFC_LAST_DAY : c->to[rows[k]];
      if (c->role[rows[k]] >= 0) hold(held, c->role[rows[k]], end);
    }
  }
}

/* Where the table gives no last days, each position ends when the next begins. */
static pfc_status mark_positions(pfc__evidence *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = e->h;
  const int64_t n = e->ds->tables[PFC_POSITIONS].n_rows;
  positions c = {pfc_dataset_codes(e->ds, PFC_POSITIONS, "role_id"),
                 pfc_dataset_dates(e->ds, PFC_POSITIONS, "from"),
                 pfc_dataset_dates(e->ds, PFC_POSITIONS, "to"), NULL};
  bool has_ends = false;
  PFC_NEW(e->mark[PFC__TWO_ROLES], n);
  c.mark = e->mark[PFC__TWO_ROLES];
  for (int64_t r = 0; c.to && r < n; r++) has_ends |= c.to[r] != PFC_NO_DATE;
  if (!c.role || !c.from || !has_ends) return PFC_OK;
  for (int32_t p = 0; p < h->n_people; p++) {
    holding held[2] = {{-1, 0}, {-1, 0}};
    const int64_t end = h->first_position[p + 1];
    for (int64_t k = h->first_position[p], next; k < end; k = next) {
      for (next = k + 1; next < end; next++)
        if (c.from[h->position_rows[next]] != c.from[h->position_rows[k]]) break;
      mark_beginners(&c, h->position_rows + k, next - k, held);
    }
  }
done:
  return st;
}

/* --- interventions that wait for each other -------------------------------------- */

/* Takes away, again and again, what waits for nothing (Kahn, CACM 5(11), 1962): waits[i] is
 * how many prerequisites of i stay, and those that keep any can never be started. Rows of
 * table prerequisites are chained by the intervention that they require. */
static pfc_status release(const pfc_catalogue *cat, int64_t n, const int32_t *item,
                          const int32_t *requires, int64_t *waits, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *chain = NULL, *next = NULL;
  int32_t *queue = NULL, n_queue = 0;
  PFC_NEW(chain, cat->n_interventions);
  PFC_NEW(next, n);
  PFC_NEW(queue, cat->n_interventions);
  for (int32_t i = 0; i < cat->n_interventions; i++) chain[i] = -1;
  for (int64_t r = 0; r < n; r++) {
    if (item[r] < 0 || requires[r] < 0) continue;
    waits[item[r]]++;
    next[r] = chain[requires[r]];
    chain[requires[r]] = r;
  }
  for (int32_t i = 0; i < cat->n_interventions; i++)
    if (waits[i] == 0) queue[n_queue++] = i;
  for (int32_t k = 0; k < n_queue; k++)
    for (int64_t r = chain[queue[k]]; r >= 0; r = next[r])
      if (--waits[item[r]] == 0) queue[n_queue++] = item[r];
done:
  pfc_free(chain);
  pfc_free(next);
  pfc_free(queue);
  return st;
}

static pfc_status mark_prerequisites(pfc__evidence *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *waits = NULL;
  const int64_t n = e->ds->tables[PFC_PREREQUISITES].n_rows;
  const int32_t *item = pfc_dataset_codes(e->ds, PFC_PREREQUISITES, "intervention_id");
  const int32_t *requires =
      pfc_dataset_codes(e->ds, PFC_PREREQUISITES, "requires_intervention_id");
  uint8_t *mark = NULL;
  PFC_NEW(mark, n);
  e->mark[PFC__NEVER_OPEN] = mark;
  if (!item || !requires) return PFC_OK;
  PFC_NEW(waits, e->cat->n_interventions);
  PFC_TRY(release(e->cat, n, item, requires, waits, err));
  for (int64_t r = 0; r < n; r++) {
    if (item[r] < 0 || requires[r] < 0) continue;
    const bool waits_forever = waits[item[r]] > 0 && waits[requires[r]] > 0;
    mark[r] = waits_forever ? PFC__BROKEN : PFC__LEGAL;
  }
done:
  pfc_free(waits);
  return st;
}

/* --- the same episode twice ------------------------------------------------------ */

typedef struct spell {
  int32_t person, intervention, competency, start;
  int64_t row;
} spell;

static int compare_spells(const spell *x, const spell *y) {
  if (x->person != y->person) return x->person < y->person ? -1 : 1;
  if (x->intervention != y->intervention) return x->intervention < y->intervention ? -1 : 1;
  if (x->competency != y->competency) return x->competency < y->competency ? -1 : 1;
  return (x->start > y->start) - (x->start < y->start);
}

static int by_spell(const void *a, const void *b) {
  const spell *x = a, *y = b;
  const int order = compare_spells(x, y);
  return order ? order : (x->row > y->row) - (x->row < y->row);
}

static pfc_status mark_episodes(pfc__evidence *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  spell *spells = NULL;
  int64_t n = 0;
  const int64_t n_rows = e->ds->tables[PFC_EPISODES].n_rows;
  const int32_t *person = pfc_dataset_codes(e->ds, PFC_EPISODES, "person_id");
  const int32_t *item = pfc_dataset_codes(e->ds, PFC_EPISODES, "intervention_id");
  const int32_t *competency = pfc_dataset_codes(e->ds, PFC_EPISODES, "competency_id");
  const int32_t *start = pfc_dataset_dates(e->ds, PFC_EPISODES, "started_on");
  uint8_t *mark = NULL;
  PFC_NEW(mark, n_rows);
  e->mark[PFC__EPISODE_TWICE] = mark;
  PFC_NEW(spells, n_rows);
  for (int64_t r = 0; person && start && r < n_rows; r++) {
    if (person[r] < 0 || start[r] == PFC_NO_DATE) continue;
    spells[n++] =
        (spell){person[r], pfc__code_at(item, r), pfc__code_at(competency, r), start[r], r};
  }
  qsort(spells, (size_t)n, sizeof *spells, by_spell);
  for (int64_t i = 0; i < n; i++) {
    const bool again = i > 0 && compare_spells(&spells[i], &spells[i - 1]) == 0;
    mark[spells[i].row] = again ? PFC__BROKEN : PFC__LEGAL;
  }
done:
  pfc_free(spells);
  return st;
}

pfc_status pfc__quality_order(pfc__evidence *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(mark_starts(e, err));
  PFC_TRY(mark_positions(e, err));
  PFC_TRY(mark_prerequisites(e, err));
  PFC_TRY(mark_episodes(e, err));
done:
  return st;
}
