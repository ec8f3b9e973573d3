/* `bench loop`: whether learning from recommendations makes the next ones better. */
#include <stdio.h>
#include <string.h>

#include "bench/loop.h"
#include "cli/common.h"
#include "cli/drawn_options.h"
#include "cli/plots.h"

enum {
  KEY_ROUNDS = KEY_DRAWN_NEXT,
  KEY_DAYS,
  KEY_DRIFT,
  KEY_HORIZON,
  KEY_RESAMPLES,
  KEY_PLOTS,
  KEY_GATED,
};

static const char PRESET[] = "small";

typedef struct loop_options {
  drawn_options drawn;
  const char *plots;
  int32_t rounds, days, horizon, resamples; /* -1: not given */
  bool drift, gated;
} loop_options;

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  loop_options *o = own;
  switch (key) {
    case KEY_ROUNDS:
      return drawn_take_count("rounds", arg, &o->rounds, err);
    case KEY_DAYS:
      return drawn_take_count("days", arg, &o->days, err);
    case KEY_HORIZON:
      return drawn_take_count("horizon", arg, &o->horizon, err);
    case KEY_RESAMPLES:
      return drawn_take_count("resamples", arg, &o->resamples, err);
    case KEY_PLOTS:
      o->plots = arg;
      return PFC_OK;
    case KEY_DRIFT:
      o->drift = true;
      return PFC_OK;
    case KEY_GATED:
      o->gated = true;
      return PFC_OK;
    default:
      return drawn_take(&o->drawn, key, arg, err);
  }
}

static const struct argp_option OPTIONS[] = {
    {"rounds", KEY_ROUNDS, "R", 0, "of scoring, leading, living and learning, 1 to 40 [6]", 0},
    {"days", KEY_DAYS, "N", 0, "of a round, 7 to 720 [91]", 0},
    DRAWN_OPTIONS_ROWS("small", " before the first round"),
    {"drift", KEY_DRIFT, NULL, 0, "the laws change with the middle round", 0},
    {"gated", KEY_GATED, NULL, 0,
     "refit as the command does: a candidate takes over when the gate lets it", 0},
    {"horizon", KEY_HORIZON, "DAYS", 0,
     "after which a recommendation is worth what it closed, 1 to 720 [365]", 0},
    {"resamples", KEY_RESAMPLES, "N", 0, "of people, for intervals; 0: none [2000]", 0},
    {"plots", KEY_PLOTS, "DIR", 0, "draws regret by round as an SVG file", 0},
    {0},
};

static pfc_status read_options(common *c, pfc_loop_settings *s, pfc_error *err) {
  const loop_options *o = c->own;
  pfc_status st = PFC_OK;
  pfc_loop_defaults(s);
  PFC_TRY(drawn_settings(&o->drawn, PRESET, c->seed, &s->organisation, err));
  s->seed = c->seed;
  drawn_set(&s->rounds, o->rounds);
  drawn_set(&s->days, o->days);
  drawn_set(&s->horizon_days, o->horizon);
  drawn_set(&s->resamples, o->resamples);
  s->drift = o->drift;
  s->gated = o->gated;
  s->train = c->settings.train;
  s->challenge = c->settings.refit;
  s->challenge.gate = c->settings.gate;
  s->progress = progress_of(&c->progress);
  PFC_TRY(pfc_loop_check(s, err));
done:
  return st;
}

/* --- telling ------------------------------------------------------------------------------ */

static pfc_status put_policy(output *out, const cJSON *round, const cJSON *policy,
                             pfc_error *err) {
  const cJSON *regret = cJSON_GetObjectItemCaseSensitive(policy, "regret");
  const cJSON *worth = cJSON_GetObjectItemCaseSensitive(policy, "worth");
  const cJSON *per_hour = cJSON_GetObjectItemCaseSensitive(policy, "gap_closed_per_hour");
  const cJSON *shortfall = cJSON_GetObjectItemCaseSensitive(policy, "shortfall");
  const cJSON *day = cJSON_GetObjectItemCaseSensitive(round, "day");
  const cell row[] = {cell_int((int64_t)json_number(round, "round")),
                      cell_text(cJSON_GetStringValue(day)),
                      cell_text(policy->string),
                      cell_real(json_number(regret, "value")),
                      cell_real(json_number(regret, "lo")),
                      cell_real(json_number(regret, "hi")),
                      cell_real(json_number(worth, "value")),
                      cell_real(json_number(per_hour, "value")),
                      cell_real(json_number(shortfall, "value")),
                      cell_real(json_number(policy, "led"))};
  return table_row(out, row, err);
}

static pfc_status print_rounds(common *c, const cJSON *json, pfc_error *err) {
  static const output_column COLUMNS[] = {
      {"round", COLUMN_INT, false},      {"day", COLUMN_TEXT, false},
      {"policy", COLUMN_TEXT, false},    {"regret", COLUMN_REAL, false},
      {"lo", COLUMN_REAL, false},        {"hi", COLUMN_REAL, false},
      {"worth", COLUMN_REAL, false},     {"gap_closed_per_hour", COLUMN_REAL, false},
      {"shortfall", COLUMN_REAL, false}, {"led", COLUMN_REAL, false}};
  pfc_status st = PFC_OK;
  output *out = NULL;
  const cJSON *round, *policy;
  PFC_TRY(common_table(c, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS, &out, err));
  cJSON_ArrayForEach(round, cJSON_GetObjectItemCaseSensitive(json, "rounds")) {
    cJSON_ArrayForEach(policy, cJSON_GetObjectItemCaseSensitive(round, "policies")) {
      PFC_TRY(put_policy(out, round, policy, err));
    }
  }
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

static void tell_comparisons(common *c, const cJSON *json) {
  const cJSON *x;
  cJSON_ArrayForEach(x, cJSON_GetObjectItemCaseSensitive(json, "comparisons")) {
    const char *figure = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(x, "figure"));
    const cJSON *against = cJSON_GetObjectItemCaseSensitive(x, "against");
    const bool is_regret = strcmp(figure, "regret") == 0;
    common_note(c,
                "%s of refit less that of %s, %s: %.3g (%.3g to %.3g), p %.2g for all together",
                figure, cJSON_GetStringValue(against),
                is_regret ? "from round 2 on" : "when the last round is over",
                json_number(x, "difference"), json_number(x, "lo"), json_number(x, "hi"),
                json_number(x, "p_holm"));
  }
}

static pfc_status run(common *c, pfc_error *err) {
  const loop_options *o = c->own;
  pfc_status st = PFC_OK;
  pfc_loop_settings s;
  pfc_dataset *frame = NULL;
  cJSON *rounds = NULL, *json = NULL;
  int n_plots;
  PFC_TRY(read_options(c, &s, err));
  PFC_TRY(framework_load(c, o->drawn.framework, &frame, err));
  PFC_TRY(pfc_loop_run(frame, &s, &rounds, err));
  progress_end(&c->progress);
  PFC_TRY(drawn_object(c, &o->drawn, PRESET, rounds, &json, err));
  PFC_TRY(print_rounds(c, json, err));
  tell_comparisons(c, json);
  if (o->plots) PFC_TRY(plots_write(json, o->plots, &n_plots, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  cJSON_Delete(rounds);
  pfc_dataset_destroy(frame);
  return st;
}

static const command_spec SPEC = {
    .name = "bench loop",
    .args = "",
    .doc =
        "Plays rounds of recommending, answering and learning on a simulated organisation, and "
        "tells of each how much less gap was closed than could have been: by a model that is "
        "refitted on what came of its recommendations, one that never is, the largest gap "
        "first, popularity and chance, each in a world of its own.",
    .example =
        "  proficio bench loop --rounds 6\n"
        "  proficio bench loop --rounds 6 --drift --plots pictures --json\n"
        "  proficio bench loop --rounds 4 --preset medium --people 2000 --seed 7\n",
    .takes = TAKES_FORMAT | TABLE_TO_O,
    .output_doc = "the table, a row a round and policy [standard output]",
    .setting_groups = {"train.", "refit.", "gate."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_bench_loop(int argc, char **argv) {
  loop_options o = {
      .drawn = DRAWN_OPTIONS_NONE, .rounds = -1, .days = -1, .horizon = -1, .resamples = -1};
  return common_main(&SPEC, argc, argv, &o);
}
