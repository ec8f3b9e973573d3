// labels: fuzz check
/* Predictions: any bytes are refused with a message, or are a table in order whose numbers are
 * what the header says, every row of which is found again.
 *
 * The first byte of an input tells what the rest is: a file of text, or a script of edits
 * (tests/fuzz/edit.h) to a file of HDF5 made here. */
#include <math.h>

#include "datasets/predictions_internal.h"
#include "tests/fuzz/edit.h"

enum { N = 3 }; /* of each kind of id */

static const pfc_dataset *world(void) {
  static pfc_dataset *ds;
  static const char *const DICTS[] = {"person", "intervention", "competency"};
  if (ds) return ds;
  ds = pfc_dataset_create();
  HOLDS(ds);
  for (int d = 0; d < 3; d++) {
    pfc_dict *dict = pfc_dataset_dict(ds, DICTS[d]);
    HOLDS(dict);
    for (int32_t i = 0, code; i < N; i++) {
      const char id[] = {(char)("PIC"[d]), (char)('0' + i), '\0'};
      HOLDS(pfc_dict_add(dict, id, 2, &code, NULL) == PFC_OK);
    }
  }
  return ds;
}

/* --- a file of HDF5 with every column ------------------------------------------------------
 */

static void put(hid_t file, const char *name, double a, double b) {
  const double value[] = {a, b};
  HOLDS(pfc_h5_write_1d(file, name, PFC_H5_F64, 2, value, NULL) == PFC_OK);
}

static void put_texts(hid_t file, const char *name, const char *a, const char *b) {
  const char *const text[] = {a, b};
  HOLDS(pfc_h5_write_texts(file, name, 2, text, NULL) == PFC_OK);
}

static const edit_image *intact(void) {
  static edit_image image;
  hid_t file = -1;
  if (image.n > 0) return &image;
  HOLDS(pfc_h5_create("fuzz-predictions.h5", &file, NULL) == PFC_OK);
  put_texts(file, "person_id", "P0", "P1");
  put_texts(file, "intervention_id", "I0", "I1");
  put_texts(file, "competency_id", "C0", "");
  put_texts(file, "date", "2024-05-01", "");
  put(file, "rank", 1, 2);
  put(file, "p_success", 0.25, NAN);
  put(file, "p_by_30d", 0.25, 0.5);
  put(file, "p_by_90d", 0.5, 0.5);
  put(file, "p10_days", 3, NAN);
  put(file, "p50_days", 9, NAN);
  put(file, "p90_days", 9, NAN);
  HOLDS(pfc_h5_close(&file, NULL) == PFC_OK);
  edit_take(&image, "fuzz-predictions.h5");
  return &image;
}

static pfc_status load_edited(const uint8_t *data, size_t size, pfc_predictions **p,
                              pfc_error *err) {
  pfc__prediction_table t = {.path = "edited", .ds = world()};
  hid_t file = edit_open(intact(), data, size);
  t.p = pfc_alloc_array(1, sizeof *t.p);
  HOLDS(t.p);
  pfc_status st = pfc__predictions_read_hdf5(&t, file, err);
  if (st == PFC_OK) st = pfc__predictions_finish(&t, err);
  HOLDS(H5Fget_obj_count(file, H5F_OBJ_ALL) == 1);
  HOLDS(H5Fclose(file) >= 0);
  pfc_free(t.line);
  if (st != PFC_OK) pfc_predictions_destroy(t.p);
  *p = st == PFC_OK ? t.p : NULL;
  return st;
}

/* --- what holds of a table -----------------------------------------------------------------
 */

static void holds_order(const pfc_predictions *p, int64_t r) {
  const int32_t a[] = {p->person[r - 1], p->date[r - 1], p->intervention[r - 1],
                       p->competency[r - 1]};
  const int32_t b[] = {p->person[r], p->date[r], p->intervention[r], p->competency[r]};
  int first = 0;
  while (first < 4 && a[first] == b[first]) first++;
  HOLDS(first < 4 && a[first] < b[first]);
}

static void holds_numbers(const pfc_predictions *p, int64_t r) {
  HOLDS(p->person[r] >= 0 && p->person[r] < N && p->intervention[r] < N);
  HOLDS(!p->score || isnan(p->score[r]) || isfinite(p->score[r]));
  HOLDS(!p->p_success || isnan(p->p_success[r]) ||
        (p->p_success[r] >= 0 && p->p_success[r] <= 1));
  if (p->n_days > 0) {
    double before = 0;
    for (int d = 0; d < p->n_days; d++) {
      HOLDS(p->day[d] > (d ? p->day[d - 1] : 0));
      const double at = pfc_predictions_incidence(p, r, p->day[d]);
      HOLDS(isnan(at) || (at >= before && at <= 1));
      if (!isnan(at)) before = at;
    }
  }
  if (!p->quantile_days || isnan(p->quantile_days[3 * r])) return;
  HOLDS(p->quantile_days[3 * r] >= 0 && p->quantile_days[3 * r] <= p->quantile_days[3 * r + 1]);
  HOLDS(p->quantile_days[3 * r + 1] <= p->quantile_days[3 * r + 2]);
}

static void holds_table(const pfc_predictions *p) {
  HOLDS(p->kinds != 0 && p->n_days <= PFC_MOST_PREDICTION_DAYS);
  for (int64_t r = 0; r < p->n; r++) {
    int64_t from;
    if (r > 0) holds_order(p, r);
    holds_numbers(p, r);
    const int64_t to = pfc_predictions_of(p, p->person[r], p->date[r], &from);
    HOLDS(from <= r && r < to);
    const int64_t found =
        pfc_predictions_find(p, p->person[r], p->date[r], p->intervention[r], p->competency[r]);
    HOLDS(p->competency[r] < 0 ? found >= 0 : found == r);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char HDF5[] = "\x89HDF"; /* damaged HDF5 is for HDF5 to refuse */
  pfc_predictions *p = NULL;
  pfc_error err = PFC_ERROR_INIT;
  pfc_status st;
  if (size == 0) return 0;
  const bool is_edit = data[0] == 'h';
  data++;
  size--;
  if (is_edit) {
    st = load_edited(data, size, &p, &err);
    HOLDS(st == PFC_OK || st == PFC_EDATA || st == PFC_EFORMAT);
  } else {
    if (size >= 4 && memcmp(data, HDF5, 4) == 0) return 0;
    st = pfc_predictions_load(fuzz_file(0, data, size), world(), &p, &err);
    HOLDS(st == PFC_OK || st == PFC_EDATA);
  }
  holds_error(st, &err);
  HOLDS((st == PFC_OK) == (p != NULL));
  if (p) holds_table(p);
  pfc_predictions_destroy(p);
  return 0;
}
