/* The nightly job: import, check, refit, recommend and report, each a command of its own in a
 * process of its own, in one order, from one file of settings. docs/OPERATIONS.md. */
#ifndef PROFICIO_CLI_RUN_H
#define PROFICIO_CLI_RUN_H

#include <cjson/cJSON.h>

#include "base/digest.h"
#include "cli/common.h"

typedef enum run_step {
  RUN_IMPORT,
  RUN_CHECK,
  RUN_REFIT,
  RUN_RECOMMEND,
  RUN_REPORT,
  RUN_N_STEPS,
} run_step;
const char *run_step_name(run_step step);

enum { RUN_PATH = 512 };

typedef struct run_job {
  common *c;
  bool dry_run;
  int32_t today;           /* --as-of, else the day by the clock */
  char champion[RUN_PATH]; /* "REGISTRY/@champion" */
  cJSON *state;            /* what the folder's run.json holds of these inputs */
  cJSON *results;          /* in it: what each step that is done told */
} run_job;

/* --- what has been done (cli/run_state.c) ---------------------------------------------------
 */

/* "OUT/NAME". PFC_EUSAGE when it does not fit. */
PFC_MUST_USE pfc_status run_path(const run_job *job, const char *name, char path[RUN_PATH],
                                 pfc_error *err);
/* Reads run.json, and begins anew where that is of other inputs: source files, settings, the
 * feedback store, the day that was asked for, the version of the program. */
PFC_MUST_USE pfc_status run_state_open(run_job *job, pfc_error *err);
/* Does it tell that a step is done? Its result, borrowed; NULL when it is not. */
const cJSON *run_state_of(const run_job *job, run_step step);
/* A step is done; takes the result over, and keeps what is a word or a number of it. */
PFC_MUST_USE pfc_status run_state_done(run_job *job, run_step step, cJSON *result,
                                       pfc_error *err);

/* --- commands (cli/run_child.c) --------------------------------------------------------------
 */

enum { RUN_MOST_ARGS = 24 };

/* A command of this program and its arguments, NULL at the end. */
typedef struct run_command {
  const char *args[RUN_MOST_ARGS];
} run_command;

/* "proficio import exports -o data.h5", for people. */
void run_command_text(const run_command *cmd, char *text, size_t size);
/* Runs it with the settings of this run. *code: its exit code, one of those that `allowed` (0
 * last) names beside EXIT_OKAY: any other one is an error that names it. *json: what --json
 * printed, the caller's; NULL where that was nothing. */
PFC_MUST_USE pfc_status run_child(run_job *job, const run_command *cmd, const int *allowed,
                                  int *code, cJSON **json, pfc_error *err);

/* --- steps (cli/run_steps.c, cli/run_feeds.c)
 * ------------------------------------------------- */

/* Does it, or says with --dry-run what would be done; *result is the caller's. */
PFC_MUST_USE pfc_status run_step_do(run_job *job, run_step step, cJSON **result,
                                    pfc_error *err);

/* Holds the dataset against run.max_age and run.min_rows. PFC_EDATA names every feed that is
 * too old or too small. */
PFC_MUST_USE pfc_status run_feeds_check(const run_job *job, const char *data, pfc_error *err);

#endif
