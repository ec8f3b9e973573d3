/* Pictures of data as standalone SVG 1.1: no script, no style sheet, no font of its own, every
 * byte a function of the data. Drawn into a markup, so that a page can hold the same pictures.
 * Colours are those of Okabe and Ito, told apart also by the colour-blind; what has a colour
 * has a shape or a dash too, for print. */
#ifndef PROFICIO_CLI_SVG_H
#define PROFICIO_CLI_SVG_H

#include <stdbool.h>

#include "cli/markup.h"

/* --- axes ------------------------------------------------------------------------------------
 */

typedef enum svg_units { SVG_NUMBER, SVG_PERCENT, SVG_DAYS } svg_units;

typedef struct svg_axis {
  const char *name;
  svg_units units;
  double lo, hi; /* lo > hi: nothing covered yet */
  double step;   /* from tick to tick; 0 before svg_axis_fit */
} svg_axis;

svg_axis svg_axis_of(const char *name, svg_units units);

/* The axis will reach this value. What is not finite, or beyond 1e300, is not looked at. */
void svg_axis_cover(svg_axis *a, double value);

/* Rounds both ends outwards to ticks at round numbers, some `n_ticks` of them; false when
 * nothing was covered. */
bool svg_axis_fit(svg_axis *a, int n_ticks);

/* Where the data lie on the picture, in its units, y downwards. */
typedef struct svg_frame {
  double left, top, right, bottom;
  svg_axis x, y; /* fitted */
} svg_frame;

double svg_x(const svg_frame *f, double x);
double svg_y(const svg_frame *f, double y);

/* --- a picture -------------------------------------------------------------------------------
 */

typedef struct svg_picture {
  const char *id;       /* a word, the only one of its kind on a page */
  const char *title;    /* at the top, and what a screen reader says first */
  const char *subtitle; /* a line below, in grey; "" for none */
  const char *desc;     /* what is to be seen, in words */
  double width, height;
} svg_picture;

enum { SVG_TITLE_HEIGHT = 48 }; /* title and subtitle end above this */

void svg_begin(markup *m, const svg_picture *p);
void svg_end(markup *m);

/* Grid, ticks with their numbers, names of the axes. An axis without a name has neither. */
void svg_axes(markup *m, const svg_frame *f);

/* --- marks -----------------------------------------------------------------------------------
 * What is not finite is left out; lines and bands break there. */

typedef enum svg_marker { SVG_CIRCLE, SVG_SQUARE, SVG_DIAMOND, SVG_UP, SVG_DOWN } svg_marker;

typedef struct svg_style {
  const char *colour;
  const char *dash; /* of lines, as stroke-dasharray; "" for none */
  svg_marker marker;
} svg_style;

enum { SVG_N_STYLES = 6 };
svg_style svg_style_of(int i_series);

#define SVG_INK "#1a1a1a"
#define SVG_GREY "#595959"
#define SVG_PALE "#b8b8b8"
#define SVG_GOOD "#0072B2"
#define SVG_BAD "#D55E00"

void svg_line(markup *m, const svg_frame *f, const svg_style *s, int n, const double *x,
              const double *y);
/* Each value holds until the next one begins. */
void svg_steps(markup *m, const svg_frame *f, const svg_style *s, int n, const double *x,
               const double *y);
/* The area from lo to hi, in steps or not. */
void svg_band(markup *m, const svg_frame *f, const char *colour, bool in_steps, int n,
              const double *x, const double *lo, const double *hi);
/* words: what stands there when one points at it; NULL for nothing. */
void svg_point(markup *m, const svg_frame *f, const svg_style *s, double x, double y,
               const char *words);
void svg_whisker_y(markup *m, const svg_frame *f, const char *colour, double x, double lo,
                   double hi);
void svg_whisker_x(markup *m, const svg_frame *f, const char *colour, double lo, double hi,
                   double y);
/* A bar from x0 to x1, from the value y0 to y1. */
void svg_bar(markup *m, const svg_frame *f, const char *colour, double x0, double x1, double y0,
             double y1, const char *words);
/* A dashed line between two points, to compare with. */
void svg_reference(markup *m, const svg_frame *f, double x0, double y0, double x1, double y1);

/* --- words -----------------------------------------------------------------------------------
 */

typedef enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END } svg_anchor;

typedef struct svg_words {
  double x, y; /* of the base line */
  svg_anchor anchor;
  double size;
  const char *colour;
  bool bold;
  double room; /* a longer text is cut, with an ellipsis; 0: no limit */
} svg_words;

void svg_text(markup *m, const svg_words *w, const char *words);

/* Estimated by the widths of Arial. */
double svg_text_width(const char *words, double size);

/* What a series is called. */
typedef struct svg_entry {
  const char *name;
  svg_style style;
  bool has_line, has_marker, has_band;
  double y; /* for svg_end_labels: the value at which its line ends; else not used */
} svg_entry;

enum { SVG_LEGEND_ROW = 19 };

/* The sign of a series, 22 wide, its middle at the height y. */
void svg_swatch(markup *m, const svg_entry *e, double x, double y);

/* Rows of a legend in so much room, and the legend itself, its top at y. */
int svg_legend_rows(int n, const svg_entry *entries, double room);
void svg_legend(markup *m, int n, const svg_entry *entries, double x, double y, double room);

/* Names at the right of the frame where the lines end, moved apart where they would overlap. */
void svg_end_labels(markup *m, const svg_frame *f, int n, const svg_entry *entries,
                    double room);

#endif
