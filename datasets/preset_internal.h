/* What the presets share: finding their files, reading a foreign table by the names of
 * its columns, and telling the user what was counted on the way. */
#ifndef PROFICIO_DATASETS_PRESET_INTERNAL_H
#define PROFICIO_DATASETS_PRESET_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/import_internal.h"

/* --- the presets (pfc__preset_fn); docs/PRESETS.md says what they make of what ------ */

/* Open University Learning Analytics Dataset: people, modules, results, episodes. */
PFC_MUST_USE pfc_status pfc__preset_oulad(pfc__import *run, const char *const *sources,
                                          int n_sources, pfc_error *err);

/* O*NET database: roles, competencies, requirements. */
PFC_MUST_USE pfc_status pfc__preset_onet(pfc__import *run, const char *const *sources,
                                         int n_sources, pfc_error *err);

/* European Skills, Competences, Qualifications and Occupations: roles, competencies,
 * requirements without level, relations. */
PFC_MUST_USE pfc_status pfc__preset_esco(pfc__import *run, const char *const *sources,
                                         int n_sources, pfc_error *err);

/* --- files ------------------------------------------------------------------------- */

/* path[i] = where names[i] (or names[i].gz) stands in the sources, folders or the files
 * themselves; each freed with pfc_free. A name with a leading "?" is optional: NULL when
 * it is nowhere. PFC_EDATA lists every file that is missing. */
PFC_MUST_USE pfc_status pfc__preset_find(const char *preset, const char *const *sources,
                                         int n_sources, const char *const *names, int n_names,
                                         char **path, pfc_error *err);

#define PFC__SHEET_COLUMNS 16 /* most columns of a foreign table that a preset reads */

/* One row: cell[i] belongs to names[i]; "" for an optional column that is not there. */
typedef pfc_status (*pfc__sheet_fn)(int64_t line, const char *const *cell, void *user,
                                    pfc_error *err);

/* A foreign table. */
typedef struct pfc__sheet {
  const char *path;
  bool tabs;                /* tab-separated, where quotes are text like any other */
  const char *const *names; /* columns to read, as pfc__header_find takes them */
  int n_names;              /* at most PFC__SHEET_COLUMNS */
  pfc__builder *rejects;    /* charged with rows that are wider or narrower than the header */
  pfc__sheet_fn fn;
  void *user;
} pfc__sheet;

/* Calls sheet->fn for every row after the header. */
PFC_MUST_USE pfc_status pfc__sheet_read(const pfc__sheet *sheet, pfc_error *err);

/* A row that is bad before any cell of it could be given to the builder: counted and
 * reported. */
PFC_MUST_USE pfc_status pfc__sheet_reject(pfc__builder *b, int64_t line, const char *column,
                                          const char *value, const char *reason,
                                          pfc_error *err);

/* Tells the user of `count` rows of the builder's current file that were read in a way
 * worth knowing: "COUNT TEXT", as a note on the column. Nothing is said of none. */
PFC_MUST_USE pfc_status pfc__sheet_note(pfc__builder *b, int64_t count, const char *column,
                                        const char *text, pfc_error *err);

#endif
