// labels: fuzz check
/* The reader of truths, behind seal and HDF5: an edited file is refused with a message, or is a
 * truth whose laws give probabilities and that can be saved again. An input is a script of
 * edits (tests/fuzz/edit.h) to the file made here. */
#include <math.h>

#include "base/date.h"
#include "datasets/truth_file_internal.h"
#include "tests/fuzz/edit.h"

enum { N = 2 }; /* of everything */

static void *array(int64_t n, size_t size) {
  void *p = pfc_alloc_array((size_t)n, size);
  HOLDS(p);
  return p;
}

/* Any value that is allowed there; starts give everybody one. */
static void fill(pfc_truth *t, const pfc__truth_array *a) {
  pfc_h5_shape shape;
  pfc__truth_shape(t, a, &shape);
  const int64_t n = shape.dim[0] * shape.dim[1];
  void **slot = pfc__truth_slot(t, a);
  *slot = array(n, 8);
  for (int64_t i = 0; i < n; i++) {
    switch (a->kind) {
      case PFC__TRUTH_REAL:
        ((float *)*slot)[i] = (float)fmin(fmax(1, a->min), a->max);
        break;
      case PFC__TRUTH_FLAG:
        ((int8_t *)*slot)[i] = (int8_t)(i % 2);
        break;
      case PFC__TRUTH_DAY:
        ((int32_t *)*slot)[i] = 19000 + (int32_t)i;
        break;
      case PFC__TRUTH_INDEX:
        ((int32_t *)*slot)[i] = (int32_t)(i % pfc__truth_count(t, a->of));
        break;
      case PFC__TRUTH_STARTS:
        ((int64_t *)*slot)[i] = i;
        break;
    }
  }
}

static pfc_truth *make(void) {
  int n_arrays, n_dicts;
  const pfc__truth_array *arrays = pfc__truth_arrays(&n_arrays);
  const pfc__truth_dict *dicts = pfc__truth_dicts(&n_dicts);
  pfc_truth *t = pfc_truth_create();
  HOLDS(t);
  t->n_people = t->n_roles = t->n_competencies = t->n_interventions = t->n_sources = N;
  t->n_dirt = N;
  t->first_day = 18900;
  t->last_day = 19100;
  for (int d = 0; d < n_dicts; d++) {
    for (int32_t i = 0, code; i < N; i++) {
      const char id[] = {(char)('a' + i), '\0'};
      HOLDS(pfc_dict_add(*pfc__truth_dict_slot(t, &dicts[d]), id, 1, &code, NULL) == PFC_OK);
    }
  }
  for (int a = 0; a < n_arrays; a++) fill(t, &arrays[a]);
  return t;
}

static const edit_image *intact(void) {
  static edit_image image;
  if (image.n > 0) return &image;
  pfc_error err = PFC_ERROR_INIT;
  pfc_truth *t = make();
  if (pfc_truth_save(t, "fuzz-truth.h5", &err) != PFC_OK)
    (void)fprintf(stderr, "%s\n", err.msg);
  HOLDS(err.status == PFC_OK);
  pfc_truth_destroy(t);
  edit_take(&image, "fuzz-truth.h5");
  return &image;
}

static bool is_probability(double p) { return p >= 0 && p <= 1; }

/* Every law of every pair. */
static void use(const pfc_truth *t) {
  for (int32_t p = 0; p < t->n_people && t->position_start; p++) {
    for (int32_t i = 0; i < t->n_interventions && t->target_start; i++) {
      HOLDS(is_probability(pfc_truth_accept(t, p, i, t->last_day)));
      const double success = pfc_truth_success(t, p, i, t->last_day);
      HOLDS(is_probability(success));
      HOLDS(is_probability(success + pfc_truth_drop(t, p, i, t->last_day) - 1e-9));
      for (int64_t k = t->target_start[i]; k < t->target_start[i + 1]; k++) {
        const double level = pfc_truth_level_with(t, p, i, k, t->last_day, 9);
        HOLDS(level >= 0 && level <= 7);
      }
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  pfc_error err = PFC_ERROR_INIT;
  hid_t file = edit_open(intact(), data, size);
  pfc_truth *t = pfc_truth_create();
  const pfc_status st = pfc__truth_read(file, t, &err);
  holds_error(st, &err);
  HOLDS(st == PFC_OK || (st == PFC_EFORMAT && size > 0));
  if (st == PFC_OK) {
    use(t);
    HOLDS(pfc_truth_save(t, "fuzz-truth-again.h5", &err) == PFC_OK);
  }
  pfc_truth_destroy(t);
  HOLDS(H5Fget_obj_count(file, H5F_OBJ_ALL) == 1);
  HOLDS(H5Fclose(file) >= 0);
  return 0;
}
