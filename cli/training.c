#include "cli/training.h"

#include <string.h>

#include "base/mem.h"
#include "datasets/split.h"
#include "trainer/train.h"

/* --- models -------------------------------------------------------------------------- */

static const training_model MODELS[] = {{"profile", PFC_TRAIN_PROFILE},
                                        {"affinity", PFC_TRAIN_AFFINITY},
                                        {"success", PFC_TRAIN_SUCCESS},
                                        {"accept", PFC_TRAIN_ACCEPT},
                                        {"time", PFC_TRAIN_TIME}};
enum { N_MODELS = sizeof MODELS / sizeof *MODELS };

const training_model *training_model_table(int *n) {
  *n = N_MODELS;
  return MODELS;
}

static unsigned model_bit(const char *name, size_t size) {
  for (int m = 0; m < N_MODELS; m++) {
    if (strlen(MODELS[m].name) == size && memcmp(MODELS[m].name, name, size) == 0)
      return MODELS[m].bit;
  }
  return 0;
}

pfc_status training_models(const char *option, const char *arg, unsigned *models,
                           pfc_error *err) {
  *models = 0;
  for (const char *at = arg; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
    const unsigned bit = model_bit(at, strcspn(at, ","));
    if (!bit) {
      return pfc_fail(err, PFC_EUSAGE,
                      "%s: profile, affinity, success, accept or time expected, separated by "
                      "commas, not '%s'",
                      option, arg);
    }
    *models |= bit;
  }
  return PFC_OK;
}

/* --- the world as of a day ------------------------------------------------------------- */

/* Rows that a split by this date sets aside; the dataset's own split stays. */
static pfc_status count_test(pfc_dataset *ds, int32_t date, int64_t *n, pfc_error *err) {
  static const pfc_table_id TABLES[] = {PFC_ENROLMENTS, PFC_ASSESSMENTS, PFC_EPISODES};
  pfc_status st = PFC_OK;
  uint8_t *is_test = NULL;
  const pfc_split own = ds->split;
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = date};
  *n = 0;
  for (size_t t = 0; t < sizeof TABLES / sizeof *TABLES; t++) {
    const int64_t n_rows = ds->tables[TABLES[t]].n_rows;
    pfc_free(is_test);
    PFC_NEW(is_test, n_rows);
    PFC_TRY(pfc_split_mark(ds, TABLES[t], is_test, err));
    for (int64_t r = 0; r < n_rows; r++) *n += is_test[r];
  }
done:
  ds->split = own;
  pfc_free(is_test);
  return st;
}

pfc_status training_cut(pfc_dataset *ds, int32_t as_of, pfc_error *err) {
  if (as_of == PFC_NO_DATE) return PFC_OK;
  const pfc_split at = {.kind = PFC_SPLIT_AT, .date = as_of};
  if (ds->split.kind != PFC_SPLIT_NONE && ds->split.kind != PFC_SPLIT_AT) {
    return pfc_fail(err, PFC_EUSAGE,
                    "--as-of: the dataset has a split that is not by date already");
  }
  if (ds->split.kind == PFC_SPLIT_AT && ds->split.date < as_of) {
    return pfc_fail(err, PFC_EUSAGE,
                    "--as-of lies after the date at which the dataset is split");
  }
  int64_t n_dated, n_later;
  pfc_status st = PFC_OK;
  PFC_TRY(count_test(ds, PFC_NO_DATE + 1, &n_dated, err));
  PFC_TRY(count_test(ds, as_of, &n_later, err));
  ds->split = at;
  if (n_later > 0 || n_dated == 0) PFC_TRY(pfc_split_check(ds, &at, err));
done:
  return st;
}

pfc_status training_cuts(pfc_dataset *ds, int32_t as_of, bool *cuts, pfc_error *err) {
  int64_t n_later = 0;
  const pfc_split *own = &ds->split;
  *cuts = false;
  if (as_of == PFC_NO_DATE) return PFC_OK;
  if (own->kind != PFC_SPLIT_NONE && own->kind != PFC_SPLIT_AT) return PFC_OK;
  if (own->kind == PFC_SPLIT_AT && own->date < as_of) return PFC_OK;
  const pfc_status st = count_test(ds, as_of, &n_later, err);
  *cuts = n_later > 0;
  return st;
}
