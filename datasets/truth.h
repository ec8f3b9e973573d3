/* What is true of a simulated organisation: parameters of people, interventions and sources,
 * levels over time, and the laws by which things happen. docs/SIMULATOR.md has every formula.
 *
 * The simulator draws from these functions and from no other, so that what a model says about
 * any (person, intervention, day) can be held against them. Indices are rows of the tables
 * written: the dictionaries give their ids. Levels lie on the framework's scale, 0 to 7. */
#ifndef PROFICIO_DATASETS_TRUTH_H
#define PROFICIO_DATASETS_TRUTH_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dict.h"

enum {
  PFC_TRUTH_TASTES = 4, /* dimensions of taste: who likes what */
  PFC_TRUTH_DAYS = 720, /* what has not come by then does not come */
};

typedef struct pfc_truth {
  /* How it was drawn. */
  uint64_t seed;
  int32_t hard;      /* 1: the laws that no model of ours has (preset `hard`) */
  int32_t random;    /* 1: policy random */
  double bias;       /* what belonging to the group costs, logits and levels; 0 none */
  int32_t drift_on;  /* from this day on the laws are other ones; PFC_NO_DATE never */
  int32_t first_day; /* of the history */
  int32_t last_day;  /* as of: nothing after it is recorded */

  /* Rows of tables people, roles, competencies, interventions, sources. */
  pfc_dict *people, *roles, *competencies, *interventions, *sources;
  int32_t n_people, n_roles, n_competencies, n_interventions, n_sources;

  float *required;   /* n_roles x n_competencies: level the role asks for, as published */
  float *importance; /* n_roles x n_competencies: 0 to 1 */
  float *half_life;  /* n_competencies, days */

  /* n_people each. */
  int8_t *group;     /* 1: of the protected group that `bias` works against */
  float *ability;    /* standard normal */
  float *diligence;  /* standard normal */
  float *motivation; /* standard normal; in no table; at work in hard laws alone */
  float *growth;     /* share of what a role asks for and the person lacks that is learned on
                        the job in a year, as a rate */
  float *hours;      /* for learning, a week */
  float *offers;     /* made to the person, a month */
  float *taste;      /* n_people x PFC_TRUTH_TASTES */
  float *aptitude;   /* n_people x n_competencies: where the person settles, above or below
                        what the role asks for */
  float *initial; /* n_people x n_competencies: level on the first day of the first position */
  int32_t *left_on; /* PFC_NO_DATE: still there */

  /* Positions of a person in order; the first one from before first_day for most. */
  int64_t *position_start; /* n_people + 1 */
  int32_t *position_from, *position_role;

  /* n_interventions each. */
  float *appeal; /* logits of acceptance */
  float *ease;   /* logits of success */
  float *effect; /* share of the way to the target that it brings; 0 nothing; below 0: levels
                    lost */
  float *sway;   /* logits of dropping out, of those who do not pass */
  float *days;   /* planned from start to end */
  float *load;   /* hours a week */
  float *pull;   /* n_interventions x PFC_TRUTH_TASTES */

  /* Targets of an intervention, in order. */
  int64_t *target_start; /* n_interventions + 1 */
  int32_t *target_competency;
  float *target_from, *target_to;

  /* What people's levels gained at once, by day. */
  int64_t *gain_start; /* n_people + 1 */
  int32_t *gain_day, *gain_competency, *gain_intervention;
  float *gain;

  /* n_sources each: rating = level + bias + (slope - 1) (level - 3.5) + leniency of the rater
   * + noise, then moved to the source's own scale and rounded. */
  float *source_bias, *source_slope, *source_noise, *source_leniency;

  /* Defects planted in the tables (`dirty`): the rule of docs/CHECK.md that a row breaks, or
   * "stale_feed source=WORD"; the table, by name; the person of the row, -1 of a feed. */
  pfc_dict *dirt_rules, *dirt_tables;
  int64_t n_dirt;
  int32_t *dirt_rule, *dirt_table, *dirt_person;
} pfc_truth;

/* NULL when memory is short. All arrays NULL, dictionaries there and empty. */
PFC_API pfc_truth *pfc_truth_create(void);
PFC_API void pfc_truth_destroy(pfc_truth *t); /* NULL is allowed */

/* --- truth.h5 -------------------------------------------------------------------------- */

/* Whole or not at all; sealed (base/seal.h). docs/FORMATS.md has the paths. */
PFC_API PFC_MUST_USE pfc_status pfc_truth_save(const pfc_truth *t, const char *path,
                                               pfc_error *err);
/* Owned by the caller. PFC_EFORMAT names the file and the path inside that is wrong: shapes,
 * references out of range, days out of order, numbers that are not finite. */
PFC_API PFC_MUST_USE pfc_status pfc_truth_load(const char *path, pfc_truth **t, pfc_error *err);

/* --- the laws --------------------------------------------------------------------------- */

/* Role held on that day, -1 before the first position. */
PFC_API int32_t pfc_truth_role(const pfc_truth *t, int32_t person, int32_t day);

/* Level held on that day; before the first position the initial one. */
PFC_API double pfc_truth_level(const pfc_truth *t, int32_t person, int32_t competency,
                               int32_t day);

/* Probability that the person, offered it that day, accepts. */
PFC_API double pfc_truth_accept(const pfc_truth *t, int32_t person, int32_t intervention,
                                int32_t day);

/* Probability that the person passes, having started that day and staying with the
 * organisation. */
PFC_API double pfc_truth_success(const pfc_truth *t, int32_t person, int32_t intervention,
                                 int32_t day);

/* Probability that the person drops out, having started that day; the rest fails. */
PFC_API double pfc_truth_drop(const pfc_truth *t, int32_t person, int32_t intervention,
                              int32_t day);

/* hazard[d - 1], d = 1 .. n_days: probability that what was learned for the target (a place in
 * target_competency ...) arrives on day d after the start, given success and that it has not
 * come before. n_days up to PFC_TRUTH_DAYS. */
PFC_API void pfc_truth_hazard(const pfc_truth *t, int32_t person, int32_t intervention,
                              int64_t target, int32_t day, int32_t n_days, double *hazard);

/* Expected level of the target's competency `horizon` days after the start, 1 ..
 * PFC_TRUTH_DAYS, had the intervention been started on that day, and had it not: gains that
 * other starts brought before that day are in it, later ones are not. */
PFC_API double pfc_truth_level_with(const pfc_truth *t, int32_t person, int32_t intervention,
                                    int64_t target, int32_t day, int32_t horizon);
PFC_API double pfc_truth_level_without(const pfc_truth *t, int32_t person, int64_t target,
                                       int32_t day, int32_t horizon);

/* Probability that the target's to_level is held on some day of the `horizon` days after the
 * start, with and without the intervention (without it, the level moves by law alone: 0 or 1).
 * NaN for a target without a level. */
PFC_API double pfc_truth_reach_with(const pfc_truth *t, int32_t person, int32_t intervention,
                                    int64_t target, int32_t day, int32_t horizon);
PFC_API double pfc_truth_reach_without(const pfc_truth *t, int32_t person, int64_t target,
                                       int32_t day, int32_t horizon);

/* --- sources ---------------------------------------------------------------------------- */

/* Standard deviation of what a rating of that source says beside its bias, slope and the
 * leniency of a rater who is named: noise and what an unnamed rater adds, both cut at 1.5
 * standard deviations, and rounding to the source's own scale; levels of the framework. */
PFC_API double pfc_truth_source_sd(const pfc_truth *t, int32_t source);
/* That of leniency between named raters; 0 of a source whose raters have no names. */
PFC_API double pfc_truth_source_leniency_sd(const pfc_truth *t, int32_t source);

/* --- outlooks --------------------------------------------------------------------------- */

/* What a person's shortfalls will be `horizon_days` after a day, with and without what might be
 * started on that day: for judging everything that could be recommended, many times faster than
 * a walk for each pair. One person at a time; one outlook a thread. */
typedef struct pfc_truth_outlook pfc_truth_outlook;

/* t is borrowed; horizon_days 1..PFC_TRUTH_DAYS. Memory: two numbers for each competency and
 * day of the horizon. Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_truth_outlook_create(const pfc_truth *t, int32_t day,
                                                         int32_t horizon_days,
                                                         pfc_truth_outlook **outlook,
                                                         pfc_error *err);
PFC_API void pfc_truth_outlook_destroy(pfc_truth_outlook *o); /* NULL is allowed */

/* From here on the outlook is that of this person. */
PFC_API void pfc_truth_outlook_of(pfc_truth_outlook *o, int32_t person);

/* The role held `horizon_days` after the day: its requirements are those that count. -1 none.
 */
PFC_API int32_t pfc_truth_outlook_role(const pfc_truth_outlook *o);

/* (required - level)+ on that later day, 0 where the role asks for nothing: without anything
 * that begins on the day or after it, and expected when the intervention is started on the day
 * and nothing else (in the competency of that target). Of people who stay with the
 * organisation: nobody is taken to leave on the way. */
PFC_API double pfc_truth_outlook_without(pfc_truth_outlook *o, int32_t competency);
PFC_API double pfc_truth_outlook_with(pfc_truth_outlook *o, int32_t intervention,
                                      int64_t target);

#endif
