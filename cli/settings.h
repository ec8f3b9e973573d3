/* Every setting of every command, in one table: what `proficio config` prints, what
 * proficio.json may hold, what --set and the options of a command override, and what their
 * help says. Defaults come from the library's own _defaults(). */
#ifndef PROFICIO_CLI_SETTINGS_H
#define PROFICIO_CLI_SETTINGS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/import.h"
#include "datasets/quality.h"
#include "engine/gap_map.h"
#include "engine/recommend.h"
#include "engine/scorer.h"
#include "trainer/drift.h"
#include "trainer/evaluate.h"
#include "trainer/off_policy.h"
#include "trainer/gate.h"
#include "trainer/readiness.h"
#include "trainer/refit.h"
#include "trainer/train.h"

enum { SETTING_TEXT = 256 };

enum { RUN_REFIT_AUTO, RUN_REFIT_ALWAYS, RUN_REFIT_NEVER };

/* Where `run` finds things, and what it minds. */
typedef struct run_settings {
  char sources[SETTING_TEXT]; /* folders, separated by commas */
  char data[SETTING_TEXT], registry[SETTING_TEXT], out[SETTING_TEXT];
  char max_age[SETTING_TEXT];  /* "enrolments=7,assessments.test=30"; "": no limit */
  char min_rows[SETTING_TEXT]; /* likewise */
  int refit;
  int32_t refit_days;
} run_settings;

typedef struct settings {
  char preset[SETTING_TEXT];         /* "": canonical tables */
  char map[SETTING_TEXT];            /* "": none */
  char encoding[SETTING_TEXT];       /* "": UTF-8 */
  char feedback_store[SETTING_TEXT]; /* "": none */
  double scale[2];                   /* NaN: the preset's */
  pfc_import_settings import;
  pfc_quality_settings quality;
  pfc_readiness_settings readiness;
  pfc_drift_settings drift;
  pfc_train_settings train;
  pfc_evaluate_settings evaluate;
  pfc_off_policy_settings off_policy;
  pfc_refit_settings refit; /* its `train` and `gate` do not count: those beside it do */
  pfc_gate_settings gate;
  pfc_gap_map_settings gap_map;
  pfc_scorer_settings scorer;
  pfc_recommend_settings recommend;
  run_settings run;
} settings;

typedef enum setting_type {
  SETTING_I32,
  SETTING_I64,
  SETTING_U64,
  SETTING_REAL,  /* NaN: not set */
  SETTING_WORD,  /* an int: index into `words` */
  SETTING_NAME,  /* char[SETTING_TEXT] */
  SETTING_INTS,  /* int[PFC_MAX_CUTOFFS], how many in an int at `count` */
  SETTING_REALS, /* double[PFC_MAX_CUTOFFS], likewise */
  SETTING_PAIR,  /* double[2], ascending; NaN: not set */
  SETTING_LIMIT, /* "20" or "2.5%": int64_t, and a share of 1 as a double at `count`; of the
                    one that is not given -1 or NaN */
} setting_type;

typedef struct setting {
  const char *name;   /* "train.affinity.rank": the path in proficio.json */
  const char *option; /* long option of the command it belongs to; NULL: --set alone */
  setting_type type;
  double min, max;   /* both included */
  const char *words; /* SETTING_WORD: "a|b" */
  const char *unit;  /* "" without */
  const char *meaning;
  size_t at; /* offset in struct settings */
  size_t
      count; /* SETTING_INTS, SETTING_REALS: offset of how many; SETTING_LIMIT: of the share */
} setting;

/* Does this build know what to do with it? Help lists no other. */
bool setting_is_supported(const setting *row);

/* The table; *n rows. */
const setting *settings_table(int *n);

void settings_defaults(settings *s);

/* Sets one from text ("16", "90,180", "value"). PFC_EUSAGE names the setting, or the
 * nearest ones when there is none of that name, and what is allowed. */
PFC_MUST_USE pfc_status settings_set(settings *s, const char *name, const char *text,
                                     pfc_error *err);

/* Sets all that a JSON object holds (nested objects; null leaves the default). `file`
 * stands in messages. */
PFC_MUST_USE pfc_status settings_take(settings *s, const cJSON *json, const char *file,
                                      pfc_error *err);

/* Text of the value as settings_set takes it; "" when not set. */
const char *setting_value(const setting *row, const settings *s, char text[256]);
/* "1 to 512", "value|affinity". */
const char *setting_range(const setting *row, char text[128]);

/* Nested objects of every setting whose name begins with prefix ("": all). The caller's;
 * NULL when memory is short. */
cJSON *settings_json(const settings *s, const char *prefix);

#endif
