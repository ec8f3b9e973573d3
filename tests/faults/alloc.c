/* malloc and its kin. Blocks asked for by the program itself, or by a library whose objects
 * it owns, are listed, so that those never freed can be told. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/faults/faults.h"

#define PFC_EXPORT __attribute__((visibility("default")))

static struct {
  void *(*malloc)(size_t);
  void *(*calloc)(size_t, size_t);
  void *(*realloc)(void *, size_t);
  void *(*aligned_alloc)(size_t, size_t);
  void *(*memalign)(size_t, size_t);
  int (*posix_memalign)(void **, size_t, size_t);
  void (*free)(void *);
} next;

/* dlsym may allocate itself. */
static char early[65536];
static size_t early_used;
static bool resolving;

static void *early_block(size_t size) {
  void *p = early + early_used;
  early_used += (size + 63) / 64 * 64;
  return early_used <= sizeof early ? p : NULL;
}

static bool is_early(const void *p) {
  return (const char *)p >= early && (const char *)p < early + sizeof early;
}

static void resolve(void) {
  resolving = true;
  *(void **)&next.calloc = dlsym(RTLD_NEXT, "calloc");
  *(void **)&next.realloc = dlsym(RTLD_NEXT, "realloc");
  *(void **)&next.aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
  *(void **)&next.memalign = dlsym(RTLD_NEXT, "memalign");
  *(void **)&next.posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
  *(void **)&next.free = dlsym(RTLD_NEXT, "free");
  *(void **)&next.malloc = dlsym(RTLD_NEXT, "malloc");
  resolving = false;
}

/* --- what is alive ------------------------------------------------------------------------ */

enum { MAX_LIVE = 1 << 20, MAX_RANGES = 32 };
static uintptr_t live[MAX_LIVE]; /* open addressing; 1: was taken once */
static long n_live;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct { uintptr_t begin, end; } owned[MAX_RANGES];
static int n_owned = -1; /* -1: not looked yet */

/* The program is the object without a name. */
static int note_object(struct dl_phdr_info *info, size_t size, void *user) {
  static const char *const OWNED[] = {"/libcjson.", "/libcsv.", "/libz."};
  (void)size;
  (void)user;
  bool ours = info->dlpi_name[0] == '\0';
  for (size_t i = 0; i < sizeof OWNED / sizeof *OWNED; i++)
    ours = ours || strstr(info->dlpi_name, OWNED[i]);
  for (int i = 0; ours && i < info->dlpi_phnum && n_owned < MAX_RANGES; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
    owned[n_owned].begin = info->dlpi_addr + part->p_vaddr;
    owned[n_owned].end = owned[n_owned].begin + part->p_memsz;
    n_owned++;
  }
  return 0;
}

static bool is_owner(const void *caller) {
  const uintptr_t at = (uintptr_t)caller;
  for (int i = 0; i < n_owned; i++)
    if (at >= owned[i].begin && at < owned[i].end) return true;
  return false;
}

static size_t slot_of(uintptr_t key) { return (key >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 44; }

static void list_block(const void *p, const void *caller) {
  if (!p || !the_faults || !the_faults->counting || !is_owner(caller)) return;
  (void)pthread_mutex_lock(&lock);
  size_t at = slot_of((uintptr_t)p);
  while (live[at] > 1) at = (at + 1) % MAX_LIVE;
  live[at] = (uintptr_t)p;
  n_live++;
  (void)pthread_mutex_unlock(&lock);
}

static void unlist_block(const void *p) {
  if (!p || n_live == 0) return;
  (void)pthread_mutex_lock(&lock);
  for (size_t at = slot_of((uintptr_t)p); live[at]; at = (at + 1) % MAX_LIVE) {
    if (live[at] != (uintptr_t)p) continue;
    live[at] = 1;
    n_live--;
    break;
  }
  (void)pthread_mutex_unlock(&lock);
}

void faults_note_live(void) { the_faults->n_live = n_live; }

__attribute__((constructor)) static void begin(void) {
  if (!next.malloc) resolve();
  n_owned = 0;
  (void)dl_iterate_phdr(note_object, NULL);
}

/* --- the functions themselves ------------------------------------------------------------- */

static bool fails(const void *caller) { return faults_now(FAULT_ALLOC, caller); }

PFC_EXPORT void *malloc(size_t size) {
  const void *caller = __builtin_return_address(0);
  if (resolving) return early_block(size);
  if (!next.malloc) resolve();
  if (fails(caller)) return NULL;
  void *p = next.malloc(size);
  list_block(p, caller);
  return p;
}

PFC_EXPORT void *calloc(size_t n, size_t size) {
  const void *caller = __builtin_return_address(0);
  if (resolving) return early_block(n * size);
  if (!next.malloc) resolve();
  if (fails(caller)) return NULL;
  void *p = next.calloc(n, size);
  list_block(p, caller);
  return p;
}

PFC_EXPORT void *realloc(void *p, size_t size) {
  const void *caller = __builtin_return_address(0);
  if (!next.malloc) resolve();
  if (is_early(p)) {
    void *moved = next.malloc(size);
    const size_t left = (size_t)(early + sizeof early - (char *)p);
    return moved ? memcpy(moved, p, size < left ? size : left) : NULL;
  }
  if (fails(caller)) return NULL;
  unlist_block(p);
  void *moved = next.realloc(p, size);
  list_block(moved, caller);
  return moved;
}

PFC_EXPORT void *aligned_alloc(size_t alignment, size_t size) {
  const void *caller = __builtin_return_address(0);
  if (!next.malloc) resolve();
  if (fails(caller)) return NULL;
  void *p = next.aligned_alloc(alignment, size);
  list_block(p, caller);
  return p;
}

PFC_EXPORT void *memalign(size_t alignment, size_t size) {
  const void *caller = __builtin_return_address(0);
  if (!next.malloc) resolve();
  if (fails(caller)) return NULL;
  void *p = next.memalign(alignment, size);
  list_block(p, caller);
  return p;
}

/* libc's own would hide who asks. */
PFC_EXPORT char *strdup(const char *text) {
  const void *caller = __builtin_return_address(0);
  const size_t size = strlen(text) + 1;
  if (!next.malloc) resolve();
  if (fails(caller)) return NULL;
  char *p = next.malloc(size);
  list_block(p, caller);
  return p ? memcpy(p, text, size) : NULL;
}

PFC_EXPORT int posix_memalign(void **p, size_t alignment, size_t size) {
  const void *caller = __builtin_return_address(0);
  if (!next.malloc) resolve();
  if (fails(caller)) return ENOMEM;
  const int code = next.posix_memalign(p, alignment, size);
  if (code == 0) list_block(*p, caller);
  return code;
}

PFC_EXPORT void free(void *p) {
  if (is_early(p)) return;
  if (!next.malloc) resolve();
  unlist_block(p);
  next.free(p);
}
