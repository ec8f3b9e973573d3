/* What the files of the preset `oulad` share. Its reading goes in this order, because
 * each step needs what the ones before it know: assessments.csv and courses.csv make
 * presentations, studentRegistration.csv and studentInfo.csv make studies (one student in
 * one presentation), studentAssessment.csv makes marks, and marks make episodes. Days
 * count from the start of a presentation, as they do in the files. */
#ifndef PROFICIO_DATASETS_PRESET_OULAD_INTERNAL_H
#define PROFICIO_DATASETS_PRESET_OULAD_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dict.h"
#include "datasets/preset_internal.h"

#define PFC__OULAD_KEY 192 /* room for "MODULE/PRESENTATION/STUDENT" */
#define PFC__OULAD_NO_DAY INT32_MIN
#define PFC__OULAD_MAX_DAY 36500 /* no day of the files is further from the start */

/* A presentation takes registrations until this day. Of 32,548 dated registrations 234
 * are after day 0 and 16 after day 28. */
#define PFC__OULAD_CLOSES_AFTER 28

enum {
  PFC__OULAD_COURSES,
  PFC__OULAD_ASSESSMENTS,
  PFC__OULAD_REGISTRATIONS,
  PFC__OULAD_STUDENTS,
  PFC__OULAD_SCORES,
  PFC__OULAD_N_FILES,
};

/* One run of a module. */
typedef struct pfc__presentation {
  int32_t module; /* code in `modules` */
  int32_t start;  /* day 0 in days since 1970 */
  int32_t length; /* days; 0: not in courses.csv */
  double weight;  /* sum over its coursework */
} pfc__presentation;

/* A piece of coursework, or an exam. */
typedef struct pfc__coursework {
  int32_t presentation;
  double due; /* day; NaN: the end of the presentation */
  double weight;
  bool exam; /* no coursework: stays out of `weight` above */
} pfc__coursework;

/* One student in one presentation. */
typedef struct pfc__study {
  int32_t presentation;
  int32_t registered, unregistered; /* days; PFC__OULAD_NO_DAY: none given */
  int64_t line;                     /* in studentInfo.csv; 0: not there */
} pfc__study;

/* What a score adds to the coursework of a study. */
typedef struct pfc__mark {
  int32_t study;
  int32_t day;   /* >= 0 */
  double points; /* score (0-100) x weight */
} pfc__mark;

/* A student, as of the latest presentation. */
typedef struct pfc__student {
  int32_t start; /* of that presentation */
  int64_t line;
  int32_t gender, age_band, disability, imd_band; /* codes in `words` */
} pfc__student;

typedef struct pfc__oulad {
  pfc__import *run;
  char *path[PFC__OULAD_N_FILES];
  pfc_dict *modules, *presentations, *works, *studies, *students, *words;
  pfc__presentation *presentation; /* by code in `presentations`, "AAA/2013J" */
  pfc__coursework *work;           /* by code in `works`, the assessment's id */
  pfc__study *study;               /* by code in `studies`, "AAA/2013J/11391" */
  pfc__student *student;           /* by code in `students` */
  pfc__mark *mark;
  int32_t presentation_capacity, work_capacity, study_capacity, student_capacity;
  int64_t n_marks, mark_capacity;
  int64_t n_withdrawn_undated, n_not_withdrawn, n_unscored, n_banked; /* for notes */
  pfc__builder *rejects; /* the table charged with bad rows of the file being read */
  pfc__builder *competencies, *targets, *people; /* filled beside the table above */
} pfc__oulad;

/* assessments.csv and courses.csv: presentations, coursework; tables interventions,
 * competencies, targets. */
PFC_MUST_USE pfc_status pfc__oulad_read_courses(pfc__oulad *o, pfc_error *err);

/* studentRegistration.csv and studentInfo.csv: studies, students; tables enrolments,
 * people, protected. */
PFC_MUST_USE pfc_status pfc__oulad_read_students(pfc__oulad *o, pfc_error *err);

/* Reads a whole file; bad rows are charged to o->rejects. */
PFC_MUST_USE pfc_status pfc__oulad_read_file(pfc__oulad *o, int file, const char *const *names,
                                             int n_names, pfc__sheet_fn fn, pfc_error *err);

/* studentAssessment.csv: marks; tables assessments, sources, episodes. */
PFC_MUST_USE pfc_status pfc__oulad_read_scores(pfc__oulad *o, pfc_error *err);

/* Code in `presentations`, -1 when courses.csv has no such presentation. */
int32_t pfc__oulad_find(const pfc__oulad *o, const char *module, const char *presentation);

/* Un-registered on or before day 0. */
bool pfc__oulad_never_started(const pfc__study *study);

/* A day of a file; false, with the reason, when it is none. */
bool pfc__oulad_day(const char *text, int32_t *day, char *reason);

/* "A/B" in key; false when it does not fit, or either is empty. */
bool pfc__oulad_join(char key[PFC__OULAD_KEY], const char *a, const char *b);

#endif
