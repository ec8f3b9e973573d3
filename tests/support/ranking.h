/* Datasets and bundles as a ranker looks at them, and an organisation small enough to rank by
 * hand: for tests of baselines. */
#ifndef PROFICIO_TESTS_SUPPORT_RANKING_H
#define PROFICIO_TESTS_SUPPORT_RANKING_H

#include "engine/ranker.h"
#include "trainer/train.h"

typedef struct eyes {
  pfc_dataset *ds;
  pfc_bundle *bundle;
  pfc_history *h;
  pfc_catalogue *cat;
  pfc_lens *lens;
  pfc_ranker_world world;
} eyes;

/* Takes ds and bundle; day as_of is COMPANY_SPLIT. */
void eyes_open(eyes *e, pfc_dataset *ds, pfc_bundle *bundle);
void eyes_close(eyes *e);

/* Roles r0 (p0 .. p2) and r1 (p3 .. p5). p3 manages p1 and p4, and p0 up to day 14; p2 manages
 * p5, and p0 from day 15. A and C aim at c0, so does D, which nobody takes; B aims at c1, E at
 * nothing. B's first start by p5 is not its last; p4 is on the list for C and never begins.
 *
 *   take-ups  A: p0 p1 p2 p5   B: p0 p4 p5   C: p2   8 in all
 *   of r0     A: p0 p1 p2      B: p0         C: p2   5
 *   to p3     A: p0 p1         B: p4                 3 */
pfc_dataset *ranking_by_hand(void);

/* Settings of a kind, the others as they are by default; and what comes of them. */
pfc_baseline_settings ranking_baseline(pfc_baseline_kind kind);
pfc_bundle *ranking_train(const pfc_dataset *ds, pfc_baseline_settings how);

#endif
