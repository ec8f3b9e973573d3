#include "trainer/off_policy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/off_policy_internal.h"

/* --- settings ------------------------------------------------------------------------------
 */

void pfc_off_policy_defaults(pfc_off_policy_settings *s) {
  *s = (pfc_off_policy_settings){
      .struct_size = sizeof *s,
      .switch_above = 10,
      .least_ess = 100,
      .most_unsupported = 0.05,
  };
}

pfc_status pfc_off_policy_check(const pfc_off_policy_settings *s, pfc_error *err) {
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "struct_size is %u, not that of this library's settings",
                    s->struct_size);
  if (!(s->switch_above > 0))
    return pfc_fail(err, PFC_EUSAGE, "switch_above is %g; above 0", s->switch_above);
  if (!(s->least_ess >= 2 && isfinite(s->least_ess)))
    return pfc_fail(err, PFC_EUSAGE, "least_ess is %g; at least 2", s->least_ess);
  if (!(s->most_unsupported >= 0 && s->most_unsupported <= 1))
    return pfc_fail(err, PFC_EUSAGE, "most_unsupported is %g; 0 to 1", s->most_unsupported);
  return PFC_OK;
}

/* --- figures -------------------------------------------------------------------------------
 */

/* (sum x)^2 / sum x^2: as many equal ones would be worth as much. */
static double kish(int32_t n, const double *x) {
  double sum = 0, squares = 0;
  for (int32_t p = 0; p < n; p++) {
    sum += x[p];
    squares += x[p] * x[p];
  }
  return squares > 0 ? sum * sum / squares : 0;
}

static double ess_of(const pfc__sums *s) {
  return s->squares > 0 ? s->weights * s->weights / s->squares : 0;
}

/* A mean of rewards between 0 and 1 is worth as many results as its variance says, which is at
 * least `floor`, and no more than `most`; of any other rewards, floor is all there is. The
 * variance of heavy tails is known twice as well as pfc__spread's degrees of freedom say, which
 * are for figures without limits. */
static pfc_estimate mean_reward(const pfc__sums *s, const pfc__spread *of, double floor,
                                double most, const double *weight) {
  if (!s->is_share) return pfc__real_interval(of, floor);
  const double p = fmin(fmax(of->value, 0), 1), spread = p * (1 - p);
  const double variance = fmax(of->variance, floor);
  const double n = spread > 0 && variance > 0 ? fmin(spread / variance, most) : most;
  return pfc__share_interval(of->value, n, fmin(kish(s->n, weight) - 1, 2 * of->df));
}

/* Where rewards are rare, great weights without any make the variance look small: rewards that
 * hang on nothing would have this one. */
static pfc_estimate tell_snips(const pfc__sums *s, double ess) {
  const pfc__spread snips =
      pfc__ratio_spread(s->n, (pfc__ratio){s->weighted, s->weight}, (pfc__ratio){0});
  const double second = s->weights > 0 ? s->second / s->weights : 0;
  const double variance = fmax(second - snips.value * snips.value, 0);
  return mean_reward(s, &snips, ess > 0 ? variance / ess : 0, ess, s->weight);
}

/* Switch-DR trades variance for a bias that nobody knows but by the very rows left out: what
 * these would have added is part of its uncertainty, and it is never told surer than DR. */
static void tell_modelled(const pfc__sums *s, pfc_off_policy *told) {
  const pfc__ratio none = {0};
  const double n = (double)s->n_rows, left_out = s->left_out / n;
  const double by_model = s->modelled / (n * n); /* as the model's chances would have it */
  const pfc__spread dr = pfc__ratio_spread(s->n, (pfc__ratio){s->dr, s->rows}, none);
  pfc__spread switched = pfc__ratio_spread(s->n, (pfc__ratio){s->switched, s->rows}, none);
  switched.variance = fmax(fmax(switched.variance, dr.variance), by_model);
  switched.variance += left_out * left_out;
  told->dr = mean_reward(s, &dr, by_model, n, s->weight);
  told->switch_dr = mean_reward(s, &switched, 0, n, s->weight);
}

static void judge(const pfc_off_policy_settings *settings, pfc_off_policy *told) {
  const pfc_estimate *w = &told->mean_weight;
  char *why = told->why;
  if (told->n == 0) {
    snprintf(why, sizeof told->why, "no decisions");
  } else if (told->ess < settings->least_ess) {
    snprintf(why, sizeof told->why,
             "the decisions weigh like %.0f of the policy asked about; at least %.0f",
             told->ess, settings->least_ess);
  } else if (told->unsupported > settings->most_unsupported) {
    snprintf(why, sizeof told->why,
             "%.1f %% of what the policy asked about does was never tried; at most %.1f %%",
             100 * told->unsupported, 100 * settings->most_unsupported);
  } else if (!(w->lo <= 1 && w->hi >= 1)) {
    snprintf(why, sizeof told->why,
             "the mean weight is %.3f (%.3f to %.3f), not 1: propensities are wrong, or what "
             "weighs most was never drawn",
             w->value, w->lo, w->hi);
  }
  told->enough = why[0] == '\0';
}

void pfc__off_policy_tell(const pfc__sums *s, const pfc_off_policy_settings *settings,
                          pfc_off_policy *told) {
  const pfc__ratio none = {0};
  *told = (pfc_off_policy){
      .n = s->n_rows,
      .n_clusters = s->n,
      .logged = PFC__NOT_TOLD,
      .snips = PFC__NOT_TOLD,
      .dr = PFC__NOT_TOLD,
      .switch_dr = PFC__NOT_TOLD,
      .mean_weight = PFC__NOT_TOLD,
  };
  if (s->n > 0) {
    const double n = (double)s->n_rows;
    const pfc__spread logged = pfc__ratio_spread(s->n, (pfc__ratio){s->reward, s->rows}, none);
    const pfc__spread weight = pfc__ratio_spread(s->n, (pfc__ratio){s->weight, s->rows}, none);
    told->ess = ess_of(s);
    told->unsupported = s->unsupported / n;
    told->logged = mean_reward(s, &logged, 0, n, s->rows);
    told->snips = tell_snips(s, told->ess);
    told->mean_weight = pfc__real_interval(&weight, 0);
    if (s->has_model) tell_modelled(s, told);
  }
  judge(settings, told);
}

pfc_status pfc_off_policy_estimate(const pfc_logged *log,
                                   const pfc_off_policy_settings *settings,
                                   pfc_off_policy *told, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__sums sums = {0};
  PFC_TRY(pfc_off_policy_check(settings, err));
  PFC_TRY(pfc__logged_check(log, err));
  for (int32_t k = 0; k <= log->n_slots; k++) {
    PFC_TRY(pfc__sums_init(&sums, log, k < log->n_slots ? k : -1, settings->switch_above, err));
    pfc__off_policy_tell(&sums, settings, &told[k]);
    pfc__sums_clear(&sums);
  }
done:
  pfc__sums_clear(&sums);
  return st;
}

/* --- two policies --------------------------------------------------------------------------
 */

/* Two policies on one log, and what their weights have in common. */
typedef struct pair {
  pfc__sums a, b;
  double products; /* sum of the products of their weights */
} pair;

static pfc_status check_pair(const pfc_logged *a, const pfc_logged *b, pfc_error *err) {
  if (a->n != b->n || a->n_slots != b->n_slots || a->cluster != b->cluster ||
      a->slot != b->slot || a->reward != b->reward || a->propensity != b->propensity ||
      !a->expected != !b->expected)
    return pfc_fail(err, PFC_EUSAGE, "the two policies are not asked about on the same log");
  return PFC_OK;
}

/* Variance of one result, neither 0 nor 1 as far as so few can tell (Agresti and Coull, The
 * American Statistician 52, 1998). */
static double one_result(const pair *of) {
  const pfc__sums *a = &of->a, *b = &of->b;
  double r = 0, second = 0;
  for (int32_t p = 0; p < a->n; p++)
    r += a->weighted[p] / a->weights + b->weighted[p] / b->weights;
  r /= 2;
  second = (a->second / a->weights + b->second / b->weights) / 2;
  if (!a->is_share) return fmax(second - r * r, 0);
  const double n = fmin(ess_of(a), ess_of(b)), p = (n * r + 2) / (n + 4);
  return p * (1 - p);
}

/* The least variance of b - a: that of as many results of equal chance under those weights. */
static double least_variance(const pair *of, double scale_a, double scale_b) {
  const double squares = of->b.squares / (scale_b * scale_b) +
                         of->a.squares / (scale_a * scale_a) -
                         2 * of->products / (scale_b * scale_a);
  return fmax(squares, 0) * one_result(of);
}

static pfc_estimate difference(pfc__spread d, double least, double more) {
  d.df = fmax(d.df, 4); /* of fewer, the quantile says nothing but that there are few */
  d.variance = fmax(d.variance, least) + more;
  return pfc__real_interval(&d, 0);
}

static void tell_difference(const pair *of, pfc_off_policy_difference *told) {
  const pfc__sums *a = &of->a, *b = &of->b;
  const int32_t m = a->n;
  const double n = (double)a->n_rows, left_out = (b->left_out - a->left_out) / n;
  told->snips = told->dr = told->switch_dr = PFC__NOT_TOLD;
  if (!(a->weights > 0 && b->weights > 0)) return;
  const pfc__spread snips = pfc__ratio_spread(m, (pfc__ratio){b->weighted, b->weight},
                                              (pfc__ratio){a->weighted, a->weight});
  told->snips = difference(snips, least_variance(of, a->weights, b->weights), 0);
  if (!a->has_model) return;
  const double least = least_variance(of, n, n);
  const pfc__spread dr =
      pfc__ratio_spread(m, (pfc__ratio){b->dr, b->rows}, (pfc__ratio){a->dr, a->rows});
  const pfc__spread switched = pfc__ratio_spread(m, (pfc__ratio){b->switched, b->rows},
                                                 (pfc__ratio){a->switched, a->rows});
  told->dr = difference(dr, least, 0);
  told->switch_dr = difference(switched, fmax(least, dr.variance), left_out * left_out);
}

pfc_status pfc_off_policy_compare(const pfc_logged *a, const pfc_logged *b,
                                  const pfc_off_policy_settings *settings,
                                  pfc_off_policy_difference *told, pfc_error *err) {
  pfc_status st = PFC_OK;
  pair of = {0};
  PFC_TRY(pfc_off_policy_check(settings, err));
  PFC_TRY(pfc__logged_check(a, err));
  PFC_TRY(pfc__logged_check(b, err));
  PFC_TRY(check_pair(a, b, err));
  PFC_TRY(pfc__sums_init(&of.a, a, -1, settings->switch_above, err));
  PFC_TRY(pfc__sums_init(&of.b, b, -1, settings->switch_above, err));
  for (int64_t i = 0; i < a->n; i++)
    of.products += a->target[i] * b->target[i] / (a->propensity[i] * a->propensity[i]);
  *told = (pfc_off_policy_difference){0};
  pfc__off_policy_tell(&of.a, settings, &told->a);
  pfc__off_policy_tell(&of.b, settings, &told->b);
  tell_difference(&of, told);
  told->enough = told->a.enough && told->b.enough;
  if (!told->enough)
    memcpy(told->why, told->a.enough ? told->b.why : told->a.why, sizeof told->why);
done:
  pfc__sums_clear(&of.a);
  pfc__sums_clear(&of.b);
  return st;
}
