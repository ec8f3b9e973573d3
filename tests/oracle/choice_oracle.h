/* Choice the slow way: at each place all candidates are looked at, and what those chosen leave
 * of a gap is told by going through every way in which they could turn out. */
#ifndef PROFICIO_TESTS_ORACLE_CHOICE_ORACLE_H
#define PROFICIO_TESTS_ORACLE_CHOICE_ORACLE_H

#include "engine/choice.h"
#include "engine/recommend.h"

/* What choice looks at: the person whom the scorer's thread 0 looks at. */
typedef struct choice_oracle {
  const pfc_scorer *scorer;
  const pfc_choice_settings *settings;
} choice_oracle;

/* Fails the test unless musts come first, each place after them holds one of the best that
 * could stand there, adds what it should, and the list ends where nothing more is worth it.
 * Without exploration and a list of yesterday. */
void choice_oracle_check(const choice_oracle *o, int n, const pfc_choice *list);

/* The same, once the scorer has begun with that person alone. */
void choice_oracle_check_of(const choice_oracle *o, int32_t person, int n,
                            const pfc_choice *list);

/* The same of lists that were kept while the scorer was busy. */
typedef struct choice_kept {
  int n;
  pfc_choice *places[200];
  int32_t person[200];
  int length[200];
} choice_kept;
void choice_oracle_keep(choice_kept *kept, const pfc_list *list);
void choice_oracle_check_kept(const choice_oracle *o, choice_kept *kept); /* and frees them */

/* What a candidate adds to a list of n. */
double choice_oracle_adds(const choice_oracle *o, int n, const pfc_choice *list,
                          const pfc_score *score);

#endif
