#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/import_build_internal.h"

#define MAX_KEY 4 /* no table has a longer key */

/* The key of a table and a hash table over its rows. */
typedef struct key_index {
  int n;
  const pfc_column *columns[MAX_KEY];
  int64_t *slot; /* row, or -1 */
  size_t n_slots;
} key_index;

static void find_key(const pfc__builder *b, key_index *key) {
  for (int c = 0; c < b->n_columns; c++) {
    const pfc__build_column *column = &b->columns[c];
    if (column->decl && (column->decl->flags & PFC_KEY) && key->n < MAX_KEY)
      key->columns[key->n++] = &column->values;
  }
}

static bool same_key(const key_index *key, int64_t a, int64_t b) {
  for (int i = 0; i < key->n; i++)
    if (key->columns[i]->code[a] != key->columns[i]->code[b]) return false;
  return true;
}

/* The row that has the key of `row` already; else -1, and `row` is entered. */
static int64_t enter(key_index *key, int64_t row) {
  uint64_t hash = 0;
  for (int i = 0; i < key->n; i++) {
    hash = (hash ^ (uint32_t)key->columns[i]->code[row]) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  for (size_t s = hash & (key->n_slots - 1);; s = (s + 1) & (key->n_slots - 1)) {
    if (key->slot[s] >= 0 && !same_key(key, key->slot[s], row)) continue;
    if (key->slot[s] >= 0) return key->slot[s];
    key->slot[s] = row;
    return -1;
  }
}

/* The names of the key's columns: "role_id, competency_id". */
static void name_key(const key_index *key, char *text, size_t size) {
  text[0] = '\0';
  for (int i = 0; i < key->n; i++) pfc__list_name(text, size, key->columns[i]->name);
}

pfc_status pfc__check_keys(pfc__builder *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  key_index key = {.n_slots = 16};
  char names[128], reason[PFC__REASON];
  find_key(b, &key);
  if (key.n == 0) return st;
  while (key.n_slots < (size_t)b->n_rows * 2) key.n_slots *= 2;
  PFC_NEW(key.slot, key.n_slots);
  memset(key.slot, 0xff, key.n_slots * sizeof *key.slot);
  name_key(&key, names, sizeof names);
  for (int64_t r = 0; r < b->n_rows; r++) {
    const int64_t earlier = b->keep[r] ? enter(&key, r) : -1;
    if (earlier < 0) continue;
    (void)snprintf(reason, sizeof reason,
                   "expected a new %s, but line %lld of %.100s has the same; remove one", names,
                   (long long)pfc__build_line_of(b, earlier),
                   b->files[pfc__build_file_of(b, earlier)]);
    PFC_TRY(pfc__build_take_back(b, r, PFC__BY_KEY, key.columns[0]->name,
                                 pfc__cell_text(key.columns[0], r, NULL), reason, err));
  }
done:
  pfc_free(key.slot);
  return st;
}
