/* Rules: what may be put before a person on a day, whatever it would be worth, and what must
 * be. Looked at before any model, as bitmaps over the candidates: what holds for a role, a unit
 * or everybody is worked out once, a person's own past is added to it. docs/METHODS.md,
 * "Rules", has each one's definition. */
#ifndef PROFICIO_ENGINE_RULES_H
#define PROFICIO_ENGINE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/catalogue.h"
#include "datasets/dataset.h"
#include "datasets/history.h"
#include "engine/gaps.h"

/* What speaks against a candidate. All that do are told, not the first one alone. */
typedef enum pfc_rule {
  PFC_RULE_CLOSED,       /* not open on the day: not yet, or no longer */
  PFC_RULE_FULL,         /* the run that is open has no seat left */
  PFC_RULE_ELIGIBILITY,  /* for other roles or units */
  PFC_RULE_PREREQUISITE, /* not passed, or the level is held with too little probability */
  PFC_RULE_COVERED,   /* passed and still valid, or something passed leaves nothing to gain */
  PFC_RULE_UNDER_WAY, /* booked, or begun and not ended */
  PFC_RULE_HOURS, /* asks for more hours a week than the person has beside what is under way */
  PFC_RULE_COOL_DOWN, /* something else was begun a short while ago */
  PFC_RULE_DECLINED,  /* the person said no to it a short while ago */
  PFC_RULE_BLOCKED,   /* by an override in force */
  PFC_N_RULES,
} pfc_rule;

/* "closed", "full" ...: names in manifests, logs and explanations. */
PFC_API const char *pfc_rule_name(pfc_rule rule);

typedef struct pfc_rule_settings {
  uint32_t struct_size;
  double prerequisite_p; /* a level that is asked for counts as held from this probability on,
                            0..1 [0.5] */
  int32_t
      cool_down_days; /* after a start nothing else is recommended for so long, 0..3650 [0] */
  int32_t declined_rest_days; /* what was declined is not recommended again for so long,
                                 0..3650 [90] */
  int32_t most_under_way; /* who has so many under way is recommended nothing, 1..1000 [3] */
  int32_t
      due_days; /* mandates are listed from so many days before they are due, 0..3650 [90] */
} pfc_rule_settings;
PFC_API void pfc_rule_defaults(pfc_rule_settings *s);
PFC_API PFC_MUST_USE pfc_status pfc_rule_check(const pfc_rule_settings *s, pfc_error *err);

/* What must be listed whatever it is worth: an override's `force`, or a mandate. */
typedef struct pfc_must {
  int32_t candidate;    /* place among the candidates */
  int32_t due_on;       /* of a mandate; PFC_NO_DATE: without a day, or forced */
  int64_t override_row; /* of table overrides; -1: a mandate */
} pfc_must;

/* The rules' answer for one person. One a thread. Bitmaps have n_words words, bit j of word
 * j/64 is candidate j. */
typedef struct pfc_ruling {
  int32_t n_words;
  uint64_t *allowed;             /* nothing speaks against it */
  uint64_t *broken[PFC_N_RULES]; /* this rule does */
  uint64_t *unpassed;            /* of PREREQUISITE: something is to be passed before it */
  int32_t n_must;
  pfc_must *must;    /* forced ones first, then mandates by due day (without one last), then by
                        candidate; what is under way is not among them, nor what is CLOSED, nor,
                        of mandates, FULL or BLOCKED; no other rule keeps anything out of it */
  double hours_left; /* a week, beside what is under way; NaN unknown */
} pfc_ruling;

typedef struct pfc_rules pfc_rules;

/* What rules look at; all borrowed, must outlive them. */
typedef struct pfc_rules_world {
  const pfc_dataset *ds;
  const pfc_history *history;
  const pfc_catalogue *cat;
  const pfc_gaps *gaps; /* whose levels prerequisites are held against, or NULL */
  int32_t as_of;        /* day of the decision; PFC_NO_DATE where nothing is dated */
} pfc_rules_world;

/* n candidates, dataset codes, ascending. Read-only, hence thread-safe, once created. Owned by
 * the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_rules_create(const pfc_rules_world *world, int32_t n,
                                                 const int32_t *candidates,
                                                 const pfc_rule_settings *settings,
                                                 pfc_rules **rules, pfc_error *err);
PFC_API void pfc_rules_destroy(pfc_rules *r); /* NULL is allowed */

PFC_API PFC_MUST_USE pfc_status pfc_ruling_create(const pfc_rules *r, pfc_ruling **ruling,
                                                  pfc_error *err);
PFC_API void pfc_ruling_destroy(pfc_ruling *ruling); /* NULL is allowed */

/* What the rules say of a person (dataset code). known: what pfc_gaps_of filled for that
 * person, NULL without gaps; then the latest rating stands for a level. Allocates nothing but
 * in the ruling's own room. */
PFC_API void pfc_rules_of(const pfc_rules *r, int32_t person, const pfc_person_gaps *known,
                          pfc_ruling *ruling);

static inline bool pfc_bit(const uint64_t *bits, int32_t j) {
  return bits[j / 64] >> (j % 64) & 1;
}

#endif
