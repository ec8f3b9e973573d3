#include <string.h>

#include "base/date.h"
#include "base/file.h"
#include "base/mem.h"
#include "datasets/truth_file_internal.h"

static pfc_status put_day(hid_t at, const char *name, int32_t day, pfc_error *err) {
  char text[PFC_DATE_TEXT];
  pfc_date_format(day, text);
  return pfc_h5_put_text(at, name, text, err);
}

static pfc_status save_settings(hid_t file, const pfc_truth *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t root = -1;
  int64_t seed;
  memcpy(&seed, &t->seed, sizeof seed);
  PFC_TRY(pfc_h5_open_group(file, "/", &root, err));
  PFC_TRY(pfc_h5_put_text(root, "format", PFC__TRUTH_FORMAT, err));
  PFC_TRY(pfc_h5_put_i64(root, "schema_version", PFC__TRUTH_SCHEMA, err));
  PFC_TRY(pfc_h5_put_i64(root, "seed", seed, err));
  PFC_TRY(pfc_h5_put_i64(root, "hard", t->hard, err));
  PFC_TRY(pfc_h5_put_i64(root, "random", t->random, err));
  PFC_TRY(pfc_h5_put_f64(root, "bias", t->bias, err));
  PFC_TRY(put_day(root, "drift_on", t->drift_on, err));
  PFC_TRY(put_day(root, "first_day", t->first_day, err));
  PFC_TRY(put_day(root, "last_day", t->last_day, err));
done:
  PFC_H5_DROP(root);
  return st;
}

static pfc_status save_dict(hid_t file, const char *path, const pfc_dict *dict,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  const char **texts = NULL;
  const int32_t n = pfc_dict_size(dict);
  PFC_NEW(texts, n);
  for (int32_t code = 0; code < n; code++) texts[code] = pfc_dict_text(dict, code);
  st = pfc_h5_write_texts(file, path, n, texts, err);
done:
  pfc_free(texts);
  return st;
}

/* Nobody has anything in an organisation without people: its starts need not be there. */
static pfc_status save_array(hid_t file, const pfc_truth *t, const pfc__truth_array *a,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  static const int64_t NONE[1] = {0};
  hid_t set = -1;
  pfc_h5_shape shape;
  const void *data = *(void *const *)(const void *)((const char *)t + a->offset);
  pfc__truth_shape(t, a, &shape);
  PFC_TRY(pfc_h5_write(file, a->path, &shape, data ? data : NONE, &set, err));
  PFC_TRY(pfc_h5_put_text(set, "meaning", a->meaning, err));
done:
  PFC_H5_DROP(set);
  return st;
}

static pfc_status fill(hid_t file, const pfc_truth *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  int n_arrays, n_dicts;
  const pfc__truth_array *arrays = pfc__truth_arrays(&n_arrays);
  const pfc__truth_dict *dicts = pfc__truth_dicts(&n_dicts);
  PFC_TRY(save_settings(file, t, err));
  for (int d = 0; d < n_dicts; d++) {
    const pfc_dict *dict =
        *(pfc_dict *const *)(const void *)((const char *)t + dicts[d].offset);
    PFC_TRY(save_dict(file, dicts[d].path, dict, err));
  }
  for (int a = 0; a < n_arrays; a++) PFC_TRY(save_array(file, t, &arrays[a], err));
done:
  return st;
}

/* What would not be read is not written. */
static pfc_status check(const pfc_truth *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  int n_arrays, n_dicts;
  const pfc__truth_array *arrays = pfc__truth_arrays(&n_arrays);
  const pfc__truth_dict *dicts = pfc__truth_dicts(&n_dicts);
  PFC_TRY(pfc__truth_check_settings(t, PFC_EUSAGE, err));
  for (int d = 0; d < n_dicts; d++) {
    const pfc_dict *dict =
        *(pfc_dict *const *)(const void *)((const char *)t + dicts[d].offset);
    const int32_t *count = (const int32_t *)(const void *)((const char *)t + dicts[d].count);
    if (dicts[d].count && *count != pfc_dict_size(dict))
      return pfc_fail(err, PFC_EUSAGE, "%s has %d entries, not %d", dicts[d].path,
                      pfc_dict_size(dict), *count);
  }
  for (int a = 0; a < n_arrays; a++)
    PFC_TRY(pfc__truth_check_array(t, &arrays[a], PFC_EUSAGE, err));
done:
  return st;
}

static pfc_status write_file(const char *temp, const pfc_truth *t, pfc_error *err) {
  hid_t file = -1;
  pfc_status st = pfc_h5_create(temp, &file, err);
  if (st == PFC_OK) st = fill(file, t, err);
  if (st == PFC_OK) st = pfc_h5_close_sealed(&file, temp, err);
  PFC_H5_DROP(file);
  return st;
}

pfc_status pfc_truth_save(const pfc_truth *t, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_newfile new = {0};
  pfc_error why = PFC_ERROR_INIT;
  if ((st = check(t, &why)) != PFC_OK)
    return pfc_fail(err, st, "truth for '%s': %s", path, why.msg);
  PFC_TRY(pfc_newfile_begin(&new, path, 0644, err));
  if ((st = write_file(new.temp, t, &why)) != PFC_OK) {
    st = pfc_newfile_fail(&new, st, &why, err);
    goto done;
  }
  PFC_TRY(pfc_newfile_commit(&new, err));
done:
  pfc_newfile_drop(&new);
  return st;
}
