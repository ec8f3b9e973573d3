#include "engine/recommend.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/utf8.h"

/* Tiles scored side by side before their lists are handed on: bounds the memory. */
enum { TILES_PER_BLOCK = 16 };

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

typedef struct job {
  const pfc_scorer *scorer;
  const pfc_recommend_settings *settings;
  int32_t n_candidates;
  int32_t top;        /* longest possible list */
  pfc_score **scores; /* one tile's scores a thread */
  uint8_t **allowed;  /* the same for rules */
  pfc_score *lists;   /* TILES_PER_BLOCK x PFC_SCORER_TILE x top */
  int *length;        /* TILES_PER_BLOCK x PFC_SCORER_TILE */
  pfc_choice *told;   /* top: of the person being handed on */
  int n_threads;
} job;

static void job_clear(job *j) {
  for (int t = 0; t < j->n_threads; t++) {
    if (j->scores) pfc_free(j->scores[t]);
    if (j->allowed) pfc_free(j->allowed[t]);
  }
  pfc_free(j->scores);
  pfc_free(j->allowed);
  pfc_free(j->lists);
  pfc_free(j->length);
  pfc_free(j->told);
}

static pfc_status job_init(job *j, const pfc_scorer *scorer,
                           const pfc_recommend_settings *settings, pfc_error *err) {
  pfc_status st = PFC_OK;
  *j = (job){.scorer = scorer, .settings = settings};
  j->n_candidates = pfc_scorer_n_candidates(scorer);
  j->top = settings->choice.top < j->n_candidates ? settings->choice.top : j->n_candidates;
  const size_t pairs = (size_t)PFC_SCORER_TILE * (size_t)j->n_candidates;
  const size_t people = (size_t)TILES_PER_BLOCK * PFC_SCORER_TILE;
  j->n_threads = pfc_par_threads();
  PFC_NEW(j->scores, j->n_threads);
  PFC_NEW(j->allowed, j->n_threads);
  for (int t = 0; t < j->n_threads; t++) {
    PFC_NEW(j->scores[t], pairs);
    PFC_NEW(j->allowed[t], pairs);
  }
  PFC_NEW(j->lists, people * (size_t)j->top);
  PFC_NEW(j->length, people);
  PFC_NEW(j->told, j->top);
done:
  return st;
}

static double key(const pfc_score *s, pfc_rank_by by) {
  return by == PFC_RANK_AFFINITY ? s->affinity : s->value;
}

/* Inserts into a list kept best first. Candidates come in order of their codes, so that
 * "strictly better" keeps the lower code in front of equals. */
static int insert(pfc_score *list, int n, int top, const pfc_score *s, pfc_rank_by by) {
  int at = n;
  while (at > 0 && key(s, by) > key(&list[at - 1], by)) at--;
  if (at >= top) return n;
  const int kept = n < top ? n : top - 1;
  memmove(list + at + 1, list + at, (size_t)(kept - at) * sizeof *list);
  list[at] = *s;
  return kept + 1;
}

static int best_of(const job *j, const pfc_score *scores, const uint8_t *allowed,
                   pfc_score *list) {
  const pfc_rank_by by = j->settings->choice.rank_by;
  int n = 0;
  for (int32_t c = 0; c < j->n_candidates; c++) {
    const pfc_score *s = &scores[c];
    if (!allowed[c] || isnan(key(s, by)) || s->value < j->settings->choice.min_value) continue;
    n = insert(list, n, j->top, s, by);
  }
  return n;
}

static pfc_status run_tile(const job *j, int tile, int n, const int32_t *people,
                           pfc_error *err) {
  const int thread = omp_get_thread_num();
  pfc_score *scores = j->scores[thread];
  uint8_t *allowed = j->allowed[thread];
  const pfc_status st = pfc_scorer_tile(j->scorer, thread, n, people, scores, allowed, err);
  for (int p = 0; p < n && st == PFC_OK; p++) {
    const ptrdiff_t at = (ptrdiff_t)tile * PFC_SCORER_TILE + p;
    const ptrdiff_t row = (ptrdiff_t)p * j->n_candidates;
    pfc_score *list = j->lists + at * j->top;
    j->length[at] = best_of(j, scores + row, allowed + row, list);
    for (int r = 0; r < j->length[at]; r++) {
      pfc_scorer_tell_times(j->scorer, thread, p, &list[r]);
      pfc_scorer_tell_basis(j->scorer, thread, people[p], &list[r]);
    }
  }
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
    failed[t] = run_tile(j, t, (int)(left < PFC_SCORER_TILE ? left : PFC_SCORER_TILE),
                         people + first, &why[t]);
  }
  for (int t = 0; t < n_tiles; t++) {
    if (failed[t] != PFC_OK) return pfc_fail(err, failed[t], "%s", why[t].msg);
  }
  return PFC_OK;
}

static pfc_status hand_on(const job *j, int32_t person, int64_t place, pfc_list_fn fn,
                          void *user, pfc_recommend_totals *totals, pfc_error *err) {
  const int n = j->length[place];
  for (int r = 0; r < n; r++) {
    const pfc_score *score = &j->lists[place * j->top + r];
    j->told[r] = (pfc_choice){.score = *score,
                              .adds = score->value,
                              .why = PFC_FOR_VALUE,
                              .due_on = PFC_NO_DATE,
                              .propensity = (double)NAN};
    totals->value += score->value;
  }
  totals->value_undiverse = totals->value;
  totals->people++;
  totals->with_list += n > 0;
  totals->places += n;
  const pfc_list list = {.person = person, .n = n, .at = j->told};
  return fn(&list, user, err);
}

pfc_status pfc_recommend(const pfc_scorer *scorer, int64_t n, const int32_t *people,
                         const pfc_recommend_settings *settings, pfc_list_fn fn, void *user,
                         pfc_recommend_totals *totals, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_recommend_totals sums;
  job j = {0};
  if (!totals) totals = &sums;
  *totals = (pfc_recommend_totals){0};
  PFC_TRY(check(settings, err));
  if (settings->choice.rank_by == PFC_RANK_AFFINITY && !pfc_scorer_has_affinity(scorer)) {
    return pfc_fail(err, PFC_EUSAGE,
                    "rank_by: the model bundle holds no affinity model to rank by");
  }
  PFC_TRY(job_init(&j, scorer, settings, err));
  const int64_t block = (int64_t)TILES_PER_BLOCK * PFC_SCORER_TILE;
  for (int64_t first = 0; first < n; first += block) {
    const int64_t m = n - first < block ? n - first : block;
    PFC_TRY(run_block(&j, m, people + first, err));
    for (int64_t p = 0; p < m; p++) {
      PFC_TRY(hand_on(&j, people[first + p], p, fn, user, totals, err));
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
  if (score->gap > 0) {
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
