/* What policies are worth where the truth is known: on one day, and over rounds of the loop. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/figure_words.h"
#include "cli/plots_internal.h"

enum { MAX_POLICIES = 32, WORDS = 240 };

typedef struct policy {
  const char *name; /* the key */
  figure gap, regret;
} policy;

/* --- on one day ------------------------------------------------------------------------------
 */

enum { WIDTH = 760, ROW = 26, FIRST_LEFT = 168, FIRST_RIGHT = 450, SECOND_LEFT = 506 };

/* Best first; without a value last, and in the order of the object. */
static void sort_policies(int n, policy *all) {
  for (int i = 1; i < n; i++) {
    const policy moved = all[i];
    int at = i;
    for (; at > 0 && !(all[at - 1].gap.value >= moved.gap.value) && isfinite(moved.gap.value);
         at--) {
      all[at] = all[at - 1];
    }
    all[at] = moved;
  }
}

static int read_policies(const cJSON *json, policy all[MAX_POLICIES]) {
  const cJSON *item;
  int n = 0;
  cJSON_ArrayForEach(item, json_at(json, "policy.policies")) {
    const policy p = {.name = item->string,
                      .gap = figure_of(json_at(item, "gap_closed")),
                      .regret = figure_of(json_at(item, "regret"))};
    if (n < MAX_POLICIES && isfinite(p.gap.value)) all[n++] = p;
  }
  sort_policies(n, all);
  return n;
}

static void cover(svg_axis *a, const figure *f) {
  svg_axis_cover(a, f->value);
  svg_axis_cover(a, f->lo);
  svg_axis_cover(a, f->hi);
}

/* Ours, the best there is, and everybody else. */
static svg_style style_of(const char *name) {
  if (strcmp(name, "oracle") == 0) return (svg_style){SVG_INK, "", SVG_DIAMOND};
  const bool is_ours = strcmp(name, "value") == 0 || strcmp(name, "affinity") == 0 ||
                       strcmp(name, "success") == 0;
  return is_ours ? svg_style_of(0) : (svg_style){"#8a6d00", "", SVG_SQUARE};
}

static void draw_figure(markup *m, const svg_frame *f, const svg_style *s, const figure *value,
                        double row, const char *name) {
  char words[WORDS], text[FIGURE_WORDS];
  (void)snprintf(words, sizeof words, "%.100s: %s", name, figure_words(value, text));
  svg_whisker_x(m, f, s->colour, value->lo, value->hi, row);
  svg_point(m, f, s, value->value, row, words);
}

static void draw_policies(markup *m, const svg_frame *first, const svg_frame *second, int n,
                          const policy *all) {
  char title[FIGURE_TITLE];
  svg_axes(m, first);
  svg_axes(m, second);
  for (int i = 0; i < n; i++) {
    const double row = n - 1 - i;
    const svg_style s = style_of(all[i].name);
    const svg_words name = {FIRST_LEFT - 12, svg_y(first, row) + 4, SVG_END, 12.5, SVG_INK,
                            false,           FIRST_LEFT - 24};
    svg_text(m, &name, model_title(all[i].name, title));
    draw_figure(m, first, &s, &all[i].gap, row, all[i].name);
    draw_figure(m, second, &s, &all[i].regret, row, all[i].name);
  }
}

pfc_status plot_policies(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                         pfc_error *err) {
  policy all[MAX_POLICIES];
  plot_legend l = {0};
  const int n = read_policies(json, all);
  *is_drawn = n > 0;
  if (n == 0) return PFC_OK;
  svg_frame first = {.left = FIRST_LEFT,
                     .right = FIRST_RIGHT,
                     .x = svg_axis_of("gap closed a person: more is better", SVG_NUMBER),
                     .y = {.lo = -0.5, .hi = n - 0.5, .step = 1}};
  svg_frame second = first;
  second.left = SECOND_LEFT;
  second.right = WIDTH - PLOT_RIGHT;
  second.x = svg_axis_of("regret: less is better", SVG_NUMBER);
  for (int i = 0; i < n; i++) {
    cover(&first.x, &all[i].gap);
    cover(&second.x, &all[i].regret);
  }
  svg_axis_cover(&first.x, 0);
  svg_axis_cover(&second.x, 0);
  (void)svg_axis_fit(&first.x, 4);
  (void)svg_axis_fit(&second.x, 3);
  plot_legend_add(&l, "the best possible", style_of("oracle"), false, true);
  plot_legend_add(&l, "our models", style_of("value"), false, true);
  plot_legend_add(&l, "simpler policies", style_of(""), false, true);
  first.top =
      plot_begin(self, m, "Whose recommendations close most of the gaps?",
                 "By the true laws of the simulated organisation; bars: 95 % intervals.", &l,
                 WIDTH, 10 + ROW * n + PLOT_BELOW) +
      10;
  first.bottom = first.top + ROW * n;
  second.top = first.top;
  second.bottom = first.bottom;
  draw_policies(m, &first, &second, n, all);
  svg_end(m);
  return markup_status(m, err);
}

/* --- over rounds ---------------------------------------------------------------------------
 */

enum { MAX_ROUNDS = 400, ROUNDS_RIGHT = 560, ROUNDS_HEIGHT = 300 };

/* One policy's regret by round. */
typedef struct path {
  int n;
  double round[MAX_ROUNDS], value[MAX_ROUNDS], lo[MAX_ROUNDS], hi[MAX_ROUNDS];
} path;

static void read_path(const cJSON *rounds, const char *name, path *p) {
  const cJSON *round;
  p->n = 0;
  cJSON_ArrayForEach(round, rounds) {
    if (p->n == MAX_ROUNDS) return;
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(json_at(round, "policies"), name);
    const figure regret = figure_of(json_at(own, "regret"));
    const double number = json_finite(round, "round");
    p->round[p->n] = isfinite(number) ? number : p->n + 1;
    p->value[p->n] = regret.value;
    p->lo[p->n] = regret.lo;
    p->hi[p->n++] = regret.hi;
  }
}

static void cover_path(svg_frame *f, const path *p) {
  for (int i = 0; i < p->n; i++) {
    if (!isfinite(p->value[i])) continue;
    svg_axis_cover(&f->x, p->round[i]);
    svg_axis_cover(&f->y, p->value[i]);
    svg_axis_cover(&f->y, p->lo[i]);
    svg_axis_cover(&f->y, p->hi[i]);
  }
}

static double last_value(const path *p) {
  for (int i = p->n - 1; i >= 0; i--) {
    if (isfinite(p->value[i])) return p->value[i];
  }
  return (double)NAN;
}

static void draw_points(markup *m, const svg_frame *f, const svg_style *s, const path *p,
                        const char *name) {
  char words[WORDS], text[FIGURE_WORDS];
  for (int i = 0; i < p->n; i++) {
    const figure regret = {p->value[i], p->lo[i], p->hi[i], (double)NAN};
    (void)snprintf(words, sizeof words, "%.100s, round %g: %s", name, p->round[i],
                   figure_words(&regret, text));
    svg_point(m, f, s, p->round[i], p->value[i], words);
  }
}

/* Policies of the first round, as many as there are styles. */
typedef struct policies {
  int n;
  const char *key[SVG_N_STYLES];
  char title[SVG_N_STYLES][FIGURE_TITLE];
} policies;

static void read_names(const cJSON *rounds, policies *p) {
  const cJSON *item;
  p->n = 0;
  cJSON_ArrayForEach(item, json_at(rounds ? rounds->child : NULL, "policies")) {
    if (p->n == SVG_N_STYLES) return;
    p->key[p->n] = item->string;
    (void)model_title(item->string, p->title[p->n++]);
  }
}

/* Few ticks, all of them whole numbers. */
static void fit_rounds(svg_axis *a) {
  (void)svg_axis_fit(a, 8);
  if (a->step >= 1) return;
  a->step = 1;
  a->lo = floor(a->lo);
  a->hi = ceil(a->hi);
}

static void draw_rounds(markup *m, const svg_frame *f, const cJSON *rounds,
                        const policies *all) {
  path p;
  svg_entry entries[SVG_N_STYLES];
  for (int i = 0; i < all->n; i++) {
    read_path(rounds, all->key[i], &p);
    svg_band(m, f, svg_style_of(i).colour, false, p.n, p.round, p.lo, p.hi);
  }
  for (int i = 0; i < all->n; i++) {
    const svg_style s = svg_style_of(i);
    read_path(rounds, all->key[i], &p);
    svg_line(m, f, &s, p.n, p.round, p.value);
    draw_points(m, f, &s, &p, all->title[i]);
    entries[i] =
        (svg_entry){.name = all->title[i], .style = s, .has_marker = true, .y = last_value(&p)};
  }
  svg_end_labels(m, f, all->n, entries, WIDTH - ROUNDS_RIGHT - 8);
}

pfc_status plot_rounds(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                       pfc_error *err) {
  static const plot_legend NO_LEGEND = {0};
  path p;
  policies all;
  const cJSON *rounds = json_at(json, "rounds");
  svg_frame f = {.left = PLOT_LEFT,
                 .right = ROUNDS_RIGHT,
                 .x = svg_axis_of("round", SVG_NUMBER),
                 .y = svg_axis_of("regret: less is better", SVG_NUMBER)};
  read_names(rounds, &all);
  for (int i = 0; i < all.n; i++) {
    read_path(rounds, all.key[i], &p);
    cover_path(&f, &p);
  }
  *is_drawn = f.y.lo <= f.y.hi;
  if (!*is_drawn) return PFC_OK;
  svg_axis_cover(&f.y, 0);
  fit_rounds(&f.x);
  (void)svg_axis_fit(&f.y, 5);
  f.top =
      plot_begin(self, m, "Does the loop learn?",
                 "How much less gap each policy closes than the best possible choice, round "
                 "by round.",
                 &NO_LEGEND, WIDTH, 14 + ROUNDS_HEIGHT + PLOT_BELOW) +
      14;
  f.bottom = f.top + ROUNDS_HEIGHT;
  svg_axes(m, &f);
  draw_rounds(m, &f, rounds, &all);
  svg_end(m);
  return markup_status(m, err);
}
