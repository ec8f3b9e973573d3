/* Requirements by reference: roles that name an occupation of a framework get what the
 * framework publishes of it. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/import_build_internal.h"

typedef struct frame {
  pfc__import *run;
  pfc_dataset *ds;
  const pfc_dict *roles, *competencies; /* of ds */
  const int32_t *role, *competency;     /* table requirements of ds */
  const double *level, *importance, *level_se;
  int64_t *first;    /* by role of ds, + 1: places in by_role */
  int64_t *by_role;  /* rows of requirements */
  uint8_t *is_ours;  /* by competency of ds: the run has it */
  int64_t n_unknown; /* roles with a reference that ds lacks */
  int64_t n_unrated; /* roles whose occupation has no requirements */
} frame;

static void frame_clear(frame *f) {
  pfc_dataset_destroy(f->ds);
  pfc_free(f->first);
  pfc_free(f->by_role);
  pfc_free(f->is_ours);
}

/* Levels of the data and of the framework must lie on one scale. */
static pfc_status take_scale(const frame *f, pfc_error *err) {
  pfc_dataset *to = f->run->ds;
  const pfc_import_settings *s = f->run->settings;
  if (!isnan(s->scale_min) &&
      (s->scale_min != f->ds->scale_min || s->scale_max != f->ds->scale_max)) {
    return pfc_fail(
        err, PFC_EUSAGE,
        "levels of the framework %s lie on %g to %g, those of the data on %g to %g; "
        "bring them to the framework's scale first",
        s->framework, f->ds->scale_min, f->ds->scale_max, s->scale_min, s->scale_max);
  }
  to->scale_min = f->ds->scale_min;
  to->scale_max = f->ds->scale_max;
  if (to->framework || !f->ds->framework) return PFC_OK;
  to->framework = pfc_strdup(f->ds->framework);
  return to->framework ? PFC_OK : pfc_fail_memory(err, "the framework's name");
}

/* Requirements of the framework, by role. */
static pfc_status sort_rows(frame *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = f->ds->tables[PFC_REQUIREMENTS].n_rows;
  const int32_t n_roles = pfc_dict_size(f->roles);
  PFC_NEW(f->first, n_roles + 2);
  PFC_NEW(f->by_role, n);
  for (int64_t r = 0; r < n; r++) f->first[f->role[r] + 2]++;
  for (int32_t k = 0; k < n_roles; k++) f->first[k + 2] += f->first[k + 1];
  for (int64_t r = 0; r < n; r++) f->by_role[f->first[f->role[r] + 1]++] = r;
done:
  return st;
}

static pfc_status read_frame(frame *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_import_settings s;
  const char *folder = f->run->settings->framework;
  pfc_import_defaults(&s);
  s.preset = "onet";
  s.progress = f->run->settings->progress;
  PFC_TRY(pfc_import(&folder, 1, &s, &f->ds, err));
  f->roles = pfc_dataset_find_dict(f->ds, "role");
  f->competencies = pfc_dataset_find_dict(f->ds, "competency");
  f->role = pfc_dataset_codes(f->ds, PFC_REQUIREMENTS, "role_id");
  f->competency = pfc_dataset_codes(f->ds, PFC_REQUIREMENTS, "competency_id");
  f->level = pfc_dataset_reals(f->ds, PFC_REQUIREMENTS, "level");
  f->importance = pfc_dataset_reals(f->ds, PFC_REQUIREMENTS, "importance");
  f->level_se = pfc_dataset_reals(f->ds, PFC_REQUIREMENTS, "level_se");
  PFC_TRY(take_scale(f, err));
  PFC_TRY(sort_rows(f, err));
done:
  return st;
}

/* The file of the framework that rows are told to come from. */
static pfc_status begin(const frame *f, pfc_table_id table, const char *file,
                        const char *const *columns, int n_columns, pfc__builder **b,
                        pfc_error *err) {
  pfc_status st = PFC_OK;
  char *path = NULL;
  PFC_TRY(pfc__find_source(&f->run->settings->framework, 1, file, &path, err));
  PFC_TRY(pfc__build_begin(f->run, table, path, columns, n_columns, b, err));
done:
  pfc_free(path);
  return st;
}

/* --- competencies ------------------------------------------------------------------------- */

static const char *const COMPETENCY[] = {"competency_id", "name", "kind", "parent_id",
                                         "description"};
enum { N_COMPETENCY = sizeof COMPETENCY / sizeof *COMPETENCY };

static pfc_status add_competencies(const frame *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__builder *b = NULL;
  const pfc_table *t = &f->ds->tables[PFC_COMPETENCIES];
  PFC_TRY(begin(f, PFC_COMPETENCIES, "Content Model Reference.txt", COMPETENCY, N_COMPETENCY,
                &b, err));
  for (int64_t r = 0; r < t->n_rows; r++) {
    pfc__build_row(b, 1);
    for (int c = 0; c < N_COMPETENCY; c++) {
      const pfc_column *from = pfc_dataset_column(f->ds, PFC_COMPETENCIES, COMPETENCY[c]);
      if (from) PFC_TRY(pfc__build_text(b, c, pfc_dict_text(from->dict, from->code[r]), err));
    }
    PFC_TRY(pfc__build_end(b, err));
  }
done:
  return st;
}

/* Which of the framework's competencies are those of the data, by id. */
static pfc_status find_ours(frame *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__builder *b = f->run->builders[PFC_COMPETENCIES];
  const pfc_column *id = pfc__build_ids(b);
  PFC_NEW(f->is_ours, pfc_dict_size(f->competencies));
  for (int64_t r = 0; r < b->n_rows; r++) {
    const int32_t code = pfc_dict_find(f->competencies, pfc_dict_text(id->dict, id->code[r]));
    if (code >= 0) f->is_ours[code] = 1;
  }
done:
  return st;
}

/* --- requirements ------------------------------------------------------------------------- */

enum { N_ROLE, N_COMPETENCY_ID, N_LEVEL, N_IMPORTANCE, N_ERROR, N_REQUIREMENT };
static const char *const REQUIREMENT[N_REQUIREMENT] = {"role_id", "competency_id", "level",
                                                       "importance", "level_se"};

static pfc_status add_requirement(const frame *f, pfc__builder *b, const char *role, int64_t r,
                                  pfc_error *err) {
  pfc_status st = PFC_OK;
  if (!f->is_ours[f->competency[r]]) return PFC_OK;
  pfc__build_row(b, 1);
  PFC_TRY(pfc__build_text(b, N_ROLE, role, err));
  PFC_TRY(pfc__build_text(b, N_COMPETENCY_ID, pfc_dict_text(f->competencies, f->competency[r]),
                          err));
  PFC_TRY(pfc__build_real(b, N_LEVEL, f->level[r], err));
  PFC_TRY(pfc__build_real(b, N_IMPORTANCE, f->importance[r], err));
  PFC_TRY(pfc__build_real(b, N_ERROR, f->level_se[r], err));
  PFC_TRY(pfc__build_end(b, err));
done:
  return st;
}

static pfc_status add_role(frame *f, pfc__builder *b, const char *role, const char *ref,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t occupation = pfc_dict_find(f->roles, ref);
  if (occupation < 0) {
    f->n_unknown++;
    return PFC_OK;
  }
  const int64_t from = f->first[occupation], to = f->first[occupation + 1];
  f->n_unrated += from == to;
  for (int64_t k = from; k < to; k++) PFC_TRY(add_requirement(f, b, role, f->by_role[k], err));
done:
  return st;
}

/* mark[code of role] = 1 where the data tell requirements. */
static void mark_required(const pfc__builder *b, uint8_t *mark) {
  const pfc_column *role = b ? pfc__build_find(b, "role_id") : NULL;
  for (int64_t r = 0; role && r < b->n_rows; r++)
    if (role->code[r] >= 0) mark[role->code[r]] = 1;
}

static pfc_status add_requirements(frame *f, pfc__builder *roles, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *is_told = NULL;
  pfc__builder *b = NULL;
  const pfc_column *id = pfc__build_ids(roles), *ref = pfc__build_find(roles, "framework_ref");
  PFC_NEW(is_told, pfc_dict_size(id->dict));
  mark_required(f->run->builders[PFC_REQUIREMENTS], is_told);
  PFC_TRY(begin(f, PFC_REQUIREMENTS, "Skills.txt", REQUIREMENT, N_REQUIREMENT, &b, err));
  for (int64_t r = 0; ref && r < roles->n_rows; r++) {
    if (ref->code[r] < 0 || is_told[id->code[r]]) continue;
    PFC_TRY(add_role(f, b, pfc_dict_text(id->dict, id->code[r]),
                     pfc_dict_text(ref->dict, ref->code[r]), err));
  }
done:
  pfc_free(is_told);
  return st;
}

static pfc_status note(pfc__builder *b, int64_t n, const char *text, pfc_error *err) {
  char note[160];
  if (n == 0) return PFC_OK;
  (void)snprintf(note, sizeof note, "%" PRId64 " %s", n, text);
  return pfc__build_note(b, 1, "framework_ref", note, err);
}

pfc_status pfc__import_framework(pfc__import *run, pfc_error *err) {
  pfc_status st = PFC_OK;
  frame f = {.run = run};
  pfc__builder *roles = run->builders[PFC_ROLES];
  PFC_TRY(read_frame(&f, err));
  if (!run->builders[PFC_COMPETENCIES]) PFC_TRY(add_competencies(&f, err));
  if (!roles) goto done;
  PFC_TRY(find_ours(&f, err));
  PFC_TRY(add_requirements(&f, roles, err));
  PFC_TRY(note(roles, f.n_unknown, "references are to no occupation of the framework", err));
  PFC_TRY(note(roles, f.n_unrated, "occupations have no published levels: nothing is required",
               err));
done:
  frame_clear(&f);
  return st;
}
