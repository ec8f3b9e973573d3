#include "engine/recommend.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/utf8.h"
#include "engine/scorer_internal.h"

/* Tiles scored side by side before their lists are handed on: bounds the memory. */
enum { TILES_PER_BLOCK = 16, MOST_PER_BLOCK = TILES_PER_BLOCK * PFC_SCORER_TILE };

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

/* What is handed on of one person. */
typedef struct answer {
  pfc_list list;
  int32_t n_broken[PFC_N_RULES];
} answer;

typedef struct job {
  const pfc_scorer *scorer;
  const pfc_recommend_settings *settings;
  int32_t n_candidates;
  int32_t top;           /* longest possible list */
  int64_t block;         /* people scored before their lists are handed on */
  int64_t most_before;   /* places of a list of yesterday */
  pfc_chooser **chooser; /* one a thread */
  int n_threads;
  uint64_t *name;    /* n_candidates: what a set's digest is summed from */
  uint64_t *all;     /* by 64 candidates: who there is, */
  uint64_t *names;   /* and the sum of their names */
  answer *answer;    /* block */
  pfc_choice *lists; /* block x top */
  uint32_t *against; /* block x most_before */
} job;

static void job_clear(job *j) {
  for (int t = 0; j->chooser && t < j->n_threads; t++) pfc_chooser_destroy(j->chooser[t]);
  pfc_free(j->chooser);
  pfc_free(j->name);
  pfc_free(j->all);
  pfc_free(j->names);
  pfc_free(j->answer);
  pfc_free(j->lists);
  pfc_free(j->against);
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

static pfc_status job_init(job *j, int64_t n, const int32_t *people, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_recommend_settings *s = j->settings;
  j->n_candidates = pfc_scorer_n_candidates(j->scorer);
  j->top = s->choice.top < j->n_candidates ? s->choice.top : j->n_candidates;
  j->block = n < MOST_PER_BLOCK ? n : MOST_PER_BLOCK;
  j->n_threads = pfc_par_threads();
  for (int64_t p = 0; p < n; p++) {
    const int64_t here = places_before(s->before, people[p]);
    if (here > j->most_before) j->most_before = here;
  }
  PFC_NEW(j->chooser, j->n_threads);
  for (int t = 0; t < j->n_threads; t++)
    PFC_TRY(pfc_chooser_create(j->scorer, &s->choice, &j->chooser[t], err));
  PFC_TRY(name_candidates(j, err));
  PFC_NEW(j->answer, j->block);
  PFC_NEW(j->lists, (size_t)j->block * (size_t)j->top);
  PFC_NEW(j->against, (size_t)j->block * (size_t)j->most_before);
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

static void judge_before(const job *j, const pfc_ruling *ruling, uint32_t *room,
                         pfc_list *list) {
  const pfc_before *b = j->settings->before;
  list->n_before = (int)places_before(b, list->person);
  if (list->n_before == 0) return;
  list->before_item = b->item + b->start[list->person];
  list->before_against = room;
  for (int k = 0; k < list->n_before; k++) room[k] = against(j, ruling, list->before_item[k]);
}

/* p: place in the tile; at: place in the block. */
static pfc_status answer_person(const job *j, int thread, int p, int32_t person, int64_t at,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  answer *a = &j->answer[at];
  pfc_choice *places = j->lists + at * j->top;
  *a = (answer){.list = {.person = person, .at = places}};
  PFC_TRY(pfc_scorer_look(j->scorer, thread, p, err));
  const pfc_ruling *ruling = pfc_scorer_ruling(j->scorer, thread);
  judge_before(j, ruling, j->against + at * j->most_before, &a->list);
  PFC_TRY(pfc_choose(j->chooser[thread], thread, person, a->list.n_before, a->list.before_item,
                     places, &a->list.n, &a->list.note, err));
  for (int r = 0; r < a->list.n; r++) {
    pfc_scorer_tell_times(j->scorer, thread, p, &places[r].score);
    pfc_scorer_tell_basis(j->scorer, thread, person, &places[r].score);
  }
  a->list.n_eligible = count_bits(ruling->allowed, ruling->n_words);
  name_eligible(j, ruling, &a->list);
  for (int k = 0; k < PFC_N_RULES; k++)
    a->n_broken[k] = count_bits(ruling->broken[k], ruling->n_words);
done:
  return st;
}

/* --- all of them ---------------------------------------------------------------------------
 */

static pfc_status run_tile(const job *j, int64_t first, int n, const int32_t *people,
                           pfc_error *err) {
  const int thread = omp_get_thread_num();
  pfc_status st = pfc_scorer_begin(j->scorer, thread, n, people, err);
  for (int p = 0; p < n && st == PFC_OK; p++)
    st = answer_person(j, thread, p, people[p], first + p, err);
  return st;
}

/* Scores up to TILES_PER_BLOCK tiles of people in parallel. */
static pfc_status run_block(const job *j, int64_t n, const int32_t *people, pfc_error *err) {
  const int n_tiles = (int)((n + PFC_SCORER_TILE - 1) / PFC_SCORER_TILE);
  pfc_status failed[TILES_PER_BLOCK] = {PFC_OK};
  pfc_error why[TILES_PER_BLOCK];
#pragma omp parallel for schedule(dynamic, 1)
  for (int t = 0; t < n_tiles; t++) {
    const int64_t first = (int64_t)t * PFC_SCORER_TILE;
    const int64_t left = n - first;
    why[t] = (pfc_error)PFC_ERROR_INIT;
    failed[t] = run_tile(j, first, (int)(left < PFC_SCORER_TILE ? left : PFC_SCORER_TILE),
                         people + first, &why[t]);
  }
  for (int t = 0; t < n_tiles; t++) {
    if (failed[t] != PFC_OK) return pfc_fail(err, failed[t], "%s", why[t].msg);
  }
  return PFC_OK;
}

static void add_up(const answer *a, pfc_recommend_totals *t) {
  const pfc_list *l = &a->list;
  t->people++;
  t->with_list += l->n > 0;
  t->places += l->n;
  t->allowed += l->n_eligible;
  for (int k = 0; k < PFC_N_RULES; k++) t->broken[k] += a->n_broken[k];
  for (int r = 0; r < l->n; r++) {
    t->mandates += l->at[r].why == PFC_FOR_MANDATE;
    t->forced += l->at[r].why == PFC_FOR_OVERRIDE;
  }
  t->kept += l->note.is_kept;
  t->value += l->note.value;
  t->value_undiverse += l->note.value_undiverse;
}

pfc_status pfc_recommend(const pfc_scorer *scorer, int64_t n, const int32_t *people,
                         const pfc_recommend_settings *settings, pfc_list_fn fn, void *user,
                         pfc_recommend_totals *totals, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_recommend_totals sums;
  job j = {.scorer = scorer, .settings = settings};
  if (!totals) totals = &sums;
  *totals = (pfc_recommend_totals){0};
  PFC_TRY(check(settings, err));
  if (settings->choice.rank_by == PFC_RANK_AFFINITY && !pfc_scorer_has_affinity(scorer)) {
    return pfc_fail(err, PFC_EUSAGE,
                    "rank_by: the model bundle holds no affinity model to rank by");
  }
  PFC_TRY(job_init(&j, n, people, err));
  for (int64_t first = 0; first < n; first += j.block) {
    const int64_t m = n - first < j.block ? n - first : j.block;
    PFC_TRY(run_block(&j, m, people + first, err));
    for (int64_t p = 0; p < m; p++) {
      add_up(&j.answer[p], totals);
      PFC_TRY(fn(&j.answer[p].list, user, err));
    }
    PFC_TRY(
        pfc_progress_report(&settings->progress, "recommend", first + m, n, (double)NAN, err));
  }
done:
  job_clear(&j);
  return st;
}

/* Appends to text[256] as printf does, with "; " between parts. */
#define ADD_PART(text, at, ...)                                                            \
  do {                                                                                     \
    if ((at) > 0 && (at) < 250) (at) += snprintf((text) + (at), 256 - (size_t)(at), "; "); \
    if ((at) < 250) (at) += snprintf((text) + (at), 256 - (size_t)(at), __VA_ARGS__);      \
  } while (0)

void pfc_score_reason(const pfc_score *score, const char *competency, double horizon_days,
                      char text[256]) {
  int at = 0;
  text[0] = '\0';
  if (score->gap >= 0.05) { /* less reads as 0.0 */
    ADD_PART(text, at, "%.1f levels to gain in %.*s", score->gap,
             (int)pfc_utf8_cut(competency, 80), competency);
  }
  if (!isnan(score->p_success)) {
    ADD_PART(text, at, "%.0f %% pass", 100 * score->p_success);
  }
  if (!isnan(score->quantile_days[1])) {
    ADD_PART(text, at, "%.0f %% reach the level within %.0f days, half of them by day %.0f",
             100 * score->incidence, horizon_days, score->quantile_days[1]);
  }
  if (!isnan(score->accept)) {
    ADD_PART(text, at, "%.0f %% likely to be taken up", 100 * score->accept);
  }
  if (score->cold & PFC_COLD_PERSON) ADD_PART(text, at, "no history of this person yet");
  if (score->evidence_n > 0) {
    ADD_PART(text, at, "%lld earlier starts", (long long)score->evidence_n);
  } else {
    ADD_PART(text, at, "nobody has started anything like it yet");
  }
}

static const char *whom(const pfc_basis *b) {
  static const char *const PEOPLE[] = {
      [PFC_BASIS_EVERYBODY] = "",
      [PFC_BASIS_ROLE] = " of the same role",
      [PFC_BASIS_MANAGER] = " who report to the same manager",
  };
  return PEOPLE[b->group];
}

static int add_take_ups(const pfc_basis *b, char *text, int at) {
  if (b->n_like > 0) {
    ADD_PART(text, at,
             "nobody has taken it up yet: it stands where others for the same competencies do");
  } else if (b->n <= 0) {
    ADD_PART(text, at, "nobody has taken it up yet");
  } else if (b->kind == PFC_BASELINE_RECENT) {
    ADD_PART(text, at, "taken up lately: as good as %.1f starts today by people%s", b->n,
             whom(b));
  } else if (b->n < 1.5) {
    ADD_PART(text, at, "taken up by one person%s",
             b->group == PFC_BASIS_MANAGER ? " who reports to the same manager" : whom(b));
  } else {
    ADD_PART(text, at, "taken up by %.0f people%s", b->n, whom(b));
  }
  return at;
}

static int add_gap(const pfc_score *score, const char *competency, char *text, int at) {
  if (isnan(score->gap)) {
    ADD_PART(text, at, "nothing is required of this person's role");
  } else if (score->gap > 0) {
    ADD_PART(text, at, "closes %.1f levels in %.*s", score->gap,
             (int)pfc_utf8_cut(competency, 80), competency);
  } else {
    ADD_PART(text, at, "closes no gap");
  }
  return at;
}

void pfc_basis_reason(const pfc_score *score, const char *competency, const char *like,
                      char text[256]) {
  int at = 0;
  const pfc_basis *b = &score->basis;
  text[0] = '\0';
  if (b->kind == PFC_BASELINE_RANDOM) {
    ADD_PART(text, at, "drawn by lot");
    return;
  }
  if (b->kind == PFC_BASELINE_GAP) at = add_gap(score, competency, text, at);
  if (b->like >= 0) {
    ADD_PART(text, at, "goes with %.*s, which this person took up", (int)pfc_utf8_cut(like, 80),
             like);
  } else if (score->cold & PFC_COLD_PERSON) {
    ADD_PART(text, at, "no history of this person yet");
  }
  (void)add_take_ups(b, text, at);
}

static int add_mandate(const pfc_choice *choice, int32_t as_of, char *text, int at) {
  char day[PFC_DATE_TEXT];
  pfc_date_format(choice->due_on, day);
  if (choice->due_on == PFC_NO_DATE) {
    ADD_PART(text, at, "must be passed");
  } else if (as_of != PFC_NO_DATE && as_of > choice->due_on) {
    ADD_PART(text, at, "was to be passed by %s", day);
  } else {
    ADD_PART(text, at, "must be passed by %s", day);
  }
  return at;
}

void pfc_must_reason(const pfc_choice *choice, int32_t as_of, const char *actor,
                     const char *why, char text[256]) {
  char rest[256];
  int at = 0;
  if (choice->why == PFC_FOR_VALUE) return;
  memcpy(rest, text, sizeof rest);
  if (choice->why == PFC_FOR_MANDATE) {
    at = add_mandate(choice, as_of, text, at);
  } else {
    ADD_PART(text, at, "put here by %.*s%s%.*s", actor[0] ? (int)pfc_utf8_cut(actor, 60) : 4,
             actor[0] ? actor : "hand", why[0] ? ": " : "", (int)pfc_utf8_cut(why, 60), why);
  }
  ADD_PART(text, at, "%.*s", (int)pfc_utf8_cut(rest, (size_t)(253 - at)), rest);
}
