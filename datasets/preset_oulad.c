#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "datasets/import_build_internal.h"
#include "datasets/preset_oulad_internal.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

/* --- presentations ------------------------------------------------------------------ */

bool pfc__oulad_join(char key[PFC__OULAD_KEY], const char *a, const char *b) {
  const int n = snprintf(key, PFC__OULAD_KEY, "%s/%s", a, b);
  return *a && *b && n > 0 && n < PFC__OULAD_KEY;
}

int32_t pfc__oulad_find(const pfc__oulad *o, const char *module, const char *presentation) {
  char key[PFC__OULAD_KEY];
  if (!pfc__oulad_join(key, module, presentation)) return -1;
  const int32_t code = pfc_dict_find(o->presentations, key);
  return code >= 0 && o->presentation[code].length > 0 ? code : -1;
}

bool pfc__oulad_day(const char *text, int32_t *day, char *reason) {
  pfc__cell cell;
  if (!pfc__cell_parse(PFC_INT, NULL, text, &cell, reason)) return false;
  *day = cell.i32;
  if (*day >= -PFC__OULAD_MAX_DAY && *day <= PFC__OULAD_MAX_DAY) return true;
  (void)snprintf(reason, PFC__REASON, "expected a day within %d of the start",
                 PFC__OULAD_MAX_DAY);
  return false;
}

/* "2013B" starts on 1 February 2013, "2013J" on 1 October. */
static bool parse_start(const char *presentation, int32_t *start) {
  if (strspn(presentation, "0123456789") != 4 || strlen(presentation) != 5) return false;
  if (presentation[4] != 'B' && presentation[4] != 'J') return false;
  int year = 0;
  for (int i = 0; i < 4; i++) year = 10 * year + (presentation[i] - '0');
  return pfc_date_from_ymd(year, presentation[4] == 'B' ? 2 : 10, 1, start);
}

/* The presentation's code, new or not; -1 when the names are none. */
static pfc_status add_presentation(pfc__oulad *o, const char *module, const char *name,
                                   int32_t *code, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__presentation p = {0};
  char key[PFC__OULAD_KEY];
  *code = -1;
  if (!parse_start(name, &p.start) || !pfc__oulad_join(key, module, name)) return PFC_OK;
  const int32_t n = pfc_dict_size(o->presentations);
  PFC_RESERVE(o->presentation, o->presentation_capacity, n + 1);
  PFC_TRY(pfc_dict_add(o->modules, module, strlen(module), &p.module, err));
  PFC_TRY(pfc_dict_add(o->presentations, key, strlen(key), code, err));
  if (*code == n) o->presentation[n] = p;
done:
  return st;
}

static const char BAD_PRESENTATION[] = "expected a year and B or J, like 2014J";

/* --- assessments.csv ---------------------------------------------------------------- */

enum { A_MODULE, A_PRESENTATION, A_ID, A_TYPE, A_DATE, A_WEIGHT };
static const char *const ASSESSMENT_COLUMNS[] = {
    "code_module", "code_presentation", "id_assessment", "assessment_type", "date", "weight"};

static bool parse_weight(const char *text, double *weight, char *reason) {
  pfc__cell cell;
  if (!pfc__cell_parse(PFC_REAL, NULL, text, &cell, reason)) return false;
  (void)snprintf(reason, PFC__REASON, "expected a number of at least 0");
  *weight = cell.real;
  return cell.real >= 0;
}

static pfc_status read_assessment(int64_t line, const char *const *cell, void *user,
                                  pfc_error *err) {
  pfc__oulad *o = user;
  pfc_status st = PFC_OK;
  char reason[PFC__REASON];
  pfc__coursework w = {.due = NAN, .exam = strcmp(cell[A_TYPE], "Exam") == 0};
  int32_t day = 0, code = 0;
  const int32_t n = pfc_dict_size(o->works);
  if (*cell[A_DATE] && !pfc__oulad_day(cell[A_DATE], &day, reason))
    return pfc__sheet_reject(o->rejects, line, "date", cell[A_DATE], reason, err);
  if (*cell[A_DATE]) w.due = day;
  if (!parse_weight(cell[A_WEIGHT], &w.weight, reason))
    return pfc__sheet_reject(o->rejects, line, "weight", cell[A_WEIGHT], reason, err);
  if (pfc_dict_find(o->works, cell[A_ID]) >= 0)
    return pfc__sheet_reject(o->rejects, line, "id_assessment", cell[A_ID],
                             "the id stands in a row above", err);
  PFC_TRY(add_presentation(o, cell[A_MODULE], cell[A_PRESENTATION], &w.presentation, err));
  if (w.presentation < 0)
    return pfc__sheet_reject(o->rejects, line, "code_presentation", cell[A_PRESENTATION],
                             BAD_PRESENTATION, err);
  PFC_RESERVE(o->work, o->work_capacity, n + 1);
  PFC_TRY(pfc_dict_add(o->works, cell[A_ID], strlen(cell[A_ID]), &code, err));
  o->work[code] = w;
done:
  return st;
}

/* Where a module gives no weights to its coursework, every piece weighs the same. */
static void weigh_coursework(pfc__oulad *o) {
  const int32_t n = pfc_dict_size(o->works);
  for (int32_t i = 0; i < n; i++)
    if (!o->work[i].exam) o->presentation[o->work[i].presentation].weight += o->work[i].weight;
  for (int32_t i = 0; i < n; i++) {
    const pfc__presentation *p = &o->presentation[o->work[i].presentation];
    if (!o->work[i].exam && p->weight == 0) o->work[i].weight = -1; /* to be set below */
  }
  for (int32_t i = 0; i < n; i++) {
    if (o->work[i].weight >= 0) continue;
    o->work[i].weight = 1;
    o->presentation[o->work[i].presentation].weight += 1;
  }
}

/* --- courses.csv -------------------------------------------------------------------- */

static double due_day(const pfc__oulad *o, const pfc__coursework *w) {
  return isnan(w->due) ? o->presentation[w->presentation].length : w->due;
}

/* Is `percent` of the coursework's weight due by that day? */
static bool is_due(const pfc__oulad *o, int32_t presentation, double percent, double day) {
  double due = 0;
  for (int32_t i = 0; i < pfc_dict_size(o->works); i++) {
    const pfc__coursework *w = &o->work[i];
    if (w->presentation == presentation && !w->exam && due_day(o, w) <= day) due += w->weight;
  }
  return 100 * due >= percent * o->presentation[presentation].weight;
}

/* The day by which it is; NaN without coursework. */
static double milestone_day(const pfc__oulad *o, int32_t presentation, double percent) {
  double first = NAN;
  for (int32_t i = 0; i < pfc_dict_size(o->works); i++) {
    const pfc__coursework *w = &o->work[i];
    if (w->presentation != presentation || w->exam || first <= due_day(o, w)) continue;
    if (is_due(o, presentation, percent, due_day(o, w))) first = due_day(o, w);
  }
  return first;
}

enum { C_MODULE, C_PRESENTATION, C_LENGTH };
static const char *const COURSE_COLUMNS[] = {"code_module", "code_presentation",
                                             "module_presentation_length"};

enum { I_ID, I_TITLE, I_KIND, I_MODALITY, I_WEEKS, I_OPENS, I_CLOSES, I_INTAKE, I_DUE };
static const char *const INTERVENTION_COLUMNS[] = {
    "intervention_id", "title",     "kind",     "modality",    "weeks",
    "opens_on",        "closes_on", "c_intake", "x_day_due_45"};
static const char *const COMPETENCY_COLUMNS[] = {"competency_id", "name", "kind"};
static const char *const TARGET_COLUMNS[] = {"intervention_id", "competency_id", "to_level"};

static pfc_status put_intervention(pfc__oulad *o, int64_t line, const char *const *cell,
                                   int32_t code, pfc_error *err) {
  pfc__builder *b = o->rejects;
  const pfc__presentation *p = &o->presentation[code];
  char title[PFC__OULAD_KEY];
  (void)snprintf(title, sizeof title, "%s %s", cell[C_MODULE], cell[C_PRESENTATION]);
  pfc_status st = PFC_OK;
  pfc__build_row(b, line);
  PFC_TRY(pfc__build_text(b, I_ID, pfc_dict_text(o->presentations, code), err));
  PFC_TRY(pfc__build_text(b, I_TITLE, title, err));
  PFC_TRY(pfc__build_text(b, I_KIND, "course", err));
  PFC_TRY(pfc__build_text(b, I_MODALITY, "distance", err));
  PFC_TRY(pfc__build_real(b, I_WEEKS, p->length / 7.0, err));
  PFC_TRY(pfc__build_date(b, I_OPENS, p->start, err));
  PFC_TRY(pfc__build_date(b, I_CLOSES, p->start + PFC__OULAD_CLOSES_AFTER, err));
  PFC_TRY(pfc__build_text(b, I_INTAKE, cell[C_PRESENTATION] + 4, err));
  PFC_TRY(pfc__build_real(b, I_DUE, milestone_day(o, code, 45), err));
  PFC_TRY(pfc__build_end(b, err));
done:
  return st;
}

static pfc_status put_competency(pfc__builder *b, int64_t line, const char *module,
                                 pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__build_row(b, line);
  PFC_TRY(pfc__build_text(b, 0, module, err));
  PFC_TRY(pfc__build_text(b, 1, module, err));
  PFC_TRY(pfc__build_text(b, 2, "knowledge", err));
  PFC_TRY(pfc__build_end(b, err));
done:
  return st;
}

static pfc_status put_target(pfc__builder *b, int64_t line, const char *presentation,
                             const char *module, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__build_row(b, line);
  PFC_TRY(pfc__build_text(b, 0, presentation, err));
  PFC_TRY(pfc__build_text(b, 1, module, err));
  PFC_TRY(pfc__build_real(b, 2, 1, err));
  PFC_TRY(pfc__build_end(b, err));
done:
  return st;
}

/* Is it the first presentation of its module in courses.csv? */
static bool is_first_run(const pfc__oulad *o, int32_t code) {
  for (int32_t i = 0; i < pfc_dict_size(o->presentations); i++)
    if (i != code && o->presentation[i].length > 0 &&
        o->presentation[i].module == o->presentation[code].module)
      return false;
  return true;
}

static pfc_status read_course(int64_t line, const char *const *cell, void *user,
                              pfc_error *err) {
  pfc__oulad *o = user;
  pfc_status st = PFC_OK;
  char reason[PFC__REASON];
  int32_t length = 0, code = 0;
  if (!pfc__oulad_day(cell[C_LENGTH], &length, reason) || length <= 0)
    return pfc__sheet_reject(o->rejects, line, "module_presentation_length", cell[C_LENGTH],
                             "expected a number of days, 1 or more", err);
  PFC_TRY(add_presentation(o, cell[C_MODULE], cell[C_PRESENTATION], &code, err));
  if (code < 0)
    return pfc__sheet_reject(o->rejects, line, "code_presentation", cell[C_PRESENTATION],
                             BAD_PRESENTATION, err);
  if (o->presentation[code].length > 0)
    return pfc__sheet_reject(o->rejects, line, "code_presentation", cell[C_PRESENTATION],
                             "this presentation of the module stands in a row above", err);
  o->presentation[code].length = length;
  PFC_TRY(put_intervention(o, line, cell, code, err));
  if (is_first_run(o, code))
    PFC_TRY(put_competency(o->competencies, line, cell[C_MODULE], err));
  st = put_target(o->targets, line, pfc_dict_text(o->presentations, code), cell[C_MODULE], err);
done:
  return st;
}

/* Table interventions, to be filled or charged from that file. */
static pfc_status begin_interventions(pfc__oulad *o, int file, pfc_error *err) {
  return pfc__build_begin(o->run, PFC_INTERVENTIONS, o->path[file], INTERVENTION_COLUMNS,
                          COUNT(INTERVENTION_COLUMNS), &o->rejects, err);
}

/* Coursework of no presentation. */
static pfc_status note_orphans(const pfc__oulad *o, pfc_error *err) {
  int64_t n = 0;
  for (int32_t i = 0; i < pfc_dict_size(o->works); i++)
    n += o->presentation[o->work[i].presentation].length == 0;
  return pfc__sheet_note(o->rejects, n, "code_presentation",
                         "assessments in assessments.csv belong to presentations that are "
                         "not here: not used",
                         err);
}

pfc_status pfc__oulad_read_courses(pfc__oulad *o, pfc_error *err) {
  const char *courses = o->path[PFC__OULAD_COURSES];
  pfc_status st = PFC_OK;
  PFC_TRY(begin_interventions(o, PFC__OULAD_ASSESSMENTS, err));
  PFC_TRY(pfc__oulad_read_file(o, PFC__OULAD_ASSESSMENTS, ASSESSMENT_COLUMNS,
                               COUNT(ASSESSMENT_COLUMNS), read_assessment, err));
  weigh_coursework(o);

  PFC_TRY(begin_interventions(o, PFC__OULAD_COURSES, err));
  PFC_TRY(pfc__build_begin(o->run, PFC_COMPETENCIES, courses, COMPETENCY_COLUMNS,
                           COUNT(COMPETENCY_COLUMNS), &o->competencies, err));
  PFC_TRY(pfc__build_begin(o->run, PFC_TARGETS, courses, TARGET_COLUMNS, COUNT(TARGET_COLUMNS),
                           &o->targets, err));
  PFC_TRY(pfc__oulad_read_file(o, PFC__OULAD_COURSES, COURSE_COLUMNS, COUNT(COURSE_COLUMNS),
                               read_course, err));
  st = note_orphans(o, err);
done:
  return st;
}

/* --- the whole ---------------------------------------------------------------------- */

pfc_status pfc__oulad_read_file(pfc__oulad *o, int file, const char *const *names, int n_names,
                                pfc__sheet_fn fn, pfc_error *err) {
  const pfc__sheet sheet = {.path = o->path[file],
                            .names = names,
                            .n_names = n_names,
                            .rejects = o->rejects,
                            .fn = fn,
                            .user = o};
  return pfc__sheet_read(&sheet, err);
}

static pfc_status oulad_init(pfc__oulad *o, pfc_error *err) {
  struct {
    pfc_dict **dict;
    const char *name;
  } dicts[] = {{&o->modules, "module"},   {&o->presentations, "presentation"},
               {&o->works, "assessment"}, {&o->studies, "study"},
               {&o->students, "student"}, {&o->words, "word"}};
  for (int i = 0; i < COUNT(dicts); i++)
    if (!(*dicts[i].dict = pfc_dict_create(dicts[i].name)))
      return pfc_fail_memory(err, "ids of OULAD");
  return PFC_OK;
}

static void oulad_clear(pfc__oulad *o) {
  for (int i = 0; i < PFC__OULAD_N_FILES; i++) pfc_free(o->path[i]);
  pfc_dict_destroy(o->modules);
  pfc_dict_destroy(o->presentations);
  pfc_dict_destroy(o->works);
  pfc_dict_destroy(o->studies);
  pfc_dict_destroy(o->students);
  pfc_dict_destroy(o->words);
  pfc_free(o->presentation);
  pfc_free(o->work);
  pfc_free(o->study);
  pfc_free(o->student);
  pfc_free(o->mark);
}

pfc_status pfc__preset_oulad(pfc__import *run, const char *const *sources, int n_sources,
                             pfc_error *err) {
  static const char *const FILES[PFC__OULAD_N_FILES] = {
      "courses.csv", "assessments.csv", "studentRegistration.csv", "studentInfo.csv",
      "studentAssessment.csv"};
  pfc__oulad o = {.run = run};
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__preset_find("oulad", sources, n_sources, FILES, COUNT(FILES), o.path, err));
  PFC_TRY(oulad_init(&o, err));
  run->ds->scale_min = 0;
  run->ds->scale_max = 1;
  PFC_TRY(pfc__oulad_read_courses(&o, err));
  PFC_TRY(pfc__oulad_read_students(&o, err));
  PFC_TRY(pfc__oulad_read_scores(&o, err));
done:
  oulad_clear(&o);
  return st;
}
