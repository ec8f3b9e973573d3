/* What a picture or a page reads from the JSON object of `evaluate` or of `bench loop`. */
#ifndef PROFICIO_CLI_PLOTS_DATA_H
#define PROFICIO_CLI_PLOTS_DATA_H

#include <cjson/cJSON.h>

#include "base/error.h"

/* --- who is judged -------------------------------------------------------------------------
 */

enum { MAX_CONTESTANTS = 6, CONTESTANT_NAME = 96 };

typedef struct contestant {
  char name[CONTESTANT_NAME]; /* the file's own name; with its folder where two are alike */
  const cJSON *json;          /* the object that holds its sections */
} contestant;

typedef struct contestants {
  int n;
  int n_more; /* judged as well, but there is no room for them */
  contestant of[MAX_CONTESTANTS];
} contestants;

/* The first stands at the top of the object, the others under "against". */
void contestants_read(const cJSON *json, contestants *c);

/* --- figures and series ----------------------------------------------------------------------
 */

/* A number with its interval; NaN where there is none, and of what is beyond 1e300. */
typedef struct figure {
  double value, lo, hi, n;
} figure;

figure figure_of(const cJSON *object);

/* object.a.b of a path such as "success.curves.lift"; NULL when there is none. */
const cJSON *json_at(const cJSON *object, const char *path);

double json_finite(const cJSON *object, const char *key);    /* NaN when there is none */
const char *json_text(const cJSON *object, const char *key); /* "" when there is none */

enum { MAX_COLUMNS = 5 };

/* Columns of equal length; NaN where nothing stands. */
typedef struct columns {
  int n;
  double *of[MAX_COLUMNS]; /* by key; all in one block, of[0] */
} columns;

/* From a list of objects, the number under each of the keys. n is 0 without such a list. */
PFC_MUST_USE pfc_status columns_of_rows(const cJSON *rows, int n_keys, const char *const *keys,
                                        columns *out, pfc_error *err);

/* From an object of lists; the first of them says how many there are. */
PFC_MUST_USE pfc_status columns_of_lists(const cJSON *object, int n_keys,
                                         const char *const *keys, columns *out, pfc_error *err);
void columns_clear(columns *c);

#endif
