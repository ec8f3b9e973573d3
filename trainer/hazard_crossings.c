#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "trainer/hazard_internal.h"

static double end_of(const pfc_curve *curve) { return curve->to[curve->n - 1]; }

/* The segment that the day lies in, (from, to]; the first or last where it lies outside. */
static int32_t segment_of(const pfc_curve *curve, double day) {
  int32_t low = 0, high = curve->n - 1;
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (curve->to[middle] < day) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

double pfc__ticks_within(const pfc_hazard_problem *p, const pfc_curve *curve, int32_t segment,
                         double from, double to) {
  const double a = fmax(from, curve->from[segment]), b = fmin(to, curve->to[segment]);
  return b > a ? (b - a) / p->tick_days : 0;
}

double pfc__latent_from(const pfc_episode *spell) {
  return fmax(spell->entry_days, spell->last_below_days);
}

/* An event whose interval is no longer than a tick is as good as exact; one whose interval
 * begins beyond the curve's end is censored there. */
static bool is_latent(const pfc_hazard_problem *p, const pfc_episode *spell,
                      const pfc_curve *curve) {
  if (spell->event == PFC_CENSORED || isnan(spell->last_below_days)) return false;
  const double from = pfc__latent_from(spell);
  return from < end_of(curve) && spell->duration_days - from > p->tick_days * (1 + 1e-9);
}

static const pfc_curve *curve_at(const pfc__crossings *s, const pfc_hazard_problem *p,
                                 int64_t place) {
  return &p->curves[p->curve_of[s->order[place]]];
}

/* Ticks of an event known to the tick, or of none. */
static void cross_exactly(const pfc__crossings *s, const pfc_hazard_problem *p, int64_t place,
                          pfc__crossed *crossed) {
  const pfc_curve *curve = curve_at(s, p, place);
  const pfc_episode *spell = &p->spell[s->order[place]];
  const bool ends = spell->event != PFC_CENSORED && spell->duration_days <= end_of(curve);
  const double until =
      ends ? fmax(spell->duration_days - p->tick_days, 0) : spell->duration_days;
  for (int32_t c = 0; c < crossed->n; c++) {
    crossed->ticks[c] =
        pfc__ticks_within(p, curve, s->first[place] + c, spell->entry_days, until);
    crossed->events[c] = 0;
  }
  if (ends && spell->event == s->cause && crossed->n > 0) {
    crossed->ticks[crossed->n - 1] += 1;
    crossed->events[crossed->n - 1] = 1;
  }
}

void pfc__crossings_at(const pfc__crossings *s, const pfc_hazard_problem *p, int64_t place,
                       int64_t *latent, pfc__crossed *crossed) {
  crossed->n = (int32_t)(s->start[place + 1] - s->start[place]);
  if (*latent == s->n_latent || s->latent[*latent] != place) {
    cross_exactly(s, p, place, crossed);
    return;
  }
  const int64_t at = s->latent_start[(*latent)++];
  memcpy(crossed->ticks, s->ticks + at, sizeof(double) * (size_t)crossed->n);
  memcpy(crossed->events, s->events + at, sizeof(double) * (size_t)crossed->n);
}

/* Counting sort by curve, stable. */
static pfc_status sort_by_curve(pfc__crossings *s, const pfc_hazard_problem *p,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *next = NULL;
  PFC_NEW(s->order, p->n);
  PFC_NEW(next, (int64_t)p->n_curves + 1);
  for (int64_t i = 0; i < p->n; i++) next[p->curve_of[i] + 1]++;
  for (int32_t c = 0; c < p->n_curves; c++) {
    s->n_chunks += (next[c + 1] + PFC_TILE - 1) / PFC_TILE;
    next[c + 1] += next[c];
  }
  for (int64_t i = 0; i < p->n; i++) s->order[next[p->curve_of[i]]++] = i;
done:
  pfc_free(next);
  return st;
}

/* Runs of at most PFC_TILE spells of one curve. */
static pfc_status cut_chunks(pfc__crossings *s, const pfc_hazard_problem *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(s->chunk, s->n_chunks);
  PFC_NEW(s->cell, (int64_t)p->n_curves + 1);
  for (int32_t c = 0; c < p->n_curves; c++) s->cell[c + 1] = s->cell[c] + p->curves[c].n;
  int64_t at = 0;
  for (int64_t from = 0; from < s->n; at++) {
    const int32_t curve = p->curve_of[s->order[from]];
    int64_t to = from + 1;
    while (to < s->n && to - from < PFC_TILE && p->curve_of[s->order[to]] == curve) to++;
    s->chunk[at] = (pfc__chunk){curve, from, to, 0, s->n_partials};
    s->n_partials += p->curves[curve].n;
    from = to;
  }
done:
  return st;
}

/* Which segments each spell crosses; none when it begins beyond the curve's end. */
static void find_crossings(pfc__crossings *s, const pfc_hazard_problem *p) {
  for (int64_t place = 0; place < s->n; place++) {
    const pfc_curve *curve = curve_at(s, p, place);
    const pfc_episode *spell = &p->spell[s->order[place]];
    int32_t crossed = 0;
    if (spell->entry_days < end_of(curve)) {
      s->first[place] = segment_of(curve, spell->entry_days);
      crossed = segment_of(curve, spell->duration_days) - s->first[place] + 1;
    }
    s->start[place + 1] = s->start[place] + crossed;
    s->n_latent += is_latent(p, spell, curve);
  }
}

/* Lists the latent spells, and where each chunk's begin. */
static pfc_status find_latent(pfc__crossings *s, const pfc_hazard_problem *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t n = 0;
  PFC_NEW(s->latent, s->n_latent);
  PFC_NEW(s->latent_start, s->n_latent + 1);
  for (int64_t k = 0; k < s->n_chunks; k++) {
    const pfc_curve *curve = &p->curves[s->chunk[k].curve];
    s->chunk[k].latent = n;
    for (int64_t place = s->chunk[k].from; place < s->chunk[k].to; place++) {
      if (!is_latent(p, &p->spell[s->order[place]], curve)) continue;
      s->latent[n++] = place;
      s->latent_start[n] = s->latent_start[n - 1] + s->start[place + 1] - s->start[place];
    }
  }
  PFC_NEW(s->ticks, s->latent_start[n]);
  PFC_NEW(s->events, s->latent_start[n]);
done:
  return st;
}

pfc_status pfc__crossings_init(pfc__crossings *s, const pfc_hazard_problem *p, pfc_cause cause,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  memset(s, 0, sizeof *s);
  s->cause = cause;
  s->n = p->n;
  PFC_TRY(sort_by_curve(s, p, err));
  PFC_TRY(cut_chunks(s, p, err));
  PFC_NEW(s->start, s->n + 1);
  PFC_NEW(s->first, s->n);
  find_crossings(s, p);
  PFC_TRY(find_latent(s, p, err));
done:
  return st;
}

void pfc__crossings_clear(pfc__crossings *s) {
  pfc_free(s->order);
  pfc_free(s->start);
  pfc_free(s->first);
  pfc_free(s->ticks);
  pfc_free(s->events);
  pfc_free(s->latent);
  pfc_free(s->latent_start);
  pfc_free(s->chunk);
  pfc_free(s->cell);
  memset(s, 0, sizeof *s);
}
