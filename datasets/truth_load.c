#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "datasets/truth_file_internal.h"

enum { PATH = 300 }; /* room for any path inside a file */

/* --- what belongs in the file --------------------------------------------------------- */

static const char *const SETTINGS[] = {"format",   "schema_version", "seed",
                                       "hard",     "random",         "bias",
                                       "drift_on", "first_day",      "last_day"};

static bool is_setting(const char *name, void *user) {
  (void)user;
  for (size_t i = 0; i < sizeof SETTINGS / sizeof *SETTINGS; i++)
    if (strcmp(SETTINGS[i], name) == 0) return true;
  return false;
}

static bool is_meaning(const char *name, void *user) {
  (void)user;
  return strcmp(name, "meaning") == 0;
}

static bool is_nothing(const char *name, void *user) {
  (void)name;
  (void)user;
  return false;
}

/* Is the path that of an array or a dictionary, or, with `prefix`, above one of them? */
static bool is_known(const char *path, bool prefix) {
  int n_arrays, n_dicts;
  const pfc__truth_array *arrays = pfc__truth_arrays(&n_arrays);
  const pfc__truth_dict *dicts = pfc__truth_dicts(&n_dicts);
  const size_t n = strlen(path);
  for (int i = 0; i < n_arrays + n_dicts; i++) {
    const char *known = i < n_arrays ? arrays[i].path : dicts[i - n_arrays].path;
    if (strncmp(known, path, n) == 0 && known[n] == (prefix ? '/' : '\0')) return true;
  }
  return false;
}

typedef struct place {
  hid_t file;
  const char *group; /* "" for the root */
} place;

static pfc_status check_object(const char *name, bool is_group, void *user, pfc_error *err) {
  const place *in = user;
  pfc_status st = PFC_OK;
  char path[PATH];
  hid_t group = -1;
  (void)snprintf(path, sizeof path, "%s/%.200s", in->group, name);
  if (!is_known(path, is_group))
    return pfc_fail(err, PFC_EFORMAT, "'%s' has no place in a truth", path);
  if (!is_group) return PFC_OK;
  place inside = {in->file, path};
  PFC_TRY(pfc_h5_open_group(in->file, path, &group, err));
  PFC_TRY(pfc_h5_known_attributes(group, is_nothing, NULL, err));
  PFC_TRY(pfc_h5_each(group, check_object, &inside, err));
done:
  PFC_H5_DROP(group);
  return st;
}

static pfc_status check_attributes(hid_t file, const char *path, pfc_h5_knows_fn knows,
                                   pfc_error *err) {
  const hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
  if (set < 0) return pfc_h5_fail(err, PFC_EFORMAT, "cannot open '%s'", path);
  const pfc_status st = pfc_h5_known_attributes(set, knows, NULL, err);
  (void)H5Idec_ref(set);
  return st;
}

/* --- settings -------------------------------------------------------------------------- */

static pfc_status get_i32(hid_t at, const char *name, int32_t *value, pfc_error *err) {
  int64_t wide;
  const pfc_status st = pfc_h5_get_i64(at, name, &wide, err);
  if (st == PFC_OK) *value = wide == (int32_t)wide ? (int32_t)wide : -1;
  return st;
}

static pfc_status get_day(hid_t at, const char *name, int32_t *day, pfc_error *err) {
  char *text = NULL;
  pfc_status st = pfc_h5_get_text(at, name, &text, err);
  if (st != PFC_OK) return st;
  *day = PFC_NO_DATE;
  if (text[0] && !pfc_date_parse(text, day))
    st = pfc_fail(err, PFC_EFORMAT, "attribute '%s' is not a date", name);
  pfc_free(text);
  return st;
}

static pfc_status load_settings(hid_t root, pfc_truth *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t seed;
  PFC_TRY(pfc_h5_check_kind(root, PFC__TRUTH_FORMAT, PFC__TRUTH_SCHEMA, "simulate again", err));
  PFC_TRY(pfc_h5_known_attributes(root, is_setting, NULL, err));
  PFC_TRY(pfc_h5_get_i64(root, "seed", &seed, err));
  memcpy(&t->seed, &seed, sizeof seed);
  PFC_TRY(get_i32(root, "hard", &t->hard, err));
  PFC_TRY(get_i32(root, "random", &t->random, err));
  PFC_TRY(pfc_h5_get_f64(root, "bias", &t->bias, err));
  PFC_TRY(get_day(root, "drift_on", &t->drift_on, err));
  PFC_TRY(get_day(root, "first_day", &t->first_day, err));
  PFC_TRY(get_day(root, "last_day", &t->last_day, err));
  PFC_TRY(pfc__truth_check_settings(t, PFC_EFORMAT, err));
done:
  return st;
}

/* --- arrays ---------------------------------------------------------------------------- */

static pfc_status load_dict(hid_t file, const char *path, pfc_dict *dict, pfc_error *err) {
  pfc_status st = PFC_OK;
  char **texts = NULL, *block = NULL;
  int64_t n = -1;
  PFC_TRY(pfc_h5_read_texts(file, path, &n, &texts, &block, err));
  PFC_TRY(check_attributes(file, path, is_nothing, err));
  for (int64_t i = 0; i < n; i++) {
    int32_t code;
    PFC_TRY(pfc_dict_add(dict, texts[i], strlen(texts[i]), &code, err));
    if (code == i) continue;
    st = pfc_fail(err, PFC_EFORMAT, "%s: entries %d and %lld are the same", path, code,
                  (long long)i);
    goto done;
  }
done:
  pfc_free(texts);
  pfc_free(block);
  return st;
}

static pfc_status load_dicts(hid_t file, pfc_truth *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  int n;
  const pfc__truth_dict *dicts = pfc__truth_dicts(&n);
  for (int d = 0; d < n; d++) {
    pfc_dict *dict = *pfc__truth_dict_slot(t, &dicts[d]);
    PFC_TRY(load_dict(file, dicts[d].path, dict, err));
    if (dicts[d].count) *(int32_t *)(void *)((char *)t + dicts[d].count) = pfc_dict_size(dict);
  }
done:
  return st;
}

/* Defects are as many as there are; every other size follows from what was read before. */
static pfc_status load_array(hid_t file, const pfc__truth_array *a, pfc_truth *t,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_h5_shape shape;
  void **slot = pfc__truth_slot(t, a);
  pfc__truth_shape(t, a, &shape);
  const bool counts = (void **)(void *)&t->dirt_rule == slot;
  if (counts) shape.dim[0] = -1;
  PFC_TRY(pfc_h5_read(file, a->path, &shape, slot, err));
  if (counts) t->n_dirt = shape.dim[0];
  PFC_TRY(check_attributes(file, a->path, is_meaning, err));
  PFC_TRY(pfc__truth_check_array(t, a, PFC_EFORMAT, err));
done:
  return st;
}

pfc_status pfc__truth_read(hid_t file, void *into, pfc_error *err) {
  pfc_truth *t = into;
  pfc_status st = PFC_OK;
  int n;
  hid_t root = -1;
  place top = {file, ""};
  const pfc__truth_array *arrays = pfc__truth_arrays(&n);
  PFC_TRY(pfc_h5_open_group(file, "/", &root, err));
  PFC_TRY(load_settings(root, t, err));
  PFC_TRY(pfc_h5_each(root, check_object, &top, err));
  PFC_TRY(load_dicts(file, t, err));
  for (int a = 0; a < n; a++) PFC_TRY(load_array(file, &arrays[a], t, err));
done:
  PFC_H5_DROP(root);
  return st;
}

pfc_status pfc_truth_load(const char *path, pfc_truth **t, pfc_error *err) {
  pfc_truth *new = pfc_truth_create();
  if (!new) return pfc_fail_memory(err, "truth");
  const pfc_status st = pfc_h5_load(path, pfc__truth_read, new, NULL, err);
  if (st == PFC_OK) {
    *t = new;
    new = NULL;
  }
  pfc_truth_destroy(new);
  return st;
}
