/* Pictures of an evaluation, or of rounds of the loop, made from nothing but the JSON object
 * that `evaluate` or `bench loop` prints. What the object does not hold is not drawn. */
#ifndef PROFICIO_CLI_PLOTS_H
#define PROFICIO_CLI_PLOTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/error.h"
#include "cli/markup.h"

typedef struct plot plot;
struct plot {
  const char *name;    /* of the file, without .svg; the same for ever */
  const char *section; /* the part of the object that it shows */
  const char *aid;     /* how to read it, a sentence or two */
  bool is_wide;        /* it wants the width of a page */
  /* Adds the picture to the markup, unless there is nothing to see: then *is_drawn is false
   * and nothing was added. */
  pfc_status (*draw)(const plot *self, const cJSON *json, markup *m, bool *is_drawn,
                     pfc_error *err);
};

/* All there are, in the order in which one reads them. */
const plot *plots_table(int *n);

/* Writes what there is to see as DIR/NAME.svg, each file whole or not at all, and counts them;
 * the folder is made when it is not there. A picture of ours that an earlier evaluation left
 * in the folder and that this one has not is removed, so that all there tell of the same. */
PFC_MUST_USE pfc_status plots_write(const cJSON *json, const char *dir, int *n_written,
                                    pfc_error *err);

#endif
