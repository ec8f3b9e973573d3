/* Entries of a decision, and what its columns are called. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "datasets/features_internal.h"

int pfc_features_max(const pfc_features *f, pfc_scope scope, const pfc_lens *lens) {
  int n = 0;
  for (int k = 0; k < f->n_fields; k++) {
    const pfc_field *field = &f->fields[k];
    if (field->scope != scope) continue;
    const int entries = field->kind == PFC_FIELD_NUMBER ? 2 : 1;
    n += entries * (pfc__field_varies(field) ? lens->max_targets : 1);
  }
  return n;
}

/* A row being written. */
typedef struct row {
  int n;
  int32_t *col;
  float *val;
} row;

static void put(row *r, int32_t col, double val) {
  r->col[r->n] = col;
  r->val[r->n++] = (float)val;
}

/* No training row is as far from the mean: of n values none is sqrt(n) standard deviations
 * away. Somebody who is, scored later, must not leave what a float holds. */
static const double MOST_SDS = 1e6;

static void put_number(const pfc_field *f, double x, double weight, row *r) {
  const bool is_sparse = pfc__scope_is_sparse(f->scope);
  if (f->has_missing && is_sparse != (bool)isnan(x)) put(r, f->first + 1, weight);
  if (isnan(x)) return;
  /* Halves, so that no difference of two doubles is too large for one. */
  const double z = (x / 2 - f->mean / 2) / (f->sd / 2);
  if (z != 0) put(r, f->first, weight * fmax(fmin(z, MOST_SDS), -MOST_SDS));
}

int pfc_field_encode(const pfc_field *field, double value, int32_t col[2], float val[2]) {
  row r = {0, col, val};
  put_number(field, value, 1, &r);
  return r.n;
}

static void put_code(const pfc_field *f, int32_t code, double weight, row *r) {
  if (code >= 0 && code < f->n_codes && f->column_of[code] >= 0)
    put(r, f->column_of[code], weight);
}

static void put_field(const pfc_field *f, const pfc__moment *m, const pfc__aim *aim,
                      double weight, row *r) {
  if (f->kind == PFC_FIELD_ONEHOT) {
    put_code(f, pfc__field_code(f, m, aim), weight, r);
  } else {
    put_number(f, pfc__field_number(f, m, aim), weight, r);
  }
}

static int encode(const pfc_features *f, const pfc__moment *m, pfc_scope scope, int32_t *col,
                  float *val) {
  row r = {0, col, val};
  const int n_aims = pfc__n_aims(m->lens, m->d);
  for (int k = 0; k < f->n_fields && f->fields[k].scope <= scope; k++) {
    const pfc_field *field = &f->fields[k];
    if (field->scope != scope) continue;
    const int n = pfc__field_varies(field) ? n_aims : 1;
    for (int j = 0; j < n; j++) {
      const pfc__aim aim = pfc__aim_at(m->lens, m->d, j);
      put_field(field, m, &aim, 1.0 / n, &r);
    }
  }
  return r.n;
}

int pfc_features_encode(const pfc_features *f, const pfc_lens *lens, pfc_scope scope,
                        const pfc_decision *d, int32_t *col, float *val) {
  pfc__moment m;
  pfc__moment_look(lens, d, scope == PFC_SCOPE_PERSON, &m);
  return encode(f, &m, scope, col, val);
}

int pfc_features_encode_past(const pfc_features *f, const pfc_past *past, pfc_scope scope,
                             const pfc_decision *d, int32_t *col, float *val) {
  pfc__moment m = past->m;
  m.d = d;
  return encode(f, &m, scope, col, val);
}

/* --- names --------------------------------------------------------------------------- */

static const char *category_name(const pfc_field *f, pfc_dict *const *model_dicts,
                                 int n_model_dicts, int32_t column) {
  int32_t code = 0;
  while (code < f->n_codes && f->column_of[code] != column) code++;
  if (code == f->n_codes) return "";
  for (int k = 0; k < n_model_dicts; k++)
    if (strcmp(pfc_dict_name(model_dicts[k]), f->dict) == 0)
      return pfc_dict_text(model_dicts[k], code);
  return "";
}

void pfc_features_column_name(const pfc_features *f, pfc_dict *const *model_dicts,
                              int n_model_dicts, int32_t column, char text[256]) {
  text[0] = '\0';
  for (int k = 0; k < f->n_fields; k++) {
    const pfc_field *field = &f->fields[k];
    if (column < field->first || column >= field->first + field->n_columns) continue;
    if (field->kind == PFC_FIELD_ONEHOT) {
      (void)snprintf(text, 256, "%s=%s", field->name,
                     category_name(field, model_dicts, n_model_dicts, column));
    } else if (column == field->first) {
      (void)snprintf(text, 256, "%s", field->name);
    } else {
      (void)snprintf(text, 256, "%s %s", field->name,
                     pfc__scope_is_sparse(field->scope) ? "known" : "missing");
    }
    break;
  }
  text[pfc_utf8_cut(text, 255)] = '\0'; /* a name too long may end in half a character */
}
