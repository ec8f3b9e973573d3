/* Whole commands, run as their users run them. */
#ifndef PROFICIO_BENCH_PROGRAM_INTERNAL_H
#define PROFICIO_BENCH_PROGRAM_INTERNAL_H

#include "base/error.h"

/* A new folder in `scratch`, readable by us alone. The name is the caller's. PFC_EIO. */
PFC_MUST_USE pfc_status pfc__scratch_create(const char *scratch, char **folder, pfc_error *err);

/* Runs a program with up to 15 arguments (NULL ends them) in a process of its own, which has
 * our standard streams.
 *   seconds     from its start to its end
 *   peak_bytes  the most memory that it held at a time, as the system counts it (resident)
 * PFC_EIO where it cannot be run or fails, PFC_ECANCELLED where it was asked to stop. */
PFC_MUST_USE pfc_status pfc__run_program(const char *program, const char *const *args,
                                         double *seconds, double *peak_bytes, pfc_error *err);

#endif
