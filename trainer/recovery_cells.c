/* What everybody's role asks for on the day: the level held, and what profile, truth and simple
 * rules say of it. */
#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/latest_ratings.h"
#include "trainer/recovery_internal.h"

/* --- which cells ----------------------------------------------------------------------------
 */

typedef struct lister {
  pfc__recovery *r;
  pfc_latest *latest;
  pfc_need *need; /* n_competencies */
  int32_t *rank;  /* of sources */
} lister;

static int32_t count_ratings(const pfc__recovery *r, int32_t person, int32_t competency) {
  const pfc_evidence *e = r->evidence;
  int32_t n = 0;
  for (int64_t k = e->first_seen[person]; k < e->first_seen[person + 1]; k++) {
    const pfc_seen *at = &e->seen[k];
    n += at->competency == competency && pfc_seen_before(e, at, r->day);
  }
  return n;
}

static void fill_cell(const lister *l, int32_t person, int32_t competency, pfc__cell *cell) {
  const pfc__recovery *r = l->r;
  *cell = (pfc__cell){
      .person = person,
      .competency = competency,
      .n_ratings = count_ratings(r, person, competency),
      .held = pfc_truth_level(r->truth, r->match.person[person],
                              r->match.competency[competency], r->day),
      .required = l->need[competency].required,
      .importance = l->need[competency].importance,
  };
  (void)pfc_crude_levels(r->evidence, l->rank, person, competency, r->day, cell->rule);
  cell->rule[PFC__LATEST_THREE] = l->need[competency].level;
}

static pfc_status list_person(lister *l, int32_t person, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__recovery *r = l->r;
  pfc__cells *cells = &r->cells;
  if (!pfc_truth_is_there(r->truth, r->match.person[person], r->day)) return PFC_OK;
  if (!pfc_latest_of(l->latest, person, l->need)) return PFC_OK;
  for (int32_t c = 0; c < r->evidence->n_competencies; c++) {
    if (isnan(l->need[c].required)) continue;
    PFC_RESERVE(cells->at, cells->capacity, cells->n + 1);
    fill_cell(l, person, c, &cells->at[cells->n++]);
  }
done:
  return st;
}

static pfc_status list_cells(pfc__recovery *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  lister l = {.r = r};
  PFC_TRY(pfc_latest_create(r->ds, r->history, r->day, &l.latest, err));
  PFC_NEW(l.need, r->evidence->n_competencies);
  PFC_NEW(l.rank, r->evidence->n_sources);
  PFC_NEW(r->cells.first, (size_t)r->history->n_people + 1);
  pfc_crude_ranks(r->ds, r->evidence, l.rank);
  for (int32_t p = 0; p < r->history->n_people; p++) {
    PFC_TRY(list_person(&l, p, err));
    r->cells.first[p + 1] = r->cells.n;
  }
done:
  pfc_latest_destroy(l.latest);
  pfc_free(l.need);
  pfc_free(l.rank);
  return st;
}

/* --- levels of a profile --------------------------------------------------------------------
 */

typedef struct scratch {
  pfc_levels_person *known;
  int32_t *competency;
  pfc_level *level;
} scratch;

typedef struct looking {
  const pfc__recovery *r;
  const pfc_levels *levels;
  bool at_truth;
  int n_threads;
  scratch *of; /* n_threads */
} looking;

static pfc_status look_at_person(int thread, int64_t person, void *user, pfc_error *err) {
  const looking *k = user;
  const pfc__cells *cells = &k->r->cells;
  const scratch *s = &k->of[thread];
  const int64_t first = cells->first[person];
  const int32_t n = (int32_t)(cells->first[person + 1] - first);
  if (n == 0) return PFC_OK;
  const pfc_status st = pfc_levels_look(k->levels, (int32_t)person, k->r->day, s->known, err);
  if (st != PFC_OK) return st;
  for (int32_t i = 0; i < n; i++) s->competency[i] = cells->at[first + i].competency;
  pfc_levels_tell(k->levels, s->known, n, s->competency, k->r->day, s->level);
  for (int32_t i = 0; i < n; i++) {
    pfc__cell *cell = &cells->at[first + i];
    *(k->at_truth ? &cell->true_mean : &cell->mean) = s->level[i].mean;
    *(k->at_truth ? &cell->true_sd : &cell->sd) = s->level[i].sd;
  }
  return PFC_OK;
}

static pfc_status scratch_init(scratch *s, const looking *k, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = k->r->evidence->n_competencies;
  PFC_TRY(pfc_levels_person_create(k->levels, &s->known, err));
  PFC_NEW(s->competency, n);
  PFC_NEW(s->level, n);
done:
  return st;
}

static pfc_status look(const pfc__recovery *r, const pfc_profile *profile, bool at_truth,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_levels *levels = NULL;
  looking k = {.r = r, .at_truth = at_truth, .n_threads = pfc_par_threads()};
  PFC_TRY(pfc_levels_create(profile, r->evidence, r->requirements, &levels, err));
  k.levels = levels;
  PFC_NEW(k.of, k.n_threads);
  for (int t = 0; t < k.n_threads; t++) PFC_TRY(scratch_init(&k.of[t], &k, err));
  PFC_TRY(pfc_par_each(r->history->n_people, 16, r->cells.n > 1000, look_at_person, &k, err));
done:
  for (int t = 0; k.of && t < k.n_threads; t++) {
    pfc_levels_person_destroy(k.of[t].known);
    pfc_free(k.of[t].competency);
    pfc_free(k.of[t].level);
  }
  pfc_free(k.of);
  pfc_levels_destroy(levels);
  return st;
}

/* --- all of it ------------------------------------------------------------------------------
 */

pfc_status pfc__recovery_look(pfc__recovery *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_profile at_truth = {0};
  const pfc_bundle *b = r->bundle;
  PFC_TRY(pfc_evidence_create(r->ds, r->history, &r->evidence, err));
  PFC_TRY(pfc_requirements_create(r->ds, &r->requirements, err));
  PFC_TRY(pfc_bundle_align_profile(b, r->ds, &r->profile, err));
  PFC_TRY(list_cells(r, err));
  PFC_TRY(pfc__true_profile(r, &at_truth, err));
  PFC_TRY(look(r, &r->profile, false, err));
  PFC_TRY(look(r, &at_truth, true, err));
done:
  pfc_profile_clear(&at_truth);
  return st;
}

void pfc__recovery_forget(pfc__recovery *r) {
  pfc_free(r->cells.at);
  pfc_free(r->cells.first);
  pfc_profile_clear(&r->profile);
  pfc_requirements_destroy(r->requirements);
  pfc_evidence_destroy(r->evidence);
}
