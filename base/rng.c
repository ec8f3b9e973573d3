#include "base/rng.h"

#include <math.h>

static uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

/* The finalizer of splitmix64: a bijection that spreads every bit. */
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

static uint64_t splitmix(uint64_t *state) { return mix(*state += 0x9e3779b97f4a7c15U); }

uint64_t pfc_rng_id(const char *text) {
  uint64_t h = 0xcbf29ce484222325U;
  for (; *text; text++) h = (h ^ (unsigned char)*text) * 0x100000001b3U;
  return h;
}

void pfc_rng_init(pfc_rng *rng, uint64_t seed, const char *what, uint64_t id) {
  uint64_t key = seed;
  key = splitmix(&key) ^ pfc_rng_id(what);
  key = splitmix(&key) ^ id;
  for (int i = 0; i < 4; i++) rng->s[i] = splitmix(&key);
}

uint64_t pfc_rng_next(pfc_rng *rng) {
  uint64_t *s = rng->s;
  const uint64_t result = rotl(s[0] + s[3], 23) + s[0];
  const uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 45);
  return result;
}

double pfc_rng_uniform(pfc_rng *rng) { return (double)(pfc_rng_next(rng) >> 11) * 0x1p-53; }

/* The high half of a 64 x 64 bit product, with the few draws refused that would
 * favour some results (Lemire, ACM TOMACS 29(1), 2019). */
uint64_t pfc_rng_below(pfc_rng *rng, uint64_t n) {
  for (;;) {
    const unsigned __int128 product = (unsigned __int128)pfc_rng_next(rng) * n;
    /* Fewer than n low halves are refused: the division is hardly ever needed. */
    if ((uint64_t)product >= n || (uint64_t)product >= (0 - n) % n)
      return (uint64_t)(product >> 64);
  }
}

/* Marsaglia's polar method; the second deviate is dropped, so that a stream's state
 * is its four words and nothing else. */
double pfc_rng_normal(pfc_rng *rng) {
  for (;;) {
    const double u = 2 * pfc_rng_uniform(rng) - 1;
    const double v = 2 * pfc_rng_uniform(rng) - 1;
    const double s = u * u + v * v;
    if (s > 0 && s < 1) return u * sqrt(-2 * log(s) / s);
  }
}
