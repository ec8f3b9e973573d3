#include <stdio.h>

#include "cli/plots_internal.h"

void plot_legend_add(plot_legend *l, const char *name, svg_style style, bool has_line,
                     bool has_marker) {
  if (l->n == MAX_ENTRIES) return;
  l->entry[l->n++] =
      (svg_entry){.name = name, .style = style, .has_line = has_line, .has_marker = has_marker};
}

void plot_legend_contestants(plot_legend *l, const contestants *c, const plot_columns *p,
                             bool has_line, bool has_marker) {
  for (int i = 0; i < c->n; i++) {
    if (p->of[i].n == 0) continue;
    plot_legend_add(l, c->of[i].name, svg_style_of(i), has_line, has_marker);
  }
  if (c->n_more == 0) return;
  (void)snprintf(l->more, sizeof l->more, "and %d more, not drawn", c->n_more);
  plot_legend_add(l, l->more, svg_style_of(0), false, false);
}

double plot_begin(const plot *self, markup *m, const char *title, const char *subtitle,
                  const plot_legend *l, double width, double height) {
  const double room = width - 24;
  const double top = SVG_TITLE_HEIGHT + SVG_LEGEND_ROW * svg_legend_rows(l->n, l->entry, room);
  const svg_picture picture = {self->name, title, subtitle, self->aid, width, top + height};
  svg_begin(m, &picture);
  svg_legend(m, l->n, l->entry, 12, SVG_TITLE_HEIGHT, room);
  return top;
}

/* --- columns of all --------------------------------------------------------------------------
 */

pfc_status plot_columns_read(const contestants *c, const char *path, int n_keys,
                             const char *const *keys, plot_columns *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  *out = (plot_columns){0};
  for (int i = 0; i < c->n; i++) {
    const cJSON *found = json_at(c->of[i].json, path);
    PFC_TRY(cJSON_IsArray(found) ? columns_of_rows(found, n_keys, keys, &out->of[i], err)
                                 : columns_of_lists(found, n_keys, keys, &out->of[i], err));
  }
done:
  if (st != PFC_OK) plot_columns_clear(out);
  return st;
}

void plot_columns_clear(plot_columns *p) {
  for (int i = 0; i < MAX_CONTESTANTS; i++) columns_clear(&p->of[i]);
}

void plot_columns_cover(const plot_columns *p, int key, svg_axis *a) {
  for (int i = 0; i < MAX_CONTESTANTS; i++) {
    const columns *c = &p->of[i];
    for (int j = 0; j < c->n; j++) svg_axis_cover(a, c->of[key][j]);
  }
}
