/* What truth.h5 holds: one table of arrays and one of dictionaries drive writing, reading,
 * checking and freeing. docs/FORMATS.md has them in words. */
#ifndef PROFICIO_DATASETS_TRUTH_FILE_INTERNAL_H
#define PROFICIO_DATASETS_TRUTH_FILE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/h5.h"
#include "datasets/truth.h"

#define PFC__TRUTH_FORMAT "proficio truth"
#define PFC__TRUTH_SCHEMA 1

/* Sizes by name; of what is counted, indices go from 0 to one less. */
typedef enum pfc__truth_size {
  PFC__SIZE_ONE,
  PFC__SIZE_PEOPLE,
  PFC__SIZE_ROLES,
  PFC__SIZE_COMPETENCIES,
  PFC__SIZE_INTERVENTIONS,
  PFC__SIZE_SOURCES,
  PFC__SIZE_TASTES,
  PFC__SIZE_POSITIONS,
  PFC__SIZE_TARGETS,
  PFC__SIZE_GAINS,
  PFC__SIZE_DIRT,
  PFC__SIZE_DIRT_RULES,
  PFC__SIZE_DIRT_TABLES,
} pfc__truth_size;

typedef enum pfc__truth_kind {
  PFC__TRUTH_REAL,   /* float, min .. max */
  PFC__TRUTH_FLAG,   /* int8, 0 or 1 */
  PFC__TRUTH_DAY,    /* int32 */
  PFC__TRUTH_INDEX,  /* int32, of what `of` counts */
  PFC__TRUTH_STARTS, /* int64, one more than `rows`: row i has start[i] .. start[i + 1] - 1 */
} pfc__truth_kind;

typedef struct pfc__truth_array {
  const char *path;
  size_t offset; /* of the pointer in pfc_truth */
  pfc__truth_kind kind;
  pfc__truth_size rows, columns; /* columns: PFC__SIZE_ONE for one dimension */
  pfc__truth_size of;            /* of an index */
  bool may_miss;                 /* NaN, PFC_NO_DATE or -1 is allowed */
  double min, max;               /* of reals, both included */
  const char *meaning;           /* with the unit; stored beside the data */
} pfc__truth_array;

/* Starts come before what they begin. */
const pfc__truth_array *pfc__truth_arrays(int *n);

typedef struct pfc__truth_dict {
  const char *path;
  size_t offset; /* of the pfc_dict pointer */
  size_t count;  /* of the int32_t count; 0: none, the dictionary's size counts */
} pfc__truth_dict;
const pfc__truth_dict *pfc__truth_dicts(int *n);

/* Address of the array's pointer. */
static inline void **pfc__truth_slot(pfc_truth *t, const pfc__truth_array *a) {
  return (void **)(void *)((char *)t + a->offset);
}

static inline pfc_dict **pfc__truth_dict_slot(pfc_truth *t, const pfc__truth_dict *d) {
  return (pfc_dict **)(void *)((char *)t + d->offset);
}

pfc_h5_type pfc__truth_type(pfc__truth_kind kind);

/* As far as the truth tells: sizes that starts end with need these. */
int64_t pfc__truth_count(const pfc_truth *t, pfc__truth_size size);
void pfc__truth_shape(const pfc_truth *t, const pfc__truth_array *a, pfc_h5_shape *shape);

/* Settings and one array keep to what they must; what is wrong is told by its path, with this
 * status. An array is checked after those that it refers to. */
PFC_MUST_USE pfc_status pfc__truth_check_settings(const pfc_truth *t, pfc_status as,
                                                  pfc_error *err);
PFC_MUST_USE pfc_status pfc__truth_check_array(const pfc_truth *t, const pfc__truth_array *a,
                                               pfc_status as, pfc_error *err);

/* Fills an empty pfc_truth from a file that is open, whatever its seal says. */
PFC_MUST_USE pfc_status pfc__truth_read(hid_t file, void *into, pfc_error *err);

#endif
