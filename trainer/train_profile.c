/* The profile model: from the training view's evidence into the bundle, and what is told of its
 * sources. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "models/profile_cell.h"
#include "trainer/profile_fit.h"
#include "trainer/source_links.h"
#include "trainer/train_internal.h"

/* --- what the ratings are ------------------------------------------------------------------
 */

/* Of a cell, the ratings that the fit will see; `middle` of the scale. */
static void count_cell(const pfc_evidence *e, int64_t from, int64_t to, double middle,
                       pfc__profile_rows *rows) {
  const int64_t first = to - from > PFC_CELL_RATINGS ? to - PFC_CELL_RATINGS : from;
  rows->n_cells++;
  rows->n_ratings += to - first;
  rows->n_old += first - from;
  for (int64_t k = first; k < to; k++) {
    const pfc_seen *at = &e->seen[k];
    if (at->source >= 0) rows->by_source[at->source]++;
    rows->least = fmin(rows->least, at->level);
    rows->most = fmax(rows->most, at->level);
    rows->sum += at->level - middle;
    rows->squares += (at->level - middle) * (at->level - middle);
  }
}

static void count_person(const pfc_evidence *e, int32_t person, pfc__profile_rows *rows) {
  const double middle = e->scale_min / 2 + e->scale_max / 2;
  const int64_t end = e->first_seen[person + 1];
  rows->n_people += end > e->first_seen[person];
  for (int64_t from = e->first_seen[person], to; from < end; from = to) {
    for (to = from + 1; to < end; to++)
      if (e->seen[to].competency != e->seen[from].competency) break;
    count_cell(e, from, to, middle, rows);
  }
}

pfc_status pfc__profile_rows_init(const pfc__training *t, pfc__profile_rows *rows,
                                  pfc_error *err) {
  pfc_status st = PFC_OK;
  *rows = (pfc__profile_rows){.least = INFINITY, .most = -INFINITY};
  PFC_TRY(pfc_evidence_create(t->view, t->history, &rows->evidence, err));
  const pfc_evidence *e = rows->evidence;
  rows->names = pfc_dataset_find_dict(t->view, "source");
  PFC_NEW(rows->by_source, e->n_sources);
  PFC_NEW(rows->linked, e->n_sources);
  PFC_NEW(rows->shared, e->n_sources);
  for (int32_t p = 0; p < e->n_people; p++) count_person(e, p, rows);
  for (int32_t s = 0; s < e->n_sources; s++) {
    rows->n_sources += rows->by_source[s] > 0;
    rows->n_anchors += rows->by_source[s] > 0 && e->is_anchor[s];
  }
  PFC_TRY(pfc_source_links(e, PFC_NO_DATE, rows->linked, rows->shared, err));
done:
  return st;
}

void pfc__profile_rows_clear(pfc__profile_rows *rows) {
  pfc_evidence_destroy(rows->evidence);
  pfc_free(rows->by_source);
  pfc_free(rows->linked);
  pfc_free(rows->shared);
}

/* --- words ------------------------------------------------------------------------------- */

/* Text that grows within its room; what does not fit is left out from there on. */
typedef struct words {
  char *text;
  size_t at, size;
} words;

/* A name as long as a line of words bears, then `tail`. */
static void add_name(words *w, const char *before, const char *name, const char *tail) {
  enum { LONGEST = 40 };
  const size_t n = pfc_utf8_cut(name, LONGEST), room = w->size - w->at;
  const int len = snprintf(w->text + w->at, room, "%s%.*s%s%s", before, (int)n, name,
                           name[n] ? "..." : "", tail);
  if (len < 0 || (size_t)len >= room) {
    w->text[w->at] = '\0';
    w->size = w->at + 1; /* full */
  } else {
    w->at += (size_t)len;
  }
}

static void add(words *w, const char *text) { add_name(w, text, "", ""); }

/* Nothing where nothing was counted. */
static void add_count(words *w, int64_t n, const char *before, const char *after) {
  char number[24];
  if (n == 0) return;
  (void)snprintf(number, sizeof number, "%lld", (long long)n);
  add_name(w, before, number, after);
}

static bool is_alone(const pfc__profile_rows *rows, int32_t s) {
  return rows->by_source[s] > 0 && !rows->linked[s];
}

/* "source peer shares no cell with an anchor: its bias is taken to be 0" */
static void add_alone(words *w, const pfc__profile_rows *rows) {
  int32_t n = 0, told = 0;
  for (int32_t s = 0; s < rows->evidence->n_sources; s++) n += is_alone(rows, s);
  if (n == 0) return;
  add(w, n == 1 ? "source" : "sources");
  for (int32_t s = 0; s < rows->evidence->n_sources; s++)
    if (is_alone(rows, s)) add_name(w, told++ ? ", " : " ", pfc_dict_text(rows->names, s), "");
  add(w, n == 1 ? " shares no cell with an anchor: its bias is taken to be 0"
                : " share no cell with an anchor: their bias is taken to be 0");
}

void pfc__profile_doubts(const pfc__profile_rows *rows, char *text, size_t size) {
  words w = {text, 0, size};
  text[0] = '\0';
  if (rows->n_anchors == 0) {
    add(&w, "relative levels: no source with ratings is an anchor (table sources)");
  } else {
    add_alone(&w, rows);
  }
}

static void add_sources(words *w, const pfc__profile_rows *rows, const pfc_profile *p) {
  int32_t told = 0;
  const int32_t n = rows->evidence->n_sources;
  for (int32_t s = 0; s < n; s++)
    if (rows->by_source[s] > 0 && rows->evidence->is_anchor[s])
      add_name(w, told++ ? ", " : "; anchor ", pfc_dict_text(rows->names, s), "");
  told = 0;
  for (int32_t s = 0; s < n; s++) {
    char bias[32];
    if (rows->by_source[s] == 0 || rows->evidence->is_anchor[s] || !rows->linked[s]) continue;
    (void)snprintf(bias, sizeof bias, " %+.2f", p->source[s].bias);
    add_name(w, told++ ? ", " : "; bias ", pfc_dict_text(rows->names, s), bias);
  }
}

/* "12000 ratings of 5000 cells by 4 sources; anchor test; bias manager +0.17, self +0.40; ..."
 */
static void tell(const pfc__profile_rows *rows, const pfc_profile *p, pfc_train_note *note) {
  char doubts[sizeof note->text];
  const int n = snprintf(note->text, sizeof note->text, "%lld ratings of %lld cells",
                         (long long)rows->n_ratings, (long long)rows->n_cells);
  words w = {note->text, (size_t)n, sizeof note->text};
  add_count(&w, rows->n_old, ", ", " older ones left out");
  if (rows->n_sources > 0) {
    add_count(&w, rows->n_sources, " by ", rows->n_sources == 1 ? " source" : " sources");
  } else {
    add(&w, "; no source is named");
  }
  pfc__profile_doubts(rows, doubts, sizeof doubts);
  if (doubts[0]) {
    add(&w, "; ");
    add(&w, doubts);
  }
  add_sources(&w, rows, p);
}

/* --- the fit -------------------------------------------------------------------------------
 */

static pfc_status fit_profile(pfc__training *t, const pfc__profile_rows *rows,
                              const pfc_requirements *requirements, pfc_train_note *note,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_bundle *b = t->bundle;
  pfc_profile_fit fit;
  pfc_profile_settings s = t->settings->profile;
  s.seed = t->settings->seed;
  s.progress = t->settings->progress;
  PFC_TRY(pfc_profile_fit_run(rows->evidence, requirements, PFC_NO_DATE, &s, &b->profile, &fit,
                              err));
  b->has_profile = true;
  PFC_TRY(pfc_lend_profile(&b->profile, t->view, t->history, t->lens, &t->levels, err));
  note->trained = 1;
  tell(rows, &b->profile, note);
  PFC_TRY(pfc__certify(b, "profile", fit.n_ratings, fit.sweeps, fit.bound, fit.change,
                       fit.converged, err));
  if (!isnan(fit.holdout_nll))
    PFC_TRY(pfc__record_metric(b, "profile.holdout_nll", fit.n_held, fit.holdout_nll, err));
done:
  return st;
}

pfc_status pfc__train_profile(pfc__training *t, pfc_train_note *note, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__profile_rows rows = {0};
  pfc_requirements *requirements = NULL;
  PFC_TRY(pfc__profile_rows_init(t, &rows, err));
  note->n_rows = rows.n_ratings;
  if (pfc__profile_refuses(t, &rows, note)) goto done;
  PFC_TRY(pfc_requirements_create(t->view, &requirements, err));
  PFC_TRY(fit_profile(t, &rows, requirements, note, err));
done:
  pfc_requirements_destroy(requirements);
  pfc__profile_rows_clear(&rows);
  return st;
}
