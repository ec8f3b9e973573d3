/* The command line of a subcommand, through argp: its own options, those that set a
 * setting, and those that all share. */
#ifndef PROFICIO_CLI_OPTIONS_H
#define PROFICIO_CLI_OPTIONS_H

#include "cli/common.h"

/* Fills c from the command line. Does not return on a usage error (exit 2), --help or
 * --version. Texts are borrowed from argv. */
void options_parse(common *c, int argc, char **argv);

#endif
