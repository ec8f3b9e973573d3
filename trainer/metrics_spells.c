#include <math.h>

#include "base/mem.h"
#include "trainer/metrics_internal.h"

/* --- order ----------------------------------------------------------------- */

pfc_status pfc__check_spells(const pfc_spells *s, pfc_error *err) {
  for (int64_t i = 0; i < s->n; i++) {
    pfc_status st = pfc__check_weight(s->weight, i, err);
    if (st != PFC_OK) return st;
    if (!(s->time[i] >= 0) || !isfinite(s->time[i]))
      return pfc_fail(err, PFC_EDATA, "row %lld: time %g; allowed are finite days >= 0",
                      (long long)i, s->time[i]);
    if (isnan(pfc__entry(s, i)))
      return pfc_fail(err, PFC_EDATA, "row %lld: entry is not a number", (long long)i);
    if (s->event[i] < 0 || s->event[i] > 2)
      return pfc_fail(err, PFC_EDATA, "row %lld: event %d; allowed are 0, 1 and 2",
                      (long long)i, s->event[i]);
  }
  return PFC_OK;
}

pfc_status pfc__check_days(int n_days, const double *days, pfc_error *err) {
  for (int d = 0; d < n_days; d++)
    if (isnan(days[d]) || (d > 0 && days[d] < days[d - 1]))
      return pfc_fail(err, PFC_EUSAGE, "day %d is %g; days must ascend", d, days[d]);
  return PFC_OK;
}

static int64_t sort_by_time(const pfc_spells *s, pfc__key *keys) {
  int64_t n = 0;
  for (int64_t i = 0; i < s->n; i++)
    if (pfc__spell_times(s, i) > 0) keys[n++] = (pfc__key){s->time[i], i};
  pfc__sort_keys(n, keys);
  return n;
}

static int64_t sort_by_entry(const pfc_spells *s, pfc__key *keys) {
  int64_t n = 0;
  for (int64_t i = 0; i < s->n; i++)
    if (pfc__entry(s, i) > 0 && pfc__spell_times(s, i) > 0)
      keys[n++] = (pfc__key){s->entry[i], i};
  pfc__sort_keys(n, keys);
  return n;
}

pfc_status pfc__spell_keys_init(pfc__spell_keys *keys, const pfc_spells *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(keys->ends, s->n);
  PFC_NEW(keys->entries, s->entry ? s->n : 0);
  keys->n_ends = sort_by_time(s, keys->ends);
  keys->n_entries = sort_by_entry(s, keys->entries);
done:
  return st;
}

void pfc__spell_keys_clear(pfc__spell_keys *keys) {
  pfc_free(keys->ends);
  pfc_free(keys->entries);
}

/* Gathers sorted keys into distinct days, without at_risk; returns their number. */
static int64_t gather_days(const pfc_spells *s, int64_t n, const pfc__key *keys,
                           pfc__moment *at) {
  int64_t n_days = 0;
  for (int64_t j = 0; j < n; j++) {
    if (j == 0 || keys[j].value != keys[j - 1].value) at[n_days++].day = keys[j].value;
    pfc__moment *m = &at[n_days - 1];
    double *ends = s->event[keys[j].row] == 1   ? &m->cause
                   : s->event[keys[j].row] == 2 ? &m->other
                                                : &m->censored;
    *ends += pfc__times(s->weight, keys[j].row);
  }
  return n_days;
}

/* From the last day back: whoever ends on the day or later, but for those who enter on it
 * or later. entries are n_entries sorted keys. */
static void count_at_risk(const pfc_spells *s, int64_t n_entries, const pfc__key *entries,
                          int64_t n_days, pfc__moment *at) {
  double ending = 0, entering = 0;
  int64_t e = n_entries - 1;
  for (int64_t j = n_days - 1; j >= 0; j--) {
    const double here = at[j].cause + at[j].other + at[j].censored;
    ending += here;
    for (; e >= 0 && entries[e].value >= at[j].day; e--)
      entering += pfc__times(s->weight, entries[e].row);
    /* Whoever ends here was at risk, whatever the difference of two sums has lost. */
    at[j].at_risk = fmax(ending - entering, here);
  }
}

pfc_status pfc__moments(const pfc_spells *s, const pfc__spell_keys *keys, pfc__moment **moments,
                        int64_t *n_moments, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__spell_keys own = {0};
  if (!keys) {
    PFC_TRY(pfc__spell_keys_init(&own, s, err));
    keys = &own;
  }
  PFC_NEW(*moments, keys->n_ends);
  *n_moments = gather_days(s, keys->n_ends, keys->ends, *moments);
  count_at_risk(s, keys->n_entries, keys->entries, *n_moments, *moments);
done:
  pfc__spell_keys_clear(&own);
  return st;
}

/* --- curves ---------------------------------------------------------------- */

double pfc__stay(double at_risk, double lost) {
  if (lost == 0) return 1;
  /* Sums of fractional weights leave rounding behind where nobody is left. */
  const double left = at_risk - lost;
  return left > 1e-12 * at_risk ? left / at_risk : 0;
}

pfc_status pfc_kaplan_meier(const pfc_spells *s, int censoring, int left, int n_days,
                            const double *days, double *survival, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__moment *at = NULL;
  int64_t n = 0, j = 0;
  PFC_TRY(pfc__check_days(n_days, days, err));
  PFC_TRY(pfc__check_spells(s, err));
  PFC_TRY(pfc__moments(s, NULL, &at, &n, err));
  double value = n > 0 ? 1 : NAN;
  for (int d = 0; d < n_days; d++) {
    for (; j < n && (left ? at[j].day < days[d] : at[j].day <= days[d]); j++)
      value *= censoring ? pfc__stay_uncensored(&at[j])
                         : pfc__stay(at[j].at_risk, at[j].cause + at[j].other);
    survival[d] = value;
  }
done:
  pfc_free(at);
  return st;
}

pfc_status pfc_aalen_johansen(const pfc_spells *s, int n_days, const double *days,
                              double *incidence, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__moment *at = NULL;
  int64_t n = 0, j = 0;
  PFC_TRY(pfc__check_days(n_days, days, err));
  PFC_TRY(pfc__check_spells(s, err));
  PFC_TRY(pfc__moments(s, NULL, &at, &n, err));
  double survival = 1, value = n > 0 ? 0 : NAN;
  for (int d = 0; d < n_days; d++) {
    for (; j < n && at[j].day <= days[d]; j++) {
      value += survival * at[j].cause / at[j].at_risk;
      survival *= pfc__stay(at[j].at_risk, at[j].cause + at[j].other);
    }
    incidence[d] = value;
  }
done:
  pfc_free(at);
  return st;
}

/* --- intervals ------------------------------------------------------------- */

void pfc_interval_score(int64_t n, const double *lo, const double *hi, const double *y,
                        const double *weight, double alpha, double *score, double *coverage) {
  double sum = 0, covered = 0, mass = 0;
  for (int64_t i = 0; i < n; i++) {
    const double w = pfc__times(weight, i);
    if (w == 0) continue;
    /* fmax would take a NaN for being inside; this way both figures become NaN. */
    if (!(w > 0) || isnan(lo[i]) || isnan(hi[i]) || isnan(y[i])) mass = NAN;
    const double outside = fmax(lo[i] - y[i], 0) + fmax(y[i] - hi[i], 0);
    sum += w * (hi[i] - lo[i] + 2 / alpha * outside);
    covered += w * (outside == 0);
    mass += w;
  }
  if (score) *score = mass > 0 ? sum / mass : NAN;
  if (coverage) *coverage = mass > 0 ? covered / mass : NAN;
}
