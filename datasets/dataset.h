/* A dataset in memory: the canonical tables, column by column, with dictionaries
 * and provenance. Tables that are absent have no rows and no columns. */
#ifndef PROFICIO_DATASETS_DATASET_H
#define PROFICIO_DATASETS_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/date.h"
#include "base/error.h"
#include "datasets/dict.h"
#include "datasets/schema.h"

typedef struct pfc_column {
  char *name;
  pfc_type type;
  pfc_dict *dict; /* PFC_CODE: borrowed from the dataset; NULL otherwise */
  union {
    void *data;    /* owned; n_rows elements of the type below */
    int32_t *code; /* PFC_CODE */
    double *real;
    int32_t *i32;
    int8_t *flag;
    int32_t *date;
    int64_t *time;
  };
} pfc_column;

/* Where a table came from; all text owned. */
typedef struct pfc_provenance {
  char *source;      /* file name without folder; several are joined by ", " */
  char *sha256;      /* of the source file's bytes; several are joined by ", " */
  int64_t rows_read; /* without headers; of a preset, those it made or rejected */
  int64_t rows_rejected;
} pfc_provenance;

typedef struct pfc_table {
  const pfc_table_decl *decl;
  int64_t n_rows;
  int n_columns;
  pfc_column *columns;
  pfc_provenance origin;
} pfc_table;

/* How train and test are told apart; part of the dataset (datasets/split.h). */
typedef enum pfc_split_kind {
  PFC_SPLIT_NONE,
  PFC_SPLIT_AT,     /* by start of the intervention: at or after `date` is test */
  PFC_SPLIT_PERSON, /* a fraction of people is test */
  PFC_SPLIT_RANDOM, /* a fraction of rows is test */
  PFC_SPLIT_COLUMN, /* a column `split` says so */
} pfc_split_kind;

typedef struct pfc_split {
  pfc_split_kind kind;
  int32_t date;    /* PFC_SPLIT_AT */
  double fraction; /* share of test, (0, 1) */
  int32_t folds;   /* 0: no folds; else fold `fold` of `folds` is test */
  int32_t fold;
  uint64_t seed;
} pfc_split;

enum { PFC_HEAD_TEXT = 96 }; /* room for the head of a feedback store */

typedef struct pfc_dataset {
  pfc_table tables[PFC_N_TABLES];
  int n_dicts;
  pfc_dict **dicts;
  double scale_min, scale_max; /* the framework's own scale of levels [0, 5] */
  char *framework;             /* e.g. "O*NET 29.0"; NULL when unnamed */
  pfc_split split;
  char sha256[65];                   /* of the packed file it was loaded from; "" before */
  char feedback_head[PFC_HEAD_TEXT]; /* of the feedback store whose events joined it since; it
                                        then is no longer what the file alone holds. "" none */
} pfc_dataset;

PFC_API pfc_dataset *pfc_dataset_create(void); /* empty; NULL when memory is short */
PFC_API void pfc_dataset_destroy(pfc_dataset *ds);

/* The dictionary of that name, created when new; NULL when memory is short. The
 * pointer stays valid for the life of the dataset. */
PFC_API pfc_dict *pfc_dataset_dict(pfc_dataset *ds, const char *name);
/* The same without creating: NULL when there is none. */
PFC_API const pfc_dict *pfc_dataset_find_dict(const pfc_dataset *ds, const char *name);
/* Its size, 0 when there is none: "how many people, roles, competencies ...". */
PFC_API int32_t pfc_dataset_count(const pfc_dataset *ds, const char *dictionary);

/* Adds a column of n_rows elements, filled with the missing value; n_rows must be
 * the table's (or the table be empty of columns, which then takes n_rows). `dict`
 * names the dictionary of a PFC_CODE column, else it is NULL or "". The pointer is valid
 * until the next column is added to the same table. PFC_EUSAGE otherwise, and for a
 * column that is there already. */
PFC_API PFC_MUST_USE pfc_status pfc_dataset_add_column(pfc_dataset *ds, pfc_table_id table,
                                                       const char *name, pfc_type type,
                                                       const char *dict, int64_t n_rows,
                                                       pfc_column **column, pfc_error *err);

/* The same with the data there are: takes `data`, n_rows elements from pfc_alloc_array. On
 * failure it stays the caller's. */
PFC_API PFC_MUST_USE pfc_status pfc_dataset_take_column(pfc_dataset *ds, pfc_table_id table,
                                                        const char *name, pfc_type type,
                                                        const char *dict, int64_t n_rows,
                                                        void *data, pfc_error *err);

/* Makes the table n rows longer; their cells are missing. */
PFC_API PFC_MUST_USE pfc_status pfc_dataset_extend(pfc_dataset *ds, pfc_table_id table,
                                                   int64_t n, pfc_error *err);

/* NULL when the table has no such column. */
PFC_API const pfc_column *pfc_dataset_column(const pfc_dataset *ds, pfc_table_id table,
                                             const char *name);

/* Typed views, NULL when the column is absent or of another type. */
PFC_API const int32_t *pfc_dataset_codes(const pfc_dataset *ds, pfc_table_id table,
                                         const char *name);
PFC_API const double *pfc_dataset_reals(const pfc_dataset *ds, pfc_table_id table,
                                        const char *name);
PFC_API const int32_t *pfc_dataset_dates(const pfc_dataset *ds, pfc_table_id table,
                                         const char *name);
PFC_API const int8_t *pfc_dataset_flags(const pfc_dataset *ds, pfc_table_id table,
                                        const char *name);

/* Bytes of one element: 4, 8, 4, 1, 4, 8 in the order of pfc_type. */
PFC_API size_t pfc_type_size(pfc_type type);

/* True when the element is the type's missing value. */
PFC_API bool pfc_column_missing(const pfc_column *column, int64_t row);

/* Sets the elements from..to-1 to the type's missing value. */
PFC_API void pfc_column_clear(pfc_column *column, int64_t from, int64_t to);

/* Copies, in order, the elements of `from` where keep is not 0 (all when it is NULL) to
 * the beginning of `to`, a column of the same type with room for them, or the same
 * column; returns how many. */
PFC_API int64_t pfc_column_keep(pfc_column *to, const pfc_column *from, const uint8_t *keep,
                                int64_t n_rows);

/* Codes as they were elsewhere: each of n dictionaries of ds begins with the texts of dicts[k],
 * which keep their codes, in place of what it began with; a dictionary that ds lacks is added.
 * On failure ds can only be destroyed. */
PFC_API PFC_MUST_USE pfc_status pfc_dataset_recode(pfc_dataset *ds, int n,
                                                   pfc_dict *const *dicts, pfc_error *err);

/* A new dataset with, in each table, the rows where keep[table][row] is not 0;
 * keep[table] = NULL keeps all, and so does keep = NULL. Dictionaries are copied whole,
 * so codes stay the same. The caller owns *out. */
PFC_API PFC_MUST_USE pfc_status pfc_dataset_filter(const pfc_dataset *ds,
                                                   const uint8_t *const keep[PFC_N_TABLES],
                                                   pfc_dataset **out, pfc_error *err);

#endif
