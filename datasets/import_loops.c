#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/import_build_internal.h"

/* Rows that say "a stands below b", where nothing may stand below itself. */
typedef struct loop_rule {
  const char *from, *to;
  const char *what;
  pfc_table_id table;
  bool latest; /* only each one's latest row, when it has not ended */
} loop_rule;

static const loop_rule RULES[] = {
    {"person_id", "manager_id", "managers", PFC_PEOPLE, false},
    {"person_id", "manager_id", "managers", PFC_POSITIONS, true},
    {"competency_id", "parent_id", "parents", PFC_COMPETENCIES, false},
    {"intervention_id", "requires_intervention_id", "prerequisites", PFC_PREREQUISITES, false},
};

enum { SHOWN = 6 }; /* ids of a loop that are named */

/* A step of the walk. */
typedef struct step {
  int32_t code;
  int64_t by;     /* the row that led here; -1 at the start of a walk */
  int64_t next;   /* of its rows, the one to follow next */
  int64_t broken; /* the last step up to here whose row is rejected; 0: none */
} step;

/* Rows by where they start: first[code], next[row]; 1 + row, 0 ends. Every id is entered
 * once and every row looked at once, however the rows hang together. */
typedef struct walk {
  pfc__builder *b;
  const loop_rule *rule;
  const pfc_column *from, *to;
  int64_t *first, *next;
  int64_t *place; /* of a code: 0 not met, 1 + its place on the path, -1 left behind */
  step *path;
  int64_t n, capacity;
} walk;

/* --- which rows count ----------------------------------------------------- */

/* Row `row` of positions begins before the one that counts so far. */
static bool is_older(const walk *w, int64_t row, int64_t so_far) {
  const int32_t *from = pfc__build_find(w->b, "from")->i32;
  return from[row] < from[so_far];
}

static pfc_status index_rows(walk *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *ended = w->rule->latest ? pfc__build_find(w->b, "to") : NULL;
  const int32_t n = pfc_dict_size(w->from->dict);
  PFC_NEW(w->first, n);
  PFC_NEW(w->next, w->b->n_rows);
  for (int64_t r = w->b->n_rows - 1; r >= 0; r--) {
    const int32_t code = w->from->code[r];
    if (!w->b->keep[r] || code < 0) continue;
    if (w->rule->latest && w->first[code] && is_older(w, r, w->first[code] - 1)) continue;
    w->next[r] = w->rule->latest ? 0 : w->first[code];
    w->first[code] = 1 + r;
  }
  for (int32_t code = 0; ended && code < n; code++)
    if (w->first[code] && !pfc_column_missing(ended, w->first[code] - 1)) w->first[code] = 0;
done:
  return st;
}

/* --- a loop --------------------------------------------------------------- */

/* "a -> b -> c -> a" from the place `at` of the path to its end and back; long ones with
 * their length instead of what is in between. */
static void name_loop(const walk *w, int64_t at, char *text, size_t size) {
  const int64_t n = w->n - at, shown = n > SHOWN ? SHOWN - 1 : n;
  size_t used = 0;
  for (int64_t i = 0; i < shown; i++)
    used += (size_t)snprintf(text + used, size - used, "%.24s -> ",
                             pfc_dict_text(w->from->dict, w->path[at + i].code));
  if (shown < n)
    used += (size_t)snprintf(text + used, size - used, "... (%lld in all) -> ", (long long)n);
  (void)snprintf(text + used, size - used, "%.24s",
                 pfc_dict_text(w->from->dict, w->path[at].code));
}

static pfc_status reject_row(const walk *w, int64_t row, const char *loop, pfc_error *err) {
  char reason[PFC__REASON];
  (void)snprintf(reason, sizeof reason, "expected no loop of %s, but %s; mend one of its rows",
                 w->rule->what, loop);
  return pfc__build_take_back(w->b, row, PFC__BY_KEY, w->to->name,
                              pfc__cell_text(w->to, row, NULL), reason, err);
}

/* `row` leads from the end of the path back to its place `at`. The rows in between go with
 * it, unless one of them has gone for another loop: then this one alone breaks it. */
static pfc_status reject_loop(walk *w, int64_t at, int64_t row, pfc_error *err) {
  pfc_status st = PFC_OK;
  char loop[260];
  name_loop(w, at, loop, sizeof loop);
  const bool is_whole = w->path[w->n - 1].broken <= at;
  for (int64_t i = at + 1; i < w->n && is_whole; i++) {
    PFC_TRY(reject_row(w, w->path[i].by, loop, err));
    w->path[i].broken = i;
  }
  PFC_TRY(reject_row(w, row, loop, err));
done:
  return st;
}

/* --- the walk ------------------------------------------------------------- */

static pfc_status enter(walk *w, int32_t code, int64_t by, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(w->path, w->capacity, w->n + 1);
  const int64_t broken = w->n > 0 ? w->path[w->n - 1].broken : 0;
  w->path[w->n++] = (step){code, by, w->first[code], broken};
  w->place[code] = w->n;
done:
  return st;
}

static pfc_status walk_from(walk *w, int32_t code, pfc_error *err) {
  pfc_status st = PFC_OK;
  w->n = 0;
  PFC_TRY(enter(w, code, -1, err));
  while (w->n > 0) {
    step *last = &w->path[w->n - 1];
    const int64_t row = last->next - 1;
    if (row < 0) {
      w->place[last->code] = -1;
      w->n--;
      continue;
    }
    last->next = w->next[row];
    const int32_t to = w->to->code[row];
    if (to < 0) continue;
    if (w->place[to] == 0)
      PFC_TRY(enter(w, to, row, err));
    else if (w->place[to] > 0)
      PFC_TRY(reject_loop(w, w->place[to] - 1, row, err));
  }
done:
  return st;
}

static pfc_status check_rule(pfc__builder *b, const loop_rule *rule, pfc_error *err) {
  pfc_status st = PFC_OK;
  walk w = {.b = b, .rule = rule};
  w.from = pfc__build_find(b, rule->from);
  w.to = pfc__build_find(b, rule->to);
  if (!w.from || !w.to) return st;
  PFC_TRY(index_rows(&w, err));
  PFC_NEW(w.place, pfc_dict_size(w.from->dict));
  for (int64_t r = 0; r < b->n_rows; r++)
    if (b->keep[r] && w.place[w.from->code[r]] == 0)
      PFC_TRY(walk_from(&w, w.from->code[r], err));
done:
  pfc_free(w.first);
  pfc_free(w.next);
  pfc_free(w.place);
  pfc_free(w.path);
  return st;
}

pfc_status pfc__check_loops(pfc__import *run, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
    pfc__builder *b = run->builders[RULES[i].table];
    if (b) PFC_TRY(check_rule(b, &RULES[i], err));
  }
done:
  return st;
}
