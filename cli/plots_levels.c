/* How sure levels are, by the ratings behind them. */
#include <math.h>
#include <stdio.h>

#include "cli/numeral.h"
#include "cli/plots_internal.h"

enum { MAX_GROUPS = 16, HEIGHT = 270, WORDS = 200 };

/* A normal's 90 % interval reaches so many standard deviations to each side. */
static const double Z90 = 1.645;

/* Cells with the same number of ratings, or about it. */
typedef struct group {
  const char *ratings;
  double half;     /* half of the 90 % interval's width, on average */
  double need;     /* what it would have to be, by the error there was */
  double coverage; /* share of true levels inside */
  double cells;
} group;

static int read_groups(const cJSON *json, group all[MAX_GROUPS]) {
  const cJSON *item;
  int n = 0;
  cJSON_ArrayForEach(item, json_at(json, "recovery.level.by_ratings")) {
    const group g = {json_text(item, "ratings"), Z90 * json_finite(item, "sd"),
                     Z90 * json_finite(item, "rmse"), json_finite(item, "coverage"),
                     json_finite(item, "cells")};
    if (n < MAX_GROUPS && g.half >= 0 && g.need >= 0) all[n++] = g;
  }
  return n;
}

static const svg_style TOLD = {SVG_GOOD, "", SVG_SQUARE}, NEEDED = {SVG_INK, "", SVG_DIAMOND};

static void draw_group(markup *m, const svg_frame *f, int i, const group *g) {
  char words[WORDS], half[NUMERAL], inside[NUMERAL], cells[NUMERAL];
  (void)numeral_fixed(100 * g->coverage, 0, inside);
  (void)snprintf(words, sizeof words, "%.40s ratings: \xC2\xB1%s, %s %% inside, n %s",
                 g->ratings, numeral_fixed(g->half, 2, half), inside,
                 numeral_fixed(g->cells, 0, cells));
  svg_bar(m, f, TOLD.colour, i - 0.36, i + 0.36, 0, g->half, words);
  svg_point(m, f, &NEEDED, i, g->need, words);
  const svg_words below = {svg_x(f, i), f->bottom + 17, SVG_MIDDLE, 12, SVG_GREY, false, 60};
  svg_text(m, &below, g->ratings);
  if (!isfinite(g->coverage)) return;
  (void)snprintf(words, sizeof words, "%s %%", inside);
  const svg_words above = {
      svg_x(f, i), svg_y(f, fmax(g->half, g->need)) - 9, SVG_MIDDLE, 11.5, SVG_INK, false, 0};
  svg_text(m, &above, words);
}

static void draw_groups(markup *m, const svg_frame *f, int n, const group *all) {
  svg_axes(m, f);
  for (int i = 0; i < n; i++) draw_group(m, f, i, &all[i]);
  const svg_words name = {
      (f->left + f->right) / 2, f->bottom + 37, SVG_MIDDLE, 12.5, SVG_INK, false, 0};
  svg_text(m, &name, "ratings of the person in the competency");
}

pfc_status plot_levels(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                       pfc_error *err) {
  group all[MAX_GROUPS];
  plot_legend l = {0};
  const int n = read_groups(json, all);
  *is_drawn = n > 0;
  if (n == 0) return PFC_OK;
  svg_frame f = {.left = PLOT_LEFT,
                 .right = PLOT_WIDTH - PLOT_RIGHT,
                 .x = {.lo = -0.6, .hi = n - 0.4, .step = 1},
                 .y = svg_axis_of("levels to either side", SVG_NUMBER)};
  svg_axis_cover(&f.y, 0);
  for (int i = 0; i < n; i++) {
    svg_axis_cover(&f.y, 1.1 * all[i].half);
    svg_axis_cover(&f.y, 1.1 * all[i].need);
  }
  (void)svg_axis_fit(&f.y, 5);
  plot_legend_add(&l, "90 % interval, as told", TOLD, false, true);
  plot_legend_add(&l, "as wide as the error there was", NEEDED, false, true);
  f.top = plot_begin(self, m, "How sure are levels?",
                     "Per cent: how many true levels lie inside the interval.", &l, PLOT_WIDTH,
                     14 + HEIGHT + PLOT_BELOW) +
          14;
  f.bottom = f.top + HEIGHT;
  draw_groups(m, &f, n, all);
  svg_end(m);
  return markup_status(m, err);
}
