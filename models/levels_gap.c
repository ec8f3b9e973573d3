/* What is missing to a level that is asked for, in closed form. */
#include <math.h>

#include "models/levels.h"
#include "models/vector_math.h"

/* E[(required - L)+] and P(L < required), L ~ N(mean, sd^2) with sd > 0. */
PFC__INLINE double missing(double mean, double sd, double required, double *below) {
  const double gap = required - mean;
  double density;
  *below = pfc__normal(gap / sd, &density);
  return fma(gap, *below, sd * density);
}

/* What is missing to a level within the scale when all below it counts and `nobody` lacks what
 * lies below the scale: no more than the scale has, and no less than nothing. */
PFC__INLINE double cut(double all, double nobody, double scale) {
  return pfc__lesser(pfc__not_below_0(all - nobody), scale);
}

/* A level, and what would be missing to the bottom of the scale, which nobody misses. */
typedef struct held {
  double mean, sd, scale_min, scale_max, nobody;
} held;

static held hold(double mean, double sd, double scale_min, double scale_max) {
  held h = {mean, sd, scale_min, scale_max, 0};
  double below;
  if (sd > 0) h.nobody = missing(mean, sd, scale_min, &below);
  return h;
}

static double shortfall_of(const held *h, double required) {
  if (required <= h->scale_min) return 0;
  const double within = fmin(required, h->scale_max), lacks = required - within;
  const double scale = within - h->scale_min;
  double below;
  if (!(h->sd > 0)) return fmin(fmax(within - fmax(h->mean, h->scale_min), 0), scale) + lacks;
  return cut(missing(h->mean, h->sd, within, &below), h->nobody, scale) + lacks;
}

double pfc_level_shortfall(double mean, double sd, double required, double scale_min,
                           double scale_max) {
  if (required <= scale_min) return 0;
  const held h = hold(mean, sd, scale_min, scale_max);
  return shortfall_of(&h, required);
}

double pfc_level_p_below(double mean, double sd, double required, double scale_min) {
  if (required <= scale_min) return 0;
  if (!(sd > 0)) return mean < required;
  double density;
  return pfc__normal((required - mean) / sd, &density);
}

/* Levels that are worked on side by side: whole vectors, whatever their number. */
enum { SIDE_BY_SIDE = 16 };

typedef struct block {
  double mean[SIDE_BY_SIDE], sd[SIDE_BY_SIDE], within[SIDE_BY_SIDE];
  double shortfall[SIDE_BY_SIDE], below[SIDE_BY_SIDE];
} block;

static bool is_plain(const pfc_level *level, const pfc_level_gap *gap, double scale_min,
                     double scale_max) {
  return level->sd > 0 && gap->required > scale_min && gap->required <= scale_max;
}

static void measure_block(double scale_min, block *b) {
#pragma omp simd
  for (int i = 0; i < SIDE_BY_SIDE; i++) {
    double below, bottom;
    const double all = missing(b->mean[i], b->sd[i], b->within[i], &below);
    const double nobody = missing(b->mean[i], b->sd[i], scale_min, &bottom);
    b->shortfall[i] = cut(all, nobody, b->within[i] - scale_min);
    b->below[i] = below;
  }
}

void pfc_level_gaps(int32_t n, const pfc_level *level, double scale_min, double scale_max,
                    pfc_level_gap *gap) {
  block b;
  for (int i = 0; i < SIDE_BY_SIDE; i++) b.mean[i] = b.within[i] = scale_min, b.sd[i] = 1;
  for (int32_t from = 0; from < n; from += SIDE_BY_SIDE) {
    const int m = n - from < SIDE_BY_SIDE ? n - from : SIDE_BY_SIDE;
    for (int i = 0; i < m; i++) {
      if (!is_plain(&level[from + i], &gap[from + i], scale_min, scale_max)) continue;
      b.mean[i] = level[from + i].mean;
      b.sd[i] = level[from + i].sd;
      b.within[i] = gap[from + i].required;
    }
    measure_block(scale_min, &b);
    for (int i = 0; i < m; i++) {
      const pfc_level *at = &level[from + i];
      pfc_level_gap *out = &gap[from + i];
      if (is_plain(at, out, scale_min, scale_max)) {
        out->shortfall = b.shortfall[i];
        out->p_below = b.below[i];
        continue;
      }
      out->shortfall =
          pfc_level_shortfall(at->mean, at->sd, out->required, scale_min, scale_max);
      out->p_below = pfc_level_p_below(at->mean, at->sd, out->required, scale_min);
    }
  }
}

double pfc_level_closed(double mean, double sd, double required, double to_level, double share,
                        double scale_min, double scale_max) {
  if (required <= scale_min) return 0;
  const double to = isnan(to_level) ? required : to_level;
  const double s = fmin(fmax(share, -1), 1);
  const held h = hold(mean, sd, scale_min, scale_max);
  const double before = shortfall_of(&h, required);
  double closed;
  if (to <= required) {
    closed = s * shortfall_of(&h, to);
  } else if (s >= 1) {
    closed = before;
  } else {
    /* L' is linear below `to`, and reaches `required` where L is `enough`. */
    const double enough = (required - s * to) / (1 - s);
    closed = before - (1 - s) * shortfall_of(&h, enough);
  }
  if (s >= 0) return fmin(fmax(closed, 0), before);
  /* Nobody falls below the scale: those who would stood below this. */
  const double bottom = (scale_min - s * to) / (1 - s);
  return fmin(closed + (1 - s) * shortfall_of(&h, bottom), 0);
}
