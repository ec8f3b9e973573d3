/* Feedback stores, tampered with. */
#ifndef PROFICIO_TESTS_SUPPORT_TAMPERING_H
#define PROFICIO_TESTS_SUPPORT_TAMPERING_H

#include <stdint.h>

/* Changes a store of thirty events n times, each time another copy: a column of an event, an
 * event taken out, two swapped, the end cut off. Every change must be found, and the first
 * event that it touches named. */
void tamper(uint64_t seed, int n);

#endif
