/* Yesterday's lists, as `recommend` wrote them. */
#ifndef PROFICIO_CLI_PREVIOUS_H
#define PROFICIO_CLI_PREVIOUS_H

#include "engine/recommend.h"

/* One place of a list. */
typedef struct previous_place {
  int32_t item;  /* dataset code; -1: not in the dataset any more */
  int32_t rank;  /* as told */
  double value;  /* NaN: not told */
  int64_t named; /* of an item that is not there: where its id begins in `names` */
} previous_place;

typedef struct previous {
  int64_t *start; /* by person code, n_people + 1; NULL: nothing was read */
  previous_place *place;
  char *names;
  int64_t n_strangers; /* rows of people whom the dataset does not know */
  pfc_before known;    /* the same without what is not there any more: for the engine */
} previous;

/* Reads CSV or JSON Lines (also gzipped) with person_id, intervention_id, rank and, if it has
 * it, value. PFC_EDATA names file, line, column and value. */
PFC_MUST_USE pfc_status previous_load(const char *path, const pfc_dataset *ds, previous *p,
                                      pfc_error *err);
void previous_clear(previous *p);

#endif
