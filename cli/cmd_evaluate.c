#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/absorbed.h"
#include "cli/common.h"
#include "cli/evaluate_logged.h"
#include "cli/evaluate_pages.h"
#include "cli/evaluate_table.h"
#include "cli/evaluate_truth.h"
#include "datasets/predictions.h"
#include "trainer/evaluate.h"

enum { KEY_PREDICTIONS = OWN_KEY, KEY_TRUTH, KEY_PLOTS, KEY_REPORT, KEY_LOGGED, KEY_POLICY };

static const struct argp_option OPTIONS[] = {
    {"predictions", KEY_PREDICTIONS, "FILE", 0,
     "judge these predictions too, whatever made them (docs/FORMATS.md, \"Predictions\"); may "
     "be given several times, and then no MODEL is needed",
     0},
    {"truth", KEY_TRUTH, "FILE", 0,
     "of a simulated organisation: judge besides, at the truth, what leading people by the "
     "first model would be worth, and how near it comes",
     0},
    {"plots", KEY_PLOTS, "DIR", 0, "pictures of the figures, as SVG files in this folder", 0},
    {"report", KEY_REPORT, "FILE", 0,
     "one HTML page with all figures, what they mean and what to mind", 0},
    {"logged", KEY_LOGGED, "FILE", 0,
     "instead of models: judge a policy on this log of decisions with their propensities "
     "(docs/FORMATS.md, \"Logged decisions\")",
     0},
    {"policy", KEY_POLICY, "POLICY", 0,
     "with --logged: `uniform`, or a file of the probabilities of actions [the log's column "
     "`target`]",
     0},
    {0},
};

/* Those who are judged: models in the order of the line, then predictions. */
typedef struct evaluation {
  int n_files;
  const char *files[PFC_MAX_CONTESTANTS]; /* of predictions */
  const char *truth_file;                 /* NULL: none */
  evaluate_pages pages;
  evaluate_logged logged;
  pfc_dataset *ds;
  pfc_truth *truth;
  int n;
  pfc_contestant at[PFC_MAX_CONTESTANTS];
  pfc_bundle *bundles[PFC_MAX_CONTESTANTS];
  pfc_predictions *predictions[PFC_MAX_CONTESTANTS];
} evaluation;

static void clear(evaluation *e) {
  for (int i = 0; i < PFC_MAX_CONTESTANTS; i++) {
    pfc_bundle_destroy(e->bundles[i]);
    pfc_predictions_destroy(e->predictions[i]);
  }
  pfc_truth_destroy(e->truth);
  pfc_dataset_destroy(e->ds);
}

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  evaluation *e = own;
  if (key != KEY_PREDICTIONS) {
    if (key == KEY_TRUTH) e->truth_file = arg;
    if (key == KEY_PLOTS) e->pages.plots = arg;
    if (key == KEY_REPORT) e->pages.report = arg;
    if (key == KEY_LOGGED) e->logged.log = arg;
    if (key == KEY_POLICY) e->logged.policy = arg;
    return PFC_OK;
  }
  if (e->n_files == PFC_MAX_CONTESTANTS) {
    return pfc_fail(err, PFC_EUSAGE, "--predictions: more than %d of them",
                    PFC_MAX_CONTESTANTS);
  }
  e->files[e->n_files++] = arg;
  return PFC_OK;
}

static pfc_status check_output(const common *c, const evaluation *e, const char *input,
                               pfc_error *err) {
  const pfc_status st = common_reads("-o", c->output, input, err);
  return st == PFC_OK ? evaluate_pages_check(c, &e->pages, input, err) : st;
}

static pfc_status check_line(const common *c, const evaluation *e, pfc_error *err) {
  if (c->n_args < 1) {
    return pfc_fail(err, PFC_EUSAGE,
                    "expected: MODEL... DATA, or --logged FILE; there is nothing to judge");
  }
  const int n = c->n_args - 1 + e->n_files;
  if (n < 1) {
    return pfc_fail(err, PFC_EUSAGE,
                    "expected: MODEL... DATA, or --predictions FILE and DATA; there is nothing "
                    "to judge beside '%s'",
                    c->args[0]);
  }
  if (n > PFC_MAX_CONTESTANTS) {
    return pfc_fail(err, PFC_EUSAGE,
                    "%d models and predictions are given; at most %d can be judged "
                    "at once",
                    n, PFC_MAX_CONTESTANTS);
  }
  if (e->truth_file && c->n_args < 2) {
    return pfc_fail(err, PFC_EUSAGE,
                    "--truth judges a model, and none is given beside '%s'; predictions alone "
                    "say nothing of other days and people",
                    c->args[0]);
  }
  pfc_status st = check_output(c, e, e->truth_file, err);
  for (int i = 0; i < c->n_args && st == PFC_OK; i++) st = check_output(c, e, c->args[i], err);
  for (int i = 0; i < e->n_files && st == PFC_OK; i++)
    st = check_output(c, e, e->files[i], err);
  return st;
}

static pfc_status load(common *c, evaluation *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(check_line(c, e, err));
  for (; e->n < c->n_args - 1; e->n++) {
    PFC_TRY(pfc_bundle_load(c->args[e->n], &e->bundles[e->n], err));
    e->at[e->n] = (pfc_contestant){c->args[e->n], e->bundles[e->n], NULL};
  }
  PFC_TRY(absorbed_load(c, c->args[c->n_args - 1], &e->ds, err));
  if (e->truth_file) PFC_TRY(evaluate_truth_load(e->truth_file, e->ds, &e->truth, err));
  for (int i = 0; i < e->n_files; i++, e->n++) {
    PFC_TRY(pfc_predictions_load(e->files[i], e->ds, &e->predictions[e->n], err));
    e->at[e->n] = (pfc_contestant){e->files[i], NULL, e->predictions[e->n]};
  }
done:
  return st;
}

/* A p value is at least 2 / (resamples + 1), and an adjusted one that many times more. */
static void note_resamples(common *c, const cJSON *json) {
  const int n = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "comparisons"));
  const int resamples = c->settings.evaluate.resamples;
  const double least = 2.0 * n / (resamples + 1.0);
  if (n == 0 || resamples == 0 || least <= 0.05) return;
  common_note(c,
              "with %d comparisons and %d resamples no p_holm can be below %.2g; "
              "--resamples %d would do",
              n, resamples, fmin(least, 1), (int)ceil(2 * n / 0.05 / 1000) * 1000);
}

/* What lists tell by the way, of some rows only, is not judged. */
static void note_left_out(common *c, const cJSON *judged) {
  const cJSON *model = cJSON_GetObjectItemCaseSensitive(judged, "model"), *why;
  cJSON_ArrayForEach(why, cJSON_GetObjectItemCaseSensitive(judged, "left_out")) {
    common_note(c, "%s: judged as lists alone, without %s: %s", cJSON_GetStringValue(model),
                why->string, cJSON_GetStringValue(why));
  }
}

static void note_all(common *c, const cJSON *json) {
  const cJSON *other;
  note_left_out(c, json);
  cJSON_ArrayForEach(other, cJSON_GetObjectItemCaseSensitive(json, "against")) {
    note_left_out(c, other);
  }
  note_resamples(c, json);
}

static pfc_status run_logged(common *c, const evaluation *e, pfc_error *err) {
  if (e->n_files > 0 || e->truth_file || e->pages.plots || e->pages.report)
    return pfc_fail(err, PFC_EUSAGE,
                    "--logged judges a log alone, without --predictions, --truth, --plots and "
                    "--report");
  const pfc_status st = evaluate_logged_check(c, &e->logged, err);
  return st == PFC_OK ? evaluate_logged_run(c, &e->logged, err) : st;
}

static pfc_status run(common *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  evaluation *e = c->own;
  cJSON *json = NULL;
  if (e->logged.log || e->logged.policy) return run_logged(c, e, err);
  c->settings.evaluate.progress = progress_of(&c->progress);
  c->settings.evaluate.curves = e->pages.plots || e->pages.report;
  PFC_TRY(load(c, e, err));
  PFC_TRY(pfc_evaluate(e->n, e->at, e->ds, &c->settings.evaluate, &json, err));
  if (e->truth) PFC_TRY(evaluate_truth(c, e->truth, e->bundles[0], e->ds, json, err));
  progress_end(&c->progress);
  note_all(c, json);
  PFC_TRY(evaluate_table(c, json, err));
  PFC_TRY(pfc_json_put_text(json, "dataset", c->args[c->n_args - 1], err));
  PFC_TRY(evaluate_provenance(c, e->n, e->at, e->ds, json, err));
  PFC_TRY(evaluate_pages_write(c, &e->pages, json, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  clear(e);
  return st;
}

static const command_spec SPEC = {
    .name = "evaluate",
    .args = "[[MODEL...] DATA]",
    .min_args = 0,
    .max_args = PFC_MAX_CONTESTANTS + 1,
    .doc =
        "Judges models, and anybody's predictions, on the test rows of a dataset that is "
        "split: on the same rows, beside simpler models, with 95 % intervals. With several, "
        "the first "
        "is compared with each of the others. Rows a model was trained on are refused. With "
        "--logged, judges what a policy would have been worth on a log of decisions.",
    .example =
        "  proficio evaluate model.h5 data.h5\n"
        "  proficio evaluate model.h5 ease.h5 data.h5 --k 10,20 --json\n"
        "  proficio evaluate model.h5 data.h5 --predictions lists.csv\n"
        "  proficio evaluate model.h5 data.h5 --truth truth.h5\n"
        "  proficio evaluate model.h5 data.h5 --report report.html --plots pictures\n"
        "  proficio evaluate --logged log.csv --policy uniform\n",
    .takes = TAKES_FORMAT | TABLE_TO_O,
    .output_doc = "the figures [standard output]",
    .setting_groups = {"evaluate.", "off_policy.", "feedback."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_evaluate(int argc, char **argv) {
  evaluation e = {0};
  return common_main(&SPEC, argc, argv, &e);
}
