/* What the parts of the simulator share. Each part fills its tables of the dataset and its
 * arrays of the truth, in this order: frame, catalogue, people, history, assessments, work,
 * dirt. Every random draw comes from a stream keyed by what is drawn and the id it belongs
 * to, so that no draw depends on another person, a thread or a row number. */
#ifndef PROFICIO_DATASETS_SIMULATE_INTERNAL_H
#define PROFICIO_DATASETS_SIMULATE_INTERNAL_H

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "datasets/simulate.h"

/* Kinds of interventions, and what is typical of them. */
typedef struct pfc__sim_kind {
  const char *name, *modality;
  double share;        /* of the catalogue */
  double hours, weeks; /* medians */
  double cost;         /* median, of one participant */
  int seats;           /* of a run; 0: no limit */
  int recurs_months;   /* 0: on demand, any day */
  double test;         /* probability that a test follows at the end */
  double effect;       /* mean of the true effect of those that have one */
} pfc__sim_kind;
extern const pfc__sim_kind pfc__sim_kinds[];
extern const int pfc__sim_n_kinds;

enum {
  PFC__SIM_CORE = 12,      /* competencies */
  PFC__SIM_FAMILIES = 100, /* job families by two digits, 0..99 */
};

typedef struct pfc__sim {
  const pfc_simulate_settings *settings;
  const pfc_dataset *frame;
  pfc_dataset *ds;  /* being filled */
  pfc_truth *truth; /* being filled */

  /* frame */
  int32_t *role_family; /* n_roles: two-digit SOC group */
  int32_t *role_zone;   /* n_roles: job zone 1..5 */
  int32_t *core;        /* n_roles x PFC__SIM_CORE: what the role asks for, the most important
                           first; -1 where it asks for less */

  /* catalogue, n_interventions each */
  int32_t *kind;     /* index of pfc__sim_kinds */
  int32_t *provider; /* code in the dataset's dictionary `provider` */
  int32_t *opens_on, *closes_on;
  int32_t *recurs_months, *seats; /* 0: on demand; 0: no limit */
  int32_t *requires_intervention; /* -1 none */
  int32_t *requires_competency;   /* -1 none */
  float *requires_level;
  int32_t *only_family; /* -1: open to all; else to roles of that family (table eligibility) */
  int32_t *mandated_family; /* -1 none, -2 everybody, else that family (table mandates) */
  int32_t *mandate_months;  /* due again after so many; 0 never */

  /* people, n_people each */
  int32_t *hired_on;
  int32_t *unit;    /* of the last position; code in dictionary `unit` */
  int32_t *manager; /* -1 none */
  int32_t *position_unit, *position_manager; /* of each position of the truth */
} pfc__sim;

/* Starts the stream of one use and one id. */
static inline pfc_rng pfc__sim_stream(const pfc__sim *s, const char *what, uint64_t id) {
  pfc_rng rng;
  pfc_rng_init(&rng, s->settings->seed, what, id);
  return rng;
}

static inline double pfc__sim_between(pfc_rng *rng, double from, double to) {
  return from + (to - from) * pfc_rng_uniform(rng);
}

/* exp(normal) with that median and spread of the logarithm. */
static inline double pfc__sim_lognormal(pfc_rng *rng, double median, double spread) {
  return median * exp(spread * pfc_rng_normal(rng));
}

/* Normal, drawn again until it lies within `most` standard deviations. */
static inline double pfc__sim_normal_within(pfc_rng *rng, double most) {
  double z;
  do {
    z = pfc_rng_normal(rng);
  } while (fabs(z) > most);
  return z;
}

/* Hands an array to a column of the dataset; it is NULL from then on. Needs: st, err, done. */
#define PFC__SIM_TAKE(s, table, name, type, dictionary, n, array)                              \
  do {                                                                                         \
    PFC_TRY(pfc_dataset_take_column((s)->ds, table, name, type, dictionary, n, (array), err)); \
    (array) = NULL;                                                                            \
  } while (0)

/* Codes of words in a dictionary of the dataset. */
pfc_status pfc__sim_words(pfc__sim *s, const char *dictionary, int n, const char *const *words,
                          int32_t *code, pfc_error *err);

/* For every person, in parallel; what one gets depends on no other. The first failure, by
 * number of the person, is told. */
typedef pfc_status (*pfc__sim_person_fn)(int32_t person, void *user, pfc_error *err);
pfc_status pfc__sim_each_person(const pfc__sim *s, pfc__sim_person_fn fn, void *user,
                                pfc_error *err);

/* First day of a month of the history, 0 .. n_months; month n_months begins after last_day. */
int32_t pfc__sim_month_day(const pfc__sim *s, int month);

/* First day from `day` on at which the intervention can be started (of its next run, or the day
 * itself where it is on demand); PFC_NO_DATE when there is none. */
int32_t pfc__sim_next_start(const pfc__sim *s, int32_t intervention, int32_t day);

/* Are people of that role let in (table eligibility)? */
static inline bool pfc__sim_lets_in(const pfc__sim *s, int32_t intervention, int32_t role) {
  const int32_t only = s->only_family[intervention];
  return only < 0 || only == s->role_family[role];
}

/* What each role asks for, most important first, from the truth. */
pfc_status pfc__sim_core(pfc__sim *s, pfc_error *err);

pfc_status pfc__sim_frame(pfc__sim *s, pfc_error *err);
pfc_status pfc__sim_catalogue(pfc__sim *s, pfc_error *err);
pfc_status pfc__sim_people(pfc__sim *s, pfc_error *err);
pfc_status pfc__sim_history(pfc__sim *s, pfc_error *err);
pfc_status pfc__sim_assessments(pfc__sim *s, pfc_error *err);
pfc_status pfc__sim_work(pfc__sim *s, pfc_error *err);
pfc_status pfc__sim_dirt(pfc__sim *s, pfc_error *err);
/* Frees what is the simulator's own; dataset and truth are not. */
void pfc__sim_clear(pfc__sim *s);

#endif
