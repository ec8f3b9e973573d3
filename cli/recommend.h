/* What the parts of `proficio recommend` share. */
#ifndef PROFICIO_CLI_RECOMMEND_H
#define PROFICIO_CLI_RECOMMEND_H

#include "base/digest.h"
#include "cli/common.h"
#include "cli/people.h"
#include "cli/previous.h"
#include "cli/scoring.h"
#include "cli/shard.h"
#include "engine/recommend.h"

typedef struct recommend_options {
  people_asked whom;
  shard shard;
  const char *log, *changes, *sheet, *previous, *manifest, *prom; /* files; NULL: none */
  const char *goal; /* a role; NULL: each one's own */
} recommend_options;

/* Seconds by phase, for the manifest. */
typedef struct recommend_seconds {
  double load, prepare, lists, write;
} recommend_seconds;

/* A run: what it is asked, and what came of it. */
typedef struct recommend_job {
  common *c;
  const recommend_options *o;
  scoring s;
  code_list people;
  previous before;
  char model_sha256[PFC_SHA256_HEX], data_sha256[PFC_SHA256_HEX]; /* "": not needed */
  char as_of[PFC_DATE_TEXT];
  int64_t n_asked; /* people before sharding */
  int64_t n_rows;
  pfc_recommend_totals totals;
  recommend_seconds seconds;
} recommend_job;

/* All lists, to all outputs that were asked for; goes on where a run that was killed stopped.
 */
PFC_MUST_USE pfc_status recommend_run(recommend_job *j, pfc_error *err);

/* What the manifest says, which `--json` prints too. */
PFC_MUST_USE pfc_status recommend_object(const recommend_job *j, cJSON **json, pfc_error *err);
/* Writes manifest and Prometheus text, where they are asked for. */
PFC_MUST_USE pfc_status recommend_tell(const recommend_job *j, pfc_error *err);

#endif
