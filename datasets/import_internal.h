/* What the readers of import share: the canonical one and the presets. A reader opens
 * a table, names its columns, and hands over row after row; typing, ranges, words,
 * rejects and counts are dealt with here, keys, references and order of dates when
 * every table has been read. Not thread-safe: one run, one thread. */
#ifndef PROFICIO_DATASETS_IMPORT_INTERNAL_H
#define PROFICIO_DATASETS_IMPORT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/csv.h"
#include "datasets/dataset.h"
#include "datasets/import.h"

/* A table under construction; owned by its run. */
typedef struct pfc__builder pfc__builder;

/* One run of pfc_import. A preset may set ds->scale_min, ds->scale_max (the settings
 * of the user win over it) and ds->framework (pfc_strdup). */
typedef struct pfc__import {
  pfc_dataset *ds;
  const pfc_import_settings *settings;
  pfc__builder *builders[PFC_N_TABLES]; /* NULL: table not begun */
  size_t block_size; /* bytes of CSV typed at a time, by all threads there are; 0: by the size
                        of the file. For tests: the result is the same */
} pfc__import;

/* --- tables --------------------------------------------------------------- */

/* Begins a table whose cells will be given in the order of `columns`: names the table
 * declares, or, where it takes features, x_... and c_... names, or, for `protected`,
 * any. PFC_EUSAGE for a name it does not take; PFC_EDATA when one is given twice or a
 * required column is not among them (the message lists them after `path`). Beginning
 * the same table again, with these or other columns, adds rows to it; cells of columns
 * that are not named now are missing. *b is borrowed from the run.
 *
 * `path` is the file that the rows come from: it is digested, its name joins
 * tables[].origin.source, and it stands in the rejects of the rows that follow. */
PFC_MUST_USE pfc_status pfc__build_begin(pfc__import *run, pfc_table_id table, const char *path,
                                         const char *const *columns, int n_columns,
                                         pfc__builder **b, pfc_error *err);

/* Another file that rows of this table are made from (a join): joins the provenance. */
PFC_MUST_USE pfc_status pfc__build_source(pfc__builder *b, const char *path, pfc_error *err);

/* Rejects of the rows that follow, up to the next pfc__build_begin, call that column
 * by the name it has in the source, also when a check finds them later. */
PFC_MUST_USE pfc_status pfc__build_alias_add(pfc__builder *b, const char *column,
                                             const char *source, pfc_error *err);

/* --- rows ------------------------------------------------------------------ *
 * Between pfc__build_row and pfc__build_end every cell starts as missing. `column` is
 * the index into the columns of pfc__build_begin. A cell that breaks a rule is reported
 * at once and marks the row; the row is then left out at its end. */

/* Starts a row that stood on that line (from 1) of the file. */
void pfc__build_row(pfc__builder *b, int64_t line);

/* The cell as text, "" is missing: parsed and checked by the type of the column, as a
 * cell of a canonical CSV file is. */
PFC_MUST_USE pfc_status pfc__build_text(pfc__builder *b, int column, const char *text,
                                        pfc_error *err);

/* The same; `shown` stands in the reject, where text was made from it. */
PFC_MUST_USE pfc_status pfc__build_shown(pfc__builder *b, int column, const char *text,
                                         const char *shown, pfc_error *err);

/* The cell as a value, for PFC_REAL (NaN is missing), PFC_FLAG and PFC_DATE (days;
 * PFC_NO_DATE is missing); the range of a real is checked. PFC_EUSAGE when the column is of
 * another type. */
PFC_MUST_USE pfc_status pfc__build_real(pfc__builder *b, int column, double value,
                                        pfc_error *err);
PFC_MUST_USE pfc_status pfc__build_flag(pfc__builder *b, int column, bool value,
                                        pfc_error *err);
PFC_MUST_USE pfc_status pfc__build_date(pfc__builder *b, int column, int32_t days,
                                        pfc_error *err);

/* Marks the row as bad for a reason of the reader's own and reports it. `column` is the
 * name as it stands in the source file, "" for the whole row. */
PFC_MUST_USE pfc_status pfc__build_reject(pfc__builder *b, const char *column,
                                          const char *value, const char *reason,
                                          pfc_error *err);

/* Reports something that costs no row, e.g. a column that is ignored. */
PFC_MUST_USE pfc_status pfc__build_note(pfc__builder *b, int64_t line, const char *column,
                                        const char *reason, pfc_error *err);

/* Ends the row: keeps it, or counts it as rejected. Fails when cancelled. */
PFC_MUST_USE pfc_status pfc__build_end(pfc__builder *b, pfc_error *err);

/* Of the files of the run, as pfc_csv_settings take it. */
const char *pfc__build_encoding(const pfc__builder *b);

/* --- help for readers ----------------------------------------------------- */

/* Appends ", name", or "name" to an empty text, to a list in text[size]; cut where it is full.
 */
void pfc__list_name(char *text, size_t size, const char *name);

/* at[i] = position of names[i] in a header row. PFC_EDATA names the file, the columns
 * it lacks, and those expected. A column named "?NAME" is optional: at[i] = -1 when
 * NAME is not there. */
PFC_MUST_USE pfc_status pfc__header_find(const char *path, const pfc_csv_row *header,
                                         const char *const *names, int n_names, int *at,
                                         pfc_error *err);

/* The first source that is the file NAME or NAME.gz, or a folder that holds it; NULL in
 * *path (pfc_free) when none does. */
PFC_MUST_USE pfc_status pfc__find_source(const char *const *sources, int n_sources,
                                         const char *name, char **path, pfc_error *err);

/* FOLDER/NAME or FOLDER/NAME.gz, whichever exists, in *path (pfc_free); NULL in *path
 * when neither does. PFC_EDATA when both do. */
PFC_MUST_USE pfc_status pfc__find_file(const char *folder, const char *name, char **path,
                                       pfc_error *err);

/* The declared name nearest to a mistaken one, NULL when none is within two edits:
 * of the table's columns, or, with table = NULL, of the tables. */
const char *pfc__nearest_name(const pfc_table_decl *table, const char *name);

/* The name nearest to a mistaken one among n, NULL when none is within two edits. */
const char *pfc__nearest_of(const char *const *names, int n, const char *name);

/* Levenshtein's distance without regard to case; that of texts over 40 bytes is 40. */
int pfc__edit_distance(const char *a, const char *b);

/* --- presets -------------------------------------------------------------- */

/* Reads foreign files into the run's tables. Checks across tables come after it. */
typedef pfc_status (*pfc__preset_fn)(pfc__import *run, const char *const *sources,
                                     int n_sources, pfc_error *err);

typedef struct pfc__preset {
  const char *name;
  pfc__preset_fn read;
} pfc__preset;

/* All presets, ended by a NULL name (datasets/presets.c). */
extern const pfc__preset pfc__presets[];

/* --- between the files of import ------------------------------------------ */

/* Reads one canonical CSV file into its table. */
PFC_MUST_USE pfc_status pfc__import_table(pfc__import *run, pfc_table_id table,
                                          const char *path, pfc_error *err);

/* Reads the files that a mapping names into the tables it names (docs/MAPPING.md). */
PFC_MUST_USE pfc_status pfc__import_mapped(pfc__import *run, const char *const *sources,
                                           int n_sources, pfc_error *err);

/* Is it a header the table can be read by? PFC_EDATA: the cells are not parted by commas, a
 * column stands there twice, or one that is needed does not. */
PFC_MUST_USE pfc_status pfc__check_header(const pfc_table_decl *decl, const char *path,
                                          const pfc_csv_row *header, pfc_error *err);

/* What people made of proposals: leaves out what they do not want, and joins what is proposed
 * of a role to the role's own row. Before keys are checked. */
PFC_MUST_USE pfc_status pfc__import_proposals(pfc__import *run, pfc_error *err);

/* Requirements of roles without any, by their framework_ref, from settings->framework; its
 * competencies where there are none, its scale where the settings name none. */
PFC_MUST_USE pfc_status pfc__import_framework(pfc__import *run, pfc_error *err);

/* Keys, references, ranges of levels, order of dates over all tables; rows that break a
 * rule are reported and left out, tables with too many of them fail, dictionaries keep
 * what is still used, and the tables stand complete in run->ds. */
PFC_MUST_USE pfc_status pfc__import_finish(pfc__import *run, pfc_error *err);

void pfc__builder_destroy(pfc__builder *b);

#endif
