/* A share of the people for one of several machines: by a hash of their ids, so that it is the
 * same whatever else is in the data. */
#ifndef PROFICIO_CLI_SHARD_H
#define PROFICIO_CLI_SHARD_H

#include "cli/people.h"
#include "datasets/dict.h"

typedef struct shard {
  int32_t i, n; /* the i-th of n, from 1; n = 0: everybody */
} shard;

/* Reads "3/8". PFC_EUSAGE. */
PFC_MUST_USE pfc_status shard_parse(const char *text, shard *s, pfc_error *err);

/* The shard, from 1, that a person's id falls into. */
int32_t shard_of(const char *id, int32_t n);

/* Drops all that are not in the shard. */
void shard_keep(const shard *s, const pfc_dict *people, code_list *codes);

#endif
