/* What the files that draw have in common. */
#ifndef PROFICIO_CLI_PLOTS_INTERNAL_H
#define PROFICIO_CLI_PLOTS_INTERNAL_H

#include "cli/plots.h"
#include "cli/plots_data.h"
#include "cli/svg.h"

enum { PLOT_WIDTH = 470, PLOT_LEFT = 76, PLOT_RIGHT = 22, PLOT_BELOW = 48 };
enum { MAX_ENTRIES = MAX_CONTESTANTS + 3 };

/* A legend that is being put together. */
typedef struct plot_legend {
  int n;
  svg_entry entry[MAX_ENTRIES];
  char more[32];
} plot_legend;

void plot_legend_add(plot_legend *l, const char *name, svg_style style, bool has_line,
                     bool has_marker);

/* Begins the picture: title, what stands below it, the legend in all of the width. `height` is
 * of what comes below them; returns where that begins. */
double plot_begin(const plot *self, markup *m, const char *title, const char *subtitle,
                  const plot_legend *l, double width, double height);

/* Columns of every contestant, under one path. */
typedef struct plot_columns {
  columns of[MAX_CONTESTANTS];
} plot_columns;
PFC_MUST_USE pfc_status plot_columns_read(const contestants *c, const char *path, int n_keys,
                                          const char *const *keys, plot_columns *out,
                                          pfc_error *err);
void plot_columns_clear(plot_columns *p);
/* Whoever has any of them, by their styles, and how many contestants have no room. */
void plot_legend_contestants(plot_legend *l, const contestants *c, const plot_columns *p,
                             bool has_line, bool has_marker);
/* The axis reaches every value of one column. */
void plot_columns_cover(const plot_columns *p, int key, svg_axis *a);

pfc_status plot_reliability(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                            pfc_error *err);
pfc_status plot_lift(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                     pfc_error *err);
pfc_status plot_incidence(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                          pfc_error *err);
pfc_status plot_exposure(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                         pfc_error *err);
pfc_status plot_comparisons(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                            pfc_error *err);
pfc_status plot_policies(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                         pfc_error *err);
pfc_status plot_levels(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                       pfc_error *err);
pfc_status plot_rounds(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                       pfc_error *err);

#endif
