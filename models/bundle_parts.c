/* What a bundle holds beside its models: identity, provenance, dictionaries, certificates. */
#include "models/bundle_internal.h"

#include <string.h>

#include "base/date.h"
#include "base/mem.h"

static const char FORMAT[] = "proficio model";
#define MAX_CERTIFICATES 10000
#define MAX_NAME 255 /* bytes of the name of an HDF5 link of ours */

/* --- identity -------------------------------------------------------------- */

static pfc_status save_identity(const pfc__archive *a, pfc_error *err) {
  const pfc_status st = pfc_h5_put_text(a->file, "format", FORMAT, err);
  return st == PFC_OK ? pfc_h5_put_i64(a->file, "schema_version", PFC_BUNDLE_SCHEMA, err) : st;
}

static pfc_status load_identity(pfc__archive *a, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__know_attribute(a, "/", "format", err));
  PFC_TRY(pfc__know_attribute(a, "/", "schema_version", err));
  PFC_TRY(pfc_h5_check_kind(a->file, FORMAT, PFC_BUNDLE_SCHEMA, "train the model again", err));
done:
  return st;
}

/* --- provenance ------------------------------------------------------------ */

static bool is_digest(const char *text) {
  const size_t size = strlen(text);
  return size == 0 || (size == 64 && strspn(text, "0123456789abcdef") == size);
}

/* "12-6a09...": how many events, and the chain they end in. */
static bool is_head(const char *text) {
  const size_t n = strspn(text, "0123456789");
  return text[0] == '\0' ||
         (n > 0 && text[n] == '-' && strlen(text + n) == 65 && is_digest(text + n + 1));
}

/* The attributes whose form in memory is not the one in the file. */
static pfc_status take_provenance(pfc_bundle *b, const char *digest, const char *date,
                                  pfc_error *err) {
  if (!is_digest(digest))
    return pfc_fail(err, PFC_EFORMAT, "attribute 'data_sha256' is not a SHA-256");
  if (!is_head(b->feedback_head))
    return pfc_fail(err, PFC_EFORMAT, "attribute 'feedback_head' is not one of a store");
  if (date[0] && !pfc_date_parse(date, &b->trained_as_of))
    return pfc_fail(err, PFC_EFORMAT, "attribute 'trained_as_of' is not a date");
  memcpy(b->data_sha256, digest, strlen(digest) + 1);
  return PFC_OK;
}

static pfc_status visit_provenance(pfc__archive *a, pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  char date[PFC_DATE_TEXT], *digest = a->loading ? NULL : b->data_sha256;
  char *as_of = a->loading ? NULL : date;
  int64_t seed;
  memcpy(&seed, &b->seed, sizeof seed);
  pfc_date_format(b->trained_as_of, date);
  const pfc__scalar scalars[] = {
      {"build", PFC_H5_TEXT, &b->build, 0, 0},
      {"blas", PFC_H5_TEXT, &b->blas, 0, 0},
      {"seed", PFC_H5_I64, &seed, -0x1p63, 0x1p63},
      {"data_sha256", PFC_H5_TEXT, &digest, 0, 0},
      {"feedback_head", PFC_H5_TEXT, &b->feedback_head, 0, 0},
      {"split", PFC_H5_TEXT, &b->split, 0, 0},
      {"trained_as_of", PFC_H5_TEXT, &as_of, 0, 0},
      {"settings", PFC_H5_TEXT, &b->settings, 0, 0},
  };
  PFC_TRY(pfc__visit_scalars(a, "/", scalars, PFC__COUNT(scalars), err));
  if (a->loading) {
    memcpy(&b->seed, &seed, sizeof seed);
    st = take_provenance(b, digest, as_of, err);
  }
done:
  if (a->loading) {
    pfc_free(digest);
    pfc_free(as_of);
  }
  return st;
}

/* --- dictionaries ---------------------------------------------------------- */

/* Fills an empty dictionary; codes are the order in the file. */
static pfc_status fill_dict(const pfc__texts *texts, pfc_dict *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int64_t i = 0; i < texts->n; i++) {
    const char *text;
    const size_t size = pfc__texts_at(texts, i, &text);
    int32_t code;
    PFC_TRY(pfc_dict_add(d, text, size, &code, err));
    if (code != i)
      return pfc_fail(err, PFC_EFORMAT, "'/dictionary/%s': entry %lld stands there twice",
                      pfc_dict_name(d), (long long)i);
  }
done:
  return st;
}

static pfc_status pack_dict(const pfc_dict *d, pfc__texts *texts, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char **list = NULL;
  const int32_t n = pfc_dict_size(d);
  PFC_NEW(list, n);
  for (int32_t code = 0; code < n; code++) list[code] = pfc_dict_text(d, code);
  PFC_TRY(pfc__texts_pack(texts, n, list, err));
done:
  pfc_free(list);
  return st;
}

static pfc_status visit_dict(pfc__archive *a, const char *name, pfc_dict **d, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__texts texts = {0};
  const pfc__array array = {name, PFC_H5_TEXT, 1, {-1, 1}, &texts, "text of code 0, 1, 2 ..."};
  if (!a->loading) PFC_TRY(pack_dict(*d, &texts, err));
  PFC_TRY(pfc__visit_arrays(a, "/dictionary", &array, 1, err));
  if (!a->loading) goto done;
  if (!(*d = pfc_dict_create(name))) {
    st = pfc_fail_memory(err, name);
    goto done;
  }
  PFC_TRY(fill_dict(&texts, *d, err));
done:
  pfc__texts_clear(&texts);
  return st;
}

/* A name becomes one HDF5 link: not a path, and not the group itself. */
static bool is_link_name(const char *name) {
  const size_t size = strlen(name);
  return size > 0 && size <= MAX_NAME && !strchr(name, '/') && strcmp(name, ".") != 0;
}

static pfc_status visit_dict_names(pfc__archive *a, const pfc_bundle *b, pfc__texts *names,
                                   pfc_error *err) {
  pfc_status st = PFC_OK;
  const char **list = NULL;
  const pfc__array array = {"dictionary_names",         PFC_H5_TEXT, 1, {-1, 1}, names,
                            "the arrays of /dictionary"};
  if (!a->loading) {
    PFC_NEW(list, b->n_dicts);
    for (int32_t i = 0; i < b->n_dicts; i++) list[i] = pfc_dict_name(b->dicts[i]);
    PFC_TRY(pfc__texts_pack(names, b->n_dicts, list, err));
  }
  PFC_TRY(pfc__visit_arrays(a, "/", &array, 1, err));
  if (names->n > INT32_MAX) st = pfc__fault(a, err, "'/dictionary_names' is too long");
done:
  pfc_free(list);
  return st;
}

pfc_status pfc__visit_dicts(pfc__archive *a, pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__texts names = {0};
  char *name = NULL;
  PFC_TRY(visit_dict_names(a, b, &names, err));
  if (a->loading) {
    PFC_NEW(b->dicts, names.n);
    b->n_dicts = 0;
  }
  for (int32_t i = 0; i < names.n; i++) {
    if (!(name = pfc__texts_copy(&names, i))) {
      st = pfc_fail_memory(err, "name");
      goto done;
    }
    const pfc_dict *same = pfc_bundle_dict(b, name);
    if (!is_link_name(name) || (same && (a->loading || same != b->dicts[i]))) {
      st = pfc__fault(a, err,
                      "'/dictionary_names': '%s' cannot name a dictionary, or stands "
                      "there twice",
                      name);
      goto done;
    }
    /* Counted first, so that a dictionary half read is freed with the bundle. */
    if (a->loading) b->n_dicts = i + 1;
    PFC_TRY(visit_dict(a, name, &b->dicts[i], err));
    pfc_free(name);
    name = NULL;
  }
done:
  pfc_free(name);
  pfc__texts_clear(&names);
  return st;
}

/* --- certificates ---------------------------------------------------------- */

#define MEMBER(member) offsetof(pfc_certificate, member)

static const pfc__member CERTIFICATE_MEMBERS[] = {
    {"model", PFC_H5_TEXT, MEMBER(model), NULL, "the fit"},
    {"n_rows", PFC_H5_I64, MEMBER(n_rows), NULL, "training rows"},
    {"iterations", PFC_H5_I64, MEMBER(iterations), NULL, "iterations made"},
    {"objective", PFC_H5_F64, MEMBER(objective), NULL, "value at the end"},
    {"gradient", PFC_H5_F64, MEMBER(gradient), NULL,
     "norm at the end over the norm at the beginning, or last relative change of the "
     "objective"},
    {"converged", PFC_H5_I32, MEMBER(converged), NULL,
     "1: tolerance reached, 0: stopped at the limit of iterations"},
};

static pfc_status visit_certificates(pfc__archive *a, pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  static const char group[] = "/certificates";
  int32_t n = b->n_certificates;
  const pfc__scalar size = {"n", PFC_H5_I32, &n, 0, MAX_CERTIFICATES};
  PFC_TRY(pfc__visit_scalars(a, group, &size, 1, err));
  if (a->loading) {
    PFC_NEW(b->certificates, n);
    b->n_certificates = n;
  }
  const pfc__records records = {group, n, b->certificates, sizeof *b->certificates};
  PFC_TRY(pfc__visit_members(a, &records, CERTIFICATE_MEMBERS, PFC__COUNT(CERTIFICATE_MEMBERS),
                             err));
done:
  return st;
}

/* --- metrics --------------------------------------------------------------- */

static const pfc__member METRIC_MEMBERS[] = {
    {"name", PFC_H5_TEXT, offsetof(pfc_metric, name), NULL, "the figure"},
    {"n_rows", PFC_H5_I64, offsetof(pfc_metric, n_rows), NULL, "held-out rows"},
    {"value", PFC_H5_F64, offsetof(pfc_metric, value), NULL, "mean over the rows, nats"},
};

static pfc_status visit_metrics(pfc__archive *a, pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  static const char group[] = "/metrics";
  int32_t n = b->n_metrics;
  const pfc__scalar size = {"n", PFC_H5_I32, &n, 0, MAX_CERTIFICATES};
  PFC_TRY(pfc__visit_scalars(a, group, &size, 1, err));
  if (a->loading) {
    PFC_NEW(b->metrics, n);
    b->n_metrics = n;
  }
  const pfc__records records = {group, n, b->metrics, sizeof *b->metrics};
  PFC_TRY(pfc__visit_members(a, &records, METRIC_MEMBERS, PFC__COUNT(METRIC_MEMBERS), err));
done:
  return st;
}

/* --- all of it ------------------------------------------------------------- */

typedef struct model {
  const char *flag;     /* root attribute: 1 when the bundle has it */
  const char *optional; /* its group: without the model there is neither flag nor group, as in
                           files from before there was such a model; NULL: the flag is needed */
  size_t has;           /* offset of the bool */
  pfc_status (*visit)(pfc__archive *a, pfc_bundle *b, pfc_error *err);
} model;

static const model MODELS[] = {
    {"has_affinity", NULL, offsetof(pfc_bundle, has_affinity), pfc__visit_affinity},
    {"has_success", NULL, offsetof(pfc_bundle, has_success), pfc__visit_success},
    {"has_accept", "/accept", offsetof(pfc_bundle, has_accept), pfc__visit_accept},
    {"has_time", NULL, offsetof(pfc_bundle, has_time), pfc__visit_time},
    {"has_anyway", "/anyway", offsetof(pfc_bundle, has_anyway), pfc__visit_anyway},
    {"has_profile", "/profile", offsetof(pfc_bundle, has_profile), pfc__visit_profile},
    {"has_baseline", "/baseline", offsetof(pfc_bundle, has_baseline), pfc__visit_baseline},
};

/* Where one of the two is there the other is asked for, and told when it is missing. */
static pfc_status is_there(const pfc__archive *a, const model *m, bool *there, pfc_error *err) {
  *there = pfc_h5_has(a->file, m->optional) || H5Aexists(a->file, m->flag) > 0;
  return pfc_h5_check(err);
}

static pfc_status visit_model(pfc__archive *a, const model *m, pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  bool *has = (bool *)(void *)((char *)b + m->has), there = *has;
  if (m->optional && a->loading) PFC_TRY(is_there(a, m, &there, err));
  if (m->optional && !there) goto done;
  int32_t flag = *has;
  const pfc__scalar scalar = {m->flag, PFC_H5_I32, &flag, 0, 1};
  PFC_TRY(pfc__visit_scalars(a, "/", &scalar, 1, err));
  *has = flag;
  if (*has) PFC_TRY(m->visit(a, b, err));
done:
  return st;
}

pfc_status pfc__visit_bundle(pfc__archive *a, pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(a->loading ? load_identity(a, err) : save_identity(a, err));
  PFC_TRY(visit_provenance(a, b, err));
  PFC_TRY(pfc__visit_dicts(a, b, err));
  PFC_TRY(visit_certificates(a, b, err));
  PFC_TRY(visit_metrics(a, b, err));
  for (int i = 0; i < PFC__COUNT(MODELS); i++) PFC_TRY(visit_model(a, &MODELS[i], b, err));
done:
  return st;
}
