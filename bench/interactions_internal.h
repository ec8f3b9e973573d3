/* Who took up what: power-law data with tastes, the same for the same seed. */
#ifndef PROFICIO_BENCH_INTERACTIONS_INTERNAL_H
#define PROFICIO_BENCH_INTERACTIONS_INTERNAL_H

#include "base/error.h"
#include "base/sparse.h"

/* About n_pairs pairs of people and items, at least two a person, at most a fifth of the
 * items; val is a count from 1 to 4. Activity of people is Pareto (exponent 1.5), popularity
 * of items Zipf-Mandelbrot (0.9, offset 10), and half of what a person takes up follows the
 * taste of one of 32 circles. n_items >= 10. Each person is drawn from a stream of its own.
 * *out is cleared by the caller (pfc_csr_clear), also after a failure. */
PFC_MUST_USE pfc_status pfc__interactions(int32_t n_people, int32_t n_items, int64_t n_pairs,
                                          uint64_t seed, pfc_csr *out, pfc_error *err);

#endif
