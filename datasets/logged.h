/* Logged decisions as a file that anybody has, and policies to ask about: CSV, also gzipped
 * (docs/FORMATS.md, "Logged decisions"). */
#ifndef PROFICIO_DATASETS_LOGGED_H
#define PROFICIO_DATASETS_LOGGED_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dict.h"

enum { PFC_MOST_SLOTS = 1000 };

typedef struct pfc_logged_table {
  int64_t n;
  pfc_dict *contexts, *slots, *actions; /* a log without slots has one, "" */
  int32_t *context;                     /* n; NULL where the file has no such column */
  int32_t *slot, *action;               /* n */
  double *reward, *propensity;          /* n; finite; above 0, at most 1 */
  double *target;                       /* n, 0 to 1; NULL where the file has no such column */
} pfc_logged_table;

/* PFC_EDATA names file, line, column, value and what is expected. Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_logged_load(const char *path, pfc_logged_table **table,
                                                pfc_error *err);
PFC_API void pfc_logged_destroy(pfc_logged_table *t); /* NULL is allowed */

/* Chances of actions, whoever comes. */
typedef struct pfc_logged_policy {
  int32_t n_slots, n_actions; /* of the log */
  double *chance;             /* n_slots x n_actions */
  double *elsewhere;          /* n_slots: of actions that the log has not */
} pfc_logged_policy;

/* Each action of the log with equal chance. */
PFC_API PFC_MUST_USE pfc_status pfc_logged_policy_uniform(const pfc_logged_table *log,
                                                          pfc_logged_policy **policy,
                                                          pfc_error *err);
/* From a file: PFC_EDATA as above, and where the chances of a slot do not sum to 1, within a
 * millionth. Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_logged_policy_load(const char *path,
                                                       const pfc_logged_table *log,
                                                       pfc_logged_policy **policy,
                                                       pfc_error *err);
PFC_API void pfc_logged_policy_destroy(pfc_logged_policy *p); /* NULL is allowed */

#endif
