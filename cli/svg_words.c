#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/svg.h"

static const char ELLIPSIS[] = "\xE2\x80\xA6";
static const double LEGEND_SIZE = 12, SWATCH = 28, GAP = 16;

/* --- how wide words are --------------------------------------------------------------------
 */

static bool is_one_of(char c, const char *set) { return c != '\0' && strchr(set, c) != NULL; }

/* Widths of Arial, rounded up, as a share of the size; a character beyond ASCII of which little
 * is known is taken as wide as a capital, one of eastern scripts (three bytes from U+1100 on,
 * or four) as a square. */
static double character_width(const char *c, size_t n) {
  if (n >= 3) return (unsigned char)c[0] == 0xE2 ? 0.6 : 1.0;
  if (n == 2) return 0.68;
  if (is_one_of(*c, "ijl.,:;'|!")) return 0.28;
  if (is_one_of(*c, "frtI()[]-/ ")) return 0.34;
  if (is_one_of(*c, "mMW@%")) return 0.9;
  if (*c == 'w' || (*c >= 'A' && *c <= 'Z')) return 0.73;
  return 0.57;
}

double svg_text_width(const char *words, double size) {
  double width = 0;
  const size_t n = strlen(words);
  for (size_t at = 0; at < n;) {
    const size_t bytes = pfc_utf8_length(words + at, n - at);
    width += character_width(words + at, bytes);
    at += bytes ? bytes : 1;
  }
  return width * size;
}

/* Bytes of words that fit into the room. */
static size_t fitting(const char *words, double size, double room) {
  double width = 0;
  const size_t n = strlen(words);
  for (size_t at = 0; at < n;) {
    const size_t bytes = pfc_utf8_length(words + at, n - at);
    width += size * character_width(words + at, bytes);
    if (width > room) return at;
    at += bytes ? bytes : 1;
  }
  return n;
}

void svg_text(markup *m, const svg_words *w, const char *words) {
  static const char *const ANCHORS[] = {"start", "middle", "end"};
  if (!words || !*words) return;
  markup_add(
      m, "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\" font-size=\"%g\" fill=\"%s\"%s>", w->x,
      w->y, ANCHORS[w->anchor], w->size, w->colour, w->bold ? " font-weight=\"bold\"" : "");
  /* Bold letters are wider. */
  const double size = w->bold ? 1.07 * w->size : w->size;
  if (w->room > 0 && svg_text_width(words, size) > w->room) {
    markup_words(m, words, fitting(words, size, w->room - size));
    markup_add(m, "%s", ELLIPSIS);
  } else {
    markup_text(m, words);
  }
  markup_add(m, "</text>\n");
}

/* --- legend ----------------------------------------------------------------------------------
 */

static double entry_width(const svg_entry *e, double room) {
  return fmin(SWATCH + svg_text_width(e->name, LEGEND_SIZE), room);
}

int svg_legend_rows(int n, const svg_entry *entries, double room) {
  int rows = n > 0;
  double at = 0;
  for (int i = 0; i < n; i++) {
    const double width = entry_width(&entries[i], room);
    if (at > 0 && at + width > room) {
      rows++;
      at = 0;
    }
    at += width + GAP;
  }
  return rows;
}

void svg_legend(markup *m, int n, const svg_entry *entries, double x, double y, double room) {
  double at = 0;
  y += SVG_LEGEND_ROW / 2.0;
  for (int i = 0; i < n; i++) {
    const double width = entry_width(&entries[i], room);
    if (at > 0 && at + width > room) {
      at = 0;
      y += SVG_LEGEND_ROW;
    }
    const svg_words name = {x + at + SWATCH, y + 4, SVG_START,    LEGEND_SIZE,
                            SVG_INK,         false, room - SWATCH};
    svg_swatch(m, &entries[i], x + at, y);
    svg_text(m, &name, entries[i].name);
    at += width + GAP;
  }
}

/* --- names at the ends of lines --------------------------------------------------------------
 */

enum { MAX_LABELS = 16, LABEL_ROW = 15 };

/* Order of heights on the picture, from the top. */
static void sort_by_height(int n, int *order, const double *y) {
  for (int i = 1; i < n; i++) {
    const int moved = order[i];
    int at = i;
    for (; at > 0 && y[order[at - 1]] > y[moved]; at--) order[at] = order[at - 1];
    order[at] = moved;
  }
}

/* Pushes labels down until none overlaps the one above, then up from the bottom. */
static void move_apart(int n, const int *order, double *y, double bottom) {
  for (int i = 1; i < n; i++) y[order[i]] = fmax(y[order[i]], y[order[i - 1]] + LABEL_ROW);
  double limit = bottom;
  for (int i = n - 1; i >= 0; i--) {
    y[order[i]] = fmin(y[order[i]], limit);
    limit = y[order[i]] - LABEL_ROW;
  }
}

void svg_end_labels(markup *m, const svg_frame *f, int n, const svg_entry *entries,
                    double room) {
  double y[MAX_LABELS];
  int order[MAX_LABELS], n_labels = 0;
  for (int i = 0; i < n && i < MAX_LABELS; i++) {
    if (!isfinite(entries[i].y)) continue;
    y[i] = svg_y(f, entries[i].y);
    order[n_labels++] = i;
  }
  sort_by_height(n_labels, order, y);
  move_apart(n_labels, order, y, f->bottom);
  for (int j = 0; j < n_labels; j++) {
    const int i = order[j];
    const svg_words name = {f->right + 6 + SWATCH, y[i] + 4, SVG_START,
                            LEGEND_SIZE,           SVG_INK,  false,
                            room - SWATCH - 6};
    svg_swatch(m, &entries[i], f->right + 6, y[i]);
    svg_text(m, &name, entries[i].name);
  }
}
