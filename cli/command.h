/* What every subcommand shares: one program, one table row and one file a command. */
#ifndef PROFICIO_CLI_COMMAND_H
#define PROFICIO_CLI_COMMAND_H

#include "base/error.h"

/* Exit codes are part of the interface: schedulers branch on them. An interrupted command
 * exits with 128 + the signal: 130 for SIGINT, 143 for SIGTERM. */
enum {
  EXIT_OKAY = 0,
  EXIT_USAGE = 2,    /* the command line has no meaning */
  EXIT_DATA = 3,     /* bad data, a damaged or foreign file, a fit that cannot go on */
  EXIT_SYSTEM = 4,   /* the system refused: files, memory */
  EXIT_REJECTED = 5, /* a candidate model was rejected as harmful */
  EXIT_NOTHING = 99, /* nothing to do */
};

typedef struct command {
  const char *name;
  int (*run)(int argc, char **argv); /* argv[0] is "proficio NAME" */
  const char *args;
  const char *summary;
} command;

/* The exit code of a status. */
int exit_code(pfc_status status);

int cmd_import(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_split(int argc, char **argv);
int cmd_simulate(int argc, char **argv);
int cmd_train(int argc, char **argv);
int cmd_evaluate(int argc, char **argv);
int cmd_recommend(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_gaps(int argc, char **argv);
int cmd_predict(int argc, char **argv);
int cmd_suggest(int argc, char **argv);
int cmd_feedback(int argc, char **argv);
int cmd_registry(int argc, char **argv);
int cmd_refit(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_bench_loop(int argc, char **argv);
int cmd_bench_cold(int argc, char **argv);

#endif
