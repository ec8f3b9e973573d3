#include "tests/support/oom.h"

#include <stdatomic.h>
#include <stddef.h>

static atomic_long countdown = -1;
static atomic_bool happened;

void oom_after(long n) {
  atomic_store(&happened, false);
  atomic_store(&countdown, n);
}

bool oom_happened(void) { return atomic_load(&happened); }

/* The linker sends every aligned_alloc of ours here (-Wl,--wrap=aligned_alloc). */
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  if (atomic_load(&countdown) >= 0 && atomic_fetch_sub(&countdown, 1) == 0) {
    atomic_store(&happened, true);
    return NULL;
  }
  return __real_aligned_alloc(alignment, size);
}
