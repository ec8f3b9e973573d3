/* A refit as a job: what it reads, where its candidate stands in the registry, what came of it.
 * trainer/refit.h and trainer/gate.h know neither files nor registries. */
#ifndef PROFICIO_CLI_REFIT_H
#define PROFICIO_CLI_REFIT_H

#include "cli/common.h"
#include "datasets/feedback_store.h"
#include "models/registry.h"
#include "trainer/refit.h"

typedef enum refit_outcome {
  REFIT_NOTHING,   /* nothing is new */
  REFIT_FIRST,     /* the first model serves */
  REFIT_PROMOTE,   /* the candidate serves */
  REFIT_REJECT,    /* it is worse */
  REFIT_UNDECIDED, /* not enough evidence */
} refit_outcome;

typedef struct refit_job {
  common *c;
  const char *folder, *data; /* --registry, --data */
  bool dry_run;
  pfc_registry *registry; /* locked while the job runs; of a dry run open for reading, and NULL
                             where there is none yet */
  pfc_dataset *ds;
  pfc_refit_settings settings;
  int32_t champion_number; /* 0 none */
  pfc_bundle *champion;
  char settings_sha256[PFC_SHA256_HEX];
  char inputs[PFC_SHA256_HEX]; /* of everything that the candidate and its verdict depend on */

  int32_t number; /* of the candidate; 0 none, or a dry run */
  pfc_bundle *candidate;
  cJSON *about; /* what its manifest tells of how it was made; without one what was looked at */
  cJSON *verdict; /* of the gate; NULL: not judged */
  bool went_on;   /* an earlier run had made it, or judged it */
  refit_outcome outcome;
  char why[256];
} refit_job;

/* --- the registry (refit_versions.c) --------------------------------------------------------
 */

/* The champion, and the digests of the job. */
PFC_MUST_USE pfc_status refit_open(refit_job *job, pfc_error *err);
/* The candidate that an earlier run made of the same: number, about, verdict; else number 0. */
PFC_MUST_USE pfc_status refit_find(refit_job *job, pfc_error *err);
/* Rows that were new to this champion when a candidate was last judged against it under the
 * same settings; 0: none was. */
int64_t refit_judged_rows(const refit_job *job);
/* Was the candidate the champion before? Somebody has gone back from it then. */
bool refit_was_champion(const refit_job *job);
/* The candidate becomes a version, with what the report tells of it, and from here on is what
 * lies there, to the byte. */
PFC_MUST_USE pfc_status refit_publish(refit_job *job, const pfc_refit_report *report,
                                      pfc_error *err);
/* Reads it back. */
PFC_MUST_USE pfc_status refit_load(refit_job *job, pfc_error *err);
/* It is the challenger. */
PFC_MUST_USE pfc_status refit_challenge(refit_job *job, pfc_error *err);
/* How many candidates have challenged this champion, this one among them. */
int32_t refit_round(const refit_job *job);
/* Moves aliases as the outcome says. */
PFC_MUST_USE pfc_status refit_settle(refit_job *job, pfc_error *err);

/* --- what is told (refit_tell.c) -------------------------------------------------------------
 */

/* "nothing", "first", "promote" ... */
const char *refit_outcome_name(refit_outcome outcome);
/* Of what the gate told. */
refit_outcome refit_outcome_of(const cJSON *verdict);
/* "time.nll (newest), ...": the rows that an outcome hangs on. */
void refit_reasons(const cJSON *verdict, refit_outcome outcome, size_t room, char *text);
/* What the manifest of a candidate tells, or, where nothing was to be done, why. The caller's.
 */
PFC_MUST_USE pfc_status refit_about(const refit_job *job, const pfc_refit_report *report,
                                    cJSON **about, pfc_error *err);
/* The table of what the gate weighed, notes, the object of --json. */
PFC_MUST_USE pfc_status refit_tell(refit_job *job, pfc_error *err);

#endif
