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
