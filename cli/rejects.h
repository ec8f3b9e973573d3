/* Rejected rows and cells, into a file of their own: file, line, column, value, reason. It
 * may quote personal data, hence mode 0600. */
#ifndef PROFICIO_CLI_REJECTS_H
#define PROFICIO_CLI_REJECTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/file.h"
#include "datasets/import.h"

#define REJECTS_HEADER "file,line,column,value,reason\n"

enum { REJECTS_TOLD = 5, REMARKS_TOLD = 10, REJECT_TEXT = 640 };

typedef struct rejects {
  const char *path;
  char told[REJECTS_TOLD][REJECT_TEXT];   /* the first rejects, in words */
  char remark[REMARKS_TOLD][REJECT_TEXT]; /* the first remarks */
  int64_t n_remarks;
  pfc_newfile newfile;
  FILE *file; /* NULL before the first reject */
  int64_t n;  /* lines of it, remarks included */
} rejects;

/* A pfc_reject_fn; user is a rejects whose path is set. Opens the file at the first one. */
pfc_status rejects_add(const pfc_reject *reject, void *user, pfc_error *err);

/* Puts the file in its place; with `even_empty` also one that holds the header alone. */
PFC_MUST_USE pfc_status rejects_commit(rejects *r, bool even_empty, pfc_error *err);

/* Removes what was not committed. */
void rejects_drop(rejects *r);

#endif
