#include "cli/recommend_changes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/render.h"

enum { WHY = 256 };

static const output_column COLUMNS[] = {
    {"person_id", COLUMN_TEXT, false},
    {"change", COLUMN_TEXT, false},
    {"intervention_id", COLUMN_TEXT, false},
    {"rank_before", COLUMN_INT, false},
    {"rank_now", COLUMN_INT, false},
    {"value", COLUMN_REAL, false},
    {"why", COLUMN_TEXT, false},
};
enum { N_COLUMNS = sizeof COLUMNS / sizeof *COLUMNS };

void changes_header(bytes *to) { render_csv.header(N_COLUMNS, COLUMNS, to); }

/* One person's two lists. */
typedef struct pair {
  const scoring *s;
  const pfc_list *now;
  const char *names; /* of what is not in the data any more */
  int64_t n_before;
  const previous_place *before;
  bool had_room; /* there was a place for something new */
} pair;

static void put(const pair *p, const char *change, const char *item, int64_t rank_before,
                int64_t rank_now, double value, const char *why, bytes *to) {
  const cell cells[] = {
      cell_text(pfc_dict_text(p->s->people, p->now->person)),
      cell_text(change),
      cell_text(item),
      cell_int(rank_before),
      cell_int(rank_now),
      cell_real(value),
      cell_text(why),
  };
  render_csv.row(N_COLUMNS, COLUMNS, cells, to);
}

static const previous_place *find_before(const pair *p, int32_t item) {
  for (int64_t i = 0; i < p->n_before; i++)
    if (p->before[i].item == item) return &p->before[i];
  return NULL;
}

static bool stands_now(const pair *p, int32_t item) {
  for (int r = 0; r < p->now->n; r++)
    if (p->now->at[r].score.intervention == item) return true;
  return false;
}

/* --- why -------------------------------------------------------------------------------------
 */

static void tell_added(const pair *p, const pfc_choice *c, char why[WHY]) {
  char due[PFC_DATE_TEXT];
  pfc_date_format(c->due_on, due);
  if (c->why == PFC_FOR_MANDATE) {
    (void)snprintf(why, WHY, "new mandate%s%s", *due ? ", due on " : "", due);
  } else if (c->why == PFC_FOR_OVERRIDE) {
    (void)snprintf(why, WHY, "put here by an override");
  } else if (p->n_before == 0) {
    (void)snprintf(why, WHY, "no list before");
  } else {
    (void)snprintf(why, WHY, "%s",
                   p->had_room ? "a place was free" : "worth more than what it replaces");
  }
}

/* A change of less than one in a hundred is none. */
static void tell_value(double before, double now, const char *without, char why[WHY]) {
  const double percent = 100 * (now - before) / fabs(before);
  if (isfinite(percent) && fabs(percent) >= 1) {
    (void)snprintf(why, WHY, "value %s by %.0f %%", percent > 0 ? "rose" : "fell",
                   fabs(percent));
  } else {
    (void)snprintf(why, WHY, "%s", without);
  }
}

static int32_t code_in(const scoring *s, const char *column, int64_t row) {
  const int32_t *codes = pfc_dataset_codes(s->ds, PFC_OVERRIDES, column);
  return codes ? codes[row] : -1;
}

/* Who blocked it for this very person; "" where nobody is named, or a whole unit's is. */
static const char *blocker(const pair *p, int32_t item) {
  const scoring *s = p->s;
  const pfc_dict *actions = pfc_dataset_find_dict(s->ds, "action");
  const pfc_column *actor = pfc_dataset_column(s->ds, PFC_OVERRIDES, "actor");
  const int32_t *until = pfc_dataset_dates(s->ds, PFC_OVERRIDES, "expires_on");
  const int32_t block = actions ? pfc_dict_find(actions, "block") : -1;
  const int32_t day = pfc_scorer_as_of(s->scorer);
  const int64_t n = actor && actor->type == PFC_CODE ? s->ds->tables[PFC_OVERRIDES].n_rows : 0;
  for (int64_t row = 0; row < n; row++) {
    const bool is_over =
        until && until[row] != PFC_NO_DATE && day != PFC_NO_DATE && until[row] < day;
    if (!is_over && code_in(s, "person_id", row) == p->now->person &&
        code_in(s, "intervention_id", row) == item && code_in(s, "action", row) == block)
      return pfc_dict_text(actor->dict, actor->code[row]);
  }
  return "";
}

/* "completed; no longer open"; "blocked by manager". */
static void tell_rules(const pair *p, int32_t item, uint32_t against, char why[WHY]) {
  static const char *const WORDS[PFC_N_RULES] = {
      [PFC_RULE_CLOSED] = "no longer open",
      [PFC_RULE_FULL] = "no seat left",
      [PFC_RULE_ELIGIBILITY] = "for other roles or units",
      [PFC_RULE_PREREQUISITE] = "a prerequisite is missing",
      [PFC_RULE_COVERED] = "completed",
      [PFC_RULE_UNDER_WAY] = "under way",
      [PFC_RULE_HOURS] = "more hours a week than there are",
      [PFC_RULE_COOL_DOWN] = "something else began lately",
      [PFC_RULE_DECLINED] = "declined",
      [PFC_RULE_BLOCKED] = "blocked",
  };
  size_t at = 0;
  why[0] = '\0';
  for (int rule = 0; rule < PFC_N_RULES && at < WHY; rule++) {
    if (!(against >> rule & 1)) continue;
    const char *who = rule == PFC_RULE_BLOCKED ? blocker(p, item) : "";
    at += (size_t)snprintf(why + at, WHY - at, "%s%s%s%.*s", at ? "; " : "", WORDS[rule],
                           *who ? " by " : "", (int)pfc_utf8_cut(who, 80), who);
  }
}

/* What the rules say of a place of yesterday; UINT32_MAX: no candidate. */
static uint32_t against(const pair *p, int32_t item) {
  for (int i = 0; i < p->now->n_before; i++)
    if (p->now->before_item[i] == item) return p->now->before_against[i];
  return UINT32_MAX;
}

static void tell_removed(const pair *p, const previous_place *place, char why[WHY]) {
  const uint32_t rules = against(p, place->item);
  if (place->item < 0) {
    (void)snprintf(why, WHY, "no longer in the catalogue");
  } else if (rules == UINT32_MAX) {
    (void)snprintf(why, WHY, "no longer on offer");
  } else if (rules) {
    tell_rules(p, place->item, rules, why);
  } else {
    (void)snprintf(
        why, WHY, "%s",
        p->now->n >= p->n_before ? "others are worth more" : "no longer worth recommending");
  }
}

/* --- rows ------------------------------------------------------------------------------------
 */

static void put_now(const pair *p, int r, bytes *to) {
  char why[WHY];
  const pfc_choice *c = &p->now->at[r];
  const char *item = pfc_dict_text(p->s->interventions, c->score.intervention);
  const previous_place *was = find_before(p, c->score.intervention);
  if (!was) {
    tell_added(p, c, why);
    put(p, "added", item, NO_INT, r + 1, c->score.value, why, to);
    return;
  }
  const bool stays = was->rank == r + 1;
  tell_value(was->value, c->score.value,
             p->now->note.is_kept ? "the list is kept: too little to gain"
             : stays              ? "as before"
                                  : "others came or went",
             why);
  put(p, stays ? "kept" : "moved", item, was->rank, r + 1, c->score.value, why, to);
}

static void put_gone(const pair *p, const previous_place *was, bytes *to) {
  char why[WHY];
  const char *item =
      was->item >= 0 ? pfc_dict_text(p->s->interventions, was->item) : p->names + was->named;
  tell_removed(p, was, why);
  put(p, "removed", item, was->rank, NO_INT, was->value, why, to);
}

void changes_put(const scoring *s, const previous *before, const pfc_list *list, bytes *to) {
  const int64_t first = before->start[list->person];
  pair p = {.s = s,
            .now = list,
            .names = before->names,
            .n_before = before->start[list->person + 1] - first,
            .before = before->place + first};
  p.had_room = list->n > p.n_before;
  for (int64_t i = 0; i < p.n_before; i++) {
    const bool barred = p.before[i].item < 0 || against(&p, p.before[i].item) != 0;
    p.had_room = p.had_room || barred;
  }
  for (int r = 0; r < list->n; r++) put_now(&p, r, to);
  for (int64_t i = 0; i < p.n_before; i++)
    if (p.before[i].item < 0 || !stands_now(&p, p.before[i].item))
      put_gone(&p, &p.before[i], to);
}
