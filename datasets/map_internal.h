/* A mapping file: which foreign files become which canonical tables, and how their cells
 * are written (docs/MAPPING.md). Parsed and checked whole before any data are read. */
#ifndef PROFICIO_DATASETS_MAP_INTERNAL_H
#define PROFICIO_DATASETS_MAP_INTERNAL_H

#include <stdbool.h>

#include "base/json.h"
#include "datasets/dict.h"
#include "datasets/import_build_internal.h"
#include "datasets/schema.h"

/* --- cells ---------------------------------------------------------------- */

#define PFC__DATE_TOKENS 24

typedef enum pfc__date_part {
  PFC__LITERAL, /* a character that stands as it is */
  PFC__YEAR,
  PFC__MONTH,
  PFC__DAY,
  PFC__HOUR,
  PFC__MINUTE,
  PFC__SECOND,
  PFC__HALF, /* AM or PM */
  PFC__N_PARTS,
} pfc__date_part;

typedef struct pfc__date_token {
  pfc__date_part part;
  int min_digits, max_digits;
  char literal;
} pfc__date_token;

/* "DD.MM.YYYY hh:mm" taken apart; no token at all is ISO 8601, as in canonical files. */
typedef struct pfc__date_format {
  const char *text; /* as written; borrowed */
  bool excel;       /* days since 1899-12-30, with a fraction */
  int n_tokens;
  pfc__date_token token[PFC__DATE_TOKENS];
} pfc__date_format;

/* Takes a format apart; false leaves in reason what is wrong with it. */
bool pfc__date_format_parse(const char *text, pfc__date_format *f, char reason[PFC__REASON]);

bool pfc__date_format_has(const pfc__date_format *f, pfc__date_part part);

/* The day and the second of it that a text means; false when it is not of that format, or
 * names a day or time that does not exist. A format without a day means the first of the
 * month, one without a time midnight. Not for ISO 8601. */
bool pfc__date_by_format(const pfc__date_format *f, const char *text, int32_t *days,
                         int *seconds);

#define PFC__NUMBER 64

/* "1.234,5" as "1234.5" where decimal is ',' and thousands '.' (0: none): separators must
 * part groups of three digits, and a space is any that does not break a line. False when they
 * do not, when a point stands where it has no meaning, or the text is too long; what else may
 * be wrong is left to who parses it. */
bool pfc__plain_number(const char *text, char decimal, char thousands, char plain[PFC__NUMBER]);

/* --- mappings ------------------------------------------------------------- */

/* How a file is written. */
typedef struct pfc__map_format {
  const char *encoding;    /* as iconv names it; NULL: that of the settings */
  char delimiter, quote;   /* quote 0: quotes are ordinary text */
  char decimal, thousands; /* thousands 0: no separator */
  pfc__date_format date;
  const cJSON *missing; /* texts that mean an empty cell; NULL: none */
} pfc__map_format;

typedef struct pfc__map_column {
  const char *name; /* canonical */
  pfc_type type;
  const pfc_column_decl *decl; /* NULL for x_, c_ and protected ones */
  const char *from;            /* the source's name; NULL: every row has `fallback` */
  char *fallback;              /* canonical text of an empty cell; NULL: missing */
  pfc_dict *words;             /* source's words; NULL: none are given */
  char **word;                 /* canonical text per code of `words`; NULL: missing */
  int n_words;
  bool is_scaled;
  double scale, offset;
  pfc__date_format date;
  const cJSON *missing;
} pfc__map_column;

/* Files of one layout that feed one table. Texts and lists are borrowed from the map. */
typedef struct pfc__map_source {
  pfc_table_id table;
  const cJSON *files; /* a text or a list of texts */
  pfc__map_format format;
  const cJSON *skip; /* source column -> texts; NULL: none */
  int n_columns;
  pfc__map_column *columns;
} pfc__map_source;

typedef struct pfc__map {
  const char *path; /* borrowed */
  cJSON *json;
  int n_sources;
  pfc__map_source *sources; /* in the order of the tables, then as written */
} pfc__map;

/* Reads and checks a mapping file; PFC_EDATA names the place in it. What *map holds is
 * freed with pfc__map_clear, also after a failure. */
PFC_MUST_USE pfc_status pfc__map_load(const char *path, pfc__map *map, pfc_error *err);
void pfc__map_clear(pfc__map *map);

/* Is the text one of a list's? */
bool pfc__map_lists(const cJSON *list, const char *text);

#endif
