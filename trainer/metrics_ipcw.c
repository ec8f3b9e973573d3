#include <math.h>

#include "base/mem.h"
#include "trainer/metrics_internal.h"

/* Weighting by the inverse probability of censoring. Whether spell i has ended by a day is
 * known when it ended by an event by then, or lasted to that day at least. It then stands
 * for 1 / P(known) spells, with P(known) = G(t-) / G(entry): G is the Kaplan-Meier curve of
 * remaining uncensored, t the end or the day, whichever comes first, and G(entry) because
 * a spell that entered late was certainly uncensored until then. */

void pfc__follow_up_clear(pfc__follow_up *f) {
  pfc_free(f->steps);
  pfc_free(f->g);
  pfc_free(f->entered);
  pfc_free(f->ended);
}

/* G where the spells of the keys enter and end; both go through its steps in order. */
static void read_follow_up(pfc__follow_up *f, const pfc__spell_keys *keys) {
  int64_t step = 0;
  for (int64_t j = 0; j < keys->n_ends; j++) {
    while (step < f->n && f->steps[step].day < keys->ends[j].value) step++;
    f->entered[keys->ends[j].row] = 1;
    f->ended[keys->ends[j].row] = f->g[step];
  }
  step = 0;
  for (int64_t j = 0; j < keys->n_entries; j++) {
    while (step < f->n && f->steps[step].day <= keys->entries[j].value) step++;
    f->entered[keys->entries[j].row] = f->g[step];
  }
}

pfc_status pfc__follow_up_init(pfc__follow_up *f, const pfc_spells *s,
                               const pfc__spell_keys *keys, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__spell_keys own = {0};
  f->s = s;
  if (!keys) {
    PFC_TRY(pfc__spell_keys_init(&own, s, err));
    keys = &own;
  }
  PFC_TRY(pfc__moments(s, keys, &f->steps, &f->n, err));
  PFC_NEW(f->g, f->n + 1);
  f->g[0] = 1;
  for (int64_t j = 0; j < f->n; j++) f->g[j + 1] = f->g[j] * pfc__stay_uncensored(&f->steps[j]);
  PFC_NEW(f->entered, s->n);
  PFC_NEW(f->ended, s->n);
  read_follow_up(f, keys);
done:
  pfc__spell_keys_clear(&own);
  return st;
}

/* G(day-). */
static double uncensored(const pfc__follow_up *f, double day) {
  int64_t lo = 0, hi = f->n; /* the steps passed are those below lo */
  while (lo < hi) {
    const int64_t mid = lo + (hi - lo) / 2;
    if (f->steps[mid].day < day)
      lo = mid + 1;
    else
      hi = mid;
  }
  return f->g[lo];
}

/* 1 / P(known) of spell i on a day with G(day-) = g_day; 0 when it is not known. */
static double inverse_probability(const pfc__follow_up *f, int64_t i, double day,
                                  double g_day) {
  const pfc_spells *s = f->s;
  if (s->event[i] != 0 && s->time[i] <= day) return f->entered[i] / f->ended[i];
  return s->time[i] >= day ? f->entered[i] / g_day : 0;
}

/* The Brier score, or the share with event 1 by the day when incidence is NULL. NaN when
 * nobody is followed as far as the day, or after G has fallen to 0 before late entries. */
static double weighted_mean(const pfc__follow_up *f, double day, const double *incidence) {
  const double g_day = uncensored(f, day);
  if (g_day == 0) return NAN;
  double sum = 0, mass = 0;
  for (int64_t i = 0; i < f->s->n; i++) {
    const double w = pfc__spell_times(f->s, i);
    if (w == 0 || (pfc__entry(f->s, i) > 0 && pfc__entry(f->s, i) >= day)) continue;
    const double happened = f->s->event[i] == 1 && f->s->time[i] <= day;
    const double miss = incidence ? happened - incidence[i] : 0;
    sum += w * inverse_probability(f, i, day, g_day) * (incidence ? miss * miss : happened);
    mass += w;
  }
  return mass > 0 ? sum / mass : NAN;
}

static pfc_status check_incidence(double incidence, int64_t row, pfc_error *err) {
  if (!isnan(incidence)) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "row %lld: incidence is not a number", (long long)row);
}

pfc_status pfc_ipcw_brier(const pfc_spells *s, double day, const double *incidence,
                          double *brier, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__follow_up f = {0};
  PFC_TRY(pfc__check_days(1, &day, err));
  PFC_TRY(pfc__check_spells(s, err));
  for (int64_t i = 0; i < s->n; i++) PFC_TRY(check_incidence(incidence[i], i, err));
  PFC_TRY(pfc__follow_up_init(&f, s, NULL, err));
  *brier = weighted_mean(&f, day, incidence);
done:
  pfc__follow_up_clear(&f);
  return st;
}

pfc_status pfc_integrated_brier(const pfc_spells *s, int n_days, const double *days,
                                const float *incidence, double *ibs, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__follow_up f = {0};
  double *column = NULL, sum = 0, last = NAN;
  PFC_TRY(pfc__check_days(n_days, days, err));
  PFC_TRY(pfc__check_spells(s, err));
  PFC_TRY(pfc__follow_up_init(&f, s, NULL, err));
  PFC_NEW(column, s->n);
  for (int d = 0; d < n_days; d++) {
    for (int64_t i = 0; i < s->n; i++) {
      column[i] = (double)incidence[i * n_days + d];
      PFC_TRY(check_incidence(column[i], i, err));
    }
    const double brier = weighted_mean(&f, days[d], column);
    if (d > 0) sum += (brier + last) / 2 * (days[d] - days[d - 1]);
    last = brier;
  }
  const double span = n_days > 0 ? days[n_days - 1] - days[0] : 0;
  *ibs = span > 0 ? sum / span : last;
done:
  pfc_free(column);
  pfc__follow_up_clear(&f);
  return st;
}

/* --- calibration ----------------------------------------------------------- */

/* Spells of one bin, copied together. */
typedef struct bin {
  pfc_spells s;
  double *entry, *time, *weight;
  int8_t *event;
  double mass, predicted; /* weight, and its sum with the predictions */
} bin;

static void bin_clear(bin *b) {
  pfc_free(b->entry);
  pfc_free(b->time);
  pfc_free(b->weight);
  pfc_free(b->event);
}

static pfc_status bin_init(bin *b, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(b->entry, n);
  PFC_NEW(b->time, n);
  PFC_NEW(b->weight, n);
  PFC_NEW(b->event, n);
  b->s = (pfc_spells){0, b->entry, b->time, b->event, b->weight};
done:
  return st;
}

static void bin_fill(bin *b, const pfc_spells *s, int64_t n, const pfc__key *keys) {
  b->mass = b->predicted = 0;
  b->s.n = n;
  for (int64_t j = 0; j < n; j++) {
    const int64_t row = keys[j].row;
    b->entry[j] = pfc__entry(s, row);
    b->time[j] = s->time[row];
    b->event[j] = s->event[row];
    b->weight[j] = pfc__times(s->weight, row);
    b->mass += b->weight[j];
    b->predicted += b->weight[j] * keys[j].value;
  }
}

/* Without late entries the weighted share is the Aalen-Johansen estimate itself, because
 * survival * G is the share at risk (Satten and Datta, The American Statistician 2001). */
static pfc_status observed_share(const pfc_spells *s, double day, double *share,
                                 pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__follow_up f = {0};
  PFC_TRY(pfc__follow_up_init(&f, s, NULL, err));
  *share = weighted_mean(&f, day, NULL);
done:
  pfc__follow_up_clear(&f);
  return st;
}

/* Sorted keys of the spells to judge on a day: seen before it, and at risk at all. */
static pfc_status judged_rows(const pfc_spells *s, double day, const double *incidence,
                              pfc__key **keys, int64_t *n_keys, pfc_error *err) {
  int64_t n = 0;
  pfc_status st = pfc__sort_rows(s->n, incidence, s->weight, "incidence", keys, &n, err);
  if (st != PFC_OK) return st;
  *n_keys = 0;
  for (int64_t j = 0; j < n; j++) {
    const int64_t row = (*keys)[j].row;
    const double entry = pfc__entry(s, row);
    if (pfc__spell_times(s, row) > 0 && (entry <= 0 || entry < day))
      (*keys)[(*n_keys)++] = (*keys)[j];
  }
  return PFC_OK;
}

pfc_status pfc_incidence_ece(const pfc_spells *s, double day, const double *incidence,
                             int n_bins, double *ece, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__key *keys = NULL;
  int64_t *end = NULL, n_keys = 0;
  bin b = {0};
  PFC_TRY(pfc__check_bins(n_bins, err));
  PFC_TRY(pfc__check_days(1, &day, err));
  PFC_TRY(pfc__check_spells(s, err));
  PFC_TRY(judged_rows(s, day, incidence, &keys, &n_keys, err));
  PFC_NEW(end, n_bins);
  PFC_TRY(bin_init(&b, s->n, err));
  pfc__cut_bins(n_keys, keys, s->weight, n_bins, end);

  double sum = 0, mass = 0;
  for (int64_t i = 0, from = 0; i < n_bins; from = end[i++]) {
    double share;
    bin_fill(&b, s, end[i] - from, keys + from);
    PFC_TRY(observed_share(&b.s, day, &share, err));
    if (isnan(share)) continue; /* empty, or nobody in it is followed as far as the day */
    sum += fabs(b.predicted - share * b.mass);
    mass += b.mass;
  }
  *ece = mass > 0 ? sum / mass : NAN;
done:
  bin_clear(&b);
  pfc_free(end);
  pfc_free(keys);
  return st;
}
