#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/import_build_internal.h"
#include "datasets/preset_internal.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

enum { OCCUPATIONS, SKILLS, NEEDS, RELATIONS, N_FILES };
enum { O_ID, O_TITLE, O_GROUP, O_COLUMNS };
enum { S_ID, S_NAME, S_TYPE, S_DESCRIPTION, S_COLUMNS };
enum { N_OCCUPATION, N_SKILL, N_TYPE };
enum { R_SKILL, R_NEEDED, R_TYPE };

/* The same tables go by two sets of names: those of ESCO's own download, and those of slices
 * such as the sample, in which ids are named after what they identify. */
typedef struct layout {
  const char *file[N_FILES];
  const char *occupation[O_COLUMNS], *skill[S_COLUMNS];
} layout;

static const layout LAYOUTS[] = {
    {{"occupations_en.csv", "skills_en.csv", "occupationSkillRelations_en.csv",
      "?skillSkillRelations_en.csv"},
     {"conceptUri", "preferredLabel", "?iscoGroup"},
     {"conceptUri", "preferredLabel", "skillType", "description"}},
    {{"occupations.csv", "skills.csv", "occupation_skill_relations.csv",
      "?skill_skill_relations.csv"},
     {"occupationUri", "preferredLabel", "?iscoGroup"},
     {"skillUri", "preferredLabel", "skillType", "description"}},
};

static const char *const NEED_COLUMNS[] = {"occupationUri", "skillUri", "?relationType"};
static const char *const RELATION_COLUMNS[] = {"originalSkillUri", "relatedSkillUri",
                                               "relationType"};

typedef struct esco {
  pfc__import *run;
  const layout *in;
  char *path[N_FILES];
  pfc__builder *b;    /* of the table being filled */
  int64_t n_optional; /* relations of the file being read */
} esco;

static pfc_status read_file(esco *e, int file, const char *const *names, int n_names,
                            pfc__sheet_fn fn, pfc_error *err) {
  const pfc__sheet sheet = {.path = e->path[file],
                            .names = names,
                            .n_names = n_names,
                            .rejects = e->b,
                            .fn = fn,
                            .user = e};
  return pfc__sheet_read(&sheet, err);
}

static pfc_status put_texts(pfc__builder *b, int64_t line, const char *const *text, int n,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__build_row(b, line);
  for (int k = 0; k < n; k++) PFC_TRY(pfc__build_text(b, k, text[k], err));
done:
  return st;
}

/* --- occupations: roles ------------------------------------------------------------------ */

static const char *const ROLE_COLUMNS[] = {"role_id", "title", "family", "framework_ref"};

static pfc_status read_occupation(int64_t line, const char *const *cell, void *user,
                                  pfc_error *err) {
  esco *e = user;
  const char *const text[] = {cell[O_ID], cell[O_TITLE], cell[O_GROUP], cell[O_ID]};
  const pfc_status st = put_texts(e->b, line, text, COUNT(text), err);
  return st == PFC_OK ? pfc__build_end(e->b, err) : st;
}

static pfc_status read_roles(esco *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__build_begin(e->run, PFC_ROLES, e->path[OCCUPATIONS], ROLE_COLUMNS,
                           COUNT(ROLE_COLUMNS), &e->b, err));
  PFC_TRY(read_file(e, OCCUPATIONS, e->in->occupation, O_COLUMNS, read_occupation, err));
done:
  return st;
}

/* --- skills: competencies ---------------------------------------------------------------- */

static const char *const COMPETENCY_COLUMNS[] = {"competency_id", "name", "kind",
                                                 "description"};

/* ESCO writes "skill/competence" for what others call a skill. */
static const char *kind_of(const char *type) {
  return strcmp(type, "skill/competence") == 0 ? "skill" : type;
}

static pfc_status read_skill(int64_t line, const char *const *cell, void *user,
                             pfc_error *err) {
  esco *e = user;
  const char *const text[] = {cell[S_ID], cell[S_NAME], kind_of(cell[S_TYPE]),
                              cell[S_DESCRIPTION]};
  const pfc_status st = put_texts(e->b, line, text, COUNT(text), err);
  return st == PFC_OK ? pfc__build_end(e->b, err) : st;
}

static pfc_status read_competencies(esco *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__build_begin(e->run, PFC_COMPETENCIES, e->path[SKILLS], COMPETENCY_COLUMNS,
                           COUNT(COMPETENCY_COLUMNS), &e->b, err));
  PFC_TRY(read_file(e, SKILLS, e->in->skill, S_COLUMNS, read_skill, err));
done:
  return st;
}

/* --- relations -----------------------------------------------------------------------------
 */

static const char *const REQUIREMENT_COLUMNS[] = {"role_id", "competency_id", "importance"};
static const char *const TO_COLUMNS[] = {"from_competency_id", "to_competency_id", "relation"};

static bool is_essential(const char *type) { return strcmp(type, "essential") == 0; }
static bool is_optional(const char *type) { return strcmp(type, "optional") == 0; }

static pfc_status reject_type(esco *e, int64_t line, const char *type, pfc_error *err) {
  return pfc__sheet_reject(e->b, line, "relationType", type, "expected essential or optional",
                           err);
}

/* An essential skill is required, at no level: ESCO has none. A slice that tells no type holds
 * essential ones alone. */
static pfc_status read_need(int64_t line, const char *const *cell, void *user, pfc_error *err) {
  esco *e = user;
  pfc_status st = PFC_OK;
  if (is_optional(cell[N_TYPE])) {
    e->n_optional++;
    return PFC_OK;
  }
  if (*cell[N_TYPE] && !is_essential(cell[N_TYPE]))
    return reject_type(e, line, cell[N_TYPE], err);
  PFC_TRY(put_texts(e->b, line, cell, 2, err));
  PFC_TRY(pfc__build_real(e->b, 2, 1, err));
  PFC_TRY(pfc__build_end(e->b, err));
done:
  return st;
}

static pfc_status read_requirements(esco *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__build_begin(e->run, PFC_REQUIREMENTS, e->path[NEEDS], REQUIREMENT_COLUMNS,
                           COUNT(REQUIREMENT_COLUMNS), &e->b, err));
  PFC_TRY(read_file(e, NEEDS, NEED_COLUMNS, COUNT(NEED_COLUMNS), read_need, err));
  PFC_TRY(pfc__sheet_note(e->b, e->n_optional, "relationType",
                          "skills are optional for the occupation: no requirement", err));
done:
  return st;
}

/* What is essential for a skill comes before it; what is optional is related to it. */
static pfc_status read_relation(int64_t line, const char *const *cell, void *user,
                                pfc_error *err) {
  esco *e = user;
  const bool precedes = is_essential(cell[R_TYPE]);
  const char *const text[] = {cell[R_NEEDED], cell[R_SKILL], precedes ? "precedes" : "related"};
  if (!precedes && !is_optional(cell[R_TYPE])) return reject_type(e, line, cell[R_TYPE], err);
  const pfc_status st = put_texts(e->b, line, text, COUNT(text), err);
  return st == PFC_OK ? pfc__build_end(e->b, err) : st;
}

static pfc_status read_relations(esco *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (!e->path[RELATIONS]) return PFC_OK;
  PFC_TRY(pfc__build_begin(e->run, PFC_RELATIONS, e->path[RELATIONS], TO_COLUMNS,
                           COUNT(TO_COLUMNS), &e->b, err));
  PFC_TRY(
      read_file(e, RELATIONS, RELATION_COLUMNS, COUNT(RELATION_COLUMNS), read_relation, err));
done:
  return st;
}

/* --- the whole -----------------------------------------------------------------------------
 */

/* The layout whose list of occupations is there; the last one where none is. */
static pfc_status find_layout(esco *e, const char *const *sources, int n_sources,
                              pfc_error *err) {
  for (int k = 0; k < COUNT(LAYOUTS); k++) {
    char *path = NULL;
    e->in = &LAYOUTS[k];
    const pfc_status st =
        pfc__find_source(sources, n_sources, e->in->file[OCCUPATIONS], &path, err);
    const bool is_there = path != NULL;
    pfc_free(path);
    if (st != PFC_OK || is_there) return st;
  }
  return PFC_OK;
}

static pfc_status name_framework(pfc_dataset *ds, pfc_error *err) {
  pfc_free(ds->framework);
  ds->framework = pfc_strdup("ESCO");
  return ds->framework ? PFC_OK : pfc_fail_memory(err, "the framework's name");
}

pfc_status pfc__preset_esco(pfc__import *run, const char *const *sources, int n_sources,
                            pfc_error *err) {
  esco e = {.run = run};
  pfc_status st = PFC_OK;
  PFC_TRY(find_layout(&e, sources, n_sources, err));
  PFC_TRY(pfc__preset_find("esco", sources, n_sources, e.in->file, N_FILES, e.path, err));
  PFC_TRY(name_framework(run->ds, err));
  PFC_TRY(read_roles(&e, err));
  PFC_TRY(read_competencies(&e, err));
  PFC_TRY(read_requirements(&e, err));
  PFC_TRY(read_relations(&e, err));
done:
  for (int k = 0; k < N_FILES; k++) pfc_free(e.path[k]);
  return st;
}
