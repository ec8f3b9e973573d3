#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "engine/suggest_internal.h"
#include "engine/text_match.h"

/* Log-odds that an occupation is the right one: of its score, and of how far it lies before the
 * best of the others (docs/SUGGEST.md, "How far to trust them"). */
static const double AT_0 = -2.6, BY_SCORE = 1.45, BY_LEAD = 4.3;

/* Of a title that the framework itself has, shared by all occupations that it gives it to. */
static const double NAMED_SO = 0.9;
static const double SAME = 1 - 1e-6; /* cosine of the same words; weights are floats */

enum { STAGE_STEP = 64, SHOWN = 70 /* bytes of a title */, MOST_ALIKE = 2 /* of a score */ };

typedef struct work {
  const pfc_dataset *ds, *frame;
  const pfc_alternate_titles *titles; /* may be NULL */
  pfc_text_index *index;
  pfc_text_match *match;
  int32_t n_occupations;
  const char **title_of; /* by occupation; NULL: it has none */
  const char **text;     /* by text of the index */
  int32_t n_texts;
  double *score;
} work;

static void work_clear(work *w) {
  pfc_text_match_destroy(w->match);
  pfc_text_index_destroy(w->index);
  pfc_free(w->title_of);
  pfc_free(w->text);
  pfc_free(w->score);
}

static pfc_status add_title(work *w, int32_t occupation, const char *title, pfc_error *err) {
  w->text[w->n_texts++] = title;
  return pfc_text_index_add(w->index, occupation, title, err);
}

static pfc_status fill_index(work *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *role = pfc_dataset_codes(w->frame, PFC_ROLES, "role_id");
  const pfc_column *title = pfc_dataset_column(w->frame, PFC_ROLES, "title");
  const int64_t n = w->frame->tables[PFC_ROLES].n_rows;
  w->n_occupations = pfc_dataset_count(w->frame, "role");
  PFC_NEW(w->title_of, w->n_occupations);
  PFC_NEW(w->score, w->n_occupations);
  PFC_NEW(w->text, n + (w->titles ? w->titles->n : 0));
  PFC_TRY(pfc_text_index_create(w->n_occupations, &w->index, err));
  for (int64_t r = 0; title && r < n; r++) {
    if (title->code[r] < 0) continue;
    w->title_of[role[r]] = pfc_dict_text(title->dict, title->code[r]);
    PFC_TRY(add_title(w, role[r], w->title_of[role[r]], err));
  }
  for (int32_t k = 0; w->titles && k < w->titles->n; k++)
    PFC_TRY(add_title(w, w->titles->at[k].role, w->titles->at[k].title, err));
  PFC_TRY(pfc_text_index_seal(w->index, err));
  PFC_TRY(pfc_text_match_create(w->index, &w->match, err));
done:
  return st;
}

/* The framework itself gives an occupation that title: as its own (2), as another (1). */
static int is_named_so(const work *w, int32_t occupation) {
  double cosine;
  const int32_t text = pfc_text_match_nearest(w->match, occupation, &cosine);
  if (text < 0 || cosine < SAME) return 0;
  return w->text[text] == w->title_of[occupation] ? 2 : 1;
}

/* The best places, equal ones by code; returns how many there are. */
static int find_best(const work *w, int32_t best[PFC_SUGGEST_ROLES + 1]) {
  int n = 0;
  for (int32_t o = 0; o < w->n_occupations; o++) {
    if (w->score[o] <= 0) continue;
    int k = n <= PFC_SUGGEST_ROLES ? n++ : PFC_SUGGEST_ROLES + 1;
    for (; k > 0 && w->score[best[k - 1]] < w->score[o]; k--)
      if (k <= PFC_SUGGEST_ROLES) best[k] = best[k - 1];
    if (k <= PFC_SUGGEST_ROLES) best[k] = o;
  }
  return n;
}

/* How alike, without what comes of having the very title. */
static double likeness(const work *w, int32_t occupation) {
  return w->score[occupation] - MOST_ALIKE * is_named_so(w, occupation);
}

/* Where the framework has that very title, the others have little left. */
static double confidence_of(const work *w, const int32_t *best, int n, int k) {
  int n_named_so = 0;
  for (int j = 0; j < n; j++) n_named_so += is_named_so(w, best[j]) > 0;
  const int so = is_named_so(w, best[k]);
  if (so > 0) return so == 2 ? NAMED_SO : NAMED_SO / n_named_so;
  const double own = likeness(w, best[k]);
  const double other = k > 0 ? likeness(w, best[0]) : n > 1 ? likeness(w, best[1]) : 0;
  const double sure = 1 / (1 + exp(-(AT_0 + BY_SCORE * own + BY_LEAD * (own - other))));
  return n_named_so > 0 ? fmin(sure, (1 - NAMED_SO)) : sure;
}

/* "Software Developers, also called Java Developer" */
static void tell_evidence(const work *w, int32_t occupation, char *evidence) {
  double cosine;
  const int32_t nearest = pfc_text_match_nearest(w->match, occupation, &cosine);
  const char *title = w->title_of[occupation] ? w->title_of[occupation] : "";
  const char *other = nearest < 0 ? title : w->text[nearest];
  const bool same = strcmp(other, title) == 0;
  (void)snprintf(evidence, PFC_SUGGEST_EVIDENCE, "%.*s%s%.*s", (int)pfc_utf8_cut(title, SHOWN),
                 title, same ? "" : ", also called ",
                 same ? 0 : (int)pfc_utf8_cut(other, SHOWN), other);
}

static pfc_status suggest_one(work *w, int32_t role, const char *title, pfc_suggestion_fn fn,
                              void *user, pfc_suggest_totals *totals, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t best[PFC_SUGGEST_ROLES + 1];
  PFC_TRY(pfc_text_match_run(w->index, w->match, title, w->score, err));
  for (int32_t o = 0; o < w->n_occupations; o++) w->score[o] += MOST_ALIKE * is_named_so(w, o);
  const int n = find_best(w, best);
  for (int k = 0; k < n && k < PFC_SUGGEST_ROLES; k++) {
    pfc_suggestion s = {.item = role, .answer = best[k], .rank = k + 1};
    s.confidence = confidence_of(w, best, n, k);
    s.from_level = s.to_level = (double)NAN;
    tell_evidence(w, best[k], s.evidence);
    PFC_TRY(fn(&s, user, err));
    totals->n_proposed++;
  }
  totals->with_any += n > 0;
done:
  return st;
}

/* mark[role] = 1 for roles with requirements. */
static void mark_required(const pfc_dataset *ds, uint8_t *mark) {
  const int32_t *role = pfc_dataset_codes(ds, PFC_REQUIREMENTS, "role_id");
  for (int64_t r = 0; role && r < ds->tables[PFC_REQUIREMENTS].n_rows; r++)
    if (role[r] >= 0) mark[role[r]] = 1;
}

pfc_status pfc_suggest_roles(const pfc_dataset *ds, const pfc_dataset *frame,
                             const pfc_alternate_titles *titles, const pfc_progress *progress,
                             pfc_suggestion_fn fn, void *user, pfc_suggest_totals *totals,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  work w = {.ds = ds, .frame = frame, .titles = titles};
  uint8_t *is_done = NULL;
  const int64_t n = ds->tables[PFC_ROLES].n_rows;
  const int32_t *role = pfc_dataset_codes(ds, PFC_ROLES, "role_id");
  const int32_t *ref = pfc_dataset_codes(ds, PFC_ROLES, "framework_ref");
  const pfc_column *title = pfc_dataset_column(ds, PFC_ROLES, "title");
  *totals = (pfc_suggest_totals){0};
  if (!title)
    return pfc_fail(err, PFC_EDATA,
                    "no role has a title: table roles needs the columns role_id and title, and "
                    "table people role_id");
  if (!pfc_dataset_column(frame, PFC_ROLES, "title"))
    return pfc_fail(err, PFC_EDATA, "the framework has no occupations with a title");
  PFC_TRY(fill_index(&w, err));
  PFC_NEW(is_done, pfc_dataset_count(ds, "role"));
  mark_required(ds, is_done);
  for (int64_t r = 0; r < n; r++) {
    if (r % STAGE_STEP == 0)
      PFC_TRY(pfc_progress_report(progress, "suggest roles", r, n, (double)NAN, err));
    if (is_done[role[r]] || (ref && ref[r] >= 0) || title->code[r] < 0) continue;
    totals->items++;
    PFC_TRY(suggest_one(&w, role[r], pfc_dict_text(title->dict, title->code[r]), fn, user,
                        totals, err));
  }
done:
  pfc_free(is_done);
  work_clear(&w);
  return st;
}
