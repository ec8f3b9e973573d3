/* What every subcommand does alike: options, settings, progress, errors, the last line. */
#ifndef PROFICIO_CLI_COMMON_H
#define PROFICIO_CLI_COMMON_H

#include <argp.h>
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/settings.h"

enum {
  TAKES_AS_OF = 1,   /* --as-of DATE */
  TAKES_FORMAT = 2,  /* --format; the command prints a table */
  TABLE_TO_O = 4,    /* that table goes to -o FILE; without this, -o means the command's own */
  IN_PLACE = 8,      /* -o FILE may be a file that the command reads */
  TABLE_IS_ALL = 16, /* what --json prints holds nothing of that table, so it needs -o */
};

enum { OWN_KEY = 1000 };    /* keys of a command's own options start here; 'o' is allowed too */
enum { MAX_VERSIONS = 16 }; /* of registries, on one command line */
enum { MAX_OVERRIDES = 64, MAX_SETTING_GROUPS = 4 };

typedef struct common common;

/* A command as its file declares it. */
typedef struct command_spec {
  const char *name;
  const char *args; /* "MODEL DATA" */
  int min_args, max_args;
  const char *doc;     /* what it does, a sentence or two */
  const char *example; /* lines to copy */
  unsigned takes;
  const char *as_of_doc;                          /* what --as-of means; NULL: as usual */
  const char *output_doc;                         /* what -o FILE holds; NULL: no -o */
  const char *setting_groups[MAX_SETTING_GROUPS]; /* settings offered as options: prefixes */
  const struct argp_option *options; /* its own; ends with a zero row; may be NULL */
  /* Takes one of its own options. PFC_EUSAGE is told as a usage error. */
  pfc_status (*take)(int key, const char *arg, void *own, pfc_error *err);
  pfc_status (*run)(common *c, pfc_error *err);
} command_spec;

typedef struct setting_override {
  const char *name, *text;
} setting_override;

struct common {
  const command_spec *spec;
  void *own;
  settings settings;
  int threads;
  uint64_t seed; /* --seed, else 1 */
  int32_t as_of; /* PFC_NO_DATE: not given */
  bool quiet, log_json, json;
  output_format format;
  const char *output; /* -o; NULL: none */
  const char *config; /* settings file that was read; NULL: none */
  char **args;        /* what is no option; REGISTRY/@ALIAS is the file it stands for */
  int n_args;
  char *version_file[MAX_VERSIONS]; /* of those, owned */
  int n_version_files;
  int n_overrides;
  setting_override override[MAX_OVERRIDES];
  int64_t n_unknown_people; /* ids that the dataset did not know (cli/people.h) */
  double began;             /* seconds */
  int code;                 /* exit code of a command that has ended well [EXIT_OKAY] */
  progress_view progress;
};

/* A whole command: parses its line (usage errors, --help and --version exit here, as argp
 * does), reads the settings, starts threads and signal handlers, runs, says what went wrong,
 * if anything did, and returns the exit code. `own` is for spec->take and spec->run. */
int common_main(const command_spec *spec, int argc, char **argv, void *own);

/* PFC_EUSAGE when an output (the value of `option`) would take the place of an input. NULL is
 * allowed for both. Files named as arguments and settings are looked after already. */
PFC_MUST_USE pfc_status common_reads(const char *option, const char *path, const char *input,
                                     pfc_error *err);

/* A remark for people, on standard error: "proficio train: note: ..."; silent with --quiet. */
void common_note(common *c, const char *fmt, ...) PFC_PRINTF(2, 3);

/* The command's table: to -o FILE where TABLE_TO_O says so, else to standard output; with
 * --json and no file it goes nowhere and *out is NULL, which table_row takes. */
PFC_MUST_USE pfc_status common_table(common *c, int n_columns, const output_column *columns,
                                     output **out, pfc_error *err);
PFC_MUST_USE pfc_status table_row(output *out, const cell *cells, pfc_error *err);
PFC_MUST_USE pfc_status table_close(output *out, pfc_error *err);

/* The object that --json prints: begins with "command". The caller's. */
PFC_MUST_USE pfc_status common_object(const common *c, cJSON **json, pfc_error *err);
/* Adds "seconds" and prints it as one line; nothing without --json. */
PFC_MUST_USE pfc_status common_print(const common *c, cJSON *json, pfc_error *err);

/* Writes it, over several lines, into a file that appears whole or not at all. */
PFC_MUST_USE pfc_status json_write(const cJSON *json, const char *path, pfc_error *err);

/* The number under a key; NaN when there is none. */
double json_number(const cJSON *object, const char *key);
/* Adds an object or array under a name; NULL, and the error, when memory is short. */
cJSON *json_object(cJSON *parent, const char *name, pfc_error *err);
cJSON *json_array(cJSON *parent, const char *name, pfc_error *err);
/* Adds an empty object to an array. */
cJSON *json_element(cJSON *array, pfc_error *err);

#endif
