/* Memory. Setup code allocates through these, hot loops do not allocate. */
#ifndef PROFICIO_BASE_MEM_H
#define PROFICIO_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* n * size bytes, zeroed, 64-byte aligned; NULL when the product overflows or
 * memory is short. n = 0 gives a valid pointer. Freed with pfc_free. */
PFC_API void *pfc_alloc_array(size_t n, size_t size);

/* Grows or shrinks to n * size bytes; new bytes are not zeroed. On failure NULL
 * is returned and p is untouched. p may be NULL. */
PFC_API void *pfc_resize_array(void *p, size_t n_old, size_t n, size_t size);

/* NULL is allowed. */
PFC_API void pfc_free(void *p);

/* A copy of s, owned by the caller; NULL when memory is short. */
PFC_API char *pfc_strdup(const char *s);

/* p = n zeroed elements, or leave through done. Needs: pfc_status st; pfc_error *err. */
#define PFC_NEW(p, n)                                         \
  do {                                                        \
    if (!((p) = pfc_alloc_array((size_t)(n), sizeof *(p)))) { \
      st = pfc_fail_memory(err, #p);                          \
      goto done;                                              \
    }                                                         \
  } while (0)

/* Makes room for at least `need` elements in a growing array: half as many again, or no more
 * than asked where the type of `capacity` could not count those. */
#define PFC_RESERVE(p, capacity, need)                                               \
  do {                                                                               \
    if ((need) > (capacity)) {                                                       \
      const size_t ample_ = (size_t)(need) + (size_t)(need) / 2 + 16;                \
      const bool counts_ = (size_t)(__typeof__(capacity))ample_ == ample_;           \
      const size_t grown_ = counts_ ? ample_ : (size_t)(need);                       \
      void *moved_ = pfc_resize_array((p), (size_t)(capacity), grown_, sizeof *(p)); \
      if (!moved_) {                                                                 \
        st = pfc_fail_memory(err, #p);                                               \
        goto done;                                                                   \
      }                                                                              \
      (p) = moved_;                                                                  \
      (capacity) = (__typeof__(capacity))grown_;                                     \
    }                                                                                \
  } while (0)

#endif
