/* Which of n things belong together, when told of two at a time (union and find). */
#ifndef PROFICIO_BASE_FOREST_H
#define PROFICIO_BASE_FOREST_H

#include <stdint.h>

#include "base/error.h"

/* parent[n]: everything alone. */
PFC_API void pfc_forest_init(int32_t n, int32_t *parent);

/* The same for all that belong together; paths get shorter on the way. */
PFC_API int32_t pfc_forest_root(int32_t *parent, int32_t i);

PFC_API void pfc_forest_join(int32_t *parent, int32_t a, int32_t b);

#endif
