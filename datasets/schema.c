#include "datasets/schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

/* One line a column. Ids and words: dictionary; numbers: range. */
#define CODE(name, flags, dictionary, meaning) \
  { name, PFC_CODE, flags, dictionary, 0, 0, NULL, meaning }
#define WORD(name, flags, dictionary, words, meaning) \
  { name, PFC_CODE, flags, dictionary, 0, 0, words, meaning }
#define REAL(name, flags, min, max, meaning) \
  { name, PFC_REAL, flags, NULL, min, max, NULL, meaning }
#define INT(name, flags, min, max, meaning) \
  { name, PFC_INT, flags, NULL, min, max, NULL, meaning }
#define FLAG(name, flags, meaning) \
  { name, PFC_FLAG, flags, NULL, 0, 1, NULL, meaning }
#define DATE(name, flags, meaning) \
  { name, PFC_DATE, flags, NULL, 0, 0, NULL, meaning }
#define TIME(name, flags, meaning) \
  { name, PFC_TIME, flags, NULL, 0, 0, NULL, meaning }
#define SPLIT WORD("split", 0, "split", "train|test", "side of the split the row is on")

/* Of a row that `suggest`, or whatever else, has proposed; docs/SUGGEST.md. */
#define PROPOSAL                                                                     \
  REAL("confidence", 0, 0, 1, "how sure whoever proposed the row is, 0 to 1"),       \
      WORD("status", 0, "proposal_status", "proposed|accepted|alternative|rejected", \
           "what people made of a proposal; empty: it is none"),                     \
      CODE("evidence", 0, "proposal_evidence", "what speaks for a proposal")

#define MAX_COUNT 1e9                           /* no headcount, seat or vacancy is larger */
#define MAX_DAYS (PFC_LAST_DAY - PFC_FIRST_DAY) /* no spell is longer than the calendar */

static const pfc_column_decl PEOPLE[] = {
    CODE("person_id", PFC_KEY, "person", "the person"),
    CODE("role_id", 0, "role", "role held now"),
    CODE("unit_id", 0, "unit", "unit the person belongs to now"),
    CODE("manager_id", 0, "person", "who manages the person now"),
    DATE("hired_on", 0, "first day with the organisation"),
    DATE("left_on", 0, "day the person left the organisation"),
    CODE("goal_role_id", 0, "role", "role the person wants"),
    REAL("hours_per_week", 0, 0, 168, "time for learning, hours a week"),
};

static const pfc_column_decl POSITIONS[] = {
    CODE("person_id", PFC_REQUIRED, "person", "the person"),
    DATE("from", PFC_REQUIRED, "first day in the position"),
    DATE("to", 0, "last day in the position"),
    CODE("role_id", 0, "role", "role held"),
    CODE("unit_id", 0, "unit", "unit of the position"),
    CODE("manager_id", 0, "person", "who managed the person"),
    CODE("reason", 0, "position_reason", "why the position began or ended"),
};

static const pfc_column_decl ROLES[] = {
    CODE("role_id", PFC_KEY, "role", "the role"),
    CODE("title", 0, "role_title", "its name for people"),
    CODE("family", 0, "role_family", "job family"),
    CODE("framework_ref", 0, "framework_ref", "the role in a public framework"),
    REAL("criticality", 0, 0, 1, "how much the organisation depends on the role, 0 to 1"),
    INT("vacancies", 0, 0, MAX_COUNT, "open positions"),
    REAL("hire_cost", 0, 0, INFINITY, "cost of hiring one person, currency"),
    REAL("hire_days", 0, 0, INFINITY, "time to hire one person, days"),
    REAL("ramp_days", 0, 0, INFINITY, "time until a hire is productive, days"),
    PROPOSAL,
};

static const pfc_column_decl COMPETENCIES[] = {
    CODE("competency_id", PFC_KEY, "competency", "the competency"),
    CODE("name", 0, "competency_name", "its name for people"),
    CODE("kind", 0, "competency_kind", "skill, knowledge, behavioural ..."),
    CODE("parent_id", 0, "competency", "the competency it is part of"),
    CODE("description", 0, "competency_description", "what it means"),
    REAL("half_life_days", 0, 1, INFINITY, "time in which half is forgotten, days"),
};

static const pfc_column_decl RELATIONS[] = {
    CODE("from_competency_id", PFC_KEY, "competency", "the first competency"),
    CODE("to_competency_id", PFC_KEY, "competency", "the second competency"),
    WORD("relation", PFC_KEY, "relation", "precedes|related|exact", "how they relate"),
    REAL("weight", 0, 0, INFINITY, "strength of the relation"),
};

static const pfc_column_decl REQUIREMENTS[] = {
    CODE("role_id", PFC_KEY, "role", "the role"),
    CODE("competency_id", PFC_KEY, "competency", "the competency it needs"),
    REAL("level", PFC_LEVEL, -INFINITY, INFINITY,
         "level it needs; empty: it needs it, at no level"),
    REAL("importance", 0, 0, INFINITY, "weight of the competency in the role"),
    REAL("level_se", 0, 0, INFINITY, "standard error of the level"),
    FLAG("compliance", 0, "1: demanded by law or regulation"),
    PROPOSAL,
};

static const pfc_column_decl SOURCES[] = {
    CODE("source", PFC_KEY, "source", "the source of assessments"),
    REAL("scale_min", PFC_REQUIRED, -INFINITY, INFINITY, "lowest level it gives"),
    REAL("scale_max", PFC_REQUIRED, -INFINITY, INFINITY, "highest level it gives"),
    FLAG("anchor", 0, "1: taken as unbiased"),
};

static const pfc_column_decl ASSESSMENTS[] = {
    CODE("person_id", PFC_REQUIRED, "person", "who was assessed"),
    CODE("competency_id", PFC_REQUIRED, "competency", "in what"),
    REAL("level", PFC_REQUIRED | PFC_LEVEL, -INFINITY, INFINITY, "level found"),
    CODE("source", PFC_OPEN, "source",
         "self, manager, peer, report, review, test, certificate ..."),
    CODE("rater_id", 0, "rater", "who assessed; need not be in people"),
    DATE("assessed_on", 0, "day of the assessment"),
    DATE("valid_until", 0, "last day on which it counts"),
    SPLIT,
};

static const pfc_column_decl INTERVENTIONS[] = {
    CODE("intervention_id", PFC_KEY, "intervention", "the intervention"),
    CODE("title", 0, "intervention_title", "its name for people"),
    CODE("description", 0, "intervention_description", "what it is about"),
    CODE("kind", 0, "kind", "course, workshop, mentorship ..."),
    CODE("modality", 0, "modality", "online, classroom, on the job ..."),
    CODE("provider", 0, "provider", "who gives it"),
    REAL("hours", 0, 0, INFINITY, "effort of a participant, hours"),
    REAL("weeks", 0, 0, INFINITY, "from start to end, weeks"),
    REAL("cost", 0, 0, INFINITY, "cost of one participant, currency"),
    INT("seats", 0, 0, MAX_COUNT, "places in one run"),
    DATE("opens_on", 0, "first day on which it can be started"),
    DATE("closes_on", 0, "last day on which it can be started"),
    INT("recurs_months", 0, 0, 1200, "opens again after so many months; 0: never"),
    CODE("url", 0, "intervention_url", "where to find it"),
};

static const pfc_column_decl TARGETS[] = {
    CODE("intervention_id", PFC_KEY, "intervention", "the intervention"),
    CODE("competency_id", PFC_KEY, "competency", "the competency it builds"),
    REAL("from_level", PFC_LEVEL, -INFINITY, INFINITY, "level it starts from"),
    REAL("to_level", PFC_LEVEL, -INFINITY, INFINITY, "level it leads to"),
    PROPOSAL,
};

static const pfc_column_decl PREREQUISITES[] = {
    CODE("intervention_id", PFC_REQUIRED, "intervention", "the intervention"),
    CODE("requires_intervention_id", 0, "intervention", "to be passed before it"),
    CODE("requires_competency_id", 0, "competency", "to be held before it"),
    REAL("requires_level", PFC_LEVEL, -INFINITY, INFINITY, "at this level or above"),
};

static const pfc_column_decl ELIGIBILITY[] = {
    CODE("intervention_id", PFC_REQUIRED, "intervention", "the intervention"),
    CODE("role_id", 0, "role", "for whom; missing: every role"),
    CODE("unit_id", 0, "unit", "for whom; missing: every unit"),
    FLAG("allow", PFC_REQUIRED, "1: may take it, 0: may not"),
};

static const pfc_column_decl MANDATES[] = {
    CODE("intervention_id", PFC_REQUIRED, "intervention", "the intervention"),
    CODE("role_id", 0, "role", "who must take it; missing: every role"),
    CODE("unit_id", 0, "unit", "who must take it; missing: every unit"),
    DATE("due_on", 0, "day by which it must be passed"),
    INT("recurs_months", 0, 0, 1200, "due again after so many months; 0: never"),
};

static const pfc_column_decl OVERRIDES[] = {
    CODE("person_id", 0, "person", "for whom; missing: all of the unit"),
    CODE("unit_id", 0, "unit", "for whom; missing: the person only"),
    CODE("intervention_id", PFC_REQUIRED, "intervention", "the intervention"),
    WORD("action", PFC_REQUIRED, "action", "block|force", "what a human decided"),
    CODE("reason", 0, "override_reason", "why"),
    CODE("actor", 0, "actor", "who decided"),
    DATE("expires_on", 0, "last day on which it counts"),
};

static const pfc_column_decl ENROLMENTS[] = {
    CODE("person_id", PFC_REQUIRED, "person", "the person"),
    CODE("intervention_id", PFC_REQUIRED, "intervention", "the intervention"),
    DATE("enrolled_on", 0, "day of registration"),
    DATE("started_on", 0, "first day"),
    DATE("ended_on", 0, "last day; the result is known from the day after"),
    WORD("status", 0, "status", "enrolled|in_progress|completed|passed|failed|dropped",
         "how it stands or ended"),
    REAL("score", 0, -INFINITY, INFINITY, "mark, on the intervention's own scale"),
    REAL("rating", 0, -INFINITY, INFINITY, "what the person thought of it"),
    SPLIT,
};

static const pfc_column_decl EPISODES[] = {
    CODE("person_id", 0, "person", "the person"),
    CODE("intervention_id", 0, "intervention", "the intervention"),
    CODE("competency_id", 0, "competency", "the competency aimed at"),
    DATE("started_on", 0, "day from which durations count"),
    REAL("entry_days", 0, 0, MAX_DAYS, "observed from here on, days since the start"),
    REAL("duration_days", PFC_REQUIRED, 0, MAX_DAYS, "event or end of observation, days"),
    REAL("last_below_days", 0, 0, MAX_DAYS, "last seen below the target, days"),
    WORD("event", PFC_REQUIRED, "event", "proficient|dropped|left|censored", "how it ended"),
    SPLIT,
};

static const pfc_column_decl PERFORMANCE[] = {
    CODE("person_id", PFC_REQUIRED, "person", "the person"),
    DATE("on", PFC_REQUIRED, "day of the figure"),
    CODE("kind", PFC_REQUIRED, "performance_kind", "which figure"),
    REAL("value", PFC_REQUIRED, -INFINITY, INFINITY, "the figure, in units of its kind"),
};

static const pfc_column_decl PROJECTS[] = {
    CODE("person_id", PFC_REQUIRED, "person", "the person"),
    CODE("project_id", PFC_REQUIRED, "project", "the project"),
    DATE("from", 0, "first day on it"),
    DATE("to", 0, "last day on it"),
    CODE("competency_id", 0, "competency", "competency used in it"),
};

static const pfc_column_decl OPENINGS[] = {
    CODE("opening_id", PFC_KEY, "opening", "the opening"),
    CODE("role_id", 0, "role", "role to be filled"),
    CODE("unit_id", 0, "unit", "unit that looks for somebody"),
    DATE("opens_on", 0, "first day to apply"),
    DATE("closes_on", 0, "last day to apply"),
};

static const pfc_column_decl APPLICATIONS[] = {
    CODE("person_id", PFC_REQUIRED, "person", "who applied"),
    CODE("opening_id", PFC_REQUIRED, "opening", "for what"),
    DATE("on", 0, "day of the application"),
    CODE("result", 0, "application_result", "what came of it"),
};

static const pfc_column_decl FEEDBACK[] = {
    CODE("event_id", PFC_KEY, "feedback_event", "the event"),
    CODE("person_id", PFC_REQUIRED, "person", "the person"),
    CODE("intervention_id", PFC_REQUIRED, "intervention", "the intervention"),
    TIME("at", PFC_REQUIRED, "when it happened"),
    WORD("kind", PFC_REQUIRED, "feedback_kind",
         "shown|accepted|declined|overridden|started|completed|assessed", "what happened"),
    INT("position", 0, 1, MAX_COUNT, "place in the list shown, from 1"),
    REAL("propensity", 0, 0, 1, "probability with which it was shown there"),
    CODE("model_version", 0, "model_version", "model that proposed it"),
    REAL("value", 0, -INFINITY, INFINITY,
         "shown: the model's; assessed: the level; completed: 1 passed, 0 failed"),
    CODE("reason", 0, "feedback_reason", "why"),
    CODE("actor", 0, "actor", "who did it"),
    CODE("competency_id", 0, "competency", "assessed: in what"),
    CODE("corrects", PFC_OPEN, "feedback_event", "earlier event, which counts no more"),
};

static const pfc_column_decl DEMAND[] = {
    DATE("month", PFC_REQUIRED | PFC_MONTH, "month of the figure"),
    CODE("role_id", 0, "role", "the role, or"),
    CODE("competency_id", 0, "competency", "the competency in demand"),
    REAL("index", PFC_REQUIRED, 0, INFINITY, "demand on the labour market, 1 = today"),
};

static const pfc_column_decl SCENARIOS[] = {
    CODE("scenario", PFC_REQUIRED, "scenario", "the scenario"),
    CODE("role_id", 0, "role", "the role, or"),
    CODE("competency_id", 0, "competency", "the competency it is about"),
    DATE("month", PFC_REQUIRED | PFC_MONTH, "month in which it holds"),
    REAL("headcount", 0, 0, INFINITY, "people needed"),
    REAL("required_level", PFC_LEVEL, -INFINITY, INFINITY, "level needed"),
};

static const pfc_column_decl PROTECTED[] = {
    CODE("person_id", PFC_KEY, "person", "the person"),
};

#define TABLE(id, name, columns, meaning) \
  [id] = {id, name, false, false, COUNT(columns), columns, meaning}
#define FEATURED(id, name, columns, meaning) \
  [id] = {id, name, true, false, COUNT(columns), columns, meaning}

static const pfc_table_decl TABLES[PFC_N_TABLES] = {
    FEATURED(PFC_PEOPLE, "people", PEOPLE, "who there is, as of now"),
    TABLE(PFC_POSITIONS, "positions", POSITIONS, "who held which role in which unit, when"),
    FEATURED(PFC_ROLES, "roles", ROLES, "the roles"),
    TABLE(PFC_COMPETENCIES, "competencies", COMPETENCIES, "the competency framework"),
    TABLE(PFC_RELATIONS, "relations", RELATIONS, "how competencies relate"),
    TABLE(PFC_REQUIREMENTS, "requirements", REQUIREMENTS, "what roles need"),
    TABLE(PFC_SOURCES, "sources", SOURCES, "where assessments come from, and their scales"),
    TABLE(PFC_ASSESSMENTS, "assessments", ASSESSMENTS, "levels found, by whom and when"),
    FEATURED(PFC_INTERVENTIONS, "interventions", INTERVENTIONS, "the catalogue"),
    TABLE(PFC_TARGETS, "targets", TARGETS, "what interventions build"),
    TABLE(PFC_PREREQUISITES, "prerequisites", PREREQUISITES, "what must come before"),
    TABLE(PFC_ELIGIBILITY, "eligibility", ELIGIBILITY, "who may take what"),
    TABLE(PFC_MANDATES, "mandates", MANDATES, "who must take what"),
    TABLE(PFC_OVERRIDES, "overrides", OVERRIDES, "what humans decided otherwise"),
    FEATURED(PFC_ENROLMENTS, "enrolments", ENROLMENTS, "who took what, and how it ended"),
    FEATURED(PFC_EPISODES, "episodes", EPISODES, "spells towards a target level"),
    TABLE(PFC_PERFORMANCE, "performance", PERFORMANCE, "figures of performance"),
    TABLE(PFC_PROJECTS, "projects", PROJECTS, "who worked on what"),
    TABLE(PFC_OPENINGS, "openings", OPENINGS, "internal openings"),
    TABLE(PFC_APPLICATIONS, "applications", APPLICATIONS, "who applied to openings"),
    TABLE(PFC_FEEDBACK, "feedback", FEEDBACK, "what people did with recommendations"),
    TABLE(PFC_DEMAND, "demand", DEMAND, "labour-market demand"),
    TABLE(PFC_SCENARIOS, "scenarios", SCENARIOS, "futures to plan for"),
    [PFC_PROTECTED] = {PFC_PROTECTED, "protected", false, true, COUNT(PROTECTED), PROTECTED,
                       "attributes for the audit of fairness, never a feature"},
};

const pfc_table_decl *pfc_schema(pfc_table_id table) { return &TABLES[table]; }

int pfc_schema_find(const char *name) {
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (strcmp(TABLES[t].name, name) == 0) return t;
  return -1;
}

/* The dictionary of the table's key when that is one column, else NULL. */
static const char *sole_key_dictionary(const pfc_table_decl *table) {
  const char *dictionary = NULL;
  for (int c = 0; c < table->n_columns; c++) {
    if (!(table->columns[c].flags & PFC_KEY)) continue;
    if (dictionary) return NULL;
    dictionary = table->columns[c].dictionary;
  }
  return dictionary;
}

int pfc_schema_owner(const char *dictionary) {
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const char *key = sole_key_dictionary(&TABLES[t]);
    if (key && strcmp(key, dictionary) == 0) return t;
  }
  return -1;
}

const pfc_column_decl *pfc_schema_column(const pfc_table_decl *table, const char *name) {
  for (int c = 0; c < table->n_columns; c++)
    if (strcmp(table->columns[c].name, name) == 0) return &table->columns[c];
  return NULL;
}

bool pfc_column_has_word(const pfc_column_decl *column, const char *text) {
  const size_t size = strlen(text);
  const char *word = column->words;
  while (word) {
    const char *bar = strchr(word, '|');
    const size_t n = bar ? (size_t)(bar - word) : strlen(word);
    if (n == size && memcmp(word, text, n) == 0) return true;
    word = bar ? bar + 1 : NULL;
  }
  return !column->words;
}

/* Fit to be a link in an HDF5 file? */
static bool is_path_name(const char *name) {
  const size_t size = strlen(name);
  if (size == 0 || size > PFC_COLUMN_NAME || name[0] == '.') return false;
  for (const char *s = name; *s; s++)
    if ((unsigned char)*s < 0x20 || *s == 0x7f || *s == '/') return false;
  return true;
}

bool pfc_schema_takes(const pfc_table_decl *table, const char *name, pfc_type *type,
                      char dictionary[PFC_DICT_NAME]) {
  dictionary[0] = '\0';
  const pfc_column_decl *declared = pfc_schema_column(table, name);
  if (declared) {
    *type = declared->type;
    if (declared->dictionary)
      (void)snprintf(dictionary, PFC_DICT_NAME, "%s", declared->dictionary);
    return true;
  }
  if (!is_path_name(name)) return false;
  const bool is_number = table->features && strncmp(name, "x_", 2) == 0;
  const bool is_category = table->features && strncmp(name, "c_", 2) == 0;
  if (!is_number && !is_category && !table->open_columns) return false;
  *type = is_number ? PFC_REAL : PFC_CODE;
  if (is_category) (void)snprintf(dictionary, PFC_DICT_NAME, "%s", name);
  if (table->open_columns)
    (void)snprintf(dictionary, PFC_DICT_NAME, "%s.%s", table->name, name);
  return true;
}

const char *pfc_type_name(pfc_type type) {
  static const char *const NAMES[] = {"code", "real", "int", "flag", "date", "time"};
  return NAMES[type];
}
