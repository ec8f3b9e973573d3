/* Feature encodings, to and from HDF5. */
#include "models/bundle_internal.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/schema.h"

#define MAX_FIELDS 100000

static const char *nth(const char *const *words, int n, int code) {
  return code < n ? words[code] : NULL;
}

static const char *scope_word(int code) {
  static const char *const words[] = {"person", "target", "cell", "pair"};
  return nth(words, PFC__COUNT(words), code);
}

static const char *kind_word(int code) {
  static const char *const words[] = {"onehot", "number"};
  return nth(words, PFC__COUNT(words), code);
}

static const char *what_word(int code) {
  static const char *const words[] = {"id",    "column",   "log column", "attempts", "wins",
                                      "level", "to_level", "required",   "missing",  "load",
                                      "held",  "lacking",  "short"};
  return nth(words, PFC__COUNT(words), code);
}

static const char *table_word(int code) {
  return code < PFC_N_TABLES ? pfc_schema((pfc_table_id)code)->name : NULL;
}

#define MEMBER(member) offsetof(pfc_field, member)

static const pfc__member FIELD_MEMBERS[] = {
    {"name", PFC_H5_TEXT, MEMBER(name), NULL, "name of the field"},
    {"group", PFC_H5_TEXT, MEMBER(group), NULL, "its columns share one ridge strength"},
    {"scope", PFC_H5_TEXT, MEMBER(scope), scope_word, "what it depends on"},
    {"kind", PFC_H5_TEXT, MEMBER(kind), kind_word, "how it makes columns"},
    {"what", PFC_H5_TEXT, MEMBER(what), what_word, "what the value is read from"},
    {"table", PFC_H5_TEXT, MEMBER(table), table_word, "table of the column; empty: none"},
    {"column", PFC_H5_TEXT, MEMBER(column), NULL, "column of that table"},
    {"dictionary", PFC_H5_TEXT, MEMBER(dict), NULL, "dictionary of the categories (onehot)"},
    {"first_column", PFC_H5_I32, MEMBER(first), NULL, "first column of the encoding"},
    {"n_columns", PFC_H5_I32, MEMBER(n_columns), NULL, "columns of the encoding"},
    {"n_codes", PFC_H5_I32, MEMBER(n_codes), NULL, "its part of column_of (onehot)"},
    {"mean", PFC_H5_F64, MEMBER(mean), NULL, "subtracted from the value (number)"},
    {"sd", PFC_H5_F64, MEMBER(sd), NULL, "the value is divided by it (number)"},
    {"has_missing", PFC_H5_I8, MEMBER(has_missing), NULL,
     "1: a second column tells missing from known (number)"},
};

static const pfc__ragged COLUMN_OF = {
    .name = "column_of",
    .type = PFC_H5_I32,
    .pointer = MEMBER(column_of),
    .count = MEMBER(n_codes),
    .meaning = "dictionary code -> column, -1 without one; field after field",
};

/* --- checks ---------------------------------------------------------------- */

pfc_status pfc__check_codes(const pfc__archive *a, const pfc_bundle *b, const char *what,
                            const char *dict, int64_t n, pfc_error *err) {
  const pfc_dict *d = pfc_bundle_dict(b, dict);
  if (!d) return pfc__fault(a, err, "'%s' needs '/dictionary/%s'", what, dict);
  if (n > pfc_dict_size(d))
    return pfc__fault(a, err, "'%s' has %lld codes, '/dictionary/%s' has %d", what,
                      (long long)n, dict, pfc_dict_size(d));
  return PFC_OK;
}

static pfc_status check_onehot(const pfc__archive *a, const pfc_bundle *b, const char *where,
                               const pfc_field *f, pfc_error *err) {
  const int64_t end = (int64_t)f->first + f->n_columns;
  for (int32_t code = 0; code < f->n_codes; code++) {
    const int32_t column = f->column_of[code];
    if (column != -1 && (column < f->first || column >= end))
      return pfc__fault(a, err, "'%s/column_of': field '%s', code %d: no column %d", where,
                        f->name, code, column);
  }
  char what[PFC__PATH];
  (void)snprintf(what, sizeof what, "%s/column_of", where);
  return pfc__check_codes(a, b, what, f->dict, f->n_codes, err);
}

static bool is_word(const char *(*word)(int), int code) { return code >= 0 && word(code); }

static bool names_column(const pfc_field *f) {
  return f->what == PFC_WHAT_COLUMN || f->what == PFC_WHAT_LOG;
}

/* What is wrong with a field's own numbers, as the name of the array; NULL when nothing is. */
static const char *wrong_member(const pfc_features *features, const pfc_field *f) {
  if (!is_word(scope_word, (int)f->scope)) return "scope";
  if (!is_word(kind_word, (int)f->kind)) return "kind";
  if (!is_word(what_word, (int)f->what)) return "what";
  if (names_column(f) ? !is_word(table_word, f->table) : f->table != -1) return "table";
  if (f->first < 0) return "first_column";
  if (f->n_columns < 0 || (int64_t)f->first + f->n_columns > features->n_columns)
    return "n_columns";
  if (f->kind == PFC_FIELD_ONEHOT) return NULL;
  if (f->n_columns != 1 + f->has_missing) return "n_columns";
  if (f->n_codes != 0) return "n_codes";
  return f->sd > 0 ? NULL : "sd";
}

static pfc_status check_features(const pfc__archive *a, const pfc_bundle *b, const char *where,
                                 const pfc_features *features, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int i = 0; i < features->n_fields; i++) {
    const pfc_field *f = &features->fields[i];
    const char *wrong = wrong_member(features, f);
    if (!wrong && i > 0 && f->scope < f[-1].scope) wrong = "scope";
    if (wrong)
      return pfc__fault(a, err, "'%s/fields/%s': field %d ('%s') does not fit the others",
                        where, wrong, i, f->name);
    if (f->kind == PFC_FIELD_ONEHOT) PFC_TRY(check_onehot(a, b, where, f, err));
  }
done:
  return st;
}

/* --- visiting -------------------------------------------------------------- */

pfc_status pfc__visit_features(pfc__archive *a, const pfc_bundle *b, const char *group,
                               pfc_features **features, pfc_error *err) {
  pfc_status st = PFC_OK;
  char fields[PFC__PATH];
  (void)snprintf(fields, sizeof fields, "%s/fields", group);
  if (a->loading) PFC_NEW(*features, 1);
  pfc_features *f = *features;
  if (!f) return pfc__fault(a, err, "'%s' is missing", group);
  int32_t n_fields = f->n_fields;
  const pfc__scalar sizes[] = {
      {"n_fields", PFC_H5_I32, &n_fields, 0, MAX_FIELDS},
      {"n_columns", PFC_H5_I32, &f->n_columns, 0, INT32_MAX},
  };
  PFC_TRY(pfc__visit_scalars(a, group, sizes, PFC__COUNT(sizes), err));
  if (a->loading) {
    PFC_NEW(f->fields, n_fields);
    f->n_fields = n_fields;
  }
  const pfc__records records = {fields, n_fields, f->fields, sizeof *f->fields};
  const pfc__records codes = {group, n_fields, f->fields, sizeof *f->fields};
  PFC_TRY(pfc__visit_members(a, &records, FIELD_MEMBERS, PFC__COUNT(FIELD_MEMBERS), err));
  PFC_TRY(pfc__visit_ragged(a, &codes, &COLUMN_OF, err));
  PFC_TRY(check_features(a, b, group, f, err));
done:
  return st;
}
