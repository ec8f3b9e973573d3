#include <string.h>

#include "base/mem.h"
#include "datasets/features_internal.h"

static pfc_status copy_text(const char *from, char **to, pfc_error *err) {
  *to = pfc_strdup(from);
  return *to ? PFC_OK : pfc_fail_memory(err, "feature");
}

static pfc_status copy_field(const pfc_field *from, pfc_field *to, pfc_error *err) {
  pfc_status st = PFC_OK;
  *to = *from;
  to->name = to->group = to->column = to->dict = NULL;
  to->column_of = NULL;
  PFC_TRY(copy_text(from->name, &to->name, err));
  PFC_TRY(copy_text(from->group, &to->group, err));
  PFC_TRY(copy_text(from->column, &to->column, err));
  PFC_TRY(copy_text(from->dict, &to->dict, err));
  if (!from->column_of) goto done;
  PFC_NEW(to->column_of, from->n_codes);
  memcpy(to->column_of, from->column_of, (size_t)from->n_codes * sizeof *from->column_of);
done:
  return st;
}

pfc_status pfc_features_copy(const pfc_features *features, pfc_features **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_features *to = NULL;
  PFC_NEW(to, 1);
  to->n_columns = features->n_columns;
  PFC_NEW(to->fields, features->n_fields);
  /* Counted first, so that a field half copied is freed with the others. */
  for (int k = 0; k < features->n_fields; k++) {
    to->n_fields = k + 1;
    PFC_TRY(copy_field(&features->fields[k], &to->fields[k], err));
  }
  *out = to;
  to = NULL;
done:
  pfc_features_destroy(to);
  return st;
}
