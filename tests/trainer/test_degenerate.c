// labels: degenerate check
/* Data sets that are out of order: of each a sound model, or an error that names what is
 * missing. One line of the table is one data set. */
#include "tests/support/test.h"

#include "base/mem.h"
#include "base/par.h"
#include "datasets/split.h"
#include "tests/support/degenerate.h"
#include "tests/support/degenerate_rows.h"
#include "tests/support/sound.h"

static struct {
  int cases, fitted, refused, models, evaluated, split_refused;
  sound_tally sound;
} tally;

static pfc_train_settings small_settings(void) {
  pfc_train_settings s;
  pfc_train_defaults(&s);
  s.als.rank = 3;
  s.als.max_sweeps = 8;
  s.profile.rank = 1;
  s.profile.max_sweeps = 30;
  return s;
}

static const struct {
  char letter;
  unsigned bit;
  const char *name;
} MODELS[] = {{'P', PFC_TRAIN_PROFILE, "profile"},
              {'A', PFC_TRAIN_AFFINITY, "affinity"},
              {'S', PFC_TRAIN_SUCCESS, "success"},
              {'O', PFC_TRAIN_ACCEPT, "accept"},
              {'T', PFC_TRAIN_TIME, "time"}};
enum { N_MODELS = sizeof MODELS / sizeof *MODELS };

static unsigned models_of(const char *fits) {
  unsigned models = 0;
  for (int m = 0; m < N_MODELS; m++)
    if (strchr(fits, MODELS[m].letter)) models |= MODELS[m].bit;
  return models;
}

/* Whether the row's text is about the model: a row of ratings speaks of the profile, one of
 * offers of accepting, others of the rest. */
static bool speaks_of(const degenerate_row *r, unsigned model) {
  if (strcmp(r->base, "ratings") == 0) return model == PFC_TRAIN_PROFILE;
  if (strcmp(r->base, "offers") == 0) return model == PFC_TRAIN_ACCEPT;
  return model != PFC_TRAIN_PROFILE && model != PFC_TRAIN_ACCEPT;
}

static void check_notes(const degenerate_row *r, const pfc_train_report *report) {
  assert_int_equal(report->n_notes, N_MODELS);
  for (int n = 0; n < report->n_notes; n++) {
    const pfc_train_note *note = &report->notes[n];
    assert_string_equal(note->model, MODELS[n].name);
    const int wanted = strchr(r->fits, MODELS[n].letter) != NULL;
    if (note->trained != wanted)
      fail_msg("%s: trained %d: %s", note->model, note->trained, note->text);
    assert_true(note->text[0] != '\0');
    if (!speaks_of(r, MODELS[n].bit)) continue;
    if (!note->trained && r->says && !strstr(note->text, r->says))
      fail_msg("%s: \"%s\" does not speak of \"%s\"", note->model, note->text, r->says);
  }
}

/* A model that is required and cannot be is an error that names it. */
static void require_the_others(const degenerate_row *r, const pfc_dataset *ds,
                               pfc_train_settings s) {
  for (int m = 0; m < N_MODELS; m++) {
    pfc_error err = PFC_ERROR_INIT;
    pfc_train_report report;
    pfc_bundle *b = NULL;
    if (strchr(r->fits, MODELS[m].letter)) continue;
    s.models = s.require = MODELS[m].bit;
    const pfc_status st = pfc_train(ds, &s, &b, &report, &err);
    if (st != PFC_EDATA || !strstr(err.msg, MODELS[m].name))
      fail_msg("%s required: status %d, %s", MODELS[m].name, st, err.msg);
  }
}

/* Beside affinity success has its factors; here it has none. */
static void train_success_alone(const degenerate_row *r, const pfc_dataset *ds,
                                pfc_train_settings s) {
  pfc_train_report report;
  pfc_bundle *b = NULL;
  if (!strchr(r->fits, 'A') || !strchr(r->fits, 'S')) return;
  s.models = s.require = PFC_TRAIN_SUCCESS;
  assert_ok(pfc_train(ds, &s, &b, &report, &err));
  sound_numbers(b, &tally.sound);
  pfc_bundle_destroy(b);
}

/* Cuts the data as they can be cut, trains on one side, judges on the other. */
static void judge(pfc_dataset *ds, const pfc_train_settings *s) {
  static const pfc_split SPLITS[] = {
      {.kind = PFC_SPLIT_AT, .date = 180},
      {.kind = PFC_SPLIT_RANDOM, .fraction = 0.3, .seed = 1},
  };
  for (size_t k = 0; k < sizeof SPLITS / sizeof *SPLITS; k++) {
    pfc_error err = PFC_ERROR_INIT;
    pfc_train_report report;
    pfc_bundle *b = NULL;
    if (pfc_split_check(ds, &SPLITS[k], &err) != PFC_OK) {
      if (err.status != PFC_EDATA || !strstr(err.msg, "split")) fail_msg("split: %s", err.msg);
      tally.split_refused++;
      continue;
    }
    ds->split = SPLITS[k];
    const pfc_status st = pfc_train(ds, s, &b, &report, &err);
    if (st == PFC_OK) {
      sound_numbers(b, &tally.sound);
      sound_evaluation(b, ds, &tally.sound);
      tally.evaluated++;
    } else if (st != PFC_EDATA || !strstr(err.msg, "nothing can be trained")) {
      fail_msg("under a split: status %d, %s", st, err.msg);
    }
    pfc_bundle_destroy(b);
    ds->split = (pfc_split){0};
    break;
  }
}

static void a_row(void **state) {
  const degenerate_row *r = *state;
  pfc_error err = PFC_ERROR_INIT;
  pfc_train_report report;
  pfc_bundle *b = NULL;
  pfc_train_settings s = small_settings();
  pfc_dataset *ds = degenerate_create(r->base, r->edits, &s);
  const pfc_status st = pfc_train(ds, &s, &b, &report, &err);
  tally.cases++;
  if (r->fits[0] == '!') {
    if (st == PFC_OK || !strstr(err.msg, r->says)) fail_msg("status %d, %s", st, err.msg);
    tally.refused++;
    pfc_dataset_destroy(ds);
    return;
  }
  if (models_of(r->fits)) {
    if (st != PFC_OK) fail_msg("status %d, %s", st, err.msg);
    tally.fitted++;
    sound_bundle(b, &tally.sound);
    sound_predictions(b, ds, &tally.sound);
  } else {
    if (st != PFC_EDATA || !strstr(err.msg, "nothing can be trained"))
      fail_msg("status %d, %s", st, err.msg);
    tally.refused++;
  }
  check_notes(r, &report);
  for (int n = 0; n < report.n_notes; n++) tally.models += report.notes[n].trained;
  require_the_others(r, ds, s);
  train_success_alone(r, ds, s);
  judge(ds, &s);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(1, &err));
  return 0;
}

/* For scripts. */
static int tear_down(void **state) {
  (void)state;
  const sound_tally *t = &tally.sound;
  print_error(
      "{\"cases\":%d,\"fitted\":%d,\"refused_by_name\":%d,\"models\":%d,"
      "\"evaluations\":%d,\"splits_refused\":%d,\"model_numbers\":%lld,\"levels\":%lld,"
      "\"scores\":%lld,"
      "\"lists\":%lld,\"curves\":%lld,\"figures\":%lld}\n",
      tally.cases, tally.fitted, tally.refused, tally.models, tally.evaluated,
      tally.split_refused, (long long)t->numbers, (long long)t->levels, (long long)t->scores,
      (long long)t->lists, (long long)t->curves, (long long)t->figures);
  return 0;
}

int main(void) {
  enum { MAX_ROWS = 500, NAME = 200 };
  static char names[MAX_ROWS][NAME];
  static struct CMUnitTest tests[MAX_ROWS];
  for (int r = 0; r < n_degenerate_rows && r < MAX_ROWS; r++) {
    degenerate_row *row = &degenerate_rows[r];
    (void)snprintf(names[r], NAME, "%s: %s", row->base, row->edits);
    tests[r] = (struct CMUnitTest){names[r], a_row, NULL, NULL, row};
  }
  return _cmocka_run_group_tests("degenerate", tests, (size_t)n_degenerate_rows, set_up,
                                 tear_down);
}
