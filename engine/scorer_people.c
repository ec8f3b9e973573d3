/* People: the products of a tile of them, and what is looked up of one. */
#include <cblas.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "engine/scorer_internal.h"

static pfc_decision person_decision(const pfc_scorer *s, int32_t person) {
  return (pfc_decision){person, -1, -1, s->as_of, -1, -1};
}

/* --- room ------------------------------------------------------------------------- */

pfc_status pfc__tile_init(pfc__tile *tile, const pfc_scorer *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t pairs = (size_t)PFC_SCORER_TILE * (size_t)s->n_candidates;
  const size_t factors = (size_t)PFC_SCORER_TILE * (size_t)s->bundle->affinity.rank;
  const pfc_requirements *requirements = pfc_lens_requirements(s->lens);
  const size_t most_met = (size_t)pfc_history_most_attempts(s->history);
  int entries = 1;
  tile->looked = tile->measured = -1;
  for (int m = 0; m < PFC__N_PREDICTORS; m++) {
    const pfc__predictor *p = &s->predictor[m];
    if (!p->features) continue;
    const int n = pfc_scratch_entries(p->features, s->lens);
    if (n > entries) entries = n;
    if (p->rank) PFC_NEW(tile->P[m], factors);
  }
  if (s->fold) PFC_NEW(tile->P[PFC__AFFINITY], factors);
  if (s->fold) PFC_NEW(tile->product[PFC__AFFINITY], pairs);
  if (tile->P[PFC__ACCEPT]) PFC_NEW(tile->product[PFC__ACCEPT], pairs);
  PFC_TRY(pfc_past_create(s->lens, &tile->past, err));
  PFC_NEW(tile->cell, s->n_competencies);
  PFC_NEW(tile->held, s->n_competencies);
  PFC_NEW(tile->required, s->n_competencies);
  PFC_NEW(tile->touched, s->n_competencies);
  PFC_NEW(tile->is_touched, s->n_competencies);
  PFC_NEW(tile->asked, requirements->first[requirements->n_roles]);
  PFC_NEW(tile->is_asked, requirements->first[requirements->n_roles]);
  PFC_NEW(tile->met, most_met);
  PFC_NEW(tile->pair, most_met);
  PFC_NEW(tile->met_at, s->n_candidates);
  for (int32_t j = 0; j < s->n_candidates; j++) tile->met_at[j] = -1;
  PFC_NEW(tile->brings, s->n_targets);
  PFC_NEW(tile->worth, s->n_candidates);
  PFC_NEW(tile->open, s->n_candidates);
  PFC_NEW(tile->told, s->n_candidates);
  PFC_NEW(tile->rank, s->n_candidates);
  PFC_NEW(tile->col, entries);
  PFC_NEW(tile->val, entries);
  if (s->gaps) PFC_TRY(pfc_person_gaps_create(s->gaps, &tile->gaps, err));
  PFC_TRY(pfc_ruling_create(s->rules, &tile->ruling, err));
  if (s->ranker)
    PFC_NEW(tile->ranked, (size_t)PFC_SCORER_TILE * (size_t)s->cat->n_interventions);
  if (s->ranker) PFC_NEW(tile->need, s->n_competencies);
done:
  return st;
}

void pfc__tile_clear(pfc__tile *tile) {
  for (int m = 0; m < PFC__N_PRODUCTS; m++) {
    pfc_free(tile->P[m]);
    pfc_free(tile->product[m]);
  }
  pfc_free(tile->ranked);
  pfc_past_destroy(tile->past);
  pfc_free(tile->cell);
  pfc_free(tile->held);
  pfc_free(tile->required);
  pfc_free(tile->touched);
  pfc_free(tile->is_touched);
  pfc_free(tile->asked);
  pfc_free(tile->is_asked);
  pfc_free(tile->met);
  pfc_free(tile->pair);
  pfc_free(tile->met_at);
  pfc_person_gaps_destroy(tile->gaps);
  pfc_free(tile->need);
  pfc_ruling_destroy(tile->ruling);
  pfc_free(tile->brings);
  pfc_free(tile->worth);
  pfc_free(tile->open);
  pfc_free(tile->told);
  pfc_free(tile->rank);
  pfc_free(tile->col);
  pfc_free(tile->val);
}

/* --- a tile: products ---------------------------------------------------------------- */

const float *pfc__scorer_multiply(const pfc_scorer *s, pfc__tile *tile, int which) {
  const int k = s->bundle->affinity.rank;
  if (!tile->P[which] || k == 0 || s->n_candidates == 0) return NULL;
  if (!tile->is_multiplied[which]) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, tile->n, s->n_candidates, k, 1,
                tile->P[which], k, s->Y, k, 0, tile->product[which], s->n_candidates);
    tile->is_multiplied[which] = true;
  }
  return tile->product[which] + (ptrdiff_t)tile->looked * s->n_candidates;
}

/* Either sum of k products is off by at most k rounding errors of the sum of their sizes. */
double pfc__scorer_rounding(const pfc_scorer *s, const pfc__tile *tile, int which) {
  const int k = s->bundle->affinity.rank;
  const float *p = tile->P[which] + (ptrdiff_t)tile->looked * k;
  return k * (double)FLT_EPSILON * (double)cblas_snrm2(k, p, 1) * s->longest;
}

static pfc_status fold_people(const pfc_scorer *s, int thread, int n, const int32_t *people,
                              pfc_error *err) {
  pfc__tile *tile = &s->tile[thread];
  const int k = s->bundle->affinity.rank;
  float *X = tile->P[PFC__AFFINITY];
  for (int p = 0; p < n; p++) {
    const pfc_decision d = person_decision(s, people[p]);
    int64_t n_items = 0;
    const pfc_status st =
        pfc_fold_person(s->fold, thread, &d, X + (ptrdiff_t)p * k, &n_items, err);
    if (st != PFC_OK) return st;
  }
  for (int m = 0; m < PFC__N_PREDICTORS; m++) {
    for (ptrdiff_t i = 0; tile->P[m] && i < (ptrdiff_t)n * k; i++)
      tile->P[m][i] = (float)s->predictor[m].theta[i % k] * X[i];
  }
  return PFC_OK;
}

_Static_assert((int)PFC_RANKER_TILE == (int)PFC_SCORER_TILE,
               "a tile of people is one of decisions");

static pfc_status rank_people(const pfc_scorer *s, int thread, int n, const int32_t *people,
                              pfc_error *err) {
  pfc_decision d[PFC_SCORER_TILE];
  for (int p = 0; p < n; p++) d[p] = person_decision(s, people[p]);
  return pfc_ranker_score(s->ranker, thread, n, d, s->tile[thread].ranked, err);
}

pfc_status pfc_scorer_begin(const pfc_scorer *s, int thread, int n, const int32_t *people,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__tile *tile = &s->tile[thread];
  tile->n = n;
  tile->looked = -1;
  memset(tile->is_multiplied, 0, sizeof tile->is_multiplied);
  memcpy(tile->person, people, sizeof *people * (size_t)n);
  if (s->ranker) PFC_TRY(rank_people(s, thread, n, people, err));
  if (s->fold) PFC_TRY(fold_people(s, thread, n, people, err));
done:
  return st;
}

/* --- one person: own history ------------------------------------------------------------ */

/* Models that share their features (the causes of time) share the encoding too. What profiles
 * tell is added once all cells are there. */
static void encode(const pfc_scorer *s, pfc__tile *tile, pfc_scope scope, const pfc_decision *d,
                   pfc__parts *out) {
  const pfc_features *encoded = NULL;
  int n = 0;
  for (int m = 0; m < PFC__N_PREDICTORS; m++) {
    const pfc__predictor *p = &s->predictor[m];
    out->eta[m] = 0;
    if (!p->features) continue;
    if (p->features != encoded) {
      n = pfc_features_encode_past(&p->bare, tile->past, scope, d, tile->col, tile->val);
      encoded = p->features;
    }
    for (int j = 0; j < n; j++) out->eta[m] += p->coef[tile->col[j]] * (double)tile->val[j];
  }
}

static void touch(pfc__tile *tile, int32_t competency) {
  tile->is_touched[competency] = 1;
  tile->touched[tile->n_touched++] = competency;
}

/* Cells of what the role asks for and the person has no past in: the same for everybody of
 * whom it is asked. */
static void recall_asked(const pfc_scorer *s, pfc__tile *tile, pfc_decision *d) {
  int64_t n = 0;
  const pfc_requirement *asked = pfc_decision_requirements(s->lens, d, &n);
  for (int64_t r = 0; r < n; r++) {
    const int32_t c = asked[r].competency;
    const ptrdiff_t at = asked + r - pfc_lens_requirements(s->lens)->at;
    if (tile->is_touched[c]) continue;
    touch(tile, c);
    if (!tile->is_asked[at]) {
      d->competency = c;
      encode(s, tile, PFC_SCOPE_CELL, d, &tile->asked[at]);
      tile->is_asked[at] = 1;
    }
    tile->cell[c] = tile->asked[at];
  }
}

static void encode_cells(const pfc_scorer *s, pfc__tile *tile, int32_t person) {
  pfc_decision d = person_decision(s, person);
  int32_t n;
  const int32_t *known = pfc_past_competencies(tile->past, &n);
  for (int32_t k = 0; k < n; k++) {
    d.competency = known[k];
    touch(tile, known[k]);
    encode(s, tile, PFC_SCOPE_CELL, &d, &tile->cell[known[k]]);
  }
  d.competency = -1;
  recall_asked(s, tile, &d);
}

static void encode_pairs(const pfc_scorer *s, pfc__tile *tile, int32_t person) {
  pfc_decision d = person_decision(s, person);
  int64_t from = 0;
  const int64_t to = pfc_history_attempts(s->history, person, s->as_of, &from);
  tile->is_cold = to == from;
  for (int64_t a = from; a < to; a++) {
    d.intervention = s->history->attempts[a].intervention;
    const int32_t j = s->candidate_of[d.intervention];
    if (j < 0 || tile->met_at[j] >= 0) continue;
    tile->met_at[j] = tile->n_met;
    encode(s, tile, PFC_SCOPE_PAIR, &d, &tile->pair[tile->n_met]);
    tile->met[tile->n_met++] = j;
  }
}

static void forget(pfc__tile *tile) {
  for (int32_t k = 0; k < tile->n_touched; k++) {
    tile->cell[tile->touched[k]] = (pfc__parts){{0}};
    tile->is_touched[tile->touched[k]] = 0;
  }
  for (int32_t k = 0; k < tile->n_met; k++) tile->met_at[tile->met[k]] = -1;
  tile->n_touched = tile->n_met = 0;
}

void pfc__scorer_recall(const pfc_scorer *s, int thread, int p) {
  pfc__tile *tile = &s->tile[thread];
  const pfc_decision d = person_decision(s, tile->person[p]);
  forget(tile);
  pfc_past_recall(tile->past, &d);
  tile->looked = p;
  encode(s, tile, PFC_SCOPE_PERSON, &d, &tile->own);
  for (int m = 0; m < PFC__N_PREDICTORS; m++) tile->own.eta[m] += s->predictor[m].intercept;
  encode_cells(s, tile, d.person);
  pfc__held_add(s, tile, d.person);
  encode_pairs(s, tile, d.person);
}

/* --- one person: needs and rules ---------------------------------------------------------- */

void pfc__scorer_weigh(const pfc_scorer *s, int thread) {
  s->tile[thread].order = PFC__NO_ORDER;
}

pfc_status pfc_scorer_look(const pfc_scorer *s, int thread, int p, pfc_error *err) {
  pfc__tile *tile = &s->tile[thread];
  const int32_t person = tile->person[p];
  if (s->gaps) {
    const pfc_status st = pfc_gaps_of(s->gaps, person, PFC_NO_DATE, tile->gaps, err);
    if (st != PFC_OK) return st;
    tile->measured = tile->gaps->n > 0 ? person : -1; /* else nobody was looked at */
  } else {
    tile->has_needs = pfc_latest_of(s->latest, person, tile->need);
  }
  pfc__scorer_recall(s, thread, p);
  pfc__scorer_weigh(s, thread);
  pfc_rules_of(s->rules, person, tile->gaps, tile->ruling);
  return PFC_OK;
}

const pfc_ruling *pfc_scorer_ruling(const pfc_scorer *s, int thread) {
  return s->tile[thread].ruling;
}

const pfc_person_gaps *pfc_scorer_gaps_of(const pfc_scorer *s, int thread) {
  return s->tile[thread].gaps;
}
