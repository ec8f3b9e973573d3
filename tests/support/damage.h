/* Ways in which files come to harm, drawn at random. */
#ifndef PROFICIO_TESTS_SUPPORT_DAMAGE_H
#define PROFICIO_TESTS_SUPPORT_DAMAGE_H

#include <stddef.h>

#include "base/rng.h"
#include "tests/support/doctor.h"

enum { TEST_DAMAGE_TEXT = 120 };

/* A copy of the bytes, never the same: cut short, bits flipped, eight bytes overwritten, a
 * stretch zeroed, written elsewhere too, swapped with another, left out or put in twice.
 * *n_damaged is its length, `what` says what was done. Freed with free. */
char *test_damage(pfc_rng *rng, const char *bytes, size_t n, size_t *n_damaged,
                  char what[TEST_DAMAGE_TEXT]);

/* Damages the patient's file n times: every time it is refused with its name, within so many
 * seconds each. */
void test_damage_refused(const test_patient *p, long n, unsigned seconds);

/* The same, but each damaged file gets a seal as if it were whole, so that HDF5 and what is
 * behind it see the damage: it is refused or loaded, but nothing crashes, hangs or leaks. */
void test_damage_survived(const test_patient *p, long n, unsigned seconds);

/* How many times a test damages its file: PFC_TEST_COUNT from the environment, else
 * `fallback`. */
long test_damage_count(long fallback);

/* Ends the program, saying `what`, unless called again within so many seconds (0: never). */
void test_watchdog(unsigned seconds, const char *what);

#endif
