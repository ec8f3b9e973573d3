/* proficio COMMAND [options]: one row a command. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/nearest.h"
#include "cli/process.h"
#include "datasets/feedback_store.h"

static int cmd_help(int argc, char **argv);

static const command COMMANDS[] = {
    {"import", cmd_import, "SRC... -o DATA", "read CSV folders into one checked dataset"},
    {"check", cmd_check, "DATA", "tell what the data can train, and what speaks against it"},
    {"split", cmd_split, "DATA --at DATE", "set rows aside for testing"},
    {"simulate", cmd_simulate, "-o DIR", "draw an organisation whose truth is known"},
    {"train", cmd_train, "DATA -o MODEL", "fit every model that the data carry"},
    {"evaluate", cmd_evaluate, "MODEL DATA", "judge a model on the test rows"},
    {"gaps", cmd_gaps, "MODEL DATA --by unit", "what people miss, by what it puts at risk"},
    {"recommend", cmd_recommend, "MODEL DATA --all", "rank interventions for people"},
    {"explain", cmd_explain, "MODEL DATA --person ID",
     "why an intervention stands where it does"},
    {"predict", cmd_predict, "MODEL DATA --pairs FILE", "success and time of given pairs"},
    {"suggest", cmd_suggest, "targets|roles DATA", "propose targets and occupations by texts"},
    {"feedback", cmd_feedback, "add|import|... --store FILE",
     "keep what people did with recommendations"},
    {"registry", cmd_registry, "list|promote|... REGISTRY",
     "keep every version of the model, and which one serves"},
    {"refit", cmd_refit, "--registry R --data DATA",
     "make a better model of what is new, or keep the old one"},
    {"run", cmd_run, "", "the nightly job, from one proficio.json"},
    {"init", cmd_init, "DIR", "begin: a folder with settings that say what they mean"},
    {"inspect", cmd_inspect, "FILE", "tell what is in a model or a dataset"},
    {"config", cmd_config, "", "print the effective settings"},
    {"bench", cmd_bench, "", "measure speed against the limits of this machine"},
    {"help", cmd_help, "[COMMAND]", "show this list, or the options of a command"},
};
enum { N_COMMANDS = sizeof COMMANDS / sizeof *COMMANDS };

/* A build may go without a library that a command stands on. */
static bool is_supported(const command *cmd, pfc_error *err) {
  return cmd->run != cmd_feedback || pfc_store_supported(err) == PFC_OK;
}

static void print_list(FILE *to) {
  (void)fputs("Usage: proficio COMMAND [options]\n\nCommands:\n", to);
  for (int i = 0; i < N_COMMANDS; i++) {
    if (!is_supported(&COMMANDS[i], NULL)) continue;
    (void)fprintf(to, "  %-10s %-24s %s\n", COMMANDS[i].name, COMMANDS[i].args,
                  COMMANDS[i].summary);
  }
  (void)fputs(
      "\nExample:\n"
      "  proficio import exports/ -o data.h5\n"
      "  proficio train data.h5 -o model.h5\n"
      "  proficio recommend model.h5 data.h5 --all --top 3 -o lists.csv\n"
      "\n`proficio COMMAND --help` tells more.\n",
      to);
}

static const command *find(const char *name) {
  for (int i = 0; i < N_COMMANDS; i++) {
    if (strcmp(COMMANDS[i].name, name) == 0) return &COMMANDS[i];
  }
  return NULL;
}

static int unknown(const char *name) {
  nearest best = {0};
  char text[256];
  for (int i = 0; i < N_COMMANDS; i++) nearest_offer(&best, name, COMMANDS[i].name);
  (void)fprintf(stderr, "proficio: there is no command '%s'%s\n", name,
                best.n ? nearest_text(&best, text) : "; `proficio help` lists them");
  return EXIT_USAGE;
}

/* argp and getopt say argv[0] before each message. */
static int run(const command *cmd, int argc, char **argv) {
  char name[64];
  pfc_error err = PFC_ERROR_INIT;
  (void)snprintf(name, sizeof name, "proficio %s", cmd->name);
  if (!is_supported(cmd, &err)) {
    (void)fprintf(stderr, "%s: %s\n", name, err.msg);
    return EXIT_USAGE;
  }
  argv[0] = name;
  return cmd->run(argc, argv);
}

static int cmd_help(int argc, char **argv) {
  if (argc < 2 || argv[1][0] == '-') {
    print_list(stdout);
    return EXIT_OKAY;
  }
  const command *cmd = find(argv[1]);
  if (!cmd) return unknown(argv[1]);
  if (cmd->run == cmd_help) {
    print_list(stdout);
    return EXIT_OKAY;
  }
  char help[] = "--help";
  char *again[] = {NULL, help, NULL};
  return run(cmd, 2, again);
}

int main(int argc, char **argv) {
  process_begin();
  argp_program_version = "proficio " PFC_VERSION;
  argp_err_exit_status = EXIT_USAGE;
  if (argc < 2) {
    print_list(stderr);
    return EXIT_USAGE;
  }
  if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
    (void)printf("%s\n", argp_program_version);
    return EXIT_OKAY;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
    print_list(stdout);
    return EXIT_OKAY;
  }
  const command *cmd = find(argv[1]);
  return cmd ? run(cmd, argc - 1, argv + 1) : unknown(argv[1]);
}
