/* What the candidate is made of: whatever the champion can tell, it must tell too. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/split.h"
#include "trainer/gate_internal.h"

/* --- models --------------------------------------------------------------------------------
 */

enum { N_MODELS = 7 };
static const char *const MODELS[N_MODELS] = {"affinity", "success", "accept",  "time",
                                             "anyway",   "profile", "baseline"};

static void has_models(const pfc_bundle *b, bool has[N_MODELS]) {
  const bool all[N_MODELS] = {b->has_affinity, b->has_success, b->has_accept,  b->has_time,
                              b->has_anyway,   b->has_profile, b->has_baseline};
  memcpy(has, all, sizeof all);
}

static pfc_status judge_models(pfc__gate *g, pfc_error *err) {
  bool mine[N_MODELS], theirs[N_MODELS];
  pfc__gate_row *row = pfc__gate_add(g, "schema.models", "data", err);
  if (!row) return PFC_ENOMEM;
  has_models(g->candidate, mine);
  has_models(g->champion, theirs);
  row->role = PFC__MUST_HOLD;
  row->candidate = row->champion = row->figure = row->limit = 0;
  for (int m = 0; m < N_MODELS; m++) {
    row->candidate += mine[m];
    row->champion += theirs[m];
    if (mine[m] || !theirs[m]) continue;
    const size_t used = strlen(row->note);
    (void)snprintf(row->note + used, sizeof row->note - used, "%s%s", used ? ", " : "lacks ",
                   MODELS[m]);
    row->figure--;
  }
  row->n = N_MODELS;
  row->is_refused = row->figure < 0;
  return PFC_OK;
}

/* --- words ---------------------------------------------------------------------------------
 */

/* knows[code]: has the bundle a word for it? What it has no dictionary for it cannot know. */
static void find_known(const pfc_bundle *b, const pfc_dict *dict, uint8_t *knows) {
  const pfc_dict *own = pfc_bundle_dict(b, pfc_dict_name(dict));
  for (int32_t c = 0; c < pfc_dict_size(dict); c++)
    knows[c] = own && pfc_dict_find(own, pfc_dict_text(dict, c)) >= 0;
}

/* Starts of the newest slice whose intervention a bundle knows, as a share of all; *n all. */
static pfc_status known_share(const pfc__gate *g, const pfc_bundle *b, double *share,
                              int64_t *n, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *is_test = NULL, *knows = NULL;
  pfc_dataset newest = *g->ds;
  newest.split = (pfc_split){.kind = PFC_SPLIT_AT, .date = g->settings->slice_from};
  const int32_t *item = pfc_dataset_codes(&newest, PFC_ENROLMENTS, "intervention_id");
  const pfc_dict *items = pfc_dataset_find_dict(&newest, "intervention");
  const int64_t n_rows = item && items ? newest.tables[PFC_ENROLMENTS].n_rows : 0;
  int64_t known = 0;
  *n = 0;
  PFC_NEW(is_test, n_rows);
  PFC_NEW(knows, items ? pfc_dict_size(items) : 0);
  if (n_rows == 0) goto done;
  find_known(b, items, knows);
  PFC_TRY(pfc_split_mark(&newest, PFC_ENROLMENTS, is_test, err));
  for (int64_t r = 0; r < n_rows; r++) {
    if (!is_test[r] || item[r] < 0) continue;
    (*n)++;
    known += knows[item[r]];
  }
done:
  *share = *n > 0 ? (double)known / (double)*n : 1;
  pfc_free(is_test);
  pfc_free(knows);
  return st;
}

static pfc_status judge_words(pfc__gate *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  double mine = 1, theirs = 1;
  int64_t n = 0;
  PFC_TRY(known_share(g, g->candidate, &mine, &n, err));
  PFC_TRY(known_share(g, g->champion, &theirs, &n, err));
  pfc__gate_row *row = pfc__gate_add(g, "schema.known", "data", err);
  if (!row) return PFC_ENOMEM;
  row->role = PFC__MUST_HOLD;
  row->candidate = mine;
  row->champion = theirs;
  row->figure = mine - theirs;
  row->limit = -g->settings->margin;
  row->n = n;
done:
  return st;
}

pfc_status pfc__gate_schema(pfc__gate *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(judge_models(g, err));
  PFC_TRY(judge_words(g, err));
done:
  return st;
}
