#include <string.h>

#include "base/mem.h"
#include "datasets/truth_file_internal.h"
#include "datasets/truth_internal.h"

static size_t width_of(pfc__truth_kind kind) {
  static const size_t WIDTHS[] = {sizeof(float), sizeof(int8_t), sizeof(int32_t),
                                  sizeof(int32_t), sizeof(int64_t)};
  return WIDTHS[kind];
}

static const void *at(const pfc_truth *t, size_t offset) {
  return *(void *const *)(const void *)((const char *)t + offset);
}

static pfc_status copy_dicts(pfc_truth *to, const pfc_truth *from, pfc_error *err) {
  int n;
  const pfc__truth_dict *dicts = pfc__truth_dicts(&n);
  for (int d = 0; d < n; d++) {
    pfc_dict *copy = pfc_dict_copy(at(from, dicts[d].offset));
    pfc_dict **slot = pfc__truth_dict_slot(to, &dicts[d]);
    if (!copy) return pfc_fail_memory(err, "dictionary of the truth");
    pfc_dict_destroy(*slot);
    *slot = copy;
  }
  return PFC_OK;
}

static pfc_status copy_arrays(pfc_truth *to, const pfc_truth *from, pfc_error *err) {
  int n;
  const pfc__truth_array *arrays = pfc__truth_arrays(&n);
  for (int a = 0; a < n; a++) {
    const void *data = at(from, arrays[a].offset);
    pfc_h5_shape shape;
    if (!data) continue;
    pfc__truth_shape(from, &arrays[a], &shape);
    const size_t many = (size_t)(shape.dim[0] * shape.dim[1]);
    const size_t width = width_of(arrays[a].kind);
    void *copy = pfc_alloc_array(many, width);
    if (!copy) return pfc_fail_memory(err, arrays[a].path);
    memcpy(copy, data, many * width);
    *pfc__truth_slot(to, &arrays[a]) = copy;
  }
  return PFC_OK;
}

static void copy_numbers(pfc_truth *to, const pfc_truth *from) {
  to->seed = from->seed;
  to->hard = from->hard;
  to->random = from->random;
  to->bias = from->bias;
  to->drift_on = from->drift_on;
  to->first_day = from->first_day;
  to->last_day = from->last_day;
  to->n_people = from->n_people;
  to->n_roles = from->n_roles;
  to->n_competencies = from->n_competencies;
  to->n_interventions = from->n_interventions;
  to->n_sources = from->n_sources;
  to->n_dirt = from->n_dirt;
}

pfc_status pfc__truth_copy(const pfc_truth *t, pfc_truth **copy, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_truth *to = pfc_truth_create();
  if (!to) return pfc_fail_memory(err, "truth");
  copy_numbers(to, t);
  PFC_TRY(copy_dicts(to, t, err));
  PFC_TRY(copy_arrays(to, t, err));
  *copy = to;
  to = NULL;
done:
  pfc_truth_destroy(to);
  return st;
}
