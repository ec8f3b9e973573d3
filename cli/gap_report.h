/* What `gaps` tells: lists of people, and roll-ups. */
#ifndef PROFICIO_CLI_GAP_REPORT_H
#define PROFICIO_CLI_GAP_REPORT_H

#include "cli/common.h"
#include "cli/people.h"
#include "datasets/history.h"
#include "engine/gap_map.h"
#include "engine/gap_people.h"
#include "models/bundle.h"

typedef struct gap_report {
  common *c;
  pfc_bundle *bundle;
  pfc_dataset *ds;
  pfc_history *history;
  pfc_gaps *gaps;
  pfc_precedence *precedence;
  const pfc_dict *people, *units, *roles, *competencies;
  bool to_read; /* a table for people: fewer columns, names and words */
  int32_t top;  /* rows of a person, or groups; 0: all */
  double min_p_gap;
} gap_report;

/* The lists of these people. */
PFC_MUST_USE pfc_status gap_lists(const gap_report *r, const code_list *people, pfc_error *err);

/* The groups of a map made with these settings. */
PFC_MUST_USE pfc_status gap_groups(const gap_report *r, const pfc_gap_map_settings *how,
                                   pfc_error *err);

/* --- shared by both --------------------------------------------------------------------------
 */

/* Id, or "" of -1. */
const char *gap_id(const pfc_dict *dict, int32_t code);
/* Name of a competency or title of a role; the id where it has none. */
const char *gap_competency_name(const gap_report *r, int32_t competency);
const char *gap_role_name(const gap_report *r, int32_t role);

enum { GAP_BAR = 32 };
/* A bar of up to eight characters; "" of nothing. */
const char *gap_bar(double value, double greatest, char text[GAP_BAR]);

enum { GAP_WORDS = 256 };
/* "2.1 of 4.0, sure to ±0.5; 9 in 10 below; compliance; urgent; 3 ratings". */
const char *gap_words(const gap_report *r, const pfc_gap *gap, char text[GAP_WORDS]);

/* The object of --json up to what both tell. */
PFC_MUST_USE pfc_status gap_object(const gap_report *r, cJSON **json, pfc_error *err);

#endif
