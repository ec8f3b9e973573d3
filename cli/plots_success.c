/* Of success and acceptance: are chances what happens, and do high ones go first. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/numeral.h"
#include "cli/plots_internal.h"

enum { WORDS = 200 };

/* --- reliability -----------------------------------------------------------------------------
 */

enum { P, OBSERVED, LO, HI, N };
static const char *const RELIABILITY[] = {"p", "observed", "lo", "hi", "n"};
enum { STRIP = 44, STRIP_GAP = 10, SQUARE = 330 };

/* What is predicted, in words. */
typedef struct chance {
  const char *section, *predicted, *observed, *rows;
} chance;

static const chance *chance_of(const char *section) {
  static const chance CHANCES[] = {
      {"success", "predicted probability of success", "share that succeeded", "starts"},
      {"accept", "predicted chance of acceptance", "share that was accepted", "offers"}};
  return &CHANCES[strcmp(CHANCES[1].section, section) == 0];
}

static bool is_anywhere(const plot_columns *p, int x, int y) {
  for (int i = 0; i < MAX_CONTESTANTS; i++) {
    const columns *c = &p->of[i];
    for (int j = 0; j < c->n; j++) {
      if (isfinite(c->of[x][j]) && isfinite(c->of[y][j])) return true;
    }
  }
  return false;
}

static void draw_bins(markup *m, const svg_frame *f, const columns *c, const svg_style *s) {
  char words[WORDS], p[NUMERAL], observed[NUMERAL], n[NUMERAL];
  svg_style thin = *s;
  thin.dash = "";
  svg_line(m, f, &thin, c->n, c->of[P], c->of[OBSERVED]);
  for (int i = 0; i < c->n; i++) {
    svg_whisker_y(m, f, s->colour, c->of[P][i], c->of[LO][i], c->of[HI][i]);
    (void)snprintf(
        words, sizeof words, "predicted %s, observed %s, n %s", numeral_percent(c->of[P][i], p),
        numeral_percent(c->of[OBSERVED][i], observed), numeral_fixed(c->of[N][i], 0, n));
    svg_point(m, f, s, c->of[P][i], c->of[OBSERVED][i], words);
  }
}

/* Ends of the bin around mean i: half way to its neighbours, as far beyond at the ends. */
static double bin_end(const columns *c, int i, int side) {
  const int j = i + side;
  const double here = c->of[P][i];
  if (j >= 0 && j < c->n) return (here + c->of[P][j]) / 2;
  const int k = i - side;
  const double there = k >= 0 && k < c->n ? c->of[P][k] : here - side * 0.05;
  return fmin(1, fmax(0, here + (here - there) / 2));
}

/* Rows for each hundredth of probability, by bin: NaN where that cannot be told. */
static double density(const columns *c, int i) {
  const double width = bin_end(c, i, 1) - bin_end(c, i, -1);
  return width > 1e-6 ? c->of[N][i] / (100 * width) : (double)NAN;
}

static void draw_strip(markup *m, const svg_frame *f, const columns *c, const char *rows) {
  char words[WORDS], from[NUMERAL], to[NUMERAL], n[NUMERAL];
  svg_frame strip = *f;
  strip.bottom = f->top - STRIP_GAP;
  strip.top = strip.bottom - STRIP;
  strip.y = svg_axis_of(NULL, SVG_NUMBER);
  svg_axis_cover(&strip.y, 0);
  for (int i = 0; i < c->n; i++) svg_axis_cover(&strip.y, density(c, i));
  if (!(strip.y.hi > 0)) return;
  for (int i = 0; i < c->n; i++) {
    const double lo = bin_end(c, i, -1), hi = bin_end(c, i, 1);
    (void)snprintf(words, sizeof words, "%s %s, about %s to %s",
                   numeral_fixed(c->of[N][i], 0, n), rows, numeral_percent(lo, from),
                   numeral_percent(hi, to));
    svg_bar(m, &strip, "#9fc5de", lo, hi, 0, density(c, i), words);
  }
  const svg_words label = {
      f->left - 7,   strip.bottom - STRIP / 2.0 + 4, SVG_END, 11.5, SVG_GREY, false,
      PLOT_LEFT - 10};
  svg_text(m, &label, "how many");
}

pfc_status plot_reliability(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                            pfc_error *err) {
  contestants c;
  plot_columns p = {0};
  plot_legend l = {0};
  char path[64];
  const chance *about = chance_of(self->section);
  contestants_read(json, &c);
  (void)snprintf(path, sizeof path, "%s.curves.reliability", self->section);
  const pfc_status st = plot_columns_read(&c, path, 5, RELIABILITY, &p, err);
  *is_drawn = st == PFC_OK && is_anywhere(&p, P, OBSERVED);
  if (*is_drawn) {
    svg_frame f = {.left = PLOT_LEFT,
                   .right = PLOT_LEFT + SQUARE,
                   .x = svg_axis_of(about->predicted, SVG_PERCENT),
                   .y = svg_axis_of(about->observed, SVG_PERCENT)};
    /* Both axes alike, so that the diagonal is one. */
    svg_axis_cover(&f.x, 0);
    svg_axis_cover(&f.x, 1);
    for (int key = P; key <= HI; key++) plot_columns_cover(&p, key, &f.x);
    f.y.lo = f.x.lo;
    f.y.hi = f.x.hi;
    (void)svg_axis_fit(&f.x, 5);
    (void)svg_axis_fit(&f.y, 5);
    plot_legend_contestants(&l, &c, &p, false, true);
    f.top = plot_begin(self, m, "Does a predicted chance come true?",
                       "Dots on the dashed line: yes. Bars: 95 % intervals.", &l, PLOT_WIDTH,
                       STRIP + STRIP_GAP + 10 + SQUARE + PLOT_BELOW) +
            STRIP + STRIP_GAP + 10;
    f.bottom = f.top + SQUARE;
    svg_axes(m, &f);
    if (p.of[0].n > 0) draw_strip(m, &f, &p.of[0], about->rows);
    svg_reference(m, &f, f.x.lo, f.y.lo, f.x.hi, f.y.hi);
    for (int i = c.n - 1; i >= 0; i--) {
      const svg_style s = svg_style_of(i);
      draw_bins(m, &f, &p.of[i], &s);
    }
    svg_end(m);
  }
  plot_columns_clear(&p);
  return st;
}

/* --- lift ------------------------------------------------------------------------------------
 */

enum { DECILE, LIFT, LIFT_N };
static const char *const LIFTS[] = {"decile", "lift", "n"};

/* Tenths are numbered; another number is no place on the axis. */
static void drop_odd_tenths(plot_columns *p) {
  for (int i = 0; i < MAX_CONTESTANTS; i++) {
    double *tenth = p->of[i].of[DECILE];
    for (int j = 0; j < p->of[i].n; j++) {
      if (!(tenth[j] >= 1 && tenth[j] <= 100)) tenth[j] = (double)NAN;
    }
  }
}

static const char *tenth_text(const columns *c, int i, char words[WORDS]) {
  char lift[NUMERAL], n[NUMERAL];
  (void)snprintf(words, WORDS, "tenth %g: %s times the average, n %s", c->of[DECILE][i],
                 numeral_fixed(c->of[LIFT][i], 2, lift), numeral_fixed(c->of[LIFT_N][i], 0, n));
  return words;
}

static void draw_bars(markup *m, const svg_frame *f, const columns *c) {
  char words[WORDS], lift[NUMERAL];
  for (int i = 0; i < c->n; i++) {
    const double at = c->of[DECILE][i], value = c->of[LIFT][i];
    svg_bar(m, f, svg_style_of(0).colour, at - 0.36, at + 0.36, 0, value,
            tenth_text(c, i, words));
    if (!isfinite(at) || !isfinite(value)) continue;
    const svg_words label = {
        svg_x(f, at), svg_y(f, fmax(value, 0)) - 5, SVG_MIDDLE, 11.5, SVG_INK, false, 0};
    svg_text(m, &label, numeral_fixed(value, 2, lift));
  }
}

/* Bars of several would hide each other. */
static void draw_lines(markup *m, const svg_frame *f, const contestants *c,
                       const plot_columns *p) {
  char words[WORDS];
  for (int i = c->n - 1; i >= 0; i--) {
    const svg_style s = svg_style_of(i);
    const columns *of = &p->of[i];
    svg_line(m, f, &s, of->n, of->of[DECILE], of->of[LIFT]);
    for (int j = 0; j < of->n; j++) {
      svg_point(m, f, &s, of->of[DECILE][j], of->of[LIFT][j], tenth_text(of, j, words));
    }
  }
}

static void draw_tenths(markup *m, const svg_frame *f) {
  char text[NUMERAL];
  svg_words w = {0, f->bottom + 17, SVG_MIDDLE, 12, SVG_GREY, false, 0};
  for (int tenth = (int)ceil(f->x.lo); tenth <= f->x.hi; tenth++) {
    w.x = svg_x(f, tenth);
    svg_text(m, &w, numeral_fixed(tenth, 0, text));
  }
  w = (svg_words){
      (f->left + f->right) / 2, f->bottom + 37, SVG_MIDDLE, 12.5, SVG_INK, false, 0};
  svg_text(m, &w, "tenth of all starts, 1: the highest predictions");
}

pfc_status plot_lift(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                     pfc_error *err) {
  contestants c;
  plot_columns p = {0};
  plot_legend l = {0};
  contestants_read(json, &c);
  const pfc_status st = plot_columns_read(&c, "success.curves.lift", 3, LIFTS, &p, err);
  drop_odd_tenths(&p);
  *is_drawn = st == PFC_OK && is_anywhere(&p, DECILE, LIFT);
  if (*is_drawn) {
    svg_frame f = {.left = PLOT_LEFT,
                   .right = PLOT_WIDTH - PLOT_RIGHT,
                   .x = svg_axis_of(NULL, SVG_NUMBER),
                   .y = svg_axis_of("passes, as a multiple of the average", SVG_NUMBER)};
    plot_columns_cover(&p, DECILE, &f.x);
    f.x.lo -= 0.6;
    f.x.hi += 0.6;
    svg_axis_cover(&f.y, 0);
    svg_axis_cover(&f.y, 1.15);
    plot_columns_cover(&p, LIFT, &f.y);
    (void)svg_axis_fit(&f.y, 5);
    plot_legend_contestants(&l, &c, &p, c.n > 1, true);
    f.top = plot_begin(self, m, "Do high predictions succeed more often?",
                       c.n == 1
                           ? "Each bar: a tenth of the starts. The dashed line: the average."
                           : "Each point: a tenth of the starts. The dashed line: the average.",
                       &l, PLOT_WIDTH, 12 + 270 + PLOT_BELOW) +
            12;
    f.bottom = f.top + 270;
    svg_axes(m, &f);
    draw_tenths(m, &f);
    if (c.n == 1) {
      draw_bars(m, &f, &p.of[0]);
    } else {
      draw_lines(m, &f, &c, &p);
    }
    svg_reference(m, &f, f.x.lo, 1, f.x.hi, 1);
    svg_end(m);
  }
  plot_columns_clear(&p);
  return st;
}
