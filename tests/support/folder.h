/* A folder of canonical tables, and what import says of it. */
#ifndef PROFICIO_TESTS_SUPPORT_FOLDER_H
#define PROFICIO_TESTS_SUPPORT_FOLDER_H

#include "datasets/import.h"

#define FOLDER "in" /* the folder; a second one is FOLDER "2" */

/* What on_reject was told since folder_begin, file names without folder. */
enum { FOLDER_MAX_SAID = 64 };
typedef struct folder_reject {
  char file[64], column[64], value[256], reason[400];
  int64_t line;
} folder_reject;
extern struct folder_rejects {
  int n;
  folder_reject at[FOLDER_MAX_SAID];
} folder_rejects;

/* A test's setup: both folders are there and empty, nothing was said. */
int folder_begin(void **state);

/* FOLDER/NAME. */
void folder_write(const char *name, const char *text);

/* Settings that tolerate a thousand bad rows a table, so that single rules show, and
 * note what is said. */
pfc_import_settings folder_tolerant(void);

/* pfc_import of FOLDER; *ds is NULL on failure. */
PFC_MUST_USE pfc_status folder_import(const pfc_import_settings *s, pfc_dataset **ds,
                                      pfc_error *err);

/* The same with the tolerant settings; must succeed. */
pfc_dataset *folder_import_all(void);

/* Fails the test unless this was said, once, with a reason that holds `reason`. */
void folder_said(const char *file, int64_t line, const char *column, const char *value,
                 const char *reason);

#endif
