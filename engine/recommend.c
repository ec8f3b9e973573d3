#include "engine/recommend.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/par.h"
#include "engine/scorer_internal.h"

/* People after whom progress is told. */
enum { PEOPLE_A_REPORT = 16 * PFC_SCORER_TILE };

void pfc_recommend_defaults(pfc_recommend_settings *s) {
  *s = (pfc_recommend_settings){.struct_size = sizeof *s};
  pfc_choice_defaults(&s->choice);
}

static pfc_status check(const pfc_recommend_settings *s, pfc_error *err) {
  if (s->struct_size != sizeof *s) {
    return pfc_fail(err, PFC_EUSAGE, "recommend settings: start from pfc_recommend_defaults()");
  }
  return pfc_choice_check(&s->choice, err);
}

/* One thread's, for the tile it is at: its lists stay until they are handed on. */
typedef struct room {
  pfc_chooser *chooser;
  pfc_list list[PFC_SCORER_TILE];
  pfc_choice *places; /* PFC_SCORER_TILE x top */
  uint32_t *against;  /* PFC_SCORER_TILE x most_before */
} room;

typedef struct job {
  const pfc_scorer *scorer;
  const pfc_recommend_settings *settings;
  const pfc_list_work *work;
  int64_t n;
  const int32_t *people; /* n */
  int32_t n_candidates;
  int32_t top;         /* longest possible list */
  int64_t most_before; /* places of a list of yesterday */
  uint64_t *name;      /* n_candidates: what a set's digest is summed from */
  uint64_t *all;       /* by 64 candidates: who there is, */
  uint64_t *names;     /* and the sum of their names */
  int n_threads;
  room *room; /* one a thread */
} job;

static void job_clear(job *j) {
  for (int t = 0; j->room && t < j->n_threads; t++) {
    pfc_chooser_destroy(j->room[t].chooser);
    pfc_free(j->room[t].places);
    pfc_free(j->room[t].against);
  }
  pfc_free(j->room);
  pfc_free(j->name);
  pfc_free(j->all);
  pfc_free(j->names);
}

/* The first 64 bits of the SHA-256 of each candidate's id. */
static pfc_status name_candidates(job *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  char hex[PFC_SHA256_HEX];
  pfc_sha256 *digest = pfc_sha256_create();
  const pfc_dict *ids = pfc_dataset_find_dict(j->scorer->ds, "intervention");
  if (!digest) return pfc_fail_memory(err, "digest");
  PFC_NEW(j->name, j->n_candidates);
  PFC_NEW(j->all, j->n_candidates / 64 + 1);
  PFC_NEW(j->names, j->n_candidates / 64 + 1);
  for (int32_t c = 0; c < j->n_candidates; c++) {
    const char *id = pfc_dict_text(ids, pfc_scorer_candidates(j->scorer)[c]);
    pfc_sha256_add(digest, id, strlen(id));
    pfc_sha256_hex(digest, hex);
    hex[16] = '\0';
    j->name[c] = strtoull(hex, NULL, 16);
    j->all[c / 64] |= (uint64_t)1 << (c % 64);
    j->names[c / 64] += j->name[c];
  }
done:
  pfc_sha256_destroy(digest);
  return st;
}

static int64_t places_before(const pfc_before *b, int32_t person) {
  return b ? b->start[person + 1] - b->start[person] : 0;
}

static pfc_status room_init(const job *j, room *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_chooser_create(j->scorer, &j->settings->choice, &r->chooser, err));
  PFC_NEW(r->places, (size_t)PFC_SCORER_TILE * (size_t)j->top);
  PFC_NEW(r->against, (size_t)PFC_SCORER_TILE * (size_t)j->most_before);
done:
  return st;
}

static pfc_status job_init(job *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_recommend_settings *s = j->settings;
  j->n_candidates = pfc_scorer_n_candidates(j->scorer);
  j->top = s->choice.top < j->n_candidates ? s->choice.top : j->n_candidates;
  j->n_threads = pfc_par_threads();
  for (int64_t p = 0; p < j->n; p++) {
    const int64_t here = places_before(s->before, j->people[p]);
    if (here > j->most_before) j->most_before = here;
  }
  PFC_NEW(j->room, j->n_threads);
  for (int t = 0; t < j->n_threads; t++) PFC_TRY(room_init(j, &j->room[t], err));
  PFC_TRY(name_candidates(j, err));
done:
  return st;
}

/* --- one person ----------------------------------------------------------------------------
 */

static int32_t count_bits(const uint64_t *bits, int32_t n_words) {
  int32_t n = 0;
  for (int32_t w = 0; w < n_words; w++) n += __builtin_popcountll(bits[w]);
  return n;
}

static uint64_t sum_names(const job *j, int32_t word, uint64_t bits) {
  uint64_t sum = 0;
  for (; bits; bits &= bits - 1) sum += j->name[word * 64 + __builtin_ctzll(bits)];
  return sum;
}

/* Names a set whatever the order of its members. Of 64 most are allowed or few: the fewer are
 * added up. */
static void name_eligible(const job *j, const pfc_ruling *ruling, pfc_list *list) {
  uint64_t sum = 0;
  for (int32_t w = 0; w < ruling->n_words; w++) {
    const uint64_t in = ruling->allowed[w], out = j->all[w] & ~in;
    sum += __builtin_popcountll(in) <= __builtin_popcountll(out)
               ? sum_names(j, w, in)
               : j->names[w] - sum_names(j, w, out);
  }
  (void)snprintf(list->eligible, sizeof list->eligible, "%016llx", (unsigned long long)sum);
}

static uint32_t against(const job *j, const pfc_ruling *ruling, int32_t intervention) {
  const int32_t c = intervention < 0 ? -1 : j->scorer->candidate_of[intervention];
  uint32_t bits = 0;
  if (c < 0) return UINT32_MAX;
  for (int k = 0; k < PFC_N_RULES; k++) bits |= (uint32_t)pfc_bit(ruling->broken[k], c) << k;
  return bits;
}

static void judge_before(const job *j, const pfc_ruling *ruling, uint32_t *bits,
                         pfc_list *list) {
  const pfc_before *b = j->settings->before;
  list->n_before = (int)places_before(b, list->person);
  if (list->n_before == 0) return;
  list->before_item = b->item + b->start[list->person];
  list->before_against = bits;
  for (int k = 0; k < list->n_before; k++) bits[k] = against(j, ruling, list->before_item[k]);
}

static pfc_status list_person(const job *j, int thread, int p, int32_t person, pfc_error *err) {
  pfc_status st = PFC_OK;
  room *r = &j->room[thread];
  pfc_list *list = &r->list[p];
  pfc_choice *places = r->places + (ptrdiff_t)p * j->top;
  *list = (pfc_list){.person = person, .at = places};
  PFC_TRY(pfc_scorer_look(j->scorer, thread, p, err));
  const pfc_ruling *ruling = pfc_scorer_ruling(j->scorer, thread);
  judge_before(j, ruling, r->against + p * j->most_before, list);
  PFC_TRY(pfc_choose(r->chooser, thread, person, list->n_before, list->before_item, places,
                     &list->n, &list->note, err));
  for (int k = 0; k < list->n; k++) {
    pfc_scorer_tell_times(j->scorer, thread, p, &places[k].score);
    pfc_scorer_tell_basis(j->scorer, thread, person, &places[k].score);
  }
  list->n_eligible = count_bits(ruling->allowed, ruling->n_words);
  name_eligible(j, ruling, list);
  for (int k = 0; k < PFC_N_RULES; k++)
    list->n_broken[k] = count_bits(ruling->broken[k], ruling->n_words);
done:
  return st;
}

/* --- all of them ---------------------------------------------------------------------------
 */

static int people_in(const job *j, int64_t first) {
  return (int)(j->n - first < PFC_SCORER_TILE ? j->n - first : PFC_SCORER_TILE);
}

/* All that need not wait for those before. */
static pfc_status make_tile(const job *j, int64_t first, pfc_error *err) {
  const int thread = omp_get_thread_num(), n = people_in(j, first);
  const int32_t *people = j->people + first;
  const pfc_list_work *work = j->work;
  pfc_status st = pfc_scorer_begin(j->scorer, thread, n, people, err);
  for (int p = 0; p < n && st == PFC_OK; p++) {
    st = list_person(j, thread, p, people[p], err);
    if (st == PFC_OK && work->make)
      st = work->make(thread, &j->room[thread].list[p], work->user, err);
  }
  return st;
}

static void add_up(const pfc_list *l, pfc_recommend_totals *t) {
  t->people++;
  t->with_list += l->n > 0;
  t->places += l->n;
  t->allowed += l->n_eligible;
  for (int k = 0; k < PFC_N_RULES; k++) t->broken[k] += l->n_broken[k];
  for (int r = 0; r < l->n; r++) {
    t->mandates += l->at[r].why == PFC_FOR_MANDATE;
    t->forced += l->at[r].why == PFC_FOR_OVERRIDE;
  }
  t->kept += l->note.is_kept;
  t->value += l->note.value;
  t->value_undiverse += l->note.value_undiverse;
}

static pfc_status pass_tile(const job *j, int64_t first, pfc_recommend_totals *totals,
                            pfc_error *err) {
  const int thread = omp_get_thread_num(), n = people_in(j, first);
  const pfc_list *lists = j->room[thread].list;
  for (int p = 0; p < n; p++) add_up(&lists[p], totals);
  const pfc_status st = j->work->pass(thread, n, lists, j->work->user, err);
  const int64_t done = first + n;
  if (st != PFC_OK || (done % PEOPLE_A_REPORT != 0 && done < j->n)) return st;
  return pfc_progress_report(&j->settings->progress, "recommend", done, j->n, (double)NAN, err);
}

/* Each thread makes a tile and hands it on when it is its turn, while others make theirs. */
static pfc_status run(const job *j, pfc_recommend_totals *totals, pfc_error *err) {
  const int64_t n_tiles = (j->n + PFC_SCORER_TILE - 1) / PFC_SCORER_TILE;
  pfc_status failed = PFC_OK; /* the first in the order of people */
  pfc_error why = PFC_ERROR_INIT;
#pragma omp parallel for ordered schedule(dynamic, 1)
  for (int64_t t = 0; t < n_tiles; t++) {
    const int64_t first = t * PFC_SCORER_TILE;
    pfc_error own = PFC_ERROR_INIT;
    pfc_status before;
#pragma omp atomic read
    before = failed;
    pfc_status st = before == PFC_OK ? make_tile(j, first, &own) : before;
#pragma omp ordered
    if (failed == PFC_OK) {
      if (st == PFC_OK) st = pass_tile(j, first, totals, &own);
      if (st != PFC_OK) {
        why = own;
#pragma omp atomic write
        failed = st;
      }
    }
  }
  return failed == PFC_OK ? PFC_OK : pfc_fail(err, failed, "%s", why.msg);
}

pfc_status pfc_recommend_work(const pfc_scorer *scorer, int64_t n, const int32_t *people,
                              const pfc_recommend_settings *settings, const pfc_list_work *work,
                              pfc_recommend_totals *totals, pfc_error *err) {
  pfc_status st = PFC_OK;
  job j = {.scorer = scorer, .settings = settings, .work = work, .n = n, .people = people};
  PFC_TRY(check(settings, err));
  if (settings->choice.rank_by == PFC_RANK_AFFINITY && !pfc_scorer_has_affinity(scorer)) {
    return pfc_fail(err, PFC_EUSAGE,
                    "rank_by: the model bundle holds no affinity model to rank by");
  }
  PFC_TRY(job_init(&j, err));
  PFC_TRY(run(&j, totals, err));
done:
  job_clear(&j);
  return st;
}

/* --- one after the other ---------------------------------------------------------------------
 */

typedef struct receiver {
  pfc_list_fn fn;
  void *user;
} receiver;

static pfc_status pass_each(int thread, int n, const pfc_list *lists, void *user,
                            pfc_error *err) {
  const receiver *r = user;
  pfc_status st = PFC_OK;
  (void)thread;
  for (int p = 0; p < n && st == PFC_OK; p++) st = r->fn(&lists[p], r->user, err);
  return st;
}

pfc_status pfc_recommend(const pfc_scorer *scorer, int64_t n, const int32_t *people,
                         const pfc_recommend_settings *settings, pfc_list_fn fn, void *user,
                         pfc_recommend_totals *totals, pfc_error *err) {
  receiver to = {fn, user};
  const pfc_list_work work = {.pass = pass_each, .user = &to};
  pfc_recommend_totals sums;
  if (!totals) totals = &sums;
  *totals = (pfc_recommend_totals){0};
  return pfc_recommend_work(scorer, n, people, settings, &work, totals, err);
}
