/* Gap maps of small datasets, under profiles made by hand. */
#ifndef PROFICIO_TESTS_SUPPORT_GAP_WORLD_H
#define PROFICIO_TESTS_SUPPORT_GAP_WORLD_H

#include "engine/gaps.h"

/* A gap map of a dataset in which whoever was never rated holds these levels. */
typedef struct gap_world {
  pfc_dataset *ds;
  pfc_history *h;
  pfc_bundle *bundle;
  pfc_gaps *gaps;
  pfc_person_gaps *p; /* of whoever was looked at last */
} gap_world;

/* The defaults as of a day. */
pfc_gap_settings gap_day(int32_t as_of);

/* Takes ds; level[n] as in tests/support/profiled.h. */
gap_world gap_world_open(pfc_dataset *ds, int32_t n, const double *level,
                         const pfc_gap_settings *s);
/* Reads dataset and bundle anew. */
void gap_world_reopen(gap_world *w, const pfc_gap_settings *s);
void gap_world_close(gap_world *w);

/* All rows of a person, as of the settings. */
const pfc_person_gaps *gap_world_look(gap_world *w, const char *person);
/* The row of a competency that the role asks for; fails the test where it asks for nothing. */
const pfc_gap *gap_world_row(gap_world *w, const char *person, const char *role,
                             const char *competency);

/* The normal distribution. */
double gap_phi(double z);
/* E[(required - L)+], L normal and cut to 0..5: by Simpson's rule. */
double gap_shortfall(double mean, double sd, double required);

#endif
