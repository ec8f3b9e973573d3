/* Sums of a gap map, and which of them are told. */
#ifndef PROFICIO_ENGINE_GAP_MAP_INTERNAL_H
#define PROFICIO_ENGINE_GAP_MAP_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/gap_people.h"

typedef struct pfc__tally {
  int64_t people, asked, likely_below, behind_n;
  double expected_below, shortfall, priority, compliance, behind;
  bool hidden, hidden_below;
} pfc__tally;

typedef struct pfc__tally_cell {
  int32_t row, column;
  pfc__tally sums;
} pfc__tally_cell;

/* A sparse table: cells in order of their first use, found by a hash. */
typedef struct pfc__cross {
  int32_t n_rows, n_columns;
  int64_t n, capacity;
  pfc__tally_cell *cell;
  int64_t n_slots; /* a power of two, or 0 */
  int64_t *slot;   /* cell + 1; 0: free */
  pfc__tally *row; /* n_rows: totals */
} pfc__cross;

PFC_MUST_USE pfc_status pfc__cross_init(pfc__cross *x, int32_t n_rows, int32_t n_columns,
                                        pfc_error *err);
void pfc__cross_clear(pfc__cross *x);
/* The cell's place, made where there is none. */
PFC_MUST_USE pfc_status pfc__cross_place(pfc__cross *x, int32_t row, int32_t column,
                                         int64_t *place, pfc_error *err);

/* All that the tables of a map tell. Units and roles: those of the dictionary, then "none". */
typedef struct pfc__tallies {
  int32_t n_competencies;
  pfc__cross units, roles; /* x competencies */
  pfc__tally *competency;  /* n_competencies: their common totals */
  pfc__tally total;
  pfc__cross uncovered; /* competencies x steps of the level required; its row totals are of
                           what is covered */
} pfc__tallies;

/* Sets hidden and hidden_below everywhere. */
PFC_MUST_USE pfc_status pfc__gap_hide(pfc__tallies *t, int64_t min_group, pfc_error *err);

#endif
