#include <math.h>
#include <stdio.h>

#include "cli/numeral.h"
#include "cli/svg.h"

static const double FARTHEST = 1e300; /* sums and products of such numbers stay finite */
static const double TICK_SIZE = 12, NAME_SIZE = 12.5;

svg_axis svg_axis_of(const char *name, svg_units units) {
  return (svg_axis){.name = name, .units = units, .lo = 1, .hi = 0};
}

void svg_axis_cover(svg_axis *a, double value) {
  if (!(fabs(value) <= FARTHEST)) return;
  const bool is_first = a->lo > a->hi;
  if (is_first || value < a->lo) a->lo = value;
  if (is_first || value > a->hi) a->hi = value;
}

/* --- ticks -----------------------------------------------------------------------------------
 */

/* The smallest of 1, 2, 5 x 10^k that is not below `least`. */
static double decimal_step(double least) {
  const double unit = pow(10, floor(log10(least)));
  const double times = least / unit;
  return (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10) * unit;
}

/* Days are read in weeks, months and years. */
static double day_step(double least) {
  static const double STEPS[] = {1, 2, 7, 14, 30, 60, 90, 180, 365, 730};
  for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
    if (STEPS[i] >= least) return STEPS[i];
  }
  return 365 * decimal_step(least / 365);
}

/* A single value gets room on both sides, wide enough that ticks differ in the digits shown. */
static void widen(svg_axis *a) {
  const double size = fmax(fabs(a->lo), fabs(a->hi));
  if (a->hi - a->lo > 1e-9 * size) return;
  const double half = size > 0 ? 0.1 * size : 0.5;
  a->lo -= half;
  a->hi += half;
}

bool svg_axis_fit(svg_axis *a, int n_ticks) {
  if (a->lo > a->hi) return false;
  widen(a);
  const double least = (a->hi - a->lo) / n_ticks;
  a->step = a->units == SVG_DAYS && least > 0.5 ? day_step(least) : decimal_step(least);
  /* A data point on a tick needs no further one, for all that rounding does. */
  a->lo = a->step * floor(a->lo / a->step + 1e-9);
  a->hi = a->step * ceil(a->hi / a->step - 1e-9);
  return true;
}

static int n_steps(const svg_axis *a) { return (int)lround((a->hi - a->lo) / a->step); }

static double tick(const svg_axis *a, int i) {
  const double value = a->lo + i * a->step;
  return fabs(value) < 1e-9 * a->step ? 0 : value;
}

static const char *tick_text(const svg_axis *a, double value, char text[NUMERAL]) {
  const double times = a->units == SVG_PERCENT ? 100 : 1;
  const double step = a->step * times;
  const int decimals = (int)fmax(0, -floor(log10(step) + 1e-9));
  char number[NUMERAL];
  if (step >= 1e-6 && step < 1e9) {
    (void)numeral_fixed(value * times, decimals, number);
  } else {
    (void)numeral_short(value * times, number);
  }
  (void)snprintf(text, NUMERAL, "%.50s%s", number, a->units == SVG_PERCENT ? " %" : "");
  return text;
}

/* --- drawing -------------------------------------------------------------------------------
 */

double svg_x(const svg_frame *f, double x) {
  return f->left + (f->right - f->left) * ((x - f->x.lo) / (f->x.hi - f->x.lo));
}

double svg_y(const svg_frame *f, double y) {
  return f->bottom - (f->bottom - f->top) * ((y - f->y.lo) / (f->y.hi - f->y.lo));
}

static void grid_line(markup *m, double x1, double y1, double x2, double y2) {
  markup_add(m, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\"/>\n", x1, y1, x2, y2);
}

static void draw_x(markup *m, const svg_frame *f) {
  char text[NUMERAL];
  const int n = n_steps(&f->x);
  markup_add(m, "<g stroke=\"#e3e3e3\" stroke-width=\"1\">\n");
  for (int i = 0; i <= n; i++) {
    const double at = svg_x(f, tick(&f->x, i));
    grid_line(m, at, f->top, at, f->bottom);
  }
  markup_add(m, "</g>\n<g class=\"x ticks\">\n");
  svg_words w = {0, f->bottom + 17, SVG_MIDDLE, TICK_SIZE, SVG_GREY, false, 0};
  for (int i = 0; i <= n; i++) {
    w.x = svg_x(f, tick(&f->x, i));
    svg_text(m, &w, tick_text(&f->x, tick(&f->x, i), text));
  }
  markup_add(m, "</g>\n");
  w = (svg_words){
      (f->left + f->right) / 2, f->bottom + 37, SVG_MIDDLE, NAME_SIZE, SVG_INK, false,
      f->right - f->left + 60};
  svg_text(m, &w, f->x.name);
}

static void draw_y(markup *m, const svg_frame *f) {
  char text[NUMERAL];
  double widest = 0;
  const int n = n_steps(&f->y);
  markup_add(m, "<g stroke=\"#e3e3e3\" stroke-width=\"1\">\n");
  for (int i = 0; i <= n; i++) {
    const double at = svg_y(f, tick(&f->y, i));
    grid_line(m, f->left, at, f->right, at);
  }
  markup_add(m, "</g>\n<g class=\"y ticks\">\n");
  svg_words w = {f->left - 7, 0, SVG_END, TICK_SIZE, SVG_GREY, false, 0};
  for (int i = 0; i <= n; i++) {
    w.y = svg_y(f, tick(&f->y, i)) + 4;
    svg_text(m, &w, tick_text(&f->y, tick(&f->y, i), text));
    widest = fmax(widest, svg_text_width(text, TICK_SIZE));
  }
  markup_add(m, "</g>\n<g transform=\"translate(%.2f %.2f) rotate(-90)\">\n",
             f->left - 7 - widest - 11, (f->top + f->bottom) / 2);
  w = (svg_words){0, 0, SVG_MIDDLE, NAME_SIZE, SVG_INK, false, f->bottom - f->top + 40};
  svg_text(m, &w, f->y.name);
  markup_add(m, "</g>\n");
}

void svg_axes(markup *m, const svg_frame *f) {
  if (f->x.name) draw_x(m, f);
  if (f->y.name) draw_y(m, f);
}
