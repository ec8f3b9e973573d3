/* People in blocks, blocks in batches: the engine makes lists of a block, all threads make rows
 * of a batch, and the rows are written in the order of the people. What a finished block wrote
 * need not be done again. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "cli/lists_out.h"
#include "cli/recommend_changes.h"
#include "cli/recommend_rows.h"
#include "cli/recommend_totals.h"

enum { BLOCK = 4096, BATCH = 1024, CHUNK = 32, N_CHUNKS = BATCH / CHUNK };

/* What a thread made of CHUNK people. */
typedef struct chunk {
  bytes text[N_LISTS_STREAMS];
} chunk;

/* A list whose choices and rules stand from there on in the batch. */
typedef struct held {
  pfc_list list;
  int64_t choice, against;
} held;

typedef struct run {
  recommend_job *j;
  list_rows rows;
  lists_out out;
  lists_progress now;
  int n_lists;
  held held[BATCH];
  int64_t n_choices, choices_capacity, n_against, against_capacity;
  pfc_choice *choices;
  uint32_t *against;
  chunk chunk[N_CHUNKS];
  int n_threads;
  pfc_sha256 **digest; /* one a thread */
} run;

static void run_clear(run *r) {
  lists_out_close(&r->out);
  list_rows_clear(&r->rows);
  for (int t = 0; r->digest && t < r->n_threads; t++) pfc_sha256_destroy(r->digest[t]);
  for (int k = 0; k < N_CHUNKS; k++) {
    for (int s = 0; s < N_LISTS_STREAMS; s++) bytes_clear(&r->chunk[k].text[s]);
  }
  pfc_free(r->digest);
  pfc_free(r->choices);
  pfc_free(r->against);
  pfc_free(r);
}

static pfc_status run_begin(run *r, recommend_job *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  r->j = j;
  r->n_threads = pfc_par_threads();
  PFC_NEW(r->digest, r->n_threads);
  for (int t = 0; t < r->n_threads; t++) {
    if (!(r->digest[t] = pfc_sha256_create())) return pfc_fail_memory(err, "digest");
  }
  PFC_TRY(list_rows_init(&r->rows, &j->s, j->o->goal, j->people.n == 1, err));
  PFC_TRY(lists_out_open(&r->out, j, r->rows.n_columns, r->rows.columns, &r->now, err));
done:
  return st;
}

/* --- batches ---------------------------------------------------------------------------------
 */

static void put_list(const run *r, pfc_sha256 *digest, const pfc_list *list, chunk *to) {
  list_row row;
  for (int place = 0; place < list->n; place++) {
    list_row_fill(&r->rows, digest, list, place, &row);
    r->out.rows->row(r->rows.n_columns, r->rows.columns, row.cells, &to->text[TO_LISTS]);
    if (lists_out_wants(&r->out, TO_LOG))
      list_row_log(&r->rows, list, place, &row, &to->text[TO_LOG]);
  }
  if (lists_out_wants(&r->out, TO_CHANGES))
    changes_put(&r->j->s, &r->j->before, list, &to->text[TO_CHANGES]);
}

static pfc_status put_chunk(int thread, int64_t k, void *user, pfc_error *err) {
  run *r = user;
  pfc_status st = PFC_OK;
  chunk *to = &r->chunk[k];
  const int first = (int)k * CHUNK;
  for (int i = first; i < first + CHUNK && i < r->n_lists; i++) {
    pfc_list list = r->held[i].list;
    list.at = r->choices + r->held[i].choice;
    list.before_against = r->against + r->held[i].against;
    put_list(r, r->digest[thread], &list, to);
  }
  for (int s = 0; s < N_LISTS_STREAMS && st == PFC_OK; s++)
    st = bytes_status(&to->text[s], err);
  return st;
}

static pfc_status flush(run *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int n_chunks = (r->n_lists + CHUNK - 1) / CHUNK;
  PFC_TRY(pfc_par_each(n_chunks, 1, 1, put_chunk, r, err));
  for (int k = 0; k < n_chunks; k++) {
    for (int s = 0; s < N_LISTS_STREAMS; s++) {
      PFC_TRY(lists_out_add(&r->out, (lists_stream)s, &r->chunk[k].text[s], err));
      bytes_empty(&r->chunk[k].text[s]);
    }
  }
  r->n_lists = 0;
  r->n_choices = 0;
  r->n_against = 0;
done:
  return st;
}

static pfc_status take_list(const pfc_list *list, void *user, pfc_error *err) {
  run *r = user;
  pfc_status st = PFC_OK;
  const int n_before = lists_out_wants(&r->out, TO_CHANGES) ? list->n_before : 0;
  if (r->n_lists == BATCH) PFC_TRY(flush(r, err));
  PFC_RESERVE(r->choices, r->choices_capacity, r->n_choices + list->n);
  PFC_RESERVE(r->against, r->against_capacity, r->n_against + n_before);
  if (list->n > 0) {
    memcpy(r->choices + r->n_choices, list->at, (size_t)list->n * sizeof *list->at);
  }
  if (n_before > 0) {
    memcpy(r->against + r->n_against, list->before_against,
           (size_t)n_before * sizeof *list->before_against);
  }
  r->held[r->n_lists++] = (held){*list, r->n_choices, r->n_against};
  r->n_choices += list->n;
  r->n_against += n_before;
  r->now.n_rows += list->n;
done:
  return st;
}

/* --- blocks ----------------------------------------------------------------------------------
 */

/* Progress of a block is told as progress of the whole. */
typedef struct whole_progress {
  pfc_progress of;
  int64_t done, total;
} whole_progress;

static int tell_whole(const pfc_progress_event *event, void *user) {
  const whole_progress *w = user;
  pfc_progress_event of_all = *event;
  of_all.done += w->done;
  of_all.total = w->total;
  return w->of.fn ? w->of.fn(&of_all, w->of.user) : 0;
}

static pfc_status run_block(run *r, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  recommend_job *j = r->j;
  pfc_recommend_totals totals;
  whole_progress whole = {progress_of(&j->c->progress), r->now.done, j->people.n};
  pfc_recommend_settings *how = &j->c->settings.recommend;
  how->progress = (pfc_progress){tell_whole, &whole};
  PFC_TRY(pfc_recommend(j->s.scorer, n, j->people.code + r->now.done, how, take_list, r,
                        &totals, err));
  PFC_TRY(flush(r, err));
  totals_add(&r->now.totals, &totals);
  r->now.done += n;
  if (r->now.done < j->people.n) PFC_TRY(lists_out_note(&r->out, &r->now, err));
done:
  return st;
}

pfc_status recommend_run(recommend_job *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  run *r = NULL;
  const double began = seconds_now();
  PFC_NEW(r, 1);
  PFC_TRY(run_begin(r, j, err));
  while (r->now.done < j->people.n) {
    const int64_t left = j->people.n - r->now.done;
    PFC_TRY(run_block(r, left < BLOCK ? left : BLOCK, err));
  }
  progress_end(&j->c->progress);
  j->seconds.lists = seconds_now() - began;
  PFC_TRY(lists_out_finish(&r->out, err));
  j->seconds.write = seconds_now() - began - j->seconds.lists;
  j->n_rows = r->now.n_rows;
  j->totals = r->now.totals;
done:
  if (r) run_clear(r);
  return st;
}
