/* Shared by the files that build lenses, read raw values, fit and encode features. */
#ifndef PROFICIO_DATASETS_FEATURES_INTERNAL_H
#define PROFICIO_DATASETS_FEATURES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datasets/features.h"

/* --- the lens ------------------------------------------------------------------------ */

/* Dataset codes of one dictionary to model codes. */
typedef struct pfc__map {
  const char *name;
  int32_t size;       /* dataset codes */
  int32_t model_size; /* model codes, 0: the model has no such dictionary */
  bool identity;      /* training: to is NULL and codes are the same */
  int32_t *to;        /* size entries; NULL with model_size = 0: all -1 */
} pfc__map;

typedef struct pfc__lens_column {
  const pfc_column *column;
  const pfc__map *map; /* PFC_CODE */
} pfc__lens_column;

struct pfc_lens {
  const pfc_dataset *ds;
  const pfc_history *h;
  const pfc_catalogue *cat;
  int n_maps;
  pfc__map *maps;   /* by name */
  pfc__map nothing; /* stands for a dictionary that the dataset lacks */
  const pfc__map *person, *role, *unit, *intervention, *competency;
  int n_columns[PFC_N_TABLES];
  pfc__lens_column *columns[PFC_N_TABLES]; /* by name; NULL: a table without features */
  int64_t *role_row;                       /* of each role code in table roles, -1 none */
  pfc_requirements *requirements;
  int max_targets;        /* of any intervention, at least 1 */
  pfc_lens_levels levels; /* held is NULL: nobody lends any */
};

/* Never NULL: a dictionary that the dataset lacks translates nothing. */
const pfc__map *pfc__lens_map(const pfc_lens *lens, const char *dictionary);

/* NULL when the table has no such column. */
const pfc__lens_column *pfc__lens_column_find(const pfc_lens *lens, int table,
                                              const char *name);

static inline int32_t pfc__map_code(const pfc__map *map, int32_t code) {
  if (code < 0 || code >= map->size) return -1;
  if (map->identity) return code;
  return map->to ? map->to[code] : -1;
}

/* --- raw values ---------------------------------------------------------------------- */

/* A decision and what is known at its time. */
typedef struct pfc__moment {
  const pfc_lens *lens;
  const pfc_decision *d;
  int32_t date;     /* facts before it are seen; PFC_NO_DATE: all */
  int64_t from, to; /* attempts seen: history->attempts[from] .. [to - 1] */
  int32_t role, unit;
  bool sees_ratings;
  const pfc_past *past; /* that has counted all this; NULL: the history is walked */
} pfc__moment;

/* What a decision aims at: one target, or each of several with weight 1 / n. */
typedef struct pfc__aim {
  int32_t competency;
  double to_level;
} pfc__aim;

/* with_position: role and unit are looked up, which the person scope alone needs. */
void pfc__moment_look(const pfc_lens *lens, const pfc_decision *d, bool with_position,
                      pfc__moment *m);

/* Does the field's value depend on the target, given the decision? */
bool pfc__field_varies(const pfc_field *f);
int pfc__n_aims(const pfc_lens *lens, const pfc_decision *d);
pfc__aim pfc__aim_at(const pfc_lens *lens, const pfc_decision *d, int k);

/* Model code of a PFC_FIELD_ONEHOT, -1 none. */
int32_t pfc__field_code(const pfc_field *f, const pfc__moment *m, const pfc__aim *aim);
/* Value of a PFC_FIELD_NUMBER, NaN missing. */
double pfc__field_number(const pfc_field *f, const pfc__moment *m, const pfc__aim *aim);

/* Does an intervention aim at a competency? */
bool pfc__aims_at(const pfc_catalogue *cat, int32_t intervention, int32_t competency);

/* --- a past that was counted ----------------------------------------------------------- */

/* log(1 + n) of fewer than so many is looked up. */
enum { PFC__LOGS = 64 };

typedef struct pfc__tally {
  int32_t starts, wins;
} pfc__tally;

struct pfc_past {
  pfc__moment m;
  pfc_decision d; /* what m.d points to */
  pfc__tally all;
  pfc__tally *item; /* interventions */
  pfc__tally *cell; /* competencies */
  double *level;    /* competencies: the latest one by others, NaN none */
  int32_t n_touched;
  int32_t *touched;    /* competencies of which anything is known */
  uint8_t *is_touched; /* competencies */
  double log[PFC__LOGS];
};

/* Cell and pair scopes hold almost nothing for almost everybody: missing is no entry. */
static inline bool pfc__scope_is_sparse(pfc_scope scope) {
  return scope == PFC_SCOPE_CELL || scope == PFC_SCOPE_PAIR;
}

/* --- choosing fields ----------------------------------------------------------------- */

/* Lists what the plan could use of the dataset, in the order of scopes. The fields have no
 * columns yet. Owned by the caller: pfc__field_clear on each, then pfc_free. */
PFC_MUST_USE pfc_status pfc__fields_list(const pfc_lens *lens, pfc_feature_plan plan,
                                         pfc_field **fields, int *n_fields, pfc_error *err);
/* Frees what the field owns and zeroes it. */
void pfc__field_clear(pfc_field *field);

#endif
