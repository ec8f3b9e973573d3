#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "datasets/import_build_internal.h"
#include "datasets/preset_internal.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))
#define KEY 128 /* room for "OCCUPATION ELEMENT" */

enum { SCALES, MODEL, OCCUPATIONS, SKILLS, KNOWLEDGE, STYLES, ZONES, READ_ME, N_FILES };
static const char *const FILES[N_FILES] = {
    "Scales Reference.txt", "Content Model Reference.txt",
    "Occupation Data.txt",  "Skills.txt",
    "Knowledge.txt",        "?Work Styles.txt",
    "?Job Zones.txt",       "?Read Me.txt"};

typedef struct scale {
  double min, max; /* NaN: Scales Reference lacks it */
} scale;

/* One occupation's ratings of one element: two rows of a file, one of Work Styles. */
typedef struct rating {
  int64_t line;      /* of the level, else of the importance */
  double level, se;  /* NaN missing */
  double importance; /* 0 to 1; NaN missing, or of low precision */
  bool has_level, has_importance;
  bool not_relevant; /* the level */
  bool suppressed;   /* the level: of low precision */
} rating;

/* An element of the content model. */
typedef struct element {
  int64_t line;
  int32_t name, description; /* codes in `words` */
  const char *kind;          /* NULL: nothing here needs it */
} element;

typedef struct onet {
  pfc__import *run;
  char *path[N_FILES];
  scale level, importance;
  pfc_dict *elements, *ratings, *zones, *words;
  element *element; /* by code in `elements`, "2.A.1.a" */
  rating *rating;   /* by code in `ratings`, "11-1011.00 2.A.1.a"; of one file at a time */
  double *zone;     /* by code in `zones`, "11-1011.00" */
  int32_t element_capacity, rating_capacity, zone_capacity;
  pfc__builder *rejects; /* the table charged with bad rows of the file being read */
  const char *kind;      /* of the elements in the file being read */
  bool styles;           /* that file is Work Styles */
} onet;

static pfc_status read_file(onet *o, int file, const char *const *names, int n_names,
                            pfc__sheet_fn fn, pfc_error *err) {
  const pfc__sheet sheet = {.path = o->path[file],
                            .tabs = true,
                            .names = names,
                            .n_names = n_names,
                            .rejects = o->rejects,
                            .fn = fn,
                            .user = o};
  return pfc__sheet_read(&sheet, err);
}

static bool parse_number(const char *text, double *value) {
  char reason[PFC__REASON];
  pfc__cell cell;
  if (!pfc__cell_parse(PFC_REAL, NULL, text, &cell, reason)) return false;
  *value = cell.real;
  return true;
}

enum { N_ROLE, N_COMPETENCY, N_LEVEL, N_IMPORTANCE, N_ERROR };
static const char *const REQUIREMENT_COLUMNS[] = {"role_id", "competency_id", "level",
                                                  "importance", "level_se"};

/* Table requirements, to be filled or charged from that file. */
static pfc_status begin_requirements(onet *o, int file, pfc_error *err) {
  return pfc__build_begin(o->run, PFC_REQUIREMENTS, o->path[file], REQUIREMENT_COLUMNS,
                          COUNT(REQUIREMENT_COLUMNS), &o->rejects, err);
}

static const char NOT_A_NUMBER[] = "expected a number";

/* --- Scales Reference, Read Me ------------------------------------------------------ */

enum { X_ID, X_MIN, X_MAX };
static const char *const SCALE_COLUMNS[] = {"Scale ID", "Minimum", "Maximum"};

static pfc_status read_scale(int64_t line, const char *const *cell, void *user,
                             pfc_error *err) {
  onet *o = user;
  scale s;
  const bool is_level = strcmp(cell[X_ID], "LV") == 0;
  if (!is_level && strcmp(cell[X_ID], "IM") != 0) return PFC_OK;
  if (!parse_number(cell[X_MIN], &s.min) || !parse_number(cell[X_MAX], &s.max) ||
      s.min >= s.max)
    return pfc_fail(err, PFC_EDATA,
                    "%s:%lld: scale %s goes from '%s' to '%s'; expected two "
                    "numbers, the lesser first",
                    o->path[SCALES], (long long)line, cell[X_ID], cell[X_MIN], cell[X_MAX]);
  *(is_level ? &o->level : &o->importance) = s;
  return PFC_OK;
}

static pfc_status read_scales(onet *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  o->level = o->importance = (scale){NAN, NAN};
  PFC_TRY(begin_requirements(o, SCALES, err));
  PFC_TRY(read_file(o, SCALES, SCALE_COLUMNS, COUNT(SCALE_COLUMNS), read_scale, err));
  if (isnan(o->level.min) || isnan(o->importance.min))
    return pfc_fail(err, PFC_EDATA, "%s lacks the scale %s", o->path[SCALES],
                    isnan(o->level.min) ? "LV (level)" : "IM (importance)");
  o->run->ds->scale_min = o->level.min;
  o->run->ds->scale_max = o->level.max;
done:
  return st;
}

/* "O*NET 29.0 Database" names the framework "O*NET 29.0". */
static pfc_status read_title(const pfc_csv_row *row, void *user, pfc_error *err) {
  static const char TAIL[] = " Database";
  pfc_dataset *ds = user;
  char *name = pfc_strdup(row->cell[0]);
  if (!name) return pfc_fail_memory(err, "the framework's name");
  char *tail = strstr(name, TAIL);
  if (tail) *tail = '\0';
  pfc_free(ds->framework);
  ds->framework = name;
  return PFC_OK;
}

static pfc_status name_framework(onet *o, pfc_error *err) {
  pfc_csv_settings settings;
  pfc_csv_defaults(&settings);
  settings.delimiter = '\t';
  settings.quote = '\0';
  settings.max_rows = 1;
  settings.encoding = o->run->settings->encoding;
  if (o->path[READ_ME])
    return pfc_csv_read(o->path[READ_ME], &settings, read_title, o->run->ds, err);
  pfc_free(o->run->ds->framework);
  o->run->ds->framework = pfc_strdup("O*NET");
  return o->run->ds->framework ? PFC_OK : pfc_fail_memory(err, "the framework's name");
}

/* --- Job Zones, Occupation Data: roles ---------------------------------------------- */

enum { Z_OCCUPATION, Z_ZONE };
static const char *const ZONE_COLUMNS[] = {"O*NET-SOC Code", "Job Zone"};
enum { O_CODE, O_TITLE };
static const char *const OCCUPATION_COLUMNS[] = {"O*NET-SOC Code", "Title"};
enum { R_ROLE, R_TITLE, R_FAMILY, R_REF, R_ZONE };
static const char *const ROLE_COLUMNS[] = {"role_id", "title", "family", "framework_ref",
                                           "x_job_zone"};

static pfc_status read_zone(int64_t line, const char *const *cell, void *user, pfc_error *err) {
  onet *o = user;
  pfc_status st = PFC_OK;
  double zone = 0;
  int32_t code = 0;
  if (!parse_number(cell[Z_ZONE], &zone))
    return pfc__sheet_reject(o->rejects, line, "Job Zone", cell[Z_ZONE], NOT_A_NUMBER, err);
  PFC_RESERVE(o->zone, o->zone_capacity, pfc_dict_size(o->zones) + 1);
  PFC_TRY(pfc_dict_add(o->zones, cell[Z_OCCUPATION], strlen(cell[Z_OCCUPATION]), &code, err));
  o->zone[code] = zone;
done:
  return st;
}

static pfc_status read_occupation(int64_t line, const char *const *cell, void *user,
                                  pfc_error *err) {
  onet *o = user;
  pfc__builder *b = o->rejects;
  const int32_t zone = pfc_dict_find(o->zones, cell[O_CODE]);
  char family[3];
  (void)snprintf(family, sizeof family, "%.*s", (int)pfc_utf8_cut(cell[O_CODE], 2),
                 cell[O_CODE]);
  pfc_status st = PFC_OK;
  pfc__build_row(b, line);
  PFC_TRY(pfc__build_text(b, R_ROLE, cell[O_CODE], err));
  PFC_TRY(pfc__build_text(b, R_TITLE, cell[O_TITLE], err));
  PFC_TRY(pfc__build_text(b, R_FAMILY, family, err));
  PFC_TRY(pfc__build_text(b, R_REF, cell[O_CODE], err));
  if (zone >= 0) PFC_TRY(pfc__build_real(b, R_ZONE, o->zone[zone], err));
  PFC_TRY(pfc__build_end(b, err));
done:
  return st;
}

static pfc_status begin_roles(onet *o, int file, pfc_error *err) {
  return pfc__build_begin(o->run, PFC_ROLES, o->path[file], ROLE_COLUMNS, COUNT(ROLE_COLUMNS),
                          &o->rejects, err);
}

static pfc_status read_roles(onet *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (o->path[ZONES]) {
    PFC_TRY(begin_roles(o, ZONES, err));
    PFC_TRY(read_file(o, ZONES, ZONE_COLUMNS, COUNT(ZONE_COLUMNS), read_zone, err));
  }
  PFC_TRY(begin_roles(o, OCCUPATIONS, err));
  PFC_TRY(read_file(o, OCCUPATIONS, OCCUPATION_COLUMNS, COUNT(OCCUPATION_COLUMNS),
                    read_occupation, err));
done:
  return st;
}

/* --- Skills, Knowledge, Work Styles: requirements ----------------------------------- */

enum { Q_OCCUPATION, Q_ELEMENT, Q_SCALE, Q_VALUE, Q_ERROR, Q_SUPPRESS, Q_IRRELEVANT };
static const char *const RATING_COLUMNS[] = {
    "O*NET-SOC Code", "Element ID",         "Scale ID",    "Data Value",
    "Standard Error", "Recommend Suppress", "Not Relevant"};
static const char *const STYLE_COLUMNS[] = {
    "O*NET-SOC Code", "Element ID",         "Scale ID",     "Data Value",
    "Standard Error", "Recommend Suppress", "?Not Relevant"};

/* What becomes of a level, and how often. */
typedef struct rating_counts {
  int64_t not_relevant, suppressed, no_level, importance_suppressed, put;
} rating_counts;

/* The element and what it is part of belong to the framework. */
static void mark_used(onet *o, const char *id) {
  char part[KEY];
  (void)snprintf(part, sizeof part, "%s", id);
  const char *kind = o->kind;
  for (;;) {
    const int32_t code = pfc_dict_find(o->elements, part);
    if (code >= 0 && !o->element[code].kind) o->element[code].kind = kind;
    char *dot = strrchr(part, '.');
    if (!dot) return;
    *dot = '\0';
    kind = "group";
  }
}

/* The rating that the row belongs to, new or not; valid until the next call. */
static pfc_status find_rating(onet *o, int64_t line, const char *key, rating **r,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = pfc_dict_size(o->ratings);
  int32_t code = 0;
  PFC_RESERVE(o->rating, o->rating_capacity, n + 1);
  PFC_TRY(pfc_dict_add(o->ratings, key, strlen(key), &code, err));
  if (code == n) o->rating[n] = (rating){.line = line, .se = NAN, .importance = NAN};
  *r = &o->rating[code];
done:
  return st;
}

static bool is_yes(const char *cell) { return strcmp(cell, "Y") == 0; }

/* Text files of the release write "n/a" where its spreadsheets leave a cell empty. */
static bool is_given(const char *cell) { return *cell && strcmp(cell, "n/a") != 0; }

static pfc_status take_level(onet *o, rating *r, int64_t line, const char *const *cell,
                             double value, pfc_error *err) {
  if (is_given(cell[Q_ERROR]) && !parse_number(cell[Q_ERROR], &r->se))
    return pfc__sheet_reject(o->rejects, line, "Standard Error", cell[Q_ERROR], NOT_A_NUMBER,
                             err);
  r->line = line;
  r->has_level = true;
  r->level = value;
  r->not_relevant = is_yes(cell[Q_IRRELEVANT]);
  r->suppressed = is_yes(cell[Q_SUPPRESS]);
  return PFC_OK;
}

static void take_importance(const onet *o, rating *r, const char *const *cell, double value) {
  r->has_importance = true;
  if (!is_yes(cell[Q_SUPPRESS]))
    r->importance = (value - o->importance.min) / (o->importance.max - o->importance.min);
}

/* O*NET publishes how important a work style is, but no level. How far the importance goes up
 * its scale stands for how far the level goes up the scale of levels, and its error for the
 * error of the level: an assumption, which leaves the order of occupations as it is. Where
 * the importance is of low precision, so is the level. */
static pfc_status take_style(onet *o, rating *r, int64_t line, const char *const *cell,
                             double importance, pfc_error *err) {
  const double slope = (o->level.max - o->level.min) / (o->importance.max - o->importance.min);
  const double level = o->level.min + slope * (importance - o->importance.min);
  const pfc_status st = take_level(o, r, line, cell, level, err);
  r->se *= slope;
  return st;
}

static pfc_status read_rating(int64_t line, const char *const *cell, void *user,
                              pfc_error *err) {
  onet *o = user;
  char key[KEY];
  rating *r = NULL;
  double value = 0;
  const bool is_level = strcmp(cell[Q_SCALE], "LV") == 0;
  const bool is_importance = strcmp(cell[Q_SCALE], "IM") == 0;
  const scale s = is_level ? o->level : o->importance;
  const int n = snprintf(key, sizeof key, "%s %s", cell[Q_OCCUPATION], cell[Q_ELEMENT]);
  if (n >= (int)sizeof key || !*cell[Q_OCCUPATION] || !*cell[Q_ELEMENT])
    return pfc__sheet_reject(o->rejects, line, "Element ID", cell[Q_ELEMENT],
                             "expected the ids of an occupation and an element", err);
  if (!is_importance && (!is_level || o->styles))
    return pfc__sheet_reject(
        o->rejects, line, "Scale ID", cell[Q_SCALE],
        o->styles ? "expected IM (importance)" : "expected LV (level) or IM (importance)", err);
  if (!parse_number(cell[Q_VALUE], &value) || value < s.min || value > s.max)
    return pfc__sheet_reject(o->rejects, line, "Data Value", cell[Q_VALUE],
                             "expected a number within the scale of Scales Reference", err);
  const pfc_status st = find_rating(o, line, key, &r, err);
  if (st != PFC_OK) return st;
  if (is_level ? r->has_level : r->has_importance)
    return pfc__sheet_reject(o->rejects, line, "Scale ID", cell[Q_SCALE],
                             "this rating of the occupation stands in a row above", err);
  mark_used(o, cell[Q_ELEMENT]);
  if (is_level) return take_level(o, r, line, cell, value, err);
  take_importance(o, r, cell, value);
  return o->styles ? take_style(o, r, line, cell, value, err) : PFC_OK;
}

/* A level that is not relevant for the occupation is not required: 0, whatever tiny mean
 * its raters left. One of low precision is left out: a gap must not rest on it. */
static pfc_status put_requirement(const onet *o, const char *key, const rating *r,
                                  rating_counts *counts, pfc_error *err) {
  pfc__builder *b = o->rejects;
  char role[KEY];
  (void)snprintf(role, sizeof role, "%s", key);
  char *space = strchr(role, ' ');
  *space = '\0';
  counts->importance_suppressed += r->has_importance && isnan(r->importance) && !o->styles;
  counts->no_level += !r->has_level;
  counts->not_relevant += r->has_level && r->not_relevant;
  counts->suppressed += r->has_level && r->suppressed && !r->not_relevant;
  if (!r->has_level || (r->suppressed && !r->not_relevant)) return PFC_OK;
  pfc_status st = PFC_OK;
  pfc__build_row(b, r->line);
  PFC_TRY(pfc__build_text(b, N_ROLE, role, err));
  PFC_TRY(pfc__build_text(b, N_COMPETENCY, space + 1, err));
  PFC_TRY(pfc__build_real(b, N_LEVEL, r->not_relevant ? o->level.min : r->level, err));
  PFC_TRY(pfc__build_real(b, N_IMPORTANCE, r->importance, err));
  PFC_TRY(pfc__build_real(b, N_ERROR, r->not_relevant ? NAN : r->se, err));
  PFC_TRY(pfc__build_end(b, err));
  counts->put++;
done:
  return st;
}

static pfc_status note_requirements(const onet *o, const rating_counts *n, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__sheet_note(o->rejects, n->not_relevant, "Not Relevant",
                          "levels are not relevant for the occupation: required level 0", err));
  PFC_TRY(pfc__sheet_note(o->rejects, n->suppressed, "Recommend Suppress",
                          "levels are of low precision: requirement left out", err));
  PFC_TRY(pfc__sheet_note(o->rejects, n->importance_suppressed, "Recommend Suppress",
                          "importances are of low precision: importance left empty", err));
  if (o->styles)
    PFC_TRY(pfc__sheet_note(o->rejects, n->put, "Scale ID",
                            "levels are not published: taken from the importance", err));
  st = pfc__sheet_note(o->rejects, n->no_level, "Scale ID",
                       "ratings have an importance but no level: left out", err);
done:
  return st;
}

static pfc_status read_requirements(onet *o, int file, const char *kind, pfc_error *err) {
  rating_counts counts = {0};
  pfc_status st = PFC_OK;
  o->kind = kind;
  o->styles = file == STYLES;
  pfc_dict_destroy(o->ratings);
  if (!(o->ratings = pfc_dict_create("rating"))) return pfc_fail_memory(err, "ratings");
  PFC_TRY(begin_requirements(o, file, err));
  PFC_TRY(read_file(o, file, o->styles ? STYLE_COLUMNS : RATING_COLUMNS, COUNT(RATING_COLUMNS),
                    read_rating, err));
  for (int32_t i = 0; i < pfc_dict_size(o->ratings); i++)
    PFC_TRY(put_requirement(o, pfc_dict_text(o->ratings, i), &o->rating[i], &counts, err));
  PFC_TRY(note_requirements(o, &counts, err));
done:
  return st;
}

/* --- Content Model Reference: competencies ------------------------------------------ */

enum { M_ID, M_NAME, M_DESCRIPTION };
static const char *const MODEL_COLUMNS[] = {"Element ID", "Element Name", "Description"};
enum { C_ID, C_NAME, C_KIND, C_PARENT, C_DESCRIPTION };
static const char *const COMPETENCY_COLUMNS[] = {"competency_id", "name", "kind", "parent_id",
                                                 "description"};

static pfc_status read_element(int64_t line, const char *const *cell, void *user,
                               pfc_error *err) {
  onet *o = user;
  pfc_status st = PFC_OK;
  element e = {.line = line};
  const int32_t n = pfc_dict_size(o->elements);
  const char *name = cell[M_NAME], *description = cell[M_DESCRIPTION];
  int32_t code = 0;
  PFC_RESERVE(o->element, o->element_capacity, n + 1);
  PFC_TRY(pfc_dict_add(o->elements, cell[M_ID], strlen(cell[M_ID]), &code, err));
  if (code != n)
    return pfc__sheet_reject(o->rejects, line, "Element ID", cell[M_ID],
                             "the element stands in a row above", err);
  PFC_TRY(pfc_dict_add(o->words, name, strlen(name), &e.name, err));
  PFC_TRY(pfc_dict_add(o->words, description, strlen(description), &e.description, err));
  o->element[n] = e;
done:
  return st;
}

/* What it is part of, "" at the root. */
static void parent_of(const char *id, char parent[KEY]) {
  (void)snprintf(parent, KEY, "%s", id);
  char *dot = strrchr(parent, '.');
  *(dot ? dot : parent) = '\0';
}

static pfc_status put_competency(const onet *o, int32_t code, pfc_error *err) {
  pfc__builder *b = o->rejects;
  const element *e = &o->element[code];
  const char *id = pfc_dict_text(o->elements, code);
  char parent[KEY];
  parent_of(id, parent);
  pfc_status st = PFC_OK;
  pfc__build_row(b, e->line);
  PFC_TRY(pfc__build_text(b, C_ID, id, err));
  PFC_TRY(pfc__build_text(b, C_NAME, pfc_dict_text(o->words, e->name), err));
  PFC_TRY(pfc__build_text(b, C_KIND, e->kind, err));
  if (pfc_dict_find(o->elements, parent) >= 0)
    PFC_TRY(pfc__build_text(b, C_PARENT, parent, err));
  PFC_TRY(pfc__build_text(b, C_DESCRIPTION, pfc_dict_text(o->words, e->description), err));
  PFC_TRY(pfc__build_end(b, err));
done:
  return st;
}

static pfc_status begin_competencies(onet *o, pfc_error *err) {
  return pfc__build_begin(o->run, PFC_COMPETENCIES, o->path[MODEL], COMPETENCY_COLUMNS,
                          COUNT(COMPETENCY_COLUMNS), &o->rejects, err);
}

static pfc_status read_model(onet *o, pfc_error *err) {
  const pfc_status st = begin_competencies(o, err);
  if (st != PFC_OK) return st;
  return read_file(o, MODEL, MODEL_COLUMNS, COUNT(MODEL_COLUMNS), read_element, err);
}

/* Only what the occupations are rated in, and its groups, in the model's own order. */
static pfc_status put_competencies(onet *o, pfc__builder *b, pfc_error *err) {
  o->rejects = b;
  for (int32_t i = 0; i < pfc_dict_size(o->elements); i++) {
    if (!o->element[i].kind) continue;
    const pfc_status st = put_competency(o, i, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

/* --- the whole ---------------------------------------------------------------------- */

static pfc_status onet_init(onet *o, pfc_error *err) {
  o->elements = pfc_dict_create("element");
  o->zones = pfc_dict_create("occupation");
  o->words = pfc_dict_create("word");
  if (!o->elements || !o->zones || !o->words) return pfc_fail_memory(err, "ids of O*NET");
  return PFC_OK;
}

static void onet_clear(onet *o) {
  for (int i = 0; i < N_FILES; i++) pfc_free(o->path[i]);
  pfc_dict_destroy(o->elements);
  pfc_dict_destroy(o->ratings);
  pfc_dict_destroy(o->zones);
  pfc_dict_destroy(o->words);
  pfc_free(o->element);
  pfc_free(o->rating);
  pfc_free(o->zone);
}

pfc_status pfc__preset_onet(pfc__import *run, const char *const *sources, int n_sources,
                            pfc_error *err) {
  onet o = {.run = run};
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__preset_find("onet", sources, n_sources, FILES, COUNT(FILES), o.path, err));
  PFC_TRY(onet_init(&o, err));
  PFC_TRY(name_framework(&o, err));
  PFC_TRY(read_model(&o, err));
  pfc__builder *competencies = o.rejects;
  PFC_TRY(read_scales(&o, err));
  PFC_TRY(read_roles(&o, err));
  PFC_TRY(read_requirements(&o, SKILLS, "skill", err));
  PFC_TRY(read_requirements(&o, KNOWLEDGE, "knowledge", err));
  if (o.path[STYLES]) PFC_TRY(read_requirements(&o, STYLES, "behavioural", err));
  PFC_TRY(put_competencies(&o, competencies, err));
done:
  onet_clear(&o);
  return st;
}
