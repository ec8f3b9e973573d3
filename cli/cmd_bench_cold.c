/* `bench cold`: what recommendations are worth to newcomers, and out of what is new. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "bench/cold_start.h"
#include "cli/common.h"
#include "cli/drawn_options.h"

enum {
  KEY_SHARE = KEY_DRAWN_NEXT,
  KEY_DAYS,
  KEY_HORIZON,
  KEY_RESAMPLES,
};

static const char PRESET[] = "medium";

typedef struct cold_options {
  drawn_options drawn;
  double share;                     /* NaN: not given */
  int32_t days, horizon, resamples; /* -1: not given */
} cold_options;

static pfc_status take_share(const char *arg, double *share, pfc_error *err) {
  if (pfc_number_parse(arg, strlen(arg), share)) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "--share: a number from 0.01 to 0.9 expected, not '%s'",
                  arg);
}

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  cold_options *o = own;
  switch (key) {
    case KEY_SHARE:
      return take_share(arg, &o->share, err);
    case KEY_DAYS:
      return drawn_take_count("days", arg, &o->days, err);
    case KEY_HORIZON:
      return drawn_take_count("horizon", arg, &o->horizon, err);
    case KEY_RESAMPLES:
      return drawn_take_count("resamples", arg, &o->resamples, err);
    default:
      return drawn_take(&o->drawn, key, arg, err);
  }
}

static const struct argp_option OPTIONS[] = {
    {"share", KEY_SHARE, "F", 0, "of people, interventions, competencies that are hidden [0.2]",
     0},
    {"days", KEY_DAYS, "N", 0, "of the history that lie after the decision [270]", 0},
    DRAWN_OPTIONS_ROWS("medium", ""),
    {"horizon", KEY_HORIZON, "DAYS", 0,
     "after which a recommendation is worth what it closed, 1 to 720 [365]", 0},
    {"resamples", KEY_RESAMPLES, "N", 0, "of people, for intervals; 0: none [2000]", 0},
    {0},
};

static pfc_status read_options(common *c, pfc_cold_settings *s, pfc_error *err) {
  const cold_options *o = c->own;
  pfc_status st = PFC_OK;
  pfc_cold_defaults(s);
  PFC_TRY(drawn_settings(&o->drawn, PRESET, c->seed, &s->organisation, err));
  s->seed = c->seed;
  if (!isnan(o->share)) s->share = o->share;
  drawn_set(&s->days, o->days);
  drawn_set(&s->horizon_days, o->horizon);
  drawn_set(&s->resamples, o->resamples);
  s->train = c->settings.train;
  s->progress = progress_of(&c->progress);
  PFC_TRY(pfc_cold_check(s, err));
done:
  return st;
}

/* A row for each figure of each part. */
static pfc_status print_figures(common *c, const cJSON *json, pfc_error *err) {
  static const output_column COLUMNS[] = {{"figure", COLUMN_TEXT, false},
                                          {"value", COLUMN_REAL, false},
                                          {"lo", COLUMN_REAL, false},
                                          {"hi", COLUMN_REAL, false}};
  pfc_status st = PFC_OK;
  output *out = NULL;
  const cJSON *part, *figure;
  PFC_TRY(common_table(c, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS, &out, err));
  cJSON_ArrayForEach(part, json) {
    cJSON_ArrayForEach(figure, part) {
      char name[96];
      (void)snprintf(name, sizeof name, "%s.%s", part->string, figure->string);
      const cell row[] = {cell_text(name), cell_real(json_number(figure, "value")),
                          cell_real(json_number(figure, "lo")),
                          cell_real(json_number(figure, "hi"))};
      PFC_TRY(table_row(out, row, err));
    }
  }
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

static pfc_status run(common *c, pfc_error *err) {
  const cold_options *o = c->own;
  pfc_status st = PFC_OK;
  pfc_cold_settings s;
  pfc_dataset *frame = NULL;
  cJSON *figures = NULL, *json = NULL;
  PFC_TRY(read_options(c, &s, err));
  PFC_TRY(framework_load(c, o->drawn.framework, &frame, err));
  PFC_TRY(pfc_cold_run(frame, &s, &figures, err));
  progress_end(&c->progress);
  PFC_TRY(drawn_object(c, &o->drawn, PRESET, figures, &json, err));
  PFC_TRY(print_figures(c, json, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  cJSON_Delete(figures);
  pfc_dataset_destroy(frame);
  return st;
}

static const command_spec SPEC = {
    .name = "bench cold",
    .args = "",
    .doc =
        "Hides what is known of some people, interventions and competencies of a simulated "
        "organisation, and tells what recommendations are worth to the first and out of the "
        "others, alone and among what is known, beside what they would be worth had nothing "
        "been hidden.",
    .example =
        "  proficio bench cold\n"
        "  proficio bench cold --preset small --share 0.3 --json\n",
    .takes = TAKES_FORMAT | TABLE_TO_O,
    .output_doc = "the table, a row a figure [standard output]",
    .setting_groups = {"train."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_bench_cold(int argc, char **argv) {
  cold_options o = {.drawn = DRAWN_OPTIONS_NONE,
                    .share = (double)NAN,
                    .days = -1,
                    .horizon = -1,
                    .resamples = -1};
  return common_main(&SPEC, argc, argv, &o);
}
