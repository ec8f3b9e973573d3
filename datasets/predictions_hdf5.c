/* Predictions from HDF5: one 1-D array a column, as `recommend --format hdf5` writes them. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/predictions_internal.h"

/* Names of the arrays at the root; of groups, there is nothing to take. */
typedef struct name_list {
  int n, capacity;
  char **name;
} name_list;

static void name_list_clear(name_list *l) {
  for (int i = 0; i < l->n; i++) pfc_free(l->name[i]);
  pfc_free(l->name);
}

static pfc_status take_name(const char *name, bool is_group, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  name_list *l = user;
  char *copy = NULL;
  if (is_group) return PFC_OK;
  PFC_RESERVE(l->name, l->capacity, l->n + 1);
  if (!(copy = pfc_strdup(name))) return pfc_fail_memory(err, "names of arrays");
  l->name[l->n++] = copy;
done:
  return st;
}

/* --- one array --------------------------------------------------------------------------- */

static pfc_status read_texts(pfc__prediction_table *t, hid_t file, pfc__told what,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t n = t->p->n;
  char **texts = NULL, *block = NULL;
  PFC_TRY(pfc_h5_read_texts(file, t->name[what], &n, &texts, &block, err));
  for (int64_t r = 0; r < n; r++) {
    PFC_TRY(what == PFC__TOLD_DATE ? pfc__predictions_set_date(t, r, texts[r], err)
                                   : pfc__predictions_set_id(t, r, what, texts[r], err));
  }
done:
  pfc_free(texts);
  pfc_free(block);
  return st;
}

/* The least of the type is a missing value, as everywhere in our files. */
static double number_at(pfc_h5_type type, const void *data, int64_t r) {
  switch (type) {
    case PFC_H5_I8:
      return ((const int8_t *)data)[r];
    case PFC_H5_I32: {
      const int32_t value = ((const int32_t *)data)[r];
      return value == INT32_MIN ? (double)NAN : value;
    }
    case PFC_H5_I64: {
      const int64_t value = ((const int64_t *)data)[r];
      return value == INT64_MIN ? (double)NAN : (double)value;
    }
    case PFC_H5_U32:
      return ((const uint32_t *)data)[r];
    case PFC_H5_F32:
      return (double)((const float *)data)[r];
    default:
      return ((const double *)data)[r];
  }
}

/* Days since 1970, as datasets of ours have them. */
static pfc_status set_day(pfc__prediction_table *t, int64_t r, double day, pfc_error *err) {
  char text[32];
  if (isnan(day)) return PFC_OK;
  if (day >= PFC_FIRST_DAY && day <= PFC_LAST_DAY && day == floor(day)) {
    t->p->date[r] = (int32_t)day;
    return PFC_OK;
  }
  (void)snprintf(text, sizeof text, "%g", day);
  return pfc__predictions_fail(t, r, PFC__TOLD_DATE, text, "days since 1970-01-01", err);
}

static pfc_status read_numbers(pfc__prediction_table *t, hid_t file, pfc__told what,
                               pfc_h5_type type, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t n = t->p->n;
  void *data = NULL;
  PFC_TRY(pfc_h5_read_1d(file, t->name[what], type, &n, &data, err));
  for (int64_t r = 0; r < n; r++) {
    const double value = number_at(type, data, r);
    PFC_TRY(what == PFC__TOLD_DATE ? set_day(t, r, value, err)
                                   : pfc__predictions_set_number(t, r, what, value, err));
  }
done:
  pfc_free(data);
  return st;
}

static pfc_status read_column(pfc__prediction_table *t, hid_t file, pfc__told what,
                              pfc_error *err) {
  pfc_h5_shape shape;
  const bool wants_text = what <= PFC__TOLD_DATE;
  const pfc_status st = pfc_h5_inspect(file, t->name[what], &shape, err);
  if (st != PFC_OK) return st;
  if (shape.rank != 1 || shape.dim[0] != t->p->n)
    return pfc_fail(err, PFC_EFORMAT, "array '%s' is not 1-D with %lld rows, as 'person_id' is",
                    t->name[what], (long long)t->p->n);
  if (shape.type == PFC_H5_TEXT && wants_text) return read_texts(t, file, what, err);
  if (shape.type != PFC_H5_TEXT && (!wants_text || what == PFC__TOLD_DATE))
    return read_numbers(t, file, what, shape.type, err);
  return pfc_fail(err, PFC_EFORMAT, "array '%s' is not of %s", t->name[what],
                  wants_text ? "text" : "numbers");
}

/* --- all of them ------------------------------------------------------------------------- */

static pfc_status read_rows(pfc__prediction_table *t, hid_t file, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_h5_shape shape;
  PFC_TRY(pfc_h5_inspect(file, t->name[PFC__TOLD_PERSON], &shape, err));
  /* Any other shape may have rows without having bytes. */
  if (shape.rank != 1 || shape.type != PFC_H5_TEXT)
    return pfc_fail(err, PFC_EFORMAT, "array 'person_id' is not 1-D of text");
  for (int64_t r = 0; r < shape.dim[0]; r++) PFC_TRY(pfc__predictions_add_row(t, r + 1, err));
  for (int what = 0; what < PFC__N_TOLD; what++)
    if (t->column[what] >= 0) PFC_TRY(read_column(t, file, (pfc__told)what, err));
done:
  return st;
}

pfc_status pfc__predictions_read_hdf5(pfc__prediction_table *t, hid_t file, pfc_error *err) {
  pfc_status st = PFC_OK;
  name_list names = {0};
  t->is_hdf5 = true;
  PFC_TRY(pfc_h5_each(file, take_name, &names, err));
  PFC_TRY(pfc__predictions_columns(t, names.n, (const char *const *)names.name, err));
  PFC_TRY(read_rows(t, file, err));
done:
  name_list_clear(&names);
  return st;
}
