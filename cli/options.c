#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"

enum {
  SETTING_KEY = 2000, /* + row of the settings table */
  COMMON_KEY = 3000,
  KEY_THREADS = COMMON_KEY,
  KEY_SEED,
  KEY_AS_OF,
  KEY_LOG_JSON,
  KEY_JSON,
  KEY_FORMAT,
  KEY_CONFIG,
  KEY_SET,
};
enum { GROUP_OWN = 1, GROUP_SETTINGS, GROUP_COMMON };
enum { MAX_OPTIONS = 96, DOC = 240 };

/* --- the table that argp sees ----------------------------------------------------------------
 */

typedef struct option_table {
  int n;
  struct argp_option row[MAX_OPTIONS];
  char doc[MAX_OPTIONS][DOC];
} option_table;

static void add(option_table *t, const struct argp_option *option, int group) {
  if (t->n == MAX_OPTIONS - 1) return;
  t->row[t->n] = *option;
  t->row[t->n++].group = group;
}

static bool in_groups(const command_spec *spec, const char *name) {
  for (int g = 0; g < MAX_SETTING_GROUPS && spec->setting_groups[g]; g++) {
    if (strncmp(name, spec->setting_groups[g], strlen(spec->setting_groups[g])) == 0)
      return true;
  }
  return false;
}

static void add_setting(option_table *t, const setting *row, int key,
                        const settings *defaults) {
  char value[256], range[128];
  if (t->n == MAX_OPTIONS - 1) return;
  const char *text = setting_value(row, defaults, value);
  const bool is_list =
      row->type == SETTING_INTS || row->type == SETTING_REALS || row->type == SETTING_PAIR;
  const char *arg = row->type == SETTING_NAME    ? "NAME"
                    : row->type == SETTING_WORD  ? row->words
                    : row->type == SETTING_LIMIT ? "N|P%"
                    : is_list                    ? "LIST"
                                                 : "NUMBER";
  if (row->type == SETTING_NAME || row->type == SETTING_WORD) {
    (void)snprintf(t->doc[t->n], DOC, "%s [%s]", row->meaning, text);
  } else {
    (void)snprintf(t->doc[t->n], DOC, "%s; %s [%s]", row->meaning, setting_range(row, range),
                   text);
  }
  const int flags = setting_is_supported(row) ? 0 : OPTION_HIDDEN;
  add(t, &(struct argp_option){row->option, key, arg, flags, t->doc[t->n], 0}, GROUP_SETTINGS);
}

static void add_settings(option_table *t, const command_spec *spec) {
  int n;
  const setting *table = settings_table(&n);
  settings defaults;
  settings_defaults(&defaults);
  if (!spec->setting_groups[0]) return;
  add(t, &(struct argp_option){.doc = "Settings (proficio.json can hold them too):"},
      GROUP_SETTINGS);
  for (int i = 0; i < n; i++) {
    if (!table[i].option || !in_groups(spec, table[i].name)) continue;
    add_setting(t, &table[i], SETTING_KEY + i, &defaults);
  }
}

static void add_common(option_table *t, const command_spec *spec) {
  const struct argp_option rows[] = {
      {.doc = "Common options:"},
      {"output", spec->output_doc ? 'o' : 0, "FILE", 0, spec->output_doc, 0},
      {"format", spec->takes & TAKES_FORMAT ? KEY_FORMAT : 0, "csv|jsonl|hdf5|table", 0,
       "of the table [table on a terminal, else by the file's name, else csv]", 0},
      {"as-of", spec->takes & TAKES_AS_OF ? KEY_AS_OF : 0, "DATE", 0,
       spec->as_of_doc ? spec->as_of_doc : "see the world as of this date, e.g. 2014-10-01", 0},
      {"json", KEY_JSON, NULL, 0, "one object as the last line; tables then need -o", 0},
      {"seed", KEY_SEED, "N", 0, "of everything random [1]", 0},
      {"threads", KEY_THREADS, "N", 0, "0: all cores [0]", 0},
      {"config", KEY_CONFIG, "FILE", 0, "settings [proficio.json, where there is one]", 0},
      {"set", KEY_SET, "NAME=VALUE", 0, "any setting of `proficio config`", 0},
      {"quiet", 'q', NULL, 0, "no progress, no notes", 0},
      {"log-json", KEY_LOG_JSON, NULL, 0, "progress as JSON lines", 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (rows[i].key || !rows[i].name) add(t, &rows[i], GROUP_COMMON);
  }
}

/* --- taking them
 * ------------------------------------------------------------------------------- */

static void override_setting(common *c, const char *name, const char *text,
                             const struct argp_state *state) {
  if (c->n_overrides == MAX_OVERRIDES) {
    argp_error(state, "more than %d settings on the command line", MAX_OVERRIDES);
  }
  c->override[c->n_overrides++] = (setting_override){name, text};
}

static void take_set(common *c, char *arg, const struct argp_state *state) {
  char *equals = strchr(arg, '=');
  if (!equals || equals == arg) {
    argp_error(state, "--set: NAME=VALUE expected, not '%s'", arg);
    return;
  }
  *equals = '\0';
  override_setting(c, arg, equals + 1, state);
}

static uint64_t whole(const char *option, const char *arg, uint64_t max,
                      const struct argp_state *state) {
  char *end = NULL;
  const bool has_digit = *arg >= '0' && *arg <= '9';
  const unsigned long long n = has_digit ? strtoull(arg, &end, 10) : 0;
  if (!has_digit || *end || n > max) {
    argp_error(state, "%s: a whole number from 0 to %llu expected, not '%s'", option,
               (unsigned long long)max, arg);
  }
  return n;
}

static void take_seed(common *c, const char *arg, const struct argp_state *state) {
  c->seed = whole("--seed", arg, UINT64_C(1) << 53, state);
  override_setting(c, "train.seed", arg, state);
  override_setting(c, "evaluate.seed", arg, state);
  override_setting(c, "gate.seed", arg, state);
  override_setting(c, "recommend.seed", arg, state);
}

static error_t take_common(common *c, int key, char *arg, const struct argp_state *state) {
  switch (key) {
    case 'o':
      c->output = arg;
      return 0;
    case 'q':
      c->quiet = true;
      return 0;
    case KEY_JSON:
      c->json = true;
      return 0;
    case KEY_LOG_JSON:
      c->log_json = true;
      return 0;
    case KEY_THREADS:
      c->threads = (int)whole("--threads", arg, 1024, state);
      return 0;
    case KEY_SEED:
      take_seed(c, arg, state);
      return 0;
    case KEY_CONFIG:
      c->config = arg;
      return 0;
    case KEY_SET:
      take_set(c, arg, state);
      return 0;
    case KEY_AS_OF:
      if (!pfc_date_parse(arg, &c->as_of)) {
        argp_error(state, "--as-of: a date such as 2014-10-01 expected, not '%s'", arg);
      }
      return 0;
    case KEY_FORMAT:
      if (!output_format_parse(arg, &c->format)) {
        argp_error(state, "--format: csv, jsonl, hdf5 or table expected, not '%s'", arg);
      }
      return 0;
    default:
      return ARGP_ERR_UNKNOWN;
  }
}

static void take_own(common *c, int key, const char *arg, const struct argp_state *state) {
  pfc_error err = PFC_ERROR_INIT;
  if (c->spec->take(key, arg, c->own, &err) != PFC_OK) argp_error(state, "%s", err.msg);
}

static void check_args(const common *c, const struct argp_state *state) {
  const command_spec *spec = c->spec;
  if (c->n_args < spec->min_args) argp_error(state, "expected: %s", spec->args);
  if (c->n_args > spec->max_args) {
    argp_error(state, "'%s' is one too many; expected: %s", c->args[spec->max_args],
               *spec->args ? spec->args : "options alone");
  }
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  common *c = state->input;
  int n;
  const setting *table = settings_table(&n);
  if (key == ARGP_KEY_ARGS) {
    c->args = state->argv + state->next;
    c->n_args = state->argc - state->next;
    return 0;
  }
  if (key == ARGP_KEY_END) {
    check_args(c, state);
    return 0;
  }
  if (key >= SETTING_KEY && key < SETTING_KEY + n) {
    override_setting(c, table[key - SETTING_KEY].name, arg, state);
    return 0;
  }
  if (key >= OWN_KEY && key < SETTING_KEY) {
    take_own(c, key, arg, state);
    return 0;
  }
  return take_common(c, key, arg, state);
}

void options_parse(common *c, int argc, char **argv) {
  static option_table table; /* some 40 kB, once a process */
  static char doc[2048];
  const command_spec *spec = c->spec;
  (void)snprintf(doc, sizeof doc, "%s\vExample:\n%s", spec->doc, spec->example);
  for (const struct argp_option *o = spec->options; o && o->name; o++) {
    add(&table, o, GROUP_OWN);
  }
  add_settings(&table, spec);
  add_common(&table, spec);
  const struct argp argp = {
      .options = table.row, .parser = parse, .args_doc = spec->args, .doc = doc};
  /* What it does not tell itself, and exit: it has no memory to begin with. */
  const error_t failed = argp_parse(&argp, argc, argv, 0, NULL, c);
  if (failed) {
    (void)fprintf(stderr, "%s: cannot read the command line: %s\n", argv[0], strerror(failed));
    exit(EXIT_SYSTEM);
  }
}
