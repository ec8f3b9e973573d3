/* Organisations whose gaps are mapped: people of some units and roles who hold some levels. */
#ifndef PROFICIO_TESTS_SUPPORT_MAPPED_H
#define PROFICIO_TESTS_SUPPORT_MAPPED_H

#include "engine/gap_map.h"

enum {
  MAPPED_UNITS = 4,
  MAPPED_ROLES = 3,
  MAPPED_SKILLS = 4,
  MAPPED_STEPS = 6,
  MAPPED_DAY = 1000,
};

typedef struct mapped {
  pfc_dataset *ds;
  pfc_history *h;
  pfc_bundle *bundle;
  pfc_gaps *gaps;
  pfc_precedence *after;
} mapped;

/* Gaps of the world's dataset on the day, whoever was never rated at level[skill]. */
void mapped_open(mapped *w, const double *level);
void mapped_close(mapped *w);

/* One drawn at random: units of very different size, people who left or are still to come. */
mapped mapped_draw(uint64_t seed, uint64_t id);

/* Its map; the caller destroys it. */
pfc_gap_map *mapped_of(const mapped *w, pfc_gap_by by, int min_group, int n_affected);

/* Sets a cell to letters and a number: "P12". */
void mapped_number(pfc_dataset *ds, pfc_table_id t, int64_t row, const char *column,
                   const char *letter, int code);

typedef struct mapped_sums {
  double people, asked, likely_below, expected, shortfall, priority, compliance;
} mapped_sums;

/* What a group of these keys should be, row by row; -2: any. And what that group should. */
mapped_sums mapped_add_up(const mapped *w, int32_t unit, int32_t role, int32_t skill);
mapped_sums mapped_sums_of(const mapped *w, pfc_gap_by by, const pfc_gap_group *g);

#endif
