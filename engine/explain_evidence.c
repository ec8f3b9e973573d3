/* What a pair's numbers rest on. */
#include <string.h>

#include "base/mem.h"
#include "engine/explain_internal.h"

/* --- how many took it -----------------------------------------------------------------------
 */

pfc_status pfc__explain_count(pfc_explainer *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = e->s->history;
  const int32_t n = e->s->cat->n_interventions;
  PFC_NEW(e->starts, n);
  PFC_NEW(e->passes, n);
  PFC_NEW(e->results, n);
  PFC_NEW(e->is_alike, n);
  for (int32_t p = 0; p < h->n_people; p++) {
    int64_t from = 0;
    const int64_t to = pfc_history_attempts(h, p, e->s->as_of, &from);
    for (int64_t a = from; a < to; a++) {
      const pfc_attempt *at = &h->attempts[a];
      const int result = pfc_attempt_result(at, e->s->as_of);
      if (!at->started) continue;
      e->starts[at->intervention]++;
      e->results[at->intervention] += result >= 0;
      e->passes[at->intervention] += result == 1;
    }
  }
done:
  return st;
}

static bool is_a_target(const pfc_catalogue *cat, int32_t intervention, int32_t competency) {
  for (int32_t t = cat->first[intervention]; t < cat->first[intervention + 1]; t++) {
    if (cat->competency[t] == competency) return competency >= 0;
  }
  return false;
}

static int64_t count_alike(pfc_explainer *e, int32_t intervention) {
  const pfc_catalogue *cat = e->s->cat;
  int64_t n = 0;
  memset(e->is_alike, 0, (size_t)cat->n_interventions);
  e->is_alike[intervention] = 1;
  for (int32_t t = 0; t < cat->n_targets; t++) {
    if (is_a_target(cat, intervention, cat->competency[t]))
      e->is_alike[cat->intervention[t]] = 1;
  }
  for (int32_t i = 0; i < cat->n_interventions; i++) n += e->is_alike[i] ? e->starts[i] : 0;
  return n;
}

/* --- what the profile heard -----------------------------------------------------------------
 */

static double noise_of(const pfc_profile *p, int32_t source) {
  return source >= 0 && source < p->n_sources ? p->source[source].noise : p->unknown.noise;
}

/* Evidence lies by day within a competency: read backwards, the latest comes first. */
static pfc_status add_ratings(pfc_explainer *e, pfc_explanation *x, int32_t competency,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evidence *ev = pfc_gaps_evidence(e->s->gaps);
  const pfc_profile *profile = pfc_gaps_profile(e->s->gaps);
  for (int64_t k = ev->first_seen[x->person + 1] - 1; k >= ev->first_seen[x->person]; k--) {
    const pfc_seen *seen = &ev->seen[k];
    if (seen->competency != competency || !pfc_seen_before(ev, seen, e->s->as_of)) continue;
    PFC_RESERVE(e->heard, e->heard_size, x->n_heard + 1);
    e->heard[x->n_heard++] = (pfc_heard){.competency = competency,
                                         .source = seen->source,
                                         .day = seen->day,
                                         .level = (double)seen->level,
                                         .noise = noise_of(profile, seen->source)};
  }
done:
  return st;
}

/* What was passed with days of start and end, and aims at a level. */
static pfc_status add_lessons(pfc_explainer *e, pfc_explanation *x, int32_t competency,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = e->s->history;
  const pfc_catalogue *cat = e->s->cat;
  int64_t from = 0;
  const int64_t to = pfc_history_attempts(h, x->person, e->s->as_of, &from);
  for (int64_t a = to - 1; a >= from; a--) {
    const pfc_attempt *at = &h->attempts[a];
    if (pfc_attempt_result(at, e->s->as_of) != 1 || at->end == PFC_NO_DATE) continue;
    if (!is_a_target(cat, at->intervention, competency)) continue;
    const int32_t t = pfc_catalogue_target(cat, at->intervention, competency);
    PFC_RESERVE(e->lesson, e->lesson_size, x->n_lessons + 1);
    e->lesson[x->n_lessons++] = (pfc_lesson){.competency = competency,
                                             .intervention = at->intervention,
                                             .start = at->start,
                                             .end = at->end,
                                             .to_level = cat->to_level[t]};
  }
done:
  return st;
}

pfc_status pfc__explain_evidence(pfc_explainer *e, pfc_explanation *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_catalogue *cat = e->s->cat;
  const int32_t i = x->intervention;
  x->starts = e->starts[i];
  x->passes = e->passes[i];
  x->results = e->results[i];
  x->starts_alike = count_alike(e, i);
  const bool has_profile = e->s->gaps && pfc_gaps_levels(e->s->gaps);
  for (int32_t t = cat->first[i]; has_profile && t < cat->first[i + 1]; t++) {
    if (cat->competency[t] < 0) continue;
    PFC_TRY(add_ratings(e, x, cat->competency[t], err));
    PFC_TRY(add_lessons(e, x, cat->competency[t], err));
  }
  x->heard = e->heard;
  x->lesson = e->lesson;
done:
  return st;
}
