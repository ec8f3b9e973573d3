/* Curves: who is done by which day, and who is shown at all. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/plots_internal.h"

enum { HEIGHT = 280, SQUARE = 320 };

/* --- cumulative incidence --------------------------------------------------------------------
 */

enum { DAYS, PREDICTED, OBSERVED, LO, HI };
static const char *const INCIDENCE[] = {"days", "predicted", "observed", "lo", "hi"};

typedef struct cause {
  const char *section, *title, *axis;
} cause;

static const cause *cause_of(const char *section) {
  static const cause CAUSES[] = {
      {"time", "Who becomes proficient, and when?", "share proficient"},
      {"dropped", "Who drops out, and when?", "share that dropped out"},
      {"left", "Who leaves, and when?", "share that left"}};
  const cause *found = CAUSES;
  for (size_t i = 0; i < sizeof CAUSES / sizeof *CAUSES; i++) {
    if (strcmp(CAUSES[i].section, section) == 0) found = &CAUSES[i];
  }
  return found;
}

static const svg_style SEEN = {SVG_INK, "", SVG_CIRCLE};

/* The first who has the curve, for what was observed is the same for all; NULL: nobody. */
static const columns *any_of(const plot_columns *p) {
  for (int i = 0; i < MAX_CONTESTANTS; i++) {
    if (p->of[i].n > 1) return &p->of[i];
  }
  return NULL;
}

static void draw_incidence(markup *m, const svg_frame *f, const contestants *c,
                           const plot_columns *p) {
  const columns *first = any_of(p);
  svg_band(m, f, SVG_INK, true, first->n, first->of[DAYS], first->of[LO], first->of[HI]);
  svg_steps(m, f, &SEEN, first->n, first->of[DAYS], first->of[OBSERVED]);
  for (int i = c->n - 1; i >= 0; i--) {
    const svg_style s = svg_style_of(i);
    svg_line(m, f, &s, p->of[i].n, p->of[i].of[DAYS], p->of[i].of[PREDICTED]);
  }
}

pfc_status plot_incidence(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                          pfc_error *err) {
  contestants c;
  plot_columns p = {0};
  plot_legend l = {0};
  char path[64];
  const cause *about = cause_of(self->section);
  contestants_read(json, &c);
  (void)snprintf(path, sizeof path, "%s.curves.incidence", self->section);
  const pfc_status st = plot_columns_read(&c, path, 5, INCIDENCE, &p, err);
  svg_frame f = {.left = PLOT_LEFT,
                 .right = PLOT_WIDTH - PLOT_RIGHT,
                 .x = svg_axis_of("days since the start", SVG_DAYS),
                 .y = svg_axis_of(about->axis, SVG_PERCENT)};
  plot_columns_cover(&p, DAYS, &f.x);
  for (int key = PREDICTED; key <= HI; key++) plot_columns_cover(&p, key, &f.y);
  *is_drawn = st == PFC_OK && any_of(&p) && f.y.lo <= f.y.hi && svg_axis_fit(&f.x, 7);
  if (*is_drawn) {
    svg_axis_cover(&f.y, 0);
    (void)svg_axis_fit(&f.y, 5);
    plot_legend_add(&l, "observed, with its 95 % band", SEEN, true, false);
    l.entry[0].has_band = true;
    plot_legend_contestants(&l, &c, &p, true, false);
    f.top =
        plot_begin(self, m, about->title, "Observed: Aalen-Johansen, of the same test rows.",
                   &l, PLOT_WIDTH, 10 + HEIGHT + PLOT_BELOW) +
        10;
    f.bottom = f.top + HEIGHT;
    svg_axes(m, &f);
    draw_incidence(m, &f, &c, &p);
    svg_end(m);
  }
  plot_columns_clear(&p);
  return st;
}

/* --- exposure --------------------------------------------------------------------------------
 */

enum { ITEMS, EXPOSURE };
static const char *const LORENZ[] = {"items", "exposure"};
static const svg_style POPULARITY = {SVG_GREY, "1.5 2.5", SVG_CIRCLE};

static void draw_lorenz(markup *m, const svg_frame *f, const contestants *c,
                        const plot_columns *p, const columns *popularity) {
  svg_reference(m, f, 0, 0, 1, 1);
  svg_line(m, f, &POPULARITY, popularity->n, popularity->of[ITEMS], popularity->of[EXPOSURE]);
  for (int i = c->n - 1; i >= 0; i--) {
    const svg_style s = svg_style_of(i);
    svg_line(m, f, &s, p->of[i].n, p->of[i].of[ITEMS], p->of[i].of[EXPOSURE]);
  }
}

pfc_status plot_exposure(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  contestants c;
  plot_columns p = {0};
  columns popularity = {0};
  plot_legend l = {0};
  contestants_read(json, &c);
  PFC_TRY(plot_columns_read(&c, "affinity.curves.lorenz", 2, LORENZ, &p, err));
  PFC_TRY(columns_of_lists(json_at(json, "affinity.curves.lorenz_popularity"), 2, LORENZ,
                           &popularity, err));
  svg_frame f = {.left = PLOT_LEFT,
                 .right = PLOT_LEFT + SQUARE,
                 .x = svg_axis_of("interventions, the least shown first", SVG_PERCENT),
                 .y = svg_axis_of("their share of all places on lists", SVG_PERCENT)};
  plot_columns_cover(&p, ITEMS, &f.x);
  plot_columns_cover(&p, EXPOSURE, &f.y);
  *is_drawn = any_of(&p) && f.x.lo <= f.x.hi && f.y.lo <= f.y.hi;
  if (*is_drawn) {
    svg_axis_cover(&f.x, 0);
    svg_axis_cover(&f.x, 1);
    svg_axis_cover(&f.y, 0);
    svg_axis_cover(&f.y, 1);
    (void)svg_axis_fit(&f.x, 5);
    (void)svg_axis_fit(&f.y, 5);
    plot_legend_contestants(&l, &c, &p, true, false);
    if (popularity.n > 1) plot_legend_add(&l, "popularity", POPULARITY, true, false);
    f.top = plot_begin(self, m, "Who gets a place on the lists?",
                       "The dashed diagonal: every intervention as often as any other.", &l,
                       PLOT_WIDTH, 10 + SQUARE + PLOT_BELOW) +
            10;
    f.bottom = f.top + SQUARE;
    svg_axes(m, &f);
    draw_lorenz(m, &f, &c, &p, &popularity);
    svg_end(m);
  }
done:
  columns_clear(&popularity);
  plot_columns_clear(&p);
  return st;
}
