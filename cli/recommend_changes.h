/* What became of yesterday's lists, and why. */
#ifndef PROFICIO_CLI_RECOMMEND_CHANGES_H
#define PROFICIO_CLI_RECOMMEND_CHANGES_H

#include "cli/bytes.h"
#include "cli/recommend.h"

/* The header of changes.csv. */
void changes_header(bytes *to);

/* A row for each place of yesterday's list and of today's: those of today first, in their
 * order, then what is gone. */
void changes_put(const scoring *s, const previous *before, const pfc_list *list, bytes *to);

#endif
