/* Random numbers: xoshiro256++ streams keyed by (seed, what, id), so that a draw
 * belongs to a person or an item and never to a row number or a thread.
 * Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators",
 * ACM TOMS 47(4), 2021; the state is filled by splitmix64. */
#ifndef PROFICIO_BASE_RNG_H
#define PROFICIO_BASE_RNG_H

#include <stdint.h>

#include "base/error.h"

typedef struct pfc_rng {
  uint64_t s[4];
} pfc_rng;

/* Starts the stream of (seed, what, id). `what` names the use, e.g. "als.items". */
PFC_API void pfc_rng_init(pfc_rng *rng, uint64_t seed, const char *what, uint64_t id);

/* An id for the stream of what has a name, whatever its place in a file: the FNV-1a hash,
 * 64 bits, of the text. */
PFC_API uint64_t pfc_rng_id(const char *text);

PFC_API uint64_t pfc_rng_next(pfc_rng *rng);

/* Uniform in [0, 1), 53 bits. */
PFC_API double pfc_rng_uniform(pfc_rng *rng);

/* Uniform in 0 .. n-1 without bias; n > 0. */
PFC_API uint64_t pfc_rng_below(pfc_rng *rng, uint64_t n);

/* Standard normal, polar method. */
PFC_API double pfc_rng_normal(pfc_rng *rng);

#endif
