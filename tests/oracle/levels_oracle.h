/* Levels of one person by one dense Gaussian over everything that was seen of them. */
#ifndef PROFICIO_TESTS_ORACLE_LEVELS_ORACLE_H
#define PROFICIO_TESTS_ORACLE_LEVELS_ORACLE_H

#include "datasets/evidence.h"
#include "datasets/requirements.h"
#include "models/profile.h"

/* Mean and standard deviation of the level in each competency (arrays of n_competencies) on
 * `day`, from what is dated before `date`; all dated. Ratings of all cells are conditioned on
 * at once, by elimination, without rows; at most 100 of them. */
void levels_oracle(const pfc_profile *p, const pfc_evidence *e, const pfc_requirements *r,
                   int32_t person, int32_t date, int32_t day, double *mean, double *sd);

#endif
