#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "datasets/csv_split_internal.h"

void pfc__csv_block_clear(pfc__csv_block *b) {
  pfc_free(b->text);
  pfc_free(b->first);
  pfc_free(b->line);
  pfc_free(b->cell);
  *b = (pfc__csv_block){0};
}

/* --- blocks --------------------------------------------------------------- */

/* A block begins with the row that the last one ended in. What follows it is read in pieces
 * no larger than asked for, so that a row too long for a block does not take several times
 * its length; twice what there was, so that it is not split over and over. */
static pfc_status fill(pfc__csv *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__csv_block *b = r->block;
  const size_t wanted =
      r->rest_size + (r->rest_size > r->block_size ? r->rest_size : r->block_size);
  PFC_RESERVE(b->text, b->text_capacity, wanted + 1 + PFC__CSV_WINDOW);
  if (r->rest_size) memcpy(b->text, r->rest, r->rest_size);
  b->text_size = r->rest_size;
  r->rest_size = 0;
  for (size_t n = 1; b->text_size < wanted && n > 0; b->text_size += n)
    PFC_TRY(pfc__text_read(r->source, b->text + b->text_size, wanted - b->text_size, &n, err));
  r->at_end = b->text_size < wanted;
  memset(b->text + b->text_size, 0, 1 + PFC__CSV_WINDOW);
done:
  return st;
}

/* The last line may lack its end. */
static void close_last_line(pfc__csv *r) {
  pfc__csv_block *b = r->block;
  if (!r->at_end || b->text_size == 0) return;
  const char last = b->text[b->text_size - 1];
  if (last != '\n' && last != '\r') b->text[b->text_size++] = '\n';
}

/* Are these bytes the beginning of a character whose end is still to come? */
static bool is_cut(const char *s, size_t size) {
  const unsigned char lead = (unsigned char)s[0];
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  for (size_t i = 1; i < size; i++)
    if (((unsigned char)s[i] & 0xc0) != 0x80) return false;
  return size < length;
}

/* Is all of it UTF-8 without NUL? */
static bool is_clean(const char *s, size_t size) {
  const size_t good = pfc_utf8_prefix(s, size);
  return (good == size || is_cut(s + good, size - good)) && !memchr(s, '\0', size);
}

static pfc_status keep_rest(pfc__csv *r, size_t from) {
  pfc_status st = PFC_OK;
  pfc_error *err = r->err;
  const size_t n = r->block->text_size - from;
  PFC_RESERVE(r->rest, r->rest_capacity, n);
  if (n) memcpy(r->rest, r->block->text + from, n);
  r->rest_size = n;
done:
  return st;
}

/* Behind the last row: what the source found wrong there, on the line that it has come to. */
static pfc_status source_fault(pfc__csv *r, size_t from) {
  const char *what = pfc__text_fault(r->source);
  const char *s = r->block->text;
  int64_t line = r->line;
  if (!what) return PFC_OK;
  for (size_t i = from; i < r->block->text_size; i++) line += s[i] == '\n';
  return pfc_fail(r->err, PFC_EDATA, "%s:%lld: %s", r->path, (long long)line, what);
}

static pfc_status split(pfc__csv *r) {
  pfc_status st = PFC_OK;
  const pfc__csv_block *b = r->block;
  size_t rest;
  const bool has_fault = r->at_end && pfc__text_fault(r->source);
  if (!has_fault) close_last_line(r);
  r->is_dirty = !is_clean(b->text, b->text_size);
  PFC_TRY(pfc__csv_split(r, &rest));
  if (has_fault) PFC_TRY(source_fault(r, rest));
  const size_t n_left = b->text_size - rest;
  if (n_left > 0 && (r->at_end || n_left > r->settings->max_cell))
    PFC_TRY(pfc__csv_try_part(r, rest));
  PFC_TRY(keep_rest(r, rest));
done:
  return st;
}

pfc_status pfc__csv_next(pfc__csv *r, pfc__csv_block *block, pfc_error *err) {
  pfc_status st = PFC_OK;
  r->block = block;
  do {
    if (r->held.status != PFC_OK) return pfc_fail(err, r->held.status, "%s", r->held.msg);
    block->n_rows = 0;
    r->n_cells = 0;
    PFC_TRY(pfc__csv_reserve_row(block, err));
    block->first[0] = 0;
    if (r->at_end) return st;
    PFC_TRY(fill(r, err));
    r->st = PFC_OK;
    r->held = (pfc_error)PFC_ERROR_INIT;
    st = split(r);
    r->held.status = st;
    st = PFC_OK;
  } while (block->n_rows == 0);
done:
  return st;
}

/* --- opening and closing -------------------------------------------------- */

pfc_status pfc__csv_open(const char *path, const pfc_csv_settings *settings, bool digest,
                         pfc__csv **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__csv *r = NULL;
  PFC_NEW(r, 1);
  r->path = path;
  r->settings = settings;
  r->block_size = PFC__CSV_BLOCK;
  r->line = 1;
  r->err = &r->held;
  r->held = (pfc_error)PFC_ERROR_INIT;
  PFC_TRY(pfc__text_open(path, settings->encoding, digest, &r->source, err));
  *out = r;
  r = NULL;
done:
  pfc__csv_close(r);
  return st;
}

void pfc__csv_set_block(pfc__csv *r, size_t size) { r->block_size = size; }

int64_t pfc__csv_expected(const pfc__csv *r) { return pfc__text_expected(r->source); }

void pfc__csv_digest(pfc__csv *r, char hex[PFC_SHA256_HEX]) {
  pfc__text_digest(r->source, hex);
}

void pfc__csv_close(pfc__csv *r) {
  if (!r) return;
  if (r->has_parser) csv_free(&r->parser);
  pfc__text_close(r->source);
  pfc_free(r->rest);
  pfc_free(r);
}
