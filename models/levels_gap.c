/* What is missing to a level that is asked for, in closed form. */
#include <math.h>

#include "models/levels.h"

static double normal_below(double z) { return 0.5 * erfc(-z * M_SQRT1_2); }

/* E[(required - L)+], L ~ N(mean, sd^2). */
static double missing(double mean, double sd, double required) {
  const double gap = required - mean;
  if (!(sd > 0)) return fmax(gap, 0);
  const double z = gap / sd;
  const double density = exp(-0.5 * z * z) * (M_2_SQRTPI * M_SQRT1_2 / 2);
  return gap * normal_below(z) + sd * density;
}

double pfc_level_shortfall(double mean, double sd, double required, double scale_min,
                           double scale_max) {
  if (required <= scale_min) return 0;
  /* Nobody is missed by more than required - scale_min, nor by less than what the scale itself
   * lacks. */
  const double within = fmin(required, scale_max);
  const double most = within - scale_min;
  const double sum = missing(mean, sd, within) - missing(mean, sd, scale_min);
  return fmin(fmax(sum, 0), most) + (required - within);
}

double pfc_level_p_below(double mean, double sd, double required, double scale_min) {
  if (required <= scale_min) return 0;
  if (!(sd > 0)) return mean < required;
  return normal_below((required - mean) / sd);
}

double pfc_level_closed(double mean, double sd, double required, double to_level, double share,
                        double scale_min, double scale_max) {
  const double to = isnan(to_level) ? required : to_level;
  const double s = fmin(fmax(share, -1), 1);
  const double before = pfc_level_shortfall(mean, sd, required, scale_min, scale_max);
  if (required <= scale_min) return 0;
  double closed;
  if (to <= required) {
    closed = s * pfc_level_shortfall(mean, sd, to, scale_min, scale_max);
  } else if (s >= 1) {
    closed = before;
  } else {
    /* L' is linear below `to`, and reaches `required` where L is `enough`. */
    const double enough = (required - s * to) / (1 - s);
    closed = before - (1 - s) * pfc_level_shortfall(mean, sd, enough, scale_min, scale_max);
  }
  if (s >= 0) return fmin(fmax(closed, 0), before);
  /* Nobody falls below the scale: those who would stood below this. */
  const double bottom = (scale_min - s * to) / (1 - s);
  return fmin(closed + (1 - s) * pfc_level_shortfall(mean, sd, bottom, scale_min, scale_max),
              0);
}
