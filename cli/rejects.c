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
  (void)fputs("file,line,column,value,reason\n", r->file);
  return PFC_OK;
}

/* What is said of a whole file is worth telling at once; rows are looked up. */
static void remember(rejects *r, const pfc_reject *reject) {
  if (reject->line != 1 || r->n_remarks == REMARKS) return;
  const char *slash = strrchr(reject->file, '/');
  (void)snprintf(r->remark[r->n_remarks++], REMARK_TEXT, "%s: %s%s%s",
                 slash ? slash + 1 : reject->file, reject->column,
                 reject->column[0] ? ": " : "", reject->reason);
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
