/* Features of an older fit, with columns for the categories that have come since. */
#include <string.h>

#include "base/mem.h"
#include "datasets/features_internal.h"

/* Marks the categories that the new decisions hold: seen[field][code]. */
static void mark(const pfc_features *f, const pfc_lens *lens, const pfc_decision *d,
                 uint8_t *const *seen) {
  pfc__moment m;
  pfc__moment_look(lens, d, true, &m);
  const int n_aims = pfc__n_aims(lens, d);
  for (int k = 0; k < f->n_fields; k++) {
    const pfc_field *field = &f->fields[k];
    if (field->kind != PFC_FIELD_ONEHOT) continue;
    const int n = pfc__field_varies(field) ? n_aims : 1;
    for (int j = 0; j < n; j++) {
      const pfc__aim aim = pfc__aim_at(lens, d, j);
      const int32_t code = pfc__field_code(field, &m, &aim);
      if (code >= 0) seen[k][code] = 1;
    }
  }
}

static pfc_status copy_text(const char *text, char **copy, pfc_error *err) {
  *copy = pfc_strdup(text);
  return *copy ? PFC_OK : pfc_fail_memory(err, "name of a feature");
}

/* All of a field but its columns. */
static pfc_status copy_field(const pfc_field *old, pfc_field *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  *f = *old;
  f->name = f->group = f->column = f->dict = NULL;
  f->column_of = NULL;
  PFC_TRY(copy_text(old->name, &f->name, err));
  PFC_TRY(copy_text(old->group, &f->group, err));
  PFC_TRY(copy_text(old->column, &f->column, err));
  PFC_TRY(copy_text(old->dict, &f->dict, err));
done:
  return st;
}

static int32_t old_column(const pfc_field *old, int32_t code) {
  return code < old->n_codes ? old->column_of[code] : -1;
}

/* Columns of a field from `first` on: the old ones, then those of new categories by code. */
static pfc_status place(const pfc_field *old, const uint8_t *seen, int32_t n_codes,
                        int32_t first, pfc_field *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  f->first = first;
  if (f->kind != PFC_FIELD_ONEHOT) return PFC_OK;
  f->n_codes = n_codes;
  PFC_NEW(f->column_of, n_codes);
  for (int32_t c = 0; c < n_codes; c++) {
    const int32_t was = old_column(old, c);
    f->column_of[c] = -1;
    if (was >= 0) {
      f->column_of[c] = was - old->first + first;
    } else if (seen[c]) {
      f->column_of[c] = first + f->n_columns++;
    }
  }
done:
  return st;
}

static pfc_status list_from(const pfc_features *old, const pfc_features *f, int32_t **from,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(*from, f->n_columns);
  for (int k = 0; k < f->n_fields; k++) {
    const pfc_field *was = &old->fields[k], *is = &f->fields[k];
    for (int32_t c = 0; c < is->n_columns; c++)
      (*from)[is->first + c] = c < was->n_columns ? was->first + c : -1;
  }
done:
  return st;
}

static int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

pfc_status pfc_features_extend(const pfc_features *old, const pfc_lens *lens, int64_t n,
                               const pfc_decision *decisions, pfc_features **features,
                               int32_t **from, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_features *f = NULL;
  uint8_t **seen = NULL;
  int32_t *n_codes = NULL;
  *features = NULL;
  *from = NULL;
  PFC_NEW(seen, old->n_fields);
  PFC_NEW(n_codes, old->n_fields);
  PFC_NEW(f, 1);
  PFC_NEW(f->fields, old->n_fields);
  for (int k = 0; k < old->n_fields; k++) {
    if (old->fields[k].kind != PFC_FIELD_ONEHOT) continue;
    n_codes[k] =
        larger(old->fields[k].n_codes, pfc__lens_map(lens, old->fields[k].dict)->model_size);
    PFC_NEW(seen[k], n_codes[k]);
  }
  for (int64_t i = 0; i < n; i++) mark(old, lens, &decisions[i], seen);
  for (int k = 0; k < old->n_fields; k++) {
    f->n_fields = k + 1; /* so that one half made is freed */
    PFC_TRY(copy_field(&old->fields[k], &f->fields[k], err));
    PFC_TRY(place(&old->fields[k], seen[k], n_codes[k], f->n_columns, &f->fields[k], err));
    f->n_columns += f->fields[k].n_columns;
  }
  PFC_TRY(list_from(old, f, from, err));
  *features = f;
  f = NULL;
done:
  for (int k = 0; seen && k < old->n_fields; k++) pfc_free(seen[k]);
  pfc_free(seen);
  pfc_free(n_codes);
  pfc_features_destroy(f);
  return st;
}
