/* Differences between contestants, or between policies, with their intervals. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/figure_words.h"
#include "cli/plots_internal.h"

enum { WIDTH = 760, ROW = 24, LABELS = 300, MIDDLE_ENDS = 548 };
enum { WORDS = 400 };

static bool is_of_policies(const char *section) {
  return strcmp(section, "policy") == 0 || strcmp(section, "rounds") == 0;
}

static const cJSON *list_of(const cJSON *json, const char *section) {
  if (strcmp(section, "policy") == 0) return json_at(json, "policy.comparisons");
  return json_at(json, "comparisons");
}

/* The figure's name within the section; NULL when it is of another one. Policies have the two
 * sections to themselves, and no section stands in the name. */
static const char *name_in(const char *path, const char *section) {
  const size_t n = strlen(section);
  if (is_of_policies(section)) return path;
  return strncmp(path, section, n) == 0 && path[n] == '.' ? path + n + 1 : NULL;
}

static bool is_row(const comparison *c, const char *section) {
  return c->is_of_policies == is_of_policies(section) && name_in(c->figure, section) &&
         isfinite(c->difference);
}

/* Half the width that rows of this figure share: the farthest end of any of them. */
static double reach(const cJSON *json, const char *section, const char *name) {
  const cJSON *row;
  double farthest = 0;
  cJSON_ArrayForEach(row, list_of(json, section)) {
    comparison c;
    comparison_read(row, json, &c);
    if (strcmp(c.figure, name) != 0) continue;
    farthest = fmax(farthest, fmax(fabs(c.difference), fmax(fabs(c.lo), fabs(c.hi))));
  }
  return farthest > 0 ? farthest : 1;
}

static svg_style style_of(verdict v) {
  switch (v) {
    case VERDICT_BETTER:
      return (svg_style){SVG_GOOD, "", SVG_UP};
    case VERDICT_WORSE:
      return (svg_style){SVG_BAD, "", SVG_DOWN};
    case VERDICT_DIFFERENT:
      return (svg_style){SVG_INK, "", SVG_DIAMOND};
    case VERDICT_OPEN:
      break;
  }
  return (svg_style){"#8a8a8a", "", SVG_CIRCLE};
}

/* "+0.012 (-0.003 to 0.027)" */
static const char *difference_text(const comparison *c, char text[WORDS]) {
  char words[FIGURE_WORDS];
  const figure f = {c->difference, c->lo, c->hi, (double)NAN};
  (void)snprintf(text, WORDS, "%s%s", c->difference > 0 ? "+" : "", figure_words(&f, words));
  return text;
}

static const char *last_part(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}

static void label_text(const comparison *c, const char *section, char text[WORDS]) {
  char title[FIGURE_TITLE], first[FIGURE_TITLE], against[FIGURE_TITLE];
  (void)figure_title(name_in(c->figure, section), title);
  if (c->is_of_policies) {
    (void)snprintf(text, WORDS, "%s%s%s, against %s", title, *title ? ": " : "",
                   model_title(c->first, first), model_title(c->against, against));
  } else {
    (void)snprintf(text, WORDS, "%s", title);
  }
}

static void draw_row(markup *m, svg_frame f, double y, const comparison *c, const char *label,
                     double half) {
  char text[WORDS];
  const svg_style s = style_of(c->verdict);
  f.x.lo = -half;
  f.x.hi = half;
  const svg_words name = {LABELS - 12, y + 4, SVG_END, 12.5, SVG_INK, false, LABELS - 24};
  svg_words value = {MIDDLE_ENDS + 14,        y + 4, SVG_START, 12, SVG_INK, false,
                     WIDTH - MIDDLE_ENDS - 20};
  svg_text(m, &name, label);
  markup_add(m, "<line x1=\"%d\" y1=\"%.2f\" x2=\"%d\" y2=\"%.2f\" stroke=\"#e3e3e3\"/>\n",
             LABELS, y, MIDDLE_ENDS, y);
  /* The frame has one unit of height a row; y is where it lies on the picture. */
  f.top = y - 0.5;
  f.bottom = y + 0.5;
  svg_whisker_x(m, &f, s.colour, c->lo, c->hi, 0);
  svg_point(m, &f, &s, c->difference, 0, difference_text(c, text));
  value.bold = c->verdict == VERDICT_BETTER || c->verdict == VERDICT_WORSE;
  svg_text(m, &value, difference_text(c, text));
}

/* A line of the picture: a comparison, or the name of whom the next ones are against. */
typedef struct line {
  bool is_heading;
  comparison of;
} line;

/* With several contestants rows stand under headings. lines NULL: only counts. */
static int make_lines(const cJSON *json, const char *section, line *lines) {
  const cJSON *row;
  int n = 0;
  const char *against = "";
  const bool has_headings =
      strcmp(section, "policy") != 0 && cJSON_GetArraySize(json_at(json, "against")) > 1;
  cJSON_ArrayForEach(row, list_of(json, section)) {
    comparison c;
    comparison_read(row, json, &c);
    if (!is_row(&c, section)) continue;
    if (has_headings && strcmp(against, c.against) != 0) {
      if (lines) lines[n] = (line){true, c};
      n++;
    }
    against = c.against;
    if (lines) lines[n] = (line){false, c};
    n++;
  }
  return n;
}

static void draw_heading(markup *m, double y, const char *against) {
  char text[WORDS];
  const size_t n = pfc_utf8_cut(last_part(against), WORDS - 20);
  (void)snprintf(text, sizeof text, "against %.*s", (int)n, last_part(against));
  const svg_words w = {LABELS - 12, y + 5, SVG_END, 12.5, SVG_INK, true, LABELS - 24};
  svg_text(m, &w, text);
}

static void draw_lines(markup *m, const svg_frame *f, const cJSON *json, const char *section,
                       int n, const line *lines, double top) {
  char label[WORDS];
  for (int i = 0; i < n; i++) {
    const comparison *c = &lines[i].of;
    const double y = top + ROW * i + ROW / 2.0;
    if (lines[i].is_heading) {
      draw_heading(m, y, c->against);
      continue;
    }
    label_text(c, section, label);
    draw_row(m, *f, y, c, label, reach(json, section, c->figure));
  }
}

static void draw_zero(markup *m, double top, double bottom) {
  const double middle = (LABELS + MIDDLE_ENDS) / 2.0;
  markup_add(m,
             "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"" SVG_GREY
             "\" stroke-width=\"1.2\" stroke-dasharray=\"4 4\"/>\n",
             middle, top, middle, bottom);
  const svg_words none = {middle, bottom + 16, SVG_MIDDLE, 12, SVG_GREY, false, 0};
  svg_text(m, &none, "no difference");
}

static void title_of(const cJSON *json, bool is_policy, char text[WORDS]) {
  contestants c;
  contestants_read(json, &c);
  if (is_policy) {
    (void)snprintf(text, WORDS, "Differences between policies, on the same people");
  } else if (c.n == 2 && c.n_more == 0) {
    (void)snprintf(text, WORDS, "%s less %s, on the same rows", c.of[0].name, c.of[1].name);
  } else {
    (void)snprintf(text, WORDS, "%s less each of the others, on the same rows", c.of[0].name);
  }
}

static bool has_neutral(int n, const line *lines) {
  for (int i = 0; i < n; i++) {
    if (!lines[i].is_heading && lines[i].of.verdict == VERDICT_DIFFERENT) return true;
  }
  return false;
}

static void draw(const plot *self, const cJSON *json, int n, const line *lines, markup *m) {
  char title[WORDS];
  plot_legend l = {0};
  const bool is_policy = is_of_policies(self->section);
  const char *subtitle = is_policy ? "One scale for each figure; bars: 95 % intervals."
                                   : "Every figure has its own scale; bars: 95 % intervals. "
                                     "The numbers stand at the right.";
  title_of(json, is_policy, title);
  plot_legend_add(&l, "better", style_of(VERDICT_BETTER), false, true);
  plot_legend_add(&l, "worse", style_of(VERDICT_WORSE), false, true);
  if (has_neutral(n, lines)) {
    plot_legend_add(&l, "different, neither better", style_of(VERDICT_DIFFERENT), false, true);
  }
  plot_legend_add(&l, "the data do not tell", style_of(VERDICT_OPEN), false, true);
  const double top = 10 + plot_begin(self, m, title, subtitle, &l, WIDTH, 10 + ROW * n + 26);
  const svg_frame f = {
      .left = LABELS + 8, .right = MIDDLE_ENDS - 8, .y = {.lo = -0.5, .hi = 0.5}};
  draw_zero(m, top, top + ROW * n);
  draw_lines(m, &f, json, self->section, n, lines, top);
  svg_end(m);
}

pfc_status plot_comparisons(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  line *lines = NULL;
  const int n = make_lines(json, self->section, NULL);
  *is_drawn = n > 0;
  if (n == 0) return PFC_OK;
  PFC_NEW(lines, n);
  (void)make_lines(json, self->section, lines);
  draw(self, json, n, lines, m);
done:
  pfc_free(lines);
  return st;
}
