/* What rules.c holds together: tables as bitmaps and indices (rules_tables.c), seats and hours
 * (rules_runs.c), levels (rules_levels.c), what was declined (rules_declined.c), one person
 * (rules_person.c). */
#ifndef PROFICIO_ENGINE_RULES_INTERNAL_H
#define PROFICIO_ENGINE_RULES_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/rules.h"
#include "models/levels.h"

/* Places of b by place of a: those of a are at[start[a]] .. at[start[a + 1] - 1]. */
typedef struct pfc__places {
  int64_t *start; /* n + 1 */
  int32_t *at;
} pfc__places;

/* Rows of a table by whom they speak of. A key is role + 1, 32 bits, then unit + 1; 0 for every
 * one. */
typedef struct pfc__spoken {
  uint64_t key;
  int64_t row;
} pfc__spoken;

typedef struct pfc__spoken_rows {
  int64_t n;
  pfc__spoken *at; /* by key, then row */
} pfc__spoken_rows;

/* The same as bitmaps over the candidates. */
typedef struct pfc__spoken_bits {
  int64_t n;
  uint64_t *key;  /* ascending */
  uint64_t *bits; /* n x n_words */
} pfc__spoken_bits;

/* What a prerequisite asks of a level. */
typedef struct pfc__asked_level {
  int32_t place; /* in pfc__prerequisites.competency */
  double level;
} pfc__asked_level;

typedef struct pfc__prerequisites {
  uint64_t *asks;     /* candidates that ask for something to be passed */
  pfc__places passed; /* by candidate: interventions */
  pfc__places opens;  /* by intervention: candidates that ask for it */
  int32_t n_levels;
  pfc__asked_level *level;
  pfc__places barred; /* by level: candidates that ask for it */
  int32_t n_competencies;
  int32_t *competency; /* those whose levels are asked for */
} pfc__prerequisites;

/* Weekly hours of the candidates: the bitmap of those from a place on, at every 64th place. */
typedef struct pfc__loads {
  int32_t n;       /* candidates whose hours a week are known */
  double *load;    /* n, ascending */
  int32_t *at;     /* n: the candidate */
  uint64_t *heavy; /* (n / 64 + 1) x n_words */
} pfc__loads;

struct pfc_rules {
  const pfc_dataset *ds;
  const pfc_history *history;
  const pfc_catalogue *cat;
  const pfc_gaps *gaps; /* NULL: none */
  pfc_rule_settings settings;
  int32_t as_of;
  int32_t n, n_words, n_competencies;
  int32_t *candidate_of; /* by intervention; -1 none */
  const int32_t *status; /* of enrolments; NULL */
  int32_t completed, dropped;
  bool has_ends;              /* enrolments tell the last day of some */
  const double *hours;        /* of people, a week; NULL */
  const int32_t *valid_until; /* of assessments; NULL */
  const int32_t *due_on;      /* of mandates; NULL */
  const int32_t *mandated;    /* of mandates: intervention */
  const int32_t *months;      /* of mandates; NULL */

  uint64_t *all; /* every candidate */
  uint64_t *closed, *full;
  const int32_t *seats; /* of interventions; NULL */
  int32_t *taken;       /* by candidate: seats of the open run; -1 no limit */
  uint64_t *chosen;     /* candidates that are for some alone */
  pfc__spoken_bits allow, deny;
  pfc__spoken_rows mandates, by_unit; /* by_unit: overrides that name no person */
  pfc__places by_person;              /* overrides, rows that fit an int32_t */
  const int32_t *overridden;          /* of overrides: intervention */
  uint8_t *forces;                    /* by override */
  pfc__places declined;               /* by person: rows of table feedback, one a candidate */
  const int32_t *answered;            /* of feedback: intervention */
  pfc__prerequisites before;
  pfc__places covers; /* by intervention: candidates that passing it leaves nothing to gain */
  pfc__loads loads;
};

/* Rows of a table by one of its columns of codes (0..n_keys-1); of each the place in `value`,
 * NULL: the row itself. Rows with a negative key or value are left out. */
PFC_MUST_USE pfc_status pfc__places_of(int32_t n_keys, int64_t n_rows, const int32_t *key,
                                       const int32_t *value, pfc__places *out, pfc_error *err);
void pfc__places_clear(pfc__places *p);

/* Each fills its part of the rules, in the order of this list. On failure pfc_rules_destroy
 * frees what there is. */
PFC_MUST_USE pfc_status pfc__rules_eligibility(pfc_rules *r, pfc_error *err);
PFC_MUST_USE pfc_status pfc__rules_mandates(pfc_rules *r, pfc_error *err);
PFC_MUST_USE pfc_status pfc__rules_overrides(pfc_rules *r, pfc_error *err);
PFC_MUST_USE pfc_status pfc__rules_declined(pfc_rules *r, pfc_error *err);
PFC_MUST_USE pfc_status pfc__rules_prerequisites(pfc_rules *r, pfc_error *err);
PFC_MUST_USE pfc_status pfc__rules_covers(pfc_rules *r, pfc_error *err);
PFC_MUST_USE pfc_status pfc__rules_runs(pfc_rules *r, pfc_error *err);
PFC_MUST_USE pfc_status pfc__rules_loads(pfc_rules *r, pfc_error *err);

/* Keys of all rows that speak of somebody of that role and unit (-1: none); how many. */
int pfc__rules_keys(int32_t role, int32_t unit, uint64_t key[4]);

/* First place of a key among ascending ones; n where all are less. */
int64_t pfc__spoken_find(const pfc__spoken_rows *rows, uint64_t key);

/* Was the enrolment there before the day, and does it go on? A start on the day or later is
 * known by its registration. */
bool pfc__rules_is_known(const pfc_rules *r, const pfc_attempt *a);
bool pfc__rules_is_under_way(const pfc_rules *r, const pfc_attempt *a);

/* What is held in n competencies: by the profile, or, sd NaN, the latest rating by others (NaN
 * none). known: as in pfc_rules_of. */
void pfc__rules_read_levels(const pfc_rules *r, int32_t person, const pfc_person_gaps *known,
                            int32_t n, const int32_t *competency, pfc_level *told);
/* Probability that it is `level` or more; of a rating 0 or 1. */
double pfc__rules_p_level(const pfc_rules *r, const pfc_level *told, double level);
/* Both at once, of a person and a competency. */
double pfc__rules_p_held(const pfc_rules *r, int32_t person, const pfc_person_gaps *known,
                         int32_t competency, double level);

/* Seats of the open run, and how many are taken; NaN where there is no limit. */
void pfc__rules_seats(const pfc_rules *r, int32_t intervention, double *seats, double *taken);

/* Hours a week of an intervention; NaN where the catalogue does not tell. */
double pfc__rules_load(const pfc_catalogue *cat, int32_t intervention);

static inline void pfc__set_bit(uint64_t *bits, int32_t j) {
  bits[j / 64] |= UINT64_C(1) << (j % 64);
}
static inline void pfc__clear_bit(uint64_t *bits, int32_t j) {
  bits[j / 64] &= ~(UINT64_C(1) << (j % 64));
}

#endif
