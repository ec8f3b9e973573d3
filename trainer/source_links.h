/* Which sources of ratings can be compared with an anchor: the graph of sources and cells. */
#ifndef PROFICIO_TRAINER_SOURCE_LINKS_H
#define PROFICIO_TRAINER_SOURCE_LINKS_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/evidence.h"

/* Two sources that rated one person in one competency (a cell) can be told apart there; over
 * such cells, one after the other, a source is linked with an anchor or is not. Where it is
 * not, nothing tells its bias from the levels of those whom it rated.
 *
 *   linked[n_sources]  1: an anchor, or linked with one
 *   shared[n_sources]  cells that the source and an anchor rated both; of an anchor, those that
 *                      it and any other source rated both
 *
 * Of ratings before `date` (PFC_NO_DATE: all). Ratings that name no source link nothing: they
 * may come from anywhere. */
PFC_API PFC_MUST_USE pfc_status pfc_source_links(const pfc_evidence *evidence, int32_t date,
                                                 int8_t *linked, int64_t *shared,
                                                 pfc_error *err);

#endif
