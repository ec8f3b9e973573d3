#include "cli/rejects.h"

#include <errno.h>
#include <string.h>

static void put(FILE *file, const char *text, char after) {
  (void)fputc('"', file);
  for (; *text; text++) {
    if (*text == '"') (void)fputc('"', file);
    (void)fputc(*text, file);
  }
  (void)fputc('"', file);
  (void)fputc(after, file);
}

static pfc_status begin(rejects *r, pfc_error *err) {
  if (r->file) return PFC_OK;
  const pfc_status st = pfc_newfile_begin(&r->newfile, r->path, 0600, err);
  if (st != PFC_OK) return st;
  if (!(r->file = fopen(r->newfile.temp, "we"))) {
    return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", r->path, strerror(errno));
  }
  (void)fputs(REJECTS_HEADER, r->file);
  return PFC_OK;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* The first ones are told at once, the others are looked up. */
static void remember(rejects *r, const pfc_reject *reject) {
  const char *file = base_name(reject->file), *colon = reject->column[0] ? ": " : "";
  const int64_t n_rejects = r->n - r->n_remarks;
  if (reject->is_remark) {
    if (r->n_remarks < REMARKS_TOLD)
      (void)snprintf(r->remark[r->n_remarks], REJECT_TEXT, "%s: %s%s%s", file, reject->column,
                     colon, reject->reason);
    r->n_remarks++;
  } else if (n_rejects < REJECTS_TOLD) {
    (void)snprintf(r->told[n_rejects], REJECT_TEXT, "%s:%lld: %s%s'%.60s': %s", file,
                   (long long)reject->line, reject->column, reject->column[0] ? " " : "",
                   reject->value, reject->reason);
  }
}

pfc_status rejects_add(const pfc_reject *reject, void *user, pfc_error *err) {
  rejects *r = user;
  const pfc_status st = begin(r, err);
  if (st != PFC_OK) return st;
  put(r->file, reject->file, ',');
  (void)fprintf(r->file, "%lld,", (long long)reject->line);
  put(r->file, reject->column, ',');
  put(r->file, reject->value, ',');
  put(r->file, reject->reason, '\n');
  remember(r, reject);
  r->n++;
  return PFC_OK;
}

pfc_status rejects_commit(rejects *r, bool even_empty, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (even_empty) PFC_TRY(begin(r, err));
  if (!r->file) return PFC_OK;
  const bool failed = ferror(r->file) != 0;
  if (fclose(r->file) != 0 || failed) {
    st = pfc_fail(err, PFC_EIO, "cannot write '%s': %s", r->path, strerror(errno));
  }
  r->file = NULL;
  PFC_TRY(st);
  PFC_TRY(pfc_newfile_commit(&r->newfile, err));
done:
  return st;
}

void rejects_drop(rejects *r) {
  if (r->file) (void)fclose(r->file);
  r->file = NULL;
  pfc_newfile_drop(&r->newfile);
}
