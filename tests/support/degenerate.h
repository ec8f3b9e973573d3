/* Data sets that are out of order in a way that one line of words tells. */
#ifndef PROFICIO_TESTS_SUPPORT_DEGENERATE_H
#define PROFICIO_TESTS_SUPPORT_DEGENERATE_H

#include "datasets/dataset.h"
#include "trainer/train.h"

/* Makes an organisation and spoils it. Same words, same data set. Owned by the caller; fails
 * the test where the words make no sense.
 *
 * base, an organisation of 20 people, 6 courses and 4 starts a person:
 *   learning  people, roles, catalogue, targets, sources, dated enrolments with results, and
 *             assessments around them: carries every model but accept
 *   undated   the same without any date: carries no time model
 *   spells    people, catalogue, targets and table episodes instead of enrolments
 *   both      learning, and table episodes
 *   offers    learning, and table feedback: as many offers as starts, each with its answer in
 *             the row after it
 *   pairs     enrolments of a person and an intervention, nothing else
 *   ratings   assessments of a person, a competency and a level, nothing else: 4 of everybody
 *   nothing   no rows at all
 *
 * edits, separated by ";", done in order (sizes before the rest):
 *   people N, courses N, starts N, competencies N, pad N
 *                         sizes; ids are N characters long
 *   set T.C WHO VALUE     WHO: all, one (the first row), last, half (every second row), rest
 *                         (the others), most (all but the first), tenth; VALUE "-" is missing.
 *                         A column that is not there is added
 *   ramp T.C STEP         STEP times the number of the row
 *   apart T.C             a word of its own in every row
 *   swing T.C VALUE       VALUE and -VALUE in turn
 *   as T.C T.D            a copy of column D of the same table
 *   result T.C            in enrolments: 1 where the row is passed, else 0
 *   only T N, drop T      the first N rows, none
 *   add T N               N rows of missing cells in a table that is empty
 *   twice T N             every row N times
 *   names C               the people, courses and competencies of dictionary C alone stay
 *                         known: nobody has a row anywhere
 *   scale MIN MAX         the framework's scale of levels
 *   train FIELD VALUE     a setting of training by its name in pfc_train_settings, more or
 *                         less: registered, half_life, rank, lambda, bins, min_events ... */
pfc_dataset *degenerate_create(const char *base, const char *edits,
                               pfc_train_settings *settings);

#endif
