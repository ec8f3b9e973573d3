#include "engine/explain.h"

#include <math.h>

#include "base/mem.h"
#include "engine/explain_internal.h"

static int32_t most_targets(const pfc_catalogue *cat) {
  int32_t most = 1;
  for (int32_t i = 0; i < cat->n_interventions; i++) {
    const int32_t n = cat->first[i + 1] - cat->first[i];
    if (n > most) most = n;
  }
  return most;
}

/* Scratch that serves every model of the bundle. */
static int most_entries(const pfc_scorer *s) {
  const pfc_bundle *b = s->bundle;
  const pfc_features *const features[] = {
      b->has_accept ? b->accept.features : NULL,
      b->has_success ? b->success.features : NULL,
      b->has_time ? b->time.features : NULL,
      b->has_anyway ? b->anyway.features : NULL,
      b->has_affinity ? b->affinity.item_features : NULL,
  };
  int most = 1;
  for (size_t k = 0; k < sizeof features / sizeof *features; k++) {
    const int n = features[k] ? pfc_scratch_entries(features[k], s->lens) : 0;
    if (n > most) most = n;
  }
  return most;
}

static pfc_status begin_factors(pfc_explainer *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_affinity *m = &e->s->bundle->affinity;
  PFC_NEW(e->x, m->rank);
  PFC_NEW(e->y, m->rank);
  PFC_NEW(e->x_common, m->rank);
  for (int32_t f = 0; f < m->rank; f++) {
    double sum = 0;
    for (int32_t p = 0; p < m->n_people; p++)
      sum += (double)m->people[(int64_t)p * m->rank + f];
    e->x_common[f] = m->n_people > 0 ? (float)(sum / m->n_people) : 0;
  }
done:
  return st;
}

static pfc_status begin_room(pfc_explainer *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_scorer *s = e->s;
  const int entries = most_entries(s);
  const int32_t targets = most_targets(s->cat);
  PFC_NEW(e->col, entries);
  PFC_NEW(e->val, entries);
  PFC_NEW(e->breakdown, PFC__BREAKDOWNS(targets));
  PFC_NEW(e->first_part, PFC__BREAKDOWNS(targets));
  PFC_NEW(e->term, targets);
  PFC_NEW(e->value, s->n_candidates);
  PFC_NEW(e->then, s->n_candidates);
  PFC_NEW(e->may, (s->n_candidates + 63) / 64);
  PFC_NEW(e->what_if, targets + PFC_N_RULES + 3);
  if (s->gaps) PFC_NEW(e->kept, pfc_gaps_most_rows(s->gaps));
done:
  return st;
}

pfc_status pfc_explainer_create(const pfc_scorer *scorer, pfc_explainer **explainer,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_explainer *e = NULL;
  if (!scorer->settings.include_closed) {
    return pfc_fail(err, PFC_EUSAGE,
                    "include_closed: an explainer needs a scorer that leaves nothing out");
  }
  PFC_NEW(e, 1);
  e->s = scorer;
  PFC_TRY(begin_room(e, err));
  PFC_TRY(pfc__explain_count(e, err));
  if (scorer->bundle->has_affinity) PFC_TRY(begin_factors(e, err));
  PFC_TRY(pfc__half_create(scorer, &e->half, err));
  *explainer = e;
  e = NULL;
done:
  pfc_explainer_destroy(e);
  return st;
}

void pfc_explainer_destroy(pfc_explainer *e) {
  if (!e) return;
  pfc__half_clear(&e->half);
  pfc_free(e->x);
  pfc_free(e->y);
  pfc_free(e->x_common);
  pfc_free(e->col);
  pfc_free(e->val);
  pfc_free(e->part);
  pfc_free(e->breakdown);
  pfc_free(e->first_part);
  pfc_free(e->term);
  pfc_free(e->value);
  pfc_free(e->then);
  pfc_free(e->may);
  pfc_free(e->kept);
  pfc_free(e->what_if);
  pfc_free(e->starts);
  pfc_free(e->passes);
  pfc_free(e->results);
  pfc_free(e->is_alike);
  pfc_free(e->heard);
  pfc_free(e->lesson);
  pfc_free(e->fact);
  pfc_free(e);
}

/* --- one pair -------------------------------------------------------------------------------
 */

/* The score, what it is made of, and what was asked of the person. */
static void tell_score(pfc_explainer *e, pfc_explanation *x) {
  const pfc_scorer *s = e->s;
  pfc_scorer_pair(s, 0, s->candidate_of[x->intervention], &x->score);
  pfc_scorer_tell_times(s, 0, 0, &x->score);
  pfc_scorer_tell_basis(s, 0, x->person, &x->score);
  if (s->ranker) return;
  x->gaps = s->tile[0].gaps;
  x->n_terms = pfc_scorer_terms(s, 0, &x->score, e->term);
  x->term = e->term;
  pfc__scorer_price(s, x->intervention, &x->price_of_cost, &x->price_of_hours);
}

static void tell_ruling(pfc_explainer *e, pfc_explanation *x) {
  const int32_t own = e->s->candidate_of[x->intervention];
  e->ruling = pfc_scorer_ruling(e->s, 0);
  x->is_allowed = pfc_bit(e->ruling->allowed, own);
  for (int32_t k = 0; k < e->ruling->n_must && !x->is_must; k++) {
    x->is_must = e->ruling->must[k].candidate == own;
    x->must = e->ruling->must[k];
  }
}

pfc_status pfc_explain(pfc_explainer *e, int32_t person, int32_t intervention,
                       pfc_explanation *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_explanation x = {.person = person, .intervention = intervention};
  PFC_TRY(pfc_scorer_begin(e->s, 0, 1, &person, err));
  PFC_TRY(pfc_scorer_look(e->s, 0, 0, err));
  tell_score(e, &x);
  tell_ruling(e, &x);
  if (!e->s->ranker) PFC_TRY(pfc__explain_parts(e, &x, err));
  pfc__explain_ranks(e, &x);
  PFC_TRY(pfc__explain_evidence(e, &x, err));
  PFC_TRY(pfc__explain_rules(e, &x, err));
  *out = x;
done:
  return st;
}
