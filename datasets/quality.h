/* Data quality: what a dataset holds, how fresh it is, what is missing in it, where it
 * contradicts itself, and how far assessments cover what roles require. What it means for
 * the models is told by trainer/readiness.h. */
#ifndef PROFICIO_DATASETS_QUALITY_H
#define PROFICIO_DATASETS_QUALITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"

typedef struct pfc_quality_settings {
  uint32_t struct_size;
  int32_t as_of;     /* ages count to this day, and nothing can have happened after it;
                        PFC_NO_DATE: the latest fact of the dataset [PFC_NO_DATE] */
  double drop_share; /* a fall of a level by more than this share of the framework's scale
                        wants an explanation, 0.01..1 [0.4] */
} pfc_quality_settings;
PFC_API void pfc_quality_defaults(pfc_quality_settings *s);
/* PFC_EUSAGE names the first bad field and its allowed range in err. */
PFC_API PFC_MUST_USE pfc_status pfc_quality_check(const pfc_quality_settings *s,
                                                  pfc_error *err);

typedef struct pfc_quality_table {
  pfc_table_id table;
  int64_t n_rows, rows_read, rows_rejected;
  bool has_facts; /* the schema gives it a day on which something happened */
  int32_t latest; /* day of the latest fact: of what is planned (closes_on, valid_until,
                     due_on ...) nothing counts, an episode is known to the end of its
                     duration; PFC_NO_DATE: none is dated */
} pfc_quality_table;

typedef struct pfc_quality_column {
  pfc_table_id table;
  const char *name; /* borrowed from the dataset, or from the schema where it is not there */
  bool is_there;    /* false: declared, but the table came without it */
  bool is_open;     /* an empty cell says something: still there, no end, for everybody ... */
  int64_t n_missing;
} pfc_quality_column;

/* The rows of a table that share a word: assessments of a source, enrolments of a status. */
typedef struct pfc_quality_feed {
  pfc_table_id table;
  const char *by;   /* "source", "status", "kind", "provider" */
  const char *word; /* borrowed from the dataset; "" for rows without one */
  int64_t n_rows;
  int32_t latest; /* as above */
} pfc_quality_feed;

enum { PFC_QUALITY_EXAMPLES = 3, PFC_QUALITY_TEXT = 320, PFC_QUALITY_LACKS = 64 };

typedef struct pfc_quality_example {
  int64_t row; /* of the packed table, from 0 */
  char text[PFC_QUALITY_TEXT];
} pfc_quality_example;

/* One rule, and the rows that break it. */
typedef struct pfc_quality_finding {
  const char *name;              /* "assessment_before_hire" */
  const char *meaning;           /* a phrase that completes "N of M rows: ..." */
  pfc_table_id table;            /* whose rows are counted */
  bool is_checked;               /* false: the dataset lacks what the rule looks at */
  char lacks[PFC_QUALITY_LACKS]; /* "people.hired_on", "rows", "as_of"; "" where checked */
  int64_t n, of;                 /* rows that break it, of those that it speaks of */
  int n_examples;
  pfc_quality_example example[PFC_QUALITY_EXAMPLES]; /* the first ones */
} pfc_quality_finding;

/* A cell is a person and a competency. Required are the competencies of the role that
 * somebody who has not left holds on the day as_of. */
typedef struct pfc_quality_coverage {
  int32_t n_people;        /* with requirements */
  int32_t n_people_none;   /* of these, without any assessment of what they need */
  int64_t n_cells;         /* required */
  int64_t n_assessed;      /* of these, by anybody */
  int64_t n_by_others;     /* of these, by a source other than self */
  int32_t n_competencies;  /* that the dataset names */
  int32_t n_comp_assessed; /* of these, with an assessment of anybody */
  int32_t n_required;      /* required by some role */
  int32_t n_unassessed;    /* of these, without any assessment */
  int32_t n_untargeted;    /* of these, at which no intervention aims */
  int n_examples;
  const char *example[PFC_QUALITY_EXAMPLES]; /* required and never assessed; borrowed */
} pfc_quality_coverage;

typedef struct pfc_quality_source {
  const char *source; /* borrowed; "" for assessments without a source */
  bool is_anchor;
  bool is_connected; /* to an anchor, by shared cells, perhaps through other sources */
  int64_t n_rows;
  int64_t n_cells;  /* that it assessed */
  int64_t n_shared; /* of these, assessed by an anchor other than itself too */
} pfc_quality_source;

typedef struct pfc_quality {
  int32_t as_of; /* PFC_NO_DATE: not given, and nothing is dated */
  int n_tables;
  pfc_quality_table *tables; /* those that are there, in the order of pfc_table_id */
  int n_columns;
  pfc_quality_column *columns; /* of these, in the order of the schema, then x_, c_ */
  int n_feeds;
  pfc_quality_feed *feeds; /* by table and `by`; the most rows first */
  int n_findings;
  pfc_quality_finding *findings; /* every rule, broken or not */
  pfc_quality_coverage coverage;
  int n_sources;
  pfc_quality_source *sources; /* with assessments; the most rows first */
  bool is_absolute;            /* every source is connected to an anchor; else levels of those
                                  that are not are relative */
} pfc_quality;

/* Owned by the caller; borrows from ds, which must outlive it. Memory grows with the rows,
 * time with n log n of them. */
PFC_API PFC_MUST_USE pfc_status pfc_quality_create(const pfc_dataset *ds,
                                                   const pfc_quality_settings *s,
                                                   pfc_quality **q, pfc_error *err);
PFC_API void pfc_quality_destroy(pfc_quality *q);

#endif
