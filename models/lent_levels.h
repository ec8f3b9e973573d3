/* A profile's levels, lent to a lens: how features that are read from a profile (PFC_WHAT_HELD,
 * PFC_WHAT_LACKING) come by their values on a floor that knows of no profiles. */
#ifndef PROFICIO_MODELS_LENT_LEVELS_H
#define PROFICIO_MODELS_LENT_LEVELS_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/features.h"
#include "models/bundle.h"
#include "models/levels.h"

typedef struct pfc_lent_levels pfc_lent_levels;

/* Makes the lens tell what these levels, of its dataset, are. They are borrowed and must
 * outlive the lens, which owns *lent (NULL: not wanted). As many threads as pfc_par_threads()
 * may ask side by side. */
PFC_API PFC_MUST_USE pfc_status pfc_lend_levels(const pfc_levels *levels, pfc_lens *lens,
                                                pfc_lent_levels **lent, pfc_error *err);
/* The same of what a profile in the codes of ds makes of the evidence in ds. profile is
 * borrowed. */
PFC_API PFC_MUST_USE pfc_status pfc_lend_profile(const pfc_profile *profile,
                                                 const pfc_dataset *ds, const pfc_history *h,
                                                 pfc_lens *lens, pfc_lent_levels **lent,
                                                 pfc_error *err);
/* The same of a bundle's profile; does nothing where it has none. */
PFC_API PFC_MUST_USE pfc_status pfc_lend_bundle(const pfc_bundle *b, const pfc_dataset *ds,
                                                const pfc_history *h, pfc_lens *lens,
                                                pfc_error *err);

/* Works out, in parallel, what n decisions will ask for, in place of what earlier calls worked
 * out: who encodes many rows more than once looks at each person and day once. Changes no
 * value. Nobody may ask meanwhile. */
PFC_API PFC_MUST_USE pfc_status pfc_lent_levels_expect(pfc_lent_levels *lent,
                                                       const pfc_catalogue *cat, int64_t n,
                                                       const pfc_decision *d, pfc_error *err);

#endif
