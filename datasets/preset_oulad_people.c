#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/import_build_internal.h"
#include "datasets/preset_oulad_internal.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

bool pfc__oulad_never_started(const pfc__study *study) {
  return study->unregistered != PFC__OULAD_NO_DAY && study->unregistered <= 0;
}

/* --- studentRegistration.csv -------------------------------------------------------- */

enum { R_MODULE, R_PRESENTATION, R_STUDENT, R_REGISTERED, R_UNREGISTERED };
static const char *const REGISTRATION_COLUMNS[] = {"code_module", "code_presentation",
                                                   "id_student", "date_registration",
                                                   "date_unregistration"};

static bool parse_optional_day(const char *text, int32_t *day, char *reason) {
  *day = PFC__OULAD_NO_DAY;
  return !*text || pfc__oulad_day(text, day, reason);
}

static pfc_status read_registration(int64_t line, const char *const *cell, void *user,
                                    pfc_error *err) {
  pfc__oulad *o = user;
  pfc_status st = PFC_OK;
  char key[PFC__OULAD_KEY], reason[PFC__REASON];
  pfc__study s = {.presentation = pfc__oulad_find(o, cell[R_MODULE], cell[R_PRESENTATION])};
  const int32_t n = pfc_dict_size(o->studies);
  int32_t code = 0;
  if (s.presentation < 0)
    return pfc__sheet_reject(o->rejects, line, "code_presentation", cell[R_PRESENTATION],
                             "courses.csv has no such presentation of the module", err);
  if (!parse_optional_day(cell[R_REGISTERED], &s.registered, reason))
    return pfc__sheet_reject(o->rejects, line, "date_registration", cell[R_REGISTERED], reason,
                             err);
  if (!parse_optional_day(cell[R_UNREGISTERED], &s.unregistered, reason))
    return pfc__sheet_reject(o->rejects, line, "date_unregistration", cell[R_UNREGISTERED],
                             reason, err);
  if (!pfc__oulad_join(key, pfc_dict_text(o->presentations, s.presentation), cell[R_STUDENT]))
    return pfc__sheet_reject(o->rejects, line, "id_student", cell[R_STUDENT],
                             "expected a short id", err);
  PFC_RESERVE(o->study, o->study_capacity, n + 1);
  PFC_TRY(pfc_dict_add(o->studies, key, strlen(key), &code, err));
  if (code != n)
    return pfc__sheet_reject(o->rejects, line, "id_student", cell[R_STUDENT],
                             "the student's registration stands in a row above", err);
  o->study[n] = s;
done:
  return st;
}

static pfc_status note_registrations(const pfc__oulad *o, pfc_error *err) {
  int64_t undated = 0, late = 0, never_started = 0;
  for (int32_t i = 0; i < pfc_dict_size(o->studies); i++) {
    undated += o->study[i].registered == PFC__OULAD_NO_DAY;
    late += o->study[i].registered > PFC__OULAD_CLOSES_AFTER;
    never_started += pfc__oulad_never_started(&o->study[i]);
  }
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__sheet_note(o->rejects, undated, "date_registration",
                          "registrations have no day: taken as of the presentation's start",
                          err));
  PFC_TRY(pfc__sheet_note(o->rejects, late, "date_registration",
                          "registrations came after closes_on: kept", err));
  st = pfc__sheet_note(o->rejects, never_started, "date_unregistration",
                       "students un-registered on or before day 0: dropped before starting, "
                       "no episode",
                       err);
done:
  return st;
}

/* --- studentInfo.csv ---------------------------------------------------------------- */

enum {
  S_MODULE,
  S_PRESENTATION,
  S_STUDENT,
  S_GENDER,
  S_REGION,
  S_EDUCATION,
  S_IMD_BAND,
  S_AGE_BAND,
  S_ATTEMPTS,
  S_CREDITS,
  S_DISABILITY,
  S_RESULT,
};
static const char *const STUDENT_COLUMNS[] = {"code_module",
                                              "code_presentation",
                                              "id_student",
                                              "gender",
                                              "region",
                                              "highest_education",
                                              "imd_band",
                                              "age_band",
                                              "num_of_prev_attempts",
                                              "studied_credits",
                                              "disability",
                                              "final_result"};

enum {
  E_PERSON,
  E_INTERVENTION,
  E_ENROLLED,
  E_STARTED,
  E_ENDED,
  E_STATUS,
  E_ATTEMPTS,
  E_CREDITS,
  E_EDUCATION,
  E_REGION,
  E_AHEAD,
};
static const char *const ENROLMENT_COLUMNS[] = {
    "person_id",   "intervention_id", "enrolled_on",         "started_on",
    "ended_on",    "status",          "x_previous_attempts", "x_credits",
    "c_education", "c_region",        "x_days_ahead"};
static const char *const PERSON_COLUMNS[] = {"person_id"};

enum { P_PERSON, P_GENDER, P_AGE_BAND, P_DISABILITY, P_IMD_BAND };
static const char *const PROTECTED_COLUMNS[] = {"person_id", "gender", "age_band", "disability",
                                                "imd_band"};

/* NULL for a result that is none. */
static const char *status_of(const char *result) {
  static const char *const WORDS[][2] = {{"Pass", "passed"},
                                         {"Distinction", "passed"},
                                         {"Fail", "failed"},
                                         {"Withdrawn", "dropped"}};
  for (int i = 0; i < COUNT(WORDS); i++)
    if (strcmp(result, WORDS[i][0]) == 0) return WORDS[i][1];
  return NULL;
}

/* Who un-registered in time never started, whatever the result says; a result other than
 * Withdrawn is known at the end of the presentation. */
static pfc_status put_dates(const pfc__oulad *o, const pfc__study *s, bool withdrawn,
                            pfc_error *err) {
  pfc__builder *b = o->rejects;
  const pfc__presentation *p = &o->presentation[s->presentation];
  const bool never = pfc__oulad_never_started(s);
  const bool left = (withdrawn || never) && s->unregistered != PFC__OULAD_NO_DAY;
  int32_t enrolled = s->registered;
  if (enrolled == PFC__OULAD_NO_DAY) enrolled = never ? s->unregistered : 0;
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__build_date(b, E_ENROLLED, p->start + enrolled, err));
  if (!never) PFC_TRY(pfc__build_date(b, E_STARTED, p->start, err));
  PFC_TRY(pfc__build_date(b, E_ENDED, p->start + (left ? s->unregistered : p->length), err));
  if (s->registered != PFC__OULAD_NO_DAY)
    PFC_TRY(pfc__build_real(b, E_AHEAD, -s->registered, err));
done:
  return st;
}

static pfc_status put_enrolment(const pfc__oulad *o, const pfc__study *s,
                                const char *const *cell, pfc_error *err) {
  pfc__builder *b = o->rejects;
  const char *status = status_of(cell[S_RESULT]);
  pfc_status st = PFC_OK;
  pfc__build_row(b, s->line);
  PFC_TRY(pfc__build_text(b, E_PERSON, cell[S_STUDENT], err));
  PFC_TRY(pfc__build_text(b, E_INTERVENTION, pfc_dict_text(o->presentations, s->presentation),
                          err));
  if (!status)
    PFC_TRY(pfc__build_reject(b, "final_result", cell[S_RESULT],
                              "expected Pass, Distinction, Fail or Withdrawn", err));
  else
    PFC_TRY(
        pfc__build_text(b, E_STATUS, pfc__oulad_never_started(s) ? "dropped" : status, err));
  PFC_TRY(put_dates(o, s, status && strcmp(status, "dropped") == 0, err));
  PFC_TRY(pfc__build_text(b, E_ATTEMPTS, cell[S_ATTEMPTS], err));
  PFC_TRY(pfc__build_text(b, E_CREDITS, cell[S_CREDITS], err));
  PFC_TRY(pfc__build_text(b, E_EDUCATION, cell[S_EDUCATION], err));
  PFC_TRY(pfc__build_text(b, E_REGION, cell[S_REGION], err));
  PFC_TRY(pfc__build_end(b, err));
done:
  return st;
}

static pfc_status put_person(pfc__builder *b, int64_t line, const char *id, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__build_row(b, line);
  PFC_TRY(pfc__build_text(b, 0, id, err));
  PFC_TRY(pfc__build_end(b, err));
done:
  return st;
}

/* Keeps what the row says of the student unless a later presentation said something. */
static pfc_status keep_student(pfc__oulad *o, const pfc__study *s, const char *const *cell,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__student now = {.start = o->presentation[s->presentation].start, .line = s->line};
  const struct {
    int column;
    int32_t *code;
  } words[] = {{S_GENDER, &now.gender},
               {S_AGE_BAND, &now.age_band},
               {S_DISABILITY, &now.disability},
               {S_IMD_BAND, &now.imd_band}};
  const int32_t n = pfc_dict_size(o->students);
  int32_t code = 0;
  for (int i = 0; i < COUNT(words); i++) {
    const char *text = cell[words[i].column];
    PFC_TRY(pfc_dict_add(o->words, text, strlen(text), words[i].code, err));
  }
  PFC_RESERVE(o->student, o->student_capacity, n + 1);
  PFC_TRY(pfc_dict_add(o->students, cell[S_STUDENT], strlen(cell[S_STUDENT]), &code, err));
  if (code == n) PFC_TRY(put_person(o->people, s->line, cell[S_STUDENT], err));
  if (code == n || now.start >= o->student[code].start) o->student[code] = now;
done:
  return st;
}

static pfc_status read_student(int64_t line, const char *const *cell, void *user,
                               pfc_error *err) {
  pfc__oulad *o = user;
  pfc_status st = PFC_OK;
  char run[PFC__OULAD_KEY], key[PFC__OULAD_KEY];
  const bool fits = pfc__oulad_join(run, cell[S_MODULE], cell[S_PRESENTATION]) &&
                    pfc__oulad_join(key, run, cell[S_STUDENT]);
  const int32_t code = fits ? pfc_dict_find(o->studies, key) : -1;
  if (code < 0)
    return pfc__sheet_reject(o->rejects, line, "id_student", cell[S_STUDENT],
                             "studentRegistration.csv has no usable row of this student in "
                             "this presentation",
                             err);
  pfc__study *s = &o->study[code];
  if (s->line > 0)
    return pfc__sheet_reject(o->rejects, line, "id_student", cell[S_STUDENT],
                             "the student stands in a row above for this presentation", err);
  s->line = line;
  PFC_TRY(put_enrolment(o, s, cell, err));
  PFC_TRY(keep_student(o, s, cell, err));
  const bool withdrawn = strcmp(cell[S_RESULT], "Withdrawn") == 0;
  o->n_withdrawn_undated += withdrawn && s->unregistered == PFC__OULAD_NO_DAY;
  o->n_not_withdrawn += !withdrawn && pfc__oulad_never_started(s);
done:
  return st;
}

static pfc_status note_students(const pfc__oulad *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__sheet_note(o->rejects, o->n_withdrawn_undated, "final_result",
                          "students withdrew on an unknown day: dropped at the end of the "
                          "presentation, their episodes censored there",
                          err));
  st = pfc__sheet_note(o->rejects, o->n_not_withdrawn, "final_result",
                       "students have a result although they un-registered on or before day 0: "
                       "dropped before starting",
                       err);
done:
  return st;
}

static pfc_status put_protected(const pfc__oulad *o, pfc_error *err) {
  pfc__builder *b = NULL;
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__build_begin(o->run, PFC_PROTECTED, o->path[PFC__OULAD_STUDENTS],
                           PROTECTED_COLUMNS, COUNT(PROTECTED_COLUMNS), &b, err));
  for (int32_t i = 0; i < pfc_dict_size(o->students); i++) {
    const pfc__student *s = &o->student[i];
    pfc__build_row(b, s->line);
    PFC_TRY(pfc__build_text(b, P_PERSON, pfc_dict_text(o->students, i), err));
    PFC_TRY(pfc__build_text(b, P_GENDER, pfc_dict_text(o->words, s->gender), err));
    PFC_TRY(pfc__build_text(b, P_AGE_BAND, pfc_dict_text(o->words, s->age_band), err));
    PFC_TRY(pfc__build_text(b, P_DISABILITY, pfc_dict_text(o->words, s->disability), err));
    PFC_TRY(pfc__build_text(b, P_IMD_BAND, pfc_dict_text(o->words, s->imd_band), err));
    PFC_TRY(pfc__build_end(b, err));
  }
done:
  return st;
}

/* --- both --------------------------------------------------------------------------- */

/* Table enrolments, to be filled or charged from that file. */
static pfc_status begin_enrolments(pfc__oulad *o, int file, pfc_error *err) {
  return pfc__build_begin(o->run, PFC_ENROLMENTS, o->path[file], ENROLMENT_COLUMNS,
                          COUNT(ENROLMENT_COLUMNS), &o->rejects, err);
}

pfc_status pfc__oulad_read_students(pfc__oulad *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(begin_enrolments(o, PFC__OULAD_REGISTRATIONS, err));
  PFC_TRY(pfc__oulad_read_file(o, PFC__OULAD_REGISTRATIONS, REGISTRATION_COLUMNS,
                               COUNT(REGISTRATION_COLUMNS), read_registration, err));
  PFC_TRY(note_registrations(o, err));

  PFC_TRY(begin_enrolments(o, PFC__OULAD_STUDENTS, err));
  PFC_TRY(pfc__build_begin(o->run, PFC_PEOPLE, o->path[PFC__OULAD_STUDENTS], PERSON_COLUMNS,
                           COUNT(PERSON_COLUMNS), &o->people, err));
  PFC_TRY(pfc__oulad_read_file(o, PFC__OULAD_STUDENTS, STUDENT_COLUMNS, COUNT(STUDENT_COLUMNS),
                               read_student, err));
  PFC_TRY(note_students(o, err));
  PFC_TRY(put_protected(o, err));
done:
  return st;
}
