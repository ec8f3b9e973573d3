#include "datasets/dict_internal.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

/* The hash stands beside the code: most slots that are probed in vain are known by it
 * without a look at their text, and growing reads no text at all. */
typedef struct slot {
  uint32_t hash;
  int32_t code; /* -1 when free */
} slot;

/* Open addressing with linear probing over codes; the texts lie one after another in
 * one block, each with its NUL. */
struct pfc_dict {
  char *name;
  int32_t n;        /* codes */
  size_t *offset;   /* of a code's text in `text` */
  size_t n_offsets; /* there is room for */
  char *text;
  size_t text_size, text_capacity;
  slot *slots;
  size_t n_slots; /* a power of two, at least twice n */
};

#define FIRST_SLOTS 64
#define MAX_CODES (INT32_MAX - 1)

static slot *create_slots(size_t n) {
  slot *slots = pfc_alloc_array(n, sizeof *slots);
  if (slots) memset(slots, 0xff, n * sizeof *slots);
  return slots;
}

pfc_dict *pfc_dict_create(const char *name) {
  pfc_dict *d = pfc_alloc_array(1, sizeof *d);
  if (!d) return NULL;
  d->n_slots = FIRST_SLOTS;
  d->name = pfc_strdup(name);
  d->slots = create_slots(d->n_slots);
  if (d->name && d->slots) return d;
  pfc_dict_destroy(d);
  return NULL;
}

void pfc_dict_destroy(pfc_dict *d) {
  if (!d) return;
  pfc_free(d->name);
  pfc_free(d->offset);
  pfc_free(d->text);
  pfc_free(d->slots);
  pfc_free(d);
}

const char *pfc_dict_name(const pfc_dict *d) { return d->name; }

int32_t pfc_dict_size(const pfc_dict *d) { return d->n; }

/* A copy of n * size bytes, NULL when memory is short. */
static void *duplicate(const void *data, size_t n, size_t size) {
  void *copy = pfc_alloc_array(n, size);
  if (copy && n) memcpy(copy, data, n * size);
  return copy;
}

pfc_dict *pfc_dict_copy(const pfc_dict *d) {
  pfc_dict *copy = pfc_alloc_array(1, sizeof *copy);
  if (!copy) return NULL;
  *copy = *d;
  copy->n_offsets = (size_t)d->n;
  copy->text_capacity = d->text_size;
  copy->name = pfc_strdup(d->name);
  copy->offset = duplicate(d->offset, (size_t)d->n, sizeof *d->offset);
  copy->text = duplicate(d->text, d->text_size, 1);
  copy->slots = duplicate(d->slots, d->n_slots, sizeof *d->slots);
  if (copy->name && copy->offset && copy->text && copy->slots) return copy;
  pfc_dict_destroy(copy);
  return NULL;
}

static inline uint64_t load(const char *text, size_t size) {
  uint64_t word = 0;
  memcpy(&word, text, size);
  return word;
}

/* Both halves of the product depend on every bit of both factors. */
static uint64_t mix(uint64_t a, uint64_t b) {
  const unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes a step; the last step overlaps the one before, so that no text but the shortest
 * needs a loop over bytes. The constants are arbitrary odd numbers with many bits set. */
static uint32_t hash_of(const char *text, size_t size) {
  const uint64_t k0 = 0x9e3779b97f4a7c15u, k1 = 0xd6e8feb86659fd93u;
  uint64_t h = size ^ k1, last;
  size_t i = 0;
  for (; i + 8 < size; i += 8) h = mix(h ^ load(text + i, 8), k0);
  if (size >= 8)
    last = load(text + size - 8, 8);
  else if (size >= 4)
    last = load(text, 4) | load(text + size - 4, 4) << 32;
  else
    last = size ? load(text, 1) | load(text + size / 2, 1) << 8 | load(text + size - 1, 1) << 16
                : 0;
  return (uint32_t)mix(h ^ last, k0);
}

static size_t text_length(const pfc_dict *d, int32_t code) {
  const size_t end = code + 1 < d->n ? d->offset[code + 1] : d->text_size;
  return end - d->offset[code] - 1;
}

/* Ids are short: two loads that may overlap are quicker than a call. */
static inline bool same_text(const char *a, const char *b, size_t size) {
  if (size > 16) return memcmp(a, b, size) == 0;
  if (size >= 8) {
    const size_t last = size - 8;
    return ((load(a, 8) ^ load(b, 8)) | (load(a + last, 8) ^ load(b + last, 8))) == 0;
  }
  if (size >= 4) {
    const size_t last = size - 4;
    return ((load(a, 4) ^ load(b, 4)) | (load(a + last, 4) ^ load(b + last, 4))) == 0;
  }
  for (size_t i = 0; i < size; i++)
    if (a[i] != b[i]) return false;
  return true;
}

static inline bool is_text_of(const pfc_dict *d, int32_t code, const char *text, size_t size) {
  return text_length(d, code) == size && same_text(d->text + d->offset[code], text, size);
}

/* The slot that holds the text, or the free one where it belongs. */
static slot *probe(const pfc_dict *d, const char *text, size_t size, uint32_t hash) {
  const size_t mask = d->n_slots - 1;
  for (size_t s = hash & mask;; s = (s + 1) & mask) {
    slot *at = &d->slots[s];
    if (at->code < 0 || (at->hash == hash && is_text_of(d, at->code, text, size))) return at;
  }
}

/* Into the first free slot; for codes that are not there yet. */
static void enter(slot *slots, size_t n_slots, slot new) {
  size_t s = new.hash &(n_slots - 1);
  while (slots[s].code >= 0) s = (s + 1) & (n_slots - 1);
  slots[s] = new;
}

/* Twice the slots, when there is no longer room for one more code. */
static pfc_status grow_slots(pfc_dict *d, pfc_error *err) {
  if ((size_t)(d->n + 1) * 2 <= d->n_slots) return PFC_OK;
  const size_t n_slots = d->n_slots * 2;
  slot *slots = create_slots(n_slots);
  if (!slots) return pfc_fail_memory(err, "dictionary");
  for (size_t s = 0; s < d->n_slots; s++)
    if (d->slots[s].code >= 0) enter(slots, n_slots, d->slots[s]);
  pfc_free(d->slots);
  d->slots = slots;
  d->n_slots = n_slots;
  return PFC_OK;
}

/* Room for one more code, whose text has `size` bytes. */
static pfc_status grow_codes(pfc_dict *d, size_t size, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t need = d->text_size + size + 1;
  PFC_RESERVE(d->text, d->text_capacity, need);
  PFC_RESERVE(d->offset, d->n_offsets, (size_t)d->n + 1);
done:
  return st;
}

pfc_status pfc_dict_add(pfc_dict *d, const char *text, size_t size, int32_t *code,
                        pfc_error *err) {
  const uint32_t hash = hash_of(text, size);
  const int32_t known = probe(d, text, size, hash)->code;
  if (known >= 0) {
    *code = known;
    return PFC_OK;
  }
  pfc_status st = PFC_OK;
  if (memchr(text, '\0', size))
    return pfc_fail(err, PFC_EDATA, "dictionary '%s': a text holds a NUL byte", d->name);
  if (d->n >= MAX_CODES)
    return pfc_fail(err, PFC_EDATA, "dictionary '%s' has more than %d entries", d->name,
                    MAX_CODES);
  PFC_TRY(grow_codes(d, size, err));
  PFC_TRY(grow_slots(d, err));
  if (size) memcpy(d->text + d->text_size, text, size);
  d->text[d->text_size + size] = '\0';
  d->offset[d->n] = d->text_size;
  enter(d->slots, d->n_slots, (slot){hash, d->n});
  d->text_size += size + 1;
  *code = d->n++;
done:
  return st;
}

int32_t pfc_dict_find(const pfc_dict *d, const char *text) {
  const size_t size = strlen(text);
  return probe(d, text, size, hash_of(text, size))->code;
}

int32_t pfc__dict_find(const pfc_dict *d, const char *text, size_t size, int32_t near) {
  if (near >= 0 && is_text_of(d, near, text, size)) return near;
  if (near + 1 < d->n && is_text_of(d, near + 1, text, size)) return near + 1;
  return probe(d, text, size, hash_of(text, size))->code;
}

const char *pfc_dict_text(const pfc_dict *d, int32_t code) {
  return code < 0 ? "" : d->text + d->offset[code];
}

void pfc_dict_map(const pfc_dict *from, const pfc_dict *to, int32_t *map) {
  for (int32_t code = 0; code < from->n; code++)
    map[code] = pfc_dict_find(to, pfc_dict_text(from, code));
}

/* --- renumbering ---------------------------------------------------------- */

/* Moves the texts into the order of their new codes. */
static void reorder(const pfc_dict *from, const int32_t *old_code, pfc_dict *to) {
  for (int32_t code = 0; code < to->n; code++) {
    const size_t size = text_length(from, old_code[code]) + 1;
    memcpy(to->text + to->text_size, from->text + from->offset[old_code[code]], size);
    to->offset[code] = to->text_size;
    to->text_size += size;
  }
}

static size_t size_of_texts(const pfc_dict *d, const int32_t *old_code, int32_t n) {
  size_t size = 0;
  for (int32_t code = 0; code < n; code++) size += text_length(d, old_code[code]) + 1;
  return size;
}

/* The same slots, without those that go; what hangs behind a gap would not be found. */
static void renumber_slots(const pfc_dict *d, const int32_t *new_code, slot *slots) {
  for (size_t s = 0; s < d->n_slots; s++) {
    slot moved = d->slots[s];
    if (moved.code < 0 || new_code[moved.code] < 0) continue;
    moved.code = new_code[moved.code];
    enter(slots, d->n_slots, moved);
  }
}

pfc_status pfc__dict_renumber(pfc_dict *d, const int32_t *new_code, int32_t n_new,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *old_code = NULL;
  pfc_dict new = {.name = d->name, .n = n_new, .n_slots = d->n_slots};
  PFC_NEW(old_code, n_new);
  for (int32_t code = 0; code < d->n; code++)
    if (new_code[code] >= 0) old_code[new_code[code]] = code;
  new.n_offsets = (size_t)n_new;
  new.text_capacity = size_of_texts(d, old_code, n_new);
  PFC_NEW(new.offset, n_new);
  PFC_NEW(new.text, new.text_capacity);
  if (!(new.slots = create_slots(new.n_slots))) PFC_TRY(pfc_fail_memory(err, "dictionary"));
  reorder(d, old_code, &new);
  renumber_slots(d, new_code, new.slots);
  const pfc_dict old = *d;
  *d = new;
  new = old;
done:
  pfc_free(old_code);
  pfc_free(new.offset);
  pfc_free(new.text);
  pfc_free(new.slots);
  return st;
}
