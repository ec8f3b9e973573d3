/* A model bundle: everything the trainer learned, one immutable HDF5 file
 * (docs/FORMATS.md). Models that could not be trained are absent. */
#ifndef PROFICIO_MODELS_BUNDLE_H
#define PROFICIO_MODELS_BUNDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dict.h"
#include "models/affinity.h"
#include "models/baseline.h"
#include "models/hazard.h"
#include "models/profile.h"
#include "models/chance.h"

#define PFC_BUNDLE_SCHEMA 4

/* How one fit ended, for the record. */
typedef struct pfc_certificate {
  char *model; /* "affinity", "success", "time.proficient" ... */
  int64_t n_rows;
  int64_t iterations;
  double objective;  /* at the end */
  double gradient;   /* its norm over the first one's (Newton), or the last relative
                        change of the objective (alternating least squares) */
  int32_t converged; /* 1: tolerance reached; 0: stopped at the iteration limit */
} pfc_certificate;

/* A figure on rows held out within training, on which a choice was made: what the trainer saw
 * of the quality, not a test of it. */
typedef struct pfc_metric {
  char *name; /* "success.holdout_log_loss", "time.holdout_nll" */
  int64_t n_rows;
  double value; /* mean over the rows, nats */
} pfc_metric;

typedef struct pfc_bundle {
  bool has_affinity, has_success, has_time;
  bool has_accept; /* of data with feedback */
  bool has_anyway; /* of data that tell what people come to without interventions */
  bool has_profile;
  bool has_baseline; /* of `train --baseline`, which trains nothing beside it */
  pfc_affinity affinity;
  pfc_chance success;
  pfc_chance accept; /* P(accepted | offered) */
  pfc_hazard time;
  pfc_hazard anyway; /* PFC_PROFICIENT alone: reaching a target's level without it */
  pfc_profile profile;
  pfc_baseline baseline;
  int32_t n_dicts;
  pfc_dict **dicts; /* the dictionaries models refer to, owned */
  int32_t n_certificates;
  pfc_certificate *certificates;
  int32_t n_metrics;
  pfc_metric *metrics;
  /* provenance */
  char data_sha256[65]; /* packed dataset it was trained on */
  char *feedback_head;  /* of the store that had joined the data; "" none */
  char *split;          /* e.g. "at 2014-10-01"; "none". No text is stored as "" */
  char *settings;       /* JSON text of all effective settings */
  char *build;          /* "proficio 0.1.0" */
  char *blas;           /* kernel */
  uint64_t seed;
  int32_t trained_as_of; /* latest date of the training view; PFC_NO_DATE undated */
  char version[17];      /* first 16 hex digits of the SHA-256 of the file it was loaded
                            from; "" when it was not */
} pfc_bundle;

PFC_API pfc_bundle *pfc_bundle_create(void); /* empty; NULL when memory is short */
PFC_API void pfc_bundle_destroy(pfc_bundle *b);

/* The dictionary of that name, NULL when there is none. */
PFC_API const pfc_dict *pfc_bundle_dict(const pfc_bundle *b, const char *name);
/* pfc_profile_align() of its profile, by its dictionaries. */
PFC_API PFC_MUST_USE pfc_status pfc_bundle_align_profile(const pfc_bundle *b,
                                                         const pfc_dataset *ds,
                                                         pfc_profile *out, pfc_error *err);

/* Writes path whole or not at all. Same bundle, same bytes. PFC_EUSAGE names the path inside
 * the file of what no bundle may hold: a number that is not finite, sizes that do not fit
 * together, features without their dictionary ... */
PFC_API PFC_MUST_USE pfc_status pfc_bundle_save(const pfc_bundle *b, const char *path,
                                                pfc_error *err);

/* Checks the seal (base/seal.h), then names, types, ranks, sizes and values, and reads
 * everything. PFC_EFORMAT names the file and the path inside it; nothing unknown may stand
 * there. Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_bundle_load(const char *path, pfc_bundle **b,
                                                pfc_error *err);

#endif
