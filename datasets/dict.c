#include "datasets/dict.h"

#include <string.h>

#include "base/mem.h"

/* Open addressing with linear probing over codes; the texts lie one after another in
 * one block, each with its NUL. */
struct pfc_dict {
  char *name;
  int32_t n;       /* codes */
  size_t capacity; /* of offset[] and hash[] */
  size_t *offset;  /* of a code's text in `text` */
  uint32_t *hash;  /* of a code's text, so that growing reads no text */
  char *text;
  size_t text_size, text_capacity;
  int32_t *slot;  /* code, or -1 when free */
  size_t n_slots; /* a power of two, at least twice n */
};

#define FIRST_SLOTS 64
#define MAX_CODES (INT32_MAX - 1)

pfc_dict *pfc_dict_create(const char *name) {
  pfc_dict *d = pfc_alloc_array(1, sizeof *d);
  if (!d) return NULL;
  d->n_slots = FIRST_SLOTS;
  d->name = pfc_strdup(name);
  d->slot = pfc_alloc_array(d->n_slots, sizeof *d->slot);
  if (!d->name || !d->slot) {
    pfc_dict_destroy(d);
    return NULL;
  }
  memset(d->slot, 0xff, d->n_slots * sizeof *d->slot);
  return d;
}

void pfc_dict_destroy(pfc_dict *d) {
  if (!d) return;
  pfc_free(d->name);
  pfc_free(d->offset);
  pfc_free(d->hash);
  pfc_free(d->text);
  pfc_free(d->slot);
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
  copy->capacity = (size_t)d->n;
  copy->text_capacity = d->text_size;
  copy->name = pfc_strdup(d->name);
  copy->offset = duplicate(d->offset, (size_t)d->n, sizeof *d->offset);
  copy->hash = duplicate(d->hash, (size_t)d->n, sizeof *d->hash);
  copy->text = duplicate(d->text, d->text_size, 1);
  copy->slot = duplicate(d->slot, d->n_slots, sizeof *d->slot);
  if (copy->name && copy->offset && copy->hash && copy->text && copy->slot) return copy;
  pfc_dict_destroy(copy);
  return NULL;
}

/* FNV-1a, then the finalizer of MurmurHash3 so that the low bits depend on all. */
static uint32_t hash_of(const char *text, size_t size) {
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < size; i++) h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdu;
  h ^= h >> 33;
  return (uint32_t)h;
}

static size_t text_length(const pfc_dict *d, int32_t code) {
  const size_t end = code + 1 < d->n ? d->offset[code + 1] : d->text_size;
  return end - d->offset[code] - 1;
}

/* The slot that holds the text, or the free one where it belongs. */
static size_t probe(const pfc_dict *d, const char *text, size_t size, uint32_t hash) {
  const size_t mask = d->n_slots - 1;
  for (size_t s = hash & mask;; s = (s + 1) & mask) {
    const int32_t code = d->slot[s];
    if (code < 0) return s;
    if (d->hash[code] != hash) continue;
    if (text_length(d, code) == size && memcmp(d->text + d->offset[code], text, size) == 0)
      return s;
  }
}

/* Twice the slots, when there is no longer room for one more code. */
static pfc_status grow_slots(pfc_dict *d, pfc_error *err) {
  if ((size_t)(d->n + 1) * 2 <= d->n_slots) return PFC_OK;
  const size_t n_slots = d->n_slots * 2;
  int32_t *slot = pfc_alloc_array(n_slots, sizeof *slot);
  if (!slot) return pfc_fail_memory(err, "dictionary");
  memset(slot, 0xff, n_slots * sizeof *slot);
  for (int32_t code = 0; code < d->n; code++) {
    size_t s = d->hash[code] & (n_slots - 1);
    while (slot[s] >= 0) s = (s + 1) & (n_slots - 1);
    slot[s] = code;
  }
  pfc_free(d->slot);
  d->slot = slot;
  d->n_slots = n_slots;
  return PFC_OK;
}

/* Room for one more code, whose text has `size` bytes. */
static pfc_status grow_codes(pfc_dict *d, size_t size, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t need = d->text_size + size + 1;
  PFC_RESERVE(d->text, d->text_capacity, need);
  size_t capacity = d->capacity;
  PFC_RESERVE(d->offset, capacity, (size_t)d->n + 1);
  capacity = d->capacity;
  PFC_RESERVE(d->hash, capacity, (size_t)d->n + 1);
  d->capacity = capacity;
done:
  return st;
}

pfc_status pfc_dict_add(pfc_dict *d, const char *text, size_t size, int32_t *code,
                        pfc_error *err) {
  const uint32_t hash = hash_of(text, size);
  const int32_t known = d->slot[probe(d, text, size, hash)];
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
  d->hash[d->n] = hash;
  d->slot[probe(d, text, size, hash)] = d->n;
  d->text_size += size + 1;
  *code = d->n++;
done:
  return st;
}

int32_t pfc_dict_find(const pfc_dict *d, const char *text) {
  const size_t size = strlen(text);
  return d->slot[probe(d, text, size, hash_of(text, size))];
}

const char *pfc_dict_text(const pfc_dict *d, int32_t code) {
  return code < 0 ? "" : d->text + d->offset[code];
}

void pfc_dict_map(const pfc_dict *from, const pfc_dict *to, int32_t *map) {
  for (int32_t code = 0; code < from->n; code++)
    map[code] = pfc_dict_find(to, pfc_dict_text(from, code));
}
