/* A lens translates the codes of a dataset to those of a model, by text, so that a model never
 * depends on the order of anybody's file. */
#ifndef PROFICIO_DATASETS_LENS_H
#define PROFICIO_DATASETS_LENS_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/catalogue.h"
#include "datasets/dataset.h"
#include "datasets/history.h"
#include "datasets/requirements.h"

/* A dataset seen through a model's eyes: codes of its dictionaries (persons,
 * categories ...) are translated to the codes the model was trained with. */
typedef struct pfc_lens pfc_lens;

/* model_dicts: the model's dictionaries; NULL when training, where dataset and model
 * codes are the same. All pointers are borrowed and must outlive the lens; the dataset
 * must not change meanwhile. Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_lens_create(const pfc_dataset *ds, const pfc_history *h,
                                                const pfc_catalogue *cat,
                                                pfc_dict *const *model_dicts, int n_model_dicts,
                                                pfc_lens **lens, pfc_error *err);
PFC_API void pfc_lens_destroy(pfc_lens *lens);

/* What somebody who holds a profile (models/lent_levels.h) makes of levels. Codes are those of
 * the dataset; what may be known is dated before `date` (PFC_NO_DATE: all there is). Both NaN
 * where nothing can be told. Thread-safe. */
typedef struct pfc_lens_levels {
  double (*held)(void *user, int32_t person, int32_t competency, int32_t date);
  /* What that lacks of `required` on average. */
  double (*lacking)(void *user, int32_t person, int32_t competency, int32_t date,
                    double required);
  void (*destroy)(void *user); /* NULL: user is borrowed */
  void *user;
} pfc_lens_levels;
/* Takes `levels`, once; features that ask for them are otherwise without a value. */
PFC_API void pfc_lens_lend(pfc_lens *lens, const pfc_lens_levels *levels);

/* Model code of a dataset code of that dictionary; -1 for -1, when the model never saw it, and
 * when either side has no such dictionary. */
PFC_API int32_t pfc_lens_code(const pfc_lens *lens, const char *dictionary, int32_t code);

/* What roles ask for, in the dataset's codes. Borrowed. */
PFC_API const pfc_requirements *pfc_lens_requirements(const pfc_lens *lens);

#endif
