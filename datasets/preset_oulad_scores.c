#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/import_build_internal.h"
#include "datasets/preset_oulad_internal.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

/* Proficient is who has so much of the coursework: the pass mark of the university. */
#define PROFICIENT_PERCENT 40
#define MAX_SCORE 100

/* --- studentAssessment.csv ---------------------------------------------------------- */

enum { M_ASSESSMENT, M_STUDENT, M_DAY, M_BANKED, M_SCORE };
static const char *const SCORE_COLUMNS[] = {"id_assessment", "id_student", "date_submitted",
                                            "is_banked", "score"};

enum { T_PERSON, T_COMPETENCY, T_LEVEL, T_SOURCE, T_DATE };
static const char *const RATING_COLUMNS[] = {"person_id", "competency_id", "level", "source",
                                             "assessed_on"};

static pfc_status add_mark(pfc__oulad *o, const pfc__mark *mark, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(o->mark, o->mark_capacity, o->n_marks + 1);
  o->mark[o->n_marks++] = *mark;
done:
  return st;
}

static pfc_status put_rating(const pfc__oulad *o, int64_t line, const pfc__presentation *p,
                             int32_t day, double score, const char *student, pfc_error *err) {
  pfc__builder *b = o->rejects;
  pfc_status st = PFC_OK;
  pfc__build_row(b, line);
  PFC_TRY(pfc__build_text(b, T_PERSON, student, err));
  PFC_TRY(pfc__build_text(b, T_COMPETENCY, pfc_dict_text(o->modules, p->module), err));
  PFC_TRY(pfc__build_real(b, T_LEVEL, score, err));
  PFC_TRY(pfc__build_text(b, T_SOURCE, "test", err));
  PFC_TRY(pfc__build_date(b, T_DATE, p->start + day, err));
  PFC_TRY(pfc__build_end(b, err));
done:
  return st;
}

/* The study that the row belongs to, -1 when studentInfo.csv has no such student there. */
static int32_t find_study(const pfc__oulad *o, const pfc__coursework *w, const char *student) {
  char key[PFC__OULAD_KEY];
  if (!pfc__oulad_join(key, pfc_dict_text(o->presentations, w->presentation), student))
    return -1;
  const int32_t code = pfc_dict_find(o->studies, key);
  return code >= 0 && o->study[code].line > 0 ? code : -1;
}

static bool parse_score(const char *text, double *score) {
  char reason[PFC__REASON];
  pfc__cell cell;
  if (!pfc__cell_parse(PFC_REAL, NULL, text, &cell, reason)) return false;
  *score = cell.real;
  return cell.real >= 0 && cell.real <= MAX_SCORE;
}

/* A banked score was earned in an earlier presentation, on a day that the file does not
 * tell: it counts for the coursework, but as an assessment it would say twice, and at a
 * wrong date, what was measured once. */
static pfc_status read_score(int64_t line, const char *const *cell, void *user,
                             pfc_error *err) {
  pfc__oulad *o = user;
  char reason[PFC__REASON];
  double score = 0;
  int32_t day = 0;
  const int32_t work = pfc_dict_find(o->works, cell[M_ASSESSMENT]);
  if (work < 0)
    return pfc__sheet_reject(o->rejects, line, "id_assessment", cell[M_ASSESSMENT],
                             "assessments.csv has no such assessment", err);
  const pfc__coursework *w = &o->work[work];
  const int32_t study = find_study(o, w, cell[M_STUDENT]);
  if (study < 0)
    return pfc__sheet_reject(o->rejects, line, "id_student", cell[M_STUDENT],
                             "studentInfo.csv has no such student in this presentation", err);
  if (!pfc__oulad_day(cell[M_DAY], &day, reason))
    return pfc__sheet_reject(o->rejects, line, "date_submitted", cell[M_DAY], reason, err);
  o->n_unscored += !*cell[M_SCORE];
  if (!*cell[M_SCORE]) return PFC_OK;
  if (!parse_score(cell[M_SCORE], &score))
    return pfc__sheet_reject(o->rejects, line, "score", cell[M_SCORE],
                             "expected a number from 0 to 100", err);

  const pfc__mark mark = {study, day > 0 ? day : 0, score * w->weight};
  const bool banked = strcmp(cell[M_BANKED], "1") == 0;
  o->n_banked += banked;
  const pfc_status st = w->exam ? PFC_OK : add_mark(o, &mark, err);
  if (st != PFC_OK || banked) return st;
  return put_rating(o, line, &o->presentation[w->presentation], day, score, cell[M_STUDENT],
                    err);
}

static pfc_status put_source(const pfc__oulad *o, pfc_error *err) {
  static const char *const COLUMNS[] = {"source", "scale_min", "scale_max", "anchor"};
  pfc__builder *b = NULL;
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__build_begin(o->run, PFC_SOURCES, o->path[PFC__OULAD_SCORES], COLUMNS,
                           COUNT(COLUMNS), &b, err));
  pfc__build_row(b, 1); /* known of the file, not read in a row of it */
  PFC_TRY(pfc__build_text(b, 0, "test", err));
  PFC_TRY(pfc__build_real(b, 1, 0, err));
  PFC_TRY(pfc__build_real(b, 2, MAX_SCORE, err));
  PFC_TRY(pfc__build_flag(b, 3, true, err));
  PFC_TRY(pfc__build_end(b, err));
done:
  return st;
}

/* --- episodes ----------------------------------------------------------------------- */

enum { D_PERSON, D_INTERVENTION, D_COMPETENCY, D_STARTED, D_DURATION, D_EVENT };
static const char *const EPISODE_COLUMNS[] = {"person_id",  "intervention_id", "competency_id",
                                              "started_on", "duration_days",   "event"};

static int by_study_and_day(const void *a, const void *b) {
  const pfc__mark *x = a, *y = b;
  if (x->study != y->study) return x->study < y->study ? -1 : 1;
  return (x->day > y->day) - (x->day < y->day);
}

/* The first day on which n marks, ordered by day, reach the share; -1 never. */
static int32_t proficient_day(const pfc__mark *mark, int64_t n, double weight) {
  double points = 0;
  for (int64_t i = 0; i < n; i++) {
    points += mark[i].points;
    if (points >= PROFICIENT_PERCENT * weight) return mark[i].day;
  }
  return -1;
}

/* How a study ended that its marks made proficient on that day (-1: they did not). Who
 * un-registers on the very day has reached it. */
static const char *event_of(const pfc__study *s, int32_t length, int32_t proficient,
                            int32_t *duration) {
  const bool leaves = s->unregistered != PFC__OULAD_NO_DAY && s->unregistered <= length;
  const int32_t last = leaves ? s->unregistered : length;
  const bool reached = proficient >= 0 && proficient <= last;
  *duration = reached ? proficient : last;
  return reached ? "proficient" : leaves ? "dropped" : "censored";
}

static pfc_status put_episode(const pfc__oulad *o, pfc__builder *b, int32_t study,
                              int32_t proficient, pfc_error *err) {
  const pfc__study *s = &o->study[study];
  const pfc__presentation *p = &o->presentation[s->presentation];
  int32_t duration = 0;
  const char *event = event_of(s, p->length, proficient, &duration);
  const char *student = strrchr(pfc_dict_text(o->studies, study), '/') + 1;
  pfc_status st = PFC_OK;
  pfc__build_row(b, s->line);
  PFC_TRY(pfc__build_text(b, D_PERSON, student, err));
  PFC_TRY(pfc__build_text(b, D_INTERVENTION, pfc_dict_text(o->presentations, s->presentation),
                          err));
  PFC_TRY(pfc__build_text(b, D_COMPETENCY, pfc_dict_text(o->modules, p->module), err));
  PFC_TRY(pfc__build_date(b, D_STARTED, p->start, err));
  PFC_TRY(pfc__build_real(b, D_DURATION, duration, err));
  PFC_TRY(pfc__build_text(b, D_EVENT, event, err));
  PFC_TRY(pfc__build_end(b, err));
done:
  return st;
}

static pfc_status put_episodes(pfc__oulad *o, pfc_error *err) {
  pfc__builder *b = NULL;
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__build_begin(o->run, PFC_EPISODES, o->path[PFC__OULAD_STUDENTS], EPISODE_COLUMNS,
                           COUNT(EPISODE_COLUMNS), &b, err));
  PFC_TRY(pfc__build_source(b, o->path[PFC__OULAD_REGISTRATIONS], err));
  PFC_TRY(pfc__build_source(b, o->path[PFC__OULAD_COURSES], err));
  PFC_TRY(pfc__build_source(b, o->path[PFC__OULAD_ASSESSMENTS], err));
  PFC_TRY(pfc__build_source(b, o->path[PFC__OULAD_SCORES], err));
  if (o->n_marks > 0) qsort(o->mark, (size_t)o->n_marks, sizeof *o->mark, by_study_and_day);
  int64_t from = 0;
  for (int32_t i = 0; i < pfc_dict_size(o->studies); i++) {
    const pfc__study *s = &o->study[i];
    int64_t to = from;
    while (to < o->n_marks && o->mark[to].study == i) to++;
    const double weight = o->presentation[s->presentation].weight;
    const int32_t day = proficient_day(o->mark + from, to - from, weight);
    if (s->line > 0 && !pfc__oulad_never_started(s)) PFC_TRY(put_episode(o, b, i, day, err));
    from = to;
  }
done:
  return st;
}

/* --- both --------------------------------------------------------------------------- */

pfc_status pfc__oulad_read_scores(pfc__oulad *o, pfc_error *err) {
  const char *path = o->path[PFC__OULAD_SCORES];
  pfc_status st = PFC_OK;
  PFC_TRY(put_source(o, err));
  PFC_TRY(pfc__build_begin(o->run, PFC_ASSESSMENTS, path, RATING_COLUMNS, COUNT(RATING_COLUMNS),
                           &o->rejects, err));
  PFC_TRY(pfc__build_source(o->rejects, o->path[PFC__OULAD_ASSESSMENTS], err));
  PFC_TRY(pfc__oulad_read_file(o, PFC__OULAD_SCORES, SCORE_COLUMNS, COUNT(SCORE_COLUMNS),
                               read_score, err));
  PFC_TRY(pfc__sheet_note(o->rejects, o->n_unscored, "score",
                          "submissions have no score: left out", err));
  PFC_TRY(pfc__sheet_note(o->rejects, o->n_banked, "is_banked",
                          "scores are carried over from an earlier presentation: they count "
                          "for its coursework from day 0, but are no assessments",
                          err));
  PFC_TRY(put_episodes(o, err));
done:
  return st;
}
