#include "trainer/train.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "datasets/split.h"
#include "models/predict.h"
#include "trainer/train_internal.h"

void pfc_train_defaults(pfc_train_settings *s) {
  *s = (pfc_train_settings){.struct_size = sizeof *s,
                            .models = PFC_TRAIN_ALL,
                            .seed = 1,
                            .weights = {.registered = 0.5, .started = 1, .passed = 1},
                            .success_min_rows = 50,
                            .accept_min_rows = 50,
                            .holdout = 0.2,
                            .time_bins = 12,
                            .time_min_events = 20,
                            .time_tail = 0.05,
                            .time_ridge = 10,
                            .baseline = {.shrinkage = 10,
                                         .half_life_days = 90,
                                         .neighbours = 50,
                                         .knn_shrinkage = 20,
                                         .ease_lambda = 100}};
  pfc_als_defaults(&s->als);
  pfc_profile_settings_defaults(&s->profile);
}

static pfc_status check_number(const char *name, double value, double min, double max,
                               pfc_error *err) {
  if (value >= min && value <= max) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "%s: %g to %g expected, not %g", name, min, max, value);
}

static pfc_status check_baseline(const pfc_baseline_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (s->kind != PFC_BASELINE_NONE && !pfc_baseline_name(s->kind)) {
    return pfc_fail(err, PFC_EUSAGE, "baseline.kind: one of the kinds expected, not %d",
                    (int)s->kind);
  }
  PFC_TRY(check_number("baseline.shrinkage", s->shrinkage, 0, 1e6, err));
  PFC_TRY(check_number("baseline.half_life_days", s->half_life_days, 1, 1e6, err));
  PFC_TRY(check_number("baseline.neighbours", s->neighbours, 1, 1e6, err));
  PFC_TRY(check_number("baseline.knn_shrinkage", s->knn_shrinkage, 0, 1e6, err));
  PFC_TRY(check_number("baseline.ease_lambda", s->ease_lambda, 1e-6, 1e9, err));
done:
  return st;
}

pfc_status pfc_train_check(const pfc_train_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (s->struct_size != sizeof *s) {
    return pfc_fail(err, PFC_EUSAGE, "train settings: start from pfc_train_defaults()");
  }
  PFC_TRY(check_number("models", s->models, 1, PFC_TRAIN_ALL, err));
  if (s->require & ~s->models) {
    return pfc_fail(err, PFC_EUSAGE, "require: only models that are to be trained expected");
  }
  PFC_TRY(check_number("weights.registered", s->weights.registered, 0, 1e6, err));
  PFC_TRY(check_number("weights.started", s->weights.started, 0, 1e6, err));
  PFC_TRY(check_number("weights.passed", s->weights.passed, 0, 1e6, err));
  PFC_TRY(check_number("weights.half_life_days", s->weights.half_life_days, 0, 1e6, err));
  PFC_TRY(check_number("success_min_rows", s->success_min_rows, 2, 1e9, err));
  PFC_TRY(check_number("accept_min_rows", s->accept_min_rows, 2, 1e9, err));
  PFC_TRY(check_number("holdout", s->holdout, 0.01, 0.9, err));
  PFC_TRY(check_number("time_bins", s->time_bins, 1, 40, err));
  PFC_TRY(check_number("time_min_events", s->time_min_events, 1, 1e9, err));
  PFC_TRY(check_number("time_tail", s->time_tail, 0, 0.9, err));
  PFC_TRY(check_number("time_ridge", s->time_ridge, 1e-9, 1e9, err));
  PFC_TRY(pfc_als_check(&s->als, err));
  PFC_TRY(pfc_profile_settings_check(&s->profile, err));
  PFC_TRY(check_baseline(&s->baseline, err));
done:
  return st;
}

/* --- the world of training -------------------------------------------------------- */

pfc_status pfc__world_init(pfc__training *t, const pfc_dataset *ds, pfc_error *err) {
  const pfc_status st = pfc_split_training_view(ds, &t->view, err);
  return st == PFC_OK ? pfc__world_read(t, err) : st;
}

pfc_status pfc__world_read(pfc__training *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_history_create(t->view, &t->history, err));
  PFC_TRY(pfc_catalogue_create(t->view, &t->cat, err));
  PFC_TRY(pfc_lens_create(t->view, t->history, t->cat, NULL, 0, &t->lens, err));
  const int32_t last = pfc_last_day(t->view, t->history);
  t->today = last == PFC_NO_DATE ? PFC_NO_DATE : last + 1;
done:
  return st;
}

void pfc__world_clear(pfc__training *t) {
  pfc_fold_destroy(t->fold);
  pfc_lens_destroy(t->lens);
  pfc_catalogue_destroy(t->cat);
  pfc_history_destroy(t->history);
  pfc_dataset_destroy(t->view);
  pfc_bundle_destroy(t->bundle);
}

/* --- provenance -------------------------------------------------------------------- */

static bool features_use(const pfc_features *f, const char *dict) {
  for (int i = 0; f && i < f->n_fields; i++) {
    if (f->fields[i].kind == PFC_FIELD_ONEHOT && strcmp(f->fields[i].dict, dict) == 0)
      return true;
  }
  return false;
}

static bool profile_uses(const char *dict) {
  return strcmp(dict, "role") == 0 || strcmp(dict, "source") == 0 || strcmp(dict, "rater") == 0;
}

static bool models_use(const pfc_bundle *b, const char *dict) {
  static const char *const always[] = {"person", "intervention", "competency"};
  for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
    if (strcmp(dict, always[i]) == 0) return true;
  }
  if (b->has_profile && profile_uses(dict)) return true;
  if (b->baseline.by_role.n_rows > 0 && strcmp(dict, "role") == 0) return true;
  return features_use(b->affinity.person_features, dict) ||
         features_use(b->affinity.item_features, dict) ||
         features_use(b->success.features, dict) || features_use(b->accept.features, dict) ||
         features_use(b->time.features, dict) || features_use(b->anyway.features, dict);
}

/* Dictionaries that models refer to; texts such as titles stay in the dataset. */
static pfc_status keep_dictionaries(pfc__training *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_bundle *b = t->bundle;
  PFC_NEW(b->dicts, t->view->n_dicts);
  for (int d = 0; d < t->view->n_dicts; d++) {
    const pfc_dict *from = t->view->dicts[d];
    if (!models_use(b, pfc_dict_name(from))) continue;
    pfc_dict *to = pfc_dict_create(pfc_dict_name(from));
    if (!to) return pfc_fail_memory(err, "dictionary");
    b->dicts[b->n_dicts++] = to;
    for (int32_t c = 0; c < pfc_dict_size(from); c++) {
      int32_t code;
      const char *text = pfc_dict_text(from, c);
      PFC_TRY(pfc_dict_add(to, text, strlen(text), &code, err));
    }
  }
done:
  return st;
}

pfc_status pfc__keep_provenance(pfc__training *t, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_bundle *b = t->bundle;
  char split[PFC_SPLIT_TEXT];
  pfc_split_describe(&ds->split, split);
  memcpy(b->data_sha256, ds->sha256, sizeof b->data_sha256);
  b->seed = t->settings->seed;
  b->trained_as_of = t->today == PFC_NO_DATE ? PFC_NO_DATE : t->today - 1;
  if (!(b->feedback_head = pfc_strdup(ds->feedback_head)) || !(b->split = pfc_strdup(split)) ||
      !(b->blas = pfc_strdup(pfc_par_blas())) ||
      !(b->build = pfc_strdup("proficio " PFC_VERSION))) {
    st = pfc_fail_memory(err, "provenance");
    goto done;
  }
  PFC_TRY(keep_dictionaries(t, err));
done:
  return st;
}

pfc_status pfc__certify(pfc_bundle *b, const char *model, int64_t n_rows, int64_t iterations,
                        double objective, double gradient, int converged, pfc_error *err) {
  const size_t n = (size_t)b->n_certificates;
  pfc_certificate *grown = pfc_resize_array(b->certificates, n, n + 1, sizeof *grown);
  if (!grown) return pfc_fail_memory(err, "certificates");
  b->certificates = grown;
  char *name = pfc_strdup(model);
  if (!name) return pfc_fail_memory(err, "certificates");
  b->certificates[b->n_certificates++] =
      (pfc_certificate){name, n_rows, iterations, objective, gradient, converged};
  return PFC_OK;
}

pfc_status pfc__record_metric(pfc_bundle *b, const char *name, int64_t n_rows, double value,
                              pfc_error *err) {
  const size_t n = (size_t)b->n_metrics;
  pfc_metric *grown = pfc_resize_array(b->metrics, n, n + 1, sizeof *grown);
  if (!grown) return pfc_fail_memory(err, "metrics");
  b->metrics = grown;
  char *copy = pfc_strdup(name);
  if (!copy) return pfc_fail_memory(err, "metrics");
  b->metrics[b->n_metrics++] = (pfc_metric){copy, n_rows, value};
  return PFC_OK;
}

/* --- the models, one after the other ------------------------------------------------- */

static const struct {
  unsigned bit;
  const char *name;
  pfc_status (*train)(pfc__training *, pfc_train_note *, pfc_error *);
} MODELS[] = {
    {PFC_TRAIN_PROFILE, "profile", pfc__train_profile},
    {PFC_TRAIN_AFFINITY, "affinity", pfc__train_affinity},
    {PFC_TRAIN_SUCCESS, "success", pfc__train_success},
    {PFC_TRAIN_ACCEPT, "accept", pfc__train_accept},
    {PFC_TRAIN_TIME, "time", pfc__train_time},
};
enum { N_MODELS = sizeof MODELS / sizeof *MODELS };

/* Every model's reason, as far as there is room. */
static pfc_status refuse_all(const pfc_train_report *report, pfc_error *err) {
  char text[sizeof report->notes[0].text] = "";
  size_t at = 0;
  for (int n = 0; n < report->n_notes && at < sizeof text; n++) {
    const pfc_train_note *note = &report->notes[n];
    at += (size_t)snprintf(text + at, sizeof text - at, "%s%s: %s", n ? "; " : "", note->model,
                           note->text);
  }
  return pfc_fail(err, PFC_EDATA, "nothing can be trained on these data: %s", text);
}

static pfc_status train_models(pfc__training *t, pfc_train_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  int trained = 0;
  for (int m = 0; m < N_MODELS; m++) {
    if (!(t->settings->models & MODELS[m].bit)) continue;
    pfc_train_note *note = &report->notes[report->n_notes++];
    *note = (pfc_train_note){.model = MODELS[m].name};
    PFC_TRY(MODELS[m].train(t, note, err));
    trained += note->trained;
    if (!note->trained && (t->settings->require & MODELS[m].bit)) {
      return pfc_fail(err, PFC_EDATA, "%s cannot be trained: %s", note->model, note->text);
    }
  }
  if (trained == 0) return refuse_all(report, err);
  if (t->bundle->has_affinity) PFC_TRY(pfc__calibrate_affinity(t, err));
done:
  return st;
}

static pfc_status train_baseline(pfc__training *t, pfc_train_report *report, pfc_error *err) {
  pfc_train_note *note = &report->notes[report->n_notes++];
  *note = (pfc_train_note){.model = "baseline"};
  const pfc_status st = pfc__train_baseline(t, note, err);
  if (st != PFC_OK || note->trained) return st;
  return pfc_fail(err, PFC_EDATA, "baseline %s cannot be trained: %s",
                  pfc_baseline_name(t->settings->baseline.kind), note->text);
}

pfc_status pfc_train(const pfc_dataset *ds, const pfc_train_settings *settings,
                     pfc_bundle **bundle, pfc_train_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__training t = {.settings = settings};
  *report = (pfc_train_report){0};
  PFC_TRY(pfc_train_check(settings, err));
  if (!(t.bundle = pfc_bundle_create())) return pfc_fail_memory(err, "bundle");
  PFC_TRY(pfc__world_init(&t, ds, err));
  PFC_TRY(settings->baseline.kind ? train_baseline(&t, report, err)
                                  : train_models(&t, report, err));
  PFC_TRY(pfc__keep_provenance(&t, ds, err));
  *bundle = t.bundle;
  t.bundle = NULL;
done:
  pfc__world_clear(&t);
  return st;
}
