#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/absorbed.h"
#include "cli/common.h"
#include "cli/signals.h"
#include "cli/training.h"
#include "trainer/train.h"

enum { KEY_ONLY = OWN_KEY, KEY_REQUIRE };

typedef struct train_options {
  unsigned only;    /* 0: all */
  unsigned require; /* 0: none */
} train_options;

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  train_options *o = own;
  return key == KEY_ONLY ? training_models("--only", arg, &o->only, err)
                         : training_models("--require", arg, &o->require, err);
}

static const struct argp_option OPTIONS[] = {
    {"only", KEY_ONLY, "MODEL,...", 0, "of profile, affinity, success, accept, time [all]", 0},
    {"require", KEY_REQUIRE, "MODEL,...", 0, "fail (exit 3) where one cannot be trained", 0},
    {0},
};

/* Settings that shaped the model, for the record: no paths, no threads. */
static pfc_status record_settings(const common *c, const train_options *o, pfc_bundle *b,
                                  pfc_error *err) {
  pfc_status st = PFC_OK;
  char *text = NULL;
  int n;
  const training_model *known = training_model_table(&n);
  cJSON *json = settings_json(&c->settings, "train.");
  if (!json) return pfc_fail_memory(err, "settings");
  cJSON *models = json_array(json, "models", err);
  for (int m = 0; m < n && models; m++) {
    if (b->has_baseline || (o->only && !(o->only & known[m].bit))) continue;
    if (!cJSON_AddItemToArray(models, cJSON_CreateString(known[m].name))) models = NULL;
  }
  text = models ? cJSON_PrintUnformatted(json) : NULL;
  pfc_free(b->settings);
  b->settings = text ? pfc_strdup(text) : NULL;
  if (!b->settings) st = pfc_fail_memory(err, "settings");
  cJSON_free(text);
  cJSON_Delete(json);
  return st;
}

/* --- what is told ------------------------------------------------------------------------- */

static pfc_status print_notes(common *c, const pfc_train_report *r, pfc_error *err) {
  static const output_column COLUMNS[] = {{"model", COLUMN_TEXT, false},
                                          {"trained", COLUMN_TEXT, false},
                                          {"rows", COLUMN_INT, false},
                                          {"note", COLUMN_TEXT, false}};
  pfc_status st = PFC_OK;
  output *out = NULL;
  PFC_TRY(common_table(c, 4, COLUMNS, &out, err));
  for (int n = 0; n < r->n_notes; n++) {
    const pfc_train_note *note = &r->notes[n];
    const cell row[] = {cell_text(note->model), cell_text(note->trained ? "yes" : "no"),
                        cell_int(note->n_rows), cell_text(note->text)};
    PFC_TRY(table_row(out, row, err));
  }
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

/* Newton's method stops by its gradient, sweeps by what the last one changed. */
static bool is_descent(const char *model) {
  return strcmp(model, "affinity") != 0 && strcmp(model, "profile") != 0;
}

static void note_convergence(common *c, const pfc_bundle *b) {
  for (int32_t i = 0; i < b->n_certificates; i++) {
    const pfc_certificate *f = &b->certificates[i];
    common_note(c, "%s: %s after %lld iterations on %lld rows, objective %.6g, %s %.2g",
                f->model, f->converged ? "converged" : "stopped at the limit",
                (long long)f->iterations, (long long)f->n_rows, f->objective,
                is_descent(f->model) ? "gradient" : "last change", f->gradient);
  }
}

static pfc_status put_notes(cJSON *json, const pfc_train_report *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *models = json_object(json, "models", err);
  if (!models) return PFC_ENOMEM;
  for (int n = 0; n < r->n_notes; n++) {
    cJSON *model = json_object(models, r->notes[n].model, err);
    if (!model) return PFC_ENOMEM;
    if (!cJSON_AddBoolToObject(model, "trained", r->notes[n].trained)) {
      return pfc_fail_memory(err, "report");
    }
    PFC_TRY(pfc_json_put_number(model, "rows", (double)r->notes[n].n_rows, err));
    PFC_TRY(pfc_json_put_text(model, "note", r->notes[n].text, err));
  }
done:
  return st;
}

static pfc_status put_certificates(cJSON *json, const pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *fits = json_array(json, "fits", err);
  if (!fits) return PFC_ENOMEM;
  for (int32_t i = 0; i < b->n_certificates; i++) {
    const pfc_certificate *f = &b->certificates[i];
    cJSON *fit = json_element(fits, err);
    if (!fit || !cJSON_AddBoolToObject(fit, "converged", f->converged)) {
      return pfc_fail_memory(err, "report");
    }
    PFC_TRY(pfc_json_put_text(fit, "model", f->model, err));
    PFC_TRY(pfc_json_put_number(fit, "rows", (double)f->n_rows, err));
    PFC_TRY(pfc_json_put_number(fit, "iterations", (double)f->iterations, err));
    PFC_TRY(pfc_json_put_number(fit, "objective", f->objective, err));
    PFC_TRY(pfc_json_put_number(fit, "gradient", f->gradient, err));
  }
done:
  return st;
}

static pfc_status report(common *c, const pfc_bundle *b, const pfc_train_report *r,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  char sha[PFC_SHA256_HEX], version[17];
  progress_end(&c->progress);
  PFC_TRY(pfc_sha256_file(c->output, sha, err));
  (void)snprintf(version, sizeof version, "%s", sha);
  PFC_TRY(print_notes(c, r, err));
  note_convergence(c, b);
  common_note(c, "%s written in %.1f s", c->output, seconds_now() - c->began);
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "model", c->output, err));
  PFC_TRY(pfc_json_put_text(json, "model_version", version, err));
  PFC_TRY(pfc_json_put_text(json, "feedback_head", b->feedback_head, err));
  PFC_TRY(put_notes(json, r, err));
  PFC_TRY(put_certificates(json, b, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

static pfc_status run(common *c, pfc_error *err) {
  const train_options *o = c->own;
  pfc_status st = PFC_OK;
  pfc_dataset *ds = NULL;
  pfc_bundle *bundle = NULL;
  pfc_train_report told;
  pfc_train_settings *s = &c->settings.train;
  if (!c->output) return pfc_fail(err, PFC_EUSAGE, "name the model to write: -o FILE");
  if (o->only && (o->require & ~o->only)) {
    return pfc_fail(err, PFC_EUSAGE, "--require names a model that --only leaves out");
  }
  if (s->baseline.kind && (o->only || o->require)) {
    return pfc_fail(err, PFC_EUSAGE,
                    "--baseline %s trains no model beside it: leave out --only and --require",
                    pfc_baseline_name(s->baseline.kind));
  }
  s->models = o->only ? o->only : (unsigned)PFC_TRAIN_ALL;
  s->require = o->require;
  s->progress = s->als.progress = progress_of(&c->progress);
  PFC_TRY(absorbed_load(c, c->args[0], &ds, err));
  PFC_TRY(training_cut(ds, c->as_of, err));
  PFC_TRY(pfc_train(ds, s, &bundle, &told, err));
  PFC_TRY(record_settings(c, o, bundle, err));
  PFC_TRY(signals_check(err));
  PFC_TRY(pfc_bundle_save(bundle, c->output, err));
  PFC_TRY(report(c, bundle, &told, err));
done:
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
  return st;
}

static const command_spec SPEC = {
    .name = "train",
    .args = "DATA -o MODEL",
    .min_args = 1,
    .max_args = 1,
    .doc =
        "Fits every model that the data carry, on the training rows, and writes one bundle. "
        "What cannot be trained is left out, and the reason is told. With --baseline one of "
        "the "
        "simple ways to order interventions is fitted instead, for comparison.",
    .example =
        "  proficio train data.h5 -o model.h5\n"
        "  proficio train data.h5 -o model.h5 --only affinity --rank 32 --threads 2\n"
        "  proficio train data.h5 --feedback feedback.db -o model.h5\n"
        "  proficio train data.h5 -o ease.h5 --baseline ease\n",
    .takes = TAKES_FORMAT | TAKES_AS_OF,
    .output_doc = "the model bundle to write (needed)",
    .setting_groups = {"train.", "feedback."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_train(int argc, char **argv) {
  train_options o = {0};
  return common_main(&SPEC, argc, argv, &o);
}
