#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/import_build_internal.h"
#include "datasets/import_hint_internal.h"

enum { ABSENT = 0, DEFINED = -1 };
enum { HINT_BUDGET = 4000000 }; /* comparisons of ids: half a second at most */

/* What became of every id of a table: ABSENT, DEFINED, or 1 + index into its builder's
 * lost[]. NULL where the table is not there: then ids are taken as they come. */
typedef struct owners {
  int64_t *state[PFC_N_TABLES];
} owners;

/* A column that refers to rows of a table, and, once a row of that table has gone, its
 * rows by the id they refer to: first[code] and next[row], 1 + row, 0 ends. */
typedef struct reference {
  pfc__builder *b;
  const pfc_column *column;
  int owner;
  int64_t *first, *next;
} reference;

typedef struct references {
  owners owners;
  reference *at;
  int n, capacity;
  int64_t hint_budget; /* ids that may still be compared for "did you mean" */
} references;

static pfc_status find_owners(const pfc__import *run, owners *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc__builder *b = run->builders[t];
    const pfc_column *ids = b ? pfc__build_ids(b) : NULL;
    if (!ids) continue;
    PFC_NEW(o->state[t], pfc_dict_size(ids->dict));
    for (int64_t i = 0; i < b->n_lost; i++) o->state[t][b->lost[i].code] = 1 + i;
    for (int64_t r = 0; r < b->n_rows; r++)
      if (b->keep[r]) o->state[t][ids->code[r]] = DEFINED;
  }
done:
  return st;
}

/* In the order of tables and columns, which is that of the rejects. */
static pfc_status find_references(const pfc__import *run, references *refs, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int t = 0; t < PFC_N_TABLES; t++) {
    pfc__builder *b = run->builders[t];
    const pfc_column *ids = b ? pfc__build_ids(b) : NULL;
    for (int c = 0; b && c < b->n_columns; c++) {
      const pfc_column *column = &b->columns[c].values;
      const bool open = b->columns[c].decl && (b->columns[c].decl->flags & PFC_OPEN);
      if (column->type != PFC_CODE || column == ids || open) continue;
      const int owner = pfc_schema_owner(pfc_dict_name(column->dict));
      if (owner < 0 || !refs->owners.state[owner]) continue;
      PFC_RESERVE(refs->at, refs->capacity, refs->n + 1);
      refs->at[refs->n++] = (reference){.b = b, .column = column, .owner = owner};
    }
  }
done:
  return st;
}

/* Why there is no such row: it was rejected, or never there. */
static void explain(references *refs, const pfc__builder *owner, const pfc__lost *lost,
                    const pfc_dict *dict, int32_t code, char reason[PFC__REASON]) {
  const char *table = owner->decl->name;
  char hint[PFC__HINT] = "";
  if (lost) {
    (void)snprintf(reason, PFC__REASON,
                   "expected an id of table %s, whose row of that id was rejected; mend line "
                   "%lld of %.200s",
                   table, (long long)lost->line,
                   owner->run->builders[lost->table]->files[lost->file]);
    return;
  }
  const bool hinted = pfc__hint_id(dict, refs->owners.state[owner->decl->id],
                                   pfc_dict_text(dict, code), &refs->hint_budget, hint);
  (void)snprintf(reason, PFC__REASON, "expected an id of table %s, which has no such row; %s",
                 table, hinted ? hint : "add the row, or mend the id");
}

/* The row refers to an id that is not defined: it goes, and what it defined with it. */
static pfc_status drop_row(references *refs, const reference *ref, int64_t row,
                           pfc_error *err) {
  pfc__builder *b = ref->b;
  const pfc_dict *dict = ref->column->dict;
  const int32_t code = ref->column->code[row];
  const int64_t state = refs->owners.state[ref->owner][code];
  const pfc__builder *owner = b->run->builders[ref->owner];
  const bool was_lost = state != ABSENT;
  const pfc__lost cause = was_lost ? owner->lost[state - 1] : (pfc__lost){0};
  const int64_t n_lost = b->n_lost;
  char reason[PFC__REASON];
  explain(refs, owner, was_lost ? &cause : NULL, dict, code, reason);
  const pfc_status st =
      pfc__build_take_back(b, row, was_lost ? cause.fault : PFC__BY_KEY, ref->column->name,
                           pfc_dict_text(dict, code), reason, err);
  if (b->n_lost > n_lost) {
    pfc__lost *gone = &b->lost[n_lost];
    refs->owners.state[b->decl->id][gone->code] = b->n_lost;
    /* What refers to this row in turn is told where it all began. */
    if (was_lost)
      *gone = (pfc__lost){gone->code, cause.fault, cause.table, cause.file, cause.line};
  }
  return st;
}

static pfc_status check_rows(references *refs, const reference *ref, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t *state = refs->owners.state[ref->owner];
  for (int64_t r = 0; r < ref->b->n_rows; r++) {
    const int32_t code = ref->column->code[r];
    if (ref->b->keep[r] && code >= 0 && state[code] != DEFINED)
      PFC_TRY(drop_row(refs, ref, r, err));
  }
done:
  return st;
}

static pfc_status index_rows(reference *ref, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(ref->first, pfc_dict_size(ref->column->dict));
  PFC_NEW(ref->next, ref->b->n_rows);
  for (int64_t r = ref->b->n_rows - 1; r >= 0; r--) {
    const int32_t code = ref->column->code[r];
    if (code < 0) continue;
    ref->next[r] = ref->first[code];
    ref->first[code] = 1 + r;
  }
done:
  return st;
}

/* Rows that refer to an id whose row has gone since they were checked. */
static pfc_status drop_referring(references *refs, int owner, int32_t code, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int i = 0; i < refs->n; i++) {
    reference *ref = &refs->at[i];
    if (ref->owner != owner || refs->owners.state[owner][code] == DEFINED) continue;
    if (!ref->first) PFC_TRY(index_rows(ref, err));
    for (int64_t r = ref->first[code]; r > 0; r = ref->next[r - 1])
      if (ref->b->keep[r - 1]) PFC_TRY(drop_row(refs, ref, r - 1, err));
  }
done:
  return st;
}

/* lost[] is the list of work: what goes is put at its end. */
static pfc_status follow_chains(pfc__import *run, references *refs,
                                int64_t done_of[PFC_N_TABLES], pfc_error *err) {
  pfc_status st = PFC_OK;
  for (bool changed = true; changed;) {
    changed = false;
    for (int t = 0; t < PFC_N_TABLES; t++) {
      const pfc__builder *b = run->builders[t];
      while (b && done_of[t] < b->n_lost) {
        changed = true;
        PFC_TRY(drop_referring(refs, t, b->lost[done_of[t]++].code, err));
      }
    }
  }
done:
  return st;
}

pfc_status pfc__check_references(pfc__import *run, pfc_error *err) {
  pfc_status st = PFC_OK;
  references refs = {.hint_budget = HINT_BUDGET};
  int64_t done_of[PFC_N_TABLES] = {0};
  PFC_TRY(find_owners(run, &refs.owners, err));
  PFC_TRY(find_references(run, &refs, err));
  for (int t = 0; t < PFC_N_TABLES; t++)
    done_of[t] = run->builders[t] ? run->builders[t]->n_lost : 0;
  for (int i = 0; i < refs.n; i++) PFC_TRY(check_rows(&refs, &refs.at[i], err));
  PFC_TRY(follow_chains(run, &refs, done_of, err));
done:
  for (int i = 0; i < refs.n; i++) {
    pfc_free(refs.at[i].first);
    pfc_free(refs.at[i].next);
  }
  for (int t = 0; t < PFC_N_TABLES; t++) pfc_free(refs.owners.state[t]);
  pfc_free(refs.at);
  return st;
}
