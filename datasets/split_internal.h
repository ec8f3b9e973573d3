/* Shared between the marks of a split and its training view. */
#ifndef PROFICIO_DATASETS_SPLIT_INTERNAL_H
#define PROFICIO_DATASETS_SPLIT_INTERNAL_H

#include "datasets/split.h"

/* PFC_SPLIT_PERSON: 1 for each person code on the test side; freed with pfc_free. */
PFC_MUST_USE pfc_status pfc__split_people(const pfc_dataset *ds, const pfc_split *split,
                                          uint8_t **is_test, pfc_error *err);

#endif
