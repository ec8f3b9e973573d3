#include "cli/shard.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum { MOST_SHARDS = 100000 };

/* Digits alone: strtol takes blanks and signs. */
static const char *take_whole(const char *text, int32_t *value) {
  const size_t n = strspn(text, "0123456789");
  *value = n > 0 && n < 8 ? (int32_t)strtol(text, NULL, 10) : 0;
  return text + n;
}

pfc_status shard_parse(const char *text, shard *s, pfc_error *err) {
  const char *at = take_whole(text, &s->i);
  const char *end = *at == '/' ? take_whole(at + 1, &s->n) : at;
  if (*at == '/' && !*end && s->i >= 1 && s->i <= s->n && s->n <= MOST_SHARDS) return PFC_OK;
  return pfc_fail(
      err, PFC_EUSAGE,
      "--shard: I/N expected, the I-th of N shares from 1/N to N/N, N up to %d, not "
      "'%.100s'",
      MOST_SHARDS, text);
}

/* The last bits of FNV-1a hang on few of the text's: a multiplication spreads them, and the
 * first bits of the product choose. */
int32_t shard_of(const char *id, int32_t n) {
  uint64_t h = pfc_rng_id(id);
  h = (h ^ h >> 32) * UINT64_C(0x9E3779B97F4A7C15);
  h ^= h >> 29;
  return 1 + (int32_t)(((h >> 32) * (uint64_t)n) >> 32);
}

void shard_keep(const shard *s, const pfc_dict *people, code_list *codes) {
  int64_t n = 0;
  if (s->n == 0) return;
  for (int64_t p = 0; p < codes->n; p++) {
    if (shard_of(pfc_dict_text(people, codes->code[p]), s->n) == s->i)
      codes->code[n++] = codes->code[p];
  }
  codes->n = n;
}
