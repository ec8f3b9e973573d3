#include "cli/svg.h"

#include <math.h>

svg_style svg_style_of(int i_series) {
  static const svg_style STYLES[SVG_N_STYLES] = {
      {"#0072B2", "", SVG_CIRCLE},     {"#D55E00", "7 3", SVG_SQUARE},
      {"#009E73", "2 3", SVG_DIAMOND}, {"#CC79A7", "9 3 2 3", SVG_UP},
      {"#E69F00", "12 4", SVG_DOWN},   {"#56B4E9", "4 2", SVG_CIRCLE},
  };
  return STYLES[i_series % SVG_N_STYLES];
}

void svg_begin(markup *m, const svg_picture *p) {
  markup_add(m,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" role=\"img\" "
             "aria-labelledby=\"%s-title %s-desc\" width=\"%.0f\" height=\"%.0f\" "
             "viewBox=\"0 0 %.0f %.0f\" font-family=\"'Helvetica Neue', Helvetica, Arial, "
             "'Liberation Sans', sans-serif\">\n<title id=\"%s-title\">",
             p->id, p->id, p->width, p->height, p->width, p->height, p->id);
  markup_text(m, p->title);
  markup_add(m, "</title>\n<desc id=\"%s-desc\">", p->id);
  markup_text(m, p->desc);
  markup_add(m, "</desc>\n<rect width=\"%.0f\" height=\"%.0f\" fill=\"#ffffff\"/>\n", p->width,
             p->height);
  const svg_words title = {12, 20, SVG_START, 15, SVG_INK, true, p->width - 20};
  const svg_words subtitle = {12, 38, SVG_START, 12, SVG_GREY, false, p->width - 20};
  svg_text(m, &title, p->title);
  svg_text(m, &subtitle, p->subtitle);
}

void svg_end(markup *m) { markup_add(m, "</svg>\n"); }

/* --- lines -----------------------------------------------------------------------------------
 */

static void begin_path(markup *m, const svg_style *s, double width) {
  markup_add(m,
             "<path fill=\"none\" stroke=\"%s\" stroke-width=\"%.1f\" "
             "stroke-linejoin=\"round\"",
             s->colour, width);
  if (*s->dash) markup_add(m, " stroke-dasharray=\"%s\"", s->dash);
  markup_add(m, " d=\"");
}

static void draw_path(markup *m, const svg_frame *f, const svg_style *s, bool in_steps, int n,
                      const double *x, const double *y) {
  bool is_open = false;
  begin_path(m, s, 2);
  for (int i = 0; i < n; i++) {
    const bool is_there = isfinite(x[i]) && isfinite(y[i]);
    if (is_there && !is_open) markup_add(m, "M%.2f %.2f", svg_x(f, x[i]), svg_y(f, y[i]));
    if (is_there && is_open && in_steps) markup_add(m, "H%.2f", svg_x(f, x[i]));
    if (is_there && is_open) markup_add(m, "L%.2f %.2f", svg_x(f, x[i]), svg_y(f, y[i]));
    is_open = is_there;
  }
  markup_add(m, "\"/>\n");
}

/* A path without a point is no picture of anything; one point alone would not be seen. */
static bool has_line(int n, const double *x, const double *y) {
  for (int i = 1; i < n; i++) {
    if (isfinite(x[i - 1]) && isfinite(y[i - 1]) && isfinite(x[i]) && isfinite(y[i]))
      return true;
  }
  return false;
}

void svg_line(markup *m, const svg_frame *f, const svg_style *s, int n, const double *x,
              const double *y) {
  if (has_line(n, x, y)) draw_path(m, f, s, false, n, x, y);
}

void svg_steps(markup *m, const svg_frame *f, const svg_style *s, int n, const double *x,
               const double *y) {
  if (has_line(n, x, y)) draw_path(m, f, s, true, n, x, y);
}

static bool has_area(const double *x, const double *lo, const double *hi, int i) {
  return isfinite(x[i]) && isfinite(lo[i]) && isfinite(hi[i]);
}

/* The area of rows from `from` to before `to`: along hi, and back along lo. */
static void draw_area(markup *m, const svg_frame *f, bool in_steps, int from, int to,
                      const double *x, const double *lo, const double *hi) {
  for (int i = from; i < to; i++) {
    if (in_steps && i > from) markup_add(m, "H%.2f", svg_x(f, x[i]));
    markup_add(m, "%s%.2f %.2f", i == from ? "M" : "L", svg_x(f, x[i]), svg_y(f, hi[i]));
  }
  for (int i = to - 1; i >= from; i--) {
    markup_add(m, "L%.2f %.2f", svg_x(f, x[i]), svg_y(f, lo[i]));
    if (in_steps && i > from) markup_add(m, "V%.2f", svg_y(f, lo[i - 1]));
  }
  markup_add(m, "Z");
}

void svg_band(markup *m, const svg_frame *f, const char *colour, bool in_steps, int n,
              const double *x, const double *lo, const double *hi) {
  bool is_begun = false;
  for (int from = 0, to; from < n; from = to + 1) {
    for (to = from; to < n && has_area(x, lo, hi, to); to++) continue;
    if (to - from < 2) continue;
    if (!is_begun) {
      markup_add(m, "<path fill=\"%s\" fill-opacity=\"0.18\" stroke=\"none\" d=\"", colour);
    }
    is_begun = true;
    draw_area(m, f, in_steps, from, to, x, lo, hi);
  }
  if (is_begun) markup_add(m, "\"/>\n");
}

void svg_reference(markup *m, const svg_frame *f, double x0, double y0, double x1, double y1) {
  markup_add(m,
             "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"" SVG_GREY
             "\" stroke-width=\"1.2\" stroke-dasharray=\"4 4\"/>\n",
             svg_x(f, x0), svg_y(f, y0), svg_x(f, x1), svg_y(f, y1));
}

/* --- points ----------------------------------------------------------------------------------
 */

static void draw_marker(markup *m, svg_marker marker, double x, double y) {
  switch (marker) {
    case SVG_CIRCLE:
      markup_add(m, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"4.2\"", x, y);
      return;
    case SVG_SQUARE:
      markup_add(m, "<rect x=\"%.2f\" y=\"%.2f\" width=\"7.6\" height=\"7.6\"", x - 3.8,
                 y - 3.8);
      return;
    case SVG_DIAMOND:
      markup_add(m, "<path d=\"M%.2f %.2fl5.2 5.2l-5.2 5.2l-5.2 -5.2Z\"", x, y - 5.2);
      return;
    case SVG_UP:
      markup_add(m, "<path d=\"M%.2f %.2fl5 8.6h-10Z\"", x, y - 5.2);
      return;
    case SVG_DOWN:
      markup_add(m, "<path d=\"M%.2f %.2fl5 -8.6h-10Z\"", x, y + 5.2);
      return;
  }
}

static void add_tip(markup *m, const char *words) {
  if (!words) return;
  markup_add(m, "<title>");
  markup_text(m, words);
  markup_add(m, "</title>");
}

void svg_point(markup *m, const svg_frame *f, const svg_style *s, double x, double y,
               const char *words) {
  if (!isfinite(x) || !isfinite(y)) return;
  markup_add(m, "<g class=\"point\" fill=\"%s\" stroke=\"#ffffff\" stroke-width=\"1\">",
             s->colour);
  add_tip(m, words);
  draw_marker(m, s->marker, svg_x(f, x), svg_y(f, y));
  markup_add(m, "/></g>\n");
}

static void draw_whisker(markup *m, const char *colour, double x1, double y1, double x2,
                         double y2) {
  markup_add(m,
             "<line class=\"interval\" x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" "
             "stroke=\"%s\" stroke-width=\"2\" stroke-opacity=\"0.75\"/>\n",
             x1, y1, x2, y2, colour);
}

void svg_whisker_y(markup *m, const svg_frame *f, const char *colour, double x, double lo,
                   double hi) {
  if (!isfinite(x) || !isfinite(lo) || !isfinite(hi)) return;
  draw_whisker(m, colour, svg_x(f, x), svg_y(f, lo), svg_x(f, x), svg_y(f, hi));
}

void svg_whisker_x(markup *m, const svg_frame *f, const char *colour, double lo, double hi,
                   double y) {
  if (!isfinite(y) || !isfinite(lo) || !isfinite(hi)) return;
  draw_whisker(m, colour, svg_x(f, lo), svg_y(f, y), svg_x(f, hi), svg_y(f, y));
}

void svg_bar(markup *m, const svg_frame *f, const char *colour, double x0, double x1, double y0,
             double y1, const char *words) {
  if (!isfinite(x0) || !isfinite(x1) || !isfinite(y0) || !isfinite(y1)) return;
  const double left = svg_x(f, x0), right = svg_x(f, x1);
  const double top = svg_y(f, fmax(y0, y1)), bottom = svg_y(f, fmin(y0, y1));
  markup_add(m, "<g class=\"bar\" fill=\"%s\">", colour);
  add_tip(m, words);
  markup_add(m, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/></g>\n", left, top,
             right - left, bottom - top);
}

/* --- swatches --------------------------------------------------------------------------------
 */

void svg_swatch(markup *m, const svg_entry *e, double x, double y) {
  if (e->has_band) {
    markup_add(m,
               "<rect x=\"%.2f\" y=\"%.2f\" width=\"22\" height=\"12\" fill=\"%s\" "
               "fill-opacity=\"0.18\"/>\n",
               x, y - 6, e->style.colour);
  }
  if (e->has_line) {
    begin_path(m, &e->style, 2);
    markup_add(m, "M%.2f %.2fh22\"/>\n", x, y);
  }
  if (!e->has_marker) return;
  markup_add(m, "<g fill=\"%s\" stroke=\"#ffffff\" stroke-width=\"1\">", e->style.colour);
  draw_marker(m, e->style.marker, x + 11, y);
  markup_add(m, "/></g>\n");
}
