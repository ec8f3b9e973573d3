#include "cli/lists_out.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/answer_sheet.h"
#include "cli/lists_inputs.h"
#include "cli/recommend_changes.h"
#include "cli/recommend_totals.h"
#include "cli/signals.h"

static const char *const STREAMS[] = {"lists", "log", "changes", "answer_sheet"};
static const char KIND[] = "proficio part 1";

/* --- where a run had come to ----------------------------------------------------------------
 */

/* What is wrong with the note is no error: all can be done again. */
static bool take_stream(const cJSON *json, const char *name, int64_t *size, uint32_t *crc) {
  const cJSON *stream = cJSON_GetObjectItemCaseSensitive(json, name);
  const double bytes_told = json_number(stream, "bytes"),
               crc_told = json_number(stream, "crc32c");
  const bool is_told = bytes_told >= 0 && crc_told >= 0 && crc_told <= UINT32_MAX;
  *size = is_told ? (int64_t)bytes_told : 0;
  *crc = is_told ? (uint32_t)crc_told : 0;
  return is_told;
}

static bool take_progress(const cJSON *json, int64_t n_people, lists_progress *p) {
  const double done = json_number(json, "people_done"), rows = json_number(json, "rows");
  const cJSON *totals = cJSON_GetObjectItemCaseSensitive(json, "totals");
  if (!(done >= 0 && done <= (double)n_people) || !(rows >= 0)) return false;
  p->done = (int64_t)done;
  p->n_rows = (int64_t)rows;
  return totals_take(totals, &p->totals);
}

/* Keeps of every file what the note tells, or of none anything. */
static pfc_status keep_parts(lists_out *out, const cJSON *json, bool *kept, pfc_error *err) {
  pfc_status st = PFC_OK;
  const cJSON *files = cJSON_GetObjectItemCaseSensitive(json, "files");
  for (int s = 0; s < N_LISTS_STREAMS; s++) {
    int64_t size;
    uint32_t crc;
    bool whole = false;
    if (!out->part[s].path) continue;
    *kept = take_stream(files, STREAMS[s], &size, &crc) && *kept;
    if (!*kept) return PFC_OK;
    PFC_TRY(pfc_part_keep(&out->part[s], size, crc, &whole, err));
    *kept = whole;
  }
done:
  return st;
}

static pfc_status begin_anew(lists_out *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int s = 0; s < N_LISTS_STREAMS; s++) {
    bool kept;
    if (out->part[s].path) PFC_TRY(pfc_part_keep(&out->part[s], 0, 0, &kept, err));
  }
done:
  return st;
}

/* What others began is no use to this run, and nothing in it is lost that cannot be made again:
 * it is begun anew, so that no nightly job waits for somebody to tidy up. */
static pfc_status go_on(lists_out *out, const recommend_job *j, lists_progress *from,
                        pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_error why = PFC_ERROR_INIT;
  cJSON *json = NULL;
  bool kept = false;
  *from = (lists_progress){0};
  if (!out->is_noted) return begin_anew(out, err);
  if (pfc_json_load(out->progress, &json, &why) == PFC_ENOMEM) {
    return pfc_fail(err, PFC_ENOMEM, "%s", why.msg);
  }
  const char *other =
      inputs_difference(out->inputs, cJSON_GetObjectItemCaseSensitive(json, "inputs"));
  kept = json && !other && take_progress(json, j->people.n, from);
  if (kept) PFC_TRY(keep_parts(out, json, &kept, err));
  if (kept) {
    common_note(out->c, "going on after %lld of %lld people, who were done before it stopped",
                (long long)from->done, (long long)j->people.n);
  } else {
    *from = (lists_progress){0};
    out->is_noted = false;
    common_note(out->c, "'%s' was begun %s%s: begun anew", out->part[TO_LISTS].temp,
                other ? "from another " : "and is damaged", other ? other : "");
    PFC_TRY(begin_anew(out, err));
  }
done:
  cJSON_Delete(json);
  return st;
}

static pfc_status put_stream(cJSON *files, const char *name, const pfc_part *part,
                             pfc_error *err) {
  cJSON *json = json_object(files, name, err);
  if (!json) return PFC_ENOMEM;
  pfc_status st = pfc_json_put_number(json, "bytes", (double)part->size, err);
  if (st == PFC_OK) st = pfc_json_put_number(json, "crc32c", part->crc, err);
  return st;
}

static pfc_status put_progress(const lists_out *out, const lists_progress *now, cJSON *json,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_json_put_text(json, "format", KIND, err));
  if (!cJSON_AddItemReferenceToObject(json, "inputs", out->inputs)) {
    return pfc_fail_memory(err, "progress");
  }
  PFC_TRY(pfc_json_put_number(json, "people_done", (double)now->done, err));
  PFC_TRY(pfc_json_put_number(json, "rows", (double)now->n_rows, err));
  cJSON *files = json_object(json, "files", err);
  cJSON *totals = files ? json_object(json, "totals", err) : NULL;
  if (!totals) return PFC_ENOMEM;
  for (int s = 0; s < N_LISTS_STREAMS; s++) {
    if (out->part[s].path) PFC_TRY(put_stream(files, STREAMS[s], &out->part[s], err));
  }
  PFC_TRY(totals_put(totals, &now->totals, err));
done:
  return st;
}

pfc_status lists_out_note(lists_out *out, const lists_progress *now, pfc_error *err) {
  if (!out->progress) return PFC_OK;
  cJSON *json = cJSON_CreateObject();
  pfc_status st = json ? put_progress(out, now, json, err) : pfc_fail_memory(err, "progress");
  if (st == PFC_OK) st = json_write(json, out->progress, err);
  if (st == PFC_OK) out->is_noted = true;
  cJSON_Delete(json);
  return st;
}

/* --- opening ---------------------------------------------------------------------------------
 */

static const row_format *format_rows(output_format format) {
  if (format == OUTPUT_CSV) return &render_csv;
  return format == OUTPUT_JSONL ? &render_jsonl : &render_cells;
}

/* PATH.part.json, beside what a link at PATH leads to. */
static pfc_status name_progress(lists_out *out, pfc_error *err) {
  static const char ENDING[] = ".json";
  pfc_status st = PFC_OK;
  const char *temp = out->part[TO_LISTS].temp;
  const size_t n = strlen(temp);
  PFC_NEW(out->progress, n + sizeof ENDING);
  memcpy(out->progress, temp, n);
  memcpy(out->progress + n, ENDING, sizeof ENDING);
  /* Until it is known to be of no use, a slip in another option must not cost it. */
  out->is_noted = access(out->progress, F_OK) == 0;
done:
  return st;
}

static pfc_status open_parts(lists_out *out, const recommend_job *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char *const paths[] = {j->c->output, j->o->log, j->o->changes, j->o->sheet};
  for (int s = 0; s < N_LISTS_STREAMS; s++) {
    if (paths[s]) PFC_TRY(pfc_part_open(&out->part[s], paths[s], err));
    if (paths[s] && s == TO_LISTS) PFC_TRY(name_progress(out, err));
  }
  if (!j->c->output) return PFC_OK;
  PFC_TRY(inputs_of(j, out->format, &out->inputs, err));
done:
  return st;
}

static pfc_status put_headers(lists_out *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  bytes text = {0};
  if (out->rows->header && !out->shown) out->rows->header(out->n_columns, out->columns, &text);
  PFC_TRY(lists_out_add(out, TO_LISTS, &text, err));
  bytes_empty(&text);
  if (out->part[TO_CHANGES].path) {
    changes_header(&text);
    PFC_TRY(lists_out_add(out, TO_CHANGES, &text, err));
    bytes_empty(&text);
  }
  if (out->part[TO_SHEET].path) {
    answer_sheet_header(&text);
    PFC_TRY(lists_out_add(out, TO_SHEET, &text, err));
  }
done:
  bytes_clear(&text);
  return st;
}

pfc_status lists_out_open(lists_out *out, const recommend_job *j, int n_columns,
                          const output_column *columns, lists_progress *from, pfc_error *err) {
  pfc_status st = PFC_OK;
  common *c = j->c;
  *out = (lists_out){.c = c, .n_columns = n_columns, .columns = columns};
  out->format = output_format_resolve(c->format, c->output);
  out->rows = format_rows(out->format);
  if (!c->output) progress_end(&c->progress); /* a bar and a table share the terminal */
  if (!c->output && (out->format == OUTPUT_TABLE || out->format == OUTPUT_HDF5)) {
    PFC_TRY(output_open(NULL, out->format, n_columns, columns, &out->shown, err));
  }
  PFC_TRY(open_parts(out, j, err));
  PFC_TRY(go_on(out, j, from, err));
  if (from->done == 0) PFC_TRY(put_headers(out, err));
done:
  return st;
}

/* --- rows ------------------------------------------------------------------------------------
 */

static pfc_status show_row(const cell *cells, void *user, pfc_error *err) {
  return output_row(user, cells, err);
}

pfc_status lists_out_add(lists_out *out, lists_stream s, const bytes *text, pfc_error *err) {
  const pfc_status st = bytes_status(text, err);
  const char *rest;
  if (st != PFC_OK || text->size == 0) return st;
  if (out->part[s].path) return pfc_part_add(&out->part[s], text->at, text->size, err);
  if (out->shown) {
    return render_each_in(text->at, text->size, out->n_columns, out->columns, show_row,
                          out->shown, &rest, err);
  }
  if (fwrite(text->at, 1, text->size, stdout) == text->size) return PFC_OK;
  return pfc_fail(err, PFC_EIO, "cannot write to standard output: %s", strerror(errno));
}

/* --- in their places -------------------------------------------------------------------------
 */

/* Rows that were kept as cells become the file they are for. */
static pfc_status finish_cells(lists_out *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  output *to = NULL;
  pfc_part *part = &out->part[TO_LISTS];
  FILE *from = fopen(part->temp, "rbe");
  if (!from) {
    return pfc_fail(err, PFC_EIO, "cannot read '%s': %s", part->temp, strerror(errno));
  }
  PFC_TRY(output_open(part->path, out->format, out->n_columns, out->columns, &to, err));
  PFC_TRY(output_rows_from(to, from, part->temp, err));
  PFC_TRY(pfc_part_remove(part, err));
  PFC_TRY(output_close(to, err));
done:
  output_destroy(to);
  (void)fclose(from);
  return st;
}

static pfc_status finish_lists(lists_out *out, pfc_error *err) {
  if (out->shown) return output_close(out->shown, err);
  if (!out->part[TO_LISTS].path) return PFC_OK;
  return out->rows == &render_cells ? finish_cells(out, err)
                                    : pfc_part_commit(&out->part[TO_LISTS], err);
}

/* With the note goes what somebody who was killed while writing it left. */
static void forget_progress(lists_out *out) {
  pfc_newfile stale = {0};
  if (!out->progress) return;
  if (pfc_newfile_begin(&stale, out->progress, 0600, NULL) == PFC_OK) pfc_newfile_drop(&stale);
  (void)unlink(out->progress);
  out->is_noted = false;
}

pfc_status lists_out_finish(lists_out *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int s = 0; s < N_LISTS_STREAMS; s++) {
    if (out->part[s].path) PFC_TRY(pfc_part_sync(&out->part[s], err));
  }
  PFC_TRY(signals_check(err));
  PFC_TRY(finish_lists(out, err));
  for (int s = TO_LISTS + 1; s < N_LISTS_STREAMS; s++) {
    if (out->part[s].path) PFC_TRY(pfc_part_commit(&out->part[s], err));
  }
  forget_progress(out);
done:
  return st;
}

void lists_out_close(lists_out *out) {
  if (out->is_noted) {
    common_note(out->c, "what is done stands in '%s': the same command goes on from there",
                out->part[TO_LISTS].temp);
  }
  for (int s = 0; s < N_LISTS_STREAMS; s++) pfc_part_close(&out->part[s], out->is_noted);
  output_destroy(out->shown);
  cJSON_Delete(out->inputs);
  pfc_free(out->progress);
  *out = (lists_out){0};
}
