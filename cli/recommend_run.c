/* The thread that ranks for somebody makes their rows too, and the rows of neighbours are
 * written in the order of the people. What was written up to a note need not be done again. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "cli/answer_sheet.h"
#include "cli/lists_out.h"
#include "cli/recommend_changes.h"
#include "cli/recommend_rows.h"
#include "cli/recommend_totals.h"

enum { PEOPLE_A_NOTE = 4096 };

/* What a thread made that is not written yet. */
typedef struct made {
  bytes text[N_LISTS_STREAMS];
  pfc_sha256 *digest;
} made;

typedef struct run {
  recommend_job *j;
  list_rows rows;
  lists_out out;
  lists_progress now;
  int n_threads;
  made *made; /* one a thread */
} run;

static void run_clear(run *r) {
  lists_out_close(&r->out);
  list_rows_clear(&r->rows);
  for (int t = 0; r->made && t < r->n_threads; t++) {
    for (int s = 0; s < N_LISTS_STREAMS; s++) bytes_clear(&r->made[t].text[s]);
    pfc_sha256_destroy(r->made[t].digest);
  }
  pfc_free(r->made);
}

static pfc_status run_begin(run *r, recommend_job *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  r->j = j;
  r->n_threads = pfc_par_threads();
  PFC_NEW(r->made, r->n_threads);
  for (int t = 0; t < r->n_threads; t++) {
    if (!(r->made[t].digest = pfc_sha256_create())) return pfc_fail_memory(err, "digest");
  }
  PFC_TRY(list_rows_init(&r->rows, &j->s, j->o->goal, j->people.n == 1, err));
  PFC_TRY(lists_out_open(&r->out, j, r->rows.n_columns, r->rows.columns, &r->now, err));
  PFC_TRY(list_rows_render(&r->rows, r->out.rows, err));
done:
  return st;
}

static pfc_status make(int thread, const pfc_list *list, void *user, pfc_error *err) {
  const run *r = user;
  pfc_status st = PFC_OK;
  made *to = &r->made[thread];
  list_row row;
  for (int place = 0; place < list->n; place++) {
    list_row_fill(&r->rows, to->digest, list, place, &row);
    list_row_put(&r->rows, &row, &to->text[TO_LISTS]);
    if (lists_out_wants(&r->out, TO_LOG))
      list_row_log(&r->rows, list, place, &row, &to->text[TO_LOG]);
    if (lists_out_wants(&r->out, TO_SHEET))
      answer_sheet_put(&r->rows, list, place, &row, &to->text[TO_SHEET]);
  }
  if (lists_out_wants(&r->out, TO_CHANGES))
    changes_put(&r->j->s, &r->j->before, list, &to->text[TO_CHANGES]);
  for (int s = 0; s < N_LISTS_STREAMS && st == PFC_OK; s++)
    st = bytes_status(&to->text[s], err);
  return st;
}

static pfc_status pass(int thread, int n, const pfc_list *lists, void *user, pfc_error *err) {
  run *r = user;
  pfc_status st = PFC_OK;
  made *from = &r->made[thread];
  for (int s = 0; s < N_LISTS_STREAMS; s++) {
    PFC_TRY(lists_out_add(&r->out, (lists_stream)s, &from->text[s], err));
    bytes_empty(&from->text[s]);
  }
  for (int p = 0; p < n; p++) r->now.n_rows += lists[p].n;
  r->now.done += n;
  if (r->now.done % PEOPLE_A_NOTE == 0 && r->now.done < r->j->people.n)
    PFC_TRY(lists_out_note(&r->out, &r->now, err));
done:
  return st;
}

/* Progress of what is left is told as progress of the whole. */
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

static pfc_status make_lists(run *r, pfc_error *err) {
  recommend_job *j = r->j;
  const int64_t done = r->now.done;
  const pfc_list_work work = {make, pass, r};
  whole_progress whole = {progress_of(&j->c->progress), done, j->people.n};
  pfc_recommend_settings *how = &j->c->settings.recommend;
  how->progress = (pfc_progress){tell_whole, &whole};
  return pfc_recommend_work(j->s.scorer, j->people.n - done, j->people.code + done, how, &work,
                            &r->now.totals, err);
}

pfc_status recommend_run(recommend_job *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  run r = {0};
  const double began = seconds_now();
  PFC_TRY(run_begin(&r, j, err));
  PFC_TRY(make_lists(&r, err));
  progress_end(&j->c->progress);
  j->seconds.lists = seconds_now() - began;
  PFC_TRY(lists_out_finish(&r.out, err));
  j->seconds.write = seconds_now() - began - j->seconds.lists;
  j->n_rows = r.now.n_rows;
  j->totals = r.now.totals;
done:
  run_clear(&r);
  return st;
}
