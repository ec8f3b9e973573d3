/* Import: a folder of canonical CSV files, or foreign files through a preset or a
 * mapping, into a checked dataset. */
#ifndef PROFICIO_DATASETS_IMPORT_H
#define PROFICIO_DATASETS_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/date.h"
#include "base/error.h"
#include "base/progress.h"
#include "datasets/dataset.h"

/* One rejected cell or row, or a remark: on a column or file that is ignored, or on what was
 * read in a special way. A row with several bad cells makes several of these and counts
 * once. */
typedef struct pfc_reject {
  const char *file;   /* as opened */
  int64_t line;       /* from 1 */
  const char *column; /* "" when the whole row is meant */
  const char *value;  /* as it stood, cut at 200 bytes */
  const char *reason; /* what was expected, and how to mend it */
  bool is_remark;     /* costs no row */
} pfc_reject;

typedef pfc_status (*pfc_reject_fn)(const pfc_reject *reject, void *user, pfc_error *err);

/* With neither max_bad nor max_bad_share, a table may have 1 % of its rows rejected for
 * values (of 20 rows: none), and none for keys and references. What refers to a row that
 * was rejected for a value counts as rejected for a value. With both, the larger counts. */
typedef struct pfc_import_settings {
  uint32_t struct_size;
  const char *preset;    /* NULL: canonical tables; "oulad", "onet" [NULL] */
  const char *map;       /* NULL, or a mapping file (docs/MAPPING.md); not with preset [NULL] */
  const char *framework; /* NULL, or a folder of O*NET tables: roles that name an occupation of
                            theirs (framework_ref) and have no requirements get those of the
                            occupation; competencies come along where there are none [NULL] */
  const char *encoding;  /* of every file, as iconv names it; NULL or "": UTF-8 [NULL] */
  double scale_min;      /* framework's scale; NaN: the preset's or the schema's [NaN] */
  double scale_max;      /* as scale_min; both or neither [NaN] */
  int64_t max_bad;       /* rejected rows allowed in each table; -1: not given [-1] */
  double max_bad_share;  /* ... or this share of its rows; NaN: not given [NaN] */
  int32_t as_of;         /* facts dated more than a day later are rejected; PFC_NO_DATE: any
                            date will do [PFC_NO_DATE] */
  pfc_reject_fn on_reject; /* may be NULL */
  void *reject_user;
  pfc_progress progress;
} pfc_import_settings;
PFC_API void pfc_import_defaults(pfc_import_settings *s);

/* Reads n_sources folders or files (canonical: TABLE.csv or TABLE.csv.gz in the
 * folders) into a new dataset, which the caller owns. Rows that break a rule are
 * reported to on_reject and left out: wrong type, out of range, missing key,
 * duplicate key, reference to an id that its table lacks (only where that table is
 * there), ends before starts, loops of managers, parents and prerequisites, facts from the
 * future. Missing columns, a table with too many bad rows, or no
 * table at all is PFC_EDATA. Ids of dictionaries whose table is absent are taken as
 * they come. Unknown columns are reported to on_reject with line 1 and ignored, and so
 * are CSV files named after no table. Counts stand in tables[].origin.
 *
 * Rows of roles, requirements and targets with a `status` are proposals: those rejected, and
 * alternatives, are left out, others are taken. What is proposed of a role that has a row of
 * its own, without a status, joins that row, where it names no framework_ref (docs/SUGGEST.md).
 *
 * Dictionaries hold what the kept rows use and no more. Where the table that owns a
 * dictionary is there, its row i has code i; other codes go by first appearance, in the
 * order of tables, columns and rows. The same files give the same dataset. */
PFC_API PFC_MUST_USE pfc_status pfc_import(const char *const *sources, int n_sources,
                                           const pfc_import_settings *settings,
                                           pfc_dataset **ds, pfc_error *err);

#endif
