/* The canonical tables, each declared once. Import, checks, storage and the
 * documentation are driven by these declarations. */
#ifndef PROFICIO_DATASETS_SCHEMA_H
#define PROFICIO_DATASETS_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef enum pfc_table_id {
  PFC_PEOPLE,
  PFC_POSITIONS,
  PFC_ROLES,
  PFC_COMPETENCIES,
  PFC_RELATIONS,
  PFC_REQUIREMENTS,
  PFC_SOURCES,
  PFC_ASSESSMENTS,
  PFC_INTERVENTIONS,
  PFC_TARGETS,
  PFC_PREREQUISITES,
  PFC_ELIGIBILITY,
  PFC_MANDATES,
  PFC_OVERRIDES,
  PFC_ENROLMENTS,
  PFC_EPISODES,
  PFC_PERFORMANCE,
  PFC_PROJECTS,
  PFC_OPENINGS,
  PFC_APPLICATIONS,
  PFC_FEEDBACK,
  PFC_DEMAND,
  PFC_SCENARIOS,
  PFC_PROTECTED,
  PFC_N_TABLES,
} pfc_table_id;

/* What a column holds, and how it is stored in memory and in HDF5. */
typedef enum pfc_type {
  PFC_CODE, /* an id, a word or a text: int32 code into a dictionary, -1 missing */
  PFC_REAL, /* double, NaN missing */
  PFC_INT,  /* int32, INT32_MIN missing */
  PFC_FLAG, /* int8 0 or 1, -1 missing */
  PFC_DATE, /* int32 days since 1970-01-01, INT32_MIN missing; a date-time keeps its day */
  PFC_TIME, /* int64 seconds since 1970-01-01, INT64_MIN missing */
} pfc_type;

/* What is asked of a column. */
enum {
  PFC_KEY = 1,      /* part of the table's key: never missing, unique together */
  PFC_REQUIRED = 2, /* the column must be there and no cell may be missing */
  PFC_MONTH = 4,    /* PFC_DATE: "2014-10" is accepted and means the month's first day */
  PFC_LEVEL = 8,    /* PFC_REAL: lies on the framework's scale, or, in a row with a `source`
                       that table sources gives a scale, on that one */
  PFC_OPEN = 16,    /* PFC_CODE: need not be an id of the table that owns the dictionary */
};

typedef struct pfc_column_decl {
  const char *name;
  pfc_type type;
  unsigned flags;         /* PFC_KEY ... PFC_OPEN */
  const char *dictionary; /* PFC_CODE: which dictionary codes it, e.g. "person", "role" */
  double min, max;        /* PFC_REAL, PFC_INT: allowed range, both ends included */
  const char *words;      /* closed vocabulary, "a|b|c"; NULL: any word */
  const char *meaning;    /* one phrase for documentation and messages, with the unit */
} pfc_column_decl;

typedef struct pfc_table_decl {
  pfc_table_id id;
  const char *name;  /* file stem and HDF5 group */
  bool features;     /* x_ and c_ columns are kept */
  bool open_columns; /* every other column is kept as a word (protected) */
  int n_columns;
  const pfc_column_decl *columns;
  const char *meaning;
} pfc_table_decl;

/* Indexed by pfc_table_id. */
PFC_API const pfc_table_decl *pfc_schema(pfc_table_id table);

/* The table of that name, or -1. */
PFC_API int pfc_schema_find(const char *name);

/* The table whose only key column defines the ids of a dictionary ("person" ->
 * PFC_PEOPLE), or -1 for an open vocabulary. */
PFC_API int pfc_schema_owner(const char *dictionary);

/* The declared column of that name, or NULL. */
PFC_API const pfc_column_decl *pfc_schema_column(const pfc_table_decl *table, const char *name);

/* Is the text one of the column's words? True where it is an open vocabulary. */
PFC_API bool pfc_column_has_word(const pfc_column_decl *column, const char *text);

/* Can the table hold a column of that name, declared or not? Then its type, and, for
 * PFC_CODE, the name of its dictionary in dictionary[PFC_DICT_NAME], else "". Undeclared:
 * "x_..." is PFC_REAL and "c_..." PFC_CODE with the dictionary "c_..." where the table
 * takes features; any name is PFC_CODE with the dictionary "TABLE.NAME" where its columns
 * are open. Such names have 1..PFC_COLUMN_NAME bytes and no slash, control character or
 * leading dot, since they become paths in HDF5. */
#define PFC_COLUMN_NAME 120
#define PFC_DICT_NAME (PFC_COLUMN_NAME + 24)
PFC_API bool pfc_schema_takes(const pfc_table_decl *table, const char *name, pfc_type *type,
                              char dictionary[PFC_DICT_NAME]);

/* The name of a type: "code", "real", "int", "flag", "date", "time". */
PFC_API const char *pfc_type_name(pfc_type type);

#endif
