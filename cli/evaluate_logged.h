/* `evaluate --logged`: what a policy would have been worth, from anybody's log. */
#ifndef PROFICIO_CLI_EVALUATE_LOGGED_H
#define PROFICIO_CLI_EVALUATE_LOGGED_H

#include "cli/common.h"

typedef struct evaluate_logged {
  const char *log;    /* --logged; NULL: none */
  const char *policy; /* --policy: "uniform", or a file; NULL: the log's column `target` */
} evaluate_logged;

/* PFC_EUSAGE where the line asks for something else besides. */
PFC_MUST_USE pfc_status evaluate_logged_check(const common *c, const evaluate_logged *e,
                                              pfc_error *err);

/* Reads, judges, prints: table and --json. */
PFC_MUST_USE pfc_status evaluate_logged_run(common *c, const evaluate_logged *e,
                                            pfc_error *err);

#endif
