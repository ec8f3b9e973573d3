/* Random spells and the problem of fitting one cause to them, for tests of fits. */
#ifndef PROFICIO_TESTS_SUPPORT_HAZARD_SCENE_H
#define PROFICIO_TESTS_SUPPORT_HAZARD_SCENE_H

#include "tests/support/hazard.h"
#include "trainer/hazard_fit.h"

enum { H = 60, CURVES = 3, D = 4, MAX_BASELINE = 64, MAX_N = 4000 };

/* Spells of whole days on curves of a random model; every kind of end, late entries, events
 * beyond the horizon. */
typedef struct scene {
  pfc_hazard m;
  pfc_curve curve[CURVES];
  pfc_csr x;
  pfc_episode spell[MAX_N];
  int32_t curve_of[MAX_N];
  double ridge[D], baseline_ridge[MAX_BASELINE], link_weight[2];
  int32_t link[2][2];
  pfc_hazard_problem p;
} scene;

/* n spells; the problem is that of this cause. */
scene *scene_draw(uint64_t seed, int n, pfc_cause cause);
void scene_drop(scene *s);

#endif
