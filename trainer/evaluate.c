#include "trainer/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/par.h"
#include "datasets/split.h"
#include "models/lent_levels.h"
#include "trainer/evaluate_internal.h"

void pfc_evaluate_defaults(pfc_evaluate_settings *s) {
  *s = (pfc_evaluate_settings){.struct_size = sizeof *s,
                               .n_k = 5,
                               .k = {1, 2, 5, 10, 20},
                               .n_days = 4,
                               .days = {90, 120, 150, 180},
                               .resamples = 500,
                               .lists = true,
                               .seed = 1};
}

static pfc_status check_settings(const pfc_evaluate_settings *s, pfc_error *err) {
  if (s->struct_size != sizeof *s) {
    return pfc_fail(err, PFC_EUSAGE, "evaluate settings: start from pfc_evaluate_defaults()");
  }
  if (s->n_k < 0 || s->n_k > PFC_MAX_CUTOFFS || s->n_days < 0 || s->n_days > PFC_MAX_CUTOFFS) {
    return pfc_fail(err, PFC_EUSAGE, "k, days: 0 to %d of each expected, not %d and %d",
                    PFC_MAX_CUTOFFS, s->n_k, s->n_days);
  }
  for (int i = 0; i < s->n_k; i++) {
    if (s->k[i] < 1) {
      return pfc_fail(err, PFC_EUSAGE, "k: cut-offs of 1 or more expected, not %d", s->k[i]);
    }
  }
  for (int i = 0; i < s->n_days; i++) {
    if (!(s->days[i] > (i ? s->days[i - 1] : 0) && isfinite(s->days[i]))) {
      return pfc_fail(err, PFC_EUSAGE, "days: ascending days above 0 expected, not %g",
                      s->days[i]);
    }
  }
  if (s->resamples < 0) {
    return pfc_fail(err, PFC_EUSAGE, "resamples: 0 or more expected, not %d", s->resamples);
  }
  return PFC_OK;
}

/* --- may they be judged on these rows? --------------------------------------------------- */

/* Rows that name nobody are dealt by their place, which another dataset may have given to
 * others. */
static bool names_everybody(const pfc_dataset *ds) {
  static const pfc_table_id DEALT[] = {PFC_ENROLMENTS, PFC_ASSESSMENTS, PFC_EPISODES};
  for (size_t t = 0; t < sizeof DEALT / sizeof *DEALT; t++) {
    const int32_t *person = pfc_dataset_codes(ds, DEALT[t], "person_id");
    for (int64_t r = 0; r < ds->tables[DEALT[t]].n_rows; r++)
      if (!person || person[r] < 0) return false;
  }
  return true;
}

enum { ORIGIN = PFC_SPLIT_TEXT + 64 };

/* "dataset 6a09... and feedback 12-bb67... with split "none"", cut to what tells them apart. */
static void describe_origin(const char *sha256, const char *head, const char *split,
                            char text[ORIGIN]) {
  (void)snprintf(text, ORIGIN, "dataset %.12s%s%.16s with split \"%.*s\"", sha256,
                 head[0] ? " and feedback " : "", head, PFC_SPLIT_TEXT, split);
}

/* Test rows are unseen when the model was trained on this very dataset under this very
 * split, or when they all begin after the last day that the model knows, or when they are of
 * people who were test people of the model too: people are dealt by the hash of their ids
 * (datasets/split.h), so the same fraction and seed leave the same ones out of any dataset. */
static pfc_status refuse_seen_rows(const pfc_contestant *c, const pfc_dataset *ds,
                                   pfc_error *err) {
  const pfc_bundle *b = c->bundle;
  char split[PFC_SPLIT_TEXT];
  pfc_split_describe(&ds->split, split);
  const char *trained = b->split ? b->split : ""; /* a bundle made by hand may have none */
  const char *head = b->feedback_head ? b->feedback_head : "";
  const bool is_same_data =
      strcmp(b->data_sha256, ds->sha256) == 0 && strcmp(head, ds->feedback_head) == 0;
  if (is_same_data && strcmp(trained, split) == 0) return PFC_OK;
  if (ds->split.kind == PFC_SPLIT_AT && b->trained_as_of != PFC_NO_DATE &&
      b->trained_as_of < ds->split.date) {
    return PFC_OK;
  }
  if (ds->split.kind == PFC_SPLIT_PERSON && strcmp(trained, split) == 0 && names_everybody(ds))
    return PFC_OK;
  char then[ORIGIN], here[ORIGIN];
  describe_origin(b->data_sha256, head, trained, then);
  describe_origin(ds->sha256, ds->feedback_head, split, here);
  return pfc_fail(err, PFC_EUSAGE,
                  "the model %s may have been trained on the test rows: it was trained on %s, "
                  "this is %s",
                  c->name, then, here);
}

static pfc_status check_contestants(int n, const pfc_contestant *contestants,
                                    const pfc_dataset *ds, pfc_error *err) {
  if (n < 1 || n > PFC_MAX_CONTESTANTS) {
    return pfc_fail(err, PFC_EUSAGE, "1 to %d models or predictions can be judged, not %d",
                    PFC_MAX_CONTESTANTS, n);
  }
  if (ds->split.kind == PFC_SPLIT_NONE) {
    return pfc_fail(err, PFC_EUSAGE,
                    "the dataset has no split, so the model would be judged on rows it was "
                    "trained on: run `proficio split DATA --at DATE` before training");
  }
  for (int i = 0; i < n; i++) {
    const pfc_contestant *c = &contestants[i];
    if (!c->name || !c->bundle == !c->predictions) {
      return pfc_fail(err, PFC_EUSAGE,
                      "contestant %d: a name and either a bundle or predictions expected", i);
    }
    const pfc_status st = c->bundle ? refuse_seen_rows(c, ds, err) : PFC_OK;
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

/* --- all of it ---------------------------------------------------------------------------- */

static pfc_status open_contender(pfc__evaluation *e, pfc__contender *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = c->is->bundle;
  if (!b) return PFC_OK;
  PFC_TRY(pfc_lens_create(e->ds, e->history, e->cat, b->dicts, b->n_dicts, &c->lens, err));
  PFC_TRY(pfc_lend_bundle(b, e->ds, e->history, c->lens, err));
  if (b->has_affinity) {
    PFC_TRY(pfc_fold_create(&b->affinity, c->lens, e->history, e->cat, pfc_par_threads(),
                            &c->fold, err));
  }
done:
  return st;
}

static pfc_status open_world(pfc__evaluation *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_history_create(e->ds, &e->history, err));
  PFC_TRY(pfc_catalogue_create(e->ds, &e->cat, err));
  PFC_TRY(pfc_judged_rows_create(e->ds, e->history, e->cat, &e->rows, err));
  PFC_TRY(pfc_split_training_view(e->ds, &e->training, err));
  PFC_TRY(pfc_history_create(e->training, &e->training_history, err));
  for (int i = 0; i < e->n; i++) PFC_TRY(open_contender(e, &e->at[i], err));
done:
  return st;
}

static void close_world(pfc__evaluation *e) {
  for (int i = 0; i < e->n; i++) {
    pfc_fold_destroy(e->at[i].fold);
    pfc_lens_destroy(e->at[i].lens);
  }
  pfc_free(e->comparisons);
  pfc_free(e->place);
  pfc_history_destroy(e->training_history);
  pfc_dataset_destroy(e->training);
  pfc_judged_rows_destroy(e->rows);
  pfc_catalogue_destroy(e->cat);
  pfc_history_destroy(e->history);
}

/* Figures of the first go to the object itself, those of the others to the elements of
 * "against". */
static pfc_status open_json(pfc__evaluation *e, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *others = NULL;
  PFC_TRY(pfc_json_put_text(json, "command", "evaluate", err));
  if (e->n > 1 && !(others = cJSON_AddArrayToObject(json, "against"))) {
    return pfc_fail_memory(err, "figures");
  }
  for (int i = 0; i < e->n; i++) {
    pfc__contender *c = &e->at[i];
    c->json = i ? cJSON_CreateObject() : json;
    if (!c->json || (i && !cJSON_AddItemToArray(others, c->json))) {
      if (i) cJSON_Delete(c->json);
      return pfc_fail_memory(err, "figures");
    }
    PFC_TRY(pfc_json_put_text(c->json, "model", c->is->name, err));
    if (!c->is->bundle) continue;
    PFC_TRY(pfc_json_put_text(c->json, "model_version", c->is->bundle->version, err));
  }
done:
  return st;
}

static pfc_status judge(pfc__evaluation *e, cJSON *json, pfc_error *err) {
  static pfc_status (*const PARTS[])(pfc__evaluation *, pfc_error *) = {
      pfc__evaluate_affinity, pfc__evaluate_success, pfc__evaluate_accept, pfc__evaluate_time,
      pfc__evaluate_profile};
  enum { N_PARTS = sizeof PARTS / sizeof *PARTS };
  pfc_status st = PFC_OK;
  for (int p = 0; p < N_PARTS; p++) {
    PFC_TRY(PARTS[p](e, err));
    PFC_TRY(pfc_progress_report(&e->settings->progress, "evaluate", p + 1, N_PARTS, (double)NAN,
                                err));
  }
  if (e->n > 1) PFC_TRY(pfc__tell_comparisons(e, json, err));
done:
  return st;
}

static pfc_status evaluate(pfc__evaluation *e, int n, const pfc_contestant *contestants,
                           cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(check_settings(e->settings, err));
  PFC_TRY(check_contestants(n, contestants, e->ds, err));
  e->n = n;
  for (int i = 0; i < e->n; i++) e->at[i].is = &contestants[i];
  PFC_TRY(open_json(e, json, err));
  PFC_TRY(open_world(e, err));
  PFC_TRY(judge(e, json, err));
done:
  return st;
}

pfc_status pfc_evaluate(int n, const pfc_contestant *contestants, const pfc_dataset *ds,
                        const pfc_evaluate_settings *settings, cJSON **json, pfc_error *err) {
  pfc__evaluation e = {.ds = ds, .settings = settings};
  cJSON *out = cJSON_CreateObject();
  if (!out) return pfc_fail_memory(err, "figures");
  const pfc_status st = evaluate(&e, n, contestants, out, err);
  if (st == PFC_OK)
    *json = out;
  else
    cJSON_Delete(out);
  close_world(&e);
  return st;
}

void pfc__lose(const pfc__evaluation *e, int64_t n, const int32_t *person,
               const double *const loss[2]) {
  for (int64_t i = 0; e->lost && i < n; i++) {
    double *of = e->lost + (ptrdiff_t)3 * person[i];
    of[0] += loss[0][i];
    of[1] += loss[1][i];
    of[2]++;
  }
}

pfc_status pfc__evaluate_duel(const pfc_contestant contestants[2], const pfc_dataset *ds,
                              const pfc_evaluate_settings *settings,
                              bool (*wants)(const char *, const char *), pfc__duel *duel,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__evaluation e = {.ds = ds, .settings = settings, .wants = wants};
  cJSON *figures = NULL;
  *duel = (pfc__duel){.n_people = pfc_dataset_count(ds, "person")};
  PFC_NEW(duel->lost, (size_t)duel->n_people * 3);
  e.lost = duel->lost;
  if (!(figures = cJSON_CreateObject())) {
    st = pfc_fail_memory(err, "figures");
    goto done;
  }
  PFC_TRY(evaluate(&e, 2, contestants, figures, err));
  duel->list = e.comparisons;
  duel->n = e.n_comparisons;
  e.comparisons = NULL;
done:
  cJSON_Delete(figures);
  close_world(&e);
  return st;
}

void pfc__duel_clear(pfc__duel *duel) {
  pfc_free(duel->list);
  pfc_free(duel->lost);
  *duel = (pfc__duel){0};
}
