/* Rows with a `status`: what somebody, or `suggest`, proposed, and what people made of it. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/import_build_internal.h"

typedef enum standing { NONE, PROPOSED, ACCEPTED, UNWANTED } standing;

/* Codes of the words, and the column. */
typedef struct statuses {
  const int32_t *code; /* by row */
  int32_t proposed, accepted;
} statuses;

static bool find_statuses(const pfc__builder *b, statuses *s) {
  const pfc_column *column = b ? pfc__build_find(b, "status") : NULL;
  if (!column || b->n_rows == 0) return false;
  s->code = column->code;
  s->proposed = pfc_dict_find(column->dict, "proposed");
  s->accepted = pfc_dict_find(column->dict, "accepted");
  return true;
}

static standing standing_of(const statuses *s, int64_t row) {
  const int32_t code = s->code[row];
  return code < 0              ? NONE
         : code == s->proposed ? PROPOSED
         : code == s->accepted ? ACCEPTED
                               : UNWANTED;
}

/* Takes rows out as if they had not been read. */
static void drop_rows(pfc__builder *b, const uint8_t *keep) {
  int64_t n = 0;
  int32_t file = 0;
  for (int c = 0; c < b->n_columns; c++)
    (void)pfc_column_keep(&b->columns[c].values, &b->columns[c].values, keep, b->n_rows);
  for (int64_t r = 0; r < b->n_rows; r++) {
    for (; file < b->n_files && b->first_row[file] == r; file++) b->first_row[file] = n;
    if (keep[r]) b->line[n++] = b->line[r];
  }
  for (; file < b->n_files; file++) b->first_row[file] = n;
  b->n_rows = n;
}

static pfc_status settle_rows(pfc__builder *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *keep = NULL;
  statuses s;
  if (!find_statuses(b, &s)) return PFC_OK;
  PFC_NEW(keep, b->n_rows);
  for (int64_t r = 0; r < b->n_rows; r++) keep[r] = standing_of(&s, r) != UNWANTED;
  drop_rows(b, keep);
done:
  pfc_free(keep);
  return st;
}

/* --- roles -------------------------------------------------------------------------------- */

/* Rows of a role, the first of each standing; -1: none. */
typedef struct role_rows {
  int64_t row[UNWANTED + 1];
} role_rows;

/* What a proposal says of a role. */
static const char *const SAID[] = {"framework_ref", "confidence", "status", "evidence"};
enum { N_SAID = sizeof SAID / sizeof *SAID };

static void copy_said(const pfc__builder *b, int64_t from, int64_t to) {
  for (int c = 0; c < N_SAID; c++) {
    const pfc_column *column = pfc__build_find(b, SAID[c]);
    if (!column) continue;
    const size_t size = pfc_type_size(column->type);
    memcpy((char *)column->data + size * (size_t)to, (char *)column->data + size * (size_t)from,
           size);
  }
}

/* A role of which nothing is accepted or proposed remains, without an occupation. */
static void clear_said(const pfc__builder *b, int64_t row) {
  for (int c = 0; c < N_SAID; c++) {
    pfc_column *column = pfc__build_find(b, SAID[c]);
    if (column && strcmp(SAID[c], "status") != 0) pfc_column_clear(column, row, row + 1);
  }
}

/* Marks the rows of the role to keep. Of two that people accepted both are kept: keys will
 * tell.
 */
static bool is_kept(const role_rows *rows, standing is, int64_t row) {
  if (rows->row[NONE] >= 0) return is == NONE;
  if (rows->row[ACCEPTED] >= 0) return is == ACCEPTED;
  if (rows->row[PROPOSED] >= 0) return is == PROPOSED;
  return row == rows->row[UNWANTED];
}

static void join_role(const pfc__builder *b, const role_rows *rows) {
  const pfc_column *ref = pfc__build_find(b, "framework_ref");
  const int64_t own = rows->row[NONE];
  const int64_t said = rows->row[ACCEPTED] >= 0 ? rows->row[ACCEPTED] : rows->row[PROPOSED];
  if (own >= 0 && said >= 0 && ref && pfc_column_missing(ref, own)) copy_said(b, said, own);
  if (own < 0 && said < 0) clear_said(b, rows->row[UNWANTED]);
}

static pfc_status settle_roles(pfc__builder *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *keep = NULL;
  role_rows *of = NULL;
  statuses s;
  if (!find_statuses(b, &s)) return PFC_OK;
  const pfc_column *id = pfc__build_ids(b);
  const int32_t n_roles = pfc_dict_size(id->dict);
  PFC_NEW(keep, b->n_rows);
  PFC_NEW(of, n_roles);
  memset(of, 0xff, sizeof *of * (size_t)n_roles);
  for (int64_t r = 0; r < b->n_rows; r++) {
    int64_t *first = &of[id->code[r]].row[standing_of(&s, r)];
    if (*first < 0) *first = r;
  }
  for (int64_t r = 0; r < b->n_rows; r++)
    keep[r] = is_kept(&of[id->code[r]], standing_of(&s, r), r);
  for (int64_t r = 0; r < b->n_rows; r++) {
    role_rows *rows = &of[id->code[r]];
    if (keep[r] && rows->row[NONE] <= r) join_role(b, rows);
  }
  drop_rows(b, keep);
done:
  pfc_free(keep);
  pfc_free(of);
  return st;
}

pfc_status pfc__import_proposals(pfc__import *run, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(settle_rows(run->builders[PFC_TARGETS], err));
  PFC_TRY(settle_rows(run->builders[PFC_REQUIREMENTS], err));
  PFC_TRY(settle_roles(run->builders[PFC_ROLES], err));
done:
  return st;
}
