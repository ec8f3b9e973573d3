/* Makes the n-th allocation of ours fail, so that a test can walk through every
 * failure path of a function: count down from 0 until the call succeeds. */
#ifndef PROFICIO_TESTS_SUPPORT_OOM_H
#define PROFICIO_TESTS_SUPPORT_OOM_H

#include <stdbool.h>

/* The allocation after `n` more successful ones fails, once; n < 0 turns it off. */
void oom_after(long n);

/* True when the failure asked for has happened. */
bool oom_happened(void);

#endif
