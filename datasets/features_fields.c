/* Which fields a plan could use of a dataset. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/features_internal.h"

/* Fields that are not named by the data. A table without the column gives none. */
typedef struct offer {
  const char *name, *group;
  pfc_scope scope;
  pfc_field_kind kind;
  pfc_field_what what;
  int table;
  const char *column; /* for an id: its dictionary */
} offer;

#define ID(name, scope) \
  { name, name, scope, PFC_FIELD_ONEHOT, PFC_WHAT_ID, -1, name }
#define WORD(name, group, scope, table, column) \
  { name, group, scope, PFC_FIELD_ONEHOT, PFC_WHAT_COLUMN, table, column }
#define NUMBER(name, group, scope, what) \
  { name, group, scope, PFC_FIELD_NUMBER, what, -1, "" }

static const offer OFFERS[] = {
    ID("person", PFC_SCOPE_PERSON),
    ID("role", PFC_SCOPE_PERSON),
    ID("unit", PFC_SCOPE_PERSON),
    WORD("roles.family", "category", PFC_SCOPE_PERSON, PFC_ROLES, "family"),
    {"log people.hours_per_week", "number", PFC_SCOPE_PERSON, PFC_FIELD_NUMBER, PFC_WHAT_LOG,
     PFC_PEOPLE, "hours_per_week"},
    NUMBER("attempts total", "count", PFC_SCOPE_PERSON, PFC_WHAT_ATTEMPTS),
    NUMBER("wins total", "count", PFC_SCOPE_PERSON, PFC_WHAT_WINS),
    ID("intervention", PFC_SCOPE_TARGET),
    ID("competency", PFC_SCOPE_TARGET),
    WORD("interventions.kind", "kind", PFC_SCOPE_TARGET, PFC_INTERVENTIONS, "kind"),
    WORD("interventions.modality", "category", PFC_SCOPE_TARGET, PFC_INTERVENTIONS, "modality"),
    WORD("interventions.provider", "category", PFC_SCOPE_TARGET, PFC_INTERVENTIONS, "provider"),
    {"log interventions.hours", "attribute", PFC_SCOPE_TARGET, PFC_FIELD_NUMBER, PFC_WHAT_LOG,
     PFC_INTERVENTIONS, "hours"},
    {"interventions.weeks", "attribute", PFC_SCOPE_TARGET, PFC_FIELD_NUMBER, PFC_WHAT_COLUMN,
     PFC_INTERVENTIONS, "weeks"},
    NUMBER("log hours a week", "attribute", PFC_SCOPE_TARGET, PFC_WHAT_LOAD),
    NUMBER("to_level", "level", PFC_SCOPE_TARGET, PFC_WHAT_TO_LEVEL),
    NUMBER("attempts competency", "count", PFC_SCOPE_CELL, PFC_WHAT_ATTEMPTS),
    NUMBER("wins competency", "count", PFC_SCOPE_CELL, PFC_WHAT_WINS),
    NUMBER("level", "level", PFC_SCOPE_CELL, PFC_WHAT_LEVEL),
    NUMBER("required", "level", PFC_SCOPE_CELL, PFC_WHAT_REQUIRED),
    NUMBER("missing", "level", PFC_SCOPE_CELL, PFC_WHAT_MISSING),
    NUMBER("held", "held", PFC_SCOPE_CELL, PFC_WHAT_HELD),
    NUMBER("lacking", "held", PFC_SCOPE_CELL, PFC_WHAT_LACKING),
    NUMBER("short", "held", PFC_SCOPE_PAIR, PFC_WHAT_SHORT),
    NUMBER("attempts item", "count", PFC_SCOPE_PAIR, PFC_WHAT_ATTEMPTS),
    NUMBER("wins item", "count", PFC_SCOPE_PAIR, PFC_WHAT_WINS),
};
enum { N_OFFERS = sizeof OFFERS / sizeof *OFFERS };

/* Tables whose x_ and c_ columns are fields. */
static const struct {
  pfc_table_id table;
  pfc_scope scope;
} FEATURED[] = {
    {PFC_PEOPLE, PFC_SCOPE_PERSON},        {PFC_ROLES, PFC_SCOPE_PERSON},
    {PFC_ENROLMENTS, PFC_SCOPE_PERSON},    {PFC_EPISODES, PFC_SCOPE_PERSON},
    {PFC_INTERVENTIONS, PFC_SCOPE_TARGET},
};
enum { N_FEATURED = sizeof FEATURED / sizeof *FEATURED };

/* What moves people to accept and was never asked of the other models. */
static bool is_of_acceptance(const offer *o) {
  return o->what == PFC_WHAT_REQUIRED || o->what == PFC_WHAT_MISSING ||
         o->what == PFC_WHAT_LOAD || strcmp(o->column, "hours_per_week") == 0;
}

static bool is_of_profile(pfc_field_what what) {
  return what == PFC_WHAT_HELD || what == PFC_WHAT_LACKING || what == PFC_WHAT_SHORT;
}

/* Who holds a level already does not reach it: what comes anyway is asked of those below, some
 * of whom a profile thinks above. */
static bool profile_tells(pfc_feature_plan plan, pfc_field_what what) {
  if (what == PFC_WHAT_LACKING) return plan == PFC_PLAN_ACCEPT;
  if (what == PFC_WHAT_SHORT) return plan == PFC_PLAN_ANYWAY;
  return plan == PFC_PLAN_SUCCESS || plan == PFC_PLAN_TIME;
}

/* What stands for it without a profile: the latest rating is one look, of any source, however
 * long ago. */
static bool profile_tells_better(pfc_feature_plan plan, pfc_field_what what) {
  if (what == PFC_WHAT_MISSING) return plan == PFC_PLAN_ACCEPT;
  return what == PFC_WHAT_LEVEL && plan != PFC_PLAN_ACCEPT;
}

/* Milestones (x_day_...) have a curve of their own in the hazard; a person's effect on
 * the pace is not identified from the few spells a person has. */
static bool plan_takes(pfc_feature_plan plan, bool has_profile, const offer *o) {
  const bool is_id = o->what == PFC_WHAT_ID;
  if (is_of_profile(o->what)) return has_profile && profile_tells(plan, o->what);
  if (has_profile && profile_tells_better(plan, o->what)) return false;
  if (is_of_acceptance(o)) return plan == PFC_PLAN_ACCEPT;
  switch (plan) {
    case PFC_PLAN_SUCCESS:
      return true;
    case PFC_PLAN_ACCEPT:
      return !(is_id && strcmp(o->column, "person") == 0) &&
             !(o->scope == PFC_SCOPE_PERSON &&
               (o->what == PFC_WHAT_ATTEMPTS || o->what == PFC_WHAT_WINS));
    case PFC_PLAN_TIME:
      if (is_id) return strcmp(o->column, "person") != 0;
      return o->table != PFC_INTERVENTIONS || strncmp(o->column, "x_day_", 6) != 0;
    case PFC_PLAN_ITEM_ATTRIBUTES:
      return o->scope == PFC_SCOPE_TARGET && !(is_id && strcmp(o->column, "intervention") == 0);
    case PFC_PLAN_PERSON_ATTRIBUTES:
      return o->scope == PFC_SCOPE_PERSON && !(is_id && strcmp(o->column, "person") == 0) &&
             o->what != PFC_WHAT_ATTEMPTS && o->what != PFC_WHAT_WINS;
    case PFC_PLAN_ANYWAY:
      return is_id && (strcmp(o->column, "role") == 0 || strcmp(o->column, "competency") == 0);
  }
  return false;
}

typedef struct listing {
  const pfc_lens *lens;
  pfc_feature_plan plan;
  pfc_field *fields;
  int n_fields, capacity;
} listing;

static pfc_status copy_text(const char *text, char **copy, pfc_error *err) {
  *copy = pfc_strdup(text);
  return *copy ? PFC_OK : pfc_fail_memory(err, "name of a feature");
}

static pfc_status add_field(listing *l, const offer *o, const char *dict, pfc_error *err) {
  pfc_status st = PFC_OK;
  const bool is_id = o->what == PFC_WHAT_ID;
  PFC_RESERVE(l->fields, l->capacity, l->n_fields + 1);
  pfc_field *f = &l->fields[l->n_fields++];
  *f = (pfc_field){
      .scope = o->scope, .kind = o->kind, .what = o->what, .table = o->table, .sd = 1};
  PFC_TRY(copy_text(o->name, &f->name, err));
  PFC_TRY(copy_text(o->group, &f->group, err));
  PFC_TRY(copy_text(is_id ? "" : o->column, &f->column, err));
  PFC_TRY(copy_text(dict, &f->dict, err));
done:
  return st;
}

/* Adds what is offered if the plan takes it and the data have it. */
static pfc_status take_offer(listing *l, const offer *o, pfc_error *err) {
  const bool has_profile = l->lens->levels.held && l->lens->h->dated;
  if (!plan_takes(l->plan, has_profile, o)) return PFC_OK;
  if (o->what == PFC_WHAT_ID) return add_field(l, o, o->column, err);
  if (o->table < 0) return add_field(l, o, "", err);
  const pfc__lens_column *c = pfc__lens_column_find(l->lens, o->table, o->column);
  const bool is_code = c && c->column->type == PFC_CODE && c->column->dict;
  if (!c || is_code != (o->kind == PFC_FIELD_ONEHOT)) return PFC_OK;
  return add_field(l, o, is_code ? pfc_dict_name(c->column->dict) : "", err);
}

/* Numbers of interventions are a group of their own: they take as many values as there are
 * interventions, however many rows there are. */
static const char *group_of(pfc_table_id table, bool is_number) {
  if (!is_number) return "category";
  return table == PFC_INTERVENTIONS ? "attribute" : "number";
}

static pfc_status take_column(listing *l, pfc_table_id table, pfc_scope scope,
                              const pfc_column *column, pfc_error *err) {
  char name[256];
  const bool is_number = strncmp(column->name, "x_", 2) == 0;
  if (!is_number && strncmp(column->name, "c_", 2) != 0) return PFC_OK;
  (void)snprintf(name, sizeof name, "%s.%s", pfc_schema(table)->name, column->name);
  const offer o = {
      .name = name,
      .group = group_of(table, is_number),
      .scope = scope,
      .kind = is_number ? PFC_FIELD_NUMBER : PFC_FIELD_ONEHOT,
      .what = PFC_WHAT_COLUMN,
      .table = (int)table,
      .column = column->name,
  };
  return take_offer(l, &o, err);
}

static pfc_status list_scope(listing *l, pfc_scope scope, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < N_OFFERS; k++)
    if (OFFERS[k].scope == scope) PFC_TRY(take_offer(l, &OFFERS[k], err));
  for (int k = 0; k < N_FEATURED; k++) {
    const pfc_table *table = &l->lens->ds->tables[FEATURED[k].table];
    for (int c = 0; FEATURED[k].scope == scope && c < table->n_columns; c++)
      PFC_TRY(take_column(l, FEATURED[k].table, scope, &table->columns[c], err));
  }
done:
  return st;
}

pfc_status pfc__fields_list(const pfc_lens *lens, pfc_feature_plan plan, pfc_field **fields,
                            int *n_fields, pfc_error *err) {
  pfc_status st = PFC_OK;
  listing l = {.lens = lens, .plan = plan};
  for (int scope = 0; scope < PFC_N_SCOPES; scope++)
    PFC_TRY(list_scope(&l, (pfc_scope)scope, err));
  *fields = l.fields;
  *n_fields = l.n_fields;
  l = (listing){0};
done:
  for (int k = 0; k < l.n_fields; k++) pfc__field_clear(&l.fields[k]);
  pfc_free(l.fields);
  return st;
}

void pfc__field_clear(pfc_field *field) {
  pfc_free(field->name);
  pfc_free(field->group);
  pfc_free(field->column);
  pfc_free(field->dict);
  pfc_free(field->column_of);
  *field = (pfc_field){0};
}
