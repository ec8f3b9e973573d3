/* The ledger: which rows a fit has absorbed; and the strengths of its groups. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/posterior.h"

void pfc_ledger_clear(pfc_ledger *l) {
  pfc_free(l->key);
  pfc_free(l->days);
  *l = (pfc_ledger){0};
}

uint64_t pfc_ledger_key(pfc_sha256 *digest, const char *person, const char *intervention,
                        const char *competency, int32_t start) {
  unsigned char bytes[PFC_SHA256_BYTES], day[4];
  uint64_t key = 0;
  for (int k = 0; k < 4; k++) day[k] = (unsigned char)((uint32_t)start >> (8 * k));
  /* Each with the NUL at its end: no two lists of ids give the same bytes. */
  pfc_sha256_add(digest, person, strlen(person) + 1);
  pfc_sha256_add(digest, intervention, strlen(intervention) + 1);
  pfc_sha256_add(digest, competency, strlen(competency) + 1);
  pfc_sha256_add(digest, day, sizeof day);
  pfc_sha256_bytes(digest, bytes);
  for (int k = 0; k < 8; k++) key = key << 8 | bytes[k];
  return key;
}

int64_t pfc_ledger_find(const pfc_ledger *l, uint64_t key) {
  int64_t low = 0, high = l->n;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (l->key[middle] < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < l->n && l->key[low] == key ? low : -1;
}

typedef struct entry {
  uint64_t key;
  int64_t place;
  float days;
} entry;

static int by_key(const void *a, const void *b) {
  const entry *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return (x->place > y->place) - (x->place < y->place);
}

static void append(const pfc_ledger *l, entry *all, int64_t *n) {
  for (int64_t i = 0; i < l->n; i++, (*n)++) all[*n] = (entry){l->key[i], *n, l->days[i]};
}

pfc_status pfc_ledger_join(const pfc_ledger *earlier, const pfc_ledger *later, pfc_ledger *out,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  entry *all = NULL;
  int64_t n = 0;
  *out = (pfc_ledger){0};
  PFC_NEW(all, earlier->n + later->n);
  PFC_NEW(out->key, earlier->n + later->n);
  PFC_NEW(out->days, earlier->n + later->n);
  append(earlier, all, &n);
  append(later, all, &n);
  qsort(all, (size_t)n, sizeof *all, by_key);
  for (int64_t i = 0; i < n; i++) {
    if (i + 1 < n && all[i + 1].key == all[i].key) continue;
    out->key[out->n] = all[i].key;
    out->days[out->n++] = all[i].days;
  }
done:
  if (st != PFC_OK) pfc_ledger_clear(out);
  pfc_free(all);
  return st;
}

/* --- strengths ---------------------------------------------------------------------------- */

void pfc_strengths_clear(pfc_strengths *s) {
  for (int32_t g = 0; s->at && g < s->n; g++) pfc_free(s->at[g].group);
  pfc_free(s->at);
  *s = (pfc_strengths){0};
}

pfc_status pfc_strengths_add(pfc_strengths *s, const char *group, double value,
                             pfc_error *err) {
  const size_t n = (size_t)s->n;
  pfc_strength *grown = pfc_resize_array(s->at, n, n + 1, sizeof *grown);
  if (!grown) return pfc_fail_memory(err, "strengths");
  s->at = grown;
  char *name = pfc_strdup(group);
  if (!name) return pfc_fail_memory(err, "strengths");
  s->at[s->n++] = (pfc_strength){name, value};
  return PFC_OK;
}

double pfc_strengths_of(const pfc_strengths *s, const char *group, double otherwise) {
  for (int32_t g = 0; g < s->n; g++)
    if (strcmp(s->at[g].group, group) == 0) return s->at[g].value;
  return otherwise;
}
