/* What the parts of a refit share. */
#ifndef PROFICIO_TRAINER_REFIT_INTERNAL_H
#define PROFICIO_TRAINER_REFIT_INTERNAL_H

#include "trainer/refit.h"

enum { PFC__REFIT_MOST = 2 }; /* candidates */

/* Rows of a refit's view that came to a result (outcomes of starts that are mature, answers to
 * offers, ends of episodes), and those of them which the champion has not absorbed:
 * all of them where it is NULL. */
PFC_MUST_USE pfc_status pfc__refit_count(const pfc_dataset *view, const pfc_bundle *champion,
                                         int64_t *n_new, int64_t *n_all, pfc_error *err);

/* Which of n candidates tells the newest slice of ds best: *best. Fills `tried`, an array that
 * names each by its method; one alone is not judged here. */
PFC_MUST_USE pfc_status pfc__refit_choose(const pfc_dataset *ds, int32_t slice_from, int n,
                                          const pfc_bundle *const *candidate,
                                          const char *const *method,
                                          const pfc_refit_settings *s, cJSON *tried, int *best,
                                          pfc_error *err);

#endif
