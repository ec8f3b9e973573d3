/* The truth as an object: what it is made of, what its parts must keep to, how it is freed. */
#include "datasets/truth_file_internal.h"

#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))
#define AT(member) offsetof(pfc_truth, member)

#define REAL(path, member, rows, columns, min, max, meaning)                                 \
  {                                                                                          \
    path, AT(member), PFC__TRUTH_REAL, PFC__SIZE_##rows, PFC__SIZE_##columns, PFC__SIZE_ONE, \
        false, min, max, meaning                                                             \
  }
#define OPEN_REAL(path, member, rows, columns, min, max, meaning)                            \
  {                                                                                          \
    path, AT(member), PFC__TRUTH_REAL, PFC__SIZE_##rows, PFC__SIZE_##columns, PFC__SIZE_ONE, \
        true, min, max, meaning                                                              \
  }
#define ANY(path, member, rows, columns, meaning) \
  REAL(path, member, rows, columns, -INFINITY, INFINITY, meaning)
#define POSITIVE(path, member, rows, columns, meaning) \
  REAL(path, member, rows, columns, 0, INFINITY, meaning)
#define INTS(kind, path, member, rows, of, may_miss, meaning)                             \
  {                                                                                       \
    path, AT(member), PFC__TRUTH_##kind, PFC__SIZE_##rows, PFC__SIZE_ONE, PFC__SIZE_##of, \
        may_miss, 0, 0, meaning                                                           \
  }

static const pfc__truth_array ARRAYS[] = {
    OPEN_REAL("/roles/required", required, ROLES, COMPETENCIES, 0, 7,
              "level the role asks for; NaN where nothing is published"),
    OPEN_REAL("/roles/importance", importance, ROLES, COMPETENCIES, 0, 1,
              "of the competency for the role; NaN where nothing is published"),
    REAL("/competencies/half_life", half_life, COMPETENCIES, ONE, 1, INFINITY,
         "of forgetting, days"),
    INTS(FLAG, "/people/group", group, PEOPLE, ONE, false,
         "1: of the group that bias works against"),
    ANY("/people/ability", ability, PEOPLE, ONE, "standard normal"),
    ANY("/people/diligence", diligence, PEOPLE, ONE, "standard normal"),
    ANY("/people/motivation", motivation, PEOPLE, ONE,
        "standard normal; at work in hard laws alone"),
    POSITIVE("/people/growth", growth, PEOPLE, ONE,
             "rate at which what the role asks for is learned on the job, a year"),
    POSITIVE("/people/hours", hours, PEOPLE, ONE, "for learning, a week"),
    POSITIVE("/people/offers", offers, PEOPLE, ONE, "made to the person, a month"),
    ANY("/people/taste", taste, PEOPLE, TASTES, "who likes what"),
    ANY("/people/aptitude", aptitude, PEOPLE, COMPETENCIES,
        "where the person settles, above what the role asks for less 0.3"),
    REAL("/people/initial", initial, PEOPLE, COMPETENCIES, 0, 7,
         "level on the first day of the first position"),
    INTS(DAY, "/people/left_on", left_on, PEOPLE, ONE, true,
         "days since 1970-01-01; -2147483648: still there"),
    INTS(STARTS, "/people/position_start", position_start, PEOPLE, ONE, false,
         "place of the person's first position; one more at the end"),
    INTS(DAY, "/positions/from", position_from, POSITIONS, ONE, false,
         "first day, days since 1970-01-01"),
    INTS(INDEX, "/positions/role", position_role, POSITIONS, ROLES, false, "role held"),
    ANY("/interventions/appeal", appeal, INTERVENTIONS, ONE, "logits of acceptance"),
    ANY("/interventions/ease", ease, INTERVENTIONS, ONE, "logits of success"),
    ANY("/interventions/effect", effect, INTERVENTIONS, ONE,
        "share of the way to the target that it brings; below 0: levels lost"),
    ANY("/interventions/sway", sway, INTERVENTIONS, ONE,
        "logits of dropping out, of those who do not pass"),
    POSITIVE("/interventions/days", days, INTERVENTIONS, ONE, "planned from start to end"),
    POSITIVE("/interventions/load", load, INTERVENTIONS, ONE, "hours a week"),
    ANY("/interventions/pull", pull, INTERVENTIONS, TASTES, "on whom"),
    INTS(STARTS, "/interventions/target_start", target_start, INTERVENTIONS, ONE, false,
         "place of its first target; one more at the end"),
    INTS(INDEX, "/targets/competency", target_competency, TARGETS, COMPETENCIES, false,
         "competency it builds"),
    OPEN_REAL("/targets/from", target_from, TARGETS, ONE, 0, 7, "level it starts from"),
    OPEN_REAL("/targets/to", target_to, TARGETS, ONE, 0, 7, "level it leads to"),
    INTS(STARTS, "/people/gain_start", gain_start, PEOPLE, ONE, false,
         "place of the person's first gain; one more at the end"),
    INTS(DAY, "/gains/day", gain_day, GAINS, ONE, false,
         "on which the level changed at once, days since 1970-01-01"),
    INTS(INDEX, "/gains/competency", gain_competency, GAINS, COMPETENCIES, false, "in what"),
    INTS(INDEX, "/gains/intervention", gain_intervention, GAINS, INTERVENTIONS, true,
         "that brought it; -1 none"),
    ANY("/gains/gain", gain, GAINS, ONE, "levels"),
    ANY("/sources/bias", source_bias, SOURCES, ONE, "levels"),
    POSITIVE("/sources/slope", source_slope, SOURCES, ONE,
             "levels found for a level more there is"),
    POSITIVE("/sources/noise", source_noise, SOURCES, ONE, "standard deviation, levels"),
    POSITIVE("/sources/leniency", source_leniency, SOURCES, ONE,
             "standard deviation between raters, levels"),
    INTS(INDEX, "/dirt/rule", dirt_rule, DIRT, DIRT_RULES, false, "rule that a row breaks"),
    INTS(INDEX, "/dirt/table", dirt_table, DIRT, DIRT_TABLES, false, "of the row"),
    INTS(INDEX, "/dirt/person", dirt_person, DIRT, PEOPLE, true, "of the row; -1 of a feed"),
};

static const pfc__truth_dict DICTS[] = {
    {"/dictionary/person", AT(people), AT(n_people)},
    {"/dictionary/role", AT(roles), AT(n_roles)},
    {"/dictionary/competency", AT(competencies), AT(n_competencies)},
    {"/dictionary/intervention", AT(interventions), AT(n_interventions)},
    {"/dictionary/source", AT(sources), AT(n_sources)},
    {"/dictionary/dirt_rule", AT(dirt_rules), 0},
    {"/dictionary/dirt_table", AT(dirt_tables), 0},
};

const pfc__truth_array *pfc__truth_arrays(int *n) {
  *n = COUNT(ARRAYS);
  return ARRAYS;
}

const pfc__truth_dict *pfc__truth_dicts(int *n) {
  *n = COUNT(DICTS);
  return DICTS;
}

/* --- the object ------------------------------------------------------------------------ */

pfc_truth *pfc_truth_create(void) {
  pfc_truth *t = pfc_alloc_array(1, sizeof *t);
  if (!t) return NULL;
  t->drift_on = t->first_day = t->last_day = PFC_NO_DATE;
  for (int d = 0; d < COUNT(DICTS); d++) {
    pfc_dict *dict = pfc_dict_create(strrchr(DICTS[d].path, '/') + 1);
    *pfc__truth_dict_slot(t, &DICTS[d]) = dict;
    if (dict) continue;
    pfc_truth_destroy(t);
    return NULL;
  }
  return t;
}

void pfc_truth_destroy(pfc_truth *t) {
  if (!t) return;
  for (int a = 0; a < COUNT(ARRAYS); a++) pfc_free(*pfc__truth_slot(t, &ARRAYS[a]));
  for (int d = 0; d < COUNT(DICTS); d++) pfc_dict_destroy(*pfc__truth_dict_slot(t, &DICTS[d]));
  pfc_free(t);
}

/* --- shapes ---------------------------------------------------------------------------- */

pfc_h5_type pfc__truth_type(pfc__truth_kind kind) {
  static const pfc_h5_type TYPES[] = {PFC_H5_F32, PFC_H5_I8, PFC_H5_I32, PFC_H5_I32,
                                      PFC_H5_I64};
  return TYPES[kind];
}

static int64_t end_of(const int64_t *start, int32_t n) { return start ? start[n] : 0; }

int64_t pfc__truth_count(const pfc_truth *t, pfc__truth_size size) {
  switch (size) {
    case PFC__SIZE_ONE:
      return 1;
    case PFC__SIZE_PEOPLE:
      return t->n_people;
    case PFC__SIZE_ROLES:
      return t->n_roles;
    case PFC__SIZE_COMPETENCIES:
      return t->n_competencies;
    case PFC__SIZE_INTERVENTIONS:
      return t->n_interventions;
    case PFC__SIZE_SOURCES:
      return t->n_sources;
    case PFC__SIZE_TASTES:
      return PFC_TRUTH_TASTES;
    case PFC__SIZE_POSITIONS:
      return end_of(t->position_start, t->n_people);
    case PFC__SIZE_TARGETS:
      return end_of(t->target_start, t->n_interventions);
    case PFC__SIZE_GAINS:
      return end_of(t->gain_start, t->n_people);
    case PFC__SIZE_DIRT:
      return t->n_dirt;
    case PFC__SIZE_DIRT_RULES:
      return pfc_dict_size(t->dirt_rules);
    case PFC__SIZE_DIRT_TABLES:
      return pfc_dict_size(t->dirt_tables);
  }
  return 0;
}

void pfc__truth_shape(const pfc_truth *t, const pfc__truth_array *a, pfc_h5_shape *shape) {
  *shape = (pfc_h5_shape){.type = pfc__truth_type(a->kind),
                          .rank = a->columns == PFC__SIZE_ONE ? 1 : 2,
                          .dim = {pfc__truth_count(t, a->rows) + (a->kind == PFC__TRUTH_STARTS),
                                  pfc__truth_count(t, a->columns)}};
}

/* --- what holds ------------------------------------------------------------------------ */

static bool is_day(int64_t day) { return day >= PFC_FIRST_DAY && day <= PFC_LAST_DAY; }

pfc_status pfc__truth_check_settings(const pfc_truth *t, pfc_status as, pfc_error *err) {
  const bool drifts = t->drift_on != PFC_NO_DATE;
  const char *wrong = t->hard < 0 || t->hard > 1                           ? "hard"
                      : t->random < 0 || t->random > 1                     ? "random"
                      : !isfinite(t->bias) || t->bias < 0                  ? "bias"
                      : !is_day(t->first_day)                              ? "first_day"
                      : !is_day(t->last_day) || t->last_day < t->first_day ? "last_day"
                      : drifts && !is_day(t->drift_on)                     ? "drift_on"
                                                                           : NULL;
  return wrong ? pfc_fail(err, as, "attribute '%s' is out of range", wrong) : PFC_OK;
}

static bool is_sound(const pfc_truth *t, const pfc__truth_array *a, const void *data,
                     int64_t i) {
  const float real = a->kind == PFC__TRUTH_REAL ? ((const float *)data)[i] : 0;
  const int32_t whole =
      a->kind == PFC__TRUTH_DAY || a->kind == PFC__TRUTH_INDEX ? ((const int32_t *)data)[i] : 0;
  switch (a->kind) {
    case PFC__TRUTH_REAL:
      if (isnan(real)) return a->may_miss;
      return isfinite(real) && (double)real >= a->min && (double)real <= a->max;
    case PFC__TRUTH_FLAG:
      return ((const int8_t *)data)[i] == 0 || ((const int8_t *)data)[i] == 1;
    case PFC__TRUTH_DAY:
      return is_day(whole) || (a->may_miss && whole == PFC_NO_DATE);
    case PFC__TRUTH_INDEX:
      if (whole == -1) return a->may_miss;
      return whole >= 0 && whole < pfc__truth_count(t, a->of);
    case PFC__TRUTH_STARTS: {
      const int64_t *start = data;
      return i == 0 ? start[0] == 0 : start[i] >= start[i - 1];
    }
  }
  return false;
}

/* What belongs to a row stands there by day. */
static pfc_status check_order(const int64_t *start, int64_t n, const int32_t *day,
                              const char *path, pfc_status as, pfc_error *err) {
  for (int64_t row = 0; row < n; row++) {
    for (int64_t k = start[row] + 1; k < start[row + 1]; k++) {
      if (day[k] >= day[k - 1]) continue;
      return pfc_fail(err, as, "%s: day %lld is out of order", path, (long long)k);
    }
  }
  return PFC_OK;
}

pfc_status pfc__truth_check_array(const pfc_truth *t, const pfc__truth_array *a, pfc_status as,
                                  pfc_error *err) {
  const void *data = *(void *const *)(const void *)((const char *)t + a->offset);
  pfc_h5_shape shape;
  pfc__truth_shape(t, a, &shape);
  const int64_t n = shape.dim[0] * shape.dim[1];
  if (!data && n > (a->kind == PFC__TRUTH_STARTS))
    return pfc_fail(err, as, "%s is missing", a->path);
  if (!data) return PFC_OK;
  for (int64_t i = 0; i < n; i++)
    if (!is_sound(t, a, data, i))
      return pfc_fail(err, as, "%s: value %lld is out of range", a->path, (long long)i);
  if (data == t->position_from && t->position_start)
    return check_order(t->position_start, t->n_people, t->position_from, a->path, as, err);
  if (data == t->gain_day && t->gain_start)
    return check_order(t->gain_start, t->n_people, t->gain_day, a->path, as, err);
  return PFC_OK;
}
