#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "bench/bench.h"
#include "cli/common.h"

enum { KEY_ONLY = OWN_KEY, KEY_SECONDS, KEY_SMALL, KEY_SCRATCH, KEY_AGAINST, KEY_THRESHOLD };

typedef struct bench_options {
  pfc_bench_settings settings;
  const char *against;
  double threshold; /* least old/new */
} bench_options;

static pfc_status take_real(const char *option, const char *arg, double max, double *value,
                            pfc_error *err) {
  char *end = NULL;
  *value = strtod(arg, &end);
  if (end != arg && *end == '\0' && *value > 0 && *value <= max) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "%s: a number above 0 and up to %g expected, not '%s'",
                  option, max, arg);
}

static pfc_status take_only(pfc_bench_settings *s, const char *arg, pfc_error *err) {
  for (int k = 0; k < PFC_BENCH_ONLY; k++) {
    if (s->only[k]) continue;
    s->only[k] = arg;
    return PFC_OK;
  }
  return pfc_fail(err, PFC_EUSAGE, "--only: at most %d of them, not '%s' too",
                  (int)PFC_BENCH_ONLY, arg);
}

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  bench_options *o = own;
  switch (key) {
    case KEY_ONLY:
      return take_only(&o->settings, arg, err);
    case KEY_SECONDS:
      return take_real("--measure-seconds", arg, 3600, &o->settings.seconds, err);
    case KEY_SMALL:
      o->settings.small = 1;
      return PFC_OK;
    case KEY_SCRATCH:
      o->settings.scratch = arg;
      return PFC_OK;
    case KEY_AGAINST:
      o->against = arg;
      return PFC_OK;
    default:
      return take_real("--threshold", arg, 1000, &o->threshold, err);
  }
}

static const struct argp_option OPTIONS[] = {
    {"only", KEY_ONLY, "TEXT", 0, "benches whose name contains this; may be given again", 0},
    {"measure-seconds", KEY_SECONDS, "S", 0, "least time a bench is measured for [0.5]", 0},
    {"small", KEY_SMALL, NULL, 0, "small sizes, for a smoke test", 0},
    {"scratch", KEY_SCRATCH, "DIR", 0, "folder for files of benches [/tmp]", 0},
    {"against", KEY_AGAINST, "FILE", 0, "compare with an earlier --json of this machine", 0},
    {"threshold", KEY_THRESHOLD, "X", 0,
     "fail (exit 3) where earlier seconds over seconds is below this [0.8]", 0},
    {0},
};

static const char *text_of(const cJSON *object, const char *key) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
  return text ? text : "";
}

/* --- comparing -------------------------------------------------------------------------------
 */

/* Earlier seconds over seconds of the bench of that name; NaN when it was not there. */
static double speedup(const cJSON *old, const cJSON *result) {
  const cJSON *before;
  cJSON_ArrayForEach(before, cJSON_GetObjectItemCaseSensitive(old, "results")) {
    if (strcmp(text_of(before, "name"), text_of(result, "name")) != 0) continue;
    return json_number(before, "seconds") / json_number(result, "seconds");
  }
  return (double)NAN;
}

static pfc_status compare(const bench_options *o, const cJSON *json, const cJSON *old,
                          pfc_error *err) {
  cJSON *result;
  char slower[400] = "";
  size_t at = 0;
  int n_compared = 0;
  cJSON_ArrayForEach(result, cJSON_GetObjectItemCaseSensitive(json, "results")) {
    const double ratio = speedup(old, result);
    const pfc_status st = pfc_json_put_number(result, "speedup", ratio, err);
    if (st != PFC_OK) return st;
    n_compared += !isnan(ratio);
    if (!(ratio < o->threshold) || at >= sizeof slower - 1) continue;
    at += (size_t)snprintf(slower + at, sizeof slower - at, "%s%s (%.2f)", at ? ", " : "",
                           text_of(result, "name"), ratio);
  }
  if (n_compared == 0) {
    return pfc_fail(err, PFC_EDATA, "%s has none of these benches: nothing to compare with",
                    o->against);
  }
  if (!*slower) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "slower than %s by more than the threshold of %g: %s",
                  o->against, o->threshold, slower);
}

static pfc_status print_results(common *c, const cJSON *json, bool compared, pfc_error *err) {
  static const output_column COLUMNS[] = {
      {"name", COLUMN_TEXT, false},   {"seconds", COLUMN_REAL, false},
      {"ratio", COLUMN_REAL, false},  {"of", COLUMN_TEXT, false},
      {"bar", COLUMN_REAL, false},    {"holds", COLUMN_TEXT, false},
      {"spread", COLUMN_REAL, false}, {"speedup", COLUMN_REAL, false}};
  pfc_status st = PFC_OK;
  output *out = NULL;
  const cJSON *r;
  PFC_TRY(common_table(c, compared ? 8 : 7, COLUMNS, &out, err));
  cJSON_ArrayForEach(r, cJSON_GetObjectItemCaseSensitive(json, "results")) {
    const cJSON *holds = cJSON_GetObjectItemCaseSensitive(r, "holds");
    const cell row[] = {cell_text(text_of(r, "name")),
                        cell_real(json_number(r, "seconds")),
                        cell_real(json_number(r, "ratio")),
                        cell_text(text_of(r, "of")),
                        cell_real(json_number(r, "bar")),
                        cell_text(cJSON_IsTrue(holds)    ? "yes"
                                  : cJSON_IsFalse(holds) ? "no"
                                                         : ""),
                        cell_real(json_number(r, "spread")),
                        cell_real(json_number(r, "speedup"))};
    PFC_TRY(table_row(out, row, err));
  }
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

/* "command" comes first, as in every report; the library's tree is moved over. */
static pfc_status wrap(common *c, cJSON *measured, cJSON **json, pfc_error *err) {
  const pfc_status st = common_object(c, json, err);
  while (st == PFC_OK && measured->child) {
    cJSON *item = cJSON_DetachItemViaPointer(measured, measured->child);
    if (cJSON_AddItemToObject(*json, item->string, item)) continue;
    cJSON_Delete(item);
    return pfc_fail_memory(err, "report");
  }
  return st;
}

static pfc_status load_earlier(const char *path, cJSON **old, pfc_error *err) {
  const pfc_status st = pfc_json_load(path, old, err);
  if (st != PFC_OK) return st;
  if (cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(*old, "results"))) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "%s: what `proficio bench --json` printed is expected", path);
}

static pfc_status run(common *c, pfc_error *err) {
  bench_options *o = c->own;
  pfc_status st = PFC_OK, slower = PFC_OK;
  cJSON *old = NULL, *measured = NULL, *json = NULL;
  pfc_error why = PFC_ERROR_INIT;
  o->settings.seed = c->seed;
  o->settings.program = "/proc/self/exe";
  o->settings.progress = progress_of(&c->progress);
  if (o->against) PFC_TRY(load_earlier(o->against, &old, err));
  PFC_TRY(pfc_bench_run(&o->settings, &measured, err));
  PFC_TRY(wrap(c, measured, &json, err));
  if (old) slower = compare(o, json, old, &why);
  PFC_TRY(print_results(c, json, old != NULL, err));
  PFC_TRY(common_print(c, json, err));
  if (slower != PFC_OK) st = pfc_fail(err, slower, "%s", why.msg);
done:
  cJSON_Delete(json);
  cJSON_Delete(measured);
  cJSON_Delete(old);
  return st;
}

static const command_spec SPEC = {
    .name = "bench",
    .args = "",
    .min_args = 0,
    .max_args = 0,
    .doc =
        "Measures speed, as ratios to what this machine can do, measured in the same run. "
        "`proficio bench loop` measures whether the loop of recommending and learning learns, "
        "`proficio bench cold` what newcomers gain.",
    .example =
        "  proficio bench --json -o bench.csv\n"
        "  proficio bench --json | tail -n 1 >baseline.json\n"
        "  proficio bench --against baseline.json\n",
    .takes = TAKES_FORMAT | TABLE_TO_O,
    .output_doc = "the table [standard output]",
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_bench(int argc, char **argv) {
  static char loop[] = "proficio bench loop", cold[] = "proficio bench cold";
  if (argc > 1 && strcmp(argv[1], "loop") == 0) {
    argv[1] = loop;
    return cmd_bench_loop(argc - 1, argv + 1);
  }
  if (argc > 1 && strcmp(argv[1], "cold") == 0) {
    argv[1] = cold;
    return cmd_bench_cold(argc - 1, argv + 1);
  }
  bench_options o = {.threshold = 0.8};
  pfc_bench_defaults(&o.settings);
  return common_main(&SPEC, argc, argv, &o);
}
